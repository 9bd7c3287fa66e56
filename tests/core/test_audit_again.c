/* A kept audit is the full audit, byte for byte: after evaluations, other settings, another set of groups. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/again.h"
#include "audit/codec.h"
#include "base/mem.h"
#include "base/rng.h"

#define EVALUATORS 9
#define KINDS 400

static struct eh_rng rng;

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

static void name(struct eh_names *n, char letter, size_t count)
{
	n->v = eh_xcalloc(count, sizeof *n->v);
	n->n = count;
	for (size_t i = 0; i < count; i++)
		n->v[i] = eh_xasprintf("%c%03zu", letter, i);
}

static void add_attribute(struct eh_attribute_data *a, const char *text, size_t groups, size_t n)
{
	(void)snprintf(a->name, sizeof a->name, "%s", text);
	a->n_groups = groups;
	for (size_t g = 0; g < groups; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "g%zu", g);
	a->group = eh_xcalloc(n, sizeof *a->group);
	a->provenance = eh_xcalloc(n, 1);
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	for (size_t i = 0; i < n; i++) {
		/* the last group is rare: it passes two percent now and then */
		size_t g = draw(40) == 0 ? groups - 1 : draw(groups - 1);

		a->group[i] = (int16_t)(draw(12) == 0 ? -1 : (int)g);
		a->provenance[i] = a->group[i] < 0 ? EH_UNKNOWN_CLASS : draw(5) == 0 ? EH_IMPORTED : EH_DECLARED;
	}
}

/* Kinds of 1 to `most` decisions; strata are position x stage. */
static void fill(struct eh_audit_data *d, size_t positions, size_t most)
{
	struct eh_err err = EH_ERR_INIT;
	size_t rows = 0;

	memset(d, 0, sizeof *d);
	assert_int_equal(eh_audit_data_room(d, KINDS * most, false, NULL), EH_OK);
	name(&d->evaluators, 'E', EVALUATORS);
	name(&d->strata, 'S', positions * most);
	name(&d->positions, 'J', positions);
	d->candidates.n = KINDS;
	d->weight = eh_xcalloc(KINDS, sizeof *d->weight);
	d->position = eh_xcalloc(KINDS, sizeof *d->position);
	for (size_t c = 0; c < KINDS; c++) {
		size_t n = 1 + draw(most);

		d->weight[c] = 1 + (uint32_t)draw(9);
		d->position[c] = (uint32_t)draw(positions);
		for (size_t i = 0; i < n; i++, rows++) {
			d->evaluator[rows] = (uint32_t)(c * EVALUATORS / KINDS);
			d->candidate[rows] = (uint32_t)c;
			d->stratum[rows] = d->position[c] * (uint32_t)most + (uint32_t)i;
			d->selected[rows] = draw(3) == 0;
		}
	}
	d->n_decisions = rows;
	d->attributes = eh_xcalloc(2, sizeof *d->attributes);
	d->n_attributes = 2;
	add_attribute(&d->attributes[0], "race", 4, KINDS);
	add_attribute(&d->attributes[1], "sex", 3, KINDS);
	if (eh_audit_data_sort(d, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static void assert_same(const struct eh_finding *a, const struct eh_finding *b, int step, size_t i)
{
	struct eh_buf x, y;

	eh_buf_init(&x, 1 << 20);
	eh_buf_init(&y, 1 << 20);
	eh_finding_encode(&x, a);
	eh_finding_encode(&y, b);
	if (x.failed || x.len != y.len || memcmp(x.data, y.data, x.len) != 0)
		fail_msg("step %d, finding %zu: %s %s %s %s", step, i, a->evaluator, a->position, a->attribute,
			 a->group);
	eh_buf_free(&x);
	eh_buf_free(&y);
}

static void compare(const struct eh_kept *k, const struct eh_audit_data *d, const struct eh_audit_settings *s, int step)
{
	struct eh_findings full, kept = eh_kept_findings(k);
	struct eh_err err = EH_ERR_INIT;

	if (eh_audit_run(&full, d, s, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(full.n, kept.n);
	for (size_t i = 0; i < full.n; i++)
		assert_same(&full.v[i], &kept.v[i], step, i);
	eh_findings_free(&full);
}

static void change(struct eh_audit_settings *s)
{
	static const char *const family[] = { "bh", "holm", "by", "none" };

	switch (draw(8)) {
	case 0:
	case 1:
		s->limit_num = 60 + (int32_t)draw(41);
		s->limit_den = 100;
		break;
	case 2:
		s->min_group = (uint32_t)draw(40);
		s->min_total = (uint32_t)draw(300);
		break;
	case 3:
		(void)snprintf(s->family, sizeof s->family, "%s", family[draw(4)]);
		break;
	case 4:
		s->reference = draw(2) == 0 ? EH_REF_HIGHEST : EH_REF_REST;
		break;
	case 5:
		s->look++;
		break;
	case 6:
		s->anytime = draw(3) == 0;
		break;
	default:
		s->threads = 1 + (uint32_t)draw(2);
		break;
	}
}

static void follow(size_t positions, size_t most, uint64_t seed)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_kept *k = NULL;
	struct eh_err err = EH_ERR_INIT;

	eh_rng_seed(&rng, seed);
	fill(&d, positions, most);
	s.threads = 1;
	if (eh_kept_new(&k, &d, &s, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	compare(k, &d, &s, -1);
	for (int step = 0; step < 60; step++) {
		size_t counted = draw(4);

		for (size_t i = 0; i < counted; i++)
			(void)eh_kept_count(k, (uint32_t)draw(KINDS), draw(3) == 0 ? -1 : 1 + (int32_t)draw(3), NULL);
		if (counted == 0 || draw(3) == 0)
			change(&s);
		if (eh_kept_again(k, &s, &err) != EH_OK)
			fail_msg("%s", err.msg);
		compare(k, &d, &s, step);
	}
	eh_kept_free(&k);
	eh_audit_data_free(&d);
}

static void test_one_position(void **state)
{
	(void)state;
	follow(1, 1, 1);
	follow(1, 3, 2);
}

static void test_positions(void **state)
{
	(void)state;
	follow(4, 1, 3);
	follow(3, 2, 4);
}

static void test_kinds(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_kept *k = NULL;
	int16_t group[2] = { 0, 0 };

	(void)state;
	eh_rng_seed(&rng, 5);
	fill(&d, 3, 2);
	assert_int_equal(eh_kept_new(&k, &d, &s, NULL, NULL), EH_OK);
	for (size_t row = 0; row < d.n_decisions; row++) {
		uint32_t c = d.candidate[row], found = 0;
		size_t n = 1;

		if (row > 0 && d.candidate[row - 1] == c)
			continue;
		while (row + n < d.n_decisions && d.candidate[row + n] == c)
			n++;
		group[0] = d.attributes[0].group[c];
		group[1] = d.attributes[1].group[c];
		found = eh_kept_kind(k, (uint32_t)(c * EVALUATORS / KINDS), d.position[c], group, &d.stratum[row],
				     &d.selected[row], n);
		assert_true(found <= c);
		assert_int_equal(d.position[found], d.position[c]);
		assert_int_equal(d.attributes[0].group[found], group[0]);
	}
	group[0] = 77;
	assert_int_equal(eh_kept_kind(k, 0, 0, group, d.stratum, d.selected, 1), UINT32_MAX);
	/* nobody would be left of the kind */
	assert_int_equal(eh_kept_count(k, 0, -(int32_t)d.weight[0], NULL), EH_ERANGE);
	eh_kept_free(&k);
	eh_audit_data_free(&d);
}

static void test_no_weights(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_kept *k = NULL;

	(void)state;
	eh_rng_seed(&rng, 6);
	fill(&d, 1, 1);
	free(d.weight);
	d.weight = NULL;
	assert_int_equal(eh_kept_new(&k, &d, &s, NULL, NULL), EH_EINVAL);
	eh_audit_data_free(&d);
}

static void test_memory_ends(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_kept *k = NULL;
	uint64_t calls = 0;

	(void)state;
	eh_rng_seed(&rng, 7);
	fill(&d, 2, 2);
	s.threads = 1;
	eh_mem_fail_at(0);
	assert_int_equal(eh_kept_new(&k, &d, &s, NULL, NULL), EH_OK);
	calls = eh_mem_calls();
	eh_kept_free(&k);
	for (uint64_t i = 1; i <= calls; i += 1 + calls / 60) {
		eh_mem_fail_at(i);
		assert_true(eh_kept_new(&k, &d, &s, NULL, NULL) < 0);
		assert_null(k);
	}
	eh_mem_fail_at(0);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_position), cmocka_unit_test(test_positions),	 cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_no_weights),   cmocka_unit_test(test_memory_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

#define STAGES 3

static struct eh_rng rng;

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

/* ---- what the data are made of ---- */

struct kind {
	uint32_t position;
	int16_t group[2];
	uint8_t provenance[2];
	uint32_t persons;
	size_t n;
	uint32_t stratum[STAGES];
	uint8_t selected[STAGES];
	uint32_t number; /* candidate that it is in the kept data */
	bool stays;	 /* it is there already */
};

#define MOST 120

struct judge {
	struct kind kind[MOST];
	size_t n;
};

static const size_t n_groups[2] = { 4, 3 };

struct model {
	struct judge *judge;
	size_t judges, positions, stages;
};

static void draw_kind(struct kind *k, const struct model *m)
{
	*k = (struct kind){ .position = (uint32_t)draw(m->positions), .persons = 1 + (uint32_t)draw(9) };
	for (size_t a = 0; a < 2; a++) {
		/* the last group is rare: it passes two percent now and then */
		const size_t g = draw(40) == 0 ? n_groups[a] - 1 : draw(n_groups[a] - 1);

		k->group[a] = (int16_t)(draw(12) == 0 ? -1 : (int)g);
		k->provenance[a] = k->group[a] < 0 ? EH_UNKNOWN_CLASS : draw(5) == 0 ? EH_IMPORTED : EH_DECLARED;
	}
	while (k->n == 0)
		for (size_t i = 0; i < m->stages; i++)
			if (draw(2) == 0) {
				k->stratum[k->n] = k->position * (uint32_t)m->stages + (uint32_t)i;
				k->selected[k->n++] = draw(3) == 0;
			}
}

static void draw_model(struct model *m, size_t judges, size_t positions, size_t stages, size_t most)
{
	*m = (struct model){ eh_xcalloc(judges, sizeof *m->judge), judges, positions, stages };
	for (size_t e = 0; e < judges; e++) {
		m->judge[e].n = 1 + draw(most);
		for (size_t i = 0; i < m->judge[e].n; i++)
			draw_kind(&m->judge[e].kind[i], m);
	}
}

/* ---- as audit data ---- */

static void name(struct eh_names *n, char letter, size_t count)
{
	n->v = eh_xcalloc(count, sizeof *n->v);
	n->n = count;
	for (size_t i = 0; i < count; i++)
		n->v[i] = eh_xasprintf("%c%03zu", letter, i);
}

static void add_attribute(struct eh_audit_data *d, const char *text)
{
	const size_t number = d->n_attributes++;
	struct eh_attribute_data *a = &d->attributes[number];

	(void)snprintf(a->name, sizeof a->name, "%s", text);
	a->n_groups = n_groups[number];
	for (size_t g = 0; g < a->n_groups; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "g%zu", g);
	a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
	a->provenance = eh_xcalloc(d->candidates.n, 1);
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
}

static void put_kind(struct eh_audit_data *d, struct kind *k, uint32_t evaluator, uint32_t c, size_t *row)
{
	k->number = c;
	k->stays = true;
	d->weight[c] = k->persons;
	d->position[c] = k->position;
	for (size_t a = 0; a < 2; a++) {
		d->attributes[a].group[c] = k->group[a];
		d->attributes[a].provenance[c] = k->provenance[a];
	}
	for (size_t i = 0; i < k->n; i++, ++*row) {
		d->evaluator[*row] = evaluator;
		d->candidate[*row] = c;
		d->stratum[*row] = k->stratum[i];
		d->selected[*row] = k->selected[i];
	}
}

static void fill(struct eh_audit_data *d, const struct model *m)
{
	struct eh_err err = EH_ERR_INIT;
	size_t rows = 0;
	uint32_t c = 0;

	memset(d, 0, sizeof *d);
	for (size_t e = 0; e < m->judges; e++)
		for (size_t i = 0; i < m->judge[e].n; i++) {
			rows += m->judge[e].kind[i].n;
			d->candidates.n++;
		}
	assert_int_equal(eh_audit_data_room(d, rows, false, NULL), EH_OK);
	name(&d->evaluators, 'E', m->judges);
	name(&d->strata, 'S', m->positions * m->stages);
	name(&d->positions, 'J', m->positions);
	d->weight = eh_xcalloc(d->candidates.n, sizeof *d->weight);
	d->position = eh_xcalloc(d->candidates.n, sizeof *d->position);
	d->attributes = eh_xcalloc(2, sizeof *d->attributes);
	add_attribute(d, "race");
	add_attribute(d, "sex");
	rows = 0;
	for (size_t e = 0; e < m->judges; e++)
		for (size_t i = 0; i < m->judge[e].n; i++)
			put_kind(d, &m->judge[e].kind[i], (uint32_t)e, c++, &rows);
	if (eh_audit_data_sort(d, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

/* ---- comparing ---- */

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

static void assert_same_data(const struct eh_audit_data *a, const struct eh_audit_data *b)
{
	const size_t n = a->n_decisions, m = a->candidates.n;

	assert_int_equal(n, b->n_decisions);
	assert_int_equal(m, b->candidates.n);
	assert_memory_equal(a->evaluator_at, b->evaluator_at, (a->evaluators.n + 1) * sizeof *a->evaluator_at);
	assert_memory_equal(a->candidate, b->candidate, n * sizeof *a->candidate);
	assert_memory_equal(a->stratum, b->stratum, n * sizeof *a->stratum);
	assert_memory_equal(a->selected, b->selected, n);
	assert_memory_equal(a->weight, b->weight, m * sizeof *a->weight);
	assert_memory_equal(a->position, b->position, m * sizeof *a->position);
	for (size_t i = 0; i < a->n_attributes; i++) {
		assert_memory_equal(a->attributes[i].group, b->attributes[i].group, m * sizeof(int16_t));
		assert_memory_equal(a->attributes[i].provenance, b->attributes[i].provenance, m);
	}
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

/* ---- changes ---- */

static void change(struct eh_audit_settings *s)
{
	static const char *const family[] = { "bh", "holm", "by", "none" };

	switch (draw(10)) {
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
		s->reference =
			(const enum eh_reference_rule[]){ EH_REF_HIGHEST, EH_REF_REST, EH_REF_MAJORITY }[draw(3)];
		break;
	case 5:
		s->look++;
		break;
	case 6:
		s->anytime = draw(2) == 0;
		break;
	case 7:
		s->alpha = 0.001 * (double)(1 + draw(200));
		break;
	case 8:
		s->min_share = (uint32_t)draw(600);
		break;
	default:
		s->threads = 1 + (uint32_t)draw(2);
		break;
	}
}

/* One more or less of a kind, a kind gone, another one come: wherever it stands. */
static void change_kinds(struct judge *j, const struct model *m)
{
	const size_t i = draw(j->n);

	switch (draw(3)) {
	case 0:
		j->kind[i].persons = 1 + (uint32_t)draw(9);
		break;
	case 1:
		if (j->n > 1)
			memmove(&j->kind[i], &j->kind[i + 1], (--j->n - i) * sizeof j->kind[0]);
		break;
	default:
		if (j->n == MOST)
			break;
		memmove(&j->kind[i + 1], &j->kind[i], (j->n++ - i) * sizeof j->kind[0]);
		draw_kind(&j->kind[i], m);
		break;
	}
}

/* Somebody in the kept data who has the kind's position and classes; false: nobody is like it. */
static bool find_like(const struct eh_audit_data *d, const struct kind *k, uint32_t *like)
{
	for (uint32_t c = 0; c < d->candidates.n; c++) {
		bool same = d->position[c] == k->position;

		for (size_t a = 0; a < 2; a++)
			same = same && d->attributes[a].group[c] == k->group[a] &&
			       d->attributes[a].provenance[c] == k->provenance[a];
		if (same) {
			*like = c;
			return true;
		}
	}
	return false;
}

/* Positions that are audited must stay so: the kept data have the same ones. */
static size_t used_positions(const struct model *m)
{
	bool used[16] = { false };
	size_t n = 0;

	for (size_t e = 0; e < m->judges; e++)
		for (size_t i = 0; i < m->judge[e].n; i++)
			used[m->judge[e].kind[i].position] = true;
	for (size_t p = 0; p < m->positions; p++)
		n += used[p];
	return n;
}

/* Takes the changed evaluator into the kept audit, or the change back. */
static void bring_in(struct eh_kept *k, struct eh_audit_data *d, struct model *m, size_t e)
{
	struct judge *j = &m->judge[e], *before = eh_xcalloc(1, sizeof *before);
	const size_t used = used_positions(m);
	struct eh_kind_now v[MOST];
	struct eh_err err = EH_ERR_INIT;
	bool known = true;

	*before = *j;
	for (size_t i = 1 + draw(4); i > 0; i--)
		change_kinds(j, m);
	known = used_positions(m) == used;
	for (size_t i = 0; i < j->n && known; i++) {
		const struct kind *x = &j->kind[i];

		v[i] = (struct eh_kind_now){ x->stays ? x->number : EH_NEW_KIND, 0, x->persons, x->stratum,
					     x->selected, x->n };
		known = x->stays || find_like(d, x, &v[i].like);
	}
	if (known && eh_kept_replace(k, (uint32_t)e, v, j->n, NULL, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	if (!known)
		*j = *before;
	free(before);
}

static void follow(const struct model *m, int steps)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d, fresh;
	struct eh_kept *k = NULL;
	struct eh_err err = EH_ERR_INIT;

	fill(&d, m);
	s.threads = 1;
	s.reference = draw(2) == 0 ? EH_REF_HIGHEST : EH_REF_REST;
	if (eh_kept_new(&k, &d, &s, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	compare(k, &d, &s, -1);
	for (int step = 0; step < steps; step++) {
		struct model now = *m;
		const size_t changed = draw(3);

		for (size_t i = 0; i < changed; i++) {
			bring_in(k, &d, &now, draw(m->judges));
			/* the numbers of the candidates as they are now */
			fill(&fresh, &now);
			assert_same_data(&d, &fresh);
			eh_audit_data_free(&fresh);
		}
		if (changed == 0 || draw(3) == 0)
			change(&s);
		if (eh_kept_again(k, &s, &err) != EH_OK)
			fail_msg("%s", err.msg);
		fill(&fresh, &now);
		compare(k, &fresh, &s, step);
		eh_audit_data_free(&fresh);
	}
	eh_kept_free(&k);
	eh_audit_data_free(&d);
}

static void follow_drawn(size_t judges, size_t positions, size_t stages, size_t most, uint64_t seed, int steps)
{
	struct model m;

	eh_rng_seed(&rng, seed);
	draw_model(&m, judges, positions, stages, most);
	follow(&m, steps);
	free(m.judge);
}

static void test_one_position(void **state)
{
	(void)state;
	follow_drawn(9, 1, 1, 60, 1, 60);
	follow_drawn(9, 1, 3, 60, 2, 60);
}

static void test_positions(void **state)
{
	(void)state;
	follow_drawn(9, 4, 1, 60, 3, 60);
	follow_drawn(9, 3, 2, 60, 4, 60);
}

/* Small ones, in which evaluators and positions consist of a kind or two. */
static void test_many_small(void **state)
{
	(void)state;
	for (uint64_t seed = 100; seed < 500; seed++)
		follow_drawn(1 + seed % 5, 1 + seed / 5 % 4, 1 + seed / 20 % 3, 2 + seed % 23, seed, 6);
}

static void test_not_counted(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_kind_now one = { 0, 0, 1, NULL, NULL, 0 };
	struct eh_audit_data d;
	struct eh_kept *k = NULL;
	struct model m;

	(void)state;
	eh_rng_seed(&rng, 5);
	draw_model(&m, 2, 2, 2, 20);
	fill(&d, &m);
	free(d.weight);
	d.weight = NULL;
	assert_int_equal(eh_kept_new(&k, &d, &s, NULL, NULL), EH_OK);
	assert_int_equal(eh_kept_replace(k, 0, &one, 1, NULL, NULL, NULL), EH_EINVAL);
	compare(k, &d, &s, 0);
	eh_kept_free(&k);
	eh_audit_data_free(&d);
	free(m.judge);
}

/* Of persons who are not counted only the settings can change. */
static void test_no_weights(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_kept *k = NULL;
	struct model m;

	(void)state;
	eh_rng_seed(&rng, 6);
	draw_model(&m, 9, 3, 2, 60);
	fill(&d, &m);
	free(d.weight);
	d.weight = NULL;
	/* some are judged by two evaluators */
	d.evaluator = eh_xcalloc(d.n_decisions, sizeof *d.evaluator);
	for (size_t e = 0; e < m.judges; e++)
		for (size_t i = d.evaluator_at[e]; i < d.evaluator_at[e + 1]; i++)
			d.evaluator[i] = (uint32_t)(draw(3) == 0 ? draw(m.judges) : e);
	free(d.evaluator_at);
	d.evaluator_at = NULL;
	assert_int_equal(eh_audit_data_sort(&d, NULL), EH_OK);
	assert_int_equal(eh_kept_new(&k, &d, &s, NULL, NULL), EH_OK);
	compare(k, &d, &s, -1);
	for (int step = 0; step < 40; step++) {
		change(&s);
		assert_int_equal(eh_kept_again(k, &s, NULL), EH_OK);
		compare(k, &d, &s, step);
	}
	eh_kept_free(&k);
	eh_audit_data_free(&d);
	free(m.judge);
}

static void test_memory_ends(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_kept *k = NULL;
	struct model m;
	uint64_t calls = 0;

	(void)state;
	eh_rng_seed(&rng, 7);
	draw_model(&m, 4, 2, 2, 40);
	fill(&d, &m);
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
	free(m.judge);
}

/* While something is replaced: what is left can be freed. */
static void test_memory_ends_in_between(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	uint64_t calls = 1;

	(void)state;
	s.threads = 1;
	for (uint64_t at = 0; at <= calls; at++) {
		struct eh_kept *k = NULL;
		struct eh_audit_data d;
		struct model m;
		int rc;

		eh_rng_seed(&rng, 8);
		draw_model(&m, 4, 2, 2, 40);
		fill(&d, &m);
		assert_int_equal(eh_kept_new(&k, &d, &s, NULL, NULL), EH_OK);
		struct kind *x = &m.judge[1].kind[0];
		struct eh_kind_now v[2] = { { EH_NEW_KIND, x->number, 3, x->stratum, x->selected, x->n },
					    { x->number, 0, 5, NULL, NULL, 0 } };

		eh_mem_fail_at(at);
		rc = eh_kept_replace(k, 1, v, 2, NULL, NULL, NULL);
		if (rc == EH_OK)
			rc = eh_kept_again(k, &s, NULL);
		if (at == 0)
			calls = eh_mem_calls();
		assert_int_equal(rc, at == 0 ? EH_OK : EH_ENOMEM);
		eh_mem_fail_at(0);
		eh_kept_free(&k);
		eh_audit_data_free(&d);
		free(m.judge);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_position), cmocka_unit_test(test_positions),
		cmocka_unit_test(test_many_small),   cmocka_unit_test(test_not_counted),
		cmocka_unit_test(test_no_weights),   cmocka_unit_test(test_memory_ends),
		cmocka_unit_test(test_memory_ends_in_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

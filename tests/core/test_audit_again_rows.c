/* audit/again_rows.c, audit/rows.c: a kept audit whose evaluator has other rows is the audit made anew; memory ends at
 * every point of the way. */
#include "tests/core/audit_build.h"

#include "audit/again.h"
#include "audit/codec.h"

#define CANDIDATES 40
#define CHANGED 1u /* the evaluator who decides otherwise later */

static const char *const sexes[] = { "female", "male" };
static const char *const positions[] = { "clerk", "nurse" };

/* ---- the data before and after ---- */

/* Later: E1 takes back what he said on every seventh, turns every fifth, and judges two newcomers. */
static void put_decision(struct build *b, unsigned e, unsigned i, bool later)
{
	char evaluator[12], candidate[12];
	bool advance = (i * 7 + e * 3) % 5 < 2;

	if (later && e == CHANGED && i % 7 == 0)
		return;
	if (later && e == CHANGED && i % 5 == 0)
		advance = !advance;
	(void)snprintf(evaluator, sizeof evaluator, "E%u", e);
	(void)snprintf(candidate, sizeof candidate, "C%02u", i);
	build_row(b, evaluator, candidate, i % 3 == 0 ? "phone" : "room", advance);
}

static void put_newcomers(struct build *b)
{
	static const char *const names[] = { "B00", "C205" };

	for (unsigned i = 0; i < 2; i++) {
		build_person(b, names[i], positions[i], (int)i);
		build_row(b, "E1", names[i], "phone", i == 0);
	}
}

/* Scores and days, which say whose they are. */
static void put_columns(struct eh_audit_data *d)
{
	d->score = eh_xcalloc(d->n_decisions, sizeof *d->score);
	d->has_score = eh_xcalloc(d->n_decisions, 1);
	d->decided = eh_xcalloc(d->n_decisions, sizeof *d->decided);
	for (size_t e = 0; e < d->evaluators.n; e++)
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			const char *name = d->candidates.v[d->candidate[i]];

			d->has_score[i] = name[2] != '3';
			d->score[i] = d->has_score[i] != 0 ? (double)(name[1] * 5 + name[2] * 3) + (double)e : 0.0;
			d->decided[i] = 20000 + name[2];
		}
}

static void make(struct eh_audit_data *d, bool later)
{
	struct build b = BUILD_INIT;

	for (unsigned i = 0; i < CANDIDATES; i++) {
		char name[12];

		(void)snprintf(name, sizeof name, "C%02u", i);
		build_person(&b, name, positions[i / 2 % 2], (int)(i % 2));
		for (unsigned e = 0; e < 4; e++)
			if ((i + e) % 4 != 0)
				put_decision(&b, e, i, later);
	}
	if (later)
		put_newcomers(&b);
	build_finish(d, &b, sexes, 2);
	put_columns(d);
}

/* ---- what is said of the evaluator ---- */

struct said {
	struct eh_rows_now now;
	struct eh_newcomer who[2];
	uint32_t changed[CANDIDATES + 2];
};

/* The row of a candidate among the evaluator's, NULL = he has none; everybody is judged in one stratum. */
static const uint8_t *decision_on(const struct eh_audit_data *d, const char *name)
{
	for (size_t i = d->evaluator_at[CHANGED]; i < d->evaluator_at[CHANGED + 1]; i++)
		if (strcmp(d->candidates.v[d->candidate[i]], name) == 0)
			return &d->selected[i];
	return NULL;
}

static uint32_t somebody_like(const struct eh_audit_data *before, const struct eh_audit_data *after, uint32_t c)
{
	const struct eh_attribute_data *was = &before->attributes[0], *is = &after->attributes[0];

	for (uint32_t i = 0; i < before->candidates.n; i++)
		if (before->position[i] == after->position[c] && was->group[i] == is->group[c])
			return i;
	fail_msg("nobody is like %s", after->candidates.v[c]);
	return 0;
}

static void say(struct said *s, const struct eh_audit_data *before, const struct eh_audit_data *after)
{
	const size_t from = after->evaluator_at[CHANGED];

	s->now = (struct eh_rows_now){ .who = s->who,
				       .candidate = &after->candidate[from],
				       .stratum = &after->stratum[from],
				       .selected = &after->selected[from],
				       .score = &after->score[from],
				       .has_score = &after->has_score[from],
				       .decided = &after->decided[from],
				       .n = after->evaluator_at[CHANGED + 1] - from,
				       .changed = s->changed };
	for (uint32_t c = 0; c < after->candidates.n; c++) {
		const char *name = after->candidates.v[c];
		const uint8_t *was = decision_on(before, name), *is = decision_on(after, name);

		if (eh_names_find(&before->candidates, name) == UINT32_MAX)
			s->who[s->now.n_who++] = (struct eh_newcomer){ name, somebody_like(before, after, c) };
		if ((was == NULL) != (is == NULL) || (was != NULL && *was != *is))
			s->changed[s->now.n_changed++] = c;
	}
	assert_int_equal(s->now.n_who, 2);
	assert_true(s->now.n_changed > 8);
}

static void assert_same_record(const struct eh_finding *a, const struct eh_finding *b)
{
	struct eh_buf x, y;

	eh_buf_init(&x, 1u << 20);
	eh_buf_init(&y, 1u << 20);
	eh_finding_encode(&x, a);
	eh_finding_encode(&y, b);
	if (x.failed || x.len != y.len || memcmp(x.data, y.data, x.len) != 0)
		fail_msg("%s %s %s", a->evaluator, a->position, a->group);
	eh_buf_free(&x);
	eh_buf_free(&y);
}

/* ---- tests ---- */

static void other_rows_are_the_audit_made_anew(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data before, after;
	struct said said = { .now = { .n = 0 } };
	struct eh_kept *k = NULL;
	struct eh_findings full, kept;

	(void)state;
	s.min_group = s.min_total = 1;
	make(&before, false);
	make(&after, true);
	say(&said, &before, &after);
	assert_int_equal(eh_kept_new(&k, &before, &s, NULL, NULL), EH_OK);
	assert_int_equal(eh_kept_replace_rows(k, CHANGED, &said.now, NULL), EH_OK);
	assert_int_equal(eh_kept_again(k, &s, NULL), EH_OK);
	assert_int_equal(before.candidates.n, after.candidates.n);
	assert_int_equal(before.n_decisions, after.n_decisions);
	assert_memory_equal(before.score, after.score, after.n_decisions * sizeof *after.score);
	assert_memory_equal(before.decided, after.decided, after.n_decisions * sizeof *after.decided);
	run_audit(&full, &after, &s);
	kept = eh_kept_findings(k);
	assert_int_equal(kept.n, full.n);
	for (size_t i = 0; i < full.n; i++)
		assert_same_record(&kept.v[i], &full.v[i]);
	eh_findings_free(&full);
	eh_kept_free(&k);
	eh_audit_data_free(&before);
	eh_audit_data_free(&after);
}

static void what_cannot_be_replaced_is_refused_and_left_alone(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data before, after;
	struct said said = { .now = { .n = 0 } };
	struct eh_kept *k = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t n;

	(void)state;
	make(&before, false);
	make(&after, true);
	say(&said, &before, &after);
	assert_int_equal(eh_kept_new(&k, &before, &s, NULL, NULL), EH_OK);
	n = before.n_decisions;
	before.attributes[0].prob = eh_xcalloc(2 * before.candidates.n, sizeof *before.attributes[0].prob);
	assert_int_equal(eh_kept_replace_rows(k, CHANGED, &said.now, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "known classes"));
	free(before.attributes[0].prob);
	before.attributes[0].prob = NULL;
	said.now.n = EH_DECISIONS_MAX;
	assert_int_equal(eh_kept_replace_rows(k, CHANGED, &said.now, &err), EH_ERANGE);
	assert_int_equal(before.n_decisions, n);
	assert_int_equal(before.candidates.n, CANDIDATES);
	eh_kept_free(&k);
	eh_audit_data_free(&before);
	eh_audit_data_free(&after);
}

/* Wherever memory ends, EH_ENOMEM says so and what is left can be freed. */
static void memory_ends_at_every_point(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data after;
	uint64_t calls = 1;

	(void)state;
	s.threads = 1;
	make(&after, true);
	for (uint64_t at = 0; at <= calls; at++) {
		struct eh_audit_data before;
		struct said said = { .now = { .n = 0 } };
		struct eh_err err = EH_ERR_INIT;
		struct eh_kept *k = NULL;
		int rc;

		make(&before, false);
		say(&said, &before, &after);
		assert_int_equal(eh_kept_new(&k, &before, &s, NULL, NULL), EH_OK);
		eh_mem_fail_at(at);
		rc = eh_kept_replace_rows(k, CHANGED, &said.now, &err);
		if (rc == EH_OK)
			rc = eh_kept_again(k, &s, &err);
		if (at == 0)
			calls = eh_mem_calls();
		eh_mem_fail_at(0);
		if (rc != (at == 0 ? EH_OK : EH_ENOMEM) || (at > 0 && strstr(err.msg, "memory") == NULL))
			fail_msg("allocation %llu of %llu: %d \"%s\"", (unsigned long long)at,
				 (unsigned long long)calls, rc, err.msg);
		eh_kept_free(&k);
		eh_audit_data_free(&before);
	}
	assert_true(calls > 100);
	eh_audit_data_free(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_rows_are_the_audit_made_anew),
		cmocka_unit_test(what_cannot_be_replaced_is_refused_and_left_alone),
		cmocka_unit_test(memory_ends_at_every_point),
	};

	return cmocka_run_group_tests_name("kept audit of rows", tests, NULL, NULL);
}

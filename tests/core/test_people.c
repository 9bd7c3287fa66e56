/* Records of candidates, evaluators, interviews and evaluations. */
#include "tests/core/temp_project.h"

#include <math.h>

#include "people/people.h"
#include "store/codec.h"

static struct temp_project project;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&project);
	return 0;
}

static struct eh_candidate some_candidate(const char *id)
{
	struct eh_candidate c;

	memset(&c, 0, sizeof c);
	(void)snprintf(c.id, sizeof c.id, "%s", id);
	strcpy(c.jurisdiction, "US-IL");
	strcpy(c.position, "clerk");
	strcpy(c.name, "A. Person");
	c.n_declared = 2;
	strcpy(c.declared[0].attribute, "sex");
	strcpy(c.declared[0].group, "female");
	strcpy(c.declared[1].attribute, "age_40");
	strcpy(c.declared[1].group, "40_plus");
	return c;
}

static void candidate_comes_back_as_it_was_put(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_candidate c = some_candidate("c1"), back;
	enum eh_change change = EH_SAME;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_candidate_put(txn, &c, &change, &err), EH_OK);
	assert_int_equal(change, EH_NEW);
	assert_int_equal(eh_candidate_get(txn, "c1", &back, &err), EH_OK);
	assert_string_equal(back.id, "c1");
	assert_string_equal(back.jurisdiction, "US-IL");
	assert_string_equal(back.position, "clerk");
	assert_string_equal(back.name, "A. Person");
	assert_int_equal(back.n_declared, 2);
	assert_string_equal(back.declared[0].attribute, "age_40"); /* sorted by attribute */
	assert_string_equal(eh_candidate_declared(&back, "sex"), "female");
	assert_null(eh_candidate_declared(&back, "race"));
	eh_txn_abort(&txn);
}

/* The bytes that stand under the id. */
static size_t stored_bytes(struct eh_txn *txn, const char *id, unsigned char *out, size_t size)
{
	struct eh_key key = eh_key_of(id);
	struct eh_bytes value = { NULL, 0 };

	assert_int_equal(eh_txn_get(txn, EH_T_CANDIDATES, eh_key_bytes(&key), &value, NULL), EH_OK);
	assert_true(value.len <= size);
	memcpy(out, value.data, value.len);
	return value.len;
}

static void classes_keep_who_says_so(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_candidate c = some_candidate("c1"), back;
	enum eh_change change = EH_SAME;

	(void)state;
	c.declared[0].source = EH_BY_RECORD;
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(eh_candidate_get(txn, "c1", &back, NULL), EH_OK);
	assert_string_equal(eh_candidate_class(&back, "sex")->group, "female");
	assert_string_equal(eh_class_source_name(eh_candidate_class(&back, "sex")->source), "imported");
	assert_null(eh_candidate_declared(&back, "sex"));
	assert_string_equal(eh_class_source_name(eh_candidate_class(&back, "age_40")->source), "declared");
	assert_string_equal(eh_candidate_declared(&back, "age_40"), "40_plus");
	assert_null(eh_candidate_class(&back, "race"));
	c.declared[0].source = EH_BY_CANDIDATE;
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(change, EH_CHANGED);
	c.declared[0].source = EH_BY_RECORD + 1;
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_ERANGE);
	eh_txn_abort(&txn);
}

/* A record as the program wrote it before classes had a source. */
static void an_older_record_reads_as_declared_and_stays_the_same(void **state)
{
	static const unsigned char old[] = "\x01\0\5\0\0\0US-IL\5\0\0\0clerk\x9\0\0\0A. Person\0\0\0\0\2"
					   "\6\0\0\0age_40\7\0\0\00040_plus\3\0\0\0sex\6\0\0\0female";
	struct eh_txn *txn = temp_txn(&project);
	struct eh_candidate c = some_candidate("c1"), back;
	struct eh_key key = eh_key_of("c1");
	unsigned char now[512];
	enum eh_change change = EH_NEW;

	(void)state;
	assert_int_equal(eh_txn_put(txn, EH_T_CANDIDATES, eh_key_bytes(&key), (struct eh_bytes){ old, sizeof old - 1 },
				    NULL), EH_OK);
	assert_int_equal(eh_candidate_get(txn, "c1", &back, NULL), EH_OK);
	assert_string_equal(eh_candidate_declared(&back, "sex"), "female");
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(change, EH_SAME);
	assert_int_equal(stored_bytes(txn, "c1", now, sizeof now), sizeof old - 1);
	c.declared[1].source = EH_BY_RECORD;
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(change, EH_CHANGED);
	assert_int_equal(stored_bytes(txn, "c1", now, sizeof now), sizeof old - 1 + 2);
	assert_int_equal(now[0], 2);
	now[sizeof old] = 9; /* the source of the last class */
	assert_int_equal(eh_txn_put(txn, EH_T_CANDIDATES, eh_key_bytes(&key), (struct eh_bytes){ now, sizeof old + 1 },
				    NULL), EH_OK);
	assert_int_equal(eh_candidate_get(txn, "c1", &back, NULL), EH_EFORMAT);
	eh_txn_abort(&txn);
}

static void put_tells_new_changed_and_same(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_candidate c = some_candidate("c1");
	struct eh_evaluator e = { "E1", "Name", "unit", "e@example.org" };
	struct eh_interview i = { "c1", "q1", "/media/a.mp4" };
	enum eh_change change = EH_NEW;

	(void)state;
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(change, EH_SAME);
	strcpy(c.declared[0].group, "male");
	assert_int_equal(eh_candidate_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(change, EH_CHANGED);
	assert_int_equal(eh_evaluator_put(txn, &e, &change, NULL), EH_OK);
	assert_int_equal(change, EH_NEW);
	assert_int_equal(eh_evaluator_put(txn, &e, &change, NULL), EH_OK);
	assert_int_equal(change, EH_SAME);
	assert_int_equal(eh_interview_put(txn, &i, &change, NULL), EH_OK);
	assert_int_equal(change, EH_NEW);
	strcpy(i.path, "/media/b.mp4");
	assert_int_equal(eh_interview_put(txn, &i, &change, NULL), EH_OK);
	assert_int_equal(change, EH_CHANGED);
	eh_txn_abort(&txn);
}

static void absent_entry_is_named(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_err err = EH_ERR_INIT;
	struct eh_candidate c;
	struct eh_evaluator e;

	(void)state;
	assert_int_equal(eh_candidate_get(txn, "nobody", &c, &err), EH_ENOENT);
	assert_non_null(strstr(err.msg, "nobody"));
	assert_int_equal(eh_evaluator_get(txn, "E9", &e, &err), EH_ENOENT);
	assert_non_null(strstr(err.msg, "E9"));
	eh_txn_abort(&txn);
}

static void unusable_records_are_refused(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_candidate c = some_candidate("");
	struct eh_evaluation e = { .evaluator = "E1", .candidate = "c1", .decision = EH_ADVANCE };
	struct eh_err err = EH_ERR_INIT;
	uint64_t n = 0;

	(void)state;
	assert_int_equal(eh_candidate_put(txn, &c, NULL, &err), EH_EFORMAT);
	c = some_candidate("c\x01");
	assert_int_equal(eh_candidate_put(txn, &c, NULL, &err), EH_EFORMAT);
	c = some_candidate("c1");
	strcpy(c.declared[1].attribute, "sex");
	assert_int_equal(eh_candidate_put(txn, &c, NULL, &err), EH_EFORMAT);
	c.n_declared = EH_DECLARED_MAX + 1;
	assert_int_equal(eh_candidate_put(txn, &c, NULL, &err), EH_ERANGE);
	e.has_score = true;
	e.score = (double)NAN;
	assert_int_equal(eh_evaluation_put(txn, &e, NULL, &err), EH_ERANGE);
	e.score = 1.0;
	e.decision = (enum eh_decision_kind)7;
	assert_int_equal(eh_evaluation_put(txn, &e, NULL, &err), EH_ERANGE);
	assert_int_equal(eh_txn_count(txn, EH_T_CANDIDATES, &n, &err), EH_OK);
	assert_int_equal(n, 0);
	eh_txn_abort(&txn);
}

static int collect(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	char *text = ctx;

	(void)err;
	(void)snprintf(text + strlen(text), 400 - strlen(text), "%s/%s/%s/%s/%s=%d,%g,%lld;", e->evaluator,
		       e->candidate, e->position, e->stage, e->question, (int)e->decision,
		       e->has_score ? e->score : -1.0, (long long)(e->has_time ? e->decided_at : 0));
	return EH_OK;
}

static void evaluations_walk_in_key_order_with_empty_parts(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_evaluation e = { .evaluator = "E2", .candidate = "c1", .decision = EH_HOLD };
	char text[400] = "";

	(void)state;
	assert_int_equal(eh_evaluation_put(txn, &e, NULL, NULL), EH_OK);
	strcpy(e.evaluator, "E1");
	strcpy(e.question, "q1");
	e.decision = EH_ADVANCE;
	e.has_score = true;
	e.score = 2.5;
	e.has_time = true;
	e.decided_at = 77;
	assert_int_equal(eh_evaluation_put(txn, &e, NULL, NULL), EH_OK);
	strcpy(e.stage, "first");
	assert_int_equal(eh_evaluation_put(txn, &e, NULL, NULL), EH_OK);
	assert_int_equal(eh_evaluations_each(txn, collect, text, NULL), EH_OK);
	assert_string_equal(text, "E1/c1///q1=1,2.5,77;E1/c1//first/q1=1,2.5,77;E2/c1///=2,-1,0;");
	eh_txn_abort(&txn);
}

static int stop_at_second(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	int *n = ctx;

	(void)c;
	(void)err;
	return ++*n == 2 ? 1 : 0;
}

static void walk_ends_when_the_callback_says_so(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	const char *ids[] = { "b", "a", "c" };
	int n = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct eh_candidate c = some_candidate(ids[i]);

		assert_int_equal(eh_candidate_put(txn, &c, NULL, NULL), EH_OK);
	}
	assert_int_equal(eh_candidates_each(txn, stop_at_second, &n, NULL), 1);
	assert_int_equal(n, 2);
	eh_txn_abort(&txn);
}

static void damaged_and_newer_records_are_told(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_candidate c = some_candidate("c1");
	struct eh_key key = eh_key_of("c1");
	struct eh_bytes value = { NULL, 0 };
	unsigned char copy[512];
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_candidate_put(txn, &c, NULL, &err), EH_OK);
	assert_int_equal(eh_txn_get(txn, EH_T_CANDIDATES, eh_key_bytes(&key), &value, &err), EH_OK);
	assert_true(value.len <= sizeof copy);
	memcpy(copy, value.data, value.len);
	for (size_t len = 0, full = value.len; len < full; len++) {
		assert_int_equal(
			eh_txn_put(txn, EH_T_CANDIDATES, eh_key_bytes(&key), (struct eh_bytes){ copy, len }, &err),
			EH_OK);
		assert_int_equal(eh_candidate_get(txn, "c1", &c, &err), EH_EFORMAT);
	}
	copy[0] = 99;
	assert_int_equal(eh_txn_put(txn, EH_T_CANDIDATES, eh_key_bytes(&key), (struct eh_bytes){ copy, 60 }, &err),
			 EH_OK);
	assert_int_equal(eh_candidate_get(txn, "c1", &c, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "version 99"));
	eh_txn_abort(&txn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(candidate_comes_back_as_it_was_put, setup, teardown),
		cmocka_unit_test_setup_teardown(classes_keep_who_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(an_older_record_reads_as_declared_and_stays_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(put_tells_new_changed_and_same, setup, teardown),
		cmocka_unit_test_setup_teardown(absent_entry_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(unusable_records_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(evaluations_walk_in_key_order_with_empty_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(walk_ends_when_the_callback_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_and_newer_records_are_told, setup, teardown),
	};

	return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}

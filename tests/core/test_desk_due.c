/* desk/: what time alone changes is noticed without a commit: by an audit kept open, and by what screens poll. */
#include "desk_measured.h"

#include "desk/inside.h"

static void at(const char *time) { assert_int_equal(setenv("EVENHAND_TIME_NOW", time, 1), 0); }

/* The four who declared nothing are judged too, and get a predicted class. */
static void classify_the_second(void)
{
	struct eh_classify_report c;
	struct eh_buf b;

	measure_everybody();
	eh_buf_init(&b, 1u << 16);
	eh_buf_printf(&b, "evaluator_id,candidate_id,decision\n");
	for (int i = 40; i < MEASURED; i++)
		eh_buf_printf(&b, "BAD,C%02d,%d\nOK,C%02d,%d\n", i, i % 2, i, i / 2 % 2);
	import(EH_IMPORT_EVALUATIONS, "more.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
	(void)train_sex();
	assert_int_equal(classify_sex(&c, NULL), EH_OK);
	assert_int_equal(c.classified, 4);
}

static uint64_t predicted(const struct eh_open_audit *a)
{
	const struct eh_findings *f = &eh_desk_audit_result(a)->findings;

	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].evaluator, "OK") == 0)
			return f->v[i].predicted;
	fail_msg("no finding of OK");
	return 0;
}

static struct eh_open_audit *opened(void)
{
	struct eh_open_audit *a = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_audit_open(&a, desk, policy_path, NULL, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return a;
}

static enum eh_refreshed refreshed(struct eh_open_audit *a, const char *why)
{
	struct eh_refresh how;
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_audit_refresh(a, NULL, &how, &err) != EH_OK)
		fail_msg("%s", err.msg);
	if (why == NULL ? how.why[0] != '\0' : strstr(how.why, why) == NULL)
		fail_msg("'%s'", how.why);
	return how.how;
}

static void an_open_audit_notices_that_a_consent_runs_out(void **state)
{
	struct eh_open_audit *a = NULL;

	(void)state;
	at("2026-06-01T00:00:00Z");
	classify_the_second();
	import(EH_IMPORT_CONSENTS, "ends.csv", "candidate_id,purpose,granted,at,expires\n"
	       "C40,infer:sex,yes,2026-02-01,2026-06-10\nC41,infer:sex,yes,2026-02-01,2026-06-20T12:00:00Z\n");
	a = opened();
	assert_int_equal(predicted(a), 4);
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	at("2026-06-09T23:59:59Z");
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	assert_int_equal(predicted(a), 4);
	at("2026-06-10T00:00:00Z");
	assert_int_equal(refreshed(a, "has ended or begun"), EH_REFRESH_ANEW);
	assert_int_equal(predicted(a), 3);
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	at("2026-06-20T12:00:01Z");
	assert_int_equal(refreshed(a, "has ended or begun"), EH_REFRESH_ANEW);
	assert_int_equal(predicted(a), 2);
	at("2090-01-01T00:00:00Z");
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	/* a clock that was set back */
	at("2026-06-11T00:00:00Z");
	assert_int_equal(refreshed(a, "has ended or begun"), EH_REFRESH_ANEW);
	assert_int_equal(predicted(a), 3);
	eh_desk_audit_close(&a);
}

/* Of those in Illinois the term of the release ends what was measured, and with it the class. */
static void an_open_audit_notices_that_a_term_is_over(void **state)
{
	struct eh_open_audit *a = NULL;

	(void)state;
	at("2026-06-01T00:00:00Z");
	classify_the_second();
	a = opened();
	at("2099-12-30T23:59:59Z");
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	assert_int_equal(predicted(a), 4);
	at("2099-12-31T00:00:00Z");
	assert_int_equal(refreshed(a, "has ended or begun"), EH_REFRESH_ANEW);
	assert_int_equal(predicted(a), 0);
	eh_desk_audit_close(&a);
}

/* An audit of counts: each candidate is judged once. */
static void setup_counts(void)
{
	char dir[100];

	eh_desk_close(&desk);
	(void)snprintf(dir, sizeof dir, "%s/counts", temp.dir);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nBAD\nOK\n");
	import(EH_IMPORT_CANDIDATES, "c.csv", "candidate_id,jurisdiction,declared.sex\n"
	       "C1,DE,f\nC2,DE,m\nC3,DE,f\nC4,DE,m\n");
	import(EH_IMPORT_EVALUATIONS, "e.csv", "evaluator_id,candidate_id,decision\n"
	       "BAD,C1,0\nBAD,C2,1\nOK,C3,1\nOK,C4,1\n");
}

static void facts_about_the_project_have_their_time(void **state)
{
	struct eh_open_audit *a = NULL;

	(void)state;
	setup_counts();
	at("2026-06-01T10:00:00Z");
	a = opened();
	at("2026-06-02T00:00:00Z");
	import(EH_IMPORT_CONSENTS, "w.csv",
	       "candidate_id,purpose,granted,at,expires\nC1,watch,yes,2026-02-01,2026-06-03\n");
	/* who does not look at the project has counts that no consent and no day changes */
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	eh_desk_audit_close(&a);

	wants_project = true;
	a = opened();
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	import(EH_IMPORT_CONSENTS, "w.csv", "candidate_id,purpose,granted,at\nC2,watch,yes,2026-02-01\n");
	assert_int_equal(refreshed(a, "looks at how it is run"), EH_REFRESH_ANEW);
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	at("2026-06-02T23:59:59Z");
	assert_int_equal(refreshed(a, NULL), EH_REFRESH_SAME);
	at("2026-06-03T00:00:00Z");
	assert_int_equal(refreshed(a, "a day has ended or begun"), EH_REFRESH_ANEW);
	eh_desk_audit_close(&a);
}

static void what_screens_poll_changes_at_the_instant(void **state)
{
	uint64_t v;

	(void)state;
	setup_counts();
	at("2026-06-01T10:00:00Z");
	import(EH_IMPORT_CONSENTS, "w.csv", "candidate_id,purpose,granted,at,expires\n"
	       "C1,watch,yes,2026-02-01,2026-06-01T12:00:00Z\nC2,watch,yes,2026-06-01T13:00:00Z,\n");
	v = eh_desk_version(desk);
	at("2026-06-01T11:59:59Z");
	assert_int_equal(eh_desk_version(desk), v);
	at("2026-06-01T12:00:00Z");
	assert_int_equal(eh_desk_version(desk), v + 1);
	assert_int_equal(eh_desk_version(desk), v + 1);
	at("2026-06-01T13:00:00Z");
	assert_int_equal(eh_desk_version(desk), v + 2);
	at("2026-06-01T23:59:59Z");
	assert_int_equal(eh_desk_version(desk), v + 2);
	at("2026-06-02T00:00:00Z");
	assert_int_equal(eh_desk_version(desk), v + 3);
	/* a commit that brings a nearer end */
	import(EH_IMPORT_CONSENTS, "x.csv", "candidate_id,purpose,granted,at,expires\n"
	       "C3,watch,yes,2026-02-01,2026-06-02T00:00:05Z\n");
	v = eh_desk_version(desk);
	at("2026-06-02T00:00:05Z");
	assert_int_equal(eh_desk_version(desk), v + 1);
}

static void days_begin_at_midnight(void **state)
{
	(void)state;
	assert_int_equal(eh_desk_next_day(0), 86400);
	assert_int_equal(eh_desk_next_day(86399), 86400);
	assert_int_equal(eh_desk_next_day(86400), 172800);
	assert_int_equal(eh_desk_next_day(-1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_open_audit_notices_that_a_consent_runs_out, setup, teardown),
		cmocka_unit_test_setup_teardown(an_open_audit_notices_that_a_term_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(facts_about_the_project_have_their_time, setup, teardown),
		cmocka_unit_test_setup_teardown(what_screens_poll_changes_at_the_instant, setup, teardown),
		cmocka_unit_test(days_begin_at_midnight),
	};

	return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}

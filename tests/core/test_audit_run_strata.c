/* The whole audit where there are strata, and where one evaluator decides several times on one person. */
#include "tests/core/audit_build.h"

#include <math.h>

#include "audit/strata.h"
#include "audit/table.h"

static const char *const sexes[] = { "female", "male" };

/* One position passes nobody of a group by job alone: the pooled ratio fails, the stratified one does not. */
static void build_two_jobs(struct build *b)
{
	build_cell(b, "E1", "easy", 0, 10, 8);
	build_cell(b, "E1", "easy", 1, 50, 40);
	build_cell(b, "E1", "hard", 0, 50, 10);
	build_cell(b, "E1", "hard", 1, 10, 2);
}

static void strata_decide_where_there_are_several(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_two_jobs(&b);
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "E1", "", "female");
	assert_int_equal(x->below_limit, EH_YES);
	assert_int_equal(x->builtin, EH_WATCH);
	assert_true(fabs(x->ratio.value - 1.0) < 1e-12);
	assert_int_equal(x->ratio_below, EH_NO);
	assert_int_equal(x->strata, 2);
	assert_true(fabs(x->shortfall.value) < 1e-9);
	assert_true(x->p.value > 0.5);
	assert_true(x->p_fisher.defined);
	assert_non_null(strstr(x->interval_method, "Greenland-Robins"));
	audit_done(&d, &f);
}

/* A rule of law that knows no strata: ratio, interval, test and effect are all those of the plain table. */
static void a_rule_without_strata_rests_on_the_plain_ratio(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_two_jobs(&b);
	audit_built(&d, &f, &b, sexes, 2, &s);
	assert_int_equal(find_finding(&f, "E1", "", "female")->rests_on, EH_RATIO_STRATIFIED);
	eh_findings_free(&f);
	s.plain_ratio = true;
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E1", "", "female");
	assert_int_equal(x->rests_on, EH_RATIO_PLAIN);
	assert_true(fabs(x->ratio.value - 18.0 / 42.0) < 1e-12);
	assert_int_equal(x->ratio_below, EH_YES);
	assert_memory_equal(&x->ratio_interval, &x->interval, sizeof x->interval);
	assert_true(fabs(x->mh_ratio.value - 1.0) < 1e-12);
	assert_memory_equal(&x->p, &x->p_mid, sizeof x->p);
	assert_true(fabs(x->shortfall.value - 24.0) < 1e-9);
	assert_int_equal(x->flips, EH_NO);
	assert_int_equal(eh_strata_notes(x), EH_NOTE_REVERSED);
	assert_true(fabs(eh_finding_other_ratio(x).value - 1.0) < 1e-12);
	audit_done(&d, &f);
}

/* Every decision written down twice, as another question: the plain test is that of the persons. */
static void the_plain_test_counts_candidates_too(void **state)
{
	static const char *const strata[2][2] = { { "easy-1", "easy-2" }, { "hard-1", "hard-2" } };
	static const unsigned cells[2][2][2] = { { { 5, 4 }, { 15, 12 } }, { { 15, 3 }, { 5, 1 } } };
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_num p[2], detectable[2];

	(void)state;
	s.plain_ratio = true;
	for (unsigned times = 1; times <= 2; times++) {
		struct build b = BUILD_INIT;
		struct eh_audit_data d;
		struct eh_findings f;

		for (unsigned i = 0; i < 2 * 2 * 15; i++) {
			unsigned job = i / 30, sex = i / 15 % 2, k = i % 15;
			char name[24];

			if (k >= cells[job][sex][0])
				continue;
			(void)snprintf(name, sizeof name, "c%02u", i);
			build_person(&b, name, "clerk", (int)sex);
			for (unsigned q = 0; q < times; q++)
				build_row(&b, "E1", name, strata[job][q], k < cells[job][sex][1]);
		}
		audit_built(&d, &f, &b, sexes, 2, &s);
		p[times - 1] = find_finding(&f, "E1", "", "female")->p;
		detectable[times - 1] = find_finding(&f, "E1", "", "female")->detectable;
		audit_done(&d, &f);
	}
	assert_true(p[0].value < 0.1);
	assert_true(fabs(p[0].value - p[1].value) < 1e-12);
	assert_true(fabs(detectable[0].value - detectable[1].value) < 1e-9);
}

static void several_decisions_per_candidate_count_persons(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d, once;
	struct eh_findings f, g;
	const struct eh_finding *x, *y;

	(void)state;
	/* the main vector, every decision on two questions */
	run_cells(&once, &g, 4, 17, 17, 31);
	for (int i = 0; i < 48; i++) {
		char name[24];

		(void)snprintf(name, sizeof name, "c%02d", i);
		build_person(&b, name, "clerk", i < 17 ? 0 : 1);
		for (int q = 0; q < 2; q++)
			build_row(&b, "E1", name, q == 0 ? "q1" : "q2", i < 17 ? i < 4 : i - 17 < 17);
	}
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "E1", "", "female");
	y = find_finding(&g, "E1", "", "female");
	assert_int_equal(x->n, 34);
	assert_int_equal(x->persons, 17);
	assert_true(fabs(x->p.value - y->p.value) < 1e-12);
	assert_true(fabs(x->shortfall.value - y->shortfall.value) < 1e-9);
	assert_true(fabs(x->detectable.value - y->detectable.value) < 1e-9);
	assert_true(x->p_cmh.value < 0.01);                     /* what counting decisions would claim */
	assert_int_equal(x->p_fisher.why, EH_U_REPEATED);
	assert_int_equal(x->flips, EH_NO);
	eh_findings_free(&f);
	audit_done(&d, &g);
	eh_audit_data_free(&once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strata_decide_where_there_are_several),
		cmocka_unit_test(a_rule_without_strata_rests_on_the_plain_ratio),
		cmocka_unit_test(the_plain_test_counts_candidates_too),
		cmocka_unit_test(several_decisions_per_candidate_count_persons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The whole audit on small data: borders, references, families, benchmark, order, memory. */
#include "tests/core/audit_build.h"
#include "tests/core/temp_project.h"

#include <math.h>

#include "audit/strata.h"
#include "audit/table.h"
#include "base/rng.h"

static const char *const sexes[] = { "female", "male" };
static const char *const three[] = { "A", "B", "C" };

static void single_decisions_give_the_statistics_of_the_table(void **state)
{
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	run_cells(&d, &f, 4, 17, 17, 31);
	x = find_finding(&f, "E1", "", "female");
	assert_string_equal(x->reference, "rest");
	assert_true(fabs(x->impact_ratio.value - 0.429065743945) < 1e-11);
	assert_true(fabs(x->p.value - 0.0524693996283) < 1e-11);
	assert_true(fabs(x->interval.high.value - 0.962145031118) < 1e-10);
	assert_true(fabs(x->shortfall.value - 5.32258064516) < 1e-10);
	assert_string_equal(x->p_method, "mid-p two-sided (a)");
	assert_string_equal(x->interval_method, "score (Miettinen-Nurminen)");
	assert_int_equal(x->below_limit, EH_YES);
	assert_int_equal(x->flips, EH_NO);
	assert_int_equal(x->mh_ratio.why, EH_U_ONE_STRATUM);
	assert_int_equal(x->em_ratio.why, EH_U_NOBODY_PREDICTED);
	assert_int_equal(x->builtin, EH_WATCH);
	assert_int_equal(x->verdict, EH_OK_VERDICT);
	assert_string_equal(x->reason, "");
	assert_int_equal(x->family_size, 1);
	assert_true(x->q.value == x->p.value);
	assert_int_equal(x->peers_p.why, EH_U_NO_PEERS);
	assert_int_equal(x->bench_ratio.why, EH_U_NO_PEERS);
	audit_done(&d, &f);
}

static void borders_give_reasons_and_never_a_flag(void **state)
{
	static const struct {
		unsigned a, n1, b, n2;
		enum eh_undef ratio, p;
		enum eh_tri below;
		enum eh_verdict_kind builtin;
	} rows[] = {
		{ 0, 20, 0, 20, EH_U_NOBODY_SELECTED, EH_U_NOBODY_SELECTED, EH_UNKNOWN, EH_CANNOT_CONCLUDE },
		{ 20, 20, 20, 20, EH_U_NONE, EH_U_EVERYBODY_SELECTED, EH_NO, EH_OK_VERDICT },
		{ 0, 20, 9, 20, EH_U_NONE, EH_U_NONE, EH_YES, EH_WATCH },
		{ 9, 20, 0, 20, EH_U_REFERENCE_NONE_SELECTED, EH_U_NONE, EH_UNKNOWN, EH_OK_VERDICT },
		{ 40, 100, 50, 100, EH_U_NONE, EH_U_NONE, EH_NO, EH_OK_VERDICT },
		{ 39, 100, 50, 100, EH_U_NONE, EH_U_NONE, EH_YES, EH_WATCH },
		{ 3, 9, 15, 40, EH_U_NONE, EH_U_NONE, EH_NO, EH_TOO_FEW },
		{ 10, 14, 10, 15, EH_U_NONE, EH_U_NONE, EH_NO, EH_TOO_FEW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct eh_audit_data d;
		struct eh_findings f;
		const struct eh_finding *x;

		run_cells(&d, &f, rows[i].a, rows[i].n1, rows[i].b, rows[i].n2);
		x = find_finding(&f, "E1", "", "female");
		assert_int_equal(x->impact_ratio.why, rows[i].ratio);
		assert_int_equal(x->p.why, rows[i].p);
		assert_int_equal(x->ratio_below, rows[i].below);
		assert_int_equal(x->builtin, rows[i].builtin);
		assert_int_equal(x->q.defined, x->p.defined);
		audit_done(&d, &f);
	}
}

static void a_group_nobody_judged_has_a_row_without_data(void **state)
{
	struct build b = BUILD_INIT;
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_cell(&b, "E1", "s", 0, 30, 10);
	build_cell(&b, "E1", "s", 1, 30, 20);
	build_cell(&b, "E2", "s", 1, 30, 20);
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "E2", "", "female");
	assert_int_equal(x->n, 0);
	assert_int_equal(x->impact_ratio.why, EH_U_EMPTY_GROUP);
	assert_int_equal(x->p.why, EH_U_EMPTY_GROUP);
	assert_int_equal(x->builtin, EH_TOO_FEW);
	assert_int_equal(find_finding(&f, "E1", "", "female")->family_size, 1);
	audit_done(&d, &f);
}

/* edge_cases.csv small_reference: 40/100, 38/100 and one selected person of a third group. */
static void below_two_percent_is_neither_focal_nor_reference(void **state)
{
	struct build b = BUILD_INIT;
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_cell(&b, "E1", "s", 0, 100, 40);
	build_cell(&b, "E1", "s", 1, 100, 38);
	build_cell(&b, "E1", "s", 2, 1, 1);
	build_finish(&d, &b, three, 3);
	for (int rule = EH_REF_HIGHEST; rule <= EH_REF_REST; rule++) {
		s.reference = (enum eh_reference_rule)rule;
		run_audit(&f, &d, &s);
		x = find_finding(&f, "E1", "", "B");
		assert_true(fabs(x->impact_ratio.value - 0.95) < 1e-12);
		assert_int_equal(x->ref_n, 100);
		x = find_finding(&f, "E1", "", "C");
		assert_true(x->below_two_percent);
		assert_int_equal(x->n, 1);
		assert_true(x->rate.defined);
		assert_int_equal(x->impact_ratio.why, EH_U_BELOW_TWO_PERCENT);
		assert_int_equal(x->p.why, EH_U_BELOW_TWO_PERCENT);
		eh_findings_free(&f);
	}
	eh_audit_data_free(&d);
}

/* edge_cases.csv tie, tie_same_size, tie_sizes. */
static void ties_for_the_highest_rate_follow_the_stated_rule(void **state)
{
	static const struct { unsigned n[3], selected[3]; const char *want; } rows[] = {
		{ { 20, 40, 10 }, { 10, 20, 4 }, "B" }, { { 20, 20, 20 }, { 10, 10, 5 }, "A" },
		{ { 7, 21, 35 }, { 3, 9, 15 }, "C" },
	};
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;

	(void)state;
	s.reference = EH_REF_HIGHEST;
	for (size_t i = 0; i < 3; i++) {
		struct build b = BUILD_INIT;
		struct eh_audit_data d;
		struct eh_findings f;
		const struct eh_finding *x;

		for (int g = 0; g < 3; g++)
			build_cell(&b, "E1", "s", g, rows[i].n[g], rows[i].selected[g]);
		audit_built(&d, &f, &b, three, 3, &s);
		x = find_finding(&f, "E1", "", rows[i].want);
		assert_true(x->is_reference);
		assert_int_equal(x->p.why, EH_U_IS_REFERENCE);
		assert_true(x->impact_ratio.value == 1.0);
		assert_string_equal(find_finding(&f, "E1", "", "A")->reference, rows[i].want);
		assert_int_equal(x->family_size, 2);
		audit_done(&d, &f);
	}
}

static void unusable_settings_are_refused_with_a_mend(void **state)
{
	struct build b = BUILD_INIT;
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	build_cell(&b, "E1", "s", 0, 3, 1);
	build_cell(&b, "E1", "s", 1, 3, 1);
	build_finish(&d, &b, sexes, 2);
	s.limit_num = 6;
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, &err), EH_EINVAL);
	s.limit_num = 4;
	strcpy(s.family, "fdr");
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, &err), EH_EINVAL);
	strcpy(s.family, "bh");
	s.reference = EH_REF_FIXED;
	strcpy(s.fixed_reference, "man");
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "man"));
	strcpy(s.fixed_reference, "male");
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, &err), EH_OK);
	assert_string_equal(find_finding(&f, "E1", "", "female")->reference, "male");
	audit_done(&d, &f);
}

static void unknown_classes_are_counted_and_left_out(void **state)
{
	struct build b = BUILD_INIT;
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_cell(&b, "E1", "s", 0, 20, 5);
	build_cell(&b, "E1", "s", 1, 20, 10);
	build_cell(&b, "E1", "s", -1, 7, 7);
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "E1", "", "female");
	assert_int_equal(x->unknown, 7);
	assert_int_equal(x->declared, 40);
	assert_int_equal(x->ref_n, 20);
	assert_int_equal(x->basis, EH_BASIS_KNOWN);
	assert_true(fabs(x->impact_ratio.value - 0.5) < 1e-12);
	audit_done(&d, &f);
}

/* Random decisions of several evaluators on shared candidates, questions and positions, a few classes predicted. */
static void random_build(struct build *b, uint64_t seed)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (int i = 0; i < 80; i++) {
		char name[24];
		int kind = (int)eh_rng_below(&rng, 10);
		struct built_person *p;

		(void)snprintf(name, sizeof name, "c%02d", i);
		p = build_person(b, name, i % 3 == 0 ? "cook" : "clerk", kind == 0 ? -1 : kind == 1 ? -2 : kind % 2);
		p->p[0] = 0.05 + 0.9 * eh_rng_unit(&rng);
		p->p[1] = 1.0 - p->p[0];
		for (int e = 0; e < 5; e++) {
			for (int q = 0; q < 2; q++) {
				char evaluator[24], stratum[32];

				(void)snprintf(evaluator, sizeof evaluator, "E%d", e);
				(void)snprintf(stratum, sizeof stratum, "%s q%d", p->position, q);
				if (eh_rng_unit(&rng) < 0.85)
					build_row(b, evaluator, name, stratum, eh_rng_unit(&rng) < 0.5);
			}
		}
	}
}

static void shuffle(struct build *b, uint64_t seed)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (size_t i = b->n; i > 1; i--) {
		size_t j = (size_t)eh_rng_below(&rng, i);
		struct built_row t = b->row[i - 1];

		b->row[i - 1] = b->row[j];
		b->row[j] = t;
	}
	for (size_t i = b->n_persons; i > 1; i--) {
		size_t j = (size_t)eh_rng_below(&rng, i);
		struct built_person t = b->person[i - 1];

		b->person[i - 1] = b->person[j];
		b->person[j] = t;
	}
}

static void the_order_of_the_rows_changes_no_byte(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings first, again;
	struct temp_project p;

	(void)state;
	temp_project_open(&p);
	random_build(&b, 3);
	audit_built(&d, &first, &b, sexes, 2, &s);
	eh_audit_data_free(&d);
	for (uint64_t seed = 1; seed <= 5; seed++) {
		random_build(&b, 3);
		shuffle(&b, seed);
		audit_built(&d, &again, &b, sexes, 2, &s);
		assert_int_equal(again.n, first.n);
		for (size_t i = 0; i < first.n; i++)
			assert_same_finding(p.store, &first.v[i], &again.v[i]);
		audit_done(&d, &again);
	}
	eh_findings_free(&first);
	temp_project_close(&p);
}

static void findings_stand_in_the_promised_order(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	random_build(&b, 4);
	build_finish(&d, &b, sexes, 2);
	d.attributes[0].auc_lo = eh_num(0.9);   /* what a guard refuses is in no family */
	run_audit(&f, &d, &s);
	assert_int_equal(f.n, 2 * (1 + 2 + 5));
	for (size_t i = 0; i < f.n; i++) {
		assert_string_equal(f.v[i].group, sexes[i % 2]);
		assert_int_equal(f.v[i].evaluator[0] == '\0', i < 6);
	}
	assert_string_equal(f.v[0].position, "");
	assert_string_equal(f.v[2].position, "clerk");
	assert_string_equal(f.v[4].position, "cook");
	assert_string_equal(f.v[6].evaluator, "E0");
	/* two groups share one test: five evaluators, five tests; three pooled ones in a family of their own */
	assert_int_equal(f.v[6].family_size, 5);
	assert_int_equal(f.v[0].family_size, 3);
	assert_true(f.v[6].p.value == f.v[7].p.value && f.v[6].q_holm.value == f.v[7].q_holm.value);
	assert_int_equal(f.v[6].basis, EH_BASIS_SCREENING);
	assert_int_equal(f.v[0].persons + f.v[0].ref_persons, f.v[0].declared);
	audit_done(&d, &f);
}

/* Two evaluators on the same candidates, one within the limit; a third on candidates of his own in the same
 * position. */
static void the_benchmark_is_the_second_set_on_the_same_candidates(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	for (int i = 0; i < 40; i++) {
		char name[24];

		(void)snprintf(name, sizeof name, "c%02d", i);
		build_person(&b, name, "clerk", i % 2);
		if (i < 30)
			build_row(&b, "harsh", name, "s", i % 2 == 0 ? i < 6 : i < 21);        /* 3/15, 10/15 */
		build_row(&b, "fair", name, "s", i % 4 < 2);                                    /* 10/20 each */
	}
	build_cell(&b, "lone", "s", 0, 20, 2);
	build_cell(&b, "lone", "s", 1, 20, 10);
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "harsh", "", "female");
	assert_int_equal(x->bench_evaluators, 1);
	assert_int_equal(x->bench_n, 15);
	assert_int_equal(x->bench_selected, 8);
	assert_true(x->bench_ratio.value == 1.0);               /* 8 of 15 women, 8 of 15 men */
	assert_true(fabs(x->deviation.value - (x->ratio.value - x->bench_ratio.value)) < 1e-12);
	x = find_finding(&f, "fair", "", "female");
	assert_int_equal(x->bench_evaluators, 0);
	assert_int_equal(x->bench_ratio.why, EH_U_NO_PEERS);
	x = find_finding(&f, "lone", "", "female");
	assert_int_equal(x->bench_evaluators, 1);
	assert_int_equal(x->bench_n, 20);
	assert_true(x->bench_ratio.value == 1.0);
	audit_done(&d, &f);
}

static void guards_of_predicted_classes_are_named(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	random_build(&b, 9);
	audit_built(&d, &f, &b, sexes, 2, &s);
	assert_non_null(strstr(find_finding(&f, "E0", "", "male")->guard, "skill is not known"));
	eh_findings_free(&f);
	d.attributes[0].auc_lo = eh_num(0.75);
	run_audit(&f, &d, &s);
	assert_non_null(strstr(find_finding(&f, "E0", "", "male")->guard, "too weak"));
	eh_findings_free(&f);
	d.attributes[0].auc_lo = eh_num(0.8);
	run_audit(&f, &d, &s);
	assert_string_equal(find_finding(&f, "E0", "", "male")->guard, "");
	eh_findings_free(&f);
	for (size_t i = 0; i < d.n_decisions; i++)
		d.selected[i] = i % 40 == 0;
	run_audit(&f, &d, &s);
	assert_non_null(strstr(find_finding(&f, "E0", "", "male")->guard, "too few expected"));
	audit_done(&d, &f);
}

static void probabilities_out_of_range_are_refused(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	random_build(&b, 9);
	build_finish(&d, &b, sexes, 2);
	for (size_t i = 0; i < d.candidates.n; i++)
		d.attributes[0].prob[2 * i] = NAN;
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, &err), EH_EINVAL);
	assert_null(f.v);
	eh_audit_data_free(&d);
}

static void every_failing_allocation_ends_cleanly(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	int rc = EH_ENOMEM;
	uint64_t n = 0;

	(void)state;
	random_build(&b, 5);
	build_finish(&d, &b, sexes, 2);
	while (rc != EH_OK && n < 100000) {
		struct eh_err err = EH_ERR_INIT;

		eh_mem_fail_at(++n);
		rc = eh_audit_run(&f, &d, &s, NULL, &err);
		if (rc != EH_OK) {
			assert_int_equal(rc, EH_ENOMEM);
			assert_true(err.msg[0] != '\0');
			assert_null(f.v);
		}
	}
	eh_mem_fail_at(0);
	assert_int_equal(rc, EH_OK);
	assert_true(n > 50);
	audit_done(&d, &f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_decisions_give_the_statistics_of_the_table),
		cmocka_unit_test(borders_give_reasons_and_never_a_flag),
		cmocka_unit_test(a_group_nobody_judged_has_a_row_without_data),
		cmocka_unit_test(below_two_percent_is_neither_focal_nor_reference),
		cmocka_unit_test(ties_for_the_highest_rate_follow_the_stated_rule),
		cmocka_unit_test(unusable_settings_are_refused_with_a_mend),
		cmocka_unit_test(unknown_classes_are_counted_and_left_out),
		cmocka_unit_test(the_order_of_the_rows_changes_no_byte),
		cmocka_unit_test(findings_stand_in_the_promised_order),
		cmocka_unit_test(the_benchmark_is_the_second_set_on_the_same_candidates),
		cmocka_unit_test(guards_of_predicted_classes_are_named),
		cmocka_unit_test(probabilities_out_of_range_are_refused),
		cmocka_unit_test(every_failing_allocation_ends_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

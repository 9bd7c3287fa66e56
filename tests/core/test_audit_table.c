/* One 2x2 table: every column of cases/expected_2x2.csv that the product computes, and the borders. */
#include "tests/core/audit_cases.h"

#include "audit/table.h"

#define CLOSED 1e-9                     /* cases/README.md, tolerances: closed formulas, intervals, p-values */

static void check_intervals(const char *where, const struct cases *c, const struct eh_fourfold *t)
{
	struct eh_interval i = eh_table_katz(t);
	double a = (double)t->a, n1 = (double)t->n1, b = (double)t->b, n2 = (double)t->n2;

	check_cell(where, "katz_lo", cases_get(c, "katz_lo"), i.low, CLOSED);
	check_cell(where, "katz_hi", cases_get(c, "katz_hi"), i.high, CLOSED);
	i = eh_score_interval(a, n1, b, n2, false);
	check_cell(where, "koopman_lo", cases_get(c, "koopman_lo"), i.low, CLOSED);
	check_cell(where, "koopman_hi", cases_get(c, "koopman_hi"), i.high, CLOSED);
	i = eh_score_interval(a, n1, b, n2, true);
	check_cell(where, "mn_lo", cases_get(c, "mn_lo"), i.low, CLOSED);
	check_cell(where, "mn_hi", cases_get(c, "mn_hi"), i.high, CLOSED);
}

static void check_tests(const char *where, const struct cases *c, const struct eh_fourfold *t)
{
	struct eh_exact e = eh_table_exact(t);
	struct eh_num z = eh_table_z(t);

	check_cell(where, "z_pooled", cases_get(c, "z_pooled"), z, CLOSED);
	check_cell(where, "p_z_two_sided", cases_get(c, "p_z_two_sided"), eh_p_of_z(z), CLOSED);
	if (strcmp(cases_get(c, "p_fisher_two_sided"), "not_listed") == 0)
		return;
	check_cell(where, "p_fisher_two_sided", cases_get(c, "p_fisher_two_sided"), e.fisher, CLOSED);
	check_cell(where, "p_fisher_less", cases_get(c, "p_fisher_less"), e.less, CLOSED);
	check_cell(where, "p_fisher_greater", cases_get(c, "p_fisher_greater"), e.greater, CLOSED);
	check_cell(where, "p_midp_less", cases_get(c, "p_midp_less"), e.mid_less, CLOSED);
	check_cell(where, "p_midp_greater", cases_get(c, "p_midp_greater"), e.mid_greater, CLOSED);
	check_cell(where, "p_midp_two_sided_a", cases_get(c, "p_midp_two_sided_a"), e.mid_a, CLOSED);
	check_cell(where, "p_midp_two_sided_b", cases_get(c, "p_midp_two_sided_b"), e.mid_b, CLOSED);
}

static void check_tri(const char *where, const char *column, const char *cell, enum eh_tri got)
{
	enum eh_tri want = strncmp(cell, "undefined:", 10) == 0 ? EH_UNKNOWN : cell[0] == '1' ? EH_YES : EH_NO;

	if (got != want)
		fail_msg("%s %s: %d, expected %s", where, column, (int)got, cell);
}

static void every_comparison_of_the_case_file_is_reproduced(void **state)
{
	struct cases c;
	size_t n = 0;

	(void)state;
	cases_open(&c, "expected_2x2.csv");
	while (cases_next(&c)) {
		struct eh_fourfold t = { cases_count(&c, "selected_focal"), cases_count(&c, "n_focal"),
					 cases_count(&c, "selected_reference"), cases_count(&c, "n_reference") };
		char where[256];

		if (strcmp(cases_get(&c, "z_pooled"), "is_reference") == 0 ||
		    strcmp(cases_get(&c, "z_pooled"), "undefined:below_two_percent") == 0)
			continue;
		(void)snprintf(where, sizeof where, "%s %s %s", cases_get(&c, "file"), cases_get(&c, "table"),
			       cases_get(&c, "group"));
		check_cell(where, "rate_focal", cases_get(&c, "rate_focal"), eh_rate(t.a, t.n1), CLOSED);
		check_cell(where, "impact_ratio", cases_get(&c, "impact_ratio"), eh_table_ratio(&t), CLOSED);
		check_tri(where, "below_four_fifths", cases_get(&c, "below_four_fifths"), eh_table_below(&t, 4, 5));
		check_tests(where, &c, &t);
		check_intervals(where, &c, &t);
		check_cell(where, "shortfall_ref", cases_get(&c, "shortfall_ref"), eh_table_shortfall(&t), CLOSED);
		check_tri(where, "flip_swap", cases_get(&c, "flip_swap"), eh_table_flips(&t, 1));
		n++;
	}
	cases_close(&c);
	assert_true(n > 80);
}

/* facts/statistics.md 4: 2,194 of these tables come out below .8 in double precision. */
static void a_ratio_of_exactly_four_fifths_is_never_below(void **state)
{
	unsigned exact = 0, below = 0;

	(void)state;
	for (uint64_t n1 = 1; n1 <= 80; n1++)
		for (uint64_t n2 = 1; n2 <= 80; n2++)
			for (uint64_t b = 1; b <= n2; b++) {
				struct eh_fourfold t = { 4 * b * n1 / (5 * n2), n1, b, n2 };

				if (5 * t.a * n2 != 4 * b * n1)
					continue;
				exact++;
				below += eh_table_below(&t, 4, 5) != EH_NO;
			}
	assert_int_equal(below, 0);
	assert_true(exact > 7000);
}

static void limits_decide_one_person_to_either_side(void **state)
{
	(void)state;
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 40, 100, 50, 100 }, 4, 5), EH_NO);
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 39, 100, 50, 100 }, 4, 5), EH_YES);
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 41, 100, 50, 100 }, 4, 5), EH_NO);
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 0, 10, 0, 10 }, 4, 5), EH_UNKNOWN);
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 0, 0, 5, 10 }, 4, 5), EH_UNKNOWN);
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 0, 10, 5, 10 }, 4, 5), EH_YES);
}

static void products_of_millions_do_not_overflow(void **state)
{
	uint64_t m = UINT64_C(1) << 40;
	struct eh_fourfold t = { 4 * (m / 5), m, m / 5 * 5, m };        /* 4/5 m against nearly m */

	(void)state;
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 799999, 2000000, 1500000, 3000000 }, 4, 5), EH_YES);
	assert_int_equal(eh_table_below(&(struct eh_fourfold){ 800000, 2000000, 1500000, 3000000 }, 4, 5), EH_NO);
	assert_int_equal(eh_table_below(&t, 4, 5), EH_NO);
	t.a--;
	assert_int_equal(eh_table_below(&t, 4, 5), EH_YES);
	assert_int_equal(eh_table_flips(&t, 1), EH_NO);
}

/* Turning the table round turns the interval round (facts/statistics.md 5). */
static void score_intervals_mirror(void **state)
{
	static const struct eh_fourfold tables[] = { { 4, 17, 17, 31 }, { 7, 7, 9, 20 }, { 48, 60, 60, 60 },
						    { 1, 3, 2, 3 } };

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		double a = (double)tables[i].a, n1 = (double)tables[i].n1, b = (double)tables[i].b,
			n2 = (double)tables[i].n2;
		struct eh_interval x = eh_score_interval(a, n1, b, n2, true), y = eh_score_interval(b, n2, a, n1, true);

		assert_true(close_to(x.low.value, 1.0 / y.high.value, 1e-12));
		assert_true(close_to(x.high.value, 1.0 / y.low.value, 1e-12));
	}
}

static void the_swap_of_a_person_moves_all_his_decisions(void **state)
{
	/* 10/40 against 13/40: (10+1)/40 < (13-1)/40, but (10+2)/40 > (13-2)/40 */
	struct eh_fourfold t = { 10, 40, 13, 40 };

	(void)state;
	assert_int_equal(eh_table_flips(&t, 1), EH_NO);
	assert_int_equal(eh_table_flips(&t, 2), EH_YES);
	assert_int_equal(eh_table_flips(&(struct eh_fourfold){ 40, 40, 13, 40 }, 2), EH_UNKNOWN);
	assert_int_equal(eh_table_flips(&(struct eh_fourfold){ 1, 40, 0, 40 }, 2), EH_UNKNOWN);
	assert_int_equal(eh_table_flips(&(struct eh_fourfold){ 0, 0, 3, 40 }, 2), EH_UNKNOWN);
}

/* facts/statistics.md 10: focal 18 %, reference 50 % of N, p2 = .4. */
static void the_smallest_detectable_ratio_is_that_of_the_fact_sheet(void **state)
{
	static const struct { double n, alpha, want; } rows[] = {
		{ 100, .05, .18 }, { 200, .05, .39 }, { 500, .05, .60 }, { 1000, .05, .71 }, { 2000, .05, .79 },
		{ 5000, .05, .87 },
		{ 200, .00042, .09 }, { 500, .00042, .39 }, { 1000, .00042, .55 }, { 2000, .00042, .68 },
		{ 5000, .00042, .80 },
	};
	struct eh_num none = eh_detectable(18, 50, .4, .00042);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct eh_num r = eh_detectable(.18 * rows[i].n, .5 * rows[i].n, .4, rows[i].alpha);

		assert_true(r.defined);
		assert_true(fabs(r.value - rows[i].want) <= .0051);
	}
	assert_false(none.defined);
	assert_int_equal(none.why, EH_U_NOT_DETECTABLE);
	assert_int_equal(eh_detectable(18, 50, 0.0, .05).why, EH_U_REFERENCE_NONE_SELECTED);
	assert_int_equal(eh_detectable(0, 50, .4, .05).why, EH_U_EMPTY_GROUP);
	assert_true(eh_detectable(10, 10, 1.0, .05).defined);
}

/* The tail of a huge table is summed, not approximated; 2 standard deviations give about .0455. */
static void exact_tests_reach_millions(void **state)
{
	struct eh_fourfold t = { 500000, 1000000, 501414, 1000000 };
	struct eh_exact e = eh_table_exact(&t);
	double z = eh_p_of_z(eh_table_z(&t)).value;

	(void)state;
	assert_true(fabs(e.mid_a.value - z) < 1e-5);
	assert_true(e.fisher.value > e.mid_a.value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_comparison_of_the_case_file_is_reproduced),
		cmocka_unit_test(a_ratio_of_exactly_four_fifths_is_never_below),
		cmocka_unit_test(limits_decide_one_person_to_either_side),
		cmocka_unit_test(products_of_millions_do_not_overflow),
		cmocka_unit_test(score_intervals_mirror),
		cmocka_unit_test(the_swap_of_a_person_moves_all_his_decisions),
		cmocka_unit_test(the_smallest_detectable_ratio_is_that_of_the_fact_sheet),
		cmocka_unit_test(exact_tests_reach_millions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

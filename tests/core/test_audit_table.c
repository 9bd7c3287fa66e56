/* One 2x2 table: every column of cases/expected_2x2.csv, the case files' own figures, and the borders. */
#include "tests/core/audit_cases.h"

#include "audit/table.h"
#include "base/rng.h"

#define CLOSED 1e-9                     /* cases/README.md, tolerances: closed formulas, intervals, p-values */
#define CONDITIONAL 1e-8                /* the same: or_cond_mle */
#define UNCONDITIONAL 1e-6              /* the same: Barnard, Boschloo */

/* A column of the row, unless it has no value there. */
static void check(const char *where, const struct cases *c, const char *column, struct eh_num got, double relative)
{
	if (strcmp(cases_get(c, column), "not_listed") != 0)
		check_cell(where, column, cases_get(c, column), got, relative);
}

static void check_interval(const char *where, const struct cases *c, const char *column, struct eh_interval got)
{
	char name[64];

	(void)snprintf(name, sizeof name, "%s_lo", column);
	check(where, c, name, got.low, CLOSED);
	(void)snprintf(name, sizeof name, "%s_hi", column);
	check(where, c, name, got.high, CLOSED);
}

static void check_intervals(const char *where, const struct cases *c, const struct eh_fourfold *t)
{
	double a = (double)t->a, n1 = (double)t->n1, b = (double)t->b, n2 = (double)t->n2;

	check_interval(where, c, "katz", eh_table_katz(t));
	check_interval(where, c, "koopman", eh_score_interval(a, n1, b, n2, false));
	check_interval(where, c, "mn", eh_score_interval(a, n1, b, n2, true));
	check_interval(where, c, "log_adjusted", eh_table_adjusted_log(t));
	check_interval(where, c, "wilson_focal", eh_rate_wilson(t->a, t->n1));
	check_interval(where, c, "clopper_pearson_focal", eh_rate_exact(t->a, t->n1));
	check_interval(where, c, "jeffreys_focal", eh_rate_jeffreys(t->a, t->n1));
}

/* A probability to 1e-13: the file's own integrals leave 2e-15, which is 4e-9 of the smallest of them. */
static void check_posterior(const char *where, const struct cases *c, struct eh_num got)
{
	const char *text = cases_get(c, "post_p_ir_below_0.8");
	double want = strtod(text, NULL);

	if (got.defined && want > 0.0 && want < 1e-4)
		assert_true(fabs(got.value - want) < 1e-13);
	else
		check(where, c, "post_p_ir_below_0.8", got, CLOSED);
}

static void check_tests(const char *where, const struct cases *c, const struct eh_fourfold *t)
{
	struct eh_exact e = eh_table_exact(t);
	struct eh_num z = eh_table_z(t);

	check(where, c, "z_pooled", z, CLOSED);
	check(where, c, "p_z_two_sided", eh_p_of_z(z), CLOSED);
	check(where, c, "chi2_yates", eh_table_yates(t), CLOSED);
	check(where, c, "p_chi2_yates", eh_p_of_chi(eh_table_yates(t), 1.0), CLOSED);
	check(where, c, "g_statistic", eh_table_g(t), CLOSED);
	check(where, c, "p_g", eh_p_of_chi(eh_table_g(t), 1.0), CLOSED);
	check(where, c, "z_ir", eh_table_z_ratio(t), CLOSED);
	check(where, c, "p_fisher_two_sided", e.fisher, CLOSED);
	check(where, c, "p_fisher_less", e.less, CLOSED);
	check(where, c, "p_fisher_greater", e.greater, CLOSED);
	check(where, c, "p_midp_less", e.mid_less, CLOSED);
	check(where, c, "p_midp_greater", e.mid_greater, CLOSED);
	check(where, c, "p_midp_two_sided_a", e.mid_a, CLOSED);
	check(where, c, "p_midp_two_sided_b", e.mid_b, CLOSED);
	check_posterior(where, c, eh_table_posterior(t, 4, 5));
}

static void check_effects(const char *where, const struct cases *c, const struct eh_fourfold *t)
{
	check(where, c, "odds_ratio", eh_table_odds(t), CLOSED);
	check(where, c, "or_cond_mle", eh_table_odds_conditional(t), CONDITIONAL);
	check(where, c, "cohen_h", eh_table_h(t), CLOSED);
	check(where, c, "phi", eh_table_phi(t), CLOSED);
	check(where, c, "shortfall_ref", eh_table_shortfall(t), CLOSED);
	check(where, c, "shortfall_pooled", eh_table_shortfall_pooled(t), CLOSED);
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
		check(where, &c, "rate_focal", eh_rate(t.a, t.n1), CLOSED);
		if (t.n1 > 0)
			check(where, &c, "rate_reference", eh_rate(t.b, t.n2), CLOSED);
		check(where, &c, "impact_ratio", eh_table_ratio(&t), CLOSED);
		check_tri(where, "below_four_fifths", cases_get(&c, "below_four_fifths"), eh_table_below(&t, 4, 5));
		check_tests(where, &c, &t);
		check_intervals(where, &c, &t);
		check_effects(where, &c, &t);
		check_tri(where, "flip_swap", cases_get(&c, "flip_swap"), eh_table_flips(&t, 1));
		n++;
	}
	cases_close(&c);
	assert_true(n > 80);
}

static void barnard_and_boschloo_find_the_supremum(void **state)
{
	static const struct { const char *file, *table, *item; struct eh_fourfold t; } rows[] = {
		{ "vectors_2x2.csv", "main", "focal", { 4, 17, 17, 31 } },
		{ "vectors_2x2.csv", "focal_none", "focal", { 0, 10, 5, 10 } },
		{ "vectors_2x2.csv", "tiny", "focal", { 1, 3, 2, 3 } },
		{ "vectors_2x2.csv", "limit", "focal", { 40, 100, 50, 100 } },
		{ "teal.csv", "test", "Black", { 26, 48, 206, 259 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct eh_unconditional u = eh_table_unconditional(&rows[i].t);

		check_other(rows[i].file, rows[i].table, rows[i].item, "barnard_p_two_sided", u.barnard.value,
			    UNCONDITIONAL);
		check_other(rows[i].file, rows[i].table, rows[i].item, "boschloo_p_less", u.less.value, UNCONDITIONAL);
		check_other(rows[i].file, rows[i].table, rows[i].item, "boschloo_p_two_sided", u.boschloo.value,
			    UNCONDITIONAL);
	}
}

/* The search against all rates: no rate of a grid fifty times as fine gives more, and the one named gives it. */
static double rejected_at(const struct eh_fourfold *t, double rate)
{
	double seen = eh_table_exact(t).less.value, sum = 0.0;

	for (uint64_t a = 0; a <= t->n1; a++)
		for (uint64_t b = 0; b <= t->n2; b++) {
			struct eh_exact e = eh_table_exact(&(struct eh_fourfold){ a, t->n1, b, t->n2 });
			double ways = exp(lgamma((double)t->n1 + 1.0) - lgamma((double)a + 1.0) -
					  lgamma((double)(t->n1 - a) + 1.0) + lgamma((double)t->n2 + 1.0) -
					  lgamma((double)b + 1.0) - lgamma((double)(t->n2 - b) + 1.0));

			if (e.less.value <= seen * (1.0 + 1e-10))
				sum += ways * pow(rate, (double)(a + b)) *
				       pow(1.0 - rate, (double)(t->n1 + t->n2 - a - b));
		}
	return sum;
}

static void no_rate_gives_more_than_the_supremum(void **state)
{
	static const struct eh_fourfold tables[] = { { 1, 5, 6, 7 }, { 0, 3, 2, 2 }, { 2, 9, 3, 4 }, { 1, 12, 4, 12 } };

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct eh_unconditional u = eh_table_unconditional(&tables[i]);

		assert_true(close_to(rejected_at(&tables[i], u.boschloo_at), u.less.value, 1e-9));
		for (int k = 0; k <= 400; k++)
			assert_true(rejected_at(&tables[i], k / 400.0) <= u.less.value * (1.0 + 1e-9));
	}
}

static void unconditional_tests_give_reasons(void **state)
{
	(void)state;
	assert_int_equal(eh_table_boschloo(&(struct eh_fourfold){ 0, 5, 0, 5 }).why, EH_U_NOBODY_SELECTED);
	assert_int_equal(eh_table_boschloo(&(struct eh_fourfold){ 5, 5, 5, 5 }).why, EH_U_EVERYBODY_SELECTED);
	assert_int_equal(eh_table_boschloo(&(struct eh_fourfold){ 0, 0, 5, 5 }).why, EH_U_EMPTY_GROUP);
	assert_int_equal(eh_table_boschloo(&(struct eh_fourfold){ 1, 5, 5, 30000 }).why, EH_U_NOT_COMPUTED);
	assert_true(eh_table_unconditional(&(struct eh_fourfold){ 3, 6, 4, 8 }).barnard.value == 1.0);
}

/* Integer rates in percent, and shares of draws (facts/statistics.md 9, availability comparison). */
static void published_rates_and_draws_are_reproduced(void **state)
{
	static const char *const files[] = { "ugesp_rates.csv", "griggs_rates.csv" };

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		struct cases c;
		char last[64] = "";
		uint64_t best = 0;

		cases_open(&c, files[f]);
		while (cases_next(&c)) {
			struct eh_fourfold t = { cases_count(&c, "rate_pct"), 100, 0, 100 };
			const char *table = cases_get(&c, "table"), *group = cases_get(&c, "group");
			const char *published = cases_get(&c, "published_ratio");

			/* the highest rate stands first in each table of these two */
			if (strcmp(last, table) != 0)
				best = t.a;
			(void)snprintf(last, sizeof last, "%s", table);
			t.b = best;
			check_other(files[f], table, group, "impact_ratio", eh_table_ratio(&t).value, CLOSED);
			check_other(files[f], table, group, "below_four_fifths",
				    eh_table_below(&t, 4, 5) == EH_YES ? 1.0 : 0.0, 0.0);
			if (published[0] != '\0')
				assert_true(fabs(eh_table_ratio(&t).value - strtod(published, NULL)) <= 0.005);
		}
		cases_close(&c);
	}
}

static void draws_are_compared_with_their_share(void **state)
{
	struct cases c;
	size_t n = 0;

	(void)state;
	cases_open(&c, "binomial_cases.csv");
	while (cases_next(&c)) {
		const char *label = cases_get(&c, "label"), *sd = cases_get(&c, "published_sd");
		double p = strtod(cases_get(&c, "p"), NULL), draws = strtod(cases_get(&c, "n"), NULL);
		uint64_t seen = cases_count(&c, "observed");
		struct eh_num z = eh_binomial_z(seen, (uint64_t)draws, p);
		double deviation = ((double)seen - draws * p) / z.value;

		check_other("binomial_cases.csv", label, "", "z", z.value, CLOSED);
		check_other("binomial_cases.csv", label, "", "sd", deviation, CLOSED);
		check_other("binomial_cases.csv", label, "", "expected", draws * p, CLOSED);
		check_other("binomial_cases.csv", label, "", "rate", eh_rate(seen, (uint64_t)draws).value, CLOSED);
		if (sd[0] != '\0')
			assert_true(fabs(deviation - strtod(sd, NULL)) < 0.51);
		n++;
	}
	cases_close(&c);
	assert_int_equal(n, 6);
	assert_int_equal(eh_binomial_z(0, 0, 0.5).why, EH_U_EMPTY_GROUP);
}

/* Printed in the sources: rates in percent and ratios, to half a unit of the last digit. */
static void check_published(const struct cases *c, const char *column, double got)
{
	const char *text = cases_get(c, column), *point = strchr(text, '.');
	double unit = point == NULL ? 1.0 : pow(10.0, -(double)strlen(point + 1));

	/* 18/28 = 64.29 % is printed as 64.2 % in the LL144 scoring example (cases/README.md) */
	if (text[0] != '\0' && fabs(got - strtod(text, NULL)) > 0.5 * unit * (1.0 + 1e-9) &&
	    strcmp(text, "64.2") != 0)
		fail_msg("%s %s %s: %.10g, printed %s", cases_get(c, "table"), cases_get(c, "group"), column, got,
			 text);
}

static void printed_rates_and_ratios_are_reproduced(void **state)
{
	static const char *const files[] = { "ll144_scoring_example.csv", "ll144_selection_example.csv",
					     "ugesp_small_numbers.csv", "teal.csv", "teal_all_groups.csv",
					     "cognitive_test.csv", "edge_cases.csv" };
	size_t n = 0;

	(void)state;
	for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
		struct cases c;
		char table[64][64];
		struct eh_fourfold best[64];
		size_t tables = 0, pass = 0;

		for (pass = 0; pass < 2; pass++) {
			cases_open(&c, files[f]);
			while (cases_next(&c)) {
				uint64_t a = cases_count(&c, "selected"), m = cases_count(&c, "applicants");
				size_t k = 0;

				while (k < tables && strcmp(table[k], cases_get(&c, "table")) != 0)
					k++;
				if (k == tables) {
					assert_true(tables < 64);
					(void)snprintf(table[k], sizeof table[k], "%s", cases_get(&c, "table"));
					best[tables++] = (struct eh_fourfold){ 0, 0, 0, 1 };
				}
				if (pass == 0 && m > 0 && a * best[k].n2 > best[k].b * m) {
					best[k].b = a;
					best[k].n2 = m;
				}
				best[k].a = a;
				best[k].n1 = m;
				if (pass == 0 || m == 0)
					continue;
				check_published(&c, "published_rate_pct", 100.0 * eh_rate(a, m).value);
				if (cases_get(&c, "published_ratio")[0] != '\0')
					check_published(&c, "published_ratio", eh_table_ratio(&best[k]).value);
				n++;
			}
			cases_close(&c);
		}
	}
	assert_true(n > 60);
}

/* Where Debian's libraries lose digits or stop: sums of angles against identities. */
static void the_posterior_keeps_its_symmetries_at_every_size(void **state)
{
	static const struct eh_fourfold tables[] = {
		{ 0, 1, 0, 1 }, { 1, 1, 1, 1 }, { 0, 5, 5, 5 }, { 5, 5, 0, 5 }, { 3, 10, 200, 700 },
		{ 0, 1000000, 3, 5 },
		{ 500000, 1000000, 499000, 1000000 }, { 1000000000, 4000000000, 1000050000, 4000000000 },
		{ 1, 3, 1000000, 1000000 },
	};

	double p = 0.0;

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		const struct eh_fourfold *t = &tables[i], back = { t->b, t->n2, t->a, t->n1 };
		double q = eh_table_posterior(&back, 1, 1).value, last = 0.0;

		p = eh_table_posterior(t, 1, 1).value;
		assert_true(fabs(p + q - 1.0) < 1e-10); /* P(x < y) + P(y < x) = 1 */
		for (int num = 1; num <= 1000; num += 37) {
			double now = eh_table_posterior(t, num, 1000).value;

			assert_true(now >= last - 1e-11 && now <= p + 1e-11);
			last = now;
		}
	}
	/* equal counts: one half */
	assert_true(fabs(eh_table_posterior(&(struct eh_fourfold){ 7, 30, 7, 30 }, 1, 1).value - 0.5) < 1e-12);
	/* ln ratio about normal: Phi((ln .8 - ln IR)/sd) to the normal's own error */
	p = eh_table_posterior(&(struct eh_fourfold){ 400000, 1000000, 500000, 1000000 }, 4, 5).value;
	assert_true(fabs(p - 0.5) < 1e-3);
	assert_int_equal(eh_table_posterior(&(struct eh_fourfold){ 0, 0, 7, 30 }, 4, 5).why, EH_U_EMPTY_GROUP);
}

static void intervals_of_a_rate_reach_millions(void **state)
{
	struct eh_interval e = eh_rate_exact(500000, 1000000), j = eh_rate_jeffreys(500000, 1000000),
			   w = eh_rate_wilson(500000, 1000000);

	(void)state;
	assert_true(e.low.value < j.low.value && e.high.value > j.high.value);
	assert_true(fabs(j.low.value - w.low.value) < 1e-9 && fabs(j.high.value - w.high.value) < 1e-9);
	/* nobody of a million: 1 - .025^(1/n) */
	assert_true(close_to(eh_rate_exact(0, 1000000).high.value, -expm1(log(0.025) / 1e6), 1e-9));
	assert_true(close_to(eh_rate_exact(1, 1).low.value, 0.025, 1e-12));
	assert_int_equal(eh_rate_wilson(0, 0).low.why, EH_U_EMPTY_GROUP);
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

/* By sixty halvings, each of them made. */
static double halved(double n1, double n2, double p2, double alpha)
{
	double z = 0.0, lo = 0.0, hi = 1.0;

	for (double step = 64.0; step > 1e-18; step *= 0.5)
		z += 0.5 * erfc((z + step) / sqrt(2.0)) >= 0.5 * alpha ? step : 0.0;
	for (int i = 0; i < 60; i++) {
		double r = 0.5 * (lo + hi), p1 = r * p2, p = (n1 * p1 + n2 * p2) / (n1 + n2);
		double s0 = sqrt(p * (1.0 - p) * (1.0 / n1 + 1.0 / n2));
		double s1 = sqrt(p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2);

		if (p2 - p1 - z * s0 >= 0.8416212335729143 * s1)
			lo = r;
		else
			hi = r;
	}
	return lo;
}

static void the_smallest_detectable_ratio_is_where_the_power_is_met(void **state)
{
	struct eh_rng rng;
	size_t n = 0;

	(void)state;
	eh_rng_seed(&rng, 5);
	for (int i = 0; i < 20000; i++) {
		double n1 = exp2(20.0 * eh_rng_unit(&rng)), n2 = exp2(20.0 * eh_rng_unit(&rng));
		double p2 = i % 10 == 0 ? 1.0 : i % 10 == 1 ? 1e-4 * eh_rng_unit(&rng) : eh_rng_unit(&rng);
		double alpha = i % 3 == 0 ? .05 : i % 3 == 1 ? 1e-3 : 1e-9;
		struct eh_num r = eh_detectable(n1, n2, p2, alpha);
		double want = halved(n1, n2, p2, alpha);

		/* the quantile of the test has one digit less */
		if (r.defined && !(fabs(r.value - want) <= 1e-13))
			fail_msg("%.17g v %.17g at %g, %g: %.17g, want %.17g", n1, n2, p2, alpha, r.value, want);
		n += r.defined;
	}
	assert_true(n > 10000);
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
		cmocka_unit_test(barnard_and_boschloo_find_the_supremum),
		cmocka_unit_test(no_rate_gives_more_than_the_supremum),
		cmocka_unit_test(unconditional_tests_give_reasons),
		cmocka_unit_test(published_rates_and_draws_are_reproduced),
		cmocka_unit_test(draws_are_compared_with_their_share),
		cmocka_unit_test(printed_rates_and_ratios_are_reproduced),
		cmocka_unit_test(the_posterior_keeps_its_symmetries_at_every_size),
		cmocka_unit_test(intervals_of_a_rate_reach_millions),
		cmocka_unit_test(a_ratio_of_exactly_four_fifths_is_never_below),
		cmocka_unit_test(limits_decide_one_person_to_either_side),
		cmocka_unit_test(products_of_millions_do_not_overflow),
		cmocka_unit_test(score_intervals_mirror),
		cmocka_unit_test(the_swap_of_a_person_moves_all_his_decisions),
		cmocka_unit_test(the_smallest_detectable_ratio_is_that_of_the_fact_sheet),
		cmocka_unit_test(the_smallest_detectable_ratio_is_where_the_power_is_met),
		cmocka_unit_test(exact_tests_reach_millions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Terms of many tables at a time: the digits of plain sums table by table, whatever the number of tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/homogeneity.h"
#include "audit/permute.h"
#include "audit/strata.h"
#include "audit/strata_terms.h"
#include "base/rng.h"

#define TABLES_MAX 300

static bool same(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

static size_t draw_tables(struct eh_rng *rng, struct eh_fourfold *v, unsigned largest)
{
	const size_t n = eh_rng_below(rng, TABLES_MAX);

	for (size_t k = 0; k < n; k++) {
		v[k].n1 = eh_rng_below(rng, largest);
		v[k].n2 = eh_rng_below(rng, largest);
		v[k].a = eh_rng_below(rng, v[k].n1 + 1);
		v[k].b = eh_rng_below(rng, v[k].n2 + 1);
	}
	return n;
}

/* What stands in strata.h, one table after the other. */
struct plain {
	double r, s, pg, shortfall, u, expected, variance, up, down, pr, mixed, qs;
	uint32_t both;
};

static struct plain sum_plainly(const struct eh_fourfold *v, size_t n)
{
	struct plain x = { .both = 0 };

	for (size_t k = 0; k < n; k++) {
		const double a = (double)v[k].a, n1 = (double)v[k].n1, b = (double)v[k].b, n2 = (double)v[k].n2;
		const double all = n1 + n2, m = a + b, c = n1 - a, d = n2 - b, p = (a + d) / all, q = (b + c) / all;

		if (v[k].n1 == 0 || v[k].n2 == 0)
			continue;
		x.both++;
		x.r += a * n2 / all;
		x.s += b * n1 / all;
		x.pg += ((a + b) * n1 * n2 - a * b * all) / (all * all);
		x.shortfall += n1 * b / n2 - a;
		x.u += a - n1 * m / all;
		x.expected += n1 * m / all;
		x.variance += n1 * n2 * m * (all - m) / (all * all * (all - 1.0));
		x.up += a * d / all;
		x.down += b * c / all;
		x.pr += p * (a * d / all);
		x.mixed += p * (b * c / all) + q * (a * d / all);
		x.qs += q * (b * c / all);
	}
	return x;
}

static double fitted_plainly(const struct eh_fourfold *t, double w)
{
	const double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b);
	const double qb = n2 - m + w * (m + n1), qc = -w * m * n1;
	const double root = sqrt(fmax(0.0, qb * qb - 4.0 * (1.0 - w) * qc));

	return qb >= 0.0 ? -2.0 * qc / (qb + root) : (root - qb) / (2.0 * (1.0 - w));
}

static void check_fits(const struct eh_fourfold *v, size_t n, double odds)
{
	for (size_t k = 0; k < n; k++) {
		const double m = (double)(v[k].a + v[k].b), n1 = (double)v[k].n1, n2 = (double)v[k].n2;
		struct eh_stratum_fit fit;
		double a;

		assert_int_equal(eh_stratum_fit(&fit, &v[k], odds), eh_table_state(&v[k]) == EH_U_NONE);
		if (eh_table_state(&v[k]) != EH_U_NONE)
			continue;
		a = fitted_plainly(&v[k], odds);
		assert_true(same(fit.a, a));
		assert_true(same(fit.inverse, 1.0 / a + 1.0 / (m - a) + 1.0 / (n1 - a) + 1.0 / (n2 - m + a)));
	}
}

static void sums_have_the_digits_of_plain_ones(void **state)
{
	static const unsigned sizes[] = { 3, 40, 3000 };
	struct eh_fourfold v[TABLES_MAX];
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 14);
	for (size_t round = 0; round < 3000; round++) {
		const size_t n = draw_tables(&rng, v, sizes[round % 3]);
		const struct plain x = sum_plainly(v, n);
		const struct eh_strata_ratio ratio = eh_strata_ratio(v, n);
		struct eh_strata s;

		eh_strata(&s, v, n);
		assert_int_equal(s.both, x.both);
		assert_true(same(s.r, x.r) && same(s.s, x.s) && same(s.shortfall, x.shortfall));
		assert_true(same(s.expected, x.expected) && same(s.variance, x.variance));
		if (x.r > 0.0 && x.s > 0.0 && x.pg > 0.0)
			assert_true(same(s.var_ln.value, x.pg / (x.r * x.s)));
		if (s.cmh.defined)
			assert_true(same(s.cmh.value, x.u * x.u / x.variance));
		if (s.odds.defined)
			assert_true(same(s.odds.value, x.up / x.down));
		assert_true(ratio.both == s.both && same(ratio.r, s.r) && same(ratio.ratio.value, s.ratio.value) &&
			    same(ratio.var_ln.value, s.var_ln.value));
		check_fits(v, n, round % 5 == 0 ? 1.0 : 0.05 + 0.1 * (double)eh_rng_below(&rng, 80));
	}
}

/* Against the masses one by one. */
static void moments_follow_the_exact_ones(void **state)
{
	static const struct {
		double least, mean, variance, third, fourth;
	} bars[] = { { 3.0, 2e-5, 2e-4, 2e-3, 4e-3 }, { 8.0, 3e-7, 3e-6, 1e-4, 1e-3 } };
	struct eh_rng rng;
	size_t seen[2] = { 0, 0 };

	(void)state;
	eh_rng_seed(&rng, 15);
	for (size_t round = 0; round < 40000; round++) {
		const unsigned largest = round % 2 != 0 ? 900 : 60;
		const double odds = exp(4.6 * (double)eh_rng_below(&rng, 1001) / 1000.0 - 2.3);
		struct eh_fourfold t = { 0, 2 + eh_rng_below(&rng, largest), 0, 2 + eh_rng_below(&rng, 2 * largest) };
		struct eh_columns c;
		struct eh_fit_terms fit;
		struct eh_moment_terms m;
		struct eh_conditional x;
		double sd;
		size_t bar;

		t.a = eh_rng_below(&rng, t.n1 + 1);
		t.b = eh_rng_below(&rng, t.n2 + 1);
		if (eh_columns_fill(&c, &t, 0, 1, true) == 0 || c.n == 0)
			continue;
		eh_terms_fit(&fit, &c, odds);
		if (fit.least[0] < EH_MOMENTS_LEAST)
			continue;
		eh_terms_moments(&m, &c, &fit, odds);
		eh_conditional(&x, &t, odds);
		bar = fit.least[0] >= bars[1].least;
		seen[bar]++;
		sd = sqrt(x.variance);
		assert_true(fabs(m.mean[0] - x.mean) <= bars[bar].mean * sd);
		assert_true(fabs(m.variance[0] - x.variance) <= bars[bar].variance * x.variance);
		assert_true(fabs(m.third[0] - x.third) <= bars[bar].third * sd * x.variance);
		assert_true(fabs(m.fourth[0] - x.fourth) <= bars[bar].fourth * x.fourth);
	}
	assert_true(seen[0] > 1000 && seen[1] > 1000);
}

/* Many strata, of which the moments are followed along their slopes, against an exact odds ratio. */
static void many_strata_have_the_same_test(void **state)
{
	static struct eh_fourfold v[1200];
	struct eh_rng rng;
	struct eh_strata s;
	struct eh_liang_self x;
	double off = 0.0, squares = 0.0, variance = 0.0;

	(void)state;
	eh_rng_seed(&rng, 16);
	for (size_t k = 0; k < 1200; k++) {
		v[k] = (struct eh_fourfold){ 0, 20 + eh_rng_below(&rng, 30), 0, 40 + eh_rng_below(&rng, 60) };
		for (uint64_t i = 0; i < v[k].n1; i++)
			v[k].a += eh_rng_below(&rng, 100) < 30 + k % 20;
		for (uint64_t i = 0; i < v[k].n2; i++)
			v[k].b += eh_rng_below(&rng, 100) < 40 + k % 20;
	}
	eh_strata(&s, v, 1200);
	eh_liang_self(&x, &s, v, 1200, 1.0);
	assert_true(x.p.defined);
	for (size_t k = 0; k < 1200; k++) {
		struct eh_conditional c;

		eh_conditional(&c, &v[k], x.odds);
		off += (double)v[k].a - c.mean;
		squares += ((double)v[k].a - c.mean) * ((double)v[k].a - c.mean);
		variance += c.variance;
	}
	assert_true(fabs(off) < 1e-4 * sqrt(variance));
	assert_true(fabs(x.sum.value / squares - 1.0) < 1e-6);
}

/* One decision on everybody: the strata's tables tell what the persons do. */
static void exchanged_persons_are_in_the_tables(void **state)
{
	enum { STRATA = 40 };
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 17);
	for (size_t round = 0; round < 200; round++) {
		uint32_t start[2 * STRATA + 1], cell[2 * STRATA], block[2 * STRATA];
		struct eh_sides side[2 * STRATA];
		struct eh_fourfold t[STRATA];
		struct eh_slice slice = { .n_patterns = 2 * STRATA, .n_strata = STRATA, .n_blocks = STRATA,
					  .start = start, .cell = cell, .block = block };
		struct eh_permutation one, other;

		memset(&one, 0, sizeof one);
		for (uint32_t p = 0; p < 2 * STRATA; p++) {
			start[p] = p;
			cell[p] = p;
			block[p] = p / 2;
			side[p] = (struct eh_sides){ { (uint32_t)eh_rng_below(&rng, 9),
						       (uint32_t)eh_rng_below(&rng, 5) } };
		}
		start[2 * STRATA] = 2 * STRATA;
		for (size_t k = 0; k < STRATA; k++)
			t[k] = (struct eh_fourfold){ side[2 * k + 1].n[1], side[2 * k].n[1] + side[2 * k + 1].n[1],
						     side[2 * k + 1].n[0], side[2 * k].n[0] + side[2 * k + 1].n[0] };
		assert_true(eh_permutation_strata(&one, &slice, t));
		assert_int_equal(eh_permutation_test(&other, &slice, side, NULL), EH_OK);
		assert_true(one.persons == other.persons && one.exact == other.exact && same(one.kept, other.kept));
		assert_true(same(one.score, other.score) && same(one.variance, other.variance));
		assert_true(same(one.p.value, other.p.value));
		/* somebody with two decisions: the blocks are others than the strata */
		slice.n_blocks = STRATA + 1;
		assert_false(eh_permutation_strata(&one, &slice, t));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_have_the_digits_of_plain_ones),
		cmocka_unit_test(moments_follow_the_exact_ones),
		cmocka_unit_test(many_strata_have_the_same_test),
		cmocka_unit_test(exchanged_persons_are_in_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which test of like strata holds: size in sparse fair strata, power, values of R, what is said of the rest. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "audit/homogeneity.h"
#include "base/rng.h"

#define STRATA_MAX 128
#define RUNS 1500

/* n decisions a stratum, of them share on the group, or one of each stratum; base rates low to high; the group's log
 * odds ratio differs by plus or minus split from stratum to stratum. */
struct design {
	size_t strata;
	unsigned n;
	double share, low, high, odds, split;
	bool matched;
};

static void draw(struct eh_fourfold *v, const struct design *d, struct eh_rng *r)
{
	memset(v, 0, d->strata * sizeof *v);
	for (size_t k = 0; k < d->strata; k++) {
		const double base = d->low + (d->high - d->low) * (double)(k % 7) / 6.0;
		const double logit = log(base / (1.0 - base)) + d->odds + (k % 2 != 0 ? d->split : -d->split);

		for (unsigned i = 0; i < d->n; i++) {
			const bool group = d->matched ? i == 0 : eh_rng_unit(r) < d->share;
			const bool yes = eh_rng_unit(r) < (group ? 1.0 / (1.0 + exp(-logit)) : base);

			*(group ? &v[k].n1 : &v[k].n2) += 1;
			*(group ? &v[k].a : &v[k].b) += yes;
		}
	}
}

struct shares {
	double warned, breslow_day, untested, by_chi;
};

static bool warned(const struct eh_strata *s, struct eh_homogeneity h)
{
	struct eh_finding f = { .strata = s->both, .mh_ratio = s->ratio };

	f.p_breslow_day = s->p_breslow_day;
	f.p_homogeneity = h.p;
	f.homogeneity_test = h.test;
	return (eh_strata_notes(&f) & EH_NOTE_UNEQUAL) != 0;
}

static struct shares simulate(const struct design *d, unsigned runs, uint64_t seed)
{
	static struct eh_fourfold v[STRATA_MAX];
	struct shares out = { 0.0, 0.0, 0.0, 0.0 };
	struct eh_rng r;

	assert_true(d->strata <= STRATA_MAX);
	eh_rng_seed(&r, seed);
	for (unsigned i = 0; i < runs; i++) {
		struct eh_homogeneity h;
		struct eh_strata s;

		draw(v, d, &r);
		eh_strata(&s, v, d->strata);
		h = eh_homogeneity(&s, v, d->strata, 1.0);
		out.warned += warned(&s, h);
		out.breslow_day += s.p_breslow_day.defined && s.p_breslow_day.value < EH_STRATA_DIFFER_P;
		out.untested += h.test == EH_STRATA_UNTESTED;
		out.by_chi += h.test == EH_STRATA_BRESLOW_DAY;
	}
	out.warned /= runs;
	out.breslow_day /= runs;
	out.untested /= runs;
	out.by_chi /= runs;
	return out;
}

/* .07 is .05 and three standard errors of 1500 runs; what Breslow-Day alone would warn of is told beside it. */
static void fair_strata_are_not_called_unequal(void **state)
{
	static const struct design fair[] = {
		{ 100, 10, 0.35, 0.2, 0.6, 0.0, 0.0, false },  { 20, 15, 0.35, 0.2, 0.6, 0.0, 0.0, false },
		{ 100, 40, 0.35, 0.2, 0.6, 0.0, 0.0, false },  { 100, 40, 0.5, 0.4, 0.6, 0.0, 0.0, false },
		{ 100, 80, 0.5, 0.4, 0.6, 0.0, 0.0, false },   { 100, 4, 0.0, 0.3, 0.6, 0.0, 0.0, true },
		{ 100, 40, 0.05, 0.2, 0.6, 0.0, 0.0, false },  { 100, 10, 0.35, 0.2, 0.6, -0.9, 0.0, false },
		{ 100, 10, 0.35, 0.2, 0.6, 1.4, 0.0, false },  { 100, 30, 0.3, 0.01, 0.08, 0.0, 0.0, false },
		{ 100, 30, 0.3, 0.9, 0.99, 0.0, 0.0, false },  { 20, 15, 0.05, 0.2, 0.6, 0.0, 0.0, false },
		{ 5, 10, 0.35, 0.2, 0.6, 0.0, 0.0, false },    { 3, 8, 0.35, 0.2, 0.6, 0.0, 0.0, false },
		{ 30, 3, 0.4, 0.3, 0.6, 0.0, 0.0, false },     { 6, 300, 0.35, 0.2, 0.6, -0.9, 0.0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof fair / sizeof fair[0]; i++) {
		const struct shares x = simulate(&fair[i], RUNS, 7 + i);

		print_message("# %zu strata of %u: warned %.3f, Breslow-Day %.3f, untested %.3f, by chi-square %.3f\n",
			      fair[i].strata, fair[i].n, x.warned, x.breslow_day, x.untested, x.by_chi);
		assert_true(x.warned <= 0.07);
		assert_true(x.untested < 0.2);
	}
}

static void breslow_day_alone_would_call_them_unequal(void **state)
{
	static const struct design tens = { 100, 10, 0.35, 0.2, 0.6, 0.0, 0.0, false };
	static const struct design fours = { 100, 4, 0.0, 0.3, 0.6, 0.0, 0.0, true };

	(void)state;
	assert_true(simulate(&tens, RUNS, 7).breslow_day > 0.12);
	assert_true(simulate(&fours, RUNS, 7).breslow_day > 0.6);
}

static void strata_that_differ_are_found(void **state)
{
	static const struct {
		struct design d;
		double least;
	} planted[] = {
		{ { 6, 300, 0.35, 0.2, 0.6, 0.0, 0.5, false }, 0.9 },
		{ { 6, 2000, 0.5, 0.3, 0.6, 0.0, 0.3, false }, 0.95 },
		{ { 100, 10, 0.35, 0.2, 0.6, 0.0, 1.0, false }, 0.7 },
		{ { 100, 40, 0.35, 0.2, 0.6, 0.0, 0.7, false }, 0.98 },
		{ { 20, 15, 0.35, 0.2, 0.6, 0.0, 1.5, false }, 0.8 },
		{ { 100, 40, 0.05, 0.3, 0.6, 0.0, 1.5, false }, 0.9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++) {
		const struct shares x = simulate(&planted[i].d, 400, 70 + i);

		print_message("# %zu strata of %u, log odds ratio -+%g: warned %.3f, Breslow-Day %.3f, "
			      "by chi-square %.3f\n",
			      planted[i].d.strata, planted[i].d.n, planted[i].d.split, x.warned, x.breslow_day,
			      x.by_chi);
		assert_true(x.warned >= planted[i].least);
	}
	assert_true(simulate(&planted[1].d, 50, 3).by_chi == 1.0);
}

/* R 4.2: the whole noncentral hypergeometric distribution, uniroot, pgamma (tests/bench/audit_oracles.R). */
static void the_values_are_those_of_r(void **state)
{
	static const struct {
		struct eh_fourfold v[6];
		size_t n;
		double sum, mean, variance, p;
	} known[] = {
		{ { { 2, 4, 3, 9 }, { 1, 3, 6, 8 }, { 0, 2, 4, 10 }, { 3, 3, 2, 7 }, { 1, 5, 1, 6 } },
		  5, 3.62304262429402169, 2.27353074381926890, 1.93585840861632485, 0.15323157796465733 },
		{ { { 1, 1, 1, 2 }, { 0, 1, 2, 3 }, { 1, 1, 0, 2 }, { 0, 1, 1, 4 }, { 1, 1, 2, 2 }, { 1, 2, 0, 3 } },
		  6, 1.02339927915255413, 1.03873824612616361, 0.14040097905098450, 0.46827693069815113 },
		{ { { 12, 40, 200, 400 }, { 3, 5, 1, 9 }, { 0, 6, 7, 30 } },
		  3, 6.31619540496857201, 2.28593128543196134, 5.24324337456083267, 0.06328792360275895 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct eh_liang_self x;
		struct eh_strata s;

		eh_strata(&s, known[i].v, known[i].n);
		eh_liang_self(&x, &s, known[i].v, known[i].n, 1.0);
		assert_true(fabs(x.sum.value - known[i].sum) < 1e-8 * known[i].sum);
		assert_true(fabs(x.mean.value - known[i].mean) < 1e-8 * known[i].mean);
		assert_true(fabs(x.variance.value - known[i].variance) < 1e-8 * known[i].variance);
		assert_true(fabs(x.p.value - known[i].p) < 1e-8 * known[i].p);
	}
}

/* Exact and by the fitted cells, on both sides of where the one takes over from the other. */
static void large_strata_go_on_where_exact_ones_end(void **state)
{
	static const struct eh_fourfold below = { 4300, 7800, 3700, 7800 }, above = { 4600, 8400, 4000, 8400 };
	const struct eh_fourfold *t[] = { &below, &above };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct eh_conditional c;
		struct eh_stratum_fit fit;
		const double all = (double)(t[i]->n1 + t[i]->n2);

		assert_true(eh_stratum_fit(&fit, t[i], 1.4));
		assert_true((1.0 / fit.inverse < 1000.0) == (i == 0));
		eh_conditional(&c, t[i], 1.4);
		assert_true(fabs(c.mean - fit.a) < 0.01 * sqrt(c.variance));
		assert_true(fabs(c.variance * fit.inverse * (all - 1.0) / all - 1.0) < 1e-3);
		assert_true(fabs(c.third) < 0.01 * pow(c.variance, 1.5));
		assert_true(fabs(c.fourth / (c.variance * c.variance) - 3.0) < 0.01);
	}
}

/* Pairs of one and one: given the margins nothing is left that could differ, and agreement is not what that says. */
static void where_nothing_can_be_told_nothing_is(void **state)
{
	static const struct design pairs = { 100, 2, 0.0, 0.3, 0.6, 0.0, 0.0, true };
	static const struct eh_fourfold one_usable[] = { { 3, 9, 5, 8 }, { 0, 4, 0, 6 } };
	struct eh_finding f = { .strata = 100 };
	struct eh_fourfold v[STRATA_MAX];
	struct eh_homogeneity h;
	struct eh_strata s;
	struct eh_rng r;

	(void)state;
	eh_rng_seed(&r, 1);
	draw(v, &pairs, &r);
	eh_strata(&s, v, 100);
	assert_true(s.p_breslow_day.value < 1e-3);
	h = eh_homogeneity(&s, v, 100, 1.0);
	assert_int_equal(h.test, EH_STRATA_UNTESTED);
	assert_int_equal(h.p.why, EH_U_NOT_IDENTIFIED);
	f.mh_ratio = s.ratio;
	f.p_breslow_day = s.p_breslow_day;
	f.p_homogeneity = h.p;
	assert_int_equal(eh_strata_notes(&f), EH_NOTE_UNTESTED);
	assert_non_null(strstr(eh_strata_note_text(&f, EH_NOTE_UNTESTED), "cannot tell"));
	f.p_homogeneity = eh_undefined(EH_U_NOT_COMPUTED);
	assert_int_equal(eh_strata_notes(&f), EH_NOTE_UNCHECKED);
	eh_strata(&s, one_usable, 2);
	h = eh_homogeneity(&s, one_usable, 2, 1.0);
	assert_true(h.test == EH_STRATA_UNTESTED && h.p.why == EH_U_ONE_STRATUM);
}

static void persons_in_several_strata_widen_the_variance(void **state)
{
	static const struct eh_fourfold v[] = { { 40, 90, 50, 90 }, { 30, 90, 60, 90 }, { 60, 90, 55, 90 } };
	struct eh_homogeneity one, three;
	struct eh_strata s;

	(void)state;
	assert_true(eh_homogeneity_inflation(eh_num(2.0), eh_num(1.0), 1.0) == 1.0);
	assert_true(fabs(eh_homogeneity_inflation(eh_num(2.0), eh_num(1.0), 3.0) - 1.5) < 1e-12);
	assert_true(eh_homogeneity_inflation(eh_num(9.0), eh_num(1.0), 3.0) == 9.0);
	assert_true(eh_homogeneity_inflation(eh_undefined(EH_U_ONE_PERSON), eh_num(1.0), 3.0) == 3.0);
	eh_strata(&s, v, 3);
	one = eh_homogeneity(&s, v, 3, 1.0);
	three = eh_homogeneity(&s, v, 3, 3.0);
	assert_int_equal(one.test, EH_STRATA_BRESLOW_DAY);
	assert_memory_equal(&one.p, &s.p_breslow_day, sizeof one.p);
	assert_int_equal(three.test, EH_STRATA_LIANG_SELF);
	assert_true(three.p.value > one.p.value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fair_strata_are_not_called_unequal),
		cmocka_unit_test(breslow_day_alone_would_call_them_unequal),
		cmocka_unit_test(strata_that_differ_are_found),
		cmocka_unit_test(the_values_are_those_of_r),
		cmocka_unit_test(large_strata_go_on_where_exact_ones_end),
		cmocka_unit_test(where_nothing_can_be_told_nothing_is),
		cmocka_unit_test(persons_in_several_strata_widen_the_variance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

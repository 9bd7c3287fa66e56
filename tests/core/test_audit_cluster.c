/* The candidate as the unit: size under the null, invariance to repeated decisions, exactness, strong effects. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/cluster.h"
#include "audit/permute.h"
#include "base/mem.h"
#include "base/rng.h"

#define PERSONS_MAX 512
#define ROWS_MAX 8192

struct design {
	int focal, reference, questions;
	double correlation, rate, missing;
};

struct row {
	uint32_t person, stratum;
	uint8_t selected;
};

/* Rows by person and stratum, all of one evaluator, and what the tests take: patterns and sides. */
struct drawn {
	struct row row[ROWS_MAX];
	size_t n;
	int8_t side[PERSONS_MAX];
	struct eh_audit_data d;
	struct eh_order order;
	struct eh_slice *slice;
	struct eh_sides sides[ROWS_MAX];
};

static void shape(struct drawn *x)
{
	struct eh_attribute_data *a = eh_xcalloc(1, sizeof *a);

	memset(&x->d, 0, sizeof x->d);
	assert_int_equal(eh_audit_data_room(&x->d, x->n, false, NULL), EH_OK);
	for (size_t i = 0; i < x->n; i++) {
		x->d.candidate[i] = x->row[i].person;
		x->d.stratum[i] = x->row[i].stratum;
		x->d.selected[i] = x->row[i].selected;
	}
	x->d.evaluators.n = 1;
	x->d.strata.n = ROWS_MAX;
	x->d.candidates.n = PERSONS_MAX;
	x->d.attributes = a;
	x->d.n_attributes = 1;
	a->n_groups = 2;
	a->group = eh_xcalloc(PERSONS_MAX, sizeof *a->group);
	a->provenance = eh_xcalloc(PERSONS_MAX, sizeof *a->provenance);
	for (size_t i = 0; i < PERSONS_MAX; i++) {
		a->group[i] = x->side[i] == 1;
		a->provenance[i] = EH_DECLARED;
	}
	assert_int_equal(eh_audit_data_sort(&x->d, NULL), EH_OK);
	assert_int_equal(eh_order_make(&x->order, &x->d, false, NULL), EH_OK);
	assert_int_equal(eh_slice_new(&x->slice, &x->order, false, NULL), EH_OK);
	assert_int_equal(eh_slice_evaluator(x->slice, 0, NULL), EH_OK);
	eh_cube_sides(x->sides, x->slice, 0, 1, 1u);
}

static void drop(struct drawn *x)
{
	eh_slice_free(&x->slice);
	eh_order_free(&x->order);
	eh_audit_data_free(&x->d);
}

/* With chance sqrt(correlation) a decision is the candidate's common one: two of them then correlate by
 * `correlation`. */
static void draw(struct drawn *x, const struct design *d, struct eh_rng *rng, int copies)
{
	uint32_t persons = 0;

	x->n = 0;
	for (int i = 0; i < d->focal + d->reference; i++) {
		bool common = eh_rng_unit(rng) < d->rate, any = false;

		for (int q = 0; q < d->questions; q++) {
			bool y = eh_rng_unit(rng) < sqrt(d->correlation) ? common : eh_rng_unit(rng) < d->rate;

			if (eh_rng_unit(rng) < d->missing)
				continue;
			any = true;
			for (int c = 0; c < copies; c++)
				x->row[x->n++] = (struct row){ persons, (uint32_t)(copies * q + c), y };
		}
		if (any)
			x->side[persons++] = i < d->focal;
	}
	shape(x);
}

static double size_of(const struct design *d, uint64_t seed, int rounds, bool sandwich)
{
	static struct drawn x;
	struct eh_rng rng;
	int rejected = 0;

	eh_rng_seed(&rng, seed);
	for (int i = 0; i < rounds; i++) {
		struct eh_cluster_test test;

		draw(&x, d, &rng, 1);
		assert_int_equal(eh_cluster_test(&test, x.slice, x.sides, NULL), EH_OK);
		if (sandwich)
			assert_int_equal(eh_cluster_sandwich(&test, x.slice, x.sides, NULL), EH_OK);
		rejected += test.p.defined && test.p.value < 0.05;
		drop(&x);
	}
	return (double)rejected / rounds;
}

/* 3,000 rounds: standard error .004, so .062 is three of them above .05. */
static void thirty_and_thirty_keep_the_level_at_any_correlation(void **state)
{
	static const double correlation[] = { 0.0, 0.5, 1.0 }, rate[] = { 0.3, 0.6 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t r = 0; r < 2; r++) {
			struct design d = { 30, 30, 2, correlation[i], rate[r], 0.0 };
			double size = size_of(&d, 100 + i, 3000, false);

			if (size > 0.062 || size < 0.025)
				fail_msg("correlation %.1f rate %.1f: size %.4f", correlation[i], rate[r], size);
		}
	}
}

/* Scattered missing decisions break the blocks: the sandwich answers. */
static void the_sandwich_keeps_the_level_where_blocks_are_small(void **state)
{
	static const struct design designs[] = {
		{ 30, 30, 4, 0.5, 0.5, 0.3 }, { 10, 50, 4, 0.5, 0.2, 0.3 }, { 10, 20, 4, 1.0, 0.5, 0.3 },
		{ 10, 50, 2, 1.0, 0.2, 0.0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
		double size = size_of(&designs[i], 7, 2000, true);

		if (size > 0.065)
			fail_msg("design %zu: size %.4f", i, size);
	}
}

static void check_doubling(const struct design *d, uint64_t seed, enum eh_cluster_method method)
{
	static struct drawn once, twice;
	struct eh_cluster_test a, b;
	struct eh_rng rng, same;

	eh_rng_seed(&rng, seed);
	same = rng;
	draw(&once, d, &rng, 1);
	draw(&twice, d, &same, 2);
	assert_int_equal(twice.n, 2 * once.n);
	assert_int_equal(eh_cluster_test(&a, once.slice, once.sides, NULL), EH_OK);
	assert_int_equal(eh_cluster_test(&b, twice.slice, twice.sides, NULL), EH_OK);
	assert_int_equal(a.method, method);
	assert_int_equal(b.method, method);
	if (!(fabs(a.p.value - b.p.value) <= 1e-9 * a.p.value))
		fail_msg("method %d: p %.12g, doubled %.12g", (int)method, a.p.value, b.p.value);
	drop(&once);
	drop(&twice);
}

static void writing_every_decision_down_twice_changes_no_p(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		check_doubling(&(struct design){ 20, 30, 2, 0.3, 0.5, 0.0 }, seed, EH_CLUSTER_EXACT);
		check_doubling(&(struct design){ 120, 130, 2, 0.3, 0.5, 0.0 }, seed, EH_CLUSTER_PERMUTATION);
		check_doubling(&(struct design){ 15, 25, 5, 0.3, 0.5, 0.4 }, seed, EH_CLUSTER_SANDWICH);
	}
}

/* One decision each in one stratum: the permutation is the hypergeometric distribution (statistics.md 5, main
 * vector). */
static void one_decision_each_is_the_mid_p_of_the_table(void **state)
{
	static const struct eh_fourfold tables[] = { { 4, 17, 17, 31 }, { 0, 10, 5, 10 }, { 3, 9, 6, 9 },
						    { 26, 48, 60, 80 } };
	static struct drawn x;

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		const struct eh_fourfold *t = &tables[i];
		struct eh_permutation p;

		for (uint32_t k = 0; k < t->n1 + t->n2; k++) {
			bool focal = k < t->n1;

			x.side[k] = focal;
			x.row[k] = (struct row){ k, 0, focal ? k < t->a : k - t->n1 < t->b };
		}
		x.n = t->n1 + t->n2;
		shape(&x);
		assert_int_equal(eh_permutation_test(&p, x.slice, x.sides, NULL), EH_OK);
		assert_true(p.exact);
		assert_true(fabs(p.p.value - eh_table_exact(t).mid_a.value) < 1e-12);
		drop(&x);
	}
}

/* Six candidates, two questions, by hand: focal selections 0+1+0, reference 2+2+1. */
static void a_small_permutation_can_be_counted_by_hand(void **state)
{
	static const int y[6][2] = { { 0, 0 }, { 1, 0 }, { 0, 0 }, { 1, 1 }, { 1, 1 }, { 0, 1 } };
	static struct drawn x;
	struct eh_permutation p;

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		x.side[i] = i < 3;
		for (uint32_t q = 0; q < 2; q++)
			x.row[2 * i + q] = (struct row){ i, q, (uint8_t)y[i][q] };
	}
	x.n = 12;
	shape(&x);
	assert_int_equal(eh_permutation_test(&p, x.slice, x.sides, NULL), EH_OK);
	/*
	 * Persons with 0 0 1 1 2 2: draws of three with sum 1: 2 ways, with sum 5: 2 ways; observed sum is 1 (0+1+0).
	 * Masses: sum 1 and sum 5 have 2/20 each, nothing is smaller; mid-p (a) = (2 + 2)/20 - half = .1.
	 */
	assert_true(fabs(p.p.value - 0.1) < 1e-12);
	drop(&x);
}

/* ---- stages: only those advanced are judged again ---- */

struct funnel {
	int persons[2];                 /* reference, focal */
	double rate[2][2];              /* [stage][side] */
	double quality;                 /* how far a person's own rate lies from the side's, either way */
};

static void draw_funnel(struct drawn *x, const struct funnel *f, struct eh_rng *rng)
{
	uint32_t persons = 0;

	x->n = 0;
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i < f->persons[side]; i++, persons++) {
			const double shift = eh_rng_unit(rng) < 0.5 ? f->quality : -f->quality;
			bool on = true;

			x->side[persons] = (int8_t)side;
			for (uint32_t stage = 0; stage < 2 && on; stage++) {
				on = eh_rng_unit(rng) < f->rate[stage][side] + shift;
				x->row[x->n++] = (struct row){ persons, stage, on };
			}
		}
	}
	shape(x);
}

static double funnel_rejects(const struct funnel *f, uint64_t seed, int rounds, double level)
{
	static struct drawn x;
	struct eh_rng rng;
	int rejected = 0;

	eh_rng_seed(&rng, seed);
	for (int i = 0; i < rounds; i++) {
		struct eh_cluster_test test;

		draw_funnel(&x, f, &rng);
		assert_int_equal(eh_cluster_test(&test, x.slice, x.sides, NULL), EH_OK);
		rejected += test.p.defined && test.p.value < level;
		drop(&x);
	}
	return (double)rejected / rounds;
}

/* 3,000 rounds, as above; discrete, so it may be below. */
static void a_fair_procedure_in_stages_keeps_the_level(void **state)
{
	static const struct funnel fair[] = {
		{ { 60, 40 }, { { 0.6, 0.6 }, { 0.4, 0.4 } }, 0.0 },
		{ { 60, 40 }, { { 0.6, 0.6 }, { 0.4, 0.4 } }, 0.3 },
		{ { 200, 60 }, { { 0.5, 0.5 }, { 0.5, 0.5 } }, 0.4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof fair / sizeof *fair; i++) {
		const double size = funnel_rejects(&fair[i], 40 + i, 3000, 0.05);

		if (!(size < 0.062 && size > 0.03))
			fail_msg("case %zu rejects %.4f of fair procedures", i, size);
	}
}

/* A test among those who passed cannot see what happened before. */
static void bias_of_the_first_stage_is_found_whatever_the_second_does(void **state)
{
	static const struct funnel first = { { 60, 60 }, { { 0.8, 0.4 }, { 0.5, 0.5 } }, 0.0 };
	const double power = funnel_rejects(&first, 50, 500, 0.01);

	(void)state;
	if (!(power > 0.8))
		fail_msg("found in %.3f", power);
}

/*
 * Connecticut v. Teal (cases/teal.csv): the written test selects 26 of 48 and 206 of 259, the promotion 11 and 35 of
 * these.  The two stages point in opposite directions; a test of the promotion alone has p = .002 and would stand
 * beside a ratio that the written test makes.  Without ties in time the steps are those of Cochran, Mantel, Haenszel.
 */
static void the_stages_of_teal_are_weighed_together(void **state)
{
	static const uint32_t judged[2] = { 259, 48 }, passed[2] = { 206, 26 }, promoted[2] = { 35, 11 };
	static struct drawn x;
	struct eh_fourfold t[2] = { { 26, 48, 206, 259 }, { 11, 26, 35, 206 } };
	struct eh_cluster_test test;
	struct eh_strata strata;
	uint32_t person = 0;

	(void)state;
	x.n = 0;
	for (int side = 0; side < 2; side++) {
		for (uint32_t i = 0; i < judged[side]; i++, person++) {
			x.side[person] = (int8_t)side;
			x.row[x.n++] = (struct row){ person, 0, i < passed[side] };
			if (i < passed[side])
				x.row[x.n++] = (struct row){ person, 1, i < promoted[side] };
		}
	}
	shape(&x);
	assert_int_equal(eh_cluster_test(&test, x.slice, x.sides, NULL), EH_OK);
	eh_strata(&strata, t, 2);
	assert_int_equal(test.method, EH_CLUSTER_PERMUTATION);
	assert_true(test.p.value > 0.15);
	assert_true(fabs(test.p.value - strata.p_cmh.value) < 1e-9);
	drop(&x);
}

static void a_total_effect_gives_a_tiny_p_and_not_a_crash(void **state)
{
	static struct drawn x;
	struct eh_cluster_test test;
	struct eh_cluster_test sandwich;

	(void)state;
	for (uint32_t i = 0; i < 60; i++) {
		x.side[i] = i < 30;
		for (uint32_t q = 0; q < 2; q++)
			x.row[2 * i + q] = (struct row){ i, q, i >= 30 };
	}
	x.n = 120;
	shape(&x);
	assert_int_equal(eh_cluster_test(&test, x.slice, x.sides, NULL), EH_OK);
	assert_true(test.p.defined && test.p.value < 1e-15);
	assert_int_equal(eh_cluster_sandwich(&sandwich, x.slice, x.sides, NULL), EH_OK);
	assert_true(sandwich.p.defined && sandwich.p.value < 1e-8);
	drop(&x);
	for (uint32_t i = 0; i < 120; i++)
		x.row[i].selected = 1;
	shape(&x);
	assert_int_equal(eh_cluster_test(&test, x.slice, x.sides, NULL), EH_OK);
	assert_int_equal(test.p.why, EH_U_ZERO_VARIANCE);
	drop(&x);
}

/* Katz's variance times n/(n - 1) of either side. */
static void the_robust_variance_of_single_decisions_is_katz(void **state)
{
	struct eh_fourfold t = { 4, 17, 17, 31 };
	static struct drawn x;
	struct eh_strata m;
	struct eh_num v;
	double want = (1.0 / 4 - 1.0 / 17) * 17 / 16 + (1.0 / 17 - 1.0 / 31) * 31 / 30;

	(void)state;
	for (uint32_t i = 0; i < 48; i++) {
		x.side[i] = i < 17;
		x.row[i] = (struct row){ i, 0, i < 17 ? i < 4 : i - 17 < 17 };
	}
	x.n = 48;
	shape(&x);
	eh_strata(&m, &t, 1);
	v = eh_cluster_var_ln(x.slice, x.sides, &t, true, &m);
	assert_true(v.defined && fabs(v.value - want) < 1e-12);
	drop(&x);
}

/* Coverage of exp(ln RR -+ z sd) for a true ratio of .6 with correlated decisions; 2,000 rounds, standard error
 * .005. */
static void the_robust_interval_covers(void **state)
{
	static struct drawn x;
	struct eh_rng rng;
	int covered = 0, rounds = 2000;

	(void)state;
	eh_rng_seed(&rng, 21);
	for (int round = 0; round < rounds; round++) {
		struct eh_fourfold t[2] = { { 0, 0, 0, 0 }, { 0, 0, 0, 0 } };
		struct eh_strata m;
		struct eh_num v;

		x.n = 0;
		for (uint32_t i = 0; i < 100; i++) {
			double rate = i < 50 ? 0.36 : 0.6;
			bool common = eh_rng_unit(&rng) < rate;

			x.side[i] = i < 50;
			for (uint32_t q = 0; q < 2; q++) {
				bool y = eh_rng_unit(&rng) < 0.5 ? common : eh_rng_unit(&rng) < rate;

				x.row[x.n++] = (struct row){ i, q, y };
				*(i < 50 ? &t[q].n1 : &t[q].n2) += 1;
				*(i < 50 ? &t[q].a : &t[q].b) += y;
			}
		}
		shape(&x);
		eh_strata(&m, t, 2);
		v = eh_cluster_var_ln(x.slice, x.sides, t, false, &m);
		assert_true(v.defined);
		covered += fabs(log(m.ratio.value / 0.6)) <= EH_Z95 * sqrt(v.value);
		drop(&x);
	}
	if (covered < 0.93 * rounds || covered > 0.97 * rounds)
		fail_msg("covered %d of %d", covered, rounds);
}

static void method_names_fit_into_a_finding(void **state)
{
	(void)state;
	for (int m = EH_CLUSTER_EXACT; m <= EH_CLUSTER_SANDWICH; m++)
		assert_true(strlen(eh_cluster_method_text((enum eh_cluster_method)m)) <= EH_METHOD_MAX);
}

static void correlation_is_that_of_the_design(void **state)
{
	static struct drawn x;
	static const double truth[] = { 0.0, 0.5, 1.0 };
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 5);
	for (size_t k = 0; k < 3; k++) {
		struct design d = { 250, 250, 4, truth[k], 0.5, 0.0 };
		struct eh_anova anova = { 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 };
		double rho;

		draw(&x, &d, &rng, 1);
		for (size_t i = 0; i < x.n; i += 4) {
			double e[4];

			for (size_t q = 0; q < 4; q++)
				e[q] = x.row[i + q].selected;
			eh_anova_add(&anova, e, 4, 1.0);
		}
		rho = eh_anova_correlation(&anova);
		assert_true(fabs(rho - truth[k]) < 0.07);
		drop(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thirty_and_thirty_keep_the_level_at_any_correlation),
		cmocka_unit_test(the_sandwich_keeps_the_level_where_blocks_are_small),
		cmocka_unit_test(writing_every_decision_down_twice_changes_no_p),
		cmocka_unit_test(one_decision_each_is_the_mid_p_of_the_table),
		cmocka_unit_test(a_small_permutation_can_be_counted_by_hand),
		cmocka_unit_test(a_fair_procedure_in_stages_keeps_the_level),
		cmocka_unit_test(bias_of_the_first_stage_is_found_whatever_the_second_does),
		cmocka_unit_test(the_stages_of_teal_are_weighed_together),
		cmocka_unit_test(a_total_effect_gives_a_tiny_p_and_not_a_crash),
		cmocka_unit_test(the_robust_variance_of_single_decisions_is_katz),
		cmocka_unit_test(the_robust_interval_covers),
		cmocka_unit_test(method_names_fit_into_a_finding),
		cmocka_unit_test(correlation_is_that_of_the_design),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

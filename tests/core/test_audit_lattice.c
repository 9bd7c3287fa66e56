/* The two roads of the posterior: the lattice against the panels, which are checked against scipy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "audit/lattice.h"
#include "base/rng.h"

#define TOLERANCE 1e-11 /* audit/table.h */

static struct eh_fourfold draw(struct eh_rng *rng, double bits)
{
	struct eh_fourfold t = { 0, 1 + (uint64_t)exp2(eh_rng_unit(rng) * bits), 0,
				 1 + (uint64_t)exp2(eh_rng_unit(rng) * bits) };
	double p = eh_rng_unit(rng), q = fmin(1.0, p * (0.5 + eh_rng_unit(rng)));

	/* nobody, everybody, one or two are where the ends of the lattice matter */
	p = eh_rng_below(rng, 8) == 0 ? (double)eh_rng_below(rng, 2) : p;
	q = eh_rng_below(rng, 8) == 0 ? (double)eh_rng_below(rng, 2) : q;
	t.a = (uint64_t)llround(p * (double)t.n1);
	t.b = (uint64_t)llround(q * (double)t.n2);
	if (eh_rng_below(rng, 10) == 0)
		t.a = t.a < 3 ? t.a : eh_rng_below(rng, 3);
	if (eh_rng_below(rng, 10) == 0)
		t.b = t.b < 3 ? t.b : eh_rng_below(rng, 3);
	return t;
}

static void check(const struct eh_fourfold *t, int32_t num, int32_t den, double got)
{
	double want = eh_panels_posterior(t, num, den);

	if (!(fabs(got - want) <= TOLERANCE))
		fail_msg("%llu/%llu v %llu/%llu at %d/%d: %.17g, by panels %.17g", (unsigned long long)t->a,
			 (unsigned long long)t->n1, (unsigned long long)t->b, (unsigned long long)t->n2, (int)num,
			 (int)den, got, want);
}

static void both_roads_lead_to_the_same_place(void **state)
{
	static const int32_t limits[] = { 800, 800, 900, 700, 950, 500, 990, 999, 1000, 100, 10 };
	struct eh_rng rng;
	size_t taken = 0;

	(void)state;
	eh_rng_seed(&rng, 20);
	for (int i = 0; i < 60000; i++) {
		struct eh_fourfold t = draw(&rng, i < 30000 ? 14.2 : 7.0);
		int32_t limit = limits[eh_rng_below(&rng, sizeof limits / sizeof *limits)];
		double p = -1.0;

		if (!eh_lattice_posterior(&p, &t, limit, 1000)) {
			assert_true(p == -1.0);
			continue;
		}
		check(&t, limit, 1000, p);
		taken++;
	}
	assert_true(taken > 40000);
}

/* Every small table: all the ends at once. */
static void every_small_table_agrees(void **state)
{
	(void)state;
	for (uint64_t n1 = 1; n1 <= 7; n1++)
		for (uint64_t n2 = 1; n2 <= 7; n2++)
			for (uint64_t i = 0; i < (n1 + 1) * (n2 + 1); i++) {
				struct eh_fourfold t = { i % (n1 + 1), n1, i / (n1 + 1), n2 };
				double p = 0.0;

				if (eh_lattice_posterior(&p, &t, 4, 5))
					check(&t, 4, 5, p);
			}
}

static void the_tables_of_evaluators_take_the_lattice(void **state)
{
	static const uint64_t sizes[] = { 20, 40, 100, 160, 180, 500, 1600, 1800, 5000, 9800 };
	const size_t n = sizeof sizes / sizeof *sizes;

	(void)state;
	for (size_t i = 0; i < n * n; i++)
		for (int percent = 20; percent <= 60; percent += 5) {
			uint64_t n1 = sizes[i / n], n2 = sizes[i % n];
			struct eh_fourfold t = { n1 * (uint64_t)percent / 100, n1, n2 * 2 / 5, n2 };
			double p = 0.0;

			if (n1 * 60 < n2 || n2 * 60 < n1)
				continue;
			if (!eh_lattice_posterior(&p, &t, 4, 5))
				fail_msg("%d/%d v %d/%d", (int)t.a, (int)n1, (int)t.b, (int)n2);
			check(&t, 4, 5, p);
		}
}

/* 1,600 of 4,000 against so many fewer: from 1e-9 down three digits, then two, then the magnitude. */
static void a_small_probability_keeps_its_size(void **state)
{
	static const struct {
		uint64_t b;
		double least, most, relative;
	} rows[] = { { 1690, 1e-12, 1e-9, 2e-3 }, { 1640, 1e-16, 1e-12, 5e-2 }, { 1590, 1e-21, 1e-16, 0.9 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct eh_fourfold t = { 1600, 4000, rows[i].b, 4000 };
		double want = eh_panels_posterior(&t, 4, 5), got = 0.0;

		assert_true(eh_lattice_posterior(&got, &t, 4, 5));
		if (want > rows[i].most || want < rows[i].least || !(fabs(got / want - 1.0) < rows[i].relative))
			fail_msg("1600/4000 v %d/4000: %.5g, by panels %.5g", (int)rows[i].b, got, want);
	}
}

static void what_it_cannot_do_it_leaves(void **state)
{
	static const struct eh_fourfold tables[] = {
		{ 8000, EH_LATTICE_PERSONS + 1, 10, 40 },  /* powers lose digits */
		{ 10, 40, 8000, EH_LATTICE_PERSONS + 1 },
		{ 1, 3, 8000, EH_LATTICE_PERSONS },        /* thousands of nodes */
		{ 999, 1000, 999, 1000 },                  /* branch point at the data, with the limit 1 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		double p = 7.0;

		assert_false(eh_lattice_posterior(&p, &tables[i], 1, 1));
		assert_true(p == 7.0);
		assert_true(eh_table_posterior(&tables[i], 1, 1).value == eh_panels_posterior(&tables[i], 1, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_roads_lead_to_the_same_place),
		cmocka_unit_test(every_small_table_agrees),
		cmocka_unit_test(the_tables_of_evaluators_take_the_lattice),
		cmocka_unit_test(a_small_probability_keeps_its_size),
		cmocka_unit_test(what_it_cannot_do_it_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The parameter search against a plain grid of libsvm, cell by cell. */
#include "tests/core/learn_plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "learn/calibrate.h"
#include "learn/folds.h"
#include "learn/grid.h"

#define COARSE_C 6
#define COARSE_GAMMA 7

struct data {
	double x[N * D];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N], fold[N];
	struct eh_grid_data grid;
};

static void data_make(struct data *d)
{
	struct eh_rng rng;

	make_rows(d->x, d->label, d->group, d->owner);
	eh_rng_seed(&rng, 4);
	assert_int_equal(eh_folds_make(d->fold, d->group, d->owner, N, 5, &rng, NULL), EH_OK);
	d->grid = (struct eh_grid_data){ d->x, N, D, D, d->label, 1, d->fold, 5, NULL };
}

static struct eh_crew crew_of(size_t jobs)
{
	struct eh_steps steps = { .jobs = jobs };

	return eh_crew_of(&steps);
}

/* facts/learning.md 17: decision values equal to 1e-9 in every cell. */
static void every_cell_has_the_decision_values_of_a_plain_run(void **state)
{
	static const double c[] = { 0.125, 2.0, 32.0 }, gamma[] = { 0.005, 0.08, 0.9 };
	struct eh_crew crew = crew_of(2);
	struct eh_grid *grid = NULL;
	struct data d;
	struct plain plain;
	struct eh_platt platt;

	(void)state;
	data_make(&d);
	assert_int_equal(eh_grid_open(&grid, &d.grid, &crew, NULL), EH_OK);
	for (size_t g = 0; g < 3; g++) {
		double value[3 * N], loss[3], f[N];

		assert_int_equal(eh_grid_cells(grid, 0, c, 3, gamma[g], loss, value, NULL), EH_OK);
		for (size_t i = 0; i < 3; i++) {
			plain_folds(&plain, f, d.x, d.fold, 5, d.label, c[i], gamma[g]);
			for (size_t k = 0; k < N; k++)
				assert_float_equal(value[i * N + k], f[k], 1e-9);
			assert_float_equal(loss[i], eh_platt_fit(&platt, f, d.label, N, NULL), 1e-9);
		}
	}
	eh_grid_free(&grid);
}

/* The lattice and the tie rule of grid.h, written down a second time.  True: the rule that takes the smallest of alike
 * gammas too would have chosen another cell. */
static bool chooses_as_a_plain_grid(const struct data *d)
{
	double f[N], loss[COARSE_C][COARSE_GAMMA], least = INFINITY;
	struct eh_crew crew = crew_of(2);
	struct eh_grid *grid = NULL;
	struct plain plain;
	struct eh_platt platt;
	struct eh_cell best;
	int c = 0, g = 0, first = 0;

	for (c = 0; c < COARSE_C; c++)
		for (g = 0; g < COARSE_GAMMA; g++) {
			plain_folds(&plain, f, d->x, d->fold, 5, d->label, exp2(-3 + 2 * c), exp2(-6 + 2 * g) / D);
			loss[c][g] = eh_platt_fit(&platt, f, d->label, N, NULL);
			least = fmin(least, loss[c][g]);
		}
	for (c = 0; c < COARSE_C; c++) {
		g = 0;
		for (int k = 1; k < COARSE_GAMMA; k++)
			g = loss[c][k] < loss[c][g] ? k : g;
		if (loss[c][g] <= least + 1.0 / N)
			break;
	}
	assert_int_equal(eh_grid_open(&grid, &d->grid, &crew, NULL), EH_OK);
	assert_int_equal(eh_grid_search(&best, grid, NULL, false, NULL), EH_OK);
	assert_float_equal(best.c, exp2(-3 + 2 * c), 0.0);
	assert_float_equal(best.gamma, exp2(-6 + 2 * g) / D, 1e-15);
	assert_float_equal(best.loss, loss[c][g], 1e-9);
	eh_grid_free(&grid);
	while (loss[c][first] > least + 1.0 / N)
		first++;
	return first != g;
}

static void the_coarse_search_chooses_what_a_plain_grid_chooses(void **state)
{
	struct data d;
	int differs = 0;

	(void)state;
	data_make(&d);
	for (int k = 0; k < 4; k++) {
		differs += chooses_as_a_plain_grid(&d);
		for (size_t i = 0; i < N; i++)
			d.x[i * D] += 0.4 * d.label[i];
	}
	assert_true(differs > 0);
}

static void the_fine_search_stays_near_and_is_not_worse(void **state)
{
	struct eh_crew crew = crew_of(2);
	struct eh_grid *grid = NULL;
	struct eh_cell coarse, fine, again;
	struct data d;

	(void)state;
	data_make(&d);
	assert_int_equal(eh_grid_open(&grid, &d.grid, &crew, NULL), EH_OK);
	assert_int_equal(eh_grid_search(&coarse, grid, NULL, false, NULL), EH_OK);
	assert_int_equal(eh_grid_search(&fine, grid, NULL, true, NULL), EH_OK);
	assert_true(fabs(log2(fine.c / coarse.c)) <= 1.5 + 1e-9);
	assert_true(fabs(log2(fine.gamma / coarse.gamma)) <= 1.5 + 1e-9);
	assert_true(fine.loss <= coarse.loss + 1.0 / N);
	/* from the coarse cell alone, as on a larger set */
	assert_int_equal(eh_grid_search(&again, grid, &coarse, true, NULL), EH_OK);
	assert_true(fabs(log2(again.c / coarse.c)) <= 1.5 + 1e-9);
	assert_true(fabs(log2(again.gamma / coarse.gamma)) <= 1.5 + 1e-9);
	eh_grid_free(&grid);
}

/* facts/learning.md 16, 7 */
static void the_search_gives_the_same_bytes_on_any_number_of_threads(void **state)
{
	struct eh_cell best[4];
	struct data d;

	(void)state;
	data_make(&d);
	memset(best, 0, sizeof best);
	for (size_t jobs = 1; jobs <= 4; jobs++) {
		struct eh_crew crew = crew_of(jobs);
		struct eh_grid *grid = NULL;

		assert_int_equal(eh_grid_open(&grid, &d.grid, &crew, NULL), EH_OK);
		assert_int_equal(eh_grid_search(&best[jobs - 1], grid, NULL, true, NULL), EH_OK);
		assert_memory_equal(&best[jobs - 1], &best[0], sizeof best[0]);
		eh_grid_free(&grid);
	}
}

/* A copy teaches and is not judged: its own row's value never enters the loss. */
static void the_loss_counts_rows_by_their_weight(void **state)
{
	const double c = 2.0, gamma = 0.08;
	struct eh_crew crew = crew_of(1);
	struct eh_grid *grid = NULL;
	struct eh_platt platt;
	struct data d;
	double value[N], weight[N], loss = 0.0;

	(void)state;
	data_make(&d);
	for (size_t i = 0; i < N; i++)
		weight[i] = i % 4 == 3 ? 0.25 : 1.0;
	d.grid.weight = weight;
	assert_int_equal(eh_grid_open(&grid, &d.grid, &crew, NULL), EH_OK);
	assert_int_equal(eh_grid_cells(grid, 0, &c, 1, gamma, &loss, value, NULL), EH_OK);
	assert_float_equal(loss, eh_platt_fit(&platt, value, d.label, N, weight), 0.0);
	assert_float_not_equal(loss, eh_platt_fit(&platt, value, d.label, N, NULL), 1e-6);
	eh_grid_free(&grid);
}

static void a_search_beyond_the_memory_is_refused_before_it_starts(void **state)
{
	struct eh_steps steps = { .jobs = 1, .memory = 50000 };
	struct eh_crew crew = eh_crew_of(&steps);
	struct eh_err err = EH_ERR_INIT;
	struct eh_grid *grid = NULL;
	struct data d;

	(void)state;
	data_make(&d);
	assert_int_equal(eh_grid_open(&grid, &d.grid, &crew, &err), EH_ENOMEM);
	assert_non_null(strstr(err.msg, "MiB are allowed"));
	assert_null(grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_has_the_decision_values_of_a_plain_run),
		cmocka_unit_test(the_coarse_search_chooses_what_a_plain_grid_chooses),
		cmocka_unit_test(the_fine_search_stays_near_and_is_not_worse),
		cmocka_unit_test(the_search_gives_the_same_bytes_on_any_number_of_threads),
		cmocka_unit_test(the_loss_counts_rows_by_their_weight),
		cmocka_unit_test(a_search_beyond_the_memory_is_refused_before_it_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

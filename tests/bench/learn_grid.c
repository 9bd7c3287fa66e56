/*
 * Bar: 25 cells x 5 folds over 2,000 rows of 200 columns, shared distances on all cores against plain svm_train calls
 * on one, both in this run and to the end.
 */
#include <libsvm/svm.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/calibrate.h"
#include "learn/grid.h"
#include "tests/bench/learn_bench.h"

#define ROWS 2000
#define WIDTH 200
#define CELLS 5
#define FOLDS 5

static const double cell_c[CELLS] = { 0.125, 0.5, 2, 8, 32 };
static const double cell_gamma[CELLS] = { 0.00125, 0.0025, 0.005, 0.01, 0.02 };

struct result {
	double *f;                      /* [CELLS gamma][CELLS c][ROWS] out-of-fold decision values */
	double loss[CELLS][CELLS], accuracy[CELLS][CELLS];
	size_t best;                    /* gamma * CELLS + c of the least loss */
	size_t most_right;              /* of the best accuracy, the smallest C, then gamma */
	double seconds;
};

static void judge(struct result *r, const struct bench_rows *d)
{
	struct eh_platt platt;

	for (size_t i = 0; i < CELLS * CELLS; i++) {
		const double *f = r->f + i * ROWS;
		size_t right = 0;

		for (size_t k = 0; k < ROWS; k++)
			right += (f[k] > 0.0) == (d->label[k] > 0);
		r->accuracy[i / CELLS][i % CELLS] = (double)right / ROWS;
		r->loss[i / CELLS][i % CELLS] = eh_platt_fit(&platt, f, d->label, ROWS, NULL);
	}
	for (size_t c = 0; c < CELLS; c++)
		for (size_t g = 0; g < CELLS; g++) {
			if (r->loss[g][c] < r->loss[r->best / CELLS][r->best % CELLS])
				r->best = g * CELLS + c;
			if (r->accuracy[g][c] > r->accuracy[r->most_right / CELLS][r->most_right % CELLS])
				r->most_right = g * CELLS + c;
		}
}

static void shared(struct result *r, const struct bench_rows *d, size_t jobs)
{
	struct eh_grid_data data = { d->x, ROWS, WIDTH, WIDTH, d->label, 1, d->fold, FOLDS, NULL };
	struct eh_steps steps = { .jobs = jobs };
	struct eh_crew crew = eh_crew_of(&steps);
	struct eh_err err = EH_ERR_INIT;
	struct eh_grid *grid = NULL;
	double begin = bench_now();
	int rc = eh_grid_open(&grid, &data, &crew, &err);

	for (size_t g = 0; g < CELLS && rc == EH_OK; g++)
		rc = eh_grid_cells(grid, 0, cell_c, CELLS, cell_gamma[g], r->loss[g], r->f + g * CELLS * ROWS, &err);
	eh_grid_free(&grid);
	r->seconds = bench_now() - begin;
	if (rc != EH_OK) {
		fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
}

static void silent(const char *text)
{
	(void)text;
}

/* What anybody would write: one svm_train per cell and fold, one svm_predict_values per held-out row. */
static void plain(struct result *r, const struct bench_rows *d)
{
	struct svm_node *node = bench_alloc((size_t)ROWS * (WIDTH + 1), sizeof *node);
	struct svm_node **x = bench_alloc(ROWS, sizeof(void *));
	double *y = bench_alloc(ROWS, sizeof *y), begin = bench_now();

	svm_set_print_string_function(silent);
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t j = 0; j < WIDTH; j++)
			node[i * (WIDTH + 1) + j] = (struct svm_node){ (int)j + 1, d->x[i * WIDTH + j] };
		node[i * (WIDTH + 1) + WIDTH].index = -1;
	}
	for (size_t i = 0; i < (size_t)CELLS * CELLS * FOLDS; i++) {
		const size_t g = i / (CELLS * FOLDS), c = i / FOLDS % CELLS, fold = i % FOLDS;
		struct svm_parameter param = { .svm_type = C_SVC, .kernel_type = RBF, .gamma = cell_gamma[g],
					       .cache_size = 500, .eps = 1e-3, .C = cell_c[c], .shrinking = 1 };
		struct svm_problem prob = { 0, y, x };
		struct svm_model *m = NULL;

		for (size_t k = 0; k < ROWS; k++)
			if (d->fold[k] != fold) {
				x[prob.l] = node + k * (WIDTH + 1);
				y[prob.l++] = d->label[k];
			}
		m = svm_train(&prob, &param);
		for (size_t k = 0; k < ROWS; k++) {
			double value = 0.0;

			if (d->fold[k] != fold)
				continue;
			(void)svm_predict_values(m, node + k * (WIDTH + 1), &value);
			r->f[(g * CELLS + c) * ROWS + k] = value * m->label[0];
		}
		svm_free_and_destroy_model(&m);
	}
	r->seconds = bench_now() - begin;
	free(y);
	free(x);
	free(node);
}

static void say(const char *what, const struct result *r)
{
	printf("%-24s %7.2f s; least loss %.9f at C %g, gamma %g; best accuracy %.4f at C %g, gamma %g\n", what,
	       r->seconds, r->loss[r->best / CELLS][r->best % CELLS], cell_c[r->best % CELLS],
	       cell_gamma[r->best / CELLS], r->accuracy[r->most_right / CELLS][r->most_right % CELLS],
	       cell_c[r->most_right % CELLS], cell_gamma[r->most_right / CELLS]);
}

int main(void)
{
	const size_t values = (size_t)CELLS * CELLS * ROWS;
	struct bench_rows d = bench_rows(ROWS, WIDTH);
	struct result ours = { .f = bench_alloc(values, sizeof(double)) };
	struct result one = { .f = bench_alloc(values, sizeof(double)) };
	struct result theirs = { .f = bench_alloc(values, sizeof(double)) };
	double off = 0.0;
	int missed = 0;

	shared(&ours, &d, 0);
	shared(&one, &d, 1);
	printf("%d rows, %d columns, %d cells, %d folds, %zu core(s)\n", ROWS, WIDTH, CELLS * CELLS, FOLDS, eh_jobs(0));
	plain(&theirs, &d);
	judge(&ours, &d);
	judge(&one, &d);
	judge(&theirs, &d);
	say("shared, all cores", &ours);
	say("shared, one thread", &one);
	say("plain svm_train", &theirs);
	for (size_t i = 0; i < values; i++)
		off = fmax(off, fabs(ours.f[i] - theirs.f[i]));
	missed += bench_bar("times faster than plain svm_train", theirs.seconds / ours.seconds, "x", 1, 15.0);
	missed += bench_bar("grid of 25 cells and 5 folds", ours.seconds, "s", 0, 10.0);
	missed += bench_bar("largest difference of decision values", off, "", 0, 1e-9);
	missed += bench_bar("bytes that differ between threads", memcmp(ours.f, one.f, values * sizeof *one.f) != 0, "",
			    0, 0.0);
	if (ours.best != theirs.best || ours.most_right != theirs.most_right) {
		printf("the chosen cells differ: MISSED\n");
		missed++;
	}
	free(theirs.f);
	free(one.f);
	free(ours.f);
	bench_free(&d);
	return missed != 0;
}

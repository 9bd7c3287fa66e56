/* Grid search over shared distances; see grid.h. */
#include "learn/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/calibrate.h"
#include "learn/kernel.h"
#include "learn/libsvm.h"

/* The finest lattice, in half steps of log2: 0 is C = 2^-3 and gamma = 2^-6 / spread. */
#define HALF_C 21
#define HALF_GAMMA 25
#define C_LOG2_LEAST -3
#define GAMMA_LOG2_LEAST -6
#define COARSE 4
#define ALIKE 1.0                       /* [nat] of log-likelihood over all rows; see grid.h */

typedef double table[HALF_C][HALF_GAMMA];       /* losses; NAN = not looked at */

struct eh_grid {
	struct eh_grid_data data;
	const struct eh_crew *crew;
	struct eh_blocks blocks;
	struct eh_kernel *kernel;
	double gamma;                   /* of the kernel; 0 = none yet */
	size_t slots;
	struct eh_svm *svm;             /* [slots] */
	uint32_t *part;                 /* [n_folds][n] training rows of each fold */
	size_t *n_part;                 /* [n_folds] */
	double *value;                  /* [HALF_C][n] out-of-fold decision values of the cells at work */
	table *loss;                    /* [columns] */
	/* what the tasks work on */
	size_t column, n_c;
	const double *c;
	double *f, *cell_loss;
};

/* ---- opening ---- */

size_t eh_grid_bytes(size_t n, size_t d, size_t columns)
{
	size_t kernel = eh_kernel_bytes(n, true), rest = n * (d + 2 * HALF_C + columns + 64) * sizeof(double);

	return kernel < SIZE_MAX - rest ? kernel + rest : SIZE_MAX;
}

static int alloc(struct eh_grid *g, struct eh_err *err)
{
	const size_t n = g->data.n, folds = g->data.n_folds;
	int rc = EH_OK;

	g->slots = eh_crew_threads(g->crew, HALF_C * folds, SIZE_MAX);
	g->svm = eh_try_calloc(g->slots, sizeof *g->svm);
	g->part = eh_try_malloc(folds * n, sizeof *g->part);
	g->n_part = eh_try_calloc(folds, sizeof *g->n_part);
	g->value = eh_try_malloc(HALF_C * n, sizeof *g->value);
	g->loss = eh_try_malloc(g->data.columns, sizeof *g->loss);
	if (g->svm == NULL || g->part == NULL || g->n_part == NULL || g->value == NULL || g->loss == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the parameter search over %zu rows", n);
	for (size_t i = 0; i < g->slots && rc == EH_OK; i++)
		rc = eh_svm_alloc(&g->svm[i], n, err);
	return rc;
}

int eh_grid_open(struct eh_grid **out, const struct eh_grid_data *data, const struct eh_crew *crew,
		 struct eh_err *err)
{
	struct eh_grid *g = eh_xcalloc(1, sizeof *g);
	size_t need = eh_grid_bytes(data->n, data->d, data->columns);
	int rc = EH_OK;

	*out = NULL;
	g->data = *data;
	g->crew = crew;
	if (need > crew->memory)
		rc = eh_err_set(err, EH_ENOMEM,
				"the parameter search over %zu rows needs %zu MiB, %zu MiB are allowed", data->n,
				need >> 20, crew->memory >> 20);
	if (rc == EH_OK)
		rc = alloc(g, err);
	if (rc == EH_OK)
		rc = eh_blocks_make(&g->blocks, data->z, data->d, NULL, data->n, err);
	if (rc == EH_OK)
		rc = eh_kernel_open(&g->kernel, &g->blocks, true, crew, err);
	for (uint32_t k = 0; k < data->n_folds && rc == EH_OK; k++)
		for (size_t i = 0; i < data->n; i++)
			if (data->fold[i] != k)
				g->part[k * data->n + g->n_part[k]++] = (uint32_t)i;
	if (rc != EH_OK)
		eh_grid_free(&g);
	*out = g;
	return rc;
}

void eh_grid_free(struct eh_grid **grid)
{
	struct eh_grid *g = *grid;

	if (g == NULL)
		return;
	eh_kernel_free(&g->kernel);
	eh_blocks_free(&g->blocks);
	for (size_t i = 0; i < g->slots && g->svm != NULL; i++)
		eh_svm_free(&g->svm[i]);
	free(g->loss);
	free(g->value);
	free(g->n_part);
	free(g->part);
	free(g->svm);
	free(g);
	*grid = NULL;
}

/* ---- cells ---- */

/* Task i: a fold of a cell, the largest C first: they last longest. */
static int one_fold(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_grid *g = ctx;
	const struct eh_grid_data *d = &g->data;
	const size_t c = g->n_c - 1 - i / d->n_folds, k = i % d->n_folds;
	struct eh_svm *svm = &g->svm[slot];
	int rc = eh_svm_train_kernel(svm, g->kernel, g->part + k * d->n, g->n_part[k], d->label + g->column * d->n,
				     g->c[c], inside, err);

	for (size_t row = 0; row < d->n && rc == EH_OK; row++)
		if (d->fold[row] == k)
			g->f[c * d->n + row] = eh_svm_decide_kernel(svm, g->kernel, row);
	return rc;
}

static int one_loss(void *ctx, size_t slot, size_t c, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_grid *g = ctx;
	const struct eh_grid_data *d = &g->data;
	struct eh_platt platt;

	(void)slot;
	(void)inside;
	(void)err;
	g->cell_loss[c] = eh_platt_fit(&platt, g->f + c * d->n, d->label + g->column * d->n, d->n, d->weight);
	return EH_OK;
}

int eh_grid_cells(struct eh_grid *g, size_t column, const double *c, size_t n_c, double gamma, double *loss,
		  double *value, struct eh_err *err)
{
	int rc = EH_OK;

	if (!(g->gamma >= gamma && g->gamma <= gamma)) {
		g->gamma = 0.0;
		rc = eh_kernel_gamma(g->kernel, gamma, g->crew, err);
		if (rc != EH_OK)
			return rc;
		g->gamma = gamma;
	}
	g->column = column;
	g->c = c;
	g->n_c = n_c;
	g->f = value != NULL ? value : g->value;
	g->cell_loss = loss;
	rc = eh_crew_run(g->crew, n_c * g->data.n_folds, g->slots, one_fold, g, err);
	if (rc == EH_OK)
		rc = eh_crew_run(g->crew, n_c, g->slots, one_loss, g, err);
	return rc;
}

/* ---- the search ---- */

static double c_of(size_t half)
{
	return exp2(C_LOG2_LEAST + (double)half / 2.0);
}

static double gamma_of(size_t half, size_t spread)
{
	return exp2(GAMMA_LOG2_LEAST + (double)half / 2.0) / (double)spread;
}

static bool unknown(const table loss, size_t c, size_t gamma)
{
	return isnan(loss[c][gamma]);
}

/* The rows c_least, c_least + step .. c_most of one gamma that were not looked at yet. */
static int look(struct eh_grid *g, size_t column, size_t gamma, size_t c_least, size_t c_most, size_t step,
		struct eh_err *err)
{
	table *loss = &g->loss[column];
	double c[HALF_C], found[HALF_C];
	size_t at[HALF_C], n = 0;
	int rc = EH_OK;

	for (size_t i = c_least; i <= c_most; i += step)
		if (unknown(*loss, i, gamma)) {
			at[n] = i;
			c[n++] = c_of(i);
		}
	if (n > 0)
		rc = eh_grid_cells(g, column, c, n, gamma_of(gamma, g->data.spread), found, NULL, err);
	for (size_t i = 0; i < n && rc == EH_OK; i++)
		(*loss)[at[i]][gamma] = found[i];
	return rc;
}

/* The gamma of least loss beside this C; INFINITY when none was looked at. */
static double best_in_row(const table loss, size_t c, size_t *gamma)
{
	double best = INFINITY;

	for (size_t j = 0; j < HALF_GAMMA; j++)
		if (!unknown(loss, c, j) && loss[c][j] < best) {
			best = loss[c][j];
			*gamma = j;
		}
	return best;
}

/*
 * The tie rule.  Only C is lowered for a tie: the smallest of alike gammas may be one at which the machine hardly sees
 * its rows, so that other folds than these calibrate it to a constant.
 */
static void choose(const table loss, double n, size_t *c, size_t *gamma)
{
	double least = INFINITY;

	for (size_t i = 0; i < HALF_C; i++)
		least = fmin(least, best_in_row(loss, i, gamma));
	for (*c = 0; *c < HALF_C; (*c)++)
		if (best_in_row(loss, *c, gamma) <= least + ALIKE / n)
			return;
}

static double persons(const struct eh_grid_data *d)
{
	double n = 0.0;

	for (size_t i = 0; i < d->n && d->weight != NULL; i++)
		n += d->weight[i];
	return d->weight != NULL ? n : (double)d->n;
}

static int coarse(struct eh_grid *g, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t gamma = 0; gamma < HALF_GAMMA; gamma += COARSE)     /* outside: one kernel for all columns */
		for (size_t j = 0; j < g->data.columns && rc == EH_OK; j++)
			rc = look(g, j, gamma, 0, HALF_C - 1, COARSE, err);
	return rc;
}

static size_t below(size_t at, size_t step)
{
	return at >= step ? at - step : at;
}

static size_t above(size_t at, size_t step, size_t end)
{
	return at + step < end ? at + step : at;
}

/* The cells at `step` around the best so far. */
static int around(struct eh_grid *g, size_t column, size_t *c, size_t *gamma, size_t step, double n,
		  struct eh_err *err)
{
	const size_t c0 = *c, g0 = *gamma;
	int rc = EH_OK;

	for (size_t i = below(g0, step); i <= above(g0, step, HALF_GAMMA) && rc == EH_OK; i += step)
		rc = look(g, column, i, below(c0, step), above(c0, step, HALF_C), step, err);
	if (rc == EH_OK)
		choose(g->loss[column], n, c, gamma);
	return rc;
}

/* The lattice place of a cell this search gave before. */
static void place(const struct eh_cell *cell, size_t spread, size_t *c, size_t *gamma)
{
	double at_c = 2.0 * (log2(cell->c) - C_LOG2_LEAST);
	double at_gamma = 2.0 * (log2(cell->gamma * (double)spread) - GAMMA_LOG2_LEAST);

	*c = (size_t)fmin(fmax(rint(at_c), 0.0), HALF_C - 1);
	*gamma = (size_t)fmin(fmax(rint(at_gamma), 0.0), HALF_GAMMA - 1);
}

int eh_grid_search(struct eh_cell *best, struct eh_grid *g, const struct eh_cell *near, bool fine, struct eh_err *err)
{
	const double n = persons(&g->data);
	int rc = EH_OK;

	for (size_t j = 0; j < g->data.columns; j++)
		for (size_t i = 0; i < HALF_C * HALF_GAMMA; i++)
			g->loss[j][i / HALF_GAMMA][i % HALF_GAMMA] = NAN;
	if (near == NULL)
		rc = coarse(g, err);
	for (size_t j = 0; j < g->data.columns && rc == EH_OK; j++) {
		size_t c = 0, gamma = 0;

		if (near != NULL)
			place(&near[j], g->data.spread, &c, &gamma);
		else
			choose(g->loss[j], n, &c, &gamma);
		for (size_t step = COARSE / 2; step > 0 && fine && rc == EH_OK; step /= 2)
			rc = around(g, j, &c, &gamma, step, n, err);
		best[j] = (struct eh_cell){ c_of(c), gamma_of(gamma, g->data.spread), g->loss[j][c][gamma] };
	}
	return rc;
}

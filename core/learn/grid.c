/* Grid search over shared distances; see grid.h. */
#include "learn/grid.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "learn/calibrate.h"
#include "learn/libsvm.h"

#define C_LOG2_LEAST -3
#define GAMMA_LOG2_LEAST -6
#define LOG2_STEP 2
#define ALIKE 0.5                       /* [nat] of log-likelihood over all rows; see grid.h */

struct search {
	struct eh_kernel *kernel;
	struct eh_svm svm;
	uint32_t *part;                 /* [n] training rows of one fold */
	double *f;                      /* [EH_GRID_C][n] out-of-fold decision values */
	double *loss;                   /* [columns][EH_GRID_C][EH_GRID_GAMMA] */
	const uint32_t *fold;
	uint32_t n_folds;
	size_t n;
};

static double c_of(size_t i)
{
	return ldexp(1.0, C_LOG2_LEAST + LOG2_STEP * (int)i);
}

static double gamma_of(size_t i, size_t spread)
{
	return ldexp(1.0 / (double)spread, GAMMA_LOG2_LEAST + LOG2_STEP * (int)i);
}

static int one_fold(struct search *s, uint32_t k, const int8_t *label, struct eh_err *err)
{
	size_t n_part = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->fold[i] != k)
			s->part[n_part++] = (uint32_t)i;
	for (size_t c = 0; c < EH_GRID_C; c++) {
		int rc = eh_svm_train_kernel(&s->svm, s->kernel, s->part, n_part, label, c_of(c), err);

		if (rc != EH_OK)
			return rc;
		for (size_t i = 0; i < s->n; i++)
			if (s->fold[i] == k)
				s->f[c * s->n + i] = eh_svm_decide_kernel(&s->svm, s->kernel, i);
	}
	return EH_OK;
}

/* loss: [EH_GRID_C][EH_GRID_GAMMA] of one column; the kernel stands at gamma number g. */
static int one_column(struct search *s, double *loss, size_t g, const int8_t *label, struct eh_err *err)
{
	struct eh_platt platt;
	int rc = EH_OK;

	for (uint32_t k = 0; k < s->n_folds && rc == EH_OK; k++)
		rc = one_fold(s, k, label, err);
	for (size_t c = 0; c < EH_GRID_C && rc == EH_OK; c++)
		loss[c * EH_GRID_GAMMA + g] = eh_platt_fit(&platt, s->f + c * s->n, label, s->n);
	return rc;
}

static struct eh_cell choose(const double *loss, size_t n, size_t spread)
{
	size_t least = 0, i = 0;

	for (size_t j = 1; j < EH_GRID_C * EH_GRID_GAMMA; j++)
		least = loss[j] < loss[least] ? j : least;
	while (i < least && loss[i] > loss[least] + ALIKE / (double)n)
		i++;
	return (struct eh_cell){ c_of(i / EH_GRID_GAMMA), gamma_of(i % EH_GRID_GAMMA, spread), loss[i] };
}

int eh_grid_search(struct eh_cell *best, const double *z, size_t n, size_t d, size_t spread, const int8_t *label,
		   size_t columns, const uint32_t *fold, uint32_t n_folds, struct eh_err *err)
{
	struct search s = { .fold = fold, .n_folds = n_folds, .n = n };
	const size_t cells = EH_GRID_C * EH_GRID_GAMMA;
	int rc = eh_kernel_open(&s.kernel, z, n, d, err);

	if (rc == EH_OK)
		rc = eh_svm_alloc(&s.svm, n, err);
	if (rc != EH_OK)
		goto out;
	s.part = eh_try_malloc(n, sizeof *s.part);
	s.f = eh_try_malloc(EH_GRID_C * n, sizeof *s.f);
	s.loss = eh_try_malloc(columns * cells, sizeof *s.loss);
	if (s.part == NULL || s.f == NULL || s.loss == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the parameter search over %zu rows", n);
		goto out;
	}
	for (size_t g = 0; g < EH_GRID_GAMMA && rc == EH_OK; g++) {
		eh_kernel_gamma(s.kernel, gamma_of(g, spread));
		for (size_t j = 0; j < columns && rc == EH_OK; j++)
			rc = one_column(&s, s.loss + j * cells, g, label + j * n, err);
	}
	for (size_t j = 0; j < columns && rc == EH_OK; j++)
		best[j] = choose(s.loss + j * cells, n, spread);
out:
	free(s.loss);
	free(s.f);
	free(s.part);
	eh_svm_free(&s.svm);
	eh_kernel_free(&s.kernel);
	return rc;
}

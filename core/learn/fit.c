/* The pipeline of one modality; see fit.h. */
#include "learn/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/folds.h"
#include "learn/grid.h"
#include "learn/libsvm.h"

#define SEARCH_ROWS 600 /* a larger set is searched on a stratified share of it: the search is cubic in rows */
#define SEARCH_CLASS 40                 /* candidates of a class that the search keeps at least, or all there are */
#define CALIBRATION_FOLDS 10            /* near-whole training parts: their values are spread like the final model's */

/* What the steps of one fit share. */
struct work {
	const struct eh_rows *rows;
	struct eh_rng rng;
	uint32_t *all;                  /* [n] 0..n-1 */
	uint32_t *part;                 /* [n] */
	uint32_t *fold;                 /* [n] */
	int8_t *label;                  /* [columns][n] the label matrix */
	double *z;                      /* [n][d] scaled */
	double *f;                      /* [columns][n] out-of-fold decision values */
	struct eh_svm svm;
};

size_t eh_columns_of(size_t k)
{
	return k == 2 ? 1 : k;
}

static int work_open(struct work *w, const struct eh_rows *rows, uint64_t seed, struct eh_err *err)
{
	size_t columns = eh_columns_of(rows->k), n = rows->n;

	memset(w, 0, sizeof *w);
	w->rows = rows;
	eh_rng_seed_named(&w->rng, seed, "fit");
	w->all = eh_try_malloc(n, sizeof *w->all);
	w->part = eh_try_malloc(n, sizeof *w->part);
	w->fold = eh_try_malloc(n, sizeof *w->fold);
	w->label = eh_try_malloc(n, columns * sizeof *w->label);
	w->z = eh_try_malloc(n, rows->d * sizeof *w->z);
	w->f = eh_try_malloc(n, columns * sizeof *w->f);
	if (w->all == NULL || w->part == NULL || w->fold == NULL || w->label == NULL || w->z == NULL || w->f == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for training on %zu rows", n);
	for (size_t i = 0; i < n; i++)
		w->all[i] = (uint32_t)i;
	for (size_t c = 0; c < columns; c++)
		for (size_t i = 0; i < n; i++)
			w->label[c * n + i] = rows->group[i] == (int32_t)(columns == 1 ? 1 : c) ? 1 : -1;
	return eh_svm_alloc(&w->svm, n, err);
}

static void work_close(struct work *w)
{
	eh_svm_free(&w->svm);
	free(w->f);
	free(w->z);
	free(w->label);
	free(w->fold);
	free(w->part);
	free(w->all);
}

static void scale_rows(struct work *w, const struct eh_scale *scale)
{
	for (size_t i = 0; i < w->rows->n; i++)
		eh_scale_apply(scale, w->rows->x + i * w->rows->d, w->z + i * w->rows->d);
}

/* ---- parameter search ---- */

/* keep [k]: how many of the shares of each class, so that a rare class is not thinned out of the inner folds. */
static void shares_kept(uint32_t *keep, const struct eh_rows *r, uint32_t shares)
{
	uint32_t count[EH_GROUPS_MAX] = { 0 };

	for (size_t i = 0; i < r->n; i++)
		count[r->group[i]] += i == 0 || r->owner[i] != r->owner[i - 1];
	for (size_t g = 0; g < r->k; g++)
		keep[g] = count[g] <= SEARCH_CLASS ? shares : 1 + (SEARCH_CLASS * shares - 1) / count[g];
}

/* Rows for the search: all, or a share of the candidates of each class.  Fills w->part, returns how many. */
static int search_rows(struct work *w, size_t *n_part, struct eh_err *err)
{
	const struct eh_rows *r = w->rows;
	uint32_t shares = (uint32_t)((r->n + SEARCH_ROWS - 1) / SEARCH_ROWS), keep[EH_GROUPS_MAX] = { 0 };
	int rc = eh_folds_make(w->fold, r->group, r->owner, r->n, shares, &w->rng, err);

	shares_kept(keep, r, shares);
	*n_part = 0;
	for (size_t i = 0; i < r->n && rc == EH_OK; i++)
		if (w->fold[i] < keep[r->group[i]])
			w->part[(*n_part)++] = (uint32_t)i;
	return rc;
}

static int search(struct work *w, struct eh_fit *fit, struct eh_err *err)
{
	const struct eh_rows *r = w->rows;
	struct eh_cell best[EH_GROUPS_MAX] = { { 0.0, 0.0, 0.0 } };
	size_t n = 0, columns = fit->columns, d = r->d;
	double *z = NULL;
	int8_t *label = NULL;
	int32_t *group = NULL;
	uint32_t *owner = NULL, folds = 0;
	int rc = search_rows(w, &n, err);

	if (rc != EH_OK)
		return rc;
	z = eh_try_malloc(n, d * sizeof *z);
	label = eh_try_malloc(n, columns * sizeof *label);
	group = eh_try_malloc(n, sizeof *group);
	owner = eh_try_malloc(n, sizeof *owner);
	if (z == NULL || label == NULL || group == NULL || owner == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the parameter search over %zu rows", n);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		memcpy(z + i * d, w->z + w->part[i] * d, d * sizeof *z);
		group[i] = r->group[w->part[i]];
		owner[i] = r->owner[w->part[i]];
		for (size_t c = 0; c < columns; c++)
			label[c * n + i] = w->label[c * r->n + w->part[i]];
	}
	folds = eh_folds_count(group, owner, n, r->k, EH_INNER_FOLDS);
	rc = eh_folds_make(w->fold, group, owner, n, folds, &w->rng, err);
	if (rc == EH_OK)
		rc = eh_grid_search(best, z, n, d, eh_scale_spread(&fit->scale), label, columns, w->fold, folds, err);
	for (size_t c = 0; c < columns; c++) {
		fit->column[c].c = best[c].c;
		fit->column[c].gamma = best[c].gamma;
		fit->column[c].loss = best[c].loss;
	}
out:
	free(owner);
	free(group);
	free(label);
	free(z);
	return rc;
}

/* ---- calibration ---- */

/* Decision values of the rows of fold k from models, and a scale, that saw none of them. */
static int out_of_fold(struct work *w, const struct eh_fit *fit, struct eh_scale *scale, uint32_t k, struct eh_err *err)
{
	size_t n = w->rows->n, d = w->rows->d, n_part = 0;
	int rc = EH_OK;

	for (size_t i = 0; i < n; i++)
		if (w->fold[i] != k)
			w->part[n_part++] = (uint32_t)i;
	rc = eh_scale_fit(scale, w->rows->x, w->part, n_part, err);
	if (rc != EH_OK)
		return rc;
	scale_rows(w, scale);
	for (size_t c = 0; c < fit->columns; c++) {
		const struct eh_column *column = &fit->column[c];

		rc = eh_svm_train_rbf(&w->svm, w->z, d, w->part, n_part, w->label + c * n, column->c, column->gamma,
				      err);
		if (rc != EH_OK)
			return rc;
		for (size_t i = 0; i < n; i++)
			if (w->fold[i] == k)
				w->f[c * n + i] = eh_svm_decide_rbf(&w->svm, w->z, d, column->gamma, w->z + i * d);
	}
	return EH_OK;
}

static int calibrate(struct work *w, struct eh_fit *fit, struct eh_err *err)
{
	const struct eh_rows *r = w->rows;
	uint32_t folds = eh_folds_count(r->group, r->owner, r->n, r->k, CALIBRATION_FOLDS);
	struct eh_scale scale = { 0 };
	int rc = eh_scale_alloc(&scale, r->d, err);

	if (rc == EH_OK)
		rc = eh_folds_make(w->fold, r->group, r->owner, r->n, folds, &w->rng, err);
	for (uint32_t k = 0; k < folds && rc == EH_OK; k++)
		rc = out_of_fold(w, fit, &scale, k, err);
	for (size_t c = 0; c < fit->columns && rc == EH_OK; c++)
		(void)eh_platt_fit(&fit->column[c].platt, w->f + c * r->n, w->label + c * r->n, r->n);
	eh_scale_free(&scale);
	return rc;
}

/* ---- support vectors ---- */

int eh_fit_alloc_vectors(struct eh_fit *f, struct eh_err *err)
{
	f->sv = eh_try_malloc(f->n_sv, f->d * sizeof *f->sv);
	f->sv_row = eh_try_malloc(f->n_sv, sizeof *f->sv_row);
	for (size_t c = 0; c < f->columns; c++)
		f->column[c].coef = eh_try_calloc(f->n_sv, sizeof *f->column[c].coef);
	for (size_t c = 0; c < f->columns; c++)
		if (f->column[c].coef == NULL || f->sv == NULL || f->sv_row == NULL)
			return eh_err_set(err, EH_ENOMEM, "out of memory for %zu support vectors", f->n_sv);
	return EH_OK;
}

/* Whole-set coefficients of every column into w->f, then the rows that any column needs. */
static int support(struct work *w, struct eh_fit *fit, struct eh_err *err)
{
	size_t n = w->rows->n, d = w->rows->d;
	int rc = EH_OK;

	memset(w->f, 0, n * fit->columns * sizeof *w->f);
	memset(w->fold, 0, n * sizeof *w->fold);                /* 1 = supports some column */
	for (size_t c = 0; c < fit->columns; c++) {
		struct eh_column *column = &fit->column[c];

		rc = eh_svm_train_rbf(&w->svm, w->z, d, w->all, n, w->label + c * n, column->c, column->gamma, err);
		if (rc != EH_OK)
			return rc;
		column->rho = w->svm.rho;
		for (size_t i = 0; i < w->svm.n_sv; i++) {
			w->f[c * n + w->svm.row[i]] = w->svm.coef[i];
			w->fold[w->svm.row[i]] = 1;
		}
	}
	for (size_t i = 0; i < n; i++)
		fit->n_sv += w->fold[i];
	rc = eh_fit_alloc_vectors(fit, err);
	for (size_t i = 0, at = 0; i < n && rc == EH_OK; i++) {
		if (!w->fold[i])
			continue;
		memcpy(fit->sv + at * d, w->z + i * d, d * sizeof *fit->sv);
		fit->sv_row[at] = (uint32_t)i;
		for (size_t c = 0; c < fit->columns; c++)
			fit->column[c].coef[at] = w->f[c * n + i];
		at++;
	}
	return rc;
}

int eh_fit_train(struct eh_fit *out, const struct eh_rows *rows, uint64_t seed, struct eh_err *err)
{
	struct work w;
	int rc = work_open(&w, rows, seed, err);

	memset(out, 0, sizeof *out);
	if (rc == EH_OK)
		rc = eh_scale_alloc(&out->scale, rows->d, err);
	if (rc != EH_OK)
		goto out;
	out->d = rows->d;
	out->k = rows->k;
	out->columns = eh_columns_of(rows->k);
	for (size_t i = 0; i < rows->n; i++)
		out->prior[rows->group[i]] += 1.0 / (double)rows->n;
	rc = eh_scale_fit(&out->scale, rows->x, w.all, rows->n, err);
	if (rc == EH_OK && eh_scale_spread(&out->scale) == 0)
		rc = eh_err_set(err, EH_EINVAL, "no indicator differs between the training candidates");
	if (rc != EH_OK)
		goto out;
	scale_rows(&w, &out->scale);
	rc = search(&w, out, err);
	if (rc == EH_OK)
		rc = support(&w, out, err);
	if (rc == EH_OK)
		rc = calibrate(&w, out, err);           /* last: it scales the rows anew for every fold */
out:
	work_close(&w);
	if (rc != EH_OK)
		eh_fit_free(out);
	return rc;
}

void eh_fit_free(struct eh_fit *f)
{
	for (size_t c = 0; c < f->columns; c++)
		free(f->column[c].coef);
	free(f->sv_row);
	free(f->sv);
	eh_scale_free(&f->scale);
	memset(f, 0, sizeof *f);
}

/* ---- use ---- */

void eh_fit_decide(const struct eh_fit *f, const double *raw, double *value)
{
	double z[EH_COLUMNS_MAX];

	eh_scale_apply(&f->scale, raw, z);
	for (size_t c = 0; c < f->columns; c++) {
		const struct eh_column *column = &f->column[c];
		double sum = 0.0;

		for (size_t i = 0; i < f->n_sv; i++)
			if (column->coef[i] != 0.0)
				sum += column->coef[i] * eh_rbf(z, f->sv + i * f->d, f->d, column->gamma);
		value[c] = sum - column->rho;
	}
}

void eh_fit_apply(const struct eh_fit *f, const double *raw, double *p)
{
	double column[EH_GROUPS_MAX];

	eh_fit_decide(f, raw, column);
	for (size_t c = 0; c < f->columns; c++)
		column[c] = eh_platt(f->column[c].platt, column[c]);
	eh_couple(p, column, f->k);
}

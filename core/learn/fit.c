/* The training of one modality; see fit.h. */
#include "learn/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/folds.h"
#include "learn/grid.h"
#include "learn/libsvm.h"

#define COARSE_ROWS 1000                /* the coarse cells are searched on no more: they only say where to look */
#define SEARCH_ROWS 2000                /* what is left of more than EH_SEARCH_ALL rows: the search is cubic in rows */
#define SEARCH_CLASS 40                 /* candidates of a class that the search keeps at least, or all there are */
#define CALIBRATION_FOLDS 10            /* near-whole training parts: their values are spread like the final model's */
#define MANY_ROWS 1000                  /* above: half as many parts are nearly as whole */
#define LIBSVM_BYTES ((size_t)128 << 20)        /* its cache of kernel columns and its own arrays, at most */

/* What the steps of one fit share. */
struct work {
	const struct eh_rows *rows;
	const struct eh_crew *crew;
	struct eh_fit *fit;
	struct eh_rng rng;
	uint32_t *all;                  /* [n] 0..n-1 */
	uint32_t *fold;                 /* [n] */
	uint32_t folds;
	double *weight;                 /* [n] 1 / rows of the candidate's, for each of its originals */
	int8_t *label;                  /* [columns][n] the label matrix */
	double *z;                      /* [n][d] scaled by all rows */
	double *f;                      /* [columns][n] out-of-fold decision values */
	double *coef;                   /* [columns][n] of the final machines */
};

size_t eh_columns_of(size_t k)
{
	return k == 2 ? 1 : k;
}

static bool is_copy(const struct eh_rows *r, size_t i)
{
	return r->copy != NULL && r->copy[i];
}

/* Rows of one candidate are neighbours; together they count for as much as its originals alone. */
static void weigh(double *weight, const struct eh_rows *r)
{
	for (size_t i = 0, end = 0; i < r->n; i = end) {
		size_t originals = 0;

		for (end = i; end < r->n && r->owner[end] == r->owner[i]; end++)
			originals += !is_copy(r, end);
		for (size_t k = i; k < end; k++)
			weight[k] = (double)originals / (double)(end - i);
	}
}

static int work_open(struct work *w, struct eh_err *err)
{
	const struct eh_rows *rows = w->rows;
	const size_t columns = w->fit->columns, n = rows->n;

	w->all = eh_try_malloc(n, sizeof *w->all);
	w->fold = eh_try_malloc(n, sizeof *w->fold);
	w->weight = eh_try_malloc(n, sizeof *w->weight);
	w->label = eh_try_malloc(n, columns * sizeof *w->label);
	w->z = eh_try_malloc(n, rows->d * sizeof *w->z);
	w->f = eh_try_malloc(n, columns * sizeof *w->f);
	w->coef = eh_try_calloc(n, columns * sizeof *w->coef);
	if (w->all == NULL || w->fold == NULL || w->weight == NULL || w->label == NULL || w->z == NULL ||
	    w->f == NULL || w->coef == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for training on %zu rows", n);
	weigh(w->weight, rows);
	for (size_t i = 0; i < n; i++)
		w->all[i] = (uint32_t)i;
	for (size_t c = 0; c < columns; c++)
		for (size_t i = 0; i < n; i++)
			w->label[c * n + i] = rows->group[i] == (int32_t)(columns == 1 ? 1 : c) ? 1 : -1;
	return EH_OK;
}

static void work_close(struct work *w)
{
	free(w->coef);
	free(w->f);
	free(w->weight);
	free(w->z);
	free(w->label);
	free(w->fold);
	free(w->all);
}

static void scale_rows(double *z, const struct eh_scale *scale, const struct eh_rows *r)
{
	for (size_t i = 0; i < r->n; i++)
		eh_scale_apply(scale, r->x + i * r->d, z + i * r->d);
}

/* ---- memory ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t plus(size_t a, size_t b)
{
	return a < SIZE_MAX - b ? a + b : SIZE_MAX;
}

/* One machine trained on n rows: rows, blocks and scaled copy, libsvm's part, and the kernel where it is kept. */
static size_t part_bytes(size_t n, size_t d, bool kernel)
{
	size_t cells = 0;

	if (!eh_size_mul(&cells, n + EH_LANES, 4 * (d + 16) * sizeof(double)))
		return SIZE_MAX;
	return plus(plus(cells, smaller(LIBSVM_BYTES, 8 * n * n)), kernel ? eh_kernel_bytes(n, false) : 0);
}

/* Decided by the limit of the whole work, never by a thread's share: the same for every number of threads. */
static bool keeps_kernel(size_t n, size_t d, size_t limit)
{
	return part_bytes(n, d, true) <= limit;
}

size_t eh_fit_bytes(size_t n, size_t d, size_t columns, size_t limit)
{
	size_t part = part_bytes(n, d, keeps_kernel(n, d, limit));
	size_t search = eh_grid_bytes(n > EH_SEARCH_ALL ? SEARCH_ROWS : n, d, columns), own = 0;

	if (!eh_size_mul(&own, n, (d + 4 * columns + 16) * sizeof(double)))
		return SIZE_MAX;
	return plus(own, part > search ? part : search);
}

static int check_memory(const struct work *w, struct eh_err *err)
{
	const struct eh_rows *r = w->rows;
	size_t need = eh_fit_bytes(r->n, r->d, w->fit->columns, w->crew->limit);

	if (need <= w->crew->memory)
		return EH_OK;
	return eh_err_set(err, EH_ENOMEM, "training on %zu rows needs %zu MiB of memory, %zu MiB are allowed", r->n,
			  need >> 20, w->crew->memory >> 20);
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

/* The rows one search looks at. */
struct share {
	struct eh_grid_data data;
	double *z;
	int8_t *label;
	int32_t *group;
	uint32_t *owner, *fold;
	double *weight;
};

static int share_open(struct share *s, size_t n, size_t d, size_t columns, struct eh_err *err)
{
	*s = (struct share){ .z = eh_try_malloc(n, d * sizeof *s->z),
			     .label = eh_try_malloc(n, columns * sizeof *s->label),
			     .group = eh_try_malloc(n, sizeof *s->group),
			     .owner = eh_try_malloc(n, sizeof *s->owner),
			     .fold = eh_try_malloc(n, sizeof *s->fold),
			     .weight = eh_try_malloc(n, sizeof *s->weight) };
	if (s->z == NULL || s->label == NULL || s->group == NULL || s->owner == NULL || s->fold == NULL ||
	    s->weight == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the parameter search over %zu rows", n);
	return EH_OK;
}

static void share_close(struct share *s)
{
	free(s->weight);
	free(s->fold);
	free(s->owner);
	free(s->group);
	free(s->label);
	free(s->z);
}

/* All rows, or at most about `most`: a share of the candidates of each class. */
static int share_take(struct share *s, struct work *w, size_t most, struct eh_err *err)
{
	const struct eh_rows *r = w->rows;
	const size_t columns = w->fit->columns, d = r->d;
	uint32_t shares = (uint32_t)((r->n + most - 1) / most), keep[EH_GROUPS_MAX] = { 0 }, folds = 0;
	size_t n = 0, at = 0;
	int rc = eh_folds_make(w->fold, r->group, r->owner, r->n, shares, &w->rng, err);

	shares_kept(keep, r, shares);
	for (size_t i = 0; i < r->n && rc == EH_OK; i++)
		n += w->fold[i] < keep[r->group[i]];
	if (rc == EH_OK)
		rc = share_open(s, n, d, columns, err);
	if (rc != EH_OK)
		return rc;
	for (size_t i = 0; i < r->n; i++) {
		if (w->fold[i] >= keep[r->group[i]])
			continue;
		memcpy(s->z + at * d, w->z + i * d, d * sizeof *s->z);
		s->group[at] = r->group[i];
		s->owner[at] = r->owner[i];
		s->weight[at] = w->weight[i];
		for (size_t c = 0; c < columns; c++)
			s->label[c * n + at] = w->label[c * r->n + i];
		at++;
	}
	folds = eh_folds_count(s->group, s->owner, n, r->k, EH_INNER_FOLDS);
	s->data = (struct eh_grid_data){ s->z, n, d, eh_scale_spread(&w->fit->scale), s->label, columns, s->fold, folds,
					 s->weight };
	return eh_folds_make(s->fold, s->group, s->owner, n, folds, &w->rng, err);
}

static int search_share(struct eh_cell *best, struct work *w, size_t most, const struct eh_cell *near, bool fine,
			struct eh_err *err)
{
	struct share s = { .z = NULL };
	struct eh_grid *grid = NULL;
	int rc = share_take(&s, w, most, err);

	if (rc == EH_OK)
		rc = eh_grid_open(&grid, &s.data, w->crew, err);
	if (rc == EH_OK)
		rc = eh_grid_search(best, grid, near, fine, err);
	eh_grid_free(&grid);
	share_close(&s);
	return rc;
}

static int search(struct work *w, struct eh_err *err)
{
	const size_t n = w->rows->n, columns = w->fit->columns;
	struct eh_cell coarse[EH_GROUPS_MAX] = { { 0.0, 0.0, 0.0 } }, best[EH_GROUPS_MAX] = { { 0.0, 0.0, 0.0 } };
	int rc = EH_OK;

	if (n <= COARSE_ROWS)
		rc = search_share(best, w, n, NULL, true, err);
	else
		rc = search_share(coarse, w, COARSE_ROWS, NULL, false, err);
	if (rc == EH_OK && n > COARSE_ROWS)
		rc = search_share(best, w, n > EH_SEARCH_ALL ? SEARCH_ROWS : n, coarse, true, err);
	for (size_t c = 0; c < columns; c++) {
		w->fit->column[c].c = best[c].c;
		w->fit->column[c].gamma = best[c].gamma;
		w->fit->column[c].loss = best[c].loss;
	}
	return rc;
}

/* ---- machines: the final one of each column, and those of the calibration folds ---- */

/* What one machine takes; z is borrowed by the final ones. */
struct part {
	uint32_t *row, *local;          /* [n] its rows; 0..n-1 */
	size_t n;
	double *z, *own_z;              /* [rows][d] scaled by its rows */
	int8_t *label;                  /* [n] */
	struct eh_blocks blocks;
	struct eh_kernel *kernel;
	struct eh_svm svm;
};

static void part_close(struct part *p)
{
	eh_svm_free(&p->svm);
	eh_kernel_free(&p->kernel);
	eh_blocks_free(&p->blocks);
	free(p->label);
	free(p->own_z);
	free(p->local);
	free(p->row);
}

/* fold = w->folds: all rows, and the scale of all. */
static int part_open(struct part *p, const struct work *w, size_t fold, struct eh_err *err)
{
	const struct eh_rows *r = w->rows;
	const bool final = fold == w->folds;
	struct eh_scale scale = { 0 };
	int rc = EH_OK;

	p->row = eh_try_malloc(r->n, sizeof *p->row);
	p->local = eh_try_malloc(r->n, sizeof *p->local);
	p->label = eh_try_malloc(r->n, sizeof *p->label);
	if (!final)
		p->own_z = eh_try_malloc(r->n, r->d * sizeof *p->own_z);
	if (p->row == NULL || p->local == NULL || p->label == NULL || (!final && p->own_z == NULL))
		return eh_err_set(err, EH_ENOMEM, "out of memory for training on %zu rows", r->n);
	for (size_t i = 0; i < r->n; i++)
		if (final || w->fold[i] != fold) {
			p->local[p->n] = (uint32_t)p->n;
			p->row[p->n++] = (uint32_t)i;
		}
	p->z = w->z;
	if (!final) {
		p->z = p->own_z;
		rc = eh_scale_alloc(&scale, r->d, err);
		if (rc == EH_OK)
			rc = eh_scale_fit(&scale, r->x, p->row, p->n, err);
		if (rc == EH_OK)
			scale_rows(p->own_z, &scale, r);
		eh_scale_free(&scale);
	}
	return rc != EH_OK ? rc : eh_svm_alloc(&p->svm, p->n, err);
}

static int part_train(struct part *p, const struct work *w, size_t column, const struct eh_crew *crew,
		      struct eh_err *err)
{
	const struct eh_column *cell = &w->fit->column[column];
	const int8_t *label = w->label + column * w->rows->n;
	const size_t d = w->rows->d;
	int rc = EH_OK;

	if (!keeps_kernel(w->rows->n, d, crew->limit))
		return eh_svm_train_rbf(&p->svm, p->z, d, p->row, p->n, label, cell->c, cell->gamma, crew, err);
	for (size_t i = 0; i < p->n; i++)
		p->label[i] = label[p->row[i]];
	rc = eh_blocks_make(&p->blocks, p->z, d, p->row, p->n, err);
	if (rc == EH_OK)
		rc = eh_kernel_open(&p->kernel, &p->blocks, false, crew, err);
	if (rc == EH_OK)
		rc = eh_kernel_gamma(p->kernel, cell->gamma, crew, err);
	if (rc == EH_OK)
		rc = eh_svm_train_kernel(&p->svm, p->kernel, p->local, p->n, p->label, cell->c, crew, err);
	for (size_t i = 0; i < p->svm.n_sv && rc == EH_OK; i++)
		p->svm.row[i] = p->row[p->svm.row[i]];
	return rc;
}

/* The held-out rows of the fold by the machine of the others. */
static int part_judge(struct part *p, struct work *w, size_t column, size_t fold, struct eh_err *err)
{
	const size_t n = w->rows->n, d = w->rows->d;
	double *f = w->f + column * n, *value = NULL, *held = NULL;
	size_t n_held = 0;
	int rc = EH_OK;

	eh_blocks_free(&p->blocks);
	rc = eh_blocks_make(&p->blocks, p->z, d, p->svm.row, p->svm.n_sv, err);
	if (rc != EH_OK)
		return rc;
	held = eh_try_malloc(n - p->n, d * sizeof *held);
	value = eh_try_malloc(n - p->n, sizeof *value);
	if (held == NULL || value == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for calibrating on %zu rows", n);
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		if (w->fold[i] == fold)
			memcpy(held + n_held++ * d, p->z + i * d, d * sizeof *held);
	rc = eh_machine_values(value, &p->blocks, p->svm.coef, p->svm.rho, w->fit->column[column].gamma, held, n_held,
			       err);
	n_held = 0;
	for (size_t i = 0; i < n && rc == EH_OK; i++)
		if (w->fold[i] == fold)
			f[i] = value[n_held++];
out:
	free(value);
	free(held);
	return rc;
}

/* Task i: the final machines first, they last longest. */
static int one_machine(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct work *w = ctx;
	const size_t column = i % w->fit->columns, n = w->rows->n;
	const size_t fold = i < w->fit->columns ? w->folds : i / w->fit->columns - 1;
	struct part p = { .n = 0 };
	int rc = part_open(&p, w, fold, err);

	(void)slot;
	if (rc == EH_OK)
		rc = part_train(&p, w, column, inside, err);
	if (rc == EH_OK && fold < w->folds) {
		rc = part_judge(&p, w, column, fold, err);
	} else if (rc == EH_OK) {
		w->fit->column[column].rho = p.svm.rho;
		for (size_t k = 0; k < p.svm.n_sv; k++)
			w->coef[column * n + p.svm.row[k]] = p.svm.coef[k];
	}
	part_close(&p);
	return rc;
}

static int machines(struct work *w, struct eh_err *err)
{
	const struct eh_rows *r = w->rows;
	const uint32_t most_folds = r->n > MANY_ROWS ? CALIBRATION_FOLDS / 2 : CALIBRATION_FOLDS;
	const size_t bytes = part_bytes(r->n, r->d, keeps_kernel(r->n, r->d, w->crew->limit));
	size_t most = w->crew->memory / bytes;
	int rc = EH_OK;

	w->folds = eh_folds_count(r->group, r->owner, r->n, r->k, most_folds);
	rc = eh_folds_make(w->fold, r->group, r->owner, r->n, w->folds, &w->rng, err);
	if (rc == EH_OK)
		rc = eh_crew_run(w->crew, (w->folds + 1) * w->fit->columns, most > 0 ? most : 1, one_machine, w, err);
	return rc;
}

/*
 * Copies take part: a calibration holds for the channels it was fitted on (facts/learning.md 8), and without them the
 * threshold of the telephone band is off.  Each candidate counts as one person, with however many copies.  Speakers
 * of RAVDESS, taught with copies; calibration error and Brier score with search and calibration on originals alone, and
 * on all: originals .036 .019, .031 .020; band8k .050 .038, .027 .033; noise15 .062 .024, .051 .025; opus12 .051 .039,
 * .032 .034 (own measurement, tests/bench/skill_voice.c).
 */
static void calibrate(struct work *w)
{
	const size_t n = w->rows->n;

	for (size_t c = 0; c < w->fit->columns; c++)
		(void)eh_platt_fit(&w->fit->column[c].platt, w->f + c * n, w->label + c * n, n, w->weight);
}

/* ---- the whole ---- */

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

static bool supports(const struct work *w, size_t row)
{
	for (size_t c = 0; c < w->fit->columns; c++)
		if (w->coef[c * w->rows->n + row] < 0.0 || w->coef[c * w->rows->n + row] > 0.0)
			return true;
	return false;
}

/* The rows that the machine of any column needs. */
static int take_vectors(const struct work *w, struct eh_err *err)
{
	struct eh_fit *fit = w->fit;
	const size_t n = w->rows->n, d = w->rows->d;
	size_t at = 0;
	int rc = EH_OK;

	for (size_t i = 0; i < n; i++)
		fit->n_sv += supports(w, i);
	rc = eh_fit_alloc_vectors(fit, err);
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		if (!supports(w, i))
			continue;
		memcpy(fit->sv + at * d, w->z + i * d, d * sizeof *fit->sv);
		fit->sv_row[at] = (uint32_t)i;
		for (size_t c = 0; c < fit->columns; c++)
			fit->column[c].coef[at] = w->coef[c * n + i];
		at++;
	}
	return rc;
}

static void note_prior(struct eh_fit *fit, const struct eh_rows *rows)
{
	double judged = 0.0;

	for (size_t i = 0; i < rows->n; i++) {
		fit->prior[rows->group[i]] += !is_copy(rows, i);
		judged += !is_copy(rows, i);
	}
	for (size_t g = 0; g < rows->k; g++)
		fit->prior[g] /= judged;
}

int eh_fit_train_crew(struct eh_fit *out, const struct eh_rows *rows, uint64_t seed, const struct eh_crew *crew,
		      struct eh_err *err)
{
	struct work w = { .rows = rows, .crew = crew, .fit = out };
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	out->d = rows->d;
	out->k = rows->k;
	out->columns = eh_columns_of(rows->k);
	eh_rng_seed_named(&w.rng, seed, "fit");
	rc = check_memory(&w, err);
	if (rc == EH_OK)
		rc = work_open(&w, err);
	if (rc == EH_OK)
		rc = eh_scale_alloc(&out->scale, rows->d, err);
	if (rc != EH_OK)
		goto out;
	note_prior(out, rows);
	rc = eh_scale_fit(&out->scale, rows->x, w.all, rows->n, err);
	if (rc == EH_OK && eh_scale_spread(&out->scale) == 0)
		rc = eh_err_set(err, EH_EINVAL, "no indicator differs between the training candidates");
	if (rc != EH_OK)
		goto out;
	scale_rows(w.z, &out->scale, rows);
	rc = search(&w, err);
	if (rc == EH_OK)
		rc = machines(&w, err);
	if (rc == EH_OK)
		calibrate(&w);
	if (rc == EH_OK)
		rc = take_vectors(&w, err);
out:
	work_close(&w);
	if (rc != EH_OK)
		eh_fit_free(out);
	return rc;
}

int eh_fit_train(struct eh_fit *out, const struct eh_rows *rows, uint64_t seed, const struct eh_steps *steps,
		 struct eh_err *err)
{
	struct eh_crew crew = eh_crew_of(steps);

	return eh_fit_train_crew(out, rows, seed, &crew, err);
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

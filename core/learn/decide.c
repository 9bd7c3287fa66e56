/* Decision values and probabilities, one row or many at once; see fit.h. */
#include "learn/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK 256                       /* rows of one task */

/* ---- one row ---- */

void eh_fit_decide(const struct eh_fit *f, const double *raw, double *value)
{
	double z[EH_COLUMNS_MAX];

	eh_scale_apply(&f->scale, raw, z);
	for (size_t c = 0; c < f->columns; c++) {
		const struct eh_column *column = &f->column[c];
		double sum = 0.0;

		for (size_t i = 0; i < f->n_sv; i++)
			if (column->coef[i] < 0.0 || column->coef[i] > 0.0)
				sum += column->coef[i] * eh_rbf(z, f->sv + i * f->d, f->d, column->gamma);
		value[c] = sum - column->rho;
	}
}

/* Decision values [columns] to probabilities [k]. */
static void to_probabilities(const struct eh_fit *f, const double *value, double *p)
{
	double column[EH_GROUPS_MAX];

	for (size_t c = 0; c < f->columns; c++)
		column[c] = eh_platt(f->column[c].platt, value[c]);
	eh_couple(p, column, f->k);
}

void eh_fit_apply(const struct eh_fit *f, const double *raw, double *p)
{
	double value[EH_GROUPS_MAX];

	eh_fit_decide(f, raw, value);
	to_probabilities(f, value, p);
}

/* ---- a tile of rows ---- */

/* value[i * step] = sum over support vectors, first to last as above; the sums of a tile run side by side. */
static void tile_sums(double *value, size_t step, const double *kernel, size_t stride, size_t n_z, const double *coef,
		      size_t n_sv, double rho)
{
	double sum[EH_TILE] = { 0.0 };

	for (size_t j = 0; j < n_sv; j++)
		for (size_t i = 0; i < EH_TILE; i++)
			sum[i] += coef[j] * kernel[i * stride + j];
	for (size_t i = 0; i < n_z; i++)
		value[i * step] = sum[i] - rho;
}

int eh_machine_values(double *value, const struct eh_blocks *sv, const double *coef, double rho, double gamma,
		      const double *z, size_t n, struct eh_err *err)
{
	const size_t stride = eh_padded(sv->n);
	double *kernel = eh_try_calloc(EH_TILE, stride * sizeof *kernel);

	if (kernel == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu support vectors", sv->n);
	for (size_t i = 0; i < n; i += EH_TILE) {
		const double *row[EH_TILE] = { NULL };
		size_t n_z = n - i < EH_TILE ? n - i : EH_TILE;

		for (size_t k = 0; k < n_z; k++)
			row[k] = z + (i + k) * sv->d;
		eh_distances(kernel, stride, row, n_z, 1, sv, 0, sv->n_blocks);
		eh_exp_row(kernel, kernel, n_z * stride, gamma);
		tile_sums(value + i, 1, kernel, stride, n_z, coef, sv->n, rho);
	}
	free(kernel);
	return EH_OK;
}

/* ---- many rows on many threads ---- */

struct many {
	const struct eh_fit *f;
	const double *raw;
	size_t n, stride;
	double *value;                  /* [n][columns] */
	struct eh_blocks sv;
	double *room;                   /* [slots][2 EH_TILE][stride], then [slots][EH_TILE][d] */
	size_t slots;
};

static int decide_chunk(void *ctx, size_t slot, size_t chunk, const struct eh_crew *inside, struct eh_err *err)
{
	struct many *m = ctx;
	const struct eh_fit *f = m->f;
	double *distance = m->room + slot * 2 * EH_TILE * m->stride, *kernel = distance + EH_TILE * m->stride;
	double *z = m->room + m->slots * 2 * EH_TILE * m->stride + slot * EH_TILE * f->d;
	const size_t end = m->n < (chunk + 1) * CHUNK ? m->n : (chunk + 1) * CHUNK;

	(void)inside;
	(void)err;
	for (size_t i = chunk * CHUNK; i < end; i += EH_TILE) {
		const double *row[EH_TILE] = { NULL };
		size_t n_z = end - i < EH_TILE ? end - i : EH_TILE;

		for (size_t k = 0; k < n_z; k++) {
			eh_scale_apply(&f->scale, m->raw + (i + k) * f->d, z + k * f->d);
			row[k] = z + k * f->d;
		}
		eh_distances(distance, m->stride, row, n_z, 1, &m->sv, 0, m->sv.n_blocks);
		for (size_t c = 0; c < f->columns; c++) {
			const struct eh_column *column = &f->column[c];

			eh_exp_row(kernel, distance, n_z * m->stride, column->gamma);
			tile_sums(m->value + i * f->columns + c, f->columns, kernel, m->stride, n_z, column->coef,
				  f->n_sv, column->rho);
		}
	}
	return EH_OK;
}

static int decide_crew(const struct eh_fit *f, const double *raw, size_t n, double *value, const struct eh_crew *crew,
		       struct eh_err *err)
{
	const size_t chunks = (n + CHUNK - 1) / CHUNK;
	struct many m = { .f = f, .raw = raw, .n = n, .value = value, .stride = eh_padded(f->n_sv) };
	int rc = eh_blocks_make(&m.sv, f->sv, f->d, NULL, f->n_sv, err);

	m.slots = eh_crew_threads(crew, chunks, SIZE_MAX);
	if (rc != EH_OK || n == 0)
		goto out;
	m.room = eh_try_calloc(m.slots, EH_TILE * (2 * m.stride + f->d) * sizeof *m.room);
	if (m.room == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for %zu support vectors", f->n_sv);
	else
		rc = eh_crew_run(crew, chunks, m.slots, decide_chunk, &m, err);
out:
	free(m.room);
	eh_blocks_free(&m.sv);
	return rc;
}

int eh_fit_decide_many(const struct eh_fit *f, const double *raw, size_t n, double *value, size_t jobs,
		       struct eh_err *err)
{
	struct eh_steps steps = { .jobs = jobs };
	struct eh_crew crew = eh_crew_of(&steps);

	return decide_crew(f, raw, n, value, &crew, err);
}

int eh_fit_apply_crew(const struct eh_fit *f, const double *raw, size_t n, double *p, const struct eh_crew *crew,
		      struct eh_err *err)
{
	double *value = eh_try_malloc(n, f->columns * sizeof *value);
	int rc = EH_OK;

	if (value == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the probabilities of %zu rows", n);
	rc = decide_crew(f, raw, n, value, crew, err);
	for (size_t i = 0; i < n && rc == EH_OK; i++)
		to_probabilities(f, value + i * f->columns, p + i * f->k);
	free(value);
	return rc;
}

int eh_fit_apply_many(const struct eh_fit *f, const double *raw, size_t n, double *p, size_t jobs, struct eh_err *err)
{
	struct eh_steps steps = { .jobs = jobs };
	struct eh_crew crew = eh_crew_of(&steps);

	return eh_fit_apply_crew(f, raw, n, p, &crew, err);
}

/* Distance to the training candidates and its limit; see scope.h. */
#include "learn/scope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/scale.h"

#define DISTANCE_MOST 1e300             /* what overflows is far */

static size_t at(size_t i, size_t j)    /* of the lower triangle, j <= i */
{
	return i * (i + 1) / 2 + j;
}

int eh_scope_alloc(struct eh_scope_limit *s, size_t d, struct eh_err *err)
{
	s->d = d;
	s->mean = eh_try_calloc(d, sizeof *s->mean);
	s->inv_sd = eh_try_calloc(d, sizeof *s->inv_sd);
	s->chol = eh_try_calloc(at(d, 0), sizeof *s->chol);
	if (s->mean != NULL && s->inv_sd != NULL && s->chol != NULL)
		return EH_OK;
	eh_scope_free(s);
	return eh_err_set(err, EH_ENOMEM, "out of memory for the scope of %zu columns", d);
}

void eh_scope_free(struct eh_scope_limit *s)
{
	free(s->chol);
	free(s->inv_sd);
	free(s->mean);
	memset(s, 0, sizeof *s);
}

/* ---- fitting ---- */

struct cloud {                          /* the rows a scope is fitted on */
	const double *x;                /* first column already added */
	size_t stride, n;
	const uint32_t *row;            /* [n] */
	double *z;                      /* [n][d] centred and scaled */
};

static void centre(struct eh_scope_limit *s, const struct cloud *c)
{
	for (size_t j = 0; j < s->d; j++) {
		double mean = 0.0, square = 0.0;

		for (size_t i = 0; i < c->n; i++)
			mean += c->x[c->row[i] * c->stride + j] / (double)c->n;
		for (size_t i = 0; i < c->n; i++) {
			double off = c->x[c->row[i] * c->stride + j] - mean;

			square += off * off / (double)c->n;
		}
		s->mean[j] = mean;
		/* a column without spread tells nothing of distance, as in scale.h */
		s->inv_sd[j] = square > 0.0 && isfinite(1.0 / sqrt(square)) ? 1.0 / sqrt(square) : 0.0;
		for (size_t i = 0; i < c->n; i++)
			c->z[i * s->d + j] = (c->x[c->row[i] * c->stride + j] - mean) * s->inv_sd[j];
	}
}

static void covariance(struct eh_scope_limit *s, const struct cloud *c)
{
	size_t d = s->d;

	memset(s->chol, 0, at(d, 0) * sizeof *s->chol);
	for (size_t r = 0; r < c->n; r++)
		for (size_t i = 0; i < d; i++)
			for (size_t j = 0; j <= i; j++)
				s->chol[at(i, j)] += c->z[r * d + i] * c->z[r * d + j] / (double)c->n;
}

/* Ledoit & Wolf: S* = (1 - w) S + w mu I, mu = tr S / d, w = min(b, a) / a with a = |S - mu I|^2 / d and
 * b = sum |z z' - S|^2 / (n^2 d). */
static void shrink(struct eh_scope_limit *s, const struct cloud *c)
{
	size_t d = s->d;
	double mu = 0.0, far = 0.0, noise = 0.0, norm = 0.0;

	for (size_t i = 0; i < d; i++)
		mu += s->chol[at(i, i)] / (double)d;
	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j <= i; j++) {
			double v = s->chol[at(i, j)], off = v - (i == j ? mu : 0.0), twice = i == j ? 1.0 : 2.0;

			far += twice * off * off / (double)d;
			norm += twice * v * v / (double)d;
		}
	/* sum over rows of |z z' - S|^2 = sum |z|^4 - n |S|^2 */
	for (size_t r = 0; r < c->n; r++) {
		double square = 0.0;

		for (size_t i = 0; i < d; i++)
			square += c->z[r * d + i] * c->z[r * d + i];
		noise += square * square / (double)d;
	}
	noise = (noise / (double)c->n - norm) / (double)c->n;
	s->shrinkage = far > 0.0 ? fmin(1.0, fmax(0.0, noise / far)) : 1.0;
	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j <= i; j++) {
			double *v = &s->chol[at(i, j)];

			*v = (1.0 - s->shrinkage) * *v + (i == j ? s->shrinkage * mu : 0.0);
		}
}

/* In place.  A pivot that rounding has eaten stands for a direction without spread: it counts as one unit. */
static void cholesky(double *a, size_t d)
{
	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j <= i; j++) {
			double sum = a[at(i, j)];

			for (size_t k = 0; k < j; k++)
				sum -= a[at(i, k)] * a[at(j, k)];
			if (i == j)
				a[at(i, i)] = sum > 1e-10 ? sqrt(sum) : 1.0;
			else
				a[at(i, j)] = sum / a[at(j, j)];
		}
}

static void fit_rows(struct eh_scope_limit *s, const struct cloud *c)
{
	centre(s, c);
	covariance(s, c);
	shrink(s, c);
	cholesky(s->chol, s->d);
}

double eh_scope_distance(const struct eh_scope_limit *s, const double *raw)
{
	double y[EH_COLUMNS_MAX], square = 0.0;

	for (size_t i = 0; i < s->d; i++) {
		double sum = (raw[i] - s->mean[i]) * s->inv_sd[i];

		for (size_t j = 0; j < i; j++)
			sum -= s->chol[at(i, j)] * y[j];
		y[i] = sum / s->chol[at(i, i)];
		square += y[i] * y[i];
	}
	return square < DISTANCE_MOST ? square : DISTANCE_MOST;
}

/* ---- the limit ---- */

/* Owners dealt to the folds in shuffled order: the classes play no part here. */
static void deal(uint32_t *fold, const uint32_t *owner, size_t n, uint32_t *first, struct eh_rng *rng)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (i == 0 || owner[i] != owner[i - 1])
			first[count++] = (uint32_t)i;
	eh_rng_shuffle(rng, first, count);
	for (size_t c = 0; c < count; c++)
		for (size_t i = first[c]; i < n && owner[i] == owner[first[c]]; i++)
			fold[i] = (uint32_t)(c % EH_SCOPE_FOLDS);
}

/* Smallest distance that at least the quantile's share of n + 1 exchangeable candidates does not pass, the largest
 * one when n is too small for that. */
static double limit_of(double *sorted, size_t n)
{
	size_t rank = (size_t)ceil((double)(n + 1) * EH_SCOPE_QUANTILE);

	qsort(sorted, n, sizeof *sorted, eh_double_cmp);
	return sorted[rank > n ? n - 1 : rank - 1];
}

int eh_scope_fit(struct eh_scope_limit *out, double *distance, const double *x, size_t stride, size_t first, size_t d,
		 const uint32_t *owner, size_t n, uint64_t seed, struct eh_err *err)
{
	double *z = eh_try_malloc(n, d * sizeof *z), *sorted = eh_try_calloc(n, sizeof *sorted);
	uint32_t *fold = eh_try_malloc(n, sizeof *fold), *row = eh_try_malloc(n, sizeof *row);
	struct cloud c = { x + first, stride, 0, row, z };
	struct eh_rng rng;
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	if (z == NULL || sorted == NULL || fold == NULL || row == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the scope of %zu rows", n);
	if (rc == EH_OK)
		rc = eh_scope_alloc(out, d, err);
	if (rc != EH_OK)
		goto out;
	eh_rng_seed_named(&rng, seed, "scope");
	deal(fold, owner, n, row, &rng);
	for (uint32_t k = 0; k < EH_SCOPE_FOLDS; k++) {
		c.n = 0;
		for (size_t i = 0; i < n; i++)
			if (fold[i] != k)
				row[c.n++] = (uint32_t)i;
		if (c.n == n || c.n == 0)
			continue;
		fit_rows(out, &c);
		for (size_t i = 0; i < n; i++)
			if (fold[i] == k)
				sorted[i] = eh_scope_distance(out, c.x + i * stride);
	}
	if (distance != NULL)
		memcpy(distance, sorted, n * sizeof *sorted);
	c.n = n;
	for (size_t i = 0; i < n; i++)
		row[i] = (uint32_t)i;
	fit_rows(out, &c);
	out->limit = limit_of(sorted, n);
out:
	free(row);
	free(fold);
	free(sorted);
	free(z);
	return rc;
}

/* Winsorised standard scores; see scale.h. */
#include "learn/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define WINSOR 0.02                     /* [1] tail; own choice: bounds one wild value, keeps 28 rows nearly whole */
#define NO_SPREAD 1e-12                 /* relative standard deviation below which only rounding differs */

int eh_scale_alloc(struct eh_scale *s, size_t d, struct eh_err *err)
{
	double *v = eh_try_calloc(4 * d, sizeof *v);

	memset(s, 0, sizeof *s);
	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the scale of %zu indicators", d);
	*s = (struct eh_scale){ d, v, v + d, v + 2 * d, v + 3 * d };
	return EH_OK;
}

void eh_scale_free(struct eh_scale *s)
{
	free(s->lo);                    /* one block */
	memset(s, 0, sizeof *s);
}

int eh_double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double eh_sorted_quantile(const double *v, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[n - 1];
}

static double clip(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static void fit_column(struct eh_scale *s, size_t c, double *v, size_t n)
{
	double sum = 0.0, square = 0.0, sd = 0.0;

	qsort(v, n, sizeof *v, eh_double_cmp);
	s->lo[c] = eh_sorted_quantile(v, n, WINSOR);
	s->hi[c] = eh_sorted_quantile(v, n, 1.0 - WINSOR);
	for (size_t i = 0; i < n; i++)
		sum += clip(v[i], s->lo[c], s->hi[c]);
	s->mean[c] = sum / (double)n;
	for (size_t i = 0; i < n; i++) {
		double dev = clip(v[i], s->lo[c], s->hi[c]) - s->mean[c];

		square += dev * dev;
	}
	sd = sqrt(square / (double)(n - 1));
	s->inv_sd[c] = sd > NO_SPREAD * fabs(s->mean[c]) ? 1.0 / sd : 0.0;
	/* finite values may still overflow in the sums, and so small a spread in its inverse */
	if (!isfinite(s->lo[c]) || !isfinite(s->hi[c]) || !isfinite(sd) || !isfinite(s->inv_sd[c]))
		s->lo[c] = s->hi[c] = s->mean[c] = s->inv_sd[c] = 0.0;
}

int eh_scale_fit(struct eh_scale *s, const double *x, const uint32_t *rows, size_t n, struct eh_err *err)
{
	double *v = eh_try_malloc(n, sizeof *v);

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the scale of %zu rows", n);
	for (size_t c = 0; c < s->d; c++) {
		for (size_t i = 0; i < n; i++)
			v[i] = x[rows[i] * s->d + c];
		fit_column(s, c, v, n);
	}
	free(v);
	return EH_OK;
}

void eh_scale_apply(const struct eh_scale *s, const double *raw, double *z)
{
	for (size_t c = 0; c < s->d; c++)
		z[c] = s->inv_sd[c] > 0.0 ? (clip(raw[c], s->lo[c], s->hi[c]) - s->mean[c]) * s->inv_sd[c] : 0.0;
}

size_t eh_scale_spread(const struct eh_scale *s)
{
	size_t n = 0;

	for (size_t c = 0; c < s->d; c++)
		n += s->inv_sd[c] > 0.0;
	return n;
}

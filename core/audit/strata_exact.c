/* Exact conditional test and odds ratio over several tables; see strata.h. */
#include "audit/strata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TIE 1e-7L                       /* relative; facts/statistics.md 5 */

static void bounds(const struct eh_fourfold *t, uint64_t *lo, uint64_t *hi)
{
	uint64_t k = t->a + t->b;

	*lo = k > t->n2 ? k - t->n2 : 0;
	*hi = k < t->n1 ? k : t->n1;
}

/* mass(x + 1)/mass(x) of the hypergeometric distribution. */
static long double step_up(const struct eh_fourfold *t, uint64_t x)
{
	uint64_t k = t->a + t->b;

	return (long double)(t->n1 - x) * (long double)(k - x) /
	       ((long double)(x + 1) * (long double)(t->n2 + x + 1 - k));
}

/* The masses of one stratum outward from the mode, that being 1: what is too small for a number ends as 0. */
static void masses(long double *v, const struct eh_fourfold *t, uint64_t lo, uint64_t hi)
{
	long double n1 = (long double)t->n1, all = n1 + (long double)t->n2;
	uint64_t mode = (uint64_t)floorl((n1 + 1.0L) * ((long double)(t->a + t->b) + 1.0L) / (all + 2.0L));

	mode = mode < lo ? lo : mode > hi ? hi : mode;
	v[mode - lo] = 1.0L;
	for (uint64_t x = mode; x < hi; x++)
		v[x - lo + 1] = v[x - lo] * step_up(t, x);
	for (uint64_t x = mode; x > lo; x--)
		v[x - lo - 1] = v[x - lo] / step_up(t, x - 1);
}

/* Mean of the sum, counted from at, at the odds ratio exp(theta). */
static double mean(const long double *v, size_t n, size_t at, double theta, double *var)
{
	long double total = 0.0L, first = 0.0L, second = 0.0L, top = 0.0L;

	/* the largest weight is 1: exponents of either sign may be thousands */
	for (size_t i = 0; i < n; i++)
		if (v[i] > 0.0L)
			top = i == 0 ? logl(v[i]) : fmaxl(top, logl(v[i]) + (long double)theta * (long double)i);
	for (size_t i = 0; i < n; i++) {
		long double d = (long double)i - (long double)at;
		long double w = v[i] > 0.0L ? expl(logl(v[i]) + (long double)theta * (long double)i - top) : 0.0L;

		total += w;
		first += w * d;
		second += w * d * d;
	}
	*var = (double)(second / total - (first / total) * (first / total));
	return (double)(first / total);
}

static struct eh_num odds(const long double *v, size_t n, size_t at)
{
	double lo = -700.0, hi = 700.0, theta = 0.0;

	if (at == 0)
		return eh_num(0.0);
	if (at == n - 1)
		return eh_undefined(EH_U_UNBOUNDED);
	for (int i = 0; i < 200; i++) {
		double var = 0.0, m = mean(v, n, at, theta, &var), next;

		if (m < 0.0)
			lo = theta;
		else
			hi = theta;
		next = theta - m / var;
		if (!(next > lo && next < hi))
			next = 0.5 * (lo + hi);
		if (fabs(next - theta) <= 1e-14 * fmax(1.0, fabs(theta)))
			break;
		theta = next;
	}
	return eh_num(exp(theta));
}

static void conclude(struct eh_strata_exact *out, const long double *v, size_t n, size_t at)
{
	long double total = 0.0L, two = 0.0L, tied = 0.0L, seen = v[at];

	for (size_t i = 0; i < n; i++) {
		total += v[i];
		if (v[i] <= seen * (1.0L + TIE))
			two += v[i];
		if (v[i] <= seen * (1.0L + TIE) && v[i] >= seen * (1.0L - TIE))
			tied += v[i];
	}
	out->p = eh_num((double)fminl(1.0L, two / total));
	out->mid = eh_num((double)fminl(1.0L, (two - 0.5L * tied) / total));
	out->odds = odds(v, n, at);
}

int eh_strata_exact(struct eh_strata_exact *out, const struct eh_fourfold *v, size_t n, struct eh_err *err)
{
	struct eh_num none = eh_undefined(EH_U_ZERO_VARIANCE);
	long double *sum = NULL, *next = NULL, *one = NULL;
	uint64_t range = 0, at = 0, lo, hi;
	size_t have = 1;
	int rc = EH_OK;

	*out = (struct eh_strata_exact){ none, none, none };
	for (size_t k = 0; k < n; k++) {
		bounds(&v[k], &lo, &hi);
		range += hi - lo;
		at += v[k].a - lo;
	}
	if (range == 0)
		return EH_OK;
	if (range > EH_STRATA_EXACT_MAX) {
		out->p = out->mid = out->odds = eh_undefined(EH_U_NOT_COMPUTED);
		return EH_OK;
	}
	sum = eh_try_calloc(range + 1, sizeof *sum);
	next = eh_try_calloc(range + 1, sizeof *next);
	one = eh_try_calloc(range + 1, sizeof *one);
	if (sum == NULL || next == NULL || one == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "exact test over strata: out of memory for %llu sums",
				(unsigned long long)range);
		goto out;
	}
	sum[0] = 1.0L;
	for (size_t k = 0; k < n; k++) {
		size_t width;

		bounds(&v[k], &lo, &hi);
		width = (size_t)(hi - lo) + 1;
		masses(one, &v[k], lo, hi);
		memset(next, 0, (have + width - 1) * sizeof *next);
		for (size_t i = 0; i < have; i++)
			for (size_t j = 0; j < width; j++)
				next[i + j] += sum[i] * one[j];
		have += width - 1;
		memcpy(sum, next, have * sizeof *sum);
	}
	conclude(out, sum, have, (size_t)at);
out:
	free(sum);
	free(next);
	free(one);
	return rc;
}

/* Score statistics; see scores.h. */
#include "audit/scores.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"

__extension__ typedef unsigned __int128 big;

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Much of what comes is in order already. */
static void sort(double *v, size_t n)
{
	size_t i = 1;

	while (i < n && v[i - 1] <= v[i])
		i++;
	if (i < n)
		qsort(v, n, sizeof *v, by_value);
}

double eh_score_median(double *v, size_t n)
{
	sort(v, n);
	return n % 2 == 1 ? v[n / 2] : v[n / 2 - 1] + 0.5 * (v[n / 2] - v[n / 2 - 1]);
}

static double mean_of(const double *v, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

/* Sum of squares about the mean; exactly 0 when all are equal, whatever the mean was rounded to. */
static double squares(const double *v, size_t n, double mean)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return n > 0 && v[0] < v[n - 1] ? sum : 0.0;
}

static void set_rates(struct eh_score_test *o, const double *x, size_t n, const double *y, size_t m, double median)
{
	uint64_t a = 0, b = 0;

	for (size_t i = 0; i < n; i++)
		a += x[i] > median;
	for (size_t i = 0; i < m; i++)
		b += y[i] > median;
	o->scoring_rate = eh_num((double)a / (double)n);
	o->ref_scoring_rate = eh_num((double)b / (double)m);
	o->scoring_ratio = eh_undefined(a == 0 ? EH_U_NOBODY_SELECTED : EH_U_REFERENCE_NONE_SELECTED);
	if (b > 0)
		o->scoring_ratio = eh_num((double)a / (double)n / ((double)b / (double)m));
}

static struct eh_num p_of_t(double t, double df)
{
	return eh_num(2.0 * gsl_cdf_tdist_Q(fabs(t), df));
}

static void set_means(struct eh_score_test *o, const double *x, size_t count, const double *y, size_t ref_count)
{
	double n = (double)count, m = (double)ref_count, df = n + m - 2.0;
	double d = o->mean.value - o->ref_mean.value;
	double sx, sy, pooled, vx, vy;
	enum eh_undef why = EH_U_NONE;

	sx = squares(x, count, o->mean.value);
	sy = squares(y, ref_count, o->ref_mean.value);
	if (count < 2 || ref_count < 2)
		why = EH_U_ONE_PERSON;
	else if (!(sx + sy > 0.0))
		why = EH_U_ZERO_VARIANCE;
	o->cohen_d = o->hedges_g = o->welch_t = o->welch_df = o->p_welch = o->pooled_t = o->p_pooled =
		eh_undefined(why);
	if (why != EH_U_NONE)
		return;
	pooled = sqrt((sx + sy) / df);
	o->cohen_d = eh_num(d / pooled);
	o->hedges_g = eh_num(d / pooled * (1.0 - 3.0 / (4.0 * df - 1.0)));
	o->pooled_t = eh_num(d / pooled / sqrt(1.0 / n + 1.0 / m));
	o->p_pooled = p_of_t(o->pooled_t.value, df);
	vx = sx / (n - 1.0) / n;
	vy = sy / (m - 1.0) / m;
	o->welch_t = eh_num(d / sqrt(vx + vy));
	o->welch_df = eh_num((vx + vy) * (vx + vy) / (vx * vx / (n - 1.0) + vy * vy / (m - 1.0)));
	o->p_welch = p_of_t(o->welch_t.value, o->welch_df.value);
}

/* One pass over both sorted groups: twice U, the sum of t^3 - t over the ties, the largest distance (in units of
 * 1/(n m), so that equal distances are equal). */
struct walk {
	double twice_u, ties, distance;
	bool tied;
};

static struct walk walk(const double *x, size_t n, const double *y, size_t m)
{
	struct walk w = { 0.0, 0.0, 0.0, false };
	size_t i = 0, j = 0;

	while (i < n || j < m) {
		double v = j == m || (i < n && x[i] <= y[j]) ? x[i] : y[j];
		size_t i0 = i, j0 = j;
		double t;

		while (i < n && x[i] <= v)
			i++;
		while (j < m && y[j] <= v)
			j++;
		t = (double)(i - i0 + j - j0);
		w.twice_u += (double)(i - i0) * (double)(j0 + j);
		w.ties += t * t * t - t;
		w.tied = w.tied || t > 1.0;
		w.distance = fmax(w.distance, fabs((double)i * (double)m - (double)j * (double)n));
	}
	return w;
}

/*
 * Two-sided exact p of U without ties: the numbers of rankings with each U are the coefficients of the Gaussian
 * binomial prod (1 - q^(m+i))/(1 - q^i), i = 1..n, exact in 128 bits below EH_RANK_EXACT ((98 over 49) is 2.5e28).
 */
static int rank_exact(struct eh_num *p, size_t n, size_t m, double u, struct eh_err *err)
{
	size_t top = n * m;
	size_t low = (size_t)fmin(u, (double)top - u);
	big *v = eh_try_calloc(low + 1, sizeof *v);
	double all = 1.0, tail = 0.0;

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "rank test: out of memory for %zu sums", low + 1);
	v[0] = 1;
	for (size_t i = 1; i <= n; i++) {
		for (size_t k = low + 1; k-- > m + i;)
			v[k] -= v[k - m - i];
		for (size_t k = i; k <= low; k++)
			v[k] += v[k - i];
		all *= (double)(m + i) / (double)i;
	}
	for (size_t k = 0; k <= low; k++)
		tail += (double)v[k];
	*p = eh_num(fmin(1.0, 2.0 * tail / all));
	free(v);
	return EH_OK;
}

static int set_ranks(struct eh_score_test *o, const double *x, size_t n, const double *y, size_t m, struct eh_err *err)
{
	struct walk w = walk(x, n, y, m);
	double pairs = (double)n * (double)m, all = (double)n + (double)m;
	double var = pairs / 12.0 * (all + 1.0 - (all > 1.0 ? w.ties / (all * (all - 1.0)) : 0.0));
	double d = fabs(0.5 * w.twice_u - 0.5 * pairs);
	int rc = EH_OK;

	o->u = eh_num(0.5 * w.twice_u);
	o->ks = eh_num(w.distance / pairs);
	o->p_rank_normal = o->p_rank_plain = eh_undefined(EH_U_ZERO_VARIANCE);
	/* all equal: rounding must not leave a variance */
	if (fmin(x[0], y[0]) < fmax(x[n - 1], y[m - 1])) {
		o->p_rank_normal = eh_num(fmin(1.0, 2.0 * gsl_cdf_ugaussian_Q(fmax(0.0, d - 0.5) / sqrt(var))));
		o->p_rank_plain = eh_num(2.0 * gsl_cdf_ugaussian_Q(d / sqrt(var)));
	}
	o->p_rank_exact = eh_undefined(w.tied ? EH_U_ZERO_VARIANCE : EH_U_NOT_COMPUTED);
	o->rank_exact = !w.tied && n < EH_RANK_EXACT && m < EH_RANK_EXACT;
	if (o->rank_exact)
		rc = rank_exact(&o->p_rank_exact, n, m, o->u.value, err);
	o->p_rank = o->rank_exact ? o->p_rank_exact : o->p_rank_normal;
	return rc;
}

int eh_score_test(struct eh_score_test *o, double *focal, size_t n, double *reference, size_t ref_n, double median,
		  struct eh_err *err)
{
	struct eh_num none = eh_undefined(EH_U_EMPTY_GROUP);

	*o = (struct eh_score_test){ n, ref_n, none, none, none, none, none, none, none, none, none, none,
				     none, none, none, none, false, none, none, none, none };
	if (n > 0) {
		sort(focal, n);
		o->mean = eh_num(mean_of(focal, n));
	}
	if (ref_n > 0) {
		sort(reference, ref_n);
		o->ref_mean = eh_num(mean_of(reference, ref_n));
	}
	if (n == 0 || ref_n == 0)
		return EH_OK;
	set_rates(o, focal, n, reference, ref_n, median);
	set_means(o, focal, n, reference, ref_n);
	return set_ranks(o, focal, n, reference, ref_n, err);
}

const char *eh_rank_method_text(bool exact)
{
	return exact ? "Mann-Whitney, exact" : "Mann-Whitney, normal (ties, continuity)";
}

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

static double middle_of(double low, double high) { return low + 0.5 * (high - low); }

double eh_score_median(double *v, size_t n)
{
	sort(v, n);
	return n % 2 == 1 ? v[n / 2] : middle_of(v[n / 2 - 1], v[n / 2]);
}

double eh_score_median_counts(const double *value, const uint32_t *count, size_t n_values)
{
	uint64_t n = 0, upto = 0;
	size_t i = 0, low = 0;

	for (size_t k = 0; k < n_values; k++)
		n += count[k];
	for (; i < n_values && upto + count[i] <= (n - 1) / 2; i++)
		upto += count[i];
	low = i;
	for (; i < n_values && upto + count[i] <= n / 2; i++)
		upto += count[i];
	return n % 2 == 1 ? value[low] : middle_of(value[low], value[i]);
}

/* One side of a comparison: how many persons have each of the values. */
struct side {
	const double *value;
	const uint32_t *count;
	size_t n_values;
	uint64_t n; /* persons */
	double mean;
	size_t first, last; /* values that somebody has; only with n > 0 */
};

/* Products of value and persons, so that the same persons give the same sum however they are handed over. */
static struct side side_of(const double *value, const uint32_t *count, size_t n_values)
{
	struct side s = { value, count, n_values, 0, 0.0, 0, 0 };
	double sum = 0.0;

	for (size_t i = 0; i < n_values; i++) {
		if (count[i] == 0)
			continue;
		s.first = s.n == 0 ? i : s.first;
		s.last = i;
		s.n += count[i];
		sum += value[i] * (double)count[i];
	}
	s.mean = s.n > 0 ? sum / (double)s.n : 0.0;
	return s;
}

/* Sum of squares about the mean; exactly 0 when all are equal, whatever the mean was rounded to. */
static double squares(const struct side *s)
{
	double sum = 0.0;

	for (size_t i = s->first; i <= s->last && s->n > 0; i++)
		if (s->count[i] > 0)
			sum += (s->value[i] - s->mean) * (s->value[i] - s->mean) * (double)s->count[i];
	return s->first < s->last ? sum : 0.0;
}

static uint64_t above(const struct side *s, double median)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n_values; i++)
		n += s->value[i] > median ? s->count[i] : 0;
	return n;
}

static void set_rates(struct eh_score_test *o, const struct side *x, const struct side *y, double median)
{
	const uint64_t a = above(x, median), b = above(y, median);
	const double n = (double)x->n, m = (double)y->n;

	o->scoring_rate = eh_num((double)a / n);
	o->ref_scoring_rate = eh_num((double)b / m);
	o->scoring_ratio = eh_undefined(a == 0 ? EH_U_NOBODY_SELECTED : EH_U_REFERENCE_NONE_SELECTED);
	if (b > 0)
		o->scoring_ratio = eh_num((double)a / n / ((double)b / m));
}

static struct eh_num p_of_t(double t, double df)
{
	return eh_num(2.0 * gsl_cdf_tdist_Q(fabs(t), df));
}

static void set_means(struct eh_score_test *o, const struct side *x, const struct side *y)
{
	double n = (double)x->n, m = (double)y->n, df = n + m - 2.0;
	double d = o->mean.value - o->ref_mean.value;
	double sx, sy, pooled, vx, vy;
	enum eh_undef why = EH_U_NONE;

	sx = squares(x);
	sy = squares(y);
	if (x->n < 2 || y->n < 2)
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

/* One pass over the values: twice U, the sum of t^3 - t over the ties, the largest distance (in units of 1/(n m), so
 * that equal distances are equal). */
struct walk {
	double twice_u, ties, distance;
	bool tied;
};

static struct walk walk(const struct side *x, const struct side *y)
{
	const double n = (double)x->n, m = (double)y->n;
	struct walk w = { 0.0, 0.0, 0.0, false };
	uint64_t i = 0, j = 0;

	for (size_t k = 0; k < x->n_values; k++) {
		const uint64_t a = x->count[k], b = y->count[k];
		const double t = (double)(a + b);

		i += a;
		w.twice_u += (double)a * (double)(j + j + b);
		j += b;
		w.ties += a + b > 1 ? t * t * t - t : 0.0;
		w.tied = w.tied || a + b > 1;
		w.distance = fmax(w.distance, fabs((double)i * m - (double)j * n));
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

static int set_ranks(struct eh_score_test *o, const struct side *x, const struct side *y, struct eh_err *err)
{
	const double low = fmin(x->value[x->first], y->value[y->first]);
	const double high = fmax(x->value[x->last], y->value[y->last]);
	struct walk w = walk(x, y);
	double pairs = (double)x->n * (double)y->n, all = (double)x->n + (double)y->n;
	double var = pairs / 12.0 * (all + 1.0 - (all > 1.0 ? w.ties / (all * (all - 1.0)) : 0.0));
	double d = fabs(0.5 * w.twice_u - 0.5 * pairs);
	int rc = EH_OK;

	o->u = eh_num(0.5 * w.twice_u);
	o->ks = eh_num(w.distance / pairs);
	o->p_rank_normal = o->p_rank_plain = eh_undefined(EH_U_ZERO_VARIANCE);
	/* all equal: rounding must not leave a variance */
	if (low < high) {
		o->p_rank_normal = eh_num(fmin(1.0, 2.0 * gsl_cdf_ugaussian_Q(fmax(0.0, d - 0.5) / sqrt(var))));
		o->p_rank_plain = eh_num(2.0 * gsl_cdf_ugaussian_Q(d / sqrt(var)));
	}
	o->p_rank_exact = eh_undefined(w.tied ? EH_U_ZERO_VARIANCE : EH_U_NOT_COMPUTED);
	o->rank_exact = !w.tied && x->n < EH_RANK_EXACT && y->n < EH_RANK_EXACT;
	if (o->rank_exact)
		rc = rank_exact(&o->p_rank_exact, x->n, y->n, o->u.value, err);
	o->p_rank = o->rank_exact ? o->p_rank_exact : o->p_rank_normal;
	return rc;
}

int eh_score_test_counts(struct eh_score_test *o, const double *value, const uint32_t *focal,
			 const uint32_t *reference, size_t n_values, double median, struct eh_err *err)
{
	const struct side x = side_of(value, focal, n_values), y = side_of(value, reference, n_values);
	struct eh_num none = eh_undefined(EH_U_EMPTY_GROUP);

	*o = (struct eh_score_test){ x.n, y.n, none, none, none, none, none, none, none, none, none, none,
				     none, none, none, none, false, none, none, none, none };
	if (x.n > 0)
		o->mean = eh_num(x.mean);
	if (y.n > 0)
		o->ref_mean = eh_num(y.mean);
	if (x.n == 0 || y.n == 0)
		return EH_OK;
	set_rates(o, &x, &y, median);
	set_means(o, &x, &y);
	return set_ranks(o, &x, &y, err);
}

/* Persons of both groups by value; the three arrays have room for n + ref_n. */
static size_t count_values(double *value, uint32_t *focal, uint32_t *reference, const double *x, size_t n,
			   const double *y, size_t m)
{
	size_t i = 0, j = 0, k = 0;

	for (; i < n || j < m; k++) {
		value[k] = j == m || (i < n && x[i] <= y[j]) ? x[i] : y[j];
		for (focal[k] = 0; i < n && x[i] <= value[k]; i++)
			focal[k]++;
		for (reference[k] = 0; j < m && y[j] <= value[k]; j++)
			reference[k]++;
	}
	return k;
}

int eh_score_test(struct eh_score_test *o, double *focal, size_t n, double *reference, size_t ref_n, double median,
		  struct eh_err *err)
{
	double *value = eh_try_malloc(n + ref_n + 1, sizeof *value);
	uint32_t *a = eh_try_malloc(n + ref_n + 1, sizeof *a);
	uint32_t *b = eh_try_malloc(n + ref_n + 1, sizeof *b);
	int rc = EH_ENOMEM;

	if (value != NULL && a != NULL && b != NULL) {
		sort(focal, n);
		sort(reference, ref_n);
		rc = eh_score_test_counts(o, value, a, b, count_values(value, a, b, focal, n, reference, ref_n),
					  median, err);
	} else {
		eh_err_set(err, rc, "rank test: out of memory for %zu scores", n + ref_n);
	}
	free(value);
	free(a);
	free(b);
	return rc;
}

const char *eh_rank_method_text(bool exact)
{
	return exact ? "Mann-Whitney, exact" : "Mann-Whitney, normal (ties, continuity)";
}

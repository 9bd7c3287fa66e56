/* Further tests and effect sizes of one 2x2 table; see table.h. */
#include "audit/table.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

__extension__ typedef __int128 wide;

struct eh_num eh_p_of_chi(struct eh_num x, double df)
{
	return x.defined ? eh_num(gsl_cdf_chisq_Q(x.value, df)) : x;
}

/* Of equal rates the logarithms and angles leave a last digit. */
static bool same_rate(const struct eh_fourfold *t)
{
	return (wide)t->a * (wide)t->n2 == (wide)t->b * (wide)t->n1;
}

/* |O - E|, the same in all four cells: (a n2 - b n1)/N, from the exact product. */
static double deviation(const struct eh_fourfold *t)
{
	return (double)((wide)t->a * (wide)t->n2 - (wide)t->b * (wide)t->n1) / ((double)t->n1 + (double)t->n2);
}

struct eh_num eh_table_yates(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);
	double n1 = (double)t->n1, n2 = (double)t->n2, all = n1 + n2;
	double k = (double)t->a + (double)t->b;
	double d = fabs(deviation(t));

	if (state != EH_U_NONE)
		return eh_undefined(state);
	d -= fmin(0.5, d);
	return eh_num(d * d * (all / n1) * (all / n2) * (all / (k * (all - k))));
}

static double term(double observed, double expected)
{
	return observed > 0.0 ? observed * log(observed / expected) : 0.0;
}

struct eh_num eh_table_g(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);
	double a = (double)t->a, n1 = (double)t->n1, b = (double)t->b, n2 = (double)t->n2;
	double p = (a + b) / (n1 + n2), q = (n1 - a + n2 - b) / (n1 + n2);

	if (state != EH_U_NONE)
		return eh_undefined(state);
	if (same_rate(t))
		return eh_num(0.0);
	return eh_num(fmax(0.0, 2.0 * (term(a, n1 * p) + term(n1 - a, n1 * q) + term(b, n2 * p) +
				       term(n2 - b, n2 * q))));
}

struct eh_num eh_table_z_ratio(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);
	double n1 = (double)t->n1, n2 = (double)t->n2, all = n1 + n2;
	double p = ((double)t->a + (double)t->b) / all, q = n1 / all;

	if (state == EH_U_NONE && t->a == 0)
		state = EH_U_FOCAL_NONE_SELECTED;
	if (state == EH_U_NONE && t->b == 0)
		state = EH_U_REFERENCE_NONE_SELECTED;
	if (state != EH_U_NONE)
		return eh_undefined(state);
	return eh_num(log((double)t->a / n1 / ((double)t->b / n2)) / sqrt((1.0 - p) / (p * all * q * (1.0 - q))));
}

struct eh_num eh_table_shortfall_pooled(const struct eh_fourfold *t)
{
	wide missing = (wide)t->b * (wide)t->n1 - (wide)t->a * (wide)t->n2;

	if (t->n1 == 0 || t->n2 == 0)
		return eh_undefined(EH_U_EMPTY_GROUP);
	return eh_num((double)missing / ((double)t->n1 + (double)t->n2));
}

struct eh_num eh_table_odds(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);
	double up = (double)t->a * (double)(t->n2 - t->b);
	double down = (double)(t->n1 - t->a) * (double)t->b;

	if (state != EH_U_NONE)
		return eh_undefined(state);
	return down > 0.0 ? eh_num(up / down) : eh_undefined(EH_U_UNBOUNDED);
}

/* asin sqrt(p) without loss near 1. */
static double angle(uint64_t selected, uint64_t n)
{
	return atan2(sqrt((double)selected), sqrt((double)(n - selected)));
}

struct eh_num eh_table_h(const struct eh_fourfold *t)
{
	if (t->n1 == 0 || t->n2 == 0)
		return eh_undefined(EH_U_EMPTY_GROUP);
	return eh_num(same_rate(t) ? 0.0 : 2.0 * angle(t->a, t->n1) - 2.0 * angle(t->b, t->n2));
}

struct eh_num eh_table_phi(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);
	double n1 = (double)t->n1, n2 = (double)t->n2, k = (double)t->a + (double)t->b;

	if (state != EH_U_NONE)
		return eh_undefined(state);
	return eh_num(deviation(t) * sqrt((n1 + n2) / n1 * ((n1 + n2) / n2)) / sqrt(k * (n1 + n2 - k)));
}

struct eh_num eh_binomial_z(uint64_t observed, uint64_t n, double p)
{
	double var = (double)n * p * (1.0 - p);

	if (n == 0)
		return eh_undefined(EH_U_EMPTY_GROUP);
	if (!(var > 0.0))
		return eh_undefined(EH_U_ZERO_VARIANCE);
	return eh_num(((double)observed - (double)n * p) / sqrt(var));
}

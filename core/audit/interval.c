/* Intervals of a ratio of two rates: Katz and the score family; see table.h. */
#include "audit/table.h"

#include <math.h>

#define LN_RANGE 40.0                   /* of the bisection; facts/statistics.md 5 */

struct eh_interval eh_table_katz(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);
	double mid, half;

	if (state == EH_U_NONE && t->a == 0)
		state = EH_U_FOCAL_NONE_SELECTED;
	if (state == EH_U_NONE && t->b == 0)
		state = EH_U_REFERENCE_NONE_SELECTED;
	if (state != EH_U_NONE)
		return (struct eh_interval){ eh_undefined(state), eh_undefined(state) };
	mid = log((double)t->a / (double)t->n1 / ((double)t->b / (double)t->n2));
	half = EH_Z95 * sqrt(1.0 / (double)t->a - 1.0 / (double)t->n1 + 1.0 / (double)t->b - 1.0 / (double)t->n2);
	return (struct eh_interval){ eh_num(exp(mid - half)), eh_num(exp(mid + half)) };
}

double eh_tied_rate(double a, double n1, double b, double n2, double ratio)
{
	double qa = (n1 + n2) * ratio;
	double qb = -(ratio * (n1 + b) + a + n2);
	double qc = a + b;
	double root = sqrt(fmax(0.0, qb * qb - 4.0 * qa * qc));
	/* 2C/(-B + root) is the smaller root without cancellation for small ratios */
	double p = 2.0 * qc / (-qb + root);

	return fmin(1.0, fmax(0.0, p));
}

/* Signed score at the trial ratio; falls as the ratio rises.  Variance 0 means that the data and the trial agree. */
static double score(double a, double n1, double b, double n2, double ratio, double inflate)
{
	double p2 = eh_tied_rate(a, n1, b, n2, ratio);
	double p1 = fmin(1.0, ratio * p2);
	double v = (p1 * (1.0 - p1) / n1 + ratio * ratio * p2 * (1.0 - p2) / n2) * inflate;
	double d = a / n1 - ratio * b / n2;

	if (v <= 0.0)
		return d > 0.0 ? INFINITY : d < 0.0 ? -INFINITY : 0.0;
	return d / sqrt(v);
}

/* ln of the ratio at which the score crosses target. */
static double crossing(double a, double n1, double b, double n2, double inflate, double target)
{
	double lo = -LN_RANGE, hi = LN_RANGE;

	for (int i = 0; i < 250; i++) {
		double mid = 0.5 * (lo + hi);

		if (mid <= lo || mid >= hi)
			break;
		if (score(a, n1, b, n2, exp(mid), inflate) > target)
			lo = mid;
		else
			hi = mid;
	}
	return 0.5 * (lo + hi);
}

struct eh_interval eh_score_interval(double a, double n1, double b, double n2, bool miettinen)
{
	double n = n1 + n2;
	double inflate = miettinen && n > 1.0 ? n / (n - 1.0) : 1.0;
	struct eh_interval out = { eh_num(0.0), eh_undefined(EH_U_UNBOUNDED) };

	if (!(n1 > 0.0) || !(n2 > 0.0))
		return (struct eh_interval){ eh_undefined(EH_U_EMPTY_GROUP), eh_undefined(EH_U_EMPTY_GROUP) };
	if (a > 0.0)
		out.low = eh_num(exp(crossing(a, n1, b, n2, inflate, EH_Z95)));
	if (b > 0.0)
		out.high = eh_num(exp(crossing(a, n1, b, n2, inflate, -EH_Z95)));
	return out;
}

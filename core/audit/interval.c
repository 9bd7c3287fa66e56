/* Intervals of a ratio of two rates (Katz, adjusted, score) and of one rate; see table.h. */
#include "audit/table.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "audit/beta.h"

#define LN_RANGE 40.0                   /* of the search; facts/statistics.md 5 */

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

/*
 * Signed score at the trial ratio; falls as it rises.  Variance 0 means that the data and the trial agree.
 *
 * The tied rates p2~, p1~ = ratio p2~ and their complements as quotients of sums: near a ratio of 1 with nearly
 * everybody selected, B^2 - 4AC and 1 - p as differences have no digits left.  With c1 = n1 - a, c2 = n2 - b:
 *   B^2 - 4AC = d^2 + 4 ratio c1 c2,   d = ratio (n1 + b) - a - n2,
 *   1 - p2~ = (ratio (n1 + b) + c2 - a - b + root)/(root - B),
 *   1 - p1~ = (ratio (c1 - a - b) + a + n2 + root)/(root - B).
 */
static double score(double a, double n1, double b, double n2, double ratio, double inflate)
{
	double c1 = n1 - a, c2 = n2 - b, d = ratio * (n1 + b) - a - n2;
	double root = sqrt(d * d + 4.0 * ratio * c1 * c2), all = ratio * (n1 + b) + a + n2 + root;
	double p2 = 2.0 * (a + b) / all;
	double q2 = fmax(0.0, ratio * (n1 + b) + c2 - a - b + root) / all;
	double q1 = fmax(0.0, ratio * (c1 - a - b) + a + n2 + root) / all;
	double v = (ratio * p2 * q1 / n1 + ratio * ratio * p2 * q2 / n2) * inflate;
	double distance = a / n1 - ratio * b / n2;

	if (!(v > 0.0))
		return distance > 0.0 ? INFINITY : distance < 0.0 ? -INFINITY : 0.0;
	return distance / sqrt(v);
}

struct trial {
	double a, n1, b, n2, inflate, target;
};

/* Score minus target at ln ratio x, squeezed into -1..1 so that the infinite scores are ends like others. */
static double height(const struct trial *t, double x)
{
	double h = score(t->a, t->n1, t->b, t->n2, exp(x), t->inflate) - t->target;

	return isfinite(h) ? h / (1.0 + fabs(h)) : h > 0.0 ? 1.0 : -1.0;
}

/* Two ln ratios around the crossing, from the log interval's end outwards; false: the crossing is beyond LN_RANGE,
 * which is then in lo and hi. */
static bool bracket(const struct trial *t, double *lo, double *hi, double *at_lo, double *at_hi)
{
	double a = t->a + 0.5, n1 = t->n1 + 0.5, b = t->b + 0.5, n2 = t->n2 + 0.5;
	double se = sqrt(fmax(0.0, 1.0 / a - 1.0 / n1 + 1.0 / b - 1.0 / n2));
	double x = log(a / n1 / (b / n2)) - t->target * se, step = 0.1 * se + 1e-3;
	double sign = height(t, x) > 0.0 ? 1.0 : -1.0;

	*lo = *hi = x;
	*at_lo = *at_hi = height(t, x);
	for (; *at_lo * sign > 0.0 && *at_hi * sign > 0.0; step *= 4.0) {
		if (fabs(x) >= LN_RANGE)
			return false;
		if (sign > 0.0) {
			*lo = x;
			*at_lo = *at_hi;
			*hi = x = fmin(LN_RANGE, x + step);
			*at_hi = height(t, x);
		} else {
			*hi = x;
			*at_hi = *at_lo;
			*lo = x = fmax(-LN_RANGE, x - step);
			*at_lo = height(t, x);
		}
	}
	return true;
}

/*
 * ln of the ratio at which the score crosses target: inverse quadratic steps where the last three points allow them,
 * halving where they do not (Chandrupatla 1997, Advances in Engineering Software 28; from memory).  A dozen scores
 * instead of the sixty of halving alone, and the same digits.
 */
static double crossing(double a, double n1, double b, double n2, double inflate, double target)
{
	const struct trial trial = { a, n1, b, n2, inflate, target };
	double x0, x1, x2, f0, f1, f2 = 0.0, t = 0.5;           /* the newest point, the other side, the one before */

	if (!bracket(&trial, &x1, &x0, &f1, &f0))
		return x0;
	x2 = x1;
	f2 = f1;
	for (int i = 0; i < 250; i++) {
		double x = x0 + t * (x1 - x0), f = height(&trial, x), best, room, xi, phi;

		if ((f > 0.0) == (f0 > 0.0)) {
			x2 = x0;
			f2 = f0;
		} else {
			x2 = x1;
			f2 = f1;
			x1 = x0;
			f1 = f0;
		}
		x0 = x;
		f0 = f;
		best = fabs(f0) < fabs(f1) ? x0 : x1;
		room = 2.0 * DBL_EPSILON * fmax(1.0, fabs(best)) / fabs(x1 - x0);
		if (room > 0.5 || !(fabs(f0) > 0.0))
			return best;
		xi = (x0 - x1) / (x2 - x1);
		phi = (f0 - f1) / (f2 - f1);
		t = 0.5;
		if (phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi)
			t = f0 / (f1 - f0) * (f2 / (f1 - f2)) +
			    (x2 - x0) / (x1 - x0) * (f0 / (f2 - f0)) * (f1 / (f2 - f1));
		t = fmin(1.0 - room, fmax(room, t));
	}
	return x0;
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

struct eh_interval eh_log_interval(double value, double var_ln)
{
	double half = EH_Z95 * sqrt(var_ln), high = value * exp(half);

	return (struct eh_interval){ eh_num(value * exp(-half)),
				     isfinite(high) ? eh_num(high) : eh_undefined(EH_U_UNBOUNDED) };
}

struct eh_interval eh_table_adjusted_log(const struct eh_fourfold *t)
{
	double a = (double)t->a + 0.5, n1 = (double)t->n1 + 0.5, b = (double)t->b + 0.5, n2 = (double)t->n2 + 0.5;
	enum eh_undef state = eh_table_state(t);

	if (state == EH_U_EMPTY_GROUP || state == EH_U_EVERYBODY_SELECTED)
		return (struct eh_interval){ eh_undefined(state), eh_undefined(state) };
	return eh_log_interval(a / n1 / (b / n2), 1.0 / a - 1.0 / n1 + 1.0 / b - 1.0 / n2);
}

struct eh_interval eh_rate_wilson(uint64_t selected, uint64_t n)
{
	double p = (double)selected / (double)n, q = (double)(n - selected) / (double)n, zz = EH_Z95 * EH_Z95;
	double half = EH_Z95 * sqrt((double)n * p * q + zz / 4.0);
	double up = (double)selected + zz / 2.0, down = (double)(n - selected) + zz / 2.0;

	if (n == 0)
		return (struct eh_interval){ eh_undefined(EH_U_EMPTY_GROUP), eh_undefined(EH_U_EMPTY_GROUP) };
	/* low = (up - half)/all in the form without cancellation, by up^2 - half^2 = selected p (n + z^2);
	 * the high end mirrors it */
	return (struct eh_interval){
		eh_num((double)selected * p / (up + half)),
		eh_num(selected == n ? 1.0 : 1.0 - (double)(n - selected) * q / (down + half)),
	};
}

/* The central 95 % of Beta(alpha, beta) for the low and the high end. */
static struct eh_interval beta_interval(uint64_t selected, uint64_t n, double low_extra, double high_extra)
{
	struct eh_interval out = { eh_num(0.0), eh_num(1.0) };
	double a = (double)selected, b = (double)(n - selected);
	struct eh_beta beta;

	if (n == 0)
		return (struct eh_interval){ eh_undefined(EH_U_EMPTY_GROUP), eh_undefined(EH_U_EMPTY_GROUP) };
	if (selected > 0) {
		eh_beta_init(&beta, a + low_extra, b + high_extra);
		out.low = eh_num(eh_beta_quantile(&beta, 0.025, 0));
	}
	if (selected < n) {
		eh_beta_init(&beta, a + high_extra, b + low_extra);
		out.high = eh_num(eh_beta_quantile(&beta, 0.025, 1));
	}
	return out;
}

struct eh_interval eh_rate_exact(uint64_t selected, uint64_t n)
{
	return beta_interval(selected, n, 0.0, 1.0);
}

struct eh_interval eh_rate_jeffreys(uint64_t selected, uint64_t n)
{
	return beta_interval(selected, n, 0.5, 0.5);
}

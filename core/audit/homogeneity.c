/* Which test of one odds ratio in all strata holds, and Liang and Self's; see homogeneity.h. */
#include "audit/homogeneity.h"

#include <math.h>

#include "audit/strata_terms.h"

/* Masses below this share of the largest add nothing to a double, in the fourth moment neither. */
#define MASS_LEFT 1e-24
/* A variance from which on a is as good as normal: walking through the masses would cost sqrt of it. */
#define LARGE     1000.0
#define STEPS     60
#define STEP_MAX  1.0
/* Strata from which on their moments are taken from strata_terms.h, and the sums follow their slopes.  What that leaves
 * out moves the sum by sqrt(strata/2) of its share in the variance: thousandths of a deviation at ten thousand. */
#define MANY 512u
/* As far they do: steps x of the logarithm with x^2 v up to this; with few strata to the last digit. */
#define NEAR_MANY 1e-5
#define NEAR_FEW 1e-16
/* Of the variance of the sum of squares, for many strata, its share that the fitted odds ratio does not take away;
 * below it is rounding. */
#define SHARE_LEFT 1e-9

void eh_chi_check(struct eh_chi_check *out, const struct eh_strata *s)
{
	*out = (struct eh_chi_check){ .cells = 0 };
	if (!s->breslow_day.defined)
		return;
	out->cells = 4 * s->used;
	out->below_one = s->below_one;
	out->below_five = s->below_five;
	out->excess = s->excess;
	out->holds = out->below_one == 0 && 5 * (uint64_t)out->below_five <= out->cells &&
		     out->excess <= EH_CHI_EXCESS * sqrt(2.0 * ((double)s->used - 1.0));
}

/* Raw moments of a - from, not divided by the sum of the masses. */
struct raw {
	double mass, first, second, third, fourth;
};

static void put(struct raw *r, double mass, double d)
{
	r->mass += mass;
	r->first += mass * d;
	r->second += mass * d * d;
	r->third += mass * d * d * d;
	r->fourth += mass * d * d * d * d;
}

/* The masses up (sign 1) or down (-1) from the one at from, which is 1 and next to the mode, until they are nothing. */
static void walk(struct raw *r, const struct eh_fourfold *t, double odds, double from, double sign)
{
	const double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b);
	const double end = sign > 0.0 ? fmin(n1, m) : fmax(0.0, m - n2);
	double mass = 1.0;

	for (double x = from; x != end; x += sign) {
		double up = sign > 0.0 ? odds * (m - x) * (n1 - x) / ((x + 1.0) * (n2 - m + x + 1.0)) :
					 x * (n2 - m + x) / (odds * (m - x + 1.0) * (n1 - x + 1.0));

		mass *= up;
		put(r, mass, x + sign - from);
		if (up < 1.0 && mass < MASS_LEFT * r->mass)
			break;
	}
}

/* As the margins grow: the fitted a, the variance of the fitted cells with T/(T - 1), and the third moment as the rate
 * at which that variance changes with the logarithm of the odds ratio; the fourth as if normal. */
static void large(struct eh_conditional *out, const struct eh_fourfold *t, const struct eh_stratum_fit *fit)
{
	const double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b), a = fit->a;
	const double v = 1.0 / fit->inverse, b = m - a, c = n1 - a, d = n2 - b;

	out->mean = a;
	out->variance = v * (n1 + n2) / (n1 + n2 - 1.0);
	out->third = v * v * v * (1.0 / (a * a) - 1.0 / (b * b) - 1.0 / (c * c) + 1.0 / (d * d));
	out->fourth = 3.0 * out->variance * out->variance;
}

/* fit: NULL where the stratum takes no part in Breslow-Day. */
static void conditional(struct eh_conditional *out, const struct eh_fourfold *t, double odds,
			const struct eh_stratum_fit *fit)
{
	const double m = (double)(t->a + t->b), lo = fmax(0.0, m - (double)t->n2), hi = fmin((double)t->n1, m);
	struct raw r = { 0.0, 0.0, 0.0, 0.0, 0.0 };
	/* the fitted a, rounded, is next to the mode: no mass is so large that the others are lost beside it */
	const double from = fit != NULL ? fmin(hi, fmax(lo, floor(fit->a + 0.5))) : lo;
	double d;

	if (fit != NULL && fit->inverse * LARGE < 1.0) {
		large(out, t, fit);
		return;
	}
	put(&r, 1.0, 0.0);
	walk(&r, t, odds, from, 1.0);
	walk(&r, t, odds, from, -1.0);
	d = r.first / r.mass;
	r.second /= r.mass;
	r.third /= r.mass;
	r.fourth /= r.mass;
	out->mean = from + d;
	out->variance = r.second - d * d;
	out->third = r.third - 3.0 * d * r.second + 2.0 * d * d * d;
	out->fourth = r.fourth - 4.0 * d * r.third + 6.0 * d * d * r.second - 3.0 * d * d * d * d;
}

void eh_conditional(struct eh_conditional *out, const struct eh_fourfold *t, double odds)
{
	struct eh_stratum_fit fit;

	conditional(out, t, odds, eh_stratum_fit(&fit, t, odds) ? &fit : NULL);
}

/* Sums over the strata at one odds ratio. */
struct sums {
	double off, off2;               /* a - E and its square */
	double v, v2, v3;               /* v3: of the cube */
	double third, third_v;          /* m3, m3 v */
	double spread;                  /* m4 - v^2 */
	double cum, cum_v, cum_v2;      /* (m4 - 3 v^2) times 1, v, v^2 */
	/* for the slopes: the derivative of a mean by the logarithm of the odds ratio is v, of v m3, of m3 the
	 * cumulant */
	double off_v, off_third, v_third, v2_third, third2, cum_third, cum_third_v;
};

static void add(struct sums *s, double a, const struct eh_conditional *c)
{
	const double v = c->variance, off = a - c->mean, cum = c->fourth - 3.0 * v * v;

	s->off += off;
	s->off2 += off * off;
	s->v += v;
	s->v2 += v * v;
	s->v3 += v * v * v;
	s->third += c->third;
	s->third_v += c->third * v;
	s->spread += c->fourth - v * v;
	s->cum += cum;
	s->cum_v += cum * v;
	s->cum_v2 += cum * v * v;
	s->off_v += off * v;
	s->off_third += off * c->third;
	s->v_third += v * c->third;
	s->v2_third += v * v * c->third;
	s->third2 += c->third * c->third;
	s->cum_third += cum * c->third;
	s->cum_third_v += cum * c->third * v;
}

/* The same at exp(x) times the odds ratio, x near 0; the slope of the fourth cumulant is left out. */
static void shift(struct sums *s, double x)
{
	s->off -= x * s->v + 0.5 * x * x * s->third;
	s->off2 += x * (x * (s->v2 - s->off_third) - 2.0 * s->off_v);
	s->spread += 4.0 * x * s->v_third;
	s->v3 += 3.0 * x * s->v2_third;
	s->v2 += 2.0 * x * s->v_third;
	s->v += x * s->third;
	s->third_v += x * (s->cum_v + s->third2);
	s->third += x * s->cum;
	s->cum_v2 += 2.0 * x * s->cum_third_v;
	s->cum_v += x * s->cum_third;
}

/* Many at a time where the fitted cells allow it (strata_terms.h): everybody's strata are ten thousands. */
static void sum_up(struct sums *s, const struct eh_fourfold *v, size_t n, double odds, bool many)
{
	struct eh_columns c;
	struct eh_fit_terms fit;
	struct eh_moment_terms m;

	*s = (struct sums){ .v = 0.0 };
	for (size_t k = 0; k < n;) {
		k = eh_columns_fill(&c, v, k, n, true);
		eh_terms_fit(&fit, &c, odds);
		if (many)
			eh_terms_moments(&m, &c, &fit, odds);
		for (size_t i = 0; i < c.n; i++) {
			const struct eh_fourfold t = { (uint64_t)c.a[i], (uint64_t)c.n1[i], (uint64_t)c.b[i],
						       (uint64_t)c.n2[i] };
			const struct eh_stratum_fit one = { fit.a[i], fit.inverse[i] };
			struct eh_conditional x;

			if (many && fit.least[i] >= EH_MOMENTS_LEAST)
				x = (struct eh_conditional){ m.mean[i], m.variance[i], m.third[i], m.fourth[i] };
			else
				conditional(&x, &t, odds, &one);
			add(s, c.a[i], &x);
		}
	}
}

/* Where off = v x + third x^2/2; less than a whole unit of the logarithm at a time. */
static double step_of(const struct sums *s)
{
	const double x = s->off / s->v, bend = s->third * x * x / (2.0 * s->v);

	return fmax(-STEP_MAX, fmin(STEP_MAX, fabs(bend) < 0.5 * fabs(x) ? x - bend : x));
}

/* The conditional maximum-likelihood odds ratio, where sum a is sum E, by Newton's steps from Mantel-Haenszel's: E
 * rises with the logarithm at the rate of the variance, so a step cut to STEP_MAX never leads away.  With many strata
 * the first step is so short that the sums need not be made again. */
static double solve(struct sums *s, const struct eh_fourfold *v, size_t n, double odds, bool many)
{
	double theta = log(odds);

	for (int i = 0; i < STEPS; i++) {
		double x = 0.0;

		sum_up(s, v, n, exp(theta), many);
		if (!(s->v > 0.0))
			break;
		x = step_of(s);
		theta += x;
		if (x * x * s->v2 <= (many ? NEAR_MANY : NEAR_FEW) * s->v) {
			shift(s, x);
			break;
		}
	}
	return exp(theta);
}

void eh_liang_self(struct eh_liang_self *out, const struct eh_strata *s, const struct eh_fourfold *v, size_t n,
		   double inflation)
{
	struct eh_num none = s->breslow_day.defined ? eh_undefined(EH_U_NOT_IDENTIFIED) : s->breslow_day;
	struct sums sum;
	double left, odds, mean, var, off;

	*out = (struct eh_liang_self){ none, none, none, none, 0.0 };
	if (!s->breslow_day.defined)
		return;
	odds = solve(&sum, v, n, s->odds.value, s->used >= MANY);
	left = sum.spread - sum.third * sum.third / sum.v;
	off = sum.third - sum.third_v / sum.v;
	mean = sum.v - left / (2.0 * sum.v);
	var = 2.0 * (sum.v2 - 2.0 * sum.v3 / sum.v + sum.v2 * sum.v2 / (sum.v * sum.v)) + sum.cum -
	      2.0 * sum.cum_v / sum.v + sum.cum_v2 / (sum.v * sum.v) - off * off / sum.v;
	if (!(left > SHARE_LEFT * sum.spread) || !(mean > 0.0) || !(var > 0.0))
		return;
	var *= inflation;
	out->odds = odds;
	out->sum = eh_num(sum.off2);
	out->mean = eh_num(mean);
	out->variance = eh_num(var);
	/* the gamma distribution of this mean and variance is var/(2 mean) times a chi-square on 2 mean^2/var */
	out->p = eh_p_of_chi(eh_num(sum.off2 * 2.0 * mean / var), 2.0 * mean * mean / var);
}

double eh_homogeneity_inflation(struct eh_num robust, struct eh_num plain, double m)
{
	double off;

	if (!(m > 1.0))
		return 1.0;
	if (!robust.defined || !plain.defined || !(plain.value > 0.0))
		return m;
	off = fabs(robust.value / plain.value - 1.0);
	return 1.0 + fmin(off, off * off / (m - 1.0));
}

struct eh_homogeneity eh_homogeneity(const struct eh_strata *s, const struct eh_fourfold *v, size_t n, double inflation)
{
	struct eh_chi_check check;
	struct eh_liang_self sparse;

	eh_chi_check(&check, s);
	if (check.holds && inflation <= 1.0)
		return (struct eh_homogeneity){ EH_STRATA_BRESLOW_DAY, s->p_breslow_day };
	eh_liang_self(&sparse, s, v, n, inflation);
	return (struct eh_homogeneity){ sparse.p.defined ? EH_STRATA_LIANG_SELF : EH_STRATA_UNTESTED, sparse.p };
}

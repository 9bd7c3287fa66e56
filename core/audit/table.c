/* Closed forms of one 2x2 table: rate, ratio, limit, Z, shortfall, swap, smallest detectable ratio; see table.h. */
#include "audit/table.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/wide.h"

#define SURE 1e-12      /* of the crossing: thousands of times its rounding */
#define LAST 0x1p-60    /* the width at which halving ends */
#define PARTS 8         /* of what three halvings leave */
#define EXACT 0x1p-50   /* from this width on down an eighth may fall between two numbers */
#define POWER_Z 0.8416212335729143      /* normal quantile .8 */

__extension__ typedef __int128 wide;

enum eh_undef eh_table_state(const struct eh_fourfold *t)
{
	if (t->n1 == 0 || t->n2 == 0)
		return EH_U_EMPTY_GROUP;
	if (t->a + t->b == 0)
		return EH_U_NOBODY_SELECTED;
	if (t->a == t->n1 && t->b == t->n2)
		return EH_U_EVERYBODY_SELECTED;
	return EH_U_NONE;
}

struct eh_num eh_rate(uint64_t selected, uint64_t n)
{
	if (n == 0)
		return eh_undefined(EH_U_EMPTY_GROUP);
	return eh_num((double)selected / (double)n);
}

struct eh_num eh_table_ratio(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);

	if (state == EH_U_EMPTY_GROUP || state == EH_U_NOBODY_SELECTED)
		return eh_undefined(state);
	if (t->b == 0)
		return eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	return eh_num((double)t->a / (double)t->n1 / ((double)t->b / (double)t->n2));
}

enum eh_tri eh_table_below(const struct eh_fourfold *t, int32_t num, int32_t den)
{
	if (t->n1 == 0 || t->n2 == 0 || t->b == 0)
		return EH_UNKNOWN;
	return (wide)t->a * (wide)t->n2 * den < (wide)t->b * (wide)t->n1 * num ? EH_YES : EH_NO;
}

struct eh_num eh_table_z(const struct eh_fourfold *t)
{
	enum eh_undef state = eh_table_state(t);
	double n1 = (double)t->n1, n2 = (double)t->n2;
	double p = ((double)t->a + (double)t->b) / (n1 + n2);

	if (state != EH_U_NONE)
		return eh_undefined(state);
	return eh_num(((double)t->a / n1 - (double)t->b / n2) / sqrt(p * (1.0 - p) * (1.0 / n1 + 1.0 / n2)));
}

struct eh_num eh_p_of_z(struct eh_num z)
{
	return z.defined ? eh_num(2.0 * gsl_cdf_ugaussian_Q(fabs(z.value))) : z;
}

struct eh_num eh_table_shortfall(const struct eh_fourfold *t)
{
	wide missing = (wide)t->b * (wide)t->n1 - (wide)t->a * (wide)t->n2;

	if (t->n1 == 0 || t->n2 == 0)
		return eh_undefined(EH_U_EMPTY_GROUP);
	return eh_num((double)missing / (double)t->n2);
}

enum eh_tri eh_table_flips(const struct eh_fourfold *t, uint64_t m)
{
	if (t->n1 == 0 || t->n2 == 0 || t->a == t->n1 || t->b == 0)
		return EH_UNKNOWN;
	return ((wide)t->a + (wide)m) * (wide)t->n2 > ((wide)t->b - (wide)m) * (wide)t->n1 ? EH_YES : EH_NO;
}

/* What the power .8 is measured against; the rest of it is the ratio r. */
struct power {
	double n1, n2, p2, z;
	double all, inverse;            /* n1 + n2; 1/n1 + 1/n2 */
	double rest;                    /* p2 (1 - p2)/n2 */
};

/* What is left over of the power .8 at the true ratio r: found where it is not negative. */
static double spare(const struct power *w, double r)
{
	double p1 = r * w->p2;
	double p = (w->n1 * p1 + w->n2 * w->p2) / w->all;
	double s0 = sqrt(p * (1.0 - p) * w->inverse);
	double s1 = sqrt(p1 * (1.0 - p1) / w->n1 + w->rest);

	return w->p2 - p1 - w->z * s0 - POWER_Z * s1;
}

typedef double pair __attribute__((vector_size(16), aligned(8)));

/* The same at the points lo + i step, two at a time. */
static void spares(double out[PARTS], const struct power *w, double lo, double step)
{
	for (int i = 0; i < PARTS; i += 2) {
		const pair p1 = { (lo + i * step) * w->p2, (lo + (i + 1) * step) * w->p2 };
		const pair p = (w->n1 * p1 + w->n2 * w->p2) / w->all;
		double s0[2] = { 0.0, 0.0 }, s1[2] = { 0.0, 0.0 };

		*(pair *)s0 = p * (1.0 - p) * w->inverse;
		*(pair *)s1 = p1 * (1.0 - p1) / w->n1 + w->rest;
		eh_wide_roots(s0, 2);
		eh_wide_roots(s1, 2);
		*(pair *)(out + i) = w->p2 - p1 - w->z * *(const pair *)s0 - POWER_Z * *(const pair *)s1;
	}
}

static bool crosses_at(const struct power *w, double r)
{
	return spare(w, r - SURE) >= 0.0 && spare(w, r + SURE) < 0.0;
}

/* By secants from where it would be if the ratio changed no variance; they may go astray. */
static double guess(const struct power *w)
{
	double last = 1.0 - (w->z + POWER_Z) * sqrt((1.0 - w->p2) / w->p2 * w->inverse), r, at_last;

	last = fmin(1.0, fmax(0.05, last));
	at_last = spare(w, last);
	r = last + at_last / w->p2;
	for (int i = 0; i < 8 && r > SURE && r < 1.0; i++) {
		const double at = spare(w, r), next = r - at * (r - last) / (at - at_last);

		last = r;
		at_last = at;
		r = next;
		if (fabs(r - last) < 1e-15)
			break;
	}
	return r > SURE && r < 1.0 ? r : 0.5;
}

/*
 * The crossing, or -1 where it is not within SURE: by secants, else by regula falsi (Illinois: the height of an end
 * that stays is halved).  spare is a line less roots of parabolas, so convex: from >= 0 at 0 to below 0 at 1 it crosses
 * once.
 */
static double crossing(const struct power *w)
{
	double lo = 0.0, hi = 1.0, at_lo, at_hi, r = guess(w);

	if (crosses_at(w, r))
		return r;
	r = 0.5;
	at_lo = spare(w, lo);
	at_hi = spare(w, hi);
	for (int i = 0, side = 0; i < 20; i++) {
		const double last = r;
		double at;

		r = (lo * at_hi - hi * at_lo) / (at_hi - at_lo);
		at = spare(w, r);
		if (at >= 0.0) {
			lo = r;
			at_lo = at;
			at_hi *= side > 0 ? 0.5 : 1.0;
			side = 1;
		} else {
			hi = r;
			at_hi = at;
			at_lo *= side < 0 ? 0.5 : 1.0;
			side = -1;
		}
		if (fabs(r - last) < 1e-15)
			break;
	}
	return crosses_at(w, r) ? r : -1.0;
}

/*
 * After k halvings of 0..1 the ends are neighbours of that grid.  Where near lies off the grid by more than SURE, every
 * trial up to there was far from it, so that the ends are known without any.
 */
static double halved(double near, double *hi)
{
	static const double cells[] = { 0x1p36, 0x1p32, 0x1p24 };

	for (size_t i = 0; near >= 0.0 && i < sizeof cells / sizeof *cells; i++) {
		const double lo = floor(near * cells[i]) / cells[i];

		*hi = lo + 1.0 / cells[i];
		if (near - lo > 2.0 * SURE && *hi - near > 2.0 * SURE)
			return lo;
	}
	*hi = 1.0;
	return 0.0;
}

/* Three halvings from the values at all points they can try. */
static void halve_thrice(const struct power *w, double *lo, double *hi)
{
	const double step = (*hi - *lo) / PARTS;
	double at[PARTS];
	int from = 0;

	spares(at, w, *lo, step);
	for (int width = PARTS / 2; width > 0; width /= 2)
		from += at[from + width] >= 0.0 ? width : 0;
	*lo += from * step;
	*hi = *lo + step;
}

struct eh_num eh_detectable(double n1, double n2, double p2, double alpha)
{
	const struct power w = { .n1 = n1,
				 .n2 = n2,
				 .p2 = p2,
				 .z = gsl_cdf_ugaussian_Qinv(alpha / 2.0),
				 .all = n1 + n2,
				 .inverse = 1.0 / n1 + 1.0 / n2,
				 .rest = p2 * (1.0 - p2) / n2 };
	double lo, hi, mid;

	if (!(n1 > 0.0) || !(n2 > 0.0))
		return eh_undefined(EH_U_EMPTY_GROUP);
	if (!(p2 > 0.0))
		return eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	if (!(spare(&w, 0.0) >= 0.0))
		return eh_undefined(EH_U_NOT_DETECTABLE);
	/* halving gives the last digit; the trials far from the crossing are known without being made */
	lo = halved(crossing(&w), &hi);
	/* the points between are numbers, too */
	while (hi - lo >= EXACT)
		halve_thrice(&w, &lo, &hi);
	for (mid = 0.5 * (lo + hi); hi - lo > LAST && mid > lo && mid < hi; mid = 0.5 * (lo + hi)) {
		if (spare(&w, mid) >= 0.0)
			lo = mid;
		else
			hi = mid;
	}
	return eh_num(lo);
}

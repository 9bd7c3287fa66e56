/* Barnard's and Boschloo's unconditional exact tests; see table.h. */
#include "audit/table.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define HALF_PI 1.5707963267948966
#define TIE 1e-10                       /* relative; of Fisher's p */
#define PER_DEVIATION 20.0              /* grid points per 1/sqrt(N), two standard deviations */
#define MAY_WIN 0.97                    /* of the best grid point: a top between two points is within 1 % of them */
#define NEGLIGIBLE 1e-20
#define REFINE 30                       /* golden sections: a step to 1e-6 of itself */

__extension__ typedef __int128 wide;

/* The rejected tables by rows: of the reference's counts those below low[a] and those from high[a] on. */
struct region {
	uint64_t n1, n2;
	uint32_t *low, *high;           /* [n1 + 1] */
	double *one, *two, *upto;       /* masses [n1 + 1], [n2 + 1]; cumulated [n2 + 2], upto[b] = below b */
};

/* Binomial masses by ratios outward from the mode; from..to are those that are not negligible. */
static void masses(double *v, uint64_t n, double rate, uint64_t *from, uint64_t *to)
{
	uint64_t mode = (uint64_t)((double)(n + 1) * rate);
	double odds = rate / (1.0 - rate), mass = 1.0, total = 1.0;

	mode = mode > n ? n : mode;
	v[mode] = 1.0;
	*from = *to = mode;
	for (uint64_t x = mode; x < n && mass > NEGLIGIBLE; x++) {
		mass *= (double)(n - x) / (double)(x + 1) * odds;
		v[x + 1] = mass;
		total += mass;
		*to = x + 1;
	}
	mass = 1.0;
	for (uint64_t x = mode; x > 0 && mass > NEGLIGIBLE; x--) {
		mass *= (double)x / (double)(n - x + 1) / odds;
		v[x - 1] = mass;
		total += mass;
		*from = x - 1;
	}
	for (uint64_t x = *from; x <= *to; x++)
		v[x] /= total;
}

/* Probability of the region at the common rate sin(theta)^2. */
static double reject(const struct region *r, double theta)
{
	double rate = sin(theta) * sin(theta), sum = 0.0;
	uint64_t a0, a1, b0, b1;

	if (!(rate > 0.0) || !(rate < 1.0))
		return 0.0;     /* one table is certain there, and nobody or everybody selected is never extreme */
	masses(r->one, r->n1, rate, &a0, &a1);
	masses(r->two, r->n2, rate, &b0, &b1);
	r->upto[b0] = 0.0;
	for (uint64_t b = b0; b <= b1; b++)
		r->upto[b + 1] = r->upto[b] + r->two[b];
	for (uint64_t a = a0; a <= a1; a++) {
		uint64_t low = r->low[a], high = r->high[a];
		double below = low <= b0 ? 0.0 : r->upto[low > b1 ? b1 + 1 : low];
		double above = high > b1 ? 0.0 : r->upto[b1 + 1] - r->upto[high < b0 ? b0 : high];

		sum += r->one[a] * (below + above);
	}
	return sum;
}

/* The top between two grid points that stand beside a better one. */
static double refine(const struct region *r, double lo, double hi, double *at)
{
	const double golden = 0.6180339887498949;
	double x = hi - golden * (hi - lo), y = lo + golden * (hi - lo);
	double fx = reject(r, x), fy = reject(r, y);

	for (int i = 0; i < REFINE; i++) {
		if (fx >= fy) {
			hi = y;
			y = x;
			fy = fx;
			x = hi - golden * (hi - lo);
			fx = reject(r, x);
		} else {
			lo = x;
			x = y;
			fx = fy;
			y = lo + golden * (hi - lo);
			fy = reject(r, y);
		}
	}
	*at = fx >= fy ? x : y;
	return fmax(fx, fy);
}

/* The supremum over the rate.  The peaks are about a standard deviation wide on the scale of the angle, also at its
 * ends (26/48 v 206/259: at the rate .9865). */
static struct eh_num supremum(const struct region *r, double *rate)
{
	size_t n = 64 + (size_t)(HALF_PI * PER_DEVIATION * sqrt((double)(r->n1 + r->n2)));
	double *v = eh_try_calloc(n + 1, sizeof *v);
	double step = HALF_PI / (double)n, best = 0.0, at = 0.0;

	if (v == NULL)
		return eh_undefined(EH_U_NOT_COMPUTED);
	for (size_t i = 0; i <= n; i++) {
		v[i] = reject(r, step * (double)i);
		if (v[i] > best) {
			best = v[i];
			at = step * (double)i;
		}
	}
	for (size_t i = 1; i < n; i++) {
		bool top = v[i] >= v[i - 1] && v[i] >= v[i + 1] && v[i] >= MAY_WIN * best;
		double x = 0.0;
		double f = top ? refine(r, step * (double)(i - 1), step * (double)(i + 1), &x) : 0.0;

		if (f > best) {
			best = f;
			at = x;
		}
	}
	free(v);
	*rate = sin(at) * sin(at);
	return eh_num(fmin(1.0, best));
}

/* |Z| of (a, b) at least that of the observed table, and of the given sign. */
static bool extreme(const struct eh_fourfold *t, uint64_t a, uint64_t b, bool focal_higher)
{
	uint64_t all = t->n1 + t->n2, k0 = t->a + t->b, k = a + b;
	wide d0 = (wide)t->a * (wide)t->n2 - (wide)t->b * (wide)t->n1;
	wide d = (wide)a * (wide)t->n2 - (wide)b * (wide)t->n1;

	if (k == 0 || k == all || (focal_higher ? d <= 0 : d >= 0))
		return false;
	return d * d * (wide)k0 * (wide)(all - k0) >= d0 * d0 * (wide)k * (wide)(all - k);
}

/* Z falls as b rises, so both borders rise with a. */
static void by_z(struct region *r, const struct eh_fourfold *t)
{
	uint32_t low = 0, high = 0;

	for (uint64_t a = 0; a <= t->n1; a++) {
		while (low <= t->n2 && extreme(t, a, low, true))
			low++;
		while (high <= t->n2 && !extreme(t, a, high, false))
			high++;
		r->low[a] = low;
		r->high[a] = high;
	}
}

static double one_sided(const struct eh_fourfold *t, uint64_t a, uint64_t b, bool less)
{
	struct eh_exact e = eh_table_exact(&(struct eh_fourfold){ a, t->n1, b, t->n2 });

	return less ? e.less.value : e.greater.value;
}

/* Fisher's p falls towards the corner of its side, along rows and along columns. */
static void by_fisher(struct region *r, const struct eh_fourfold *t, bool less)
{
	double limit = one_sided(t, t->a, t->b, less) * (1.0 + TIE);
	uint32_t border = 0;

	for (uint64_t a = 0; a <= t->n1; a++) {
		if (less)
			while (border <= t->n2 && one_sided(t, a, border, true) > limit)
				border++;
		else
			while (border <= t->n2 && one_sided(t, a, border, false) <= limit)
				border++;
		r->low[a] = less ? 0 : border;
		r->high[a] = less ? border : (uint32_t)t->n2 + 1;
	}
}

static bool region_make(struct region *r, const struct eh_fourfold *t)
{
	*r = (struct region){ .n1 = t->n1, .n2 = t->n2 };
	r->low = eh_try_calloc(t->n1 + 1, sizeof *r->low);
	r->high = eh_try_calloc(t->n1 + 1, sizeof *r->high);
	r->one = eh_try_calloc(t->n1 + 1, sizeof *r->one);
	r->two = eh_try_calloc(t->n2 + 1, sizeof *r->two);
	r->upto = eh_try_calloc(t->n2 + 2, sizeof *r->upto);
	return r->low != NULL && r->high != NULL && r->one != NULL && r->two != NULL && r->upto != NULL;
}

static void region_free(struct region *r)
{
	free(r->low);
	free(r->high);
	free(r->one);
	free(r->two);
	free(r->upto);
}

static void boschloo(struct eh_unconditional *u, struct region *r, const struct eh_fourfold *t)
{
	double less_at = 0.0, greater_at = 0.0;

	by_fisher(r, t, true);
	u->less = supremum(r, &less_at);
	by_fisher(r, t, false);
	u->greater = supremum(r, &greater_at);
	if (!u->less.defined || !u->greater.defined)
		return;
	u->boschloo = eh_num(fmin(1.0, 2.0 * fmin(u->less.value, u->greater.value)));
	u->boschloo_at = u->less.value <= u->greater.value ? less_at : greater_at;
}

static struct eh_unconditional both(const struct eh_fourfold *t, bool barnard)
{
	enum eh_undef state = eh_table_state(t);
	struct eh_num none = eh_undefined(state != EH_U_NONE ? state : EH_U_NOT_COMPUTED);
	struct eh_unconditional u = { none, none, none, none, 0.0, 0.0 };
	struct region r;

	if (state != EH_U_NONE || t->n1 > EH_UNCONDITIONAL_MAX || t->n2 > EH_UNCONDITIONAL_MAX)
		return u;
	if (region_make(&r, t)) {
		boschloo(&u, &r, t);
		if (barnard && (wide)t->a * (wide)t->n2 == (wide)t->b * (wide)t->n1) {
			u.barnard = eh_num(1.0);        /* every table is at least as extreme as none */
		} else if (barnard) {
			by_z(&r, t);
			u.barnard = supremum(&r, &u.barnard_at);
		}
	}
	region_free(&r);
	return u;
}

struct eh_unconditional eh_table_unconditional(const struct eh_fourfold *t)
{
	return both(t, true);
}

struct eh_num eh_table_boschloo(const struct eh_fourfold *t)
{
	return both(t, false).boschloo;
}

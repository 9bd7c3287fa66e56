/*
 * P(ratio < limit) of two rates with independent Jeffreys priors; see table.h.  What the lattice (lattice.h) does not
 * take goes over panels:
 *
 * With x = sin(s)^2 and y = sin(t)^2 the event x < L y is s < s(t), sin s(t) = sqrt(L) sin t: the product of two smooth
 * densities over a smooth region.  Both are taken at the same nodes in t; the inner integral comes along from panel to
 * panel, and within one by the rule's own integration matrix, so that no incomplete beta function is called per node.
 */
#include "audit/table.h"

#include <math.h>

#include "audit/beta.h"
#include "audit/lattice.h"

#define HALF_PI 1.5707963267948966
#define PANEL 1.3                       /* widths of the narrower density: the product of two is narrower than either */
#define PANEL_MAX 0.5                   /* [rad] */
#define PANELS_MAX 4000                 /* never reached: a guard of the loop */

struct region {
	struct eh_beta x, y;            /* focal, reference */
	double c, rest;                 /* sqrt(L), 1 - L */
	double near;                    /* how far the map's branch point lies from the real axis at pi/2; 0 = none */
};

/* sin s, cos s and ds/dt at the angle t. */
struct point {
	double sin_t, cos_t, sin_s, cos_s, slope;
};

static struct point at(const struct region *r, double t)
{
	struct point p = { .sin_t = sin(t), .cos_t = cos(t) };

	p.sin_s = r->c * p.sin_t;
	p.cos_s = sqrt(p.cos_t * p.cos_t + r->rest * p.sin_t * p.sin_t);
	p.slope = r->near > 0.0 ? r->c * p.cos_t / p.cos_s : 1.0;
	return p;
}

/* The angle t whose s(t) is s, at most pi/2. */
static double back(const struct region *r, double s)
{
	double sine = sin(s) / r->c;

	if (!(r->near > 0.0))
		return s;
	return sine >= 1.0 ? HALF_PI : atan2(sine, sqrt(1.0 - sine * sine));
}

/* Length of the panel that begins at t: short against both densities and against the way to the branch point. */
static double panel(const struct region *r, double t, double end)
{
	double slope = at(r, t).slope;
	double w = fmin(PANEL * r->y.width, PANEL_MAX);

	if (slope * w > PANEL * r->x.width)
		w = PANEL * r->x.width / slope;
	w = fmin(w, end - t);
	while (r->near > 0.0 && w > 1.5 * hypot(HALF_PI - t - w, r->near))
		w *= 0.75;
	return w;
}

/* outer[i] times (start + the inner integral up to node i), summed; *start moves on. */
static double add_panel(const double *outer, const double *inner, double half, double sign, double *start)
{
	const struct eh_gauss *g = eh_gauss();
	double sum = 0.0, whole = 0.0;

	for (int i = 0; i < EH_GAUSS; i++) {
		double upto = 0.0;

		for (int j = 0; j < EH_GAUSS; j++)
			upto += g->upto[i][j] * inner[j];
		sum += g->weight[i] * outer[i] * fmax(0.0, *start + sign * half * upto);
		whole += g->weight[i] * inner[i];
	}
	*start += sign * half * whole;
	return half * sum;
}

/*
 * by_reference: the integral of g_y(t) G_x(s(t)); else, by parts, that of g_x(s(t)) s'(t) (1 - G_y(t)).  The outer one
 * is the narrower density, so that the inner one is smooth at its scale.
 */
static double integrate(const struct region *r, double from, double to, bool by_reference)
{
	const struct eh_gauss *g = eh_gauss();
	struct point p = at(r, from);
	double start = by_reference ? eh_beta_below(&r->x, atan2(p.sin_s, p.cos_s)) : eh_beta_above(&r->y, from);
	double sum = 0.0, t = from;

	for (int n = 0; n < PANELS_MAX && t < to; n++) {
		double w = panel(r, t, to), half = 0.5 * w;
		double gx[EH_GAUSS], gy[EH_GAUSS];

		for (int i = 0; i < EH_GAUSS; i++) {
			p = at(r, t + half * (1.0 + g->node[i]));
			gx[i] = p.slope * eh_beta_density(&r->x, p.sin_s, p.cos_s);
			gy[i] = eh_beta_density(&r->y, p.sin_t, p.cos_t);
		}
		sum += by_reference ? add_panel(gy, gx, half, 1.0, &start) : add_panel(gx, gy, half, -1.0, &start);
		if (!(t + w > t))
			break;
		t += w;
	}
	return sum;
}

double eh_panels_posterior(const struct eh_fourfold *t, int32_t num, int32_t den)
{
	struct region r = { .c = sqrt((double)num / den), .rest = (double)(den - num) / den };
	double low, high, p;

	eh_beta_init(&r.x, (double)t->a + 0.5, (double)(t->n1 - t->a) + 0.5);
	eh_beta_init(&r.y, (double)t->b + 0.5, (double)(t->n2 - t->b) + 0.5);
	r.near = r.rest > 0.0 ? acosh(1.0 / r.c) : 0.0;
	if (r.near > 0.0 && sin(r.x.lo) >= r.c)
		return 0.0;
	low = back(&r, r.x.lo);
	high = back(&r, r.x.hi);
	if (r.y.hi - r.y.lo <= high - low)
		p = integrate(&r, fmax(r.y.lo, low), r.y.hi, true);
	else
		p = integrate(&r, low, fmin(high, r.y.hi), false);
	return fmin(1.0, fmax(0.0, p));
}

struct eh_num eh_table_posterior(const struct eh_fourfold *t, int32_t num, int32_t den)
{
	double p = 0.0;

	if (t->n1 == 0 || t->n2 == 0)
		return eh_undefined(EH_U_EMPTY_GROUP);
	return eh_num(eh_lattice_posterior(&p, t, num, den) ? p : eh_panels_posterior(t, num, den));
}

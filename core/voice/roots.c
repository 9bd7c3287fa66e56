/* Roots by Aberth's iteration; see roots.h. */
#include "voice/roots.h"

#include <math.h>

#define MAX_ROUNDS 100          /* simple roots take 6 to 12, a double root about 40 */
#define NEAR_ROUNDS 12          /* from a neighbour's roots 3 to 6; where it takes longer, the start was not near */
/* Convergence is cubic: after a step below 1e-6 a simple root stands to rounding.  1e-6 rad is 0.002 Hz at 11 kHz. */
#define SMALL_STEP 1e-6
#define MIRRORED 1e-9           /* roots that stand to rounding */
#define NEVER_ZERO 1e-300       /* keeps a quotient finite where two roots meet or a slope vanishes */

struct complex2 {
	double re, im;
};

static struct complex2 divided(struct complex2 a, struct complex2 b)
{
	double scale = 1.0 / (b.re * b.re + b.im * b.im + NEVER_ZERO);

	return (struct complex2){ (a.re * b.re + a.im * b.im) * scale, (a.im * b.re - a.re * b.im) * scale };
}

/* p / p' at z (Horner). */
static struct complex2 newton_step(const double *c, size_t degree, struct complex2 z)
{
	struct complex2 p = { c[0], 0.0 }, slope = { 0.0, 0.0 };

	for (size_t i = 1; i <= degree; i++) {
		slope = (struct complex2){ slope.re * z.re - slope.im * z.im + p.re,
					   slope.re * z.im + slope.im * z.re + p.im };
		p = (struct complex2){ p.re * z.re - p.im * z.im + c[i], p.re * z.im + p.im * z.re };
	}
	return divided(p, slope);
}

static struct complex2 aberth_step(const double *c, size_t degree, const double *re, const double *im, size_t k)
{
	struct complex2 w = newton_step(c, degree, (struct complex2){ re[k], im[k] }), push = { 0.0, 0.0 }, under;

	for (size_t j = 0; j < degree; j++) {
		double dr = re[k] - re[j], di = im[k] - im[j], scale = 0.0;

		if (j == k)
			continue;
		scale = 1.0 / (dr * dr + di * di + NEVER_ZERO);
		push.re += dr * scale;
		push.im -= di * scale;
	}
	under.re = 1.0 - (w.re * push.re - w.im * push.im);
	under.im = -(w.re * push.im + w.im * push.re);
	return divided(w, under);
}

/* Roots of a prediction polynomial lie inside the unit circle, the formants near it.  The odd angle keeps the
 * starts from being mirror images: mirrored starts stay mirrored and can never part into two real roots. */
static void start(size_t degree, double *re, double *im)
{
	for (size_t k = 0; k < degree; k++) {
		double angle = 2.0 * M_PI * ((double)k + 0.35) / (double)degree;

		re[k] = 0.9 * cos(angle);
		im[k] = 0.9 * sin(angle);
	}
}

static bool iterate(const double *c, size_t degree, double *re, double *im)
{
	bool settled[EH_ROOTS_MAX] = { false };
	size_t left = degree;

	for (int round = 0; round < MAX_ROUNDS && left > 0; round++) {
		for (size_t k = 0; k < degree; k++) {
			struct complex2 step = { 0.0, 0.0 };

			if (settled[k])
				continue;
			step = aberth_step(c, degree, re, im, k);
			re[k] -= step.re;
			im[k] -= step.im;
			if (step.re * step.re + step.im * step.im < SMALL_STEP * SMALL_STEP) {
				settled[k] = true;
				left--;
			}
		}
	}
	for (size_t k = 0; k < degree; k++)
		if (!isfinite(re[k]) || !isfinite(im[k]))
			return false;
	return left == 0;
}

/* p / p' at z of a real polynomial: divided twice by the real quadratic that has z as a root, which takes a quarter of
 * the products of complex arithmetic. */
static struct complex2 newton_step_real(const double *c, size_t degree, struct complex2 z)
{
	double r = 2.0 * z.re, q = z.re * z.re + z.im * z.im, b = 0.0, b1 = 0.0, b2 = 0.0;
	double next = 0.0, d1 = 0.0, d2 = 0.0;

	for (size_t i = 0; i < degree - 1; i++) {
		b = c[i] + r * b1 - q * b2;
		b2 = b1;
		b1 = b;
		next = b + r * d1 - q * d2;
		d2 = d1;
		d1 = next;
	}
	/* what is left: b1 and b2 are the quotient's last two, d1 and d2 those of its own division */
	b = c[degree - 1] + r * b1 - q * b2;
	next = c[degree] + r * b - q * b1;
	return divided((struct complex2){ next - z.re * b, z.im * b },
		       (struct complex2){ b - 2.0 * z.im * z.im * d2, 2.0 * z.im * (d1 - z.re * d2) });
}

/* The roots of pair `own` and those above the axis of all others. */
struct pairs {
	size_t own[EH_ROOTS_MAX], twin[EH_ROOTS_MAX], n;        /* twin = own: a real root */
};

/* Aberth's step for one of a pair: the others push by twos. */
static struct complex2 aberth_step_pair(const double *c, size_t degree, const double *re, const double *im,
					const struct pairs *s, size_t p)
{
	struct complex2 z = { re[s->own[p]], im[s->own[p]] }, w = newton_step_real(c, degree, z);
	struct complex2 push = { 0.0, s->own[p] != s->twin[p] ? -0.5 / z.im : 0.0 }, under;

	for (size_t j = 0; j < s->n; j++) {
		double y = im[s->own[j]];
		struct complex2 d = { z.re - re[s->own[j]], z.im }, one = { 1.0, 0.0 }, more;

		if (j == p)
			continue;
		if (s->own[j] == s->twin[j])    /* 1 / (z - real) */
			more = divided(one, d);
		else                            /* both of a pair: 2 (z - re) / ((z - re)^2 + im^2) */
			more = divided((struct complex2){ 2.0 * d.re, 2.0 * d.im },
				       (struct complex2){ d.re * d.re - d.im * d.im + y * y, 2.0 * d.re * d.im });
		push.re += more.re;
		push.im += more.im;
	}
	under.re = 1.0 - (w.re * push.re - w.im * push.im);
	under.im = -(w.re * push.im + w.im * push.re);
	return divided(w, under);
}

/* Which roots are each other's mirror images; false where one has none. */
static bool find_pairs(size_t degree, const double *re, const double *im, struct pairs *s)
{
	s->n = 0;
	for (size_t k = 0; k < degree; k++) {
		if (im[k] < 0.0)
			continue;
		s->own[s->n] = s->twin[s->n] = k;
		for (size_t j = 0; im[k] > 0.0 && j < degree; j++)
			if (im[j] == -im[k] && re[j] == re[k])
				s->twin[s->n] = j;
		if (im[k] > 0.0 && s->twin[s->n] == k)
			return false;
		s->n++;
	}
	return true;
}

/*
 * From the roots of a neighbour, conjugates kept as such: only the root above the axis of each pair is worked on, which
 * is half the work.  A pair that parts into two real roots, or two that meet, does not settle here: false.
 */
static bool iterate_pairs(const double *c, size_t degree, double *re, double *im)
{
	bool settled[EH_ROOTS_MAX] = { false };
	struct pairs s;
	size_t left = 0;

	if (!find_pairs(degree, re, im, &s))
		return false;
	left = s.n;
	for (int round = 0; round < NEAR_ROUNDS && left > 0; round++)
		for (size_t p = 0; p < s.n; p++) {
			size_t k = s.own[p], t = s.twin[p];
			struct complex2 step = { 0.0, 0.0 };

			if (settled[p])
				continue;
			step = aberth_step_pair(c, degree, re, im, &s, p);
			re[k] -= step.re;
			if (t != k) {
				im[k] -= step.im;
				re[t] = re[k];
				im[t] = -im[k];
			}
			if (step.re * step.re + step.im * step.im < SMALL_STEP * SMALL_STEP) {
				settled[p] = true;
				left--;
			}
		}
	return left == 0;
}

/* Roots of a real polynomial to exact conjugates: mirrored where they are so to rounding, real where they lie on the
 * axis to rounding. */
static void pair_up(size_t degree, double *re, double *im)
{
	for (size_t k = 0; k < degree; k++) {
		if (fabs(im[k]) < MIRRORED) {
			im[k] = 0.0;
			continue;
		}
		for (size_t j = k + 1; j < degree; j++)
			if (fabs(re[j] - re[k]) < MIRRORED && fabs(im[j] + im[k]) < MIRRORED) {
				re[j] = re[k];
				im[j] = -im[k];
			}
	}
}

bool eh_roots(const double *c, size_t degree, double *re, double *im, bool near)
{
	if (near && iterate_pairs(c, degree, re, im))
		return true;
	start(degree, re, im);
	if (!iterate(c, degree, re, im))
		return false;
	pair_up(degree, re, im);
	return true;
}

/* Roots by Aberth's iteration; see roots.h. */
#include "voice/roots.h"

#include <math.h>

#define MAX_ROUNDS 100          /* simple roots take 6 to 12, a double root about 40 */
/* Convergence is cubic: after a step below 1e-6 a simple root stands to rounding.  1e-6 rad is 0.002 Hz at 11 kHz. */
#define SMALL_STEP 1e-6
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

bool eh_roots(const double *c, size_t degree, double *re, double *im)
{
	bool settled[EH_ROOTS_MAX] = { false };
	size_t left = degree;

	/* Roots of a prediction polynomial lie inside the unit circle, the formants near it.  The odd angle keeps the
	 * starts from being mirror images: mirrored starts stay mirrored and can never part into two real roots. */
	for (size_t k = 0; k < degree; k++) {
		double angle = 2.0 * M_PI * ((double)k + 0.35) / (double)degree;

		re[k] = 0.9 * cos(angle);
		im[k] = 0.9 * sin(angle);
	}
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

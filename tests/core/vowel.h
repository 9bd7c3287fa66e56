/*
 * vowel.h - vowels whose pitch and formants are known because they were put in (facts/audio.md 7), and noise.
 */
#ifndef TESTS_CORE_VOWEL_H
#define TESTS_CORE_VOWEL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define VOWEL_RATE 16000
#define VOWEL_N 32000                   /* 2 s */
#define VOWEL_RASTER 8                  /* impulses lie on 128 kHz */
#define VOWEL_REACH 32                  /* [samples] of the decimation filter to each side */

static const double vowel_f0[8] = { 80, 100, 120, 150, 180, 220, 260, 320 };
static const double vowel_formant[6][5] = {
	{ 270, 2290, 3010, 3500, 4500 }, { 730, 1090, 2440, 3500, 4500 }, { 300, 870, 2240, 3500, 4500 },
	{ 310, 2790, 3310, 4000, 4500 }, { 850, 1220, 2810, 4000, 4500 }, { 370, 950, 2670, 4000, 4500 },
};

/* One impulse of height a at position t of the fine raster, band-limited to half the coarse rate. */
static inline void vowel_impulse(double *y, size_t n, long t, double a)
{
	long first = t / VOWEL_RASTER - VOWEL_REACH;

	for (long i = first < 0 ? 0 : first; i <= first + 2 * VOWEL_REACH && i < (long)n; i++) {
		double d = (double)(i * VOWEL_RASTER - t) / VOWEL_RASTER;
		double sinc = fabs(d) < 1e-12 ? 1.0 : sin(M_PI * d) / (M_PI * d);

		y[i] += fabs(d) > VOWEL_REACH ? 0.0 : a * sinc * (0.5 + 0.5 * cos(M_PI * d / VOWEL_REACH));
	}
}

static inline void vowel_shape(double *y, size_t n, const double *formant)
{
	static const double bandwidth[5] = { 60, 90, 120, 175, 250 };
	double p1 = 0.0, p2 = 0.0, before = 0.0;

	for (size_t i = 0; i < n; i++) {
		double g = y[i] + 1.96 * p1 - 0.9604 * p2;

		p2 = p1;
		p1 = g;
		y[i] = g - before;
		before = g;
	}
	for (int k = 0; k < 5; k++) {
		double r = exp(-M_PI * bandwidth[k] / VOWEL_RATE);
		double b = 2.0 * r * cos(2.0 * M_PI * formant[k] / VOWEL_RATE);
		double gain = 1.0 - b + r * r;

		p1 = p2 = 0.0;
		for (size_t i = 0; i < n; i++) {
			double v = gain * y[i] + b * p1 - r * r * p2;

			p2 = p1;
			p1 = v;
			y[i] = v;
		}
	}
}

/* What was drawn for one vowel: the truth that measurements are held against. */
struct vowel_truth {
	double f0;                      /* [Hz] 1 / mean period */
	double jitter, shimmer;         /* [1] mean |difference of neighbours| / mean */
};

struct vowel_draws {
	double last, sum, change;
	size_t n;
};

static inline void vowel_drawn(struct vowel_draws *d, double v)
{
	d->change += d->n > 0 ? fabs(v - d->last) : 0.0;
	d->sum += v;
	d->last = v;
	d->n++;
}

static inline double vowel_local(const struct vowel_draws *d)
{
	return d->change / (double)(d->n - 1) / (d->sum / (double)d->n);
}

/* n samples in 16-bit steps in a fresh array; (j, s) as in the sheet.  The periods counted are those between impulses
 * that are there: the last one drawn has no successor. */
static inline float *vowel_with_truth(size_t n, double f0, const double *formant, double j, double s, uint64_t seed,
				      struct vowel_truth *truth)
{
	double *y = calloc(n, sizeof *y), t = 0.0, period = 0.0, most = 0.0;
	float *out = malloc(n * sizeof *out);
	struct vowel_draws periods = { 0.0, 0.0, 0.0, 0 }, heights = periods;
	struct eh_rng rng;

	if (y == NULL || out == NULL)
		abort();
	eh_rng_seed(&rng, seed);
	while (t < (double)n / VOWEL_RATE - 0.02) {
		double height = 0.0;

		if (period > 0.0)
			vowel_drawn(&periods, period);
		period = (1.0 / f0) * (1.0 + j * 0.886 * eh_rng_normal(&rng));
		height = 1.0 + s * 0.886 * eh_rng_normal(&rng);
		vowel_drawn(&heights, height);
		vowel_impulse(y, n, lround(t * VOWEL_RATE * VOWEL_RASTER), height);
		t += period;
	}
	vowel_shape(y, n, formant);
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(y[i]));
	for (size_t i = 0; i < n; i++)
		out[i] = (float)(round(y[i] / (1.3 * most) * 32767.0) / 32768.0);
	free(y);
	*truth = (struct vowel_truth){ (double)periods.n / periods.sum, vowel_local(&periods), vowel_local(&heights) };
	return out;
}

/* *truth: the drawn F0 [Hz]; NULL allowed. */
static inline float *vowel(size_t n, double f0, const double *formant, double j, double s, uint64_t seed, double *truth)
{
	struct vowel_truth all;
	float *x = vowel_with_truth(n, f0, formant, j, s, seed, &all);

	if (truth != NULL)
		*truth = all.f0;
	return x;
}

static inline void white_noise(float *x, size_t n, double rms, uint64_t seed)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(rms * eh_rng_normal(&rng));
}

#endif

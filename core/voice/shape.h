/*
 * shape.h - the shape of one power spectrum, whatever its level (facts/audio.md 3).
 *
 * Bin 0 is never used: the frames are mean-free.  With p(k) = P(k) / sum P, k = 1 .. 256, at f(k) Hz:
 * centroid = sum p f; sd, skewness, kurtosis = the central moments of f weighted by p (kurtosis less 3); roll-off = the
 * frequency below which 85 or 95 % of the power lies, linear inside a bin; flatness = 10 log10(geometric / arithmetic
 * mean of P), bins below 1e-10 of the mean counted as that; flux = root of the sum of (p - p of the frame before)^2.
 */
#ifndef EH_VOICE_SHAPE_H
#define EH_VOICE_SHAPE_H

#include "voice/series.h"
#include "voice/spectrum.h"

struct eh_shape {
	float before[EH_SPECTRUM_BINS - 1];     /* p of the frame before; all 0 where it had no power */
};

void eh_shape_reset(struct eh_shape *s);

/* Every frame in order, each once; feature = NULL where only the flux of the next one needs this one.  feature:
 * EH_FEATURES codes, those of the shape are set; left as they are where the spectrum is 0. */
void eh_shape_frame(struct eh_shape *s, const float *power, uint16_t *feature);

#endif

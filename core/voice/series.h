/*
 * series.h - what is kept of a stretch of sound: one small row per 10 ms, and order statistics over codes.
 *
 * The sound itself is not kept.  The second pitch pass (facts/audio.md 4.2) searches another path through
 * the same peaks, so the peaks of the widest pitch range are what a row holds.  Numbers that only medians are asked
 * of are kept as 16-bit steps: 120 bytes a row, 7.2 MB for the longest stretch.
 */
#ifndef EH_VOICE_SERIES_H
#define EH_VOICE_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_CANDIDATES 8         /* voiced pitch candidates kept per frame */
#define EH_CEPSTRA 13           /* c1..c13, facts/audio.md 3 */
#define EH_FORMANTS 4

#define EH_SERIES_BLOCK 4096u   /* rows allocated at a time: nothing is copied while a series grows */
#define EH_SERIES_BLOCKS 15u
#define EH_SERIES_MAX 60000u    /* rows: ten minutes; even and a multiple of EH_YIN_EVERY */

/* A number in 16 bits: low + step * code; the code of what lies outside is the nearest one.  Code 0 says "absent" where
 * a number may be missing. */
struct eh_scale {
	float low, step;
};

static inline uint16_t eh_code(struct eh_scale s, float v)
{
	float at = (v - s.low) / s.step + 0.5f;

	return at >= 65535.0f ? (uint16_t)65535u : at >= 1.0f ? (uint16_t)at : (uint16_t)1u;
}

static inline double eh_decode(struct eh_scale s, double code)
{
	return (double)s.low + (double)s.step * code;
}

/* What is measured of a voiced frame: id, low and step of its scale. */
#define EH_FEATURE_LIST(X)                                      \
	X(EH_FE_F1, 0.0f, 0.1f)         /* [Hz] */              \
	X(EH_FE_F2, 0.0f, 0.1f)                                 \
	X(EH_FE_F3, 0.0f, 0.1f)                                 \
	X(EH_FE_F4, 0.0f, 0.1f)                                 \
	X(EH_FE_B1, 0.0f, 0.1f)         /* [Hz] */              \
	X(EH_FE_B2, 0.0f, 0.1f)                                 \
	X(EH_FE_B3, 0.0f, 0.1f)                                 \
	X(EH_FE_B4, 0.0f, 0.1f)                                 \
	X(EH_FE_MFCC1, -327.68f, 0.01f) /* [1] */               \
	X(EH_FE_MFCC2, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC3, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC4, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC5, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC6, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC7, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC8, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC9, -327.68f, 0.01f)                         \
	X(EH_FE_MFCC10, -327.68f, 0.01f)                        \
	X(EH_FE_MFCC11, -327.68f, 0.01f)                        \
	X(EH_FE_MFCC12, -327.68f, 0.01f)                        \
	X(EH_FE_MFCC13, -327.68f, 0.01f)                        \
	X(EH_FE_CENTROID, 0.0f, 0.125f) /* [Hz] */              \
	X(EH_FE_SD, 0.0f, 0.125f)                               \
	X(EH_FE_SKEWNESS, -20.0f, 0.001f)                       \
	X(EH_FE_KURTOSIS, -3.0f, 0.005f)                        \
	X(EH_FE_ROLLOFF85, 0.0f, 0.125f) /* [Hz] */             \
	X(EH_FE_ROLLOFF95, 0.0f, 0.125f)                        \
	X(EH_FE_FLATNESS, -120.0f, 0.002f) /* [dB] */           \
	X(EH_FE_FLUX, 0.0f, 0.00002f)   /* [1], 0..1.4142 */

enum eh_feature {
#define X(id, low, step) id,
	EH_FEATURE_LIST(X)
#undef X
	EH_FEATURES
};

struct eh_scale eh_scale_of(enum eh_feature feature);

/* log2 of a lag in samples (22.8 .. 320); half a step is 0.002 % of the pitch. */
#define EH_OCTAVE_SCALE ((struct eh_scale){ 4.4f, 1.0f / 16000.0f })
/* sqrt(1 - r) of a candidate of strength r: fine where r is near 1 and the harmonics-to-noise ratio steep. */
#define EH_WEAKNESS_SCALE ((struct eh_scale){ 0.0f, 1.0f / 65536.0f })

struct eh_frame {
	float peak;                     /* largest distance from the frame's mean in its middle */
	float energy;                   /* mean square around the mean */
	/* Sums over the pairs of neighbouring cycles that end here (cycles.h): 0 where there is none. */
	float period_change, period_sum, top_change, top_sum;
	uint16_t octave[EH_CANDIDATES]; /* EH_OCTAVE_SCALE, best candidate first */
	uint16_t weakness[EH_CANDIDATES];       /* EH_WEAKNESS_SCALE */
	uint16_t feature[EH_FEATURES];  /* 0 = absent */
	uint16_t second;                /* EH_OCTAVE_SCALE, period by the second method (yin.h), 0 = not looked for */
	uint8_t candidates;             /* 0..EH_CANDIDATES */
	uint8_t heard;                  /* candidate taken while the sound passed, EH_UNVOICED */
	uint8_t first;                  /* candidate of the first pass, EH_UNVOICED */
	uint8_t chosen;                 /* candidate of the final path, EH_UNVOICED */
};
#define EH_UNVOICED 0xffu

static inline double eh_frame_octave(const struct eh_frame *f, uint8_t candidate)
{
	return eh_decode(EH_OCTAVE_SCALE, (double)f->octave[candidate]);
}

/* Normalised autocorrelation there, < 1. */
static inline double eh_frame_r(const struct eh_frame *f, uint8_t candidate)
{
	double w = eh_decode(EH_WEAKNESS_SCALE, (double)f->weakness[candidate]);

	return 1.0 - w * w;
}

struct eh_series {
	struct eh_frame *block[EH_SERIES_BLOCKS];
	size_t n;                       /* rows in use */
};

/* Forgets the rows, keeps the memory. */
void eh_series_reset(struct eh_series *s);
void eh_series_free(struct eh_series *s);

/* A zeroed, unvoiced row at the end in *out (borrowed), n < EH_SERIES_MAX before.  EH_ENOMEM. */
int eh_series_add(struct eh_series *s, struct eh_frame **out, struct eh_err *err);

static inline struct eh_frame *eh_series_at(const struct eh_series *s, size_t i)
{
	return &s->block[i / EH_SERIES_BLOCK][i % EH_SERIES_BLOCK];
}

/*
 * Quantile q in 0..1 of codes v[n], n >= 1: linear between the neighbouring order statistics
 * (Hyndman & Fan 1996, type 7; q = .5 is the usual median).  v is left as it is; time grows with n whatever the order.
 */
double eh_quantile(const uint16_t *v, size_t n, double q);

#endif

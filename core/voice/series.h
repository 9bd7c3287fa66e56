/*
 * series.h - what is kept of a recording: one small row per 10 ms, and order statistics over rows.
 *
 * The sound itself is not kept.  The second pitch pass (facts/audio.md 4.2) searches another path through
 * the same peaks, so the peaks of the widest pitch range are what a row holds.  About 170 bytes a row: 1 MB for a
 * minute, 124 MB for EH_SERIES_MAX.
 */
#ifndef EH_VOICE_SERIES_H
#define EH_VOICE_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_CANDIDATES 8         /* voiced pitch candidates kept per frame */
#define EH_LPC_ORDER 10         /* facts/audio.md 3 */
#define EH_CEPSTRA 13           /* c1..c13, facts/audio.md 3 */

#define EH_SERIES_BLOCK 4096u   /* rows allocated at a time: nothing is copied while a series grows */
#define EH_SERIES_BLOCKS 176u   /* 7208 s at 100 rows/s: media lets 7200 s in by default */
#define EH_SERIES_MAX (EH_SERIES_BLOCK * EH_SERIES_BLOCKS)

struct eh_frame {
	float lag[EH_CANDIDATES];       /* [samples at EH_MEDIA_RATE], best candidate first */
	float r[EH_CANDIDATES];         /* [1] normalised autocorrelation there, < 1 */
	float reflection[EH_LPC_ORDER]; /* Burg; all 0 where the frame has no candidate */
	float cepstrum[EH_CEPSTRA];     /* the same */
	float centroid;                 /* [Hz], the same */
	float peak;                     /* largest distance from the frame's mean in its middle */
	float energy;                   /* mean square around the mean */
	uint32_t candidates;            /* 0..EH_CANDIDATES */
};

struct eh_series {
	struct eh_frame *block[EH_SERIES_BLOCKS];
	size_t n;                       /* rows in use */
};

/* Forgets the rows, keeps the memory. */
void eh_series_reset(struct eh_series *s);
void eh_series_free(struct eh_series *s);

/* A zeroed row at the end in *out (borrowed).  EH_ENOMEM; EH_ERANGE beyond EH_SERIES_MAX. */
int eh_series_add(struct eh_series *s, struct eh_frame **out, struct eh_err *err);

static inline const struct eh_frame *eh_series_at(const struct eh_series *s, size_t i)
{
	return &s->block[i / EH_SERIES_BLOCK][i % EH_SERIES_BLOCK];
}

/*
 * Quantile q in 0..1 of v[n], n >= 1, no NaN: linear between the neighbouring order statistics
 * (Hyndman & Fan 1996, type 7; q = .5 is the usual median).  v is left as it is; time grows with n whatever the order.
 */
double eh_quantile(const float *v, size_t n, double q);

#endif

/*
 * pitch.h - pitch of a recording: candidates per frame, then the cheapest path through them, twice.
 *
 * Boersma 1993 ("Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio
 * of a sampled sound"): a candidate is a local maximum of the autocorrelation divided by the window's own.
 * Costs and the two passes: facts/audio.md 3 and 4.2.  The candidates are those of the widest range that a
 * second pass may ask for, so that it needs no second look at the sound; the window (50 ms) stays the same in both.
 */
#ifndef EH_VOICE_PITCH_H
#define EH_VOICE_PITCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "voice/series.h"
#include "voice/spectrum.h"

#define EH_PITCH_FLOOR 50.0             /* [Hz] widest range, facts/audio.md 4.2 */
#define EH_PITCH_CEILING 700.0
#define EH_PITCH_UNVOICED 0xffu

#define EH_SINC_HALF 12                 /* [lags] each side */
#define EH_SINC_STEPS 8                 /* positions between two lags */
#define EH_SINC_REACH (EH_SINC_STEPS / 2 + 1)   /* half a lag and one position more */

struct eh_pitch {
	/* Row EH_SINC_REACH + q interpolates at q / EH_SINC_STEPS lags from the middle one. */
	float sinc[2 * EH_SINC_REACH + 1][2 * EH_SINC_HALF + 1];
	float r[EH_PITCH_LAGS];
};

void eh_pitch_init(struct eh_pitch *p);

/* x: EH_PITCH_WINDOW samples.  Fills lag, r, candidates and peak of the frame. */
void eh_pitch_candidates(struct eh_pitch *p, struct eh_spectrum *s, const float *x, struct eh_frame *f);

struct eh_pitch_range {
	double floor, ceiling;          /* [Hz] */
};

/*
 * Both passes.  chosen: s->n elements, the candidate of each frame or EH_PITCH_UNVOICED.  full: the largest
 * distance from the mean in the whole recording, > 0, against which a frame is silent.  *second: the range of the
 * second pass (NULL allowed).  EH_ENOMEM.
 */
int eh_pitch_track(const struct eh_series *s, double full, uint8_t *chosen, struct eh_pitch_range *second,
		   struct eh_err *err);

static inline double eh_pitch_hz(const struct eh_frame *f, uint8_t candidate)
{
	return EH_MEDIA_RATE / (double)f->lag[candidate];
}

#endif

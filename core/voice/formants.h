/*
 * formants.h - sound at 16 kHz to 11 kHz, prediction by Burg's method, formants from its roots.
 *
 * facts/audio.md 3: pre-emphasis from 50 Hz, Gaussian window of 50 ms (25 ms effective), order 10, roots between 50 and
 * 5450 Hz.  A row keeps the reflection coefficients; roots are sought at the end, for voiced frames only.
 */
#ifndef EH_VOICE_FORMANTS_H
#define EH_VOICE_FORMANTS_H

#include <stddef.h>

#include "voice/series.h"

#define EH_FORMANT_RATE 11000           /* [Hz] */
#define EH_FORMANT_WINDOW 550           /* [samples] 50 ms at 11 kHz = 800 at 16 kHz */
#define EH_FORMANT_HOP 110              /* [samples] 10 ms at 11 kHz = 160 at 16 kHz */
#define EH_FORMANTS 3

#define EH_RESAMPLE_HALF 32             /* [samples at 16 kHz] the filter reaches to each side */
#define EH_RESAMPLE_PHASES 11           /* 11 kHz / 16 kHz = 11 / 16 */

struct eh_formants {
	float filter[EH_RESAMPLE_PHASES][2 * EH_RESAMPLE_HALF];
	float window[EH_FORMANT_WINDOW];
	float x[EH_FORMANT_WINDOW];     /* pre-emphasised, the last 50 ms */
	float before;                   /* the last resampled value */
};

void eh_formants_init(struct eh_formants *f);

/*
 * x: the 800 samples of frame i (from sample 160 i on), readable from x[-EH_RESAMPLE_HALF] to
 * x[800 + EH_RESAMPLE_HALF - 1].  Frames come in order, each once, from 0.  k: EH_LPC_ORDER reflection coefficients,
 * |k| < 1; all 0 where the frame has no energy.  With want = 0 the filters only move on and k is left alone.
 */
void eh_formants_frame(struct eh_formants *f, const float *x, size_t i, int want, float *k);

/* hz: up to EH_FORMANTS frequencies, ascending; returns how many there are. */
size_t eh_formants_of(const float *k, double *hz);

#endif

/*
 * formants.h - sound at 16 kHz to 11 kHz, prediction by Burg's method, formants from its roots.
 *
 * facts/audio.md 3: pre-emphasis from 50 Hz, Gaussian window of 50 ms (25 ms effective), order 10, roots between 50 and
 * 5450 Hz.  Bandwidth of a root z: -ln|z| * 11000 / pi.
 */
#ifndef EH_VOICE_FORMANTS_H
#define EH_VOICE_FORMANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "voice/series.h"

#define EH_FORMANT_RATE 11000           /* [Hz] */
#define EH_FORMANT_WINDOW 550           /* [samples] 50 ms at 11 kHz = 800 at 16 kHz */
#define EH_FORMANT_HOP 110              /* [samples] 10 ms at 11 kHz = 160 at 16 kHz */
#define EH_LPC_ORDER 10                 /* facts/audio.md 3 */

#define EH_RESAMPLE_HALF 32             /* [samples at 16 kHz] the filter reaches to each side */
#define EH_RESAMPLE_PHASES 11           /* 11 kHz / 16 kHz = 11 / 16 */

struct eh_formants {
	float filter[EH_RESAMPLE_PHASES][2 * EH_RESAMPLE_HALF];
	float window[EH_FORMANT_WINDOW];
	float pre_emphasis;
	float x[EH_FORMANT_WINDOW];     /* resampled, of frame `last` */
	size_t last;                    /* SIZE_MAX = none */
	/* roots of the frame measured last: a start for the next */
	double re[EH_LPC_ORDER], im[EH_LPC_ORDER];
	bool rooted;
};

void eh_formants_init(struct eh_formants *f);
void eh_formants_reset(struct eh_formants *f);

/*
 * x: the 800 samples of frame i (from sample 160 i on), readable from x[-EH_FORMANT_REACH] to
 * x[800 + EH_FORMANT_REACH - 1].  Frames in order, any left out.  feature: EH_FEATURES codes, of which those of the
 * formants that are there are set, F1 the lowest root between 50 and 5450 Hz.
 */
#define EH_FORMANT_REACH (EH_RESAMPLE_HALF + 2)
void eh_formants_frame(struct eh_formants *f, const float *x, size_t i, uint16_t *feature);

/* k: EH_LPC_ORDER reflection coefficients, |k| < 1 (Burg 1975), of n <= EH_FORMANT_WINDOW samples, n even and >= 16;
 * those beyond where nothing is left to predict are 0. */
void eh_burg(const float *x, size_t n, float *k);

/* From reflection coefficients; hz and width [Hz]: up to EH_FORMANTS each, ascending.  Returns how many there are. */
size_t eh_formants_of(struct eh_formants *f, const float *k, double *hz, double *width);

#endif

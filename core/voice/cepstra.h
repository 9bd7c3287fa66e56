/*
 * cepstra.h - mel bank and cepstral coefficients of one power spectrum (facts/audio.md 3).
 *
 * 26 triangles between 20 and 8000 Hz, centres equally spaced in mel(f) = 1127 ln(1 + f / 700);
 * c_i = lifter_i sqrt(2 / 26) sum over m of ln(max(E_m, floor)) cos(pi i / 26 (m + 0.5)), i = 1..13,
 * lifter_i = 1 + 11 sin(pi i / 22).  No pre-emphasis.  The sheet's floor of 1e-10 is taken relative to the
 * sum of the 26 energies: an absolute one would make the coefficients of quiet sound depend on its level.
 */
#ifndef EH_VOICE_CEPSTRA_H
#define EH_VOICE_CEPSTRA_H

#include <stdbool.h>

#include "voice/series.h"
#include "voice/spectrum.h"

#define EH_MEL_BANDS 26

struct eh_cepstra {
	float weight[EH_MEL_BANDS][EH_SPECTRUM_BINS];
	uint16_t first[EH_MEL_BANDS], count[EH_MEL_BANDS];      /* bins with weight > 0 */
	float basis[EH_CEPSTRA][EH_MEL_BANDS];                  /* cosine, scale and lifter in one */
};

void eh_cepstra_init(struct eh_cepstra *c);

/* power: EH_SPECTRUM_BINS; out: EH_CEPSTRA.  false, with out unset, where the spectrum is 0. */
bool eh_cepstra(const struct eh_cepstra *c, const float *power, float *out);

#endif

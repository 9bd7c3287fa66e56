/*
 * balance.h - spectral balance of a recording: its long-term spectrum and what is read from it.
 *
 * The long-term spectrum is the mean power spectrum of all frames (EH_SPECTRUM_BINS bins).  Bin 0 is never
 * used: the frames are mean-free.  Definitions: facts/audio.md 3 and 6.
 */
#ifndef EH_VOICE_BALANCE_H
#define EH_VOICE_BALANCE_H

#include "voice/spectrum.h"

struct eh_balance {
	double sum[EH_SPECTRUM_BINS];
};

void eh_balance_reset(struct eh_balance *b);
void eh_balance_add(struct eh_balance *b, const float *power);

#define EH_THIRDS 18            /* thirds of an octave, centres 125 to 6350 Hz */
#define EH_THIRDS_BELOW 9.0     /* of them below 1 kHz */

/* What a long-term spectrum does not have is NaN here; nothing outside the room sees it. */
struct eh_balance_values {
	double alpha;                   /* [dB] 10 log10(E[1000, 5000) / E(0, 1000)) */
	double hammarberg;              /* [dB] 10 log10(max (0, 2000) / max [2000, 5000)) */
	double slope_low, slope_mid;    /* [dB/Hz] least squares over the bins of (0, 500] and [500, 1500] */
	double third[EH_THIRDS];        /* [dB] power of the band / that of all bins */
	double bandwidth;               /* [Hz] upper edge of the highest 125 Hz band within 40 dB of the strongest */
};
void eh_balance_finish(const struct eh_balance *b, struct eh_balance_values *out);

#endif

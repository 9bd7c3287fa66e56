/*
 * spectrum.h - power spectrum and autocorrelation of a windowed frame.  The one file pair that knows FFTW.
 */
#ifndef EH_VOICE_SPECTRUM_H
#define EH_VOICE_SPECTRUM_H

#include <stddef.h>

#include "base/err.h"
#include "media/media.h"

#define EH_SPECTRUM_WINDOW 400          /* [samples] 25 ms, facts/audio.md 3 */
#define EH_SPECTRUM_SIZE 512            /* [points] */
#define EH_SPECTRUM_BINS (EH_SPECTRUM_SIZE / 2 + 1)
#define EH_SPECTRUM_STEP ((double)EH_MEDIA_RATE / EH_SPECTRUM_SIZE)     /* [Hz] from bin to bin */

#define EH_PITCH_WINDOW 800             /* [samples] 50 ms: three periods of the first pass's floor of 60 Hz */
#define EH_PITCH_LAGS 336               /* lags 0..335: down to 50 Hz and the margin of the interpolation */
/* Zero-padded so far that no lag below EH_PITCH_LAGS wraps round; 2^7 * 3^2 is quick to transform. */
#define EH_PITCH_SIZE 1152
_Static_assert(EH_PITCH_SIZE >= EH_PITCH_WINDOW + EH_PITCH_LAGS, "autocorrelation would wrap round");

struct eh_spectrum;

/* Plans with FFTW_ESTIMATE: a plan chosen by timing may change last digits between runs (facts/audio.md 2).
 * EH_ENOMEM; EH_EENV: FFTW refused a plan. */
int eh_spectrum_open(struct eh_spectrum **out, struct eh_err *err);
void eh_spectrum_close(struct eh_spectrum **s);
const char *eh_fftw_version(void);

/*
 * x: EH_SPECTRUM_WINDOW samples.  Takes their mean away (no direct current in the spectrum, whatever the
 * recording's offset), windows with w[i] = 0.5 - 0.5 cos(2 pi (i + 0.5) / 400) (Hann) and pads with zeros.
 * power: EH_SPECTRUM_BINS values |X(k)|^2, bin k at k * EH_SPECTRUM_STEP Hz.
 * *energy: mean square of x around its mean.
 */
void eh_spectrum_power(struct eh_spectrum *s, const float *x, float *power, float *energy);

/*
 * x: EH_PITCH_WINDOW samples.  r: EH_PITCH_LAGS values, the autocorrelation of the mean-free, Hann-windowed frame
 * over that of the window, r[0] = 1 (Boersma 1993).  Returns 0, leaving r unset, where the frame has no energy; else 1.
 */
int eh_spectrum_autocorrelation(struct eh_spectrum *s, const float *x, float *r);

#endif

/*
 * spectrum.h - power spectrum and correlations of windowed frames.  The one file pair that knows FFTW.
 *
 * Two real frames are transformed as one complex one: half the work, and FFTW's complex transforms use vectors best.
 * Each is brought to unit energy first, so that neither leaves its rounding in the other.
 */
#ifndef EH_VOICE_SPECTRUM_H
#define EH_VOICE_SPECTRUM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "media/media.h"

#define EH_SPECTRUM_WINDOW 400          /* [samples] 25 ms, facts/audio.md 3 */
#define EH_SPECTRUM_SIZE 512            /* [points] */
#define EH_SPECTRUM_BINS (EH_SPECTRUM_SIZE / 2 + 1)
#define EH_SPECTRUM_STEP ((double)EH_MEDIA_RATE / EH_SPECTRUM_SIZE)     /* [Hz] from bin to bin */

#define EH_PITCH_WINDOW 800             /* [samples] 50 ms: three periods of the first pass's floor of 60 Hz */
#define EH_PITCH_LAGS 336               /* lags 0..335: down to 50 Hz and the margin of the interpolation */
/* Zero-padded so far that no lag below EH_PITCH_LAGS wraps round; 2^8 * 5 is the quickest such size (measured). */
#define EH_PITCH_SIZE 1280
_Static_assert(EH_PITCH_SIZE >= EH_PITCH_WINDOW + EH_PITCH_LAGS, "autocorrelation would wrap round");

struct eh_spectrum;

/* Plans with FFTW_ESTIMATE: a plan chosen by timing may change last digits between runs (facts/audio.md 2).
 * EH_ENOMEM; EH_EENV: FFTW refused a plan. */
int eh_spectrum_open(struct eh_spectrum **out, struct eh_err *err);
void eh_spectrum_close(struct eh_spectrum **s);
const char *eh_fftw_version(void);

/*
 * x[0], x[1]: EH_SPECTRUM_WINDOW samples each; x[1] may be NULL.  Takes their mean away (no direct current in the
 * spectrum, whatever the recording's offset), windows with w[i] = 0.5 - 0.5 cos(2 pi (i + 0.5) / 400) (Hann) and pads
 * with zeros.  power[]: EH_SPECTRUM_BINS values |X(k)|^2 each, bin k at k * EH_SPECTRUM_STEP Hz; all 0 without energy.
 * energy[]: mean square of x around its mean.
 */
void eh_spectrum_power(struct eh_spectrum *s, const float *const x[2], float *const power[2], float energy[2]);

/*
 * x[]: EH_PITCH_WINDOW samples each; x[1] may be NULL.  r[]: EH_PITCH_LAGS values each, the autocorrelation of the
 * mean-free, Hann-windowed frame over that of the window, r[0] = 1 (Boersma 1993).  has[]: false, with r unset, where
 * the frame has no energy.
 */
void eh_spectrum_autocorrelation(struct eh_spectrum *s, const float *const x[2], float *const r[2], bool has[2]);

/*
 * x: EH_PITCH_WINDOW values.  c[lag] = sum of x[i] x[i + lag] over i < EH_CROSS_WINDOW,
 * lag < EH_CROSS_LAGS: every lag sums the same number of products.
 */
#define EH_CROSS_WINDOW 480
#define EH_CROSS_LAGS 321
void eh_spectrum_cross(struct eh_spectrum *s, const float *x, float *c);

#endif

/*
 * yin.h - a second opinion on the period of a frame, by another method.
 *
 * de Cheveigne & Kawahara 2002 ("YIN, a fundamental frequency estimator for speech and music"): the difference
 * function d(lag) = sum of (x[i] - x[i + lag])^2 over 30 ms, divided by its own mean over the lags up to this one; the
 * first dip below 0.15, else the deepest of all (facts/audio.md 3).  No path, no window, no choice among octaves by
 * cost: it errs where the first method does not.
 */
#ifndef EH_VOICE_YIN_H
#define EH_VOICE_YIN_H

#include "voice/spectrum.h"

#define EH_YIN_EVERY 4u         /* every fourth voiced frame is enough for a share, and costs a quarter */

/* x: EH_PITCH_WINDOW samples.  The period in samples, EH_MEDIA_RATE / 700 to EH_MEDIA_RATE / 50; 0 without energy. */
float eh_yin(struct eh_spectrum *s, const float *x);

#endif

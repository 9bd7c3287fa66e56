/*
 * timing.h - how a voice is spread over time: stretches of voice, pauses, syllables (facts/audio.md 3).
 *
 * All rates and shares are taken between the first and the last voiced frame: silence before and after is not the
 * speaker's.  A stretch of voice bridges gaps of up to 50 ms (own choice: a stop consonant's closure is longer, a
 * stumble of the pitch path shorter).
 */
#ifndef EH_VOICE_TIMING_H
#define EH_VOICE_TIMING_H

#include "base/err.h"
#include "voice/series.h"

/* Sums over the stretches of a recording; a pause between two of them is not seen. */
struct eh_timing {
	size_t frames;                  /* from the first to the last voiced one */
	size_t pauses, pause_frames;    /* gaps of at least 0.25 s */
	size_t segments, segment_frames;        /* stretches of voice, what they bridge included */
	size_t syllables;               /* nuclei: voiced peaks of intensity, smoothed over 70 ms, within 25 dB of the
					 * 99 % quantile, dips of 2 dB or more in between (de Jong & Wempe 2009) */
};

/* After eh_pitch_track.  scratch: room for s->n codes. */
void eh_timing_add(struct eh_timing *t, const struct eh_series *s, uint16_t *scratch);

#endif

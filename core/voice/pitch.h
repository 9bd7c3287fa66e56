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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "voice/series.h"
#include "voice/sinc.h"
#include "voice/spectrum.h"

#define EH_PITCH_FLOOR 50.0             /* [Hz] widest range, facts/audio.md 4.2 */
#define EH_PITCH_CEILING 700.0

/* Costs of the path, facts/audio.md 3 and 4.2 */
#define EH_PITCH_VOICING 0.45
#define EH_PITCH_SILENCE 0.03
#define EH_PITCH_OCTAVE_COST 0.01
#define EH_PITCH_OCTAVE_JUMP 0.35
#define EH_PITCH_VOICING_COST 0.14

struct eh_pitch {
	struct eh_sinc sinc;
	float r[2][EH_PITCH_LAGS];
};

void eh_pitch_init(struct eh_pitch *p);

/*
 * x[]: EH_PITCH_WINDOW samples each; x[1] and f[1] may be NULL.  Fills octave, weakness, candidates and peak.  full: as
 * in eh_pitch_track, but of the sound up to now or less; a frame so silent against it that no path can call it voiced
 * is given no candidates.
 */
void eh_pitch_candidates(struct eh_pitch *p, struct eh_spectrum *s, const float *const x[2],
			 struct eh_frame *const f[2], double full);

struct eh_pitch_range {
	double floor, ceiling;          /* [Hz] */
};

/*
 * Both passes; the candidate of each frame goes to its `first`, that of the second pass to its `chosen`.  full: the
 * largest distance from the mean in the recording, against which a frame is silent; 0 = none is.  *second: the range
 * of the second pass (NULL allowed).  EH_ENOMEM.
 */
int eh_pitch_track(const struct eh_series *s, double full, struct eh_pitch_range *second, struct eh_err *err);

static inline double eh_pitch_hz(const struct eh_frame *f, uint8_t candidate)
{
	return EH_MEDIA_RATE / __builtin_exp2(eh_frame_octave(f, candidate));
}

/*
 * The path while the sound passes, with EH_PATH_DELAY frames of foresight and the widest range.  It says where to look
 * closer; eh_pitch_track decides.
 */
#define EH_PATH_DELAY 24u               /* frames, even: 0.24 s; a path seldom changes its mind later */
#define EH_PATH_RING (EH_PATH_DELAY + 2u)
#define EH_STATES (EH_CANDIDATES + 1)   /* state 0 is "unvoiced", state i + 1 the frame's candidate i */

struct eh_path_states {
	float octave[EH_STATES];
	double strength[EH_STATES];
	uint32_t n;
};

struct eh_path {
	struct eh_path_states old;
	double total[EH_STATES];        /* of the best path to each state */
	uint8_t back[EH_PATH_RING][EH_STATES];
	size_t n;                       /* frames taken */
};

void eh_path_reset(struct eh_path *p);
/* full: of the sound up to now: a frame that is silent against it will be against all. */
void eh_path_add(struct eh_path *p, const struct eh_frame *f, double full);
/* The candidates, or EH_UNVOICED, of frames from .. p->n - 1, at most EH_PATH_RING of them. */
void eh_path_trace(const struct eh_path *p, size_t from, uint8_t *candidate);

#endif

/*
 * summary.h - from the rows of a recording to its indicators.
 *
 * A recording is summed up in stretches of at most ten minutes (EH_SERIES_MAX): each has both pitch passes of its own
 * and leaves 62 bytes per voiced frame.  What lasts up to ten minutes, as answers do, is one stretch.
 */
#ifndef EH_VOICE_SUMMARY_H
#define EH_VOICE_SUMMARY_H

#include "base/err.h"
#include "voice/balance.h"
#include "voice/series.h"
#include "voice/timing.h"
#include "voice/voice.h"

#define EH_RECORDING_MAX 720800u        /* frames: two hours and 8 s; media lets 7200 s in by default */

/* Codes of one voiced frame. */
struct eh_kept {
	uint16_t octave, hnr;
	uint16_t feature[EH_FEATURES];
};
#define EH_KEPT_BLOCK 4096u             /* frames allocated at a time */
#define EH_KEPT_BLOCKS (EH_RECORDING_MAX / EH_KEPT_BLOCK + 1u)

struct eh_tally {
	struct eh_kept *block[EH_KEPT_BLOCKS];
	size_t n;                       /* voiced frames */
	size_t frames;
	double energy;                  /* sum over the voiced ones */
	/* of the pairs of cycles, where the path of the moment and the final one agree */
	double period_change, period_sum, top_change, top_sum;
	size_t cycle_frames;
	size_t looked, agreed;          /* frames that both pitch methods looked at */
	struct eh_timing timing;
	uint32_t level[65536];          /* frames per code of EH_LEVEL_SCALE */
};

/* Forgets the recording, keeps the memory. */
void eh_tally_reset(struct eh_tally *t);
void eh_tally_free(struct eh_tally *t);

/* The next stretch, s->n > 0, all of them no longer than EH_RECORDING_MAX; runs eh_pitch_track with `full`.
 * EH_ENOMEM. */
int eh_tally_add(struct eh_tally *t, const struct eh_series *s, double full, struct eh_err *err);

/* Fills voiced_seconds, bandwidth, snr, level and the indicators of a zeroed answer; t->frames > 0.  EH_ENOMEM. */
int eh_tally_finish(const struct eh_tally *t, const struct eh_balance *balance, struct eh_voice_answer *out,
		      struct eh_err *err);

#endif

/*
 * vector.h - the combined vector: all indicators of one candidate in one versioned layout.
 *
 * Layout 1 = EH_FACE_LIST, then EH_VOICE_LIST, in the order of their headers.  Pooling over the
 * candidate's answers: every indicator is the mean of the answers' values weighted by the frames
 * behind them (used picture frames; voiced seconds).  has_face: at least EH_FACE_MIN_FRAMES used
 * frames in all; has_voice: at least EH_VOICE_MIN_SECONDS voiced in all and bandwidth gate met
 * (facts/audio.md 5).  Nothing is filled in silently.
 */
#ifndef EH_LEARN_VECTOR_H
#define EH_LEARN_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "extract/extract.h"
#include "store/store.h"

#define EH_LAYOUT 1
#define EH_VECTOR_N (EH_FACE_N + EH_VOICE_N)

/* Quality flags */
#define EH_QF_SECOND_FACE   0x01u       /* another face was seen */
#define EH_QF_LOW_COVERAGE  0x02u       /* face found in less than half of the sampled frames */
#define EH_QF_NARROW_BAND   0x04u       /* sound bandwidth below 5 kHz */
#define EH_QF_NOISY         0x08u       /* snr below 15 dB */
#define EH_QF_CLIPPED       0x10u       /* more than 1 % of the samples at full scale */
#define EH_QF_SHORT_VOICE   0x20u       /* some voice, but below EH_VOICE_MIN_SECONDS */

struct eh_vector {
	eh_id candidate;
	uint16_t layout;
	uint8_t has_face, has_voice;
	uint32_t quality;               /* EH_QF_* */
	uint32_t answers;               /* pooled */
	uint32_t frames_sampled, frames_found, frames_used;
	double voiced_seconds;
	uint8_t present[EH_VECTOR_N];
	double value[EH_VECTOR_N];
};

const struct eh_indicator_info *eh_vector_info(size_t index);   /* index < EH_VECTOR_N */
void eh_layout_hash(char out[65]);                              /* sha256 of names, units and order */

/* Pools n answers of one candidate (failed ones are passed over). */
void eh_vector_pool(struct eh_vector *out, const char *candidate, const struct eh_answer *answers, size_t n);

int eh_vector_put(struct eh_txn *txn, const struct eh_vector *v, struct eh_err *err);
int eh_vector_get(struct eh_txn *txn, const char *candidate, struct eh_vector *out, struct eh_err *err);
int eh_vectors_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_vector *v, struct eh_err *err), void *ctx,
		    struct eh_err *err);

#endif

/*
 * vector.h - the combined vector: all indicators of one candidate in one versioned layout.
 *
 * Layout 2 = EH_FACE_LIST, then EH_VOICE_LIST, in the order of their headers.  Pooling over the
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
#include "extract/copies.h"
#include "extract/extract.h"
#include "store/store.h"

#define EH_LAYOUT 2
#define EH_VECTOR_N (EH_FACE_N + EH_VOICE_N)

/*
 * Quality flags: id, bit, text, and what the flag says of the values that are there.
 *
 * FACE, VOICE: they were measured under a condition that can move them, so a candidate whose recordings alone show it
 * is no kind that a model was taught with (EH_SF_NEW_REMARK of the parts with that modality).  NEITHER:
 *   OTHER_LAYOUT, FAILED, DROPPED   what could not be measured is not in the pool; the gates on pictures and voice
 *                                   judge what is left;
 *   FAST                            the indicators are those of a usual run within tolerance (make bench-fast);
 *   UNLOCKED                        says how the program was kept safe, not what it measured;
 *   NO_FACE, NO_VOICE               there is no value: the part does not answer at all.
 */
#define EH_QF_LIST(X)                                                                           \
	X(EH_QF_SECOND_FACE,  0x01u, "another face was seen", FACE)                             \
	X(EH_QF_LOW_COVERAGE, 0x02u, "face found in less than half of the frames", FACE)        \
	X(EH_QF_NARROW_BAND,  0x04u, "sound bandwidth below 5 kHz", VOICE)                      \
	X(EH_QF_NOISY,        0x08u, "signal-to-noise ratio below 15 dB", VOICE)                \
	X(EH_QF_CLIPPED,      0x10u, "more than 1 % of the samples clipped", VOICE)             \
	X(EH_QF_SHORT_VOICE,  0x20u, "less than 10 s of voice", VOICE)                          \
	X(EH_QF_OTHER_LAYOUT, 0x40u, "measured by another version; run: evenhand extract", NEITHER) \
	X(EH_QF_FAST,         0x80u, "an answer was measured with --fast", NEITHER)             \
	X(EH_QF_UNLOCKED,     0x100u, "an answer was measured without all locks", NEITHER)      \
	X(EH_QF_NO_FACE,      0x200u, "no face could be used", NEITHER)                         \
	X(EH_QF_NO_VOICE,     0x400u, "no voice was heard", NEITHER)                            \
	X(EH_QF_FAILED,       0x800u, "an answer could not be measured", NEITHER)               \
	X(EH_QF_DROPPED,      0x1000u, "a track was not taken for its codec", NEITHER)          \
	X(EH_QF_TURNED,       0x2000u, "face turned away: less than half of the frames used", FACE)

enum {
#define X(id, bit, text, moves) id = (bit),
	EH_QF_LIST(X)
#undef X
};

enum eh_quality_moves { EH_QM_NEITHER = 0, EH_QM_FACE = 1, EH_QM_VOICE = 2 };

struct eh_vector {
	eh_id candidate;
	uint16_t layout;
	uint8_t has_face, has_voice;
	uint32_t quality;               /* EH_QF_* */
	uint32_t answers;               /* pooled */
	uint32_t frames_sampled, frames_found, frames_used;
	double voiced_seconds;
	double bandwidth;               /* [Hz] of the sound behind the indicators, by voiced seconds; 0 = unknown */
	double snr;                     /* [dB] likewise; stands where bandwidth > 0 */
	uint8_t present[EH_VECTOR_N];
	double value[EH_VECTOR_N];
};

const struct eh_indicator_info *eh_vector_info(size_t index);   /* index < EH_VECTOR_N */
/*
 * Does the indicator enter the class vector?  Of kind S only the 15 distances with measured reliability
 * (facts/vision.md 8.1), the six angles, and pitch, HNR, formants, jitter, shimmer, cepstra and spectral balance do:
 * distances per height, octave bands and quantiles nearly follow from these, and further columns cost more than they
 * tell at the size of a project (facts/audio.md 10: 20 indicators .960, 88 .945).  Sex on 140 photographs, nested, mean
 * of four seeds, and trained on one collection for the other: distances alone .864 and .855, with the angles .895 and
 * .877, all of kind S .887 and .818 (own measurement, tests/bench/skill_face.c).
 */
bool eh_vector_in_class(size_t index);
void eh_layout_hash(char out[65]);                              /* sha256 of names, units and order */

/* Text of one EH_QF_* bit, NULL when there is no such bit. */
const char *eh_quality_text(uint32_t bit);
/* The flags that say of values of these modalities (EH_QM_FACE | EH_QM_VOICE) that they may have been moved. */
uint32_t eh_quality_moving(unsigned modalities);

/*
 * Pools n answers of one candidate.  Failed ones give no values but a flag (EH_QF_FAILED; EH_QF_OTHER_LAYOUT when
 * another version measured them).  Absence is flagged where measuring was allowed: EH_QF_NO_FACE below gates.frames
 * used pictures, EH_QF_NO_VOICE without a voiced second in all measured answers.
 */
void eh_vector_pool(struct eh_vector *out, const char *candidate, const struct eh_answer *answers, size_t n);

/*
 * The candidate as one kind of degraded copy: face as above, voice from the copies of that kind; copies [n] beside the
 * answers, one whose status is not EH_OK counts as none, and its answer then gives no voice.  For training alone.
 */
void eh_vector_pool_copy(struct eh_vector *out, const char *candidate, const struct eh_answer *answers,
			 const struct eh_copies *copies, size_t n, enum eh_copy_kind kind);

/* eh_vector_pool with other gates, for measurements on short recordings and single pictures (facts/audio.md 9). */
struct eh_pool_gates {
	uint32_t frames;                /* used pictures, EH_FACE_MIN_FRAMES for candidates */
	double voiced;                  /* [s] EH_VOICE_MIN_SECONDS for candidates */
};
void eh_vector_pool_gated(struct eh_vector *out, const char *candidate, const struct eh_answer *answers, size_t n,
			  struct eh_pool_gates gates);

/*
 * What a person is shown beside the vector, over the same answers with the used frames as weights: mean and sd as of
 * all frames together, the others the weighted mean of the answers' values.  No gate on the number of frames.
 */
void eh_pool_summaries(struct eh_summary out[EH_FACE_N], uint8_t present[EH_FACE_N], const struct eh_answer *answers,
		       size_t n);
/* The averaged mesh of face.h; false and all 0 when no answer has one. */
bool eh_pool_mesh(float out[EH_LANDMARKS][3], const struct eh_answer *answers, size_t n);

/* A vector of another layout comes back without any indicator and with EH_QF_OTHER_LAYOUT alone. */
int eh_vector_put(struct eh_txn *txn, const struct eh_vector *v, struct eh_err *err);
int eh_vector_get(struct eh_txn *txn, const char *candidate, struct eh_vector *out, struct eh_err *err);
/* The same with the mark of the layout, which many calls ask for once. */
uint64_t eh_vector_mark(void);
int eh_vector_get_marked(struct eh_txn *txn, const char *candidate, uint64_t mark, struct eh_vector *out,
			 struct eh_err *err);
/* What a walk over everybody needs of a vector, without its values; as eh_vector_get where the layout is another. */
struct eh_vector_head {
	eh_id candidate;
	bool has_face, has_voice;
	uint32_t quality;               /* EH_QF_* */
};
int eh_vector_heads_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_vector_head *h, struct eh_err *err),
			 void *ctx, struct eh_err *err);
int eh_vectors_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_vector *v, struct eh_err *err), void *ctx,
		    struct eh_err *err);

#endif

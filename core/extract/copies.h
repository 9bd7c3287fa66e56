/*
 * copies.h - audio indicators of degraded copies of a recording, made in the same locked workers (facts/audio.md 11).
 *
 * A recording is decoded once; each copy of media/degrade.h is measured as an answer's sound would be.  Nothing of
 * the copies' sound is kept.  They teach voice models (learn/) and are never judged, measured or shown as an answer.
 */
#ifndef EH_EXTRACT_COPIES_H
#define EH_EXTRACT_COPIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/text.h"
#include "extract/extract.h"
#include "media/degrade.h"
#include "store/store.h"
#include "voice/voice.h"

/* What the copies of one recording gave.  Fixed size: crosses the pipe of a worker as it stands. */
struct eh_copies {
	int32_t status;                 /* EH_OK, or why nothing was measured; then every voice is zero */
	char message[200];              /* for status != 0 */
	struct eh_answer_origin origin; /* of the recording; eh_origin_fits() tells whether it is still that one */
	struct eh_voice_answer voice[EH_COPY_KINDS];
};

struct eh_copy_job {
	eh_id candidate;
	eh_id question;
	char path[1024];                /* absolute */
	/* [dB re full scale] of the voice in the stored answer: eh_voice_answer.level */
	double level;
};

/* An extractor without face models, for copies and for answers of which the voice alone is wanted: eh_extract_run
 * refuses a job with want_face (EH_EINVAL). */
int eh_extractor_open_voice(struct eh_extractor **out, struct eh_err *err);

/*
 * eh_copies_run - runs the jobs, each in its own locked child, `workers` at once (0 = one per core).
 *
 * Rules of done(), the store, failures and cancelling: eh_extract_run.  An extractor of either kind does.  Noise is
 * seeded by candidate and question: the same recording gives the same bytes whenever and beside whatever it is made.
 * Time limits: those of eh_extract_limits and 540 s of CPU, 1080 s of wall clock more, since the codec takes as long
 * for a second of sound however few bytes it came from (measured: 0.02 s; two hours are the most that media.h takes).
 * EH_EINVAL: the level of a job is none (media/degrade.h).
 */
int eh_copies_run(struct eh_extractor *x, const struct eh_copy_job *jobs, size_t n, unsigned workers,
		  int (*done)(void *ctx, const struct eh_copy_job *job, const struct eh_copies *c, struct eh_err *err),
		  void *ctx, const struct eh_progress *progress, struct eh_err *err);

/* Every double finite and inside its physical range, every copy as long as the others; EH_EFORMAT names the field. */
int eh_copies_check(const struct eh_copies *c, struct eh_err *err);

/*
 * Versioned codec of EH_T_COPIES.  Copies that another version made, with other indicators or other kinds of
 * copies, come back without any value and with the status EH_ESTALE: they are to be made again.
 * put: EH_EFORMAT, EH_ERANGE (ids), EH_ENOMEM and the store's; get: EH_ENOENT (err untouched) when there are none.
 */
int eh_copies_put(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_copies *c,
		  struct eh_err *err);
int eh_copies_get(struct eh_txn *txn, const char *candidate, const char *question, struct eh_copies *out,
		  struct eh_err *err);
/* In the order of the keys; fn must not write to the table.  A value other than 0 from fn ends it and is returned. */
int eh_copies_each(struct eh_txn *txn, const char *candidate /* NULL = all */,
		   int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_copies *c,
			     struct eh_err *err),
		   void *ctx, struct eh_err *err);
/* Of one recording, or of all of the candidate (question NULL).  EH_OK where there were none. */
int eh_copies_remove(struct eh_txn *txn, const char *candidate, const char *question, struct eh_err *err);

#endif

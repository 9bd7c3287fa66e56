/*
 * extract.h - the road inside a worker: media -> face + voice -> one record per answer, and the
 * pool that runs the workers.
 */
#ifndef EH_EXTRACT_EXTRACT_H
#define EH_EXTRACT_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/text.h"
#include "face/face.h"
#include "media/media.h"
#include "voice/voice.h"
#include "store/store.h"

/* How an answer was measured.  Filled in by the parent, which a hostile file has no hold on. */
struct eh_answer_origin {
	char extractor[512];            /* eh_extractor_version(); "" = measured by no worker */
	int32_t landlock_abi;           /* layers the worker had: 0 = no Landlock */
	uint8_t seccomp;                /* 1 = system-call filter */
	uint8_t fast;                   /* 1 = frames that no other needs were skipped */
	/* The recording as it was opened; 0 = it could not be. */
	uint64_t path_mark;             /* first bytes of the path's sha256: tells paths apart, names none */
	uint64_t file_bytes;
	int64_t file_mtime;             /* [ns] since 1970 */
};

/* What one recording gave.  Fixed size: crosses the pipe of a worker as it stands. */
struct eh_answer {
	int32_t status;                 /* EH_OK, or why nothing was measured */
	char message[200];              /* for status != 0 */
	uint8_t did_face, did_voice;    /* consent allowed it and it was done */
	struct eh_answer_origin origin;
	struct eh_media_info media;
	struct eh_face_answer face;
	struct eh_voice_answer voice;
};

struct eh_extract_job {
	eh_id candidate;
	eh_id question;
	char path[1024];                /* absolute */
	bool want_face, want_voice;     /* as consent allows; never both false */
};

struct eh_extract_settings {
	unsigned workers;               /* at once; 0 = one per core */
	bool fast;                      /* media.h; never the default */
};

struct eh_extractor;                    /* models, plans: made once in the parent */

int eh_extractor_open(struct eh_extractor **out, struct eh_err *err);
void eh_extractor_close(struct eh_extractor **x);
const char *eh_extractor_version(const struct eh_extractor *x);

/*
 * eh_extract_limits - the time one recording may take.
 *
 * 60 s of CPU and of wall clock for files up to 8 MiB; for each further MiB 8 s of CPU and 16 s more, at most 7200 s
 * and 14400 s.  The size of a file is known before anything in it is believed; its announced length is not.  8 s per
 * MiB are 0.1 s per second of recording at 105 kbit/s: above that rate no recording runs out of time (measured: 0.08 s
 * per second at 1280x720), below it there is next to nothing to decode.  media.h refuses what is longer than two hours.
 */
void eh_extract_limits(uint64_t bytes, unsigned *cpu_seconds, double *wall_seconds);

/*
 * eh_origin_fits - is an answer of this origin one of the recording that is now at path?
 *
 * Path, size and time of the last change must be those of the file that was measured.  A file that is not there any
 * more, or cannot be looked at, can contradict nothing but the path: what was measured of it still stands, for
 * recordings may be deleted after measuring (that is what a retention period asks for).
 */
bool eh_origin_fits(const struct eh_answer_origin *o, const char *path);

/*
 * eh_extract_run - runs the jobs, each in its own locked child, as many at once as settings say (NULL = defaults).
 *
 * done() is called in the parent once per finished job, in order of finishing, while children run:
 * it stores the answer and commits.  The store must be suspended outside done(): done resumes and
 * suspends it again.  A job whose file cannot be opened or whose worker dies is done() with
 * answer->status != 0; it never stops the others.  Values outside their range in a record turn the
 * record into an EH_EFORMAT.  A negative value from done ends the run.
 *
 * EH_ECANCEL after progress->cancelled(): running children are killed, what done() stored stays.
 */
int eh_extract_run(struct eh_extractor *x, const struct eh_extract_job *jobs, size_t n,
		   const struct eh_extract_settings *settings,
		   int (*done)(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer,
			       struct eh_err *err),
		   void *ctx, const struct eh_progress *progress, struct eh_err *err);

/* Every double finite and inside its physical range, every count consistent; EH_EFORMAT names the field. */
int eh_answer_check(const struct eh_answer *a, struct eh_err *err);

/* Versioned codec of EH_T_ANSWERS.  An answer that another version measured, with other indicators, comes back without
 * any value and with the status EH_ESTALE: it is to be measured again, like one that failed. */
int eh_answer_put(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_answer *a,
		  struct eh_err *err);
int eh_answer_get(struct eh_txn *txn, const char *candidate, const char *question, struct eh_answer *out,
		  struct eh_err *err);
int eh_answers_each(struct eh_txn *txn, const char *candidate /* NULL = all */,
		    int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
			      struct eh_err *err),
		    void *ctx, struct eh_err *err);

/* What a walk over everybody needs of an answer; its values, a hundred times as long, are neither read nor checked. */
struct eh_answer_head {
	eh_id candidate, question;
	int32_t status;                 /* as of eh_answers_each */
	bool did_face, did_voice;
};
int eh_answer_heads_each(struct eh_txn *txn, const char *candidate /* NULL = all */,
			 int (*fn)(void *ctx, const struct eh_answer_head *h, struct eh_err *err), void *ctx,
			 struct eh_err *err);

#endif

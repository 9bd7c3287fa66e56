/*
 * inside.h - what the files of this room share; no other room includes it.
 */
#ifndef EH_EXTRACT_INSIDE_H
#define EH_EXTRACT_INSIDE_H

#include "extract/copies.h"
#include "extract/extract.h"

struct eh_extractor {
	struct eh_face *face;                           /* NULL: of eh_extractor_open_voice */
	struct eh_voice *voice;
	struct eh_voice *copies[EH_COPY_KINDS];         /* NULL before the first eh_copies_run */
	char version[512];
};

/* ---- pool.c ---- */

/* Work of one kind for the pool: n recordings, each read by a locked child (worker.h) into a record of its own. */
struct eh_pool_work {
	const char *step;                       /* what progress shows */
	size_t n;
	size_t record_size;                     /* [bytes] */
	unsigned more_seconds;                  /* [s] of CPU on top of eh_extract_limits, and twice of wall clock */
	struct eh_answer_origin origin;         /* what is the same for all: eh_pool_origin() */
	void *ctx;
	const char *(*path)(void *ctx, size_t i);
	/* In the child, locked; what it returns is lost but for the record. */
	void (*child)(void *ctx, size_t i, int fd, void *record);
	/* Makes a record that measured nothing. */
	void (*failed)(void *record, int status, const char *message);
	/* In the parent: what the child wrote is checked and, if not believable, made a failed one. */
	void (*receive)(void *ctx, size_t i, void *record);
	/* In the parent, once per recording, in order of finishing; a negative value ends the run. */
	int (*done)(void *ctx, size_t i, void *record, const struct eh_answer_origin *origin, struct eh_err *err);
};

/* Path and file of *o are left 0. */
void eh_pool_origin(struct eh_answer_origin *o, const char *version);
/* The rules are those of eh_extract_run; workers: at once, 0 = one per core. */
int eh_pool_run(const struct eh_pool_work *work, unsigned workers, const struct eh_progress *progress,
		struct eh_err *err);

/* ---- child.c ---- */

/* In a locked worker: one recording to its answer. */
void eh_extract_child(struct eh_extractor *x, const struct eh_extract_job *job, bool fast, int fd, struct eh_answer *a);

/* ---- check.c ---- */

/* What a child wrote becomes an answer: one outside its ranges is replaced by an EH_EFORMAT without any values,
 * parts that were not asked for are wiped, the message is made printable. */
void eh_answer_receive(struct eh_answer *a, const struct eh_extract_job *job);

/* An answer that measured nothing. */
void eh_answer_failed(struct eh_answer *a, int status, const char *message);

/* ---- copies_record.c ---- */

/* The same two for copies. */
void eh_copies_receive(struct eh_copies *c);
void eh_copies_failed(struct eh_copies *c, int status, const char *message);

#endif

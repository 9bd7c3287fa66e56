/*
 * threads.h - pieces of one work on several threads: of the learning and of the audit.
 *
 * A crew does the tasks 0..n-1, handed out in that order, each exactly once.  Tasks write to places of their
 * own, and what is reduced over tasks is reduced by the caller afterwards in the order of their numbers:
 * no result depends on the number of threads.  A task may run a crew of its own with the share of threads it
 * is given, so that outer and inner crews together never have more than `jobs` threads at work.
 *
 * The calling thread works not itself: ten times a second it asks for a cancel, and it alone calls the progress.
 */
#ifndef EH_BASE_THREADS_H
#define EH_BASE_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"

#define EH_CREW_MEMORY ((size_t)2 << 30)       /* [bytes] */

/* How far the work is, over several calls, and how it is done. */
struct eh_steps {
	const struct eh_progress *progress;     /* heard from the calling thread only */
	const char *what;
	uint64_t done, total;
	size_t jobs;                    /* threads; 0 = one per core.  The result has the same bytes for every number */
	size_t memory;                  /* [bytes] that the work may take; 0 = EH_CREW_MEMORY */
};

struct eh_crew {
	size_t jobs;                    /* threads, >= 1 */
	size_t limit;                   /* [bytes] for the whole work: what is decided by it is the same for all jobs */
	size_t memory;                  /* [bytes] this crew's share of it */
	const struct eh_progress *progress;     /* NULL inside a task */
	struct eh_steps *count;         /* not NULL: every finished task is one step */
	const atomic_bool *stop;        /* of the crew around this one, NULL = outermost */
};

/* slot: 0..threads-1, which of the callers' workspaces is this thread's; inside: for crews of its own. */
typedef int eh_task(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err);

size_t eh_jobs(size_t wanted);          /* wanted, or for 0 the cores this process may run on */
struct eh_crew eh_crew_of(const struct eh_steps *steps);        /* NULL: all cores, no progress */

/*
 * most: tasks at the same time at most (memory), >= 1.  Threads = the smallest of n, most and crew->jobs; with one
 * thread, inside another crew or without progress to tell, the tasks run in the caller's.  After an error no further
 * task begins; the error of the lowest task is returned.  EH_ECANCEL: cancelled, or the crew around was.  EH_EENV: no
 * thread could be started.
 */
int eh_crew_run(const struct eh_crew *crew, size_t n, size_t most, eh_task *task, void *ctx, struct eh_err *err);
size_t eh_crew_threads(const struct eh_crew *crew, size_t n, size_t most);      /* what eh_crew_run will use */
/* From now on this process can start no thread, as in a locked worker: crews of one thread work in the caller's. */
void eh_crew_alone(void);
bool eh_crew_stopped(const struct eh_crew *crew);       /* asked inside long tasks; they return eh_crew_cancel */
int eh_crew_cancel(struct eh_err *err);                 /* EH_ECANCEL with its text */

#endif

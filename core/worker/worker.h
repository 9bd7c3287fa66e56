/*
 * worker.h - one piece of untrusted work in a forked, locked child process.
 *
 * start() forks; the child closes every descriptor but its own, lowers its limits, gives up
 * privileges, enters Landlock without any path and a seccomp filter whose default is to kill,
 * runs job() and fills ONE record of fixed size, then _exit()s (facts/reliability.md 3.2, 4).
 * The record lies in memory that parent and child share; a byte through a pipe says that it is complete.  The parent
 * looks at it when the child is dead and can change nothing any more.
 * The parent polls; a child that dies, is killed, runs out of time or does not get to its end is
 * an EH_EWORKER with a sentence, never the parent's death; at the end of its memory malloc gives NULL, and a job that
 * cannot go on without ends as eh_xmalloc does, which is said in those words.  A layer that the kernel does not have is
 * left out, the others stay: whoever starts workers asks eh_worker_layers() first and warns or refuses.
 *
 * Callers suspend the store before start() (store.h), so that no child inherits it.
 * The one home of libseccomp and of the Landlock system calls.
 */
#ifndef EH_WORKER_WORKER_H
#define EH_WORKER_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum eh_worker_profile {
	/* Memory counts on top of what the process has when it forks: models and libraries are no child's doing. */
	EH_WORKER_MEDIA,        /* memory 512 MiB, CPU 60 s */
	EH_WORKER_POLICY        /* memory 256 MiB, CPU 2 s; fewer system calls */
};

struct eh_worker_spec {
	enum eh_worker_profile profile;
	/* Runs locked in the child.  fd is the only inherited descriptor besides the result pipe, or -1.
	 * record: record_size zeroed bytes to fill.  What it returns is lost: put a status into the record. */
	void (*job)(void *ctx, int fd, void *record);
	void *ctx;
	int fd;                         /* handed to the job; the parent keeps its own copy */
	size_t record_size;             /* [bytes], at most 64 MiB */
	double wall_seconds;            /* killed after this many [s]; 0 = the profile's: 60 and 2 */
	unsigned cpu_seconds;           /* [s] of CPU time, at most 86400; 0 = the profile's */
};

struct eh_worker;

/* Which layers this kernel offers. */
struct eh_worker_layers {
	int landlock_abi;               /* 0 = none */
	bool seccomp;
};

/* EVENHAND_PRETEND_MISSING ("landlock", "seccomp" or both) lets a layer be reported as missing, so that warnings and
 * refusals can be tried out anywhere.  It can only make the report worse: it takes layers away, never adds one, and
 * what a worker locks itself with is asked of the kernel alone (eh_worker_real_layers), so that every lock stays on. */
void eh_worker_layers(struct eh_worker_layers *out);
/* "" when both layers are there, else what is missing: "Landlock", "seccomp", "Landlock and seccomp". */
const char *eh_worker_layers_missing(const struct eh_worker_layers *l);

int eh_worker_start(struct eh_worker **out, const struct eh_worker_spec *spec, struct eh_err *err);

/* Descriptor to poll(2) for reading. */
int eh_worker_fd(const struct eh_worker *w);
double eh_worker_deadline(const struct eh_worker *w);   /* eh_monotonic() at which it will be killed */

/* Takes what is there.  1 = still running; 0 = done, record filled; negative = failed (EH_EWORKER),
 * record zeroed.  After 0 or a failure the child is reaped.  record NULL: the caller asks eh_worker_record. */
int eh_worker_poll(struct eh_worker *w, void *record, struct eh_err *err);
int eh_worker_wait(struct eh_worker *w, void *record, struct eh_err *err);     /* polls to the end: 0 or negative */
/* The record of a worker that is done, without a copy: it lives until eh_worker_free.  NULL: there is none. */
const void *eh_worker_record(const struct eh_worker *w);
void eh_worker_free(struct eh_worker **w);              /* kills and reaps a running child */

/* start, wait, free in one call. */
int eh_worker_run(const struct eh_worker_spec *spec, void *record, struct eh_err *err);

/* Self-proof: inside a fresh worker each of these must be refused or kill the child
 * (facts/reliability.md 10.9). */
struct eh_worker_proof {
	/* "open a file", "socket", "execve", "fork", "ptrace the parent", "mmap PROT_EXEC" ... */
	const char *what;
	bool refused;
	char how[64];                   /* "EACCES", "killed by SIGSYS" */
};
size_t eh_worker_selftest(enum eh_worker_profile profile, struct eh_worker_proof *out, size_t max);

#endif

/*
 * inside.h - what the files of this room share; no other room includes it.
 */
#ifndef EH_WORKER_INSIDE_H
#define EH_WORKER_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "worker/worker.h"

/* What a profile allows. */
struct eh_worker_limits {
	size_t memory;          /* [bytes] on top of what the process has mapped when it is forked */
	unsigned cpu_seconds;   /* [s] soft limit; the hard one is a second later */
	double wall_seconds;    /* [s] */
};
const struct eh_worker_limits *eh_worker_limits(enum eh_worker_profile profile);

/* Exit statuses of a child that could not lock itself; the text says which step failed. */
#define EH_LOCKDOWN_LIST(X)                                             \
	X(EH_LOCKDOWN_FDS,      101, "close inherited descriptors")     \
	X(EH_LOCKDOWN_RLIMIT,   102, "lower its limits")                \
	X(EH_LOCKDOWN_PRIVS,    103, "give up privileges")              \
	X(EH_LOCKDOWN_LANDLOCK, 104, "enter Landlock")                  \
	X(EH_LOCKDOWN_FILTER,   105, "load the system-call filter")     \
	X(EH_LOCKDOWN_ORPHAN,   106, "find its parent alive")

enum eh_lockdown_exit {
#define X(name, code, text) name = (code),
	EH_LOCKDOWN_LIST(X)
#undef X
};

/* What the kernel has, whatever the environment pretends. */
void eh_worker_real_layers(struct eh_worker_layers *out);

/*
 * eh_lockdown - turns the calling (just forked) process into a locked worker; ends it on failure.
 *
 * job and result are replaced by numbers above 2 that stay open; job may be -1.  Order as in
 * facts/reliability.md 3.2: descriptors, limits, privileges, Landlock, filter.  Layers that *layers says are missing
 * are left out.
 */
void eh_lockdown(enum eh_worker_profile profile, const struct eh_worker_limits *limits,
		 const struct eh_worker_layers *layers, pid_t parent, int *job, int *result);

/* Wait status (waitpid) of a worker after eh_worker_poll gave 0 or a failure; -1 = could not be had. */
int eh_worker_wait_status(const struct eh_worker *w);
/* True when the parent itself ended the child (wall limit, pipe closed early). */
bool eh_worker_was_ended(const struct eh_worker *w);

#endif

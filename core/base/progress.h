/*
 * progress.h - how long work tells its caller how far it is.
 *
 * The core calls step(); a command draws a bar, a screen a line, a test nothing.  cancelled()
 * is asked between pieces of work; work that was told to stop returns EH_ECANCEL after its
 * last finished piece is stored.
 */
#ifndef EH_BASE_PROGRESS_H
#define EH_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct eh_progress {
	void (*step)(void *ctx, const char *what, uint64_t done, uint64_t total);
	void (*note)(void *ctx, const char *line);      /* a line for a person, e.g. a refused file */
	bool (*cancelled)(void *ctx);
	void *ctx;
};

/* All NULL-safe: p or the callbacks may be NULL. */
static inline void eh_progress_step(const struct eh_progress *p, const char *what, uint64_t done, uint64_t total)
{
	if (p != 0 && p->step != 0)
		p->step(p->ctx, what, done, total);
}

static inline void eh_progress_note(const struct eh_progress *p, const char *line)
{
	if (p != 0 && p->note != 0)
		p->note(p->ctx, line);
}

static inline bool eh_progress_cancelled(const struct eh_progress *p)
{
	return p != 0 && p->cancelled != 0 && p->cancelled(p->ctx);
}

#endif

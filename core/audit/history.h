/*
 * history.h - the decisions of a slice as units whose classes can be exchanged, where who is judged again depends on
 * what was decided before.
 *
 * Of a procedure in stages only those advanced reach the next one.  A block of "judged in the first stage and the
 * second" (slice.h) is then a block of people the first stage selected: within it the first stage says nothing, and a
 * test that exchanges classes there tests the later stage alone.  A list of strata that continues a shorter one is
 * therefore split: the persons of both lists are exchanged in the shorter one, and what comes on top among those with
 * the same decisions before.  The sums of such steps are uncorrelated under the hypothesis that nobody is treated by
 * class, whatever decides who goes on (martingale differences, as the sets at risk of the log-rank test: Mantel 1966;
 * from memory, checked by simulation in tests/core/test_audit_cluster.c).
 *
 * Without such lists every pattern is one unit.
 */
#ifndef EH_AUDIT_HISTORY_H
#define EH_AUDIT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/slice.h"
#include "base/err.h"

struct eh_unit {
	uint32_t pattern, block;
	uint32_t rows, selected;        /* decisions on one person, and how many of them selected him */
};

struct eh_units {
	const struct eh_slice *slice;   /* borrowed */
	struct eh_unit *v;              /* [n], NULL = the patterns as they are */
	size_t n, n_blocks;
	bool nested;                    /* some list continues another */
	/* a list continues two others of one length (which of them came first is not known), or it was not found out
	 * within EH_HISTORY_STEPS: units are then the patterns, and blocks must not be used */
	bool unknown;
};

#define EH_HISTORY_STEPS 4000000u

static inline struct eh_unit eh_unit_at(const struct eh_units *u, size_t i)
{
	if (u->v != NULL)
		return u->v[i];
	return (struct eh_unit){ (uint32_t)i, u->slice->block[i], eh_pattern_size(u->slice, i),
				 eh_pattern_selected(u->slice, i) };
}

/* EH_ENOMEM.  The caller frees in any case. */
int eh_units_make(struct eh_units *out, const struct eh_slice *s, struct eh_err *err);
void eh_units_free(struct eh_units *u);
/* Those that the slice has, else *own, made now and freed by the caller in any case. */
int eh_units_of(const struct eh_units **out, struct eh_units *own, const struct eh_slice *s, struct eh_err *err);

#endif

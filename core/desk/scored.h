/*
 * scored.h - the stored kinds by score of one evaluator as audit data (audit/score_kinds.h); for cube.c and counted.c.
 */
#ifndef EH_DESK_SCORED_H
#define EH_DESK_SCORED_H

#include "audit/score_kinds.h"
#include "desk/counted.h"

/*
 * held [n]: his kinds by decision, as they are numbered; cells: what their `first` counts in.  The strata in *out are
 * words (eh_scored_settle).  EH_EFORMAT: a score without a decision; EH_ENOMEM.  The caller frees *out in any case.
 */
int eh_scored_read(struct eh_score_kinds *out, const struct eh_kinds *k, const struct eh_held *held, size_t n,
		   const struct eh_kind_cell *cells, struct eh_err *err);

/* Words become the strata of the data. */
void eh_scored_settle(struct eh_score_kinds *k, uint32_t (*stratum)(const void *ctx, uint32_t word), const void *ctx);

#endif

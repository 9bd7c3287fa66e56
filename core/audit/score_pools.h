/*
 * score_pools.h - the score histograms of everybody and of the positions, kept so that one evaluator's part can be
 * exchanged; for again.c.  Counts are integers, so an exchanged table is the one that would be made anew.
 */
#ifndef EH_AUDIT_SCORE_POOLS_H
#define EH_AUDIT_SCORE_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/score_table.h"

/* Scopes: 0 everybody, then positions; scope_of [positions], 0 = none of its own; NULL = there are none. */
struct eh_score_pools {
	const struct eh_order *o;
	const uint32_t *scope_of;
	struct eh_score_table *table;   /* [n][attributes] */
	size_t n, attributes;
};

/* o (of data with d->scored) and scope_of are borrowed until eh_score_pools_free.  EH_ENOMEM: out is empty. */
int eh_score_pools_make(struct eh_score_pools *out, const struct eh_order *o, const uint32_t *scope_of, size_t n,
			struct eh_err *err);
void eh_score_pools_free(struct eh_score_pools *p);

/* An evaluator's part in each scope in which he has somebody with a score. */
struct eh_score_part {
	struct eh_score_table *table;   /* [n][attributes] */
	uint32_t *scope;                /* [n] ascending */
	size_t n, attributes;
};
int eh_score_part_make(struct eh_score_part *out, const struct eh_score_pools *p, uint32_t evaluator,
		       struct eh_err *err);
void eh_score_part_free(struct eh_score_part *part);

/* His part `less` is `more` now; touch is called for each scope where that is something else. */
int eh_score_pools_exchange(struct eh_score_pools *p, const struct eh_score_part *less,
			    const struct eh_score_part *more, void (*touch)(void *ctx, size_t scope), void *ctx,
			    struct eh_err *err);

#endif

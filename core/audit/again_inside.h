/*
 * again_inside.h - a kept audit, for again.c, for again_replace.c, by which counted kinds are replaced, and for
 * again_rows.c, which has what data of rows need; nobody else includes it.
 */
#ifndef EH_AUDIT_AGAIN_INSIDE_H
#define EH_AUDIT_AGAIN_INSIDE_H

#include "audit/again.h"
#include "audit/pool.h"
#include "audit/run.h"
#include "audit/score_pools.h"

struct eh_kept {
	struct eh_audit_data *d;
	struct eh_audit_settings s;
	struct eh_run run;
	struct eh_pool *pool; /* [n_pooled] everybody, then the positions; NULL = nothing can be replaced */
	size_t n_pooled;
	struct eh_score_pools scores; /* beside pool, where the data have scores */
	uint32_t *scope_of;	/* [n_positions] scope of a position, 0 = none of its own */
	struct eh_slice *alone; /* of an evaluator, or his part of a position */
	struct eh_bench *bench; /* NULL: of other kinds than those there are now */
	bool *touched;		/* [n_pooled + evaluators] scopes in which something was replaced */
	uint32_t *list;		/* those, each once */
	size_t n_list;
	bool moved;		/* rows are others than those that the order was made of */
};

static inline void eh_kept_touch(struct eh_kept *k, size_t scope)
{
	if (!k->touched[scope])
		k->list[k->n_list++] = (uint32_t)scope;
	k->touched[scope] = true;
}

/* The evaluator's part of a pooled scope; by_code: his persons there until now. */
int eh_kept_put_part(struct eh_kept *k, uint32_t scope, uint32_t evaluator, const uint32_t (*by_code)[EH_CODES],
		     struct eh_err *err);
/* The order of rows that were replaced; *same: the positions with decisions are those there were. */
int eh_kept_order(struct eh_kept *k, bool *same, struct eh_err *err);
/* Everybody and the positions that were touched. */
int eh_kept_pooled_rows(struct eh_kept *k, struct eh_err *err);

#endif

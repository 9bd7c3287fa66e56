/*
 * pool.h - the slice and the cubes of everybody, or of a position, put together from what each evaluator decided there,
 * so that one evaluator's part can be replaced.
 *
 * Nobody is judged by two evaluators here, so the strata, patterns and blocks of an evaluator are his own, and lie
 * together: with the parts in the order of the evaluators it is the slice that eh_slice_everybody or eh_slice_position
 * makes, number by number, and every sum over it has the same bytes.
 */
#ifndef EH_AUDIT_POOL_H
#define EH_AUDIT_POOL_H

#include "audit/counts.h"
#include "audit/slice.h"

/* Where the part of an evaluator begins. */
struct eh_pool_part {
	uint32_t evaluator, pattern, stratum, block;
};

struct eh_pool {
	struct eh_slice slice;          /* without persons; its arrays are the pool's */
	struct eh_cube *cube;           /* [n_attributes] */
	struct eh_pool_part *part;      /* [n_parts + 1] by evaluator; the last: where a next one would begin */
	size_t n_parts;
	size_t part_cap, pattern_cap, cell_cap, stratum_cap;
};

/* Empty; o is borrowed.  EH_ENOMEM: eh_pool_free all the same. */
int eh_pool_new(struct eh_pool *out, const struct eh_order *o, struct eh_err *err);
void eh_pool_free(struct eh_pool *p);   /* also one that is all zero */

/*
 * From now on the evaluator's part is this slice, of the same order; an empty one takes him away.  by_code
 * [n_attributes][EH_CODES]: his persons up to now.  Time: his part, and moving what lies behind it.  EH_ENOMEM: nothing
 * but eh_pool_free is possible.
 */
int eh_pool_replace(struct eh_pool *p, uint32_t evaluator, const struct eh_slice *part,
		    const uint32_t (*by_code)[EH_CODES], struct eh_err *err);

#endif

/*
 * slice.h - the decisions of one scope (an evaluator, everybody, a position), arranged by person.
 *
 * A person's decisions lie together, by stratum.  Strata are renumbered from 0 in name order within the
 * slice.  A block is the set of persons whose decisions lie in exactly the same strata, equally often:
 * within it the classes can be exchanged when nobody is treated by class (permute.h).
 */
#ifndef EH_AUDIT_SLICE_H
#define EH_AUDIT_SLICE_H

#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

struct eh_row {
	uint32_t candidate;             /* index into the data's candidates */
	uint32_t stratum;               /* in the order: of the data; in a slice: 0..n_strata-1 */
	uint32_t owner;                 /* the evaluator */
	uint8_t selected;
};

struct eh_slice {
	size_t n;                       /* decisions */
	struct eh_row *row;             /* [n] by candidate, then stratum */
	size_t n_persons;
	uint32_t *start;                /* [n_persons + 1] first row of each person */
	uint32_t *block;                /* [n_persons] 0..n_blocks-1 */
	size_t n_strata, n_blocks;
};

/* All decisions in three orders: by evaluator, candidate, stratum; by position, candidate, stratum, evaluator; and the
 * latter without the position in front. */
struct eh_order {
	size_t n;
	struct eh_row *by_evaluator, *by_position, *by_candidate;       /* [n] */
	size_t *evaluator_at;           /* [evaluators + 1] first row of each */
	size_t *position_at;            /* [positions + 1]; without positions everybody is in one */
	size_t *candidate_at;           /* [candidates + 1] */
};

/* O(n).  EH_ENOMEM: out is empty. */
int eh_order_make(struct eh_order *out, const struct eh_audit_data *d, struct eh_err *err);
void eh_order_free(struct eh_order *o);

/*
 * Rows from[0..n-1] of an order as a slice of its own.  O(n log n) at most.
 * EH_ENOMEM: out is empty.
 */
int eh_slice_make(struct eh_slice *out, const struct eh_row *from, size_t n, struct eh_err *err);
void eh_slice_free(struct eh_slice *s);

#endif

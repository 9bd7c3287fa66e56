/*
 * order.h - what all scopes of an audit look things up in: the class of a candidate in one byte, and his decisions.
 */
#ifndef EH_AUDIT_ORDER_H
#define EH_AUDIT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

/* A class and where it is known from: EH_CODE_DECLARED + group, EH_CODE_IMPORTED + group, or one of the first three. */
#define EH_CODE_UNKNOWN 0u
#define EH_CODE_PREDICTED 1u
#define EH_CODE_REFUSED 2u              /* predicted, but of no use (basis.h): unknown to all that counts */
#define EH_CODE_DECLARED 32u
#define EH_CODE_IMPORTED 64u
#define EH_CODES 96u

/* The group known for certain, or -1. */
static inline int eh_code_group(uint8_t code)
{
	return code < EH_CODE_DECLARED ? -1 : (int)(code & (EH_CODE_DECLARED - 1));
}

struct eh_order {
	const struct eh_audit_data *d;
	uint8_t **code;                 /* [n_attributes] -> [n_candidates] */
	/* [n_attributes] persons of each code, with their weights, when the order was made */
	uint64_t (*known)[EH_CODES];
	bool predicted;                 /* some code is EH_CODE_PREDICTED */
	bool single;                    /* nobody was judged twice, by whomever */
	size_t n_positions;             /* all there are; 1 where the data name none */
	uint32_t *position;             /* [n_used] positions with decisions; only where there are two or more */
	size_t n_used;
	/* NULL where `single`, one position and nobody predicted: then every scope is a walk through all rows */
	uint32_t *candidate_at;         /* [n_candidates + 1] first place of each candidate in row */
	uint32_t *row;                  /* [n_decisions] rows by candidate, evaluator, stratum */
	uint32_t *position_at;          /* [n_positions + 1] first place in by_position; NULL with one position */
	uint32_t *by_position;          /* [n_candidates] candidates by position */
	uint32_t *owner_from;           /* who made the first decision of each EH_OWNER_STEP rows; NULL with row */
};

#define EH_OWNER_STEP 64

/*
 * d is borrowed until eh_order_free and sorted; known_only: a predicted class counts as unknown.  O(decisions +
 * candidates); one byte per candidate and attribute, and where persons have several decisions or positions 4 to 8 more
 * per decision.  EH_EINVAL (a class or probability out of range), EH_ENOMEM: out is empty.
 */
int eh_order_make(struct eh_order *out, const struct eh_audit_data *d, bool known_only, struct eh_err *err);
void eh_order_free(struct eh_order *o);
/* The predicted classes of an attribute are of no use.  With the last of them all is as if nobody had been predicted. */
void eh_order_refuse(struct eh_order *o, size_t attribute);
/* Gives up all that says where a candidate's decisions are: from now on his number may change.  What is left serves
 * eh_slice_evaluator, and the benchmark where weights say that nobody was judged by two. */
void eh_order_keep_codes(struct eh_order *o);
/* After that, when candidates or rows of d are others: `single` anew.  EH_ENOMEM: as it was. */
int eh_order_look_again(struct eh_order *o, struct eh_err *err);

static inline uint32_t eh_order_position(const struct eh_order *o, uint32_t candidate)
{
	return o->d->position != NULL && o->n_positions > 1 ? o->d->position[candidate] : 0;
}

/* The evaluator of a row; needs owner_from. */
static inline uint32_t eh_order_owner(const struct eh_order *o, uint32_t row)
{
	uint32_t e = o->owner_from[row / EH_OWNER_STEP];

	while (o->d->evaluator_at[e + 1] <= row)
		e++;
	return e;
}

#endif

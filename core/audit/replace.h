/*
 * replace.h - other kinds of persons of one evaluator in data of counted kinds (struct eh_audit_data with weights).
 */
#ifndef EH_AUDIT_REPLACE_H
#define EH_AUDIT_REPLACE_H

#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

#define EH_NEW_KIND UINT32_MAX

/* A kind of persons, in candidates as they are numbered before the replacement. */
struct eh_kind_now {
	uint32_t was;   /* the candidate that it is already, or EH_NEW_KIND */
	uint32_t like;  /* of a new one: somebody, of whatever evaluator, with its position and classes */
	uint32_t persons;               /* > 0 */
	/* of a new one: decisions in ascending order of their strata, each of which the data have; n > 0 */
	const uint32_t *stratum;
	const uint8_t *selected;
	size_t n;
};

/* The candidates of an evaluator are those from..to-1; EH_EINVAL: they are not numbered evaluator by evaluator, or the
 * data are not of counted kinds. */
struct eh_span {
	uint32_t from, to;
};
int eh_kinds_span(struct eh_span *out, const struct eh_audit_data *d, uint32_t evaluator, struct eh_err *err);

/*
 * v [n > 0], in the order in which the new candidates are numbered, takes the place of the evaluator's kinds; who is
 * numbered behind them moves.  code: per attribute a byte per candidate (order.h), kept in step.  Data that were sorted
 * stay so.  EH_EINVAL (eh_kinds_span), EH_ERANGE: nothing is changed; EH_ENOMEM: d can only be freed.
 */
int eh_kinds_replace(struct eh_audit_data *d, uint8_t **code, uint32_t evaluator, const struct eh_kind_now *v, size_t n,
		     struct eh_err *err);

#endif

/*
 * rows.h - other decisions of one evaluator in data whose candidates are one person each (struct eh_audit_data without
 * weights), and candidates who are new with them.  For counted kinds: audit/replace.h.
 */
#ifndef EH_AUDIT_ROWS_H
#define EH_AUDIT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

/* Somebody on whom nobody decided before. */
struct eh_newcomer {
	const char *name;
	uint32_t like;                  /* a candidate with his position and classes, as numbered before */
};

/* All that an evaluator decided. */
struct eh_rows_now {
	const struct eh_newcomer *who;  /* [n_who] sorted by name, none of them among the candidates */
	size_t n_who;
	/* [n > 0] sorted by candidate, then stratum, each pair once; candidates as numbered with the newcomers */
	const uint32_t *candidate, *stratum;
	const uint8_t *selected;
	const double *score;            /* not read where the data have no scores */
	const uint8_t *has_score;
	const int32_t *decided;         /* not read where the data have no days */
	size_t n;
	const uint32_t *changed;        /* [n_changed] candidates on whom he decides otherwise than before */
	size_t n_changed;
};

/* Number that somebody of this name has once i newcomers stand before him. */
uint32_t eh_rows_newcomer(const struct eh_audit_data *d, const char *name, size_t i);

/*
 * v takes the place of the evaluator's rows; d stays sorted.  EH_EINVAL: data of counted kinds, without names or with
 * predicted classes; EH_ERANGE: too many decisions; nothing is changed.  After EH_ENOMEM d can only be freed.
 */
int eh_rows_replace(struct eh_audit_data *d, uint32_t evaluator, const struct eh_rows_now *now, struct eh_err *err);

#endif

/*
 * own_part.h - the decisions of one part of the data, as audit data of their own; for own.c and own_strata.c only.
 */
#ifndef EH_POLICY_OWN_PART_H
#define EH_POLICY_OWN_PART_H

#include "audit/data.h"
#include "policy/policy.h"

struct eh_parts;

/* [decisions] that all parts and all audits of them together may look at: some ten seconds */
#define EH_PARTS_WORK_MAX UINT64_C(100000000)

/* d is borrowed until eh_parts_free and sorted.  Never NULL. */
struct eh_parts *eh_parts_new(const struct eh_audit_data *d);
void eh_parts_free(struct eh_parts **p);        /* NULL-safe */

/*
 * What o is narrowed to, with all attributes of the data, sorted; every pair of evaluator and stratum is a stratum, and
 * all evaluators are one, so that the pooled scope of an audit compares as that of everybody does (audit/slice.h).
 * *out is freed by eh_part_free.  EH_EPOLICY: a period, and nobody's decision has a time; EH_ERANGE: more
 * than EH_PARTS_WORK_MAX in all; EH_ENOMEM.  Looks at the rows of the part alone, once those of all were dealt out.
 */
int eh_part_take(struct eh_audit_data *out, struct eh_parts *p, const struct eh_own *o, struct eh_err *err);
/* Takes so many decisions from what may be looked at, and what a look costs in any case.  EH_ERANGE. */
int eh_parts_spend(struct eh_parts *p, uint64_t rows, struct eh_err *err);
void eh_part_free(struct eh_audit_data *part);

/* What a stratum of a part is: an evaluator and a stratum of the whole data, by their numbers there. */
struct eh_part_stratum {
	uint32_t evaluator, stratum;
};
/* [strata of the part made last], by evaluator, then stratum; borrowed until the next part is made. */
const struct eh_part_stratum *eh_part_strata(const struct eh_parts *p);

#endif

/*
 * strata.h - the strata behind the findings of a run: kept with a notification, else taken again from the decisions;
 * used inside desk/ only.
 */
#ifndef EH_DESK_STRATA_H
#define EH_DESK_STRATA_H

#include "audit/strata_rows.h"
#include "desk/inside.h"

/*
 * The strata of findings that raise notifications, from the data of the audit that is stored.  Made where the first of
 * them is asked for, so that an audit that raises nothing pays nothing.
 */
struct eh_raise_strata {
	const struct eh_audit_data *data;       /* NULL: the audit's data are gone; nothing is kept */
	const struct eh_audit_settings *s;
	struct eh_strata_source *source;
	struct eh_parts *parts;                 /* of a policy's own findings */
};
/* Keeps the strata of f, a finding of the audit, with notification seq; one stratum or none: nothing is kept. */
int eh_desk_keep_strata(struct eh_txn *txn, struct eh_raise_strata *x, uint64_t seq, const struct eh_finding *f,
			struct eh_err *err);
void eh_raise_strata_free(struct eh_raise_strata *x);

#endif

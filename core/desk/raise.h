/*
 * raise.h - verdicts to notifications; used inside desk/ only.
 *
 * Individual findings become a notification about that evaluator.  Systemic ones become ONE
 * notification per attribute x group addressed to the process: it holds the pooled finding and
 * lists every such evaluator (DESIGN.md 7).  A pooled finding that is notified in its own right
 * (in all or in one position) is a notification to the process too.
 */
#ifndef EH_DESK_RAISE_H
#define EH_DESK_RAISE_H

#include "desk/desk.h"

/*
 * One matter, one notification: an evaluator with an open notification of his own on an attribute x group keeps it
 * where another look (fewer days, say) finds him no longer apart from the others.  It is refreshed with the finding of
 * that look, and the process is not told for him alone.  Where it is told, for others or because its notification is
 * open, that lists him too, and his own stays as it was.
 */

/* raises [n]: does a finding raise a notification: about its evaluator, or, a pooled one, about the process? */
void eh_desk_raises(const struct eh_findings *f, bool *raises);

/* Is f an evaluator's own finding that the process's notification of this pooled one lists? */
bool eh_desk_is_member(const struct eh_finding *f, const struct eh_finding *pooled);

/* data: what the run audited; the strata of what is raised are kept with it (desk/strata.h). */
int eh_desk_raise(struct eh_txn *txn, struct eh_audit_result *run, const struct eh_audit_data *data,
		  struct eh_err *err);

#endif

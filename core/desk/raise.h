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

/* raises [n]: does a finding raise a notification: about its evaluator, or, a pooled one, about the process? */
void eh_desk_raises(const struct eh_findings *f, bool *raises);

/* Is f an evaluator's own finding that the process's notification of this pooled one lists? */
bool eh_desk_is_member(const struct eh_finding *f, const struct eh_finding *pooled);

int eh_desk_raise(struct eh_txn *txn, struct eh_audit_result *run, struct eh_err *err);

#endif

/*
 * policies_inside.h - what the audit asks the registry's verbs; nobody outside of desk/ includes it.
 */
#ifndef EH_DESK_POLICIES_INSIDE_H
#define EH_DESK_POLICIES_INSIDE_H

#include "desk/policies.h"

/* The version with these bytes; its state is draft where the registry has none, default where they are the shipped
 * default's and that holds, not recorded without a project or hash. */
int eh_desk_policy_standing(struct eh_desk *d, const char *hash, struct eh_policy_version *out, struct eh_err *err);

/* Loads a source's text; the store of d (NULL = none) is suspended.  EH_EENV: no engine, or one that reads files only.
 */
int eh_desk_policy_load(const struct eh_policy_engine *engine, struct eh_desk *d, const struct eh_policy_source *s,
			struct eh_policy **p, struct eh_err *err);

/* Fills state, author, approver, standing and upgraded of a result whose policy is loaded, or failed to. */
int eh_desk_policy_stand(struct eh_desk *d, struct eh_audit_result *out, struct eh_err *err);

/* The text that ran, from its file: *text NULL where it is not to be had any more, or is the registry's; the caller
 * frees it. */
void eh_desk_policy_ran(const struct eh_audit_result *r, char **text, size_t *len);
/* In the transaction that stores a run: its text is kept, and which shipped default it was. */
int eh_desk_policy_keep(struct eh_txn *txn, const struct eh_audit_result *r, const char *text, size_t len,
			struct eh_err *err);

#endif

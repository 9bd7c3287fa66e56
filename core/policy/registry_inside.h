/*
 * registry_inside.h - what the files of the registry share; nobody outside of it includes this.
 */
#ifndef EH_POLICY_REGISTRY_INSIDE_H
#define EH_POLICY_REGISTRY_INSIDE_H

#include "policy/registry.h"

void eh_registry_put_mark(struct eh_buf *b, const struct eh_policy_mark *m);
void eh_registry_get_mark(struct eh_reader *r, struct eh_policy_mark *m);
int eh_registry_store(struct eh_txn *txn, const struct eh_policy_version *v, struct eh_err *err);
/* Fills an act's mark.  EH_EINVAL: no reason where one is required, or one that is no plain text; act names it. */
int eh_registry_mark(struct eh_policy_mark *m, const struct eh_actor *who, int64_t now, const char *reason,
		     bool required, const char *act, struct eh_err *err);
/* EH_ESTALE: what was looked at is in another state by now. */
int eh_registry_still(struct eh_txn *txn, const struct eh_policy_version *v, enum eh_policy_state wanted,
		      struct eh_err *err);
/* Keeps which text of the name was active last. */
int eh_registry_put_last(struct eh_txn *txn, const struct eh_policy_version *v, struct eh_err *err);
/* Nobody asks for the end of that name any more. */
int eh_registry_forget_ending(struct eh_txn *txn, const char *name, struct eh_err *err);

#endif

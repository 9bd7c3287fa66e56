/*
 * inside.h - what the files of desk/ share; nobody else includes it.
 */
#ifndef EH_DESK_INSIDE_H
#define EH_DESK_INSIDE_H

#include "desk/desk.h"

struct eh_desk {
	struct eh_store *store;
	const struct eh_policy_engine *engine;
	struct eh_actor actor;
};

/* Growing list for read verbs: element size fixed at init, push copies.  The list is handed to the caller. */
struct eh_list {
	void *v;
	size_t n, cap, size;
};
void eh_list_init(struct eh_list *l, size_t size);
void *eh_list_push(struct eh_list *l, const void *element);     /* the copy inside the list; element NULL: zeroed */

/* Audit data of the whole project (desk/gather.c): declared classes, posteriors, decisions. */
int eh_desk_gather(struct eh_desk *d, struct eh_audit_data *out, struct eh_err *err);

#endif

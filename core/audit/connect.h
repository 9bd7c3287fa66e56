/*
 * connect.h - who can be compared with whom: the connected parts of a design.
 *
 * Two evaluators are linked when they judged a candidate in common (or, where nobody asks for as much, decided in
 * a stratum in common).  What a chain of links joins is one component.  As work count a candidate in common and, where
 * the data name more than one position, a position, else a stratum: who can be compared in audit/benchmark.h and
 * audit/peers.h.  Between components nothing tells a severe evaluator from weak candidates ("subset connection" of the
 * FACETS program; facts/statistics.md 9): a comparison across them is refused.
 */
#ifndef EH_AUDIT_CONNECT_H
#define EH_AUDIT_CONNECT_H

#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

enum eh_link { EH_LINK_CANDIDATE, EH_LINK_STRATUM, EH_LINK_WORK };

#define EH_NO_COMPONENT UINT32_MAX

struct eh_connect {
	enum eh_link link;
	size_t n_evaluators;
	size_t n;                       /* components; 1 = connected, 0 = no decision at all */
	/* [n_evaluators] 0..n-1, numbered by their first evaluator in name order; EH_NO_COMPONENT: decided nothing */
	uint32_t *of;
	uint32_t *size;                 /* [n] evaluators */
	uint32_t *first;                /* [n] index of its first evaluator */
};

/* d must be sorted (eh_audit_data_sort).  EH_ENOMEM: *out is empty. */
int eh_connect_make(struct eh_connect *out, const struct eh_audit_data *d, enum eh_link link, struct eh_err *err);
void eh_connect_free(struct eh_connect *c);

/*
 * May evaluators a and b (indexes) be compared?  EH_EREFUSED names the components of both by the ids of their first
 * evaluators; EH_EINVAL: one of them decided nothing.
 */
int eh_connect_check(const struct eh_connect *c, const struct eh_audit_data *d, uint32_t a, uint32_t b,
		     struct eh_err *err);
/* The same for all: EH_EREFUSED names up to EH_CONNECT_NAMED components. */
int eh_connect_check_all(const struct eh_connect *c, const struct eh_audit_data *d, struct eh_err *err);

#define EH_CONNECT_NAMED 3              /* ids, and components, that a text names */
/* "E1, E2, E3 and 4 more" of component k into out; cut where it is full. */
void eh_connect_text(char *out, size_t size, const struct eh_connect *c, const struct eh_audit_data *d, uint32_t k);

#endif

/*
 * peers.h - one evaluator against all others, leave-one-out (facts/first_road.md 7A, facts/statistics.md 9).
 */
#ifndef EH_AUDIT_PEERS_H
#define EH_AUDIT_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/connect.h"
#include "audit/finding.h"
#include "audit/table.h"
#include "base/num.h"

struct eh_peer {
	bool has;                       /* takes part */
	bool corrected;                 /* y and v are with half a person added to each cell (audit/finding.h) */
	enum eh_undef why;              /* he does not; EH_U_NONE = it was not computed */
	double y;                       /* ln of the evaluator's own ratio */
	double v;                       /* its variance, > 0 */
	struct eh_fourfold t;           /* the decisions behind it */
	struct eh_num ratio, z, p;      /* filled: exp(y - c), (y - c)/sqrt(v + 1/sum(1/v)), two-sided */
	struct eh_num others;           /* filled: exp(c) */
	uint32_t n_others;              /* filled: who they are, */
	struct eh_fourfold others_t;    /* and their decisions together; all 0 where ratio is undefined */
};

/*
 * One who decided t, so many persons of the group and of the reference, with the ratio taken of it (plain or by strata)
 * and the variance of its logarithm; both may be undefined.  Who has no ratio takes no part; nor does who selected
 * nobody or everybody.  Where the ratio is 0 or has no variance, half a person is added to each cell (corrected).
 */
struct eh_peer eh_peer_of(const struct eh_fourfold *t, struct eh_num ratio, struct eh_num var_ln, uint64_t persons,
			  uint64_t ref_persons);

/*
 * c is the inverse-variance mean of the OTHERS that take part.  EH_U_NO_PEERS: no other takes part; for who does not
 * take part himself his own reason, or EH_U_NOT_COMPUTED.  O(n).
 */
void eh_peers(struct eh_peer *v, size_t n);

/*
 * The same within each component of c, whose evaluators v has: nobody is compared with people whom no link joins to
 * him.  room: n places of scratch.  EH_U_DISCONNECTED for who takes part, but whom no other is linked with.
 */
void eh_peers_connected(struct eh_peer *v, size_t n, const struct eh_connect *c, struct eh_peer *room);

/* 95 % interval of v[i].ratio, by the same error as its z; after eh_peers.  Undefined as the ratio is. */
struct eh_interval eh_peers_interval(const struct eh_peer *v, size_t n, size_t i);

#endif

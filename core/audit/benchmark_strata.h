/*
 * benchmark_strata.h - what a second set decided about an evaluator's own candidates; a room of benchmark.c, nobody
 * else includes it.
 *
 * Counts per candidate and stratum of the evaluators who are in the set at the moment.
 */
#ifndef EH_AUDIT_BENCHMARK_STRATA_H
#define EH_AUDIT_BENCHMARK_STRATA_H

#include "audit/counts.h"
#include "audit/order.h"
#include "audit/pairs.h"
#include "audit/strata.h"

struct eh_bench_strata;

/* Nobody is in the set yet.  code: [candidates] of order.h; both are borrowed until eh_bench_strata_free, and the order
 * has its rows by candidate.  EH_ENOMEM: *out is NULL. */
int eh_bench_strata_new(struct eh_bench_strata **out, const struct eh_order *order, const uint8_t *code,
			size_t n_groups);
void eh_bench_strata_free(struct eh_bench_strata **s);  /* also of NULL */

/* Evaluator e comes into the set, or leaves it. */
void eh_bench_strata_turn(struct eh_bench_strata *s, uint32_t e, bool in);

/* Whose candidates, and what is asked about them. */
struct eh_bench_ask {
	uint32_t e;
	bool in;                        /* he is in the set himself, and left out */
	size_t g;
	eh_groups reference;
	bool by_strata;                 /* the set's ratio over strata, else plain */
	/* his own ratio is linear in his decisions, over strata or plain; not: it is estimated, or 0 */
	bool linear, own_by_strata;
	/* what he decided, certain classes: stratum [n_own], own [n_own][n_groups] */
	size_t n_own;
	const uint32_t *stratum;
	const struct eh_count *own;
};

struct eh_bench_answer {
	struct eh_count total[EH_GROUPS_MAX];   /* of the set */
	struct eh_strata_ratio ratio;           /* its own: var_ln clustered by candidate */
	double correlation;             /* of its ln ratio with his; 0 where his is not linear */
	struct eh_pairs pairs[2];       /* he first, the set second: of the reference [0] and of the group [1] */
};

/* Two walks over his rows. */
void eh_bench_strata_ask(struct eh_bench_answer *out, struct eh_bench_strata *s, const struct eh_bench_ask *q);

#endif

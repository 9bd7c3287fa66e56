/*
 * benchmark_strata.h - the stratified ratio of a second set; a room of benchmark.c, nobody else includes it.
 *
 * Counts per position and stratum, and per candidate and stratum, of the evaluators who are in the set at the moment.
 */
#ifndef EH_AUDIT_BENCHMARK_STRATA_H
#define EH_AUDIT_BENCHMARK_STRATA_H

#include "audit/counts.h"
#include "audit/order.h"

struct eh_bench_strata;

/* What it is made of; all borrowed until eh_bench_strata_free. */
struct eh_bench_ground {
	const struct eh_order *order;
	const uint8_t *code;            /* [candidates] of order.h */
	size_t n_groups;
	size_t n_places;                /* positions, or parts of the design that stand for them */
	const uint32_t *part;           /* [evaluators] the part of each; NULL = places are the order's positions */
	bool shared;                    /* some candidate was judged by two: needs the order's rows */
};

/* Nobody is in the set yet.  EH_ENOMEM: *out is NULL. */
int eh_bench_strata_new(struct eh_bench_strata **out, const struct eh_bench_ground *ground);
void eh_bench_strata_free(struct eh_bench_strata **s);  /* also of NULL */

/* Evaluator e comes into the set, or leaves it. */
void eh_bench_strata_turn(struct eh_bench_strata *s, uint32_t e, bool in);

/*
 * Mantel-Haenszel ratio of group g against the reference over the strata of what the set without e decided about the
 * candidates of e (place NULL), or at n places.  in: e is in the set.  Undefined as eh_strata_ratio.
 */
struct eh_num eh_bench_strata_ratio(struct eh_bench_strata *s, uint32_t e, bool in, const uint32_t *place, size_t n,
				    size_t g, eh_groups reference);

#endif

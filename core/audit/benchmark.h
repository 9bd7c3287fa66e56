/*
 * benchmark.h - the modelled outcome: what the second set of evaluators did with the same candidates.
 *
 * Second set of an evaluator for a group: the OTHER evaluators who judged at least one of the same
 * candidates and whose own ratio for that group is not below the limit (the group being their reference counts
 * as within).  Who shares no candidate with anybody is compared with those who judged candidates of the same
 * positions; where the data name no positions, with those whom a chain of strata joins to him (audit/connect.h).  Who
 * has nobody there either is not compared: the design is disconnected.
 *
 * Counts, rate and ratio of the set are over its decisions on the candidates (else positions) of this evaluator with a
 * class known for certain.  The rate is plain.  The ratio is of the kind that the evaluator's own deciding ratio is of:
 * where that is stratified, Mantel-Haenszel over the strata (position, stage, question) of those decisions, all of the
 * set's evaluators in one table per stratum; else plain.  So the deviation is between two ratios of one kind.
 */
#ifndef EH_AUDIT_BENCHMARK_H
#define EH_AUDIT_BENCHMARK_H

#include "audit/counts.h"
#include "audit/finding.h"
#include "audit/order.h"

struct eh_bench;                        /* who judged with whom; made once per run */

/* order is borrowed until eh_bench_free.  EH_ENOMEM. */
int eh_bench_new(struct eh_bench **out, const struct eh_order *order, struct eh_err *err);
void eh_bench_free(struct eh_bench **b);

/*
 * Fills bench_evaluators, bench_n, bench_selected, bench_rate, bench_ratio and deviation.
 *   f          [evaluators][n_groups] findings of attribute number `attribute` with counts, rests_on and ratio_below
 *              settled
 *   eligible   groups that can be in a reference
 *   reference  the rule they were made with
 * EH_U_DISCONNECTED where no other evaluator shares a candidate, position or stratum; EH_U_NO_PEERS where some do but
 * none of them is within the limit, or he is the only one.  EH_ENOMEM.
 */
int eh_bench_fill(struct eh_finding *f, const struct eh_bench *b, size_t attribute, eh_groups eligible,
		  enum eh_reference_rule reference, struct eh_err *err);

#endif

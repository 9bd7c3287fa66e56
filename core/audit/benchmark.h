/*
 * benchmark.h - the modelled outcome: what the second set of evaluators did with the same candidates.
 *
 * Second set of an evaluator for a group: the OTHER evaluators who judged at least one of the same candidates and whose
 * own ratio for that group is not below the limit (the group being their reference counts as within).  Who shares no
 * candidate with anybody is compared with those who judged in the same strata (position, stage, question); where nobody
 * else did, or the data have one stratum, with those who judged candidates of the same positions.  Who has nobody there
 * either is not compared: the design is disconnected.
 *
 * Counts, rate and ratio of the set are over its decisions on the candidates (else in the strata, else positions) of
 * this evaluator with a class known for certain.  The rate is plain.  The ratio is Mantel-Haenszel over the strata of
 * those decisions, all of the set's evaluators in one table per stratum, wherever the evaluator's own is stratified or
 * of his only stratum; plain where the data have one stratum, the settings ask for plain ratios, or his own is
 * estimated.
 *
 * deviation_interval, 95 %: from the evaluator's ratio_interval and that of the set by the method of variance estimates
 * recovery (MOVER; benchmark_spread.h).  The set's is on the log scale.  On the same candidates its variance is
 * clustered by candidate (cluster.h), and the correlation of the two ratios is that of the candidates' parts in both;
 * 0 where the evaluator's own is 0 or estimated.  Elsewhere the candidates are others and the ratios independent; the
 * variance is Greenland-Robins' times the design effect of the data's decisions, sum (sum of a candidate's residuals)^2
 * over the sum of squared residuals, at least 1, the larger of both sides.  The evaluators of the set are taken as
 * given: that they were chosen because they are within the limit is not in the interval.
 *
 * paired: of the candidates whom both judged (audit/pairs.h); EH_U_NO_SHARED_CANDIDATE where there is none.
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
 * What each evaluator decided in each place, counted before eh_bench_fill instead of in it: first the room for all of
 * them (EH_ENOMEM), then every evaluator exactly once, from..to-1 at a time, in any order and on several threads.  The
 * decisions and classes stay as they are until eh_bench_free.  With one place for all there is nothing to count.
 */
int eh_bench_ahead(struct eh_bench *b, struct eh_err *err);
int eh_bench_count(const struct eh_bench *b, size_t from, size_t to, struct eh_err *err);
/* One evaluator decided otherwise, in the places where he did: counted again, where they were. */
int eh_bench_recount(const struct eh_bench *b, uint32_t evaluator, struct eh_err *err);

/*
 * Fills all that struct eh_finding has of the benchmark, the deviation and the pairs.
 *   f          [evaluators][n_groups] findings of attribute number `attribute` with counts, rests_on and ratio_below
 *              settled
 *   eligible   groups that can be in a reference
 *   reference  the rule they were made with
 * EH_U_DISCONNECTED where no other evaluator shares a candidate, position or stratum; EH_U_NO_PEERS where some do but
 * none of them is within the limit, or he is the only one.  EH_ENOMEM.
 */
int eh_bench_fill(struct eh_finding *f, const struct eh_bench *b, size_t attribute, eh_groups eligible,
		  enum eh_reference_rule reference, struct eh_err *err);
/*
 * The same in parts 0..eh_bench_parts - 1, each of some groups of the attribute, in any order and on several threads.
 * One part where somebody shares a candidate: what has to be made ready for that costs more than a group.
 */
size_t eh_bench_parts(const struct eh_bench *b, size_t attribute);
int eh_bench_fill_part(struct eh_finding *f, const struct eh_bench *b, size_t attribute, size_t part,
		       eh_groups eligible, enum eh_reference_rule reference, struct eh_err *err);

#endif

/*
 * benchmark_spread.h - how surely a deviation is known; a room of the benchmark's files, nobody else includes it.
 *
 * ln RR_MH over tables k is linearised as in audit/cluster.h: with R = sum a n2/T, p2 = (a + b)/(RR n1 + n2) and
 * p1 = RR p2, a candidate's part in it is
 *     sum over his decisions of  n2/(T R) (y - p1)  on the focal side,  - RR n1/(T R) (y - p2)  on the other.
 */
#ifndef EH_AUDIT_BENCHMARK_SPREAD_H
#define EH_AUDIT_BENCHMARK_SPREAD_H

#include <stddef.h>

#include "audit/finding.h"
#include "audit/strata.h"
#include "audit/table.h"

struct eh_linear {
	double weight[2], rate[2];      /* of the reference [0] and of the focal group [1] */
};

/* v [n], of tables t [n] whose ratio is m: defined and above 0. */
void eh_linear_fill(struct eh_linear *v, const struct eh_fourfold *t, size_t n, const struct eh_strata_ratio *m);

/* The part of n decisions on one side, of which selected advanced. */
static inline double eh_linear_part(const struct eh_linear *l, bool focal, double n, double selected)
{
	return l->weight[focal] * (selected - n * l->rate[focal]);
}

/* Sums over the candidates of one evaluator, by side: x his own part, y that of the second set. */
struct eh_joint {
	double xx[2], yy[2], xy[2];
	double candidates[2];           /* on whom the set decided */
};
/* Variance of the set's ln ratio, each side times C/(C - 1) of its candidates: EH_U_ONE_PERSON, EH_U_ZERO_VARIANCE;
 * correlation of the two, 0 where one of them does not vary. */
struct eh_num eh_joint_variance(const struct eh_joint *j);
double eh_joint_correlation(const struct eh_joint *j);

/*
 * Interval of a - b from those of both and their correlation (method of variance estimates recovery, MOVER: Zou &
 * Donner 2008, Statistics in Medicine 27, from memory):
 *     low = a - b - sqrt((a - a.low)^2 + (b.high - b)^2 - 2 rho (a - a.low)(b.high - b)), high the other way round.
 * An end is undefined as the first undefined of what it is made of.
 */
struct eh_interval eh_mover(struct eh_num a, struct eh_interval of_a, struct eh_num b, struct eh_interval of_b,
			    double rho);

#endif

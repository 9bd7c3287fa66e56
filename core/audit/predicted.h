/*
 * predicted.h - selection rates of classes that are only predicted: mixture likelihood by EM.
 *
 * Candidate i has the likelihood like[i][k] of its indicators in class k (calibrated posterior /
 * class share of the calibration set; a declared class is a unit vector), `selected` and `rejected`
 * decisions (weighted: a candidate's decisions are not independent).  Maximised is
 *   sum_i ln sum_k share_k like_ik rate_k^selected_i (1 - rate_k)^rejected_i
 * and, with the weak prior, + 1/2 sum ln share_k + 1/4 sum (ln rate_k + ln(1 - rate_k)), which is
 * facts/statistics.md 12: share = (sum q + 1/2)/(n + K/2), rate = (sum q y + 1/4)/(sum q + 1/2).
 * The steps are those of SQUAREM (Varadhan & Roland 2008, Scandinavian Journal of Statistics 35;
 * from memory), taken only where the objective does not fall, so it never decreases.
 */
#ifndef EH_AUDIT_PREDICTED_H
#define EH_AUDIT_PREDICTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"
#include "audit/finding.h"
#include "learn/learn.h"        /* EH_GROUPS_MAX */

struct eh_mixture;                      /* the data, arranged once */

struct eh_mix_fit {
	double share[EH_GROUPS_MAX];    /* class shares, sum 1 */
	double rate[EH_GROUPS_MAX];     /* selection rates 0..1 */
	double n[EH_GROUPS_MAX];        /* expected weighted decisions: sum q (selected + rejected) */
	double selected[EH_GROUPS_MAX]; /* expected weighted selected ones */
	double objective;               /* log-likelihood, with the prior where it is on */
	double fall;                    /* largest fall of the objective from one cycle to the next: 0 but for the
					 * rounding of its sums */
	uint32_t cycles;
	bool converged;
};

/* rate[g] = ratio * rate[ref]. */
struct eh_mix_tie {
	size_t g, ref;
	double ratio;
};

/*
 * like [n][k] >= 0, each row with a positive element; selected, rejected [n] >= 0; start [k] > 0: the calibration
 * shares.
 * All are copied.  EH_EINVAL: k outside 2..EH_GROUPS_MAX, n = 0, a value out of range.  EH_ENOMEM.
 */
int eh_mixture_new(struct eh_mixture **out, const double *like, const double *selected, const double *rejected,
		   size_t n, size_t k, const double *start, bool prior, struct eh_err *err);
void eh_mixture_free(struct eh_mixture **m);

/* tie NULL: all rates free.  from NULL: start at the calibration shares and the overall rate, class k apart by 2 % to
 * either side. */
void eh_mixture_fit(struct eh_mix_fit *out, const struct eh_mixture *m, const struct eh_mix_tie *tie,
		    const struct eh_mix_fit *from);

/* Posterior class weights of row i under a fit: q [k], sum 1. */
void eh_mixture_weights(double *q, const struct eh_mixture *m, const struct eh_mix_fit *fit, size_t i);

/*
 * The ratio rate[g]/rate[ref] of best (the free fit), its 95 % profile-likelihood interval and the likelihood-ratio p
 * of "ratio = 1" (1 df).  An end that the data do not bound within a factor e^12: low = 0, high EH_U_UNBOUNDED.
 * Bounded at neither end the ratio is not identified: where the fit stopped is where it began, and everything is
 * EH_U_NOT_IDENTIFIED.
 */
struct eh_mix_ratio {
	struct eh_num ratio, p;
	struct eh_interval interval;
};
void eh_mixture_ratio(struct eh_mix_ratio *out, const struct eh_mixture *m, const struct eh_mix_fit *best, size_t g,
		      size_t ref);

#endif

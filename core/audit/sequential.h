/*
 * sequential.h - a p-value that stays right however often growing data are looked at.
 *
 * A p for one look is below .05 in one of twenty fair evaluators.  Who looks again whenever decisions have come in, and
 * stops at the first p below .05, accuses far more of them.  The normal mixture (Robbins 1970, Annals of Mathematical
 * Statistics 41, 1397-1409; "mixture SPRT" of Johari, Koomen, Pekelis & Walsh 2022, Operations Research 70; confidence
 * sequences: Howard, Ramdas, McAuliffe & Sekhon 2021, Annals of Statistics 49, 1055-1080; named from memory) holds the
 * level at any number of looks, at times that may depend on the data.
 *
 * The estimate of the log odds ratio is U/I with variance V/I^2: U the score that the finding's p uses, V its
 * candidate-clustered variance, I the variance it would have were the decisions independent (the information of the
 * Mantel-Haenszel score).  With J = I^2/V, z^2 = U^2/V and a normal prior of mean 0 and spread tau on the log odds
 * ratio
 *
 *   likelihood ratio = (1 + tau^2 J)^(-1/2) exp(z^2 tau^2 J / (2 (1 + tau^2 J))),   p = min(1, 1/ratio)
 *
 * Independent decisions have J = I = V; decisions written down twice change neither J nor z, so nor p.  Valid for large
 * numbers, as U is then a process with independent increments (`make check-looks` simulates the size from the first
 * decisions on).  The ratio is an e-value too.
 *
 * tau is fixed before anything is looked at, by the policy's limit L = num/den alone: twice the log odds ratio of a
 * group that stands at the limit while its reference has a rate of one half, tau = 2 ln((2 - L)/L), for 4/5 2 ln 1.5 =
 * .811. The limit itself cannot be told from 1 with the some hundred decisions that an evaluator has
 * (facts/statistics.md 10: .60 with 500, .71 with 1,000), so the spread is that of what can: the log odds ratio of .6
 * is .847.  Of 1, 2, 3 and 4 times the limit's, 2 finds most of .6 within 400 persons (.76, .80, .78, .76).  A wrong
 * tau costs decisions, never validity.  It is at least EH_SPREAD_MIN, so that a limit near 1 leaves a prior.
 */
#ifndef EH_AUDIT_SEQUENTIAL_H
#define EH_AUDIT_SEQUENTIAL_H

#include <stdint.h>

#include "base/num.h"

#define EH_SPREAD_MIN 0.2 /* as of a limit of .95 */

/* tau; 0 < num <= den. */
double eh_anytime_spread(int32_t limit_num, int32_t limit_den);

/* What the data say of one comparison. */
struct eh_evidence {
	struct eh_num chi;  /* z^2 = U^2/V */
	double information; /* J, >= 0; 0 = none */
};

/* score: U and its variance V > 0; independent: I.  EH_U_ZERO_VARIANCE where V or I is none. */
struct eh_evidence eh_evidence(double score, double variance, double independent);
/* Of a two-sided p on which some other test rests, and the variance of the ln ratio of rates, mean rate 0..1: the
 * log odds ratio is ln ratio/(1 - rate) in the small, so J = (1 - rate)^2/variance. */
struct eh_evidence eh_evidence_of_p(struct eh_num p, double variance, double rate);

/* p valid at any time, 0..1; undefined as e.chi. */
struct eh_num eh_anytime_p(struct eh_evidence e, double spread);
/* The level a single look would have to ask for to be as strict as `alpha` at any time with this information: what
 * the smallest detectable ratio is then made with.  0 < alpha < 1; information 0: 0. */
double eh_anytime_level(double alpha, double information, double spread);

#endif

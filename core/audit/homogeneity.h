/*
 * homogeneity.h - have the strata one odds ratio?  Which test of it holds, and its p.
 *
 * Breslow-Day's sum of (a - A)^2/V (audit/strata.h) is a chi-square only where every stratum is large.  Where strata
 * grow in number and not in size it is not, and calls fair strata unequal: 100 strata of 10 decisions in one case of
 * six, 100 of 4 in two of three (tests/core/test_audit_homogeneity.c).  It is relied on where both hold:
 *   - Cochran's rule on the fitted cells: none below 1, at most a fifth below 5 (1954, Biometrics 10, 417-451; for this
 *     test so in the manual of R's DescTools);
 *   - sum 1/(T - 1) <= EH_CHI_EXCESS sqrt(2 df): a's variance given the margins is about T/(T - 1) V, so that the sum
 *     is too large by about this (derived here): many strata of middling size fulfil Cochran's rule and still mislead.
 * Elsewhere the test is Liang and Self's (1985, Biometrika 72, 353-358; cited from memory), made for sparse strata: the
 * score test of a random odds ratio given all margins, sum of (a - E)^2 with E of the noncentral hypergeometric
 * distribution at the conditional maximum-likelihood odds ratio.  A normal approximation is too liberal with few strata
 * (.08 at 5 of 10); here the sum is referred to the gamma distribution with the mean and variance that it has given sum
 * a, which brings it to .038-.056 over 26 fair designs.  (Zelen's exact test and the exact Pearson test, which Reis,
 * Hirji and Afifi 1999, Statistics in Medicine 18, 893-906, recommend, need the whole distribution given sum a.)
 * With v, m3 and m4 the strata's conditional central moments, S = sum v, P = 1 - v/S and L = sum (m4 - v^2) - (sum
 * m3)^2/S, Liang and Self's variance:
 *   mean      S - L/(2 S)
 *   variance  2 (sum v^2 (1 - 2v/S) + (sum v^2)^2/S^2) + sum P^2 (m4 - 3 v^2) - (sum P m3)^2/S
 * The mean is Edgeworth's to the second order; for normal a it is S - sum v^2/S and the variance its first term, for
 * many strata the variance is L (all derived here, and against the exact moments given sum a, from the convolution of
 * the strata's distributions, within .02 of a standard deviation from five strata on).
 */
#ifndef EH_AUDIT_HOMOGENEITY_H
#define EH_AUDIT_HOMOGENEITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/strata.h"

#define EH_CHI_EXCESS 0.1

/* Does Breslow-Day's chi-square hold? */
struct eh_chi_check {
	uint32_t cells;                 /* fitted: four of each stratum that takes part */
	uint32_t below_one, below_five; /* below_five: those below 1 too */
	double excess;                  /* sum 1/(T - 1) */
	bool holds;                     /* false too where the test does not exist */
};
void eh_chi_check(struct eh_chi_check *out, const struct eh_strata *s);

/*
 * Liang and Self's test.  Undefined, all four: as s->breslow_day, and EH_U_NOT_IDENTIFIED where the margins leave
 * nothing that a difference between strata could change, as in pairs of one and one.
 * inflation >= 1 multiplies the variance: eh_homogeneity_inflation.
 */
struct eh_liang_self {
	struct eh_num p, sum, mean, variance;
	double odds;                    /* conditional maximum likelihood, all strata; 0 where undefined */
};
void eh_liang_self(struct eh_liang_self *out, const struct eh_strata *s, const struct eh_fourfold *v, size_t n,
		   double inflation);
/* What the fitted odds ratio expects of one stratum, given its margins; t: both sides, odds > 0.  Exact where V of
 * Breslow-Day is at most 1000, beyond that by the fitted cells. */
struct eh_conditional {
	double mean, variance, third, fourth;   /* central moments of a */
};
void eh_conditional(struct eh_conditional *out, const struct eh_fourfold *t, double odds);

/*
 * One candidate in several strata ties them together.  With D the variance of the stratified ln ratio counted by
 * candidates over that counted by decisions and m decisions a candidate, two decisions of one candidate have a
 * correlation of about (D - 1)/(m - 1) and their squares its square, so the variance of a sum of squares grows by 1 +
 * (D - 1)^2/(m - 1), at most 1 + |D - 1| (derived here; first order as in Rao and Scott 1981, JASA 76, 221-230).
 * robust or plain undefined: m, what decisions that are all alike would ask for.  m <= 1: 1.
 */
double eh_homogeneity_inflation(struct eh_num robust, struct eh_num plain, double m);

/*
 * The p to go by and the test behind it: Breslow-Day where its chi-square holds and nobody is in two strata (inflation
 * 1), else Liang and Self.  EH_STRATA_UNTESTED with p undefined, for the reasons above: it cannot be told whether the
 * strata differ, which is not to say that they agree.
 */
struct eh_homogeneity {
	enum eh_strata_test test;
	struct eh_num p;
};
struct eh_homogeneity eh_homogeneity(const struct eh_strata *s, const struct eh_fourfold *v, size_t n,
				     double inflation);

#endif

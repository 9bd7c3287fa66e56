/*
 * table.h - statistics of one 2x2 table: a focal group against a reference.
 *
 * Formulas, references and figures: facts/statistics.md 4, 5 and 10.  A value that does not
 * exist is undefined with its reason (facts/statistics.md 3).  Counts are persons or decisions,
 * whichever is the unit; 0 <= a <= n1 <= 2^40 and 0 <= b <= n2 <= 2^40 (products are taken in 128 bits).
 */
#ifndef EH_AUDIT_TABLE_H
#define EH_AUDIT_TABLE_H

#include <stdint.h>

#include "audit/finding.h"
#include "base/num.h"

#define EH_Z95 1.959963984540054        /* normal quantile .975; facts/statistics.md, notation */

struct eh_fourfold {
	uint64_t a, n1;                 /* selected of the focal group's n1 */
	uint64_t b, n2;                 /* selected of the reference's n2 */
};

/* Why nothing can be said about the table: EH_U_EMPTY_GROUP (n1 or n2 is 0), EH_U_NOBODY_SELECTED,
 * EH_U_EVERYBODY_SELECTED, or EH_U_NONE. */
enum eh_undef eh_table_state(const struct eh_fourfold *t);

/* selected / n [1]; EH_U_EMPTY_GROUP. */
struct eh_num eh_rate(uint64_t selected, uint64_t n);

/* (a/n1)/(b/n2) [1] from unrounded rates; EH_U_EMPTY_GROUP, EH_U_NOBODY_SELECTED, EH_U_REFERENCE_NONE_SELECTED. */
struct eh_num eh_table_ratio(const struct eh_fourfold *t);

/* den*a*n2 < num*b*n1 in integers: exactly num/den is not below.  EH_UNKNOWN where the ratio is undefined. 0 < num, den
 * <= 10^6. */
enum eh_tri eh_table_below(const struct eh_fourfold *t, int32_t num, int32_t den);

/* Pooled two-sample Z without correction, negative = focal lower; undefined as eh_table_state says. */
struct eh_num eh_table_z(const struct eh_fourfold *t);

/* 2 Phi(-|z|); passes an undefined z on. */
struct eh_num eh_p_of_z(struct eh_num z);

/* chi-square on 1 df with Yates' correction: each |O - E| less min(.5, |O - E|); likelihood ratio G = 2 sum O ln(O/E),
 * with 0 ln 0 = 0.  Undefined as eh_table_state says. */
struct eh_num eh_table_yates(const struct eh_fourfold *t);
struct eh_num eh_table_g(const struct eh_fourfold *t);
/* Upper tail of chi-square on df >= 1 degrees of freedom; passes an undefined x on. */
struct eh_num eh_p_of_chi(struct eh_num x, double df);

/* ln(IR)/sqrt((1-P)/(P N q(1-q))), q = n1/N, P the pooled rate; as eh_table_state says, besides
 * EH_U_FOCAL_NONE_SELECTED, EH_U_REFERENCE_NONE_SELECTED. */
struct eh_num eh_table_z_ratio(const struct eh_fourfold *t);

/*
 * Exact conditional tests by the hypergeometric distribution, at every size (sums of ratios
 * outward from the mode, so no factorial is needed and there is no switch to a normal form).
 *   fisher        sum of the masses <= observed * (1 + 1e-7)
 *   less, greater one tail, the observed table included
 *   mid_less, mid_greater   the tail minus half the observed mass
 *   mid_a         fisher minus half the mass of all tables tied with the observed one: definition (a), the default test
 *   mid_b         twice the smaller one-sided mid-p, at most 1
 * Nobody or everybody selected: fisher = less = greater = 1, the mid-p are undefined.
 */
struct eh_exact {
	struct eh_num fisher, less, greater, mid_less, mid_greater, mid_a, mid_b;
};
struct eh_exact eh_table_exact(const struct eh_fourfold *t);

/* Katz interval of the ratio, exp(ln IR -+ z sqrt(1/a - 1/n1 + 1/b - 1/n2)); both ends undefined without variance
 * (EH_U_FOCAL_NONE_SELECTED, EH_U_REFERENCE_NONE_SELECTED, eh_table_state). */
struct eh_interval eh_table_katz(const struct eh_fourfold *t);

/* Katz with half a person in each cell (Walter: a+.5, n1+.5, b+.5, n2+.5); EH_U_EMPTY_GROUP,
 * EH_U_EVERYBODY_SELECTED. */
struct eh_interval eh_table_adjusted_log(const struct eh_fourfold *t);

/* value exp(-+ z sqrt(var_ln)), 95 %: a ratio > 0 whose logarithm has the variance var_ln.  high EH_U_UNBOUNDED where
 * no double is so large. */
struct eh_interval eh_log_interval(double value, double var_ln);

/*
 * Score interval of the ratio at 95 %: Koopman, or with miettinen the variance times N/(N-1)
 * (Miettinen-Nurminen, the default of the product).  Real-valued counts, so that effective persons can enter.
 * a = 0: low = 0; b = 0: high is EH_U_UNBOUNDED; n1 or n2 = 0: both ends EH_U_EMPTY_GROUP.
 */
struct eh_interval eh_score_interval(double a, double n1, double b, double n2, bool miettinen);

/* The reference rate p2~ that maximises the likelihood of two binomials tied by rate1 = ratio * rate2 (the root
 * inside the score interval); 0..1, p1~ = min(1, ratio * p2~). */
double eh_tied_rate(double a, double n1, double b, double n2, double ratio);

/* p2*n1 - a: how many more of the focal group would stand selected at the reference's rate [same unit as a];
 * EH_U_EMPTY_GROUP. */
struct eh_num eh_table_shortfall(const struct eh_fourfold *t);

/* P n1 - a against the pooled rate P; EH_U_EMPTY_GROUP. */
struct eh_num eh_table_shortfall_pooled(const struct eh_fourfold *t);

/*
 * Odds ratio a(n2-b)/((n1-a)b): of the sample, and the conditional maximum-likelihood one, whose noncentral
 * hypergeometric mean is a (relative 1e-12).  0 where it is 0; EH_U_UNBOUNDED where it is infinite; else as
 * eh_table_state says.
 */
struct eh_num eh_table_odds(const struct eh_fourfold *t);
struct eh_num eh_table_odds_conditional(const struct eh_fourfold *t);

/* Cohen's h = 2 asin sqrt(p1) - 2 asin sqrt(p2) [rad], negative = focal lower; EH_U_EMPTY_GROUP. */
struct eh_num eh_table_h(const struct eh_fourfold *t);
/* phi = (a(n2-b) - (n1-a)b)/sqrt(n1 n2 K(N-K)), -1..1; as eh_table_state says. */
struct eh_num eh_table_phi(const struct eh_fourfold *t);

/* 95 % intervals of one rate: Wilson's score, Clopper-Pearson, Jeffreys' prior; the ends are 0 and 1 at selected = 0
 * and = n.  EH_U_EMPTY_GROUP. */
struct eh_interval eh_rate_wilson(uint64_t selected, uint64_t n);
struct eh_interval eh_rate_exact(uint64_t selected, uint64_t n);
struct eh_interval eh_rate_jeffreys(uint64_t selected, uint64_t n);

/*
 * Posterior probability that the ratio of the two true rates is below num/den, 0 < num <= den <= 10^6, under
 * independent Jeffreys priors Beta(1/2, 1/2); absolute error below 1e-11 at any size (lattice.h says what a small one
 * keeps), in 1 to 10 microseconds.  EH_U_EMPTY_GROUP.
 */
struct eh_num eh_table_posterior(const struct eh_fourfold *t, int32_t num, int32_t den);

/*
 * Unconditional exact tests: the largest probability, over the common rate of both groups, of a table at least as
 * extreme as the observed one.
 *   barnard           extreme by |pooled Z|, two-sided; compared in integers
 *   less, greater     Boschloo: extreme by Fisher's one-sided p
 *   boschloo          twice the smaller of the two, at most 1
 *   *_at              the common rate at which barnard and the smaller Boschloo are largest [1]
 * The rate is searched on a grid in asin sqrt(rate), with both ends, ten points per standard deviation of the whole
 * table, and every top of it that may win is refined: 1e-9.  Costs milliseconds: on request only.
 * Undefined as eh_table_state says; EH_U_NOT_COMPUTED with a group above EH_UNCONDITIONAL_MAX.
 */
#define EH_UNCONDITIONAL_MAX 20000
struct eh_unconditional {
	struct eh_num barnard, less, greater, boschloo;
	double barnard_at, boschloo_at;
};
struct eh_unconditional eh_table_unconditional(const struct eh_fourfold *t);
/* Boschloo's two-sided p alone. */
struct eh_num eh_table_boschloo(const struct eh_fourfold *t);

/* Observed against n draws at the share p, 0 < p < 1 (availability comparison): (observed - n p)/sqrt(n p (1-p));
 * EH_U_EMPTY_GROUP (n = 0), EH_U_ZERO_VARIANCE. */
struct eh_num eh_binomial_z(uint64_t observed, uint64_t n, double p);

/* Would moving the m decisions (>= 1) of one person from reference to focal turn the order round: (a+m)*n2 > (b-m)*n1.
 * EH_UNKNOWN: no such swap exists (a = n1, b = 0) or a group is empty. */
enum eh_tri eh_table_flips(const struct eh_fourfold *t, uint64_t m);

/*
 * Smallest ratio that n1 against n2 effective persons find with power .8 at the two-sided level alpha, for the
 * reference rate p2: the largest r with Phi((p2 - r p2 - z s0)/s1) >= .8 (facts/statistics.md 10).
 * EH_U_EMPTY_GROUP, EH_U_REFERENCE_NONE_SELECTED, EH_U_NOT_DETECTABLE (not even r -> 0).
 */
struct eh_num eh_detectable(double n1, double n2, double p2, double alpha);

#endif

/*
 * cluster.h - the candidate as the unit: tests and variances when one candidate carries several decisions.
 *
 * Candidate-clustered Mantel-Haenszel score test for binary data in strata (generalised
 * Mantel-Haenszel: Zhang & Boos 1997, Biometrics 53, 1185-1198; cited from memory, the variances
 * below are derived here and tested by simulation):
 *   U = sum over candidates of w_i,  w_i = sum over its decisions k of (x_i - mean x_k)(y_ik - mean y_k)
 *   chi-square = U^2 / V on 1 df.
 * V, in this order:
 *   1. the permutation variance of candidates within blocks of the same strata (permute.h), whole exact distribution
 *      up to EH_EXACT_PERSONS, when the blocks keep EH_BLOCKS_KEEP of the comparable decisions.  Where only some are
 *      judged again, as in a procedure in stages, step by step: blocks must not be made of what was decided
 *      (history.h);
 *   2. else the larger of the sandwich sum w_i^2 (w_i not centred: a strong effect makes V large, never 0) and the same
 *      with one variance of a candidate's mean residual for all: sum (sum_k dx_ik)^2 * sum_i m_i mean(dy_i)^2 / sum
 *      m_i.  The latter holds the size where few focal candidates make the sandwich too small (10 of 60 and rate .2:
 *      .10 instead of .05 without it).
 *      Residuals of stratum k times sqrt(C_k/(C_k - 1)), C_k candidates in k; reference F(1, C - 1), C candidates.
 * Both give the same p when every decision is written down twice as another question.
 */
#ifndef EH_AUDIT_CLUSTER_H
#define EH_AUDIT_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/counts.h"
#include "audit/slice.h"
#include "audit/strata.h"
#include "audit/table.h"
#include "base/err.h"
#include "base/num.h"

enum eh_cluster_method { EH_CLUSTER_EXACT, EH_CLUSTER_PERMUTATION, EH_CLUSTER_SANDWICH };

struct eh_cluster_test {
	struct eh_num p;                /* two-sided; EH_U_ZERO_VARIANCE */
	/* U and V behind p; of the sandwich U is scaled so that U^2/V as chi-square has the p of F(1, C - 1) */
	double score, variance;
	enum eh_cluster_method method;
};

/* side [n_patterns of s].  EH_ENOMEM. */
int eh_cluster_test(struct eh_cluster_test *out, const struct eh_slice *s, const struct eh_sides *side,
		    struct eh_err *err);
/* The same from the strata's tables t, where eh_permutation_strata can tell; false: it cannot. */
bool eh_cluster_strata(struct eh_cluster_test *out, const struct eh_slice *s, const struct eh_fourfold *t);
const char *eh_cluster_method_text(enum eh_cluster_method m);   /* name and source, for p_method */

/* The sandwich alone, for comparison in tests. */
int eh_cluster_sandwich(struct eh_cluster_test *out, const struct eh_slice *s, const struct eh_sides *side,
			struct eh_err *err);

/*
 * Cluster-robust variance of ln RR_MH: sum D_i^2 / R^2 with D_i the candidate's part of R - RR S, residuals against the
 * rates m/(RR n1 + n2) fitted under one common ratio, each side times C/(C - 1) of its candidates.  One stratum and one
 * decision per candidate: Katz's variance times that factor.
 *
 * t: tables per stratum [n_strata], or, with crude, one table over all strata (the plain ratio's variance).
 * EH_U_ONE_PERSON (a side with one candidate), EH_U_FOCAL_NONE_SELECTED, EH_U_ZERO_VARIANCE, else as m->ratio.
 * EH_ENOMEM is not possible.
 */
struct eh_num eh_cluster_var_ln(const struct eh_slice *s, const struct eh_sides *side, const struct eh_fourfold *t,
				bool crude, const struct eh_strata *m);

/*
 * Intra-candidate correlation of residuals: one-way analysis of variance with unequal sizes, clipped to 0..1 (Rao &
 * Scott 1992 use it for the design effect 1 + (m - 1) rho; from memory).  Starts as zeros; eh_anova_add takes in
 * `persons` candidates who have the same m >= 1 residuals e.  0 when no person has two decisions.
 */
struct eh_anova {
	double n, persons, squares, sum, within, between;
};
void eh_anova_add(struct eh_anova *a, const double *e, size_t m, double persons);
double eh_anova_correlation(const struct eh_anova *a);

/* Effective persons of either side: sum m_i / (1 + (m_i - 1) rho), rho from residuals against the rate of side x
 * stratum.
 * EH_ENOMEM. */
int eh_cluster_effective(double *focal, double *reference, const struct eh_slice *s, const struct eh_sides *side,
			 const struct eh_fourfold *t, struct eh_err *err);

#endif

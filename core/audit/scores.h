/*
 * scores.h - ratings instead of yes and no: scoring rate, effect sizes, t, rank and distribution tests of a focal group
 * against a reference (facts/statistics.md 13).
 *
 * One score per person: the caller has averaged a person's several ones.  Scores are finite.
 */
#ifndef EH_AUDIT_SCORES_H
#define EH_AUDIT_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"

/* The rank test: exact when nobody is tied and both groups are smaller than this, else normal with corrections for ties
 * and continuity. */
#define EH_RANK_EXACT 50

struct eh_score_test {
	uint64_t n, ref_n;              /* persons with a score */
	struct eh_num mean, ref_mean;
	/* share strictly above the median of the full sample, and its ratio (Local Law 144's scoring rate) */
	struct eh_num scoring_rate, ref_scoring_rate, scoring_ratio;
	struct eh_num cohen_d;          /* (mean - ref_mean)/pooled SD */
	struct eh_num hedges_g;         /* cohen_d (1 - 3/(4 df - 1)), df = n + ref_n - 2 */
	struct eh_num welch_t, welch_df, p_welch;       /* two-sided */
	struct eh_num pooled_t, p_pooled;
	struct eh_num u;                /* Mann-Whitney of the focal group: pairs in which it is higher, ties half */
	struct eh_num p_rank;           /* by the rule above, two-sided */
	bool rank_exact;
	struct eh_num p_rank_exact;     /* EH_U_ZERO_VARIANCE with ties, EH_U_NOT_COMPUTED above EH_RANK_EXACT */
	struct eh_num p_rank_normal, p_rank_plain;      /* normal, with and without the continuity correction */
	struct eh_num ks;               /* Kolmogorov-Smirnov: largest distance of the two distributions */
};

/*
 * focal [n], reference [ref_n]: sorted upwards by this function.  median: of the full sample (eh_score_median), which
 * may hold persons of other groups and of unknown class: the caller states which.
 * EH_U_EMPTY_GROUP (either side); the t tests and effect sizes EH_U_ONE_PERSON (a side with one) and
 * EH_U_ZERO_VARIANCE; scoring_ratio EH_U_NOBODY_SELECTED (nobody above), EH_U_REFERENCE_NONE_SELECTED; the normal rank
 * tests EH_U_ZERO_VARIANCE (all equal).  EH_ENOMEM.
 */
int eh_score_test(struct eh_score_test *out, double *focal, size_t n, double *reference, size_t ref_n, double median,
		  struct eh_err *err);

/*
 * The same of persons who are counted: focal and reference [n_values] have the value [n_values], which are distinct and
 * ascend.  O(n_values); the same bytes as of the persons one by one.
 */
int eh_score_test_counts(struct eh_score_test *out, const double *value, const uint32_t *focal,
			 const uint32_t *reference, size_t n_values, double median, struct eh_err *err);

/* Middle of v [n > 0], or the mean of the two middle ones; sorts v. */
double eh_score_median(double *v, size_t n);
/* The same of counted persons, of whom there are some. */
double eh_score_median_counts(const double *value, const uint32_t *count, size_t n_values);

const char *eh_rank_method_text(bool exact);

#endif

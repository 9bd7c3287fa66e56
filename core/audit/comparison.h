/*
 * comparison.h - other estimates of the ratio of predicted classes, to be looked at and never decided by
 * (facts/statistics.md 12, estimators 1 and 3).
 *
 * Classes 0 focal, 1 reference, 2 others (k = 2 or 3).
 */
#ifndef EH_AUDIT_COMPARISON_H
#define EH_AUDIT_COMPARISON_H

#include <stddef.h>

#include "base/num.h"

#define EH_COMPARED_MAX 3
#define EH_ABSTAIN 0.8                  /* a class weight that abstain counts as certain, exclusive */
#define EH_CONDITION_MAX 10.0           /* of the confusion matrix; facts/statistics.md 12: at 4.9 4 % off */

struct eh_compared {
	double n[EH_COMPARED_MAX], selected[EH_COMPARED_MAX];
};

/* (selected/n of class 0) / (of class 1); EH_U_EMPTY_GROUP, EH_U_NOBODY_SELECTED, EH_U_REFERENCE_NONE_SELECTED. */
struct eh_num eh_compared_ratio(const struct eh_compared *c);

/*
 * Rogan-Gladen: m [k][k] row-major, P(predicted j | true i), rows sum to 1; counts by predicted class -> by true class,
 * (m^T)^-1 applied to both.  *condition: of m in the 2-norm.  Refused: EH_U_ILL_CONDITIONED
 * (above EH_CONDITION_MAX or singular), EH_U_NEGATIVE_COUNT (a count below 0, or more selected than there are): out
 * is then as computed, or as given where m is singular.  EH_U_NONE: good.
 */
enum eh_undef eh_matrix_counts(struct eh_compared *out, struct eh_num *condition, const struct eh_compared *predicted,
			       const double *m, size_t k);

#endif

/*
 * assumption.h - do decisions go by the class or by how the classifier sees a candidate?  Checked where both are known.
 *
 * Logistic regression of the decisions on class and score, score = ln odds of the focal class from the indicators,
 * over candidates of known class whom the classifier had not learnt from (facts/statistics.md 12):
 *   p_score   likelihood ratio, 1 df, of "given the class the score does not matter": what EM assumes
 *   p_class   likelihood ratio, 1 df, of "given the score the class does not matter": what the weighted estimate
 * assumes
 */
#ifndef EH_AUDIT_ASSUMPTION_H
#define EH_AUDIT_ASSUMPTION_H

#include <stddef.h>

#include "base/num.h"

#define EH_ASSUMPTION_MIN 5             /* candidates of each class below which nothing is computed */
#define EH_ASSUMPTION_SCORE 13.8        /* [ln odds] beyond -+ this it is cut: probabilities of 1e-6, 1 - 1e-6 */

struct eh_assumption_row {
	double in_class;                /* 1: of the focal class, 0: of the reference */
	double score;                   /* [ln odds] finite */
	double selected, rejected;      /* decisions, weighted as the estimate weighs them; not both 0 */
};

struct eh_assumption {
	struct eh_num p_score, p_class;
};

/*
 * Undefined: EH_U_TOO_FEW (fewer than EH_ASSUMPTION_MIN of a class), EH_U_NOBODY_SELECTED, EH_U_EVERYBODY_SELECTED,
 * EH_U_ZERO_VARIANCE (within the classes the score does not differ, so the two cannot be told apart).
 */
struct eh_assumption eh_assumption_check(const struct eh_assumption_row *v, size_t n);

#endif

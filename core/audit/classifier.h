/*
 * classifier.h - what is known of the classifier behind an attribute's predicted classes, once for a whole run.
 */
#ifndef EH_AUDIT_CLASSIFIER_H
#define EH_AUDIT_CLASSIFIER_H

#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "audit/fit_check.h"
#include "base/err.h"
#include "base/num.h"

struct eh_classifier {
	/* as the data say; where they do not, measured on the labelled: the interval in closed form (learn/learn.h) */
	struct eh_num auc, auc_lo, ece; /* undefined: EH_U_NOT_COMPUTED, EH_U_TOO_FEW */
	uint64_t labelled;              /* persons of known class with a row of prob */
	double confusion[EH_GROUPS_MAX][EH_GROUPS_MAX]; /* [true][most probable] labelled persons */
	/* Scores of the predicted against the labelled: of two groups the probability of the second; of more the worst
	 * of all groups' probabilities, its p times their number. */
	struct eh_fit_check fit;
};

/* EH_EINVAL (a probability of a labelled person out of range), EH_ENOMEM. */
int eh_classifier_look(struct eh_classifier *out, const struct eh_attribute_data *a, size_t n_candidates,
		       struct eh_err *err);

#endif

/*
 * conformal.h - decision sets with a promised error per class; used inside this room only.
 *
 * Class-conditional split conformal (Mondrian; facts/learning.md 9): the nonconformity of a candidate
 * with class k is 1 - p[k], taken out of fold for the calibration candidates of the class.
 *   P_k(x) = (1 + #{i of class k: s_i >= s_k(x)}) / (n_k + 1),  set = {k: P_k > alpha}
 * so that at least 1 - alpha of every class finds its class in its set when candidates are
 * exchangeable.  P_k >= 1 / (n_k + 1): with n_k < 1 / alpha - 1 class k is never excluded.
 */
#ifndef EH_LEARN_CONFORMAL_H
#define EH_LEARN_CONFORMAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "learn/learn.h"

struct eh_conformal {
	uint32_t n[EH_GROUPS_MAX];      /* [k] calibration candidates of each class */
	double *score[EH_GROUPS_MAX];   /* [k][n[k]] nonconformity, ascending */
};

/* p [n][k] out-of-fold probabilities, group [n] 0..k-1.  EH_ENOMEM. */
int eh_conformal_fit(struct eh_conformal *out, const double *p, const int32_t *group, size_t n, size_t k,
		     struct eh_err *err);
int eh_conformal_alloc(struct eh_conformal *c, size_t k, struct eh_err *err);  /* score, for the n set */
void eh_conformal_free(struct eh_conformal *c);

/* The set of p [k]: bit g = class g.  leave: class whose one calibration score equal to p's is left out of the count
 * (the candidate itself), or -1. */
uint32_t eh_conformal_set(const struct eh_conformal *c, const double *p, size_t k, int leave);
bool eh_conformal_can_exclude(uint32_t n);

/* Each calibration candidate against the others: out [k]. */
void eh_conformal_decisions(struct eh_decisions *out, const struct eh_conformal *c, const double *p,
			    const int32_t *group, size_t n, size_t k);

#endif

/*
 * scope.h - is a candidate of the kind that a model was taught with?  Used inside this room only.
 *
 * Squared Mahalanobis distance to the training candidates in the columns of one modality, with the
 * covariance shrunk as by Ledoit & Wolf (2004, J. Multivariate Analysis 88, from memory) so that it can be
 * inverted with more columns than candidates.  Columns are centred and divided by their standard
 * deviation first, without winsorising: a scale that clips cannot see what is far.  The limit is the
 * 97.5 % quantile of distances out of fold (facts/learning.md 10).  Quality gates go first: classify.c.
 */
#ifndef EH_LEARN_SCOPE_H
#define EH_LEARN_SCOPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_SCOPE_QUANTILE 0.975
#define EH_SCOPE_FOLDS 10

struct eh_scope_limit {
	size_t d;                       /* 0 = no columns */
	double *mean, *inv_sd;          /* [d] */
	double *chol;                   /* [d (d + 1) / 2] lower triangle by rows: covariance of the scaled = L L' */
	double shrinkage;               /* 0..1 share of the multiple of the identity */
	double limit;                   /* squared distance; beyond it: out of scope */
};

/*
 * x: rows of stride doubles, the d columns from `first` on; owner [n]: rows of one owner are neighbours and share a
 * fold.  distance [n]: out-of-fold squared distances, may be NULL.  n >= 2.  EH_ENOMEM.
 */
int eh_scope_fit(struct eh_scope_limit *out, double *distance, const double *x, size_t stride, size_t first, size_t d,
		 const uint32_t *owner, size_t n, uint64_t seed, struct eh_err *err);
int eh_scope_alloc(struct eh_scope_limit *s, size_t d, struct eh_err *err);  /* mean, inv_sd, chol */
void eh_scope_free(struct eh_scope_limit *s);
double eh_scope_distance(const struct eh_scope_limit *s, const double *raw); /* raw [d] */

#endif

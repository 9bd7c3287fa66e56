/*
 * fit_check.h - are the pool's scores some mixture of the labelled ones?  If not, the classifier sees people unlike
 * those it was calibrated on, and no estimate from its probabilities holds (facts/statistics.md 12, guards).
 *
 * Scores of pool and labelled together are cut into equal-count bins (ties are never parted).  Pool counts u and
 * labelled counts l of every class are fitted together by densities f of the classes and shares t of the pool
 * (maximum likelihood by EM), m = sum t f, and compared by Pearson's statistic
 *   sum over bins of (u - N m)^2 / (N m) + sum over classes and bins of (l - n f)^2 / (n f),  bins - classes df.
 * The labelled densities thus may err as their numbers let them.  Level at p < .01, measured on 30 to 2,000 of either
 * kind, shares .5 to .05: see tests/core/test_audit_assumption.c for a part of it.
 */
#ifndef EH_AUDIT_FIT_CHECK_H
#define EH_AUDIT_FIT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"

#define EH_FIT_BINS 10
#define EH_FIT_PER_BIN 5                /* persons a bin holds at least in the pool and in each class, on average */
#define EH_FIT_CLASSES 16
#define EH_FIT_P 0.01                   /* below it ... */
#define EH_FIT_DISTANCE 0.1             /* ... and above this share in the wrong bins the mixture does not fit: without
					 * the second a hundred thousand persons would refuse what bends no estimate */

struct eh_fit_check {
	struct eh_num p;                /* EH_U_TOO_FEW */
	struct eh_num distance;         /* sum |u/N - sum t l/n| / 2: share of the pool in the wrong bins */
};

/* pool [n], labelled [n_labelled] finite, group [n_labelled] 0..k-1, 1 <= k <= EH_FIT_CLASSES; classes without a member
 * do not count.  EH_ENOMEM. */
int eh_fit_check(struct eh_fit_check *out, const double *pool, size_t n, const double *labelled, const uint8_t *group,
		 size_t n_labelled, size_t k, struct eh_err *err);

static inline bool eh_fit_fails(const struct eh_fit_check *c)
{
	return c->p.defined && c->p.value < EH_FIT_P && c->distance.value > EH_FIT_DISTANCE;
}

#endif

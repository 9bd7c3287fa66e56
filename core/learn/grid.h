/*
 * grid.h - search of C and gamma; used inside this room only.
 *
 * log2 C = -3, -1 .. 7; log2 gamma = log2(1 / indicators with spread) + -6, -4, -2, 0
 * (facts/learning.md 4: centred on 1 / (d variance), and the variance is 1 after scaling; narrower
 * kernels only memorised on synthetic sets of 28 rows).  The measure is the cross-entropy of Platt's fit
 * to the pooled out-of-fold decision values: with a few dozen rows accuracy ties nearly everywhere, and
 * probabilities are what the model is for.  Tie rule: of the cells whose log-likelihood over all rows is
 * within half a nat of the best, the smallest C, then the smallest gamma.
 */
#ifndef EH_LEARN_GRID_H
#define EH_LEARN_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_GRID_C 6
#define EH_GRID_GAMMA 4

struct eh_cell {
	double c, gamma;
	double loss;                    /* [nat] mean cross-entropy */
};

/*
 * best [columns]; z [n][d] scaled rows; spread >= 1 indicators with spread; label [columns][n] +1 or -1, both in
 * every training part; fold [n] of 0..n_folds-1.  EH_ENOMEM, EH_EINVAL as libsvm.h.
 */
int eh_grid_search(struct eh_cell *best, const double *z, size_t n, size_t d, size_t spread, const int8_t *label,
		   size_t columns, const uint32_t *fold, uint32_t n_folds, struct eh_err *err);

#endif

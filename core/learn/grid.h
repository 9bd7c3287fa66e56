/*
 * grid.h - search of C and gamma; used inside this room only.
 *
 * Coarse to fine (facts/learning.md 4): log2 C = -3, -1 .. 7 with log2 gamma = log2(1 / indicators with spread) + -6,
 * -4 .. 6 (the variance is 1 after scaling); then the cells at one step, and then at half a step, around the best.
 * The measure is the cross-entropy of Platt's fit to the pooled out-of-fold decision values: with a few dozen rows
 * accuracy ties nearly everywhere, and probabilities are what the model is for.  Tie rule: the smallest C beside which
 * some gamma's log-likelihood over all judged rows is within one nat of the best of all cells, and the gamma of least
 * loss beside it (of equal ones the smallest).  One nat gave a lower loss on new rows than half a nat and two, on six
 * synthetic sets of 28 to 500 rows, measured while the smallest of alike gammas was taken; that rule was left because
 * it once chose a gamma at which every later calibration was flat and nobody could be determined.
 *
 * Distances are computed once for everything, the kernel once per gamma (facts/learning.md 4); cells and folds run
 * on the threads of the crew.
 */
#ifndef EH_LEARN_GRID_H
#define EH_LEARN_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/threads.h"

struct eh_cell {
	double c, gamma;
	double loss;                    /* [nat] mean cross-entropy */
};

/* Borrowed. */
struct eh_grid_data {
	const double *z;                /* [n][d] scaled rows */
	size_t n, d, spread;            /* spread >= 1: indicators with spread */
	const int8_t *label;            /* [columns][n] +1 or -1, both in every training part */
	size_t columns;
	const uint32_t *fold;           /* [n] 0..n_folds-1 */
	uint32_t n_folds;
	const double *weight;           /* [n] of calibrate.h; NULL = 1 each */
};

/* The distances and whatever the cells share. */
struct eh_grid;

/* EH_ENOMEM (also when crew->memory does not do; the text says what would), EH_ECANCEL; crew lives as long. */
int eh_grid_open(struct eh_grid **out, const struct eh_grid_data *data, const struct eh_crew *crew,
		 struct eh_err *err);
void eh_grid_free(struct eh_grid **g);
size_t eh_grid_bytes(size_t n, size_t d, size_t columns);

/*
 * The cells c [n_c] x gamma of one column: loss [n_c]; value NULL or [n_c][n] out-of-fold decision values.  The
 * kernel of the last gamma is kept.  EH_ENOMEM, EH_EINVAL as libsvm.h, EH_ECANCEL.
 */
int eh_grid_cells(struct eh_grid *g, size_t column, const double *c, size_t n_c, double gamma, double *loss,
		  double *value, struct eh_err *err);

/* best [columns].  near NULL: the whole search; else near [columns] are found on a share of the rows, and only the
 * neighbours are looked at.  fine false: the coarse cells alone. */
int eh_grid_search(struct eh_cell *best, struct eh_grid *g, const struct eh_cell *near, bool fine, struct eh_err *err);

#endif

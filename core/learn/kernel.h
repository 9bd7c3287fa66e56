/*
 * kernel.h - squared distances and the RBF kernel of many rows at once; used inside this room only.
 *
 * Everything is computed lane by lane: a lane is one pair of rows, its sum runs over the columns from the
 * first to the last, no fused multiply-add, and exp is the one below.  So the vector widths of a machine,
 * the number of threads and the size of a batch never change a bit, and eh_rbf of one pair gives the same
 * bits as the blocks.
 */
#ifndef EH_LEARN_KERNEL_H
#define EH_LEARN_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_LANES 8                      /* rows of a block */
#define EH_TILE 4                       /* rows that meet a block at once */

/* Rows in blocks of EH_LANES, column by column: v [n_blocks][d][EH_LANES]; the last block is filled up with zeros. */
struct eh_blocks {
	size_t n, d, n_blocks;
	double *v;
};

/* x [..][d]; the n rows of it that `rows` names, NULL = the first n.  EH_ENOMEM. */
int eh_blocks_make(struct eh_blocks *out, const double *x, size_t d, const uint32_t *rows, size_t n,
		   struct eh_err *err);
void eh_blocks_free(struct eh_blocks *b);
size_t eh_padded(size_t n);             /* n rounded up to whole blocks: the length of a row of distances */

/*
 * Squared distances of n_z <= EH_TILE rows z[i] (element j at z[i][j * step]) to the blocks from..to-1 of b:
 * out [n_z][stride], out[i][EH_LANES * block + lane].
 */
void eh_distances(double *out, size_t stride, const double *const *z, size_t n_z, size_t step,
		  const struct eh_blocks *b, size_t from, size_t to);
/* Distances of the EH_LANES rows of one block to the rows of the blocks 0..block: one band of the lower triangle. */
void eh_distance_band(double *out, size_t stride, const struct eh_blocks *b, size_t block);

/* to[i] = exp(-gamma from[i]), from >= 0, gamma > 0; n a multiple of EH_LANES; in place is allowed. */
void eh_exp_row(double *to, const double *from, size_t n, double gamma);

/*
 * exp of x <= 0 as all kernels have it: within 2 units in the last place of the true value, 0 below -708
 * (where it is under 4e-308), 1 at 0.  Reduction by Cody and Waite's two parts of ln 2, Taylor to the 13th power.
 */
double eh_exp(double x);
double eh_rbf(const double *a, const double *b, size_t d, double gamma);        /* exp(-gamma |a - b|^2) */

#endif

/*
 * learn_rows.h - sixty rows of two classes, one candidate each, for the tests of the parts of learning.
 */
#ifndef TESTS_CORE_LEARN_ROWS_H
#define TESTS_CORE_LEARN_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

#define N 60
#define D 12

/* x [N][D]: the first four columns of the positive class are moved. */
static inline void make_rows(double *x, int8_t *label, int32_t *group, uint32_t *owner)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, 21);
	for (size_t i = 0; i < N; i++) {
		group[i] = i % 3 == 1;                          /* the first row is of the negative class */
		label[i] = group[i] ? 1 : -1;
		owner[i] = (uint32_t)i;
		for (size_t j = 0; j < D; j++)
			x[i * D + j] = eh_rng_normal(&rng) + (group[i] && j < 4 ? 0.9 : 0.0);
	}
}

#endif

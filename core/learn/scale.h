/*
 * scale.h - one scale for all indicators, fitted on training rows only; used inside this room only.
 *
 * Per indicator: values are winsorised at the 2 % and 98 % quantiles of the training rows (linear
 * interpolation, type 7), then centred and divided by the standard deviation of the winsorised
 * values.  An indicator without spread in the training rows, or with values whose squares overflow,
 * becomes 0 everywhere: it says nothing.
 */
#ifndef EH_LEARN_SCALE_H
#define EH_LEARN_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_COLUMNS_MAX 256              /* indicators of one model */

struct eh_scale {
	size_t d;
	double *lo, *hi;                /* [d] winsor limits */
	double *mean;                   /* [d] */
	double *inv_sd;                 /* [d] 1 / standard deviation, 0 = no spread */
};

int eh_scale_alloc(struct eh_scale *s, size_t d, struct eh_err *err);   /* EH_ENOMEM */
void eh_scale_free(struct eh_scale *s);

/* x [..][d]; rows [n] of it, n >= 2.  EH_ENOMEM. */
int eh_scale_fit(struct eh_scale *s, const double *x, const uint32_t *rows, size_t n, struct eh_err *err);
void eh_scale_apply(const struct eh_scale *s, const double *raw, double *z);
size_t eh_scale_spread(const struct eh_scale *s);       /* indicators with spread */

/* Quantile of sorted v[n], n >= 1, 0 <= q <= 1, linear interpolation (type 7). */
double eh_sorted_quantile(const double *v, size_t n, double q);
int eh_double_cmp(const void *a, const void *b);        /* qsort over double */

#endif

/*
 * roots.h - all roots of a polynomial with real coefficients.
 */
#ifndef EH_VOICE_ROOTS_H
#define EH_VOICE_ROOTS_H

#include <stdbool.h>
#include <stddef.h>

#define EH_ROOTS_MAX 16         /* highest degree */

/*
 * Aberth 1973 ("Iteration methods for finding all zeros of a polynomial simultaneously"): Newton steps, each
 * root pushed away by the others.  c: degree + 1 coefficients, c[0] of the highest power, c[0] = 1;
 * 1 <= degree <= EH_ROOTS_MAX.  re, im: degree elements, in no particular order; near = true: on entry they hold the
 * roots of a polynomial much like this one, from where the way is shorter.
 * false: no convergence (re and im are then of no use).
 */
bool eh_roots(const double *c, size_t degree, double *re, double *im, bool near);

#endif

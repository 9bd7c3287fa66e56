/*
 * wide.h - loops over columns in vectors, in the widest form that the machine has.
 *
 * A function marked EH_WIDEST is compiled once for each of several instruction sets, and the loader takes the widest
 * that the machine knows.  Without contraction (-ffp-contract=off) every form gives the same bits, as every lane is
 * one plain operation.
 */
#ifndef EH_BASE_WIDE_H
#define EH_BASE_WIDE_H

#if defined __x86_64__ && defined __GNUC__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__ && \
	!defined __SANITIZE_THREAD__
#define EH_WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EH_WIDEST /* a sanitizer is not yet set up when the choice is made */
#endif

#include <math.h>
#include <stddef.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* For what an EH_WIDEST function calls: it is compiled with it. */
#define EH_WIDE_PART static inline __attribute__((always_inline))

/* Square roots in their places; v [n], n even, none negative.  A call of sqrt() might set errno, so no compiler makes
 * two at a time of it. */
EH_WIDE_PART void eh_wide_roots(double *v, size_t n)
{
	for (size_t i = 0; i < n; i += 2) {
#ifdef __SSE2__
		_mm_storeu_pd(v + i, _mm_sqrt_pd(_mm_loadu_pd(v + i)));
#else
		v[i] = sqrt(v[i]);
		v[i + 1] = sqrt(v[i + 1]);
#endif
	}
}

#endif

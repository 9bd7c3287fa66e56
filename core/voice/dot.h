/*
 * dot.h - sum, inner product and extremes of float vectors in eight lanes.
 *
 * The compiler may not reorder a floating-point sum; spelling the lanes out lets it use vector registers
 * and fixes the order of the additions, so the last digit does not depend on the optimiser.
 */
#ifndef EH_VOICE_DOT_H
#define EH_VOICE_DOT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float eh_lane4 __attribute__((vector_size(16)));
typedef int32_t eh_mask4 __attribute__((vector_size(16)));      /* what comparing two eh_lane4 gives: 0 or -1 each */

static inline eh_lane4 eh_lane4_load(const float *p)
{
	eh_lane4 v = { 0.0f, 0.0f, 0.0f, 0.0f };

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void eh_lane4_store(float *p, eh_lane4 v)
{
	memcpy(p, &v, sizeof v);
}

static inline float eh_lane4_sum(eh_lane4 v)
{
	return (v[0] + v[2]) + (v[1] + v[3]);
}

/* Sum of a[i], i < n. */
static inline float eh_sum(const float *a, size_t n)
{
	eh_lane4 s = { 0.0f, 0.0f, 0.0f, 0.0f }, t = s;
	float rest = 0.0f;
	size_t whole = n - n % 8, i = 0;

	for (; i < whole; i += 8) {
		s += eh_lane4_load(a + i);
		t += eh_lane4_load(a + i + 4);
	}
	for (; i < n; i++)
		rest += a[i];
	return eh_lane4_sum(s + t) + rest;
}

/* Sum of a[i] * b[i], i < n; no alignment asked for. */
static inline float eh_dot(const float *a, const float *b, size_t n)
{
	eh_lane4 s = { 0.0f, 0.0f, 0.0f, 0.0f }, t = s;
	float rest = 0.0f;
	size_t whole = n - n % 8, i = 0;

	for (; i < whole; i += 8) {
		s += eh_lane4_load(a + i) * eh_lane4_load(b + i);
		t += eh_lane4_load(a + i + 4) * eh_lane4_load(b + i + 4);
	}
	for (; i < n; i++)
		rest += a[i] * b[i];
	return eh_lane4_sum(s + t) + rest;
}

/* a where the mask says so, else b. */
static inline eh_lane4 eh_lane4_pick(eh_mask4 mask, eh_lane4 a, eh_lane4 b)
{
	return (eh_lane4)(((eh_mask4)a & mask) | ((eh_mask4)b & ~mask));
}

/* Least and largest of x[i], i < n; n > 0, a multiple of 8; no NaN. */
static inline void eh_extremes(const float *x, size_t n, float *low, float *high)
{
	eh_lane4 least[2] = { eh_lane4_load(x), eh_lane4_load(x + 4) }, most[2] = { least[0], least[1] };

	for (size_t i = 8; i < n; i += 8)
		for (size_t j = 0; j < 2; j++) {
			eh_lane4 v = eh_lane4_load(x + i + 4 * j);

			least[j] = eh_lane4_pick(v < least[j], v, least[j]);
			most[j] = eh_lane4_pick(v > most[j], v, most[j]);
		}
	*low = least[0][0];
	*high = most[0][0];
	for (size_t j = 0; j < 2; j++)
		for (size_t i = 0; i < 4; i++) {
			*low = least[j][i] < *low ? least[j][i] : *low;
			*high = most[j][i] > *high ? most[j][i] : *high;
		}
}

#endif

/*
 * dot.h - sum and inner product of float vectors in eight running sums.
 *
 * The compiler may not reorder a floating-point sum; spelling the lanes out lets it use vector registers
 * and fixes the order of the additions, so the last digit does not depend on the optimiser.
 */
#ifndef EH_VOICE_DOT_H
#define EH_VOICE_DOT_H

#include <stddef.h>
#include <string.h>

typedef float eh_lane4 __attribute__((vector_size(16)));

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

#endif

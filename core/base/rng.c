/* Seeded random numbers; see rng.h. */
#include "base/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

void eh_rng_seed(struct eh_rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix(&seed);
}

void eh_rng_seed_named(struct eh_rng *r, uint64_t seed, const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);      /* FNV-1a, 64 bit */

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	eh_rng_seed(r, seed ^ h);
}

uint64_t eh_rng_u64(struct eh_rng *r)
{
	uint64_t out = rotl(r->s[1] * 5, 7) * 9;
	uint64_t t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rotl(r->s[3], 45);
	return out;
}

double eh_rng_unit(struct eh_rng *r)
{
	return (double)(eh_rng_u64(r) >> 11) * 0x1p-53;
}

uint64_t eh_rng_below(struct eh_rng *r, uint64_t n)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % n;
	uint64_t x;

	do
		x = eh_rng_u64(r);
	while (x >= limit);
	return x % n;
}

double eh_rng_normal(struct eh_rng *r)
{
	double u = 1.0 - eh_rng_unit(r);
	double v = eh_rng_unit(r);

	return sqrt(-2.0 * log(u)) * cos(6.283185307179586476925 * v);
}

void eh_rng_shuffle(struct eh_rng *r, uint32_t *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)eh_rng_below(r, i);
		uint32_t t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}

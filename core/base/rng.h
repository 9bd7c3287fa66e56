/*
 * rng.h - seeded random numbers, the same on every machine.
 *
 * xoshiro256** seeded through splitmix64 (Blackman & Vigna 2018, "Scrambled linear
 * pseudorandom number generators").  Nothing in the program uses rand().
 */
#ifndef EH_BASE_RNG_H
#define EH_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct eh_rng {
	uint64_t s[4];
};

void eh_rng_seed(struct eh_rng *r, uint64_t seed);
/* A stream of its own for (seed, name): draws of one part never shift those of another. */
void eh_rng_seed_named(struct eh_rng *r, uint64_t seed, const char *name);
uint64_t eh_rng_u64(struct eh_rng *r);
double eh_rng_unit(struct eh_rng *r);                   /* 0 <= u < 1 */
uint64_t eh_rng_below(struct eh_rng *r, uint64_t n);    /* 0..n-1 without modulo bias, n > 0 */
double eh_rng_normal(struct eh_rng *r);                 /* N(0, 1), Box-Muller, two draws each */
void eh_rng_shuffle(struct eh_rng *r, uint32_t *v, size_t n);

#endif

/*
 * mutant.h - seeded damage to a recording (facts/reliability.md 10.6): 1, 10, 100 or 1,000 random bytes, half of the
 * positions anywhere, half in the first 4,000 bytes.  The same file and seed give the same mutant.
 */
#ifndef EH_TESTS_MUTANT_H
#define EH_TESTS_MUTANT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define MUTANT_HEAD 4000u       /* [bytes] */

struct mutant_seed {
	unsigned char *data;
	size_t size;
};

static inline int mutant_load(struct mutant_seed *s, const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = f != NULL && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;

	s->data = size > 0 ? malloc((size_t)size) : NULL;
	s->size = s->data != NULL ? (size_t)size : 0;
	if (s->data != NULL) {
		rewind(f);
		s->size = fread(s->data, 1, s->size, f);
	}
	if (f != NULL)
		(void)fclose(f);
	return s->size > 0 ? 0 : -1;
}

/* Writes the mutant to path. */
static inline int mutant_write(const char *path, const struct mutant_seed *s, uint64_t seed)
{
	static const unsigned changes[] = { 1, 10, 100, 1000 };
	unsigned char *d = malloc(s->size);
	unsigned n = 0;
	FILE *f = NULL;
	struct eh_rng r;
	int ok = 0;

	if (d == NULL)
		return -1;
	memcpy(d, s->data, s->size);
	eh_rng_seed(&r, seed);
	n = changes[eh_rng_below(&r, 4)];
	for (unsigned i = 0; i < n; i++) {
		size_t within = i % 2 == 0 || s->size < MUTANT_HEAD ? s->size : MUTANT_HEAD;
		size_t at = (size_t)eh_rng_below(&r, within);

		d[at] = (unsigned char)eh_rng_below(&r, 256);
	}
	f = fopen(path, "wb");
	ok = f != NULL && fwrite(d, 1, s->size, f) == s->size;
	if (f != NULL && fclose(f) != 0)
		ok = 0;
	free(d);
	return ok ? 0 : -1;
}

#endif

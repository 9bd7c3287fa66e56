/*
 * terms.h - a growing set of byte strings, each with the number of its arrival: evaluators, strata, and whatever else
 * is the same in many rows of a table.  Asked once for every row, so asking is cheap and copies nothing. Only for the
 * files of exchange/.
 */
#ifndef EH_EXCHANGE_TERMS_H
#define EH_EXCHANGE_TERMS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A string as the set looks for it: up to 8 bytes themselves, and of longer ones a hash. */
struct eh_term_key {
	const char *s;
	size_t len;                     /* [bytes] */
	uint64_t word, hash;
};

struct eh_term_slot {
	uint64_t word;
	uint32_t len, number;           /* number + 1, 0 = free; open addressing */
};

/* All zero: empty. */
struct eh_terms {
	struct eh_term_slot *slot;      /* [mask + 1] */
	uint32_t mask, n, cap;
	size_t *at;                     /* [n] in text, NUL-terminated */
	char *text;
	size_t used, room;
};

#define EH_TERM_NONE UINT32_MAX
#define EH_TERM_STIR UINT64_C(0x9e3779b97f4a7c15)        /* odd, 2^64 / golden ratio: Knuth's multiplicative hashing */

#define EH_TERM_OTHER UINT64_C(0xd1b54a32d192ed03)       /* odd, unlike it: of Steele and Vigna 2021 */

__extension__ typedef unsigned __int128 eh_term_wide;

/* Both halves of a product, so that every bit of x reaches the low bits (which choose the slot). */
static inline uint64_t eh_term_stir(uint64_t x)
{
	const eh_term_wide product = (eh_term_wide)x * EH_TERM_STIR;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The first 8 bytes, the next, the 8 before the last, the last 8 of 9..32 bytes: together all of them, though some
 * twice, without a question of how many there are. */
struct eh_term_words {
	uint64_t w[4];
};

static inline struct eh_term_words eh_term_words(const char *s, size_t len)
{
	struct eh_term_words x;

	memcpy(&x.w[0], s, 8);
	memcpy(&x.w[1], s + (len < 16 ? len - 8 : 8), 8);
	memcpy(&x.w[2], s + (len < 16 ? 0 : len - 16), 8);
	memcpy(&x.w[3], s + len - 8, 8);
	return x;
}

static inline uint64_t eh_term_mix(uint64_t a, uint64_t b)
{
	const eh_term_wide product = (eh_term_wide)(a ^ EH_TERM_STIR) * (b ^ EH_TERM_OTHER);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

struct eh_term_key eh_term_key_long(const char *s, size_t len);        /* more than 32 bytes */

/* Up to 8 bytes behind s + len are looked at, though not believed. */
static inline __attribute__((always_inline)) struct eh_term_key eh_term_key(const char *s, size_t len)
{
	struct eh_term_key k = { s, len, 0, len };

	if (len > 32)
		return eh_term_key_long(s, len);
	if (len > 8) {
		const struct eh_term_words x = eh_term_words(s, len);

		k.hash = eh_term_stir(eh_term_mix(x.w[0], x.w[1]) + 3 * eh_term_mix(x.w[2], x.w[3]) + len);
		k.word = k.hash;
		return k;
	}
	memcpy(&k.word, s, 8);
	k.word = len == 0 ? 0 : le64toh(k.word) & UINT64_MAX >> (64 - 8 * len);
	k.hash = eh_term_stir(k.hash ^ k.word);
	return k;
}

/* More than 8 bytes. */
static inline bool eh_term_same(const char *a, const char *b, size_t len)
{
	struct eh_term_words x, y;

	if (len > 32)
		return memcmp(a, b, len) == 0;
	x = eh_term_words(a, len);
	y = eh_term_words(b, len);
	return ((x.w[0] ^ y.w[0]) | (x.w[1] ^ y.w[1]) | (x.w[2] ^ y.w[2]) | (x.w[3] ^ y.w[3])) == 0;
}

static inline bool eh_term_is(const struct eh_terms *t, const struct eh_term_slot *x, const struct eh_term_key *k)
{
	return x->word == k->word && x->len == k->len &&
	       (k->len <= 8 || eh_term_same(t->text + t->at[x->number - 1], k->s, k->len));
}

/* The string's number, or EH_TERM_NONE. */
static inline uint32_t eh_terms_find(const struct eh_terms *t, const struct eh_term_key *k)
{
	uint32_t i = (uint32_t)k->hash & t->mask;

	if (t->n == 0)
		return EH_TERM_NONE;
	while (t->slot[i].number != 0 && !eh_term_is(t, &t->slot[i], k))
		i = (i + 1) & t->mask;
	return t->slot[i].number - 1;
}

uint32_t eh_terms_add(struct eh_terms *t, const struct eh_term_key *k);         /* EH_TERM_NONE: no memory */
const char *eh_terms_text(const struct eh_terms *t, uint32_t i);
void eh_terms_free(struct eh_terms *t);

#endif

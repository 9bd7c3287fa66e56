/*
 * deal_inside.h - how dealt rows lie in memory, and the fingerprint they are dealt by: between deal.c, which deals, and
 * deal_order.c, which puts in order.  Only for these two.
 *
 * A block: the address of the block before it, its rows one after the other, then where they are kept the scores and
 * the days of these rows.  A row: 8 bytes of the fingerprint, 2 more of it, 4 of the tag.
 */
#ifndef EH_EXCHANGE_DEAL_INSIDE_H
#define EH_EXCHANGE_DEAL_INSIDE_H

#include <endian.h>
#include <string.h>

#include "exchange/deal.h"

#define EH_DEAL_PAGE 4096u
#define EH_DEAL_HEAD 16u
#define EH_DEAL_ROW 14u
/* with the head just below 8 pages, and the 2 bytes behind a row that are looked at */
#define EH_DEAL_BLOCK_ROWS 2339u
#define EH_DEAL_BLOCK (8u * EH_DEAL_PAGE)
#define EH_DEAL_SCORES (5u * EH_DEAL_PAGE) /* one double for each row */
#define EH_DEAL_DAYS (3u * EH_DEAL_PAGE)   /* one int32_t for each row */

_Static_assert(EH_DEAL_HEAD + EH_DEAL_BLOCK_ROWS * EH_DEAL_ROW + 2 <= EH_DEAL_BLOCK, "a block's rows");
_Static_assert(EH_DEAL_BLOCK_ROWS * sizeof(double) <= EH_DEAL_SCORES, "a block's scores");
_Static_assert(EH_DEAL_BLOCK_ROWS * sizeof(int32_t) <= EH_DEAL_DAYS, "a block's days");

/* 88 bits.  In order by pile, high, low. */
struct eh_deal_print {
	uint64_t high;
	uint16_t low;
	uint8_t pile;
};

/* n bytes of s as a number, n <= 8; 8 are looked at. */
static inline uint64_t eh_deal_bytes(const char *s, size_t n)
{
	uint64_t x;

	memcpy(&x, s, sizeof x);
	return le64toh(x) & (n < 8 ? ((uint64_t)1 << 8 * n) - 1 : UINT64_MAX);
}

/*
 * Of an id of up to EH_DEAL_SHORT bytes: its own 88 bits, stirred by steps each of which can be undone, so that no two
 * ids share one.  (No id holds a NUL, so a shorter one is no other's beginning.)  The middle steps are the 64-bit
 * finalizer of Steele, Lea and Flood 2014 in Stafford's variant 13.  Up to 16 bytes are looked at.
 */
static inline struct eh_deal_print eh_deal_print_short(const char *id, size_t len)
{
	const uint64_t y = len > 8 ? eh_deal_bytes(id + 8, len - 8) : 0;
	uint64_t x = eh_deal_bytes(id, len) ^ y * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return (struct eh_deal_print){ x, (uint16_t)((y ^ x >> 40) >> 8), (uint8_t)(y ^ x >> 40) };
}

/* [bytes] of a block with what is kept beside its rows; where that begins. */
static inline size_t eh_deal_block_size(const struct eh_deal *d)
{
	return EH_DEAL_BLOCK + (d->scores ? EH_DEAL_SCORES : 0) + (d->days ? EH_DEAL_DAYS : 0);
}

static inline double *eh_deal_scores(unsigned char *block) { return (double *)(void *)(block + EH_DEAL_BLOCK); }

static inline int32_t *eh_deal_days(const struct eh_deal *d, unsigned char *block)
{
	return (int32_t *)(void *)(block + EH_DEAL_BLOCK + (d->scores ? EH_DEAL_SCORES : 0));
}

static inline size_t eh_deal_block_rows(const unsigned char *block, const unsigned char *end)
{
	return (size_t)(end - block - EH_DEAL_HEAD) / EH_DEAL_ROW;
}

static inline void eh_deal_put(unsigned char *to, const struct eh_deal_print *f, uint32_t tag)
{
	const uint64_t rest = htole64(f->low | (uint64_t)tag << 16);

	memcpy(to, &f->high, 8);
	memcpy(to + 8, &rest, 8); /* what is too much is the next row's, or behind the last one */
}

static inline void eh_deal_get(const unsigned char *from, uint64_t *high, uint16_t *low, uint32_t *tag)
{
	uint64_t rest;

	memcpy(high, from, 8);
	memcpy(&rest, from + 8, 8);
	*low = (uint16_t)le64toh(rest);
	*tag = (uint32_t)(le64toh(rest) >> 16);
}

#endif

/* Radix sort of keys; see order.h.  A sort by comparison of 100,000 rows takes longer than a repaint may (16 ms). */
#include "parts/order.h"

#include <stdlib.h>
#include <string.h>

#define DIGIT 11                        /* [bits]: six passes, tables of 16 KB */
#define BUCKETS (1u << DIGIT)

uint64_t order_number(bool defined, double v, bool reverse)
{
	uint64_t bits;

	if (!defined)
		return UINT64_MAX;
	v += 0.0;                               /* -0 is 0 */
	memcpy(&bits, &v, sizeof bits);
	bits = bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
	return reverse ? ~bits : bits;
}

/* One digit, into `to`; false where all rows have the same and nothing was moved. */
static bool pass(const struct order_slot *v, struct order_slot *to, size_t n, unsigned shift)
{
	size_t at[BUCKETS] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[v[i].key >> shift & (BUCKETS - 1)]++;
	if (at[v[0].key >> shift & (BUCKETS - 1)] == n)
		return false;
	for (size_t b = 0; b < BUCKETS; b++) {
		size_t here = at[b];

		at[b] = sum;
		sum += here;
	}
	for (size_t i = 0; i < n; i++)
		to[at[v[i].key >> shift & (BUCKETS - 1)]++] = v[i];
	return true;
}

void order_sort(struct order_slot *v, struct order_slot *spare, size_t n)
{
	struct order_slot *from = v, *to = spare;

	for (unsigned shift = 0; n > 1 && shift < 64; shift += DIGIT)
		if (pass(from, to, n, shift)) {
			struct order_slot *last = from;

			from = to;
			to = last;
		}
	if (from != v)
		memcpy(v, from, n * sizeof *v);
}

struct texts {
	const char *(*text)(void *ctx, uint32_t row);
	void *ctx;
	bool reverse;
};

static int compare(const void *a, const void *b, void *texts)
{
	const struct texts *t = texts;
	const struct order_slot *x = a, *y = b;
	int order = strcmp(t->text(t->ctx, x->row), t->text(t->ctx, y->row));

	/* qsort_r merges where it has memory, but does not promise it */
	return order != 0 ? (t->reverse ? -order : order) : x->row < y->row ? -1 : x->row > y->row;
}

/* Ids of one list begin alike; what differs first stands in the key. */
static size_t common_prefix(const struct order_slot *v, size_t n, const struct texts *t)
{
	const char *first = t->text(t->ctx, v[0].row);
	size_t len = strlen(first);

	for (size_t i = 1; i < n && len > 0; i++) {
		const char *s = t->text(t->ctx, v[i].row);
		size_t k = 0;

		while (k < len && s[k] == first[k] && s[k] != '\0')
			k++;
		len = k;
	}
	return len;
}

static uint64_t eight_bytes(const char *s)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++) {
		key = key << 8 | (unsigned char)*s;
		s += *s != '\0';
	}
	return key;
}

void order_texts(struct order_slot *v, struct order_slot *spare, size_t n, bool reverse,
		 const char *(*text)(void *ctx, uint32_t row), void *ctx)
{
	struct texts t = { text, ctx, reverse };
	size_t skip = n > 0 ? common_prefix(v, n, &t) : 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t key = eight_bytes(text(ctx, v[i].row) + skip);

		v[i].key = reverse ? ~key : key;
	}
	order_sort(v, spare, n);
	for (size_t i = 0, k; i < n; i = k) {
		const char *first = text(ctx, v[i].row);
		bool alike = true;

		for (k = i + 1; k < n && v[k].key == v[i].key; k++)
			alike = alike && strcmp(text(ctx, v[k].row), first) == 0;
		if (!alike)                     /* they go on behind the key */
			qsort_r(v + i, k - i, sizeof *v, compare, &t);
	}
}

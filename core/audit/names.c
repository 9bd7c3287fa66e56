/* Name tables: collected in any order, handed out sorted and unique; see data.h. */
#include "audit/data.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_SLOTS 64                  /* power of two */

struct eh_name_builder {
	char **v;                       /* [n], in the order of their arrival */
	uint32_t n, cap;
	uint32_t *slot;                 /* [slots], index + 1, 0 = free; open addressing */
	uint32_t slots;
};

struct ranked {
	char *name;
	uint32_t old;
};

static uint64_t name_hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);      /* FNV-1a, 64 bit */

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

/* The slot of name, or the free one where it belongs. */
static uint32_t *find_slot(const struct eh_name_builder *b, const char *name)
{
	uint32_t i = (uint32_t)name_hash(name) & (b->slots - 1);

	while (b->slot[i] != 0 && strcmp(b->v[b->slot[i] - 1], name) != 0)
		i = (i + 1) & (b->slots - 1);
	return &b->slot[i];
}

static void grow_slots(struct eh_name_builder *b)
{
	free(b->slot);
	b->slots *= 2;
	b->slot = eh_xcalloc(b->slots, sizeof *b->slot);
	for (uint32_t i = 0; i < b->n; i++)
		*find_slot(b, b->v[i]) = i + 1;
}

static int by_name(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct eh_name_builder *eh_names_new(void)
{
	struct eh_name_builder *b = eh_xcalloc(1, sizeof *b);

	b->slots = FIRST_SLOTS;
	b->slot = eh_xcalloc(b->slots, sizeof *b->slot);
	return b;
}

uint32_t eh_names_add(struct eh_name_builder *b, const char *name)
{
	uint32_t *slot = find_slot(b, name);

	if (*slot != 0)
		return *slot - 1;
	if (b->n == b->cap) {
		b->cap = b->cap != 0 ? 2 * b->cap : FIRST_SLOTS;
		b->v = eh_xrealloc(b->v, b->cap, sizeof *b->v);
	}
	b->v[b->n++] = eh_xstrdup(name);
	*slot = b->n;
	if (b->n > b->slots / 2)
		grow_slots(b);
	return b->n - 1;
}

const char *eh_names_text(const struct eh_name_builder *b, uint32_t index)
{
	return b->v[index];
}

void eh_names_finish(struct eh_name_builder **builder, struct eh_names *out, uint32_t **map)
{
	struct eh_name_builder *b = *builder;
	size_t room = b->n != 0 ? b->n : 1;
	struct ranked *rank = eh_xcalloc(room, sizeof *rank);
	bool sorted = true;             /* ids are often numbered in the order of the rows */

	out->v = eh_xcalloc(room, sizeof *out->v);
	out->n = b->n;
	if (map != NULL)
		*map = eh_xcalloc(room, sizeof **map);
	for (uint32_t i = 0; i < b->n; i++) {
		rank[i] = (struct ranked){ b->v[i], i };
		sorted = sorted && (i == 0 || strcmp(b->v[i - 1], b->v[i]) < 0);
	}
	if (!sorted)
		qsort(rank, b->n, sizeof *rank, by_name);
	for (uint32_t i = 0; i < b->n; i++) {
		out->v[i] = rank[i].name;
		if (map != NULL)
			(*map)[rank[i].old] = i;
	}
	free(rank);
	free(b->v);
	free(b->slot);
	free(b);
	*builder = NULL;
}

void eh_names_free(struct eh_names *n)
{
	for (size_t i = 0; n->v != NULL && i < n->n; i++)
		free(n->v[i]);
	free(n->v);
	*n = (struct eh_names){ NULL, 0 };
}

uint32_t eh_names_find(const struct eh_names *n, const char *name)
{
	size_t lo = 0, hi = n->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(n->v[mid], name);

		if (c == 0)
			return (uint32_t)mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return UINT32_MAX;
}

/* Blocks that never move; see arena.h. */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK ((size_t)64 << 10)        /* [bytes] */

struct eh_arena_block {
	struct eh_arena_block *before;
	size_t size;
	char data[];
};

const char *eh_arena_text(struct eh_arena *a, const char *s, size_t len)
{
	char *to;

	if (a->last == NULL || a->last->size - a->used <= len) {
		size_t size = len + 1 > BLOCK ? len + 1 : BLOCK;
		struct eh_arena_block *b = eh_xmalloc(sizeof *b + size);

		b->before = a->last;
		b->size = size;
		a->last = b;
		a->used = 0;
	}
	to = a->last->data + a->used;
	memcpy(to, s, len);
	to[len] = '\0';
	a->used += len + 1;
	return to;
}

void eh_arena_free(struct eh_arena *a)
{
	while (a->last != NULL) {
		struct eh_arena_block *before = a->last->before;

		free(a->last);
		a->last = before;
	}
	a->used = 0;
}

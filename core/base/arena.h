/*
 * arena.h - texts that live together and go together: for lists of very many small records.
 */
#ifndef EH_BASE_ARENA_H
#define EH_BASE_ARENA_H

#include <stddef.h>

struct eh_arena_block;
struct eh_arena {                       /* all zero = empty */
	struct eh_arena_block *last;
	size_t used;
};

/* A copy of len bytes and a NUL, at a place that never moves; the program ends where there is no memory. */
const char *eh_arena_text(struct eh_arena *a, const char *s, size_t len);
void eh_arena_free(struct eh_arena *a);

#endif

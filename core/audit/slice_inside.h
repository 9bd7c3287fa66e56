/*
 * slice_inside.h - what slice.c (persons and scopes) and slice_patterns.c (the strata, patterns and blocks they are put
 * into) share; nobody else includes it.
 */
#ifndef EH_AUDIT_SLICE_INSIDE_H
#define EH_AUDIT_SLICE_INSIDE_H

#include <string.h>

#include "audit/slice.h"
#include "base/mem.h"

#define EH_SLICE_NONE UINT32_MAX

/* A set of numbered things, found by what they are: open addressing. */
struct eh_slot {
	uint32_t hash, number; /* number EH_SLICE_NONE = free */
};

struct eh_slot_set {
	struct eh_slot *v; /* [size] a power of two */
	size_t size, n;
};

struct eh_slice_room {
	const struct eh_order *order;
	bool persons;
	size_t n_kept;	     /* candidates in person: with weights fewer than n_persons */
	uint32_t *met;	     /* [all strata] number in the slice, EH_SLICE_NONE = not met by this evaluator yet */
	uint32_t *to_forget; /* [strata_cap] strata with a number in met */
	size_t n_forget;
	uint32_t *alone;    /* [2 strata_cap] pattern of who has this one cell only, EH_SLICE_NONE = nobody */
	uint64_t *pair;	    /* [strata_cap] stratum and evaluator */
	uint32_t evaluator; /* at hand */
	size_t strata_cap, pattern_cap, cell_cap, person_cap;
	uint32_t *list; /* [list_cap] cells of the person at hand */
	size_t list_cap;
	uint32_t *first; /* [block_cap] a pattern of each block */
	size_t block_cap;
	struct eh_slot_set patterns, blocks, pairs; /* of two cells and more; of those; of strata of several owners */
};

/* Of a list of cells, and of its strata. */
struct eh_list_hash {
	uint32_t list, strata;
};

struct eh_list_hash eh_slice_hash(const uint32_t *cell, size_t n);

/* Early, where a list of that hash will be looked for soon. */
static inline void eh_slice_ask(const struct eh_slice_room *r, struct eh_list_hash hash)
{
	if (r->patterns.size > 0)
		__builtin_prefetch(&r->patterns.v[hash.list & (r->patterns.size - 1)]);
	if (r->blocks.size > 0)
		__builtin_prefetch(&r->blocks.v[hash.strata & (r->blocks.size - 1)]);
}

/* Array (pointer to a pointer) with room for cap elements of that size: false = no memory, and it is as it was. */
bool eh_slice_grow(void *array, size_t cap, size_t size);
/* The first room, or the one there is doubled until it is enough. */
size_t eh_slice_larger(size_t cap, size_t need);
bool eh_slice_room_for_patterns(struct eh_slice *s, size_t patterns, size_t cells);

/* No stratum, pattern or block. */
void eh_slice_forget_patterns(struct eh_slice *s);

/* Numbers: those of eh_slice, EH_SLICE_NONE = no memory. */
uint32_t eh_slice_new_stratum(struct eh_slice *s);
uint32_t eh_slice_new_pattern(struct eh_slice *s, const uint32_t *cell, size_t n, uint32_t strata_hash);
/* Of an evaluator's stratum when rows of all evaluators come mixed. */
uint32_t eh_slice_stratum_of_pair(struct eh_slice *s, uint32_t stratum, uint32_t owner);
/* n >= 2 */
uint32_t eh_slice_pattern_of_list(struct eh_slice *s, const uint32_t *cell, size_t n, struct eh_list_hash hash);

/* Of the evaluator at hand; inline, as the next: asked for every row. */
static inline uint32_t eh_slice_stratum_of(struct eh_slice *s, uint32_t stratum)
{
	struct eh_slice_room *r = s->room;
	uint32_t k = r->met[stratum];

	if (k != EH_SLICE_NONE)
		return k;
	k = eh_slice_new_stratum(s);
	if (k == EH_SLICE_NONE)
		return EH_SLICE_NONE;
	r->met[stratum] = k;
	r->pair[k] = (uint64_t)stratum << 32 | r->evaluator;
	r->to_forget[r->n_forget++] = stratum;
	return k;
}

static inline uint32_t eh_slice_pattern_of_cell(struct eh_slice *s, uint32_t cell)
{
	uint32_t p = s->room->alone[cell];

	if (p == EH_SLICE_NONE)
		p = s->room->alone[cell] = eh_slice_new_pattern(s, &cell, 1, 0);
	return p;
}

#endif

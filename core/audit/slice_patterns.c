/* Strata, patterns and blocks of a slice: who is found by what was decided; see slice.h. */
#include <stdlib.h>

#include "audit/slice_inside.h"

#define FIRST_ROOM 64 /* power of two */

/* ---- sets ---- */

static uint32_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio */
	return (uint32_t)(x >> 32);
}

/* Of a list of cells; ignore: 1 leaves the decisions out, so that the strata remain. */
static uint32_t hash_list(const uint32_t *cell, size_t n, uint32_t ignore)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (cell[i] & ~ignore)) * UINT64_C(0x100000001b3) ^ h >> 29;
	return mix(h);
}

struct eh_list_hash eh_slice_hash(const uint32_t *cell, size_t n)
{
	return (struct eh_list_hash){ hash_list(cell, n, 0), hash_list(cell, n, 1) };
}

static void set_clear(struct eh_slot_set *s)
{
	if (s->n > 0)
		memset(s->v, 0xff, s->size * sizeof *s->v);
	s->n = 0;
}

static bool set_room(struct eh_slot_set *s)
{
	struct eh_slot_set to = { NULL, s->size != 0 ? 2 * s->size : FIRST_ROOM, s->n };

	if (2 * (s->n + 1) <= s->size)
		return true;
	to.v = eh_try_malloc(to.size, sizeof *to.v);
	if (to.v == NULL)
		return false;
	memset(to.v, 0xff, to.size * sizeof *to.v);
	for (size_t i = 0; i < s->size; i++) {
		size_t at = s->v[i].hash & (to.size - 1);

		if (s->v[i].number == EH_SLICE_NONE)
			continue;
		while (to.v[at].number != EH_SLICE_NONE)
			at = (at + 1) & (to.size - 1);
		to.v[at] = s->v[i];
	}
	free(s->v);
	*s = to;
	return true;
}

/* ---- room ---- */

bool eh_slice_grow(void *array, size_t cap, size_t size)
{
	void *v = NULL, *old = NULL;

	memcpy(&old, array, sizeof old);
	v = eh_try_realloc(old, cap, size);
	if (v == NULL)
		return false;
	memcpy(array, &v, sizeof v);
	return true;
}

size_t eh_slice_larger(size_t cap, size_t need)
{
	cap = cap != 0 ? cap : FIRST_ROOM;
	while (cap < need)
		cap *= 2;
	return cap;
}

static bool room_for_stratum(struct eh_slice *s)
{
	struct eh_slice_room *r = s->room;
	size_t cap = eh_slice_larger(r->strata_cap, s->n_strata + 1);

	if (cap == r->strata_cap)
		return true;
	if (!eh_slice_grow(&r->to_forget, cap, sizeof *r->to_forget) ||
	    !eh_slice_grow(&r->alone, cap, 2 * sizeof *r->alone) || !eh_slice_grow(&r->pair, cap, sizeof *r->pair))
		return false;
	r->strata_cap = cap;
	return true;
}

bool eh_slice_room_for_patterns(struct eh_slice *s, size_t patterns, size_t cells)
{
	struct eh_slice_room *r = s->room;
	size_t cap = eh_slice_larger(r->pattern_cap, s->n_patterns + patterns + 1);
	size_t cell_cap = eh_slice_larger(r->cell_cap, s->start[s->n_patterns] + cells);

	if (cell_cap != r->cell_cap) {
		if (!eh_slice_grow(&s->cell, cell_cap, sizeof *s->cell))
			return false;
		r->cell_cap = cell_cap;
	}
	if (cap == r->pattern_cap)
		return true;
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_class_counts *c = &s->classes[a];

		if (!eh_slice_grow(&c->of, cap, (c->n_groups + 1) * sizeof *c->of))
			return false;
	}
	if (!eh_slice_grow(&s->start, cap, sizeof *s->start) || !eh_slice_grow(&s->block, cap, sizeof *s->block))
		return false;
	r->pattern_cap = cap;
	return true;
}

static bool room_for_block(struct eh_slice *s)
{
	struct eh_slice_room *r = s->room;
	size_t cap = eh_slice_larger(r->block_cap, s->n_blocks + 1);

	if (cap != r->block_cap && !eh_slice_grow(&r->first, cap, sizeof *r->first))
		return false;
	r->block_cap = cap;
	return true;
}

/* ---- strata, patterns, blocks ---- */

uint32_t eh_slice_new_stratum(struct eh_slice *s)
{
	uint32_t k = (uint32_t)s->n_strata;

	if (!room_for_stratum(s))
		return EH_SLICE_NONE;
	s->room->alone[2 * k] = s->room->alone[2 * k + 1] = EH_SLICE_NONE;
	s->n_strata++;
	return k;
}

/* Number of an evaluator's stratum when rows of all evaluators come mixed. */
uint32_t eh_slice_stratum_of_pair(struct eh_slice *s, uint32_t stratum, uint32_t owner)
{
	struct eh_slice_room *r = s->room;
	const uint64_t pair = (uint64_t)stratum << 32 | owner;
	const uint32_t hash = mix(pair);
	uint32_t k = EH_SLICE_NONE;
	size_t at = 0;

	if (!set_room(&r->pairs))
		return EH_SLICE_NONE;
	for (at = hash & (r->pairs.size - 1); r->pairs.v[at].number != EH_SLICE_NONE;
	     at = (at + 1) & (r->pairs.size - 1))
		if (r->pairs.v[at].hash == hash && r->pair[r->pairs.v[at].number] == pair)
			return r->pairs.v[at].number;
	k = eh_slice_new_stratum(s);
	if (k == EH_SLICE_NONE)
		return EH_SLICE_NONE;
	r->pair[k] = pair;
	r->pairs.v[at] = (struct eh_slot){ hash, k };
	r->pairs.n++;
	return k;
}

static bool same_list(const uint32_t *x, const uint32_t *y, size_t n, uint32_t ignore)
{
	for (size_t i = 0; i < n; i++)
		if (((x[i] ^ y[i]) & ~ignore) != 0)
			return false;
	return true;
}

/* The slot of a list among patterns, or the free one where it belongs; first: NULL, or a pattern for each number. */
static struct eh_slot *find_list(const struct eh_slice *s, struct eh_slot_set *set, const uint32_t *first,
				 const uint32_t *cell, size_t n, uint32_t ignore, uint32_t hash)
{
	size_t at = hash & (set->size - 1);

	for (; set->v[at].number != EH_SLICE_NONE; at = (at + 1) & (set->size - 1)) {
		uint32_t p = first != NULL ? first[set->v[at].number] : set->v[at].number;

		if (set->v[at].hash == hash && eh_pattern_size(s, p) == n &&
		    same_list(cell, &s->cell[s->start[p]], n, ignore))
			break;
	}
	return &set->v[at];
}

/* The pattern's block: that of the other decision in a stratum alone, else by its list of strata; hash: of these. */
static bool set_block(struct eh_slice *s, uint32_t pattern, const uint32_t *cell, size_t n, uint32_t hash)
{
	struct eh_slice_room *r = s->room;
	struct eh_slot *slot = NULL;

	if (n == 1 && r->alone[cell[0] ^ 1u] != EH_SLICE_NONE) {
		s->block[pattern] = s->block[r->alone[cell[0] ^ 1u]];
		return true;
	}
	if (n > 1) {
		if (!set_room(&r->blocks))
			return false;
		slot = find_list(s, &r->blocks, r->first, cell, n, 1, hash);
		if (slot->number != EH_SLICE_NONE) {
			s->block[pattern] = slot->number;
			return true;
		}
	}
	if (!room_for_block(s))
		return false;
	s->block[pattern] = (uint32_t)s->n_blocks;
	r->first[s->n_blocks] = pattern;
	if (slot != NULL) {
		*slot = (struct eh_slot){ hash, (uint32_t)s->n_blocks };
		r->blocks.n++;
	}
	s->n_blocks++;
	return true;
}

uint32_t eh_slice_new_pattern(struct eh_slice *s, const uint32_t *cell, size_t n, uint32_t strata_hash)
{
	uint32_t p = (uint32_t)s->n_patterns;

	if (!eh_slice_room_for_patterns(s, 1, n) || !set_block(s, p, cell, n, strata_hash))
		return EH_SLICE_NONE;
	memcpy(&s->cell[s->start[p]], cell, n * sizeof *cell);
	s->start[p + 1] = s->start[p] + (uint32_t)n;
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_class_counts *c = &s->classes[a];

		memset(&c->of[p * (c->n_groups + 1)], 0, (c->n_groups + 1) * sizeof *c->of);
	}
	s->n_patterns++;
	return p;
}

uint32_t eh_slice_pattern_of_list(struct eh_slice *s, const uint32_t *cell, size_t n, struct eh_list_hash hash)
{
	struct eh_slot_set *set = &s->room->patterns;
	struct eh_slot *slot = NULL;

	if (!set_room(set))
		return EH_SLICE_NONE;
	slot = find_list(s, set, NULL, cell, n, 0, hash.list);
	if (slot->number == EH_SLICE_NONE) {
		uint32_t p = eh_slice_new_pattern(s, cell, n, hash.strata);

		if (p == EH_SLICE_NONE)
			return EH_SLICE_NONE;
		*slot = (struct eh_slot){ hash.list, p };
		set->n++;
	}
	return slot->number;
}

void eh_slice_forget_patterns(struct eh_slice *s)
{
	struct eh_slice_room *r = s->room;

	s->n_patterns = s->n_strata = s->n_blocks = 0;
	s->start[0] = 0;
	set_clear(&r->patterns);
	set_clear(&r->blocks);
	set_clear(&r->pairs);
}

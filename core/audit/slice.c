/* Decisions to patterns, scope by scope; see slice.h. */
#include "audit/slice.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE UINT32_MAX
#define FIRST_ROOM 64                   /* power of two */
#define AHEAD 24                        /* rows: the classes of candidates lie far apart, so they are asked for early */

/* A set of numbered things, found by what they are: open addressing. */
struct slot {
	uint32_t hash, number;          /* number NONE = free */
};

struct set {
	struct slot *v;                 /* [size] a power of two */
	size_t size, n;
};

struct eh_slice_room {
	const struct eh_order *order;
	bool persons;
	size_t n_kept;                  /* candidates in person: with weights fewer than n_persons */
	uint32_t *met;                  /* [all strata] number in the slice, NONE = not met by this evaluator yet */
	uint32_t *to_forget;            /* [strata_cap] strata with a number in met */
	size_t n_forget;
	uint32_t *alone;                /* [2 strata_cap] pattern of who has this one cell only, NONE = nobody */
	uint64_t *pair;                 /* [strata_cap] stratum and evaluator, where found by both */
	size_t strata_cap, pattern_cap, cell_cap, person_cap;
	uint32_t *list;                 /* [list_cap] cells of the person at hand */
	size_t list_cap;
	uint32_t *first;                /* [block_cap] a pattern of each block */
	size_t block_cap;
	struct set patterns, blocks, pairs;     /* of two cells and more; of those; of strata in eh_slice_position */
};

/* ---- sets ---- */

static uint32_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0x9e3779b97f4a7c15);      /* 2^64 / golden ratio */
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

static void set_clear(struct set *s)
{
	if (s->n > 0)
		memset(s->v, 0xff, s->size * sizeof *s->v);
	s->n = 0;
}

static bool set_room(struct set *s)
{
	struct set to = { NULL, s->size != 0 ? 2 * s->size : FIRST_ROOM, s->n };

	if (2 * (s->n + 1) <= s->size)
		return true;
	to.v = eh_try_malloc(to.size, sizeof *to.v);
	if (to.v == NULL)
		return false;
	memset(to.v, 0xff, to.size * sizeof *to.v);
	for (size_t i = 0; i < s->size; i++) {
		size_t at = s->v[i].hash & (to.size - 1);

		if (s->v[i].number == NONE)
			continue;
		while (to.v[at].number != NONE)
			at = (at + 1) & (to.size - 1);
		to.v[at] = s->v[i];
	}
	free(s->v);
	*s = to;
	return true;
}

/* ---- room ---- */

static bool grow(void *array, size_t cap, size_t size)
{
	void *v = NULL, *old = NULL;

	memcpy(&old, array, sizeof old);
	v = eh_try_realloc(old, cap, size);
	if (v == NULL)
		return false;
	memcpy(array, &v, sizeof v);
	return true;
}

static size_t larger(size_t cap, size_t need)
{
	cap = cap != 0 ? cap : FIRST_ROOM;
	while (cap < need)
		cap *= 2;
	return cap;
}

static bool room_for_stratum(struct eh_slice *s)
{
	struct eh_slice_room *r = s->room;
	size_t cap = larger(r->strata_cap, s->n_strata + 1);

	if (cap == r->strata_cap)
		return true;
	if (!grow(&r->to_forget, cap, sizeof *r->to_forget) || !grow(&r->alone, cap, 2 * sizeof *r->alone) ||
	    !grow(&r->pair, cap, sizeof *r->pair))
		return false;
	r->strata_cap = cap;
	return true;
}

static bool room_for_patterns(struct eh_slice *s, size_t patterns, size_t cells)
{
	struct eh_slice_room *r = s->room;
	size_t cap = larger(r->pattern_cap, s->n_patterns + patterns + 1);
	size_t cell_cap = larger(r->cell_cap, s->start[s->n_patterns] + cells);

	if (cell_cap != r->cell_cap) {
		if (!grow(&s->cell, cell_cap, sizeof *s->cell))
			return false;
		r->cell_cap = cell_cap;
	}
	if (cap == r->pattern_cap)
		return true;
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_class_counts *c = &s->classes[a];

		if (!grow(&c->of, cap, (c->n_groups + 1) * sizeof *c->of))
			return false;
	}
	if (!grow(&s->start, cap, sizeof *s->start) || !grow(&s->block, cap, sizeof *s->block))
		return false;
	r->pattern_cap = cap;
	return true;
}

static bool room_for_block(struct eh_slice *s)
{
	struct eh_slice_room *r = s->room;
	size_t cap = larger(r->block_cap, s->n_blocks + 1);

	if (cap != r->block_cap && !grow(&r->first, cap, sizeof *r->first))
		return false;
	r->block_cap = cap;
	return true;
}

/* ---- strata, patterns, blocks ---- */

static uint32_t new_stratum(struct eh_slice *s)
{
	uint32_t k = (uint32_t)s->n_strata;

	if (!room_for_stratum(s))
		return NONE;
	s->room->alone[2 * k] = s->room->alone[2 * k + 1] = NONE;
	s->n_strata++;
	return k;
}

/* Number of a stratum of the evaluator at hand. */
static inline uint32_t stratum_of(struct eh_slice *s, uint32_t stratum)
{
	struct eh_slice_room *r = s->room;
	uint32_t k = r->met[stratum];

	if (k != NONE)
		return k;
	k = new_stratum(s);
	if (k == NONE)
		return NONE;
	r->met[stratum] = k;
	r->to_forget[r->n_forget++] = stratum;
	return k;
}

static void forget_strata(struct eh_slice_room *r)
{
	for (size_t i = 0; i < r->n_forget; i++)
		r->met[r->to_forget[i]] = NONE;
	r->n_forget = 0;
}

/* Number of an evaluator's stratum when rows of all evaluators come mixed. */
static uint32_t stratum_of_pair(struct eh_slice *s, uint32_t stratum, uint32_t owner)
{
	struct eh_slice_room *r = s->room;
	const uint64_t pair = (uint64_t)stratum << 32 | owner;
	const uint32_t hash = mix(pair);
	uint32_t k = NONE;
	size_t at = 0;

	if (!set_room(&r->pairs))
		return NONE;
	for (at = hash & (r->pairs.size - 1); r->pairs.v[at].number != NONE; at = (at + 1) & (r->pairs.size - 1))
		if (r->pairs.v[at].hash == hash && r->pair[r->pairs.v[at].number] == pair)
			return r->pairs.v[at].number;
	k = new_stratum(s);
	if (k == NONE)
		return NONE;
	r->pair[k] = pair;
	r->pairs.v[at] = (struct slot){ hash, k };
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
static struct slot *find_list(const struct eh_slice *s, struct set *set, const uint32_t *first, const uint32_t *cell,
			      size_t n, uint32_t ignore, uint32_t hash)
{
	size_t at = hash & (set->size - 1);

	for (; set->v[at].number != NONE; at = (at + 1) & (set->size - 1)) {
		uint32_t p = first != NULL ? first[set->v[at].number] : set->v[at].number;

		if (set->v[at].hash == hash && eh_pattern_size(s, p) == n &&
		    same_list(cell, &s->cell[s->start[p]], n, ignore))
			break;
	}
	return &set->v[at];
}

/* The pattern's block: that of the other decision in a stratum alone, else by its list of strata. */
static bool set_block(struct eh_slice *s, uint32_t pattern, const uint32_t *cell, size_t n)
{
	struct eh_slice_room *r = s->room;
	struct slot *slot = NULL;
	uint32_t hash = 0;

	if (n == 1 && r->alone[cell[0] ^ 1u] != NONE) {
		s->block[pattern] = s->block[r->alone[cell[0] ^ 1u]];
		return true;
	}
	if (n > 1) {
		if (!set_room(&r->blocks))
			return false;
		hash = hash_list(cell, n, 1);
		slot = find_list(s, &r->blocks, r->first, cell, n, 1, hash);
		if (slot->number != NONE) {
			s->block[pattern] = slot->number;
			return true;
		}
	}
	if (!room_for_block(s))
		return false;
	s->block[pattern] = (uint32_t)s->n_blocks;
	r->first[s->n_blocks] = pattern;
	if (slot != NULL) {
		*slot = (struct slot){ hash, (uint32_t)s->n_blocks };
		r->blocks.n++;
	}
	s->n_blocks++;
	return true;
}

static uint32_t new_pattern(struct eh_slice *s, const uint32_t *cell, size_t n)
{
	uint32_t p = (uint32_t)s->n_patterns;

	if (!room_for_patterns(s, 1, n) || !set_block(s, p, cell, n))
		return NONE;
	memcpy(&s->cell[s->start[p]], cell, n * sizeof *cell);
	s->start[p + 1] = s->start[p] + (uint32_t)n;
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_class_counts *c = &s->classes[a];

		memset(&c->of[p * (c->n_groups + 1)], 0, (c->n_groups + 1) * sizeof *c->of);
	}
	s->n_patterns++;
	return p;
}

static inline uint32_t pattern_of_cell(struct eh_slice *s, uint32_t cell)
{
	uint32_t p = s->room->alone[cell];

	if (p == NONE)
		p = s->room->alone[cell] = new_pattern(s, &cell, 1);
	return p;
}

static uint32_t pattern_of_list(struct eh_slice *s, const uint32_t *cell, size_t n)
{
	struct set *set = &s->room->patterns;
	const uint32_t hash = hash_list(cell, n, 0);
	struct slot *slot = NULL;

	if (!set_room(set))
		return NONE;
	slot = find_list(s, set, NULL, cell, n, 0, hash);
	if (slot->number == NONE) {
		uint32_t p = new_pattern(s, cell, n);

		if (p == NONE)
			return NONE;
		*slot = (struct slot){ hash, p };
		set->n++;
	}
	return slot->number;
}

/* ---- persons ---- */

static bool keep_person(struct eh_slice *s, uint32_t candidate, uint32_t pattern)
{
	size_t cap = larger(s->room->person_cap, s->room->n_kept + 1);

	if (cap != s->room->person_cap && !grow(&s->person, cap, sizeof *s->person))
		return false;
	s->room->person_cap = cap;
	s->person[s->room->n_kept++] = (struct eh_person){ candidate, pattern };
	return true;
}

static inline bool count_person(struct eh_slice *s, uint32_t candidate, uint32_t pattern, size_t decisions)
{
	const uint32_t *weight = s->room->order->d->weight;
	const uint32_t persons = weight != NULL ? weight[candidate] : 1;

	if (pattern == NONE || (s->room->persons && !keep_person(s, candidate, pattern)))
		return false;
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_class_counts *c = &s->classes[a];
		const uint8_t code = c->code[candidate];

		c->by_code[code] += persons;
		c->of[pattern * (c->n_groups + 1) + c->column[code]] += persons;
	}
	s->n_persons += persons;
	s->n += decisions * persons;
	return true;
}

static bool room_for_list(struct eh_slice_room *r, size_t n)
{
	size_t cap = larger(r->list_cap, n);

	if (cap != r->list_cap && !grow(&r->list, cap, sizeof *r->list))
		return false;
	r->list_cap = cap;
	return true;
}

/* The rows from..to-1 are one person's, all of the evaluator at hand. */
static bool add_several(struct eh_slice *s, size_t from, size_t to)
{
	const struct eh_audit_data *d = s->room->order->d;

	if (!room_for_list(s->room, to - from))
		return false;
	for (size_t i = from; i < to; i++) {
		uint32_t k = stratum_of(s, d->stratum[i]);

		if (k == NONE)
			return false;
		s->room->list[i - from] = k << 1 | d->selected[i];
	}
	return count_person(s, d->candidate[from], pattern_of_list(s, s->room->list, to - from),
			    to - from);
}

static inline void ask_ahead(const struct eh_slice *s, uint32_t candidate)
{
	for (size_t a = 0; a < s->n_attributes; a++)
		__builtin_prefetch(&s->classes[a].code[candidate]);
}

/* position: NONE = of all; else only the candidates of that one. */
static bool add_evaluator(struct eh_slice *s, size_t e, uint32_t position)
{
	const struct eh_audit_data *d = s->room->order->d;
	const size_t end = d->evaluator_at[e + 1];
	bool well = true;

	for (size_t i = d->evaluator_at[e], next = i; i < end && well; i = next) {
		const uint32_t c = d->candidate[i];

		if (i + AHEAD < d->n_decisions)
			ask_ahead(s, d->candidate[i + AHEAD]);
		next = i + 1;
		while (next < end && d->candidate[next] == c)
			next++;
		if (position != NONE && eh_order_position(s->room->order, c) != position)
			continue;
		if (next - i > 1) {
			well = add_several(s, i, next);
		} else {
			const uint32_t k = stratum_of(s, d->stratum[i]);

			well = k != NONE && count_person(s, c, pattern_of_cell(s, k << 1 | d->selected[i]), 1);
		}
	}
	forget_strata(s->room);
	return well;
}

/* All that was decided on a candidate, by whomever. */
static bool add_candidate(struct eh_slice *s, uint32_t c)
{
	const struct eh_order *o = s->room->order;
	const size_t n = o->candidate_at[c + 1] - o->candidate_at[c];
	uint32_t *list = NULL;

	if (n == 0)
		return true;
	if (!room_for_list(s->room, n))
		return false;
	list = s->room->list;
	for (size_t i = 0; i < n; i++) {
		uint32_t row = o->row[o->candidate_at[c] + i];
		uint32_t k = stratum_of_pair(s, o->d->stratum[row], eh_order_owner(o, row));

		if (k == NONE)
			return false;
		list[i] = k << 1 | o->d->selected[row];
	}
	return count_person(s, c, n == 1 ? pattern_of_cell(s, list[0]) : pattern_of_list(s, list, n), n);
}

/* ---- scopes ---- */

static void empty(struct eh_slice *s)
{
	struct eh_slice_room *r = s->room;

	r->n_kept = s->n = s->n_persons = s->n_patterns = s->n_strata = s->n_blocks = 0;
	s->start[0] = 0;
	for (size_t a = 0; a < s->n_attributes; a++)
		memset(s->classes[a].by_code, 0, sizeof s->classes[a].by_code);
	set_clear(&r->patterns);
	set_clear(&r->blocks);
	set_clear(&r->pairs);
}

static int no_memory(const struct eh_slice *s, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory for a scope of %zu decisions",
			  s->room->order->d->n_decisions);
}

int eh_slice_evaluator(struct eh_slice *s, uint32_t e, struct eh_err *err)
{
	empty(s);
	return add_evaluator(s, e, NONE) ? EH_OK : no_memory(s, err);
}

int eh_slice_evaluator_in(struct eh_slice *s, uint32_t e, uint32_t position, struct eh_err *err)
{
	empty(s);
	return add_evaluator(s, e, position) ? EH_OK : no_memory(s, err);
}

int eh_slice_everybody(struct eh_slice *s, struct eh_err *err)
{
	const struct eh_order *o = s->room->order;
	bool well = true;

	empty(s);
	/* where nobody was judged twice, each row is a person: the walk through memory is the straight one */
	for (size_t e = 0; o->candidate_at == NULL && e < o->d->evaluators.n && well; e++)
		well = add_evaluator(s, e, NONE);
	for (size_t c = 0; o->candidate_at != NULL && c < o->d->candidates.n && well; c++)
		well = add_candidate(s, (uint32_t)c);
	return well ? EH_OK : no_memory(s, err);
}

int eh_slice_position(struct eh_slice *s, uint32_t position, struct eh_err *err)
{
	const struct eh_order *o = s->room->order;
	bool well = true;

	empty(s);
	for (uint32_t i = o->position_at[position]; i < o->position_at[position + 1] && well; i++)
		well = add_candidate(s, o->by_position[i]);
	return well ? EH_OK : no_memory(s, err);
}

/* Others' strata are others, so no pattern or block of one part is one of another: numbers move on, that is all. */
int eh_slice_append(struct eh_slice *s, const struct eh_slice *part, struct eh_err *err)
{
	const size_t p0 = s->n_patterns, n = part->n_patterns;
	const uint32_t first = s->start[p0], cells = part->start[n];
	const uint32_t strata = (uint32_t)s->n_strata << 1, blocks = (uint32_t)s->n_blocks;

	if (!room_for_patterns(s, n, cells))
		return no_memory(s, err);
	for (uint32_t i = 0; i < cells; i++)
		s->cell[first + i] = part->cell[i] + strata;
	for (size_t p = 0; p < n; p++) {
		s->start[p0 + p + 1] = first + part->start[p + 1];
		s->block[p0 + p] = part->block[p] + blocks;
	}
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_class_counts *c = &s->classes[a];
		const size_t row = c->n_groups + 1;

		memcpy(&c->of[p0 * row], part->classes[a].of, n * row * sizeof *c->of);
		for (size_t code = 0; code < EH_CODES; code++)
			c->by_code[code] += part->classes[a].by_code[code];
	}
	s->n += part->n;
	s->n_persons += part->n_persons;
	s->n_patterns += n;
	s->n_strata += part->n_strata;
	s->n_blocks += part->n_blocks;
	return EH_OK;
}

void eh_class_counts_begin(struct eh_class_counts *c, const struct eh_order *o, size_t attribute)
{
	c->code = o->code[attribute];
	c->n_groups = o->d->attributes[attribute].n_groups;
	for (unsigned code = 0; code < EH_CODES; code++) {
		int g = eh_code_group((uint8_t)code);

		c->column[code] = (uint8_t)(g < 0 ? c->n_groups : (size_t)g);
	}
}

static bool fill_new(struct eh_slice *s, const struct eh_order *o, bool persons)
{
	const struct eh_audit_data *d = o->d;
	struct eh_slice_room *r = eh_try_calloc(1, sizeof *r);

	s->room = r;
	s->classes = eh_try_calloc(d->n_attributes + 1, sizeof *s->classes);
	if (r == NULL || s->classes == NULL)
		return false;
	r->order = o;
	r->persons = persons;
	r->met = eh_try_malloc(d->strata.n + 1, sizeof *r->met);
	if (r->met == NULL)
		return false;
	memset(r->met, 0xff, (d->strata.n + 1) * sizeof *r->met);
	for (size_t a = 0; a < d->n_attributes; a++)
		eh_class_counts_begin(&s->classes[a], o, a);
	s->n_attributes = d->n_attributes;
	s->start = eh_try_calloc(FIRST_ROOM, sizeof *s->start);
	r->pattern_cap = 0;
	return s->start != NULL;
}

int eh_slice_new(struct eh_slice **out, const struct eh_order *o, bool persons, struct eh_err *err)
{
	struct eh_slice *s = eh_try_calloc(1, sizeof *s);

	*out = NULL;
	if (s == NULL || !fill_new(s, o, persons)) {
		eh_slice_free(&s);
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu strata", o->d->strata.n);
	}
	*out = s;
	return EH_OK;
}

void eh_slice_free(struct eh_slice **slice)
{
	struct eh_slice *s = *slice;
	struct eh_slice_room *r = s != NULL ? s->room : NULL;

	if (s == NULL)
		return;
	if (r != NULL) {
		free(r->met);
		free(r->to_forget);
		free(r->alone);
		free(r->pair);
		free(r->list);
		free(r->first);
		free(r->patterns.v);
		free(r->blocks.v);
		free(r->pairs.v);
		free(r);
	}
	for (size_t a = 0; a < s->n_attributes; a++)
		free(s->classes[a].of);
	free(s->classes);
	free(s->start);
	free(s->cell);
	free(s->block);
	free(s->person);
	free(s);
	*slice = NULL;
}

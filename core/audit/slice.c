/* Decisions to patterns, scope by scope; see slice.h. */
#include <stdlib.h>

#include "audit/slice_inside.h"

#define AHEAD 24                        /* rows: the classes of candidates lie far apart, so they are asked for early */

/* ---- persons ---- */

static bool keep_person(struct eh_slice *s, uint32_t candidate, uint32_t pattern)
{
	size_t cap = eh_slice_larger(s->room->person_cap, s->room->n_kept + 1);

	if (cap != s->room->person_cap && !eh_slice_grow(&s->person, cap, sizeof *s->person))
		return false;
	s->room->person_cap = cap;
	s->person[s->room->n_kept++] = (struct eh_person){ candidate, pattern };
	return true;
}

static inline bool count_person(struct eh_slice *s, uint32_t candidate, uint32_t pattern, size_t decisions)
{
	const uint32_t *weight = s->room->order->d->weight;
	const uint32_t persons = weight != NULL ? weight[candidate] : 1;

	if (pattern == EH_SLICE_NONE || (s->room->persons && !keep_person(s, candidate, pattern)))
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
	size_t cap = eh_slice_larger(r->list_cap, n);

	if (cap != r->list_cap && !eh_slice_grow(&r->list, cap, sizeof *r->list))
		return false;
	r->list_cap = cap;
	return true;
}

/* The rows from..to-1 are one person's, all of the evaluator at hand. */
static bool add_several(struct eh_slice *s, size_t from, size_t to)
{
	const struct eh_audit_data *d = s->room->order->d;
	uint32_t pattern = EH_SLICE_NONE;

	if (!room_for_list(s->room, to - from))
		return false;
	for (size_t i = from; i < to; i++) {
		uint32_t k = eh_slice_stratum_of(s, d->stratum[i]);

		if (k == EH_SLICE_NONE)
			return false;
		s->room->list[i - from] = k << 1 | d->selected[i];
	}
	pattern = eh_slice_pattern_of_list(s, s->room->list, to - from, eh_slice_hash(s->room->list, to - from));
	return count_person(s, d->candidate[from], pattern, to - from);
}

static inline void ask_for_row(const struct eh_order *o, uint32_t row)
{
	__builtin_prefetch(&o->d->stratum[row]);
	__builtin_prefetch(&o->d->selected[row]);
}

static inline void ask_ahead(const struct eh_slice *s, uint32_t candidate)
{
	for (size_t a = 0; a < s->n_attributes; a++)
		__builtin_prefetch(&s->classes[a].code[candidate]);
}

static void forget_strata(struct eh_slice_room *r)
{
	for (size_t i = 0; i < r->n_forget; i++)
		r->met[r->to_forget[i]] = EH_SLICE_NONE;
	r->n_forget = 0;
}

/* position: EH_SLICE_NONE = of all; else only the candidates of that one. */
static bool add_evaluator(struct eh_slice *s, size_t e, uint32_t position)
{
	const struct eh_audit_data *d = s->room->order->d;
	const size_t end = d->evaluator_at[e + 1];
	bool well = true;

	s->room->evaluator = (uint32_t)e;
	for (size_t i = d->evaluator_at[e], next = i; i < end && well; i = next) {
		const uint32_t c = d->candidate[i];

		if (i + AHEAD < d->n_decisions)
			ask_ahead(s, d->candidate[i + AHEAD]);
		next = i + 1;
		while (next < end && d->candidate[next] == c)
			next++;
		if (position != EH_SLICE_NONE && eh_order_position(s->room->order, c) != position)
			continue;
		if (next - i > 1) {
			well = add_several(s, i, next);
		} else {
			const uint32_t k = eh_slice_stratum_of(s, d->stratum[i]);

			well = k != EH_SLICE_NONE &&
			       count_person(s, c, eh_slice_pattern_of_cell(s, k << 1 | d->selected[i]), 1);
		}
	}
	forget_strata(s->room);
	return well;
}

/* Candidates whose lists are made before any of them is looked up: where the sets have them lies far apart, and so do
 * their rows, so both are asked for early. */
#define BATCH 32

struct listed {
	uint32_t candidate;
	struct eh_list_hash hash;
	size_t at, n;                   /* cells in the room's list */
};

/* All that was decided on a candidate, by whomever: cells from at on. */
static bool list_candidate(struct eh_slice *s, struct listed *out, uint32_t c, size_t at)
{
	const struct eh_order *o = s->room->order;
	const size_t first = o->candidate_at[c], n = o->candidate_at[c + 1] - first;
	uint32_t *list = NULL;

	*out = (struct listed){ .candidate = c, .at = at, .n = n };
	if (!room_for_list(s->room, at + n))
		return false;
	list = s->room->list + at;
	/* candidates mostly come one after the other: what follows is the next one's */
	for (size_t i = first; i < first + n && i + AHEAD < o->d->n_decisions; i++)
		ask_for_row(o, o->row[i + AHEAD]);
	for (size_t i = 0; i < n; i++) {
		uint32_t row = o->row[first + i];
		uint32_t k = eh_slice_stratum_of_pair(s, o->d->stratum[row], eh_order_owner(o, row));

		if (k == EH_SLICE_NONE)
			return false;
		list[i] = k << 1 | o->d->selected[row];
	}
	if (n > 1) {
		out->hash = eh_slice_hash(list, n);
		eh_slice_ask(s->room, out->hash);
	}
	return true;
}

/* n of them, up to BATCH, in this order; candidate: NULL = those from `from` on. */
static bool add_batch(struct eh_slice *s, const uint32_t *candidate, size_t from, size_t n)
{
	struct listed v[BATCH];
	size_t cells = 0;

	for (size_t i = 0; i < n; i++) {
		if (!list_candidate(s, &v[i], candidate != NULL ? candidate[from + i] : (uint32_t)(from + i), cells))
			return false;
		cells += v[i].n;
	}
	for (size_t i = 0; i < n; i++) {
		const uint32_t *list = s->room->list + v[i].at;
		uint32_t pattern = EH_SLICE_NONE;

		if (v[i].n == 0)
			continue;
		pattern = v[i].n == 1 ? eh_slice_pattern_of_cell(s, list[0])
				      : eh_slice_pattern_of_list(s, list, v[i].n, v[i].hash);
		if (!count_person(s, v[i].candidate, pattern, v[i].n))
			return false;
	}
	return true;
}

static bool add_candidates(struct eh_slice *s, const uint32_t *candidate, size_t from, size_t to)
{
	bool well = true;

	for (; from < to && well; from += BATCH)
		well = add_batch(s, candidate, from, to - from < BATCH ? to - from : BATCH);
	return well;
}

/* ---- scopes ---- */

static void empty(struct eh_slice *s)
{
	struct eh_slice_room *r = s->room;

	r->n_kept = s->n = s->n_persons = 0;
	eh_slice_forget_patterns(s);
	for (size_t a = 0; a < s->n_attributes; a++)
		memset(s->classes[a].by_code, 0, sizeof s->classes[a].by_code);
}

static int no_memory(const struct eh_slice *s, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory for a scope of %zu decisions",
			  s->room->order->d->n_decisions);
}

int eh_slice_evaluator(struct eh_slice *s, uint32_t e, struct eh_err *err)
{
	empty(s);
	return add_evaluator(s, e, EH_SLICE_NONE) ? EH_OK : no_memory(s, err);
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
		well = add_evaluator(s, e, EH_SLICE_NONE);
	if (o->candidate_at != NULL)
		well = add_candidates(s, NULL, 0, o->d->candidates.n);
	return well ? EH_OK : no_memory(s, err);
}

int eh_slice_position(struct eh_slice *s, uint32_t position, struct eh_err *err)
{
	const struct eh_order *o = s->room->order;

	empty(s);
	return add_candidates(s, o->by_position, o->position_at[position], o->position_at[position + 1]) ?
	       EH_OK : no_memory(s, err);
}

/* Others' strata are others, so no pattern or block of one part is one of another: numbers move on, that is all. */
int eh_slice_append(struct eh_slice *s, const struct eh_slice *part, struct eh_err *err)
{
	const size_t p0 = s->n_patterns, n = part->n_patterns;
	const uint32_t first = s->start[p0], cells = part->start[n];
	const uint32_t strata = (uint32_t)s->n_strata << 1, blocks = (uint32_t)s->n_blocks;

	if (!eh_slice_room_for_patterns(s, n, cells))
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

uint32_t eh_slice_stratum(const struct eh_slice *s, size_t k, uint32_t *evaluator)
{
	*evaluator = (uint32_t)s->room->pair[k];
	return (uint32_t)(s->room->pair[k] >> 32);
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
	s->start = eh_try_calloc(1, sizeof *s->start); /* what there is before any pattern */
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

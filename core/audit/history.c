/* Units whose classes can be exchanged; see history.h. */
#include "audit/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE UINT32_MAX
#define FEW 16                          /* steps up to which insertion is the fastest sort */

/* A block, and the length of its list beside it: of most holders no more is looked at. */
struct holder {
	uint32_t block, size;
};

/* The lists of strata: one a block, read from a pattern that has it. */
struct lists {
	const struct eh_slice *s;
	uint32_t *pattern;              /* [n_blocks] */
	uint32_t *parent, *depth;       /* [n_blocks] the list that it continues, NONE; how many before it */
	size_t *at;                     /* [n_strata + 1] */
	struct holder *holder;          /* blocks that have the stratum, from at[stratum] */
	uint32_t *mark;                 /* [n_strata] the block + 1 that has it */
	uint64_t steps;
};

static uint32_t size_of(const struct lists *l, uint32_t block)
{
	return eh_pattern_size(l->s, l->pattern[block]);
}

static uint32_t stratum_of(const struct lists *l, uint32_t block, uint32_t i)
{
	return l->s->cell[l->s->start[l->pattern[block]] + i] >> 1;
}

static void lists_free(struct lists *l)
{
	free(l->pattern);
	free(l->parent);
	free(l->depth);
	free(l->at);
	free(l->holder);
	free(l->mark);
}

static bool lists_new(struct lists *l, const struct eh_slice *s)
{
	size_t cells = 0;

	*l = (struct lists){ .s = s };
	l->pattern = eh_try_malloc(s->n_blocks + 1, sizeof *l->pattern);
	l->parent = eh_try_malloc(s->n_blocks + 1, sizeof *l->parent);
	l->depth = eh_try_calloc(s->n_blocks + 1, sizeof *l->depth);
	l->at = eh_try_calloc(s->n_strata + 2, sizeof *l->at);
	l->mark = eh_try_calloc(s->n_strata + 1, sizeof *l->mark);
	if (l->pattern == NULL || l->parent == NULL || l->depth == NULL || l->at == NULL || l->mark == NULL)
		return false;
	for (size_t b = 0; b < s->n_blocks; b++)
		l->pattern[b] = l->parent[b] = NONE;
	for (size_t p = s->n_patterns; p-- > 0;)
		l->pattern[s->block[p]] = (uint32_t)p;
	for (uint32_t b = 0; b < s->n_blocks; b++)
		cells += l->pattern[b] != NONE ? size_of(l, b) : 0;
	l->holder = eh_try_malloc(cells + 1, sizeof *l->holder);
	return l->holder != NULL;
}

static void fill_holders(struct lists *l)
{
	const struct eh_slice *s = l->s;

	for (uint32_t b = 0; b < s->n_blocks; b++)
		for (uint32_t i = 0; l->pattern[b] != NONE && i < size_of(l, b); i++)
			l->at[stratum_of(l, b, i) + 2]++;
	for (size_t k = 2; k < s->n_strata + 2; k++)
		l->at[k] += l->at[k - 1];
	for (uint32_t b = 0; b < s->n_blocks; b++)
		for (uint32_t i = 0; l->pattern[b] != NONE && i < size_of(l, b); i++)
			l->holder[l->at[stratum_of(l, b, i) + 1]++] = (struct holder){ b, size_of(l, b) };
}

static bool within(struct lists *l, uint32_t part, uint32_t whole)
{
	for (uint32_t i = 0; i < size_of(l, part); i++) {
		l->steps++;
		if (l->mark[stratum_of(l, part, i)] != whole + 1)
			return false;
	}
	return true;
}

/* The longest list whose strata are all in b's, and not all of them.  *unclear: there are two of that length. */
static uint32_t longest_within(struct lists *l, uint32_t b, bool *unclear)
{
	const uint32_t n = size_of(l, b);
	uint32_t best = NONE, longest = 0;
	bool two = false;

	for (uint32_t i = 0; i < n; i++)
		l->mark[stratum_of(l, b, i)] = b + 1;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t k = stratum_of(l, b, i);

		for (size_t h = l->at[k]; h < l->at[k + 1] && l->steps < EH_HISTORY_STEPS; h++) {
			const uint32_t part = l->holder[h].block, size = l->holder[h].size;

			l->steps++;
			if (size >= n || size < longest || part == best || !within(l, part, b))
				continue;
			two = size == longest;
			best = part;
			longest = size;
		}
	}
	*unclear = *unclear || two;
	return best;
}

static uint32_t depth_of(const struct lists *l, uint32_t b)
{
	uint32_t depth = 0;

	for (; l->parent[b] != NONE; b = l->parent[b])
		depth++;
	return depth;
}

/* Are there lists of different lengths at all?  Most slices end here. */
static bool uneven(const struct eh_slice *s)
{
	for (size_t p = 1; p < s->n_patterns; p++)
		if (eh_pattern_size(s, p) != eh_pattern_size(s, 0))
			return true;
	return false;
}

/* One unit before its block has a number: the list it belongs to, and the cells before it. */
struct step {
	struct eh_unit unit;
	uint32_t list;
	uint32_t n_before;
	size_t before;                  /* in cells */
};

struct steps {
	struct step *v;
	size_t n;
	uint32_t *cell;
	size_t n_cells;
};

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The decisions of pattern p in list b and not in the list before it; `before` keeps the others of b, by stratum. */
static void add_step(struct steps *out, struct lists *l, uint32_t p, uint32_t b)
{
	const struct eh_slice *s = l->s;
	const uint32_t parent = l->parent[b];
	struct step *x = &out->v[out->n++];

	*x = (struct step){ .unit = { .pattern = p }, .list = b, .before = out->n_cells };
	/* 1: a stratum of this step, 2: one that came before, 0: of a later list */
	for (uint32_t i = 0; i < size_of(l, b); i++)
		l->mark[stratum_of(l, b, i)] = 1;
	for (uint32_t i = 0; parent != NONE && i < size_of(l, parent); i++)
		l->mark[stratum_of(l, parent, i)] = 2;
	for (uint32_t i = s->start[p]; i < s->start[p + 1]; i++) {
		const uint32_t mark = l->mark[s->cell[i] >> 1];

		x->unit.rows += mark == 1;
		x->unit.selected += mark == 1 ? s->cell[i] & 1u : 0;
		if (mark == 2)
			out->cell[out->n_cells++] = s->cell[i];
	}
	for (uint32_t i = 0; i < size_of(l, b); i++)
		l->mark[stratum_of(l, b, i)] = 0;
	x->n_before = (uint32_t)(out->n_cells - x->before);
	if (x->n_before > 1)
		qsort(out->cell + x->before, x->n_before, sizeof *out->cell, by_number);
}

/* Steps with their cells behind them, for sorting: qsort has no context. */
struct sortable {
	const struct step *step;
	const uint32_t *cell;
};

static int by_block(const struct sortable *x, const struct sortable *y)
{
	if (x->step->list != y->step->list)
		return x->step->list < y->step->list ? -1 : 1;
	for (uint32_t i = 0; i < x->step->n_before && i < y->step->n_before; i++)
		if (x->cell[i] != y->cell[i])
			return x->cell[i] < y->cell[i] ? -1 : 1;
	return 0;
}

static int by_block_and_pattern(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	int order = by_block(x, y);

	if (order != 0)
		return order;
	return (x->step->unit.pattern > y->step->unit.pattern) - (x->step->unit.pattern < y->step->unit.pattern);
}

/* Steps by their lists, in the order of their patterns within each; at: [lists + 1]. */
static void deal(struct sortable *v, size_t *at, size_t lists, const struct steps *steps)
{
	for (size_t i = 0; i < steps->n; i++)
		at[steps->v[i].list + 1]++;
	for (size_t b = 0; b < lists; b++)
		at[b + 1] += at[b];
	for (size_t i = 0; i < steps->n; i++)
		v[at[steps->v[i].list]++] = (struct sortable){ &steps->v[i], steps->cell + steps->v[i].before };
	for (size_t b = lists; b > 0; b--)
		at[b] = at[b - 1];
	at[0] = 0;
}

/* Those of one list have as many cells before it as each other: none, and they are in order. */
static void order_list(struct sortable *v, size_t n)
{
	if (n < 2 || v[0].step->n_before == 0)
		return;
	if (n > FEW) {
		qsort(v, n, sizeof *v, by_block_and_pattern);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		const struct sortable x = v[i];
		size_t k = i;

		for (; k > 0 && by_block(&v[k - 1], &x) > 0; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

static bool number_blocks(struct eh_units *out, const struct steps *steps)
{
	const size_t lists = out->slice->n_blocks;
	struct sortable *v = eh_try_malloc(steps->n + 1, sizeof *v);
	size_t *at = eh_try_calloc(lists + 1, sizeof *at);
	const bool well = v != NULL && at != NULL;

	if (well) {
		deal(v, at, lists, steps);
		for (size_t b = 0; b < lists; b++)
			order_list(v + at[b], at[b + 1] - at[b]);
		out->n_blocks = 0;
		for (size_t i = 0; i < steps->n; i++) {
			out->n_blocks += i == 0 || by_block(&v[i - 1], &v[i]) != 0;
			out->v[i] = v[i].step->unit;
			out->v[i].block = (uint32_t)out->n_blocks - 1;
		}
		out->n = steps->n;
	}
	free(v);
	free(at);
	return well;
}

static bool split(struct eh_units *out, struct lists *l)
{
	const struct eh_slice *s = l->s;
	struct steps steps = { 0 };
	size_t n = 0, cells = 0;
	bool done = false;

	for (size_t p = 0; p < s->n_patterns; p++) {
		const size_t depth = l->depth[s->block[p]];

		n += depth + 1;
		cells += depth * eh_pattern_size(s, p);
	}
	memset(l->mark, 0, s->n_strata * sizeof *l->mark);
	steps.v = eh_try_malloc(n + 1, sizeof *steps.v);
	steps.cell = eh_try_malloc(cells + 1, sizeof *steps.cell);
	out->v = eh_try_malloc(n + 1, sizeof *out->v);
	if (steps.v != NULL && steps.cell != NULL && out->v != NULL) {
		for (uint32_t p = 0; p < s->n_patterns; p++)
			for (uint32_t b = s->block[p]; b != NONE; b = l->parent[b])
				add_step(&steps, l, p, b);
		done = number_blocks(out, &steps);
	}
	free(steps.v);
	free(steps.cell);
	return done;
}

/* Which list continues which; false: no memory. */
static bool find_nested(struct eh_units *out, struct lists *l)
{
	const struct eh_slice *s = l->s;
	bool unclear = false;

	if (!lists_new(l, s))
		return false;
	fill_holders(l);
	/* what is not clear stays so */
	for (uint32_t b = 0; b < s->n_blocks && !unclear && l->steps < EH_HISTORY_STEPS; b++) {
		if (l->pattern[b] == NONE)
			continue;
		l->parent[b] = longest_within(l, b, &unclear);
		out->nested = out->nested || l->parent[b] != NONE;
	}
	out->unknown = unclear || l->steps >= EH_HISTORY_STEPS;
	for (uint32_t b = 0; b < s->n_blocks && !out->unknown; b++)
		l->depth[b] = depth_of(l, b);
	return true;
}

int eh_units_make(struct eh_units *out, const struct eh_slice *s, struct eh_err *err)
{
	struct lists l = { .s = s };
	bool done = true;

	*out = (struct eh_units){ .slice = s, .n = s->n_patterns, .n_blocks = s->n_blocks };
	if (s->n_strata > 1 && uneven(s))
		done = find_nested(out, &l);
	if (done && out->nested && !out->unknown)
		done = split(out, &l);
	lists_free(&l);
	return done ? EH_OK : eh_err_set(err, EH_ENOMEM, "audit: out of memory for the history of %zu candidates",
					 s->n_persons);
}

void eh_units_free(struct eh_units *u)
{
	free(u->v);
	u->v = NULL;
}

int eh_units_of(const struct eh_units **out, struct eh_units *own, const struct eh_slice *s, struct eh_err *err)
{
	*own = (struct eh_units){ .slice = s };
	*out = s->units != NULL ? s->units : own;
	return s->units != NULL ? EH_OK : eh_units_make(own, s, err);
}

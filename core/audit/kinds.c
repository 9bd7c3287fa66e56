/* Kinds of persons in a hash table; see kinds.h.  Their record is kinds_record.c. */
#include <stdlib.h>
#include <string.h>

#include "audit/kinds_inside.h"
#include "base/mem.h"

#define FIRST_ROOM 64 /* power of two */

static void bag_init(struct eh_kind_bag *b)
{
	b->slots = FIRST_ROOM;
	b->slot = eh_xcalloc(b->slots, sizeof *b->slot);
}

static void bag_free(struct eh_kind_bag *b)
{
	free(b->v);
	free(b->cell);
	free(b->slot);
}

static void bag_clear(struct eh_kind_bag *b)
{
	/* a small cube after a large one must not pay for the table of that */
	if (b->n * 16 > b->slots)
		memset(b->slot, 0, b->slots * sizeof *b->slot);
	for (size_t i = 0; i < b->n && b->n * 16 <= b->slots; i++) {
		size_t at = b->v[i].hash & (b->slots - 1);

		while (b->slot[at] != i + 1)
			at = (at + 1) & (b->slots - 1);
		b->slot[at] = 0;
	}
	b->n = b->n_cells = 0;
}

struct eh_kinds *eh_kinds_new(struct eh_name_builder *words)
{
	struct eh_kinds *k = eh_xcalloc(1, sizeof *k);

	k->words = words;
	bag_init(&k->decided);
	bag_init(&k->scored);
	return k;
}

void eh_kinds_free(struct eh_kinds **k)
{
	if (k == NULL || *k == NULL)
		return;
	bag_free(&(*k)->decided);
	bag_free(&(*k)->scored);
	free((*k)->number);
	free((*k)->scratch);
	free(*k);
	*k = NULL;
}

void eh_kinds_clear(struct eh_kinds *k)
{
	bag_clear(&k->decided);
	bag_clear(&k->scored);
	k->holds = 0;
}

static bool same_cell(const struct eh_kind_cell *a, const struct eh_kind_cell *b)
{
	return a->stratum == b->stratum && a->selected == b->selected && a->has_score == b->has_score &&
	       memcmp(&a->score, &b->score, sizeof a->score) == 0;
}

static bool same_cells(const struct eh_kind_cell *a, const struct eh_kind_cell *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!same_cell(&a[i], &b[i]))
			return false;
	return true;
}

static uint32_t hash_of(uint32_t profile, const struct eh_kind_cell *cell, size_t n)
{
	uint64_t h = profile;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits = 0;

		memcpy(&bits, &cell[i].score, sizeof bits);
		h = (h ^ ((uint64_t)cell[i].stratum << 2 | cell[i].selected)) * UINT64_C(0x9e3779b97f4a7c15);
		h = (h ^ h >> 29 ^ bits) * UINT64_C(0xbf58476d1ce4e5b9);
	}
	h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

static uint32_t *find(const struct eh_kind_bag *k, uint32_t hash, uint32_t profile, const struct eh_kind_cell *cell,
		      size_t n)
{
	size_t at = hash & (k->slots - 1);

	for (; k->slot[at] != 0; at = (at + 1) & (k->slots - 1)) {
		const struct eh_kind_entry *e = &k->v[k->slot[at] - 1];

		if (e->hash == hash && e->profile == profile && e->n_cells == n &&
		    same_cells(&k->cell[e->first], cell, n))
			break;
	}
	return &k->slot[at];
}

static bool room(struct eh_kind_bag *k, size_t cells)
{
	if (k->n == k->cap) {
		size_t cap = k->cap != 0 ? 2 * k->cap : FIRST_ROOM;
		struct eh_kind_entry *v = eh_try_realloc(k->v, cap, sizeof *v);

		if (v == NULL)
			return false;
		k->v = v;
		k->cap = cap;
	}
	if (k->n_cells + cells > k->cell_cap) {
		size_t cap = 2 * (k->n_cells + cells);
		struct eh_kind_cell *v = eh_try_realloc(k->cell, cap, sizeof *v);

		if (v == NULL)
			return false;
		k->cell = v;
		k->cell_cap = cap;
	}
	if (2 * (k->n + 1) > k->slots) {
		uint32_t *slot = eh_try_calloc(2 * k->slots, sizeof *slot);

		if (slot == NULL)
			return false;
		free(k->slot);
		k->slot = slot;
		k->slots *= 2;
		for (size_t i = 0; i < k->n; i++) {
			size_t at = k->v[i].hash & (k->slots - 1);

			while (slot[at] != 0)
				at = (at + 1) & (k->slots - 1);
			slot[at] = (uint32_t)(i + 1);
		}
	}
	return true;
}

/* A person has few. */
int eh_kind_cell_order(const void *a, const void *b)
{
	const struct eh_kind_cell *x = a, *y = b;

	if (x->stratum != y->stratum)
		return x->stratum < y->stratum ? -1 : 1;
	if (x->selected != y->selected)
		return x->selected < y->selected ? -1 : 1;
	if (x->has_score != y->has_score)
		return x->has_score < y->has_score ? -1 : 1;
	return memcmp(&x->score, &y->score, sizeof x->score);
}

int eh_kind_bag_add(struct eh_kind_bag *b, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells, int64_t n,
		    struct eh_err *err)
{
	uint32_t hash = 0, *slot = NULL;

	if (n_cells > 1)
		qsort(cell, n_cells, sizeof *cell, eh_kind_cell_order);
	if (!room(b, n_cells))
		return eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory for %zu kinds of persons", b->n);
	hash = hash_of(profile, cell, n_cells);
	slot = find(b, hash, profile, cell, n_cells);
	if (*slot == 0) {
		b->v[b->n] = (struct eh_kind_entry){ hash, profile, b->n_cells, n_cells, 0 };
		memcpy(&b->cell[b->n_cells], cell, n_cells * sizeof *cell);
		b->n_cells += n_cells;
		*slot = (uint32_t)++b->n;
	}
	b->v[*slot - 1].n += n;
	return EH_OK;
}

/* The scores leave the cells: *scored of them are in the scratch then. */
static int part_scores(struct eh_kinds *k, struct eh_kind_cell *cell, size_t n_cells, size_t *scored,
		       struct eh_err *err)
{
	*scored = 0;
	for (size_t i = 0; i < n_cells; i++) {
		if (!cell[i].has_score)
			continue;
		if (k->scratch_room < n_cells) {
			struct eh_kind_cell *v = eh_try_realloc(k->scratch, 2 * n_cells, sizeof *v);

			if (v == NULL)
				return eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory");
			k->scratch = v;
			k->scratch_room = 2 * n_cells;
		}
		k->scratch[(*scored)++] = (struct eh_kind_cell){ cell[i].stratum, 0, 1, cell[i].score };
		cell[i].has_score = 0;
		cell[i].score = 0.0;
	}
	return EH_OK;
}

int eh_kinds_add(struct eh_kinds *k, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells, int64_t n,
		 struct eh_err *err)
{
	size_t scored = 0;
	int rc = part_scores(k, cell, n_cells, &scored, err);

	if (rc == EH_OK)
		rc = eh_kind_bag_add(&k->decided, profile, cell, n_cells, n, err);
	return rc == EH_OK && scored > 0 ? eh_kind_bag_add(&k->scored, profile, k->scratch, scored, n, err) : rc;
}

uint32_t eh_kinds_count(const struct eh_kinds *k, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells)
{
	const struct eh_kind_bag *b = &k->decided;
	const uint32_t *slot = NULL;

	if (n_cells > 1)
		qsort(cell, n_cells, sizeof *cell, eh_kind_cell_order);
	slot = find(b, hash_of(profile, cell, n_cells), profile, cell, n_cells);
	return *slot != 0 && b->v[*slot - 1].n > 0 ? (uint32_t)b->v[*slot - 1].n : 0;
}

void eh_kinds_hold(struct eh_kinds *k, int64_t n) { k->holds += n; }

uint64_t eh_kinds_holds(const struct eh_kinds *k) { return k->holds > 0 ? (uint64_t)k->holds : 0; }

static int each(const struct eh_kind_bag *b, int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err),
		void *ctx, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < b->n && rc == EH_OK; i++) {
		const struct eh_kind_entry *e = &b->v[i];
		struct eh_kind kind = { e->profile, (uint32_t)e->n, &b->cell[e->first], e->n_cells };

		if (e->n > 0)
			rc = fn(ctx, &kind, err);
	}
	return rc;
}

int eh_kinds_each(const struct eh_kinds *k, int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err),
		  void *ctx, struct eh_err *err)
{
	return each(&k->decided, fn, ctx, err);
}

int eh_kinds_each_scored(const struct eh_kinds *k, int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err),
			 void *ctx, struct eh_err *err)
{
	return each(&k->scored, fn, ctx, err);
}

static int by_profile(const void *a, const void *b)
{
	const struct eh_kind_entry *x = a, *y = b;

	if (x->profile != y->profile)
		return x->profile < y->profile ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static void bag_arrange(struct eh_kind_bag *b)
{
	if (b->n > 1)
		qsort(b->v, b->n, sizeof *b->v, by_profile);
	memset(b->slot, 0, b->slots * sizeof *b->slot);
	for (size_t i = 0; i < b->n; i++) {
		size_t at = b->v[i].hash & (b->slots - 1);

		while (b->slot[at] != 0)
			at = (at + 1) & (b->slots - 1);
		b->slot[at] = (uint32_t)(i + 1);
	}
}

void eh_kinds_arrange(struct eh_kinds *k)
{
	bag_arrange(&k->decided);
	bag_arrange(&k->scored);
}

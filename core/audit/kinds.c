/* Kinds of persons in a hash table, and their record; see kinds.h. */
#include "audit/kinds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/codec.h"

#define VERSION 2 /* 1 had the scores in the kinds; cubes of that time are counted anew (MARK_VERSION) */
#define RECORD_MAX ((size_t)1 << 30) /* [bytes]; kinds are never more than persons */
#define FIRST_ROOM 64		     /* power of two */
#define SCORED 2u		     /* of a stored cell: stratum << 2 | SCORED | selected */

struct entry {
	uint32_t hash;
	uint32_t profile;
	size_t first, n_cells;
	int64_t n;
};

/* Kinds of one sort: by decision or by score. */
struct bag {
	struct entry *v; /* [n] */
	size_t n, cap;
	struct eh_kind_cell *cell; /* [n_cells] */
	size_t n_cells, cell_cap;
	uint32_t *slot; /* [slots] index + 1, 0 = free */
	size_t slots;
};

struct eh_kinds {
	struct eh_name_builder *words;
	struct bag decided, scored;
	int64_t holds;
	uint32_t *number; /* [numbers] of a word in the record being written, UINT32_MAX = not used */
	size_t numbers;
	struct eh_kind_cell *scratch; /* [scratch_room] a person's scores */
	size_t scratch_room;
};

static void bag_init(struct bag *b)
{
	b->slots = FIRST_ROOM;
	b->slot = eh_xcalloc(b->slots, sizeof *b->slot);
}

static void bag_free(struct bag *b)
{
	free(b->v);
	free(b->cell);
	free(b->slot);
}

static void bag_clear(struct bag *b)
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

static uint32_t *find(const struct bag *k, uint32_t hash, uint32_t profile, const struct eh_kind_cell *cell, size_t n)
{
	size_t at = hash & (k->slots - 1);

	for (; k->slot[at] != 0; at = (at + 1) & (k->slots - 1)) {
		const struct entry *e = &k->v[k->slot[at] - 1];

		if (e->hash == hash && e->profile == profile && e->n_cells == n &&
		    same_cells(&k->cell[e->first], cell, n))
			break;
	}
	return &k->slot[at];
}

static bool room(struct bag *k, size_t cells)
{
	if (k->n == k->cap) {
		size_t cap = k->cap != 0 ? 2 * k->cap : FIRST_ROOM;
		struct entry *v = eh_try_realloc(k->v, cap, sizeof *v);

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

/* In any order that is the same for the same cells; a person has few. */
static int by_cell(const void *a, const void *b)
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

static int bag_add(struct bag *b, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells, int64_t n,
		   struct eh_err *err)
{
	uint32_t hash = 0, *slot = NULL;

	if (n_cells > 1)
		qsort(cell, n_cells, sizeof *cell, by_cell);
	if (!room(b, n_cells))
		return eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory for %zu kinds of persons", b->n);
	hash = hash_of(profile, cell, n_cells);
	slot = find(b, hash, profile, cell, n_cells);
	if (*slot == 0) {
		b->v[b->n] = (struct entry){ hash, profile, b->n_cells, n_cells, 0 };
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
		rc = bag_add(&k->decided, profile, cell, n_cells, n, err);
	return rc == EH_OK && scored > 0 ? bag_add(&k->scored, profile, k->scratch, scored, n, err) : rc;
}

uint32_t eh_kinds_count(const struct eh_kinds *k, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells)
{
	const struct bag *b = &k->decided;
	const uint32_t *slot = NULL;

	if (n_cells > 1)
		qsort(cell, n_cells, sizeof *cell, by_cell);
	slot = find(b, hash_of(profile, cell, n_cells), profile, cell, n_cells);
	return *slot != 0 && b->v[*slot - 1].n > 0 ? (uint32_t)b->v[*slot - 1].n : 0;
}

void eh_kinds_hold(struct eh_kinds *k, int64_t n) { k->holds += n; }

uint64_t eh_kinds_holds(const struct eh_kinds *k) { return k->holds > 0 ? (uint64_t)k->holds : 0; }

static int each(const struct bag *b, int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err), void *ctx,
		struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < b->n && rc == EH_OK; i++) {
		const struct entry *e = &b->v[i];
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

int eh_kinds_each_scored(const struct eh_kinds *k,
			 int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err), void *ctx,
			 struct eh_err *err)
{
	return each(&k->scored, fn, ctx, err);
}

/* ---- record ---- */

/* A kind as it is written: numbers of words in the record's own list, which is sorted. */
struct line {
	uint32_t n, profile;
	const struct eh_kind_cell *cell;
	size_t n_cells;
};

/* The kinds of one sort. */
struct lines {
	const struct bag *b;
	struct line *v;
	size_t n;
	struct eh_kind_cell *cell; /* stratum = number in the record */
};

struct writing {
	struct eh_kinds *k;
	uint32_t *word; /* [n_words] used, by text */
	size_t n_words;
	struct lines decided, scored;
};

static int by_text(const void *a, const void *b, void *ctx)
{
	const struct eh_name_builder *words = ctx;

	return strcmp(eh_names_text(words, *(const uint32_t *)a), eh_names_text(words, *(const uint32_t *)b));
}

static int by_line(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->profile != y->profile)
		return x->profile < y->profile ? -1 : 1;
	for (size_t i = 0; i < x->n_cells && i < y->n_cells; i++) {
		int order = by_cell(&x->cell[i], &y->cell[i]);

		if (order != 0)
			return order;
	}
	return (x->n_cells > y->n_cells) - (x->n_cells < y->n_cells);
}

static void use_word(struct writing *w, uint32_t word)
{
	if (w->k->number[word] == UINT32_MAX) {
		w->k->number[word] = 0;
		w->word[w->n_words++] = word;
	}
}

static uint32_t largest_word(const struct bag *b, uint32_t most)
{
	for (size_t i = 0; i < b->n; i++)
		most = b->v[i].profile > most ? b->v[i].profile : most;
	for (size_t i = 0; i < b->n_cells; i++)
		most = b->cell[i].stratum > most ? b->cell[i].stratum : most;
	return most;
}

/* Numbers for the words up to the largest in use. */
static bool room_for_words(struct eh_kinds *k)
{
	const uint32_t most = largest_word(&k->scored, largest_word(&k->decided, 0));
	uint32_t *number = NULL;
	size_t n = 0;

	if (most < k->numbers)
		return true;
	n = 2 * ((size_t)most + 1);
	number = eh_try_realloc(k->number, n, sizeof *number);
	if (number == NULL)
		return false;
	memset(number + k->numbers, 0xff, (n - k->numbers) * sizeof *number);
	k->number = number;
	k->numbers = n;
	return true;
}

static void use_words(struct writing *w, const struct bag *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].n <= 0)
			continue;
		use_word(w, b->v[i].profile);
		for (size_t j = 0; j < b->v[i].n_cells; j++)
			use_word(w, b->cell[b->v[i].first + j].stratum);
	}
}

static bool list_words(struct writing *w)
{
	struct eh_kinds *k = w->k;

	w->word = eh_try_malloc(k->decided.n + k->decided.n_cells + k->scored.n + k->scored.n_cells + 1,
				sizeof *w->word);
	if (w->word == NULL || !room_for_words(k))
		return false;
	use_words(w, &k->decided);
	use_words(w, &k->scored);
	if (w->n_words > 1)
		qsort_r(w->word, w->n_words, sizeof *w->word, by_text, k->words);
	for (size_t i = 0; i < w->n_words; i++)
		k->number[w->word[i]] = (uint32_t)i;
	return true;
}

static bool list_lines(struct lines *l, const uint32_t *number)
{
	const struct bag *b = l->b;

	l->v = eh_try_malloc(b->n + 1, sizeof *l->v);
	l->cell = eh_try_malloc(b->n_cells + 1, sizeof *l->cell);
	if (l->v == NULL || l->cell == NULL)
		return false;
	for (size_t i = 0; i < b->n; i++) {
		const struct entry *e = &b->v[i];
		struct eh_kind_cell *cell = &l->cell[e->first];

		if (e->n <= 0)
			continue;
		memcpy(cell, &b->cell[e->first], e->n_cells * sizeof *cell);
		for (size_t j = 0; j < e->n_cells; j++)
			cell[j].stratum = number[cell[j].stratum];
		if (e->n_cells > 1)
			qsort(cell, e->n_cells, sizeof *cell, by_cell);
		l->v[l->n++] = (struct line){ (uint32_t)e->n, number[e->profile], cell, e->n_cells };
	}
	if (l->n > 1)
		qsort(l->v, l->n, sizeof *l->v, by_line);
	return true;
}

static void put_line(struct eh_buf *out, const struct line *l)
{
	eh_put_u32(out, l->n);
	eh_put_u32(out, l->profile);
	eh_put_u32(out, (uint32_t)l->n_cells);
	for (size_t i = 0; i < l->n_cells; i++) {
		const struct eh_kind_cell *c = &l->cell[i];

		eh_put_u32(out, c->stratum << 2 | (c->has_score ? SCORED : 0) | c->selected);
		if (c->has_score)
			eh_put_f64(out, c->score);
	}
}

static void put_lines(struct eh_buf *out, const struct lines *l)
{
	eh_put_u32(out, (uint32_t)l->n);
	for (size_t i = 0; i < l->n; i++)
		put_line(out, &l->v[i]);
}

static bool is_wrong(const struct bag *b)
{
	bool wrong = false;

	for (size_t i = 0; i < b->n && !wrong; i++)
		wrong = b->v[i].n < 0 || b->v[i].n > UINT32_MAX;
	return wrong;
}

static int check(const struct eh_kinds *k, struct eh_err *err)
{
	return k->holds < 0 || is_wrong(&k->decided) || is_wrong(&k->scored)
		       ? eh_err_set(err, EH_EINVAL,
				    "the stored counts do not fit the stored evaluations; run: evenhand doctor")
		       : EH_OK;
}

static void free_lines(struct lines *l)
{
	free(l->v);
	free(l->cell);
}

int eh_kinds_store(struct eh_kinds *k, struct eh_buf *out, struct eh_err *err)
{
	struct writing w = { .k = k, .decided = { .b = &k->decided }, .scored = { .b = &k->scored } };
	int rc = check(k, err);

	eh_buf_init(out, RECORD_MAX);
	if (rc != EH_OK)
		return rc;
	if (!list_words(&w) || !list_lines(&w.decided, k->number) || !list_lines(&w.scored, k->number)) {
		rc = eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory for %zu kinds of persons",
				k->decided.n + k->scored.n);
		goto out;
	}
	if (w.decided.n == 0 && k->holds == 0)
		goto out;
	eh_record_begin(out, VERSION);
	eh_put_u64(out, (uint64_t)k->holds);
	eh_put_u32(out, (uint32_t)w.n_words);
	for (size_t i = 0; i < w.n_words; i++)
		eh_put_str(out, eh_names_text(k->words, w.word[i]));
	put_lines(out, &w.decided);
	put_lines(out, &w.scored);
	if (out->failed)
		rc = eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory for the record");
out:
	for (size_t i = 0; i < w.n_words; i++)
		k->number[w.word[i]] = UINT32_MAX;
	free(w.word);
	free_lines(&w.decided);
	free_lines(&w.scored);
	return rc;
}

/* Words of the record by their number; *n 0 with EH_OK: there are none. */
static int get_words(struct eh_kinds *k, struct eh_reader *r, uint32_t **word, uint32_t *n, struct eh_err *err)
{
	char text[1024];

	*n = eh_get_u32(r);
	/* each has at least its length */
	if (r->bad || *n > (size_t)(r->end - r->p) / 4)
		return eh_err_set(err, EH_EFORMAT, "count cube: the stored record is damaged");
	*word = eh_try_malloc((size_t)*n + 1, sizeof **word);
	if (*word == NULL)
		return eh_err_set(err, EH_ENOMEM, "count cube: out of memory");
	for (uint32_t i = 0; i < *n && !r->bad; i++) {
		eh_get_str(r, text, sizeof text);
		(*word)[i] = eh_names_add(k->words, text);
	}
	return EH_OK;
}

static bool get_cells(struct eh_reader *r, struct eh_kind_cell *cell, size_t n, const uint32_t *word, uint32_t n_words,
		      bool scored)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t x = eh_get_u32(r);

		if (r->bad || x >> 2 >= n_words || ((x & SCORED) != 0) != scored || (scored && (x & 1u) != 0))
			return false;
		cell[i] = (struct eh_kind_cell){ word[x >> 2], x & 1u, (x & SCORED) != 0, 0.0 };
		if (cell[i].has_score)
			cell[i].score = eh_get_f64(r);
		if (!isfinite(cell[i].score))
			return false;
	}
	return !r->bad;
}

static int get_line(struct bag *b, struct eh_reader *r, const uint32_t *word, uint32_t n_words, bool scored,
		    struct eh_err *err)
{
	uint32_t n = eh_get_u32(r), profile = eh_get_u32(r), n_cells = eh_get_u32(r);
	struct eh_kind_cell few[8], *cell = few;
	int rc = EH_OK;

	if (r->bad || n == 0 || profile >= n_words || n_cells == 0 || n_cells > (size_t)(r->end - r->p) / 4)
		return eh_err_set(err, EH_EFORMAT, "count cube: the stored record is damaged");
	if (n_cells > sizeof few / sizeof few[0])
		cell = eh_try_malloc(n_cells, sizeof *cell);
	if (cell == NULL)
		return eh_err_set(err, EH_ENOMEM, "count cube: out of memory");
	if (get_cells(r, cell, n_cells, word, n_words, scored))
		rc = bag_add(b, word[profile], cell, n_cells, n, err);
	else
		rc = eh_err_set(err, EH_EFORMAT, "count cube: the stored record is damaged");
	if (cell != few)
		free(cell);
	return rc;
}

int eh_kinds_load(struct eh_kinds *k, struct eh_bytes record, struct eh_err *err)
{
	struct bag *const bag[] = { &k->decided, &k->scored };
	uint32_t *word = NULL, n_words = 0, n = 0;
	uint16_t version = 0;
	struct eh_reader r;
	int rc;

	if (record.len == 0)
		return EH_OK;
	rc = eh_record_open(&r, record, VERSION, &version, "count cube", err);
	if (rc == EH_OK && version != VERSION)
		rc = eh_err_set(err, EH_EFORMAT, "count cube: the stored record is of an older version");
	if (rc != EH_OK)
		return rc;
	k->holds += (int64_t)(eh_get_u64(&r) & INT64_MAX);
	rc = get_words(k, &r, &word, &n_words, err);
	for (size_t s = 0; s < 2 && rc == EH_OK; s++) {
		n = eh_get_u32(&r);
		for (uint32_t i = 0; i < n && rc == EH_OK; i++)
			rc = get_line(bag[s], &r, word, n_words, s == 1, err);
	}
	if (rc == EH_OK)
		rc = eh_record_close(&r, "count cube", err);
	free(word);
	return rc;
}

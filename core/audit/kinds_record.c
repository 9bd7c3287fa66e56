/* The stored record of kinds of persons; see kinds.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/kinds_inside.h"
#include "base/mem.h"
#include "people/people.h"
#include "store/codec.h"

#define VERSION 2 /* 1 had the scores in the kinds; cubes of that time are counted anew (MARK_VERSION) */
#define COMPACT 3 /* numbers of seven bits a byte, words without what they share with the one before */
#define WORD_TEXT EH_PROFILE_TEXT    /* [bytes] strata are shorter */
#define RECORD_MAX ((size_t)1 << 30) /* [bytes]; kinds are never more than persons */
#define SCORED 2u		     /* of a stored cell: stratum << 2 | SCORED | selected */

/* ---- writing ---- */

/* A kind as it is written: numbers of words in the record's own list, which is sorted. */
struct line {
	uint32_t n, profile;
	const struct eh_kind_cell *cell;
	size_t n_cells;
};

/* The kinds of one sort. */
struct lines {
	const struct eh_kind_bag *b;
	struct line *v;
	size_t n;
	struct eh_kind_cell *cell; /* stratum = number in the record */
};

struct writing {
	struct eh_kinds *k;
	bool compact;
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
		int order = eh_kind_cell_order(&x->cell[i], &y->cell[i]);

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

static uint32_t largest_word(const struct eh_kind_bag *b, uint32_t most)
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

static void use_words(struct writing *w, const struct eh_kind_bag *b)
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

	w->word =
		eh_try_malloc(k->decided.n + k->decided.n_cells + k->scored.n + k->scored.n_cells + 1, sizeof *w->word);
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
	const struct eh_kind_bag *b = l->b;

	l->v = eh_try_malloc(b->n + 1, sizeof *l->v);
	l->cell = eh_try_malloc(b->n_cells + 1, sizeof *l->cell);
	if (l->v == NULL || l->cell == NULL)
		return false;
	for (size_t i = 0; i < b->n; i++) {
		const struct eh_kind_entry *e = &b->v[i];
		struct eh_kind_cell *cell = &l->cell[e->first];

		if (e->n <= 0)
			continue;
		memcpy(cell, &b->cell[e->first], e->n_cells * sizeof *cell);
		for (size_t j = 0; j < e->n_cells; j++)
			cell[j].stratum = number[cell[j].stratum];
		if (e->n_cells > 1)
			qsort(cell, e->n_cells, sizeof *cell, eh_kind_cell_order);
		l->v[l->n++] = (struct line){ (uint32_t)e->n, number[e->profile], cell, e->n_cells };
	}
	if (l->n > 1)
		qsort(l->v, l->n, sizeof *l->v, by_line);
	return true;
}

static void put_number(struct eh_buf *out, bool compact, uint32_t v)
{
	unsigned char few[5];
	size_t n = 0;

	if (!compact) {
		eh_put_u32(out, v);
		return;
	}
	for (; v >= 0x80; v >>= 7)
		few[n++] = (unsigned char)(v | 0x80);
	few[n++] = (unsigned char)v;
	eh_buf_add(out, few, n);
}

static size_t shared_length(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

static void put_words(struct eh_buf *out, const struct writing *w)
{
	const char *before = "";

	put_number(out, w->compact, (uint32_t)w->n_words);
	for (size_t i = 0; i < w->n_words; i++) {
		const char *text = eh_names_text(w->k->words, w->word[i]);
		const size_t shared = shared_length(before, text), rest = strlen(text) - shared;

		if (!w->compact) {
			eh_put_str(out, text);
			continue;
		}
		put_number(out, true, (uint32_t)shared);
		put_number(out, true, (uint32_t)rest);
		eh_buf_add(out, text + shared, rest);
		before = text;
	}
}

static void put_line(struct eh_buf *out, bool compact, const struct line *l)
{
	put_number(out, compact, l->n);
	put_number(out, compact, l->profile);
	put_number(out, compact, (uint32_t)l->n_cells);
	for (size_t i = 0; i < l->n_cells; i++) {
		const struct eh_kind_cell *c = &l->cell[i];

		put_number(out, compact, c->stratum << 2 | (c->has_score ? SCORED : 0) | c->selected);
		if (c->has_score)
			eh_put_f64(out, c->score);
	}
}

static void put_lines(struct eh_buf *out, bool compact, const struct lines *l)
{
	put_number(out, compact, (uint32_t)l->n);
	for (size_t i = 0; i < l->n; i++)
		put_line(out, compact, &l->v[i]);
}

static bool is_wrong(const struct eh_kind_bag *b)
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

static int store(struct eh_kinds *k, bool compact, struct eh_buf *out, struct eh_err *err)
{
	struct writing w = {
		.k = k, .compact = compact, .decided = { .b = &k->decided }, .scored = { .b = &k->scored }
	};
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
	eh_record_begin(out, compact ? COMPACT : VERSION);
	eh_put_u64(out, (uint64_t)k->holds);
	put_words(out, &w);
	put_lines(out, compact, &w.decided);
	put_lines(out, compact, &w.scored);
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

int eh_kinds_store(struct eh_kinds *k, struct eh_buf *out, struct eh_err *err) { return store(k, false, out, err); }

int eh_kinds_store_compact(struct eh_kinds *k, struct eh_buf *out, struct eh_err *err)
{
	return store(k, true, out, err);
}

/* ---- reading ---- */

/* Words of a record by their number there. */
struct reading {
	struct eh_kinds *k;
	struct eh_reader r;
	bool compact;
	uint32_t *word;	   /* [n_words] */
	uint32_t *stratum; /* [n_words] what stands for the word as a stratum, ASK = not asked yet; NULL = itself */
	uint32_t n_words;
	uint32_t (*as)(void *ctx, uint32_t word);
	void *ctx;
};

#define ASK (UINT32_MAX - 1)

static int damaged(struct eh_err *err)
{
	return eh_err_set(err, EH_EFORMAT, "count cube: the stored record is damaged");
}

static uint32_t get_number(struct reading *g)
{
	struct eh_reader *r = &g->r;
	uint64_t v = 0;

	if (!g->compact)
		return eh_get_u32(r);
	for (unsigned shift = 0; r->p < r->end && shift < 35; shift += 7) {
		const unsigned char c = *r->p++;

		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80 && v <= UINT32_MAX)
			return (uint32_t)v;
	}
	r->bad = true;
	return 0;
}

/* A number of things of which each takes at least one number. */
static bool is_too_many(const struct reading *g, uint32_t n)
{
	return g->r.bad || n > (size_t)(g->r.end - g->r.p) / (g->compact ? 1 : 4);
}

/* text: the word before. */
static void get_word(struct reading *g, char text[WORD_TEXT])
{
	size_t shared, rest;

	if (!g->compact) {
		eh_get_str(&g->r, text, WORD_TEXT);
		return;
	}
	shared = get_number(g);
	rest = get_number(g);
	if (g->r.bad || shared > strlen(text) || rest > (size_t)(g->r.end - g->r.p) || shared + rest >= WORD_TEXT) {
		g->r.bad = true;
		return;
	}
	memcpy(text + shared, g->r.p, rest);
	text[shared + rest] = '\0';
	g->r.p += rest;
}

static int get_words(struct reading *g, struct eh_err *err)
{
	char text[WORD_TEXT] = "";
	uint32_t n = get_number(g);

	if (is_too_many(g, n))
		return damaged(err);
	g->word = eh_try_malloc((size_t)n + 1, sizeof *g->word);
	g->stratum = g->as != NULL ? eh_try_malloc((size_t)n + 1, sizeof *g->stratum) : NULL;
	if (g->word == NULL || (g->as != NULL && g->stratum == NULL))
		return eh_err_set(err, EH_ENOMEM, "count cube: out of memory");
	g->n_words = n;
	for (uint32_t i = 0; i < n && !g->r.bad; i++) {
		get_word(g, text);
		g->word[i] = eh_names_add(g->k->words, text);
		if (g->stratum != NULL)
			g->stratum[i] = ASK;
	}
	return EH_OK;
}

static uint32_t stratum_of(struct reading *g, uint32_t number)
{
	if (g->stratum == NULL)
		return g->word[number];
	if (g->stratum[number] == ASK)
		g->stratum[number] = g->as(g->ctx, g->word[number]);
	return g->stratum[number];
}

/* *kept: cells whose stratum is wanted. */
static bool get_cells(struct reading *g, struct eh_kind_cell *cell, size_t n, size_t *kept, bool scored)
{
	*kept = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t x = get_number(g);
		struct eh_kind_cell *c = &cell[*kept];

		if (g->r.bad || x >> 2 >= g->n_words || ((x & SCORED) != 0) != scored || (scored && (x & 1u) != 0))
			return false;
		*c = (struct eh_kind_cell){ stratum_of(g, x >> 2), x & 1u, (x & SCORED) != 0, 0.0 };
		if (c->has_score)
			c->score = eh_get_f64(&g->r);
		if (!isfinite(c->score))
			return false;
		*kept += c->stratum != EH_NO_STRATUM;
	}
	return !g->r.bad;
}

static int get_line(struct reading *g, struct eh_kind_bag *b, bool scored, struct eh_err *err)
{
	uint32_t n = get_number(g), profile = get_number(g), n_cells = get_number(g);
	struct eh_kind_cell few[8], *cell = few;
	size_t kept = 0;
	int rc = EH_OK;

	if (g->r.bad || n == 0 || profile >= g->n_words || n_cells == 0 || is_too_many(g, n_cells))
		return damaged(err);
	if (n_cells > sizeof few / sizeof few[0])
		cell = eh_try_malloc(n_cells, sizeof *cell);
	if (cell == NULL)
		return eh_err_set(err, EH_ENOMEM, "count cube: out of memory");
	if (!get_cells(g, cell, n_cells, &kept, scored))
		rc = damaged(err);
	else if (kept > 0)
		rc = eh_kind_bag_add(b, g->word[profile], cell, kept, n, err);
	if (cell != few)
		free(cell);
	return rc;
}

int eh_kinds_load_as(struct eh_kinds *k, struct eh_bytes record, uint32_t (*stratum)(void *ctx, uint32_t word),
		     void *ctx, struct eh_err *err)
{
	struct eh_kind_bag *const bag[] = { &k->decided, &k->scored };
	struct reading g = { .k = k, .as = stratum, .ctx = ctx };
	uint16_t version = 0;
	int rc;

	if (record.len == 0)
		return EH_OK;
	rc = eh_record_open(&g.r, record, COMPACT, &version, "count cube", err);
	g.compact = version == COMPACT;
	if (rc == EH_OK && version < VERSION)
		rc = eh_err_set(err, EH_EFORMAT, "count cube: the stored record is of an older version");
	if (rc != EH_OK)
		return rc;
	k->holds += (int64_t)(eh_get_u64(&g.r) & INT64_MAX);
	rc = get_words(&g, err);
	for (size_t s = 0; s < 2 && rc == EH_OK; s++) {
		const uint32_t n = get_number(&g);

		for (uint32_t i = 0; i < n && rc == EH_OK; i++)
			rc = get_line(&g, bag[s], s == 1, err);
	}
	if (rc == EH_OK)
		rc = eh_record_close(&g.r, "count cube", err);
	free(g.word);
	free(g.stratum);
	return rc;
}

int eh_kinds_load(struct eh_kinds *k, struct eh_bytes record, struct eh_err *err)
{
	return eh_kinds_load_as(k, record, NULL, NULL, err);
}

/* Which kinds of persons became more or fewer since the counts were read; see counted.h. */
#include "desk/counted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/scored.h"

void eh_counted_free(struct eh_counted *c)
{
	struct eh_held_cube *cube = c->cubes.v;
	struct eh_names none = { NULL, 0 };

	for (size_t i = 0; i < c->cubes.n; i++) {
		free(cube[i].evaluator);
		free(cube[i].own);
	}
	if (c->words != NULL) {
		eh_names_finish(&c->words, &none, NULL);
		eh_names_free(&none);
	}
	eh_kinds_free(&c->kinds);
	free(c->held.v);
	free(c->cubes.v);
	free(c->cells.v);
	free(c->use);
	eh_rowed_free(&c->rowed);
	*c = (struct eh_counted){ 0 };
}

int eh_counted_whole(struct eh_txn *txn, struct eh_cubes_state *state, bool *whole, struct eh_err *err)
{
	uint64_t posteriors = 0;
	int rc = eh_cubes_state(txn, state, err);

	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_POSTERIORS, &posteriors, err);
	*whole = rc == EH_OK && state->current && state->evaluations > 0 && state->shared == 0 && posteriors == 0;
	return rc;
}

/* One cube after the other. */
struct walk {
	struct eh_counted *c;
	struct eh_count_changes *out;
	size_t at; /* cube that comes next */
	struct eh_held_cube *cube;
	/* of this cube: */
	struct eh_list cells;	 /* of one kind, to be looked up */
	struct eh_list held;	 /* struct eh_held, as it is now; first: in c->cells */
	struct eh_list now;	 /* struct eh_kind_now beside it */
	struct eh_list stratum;	 /* uint32_t, of all new kinds */
	struct eh_list selected; /* uint8_t */
	size_t next;		 /* his held kind that may be the one at hand */
	bool differs;
};

static void walk_begin(struct walk *w)
{
	eh_list_init(&w->cells, sizeof(struct eh_kind_cell));
	eh_list_init(&w->held, sizeof(struct eh_held));
	eh_list_init(&w->now, sizeof(struct eh_kind_now));
	eh_list_init(&w->stratum, sizeof(uint32_t));
	eh_list_init(&w->selected, 1);
}

static void walk_end(struct walk *w)
{
	free(w->cells.v);
	free(w->held.v);
	free(w->now.v);
	free(w->stratum.v);
	free(w->selected.v);
}

static const struct eh_held *held_of(const struct walk *w, const struct eh_held_cube *cube)
{
	return cube->own != NULL ? cube->own : (const struct eh_held *)w->c->held.v + cube->at;
}

/* 1: what was read is not what the data can take in. */
static int needs_data(struct walk *w, const char *what)
{
	(void)snprintf(w->out->why, sizeof w->out->why, "evaluator %s: %s", w->cube->evaluator, what);
	return 1;
}

static struct eh_word_use *use_of(const struct walk *w, uint32_t word)
{
	static struct eh_word_use none;

	return word < w->c->n_words ? &w->c->use[word] : &none;
}

/* Persons of a held kind in the cube as it is now. */
static uint32_t persons_now(struct walk *w, const struct eh_held *h)
{
	w->cells.n = 0;
	for (size_t i = 0; i < h->n_cells; i++)
		(void)eh_list_push(&w->cells, (const struct eh_kind_cell *)w->c->cells.v + h->first + i);
	return eh_kinds_count(w->c->kinds, h->word, w->cells.v, h->n_cells);
}

static bool is_kind(const struct walk *w, const struct eh_held *h, const struct eh_kind *kind)
{
	const struct eh_kind_cell *cell = (const struct eh_kind_cell *)w->c->cells.v + h->first;
	bool same = h->word == kind->profile && h->n_cells == kind->n_cells;

	for (size_t i = 0; i < kind->n_cells && same; i++)
		same = cell[i].stratum == kind->cell[i].stratum && cell[i].selected == kind->cell[i].selected;
	return same;
}

static uint32_t like_in(const struct walk *w, const struct eh_held_cube *cube, uint32_t word)
{
	const struct eh_held *h = held_of(w, cube);

	for (size_t i = 0; i < cube->n; i++)
		if (h[i].word == word)
			return (uint32_t)(cube->first + i);
	return EH_NEW_KIND;
}

/* Somebody with this profile: among his own kinds, else anywhere. */
static uint32_t like(const struct walk *w, uint32_t word)
{
	const struct eh_held_cube *cube = w->c->cubes.v;
	uint32_t found = like_in(w, w->cube, word);

	for (size_t i = 0; i < w->c->cubes.n && found == EH_NEW_KIND && use_of(w, word)->kinds > 0; i++)
		found = like_in(w, &cube[i], word);
	return found;
}

static int by_stratum(const void *a, const void *b)
{
	const struct eh_kind_cell *x = a, *y = b;

	return (x->stratum > y->stratum) - (x->stratum < y->stratum);
}

/* A kind that he had not before; its decisions are found by their place in the lists, which may still move. */
static int take_new(struct walk *w, const struct eh_kind *kind)
{
	struct eh_kind_now *now = eh_list_push(&w->now, NULL);
	struct eh_held *h = eh_list_push(&w->held, NULL);
	struct eh_kind_cell *cell = NULL;

	*now = (struct eh_kind_now){ EH_NEW_KIND, like(w, kind->profile), kind->n, NULL, NULL, kind->n_cells };
	*h = (struct eh_held){ held_of(w, w->cube)->evaluator, 0, kind->profile, kind->n, w->c->cells.n,
			       kind->n_cells };
	if (now->like == EH_NEW_KIND)
		return needs_data(w, "a candidate of a position, a place or with classes that nobody had before");
	w->cells.n = 0;
	for (size_t i = 0; i < kind->n_cells; i++) {
		struct eh_kind_cell x = kind->cell[i];

		if (use_of(w, x.stratum)->cells == 0)
			return needs_data(w, "the first decision in a position, stage or question");
		(void)eh_list_push(&w->c->cells, &x);
		x.stratum = use_of(w, x.stratum)->stratum;
		(void)eh_list_push(&w->cells, &x);
	}
	cell = w->cells.v;
	qsort(cell, kind->n_cells, sizeof *cell, by_stratum);
	for (size_t i = 0; i < kind->n_cells; i++) {
		if (i > 0 && cell[i - 1].stratum == cell[i].stratum)
			return needs_data(w, "two decisions on one candidate in one position, stage and question");
		(void)eh_list_push(&w->stratum, &cell[i].stratum);
		(void)eh_list_push(&w->selected, &cell[i].selected);
	}
	w->differs = true;
	return EH_OK;
}

/* Kinds that nobody is left of do not come again. */
static void pass_gone(struct walk *w)
{
	for (; w->next < w->cube->n; w->next++) {
		if (persons_now(w, &held_of(w, w->cube)[w->next]) > 0)
			return;
		w->differs = true;
	}
}

/* Records are sorted by what they say, so kinds that were there before come in the order in which they came then. */
static int take_kind(void *ctx, const struct eh_kind *kind, struct eh_err *err)
{
	struct walk *w = ctx;
	struct eh_kind_now now = { 0, 0, kind->n, NULL, NULL, 0 };
	struct eh_held h;

	(void)err;
	pass_gone(w);
	now.was = (uint32_t)(w->cube->first + w->next);
	if (w->next == w->cube->n || !is_kind(w, &held_of(w, w->cube)[w->next], kind))
		return take_new(w, kind);
	h = held_of(w, w->cube)[w->next++];
	w->differs = w->differs || h.n != kind->n;
	h.n = kind->n;
	(void)eh_list_push(&w->held, &h);
	(void)eh_list_push(&w->now, &now);
	return EH_OK;
}

static void count_use(struct walk *w, const struct eh_held *h, uint32_t more)
{
	use_of(w, h->word)->kinds += more;
	for (size_t i = 0; i < h->n_cells; i++)
		use_of(w, ((const struct eh_kind_cell *)w->c->cells.v)[h->first + i].stratum)->cells += more;
}

/* Nobody else of a profile or in a stratum: the data would have one less. */
static bool is_used(const struct walk *w, const struct eh_held *h)
{
	bool used = use_of(w, h->word)->kinds > 0;

	for (size_t i = 0; i < h->n_cells && used; i++)
		used = use_of(w, ((const struct eh_kind_cell *)w->c->cells.v)[h->first + i].stratum)->cells > 0;
	return used;
}

static int any_kind(void *ctx, const struct eh_kind *kind, struct eh_err *err)
{
	(void)ctx;
	(void)kind;
	(void)err;
	return 1;
}

/* His held kinds are those read now; the candidates behind them have moved. */
static int hold(struct walk *w, struct eh_err *err)
{
	struct eh_held_cube *cube = w->cube, *end = (struct eh_held_cube *)w->c->cubes.v + w->c->cubes.n;
	const struct eh_held *now = w->held.v, *before = held_of(w, cube);
	struct eh_held *own = eh_try_malloc(w->held.n, sizeof *own);
	bool used = true;

	if (own == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu kinds of persons", w->held.n);
	memcpy(own, now, w->held.n * sizeof *own);
	for (size_t i = 0; i < w->held.n; i++)
		count_use(w, &now[i], 1);
	for (size_t i = 0; i < cube->n; i++)
		count_use(w, &before[i], UINT32_MAX);
	for (size_t i = 0; i < cube->n && used; i++)
		used = is_used(w, &before[i]);
	free(cube->own);
	cube->own = own;
	for (struct eh_held_cube *x = cube + 1; x < end; x++)
		x->first += w->held.n - cube->n;
	cube->n = w->held.n;
	return used ? EH_OK : needs_data(w, "nobody is left of a position, a place, a stratum or with classes");
}

static uint32_t number_of(const void *ctx, uint32_t word)
{
	const struct walk *w = ctx;

	return use_of(w, word)->stratum;
}

/* His scores as they are now, whether they changed or not: who has them is told by the kinds that he has now. */
static int read_scores(struct walk *w, struct eh_score_kinds *out, struct eh_err *err)
{
	int rc = eh_scored_read(out, w->c->kinds, w->held.v, w->held.n, w->c->cells.v, err);

	if (rc == EH_OK && out->n > 0 && !w->c->scores)
		rc = needs_data(w, "the first score");
	if (rc == EH_OK)
		eh_scored_settle(out, number_of, w);
	return rc;
}

/* Hands over what he decided: v, which is complete now. */
static int replace(struct walk *w, const struct eh_kind_now *v, struct eh_err *err)
{
	const uint32_t evaluator = held_of(w, w->cube)->evaluator;
	struct eh_score_kinds scored = { NULL, NULL, 0, 0, 0, 0 };
	bool changed = false;
	int rc = read_scores(w, &scored, err);

	if (rc == EH_OK && (w->differs || w->c->scores))
		rc = w->out->replace(w->out->ctx, evaluator, v, w->now.n, w->c->scores ? &scored : NULL, &changed, err);
	eh_score_kinds_free(&scored);
	w->out->changed = w->out->changed || changed;
	return rc;
}

static int compare_kinds(struct walk *w, struct eh_err *err)
{
	struct eh_kind_now *v = NULL;
	size_t cells = 0;
	int rc = EH_OK;

	w->held.n = w->now.n = w->stratum.n = w->selected.n = 0;
	w->next = 0;
	w->differs = false;
	if (w->cube->n == 0) {
		rc = eh_kinds_each(w->c->kinds, any_kind, NULL, err);
		return rc == 1 ? needs_data(w, "the first decisions") : rc;
	}
	rc = eh_kinds_each(w->c->kinds, take_kind, w, err);
	if (rc != EH_OK)
		return rc;
	pass_gone(w);
	if (w->next < w->cube->n || w->now.n == 0)
		return needs_data(w, "no decision is left");
	v = w->now.v;
	for (size_t i = 0; i < w->now.n; i++) {
		v[i].stratum = (const uint32_t *)w->stratum.v + cells;
		v[i].selected = (const uint8_t *)w->selected.v + cells;
		cells += v[i].n;
	}
	rc = replace(w, v, err);
	return rc == EH_OK && w->differs ? hold(w, err) : rc;
}

static int look_at_cube(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct walk *w = ctx;
	struct eh_held_cube *cube = (struct eh_held_cube *)w->c->cubes.v + w->at;
	uint64_t version = 0;
	struct eh_bytes record;
	int rc = eh_cubes_open(value, &version, &record, err);

	if (rc != EH_OK)
		return rc;
	if (w->at == w->c->cubes.n || strlen(cube->evaluator) != key.len ||
	    memcmp(cube->evaluator, key.data, key.len) != 0) {
		(void)snprintf(w->out->why, sizeof w->out->why, "other evaluators than before decided");
		return 1;
	}
	w->at++;
	if (version > w->c->version) {
		w->out->evaluators++;
		eh_kinds_clear(w->c->kinds);
		rc = eh_kinds_load(w->c->kinds, record, err);
		cube->holds = eh_kinds_holds(w->c->kinds);
		w->cube = cube;
		if (rc == EH_OK)
			rc = compare_kinds(w, err);
	}
	return rc;
}

static uint64_t all_holds(const struct eh_counted *c)
{
	const struct eh_held_cube *cube = c->cubes.v;
	uint64_t n = 0;

	for (size_t i = 0; i < c->cubes.n; i++)
		n += cube[i].holds;
	return n;
}

int eh_counted_changes(struct eh_counted *c, struct eh_txn *txn, struct eh_count_changes *out, struct eh_err *err)
{
	struct walk w = { .c = c, .out = out };
	struct eh_cubes_state state;
	bool whole = false;
	int rc = eh_counted_whole(txn, &state, &whole, err);

	out->version = state.version;
	out->changed = false;
	out->evaluators = 0;
	out->why[0] = '\0';
	walk_begin(&w);
	if (rc == EH_OK && !whole)
		(void)snprintf(out->why, sizeof out->why,
			       "counts alone do not tell it any more: a candidate with two evaluators, or predicted "
			       "classes");
	/* most who ask ask after nothing has changed, and the first bytes of all cubes are a page each */
	w.at = whole && state.version == c->version ? c->cubes.n : 0;
	if (rc == EH_OK && whole && state.version != c->version)
		rc = eh_txn_scan(txn, EH_T_CUBES, (struct eh_bytes){ NULL, 0 }, look_at_cube, &w, err);
	if (rc == EH_OK && whole && w.at < c->cubes.n)
		(void)snprintf(out->why, sizeof out->why, "other evaluators than before decided");
	c->version = state.version;
	out->holds = all_holds(c);
	walk_end(&w);
	return rc == 1 ? EH_OK : rc;
}

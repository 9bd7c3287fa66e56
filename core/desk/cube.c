/* The project as audit data, from the stored counts; see inside.h and audit/cubes.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/counted.h"
#include "desk/scored.h"

struct counts {
	struct eh_txn *txn;
	struct eh_audit_data *d;
	struct eh_name_builder *words, *evaluators, *strata, *positions;
	struct eh_kinds *kinds;
	uint32_t evaluator;   /* provisional, as all here */
	struct eh_list held;  /* struct eh_held */
	struct eh_list cubes; /* struct eh_held_cube, in the order of their keys */
	struct eh_list cells; /* struct eh_kind_cell, stratum = word */
	uint32_t *stratum_of; /* [words] number + 1 in strata, 0 = not met; once settled the number */
	struct eh_list strung; /* cells of one kind in the order of the strata */
	uint32_t *known;      /* [words] number + 1 of a profile, 0 = not met */
	size_t n_words;
	struct eh_list profiles; /* struct eh_candidate */
	struct eh_list scored; /* struct eh_score_kinds of each evaluator */
	bool scores, repeats;
	eh_place *places;
};

/* ---- reading ---- */

static void meet_word(struct counts *c, uint32_t word)
{
	size_t n = c->n_words != 0 ? c->n_words : 256;

	if (word < c->n_words)
		return;
	while (n <= word)
		n *= 2;
	c->stratum_of = eh_xrealloc(c->stratum_of, n, sizeof *c->stratum_of);
	c->known = eh_xrealloc(c->known, n, sizeof *c->known);
	memset(c->stratum_of + c->n_words, 0, (n - c->n_words) * sizeof *c->stratum_of);
	memset(c->known + c->n_words, 0, (n - c->n_words) * sizeof *c->known);
	c->n_words = n;
}

static int profile_of(struct counts *c, uint32_t word, uint32_t *out, struct eh_err *err)
{
	struct eh_candidate *who = NULL;

	meet_word(c, word);
	if (c->known[word] == 0) {
		who = eh_list_push(&c->profiles, NULL);
		if (!eh_profile_read(who, eh_names_text(c->words, word)))
			return eh_err_set(err, EH_EFORMAT,
					  "count cube: a stored profile is damaged; run: evenhand doctor");
		c->known[word] = (uint32_t)c->profiles.n;
	}
	*out = c->known[word] - 1;
	return EH_OK;
}

static int take_kind(void *ctx, const struct eh_kind *kind, struct eh_err *err)
{
	struct counts *c = ctx;
	struct eh_held *h = eh_list_push(&c->held, NULL);

	*h = (struct eh_held){ c->evaluator, 0, kind->profile, kind->n, c->cells.n, kind->n_cells };
	for (size_t i = 0; i < kind->n_cells; i++) {
		struct eh_kind_cell cell = kind->cell[i];

		meet_word(c, cell.stratum);
		if (c->stratum_of[cell.stratum] == 0)
			c->stratum_of[cell.stratum] =
				eh_names_add(c->strata, eh_names_text(c->words, cell.stratum)) + 1;
		c->repeats = c->repeats || (i > 0 && kind->cell[i - 1].stratum == kind->cell[i].stratum);
		(void)eh_list_push(&c->cells, &cell);
	}
	return profile_of(c, kind->profile, &h->profile, err);
}

static int take_cube(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct counts *c = ctx;
	struct eh_held_cube *cube = NULL;
	eh_id evaluator;
	size_t before = c->held.n;
	uint64_t version = 0;
	struct eh_bytes record;
	int rc = eh_cubes_open(value, &version, &record, err);

	if (rc != EH_OK)
		return rc;
	if (key.len >= sizeof evaluator)
		return eh_err_set(err, EH_EFORMAT, "count cube: the stored key is damaged");
	memcpy(evaluator, key.data, key.len);
	evaluator[key.len] = '\0';
	eh_kinds_clear(c->kinds);
	rc = eh_kinds_load(c->kinds, record, err);
	if (rc != EH_OK)
		return rc;
	c->d->holds += eh_kinds_holds(c->kinds);
	/* who only held his candidates back takes no part: the number is given away with the first kind */
	c->evaluator = (uint32_t)c->d->evaluators.n;
	rc = eh_kinds_each(c->kinds, take_kind, c, err);
	cube = eh_list_push(&c->cubes, NULL);
	*cube = (struct eh_held_cube){ eh_xstrdup(evaluator), eh_kinds_holds(c->kinds), before, c->held.n - before,
				       before, NULL };
	if (rc == EH_OK && c->held.n > before) {
		struct eh_score_kinds *scored = eh_list_push(&c->scored, NULL);

		c->d->evaluators.n++;
		(void)eh_names_add(c->evaluators, evaluator);
		rc = eh_scored_read(scored, c->kinds, (const struct eh_held *)c->held.v + before, c->held.n - before,
				    c->cells.v, err);
		c->scores = c->scores || scored->n > 0;
	}
	return rc;
}

/* ---- filling ---- */

static int by_stratum(const void *a, const void *b)
{
	const struct eh_kind_cell *x = a, *y = b;

	return (x->stratum > y->stratum) - (x->stratum < y->stratum);
}

/* Rows of one kind; *row moves on. */
static void fill_rows(struct counts *c, const struct eh_held *h, uint32_t candidate, size_t *row)
{
	struct eh_audit_data *d = c->d;
	struct eh_kind_cell *cell = NULL;

	c->strung.n = 0;
	for (size_t i = 0; i < h->n_cells; i++) {
		cell = eh_list_push(&c->strung, (const struct eh_kind_cell *)c->cells.v + h->first + i);
		cell->stratum = c->stratum_of[cell->stratum];
	}
	cell = c->strung.v;
	if (h->n_cells > 1)
		qsort(cell, h->n_cells, sizeof *cell, by_stratum);
	for (size_t i = 0; i < h->n_cells; i++, ++*row) {
		d->evaluator[*row] = h->evaluator;
		d->candidate[*row] = candidate;
		d->stratum[*row] = cell[i].stratum;
		d->selected[*row] = cell[i].selected;
	}
}

static void fill_person(const struct counts *c, const struct eh_held *h, size_t i, uint32_t position,
			const struct eh_said *said)
{
	struct eh_audit_data *d = c->d;

	d->position[i] = position;
	memcpy(c->places[i], ((const struct eh_candidate *)c->profiles.v)[h->profile].jurisdiction,
	       sizeof c->places[i]);
	for (size_t a = 0; a < d->n_attributes; a++) {
		d->attributes[a].group[i] = said[a].group;
		d->attributes[a].provenance[i] = said[a].provenance;
	}
}

static int room_for(struct counts *c, size_t candidates, size_t rows, struct eh_err *err)
{
	struct eh_audit_data *d = c->d;
	int rc = candidates >= UINT32_MAX ? eh_err_set(err, EH_ERANGE, "audit: %zu persons are too many", candidates)
					  : eh_audit_data_room(d, rows, false, err);
	bool well = true;

	if (rc != EH_OK)
		return rc;
	d->candidates.n = candidates;
	d->position = eh_try_calloc(candidates, sizeof *d->position);
	c->places = eh_try_calloc(candidates, sizeof *c->places);
	d->weight = eh_try_calloc(candidates, sizeof *d->weight);
	well = d->position != NULL && c->places != NULL && d->weight != NULL;
	for (size_t a = 0; a < d->n_attributes; a++) {
		d->attributes[a].group = eh_try_calloc(candidates, sizeof *d->attributes[a].group);
		d->attributes[a].provenance = eh_try_calloc(candidates, 1);
		well = well && d->attributes[a].group != NULL && d->attributes[a].provenance != NULL;
	}
	return well ? EH_OK : eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu persons", candidates);
}

static int fill(struct counts *c, struct eh_err *err)
{
	const struct eh_held *h = c->held.v;
	const struct eh_candidate *v = c->profiles.v;
	uint32_t *position = eh_xcalloc(c->profiles.n + 1, sizeof *position), *map = NULL;
	struct eh_audit_data *d = c->d;
	struct eh_said *said = NULL;
	size_t rows = 0, row = 0;
	int rc = eh_desk_list_attributes(v, c->profiles.n, d, err);

	for (size_t i = 0; i < c->profiles.n; i++)
		position[i] = eh_names_add(c->positions, v[i].position);
	eh_names_finish(&c->positions, &d->positions, &map);
	for (size_t i = 0; i < c->profiles.n; i++)
		position[i] = map[position[i]];
	free(map);
	for (size_t i = 0; i < c->held.n; i++)
		rows += h[i].n_cells;
	if (rc == EH_OK)
		rc = room_for(c, c->held.n, rows, err);
	said = eh_desk_list_said(v, c->profiles.n, d);
	for (size_t i = 0; i < c->held.n && rc == EH_OK; i++) {
		fill_rows(c, &h[i], (uint32_t)i, &row);
		fill_person(c, &h[i], i, position[h[i].profile], &said[h[i].profile * d->n_attributes]);
		d->weight[i] = h[i].n;
	}
	free(said);
	free(position);
	return rc;
}

/* Strata get their places in byte order. */
static void settle_strata(struct counts *c)
{
	uint32_t *map = NULL;

	eh_names_finish(&c->strata, &c->d->strata, &map);
	for (size_t i = 0; i < c->n_words; i++)
		if (c->stratum_of[i] != 0)
			c->stratum_of[i] = map[c->stratum_of[i] - 1];
	free(map);
}

static uint32_t settled(const void *ctx, uint32_t word)
{
	const struct counts *c = ctx;

	return c->stratum_of[word];
}

/* From here on they are the data's. */
static void give_scores(struct counts *c)
{
	struct eh_score_kinds *v = c->scored.v;

	if (!c->scores)
		return;
	for (size_t e = 0; e < c->scored.n; e++)
		eh_scored_settle(&v[e], settled, c);
	c->d->scored = v;
	c->scored.v = NULL;
	c->scored.n = 0;
}

static void counts_free(struct counts *c)
{
	struct eh_score_kinds *scored = c->scored.v;
	struct eh_names none = { NULL, 0 };
	struct eh_name_builder **builders[] = { &c->evaluators, &c->strata, &c->positions };
	struct eh_counted mine = { 0, c->words, c->kinds, c->held, c->cubes, c->cells, NULL, 0, false, NULL };

	for (size_t i = 0; i < sizeof builders / sizeof builders[0]; i++)
		if (*builders[i] != NULL) {
			eh_names_finish(builders[i], &none, NULL);
			eh_names_free(&none);
		}
	for (size_t e = 0; e < c->scored.n; e++)
		eh_score_kinds_free(&scored[e]);
	free(c->scored.v);
	eh_counted_free(&mine);
	free(c->strung.v);
	free(c->profiles.v);
	free(c->stratum_of);
	free(c->known);
}

/* What later changes are compared with leaves for the keeper. */
static void hand_over(struct counts *c, uint64_t version, struct eh_counted *kept)
{
	const struct eh_held *h = c->held.v;
	const struct eh_kind_cell *cell = c->cells.v;

	*kept = (struct eh_counted){ version, c->words, c->kinds, c->held, c->cubes, c->cells,
				     eh_xcalloc(c->n_words, sizeof *kept->use), c->n_words, c->scores, NULL };
	for (size_t i = 0; i < c->held.n; i++)
		kept->use[h[i].word].kinds++;
	for (size_t i = 0; i < c->cells.n; i++) {
		kept->use[cell[i].stratum].cells++;
		kept->use[cell[i].stratum].stratum = c->stratum_of[cell[i].stratum];
	}
	c->words = NULL;
	c->kinds = NULL;
	c->held.v = c->cubes.v = c->cells.v = NULL;
	c->held.n = c->cubes.n = c->cells.n = 0;
}

static int gather_counts(struct counts *c, struct eh_err *err)
{
	int rc;

	c->words = eh_names_new();
	c->evaluators = eh_names_new();
	c->strata = eh_names_new();
	c->positions = eh_names_new();
	c->kinds = eh_kinds_new(c->words);
	eh_list_init(&c->held, sizeof(struct eh_held));
	eh_list_init(&c->cubes, sizeof(struct eh_held_cube));
	eh_list_init(&c->cells, sizeof(struct eh_kind_cell));
	eh_list_init(&c->strung, sizeof(struct eh_kind_cell));
	eh_list_init(&c->profiles, sizeof(struct eh_candidate));
	eh_list_init(&c->scored, sizeof(struct eh_score_kinds));
	rc = eh_txn_scan(c->txn, EH_T_CUBES, (struct eh_bytes){ NULL, 0 }, take_cube, c, err);
	/* they were read in the order of the keys, which is that of the names */
	eh_names_finish(&c->evaluators, &c->d->evaluators, NULL);
	settle_strata(c);
	/* nobody decided, nobody declared, or twice in one stratum: the evaluations tell where */
	if (rc == EH_OK && !c->repeats && c->held.n > 0)
		rc = fill(c, err);
	if (rc == EH_OK && !c->repeats && c->d->n_attributes > 0)
		rc = eh_audit_data_sort(c->d, err);
	if (rc == EH_OK && !c->repeats && c->held.n > 0)
		give_scores(c);
	return rc;
}

int eh_desk_gather_counted(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_counted *kept,
			   struct eh_err *err)
{
	struct counts c = { .d = out };
	struct eh_cubes_state state = { .current = false };
	bool whole = false;
	int rc = eh_txn_begin(&c.txn, d->store, false, err);

	memset(out, 0, sizeof *out);
	(void)snprintf(out->source, sizeof out->source, "project");
	if (rc == EH_OK)
		rc = eh_counted_whole(c.txn, &state, &whole, err);
	if (rc == EH_OK && whole)
		rc = gather_counts(&c, err);
	eh_txn_abort(&c.txn);
	whole = rc == EH_OK && whole && !c.repeats && c.held.n > 0 && out->n_attributes > 0;
	if (whole && kept != NULL)
		hand_over(&c, state.version, kept);
	counts_free(&c);
	*places = c.places;
	if (whole)
		return EH_OK;
	eh_audit_data_free(out);
	free(c.places);
	*places = NULL;
	return rc != EH_OK ? rc : eh_desk_gather_rowed(d, out, places, kept != NULL ? &kept->rowed : NULL, err);
}

int eh_desk_gather_counts(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_err *err)
{
	return eh_desk_gather_counted(d, out, places, NULL, err);
}

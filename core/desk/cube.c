/* The project as audit data, from the stored counts, whole or of some months; see inside.h and audit/cubes.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/counted.h"
#include "desk/scored.h"
#include "store/codec.h"

/* What a word of the counts by months is, as a stratum. */
struct month_word {
	bool met;
	uint32_t as;                    /* word that takes its place, EH_NO_STRATUM = its month is not wanted */
	int32_t month;
};

/* A decision of a kind. */
struct strung {
	uint32_t stratum, selected;
	int32_t day;
};

struct counts {
	struct eh_txn *txn;
	/* of counts by months; want NULL = of the whole ones */
	const struct eh_wanted_rows *want;
	struct eh_months months;
	struct month_word *month_word; /* [n_words] */
	struct eh_kinds *aside;
	eh_id name;                    /* evaluator at hand, "" = none */
	uint64_t untimed;
	bool timed, damaged;           /* timed: somebody's month is known */

	struct eh_audit_data *d;
	struct eh_name_builder *words, *evaluators, *strata, *positions;
	struct eh_kinds *kinds;
	uint32_t evaluator;   /* provisional, as all here */
	struct eh_list held;  /* struct eh_held */
	struct eh_list cubes; /* struct eh_held_cube, in the order of their keys */
	struct eh_list cells; /* struct eh_kind_cell, stratum = word */
	uint32_t *stratum_of; /* [words] number + 1 in strata, 0 = not met; once settled the number */
	struct eh_list strung; /* struct strung of one kind, in the order of the strata */
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
	if (c->want != NULL) {
		c->month_word = eh_xrealloc(c->month_word, n, sizeof *c->month_word);
		memset(c->month_word + c->n_words, 0, (n - c->n_words) * sizeof *c->month_word);
	}
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

/* Decisions keep their months. */
static bool has_months(const struct counts *c) { return c->want != NULL && c->want->months; }

/* Name of a stratum in the data; with months the one of the counts has the month behind it. */
static uint32_t add_stratum(struct counts *c, uint32_t word)
{
	const char *text = eh_names_text(c->words, word);
	char *own = NULL;
	uint32_t at;

	if (has_months(c))
		text = own = eh_stratum_in_period(text, (enum eh_period)c->want->window.period,
						  c->month_word[word].month);
	at = eh_names_add(c->strata, text);
	free(own);
	return at;
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
			c->stratum_of[cell.stratum] = add_stratum(c, cell.stratum) + 1;
		c->repeats = c->repeats || (i > 0 && kind->cell[i - 1].stratum == kind->cell[i].stratum);
		(void)eh_list_push(&c->cells, &cell);
	}
	return profile_of(c, kind->profile, &h->profile, err);
}

/* What is counted of an evaluator is in c->kinds. */
static int take_evaluator(struct counts *c, const char *evaluator, struct eh_err *err)
{
	const size_t before = c->held.n;
	struct eh_held_cube *cube = NULL;
	int rc;

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
		if (c->want != NULL && c->want->unscored)
			return EH_OK;
		rc = eh_scored_read(scored, c->kinds, (const struct eh_held *)c->held.v + before, c->held.n - before,
				    c->cells.v, err);
		c->scores = c->scores || scored->n > 0;
	}
	return rc;
}

static int take_cube(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct counts *c = ctx;
	eh_id evaluator;
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
	return rc == EH_OK ? take_evaluator(c, evaluator, err) : rc;
}

/* ---- reading some months ---- */

static bool wants_month(const struct counts *c, int32_t month)
{
	if (month == EH_PERIOD_NONE)
		return !c->want->timed && !eh_window_bounded(&c->want->window);
	return month >= c->months.first && month <= c->months.last;
}

static uint32_t word_as(void *ctx, uint32_t word)
{
	struct counts *c = ctx;
	struct month_word x = { true, EH_NO_STRATUM, EH_PERIOD_NONE };
	char *text = NULL;

	meet_word(c, word);
	if (c->month_word[word].met)
		return c->month_word[word].as;
	if (!eh_stratum_month(eh_names_text(c->words, word), &x.month)) {
		c->damaged = true;
	} else if (wants_month(c, x.month)) {
		c->timed = c->timed || x.month != EH_PERIOD_NONE;
		text = eh_stratum_in_period(eh_names_text(c->words, word), (enum eh_period)c->want->window.period,
					    x.month);
		x.as = c->want->months ? word : eh_names_add(c->words, text);
		free(text);
	}
	c->month_word[word] = x;
	return x.as;
}

static int count_untimed(void *ctx, const struct eh_kind *kind, struct eh_err *err)
{
	struct counts *c = ctx;

	(void)err;
	for (size_t i = 0; i < kind->n_cells; i++) {
		(void)word_as(c, kind->cell[i].stratum);
		if (c->month_word[kind->cell[i].stratum].month == EH_PERIOD_NONE)
			c->untimed += kind->n;
	}
	return EH_OK;
}

static int end_evaluator(struct counts *c, struct eh_err *err)
{
	if (c->name[0] == '\0')
		return EH_OK;
	/* several cubes came one behind the other; scores are looked for profile by profile */
	eh_kinds_arrange(c->kinds);
	return take_evaluator(c, c->name, err);
}

static int take_dated(void *ctx, struct eh_bytes key, struct eh_bytes record, struct eh_err *err)
{
	struct counts *c = ctx;
	struct eh_dated_key k;
	int rc = eh_dated_open(key, &k, err);

	if (rc == EH_OK && strcmp(c->name, k.evaluator) != 0) {
		rc = end_evaluator(c, err);
		eh_kinds_clear(c->kinds);
		memcpy(c->name, k.evaluator, sizeof c->name);
	}
	if (rc == EH_OK && k.first == EH_PERIOD_NONE) {
		eh_kinds_clear(c->aside);
		rc = eh_kinds_load(c->aside, record, err);
		if (rc == EH_OK)
			rc = eh_kinds_each(c->aside, count_untimed, c, err);
	}
	if (rc == EH_OK && (wants_month(c, k.first) || (k.first <= c->months.last && k.last >= c->months.first)))
		rc = eh_kinds_load_as(c->kinds, record, word_as, c, err);
	if (rc == EH_OK && c->damaged)
		rc = eh_err_set(err, EH_EFORMAT, "count cube: a stored stratum is damaged; run: evenhand doctor");
	return rc;
}

static int read_dated(struct counts *c, struct eh_err *err)
{
	struct eh_key who;
	struct eh_bytes prefix = { NULL, 0 };
	int rc;

	if (c->want->evaluator != NULL) {
		who = eh_key_of(c->want->evaluator);
		eh_key_end(&who);
		prefix = eh_key_bytes(&who);
	}
	rc = eh_txn_scan(c->txn, EH_T_DATED, prefix, take_dated, c, err);
	return rc == EH_OK ? end_evaluator(c, err) : rc;
}

/* ---- filling ---- */

static int by_stratum(const void *a, const void *b)
{
	const struct strung *x = a, *y = b;

	return (x->stratum > y->stratum) - (x->stratum < y->stratum);
}

/* Rows of one kind; *row moves on. */
static void fill_rows(struct counts *c, const struct eh_held *h, uint32_t candidate, size_t *row)
{
	const struct eh_kind_cell *from = (const struct eh_kind_cell *)c->cells.v + h->first;
	struct eh_audit_data *d = c->d;
	struct strung *cell = NULL;

	c->strung.n = 0;
	for (size_t i = 0; i < h->n_cells; i++) {
		const int32_t day = has_months(c) ? eh_month_day(c->month_word[from[i].stratum].month) : EH_NO_DAY;

		(void)eh_list_push(&c->strung,
				   &(struct strung){ c->stratum_of[from[i].stratum], from[i].selected, day });
	}
	cell = c->strung.v;
	if (h->n_cells > 1)
		qsort(cell, h->n_cells, sizeof *cell, by_stratum);
	for (size_t i = 0; i < h->n_cells; i++, ++*row) {
		d->evaluator[*row] = h->evaluator;
		d->candidate[*row] = candidate;
		d->stratum[*row] = cell[i].stratum;
		d->selected[*row] = (uint8_t)cell[i].selected;
		if (d->decided != NULL)
			d->decided[*row] = cell[i].day;
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

/* Somebody's month is known, and asked for. */
static bool has_timed(const struct counts *c)
{
	bool timed = false;

	for (size_t i = 0; has_months(c) && i < c->cells.n && !timed; i++)
		timed = c->month_word[((const struct eh_kind_cell *)c->cells.v)[i].stratum].month != EH_PERIOD_NONE;
	return timed;
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
	if (has_timed(c))
		d->decided = eh_xcalloc(rows, sizeof *d->decided);
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
	free(c->month_word);
	eh_kinds_free(&c->aside);
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
	c->aside = c->want != NULL ? eh_kinds_new(c->words) : NULL;
	eh_list_init(&c->held, sizeof(struct eh_held));
	eh_list_init(&c->cubes, sizeof(struct eh_held_cube));
	eh_list_init(&c->cells, sizeof(struct eh_kind_cell));
	eh_list_init(&c->strung, sizeof(struct strung));
	eh_list_init(&c->profiles, sizeof(struct eh_candidate));
	eh_list_init(&c->scored, sizeof(struct eh_score_kinds));
	rc = c->want != NULL ? read_dated(c, err)
			     : eh_txn_scan(c->txn, EH_T_CUBES, (struct eh_bytes){ NULL, 0 }, take_cube, c, err);
	/* they were read in the order of the keys, which is that of the names */
	eh_names_finish(&c->evaluators, &c->d->evaluators, NULL);
	settle_strata(c);
	/* a score has no month of its own */
	c->repeats = c->repeats || (has_months(c) && c->scores);
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

/* Do the counts by months hold all that is wanted? */
static int look_at_dated(struct counts *c, bool *whole, struct eh_err *err)
{
	struct eh_cubes_state state = { .current = false };
	uint64_t posteriors = 0;
	int rc = eh_cubes_state(c->txn, &state, err);

	if (rc == EH_OK)
		rc = eh_txn_count(c->txn, EH_T_POSTERIORS, &posteriors, err);
	*whole = rc == EH_OK && state.dated && state.evaluations > 0 && (posteriors == 0 || c->want->known_only) &&
		 (state.shared == 0 || c->want->evaluator != NULL);
	return rc;
}

int eh_desk_gather_months(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
			  eh_place **places, uint64_t *untimed, bool *done, struct eh_err *err)
{
	struct counts c = { .d = out, .want = want };
	bool whole = false;
	int rc = EH_OK;

	*done = false;
	*untimed = 0;
	*places = NULL;
	memset(out, 0, sizeof *out);
	if (!eh_window_months(&c.months, &want->window))
		return EH_OK;
	(void)snprintf(out->source, sizeof out->source, "project");
	rc = eh_txn_begin(&c.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = look_at_dated(&c, &whole, err);
	/* what is wrong with the counts the evaluations tell better */
	if (rc == EH_OK && whole)
		*done = gather_counts(&c, NULL) == EH_OK && !c.repeats && c.held.n > 0 && out->n_attributes > 0 &&
			(c.timed || !eh_window_dated(&want->window));
	eh_txn_abort(&c.txn);
	*untimed = c.untimed;
	*places = c.places;
	if (whole)
		counts_free(&c);
	if (*done)
		return EH_OK;
	eh_audit_data_free(out);
	free(c.places);
	*places = NULL;
	return rc;
}

int eh_desk_gather_dated(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
			 eh_place **places, uint64_t *untimed, struct eh_err *err)
{
	bool done = false;
	int rc = eh_desk_gather_months(d, want, out, places, untimed, &done, err);

	return rc == EH_OK && !done ? eh_desk_gather_rows(d, want, out, places, untimed, err) : rc;
}

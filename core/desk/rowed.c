/* Which evaluations became others since they were gathered; see rowed.h. */
#include "desk/rowed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/cubes.h"
#include "base/mem.h"
#include "store/codec.h"

#define STRATUM_MAX (3 * EH_ID_MAX + 16)

/* ---- keeping ---- */

struct eh_rowed *eh_rowed_new(void)
{
	struct eh_rowed *r = eh_xcalloc(1, sizeof *r);

	eh_list_init(&r->judges, sizeof(struct eh_row_judge));
	return r;
}

void eh_rowed_free(struct eh_rowed **rowed)
{
	struct eh_rowed *r = rowed != NULL ? *rowed : NULL;
	struct eh_names none = { NULL, 0 };

	if (r == NULL)
		return;
	if (r->texts != NULL) {
		eh_names_finish(&r->texts, &none, NULL);
		eh_names_free(&none);
	}
	free(r->profile);
	free(r->judges.v);
	free(r);
	*rowed = NULL;
}

void eh_rowed_note(struct eh_rowed *r, const struct eh_evaluation *e)
{
	struct eh_row_judge *last = r->judges.v;

	last = last != NULL ? last + r->judges.n - 1 : NULL;
	if (last == NULL || strcmp(last->name, e->evaluator) != 0) {
		last = eh_list_push(&r->judges, NULL);
		memcpy(last->name, e->evaluator, sizeof last->name);
	}
	last->holds += e->decision == EH_HOLD;
}

void eh_rowed_settle(struct eh_rowed *r, struct eh_judged *j, size_t n, uint64_t version)
{
	const uint32_t *text = j->text_of.v, *profile = j->profile_of.v;

	r->version = version;
	r->texts = j->texts;
	j->texts = NULL;
	r->profile = eh_xcalloc(n + 1, sizeof *r->profile);
	for (size_t i = 0; i < n; i++)
		r->profile[i] = text[profile[i]];
}

/* ---- one evaluator, read again ---- */

struct row {
	uint32_t candidate, stratum;    /* the candidate as numbered with the newcomers */
	uint8_t selected, has_score;
	double score;
	int32_t decided;
};

struct look {
	struct eh_rowed *r;
	struct eh_txn *txn;
	const struct eh_audit_data *d;
	struct eh_row_changes *out;
	struct eh_row_judge *judge;
	uint32_t evaluator;
	uint64_t holds;
	struct eh_list rows;            /* struct row */
	struct eh_list who;             /* struct eh_newcomer; name: allocated */
	struct eh_list profiles;        /* uint32_t, of those */
	struct eh_list changed;         /* uint32_t */
	/* the candidate at hand */
	eh_id candidate;
	char text[EH_PROFILE_TEXT];
	uint32_t number;
	bool counted;                   /* he has a number */
};

static const struct row *row_at(const struct look *l, size_t i) { return (const struct row *)l->rows.v + i; }

/* 1: what was read is not what the data can take in. */
static int needs_data(struct look *l, const char *what)
{
	(void)snprintf(l->out->why, sizeof l->out->why, "evaluator %s: %s", l->judge->name, what);
	return 1;
}

static int read_profile(struct look *l, const char *candidate, struct eh_err *err)
{
	struct eh_key key = eh_key_of(candidate);
	struct eh_bytes record;
	int rc = eh_txn_get(l->txn, EH_T_CANDIDATES, eh_key_bytes(&key), &record, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_EFORMAT, "there is no candidate '%.64s', but there are evaluations",
				  candidate);
	memcpy(l->candidate, candidate, sizeof l->candidate);
	l->counted = false;
	return rc == EH_OK ? eh_profile_record(l->text, record, err) : rc;
}

/* Somebody who has this profile, UINT32_MAX: nobody in the data. */
static uint32_t like(const struct look *l, uint32_t profile)
{
	for (size_t i = 0; i < l->d->candidates.n; i++)
		if (l->r->profile[i] == profile)
			return (uint32_t)i;
	return UINT32_MAX;
}

static int let_in(struct look *l, uint32_t profile)
{
	struct eh_newcomer x = { NULL, like(l, profile) };

	if (x.like == UINT32_MAX)
		return needs_data(l, "a candidate of a position, a place or with classes that nobody had before");
	l->number = eh_rows_newcomer(l->d, l->candidate, l->who.n);
	x.name = eh_xstrdup(l->candidate);
	(void)eh_list_push(&l->who, &x);
	(void)eh_list_push(&l->profiles, &profile);
	return EH_OK;
}

/* Gives the candidate at hand his number: he has a decision. */
static int count_candidate(struct look *l)
{
	const uint32_t profile = eh_names_add(l->r->texts, l->text);
	const uint32_t known = eh_names_find(&l->d->candidates, l->candidate);

	l->counted = true;
	if (known == UINT32_MAX)
		return let_in(l, profile);
	/* evaluations come in the order of the names, so the newcomers before him are there */
	l->number = known + (uint32_t)l->who.n;
	if (l->r->profile[known] != profile)
		return needs_data(l, "a candidate of another position, place or class than before");
	return EH_OK;
}

static uint32_t stratum_of(const struct look *l, const struct eh_evaluation *e)
{
	const char *own = NULL;
	const size_t n = eh_profile_position(l->text, &own);
	char text[STRATUM_MAX];

	if (e->position[0] != '\0')
		(void)snprintf(text, sizeof text, "%s\x1f%s\x1f%s", e->position, e->stage, e->question);
	else
		(void)snprintf(text, sizeof text, "%.*s\x1f%s\x1f%s", (int)n, own, e->stage, e->question);
	return eh_names_find(&l->d->strata, text);
}

static int take(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	struct look *l = ctx;
	struct row x = { .selected = e->decision == EH_ADVANCE, .has_score = e->has_score, .score = e->score };
	int rc = strcmp(l->candidate, e->candidate) != 0 ? read_profile(l, e->candidate, err) : EH_OK;

	if (e->decision == EH_HOLD) {
		l->holds++;
		return rc;
	}
	if (rc == EH_OK && !l->counted)
		rc = count_candidate(l);
	if (rc != EH_OK)
		return rc;
	x.candidate = l->number;
	x.stratum = stratum_of(l, e);
	x.decided = e->has_time ? eh_day_of(e->decided_at) : EH_NO_DAY;
	if (x.stratum == UINT32_MAX)
		return needs_data(l, "the first decision in a position, stage or question");
	if (x.has_score != 0 && l->d->score == NULL)
		return needs_data(l, "the first score");
	if (x.decided != EH_NO_DAY && l->d->decided == NULL)
		return needs_data(l, "the first decision with a time");
	(void)eh_list_push(&l->rows, &x);
	return EH_OK;
}

/* ---- beside what he decided before ---- */

static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->candidate != y->candidate)
		return x->candidate < y->candidate ? -1 : 1;
	return (x->stratum > y->stratum) - (x->stratum < y->stratum);
}

static struct row row_before(const struct eh_audit_data *d, size_t i, uint32_t candidate)
{
	struct row x = { candidate, d->stratum[i], d->selected[i], 0, 0.0, EH_NO_DAY };

	if (d->score != NULL && d->has_score[i] != 0) {
		x.has_score = 1;
		x.score = d->score[i];
	}
	if (d->decided != NULL)
		x.decided = d->decided[i];
	return x;
}

static bool same_row(const struct row *x, const struct row *y)
{
	return x->candidate == y->candidate && x->stratum == y->stratum && x->selected == y->selected &&
	       x->has_score == y->has_score &&
	       (x->has_score == 0 || memcmp(&x->score, &y->score, sizeof x->score) == 0) &&
	       x->decided == y->decided;
}

/* Does anybody else have what the evaluator's old row i has?  Else the data would have one less of it. */
static bool elsewhere(const struct look *l, size_t i,
		      bool (*has)(const struct eh_audit_data *d, size_t row, size_t like))
{
	const struct eh_audit_data *d = l->d;

	for (size_t k = 0; k < d->n_decisions; k++)
		if ((k < d->evaluator_at[l->evaluator] || k >= d->evaluator_at[l->evaluator + 1]) && has(d, k, i))
			return true;
	return false;
}

static bool of_candidate(const struct eh_audit_data *d, size_t k, size_t i)
{
	return d->candidate[k] == d->candidate[i];
}

static bool of_stratum(const struct eh_audit_data *d, size_t k, size_t i) { return d->stratum[k] == d->stratum[i]; }

static bool with_score(const struct eh_audit_data *d, size_t k, size_t i)
{
	(void)i;
	return d->has_score[k] != 0;
}

static bool with_day(const struct eh_audit_data *d, size_t k, size_t i)
{
	(void)i;
	return d->decided[k] != EH_NO_DAY;
}

/* Is the stratum among his rows now? */
static bool in_rows(const struct look *l, uint32_t stratum)
{
	for (size_t k = 0; k < l->rows.n; k++)
		if (row_at(l, k)->stratum == stratum)
			return true;
	return false;
}

/* What an old row that is gone may have been the last of. */
static int look_at_gone(struct look *l, size_t i, bool there)
{
	const struct eh_audit_data *d = l->d;

	if (!there && !elsewhere(l, i, of_candidate))
		return needs_data(l, "nobody is left who decided on a candidate");
	if (!in_rows(l, d->stratum[i]) && !elsewhere(l, i, of_stratum))
		return needs_data(l, "no decision is left in a position, stage or question");
	return EH_OK;
}

static int look_at_rest(struct look *l)
{
	const size_t first = l->d->evaluator_at[l->evaluator];
	bool scores = l->d->score == NULL, days = l->d->decided == NULL;

	for (size_t k = 0; k < l->rows.n; k++) {
		scores = scores || row_at(l, k)->has_score != 0;
		days = days || row_at(l, k)->decided != EH_NO_DAY;
	}
	if (!scores && !elsewhere(l, first, with_score))
		return needs_data(l, "no score is left");
	if (!days && !elsewhere(l, first, with_day))
		return needs_data(l, "no decision with a time is left");
	return EH_OK;
}

static void note_changed(struct look *l, uint32_t candidate)
{
	const uint32_t *v = l->changed.v;

	if (l->changed.n == 0 || v[l->changed.n - 1] != candidate)
		(void)eh_list_push(&l->changed, &candidate);
}

/* Old rows and new ones side by side, both in order. */
static int compare(struct look *l)
{
	const struct eh_audit_data *d = l->d;
	const struct eh_newcomer *who = l->who.v;
	size_t i = d->evaluator_at[l->evaluator], k = 0, met = 0;
	const size_t end = d->evaluator_at[l->evaluator + 1];
	int rc = EH_OK;

	while ((i < end || k < l->rows.n) && rc == EH_OK) {
		struct row was = { .candidate = UINT32_MAX };
		int order = 1;

		if (i < end) {
			while (met < l->who.n && strcmp(who[met].name, d->candidates.v[d->candidate[i]]) < 0)
				met++;
			was = row_before(d, i, d->candidate[i] + (uint32_t)met);
			order = k < l->rows.n ? by_place(&was, row_at(l, k)) : -1;
		}
		if (order < 0) {
			const bool there = (k < l->rows.n && row_at(l, k)->candidate == was.candidate) ||
					   (k > 0 && row_at(l, k - 1)->candidate == was.candidate);

			note_changed(l, was.candidate);
			rc = look_at_gone(l, i, there);
		} else if (order > 0 || !same_row(&was, row_at(l, k))) {
			note_changed(l, row_at(l, k)->candidate);
		}
		i += order <= 0;
		k += order >= 0;
	}
	return rc;
}

static bool has_repeats(const struct look *l)
{
	for (size_t k = 1; k < l->rows.n; k++)
		if (by_place(row_at(l, k - 1), row_at(l, k)) == 0)
			return true;
	return false;
}

static void insert_profiles(struct look *l)
{
	const struct eh_newcomer *who = l->who.v;
	const uint32_t *profile = l->profiles.v;
	const size_t n = l->d->candidates.n - l->who.n;

	if (l->who.n == 0)
		return;
	l->r->profile = eh_xrealloc(l->r->profile, l->d->candidates.n + 1, sizeof *l->r->profile);
	for (size_t i = l->who.n, end = n; i-- > 0;) {
		/* the names have them by now */
		const size_t at = eh_names_find(&l->d->candidates, who[i].name);

		memmove(l->r->profile + at + 1, l->r->profile + at - i, (end - (at - i)) * sizeof *l->r->profile);
		l->r->profile[at] = profile[i];
		end = at - i;
	}
}

static int hand_over(struct look *l, struct eh_err *err)
{
	const size_t n = l->rows.n;
	uint32_t *candidate = eh_xcalloc(n + 1, sizeof *candidate), *stratum = eh_xcalloc(n + 1, sizeof *stratum);
	uint8_t *selected = eh_xcalloc(n + 1, 1), *has_score = eh_xcalloc(n + 1, 1);
	double *score = eh_xcalloc(n + 1, sizeof *score);
	int32_t *decided = eh_xcalloc(n + 1, sizeof *decided);
	const struct eh_rows_now now = { l->who.v, l->who.n, candidate, stratum, selected, score, has_score, decided, n,
					 l->changed.v, l->changed.n };
	int rc;

	for (size_t k = 0; k < n; k++) {
		const struct row *x = row_at(l, k);

		candidate[k] = x->candidate;
		stratum[k] = x->stratum;
		selected[k] = x->selected;
		has_score[k] = x->has_score;
		score[k] = x->score;
		decided[k] = x->decided;
	}
	rc = l->out->replace(l->out->ctx, l->evaluator, &now, err);
	l->out->changed = true;
	if (rc == EH_OK)
		insert_profiles(l);
	free(candidate);
	free(stratum);
	free(selected);
	free(has_score);
	free(score);
	free(decided);
	return rc;
}

static void clear(struct look *l)
{
	struct eh_newcomer *who = l->who.v;

	for (size_t i = 0; i < l->who.n; i++)
		free((char *)(uintptr_t)who[i].name);
	l->rows.n = l->who.n = l->profiles.n = l->changed.n = 0;
	l->holds = 0;
	l->candidate[0] = '\0';
}

static int look_at_judge(struct look *l, struct eh_row_judge *judge, struct eh_err *err)
{
	int rc;

	clear(l);
	l->judge = judge;
	l->evaluator = eh_names_find(&l->d->evaluators, judge->name);
	rc = eh_evaluations_of(l->txn, judge->name, take, l, err);
	if (rc != EH_OK)
		return rc;
	if ((l->rows.n > 0) != (l->evaluator != UINT32_MAX))
		return needs_data(l, l->rows.n > 0 ? "the first decisions" : "no decision is left");
	if (l->rows.n > 1)
		qsort(l->rows.v, l->rows.n, sizeof(struct row), by_place);
	if (has_repeats(l))
		return needs_data(l, "two decisions on one candidate in one position, stage and question");
	judge->holds = l->holds;
	if (l->evaluator == UINT32_MAX)
		return EH_OK;
	rc = compare(l);
	if (rc == EH_OK && l->changed.n > 0)
		rc = look_at_rest(l);
	return rc == EH_OK && l->changed.n > 0 ? hand_over(l, err) : rc;
}

/* ---- all of them ---- */

struct scan {
	struct eh_rowed *r;
	struct eh_list moved;           /* size_t, in judges */
	size_t at;
	bool same;                      /* evaluators as before */
};

static int look_at_cube(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct scan *s = ctx;
	const struct eh_row_judge *judge = (const struct eh_row_judge *)s->r->judges.v + s->at;
	uint64_t version = 0;
	struct eh_bytes record;
	int rc = eh_cubes_open(value, &version, &record, err);

	if (rc != EH_OK)
		return rc;
	s->same = s->at < s->r->judges.n && strlen(judge->name) == key.len &&
		  memcmp(judge->name, key.data, key.len) == 0;
	if (!s->same)
		return 1;
	if (version > s->r->version)
		(void)eh_list_push(&s->moved, &s->at);
	s->at++;
	return EH_OK;
}

static int look_at_moved(struct look *l, const struct eh_list *moved, struct eh_err *err)
{
	struct eh_row_judge *judge = l->r->judges.v;
	int rc = EH_OK;

	eh_list_init(&l->rows, sizeof(struct row));
	eh_list_init(&l->who, sizeof(struct eh_newcomer));
	eh_list_init(&l->profiles, sizeof(uint32_t));
	eh_list_init(&l->changed, sizeof(uint32_t));
	for (size_t i = 0; i < moved->n && rc == EH_OK; i++)
		rc = look_at_judge(l, &judge[((const size_t *)moved->v)[i]], err);
	clear(l);
	free(l->rows.v);
	free(l->who.v);
	free(l->profiles.v);
	free(l->changed.v);
	return rc;
}

static int whole(struct eh_txn *txn, struct eh_cubes_state *state, struct eh_row_changes *out, struct eh_err *err)
{
	uint64_t posteriors = 0;
	int rc = eh_cubes_state(txn, state, err);

	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_POSTERIORS, &posteriors, err);
	if (rc == EH_OK && (!state->current || state->shared == 0 || posteriors > 0))
		(void)snprintf(out->why, sizeof out->why, "%s",
			       !state->current ? "the counts are not those of the evaluations" :
			       posteriors > 0  ? "classes are predicted" :
						 "no candidate has two evaluators any more");
	return rc;
}

int eh_rowed_changes(struct eh_rowed *r, struct eh_txn *txn, const struct eh_audit_data *d, struct eh_row_changes *out,
		     struct eh_err *err)
{
	struct scan s = { .r = r, .same = true };
	struct look l = { .r = r, .txn = txn, .d = d, .out = out };
	const struct eh_row_judge *judge = r->judges.v;
	struct eh_cubes_state state;
	int rc;

	out->changed = false;
	out->evaluators = 0;
	out->holds = 0;
	out->why[0] = '\0';
	rc = whole(txn, &state, out, err);
	out->version = state.version;
	eh_list_init(&s.moved, sizeof(size_t));
	if (rc == EH_OK && out->why[0] == '\0' && state.version != r->version) {
		rc = eh_txn_scan(txn, EH_T_CUBES, (struct eh_bytes){ NULL, 0 }, look_at_cube, &s, err);
		if (rc == 1 || (rc == EH_OK && s.at < r->judges.n)) {
			(void)snprintf(out->why, sizeof out->why, "other evaluators than before decided");
			rc = EH_OK;
		}
	}
	out->evaluators = (uint32_t)s.moved.n;
	if (rc == EH_OK && out->why[0] == '\0')
		rc = look_at_moved(&l, &s.moved, err);
	free(s.moved.v);
	r->version = state.version;
	for (size_t i = 0; i < r->judges.n; i++)
		out->holds += judge[i].holds;
	return rc == 1 ? EH_OK : rc;
}

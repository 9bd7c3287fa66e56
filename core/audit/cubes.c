/* State of the stored cubes, counting anew, comparing, moving a candidate; see cubes.h. */
#include "audit/cubes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/cubes_inside.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/codec.h"

#define MARK_VERSION 4 /* 3: none by months; 2: scores in the kinds of decisions */
#define MARK_UNDATED 3
#define HEAD 8 /* [bytes] of a stored cube before its record: the version */

static const struct eh_bytes mark_key = { (const unsigned char *)"cubes", 5 };
static const struct eh_bytes everything = { NULL, 0 };

/* ---- lists of decisions ---- */

struct eh_decided eh_decided_of(const struct eh_evaluation *e, uint32_t stratum)
{
	const int32_t day = e->has_time ? eh_day_of(e->decided_at) : EH_NO_DAY;

	return (struct eh_decided){ stratum, eh_period_of(EH_BY_MONTH, day), e->decision, e->has_score, e->score };
}

bool eh_decided_same(const struct eh_decided_list *a, const struct eh_decided_list *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; i < a->n && same; i++) {
		const struct eh_decided *x = &a->v[i], *y = &b->v[i];

		same = x->stratum == y->stratum && x->month == y->month && x->decision == y->decision &&
		       x->has_score == y->has_score &&
		       (!x->has_score || memcmp(&x->score, &y->score, sizeof x->score) == 0);
	}
	return same;
}

int eh_decided_push(struct eh_decided_list *l, const struct eh_decided *d, struct eh_err *err)
{
	if (l->n == l->cap) {
		size_t cap = l->cap != 0 ? 2 * l->cap : 16;
		struct eh_decided *v = eh_try_realloc(l->v, cap, sizeof *v);
		struct eh_kind_cell *cell = NULL;

		if (v != NULL) {
			l->v = v;
			cell = eh_try_realloc(l->cell, cap, sizeof *cell);
		}
		if (cell == NULL)
			return eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory");
		l->cell = cell;
		l->cap = cap;
	}
	l->v[l->n++] = *d;
	return EH_OK;
}

void eh_decided_free(struct eh_decided_list *l)
{
	free(l->v);
	free(l->cell);
	*l = (struct eh_decided_list){ NULL, 0, 0, NULL };
}

int eh_decided_count(struct eh_kinds *k, uint32_t profile, struct eh_decided_list *l, int sign, struct eh_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct eh_decided *d = &l->v[i];

		if (d->decision == EH_HOLD)
			eh_kinds_hold(k, sign);
		else
			l->cell[n++] = (struct eh_kind_cell){ d->stratum, d->decision == EH_ADVANCE, d->has_score,
							      d->has_score ? d->score : 0.0 };
	}
	return n > 0 ? eh_kinds_add(k, profile, l->cell, n, sign, err) : EH_OK;
}

uint32_t eh_stratum_word(struct eh_name_builder *words, const char *profile, const char *position, const char *stage,
			 const char *question)
{
	char text[3 * sizeof(eh_id) + 4];
	size_t len = strlen(position), used = 0;

	if (len == 0)
		len = eh_profile_position(profile, &position);
	memcpy(text, position, len);
	text[len] = '\x1f';
	used = len + 1;
	len = strlen(stage);
	memcpy(text + used, stage, len);
	used += len;
	text[used++] = '\x1f';
	memcpy(text + used, question, strlen(question) + 1);
	return eh_names_add(words, text);
}

/* ---- stored ---- */

int eh_cubes_state(struct eh_txn *txn, struct eh_cubes_state *out, struct eh_err *err)
{
	struct eh_bytes value;
	struct eh_reader r;
	uint64_t stored = 0;
	uint16_t format = 0;
	int rc = eh_txn_count(txn, EH_T_EVALUATIONS, &stored, err);

	*out = (struct eh_cubes_state){ .current = stored == 0, .dated = stored == 0 };
	if (rc == EH_OK)
		rc = eh_txn_get(txn, EH_T_META, mark_key, &value, err);
	if (rc != EH_OK)
		return rc == EH_ENOENT ? EH_OK : rc;
	eh_reader_init(&r, value.data, value.len);
	format = eh_get_u16(&r);
	/* another format is counted anew, whichever it is */
	if (format == MARK_VERSION || format == MARK_UNDATED) {
		out->evaluations = eh_get_u64(&r);
		out->shared = eh_get_u64(&r);
		out->version = eh_get_u64(&r);
		out->current = !r.bad && out->evaluations == stored;
	} else {
		out->current = false;
	}
	out->dated = out->current && format == MARK_VERSION;
	return EH_OK;
}

int eh_cubes_mark(struct eh_txn *txn, uint64_t shared, uint64_t version, bool dated, struct eh_err *err)
{
	struct eh_buf b;
	uint64_t stored = 0;
	int rc = eh_txn_count(txn, EH_T_EVALUATIONS, &stored, err);

	eh_buf_init(&b, 64);
	eh_put_u16(&b, dated ? MARK_VERSION : MARK_UNDATED);
	eh_put_u64(&b, stored);
	eh_put_u64(&b, shared);
	eh_put_u64(&b, version);
	if (rc == EH_OK)
		rc = b.failed ? eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory")
			      : eh_txn_put(txn, EH_T_META, mark_key, (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

/* Where no version is known one may have been: the clock is past all that were counted up since. */
uint64_t eh_cubes_next(const struct eh_cubes_state *before)
{
	return before->version != 0 ? before->version + 1 : (uint64_t)eh_now() + 1;
}

int eh_cubes_open(struct eh_bytes value, uint64_t *version, struct eh_bytes *record, struct eh_err *err)
{
	struct eh_reader r;

	eh_reader_init(&r, value.data, value.len);
	*version = eh_get_u64(&r);
	*record = everything;
	if (r.bad)
		return eh_err_set(err, EH_EFORMAT, "count cube: the stored record is damaged; run: evenhand doctor");
	*record = (struct eh_bytes){ value.data + HEAD, value.len - HEAD };
	return EH_OK;
}


/* The record that is stored; empty when there is none. */
static int stored_record(struct eh_txn *txn, const struct eh_key *key, struct eh_bytes *record, struct eh_err *err)
{
	struct eh_bytes value = everything;
	uint64_t version = 0;
	int rc = eh_txn_get(txn, EH_T_CUBES, eh_key_bytes(key), &value, err);

	*record = everything;
	if (rc != EH_OK)
		return rc == EH_ENOENT ? EH_OK : rc;
	return eh_cubes_open(value, &version, record, err);
}

static bool same_bytes(struct eh_bytes a, const struct eh_buf *b)
{
	return a.len == b->len && (a.len == 0 || memcmp(a.data, b->data, a.len) == 0);
}

static int put_behind(struct eh_txn *txn, const struct eh_key *key, uint64_t version, const struct eh_buf *record,
		      struct eh_err *err)
{
	struct eh_buf b;
	int rc = EH_OK;

	eh_buf_init(&b, record->max + HEAD);
	eh_put_u64(&b, version);
	eh_buf_add(&b, record->data, record->len);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory")
		      : eh_txn_put(txn, EH_T_CUBES, eh_key_bytes(key), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

int eh_cubes_load(struct eh_txn *txn, const char *evaluator, struct eh_kinds *k, struct eh_err *err)
{
	struct eh_key key = eh_key_of(evaluator);
	struct eh_bytes record;
	int rc = stored_record(txn, &key, &record, err);

	eh_kinds_clear(k);
	return rc == EH_OK ? eh_kinds_load(k, record, err) : rc;
}

int eh_cubes_put(struct eh_txn *txn, const char *evaluator, struct eh_kinds *k, uint64_t version, bool moved,
		 bool *changed, struct eh_err *err)
{
	struct eh_key key = eh_key_of(evaluator);
	struct eh_bytes stored;
	struct eh_buf b;
	int rc = eh_kinds_store(k, &b, err);

	if (rc == EH_OK)
		rc = stored_record(txn, &key, &stored, err);
	if (rc == EH_OK && (moved || !same_bytes(stored, &b))) {
		*changed = true;
		rc = b.len > 0 ? put_behind(txn, &key, version, &b, err)
			       : eh_txn_del(txn, EH_T_CUBES, eh_key_bytes(&key), err);
	}
	eh_buf_free(&b);
	return rc;
}

/* ---- counting anew ---- */

struct recount {
	struct eh_txn *txn;
	struct eh_name_builder *words;
	struct eh_kinds *kinds;
	struct eh_dated *dated;
	struct eh_decided_list list;
	eh_id evaluator, candidate; /* at hand; "" = none yet */
	char profile[EH_PROFILE_TEXT];
	struct eh_judges *judges;
	bool compare, changed; /* compare: nothing is written */
	uint64_t version;      /* of what is */
	uint64_t shared, wrong, cubes, pairs;
	uint64_t wrong_months, months; /* of the cubes by months */
};

static int end_candidate(struct recount *r, struct eh_err *err)
{
	struct eh_key pair = eh_key_of(r->candidate);
	struct eh_bytes value;
	uint32_t profile = 0;
	int rc = EH_OK;

	if (r->list.n == 0)
		return EH_OK;
	profile = eh_names_add(r->words, r->profile);
	rc = eh_decided_count(r->kinds, profile, &r->list, 1, err);
	if (rc == EH_OK)
		rc = eh_dated_count(r->dated, profile, &r->list, 1, err);
	r->list.n = 0;
	r->pairs++;
	if (rc == EH_OK && !r->compare)
		return eh_judges_add(r->judges, r->candidate, r->evaluator, &r->shared, err);
	if (rc == EH_OK) {
		eh_key_str(&pair, r->evaluator);
		rc = eh_txn_get(r->txn, EH_T_JUDGES, eh_key_bytes(&pair), &value, err);
		r->wrong += rc == EH_ENOENT;
		rc = rc == EH_ENOENT ? EH_OK : rc;
	}
	return rc;
}

static int compare_cube(struct recount *r, struct eh_err *err)
{
	struct eh_key key = eh_key_of(r->evaluator);
	struct eh_bytes stored = everything;
	struct eh_buf b;
	int rc = eh_kinds_store(r->kinds, &b, err);

	if (rc == EH_OK)
		rc = stored_record(r->txn, &key, &stored, err);
	r->cubes += stored.len > 0;
	r->wrong += rc == EH_OK && !same_bytes(stored, &b);
	eh_buf_free(&b);
	return rc;
}

static int end_evaluator(struct recount *r, struct eh_err *err)
{
	int rc = end_candidate(r, err);

	if (rc != EH_OK || r->evaluator[0] == '\0')
		return rc;
	rc = r->compare ? compare_cube(r, err)
			: eh_cubes_put(r->txn, r->evaluator, r->kinds, r->version, false, &r->changed, err);
	if (rc == EH_OK)
		rc = r->compare ? eh_dated_compare(r->dated, &r->months, &r->wrong_months, err)
				: eh_dated_put(r->dated, err);
	eh_kinds_clear(r->kinds);
	return rc;
}

static int begin_candidate(struct recount *r, const char *candidate, struct eh_err *err)
{
	struct eh_key key = eh_key_of(candidate);
	struct eh_bytes value;
	int rc = eh_txn_get(r->txn, EH_T_CANDIDATES, eh_key_bytes(&key), &value, err);

	(void)snprintf(r->candidate, sizeof r->candidate, "%s", candidate);
	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_EFORMAT, "there is no candidate '%.64s', but there are evaluations",
				  candidate);
	return rc == EH_OK ? eh_profile_record(r->profile, value, err) : rc;
}

static int take(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	struct recount *r = ctx;
	bool other = strcmp(e->evaluator, r->evaluator) != 0;
	struct eh_decided d = eh_decided_of(e, 0);
	int rc = EH_OK;

	if (other) {
		rc = end_evaluator(r, err);
		(void)snprintf(r->evaluator, sizeof r->evaluator, "%s", e->evaluator);
		eh_dated_begin(r->dated, r->evaluator);
	}
	if (rc == EH_OK && (other || strcmp(e->candidate, r->candidate) != 0)) {
		rc = end_candidate(r, err);
		if (rc == EH_OK)
			rc = begin_candidate(r, e->candidate, err);
	}
	if (rc != EH_OK)
		return rc;
	d.stratum = eh_stratum_word(r->words, r->profile, e->position, e->stage, e->question);
	return eh_decided_push(&r->list, &d, err);
}

static int count_all(struct recount *r, struct eh_err *err)
{
	struct eh_names none = { NULL, 0 };
	int rc = EH_OK;

	r->words = eh_names_new();
	r->kinds = eh_kinds_new(r->words);
	r->judges = eh_judges_new(r->txn);
	r->dated = eh_dated_new(r->txn, r->words);
	eh_dated_anew(r->dated);
	rc = eh_evaluations_each(r->txn, take, r, err);
	if (rc == EH_OK)
		rc = end_evaluator(r, err);
	if (rc == EH_OK && !r->compare)
		rc = eh_judges_flush(r->judges, &r->shared, err);
	eh_judges_free(&r->judges);
	eh_kinds_free(&r->kinds);
	eh_dated_free(&r->dated);
	eh_decided_free(&r->list);
	eh_names_finish(&r->words, &none, NULL);
	eh_names_free(&none);
	return rc;
}

/* same: the cubes that are there are right, and keep their version. */
static int recount(struct eh_txn *txn, bool same, struct eh_err *err)
{
	struct recount r = { .txn = txn };
	struct eh_cubes_state before;
	int rc = eh_cubes_state(txn, &before, err);

	r.version = same && before.version != 0 ? before.version : eh_cubes_next(&before);
	if (rc == EH_OK)
		rc = eh_txn_clear(txn, EH_T_CUBES, err);
	if (rc == EH_OK)
		rc = eh_txn_clear(txn, EH_T_DATED, err);
	if (rc == EH_OK)
		rc = eh_txn_clear(txn, EH_T_JUDGES, err);
	if (rc == EH_OK)
		rc = count_all(&r, err);
	return rc == EH_OK ? eh_cubes_mark(txn, r.shared, r.version, true, err) : rc;
}

int eh_cubes_recount(struct eh_txn *txn, struct eh_err *err) { return recount(txn, false, err); }

int eh_cubes_ready(struct eh_txn *txn, struct eh_err *err)
{
	struct eh_cubes_state state;
	int rc = eh_cubes_state(txn, &state, err);

	return rc == EH_OK && !state.dated ? recount(txn, state.current, err) : rc;
}

int eh_cubes_check(struct eh_txn *txn, uint64_t *wrong, struct eh_err *err)
{
	struct recount r = { .txn = txn, .compare = true };
	struct eh_cubes_state state;
	uint64_t cubes = 0, pairs = 0, months = 0;
	int rc = eh_cubes_state(txn, &state, err);

	*wrong = 0;
	if (rc != EH_OK || !state.current)
		return rc;
	rc = count_all(&r, err);
	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_CUBES, &cubes, err);
	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_JUDGES, &pairs, err);
	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_DATED, &months, err);
	/* what is there beside those of the evaluations */
	*wrong = r.wrong + (cubes > r.cubes ? cubes - r.cubes : 0) + (pairs > r.pairs ? pairs - r.pairs : 0);
	if (state.dated)
		*wrong += r.wrong_months + (months > r.months ? months - r.months : 0);
	return rc;
}

/* ---- a candidate who changed ---- */

struct judge_list {
	eh_id *v;
	size_t n, cap;
};

static int list_judge(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct judge_list *l = ctx;

	(void)value;
	if (l->n == l->cap) {
		l->cap = l->cap != 0 ? 2 * l->cap : 8;
		l->v = eh_xrealloc(l->v, l->cap, sizeof *l->v);
	}
	if (!eh_key_part(key, 1, l->v[l->n], sizeof *l->v))
		return eh_err_set(err, EH_EFORMAT, "judges: the stored key is damaged");
	l->n++;
	return EH_OK;
}

struct move {
	struct eh_name_builder *words;
	const char *before;
	char after[EH_PROFILE_TEXT];
	uint64_t version;
	bool changed;
	struct eh_dated *dated; /* NULL: there are none to keep in step */
};

struct moved {
	struct eh_name_builder *words;
	const char *profile;
	struct eh_decided_list list;
};

static int take_moved(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct moved *m = ctx;
	struct eh_evaluation e;
	struct eh_decided d;
	int rc = eh_evaluation_read(&e, key, value, err);

	if (rc != EH_OK)
		return rc;
	d = eh_decided_of(&e, eh_stratum_word(m->words, m->profile, e.position, e.stage, e.question));
	return eh_decided_push(&m->list, &d, err);
}

/* Counts the decisions of one evaluator on the candidate under a profile: in or out. */
static int count_person(struct eh_txn *txn, struct eh_kinds *k, struct eh_dated *dated, struct moved *m,
			const struct eh_key *prefix, int sign, struct eh_err *err)
{
	const uint32_t profile = eh_names_add(m->words, m->profile);
	int rc = EH_OK;

	m->list.n = 0;
	rc = eh_txn_scan(txn, EH_T_EVALUATIONS, eh_key_bytes(prefix), take_moved, m, err);
	if (rc == EH_OK)
		rc = eh_decided_count(k, profile, &m->list, sign, err);
	return rc == EH_OK && dated != NULL ? eh_dated_count(dated, profile, &m->list, sign, err) : rc;
}

static int move_person(struct eh_txn *txn, struct move *v, const char *evaluator, const char *candidate,
		       struct eh_err *err)
{
	struct eh_kinds *k = eh_kinds_new(v->words);
	struct eh_key prefix = eh_key_of(evaluator);
	struct moved m = { .words = v->words, .profile = v->before };
	int rc = eh_cubes_load(txn, evaluator, k, err);

	eh_key_str(&prefix, candidate);
	eh_key_end(&prefix);
	if (v->dated != NULL)
		eh_dated_begin(v->dated, evaluator);
	if (rc == EH_OK)
		rc = count_person(txn, k, v->dated, &m, &prefix, -1, err);
	m.profile = v->after;
	if (rc == EH_OK)
		rc = count_person(txn, k, v->dated, &m, &prefix, 1, err);
	if (rc == EH_OK)
		rc = eh_cubes_put(txn, evaluator, k, v->version, false, &v->changed, err);
	if (rc == EH_OK && v->dated != NULL)
		rc = eh_dated_put(v->dated, err);
	eh_decided_free(&m.list);
	eh_kinds_free(&k);
	return rc;
}

int eh_cubes_moved(struct eh_txn *txn, const char *candidate, const char *before, struct eh_err *err)
{
	struct eh_key key = eh_key_of(candidate), prefix = key;
	struct judge_list judges = { NULL, 0, 0 };
	struct move v = { .words = eh_names_new(), .before = before };
	struct eh_names none = { NULL, 0 };
	struct eh_cubes_state state;
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_cubes_state(txn, &state, err);

	eh_key_end(&prefix);
	v.version = eh_cubes_next(&state);
	if (rc == EH_OK && state.current)
		rc = eh_txn_scan(txn, EH_T_JUDGES, eh_key_bytes(&prefix), list_judge, &judges, err);
	if (rc == EH_OK && judges.n > 0)
		rc = eh_txn_get(txn, EH_T_CANDIDATES, eh_key_bytes(&key), &value, err);
	if (rc == EH_OK && judges.n > 0)
		rc = eh_profile_record(v.after, value, err);
	v.dated = state.dated ? eh_dated_new(txn, v.words) : NULL;
	for (size_t i = 0; i < judges.n && rc == EH_OK && strcmp(before, v.after) != 0; i++)
		rc = move_person(txn, &v, judges.v[i], candidate, err);
	if (rc == EH_OK && v.changed)
		rc = eh_cubes_mark(txn, state.shared, v.version, state.dated, err);
	free(judges.v);
	eh_dated_free(&v.dated);
	eh_names_finish(&v.words, &none, NULL);
	eh_names_free(&none);
	return rc;
}

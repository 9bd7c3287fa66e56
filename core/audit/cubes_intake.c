/* Evaluations sorted in memory and put in the order of their keys, cubes and judges with them; see cubes.h. */
#include <stdlib.h>
#include <string.h>

#include "audit/cubes.h"
#include "audit/cubes_inside.h"
#include "base/mem.h"
#include "store/codec.h"

#define PILE ((size_t)1 << 20) /* evaluations put at once: some 80 bytes each */

/* An evaluation that waits; its key without the evaluator is text[at .. at + len - 1]. */
struct waiting {
	size_t at;
	double score;
	int64_t decided_at;
	uint32_t profile; /* word */
	uint32_t stratum; /* word */
	uint16_t len, candidate_len;
	uint8_t decision;
	bool has_score, has_time;
};

/* Place in the order: by the beginning of the key, the rest only where that is equal. */
struct item {
	uint64_t begin;
	uint32_t i;
};

struct eh_intake {
	struct eh_txn *txn;
	bool keep_score, keep_time;
	struct eh_name_builder *words, *evaluators;
	uint32_t n_evaluators;
	struct waiting *v;   /* [n] */
	uint32_t *evaluator; /* [n] provisional name */
	size_t n, cap;
	unsigned char *text;
	size_t used, room;
	struct item *item; /* [n] */
	size_t *from;	   /* [n_evaluators + 1] first item of each */
	struct eh_kinds *kinds;
	struct eh_dated *dated;
	struct eh_judges *judges;
	struct eh_cursor *cursor;
	struct eh_decided_list before, after;
	struct eh_evaluation *stored; /* [stored_n] of the person at hand, in key order */
	size_t stored_n, stored_cap;
	uint64_t shared, version_before, version; /* of the mark; before: when this transaction began */
	bool changed;
	struct eh_taken taken;
};

int eh_intake_new(struct eh_intake **out, struct eh_txn *txn, bool keep_score, bool keep_time, struct eh_err *err)
{
	struct eh_intake *t = eh_xcalloc(1, sizeof *t);
	struct eh_cubes_state state;
	int rc = eh_cubes_ready(txn, err);

	*out = NULL;
	if (rc == EH_OK)
		rc = eh_cubes_state(txn, &state, err);
	if (rc != EH_OK) {
		free(t);
		return rc;
	}
	t->txn = txn;
	t->shared = state.shared;
	t->version_before = state.version;
	t->version = eh_cubes_next(&state);
	t->keep_score = keep_score;
	t->keep_time = keep_time;
	t->words = eh_names_new();
	t->evaluators = eh_names_new();
	t->kinds = eh_kinds_new(t->words);
	t->dated = eh_dated_new(txn, t->words);
	t->judges = eh_judges_new(txn);
	*out = t;
	return EH_OK;
}

void eh_intake_free(struct eh_intake **intake)
{
	struct eh_intake *t = intake != NULL ? *intake : NULL;
	struct eh_names none = { NULL, 0 };

	if (t == NULL)
		return;
	eh_cursor_close(&t->cursor);
	eh_kinds_free(&t->kinds);
	eh_dated_free(&t->dated);
	eh_judges_free(&t->judges);
	eh_names_finish(&t->words, &none, NULL);
	eh_names_free(&none);
	eh_names_finish(&t->evaluators, &none, NULL);
	eh_names_free(&none);
	eh_decided_free(&t->before);
	eh_decided_free(&t->after);
	free(t->v);
	free(t->evaluator);
	free(t->text);
	free(t->item);
	free(t->from);
	free(t->stored);
	free(t);
	*intake = NULL;
}

static int no_memory(struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "taking evaluations in: out of memory; split the file and import the parts");
}

static bool room_for(struct eh_intake *t, size_t len)
{
	if (t->n == t->cap) {
		size_t cap = t->cap != 0 ? 2 * t->cap : 1024;
		struct waiting *v = eh_try_realloc(t->v, cap, sizeof *v);
		uint32_t *evaluator = NULL;

		if (v == NULL)
			return false;
		t->v = v;
		evaluator = eh_try_realloc(t->evaluator, cap, sizeof *evaluator);
		if (evaluator == NULL)
			return false;
		t->evaluator = evaluator;
		t->cap = cap;
	}
	if (t->used + len > t->room) {
		size_t room = 2 * (t->used + len);
		unsigned char *text = eh_try_realloc(t->text, room, 1);

		if (text == NULL)
			return false;
		t->text = text;
		t->room = room;
	}
	return true;
}

static int put_pile(struct eh_intake *t, struct eh_err *err);

int eh_intake_add(struct eh_intake *t, const struct eh_evaluation *e, const char *profile, struct eh_err *err)
{
	const char *parts[4] = { e->candidate, e->position, e->stage, e->question };
	size_t len[4], whole = 3, at = 0;
	struct waiting *w = NULL;
	uint32_t evaluator = 0;
	int rc = eh_evaluation_check(e, err);

	for (size_t i = 0; i < 4; i++) {
		len[i] = strlen(parts[i]);
		whole += len[i];
	}
	if (rc == EH_OK && strlen(e->evaluator) + 1 + whole > EH_KEY_MAX)
		rc = eh_err_set(err, EH_ERANGE,
				"evaluation: the ids together are longer than %d bytes; use shorter ids", EH_KEY_MAX);
	if (rc == EH_OK && t->n == PILE)
		rc = put_pile(t, err);
	if (rc != EH_OK)
		return rc;
	if (!room_for(t, whole))
		return no_memory(err);
	evaluator = eh_names_add(t->evaluators, e->evaluator);
	t->n_evaluators = evaluator >= t->n_evaluators ? evaluator + 1 : t->n_evaluators;
	t->evaluator[t->n] = evaluator;
	w = &t->v[t->n++];
	*w = (struct waiting){ t->used,
			       e->score,
			       e->decided_at,
			       eh_names_add(t->words, profile),
			       0,
			       (uint16_t)whole,
			       (uint16_t)len[0],
			       (uint8_t)e->decision,
			       e->has_score,
			       e->has_time };
	w->stratum = eh_stratum_word(t->words, profile, e->position, e->stage, e->question);
	at = t->used;
	for (size_t i = 0; i < 4; i++) {
		memcpy(t->text + at, parts[i], len[i]);
		at += len[i];
		if (i < 3)
			t->text[at++] = '\0';
	}
	t->used += whole;
	return EH_OK;
}

/* ---- order ---- */

static int by_key(const void *a, const void *b, void *ctx)
{
	const struct item *x = a, *y = b;
	const struct eh_intake *t = ctx;
	const struct waiting *v = &t->v[x->i], *w = &t->v[y->i];
	int order = 0;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	order = memcmp(t->text + v->at, t->text + w->at, v->len < w->len ? v->len : w->len);
	if (order == 0)
		order = (v->len > w->len) - (v->len < w->len);
	return order != 0 ? order : (x->i > y->i) - (x->i < y->i);
}

static bool arrange(struct eh_intake *t)
{
	free(t->item);
	free(t->from);
	t->item = eh_try_malloc(t->n + 1, sizeof *t->item);
	t->from = eh_try_calloc((size_t)t->n_evaluators + 2, sizeof *t->from);
	if (t->item == NULL || t->from == NULL)
		return false;
	for (size_t i = 0; i < t->n; i++)
		t->from[t->evaluator[i] + 2]++;
	for (size_t e = 2; e < (size_t)t->n_evaluators + 2; e++)
		t->from[e] += t->from[e - 1];
	for (size_t i = 0; i < t->n; i++) {
		const struct waiting *w = &t->v[i];
		struct item *x = &t->item[t->from[t->evaluator[i] + 1]++];

		*x = (struct item){ 0, (uint32_t)i };
		for (size_t k = 0; k < 8; k++)
			x->begin = x->begin << 8 | (k < w->len ? t->text[w->at + k] : 0);
	}
	return true;
}

/* ---- one person of one evaluator ---- */

/* What is stored about the person; prefix: evaluator 0 candidate 0. */
static int read_stored(struct eh_intake *t, struct eh_bytes prefix, struct eh_err *err)
{
	struct eh_bytes key, value;
	int rc = eh_cursor_seek(t->cursor, prefix, &key, &value, err);

	t->stored_n = 0;
	while (rc == EH_OK && eh_bytes_begin(key, prefix)) {
		if (t->stored_n == t->stored_cap) {
			size_t cap = t->stored_cap != 0 ? 2 * t->stored_cap : 16;
			struct eh_evaluation *v = eh_try_realloc(t->stored, cap, sizeof *v);

			if (v == NULL)
				return no_memory(err);
			t->stored = v;
			t->stored_cap = cap;
		}
		rc = eh_evaluation_read(&t->stored[t->stored_n++], key, value, err);
		if (rc == EH_OK)
			rc = eh_cursor_next(t->cursor, &key, &value, err);
	}
	return rc == EH_ENOENT ? EH_OK : rc;
}

static struct eh_evaluation *find_stored(struct eh_intake *t, const unsigned char *tail, size_t len)
{
	for (size_t i = 0; i < t->stored_n; i++) {
		const struct eh_evaluation *e = &t->stored[i];
		const char *parts[3] = { e->position, e->stage, e->question };
		const unsigned char *p = tail, *end = tail + len;
		bool same = true;

		for (size_t k = 0; k < 3 && same; k++) {
			size_t n = strlen(parts[k]);

			same = (size_t)(end - p) >= n && memcmp(p, parts[k], n) == 0 &&
			       (k < 2 ? p[n] == 0 : p + n == end);
			p += n + (k < 2);
		}
		if (same)
			return &t->stored[i];
	}
	return NULL;
}

static bool equal(const struct eh_evaluation *a, const struct eh_evaluation *b)
{
	return a->decision == b->decision && a->has_score == b->has_score &&
	       (!a->has_score || memcmp(&a->score, &b->score, sizeof a->score) == 0) && a->has_time == b->has_time &&
	       (!a->has_time || a->decided_at == b->decided_at);
}

/* Puts one evaluation; what is new or changed goes into t->after beside the stored one's place. */
static int put_one(struct eh_intake *t, const struct waiting *w, struct eh_bytes key, size_t prefix, struct eh_err *err)
{
	struct eh_evaluation *old = find_stored(t, key.data + prefix, key.len - prefix);
	struct eh_evaluation e = { .decision = (enum eh_decision_kind)w->decision };
	unsigned char record[EH_EVALUATION_RECORD];
	struct eh_decided d;
	int rc = EH_OK;

	e.has_score = w->has_score;
	e.score = w->score;
	e.has_time = w->has_time;
	e.decided_at = w->decided_at;
	if (old != NULL && t->keep_score) {
		e.has_score = old->has_score;
		e.score = old->score;
	}
	if (old != NULL && t->keep_time) {
		e.has_time = old->has_time;
		e.decided_at = old->decided_at;
	}
	d = eh_decided_of(&e, w->stratum);
	if (old != NULL) {
		bool same = equal(old, &e);

		t->after.v[old - t->stored] = d;
		t->taken.same += same;
		t->taken.changed += !same;
		if (same)
			return EH_OK;
	} else {
		t->taken.fresh++;
		rc = eh_decided_push(&t->after, &d, err);
	}
	if (rc == EH_OK)
		rc = eh_cursor_put(t->cursor, key, (struct eh_bytes){ record, eh_evaluation_write(record, &e) }, err);
	return rc;
}

/* What was counted about the person is t->before, and is t->after now. */
static int count_person(struct eh_intake *t, uint32_t profile, struct eh_err *err)
{
	int rc = EH_OK;

	if (eh_decided_same(&t->before, &t->after))
		return EH_OK;
	rc = eh_decided_count(t->kinds, profile, &t->before, -1, err);
	if (rc == EH_OK)
		rc = eh_decided_count(t->kinds, profile, &t->after, 1, err);
	if (rc == EH_OK)
		rc = eh_dated_count(t->dated, profile, &t->before, -1, err);
	return rc == EH_OK ? eh_dated_count(t->dated, profile, &t->after, 1, err) : rc;
}

/* items from..to-1 are about one candidate. */
static int put_person(struct eh_intake *t, const char *evaluator, size_t from, size_t to, struct eh_err *err)
{
	const struct waiting *first = &t->v[t->item[from].i];
	const char *profile = eh_names_text(t->words, first->profile);
	unsigned char key[EH_KEY_MAX];
	size_t head = strlen(evaluator) + 1, prefix = head + first->candidate_len + 1;
	int rc = EH_OK;

	memcpy(key, evaluator, head);
	memcpy(key + head, t->text + first->at, (size_t)first->candidate_len + 1);
	rc = read_stored(t, (struct eh_bytes){ key, prefix }, err);
	t->before.n = t->after.n = 0;
	for (size_t i = 0; i < t->stored_n && rc == EH_OK; i++) {
		const struct eh_evaluation *e = &t->stored[i];
		struct eh_decided d =
			eh_decided_of(e, eh_stratum_word(t->words, profile, e->position, e->stage, e->question));

		rc = eh_decided_push(&t->before, &d, err);
		if (rc == EH_OK)
			rc = eh_decided_push(&t->after, &d, err);
	}
	for (size_t i = from; i < to && rc == EH_OK; i++) {
		const struct waiting *w = &t->v[t->item[i].i];
		const struct waiting *later = i + 1 < to ? &t->v[t->item[i + 1].i] : NULL;

		/* the same key twice: the later row, which says the same where the table was checked */
		if (later != NULL && later->len == w->len &&
		    memcmp(t->text + later->at, t->text + w->at, w->len) == 0) {
			t->taken.same++;
			continue;
		}
		memcpy(key + head, t->text + w->at, w->len);
		rc = put_one(t, w, (struct eh_bytes){ key, head + w->len }, prefix, err);
	}
	if (rc == EH_OK)
		rc = count_person(t, first->profile, err);
	if (rc == EH_OK && t->stored_n == 0)
		rc = eh_judges_add(t->judges, (const char *)t->text + first->at, evaluator, &t->shared, err);
	return rc;
}

static bool same_candidate(const struct eh_intake *t, const struct item *a, const struct item *b)
{
	const struct waiting *x = &t->v[a->i], *y = &t->v[b->i];

	return x->candidate_len == y->candidate_len && memcmp(t->text + x->at, t->text + y->at, x->candidate_len) == 0;
}

static int put_evaluator(struct eh_intake *t, uint32_t e, struct eh_err *err)
{
	const char *name = eh_names_text(t->evaluators, e);
	const uint64_t changed = t->taken.changed;
	size_t from = t->from[e], end = t->from[e + 1];
	int rc = EH_OK;

	if (from == end)
		return EH_OK;
	qsort_r(t->item + from, end - from, sizeof *t->item, by_key, t);
	rc = eh_cubes_load(t->txn, name, t->kinds, err);
	eh_dated_begin(t->dated, name);
	for (size_t next = 0; from < end && rc == EH_OK; from = next) {
		for (next = from + 1; next < end && same_candidate(t, &t->item[from], &t->item[next]); next++)
			;
		rc = put_person(t, name, from, next, err);
	}
	if (rc == EH_OK)
		rc = eh_dated_put(t->dated, err);
	if (rc != EH_OK)
		return rc;
	/* two who exchange their decisions are the same kinds; who else judged either is not in them */
	return eh_cubes_put(t->txn, name, t->kinds, t->version, t->shared > 0 && t->taken.changed > changed,
			    &t->changed, err);
}

static int by_evaluator(const void *a, const void *b, void *ctx)
{
	const struct eh_intake *t = ctx;

	return strcmp(eh_names_text(t->evaluators, *(const uint32_t *)a),
		      eh_names_text(t->evaluators, *(const uint32_t *)b));
}

static int put_pile(struct eh_intake *t, struct eh_err *err)
{
	uint32_t *order = eh_try_malloc((size_t)t->n_evaluators + 1, sizeof *order);
	int rc = EH_OK;

	if (order == NULL || !arrange(t)) {
		free(order);
		return no_memory(err);
	}
	for (uint32_t e = 0; e < t->n_evaluators; e++)
		order[e] = e;
	if (t->n_evaluators > 1)
		qsort_r(order, t->n_evaluators, sizeof *order, by_evaluator, t);
	rc = eh_cursor_open(&t->cursor, t->txn, EH_T_EVALUATIONS, err);
	for (uint32_t i = 0; i < t->n_evaluators && rc == EH_OK; i++)
		rc = put_evaluator(t, order[i], err);
	eh_cursor_close(&t->cursor);
	free(order);
	t->n = t->used = 0;
	return rc;
}

int eh_intake_flush(struct eh_intake *t, struct eh_taken *out, struct eh_err *err)
{
	int rc = put_pile(t, err);

	if (rc == EH_OK)
		rc = eh_judges_flush(t->judges, &t->shared, err);
	if (rc == EH_OK)
		rc = eh_cubes_mark(t->txn, t->shared, t->changed ? t->version : t->version_before, true,
				   err);
	*out = t->taken;
	return rc;
}

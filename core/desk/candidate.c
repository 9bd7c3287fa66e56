/* What was measured of one candidate, and the list of all: only what the candidate's consent still allows is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"

/* ---- the list ---- */

struct lines {
	struct eh_txn *txn;
	int64_t now;
	struct eh_list list;            /* struct eh_candidate_line, sorted by id as the table of candidates is */
};

static bool allowed(struct eh_txn *txn, const char *candidate, const char *purpose, int64_t now, char *why, size_t size)
{
	struct eh_err err = EH_ERR_INIT;
	int rc = eh_gate(txn, candidate, purpose, now, &err);

	if (why != NULL)
		(void)snprintf(why, size, "%s", rc == EH_OK ? "" : err.msg);
	return rc == EH_OK;
}

static void fill_line(struct eh_txn *txn, struct eh_candidate_line *l, const struct eh_candidate *c, int64_t now)
{
	static const char *const purposes[] = { "watch", "face", "voice", "train" };
	bool may[4];

	memset(l, 0, sizeof *l);
	memcpy(l->id, c->id, sizeof l->id);
	memcpy(l->jurisdiction, c->jurisdiction, sizeof l->jurisdiction);
	memcpy(l->position, c->position, sizeof l->position);
	eh_gate_each(txn, c->id, c, purposes, 4, now, may);
	l->watch = may[0];
	l->face = may[1];
	l->voice = may[2];
	l->train = may[3];
	for (size_t i = 0; i < c->n_declared; i++) {
		l->declared = l->declared || c->declared[i].source == EH_BY_CANDIDATE;
		l->imported = l->imported || c->declared[i].source == EH_BY_RECORD;
	}
}

static int push_candidate(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct lines *l = ctx;
	struct eh_candidate_line line;

	(void)err;
	fill_line(l->txn, &line, c, l->now);
	(void)eh_list_push(&l->list, &line);
	return EH_OK;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct eh_candidate_line *)a)->id, ((const struct eh_candidate_line *)b)->id);
}

static struct eh_candidate_line *line_of(struct lines *l, const char *candidate)
{
	struct eh_candidate_line key;

	if (l->list.n == 0)
		return NULL;
	memset(&key, 0, sizeof key);
	(void)snprintf(key.id, sizeof key.id, "%s", candidate);
	return bsearch(&key, l->list.v, l->list.n, sizeof key, by_id);
}

static int count_interview(void *ctx, const struct eh_interview *i, struct eh_err *err)
{
	struct eh_candidate_line *line = line_of(ctx, i->candidate);

	(void)err;
	if (line != NULL)
		line->interviews++;
	return EH_OK;
}

static int count_answer(void *ctx, const struct eh_answer_head *a, struct eh_err *err)
{
	struct eh_candidate_line *line = line_of(ctx, a->candidate);

	(void)err;
	if (line != NULL && a->status == EH_OK)
		line->measured++;
	else if (line != NULL)
		line->failed++;
	return EH_OK;
}

static int take_vector(void *ctx, const struct eh_vector_head *v, struct eh_err *err)
{
	struct eh_candidate_line *line = line_of(ctx, v->candidate);

	(void)err;
	if (line != NULL) {
		line->has_face = v->has_face && line->face;
		line->has_voice = v->has_voice && line->voice;
		line->quality = v->quality;
	}
	return EH_OK;
}

int eh_desk_candidates(struct eh_desk *d, struct eh_candidate_line **v, size_t *n, struct eh_err *err)
{
	struct lines l = { .now = eh_now() };
	int rc = eh_txn_begin(&l.txn, d->store, false, err);

	eh_list_init(&l.list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_candidates_each(l.txn, push_candidate, &l, err);
	/* the store's order of keys is not strcmp's where one id begins another */
	if (rc == EH_OK && l.list.n > 0)
		qsort(l.list.v, l.list.n, l.list.size, by_id);
	if (rc == EH_OK)
		rc = eh_interviews_each(l.txn, count_interview, &l, err);
	if (rc == EH_OK)
		rc = eh_answer_heads_each(l.txn, NULL, count_answer, &l, err);
	if (rc == EH_OK)
		rc = eh_vector_heads_each(l.txn, take_vector, &l, err);
	eh_txn_abort(&l.txn);
	*v = l.list.v;
	*n = l.list.n;
	return rc;
}

/* ---- one of them ---- */

static int push_answer(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
		       struct eh_err *err)
{
	struct eh_list *list = ctx;
	struct eh_candidate_answer *mine = eh_list_push(list, NULL);

	(void)candidate;
	(void)err;
	(void)snprintf(mine->question, sizeof mine->question, "%s", question);
	mine->answer = *a;
	return EH_OK;
}

/* A withdrawn consent ends the showing at once, even before the sweep has taken the values away. */
static void strip(struct eh_dossier *out, struct eh_answer *a)
{
	if (!out->line.face) {
		a->did_face = 0;
		memset(&a->face, 0, sizeof a->face);
	}
	if (!out->line.voice) {
		a->did_voice = 0;
		memset(&a->voice, 0, sizeof a->voice);
	}
}

static void count_and_pool(struct eh_dossier *out)
{
	struct eh_answer *all = eh_xcalloc(out->n_answers, sizeof *all);

	for (size_t i = 0; i < out->n_answers; i++) {
		strip(out, &out->answers[i].answer);
		all[i] = out->answers[i].answer;
		out->line.measured += all[i].status == EH_OK;
		out->line.failed += all[i].status != EH_OK;
	}
	eh_vector_pool(&out->vector, out->line.id, all, out->n_answers);
	eh_pool_summaries(out->face, out->face_present, all, out->n_answers);
	out->has_mesh = eh_pool_mesh(out->mesh, all, out->n_answers);
	out->line.has_face = out->vector.has_face != 0;
	out->line.has_voice = out->vector.has_voice != 0;
	out->line.quality = out->vector.quality;
	free(all);
}

static int find_interviews(void *ctx, const struct eh_interview *i, struct eh_err *err)
{
	struct eh_dossier *out = ctx;

	(void)err;
	if (strcmp(i->candidate, out->line.id) == 0)
		out->line.interviews++;
	return EH_OK;
}

static int read_dossier(struct eh_txn *txn, const char *candidate, struct eh_dossier *out, struct eh_err *err)
{
	struct eh_candidate *c = eh_xcalloc(1, sizeof *c);
	int64_t now = eh_now();
	struct eh_list answers;
	int rc = eh_candidate_get(txn, candidate, c, err);

	eh_list_init(&answers, sizeof *out->answers);
	if (rc == EH_OK)
		rc = eh_gate(txn, candidate, "watch", now, err);
	if (rc != EH_OK)
		goto out;
	fill_line(txn, &out->line, c, now);
	out->n_classes = c->n_declared;
	memcpy(out->classes, c->declared, sizeof out->classes);
	(void)allowed(txn, candidate, "face", now, out->face_why, sizeof out->face_why);
	(void)allowed(txn, candidate, "voice", now, out->voice_why, sizeof out->voice_why);
	rc = eh_interviews_each(txn, find_interviews, out, err);
	if (rc == EH_OK)
		rc = eh_answers_each(txn, candidate, push_answer, &answers, err);
	out->answers = answers.v;
	out->n_answers = answers.n;
	if (rc == EH_OK)
		count_and_pool(out);
out:
	free(c);
	return rc;
}

int eh_desk_candidate(struct eh_desk *d, const char *candidate, struct eh_dossier *out, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	memset(out, 0, sizeof *out);
	if (rc == EH_OK)
		rc = read_dossier(txn, candidate, out, err);
	eh_txn_abort(&txn);
	if (rc != EH_OK)
		eh_dossier_free(out);
	return rc;
}

void eh_dossier_free(struct eh_dossier *d)
{
	free(d->answers);
	memset(d, 0, sizeof *d);
}

const char *eh_dossier_why(const struct eh_dossier *d, size_t indicator)
{
	bool face = indicator < EH_FACE_N;

	if (face ? !d->line.face : !d->line.voice)
		return "no_consent";
	if (d->line.measured == 0)
		return "not_measured";
	if (face && !d->vector.has_face)
		return "too_few_frames";
	if (!face && !d->vector.has_voice)
		return (d->vector.quality & EH_QF_NARROW_BAND) != 0 && !(d->vector.voiced_seconds > 0.0)
			? "bandwidth_too_narrow" : "too_little_voice";
	return d->vector.present[indicator] ? "" : "not_formed";
}

/* ---- attributes ---- */

static int note_attributes(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct eh_list *list = ctx;

	(void)err;
	for (size_t i = 0; i < c->n_declared; i++) {
		const eh_name *v = list->v;
		bool known = false;

		for (size_t k = 0; k < list->n && !known; k++)
			known = strcmp(v[k], c->declared[i].attribute) == 0;
		if (!known)
			(void)eh_list_push(list, c->declared[i].attribute);
	}
	return EH_OK;
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

int eh_desk_known_attributes(struct eh_desk *d, eh_name **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_candidates_each(txn, note_attributes, &list, err);
	eh_txn_abort(&txn);
	if (list.n > 1)
		qsort(list.v, list.n, sizeof **v, by_name);
	*v = list.v;
	*n = list.n;
	return rc;
}

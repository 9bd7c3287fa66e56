/* Classes for those of whom none is known, behind consent and jurisdiction gates. */
#include "learn/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"

#define BLOCK 512                       /* candidates whose kernel rows are computed together */

struct waiting {                        /* candidates of a block */
	struct eh_vector vector[BLOCK];
	eh_id with[BLOCK][EH_WITH_MAX];
	const struct eh_vector *v[BLOCK];
	const char *w[BLOCK][EH_WITH_MAX];
	struct eh_prediction out[BLOCK];
	int status[BLOCK];
	size_t n;
};

struct given {                          /* a posterior without what all of a run have in common */
	eh_id candidate;
	uint8_t modality;
	uint32_t set, scope;
};

struct second {                         /* those without a known class */
	struct eh_desk *d;
	struct eh_txn *txn;             /* reading */
	uint64_t version;               /* of the store, before reading */
	const struct eh_model *model;
	const char *attribute;
	char purpose[EH_PURPOSE_MAX + 1];
	int64_t now;
	uint64_t mark;                  /* eh_vector_mark */
	const struct eh_progress *progress;
	uint64_t done, total;           /* candidates looked at */
	struct eh_classify_report *report;
	struct waiting *wait;
	struct eh_list given;           /* struct given, in the order of the table of candidates */
	struct eh_list p;               /* double [n_groups] of each */
};

static void keep_given(struct second *s, size_t i)
{
	const struct eh_prediction *q = &s->wait->out[i];
	struct given *g = eh_list_push(&s->given, NULL);

	memcpy(g->candidate, s->wait->vector[i].candidate, sizeof g->candidate);
	g->modality = (uint8_t)q->used;
	g->set = q->set;
	g->scope = q->scope;
	(void)eh_list_push(&s->p, q->p);
}

/* What all posteriors of the run have in common. */
static void begin_posterior(const struct second *s, struct eh_posterior *post)
{
	const char *const *groups;

	memset(post, 0, sizeof *post);
	(void)snprintf(post->attribute, sizeof post->attribute, "%s", s->attribute);
	(void)snprintf(post->model, sizeof post->model, "%s", eh_model_id(s->model));
	post->n_groups = (uint32_t)eh_model_groups(s->model, &groups);
	for (uint32_t g = 0; g < post->n_groups; g++)
		(void)snprintf(post->groups[g], sizeof post->groups[g], "%s", groups[g]);
}

static void fill_posterior(const struct second *s, size_t i, struct eh_posterior *post)
{
	const struct given *g = (const struct given *)s->given.v + i;

	memcpy(post->candidate, g->candidate, sizeof post->candidate);
	post->modality = g->modality;
	post->set = g->set;
	post->scope = g->scope;
	memcpy(post->p, (const double *)s->p.v + i * post->n_groups, post->n_groups * sizeof post->p[0]);
}

static int classify_block(struct second *s, struct eh_err *err)
{
	struct waiting *w = s->wait;
	int rc = EH_OK;

	if (w->n > 0)
		rc = eh_model_classify_many(s->model, w->v, (const char *const (*)[EH_WITH_MAX])w->w, w->n, w->out,
					    w->status, err);
	for (size_t i = 0; i < w->n && rc == EH_OK; i++) {
		if (w->status[i] == EH_OK)
			keep_given(s, i);
		s->report->weak += w->status[i] == EH_EREFUSED;
		s->report->no_vector += w->status[i] == EH_ENOENT;
	}
	w->n = 0;
	return rc;
}

static int look_at(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct second *s = ctx;
	struct waiting *w = s->wait;
	const struct eh_declared *known = eh_candidate_class(c, s->attribute);
	const char *const purposes[] = { s->purpose, "face", "voice" };
	const char *const *with = NULL;
	struct eh_vector *v = &w->vector[w->n];
	bool may[3];
	size_t n_with = eh_model_with(s->model, &with);
	int rc = EH_OK;

	if (s->done++ % BLOCK == 0)
		eh_progress_step(s->progress, "classify", s->done, s->total);
	if (eh_progress_cancelled(s->progress))
		return eh_err_set(err, EH_ECANCEL, "classifying was cancelled; nothing changed");
	if (known != NULL) {
		s->report->declared += known->source == EH_BY_CANDIDATE;
		s->report->imported += known->source == EH_BY_RECORD;
		return EH_OK;
	}
	eh_gate_each(s->txn, c->id, c, purposes, 3, s->now, may);
	if (!may[0]) {
		s->report->refused++;
		return EH_OK;
	}
	rc = eh_vector_get_marked(s->txn, c->id, s->mark, v, err);
	if (rc == EH_ENOENT) {
		s->report->no_vector++;
		return EH_OK;
	}
	if (rc != EH_OK)
		return rc;
	v->has_face = v->has_face && may[1];
	v->has_voice = v->has_voice && may[2];
	w->v[w->n] = v;
	for (size_t k = 0; k < n_with; k++) {
		(void)snprintf(w->with[w->n][k], sizeof w->with[w->n][k], "%s", eh_desk_with(c, with[k]));
		w->w[w->n][k] = w->with[w->n][k];
	}
	return ++w->n == BLOCK ? classify_block(s, err) : EH_OK;
}

/* ---- storing ---- */

static int check_members(struct eh_txn *txn, const struct eh_model *model, int64_t now, struct eh_err *err)
{
	uint32_t withdrawn = 0;
	int rc = eh_desk_model_withdrawn(txn, model, now, &withdrawn, err);

	if (rc != EH_OK || withdrawn == 0)
		return rc;
	return eh_err_set(err, EH_EREFUSED,
			  "model %s contains %u candidate%s whose consent was withdrawn or no longer holds; run: "
			  "evenhand train --refresh %s",
			  eh_model_id(model), withdrawn, withdrawn == 1 ? "" : "s", eh_model_attribute(model));
}

/* Somebody stored something since the reading began: what was asked then is asked again. */
static int check_again(struct second *s, struct eh_txn *txn, struct eh_err *err)
{
	struct eh_model *now = NULL;
	int rc = eh_model_get(txn, s->attribute, &now, err);

	if (rc == EH_OK && strcmp(eh_model_id(now), eh_model_id(s->model)) != 0)
		rc = eh_err_set(err, EH_ESTALE, "the model of %s was made anew meanwhile; classify again",
				s->attribute);
	eh_model_free(&now);
	return rc == EH_OK ? check_members(txn, s->model, s->now, err) : rc;
}

/* A class that became known meanwhile is never overwritten either. */
static int may_put(struct second *s, struct eh_txn *txn, const struct eh_posterior *p, bool *may, struct eh_err *err)
{
	struct eh_candidate *c = eh_xcalloc(1, sizeof *c);
	int rc = eh_candidate_get(txn, p->candidate, c, err);

	*may = rc == EH_OK && eh_candidate_class(c, s->attribute) == NULL && eh_desk_may_use(txn, p, s->now);
	free(c);
	return rc == EH_ENOENT ? EH_OK : rc;
}

static int put_posteriors(struct second *s, struct eh_txn *txn, struct eh_err *err)
{
	struct eh_posterior post;
	bool changed = eh_desk_version(s->d) != s->version, may = true;
	int rc = changed ? check_again(s, txn, err) : EH_OK;

	if (rc == EH_OK)
		rc = eh_posteriors_clear(txn, s->attribute, err);
	begin_posterior(s, &post);
	for (size_t i = 0; i < s->given.n && rc == EH_OK; i++) {
		fill_posterior(s, i, &post);
		if (changed)
			rc = may_put(s, txn, &post, &may, err);
		if (rc == EH_OK && !may) {
			s->report->refused++;
			continue;
		}
		if (rc == EH_OK)
			rc = eh_posterior_put(txn, &post, err);
		s->report->classified++;
		s->report->undetermined += !eh_determined(post.set, post.scope);
		s->report->out_of_scope += post.scope != 0;
	}
	return rc;
}

static int store_posteriors(struct second *s, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	const struct eh_classify_report *r = s->report;
	int rc = eh_txn_begin(&txn, s->d->store, true, err);

	s->now = eh_now();
	if (rc == EH_OK)
		rc = put_posteriors(s, txn, err);
	(void)snprintf(detail, sizeof detail,
		       "model %s: %u classified, %u of them undetermined (%u out of scope), %u refused, %u without "
		       "indicators, %u by a refused part of the model",
		       eh_model_id(s->model), r->classified, r->undetermined, r->out_of_scope, r->refused,
		       r->no_vector, r->weak);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &s->d->actor, "classify", s->attribute, detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

static int clear_given(struct eh_desk *d, struct eh_txn *txn, const struct eh_model *model, struct eh_err *err)
{
	char detail[EH_DETAIL_MAX + 1];
	uint64_t before = 0, after = 0;
	int rc = eh_txn_count(txn, EH_T_POSTERIORS, &before, err);

	if (rc == EH_OK)
		rc = eh_posteriors_clear(txn, eh_model_attribute(model), err);
	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_POSTERIORS, &after, err);
	if (rc != EH_OK || before == after)
		return rc;
	(void)snprintf(detail, sizeof detail, "%llu inferred, the model %s classifies nobody",
		       (unsigned long long)(before - after), eh_model_id(model));
	return eh_journal_append(txn, &d->actor, "classify.clear", eh_model_attribute(model), detail, err);
}

/* What a model without skill may once have said does not stay either. */
static int refuse_weak(struct eh_desk *d, const struct eh_model *model, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char why[400] = "";
	int rc = EH_OK;

	if (eh_model_classifies(model, why, sizeof why))
		return EH_OK;
	rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = clear_given(d, txn, model, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc != EH_OK ? rc
			   : eh_err_set(err, EH_EREFUSED,
					"%s: the model %s classifies nobody (%s); declare and extract more candidates, "
					"then train again",
					eh_model_attribute(model), eh_model_id(model), why);
}

/* ---- the verb ---- */

static int read_all(struct second *s, struct eh_err *err)
{
	int rc = eh_txn_count(s->txn, EH_T_CANDIDATES, &s->total, err);

	s->wait = eh_try_calloc(1, sizeof *s->wait);
	if (s->wait == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for classifying");
	if (rc == EH_OK)
		rc = eh_candidates_each(s->txn, look_at, s, err);
	if (rc == EH_OK)
		rc = classify_block(s, err);
	if (rc == EH_OK)
		eh_progress_step(s->progress, "classify", s->total, s->total);
	return rc;
}

static int classify_attribute(struct eh_desk *d, const char *attribute, const struct eh_progress *progress,
			      struct eh_classify_report *report, struct eh_err *err)
{
	struct eh_model *model = NULL;
	const char *const *groups;
	struct second s = { .d = d, .attribute = attribute, .now = eh_now(), .report = report, .progress = progress };
	int rc = eh_store_resume(d->store, err);

	memset(report, 0, sizeof *report);
	eh_list_init(&s.given, sizeof(struct given));
	(void)snprintf(s.purpose, sizeof s.purpose, "infer:%s", attribute);
	s.version = eh_desk_version(d);
	s.mark = eh_vector_mark();
	if (rc == EH_OK)
		rc = eh_txn_begin(&s.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_model_get(s.txn, attribute, &model, err);
	if (rc == EH_OK)
		rc = check_members(s.txn, model, s.now, err);
	if (rc == EH_OK && eh_model_classifies(model, NULL, 0)) {
		(void)snprintf(report->attribute, sizeof report->attribute, "%s", attribute);
		(void)snprintf(report->model, sizeof report->model, "%s", eh_model_id(model));
		s.model = model;
		eh_list_init(&s.p, eh_model_groups(model, &groups) * sizeof(double));
		rc = read_all(&s, err);
	}
	eh_txn_abort(&s.txn);
	if (rc == EH_OK)
		rc = refuse_weak(d, model, err);
	if (rc == EH_OK)
		rc = store_posteriors(&s, err);
	eh_model_free(&model);
	free(s.wait);
	free(s.p.v);
	free(s.given.v);
	return eh_desk_note_refusal(d, rc, "classify", attribute, err);
}

int eh_desk_classify(struct eh_desk *d, const char *attribute, const struct eh_progress *progress,
		     struct eh_classify_report *reports, size_t max, size_t *n, struct eh_err *err)
{
	struct eh_model_row *models = NULL;
	size_t n_models = 0;
	int rc = EH_OK, refused = EH_OK;

	*n = 0;
	if (attribute != NULL) {
		rc = classify_attribute(d, attribute, progress, &reports[0], err);
		*n = rc == EH_OK;
		return rc;
	}
	rc = eh_desk_models(d, &models, &n_models, err);
	if (rc == EH_OK && n_models == 0)
		rc = eh_err_set(err, EH_ENOENT, "there is no model yet; run: evenhand train ATTRIBUTE");
	for (size_t i = 0; i < n_models && *n < max && rc == EH_OK; i++) {
		rc = classify_attribute(d, models[i].attribute, progress, &reports[*n], err);
		*n += rc == EH_OK;
		if (rc == EH_EREFUSED) {
			refused = rc;
			rc = EH_OK;
		}
	}
	eh_list_free(&models);
	return rc != EH_OK ? rc : refused;
}

/* Training on declared classes, classifying the rest, both behind consent and jurisdiction gates. */
#include "learn/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"

/* ---- training ---- */

struct label_matrix {
	struct eh_txn *txn;
	const char *attribute;
	int64_t now;
	struct eh_train_report *report;
	struct eh_list vectors;         /* struct eh_vector */
	struct eh_list labels;          /* eh_name, parallel */
};

/* A withdrawn consent for face or voice ends the use of what was measured under it. */
static void keep_consented(struct eh_txn *txn, struct eh_vector *v, int64_t now)
{
	v->has_face = v->has_face && eh_gate(txn, v->candidate, "face", now, NULL) == EH_OK;
	v->has_voice = v->has_voice && eh_gate(txn, v->candidate, "voice", now, NULL) == EH_OK;
}

static int collect(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct label_matrix *m = ctx;
	const char *label = eh_candidate_declared(c, m->attribute);
	struct eh_vector *v;
	eh_name name;
	int rc;

	if (label == NULL)
		return EH_OK;
	if (eh_gate(m->txn, c->id, "train", m->now, NULL) != EH_OK) {
		m->report->without_consent++;
		return EH_OK;
	}
	/* measuring the skill classifies everybody who teaches the model, out of fold */
	if (eh_gate_infer(c->jurisdiction, m->attribute, NULL) != EH_OK) {
		m->report->closed_place++;
		return EH_OK;
	}
	v = eh_xcalloc(1, sizeof *v);
	rc = eh_vector_get(m->txn, c->id, v, err);
	if (rc == EH_OK)
		keep_consented(m->txn, v, m->now);
	if (rc == EH_OK && (v->has_face || v->has_voice)) {
		(void)snprintf(name, sizeof name, "%s", label);
		(void)eh_list_push(&m->vectors, v);
		(void)eh_list_push(&m->labels, name);
	} else if (rc == EH_OK || rc == EH_ENOENT) {
		m->report->without_vector++;
		rc = EH_OK;
	}
	free(v);
	return rc;
}

/* The groups that occur, sorted. */
static int list_groups(struct label_matrix *m, struct eh_err *err)
{
	struct eh_train_report *r = m->report;
	const eh_name *labels = m->labels.v;

	for (size_t i = 0; i < m->labels.n; i++) {
		size_t at = 0;

		while (at < r->n_groups && strcmp(r->groups[at], labels[i]) < 0)
			at++;
		if (at < r->n_groups && strcmp(r->groups[at], labels[i]) == 0)
			continue;
		if (r->n_groups == EH_GROUPS_MAX)
			return eh_err_set(err, EH_ERANGE, "%s has more than %d groups", m->attribute, EH_GROUPS_MAX);
		memmove(r->groups[at + 1], r->groups[at], (r->n_groups - at) * sizeof r->groups[0]);
		memcpy(r->groups[at], labels[i], sizeof r->groups[0]);
		r->n_groups++;
	}
	if (r->n_groups < 2)
		return eh_err_set(err, EH_EINVAL,
				  "%s: %zu declared group%s to learn from, at least two are needed; left out: %u "
				  "without consent to "
				  "train, %u without indicators, %u where the place forbids it (run evenhand extract "
				  "and evenhand consent list)",
				  m->attribute, r->n_groups, r->n_groups == 1 ? "" : "s", r->without_consent,
				  r->without_vector, r->closed_place);
	return EH_OK;
}

static int train(struct label_matrix *m, uint64_t seed, const struct eh_progress *progress, struct eh_model **out,
		 struct eh_err *err)
{
	const char *names[EH_GROUPS_MAX] = { NULL };
	struct eh_train_row *rows = eh_xcalloc(m->vectors.n, sizeof *rows);
	const struct eh_vector *vectors = m->vectors.v;
	const eh_name *labels = m->labels.v;
	int rc;

	for (size_t g = 0; g < m->report->n_groups; g++)
		names[g] = m->report->groups[g];
	for (size_t i = 0; i < m->vectors.n; i++) {
		rows[i].vector = &vectors[i];
		for (size_t g = 0; g < m->report->n_groups; g++)
			if (strcmp(labels[i], names[g]) == 0)
				rows[i].group = (int32_t)g;
	}
	rc = eh_model_train(out, m->attribute, names, m->report->n_groups, rows, m->vectors.n, seed, progress, err);
	free(rows);
	return rc;
}

/* Training takes its time: a consent withdrawn meanwhile must not end in the model. */
static int store_model(struct eh_desk *d, const struct eh_model *model, const struct label_matrix *m, uint64_t seed,
		       struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	uint32_t withdrawn = 0;
	int rc = eh_txn_begin(&txn, d->store, true, err);

	if (rc == EH_OK)
		rc = eh_model_put(txn, model, eh_now(), err);
	if (rc == EH_OK)
		rc = eh_desk_uses_put(txn, model, m->vectors.v, m->vectors.n, err);
	if (rc == EH_OK)
		rc = eh_desk_model_withdrawn(txn, model, eh_now(), &withdrawn, err);
	if (rc == EH_OK && withdrawn > 0)
		rc = eh_err_set(err, EH_EREFUSED,
				"%s: %u consent%s withdrawn while the model was made; nothing was stored, train again",
				m->attribute, withdrawn, withdrawn == 1 ? " was" : "s were");
	/* posteriors of another model must not stand beside the new one */
	if (rc == EH_OK)
		rc = eh_posteriors_clear(txn, eh_model_attribute(model), err);
	(void)snprintf(detail, sizeof detail, "%zu candidates, seed %llu", m->vectors.n, (unsigned long long)seed);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "train", eh_model_id(model), detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_train(struct eh_desk *d, const char *attribute, uint64_t seed, const struct eh_progress *progress,
		  struct eh_train_report *report, struct eh_err *err)
{
	struct label_matrix m = { .attribute = attribute, .now = eh_now(), .report = report };
	struct eh_model *model = NULL;
	int rc;

	memset(report, 0, sizeof *report);
	if (!eh_attribute_valid(attribute, strlen(attribute)))
		return eh_err_set(err, EH_EUSAGE, "'%.40s' is no attribute name (small letters, digits, _)", attribute);
	/* what may be inferred nowhere is not learnt either; the place of each candidate is asked besides */
	rc = eh_gate_infer("US", attribute, err);
	if (rc != EH_OK)
		return eh_desk_note_refusal(d, rc, "train", attribute, err);
	eh_list_init(&m.vectors, sizeof(struct eh_vector));
	eh_list_init(&m.labels, sizeof(eh_name));
	rc = eh_txn_begin(&m.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_candidates_each(m.txn, collect, &m, err);
	eh_txn_abort(&m.txn);
	if (rc == EH_OK)
		rc = list_groups(&m, err);
	if (rc == EH_OK)
		rc = train(&m, seed, progress, &model, err);
	if (rc == EH_OK)
		rc = store_model(d, model, &m, seed, err);
	if (rc == EH_OK) {
		(void)snprintf(report->model, sizeof report->model, "%s", eh_model_id(model));
		report->candidates = (uint32_t)m.vectors.n;
		for (int k = 0; k < EH_MODALITIES; k++)
			report->skill[k] = *eh_model_skill(model, (enum eh_modality)k);
		report->baseline_f0 = *eh_model_baseline_f0(model);
		report->majority = eh_model_majority(model);
		report->card = eh_model_card(model);
	}
	eh_model_free(&model);
	free(m.vectors.v);
	free(m.labels.v);
	return eh_desk_note_refusal(d, rc, "train", attribute, err);
}

/* ---- classifying ---- */

struct second {                         /* one candidate without a declared class */
	struct eh_desk *d;
	struct eh_txn *txn;             /* reading */
	uint64_t version;               /* of the store, before reading */
	const struct eh_model *model;
	const char *attribute;
	char purpose[EH_PURPOSE_MAX + 1];
	int64_t now;
	struct eh_classify_report *report;
	struct eh_list posteriors;      /* struct eh_posterior */
};

double eh_posterior_top(const struct eh_posterior *p)
{
	double top = 0.0;

	for (uint32_t g = 0; g < p->n_groups; g++)
		top = p->p[g] > top ? p->p[g] : top;
	return top;
}

static void make_posterior(struct second *s, const char *candidate, const double *p, enum eh_modality used)
{
	struct eh_posterior *post = eh_list_push(&s->posteriors, NULL);
	const char *const *groups;

	(void)snprintf(post->candidate, sizeof post->candidate, "%s", candidate);
	(void)snprintf(post->attribute, sizeof post->attribute, "%s", s->attribute);
	(void)snprintf(post->model, sizeof post->model, "%s", eh_model_id(s->model));
	post->modality = (uint8_t)used;
	post->n_groups = (uint32_t)eh_model_groups(s->model, &groups);
	for (uint32_t g = 0; g < post->n_groups; g++) {
		(void)snprintf(post->groups[g], sizeof post->groups[g], "%s", groups[g]);
		post->p[g] = p[g];
	}
}

static int classify_candidate(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct second *s = ctx;
	struct eh_vector *v;
	double p[EH_GROUPS_MAX];
	enum eh_modality used;
	int rc;

	if (eh_candidate_declared(c, s->attribute) != NULL) {
		s->report->declared++;
		return EH_OK;
	}
	if (eh_gate(s->txn, c->id, s->purpose, s->now, NULL) != EH_OK) {
		s->report->refused++;
		return EH_OK;
	}
	v = eh_xcalloc(1, sizeof *v);
	rc = eh_vector_get(s->txn, c->id, v, err);
	if (rc == EH_OK) {
		keep_consented(s->txn, v, s->now);
		rc = eh_model_classify(s->model, v, p, &used, NULL);
		if (rc == EH_OK)
			make_posterior(s, c->id, p, used);
	}
	free(v);
	if (rc == EH_ENOENT || rc == EH_EREFUSED) {
		s->report->no_vector++;
		return EH_OK;
	}
	return rc;
}

static int check_members(struct eh_txn *txn, const struct eh_model *model, int64_t now, struct eh_err *err)
{
	uint32_t withdrawn = 0;
	int rc = eh_desk_model_withdrawn(txn, model, now, &withdrawn, err);

	if (rc != EH_OK || withdrawn == 0)
		return rc;
	return eh_err_set(err, EH_EREFUSED,
			  "model %s contains %u candidate%s whose consent was withdrawn or no longer holds; run: "
			  "evenhand train %s",
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

static int put_posteriors(struct second *s, struct eh_txn *txn, struct eh_err *err)
{
	const struct eh_posterior *v = s->posteriors.v;
	bool changed = eh_desk_version(s->d) != s->version;
	int rc = changed ? check_again(s, txn, err) : EH_OK;

	if (rc == EH_OK)
		rc = eh_posteriors_clear(txn, s->attribute, err);
	for (size_t i = 0; i < s->posteriors.n && rc == EH_OK; i++) {
		if (changed && !eh_desk_may_use(txn, &v[i], s->now)) {
			s->report->refused++;
			continue;
		}
		rc = eh_posterior_put(txn, &v[i], err);
		s->report->classified++;
		s->report->undetermined += eh_posterior_top(&v[i]) < EH_UNDETERMINED_BELOW;
	}
	return rc;
}

static int store_posteriors(struct second *s, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	int rc = eh_txn_begin(&txn, s->d->store, true, err);

	s->now = eh_now();
	if (rc == EH_OK)
		rc = put_posteriors(s, txn, err);
	(void)snprintf(detail, sizeof detail,
		       "model %s: %u classified, %u of them undetermined, %u refused, %u without indicators",
		       eh_model_id(s->model), s->report->classified, s->report->undetermined, s->report->refused,
		       s->report->no_vector);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &s->d->actor, "classify", s->attribute, detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

static int classify_attribute(struct eh_desk *d, const char *attribute, struct eh_classify_report *report,
			      struct eh_err *err)
{
	struct eh_model *model = NULL;
	struct second s = { .d = d, .attribute = attribute, .now = eh_now(), .report = report };
	int rc = eh_store_resume(d->store, err);

	memset(report, 0, sizeof *report);
	eh_list_init(&s.posteriors, sizeof(struct eh_posterior));
	(void)snprintf(s.purpose, sizeof s.purpose, "infer:%s", attribute);
	s.version = eh_desk_version(d);
	if (rc == EH_OK)
		rc = eh_txn_begin(&s.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_model_get(s.txn, attribute, &model, err);
	if (rc == EH_OK)
		rc = check_members(s.txn, model, s.now, err);
	if (rc == EH_OK) {
		(void)snprintf(report->attribute, sizeof report->attribute, "%s", attribute);
		(void)snprintf(report->model, sizeof report->model, "%s", eh_model_id(model));
		s.model = model;
		rc = eh_candidates_each(s.txn, classify_candidate, &s, err);
	}
	eh_txn_abort(&s.txn);
	if (rc == EH_OK)
		rc = store_posteriors(&s, err);
	eh_model_free(&model);
	free(s.posteriors.v);
	return eh_desk_note_refusal(d, rc, "classify", attribute, err);
}

int eh_desk_classify(struct eh_desk *d, const char *attribute, const struct eh_progress *progress,
		     struct eh_classify_report *reports, size_t max, size_t *n, struct eh_err *err)
{
	struct eh_model_row *models = NULL;
	size_t n_models = 0;
	int rc;

	*n = 0;
	if (attribute != NULL) {
		rc = classify_attribute(d, attribute, &reports[0], err);
		*n = rc == EH_OK;
		return rc;
	}
	rc = eh_desk_models(d, &models, &n_models, err);
	if (rc == EH_OK && n_models == 0)
		rc = eh_err_set(err, EH_ENOENT, "there is no model yet; run: evenhand train ATTRIBUTE");
	for (size_t i = 0; i < n_models && i < max && rc == EH_OK; i++) {
		eh_progress_step(progress, "classify", i, n_models);
		rc = classify_attribute(d, models[i].attribute, &reports[i], err);
		if (rc == EH_OK)
			(*n)++;
	}
	eh_progress_step(progress, "classify", *n, n_models);
	eh_list_free(&models);
	return rc;
}

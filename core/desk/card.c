/* A model's card with what the project knows of it now, and its export; see card.h. */
#include "desk/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "learn/export.h"

/* ---- who taught it, and the pool ---- */

struct given { /* probabilities of this model */
	eh_id candidate;
	bool determined;
	double p[EH_GROUPS_MAX];
};

struct survey {
	struct eh_txn *txn;
	const struct eh_model *model;
	struct eh_card_now *now;
	char purpose[EH_PURPOSE_MAX + 1];
	const char *const *group;
	size_t n_groups;
	const eh_id *member;
	size_t n_members;
	struct eh_list given;	     /* struct given, by candidate */
	struct eh_list taught, pool; /* struct eh_person */
	struct eh_vector vector;
};

static int take_posterior(void *ctx, const struct eh_posterior *p, struct eh_err *err)
{
	struct survey *s = ctx;
	struct given *g = NULL;

	(void)err;
	if (strcmp(p->model, eh_model_id(s->model)) != 0 || p->n_groups != s->n_groups)
		return EH_OK;
	g = eh_list_push(&s->given, NULL);
	memcpy(g->candidate, p->candidate, sizeof g->candidate);
	memcpy(g->p, p->p, p->n_groups * sizeof p->p[0]);
	g->determined = eh_determined(p->set, p->scope);
	return EH_OK;
}

static int given_cmp(const void *a, const void *b)
{
	return strcmp(((const struct given *)a)->candidate, ((const struct given *)b)->candidate);
}

static int id_cmp(const void *key, const void *id) { return strcmp(key, id); }

/* Indicators of a modality whose consent holds: false, EH_OK when there are none. */
static int look(struct survey *s, const char *candidate, bool *measured, struct eh_err *err)
{
	struct eh_vector *v = &s->vector;
	int rc = eh_vector_get(s->txn, candidate, v, err);

	*measured = false;
	if (rc == EH_ENOENT)
		return EH_OK;
	if (rc != EH_OK)
		return rc;
	eh_desk_keep_consented(s->txn, v, s->now->at);
	*measured = v->has_face || v->has_voice;
	return EH_OK;
}

static struct eh_person *add_person(struct eh_list *l, const struct eh_candidate *c, const struct eh_vector *v)
{
	struct eh_person *p = eh_list_push(l, NULL);

	memcpy(p->place, c->jurisdiction, sizeof p->place);
	memcpy(p->position, c->position, sizeof p->position);
	p->has_face = v->has_face;
	p->has_voice = v->has_voice;
	p->voiced_seconds = v->voiced_seconds;
	return p;
}

static int survey_first(struct survey *s, const struct eh_candidate *c, const struct eh_declared *known,
			struct eh_err *err)
{
	struct eh_card_now *n = s->now;
	bool open = eh_gate_infer(c->jurisdiction, eh_model_attribute(s->model), NULL) == EH_OK, measured = false;
	bool may = open && eh_gate(s->txn, c->id, "train", n->at, NULL) == EH_OK;
	int rc = look(s, c->id, &measured, err);

	if (rc != EH_OK)
		return rc;
	n->declared += known->source == EH_BY_CANDIDATE;
	n->imported += known->source == EH_BY_RECORD;
	n->open_place += open;
	n->may_train += may;
	n->measured += may && measured;
	if (bsearch(c->id, s->member, s->n_members, sizeof *s->member, id_cmp) != NULL) {
		struct eh_person *p = add_person(&s->taught, c, &s->vector);

		for (size_t g = 0; g < s->n_groups; g++)
			p->p[g] = strcmp(known->group, s->group[g]) == 0 ? 1.0 : 0.0;
	}
	return EH_OK;
}

static int survey_second(struct survey *s, const struct eh_candidate *c, struct eh_err *err)
{
	struct eh_card_now *n = s->now;
	struct given key, *g = NULL;
	bool measured = false;
	int rc = EH_OK;

	n->undeclared++;
	if (eh_gate(s->txn, c->id, s->purpose, n->at, NULL) != EH_OK)
		return EH_OK;
	n->may_infer++;
	rc = look(s, c->id, &measured, err);
	if (rc != EH_OK || !measured)
		return rc;
	memcpy(key.candidate, c->id, sizeof key.candidate);
	if (s->given.n > 0)
		g = bsearch(&key, s->given.v, s->given.n, sizeof key, given_cmp);
	n->classified += g != NULL;
	n->determined += g != NULL && g->determined;
	if (g != NULL)
		memcpy(add_person(&s->pool, c, &s->vector)->p, g->p, sizeof g->p);
	else
		(void)add_person(&s->pool, c, &s->vector);
	return EH_OK;
}

static int survey_candidate(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct survey *s = ctx;
	const struct eh_declared *known = eh_candidate_class(c, eh_model_attribute(s->model));

	return known != NULL ? survey_first(s, c, known, err) : survey_second(s, c, err);
}

static int ask_project(struct eh_card_now *now, struct eh_txn *txn, const struct eh_model *m, struct eh_err *err)
{
	struct survey *s = eh_xcalloc(1, sizeof *s);
	int rc = EH_OK;

	*now = (struct eh_card_now){ .known = true, .at = eh_now() };
	s->txn = txn;
	s->model = m;
	s->now = now;
	s->n_groups = eh_model_groups(m, &s->group);
	s->n_members = eh_model_contributors(m, &s->member);
	(void)snprintf(s->purpose, sizeof s->purpose, "infer:%s", eh_model_attribute(m));
	eh_list_init(&s->given, sizeof(struct given));
	eh_list_init(&s->taught, sizeof(struct eh_person));
	eh_list_init(&s->pool, sizeof(struct eh_person));
	rc = eh_desk_model_withdrawn(txn, m, now->at, &now->withdrawn, err);
	if (rc == EH_OK)
		rc = eh_posteriors_each(txn, eh_model_attribute(m), take_posterior, s, err);
	if (rc == EH_OK && s->given.n > 0)
		qsort(s->given.v, s->given.n, sizeof(struct given), given_cmp);
	if (rc == EH_OK)
		rc = eh_candidates_each(txn, survey_candidate, s, err);
	if (rc == EH_OK)
		rc = eh_represent_make(&now->represent, s->group, s->n_groups, s->taught.v, s->taught.n, s->pool.v,
				       s->pool.n, err);
	free(s->pool.v);
	free(s->taught.v);
	free(s->given.v);
	free(s);
	return rc;
}

int eh_desk_card(struct eh_desk *d, const char *attribute, struct eh_card **out, struct eh_err *err)
{
	struct eh_card *card = eh_xcalloc(1, sizeof *card);
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	*out = NULL;
	if (rc == EH_OK)
		rc = eh_model_get(txn, attribute, &card->model, err);
	if (rc == EH_OK)
		rc = ask_project(&card->now, txn, card->model, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK) {
		*out = card;
		card = NULL;
	}
	eh_card_free(&card);
	return rc;
}

/* ---- export ---- */

static int get_exportable(struct eh_desk *d, const char *attribute, struct eh_model **out, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	uint32_t withdrawn = 0;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	if (rc == EH_OK)
		rc = eh_model_get(txn, attribute, out, err);
	if (rc == EH_OK)
		rc = eh_desk_model_withdrawn(txn, *out, eh_now(), &withdrawn, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK && withdrawn > 0)
		rc = eh_err_set(
			err, EH_EREFUSED,
			"model %s holds measurements of %u candidate%s whose consent was withdrawn or no longer "
			"holds; nothing was exported; run: evenhand train --refresh %s",
			eh_model_id(*out), withdrawn, withdrawn == 1 ? "" : "s", attribute);
	return rc;
}

/* A consent that was withdrawn while the files were written keeps them from being kept. */
static int note_export(struct eh_desk *d, const struct eh_model *m, const struct eh_export_report *r,
		       struct eh_err *err)
{
	static const char *const parts[EH_MODALITIES] = { "face and voice", "face", "voice" };
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	uint32_t withdrawn = 0;
	int rc = eh_txn_begin(&txn, d->store, true, err);

	(void)snprintf(detail, sizeof detail, "%s, group %s, measurements of %u candidates", parts[r->part], r->group,
		       r->candidates);
	if (rc == EH_OK)
		rc = eh_desk_model_withdrawn(txn, m, eh_now(), &withdrawn, err);
	if (rc == EH_OK && withdrawn > 0)
		rc = eh_err_set(err, EH_EREFUSED,
				"a consent behind model %s was withdrawn meanwhile; nothing was exported", r->model);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "model.export", r->model, detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_model_export(struct eh_desk *d, const char *attribute, int part, const char *group, FILE *model,
			 FILE *scale, struct eh_export_report *report, struct eh_err *err)
{
	struct eh_card card = { .model = NULL };
	const char *const *groups = NULL;
	const eh_id *ids = NULL;
	int rc = get_exportable(d, attribute, &card.model, err);

	memset(report, 0, sizeof *report);
	if (rc == EH_OK) {
		report->part = part < 0 ? eh_card_part(&card) : (enum eh_modality)part;
		(void)snprintf(report->model, sizeof report->model, "%s", eh_model_id(card.model));
		report->candidates = (uint32_t)eh_model_contributors(card.model, &ids);
		(void)eh_model_groups(card.model, &groups);
		(void)snprintf(report->group, sizeof report->group, "%s", group != NULL ? group : groups[1]);
		rc = eh_model_export(card.model, report->part, group, model, scale, err);
	}
	if (rc == EH_OK)
		rc = note_export(d, card.model, report, err);
	eh_model_free(&card.model);
	return eh_desk_note_refusal(d, rc, "model.export", attribute, err);
}

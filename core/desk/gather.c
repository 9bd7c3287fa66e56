/* The project as audit data: who decided what about whom, and what is known of whose class. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/screening.h"
#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"

#define STRATUM_MAX (3 * EH_ID_MAX + 16)

struct row {
	uint32_t evaluator, candidate, stratum;
	uint8_t selected, has_score;
	int32_t decided;                /* [d], EH_NO_DAY */
	double score;
};

struct gather {
	struct eh_txn *txn;
	struct eh_audit_data *d;
	int64_t now;
	struct eh_name_builder *evaluators, *candidates, *strata, *positions;
	struct eh_list decisions;       /* struct row with provisional indices */
	eh_id last_candidate;           /* positions are looked up once per run of rows */
	eh_id last_position;
	eh_place *places;               /* [candidates.n] */
	struct eh_attribute_data *attribute;    /* being filled */
	const char *giver;              /* id of the model whose classes count, "" = of none */
	const struct eh_model *model;           /* of the attribute, while its classes are filled in */
	uint8_t *modality;              /* [candidates.n] part of the model that answered, where a class is predicted */
};

/* ---- decisions ---- */

static int position_of(struct gather *g, const struct eh_evaluation *e, const char **out, struct eh_err *err)
{
	struct eh_candidate *c;
	int rc = EH_OK;

	if (e->position[0] != '\0') {
		*out = e->position;
		return EH_OK;
	}
	if (strcmp(g->last_candidate, e->candidate) != 0) {
		c = eh_xcalloc(1, sizeof *c);
		rc = eh_candidate_get(g->txn, e->candidate, c, err);
		memcpy(g->last_position, c->position, sizeof g->last_position);
		(void)snprintf(g->last_candidate, sizeof g->last_candidate, "%s", e->candidate);
		free(c);
	}
	*out = g->last_position;
	return rc;
}

/* The day that holds a time, before 1970 too; far times are none: no trend is over ages. */
static int32_t day_of(int64_t t)
{
	int64_t day = t / 86400 - (t % 86400 < 0);

	return day > -1000000 && day < 10000000 ? (int32_t)day : EH_NO_DAY;
}

static int take_evaluation(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	struct gather *g = ctx;
	struct row *row;
	const char *position;
	char stratum[STRATUM_MAX];
	int rc;

	if (e->decision == EH_HOLD) {
		g->d->holds++;
		return EH_OK;
	}
	rc = position_of(g, e, &position, err);
	if (rc != EH_OK)
		return rc;
	(void)snprintf(stratum, sizeof stratum, "%s\x1f%s\x1f%s", position, e->stage, e->question);
	row = eh_list_push(&g->decisions, NULL);
	row->evaluator = eh_names_add(g->evaluators, e->evaluator);
	row->candidate = eh_names_add(g->candidates, e->candidate);
	row->stratum = eh_names_add(g->strata, stratum);
	row->selected = e->decision == EH_ADVANCE;
	row->has_score = e->has_score;
	row->score = e->score;
	row->decided = e->has_time ? day_of(e->decided_at) : EH_NO_DAY;
	return EH_OK;
}

/* rc: how the reading went; the names are settled in any case. */
static int fill_decisions(struct gather *g, int rc, struct eh_err *err)
{
	uint32_t *evaluator = NULL, *candidate = NULL, *stratum = NULL;
	struct eh_audit_data *d = g->d;
	const struct row *v = g->decisions.v;
	bool scores = false, days = false;

	eh_names_finish(&g->evaluators, &d->evaluators, &evaluator);
	eh_names_finish(&g->candidates, &d->candidates, &candidate);
	eh_names_finish(&g->strata, &d->strata, &stratum);
	for (size_t i = 0; i < g->decisions.n && !scores; i++)
		scores = v[i].has_score != 0;
	for (size_t i = 0; i < g->decisions.n && !days; i++)
		days = v[i].decided != EH_NO_DAY;
	if (rc == EH_OK)
		rc = eh_audit_data_room(d, g->decisions.n, scores, err);
	if (rc == EH_OK && days)
		d->decided = eh_xcalloc(g->decisions.n, sizeof *d->decided);
	for (size_t i = 0; i < g->decisions.n && rc == EH_OK; i++) {
		d->evaluator[i] = evaluator[v[i].evaluator];
		d->candidate[i] = candidate[v[i].candidate];
		d->stratum[i] = stratum[v[i].stratum];
		d->selected[i] = v[i].selected;
		if (scores) {
			d->has_score[i] = v[i].has_score;
			d->score[i] = v[i].score;
		}
		if (days)
			d->decided[i] = v[i].decided;
	}
	free(evaluator);
	free(candidate);
	free(stratum);
	free(g->decisions.v);
	g->decisions.v = NULL;
	return rc;
}

/* A candidate's position is its own; where evaluations name others, strata keep them apart. */
static int fill_positions(struct gather *g, struct eh_err *err)
{
	struct eh_audit_data *d = g->d;
	struct eh_candidate *c = eh_xcalloc(1, sizeof *c);
	uint32_t *map = NULL;
	int rc = EH_OK;

	g->positions = eh_names_new();
	d->position = eh_xcalloc(d->candidates.n, sizeof *d->position);
	g->places = eh_xcalloc(d->candidates.n, sizeof *g->places);
	for (size_t i = 0; i < d->candidates.n && rc == EH_OK; i++) {
		rc = eh_candidate_get(g->txn, d->candidates.v[i], c, err);
		if (rc == EH_OK) {
			d->position[i] = eh_names_add(g->positions, c->position);
			memcpy(g->places[i], c->jurisdiction, sizeof g->places[i]);
		}
	}
	eh_names_finish(&g->positions, &d->positions, &map);
	for (size_t i = 0; i < d->candidates.n && rc == EH_OK; i++)
		d->position[i] = map[d->position[i]];
	free(map);
	free(c);
	return rc;
}

/* ---- classes ---- */

static int attribute_order(const void *a, const void *b)
{
	return strcmp(((const struct eh_attribute_data *)a)->name, ((const struct eh_attribute_data *)b)->name);
}

struct eh_attribute_data *eh_desk_attribute_of(struct eh_list *list, const char *name)
{
	struct eh_attribute_data *v = list->v;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	v = eh_list_push(list, NULL);
	(void)snprintf(v->name, sizeof v->name, "%s", name);
	v->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	return v;
}

int eh_desk_add_group(struct eh_attribute_data *a, const char *group, struct eh_err *err)
{
	size_t at = 0;

	while (at < a->n_groups && strcmp(a->groups[at], group) < 0)
		at++;
	if (at < a->n_groups && strcmp(a->groups[at], group) == 0)
		return EH_OK;
	if (a->n_groups == EH_GROUPS_MAX)
		return eh_err_set(err, EH_ERANGE, "attribute %s has more than %d groups", a->name, EH_GROUPS_MAX);
	memmove(a->groups[at + 1], a->groups[at], (a->n_groups - at) * sizeof a->groups[0]);
	(void)snprintf(a->groups[at], sizeof a->groups[0], "%s", group);
	a->n_groups++;
	return EH_OK;
}

int16_t eh_desk_group_index(const struct eh_attribute_data *a, const char *group)
{
	for (size_t i = 0; i < a->n_groups; i++)
		if (strcmp(a->groups[i], group) == 0)
			return (int16_t)i;
	return -1;
}

static int list_attributes(struct gather *g, struct eh_list *list, struct eh_err *err)
{
	struct eh_candidate *c = eh_xcalloc(1, sizeof *c);
	int rc = EH_OK;

	for (size_t i = 0; i < g->d->candidates.n && rc == EH_OK; i++) {
		rc = eh_candidate_get(g->txn, g->d->candidates.v[i], c, err);
		for (size_t k = 0; k < c->n_declared && rc == EH_OK; k++)
			rc = eh_desk_add_group(eh_desk_attribute_of(list, c->declared[k].attribute),
					       c->declared[k].group, err);
	}
	free(c);
	return rc;
}

static int fill_known(struct gather *g, struct eh_err *err)
{
	struct eh_attribute_data *a = g->attribute;
	struct eh_candidate *c = eh_xcalloc(1, sizeof *c);
	size_t n = g->d->candidates.n;
	int rc = EH_OK;

	a->group = eh_xcalloc(n, sizeof *a->group);
	a->provenance = eh_xcalloc(n, sizeof *a->provenance);
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		const struct eh_declared *known = NULL;

		a->group[i] = -1;
		rc = eh_candidate_get(g->txn, g->d->candidates.v[i], c, err);
		if (rc == EH_OK)
			known = eh_candidate_class(c, a->name);
		if (known != NULL) {
			a->group[i] = eh_desk_group_index(a, known->group);
			a->provenance[i] = known->source == EH_BY_RECORD ? EH_IMPORTED : EH_DECLARED;
		}
	}
	free(c);
	return rc;
}

/* A posterior counts only while its candidate's consent and place still allow it, and never over a known class. */
static int take_posterior(void *ctx, const struct eh_posterior *p, struct eh_err *err)
{
	struct gather *g = ctx;
	struct eh_attribute_data *a = g->attribute;
	uint32_t i = eh_names_find(&g->d->candidates, p->candidate);

	(void)err;
	if (i == UINT32_MAX || a->provenance[i] != EH_UNKNOWN_CLASS || !eh_desk_may_use(g->txn, p, g->now))
		return EH_OK;
	if (strcmp(p->model, g->giver) != 0) {
		a->aside++;
		return EH_OK;
	}
	if (a->prob == NULL)
		a->prob = eh_xcalloc(g->d->candidates.n * a->n_groups, sizeof *a->prob);
	if (a->out_of_scope == NULL)
		a->out_of_scope = eh_xcalloc(g->d->candidates.n, sizeof *a->out_of_scope);
	for (uint32_t k = 0; k < p->n_groups; k++) {
		int16_t at = eh_desk_group_index(a, p->groups[k]);

		if (at >= 0)
			a->prob[i * a->n_groups + (size_t)at] = p->p[k];
	}
	a->provenance[i] = EH_PREDICTED;
	a->out_of_scope[i] = p->scope != 0;
	g->modality[i] = p->modality;
	return EH_OK;
}

/* What the model said of those it learnt from, while it did not know them: how far its probabilities can be trusted. */
static void take_unseen(void *ctx, const char *candidate, const struct eh_prediction *p)
{
	struct gather *g = ctx;
	struct eh_attribute_data *a = g->attribute;
	uint32_t i = eh_names_find(&g->d->candidates, candidate);
	const char *const *groups;
	size_t n = eh_model_groups(g->model, &groups);

	if (i == UINT32_MAX || (a->provenance[i] != EH_DECLARED && a->provenance[i] != EH_IMPORTED))
		return;
	for (size_t k = 0; k < n; k++) {
		int16_t at = eh_desk_group_index(a, groups[k]);

		if (at >= 0)
			a->prob[i * a->n_groups + (size_t)at] = p->p[k];
	}
	a->labelled[i] = 1;
}

/* Class shares of the model, in the order of the attribute's groups. */
static void fill_prior(struct eh_attribute_data *a, const struct eh_model *model)
{
	const char *const *groups;
	size_t n = eh_model_groups(model, &groups);
	double prior[EH_GROUPS_MAX];

	eh_model_prior(model, prior);
	for (size_t k = 0; k < n; k++) {
		int16_t at = eh_desk_group_index(a, groups[k]);

		if (at >= 0)
			a->prior[at] = prior[k];
	}
}

_Static_assert(EH_CLASSIFY_AUC >= EH_GUARD_AUC, "a part that classifies passes the guard of the estimate");

/* The skill behind the predicted classes is that of the weakest part of the model that answered. */
static void fill_skill(struct gather *g, const struct eh_model *model)
{
	struct eh_attribute_data *a = g->attribute;
	const struct eh_skill *least = NULL;

	for (size_t i = 0; i < g->d->candidates.n; i++) {
		const struct eh_skill *s = eh_model_skill(model, (enum eh_modality)g->modality[i]);

		if (a->provenance[i] == EH_PREDICTED && (least == NULL || s->auc_lo < least->auc_lo))
			least = s;
	}
	if (least == NULL)
		return;
	a->auc_lo = eh_num(least->auc_lo);
	a->auc = eh_num(least->auc);
	a->ece = eh_num(least->ece);
}

/* What an erased candidate taught counts for nobody until it is made anew (facts/learning.md 14). */
static void say_aside(struct eh_attribute_data *a, const struct eh_model *model, uint32_t withdrawn, bool outdated)
{
	if (a->aside == 0)
		return;
	if (withdrawn > 0)
		(void)snprintf(a->aside_why, sizeof a->aside_why,
			       "the consent of %u candidate%s behind model %s was withdrawn or no longer holds; run: "
			       "evenhand train --refresh %s, then evenhand classify %s",
			       withdrawn, withdrawn == 1 ? "" : "s", eh_model_id(model), a->name, a->name);
	else if (outdated)
		(void)snprintf(a->aside_why, sizeof a->aside_why,
			       "the model was stored by another version; run: evenhand train --refresh %s, then "
			       "evenhand classify %s",
			       a->name, a->name);
	else
		(void)snprintf(a->aside_why, sizeof a->aside_why,
			       "another model gave them than the one there is; run: evenhand classify %s", a->name);
}

static int fill_attribute(struct gather *g, struct eh_err *err)
{
	struct eh_model *model = NULL;
	uint32_t withdrawn = 0;
	bool outdated = false;
	int rc = fill_known(g, err);

	memset(g->modality, 0, g->d->candidates.n);
	if (rc != EH_OK)
		return rc;
	rc = eh_model_get(g->txn, g->attribute->name, &model, NULL);
	outdated = rc == EH_EFORMAT;            /* another version stored it */
	if (rc == EH_ENOENT || rc == EH_EFORMAT)
		rc = EH_OK;
	else if (rc == EH_OK)
		rc = eh_desk_model_withdrawn(g->txn, model, g->now, &withdrawn, err);
	g->giver = model != NULL && withdrawn == 0 ? eh_model_id(model) : "";
	if (rc == EH_OK)
		rc = eh_posteriors_each(g->txn, g->attribute->name, take_posterior, g, err);
	g->model = model;
	if (rc == EH_OK && model != NULL) {
		fill_prior(g->attribute, model);
		fill_skill(g, model);
	}
	if (rc == EH_OK && g->attribute->prob != NULL) {
		g->attribute->labelled = eh_xcalloc(g->d->candidates.n, sizeof *g->attribute->labelled);
		rc = eh_desk_model_unseen(g->txn, model, g->now, take_unseen, g, err);
	}
	g->model = NULL;
	say_aside(g->attribute, model, withdrawn, outdated);
	eh_model_free(&model);
	return rc;
}

void eh_desk_settle_attributes(struct eh_audit_data *d, struct eh_list *list)
{
	struct eh_attribute_data *v = list->v;
	size_t kept = 0;

	if (list->n > 1)
		qsort(v, list->n, sizeof *v, attribute_order);
	for (size_t i = 0; i < list->n; i++)
		if (v[i].n_groups >= 2)
			v[kept++] = v[i];
	d->attributes = v;
	d->n_attributes = kept;
}

static int fill_classes(struct gather *g, struct eh_err *err)
{
	struct eh_list list;
	int rc;

	eh_list_init(&list, sizeof(struct eh_attribute_data));
	rc = list_attributes(g, &list, err);
	eh_desk_settle_attributes(g->d, &list);
	g->modality = eh_xcalloc(g->d->candidates.n, sizeof *g->modality);
	for (size_t i = 0; i < g->d->n_attributes && rc == EH_OK; i++) {
		g->attribute = &g->d->attributes[i];
		rc = fill_attribute(g, err);
	}
	free(g->modality);
	return rc;
}

int eh_desk_gather(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_err *err)
{
	struct gather g = { .d = out, .now = eh_now() };
	int rc;

	memset(out, 0, sizeof *out);
	(void)snprintf(out->source, sizeof out->source, "project");
	g.evaluators = eh_names_new();
	g.candidates = eh_names_new();
	g.strata = eh_names_new();
	eh_list_init(&g.decisions, sizeof(struct row));
	rc = eh_txn_begin(&g.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_evaluations_each(g.txn, take_evaluation, &g, err);
	rc = fill_decisions(&g, rc, err);
	if (rc == EH_OK && out->n_decisions == 0)
		rc = eh_err_set(err, EH_ENOENT,
				"there are no decisions yet; run: evenhand import evaluations FILE.csv");
	if (rc == EH_OK)
		rc = fill_positions(&g, err);
	if (rc == EH_OK)
		rc = fill_classes(&g, err);
	eh_txn_abort(&g.txn);
	if (rc == EH_OK && out->n_attributes == 0)
		rc = eh_err_set(err, EH_ENOENT,
				"no attribute has two known groups; candidates need a declared.ATTRIBUTE or "
				"imported.ATTRIBUTE column");
	if (rc == EH_OK)
		rc = eh_audit_data_sort(out, err);
	free(g.decisions.v);
	if (rc != EH_OK) {
		eh_audit_data_free(out);
		free(g.places);
		g.places = NULL;
	}
	*places = g.places;
	return rc;
}

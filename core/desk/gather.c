/* The project as audit data: who decided what about whom, and what is known of whose class. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/screening.h"
#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"

#define STRATUM_MAX (3 * EH_ID_MAX + 16)

struct gather {
	struct eh_txn *txn;
	struct eh_audit_data *d;
	int64_t now;
	struct eh_name_builder *evaluators, *candidates, *strata, *positions;
	struct eh_list decisions;       /* struct eh_decision with provisional indices */
	eh_id last_candidate;           /* positions are looked up once per run of rows */
	eh_id last_position;
	eh_place *places;               /* [candidates.n] */
	struct eh_attribute_data *attribute;    /* being filled */
	const char *giver;              /* id of the model whose classes count, "" = of none */
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

static int take_evaluation(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	struct gather *g = ctx;
	struct eh_decision *dec;
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
	dec = eh_list_push(&g->decisions, NULL);
	dec->evaluator = eh_names_add(g->evaluators, e->evaluator);
	dec->candidate = eh_names_add(g->candidates, e->candidate);
	dec->stratum = eh_names_add(g->strata, stratum);
	dec->selected = e->decision == EH_ADVANCE;
	dec->has_score = e->has_score;
	dec->score = e->score;
	return EH_OK;
}

static void finish_names(struct gather *g)
{
	uint32_t *evaluator = NULL, *candidate = NULL, *stratum = NULL;
	struct eh_decision *v = g->decisions.v;

	eh_names_finish(&g->evaluators, &g->d->evaluators, &evaluator);
	eh_names_finish(&g->candidates, &g->d->candidates, &candidate);
	eh_names_finish(&g->strata, &g->d->strata, &stratum);
	for (size_t i = 0; i < g->decisions.n; i++) {
		v[i].evaluator = evaluator[v[i].evaluator];
		v[i].candidate = candidate[v[i].candidate];
		v[i].stratum = stratum[v[i].stratum];
	}
	free(evaluator);
	free(candidate);
	free(stratum);
	g->d->decisions = v;
	g->d->n_decisions = g->decisions.n;
	g->decisions.v = NULL;
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

static struct eh_attribute_data *attribute_of(struct eh_list *list, const char *name)
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

static int add_group(struct eh_attribute_data *a, const char *group, struct eh_err *err)
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

static int16_t group_index(const struct eh_attribute_data *a, const char *group)
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
			rc = add_group(attribute_of(list, c->declared[k].attribute), c->declared[k].group, err);
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
			a->group[i] = group_index(a, known->group);
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
	for (uint32_t k = 0; k < p->n_groups; k++) {
		int16_t at = group_index(a, p->groups[k]);

		if (at >= 0)
			a->prob[i * a->n_groups + (size_t)at] = p->p[k];
	}
	a->provenance[i] = EH_PREDICTED;
	g->modality[i] = p->modality;
	return EH_OK;
}

/* Class shares of the model, in the order of the attribute's groups. */
static void fill_prior(struct eh_attribute_data *a, const struct eh_model *model)
{
	const char *const *groups;
	size_t n = eh_model_groups(model, &groups);
	double prior[EH_GROUPS_MAX];

	eh_model_prior(model, prior);
	for (size_t k = 0; k < n; k++) {
		int16_t at = group_index(a, groups[k]);

		if (at >= 0)
			a->prior[at] = prior[k];
	}
}

_Static_assert(EH_CLASSIFY_AUC >= EH_GUARD_AUC, "a part that classifies passes the guard of the estimate");

/* The skill behind the predicted classes is that of the weakest part of the model that answered. */
static void fill_skill(struct gather *g, const struct eh_model *model)
{
	struct eh_attribute_data *a = g->attribute;
	double least = 1.0;

	for (size_t i = 0; i < g->d->candidates.n; i++) {
		const struct eh_skill *s = NULL;

		if (a->provenance[i] != EH_PREDICTED)
			continue;
		s = eh_model_skill(model, (enum eh_modality)g->modality[i]);
		least = s->auc_lo < least ? s->auc_lo : least;
	}
	if (a->prob != NULL)
		a->auc_lo = eh_num(least);
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
	if (rc == EH_OK && model != NULL) {
		fill_prior(g->attribute, model);
		fill_skill(g, model);
	}
	say_aside(g->attribute, model, withdrawn, outdated);
	eh_model_free(&model);
	return rc;
}

static int fill_classes(struct gather *g, struct eh_err *err)
{
	struct eh_list list;
	struct eh_attribute_data *v;
	size_t kept = 0;
	int rc;

	eh_list_init(&list, sizeof *v);
	rc = list_attributes(g, &list, err);
	v = list.v;
	if (list.n > 1)
		qsort(v, list.n, sizeof *v, attribute_order);
	/* an attribute with one group has nobody to compare with */
	for (size_t i = 0; i < list.n; i++)
		if (v[i].n_groups >= 2)
			v[kept++] = v[i];
	g->d->attributes = v;
	g->d->n_attributes = kept;
	g->modality = eh_xcalloc(g->d->candidates.n, sizeof *g->modality);
	for (size_t i = 0; i < kept && rc == EH_OK; i++) {
		g->attribute = &v[i];
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
	eh_list_init(&g.decisions, sizeof(struct eh_decision));
	rc = eh_txn_begin(&g.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_evaluations_each(g.txn, take_evaluation, &g, err);
	finish_names(&g);
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

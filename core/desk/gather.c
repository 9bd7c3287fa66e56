/* The project as audit data: who decided what about whom, and what is known of whose class. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/cubes.h"
#include "audit/basis.h"
#include "base/clock.h"
#include "base/mem.h"
#include "desk/judged.h"
#include "desk/rowed.h"

#define STRATUM_MAX (3 * EH_ID_MAX + 16 + EH_PERIOD_TEXT)

struct row {
	uint32_t evaluator, candidate, stratum;
	uint8_t selected, has_score;
	int32_t decided;                /* [d], EH_NO_DAY */
	double score;
};

struct gather {
	struct eh_txn *txn;
	const struct eh_wanted_rows *want;
	struct eh_days days;
	uint64_t timed, untimed;        /* decisions, wherever their day is */
	struct eh_audit_data *d;
	int64_t now;
	struct eh_name_builder *evaluators, *strata;
	struct eh_judged judged;        /* the candidates */
	struct eh_rowed *rowed;         /* NULL: nobody asks later what has changed */
	struct eh_list decisions;       /* struct row with provisional indices */
	eh_id last_evaluator;           /* rows come evaluator by evaluator */
	uint32_t evaluator;
	eh_place *places;               /* [candidates.n] */
	struct eh_attribute_data *attribute;    /* being filled */
	const char *giver;              /* id of the model whose classes count, "" = of none */
	const struct eh_model *model;           /* of the attribute, while its classes are filled in */
	uint8_t *modality;              /* [candidates.n] part of the model that answered, where a class is predicted */
};

/* ---- decisions ---- */

/* Is its day wanted?  Without a time it is in no window. */
static bool is_wanted(struct gather *g, const struct eh_evaluation *e)
{
	const int32_t day = e->has_time ? eh_day_of(e->decided_at) : EH_NO_DAY;
	const bool decided = e->decision != EH_HOLD;

	g->timed += decided && day != EH_NO_DAY;
	g->untimed += decided && day == EH_NO_DAY;
	if (day == EH_NO_DAY)
		return !g->want->timed && !eh_window_bounded(&g->want->window);
	return day >= g->days.first && day <= g->days.last;
}

/* Number of the stratum: position (the evaluation's own, else the candidate's), stage, question, and the period where
 * that is wanted. */
static uint32_t stratum_of(struct gather *g, const struct eh_evaluation *e, uint32_t candidate)
{
	const char *known = eh_judged_profile(&g->judged, candidate)->position;
	const char *position = e->position[0] != '\0' ? e->position : known;
	const enum eh_period by = (enum eh_period)g->want->window.period;
	char text[STRATUM_MAX], period[EH_PERIOD_TEXT] = "";
	const char *parts[4] = { position, e->stage, e->question, period };
	const size_t n = by != EH_NO_PERIOD ? 4 : 3;
	size_t used = 0;

	if (n == 4)
		eh_period_text(period, by, eh_period_of(by, e->has_time ? eh_day_of(e->decided_at) : EH_NO_DAY));
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(parts[i]);

		memcpy(text + used, parts[i], len);
		used += len;
		text[used++] = i + 1 < n ? '\x1f' : '\0';
	}
	return eh_names_add(g->strata, text);
}

static int take_evaluation(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	struct gather *g = ctx;
	struct row *row;
	uint32_t candidate = 0;
	const bool hold = e->decision == EH_HOLD, wanted = is_wanted(g, e);
	int rc = eh_judged_number(&g->judged, e, hold || !wanted ? NULL : &candidate, err);

	if (g->rowed != NULL)
		eh_rowed_note(g->rowed, e);
	if (rc != EH_OK || !wanted)
		return rc;
	if (hold) {
		g->d->holds++;
		return EH_OK;
	}
	if (strcmp(g->last_evaluator, e->evaluator) != 0) {
		memcpy(g->last_evaluator, e->evaluator, sizeof g->last_evaluator);
		g->evaluator = eh_names_add(g->evaluators, e->evaluator);
	}
	row = eh_list_push(&g->decisions, NULL);
	row->evaluator = g->evaluator;
	row->candidate = candidate;
	row->stratum = stratum_of(g, e, candidate);
	row->selected = e->decision == EH_ADVANCE;
	row->has_score = e->has_score;
	row->score = e->score;
	row->decided = e->has_time ? eh_day_of(e->decided_at) : EH_NO_DAY;
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
	eh_judged_settle(&g->judged, &d->candidates, &candidate);
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
static void fill_positions(struct gather *g)
{
	struct eh_audit_data *d = g->d;
	const struct eh_candidate *known = g->judged.profiles.v;
	const uint32_t *profile = g->judged.profile_of.v;
	struct eh_name_builder *names = eh_names_new();
	uint32_t *position = eh_xcalloc(g->judged.profiles.n + 1, sizeof *position), *map = NULL;

	d->position = eh_xcalloc(d->candidates.n, sizeof *d->position);
	g->places = eh_xcalloc(d->candidates.n, sizeof *g->places);
	for (size_t i = 0; i < g->judged.profiles.n; i++)
		position[i] = eh_names_add(names, known[i].position);
	eh_names_finish(&names, &d->positions, &map);
	for (size_t i = 0; i < d->candidates.n; i++) {
		d->position[i] = map[position[profile[i]]];
		memcpy(g->places[i], known[profile[i]].jurisdiction, sizeof g->places[i]);
	}
	free(position);
	free(map);
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

int eh_desk_list_attributes(const struct eh_candidate *v, size_t n, struct eh_audit_data *d, struct eh_err *err)
{
	struct eh_list list;
	int rc = EH_OK;

	eh_list_init(&list, sizeof(struct eh_attribute_data));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n_declared && rc == EH_OK; k++)
			rc = eh_desk_add_group(eh_desk_attribute_of(&list, v[i].declared[k].attribute),
					       v[i].declared[k].group, err);
	eh_desk_settle_attributes(d, &list);
	return rc;
}

struct eh_said *eh_desk_list_said(const struct eh_candidate *v, size_t n, const struct eh_audit_data *d)
{
	struct eh_said *out = eh_xcalloc(n * d->n_attributes + 1, sizeof *out);

	for (size_t i = 0; i < n; i++)
		for (size_t a = 0; a < d->n_attributes; a++) {
			const struct eh_declared *known = eh_candidate_class(&v[i], d->attributes[a].name);
			struct eh_said *x = &out[i * d->n_attributes + a];

			*x = (struct eh_said){ -1, EH_UNKNOWN_CLASS };
			if (known == NULL)
				continue;
			x->group = eh_desk_group_index(&d->attributes[a], known->group);
			x->provenance = known->source == EH_BY_RECORD ? EH_IMPORTED : EH_DECLARED;
		}
	return out;
}

static void fill_known(struct gather *g)
{
	struct eh_audit_data *d = g->d;
	struct eh_said *said = eh_desk_list_said(g->judged.profiles.v, g->judged.profiles.n, d);
	const uint32_t *profile = g->judged.profile_of.v;

	for (size_t k = 0; k < d->n_attributes; k++) {
		struct eh_attribute_data *a = &d->attributes[k];

		a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
		a->provenance = eh_xcalloc(d->candidates.n, sizeof *a->provenance);
		for (size_t i = 0; i < d->candidates.n; i++) {
			const struct eh_said *x = &said[profile[i] * d->n_attributes + k];

			a->group[i] = x->group;
			a->provenance[i] = x->provenance;
		}
	}
	free(said);
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
	int rc = eh_model_get(g->txn, g->attribute->name, &model, NULL);

	memset(g->modality, 0, g->d->candidates.n);
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
	int rc = eh_desk_list_attributes(g->judged.profiles.v, g->judged.profiles.n, g->d, err);

	fill_known(g);
	g->modality = eh_xcalloc(g->d->candidates.n, sizeof *g->modality);
	for (size_t i = 0; i < g->d->n_attributes && rc == EH_OK && !g->want->known_only; i++) {
		g->attribute = &g->d->attributes[i];
		rc = fill_attribute(g, err);
	}
	free(g->modality);
	return rc;
}

/* Why there is nothing to audit, EH_OK: there is something. */
static int look_at_rows(const struct gather *g, struct eh_err *err)
{
	const struct eh_window *w = &g->want->window;
	const char *who = g->want->evaluator;
	char days[EH_WINDOW_TEXT];

	if ((eh_window_dated(w) || g->want->timed) && g->timed == 0 && g->untimed > 0)
		return eh_err_set(err, EH_EINVAL, "none of %llu decisions%s%s has a time; import evaluations with a "
				  "column decided_at", (unsigned long long)g->untimed,
				  who != NULL ? " of evaluator " : "", who != NULL ? who : "");
	if (g->d->n_decisions > 0)
		return EH_OK;
	eh_window_text(days, w);
	if (g->timed > 0 && days[0] != '\0')
		return eh_err_set(err, EH_ENOENT, "there is no decision of the days %s", days);
	if (who != NULL)
		return eh_err_set(err, EH_ENOENT, "there is no decision of an evaluator '%.64s'; evenhand evaluators "
				  "lists who was audited", who);
	return eh_err_set(err, EH_ENOENT, "there are no decisions yet; run: evenhand import evaluations FILE.csv");
}

static int read_rows(struct gather *g, struct eh_err *err)
{
	const char *who = g->want->evaluator;
	int rc = EH_OK;

	if (who == NULL)
		rc = eh_judged_begin(&g->judged, g->txn, err);
	else
		eh_judged_begin_few(&g->judged, g->txn);
	if (rc != EH_OK)
		return rc;
	return who != NULL ? eh_evaluations_of(g->txn, who, take_evaluation, g, err) :
			     eh_evaluations_each(g->txn, take_evaluation, g, err);
}

/* Changes can be told where the cubes are in step and every class is known. */
static int begin_rowed(struct gather *g, uint64_t *version, struct eh_err *err)
{
	struct eh_cubes_state state;
	uint64_t posteriors = 0;
	int rc = eh_cubes_state(g->txn, &state, err);

	if (rc == EH_OK)
		rc = eh_txn_count(g->txn, EH_T_POSTERIORS, &posteriors, err);
	*version = state.version;
	if (rc == EH_OK && state.current && state.shared > 0 && state.version > 0 && posteriors == 0)
		g->rowed = eh_rowed_new();
	return rc;
}

/* rowed: NULL, or what later changes are told by; *rowed NULL: they cannot be. */
static int gather_rows(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
		       eh_place **places, uint64_t *untimed, struct eh_rowed **rowed, struct eh_err *err)
{
	struct gather g = { .d = out, .now = eh_now(), .want = want };
	uint64_t version = 0;
	int rc;

	memset(out, 0, sizeof *out);
	*places = NULL;
	*untimed = 0;
	rc = eh_window_days(&g.days, &want->window, err);
	if (rc != EH_OK)
		return rc;
	(void)snprintf(out->source, sizeof out->source, "project");
	g.evaluators = eh_names_new();
	g.strata = eh_names_new();
	eh_list_init(&g.decisions, sizeof(struct row));
	rc = eh_txn_begin(&g.txn, d->store, false, err);
	if (rc == EH_OK && rowed != NULL)
		rc = begin_rowed(&g, &version, err);
	if (rc == EH_OK)
		rc = read_rows(&g, err);
	rc = fill_decisions(&g, rc, err);
	if (rc == EH_OK)
		rc = look_at_rows(&g, err);
	if (rc == EH_OK)
		fill_positions(&g);
	if (rc == EH_OK)
		rc = fill_classes(&g, err);
	eh_txn_abort(&g.txn);
	if (rc == EH_OK)
		rc = eh_audit_data_sort(out, err);
	if (rc == EH_OK && g.rowed != NULL)
		eh_rowed_settle(g.rowed, &g.judged, out->candidates.n, version);
	else
		eh_rowed_free(&g.rowed);
	if (rowed != NULL)
		*rowed = g.rowed;
	eh_judged_free(&g.judged);
	free(g.decisions.v);
	if (rc != EH_OK) {
		eh_audit_data_free(out);
		free(g.places);
		g.places = NULL;
	}
	*places = g.places;
	*untimed = g.untimed;
	return rc;
}

int eh_desk_gather_any(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_err *err)
{
	static const struct eh_wanted_rows all;
	uint64_t untimed;

	return gather_rows(d, &all, out, places, &untimed, NULL, err);
}

int eh_desk_gather(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_err *err)
{
	return eh_desk_gather_rowed(d, out, places, NULL, err);
}

static int gather_wanted(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
			 eh_place **places, uint64_t *untimed, struct eh_rowed **rowed, struct eh_err *err)
{
	int rc = gather_rows(d, want, out, places, untimed, rowed, err);

	if (rc != EH_OK || out->n_attributes > 0)
		return rc;
	eh_audit_data_free(out);
	free(*places);
	*places = NULL;
	if (rowed != NULL)
		eh_rowed_free(rowed);
	if (want->evaluator != NULL)
		return eh_err_set(err, EH_ENOENT, "among the candidates of evaluator '%.64s' no attribute has two "
				  "known groups", want->evaluator);
	return eh_err_set(err, EH_ENOENT,
			  "no attribute has two known groups; candidates need a declared.ATTRIBUTE or "
			  "imported.ATTRIBUTE column");
}

int eh_desk_gather_rowed(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_rowed **rowed,
			 struct eh_err *err)
{
	static const struct eh_wanted_rows all;
	uint64_t untimed;

	return gather_wanted(d, &all, out, places, &untimed, rowed, err);
}

int eh_desk_gather_rows(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
			eh_place **places, uint64_t *untimed, struct eh_err *err)
{
	return gather_wanted(d, want, out, places, untimed, NULL, err);
}

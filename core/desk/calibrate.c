/* How often would the policies be right here?  Draw decisions for the project's design, audit them, count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/intersect.h"
#include "audit/simulate.h"
#include "base/mem.h"
#include "desk/inside.h"

#define EFFECT_STEPS 20 /* the search looks at effects k / EFFECT_STEPS */
#define FOUND_ENOUGH 0.8

/* One policy with what it may see. */
struct judge {
	struct eh_policy *policy;
	struct eh_audit_result *result;
	struct eh_audit_settings settings;
	struct eh_audit_data view; /* attributes are its own, everything else is the project's */
	bool *closed;		   /* [view.n_attributes] */
};

struct calibrate {
	struct eh_desk *desk;
	const struct eh_calibrate_options *o;
	const struct eh_progress *progress;
	struct eh_progress inside; /* of an audit: may be cancelled, says nothing */
	struct eh_audit_data data;
	eh_place *places;
	struct judge *judge; /* [o->n_policies] */
	struct eh_sim *sim;
	struct eh_sim_cell *cell;
	size_t n_cells;
	uint32_t biased;
	uint32_t *guilty;     /* [evaluators] */
	uint8_t *seen;	      /* [evaluators] of one run */
	uint64_t done, total; /* audits */
};

/* ---- what comes in ---- */

static int check_options(const struct eh_calibrate_options *o, struct eh_err *err)
{
	if (o->n_policies == 0)
		return eh_err_set(err, EH_EINVAL, "calibrate: name at least one policy");
	if (!(o->effect >= 0.0 && o->effect < 1.0))
		return eh_err_set(err, EH_EINVAL, "effect %g: give a factor from 0 to below 1 such as 0.55", o->effect);
	if (!(o->share > 0.0 && o->share <= 1.0))
		return eh_err_set(err, EH_EINVAL, "share %g: give a part of the evaluators above 0, up to 1", o->share);
	if (o->reps < 1 || o->reps > EH_CALIBRATE_REPS_MAX)
		return eh_err_set(err, EH_EINVAL, "%u repetitions: give 1 to %u", o->reps, EH_CALIBRATE_REPS_MAX);
	return EH_OK;
}

/* Copies of all that belongs to one candidate each; what could not be had is NULL. */
static int copy_classes(struct eh_attribute_data *to, const struct eh_attribute_data *from, size_t n)
{
	*to = *from;
	to->group = eh_try_malloc(n + 1, sizeof *to->group);
	to->provenance = eh_try_malloc(n + 1, sizeof *to->provenance);
	to->prob = from->prob != NULL ? eh_try_malloc(n * from->n_groups + 1, sizeof *to->prob) : NULL;
	to->labelled = from->labelled != NULL ? eh_try_malloc(n + 1, sizeof *to->labelled) : NULL;
	to->out_of_scope = from->out_of_scope != NULL ? eh_try_malloc(n + 1, sizeof *to->out_of_scope) : NULL;
	if (to->group == NULL || to->provenance == NULL || (from->prob != NULL && to->prob == NULL) ||
	    (from->labelled != NULL && to->labelled == NULL) ||
	    (from->out_of_scope != NULL && to->out_of_scope == NULL))
		return EH_ENOMEM;
	memcpy(to->group, from->group, n * sizeof *to->group);
	memcpy(to->provenance, from->provenance, n * sizeof *to->provenance);
	if (to->prob != NULL)
		memcpy(to->prob, from->prob, n * from->n_groups * sizeof *to->prob);
	if (to->labelled != NULL)
		memcpy(to->labelled, from->labelled, n * sizeof *to->labelled);
	if (to->out_of_scope != NULL)
		memcpy(to->out_of_scope, from->out_of_scope, n * sizeof *to->out_of_scope);
	return EH_OK;
}

/* Classes are copied: each policy's gates close others, and its attributes are freed or crossed without the others'.
 * Scores are those of the real decisions and say nothing here. */
static int make_view(struct eh_audit_data *view, const struct eh_audit_data *d, struct eh_err *err)
{
	*view = *d;
	view->score = NULL;
	view->has_score = NULL;
	view->attributes = eh_xcalloc(d->n_attributes, sizeof *view->attributes);
	for (size_t k = 0; k < d->n_attributes; k++) {
		if (copy_classes(&view->attributes[k], &d->attributes[k], d->candidates.n) != EH_OK) {
			view->n_attributes = k + 1;
			return eh_err_set(err, EH_ENOMEM, "calibrate: out of memory for %zu candidates",
					  d->candidates.n);
		}
	}
	return EH_OK;
}

static void judge_free(struct calibrate *c, struct judge *j)
{
	for (size_t k = 0; j->view.attributes != NULL && k < j->view.n_attributes; k++) {
		free(j->view.attributes[k].group);
		free(j->view.attributes[k].provenance);
		free(j->view.attributes[k].prob);
		free(j->view.attributes[k].labelled);
		free(j->view.attributes[k].out_of_scope);
	}
	free(j->view.attributes);
	free(j->closed);
	free(j->result);
	if (j->policy != NULL)
		c->desk->engine->free(&j->policy);
}

static int broken(const struct judge *j, struct eh_err *err)
{
	return j->result->policy_status == EH_OK ? EH_OK : eh_err_set(err, EH_EPOLICY, "%s", j->result->policy_message);
}

static int make_judge(struct calibrate *c, struct judge *j, const char *policy, struct eh_err *err)
{
	int rc;

	j->result = eh_xcalloc(1, sizeof *j->result);
	rc = eh_desk_load_policy(c->desk, policy, &j->policy, j->result, err);
	if (rc == EH_OK)
		rc = broken(j, err);
	if (rc == EH_OK)
		rc = make_view(&j->view, &c->data, err);
	if (rc != EH_OK)
		return rc;
	j->settings = j->result->policy.settings;
	eh_desk_override(&j->settings, c->o->overrides);
	eh_desk_keep_attributes(&j->view, &j->result->policy);
	if (j->view.n_attributes == 0)
		return eh_err_set(err, EH_EINVAL, "policy %s looks at attributes that nobody declared",
				  j->result->policy.name);
	j->closed = eh_xcalloc(j->view.n_attributes, sizeof *j->closed);
	eh_desk_ask_gate(c->desk, j->policy, &j->view, c->places, j->closed, j->result);
	rc = broken(j, err);
	return rc == EH_OK ? eh_desk_intersect(&j->view, c->o->overrides, &j->closed, j->result, err) : rc;
}

static bool has_attribute(const struct eh_audit_data *d, const char *name)
{
	for (size_t k = 0; k < d->n_attributes; k++)
		if (strcmp(d->attributes[k].name, name) == 0)
			return true;
	return false;
}

/* The design gets the crossed attributes too, so that bias can be against a pair; one that not every policy looks at is
 * no place for bias, so the first policy's are enough. */
static int cross_design(struct calibrate *c, struct eh_err *err)
{
	const struct eh_audit_data *view = &c->judge[0].view;
	int rc = EH_OK;

	for (size_t k = 0; k < view->n_attributes && rc == EH_OK; k++) {
		const char *name = view->attributes[k].name, *join = strstr(name, EH_INTERSECT_JOIN);
		char text[2 * EH_NAME_MAX + 2];
		struct eh_intersect_rare rare;
		size_t a = 0, b = 0;

		if (join == NULL || has_attribute(&c->data, name))
			continue;
		(void)snprintf(text, sizeof text, "%.*s,%s", (int)(join - name), name,
			       join + sizeof EH_INTERSECT_JOIN - 1);
		rc = eh_intersect_parse(&a, &b, &c->data, text, err);
		if (rc == EH_OK)
			rc = eh_intersect(&c->data, a, b, &rare, err);
	}
	return rc;
}

/* ---- whom bias may be against ---- */

static bool looked_at(const struct calibrate *c, const char *attribute)
{
	for (size_t i = 0; i < c->o->n_policies; i++) {
		const struct judge *j = &c->judge[i];
		bool has = false;

		for (size_t k = 0; k < j->view.n_attributes; k++)
			has = has || (!j->closed[k] && strcmp(j->view.attributes[k].name, attribute) == 0);
		if (!has)
			return false;
	}
	return true;
}

static double persons(const struct eh_attribute_data *a, size_t n, size_t group)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		if (a->group[i] >= 0)
			sum += a->group[i] == (int)group;
		else if (a->provenance[i] == EH_PREDICTED && a->prob != NULL)
			sum += a->prob[i * a->n_groups + group];
	return sum;
}

/* "sex=female, sex=male": what may be named. */
static void name_groups(const struct calibrate *c, char *list, size_t size)
{
	size_t used = 0;

	list[0] = '\0';
	for (size_t k = 0; k < c->data.n_attributes; k++) {
		const struct eh_attribute_data *a = &c->data.attributes[k];

		for (size_t g = 0; g < a->n_groups && looked_at(c, a->name) && used < size; g++)
			used += (size_t)snprintf(list + used, size - used, "%s%s=%s", used > 0 ? ", " : "", a->name,
						 a->groups[g]);
	}
}

/* Groups of attributes that all policies look at, but for the smallest, which an audit lists and does not compare. */
static int find_cells(struct calibrate *c, struct eh_err *err)
{
	const struct eh_calibrate_options *o = c->o;
	char list[160];

	c->cell = eh_xcalloc(c->data.n_attributes * EH_GROUPS_MAX, sizeof *c->cell);
	for (size_t k = 0; k < c->data.n_attributes; k++) {
		const struct eh_attribute_data *a = &c->data.attributes[k];
		double n[EH_GROUPS_MAX], all = 0.0;

		if (!looked_at(c, a->name) || (o->attribute != NULL && strcmp(o->attribute, a->name) != 0))
			continue;
		for (size_t g = 0; g < a->n_groups; g++)
			all += n[g] = persons(a, c->data.candidates.n, g);
		for (size_t g = 0; g < a->n_groups; g++)
			if (o->group != NULL ? strcmp(o->group, a->groups[g]) == 0
					     : n[g] > 0.0 && 10000.0 * n[g] >= EH_MIN_SHARE * all)
				c->cell[c->n_cells++] = (struct eh_sim_cell){ (uint32_t)k, (uint32_t)g };
	}
	if (c->n_cells == 0 && o->group != NULL) {
		name_groups(c, list, sizeof list);
		return eh_err_set(err, EH_EINVAL, "no group '%s'%s%s among what the policies look at, which is: %s",
				  o->group, o->attribute != NULL ? " of " : "",
				  o->attribute != NULL ? o->attribute : "",
				  list);
	}
	if (c->n_cells == 0)
		return eh_err_set(err, EH_EINVAL,
				  "the policies look at no attribute in common here: calibrate them one "
				  "by one");
	return EH_OK;
}

static int count_biased(struct calibrate *c, struct eh_err *err)
{
	const struct eh_calibrate_options *o = c->o;
	size_t n = c->data.evaluators.n, able = 0;

	for (uint32_t e = 0; e < n; e++) {
		bool some = false;

		for (size_t k = 0; k < c->n_cells; k++)
			some = some || eh_sim_judged(c->sim, e, c->cell[k]) >= 1.0;
		able += some;
	}
	if (o->biased > able)
		return eh_err_set(err, EH_EINVAL, "%u biased evaluators: only %zu have judged such a group", o->biased,
				  able);
	c->biased = o->biased > 0 ? o->biased : (uint32_t)(o->share * (double)n + 0.5);
	if (c->biased == 0)
		c->biased = 1;
	if (c->biased > able)
		c->biased = (uint32_t)able;
	return able > 0 ? EH_OK : eh_err_set(err, EH_EINVAL, "no evaluator has judged anybody of the group");
}

/* ---- counting one run ---- */

enum { ACCUSED = 1, INDIVIDUAL = 2, PLAIN = 4, FOUND = 8, FOUND_INDIVIDUAL = 16, FOUND_PLAIN = 32 };

static bool is_guilt(const struct calibrate *c, uint32_t evaluator, const struct eh_finding *f)
{
	const struct eh_sim_cell *cell;
	const struct eh_attribute_data *a;

	if (c->guilty[evaluator] == EH_SIM_INNOCENT)
		return false;
	cell = &c->cell[c->guilty[evaluator]];
	a = &c->data.attributes[cell->attribute];
	return strcmp(f->attribute, a->name) == 0 && strcmp(f->group, a->groups[cell->group]) == 0;
}

static void count_findings(struct calibrate *c, struct eh_calibrate_arm *arm, const struct eh_findings *all)
{
	uint32_t e = 0;

	memset(c->seen, 0, c->data.evaluators.n);
	for (size_t i = 0; i < all->n; i++) {
		const struct eh_finding *f = &all->v[i];
		bool notify = f->verdict == EH_NOTIFY, individual = notify && f->scope == EH_SCOPE_INDIVIDUAL;

		if (f->evaluator[0] == '\0')
			continue;
		if (strcmp(c->data.evaluators.v[e], f->evaluator) != 0)
			e = eh_names_find(&c->data.evaluators, f->evaluator);
		arm->verdict[f->verdict]++;
		c->seen[e] |= (uint8_t)((notify ? ACCUSED : 0) | (individual ? INDIVIDUAL : 0) |
					(f->builtin == EH_WATCH ? PLAIN : 0));
		if (!is_guilt(c, e, f))
			continue;
		arm->guilty_verdict[f->verdict]++;
		c->seen[e] |= (uint8_t)((notify ? FOUND : 0) | (individual ? FOUND_INDIVIDUAL : 0) |
					(f->builtin == EH_WATCH ? FOUND_PLAIN : 0));
	}
}

static void count_evaluators(const struct calibrate *c, struct eh_calibrate_arm *arm)
{
	uint64_t accused = arm->accused, plain = arm->plain_accused;

	for (size_t e = 0; e < c->data.evaluators.n; e++) {
		unsigned seen = c->seen[e];

		if (c->guilty[e] == EH_SIM_INNOCENT) {
			arm->innocent++;
			arm->accused += (seen & ACCUSED) != 0;
			arm->accused_individual += (seen & INDIVIDUAL) != 0;
			arm->plain_accused += (seen & PLAIN) != 0;
		} else {
			arm->guilty++;
			arm->found += (seen & FOUND) != 0;
			arm->found_individual += (seen & FOUND_INDIVIDUAL) != 0;
			arm->plain_found += (seen & FOUND_PLAIN) != 0;
		}
	}
	arm->reps_accused += arm->accused > accused;
	arm->reps_plain += arm->plain_accused > plain;
	arm->reps++;
}

/* As desk/raise.c makes them: one for each pooled finding that is notified, or that systemic findings belong to. */
static void count_process(struct eh_calibrate_arm *arm, const struct eh_findings *all)
{
	uint64_t before = arm->process;

	for (size_t i = 0; i < all->n; i++) {
		const struct eh_finding *f = &all->v[i];
		bool raised = f->verdict == EH_NOTIFY;

		if (f->evaluator[0] != '\0')
			continue;
		for (size_t k = 0; k < all->n && !raised && f->position[0] == '\0'; k++) {
			const struct eh_finding *m = &all->v[k];

			raised = m->evaluator[0] != '\0' && m->verdict == EH_NOTIFY && m->scope == EH_SCOPE_SYSTEMIC &&
				 strcmp(m->attribute, f->attribute) == 0 && strcmp(m->group, f->group) == 0;
		}
		arm->process += raised;
	}
	arm->reps_process += arm->process > before;
}

/* ---- running ---- */

static int stopped(struct eh_err *err) { return eh_err_set(err, EH_ECANCEL, "stopped on request"); }

static int judge_run(struct calibrate *c, struct judge *j, struct eh_calibrate_arm *arm, struct eh_err *err)
{
	struct eh_findings f;
	int rc = eh_audit_run(&f, &j->view, &j->settings, &c->inside, err);

	if (rc == EH_ECANCEL)
		return stopped(err);
	if (rc != EH_OK)
		return rc;
	eh_desk_judge(c->desk->engine, j->policy, &j->view, &f, &j->settings, j->result);
	eh_desk_mark_closed(&f, &j->view, j->closed);
	eh_desk_count_errors(j->result, &f);
	rc = broken(j, err);
	if (rc == EH_OK) {
		count_findings(c, arm, &f);
		count_evaluators(c, arm);
		count_process(arm, &f);
	}
	eh_findings_free(&f);
	return rc;
}

static int step(struct calibrate *c, struct eh_err *err)
{
	eh_progress_step(c->progress, "calibrate", ++c->done, c->total);
	return eh_progress_cancelled(c->progress) ? stopped(err) : EH_OK;
}

/* One repetition of both scenarios counts for all policies, or not at all. */
static int repeat(struct calibrate *c, struct eh_calibration *out, uint32_t repetition, struct eh_err *err)
{
	size_t n = c->o->n_policies;
	struct eh_calibrate_arm *arm = eh_xcalloc(n * EH_CALIBRATE_SCENARIOS, sizeof *arm);
	struct eh_sim_plan plan = { c->o->seed, 0, c->o->effect, c->cell, c->n_cells };
	int rc = EH_OK;

	for (size_t k = 0; k < EH_CALIBRATE_SCENARIOS && rc == EH_OK; k++) {
		plan.biased = k == EH_PLANTED_BIAS ? c->biased : 0;
		(void)eh_sim_draw(c->data.selected, c->guilty, c->sim, &plan, repetition);
		for (size_t i = 0; i < n && rc == EH_OK; i++) {
			struct eh_calibrate_arm *a = &arm[i * EH_CALIBRATE_SCENARIOS + k];

			*a = out->policies[i].arm[k];
			rc = judge_run(c, &c->judge[i], a, err);
			if (rc == EH_OK)
				rc = step(c, err);
		}
	}
	if (rc == EH_OK) {
		for (size_t i = 0; i < n; i++)
			memcpy(out->policies[i].arm, &arm[i * EH_CALIBRATE_SCENARIOS], sizeof out->policies[i].arm);
		out->reps++;
	}
	free(arm);
	return rc;
}

static int share_found(struct calibrate *c, struct judge *j, double effect, double *share, struct eh_err *err)
{
	struct eh_sim_plan plan = { c->o->seed, c->biased, effect, c->cell, c->n_cells };
	struct eh_calibrate_arm arm;
	int rc = EH_OK;

	memset(&arm, 0, sizeof arm);
	for (uint32_t r = 0; r < c->o->reps && rc == EH_OK; r++) {
		(void)eh_sim_draw(c->data.selected, c->guilty, c->sim, &plan, r);
		rc = judge_run(c, j, &arm, err);
		if (rc == EH_OK)
			rc = step(c, err);
	}
	*share = arm.guilty > 0 ? (double)arm.found / (double)arm.guilty : 0.0;
	return rc;
}

/* Halving: a weaker bias (an effect nearer to 1) is found less often; the draws are the same for all effects. */
static int search_effect(struct calibrate *c, struct judge *j, struct eh_calibrate_policy *out, struct eh_err *err)
{
	int low = -1, high = EFFECT_STEPS; /* found with low; not with high, where nobody is biased */
	int rc = EH_OK;

	while (high - low > 1 && rc == EH_OK) {
		int middle = low + (high - low) / 2;
		double share, effect = (double)middle / EFFECT_STEPS;

		rc = share_found(c, j, effect, &share, err);
		if (rc == EH_OK && share >= FOUND_ENOUGH) {
			low = middle;
			out->detectable = eh_num(effect);
			out->detected = eh_num(share);
		} else {
			high = middle;
		}
	}
	if (rc == EH_OK && low < 0)
		out->detectable = out->detected = eh_undefined(EH_U_NOT_DETECTABLE);
	return rc;
}

/* Audits a search of EFFECT_STEPS effects takes at most: 5 halvings. */
#define SEARCH_RUNS 5u

static int run_all(struct calibrate *c, struct eh_calibration *out, struct eh_err *err)
{
	const struct eh_calibrate_options *o = c->o;
	uint64_t each = EH_CALIBRATE_SCENARIOS + (o->detectable ? SEARCH_RUNS : 0u);
	int rc = EH_OK;

	c->total = (uint64_t)o->reps * o->n_policies * each;
	for (uint32_t r = 0; r < o->reps && rc == EH_OK; r++)
		rc = repeat(c, out, r, err);
	for (size_t i = 0; o->detectable && i < o->n_policies && rc == EH_OK; i++) {
		c->done = (uint64_t)o->reps * (o->n_policies * EH_CALIBRATE_SCENARIOS + i * SEARCH_RUNS);
		rc = search_effect(c, &c->judge[i], &out->policies[i], err);
	}
	return rc;
}

/* ---- the verb ---- */

static int prepare(struct calibrate *c, struct eh_err *err)
{
	int rc = check_options(c->o, err);

	if (rc == EH_OK && c->desk->engine == NULL)
		rc = eh_err_set(err, EH_EENV, "this program has no policy engine");
	if (rc == EH_OK)
		rc = eh_desk_gather(c->desk, &c->data, &c->places, err);
	if (rc != EH_OK)
		return rc;
	eh_store_suspend(c->desk->store); /* every policy runs in a forked worker */
	c->judge = eh_xcalloc(c->o->n_policies, sizeof *c->judge);
	for (size_t i = 0; i < c->o->n_policies && rc == EH_OK; i++)
		rc = make_judge(c, &c->judge[i], c->o->policies[i], err);
	if (rc == EH_OK)
		rc = cross_design(c, err);
	if (rc == EH_OK)
		rc = find_cells(c, err);
	if (rc == EH_OK)
		rc = eh_sim_new(&c->sim, &c->data, err);
	if (rc == EH_OK)
		rc = count_biased(c, err);
	c->guilty = eh_xcalloc(c->data.evaluators.n, sizeof *c->guilty);
	c->seen = eh_xcalloc(c->data.evaluators.n, sizeof *c->seen);
	return rc;
}

static void describe(struct eh_calibration *out, const struct calibrate *c)
{
	const struct eh_sim_estimates *e = eh_sim_estimates(c->sim);

	*out = (struct eh_calibration){
		.decisions = c->data.n_decisions,
		.holds = c->data.holds,
		.candidates = (uint32_t)c->data.candidates.n,
		.evaluators = (uint32_t)c->data.evaluators.n,
		.strata = (uint32_t)c->data.strata.n,
		.rate = e->rate,
		.severity_sd = e->severity_sd,
		.stratum_sd = e->stratum_sd,
		.within = e->within,
		.across = e->across,
		.biased = c->biased,
		.n_policies = c->o->n_policies,
	};
	out->policies = eh_xcalloc(out->n_policies, sizeof *out->policies);
	for (size_t i = 0; i < out->n_policies; i++) {
		struct eh_calibrate_policy *p = &out->policies[i];
		const struct eh_policy_info *info = &c->judge[i].result->policy;

		memcpy(p->name, info->name, sizeof p->name);
		memcpy(p->version, info->version, sizeof p->version);
		memcpy(p->hash, info->hash, sizeof p->hash);
		p->origin = c->judge[i].result->origin;
		p->settings = c->judge[i].settings;
		memcpy(p->note, c->judge[i].result->note, sizeof p->note);
		p->detectable = p->detected = eh_undefined(EH_U_NOT_COMPUTED);
	}
}

static int note(struct calibrate *c, const struct eh_calibration *out, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	int rc = eh_txn_begin(&txn, c->desk->store, true, err);

	for (size_t i = 0; i < out->n_policies && rc == EH_OK; i++) {
		const struct eh_calibrate_policy *p = &out->policies[i];
		const struct eh_calibrate_arm *none = &p->arm[EH_NO_BIAS], *planted = &p->arm[EH_PLANTED_BIAS];

		(void)snprintf(
			detail, sizeof detail,
			"seed %llu, %u of %u repetitions of %llu decisions by %u evaluators; without bias %llu "
			"accused; %u biased with effect %g: %llu of %llu found, %llu innocent accused; policy %s",
			(unsigned long long)c->o->seed, out->reps, c->o->reps, (unsigned long long)out->decisions,
			out->evaluators, (unsigned long long)none->accused, out->biased, c->o->effect,
			(unsigned long long)planted->found, (unsigned long long)planted->guilty,
			(unsigned long long)planted->accused, p->hash);
		rc = eh_journal_append(txn, &c->desk->actor, "calibrate", p->name, detail, err);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

static void calibrate_free(struct calibrate *c)
{
	for (size_t i = 0; c->judge != NULL && i < c->o->n_policies; i++)
		judge_free(c, &c->judge[i]);
	free(c->judge);
	eh_sim_free(&c->sim);
	free(c->cell);
	free(c->guilty);
	free(c->seen);
	free(c->places);
	eh_audit_data_free(&c->data);
}

int eh_desk_calibrate(struct eh_desk *d, const struct eh_calibrate_options *o, const struct eh_progress *progress,
		      struct eh_calibration *out, struct eh_err *err)
{
	struct calibrate c = { .desk = d, .o = o, .progress = progress };
	struct eh_err later = EH_ERR_INIT;
	int rc;

	*out = (struct eh_calibration){ 0 };
	if (progress != NULL)
		c.inside = (struct eh_progress){ .cancelled = progress->cancelled, .ctx = progress->ctx };
	rc = prepare(&c, err);
	if (rc == EH_OK) {
		describe(out, &c);
		rc = run_all(&c, out, err);
	}
	if (out->reps > 0 && (rc == EH_OK || rc == EH_ECANCEL) && note(&c, out, &later) != EH_OK)
		rc = eh_err_set(err, later.code, "%s", later.msg);
	calibrate_free(&c);
	return rc;
}

void eh_calibration_free(struct eh_calibration *c)
{
	free(c->policies);
	*c = (struct eh_calibration){ 0 };
}

/* The document evenhand.raters/1: evaluators as raters. */
#include <string.h>

#include "exchange/exchange.h"

/* A value of an object, and in the object's "undefined" why there is none. */
struct object {
	struct eh_json *j, *why;
};

static struct object begin(void) { return (struct object){ eh_json_object(), eh_json_object() }; }

static void number(struct object *o, const char *key, struct eh_num v)
{
	eh_json_num(o->j, key, eh_num_told(key, v));
	if (eh_num_remark(key, v) != NULL)
		eh_json_str(o->why, key, eh_num_remark(key, v));
}

static struct eh_json *end(struct object *o)
{
	eh_json_set(o->j, "undefined", o->why);
	return o->j;
}

static struct eh_json *bias_json(const struct eh_audit_data *d, const struct eh_rater_bias *b)
{
	struct object o = begin();

	eh_json_str(o.j, "attribute", d->attributes[b->attribute].name);
	eh_json_str(o.j, "group", d->attributes[b->attribute].groups[b->group]);
	eh_json_int(o.j, "n", (int64_t)b->n);
	eh_json_int(o.j, "persons", (int64_t)b->persons);
	eh_json_int(o.j, "selected", (int64_t)b->selected);
	eh_json_real(o.j, "expected", b->expected);
	number(&o, "size", b->size);
	number(&o, "se", b->se);
	number(&o, "t", b->t);
	number(&o, "p", b->p);
	number(&o, "q", b->q);
	number(&o, "severity_to_rest", b->rest);
	number(&o, "severity_to_rest_se", b->rest_se);
	return end(&o);
}

static struct eh_json *drift_json(const struct eh_rater_drift *v)
{
	struct object o = begin();

	eh_json_int(o.j, "n", (int64_t)v->n);
	number(&o, "size", v->size);
	number(&o, "se", v->se);
	number(&o, "p", v->p);
	number(&o, "q", v->q);
	return end(&o);
}

static struct eh_json *scores_json(const struct eh_rater_scores *v)
{
	struct object o = begin();

	eh_json_int(o.j, "n", (int64_t)v->n);
	eh_json_int(o.j, "persons", (int64_t)v->persons);
	number(&o, "severity", v->severity);
	number(&o, "se", v->se);
	number(&o, "spread", v->spread);
	number(&o, "p", v->p);
	number(&o, "q", v->q);
	return end(&o);
}

static struct eh_json *rater_json(const struct eh_raters *r, const struct eh_audit_data *d, size_t e)
{
	const struct eh_rater *v = &r->v[e];
	struct eh_json *biases = eh_json_array();
	struct object o = begin();

	eh_json_str(o.j, "evaluator", d->evaluators.v[e]);
	if (v->component == EH_NO_COMPONENT)
		eh_json_null(o.j, "component");
	else
		eh_json_int(o.j, "component", v->component);
	eh_json_int(o.j, "n", (int64_t)v->n);
	eh_json_int(o.j, "persons", (int64_t)v->persons);
	eh_json_int(o.j, "selected", (int64_t)v->selected);
	eh_json_int(o.j, "informing", (int64_t)v->informing);
	number(&o, "severity", v->severity);
	number(&o, "se", v->se);
	number(&o, "p", v->p);
	number(&o, "q", v->q);
	eh_json_bool(o.j, "extreme", v->extreme);
	eh_json_real(o.j, "design_effect", v->design_effect);
	number(&o, "infit", v->infit);
	number(&o, "outfit", v->outfit);
	eh_json_int(o.j, "pairs", (int64_t)v->pairs);
	number(&o, "observed_agreement", v->observed_agreement);
	number(&o, "expected_agreement", v->expected_agreement);
	eh_json_set(o.j, "drift", drift_json(&v->drift));
	eh_json_set(o.j, "scores", scores_json(&v->scores));
	for (size_t k = 0; k < r->n_bias; k++)
		eh_json_push(biases, bias_json(d, &v->bias[k]));
	eh_json_set(o.j, "bias", biases);
	eh_json_str(o.j, "sentence", v->sentence);
	return end(&o);
}

static struct eh_json *connect_json(const struct eh_connect *c, const struct eh_audit_data *d)
{
	struct eh_json *j = eh_json_object(), *parts = eh_json_array();

	eh_json_int(j, "components", (int64_t)c->n);
	for (uint32_t k = 0; c->n > 1 && k < c->n; k++) {
		struct eh_json *part = eh_json_array();

		for (uint32_t e = c->first[k]; e < c->n_evaluators; e++)
			if (c->of[e] == k)
				eh_json_push_str(part, d->evaluators.v[e]);
		eh_json_push(parts, part);
	}
	eh_json_set(j, "evaluators", parts);    /* empty when they are all in one */
	return j;
}

static struct eh_json *model_json(const struct eh_raters *r)
{
	struct object o = begin();

	eh_json_str(o.j, "method", "logistic mixed model, Laplace at the joint mode; severity = -b(evaluator)");
	eh_json_int(o.j, "cells", (int64_t)r->cells.n);
	eh_json_int(o.j, "strata", (int64_t)r->n_strata);
	eh_json_int(o.j, "silent", (int64_t)r->silent);
	eh_json_real(o.j, "sd", r->model.sd);
	eh_json_real(o.j, "deviance", r->model.deviance);
	eh_json_bool(o.j, "converged", r->model.converged);
	eh_json_bool(o.j, "se_conditional", r->model.se_conditional);
	eh_json_real(o.j, "correlation_within_person", r->correlation);
	eh_json_real(o.j, "design_effect", r->design_effect);
	number(&o, "reliability", r->model.reliability);
	number(&o, "separation", r->model.separation);
	number(&o, "chi_square", r->chi_square);
	eh_json_int(o.j, "df", (int64_t)r->model.df);
	number(&o, "p", r->p_chi);
	number(&o, "observed_agreement", r->observed_agreement);
	number(&o, "expected_agreement", r->expected_agreement);
	number(&o, "drift", r->drift);
	return end(&o);
}

static struct eh_json *agreement_json(const struct eh_raters_agreement *a, bool scores)
{
	struct object o = begin();
	struct eh_json *interval = eh_json_array();

	eh_json_int(o.j, "units", (int64_t)a->units);
	number(&o, scores ? "alpha_interval_scale" : "alpha_nominal", a->alpha);
	eh_json_push_num(interval, a->alpha_interval.low);
	eh_json_push_num(interval, a->alpha_interval.high);
	eh_json_set(o.j, "alpha_95", interval);
	if (!a->alpha_interval.low.defined)
		eh_json_str(o.why, "alpha_95", eh_undef_text(a->alpha_interval.low.why));
	if (!scores) {
		number(&o, "fleiss_kappa", a->fleiss);
		return end(&o);
	}
	number(&o, "alpha_ordinal", a->alpha_ordinal);
	number(&o, "icc1", a->icc.icc1);
	number(&o, "icc2", a->icc.icc2);
	number(&o, "icc3", a->icc.icc3);
	number(&o, "icc1k", a->icc.icc1k);
	number(&o, "icc2k", a->icc.icc2k);
	number(&o, "icc3k", a->icc.icc3k);
	return end(&o);
}

static struct eh_json *groups_json(const struct eh_raters *r, const struct eh_audit_data *d)
{
	struct eh_json *list = eh_json_array();

	for (size_t i = 0; i < r->n_bias; i++) {
		const struct eh_raters_group *g = &r->groups[i];
		struct object o = begin();

		eh_json_str(o.j, "attribute", d->attributes[g->attribute].name);
		eh_json_str(o.j, "group", d->attributes[g->attribute].groups[g->group]);
		eh_json_int(o.j, "n", (int64_t)g->n);
		eh_json_int(o.j, "selected", (int64_t)g->selected);
		eh_json_bool(o.j, "is_base", g->is_base);
		number(&o, "effect", g->effect);
		number(&o, "se", g->se);
		eh_json_push(list, end(&o));
	}
	return list;
}

static void families(struct eh_json *doc, const struct eh_raters *r, const struct eh_raters_settings *s)
{
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "method", s->family);
	eh_json_int(j, "bias", r->family_size);
	eh_json_int(j, "severity", r->severity_family);
	eh_json_int(j, "drift", r->drift_family);
	eh_json_int(j, "spread", r->spread_family);
	eh_json_set(doc, "family", j);
}

struct eh_json *eh_json_raters(const char *source, const struct eh_raters *r, const struct eh_audit_data *d,
			       const struct eh_raters_settings *s)
{
	struct eh_json *doc = eh_json_object(), *unknown = eh_json_object(), *list = eh_json_array(), *links, *agree;
	struct object interactions = begin();

	eh_json_str(doc, "schema", "evenhand.raters/1");
	eh_json_str(doc, "source", source);
	eh_json_int(doc, "decisions", (int64_t)r->n_decisions);
	eh_json_int(doc, "holds", (int64_t)d->holds);
	eh_json_str(doc, "strata_by", s->by_position ? "position" : "stratum");
	if (s->predicted > 0.0)
		eh_json_real(doc, "predicted_from", s->predicted);
	else
		eh_json_null(doc, "predicted_from");
	eh_json_real(doc, "alpha", s->alpha);
	eh_json_int(doc, "min_group", s->min_group);
	eh_json_int(doc, "seed", (int64_t)s->seed);
	for (size_t k = 0; k < r->n_attributes; k++)
		eh_json_int(unknown, d->attributes[k].name, (int64_t)r->unknown[k]);
	eh_json_set(doc, "unknown", unknown);
	families(doc, r, s);
	eh_json_set(doc, "model", model_json(r));
	links = eh_json_object();
	eh_json_str(links, "compared_by", s->link == EH_LINK_CANDIDATE ? "candidate" : "stratum");
	eh_json_set(links, "candidate", connect_json(&r->candidates, d));
	eh_json_set(links, "stratum", connect_json(&r->strata, d));
	eh_json_set(doc, "connected", links);
	number(&interactions, "biases", r->interactions);
	eh_json_set(doc, "interaction", end(&interactions));
	eh_json_set(doc, "groups", groups_json(r, d));
	agree = eh_json_object();
	eh_json_set(agree, "decisions", agreement_json(&r->decisions, false));
	eh_json_set(agree, "scores", agreement_json(&r->scores, true));
	eh_json_set(doc, "agreement", agree);
	for (size_t e = 0; e < r->n; e++)
		eh_json_push(list, rater_json(r, d, e));
	eh_json_set(doc, "evaluators", list);
	return doc;
}

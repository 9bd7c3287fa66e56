/* The evaluators as raters: the order of the work, fit, observed and expected agreement; see raters.h. */
#include "audit/raters.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/family.h"
#include "audit/raters_inside.h"
#include "base/mem.h"

static struct eh_num *num_at(struct eh_num *v, size_t i, size_t stride)
{
	return (struct eh_num *)((char *)v + i * stride);
}

int eh_raters_family(const struct eh_raters_work *w, struct eh_num *q, const struct eh_num *p, size_t n, size_t stride,
		     uint32_t *size, struct eh_err *err)
{
	enum eh_family_method method = EH_FAMILY_BH;
	struct eh_num *v = eh_try_malloc(n + 1, sizeof *v);
	int rc = eh_family_parse(&method, w->s->family, err);

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "%s: no memory for a family of %zu tests", w->d->source, n);
	for (size_t i = 0; i < n; i++)
		v[i] = *(const struct eh_num *)((const char *)p + i * stride);
	if (rc == EH_OK)
		rc = eh_family_adjust(v, v, n, method, size, err);
	for (size_t i = 0; rc == EH_OK && i < n; i++)
		*num_at(q, i, stride) = v[i];
	free(v);
	return rc;
}

/* ---- fit ---- */

/* Infit: squared residuals over their expectation; outfit: mean of the squared standardised ones. */
static void fit_of(const struct eh_raters *r, struct eh_rater *v, size_t e)
{
	double squares = 0.0, info = 0.0, standard = 0.0, n = 0.0;

	for (size_t i = r->cells.at[e]; i < r->cells.at[e + 1]; i++) {
		const double m = (double)r->cells.count[i], y = (double)r->cells.selected[i], p = r->model.p[i];
		const double w = p * (1.0 - p), rr = y * (1.0 - p) * (1.0 - p) + (m - y) * p * p;

		if (!r->model.used[i] || !(w > 0.0))
			continue;
		squares += rr;
		info += m * w;
		standard += rr / w;
		n += m;
	}
	v->infit = info > 0.0 ? eh_num(squares / info) : eh_undefined(EH_U_EMPTY_GROUP);
	v->outfit = n > 0.0 ? eh_num(standard / n) : eh_undefined(EH_U_EMPTY_GROUP);
}

/* ---- observed and expected agreement ---- */

struct agreed {
	double observed, expected, pairs;
};

static void agree_unit(const struct eh_raters_work *w, struct agreed *v, size_t u)
{
	const size_t from = w->unit_at[u], to = w->unit_at[u + 1];
	const double others = (double)(to - from) - 1.0;
	double y = 0.0, p = 0.0;

	for (size_t i = from; i < to; i++) {
		y += w->unit_value[i];
		p += w->out->model.p[w->cell_of[w->unit_row[i]]];
	}
	for (size_t i = from; i < to && others > 0.0; i++) {
		struct agreed *a = &v[w->unit_rater[i]];
		const double mine = w->unit_value[i], like = w->out->model.p[w->cell_of[w->unit_row[i]]];

		a->pairs += others;
		a->observed += mine > 0.5 ? y - mine : others - y;
		a->expected += like * (p - like) + (1.0 - like) * (others - (p - like));
	}
}

static int agreements(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters *out = w->out;
	struct agreed *v = eh_try_calloc(out->n + 1, sizeof *v), all = { 0.0, 0.0, 0.0 };
	struct eh_ratings r = eh_raters_ratings(w);

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "%s: no memory for the agreement of %zu evaluators", w->d->source,
				  out->n);
	for (size_t u = 0; u < w->n_units; u++) {
		agree_unit(w, v, u);
		out->decisions.units += r.at[u + 1] - r.at[u] > 1;
	}
	for (size_t e = 0; e < out->n; e++) {
		struct eh_rater *one = &out->v[e];
		const bool some = v[e].pairs > 0.0;

		one->pairs = (uint64_t)v[e].pairs;
		one->observed_agreement = some ? eh_num(v[e].observed / v[e].pairs) : eh_undefined(EH_U_ONE_RATING);
		one->expected_agreement = some ? eh_num(v[e].expected / v[e].pairs) : eh_undefined(EH_U_ONE_RATING);
		all.observed += v[e].observed;
		all.expected += v[e].expected;
		all.pairs += v[e].pairs;
	}
	out->observed_agreement = all.pairs > 0.0 ? eh_num(all.observed / all.pairs) : eh_undefined(EH_U_ONE_RATING);
	out->expected_agreement = all.pairs > 0.0 ? eh_num(all.expected / all.pairs) : eh_undefined(EH_U_ONE_RATING);
	free(v);
	return EH_OK;
}

static int agree(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters_agreement *a = &w->out->decisions;
	const struct eh_num none = eh_undefined(EH_U_NO_SCORES);
	struct eh_ratings r;
	int rc = eh_raters_units(w, false, err);

	a->icc = (struct eh_icc){ none, none, none, none, none, none };
	a->alpha_ordinal = none;
	if (rc == EH_OK)
		rc = agreements(w, err);
	if (rc != EH_OK)
		return rc;
	r = eh_raters_ratings(w);
	rc = eh_alpha_interval(&a->alpha, &a->alpha_interval, &r, EH_NOMINAL, w->s->draws, w->s->seed, err);
	if (rc == EH_OK)
		rc = eh_fleiss(&a->fleiss, &r, err);
	w->out->scores.fleiss = none;
	return rc;
}

/* ---- the whole ---- */

static int room(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters *out = w->out;
	const struct eh_audit_data *d = w->d;

	out->n = d->evaluators.n;
	out->n_attributes = d->n_attributes;
	w->first_group = eh_xcalloc(d->n_attributes + 1, sizeof *w->first_group);
	for (size_t k = 0; k < d->n_attributes; k++) {
		w->first_group[k] = out->n_bias;
		out->n_bias += d->attributes[k].n_groups;
	}
	out->groups = eh_xcalloc(out->n_bias + 1, sizeof *out->groups);
	out->unknown = eh_xcalloc(d->n_attributes + 1, sizeof *out->unknown);
	out->v = eh_try_calloc(out->n + 1, sizeof *out->v);
	out->bias = eh_try_calloc(out->n * out->n_bias + 1, sizeof *out->bias);
	if (out->v == NULL || out->bias == NULL)
		return eh_err_set(err, EH_ENOMEM, "%s: no memory for %zu evaluators", d->source, out->n);
	for (size_t e = 0; e < out->n; e++) {
		struct eh_rater *v = &out->v[e];

		v->bias = out->bias + e * out->n_bias;
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			const uint32_t weight = eh_raters_weight(d, d->candidate[i]);

			v->n += weight;
			v->selected += d->selected[i] != 0 ? weight : 0;
		}
		out->n_decisions += v->n;
	}
	return EH_OK;
}

/* The group effects are columns behind the strata, base levels having none; the last level is "not known". */
static void settle_groups(struct eh_raters_work *w)
{
	struct eh_raters *out = w->out;
	size_t column = out->n_strata;

	for (size_t k = 0; k < w->d->n_attributes; k++) {
		for (size_t g = 0; g < w->d->attributes[k].n_groups; g++) {
			struct eh_raters_group *v = &out->groups[w->first_group[k] + g];

			for (size_t e = 0; e < out->n; e++) {
				v->n += out->v[e].bias[w->first_group[k] + g].n;
				v->selected += out->v[e].bias[w->first_group[k] + g].selected;
			}
			v->effect = v->se = eh_undefined(EH_U_IS_REFERENCE);
			if (v->is_base)
				continue;
			v->effect = v->se = eh_undefined(v->n == 0 ? EH_U_EMPTY_GROUP : EH_U_NOT_COMPUTED);
			if (out->model.estimated[column]) {
				v->effect = eh_num(out->model.effect[column]);
				if (!out->model.se_conditional)
					v->se = eh_num(out->model.effect_se[column] * sqrt(out->design_effect));
			}
			column++;
		}
		column++;
	}
}

static struct eh_num count_interactions(const struct eh_raters *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n * out->n_bias; i++)
		n += out->bias[i].size.defined;
	return out->n_bias > 0 ? eh_num((double)n) : eh_undefined(EH_U_NO_CLASSES);
}

static int settle_all(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters *out = w->out;

	for (size_t i = 0; i < out->cells.n; i++)
		out->silent += out->model.used[i] ? 0 : out->cells.count[i];
	for (size_t e = 0; e < out->n; e++) {
		fit_of(out, &out->v[e], e);
		out->v[e].informing = out->model.v[e].n;
	}
	settle_groups(w);
	out->interactions = count_interactions(out);
	out->chi_square = out->model.chi_square;
	out->p_chi = out->model.p_chi;
	if (out->chi_square.defined) {
		out->chi_square.value /= out->design_effect;
		out->p_chi = eh_num(gsl_cdf_chisq_Q(out->chi_square.value, (double)out->model.df));
	}
	if (out->n == 0)
		return EH_OK;
	return eh_raters_family(w, &out->v[0].q, &out->v[0].p, out->n, sizeof *out->v, &out->severity_family,
				err);
}

static int check(const struct eh_audit_data *d, const struct eh_raters_settings *s, struct eh_err *err)
{
	enum eh_family_method method;

	if (d->n_decisions == 0)
		return eh_err_set(err, EH_ENOENT, "%s: there are no decisions", d->source);
	if (s->draws == 0 || !(s->alpha > 0.0 && s->alpha < 1.0) || !(s->predicted >= 0.0 && s->predicted <= 1.0))
		return eh_err_set(err, EH_EINVAL,
				  "alpha and the least posterior are shares, and the bootstrap draws at least once");
	return eh_family_parse(&method, s->family, err);
}

static int work(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters *out = w->out;
	int rc = room(w, err);

	if (rc == EH_OK)
		rc = eh_connect_make(&out->candidates, w->d, EH_LINK_CANDIDATE, err);
	if (rc == EH_OK)
		rc = eh_connect_make(&out->strata, w->d, EH_LINK_STRATUM, err);
	for (size_t e = 0; rc == EH_OK && e < out->n; e++)
		out->v[e].component = w->s->link == EH_LINK_CANDIDATE ? out->candidates.of[e] : out->strata.of[e];
	if (rc == EH_OK)
		rc = eh_raters_cells(w, err);
	if (rc == EH_OK)
		rc = eh_severity_fit(&out->model, &out->cells, err);
	if (rc == EH_OK)
		rc = eh_raters_persons(w, err);
	if (rc == EH_OK)
		rc = eh_raters_bias(w, err);
	if (rc == EH_OK)
		rc = eh_raters_drift(w, err);
	if (rc == EH_OK)
		rc = settle_all(w, err);
	if (rc == EH_OK)
		rc = agree(w, err);
	if (rc == EH_OK)
		rc = eh_raters_scores(w, err);
	for (uint32_t e = 0; rc == EH_OK && e < out->n; e++)
		eh_raters_sentence(w, e);
	return rc;
}

int eh_raters_run(struct eh_raters *out, const struct eh_audit_data *d, const struct eh_raters_settings *s,
		  struct eh_err *err)
{
	struct eh_raters_work w = { .d = d, .s = s, .out = out };
	int rc;

	memset(out, 0, sizeof *out);
	rc = check(d, s, err);
	if (rc == EH_OK)
		rc = work(&w, err);
	eh_raters_work_free(&w);
	if (rc != EH_OK)
		eh_raters_free(out);
	return rc;
}

void eh_raters_free(struct eh_raters *r)
{
	eh_severity_free(&r->model);
	eh_connect_free(&r->candidates);
	eh_connect_free(&r->strata);
	free(r->cells.at);
	free(r->cells.column);
	free(r->cells.count);
	free(r->cells.selected);
	free(r->v);
	free(r->bias);
	free(r->groups);
	free(r->unknown);
	memset(r, 0, sizeof *r);
}

int eh_raters_compare(struct eh_raters_pair *out, const struct eh_raters *r, const struct eh_audit_data *d,
		      const struct eh_raters_settings *s, uint32_t a, uint32_t b, struct eh_err *err)
{
	struct eh_raters_work w = { .d = d, .s = s };
	struct eh_ratings ratings;
	int rc = eh_connect_check(s->link == EH_LINK_CANDIDATE ? &r->candidates : &r->strata, d, a, b, err);

	/* the model knows of strata only: what they do not link it cannot compare, whatever was asked for */
	if (rc == EH_OK)
		rc = eh_connect_check(&r->strata, d, a, b, err);
	if (rc == EH_OK)
		rc = eh_raters_units(&w, false, err);
	if (rc == EH_OK) {
		ratings = eh_raters_ratings(&w);
		rc = eh_kappa(&out->kappa, &out->units, &ratings, a, b, EH_KAPPA_PLAIN, err);
	}
	eh_raters_work_free(&w);
	if (rc != EH_OK)
		return rc;
	eh_severity_difference(&out->difference, &out->se, &r->model, a, b);
	if (out->se.defined)
		out->se.value *= sqrt(r->design_effect);
	out->p = out->se.defined && out->se.value > 0.0 ?
			 eh_num(2.0 * gsl_cdf_ugaussian_Q(fabs(out->difference.value) / out->se.value)) :
			 eh_undefined(EH_U_ZERO_VARIANCE);
	return EH_OK;
}

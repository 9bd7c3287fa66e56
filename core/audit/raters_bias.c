/* Residuals by person, fit, bias on a group, drift; see raters.h. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/raters_inside.h"
#include "base/mem.h"

#define MONTH 30.0                      /* [d] */

static int no_memory(const struct eh_raters_work *w, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "%s: no memory for the raters of %zu decisions", w->d->source,
			  w->d->n_decisions);
}

/* ---- persons ---- */

/* Sums over one evaluator's decisions on one person that inform the model. */
struct person {
	double r, rr;                   /* residuals, their squares */
	double w, root;                 /* p (1 - p), its square root */
	uint32_t n, selected;
};

static struct person sum_person(const struct eh_raters_work *w, size_t from, size_t to)
{
	struct person s = { 0 };

	for (size_t i = from; i < to; i++) {
		const uint32_t cell = w->cell_of[i];
		const double p = w->out->model.p[cell], y = (double)w->d->selected[i];

		if (!w->out->model.used[cell])
			continue;
		s.r += y - p;
		s.rr += (y - p) * (y - p);
		s.w += p * (1.0 - p);
		s.root += sqrt(p * (1.0 - p));
		s.n++;
		s.selected += w->d->selected[i];
	}
	return s;
}

/* First row behind the person of row i. */
static size_t person_end(const struct eh_audit_data *d, size_t i, size_t end)
{
	size_t to = i + 1;

	while (to < end && d->candidate[to] == d->candidate[i])
		to++;
	return to;
}

/* Correlation of residuals of one evaluator on one person: their products over what they would be at 1. */
static double correlation(const struct eh_raters_work *w)
{
	const struct eh_audit_data *d = w->d;
	double products = 0.0, most = 0.0;

	for (size_t e = 0; e < d->evaluators.n; e++) {
		for (size_t i = d->evaluator_at[e], to; i < d->evaluator_at[e + 1]; i = to) {
			struct person s;

			to = person_end(d, i, d->evaluator_at[e + 1]);
			if (to == i + 1)
				continue;
			s = sum_person(w, i, to);
			products += eh_raters_weight(d, d->candidate[i]) * (s.r * s.r - s.rr);
			most += eh_raters_weight(d, d->candidate[i]) * (s.root * s.root - s.w);
		}
	}
	return most > 0.0 ? fmax(0.0, fmin(1.0, products / most)) : 0.0;
}

static void take_person(struct eh_raters_work *w, uint32_t e, uint32_t candidate, const struct person *s, double var)
{
	struct eh_raters *out = w->out;
	const uint32_t weight = eh_raters_weight(w->d, candidate);

	for (size_t k = 0; k < w->d->n_attributes; k++) {
		const uint8_t g = w->class[k][candidate];
		struct eh_rater_bias *b = NULL;
		size_t at;

		if (g == EH_NO_CLASS)
			continue;
		at = w->first_group[k] + g;
		b = &out->v[e].bias[at];
		b->n += (uint64_t)weight * s->n;
		b->selected += (uint64_t)weight * s->selected;
		b->persons += weight;
		w->w[e * out->n_bias + at] += weight * s->w;
		w->var[e * out->n_bias + at] += weight * var;
	}
}

/* Severity's standard error with the variance that the persons have; z on the normal posterior. */
static void settle_severity(struct eh_raters_work *w, uint32_t e, double info, double var)
{
	const struct eh_severity *m = &w->out->model;
	struct eh_rater *v = &w->out->v[e];
	const double d = info + (m->sd > 0.0 ? 1.0 / (m->sd * m->sd) : 0.0);

	v->extreme = m->v[e].extreme;
	v->design_effect = info > 0.0 ? var / info : 1.0;
	if (v->component != EH_NO_COMPONENT && w->out->strata.size[w->out->strata.of[e]] == 1)
		v->severity = v->se = eh_undefined(EH_U_NO_PEERS);
	if (v->se.defined)
		v->se = eh_num(sqrt(v->se.value * v->se.value + (var - info) / (d * d)));
	v->p = v->se.defined ? eh_num(2.0 * gsl_cdf_ugaussian_Q(fabs(v->severity.value) / v->se.value)) : v->se;
}

/* Against the mean of those that strata link him with: the model has no other. */
static int centre(struct eh_raters_work *w, struct eh_err *err)
{
	const size_t n = w->out->n;
	struct eh_num *v = eh_try_calloc(2 * n + 1, sizeof *v);
	int rc = v != NULL ? eh_severity_centre(v, v + n, &w->out->model, w->out->strata.of, w->out->strata.n, err) :
			     no_memory(w, err);

	for (size_t e = 0; rc == EH_OK && e < n; e++) {
		w->out->v[e].severity = v[e];
		w->out->v[e].se = v[n + e];
	}
	free(v);
	return rc;
}

int eh_raters_persons(struct eh_raters_work *w, struct eh_err *err)
{
	const struct eh_audit_data *d = w->d;
	struct eh_raters *out = w->out;
	double all = 0.0, all_var = 0.0;

	w->w = eh_try_calloc(out->n * out->n_bias + 1, sizeof *w->w);
	w->var = eh_try_calloc(out->n * out->n_bias + 1, sizeof *w->var);
	if (w->w == NULL || w->var == NULL)
		return no_memory(w, err);
	out->correlation = correlation(w);
	if (centre(w, err) != EH_OK)
		return EH_ENOMEM;
	for (uint32_t e = 0; e < out->n; e++) {
		double info = 0.0, sum_var = 0.0;

		for (size_t i = d->evaluator_at[e], to; i < d->evaluator_at[e + 1]; i = to) {
			struct person s;
			uint32_t weight;
			double var;

			to = person_end(d, i, d->evaluator_at[e + 1]);
			s = sum_person(w, i, to);
			var = s.w + out->correlation * fmax(0.0, s.root * s.root - s.w);
			weight = eh_raters_weight(d, d->candidate[i]);
			out->v[e].persons += weight;
			info += weight * s.w;
			sum_var += weight * var;
			if (s.n > 0)
				take_person(w, e, d->candidate[i], &s, var);
		}
		settle_severity(w, e, info, sum_var);
		all += info;
		all_var += sum_var;
	}
	out->design_effect = all > 0.0 ? all_var / all : 1.0;
	return EH_OK;
}

/* ---- bias ---- */

struct rows {
	double *offset, *z, *n, *y;
	uint8_t *group;
	size_t cap;
};

static void rows_free(struct rows *r)
{
	free(r->offset);
	free(r->z);
	free(r->n);
	free(r->y);
	free(r->group);
}

static int rows_make(struct rows *r, const struct eh_raters_work *w, size_t n, struct eh_err *err)
{
	r->offset = eh_try_malloc(n + 1, sizeof *r->offset);
	r->z = eh_try_malloc(n + 1, sizeof *r->z);
	r->n = eh_try_malloc(n + 1, sizeof *r->n);
	r->y = eh_try_malloc(n + 1, sizeof *r->y);
	r->group = eh_try_malloc(n + 1, 1);
	if (r->offset != NULL && r->z != NULL && r->n != NULL && r->y != NULL && r->group != NULL)
		return EH_OK;
	rows_free(r);
	return no_memory(w, err);
}

/* The evaluator's cells of persons with a known class of attribute k. */
static size_t rows_of(struct rows *r, const struct eh_raters_work *w, uint32_t e, size_t k)
{
	const struct eh_cells *c = &w->out->cells;
	size_t n = 0;

	for (size_t i = c->at[e]; i < c->at[e + 1]; i++) {
		const uint8_t g = w->combos[w->combination[i] * w->d->n_attributes + k];

		if (g == EH_NO_CLASS || !w->out->model.used[i])
			continue;
		r->offset[n] = w->out->model.fixed[i];
		r->n[n] = (double)c->count[i];
		r->y[n] = (double)c->selected[i];
		r->group[n++] = g;
		w->out->v[e].bias[w->first_group[k] + g].expected += (double)c->count[i] * w->out->model.p[i];
	}
	return n;
}

/* Variance of the sum that the slope is made of, over that of independent decisions. */
static double contrast_effect(const struct eh_raters_work *w, uint32_t e, size_t k, size_t g)
{
	const size_t from = e * w->out->n_bias + w->first_group[k], groups = w->d->attributes[k].n_groups;
	double all = 0.0, all_var = 0.0, mine = w->w[from + g], var = w->var[from + g], share;

	for (size_t i = 0; i < groups; i++) {
		all += w->w[from + i];
		all_var += w->var[from + i];
	}
	share = all > 0.0 ? mine / all : 0.0;
	all = (1.0 - share) * (1.0 - share) * mine + share * share * (all - mine);
	all_var = (1.0 - share) * (1.0 - share) * var + share * share * (all_var - var);
	return all > 0.0 ? fmax(1.0, all_var / all) : 1.0;
}

static void settle_rest(const struct eh_raters_work *w, struct eh_rater_bias *b, uint32_t e, const struct eh_slope *s)
{
	const struct eh_rater *v = &w->out->v[e];

	b->rest = b->rest_se = !s->size.defined ? s->size : v->severity;
	if (!s->size.defined || !v->severity.defined)
		return;
	b->rest = eh_num(v->severity.value - w->out->model.v[e].severity.value - s->constant.value);
	b->rest_se = eh_num(s->constant_se.value * sqrt(v->design_effect));
}

static void bias_of(struct eh_raters_work *w, struct rows *r, uint32_t e, size_t k)
{
	size_t n = rows_of(r, w, e, k);

	for (size_t g = 0; g < w->d->attributes[k].n_groups; g++) {
		struct eh_rater_bias *b = &w->out->v[e].bias[w->first_group[k] + g];
		struct eh_slope s;

		b->attribute = (uint32_t)k;
		b->group = (uint32_t)g;
		for (size_t i = 0; i < n; i++)
			r->z[i] = r->group[i] == g ? 1.0 : 0.0;
		s = eh_slope_fit(n, r->offset, r->z, r->n, r->y);
		if (!s.size.defined && s.size.why == EH_U_ZERO_VARIANCE)
			s.size = s.se = eh_undefined(EH_U_EMPTY_GROUP);
		b->size = s.size;
		b->se = s.se.defined ? eh_num(s.se.value * sqrt(contrast_effect(w, e, k, g))) : s.se;
		settle_rest(w, b, e, &s);
	}
}

/*
 * The group's fixed effect is made of everybody's decisions, his own among them: of all the information on it the share
 * f is his, and what he adds pulls the effect towards himself.  Against the others alone his bias is size / (1 - f)
 * with the variance se^2 / (1 - f).
 */
static void against_others(struct eh_num *size, struct eh_num *se, double all)
{
	double f;

	if (!size->defined)
		return;
	f = 1.0 / (se->value * se->value) / all;
	if (!(f < 1.0 - 1e-9)) {
		*size = *se = eh_undefined(EH_U_NO_PEERS);
		return;
	}
	*size = eh_num(size->value / (1.0 - f));
	*se = eh_num(se->value / sqrt(1.0 - f));
}

static struct eh_num student(struct eh_num t, double df)
{
	return t.defined ? eh_num(2.0 * gsl_cdf_tdist_Q(fabs(t.value), fmax(1.0, df))) : t;
}

static uint64_t known_persons(const struct eh_raters_work *w, uint32_t e, size_t k)
{
	uint64_t n = 0;

	for (size_t g = 0; g < w->d->attributes[k].n_groups; g++)
		n += w->out->v[e].bias[w->first_group[k] + g].persons;
	return n;
}

static void settle_bias(struct eh_raters_work *w, size_t k, size_t g)
{
	const size_t at = w->first_group[k] + g;
	double all = 0.0;

	for (size_t e = 0; e < w->out->n; e++) {
		const struct eh_rater_bias *b = &w->out->v[e].bias[at];

		all += b->se.defined ? 1.0 / (b->se.value * b->se.value) : 0.0;
	}
	for (uint32_t e = 0; e < w->out->n; e++) {
		struct eh_rater_bias *b = &w->out->v[e].bias[at];
		const uint64_t known = known_persons(w, e, k);

		against_others(&b->size, &b->se, all);
		b->t = b->size.defined ? eh_num(b->size.value / b->se.value) : b->size;
		b->p = student(b->t, (double)known - 2.0);
		/* of two groups the second says the same as the first with the other sign: one test, not two */
		b->q = b->p;
		if (b->p.defined && (b->persons < w->s->min_group || known - b->persons < w->s->min_group))
			b->q = eh_undefined(EH_U_TOO_FEW);
		else if (b->p.defined && g == 1 && w->d->attributes[k].n_groups == 2)
			b->q = eh_undefined(EH_U_NOT_COMPUTED);
	}
}

int eh_raters_bias(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters *out = w->out;
	size_t most = 0;
	struct rows r;
	int rc;

	for (size_t e = 0; e < out->n; e++)
		most = out->cells.at[e + 1] - out->cells.at[e] > most ? out->cells.at[e + 1] - out->cells.at[e] : most;
	rc = rows_make(&r, w, most, err);
	if (rc != EH_OK)
		return rc;
	for (uint32_t e = 0; e < out->n; e++)
		for (size_t k = 0; k < w->d->n_attributes; k++)
			bias_of(w, &r, e, k);
	rows_free(&r);
	for (size_t k = 0; k < w->d->n_attributes; k++)
		for (size_t g = 0; g < w->d->attributes[k].n_groups; g++)
			settle_bias(w, k, g);
	if (out->n_bias > 0)
		rc = eh_raters_family(w, &out->bias[0].q, &out->bias[0].q, out->n * out->n_bias, sizeof *out->bias,
				      &out->family_size, err);
	for (size_t e = 0; rc == EH_OK && e < out->n; e++) {
		for (size_t k = 0; k < w->d->n_attributes; k++) {
			struct eh_rater_bias *b = &out->v[e].bias[w->first_group[k]];

			if (w->d->attributes[k].n_groups == 2 && !b[1].q.defined && b[1].q.why == EH_U_NOT_COMPUTED)
				b[1].q = b[0].q;
		}
	}
	return rc;
}

/* ---- drift ---- */

static void drift_of(const struct eh_raters_work *w, struct rows *r, uint32_t e)
{
	const struct eh_audit_data *d = w->d;
	struct eh_rater_drift *out = &w->out->v[e].drift;
	double mean = 0.0, total = 0.0;
	struct eh_slope s;
	size_t n = 0;

	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		if (d->decided == NULL || d->decided[i] == EH_NO_DAY || !w->out->model.used[w->cell_of[i]])
			continue;
		r->offset[n] = w->out->model.fixed[w->cell_of[i]];
		r->z[n] = (double)d->decided[i] / MONTH;
		r->n[n] = (double)eh_raters_weight(d, d->candidate[i]);
		r->y[n] = d->selected[i] != 0 ? r->n[n] : 0.0;
		mean += r->n[n] * r->z[n];
		total += r->n[n++];
	}
	out->n = (uint64_t)total;
	if (n == 0) {
		out->size = out->se = eh_undefined(EH_U_NO_TIMES);
		return;
	}
	for (size_t i = 0; i < n; i++)
		r->z[i] -= mean / total;
	s = eh_slope_fit(n, r->offset, r->z, r->n, r->y);
	out->size = s.size.defined ? eh_num(-s.size.value) : s.size;
	out->se = s.se.defined ? eh_num(s.se.value * sqrt(w->out->v[e].design_effect)) : s.se;
}

/* Against the trend of all, which is a matter of the times and not of one evaluator. */
static int settle_drift(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters *out = w->out;
	double all = 0.0, sum = 0.0;

	out->drift = eh_undefined(EH_U_NO_TIMES);
	for (size_t e = 0; e < out->n; e++) {
		const struct eh_rater_drift *v = &out->v[e].drift;
		double info = v->se.defined ? 1.0 / (v->se.value * v->se.value) : 0.0;

		all += info;
		sum += info * v->size.value;
	}
	if (all > 0.0)
		out->drift = eh_num(sum / all);
	for (size_t e = 0; e < out->n; e++) {
		struct eh_rater_drift *v = &out->v[e].drift;

		if (v->size.defined)
			v->size = eh_num(v->size.value - out->drift.value);
		against_others(&v->size, &v->se, all);
		v->p = v->size.defined ? student(eh_num(v->size.value / v->se.value), (double)v->n - 2.0) : v->size;
	}
	if (out->n == 0)
		return EH_OK;
	return eh_raters_family(w, &out->v[0].drift.q, &out->v[0].drift.p, out->n, sizeof *out->v, &out->drift_family,
				err);
}

int eh_raters_drift(struct eh_raters_work *w, struct eh_err *err)
{
	size_t most = 0;
	struct rows r;
	int rc;

	for (size_t e = 0; e < w->out->n; e++)
		most = w->d->evaluator_at[e + 1] - w->d->evaluator_at[e] > most ?
			       w->d->evaluator_at[e + 1] - w->d->evaluator_at[e] : most;
	rc = rows_make(&r, w, most, err);
	if (rc != EH_OK)
		return rc;
	for (uint32_t e = 0; e < w->out->n; e++)
		drift_of(w, &r, e);
	rows_free(&r);
	return settle_drift(w, err);
}

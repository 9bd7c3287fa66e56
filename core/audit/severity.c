/* The mixed model of severity; see severity.h. */
#include "audit/severity.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/severity_inside.h"
#include "base/mem.h"

/* ---- what informs ---- */

/* A fixed effect under which all or none are selected runs away and takes its cells along; that may empty others. */
static bool drop_round(struct eh_severity *s, const struct eh_cells *c, uint64_t *n, uint64_t *y)
{
	bool dropped = false;

	memset(n, 0, c->n_columns * sizeof *n);
	memset(y, 0, c->n_columns * sizeof *y);
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; s->used[i] && k < c->width; k++) {
			uint32_t at = eh_columns_of(c, i)[k];

			if (at != EH_NO_COLUMN) {
				n[at] += c->count[i];
				y[at] += c->selected[i];
			}
		}
	}
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; s->used[i] && k < c->width; k++) {
			uint32_t at = eh_columns_of(c, i)[k];

			if (at != EH_NO_COLUMN && (y[at] == 0 || y[at] == n[at])) {
				s->used[i] = 0;
				s->p[i] = y[at] == 0 ? 0.0 : 1.0;
				dropped = true;
			}
		}
	}
	return dropped;
}

static int drop_silent(struct eh_severity *s, const struct eh_cells *c, struct eh_err *err)
{
	uint64_t *n = eh_try_calloc(c->n_columns + 1, sizeof *n), *y = eh_try_calloc(c->n_columns + 1, sizeof *y);

	memset(s->used, 1, c->n);
	if (n == NULL || y == NULL) {
		free(n);
		free(y);
		return eh_err_set(err, EH_ENOMEM, "no memory for %zu fixed effects", c->n_columns);
	}
	while (drop_round(s, c, n, y))
		;
	for (size_t k = 0; k < c->n_columns; k++)
		s->estimated[k] = n[k] > 0;
	for (size_t e = 0; e < c->n_evaluators; e++) {
		struct eh_evaluator_effect *v = &s->v[e];

		for (size_t i = c->at[e]; i < c->at[e + 1]; i++) {
			v->n += s->used[i] ? c->count[i] : 0;
			v->selected += s->used[i] ? c->selected[i] : 0;
		}
		v->extreme = v->n > 0 && (v->selected == 0 || v->selected == v->n);
	}
	free(n);
	free(y);
	return EH_OK;
}

/* ---- what follows from the mode ---- */

static void standard_errors(struct eh_severity_solver *v)
{
	struct eh_severity *s = v->s;
	const size_t p = s->n_columns;
	double se2 = 0.0, n = 0.0;

	for (size_t e = 0; e < s->n_evaluators; e++) {
		struct eh_evaluator_effect *f = &s->v[e];
		double var = s->sd > 0.0 ? 1.0 / v->d[e] : 0.0;

		if (v->l != NULL && s->sd > 0.0) {
			size_t touched = eh_severity_gather(v, e);

			memset(v->step, 0, p * sizeof *v->step);
			for (size_t k = 0; k < touched; k++)
				v->step[v->touched[k]] = v->c[v->touched[k]] / v->d[e];
			eh_severity_clear(v, touched);
			var += eh_severity_spread(v, v->step);
		}
		f->severity = f->n > 0 ? eh_num(0.0 - s->b[e]) : eh_undefined(EH_U_EMPTY_GROUP);
		f->se = f->n == 0   ? eh_undefined(EH_U_EMPTY_GROUP) :
			s->sd > 0.0 ? eh_num(sqrt(var)) :
				      eh_undefined(EH_U_ZERO_VARIANCE);
		se2 += f->n > 0 ? var : 0.0;
		n += f->n > 0;
	}
	s->se_conditional = v->l == NULL;
	s->reliability = s->separation = eh_undefined(EH_U_ZERO_VARIANCE);
	if (s->sd > 0.0 && n > 0.0) {
		double r = fmax(0.0, 1.0 - se2 / n / (s->sd * s->sd));

		s->reliability = eh_num(r);
		s->separation = eh_num(sqrt(r / (1.0 - r)));
	}
}

static void effect_errors(struct eh_severity_solver *v)
{
	const size_t p = v->cells->n_columns;

	for (size_t k = 0; k < p; k++) {
		const bool known = v->l == NULL ? v->s->estimated[k] != 0 : v->l[k * p + k] > 0.0;

		v->s->estimated[k] = known;
		v->s->effect_se[k] = 0.0;
		if (!known || v->l == NULL)
			continue;
		memset(v->step, 0, p * sizeof *v->step);
		v->step[k] = 1.0;
		v->s->effect_se[k] = sqrt(eh_severity_spread(v, v->step));
	}
}

/*
 * Score test of b = 0: r' V^- r with V the information of b beyond the fixed effects, at the fit without b.  Solved as
 * one Newton step from there without a prior: the fixed effects' score is 0, so the decrement is the statistic.
 */
static void chi_square(struct eh_severity_solver *v)
{
	struct eh_severity *s = v->s;
	const size_t p = s->n_columns;
	size_t with = 0, rank, rank_a;
	double x = 0.0;

	s->chi_square = s->p_chi = eh_undefined(EH_U_NO_PEERS);
	(void)eh_severity_mode(v, 0.0);
	for (size_t e = 0; e < s->n_evaluators; e++) {
		with += v->d[e] > 0.0;
		x += v->d[e] > 0.0 ? v->grad_b[e] * v->grad_b[e] / v->d[e] : 0.0;
	}
	if (v->l == NULL) {
		s->chi_square = s->p_chi = eh_undefined(EH_U_NOT_COMPUTED);
		return;
	}
	rank_a = eh_severity_factor(v, true);
	rank = eh_severity_factor(v, false);
	memset(v->step, 0, p * sizeof *v->step);
	for (size_t e = 0; e < s->n_evaluators; e++) {
		size_t n = eh_severity_gather(v, e);

		for (size_t k = 0; k < n && v->d[e] > 0.0; k++)
			v->step[v->touched[k]] += v->c[v->touched[k]] * v->grad_b[e] / v->d[e];
		eh_severity_clear(v, n);
	}
	x += eh_severity_spread(v, v->step);
	/* what of the evaluators the fixed effects explain: one constant per connected part */
	s->df = with + rank > rank_a ? with + rank - rank_a : 0;
	if (s->df > 0) {
		s->chi_square = eh_num(x);
		s->p_chi = eh_num(gsl_cdf_chisq_Q(x, (double)s->df));
	}
}

/* ---- life ---- */

static bool room(struct eh_severity *s, const struct eh_cells *c)
{
	const size_t p = c->n_columns + 1, n = c->n_evaluators + 1;
	struct eh_severity_solver *v = eh_try_calloc(1, sizeof *v);
	bool good;

	s->solver = v;
	s->v = eh_try_calloc(n, sizeof *s->v);
	s->effect = eh_try_calloc(p, sizeof *s->effect);
	s->effect_se = eh_try_calloc(p, sizeof *s->effect_se);
	s->estimated = eh_try_calloc(p, sizeof *s->estimated);
	s->used = eh_try_calloc(c->n + 1, sizeof *s->used);
	s->fixed = eh_try_calloc(c->n + 1, sizeof *s->fixed);
	s->p = eh_try_calloc(c->n + 1, sizeof *s->p);
	s->b = eh_try_calloc(n, sizeof *s->b);
	if (v == NULL)
		return false;
	v->cells = c;
	v->s = s;
	v->w = eh_try_calloc(c->n + 1, sizeof *v->w);
	v->touched = eh_try_calloc(p, sizeof *v->touched);
	good = s->v != NULL && s->effect != NULL && s->effect_se != NULL && s->estimated != NULL && s->used != NULL &&
	       s->fixed != NULL && s->p != NULL && s->b != NULL && v->w != NULL && v->touched != NULL;
	double **const columns[] = { &v->gradient, &v->step,  &v->c,     &v->beta_old,
				     &v->cg[0],    &v->cg[1], &v->cg[2], &v->cg[3] };
	double **const evaluators[] = { &v->grad_b, &v->step_b, &v->d, &v->b_old };

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		good = (*columns[i] = eh_try_calloc(p, sizeof **columns[i])) != NULL && good;
	for (size_t i = 0; i < sizeof evaluators / sizeof *evaluators; i++)
		good = (*evaluators[i] = eh_try_calloc(n, sizeof **evaluators[i])) != NULL && good;
	if (c->n_columns <= EH_SEVERITY_DENSE)
		good = (v->l = eh_try_calloc(p * p, sizeof *v->l)) != NULL && good;
	return good;
}

int eh_severity_fit(struct eh_severity *out, const struct eh_cells *cells, struct eh_err *err)
{
	int rc;

	*out = (struct eh_severity){ .n_evaluators = cells->n_evaluators, .n_columns = cells->n_columns };
	if (!room(out, cells)) {
		eh_severity_free(out);
		return eh_err_set(err, EH_ENOMEM, "no memory for the severity of %zu evaluators", cells->n_evaluators);
	}
	rc = drop_silent(out, cells, err);
	if (rc != EH_OK) {
		eh_severity_free(out);
		return rc;
	}
	chi_square(out->solver);
	out->sd = eh_severity_best_sd(out->solver);
	out->deviance = eh_severity_mode(out->solver, out->sd);
	if (out->solver->l != NULL)
		(void)eh_severity_factor(out->solver, !(out->sd > 0.0));
	standard_errors(out->solver);
	effect_errors(out->solver);
	return EH_OK;
}

void eh_severity_free(struct eh_severity *s)
{
	struct eh_severity_solver *v = s->solver;

	free(s->v);
	free(s->effect);
	free(s->effect_se);
	free(s->estimated);
	free(s->used);
	free(s->fixed);
	free(s->p);
	free(s->b);
	if (v != NULL) {
		double *const all[] = { v->w, v->gradient, v->step, v->grad_b, v->step_b, v->d, v->c, v->l, v->beta_old,
					v->b_old, v->cg[0], v->cg[1], v->cg[2], v->cg[3] };

		for (size_t i = 0; i < sizeof all / sizeof *all; i++)
			free(all[i]);
		free(v->touched);
		free(v);
	}
	*s = (struct eh_severity){ .n_evaluators = 0 };
}

void eh_severity_difference(struct eh_num *difference, struct eh_num *se, const struct eh_severity *s, uint32_t a,
			    uint32_t b)
{
	const struct eh_severity_solver *v = s->solver;
	const uint32_t who[2] = { a, b };
	double var = 0.0;

	*difference = !s->v[a].severity.defined ? s->v[a].severity :
		      !s->v[b].severity.defined ? s->v[b].severity :
						  eh_num(s->v[a].severity.value - s->v[b].severity.value);
	*se = !s->v[a].se.defined ? s->v[a].se : s->v[b].se;
	if (!difference->defined || !s->v[a].se.defined || !s->v[b].se.defined || a == b)
		return;
	memset(v->step, 0, s->n_columns * sizeof *v->step);
	for (int i = 0; i < 2; i++) {
		size_t n = eh_severity_gather(v, who[i]);

		var += 1.0 / v->d[who[i]];
		for (size_t k = 0; k < n; k++)
			v->step[v->touched[k]] += (i == 0 ? 1.0 : -1.0) * v->c[v->touched[k]] / v->d[who[i]];
		eh_severity_clear(v, n);
	}
	if (v->l != NULL)
		var += eh_severity_spread(v, v->step);
	*se = eh_num(sqrt(var));
}

/* Sums over those who make the component's mean: with a severity, and not extreme unless all are. */
struct centre {
	bool extreme;                   /* all are */
	double n, severity, inverse;    /* inverse: sum of 1/D */
	double *c;                      /* [columns] sum of C/D; of one component at a time */
};

static bool in_mean(const struct eh_severity *s, size_t e, const struct centre *m)
{
	return s->v[e].severity.defined && (m->extreme || !s->v[e].extreme);
}

static void centre_component(struct eh_num *severity, struct eh_num *se, const struct eh_severity *s,
			     const uint32_t *component, uint32_t which, struct centre *m)
{
	const struct eh_severity_solver *v = s->solver;
	const size_t p = s->n_columns;

	for (size_t e = 0; e < s->n_evaluators; e++)
		m->extreme = m->extreme && (component[e] != which || !s->v[e].severity.defined || s->v[e].extreme);
	for (size_t e = 0; e < s->n_evaluators; e++) {
		size_t n;

		if (component[e] != which || !in_mean(s, e, m))
			continue;
		n = v->l != NULL && s->v[e].se.defined ? eh_severity_gather(v, e) : 0;
		for (size_t k = 0; k < n; k++)
			m->c[v->touched[k]] += v->c[v->touched[k]] / v->d[e];
		eh_severity_clear(v, n);
		m->n += 1.0;
		m->severity += s->v[e].severity.value;
		m->inverse += s->v[e].se.defined ? 1.0 / v->d[e] : 0.0;
	}
	for (size_t e = 0; e < s->n_evaluators; e++) {
		double var;

		if (component[e] != which || !s->v[e].severity.defined)
			continue;
		severity[e] = eh_num(s->v[e].severity.value - m->severity / m->n);
		if (!s->v[e].se.defined)
			continue;
		var = (1.0 - (in_mean(s, e, m) ? 2.0 / m->n : 0.0)) / v->d[e] + m->inverse / (m->n * m->n);
		if (v->l != NULL) {
			size_t n = eh_severity_gather(v, e);

			for (size_t k = 0; k < p; k++)
				v->step[k] = -m->c[k] / m->n;
			for (size_t k = 0; k < n; k++)
				v->step[v->touched[k]] += v->c[v->touched[k]] / v->d[e];
			eh_severity_clear(v, n);
			var += eh_severity_spread(v, v->step);
		}
		se[e] = eh_num(sqrt(fmax(0.0, var)));
	}
}

int eh_severity_centre(struct eh_num *severity, struct eh_num *se, const struct eh_severity *s,
		       const uint32_t *component, size_t n, struct eh_err *err)
{
	struct centre m = { .c = eh_try_malloc(s->n_columns + 1, sizeof *m.c) };

	if (m.c == NULL)
		return eh_err_set(err, EH_ENOMEM, "no memory for %zu fixed effects", s->n_columns);
	for (size_t e = 0; e < s->n_evaluators; e++) {
		severity[e] = s->v[e].severity;
		se[e] = s->v[e].se;
	}
	for (uint32_t k = 0; k < n; k++) {
		if (k == 0 || s->solver->l != NULL)
			memset(m.c, 0, (s->n_columns + 1) * sizeof *m.c);
		m.n = m.severity = m.inverse = 0.0;
		m.extreme = true;
		centre_component(severity, se, s, component, k, &m);
	}
	free(m.c);
	return EH_OK;
}

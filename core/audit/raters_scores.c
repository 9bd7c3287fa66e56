/* Severity and spread of scores, and how far scores agree; see raters.h. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/raters_inside.h"
#include "base/mem.h"

#define ROUNDS_MAX 500
#define SCORES_MIN 3                    /* persons from which on a spread is one */

/* score = of the stratum + of the evaluator + residual, by least squares in turns. */
struct layout {
	const struct eh_raters_work *w;
	double *stratum, *evaluator;    /* effects */
	double *sum, *n;                /* [strata] */
	double within;                  /* sum of squared residuals of all */
	double fourth;                  /* sum of their squares */
	double scores;
};

static void layout_free(struct layout *l)
{
	free(l->stratum);
	free(l->evaluator);
	free(l->sum);
	free(l->n);
}

static int layout_make(struct layout *l, const struct eh_raters_work *w, struct eh_err *err)
{
	const size_t strata = w->d->strata.n + 1;

	memset(l, 0, sizeof *l);
	l->w = w;
	l->stratum = eh_try_calloc(strata, sizeof *l->stratum);
	l->sum = eh_try_calloc(strata, sizeof *l->sum);
	l->n = eh_try_calloc(strata, sizeof *l->n);
	l->evaluator = eh_try_calloc(w->out->n + 1, sizeof *l->evaluator);
	if (l->stratum != NULL && l->sum != NULL && l->n != NULL && l->evaluator != NULL)
		return EH_OK;
	layout_free(l);
	return eh_err_set(err, EH_ENOMEM, "%s: no memory for the scores", w->d->source);
}

/* One turn; returns the largest change of an evaluator's effect. */
static double turn(struct layout *l)
{
	const struct eh_audit_data *d = l->w->d;
	double most = 0.0;

	memset(l->sum, 0, d->strata.n * sizeof *l->sum);
	memset(l->n, 0, d->strata.n * sizeof *l->n);
	for (size_t e = 0; e < d->evaluators.n; e++) {
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			if (!d->has_score[i])
				continue;
			l->sum[d->stratum[i]] += d->score[i] - l->evaluator[e];
			l->n[d->stratum[i]] += 1.0;
		}
	}
	for (size_t s = 0; s < d->strata.n; s++)
		l->stratum[s] = l->n[s] > 0.0 ? l->sum[s] / l->n[s] : 0.0;
	for (size_t e = 0; e < d->evaluators.n; e++) {
		double sum = 0.0, n = 0.0, before = l->evaluator[e];

		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			if (!d->has_score[i])
				continue;
			sum += d->score[i] - l->stratum[d->stratum[i]];
			n += 1.0;
		}
		l->evaluator[e] = n > 0.0 ? sum / n : 0.0;
		most = fmax(most, fabs(l->evaluator[e] - before));
	}
	return most;
}

static double residual(const struct layout *l, size_t e, size_t i)
{
	return l->w->d->score[i] - l->stratum[l->w->d->stratum[i]] - l->evaluator[e];
}

/* Counts and the sum of squares of evaluator e, left in `spread` until all are known. */
static void count_scores(struct layout *l, size_t e)
{
	const struct eh_audit_data *d = l->w->d;
	struct eh_rater_scores *v = &l->w->out->v[e].scores;
	uint32_t last = UINT32_MAX;
	double squares = 0.0;

	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		double x;

		if (!d->has_score[i])
			continue;
		x = residual(l, e, i);
		squares += x * x;
		l->fourth += x * x * x * x;
		v->persons += d->candidate[i] != last;
		last = d->candidate[i];
		v->n++;
	}
	v->spread = eh_num(squares);
	l->within += squares;
	l->scores += (double)v->n;
}

/* ln of a sample variance has about the variance (kurtosis - 1) / (n - 1); persons are the n. */
static void settle(const struct layout *l, size_t e, double persons, double mean)
{
	struct eh_rater_scores *v = &l->w->out->v[e].scores;
	const double n = (double)v->n, m = (double)v->persons, squares = v->spread.value;
	const double kurtosis = l->within > 0.0 ? fmax(1.1, l->scores * l->fourth / (l->within * l->within)) : 3.0;
	double mine, others, se;

	v->severity = v->se = v->spread = v->p = eh_undefined(v->n == 0 ? EH_U_NO_SCORES : EH_U_TOO_FEW);
	if (v->persons < SCORES_MIN)
		return;
	mine = squares / (n - 1.0);
	v->severity = eh_num(mean - l->evaluator[e]);
	v->se = eh_num(sqrt(mine / m));
	if (!(l->scores - n > 1.0) || !(persons - m > 1.0) || !(l->within - squares > 1e-12 * l->within)) {
		v->spread = v->p = eh_undefined(l->scores - n > 1.0 ? EH_U_ZERO_VARIANCE : EH_U_NO_PEERS);
		return;
	}
	others = (l->within - squares) / (l->scores - n - 1.0);
	v->spread = eh_num(sqrt(mine / others));
	se = 0.5 * sqrt((kurtosis - 1.0) * (1.0 / (m - 1.0) + 1.0 / (persons - m - 1.0)));
	v->p = mine > 0.0 ? eh_num(2.0 * gsl_cdf_ugaussian_Q(fabs(log(v->spread.value)) / se)) :
			    eh_undefined(EH_U_ZERO_VARIANCE);
}

static int spreads(struct eh_raters_work *w, struct eh_err *err)
{
	struct layout l;
	double persons = 0.0, mean = 0.0, range = 0.0;
	int rc = layout_make(&l, w, err);

	if (rc != EH_OK)
		return rc;
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		double moved = turn(&l);

		range = fmax(range, moved);     /* the first turn moves by as much as evaluators differ */
		if (moved <= 1e-10 * range)
			break;
	}
	for (size_t e = 0; e < w->out->n; e++) {
		count_scores(&l, e);
		persons += (double)w->out->v[e].scores.persons;
		mean += l.evaluator[e] * (double)w->out->v[e].scores.n;
	}
	for (size_t e = 0; e < w->out->n; e++)
		settle(&l, e, persons, l.scores > 0.0 ? mean / l.scores : 0.0);
	layout_free(&l);
	if (w->out->n == 0)
		return EH_OK;
	return eh_raters_family(w, &w->out->v[0].scores.q, &w->out->v[0].scores.p, w->out->n, sizeof *w->out->v,
				&w->out->spread_family, err);
}

static int agreement(struct eh_raters_work *w, struct eh_err *err)
{
	struct eh_raters_agreement *a = &w->out->scores;
	struct eh_ratings r;
	int rc = eh_raters_units(w, true, err);

	if (rc != EH_OK)
		return rc;
	r = eh_raters_ratings(w);
	for (size_t u = 0; u < r.n_units; u++)
		a->units += r.at[u + 1] - r.at[u] > 1;
	rc = eh_alpha_interval(&a->alpha, &a->alpha_interval, &r, EH_INTERVAL, w->s->draws, w->s->seed, err);
	if (rc == EH_OK)
		rc = eh_alpha(&a->alpha_ordinal, &r, EH_ORDINAL, err);
	if (rc == EH_OK)
		rc = eh_icc(&a->icc, &r, err);
	return rc;
}

int eh_raters_scores(struct eh_raters_work *w, struct eh_err *err)
{
	const struct eh_num none = eh_undefined(EH_U_NO_SCORES);
	int rc;

	w->out->scores = (struct eh_raters_agreement){ none, none, none, { none, none },
						       { none, none, none, none, none, none }, 0 };
	for (size_t e = 0; e < w->out->n; e++) {
		struct eh_rater_scores *v = &w->out->v[e].scores;

		v->severity = v->se = v->spread = v->p = v->q = none;
	}
	if (w->d->score == NULL)
		return EH_OK;
	rc = spreads(w, err);
	return rc == EH_OK ? agreement(w, err) : rc;
}

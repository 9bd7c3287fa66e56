/* Logistic regression on class and score, and its likelihood ratios; see assumption.h. */
#include "audit/assumption.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#define TERMS 3                         /* constant, class, score */
#define STEPS_MAX 60                    /* where the data separate, each step gains less and the likelihood settles */
#define GAIN_MIN 1e-11

struct design {
	const struct eh_assumption_row *v;
	size_t n;
	double centre, scale;           /* of the score */
	bool with_class, with_score;
};

static size_t terms(const struct design *d) { return 1u + d->with_class + d->with_score; }

static void row_of(double x[TERMS], const struct design *d, size_t i)
{
	size_t k = 0;

	x[k++] = 1.0;
	if (d->with_class)
		x[k++] = d->v[i].in_class;
	if (d->with_score)
		x[k] = (d->v[i].score - d->centre) / d->scale;
}

/* ln(1 + e^t) without overflow. */
static double softplus(double t) { return t > 0.0 ? t + log1p(exp(-t)) : log1p(exp(t)); }

/* Log-likelihood at b, with gradient g and information h where they are asked for. */
static double at(const struct design *d, const double *b, double *g, double (*h)[TERMS])
{
	const size_t k = terms(d);
	double sum = 0.0;

	if (g != NULL) {
		memset(g, 0, TERMS * sizeof *g);
		memset(h, 0, TERMS * sizeof *h);
	}
	for (size_t i = 0; i < d->n; i++) {
		double x[TERMS], t = 0.0, p, m = d->v[i].selected + d->v[i].rejected;

		row_of(x, d, i);
		for (size_t j = 0; j < k; j++)
			t += b[j] * x[j];
		sum -= d->v[i].selected * softplus(-t) + d->v[i].rejected * softplus(t);
		p = 1.0 / (1.0 + exp(-t));
		for (size_t j = 0; g != NULL && j < k; j++) {
			g[j] += (d->v[i].selected - m * p) * x[j];
			for (size_t l = 0; l <= j; l++)
				h[j][l] += m * p * (1.0 - p) * x[j] * x[l];
		}
	}
	return sum;
}

/* Solves h step = g by Cholesky in place; false when h is not positive definite. */
static bool solve(double *step, double (*h)[TERMS], const double *g, size_t k)
{
	for (size_t j = 0; j < k; j++) {
		for (size_t l = 0; l <= j; l++) {
			for (size_t m = 0; m < l; m++)
				h[j][l] -= h[j][m] * h[l][m];
			if (l < j)
				h[j][l] /= h[l][l];
		}
		if (!(h[j][j] > 1e-14))
			return false;
		h[j][j] = sqrt(h[j][j]);
	}
	for (size_t j = 0; j < k; j++) {
		step[j] = g[j];
		for (size_t m = 0; m < j; m++)
			step[j] -= h[j][m] * step[m];
		step[j] /= h[j][j];
	}
	for (size_t j = k; j-- > 0;) {
		for (size_t m = j + 1; m < k; m++)
			step[j] -= h[m][j] * step[m];
		step[j] /= h[j][j];
	}
	return true;
}

/* The largest log-likelihood: Newton steps, halved while they lose. */
static double fit(const struct design *d)
{
	double b[TERMS] = { 0.0 }, g[TERMS], h[TERMS][TERMS], step[TERMS];
	double best = at(d, b, g, h);

	for (int i = 0; i < STEPS_MAX && solve(step, h, g, terms(d)); i++) {
		double share = 1.0, next[TERMS] = { 0.0 }, now = -INFINITY, before = best;

		for (; share > 1e-6 && !(now >= best); share *= 0.5) {
			for (size_t j = 0; j < terms(d); j++)
				next[j] = b[j] + share * step[j];
			now = at(d, next, NULL, NULL);
		}
		if (!(now >= best))
			break;
		memcpy(b, next, sizeof b);
		best = at(d, b, g, h);
		if (best - before < GAIN_MIN)
			break;
	}
	return best;
}

static struct eh_num p_of(double full, double without)
{
	return eh_num(gsl_cdf_chisq_Q(fmax(0.0, 2.0 * (full - without)), 1.0));
}

static struct eh_assumption undefined(enum eh_undef why)
{
	return (struct eh_assumption){ eh_undefined(why), eh_undefined(why) };
}

/* What keeps the regression from saying anything; fills centre and scale of the score. */
static enum eh_undef state(struct design *d)
{
	double n[2] = { 0.0, 0.0 }, mean[2] = { 0.0, 0.0 }, within = 0.0, selected = 0.0, rejected = 0.0;

	for (size_t i = 0; i < d->n; i++) {
		int k = d->v[i].in_class > 0.5;

		n[k] += 1.0;
		mean[k] += d->v[i].score;
		selected += d->v[i].selected;
		rejected += d->v[i].rejected;
	}
	if (fmin(n[0], n[1]) < EH_ASSUMPTION_MIN)
		return EH_U_TOO_FEW;
	if (!(selected > 0.0) || !(rejected > 0.0))
		return selected > 0.0 ? EH_U_EVERYBODY_SELECTED : EH_U_NOBODY_SELECTED;
	for (int k = 0; k < 2; k++)
		mean[k] /= n[k];
	for (size_t i = 0; i < d->n; i++) {
		double off = d->v[i].score - mean[d->v[i].in_class > 0.5];

		within += off * off;
	}
	d->centre = 0.5 * (mean[0] + mean[1]);
	d->scale = sqrt(within / (double)d->n);
	return d->scale > 1e-9 ? EH_U_NONE : EH_U_ZERO_VARIANCE;
}

struct eh_assumption eh_assumption_check(const struct eh_assumption_row *v, size_t n)
{
	struct design d = { v, n, 0.0, 1.0, true, true };
	enum eh_undef why = state(&d);
	struct eh_assumption out;
	double full;

	if (why != EH_U_NONE)
		return undefined(why);
	full = fit(&d);
	d.with_score = false;
	out.p_score = p_of(full, fit(&d));
	d.with_score = true;
	d.with_class = false;
	out.p_class = p_of(full, fit(&d));
	return out;
}

/* The mixture likelihood of predicted classes: fits, profile interval, likelihood ratio; see predicted.h. */
#include "audit/predicted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "audit/table.h"
#include "base/mem.h"

#define CYCLES_MAX 2000
#define SETTLED 1e-11                   /* largest change of a parameter in one EM step */
#define LN_RATIO_MAX 12.0               /* of the profile's search */
#define PRIOR_SHARE 0.5                 /* facts/statistics.md 12 */
#define PRIOR_RATE 0.25
#define START_APART 0.02                /* facts/statistics.md 12: overall rate x 1.02, x .98 */

/* Candidates with the same counts share their powers of the rates. */
struct pattern {
	double selected, rejected;
};

struct eh_mixture {
	size_t n, k, n_patterns;
	double *like;                   /* [n][k] */
	double *start;                  /* [k] */
	struct pattern *pattern;        /* [n_patterns] sorted */
	uint32_t *which;                /* [n] */
	double *power;                  /* [n_patterns][k + 1] scratch: likelihood factors, then the ln scale */
	bool prior;
};

struct point {
	double share[EH_GROUPS_MAX], rate[EH_GROUPS_MAX];
};

static int by_counts(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;

	if (x->selected < y->selected || x->selected > y->selected)
		return x->selected < y->selected ? -1 : 1;
	if (x->rejected < y->rejected || x->rejected > y->rejected)
		return x->rejected < y->rejected ? -1 : 1;
	return 0;
}

static bool usable(const double *like, const double *selected, const double *rejected, size_t n, size_t k)
{
	for (size_t i = 0; i < n; i++) {
		double top = 0.0;

		for (size_t j = 0; j < k; j++) {
			if (!(like[i * k + j] >= 0.0) || !isfinite(like[i * k + j]))
				return false;
			top = fmax(top, like[i * k + j]);
		}
		if (!(top > 0.0) || !(selected[i] >= 0.0) || !(rejected[i] >= 0.0) ||
		    !isfinite(selected[i] + rejected[i]))
			return false;
	}
	return true;
}

static void find_patterns(struct eh_mixture *m, const double *selected, const double *rejected)
{
	for (size_t i = 0; i < m->n; i++)
		m->pattern[i] = (struct pattern){ selected[i], rejected[i] };
	qsort(m->pattern, m->n, sizeof *m->pattern, by_counts);
	for (size_t i = 0; i < m->n; i++)
		if (i == 0 || by_counts(&m->pattern[i], &m->pattern[m->n_patterns - 1]) != 0)
			m->pattern[m->n_patterns++] = m->pattern[i];
	for (size_t i = 0; i < m->n; i++) {
		struct pattern key = { selected[i], rejected[i] };
		const struct pattern *at = bsearch(&key, m->pattern, m->n_patterns, sizeof key, by_counts);

		m->which[i] = at != NULL ? (uint32_t)(at - m->pattern) : 0;
	}
}

int eh_mixture_new(struct eh_mixture **out, const double *like, const double *selected, const double *rejected,
		   size_t n, size_t k, const double *start, bool prior, struct eh_err *err)
{
	struct eh_mixture *m = NULL;
	size_t cells = 0;

	*out = NULL;
	if (k < 2 || k > EH_GROUPS_MAX || n == 0 || !usable(like, selected, rejected, n, k))
		return eh_err_set(err, EH_EINVAL,
				  "predicted classes: a probability, count or number of classes (%zu) is out of range",
				  k);
	m = eh_try_calloc(1, sizeof *m);
	if (m == NULL || !eh_size_mul(&cells, n, k + 1))
		goto fail;
	m->n = n;
	m->k = k;
	m->prior = prior;
	m->like = eh_try_malloc(n * k, sizeof *m->like);
	m->start = eh_try_malloc(k, sizeof *m->start);
	m->pattern = eh_try_malloc(n, sizeof *m->pattern);
	m->which = eh_try_malloc(n, sizeof *m->which);
	if (m->like == NULL || m->start == NULL || m->pattern == NULL || m->which == NULL)
		goto fail;
	memcpy(m->like, like, n * k * sizeof *like);
	memcpy(m->start, start, k * sizeof *start);
	find_patterns(m, selected, rejected);
	m->power = eh_try_malloc(m->n_patterns * (k + 1), sizeof *m->power);
	if (m->power == NULL)
		goto fail;
	*out = m;
	return EH_OK;
fail:
	eh_mixture_free(&m);
	return eh_err_set(err, EH_ENOMEM, "predicted classes: out of memory for %zu candidates", n);
}

void eh_mixture_free(struct eh_mixture **m)
{
	if (*m == NULL)
		return;
	free((*m)->like);
	free((*m)->start);
	free((*m)->pattern);
	free((*m)->which);
	free((*m)->power);
	free(*m);
	*m = NULL;
}

/* x ln y with 0 ln 0 = 0. */
static double xlny(double x, double y)
{
	return x > 0.0 ? x * log(y) : 0.0;
}

/* Per pattern and class rate^selected (1 - rate)^rejected, scaled by the largest: many decisions do not underflow. */
static void fill_powers(const struct eh_mixture *m, const struct point *at)
{
	for (size_t i = 0; i < m->n_patterns; i++) {
		double *row = &m->power[i * (m->k + 1)];
		double top = -INFINITY;

		for (size_t j = 0; j < m->k; j++) {
			row[j] = xlny(m->pattern[i].selected, at->rate[j]) + xlny(m->pattern[i].rejected,
										  1.0 - at->rate[j]);
			top = fmax(top, row[j]);
		}
		for (size_t j = 0; j < m->k; j++)
			row[j] = top > -INFINITY ? at->share[j] * exp(row[j] - top) : at->share[j];
		row[m->k] = top;
	}
}

/* Class weights of row i from filled powers; returns ln of the row's likelihood. */
static double weigh(double *q, const struct eh_mixture *m, size_t i)
{
	const double *row = &m->power[m->which[i] * (m->k + 1)];
	const double *like = &m->like[i * m->k];
	double sum = 0.0;

	for (size_t j = 0; j < m->k; j++) {
		q[j] = like[j] * row[j];
		sum += q[j];
	}
	if (!(sum > 0.0)) {
		for (size_t j = 0; j < m->k; j++)
			q[j] = 0.0;
		return -INFINITY;
	}
	for (size_t j = 0; j < m->k; j++)
		q[j] /= sum;
	return log(sum) + row[m->k];
}

static double ln_prior(const struct eh_mixture *m, const struct point *at)
{
	double sum = 0.0;

	for (size_t j = 0; m->prior && j < m->k; j++)
		sum += PRIOR_SHARE * log(at->share[j]) + PRIOR_RATE * (log(at->rate[j]) + log(1.0 - at->rate[j]));
	return sum;
}

static void maximise(struct point *to, const struct eh_mixture *m, const struct eh_mix_tie *tie, const double *people,
		     const double *n, const double *selected)
{
	double extra = m->prior ? 1.0 : 0.0;

	for (size_t j = 0; j < m->k; j++) {
		double trials = n[j] + 2.0 * PRIOR_RATE * extra;

		to->share[j] = (people[j] + PRIOR_SHARE * extra) / ((double)m->n + PRIOR_SHARE * extra * (double)m->k);
		to->rate[j] = trials > 0.0 ? (selected[j] + PRIOR_RATE * extra) / trials : 0.5;
	}
	if (tie != NULL) {
		double more = PRIOR_RATE * extra;
		double rate = eh_tied_rate(selected[tie->g] + more, n[tie->g] + 2.0 * more, selected[tie->ref] + more,
					   n[tie->ref] + 2.0 * more, tie->ratio);

		to->rate[tie->ref] = rate;
		to->rate[tie->g] = fmin(1.0, tie->ratio * rate);
	}
}

/* One EM step from `from` to `to` (may be NULL); returns the objective at `from` and the expected counts there. */
static double em_step(struct point *to, double *n, double *selected, const struct eh_mixture *m,
		      const struct eh_mix_tie *tie, const struct point *from)
{
	double people[EH_GROUPS_MAX] = { 0.0 }, q[EH_GROUPS_MAX], objective = ln_prior(m, from);

	fill_powers(m, from);
	memset(n, 0, m->k * sizeof *n);
	memset(selected, 0, m->k * sizeof *selected);
	for (size_t i = 0; i < m->n; i++) {
		const struct pattern *c = &m->pattern[m->which[i]];

		objective += weigh(q, m, i);
		for (size_t j = 0; j < m->k; j++) {
			people[j] += q[j];
			n[j] += q[j] * (c->selected + c->rejected);
			selected[j] += q[j] * c->selected;
		}
	}
	if (to != NULL)
		maximise(to, m, tie, people, n, selected);
	return objective;
}

/* The extrapolated point of SQUAREM from three successive EM points; false when it leaves the open range. */
static bool extrapolate(struct point *to, const struct point *a, const struct point *b, const struct point *c, size_t k)
{
	double r2 = 0.0, v2 = 0.0, step;

	for (size_t j = 0; j < k; j++) {
		double r = b->share[j] - a->share[j], v = c->share[j] - b->share[j] - r;
		double s = b->rate[j] - a->rate[j], w = c->rate[j] - b->rate[j] - s;

		r2 += r * r + s * s;
		v2 += v * v + w * w;
	}
	if (!(v2 > 0.0))
		return false;
	step = -fmax(1.0, sqrt(r2 / v2));
	for (size_t j = 0; j < k; j++) {
		double r = b->share[j] - a->share[j], s = b->rate[j] - a->rate[j];

		to->share[j] = a->share[j] - 2.0 * step * r + step * step * (c->share[j] - b->share[j] - r);
		to->rate[j] = a->rate[j] - 2.0 * step * s + step * step * (c->rate[j] - b->rate[j] - s);
		if (!(to->share[j] > 0.0 && to->share[j] < 1.0 && to->rate[j] > 0.0 && to->rate[j] < 1.0))
			return false;
	}
	return true;
}

static double moved(const struct point *a, const struct point *b, size_t k)
{
	double most = 0.0;

	for (size_t j = 0; j < k; j++)
		most = fmax(most, fmax(fabs(a->share[j] - b->share[j]), fabs(a->rate[j] - b->rate[j])));
	return most;
}

static void start_point(struct point *p, const struct eh_mixture *m, const struct eh_mix_tie *tie)
{
	double selected = 0.0, n = 0.0, sum = 0.0, rate;

	for (size_t i = 0; i < m->n; i++) {
		selected += m->pattern[m->which[i]].selected;
		n += m->pattern[m->which[i]].selected + m->pattern[m->which[i]].rejected;
	}
	rate = n > 0.0 ? fmin(0.98, fmax(0.02, selected / n)) : 0.5;
	for (size_t j = 0; j < m->k; j++)
		sum += m->start[j];
	for (size_t j = 0; j < m->k; j++) {
		p->share[j] = m->start[j] / sum;
		p->rate[j] = rate * (1.0 + START_APART * (1.0 - 2.0 * (double)j / (double)(m->k - 1)));
	}
	if (tie != NULL) {
		p->rate[tie->ref] = fmin(rate, 0.98 / fmax(1.0, tie->ratio));
		p->rate[tie->g] = tie->ratio * p->rate[tie->ref];
	}
}

void eh_mixture_fit(struct eh_mix_fit *out, const struct eh_mixture *m, const struct eh_mix_tie *tie,
		    const struct eh_mix_fit *from)
{
	struct point a, b, c, trial, next;
	double n[EH_GROUPS_MAX], selected[EH_GROUPS_MAX], before = -INFINITY;

	memset(out, 0, sizeof *out);
	if (from != NULL) {
		memcpy(a.share, from->share, sizeof a.share);
		memcpy(a.rate, from->rate, sizeof a.rate);
		if (tie != NULL) {
			a.rate[tie->ref] = fmin(a.rate[tie->ref], 0.999 / fmax(1.0, tie->ratio));
			a.rate[tie->g] = tie->ratio * a.rate[tie->ref];
		}
	} else {
		start_point(&a, m, tie);
	}
	while (out->cycles < CYCLES_MAX) {
		double at_a, at_b;

		at_a = em_step(&b, n, selected, m, tie, &a);
		if (out->cycles > 0)
			out->fall = fmax(out->fall, before - at_a);
		before = at_a;
		out->cycles++;
		if (moved(&a, &b, m->k) < SETTLED) {
			a = b;
			out->converged = true;
			break;
		}
		at_b = em_step(&c, n, selected, m, tie, &b);
		if (extrapolate(&trial, &a, &b, &c, m->k) && em_step(&next, n, selected, m, tie, &trial) >= at_b)
			a = next;
		else
			a = c;
	}
	out->objective = em_step(NULL, n, selected, m, tie, &a);
	out->fall = fmax(out->fall, before - out->objective);
	memcpy(out->share, a.share, m->k * sizeof *a.share);
	memcpy(out->rate, a.rate, m->k * sizeof *a.rate);
	memcpy(out->n, n, m->k * sizeof *n);
	memcpy(out->selected, selected, m->k * sizeof *selected);
}

void eh_mixture_weights(double *q, const struct eh_mixture *m, const struct eh_mix_fit *fit, size_t i)
{
	const struct pattern *c = &m->pattern[m->which[i]];
	double top = -INFINITY, sum = 0.0;

	for (size_t j = 0; j < m->k; j++) {
		q[j] = log(fit->share[j] * m->like[i * m->k + j]) +
		       xlny(c->selected, fit->rate[j]) + xlny(c->rejected, 1.0 - fit->rate[j]);
		top = fmax(top, q[j]);
	}
	for (size_t j = 0; j < m->k; j++) {
		q[j] = top > -INFINITY ? exp(q[j] - top) : 1.0;
		sum += q[j];
	}
	for (size_t j = 0; j < m->k; j++)
		q[j] /= sum;
}

/* How far the profile at ln ratio x lies under the best, in standard deviations, minus the 95 % mark: < 0 inside. */
static double depth(const struct eh_mixture *m, const struct eh_mix_fit *best, size_t g, size_t ref, double x,
		    struct eh_mix_fit *warm)
{
	struct eh_mix_tie tie = { g, ref, exp(x) };
	struct eh_mix_fit fit;

	eh_mixture_fit(&fit, m, &tie, warm);
	*warm = fit;
	return sqrt(fmax(0.0, 2.0 * (best->objective - fit.objective))) - EH_Z95;
}

/* ln of the ratio where the profile leaves the interval, going from the best in the direction sign; NAN = not within
 * range. */
static double profile_end(const struct eh_mixture *m, const struct eh_mix_fit *best, size_t g, size_t ref,
			  double centre, double sign)
{
	struct eh_mix_fit warm = *best;
	double in = centre, f_in = -EH_Z95, step = 0.25, out, f_out;
	int last = 0;

	for (;;) {
		out = in + sign * step;
		if (fabs(out) > LN_RATIO_MAX)
			return NAN;
		f_out = depth(m, best, g, ref, out, &warm);
		if (f_out > 0.0)
			break;
		in = out;
		f_in = f_out;
		step *= 2.0;
	}
	/* Illinois form of false position: the depth is nearly linear in ln ratio */
	for (int i = 0; i < 60 && fabs(out - in) > 1e-9; i++) {
		double x = (in * f_out - out * f_in) / (f_out - f_in);
		double f = depth(m, best, g, ref, x, &warm);

		if (fabs(f) < 1e-8)
			return x;
		if (f > 0.0) {
			out = x;
			f_out = f;
			f_in *= last > 0 ? 0.5 : 1.0;
			last = 1;
		} else {
			in = x;
			f_in = f;
			f_out *= last < 0 ? 0.5 : 1.0;
			last = -1;
		}
	}
	return 0.5 * (in + out);
}

void eh_mixture_ratio(struct eh_mix_ratio *out, const struct eh_mixture *m, const struct eh_mix_fit *best, size_t g,
		      size_t ref)
{
	struct eh_mix_tie equal = { g, ref, 1.0 };
	struct eh_mix_fit null;
	double centre, end;

	out->ratio = out->p = out->interval.low = out->interval.high = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	if (!(best->rate[ref] > 0.0))
		return;
	out->ratio = eh_num(best->rate[g] / best->rate[ref]);
	eh_mixture_fit(&null, m, &equal, best);
	out->p = eh_num(gsl_cdf_chisq_Q(fmax(0.0, 2.0 * (best->objective - null.objective)), 1.0));
	out->interval.low = eh_num(0.0);
	out->interval.high = eh_undefined(EH_U_UNBOUNDED);
	if (!(best->rate[g] > 0.0))
		return;
	centre = log(out->ratio.value);
	end = profile_end(m, best, g, ref, centre, -1.0);
	if (!isnan(end))
		out->interval.low = eh_num(exp(end));
	end = profile_end(m, best, g, ref, centre, 1.0);
	if (!isnan(end))
		out->interval.high = eh_num(exp(end));
	else if (!(out->interval.low.value > 0.0))
		out->ratio = out->p = out->interval.low = out->interval.high = eh_undefined(EH_U_NOT_IDENTIFIED);
}

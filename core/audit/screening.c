/* Predicted classes in a finding; see screening.h. */
#include "audit/screening.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "audit/cluster.h"
#include "audit/predicted.h"
#include "audit/table.h"
#include "base/mem.h"

#define CLASSES_MAX 3
#define FOCAL 0
#define REFERENCE 1
#define OTHERS 2
#define START_MIN 1e-3                  /* a class that the calibration set lacks must still be able to grow */
#define POWER_Z 0.8416212335729143      /* normal quantile .8 */

struct screen {
	const struct eh_scope_data *d;
	eh_groups set[CLASSES_MAX];
	size_t k;
	size_t n;                       /* persons that count */
	uint32_t *person;               /* [n] of the slice */
	double *like, *member;          /* [n][k] likelihood; class weights from the indicators alone */
	double *selected, *rejected;    /* [n] weighted decisions */
	bool *use;                      /* [n_persons] */
	double *residual;               /* [rows] */
	double rate[CLASSES_MAX];       /* posterior-weighted */
	bool rated[CLASSES_MAX];
};

static const double *prob_of(const struct eh_scope_data *d, size_t person)
{
	uint32_t candidate = d->slice->row[d->slice->start[person]].candidate;

	if (d->attribute->prob == NULL || d->attribute->provenance[candidate] != EH_PREDICTED)
		return NULL;
	return &d->attribute->prob[candidate * d->attribute->n_groups];
}

static double share_in(const double *p, size_t n_groups, eh_groups set)
{
	double sum = 0.0, all = 0.0;

	for (size_t g = 0; g < n_groups; g++) {
		all += p[g];
		sum += (set >> g & 1u) != 0 ? p[g] : 0.0;
	}
	return all > 0.0 ? sum / all : 0.0;
}

static double decisions(const struct eh_slice *s, size_t person)
{
	return (double)(s->start[person + 1] - s->start[person]);
}

static double chosen(const struct eh_slice *s, size_t person)
{
	double y = 0.0;

	for (uint32_t i = s->start[person]; i < s->start[person + 1]; i++)
		y += s->row[i].selected;
	return y;
}

/* One person's row: false when his class is neither known nor predicted. */
static bool fill_person(struct screen *c, size_t person)
{
	const struct eh_attribute_data *a = c->d->attribute;
	const double *p = prob_of(c->d, person);
	int16_t g = c->d->cube->group[person];
	double *like = &c->like[c->n * c->k], *member = &c->member[c->n * c->k];

	if (p == NULL && g < 0)
		return false;
	for (size_t j = 0; j < c->k; j++) {
		double base = share_in(a->prior, a->n_groups, c->set[j]);

		member[j] = p != NULL ? share_in(p, a->n_groups, c->set[j]) : (double)(c->set[j] >> g & 1u);
		like[j] = p != NULL ? member[j] / fmax(base, START_MIN) : member[j];
	}
	c->use[person] = true;
	c->person[c->n++] = (uint32_t)person;
	return true;
}

static void weighted_rates(struct screen *c)
{
	double n[CLASSES_MAX] = { 0.0 }, y[CLASSES_MAX] = { 0.0 };

	for (size_t i = 0; i < c->n; i++) {
		double m = decisions(c->d->slice, c->person[i]), s = chosen(c->d->slice, c->person[i]);

		for (size_t j = 0; j < c->k; j++) {
			n[j] += c->member[i * c->k + j] * m;
			y[j] += c->member[i * c->k + j] * s;
		}
	}
	for (size_t j = 0; j < c->k; j++) {
		c->rated[j] = n[j] > 0.0;
		c->rate[j] = c->rated[j] ? y[j] / n[j] : 0.0;
	}
}

/* Residuals against the stratum's mean and the class rates as the indicators see them: what is left is the
 * candidate. */
static int fill_residuals(struct screen *c)
{
	const struct eh_slice *s = c->d->slice;
	double *mean = eh_try_calloc(2 * s->n_strata + 1, sizeof *mean);
	double all_n = 0.0, all_y = 0.0;

	if (mean == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		for (uint32_t r = s->start[c->person[i]]; r < s->start[c->person[i] + 1]; r++) {
			mean[2 * s->row[r].stratum] += 1.0;
			mean[2 * s->row[r].stratum + 1] += s->row[r].selected;
			all_n += 1.0;
			all_y += s->row[r].selected;
		}
	}
	for (size_t i = 0; i < c->n; i++) {
		double expected = 0.0;

		for (size_t j = 0; j < c->k; j++)
			expected += c->member[i * c->k + j] * c->rate[j];
		for (uint32_t r = s->start[c->person[i]]; r < s->start[c->person[i] + 1]; r++) {
			const double *k = &mean[2 * s->row[r].stratum];

			c->residual[r] = s->row[r].selected - (k[1] / k[0] - all_y / all_n) - expected;
		}
	}
	free(mean);
	return EH_OK;
}

static void screen_free(struct screen *c)
{
	free(c->person);
	free(c->like);
	free(c->member);
	free(c->selected);
	free(c->rejected);
	free(c->use);
	free(c->residual);
}

static int screen_fill(struct screen *c, const struct eh_scope_data *d, size_t g, eh_groups reference)
{
	const struct eh_slice *s = d->slice;
	eh_groups all = (eh_groups)((UINT64_C(1) << d->attribute->n_groups) - 1u);
	size_t room = s->n_persons + 1;
	double rho;

	memset(c, 0, sizeof *c);
	c->d = d;
	c->set[FOCAL] = (eh_groups)1u << g;
	c->set[REFERENCE] = reference;
	c->set[OTHERS] = all & ~(c->set[FOCAL] | reference);
	c->k = c->set[OTHERS] != 0 ? 3 : 2;
	c->person = eh_try_calloc(room, sizeof *c->person);
	c->like = eh_try_calloc(room * c->k, sizeof *c->like);
	c->member = eh_try_calloc(room * c->k, sizeof *c->member);
	c->selected = eh_try_calloc(room, sizeof *c->selected);
	c->rejected = eh_try_calloc(room, sizeof *c->rejected);
	c->use = eh_try_calloc(room, sizeof *c->use);
	c->residual = eh_try_calloc(s->n + 1, sizeof *c->residual);
	if (c->person == NULL || c->like == NULL || c->member == NULL || c->selected == NULL || c->rejected == NULL ||
	    c->use == NULL || c->residual == NULL)
		return EH_ENOMEM;
	for (size_t p = 0; p < s->n_persons; p++)
		fill_person(c, p);
	weighted_rates(c);
	if (fill_residuals(c) < 0)
		return EH_ENOMEM;
	rho = eh_cluster_correlation(s, c->residual, c->use);
	for (size_t i = 0; i < c->n; i++) {
		double m = decisions(s, c->person[i]), y = chosen(s, c->person[i]);
		double weight = 1.0 / (1.0 + (m - 1.0) * rho);

		c->selected[i] = weight * y;
		c->rejected[i] = weight * (m - y);
	}
	return EH_OK;
}

/* Expected persons, decisions and selections per class, without weights. */
struct expected {
	double persons[CLASSES_MAX], n[CLASSES_MAX], selected[CLASSES_MAX], most;
};

static void expect(struct expected *e, const struct screen *c, const struct eh_mixture *m, const struct eh_mix_fit *fit)
{
	memset(e, 0, sizeof *e);
	for (size_t i = 0; i < c->n; i++) {
		double n = decisions(c->d->slice, c->person[i]), y = chosen(c->d->slice, c->person[i]);
		double q[EH_GROUPS_MAX];

		eh_mixture_weights(q, m, fit, i);
		for (size_t j = 0; j < c->k; j++) {
			e->persons[j] += q[j];
			e->n[j] += q[j] * n;
			e->selected[j] += q[j] * y;
		}
		e->most = fmax(e->most, n);
	}
}

static void set_guard(struct eh_finding *f, const struct eh_scope_data *d, const struct eh_mix_fit *fit)
{
	double least = INFINITY;

	for (size_t j = FOCAL; j <= REFERENCE; j++)
		least = fmin(least, fmin(fit->selected[j], fit->n[j] - fit->selected[j]));
	f->guard[0] = '\0';
	if (!d->attribute->auc_lo.defined)
		snprintf(f->guard, sizeof f->guard, "the classifier's skill is not known (no AUC interval)");
	else if (d->attribute->auc_lo.value < EH_GUARD_AUC)
		snprintf(f->guard, sizeof f->guard,
			 "classifier too weak: lower end of its AUC interval %.3f, needed %.1f",
			 d->attribute->auc_lo.value, EH_GUARD_AUC);
	else if (least < EH_GUARD_EXPECTED)
		snprintf(f->guard, sizeof f->guard,
			 "too few expected decisions of one kind in a class: %.1f effective, needed %.0f",
			 least, EH_GUARD_EXPECTED);
}

/* Half-width of the interval in ln ratio as a variance; from one end where the other is open. */
static void set_peer(struct eh_peer *peer, const struct eh_finding *f)
{
	const struct eh_interval *i = &f->em_interval;
	double width = 0.0;

	*peer = (struct eh_peer){ .has = false };
	if (!f->em_ratio.defined || !(f->em_ratio.value > 0.0))
		return;
	peer->y = log(f->em_ratio.value);
	if (i->low.defined && i->low.value > 0.0 && i->high.defined)
		width = 0.5 * (log(i->high.value) - log(i->low.value));
	else if (i->low.defined && i->low.value > 0.0)
		width = peer->y - log(i->low.value);
	else if (i->high.defined)
		width = log(i->high.value) - peer->y;
	if (!(width > 0.0))
		return;
	peer->v = width / EH_Z95 * (width / EH_Z95);
	peer->has = true;
}

static enum eh_tri flips(const struct expected *e)
{
	double a = e->selected[FOCAL], n1 = e->n[FOCAL], b = e->selected[REFERENCE], n2 = e->n[REFERENCE];

	if (!(n1 > a) || !(b > 0.0))
		return EH_UNKNOWN;
	return (a + e->most) * n2 > (b - e->most) * n1 ? EH_YES : EH_NO;
}

static void conclude(struct eh_finding *f, struct eh_peer *peer, const struct screen *c, const struct eh_mix_fit *fit,
		     const struct eh_mix_ratio *r, const struct expected *e)
{
	double limit = (double)f->limit_num / (double)f->limit_den, z;

	f->basis = EH_BASIS_SCREENING;
	f->rests_on = EH_RATIO_ESTIMATED;
	f->em_ratio = f->ratio = r->ratio;
	f->em_interval = f->ratio_interval = r->interval;
	f->p_em = f->p = r->p;
	snprintf(f->p_method, sizeof f->p_method, "likelihood ratio (EM by candidate, weights 1/deff), 1 df");
	f->em_n = eh_num(e->n[FOCAL]);
	f->em_selected = eh_num(e->selected[FOCAL]);
	f->weighted_ratio = !c->rated[FOCAL] || !c->rated[REFERENCE] ? eh_undefined(EH_U_EMPTY_GROUP) :
			    c->rate[REFERENCE] > 0.0 ? eh_num(c->rate[FOCAL] / c->rate[REFERENCE]) :
			    eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	f->robust = f->weighted_ratio.defined && f->weighted_ratio.value < limit;
	/* a fit is good to about 1e-10: what lies that close to the limit is at it, not below */
	f->ratio_below = r->ratio.defined ? (r->ratio.value < limit * (1.0 - 1e-9) ? EH_YES : EH_NO) : EH_UNKNOWN;
	f->shortfall = eh_num((fit->rate[REFERENCE] - fit->rate[FOCAL]) * e->persons[FOCAL]);
	f->flips = flips(e);
	set_guard(f, c->d, fit);
	set_peer(peer, f);
	/* found with power .8 at alpha: ln r = -(z + z.8) se, with the se that the unknown classes leave */
	z = gsl_cdf_ugaussian_Pinv(c->d->settings->alpha / 2.0) - POWER_Z;
	f->detectable = peer->has ? eh_num(exp(z * sqrt(peer->v))) : eh_undefined(EH_U_NOT_DETECTABLE);
}

int eh_screen(struct eh_finding *f, struct eh_peer *peer, const struct eh_scope_data *d, size_t g, eh_groups reference,
	      struct eh_err *err)
{
	struct eh_mixture *m = NULL;
	struct screen c;
	struct eh_mix_fit fit;
	struct eh_mix_ratio ratio;
	struct expected e;
	double start[CLASSES_MAX];
	int rc = screen_fill(&c, d, g, reference);

	if (rc < 0) {
		eh_err_set(err, rc, "audit: out of memory for %zu persons of %s", d->slice->n_persons,
			   d->attribute->name);
		goto out;
	}
	for (size_t j = 0; j < c.k; j++)
		start[j] = fmax(START_MIN, share_in(d->attribute->prior, d->attribute->n_groups, c.set[j]));
	rc = eh_mixture_new(&m, c.like, c.selected, c.rejected, c.n, c.k, start, true, err);
	if (rc < 0)
		goto out;
	eh_mixture_fit(&fit, m, NULL, NULL);
	eh_mixture_ratio(&ratio, m, &fit, FOCAL, REFERENCE);
	expect(&e, &c, m, &fit);
	conclude(f, peer, &c, &fit, &ratio, &e);
out:
	eh_mixture_free(&m);
	screen_free(&c);
	return rc;
}

int eh_screen_highest(const struct eh_scope_data *d, eh_groups set)
{
	double n[EH_GROUPS_MAX] = { 0.0 }, y[EH_GROUPS_MAX] = { 0.0 };
	int best = -1;

	for (size_t p = 0; p < d->slice->n_persons; p++) {
		const double *prob = prob_of(d, p);
		int16_t known = d->cube->group[p];

		for (size_t g = 0; g < d->attribute->n_groups; g++) {
			double w = known == (int16_t)g ? 1.0 : 0.0;

			if (prob != NULL)
				w = share_in(prob, d->attribute->n_groups, (eh_groups)1u << g);
			n[g] += w * decisions(d->slice, p);
			y[g] += w * chosen(d->slice, p);
		}
	}
	for (size_t g = 0; g < d->attribute->n_groups; g++) {
		if ((set >> g & 1u) == 0 || !(n[g] > 0.0))
			continue;
		if (best < 0 || y[g] * n[best] > y[best] * n[g] ||
		    (!(y[g] * n[best] < y[best] * n[g]) && n[g] > n[best]))
			best = (int)g;
	}
	return best;
}

/* Predicted classes in a finding; see screening.h. */
#include "audit/screening_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/basis.h"
#include "audit/cluster.h"
#include "audit/table.h"
#include "base/mem.h"

#define START_MIN 1e-3                  /* a class that the calibration set lacks must still be able to grow */

static const double *prob_of(const struct eh_scope_data *d, uint32_t candidate)
{
	if (d->attribute->prob == NULL || d->slice->classes[d->index].code[candidate] != EH_CODE_PREDICTED)
		return NULL;
	return &d->attribute->prob[candidate * d->attribute->n_groups];
}

double eh_screen_share(const double *p, size_t n_groups, eh_groups set)
{
	double sum = 0.0, all = 0.0;

	for (size_t g = 0; g < n_groups; g++) {
		all += p[g];
		sum += (set >> g & 1u) != 0 ? p[g] : 0.0;
	}
	return all > 0.0 ? sum / all : 0.0;
}

/* One person's row: false when his class is neither known nor predicted. */
static bool fill_person(struct screen *c, const struct eh_person *person)
{
	const struct eh_attribute_data *a = c->d->attribute;
	const double *p = prob_of(c->d, person->candidate);
	int g = eh_code_group(c->d->slice->classes[c->d->index].code[person->candidate]);
	double *like = &c->like[c->n * c->k], *member = &c->member[c->n * c->k];

	if (p == NULL && g < 0)
		return false;
	for (size_t j = 0; j < c->k; j++) {
		double base = eh_screen_share(a->prior, a->n_groups, c->set[j]);

		member[j] = p != NULL ? eh_screen_share(p, a->n_groups, c->set[j]) : (double)(c->set[j] >> g & 1u);
		like[j] = p != NULL ? member[j] / fmax(base, START_MIN) : member[j];
	}
	c->candidate[c->n] = person->candidate;
	c->pattern[c->n++] = person->pattern;
	return true;
}

static void weighted_rates(struct screen *c)
{
	double n[CLASSES_MAX] = { 0.0 }, y[CLASSES_MAX] = { 0.0 };

	for (size_t i = 0; i < c->n; i++) {
		double m = screen_decisions(c, i), s = screen_chosen(c, i);

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

/* Decisions, and those that selected, per stratum [n_strata][2]; all over all strata. */
static void fill_means(double *mean, double *all, const struct screen *c)
{
	const struct eh_slice *s = c->d->slice;

	for (size_t i = 0; i < c->n; i++) {
		for (uint32_t r = s->start[c->pattern[i]]; r < s->start[c->pattern[i] + 1]; r++) {
			double *k = &mean[2 * (s->cell[r] >> 1)], y = s->cell[r] & 1u;

			k[0] += 1.0;
			k[1] += y;
			all[0] += 1.0;
			all[1] += y;
		}
	}
}

/* Of residuals against the stratum's mean and the class rates as the indicators see them: what is left is the
 * candidate. */
static int correlation(double *rho, const struct screen *c)
{
	const struct eh_slice *s = c->d->slice;
	double all[2] = { 0.0, 0.0 }, *mean = eh_try_calloc(2 * s->n_strata + 1, sizeof *mean), *e = NULL;
	struct eh_anova anova = { 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 };
	size_t most = 0;

	for (size_t i = 0; i < c->n; i++)
		most = eh_pattern_size(s, c->pattern[i]) > most ? eh_pattern_size(s, c->pattern[i]) : most;
	e = eh_try_malloc(most + 1, sizeof *e);
	if (mean == NULL || e == NULL) {
		free(mean);
		free(e);
		return EH_ENOMEM;
	}
	fill_means(mean, all, c);
	for (size_t i = 0; i < c->n; i++) {
		uint32_t from = s->start[c->pattern[i]], to = s->start[c->pattern[i] + 1];
		double expected = 0.0;

		for (size_t j = 0; j < c->k; j++)
			expected += c->member[i * c->k + j] * c->rate[j];
		for (uint32_t r = from; r < to; r++) {
			const double *k = &mean[2 * (s->cell[r] >> 1)];

			e[r - from] = (s->cell[r] & 1u) - (k[1] / k[0] - all[1] / all[0]) - expected;
		}
		eh_anova_add(&anova, e, to - from, 1.0);
	}
	free(mean);
	free(e);
	*rho = eh_anova_correlation(&anova);
	return EH_OK;
}

static void screen_free(struct screen *c)
{
	free(c->pattern);
	free(c->candidate);
	free(c->like);
	free(c->member);
	free(c->selected);
	free(c->rejected);
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
	c->pattern = eh_try_calloc(room, sizeof *c->pattern);
	c->candidate = eh_try_calloc(room, sizeof *c->candidate);
	c->like = eh_try_calloc(room * c->k, sizeof *c->like);
	c->member = eh_try_calloc(room * c->k, sizeof *c->member);
	c->selected = eh_try_calloc(room, sizeof *c->selected);
	c->rejected = eh_try_calloc(room, sizeof *c->rejected);
	if (c->pattern == NULL || c->candidate == NULL || c->like == NULL || c->member == NULL || c->selected == NULL ||
	    c->rejected == NULL)
		return EH_ENOMEM;
	for (size_t p = 0; p < s->n_persons; p++)
		fill_person(c, &s->person[p]);
	weighted_rates(c);
	if (correlation(&rho, c) < 0)
		return EH_ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		double m = screen_decisions(c, i), y = screen_chosen(c, i);
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
		double n = screen_decisions(c, i), y = screen_chosen(c, i);
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

/* The smallest number of expected decisions of one kind in the group or its reference. */
static void guard_expected(char *guard, const struct eh_mix_fit *fit)
{
	static const char *const class[] = { "the group", "its reference" };
	const char *kind = "", *of = "";
	double least = INFINITY;

	for (size_t j = FOCAL; j <= REFERENCE; j++) {
		double n[2] = { fit->selected[j], fit->n[j] - fit->selected[j] };

		for (size_t y = 0; y < 2; y++) {
			if (!(n[y] < least))
				continue;
			least = n[y];
			kind = y == 0 ? "selected" : "not selected";
			of = class[j];
		}
	}
	if (least < EH_GUARD_EXPECTED)
		snprintf(guard, EH_GUARD_MAX + 1,
			 "too few expected decisions: %.1f effective of %s are %s, needed %.0f", least, of, kind,
			 EH_GUARD_EXPECTED);
}

/* Half-width of the interval in ln ratio as a variance; from one end where the other is open. */
static void set_peer(struct eh_peer *peer, const struct eh_finding *f)
{
	const struct eh_interval *i = &f->em_interval;
	double width = 0.0;

	*peer = (struct eh_peer){ .has = false, .why = f->em_ratio.why };
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

/* What the unknown classes leave of the decisions, and the ratio that so many of known class would find. */
static void set_information(struct eh_finding *f, const struct eh_peer *peer, const struct screen *c,
			    const struct eh_mix_fit *fit)
{
	double known = 0.0, left;

	f->assume.n_eff = eh_undefined(f->em_ratio.defined ? EH_U_UNBOUNDED : f->em_ratio.why);
	f->detectable = eh_undefined(EH_U_NOT_DETECTABLE);
	for (size_t j = FOCAL; j <= REFERENCE; j++)
		known += (1.0 - fit->rate[j]) / (fit->rate[j] * fit->n[j]);
	if (!peer->has || !(known > 0.0) || !isfinite(known))
		return;
	left = fmin(1.0, known / peer->v);
	f->assume.n_eff = eh_num(left * (fit->n[FOCAL] + fit->n[REFERENCE]));
	f->detectable = eh_detectable(left * fit->n[FOCAL], left * fit->n[REFERENCE], fit->rate[REFERENCE],
				      c->d->settings->alpha);
}

static enum eh_tri flips(const struct expected *e)
{
	double a = e->selected[FOCAL], n1 = e->n[FOCAL], b = e->selected[REFERENCE], n2 = e->n[REFERENCE];

	if (!(n1 > a) || !(b > 0.0))
		return EH_UNKNOWN;
	return (a + e->most) * n2 > (b - e->most) * n1 ? EH_YES : EH_NO;
}

/* Do the indicators of any two persons differ on the group or its reference? */
static bool told_apart(const struct screen *c)
{
	for (size_t i = 1; i < c->n; i++)
		for (size_t j = FOCAL; j <= REFERENCE; j++)
			if (c->member[i * c->k + j] < c->member[j] || c->member[i * c->k + j] > c->member[j])
				return true;
	return false;
}

static struct eh_num weighted_ratio(const struct screen *c)
{
	if (!c->rated[FOCAL] || !c->rated[REFERENCE])
		return eh_undefined(EH_U_EMPTY_GROUP);
	if (!told_apart(c))
		return eh_undefined(EH_U_NOT_IDENTIFIED);
	return c->rate[REFERENCE] > 0.0 ? eh_num(c->rate[FOCAL] / c->rate[REFERENCE]) :
					  eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
}

static void conclude(struct eh_finding *f, struct eh_peer *peer, const struct screen *c, const struct eh_mix_fit *fit,
		     const struct eh_mix_ratio *r, const struct expected *e)
{
	double limit = (double)f->limit_num / (double)f->limit_den;

	f->basis = EH_BASIS_SCREENING;
	f->rests_on = EH_RATIO_ESTIMATED;
	f->em_ratio = f->ratio = r->ratio;
	f->em_interval = f->ratio_interval = r->interval;
	f->p_em = f->p = r->p;
	snprintf(f->p_method, sizeof f->p_method, "likelihood ratio (EM by candidate, weights 1/deff), 1 df");
	f->em_n = eh_num(e->n[FOCAL]);
	f->em_selected = eh_num(e->selected[FOCAL]);
	f->weighted_ratio = weighted_ratio(c);
	f->robust = f->weighted_ratio.defined && f->weighted_ratio.value < limit;
	/* a fit is good to about 1e-10: what lies that close to the limit is at it, not below */
	f->ratio_below = r->ratio.defined ? (r->ratio.value < limit * (1.0 - 1e-9) ? EH_YES : EH_NO) : EH_UNKNOWN;
	f->shortfall = eh_num((fit->rate[REFERENCE] - fit->rate[FOCAL]) * e->persons[FOCAL]);
	f->flips = flips(e);
	f->assume.em_supports = f->ratio_below == EH_YES && r->interval.high.defined && r->interval.high.value < 1.0;
	set_peer(peer, f);
	set_information(f, peer, c, fit);
}

/* Does a guard refuse the estimate of this group? */
static bool is_refused(char *guard, const struct eh_mix_fit *fit, const struct eh_mix_ratio *r)
{
	guard[0] = '\0';
	if (r->ratio.why == EH_U_NOT_IDENTIFIED)
		snprintf(guard, EH_GUARD_MAX + 1,
			 "the probabilities do not tell the classes apart: the ratio's interval is open at both ends");
	else
		guard_expected(guard, fit);
	return guard[0] != '\0';
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
	char guard[EH_GUARD_MAX + 1];
	int rc = screen_fill(&c, d, g, reference);

	if (rc < 0) {
		eh_err_set(err, rc, "audit: out of memory for %zu persons of %s", d->slice->n_persons,
			   d->attribute->name);
		goto out;
	}
	for (size_t j = 0; j < c.k; j++)
		start[j] = fmax(START_MIN, eh_screen_share(d->attribute->prior, d->attribute->n_groups, c.set[j]));
	rc = eh_mixture_new(&m, c.like, c.selected, c.rejected, c.n, c.k, start, true, err);
	if (rc < 0)
		goto out;
	eh_mixture_fit(&fit, m, NULL, NULL);
	eh_mixture_ratio(&ratio, m, &fit, FOCAL, REFERENCE);
	if (is_refused(guard, &fit, &ratio)) {
		eh_basis_refuse(f, d, guard);
		goto out;
	}
	expect(&e, &c, m, &fit);
	rc = eh_screen_beside(f, &c, err);
	if (rc == EH_OK)
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
		const struct eh_person *person = &d->slice->person[p];
		const double *prob = prob_of(d, person->candidate);
		int known = eh_code_group(d->slice->classes[d->index].code[person->candidate]);

		for (size_t g = 0; g < d->attribute->n_groups; g++) {
			double w = known == (int)g ? 1.0 : 0.0;

			if (prob != NULL)
				w = eh_screen_share(prob, d->attribute->n_groups, (eh_groups)1u << g);
			n[g] += w * eh_pattern_size(d->slice, person->pattern);
			y[g] += w * eh_pattern_selected(d->slice, person->pattern);
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

/* Tables of known truth; see simulation.h. */
#include "tests/bench/simulation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/calibrate.h"

#define POSITIONS 20
#define LABELLED 500
#define GRID 4000

const char *const sim_groups[SIM_GROUPS] = { "asian", "black", "hispanic", "native", "other", "white" };
/* asian and native are the groups of .10 and .02 of the facts; hispanic .16, black .18, other .04, white .50 */
static const double shares[SIM_GROUPS] = { 0.10, 0.18, 0.16, 0.02, 0.04, 0.50 };

static void number(struct eh_names *n, const char *pattern, size_t count)
{
	n->v = eh_xcalloc(count, sizeof *n->v);
	n->n = count;
	for (size_t i = 0; i < count; i++)
		n->v[i] = eh_xasprintf(pattern, (unsigned)i);
}

static struct eh_attribute_data *attribute(struct eh_audit_data *d, const char *name, const char *const *groups,
					   size_t n)
{
	struct eh_attribute_data *a = eh_xcalloc(1, sizeof *a);

	(void)snprintf(a->name, sizeof a->name, "%s", name);
	a->n_groups = n;
	for (size_t g = 0; g < n; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "%s", groups[g]);
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
	a->provenance = eh_xcalloc(d->candidates.n, sizeof *a->provenance);
	d->attributes = a;
	d->n_attributes = 1;
	return a;
}

static double expit(double x) { return 1.0 / (1.0 + exp(-x)); }

struct jobs {
	double base[POSITIONS]; /* logit */
	double upto[POSITIONS][SIM_GROUPS];
};

static void make_jobs(struct jobs *j, struct eh_rng *rng)
{
	for (size_t k = 0; k < POSITIONS; k++) {
		double p = 0.2 + 0.4 * eh_rng_unit(rng), all = 0.0;

		j->base[k] = log(p / (1.0 - p));
		for (size_t g = 0; g < SIM_GROUPS; g++) {
			double mix = g < 3 ? 0.5 + eh_rng_unit(rng) : 1.0; /* asian, black, hispanic */

			j->upto[k][g] = all += shares[g] * mix;
		}
		for (size_t g = 0; g < SIM_GROUPS; g++)
			j->upto[k][g] /= all;
	}
}

int sim_table_make(struct eh_audit_data *d, int *victim, const struct sim_table *t, struct eh_err *err)
{
	size_t n = t->evaluators * t->each;
	struct eh_attribute_data *a;
	struct jobs jobs;
	struct eh_rng rng;
	int rc;

	memset(d, 0, sizeof *d);
	rc = eh_audit_data_room(d, n, false, err);
	if (rc != EH_OK)
		return rc;
	(void)snprintf(d->source, sizeof d->source, "simulation");
	number(&d->evaluators, "E%04u", t->evaluators);
	number(&d->strata, "J%02u", POSITIONS);
	number(&d->positions, "J%02u", POSITIONS);
	d->candidates.n = n;
	d->position = eh_xcalloc(n, sizeof *d->position);
	a = attribute(d, "race", sim_groups, SIM_GROUPS);
	eh_rng_seed_named(&rng, t->seed, "table");
	make_jobs(&jobs, &rng);
	for (size_t e = 0, i = 0; e < t->evaluators; e++) {
		double severity = 0.35 * eh_rng_normal(&rng);

		victim[e] = e < t->biased
				    ? t->victim_from +
					      (int)eh_rng_below(&rng, (uint64_t)(t->victim_to - t->victim_from + 1))
				    : -1;
		for (size_t r = 0; r < t->each; r++, i++) {
			size_t k = (size_t)eh_rng_below(&rng, POSITIONS), g = 0;
			double u = eh_rng_unit(&rng), p = expit(jobs.base[k] - severity);

			while (g + 1 < SIM_GROUPS && u >= jobs.upto[k][g])
				g++;
			if (victim[e] == (int)g)
				p *= t->effect;
			d->evaluator[i] = (uint32_t)e;
			d->candidate[i] = (uint32_t)i;
			d->stratum[i] = d->position[i] = (uint32_t)k;
			d->selected[i] = eh_rng_unit(&rng) < p;
			a->group[i] = (int16_t)g;
			a->provenance[i] = EH_DECLARED;
		}
	}
	return EH_OK;
}

/* ---- predicted classes ---- */

/* P(class 1 | score) in a pool with this share, both densities normal. */
static double posterior(double x, double shift, double pool)
{
	return expit(shift * x - 0.5 * shift * shift + log(pool / (1.0 - pool)));
}

/* Rates by class when the decision follows the score: integrals over the two densities. */
static double ratio_by_score(const struct sim_predicted *s, double shift)
{
	double rate[2] = { 0.0, 0.0 };

	for (int k = 0; k < 2; k++)
		for (int i = 0; i < GRID; i++) {
			double x = -8.0 + 16.0 * (i + 0.5) / GRID;
			double p = posterior(x + k * shift, shift, s->pool);

			rate[k] += exp(-0.5 * x * x) * 0.5 * (1.0 - p + p * s->ratio);
		}
	return rate[1] / rate[0];
}

static struct eh_platt calibrate(const struct sim_predicted *s, double shift, struct eh_rng *rng, double *share)
{
	double f[LABELLED];
	int8_t label[LABELLED];
	struct eh_platt platt;
	size_t ones = 0;

	for (size_t i = 0; i < LABELLED; i++) {
		bool one = eh_rng_unit(rng) < s->labelled;

		f[i] = eh_rng_normal(rng) + (one ? shift : 0.0);
		label[i] = one ? 1 : -1;
		ones += one;
	}
	*share = (double)ones / LABELLED;
	(void)eh_platt_fit(&platt, f, label, LABELLED, NULL);
	return platt;
}

double sim_predicted_make(struct eh_audit_data *d, const struct sim_predicted *s, uint64_t seed, uint64_t repetition)
{
	static const char *const groups[] = { "a", "b" };
	const double shift = sqrt(2.0) * gsl_cdf_ugaussian_Pinv(s->auc);
	struct eh_attribute_data *a;
	struct eh_platt platt;
	struct eh_rng rng;
	char name[32];
	double share;

	(void)snprintf(name, sizeof name, "predicted %llu", (unsigned long long)repetition);
	eh_rng_seed_named(&rng, seed, name);
	memset(d, 0, sizeof *d);
	if (eh_audit_data_room(d, s->evaluators * s->each, false, NULL) != EH_OK)
		return NAN;
	number(&d->evaluators, "E%03u", s->evaluators);
	number(&d->strata, "s%u", 1);
	d->candidates.n = d->n_decisions;
	a = attribute(d, "class", groups, 2);
	a->prob = eh_xcalloc(2 * d->n_decisions, sizeof *a->prob);
	a->auc_lo = eh_num(s->auc - 0.04); /* as 500 labelled ones would say */
	platt = calibrate(s, shift, &rng, &share);
	a->prior[0] = share;
	a->prior[1] = 1.0 - share;
	for (size_t i = 0; i < d->n_decisions; i++) {
		bool one = eh_rng_unit(&rng) < s->pool;
		double x = eh_rng_normal(&rng) + (one ? shift : 0.0), p = one;

		if (s->by_score)
			p = posterior(x, shift, s->pool);
		d->evaluator[i] = (uint32_t)(i / s->each);
		d->candidate[i] = (uint32_t)i;
		d->selected[i] = eh_rng_unit(&rng) < 0.5 * (1.0 - p + p * s->ratio);
		a->group[i] = -1;
		a->provenance[i] = EH_PREDICTED;
		a->prob[2 * i] = eh_platt(platt, x);
		a->prob[2 * i + 1] = 1.0 - a->prob[2 * i];
	}
	return s->by_score ? ratio_by_score(s, shift) : s->ratio;
}

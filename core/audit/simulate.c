/* Decisions drawn for a given design; see simulate.h. */
#include "audit/simulate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/intersect.h"
#include "base/mem.h"
#include "base/rng.h"

#define ROUNDS_MAX 200
#define SETTLED 1e-5  /* [logit] largest step of the last round */
#define LOGIT_MAX 8.0 /* where everybody or nobody is selected; p = .9997 */
#define VARIANCE_MIN 1e-4

struct cell { /* evaluator x stratum */
	uint32_t stratum, n, selected;
};

/* One side of the sum: strata or evaluators. */
struct effects {
	double *value, *gradient, *weight; /* [n] logit */
	size_t n;
	double mean, variance;
};

/* A crossed attribute's parts; an attribute of its own has `from` NULL.  A person's pair is that of his classes, so it
 * is looked up and not drawn. */
struct crossed {
	int16_t *from; /* [groups of a][groups of b] group of the pair, -1 = none */
	size_t a, b;
};

struct eh_sim {
	const struct eh_audit_data *d;
	struct eh_sim_estimates estimates;
	double *stratum, *evaluator; /* factors of the odds */
	double *judged;		     /* [evaluators][n_columns] expected decisions per attribute x group */
	size_t n_columns, *column;   /* [n_attributes] first column of each attribute */
	int16_t **truth;	     /* [n_attributes] -> [candidates], of predicted candidates drawn anew each time */
	struct crossed *crossed;     /* [n_attributes] */
	double *own;		     /* [candidates] the candidate's u; NULL where no decisions go together */
	uint32_t *shuffled;	     /* [evaluators] */
};

/* ---- rates ---- */

/* Counts per evaluator x stratum that occurs; at [evaluators + 1]. */
static int count_cells(struct cell **out, size_t *at, const struct eh_audit_data *d)
{
	uint32_t *place = eh_try_calloc(d->strata.n + 1, sizeof *place); /* 1 + index of the evaluator's cell */
	struct cell *v = eh_try_malloc(d->n_decisions + 1, sizeof *v);
	size_t n = 0;

	if (place == NULL || v == NULL) {
		free(place);
		free(v);
		return EH_ENOMEM;
	}
	for (size_t e = 0; e < d->evaluators.n; e++) {
		at[e] = n;
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			uint32_t k = d->stratum[i];

			if (place[k] == 0) {
				v[n++] = (struct cell){ k, 0, 0 };
				place[k] = (uint32_t)(n - at[e]);
			}
			v[at[e] + place[k] - 1].n++;
			v[at[e] + place[k] - 1].selected += d->selected[i];
		}
		for (size_t c = at[e]; c < n; c++)
			place[v[c].stratum] = 0;
	}
	at[d->evaluators.n] = n;
	free(place);
	*out = v;
	return EH_OK;
}

static int effects_new(struct effects *f, size_t n, double variance)
{
	*f = (struct effects){ .n = n, .variance = variance };
	f->value = eh_try_calloc(n + 1, sizeof *f->value);
	f->gradient = eh_try_calloc(n + 1, sizeof *f->gradient);
	f->weight = eh_try_calloc(n + 1, sizeof *f->weight);
	return f->value != NULL && f->gradient != NULL && f->weight != NULL ? EH_OK : EH_ENOMEM;
}

static void effects_free(struct effects *f)
{
	free(f->value);
	free(f->gradient);
	free(f->weight);
}

/* One Newton step of every effect under its normal prior, then the variance of the prior; returns the largest step. */
static double effects_step(struct effects *f)
{
	double most = 0.0, squares = 0.0, sum = 0.0;

	for (size_t i = 0; i < f->n; i++) {
		double weight = f->weight[i] + 1.0 / f->variance;
		double step = (f->gradient[i] - (f->value[i] - f->mean) / f->variance) / weight;
		double to = fmax(-LOGIT_MAX, fmin(LOGIT_MAX, f->value[i] + fmax(-2.0, fmin(2.0, step))));

		most = fmax(most, fabs(to - f->value[i]));
		f->value[i] = to;
		sum += to;
		squares += (to - f->mean) * (to - f->mean) + 1.0 / weight;
	}
	f->variance = fmax(VARIANCE_MIN, squares / (double)f->n);
	f->gradient[f->n] = sum / (double)f->n; /* the spare element: mean of the values */
	return most;
}

static void effects_score(struct effects *f, bool of_strata, const struct effects *other, const struct cell *cell,
			  const size_t *at, size_t n_evaluators)
{
	memset(f->gradient, 0, f->n * sizeof *f->gradient);
	memset(f->weight, 0, f->n * sizeof *f->weight);
	for (size_t e = 0; e < n_evaluators; e++) {
		for (size_t c = at[e]; c < at[e + 1]; c++) {
			size_t k = cell[c].stratum, i = of_strata ? k : e;
			double logit = of_strata ? f->value[k] + other->value[e] : f->value[e] + other->value[k];
			double p = 1.0 / (1.0 + exp(-logit));

			f->gradient[i] += cell[c].selected - p * cell[c].n;
			f->weight[i] += p * (1.0 - p) * cell[c].n;
		}
	}
}

/* Strata and evaluators in turn; the evaluators' effects have mean 0, what is common is the strata's. */
static int fit_rates(struct eh_sim *s)
{
	const struct eh_audit_data *d = s->d;
	struct effects strata, evaluators;
	size_t *at = eh_try_calloc(d->evaluators.n + 1, sizeof *at);
	struct cell *cell = NULL;
	double step = 1.0;
	int rc = effects_new(&strata, d->strata.n, 1.0);

	if (effects_new(&evaluators, d->evaluators.n, 0.25) < 0 || at == NULL)
		rc = EH_ENOMEM;
	if (rc == EH_OK)
		rc = count_cells(&cell, at, d);
	strata.mean = log((s->estimates.rate + 1e-3) / (1.0 - s->estimates.rate + 1e-3));
	for (size_t k = 0; rc == EH_OK && k < strata.n; k++)
		strata.value[k] = strata.mean;
	for (int round = 0; rc == EH_OK && round < ROUNDS_MAX && step > SETTLED; round++) {
		effects_score(&strata, true, &evaluators, cell, at, d->evaluators.n);
		step = effects_step(&strata);
		strata.mean = strata.gradient[strata.n];
		effects_score(&evaluators, false, &strata, cell, at, d->evaluators.n);
		step = fmax(step, effects_step(&evaluators));
	}
	for (size_t k = 0; rc == EH_OK && k < strata.n; k++)
		s->stratum[k] = exp(strata.value[k]);
	for (size_t e = 0; rc == EH_OK && e < evaluators.n; e++)
		s->evaluator[e] = exp(evaluators.value[e]);
	s->estimates.severity_sd = evaluators.n > 1 ? sqrt(evaluators.variance) : 0.0;
	s->estimates.stratum_sd = strata.n > 1 ? sqrt(strata.variance) : 0.0;
	effects_free(&strata);
	effects_free(&evaluators);
	free(cell);
	free(at);
	return rc;
}

static double rate_of(const struct eh_sim *s, size_t evaluator, size_t row)
{
	double odds = s->evaluator[evaluator] * s->stratum[s->d->stratum[row]];

	return odds / (1.0 + odds);
}

/* ---- likeness of decisions on one candidate ---- */

struct pairs {
	double together, most; /* sum e e', sum min(p, p') - p p' over pairs */
};

static int order_of(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Adds the pairs of n decisions: p [n] is sorted here; e, squares: sums of the residuals. */
static void add_pairs(struct pairs *out, double *p, size_t n, double e, double squares)
{
	double sum = 0.0, of_squares = 0.0, least = 0.0;

	if (n < 2)
		return;
	qsort(p, n, sizeof *p, order_of);
	for (size_t i = 0; i < n; i++) {
		least += p[i] * (double)(n - 1 - i);
		sum += p[i];
		of_squares += p[i] * p[i];
	}
	out->together += 0.5 * (e * e - squares);
	out->most += least - 0.5 * (sum * sum - of_squares);
}

static void pairs_within(struct pairs *out, const struct eh_sim *s, double *p)
{
	const struct eh_audit_data *d = s->d;

	for (size_t e = 0; e < d->evaluators.n; e++) {
		for (size_t i = d->evaluator_at[e], to; i < d->evaluator_at[e + 1]; i = to) {
			double sum = 0.0, squares = 0.0;

			for (to = i; to < d->evaluator_at[e + 1] && d->candidate[to] == d->candidate[i]; to++) {
				double rate = rate_of(s, e, to), residual = d->selected[to] - rate;

				p[to - i] = rate;
				sum += residual;
				squares += residual * residual;
			}
			add_pairs(out, p, to - i, sum, squares);
		}
	}
}

/* p [n_decisions] is room. */
static int pairs_of_all(struct pairs *out, const struct eh_sim *s, double *p)
{
	const struct eh_audit_data *d = s->d;
	size_t *at = eh_try_calloc(d->candidates.n + 2, sizeof *at);
	double *sum = eh_try_calloc(2 * d->candidates.n + 1, sizeof *sum);

	if (at == NULL || sum == NULL) {
		free(at);
		free(sum);
		return EH_ENOMEM;
	}
	for (size_t i = 0; i < d->n_decisions; i++)
		at[d->candidate[i] + 2]++;
	for (size_t c = 0; c < d->candidates.n; c++)
		at[c + 1] += at[c];
	for (size_t e = 0; e < d->evaluators.n; e++) {
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			uint32_t c = d->candidate[i];
			double rate = rate_of(s, e, i), residual = d->selected[i] - rate;

			p[at[c + 1]++] = rate;
			sum[2 * c] += residual;
			sum[2 * c + 1] += residual * residual;
		}
	}
	for (size_t c = 0; c < d->candidates.n; c++)
		add_pairs(out, &p[at[c]], at[c + 1] - at[c], sum[2 * c], sum[2 * c + 1]);
	free(at);
	free(sum);
	return EH_OK;
}

static double share(double part, double of) { return of > 0.0 ? fmax(0.0, fmin(1.0, part / of)) : 0.0; }

static int measure_likeness(struct eh_sim *s)
{
	struct pairs within = { 0.0, 0.0 }, all = { 0.0, 0.0 };
	double *p = eh_try_malloc(s->d->n_decisions + 1, sizeof *p);
	double across;
	int rc = p == NULL ? EH_ENOMEM : pairs_of_all(&all, s, p);

	if (rc == EH_OK)
		pairs_within(&within, s, p);
	free(p);
	across = share(all.together - within.together, all.most - within.most);
	/* what two evaluators share, two decisions of one share too */
	s->estimates.across = across;
	s->estimates.within = fmax(across, share(within.together, within.most));
	if (within.most <= 0.0)
		s->estimates.within = across;
	if (rc != EH_OK || !(s->estimates.within > 0.0))
		return rc;
	s->own = eh_try_calloc(s->d->candidates.n + 1, sizeof *s->own);
	return s->own != NULL ? EH_OK : EH_ENOMEM;
}

/* ---- classes ---- */

/* Index of the attribute of that name before the k-th, or k. */
static size_t part_named(const struct eh_audit_data *d, size_t k, const char *name, size_t len)
{
	for (size_t i = 0; i < k; i++)
		if (strlen(d->attributes[i].name) == len && memcmp(d->attributes[i].name, name, len) == 0)
			return i;
	return k;
}

static int find_parts(struct crossed *x, const struct eh_audit_data *d, size_t k)
{
	const struct eh_attribute_data *to = &d->attributes[k], *a, *b;
	const char *join = strstr(to->name, EH_INTERSECT_JOIN), *second;
	char name[2 * EH_NAME_MAX + sizeof EH_INTERSECT_JOIN];

	if (join == NULL)
		return EH_OK;
	second = join + sizeof EH_INTERSECT_JOIN - 1;
	x->a = part_named(d, k, to->name, (size_t)(join - to->name));
	x->b = part_named(d, k, second, strlen(second));
	if (x->a == k || x->b == k)
		return EH_OK;
	a = &d->attributes[x->a];
	b = &d->attributes[x->b];
	x->from = eh_try_malloc(a->n_groups * b->n_groups, sizeof *x->from);
	if (x->from == NULL)
		return EH_ENOMEM;
	for (size_t g = 0; g < a->n_groups; g++)
		for (size_t h = 0; h < b->n_groups; h++) {
			(void)snprintf(name, sizeof name, "%s%s%s", a->groups[g], EH_INTERSECT_JOIN, b->groups[h]);
			x->from[g * b->n_groups + h] = -1;
			for (size_t i = 0; i < to->n_groups; i++)
				if (strcmp(to->groups[i], name) == 0)
					x->from[g * b->n_groups + h] = (int16_t)i;
		}
	return EH_OK;
}

static int count_judged(struct eh_sim *s)
{
	const struct eh_audit_data *d = s->d;

	for (size_t a = 0; a < d->n_attributes; a++) {
		s->column[a] = s->n_columns;
		s->n_columns += d->attributes[a].n_groups;
		s->truth[a] = eh_try_calloc(d->candidates.n + 1, sizeof **s->truth);
		if (s->truth[a] == NULL)
			return EH_ENOMEM;
		memcpy(s->truth[a], d->attributes[a].group, d->candidates.n * sizeof **s->truth);
		if (find_parts(&s->crossed[a], d, a) != EH_OK)
			return EH_ENOMEM;
	}
	s->judged = eh_try_calloc(d->evaluators.n * s->n_columns + 1, sizeof *s->judged);
	if (s->judged == NULL)
		return EH_ENOMEM;
	for (size_t e = 0; e < d->evaluators.n; e++) {
		for (size_t a = 0; a < d->n_attributes; a++) {
			const struct eh_attribute_data *at = &d->attributes[a];
			double *n = &s->judged[e * s->n_columns + s->column[a]];

			for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
				uint32_t c = d->candidate[i];

				if (at->group[c] >= 0)
					n[at->group[c]] += 1.0;
				else if (at->provenance[c] == EH_PREDICTED && at->prob != NULL)
					for (size_t g = 0; g < at->n_groups; g++)
						n[g] += at->prob[c * at->n_groups + g];
			}
		}
	}
	return EH_OK;
}

double eh_sim_judged(const struct eh_sim *s, uint32_t evaluator, struct eh_sim_cell cell)
{
	return s->judged[evaluator * s->n_columns + s->column[cell.attribute] + cell.group];
}

static void cross_truth(struct eh_sim *s, size_t attribute)
{
	const struct crossed *x = &s->crossed[attribute];
	size_t width = s->d->attributes[x->b].n_groups;

	for (size_t c = 0; c < s->d->candidates.n; c++) {
		int16_t g = s->truth[x->a][c], h = s->truth[x->b][c];

		s->truth[attribute][c] = g >= 0 && h >= 0 ? x->from[(size_t)g * width + (size_t)h] : (int16_t)-1;
	}
}

static void draw_truth(struct eh_sim *s, struct eh_rng *rng, size_t attribute)
{
	const struct eh_attribute_data *a = &s->d->attributes[attribute];

	if (s->crossed[attribute].from != NULL) {
		cross_truth(s, attribute);
		return;
	}
	for (size_t c = 0; a->prob != NULL && c < s->d->candidates.n; c++) {
		const double *p = &a->prob[c * a->n_groups];
		double u, sum = 0.0;
		size_t g = 0;

		if (a->group[c] >= 0 || a->provenance[c] != EH_PREDICTED)
			continue;
		for (size_t k = 0; k < a->n_groups; k++)
			sum += p[k];
		u = eh_rng_unit(rng) * sum;
		while (g + 1 < a->n_groups && u >= p[g])
			u -= p[g++];
		s->truth[attribute][c] = (int16_t)g;
	}
}

/* ---- one repetition ---- */

/* A stream of its own for each part of each repetition, so that a plan changes nothing but what it is about. */
static void stream(struct eh_rng *rng, uint64_t seed, const char *part, uint64_t repetition)
{
	char name[48];

	(void)snprintf(name, sizeof name, "simulate %s %llu", part, (unsigned long long)repetition);
	eh_rng_seed_named(rng, seed, name);
}

static uint32_t choose_guilty(uint32_t *guilty, struct eh_sim *s, const struct eh_sim_plan *plan, uint64_t repetition)
{
	size_t n = s->d->evaluators.n;
	uint32_t found = 0;
	struct eh_rng rng;

	stream(&rng, plan->seed, "guilt", repetition);
	for (uint32_t e = 0; e < n; e++) {
		s->shuffled[e] = e;
		guilty[e] = EH_SIM_INNOCENT;
	}
	eh_rng_shuffle(&rng, s->shuffled, n);
	for (size_t i = 0; i < n && found < plan->biased; i++) {
		uint32_t e = s->shuffled[i];
		size_t able = 0, nth;

		for (size_t k = 0; k < plan->n_cells; k++)
			able += eh_sim_judged(s, e, plan->cell[k]) >= 1.0;
		if (able == 0)
			continue;
		nth = (size_t)eh_rng_below(&rng, able);
		for (size_t k = 0; guilty[e] == EH_SIM_INNOCENT; k++)
			if (eh_sim_judged(s, e, plan->cell[k]) >= 1.0 && nth-- == 0)
				guilty[e] = (uint32_t)k;
		found++;
	}
	return found;
}

/* The decisions of one evaluator on one candidate: rows from..to. */
static void decide(uint8_t *selected, const struct eh_sim *s, struct eh_rng *rng, size_t evaluator, size_t from,
		   size_t to, double factor)
{
	const double across = sqrt(s->estimates.across);
	const double within = fmin(1.0, across + sqrt(s->estimates.within - s->estimates.across));
	double together = to - from > 1 && s->own != NULL ? eh_rng_unit(rng) : 0.0;

	for (size_t i = from; i < to; i++) {
		double follows = s->own != NULL ? eh_rng_unit(rng) : 1.0, u = eh_rng_unit(rng);

		if (follows < across)
			u = s->own[s->d->candidate[i]];
		else if (follows < within && to - from > 1)
			u = together;
		selected[i] = u < factor * rate_of(s, evaluator, i);
	}
}

uint32_t eh_sim_draw(uint8_t *selected, uint32_t *guilty, struct eh_sim *s, const struct eh_sim_plan *plan,
		     uint64_t repetition)
{
	const struct eh_audit_data *d = s->d;
	uint32_t found = choose_guilty(guilty, s, plan, repetition);
	struct eh_rng rng;

	stream(&rng, plan->seed, "classes", repetition);
	for (size_t a = 0; a < d->n_attributes; a++)
		draw_truth(s, &rng, a);
	stream(&rng, plan->seed, "candidates", repetition);
	for (size_t c = 0; s->own != NULL && c < d->candidates.n; c++)
		s->own[c] = eh_rng_unit(&rng);
	stream(&rng, plan->seed, "decisions", repetition);
	for (size_t e = 0; e < d->evaluators.n; e++) {
		const struct eh_sim_cell *cell = guilty[e] != EH_SIM_INNOCENT ? &plan->cell[guilty[e]] : NULL;

		for (size_t i = d->evaluator_at[e], to; i < d->evaluator_at[e + 1]; i = to) {
			uint32_t c = d->candidate[i];
			bool of_group = cell != NULL && s->truth[cell->attribute][c] == (int)cell->group;

			for (to = i + 1; to < d->evaluator_at[e + 1] && d->candidate[to] == c; to++)
				;
			decide(selected, s, &rng, e, i, to, of_group ? plan->effect : 1.0);
		}
	}
	return found;
}

/* ---- */

const struct eh_sim_estimates *eh_sim_estimates(const struct eh_sim *s) { return &s->estimates; }

static double overall_rate(const struct eh_audit_data *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->n_decisions; i++)
		n += d->selected[i];
	return (double)n / (double)d->n_decisions;
}

int eh_sim_new(struct eh_sim **out, const struct eh_audit_data *d, struct eh_err *err)
{
	struct eh_sim *s = eh_xcalloc(1, sizeof *s);
	int rc = EH_ENOMEM;

	*out = NULL;
	s->d = d;
	if (d->n_decisions == 0 || d->evaluator_at == NULL) {
		free(s);
		return eh_err_set(err, EH_EINVAL, "simulation: there are no decisions to learn rates from");
	}
	s->estimates.rate = overall_rate(d);
	s->stratum = eh_try_calloc(d->strata.n + 1, sizeof *s->stratum);
	s->evaluator = eh_try_calloc(d->evaluators.n + 1, sizeof *s->evaluator);
	s->shuffled = eh_try_calloc(d->evaluators.n + 1, sizeof *s->shuffled);
	s->column = eh_try_calloc(d->n_attributes + 1, sizeof *s->column);
	s->truth = eh_try_calloc(d->n_attributes + 1, sizeof *s->truth);
	s->crossed = eh_try_calloc(d->n_attributes + 1, sizeof *s->crossed);
	if (s->stratum != NULL && s->evaluator != NULL && s->shuffled != NULL && s->column != NULL &&
	    s->truth != NULL && s->crossed != NULL)
		rc = fit_rates(s);
	if (rc == EH_OK)
		rc = measure_likeness(s);
	if (rc == EH_OK)
		rc = count_judged(s);
	if (rc != EH_OK) {
		eh_sim_free(&s);
		return eh_err_set(err, rc, "simulation: out of memory for %zu decisions", d->n_decisions);
	}
	*out = s;
	return EH_OK;
}

void eh_sim_free(struct eh_sim **s)
{
	if (*s == NULL)
		return;
	for (size_t a = 0; (*s)->truth != NULL && a < (*s)->d->n_attributes; a++)
		free((*s)->truth[a]);
	for (size_t a = 0; (*s)->crossed != NULL && a < (*s)->d->n_attributes; a++)
		free((*s)->crossed[a].from);
	free((*s)->crossed);
	free((*s)->truth);
	free((*s)->column);
	free((*s)->judged);
	free((*s)->stratum);
	free((*s)->evaluator);
	free((*s)->shuffled);
	free((*s)->own);
	free(*s);
	*s = NULL;
}

/* Alpha, kappa and intraclass correlation; see agreement.h. */
#include "audit/agreement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

static size_t unit_size(const struct eh_ratings *r, size_t u)
{
	return r->at[u + 1] - r->at[u];
}

static int no_memory(const struct eh_ratings *r, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "no memory for %zu ratings", r->at[r->n_units]);
}

/* ---- categories ---- */

/* The values of the units with two or more ratings, sorted, and each rating's place among them. */
struct categories {
	double *value;                  /* [n] */
	uint32_t *code;                 /* [ratings] read only in such units */
	uint64_t *count;                /* [n] ratings */
	size_t n;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void categories_free(struct categories *c)
{
	free(c->value);
	free(c->code);
	free(c->count);
}

static uint32_t code_of(const struct categories *c, double x)
{
	size_t lo = 0, hi = c->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->value[mid] <= x)
			lo = mid;
		else
			hi = mid;
	}
	return (uint32_t)lo;
}

/* all: room for every rating; may be c->value itself. */
static void collect_values(struct categories *c, const struct eh_ratings *r, double *all)
{
	size_t n = 0;

	for (size_t u = 0; u < r->n_units; u++) {
		if (unit_size(r, u) < 2)
			continue;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
			all[n++] = r->value[i];
	}
	qsort(all, n, sizeof *all, by_value);
	for (size_t i = 0; i < n; i++)
		if (c->n == 0 || all[i] > c->value[c->n - 1])
			c->value[c->n++] = all[i];
}

static int categories_make(struct categories *c, const struct eh_ratings *r, struct eh_err *err)
{
	const size_t n = r->at[r->n_units];

	memset(c, 0, sizeof *c);
	c->value = eh_try_malloc(n + 1, sizeof *c->value);
	c->code = eh_try_malloc(n + 1, sizeof *c->code);
	c->count = eh_try_calloc(n + 1, sizeof *c->count);
	if (c->value == NULL || c->code == NULL || c->count == NULL) {
		categories_free(c);
		return no_memory(r, err);
	}
	collect_values(c, r, c->value);         /* in place: the list of categories never overtakes the values */
	for (size_t u = 0; u < r->n_units; u++) {
		if (unit_size(r, u) < 2)
			continue;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++) {
			c->code[i] = code_of(c, r->value[i]);
			c->count[c->code[i]]++;
		}
	}
	return EH_OK;
}

/* ---- Krippendorff ---- */

/*
 * Squared differences of a place on a line give the disagreement of the interval scale, of the ordinal one (place =
 * mid-rank) and of two categories (place = 0 or 1); its sums add up over clusters.  More categories without an order
 * need their counts.
 */
struct alpha {
	const struct eh_ratings *r;
	struct categories cat;
	bool line;
	double *place;                  /* [categories] */
	double *within;                 /* [units] disagreement within the unit, 0 with one rating */
	size_t *unit_from;              /* [clusters + 1] */
	size_t n_clusters;
	double *weight;                 /* [clusters] how often it was drawn */
	double *count;                  /* [categories] room */
	double (*sums)[4];              /* [clusters] within, ratings, sum, sum of squares; only line */
};

static void alpha_free(struct alpha *a)
{
	categories_free(&a->cat);
	free(a->place);
	free(a->within);
	free(a->unit_from);
	free(a->weight);
	free(a->count);
	free(a->sums);
}

static void set_places(struct alpha *a, enum eh_rating_scale scale)
{
	const struct categories *c = &a->cat;
	double before = 0.0, centre = c->n > 0 ? c->value[c->n / 2] : 0.0;

	for (size_t k = 0; k < c->n; k++) {
		double n = (double)c->count[k];

		a->place[k] = scale == EH_INTERVAL ? c->value[k] - centre :
			      scale == EH_ORDINAL  ? before + n / 2.0 :
						     (double)k;
		before += n;
	}
}

/* Ordered pairs that differ, over m - 1. */
static double within_unit(struct alpha *a, size_t u)
{
	const struct eh_ratings *r = a->r;
	const double m = (double)unit_size(r, u);
	double sum = 0.0, square = 0.0;

	if (m < 2.0)
		return 0.0;
	for (size_t i = r->at[u]; i < r->at[u + 1]; i++) {
		double x = a->place[a->cat.code[i]] - a->place[a->cat.code[r->at[u]]];

		sum += x;
		square += x * x;
		a->count[a->cat.code[i]] += 1.0;
	}
	if (a->line) {
		square = 2.0 * (m * square - sum * sum);
	} else {
		square = m * m;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
			square -= a->count[a->cat.code[i]];     /* each of c equal ones once: c squared */
	}
	for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
		a->count[a->cat.code[i]] = 0.0;
	return square / (m - 1.0);
}

static void cut_clusters(struct alpha *a)
{
	const struct eh_ratings *r = a->r;

	for (size_t u = 0; u < r->n_units; u++)
		if (u == 0 || r->cluster == NULL || r->cluster[u] != r->cluster[u - 1])
			a->unit_from[a->n_clusters++] = u;
	a->unit_from[a->n_clusters] = r->n_units;
}

static void sum_clusters(struct alpha *a)
{
	const struct eh_ratings *r = a->r;

	for (size_t k = 0; k < a->n_clusters; k++) {
		double *s = a->sums[k];

		for (size_t u = a->unit_from[k]; u < a->unit_from[k + 1]; u++) {
			s[0] += a->within[u];
			for (size_t i = r->at[u]; unit_size(r, u) > 1 && i < r->at[u + 1]; i++) {
				double x = a->place[a->cat.code[i]];

				s[1] += 1.0;
				s[2] += x;
				s[3] += x * x;
			}
		}
	}
}

static int alpha_make(struct alpha *a, const struct eh_ratings *r, enum eh_rating_scale scale, struct eh_err *err)
{
	int rc;

	memset(a, 0, sizeof *a);
	a->r = r;
	rc = categories_make(&a->cat, r, err);
	if (rc != EH_OK)
		return rc;
	a->line = scale != EH_NOMINAL || a->cat.n <= 2;
	a->place = eh_try_calloc(a->cat.n + 1, sizeof *a->place);
	a->count = eh_try_calloc(a->cat.n + 1, sizeof *a->count);
	a->within = eh_try_calloc(r->n_units + 1, sizeof *a->within);
	a->unit_from = eh_try_calloc(r->n_units + 1, sizeof *a->unit_from);
	a->weight = eh_try_calloc(r->n_units + 1, sizeof *a->weight);
	a->sums = eh_try_calloc(r->n_units + 1, sizeof *a->sums);
	if (a->place == NULL || a->count == NULL || a->within == NULL || a->unit_from == NULL || a->weight == NULL ||
	    a->sums == NULL) {
		alpha_free(a);
		return no_memory(r, err);
	}
	set_places(a, scale);
	for (size_t u = 0; u < r->n_units; u++)
		a->within[u] = within_unit(a, u);
	cut_clusters(a);
	sum_clusters(a);
	return EH_OK;
}

/* 1 - Do/De; De = expected, both times n(n - 1). */
static struct eh_num alpha_of(double n, double within, double expected, double scale)
{
	if (n < 2.0)
		return eh_undefined(EH_U_ONE_RATING);
	if (expected <= 1e-12 * scale)
		return eh_undefined(EH_U_ONE_CATEGORY);
	return eh_num(1.0 - (n - 1.0) * within / expected);
}

static struct eh_num alpha_line(const struct alpha *a)
{
	double s[4] = { 0.0 }, expected;

	for (size_t k = 0; k < a->n_clusters; k++)
		for (size_t i = 0; i < 4 && a->weight[k] > 0.0; i++)
			s[i] += a->weight[k] * a->sums[k][i];
	expected = 2.0 * (s[1] * s[3] - s[2] * s[2]);
	return alpha_of(s[1], s[0], expected, s[1] * s[3]);
}

static struct eh_num alpha_counts(struct alpha *a)
{
	double n = 0.0, within = 0.0, same = 0.0;

	memset(a->count, 0, (a->cat.n + 1) * sizeof *a->count);
	for (size_t k = 0; k < a->n_clusters; k++) {
		for (size_t u = a->unit_from[k]; a->weight[k] > 0.0 && u < a->unit_from[k + 1]; u++) {
			within += a->weight[k] * a->within[u];
			for (size_t i = a->r->at[u]; unit_size(a->r, u) > 1 && i < a->r->at[u + 1]; i++)
				a->count[a->cat.code[i]] += a->weight[k];
		}
	}
	for (size_t k = 0; k < a->cat.n; k++) {
		n += a->count[k];
		same += a->count[k] * a->count[k];
	}
	return alpha_of(n, within, n * n - same, n * n);
}

static struct eh_num alpha_weighted(struct alpha *a)
{
	return a->line ? alpha_line(a) : alpha_counts(a);
}

static struct eh_num alpha_whole(struct alpha *a)
{
	for (size_t k = 0; k < a->n_clusters; k++)
		a->weight[k] = 1.0;
	return a->cat.n == 1 ? eh_undefined(EH_U_ONE_CATEGORY) : alpha_weighted(a);
}

int eh_alpha(struct eh_num *out, const struct eh_ratings *r, enum eh_rating_scale scale, struct eh_err *err)
{
	struct alpha a;
	int rc = alpha_make(&a, r, scale, err);

	if (rc != EH_OK)
		return rc;
	*out = alpha_whole(&a);
	alpha_free(&a);
	return EH_OK;
}

static double percentile(const double *sorted, size_t n, double p)
{
	double at = p * (double)(n - 1);
	size_t k = (size_t)at;

	return k + 1 < n ? sorted[k] + (at - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[n - 1];
}

static void draw(struct alpha *a, struct eh_rng *rng)
{
	memset(a->weight, 0, a->n_clusters * sizeof *a->weight);
	for (size_t k = 0; k < a->n_clusters; k++)
		a->weight[eh_rng_below(rng, a->n_clusters)] += 1.0;
}

int eh_alpha_interval(struct eh_num *out, struct eh_interval *interval, const struct eh_ratings *r,
		      enum eh_rating_scale scale, unsigned draws, uint64_t seed, struct eh_err *err)
{
	struct alpha a;
	struct eh_rng rng;
	double *v = NULL;
	size_t n = 0;
	int rc = alpha_make(&a, r, scale, err);

	if (rc != EH_OK)
		return rc;
	*out = alpha_whole(&a);
	interval->low = interval->high = out->defined ? eh_undefined(EH_U_TOO_FEW) : *out;
	v = eh_try_malloc(draws, sizeof *v);
	if (v == NULL) {
		alpha_free(&a);
		return no_memory(r, err);
	}
	eh_rng_seed_named(&rng, seed, "alpha");
	for (unsigned i = 0; out->defined && a.n_clusters > 1 && i < draws; i++) {
		struct eh_num x;

		draw(&a, &rng);
		x = alpha_weighted(&a);
		if (x.defined)
			v[n++] = x.value;
	}
	if (n > 0 && 10 * n >= 9 * (size_t)draws) {
		qsort(v, n, sizeof *v, by_value);
		interval->low = eh_num(percentile(v, n, 0.025));
		interval->high = eh_num(percentile(v, n, 0.975));
	}
	free(v);
	alpha_free(&a);
	return EH_OK;
}

/* ---- Cohen ---- */

/* Pairs of values of the two raters, one per common unit. */
static size_t common_units(double (*pair)[2], const struct eh_ratings *r, uint32_t a, uint32_t b)
{
	size_t n = 0;

	for (size_t u = 0; u < r->n_units; u++) {
		size_t at_a = SIZE_MAX, at_b = SIZE_MAX;

		for (size_t i = r->at[u]; i < r->at[u + 1]; i++) {
			at_a = r->rater[i] == a ? i : at_a;
			at_b = r->rater[i] == b ? i : at_b;
		}
		if (at_a == SIZE_MAX || at_b == SIZE_MAX)
			continue;
		pair[n][0] = r->value[at_a];
		pair[n++][1] = r->value[at_b];
	}
	return n;
}

static double disagreement(size_t i, size_t j, size_t n, enum eh_kappa_weight weight)
{
	double d = fabs((double)i - (double)j) / (double)(n - 1);

	return weight == EH_KAPPA_PLAIN ? (double)(i != j) : weight == EH_KAPPA_LINEAR ? d : d * d;
}

/* count [2][c->n]: how often either used each. */
static struct eh_num kappa_of(const struct categories *c, double (*pair)[2], size_t n, const double *count,
			      enum eh_kappa_weight weight)
{
	double seen = 0.0, chance = 0.0;

	for (size_t i = 0; i < n; i++)
		seen += disagreement(code_of(c, pair[i][0]), code_of(c, pair[i][1]), c->n, weight);
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; j < c->n; j++)
			chance += count[i] * count[c->n + j] * disagreement(i, j, c->n, weight);
	return eh_num(1.0 - (double)n * seen / chance);
}

int eh_kappa(struct eh_num *out, size_t *units, const struct eh_ratings *r, uint32_t a, uint32_t b,
	     enum eh_kappa_weight weight, struct eh_err *err)
{
	double(*pair)[2] = eh_try_malloc(r->n_units + 1, sizeof *pair);
	double *value = NULL, *count = NULL;
	struct categories c = { 0 };
	size_t n = pair != NULL ? common_units(pair, r, a, b) : 0;

	value = eh_try_malloc(2 * n + 1, sizeof *value);
	count = eh_try_calloc(4 * n + 1, sizeof *count);
	if (pair == NULL || value == NULL || count == NULL) {
		free(pair);
		free(value);
		free(count);
		return no_memory(r, err);
	}
	if (n > 0)
		memcpy(value, pair, 2 * n * sizeof *value);
	qsort(value, 2 * n, sizeof *value, by_value);
	c.value = value;
	for (size_t i = 0; i < 2 * n; i++)
		if (c.n == 0 || value[i] > value[c.n - 1])
			value[c.n++] = value[i];
	for (size_t i = 0; i < n; i++) {
		count[code_of(&c, pair[i][0])] += 1.0;
		count[c.n + code_of(&c, pair[i][1])] += 1.0;
	}
	*out = n == 0 ? eh_undefined(EH_U_ONE_RATING) :
	       c.n == 1 ? eh_undefined(EH_U_ONE_CATEGORY) :
			  kappa_of(&c, pair, n, count, weight);
	if (units != NULL)
		*units = n;
	free(pair);
	free(value);
	free(count);
	return EH_OK;
}

/* ---- Fleiss ---- */

int eh_fleiss(struct eh_num *out, const struct eh_ratings *r, struct eh_err *err)
{
	struct categories c;
	double agree = 0.0, ratings = 0.0, chance = 0.0;
	uint64_t *in_unit = NULL;
	size_t units = 0;
	int rc = categories_make(&c, r, err);

	if (rc != EH_OK)
		return rc;
	in_unit = eh_try_calloc(c.n + 1, sizeof *in_unit);
	if (in_unit == NULL) {
		categories_free(&c);
		return no_memory(r, err);
	}
	for (size_t u = 0; u < r->n_units; u++) {
		const double m = (double)unit_size(r, u);
		double same = -m;               /* nobody agrees with himself */

		if (m < 2.0)
			continue;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
			in_unit[c.code[i]]++;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
			same += (double)in_unit[c.code[i]];
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
			in_unit[c.code[i]] = 0;
		agree += same / (m * (m - 1.0));
		ratings += m;
		units++;
	}
	for (size_t k = 0; k < c.n; k++)
		chance += (double)c.count[k] * (double)c.count[k];
	chance /= ratings * ratings;
	*out = units == 0 ? eh_undefined(EH_U_ONE_RATING) :
	       c.n == 1 ? eh_undefined(EH_U_ONE_CATEGORY) :
			  eh_num((agree / (double)units - chance) / (1.0 - chance));
	free(in_unit);
	categories_free(&c);
	return EH_OK;
}

/* ---- intraclass correlation ---- */

struct squares {
	double n, k;                    /* units with two or more ratings, (mean) ratings of each */
	double between, within;         /* mean squares of the one-way layout */
	double raters, error;           /* of the two-way layout */
};

static struct eh_num share(double above, double below)
{
	return fabs(below) > 0.0 ? eh_num(above / below) : eh_undefined(EH_U_ZERO_VARIANCE);
}

/* The two-way layout: crossed when each of the raters who rated at all has all n units. */
static bool two_way(struct squares *s, const struct eh_ratings *r, double *sum, const size_t *count, double total,
		    double grand)
{
	double raters = 0.0, residual, k = 0.0;

	for (size_t j = 0; j < r->n_raters; j++) {
		double d;

		if (count[j] == 0)
			continue;
		if (count[j] != r->n_units)
			return false;
		d = sum[j] / s->n - grand;
		raters += s->n * d * d;
		k += 1.0;
	}
	residual = total - (s->n - 1.0) * s->between - raters;
	s->raters = raters / (k - 1.0);
	/* what rounding leaves of nothing is nothing */
	s->error = residual > 1e-12 * total ? residual / ((s->n - 1.0) * (k - 1.0)) : 0.0;
	return true;
}

static void one_way(struct squares *s, const struct eh_ratings *r, double grand, double *total)
{
	double between = 0.0, within = 0.0, all = 0.0, squares = 0.0;

	for (size_t u = 0; u < r->n_units; u++) {
		const double m = (double)unit_size(r, u);
		double mean = 0.0;

		if (m < 2.0)
			continue;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
			mean += r->value[i] / m;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++)
			within += (r->value[i] - mean) * (r->value[i] - mean);
		between += m * (mean - grand) * (mean - grand);
		all += m;
		squares += m * m;
	}
	*total = between + within;
	s->between = between / (s->n - 1.0);
	s->within = within / (all - s->n);
	s->k = (all - squares / all) / (s->n - 1.0);
}

/* Sums per rater over the units that count; returns the grand mean. */
static double rater_sums(struct squares *s, const struct eh_ratings *r, double *sum, size_t *count)
{
	double total = 0.0, n = 0.0;

	for (size_t u = 0; u < r->n_units; u++) {
		if (unit_size(r, u) < 2)
			continue;
		s->n += 1.0;
		for (size_t i = r->at[u]; i < r->at[u + 1]; i++) {
			sum[r->rater[i]] += r->value[i];
			count[r->rater[i]]++;
			total += r->value[i];
			n += 1.0;
		}
	}
	return n > 0.0 ? total / n : 0.0;
}

static void icc_of(struct eh_icc *out, const struct squares *s, bool crossed)
{
	const double b = s->between, w = s->within, k = s->k, e = s->error, j = s->raters;

	out->icc1 = share(b - w, b + (k - 1.0) * w);
	out->icc1k = share(b - w, b);
	if (!crossed)
		return;
	out->icc2 = share(b - e, b + (k - 1.0) * e + k * (j - e) / s->n);
	out->icc3 = share(b - e, b + (k - 1.0) * e);
	out->icc2k = share(b - e, b + (j - e) / s->n);
	out->icc3k = share(b - e, b);
}

int eh_icc(struct eh_icc *out, const struct eh_ratings *r, struct eh_err *err)
{
	double *sum = eh_try_calloc(r->n_raters + 1, sizeof *sum), grand, total = 0.0;
	size_t *count = eh_try_calloc(r->n_raters + 1, sizeof *count);
	struct squares s = { 0 };
	struct eh_num none;

	if (sum == NULL || count == NULL) {
		free(sum);
		free(count);
		return no_memory(r, err);
	}
	grand = rater_sums(&s, r, sum, count);
	none = eh_undefined(s.n < 1.0 ? EH_U_ONE_RATING : EH_U_ONE_PERSON);
	*out = (struct eh_icc){ none, none, none, none, none, none };
	if (s.n > 1.0) {
		out->icc2 = out->icc3 = out->icc2k = out->icc3k = eh_undefined(EH_U_NOT_CROSSED);
		one_way(&s, r, grand, &total);
		icc_of(out, &s, two_way(&s, r, sum, count, total, grand));
	}
	free(sum);
	free(count);
	return EH_OK;
}

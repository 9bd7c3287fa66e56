/* Pairs of classes as the groups of a further attribute; see intersect.h. */
#include "audit/intersect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define NAMED_MAX 6	/* rare pairs that a note names */
#define MASS_LEAST 1e-9 /* less of a person on a rare pair is rounding */

struct pair {
	char name[2 * EH_NAME_MAX + sizeof EH_INTERSECT_JOIN];
	size_t a, b;	/* groups */
	double persons; /* known ones and shares of predicted ones */
	int group;	/* in the new attribute, -1 = rare */
};

struct cross {
	const struct eh_attribute_data *a, *b;
	const uint32_t *weight; /* [n] persons that a candidate stands for; NULL = each for one */
	size_t n;		/* candidates */
	struct pair *pair;	/* [n_pairs] */
	size_t n_pairs;
	int group[EH_GROUPS_MAX][EH_GROUPS_MAX]; /* of the new attribute, -1 = none */
};

static const struct eh_attribute_data *named(const struct eh_audit_data *d, const char *name, size_t len)
{
	static const char *const prefixes[] = { "candidate_", "declared.", "imported." };

	for (size_t k = 0; k < sizeof prefixes / sizeof prefixes[0]; k++) {
		size_t n = strlen(prefixes[k]);

		if (len > n && strncmp(name, prefixes[k], n) == 0) {
			name += n;
			len -= n;
			break;
		}
	}
	for (size_t i = 0; i < d->n_attributes; i++)
		if (strlen(d->attributes[i].name) == len && strncasecmp(d->attributes[i].name, name, len) == 0)
			return &d->attributes[i];
	return NULL;
}

int eh_intersect_parse(size_t *a, size_t *b, const struct eh_audit_data *d, const char *text, struct eh_err *err)
{
	const struct eh_attribute_data *first = NULL, *second = NULL;
	const char *comma = strchr(text, ',');
	char list[200] = "";
	size_t used = 0;

	if (comma == NULL)
		return eh_err_set(err, EH_EUSAGE, "an intersection is two attributes such as sex,race, not '%.60s'",
				  text);
	first = named(d, text, (size_t)(comma - text));
	second = named(d, comma + 1, strlen(comma + 1));
	if (first != NULL && second != NULL && first != second) {
		*a = (size_t)(first - d->attributes);
		*b = (size_t)(second - d->attributes);
		return EH_OK;
	}
	for (size_t i = 0; i < d->n_attributes && used < sizeof list - 1; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%.60s", i > 0 ? ", " : "",
					 d->attributes[i].name);
	return eh_err_set(err, EH_EUSAGE, "intersection %.80s: two different attributes are needed, and there are %s",
			  text, list);
}

static bool is_predicted(const struct eh_attribute_data *a, size_t i)
{
	return a->prob != NULL && a->provenance[i] == EH_PREDICTED && a->group[i] < 0;
}

/* What is known of a person's class as one probability per group; false: nothing. */
static bool chances(double *p, const struct eh_attribute_data *a, size_t i)
{
	if (is_predicted(a, i)) {
		memcpy(p, &a->prob[i * a->n_groups], a->n_groups * sizeof *p);
		return true;
	}
	memset(p, 0, a->n_groups * sizeof *p);
	if (a->group[i] < 0)
		return false;
	p[a->group[i]] = 1.0;
	return true;
}

/* What the classifier says of a person of known class; where there is no classifier, the class. */
static bool labelled_chances(double *p, const struct eh_attribute_data *a, size_t i)
{
	if (a->group[i] < 0 || (a->prob != NULL && (a->labelled == NULL || a->labelled[i] == 0)))
		return false;
	if (a->prob == NULL)
		return chances(p, a, i);
	memcpy(p, &a->prob[i * a->n_groups], a->n_groups * sizeof *p);
	return true;
}

/* More persons first; of as many the first name. */
static int by_size(const void *x, const void *y)
{
	const struct pair *p = x, *q = y;

	if (p->persons > q->persons || p->persons < q->persons)
		return p->persons > q->persons ? -1 : 1;
	return strcmp(p->name, q->name);
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct pair *)x)->name, ((const struct pair *)y)->name);
}

static void list_pairs(struct cross *c)
{
	double persons[EH_GROUPS_MAX][EH_GROUPS_MAX] = { { 0.0 } }, p[EH_GROUPS_MAX], q[EH_GROUPS_MAX];

	for (size_t i = 0; i < c->n; i++) {
		const double w = c->weight != NULL ? c->weight[i] : 1.0;

		if (!chances(p, c->a, i) || !chances(q, c->b, i))
			continue;
		for (size_t g = 0; g < c->a->n_groups; g++)
			for (size_t h = 0; p[g] > 0.0 && h < c->b->n_groups; h++)
				persons[g][h] += w * p[g] * q[h];
	}
	for (size_t g = 0; g < c->a->n_groups; g++)
		for (size_t h = 0; h < c->b->n_groups; h++) {
			struct pair *x = &c->pair[c->n_pairs];

			if (!(persons[g][h] > 0.0))
				continue;
			*x = (struct pair){ .a = g, .b = h, .persons = persons[g][h], .group = -1 };
			(void)snprintf(x->name, sizeof x->name, "%s%s%s", c->a->groups[g], EH_INTERSECT_JOIN,
				       c->b->groups[h]);
			c->n_pairs++;
		}
}

static void note_rare(struct eh_intersect_rare *rare, const struct pair *v, size_t n)
{
	size_t used = 0;

	*rare = (struct eh_intersect_rare){ .pairs = n };
	for (size_t i = 0; i < n && i < NAMED_MAX && used < sizeof rare->named; i++)
		used += (size_t)snprintf(rare->named + used, sizeof rare->named - used, "%s%s (%.0f)",
					 i > 0 ? ", " : "", v[i].name, v[i].persons);
	if (n > NAMED_MAX && used < sizeof rare->named)
		(void)snprintf(rare->named + used, sizeof rare->named - used, " and %zu more", n - NAMED_MAX);
}

/* The pairs that become groups, in byte order; the others follow. */
static int choose(struct cross *c, struct eh_attribute_data *to, struct eh_intersect_rare *rare, struct eh_err *err)
{
	char name[2 * EH_NAME_MAX + sizeof EH_INTERSECT_JOIN];

	qsort(c->pair, c->n_pairs, sizeof *c->pair, by_size);
	to->n_groups = c->n_pairs < EH_GROUPS_MAX ? c->n_pairs : EH_GROUPS_MAX;
	(void)snprintf(name, sizeof name, "%s%s%s", c->a->name, EH_INTERSECT_JOIN, c->b->name);
	if (to->n_groups < 2)
		return eh_err_set(err, EH_ENOENT, "%s: fewer than two pairs of classes have persons", name);
	qsort(c->pair, to->n_groups, sizeof *c->pair, by_name);
	for (size_t i = 0; i <= to->n_groups; i++) {
		const char *x = i < to->n_groups ? c->pair[i].name : name;

		if (strlen(x) > EH_NAME_MAX)
			return eh_err_set(err, EH_ERANGE, "'%s' is longer than %d bytes; shorten the names in the data",
					  x, EH_NAME_MAX);
		memcpy(i < to->n_groups ? to->groups[i] : to->name, x, strlen(x) + 1);
		if (i == to->n_groups)
			break;
		c->pair[i].group = (int)i;
		c->group[c->pair[i].a][c->pair[i].b] = (int)i;
	}
	note_rare(rare, c->pair + to->n_groups, c->n_pairs - to->n_groups);
	return EH_OK;
}

static int room(struct eh_attribute_data *to, const struct cross *c)
{
	const bool predicted = c->a->prob != NULL || c->b->prob != NULL;

	to->group = eh_try_malloc(c->n + 1, sizeof *to->group);
	to->provenance = eh_try_calloc(c->n + 1, sizeof *to->provenance);
	if (predicted)
		to->prob = eh_try_calloc(c->n * to->n_groups + 1, sizeof *to->prob);
	if (predicted && (c->a->labelled != NULL || c->b->labelled != NULL))
		to->labelled = eh_try_calloc(c->n + 1, sizeof *to->labelled);
	if (c->a->out_of_scope != NULL || c->b->out_of_scope != NULL)
		to->out_of_scope = eh_try_calloc(c->n + 1, sizeof *to->out_of_scope);
	if (to->group == NULL || to->provenance == NULL || (predicted && to->prob == NULL) ||
	    (predicted && (c->a->labelled != NULL || c->b->labelled != NULL) && to->labelled == NULL) ||
	    ((c->a->out_of_scope != NULL || c->b->out_of_scope != NULL) && to->out_of_scope == NULL))
		return EH_ENOMEM;
	return EH_OK;
}

/* The products in a person's row; false: some of him is on a pair that is no group. */
static bool fill_row(double *row, const struct cross *c, const double *p, const double *q)
{
	double lost = 0.0;

	for (size_t g = 0; g < c->a->n_groups; g++)
		for (size_t h = 0; h < c->b->n_groups; h++) {
			if (c->group[g][h] >= 0)
				row[c->group[g][h]] = p[g] * q[h];
			else
				lost += p[g] * q[h];
		}
	return lost <= MASS_LEAST;
}

static void fill_person(struct eh_attribute_data *to, const struct cross *c, size_t i)
{
	double p[EH_GROUPS_MAX], q[EH_GROUPS_MAX];
	const uint8_t x = c->a->provenance[i], y = c->b->provenance[i];

	to->group[i] = -1;
	if (!chances(p, c->a, i) || !chances(q, c->b, i))
		return;
	if (!is_predicted(c->a, i) && !is_predicted(c->b, i)) {
		to->group[i] = (int16_t)c->group[c->a->group[i]][c->b->group[i]];
		if (to->group[i] < 0)
			return;
		to->provenance[i] = x > y ? x : y;
		if (to->labelled != NULL && labelled_chances(p, c->a, i) && labelled_chances(q, c->b, i))
			to->labelled[i] = fill_row(&to->prob[i * to->n_groups], c, p, q);
	} else if (fill_row(&to->prob[i * to->n_groups], c, p, q)) {
		to->provenance[i] = EH_PREDICTED;
		if (to->out_of_scope != NULL)
			to->out_of_scope[i] = (c->a->out_of_scope != NULL && c->a->out_of_scope[i] != 0) ||
					      (c->b->out_of_scope != NULL && c->b->out_of_scope[i] != 0);
	}
}

/* Class shares of what the probabilities were made with; without a classifier those of the known classes. */
static void prior_of(double *prior, const struct eh_attribute_data *a, const uint32_t *weight, size_t n)
{
	double known = 0.0;

	memset(prior, 0, EH_GROUPS_MAX * sizeof *prior);
	if (a->prob != NULL) {
		memcpy(prior, a->prior, EH_GROUPS_MAX * sizeof *prior);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const double w = weight != NULL ? weight[i] : 1.0;

		if (a->group[i] < 0)
			continue;
		prior[a->group[i]] += w;
		known += w;
	}
	for (size_t g = 0; known > 0.0 && g < a->n_groups; g++)
		prior[g] /= known;
}

/* Prior and skill of the crossed classifier: it is no better than the worse of the two. */
static void fill_classifier(struct eh_attribute_data *to, const struct cross *c)
{
	double p[EH_GROUPS_MAX], q[EH_GROUPS_MAX], all = 0.0;
	const struct eh_attribute_data *worse = c->a->prob != NULL ? c->a : c->b;

	to->auc_lo = to->auc = to->ece = eh_undefined(EH_U_NOT_COMPUTED);
	if (to->prob == NULL)
		return;
	prior_of(p, c->a, c->weight, c->n);
	prior_of(q, c->b, c->weight, c->n);
	for (size_t i = 0; i < to->n_groups; i++) {
		to->prior[i] = p[c->pair[i].a] * q[c->pair[i].b];
		all += to->prior[i];
	}
	for (size_t i = 0; all > 0.0 && i < to->n_groups; i++)
		to->prior[i] /= all;
	if (c->a->prob != NULL && c->b->prob != NULL) {
		if (!c->a->auc_lo.defined || !c->b->auc_lo.defined)
			return;
		worse = c->a->auc_lo.value <= c->b->auc_lo.value ? c->a : c->b;
	}
	to->auc_lo = worse->auc_lo;
	to->auc = worse->auc;
	to->ece = worse->ece;
}

static void attribute_drop(struct eh_attribute_data *to)
{
	free(to->group);
	free(to->provenance);
	free(to->prob);
	free(to->labelled);
	free(to->out_of_scope);
}

int eh_intersect(struct eh_audit_data *d, size_t a, size_t b, struct eh_intersect_rare *rare, struct eh_err *err)
{
	struct eh_attribute_data *v = NULL, to = { .n_groups = 0 };
	struct cross c = { .n = d->candidates.n, .weight = d->weight };
	int rc = EH_ENOMEM;

	memset(c.group, 0xff, sizeof c.group); /* -1 */
	v = eh_try_realloc(d->attributes, d->n_attributes + 1, sizeof *v);
	c.pair = eh_try_malloc((size_t)EH_GROUPS_MAX * EH_GROUPS_MAX, sizeof *c.pair);
	if (v != NULL)
		d->attributes = v;
	if (v == NULL || c.pair == NULL) {
		free(c.pair);
		return eh_err_set(err, rc, "intersection: out of memory");
	}
	c.a = &v[a];
	c.b = &v[b];
	list_pairs(&c);
	rc = choose(&c, &to, rare, err);
	if (rc == EH_OK) {
		rc = room(&to, &c);
		if (rc < 0)
			eh_err_set(err, rc, "intersection: out of memory for %zu candidates", c.n);
	}
	if (rc == EH_OK) {
		for (size_t i = 0; i < c.n; i++)
			fill_person(&to, &c, i);
		fill_classifier(&to, &c);
		v[d->n_attributes++] = to;
	} else {
		attribute_drop(&to);
	}
	free(c.pair);
	return rc;
}

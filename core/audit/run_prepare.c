/* What comes into an audit: settings, attributes, order, and the groups of the pool; see run.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/basis.h"
#include "audit/run.h"
#include "base/mem.h"

#define LIMIT_MAX 1000000

int eh_run_check(const struct eh_audit_settings *s, enum eh_family_method *family, struct eh_err *err)
{
	if (s->limit_num <= 0 || s->limit_den <= 0 || s->limit_num > s->limit_den || s->limit_den > LIMIT_MAX)
		return eh_err_set(err, EH_EINVAL, "limit %d/%d: give a fraction between 0 and 1 such as 4/5",
				  s->limit_num, s->limit_den);
	if (!(s->alpha > 0.0 && s->alpha < 1.0))
		return eh_err_set(err, EH_EINVAL, "alpha %g: give a level between 0 and 1 such as 0.05", s->alpha);
	if (s->reference != EH_REF_HIGHEST && s->reference != EH_REF_REST && s->reference != EH_REF_FIXED &&
	    s->reference != EH_REF_MAJORITY)
		return eh_err_set(err, EH_EINVAL,
				  "reference rule %d is not known; use highest, rest, majority or a group",
				  (int)s->reference);
	if (s->min_share > 5000)
		return eh_err_set(err, EH_EINVAL, "smallest share %g %%: give 0 to 50 %% of the pool",
				  s->min_share / 100.0);
	return eh_family_parse(family, s->family, err);
}

static int no_such_reference(const struct eh_attribute_data *a, const char *group, struct eh_err *err)
{
	char list[160] = "";
	size_t used = 0;

	for (size_t g = 0; g < a->n_groups && used < sizeof list - 1; g++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", g > 0 ? ", " : "", a->groups[g]);
	return eh_err_set(err, EH_EINVAL,
			  "%s has no group '%s' to serve as the reference; its groups are %s. Name one of "
			  "them, use highest, rest or majority, or look at one attribute at a time",
			  a->name, group, list);
}

static int check_attribute(const struct eh_run *r, const struct eh_attribute_data *a, struct eh_run_layout *l,
			   struct eh_err *err)
{
	l->fixed = -1;
	if (a->n_groups < 2 || a->n_groups > EH_GROUPS_MAX)
		return eh_err_set(err, EH_EINVAL, "%s has %zu groups; an audit needs 2 to %d", a->name, a->n_groups,
				  EH_GROUPS_MAX);
	if (r->s->reference != EH_REF_FIXED)
		return EH_OK;
	for (size_t g = 0; g < a->n_groups; g++)
		if (strcmp(a->groups[g], r->s->fixed_reference) == 0)
			l->fixed = (int)g;
	if (l->fixed < 0)
		return no_such_reference(a, r->s->fixed_reference, err);
	return EH_OK;
}

/* Persons of the group g. */
static double persons_of(size_t g, const uint64_t known[EH_CODES], const double predicted[EH_GROUPS_MAX])
{
	return predicted[g] + (double)(known[EH_CODE_DECLARED + g] + known[EH_CODE_IMPORTED + g]);
}

int eh_run_majority(const struct eh_run *r, size_t attribute, const uint64_t known[EH_CODES],
		    const double predicted[EH_GROUPS_MAX])
{
	double most = 0.0;
	int largest = -1;

	for (size_t g = 0; g < r->d->attributes[attribute].n_groups; g++) {
		const double n = persons_of(g, known, predicted);

		if (n > most)
			largest = (int)g;
		most = n > most ? n : most;
	}
	return largest;
}

eh_groups eh_run_share(const struct eh_run *r, size_t attribute, const uint64_t known[EH_CODES],
		       const double predicted[EH_GROUPS_MAX])
{
	const size_t groups = r->d->attributes[attribute].n_groups;
	double n[EH_GROUPS_MAX], total = 0.0;
	eh_groups set = 0;

	for (size_t g = 0; g < groups; g++) {
		n[g] = persons_of(g, known, predicted);
		total += n[g];
	}
	for (size_t g = 0; g < groups; g++)
		if (10000.0 * n[g] >= (double)r->s->min_share * total)
			set |= (eh_groups)1u << g;
	return set;
}

/* The pool's persons by class: what its small groups, and its largest, are told by. */
static void look_at_pool(const struct eh_run *r, size_t attribute)
{
	struct eh_run_layout *l = &r->layout[attribute];
	const struct eh_attribute_data *a = &r->d->attributes[attribute];
	const uint8_t *code = r->order.code[attribute];
	uint64_t known[EH_CODES] = { 0 };
	double n[EH_GROUPS_MAX] = { 0.0 };

	memcpy(known, r->order.known[attribute], sizeof known);
	for (size_t i = 0; r->order.predicted && a->prob != NULL && i < r->d->candidates.n; i++)
		for (size_t g = 0; code[i] == EH_CODE_PREDICTED && g < a->n_groups; g++)
			n[g] += a->prob[i * a->n_groups + g];
	l->eligible = eh_run_share(r, attribute, known, n);
	if (r->s->reference == EH_REF_MAJORITY)
		l->fixed = eh_run_majority(r, attribute, known, n);
}

/* Before anything is chosen by predicted classes: which of them are of any use. */
static int look_at_classifiers(struct eh_run *r, struct eh_err *err)
{
	const bool predicted = r->order.predicted;
	int rc = EH_OK;

	for (size_t a = 0; predicted && a < r->d->n_attributes && rc == EH_OK; a++) {
		const struct eh_attribute_data *x = &r->d->attributes[a];
		struct eh_run_layout *l = &r->layout[a];

		rc = eh_classifier_look(&l->classifier, x, r->d->candidates.n, err);
		l->unfit = rc == EH_OK && x->prob != NULL && eh_basis_unfit(&l->classifier);
		if (l->unfit)
			eh_order_refuse(&r->order, a);
	}
	return rc;
}

int eh_run_prepare(struct eh_run *r, struct eh_err *err)
{
	const struct eh_audit_data *d = r->d;
	int rc = EH_OK;

	r->layout = eh_try_calloc(d->n_attributes + 1, sizeof *r->layout);
	if (r->layout == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory");
	for (size_t a = 0; a < d->n_attributes && rc == EH_OK; a++)
		rc = check_attribute(r, &d->attributes[a], &r->layout[a], err);
	if (rc == EH_OK)
		rc = eh_order_make(&r->order, d, r->s->known_only, err);
	if (rc < 0)
		return rc;
	if (d->weight != NULL && (d->score != NULL || r->order.predicted))
		return eh_err_set(err, EH_EINVAL,
				  "audit: counted persons cannot have scores of rows or predicted classes");
	rc = look_at_classifiers(r, err);
	if (rc < 0)
		return rc;
	for (size_t a = 0; a < d->n_attributes; a++) {
		r->layout[a].base = r->n;
		look_at_pool(r, a);
		r->n += d->attributes[a].n_groups * (eh_run_pooled(r) + d->evaluators.n);
	}
	/* 17 MB for 6,000 of them; eh_run_name clears each where it is about to be filled */
	r->v = eh_try_pages(r->n + 1, sizeof *r->v);
	r->w = eh_try_calloc(r->n + 1, sizeof *r->w);
	if (r->v == NULL || r->w == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu findings", r->n);
	return EH_OK;
}

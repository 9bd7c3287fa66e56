/*
 * screening_inside.h - persons of one scope as classes focal, reference, others; for screening*.c alone.
 */
#ifndef EH_AUDIT_SCREENING_INSIDE_H
#define EH_AUDIT_SCREENING_INSIDE_H

#include "audit/predicted.h"
#include "audit/screening.h"

#define CLASSES_MAX 3
#define FOCAL 0
#define REFERENCE 1
#define OTHERS 2

struct screen {
	const struct eh_scope_data *d;
	eh_groups set[CLASSES_MAX];
	size_t k;
	size_t n;                       /* persons that count */
	uint32_t *pattern;              /* [n] of the slice */
	uint32_t *candidate;            /* [n] */
	double *like, *member;          /* [n][k] likelihood; class weights from the indicators alone */
	double *selected, *rejected;    /* [n] weighted decisions */
	double rate[CLASSES_MAX];       /* posterior-weighted */
	bool rated[CLASSES_MAX];
};

/* Decisions on person i, and how many of them selected him. */
static inline double screen_decisions(const struct screen *c, size_t i)
{
	return eh_pattern_size(c->d->slice, c->pattern[i]);
}

static inline double screen_chosen(const struct screen *c, size_t i)
{
	return eh_pattern_selected(c->d->slice, c->pattern[i]);
}

static inline bool screen_is_predicted(const struct screen *c, size_t i)
{
	return c->d->slice->classes[c->d->index].code[c->candidate[i]] == EH_CODE_PREDICTED;
}

/* The share of a set of groups in p [n_groups]. */
double eh_screen_share(const double *p, size_t n_groups, eh_groups set);

/* Bounds, check of the assumption, other estimates, what is known of the classifier: f->assume, but n_eff and
 * em_supports.  EH_ENOMEM. */
int eh_screen_beside(struct eh_finding *f, const struct screen *c, struct eh_err *err);

#endif

/*
 * raters_inside.h - what the files of raters share; nobody else includes it.
 */
#ifndef EH_AUDIT_RATERS_INSIDE_H
#define EH_AUDIT_RATERS_INSIDE_H

#include "audit/raters.h"

#define EH_NO_CLASS 0xffu

struct eh_raters_work {
	const struct eh_audit_data *d;
	const struct eh_raters_settings *s;
	struct eh_raters *out;
	uint8_t **class;                /* [n_attributes] -> [n_candidates] group or EH_NO_CLASS */
	uint32_t *cell_of;              /* [n_decisions] */
	uint32_t *combination;          /* [cells] index into combos: classes of the cell's persons */
	uint8_t *combos;                /* [combinations][n_attributes] */
	/* per evaluator x (group of an attribute): sums over persons */
	double *w, *var;                /* [n][n_bias] information, variance of the sum of residuals */
	size_t *first_group;            /* [n_attributes] place of the attribute in n_bias */
	/* ratings of decisions, by candidate and stratum */
	size_t *unit_at;
	uint32_t *unit_rater, *unit_row, *unit_candidate;
	double *unit_value;
	size_t n_units;
};

/* Persons whom a candidate stands for: what holds of one row holds of so many. */
static inline uint32_t eh_raters_weight(const struct eh_audit_data *d, uint32_t candidate)
{
	return d->weight != NULL ? d->weight[candidate] : 1;
}

/* raters_cells.c: classes, cells, ratings. */
int eh_raters_cells(struct eh_raters_work *w, struct eh_err *err);
int eh_raters_units(struct eh_raters_work *w, bool scores, struct eh_err *err);
struct eh_ratings eh_raters_ratings(const struct eh_raters_work *w);
void eh_raters_work_free(struct eh_raters_work *w);

/* raters_bias.c: correlation, fit, bias, drift. */
int eh_raters_persons(struct eh_raters_work *w, struct eh_err *err);
int eh_raters_bias(struct eh_raters_work *w, struct eh_err *err);
int eh_raters_drift(struct eh_raters_work *w, struct eh_err *err);

/* raters_scores.c */
int eh_raters_scores(struct eh_raters_work *w, struct eh_err *err);

/* raters_text.c */
void eh_raters_sentence(const struct eh_raters_work *w, uint32_t evaluator);

/* q of the p at the given stride [bytes] in n elements; returns the family's size through size. */
int eh_raters_family(const struct eh_raters_work *w, struct eh_num *q, const struct eh_num *p, size_t n, size_t stride,
		     uint32_t *size, struct eh_err *err);

#endif

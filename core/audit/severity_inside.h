/*
 * severity_inside.h - the solver between the mode of the mixed model (severity_mode.c) and what is told of it
 * (severity.c).  Only for these files.
 */
#ifndef EH_AUDIT_SEVERITY_INSIDE_H
#define EH_AUDIT_SEVERITY_INSIDE_H

#include "audit/severity.h"

/* What a Newton step works with: A = X'WX on the left-hand side, C = X'WZ and D on the evaluators' side. */
struct eh_severity_solver {
	const struct eh_cells *cells;
	struct eh_severity *s;
	double *w;                      /* [cells] n p (1 - p) */
	double *gradient, *step;        /* [columns] */
	double *grad_b, *step_b, *d;    /* [evaluators]; d = information + 1/sd^2 */
	double *c;                      /* [columns] of one evaluator, zero between uses */
	uint32_t *touched;              /* [columns] */
	double *l;                      /* [columns][columns] Schur complement, then its factor; NULL: too many */
	double *cg[4];                  /* [columns] */
	double *beta_old, *b_old;
};

static inline const uint32_t *eh_columns_of(const struct eh_cells *c, size_t i) { return c->column + i * c->width; }

/*
 * To the joint mode of fixed effects and b for this sd (0: b = 0), from where the last search ended; returns the
 * deviance.  Gradients, d and w are those at the mode.
 */
double eh_severity_mode(struct eh_severity_solver *v, double sd);
/* The sd with the least deviance. */
double eh_severity_best_sd(struct eh_severity_solver *v);
/* Factor of A - sum C C'/D at the last mode (still: of A alone) into v->l, which is not NULL; returns its rank. */
size_t eh_severity_factor(struct eh_severity_solver *v, bool still);
/* C of evaluator e into v->c and v->touched; returns how many columns that are.  clear: back to zero. */
size_t eh_severity_gather(const struct eh_severity_solver *v, size_t e);
void eh_severity_clear(const struct eh_severity_solver *v, size_t n);
/* |L^-1 x|^2: the variance of x'(fixed effects), x is overwritten. */
double eh_severity_spread(const struct eh_severity_solver *v, double *x);

#endif

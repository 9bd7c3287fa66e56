/*
 * severity.h - how severe each evaluator is, from counts.
 *
 *   logit P(selected) = sum of fixed effects of the cell (stratum, groups) + b(evaluator),   b ~ N(0, sd^2)
 *
 * fitted on cells (evaluator x stratum x class) of n decisions, y of them selections.  For a given sd the fixed effects
 * and b are found together by penalised Newton steps; sd minimises the Laplace form of the deviance at that joint mode,
 *   -2 log L(y | fixed, b) + sum b^2 / sd^2 + sum ln(1 + sd^2 w),  w = sum n p (1 - p) of the evaluator,
 * which is what lme4's glmer(nAGQ = 0) minimises (Bates et al. 2015, "Fitting linear mixed-effects models using lme4").
 * Severity = -b: positive = harsher than the mean of his component (connect.h).
 *
 * There is no form with evaluators as fixed effects: who selects all or nobody has no finite estimate there, and joint
 * estimates are biased where an evaluator has few decisions (facts/statistics.md 13).  The question it answers, "are
 * all equally severe?", has its own test here: the fixed chi-square, a score test that needs no such estimate.
 *
 * Left out, because in the limit they say nothing of anybody: cells of a fixed effect under which nobody or everybody
 * is selected.  Effects that the others determine are 0.  Deterministic; one thread.
 */
#ifndef EH_AUDIT_SEVERITY_H
#define EH_AUDIT_SEVERITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"

#define EH_NO_COLUMN UINT32_MAX

/* With more columns the fixed effects are solved by conjugate gradients and standard errors leave out theirs. */
#define EH_SEVERITY_DENSE 512

struct eh_cells {
	size_t n_evaluators, n_columns, n, width;
	size_t *at;                     /* [n_evaluators + 1] first cell of each */
	uint32_t *column;               /* [n][width] fixed effects of the cell; EH_NO_COLUMN = none */
	uint32_t *count, *selected;     /* [n] n > 0, y <= n */
};

struct eh_evaluator_effect {
	uint64_t n, selected;           /* decisions that inform the model */
	bool extreme;                   /* he selected all or none of these: the estimate leans on the others */
	struct eh_num severity, se;     /* [logit]; EH_U_EMPTY_GROUP without a decision that informs */
	double information;             /* w */
};

struct eh_severity {
	size_t n_evaluators, n_columns;
	struct eh_evaluator_effect *v;  /* [n_evaluators] */
	double *effect, *effect_se;     /* [n_columns] [logit]; se 0 where the effect is not estimated */
	uint8_t *estimated;             /* [n_columns] 0: left out or determined by others */
	uint8_t *used;                  /* [cells] 0: left out */
	double *fixed;                  /* [cells] sum of fixed effects [logit] */
	double *p;                      /* [cells] 0..1 fitted; of a cell left out 0 or 1 */
	double *b;                      /* [n_evaluators] */
	double sd;                      /* [logit] of b; 0 = no difference that could be told */
	double deviance;                /* the minimised form above, without the binomial coefficients */
	struct eh_num reliability;      /* 1 - mean(se^2) / sd^2, 0..1; EH_U_ZERO_VARIANCE */
	struct eh_num separation;       /* sqrt(R / (1 - R)) */
	struct eh_num chi_square, p_chi;        /* all equally severe? EH_U_NO_PEERS: nothing to compare */
	size_t df;
	unsigned steps;                 /* Newton steps in all */
	bool converged;
	bool se_conditional;            /* the se leave out the uncertainty of the fixed effects */
	struct eh_severity_solver *solver;
};

/* EH_ENOMEM: *out is empty.  cells stays the caller's and must outlive *out. */
int eh_severity_fit(struct eh_severity *out, const struct eh_cells *cells, struct eh_err *err);
void eh_severity_free(struct eh_severity *s);

/*
 * Severities against the mean of the component: [n_evaluators] of the n components (EH_NO_COMPONENT and above n: as in
 * s->v).  The model's own are against the mean of the distribution that evaluators come from, which a few evaluators
 * tell little of; these are against the mean of those who are there (without the extreme ones, unless all are), with
 * the standard error of that.  EH_ENOMEM.
 */
int eh_severity_centre(struct eh_num *severity, struct eh_num *se, const struct eh_severity *s,
		       const uint32_t *component, size_t n, struct eh_err *err);

/* Severity of a minus that of b with its standard error; undefined when one is.  The caller has asked
 * eh_connect_check. */
void eh_severity_difference(struct eh_num *difference, struct eh_num *se, const struct eh_severity *s, uint32_t a,
			    uint32_t b);

/*
 * One logistic slope for one evaluator:  logit p = offset + a + slope z, with Firth's penalty (Jeffreys' prior: Firth
 * 1993; Heinze & Schemper 2002), so that it is finite where one side is all or nothing.
 *   n trials, y selected, z, offset: [rows]
 * EH_U_EMPTY_GROUP (no rows), EH_U_ZERO_VARIANCE (z is constant), EH_U_NOBODY_SELECTED, EH_U_EVERYBODY_SELECTED.
 */
struct eh_slope {
	struct eh_num size, se;         /* [logit] */
	struct eh_num constant, constant_se;    /* a; undefined as size is */
};
struct eh_slope eh_slope_fit(size_t rows, const double *offset, const double *z, const double *n, const double *y);

#endif

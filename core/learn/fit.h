/*
 * fit.h - one modality: dense rows to calibrated probabilities, and its skill; used inside this room only.
 *
 * A fit is the whole pipeline: scale, parameter search by inner folds, support vectors on all rows,
 * Platt on out-of-fold decision values from folds of their own.  The skill is that of the same pipeline
 * run again inside every outer fold, so nothing of a held-out candidate reaches scale, search,
 * calibration or model (facts/learning.md 5).  Only the inner folds of the search share one scale,
 * which knows no class: one matrix of distances then serves all of them, and their losses choose
 * parameters and are never reported as skill.
 */
#ifndef EH_LEARN_FIT_H
#define EH_LEARN_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "learn/calibrate.h"
#include "learn/learn.h"
#include "learn/scale.h"

#define EH_OUTER_FOLDS 10               /* facts/learning.md 5 */
#define EH_INNER_FOLDS 5

/* Borrowed. */
struct eh_rows {
	const double *x;                /* [n][d] row-major, finite, natural units */
	const int32_t *group;           /* [n] 0..k-1 */
	const uint32_t *owner;          /* [n] candidate; rows of one candidate are neighbours */
	size_t n, d;                    /* d <= EH_COLUMNS_MAX */
	size_t k;                       /* 2..EH_GROUPS_MAX */
};

/* One column of the label matrix: two groups have one (group 1), k > 2 have one per group. */
struct eh_column {
	double c, gamma, loss;          /* chosen cell */
	struct eh_platt platt;
	double rho;
	double *coef;                   /* [n_sv], 0 where a row supports another column only */
};

struct eh_fit {
	size_t d, k, columns;
	struct eh_scale scale;
	size_t n_sv;
	double *sv;                     /* [n_sv][d] scaled */
	uint32_t *sv_row;               /* [n_sv] row of the training data, ascending */
	struct eh_column column[EH_GROUPS_MAX];
	double prior[EH_GROUPS_MAX];    /* [k] class shares of the rows: what the calibration rests on */
};

size_t eh_columns_of(size_t k);         /* 1 for two groups, else k */

/* Every group needs two candidates.  EH_ENOMEM, EH_EINVAL (no indicator with spread). */
int eh_fit_train(struct eh_fit *out, const struct eh_rows *rows, uint64_t seed, struct eh_err *err);
int eh_fit_alloc_vectors(struct eh_fit *f, struct eh_err *err); /* sv, sv_row, coef for the n_sv, d, columns set */
void eh_fit_free(struct eh_fit *f);

/* raw [d] natural units, finite -> p [k], sums to 1, EH_P_LEAST .. 1 - EH_P_LEAST. */
void eh_fit_apply(const struct eh_fit *f, const double *raw, double *p);
void eh_fit_decide(const struct eh_fit *f, const double *raw, double *value);   /* [columns] decision values */

struct eh_steps {                       /* progress over several calls */
	const struct eh_progress *progress;
	const char *what;
	uint64_t done, total;
};

/* Folds used: the largest number up to EH_OUTER_FOLDS that leaves every class a candidate in each.
 * EH_ENOMEM, EH_ECANCEL. */
int eh_nested_skill(struct eh_skill *out, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		    struct eh_err *err);
uint32_t eh_outer_folds(const struct eh_rows *rows);

#endif

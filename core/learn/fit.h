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
#include "base/threads.h"
#include "learn/calibrate.h"
#include "learn/kernel.h"
#include "learn/learn.h"
#include "learn/scale.h"

#define EH_OUTER_FOLDS 10               /* facts/learning.md 5 */
#define EH_INNER_FOLDS 5
#define EH_SEARCH_ALL 4000              /* rows; facts/learning.md 4 */

/* Borrowed. */
struct eh_rows {
	const double *x;                /* [n][d] row-major, finite, natural units */
	const int32_t *group;           /* [n] 0..k-1 */
	const uint32_t *owner;          /* [n] candidate; rows of one candidate are neighbours */
	size_t n, d;                    /* d <= EH_COLUMNS_MAX */
	size_t k;                       /* 2..EH_GROUPS_MAX */
	/*
	 * [n] 1 = an augmented copy: it teaches (support vectors, scale, search, calibration) in the folds where its
	 * candidate teaches, but is no further person and is never judged: not in the class shares, the smoothing of
	 * the calibration, or the skill (facts/learning.md 6).
	 * Each candidate has an original.  NULL = originals only.
	 */
	const uint8_t *copy;
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

/*
 * Every group needs two candidates.  steps NULL: all cores, no progress.  steps->done is not counted up: the caller
 * knows what a fit is worth.  A cancel is heard within a second; out is empty then.
 *
 * Memory: the kernel of all pairs of training rows is kept while it fits (16 n^2 bytes: n = 11,000 in 2 GiB); above
 * that libsvm computes it as it goes, many times slower and with decision values that differ by rounding.  As many
 * folds are at work at once as their kernels fit.  The parameters of more than EH_SEARCH_ALL rows are searched on a
 * share of the candidates of each class; the model rests on all.
 *
 * EH_ENOMEM (also: the work needs more than steps->memory, the text says how much), EH_EINVAL (no indicator with
 * spread), EH_ECANCEL.
 */
int eh_fit_train(struct eh_fit *out, const struct eh_rows *rows, uint64_t seed, const struct eh_steps *steps,
		 struct eh_err *err);
/* The same inside a crew, for the folds. */
int eh_fit_train_crew(struct eh_fit *out, const struct eh_rows *rows, uint64_t seed, const struct eh_crew *crew,
		      struct eh_err *err);
size_t eh_fit_bytes(size_t n, size_t d, size_t columns, size_t limit);  /* memory one thread of a training takes */
int eh_fit_alloc_vectors(struct eh_fit *f, struct eh_err *err); /* sv, sv_row, coef for the n_sv, d, columns set */
void eh_fit_free(struct eh_fit *f);

/* raw [d] natural units, finite -> p [k], sums to 1, EH_P_LEAST .. 1 - EH_P_LEAST. */
void eh_fit_apply(const struct eh_fit *f, const double *raw, double *p);
void eh_fit_decide(const struct eh_fit *f, const double *raw, double *value);   /* [columns] decision values */

/*
 * The same for n rows, raw [n][d] -> value [n][columns], p [n][k]: to the last bit what the single calls give, for
 * every n and number of threads, but the kernel is computed in blocks.  jobs 0 = one thread per core.
 * EH_ENOMEM.
 */
int eh_fit_decide_many(const struct eh_fit *f, const double *raw, size_t n, double *value, size_t jobs,
		       struct eh_err *err);
int eh_fit_apply_many(const struct eh_fit *f, const double *raw, size_t n, double *p, size_t jobs, struct eh_err *err);
int eh_fit_apply_crew(const struct eh_fit *f, const double *raw, size_t n, double *p, const struct eh_crew *crew,
		      struct eh_err *err);

/* Decision values of scaled rows z [n][d] by one machine of support vectors in blocks: value [n], coef [sv->n]. */
int eh_machine_values(double *value, const struct eh_blocks *sv, const double *coef, double rho, double gamma,
		      const double *z, size_t n, struct eh_err *err);

/*
 * Out-of-fold probabilities of the whole pipeline: p [n][k], each row's from a fit that saw no row of its candidate
 * (copies get theirs too).  Folds used: eh_outer_folds, made from seed.  steps->done counts folds.
 * EH_ENOMEM, EH_EINVAL as eh_fit_train, EH_ECANCEL.
 */
int eh_nested_outcome(double *p, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		      struct eh_err *err);
/* The outer folds of the same call, fold [n]: probabilities of different folds come from different fits. */
int eh_nested_folds(uint32_t *fold, const struct eh_rows *rows, uint64_t seed, struct eh_err *err);
/* eh_measure of that over the originals. */
int eh_nested_skill(struct eh_skill *out, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		    struct eh_err *err);
/* The largest number up to EH_OUTER_FOLDS that leaves every class a candidate in each; up to half of it for more than
 * EH_SEARCH_ALL rows, where four fifths teach nearly as well as nine tenths and every fold takes many seconds. */
uint32_t eh_outer_folds(const struct eh_rows *rows);

#endif

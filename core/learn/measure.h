/*
 * measure.h - skill of probabilities against known classes; used inside this room only.
 *
 * weight [n] counts how often a row stands in a bootstrap sample; NULL = once each.  order [n] is
 * eh_rank of the same scores.  positive [n] is 1 for the class the score speaks of.
 */
#ifndef EH_LEARN_MEASURE_H
#define EH_LEARN_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "learn/learn.h"

#define EH_ECE_BINS 10                  /* of equal mass, facts/learning.md 8 */
#define EH_BOOTSTRAP 1000               /* resamples behind an interval */

void eh_rank(uint32_t *order, const double *score, size_t n);   /* ascending, ties by index */

/* Mann-Whitney U / (n+ n-), a tie counts one half; both classes must occur. */
double eh_auc(const double *score, const uint8_t *positive, const uint32_t *order, const uint32_t *weight, size_t n);
/* Mean of (score - positive)^2. */
double eh_brier(const double *score, const uint8_t *positive, const uint32_t *weight, size_t n);
/* Expected calibration error: sum over bins of share * |mean score - share of positives|.  Rows of one score count
 * with that score's share of positives: the order of the rows never matters. */
double eh_ece(const double *score, const uint8_t *positive, const uint32_t *order, const uint32_t *weight, size_t n);
/* Mean of -log of the probability of what happened [nat]; score within 0..1 exclusive. */
double eh_log_loss(const double *score, const uint8_t *positive, const uint32_t *weight, size_t n);
/* Bins of equal mass, fewer where there are fewer rows; rows of one score are spread over bins as in eh_ece.
 * Fills n_bins, bin, reliability, resolution, uncertainty, within. */
void eh_reliability(struct eh_class_figures *out, const double *score, const uint8_t *positive, const uint32_t *order,
		    size_t n);
/* Wilson's 95 % interval of x of n, n >= 1 (facts/statistics.md 5: ends exactly 0 and 1 at x = 0 and n). */
void eh_wilson(double *lo, double *hi, uint64_t x, uint64_t n);

/*
 * 95 % interval of an AUC of m positives and n negatives by inverting a score test (Newcombe 2006, Statistics in
 * Medicine 25, method 5, from memory): the theta with |theta - auc| = z sqrt(V(theta)),
 * V = theta (1 - theta) [1 + N ((1 - theta) / (2 - theta) + theta / (1 + theta))] / (m n), N = (m + n) / 2 - 1.
 * Unlike a bootstrap it keeps a width when the classes are separated without an error.
 */
void eh_auc_interval(double *lo, double *hi, double auc, double m, double n);

/* p [n][k] probabilities of rows whose class group [n] was unknown to their model; owner [n]: candidate. */
struct eh_outcome {
	const double *p;
	const int32_t *group;
	const uint32_t *owner;          /* rows of one candidate are neighbours and of one class */
	size_t n, k;
	const uint32_t *fold;           /* [n] the fit that p came from; NULL = one and the same */
};

/*
 * Fills everything of out, trained = true.  AUC and ECE: of group 1 for two groups, else the mean over the
 * groups, one versus rest; Brier: half the squared distance of p from the true class.  Every group must occur.
 * Intervals: 2.5 % and 97.5 % quantiles over EH_BOOTSTRAP resamples of candidates within each class.  The AUC's holds
 * eh_auc_interval of the smallest class besides: with few candidates the bootstrap is too narrow, and without an
 * error it has no width at all.  With fold given it is also moved, at one end, by what the AUC of pairs inside the same
 * fold differs: nine of ten pairs compare different fits, whose errors on each other's candidates are not independent
 * (labels without meaning: mean pooled AUC .44 of 30, .48 of 120 candidates, inside folds .48 and .50; own
 * measurement).  EH_ENOMEM.
 */
int eh_measure(struct eh_skill *out, const struct eh_outcome *o, uint64_t seed, struct eh_err *err);

/* Group g of the outcome against the rest.  EH_ENOMEM. */
int eh_measure_class(struct eh_class_figures *out, const struct eh_outcome *o, size_t g, uint64_t seed,
		     struct eh_err *err);
/* The outcome is that of the subgroup alone, n >= 1; classes may be missing.  Fills all but the names.  EH_ENOMEM. */
int eh_measure_subgroup(struct eh_subgroup *out, const struct eh_outcome *o, uint64_t seed, struct eh_err *err);

#endif

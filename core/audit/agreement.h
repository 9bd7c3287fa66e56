/*
 * agreement.h - how far raters agree (facts/statistics.md 13).
 *
 * Ratings are kept unit by unit, only those that exist, so that a large table with few ratings costs little.
 * Formulas: Krippendorff 2011 "Computing Krippendorff's alpha-reliability"; Cohen 1960 and 1968; Fleiss 1971; Shrout &
 * Fleiss 1979.  Negative values are legal.  Reasons of undefined values:
 *   EH_U_ONE_CATEGORY   all ratings that can be compared are the same, so that chance alone agrees
 *   EH_U_ONE_RATING     no unit has two ratings
 *   EH_U_NOT_CROSSED    not every rater rated every unit (icc2, icc3)
 *   EH_U_ZERO_VARIANCE  the mean squares are 0
 *   EH_U_ONE_PERSON     one unit only (icc)
 */
#ifndef EH_AUDIT_AGREEMENT_H
#define EH_AUDIT_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/finding.h"      /* struct eh_interval */
#include "base/err.h"
#include "base/num.h"

struct eh_ratings {
	size_t n_units, n_raters;
	const size_t *at;               /* [n_units + 1] first rating of each unit */
	const uint32_t *rater;          /* [at[n_units]] 0..n_raters-1, each at most once in a unit */
	const double *value;            /* [at[n_units]] finite */
	/* [n_units] what is drawn together by the bootstrap (the candidate), in runs; NULL = each unit by itself */
	const uint32_t *cluster;
};

enum eh_rating_scale { EH_NOMINAL, EH_ORDINAL, EH_INTERVAL };

/*
 * Krippendorff's alpha = 1 - Do/De from the coincidences: each unit with m >= 2 ratings adds 1/(m-1) per ordered pair;
 * units with one are left out.  Distance of two values: nominal 0 or 1; ordinal the square of the difference of their
 * mid-ranks (the counts between them, ends halved); interval the square of their difference.
 * EH_U_ONE_RATING, EH_U_ONE_CATEGORY; EH_ENOMEM.
 */
int eh_alpha(struct eh_num *out, const struct eh_ratings *r, enum eh_rating_scale scale, struct eh_err *err);

/*
 * The same with its 95 % bootstrap interval: `draws` (> 0) samples of clusters with replacement, seeded, percentiles.
 * Samples without an alpha are left out; fewer than 9 in 10 with one: the ends are EH_U_TOO_FEW.  Mid-ranks are those
 * of the whole sample.
 */
int eh_alpha_interval(struct eh_num *out, struct eh_interval *interval, const struct eh_ratings *r,
		      enum eh_rating_scale scale, unsigned draws, uint64_t seed, struct eh_err *err);

enum eh_kappa_weight { EH_KAPPA_PLAIN, EH_KAPPA_LINEAR, EH_KAPPA_QUADRATIC };

/*
 * Cohen's kappa of raters a and b over the units that both rated; weights by the places of the categories in the order
 * of their values, among those that either used.  *units: how many, may be NULL.  EH_U_ONE_RATING (no common unit),
 * EH_U_ONE_CATEGORY; EH_ENOMEM.
 */
int eh_kappa(struct eh_num *out, size_t *units, const struct eh_ratings *r, uint32_t a, uint32_t b,
	     enum eh_kappa_weight weight, struct eh_err *err);

/* Fleiss' kappa over the units with two or more ratings; where their numbers differ, each unit's agreement counts
 * once and each rating once in the shares of the categories.  EH_U_ONE_RATING, EH_U_ONE_CATEGORY; EH_ENOMEM. */
int eh_fleiss(struct eh_num *out, const struct eh_ratings *r, struct eh_err *err);

/*
 * Intraclass correlations of Shrout & Fleiss: of one rating (icc1, icc2, icc3) and of the mean of k (icc1k ...).  icc1
 * also where numbers of ratings differ (k = (N - sum m^2 / N)/(n - 1) of the one-way layout, units with one rating left
 * out); icc2, icc3 only where everybody who rated at all rated every unit.
 */
struct eh_icc {
	struct eh_num icc1, icc2, icc3, icc1k, icc2k, icc3k;
};
int eh_icc(struct eh_icc *out, const struct eh_ratings *r, struct eh_err *err);

#endif

/*
 * learn.h - from combined vectors to classes: label matrix, training, calibration, classification.
 *
 * The one home of libsvm.  libsvm's own probabilities and cross-validation are never used
 * (facts/learning.md 1-2): folds are by candidate, calibration is Platt's on out-of-fold values.
 * Only class-vector indicators (kind S) enter.  One column per classification (the patent's form):
 * of an attribute with two groups one column, with k > 2 groups one column per group
 * (one-versus-rest, normalised together).  Per column up to three models: fused, face only, voice
 * only; the availability of a candidate's indicators and the measured skill choose.  Candidates are sorted by id before
 * anything: same input and seed, same bytes.
 */
#ifndef EH_LEARN_LEARN_H
#define EH_LEARN_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"
#include "base/progress.h"
#include "base/text.h"
#include "learn/vector.h"

#define EH_GROUPS_MAX 16                /* groups of one attribute */
#define EH_MIN_PER_CLASS 8              /* candidates of a class below which training is refused */

enum eh_modality { EH_FUSED = 0, EH_FACE_ONLY = 1, EH_VOICE_ONLY = 2, EH_MODALITIES = 3 };

/* Skill on candidates never seen in training (outer folds), with intervals by bootstrap over candidates. */
struct eh_skill {
	bool trained;
	uint32_t n;                     /* candidates */
	uint32_t n_class[EH_GROUPS_MAX];
	double accuracy, accuracy_lo, accuracy_hi;      /* Wilson 95 % */
	double auc, auc_lo, auc_hi;     /* two groups: of group 1; more: macro mean, one versus rest */
	double brier, brier_lo, brier_hi;               /* half the squared distance of p from the true class */
	double ece, ece_lo, ece_hi;                     /* 10 bins of equal mass (facts/learning.md 8) */
	double balanced_accuracy;
	double confusion[EH_GROUPS_MAX][EH_GROUPS_MAX]; /* [true][predicted] candidates */
};

struct eh_model;

struct eh_train_row {
	const struct eh_vector *vector;
	int32_t group;                  /* index into groups */
};

/*
 * rows: candidates with a declared class, in any order.  groups: sorted, n_groups of them.
 * EH_EINVAL: fewer than two groups, a group below EH_MIN_PER_CLASS (the text names it), a candidate in
 * two rows, or no modality that can be trained (the text says why for each).  EH_ERANGE: an indicator
 * that is not finite.  EH_ENOMEM.  EH_ECANCEL.
 * The model keeps the ids of ALL contributing candidates (erasure needs them).
 */
int eh_model_train(struct eh_model **out, const char *attribute, const char *const *groups, size_t n_groups,
		   const struct eh_train_row *rows, size_t n_rows, uint64_t seed,
		   const struct eh_progress *progress, struct eh_err *err);
void eh_model_free(struct eh_model **m);

const char *eh_model_attribute(const struct eh_model *m);
const char *eh_model_id(const struct eh_model *m);              /* "sex-3fa2c1d0": attribute + hash of the record */
size_t eh_model_groups(const struct eh_model *m, const char *const **groups);
const struct eh_skill *eh_model_skill(const struct eh_model *m, enum eh_modality which);
/* Baselines beside the full vector: majority class and median pitch alone. */
const struct eh_skill *eh_model_baseline_f0(const struct eh_model *m);
double eh_model_majority(const struct eh_model *m);             /* share of the largest class */
size_t eh_model_contributors(const struct eh_model *m, const eh_id **ids);
void eh_model_prior(const struct eh_model *m, double *prior);   /* [n_groups] class shares of the calibration set */

/* The model card as text for people (facts/learning.md 13); caller frees. */
char *eh_model_card(const struct eh_model *m);

/*
 * Calibrated probabilities of one candidate: p [n_groups], sum 1.
 * EH_EREFUSED when the candidate has neither modality a trained model needs ("no usable indicator"), or none of
 * the models is better than chance.  A modality whose AUC interval reaches down to .5 counts as untrained here.
 * Of the modalities that could answer the one with the highest lower end of the AUC interval does.
 * EH_EINVAL another layout, EH_ERANGE an indicator that is not finite.
 * Whichever model answers, p rests on the class shares of eh_model_prior.
 */
int eh_model_classify(const struct eh_model *m, const struct eh_vector *v, double *p, enum eh_modality *used,
		      struct eh_err *err);

int eh_model_put(struct eh_txn *txn, const struct eh_model *m, int64_t trained_at, struct eh_err *err);
int eh_model_get(struct eh_txn *txn, const char *attribute, struct eh_model **out, struct eh_err *err);
int eh_model_remove(struct eh_txn *txn, const char *attribute, struct eh_err *err);

struct eh_posterior {
	eh_id candidate;
	eh_name attribute;
	char model[EH_NAME_MAX + 12];   /* eh_model_id */
	uint8_t modality;
	uint32_t n_groups;
	eh_name groups[EH_GROUPS_MAX];
	double p[EH_GROUPS_MAX];
};
int eh_posterior_put(struct eh_txn *txn, const struct eh_posterior *p, struct eh_err *err);
int eh_posteriors_each(struct eh_txn *txn, const char *attribute,
		       int (*fn)(void *ctx, const struct eh_posterior *p, struct eh_err *err), void *ctx,
		       struct eh_err *err);
int eh_posteriors_clear(struct eh_txn *txn, const char *attribute, struct eh_err *err);

#endif

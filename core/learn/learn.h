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
#define EH_CLASSIFY_AUC 0.8             /* lower end of the AUC interval below which nobody is classified; issue 4 */
#define EH_ALPHA 0.1                    /* share of each class that its decision sets may miss (facts/learning.md 9) */
#define EH_WITH_MAX 2                   /* columns of the categorical block */
#define EH_LEVELS_MAX 32                /* values of all of them together */
#define EH_REPORT_BINS 10               /* of equal mass, facts/learning.md 8 */
#define EH_SUBGROUPS_MAX 24
#define EH_SUBGROUP_MIN 5               /* candidates below which a subgroup is named with its number alone */
#define EH_REFUSAL_MAX 199

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
	double log_loss, log_loss_lo, log_loss_hi;      /* mean -log p of the true class [nat] */
	double balanced_accuracy;
	double confusion[EH_GROUPS_MAX][EH_GROUPS_MAX]; /* [true][predicted] candidates */
};

/* ---- how well one part of a model does, in detail: what the card prints ---- */

struct eh_figure {
	double value, lo, hi;           /* 95 % by bootstrap over candidates; AUC: learn/measure.h */
};

struct eh_bin {                         /* one line of a reliability table */
	double n;                       /* candidates */
	double p;                       /* mean probability given */
	double share;                   /* share that is of the group; rows of equal p are spread evenly over bins */
};

struct eh_class_figures {               /* one group against the rest, out of fold */
	uint32_t n, n_in;               /* candidates, of them in the group */
	struct eh_figure auc, ece, brier, log_loss;     /* brier, log_loss: of the two outcomes in / not in the group */
	/* Brier = reliability - resolution + uncertainty + within; over the bins below (Murphy 1973; within = what is
	 * lost by binning, Stephenson et al. 2008; both from memory) */
	double reliability, resolution, uncertainty, within;
	size_t n_bins;
	struct eh_bin bin[EH_REPORT_BINS];
};

struct eh_subgroup {                    /* candidates with another declared attribute, or of the one modality */
	eh_name attribute, group;       /* "sex" "female"; "modality" "face only" ... */
	uint32_t n;                     /* candidates; fewer than EH_SUBGROUP_MIN: nothing below stands */
	bool measured;
	struct eh_figure accuracy, brier, ece, log_loss;
	bool has_auc;                   /* two classes of it have candidates */
	struct eh_figure auc;           /* two groups: of group 1; more: mean over the groups that occur */
};

struct eh_decisions {                   /* decision sets of one class, each candidate against the others (left out) */
	uint32_t n;                     /* calibration candidates of the class */
	bool can_exclude;               /* n >= 1/EH_ALPHA - 1; without it the class stands in every set */
	uint32_t covered;               /* of n, whose set holds their class */
	uint32_t decided;               /* of n, whose set is one class */
	uint32_t wrong;                 /* of decided, another class */
};

struct eh_report {
	bool classifies;                /* the part gives classes to others */
	char refusal[EH_REFUSAL_MAX + 1]; /* why it does not */
	struct eh_class_figures of[EH_GROUPS_MAX];
	size_t n_subgroups;
	struct eh_subgroup subgroup[EH_SUBGROUPS_MAX];
	uint32_t more_subgroups;        /* that found no room */
	struct eh_decisions decision[EH_GROUPS_MAX];
	uint32_t out_of_scope;          /* training candidates whose out-of-fold distance passes the limit */
};

/*
 * AUC with its interval in closed form (learn/measure.h: eh_auc_interval of the smallest class) and ECE of
 * probabilities p [n][k] within 0..1 against known groups [n], each person once and unknown to whatever made p.  Two
 * groups: of group 1; more: means over the groups that occur, one versus rest.  For tables whose classifier is not
 * ours.  EH_EINVAL: fewer than two groups occur; EH_ENOMEM.
 */
int eh_skill_quick(struct eh_figure *auc, double *ece, const double *p, const int32_t *group, size_t n, size_t k,
		   struct eh_err *err);

/* ---- training ---- */

struct eh_model;

struct eh_train_row {
	const struct eh_vector *vector;
	int32_t group;                  /* index into groups */
	/* 0 = as it is; 1 + enum eh_copy_kind = degraded copy, beside an original row */
	uint8_t copy;
	const char *with[EH_WITH_MAX];  /* values of the categorical block; NULL or "" = none given */
	const struct eh_declared_by *declared;  /* other known classes, for the figures per subgroup; NULL = none */
	bool imported;                  /* the class is known from another record, not declared */
};

struct eh_declared_by {
	size_t n;
	struct {
		eh_name attribute, group;
	} of[8];
};

struct eh_train_plan {
	const char *attribute;
	const char *const *groups;      /* sorted */
	size_t n_groups;
	const char *with[EH_WITH_MAX];  /* names of the categorical block */
	size_t n_with;
	uint64_t seed;
	bool declared_only;             /* the caller left imported classes out: only noted */
};

/*
 * rows: candidates with a known class, in any order.  Candidates whose face or voice indicators are equal to the
 * last bit are one recording under two ids and share every fold.
 * Degraded copies stand in the fold of their candidate and teach (support vectors, scale, search, calibration) the
 * parts that take the voice: a face alone has none.  A candidate counts once, with however many copies, and nothing is
 * judged by them: not class shares, decision sets, scope, importance or any figure (facts/learning.md 6).
 * EH_EREFUSED: a group below EH_MIN_PER_CLASS (the text names it, and its candidates when they are few), a categorical
 * column that is never used (postcodes: eh_gate_forbidden_column).  EH_EINVAL: fewer than two groups; a candidate in
 * two rows of one kind or in a copy without its original; equal indicators with different classes (the text names two
 * candidates); no modality that can be trained (the text says why for each).  EH_ERANGE: an indicator that is not
 * finite; too many values in the categorical block.  EH_ENOMEM.  EH_ECANCEL.
 * The model keeps the ids of ALL contributing candidates (erasure needs them).
 */
int eh_model_train(struct eh_model **out, const struct eh_train_plan *plan, const struct eh_train_row *rows,
		   size_t n_rows, const struct eh_progress *progress, struct eh_err *err);
void eh_model_free(struct eh_model **m);

const char *eh_model_attribute(const struct eh_model *m);
const char *eh_model_id(const struct eh_model *m);              /* "sex-3fa2c1d0": attribute + hash of the record */
size_t eh_model_groups(const struct eh_model *m, const char *const **groups);
const struct eh_skill *eh_model_skill(const struct eh_model *m, enum eh_modality which);
const struct eh_report *eh_model_report(const struct eh_model *m, enum eh_modality which);
/* Does any part give classes?  False: `why` (size bytes) says what each lacks. */
bool eh_model_classifies(const struct eh_model *m, char *why, size_t size);
uint64_t eh_model_seed(const struct eh_model *m);
int64_t eh_model_trained_at(const struct eh_model *m);  /* [s] since 1970 UTC; 0 = not stored yet */
size_t eh_model_with(const struct eh_model *m, const char *const **names);     /* the categorical block */
/* Of the contributors, those whose class was imported; the others declared theirs. */
uint32_t eh_model_imported(const struct eh_model *m);
bool eh_model_declared_only(const struct eh_model *m);
/* Candidates who also taught as degraded copies of their sound: those of the part with most. */
uint32_t eh_model_copied(const struct eh_model *m);
/* Baselines beside the full vector: majority class and median pitch alone. */
const struct eh_skill *eh_model_baseline_f0(const struct eh_model *m);
double eh_model_majority(const struct eh_model *m);             /* share of the largest class */
size_t eh_model_contributors(const struct eh_model *m, const eh_id **ids);
struct eh_prediction;
/*
 * What the model's outer folds said of contributor i (as eh_model_contributors counts) by a fit that had not learnt
 * from him: p, used and set as eh_model_classify would give them, from the surest part that classifies; scope 0.
 * False: no such part knows him, or an older program made the model.
 */
bool eh_model_unseen(const struct eh_model *m, size_t contributor, struct eh_prediction *out);
void eh_model_prior(const struct eh_model *m, double *prior);   /* [n_groups] class shares of the calibration set */

/* The model card as text for people (facts/learning.md 13); caller frees. */
char *eh_model_card(const struct eh_model *m);

/* Why a candidate is out of the scope of the part that answers.  id, bit, text */
#define EH_SF_LIST(X)                                                                   \
	X(EH_SF_FEW_FRAMES,   0x01u, "fewer pictures than any training candidate")      \
	X(EH_SF_LITTLE_VOICE, 0x02u, "less voice than any training candidate")          \
	X(EH_SF_NARROW_BAND,  0x04u, "sound of narrower band than in training")         \
	X(EH_SF_NOISY,        0x08u, "sound noisier than in training")                  \
	X(EH_SF_NEW_REMARK,   0x10u, "a quality remark that no training candidate has") \
	X(EH_SF_FAR_FACE,     0x20u, "face indicators far from those of training")      \
	X(EH_SF_FAR_VOICE,    0x40u, "voice indicators far from those of training")     \
	X(EH_SF_NEW_VALUE,    0x80u, "a position or place that was not in training")

enum {
#define X(id, bit, text) id = (bit),
	EH_SF_LIST(X)
#undef X
};

struct eh_prediction {
	double p[EH_GROUPS_MAX];        /* [n_groups] sum 1 */
	enum eh_modality used;
	uint32_t set;                   /* decision set: bit g = group g is not excluded at EH_ALPHA */
	uint32_t scope;                 /* EH_SF_*, 0 = in scope */
};
/* One class in the set and in scope. */
bool eh_determined(uint32_t set, uint32_t scope);

/*
 * Calibrated probabilities of one candidate.  with [eh_model_with] values of the categorical block, NULL when the
 * model has none.
 * EH_EREFUSED when no part of the model gives classes (eh_model_classifies), or the candidate lacks an indicator for
 * each of those that do ("no usable indicator").
 * Of the parts that could answer the one with the highest lower end of the AUC interval does; one for which the
 * candidate is in scope goes before one for which it is not.
 * EH_EINVAL another layout, EH_ERANGE an indicator that is not finite.
 * Whichever part answers, p rests on the class shares of eh_model_prior.  The decision set is conformal, class by
 * class: facts/learning.md 9.
 */
int eh_model_classify(const struct eh_model *m, const struct eh_vector *v, const char *const *with,
		      struct eh_prediction *out, struct eh_err *err);
/* The same for n candidates at once; status [n] EH_OK, EH_EREFUSED (measured, but the parts for it give no classes) or
 * EH_ENOENT (no usable indicator); out[i] stands for EH_OK.  Any other failure, and a model that gives no classes, ends
 * it. */
int eh_model_classify_many(const struct eh_model *m, const struct eh_vector *const *v,
			   const char *const (*with)[EH_WITH_MAX], size_t n, struct eh_prediction *out, int *status,
			   struct eh_err *err);

int eh_model_put(struct eh_txn *txn, const struct eh_model *m, int64_t trained_at, struct eh_err *err);
int eh_model_get(struct eh_txn *txn, const char *attribute, struct eh_model **out, struct eh_err *err);
int eh_model_remove(struct eh_txn *txn, const char *attribute, struct eh_err *err);

struct eh_posterior {
	eh_id candidate;
	eh_name attribute;
	char model[EH_NAME_MAX + 12];   /* eh_model_id */
	uint8_t modality;
	uint32_t set, scope;            /* struct eh_prediction */
	uint32_t n_groups;
	eh_name groups[EH_GROUPS_MAX];
	double p[EH_GROUPS_MAX];
};
/* Records of an older version are passed over as if they were not there. */
int eh_posterior_put(struct eh_txn *txn, const struct eh_posterior *p, struct eh_err *err);
int eh_posteriors_each(struct eh_txn *txn, const char *attribute,
		       int (*fn)(void *ctx, const struct eh_posterior *p, struct eh_err *err), void *ctx,
		       struct eh_err *err);
int eh_posteriors_clear(struct eh_txn *txn, const char *attribute, struct eh_err *err);

#endif

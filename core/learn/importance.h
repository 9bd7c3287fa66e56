/*
 * importance.h - what the model looks at: block permutation importance.  Used inside this room only.
 *
 * For every judged candidate of an outer fold the values of a block of indicators are replaced together by those of
 * other judged candidates of that fold (never the own ones); the rise of the Brier score is the block's importance.
 * About 0: the model does as well without it.  Blocks: face, voice, and groups of indicators that go together, since
 * of two correlated indicators each alone seems dispensable (facts/learning.md 12).
 * Groups: average linkage on |Spearman's rho| over the rows without their classes, merged while the mean inside stays
 * at EH_IMPORTANCE_RHO or more (own choice).
 * Interval: normal 95 % interval of the mean over candidates.
 *
 * Cost: the fits are those of the curve (curve.h), and at most EH_IMPORTANCE_RUNS classifications (once each block and
 * candidate where that is more).
 */
#ifndef EH_LEARN_IMPORTANCE_H
#define EH_LEARN_IMPORTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "learn/curve.h"
#include "learn/fit.h"
#include "learn/vector.h"

#define EH_IMPORTANCE_RHO 0.6
#define EH_IMPORTANCE_RUNS 40000
#define EH_IMPORTANCE_DRAWS 10          /* partners of a candidate, at most */
#define EH_GROUPS_OF_INDICATORS 60      /* at most */

struct eh_block {
	bool there;
	uint16_t n;                     /* indicators in it */
	double rise, lo, hi;            /* [1] Brier score */
};

struct eh_importance {
	bool made;                      /* false: nothing else stands */
	uint8_t modality;               /* enum eh_modality; the caller's to set */
	uint32_t candidates, draws;     /* judged; partners of each */
	double brier;                   /* of the judged candidates as they are */
	struct eh_block face, voice;
	struct eh_block other;          /* the categorical block */
	uint16_t n_groups;
	struct eh_block group[EH_GROUPS_OF_INDICATORS];         /* largest rise first */
	uint8_t group_of[EH_VECTOR_N];  /* 0 = in none, else 1 + index into group */
};

/*
 * The curve and the importance of one modality in one go; adds EH_CURVE_STEPS to steps->done.  indicator [rows->d]:
 * index into the vector of each column, from EH_VECTOR_N on the categorical block.  Training calls it for the part
 * with the highest lower end of the AUC interval; struct eh_model holds both results (curve, importance) and model.c
 * stores them with eh_curve_put and eh_importance_put, one after the other.
 * Errors as eh_curve_make; both are then empty.
 */
int eh_importance_make(struct eh_importance *out, struct eh_curve *curve, const struct eh_rows *rows,
		       const uint16_t *indicator, uint64_t seed, struct eh_steps *steps, struct eh_err *err);

/* Section of the model's record, with a version of its own. */
void eh_importance_put(struct eh_buf *b, const struct eh_importance *i);
void eh_importance_get(struct eh_reader *r, struct eh_importance *i);   /* marks the reader bad */

#endif

/*
 * curve.h - would more candidates make the model better?  Used inside this room only.
 *
 * The pipeline of fit.h (scale, search, calibration, support vectors) is run on 30, 50, 70, 85 and 100 % of the
 * candidates who teach in each of EH_CURVE_FOLDS outer folds, and judged on the whole held-out fold: all points of the
 * curve stand for the same judged candidates, and the smaller training sets lie inside the larger ones, class by class.
 *
 * Cost: at most EH_CURVE_FOLDS * EH_CURVE_POINTS fits of at most EH_CURVE_ROWS rows, about that of one more nested
 * validation of so many rows.  Of larger sets a sample is drawn by candidate, class by class; the curve then
 * says how far it reaches.
 *
 * Verdict (own choice): the gain is the Brier score of half of the candidates minus that of all of them, over the
 * judged candidates in pairs, with the normal 95 % interval of its mean; what the draw of the teaching half
 * adds is not in it.
 *   enough    some skill, and the gain is surely below EH_CURVE_TOLERANCE: twice the candidates brought next to nothing
 *   more      the gain is surely above 0: with more candidates it should go on
 *   unclear   neither
 */
#ifndef EH_LEARN_CURVE_H
#define EH_LEARN_CURVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "learn/fit.h"

#define EH_CURVE_POINTS 5
#define EH_CURVE_FOLDS 5
#define EH_CURVE_STEPS (EH_CURVE_FOLDS * EH_CURVE_POINTS)       /* that eh_curve_make adds to steps->done */
#ifndef EH_CURVE_ROWS                   /* tests make it small, so that samples are drawn */
#define EH_CURVE_ROWS 1000
#endif
#define EH_CURVE_TOLERANCE 0.01         /* [1] Brier score */

enum eh_curve_verdict { EH_CURVE_NOT_MADE = 0, EH_CURVE_ENOUGH = 1, EH_CURVE_MORE = 2, EH_CURVE_UNCLEAR = 3 };

struct eh_curve_point {
	bool there;                     /* false: so few candidates cannot be learnt from */
	uint8_t percent;                /* of the candidates who teach */
	uint32_t n;                     /* candidates who taught, mean of the folds */
	double auc, auc_lo, auc_hi, brier, brier_lo, brier_hi;  /* as in struct eh_skill */
};

struct eh_curve {
	uint8_t verdict;                /* enum eh_curve_verdict; EH_CURVE_NOT_MADE: nothing else stands */
	uint8_t modality;               /* enum eh_modality the curve is of; the caller's to set */
	uint32_t folds;
	uint32_t n, of;                 /* candidates it is drawn from, and there were */
	struct eh_curve_point point[EH_CURVE_POINTS];
	double gain, gain_lo, gain_hi;  /* [1] Brier score, half against all */
};

/* Called once for every fold with the fit of all who teach in it.  held [n]: rows of rows (not of the caller's) that
 * are judged.  A value other than 0 ends the curve and is returned. */
struct eh_curve_hook {
	int (*fold)(void *ctx, const struct eh_fit *fit, const struct eh_rows *rows, const uint32_t *held, size_t n,
		    struct eh_err *err);
	void *ctx;
};

/*
 * rows: each class has at least two candidates.  hook may be NULL.  Same rows and seed: same bytes, on any number
 * of threads.  EH_ENOMEM, EH_ECANCEL, EH_EINVAL (not even all candidates can be learnt from).
 */
int eh_curve_make(struct eh_curve *out, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		  const struct eh_curve_hook *hook, struct eh_err *err);

/* Section of the model's record, with a version of its own. */
void eh_curve_put(struct eh_buf *b, const struct eh_curve *c);
void eh_curve_get(struct eh_reader *r, struct eh_curve *c);     /* marks the reader bad when a value cannot be */

#endif

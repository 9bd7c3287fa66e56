/*
 * card.h - the model card (facts/learning.md 13, after Mitchell et al. 2019): what a model is, how well it does, on
 * whom, and what it must not be used for.  One set of values, shown as text, JSON and figures.
 *
 * Every number stands in the model's record, but for those of struct eh_card_now, which the project answers at the
 * moment the card is made: the consents behind the model and the pool it is used on change after training.
 */
#ifndef EH_LEARN_CARD_H
#define EH_LEARN_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "learn/learn.h"
#include "learn/represent.h"

struct eh_card_now {
	bool known;                     /* false: a card of the model alone, nothing below stands */
	int64_t at;                     /* [s] when it was asked */
	uint32_t withdrawn;             /* who taught the model and whose consent no longer holds */
	uint32_t declared, imported;    /* candidates with a known class, by its source */
	uint32_t open_place;            /* of both, where the place allows to infer the attribute */
	uint32_t may_train;             /* of these, with consent to train */
	uint32_t measured;              /* of these, with indicators of a consented modality */
	uint32_t undeclared;            /* candidates without a known class */
	uint32_t may_infer;             /* of these, with consent to infer where the place allows it */
	uint32_t classified;            /* of these, with probabilities of this model */
	uint32_t determined;            /* of these, with a decision set of one class and in scope */
	struct eh_represent represent;
};

struct eh_card {
	struct eh_model *model;         /* the card's own */
	struct eh_card_now now;
};

void eh_card_free(struct eh_card **c);

enum eh_card_state { EH_CARD_IN_USE, EH_CARD_STALE, EH_CARD_REFUSED };
/* why (size bytes): what state and mend are, one sentence; "" in use. */
enum eh_card_state eh_card_state(const struct eh_card *c, char *why, size_t size);
extern const char *const eh_card_state_name[3];         /* "in use", "stale", "refused" */

/* The part the figures are of: the highest lower end of the AUC interval.  There always is one. */
enum eh_modality eh_card_part(const struct eh_card *c);

/* ---- text ---- */

enum eh_card_figure { EH_FIGURE_NONE, EH_FIGURE_RELIABILITY, EH_FIGURE_CURVE, EH_FIGURE_IMPORTANCE };

struct eh_card_section {
	const char *title;
	enum eh_card_figure figure;     /* to be drawn between title and text where one can draw */
	char *text;                     /* lines with newlines; prose wrapped */
};

#define EH_CARD_SECTIONS 14
#define EH_CARD_WIDTH_LEAST 56
/* Prose wrapped at `width` columns (at least EH_CARD_WIDTH_LEAST), tables up to 78.  Returns their number; freed by
 * eh_card_sections_free. */
size_t eh_card_sections(struct eh_card_section out[EH_CARD_SECTIONS], const struct eh_card *c, int width);
void eh_card_sections_free(struct eh_card_section *sections, size_t n);

/* ---- figures ---- */

struct eh_card_dot {
	double x, y, lo, hi;            /* lo..hi: 95 % interval of y */
};

#define EH_CARD_DOTS (EH_GROUPS_MAX * EH_REPORT_BINS)
/* x probability given, y share that is of it, of every group; Wilson's interval. */
size_t eh_card_reliability(struct eh_card_dot out[EH_CARD_DOTS], const struct eh_card *c);
/* x candidates who taught, y Brier score: what the verdict rests on. */
size_t eh_card_curve(struct eh_card_dot out[EH_CARD_DOTS], const struct eh_card *c);

struct eh_card_bar {
	char label[48];
	double value, lo, hi;
};

#define EH_CARD_BARS 13                 /* face, voice, the categorical block, the ten first groups */
size_t eh_card_importance(struct eh_card_bar out[EH_CARD_BARS], const struct eh_card *c);

/* ---- JSON ---- */

/*
 * Schema evenhand.model_card/1.  Beside every figure "x" stands "x_interval": [low, high], 95 %; what was not measured
 * is null.  Numbers of "what the project knows now" are absent in a card of the model alone.
 *   schema, model, attribute, groups [name], state (eh_card_state_name), state_reason, best_part, asked_at
 *   details        {trained_at, seed, layout, layout_sha256, libsvm, platform, columns, kernel, calibration,
 *                  inner_folds, alpha, with [name]}
 *   intended_use; not_to_be_used_for, metrics, evaluation_data, ethical_considerations, caveats [text]
 *   training_data  {candidates, classes [{group, candidates, prior}], majority, label_sources {declared, imported}
 *                  (of those who taught), declared_only (imported classes were left out), coverage {declared, imported,
 *                  open_place, may_train, measured,
 *                  share (of both sources)}, pool {undeclared, may_infer, measured,
 *                  classified, determined}, representativeness [{factor, value, taught, taught_share, pool,
 *                  pool_share, thin}]}
 *   parts          [{part, trained, reason, classifies, refusal, skill SKILL, outer_folds, confusion [[n]] (declared,
 *                  said), classes [{group, candidates, in_group, recall, auc, calibration_error, brier, log_loss,
 *                  reliability, resolution, uncertainty, within, reliability_table [{candidates, given, share}]}],
 *                  subgroups [{attribute, group, candidates, measured, accuracy, auc, brier, calibration_error,
 *                  log_loss}], more_subgroups, decisions [{group, candidates, can_exclude, covered, decided, wrong}],
 *                  out_of_scope, parameters [{probability_of, c, gamma, platt_a, platt_b}], indicators,
 *                  support_vectors, quality {pictures, voiced_seconds, bandwidth, snr, remarks}, degraded_copies
 *                  {candidates, kinds [{kind, candidates}]} (that taught, never judged), left_out {absent, constant}}]
 *   baselines      {majority, pitch SKILL}
 *   learning_curve {verdict, part, candidates, of, folds, points [{percent, candidates, auc, brier}], gain, tolerance}
 *   importance     {part, candidates, draws, brier, blocks [{block, indicators, rise, names (of groups)}]}
 *   erasure        {contributors, withdrawn, state ("all consents hold", "blocked")}
 *   SKILL = {candidates, accuracy, balanced_accuracy, auc, brier, calibration_error, log_loss}
 */
struct eh_json *eh_card_json(const struct eh_card *c);

#endif

/*
 * matrix.h - from training rows to what the parts of a model are trained on; used inside this room only.
 */
#ifndef EH_LEARN_MATRIX_H
#define EH_LEARN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "learn/fit.h"
#include "learn/learn.h"
#include "learn/measure.h"
#include "learn/model.h"

/* One column of the label matrix with the rows that have something to learn from. */
struct eh_training {
	struct eh_model *m;
	struct eh_train_row *row;       /* [n] by candidate, each original before its copies */
	size_t n;
	uint32_t *owner;                /* [n] equal: one candidate, or one recording under two ids; share a fold */
	uint32_t *order;                /* [n] rows by owner */
	struct eh_steps steps;
};

/* Checks rows and plan, sorts, finds owners.  Errors of eh_model_train. */
int eh_training_open(struct eh_training *t, const struct eh_train_plan *plan, const struct eh_train_row *rows,
		     size_t n_rows, struct eh_err *err);
void eh_training_close(struct eh_training *t);

/* Group names, attribute name, number of groups. */
int eh_training_check_plan(const struct eh_train_plan *plan, struct eh_err *err);
/* The values of the categorical block into t->m->level. */
int eh_training_levels(struct eh_training *t, struct eh_err *err);

/* One modality; a part that cannot be trained stays so, with its reason. */
int eh_part_train(struct eh_training *t, enum eh_modality m, struct eh_err *err);
/* Curve and importance of a trained part into the model. */
int eh_part_explain(struct eh_training *t, enum eh_modality m, struct eh_err *err);
/* Skill of median pitch alone into t->m->f0. */
int eh_baseline_train(struct eh_training *t, struct eh_err *err);
bool eh_baseline_takes(const struct eh_vector *v);

/* Figures per class and subgroup of out-of-fold probabilities.  o: originals only; row [o->n] index into t->row. */
int eh_report_fill(struct eh_report *out, const struct eh_training *t, const struct eh_outcome *o, const uint32_t *row,
		   uint64_t seed, struct eh_err *err);

#endif

/*
 * export.h - a model as text that the programs of libsvm read.
 *
 * Two files leave.  `model` is libsvm's text model of one column: c_svc, rbf, label 1 = in the group, -1 = not,
 * numbers with 17 significant digits.  Its rows are SCALED: `scale` is the table that makes them from raw
 * indicators, one line per indicator in the order of libsvm's indices 1..d,
 *
 *   z = (min(max(x, lo), hi) - mean) * inv_sd            (0 where inv_sd is 0)
 *
 * with tabs between index, indicator, unit, lo, hi, mean, inv_sd; comment lines (#) before it hold the ids, the
 * group, and the calibration P(in the group) = 1 / (1 + exp(a f + b)) of the decision value f (of more than two
 * groups before the division by the sum over the groups).  svm-predict on scaled rows gives our labels, libsvm's
 * decision values differ from ours by at most 1e-9.  libsvm's own probabilities are not exported (no probA, probB):
 * they come from folds that split candidates (facts/learning.md 1).
 *
 * What leaves is biometric: support vectors are candidates' vectors, scaled (facts/learning.md 14).  No candidate id
 * is in it.
 */
#ifndef EH_LEARN_EXPORT_H
#define EH_LEARN_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "learn/learn.h"

struct eh_fit;

/*
 * group: one of the model's groups; NULL = the second of two groups.  Of two groups both may be asked for: the
 * values of the first are those of the second with the sign turned.  model and scale are the caller's, flushed on
 * success and never closed.
 *
 * EH_ENOENT  the modality was not trained (the text says why)
 * EH_EINVAL  no such group, or NULL with more than two (the text names them)
 * EH_EIO     a file could not be written
 */
int eh_model_export(const struct eh_model *m, enum eh_modality which, const char *group, FILE *model, FILE *scale,
		    struct eh_err *err);

/* The libsvm text of one column of a fit, 0 <= column < fit->columns; turned: label 1 is the other side. */
int eh_fit_export(FILE *model, const struct eh_fit *fit, size_t column, bool turned, struct eh_err *err);

#endif

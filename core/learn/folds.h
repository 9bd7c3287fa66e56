/*
 * folds.h - stratified folds by candidate; used inside this room only.
 */
#ifndef EH_LEARN_FOLDS_H
#define EH_LEARN_FOLDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

/*
 * eh_folds_make - gives every row a fold, 0..k-1 (facts/learning.md 5).
 *
 * group [n] the class of each row; owner [n] its candidate: rows of one candidate are neighbours, have
 * one class and always share a fold.  The candidates of each class are shuffled and dealt in turn, each
 * class from fold 0 on: every fold then holds the classes in nearly the same proportion.  (A running
 * deal would level the sizes of the folds but tie a fold's class share to its complement's, which
 * pulls pooled out-of-fold AUC below .5 for labels without meaning.)
 *
 * EH_ENOMEM.
 */
int eh_folds_make(uint32_t *fold, const int32_t *group, const uint32_t *owner, size_t n, uint32_t k, struct eh_rng *rng,
		  struct eh_err *err);

/* Largest number of folds, at most `most`, that leaves every class a candidate in every fold;
 * at least 2 for classes of two candidates or more. */
uint32_t eh_folds_count(const int32_t *group, const uint32_t *owner, size_t n, size_t n_groups, uint32_t most);

#endif

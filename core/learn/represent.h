/*
 * represent.h - do the candidates who taught a model look like those it is to classify?
 *
 * One line per value of class, place, position, modality and length of voice, with the share among those who taught
 * and in the pool (candidates with consent to infer and indicators, without a declared class).  The class of the pool
 * is not known: its share is the mean of the probabilities that the model gave, where it gave any.
 * A value is thin when the pool has at least 5 % of it and its share among those who taught is below half of that
 * (own choice): there the measured skill says least.
 */
#ifndef EH_LEARN_REPRESENT_H
#define EH_LEARN_REPRESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "learn/learn.h"
#include "people/people.h"

#define EH_REPRESENT_VALUES 10          /* lines for places and positions, the most frequent ones; the rest in one */
#define EH_REPRESENT_ROWS (EH_GROUPS_MAX + 2 * (EH_REPRESENT_VALUES + 1) + 4 + 5)

enum eh_factor { EH_BY_CLASS, EH_BY_PLACE, EH_BY_POSITION, EH_BY_MODALITY, EH_BY_VOICE, EH_FACTORS };

struct eh_person {
	char place[EH_JURISDICTION_MAX + 1];
	eh_id position;                 /* "" = none given */
	bool has_face, has_voice;
	double voiced_seconds;          /* [s] */
	double p[EH_GROUPS_MAX];        /* weight of each class, sum 1; all 0 = not known */
};

struct eh_represent_row {
	uint8_t factor;                 /* enum eh_factor */
	eh_id value;
	double taught, pool;            /* candidates; of classes in the pool the sum of probabilities */
	bool thin;
};

struct eh_represent {
	uint32_t taught, pool;
	uint32_t pool_with_class;       /* of the pool, with probabilities; 0: the class rows say nothing of the pool */
	size_t n;
	struct eh_represent_row row[EH_REPRESENT_ROWS]; /* by factor; within it in a fixed order */
};

extern const char *const eh_factor_name[EH_FACTORS];

/* group [k] names of the classes.  Either list may be empty.  The order of the lists never matters, but for the last
 * digits of sums of probabilities.  EH_ENOMEM. */
int eh_represent_make(struct eh_represent *out, const char *const *group, size_t k, const struct eh_person *taught,
		      size_t n_taught, const struct eh_person *pool, size_t n_pool, struct eh_err *err);
/* Share of a row among those who taught, and in the pool; undefined where there is nobody. */
struct eh_num eh_represent_taught(const struct eh_represent *r, size_t row);
struct eh_num eh_represent_pool(const struct eh_represent *r, size_t row);

#endif

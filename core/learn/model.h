/*
 * model.h - what a model holds; used inside this room only.
 */
#ifndef EH_LEARN_MODEL_H
#define EH_LEARN_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "learn/fit.h"
#include "learn/learn.h"
#include "learn/vector.h"

/* What became of an indicator in one modality. */
enum eh_use {
	EH_USE_NONE = 0,                /* of another modality, or not of kind S */
	EH_USE_IN = 1,
	EH_USE_ABSENT = 2,              /* some training candidate has no value */
	EH_USE_CONSTANT = 3             /* the training candidates do not differ in it */
};

#define X(id, bit, text) + 1
enum { EH_QUALITY_FLAGS = 0 EH_QF_LIST(X) };
#undef X

/* The range of recordings a calibration stands for (facts/learning.md 8). */
struct eh_quality_range {
	uint32_t frames_least, frames_most;
	double voiced_least, voiced_most;       /* [s] */
	uint32_t flagged[EH_QUALITY_FLAGS];     /* candidates per EH_QF_* bit, from the lowest on */
};

struct eh_part {                                /* one modality */
	struct eh_skill skill;                  /* skill.trained: everything below but reason stands */
	char reason[200];                       /* why it is not trained */
	uint8_t use[EH_VECTOR_N];               /* enum eh_use */
	uint16_t indicator[EH_VECTOR_N];        /* [fit.d] index into the vector, ascending */
	uint32_t outer_folds;
	struct eh_quality_range quality;
	struct eh_fit fit;                      /* fit.sv_row: index into contributors */
};

struct eh_model {
	eh_name attribute;
	char id[EH_NAME_MAX + 12];
	size_t n_groups;
	eh_name group[EH_GROUPS_MAX];
	const char *group_text[EH_GROUPS_MAX];
	uint64_t seed;
	int64_t trained_at;                     /* [s]; 0 = not stored yet */
	uint32_t libsvm_version;
	char platform[32];
	char layout[65];
	struct eh_part part[EH_MODALITIES];
	struct eh_skill f0;
	double prior[EH_GROUPS_MAX];
	double majority;
	uint32_t contributors_n;
	eh_id *contributor;                     /* ascending */
};

extern const char *const eh_modality_name[EH_MODALITIES];

bool eh_modality_takes(enum eh_modality m, size_t indicator);   /* kind S and of a modality in it */
bool eh_vector_has(const struct eh_vector *v, enum eh_modality m);

/* Body without the time of training: the same rows and seed give the same bytes.  Failed buffer: EH_ENOMEM. */
int eh_model_encode(struct eh_buf *out, const struct eh_model *m, struct eh_err *err);
/* Sets id from the body. */
int eh_model_name(struct eh_model *m, struct eh_err *err);

#endif

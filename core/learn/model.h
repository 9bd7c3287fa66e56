/*
 * model.h - what a model holds; used inside this room only.
 */
#ifndef EH_LEARN_MODEL_H
#define EH_LEARN_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "learn/conformal.h"
#include "learn/curve.h"
#include "learn/fit.h"
#include "learn/importance.h"
#include "learn/learn.h"
#include "learn/scope.h"
#include "learn/vector.h"
#include "store/codec.h"

/* What became of an indicator in one modality. */
enum eh_use {
	EH_USE_NONE = 0,                /* of another modality, or not of kind S */
	EH_USE_IN = 1,
	EH_USE_ABSENT = 2,              /* some training candidate has no value */
	EH_USE_CONSTANT = 3             /* the training candidates do not differ in it */
};

#define X(id, bit, text, moves) + 1
enum { EH_QUALITY_FLAGS = 0 EH_QF_LIST(X) };
#undef X

/* The range of recordings a calibration stands for (facts/learning.md 8). */
struct eh_quality_range {
	uint32_t frames_least, frames_most;
	double voiced_least, voiced_most;       /* [s] */
	double band_least, band_most;           /* [Hz] 0 = not measured in some candidate */
	double snr_least, snr_most;             /* [dB] stands where band_least > 0 */
	uint32_t flagged[EH_QUALITY_FLAGS];     /* candidates per EH_QF_* bit, from the lowest on */
};

struct eh_level {                               /* one column of the categorical block */
	uint8_t with;                           /* index into eh_model.with */
	eh_id value;
};

#define EH_PART_COLUMNS (EH_VECTOR_N + EH_LEVELS_MAX)

/* What outer folds said of the part's candidates: each by a fit that had not learnt from him. */
struct eh_unseen {
	uint32_t n;
	uint32_t *who;                          /* [n] ascending: in training a row, in a model a contributor */
	double *p;                              /* [n][n_groups], on the part's own class shares */
};
int eh_unseen_alloc(struct eh_unseen *u, size_t k, struct eh_err *err);        /* for the n set */
void eh_unseen_free(struct eh_unseen *u);

struct eh_part {                                /* one modality */
	struct eh_skill skill;                  /* skill.trained: everything below but reason stands */
	char reason[200];                       /* why it is not trained */
	uint8_t use[EH_VECTOR_N];               /* enum eh_use */
	uint16_t indicator[EH_PART_COLUMNS];    /* [fit.d] ascending, index into the vector; EH_VECTOR_N + l: level l */
	uint32_t outer_folds;
	struct eh_quality_range quality;
	uint32_t copied;                        /* candidates who taught as degraded copies too */
	uint32_t copies[EH_COPY_KINDS];         /* of these, by kind of copy */
	struct eh_report report;                /* report.refusal stands for untrained parts too */
	struct eh_conformal conformal;
	struct eh_unseen unseen;
	struct eh_scope_limit scope[2];               /* of the face and the voice columns; d = 0: the part has none */
	struct eh_fit fit;                      /* fit.sv_row: index into contributors */
};

struct eh_model {
	eh_name attribute;
	char id[EH_NAME_MAX + 12];
	size_t n_groups;
	eh_name group[EH_GROUPS_MAX];
	const char *group_text[EH_GROUPS_MAX];
	size_t n_with, n_levels;
	eh_name with[EH_WITH_MAX];
	const char *with_text[EH_WITH_MAX];
	struct eh_level level[EH_LEVELS_MAX];   /* by with, then value */
	uint64_t seed;
	int64_t trained_at;                     /* [s]; 0 = not stored yet */
	uint32_t libsvm_version;
	char platform[32];
	char layout[65];
	struct eh_part part[EH_MODALITIES];
	struct eh_skill f0;
	struct eh_curve curve;          /* of the part with the highest lower end of the AUC interval */
	struct eh_importance importance;
	double prior[EH_GROUPS_MAX];
	double majority;
	uint32_t contributors_n;
	uint32_t imported_n;            /* of them, whose class was imported */
	bool declared_only;
	eh_id *contributor;                     /* ascending */
};

extern const char *const eh_modality_name[EH_MODALITIES];

bool eh_modality_takes(enum eh_modality m, size_t indicator);   /* kind S and of a modality in it */
bool eh_vector_has(const struct eh_vector *v, enum eh_modality m);

void eh_part_clear(struct eh_part *p);          /* untrained again; the reason stays */

/* report.classifies and report.refusal from the skill (report.c). */
void eh_report_judge(struct eh_part *part, const struct eh_model *m);

/* Name of a column of a part: "voice.f3", "position=nurse".  out of size bytes. */
void eh_column_name(char *out, size_t size, const struct eh_model *m, uint16_t indicator);
/* The columns of a part for one candidate, natural units; levels that are not there are 0. */
void eh_part_raw(double *raw, const struct eh_model *m, const struct eh_part *p, const struct eh_vector *v,
		 const char *const *with);

/* Sections of the record (part_record.c); the getters mark the reader bad when a value cannot be. */
void eh_skill_put(struct eh_buf *b, const struct eh_skill *s, size_t k);
void eh_skill_get(struct eh_reader *r, struct eh_skill *s, size_t k);
void eh_prior_get(struct eh_reader *r, double *prior, size_t k);
void eh_part_put(struct eh_buf *b, const struct eh_part *p, size_t k);
int eh_part_get(struct eh_reader *r, struct eh_part *p, size_t k, size_t levels, uint32_t contributors,
		bool has_unseen, struct eh_err *err);

/* Body without the time of training: the same rows and seed give the same bytes.  Failed buffer: EH_ENOMEM. */
int eh_model_encode(struct eh_buf *out, const struct eh_model *m, struct eh_err *err);
/* Sets id from the body. */
int eh_model_name(struct eh_model *m, struct eh_err *err);

#endif

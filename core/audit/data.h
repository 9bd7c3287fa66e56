/*
 * data.h - what an audit works on: decisions and classes, by index.
 *
 * Built by desk/ from the store or by exchange/ from one CSV (`rates`).  All name tables are
 * sorted in byte order and unique, so an index order is a name order and results do not
 * depend on the order of the input.
 */
#ifndef EH_AUDIT_DATA_H
#define EH_AUDIT_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"
#include "base/text.h"
#include "learn/learn.h"        /* EH_GROUPS_MAX, struct eh_skill */

struct eh_names {
	char **v;                       /* [n], sorted, unique */
	size_t n;
};

#define EH_ASIDE_MAX 255

enum eh_provenance { EH_UNKNOWN_CLASS = 0, EH_DECLARED = 1, EH_IMPORTED = 2, EH_PREDICTED = 3 };

struct eh_decision {
	uint32_t evaluator;             /* index into evaluators */
	uint32_t candidate;
	uint32_t stratum;               /* position x stage x question */
	uint8_t selected;               /* 1 advance, 0 reject; holds are left out before */
	uint8_t has_score;
	double score;
};

struct eh_attribute_data {
	eh_name name;                   /* "sex" */
	size_t n_groups;                /* 2..EH_GROUPS_MAX */
	eh_name groups[EH_GROUPS_MAX];  /* sorted */
	int16_t *group;                 /* [n_candidates] index, -1 = not known for certain */
	uint8_t *provenance;            /* [n_candidates] enum eh_provenance */
	double *prob;                   /* [n_candidates][n_groups] row-major, only rows with EH_PREDICTED are
	                                 * read; NULL when nobody is predicted.  Calibrated posteriors. */
	double prior[EH_GROUPS_MAX];    /* class shares of the calibration set (prob = prior x likelihood) */
	struct eh_num auc_lo;           /* lower end of the classifier's AUC interval; undefined = no model */
	uint32_t aside;                 /* candidates whose predicted class is not used, and stays unknown */
	char aside_why[EH_ASIDE_MAX + 1];       /* "" when there is none */
};

struct eh_audit_data {
	struct eh_names evaluators, candidates, strata;
	uint32_t *position;             /* [n_candidates] index into positions */
	struct eh_names positions;
	struct eh_decision *decisions;  /* [n_decisions] */
	size_t n_decisions;
	uint64_t holds;                 /* decisions left out because they are still open */
	struct eh_attribute_data *attributes;
	size_t n_attributes;
	char source[256];               /* file or project, for reports */
};

void eh_audit_data_free(struct eh_audit_data *d);       /* frees the content, zeroes the struct */

/* Sorts decisions by evaluator, stratum, candidate.  Several decisions of one evaluator on one candidate
 * in one stratum are EH_EFORMAT (the text names them). */
int eh_audit_data_sort(struct eh_audit_data *d, struct eh_err *err);

/* Growing, later sorted name table; add returns a provisional index, finish sorts and fills
 * map[old] = new (caller frees map). */
struct eh_name_builder;
struct eh_name_builder *eh_names_new(void);
uint32_t eh_names_add(struct eh_name_builder *b, const char *name);
void eh_names_finish(struct eh_name_builder **b, struct eh_names *out, uint32_t **map);
void eh_names_free(struct eh_names *n);
/* Index of name, or UINT32_MAX. */
uint32_t eh_names_find(const struct eh_names *n, const char *name);

#endif

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
#include "learn/learn.h"        /* EH_GROUPS_MAX */

struct eh_names {
	char **v;                       /* [n], sorted, unique */
	size_t n;
};

#define EH_ASIDE_MAX 383

enum eh_provenance { EH_UNKNOWN_CLASS = 0, EH_DECLARED = 1, EH_IMPORTED = 2, EH_PREDICTED = 3 };

struct eh_attribute_data {
	eh_name name;                   /* "sex" */
	size_t n_groups;                /* 2..EH_GROUPS_MAX */
	eh_name groups[EH_GROUPS_MAX];  /* sorted */
	int16_t *group;                 /* [n_candidates] index, -1 = not known for certain */
	uint8_t *provenance;            /* [n_candidates] enum eh_provenance */
	double *prob;                   /* [n_candidates][n_groups] row-major, only rows with EH_PREDICTED and
					 * labelled ones are read; NULL when nobody is predicted.  Calibrated
					 * posteriors. */
	uint8_t *labelled;              /* [n_candidates] 1: of known class, and his row of prob is what the classifier
					 * says of him without having learnt from him; NULL = nobody is */
	uint8_t *out_of_scope;          /* [n_candidates] 1: predicted, but unlike the training (low quality, far off);
					 * NULL = not known */
	double prior[EH_GROUPS_MAX];    /* class shares of the calibration set (prob = prior x likelihood) */
	struct eh_num auc_lo;           /* lower end of the classifier's AUC interval; undefined = no model: it is then
					 * measured on the labelled (audit/classifier.h) */
	struct eh_num auc, ece;         /* beside a defined auc_lo */
	uint32_t aside;                 /* candidates whose predicted class is not used, and stays unknown */
	char aside_why[EH_ASIDE_MAX + 1];       /* "" when there is none */
};

/*
 * Decisions are columns of n_decisions cells.  Who fills them gives each row its evaluator; eh_audit_data_sort then
 * arranges the rows by evaluator, candidate, stratum and keeps of the evaluators only where each one's rows begin.
 */
struct eh_audit_data {
	struct eh_names evaluators, strata;
	struct eh_names candidates;     /* n is needed; v may be NULL where nobody asks for the names */
	/* [n_candidates] persons whom a candidate stands for, all of the same classes and decisions; NULL = one each.
	 * Only where nobody has a predicted class and no candidate was judged by two evaluators; scores then stand in
	 * scored. */
	uint32_t *weight;
	uint32_t *position;             /* [n_candidates] index into positions; NULL = all in one */
	struct eh_names positions;
	uint32_t *place;                /* [n_candidates] jurisdiction, index into places; NULL = nobody asks for it */
	struct eh_names places;
	size_t n_decisions;             /* below EH_DECISIONS_MAX */
	uint32_t *evaluator;            /* index into evaluators; NULL once sorted */
	size_t *evaluator_at;           /* [evaluators + 1] first row of each; NULL until sorted */
	uint32_t *candidate;
	uint32_t *stratum;              /* position x stage x question */
	uint8_t *selected;              /* 1 advance, 0 reject; holds are left out before */
	double *score;                  /* NULL where no row has one */
	uint8_t *has_score;             /* NULL with score; 0: the row's score is none, and not read */
	struct eh_score_kinds *scored;  /* [evaluators] with weight, in the place of score (score_kinds.h); NULL: nobody
					 * has a score.  Candidates are numbered evaluator by evaluator then */
	int32_t *decided;               /* [d] days since 1970 UTC, EH_NO_DAY = not known; NULL where no row has one */
	uint64_t holds;                 /* decisions left out because they are still open */
	struct eh_attribute_data *attributes;
	size_t n_attributes;
	char source[256];               /* file or project, for reports */
	uint32_t threads;               /* to sort and look through; 0 = one per core.  The result is always the same */
	bool in_order;                  /* rows were made as eh_audit_data_sort leaves them: it need not look */
};

#define EH_NO_DAY INT32_MIN
/* The day that holds t [s since 1970 UTC], before 1970 too; of far times EH_NO_DAY: no trend is over ages. */
int32_t eh_day_of(int64_t t);

#define EH_DECISIONS_MAX ((size_t)INT32_MAX)     /* a stratum and a decision fit into 32 bits together */

/* Columns for n rows, cleared; with_score: score and has_score too; never `decided`.  EH_ENOMEM: nothing is left
 * allocated. */
int eh_audit_data_room(struct eh_audit_data *d, size_t n, bool with_score, struct eh_err *err);

/* Decisions with their weights; n_decisions where there are none. */
uint64_t eh_audit_data_total(const struct eh_audit_data *d);

void eh_audit_data_free(struct eh_audit_data *d);       /* frees the content, zeroes the struct */

/*
 * Sorts the rows in place; the room it takes does not grow with their number, and rows in order cost one look.  May be
 * called again after a change of candidates or strata.  Several decisions of one evaluator on one candidate in one
 * stratum are EH_EFORMAT (the text names them); EH_ERANGE, EH_ENOMEM.
 */
int eh_audit_data_sort(struct eh_audit_data *d, struct eh_err *err);

/* Growing, later sorted name table; add returns a provisional index, finish sorts and fills
 * map[old] = new (caller frees map). */
struct eh_name_builder;
struct eh_name_builder *eh_names_new(void);
uint32_t eh_names_add(struct eh_name_builder *b, const char *name);
const char *eh_names_text(const struct eh_name_builder *b, uint32_t index);     /* of a provisional index; borrowed */
void eh_names_finish(struct eh_name_builder **b, struct eh_names *out, uint32_t **map);
void eh_names_free(struct eh_names *n);
/* Index of name, or UINT32_MAX. */
uint32_t eh_names_find(const struct eh_names *n, const char *name);

#endif

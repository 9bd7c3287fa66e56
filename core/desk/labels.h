/*
 * labels.h - the label matrix: who may teach which column, and as what; used inside this room only.
 *
 * Rows are candidates with a known class, consent to train and indicators they still consent to; columns are
 * classifications.  A cell is empty where the class is not known, the place forbids inferring it, or the column takes
 * declared classes alone and another record says it.
 */
#ifndef EH_DESK_LABELS_H
#define EH_DESK_LABELS_H

#include "desk/copies.h"
#include "desk/inside.h"

struct eh_label_row {                      /* one candidate who may teach */
	struct eh_vector vector;
	char jurisdiction[EH_JURISDICTION_MAX + 1];
	struct eh_declared_by known;    /* classes of any source */
	struct eh_declared_by declared; /* those that the candidate declared */
	eh_id position;
};

struct eh_label_column {                         /* one classification */
	struct eh_train_plan plan;
	eh_name attribute;
	eh_name with[EH_WITH_MAX];
	const char *group[EH_GROUPS_MAX];
	bool copies;                    /* those who teach it do so as degraded copies too */
	struct eh_train_report *report;
	struct eh_model *model;
};

struct eh_label_matrix {
	struct eh_txn *txn;
	int64_t now;
	struct eh_list rows;            /* struct eh_label_row, by candidate */
	struct eh_list teachers;        /* struct eh_desk_teacher of the columns with copies */
	struct eh_desk_copies copies;
	struct eh_label_column *column;          /* [n] */
	size_t n;
};

/* Fills m->rows in m->txn; who has a label but cannot teach is counted in the columns' reports by reason. */
int eh_labels_read(struct eh_label_matrix *m, struct eh_err *err);

/*
 * The rows of one column into rows [m->rows.n], *n of them, borrowed from m; fills the column's groups and the
 * report's counts.  EH_EINVAL: fewer than two groups; EH_ERANGE: more than EH_GROUPS_MAX.
 */
int eh_labels_column(struct eh_train_row *rows, size_t *n, const struct eh_label_matrix *m, struct eh_label_column *k,
		     struct eh_err *err);

#endif

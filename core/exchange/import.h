/*
 * import.h - what a kind of import is: its columns and what becomes of a row.  Only for import_*.c.
 */
#ifndef EH_EXCHANGE_IMPORT_H
#define EH_EXCHANGE_IMPORT_H

#include "exchange/table.h"

union eh_import_record {
	struct eh_evaluator evaluator;
	struct eh_candidate candidate;
	struct eh_consent consent;
	struct eh_interview interview;
	struct eh_evaluation evaluation;
};

struct eh_import_run {
	struct eh_txn *txn;
	char dir[EH_PATH_MAX + 1];      /* absolute directory of the CSV file */
};

struct eh_import_column {
	const char *name;
	bool required;                  /* the column must be there and its cells not empty */
	/* text is not empty.  EH_EFORMAT or EH_ERANGE: err has the sentence, the caller adds the place. */
	int (*parse)(union eh_import_record *r, const struct eh_import_run *run, const char *text, struct eh_err *err);
	/* What the cell names must be in the project; checked only after the whole row could be read. */
	const char *refers;             /* NULL, "candidate" or "evaluator" */
};

struct eh_import_spec {
	const char *name;
	const struct eh_import_column *column;  /* [n] */
	size_t n;
	size_t size;                    /* [bytes] of the kind's record */
	bool declared;                  /* declared.ATTRIBUTE columns */
	/* Rows with the same key must be equal; writes its parts, joined by a byte no id holds. */
	void (*key)(struct eh_buf *out, const union eh_import_record *r);
	int (*check)(const union eh_import_record *r, struct eh_err *err);      /* NULL = nothing beyond the cells */
	int (*put)(struct eh_txn *txn, const union eh_import_record *r, enum eh_change *change, struct eh_err *err);
};

extern const struct eh_import_spec eh_import_specs[EH_IMPORT_KINDS];

/* advance, reject, hold, 1 or 0. */
int eh_decision_parse(enum eh_decision_kind *out, const char *text, struct eh_err *err);

/* The group of a declared class into c; an unknown class (eh_class_unknown) adds nothing. */
int eh_declared_parse(struct eh_candidate *c, const char *attribute, const char *text, struct eh_err *err);

/* Absolute path without ".", ".." and double slashes, by its text alone: symbolic links are not followed. */
int eh_path_absolute(char *out, size_t size, const char *dir, const char *path, struct eh_err *err);

#endif

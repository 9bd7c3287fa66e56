/*
 * import.h - what a kind of import is: its columns and what becomes of a row.  Only for import_*.c.
 */
#ifndef EH_EXCHANGE_IMPORT_H
#define EH_EXCHANGE_IMPORT_H

#include "audit/cubes.h"
#include "exchange/table.h"
#include "people/paper.h"

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
	/* What the column fills of the record; size 0: required, or a part of the key.  A table without the column
	 * leaves these bytes of the stored record as they are. */
	size_t at, size;
};

struct eh_import_spec {
	const char *name;
	const struct eh_import_column *column;  /* [n] */
	size_t n;
	size_t size;                    /* [bytes] of the kind's record */
	bool declared;                  /* declared.ATTRIBUTE and imported.ATTRIBUTE columns */
	/* Rows with the same key must be equal; writes its parts, joined by a byte no id holds. */
	void (*key)(struct eh_buf *out, const union eh_import_record *r);
	/* NULL = nothing beyond the cells; *column: the one at fault, NULL = the row */
	int (*check)(const union eh_import_record *r, const char **column, struct eh_err *err);
	/* What is stored under the key of *r, into *r; EH_ENOENT.  NULL: the kind has no column that may be missing. */
	int (*get)(struct eh_txn *txn, union eh_import_record *r, struct eh_err *err);
	/* NULL: they are put many at once (evaluations, audit/cubes.h), which looks for the stored ones too */
	int (*put)(struct eh_txn *txn, const union eh_import_record *r, enum eh_change *change, struct eh_err *err);
};

extern const struct eh_import_spec eh_import_specs[EH_IMPORT_KINDS];

/* advance, reject, hold, 1 or 0. */
int eh_decision_parse(enum eh_decision_kind *out, const char *text, struct eh_err *err);

/* The group of a class into c, where a declared one wins; an unknown class (eh_class_unknown) adds nothing. */
int eh_class_parse(struct eh_candidate *c, const char *attribute, enum eh_class_source source, const char *text,
		   struct eh_err *err);

/*
 * What a person should know about tables without errors, into report->note (eh_import_note appends a sentence).
 * consents: eh_import_note_consent per row; counts those that the candidate's place keeps from being used: for ever, or
 * until a release or waiver is recorded (people/paper.h).
 * candidates: eh_import_note_groups once; groups of the project that differ only in case, of the n attributes named.
 */
void eh_import_note(struct eh_import_report *report, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct eh_import_closed {
	uint64_t n;
	char purpose[EH_PURPOSE_MAX + 1];       /* of the first */
	char place[EH_JURISDICTION_MAX + 1];
	uint64_t n_paper;               /* a paper is missing; the rest is of the first */
	char candidate[EH_ID_MAX + 1];
	char paper_purpose[EH_PURPOSE_MAX + 1];
	char lacks[EH_PAPER_LACKS_MAX];
	const struct eh_paper_rule *rule;
};
int eh_import_note_consent(struct eh_import_closed *closed, struct eh_txn *txn, const struct eh_consent *c,
			   struct eh_err *err);
void eh_import_note_closed(struct eh_import_report *report, const struct eh_import_closed *closed);
int eh_import_note_groups(struct eh_import_report *report, struct eh_txn *txn, const eh_name *attribute, size_t n,
			  struct eh_err *err);

/* Evaluations are many: they wait until they can be put in the order of their keys, and are counted then. */
struct eh_import_evaluations {
	struct eh_intake *intake;               /* NULL until the first row */
	char profile[EH_PROFILE_TEXT];          /* of the row's candidate */
	bool keep_scores, keep_days;            /* the table has no such column: what is stored stays */
};
/* candidate: the record of the next row's. */
int eh_import_evaluation_candidate(struct eh_import_evaluations *e, struct eh_bytes candidate, struct eh_err *err);
/* eh_seen_add of what an evaluation says. */
int eh_import_evaluation_seen(struct eh_seen *seen, const struct eh_buf *key, const struct eh_evaluation *v,
			      uint64_t line, uint64_t *first, bool *same, struct eh_err *err);
int eh_import_evaluation_take(struct eh_import_evaluations *e, struct eh_txn *txn, const struct eh_evaluation *v,
			      struct eh_err *err);
/* Stores and counts all that were taken; their numbers into the report. */
int eh_import_evaluations_finish(struct eh_import_evaluations *e, struct eh_import_report *report, struct eh_err *err);
void eh_import_evaluations_free(struct eh_import_evaluations *e);

/* Absolute path without ".", ".." and double slashes, by its text alone: symbolic links are not followed. */
int eh_path_absolute(char *out, size_t size, const char *dir, const char *path, struct eh_err *err);

#endif

/*
 * rates.h - the table of `rates` between its header (rates_columns.c), its rows (rates.c) and audit data (rates_data.c,
 * rates_split.c).  Only for these files.
 */
#ifndef EH_EXCHANGE_RATES_H
#define EH_EXCHANGE_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/plain.h"
#include "exchange/table.h"

#define EH_RATES_CLASSES_MAX 16         /* class columns */
#define EH_RATES_STRATA_MAX 16          /* stratum columns */
#define EH_RATES_SCORE_LIMIT 1e12      /* far beyond any rating scale; keeps sums of squares finite */
#define EH_RATES_LABELLED_MIN 5         /* [persons] of each group with a probability, for shares to be taken of them */
#define EH_RATES_NO_COLUMN SIZE_MAX
#define EH_RATES_JOINT "\x1f"           /* between joined names: no id holds a control character, so none collide */

struct eh_rates_row {
	uint32_t evaluator, candidate, stratum, event;  /* provisional indexes */
	uint32_t line;
	uint8_t selected, has_score;
	double score;
};

/* One class column, or the columns of --prob (then value is unused). */
struct eh_rates_class {
	eh_name attribute;
	char column[EH_TABLE_NAME_MAX + 1];
	size_t at;                      /* index of the column */
	uint64_t at_line, at_column;    /* of its name in the header */
	bool declared;                  /* a column declared.ATTRIBUTE: the persons said it of themselves */
	size_t n_groups;
	eh_name groups[EH_GROUPS_MAX];  /* in the order of their arrival */
	bool beside;                    /* imported.ATTRIBUTE, right behind declared.ATTRIBUTE: for those who
					 * declared nothing */
	size_t into;                    /* index of the attribute it became; EH_RATES_NO_COLUMN = left out */
	int16_t *value;                 /* [cap] per provisional candidate, -1 = not known */
};

struct eh_rates_prob {
	bool used;
	bool lent;                      /* to a class of another name: no group of it may lack a probability */
	eh_name attribute;
	size_t n;                       /* groups */
	eh_name groups[EH_GROUPS_MAX];
	size_t at[EH_GROUPS_MAX];       /* columns */
	double *p;                      /* [cap][n] */
	uint32_t *line;                 /* [cap], 0 = none */
};

/* Rows to be left out that only other rows show to be wrong, ascending by line. */
struct eh_rates_drop {
	uint64_t line;
	enum eh_fault fault;
	char *text;                     /* NULL: too far behind to be listed */
};

struct eh_rates_drops {
	struct eh_rates_drop *v;        /* [n] */
	size_t n;
	int64_t from;                   /* [bytes] where the table begins in its stream */
};

#define EH_RATES_AGAIN 2                /* a state: rows were dropped, so the table must be read without them */

struct eh_rates_table {
	const struct eh_rates_options *options;
	struct eh_rates_drops *drops;
	size_t evaluator, candidate, decision, score, event, decided;   /* columns; EH_RATES_NO_COLUMN */
	char event_name[EH_TABLE_NAME_MAX + 1];
	size_t strata[EH_RATES_STRATA_MAX], n_strata;
	size_t n_classes;
	struct eh_rates_class classes[EH_RATES_CLASSES_MAX];
	struct eh_rates_prob prob;
	size_t cap;                     /* [candidates] room in the arrays */

	struct eh_name_builder *evaluators, *candidates, *stratum_names, *event_names;
	struct eh_rates_row *rows;      /* [n_rows] */
	int32_t *row_day;               /* [n_rows] as struct eh_audit_data has them; NULL without the column */
	int16_t *row_class;             /* [n_rows][n_classes] what the row itself says, -1 = not known */
	size_t n_rows, rows_cap;
	bool *conflict;                 /* [cap] rows of the candidate give it different classes */
	size_t n_conflicts;
	uint64_t holds;
};

/* One found at fault by others: as both are to be told. */
struct eh_rates_twin {
	uint32_t row, first;            /* into rows */
	size_t class;                   /* that they contradict each other in; n_classes = they repeat a decision */
	int16_t here, there;            /* its groups */
};

/* Adds the later row of each; names: of evaluators and candidates, as rows number them.  EH_RATES_AGAIN, EH_ENOMEM. */
int eh_rates_drop(struct eh_rates_table *r, struct eh_rates_twin *twin, size_t n, const struct eh_names *evaluators,
		  const struct eh_names *candidates, struct eh_err *err);
/* Was the line dropped?  Its error is in the report then. */
bool eh_rates_dropped(const struct eh_rates_drops *d, struct eh_csv_table *t, uint64_t line);
void eh_rates_drops_free(struct eh_rates_drops *d);
/* A candidate's id as a message shows it, without what a split put behind it. */
struct eh_shown eh_rates_shown(const char *name);
/* What is wrong with the later row of a pair. */
void eh_rates_twin_text(char *out, size_t size, const struct eh_rates_table *r, const struct eh_rates_twin *twin,
			const struct eh_names *evaluators, const struct eh_names *candidates);

/* Finds the columns (struct eh_csv_table's header function); errors go through eh_table_error. */
int eh_rates_header(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err);

/*
 * Candidates with different classes in different rows become one per combination: names ("C1" EH_RATES_JOINT
 * "[male]"), r->rows, the classes and probabilities are rewritten, *candidates is the new table.
 * candidates: provisional names in the order of their indexes.
 */
int eh_rates_split(struct eh_rates_table *r, const struct eh_names *evaluators, struct eh_names *candidates,
		   struct eh_csv_table *t, struct eh_err *err);

/* Names in the order of the indexes that eh_names_add gave them; takes *b. */
struct eh_names eh_rates_arrived(struct eh_name_builder **b);

/* An error of the table as a whole: into the report, and the report's text into err. */
int eh_rates_fail(struct eh_csv_table *t, struct eh_err *err, uint64_t line, uint64_t column, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Adds a sentence to the report's note. */
void eh_rates_note(struct eh_csv_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The groups of every class column to attributes without cells for candidates, and what is to be said about them. */
int eh_rates_attributes(struct eh_audit_data *out, struct eh_rates_table *r, struct eh_csv_table *t,
			struct eh_err *err);

void eh_rates_note_event(struct eh_csv_table *t, const struct eh_rates_table *r, uint64_t repeats);
void eh_rates_note_holds(struct eh_csv_table *t, uint64_t holds);

/* Adds the attributes that o->pairs names; EH_EUSAGE, EH_EFORMAT, EH_ERANGE (a name too long), EH_ENOMEM. */
int eh_rates_pairs(struct eh_audit_data *d, const struct eh_rates_options *o, struct eh_import_report *report,
		   struct eh_err *err);

/* The table through plain.h; EH_PLAIN_ODD: rates.c must read it.  out and report are to be begun anew then. */
int eh_rates_plain(struct eh_audit_data *out, const char *path, const struct eh_rates_options *o,
		   struct eh_import_report *report, struct eh_err *err);

/* Takes the name builders out of r in every case. */
int eh_rates_finish(struct eh_audit_data *out, struct eh_rates_table *r, struct eh_csv_table *t, struct eh_err *err);

#endif

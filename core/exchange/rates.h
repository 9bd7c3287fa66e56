/*
 * rates.h - the table of `rates` between its header (rates_columns.c), its rows (rates.c) and audit data (rates_data.c,
 * rates_split.c).  Only for these files.
 */
#ifndef EH_EXCHANGE_RATES_H
#define EH_EXCHANGE_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/table.h"

#define EH_RATES_CLASSES_MAX 16         /* class columns */
#define EH_RATES_STRATA_MAX 16          /* stratum columns */
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
	bool chosen;                    /* named by the user, so that it may not be left out quietly */
	size_t n_groups;
	eh_name groups[EH_GROUPS_MAX];  /* in the order of their arrival */
	int16_t *value;                 /* [cap] per provisional candidate, -1 = not known */
};

struct eh_rates_prob {
	bool used;
	eh_name attribute;
	size_t n;                       /* groups */
	eh_name groups[EH_GROUPS_MAX];
	size_t at[EH_GROUPS_MAX];       /* columns */
	double *p;                      /* [cap][n] */
	uint32_t *line;                 /* [cap], 0 = none */
};

struct eh_rates_table {
	const struct eh_rates_options *options;
	size_t evaluator, candidate, decision, score, event;    /* columns; EH_RATES_NO_COLUMN */
	char event_name[EH_TABLE_NAME_MAX + 1];
	size_t strata[EH_RATES_STRATA_MAX], n_strata;
	size_t n_classes;
	struct eh_rates_class classes[EH_RATES_CLASSES_MAX];
	struct eh_rates_prob prob;
	size_t cap;                     /* [candidates] room in the arrays */

	struct eh_name_builder *evaluators, *candidates, *stratum_names, *event_names;
	struct eh_rates_row *rows;      /* [n_rows] */
	int16_t *row_class;             /* [n_rows][n_classes] what the row itself says, -1 = not known */
	size_t n_rows, rows_cap;
	bool *conflict;                 /* [cap] rows of the candidate give it different classes */
	size_t n_conflicts;
	uint64_t holds;
};

/* Finds the columns (struct eh_csv_table's header function); errors go through eh_table_error. */
int eh_rates_header(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err);

/*
 * Candidates with different classes in different rows become one per combination: names ("C1" EH_RATES_JOINT
 * "[male]"), r->rows, the classes and probabilities are rewritten, *candidates is the new table.
 * candidates: provisional names in the order of their indexes.
 */
int eh_rates_split(struct eh_rates_table *r, struct eh_names *candidates, struct eh_csv_table *t, struct eh_err *err);

/* Names in the order of the indexes that eh_names_add gave them; takes *b. */
struct eh_names eh_rates_arrived(struct eh_name_builder **b);

/* An error of the table as a whole: into the report, and the report's text into err. */
int eh_rates_fail(struct eh_csv_table *t, struct eh_err *err, uint64_t line, uint64_t column, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Adds a sentence to the report's note. */
void eh_rates_note(struct eh_csv_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Takes the name builders out of r in every case. */
int eh_rates_finish(struct eh_audit_data *out, struct eh_rates_table *r, struct eh_csv_table *t, struct eh_err *err);

#endif

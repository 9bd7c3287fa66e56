/*
 * table.h - one CSV file with a header line: opens it, checks the shape, collects errors with their places.
 * Only for the files of exchange/.
 */
#ifndef EH_EXCHANGE_TABLE_H
#define EH_EXCHANGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "exchange/csv.h"
#include "exchange/exchange.h"

#define EH_TABLE_NAME_MAX 100           /* [bytes] of a column name */

struct eh_csv_table {
	char label[160];                /* the file as messages name it */
	struct eh_import_report *report;
	/* The header line: names are checked (not empty, no fault, no twin).  EH_OK or a failure that ends the reading;
	 * errors in the table itself go through eh_table_error and do not end it. */
	int (*header)(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err);
	/* Every other row that has as many fields as the header and no fault. */
	int (*row)(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err);
	void *ctx;
	size_t n_columns;
	bool skip;                      /* rows with an error are left out, counted and listed; not the end of it */
	FILE *list;                     /* with skip: gets every error of a row (struct eh_rates_options); or NULL */
	bool in_row, faulty;            /* a row is being read, and was found wrong ... */
	enum eh_fault fault;            /* ... first of all for this */
	char last[400];                 /* the newest error, also when the report had no room for it */
	bool stop;                      /* the header is wrong: no row is read */
};

/*
 * EH_EFORMAT when at least one error was reported: err has the first with its place.  With skip only an error that is
 * not of one row (header, quotes, an empty file, stop) is one, and err has that.
 */
int eh_table_read(struct eh_csv_table *t, const char *path /* "-" = stdin */, struct eh_err *err);

/*
 * The two halves of it, for who reads a table more than once: t->label is set then (eh_table_label), and with content
 * not NULL what cannot be read twice is read into *content, which is to be freed after *in is closed (unless *in is
 * stdin).
 */
int eh_table_open(FILE **in, const char *path, char **content, struct eh_err *err);
int eh_table_read_from(struct eh_csv_table *t, FILE *in, struct eh_err *err);

/* The same for a reader that finds the header line itself: the label, then what eh_table_read does with the header. */
void eh_table_label(struct eh_csv_table *t, const char *path);
int eh_table_header(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err);

/* Adds "FILE:LINE:COLUMN: text" to the report, or counts it there when it is full. */
void eh_table_error(struct eh_csv_table *t, uint64_t line, uint64_t column, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same of one row, with what it is that is wrong. */
void eh_table_fault(struct eh_csv_table *t, enum eh_fault fault, uint64_t line, uint64_t column, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Errors so far, kept or only counted. */
uint64_t eh_table_errors(const struct eh_csv_table *t);

/* An id as a message shows it: printable, at most 40 bytes. */
struct eh_shown {
	char text[48];
};
struct eh_shown eh_shown(const char *text);

/*
 * Line of the first entry with this key: a set of fingerprints (base/digest.h), so that ten million rows need no
 * keys kept; two of their keys agree with probability 2^-82.
 */
struct eh_seen;
struct eh_seen *eh_seen_new(void);
void eh_seen_free(struct eh_seen **s);
/* *first = 0: not seen before.  *same: the content was equal then.  EH_ENOMEM. */
int eh_seen_add(struct eh_seen *s, const void *key, size_t key_len, const void *content, size_t content_len,
		uint64_t line, uint64_t *first, bool *same, struct eh_err *err);

/* "", "unknown", "declined", "na", "n/a" in any case: a class that is not known. */
bool eh_class_unknown(const char *text);

#endif

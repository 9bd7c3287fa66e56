/*
 * csv.h - rows of a CSV stream with the exact place of every field.  The one file that sees libcsv.
 *
 * RFC 4180 in strict mode: a quote inside an unquoted field or text after a closing quote is an
 * error; blanks are part of the field; a line end is LF, CRLF or CR; empty lines are no rows; a
 * UTF-8 byte order mark at the start is taken away; the last line end may be missing.
 * Only for the files of exchange/ and their tests.
 */
#ifndef EH_EXCHANGE_CSV_H
#define EH_EXCHANGE_CSV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define EH_CSV_FIELD_MAX 65536          /* [bytes]; longer means a forgotten closing quote */
#define EH_CSV_FIELDS_MAX 1000          /* in one row */

struct eh_csv_cell {
	const char *text;               /* NUL-terminated, quotes taken off; borrowed until the row function returns */
	size_t len;                     /* [bytes] */
	uint64_t line, column;          /* of the field's first byte (its quote, when quoted), from 1; in bytes */
	const char *fault;              /* NULL, or what makes the text unusable: a NUL byte, invalid UTF-8 */
};

struct eh_csv_row {
	const struct eh_csv_cell *field;       /* [n] */
	size_t n;                       /* at least 1 */
};

/* A value other than 0 ends the reading and is returned. */
typedef int (*eh_csv_row_fn)(void *ctx, const struct eh_csv_row *row, struct eh_err *err);

/*
 * Reads `in` to its end.  On EH_EFORMAT of its own (quotes, a field or row that is too long, a file that is no text by
 * its first bytes: UTF-16, a spreadsheet, compressed) *line and *column are
 * the first byte of the field at fault and err has the text without a place.  EH_EIO, EH_ENOMEM.
 */
int eh_csv_read(FILE *in, eh_csv_row_fn fn, void *ctx, uint64_t *line, uint64_t *column, struct eh_err *err);

#endif

/*
 * plain.h - the rows of a CSV file that needs no quotes, many times as fast as a general parser finds them.
 *
 * Understands what RFC 4180 calls fields without quotes: commas between them, LF or CRLF after each row, UTF-8, every
 * row with the same number of fields, none above 64 KiB; empty lines are no rows.  Whatever else it meets it does not
 * judge: it gives up (EH_PLAIN_ODD) and csv.h reads the file from its start, with the places and the words of its
 * errors. Only for the files of exchange/ and their tests.
 */
#ifndef EH_EXCHANGE_PLAIN_H
#define EH_EXCHANGE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_PLAIN_ODD 1                  /* a state, not an error: not for this reader */
#define EH_PLAIN_ROW_MAX 65536u         /* [bytes] with the line end; at most EH_CSV_FIELD_MAX */
#define EH_PLAIN_FIELDS_MAX 1000u
#define EH_PLAIN_PAD 64u                /* [bytes] behind every field that may be looked at, though not believed */

/*
 * Field i of a row is at[i] .. at[i + 1] - 2.  wide: some byte of the row is not printable ASCII; the row is valid
 * UTF-8 without NUL, quotes and CR then.  Borrowed until it returns; a value other than EH_OK ends the reading.
 */
typedef int eh_plain_fn(void *ctx, const char *const *at, bool wide, struct eh_err *err);

struct eh_plain_part {
	int fd;                         /* a regular file; its offset is neither used nor moved */
	uint64_t from, to;              /* [bytes] the rows that begin here; from is the first byte of a row */
	size_t n_fields;
	eh_plain_fn *row;
	void *ctx;
};

/* EH_OK, EH_PLAIN_ODD (reading failed, too), EH_ENOMEM, or what the row function returned. */
int eh_plain_read(const struct eh_plain_part *part, struct eh_err *err);

/* First byte of the first row that begins at `at` or behind it, at most end; end also when it is nowhere near. */
uint64_t eh_plain_border(int fd, uint64_t at, uint64_t end);

/* A line of its own at `at`, without the line end, NUL-terminated, into line[EH_PLAIN_ROW_MAX]; *next: where the next
 * one * begins.  EH_PLAIN_ODD: none that is plain. */
int eh_plain_line(int fd, uint64_t at, char *line, uint64_t *next);

#endif

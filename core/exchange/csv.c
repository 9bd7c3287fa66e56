/* libcsv fed in runs that end at every possible delimiter, so that each field's place is known; see csv.h. */
#include "exchange/csv.h"

#include <csv.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "exchange/exchange.h"

#ifndef EH_CSV_BLOCK
#define EH_CSV_BLOCK 65536u /* [bytes] read at a time */
#endif

struct reader {
	struct csv_parser parser;
	eh_csv_row_fn fn;
	void *ctx;
	struct eh_err *err;
	int status; /* of the row function or of memory: not 0 ends the reading */

	struct eh_csv_cell *field; /* [cap]; text holds offsets until the row is complete */
	size_t *offset;
	size_t n, cap;
	char *text;
	size_t used, room;

	uint64_t line, column;	     /* of the next byte */
	uint64_t at_line, at_column; /* of the field that is being read */
	size_t field_bytes;	     /* fed since its first byte */
	bool row_begun, after_cr, submitted;
	bool quoted, nul; /* the field that is being read begins with a quote; holds a NUL byte */
};

static int no_blank(unsigned char c)
{
	(void)c;
	return 0; /* RFC 4180: blanks belong to the field */
}

static const char nul_text[] = "the field holds a NUL byte; save the table as UTF-8 text";

static const char *fault_of(const char *text, size_t len)
{
	if (memchr(text, '\0', len) != NULL)
		return nul_text;
	if (!eh_utf8_valid(text, len))
		return "the field is not valid UTF-8; save the table as UTF-8";
	return NULL;
}

static bool room_for(struct reader *r, size_t len)
{
	size_t want = r->used + len + 1;
	void *p = NULL;

	if (want > r->room) {
		p = eh_try_realloc(r->text, want * 2, 1);
		if (p == NULL)
			return false;
		r->text = p;
		r->room = want * 2;
	}
	if (r->n == r->cap) {
		size_t cap = r->cap != 0 ? r->cap * 2 : 32;

		p = eh_try_realloc(r->field, cap, sizeof *r->field);
		if (p == NULL)
			return false;
		r->field = p;
		p = eh_try_realloc(r->offset, cap, sizeof *r->offset);
		if (p == NULL)
			return false;
		r->offset = p;
		r->cap = cap;
	}
	return true;
}

static void on_field(void *text, size_t len, void *ctx)
{
	struct reader *r = ctx;

	if (r->status != EH_OK)
		return;
	r->submitted = true;
	if (r->n == EH_CSV_FIELDS_MAX) {
		r->status = eh_err_set(
			r->err, EH_EFORMAT,
			"the row has more than %d fields, which no table may; is something else in the file?",
			EH_CSV_FIELDS_MAX);
		return;
	}
	if (!room_for(r, len)) {
		r->status = eh_err_set(r->err, EH_ENOMEM, "no memory for a row of the table");
		return;
	}
	if (len > 0)
		memcpy(r->text + r->used, text, len);
	r->text[r->used + len] = '\0';
	r->field[r->n] = (struct eh_csv_cell){ NULL, len, r->at_line, r->at_column, fault_of(r->text + r->used, len) };
	r->offset[r->n++] = r->used;
	r->used += len + 1;
}

static void on_row(int end, void *ctx)
{
	struct reader *r = ctx;
	struct eh_csv_row row = { r->field, r->n };

	(void)end;
	if (r->status != EH_OK)
		return;
	for (size_t i = 0; i < r->n; i++)
		r->field[i].text = r->text + r->offset[i];
	r->status = r->fn(r->ctx, &row, r->err);
	r->n = r->used = 0;
	r->row_begun = false;
}

/* Moves the place over a run whose last byte alone can end a line. */
static void advance(struct reader *r, const char *run, size_t len)
{
	char last = run[len - 1];

	if (last == '\n' && len == 1 && r->after_cr) {
		r->after_cr = false; /* the second half of CRLF: the line is counted already */
		return;
	}
	r->after_cr = last == '\r';
	if (last == '\n' || last == '\r') {
		r->line++;
		r->column = 1;
	} else {
		r->column += len;
	}
}

static int parse_error(struct reader *r)
{
	if (csv_error(&r->parser) == CSV_ENOMEM || csv_error(&r->parser) == CSV_ETOOBIG)
		return eh_err_set(r->err, EH_ENOMEM, "no memory for a field of the table");
	return eh_err_set(r->err, EH_EFORMAT,
			  "a quote (\") stands inside a field without quotes, or text follows a closing quote; "
			  "put quotes around the whole field and write a quote inside it twice");
}

static int too_long(struct reader *r)
{
	if (r->nul)
		return eh_err_set(r->err, EH_EFORMAT, "%s", nul_text);
	return eh_err_set(r->err, EH_EFORMAT, "the field is longer than %d bytes; %s", EH_CSV_FIELD_MAX,
			  r->quoted ? "is its closing quote missing?" : "is that a table with commas and line ends?");
}

static int feed(struct reader *r, const char *run, size_t len)
{
	bool line_end_only = !r->row_begun && len == 1 && (run[0] == '\n' || run[0] == '\r');

	r->submitted = false;
	if (!line_end_only)
		r->row_begun = true;
	if (r->field_bytes == 0) {
		r->quoted = run[0] == '"';
		r->nul = false;
	}
	r->nul = r->nul || memchr(run, '\0', len) != NULL;
	if (csv_parse(&r->parser, run, len, on_field, on_row, r) != len && r->status == EH_OK)
		r->status = parse_error(r);
	if (r->status != EH_OK)
		return r->status;
	advance(r, run, len);
	r->field_bytes += len;
	if (r->submitted || line_end_only) {
		r->at_line = r->line;
		r->at_column = r->column;
		r->field_bytes = 0;
	} else if (r->field_bytes > EH_CSV_FIELD_MAX) {
		r->status = too_long(r);
	}
	return r->status;
}

static int feed_block(struct reader *r, const char *p, size_t len)
{
	while (len > 0) {
		size_t n = 0;

		while (n < len && p[n] != ',' && p[n] != '\n' && p[n] != '\r')
			n++;
		n += n < len;
		if (feed(r, p, n) != EH_OK)
			return r->status;
		p += n;
		len -= n;
	}
	return EH_OK;
}

/* What people take for a table in text, and what their programs call the way to one.  In the order of their lengths:
 * UTF-32 begins as UTF-16 does. */
static const char *no_text(const char *block, size_t got)
{
	static const struct {
		const char *begin;
		size_t len;
		const char *text;
	} kinds[] = {
		{ "\xff\xfe\0\0", 4, "the file is UTF-32; save the table as UTF-8 (\"CSV UTF-8\")" },
		{ "PK\3\4", 4,
		  "the file is a spreadsheet or another zip archive; save the table in it as CSV (\"CSV UTF-8\")" },
		{ "\xff\xfe", 2, "the file is UTF-16; save the table as UTF-8 (\"CSV UTF-8\")" },
		{ "\xfe\xff", 2, "the file is UTF-16; save the table as UTF-8 (\"CSV UTF-8\")" },
		{ "\x1f\x8b", 2, "the file is compressed; unpack it with gunzip" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (got >= kinds[i].len && memcmp(block, kinds[i].begin, kinds[i].len) == 0)
			return kinds[i].text;
	return NULL;
}

static int read_all(struct reader *r, FILE *in, char *block)
{
	static const char bom[3] = { '\xef', '\xbb', '\xbf' };
	const char *what = NULL;
	bool first = true;
	size_t got = 0;

	while ((got = fread(block, 1, EH_CSV_BLOCK, in)) > 0) {
		size_t skip = 0;

		if (first && (what = no_text(block, got)) != NULL)
			return r->status = eh_err_set(r->err, EH_EFORMAT, "%s", what);
		skip = first && got >= sizeof bom && memcmp(block, bom, sizeof bom) == 0 ? sizeof bom : 0;

		first = false;
		if (feed_block(r, block + skip, got - skip) != EH_OK)
			return r->status;
	}
	if (ferror(in))
		return eh_err_set(r->err, EH_EIO, "reading failed: %s", strerror(errno));
	if (csv_fini(&r->parser, on_field, on_row, r) != 0 && r->status == EH_OK)
		return eh_err_set(r->err, EH_EFORMAT,
				  "the quoted field that begins here is never closed; add the closing quote");
	return r->status;
}

int eh_csv_read(FILE *in, eh_csv_row_fn fn, void *ctx, uint64_t *line, uint64_t *column, struct eh_err *err)
{
	struct reader r = { .fn = fn, .ctx = ctx, .err = err, .line = 1, .column = 1, .at_line = 1, .at_column = 1 };
	char *block = eh_try_malloc(EH_CSV_BLOCK, 1);
	int rc = EH_OK;

	if (block == NULL || csv_init(&r.parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		free(block);
		return eh_err_set(err, EH_ENOMEM, "no memory to read a table");
	}
	csv_set_space_func(&r.parser, no_blank);
	csv_set_blk_size(&r.parser, 1024);
	rc = read_all(&r, in, block);
	*line = r.at_line;
	*column = r.at_column;
	csv_free(&r.parser);
	free(r.text);
	free(r.offset);
	free(r.field);
	free(block);
	return rc;
}

void eh_csv_field(FILE *out, const char *text, bool last)
{
	/* a spreadsheet runs a cell that begins with one of these as a formula (reliability.md 7) */
	bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

	if (text[strcspn(text, ",\"\r\n")] == '\0') {
		(void)fprintf(out, "%s%s", formula ? "'" : "", text);
	} else {
		(void)fprintf(out, "\"%s", formula ? "'" : "");
		for (const char *p = text; *p != '\0'; p++)
			(void)fputs(*p == '"' ? "\"\"" : (char[2]){ *p, '\0' }, out);
		(void)fputc('"', out);
	}
	(void)fputs(last ? "\n" : ",", out);
}

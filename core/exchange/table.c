/* Opens a CSV table, checks header and shape, collects errors with their places; see table.h. */
#include "exchange/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"

#define ERROR_MAX 270                   /* [bytes] of an error's text, without its place */

struct eh_shown eh_shown(const char *text)
{
	struct eh_shown s = { "" };

	eh_text_printable(s.text, 41, text, strlen(text));
	return s;
}

const char *eh_fault_text(enum eh_fault fault)
{
	static const char *const texts[] = {
#define X(name, text) [name] = text,
		EH_FAULT_LIST(X)
#undef X
	};

	return (unsigned)fault < EH_FAULTS ? texts[fault] : "other";
}

static void list_fault(const struct eh_csv_table *t, enum eh_fault fault, uint64_t line, uint64_t column,
		       const char *text)
{
	(void)fprintf(t->list, "%llu,%llu,%s,", (unsigned long long)line, (unsigned long long)column,
		      eh_fault_text(fault));
	eh_csv_field(t->list, text, true);
}

static void report_error(struct eh_csv_table *t, enum eh_fault fault, uint64_t line, uint64_t column, const char *text)
{
	struct eh_import_report *r = t->report;

	if (t->in_row && !t->faulty)
		t->fault = fault;
	t->faulty = t->in_row;
	if (t->in_row && t->list != NULL)
		list_fault(t, fault, line, column, text);
	(void)snprintf(t->last, sizeof t->last, "%.80s:%llu:%llu: %s", t->label, (unsigned long long)line,
		       (unsigned long long)column, text);
	if (r->n_errors == EH_IMPORT_ERRORS)
		r->more_errors++;
	else
		memcpy(r->errors[r->n_errors++], t->last, sizeof t->last);
}

void eh_table_error(struct eh_csv_table *t, uint64_t line, uint64_t column, const char *fmt, ...)
{
	char text[ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report_error(t, EH_FAULT_OTHER, line, column, text);
}

void eh_table_fault(struct eh_csv_table *t, enum eh_fault fault, uint64_t line, uint64_t column, const char *fmt, ...)
{
	char text[ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report_error(t, fault, line, column, text);
}

uint64_t eh_table_errors(const struct eh_csv_table *t) { return t->report->n_errors + t->report->more_errors; }

static void check_names(struct eh_csv_table *t, const struct eh_csv_row *row)
{
	for (size_t i = 0; i < row->n && !t->stop; i++) {
		const struct eh_csv_cell *c = &row->field[i];

		if (c->fault != NULL)
			eh_table_error(t, c->line, c->column, "%s", c->fault);
		else if (c->len == 0)
			eh_table_error(t, c->line, c->column,
				       "column %zu has no name; the first line must name every column", i + 1);
		else if (c->len > EH_TABLE_NAME_MAX)
			eh_table_error(t, c->line, c->column,
				       "the column name is longer than %d bytes; the first line must name the columns",
				       EH_TABLE_NAME_MAX);
		for (size_t k = 0; k < i && c->fault == NULL; k++)
			if (c->len > 0 && row->field[k].fault == NULL && strcmp(row->field[k].text, c->text) == 0) {
				eh_table_error(t, c->line, c->column,
					       "column '%s' stands twice (first as column %zu); take one away",
					       eh_shown(c->text).text, k + 1);
				break;
			}
	}
}

/* Tables from spreadsheets of other countries: one "column" with all names in it. */
static void check_separator(struct eh_csv_table *t, const struct eh_csv_row *row)
{
	const struct eh_csv_cell *c = &row->field[0];

	if (row->n == 1 && strpbrk(c->text, ";\t|") != NULL)
		eh_table_error(t, c->line, c->column,
			       "the columns seem to be separated by %s; save the table with commas between them",
			       strchr(c->text, ';') != NULL    ? "';'"
			       : strchr(c->text, '\t') != NULL ? "tabs"
							       : "'|'");
}

int eh_table_header(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err)
{
	int rc = EH_OK;

	t->n_columns = row->n;
	check_names(t, row);
	check_separator(t, row);
	if (t->report->n_errors == 0)
		rc = t->header(t, row, err);
	/* with a wrong header every row would be wrong too */
	t->stop = t->stop || t->report->n_errors > 0;
	return rc != EH_OK ? rc : t->stop;
}

/* As many fields as the header has, none of them unusable. */
static bool good_shape(struct eh_csv_table *t, const struct eh_csv_row *row)
{
	const struct eh_csv_cell *first = &row->field[0];
	bool faulty = false;

	/* what is no text has its commas where chance puts them */
	for (size_t i = 0; i < row->n; i++)
		if (row->field[i].fault != NULL) {
			eh_table_fault(t, EH_FAULT_TEXT, row->field[i].line, row->field[i].column, "%s",
				       row->field[i].fault);
			faulty = true;
		}
	if (faulty)
		return false;
	if (row->n > t->n_columns) {
		const struct eh_csv_cell *extra = &row->field[t->n_columns];

		eh_table_fault(t, EH_FAULT_FIELDS, extra->line, extra->column,
			       "the row has %zu fields, the header %zu; %s", row->n, t->n_columns,
			       extra->len > 0 ? "put quotes around text with commas"
					      : "take the commas at its end away");
		return false;
	}
	if (row->n < t->n_columns) {
		eh_table_fault(t, EH_FAULT_FIELDS, first->line, first->column,
			       "the row has %zu field%s, the header %zu; write the missing commas", row->n,
			       row->n == 1 ? "" : "s", t->n_columns);
		return false;
	}
	return true;
}

static int on_row(void *ctx, const struct eh_csv_row *row, struct eh_err *err)
{
	struct eh_csv_table *t = ctx;
	int rc = EH_OK;

	if (t->n_columns == 0)
		return eh_table_header(t, row, err);
	t->report->rows++;
	t->in_row = true;
	t->faulty = false;
	if (good_shape(t, row))
		rc = t->row(t, row, err);
	t->in_row = false;
	if (t->skip && t->faulty) {
		t->report->skipped++;
		t->report->skipped_by[t->fault]++;
	}
	return rc != EH_OK ? rc : t->stop;
}

void eh_table_label(struct eh_csv_table *t, const char *path)
{
	size_t len = strlen(path);
	const char *tail = len > 76 ? path + len - 76 : path;

	if (strcmp(path, "-") == 0)
		path = tail = "stdin";
	while (tail > path && ((unsigned char)*tail & 0xc0) == 0x80)
		tail++; /* not inside a character */
	(void)snprintf(t->label, sizeof t->label, "%s", tail > path ? "..." : "");
	eh_text_printable(t->label + strlen(t->label), sizeof t->label - 4, tail, strlen(tail));
}

/* All of a stream that cannot be read twice. */
static int slurp(FILE **in, char **content, struct eh_err *err)
{
	size_t n = 0, room = 0;
	FILE *copy = NULL;

	*content = NULL;
	while (!feof(*in) && !ferror(*in)) {
		void *p = n < room ? *content : eh_try_realloc(*content, room = 2 * room + 65536, 1);

		if (p == NULL)
			return eh_err_set(err, EH_ENOMEM, "no memory for the table; name a file instead of a pipe");
		*content = p;
		n += fread(*content + n, 1, room - n, *in);
	}
	if (ferror(*in))
		return eh_err_set(err, EH_EIO, "reading failed: %s", strerror(errno));
	copy = n > 0 ? fmemopen(*content, n, "r") : fopen("/dev/null", "re");
	if (copy == NULL)
		return eh_err_set(err, EH_ENOMEM, "no memory for the table");
	*in = copy;
	return EH_OK;
}

int eh_table_open(FILE **in, const char *path, char **content, struct eh_err *err)
{
	bool piped = strcmp(path, "-") == 0;
	int rc = EH_OK;

	*in = piped ? stdin : fopen(path, "rbe");
	if (*in == NULL) {
		int why = errno;
		struct eh_csv_table t = { .stop = false };

		eh_table_label(&t, path);
		return eh_err_set(err, why == ENOENT ? EH_ENOENT : EH_EIO, "%s: cannot be opened: %s", t.label,
				  strerror(why));
	}
	if (content != NULL && ftello(*in) < 0) {
		FILE *pipe = *in;

		rc = slurp(in, content, err);
		if (!piped)
			(void)fclose(pipe);
		if (rc != EH_OK) {
			free(*content);
			*content = NULL;
		}
	}
	return rc;
}

int eh_table_read_from(struct eh_csv_table *t, FILE *in, struct eh_err *err)
{
	struct eh_err own = EH_ERR_INIT;
	uint64_t line = 0, column = 0;
	int rc = EH_OK;

	if (err == NULL)
		err = &own;
	rc = eh_csv_read(in, on_row, t, &line, &column, err);
	if (rc < 0 && rc != EH_EFORMAT) {
		(void)eh_err_prefix(err, "%s: ", t->label);
		return rc;
	}
	if (rc == EH_EFORMAT)
		eh_table_error(t, line, column, "%.300s", err->msg);
	if (rc >= 0 && t->n_columns == 0)
		eh_table_error(t, 1, 1, "the file is empty; its first line must name the columns");
	if (t->skip)
		return rc == EH_EFORMAT || t->n_columns == 0 || t->stop ? eh_err_set(err, EH_EFORMAT, "%s", t->last)
									: EH_OK;
	if (t->report->n_errors > 0)
		return eh_err_set(err, EH_EFORMAT, "%s", t->report->errors[0]);
	return EH_OK;
}

int eh_table_read(struct eh_csv_table *t, const char *path, struct eh_err *err)
{
	FILE *in = NULL;
	int rc = eh_table_open(&in, path, NULL, err);

	if (rc != EH_OK)
		return rc;
	eh_table_label(t, path);
	rc = eh_table_read_from(t, in, err);
	if (in != stdin)
		(void)fclose(in);
	return rc;
}

struct seen {
	unsigned char key[16];
	uint64_t content;
	uint64_t line; /* 0 = free */
};

struct eh_seen {
	struct seen *v; /* [cap], open addressing; cap is a power of two */
	size_t cap, n;
};

struct eh_seen *eh_seen_new(void) { return eh_xcalloc(1, sizeof(struct eh_seen)); }

void eh_seen_free(struct eh_seen **s)
{
	if (s == NULL || *s == NULL)
		return;
	free((*s)->v);
	free(*s);
	*s = NULL;
}

static struct seen *place_of(struct seen *v, size_t cap, const unsigned char key[16])
{
	size_t i = 0;

	memcpy(&i, key, sizeof i);
	for (i &= cap - 1; v[i].line != 0 && memcmp(v[i].key, key, 16) != 0; i = (i + 1) & (cap - 1))
		;
	return &v[i];
}

static int seen_grow(struct eh_seen *s, struct eh_err *err)
{
	size_t cap = s->cap != 0 ? s->cap * 2 : 1024;
	struct seen *v = eh_try_calloc(cap, sizeof *v);

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "no memory to compare the rows of the table with each other");
	for (size_t i = 0; i < s->cap; i++)
		if (s->v[i].line != 0)
			*place_of(v, cap, s->v[i].key) = s->v[i];
	free(s->v);
	s->v = v;
	s->cap = cap;
	return EH_OK;
}

int eh_seen_add(struct eh_seen *s, const void *key, size_t key_len, const void *content, size_t content_len,
		uint64_t line, uint64_t *first, bool *same, struct eh_err *err)
{
	unsigned char digest[EH_FINGERPRINT_SIZE];
	struct seen entry = { .line = line };
	struct seen *at = NULL;

	if (s->n * 2 >= s->cap && seen_grow(s, err) != EH_OK)
		return EH_ENOMEM;
	eh_fingerprint(digest, key, key_len);
	memcpy(entry.key, digest, sizeof entry.key);
	eh_fingerprint(digest, content, content_len);
	memcpy(&entry.content, digest, sizeof entry.content);
	at = place_of(s->v, s->cap, entry.key);
	*first = at->line;
	*same = at->line != 0 && at->content == entry.content;
	if (at->line == 0) {
		*at = entry;
		s->n++;
	}
	return EH_OK;
}

bool eh_class_unknown(const char *text)
{
	static const char *const words[] = { "", "unknown", "declined", "na", "n/a" };

	char lower[12];
	size_t n = 0;

	for (; n < sizeof lower - 1 && text[n] != '\0'; n++)
		lower[n] = text[n] >= 'A' && text[n] <= 'Z' ? (char)(text[n] - 'A' + 'a') : text[n];
	lower[n] = '\0';
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(lower, words[i]) == 0)
			return true;
	return false;
}

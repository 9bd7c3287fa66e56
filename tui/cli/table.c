/* Tables: aligned columns for people on a terminal, tab-separated values for programs. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"

#define COLUMNS_MAX 24

struct cell {
	char *text;                     /* what a person sees and what TSV holds; NULL = a number */
	struct eh_num num;
	int decimals;                   /* that a person sees */
};

struct cli_table {
	char *names[COLUMNS_MAX];
	bool right[COLUMNS_MAX];
	size_t columns;
	struct cell *cells;             /* row after row */
	size_t n, cap;
};

struct cli_table *cli_table_new(const char *spec)
{
	struct cli_table *t = eh_xcalloc(1, sizeof *t);

	while (*spec != '\0' && t->columns < COLUMNS_MAX) {
		size_t len = strcspn(spec, " ");

		t->right[t->columns] = spec[0] == '>';
		t->names[t->columns++] = eh_xstrndup(spec + (spec[0] == '>'), len - (spec[0] == '>'));
		spec += len;
		spec += *spec == ' ';
	}
	return t;
}

static struct cell *next_cell(struct cli_table *t)
{
	if (t->n == t->cap) {
		t->cap = t->cap != 0 ? 2 * t->cap : 64;
		t->cells = eh_xrealloc(t->cells, t->cap, sizeof *t->cells);
	}
	return &t->cells[t->n++];
}

/* Tabs and newlines would break a row; control characters would reach the terminal. */
static char *clean(const char *s)
{
	size_t size = 3 * strlen(s) + 4;
	char *out = eh_xmalloc(size);

	eh_text_printable(out, size, s, strlen(s));
	return out;
}

void cli_cell(struct cli_table *t, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	struct cell *c = next_cell(t);

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->text = clean(text);
}

void cli_cell_num(struct cli_table *t, struct eh_num v, int decimals)
{
	*next_cell(t) = (struct cell){ NULL, v, decimals };
}

#define NUM_TEXT 512                    /* the longest double with decimals has 309 digits before them */

/* The cell's text, or its number in buf[NUM_TEXT]. */
static const char *for_people(const struct cell *c, char *buf)
{
	if (c->text != NULL)
		return c->text;
	if (!c->num.defined)
		return "-";
	(void)snprintf(buf, NUM_TEXT, "%.*f", c->decimals, c->num.value);
	return buf;
}

static const char *for_programs(const struct cell *c, char *buf)
{
	if (c->text != NULL)
		return c->text;
	if (!c->num.defined)
		return "";
	(void)eh_format_real(buf, c->num.value);
	return buf;
}

/* Columns on the screen, not bytes. */
static int width_of(const char *s)
{
	mbstate_t st;
	wchar_t wc;
	int width = 0;

	memset(&st, 0, sizeof st);
	while (*s != '\0') {
		size_t n = mbrtowc(&wc, s, strlen(s), &st);

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
			return width + (int)strlen(s);
		width += wcwidth(wc) > 0 ? wcwidth(wc) : 0;
		s += n;
	}
	return width;
}

static void put_padded(const char *s, int width, bool right, bool last)
{
	int pad = width - width_of(s);

	if (right && pad > 0)
		printf("%*s", pad, "");
	fputs(s, stdout);
	if (!right && !last && pad > 0)
		printf("%*s", pad, "");
	fputs(last ? "\n" : "  ", stdout);
}

static void print_people(const struct cli_table *t)
{
	int width[COLUMNS_MAX];
	char buf[NUM_TEXT];

	for (size_t c = 0; c < t->columns; c++) {
		width[c] = width_of(t->names[c]);
		for (size_t i = c; i < t->n; i += t->columns)
			if (width_of(for_people(&t->cells[i], buf)) > width[c])
				width[c] = width_of(for_people(&t->cells[i], buf));
	}
	for (size_t c = 0; c < t->columns; c++)
		put_padded(t->names[c], width[c], t->right[c], c + 1 == t->columns);
	for (size_t i = 0; i < t->n; i++)
		put_padded(for_people(&t->cells[i], buf), width[i % t->columns], t->right[i % t->columns], (i + 1) % t->columns == 0);
}

static void print_tsv(const struct cli_table *t)
{
	char buf[NUM_TEXT];

	for (size_t c = 0; c < t->columns; c++)
		printf("%s%c", t->names[c], c + 1 == t->columns ? '\n' : '\t');
	for (size_t i = 0; i < t->n; i++) {
		fputs(for_programs(&t->cells[i], buf), stdout);
		putchar((i + 1) % t->columns == 0 ? '\n' : '\t');
	}
}

void cli_table_free(struct cli_table **t)
{
	for (size_t i = 0; i < (*t)->n; i++)
		free((*t)->cells[i].text);
	for (size_t i = 0; i < (*t)->columns; i++)
		free((*t)->names[i]);
	free((*t)->cells);
	free(*t);
	*t = NULL;
}

void cli_table_print(struct cli_table **t, const struct cli *c)
{
	if (c->format == CLI_TABLE)
		print_people(*t);
	else
		print_tsv(*t);
	cli_table_free(t);
}

int cli_finish(struct cli *c, int rc, struct eh_json **doc, struct cli_table **t)
{
	int status = rc == EH_OK ? 0 : cli_fail(c);

	if (rc == EH_OK && c->format == CLI_JSON) {
		status = cli_put_json(c, doc);
	} else if (rc == EH_OK) {
		cli_table_print(t, c);
		t = NULL;
	}
	if (t != NULL)
		cli_table_free(t);
	eh_json_free(doc);
	return status;
}

/* Tables: aligned columns for people on a terminal, tab-separated values for programs. */
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "parts/words.h"

#define COLUMNS_MAX 24
#define GAP 2                           /* [columns] between two columns of a table */
#define PROBABILITY (-1)
#define TEXT_LEAST 8                    /* [columns] no text is cut to less */

/* One text or one number in nearly every cell: a listing may have a million of them. */
struct cell {
	char *text;                     /* what a person sees; NULL = a number */
	char *program;                  /* what TSV holds; NULL = the text, the number */
	struct eh_num num;
	int decimals;                   /* that a person sees, or PROBABILITY */
};

struct column {
	char *name;
	bool right, cut, wrap;
	int rank;                       /* the order in which columns are left out; 0 = never */
	int least;                      /* [columns] with cut */
	int width;                      /* [columns] of the widest cell, then what it gets; 0 = left out */
	bool was_cut;
};

struct cli_table {
	struct column column[COLUMNS_MAX];
	size_t columns;
	struct cell *cells;             /* row after row */
	size_t n, cap;
};

static void parse_column(struct column *c, const char *text, size_t len)
{
	const char *end = text + len;

	c->right = text[0] == '>';
	text += c->right;
	c->wrap = end[-1] == '+';
	c->cut = c->wrap;
	c->least = CLI_CUT_LEAST;
	end -= c->wrap;
	for (const char *mark = end - 1; mark > text; mark--)
		if (*mark == '~') {
			if (mark + 1 < end)
				c->least = (int)strtol(mark + 1, NULL, 10);
			c->cut = true;
			end = mark;
		}
	for (const char *slash = end; slash > text; slash--)
		if (*slash == '/') {
			c->rank = (int)strtol(slash + 1, NULL, 10);
			end = slash;
		}
	c->name = eh_xstrndup(text, (size_t)(end - text));
}

struct cli_table *cli_table_new(const char *spec)
{
	struct cli_table *t = eh_xcalloc(1, sizeof *t);

	while (*spec != '\0' && t->columns < COLUMNS_MAX) {
		size_t len = strcspn(spec, " ");

		parse_column(&t->column[t->columns++], spec, len);
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

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	*next_cell(t) = (struct cell){ .text = clean(text) };
}

void cli_cell_num(struct cli_table *t, struct eh_num v, int decimals)
{
	*next_cell(t) = (struct cell){ .num = v, .decimals = decimals };
}

void cli_cell_p(struct cli_table *t, struct eh_num p)
{
	cli_cell_num(t, p, PROBABILITY);
}

void cli_cell_both(struct cli_table *t, const char *people, const char *program)
{
	*next_cell(t) = (struct cell){ .text = clean(people), .program = clean(program) };
}

#define NUM_TEXT 512                    /* the longest double with decimals has 309 digits before them */

/* The cell's text, or its number in buf[NUM_TEXT]. */
static const char *for_people(const struct cell *c, char *buf)
{
	if (c->text != NULL)
		return c->text;
	if (c->decimals == PROBABILITY)
		return words_p(buf, c->num);
	if (!c->num.defined)
		return "-";
	(void)snprintf(buf, NUM_TEXT, "%.*f", c->decimals, c->num.value);
	return buf;
}

static const char *for_programs(const struct cell *c, char *buf)
{
	if (c->program != NULL)
		return c->program;
	if (c->text != NULL)
		return c->text;
	if (!c->num.defined)
		return "";
	(void)eh_format_real(buf, c->decimals == PROBABILITY ? eh_num_told("p", c->num).value : c->num.value);
	return buf;
}

/* ---- for people ---- */

int cli_columns(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int64_t n = 0;

	if (columns != NULL && eh_parse_i64(&n, columns, 20, 1000, NULL) == EH_OK)
		return (int)n;
	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

/* Bytes of s that stand in at most `room` columns of the screen; their width into *width. */
static size_t fitting(const char *s, int room, int *width)
{
	const char *at = s;
	mbstate_t st;
	wchar_t wc;

	memset(&st, 0, sizeof st);
	for (*width = 0; *at != '\0';) {
		size_t n = mbrtowc(&wc, at, strlen(at), &st);
		int w = 1;

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
			memset(&st, 0, sizeof st);
			n = 1;
		} else {
			w = wcwidth(wc) > 0 ? wcwidth(wc) : 0;
		}
		if (*width + w > room)
			break;
		*width += w;
		at += n;
	}
	return (size_t)(at - s);
}

static int width_of(const char *s)
{
	int width = 0;

	(void)fitting(s, INT_MAX, &width);
	return width;
}

/* Blanks, and the words of s that stand in `room` columns; what follows them. */
static const char *put_words(const char *s, int indent, int room)
{
	int width = 0;
	size_t len = fitting(s, room, &width), at = len;

	while (s[len] != '\0' && at > 0 && s[at] != ' ')
		at--;
	len = at > 0 ? at : len;
	printf("%*s%.*s\n", indent, "", (int)len, s);
	s += len;
	return s + strspn(s, " ");
}

static void put_cell(const char *s, const struct column *c, bool last)
{
	int width = 0;
	size_t len = fitting(s, c->width, &width);
	bool cut = s[len] != '\0';

	if (cut)
		len = fitting(s, c->width - 2, &width);
	width += cut ? 2 : 0;
	if (c->right)
		printf("%*s", c->width - width, "");
	printf("%.*s%s", (int)len, s, cut ? ".." : "");
	if (!c->right && !last)
		printf("%*s", c->width - width, "");
	fputs(last ? "\n" : "  ", stdout);
}

static void put_wrapped(const char *s, int indent, int room)
{
	s = put_words(s, 0, room);
	while (*s != '\0')
		s = put_words(s, indent, room);
}

/* Nothing, or the mark of nothing, in every row? */
static bool is_empty(const struct cli_table *t, size_t column)
{
	char buf[NUM_TEXT];

	for (size_t i = column; i < t->n; i += t->columns) {
		const char *text = for_people(&t->cells[i], buf);

		if (text[0] != '\0' && strcmp(text, "-") != 0)
			return false;
	}
	return true;
}

/* People have it in another column. */
static bool is_for_programs(const struct cli_table *t, size_t column)
{
	for (size_t i = column; i < t->n; i += t->columns)
		if (t->cells[i].program == NULL || t->cells[i].text[0] != '\0')
			return false;
	return t->n > 0;
}

static int least(const struct column *c)
{
	return c->cut && c->width > c->least ? c->least : c->width;
}

/* Columns of the screen that the table takes when what may be cut is as narrow as it may be. */
static int least_total(const struct cli_table *t)
{
	int total = 0;

	for (size_t c = 0; c < t->columns; c++)
		if (t->column[c].width > 0)
			total += least(&t->column[c]) + GAP;
	return total - GAP;
}

static bool leave_out_next(struct cli_table *t, char *left_out, size_t size)
{
	struct column *next = NULL;

	for (size_t c = 0; c < t->columns; c++) {
		struct column *x = &t->column[c];

		if (x->rank > 0 && x->width > 0 && (next == NULL || x->rank < next->rank))
			next = x;
	}
	if (next == NULL)
		return false;
	for (size_t c = 0; c < t->columns; c++) {
		struct column *x = &t->column[c];

		if (x->rank != next->rank || x->width == 0)
			continue;
		x->width = 0;
		(void)snprintf(left_out + strlen(left_out), size - strlen(left_out), "%s%s",
			       left_out[0] != '\0' ? ", " : "", x->name);
	}
	return true;
}

/* Takes `excess` from the widest columns of those that may be cut, else from the widest texts. */
static void cut(struct cli_table *t, int excess, bool any_text)
{
	while (excess > 0) {
		struct column *widest = NULL;

		for (size_t c = 0; c < t->columns; c++) {
			struct column *x = &t->column[c];
			int floor = any_text ? TEXT_LEAST : x->least;

			if ((x->cut || (any_text && !x->right)) && x->width > floor &&
			    (widest == NULL || x->width > widest->width))
				widest = x;
		}
		if (widest == NULL)
			return;
		widest->width--;
		widest->was_cut = !widest->wrap;
		excess--;
	}
}

static int total_width(const struct cli_table *t)
{
	int total = -GAP;

	for (size_t c = 0; c < t->columns; c++)
		total += t->column[c].width > 0 ? t->column[c].width + GAP : 0;
	return total;
}

/* As the header says; what was left out for want of room into left_out. */
static void fit(struct cli_table *t, int room, char *left_out, size_t size)
{
	left_out[0] = '\0';
	for (size_t c = 0; c < t->columns; c++)
		if (is_for_programs(t, c))
			t->column[c].width = 0;
	for (size_t c = 0; c < t->columns && least_total(t) > room; c++)
		if (t->column[c].rank > 0 && is_empty(t, c))
			t->column[c].width = 0;
	while (least_total(t) > room && leave_out_next(t, left_out, size))
		;
	cut(t, total_width(t) - room, false);
	cut(t, total_width(t) - room, true);
}

static void tell_fit(const struct cli_table *t, const char *left_out, int room)
{
	char was_cut[256] = "", text[600];

	for (size_t c = 0; c < t->columns; c++)
		if (t->column[c].was_cut)
			(void)snprintf(was_cut + strlen(was_cut), sizeof was_cut - strlen(was_cut), "%s%s",
				       was_cut[0] != '\0' ? ", " : "", t->column[c].name);
	if (left_out[0] == '\0' && was_cut[0] == '\0')
		return;
	(void)snprintf(text, sizeof text, "(%s%s%s%s%s; --tsv shows all)", left_out[0] != '\0' ? "left out: " : "",
		       left_out, left_out[0] != '\0' && was_cut[0] != '\0' ? "; " : "",
		       was_cut[0] != '\0' ? "cut: " : "", was_cut);
	put_wrapped(text, 1, room - 1);
}

static void print_people(struct cli_table *t)
{
	char left_out[256], buf[NUM_TEXT];
	int room = cli_columns(STDOUT_FILENO);
	size_t last = 0;

	for (size_t c = 0; c < t->columns; c++) {
		t->column[c].width = width_of(t->column[c].name);
		for (size_t i = c; i < t->n; i += t->columns)
			if (width_of(for_people(&t->cells[i], buf)) > t->column[c].width)
				t->column[c].width = width_of(for_people(&t->cells[i], buf));
	}
	fit(t, room, left_out, sizeof left_out);
	for (size_t c = 0; c < t->columns; c++)
		last = t->column[c].width > 0 ? c : last;
	for (size_t c = 0; c < t->columns; c++)
		if (t->column[c].width > 0)
			put_cell(t->column[c].name, &t->column[c], c == last);
	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = &t->column[i % t->columns];

		if (c->width > 0 && c->wrap && i % t->columns == last)
			put_wrapped(for_people(&t->cells[i], buf), total_width(t) - c->width, c->width);
		else if (c->width > 0)
			put_cell(for_people(&t->cells[i], buf), c, i % t->columns == last);
	}
	tell_fit(t, left_out, room);
}

/* ---- for programs ---- */

static void print_tsv(const struct cli_table *t)
{
	char buf[NUM_TEXT];

	for (size_t c = 0; c < t->columns; c++)
		printf("%s%c", t->column[c].name, c + 1 == t->columns ? '\n' : '\t');
	for (size_t i = 0; i < t->n; i++) {
		fputs(for_programs(&t->cells[i], buf), stdout);
		putchar((i + 1) % t->columns == 0 ? '\n' : '\t');
	}
}

void cli_table_free(struct cli_table **t)
{
	for (size_t i = 0; i < (*t)->n; i++) {
		free((*t)->cells[i].text);
		free((*t)->cells[i].program);
	}
	for (size_t i = 0; i < (*t)->columns; i++)
		free((*t)->column[i].name);
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

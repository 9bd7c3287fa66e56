/* Clipping, padding and wrapping by display columns; see draw.h. */
#define NCURSES_WIDECHAR 1
#include "parts/draw.h"

#include <curses.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define WRAP_MAX (1u << 20)     /* [bytes] of a text to read */

/* Bytes of the character at s, 1 when it is malformed; *wc its value, -1 then.  Not mbrtowc: names are UTF-8 in
 * the C locale too. */
static size_t decode(const char *s, long *wc)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;

	*wc = -1;
	if (n == 0 || strnlen(s, n) < n || !eh_utf8_valid(s, n))
		return 1;
	*wc = n == 1 ? c : c & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++)
		*wc = *wc << 6 | ((unsigned char)s[i] & 0x3f);
	return n;
}

/* One character: its bytes in *n, its columns returned; *plain: it can be drawn as it is. */
static int step_plain(const char *s, size_t *n, bool *plain)
{
	long wc;
	int width;

	*n = decode(s, &wc);
	*plain = wc >= 0x20 && wc < 0x7f;
	if (*plain || wc < 0 || term_ascii())
		return 1;
	width = wcwidth((wchar_t)wc);
	*plain = width >= 0;
	return width >= 0 ? width : 1;
}

static int step(const char *s, size_t *n)
{
	bool plain;

	return step_plain(s, n, &plain);
}

int draw_width(const char *s)
{
	int width = 0;
	size_t n;

	for (; *s != '\0'; s += n) {
		n = 1;
		width += (unsigned char)*s < 0x80 ? 1 : step(s, &n);
	}
	return width;
}

/* Characters of p that fit in `width` columns; the columns used. */
static int put_fitting(const char *p, int width)
{
	int used = 0;
	size_t n;

	for (; *p != '\0'; p += n) {
		bool plain;
		int w = step_plain(p, &n, &plain);

		if (used + w > width)
			break;
		if (plain)
			(void)addnstr(p, (int)n);
		else
			(void)addch('?');
		used += w;
	}
	return used;
}

void draw_text(int y, int x, int width, bool right, enum element e, const char *raw)
{
	size_t size = 3 * strlen(raw) + 4;
	char *s;
	int total, used = 0;

	if (width <= 0 || y < 0 || y >= LINES || x < 0 || x >= COLS)
		return;
	width = x + width > COLS ? COLS - x : width;
	s = eh_xmalloc(size);
	eh_text_printable(s, size, raw, strlen(raw));
	total = draw_width(s);
	(void)move(y, x);
	(void)attrset(term_attr(e));
	for (int pad = width - total; right && pad > 0; pad--, used++)
		(void)addch(' ');
	if (total <= width) {
		used += put_fitting(s, width - used);
	} else {
		used = put_fitting(s, width - 1);
		(void)addstr(term_symbol(S_ELLIPSIS));
		used++;
	}
	for (; used < width; used++)
		(void)addch(' ');
	(void)attrset(A_NORMAL);
	free(s);
}

void draw_textf(int y, int x, int width, enum element e, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	draw_text(y, x, width, false, e, text);
}

void draw_rule(int y)
{
	if (y < 0 || y >= LINES)
		return;
	(void)move(y, 0);
	(void)attrset(term_attr(E_RULE));
	for (int x = 0; x < COLS; x++)
		(void)addstr(term_symbol(S_RULE));
	(void)attrset(A_NORMAL);
}

/* ---- wrapping ---- */

size_t draw_line_bytes(const char *text, int width)
{
	size_t n, at = 0, blank = 0;
	int used = 0;

	while (text[at] != '\0' && text[at] != '\n') {
		int w = step(text + at, &n);

		if (text[at] == ' ' && text[at + 1] != '%' && used > 0)         /* "95 %" stays together */
			blank = at;
		if (used + w > width)
			return blank > 0 ? blank : at > 0 ? at : n;
		used += w;
		at += n;
	}
	return at;
}

size_t draw_wrap(const char *text, int width, char **lines, size_t max)
{
	size_t count = 0;

	while (*text != '\0' && count < max) {
		size_t len = draw_line_bytes(text, width);

		lines[count++] = eh_xstrndup(text, len);
		text += len;
		if (*text == '\n' || *text == ' ')
			text++;
	}
	return count;
}

static int leading_blanks(const char *s)
{
	return (int)strspn(s, " ");
}

/* Columns under which the continuation of a line stands: its own indentation, or the label's width. */
static int hanging(const char *line, int label)
{
	int blanks = leading_blanks(line);

	if (blanks > 0)
		return blanks;
	for (int i = 0; i < label; i++)
		if (line[i] == '\0')
			return 0;
	return label > 0 && line[label - 1] == ' ' && line[label] != ' ' ? label : 0;
}

/* Was `next` broken off `line` only because its first word did not fit the page?  A line indented otherwise is a row of
 * a table: what comes below it is no part of it. */
static bool goes_on(const char *line, const char *next, int page, int label)
{
	size_t word = strcspn(next + leading_blanks(next), " \n");
	char *first = eh_xstrndup(next + leading_blanks(next), word);
	bool text = leading_blanks(line) == 0 || leading_blanks(line) == label;
	bool forced = word > 0 && text && leading_blanks(next) == label && line[0] != '\0' &&
		      draw_width(line) + 1 + draw_width(first) > page;

	free(first);
	return forced;
}

/* One paragraph, its first line from the margin, the others from `hang`. */
static size_t wrap_hanging(const char *text, int width, int hang, char **lines, size_t max)
{
	size_t count = 0;

	if (hang > width / 2)
		hang = 2;
	if (*text == '\0' && max > 0)
		lines[count++] = eh_xstrdup("");
	while (*text != '\0' && count < max) {
		int indent = count == 0 ? 0 : hang;
		size_t lead = count == 0 ? (size_t)leading_blanks(text) : 0;
		size_t len = lead + draw_line_bytes(text + lead, width - indent - (int)lead);

		lines[count++] = eh_xasprintf("%*s%.*s", indent, "", (int)len, text);
		text += len;
		text += *text == ' ';
	}
	return count;
}

size_t draw_wrap_page(const char *text, int width, int page, int label, char **lines, size_t max)
{
	size_t count = 0;
	struct eh_buf paragraph;

	eh_buf_init(&paragraph, WRAP_MAX);
	while (*text != '\0' && count < max) {
		size_t len = strcspn(text, "\n");
		char *line = eh_xstrndup(text, len);
		int skip = paragraph.len > 0 ? leading_blanks(line) : 0, hang;
		bool more;

		text += len + (text[len] == '\n');
		more = goes_on(line, text, page, label);
		eh_buf_printf(&paragraph, "%s%s", line + skip, more ? " " : "");
		free(line);
		if (more)
			continue;
		hang = hanging(eh_buf_cstr(&paragraph), label);
		count += wrap_hanging(eh_buf_cstr(&paragraph), width, hang, lines + count, max - count);
		eh_buf_reset(&paragraph);
	}
	eh_buf_free(&paragraph);
	return count;
}

int draw_paragraph(int y, int x, int width, int height, enum element e, const char *text)
{
	int n = 0;

	while (*text != '\0' && n < height) {
		size_t len = draw_line_bytes(text, width);
		bool last = n == height - 1 && text[len] != '\0' && strspn(text + len, " \n") < strlen(text + len);
		char *line = eh_xasprintf("%.*s%s%s", (int)len, text, last ? " " : "",
					  last ? term_symbol(S_ELLIPSIS) : "");

		draw_text(y + n++, x, width, false, e, line);
		free(line);
		text += len;
		if (*text == '\n' || *text == ' ')
			text++;
	}
	return n;
}

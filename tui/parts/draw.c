/* Clipping, padding and wrapping by display columns; see draw.h. */
#define NCURSES_WIDECHAR 1
#include "parts/draw.h"

#include <curses.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/text.h"

/* One character: its bytes in *n, its columns returned. */
static int step(const char *s, size_t *n)
{
	mbstate_t st;
	wchar_t wc;

	memset(&st, 0, sizeof st);
	*n = mbrtowc(&wc, s, strlen(s), &st);
	if (*n == (size_t)-1 || *n == (size_t)-2 || *n == 0) {
		*n = 1;
		return 1;
	}
	return wcwidth(wc) > 0 ? wcwidth(wc) : 0;
}

int draw_width(const char *s)
{
	int width = 0;
	size_t n;

	for (; *s != '\0'; s += n)
		width += step(s, &n);
	return width;
}

static void put_char(const char *s, size_t n)
{
	if (term_ascii() && (unsigned char)s[0] >= 0x80)
		(void)addch('?');
	else
		(void)addnstr(s, (int)n);
}

void draw_text(int y, int x, int width, bool right, enum element e, const char *raw)
{
	size_t size = 3 * strlen(raw) + 4, n;
	char *s;
	int total, used = 0;

	if (width <= 0 || y < 0 || y >= LINES || x >= COLS)
		return;
	width = x + width > COLS ? COLS - x : width;
	s = eh_xmalloc(size);
	eh_text_printable(s, size, raw, strlen(raw));
	total = draw_width(s);
	(void)move(y, x);
	(void)attrset(term_attr(e));
	for (int pad = width - total; right && pad > 0; pad--, used++)
		(void)addch(' ');
	for (const char *p = s; *p != '\0'; p += n) {
		int w = step(p, &n);
		bool more = total > width;

		if (used + w > width - (more ? 1 : 0)) {
			if (more && used < width) {
				const char *mark = term_symbol(S_ELLIPSIS);

				(void)addstr(mark);
				used++;
			}
			break;
		}
		put_char(p, n);
		used += w;
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

/* Bytes of text that fit a line: up to the last blank inside `width`, at least one character. */
static size_t line_length(const char *text, int width)
{
	size_t n, at = 0, blank = 0;
	int used = 0;

	while (text[at] != '\0' && text[at] != '\n') {
		int w = step(text + at, &n);

		if (used + w > width)
			return blank > 0 ? blank : at > 0 ? at : n;
		if (text[at] == ' ')
			blank = at;
		used += w;
		at += n;
	}
	return at;
}

size_t draw_wrap(const char *text, int width, char **lines, size_t max)
{
	size_t count = 0;

	while (*text != '\0' && count < max) {
		size_t len = line_length(text, width);

		lines[count++] = eh_xstrndup(text, len);
		text += len;
		if (*text == '\n' || *text == ' ')
			text++;
	}
	return count;
}

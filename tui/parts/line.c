/* The line editor; see line.h. */
#define NCURSES_WIDECHAR 1
#include "parts/line.h"

#include <curses.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "parts/draw.h"
#include "parts/keys.h"

void line_init(struct line *l, size_t max, const char *text)
{
	memset(l, 0, sizeof *l);
	l->max = max < LINE_MAX_BYTES ? max : LINE_MAX_BYTES - 1;
	l->len = strlen(text) <= l->max ? strlen(text) : 0;
	memcpy(l->text, text, l->len);
	l->at = l->len;
}

static size_t before(const struct line *l)
{
	size_t at = l->at;

	while (at > 0 && ((unsigned char)l->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t after(const struct line *l)
{
	size_t at = l->at;

	if (at < l->len)
		at++;
	while (at < l->len && ((unsigned char)l->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void cut(struct line *l, size_t from, size_t to)
{
	memmove(l->text + from, l->text + to, l->len - to + 1);
	l->len -= to - from;
	l->at = from;
}

static bool insert(struct line *l, wchar_t wc)
{
	char bytes[MB_LEN_MAX];
	mbstate_t st;
	size_t n;

	memset(&st, 0, sizeof st);
	n = wcrtomb(bytes, wc, &st);
	if (n == (size_t)-1 || !eh_id_valid(bytes, n))  /* nothing that could move the cursor later */
		return false;
	if (l->len + n > l->max)
		return true;
	memmove(l->text + l->at + n, l->text + l->at, l->len - l->at + 1);
	memcpy(l->text + l->at, bytes, n);
	l->len += n;
	l->at += n;
	return true;
}

static bool control_key(struct line *l, int key)
{
	switch (key) {
	case CTRL('a'): l->at = 0; return true;
	case CTRL('u'): cut(l, 0, l->at); return true;
	case CTRL('k'): cut(l, l->at, l->len); return true;
	case 8: case 127: cut(l, before(l), l->at); return true;
	default: return key >= 32 && insert(l, (wchar_t)key);
	}
}

bool line_key(struct line *l, int key, bool is_key)
{
	if (!is_key)
		return control_key(l, key);
	switch (key) {
	case KEY_LEFT: l->at = before(l); return true;
	case KEY_RIGHT: l->at = after(l); return true;
	case KEY_HOME: l->at = 0; return true;
	case KEY_END: l->at = l->len; return true;
	case KEY_BACKSPACE: cut(l, before(l), l->at); return true;
	case KEY_DC: cut(l, l->at, after(l)); return true;
	default: return false;
	}
}

int line_draw(const struct line *l, int y, int x, int width, bool focus)
{
	char head[LINE_MAX_BYTES];
	struct line view = *l;
	int cursor;

	/* drop characters from the left until the cursor fits */
	memcpy(head, l->text, l->at);
	head[l->at] = '\0';
	cursor = draw_width(head);
	while (cursor >= width && view.at > 0) {
		size_t keep = view.at;

		view.at = 0;
		view.at = after(&view);
		memmove(view.text, view.text + view.at, view.len - view.at + 1);
		keep -= view.at;
		view.len -= view.at;
		view.at = keep;
		memcpy(head, view.text, view.at);
		head[view.at] = '\0';
		cursor = draw_width(head);
	}
	draw_text(y, x, width, false, focus ? E_FIELD : E_TEXT, view.text);
	return x + cursor;
}

#define WRAPPED_MAX (LINE_MAX_BYTES / 2)

int line_draw_wrapped(const struct line *l, int y, int x, int width, int height, bool focus, int *cursor_y)
{
	size_t start[WRAPPED_MAX + 1], end[WRAPPED_MAX + 1], at = 0;
	int n = 0, row = 0, top, column;
	char part[LINE_MAX_BYTES];

	/* one line more when the last one is full: that is where the cursor goes */
	do {
		start[n] = at;
		at += draw_line_bytes(l->text + at, width);
		end[n++] = at;
		at += l->text[at] == ' ';
	} while (n < WRAPPED_MAX && (at < l->len || (at == l->len && l->text[end[n - 1]] == ' ')));
	for (int i = 0; i < n; i++)
		row = start[i] <= l->at ? i : row;
	memcpy(part, l->text + start[row], l->at - start[row]);
	part[l->at - start[row]] = '\0';
	column = draw_width(part);
	if (column >= width) {
		row++;
		column = 0;
		if (row == n)
			start[n] = end[n] = l->len, n++;
	}
	top = row >= height ? row - height + 1 : 0;
	for (int i = 0; i < height; i++) {
		size_t len = top + i < n ? end[top + i] - start[top + i] : 0;

		memcpy(part, l->text + (top + i < n ? start[top + i] : 0), len);
		part[len] = '\0';
		draw_text(y + i, x, width, false, focus ? E_FIELD : E_TEXT, part);
	}
	*cursor_y = y + row - top;
	return x + column;
}

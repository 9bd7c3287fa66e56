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
	case 1: l->at = 0; return true;                         /* Ctrl-A */
	case 21: cut(l, 0, l->at); return true;                 /* Ctrl-U */
	case 11: cut(l, l->at, l->len); return true;            /* Ctrl-K */
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

/*
 * line.h - one line of text that a person edits; UTF-8.
 */
#ifndef EH_TUI_PARTS_LINE_H
#define EH_TUI_PARTS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_BYTES 1000

struct line {
	char text[LINE_MAX_BYTES];
	size_t len, at;                 /* [bytes] */
	size_t max;                     /* [bytes], at most LINE_MAX_BYTES - 1 */
};

void line_init(struct line *l, size_t max, const char *text);
/* Takes a key as get_wch gave it; is_key = a KEY_* code.  false when the key means nothing to a line. */
bool line_key(struct line *l, int key, bool is_key);
/* Draws in `width` columns, scrolled so that the cursor is visible; returns the cursor's column. */
int line_draw(const struct line *l, int y, int x, int width, bool focus);
/* The same, word-wrapped into `height` lines; *cursor_y is the cursor's screen line. */
int line_draw_wrapped(const struct line *l, int y, int x, int width, int height, bool focus, int *cursor_y);

#endif

/*
 * draw.h - text on the screen by columns, not bytes.
 */
#ifndef EH_TUI_PARTS_DRAW_H
#define EH_TUI_PARTS_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "parts/term.h"

/* Columns a string takes (wcwidth); malformed bytes and characters of no known width count one, as they are drawn. */
int draw_width(const char *s);

/* Puts s at (y, x) in at most `width` columns, cut with a mark, padded with blanks; right-aligned on demand.
 * Control characters never reach the terminal; in ASCII mode every other character becomes one '?'. */
void draw_text(int y, int x, int width, bool right, enum element e, const char *s);
void draw_textf(int y, int x, int width, enum element e, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void draw_rule(int y);

/* Bytes of text that stand on its first line of `width` columns: up to the last blank that fits, at least one
 * character; 0 only for an empty line. */
size_t draw_line_bytes(const char *text, int width);

/* Word-wraps text into lines of at most `width` columns; returns the number, at most max; each line is freed by
 * the caller with free(). */
size_t draw_wrap(const char *text, int width, char **lines, size_t max);

/* The same for text that was wrapped for a page before: lines broken at `page` columns and indented by `label` are
 * joined again, and what goes on stands under where its paragraph began. */
size_t draw_wrap_page(const char *text, int width, int page, int label, char **lines, size_t max);

/* Wraps text into at most `height` lines at (y, x); the last one carries a mark when there is more.  Returns the
 * number of lines. */
int draw_paragraph(int y, int x, int width, int height, enum element e, const char *text);

#endif

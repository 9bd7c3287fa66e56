/*
 * draw.h - text on the screen by columns, not bytes.
 */
#ifndef EH_TUI_PARTS_DRAW_H
#define EH_TUI_PARTS_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "parts/term.h"

/* Columns a string takes (wcwidth); malformed bytes count one. */
int draw_width(const char *s);

/* Puts s at (y, x) in at most `width` columns, cut with a mark, padded with blanks; right-aligned on demand.
 * Control characters never reach the terminal; in ASCII mode other characters become '?'. */
void draw_text(int y, int x, int width, bool right, enum element e, const char *s);
void draw_textf(int y, int x, int width, enum element e, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void draw_rule(int y);

/* Word-wraps text into lines of at most `width` columns; returns the number, at most max; each line is freed by
 * the caller with free(). */
size_t draw_wrap(const char *text, int width, char **lines, size_t max);

#endif

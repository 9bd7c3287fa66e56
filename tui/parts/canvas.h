/*
 * canvas.h - a small picture made of dots, 2 x 4 to a character cell (braille patterns, U+2800).
 *
 * In ASCII mode a cell shows one of " .:#" by the number of its dots.
 */
#ifndef EH_TUI_PARTS_CANVAS_H
#define EH_TUI_PARTS_CANVAS_H

#include "parts/term.h"

#define CANVAS_CELL_W 2                 /* [dots] of a cell */
#define CANVAS_CELL_H 4

struct canvas {
	int cols, rows;                 /* [cells] */
	unsigned char *bits;            /* [rows][cols] */
};

/* Empty, cols x rows cells, each at least 1. */
void canvas_init(struct canvas *c, int cols, int rows);
void canvas_free(struct canvas *c);
/* Dots outside are not drawn. */
void canvas_dot(struct canvas *c, int x, int y);
void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1);
void canvas_draw(const struct canvas *c, int y, int x, enum element e);
/* The text of one row, for canvas_draw and tests: size at least 3 * cols + 1. */
void canvas_row(const struct canvas *c, int row, char *out, size_t size);

#endif

/* Dots in character cells; see canvas.h. */
#include "parts/canvas.h"

#include <stdlib.h>

#include "base/mem.h"
#include "parts/draw.h"

void canvas_init(struct canvas *c, int cols, int rows)
{
	c->cols = cols > 1 ? cols : 1;
	c->rows = rows > 1 ? rows : 1;
	c->bits = eh_xcalloc((size_t)c->cols * (size_t)c->rows, 1);
}

void canvas_free(struct canvas *c)
{
	free(c->bits);
	c->bits = NULL;
}

void canvas_dot(struct canvas *c, int x, int y)
{
	/* Unicode numbers the dots of a cell by columns, the fourth row apart: 1 2 3 7 and 4 5 6 8 */
	static const unsigned char bit[CANVAS_CELL_H][CANVAS_CELL_W] = {
		{ 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 },
	};

	if (x < 0 || y < 0 || x >= c->cols * CANVAS_CELL_W || y >= c->rows * CANVAS_CELL_H)
		return;
	c->bits[(y / CANVAS_CELL_H) * c->cols + x / CANVAS_CELL_W] |= bit[y % CANVAS_CELL_H][x % CANVAS_CELL_W];
}

/* The steps of Bresenham's line: one dot for each step along the longer axis. */
void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0), sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1, error = dx + dy;

	for (;;) {
		int twice = 2 * error;

		canvas_dot(c, x0, y0);
		if (x0 == x1 && y0 == y1)
			return;
		if (twice >= dy) {
			error += dy;
			x0 += sx;
		}
		if (twice <= dx) {
			error += dx;
			y0 += sy;
		}
	}
}

void canvas_row(const struct canvas *c, int row, char *out, size_t size)
{
	size_t n = 0;

	for (int x = 0; x < c->cols && n + 4 <= size; x++) {
		unsigned bits = c->bits[row * c->cols + x];
		int dots = __builtin_popcount(bits);

		if (bits == 0) {
			out[n++] = ' ';
		} else if (term_ascii()) {
			out[n++] = dots > 4 ? '#' : dots > 2 ? ':' : '.';
		} else {                        /* U+2800 + bits in UTF-8 */
			out[n++] = (char)0xe2;
			out[n++] = (char)(0xa0 | bits >> 6);
			out[n++] = (char)(0x80 | (bits & 0x3f));
		}
	}
	out[n] = '\0';
}

void canvas_draw(const struct canvas *c, int y, int x, enum element e)
{
	size_t size = 3 * (size_t)c->cols + 4;
	char *text = eh_xcalloc(size, 1);

	for (int row = 0; row < c->rows; row++) {
		canvas_row(c, row, text, size);
		draw_text(y + row, x, c->cols, false, e, text);
	}
	free(text);
}

/* Plots and bars as lines of text; see figure.h. */
#include "parts/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parts/canvas.h"
#include "parts/draw.h"

#define GUTTER 6                        /* [columns] of the numbers left of the plot */
#define LINE_MAX_BYTES 4096

/* One picture in two forms: dots for UTF-8, characters for ASCII. */
struct picture {
	struct canvas c;
	char *cell;                     /* [rows][cols] */
	const struct figure *f;
};

static double unit(double v, double a, double b)
{
	double u = (v - a) / (b - a);

	return u < 0.0 ? 0.0 : u > 1.0 ? 1.0 : u;
}

static int dot_x(const struct picture *p, double x)
{
	return (int)(unit(x, p->f->x0, p->f->x1) * (p->c.cols * CANVAS_CELL_W - 1) + 0.5);
}

static int dot_y(const struct picture *p, double y)
{
	return (int)((1.0 - unit(y, p->f->y0, p->f->y1)) * (p->c.rows * CANVAS_CELL_H - 1) + 0.5);
}

static void put_cell(struct picture *p, int x, int y, char what)
{
	int at = (y / CANVAS_CELL_H) * p->c.cols + x / CANVAS_CELL_W;

	if (x < 0 || y < 0 || x >= p->c.cols * CANVAS_CELL_W || y >= p->c.rows * CANVAS_CELL_H || p->cell[at] == 'o')
		return;
	p->cell[at] = what;
}

static void draw_diagonal(struct picture *p)
{
	int last = p->c.cols * CANVAS_CELL_W - 1;

	for (int x = 0; x <= last; x += 3) {
		int y = (last - x) * (p->c.rows * CANVAS_CELL_H - 1) / last;

		canvas_dot(&p->c, x, y);
		put_cell(p, x, y, '.');
	}
}

/* A point is three dots wide and high, so that it stands out of its interval. */
static void draw_dot(struct picture *p, const struct figure_dot *d)
{
	int x = dot_x(p, d->x), y = dot_y(p, d->y), top = dot_y(p, d->hi), bottom = dot_y(p, d->lo);

	for (int i = top; i <= bottom; i++) {
		canvas_dot(&p->c, x, i);
		put_cell(p, x, i, '|');
	}
	for (int i = -1; i <= 1; i++)
		for (int j = -1; j <= 1; j++)
			canvas_dot(&p->c, x + i, y + j);
	put_cell(p, x, y, 'o');
}

static void join(struct picture *p, const struct figure_dot *a, const struct figure_dot *b)
{
	int x0 = dot_x(p, a->x), x1 = dot_x(p, b->x), y0 = dot_y(p, a->y), y1 = dot_y(p, b->y);

	canvas_line(&p->c, x0, y0, x1, y1);
	for (int x = x0; x <= x1 && x1 > x0; x++)
		put_cell(p, x, y0 + (y1 - y0) * (x - x0) / (x1 - x0), '-');
}

/* ---- lines ---- */

static char *plot_line(const struct picture *p, int row)
{
	const struct figure *f = p->f;
	char dots[LINE_MAX_BYTES], number[32] = "";
	int bottom = p->c.rows - 1;
	double at = f->y1 - (f->y1 - f->y0) * row / bottom;

	/* the middle one only where it stands in a row of its own */
	if (row == 0 || row == bottom || (2 * row == bottom && bottom > 4))
		(void)snprintf(number, sizeof number, f->y_format, at);
	if (term_ascii()) {
		memcpy(dots, p->cell + row * p->c.cols, (size_t)p->c.cols);
		dots[p->c.cols] = '\0';
	} else {
		canvas_row(&p->c, row, dots, sizeof dots);
	}
	return eh_xasprintf("%*s %s%s", GUTTER - 1, number, term_ascii() ? "|" : "│", dots);
}

static char *axis_line(int cols)
{
	struct eh_buf b;
	char *text = NULL;

	eh_buf_init(&b, LINE_MAX_BYTES);
	eh_buf_printf(&b, "%*s%s", GUTTER, "", term_ascii() ? "+" : "└");
	for (int i = 0; i < cols; i++)
		eh_buf_printf(&b, "%s", term_ascii() ? "-" : "─");
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

/* Left end, name in the middle, right end. */
static char *number_line(const struct figure *f, int cols)
{
	char left[32], right[32];
	int room = 0, name = draw_width(f->x_name);

	(void)snprintf(left, sizeof left, f->x_format, f->x0);
	(void)snprintf(right, sizeof right, f->x_format, f->x1);
	room = cols - (int)strlen(left) - (int)strlen(right) - name;
	if (room < 2)
		return eh_xasprintf("%*s%s %s", GUTTER + 1, "", left, f->x_name);
	return eh_xasprintf("%*s%s%*s%s%*s%s", GUTTER + 1, "", left, room / 2, "", f->x_name, room - room / 2, "",
			    right);
}

size_t figure_plot(char **lines, const struct figure *f, const struct figure_dot *dot, size_t n, int width, int height)
{
	struct picture p = { .f = f };
	int cols = width - GUTTER - 1;
	size_t used = 0;

	cols = cols < 8 ? 8 : cols > LINE_MAX_BYTES / 3 - 2 ? LINE_MAX_BYTES / 3 - 2 : cols;
	height = height < 3 ? 3 : height;
	canvas_init(&p.c, cols, height);
	p.cell = eh_xmalloc((size_t)cols * (size_t)height);
	memset(p.cell, ' ', (size_t)cols * (size_t)height);
	if (f->diagonal)
		draw_diagonal(&p);
	for (size_t i = 1; i < n && f->joined; i++)
		join(&p, &dot[i - 1], &dot[i]);
	for (size_t i = 0; i < n; i++)
		draw_dot(&p, &dot[i]);
	lines[used++] = eh_xasprintf("%*s%s", GUTTER, "", f->y_name);
	for (int row = 0; row < height; row++)
		lines[used++] = plot_line(&p, row);
	lines[used++] = axis_line(cols);
	lines[used++] = number_line(f, cols);
	free(p.cell);
	canvas_free(&p.c);
	return used;
}

char *figure_bar(const char *label, int label_width, double value, double most, int width)
{
	int room = width - label_width - 9, pad = label_width - draw_width(label), halves = 0;
	struct eh_buf b;
	char *text = NULL;

	value = fabs(value) < 0.0005 ? 0.0 : value;     /* "-0.000" is no number to read */
	if (value > 0.0 && most > 0.0 && room > 0)
		halves = (int)(unit(value, 0.0, most) * 2.0 * room + 0.5);
	eh_buf_init(&b, LINE_MAX_BYTES);
	pad = pad > 0 ? pad : 0;
	eh_buf_printf(&b, "%s%*s ", label, pad, "");
	for (int i = 0; i + 1 < halves; i += 2)
		eh_buf_printf(&b, "%s", term_ascii() ? "#" : "█");
	if (halves % 2 == 1)
		eh_buf_printf(&b, "%s", term_ascii() ? "#" : "▌");
	eh_buf_printf(&b, "%s%.3f", halves > 0 ? " " : "", value);
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

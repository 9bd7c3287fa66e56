/*
 * figure.h - figures as lines of text: points with intervals over two axes (braille patterns), and bars.
 *
 * For the screens and for commands alike; nothing here touches curses.  In ASCII mode a cell holds one of ". | o -".
 */
#ifndef EH_TUI_PARTS_FIGURE_H
#define EH_TUI_PARTS_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

struct figure_dot {
	double x, y, lo, hi;            /* lo..hi: interval of y */
};

struct figure {
	double x0, x1, y0, y1;          /* the axes' ends, x0 < x1, y0 < y1; what lies beyond is drawn at the edge */
	const char *x_name, *y_name;
	const char *x_format, *y_format; /* of the numbers at the ends, for one double: "%.0f" */
	bool diagonal;                  /* a dotted line from (x0, y0) to (x1, y1) */
	bool joined;                    /* a line through the points */
};

#define FIGURE_MORE 3                   /* lines that figure_plot makes besides the height */
/* height lines of the plot, a name above and two for the axis below; lines: height + FIGURE_MORE, each freed by the
 * caller.  width at least 20, height at least 3.  Returns their number. */
size_t figure_plot(char **lines, const struct figure *f, const struct figure_dot *dot, size_t n, int width, int height);

/* "label      ######   0.123": the bar ends at value of most; none for a value of 0 or less.  Freed by the caller. */
char *figure_bar(const char *label, int label_width, double value, double most, int width);

#endif

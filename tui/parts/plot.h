/*
 * plot.h - a ratio with its interval as one line of characters.
 */
#ifndef EH_TUI_PARTS_PLOT_H
#define EH_TUI_PARTS_PLOT_H

#include "audit/finding.h"
#include "parts/term.h"

#define PLOT_LOW 0.2                    /* [ratio] at the left edge */
#define PLOT_HIGH 1.4                   /* [ratio] at the right edge */

/* Draws at (y, x) in `width` columns: interval, point, limit and 1.0; an arrow where interval or ratio go on beyond
 * the edge.  An undefined ratio draws limit and 1.0 alone. */
void plot_interval(int y, int x, int width, const struct eh_num *ratio, const struct eh_interval *interval,
		   double limit, enum element e);
/* The axis: numbers at 0.4, 0.6 ... 1.2, every other one where there is little room. */
void plot_axis(int y, int x, int width);

#endif

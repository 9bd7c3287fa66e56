/*
 * plot.h - a ratio with its interval as one line of characters, and all of a finding's on one scale.
 *
 * term_charset decides on ASCII.
 */
#ifndef EH_TUI_PARTS_PLOT_H
#define EH_TUI_PARTS_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/finding.h"
#include "parts/term.h"

#define PLOT_LOW 0.2                    /* [ratio] at the left edge */
#define PLOT_HIGH 1.4                   /* [ratio] at the right edge */

#define PLOT_LEAST 8                    /* [columns] of a line; in less nothing is drawn */
#define PLOT_MOST 120                   /* [columns]; wider ones are cut */
#define PLOT_BYTES (4 * PLOT_MOST + 1)
#define PLOT_ROWS 4
#define PLOT_RATIO_ROOM 19              /* [columns] "≈0.61 [0.47 0.79]" beside a plot and what is apart from it */

/* One ratio of a finding. */
struct plot_row {
	struct eh_num ratio;            /* defined */
	struct eh_interval interval;    /* both ends undefined: not known */
	bool screening;                 /* an estimate with predicted classes */
	char what[128];                 /* whose, or over whom: "by stratum (MH)", "benchmark: 6 others" */
};

/* The ratios that a finding has: of the evaluator's own the one that decides comes first, that of the second set of
 * evaluators stands last.  room: [columns] that what may take.  Returns their number, at most PLOT_ROWS. */
size_t plot_rows(struct plot_row *out, const struct eh_finding *f, int room);

/* The limit as it is drawn. */
double plot_limit(const struct eh_finding *f);
/* As plot_interval and plot_axis draw them, of `width` columns; "" where that is too little. */
void plot_line(char out[PLOT_BYTES], int width, const struct eh_num *ratio, const struct eh_interval *interval,
	       double limit);
void plot_scale(char out[PLOT_BYTES], int width);
/* All of plot_rows below one scale, numbers and words beside them and what the signs mean below, in lines of at most
 * `columns` (60 or more), each with its end; "" for a finding without a ratio.  Freed by the caller. */
char *plot_finding(const struct eh_finding *f, int columns);

/* Draws at (y, x) in `width` columns: interval, point, limit and 1.0; an arrow where interval or ratio go on beyond
 * the edge.  An undefined ratio draws limit and 1.0 alone. */
void plot_interval(int y, int x, int width, const struct eh_num *ratio, const struct eh_interval *interval,
		   double limit, enum element e);
/* The axis: numbers at 0.4, 0.6 ... 1.2, every other one where there is little room. */
void plot_axis(int y, int x, int width);

#endif

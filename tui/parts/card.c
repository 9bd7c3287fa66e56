/* The lines of a model card; see card.h. */
#include "parts/card.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/figure.h"

#define WIDTH_MAX 100                   /* [columns] prose of a wider line is hard to read */
#define PLOT_WIDTH 66
#define PLOT_HEIGHT 13                  /* odd: the middle of the axis is a row */
#define BAR_LABEL 32
#define HANGING 4                       /* [columns] of what goes on, below the line's own indentation */

static void add(struct card_lines *l, enum element e, char *text)
{
	if (l->n == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 256;
		l->v = eh_xrealloc(l->v, l->cap, sizeof *l->v);
	}
	l->v[l->n++] = (struct card_line){ e, text };
}

static void add_plot(struct card_lines *out, const struct figure *f, const struct eh_card_dot *dot, size_t n,
		     int width)
{
	struct figure_dot d[EH_CARD_DOTS];
	char *lines[PLOT_HEIGHT + FIGURE_MORE];
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		d[i] = (struct figure_dot){ dot[i].x, dot[i].y, dot[i].lo, dot[i].hi };
	used = figure_plot(lines, f, d, n, width < PLOT_WIDTH ? width : PLOT_WIDTH, PLOT_HEIGHT);
	for (size_t i = 0; i < used; i++)
		add(out, E_TEXT, lines[i]);
}

static void add_reliability(struct card_lines *out, const struct eh_card *c, int width)
{
	const struct figure f = { 0.0, 1.0, 0.0, 1.0, "probability given", "share that is of it", "%.1f", "%.2f",
				  true, false };
	struct eh_card_dot dot[EH_CARD_DOTS];
	size_t n = eh_card_reliability(dot, c);

	if (n > 0)
		add_plot(out, &f, dot, n, width);
}

static void add_curve(struct card_lines *out, const struct eh_card *c, int width)
{
	struct figure f = { 0.0, 1.0, 0.0, 0.05, "candidates who taught", "Brier score: lower is better", "%.0f",
			    "%.2f", false, true };
	struct eh_card_dot dot[EH_CARD_DOTS];
	size_t n = eh_card_curve(dot, c);

	for (size_t i = 0; i < n; i++) {
		f.x1 = fmax(f.x1, dot[i].x);
		f.y1 = fmax(f.y1, ceil(20.0 * dot[i].hi) / 20.0);
	}
	if (n > 0)
		add_plot(out, &f, dot, n, width);
}

static void add_importance(struct card_lines *out, const struct eh_card *c, int width)
{
	struct eh_card_bar bar[EH_CARD_BARS];
	size_t n = eh_card_importance(bar, c);
	double most = 0.0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, bar[i].value);
	for (size_t i = 0; i < n; i++) {
		char label[64];

		(void)snprintf(label, sizeof label, "    %.*s", BAR_LABEL - 5, bar[i].label);
		add(out, E_TEXT,
		    figure_bar(label, BAR_LABEL, bar[i].value, most, width < PLOT_WIDTH ? width : PLOT_WIDTH));
	}
}

/* A table's line that is wider than the terminal goes on below itself: no number is cut off. */
static void add_wrapped(struct card_lines *out, enum element e, const char *line, int width)
{
	int indent = (int)strspn(line, " ") + HANGING;
	size_t len = draw_line_bytes(line, width);

	add(out, e, eh_xstrndup(line, len));
	for (line += len; *line == ' '; line++)
		;
	while (*line != '\0') {
		len = draw_line_bytes(line, width - indent);
		add(out, e == E_TITLE ? E_TEXT : e, eh_xasprintf("%*s%.*s", indent, "", (int)len, line));
		for (line += len; *line == ' '; line++)
			;
	}
}

static void add_text(struct card_lines *out, const char *text, int width)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *line = eh_xstrndup(text, len);
		enum element e = E_TEXT;

		if (strstr(line, "STALE: ") != NULL || strstr(line, "REFUSED: ") != NULL)
			e = E_ALARM;
		else if (strstr(line, "! thin") != NULL || strstr(line, "classifies nobody") != NULL)
			e = E_WATCH;
		add_wrapped(out, e, line, width);
		free(line);
		text += len + (text[len] == '\n');
	}
}

void card_lines_make(struct card_lines *out, const struct eh_card *c, int width)
{
	struct eh_card_section section[EH_CARD_SECTIONS];
	size_t n = 0;

	width = width > WIDTH_MAX ? WIDTH_MAX : width;
	n = eh_card_sections(section, c, width);
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			add(out, E_TEXT, eh_xstrdup(""));
		add_wrapped(out, E_TITLE, section[i].title, width);
		if (section[i].figure == EH_FIGURE_RELIABILITY)
			add_reliability(out, c, width);
		else if (section[i].figure == EH_FIGURE_CURVE)
			add_curve(out, c, width);
		else if (section[i].figure == EH_FIGURE_IMPORTANCE)
			add_importance(out, c, width);
		add_text(out, section[i].text, width);
	}
	eh_card_sections_free(section, n);
}

void card_lines_free(struct card_lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	memset(l, 0, sizeof *l);
}

/* Interval bars; see plot.h. */
#include "parts/plot.h"

#include <stdio.h>
#include <string.h>

#include "parts/draw.h"

#define WIDTH_MAX 120

static int column(double ratio, int width)
{
	double at = (ratio - PLOT_LOW) / (PLOT_HIGH - PLOT_LOW) * (width - 1);

	return at < 0.0 ? 0 : at > width - 1 ? width - 1 : (int)(at + 0.5);
}

/* The limit and 1.0 stay visible where an interval passes over them. */
static void mark(enum symbol *cells, int at, enum symbol s)
{
	if (cells[at] == S_COUNT)
		cells[at] = s;
	else if (cells[at] == S_BAR_LINE)
		cells[at] = S_BAR_CROSS;
}

void plot_interval(int y, int x, int width, const struct eh_num *ratio, const struct eh_interval *interval,
		   double limit, enum element e)
{
	enum symbol cells[WIDTH_MAX];
	char text[WIDTH_MAX * 4 + 1];
	size_t used = 0;

	width = width > WIDTH_MAX ? WIDTH_MAX : width;
	if (width < 8)
		return;
	for (int i = 0; i < width; i++)
		cells[i] = S_COUNT;
	if (interval->low.defined || interval->high.defined) {
		double low = interval->low.defined ? interval->low.value : PLOT_LOW - 1.0;
		double high = interval->high.defined ? interval->high.value : PLOT_HIGH + 1.0;
		int a = column(low, width), b = column(high, width);

		for (int i = a; i <= b; i++)
			cells[i] = S_BAR_LINE;
		cells[a] = low < PLOT_LOW ? S_BAR_BEYOND_LEFT : S_BAR_LEFT;
		cells[b] = high > PLOT_HIGH ? S_BAR_BEYOND_RIGHT : S_BAR_RIGHT;
	}
	mark(cells, column(1.0, width), S_BAR_ONE);
	mark(cells, column(limit, width), S_BAR_LIMIT);
	if (ratio->defined && ratio->value < PLOT_LOW)
		cells[0] = S_BAR_BEYOND_LEFT;
	else if (ratio->defined && ratio->value > PLOT_HIGH)
		cells[width - 1] = S_BAR_BEYOND_RIGHT;
	else if (ratio->defined)
		cells[column(ratio->value, width)] = S_BAR_POINT;
	for (int i = 0; i < width; i++) {
		const char *s = cells[i] == S_COUNT ? " " : term_symbol(cells[i]);

		memcpy(text + used, s, strlen(s));
		used += strlen(s);
	}
	text[used] = '\0';
	draw_text(y, x, width, false, e, text);
}

void plot_axis(int y, int x, int width)
{
	/* the limit and 1.0 first: the others only where a blank stays between them */
	static const double numbers[] = { 0.8, 1.0, 0.4, 1.2, 0.6 };
	char text[WIDTH_MAX + 8], number[8];

	width = width > WIDTH_MAX ? WIDTH_MAX : width;
	if (width < 8)
		return;
	memset(text, ' ', (size_t)width);
	text[width] = '\0';
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		int at = column(numbers[i], width) - 1;
		int from = at > 0 ? at - 1 : 0, to = at + 4 < width ? at + 4 : width;

		if (at < 0 || at + 3 > width || strspn(text + from, " ") < (size_t)(to - from))
			continue;
		(void)snprintf(number, sizeof number, "%.1f", numbers[i]);
		memcpy(text + at, number, 3);
	}
	draw_text(y, x, width, false, E_HEAD, text);
}

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

void plot_interval(int y, int x, int width, const struct eh_num *ratio, const struct eh_interval *interval, double limit)
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
	if (cells[column(1.0, width)] == S_COUNT)
		cells[column(1.0, width)] = S_BAR_ONE;
	if (cells[column(limit, width)] == S_COUNT)
		cells[column(limit, width)] = S_BAR_LIMIT;
	if (ratio->defined)
		cells[column(ratio->value, width)] = S_BAR_POINT;
	for (int i = 0; i < width; i++) {
		const char *s = cells[i] == S_COUNT ? " " : term_symbol(cells[i]);

		memcpy(text + used, s, strlen(s));
		used += strlen(s);
	}
	text[used] = '\0';
	draw_text(y, x, width, false, E_TEXT, text);
}

void plot_axis(int y, int x, int width)
{
	static const double marks[] = { 0.4, 0.6, 0.8, 1.0, 1.2 };
	char text[WIDTH_MAX + 8], mark[8];
	int last = -4;

	width = width > WIDTH_MAX ? WIDTH_MAX : width;
	if (width < 8)
		return;
	memset(text, ' ', (size_t)width);
	text[width] = '\0';
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		int at = column(marks[i], width) - 1;

		if (at < last + 4 || at + 3 > width || at < 0)
			continue;
		(void)snprintf(mark, sizeof mark, "%.1f", marks[i]);
		memcpy(text + at, mark, 3);
		last = at;
	}
	draw_text(y, x, width, false, E_HEAD, text);
}

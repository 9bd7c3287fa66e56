/* Interval bars; see plot.h. */
#include "parts/plot.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parts/draw.h"
#include "parts/words.h"

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

static void put_bar(enum symbol *cells, int width, const struct eh_interval *interval)
{
	const double low = interval->low.defined ? interval->low.value : PLOT_LOW - 1.0;
	const double high = interval->high.defined ? interval->high.value : PLOT_HIGH + 1.0;
	const int a = column(low, width), b = column(high, width);

	for (int i = a; i <= b; i++)
		cells[i] = S_BAR_LINE;
	cells[a] = low < PLOT_LOW ? S_BAR_BEYOND_LEFT : S_BAR_LEFT;
	cells[b] = high > PLOT_HIGH ? S_BAR_BEYOND_RIGHT : S_BAR_RIGHT;
}

void plot_line(char out[PLOT_BYTES], int width, const struct eh_num *ratio, const struct eh_interval *interval,
	       double limit)
{
	enum symbol cells[PLOT_MOST];
	size_t used = 0;

	out[0] = '\0';
	width = width > PLOT_MOST ? PLOT_MOST : width;
	if (width < PLOT_LEAST)
		return;
	for (int i = 0; i < width; i++)
		cells[i] = S_COUNT;
	if (interval->low.defined || interval->high.defined)
		put_bar(cells, width, interval);
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

		memcpy(out + used, s, strlen(s));
		used += strlen(s);
	}
	out[used] = '\0';
}

void plot_scale(char out[PLOT_BYTES], int width)
{
	/* the limit and 1.0 first: the others only where a blank stays between them */
	static const double numbers[] = { 0.8, 1.0, 0.4, 1.2, 0.6 };
	char number[8];

	out[0] = '\0';
	width = width > PLOT_MOST ? PLOT_MOST : width;
	if (width < PLOT_LEAST)
		return;
	memset(out, ' ', (size_t)width);
	out[width] = '\0';
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		int at = column(numbers[i], width) - 1;
		int from = at > 0 ? at - 1 : 0, to = at + 4 < width ? at + 4 : width;

		if (at < 0 || at + 3 > width || strspn(out + from, " ") < (size_t)(to - from))
			continue;
		(void)snprintf(number, sizeof number, "%.1f", numbers[i]);
		memcpy(out + at, number, 3);
	}
}

void plot_interval(int y, int x, int width, const struct eh_num *ratio, const struct eh_interval *interval,
		   double limit, enum element e)
{
	char text[PLOT_BYTES];

	plot_line(text, width, ratio, interval, limit);
	if (text[0] != '\0')
		draw_text(y, x, width, false, e, text);
}

void plot_axis(int y, int x, int width)
{
	char text[PLOT_BYTES];

	plot_scale(text, width);
	if (text[0] != '\0')
		draw_text(y, x, width, false, E_HEAD, text);
}

/* ---- a finding ---- */

double plot_limit(const struct eh_finding *f)
{
	return f->limit_den > 0 ? (double)f->limit_num / f->limit_den : 0.8;
}

/* "benchmark: 18 others, deviation -0.68 [-0.92 -0.41]": of that as much as there is room for. */
static void benchmark_words(char *out, size_t size, const struct eh_finding *f, size_t room)
{
	const struct eh_interval *i = &f->deviation_interval;
	char others[40], deviation[24] = "", low[16] = "-", high[16] = "-", ends[40] = "";

	(void)snprintf(others, sizeof others, "%u other%s", f->bench_evaluators, words_s(f->bench_evaluators));
	if (f->deviation.defined)
		(void)snprintf(deviation, sizeof deviation, ", deviation %.2f", f->deviation.value);
	if (i->low.defined)
		(void)snprintf(low, sizeof low, "%.2f", i->low.value);
	if (i->high.defined)
		(void)snprintf(high, sizeof high, "%.2f", i->high.value);
	if (i->low.defined || i->high.defined)
		(void)snprintf(ends, sizeof ends, " [%s %s]", low, high);
	(void)snprintf(out, size, "benchmark: %s%s%s", others, deviation, ends);
	if (strlen(out) > room)
		(void)snprintf(out, size, "%s%s%s", others, deviation, ends);
	if (strlen(out) > room)
		(void)snprintf(out, size, "benchmark: %s", others);
}

static size_t add_row(struct plot_row *row, const struct eh_num *ratio, const struct eh_interval *interval,
		      bool screening, const char *what)
{
	if (!ratio->defined)
		return 0;
	*row = (struct plot_row){ .ratio = *ratio, .interval = *interval, .screening = screening };
	(void)snprintf(row->what, sizeof row->what, "%s", what);
	return 1;
}

size_t plot_rows(struct plot_row *out, const struct eh_finding *f, int room)
{
	const bool screening = f->basis == EH_BASIS_SCREENING && f->ratio.defined;
	char bench[sizeof out->what];
	size_t n = 0;

	/* the one that decides first: a low screen may show no more */
	if (screening)
		n += add_row(out + n, &f->em_ratio, &f->em_interval, true, "with predicted classes");
	n += add_row(out + n, &f->impact_ratio, &f->interval, false, "known classes");
	n += add_row(out + n, &f->mh_ratio, &f->mh_interval, false, "by stratum (MH)");
	if (!screening)
		n += add_row(out + n, &f->em_ratio, &f->em_interval, true, "with predicted classes");
	benchmark_words(bench, sizeof bench, f, room > 0 ? (size_t)room : 0);
	return n + add_row(out + n, &f->bench_ratio, &f->bench_interval, false, bench);
}

/* Bytes without the blanks at the end. */
static size_t trimmed(const char *s)
{
	size_t n = strlen(s);

	while (n > 0 && s[n - 1] == ' ')
		n--;
	return n;
}

#define WORDS_ROOM 23                   /* [columns] "with predicted classes" and one apart */
#define WIDTH 60                        /* [columns] a wider plot shows no more */

char *plot_finding(const struct eh_finding *f, int columns)
{
	const int left = columns - 2 - PLOT_RATIO_ROOM - WORDS_ROOM, width = left < WIDTH ? left : WIDTH;
	struct plot_row row[PLOT_ROWS];
	const size_t n = plot_rows(row, f, columns - 2 - width - PLOT_RATIO_ROOM);
	char bar[PLOT_BYTES], ratio[48], *text;
	struct eh_buf b;

	if (n == 0)
		return eh_xstrdup("");
	eh_buf_init(&b, PLOT_ROWS * 2 * PLOT_BYTES);
	plot_scale(bar, width);
	eh_buf_printf(&b, " %.*s\n", (int)trimmed(bar), bar);
	for (size_t i = 0; i < n; i++) {
		plot_line(bar, width, &row[i].ratio, &row[i].interval, plot_limit(f));
		words_ratio(ratio, sizeof ratio, &row[i].ratio, &row[i].interval, row[i].screening);
		eh_buf_printf(&b, " %s %s%*s%s\n", bar, ratio, PLOT_RATIO_ROOM - draw_width(ratio), "", row[i].what);
	}
	eh_buf_printf(&b, " (%s limit %d/%d, %s ratio 1)\n", term_symbol(S_BAR_LIMIT), f->limit_num, f->limit_den,
		      term_symbol(S_BAR_ONE));
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

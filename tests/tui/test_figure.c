/* Plots and bars as lines of text, in braille and in ASCII. */
#include "tests/tui/hidden_screen.h"

#include <locale.h>

#include "parts/draw.h"
#include "parts/figure.h"
#include "parts/term.h"

#define HEIGHT 5

static const struct figure unit = { 0.0, 1.0, 0.0, 1.0, "across", "up", "%.1f", "%.2f", false, false };

static void charset(bool ascii)
{
	const struct tui_options o = { .ascii = ascii };

	term_charset(&o);
	if (!ascii && term_ascii())
		skip();
}

static size_t plot(char **lines, const struct figure *f, const struct figure_dot *d, size_t n, int width)
{
	size_t used = figure_plot(lines, f, d, n, width, HEIGHT);

	assert_int_equal(used, HEIGHT + FIGURE_MORE);
	return used;
}

static void drop(char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
}

static void a_point_stands_where_its_values_are(void **state)
{
	static const struct figure_dot corners[] = { { 0.0, 0.0, 0.0, 0.0 }, { 1.0, 1.0, 1.0, 1.0 } };
	char *lines[HEIGHT + FIGURE_MORE];
	size_t n = 0;

	(void)state;
	charset(true);
	n = plot(lines, &unit, corners, 2, 27);
	assert_string_equal(lines[0], "      up");
	assert_string_equal(lines[1], " 1.00 |                   o");
	assert_string_equal(lines[HEIGHT], " 0.00 |o                   ");
	assert_string_equal(lines[HEIGHT + 1], "      +--------------------");
	assert_string_equal(lines[HEIGHT + 2], "       0.0    across    1.0");
	drop(lines, n);
}

static void an_interval_reaches_from_its_low_end_to_its_high_one(void **state)
{
	static const struct figure_dot d = { 0.5, 0.5, 0.0, 1.0 };
	char *lines[HEIGHT + FIGURE_MORE];
	size_t n = 0, bars = 0;

	(void)state;
	charset(true);
	n = plot(lines, &unit, &d, 1, 27);
	for (size_t i = 1; i <= HEIGHT; i++)
		bars += lines[i][7 + 10] == '|' || lines[i][7 + 10] == 'o';
	assert_int_equal(bars, HEIGHT);
	assert_int_equal(lines[3][17], 'o');
	drop(lines, n);
}

static void what_lies_beyond_the_axes_is_drawn_at_the_edge(void **state)
{
	static const struct figure_dot d = { 7.0, -3.0, -9.0, 9.0 };
	char *lines[HEIGHT + FIGURE_MORE];
	size_t n = 0;

	(void)state;
	charset(true);
	n = plot(lines, &unit, &d, 1, 27);
	assert_int_equal(lines[HEIGHT][26], 'o');
	drop(lines, n);
}

static void every_line_of_braille_has_the_same_width(void **state)
{
	static const struct figure_dot d[] = { { 0.1, 0.2, 0.1, 0.4 }, { 0.7, 0.9, 0.5, 1.0 } };
	struct figure f = unit;
	char *lines[HEIGHT + FIGURE_MORE];
	size_t n = 0;

	(void)state;
	charset(false);
	f.diagonal = f.joined = true;
	for (int width = 30; width <= 130; width += 25) {
		n = plot(lines, &f, d, 2, width);
		for (size_t i = 1; i < n; i++)
			assert_int_equal(draw_width(lines[i]), width);
		assert_non_null(strstr(lines[1], "\xe2\xa0"));  /* some dots of the braille block */
		drop(lines, n);
	}
}

static void ascii_is_ascii(void **state)
{
	static const struct figure_dot d[] = { { 0.1, 0.2, 0.1, 0.4 }, { 0.7, 0.9, 0.5, 1.0 } };
	struct figure f = unit;
	char *lines[HEIGHT + FIGURE_MORE], *bar = NULL;
	size_t n = 0;

	(void)state;
	charset(true);
	f.diagonal = f.joined = true;
	n = plot(lines, &f, d, 2, 60);
	for (size_t i = 0; i < n; i++)
		for (const char *p = lines[i]; *p != '\0'; p++)
			assert_true(*p >= ' ' && *p < 0x7f);
	drop(lines, n);
	bar = figure_bar("voice", 8, 0.5, 1.0, 37);
	assert_string_equal(bar, "voice    ########## 0.500");
	free(bar);
}

static void a_bar_of_nothing_or_less_is_only_a_number(void **state)
{
	char *bar = NULL;

	(void)state;
	charset(true);
	bar = figure_bar("face", 6, -0.2, 1.0, 40);
	assert_string_equal(bar, "face   -0.200");
	free(bar);
	bar = figure_bar("face", 6, 0.0, 0.0, 40);
	assert_string_equal(bar, "face   0.000");
	free(bar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_point_stands_where_its_values_are),
		cmocka_unit_test(an_interval_reaches_from_its_low_end_to_its_high_one),
		cmocka_unit_test(what_lies_beyond_the_axes_is_drawn_at_the_edge),
		cmocka_unit_test(every_line_of_braille_has_the_same_width),
		cmocka_unit_test(ascii_is_ascii),
		cmocka_unit_test(a_bar_of_nothing_or_less_is_only_a_number),
	};

	(void)setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

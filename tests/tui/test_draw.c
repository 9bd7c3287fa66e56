/* Text by columns, wrapping, plots. */
#include "hidden_screen.h"

#include "parts/draw.h"
#include "parts/plot.h"

static void text_is_cut_by_columns_with_a_mark(void **state)
{
	(void)state;
	assert_int_equal(draw_width("Zoë"), 3);
	assert_int_equal(draw_width("評価者"), 6);
	assert_int_equal(draw_width("e\xcc\x81"), 1);           /* combining acute */
	assert_int_equal(draw_width("\xff\xfe"), 2);
	(void)erase();
	draw_text(1, 0, 6, false, E_TEXT, "評価者");
	draw_text(1, 6, 2, false, E_TEXT, "|");
	assert_string_equal(at(1, 0, 6), "評価者");
	draw_text(2, 0, 6, false, E_TEXT, "評価者一号");        /* no half character, one blank instead */
	draw_text(2, 6, 2, false, E_TEXT, "|");
	assert_string_equal(at(2, 0, 8), "評価… | ");
	draw_text(3, 0, 6, true, E_TEXT, "ab");
	assert_string_equal(at(3, 0, 6), "    ab");
	draw_text(4, 0, 4, false, E_TEXT, "abcde");
	assert_string_equal(at(4, 0, 5), "abc… ");
	draw_text(5, 78, 10, false, E_TEXT, "abc");             /* over the edge of the screen */
	assert_string_equal(at(5, 78, 2), "a…");
	draw_text(99, 0, 10, false, E_TEXT, "outside");
	draw_text(6, 0, 0, false, E_TEXT, "no room");
	assert_string_equal(at(6, 0, 2), "  ");
}

static void nothing_hostile_reaches_the_terminal(void **state)
{
	(void)state;
	(void)erase();
	draw_text(1, 0, 20, false, E_TEXT, "a\x1b[31mb\xc2\x9b" "c\xe2\x80\xae" "d\x07\xff" "e");
	assert_string_equal(at(1, 0, 14),
			    "a\xef\xbf\xbd[31mb\xef\xbf\xbd" "c\xef\xbf\xbd" "d\xef\xbf\xbd\xef\xbf\xbd" "e");
	ascii(true);
	draw_text(2, 0, 12, false, E_TEXT, "Zo\xc3\xab \xe8\xa9\x95|\x1b");
	assert_string_equal(at(2, 0, 12), "Zo? ?|?     ");
	assert_int_equal(draw_width("\xe8\xa9\x95"), 1);
	ascii(false);
}

static void lines_break_at_blanks(void **state)
{
	char *lines[8];
	size_t n;

	(void)state;
	assert_int_equal(draw_line_bytes("one two three", 7), 7);       /* the blank after it may stand outside */
	assert_int_equal(draw_line_bytes("one two three", 6), 3);
	assert_int_equal(draw_line_bytes("at 95 % of", 6), 2);          /* a number and its % stay together */
	assert_int_equal(draw_line_bytes("at 95 % of", 7), 7);
	assert_int_equal(draw_line_bytes("abcdefgh", 3), 3);
	assert_int_equal(draw_line_bytes("\xe8\xa9\x95", 1), 3);        /* never nothing: it would loop for ever */
	assert_int_equal(draw_line_bytes("ab\ncd", 10), 2);
	n = draw_wrap("one two three\n\nfour", 7, lines, 8);
	assert_int_equal(n, 4);
	assert_string_equal(lines[0], "one two");
	assert_string_equal(lines[1], "three");
	assert_string_equal(lines[2], "");
	assert_string_equal(lines[3], "four");
	while (n > 0)
		free(lines[--n]);
}

static void a_page_is_wrapped_anew_with_its_labels(void **state)
{
	/* wrapped at 20, labels of 6: the first break was forced, the second begins a paragraph of its own */
	static const char page[] = "One   aaaa bbbb cccc\n      dddddd eeee\n      ff\nTwo   gg\n";
	char *lines[8];
	size_t n;

	(void)state;
	n = draw_wrap_page(page, 40, 20, 6, lines, 8);
	assert_int_equal(n, 3);
	assert_string_equal(lines[0], "One   aaaa bbbb cccc dddddd eeee");
	assert_string_equal(lines[1], "      ff");
	assert_string_equal(lines[2], "Two   gg");
	while (n > 0)
		free(lines[--n]);
	n = draw_wrap_page(page, 16, 20, 6, lines, 8);
	assert_string_equal(lines[0], "One   aaaa bbbb");
	assert_string_equal(lines[1], "      cccc");
	assert_string_equal(lines[2], "      dddddd");
	while (n > 0)
		free(lines[--n]);
}

static void what_stands_below_a_table_is_no_part_of_its_last_row(void **state)
{
	static const char page[] = "  row     11.0 222.0\n      three\n";
	char *lines[4];

	(void)state;
	assert_int_equal(draw_wrap_page(page, 40, 20, 6, lines, 4), 2);
	assert_string_equal(lines[0], "  row     11.0 222.0");
	assert_string_equal(lines[1], "      three");
	free(lines[0]);
	free(lines[1]);
}

static void a_paragraph_tells_that_there_is_more(void **state)
{
	(void)state;
	(void)erase();
	assert_int_equal(draw_paragraph(1, 0, 9, 2, E_TEXT, "one two three four five"), 2);
	assert_string_equal(at(1, 0, 9), "one two  ");
	assert_string_equal(at(2, 0, 9), "three …  ");
	assert_int_equal(draw_paragraph(1, 0, 9, 3, E_TEXT, "one two three"), 2);
	assert_string_equal(at(2, 0, 9), "three    ");
	assert_int_equal(draw_paragraph(1, 0, 9, 0, E_TEXT, "one"), 0);
	assert_int_equal(draw_paragraph(1, 0, 9, 2, E_TEXT, ""), 0);
}

/* ---- plots ---- */

static void plot(double ratio, double low, double high)
{
	const struct eh_num r = eh_num(ratio);
	const struct eh_interval i = { eh_num(low), eh_num(high) };

	(void)erase();
	plot_interval(1, 0, 25, &r, &i, 0.8, E_TEXT);   /* 0.05 a column */
}

static void a_plot_places_ratio_interval_limit_and_one(void **state)
{
	const struct eh_num undefined = eh_undefined(EH_U_NOT_COMPUTED);
	const struct eh_interval none = { eh_undefined(EH_U_NOT_COMPUTED), eh_undefined(EH_U_NOT_COMPUTED) };

	(void)state;
	plot(0.5, 0.4, 0.6);
	assert_string_equal(at(1, 0, 25), "    ├─●─┤   ┊   │        ");
	plot(0.9, 0.7, 1.1);
	assert_string_equal(at(1, 0, 25), "          ├─┼─●─┼─┤      ");
	plot(0.3, 0.1, 0.5);
	assert_string_equal(at(1, 0, 25), "◂─●───┤     ┊   │        ");
	plot(2.0, 1.2, 3.0);                            /* beyond the edge: an arrow, not a point that is not there */
	assert_string_equal(at(1, 0, 25), "            ┊   │   ├───▸");
	(void)erase();
	plot_interval(1, 0, 25, &undefined, &none, 0.8, E_TEXT);
	assert_string_equal(at(1, 0, 25), "            ┊   │        ");
	ascii(true);
	plot(0.9, 0.7, 1.1);
	assert_string_equal(at(1, 0, 25), "          [-+-o-+-]      ");
	ascii(false);
	(void)erase();
	plot_axis(1, 0, 25);
	assert_string_equal(at(1, 0, 25), "   0.4 0.6 0.8 1.0 1.2   ");
	(void)erase();
	plot_axis(1, 0, 15);
	assert_string_equal(at(1, 0, 15), " 0.4  0.8  1.2 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_by_columns_with_a_mark),
		cmocka_unit_test(nothing_hostile_reaches_the_terminal),
		cmocka_unit_test(lines_break_at_blanks),
		cmocka_unit_test(a_page_is_wrapped_anew_with_its_labels),
		cmocka_unit_test(what_stands_below_a_table_is_no_part_of_its_last_row),
		cmocka_unit_test(a_paragraph_tells_that_there_is_more),
		cmocka_unit_test(a_plot_places_ratio_interval_limit_and_one),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}

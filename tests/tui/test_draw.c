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

/* Own ratio, the same by strata and the second set's, with limit and 1.0 on one scale of 80 columns. */
static struct eh_finding compared(void)
{
	const struct eh_num none = eh_undefined(EH_U_NOT_COMPUTED);
	struct eh_finding f;

	memset(&f, 0, sizeof f);
	f.limit_num = 4;
	f.limit_den = 5;
	f.impact_ratio = eh_num(0.5);
	f.interval = (struct eh_interval){ eh_num(0.375), eh_num(0.65625) };
	f.mh_ratio = eh_num(0.53125);
	f.mh_interval = (struct eh_interval){ eh_num(0.40625), eh_num(0.875) };
	f.em_ratio = none;
	f.ratio = f.mh_ratio;
	f.bench_evaluators = 18;
	f.bench_ratio = eh_num(0.96875);
	f.bench_interval = (struct eh_interval){ eh_num(0.84375), eh_num(1.125) };
	f.deviation = eh_num(-0.4375);
	f.deviation_interval = (struct eh_interval){ none, none };
	return f;
}

static void expect_plot(const struct eh_finding *f, int columns, const char *want)
{
	char *text = plot_finding(f, columns);

	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		char one[400] = "";

		memcpy(one, line, strcspn(line, "\n"));
		assert_true(draw_width(one) <= columns);
	}
	assert_string_equal(text, want);
	free(text);
}

static void a_finding_is_plotted_beside_the_second_set(void **state)
{
	struct eh_finding f = compared();

	(void)state;
	expect_plot(&f, 80,
		    "      0.4   0.6   0.8  1.0   1.2\n"
		    "      ├───●───┤    ┊    │              0.50 [0.38 0.66]  known classes\n"
		    "       ├───●───────┼─┤  │              0.53 [0.41 0.88]  by stratum (MH)\n"
		    "                   ┊├──●┼───┤          0.97 [0.84 1.12]  benchmark: 18 others\n"
		    " (┊ limit 4/5, │ ratio 1)\n");
	ascii(true);
	expect_plot(&f, 80,
		    "      0.4   0.6   0.8  1.0   1.2\n"
		    "      [---o---]    |    :              0.50 [0.38 0.66]  known classes\n"
		    "       [---o-------+-]  :              0.53 [0.41 0.88]  by stratum (MH)\n"
		    "                   |[--o+---]          0.97 [0.84 1.12]  benchmark: 18 others\n"
		    " (| limit 4/5, : ratio 1)\n");
	/* estimated: it decides, so it comes first; the ends of the second set are not known */
	f.basis = EH_BASIS_SCREENING;
	f.em_ratio = f.ratio = eh_num(0.25);
	f.em_interval = (struct eh_interval){ eh_num(0.125), eh_num(0.5) };
	f.impact_ratio = f.mh_ratio = f.interval.low;
	f.impact_ratio.defined = f.mh_ratio.defined = false;
	f.bench_interval.low = f.bench_interval.high = eh_undefined(EH_U_NOT_COMPUTED);
	expect_plot(&f, 80,
		    "      0.4   0.6   0.8  1.0   1.2\n"
		    " <o-------]        |    :             ~0.25 [0.12 0.50]  with predicted classes\n"
		    "                   |   o:              0.97              benchmark: 18 others\n"
		    " (| limit 4/5, : ratio 1)\n");
	ascii(false);
	f.em_ratio.defined = f.ratio.defined = f.bench_ratio.defined = false;
	expect_plot(&f, 80, "");
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
		cmocka_unit_test(a_finding_is_plotted_beside_the_second_set),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}

/* Parts of the screens without a terminal: keys, the line editor, tables, wrapping, clipping, plots. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "parts/draw.h"
#include "parts/keys.h"
#include "parts/line.h"
#include "parts/plot.h"
#include "parts/table.h"

/* the commands are linked in, main.c with their list is not */
const struct cli_entry *const cli_entries[] = { NULL };

static const enum view_kind views[] = {
	V_DESK, V_EVALUATORS, V_METRICS, V_NOTIFICATIONS, V_RESPOND, V_TEXT, V_JOURNAL
};
#define N_VIEWS (sizeof views / sizeof views[0])

static void ascii(bool on)
{
	const struct tui_options o = { TUI_COLOR_NEVER, on, false };

	term_charset(&o);
}

/* ---- a screen of 80 x 24 that nobody sees ---- */

static int open_screen(void **state)
{
	FILE *null = fopen("/dev/null", "r+");

	*state = null;
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	(void)setenv("LINES", "24", 1);
	(void)setenv("COLUMNS", "80", 1);
	if (null == NULL || newterm("xterm", null, null) == NULL)
		return -1;
	ascii(false);
	return LINES == 24 && COLS == 80 ? 0 : -1;
}

static int close_screen(void **state)
{
	(void)endwin();
	return fclose(*state);
}

/* Columns x .. x + n - 1 of a line, as UTF-8. */
static const char *at(int y, int x, int n)
{
	static char text[400];
	wchar_t line[200];
	size_t used = 0;
	int column = 0;

	assert_true(mvinnwstr(y, 0, line, 199) >= 0);
	for (const wchar_t *p = line; *p != L'\0' && column < x + n; p++) {
		if (column >= x)
			used += (size_t)wctomb(text + used, *p);
		column += wcwidth(*p);
	}
	text[used] = '\0';
	return text;
}

/* ---- keys ---- */

static void no_key_means_two_things_in_one_view(void **state)
{
	(void)state;
	for (size_t v = 0; v < N_VIEWS; v++) {
		const struct action_info *rows[ACT_COUNT];
		size_t n = keys_of(views[v], rows, ACT_COUNT);

		assert_true(n > 3);
		for (size_t i = 0; i < n; i++)
			for (size_t k = i + 1; k < n; k++) {
				assert_int_not_equal(rows[i]->key, rows[k]->key);
				if (rows[i]->other != 0)
					assert_int_not_equal(rows[i]->other, rows[k]->other);
				assert_int_not_equal(rows[i]->key, rows[k]->other);
				assert_int_not_equal(rows[i]->other, rows[k]->key);
			}
	}
}

static void every_action_has_a_key_a_name_and_a_meaning(void **state)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = keys_all(rows, ACT_COUNT);

	(void)state;
	assert_int_equal(n, ACT_COUNT - 1);
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(rows[i]->key, 0);
		assert_int_not_equal(rows[i]->views, 0);
		assert_true(rows[i]->name[0] != '\0' && strlen(rows[i]->name) <= 10);
		/* as much as the help shows on 80 columns */
		assert_true(rows[i]->help[0] != '\0' && strlen(rows[i]->help) <= 66);
		for (size_t k = i + 1; k < n; k++)
			assert_true(rows[i]->id != rows[k]->id);
	}
}

static bool in_view(enum view_kind view, enum action a)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = keys_of(view, rows, ACT_COUNT);

	for (size_t i = 0; i < n; i++)
		if (rows[i]->id == a)
			return rows[i]->footer[0] != '\0';
	return false;
}

static void every_view_offers_help_and_a_way_out(void **state)
{
	(void)state;
	for (size_t v = 0; v < N_VIEWS; v++) {
		bool form = views[v] == V_RESPOND;

		assert_true(in_view(views[v], form ? ACT_FORM_HELP : ACT_HELP));
		assert_true(in_view(views[v], form ? ACT_CANCEL : views[v] == V_DESK ? ACT_LEAVE : ACT_BACK));
	}
}

static void the_key_that_opens_a_form_does_not_sign_it(void **state)
{
	(void)state;
	assert_int_equal(keys_action(V_DESK, 'r', false), ACT_RESPOND);
	assert_int_equal(keys_action(V_RESPOND, 'r', false), ACT_NONE);
	assert_int_equal(keys_action(V_RESPOND, '\r', false), ACT_NONE);
	assert_int_equal(keys_action(V_RESPOND, 's' & 0x1f, false), ACT_COMMIT);
	assert_int_equal(keys_action(V_RESPOND, 27, false), ACT_CANCEL);
	assert_int_equal(keys_action(V_DESK, 's' & 0x1f, false), ACT_NONE);
}

static void backspace_is_known_in_all_its_forms(void **state)
{
	(void)state;
	assert_int_equal(keys_action(V_EVALUATORS, KEY_BACKSPACE, true), ACT_BACK);
	assert_int_equal(keys_action(V_EVALUATORS, 127, false), ACT_BACK);
	assert_int_equal(keys_action(V_EVALUATORS, 8, false), ACT_BACK);
	assert_int_equal(keys_action(V_DESK, 127, false), ACT_NONE);    /* from the desk only q leaves */
	assert_int_equal(keys_action(V_EVALUATORS, KEY_ENTER, true), ACT_OPEN);
	/* a character is never taken for a key code of the same number */
	assert_int_equal(keys_action(V_EVALUATORS, KEY_DOWN, false), ACT_NONE);
}

/* ---- the line editor ---- */

static void type(struct line *l, const wchar_t *text)
{
	for (; *text != L'\0'; text++)
		assert_true(line_key(l, (int)*text, false));
}

static void a_line_is_edited_by_characters(void **state)
{
	struct line l;

	(void)state;
	line_init(&l, 40, "");
	type(&l, L"a\u00e4\u8a55z");
	assert_string_equal(l.text, "aä評z");
	assert_true(line_key(&l, KEY_LEFT, true));
	assert_true(line_key(&l, KEY_LEFT, true));
	type(&l, L"-");
	assert_string_equal(l.text, "aä-評z");
	assert_true(line_key(&l, KEY_DC, true));
	assert_string_equal(l.text, "aä-z");
	assert_true(line_key(&l, KEY_BACKSPACE, true));
	assert_true(line_key(&l, 127, false));
	assert_string_equal(l.text, "az");
	assert_int_equal(l.at, 1);
	assert_true(line_key(&l, KEY_HOME, true));
	assert_true(line_key(&l, KEY_BACKSPACE, true));
	assert_true(line_key(&l, KEY_LEFT, true));
	assert_string_equal(l.text, "az");
	assert_true(line_key(&l, KEY_END, true));
	assert_true(line_key(&l, KEY_DC, true));
	assert_true(line_key(&l, KEY_RIGHT, true));
	assert_string_equal(l.text, "az");
	assert_true(line_key(&l, 'u' & 0x1f, false));
	assert_string_equal(l.text, "");
	assert_int_equal(l.len, 0);
}

static void a_line_takes_no_more_than_it_may(void **state)
{
	struct line l;

	(void)state;
	line_init(&l, 4, "");
	type(&l, L"ab\u8a55");          /* two bytes and three: of what does not fit nothing is kept */
	assert_string_equal(l.text, "ab");
	type(&l, L"\u00e4x");
	assert_string_equal(l.text, "abä");
	line_init(&l, 2, "too long");
	assert_string_equal(l.text, "");
}

static void a_line_refuses_what_could_move_the_cursor(void **state)
{
	struct line l;

	(void)state;
	line_init(&l, 40, "x");
	assert_false(line_key(&l, 0x9b, false));        /* C1 control sequence introducer */
	assert_false(line_key(&l, 0x202e, false));      /* right-to-left override */
	assert_false(line_key(&l, 7, false));
	assert_false(line_key(&l, KEY_F(5), true));
	assert_string_equal(l.text, "x");
}

static void a_wrapped_line_shows_its_cursor(void **state)
{
	struct line l;
	int y = 0;

	(void)state;
	(void)erase();
	line_init(&l, 100, "one two three four");
	assert_int_equal(line_draw_wrapped(&l, 3, 5, 9, 3, true, &y), 5 + 4);
	assert_int_equal(y, 5);
	assert_string_equal(at(3, 5, 9), "one two  ");
	assert_string_equal(at(4, 5, 9), "three    ");
	assert_string_equal(at(5, 5, 9), "four     ");
	/* less room: the part with the cursor is shown */
	assert_int_equal(line_draw_wrapped(&l, 3, 5, 9, 2, true, &y), 5 + 4);
	assert_int_equal(y, 4);
	assert_string_equal(at(3, 5, 9), "three    ");
	l.at = 0;
	assert_int_equal(line_draw_wrapped(&l, 3, 5, 9, 2, true, &y), 5);
	assert_int_equal(y, 3);
	assert_string_equal(at(3, 5, 9), "one two  ");
	line_init(&l, 100, "123456789");                /* a full line: the cursor goes to the next */
	assert_int_equal(line_draw_wrapped(&l, 3, 5, 9, 2, true, &y), 5);
	assert_int_equal(y, 4);
	line_init(&l, 100, "");
	assert_int_equal(line_draw_wrapped(&l, 3, 5, 9, 2, true, &y), 5);
	assert_int_equal(y, 3);
}

/* ---- tables ---- */

enum { C_NAME, C_VALUE, C_N };
static const struct table_column columns[C_N] = { { "name", 0, TABLE_LEFT, 0, 0 }, { "value", 6, TABLE_RIGHT, 0, 0 } };

static const struct { const char *id; bool defined; double value; } sample[] = {
	{ "a", true, 2.0 }, { "b", false, 0.0 }, { "c", true, 1.0 },
	{ "d", true, 3.0 }, { "e", false, 0.0 }, { "f", true, 1.0 },
};

static void load(struct table *t, unsigned skip)
{
	table_begin(t);
	for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++) {
		struct table_row *r;

		if ((skip >> i & 1) != 0)
			continue;
		r = table_add(t, sample[i].id);
		table_cell(r, C_NAME, "%s", sample[i].id);
		table_num(r, C_VALUE, sample[i].defined ? eh_num(sample[i].value) : eh_undefined(EH_U_NOT_COMPUTED), 2);
	}
	table_end(t);
}

static const char *order(const struct table *t)
{
	static char text[16];
	size_t i;

	for (i = 0; i < t->n_shown; i++)
		text[i] = t->rows[t->shown[i]].id[0];
	text[i] = '\0';
	return text;
}

static void what_is_undefined_sorts_last_in_both_directions(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, columns, C_N);
	load(&t, 0);
	assert_string_equal(order(&t), "abcdef");
	table_sort_next(&t);
	table_sort_next(&t);
	assert_int_equal(t.sort, C_VALUE);
	assert_string_equal(order(&t), "cfadbe");       /* equal ones in the order of loading */
	table_reverse(&t);
	assert_string_equal(order(&t), "dacfbe");
	table_sort_next(&t);
	assert_int_equal(t.sort, -1);
	assert_string_equal(order(&t), "abcdef");
	table_free(&t);
}

static void the_selection_is_a_record(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, columns, C_N);
	load(&t, 0);
	table_move(&t, 3);
	assert_string_equal(table_selected(&t)->id, "d");
	table_sort_next(&t);
	table_sort_next(&t);
	assert_string_equal(table_selected(&t)->id, "d");
	assert_int_equal(t.at, 3);
	load(&t, 1u << 2);                              /* c is gone */
	assert_string_equal(table_selected(&t)->id, "d");
	assert_int_equal(t.at, 2);
	load(&t, 1u << 3);                              /* d itself is gone: its place stays */
	assert_int_equal(t.at, 2);
	assert_string_equal(table_selected(&t)->id, "a");
	table_move(&t, 100);
	assert_string_equal(table_selected(&t)->id, "e");
	table_move(&t, -100);
	assert_string_equal(table_selected(&t)->id, "c");
	load(&t, 0x3f);
	assert_null(table_selected(&t));
	table_move(&t, 1);
	table_free(&t);
}

static void a_record_that_a_filter_hides_comes_back_selected(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, columns, C_N);
	load(&t, 0);
	table_select(&t, "d");
	table_filter(&t, "1.0");
	assert_string_equal(order(&t), "cf");
	table_filter(&t, "nothing");
	assert_null(table_selected(&t));
	table_filter(&t, "");
	assert_string_equal(table_selected(&t)->id, "d");
	table_filter(&t, "F");                          /* upper and lower case alike */
	assert_string_equal(table_selected(&t)->id, "f");
	table_move(&t, 0);
	table_filter(&t, "");
	assert_string_equal(table_selected(&t)->id, "f");
	table_free(&t);
}

static void a_small_probability_is_not_shown_as_nought(void **state)
{
	struct table t;
	struct table_row *r;

	(void)state;
	table_init(&t, columns, C_N);
	table_begin(&t);
	r = table_add(&t, "x");
	table_p(r, C_VALUE, eh_num(3e-9));
	assert_string_equal(r->cell[C_VALUE], "<0.0001");
	assert_true(r->has_key[C_VALUE] && r->key[C_VALUE] > 0.0);
	table_p(r, C_VALUE, eh_num(0.0001));
	assert_string_equal(r->cell[C_VALUE], "0.0001");
	table_p(r, C_VALUE, eh_undefined(EH_U_NOT_COMPUTED));
	assert_string_equal(r->cell[C_VALUE], "-");
	table_free(&t);
}

static void a_table_scrolls_with_its_selection(void **state)
{
	struct table t;

	(void)state;
	(void)erase();
	table_init(&t, columns, C_N);
	load(&t, 0);
	assert_int_equal(table_draw(&t, 2, 4), 3);
	assert_int_equal(t.height, 3);
	assert_string_equal(at(3, 0, 4), "▸ a ");
	table_move(&t, 4);
	assert_int_equal(table_draw(&t, 2, 4), 5);
	assert_string_equal(at(3, 0, 4), "  c ");
	assert_string_equal(at(5, 0, 4), "▸ e ");
	load(&t, 0x3f);
	assert_int_equal(table_draw(&t, 2, 4), -1);
	table_free(&t);
}

/* ---- text by columns ---- */

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
		cmocka_unit_test(no_key_means_two_things_in_one_view),
		cmocka_unit_test(every_action_has_a_key_a_name_and_a_meaning),
		cmocka_unit_test(every_view_offers_help_and_a_way_out),
		cmocka_unit_test(the_key_that_opens_a_form_does_not_sign_it),
		cmocka_unit_test(backspace_is_known_in_all_its_forms),
		cmocka_unit_test(a_line_is_edited_by_characters),
		cmocka_unit_test(a_line_takes_no_more_than_it_may),
		cmocka_unit_test(a_line_refuses_what_could_move_the_cursor),
		cmocka_unit_test(a_wrapped_line_shows_its_cursor),
		cmocka_unit_test(what_is_undefined_sorts_last_in_both_directions),
		cmocka_unit_test(the_selection_is_a_record),
		cmocka_unit_test(a_record_that_a_filter_hides_comes_back_selected),
		cmocka_unit_test(a_small_probability_is_not_shown_as_nought),
		cmocka_unit_test(a_table_scrolls_with_its_selection),
		cmocka_unit_test(text_is_cut_by_columns_with_a_mark),
		cmocka_unit_test(nothing_hostile_reaches_the_terminal),
		cmocka_unit_test(lines_break_at_blanks),
		cmocka_unit_test(a_page_is_wrapped_anew_with_its_labels),
		cmocka_unit_test(a_paragraph_tells_that_there_is_more),
		cmocka_unit_test(a_plot_places_ratio_interval_limit_and_one),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}

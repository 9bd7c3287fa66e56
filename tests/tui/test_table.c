/* Tables: sort, filter, scrolling; the selection is a record. */
#include "hidden_screen.h"

#include "parts/table.h"

enum { C_NAME, C_VALUE, C_N };
static const struct table_column columns[C_N] = { { "name", 0, TABLE_LEFT, 0, 0 }, { "value", 6, TABLE_RIGHT, 0, 0 } };

static const struct { const char *id; bool defined; double value; } sample[] = {
	{ "a", true, 2.0 }, { "b", false, 0.0 }, { "c", true, 1.0 },
	{ "d", true, 3.0 }, { "e", false, 0.0 }, { "f", true, 1.0 },
};

/* Which of them the table has now. */
static size_t kept[sizeof sample / sizeof sample[0]];

static void fill(void *ctx, size_t i, struct table_row *r)
{
	const size_t k = kept[i];

	(void)ctx;
	(void)snprintf(r->id, sizeof r->id, "%s", sample[k].id);
	table_word(r, C_NAME, sample[k].id);
	table_num(r, C_VALUE, sample[k].defined ? eh_num(sample[k].value) : eh_undefined(EH_U_NOT_COMPUTED), 2);
}

static void load(struct table *t, unsigned skip)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++)
		if ((skip >> i & 1) == 0)
			kept[n++] = i;
	table_load(t, n);
}

static const char *order(const struct table *t)
{
	static char text[16];
	size_t i;

	for (i = 0; i < t->n_shown; i++)
		text[i] = sample[kept[t->shown[i]]].id[0];
	text[i] = '\0';
	return text;
}

static void what_is_undefined_sorts_last_in_both_directions(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, columns, C_N, fill, NULL);
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
	table_init(&t, columns, C_N, fill, NULL);
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
	table_init(&t, columns, C_N, fill, NULL);
	load(&t, 0);
	table_select(&t, "d");
	table_filter(&t, "1.0");                        /* numbers are not searched */
	assert_string_equal(order(&t), "");
	table_filter(&t, "c");
	assert_string_equal(order(&t), "c");
	assert_string_equal(table_selected(&t)->id, "c");
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
	struct table_row r = { .want = 1u << C_VALUE };

	(void)state;
	table_p(&r, C_VALUE, eh_num(3e-9));
	assert_string_equal(r.cell[C_VALUE], "<0.0001");
	assert_true(r.has_key[C_VALUE] && r.key[C_VALUE] > 0.0);
	table_p(&r, C_VALUE, eh_num(0.0001));
	assert_string_equal(r.cell[C_VALUE], "0.0001");
	table_p(&r, C_VALUE, eh_undefined(EH_U_NOT_COMPUTED));
	assert_string_equal(r.cell[C_VALUE], "-");
}

static void a_table_scrolls_with_its_selection(void **state)
{
	struct table t;

	(void)state;
	(void)erase();
	table_init(&t, columns, C_N, fill, NULL);
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

/* Columns by the width of the screen: "value" from 70 columns on, below that "other". */
static const struct table_column by_size[] = {
	{ "name", 0, TABLE_LEFT, 0, 0 }, { "value", 6, TABLE_RIGHT, 70, 0 }, { "other", 6, TABLE_RIGHT, 0, 69 },
};

static void a_column_that_is_not_shown_orders_nothing(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, by_size, 3, fill, NULL);
	load(&t, 0);
	table_select(&t, "d");
	t.sort = C_VALUE;
	(void)table_draw(&t, 2, 9);
	assert_string_equal(order(&t), "cfadbe");
	(void)resizeterm(24, 60);
	(void)table_draw(&t, 2, 9);
	assert_string_equal(order(&t), "abcdef");
	assert_string_equal(table_selected(&t)->id, "d");
	(void)resizeterm(24, 80);
	(void)table_draw(&t, 2, 9);
	assert_string_equal(order(&t), "cfadbe");       /* what was chosen is not forgotten */
	table_free(&t);
}

static void a_click_takes_the_row_under_it_or_none(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, columns, C_N, fill, NULL);
	load(&t, 0);
	table_move(&t, 5);
	(void)table_draw(&t, 2, 4);                     /* lines 3 to 5: d e f */
	assert_false(table_pick(&t, 2));
	assert_false(table_pick(&t, 6));
	assert_string_equal(table_selected(&t)->id, "f");
	assert_true(table_pick(&t, 3));
	assert_string_equal(table_selected(&t)->id, "d");
	load(&t, 0x3e);
	(void)table_draw(&t, 2, 4);
	assert_false(table_pick(&t, 4));
	table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_undefined_sorts_last_in_both_directions),
		cmocka_unit_test(the_selection_is_a_record),
		cmocka_unit_test(a_record_that_a_filter_hides_comes_back_selected),
		cmocka_unit_test(a_small_probability_is_not_shown_as_nought),
		cmocka_unit_test(a_table_scrolls_with_its_selection),
		cmocka_unit_test(a_column_that_is_not_shown_orders_nothing),
		cmocka_unit_test(a_click_takes_the_row_under_it_or_none),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}

/* The line editor: by characters, within its limit, with its cursor. */
#include "hidden_screen.h"

#include "parts/line.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_edited_by_characters),
		cmocka_unit_test(a_line_takes_no_more_than_it_may),
		cmocka_unit_test(a_line_refuses_what_could_move_the_cursor),
		cmocka_unit_test(a_wrapped_line_shows_its_cursor),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}

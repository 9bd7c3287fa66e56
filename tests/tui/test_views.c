/* What the screens share: how a ratio is written, what stands on the title's lines, which keys are offered. */
#include "hidden_screen.h"

#include "parts/draw.h"
#include "views/overlay.h"
#include "views/view.h"

static const struct table_column columns[] = { { "ratio", 6, TABLE_RIGHT, 0, 0 }, { "text", 18, TABLE_LEFT, 0, 0 } };

static struct eh_finding finding(enum eh_basis basis)
{
	struct eh_finding f;

	memset(&f, 0, sizeof f);
	f.basis = basis;
	f.ratio = eh_num(0.304);
	f.ratio_interval.low = eh_num(0.18);
	f.ratio_interval.high = eh_undefined(EH_U_UNBOUNDED);
	return f;
}

static void an_estimate_is_marked_wherever_its_ratio_stands(void **state)
{
	struct eh_finding known = finding(EH_BASIS_KNOWN), guess = finding(EH_BASIS_SCREENING), none = guess;
	struct table_row row = { .want = 3 }, *r = &row;

	(void)state;
	ratio_cell(r, 0, &known);
	ratio_interval_cell(r, 1, &known);
	assert_string_equal(r->cell[0], "0.30");
	assert_string_equal(r->cell[1], " 0.30 [0.18 -]");
	ratio_cell(r, 0, &guess);
	ratio_interval_cell(r, 1, &guess);
	assert_string_equal(r->cell[0], "≈0.30");
	assert_string_equal(r->cell[1], "≈0.30 [0.18 -]");
	assert_true(r->has_key[0] && r->has_key[1] && r->key[1] == 0.304);
	ascii(true);
	ratio_cell(r, 0, &guess);
	assert_string_equal(r->cell[0], "~0.30");
	ascii(false);
	none.ratio = eh_undefined(EH_U_NOT_COMPUTED);
	ratio_cell(r, 0, &none);
	ratio_interval_cell(r, 1, &none);
	assert_string_equal(r->cell[0], "-");
	assert_string_equal(r->cell[1], " -");
}

/* Twenty columns hold who and what: position first, and the pair without the names of its attributes. */
static void a_class_tells_its_position_first(void **state)
{
	static const struct {
		const char *position, *attribute, *group, *cell;
	} want[] = {
		{ "", "sex", "female", "sex female" },
		{ "clerk", "sex", "female", "clerk: sex female" },
		{ "ten chars.", "sex", "female", "ten chars.: sex female" },
		{ "Nurse practitioner", "sex", "female", "Nurse pra…: sex female" },
		{ "Müllerinnen und Müller", "sex", "male", "Müllerinn…: sex male" },
		{ "clerk", "sex x race", "female x Black", "clerk: female x Black" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		struct eh_finding f = finding(EH_BASIS_KNOWN);
		struct table_row r = { .want = 2 };
		struct subject about;

		strcpy(f.position, want[i].position);
		strcpy(f.attribute, want[i].attribute);
		strcpy(f.group, want[i].group);
		about = subject_of(&f);
		class_cell(&r, 1, &about);
		assert_string_equal(r.cell[1], want[i].cell);
	}
}

static void the_mark_is_told_on_the_rule(void **state)
{
	(void)state;
	(void)erase();
	draw_title("Title", "right");
	draw_screening_legend();
	assert_string_equal(at(1, 32, 48), " ≈ screening: estimated with predicted classes ─");
	(void)resizeterm(10, 40);
	(void)erase();
	draw_title("Title", "right");
	draw_screening_legend();
	assert_string_equal(at(1, 24, 16), "── ≈ screening ─");
	(void)resizeterm(24, 80);
}

static void the_left_part_of_a_title_goes_first(void **state)
{
	(void)state;
	(void)erase();
	draw_title("Left", "right");
	assert_string_equal(at(0, 0, 80),
			    " Left                                                                     right ");
	(void)resizeterm(10, 40);
	(void)erase();
	draw_title("A title of thirty-one columns..", "lines 1-9");    /* what little fits would tell nothing */
	assert_string_equal(at(0, 0, 40), " A title of thirty-one columns..        ");
	(void)resizeterm(24, 80);
}

static void one_row(void *ctx, size_t i, struct table_row *r)
{
	(void)ctx;
	(void)i;
	table_word(r, 1, "row");
}

static void an_empty_table_tells_why(void **state)
{
	struct table t;

	(void)state;
	(void)erase();
	table_init(&t, columns, 2, one_row, NULL);
	table_load(&t, 0);
	assert_int_equal(draw_empty(3, &t, "nothing is here; run: evenhand audit"), 1);
	assert_string_equal(at(3, 2, 36), "nothing is here; run: evenhand audit");
	table_load(&t, 1);
	table_filter(&t, "what no row holds");
	assert_int_equal(draw_empty(3, &t, "nothing is here"), 1);
	assert_string_equal(at(3, 2, 30), "no row holds the filter's text");
	table_free(&t);
}

/* ---- keys that would do something ---- */

static bool offers(const struct view *v, enum action a)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = palette_rows(v, "", rows);

	for (size_t i = 0; i < n; i++)
		if (rows[i]->id == a)
			return true;
	return false;
}

static void a_key_that_would_do_nothing_is_not_offered(void **state)
{
	static const struct view_ops ops = { V_NOTIFICATIONS, NULL, NULL, NULL, NULL, NULL, NULL };
	static const struct view_ops text_ops = { V_TEXT, NULL, NULL, NULL, NULL, NULL, NULL };
	struct table t;
	int scroll = 0;
	struct view v = { &ops, NULL, NULL, &t, NULL, 0, 0, 0 },
		    text = { &text_ops, NULL, NULL, NULL, &scroll, 0, 0, 0 };

	(void)state;
	table_init(&t, columns, 2, one_row, NULL);
	table_load(&t, 0);
	assert_false(offers(&v, ACT_OPEN) || offers(&v, ACT_SORT) || offers(&v, ACT_DOWN));
	assert_true(offers(&v, ACT_HELP) && offers(&v, ACT_BACK) && offers(&v, ACT_EVALUATORS));
	table_load(&t, 1);
	assert_true(offers(&v, ACT_OPEN) && offers(&v, ACT_SORT) && offers(&v, ACT_DOWN));
	table_filter(&t, "what no row holds");
	assert_false(offers(&v, ACT_OPEN) || offers(&v, ACT_DOWN));
	assert_true(offers(&v, ACT_FILTER));
	assert_false(offers(&text, ACT_PAGE_DOWN));
	text.scroll_max = 3;
	assert_true(offers(&text, ACT_PAGE_DOWN));
	table_free(&t);
}

static void help_ends_where_it_ends(void **state)
{
	static const struct view_ops ops = { V_TEXT, NULL, NULL, NULL, NULL, NULL, NULL };
	int none = 0, scroll = HELP_LAST;
	struct view v = { &ops, NULL, NULL, NULL, &none, 0, 0, 0 };

	(void)state;
	(void)resizeterm(20, 60);
	(void)erase();
	help_draw(&v, &scroll);
	assert_true(scroll > 0 && scroll < 100);
	assert_string_equal(at(17, 22, 30), "the limit                     ");   /* wrapped, not cut */
	scroll = -5;
	help_draw(&v, &scroll);
	assert_int_equal(scroll, 0);
	assert_string_equal(at(2, 1, 15), "A text to read.");
	(void)resizeterm(24, 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_estimate_is_marked_wherever_its_ratio_stands),
		cmocka_unit_test(a_class_tells_its_position_first),
		cmocka_unit_test(the_mark_is_told_on_the_rule),
		cmocka_unit_test(the_left_part_of_a_title_goes_first),
		cmocka_unit_test(an_empty_table_tells_why),
		cmocka_unit_test(a_key_that_would_do_nothing_is_not_offered),
		cmocka_unit_test(help_ends_where_it_ends),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}

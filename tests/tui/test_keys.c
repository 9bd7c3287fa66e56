/* The table of keys: one meaning each, a name and a word for help. */
#include "hidden_screen.h"

#include "parts/keys.h"

static const enum view_kind views[] = {
	V_DESK, V_EVALUATORS, V_METRICS, V_NOTIFICATIONS, V_RESPOND, V_TEXT, V_JOURNAL, V_POLICIES, V_POLICY, V_DIFF,
	V_SIGN, V_WHATIF
};
#define N_VIEWS (sizeof views / sizeof views[0])

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
		bool form = (views[v] & V_FORMS) != 0;

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_means_two_things_in_one_view),
		cmocka_unit_test(every_action_has_a_key_a_name_and_a_meaning),
		cmocka_unit_test(every_view_offers_help_and_a_way_out),
		cmocka_unit_test(the_key_that_opens_a_form_does_not_sign_it),
		cmocka_unit_test(backspace_is_known_in_all_its_forms),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}

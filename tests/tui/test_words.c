/* Words that commands and screens share: plurals, probabilities, earlier answers, states of models. */
#include "tests/tui/hidden_screen.h"

#include <string.h>

#include "parts/words.h"

static void test_plural(void **state)
{
	(void)state;
	assert_string_equal(words_s(0), "s");
	assert_string_equal(words_s(1), "");
	assert_string_equal(words_s(2), "s");
	assert_string_equal(words_s(UINT64_MAX), "s");
}

static void test_probability(void **state)
{
	static const struct {
		double p;
		const char *text;
	} rows[] = { { 0.0, "<0.0001" },    { 5e-300, "<0.0001" }, { 0.0000999, "<0.0001" },
		     { 0.0001, "0.0001" },  { 0.05, "0.0500" },    { 1.0, "1.0000" } };
	char out[WORDS_P];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(words_p(out, eh_num(rows[i].p)), rows[i].text);
	assert_string_equal(words_p(out, eh_undefined(EH_U_ONE_PERSON)), "-");
}

static void test_earlier(void **state)
{
	struct eh_notification n;
	char out[WORDS_EARLIER];

	(void)state;
	memset(&n, 0, sizeof n);
	assert_string_equal(words_earlier(out, &n), "");
	n.earlier = 3;
	n.earlier_state = EH_N_CLOSED;
	n.earlier_at = 86400;
	assert_string_equal(words_earlier(out, &n), "N0003 closed 1970-01-02T00:00:00Z, on other evidence");
}

/* What is worst is said: another version is not read at all, a withdrawal stops what would be in use. */
static void test_model_state(void **state)
{
	struct eh_model_row m;

	(void)state;
	memset(&m, 0, sizeof m);
	assert_string_equal(words_model_state(&m), "refused");
	m.classifies = true;
	assert_string_equal(words_model_state(&m), "in use");
	m.withdrawn = 1;
	assert_string_equal(words_model_state(&m), "stale");
	m.outdated = true;
	assert_string_equal(words_model_state(&m), "outdated");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plural),
		cmocka_unit_test(test_probability),
		cmocka_unit_test(test_earlier),
		cmocka_unit_test(test_model_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

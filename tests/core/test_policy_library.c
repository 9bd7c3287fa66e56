/* The whole text of a policy: its own and the libraries that it names (policy/library.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/library.h"
#include "policy/policy.h"

/* The names behind the text once it is whole, "places stages"; err's code where that fails. */
static int names_of(char out[256], const char *text)
{
	struct eh_library v[EH_LIBRARIES_MAX];
	struct eh_err err = EH_ERR_INIT;
	char *t = eh_xstrndup(text, strlen(text));
	size_t len = strlen(text), n = 0;
	int rc = eh_library_complete(&t, &len, "x.lua", &err);

	out[0] = '\0';
	if (rc == EH_OK) {
		n = eh_library_list(t, len, v, EH_LIBRARIES_MAX);
		/* the policy's own text stays what it was, but for the end of its last line */
		assert_true(eh_library_own(t, len) >= strlen(text));
		assert_true(eh_library_own(t, len) <= strlen(text) + 1);
		assert_memory_equal(t, text, strlen(text));
		assert_int_equal(t[len], '\0');
	}
	for (size_t i = 0; i < n; i++) {
		(void)strcat(out, i > 0 ? " " : "");
		(void)strcat(out, v[i].name);
		assert_true(eh_library_shipped(&v[i]));
	}
	free(t);
	return rc;
}

static void names_are_found_where_they_are_written_out(void **state)
{
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "return 1", "" },
		{ "local s = evenhand.library(\"stages\")", "stages" },
		{ "local s = evenhand.library('stages')\n", "stages" },
		{ "local s = evenhand.library \"stages\"", "stages" },
		{ "local s = evenhand.library(\n\t\"stages\"\n)", "stages" },
		{ "-- evenhand.library(\"stages\") in a comment", "stages" },
		{ "x(evenhand.library(\"stages\"), evenhand.library(\"places\"), evenhand.library(\"stages\"))",
		  "places stages" },
		{ "evenhand.library(\"nothing_of_that_name\")", "" },
		{ "evenhand.library(\"../evenhand\")", "" },
		{ "evenhand.library(name)", "" },
		{ "evenhand.library(\"sta\" .. \"ges\")", "" },
		{ "evenhand.library(\"stages", "" },
		{ "evenhand.library(", "" },
		{ "evenhand.library", "" },
	};
	char names[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(names_of(names, cases[i].text), EH_OK);
		assert_string_equal(names, cases[i].names);
	}
}

static void a_whole_text_is_left_as_it_is(void **state)
{
	static const char text[] = "return evenhand.library(\"stages\")\n--@library stages\nreturn {}\n"
				   "--@library b\n1";
	struct eh_library v[EH_LIBRARIES_MAX];
	char *t = eh_xstrndup(text, strlen(text));
	size_t len = strlen(text);

	(void)state;
	assert_int_equal(eh_library_complete(&t, &len, "x.lua", NULL), EH_OK);
	assert_string_equal(t, text);
	assert_int_equal(eh_library_list(t, len, v, EH_LIBRARIES_MAX), 2);
	assert_string_equal(v[0].name, "stages");
	assert_int_equal(v[0].len, strlen("return {}\n"));
	assert_memory_equal(v[0].text, "return {}\n", v[0].len);
	assert_false(eh_library_shipped(&v[0]));
	assert_string_equal(v[1].name, "b");
	assert_memory_equal(v[1].text, "1", v[1].len);
	assert_int_equal(v[1].len, 1);
	/* no more than there is room for */
	assert_int_equal(eh_library_list(t, len, v, 1), 1);
	free(t);
}

static void what_only_looks_like_the_line_is_text(void **state)
{
	static const char *const texts[] = { " --@library stages\n", "--@library\n",	    "--@library \n",
					     "--@library ../x\n",    "--@library Stages\n", "--@library stages \n",
					     "x --@library stages" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(eh_library_own(texts[i], strlen(texts[i])), strlen(texts[i]));
}

static void whole_it_is_no_larger_than_a_policy_may_be(void **state)
{
	static const char call[] = "local s = evenhand.library(\"stages\")\n";
	const size_t n = EH_POLICY_SOURCE_MAX - 100;
	char *t = eh_xmalloc(n + 1);
	size_t len = n;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	memset(t, ' ', n);
	t[n] = '\0';
	memcpy(t, call, strlen(call));
	assert_int_equal(eh_library_complete(&t, &len, "x.lua", &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "with its libraries the source is larger than 256 KiB"));
	assert_int_equal(len, n);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_where_they_are_written_out),
		cmocka_unit_test(a_whole_text_is_left_as_it_is),
		cmocka_unit_test(what_only_looks_like_the_line_is_text),
		cmocka_unit_test(whole_it_is_no_larger_than_a_policy_may_be),
	};

	return cmocka_run_group_tests_name("libraries of policies", tests, NULL, NULL);
}

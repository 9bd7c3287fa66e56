/* tests/lua/hostile: bodies of check() that misuse the functions in C.  The first line of each says what must come:
 * "-- WANT: words|other words; why", or "ok" for one that only must survive. */
#include "policy_fixture.h"

#include <dirent.h>
#include <libgen.h>

#include "base/clock.h"
#include "tests/core/audit_build.h"

#define TIME_MAX 2.5 /* [s] as in test_hostile.c */
#define WANT "-- WANT: "

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;
static struct eh_audit_data data;

static const char *hostile_dir(void)
{
	static char dir[4200];
	char helper[4096] = "";

	assert_int_equal(eh_data_path(helper, sizeof helper, EH_DATA_POLICY, "evenhand.lua", NULL), 0);
	(void)snprintf(dir, sizeof dir, "%s/tests/lua/hostile", dirname(dirname(helper)));
	return dir;
}

static int make_data(void **state)
{
	static const char *const groups[] = { "female", "male" };
	struct build b = { NULL, 0, 0, NULL, 0, 0 };

	(void)state;
	for (int e = 0; e < 20; e++) {
		char who[8] = "";

		(void)snprintf(who, sizeof who, "E%d", e);
		build_cell(&b, who, "clerk\x1fS1\x1f", 0, 50, 10);
		build_cell(&b, who, "clerk\x1fS2\x1f", 1, 50, 20);
	}
	build_finish(&data, &b, groups, 2);
	return 0;
}

static int free_data(void **state)
{
	(void)state;
	eh_audit_data_free(&data);
	return 0;
}

/* "words|other words" of the WANT line, up to ';'. */
static void read_want(char *out, size_t size, const char *text, const char *file)
{
	if (strncmp(text, WANT, sizeof WANT - 1) != 0)
		fail_msg("%s does not begin with " WANT, file);
	(void)snprintf(out, size, "%.*s", (int)strcspn(text + sizeof WANT - 1, ";\n"), text + sizeof WANT - 1);
}

static bool has_any(const char *text, const char *words)
{
	char copy[256] = "", *rest = copy, *word = NULL;

	(void)snprintf(copy, sizeof copy, "%s", words);
	while ((word = strsep(&rest, "|")) != NULL)
		if (strstr(text, word) != NULL)
			return true;
	return false;
}

static void check_text(const char *file, const char *body)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	char want[256] = "", *text = NULL;
	double start = 0.0;

	read_want(want, sizeof want, body, file);
	text = calloc(1, strlen(body) + 256);
	assert_non_null(text);
	(void)sprintf(text, WRAP_HEAD "check = function(f)\n%s\nend }", body);
	if (policy_from(&p, text, &err) < 0)
		fail_msg("%s: %s", file, err.msg);
	eh_lua_engine()->lend(p, &data);
	memset(&v, 0, sizeof v);
	start = eh_monotonic();
	(void)eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err);
	if (eh_monotonic() - start > TIME_MAX)
		fail_msg("%s took %.2f s", file, eh_monotonic() - start);
	if (strcmp(want, "ok") == 0 ? v.kind != EH_OK_VERDICT : v.kind != EH_POLICY_ERROR || !has_any(v.reason, want))
		fail_msg("%s: wanted \"%s\", got %s \"%s\"", file, want, eh_verdict_text((enum eh_verdict_kind)v.kind),
			 v.reason);
	if (v.kind == EH_POLICY_ERROR && strstr(v.reason, "own.lua:") == NULL)
		fail_msg("%s: no file and line in \"%s\"", file, v.reason);
	for (const char *c = v.reason; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20)
			fail_msg("%s: a control character came out", file);
	eh_lua_engine()->free(&p);
	free(text);
}

static void every_sample_ends_as_it_says(void **state)
{
	DIR *d = opendir(hostile_dir());
	struct dirent *e = NULL;
	size_t n = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		char path[4600] = "", *body = calloc(1, EH_POLICY_SOURCE_MAX);
		FILE *in = NULL;

		assert_non_null(body);
		(void)snprintf(path, sizeof path, "%s/%s", hostile_dir(), e->d_name);
		if (strstr(e->d_name, ".lua") != NULL) {
			in = fopen(path, "rb");
			assert_non_null(in);
			assert_true(fread(body, 1, EH_POLICY_SOURCE_MAX - 1024, in) > 0);
			fclose(in);
			check_text(e->d_name, body);
			n++;
		}
		free(body);
	}
	closedir(d);
	assert_true(n >= 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_sample_ends_as_it_says, make_data, free_data),
	};

	return cmocka_run_group_tests_name("hostile use of the functions", tests, NULL, NULL);
}

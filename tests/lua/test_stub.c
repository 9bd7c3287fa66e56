/* One table of facts (lua/facts.c); stub, manual and luacheck settings say the same. */
#include "policy_fixture.h"

#include <libgen.h>

#include "lua/facts.h"

static char root[4096];         /* of the source tree: the directory above scripts/ */

static char *slurp(const char *name)
{
	char path[4200] = "";
	char *text = calloc(1, 256 * 1024);
	FILE *in = NULL;
	size_t n = 0;

	assert_non_null(text);
	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	in = fopen(path, "rb");
	if (in == NULL)
		fail_msg("%s cannot be opened", path);
	n = fread(text, 1, 256 * 1024 - 1, in);
	fclose(in);
	text[n] = '\0';
	return text;
}

static int find_root(void **state)
{
	char helper[4096] = "";

	(void)state;
	if (eh_data_path(helper, sizeof helper, EH_DATA_POLICY, "evenhand.lua", NULL) < 0)
		return -1;
	(void)snprintf(root, sizeof root, "%s", dirname(dirname(helper)));
	return 0;
}

/* The fields of "---@class NAME" in the stub, up to the next blank line. */
static size_t stub_fields(const char *stub, const char *class_line, char names[][40], size_t max)
{
	const char *at = strstr(stub, class_line);
	size_t n = 0;

	assert_non_null(at);
	for (at = strchr(at, '\n'); at != NULL && at[1] == '-' && n < max; at = strchr(at + 1, '\n'))
		if (sscanf(at + 1, "---@field %39s", names[n]) == 1)
			n++;
	return n;
}

static void the_stub_has_exactly_the_facts(void **state)
{
	char names[EH_FACTS_MAX][40];
	char *stub = slurp("scripts/meta/evenhand.d.lua");
	size_t n = stub_fields(stub, "---@class evenhand.Facts\n", names, EH_FACTS_MAX), i = 0;

	(void)state;
	for (i = 0; i < n; i++)
		if (eh_fact_index(names[i]) < 0)
			fail_msg("the stub has %s, the sandbox not", names[i]);
	for (i = 0; eh_fact_name(i) != NULL; i++) {
		bool found = false;

		for (size_t k = 0; k < n && !found; k++)
			found = strcmp(names[k], eh_fact_name(i)) == 0;
		if (!found)
			fail_msg("the sandbox has %s, the stub not", eh_fact_name(i));
	}
	assert_int_equal(i, n);
	free(stub);
}

static void the_manual_lists_every_fact(void **state)
{
	char *man = slurp("man/evenhand-policy.5");

	(void)state;
	for (size_t i = 0; eh_fact_name(i) != NULL; i++) {
		const char *name = eh_fact_name(i);
		char row[48] = "";

		/* these are there only in summarise() and stand in its text */
		if (strcmp(name, "verdict") == 0 || strcmp(name, "scope") == 0 || strcmp(name, "reason") == 0 ||
		    strcmp(name, "rule") == 0)
			continue;
		(void)snprintf(row, sizeof row, "\n%s\t", name);
		if (strstr(man, row) == NULL)
			fail_msg("the manual lacks %s", name);
	}
	free(man);
}

/* In the sandbox: every field of the nested classes can be read, and every function is there. */
static void nested_fields_and_functions_of_the_stub_exist(void **state)
{
	static const struct { const char *class_line, *path; } nested[] = {
		{ "---@class evenhand.Interval\n", "f.interval" }, { "---@class evenhand.Interval\n", "f.em.interval" },
		{ "---@class evenhand.Scores\n", "f.scores" }, { "---@class evenhand.Em\n", "f.em" },
		{ "---@class evenhand.Family\n", "f.family" },
		{ "---@class evenhand.Benchmark\n", "f.benchmark" }, { "---@class evenhand.Peers\n", "f.peers" },
		{ "---@class evenhand.Provenance\n", "f.provenance" }, { "---@class evenhand.Limit\n", "f.limit" },
	};
	char *stub = slurp("scripts/meta/evenhand.d.lua"), *rc = slurp(".luacheckrc");
	char text[8192] = WRAP_HEAD "check = function(f) local _\n", names[40][40];
	struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	size_t len = strlen(text);

	(void)state;
	for (size_t i = 0; i < sizeof nested / sizeof nested[0]; i++) {
		size_t n = stub_fields(stub, nested[i].class_line, names, 40);

		assert_true(n >= 2);
		for (size_t k = 0; k < n; k++)
			len += (size_t)snprintf(text + len, sizeof text - len, "_ = %s.%s\n", nested[i].path, names[k]);
	}
	for (const char *at = stub; (at = strstr(at, "\nfunction evenhand.")) != NULL; at++) {
		char name[40] = "", quoted[44] = "";

		assert_int_equal(sscanf(at, "\nfunction evenhand.%39[a-z_]", name), 1);
		(void)snprintf(quoted, sizeof quoted, "\"%s\"", name);
		if (strstr(rc, quoted) == NULL)
			fail_msg(".luacheckrc lacks evenhand.%s", name);
		len += (size_t)snprintf(text + len, sizeof text - len, "assert(type(evenhand.%s) == 'function')\n",
					name);
	}
	(void)snprintf(text + len, sizeof text - len, "return 'ok' end }");
	if (policy_from(&p, text, &err) < 0 || eh_lua_engine()->check(p, &f, 1, &settings, &v, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	if (v.kind != EH_OK_VERDICT)
		fail_msg("%s", v.reason);
	eh_lua_engine()->free(&p);
	free(stub);
	free(rc);
}

static void every_helper_function_is_in_the_stub(void **state)
{
	char *helper = slurp("scripts/evenhand.lua"), *stub = slurp("scripts/meta/evenhand.d.lua");

	(void)state;
	for (const char *at = helper; (at = strstr(at, "\nfunction evenhand.")) != NULL; at++) {
		char line[64] = "";

		assert_int_equal(sscanf(at, "\n%63[^(]", line), 1);
		if (strstr(stub, line) == NULL)
			fail_msg("the stub lacks %s", line);
	}
	free(helper);
	free(stub);
}

static void the_example_policy_runs(void **state)
{
	char path[4200] = "";
	struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_finding f[2] = { make_finding(), make_finding() };
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v[2];

	(void)state;
	f[0].deviation = f[1].deviation = eh_num(-0.47);
	f[0].bench_ratio = f[1].bench_ratio = eh_num(0.97);
	(void)snprintf(path, sizeof path, "%s/examples/own_policy/benchmark_gap.lua", root);
	if (eh_lua_engine()->load(&p, path, &err) < 0 || eh_lua_engine()->check(p, f, 2, &settings, v, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(v[0].kind, EH_NOTIFY);
	assert_int_equal(v[1].kind, EH_NOTIFY);
	assert_non_null(strstr(v[1].reason, "It is not the only one."));
	eh_lua_engine()->free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stub_has_exactly_the_facts),
		cmocka_unit_test(the_manual_lists_every_fact),
		cmocka_unit_test(nested_fields_and_functions_of_the_stub_exist),
		cmocka_unit_test(every_helper_function_is_in_the_stub),
		cmocka_unit_test(the_example_policy_runs),
	};

	return cmocka_run_group_tests_name("stub and manual", tests, find_root, NULL);
}

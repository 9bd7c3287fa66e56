/* One table of names (lua/names.h, with facts.c and primitives.c): what the sandbox has, what the contract takes, and
 * the committed files for editors and luacheck say the same. */
#include "policy_fixture.h"

#include <libgen.h>

#include <lauxlib.h>

#include "base/mem.h"
#include "lua/facts.h"
#include "lua/names.h"
#include "lua/primitives.h"
#include "lua/project.h"
#include "lua/sandbox.h"

static char root[4096]; /* of the source tree: the directory above scripts/ */

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

static void check_file(const char *name, enum eh_author_page page)
{
	char *made = NULL, *kept = slurp(name);
	size_t len = 0;
	FILE *out = open_memstream(&made, &len);

	assert_non_null(out);
	eh_script_page(out, page);
	(void)fclose(out);
	if (strcmp(made, kept) != 0)
		fail_msg("%s is not what the tables make: run \"make stubs\"", name);
	free(made);
	free(kept);
}

static void the_committed_files_are_what_the_tables_make(void **state)
{
	(void)state;
	check_file("scripts/meta/evenhand.lua", EH_PAGE_STUB);
	check_file(".luarc.json", EH_PAGE_LUARC);
	check_file(".luacheckrc", EH_PAGE_LUACHECK);
}

static void every_fact_has_a_meaning_and_every_meaning_a_fact(void **state)
{
	struct eh_fact_info f;
	size_t facts = 0, docs = 0;

	(void)state;
	for (size_t s = 0; eh_fact_section(s) != NULL; s++) {
		const char *section = eh_fact_section(s);

		if (strcmp(section, "why") == 0) /* the names of facts again */
			continue;
		if (eh_script_section_doc(section) == NULL)
			fail_msg("names_facts.c says nothing of the section %s", section);
		for (size_t i = 0; eh_fact_info(&f, section, i); i++, facts++)
			if (eh_script_fact_doc(section, f.name) == NULL ||
			    eh_script_fact_doc(section, f.name)[0] == '\0')
				fail_msg("names_facts.c says nothing of %s.%s", section, f.name);
	}
	for (; eh_script_fact_doc_at(docs) != NULL; docs++)
		;
	assert_int_equal(facts, docs);
}

/* ---- the sandbox ---- */

struct walk {
	struct eh_sandbox sandbox;
	char *helper;
	char trouble[200];
};

/* Replaces the read-only proxy on top of the stack by the table behind it. */
static void open_proxy(lua_State *L)
{
	assert_int_not_equal(luaL_getmetafield(L, -1, "__index"), LUA_TNIL);
	assert_true(lua_istable(L, -1));
	lua_replace(L, -2);
}

/* Every key of the table on top of the stack is known: their number. */
static size_t look_at(lua_State *L, const char *library)
{
	size_t n = 0;

	for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1), n++) {
		const char *key = lua_tostring(L, -2);
		bool known = library == NULL ? eh_script_known(key, NULL) : eh_script_known(library, key);

		if (!known)
			fail_msg("the sandbox has %s%s%s, the table of names not", library != NULL ? library : "",
				 library != NULL ? "." : "", key);
	}
	return n;
}

static size_t names_in(const struct eh_script_global *g)
{
	size_t n = 0;

	if (strcmp(g->name, "evenhand") == 0) {
		for (size_t i = 0; eh_script_helper(i) != NULL; i++)
			n++;
		for (size_t i = 0; eh_primitive(i) != NULL; i++)
			n++;
		return n + 1; /* api; project is nil without one */
	}
	while (g->fields[n] != NULL)
		n++;
	return n;
}

static int walk(lua_State *L)
{
	struct walk *w = lua_touserdata(L, 1);
	size_t globals = 0;

	eh_sandbox_open(&w->sandbox, w->helper, strlen(w->helper));
	lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	open_proxy(L); // w env
	for (const struct eh_script_global *g = NULL; (g = eh_script_global(globals)) != NULL; globals++) {
		if (lua_getfield(L, 2, g->name) == LUA_TNIL)
			fail_msg("the table of names has %s, the sandbox not", g->name);
		if (g->fields != NULL || strcmp(g->name, "evenhand") == 0) {
			size_t n = 0;

			open_proxy(L);
			n = look_at(L, g->name);
			if (n != names_in(g))
				fail_msg("%s has %zu names in the sandbox, %zu in the table", g->name, n, names_in(g));
		}
		lua_settop(L, 2);
	}
	assert_int_equal(look_at(L, NULL), globals);
	return 0;
}

static void the_sandbox_has_exactly_the_names(void **state)
{
	static struct walk w;   /* static: what its pool took it never gives back */

	(void)state;
	w.helper = slurp("scripts/evenhand.lua");
	w.sandbox.file = "x";
	w.sandbox.instructions_max = UINT64_MAX;
	w.sandbox.memory_max = 64u << 20;
	assert_true(eh_sandbox_create(&w.sandbox));
	lua_pushcfunction(w.sandbox.L, walk);
	lua_pushlightuserdata(w.sandbox.L, &w);
	if (!eh_sandbox_call(&w.sandbox, 1, 0))
		fail_msg("%s", lua_tostring(w.sandbox.L, -1));
	lua_close(w.sandbox.L);
	free(w.helper);
}

/* A project in which there is one of everything. */
static struct eh_project *make_full_project(void)
{
	struct eh_project *p = eh_xcalloc(1, sizeof *p);

	(void)snprintf(p->as_of, sizeof p->as_of, "2026-11-30");
	p->places = eh_xcalloc(1, sizeof *p->places);
	p->n_places = 1;
	(void)snprintf(p->places->code, sizeof p->places->code, "US-IL");
	p->places->consent = eh_xcalloc(1, sizeof *p->places->consent);
	p->places->n_consent = 1;
	(void)snprintf(p->places->consent->purpose, sizeof p->places->consent->purpose, "face");
	p->models = eh_xcalloc(1, sizeof *p->models);
	p->n_models = 1;
	(void)snprintf(p->models->attribute, sizeof p->models->attribute, "sex");
	(void)snprintf(p->models->trained, sizeof p->models->trained, "2026-11-01");
	p->models->auc = p->models->auc_lo = eh_num(0.9);
#define X(kind) (void)snprintf(p->data.kind.oldest, sizeof p->data.kind.oldest, "2026-11-01");
	EH_PROJECT_KINDS(X)
#undef X
	return p;
}

/* Replaces the table on top by the one at the path, "jurisdictions.1". */
static void go_to(lua_State *L, const char *path)
{
	char copy[80] = "", *rest = copy, *part = NULL;

	(void)snprintf(copy, sizeof copy, "%s", path);
	while (path[0] != '\0' && (part = strsep(&rest, ".")) != NULL) {
		if (part[0] >= '0' && part[0] <= '9')
			lua_geti(L, -1, part[0] - '0');
		else
			lua_getfield(L, -1, part);
		assert_int_equal(lua_type(L, -1), LUA_TUSERDATA);
		lua_replace(L, -2);
	}
}

/* Fields that its pairs tell. */
static size_t count_fields(lua_State *L, int t)
{
	size_t n = 0;

	assert_int_not_equal(luaL_getmetafield(L, t, "__pairs"), LUA_TNIL);
	lua_pushvalue(L, t);
	lua_call(L, 1, 3); // next state key
	for (;; n++) {
		lua_pushvalue(L, -3);
		lua_pushvalue(L, -3);
		lua_pushvalue(L, -3);
		lua_call(L, 2, 1);
		lua_replace(L, -2);
		if (lua_isnil(L, -1))
			break;
	}
	lua_settop(L, t);
	return n;
}

static void the_facts_of_a_project_are_in_the_table(void **state)
{
	struct eh_project *p = make_full_project();
	const struct eh_script_class *c = NULL;
	lua_State *L = luaL_newstate();

	(void)state;
	eh_project_push(L, p);
	for (size_t i = 0; (c = eh_script_project(i)) != NULL; i++) {
		lua_settop(L, 1);
		lua_pushvalue(L, 1);
		go_to(L, c->path);
		for (size_t k = 0; k < c->n; k++, lua_settop(L, 2))
			if (lua_getfield(L, 2, c->field[k].name) == LUA_TNIL)
				fail_msg("the table of names has %s.%s, the project not", c->name, c->field[k].name);
		if (count_fields(L, 2) != c->n)
			fail_msg("%s has %zu fields in the table of names, %zu in the project", c->name, c->n,
				 count_fields(L, 2));
	}
	lua_close(L);
	eh_project_free(p);
	free(p);
}

static void every_option_of_a_function_is_taken(void **state)
{
	static const char *const calls[] = { "evenhand.family({0.1}, '%s')", "evenhand.interval(1, 9, 2, 9, '%s')",
					     "evenhand.rate_interval(1, 9, '%s')", "evenhand.test('%s', 1, 9, 2, 9)" };
	char text[4096] = WRAP_HEAD "check = function() return 'ok' end }", head[4096] = "";
	size_t len = 0;
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	/* counts needs decisions: tests/lua/test_counts.c */
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < eh_primitive_options(i)->n; k++) {
			char word[160];

			(void)snprintf(word, sizeof word, calls[i], eh_primitive_options(i)->option[k]);
			len += (size_t)snprintf(head + len, sizeof head - len, "%s\n", word);
		}
	assert_true(len + strlen(text) < sizeof text);
	memmove(text + len, text, strlen(text) + 1);
	memcpy(text, head, len);
	if (policy_from(&p, text, &err) < 0)
		fail_msg("%s", err.msg);
	eh_lua_engine()->free(&p);
}

static void the_verdicts_are_those_that_a_policy_may_return(void **state)
{
	size_t n = 0;

	(void)state;
	for (; eh_script_verdict(n) != NULL; n++) {
		enum eh_verdict_kind kind = EH_POLICY_ERROR;

		assert_int_equal(eh_verdict_parse(&kind, eh_script_verdict(n)->name), EH_OK);
		assert_int_not_equal(kind, EH_POLICY_ERROR);
	}
	assert_int_equal(n, EH_VERDICT_COUNT - 1);
}

/* In the sandbox: every field of every section can be read. */
static void every_described_fact_can_be_read(void **state)
{
	static const struct {
		const char *section, *path;
	} nested[] = {
		{ "facts", "f" },
		{ "interval", "f.interval" },
		{ "interval", "f.em.interval" },
		{ "interval", "f.assumption.bounds" },
		{ "scores", "f.scores" },
		{ "em", "f.em" },
		{ "assumption", "f.assumption" },
		{ "supports", "f.assumption.supports" },
		{ "family", "f.family" },
		{ "benchmark", "f.benchmark" },
		{ "peers", "f.peers" },
		{ "provenance", "f.provenance" },
		{ "limit", "f.limit" },
	};
	char text[16384] = WRAP_HEAD "check = function(f) local _\n";
	struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	size_t len = strlen(text);

	(void)state;
	for (size_t i = 0; i < sizeof nested / sizeof nested[0]; i++) {
		struct eh_fact_info info;

		for (size_t k = 0; eh_fact_info(&info, nested[i].section, k); k++)
			if (!info.summarise)
				len += (size_t)snprintf(text + len, sizeof text - len, "_ = %s.%s\n", nested[i].path,
							info.name);
	}
	(void)snprintf(text + len, sizeof text - len, "return 'ok' end }");
	if (policy_from(&p, text, &err) < 0 || eh_lua_engine()->check(p, &f, 1, &settings, &v, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	if (v.kind != EH_OK_VERDICT)
		fail_msg("%s", v.reason);
	eh_lua_engine()->free(&p);
}

/* evenhand.Name in a type is a class or an alias of the stub. */
static void every_type_that_the_stub_names_is_in_it(void **state)
{
	char *stub = slurp("scripts/meta/evenhand.lua");

	(void)state;
	for (const char *at = stub; (at = strstr(at, "evenhand.")) != NULL; at++) {
		char name[40] = "", class_line[80] = "", alias_line[80] = "";

		if (sscanf(at, "evenhand.%39[A-Za-z]", name) != 1 || name[0] < 'A' || name[0] > 'Z')
			continue;
		(void)snprintf(class_line, sizeof class_line, "---@class evenhand.%s\n", name);
		(void)snprintf(alias_line, sizeof alias_line, "---@alias evenhand.%s", name);
		if (strstr(stub, class_line) == NULL && strstr(stub, alias_line) == NULL)
			fail_msg("the stub has no type evenhand.%s", name);
	}
	free(stub);
}

static void every_helper_function_is_in_the_stub(void **state)
{
	char *helper = slurp("scripts/evenhand.lua"), *stub = slurp("scripts/meta/evenhand.lua");

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
		cmocka_unit_test(the_committed_files_are_what_the_tables_make),
		cmocka_unit_test(every_fact_has_a_meaning_and_every_meaning_a_fact),
		cmocka_unit_test(the_sandbox_has_exactly_the_names),
		cmocka_unit_test(the_facts_of_a_project_are_in_the_table),
		cmocka_unit_test(every_option_of_a_function_is_taken),
		cmocka_unit_test(the_verdicts_are_those_that_a_policy_may_return),
		cmocka_unit_test(every_described_fact_can_be_read),
		cmocka_unit_test(every_type_that_the_stub_names_is_in_it),
		cmocka_unit_test(every_helper_function_is_in_the_stub),
		cmocka_unit_test(the_example_policy_runs),
	};

	return cmocka_run_group_tests_name("names, stub and settings", tests, find_root, NULL);
}

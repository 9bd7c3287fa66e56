/* Policies that mean harm: stopped in time, named, and without a trace in the next run (facts/reliability.md 4). */
#include "policy_fixture.h"

#include <dirent.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "hostile_outcomes.h"

#define TIME_MAX 2.5                            /* [s] one run: 2 s of wall time and the rest of a slow machine */
#define RSS_MARGIN (10 * 1024)                  /* [KiB] above the cap; WANT line of 05_string_rep_bomb.lua */
#define SAMPLES_MAX 64

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;

static bool has_any(const char *text, const char *words)
{
	char copy[256] = "", *rest = copy, *word = NULL;

	(void)snprintf(copy, sizeof copy, "%s", words);
	while ((word = strsep(&rest, "|")) != NULL)
		if (strstr(text, word) != NULL)
			return true;
	return false;
}

static const char *samples_dir(void)
{
	static char dir[4096];
	const char *root = getenv("EVENHAND_SHARED");

	(void)snprintf(dir, sizeof dir, "%s/hostile_lua", root != NULL ? root : "../shared");
	return access(dir, R_OK) == 0 ? dir : NULL;
}

/* A good policy gives these bytes before and after everything hostile. */
static void good_policy_runs(struct eh_verdict *out)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = shipped("evaluator_screen");
	struct eh_err err = EH_ERR_INIT;

	memset(out, 0, sizeof *out);
	if (eh_lua_engine()->check(p, &f, 1, &defaults, out, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(out->kind, EH_NOTIFY);
	eh_lua_engine()->free(&p);
}

static void expect_good_policy(const struct eh_verdict *before, const char *after_what)
{
	struct eh_verdict now;

	good_policy_runs(&now);
	if (memcmp(before, &now, sizeof now) != 0)
		fail_msg("another verdict after %s: \"%s\"", after_what, now.reason);
}

static void load_hostile(const char *path, const char *words)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	double start = eh_monotonic();
	int rc = eh_lua_engine()->load(&p, path, &err);
	double took = eh_monotonic() - start;

	if (rc != EH_EPOLICY || !has_any(err.msg, words))
		fail_msg("%s: wanted EH_EPOLICY with \"%s\", got %d \"%s\"", path, words, rc, err.msg);
	if (took > TIME_MAX)
		fail_msg("%s: took %.2f s", path, took);
	assert_null(p);
}

static void every_sample_is_refused_twice_and_leaves_no_trace(void **state)
{
	const char *dir = samples_dir();
	struct eh_verdict before;

	(void)state;
	if (dir == NULL)
		skip();
	good_policy_runs(&before);
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		char path[4200] = "";

		(void)snprintf(path, sizeof path, "%s/%s", dir, outcomes[i].file);
		load_hostile(path, outcomes[i].words);
		expect_good_policy(&before, outcomes[i].file);
		load_hostile(path, outcomes[i].words);
	}
}

static void the_list_of_samples_is_complete(void **state)
{
	const char *dir = samples_dir();
	DIR *d = dir != NULL ? opendir(dir) : NULL;
	struct dirent *e = NULL;

	(void)state;
	if (d == NULL)
		skip();
	while ((e = readdir(d)) != NULL) {
		bool known = e->d_name[0] == '.';

		for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0] && !known; i++)
			known = strcmp(outcomes[i].file, e->d_name) == 0;
		if (!known)
			fail_msg("%s has no expected outcome", e->d_name);
	}
	closedir(d);
}

/* The same text inside check(): the verdict is a policy_error and says something. */
static void check_hostile(const char *dir, const char *file)
{
	static const char head[] = WRAP_HEAD "check = function(f)\n", tail[] = "\nend }";
	char path[4200] = "", *text = calloc(1, EH_POLICY_SOURCE_MAX);
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	double start = 0.0;
	FILE *in = NULL;
	size_t n = 0;

	assert_non_null(text);
	(void)snprintf(path, sizeof path, "%s/%s", dir, file);
	in = fopen(path, "rb");
	assert_non_null(in);
	memcpy(text, head, sizeof head - 1);
	n = sizeof head - 1 + fread(text + sizeof head - 1, 1, EH_POLICY_SOURCE_MAX - 1024, in);
	fclose(in);
	memcpy(text + n, tail, sizeof tail);
	if (policy_from(&p, text, &err) == 0) {
		memset(&v, 0, sizeof v);
		start = eh_monotonic();
		(void)eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err);
		if (v.kind != EH_POLICY_ERROR || v.reason[0] == '\0' || eh_monotonic() - start > TIME_MAX)
			fail_msg("%s in check(): %s \"%s\"", file, eh_verdict_text((enum eh_verdict_kind)v.kind),
				 v.reason);
	}
	eh_lua_engine()->free(&p);
	free(text);
}

static void every_sample_inside_check_is_a_policy_error(void **state)
{
	const char *dir = samples_dir();
	struct eh_verdict before;

	(void)state;
	if (dir == NULL)
		skip();
	good_policy_runs(&before);
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
		check_hostile(dir, outcomes[i].file);
	expect_good_policy(&before, "all samples in check()");
}

/* Sample 30 in a table that is otherwise right. */
static void a_limit_that_is_no_number_is_refused(void **state)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "limit = {0/0, 1}, check = function() return 'ok' end }", &err),
			 EH_EPOLICY);
	assert_non_null(strstr(err.msg, "limit must be two integers"));
	assert_int_equal(policy_from(&p, WRAP_HEAD "min_group = -1, check = function() return 'ok' end }", &err),
			 EH_EPOLICY);
	assert_null(p);
}

static bool is_plain(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return eh_utf8_valid(text, strlen(text)) && strstr(text, "\xe2\x80\xae") == NULL;
}

/* Sample 34, as a reason, as an error in check and as an error at load. */
static void terminal_sequences_never_come_out(void **state)
{
	static const char attack[] = "'\\27]0;pwned\\7\\27[2J\\27[31mviolation\\u{202e}kcab\\xc2\\x9b'";
	static const char *const uses[] = { "return {verdict='watch', reason=%s}", "error(%s)", "return %s",
					    "return {[%s] = 1}" };
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	char body[256] = "", text[512] = "";

	(void)state;
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
		(void)snprintf(body, sizeof body, uses[i], attack);
		(void)snprintf(text, sizeof text, WRAP_HEAD "check = function() %s end }", body);
		assert_int_equal(policy_from(&p, text, &err), 0);
		assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
		if (!is_plain(v.reason) || strstr(v.reason, "violation") == NULL)
			fail_msg("use %zu: %s", i, v.reason);
		eh_lua_engine()->free(&p);
	}
	(void)snprintf(text, sizeof text, "error(%s)", attack);
	assert_int_equal(policy_from(&p, text, &err), EH_EPOLICY);
	assert_true(is_plain(err.msg));
}

/* Sample 39: saying ok to everything is allowed and touches nothing but the verdict. */
static void an_always_content_policy_cannot_hide_the_built_in_result(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	(void)state;
	assert_int_equal(policy_from(&p,
				     WRAP_HEAD "check = function(f) pcall(function() f.builtin = 'ok' end) return 'ok' "
					       "end }",
				     &err),
			 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
	assert_int_equal(v.kind, EH_OK_VERDICT);
	assert_int_equal(f.builtin, EH_NOTIFY);
	eh_lua_engine()->free(&p);
}

/* Sample 38 with the names that exist here: the helper library's functions and the guarded base. */
static void library_functions_survive_wrong_arguments(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "check = function(f) local t = {} t[1] = t\n"
		"local bads = {0/0, math.huge, -1, 2^53, 'x', t, {}, next, true, f}\n"
		"local names = "
		"{'pairs_sorted','ratio_text','limit_text','percent','p_text','interval_text','count','list',\n"
		"'provenance_text','reference_text','subject_text'}\n"
		"for _, n in ipairs(names) do assert(type(evenhand[n]) == 'function', n)\n"
		"for _, a in ipairs(bads) do for _, b in ipairs(bads) do pcall(evenhand[n], a, b) end "
		"pcall(evenhand[n], a) end\npcall(evenhand[n]) end\n"
		"for _, fn in ipairs{setmetatable, rawget, rawset, tostring, string.format, getmetatable, rawlen, "
		"next} do\nfor _, a in ipairs(bads) do for _, b in ipairs(bads) do pcall(fn, a, b, a) end pcall(fn, a) "
		"end pcall(fn) end\nreturn 'ok' end }", &err), 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
	if (v.kind != EH_OK_VERDICT)
		fail_msg("%s", v.reason);
	eh_lua_engine()->free(&p);
}

static void expect_failed_run(const char *body, const char *words, struct eh_policy_use *use)
{
	struct eh_finding f[2] = { make_finding(), make_finding() };
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v[2];
	char text[512] = "";
	double start = 0.0;

	(void)snprintf(text, sizeof text, WRAP_HEAD "check = function(f)\n%s end }", body);
	assert_int_equal(policy_from(&p, text, &err), 0);
	start = eh_monotonic();
	assert_int_equal(eh_lua_engine()->check(p, f, 2, &defaults, v, use, &err), EH_EPOLICY);
	assert_true(eh_monotonic() - start <= TIME_MAX);
	if (!has_any(err.msg, words))
		fail_msg("no \"%s\" in: %s", words, err.msg);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(v[i].kind, EH_POLICY_ERROR);
		assert_string_equal(v[i].reason, err.msg);
	}
	eh_lua_engine()->free(&p);
}

static void the_instruction_budget_ends_the_run_with_file_and_line(void **state)
{
	struct eh_policy_use use;

	(void)state;
	expect_failed_run("\nwhile true do end", "own.lua:3: refused: instruction budget of 50 million", &use);
	assert_true(use.instructions >= EH_LUA_INSTRUCTIONS && use.instructions <= EH_LUA_INSTRUCTIONS + 1000);
}

/* Nothing in Lua gets hold of the end of the budget: not pcall, not a to-be-closed variable, not __close in a
 * loop, not a metamethod, not a callback of the library.  On a slow machine the clock may be first. */
static void nothing_catches_the_end_of_the_budget(void **state)
{
	static const char *const tries[] = {
		"pcall(function() while true do end end) return 'ok'",
		"while true do pcall(error) end",
		"local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
		"do local x <close> = setmetatable({}, {__close = function() while true do end end}) end return 'ok'",
		"local s = setmetatable({}, {__index = function(t, k) while true do end end}) return s.x",
		"return tostring(setmetatable({}, {__tostring = function() while true do end end}))",
		"table.sort({1, 2, 3, 4}, function(a, b) while true do end end)",
		"return ('x'):rep(100):gsub('.', function() while true do end end)",
	};
	struct eh_policy_use use;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		expect_failed_run(tries[i], "refused: instruction budget|refused: the worker", &use);
}

static void an_error_object_is_not_asked_for_its_text(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "check = function(f)\n"
		"error(setmetatable({}, {__tostring = function() while true do end end})) end }", &err), 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
	assert_string_equal(v.reason, "own.lua:2: an error was raised with a table as its message");
	eh_lua_engine()->free(&p);
}

static void the_clock_ends_one_endless_call(void **state)
{
	struct eh_policy_use use;

	(void)state;
	expect_failed_run("return ((''):rep(math.maxinteger))", "own.lua: refused: the worker", &use);
	expect_failed_run("return (('a'):rep(30000):find(('a?'):rep(28) .. ('.-'):rep(12) .. 'b'))",
			  "own.lua: refused: the worker", &use);
	assert_true(use.seconds >= 1.5 && use.seconds <= TIME_MAX);
}

static void memory_ends_at_its_cap(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	struct eh_policy_use use;

	(void)state;
	assert_int_equal(policy_from(&p,
				     WRAP_HEAD "check = function(f)\nlocal s = 'x' while true do s = s .. s end end }",
				     &err),
			 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, &use, &err), 0);
	assert_int_equal(v.kind, EH_POLICY_ERROR);
	assert_string_equal(v.reason, "own.lua:2: not enough memory: a policy has 32 MiB");
	assert_true(use.memory > EH_LUA_MEMORY / 2 && use.memory <= EH_LUA_MEMORY);
	eh_lua_engine()->free(&p);
}

/* Ways to fail in which Lua itself names no place, or the policy chooses the words. */
static void every_failure_names_the_file_in_plain_text(void **state)
{
	static const struct { const char *body, *words; } odd[] = {
		{ "local function r(n) local ok, e = pcall(r, n + 1) if not ok then error(e, 0) end return e end "
		  "return r(1)", "stack overflow|error in error handling" },
		{ "return (('x'):rep(1 << 24):gsub('', ('y'):rep(1000)))", ":2: not enough memory" },
		{ "error(('x'):rep(1 << 24), 0)", ":2: not enough memory" },
		{ "error('all is well\\n\\27[1Aok', 0)", ":2: all is well" },
		{ "string.rep(setmetatable({}, {__name = '\\27[2J' .. ('n'):rep(100000)}), 3)",
		  ":2: bad argument #1 to 'rep'" },
		{ "local t = {verdict = 'ok'} for i = 1, 300000 do t[i] = i end return t", "unknown field" },
		{ "local t = {} for i = 1, 3000 do t = setmetatable({}, {__index = t}) end return t.x",
		  "chain too long" },
		{ "setmetatable({}, {__mode = 'k'})", ":2: __mode is not allowed in a policy" },
		{ "local mt = {} local t = setmetatable({}, mt) mt.__mode = 'k'",
		  ":2: __mode is set after setmetatable" },
		{ "local mt = {} local t = setmetatable({}, mt) mt.__index = {x = 1}",
		  ":2: __index is set after setmetatable" },
		{ "local mt = {} setmetatable({}, mt) rawset(mt, '__mode', 'k') setmetatable({}, mt)",
		  ":2: __mode is not allowed in a policy" },
		{ "error()", ":2: an error was raised with a nil" },
	};
	struct eh_finding f = make_finding();

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		struct eh_policy *p = NULL;
		struct eh_err err = EH_ERR_INIT;
		struct eh_verdict v;
		char text[512] = "";

		(void)snprintf(text, sizeof text, WRAP_HEAD "check = function(f)\n%s end }", odd[i].body);
		assert_int_equal(policy_from(&p, text, &err), 0);
		assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
		if (v.kind != EH_POLICY_ERROR || strncmp(v.reason, "own.lua:", 8) != 0 ||
		    !has_any(v.reason, odd[i].words) || !is_plain(v.reason))
			fail_msg("no \"%s\" in: %s", odd[i].words, v.reason);
		eh_lua_engine()->free(&p);
	}
}

/* A sort that Lua's own quicksort makes quadratic, or with a pivot by the clock. */
static void an_adversary_of_the_sort_costs_n_log_n(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "check = function(f)\n"
		"local n, solid, cand, cost, val, ord = 4000, 0, 0, 0, {}, {} for i = 1, n do val[i] = n ord[i] = i "
		"end\ntable.sort(ord, function(x, y) cost = cost + 1\n"
		"if val[x] == n and val[y] == n then if x == cand then val[x] = solid else val[y] = solid end solid = "
		"solid + 1 end\nif val[x] == n then cand = x elseif val[y] == n then cand = y end return val[x] < "
		"val[y] end)\nreturn {verdict = 'watch', reason = tostring(cost)} end }", &err), 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
	assert_int_equal(v.kind, EH_WATCH);
	assert_in_range(atoi(v.reason), 4000, 4000 * 13);
	eh_lua_engine()->free(&p);
}

/* Memory held across findings does not harm the engine itself: each later finding has its own answer. */
static void a_hoarding_policy_harms_only_itself(void **state)
{
	struct eh_finding f[3] = { make_finding(), make_finding(), make_finding() };
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v[3];

	(void)state;
	assert_int_equal(policy_from(&p, "local hoard, n = {}, 0\n" WRAP_HEAD
		"check = function(f) while true do n = n + 1 hoard[n] = ('x'):rep(1000) .. n end end }", &err), 0);
	(void)eh_lua_engine()->check(p, f, 3, &defaults, v, NULL, &err);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(v[i].kind, EH_POLICY_ERROR);
		assert_true(v[i].reason[0] != '\0');
	}
	eh_lua_engine()->free(&p);
}

static void the_workers_stayed_small(void **state)
{
	struct rusage self, children;

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip();         /* the sanitizer keeps freed memory */
#endif
	assert_int_equal(getrusage(RUSAGE_SELF, &self), 0);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &children), 0);
	/* the record of verdicts and the parent's own pages are in it as well */
	if (children.ru_maxrss > self.ru_maxrss + (long)(EH_LUA_MEMORY / 1024) + RSS_MARGIN)
		fail_msg("a worker held %ld KiB, the parent %ld KiB", children.ru_maxrss, self.ru_maxrss);
}

static void only_the_allowed_names_are_there(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "check = function(f)\n"
		"for _, n in ipairs{'load','loadfile','dofile','collectgarbage','print','warn','xpcall','coroutine',\n"
		"'io','os','debug','package','require'} do\n"
		"if _G[n] ~= nil then return {verdict='watch', reason=n} end end\n"
		"for _, t in ipairs{{string,'dump'},{math,'random'},{math,'randomseed'},{('x'),'dump'}} do\n"
		"if t[1][t[2]] ~= nil then return {verdict='watch', reason=t[2]} end end\n"
		"assert(_G._G == _G and getmetatable(_G) == 'locked')\n"
		"assert(getmetatable('') == 'locked' and getmetatable(string) == 'locked')\n"
		"for _, n in "
		"ipairs{'assert','error','getmetatable','ipairs','next','pairs','pcall','rawequal','rawget','rawlen',"
		"'rawset',\n'select','setmetatable','tonumber','tostring','type'} do assert(type(_G[n]) == 'function', "
		"n) end\n"
		"assert(utf8.char(228) == '\\xc3\\xa4' and table.concat{1, 2} == '12' and math.floor(2.5) == 2)\n"
		"assert(('%5.1f|%s|%%p'):format(2, {}) == '  2.0|table|%p')\n"
		"return 'ok' end }", &err), 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
	if (v.kind != EH_OK_VERDICT)
		fail_msg("reachable or missing: %s", v.reason);
	eh_lua_engine()->free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_of_samples_is_complete),
		cmocka_unit_test(every_sample_is_refused_twice_and_leaves_no_trace),
		cmocka_unit_test(every_sample_inside_check_is_a_policy_error),
		cmocka_unit_test(a_limit_that_is_no_number_is_refused),
		cmocka_unit_test(terminal_sequences_never_come_out),
		cmocka_unit_test(an_always_content_policy_cannot_hide_the_built_in_result),
		cmocka_unit_test(library_functions_survive_wrong_arguments),
		cmocka_unit_test(the_instruction_budget_ends_the_run_with_file_and_line),
		cmocka_unit_test(nothing_catches_the_end_of_the_budget),
		cmocka_unit_test(an_error_object_is_not_asked_for_its_text),
		cmocka_unit_test(the_clock_ends_one_endless_call),
		cmocka_unit_test(memory_ends_at_its_cap),
		cmocka_unit_test(every_failure_names_the_file_in_plain_text),
		cmocka_unit_test(an_adversary_of_the_sort_costs_n_log_n),
		cmocka_unit_test(a_hoarding_policy_harms_only_itself),
		cmocka_unit_test(the_workers_stayed_small),
		cmocka_unit_test(only_the_allowed_names_are_there),
	};

	return cmocka_run_group_tests_name("hostile policies", tests, NULL, NULL);
}

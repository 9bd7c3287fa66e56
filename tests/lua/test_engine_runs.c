/* lua/engine.c on several findings: what summarise may change, what one run leaves to the next, parts and budget. */
#include "policy_fixture.h"

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;

/* Runs text on three findings of the groups a, b, c. */
static int run_three(const char *text, struct eh_verdict v[3], struct eh_policy_use *use, struct eh_err *err)
{
	struct eh_finding f[3] = { make_finding(), make_finding(), make_finding() };
	struct eh_policy *p = NULL;
	int rc = 0;

	for (int i = 0; i < 3; i++)
		(void)snprintf(f[i].group, sizeof f[i].group, "%c", 'a' + i);
	if (policy_from(&p, text, err) < 0)
		fail_msg("%s", err->msg);
	rc = eh_lua_engine()->check(p, f, 3, &defaults, v, use, err);
	eh_lua_engine()->free(&p);
	return rc;
}

static void one_raising_check_spoils_one_finding(void **state)
{
	struct eh_verdict v[3];
	struct eh_err err = EH_ERR_INIT;
	struct eh_policy_use use;

	(void)state;
	assert_int_equal(run_three(WRAP_HEAD "check = function(f) if f.group == 'b' then error('no') end return 'ok' "
					     "end }",
				   v, &use, &err),
			 0);
	assert_int_equal(v[0].kind, EH_OK_VERDICT);
	assert_int_equal(v[1].kind, EH_POLICY_ERROR);
	assert_int_equal(v[2].kind, EH_OK_VERDICT);
	assert_true(use.memory > 1024 && use.memory <= EH_LUA_MEMORY && use.seconds > 0 && use.seconds < EH_LUA_WALL);
}

static void summarise_changes_verdicts_by_place(void **state)
{
	struct eh_verdict v[3];
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(run_three(WRAP_HEAD "check = function(f) return {verdict='watch', reason=f.group} end,"
		"summarise = function(l) assert(#l == 3 and l[2].verdict == 'watch' and l[2].reason == 'b' and l[2].q "
		"< 1)return {[2] = 'notify', [3] = {verdict='ok', reason='calm'}} end }", v, NULL, &err), 0);
	assert_int_equal(v[0].kind, EH_WATCH);
	assert_int_equal(v[1].kind, EH_NOTIFY);
	assert_int_equal(v[1].scope, EH_SCOPE_INDIVIDUAL);
	assert_string_equal(v[1].reason, "b");
	assert_int_equal(v[2].kind, EH_OK_VERDICT);
	assert_string_equal(v[2].reason, "calm");
}

static void a_failing_summarise_fails_the_run(void **state)
{
	static const struct { const char *body, *words; } bad[] = {
		{ "error('late')", "own.lua:2: late" },
		{ "return 5", "summarise() returned a number" },
		{ "return {[4] = 'ok'}", "keys are places in its list, 1 to 3" },
		{ "return {x = 'ok'}", "keys are places" },
		{ "return {'ok'}", "may not change finding 1 (E3, a): its verdict is not_allowed" },
		{ "return {[2] = 'fine'}", "unknown verdict \"fine\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct eh_verdict v[3];
		struct eh_err err = EH_ERR_INIT;
		char text[512] = "";

		(void)snprintf(text, sizeof text,
			       WRAP_HEAD "check = function() return 'not_allowed' end,\nsummarise = function(l) %s end "
					 "}",
			       bad[i].body);
		if (strstr(bad[i].body, "[2]") != NULL)
			(void)snprintf(text, sizeof text,
				       WRAP_HEAD "check = function() return 'ok' end, summarise = function(l) %s end }",
				       bad[i].body);
		assert_int_equal(run_three(text, v, NULL, &err), EH_EPOLICY);
		if (strstr(err.msg, bad[i].words) == NULL)
			fail_msg("no \"%s\" in: %s", bad[i].words, err.msg);
		for (int k = 0; k < 3; k++) {
			assert_int_equal(v[k].kind, EH_POLICY_ERROR);
			assert_non_null(strstr(v[k].reason, bad[i].words));
		}
	}
}

static void nothing_survives_and_bytes_repeat(void **state)
{
	static const char text[] = WRAP_HEAD "check = function(f) local t = {} "
					     "for k, v in pairs({zeta=1, alpha=2, mid=3, [10]=4, [2]=5, omega=6, "
					     "beta=7}) do t[#t+1] = tostring(k) "
					     ".. v end return {verdict='watch', reason = table.concat(t, ' ') .. "
					     "tostring({}) .. string.format('%s', print)} end }";
	struct eh_verdict a[3], b[3];
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	memset(a, 0x55, sizeof a);
	memset(b, 0xaa, sizeof b);
	assert_int_equal(run_three(text, a, NULL, &err), 0);
	assert_int_equal(run_three(text, b, NULL, &err), 0);
	assert_memory_equal(a, b, sizeof a);
	assert_string_equal(a[0].reason, "25 104 alpha2 beta7 mid3 omega6 zeta1tablenil");
}

static void no_findings_are_no_error(void **state)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	(void)state;
	assert_int_equal(policy_from(&p,
				     WRAP_HEAD "check = function() return 'ok' end, summarise = function(l) assert(#l "
					       "== 0) end }",
				     &err),
			 0);
	assert_int_equal(eh_lua_engine()->check(p, NULL, 0, &defaults, &v, NULL, &err), 0);
	eh_lua_engine()->free(&p);
}

/* ---- a policy that carries nothing from one finding to the next ---- */

#define MANY (2u * EH_LUA_PART + 100u)

/* The verdicts of many findings on so many threads; what check() says is the caller's to look at. */
static int check_many(const char *text, uint32_t threads, struct eh_verdict *out, struct eh_policy_use *use,
		      struct eh_err *err)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_finding *f = calloc(MANY, sizeof *f);
	struct eh_policy *p = NULL;
	int rc = EH_OK;

	assert_non_null(f);
	for (size_t i = 0; i < MANY; i++)
		f[i] = make_finding();
	s.threads = threads;
	assert_int_equal(policy_from(&p, text, err), 0);
	rc = eh_lua_engine()->check(p, f, MANY, &s, out, use, err);
	eh_lua_engine()->free(&p);
	free(f);
	return rc;
}

#define COUNTING "check = function() n = n + 1 return { verdict = 'ok', reason = n .. '' } end }"

/* Who says so and counts on is held to it: parts are the same for every number of threads, and each begins anew. */
static void parts_of_a_stateless_policy_do_not_depend_on_threads(void **state)
{
	struct eh_verdict *one = calloc(MANY, sizeof *one), *other = calloc(MANY, sizeof *other);
	struct eh_policy_use use[2];
	struct eh_err err = EH_ERR_INIT;
	char expected[16] = "";

	(void)state;
	assert_true(one != NULL && other != NULL);
	assert_int_equal(check_many("local n = 0 " WRAP_HEAD "stateless = true, " COUNTING, 1, one, &use[0], &err), 0);
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(expected, sizeof expected, "%zu", i % EH_LUA_PART + 1);
		assert_string_equal(one[i].reason, expected);
	}
	for (uint32_t threads = 2; threads <= 5; threads++) {
		assert_int_equal(check_many("local n = 0 " WRAP_HEAD "stateless = true, " COUNTING, threads, other,
					    &use[1], &err), 0);
		assert_memory_equal(one, other, MANY * sizeof *one);
		assert_int_equal(use[0].instructions, use[1].instructions);
		assert_int_equal(use[0].memory, use[1].memory);
	}
	/* without the word, or with a summary, one state sees all */
	assert_int_equal(check_many("local n = 0 " WRAP_HEAD COUNTING, 2, one, NULL, &err), 0);
	(void)snprintf(expected, sizeof expected, "%u", MANY);
	assert_string_equal(one[MANY - 1].reason, expected);
	assert_int_equal(check_many("local n = 0 " WRAP_HEAD "stateless = true, summarise = function() end, " COUNTING,
				    2, one, NULL, &err), 0);
	assert_string_equal(one[MANY - 1].reason, expected);
	free(one);
	free(other);
}

/* Each part stays within the budget, all of them together do not. */
static void the_budget_is_that_of_all_parts(void **state)
{
	const char *text = WRAP_HEAD "stateless = true, check = function() for i = 1, 5000 do local x = i * i end "
				     "return 'ok' end }";
	struct eh_verdict *v = calloc(MANY, sizeof *v);
	struct eh_err err[3];

	(void)state;
	assert_non_null(v);
	for (uint32_t threads = 1; threads <= 3; threads++) {
		assert_int_equal(check_many(text, threads, v, NULL, &err[threads - 1]), EH_EPOLICY);
		assert_string_equal(err[threads - 1].msg,
				    "own.lua: refused: instruction budget of 50 million used up");
		assert_int_equal(v[0].kind, EH_POLICY_ERROR);
		assert_int_equal(v[MANY - 1].kind, EH_POLICY_ERROR);
	}
	free(v);
}

static void stateless_is_true_or_false(void **state)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "stateless = 1, check = function() return 'ok' end }", &err),
			 EH_EPOLICY);
	assert_non_null(strstr(err.msg, "stateless must be a boolean, not a number"));
	assert_int_equal(policy_from(&p, WRAP_HEAD "check = function() return 'ok' end }", &err), 0);
	assert_false(eh_lua_engine()->info(p)->stateless);
	eh_lua_engine()->free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_raising_check_spoils_one_finding),
		cmocka_unit_test(summarise_changes_verdicts_by_place),
		cmocka_unit_test(a_failing_summarise_fails_the_run),
		cmocka_unit_test(nothing_survives_and_bytes_repeat),
		cmocka_unit_test(no_findings_are_no_error),
		cmocka_unit_test(parts_of_a_stateless_policy_do_not_depend_on_threads),
		cmocka_unit_test(the_budget_is_that_of_all_parts),
		cmocka_unit_test(stateless_is_true_or_false),
	};

	return cmocka_run_group_tests_name("lua engine runs", tests, NULL, NULL);
}

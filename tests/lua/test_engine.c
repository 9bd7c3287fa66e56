/* lua/engine.c: what loads, what is refused and with which words, what a check returns. */
#include "policy_fixture.h"

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;

static void expect_refused(const char *text, const char *words)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = policy_from(&p, text, &err);

	if (rc != EH_EPOLICY || strstr(err.msg, words) == NULL)
		fail_msg("wanted EH_EPOLICY with \"%s\", got %d \"%s\" for: %s", words, rc, err.msg, text);
	assert_null(p);
}

/* The verdict of a policy whose check has this body, on one finding. */
static struct eh_verdict verdict_of(const char *fields, const char *body, const struct eh_finding *f)
{
	char text[2048] = "";
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	memset(&v, 0xff, sizeof v);
	(void)snprintf(text, sizeof text, WRAP_HEAD "%s check = function(f) %s end }", fields, body);
	if (policy_from(&p, text, &err) < 0 || eh_lua_engine()->check(p, f, 1, &defaults, &v, NULL, &err) < 0)
		fail_msg("%s: %s", body, err.msg);
	eh_lua_engine()->free(&p);
	return v;
}

static void expect(const char *fields, const char *body, enum eh_verdict_kind kind, const char *words)
{
	struct eh_finding f = make_finding();
	struct eh_verdict v = verdict_of(fields, body, &f);

	if (v.kind != (int32_t)kind || strstr(v.reason, words) == NULL)
		fail_msg("wanted %s with \"%s\", got %s \"%s\" for: %s", eh_verdict_text(kind), words,
			 eh_verdict_text((enum eh_verdict_kind)v.kind), v.reason, body);
}

static void reads_a_whole_table(void **state)
{
	static const char text[] =
		"return { name = 'own_rule', api = 1, version = '2.3', attributes = {'sex', 'race'}, limit = {3, 4},\n"
		" needs = {'ratio', 'q', 'p_boschloo'}, reference = 'male', min_group = 7, min_total = 21,\n"
		" alpha = 0.01, min_share = 0.005, family = 'holm',\n"
		" gate = function() return true end, check = function() return 'ok' end,\n"
		" summarise = function() end }\n";
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	const struct eh_policy_info *i = NULL;

	(void)state;
	assert_int_equal(policy_from(&p, text, &err), 0);
	i = eh_lua_engine()->info(p);
	assert_string_equal(i->name, "own_rule");
	assert_string_equal(i->version, "2.3");
	assert_int_equal(i->n_attributes, 2);
	assert_string_equal(i->attributes[1], "race");
	assert_int_equal(i->settings.limit_num, 3);
	assert_int_equal(i->settings.limit_den, 4);
	assert_int_equal(i->settings.reference, EH_REF_FIXED);
	assert_string_equal(i->settings.fixed_reference, "male");
	assert_int_equal(i->settings.min_group, 7);
	assert_int_equal(i->settings.min_total, 21);
	assert_float_equal(i->settings.alpha, 0.01, 0);
	assert_string_equal(i->settings.family, "holm");
	assert_string_equal(i->needs, "ratio q p_boschloo");
	assert_int_equal(i->settings.min_share, 50);
	assert_true(i->settings.boschloo);      /* asked for by name */
	assert_true(i->has_gate && i->has_summarise);
	assert_int_equal(strlen(i->hash), 64);
	eh_lua_engine()->free(&p);
	assert_null(p);
}

static void fills_defaults(void **state)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	const struct eh_policy_info *i = NULL;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "check = function() return 'ok' end }", &err), 0);
	i = eh_lua_engine()->info(p);
	assert_memory_equal(&i->settings, &defaults, sizeof defaults);
	assert_int_equal(i->n_attributes, 0);
	assert_false(i->has_gate || i->has_summarise);
	assert_string_equal(i->needs, "");
	eh_lua_engine()->free(&p);
}

static void refuses_a_bad_table(void **state)
{
	static const struct { const char *text, *words; } bad[] = {
		{ "return 5", "own.lua: a policy file must return its table, not a number" },
		{ "", "must return its table, not a nil" },
		{ "return { name = \"t\", api = 1, version = \"1\" }", "own.lua: check is missing" },
		{ "return {\n api = 1 }", "name is missing" },
		{ "return {\n name = 'Bad Name', api = 1, version = '1' }", "own.lua:2: name \"Bad Name\"" },
		{ "return {\n name = 't', version = '1' }", "api is missing" },
		{ "return {\n name = 't',\n api = 2, version = '1' }", "own.lua:3: this program offers api = 1" },
		{ WRAP_HEAD "\n limits = {4, 5}, check = print }",
		  "own.lua:2: unknown field \"limits\" in the policy's table: did you mean limit?" },
		{ WRAP_HEAD "limit = {0/0, 5} }", "own.lua:1: limit must be two integers" },
		{ WRAP_HEAD "limit = 0/0 }", "limit must be a table" },
		{ WRAP_HEAD "limit = {0.8, 1} }", "limit must be two integers" },
		{ WRAP_HEAD "limit = {4.0, 5.0} }", "limit must be two integers" },
		{ WRAP_HEAD "limit = {-4, 5} }", "0 < num <= den" },
		{ WRAP_HEAD "limit = {0, 5} }", "0 < num <= den" },
		{ WRAP_HEAD "limit = {6, 5} }", "0 < num <= den" },
		{ WRAP_HEAD "limit = {800, 1001} }", "0 < num <= den <= 1000" },
		{ WRAP_HEAD "limit = {4, 5, 6} }", "limit must be a list" },
		{ WRAP_HEAD "min_group = -1 }", "min_group must be between 1" },
		{ WRAP_HEAD "min_group = 0/0 }", "min_group must be an integer" },
		{ WRAP_HEAD "min_total = 0 }", "min_total must be between 1" },
		{ WRAP_HEAD "min_share = 0.6 }", "min_share must be between 0 and 0.5" },
		{ WRAP_HEAD "min_share = 0.00001 }", "in steps of 0.0001" },
		{ WRAP_HEAD "min_share = 0/0 }", "min_share must be" },
		{ WRAP_HEAD "alpha = 0/0 }", "alpha must be a number between 0 and 1" },
		{ WRAP_HEAD "alpha = math.huge }", "alpha must be" },
		{ WRAP_HEAD "alpha = 1 }", "alpha must be" },
		{ WRAP_HEAD "family = 'none ' }", "family must be" },
		{ WRAP_HEAD "looks = 'often' }", "looks must be" },
		{ WRAP_HEAD "intersect = { 'sex' } }", "must be two attributes" },
		{ WRAP_HEAD "intersect = { { 'sex' } } }", "must be two attributes" },
		{ WRAP_HEAD "intersect = { { 'sex', 4 } } }", "must be two attributes" },
		{ WRAP_HEAD "intersect = { { 'sex', 'sex' } } }", "two different attributes" },
		{ WRAP_HEAD "intersect = { { 'sex', 'a b' } } }", "has no attribute name" },
		{ WRAP_HEAD "attributes = { 'sex' }, intersect = { { 'sex', 'race' } } }", "not among the attributes" },
		{ WRAP_HEAD "intersect = { {'a','b'}, {'a','c'}, {'a','d'}, {'a','e'}, {'a','f'} } }", "at most 4" },
		{ WRAP_HEAD "reference = '\\27[2J' }", "reference must be" },
		{ WRAP_HEAD "attributes = 'sex' }", "attributes must be a table" },
		{ WRAP_HEAD "attributes = {'a','b','c','d','e','f','g','h','i'} }", "at most 8 entries" },
		{ WRAP_HEAD "attributes = {'Sex'} }", "attributes[1] is no attribute name" },
		{ WRAP_HEAD "needs = {'ratoi'} }", "unknown fact \"ratoi\": did you mean rate, ratio?" },
		{ WRAP_HEAD "needs = {} }", "needs is empty" },
		{ WRAP_HEAD "check = 5 }", "check must be a function, not a number" },
		{ "local limit = 1\n-- limit = {4, 5}\n" WRAP_HEAD "\n limit\t= {6, 5} }",
		  "own.lua:4: limit {num, den} must be" },
		{ "local p = " "{ name = 't', api = 1, version = '1' }\np.limit = 3\nreturn p",
		  "own.lua:2: limit must be a table" },
		{ "local x =\n\n= 1", "own.lua:3:" },
		{ "\n error('no such file')", "own.lua:2: no such file" },
		{ "error({ code = 1 })", "own.lua:1: an error was raised with a table as its message" },
		{ "\nname = 'x'", "own.lua:2: global 'name' is assigned" },
		{ "rawset(_G, 'x', 1)", "rawset on a read-only table" },
		{ "string.rep = nil", "own.lua:1: the libraries are read-only" },
		{ "evenhand.percent = nil", "the libraries are read-only" },
		{ "setmetatable(_G, {})", "cannot change a protected metatable" },
		{ "\x1bLua", "precompiled Lua" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		expect_refused(bad[i].text, bad[i].words);
}

static void refuses_what_is_no_source_file(void **state)
{
	struct policy_file f = { "", "" };
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t len = EH_POLICY_SOURCE_MAX + 1u;
	char *big = malloc(len);

	(void)state;
	assert_non_null(big);
	memset(big, ' ', len);
	policy_write(&f, big, len);
	assert_int_equal(eh_lua_engine()->load(&p, f.path, &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "larger than 256 KiB"));
	policy_remove(&f);
	policy_write(&f, "return\0 1", 9);
	assert_int_equal(eh_lua_engine()->load(&p, f.path, &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "NUL"));
	policy_remove(&f);
	assert_int_equal(eh_lua_engine()->load(&p, "/tmp", &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "not a regular file"));
	assert_int_equal(eh_lua_engine()->load(&p, "/nowhere/x.lua", &err), EH_ENOENT);
	assert_null(p);
	free(big);
}

static void a_source_of_exactly_the_maximum_loads(void **state)
{
	static const char code[] = WRAP_HEAD "check = function() return 'ok' end }";
	char *text = malloc(EH_POLICY_SOURCE_MAX);
	struct policy_file f = { "", "" };
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', EH_POLICY_SOURCE_MAX);
	memcpy(text, code, sizeof code - 1);
	policy_write(&f, text, EH_POLICY_SOURCE_MAX);
	assert_int_equal(eh_lua_engine()->load(&p, f.path, &err), 0);
	policy_remove(&f);
	eh_lua_engine()->free(&p);
	free(text);
}

static void passes_facts_as_plain_values(void **state)
{
	static const char *const truths[] = {
		"f.evaluator == 'E3' and f.attribute == 'sex' and f.group == 'female' and f.position == ''",
		"f.pooled == false and f.is_reference == false and f.reference == 'rest'",
		"f.n == 40 and math.type(f.n) == 'integer' and f.selected == 10 and f.ref_persons == 20",
		"math.type(f.ratio) == 'float' and f.ratio > 0.333 and f.ratio < 0.334",
		"f.ratio_below == true and f.flips == false and f.basis == 'known'",
		"f.z == nil and f.why.z == 'not_computed' and f.why.ratio == nil",
		"f.limit.num == 4 and f.limit.den == 5 and f.min_group == 10 and f.min_share == 0.02 and "
		"f.alpha == 0.05",
		"f.family.method == 'bh' and f.family.size == 24 and f.builtin == 'notify'",
		"f.ratio_interval.low == 0.18 and f.ratio_interval.high == 0.6",
		"f.posterior == 0.97 and f.scores.n == 0 and f.scores.median == nil and f.uncertain_n == 3",
		"f.odds_interval.low == nil and f.why.cohen_h == 'zero_variance' and f.ratio_if_unknown_low == 0.2",
		"f.benchmark.deviation == nil and f.benchmark.evaluators == 0",
		"f.paired.ref_pairs == 0 and f.paired.ref_split == 4 and math.type(f.paired.ref_split) == 'integer'",
		"f.peers.ratio == 0.35 and f.peers.q == 0.001 and f.em.ratio == nil and f.em.guard == '' and "
		"f.assumption.bounds.low == nil and f.assumption.supports.em == false and f.assumption.labelled == 0",
		"f.em.interval.high == nil and f.provenance.declared == 40 and f.undefined == nil",
		"tostring(f) == 'facts' and getmetatable(f) == 'locked'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
		char body[512] = "";

		(void)snprintf(body, sizeof body, "return (%s) and 'ok' or 'watch'", truths[i]);
		expect("", body, EH_OK_VERDICT, "");
	}
}

static void an_unknown_truth_value_is_nil(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_verdict v;

	(void)state;
	f.flips = f.ratio_below = EH_UNKNOWN;
	f.ratio = f.impact_ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	v = verdict_of("",
		       "if f.flips == nil and f.ratio_below == nil and f.ratio == nil and f.why.ratio == f.undefined "
		       "then "
		       "return {verdict='ok', reason = f.undefined} end",
		       &f);
	assert_int_equal(v.kind, EH_OK_VERDICT);
	assert_string_equal(v.reason, "reference_none_selected");
}

static void a_wrong_fact_raises_with_its_name(void **state)
{
	(void)state;
	expect("", "return f.ratoi", EH_POLICY_ERROR, "own.lua:1: unknown fact facts.ratoi: did you mean rate, ratio?");
	expect("", "return f.peers_q", EH_POLICY_ERROR, "unknown fact facts.peers_q: did you mean peers?");
	expect("", "return f.peers.zz", EH_POLICY_ERROR, "unknown fact peers.zz");
	expect("", "return f.verdict", EH_POLICY_ERROR, "unknown fact facts.verdict");
	expect("", "return f.why.group", EH_POLICY_ERROR, "unknown fact why.group");
	expect("", "return f[1]", EH_POLICY_ERROR, "read by field name, not by a number");
	expect("", "f.n = 3", EH_POLICY_ERROR, "facts is read-only");
	expect("", "rawset(f, 'n', 3)", EH_POLICY_ERROR, "bad argument #1 to 'rawset'");
	expect("", "rawget(f, 'n')", EH_POLICY_ERROR, "bad argument #1 to 'rawget'");
}

static void needs_is_enforced(void **state)
{
	(void)state;
	expect("needs = {'ratio', 'peers'},", "return f.ratio and f.peers.q and f.evaluator and 'ok'", EH_OK_VERDICT,
	       "");
	expect("needs = {'ratio'},", "return f.q", EH_POLICY_ERROR,
	       "fact q is read but not declared: add \"q\" to needs");
	expect("needs = {'ratio'},",
	       "local t = {} for k in pairs(f) do t[#t+1] = k end return {verdict='ok', reason=table.concat(t, ' ')}",
	       EH_OK_VERDICT, "evaluator attribute group position pooled reference is_reference ratio");
}

static void a_bad_result_is_a_policy_error(void **state)
{
	(void)state;
	expect("", "return nil", EH_POLICY_ERROR, "check() returned a nil");
	expect("", "return 5", EH_POLICY_ERROR, "check() returned a number");
	expect("", "return 'fine'", EH_POLICY_ERROR, "unknown verdict \"fine\"");
	expect("", "return 'ok\\0'", EH_POLICY_ERROR, "unknown verdict");
	expect("", "return 'policy_error'", EH_POLICY_ERROR, "the engine's own verdict");
	expect("", "return {reason = 'x'}", EH_POLICY_ERROR, "the verdict must be a string, not a nil");
	expect("", "return {verdict = 'ok', severity = 0/0}", EH_POLICY_ERROR,
	       "unknown field \"severity\" in the verdict");
	expect("", "return {verdict = 'ok', reason = 5}", EH_POLICY_ERROR, "the reason must be a string");
	expect("", "return {verdict = 'notify', scope = 'all'}", EH_POLICY_ERROR, "scope must be");
	expect("", "error('broken')", EH_POLICY_ERROR, "own.lua:1: broken");
	expect("", "evenhand.percent('x')", EH_POLICY_ERROR, "own.lua:1: evenhand.percent: share is a string");
	/* a metatable cannot stand in for a result */
	expect("", "return setmetatable({}, {__index = function() return 'ok' end})", EH_POLICY_ERROR, "not a nil");
}

static void a_reason_is_made_printable_and_short(void **state)
{
	struct eh_finding f = make_finding();
	struct eh_verdict v;

	(void)state;
	v = verdict_of("", "return {verdict='watch', reason='a\\27]0;pwned\\7\\27[2J\\u{202e}b\\xff\\nc'}", &f);
	assert_int_equal(v.kind, EH_WATCH);
	for (const char *c = v.reason; *c != '\0'; c++)
		assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
	assert_null(strstr(v.reason, "\xe2\x80\xae"));
	assert_true(eh_utf8_valid(v.reason, strlen(v.reason)));
	v = verdict_of("", "return {verdict='watch', reason=('\xc3\xa4'):rep(1000)}", &f);
	assert_in_range(strlen(v.reason), EH_REASON_MAX - 3, EH_REASON_MAX);
	assert_true(eh_utf8_valid(v.reason, strlen(v.reason)));
}

static void scope_belongs_to_notify(void **state)
{
	struct eh_finding f = make_finding();

	(void)state;
	assert_int_equal(verdict_of("", "return 'notify'", &f).scope, EH_SCOPE_INDIVIDUAL);
	assert_int_equal(verdict_of("", "return {verdict='notify', scope='systemic'}", &f).scope, EH_SCOPE_SYSTEMIC);
	assert_int_equal(verdict_of("", "return {verdict='watch', scope='systemic'}", &f).scope, EH_SCOPE_NONE);
	f.evaluator[0] = '\0';
	assert_int_equal(verdict_of("", "return 'notify'", &f).scope, EH_SCOPE_SYSTEMIC);
}

static void an_attribute_that_is_not_its_own_is_not_asked(void **state)
{
	(void)state;
	expect("attributes = {'race'},", "return 'ok'", EH_CANNOT_CONCLUDE, "Policy t does not look at sex.");
}

static void the_gate_answers_for_the_policy(void **state)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	bool open = true;

	(void)state;
	assert_int_equal(policy_from(&p, WRAP_HEAD "check = function() return 'ok' end, gate = function(j, a)\n"
		"if j == 'FR' then return 1 end return not (j == 'DE' and a == 'race') end }", &err), 0);
	assert_int_equal(eh_lua_engine()->gate(p, "DE", "race", &open, &err), 0);
	assert_false(open);
	assert_int_equal(eh_lua_engine()->gate(p, "US-IL", "race", &open, &err), 0);
	assert_true(open);
	assert_int_equal(eh_lua_engine()->gate(p, "FR", "race", &open, &err), EH_EPOLICY);
	assert_false(open);
	assert_non_null(strstr(err.msg, "gate() must return true or false"));
	eh_lua_engine()->free(&p);
}

/* What each of these gives is fixed, although Lua's hash has another seed in every run, its sort is not stable and
 * its sort asks the clock: the sum of floats shows the order in its last digits. */
static void no_order_depends_on_the_run(void **state)
{
	static const struct { const char *body, *words; } steady[] = {
		{ "local o = {} for k in next, {zeta=1, alpha=2, mid=3, [10]=4, [2]=5, omega=6, [true]=7, beta=false} "
		  "do o[#o+1] = tostring(k) end "
		  "return {verdict='watch', reason=table.concat(o, ' ')}", "2 10 alpha beta mid omega zeta true" },
		{ "local t, s = {}, 0.0 for i = 1, 200 do t['k' .. i] = i * 0.1 end for _, v in next, t do s = s + v "
		  "end "
		  "return {verdict='watch', reason=('%.17g'):format(s)}", "2010.0000000000002" },
		{ "local t, o = {}, {} for i = 1, 500 do t[i] = {k = i % 3, i = i} end table.sort(t, function(a, b) "
		  "return a.k < b.k end) "
		  "for i = 1, 500, 50 do o[#o+1] = t[i].i end return {verdict='watch', reason=table.concat(o, ' ')}",
		  "3 153 303 453 103 253 403 53 203 353" },
		{ "local k, v = next({b = 1, a = false}) return {verdict='watch', reason=k .. tostring(v)}", "afalse" },
		{ "local t = {a=1, b=2, c=3} local o = '' for k in next, t do t[k] = nil o = o .. k end "
		  "return {verdict='watch', reason=o .. tostring(next(t))}", "abcnil" },
		{ "local o = '' for k in next, {a=1, b=2} do for j in next, {x=1, y=2} do o = o .. k .. j end end "
		  "return {verdict='watch', reason=o}", "axaybxby" },
		{ "local t = setmetatable({b=1, a=2}, {__metatable = 'mine'}) local o = '' for k, v in pairs(t) do o = "
		  "o .. k .. v end "
		  "for k, v in next, t do o = o .. k .. v end return {verdict='watch', reason=o}", "a2b1a2b1" },
		{ "local t = {5, 3, 'x', 4} pcall(table.sort, t) return {verdict='watch', reason=table.concat(t)}",
		  "53x4" },
		{ "local t = {2, 1, 3} table.sort(t, function(a, b) return a > b end) return {verdict='watch', "
		  "reason=table.concat(t)}", "321" },
		{ "return {verdict='watch', reason=tostring(rawequal(table.sort, evenhand.sort) and pairs == "
		  "evenhand.pairs_sorted)}", "true" },
	};

	(void)state;
	for (int run = 0; run < 2; run++)
		for (size_t i = 0; i < sizeof steady / sizeof steady[0]; i++)
			expect("", steady[i].body, EH_WATCH, steady[i].words);
	expect("", "next({}, {})", EH_POLICY_ERROR, "invalid key to 'next'");
	expect("", "next(f)", EH_POLICY_ERROR, "own.lua:1: bad argument #1 to 'next' (table expected, got userdata)");
	expect("", "local k = next({[{}] = 1})", EH_POLICY_ERROR,
	       "own.lua:1: a table as a key has no order that repeats");
	expect("", "for k in pairs({[f] = 1}) do end", EH_POLICY_ERROR, "own.lua:1: a userdata as a key has no order");
	expect("", "table.sort({1, 2}, function(a, b) return a <= b end)", EH_POLICY_ERROR,
	       "own.lua:1: invalid order function for sorting");
	expect("", "table.sort({1, 2}, 'x')", EH_POLICY_ERROR, "own.lua:1: bad argument #2 to 'sort'");
	expect("", "table.sort(f)", EH_POLICY_ERROR, "own.lua:1: bad argument #1 to 'sort'");
}

static void finds_policies_by_name_and_path(void **state)
{
	char path[4096] = "";
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_policy_find(path, sizeof path, NULL, "evaluator_screen", &err), 0);
	assert_non_null(strstr(path, "/evaluator_screen.lua"));
	assert_int_equal(eh_policy_find(path, sizeof path, "/nowhere", "no_such_policy", &err), EH_ENOENT);
	assert_non_null(strstr(err.msg, "/nowhere/policies"));
	assert_int_equal(eh_policy_find(path, sizeof path, NULL, "../evil", &err), EH_ENOENT);
	assert_int_equal(eh_policy_find(path, sizeof path, NULL, "Evil Name", &err), EH_EINVAL);
	assert_int_equal(eh_policy_find(path, sizeof path, NULL, "evenhand", &err), EH_EINVAL);
	assert_int_equal(eh_policy_find(path, sizeof path, NULL, "", &err), EH_EINVAL);
	assert_string_equal(path, "");
}

static void a_project_policy_stands_before_a_shipped_one(void **state)
{
	char dir[] = "/tmp/eh-lua-test-XXXXXX", sub[64] = "", file[96] = "", path[4096] = "";
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	FILE *out = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(sub, sizeof sub, "%s/policies", dir);
	(void)snprintf(file, sizeof file, "%s/four_fifths.lua", sub);
	assert_int_equal(mkdir(sub, 0700), 0);
	out = fopen(file, "w");
	assert_non_null(out);
	fclose(out);
	assert_int_equal(eh_policy_find(path, sizeof path, dir, "four_fifths", &err), 0);
	assert_string_equal(path, file);
	assert_int_equal(unlink(file), 0);
	/* one that cannot be read is not silently replaced by the shipped one */
	assert_int_equal(symlink("/nowhere/four_fifths.lua", file), 0);
	assert_int_equal(eh_policy_find(path, sizeof path, dir, "four_fifths", &err), 0);
	assert_string_equal(path, file);
	assert_int_equal(eh_lua_engine()->load(&p, path, &err), EH_ENOENT);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(eh_policy_find(path, sizeof path, dir, "four_fifths", &err), 0);
	assert_null(strstr(path, dir));
	assert_int_equal(rmdir(sub), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_table),
		cmocka_unit_test(fills_defaults),
		cmocka_unit_test(refuses_a_bad_table),
		cmocka_unit_test(refuses_what_is_no_source_file),
		cmocka_unit_test(a_source_of_exactly_the_maximum_loads),
		cmocka_unit_test(passes_facts_as_plain_values),
		cmocka_unit_test(an_unknown_truth_value_is_nil),
		cmocka_unit_test(a_wrong_fact_raises_with_its_name),
		cmocka_unit_test(needs_is_enforced),
		cmocka_unit_test(a_bad_result_is_a_policy_error),
		cmocka_unit_test(a_reason_is_made_printable_and_short),
		cmocka_unit_test(scope_belongs_to_notify),
		cmocka_unit_test(an_attribute_that_is_not_its_own_is_not_asked),
		cmocka_unit_test(the_gate_answers_for_the_policy),
		cmocka_unit_test(no_order_depends_on_the_run),
		cmocka_unit_test(finds_policies_by_name_and_path),
		cmocka_unit_test(a_project_policy_stands_before_a_shipped_one),
	};

	return cmocka_run_group_tests_name("lua engine", tests, NULL, NULL);
}

/* compute(), pack, author, provenance, on_notification and the project's facts, through the worker. */
#include "policy_fixture.h"

#include "base/mem.h"
#include "policy/own.h"
#include "policy/project.h"

#define HEAD WRAP_HEAD "needs = { \"n\" }, check = function() return \"ok\" end, "

static struct eh_policy *load(const char *text)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (policy_from(&p, text, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return p;
}

static int judge(struct eh_policy *p, const struct eh_project *project, struct eh_policy_answer *a, struct eh_err *err)
{
	static struct eh_finding f;
	static struct eh_verdict v[1];
	const struct eh_policy_case c = { .findings = &f, .n = 1, .project = project };

	f = make_finding();
	memset(a, 0, sizeof *a);
	a->verdicts = v;
	return eh_lua_engine()->judge(p, &c, a, err);
}

/* The one answer to a compute() of this body. */
static struct eh_policy_answer computed(const char *body, const struct eh_project *project)
{
	char text[2048];
	struct eh_policy *p;
	struct eh_policy_answer a;
	struct eh_err err = EH_ERR_INIT;

	(void)snprintf(text, sizeof text, HEAD "compute = function(project) %s end }", body);
	p = load(text);
	assert_true(eh_lua_engine()->info(p)->has_compute);
	if (judge(p, project, &a, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(a.verdicts[0].kind, EH_OK_VERDICT);
	eh_lua_engine()->free(&p);
	return a;
}

static void a_list_comes_over(void **state)
{
	struct eh_policy_answer a = computed(
		"return { { attribute = 'sex', group = 'female', reference = 'rest', evaluator = 'E1', position = '', "
		"verdict = 'notify', rule = 'r', reason = 'why', n = 4, selected = 1, ref_n = 5, ref_selected = 2 }, "
		"{ subject = 'consent', verdict = 'watch' } }", NULL);

	(void)state;
	assert_string_equal(a.trouble, "");
	assert_int_equal(a.n_own, 2);
	assert_string_equal(a.own[0].evaluator, "E1");
	assert_int_equal(a.own[0].narrowed, 1u << EH_CROSSTAB_EVALUATOR | 1u << EH_CROSSTAB_POSITION);
	assert_int_equal(a.own[0].verdict.scope, EH_SCOPE_INDIVIDUAL);
	assert_string_equal(a.own[0].verdict.reason, "why");
	assert_int_equal(a.own[0].claimed, 1);
	assert_int_equal(a.own[0].ref_selected, 2);
	assert_string_equal(a.own[1].subject, "consent");
	assert_int_equal(a.own[1].claimed, 0);
	free(a.own);
	a = computed("return nil", NULL);
	assert_int_equal(a.n_own, 0);
	free(a.own);
	a = computed("local t = {} for i = 1, 10000 do t[i] = { subject = 's', verdict = 'ok' } end return t", NULL);
	assert_int_equal(a.n_own, 10000);
	free(a.own);
}

static void trouble(const char *body, const char *want)
{
	struct eh_policy_answer a = computed(body, NULL);

	assert_int_equal(a.n_own, 0);
	if (strstr(a.trouble, want) == NULL)
		fail_msg("'%s' has no '%s'", a.trouble, want);
	free(a.own);
}

static void what_is_no_list_is_trouble(void **state)
{
	(void)state;
	trouble("return 1", "compute() returned a number");
	trouble("error('boom')", "own.lua:1: boom");
	trouble("return { { attribute = 'sex', group = 'f', verdict = 'bad' } }",
		"finding 1 of compute(): unknown verdict");
	trouble("return { { subject = 's', verdict = 'ok' }, 3 }", "finding 2 of compute(): it is a number");
	trouble("return { { subject = 's', verdict = 'ok', colour = 1 } }", "unknown field \"colour\"");
	trouble("return { { verdict = 'ok' } }", "give attribute and group");
	trouble("return { { attribute = 'sex', group = 'f', verdict = 'ok', n = 3 } }", "go together");
	trouble("return { { attribute = 'sex', group = 'f', verdict = 'ok', n = 0/0, selected = 1, ref_n = 1, "
		"ref_selected = 1 } }", "n must be a whole number");
	trouble("return { { attribute = 'sex', group = 'f', verdict = 'ok', n = -1, selected = 1, ref_n = 1, "
		"ref_selected = 1 } }", "n must be a whole number");
	trouble("return { { attribute = 'sex', group = 'f', evaluator = 'E1', verdict = 'notify', "
		"scope = 'systemic' } }", "individual");
	trouble("return { x = { subject = 's', verdict = 'ok' } }", "must return a list");
	trouble("local t = {} for i = 1, 10001 do t[i] = { subject = 's', verdict = 'ok' } end return t",
		"at most 10000");
	trouble("return { { subject = 's', verdict = 'policy_error' } }", "engine's own verdict");
}

/* What leaves Lua is the run's failure, and leaves no list. */
static void out_of_budget_fails_the_run(void **state)
{
	struct eh_policy *p = load(HEAD "compute = function() while true do end end }");
	struct eh_policy_answer a;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(judge(p, NULL, &a, &err), EH_EPOLICY);
	assert_int_equal(a.verdicts[0].kind, EH_POLICY_ERROR);
	assert_int_equal(a.n_own, 0);
	assert_null(a.own);
	eh_lua_engine()->free(&p);
}

static void dates_and_author_are_read(void **state)
{
	struct eh_policy *p = load(WRAP_HEAD "author = 'Works council', provenance = 'declared_only', pack = { "
				   "name = 'UGESP', source = '29 CFR 1607', from = '1978-09-25', note = 'EEOC' }, "
				   "check = function() return 'ok' end }");
	const struct eh_policy_info *info = eh_lua_engine()->info(p);

	(void)state;
	assert_string_equal(info->author, "Works council");
	assert_string_equal(info->pack.name, "UGESP");
	assert_string_equal(info->pack.to, "");
	assert_string_equal(info->pack.note, "EEOC");
	assert_true(info->declared_only && info->settings.known_only);
	assert_false(info->has_compute || info->has_hook || info->wants_project);
	eh_lua_engine()->free(&p);
}

static void refused(const char *fields, const char *want)
{
	char text[1024];
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)snprintf(text, sizeof text, WRAP_HEAD "\n%s, check = function() return 'ok' end }", fields);
	assert_int_equal(policy_from(&p, text, &err), EH_EPOLICY);
	if (strstr(err.msg, want) == NULL || strncmp(err.msg, "own.lua:2: ", 11) != 0)
		fail_msg("'%s' has no '%s' of line 2", err.msg, want);
}

static void bad_dates_and_authors_are_refused_with_their_line(void **state)
{
	(void)state;
	refused("author = ''", "1 to 95 bytes");
	refused("author = 'a\\nb'", "printable");
	refused("author = 3", "must be a string");
	refused("pack = { name = 'X', source = 's', from = '2026-02-30' }", "first day in force");
	refused("pack = { name = 'X', source = 's', from = '2026-02-01', to = '2026-01-01' }", "before from");
	refused("pack = { source = 's', from = '2026-02-01' }", "needs a name");
	refused("pack = { name = 'X', from = '2026-02-01' }", "names its source");
	refused("pack = { name = 'X', source = 's', from = '2026-02-01', until_ = 'x' }", "unknown field \"until_\"");
	refused("pack = { name = 'X', source = 's', from = 20260201 }", "must be a string");
	refused("provenance = 'x'", "provenance must be");
	refused("compute = 3", "must be a function");
	refused("on_notification = {}", "must be a function");
}

/* ---- facts about a project ---- */

static struct eh_project project(void)
{
	static struct eh_project_consent consent[2] = { { "watch", 3, 1, 0, 0 }, { "infer:sex", 1, 0, 0, 3 } };
	static struct eh_project_count inferred[1] = { { "sex", 2 } };
	static struct eh_project_place places[2];
	static struct eh_project_model models[1];
	static struct eh_project_declaration declared[2] = { { "dpia", "2026-01-05" }, { "opt_out", "2026-01-06" } };
	struct eh_project p;

	memset(&p, 0, sizeof p);
	memset(places, 0, sizeof places);
	memset(models, 0, sizeof models);
	strcpy(p.as_of, "2026-11-30");
	strcpy(places[0].code, "DE");
	strcpy(places[1].code, "US-IL");
	places[1].candidates = 4;
	places[1].consent = consent;
	places[1].n_consent = 2;
	places[1].inferred = inferred;
	places[1].n_inferred = 1;
	places[1].release_missing = 2;
	p.places = places;
	p.n_places = 2;
	strcpy(models[0].attribute, "sex");
	models[0].auc = eh_num(0.75);
	models[0].auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	models[0].stale = true;
	p.models = models;
	p.n_models = 1;
	p.declarations = declared;
	p.n_declarations = 2;
	p.data.evaluations.n = 12345678901;
	strcpy(p.data.evaluations.oldest, "2022-01-02");
	p.notifications.pending = 5;
	p.evaluators = 7;
	return p;
}

/* EXPR as the reason of a finding about the project. */
static void says(const char *expr, const char *want)
{
	char body[1024];
	struct eh_project p = project();
	struct eh_policy_answer a;

	(void)snprintf(body, sizeof body,
		       "return { { subject = 's', verdict = 'ok', reason = tostring(%s) } }", expr);
	a = computed(body, &p);
	assert_string_equal(a.trouble, "");
	assert_string_equal(a.own[0].verdict.reason, want);
	free(a.own);
}

static void says_not(const char *expr, const char *want)
{
	char body[1024];
	struct eh_project p = project();
	struct eh_policy_answer a;

	(void)snprintf(body, sizeof body, "local x = %s return {}", expr);
	a = computed(body, &p);
	if (strstr(a.trouble, want) == NULL)
		fail_msg("%s: '%s' has no '%s'", expr, a.trouble, want);
	free(a.own);
}

static void the_project_is_told_and_locked(void **state)
{
	(void)state;
	says("project.as_of", "2026-11-30");
	says("evenhand.project.as_of", "2026-11-30");
	says("#project.jurisdictions", "2");
	says("project.jurisdictions[2].code .. project.jurisdictions[2].release_missing", "US-IL2");
	says("project.jurisdictions[2].consent.watch.granted", "3");
	says("project.jurisdictions[2].consent['infer:sex'].none", "3");
	says("project.jurisdictions[2].inferred.sex", "2");
	says("project.jurisdictions[2].inferred.race", "nil");
	says("project.jurisdictions[1].consent.face", "nil");
	says("project.jurisdictions[3]", "nil");
	says("project.declarations.dpia", "2026-01-05");
	says("project.declarations.worker_notice", "nil");
	says("project.data.evaluations.n", "12345678901");
	says("project.data.evaluations.oldest < project.as_of", "true");
	says("project.data.vectors.oldest", "nil");
	says("project.models[1].auc", "0.75");
	says("project.models[1].auc_lo", "nil");
	says("project.models[1].stale", "true");
	says("project.notifications.pending + project.evaluators", "12");
	says("(function() local s = '' for k, v in pairs(project.declarations) do s = s .. k .. v end return s end)()",
	     "dpia2026-01-05opt_out2026-01-06");
	says("(function() local s = '' for i, p in ipairs(project.jurisdictions) do s = s .. i .. p.code end "
	     "return s end)()", "1DE2US-IL");
	says("(function() local s = '' for k in pairs(project.models[1]) do s = s .. k .. ' ' end return s end)()",
	     "attribute auc classifies stale ");
	says_not("project.as_off", "unknown field project.as_off");
	says_not("project.notifications.open", "unknown field notifications.open");
	says_not("(function() project.as_of = 1 end)()", "read-only");
	says_not("(function() project.declarations.dpia = '2026-12-12' end)()", "read-only");
	says_not("rawset(project, 'as_of', 1)", "table expected");
	says_not("setmetatable(project, {})", "table expected");
	says("getmetatable(project)", "locked");
}

static void without_a_project_it_is_nil(void **state)
{
	struct eh_policy_answer a = computed("return { { subject = 's', verdict = 'ok', reason = tostring(project) .. "
					     "tostring(evenhand.project) } }", NULL);

	(void)state;
	assert_string_equal(a.own[0].verdict.reason, "nilnil");
	free(a.own);
}

/* ---- the hook ---- */

static void a_hook_says_text_and_roles(void **state)
{
	struct eh_policy *p = load(HEAD "on_notification = function(n) if n.id == 'N0002' then return nil end "
				   "return { text = n.policy .. n.id .. ' ' .. n.evaluator .. ' ' .. n.group .. ' ' .. "
				   "n.n .. "
				   "'\\n' .. tostring(n.reason), to = { 'supervisor', 'privacy' } } end }");
	const struct eh_finding f = make_finding();
	const struct eh_hook_notice v[2] = { { "N0001", &f, false, 0 }, { "N0002", &f, true, 2 } };
	struct eh_hook_answer a[2];

	(void)state;
	assert_true(eh_lua_engine()->info(p)->has_hook);
	assert_int_equal(eh_lua_engine()->notice(p, v, 2, a, NULL), EH_OK);
	assert_int_equal(a[0].silent, 0);
	assert_string_equal(a[0].text, "tN0001 E3 female 40\xef\xbf\xbdnil");
	assert_int_equal(a[0].n_roles, 2);
	assert_string_equal(a[0].roles[1], "privacy");
	assert_int_equal(a[1].silent, 1);
	eh_lua_engine()->free(&p);
}

static void hook_refused(const char *result, const char *want)
{
	char text[512];
	const struct eh_finding f = make_finding();
	const struct eh_hook_notice v = { "N0001", &f, false, 0 };
	struct eh_hook_answer a;
	struct eh_policy *p;
	struct eh_err err = EH_ERR_INIT;

	(void)snprintf(text, sizeof text, HEAD "on_notification = function(n) return %s end }", result);
	p = load(text);
	assert_int_equal(eh_lua_engine()->notice(p, &v, 1, &a, &err), EH_OK);
	if (strstr(a.trouble, want) == NULL)
		fail_msg("'%s' has no '%s'", a.trouble, want);
	assert_int_equal(a.silent, 1);
	eh_lua_engine()->free(&p);
}

/* One bad result costs its own text, nobody else's. */
static void a_bad_result_is_one_notification_alone(void **state)
{
	struct eh_policy *p = load(HEAD "on_notification = function(n) if n.id == 'N0002' then error('boom') end "
				   "return { text = n.id, to = { 'supervisor' } } end }");
	const struct eh_finding f = make_finding();
	const struct eh_hook_notice v[3] = { { "N0001", &f, false, 0 }, { "N0002", &f, false, 0 },
					     { "N0003", &f, false, 0 } };
	struct eh_hook_answer a[3];

	(void)state;
	assert_int_equal(eh_lua_engine()->notice(p, v, 3, a, NULL), EH_OK);
	assert_string_equal(a[0].text, "N0001");
	assert_string_equal(a[2].text, "N0003");
	assert_int_equal(a[2].n_roles, 1);
	assert_true(a[1].silent == 1 && a[1].text[0] == '\0' && strstr(a[1].trouble, "boom") != NULL);
	assert_true(a[0].trouble[0] == '\0' && a[2].trouble[0] == '\0');
	eh_lua_engine()->free(&p);
}

static void a_hook_names_no_address(void **state)
{
	(void)state;
	hook_refused("3", "returned a number");
	hook_refused("{ to = { 'supervisor' } }", "must say a text");
	hook_refused("{ text = 'x', to = { 'a@b.example' } }", "role word");
	hook_refused("{ text = 'x', to = { 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i' } }", "at most 8");
	hook_refused("{ text = 'x', cc = 'y' }", "unknown field \"cc\"");
	hook_refused("error('boom')", "boom");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_comes_over),
		cmocka_unit_test(what_is_no_list_is_trouble),
		cmocka_unit_test(out_of_budget_fails_the_run),
		cmocka_unit_test(dates_and_author_are_read),
		cmocka_unit_test(bad_dates_and_authors_are_refused_with_their_line),
		cmocka_unit_test(the_project_is_told_and_locked),
		cmocka_unit_test(without_a_project_it_is_nil),
		cmocka_unit_test(a_hook_says_text_and_roles),
		cmocka_unit_test(a_bad_result_is_one_notification_alone),
		cmocka_unit_test(a_hook_names_no_address),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

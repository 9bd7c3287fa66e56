/* evenhand.counts: the run's own decisions as a policy counts them, and what it can never see. */
#include "policy_fixture.h"

#include "tests/core/audit_build.h"

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;
static const char *const sexes[] = { "female", "male" };

/* E1 and E2, positions clerk and nurse, stages S1 and S2; C5 is predicted, C6 unknown; C1 and C2 were judged by both.
 */
static void make_data(struct eh_audit_data *d)
{
	static const struct {
		const char *who, *whom, *stratum;
		bool selected;
		int day;
	} rows[] = {
		{ "E2", "C1", "clerk\x1fS2\x1fQ1", true, 20513 },
		{ "E1", "C1", "clerk\x1fS1\x1fQ1", true, 20454 },
		{ "E1", "C1", "clerk\x1fS1\x1fQ2", false, 20484 },
		{ "E1", "C2", "clerk\x1fS1\x1fQ1", false, 20485 },
		{ "E2", "C2", "clerk\x1fS2\x1fQ1", false, EH_NO_DAY },
		{ "E1", "C3", "nurse\x1fS1\x1fQ1", true, 20485 },
		{ "E2", "C4", "nurse\x1fS1\x1fQ1", true, 20544 },
		{ "E2", "C5", "nurse\x1fS1\x1fQ1", true, 20544 },
		{ "E2", "C6", "nurse\x1fS2\x1fQ1", false, 20544 },
	};
	struct build b = BUILD_INIT;
	struct eh_attribute_data *a = NULL;
	int group[] = { 0, 1, 0, 1, -2, -1 };

	for (int i = 0; i < 6; i++) {
		char name[8] = "";

		(void)snprintf(name, sizeof name, "C%d", i + 1);
		build_person(&b, name, i < 2 ? "clerk" : "nurse", group[i])->p[0] = 0.9;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		build_row(&b, rows[i].who, rows[i].whom, rows[i].stratum, rows[i].selected);
	build_finish(d, &b, sexes, 2);
	d->decided = eh_xcalloc(d->n_decisions, sizeof *d->decided);
	for (size_t e = 0; e < d->evaluators.n; e++)
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++)
			for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
				if (strcmp(rows[k].who, d->evaluators.v[e]) == 0 &&
				    strcmp(rows[k].whom, d->candidates.v[d->candidate[i]]) == 0 &&
				    strcmp(rows[k].stratum, d->strata.v[d->stratum[i]]) == 0)
					d->decided[i] = rows[k].day;
	d->attributes = eh_xrealloc(d->attributes, 2, sizeof *d->attributes);
	a = &d->attributes[1];
	memset(a, 0, sizeof *a);
	(void)snprintf(a->name, sizeof a->name, "race");
	a->n_groups = 2;
	(void)snprintf(a->groups[0], sizeof a->groups[0], "black");
	(void)snprintf(a->groups[1], sizeof a->groups[1], "white");
	a->group = eh_xcalloc(6, sizeof *a->group);
	a->provenance = eh_xcalloc(6, sizeof *a->provenance);
	for (int16_t i = 0; i < 6; i++) {
		a->group[i] = (int16_t)(i % 2);
		a->provenance[i] = i == 3 ? EH_IMPORTED : EH_DECLARED;
	}
	d->n_attributes = 2;
	d->holds = 7;
}

/* Every row as one text: its keys in order, group or "?", n/selected/persons. */
static const char flatten[] =
	"local function flat(q) local rows, held = evenhand.counts(q) assert(held == 7) local out = {}\n"
	"for i, r in ipairs(rows) do local t = {} for k, key in ipairs(q.by or {}) do t[k] = r[key] end\n"
	"assert((r.group == nil) == (r.unknown == true or q.class == nil))\n"
	"t[#t + 1] = q.class and (r.group or '?') or nil\n"
	"out[i] = table.concat(t, ' ') .. ' ' .. r.n .. '/' .. r.selected .. '/' .. r.persons end\n"
	"return table.concat(out, '; ') end\n";

static struct eh_verdict run(const struct eh_audit_data *d, const char *body, int *rc, struct eh_err *err)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_verdict v;
	char text[4096] = "";

	(void)snprintf(text, sizeof text, "%s%scheck = function(f) %s end }", flatten, WRAP_HEAD, body);
	memset(&v, 0, sizeof v);
	if (policy_from(&p, text, err) < 0)
		fail_msg("%s", err->msg);
	eh_lua_engine()->lend(p, d);
	*rc = eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, err);
	eh_lua_engine()->free(&p);
	return v;
}

static void expect(const struct eh_audit_data *d, const char *query, const char *want)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	char body[512] = "";
	int rc = 0;

	(void)snprintf(body, sizeof body, "return {verdict = 'watch', reason = 'x ' .. flat(%s)}", query);
	v = run(d, body, &rc, &err);
	if (rc < 0 || v.kind != EH_WATCH || strcmp(v.reason + 2, want) != 0)
		fail_msg("counts %s\n  gave \"%s\"\n  want \"x %s\"", query, v.reason, want);
}

static void rows_are_counted_and_sorted(void **state)
{
	struct eh_audit_data d;

	(void)state;
	make_data(&d);
	expect(&d, "{}", " 9/5/6");
	expect(&d, "{class = 'sex'}", "female 4/3/2; male 3/1/2; ? 2/1/2");
	expect(&d, "{by = {'evaluator'}, class = 'sex'}",
	       "E1 female 3/2/2; E1 male 1/0/1; E2 female 1/1/1; E2 male 2/1/2; E2 ? 2/1/2");
	expect(&d, "{by = {'stage', 'position'}}", "S1 clerk 3/1/2; S1 nurse 3/3/3; S2 clerk 2/1/2; S2 nurse 1/0/1");
	expect(&d, "{by = {'position', 'stage'}}", "clerk S1 3/1/2; clerk S2 2/1/2; nurse S1 3/3/3; nurse S2 1/0/1");
	expect(&d, "{by = {'period'}}", " 1/0/1; 2026-01 2/1/1; 2026-02 2/1/2; 2026-03 1/1/1; 2026-04 3/2/3");
	expect(&d, "{by = {'question'}, where = {evaluator = 'E1'}}", "Q1 3/2/3; Q2 1/0/1");
	expect(&d, "{class = {'sex', 'race'}}", "female x black 4/3/2; male x white 3/1/2; ? 2/1/2");
	expect(&d, "{class = {'race', 'sex'}}", "black x female 4/3/2; white x male 3/1/2; ? 2/1/2");
	expect(&d, "{class = 'sex', where = {group = 'female', period = '2026-01'}}", "female 2/1/1");
	expect(&d, "{by = {'stage'}, class = 'sex', where = {group = 'nobody'}}", "");
	expect(&d, "{where = {stage = 'S9'}}", "");
	eh_audit_data_free(&d);
}

/* What a policy finds out about the data is so. */
static void expect_holds(const char *body)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct eh_verdict v;
	int rc = 0;

	make_data(&d);
	v = run(&d, body, &rc, &err);
	if (rc < 0 || v.kind != EH_OK_VERDICT)
		fail_msg("%s", v.reason);
	eh_audit_data_free(&d);
}

/* Two calls share what was found out about the data; a third policy sees nothing of it. */
static void calls_do_not_disturb_each_other(void **state)
{
	(void)state;
	expect_holds("local a = flat {by = {'stage'}} for i = 1, 20 do flat {by = {'period', 'evaluator'}, "
		     "class = 'sex'} end assert(flat {by = {'stage'}} == a) local r = evenhand.counts {} r[1].n = 99 "
		     "assert(evenhand.counts {}[1].n == 9) return 'ok'");
}

static void expect_error(const struct eh_audit_data *d, const char *body, const char *words)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;
	int rc = 0;

	v = run(d, body, &rc, &err);
	if (v.kind != EH_POLICY_ERROR || strstr(v.reason, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, v.reason);
}

static void wrong_questions_are_refused(void **state)
{
	struct eh_audit_data d, none = { .n_decisions = 0 };

	(void)state;
	make_data(&d);
	expect_error(&d, "local r = evenhand.counts()", "evenhand.counts: nil where {by = {...}, class = \"sex\"} is");
	expect_error(&d, "local r = evenhand.counts {by = 'stage'}", "by is a string: give a list");
	expect_error(&d, "local r = evenhand.counts {by = {'stages'}}",
		     "a key in by \"stages\" is not known: give one "
		     "of evaluator, position, stage, question, period");
	expect_error(&d, "local r = evenhand.counts {by = {'stage', 'stage'}}", "by names stage twice");
	expect_error(&d, "local t = {} t[1] = t local r = evenhand.counts {by = t}", "a key in by is a table");
	expect_error(&d, "local r = evenhand.counts {class = 'age'}",
		     "class \"age\" is not in these data, or the policy does not look at it: there is sex, race");
	expect_error(&d, "local r = evenhand.counts {class = {'sex'}}", "class is a list of 1: give one attribute, or");
	expect_error(&d, "local r = evenhand.counts {class = {'sex', 'sex'}}", "the same attribute sex twice");
	expect_error(&d, "local r = evenhand.counts {class = 5}", "class is a number: give an attribute");
	expect_error(&d, "local r = evenhand.counts {where = {candidate = 'C1'}}", "unknown field candidate");
	expect_error(&d, "local r = evenhand.counts {where = {group = 'female'}}", "where.group needs class");
	expect_error(&d, "local r = evenhand.counts {where = {stage = 1}}", "where.stage is a number: give a string");
	expect_error(&d, "local r = evenhand.counts {clas = 'sex'}", "unknown field clas: did you mean class?");
	free(d.decided);
	d.decided = NULL;
	expect_error(&d, "local r = evenhand.counts {by = {'period'}}",
		     "own.lua:7: evenhand.counts: these data have no "
		     "decided_at");
	expect_error(NULL, "local r = evenhand.counts {}", "there are no decisions to count");
	expect_error(&none, "local r = evenhand.counts {}", "there are no decisions to count");
	eh_audit_data_free(&d);
}

/* Nothing of one person comes out: no candidate's name, and no key that could carry one. */
static void no_person_can_be_seen(void **state)
{
	(void)state;
	expect_holds("local rows = evenhand.counts {by = {'evaluator', 'position', 'stage', 'question', 'period'}, "
		     "class = {'sex', 'race'}} assert(#rows > 5)\n"
		     "for _, r in ipairs(rows) do for k, x in pairs(r) do assert(not tostring(x):find('^C%d')) end "
		     "end\nreturn 'ok'");
}

/* Not while the file is loaded, not in gate(): what is asked there has no run, and no gate was asked yet. */
static void only_a_check_has_decisions(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_policy *p = NULL;
	struct eh_audit_data d;
	bool open = true;

	(void)state;
	make_data(&d);
	assert_int_equal(policy_from(&p, "local n = evenhand.counts {} return 1", &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "own.lua:1: evenhand.counts: there are no decisions to count"));
	assert_int_equal(policy_from(&p,
				     WRAP_HEAD "gate = function() local n = evenhand.counts {} return true end, "
					       "check = function() return 'ok' end }",
				     &err),
			 0);
	eh_lua_engine()->lend(p, &d);
	assert_int_equal(eh_lua_engine()->gate(p, "DE", "sex", &open, &err), EH_EPOLICY);
	assert_false(open);
	assert_non_null(strstr(err.msg, "there are no decisions to count"));
	eh_lua_engine()->free(&p);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_counted_and_sorted), cmocka_unit_test(calls_do_not_disturb_each_other),
		cmocka_unit_test(wrong_questions_are_refused), cmocka_unit_test(no_person_can_be_seen),
		cmocka_unit_test(only_a_check_has_decisions),
	};

	return cmocka_run_group_tests_name("counts for authors", tests, NULL, NULL);
}

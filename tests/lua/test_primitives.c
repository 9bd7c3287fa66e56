/* The functions in C of `evenhand`: the case files through Lua, what they refuse, what they cost. */
#include "policy_fixture.h"

#include <inttypes.h>
#include <libgen.h>

#include "audit/table.h"
#include "tests/core/audit_cases.h"

#define TEXT_MAX EH_POLICY_SOURCE_MAX

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;

struct text {
	char *v; /* [TEXT_MAX] */
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n = 0;

	va_start(ap, fmt);
	n = vsnprintf(t->v + t->len, TEXT_MAX - t->len, fmt, ap);
	va_end(ap);
	assert_in_range(n, 0, TEXT_MAX - t->len - 1);
	t->len += (size_t)n;
}

static void add_policy(struct text *t, const char *name)
{
	char path[4200] = "", helper[4096] = "";
	FILE *in = NULL;

	assert_int_equal(eh_data_path(helper, sizeof helper, EH_DATA_POLICY, "evenhand.lua", NULL), 0);
	(void)snprintf(path, sizeof path, "%s/tests/lua/policies/%s", dirname(dirname(helper)), name);
	in = fopen(path, "rb");
	if (in == NULL)
		fail_msg("%s cannot be opened", path);
	t->len += fread(t->v + t->len, 1, TEXT_MAX - t->len - 1, in);
	fclose(in);
	t->v[t->len] = '\0';
}

/* Runs check() once; the verdict must be ok.  Returns the reason (static). */
static const char *run_ok(const char *text, struct eh_policy_use *use)
{
	static struct eh_verdict v;
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	memset(&v, 0, sizeof v);
	if (policy_from(&p, text, &err) < 0 || eh_lua_engine()->check(p, &f, 1, &defaults, &v, use, &err) < 0)
		fail_msg("%s", err.msg);
	if (v.kind != EH_OK_VERDICT)
		fail_msg("%s", v.reason);
	eh_lua_engine()->free(&p);
	return v.reason;
}

static int begin(void **state)
{
	struct text *t = calloc(1, sizeof *t);

	t->v = calloc(1, TEXT_MAX);
	add(t, "local CASES = {\n");
	*state = t;
	return 0;
}

static int end(void **state)
{
	struct text *t = *state;

	free(t->v);
	free(t);
	return 0;
}

/* So many values must have been compared: a file that is not read any more would pass. */
static void run_cases(struct text *t, unsigned least)
{
	unsigned values = 0;

	add_policy(t, "cases.lua");
	assert_int_equal(sscanf(run_ok(t->v, NULL), "%u values", &values), 1);
	assert_in_range(values, least, 100000);
}

/* ---- the case files ---- */

static const char *const columns[] = { "rate_focal",
				       "impact_ratio",
				       "below_four_fifths",
				       "z_pooled",
				       "p_z_two_sided",
				       "chi2_yates",
				       "p_chi2_yates",
				       "g_statistic",
				       "p_g",
				       "p_fisher_two_sided",
				       "p_fisher_less",
				       "p_fisher_greater",
				       "p_midp_two_sided_a",
				       "katz_lo",
				       "katz_hi",
				       "koopman_lo",
				       "koopman_hi",
				       "mn_lo",
				       "mn_hi",
				       "log_adjusted_lo",
				       "log_adjusted_hi",
				       "odds_ratio",
				       "cohen_h",
				       "phi",
				       "shortfall_ref",
				       "shortfall_pooled",
				       "flip_swap",
				       "wilson_focal_lo",
				       "wilson_focal_hi",
				       "clopper_pearson_focal_lo",
				       "clopper_pearson_focal_hi",
				       "jeffreys_focal_lo",
				       "jeffreys_focal_hi",
				       "post_p_ir_below_0.8" };

/* There is no reference where every group is empty. */
static const char *count(const struct cases *c, const char *column)
{
	const char *text = cases_get(c, column);

	return text[0] != '\0' ? text : "0";
}

static void comparisons_of_the_case_file(void **state)
{
	struct text *t = *state;
	struct cases c;

	cases_open(&c, "expected_2x2.csv");
	while (cases_next(&c)) {
		const char *z = cases_get(&c, "z_pooled");

		if (strcmp(z, "is_reference") == 0 || strcmp(z, "undefined:below_two_percent") == 0 ||
		    strcmp(z, "not_listed") == 0)
			continue;
		add(t, "{kind = 'two_by_two', where = '%s %s %s', a = %s, n1 = %s, b = %s, n2 = %s",
		    cases_get(&c, "file"), cases_get(&c, "table"), cases_get(&c, "group"), count(&c, "selected_focal"),
		    count(&c, "n_focal"), count(&c, "selected_reference"), count(&c, "n_reference"));
		for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
			add(t, ", ['%s'] = '%s'", columns[i], cases_get(&c, columns[i]));
		add(t, "},\n");
	}
	cases_close(&c);
	add(t, "}\n");
	run_cases(t, 80 * 40);
}

/* All lines of expected_other.csv about a file, table and item, as fields of the open table. */
static void add_expected(struct text *t, const char *file, const char *table, const char *item)
{
	struct cases c;

	cases_open(&c, "expected_other.csv");
	while (cases_next(&c))
		if (strcmp(cases_get(&c, "file"), file) == 0 && strcmp(cases_get(&c, "table"), table) == 0 &&
		    strcmp(cases_get(&c, "item"), item) == 0)
			add(t, ", ['%s'] = '%s'", cases_get(&c, "statistic"), cases_get(&c, "value"));
	cases_close(&c);
}

/* The strata of one case: pairs of lines focal, reference in any order; case_column NULL = all lines are one case. */
static void add_strata(struct text *t, const char *file, const char *case_column, const char *name, const char *focal)
{
	struct cases c;
	unsigned long all[4] = { 0 }, row[4] = { 0 };
	unsigned halves = 0;

	add(t, ", tables = {");
	cases_open(&c, file);
	while (cases_next(&c)) {
		unsigned side;

		if (case_column != NULL && strcmp(cases_get(&c, case_column), name) != 0)
			continue;
		side = strcmp(cases_get(&c, "group"), focal) == 0 ? 0 : 2;
		row[side] = strtoul(cases_get(&c, "selected"), NULL, 10);
		row[side + 1] = strtoul(cases_get(&c, "applicants"), NULL, 10);
		if (++halves % 2 != 0)
			continue;
		add(t, "{%lu, %lu, %lu, %lu}, ", row[0], row[1], row[2], row[3]);
		for (int i = 0; i < 4; i++)
			all[i] += row[i];
	}
	cases_close(&c);
	assert_true(halves >= 4 && halves % 2 == 0);
	add(t, "}, all = {%lu, %lu, %lu, %lu}", all[0], all[1], all[2], all[3]);
}

static void strata_of_the_case_files(void **state)
{
	static const char *const names[] = { "mussel", "edge_base", "edge_neutral", "edge_all_selected" };
	struct text *t = *state;

	add(t, "{kind = 'stratified', where = 'ucb'");
	add_expected(t, "ucb_admissions.csv", "Female/Male", "");
	add_strata(t, "ucb_admissions.csv", NULL, "", "Female");
	add(t, "},\n");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		add(t, "{kind = 'stratified', where = '%s'", names[i]);
		add_expected(t, "stratified_cases.csv", names[i], "");
		add_strata(t, "stratified_cases.csv", "case", names[i], "focal");
		add(t, "},\n");
	}
	add(t, "}\n");
	run_cases(t, 5 * 12);
}

static void families_of_the_case_file(void **state)
{
	static const char *const methods[] = { "bh", "holm", "by", "bonferroni", "hochberg" };
	struct text *t = *state;
	struct cases c;
	char seen[16][32];
	size_t n = 0;

	cases_open(&c, "multiplicity.csv");
	while (cases_next(&c)) {
		const char *name = cases_get(&c, "case");

		if (n > 0 && strcmp(seen[n - 1], name) == 0) {
			add(t, strcmp(cases_get(&c, "p"), "undefined") == 0 ? "false, " : "%s, ", cases_get(&c, "p"));
			continue;
		}
		assert_in_range(n, 0, 15);
		add(t, "%s{kind = 'families', where = '%s', p = {", n > 0 ? "}},\n" : "", name);
		(void)snprintf(seen[n++], sizeof seen[0], "%s", name);
		add(t, strcmp(cases_get(&c, "p"), "undefined") == 0 ? "false, " : "%s, ", cases_get(&c, "p"));
	}
	cases_close(&c);
	add(t, "}},\n");
	/* the wanted ones come behind, by case and method */
	add(t, "}\nlocal WANT = {\n");
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
			add(t, "{case = %zu, method = '%s', q = {", i + 1, methods[m]);
			cases_open(&c, "expected_other.csv");
			while (cases_next(&c))
				if (strcmp(cases_get(&c, "file"), "multiplicity.csv") == 0 &&
				    strcmp(cases_get(&c, "table"), seen[i]) == 0 &&
				    strcmp(cases_get(&c, "statistic"), methods[m]) == 0)
					add(t, "'%s', ", cases_get(&c, "value"));
			cases_close(&c);
			add(t, "}},\n");
		}
	add(t, "}\nfor _, c in ipairs(CASES) do c.q = {} end\n"
	       "for _, w in ipairs(WANT) do CASES[w.case].q[w.method] = w.q end\n");
	run_cases(t, 60);
}

static void benchmark_of_the_case_file(void **state)
{
	struct text *t = *state;
	struct cases c;
	char last[32] = "";

	add(t, "{kind = 'against_others', where = 'benchmark', evaluators = {");
	cases_open(&c, "benchmark.csv");
	while (cases_next(&c)) {
		const char *who = cases_get(&c, "evaluator");

		if (strcmp(last, who) != 0) {
			add(t, "%s{name = '%s'", last[0] != '\0' ? "}}, " : "", who);
			add_expected(t, "benchmark.csv", "all", who);
			add(t, ", strata = {");
			(void)snprintf(last, sizeof last, "%s", who);
		}
		add(t, "{selected = %s, n = %s, ref_selected = %s, ref_n = %s}, ", cases_get(&c, "focal_selected"),
		    cases_get(&c, "focal_n"), cases_get(&c, "reference_selected"), cases_get(&c, "reference_n"));
	}
	cases_close(&c);
	add(t, "}}}}}\n");
	run_cases(t, 20);
}

static void unconditional_tests_of_the_case_file(void **state)
{
	static const struct {
		const char *file, *table, *item, *counts;
	} rows[] = {
		{ "vectors_2x2.csv", "main", "focal", "a = 4, n1 = 17, b = 17, n2 = 31" },
		{ "vectors_2x2.csv", "focal_none", "focal", "a = 0, n1 = 10, b = 5, n2 = 10" },
		{ "vectors_2x2.csv", "tiny", "focal", "a = 1, n1 = 3, b = 2, n2 = 3" },
		{ "vectors_2x2.csv", "limit", "focal", "a = 40, n1 = 100, b = 50, n2 = 100" },
		{ "teal.csv", "test", "Black", "a = 26, n1 = 48, b = 206, n2 = 259" },
	};
	struct text *t = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		add(t, "{kind = 'unconditional', where = '%s', %s", rows[i].table, rows[i].counts);
		add_expected(t, rows[i].file, rows[i].table, rows[i].item);
		add(t, "},\n");
	}
	add(t, "}\nfor _, c in ipairs(CASES) do c.barnard, c.boschloo = c.barnard_p_two_sided, c.boschloo_p_two_sided "
	       "end\n");
	run_cases(t, 10);
}

static void bounds_of_the_case_file(void **state)
{
	struct text *t = *state;
	struct cases c;
	double n[3] = { 0 }, selected[3] = { 0 }, focal[3] = { 0 };

	cases_open(&c, "predicted_classes.csv");
	while (cases_next(&c)) {
		long cell = strtol(cases_get(&c, "cell"), NULL, 10) - 1;

		assert_in_range(cell, 0, 2);
		n[cell] += 1.0;
		selected[cell] += strtod(cases_get(&c, "decision"), NULL);
		focal[cell] += strtod(cases_get(&c, "p_class1"), NULL);
	}
	cases_close(&c);
	add(t, "{kind = 'frechet', where = 'frechet'");
	add_expected(t, "predicted_classes.csv", "undeclared", "3 cells");
	add(t, ", cells = {");
	for (int i = 0; i < 3; i++)
		add(t, "{n = %.0f, selected = %.0f, focal = %.17g, reference = %.17g}, ", n[i], selected[i], focal[i],
		    n[i] - focal[i]);
	add(t, "}}}\nCASES[1].lo, CASES[1].hi = CASES[1].frechet_ratio_lo, CASES[1].frechet_ratio_hi\n");
	run_cases(t, 2);
}

/* ---- what no case file has ---- */

static void own_values_are_right(void **state)
{
	char *text = calloc(1, TEXT_MAX);
	struct text t = { text, 0 };

	(void)state;
	add_policy(&t, "own_values.lua");
	(void)run_ok(text, NULL);
	free(text);
}

/* Where doubles run out of digits and tests out of time: a tenth of the combinations in each run. */
static void the_largest_counts_have_answers(void **state)
{
	char *text = calloc(1, TEXT_MAX);
	struct text t = { text, 0 };
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	add_policy(&t, "extremes.lua");
	assert_int_equal(policy_from(&p, text, &err), 0);
	for (uint64_t part = 0; part < 10; part++) {
		struct eh_finding f = make_finding();
		struct eh_policy_use use;
		struct eh_verdict v;

		f.selected = part;
		memset(&v, 0, sizeof v);
		if (eh_lua_engine()->check(p, &f, 1, &defaults, &v, &use, &err) < 0)
			fail_msg("part %d: %s", (int)part, err.msg);
		if (v.kind != EH_OK_VERDICT)
			fail_msg("part %d: %s", (int)part, v.reason);
	}
	eh_lua_engine()->free(&p);
	free(text);
}

/* Every wrong argument is named with file, line, function, what it was and the mend. */
static void wrong_arguments_are_refused_with_file_and_line(void **state)
{
	char *text = calloc(1, TEXT_MAX);
	struct text t = { text, 0 };

	(void)state;
	add_policy(&t, "refusals.lua");
	(void)run_ok(text, NULL);
	free(text);
}

/* What check() of this body fails with (static). */
static const char *failure_of(const char *body)
{
	static struct eh_verdict v;
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_policy_use use;
	char text[1024] = "";

	f.impact_ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	f.em_ratio = f.em_interval.low = f.bench_interval.high = eh_undefined(EH_U_EMPTY_GROUP);
	(void)snprintf(text, sizeof text, WRAP_HEAD "check = function(f)\ndo %s end return 'ok' end }", body);
	assert_int_equal(policy_from(&p, text, &err), 0);
	if (eh_lua_engine()->check(p, &f, 1, &defaults, &v, &use, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(v.kind, EH_POLICY_ERROR);
	eh_lua_engine()->free(&p);
	return v.reason;
}

/* Lua's own message of a comparison names nothing: what was read as nil is named with its reason and the mend. */
static void what_is_nil_is_named(void **state)
{
	static const char *const cases[][2] = {
		{ "if f.impact_ratio < 0.8 then return 'ok' end",
		  "own.lua:2: attempt to compare nil with number; nil here: impact_ratio "
		  "(why.impact_ratio says reference_none_selected); test it before use" },
		{ "return f.impact_ratio < f.em.ratio", "nil here: em.ratio (empty_group), impact_ratio (why" },
		{ "local x = f.impact_ratio\nreturn x < f.n",
		  "own.lua:3: attempt to compare nil with number; read as nil before: impact_ratio (why.impact_ratio" },
		{ "return f.em.interval.low + 1", "(field 'low'); nil here: em.interval.low (empty_group); test it" },
		{ "return f.benchmark.interval.high .. ''", "nil here: benchmark.interval.high (empty_group)" },
		{ "return math.floor(f.impact_ratio)", "nil here: impact_ratio (why.impact_ratio says" },
		{ "return evenhand.effects(0, 5, 0, 7).odds_ratio > 1",
		  "nil here: Effects.odds_ratio (nobody_selected)" },
	};
	static const char *const others[] = {
		"local t, x = {}, f.impact_ratio\nreturn t.mine.x",
		"local x = f.impact_ratio\nreturn f.nothing_of_that_name()",
		"local x = f.impact_ratio\nlocal function g() end\nreturn g().x.y and error('nil is what it is')",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (strstr(failure_of(cases[i][0]), cases[i][1]) == NULL)
			fail_msg("no \"%s\" in: %s", cases[i][1], failure_of(cases[i][0]));
	for (size_t i = 0; i < 2; i++)
		if (strstr(failure_of(others[i]), "impact_ratio") != NULL)
			fail_msg("a fact that has nothing to do with it: %s", failure_of(others[i]));
	/* without a name in Lua's message it is said as what it is, no more */
	if (strstr(failure_of(others[2]), "read as nil before: impact_ratio") == NULL)
		fail_msg("%s", failure_of(others[2]));
}

/* ---- the budget ---- */

static uint64_t cost_of(const char *call)
{
	char text[512] = "";
	struct eh_policy_use use = { 0 };

	(void)snprintf(text, sizeof text, WRAP_HEAD "check = function() %s return 'ok' end }", call);
	(void)run_ok(text, &use);
	return use.instructions;
}

static void work_is_taken_from_the_budget(void **state)
{
	uint64_t small = cost_of("evenhand.test('boschloo', 3, 10, 5, 10)");
	uint64_t large = cost_of("evenhand.test('boschloo', 100, 600, 150, 600)");
	uint64_t many = cost_of("local t = {} for i = 1, 1000 do t[i] = {3, 10, 5, 10} end evenhand.strata(t)");
	uint64_t none = cost_of("local t = {} for i = 1, 1000 do t[i] = {3, 10, 5, 10} end");

	(void)state;
	assert_true(large > 100 * (small + 1000));
	assert_in_range(many - none, 1000 * 10, 1000 * 100);
}

static void expect_end(const char *body, const char *words)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_policy_use use;
	struct eh_verdict v;
	char text[1024] = "";

	(void)snprintf(text, sizeof text, WRAP_HEAD "check = function()\n%s end }", body);
	assert_int_equal(policy_from(&p, text, &err), 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, &use, &err), EH_EPOLICY);
	if (strstr(err.msg, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, err.msg);
	eh_lua_engine()->free(&p);
}

/* The end of the budget inside a function in C passes every pcall, and says where. */
static void the_end_of_the_budget_is_final_in_functions_too(void **state)
{
	(void)state;
	expect_end("while true do\npcall(evenhand.test, 'boschloo', 300, 2000, 400, 2000) end",
		   "own.lua:3: refused: instruction budget of 50 million");
	expect_end("while true do\npcall(evenhand.test, 'fisher', 3000, 2000000, 400000, 2000000) end",
		   "own.lua:3: refused: instruction budget of 50 million");
}

static void work_beyond_a_whole_run_is_an_error_of_its_own(void **state)
{
	(void)state;
	(void)cost_of("local ok, m = pcall(function() local p = evenhand.test('boschloo', 5000, 20000, 8000, 20000) "
		      "return p end)\n"
		      "assert(not ok and m:find('own.lua:%d+: evenhand.test: refused: this is more work'), m)\n"
		      "ok, m = pcall(evenhand.test, 'fisher', 2^30 // 4 | 0, 2^30 | 0, 2^30 // 2 | 0, 2^30 | 0)\n"
		      "assert(not ok and m:find('this is more work'), m)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comparisons_of_the_case_file, begin, end),
		cmocka_unit_test_setup_teardown(strata_of_the_case_files, begin, end),
		cmocka_unit_test_setup_teardown(families_of_the_case_file, begin, end),
		cmocka_unit_test_setup_teardown(benchmark_of_the_case_file, begin, end),
		cmocka_unit_test_setup_teardown(unconditional_tests_of_the_case_file, begin, end),
		cmocka_unit_test_setup_teardown(bounds_of_the_case_file, begin, end),
		cmocka_unit_test(own_values_are_right),
		cmocka_unit_test(the_largest_counts_have_answers),
		cmocka_unit_test(wrong_arguments_are_refused_with_file_and_line),
		cmocka_unit_test(what_is_nil_is_named),
		cmocka_unit_test(work_is_taken_from_the_budget),
		cmocka_unit_test(the_end_of_the_budget_is_final_in_functions_too),
		cmocka_unit_test(work_beyond_a_whole_run_is_an_error_of_its_own),
	};

	return cmocka_run_group_tests_name("functions for authors", tests, NULL, NULL);
}

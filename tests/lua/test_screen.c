/* scripts/evaluator_screen.lua and four_fifths.lua in the real sandbox: the truth table of DESIGN.md 7. */
#include "policy_fixture.h"

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;

struct row {
	const char *what;
	void (*change)(struct eh_finding *f);
	enum eh_verdict_kind kind;
	enum eh_scope scope;
	const char *words;              /* in the reason */
};

static void nothing(struct eh_finding *f) { (void)f; }
static void reference(struct eh_finding *f) { f->is_reference = true; }
static void reference_of_nine(struct eh_finding *f) { f->is_reference = true; f->persons = 9; }
static void tiny_group(struct eh_finding *f) { f->below_two_percent = true; }
static void group_of_nine(struct eh_finding *f) { f->persons = 9; f->ref_persons = 40; }
static void rest_of_nine(struct eh_finding *f) { f->persons = 40; f->ref_persons = 9; }
static void twenty_nine(struct eh_finding *f) { f->persons = 14; f->ref_persons = 15; }
static void just_thirty(struct eh_finding *f) { f->persons = 10; f->ref_persons = 20; }
static void not_detectable(struct eh_finding *f) { f->persons = 9; f->detectable = eh_undefined(EH_U_NOT_DETECTABLE); }
static void at_limit(struct eh_finding *f) { f->ratio = eh_num(0.8); f->ratio_below = EH_NO; }
static void just_below(struct eh_finding *f) { f->ratio = eh_num(0.79996); }
static void weak_p(struct eh_finding *f) { f->q = eh_num(0.05); }
static void no_p(struct eh_finding *f) { f->q = eh_undefined(EH_U_NO_P); }
static void half_a_person(struct eh_finding *f) { f->shortfall = eh_num(0.5); }
static void one_person(struct eh_finding *f) { f->shortfall = eh_num(1.0); }
static void turned_round(struct eh_finding *f) { f->flips = EH_YES; }
static void no_swap(struct eh_finding *f) { f->flips = EH_UNKNOWN; }
static void like_the_others(struct eh_finding *f) { f->peers_q = eh_num(0.4); }
static void better_than_others(struct eh_finding *f) { f->peers_ratio = eh_num(1.5); }
static void alone(struct eh_finding *f) { f->peers_ratio = f->peers_q = eh_undefined(EH_U_NO_PEERS); }
static void pooled(struct eh_finding *f) { f->evaluator[0] = '\0'; }

static void pooled_ok(struct eh_finding *f)
{
	pooled(f);
	at_limit(f);
}

static void pooled_weak(struct eh_finding *f)
{
	pooled(f);
	weak_p(f);
}

static void pooled_few(struct eh_finding *f)
{
	pooled(f);
	f->persons = 3;
}

static void nobody(struct eh_finding *f)
{
	f->selected = f->ref_selected = 0;
	f->ratio = eh_undefined(EH_U_NOBODY_SELECTED);
	f->ratio_below = EH_UNKNOWN;
}

static void favoured(struct eh_finding *f)
{
	f->ref_selected = 0;
	f->ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	f->ratio_below = EH_UNKNOWN;
}

/* 15 of 30 persons known, the rest predicted; every condition met. */
static void screening(struct eh_finding *f)
{
	f->basis = EH_BASIS_SCREENING;
	f->persons = f->ref_persons = 15;
	f->n = f->ref_n = 30;
	f->declared = f->predicted = 30;
	f->ratio = f->em_ratio = eh_num(0.42);
	f->weighted_ratio = eh_num(0.61);
	f->robust = true;
	f->em_n = eh_num(60.0);
	f->em_selected = eh_num(15.0);
	f->em_interval.low = eh_num(0.2);
	f->em_interval.high = eh_num(0.75);
}

static void screening_assumption(struct eh_finding *f) { screening(f); f->robust = false; }
static void screening_wide(struct eh_finding *f) { screening(f); f->em_interval.high = eh_num(1.0); }
static void screening_weak(struct eh_finding *f) { screening(f); f->q = eh_num(0.2); }
static void screening_ok(struct eh_finding *f)
{
	screening(f);
	f->ratio_below = EH_NO;
	f->ratio = f->em_ratio = eh_num(0.9);
}
static void screening_few(struct eh_finding *f) { screening(f); f->em_n = eh_num(12.0); }
static void screening_swap(struct eh_finding *f) { screening(f); f->flips = EH_YES; f->shortfall = eh_num(0.1); }

/* A guard refused the 60 predicted of 100: the 40 known ones decide. */
static void refused(struct eh_finding *f)
{
	(void)snprintf(f->guard, sizeof f->guard, "fewer than 5 selected: 3");
	f->unknown = f->assume.refused = 60;
}

static void refused_weak(struct eh_finding *f) { refused(f); weak_p(f); }
static void refused_ok(struct eh_finding *f) { refused(f); at_limit(f); }
static void refused_few(struct eh_finding *f) { refused(f); group_of_nine(f); }
static void refused_reference(struct eh_finding *f) { refused(f); reference_of_nine(f); }
static void refused_tiny(struct eh_finding *f) { refused(f); tiny_group(f); }

static const struct row rows[] = {
	{ "everything met", nothing, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "Potential violation of policy evaluator_screen" },
	{ "reference", reference, EH_OK_VERDICT, EH_SCOPE_NONE, "reference group" },
	{ "reference of 9", reference_of_nine, EH_TOO_FEW, EH_SCOPE_NONE, "9 persons of female, the reference group" },
	{ "below 2 %", tiny_group, EH_TOO_FEW, EH_SCOPE_NONE, "less than 2 %" },
	{ "9 in the group", group_of_nine, EH_TOO_FEW, EH_SCOPE_NONE,
	  "Only a ratio of 0.450 or less could have been found" },
	{ "9 in the rest", rest_of_nine, EH_TOO_FEW, EH_SCOPE_NONE, "9 of the rest" },
	{ "29 in all", twenty_nine, EH_TOO_FEW, EH_SCOPE_NONE, "30 in all" },
	{ "10 and 30", just_thirty, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "Potential violation" },
	{ "nothing detectable", not_detectable, EH_TOO_FEW, EH_SCOPE_NONE, "No ratio at all" },
	{ "exactly 4/5", at_limit, EH_OK_VERDICT, EH_SCOPE_NONE, "0.800 is not below 4/5" },
	{ "a hair below 4/5", just_below, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "ratio 0.79996 is below 4/5" },
	{ "q = alpha", weak_p, EH_WATCH, EH_SCOPE_NONE, "corrected p 0.050 (bh, 24 tests) is not below 0.05" },
	{ "no p", no_p, EH_WATCH, EH_SCOPE_NONE, "corrected p undefined" },
	{ "half a person", half_a_person, EH_WATCH, EH_SCOPE_NONE, "less than one person" },
	{ "one person", one_person, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "shortfall 1.0 persons" },
	{ "turned round", turned_round, EH_WATCH, EH_SCOPE_NONE, "swap of one person" },
	{ "no swap exists", no_swap, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "Potential violation" },
	{ "like the others", like_the_others, EH_NOTIFY, EH_SCOPE_SYSTEMIC, "does not stand out" },
	{ "better than the others", better_than_others, EH_NOTIFY, EH_SCOPE_SYSTEMIC, "does not stand out" },
	{ "no others", alone, EH_NOTIFY, EH_SCOPE_SYSTEMIC, "Nothing sets this evaluator beside" },
	{ "pooled", pooled, EH_NOTIFY, EH_SCOPE_SYSTEMIC, "All evaluators together" },
	{ "pooled, ok", pooled_ok, EH_OK_VERDICT, EH_SCOPE_NONE, "All evaluators together" },
	{ "pooled, weak", pooled_weak, EH_WATCH, EH_SCOPE_NONE, "All evaluators together" },
	{ "pooled, few", pooled_few, EH_TOO_FEW, EH_SCOPE_NONE, "All evaluators together" },
	{ "nobody selected", nobody, EH_CANNOT_CONCLUDE, EH_SCOPE_NONE, "nobody_selected" },
	{ "favoured", favoured, EH_OK_VERDICT, EH_SCOPE_NONE, "not the one that fares worse" },
	{ "screening", screening, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "robust" },
	{ "screening, graded", screening_assumption, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "assumption-dependent" },
	{ "screening, interval to 1", screening_wide, EH_WATCH, EH_SCOPE_NONE, "does not exclude 1" },
	{ "screening, weak p", screening_weak, EH_WATCH, EH_SCOPE_NONE, "is not below 0.05" },
	{ "screening, ok", screening_ok, EH_OK_VERDICT, EH_SCOPE_NONE, "is not below 4/5" },
	{ "screening, 6 persons", screening_few, EH_TOO_FEW, EH_SCOPE_NONE, "6 persons of female" },
	{ "screening, swap", screening_swap, EH_NOTIFY, EH_SCOPE_INDIVIDUAL, "screening" },
	{ "refused, known ones notify", refused, EH_NOTIFY, EH_SCOPE_INDIVIDUAL,
	  "Predicted classes are refused (fewer than 5 selected); known: 40 of 100 persons (40.0 %)." },
	{ "refused, weak p", refused_weak, EH_WATCH, EH_SCOPE_NONE, "known: 40 of 100 persons" },
	{ "refused, ok", refused_ok, EH_OK_VERDICT, EH_SCOPE_NONE, "known: 40 of 100 persons" },
	{ "refused, 9 known", refused_few, EH_CANNOT_CONCLUDE, EH_SCOPE_NONE,
	  "predicted classes: fewer than 5 selected: 3. Of known class alone:" },
	{ "refused, reference of 9", refused_reference, EH_CANNOT_CONCLUDE, EH_SCOPE_NONE, "fewer than 5 selected: 3" },
	{ "refused, below 2 %", refused_tiny, EH_TOO_FEW, EH_SCOPE_NONE, "less than 2 %" },
};

#define N_ROWS (sizeof rows / sizeof rows[0])

static void expect_row(const struct row *r, const struct eh_verdict *v)
{
	if (v->kind != (int32_t)r->kind || v->scope != (int32_t)r->scope || strstr(v->reason, r->words) == NULL)
		fail_msg("%s: wanted %s %d \"%s\", got %s %d \"%s\"", r->what, eh_verdict_text(r->kind), r->scope,
			 r->words, eh_verdict_text((enum eh_verdict_kind)v->kind), v->scope, v->reason);
	if (strstr(v->reason, "unlawful") != NULL || strlen(v->reason) >= EH_REASON_MAX)
		fail_msg("%s: %s", r->what, v->reason);
}

static void evaluator_screen_decides_each_row(void **state)
{
	struct eh_policy *p = shipped("evaluator_screen");
	struct eh_finding f[N_ROWS];
	struct eh_verdict v[N_ROWS], again[N_ROWS];
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		f[i] = make_finding();
		rows[i].change(&f[i]);
	}
	memset(v, 0x55, sizeof v);
	memset(again, 0xaa, sizeof again);
	assert_int_equal(eh_lua_engine()->check(p, f, N_ROWS, &defaults, v, NULL, &err), 0);
	assert_int_equal(eh_lua_engine()->check(p, f, N_ROWS, &defaults, again, NULL, &err), 0);
	assert_memory_equal(v, again, sizeof v);
	for (size_t i = 0; i < N_ROWS; i++)
		expect_row(&rows[i], &v[i]);
	eh_lua_engine()->free(&p);
}

static void a_screening_notification_is_labelled(void **state)
{
	struct eh_policy *p = shipped("evaluator_screen");
	struct eh_finding f = make_finding();
	struct eh_verdict v;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	screening(&f);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
	assert_non_null(strstr(v.reason, "screening with predicted classes"));
	eh_lua_engine()->free(&p);
}

static void overridden_settings_decide(void **state)
{
	struct eh_policy *p = shipped("evaluator_screen");
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_finding f = make_finding();
	struct eh_verdict v;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	s.min_group = 21;
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &s, &v, NULL, &err), 0);
	assert_int_equal(v.kind, EH_TOO_FEW);
	assert_non_null(strstr(v.reason, "at least 21 of each"));
	s = (struct eh_audit_settings)EH_AUDIT_SETTINGS_INIT;
	s.alpha = 0.0001;
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &s, &v, NULL, &err), 0);
	assert_int_equal(v.kind, EH_WATCH);
	eh_lua_engine()->free(&p);
}

static void longest_names_fit_into_the_reason(void **state)
{
	struct eh_policy *p = shipped("evaluator_screen");
	struct eh_finding f = make_finding();
	struct eh_verdict v;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	memset(f.evaluator, 'E', EH_ID_MAX);
	memset(f.group, 'g', EH_NAME_MAX);
	memset(f.reference, 'r', EH_NAME_MAX);
	f.n = f.ref_n = 10000000;
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &defaults, &v, NULL, &err), 0);
	assert_int_equal(v.kind, EH_NOTIFY);
	assert_int_equal(v.reason[strlen(v.reason) - 1], '.');
	assert_true(eh_utf8_valid(v.reason, strlen(v.reason)));
	eh_lua_engine()->free(&p);
}

static void a_large_audit_stays_inside_the_budget(void **state)
{
	enum { N = 6000 };      /* 1,000 evaluators, three attributes of two groups (DESIGN.md 6) */
	struct eh_policy *p = shipped("evaluator_screen");
	struct eh_finding *f = calloc(N, sizeof *f);
	struct eh_verdict *v = calloc(N, sizeof *v);
	struct eh_err err = EH_ERR_INIT;
	struct eh_policy_use use;

	(void)state;
	assert_non_null(f);
	assert_non_null(v);
	for (int i = 0; i < N; i++) {
		f[i] = make_finding();
		(void)snprintf(f[i].evaluator, sizeof f[i].evaluator, "E%04d", i / 6);
	}
	if (eh_lua_engine()->check(p, f, N, &defaults, v, &use, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(v[N - 1].kind, EH_NOTIFY);
	assert_true(use.instructions < EH_LUA_INSTRUCTIONS / 4);
	assert_true(use.memory < EH_LUA_MEMORY / 4);
	eh_lua_engine()->free(&p);
	free(f);
	free(v);
}

static void four_fifths_remarks_and_never_notifies(void **state)
{
	struct eh_policy *p = shipped("four_fifths");
	struct eh_finding f[4] = { make_finding(), make_finding(), make_finding(), make_finding() };
	struct eh_verdict v[4];
	struct eh_err err = EH_ERR_INIT;
	const struct eh_policy_info *info = eh_lua_engine()->info(p);

	(void)state;
	assert_int_equal(info->settings.reference, EH_REF_HIGHEST);
	assert_int_equal(info->settings.min_group, 5);
	assert_int_equal(info->settings.min_total, 30);
	f[1].below_limit = EH_NO;
	f[2].persons = 4;
	f[3].below_limit = EH_UNKNOWN;
	f[3].impact_ratio = eh_undefined(EH_U_NOBODY_SELECTED);
	assert_int_equal(eh_lua_engine()->check(p, f, 4, &info->settings, v, NULL, &err), 0);
	assert_int_equal(v[0].kind, EH_WATCH);
	assert_non_null(strstr(v[0].reason, "0.333, below 4/5"));
	assert_int_equal(v[1].kind, EH_OK_VERDICT);
	assert_int_equal(v[2].kind, EH_TOO_FEW);
	assert_int_equal(v[3].kind, EH_CANNOT_CONCLUDE);
	eh_lua_engine()->free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evaluator_screen_decides_each_row),
		cmocka_unit_test(a_screening_notification_is_labelled),
		cmocka_unit_test(overridden_settings_decide),
		cmocka_unit_test(longest_names_fit_into_the_reason),
		cmocka_unit_test(a_large_audit_stays_inside_the_budget),
		cmocka_unit_test(four_fifths_remarks_and_never_notifies),
	};

	return cmocka_run_group_tests_name("shipped policies", tests, NULL, NULL);
}

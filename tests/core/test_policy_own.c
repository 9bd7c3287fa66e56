/* policy/own: findings that a policy says it made, checked against the decisions. */
#include "audit_build.h"

#include "base/mem.h"
#include "policy/own.h"
#include "policy/own_part.h"

static const char *const groups[] = { "female", "male" };
#define S(position, stage) position "\x1f" stage "\x1f"

/* E1 in two stages, E2 in one: per stage the counts are those of build_cell. */
static void make(struct eh_audit_data *d)
{
	struct build b = { .n = 0 };

	build_cell(&b, "E1", S("clerk", "S1"), 0, 40, 10);
	build_cell(&b, "E1", S("clerk", "S1"), 1, 40, 30);
	build_cell(&b, "E1", S("smith", "S2"), 0, 12, 6);
	build_cell(&b, "E1", S("smith", "S2"), 1, 15, 5);
	build_cell(&b, "E2", S("clerk", "S1"), 0, 20, 10);
	build_cell(&b, "E2", S("clerk", "S1"), 1, 20, 12);
	build_finish(d, &b, groups, 2);
}

static struct eh_own female(void)
{
	struct eh_own o;

	memset(&o, 0, sizeof o);
	strcpy(o.attribute, "sex");
	strcpy(o.group, "female");
	o.verdict.kind = EH_WATCH;
	return o;
}

static void narrow(struct eh_own *o, enum eh_crosstab_key key, char *field, const char *value)
{
	o->narrowed |= 1u << key;
	strcpy(field, value);
}

static void claim(struct eh_own *o, uint64_t n, uint64_t selected, uint64_t ref_n, uint64_t ref_selected)
{
	o->claimed = 1;
	o->n = n;
	o->selected = selected;
	o->ref_n = ref_n;
	o->ref_selected = ref_selected;
}

static int one(struct eh_finding *f, const struct eh_own *o, const struct eh_audit_data *d, struct eh_err *err)
{
	static const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_findings out;
	int rc = eh_own_findings(&out, o, 1, d, &s, err);

	if (rc == EH_OK)
		*f = out.v[0];
	eh_findings_free(&out);
	return rc;
}

static void numbers_are_those_of_the_part(void **state)
{
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_finding f;

	(void)state;
	make(&d);
	claim(&o, 72, 26, 75, 47);
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_true(f.own && f.counted);
	assert_string_equal(f.reference, "rest");
	narrow(&o, EH_CROSSTAB_EVALUATOR, o.evaluator, "E1");
	claim(&o, 52, 16, 55, 35);
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	narrow(&o, EH_CROSSTAB_STAGE, o.stage, "S1");
	claim(&o, 40, 10, 40, 30);
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_true(f.impact_ratio.defined);
	assert_float_equal(f.impact_ratio.value, 1.0 / 3.0, 1e-12);
	assert_int_equal(f.below_limit, EH_YES);
	assert_int_equal(f.persons, 40);
	assert_true(f.p.defined && f.p.value < 0.001);
	assert_false(f.q.defined);
	assert_int_equal(f.family_size, 0);
	narrow(&o, EH_CROSSTAB_POSITION, o.position, "smith");
	claim(&o, 0, 0, 0, 0);
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_false(f.impact_ratio.defined);
	eh_audit_data_free(&d);
}

/* The same as the audit's own finding on everybody, number by number. */
static void statistics_are_those_of_the_audit(void **state)
{
	static const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_findings all;
	struct eh_finding f;

	(void)state;
	make(&d);
	assert_int_equal(eh_audit_run(&all, &d, &s, NULL, NULL), EH_OK);
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_string_equal(all.v[0].evaluator, "");
	assert_string_equal(all.v[0].group, "female");
	assert_int_equal(f.strata, all.v[0].strata);
	assert_int_equal(f.strata, 3);
	assert_memory_equal(&f.mh_ratio.value, &all.v[0].mh_ratio.value, sizeof(double));
	assert_memory_equal(&f.p.value, &all.v[0].p.value, sizeof(double));
	assert_memory_equal(&f.ratio_interval.low.value, &all.v[0].ratio_interval.low.value, sizeof(double));
	assert_string_equal(f.p_method, all.v[0].p_method);
	eh_findings_free(&all);
	eh_audit_data_free(&d);
}

static void another_number_is_a_lie(void **state)
{
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_finding f;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	make(&d);
	narrow(&o, EH_CROSSTAB_EVALUATOR, o.evaluator, "E1");
	claim(&o, 12, 6, 55, 35);
	assert_int_equal(one(&f, &o, &d, &err), EH_EPOLICY);
	assert_string_equal(err.msg, "finding 1 of compute() (E1, sex, female): it says n = 12, the counts say 52");
	claim(&o, 52, 16, 55, 34);
	assert_int_equal(one(&f, &o, &d, &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "it says ref_selected = 34, the counts say 35"));
	o.claimed = 0;
	o.n = o.selected = o.ref_n = o.ref_selected = 0;
	assert_int_equal(one(&f, &o, &d, &err), EH_OK);
	assert_int_equal(f.n, 52);
	strcpy(o.evaluator, "E9");
	claim(&o, 1, 0, 1, 0);
	assert_int_equal(one(&f, &o, &d, &err), EH_EPOLICY);
	eh_audit_data_free(&d);
}

static void references_are_by_rule_or_by_name(void **state)
{
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_finding f;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	make(&d);
	strcpy(o.reference, "highest");
	assert_int_equal(one(&f, &o, &d, &err), EH_OK);
	assert_string_equal(f.reference, "male");
	strcpy(o.reference, "female");
	assert_int_equal(one(&f, &o, &d, &err), EH_OK);
	assert_true(f.is_reference);
	strcpy(o.reference, "divers");
	assert_int_equal(one(&f, &o, &d, &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "sex has no group divers"));
	strcpy(o.reference, "rest");
	strcpy(o.group, "divers");
	assert_int_equal(one(&f, &o, &d, &err), EH_EPOLICY);
	strcpy(o.group, "female");
	strcpy(o.attribute, "race");
	assert_int_equal(one(&f, &o, &d, &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "no class of race is known here"));
	o = female();
	narrow(&o, EH_CROSSTAB_PERIOD, o.period, "2026-03");
	assert_int_equal(one(&f, &o, &d, &err), EH_EPOLICY);
	assert_non_null(strstr(err.msg, "no decision here has a time"));
	eh_audit_data_free(&d);
}

/* Of every part: its rows add up to the finding, and each says whose it is and where. */
static void expect_strata(const struct eh_own *o, const struct eh_audit_data *d, struct eh_parts **parts, size_t n,
			  const char *names)
{
	struct eh_strata_rows rows;
	struct eh_finding f;
	char text[200] = "";

	assert_int_equal(one(&f, o, d, NULL), EH_OK);
	assert_int_equal(eh_own_strata(&rows, parts, &f, d, NULL), EH_OK);
	assert_true(eh_strata_rows_fit(&rows, &f));
	assert_int_equal(rows.n, n);
	for (size_t i = 0; i < rows.n; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s %d/%d;",
			       rows.evaluators[rows.v[i].evaluator], rows.strata[rows.v[i].stratum], (int)rows.v[i].t.a,
			       (int)rows.v[i].t.n1);
	for (char *p = text; (p = strchr(p, '\x1f')) != NULL;)
		*p = '|';
	assert_string_equal(text, names);
	eh_strata_rows_free(&rows);
}

static void strata_are_those_of_the_part(void **state)
{
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_parts *parts = NULL;
	struct eh_strata_rows rows;
	struct eh_finding f;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	make(&d);
	expect_strata(&o, &d, &parts, 3, "E1 clerk|S1| 10/40;E1 smith|S2| 6/12;E2 clerk|S1| 10/20;");
	strcpy(o.reference, "male");
	narrow(&o, EH_CROSSTAB_EVALUATOR, o.evaluator, "E1");
	expect_strata(&o, &d, &parts, 2, "E1 clerk|S1| 10/40;E1 smith|S2| 6/12;");
	o = female();
	narrow(&o, EH_CROSSTAB_STAGE, o.stage, "S1");
	expect_strata(&o, &d, &parts, 2, "E1 clerk|S1| 10/40;E2 clerk|S1| 10/20;");
	/* a key that no decision has: named so in the finding, and looked for as what it is */
	narrow(&o, EH_CROSSTAB_QUESTION, o.question, "");
	expect_strata(&o, &d, &parts, 2, "E1 clerk|S1| 10/40;E2 clerk|S1| 10/20;");
	/* a class, or times, that are not there any more */
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	strcpy(f.group, "divers");
	assert_int_equal(eh_own_strata(&rows, &parts, &f, &d, &err), EH_ENOENT);
	assert_null(rows.v);
	strcpy(f.group, "female");
	strcpy(f.period, "2026-03");
	assert_int_equal(eh_own_strata(&rows, &parts, &f, &d, &err), EH_ENOENT);
	eh_parts_free(&parts);
	eh_audit_data_free(&d);
}

/* As counted kinds: every row stands for several persons, and persons of unknown class are on neither side. */
static void strata_count_persons_of_known_class(void **state)
{
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_parts *parts = NULL;

	(void)state;
	make(&d);
	d.weight = eh_xcalloc(d.candidates.n, sizeof *d.weight);
	for (size_t i = 0; i < d.candidates.n; i++)
		d.weight[i] = 2;
	for (size_t i = d.evaluator_at[1]; i < d.evaluator_at[2]; i++)
		if (d.attributes[0].group[d.candidate[i]] == 0 && d.selected[i])
			d.attributes[0].group[d.candidate[i]] = -1;
	expect_strata(&o, &d, &parts, 3, "E1 clerk|S1| 20/80;E1 smith|S2| 12/24;E2 clerk|S1| 0/20;");
	eh_parts_free(&parts);
	eh_audit_data_free(&d);
}

static void no_memory_for_strata_is_an_answer(void **state)
{
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_finding f;
	int rc = EH_ENOMEM;

	(void)state;
	make(&d);
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	for (uint64_t n = 1; rc != EH_OK; n++) {
		struct eh_parts *parts = NULL;
		struct eh_strata_rows rows;
		struct eh_err err = EH_ERR_INIT;

		assert_true(n < 100);
		eh_mem_fail_at(n);
		rc = eh_own_strata(&rows, &parts, &f, &d, &err);
		eh_mem_fail_at(0);
		assert_true(rc == EH_OK || (rc == EH_ENOMEM && err.msg[0] != '\0' && rows.v == NULL));
		eh_strata_rows_free(&rows);
		eh_parts_free(&parts);
	}
	eh_audit_data_free(&d);
}

static void looks_come_to_an_end(void **state)
{
	struct eh_audit_data d;
	struct eh_parts *parts = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t n = 0;

	(void)state;
	make(&d);
	parts = eh_parts_new(&d);
	while (eh_parts_spend(parts, EH_PARTS_WORK_MAX / 100, &err) == EH_OK)
		n++;
	assert_in_range(n, 50, 100);
	assert_non_null(strstr(err.msg, "more than 100 million decisions in all: return fewer, or narrow them"));
	eh_parts_free(&parts);
	eh_audit_data_free(&d);
}

static void months_end_where_months_end(void **state)
{
	struct eh_audit_data d;
	struct eh_own o = female();
	struct eh_finding f;
	int64_t t;

	(void)state;
	make(&d);
	d.decided = eh_xcalloc(d.n_decisions, sizeof *d.decided);
	for (size_t i = 0; i < d.n_decisions; i++) {
		/* 1 January to 29 February 2024 and the day after, in turn */
		assert_int_equal(eh_parse_time(&t, "2024-01-31", NULL), EH_OK);
		d.decided[i] = eh_day_of(t) + (int32_t)(i % 3) * 15;    /* 31 Jan, 15 Feb, 1 Mar */
	}
	narrow(&o, EH_CROSSTAB_PERIOD, o.period, "2024-02");
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_in_range(f.n + f.ref_n, d.n_decisions / 3 - 1, d.n_decisions / 3 + 1);
	strcpy(o.period, "2024-01");
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_in_range(f.n + f.ref_n, d.n_decisions / 3 - 1, d.n_decisions / 3 + 1);
	strcpy(o.period, "2024-03");
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_in_range(f.n + f.ref_n, d.n_decisions / 3 - 1, d.n_decisions / 3 + 1);
	strcpy(o.period, "2024-04");
	assert_int_equal(one(&f, &o, &d, NULL), EH_OK);
	assert_int_equal(f.n + f.ref_n, 0);
	eh_audit_data_free(&d);
}

/* In any order, with other parts between them, each gets its own. */
static void many_keep_their_order(void **state)
{
	static const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_own v[6];
	struct eh_findings out;

	(void)state;
	make(&d);
	for (size_t i = 0; i < 6; i++) {
		v[i] = female();
		if (i % 2 == 1)
			strcpy(v[i].group, "male");
		narrow(&v[i], EH_CROSSTAB_EVALUATOR, v[i].evaluator, i % 3 == 0 ? "E2" : "E1");
		if (i == 4)
			strcpy(v[i].reference, "male");
	}
	memset(&v[5], 0, sizeof v[5]);
	strcpy(v[5].subject, "consent");
	v[5].verdict.kind = EH_NOTIFY;
	v[5].verdict.scope = EH_SCOPE_SYSTEMIC;
	assert_int_equal(eh_own_findings(&out, v, 6, &d, &s, NULL), EH_OK);
	assert_int_equal(out.v[0].n, 20);
	assert_int_equal(out.v[1].n, 55);
	assert_int_equal(out.v[2].n, 52);
	assert_int_equal(out.v[3].n, 20);
	assert_string_equal(out.v[3].group, "male");
	assert_string_equal(out.v[4].reference, "male");
	assert_string_equal(out.v[5].subject, "consent");
	assert_false(out.v[5].counted);
	assert_false(out.v[5].ratio.defined);
	eh_findings_free(&out);
	assert_int_equal(eh_own_findings(&out, v, 6, NULL, &s, NULL), EH_OK);
	assert_false(out.v[0].counted);
	eh_findings_free(&out);
	eh_audit_data_free(&d);
}

/* WHAT spoils a good one. */
#define WRONG(what, why)                                        \
	do {                                                    \
		struct eh_own o = female();                     \
								\
		what;                                           \
		assert_non_null(eh_own_wrong(&o));              \
		assert_non_null(strstr(eh_own_wrong(&o), why)); \
	} while (0)

static void what_is_no_finding_is_refused(void **state)
{
	struct eh_own good = female();

	(void)state;
	assert_null(eh_own_wrong(&good));
	WRONG(o.group[0] = '\0', "give attribute and group");
	WRONG(strcpy(o.subject, "consent"), "a subject and a group");
	WRONG((o = female(), o.attribute[0] = o.group[0] = '\0', strcpy(o.subject, "Consent!")), "subject must be");
	WRONG(memset(o.group, 'x', sizeof o.group), "too long");
	WRONG(strcpy(o.group, "fe\x1b[1m"), "not printable");
	WRONG(o.narrowed = 64, "no key");
	WRONG(strcpy(o.stage, "S1"), "not narrowed");
	WRONG(o.narrowed = 1u << EH_CROSSTAB_EVALUATOR, "evaluator is empty");
	WRONG(narrow(&o, EH_CROSSTAB_PERIOD, o.period, "2026-13"), "month");
	WRONG(narrow(&o, EH_CROSSTAB_PERIOD, o.period, "2026"), "month");
	WRONG(claim(&o, 5, 6, 1, 1), "more are selected");
	WRONG(claim(&o, UINT64_MAX, 6, 1, 1), "2^40");
	WRONG(o.n = 4, "does not claim");
	WRONG(o.claimed = 2, "claimed");
	WRONG(o.verdict.kind = EH_POLICY_ERROR, "verdict");
	WRONG(o.verdict.kind = -1, "verdict");
	WRONG(o.verdict.scope = EH_SCOPE_SYSTEMIC, "scope");
	WRONG((o.verdict.kind = EH_NOTIFY, o.verdict.scope = EH_SCOPE_INDIVIDUAL), "systemic");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_part),
		cmocka_unit_test(statistics_are_those_of_the_audit),
		cmocka_unit_test(another_number_is_a_lie),
		cmocka_unit_test(references_are_by_rule_or_by_name),
		cmocka_unit_test(strata_are_those_of_the_part),
		cmocka_unit_test(strata_count_persons_of_known_class),
		cmocka_unit_test(no_memory_for_strata_is_an_answer),
		cmocka_unit_test(looks_come_to_an_end),
		cmocka_unit_test(months_end_where_months_end),
		cmocka_unit_test(many_keep_their_order),
		cmocka_unit_test(what_is_no_finding_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

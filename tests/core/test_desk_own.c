/* desk/own: classes that a rule refuses, and a compute() that counts for nothing. */
#include "audit_build.h"

#include "desk/inside.h"

static const char *const groups[] = { "female", "male" };

static void make(struct eh_audit_data *d, int odd_one)
{
	struct build b = { .n = 0 };

	build_cell(&b, "E1", "S1", 0, 20, 5);
	build_cell(&b, "E1", "S1", 1, 20, 15);
	build_person(&b, "X", "clerk", odd_one)->p[0] = 0.9;
	build_row(&b, "E1", "X", "S1", true);
	build_finish(d, &b, groups, 2);
}

static void one_predicted_class_refuses_the_attribute(void **state)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_finding v[2], own[1];
	struct eh_audit_data d;

	(void)state;
	memset(v, 0, sizeof v);
	memset(own, 0, sizeof own);
	strcpy(v[0].attribute, "sex");
	strcpy(v[1].attribute, "race");
	strcpy(own[0].attribute, "sex");
	v[0].verdict = v[1].verdict = own[0].verdict = EH_NOTIFY;
	v[0].scope = EH_SCOPE_INDIVIDUAL;
	strcpy(r->policy.name, "nyc");
	r->findings = (struct eh_findings){ v, 2 };
	r->own = (struct eh_findings){ own, 1 };
	make(&d, -2);
	eh_desk_refuse_predicted(r, &d);
	assert_int_equal(v[0].verdict, EH_NOTIFY);
	r->policy.declared_only = true;
	eh_desk_refuse_predicted(r, &d);
	assert_int_equal(v[0].verdict, EH_NOT_ALLOWED);
	assert_int_equal(v[0].scope, EH_SCOPE_NONE);
	assert_string_equal(v[0].reason, "policy nyc takes no predicted classes, and the class of 1 candidate here is "
					 "predicted (evenhand model remove sex takes predicted classes away)");
	assert_int_equal(own[0].verdict, EH_NOT_ALLOWED);
	assert_int_equal(v[1].verdict, EH_NOTIFY);
	eh_audit_data_free(&d);
	/* an unknown class is no predicted one */
	make(&d, -1);
	v[0].verdict = EH_NOTIFY;
	eh_desk_refuse_predicted(r, &d);
	assert_int_equal(v[0].verdict, EH_NOTIFY);
	eh_audit_data_free(&d);
	free(r);
}

/* ---- an engine whose compute() the test chooses ---- */

struct eh_policy {
	const struct eh_own *own;
	const char *trouble;
};

static int judge(struct eh_policy *p, const struct eh_policy_case *c, struct eh_policy_answer *out, struct eh_err *err)
{
	(void)err;
	for (size_t i = 0; i < c->n; i++)
		out->verdicts[i].kind = EH_WATCH;
	if (p->trouble != NULL) {
		(void)snprintf(out->trouble, sizeof out->trouble, "%s", p->trouble);
		return EH_OK;
	}
	out->own = eh_xcalloc(1, sizeof *out->own);
	out->own[0] = *p->own;
	out->n_own = 1;
	return EH_OK;
}

static const struct eh_policy_engine engine = { .name = "fake", .judge = judge };

static void trouble_is_one_policy_error_and_leaves_the_verdicts(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_own lie = { .attribute = "sex", .group = "female", .claimed = 1, .n = 3 };
	struct eh_policy p = { &lie, NULL };
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	lie.verdict.kind = EH_OK_VERDICT;
	make(&d, -1);
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, NULL), EH_OK);
	r->policy.settings = s;
	eh_desk_judge_all(&engine, &p, &d, NULL, &f, &s, r);
	assert_int_equal(f.v[0].verdict, EH_WATCH);
	assert_int_equal(r->own.n, 1);
	assert_int_equal(r->own.v[0].verdict, EH_POLICY_ERROR);
	assert_string_equal(r->own.v[0].subject, "compute");
	assert_non_null(strstr(r->own.v[0].reason, "it says n = 3, the counts say 20"));
	assert_int_equal(r->policy_status, EH_EPOLICY);
	assert_string_equal(r->policy_message, r->own.v[0].reason);
	/* judged again, with what is true */
	r->policy_status = EH_OK;
	lie.claimed = 0;
	lie.n = 0;
	eh_desk_judge_all(&engine, &p, &d, NULL, &f, &s, r);
	assert_int_equal(r->policy_status, EH_OK);
	assert_int_equal(r->own.v[0].n, 20);
	p.trouble = "own.lua:3: boom";
	eh_desk_judge_all(&engine, &p, &d, NULL, &f, &s, r);
	assert_string_equal(r->own.v[0].reason, "own.lua:3: boom");
	eh_findings_free(&r->own);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_predicted_class_refuses_the_attribute),
		cmocka_unit_test(trouble_is_one_policy_error_and_leaves_the_verdicts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* desk/: verbs over a real store, with a policy engine made of plain C: the seam needs no Lua. */
#include "desk_project.h"

static struct eh_audit_result *audit(bool dry)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_audit(desk, policy_path, NULL, dry, NULL, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return r;
}

static void audit_free(struct eh_audit_result *r)
{
	eh_audit_result_free(r);
	free(r);
}

static const struct eh_finding *find(const struct eh_audit_result *r, const char *evaluator, const char *group)
{
	for (size_t i = 0; i < r->findings.n; i++)
		if (strcmp(r->findings.v[i].evaluator, evaluator) == 0 && strcmp(r->findings.v[i].group, group) == 0)
			return &r->findings.v[i];
	fail_msg("no finding on %s %s", evaluator, group);
	return NULL;
}

/* ---- what is proven ---- */

static void a_dry_run_computes_and_stores_nothing(void **state)
{
	uint64_t before = eh_desk_version(desk);
	struct eh_audit_result *r = audit(true);
	struct eh_audit_head head;
	struct eh_finding *v = NULL;
	size_t n = 0;

	(void)state;
	assert_true(find(r, "BAD", "female")->impact_ratio.value == 0.25);
	audit_free(r);
	assert_int_equal(eh_desk_findings(desk, 0, &head, &v, &n, NULL), EH_ENOENT);
	assert_int_equal(eh_desk_version(desk), before);
}

static int raises(const struct eh_finding *f, struct eh_verdict *v)
{
	(void)f;
	(void)v;
	return EH_EPOLICY;
}

static void a_broken_policy_is_policy_error_on_every_finding_and_never_ok(void **state)
{
	struct eh_audit_result *r;

	(void)state;
	chosen_check = raises;
	r = audit(false);
	assert_int_equal(r->policy_status, EH_EPOLICY);
	for (size_t i = 0; i < r->findings.n; i++)
		assert_int_equal(r->findings.v[i].verdict, EH_POLICY_ERROR);
	/* the built-in result stands beside it */
	assert_int_equal(find(r, "BAD", "female")->builtin, EH_WATCH);
	audit_free(r);
	load_fails = true;
	r = audit(false);
	assert_non_null(strstr(r->policy_message, ":3:"));
	assert_int_equal(find(r, "OK", "male")->verdict, EH_POLICY_ERROR);
	audit_free(r);
}

static int fails_on_women(const struct eh_finding *f, struct eh_verdict *v)
{
	v->kind = strcmp(f->group, "female") == 0 ? EH_POLICY_ERROR : EH_OK_VERDICT;
	strcpy(v->reason, v->kind == EH_POLICY_ERROR ? "policy.lua:7: boom" : "fine");
	return EH_OK;
}

static void a_policy_that_fails_on_single_findings_is_a_policy_error_of_the_run(void **state)
{
	struct eh_audit_result *r;

	(void)state;
	chosen_check = fails_on_women;
	r = audit(true);
	assert_int_equal(r->policy_status, EH_EPOLICY);
	assert_string_equal(r->policy_message, "no verdict on 3 of 6 findings; (all), female: policy.lua:7: boom");
	assert_int_equal(find(r, "OK", "female")->verdict, EH_POLICY_ERROR);
	assert_int_equal(find(r, "OK", "male")->verdict, EH_OK_VERDICT);
	audit_free(r);
	chosen_check = says_ok;
	r = audit(true);
	assert_int_equal(r->policy_status, EH_OK);
	audit_free(r);
}

static int all_women_systemic(const struct eh_finding *f, struct eh_verdict *v)
{
	bool hit = f->evaluator[0] != '\0' && strcmp(f->group, "female") == 0;

	v->kind = hit ? EH_NOTIFY : EH_OK_VERDICT;
	v->scope = hit ? EH_SCOPE_SYSTEMIC : EH_SCOPE_NONE;
	strcpy(v->reason, "below");
	return EH_OK;
}

static void systemic_findings_become_one_notification_to_the_process(void **state)
{
	struct eh_notification *v = NULL;
	struct eh_audit_result *r;
	size_t n = 0;

	(void)state;
	chosen_check = all_women_systemic;
	r = audit(false);
	assert_int_equal(r->raised, 1);
	audit_free(r);
	assert_int_equal(eh_desk_notifications(desk, &v, &n, NULL), EH_OK);
	assert_int_equal(n, 1);
	assert_true(v[0].systemic);
	assert_int_equal(v[0].n_members, 2);
	assert_string_equal(v[0].members[0], "BAD");
	assert_string_equal(v[0].members[1], "OK");
	assert_string_equal(v[0].finding.evaluator, "");
	eh_list_free(&v);
	r = audit(false);
	assert_int_equal(r->raised, 0);
	assert_int_equal(r->refreshed, 1);
	audit_free(r);
}

static void a_policys_gate_makes_classes_there_unknown(void **state)
{
	struct eh_audit_result *r;

	(void)state;
	closed_in = "DE";
	r = audit(true);
	assert_int_equal(find(r, "BAD", "female")->persons, 10);
	assert_int_equal(find(r, "BAD", "female")->unknown, 20);
	audit_free(r);
}

static int individual(const struct eh_finding *f, struct eh_verdict *v)
{
	bool hit = strcmp(f->evaluator, "BAD") == 0 && strcmp(f->group, "female") == 0;

	v->kind = hit ? EH_NOTIFY : EH_OK_VERDICT;
	v->scope = hit ? EH_SCOPE_INDIVIDUAL : EH_SCOPE_NONE;
	strcpy(v->reason, "below");
	return EH_OK;
}

/* The policy's file lies where its author lives. */
static void the_journal_names_policies_and_no_directory(void **state)
{
	struct eh_journal_entry *entries = NULL;
	size_t n = 0;

	(void)state;
	audit_free(audit(false));
	load_fails = true;
	audit_free(audit(false));
	assert_int_equal(eh_desk_journal(desk, 0, &entries, &n, NULL), EH_OK);
	assert_string_equal(entries[n - 2].object, "fake");
	assert_non_null(strstr(entries[n - 2].detail, "; policy fake 1, sha256 unknown, file, draft, not activated; "));
	assert_string_equal(entries[n - 1].object, "policy");
	assert_non_null(strstr(entries[n - 1].detail, "; policy policy (not loaded), sha256 unknown, file, draft, "));
	assert_non_null(strstr(entries[n - 1].detail, "policy error: policy.lua:3: unexpected symbol"));
	for (size_t i = 0; i < n; i++)
		assert_null(strstr(entries[i].detail, temp.dir));
	eh_list_free(&entries);
}

static void an_answer_is_in_the_store_and_in_the_journal_together(void **state)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *r = NULL, given;
	struct eh_journal_entry *entries = NULL;
	struct eh_journal_state st;
	size_t n_r = 0, n_entries = 0;
	uint64_t version;

	(void)state;
	chosen_check = individual;
	audit_free(audit(false));
	assert_int_equal(eh_desk_notification(desk, 1, n, &r, &n_r, NULL), EH_OK);
	assert_int_equal(n_r, 0);
	eh_list_free(&r);
	memset(&given, 0, sizeof given);
	given.to = EH_N_CONFIRMED;
	assert_int_equal(eh_desk_respond(desk, 1, n->revision, &given, NULL), EH_EINVAL);       /* no reason */
	assert_int_equal(eh_desk_respond_check(desk, 1, n->revision, &given, NULL), EH_EINVAL);
	strcpy(given.reason, "it holds in both places");
	version = eh_desk_version(desk);
	assert_int_equal(eh_desk_respond_check(desk, 1, n->revision, &given, NULL), EH_OK);
	assert_int_equal(eh_desk_version(desk), version);
	assert_int_equal(eh_desk_respond(desk, 1, n->revision, &given, NULL), EH_OK);
	assert_int_equal(eh_desk_respond(desk, 1, n->revision, &given, NULL), EH_ESTALE);
	assert_int_equal(eh_desk_notification(desk, 1, n, &r, &n_r, NULL), EH_OK);
	assert_int_equal(n->state, EH_N_CONFIRMED);
	assert_int_equal(n_r, 1);
	assert_string_equal(r[0].reason, given.reason);
	eh_list_free(&r);
	assert_int_equal(eh_desk_journal(desk, 0, &entries, &n_entries, NULL), EH_OK);
	assert_string_equal(entries[n_entries - 1].verb, "notification.confirm");
	assert_string_equal(entries[n_entries - 1].object, "N0001");
	assert_string_equal(entries[n_entries - 1].detail, given.reason);
	eh_list_free(&entries);
	assert_int_equal(eh_desk_journal_verify(desk, &st, NULL), EH_OK);
	assert_int_equal(st.entries, n_entries);
	free(n);
}

static void learning_what_may_never_be_inferred_is_refused(void **state)
{
	static const char *const names[] = { "religion", "emotion", "sex" };
	const struct eh_train_options religion = { .attributes = &names[0], .n = 1, .seed = 1 };
	const struct eh_train_options emotion = { .attributes = &names[1], .n = 1, .seed = 1 };
	const struct eh_train_options sex = { .attributes = &names[2], .n = 1, .seed = 1 };
	size_t n = 0;
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);

	(void)state;
	assert_int_equal(eh_desk_train(desk, &religion, NULL, r, 1, &n, NULL, NULL), EH_EREFUSED);
	assert_int_equal(eh_desk_train(desk, &emotion, NULL, r, 1, &n, NULL, NULL), EH_EREFUSED);
	assert_int_equal(eh_desk_train(desk, &sex, NULL, r, 1, &n, NULL, NULL), EH_EINVAL); /* nobody was measured */
	free(r);
}

static void without_consent_a_candidate_is_refused_by_name_and_skipped_in_the_whole(void **state)
{
	struct eh_extract_options o = { .workers = 1, .candidate = "C01" };
	struct eh_extract_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	import(EH_IMPORT_INTERVIEWS, "i.csv", "candidate_id,question_id,path\nC01,q1,/nonexistent.mp4\n");
	assert_int_equal(eh_desk_extract(desk, &o, NULL, r, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "C01"));
	o.candidate = NULL;
	assert_int_equal(eh_desk_extract(desk, &o, NULL, r, &err), EH_OK);
	assert_int_equal(r->skipped_candidates, 1);
	assert_int_equal(r->measured + r->failed, 0);
	o.candidate = "C02";
	assert_int_equal(eh_desk_extract(desk, &o, NULL, r, &err), EH_ENOENT);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_dry_run_computes_and_stores_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_policy_is_policy_error_on_every_finding_and_never_ok, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_policy_that_fails_on_single_findings_is_a_policy_error_of_the_run,
						setup, teardown),
		cmocka_unit_test_setup_teardown(systemic_findings_become_one_notification_to_the_process, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_policys_gate_makes_classes_there_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(the_journal_names_policies_and_no_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_is_in_the_store_and_in_the_journal_together, setup, teardown),
		cmocka_unit_test_setup_teardown(learning_what_may_never_be_inferred_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(without_consent_a_candidate_is_refused_by_name_and_skipped_in_the_whole,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

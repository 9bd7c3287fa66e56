/* desk/: verbs over a real store, with a policy engine made of plain C: the seam needs no Lua. */
#include "temp_project.h"

#include "base/mem.h"
#include "desk/desk.h"

/* ---- an engine whose verdict the test chooses ---- */

struct eh_policy { struct eh_policy_info info; };

static int (*chosen_check)(const struct eh_finding *f, struct eh_verdict *v);
static const char *closed_in;           /* jurisdiction that the gate closes */
static bool load_fails;

static int fake_load(struct eh_policy **out, const char *path, struct eh_err *err)
{
	static const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;

	if (load_fails)
		return eh_err_set(err, EH_EPOLICY, "%s:3: unexpected symbol", path);
	*out = eh_xcalloc(1, sizeof **out);
	strcpy((*out)->info.name, "fake");
	strcpy((*out)->info.version, "1");
	(*out)->info.settings = settings;
	(*out)->info.has_gate = closed_in != NULL;
	return EH_OK;
}

static const struct eh_policy_info *fake_info(const struct eh_policy *p) { return &p->info; }

static int fake_check(struct eh_policy *p, const struct eh_finding *facts, size_t n, const struct eh_audit_settings *s,
		      struct eh_verdict *out, struct eh_policy_use *use, struct eh_err *err)
{
	(void)p;
	(void)s;
	(void)use;
	for (size_t i = 0; i < n; i++)
		if (chosen_check(&facts[i], &out[i]) != EH_OK)
			return eh_err_set(err, EH_EPOLICY, "policy.lua:7: boom");
	return EH_OK;
}

static int fake_gate(struct eh_policy *p, const char *jurisdiction, const char *attribute, bool *open, struct eh_err *err)
{
	(void)p;
	(void)attribute;
	(void)err;
	*open = strcmp(jurisdiction, closed_in) != 0;
	return EH_OK;
}

static void fake_free(struct eh_policy **p)
{
	free(*p);
	*p = NULL;
}

static const struct eh_policy_engine engine = { "fake", fake_load, fake_info, fake_check, fake_free, fake_gate };

/* ---- a project of two evaluators and forty candidates ---- */

static struct temp_project p;
static struct eh_desk *desk;
static char policy_path[128];

static void import(enum eh_import_kind kind, const char *name, const char *text)
{
	struct eh_import_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	char path[128];

	temp_file(&p, path, name, text, strlen(text));
	if (eh_desk_import(desk, kind, path, false, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	free(r);
}

/* Candidates alternate female, male; BAD advances 4 of 20 women and 16 of 20 men, OK 12 of 20 of each. */
static void make_tables(void)
{
	struct eh_buf c, e;

	eh_buf_init(&c, 1u << 20);
	eh_buf_init(&e, 1u << 20);
	eh_buf_printf(&c, "candidate_id,jurisdiction,declared.sex\n");
	eh_buf_printf(&e, "evaluator_id,candidate_id,decision\n");
	for (int i = 0; i < 40; i++) {
		int nth = i / 2;

		eh_buf_printf(&c, "C%02d,%s,%s\n", i, i < 20 ? "US-IL" : "DE", i % 2 == 0 ? "female" : "male");
		eh_buf_printf(&e, "BAD,C%02d,%d\n", i, nth < (i % 2 == 0 ? 4 : 16));
		eh_buf_printf(&e, "OK,C%02d,%d\n", i, nth < 12);
	}
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nBAD\nOK\n");
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(&e));
	eh_buf_free(&c);
	eh_buf_free(&e);
}

static int says_ok(const struct eh_finding *f, struct eh_verdict *v)
{
	(void)f;
	v->kind = EH_OK_VERDICT;
	strcpy(v->reason, "fine");
	return EH_OK;
}

static int setup(void **state)
{
	char dir[100];

	(void)state;
	chosen_check = says_ok;
	closed_in = NULL;
	load_fails = false;
	temp_project_open(&p);
	(void)snprintf(dir, sizeof dir, "%s/desk", p.dir);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	temp_file(&p, policy_path, "policy.lua", "return {}", 9);
	make_tables();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	eh_desk_close(&desk);
	temp_project_close(&p);
	return 0;
}

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

static void an_answer_is_in_the_store_and_in_the_journal_together(void **state)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *r = NULL, given;
	struct eh_journal_entry *entries = NULL;
	struct eh_journal_state st;
	size_t n_r = 0, n_entries = 0;

	(void)state;
	chosen_check = individual;
	audit_free(audit(false));
	assert_int_equal(eh_desk_notification(desk, 1, n, &r, &n_r, NULL), EH_OK);
	assert_int_equal(n_r, 0);
	eh_list_free(&r);
	memset(&given, 0, sizeof given);
	given.to = EH_N_CONFIRMED;
	assert_int_equal(eh_desk_respond(desk, 1, n->revision, &given, NULL), EH_EINVAL);       /* no reason */
	strcpy(given.reason, "it holds in both places");
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
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);

	(void)state;
	assert_int_equal(eh_desk_train(desk, "religion", 1, NULL, r, NULL), EH_EREFUSED);
	assert_int_equal(eh_desk_train(desk, "emotion", 1, NULL, r, NULL), EH_EREFUSED);
	assert_int_equal(eh_desk_train(desk, "sex", 1, NULL, r, NULL), EH_EINVAL);              /* nobody was measured */
	free(r);
}

static void without_consent_a_candidate_is_refused_by_name_and_skipped_in_the_whole(void **state)
{
	struct eh_extract_options o = { 1, "C01", false };
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
		cmocka_unit_test_setup_teardown(a_broken_policy_is_policy_error_on_every_finding_and_never_ok, setup, teardown),
		cmocka_unit_test_setup_teardown(systemic_findings_become_one_notification_to_the_process, setup, teardown),
		cmocka_unit_test_setup_teardown(a_policys_gate_makes_classes_there_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_is_in_the_store_and_in_the_journal_together, setup, teardown),
		cmocka_unit_test_setup_teardown(learning_what_may_never_be_inferred_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(without_consent_a_candidate_is_refused_by_name_and_skipped_in_the_whole, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* desk/: the strata behind a stratified ratio add up to it, a notification keeps its own, and one matter is one
 * notification whatever days are looked at. */
#include "desk_project.h"

#include "audit/strata_rows.h"
#include "base/rng.h"
#include "exchange/explain_strata.h"
#include "notify/strata.h"

static struct eh_rng rng;
static enum eh_scope grade;
static const char *notified;            /* evaluators, blanks around each; NULL = everybody below the limit */

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

static int by_grade(const struct eh_finding *f, struct eh_verdict *v)
{
	char name[EH_ID_MAX + 3];
	const bool below = f->ratio_below == EH_YES && strcmp(f->group, "f") == 0;

	(void)snprintf(name, sizeof name, " %s ", f->evaluator);
	v->kind = below && (notified == NULL || strstr(notified, name) != NULL) ? EH_NOTIFY : EH_OK_VERDICT;
	v->scope = v->kind != EH_NOTIFY ? EH_SCOPE_NONE : f->evaluator[0] == '\0' ? EH_SCOPE_SYSTEMIC : grade;
	strcpy(v->reason, "as chosen");
	return EH_OK;
}

/* Persons of one to three decisions each by two evaluators, in strata of a position and a stage; of every third month
 * the first. */
static void judge(size_t first, size_t n)
{
	static const char *const stages[] = { "phone", "room", "board" };
	struct eh_buf c, e;

	eh_buf_init(&c, 1u << 20);
	eh_buf_init(&e, 1u << 20);
	eh_buf_printf(&c, "candidate_id,jurisdiction,position_id,declared.sex\n");
	eh_buf_printf(&e, "evaluator_id,candidate_id,stage,decision,decided_at\n");
	for (size_t i = first; i < first + n; i++) {
		const bool woman = draw(2) == 0;

		eh_buf_printf(&c, "P%04zu,US-IL,%s,%s\n", i, draw(3) == 0 ? "cook" : "clerk", woman ? "f" : "m");
		for (size_t k = 0; k < 1 + i % 3; k++)
			eh_buf_printf(&e, "E%zu,P%04zu,%s,%d,2026-0%zu-01\n", i % 2, i, stages[k],
				      draw(10) < (woman ? 2 : 6) + k, 1 + 3 * (i / 2 % 3));
	}
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(&e));
	eh_buf_free(&c);
	eh_buf_free(&e);
}

static int setup_stages(void **state)
{
	char dir[100];

	(void)state;
	chosen_check = by_grade;
	closed_in = NULL;
	load_fails = false;
	grade = EH_SCOPE_INDIVIDUAL;
	notified = NULL;
	eh_rng_seed(&rng, 5);
	temp_project_open(&temp);
	(void)snprintf(dir, sizeof dir, "%s/desk", temp.dir);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nE0\nE1\n");
	judge(0, 400);
	return 0;
}

static void audit(const char *from)
{
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;

	if (from != NULL)
		(void)snprintf(o.window.from, sizeof o.window.from, "%s", from);
	if (eh_desk_audit(desk, policy_path, &o, false, NULL, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	eh_audit_result_free(r);
	free(r);
}

static struct eh_notification *notifications(size_t *n)
{
	struct eh_notification *v = NULL;

	assert_int_equal(eh_desk_notifications(desk, &v, n, NULL), EH_OK);
	return v;
}

static struct eh_finding *findings(struct eh_audit_head *head, size_t *n)
{
	struct eh_finding *v = NULL;

	assert_int_equal(eh_desk_findings(desk, 0, head, &v, n, NULL), EH_OK);
	return v;
}

/* To the last bit: the same sums in the same order. */
static void assert_adds_up(const struct eh_strata_rows *r, const struct eh_finding *f)
{
	struct eh_strata s;
	double up = 0.0, down = 0.0;

	assert_true(eh_strata_rows_fit(r, f));
	assert_int_equal(r->n, f->strata);
	for (size_t i = 0; i < r->n; i++) {
		up += eh_stratum_up(&r->v[i].t);
		down += eh_stratum_down(&r->v[i].t);
		assert_true(f->evaluator[0] == '\0' || strcmp(r->evaluators[r->v[i].evaluator], f->evaluator) == 0);
		assert_true(f->position[0] == '\0' ||
			    strncmp(r->strata[r->v[i].stratum], f->position, strlen(f->position)) == 0);
	}
	assert_int_equal(eh_strata_rows_sum(&s, r, NULL), EH_OK);
	assert_true(f->mh_ratio.defined);
	assert_memory_equal(&s.ratio.value, &f->mh_ratio.value, sizeof(double));
	assert_memory_equal(&s.p_cmh.value, &f->p_cmh.value, sizeof(double));
	assert_memory_equal(&s.p_breslow_day.value, &f->p_breslow_day.value, sizeof(double));
	up /= down;
	assert_memory_equal(&up, &f->mh_ratio.value, sizeof up);
}

static bool same_rows(const struct eh_strata_rows *a, const struct eh_strata_rows *b)
{
	bool same = a->n == b->n && a->n_aside == b->n_aside && memcmp(&a->aside, &b->aside, sizeof a->aside) == 0;

	for (size_t i = 0; same && i < a->n; i++)
		same = memcmp(&a->v[i].t, &b->v[i].t, sizeof a->v[i].t) == 0 &&
		       strcmp(a->evaluators[a->v[i].evaluator], b->evaluators[b->v[i].evaluator]) == 0 &&
		       strcmp(a->strata[a->v[i].stratum], b->strata[b->v[i].stratum]) == 0;
	return same;
}

static void every_finding_of_the_last_run_gets_its_strata(void **state)
{
	struct eh_run_strata *x = NULL;
	struct eh_audit_head head;
	struct eh_finding *v;
	size_t n = 0, stratified = 0;

	(void)state;
	audit(NULL);
	v = findings(&head, &n);
	assert_int_equal(eh_desk_run_strata_open(&x, desk, &head, NULL), EH_OK);
	for (size_t i = 0; i < n; i++) {
		enum eh_strata_known known = EH_STRATA_OWN;
		struct eh_strata_rows rows;

		assert_int_equal(eh_desk_run_strata_of(x, &v[i], &rows, &known, NULL), EH_OK);
		assert_int_equal(known, EH_STRATA_THERE);
		assert_adds_up(&rows, &v[i]);
		stratified++;
		eh_strata_rows_free(&rows);
	}
	/* all, two positions, two evaluators; two groups each */
	assert_int_equal(stratified, 10);
	eh_desk_run_strata_close(&x);
	eh_list_free(&v);
}

static void strata_of_certain_days_are_of_these_days(void **state)
{
	struct eh_run_strata *x = NULL;
	struct eh_audit_head head;
	struct eh_finding *v;
	size_t n = 0;

	(void)state;
	audit("2026-04-01");
	v = findings(&head, &n);
	assert_int_equal(eh_desk_run_strata_open(&x, desk, &head, NULL), EH_OK);
	for (size_t i = 0; i < n; i++) {
		enum eh_strata_known known = EH_STRATA_OWN;
		struct eh_strata_rows rows;

		assert_int_equal(eh_desk_run_strata_of(x, &v[i], &rows, &known, NULL), EH_OK);
		assert_int_equal(known, EH_STRATA_THERE);
		assert_adds_up(&rows, &v[i]);
		eh_strata_rows_free(&rows);
	}
	eh_desk_run_strata_close(&x);
	eh_list_free(&v);
}

static void notification_strata(const struct eh_notification *n, struct eh_strata_rows *out)
{
	enum eh_strata_known known = EH_STRATA_OWN;

	assert_int_equal(eh_desk_notification_strata(desk, n, out, &known, NULL), EH_OK);
	assert_int_equal(known, EH_STRATA_THERE);
}

static void a_notification_keeps_its_strata_when_the_counts_go_on(void **state)
{
	struct eh_strata_rows before[16], rows;
	enum eh_strata_known known = EH_STRATA_THERE;
	struct eh_run_strata *x = NULL;
	struct eh_audit_head head;
	struct eh_notification *v, *w;
	struct eh_finding *f;
	size_t n = 0, m = 0, nf = 0;

	(void)state;
	audit(NULL);
	v = notifications(&n);
	/* the process as a whole and per position, and both evaluators */
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++) {
		notification_strata(&v[i], &before[i]);
		assert_adds_up(&before[i], &v[i].finding);
	}
	judge(400, 60);
	for (size_t i = 0; i < n; i++) {
		notification_strata(&v[i], &rows);
		assert_true(same_rows(&rows, &before[i]));
		eh_strata_rows_free(&rows);
	}
	f = findings(&head, &nf);
	assert_int_equal(eh_desk_run_strata_open(&x, desk, &head, NULL), EH_OK);
	assert_int_equal(eh_desk_run_strata_of(x, &f[0], &rows, &known, NULL), EH_OK);
	assert_int_equal(known, EH_STRATA_CHANGED);
	assert_int_equal(rows.n, 0);
	assert_non_null(strstr(eh_strata_known_text(known), "run audit again"));
	eh_desk_run_strata_close(&x);
	eh_list_free(&f);
	audit(NULL);
	w = notifications(&m);
	assert_int_equal(m, n);
	for (size_t i = 0; i < m; i++) {
		notification_strata(&w[i], &rows);
		assert_adds_up(&rows, &w[i].finding);
		assert_false(same_rows(&rows, &before[i]));
		eh_strata_rows_free(&rows);
		eh_strata_rows_free(&before[i]);
	}
	eh_list_free(&v);
	eh_list_free(&w);
}

/* An audit that is kept open stores the strata of what was counted in since, too. */
static void an_open_audit_keeps_the_strata_of_what_it_stores(void **state)
{
	struct eh_open_audit *a = NULL;
	struct eh_strata_rows rows;
	struct eh_notification *v;
	size_t n = 0;

	(void)state;
	assert_int_equal(eh_desk_audit_open(&a, desk, policy_path, NULL, NULL, NULL), EH_OK);
	import(EH_IMPORT_EVALUATIONS, "one.csv",
	       "evaluator_id,candidate_id,stage,decision\nE0,P0000,phone,1\nE1,P0001,phone,1\n");
	assert_int_equal(eh_desk_audit_refresh(a, NULL, NULL, NULL), EH_OK);
	assert_int_equal(eh_desk_audit_store(a, NULL), EH_OK);
	eh_desk_audit_close(&a);
	v = notifications(&n);
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++) {
		notification_strata(&v[i], &rows);
		assert_adds_up(&rows, &v[i].finding);
		eh_strata_rows_free(&rows);
	}
	eh_list_free(&v);
}

static void what_an_earlier_version_did_not_keep_is_said(void **state)
{
	enum eh_strata_known known = EH_STRATA_THERE;
	struct eh_strata_rows rows;
	struct eh_notification *v;
	size_t n = 0;
	char *text, path[120];
	struct eh_store *store = NULL;
	struct eh_txn *txn = NULL;

	(void)state;
	audit(NULL);
	eh_desk_close(&desk);
	(void)snprintf(path, sizeof path, "%s/desk", temp.dir);
	assert_int_equal(eh_store_open(&store, path, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, store, true, NULL), EH_OK);
	assert_int_equal(eh_txn_clear(txn, EH_T_STRATA, NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_store_close(&store);
	assert_int_equal(eh_desk_open(&desk, path, &engine, NULL), EH_OK);
	v = notifications(&n);
	assert_int_equal(eh_desk_notification_strata(desk, &v[0], &rows, &known, NULL), EH_OK);
	assert_int_equal(known, EH_STRATA_NOT_KEPT);
	text = eh_strata_text(&v[0].finding, &rows, eh_strata_known_text(known));
	assert_non_null(strstr(text, "earlier"));
	free(text);
	eh_list_free(&v);
}

static void more_strata_than_one_record_holds_come_back_as_they_were(void **state)
{
	const size_t many = 2 * EH_STRATA_PART + 7;
	struct eh_strata_rows r = { .v = eh_xcalloc(many, sizeof *r.v), .n = many }, back;
	struct temp_project p;
	struct eh_txn *txn;

	(void)state;
	r.n_evaluators = 300;
	r.evaluators = eh_xcalloc(r.n_evaluators, sizeof *r.evaluators);
	for (size_t i = 0; i < r.n_evaluators; i++)
		r.evaluators[i] = eh_xasprintf("E%zu", i);
	r.n_strata = many;
	r.strata = eh_xcalloc(many, sizeof *r.strata);
	for (size_t i = 0; i < many; i++) {
		r.strata[i] = eh_xasprintf("P%zu\x1f\x1fQ", i);
		r.v[i] = (struct eh_stratum_row){ (uint32_t)(i * 7 % 300), (uint32_t)(many - 1 - i),
						  { i % 5, 5 + i, i % 3, 3 } };
	}
	r.n_aside = 2;
	r.aside = (struct eh_fourfold){ 1, 2, 0, 0 };
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_notification_strata_put(txn, 7, &r, NULL), EH_OK);
	assert_int_equal(eh_notification_strata_get(txn, 8, &back, NULL), EH_ENOENT);
	assert_int_equal(eh_notification_strata_get(txn, 7, &back, NULL), EH_OK);
	assert_true(same_rows(&r, &back));
	eh_strata_rows_free(&back);
	r.n = 3;
	assert_int_equal(eh_notification_strata_put(txn, 7, &r, NULL), EH_OK);
	assert_int_equal(eh_notification_strata_get(txn, 7, &back, NULL), EH_OK);
	assert_true(same_rows(&r, &back));
	eh_strata_rows_free(&back);
	assert_int_equal(eh_notification_strata_drop(txn, 7, NULL), EH_OK);
	assert_int_equal(eh_notification_strata_get(txn, 7, &back, NULL), EH_ENOENT);
	eh_txn_abort(&txn);
	temp_project_close(&p);
	eh_strata_rows_free(&r);
}

/* ---- one matter, one notification ---- */

static void fewer_days_make_no_second_notification(void **state)
{
	struct eh_notification *v;
	size_t n = 0;

	(void)state;
	notified = " E0 ";
	audit(NULL);
	v = notifications(&n);
	assert_int_equal(n, 1);
	assert_false(v[0].systemic);
	assert_int_equal(v[0].finding.scope, EH_SCOPE_INDIVIDUAL);
	eh_list_free(&v);

	/* too few decisions to tell him from the others */
	grade = EH_SCOPE_SYSTEMIC;
	audit("2026-04-01");
	v = notifications(&n);
	assert_int_equal(n, 1);
	assert_false(v[0].systemic);
	assert_string_equal(v[0].finding.evaluator, "E0");
	assert_int_equal(v[0].finding.scope, EH_SCOPE_SYSTEMIC);
	assert_string_equal(v[0].window.from, "2026-04-01");
	assert_int_equal(v[0].revision, 2);
	eh_list_free(&v);

	/* another evaluator has none of his own: the process is told, of both */
	notified = " E0 E1 ";
	audit("2026-04-01");
	v = notifications(&n);
	assert_int_equal(n, 2);
	assert_true(v[0].systemic);
	assert_int_equal(v[0].n_members, 2);
	assert_string_equal(v[1].finding.evaluator, "E0");
	eh_list_free(&v);

	/* and told on, as long as that is open */
	notified = " E0 ";
	audit(NULL);
	v = notifications(&n);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].n_members, 1);
	assert_int_equal(v[0].revision, 2);
	eh_list_free(&v);
}

static void an_answered_one_does_not_stand_for_a_new_grade(void **state)
{
	struct eh_response r = { .to = EH_N_REJECTED };
	struct eh_notification *v;
	size_t n = 0;

	(void)state;
	strcpy(r.reason, "looked into");
	notified = " E0 ";
	audit(NULL);
	v = notifications(&n);
	assert_int_equal(eh_desk_respond(desk, v[0].seq, v[0].revision, &r, NULL), EH_OK);
	eh_list_free(&v);
	grade = EH_SCOPE_SYSTEMIC;
	audit(NULL);
	v = notifications(&n);
	assert_int_equal(n, 2);
	assert_true(v[0].systemic);
	eh_list_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_finding_of_the_last_run_gets_its_strata, setup_stages, teardown),
		cmocka_unit_test_setup_teardown(strata_of_certain_days_are_of_these_days, setup_stages, teardown),
		cmocka_unit_test_setup_teardown(a_notification_keeps_its_strata_when_the_counts_go_on, setup_stages,
						teardown),
		cmocka_unit_test_setup_teardown(an_open_audit_keeps_the_strata_of_what_it_stores, setup_stages,
						teardown),
		cmocka_unit_test_setup_teardown(what_an_earlier_version_did_not_keep_is_said, setup_stages, teardown),
		cmocka_unit_test(more_strata_than_one_record_holds_come_back_as_they_were),
		cmocka_unit_test_setup_teardown(fewer_days_make_no_second_notification, setup_stages, teardown),
		cmocka_unit_test_setup_teardown(an_answered_one_does_not_stand_for_a_new_grade, setup_stages,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Names, the order of decisions, verdict words, and the codec of findings and heads. */
#include "tests/core/audit_build.h"
#include "tests/core/temp_project.h"

#include "store/codec.h"

#include <math.h>

static void names_come_back_sorted_and_unique(void **state)
{
	struct eh_name_builder *b = eh_names_new();
	struct eh_names n;
	uint32_t *map = NULL, old[3000];

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "n%u", (i * 7919u) % 1500u);
		old[i] = eh_names_add(b, name);
	}
	eh_names_finish(&b, &n, &map);
	assert_null(b);
	assert_int_equal(n.n, 1500);
	for (size_t i = 1; i < n.n; i++)
		assert_true(strcmp(n.v[i - 1], n.v[i]) < 0);
	for (unsigned i = 0; i < 3000; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "n%u", (i * 7919u) % 1500u);
		assert_string_equal(n.v[map[old[i]]], name);
		assert_int_equal(eh_names_find(&n, name), map[old[i]]);
	}
	assert_true(eh_names_find(&n, "nobody") == UINT32_MAX);
	free(map);
	eh_names_free(&n);
	assert_true(eh_names_find(&n, "n1") == UINT32_MAX);
}

static void two_decisions_in_one_stratum_are_named_and_refused(void **state)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;

	(void)state;
	build_cell(&b, "E1", "s", 0, 3, 1);
	build_cell(&b, "E1", "s", 1, 3, 1);
	build_finish(&d, &b, (const char *const[]){ "a", "b" }, 2);
	d.candidate[0] = d.candidate[5];
	assert_int_equal(eh_audit_data_sort(&d, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "E1"));
	assert_non_null(strstr(err.msg, d.candidates.v[d.candidate[5]]));
	d.candidate[0] = 99;
	assert_int_equal(eh_audit_data_sort(&d, &err), EH_EFORMAT);
	eh_audit_data_free(&d);
}

static void verdict_words_and_signs_are_the_contract(void **state)
{
	enum eh_verdict_kind v = EH_OK_VERDICT;

	(void)state;
	for (int i = 0; i < EH_VERDICT_COUNT; i++) {
		const char *ascii = eh_verdict_symbol((enum eh_verdict_kind)i, true);

		assert_int_equal(eh_verdict_parse(&v, eh_verdict_text((enum eh_verdict_kind)i)), EH_OK);
		assert_int_equal(v, i);
		for (const char *c = ascii; *c != '\0'; c++)
			assert_true((unsigned char)*c < 128);
	}
	assert_string_equal(eh_verdict_symbol(EH_NOTIFY, true), "!!");
	assert_string_equal(eh_verdict_symbol(EH_OK_VERDICT, true), ".");
	assert_int_equal(eh_verdict_parse(&v, "guilty"), EH_EFORMAT);
}

/* Each field of its own value: one left out or read in another order shows. */
static void predicted(struct eh_finding *f)
{
	struct eh_finding_assumption *a = &f->assume;
	struct eh_num *const numbers[] = {
		&a->bounds.low, &a->bounds.high, &a->n_eff, &a->auc, &a->auc_lo, &a->ece, &a->out_of_scope, &a->fit_p,
		&a->p_score, &a->p_class, &a->threshold_ratio, &a->abstain_ratio, &a->matrix_ratio,
		&a->matrix_condition,
	};

	f->predicted = 7;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		*numbers[i] = i % 5 == 4 ? eh_undefined(EH_U_ILL_CONDITIONED) : eh_num(0.01 * (double)(i + 1));
	a->cells = 12;
	a->em_supports = a->bounds_support = true;
	a->labelled = 34;
	a->undetermined = 56;
	a->refused = 78;
}

/* A real finding, every field as the audit fills it, and the fields a policy fills. */
static void make_findings(struct eh_findings *f)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;

	build_cell(&b, "E1", "s", 0, 30, 8);
	build_cell(&b, "E1", "t", 1, 30, 20);
	build_cell(&b, "E2", "s", 0, 30, 0);
	build_cell(&b, "E2", "s", 1, 30, 20);
	build_finish(&d, &b, (const char *const[]){ "a", "b" }, 2);
	run_audit(f, &d, &s);
	f->v[0].verdict = EH_NOTIFY;
	f->v[0].scope = EH_SCOPE_SYSTEMIC;
	(void)snprintf(f->v[0].reason, sizeof f->v[0].reason, "ratio 0.4 < 4/5");
	(void)snprintf(f->v[0].guard, sizeof f->v[0].guard, "none");
	f->v[0].robust = true;
	f->v[0].basis = EH_BASIS_SCREENING;
	predicted(&f->v[1]);
	f->v[1].homogeneity_test = EH_STRATA_LIANG_SELF;
	f->v[1].p_homogeneity = eh_num(0.123);
	f->v[1].homogeneity_inflation = eh_num(1.25);
	eh_audit_data_free(&d);
}

struct seen {
	const struct eh_findings *f;
	struct eh_finding copy[16];
	uint32_t next;
};

static int same(void *ctx, uint32_t index, const struct eh_finding *f, struct eh_err *err)
{
	struct seen *s = ctx;

	(void)err;
	assert_int_equal(index, s->next);
	s->copy[s->next++] = *f;
	return 0;
}

static void findings_come_back_byte_for_byte(void **state)
{
	struct temp_project p;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_findings f;
	struct eh_finding one;
	static struct seen seen;

	(void)state;
	temp_project_open(&p);
	make_findings(&f);
	seen.f = &f;
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	for (uint32_t i = 0; i < f.n; i++)
		assert_int_equal(eh_finding_put(txn, 300, i, &f.v[i], &err), EH_OK);
	assert_int_equal(eh_finding_put(txn, 301, 0, &f.v[1], &err), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, &err), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, p.store, false, &err), EH_OK);
	assert_int_equal(eh_findings_each(txn, 300, same, &seen, &err), EH_OK);
	assert_int_equal(seen.next, f.n);
	assert_int_equal(eh_finding_get(txn, 300, 1, &one, &err), EH_OK);
	assert_string_equal(one.evaluator, f.v[1].evaluator);
	assert_int_equal(eh_finding_get(txn, 300, 999, &one, &err), EH_ENOENT);
	eh_txn_abort(&txn);
	for (uint32_t i = 0; i < f.n; i++) {
		const struct eh_finding *x = &seen.copy[i], *y = &f.v[i];

		assert_same_finding(p.store, x, y);
		assert_string_equal(x->group, y->group);
		assert_string_equal(x->reason, y->reason);
		assert_int_equal(x->n, y->n);
		assert_int_equal(x->verdict, y->verdict);
		assert_int_equal(x->limit_den, 5);
		assert_int_equal(x->homogeneity_test, y->homogeneity_test);
		assert_true(x->p_homogeneity.value == y->p_homogeneity.value);
		assert_true(x->homogeneity_inflation.value == y->homogeneity_inflation.value);
		assert_int_equal(x->p.why, y->p.why);
		assert_true(x->interval.low.value == y->interval.low.value);
	}
	assert_true(seen.copy[1].assume.bounds.low.value == 0.01 && seen.copy[1].assume.matrix_condition.value == 0.14);
	assert_true(seen.copy[1].assume.fit_p.value == 0.08 && seen.copy[1].assume.matrix_ratio.value == 0.13);
	assert_int_equal(seen.copy[1].assume.p_class.why, EH_U_ILL_CONDITIONED);
	assert_true(seen.copy[1].assume.cells == 12 && seen.copy[1].assume.labelled == 34);
	assert_true(seen.copy[1].assume.undetermined == 56);
	assert_true(seen.copy[1].assume.em_supports && seen.copy[1].assume.bounds_support);
	eh_findings_free(&f);
	temp_project_close(&p);
}

/* Where rests_on stands in a record: layout 1 ends before it, layout 2 behind it. */
static size_t place_of_rests_on(struct eh_store *store, const struct eh_finding *f)
{
	static unsigned char a[8192], b[8192];
	struct eh_finding other = *f;
	size_t n = 0, at = 0;

	other.rests_on = f->rests_on == EH_RATIO_PLAIN ? EH_RATIO_STRATIFIED : EH_RATIO_PLAIN;
	n = finding_record(a, sizeof a, store, f);
	assert_int_equal(finding_record(b, sizeof b, store, &other), n);
	while (at < n && a[at] == b[at])
		at++;
	assert_true(at < n);
	assert_memory_equal(&a[at + 1], &b[at + 1], n - at - 1);
	return at;
}

/* What was stored before it was written down which ratio decides: the strata did, where there were any. */
static void a_finding_of_an_earlier_layout_says_what_it_rested_on(void **state)
{
	static const unsigned char key[12] = { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 };
	static unsigned char bytes[8192];
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_findings f;
	struct eh_finding one;

	(void)state;
	temp_project_open(&p);
	make_findings(&f);
	for (int i = 0; i < 4; i++) {
		const int strata = i % 2, layout = 1 + i / 2;
		size_t n;

		f.v[1].basis = EH_BASIS_KNOWN;
		f.v[1].rests_on = EH_RATIO_ESTIMATED;
		f.v[1].mh_ratio = strata ? eh_num(0.9) : eh_undefined(EH_U_ONE_STRATUM);
		n = place_of_rests_on(p.store, &f.v[1]) + (layout == 2);
		(void)finding_record(bytes, sizeof bytes, p.store, &f.v[1]);
		assert_int_equal(bytes[0], 6);
		bytes[0] = (unsigned char)layout;
		assert_int_equal(eh_txn_begin(&txn, p.store, true, NULL), EH_OK);
		assert_int_equal(eh_txn_put(txn, EH_T_FINDINGS, (struct eh_bytes){ key, 12 },
					    (struct eh_bytes){ bytes, n }, NULL), EH_OK);
		assert_int_equal(eh_finding_get(txn, 1, 0, &one, NULL), EH_OK);
		assert_int_equal(one.rests_on, layout == 2 ? EH_RATIO_ESTIMATED
							   : strata ? EH_RATIO_STRATIFIED : EH_RATIO_PLAIN);
		assert_string_equal(one.reason, f.v[1].reason);
		assert_int_equal(one.posterior.why, EH_U_NOT_COMPUTED);
		assert_int_equal(one.p_anytime.why, EH_U_NOT_COMPUTED);
		eh_txn_abort(&txn);
	}
	eh_findings_free(&f);
	temp_project_close(&p);
}

/* A finding of the policy's own carries what it is about; the record of another is one byte longer than before. */
static void an_own_finding_comes_back_whole(void **state)
{
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_findings f;
	struct eh_finding one;

	(void)state;
	temp_project_open(&p);
	make_findings(&f);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, NULL), EH_OK);
	assert_int_equal(eh_finding_put(txn, 1, 0, &f.v[1], NULL), EH_OK);
	f.v[1].own = f.v[1].counted = true;
	strcpy(f.v[1].stage, "S1");
	strcpy(f.v[1].question, "q2");
	strcpy(f.v[1].period, "2026-03");
	strcpy(f.v[1].subject, "consent");
	assert_int_equal(eh_finding_put(txn, 1, 1, &f.v[1], NULL), EH_OK);
	assert_int_equal(eh_finding_get(txn, 1, 0, &one, NULL), EH_OK);
	assert_false(one.own || one.counted);
	assert_string_equal(one.stage, "");
	assert_int_equal(eh_finding_get(txn, 1, 1, &one, NULL), EH_OK);
	assert_true(one.own && one.counted);
	assert_string_equal(one.stage, "S1");
	assert_string_equal(one.question, "q2");
	assert_string_equal(one.period, "2026-03");
	assert_string_equal(one.subject, "consent");
	assert_string_equal(one.reason, f.v[1].reason);
	eh_txn_abort(&txn);
	eh_findings_free(&f);
	temp_project_close(&p);
}

static void a_damaged_record_is_an_error_not_a_finding(void **state)
{
	struct temp_project p;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_finding one;
	unsigned char key[12] = { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 };
	unsigned char newer[] = { 9, 0, 1, 2, 3 }, cut[] = { 1, 0, 2, 0, 0, 0, 'E', '1' };

	(void)state;
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_txn_put(txn, EH_T_FINDINGS, (struct eh_bytes){ key, 12 },
				    (struct eh_bytes){ newer, sizeof newer }, &err), EH_OK);
	assert_int_equal(eh_finding_get(txn, 1, 0, &one, &err), EH_EFORMAT);
	assert_int_equal(eh_txn_put(txn, EH_T_FINDINGS, (struct eh_bytes){ key, 12 },
				    (struct eh_bytes){ cut, sizeof cut }, &err), EH_OK);
	assert_int_equal(eh_finding_get(txn, 1, 0, &one, &err), EH_EFORMAT);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void the_last_audit_is_the_one_with_the_highest_number(void **state)
{
	struct temp_project p;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_audit_head h = {
		.seq = 2, .at = -5, .limit_num = 4, .limit_den = 5, .findings = 7, .notify = 1, .family_size = 12,
		.policy = "evaluator_screen", .policy_version = "1", .family_method = "bh", .decisions = 99, .holds = 3,
	};
	struct eh_audit_head got;

	(void)state;
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_audit_head_last(txn, &got, &err), EH_ENOENT);
	assert_int_equal(eh_audit_head_put(txn, &h, &err), EH_OK);
	h.seq = 300;
	assert_int_equal(eh_audit_head_put(txn, &h, &err), EH_OK);
	assert_int_equal(eh_audit_head_last(txn, &got, &err), EH_OK);
	assert_int_equal(got.seq, 300);
	assert_string_equal(got.policy, "evaluator_screen");
	assert_string_equal(got.family_method, "bh");
	assert_int_equal(got.findings, 7);
	assert_int_equal(got.holds, 3);
	assert_int_equal(eh_audit_head_get(txn, 2, &got, &err), EH_OK);
	assert_int_equal(got.seq, 2);
	assert_int_equal(got.at, -5);
	assert_int_equal(eh_audit_head_get(txn, 3, &got, &err), EH_ENOENT);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

/* Layout 2 ended with the looks: what came later is not made up. */
static void a_head_of_an_earlier_layout_is_still_read(void **state)
{
	struct temp_project p;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_audit_head h = {
		.seq = 7, .limit_num = 4, .limit_den = 5, .policy = "house", .look = 3, .anytime = true,
		.policy_state = EH_POLICY_ACTIVE, .policy_author = "anna", .policy_approver = "ben",
		.alpha = eh_num(0.05), .min_group = 10, .min_total = 30, .min_share = 200,
	}, got;
	struct eh_bytes value;
	struct eh_key k;
	struct eh_buf old;
	const unsigned char *author;

	(void)state;
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_audit_head_put(txn, &h, &err), EH_OK);
	assert_int_equal(eh_audit_head_get(txn, 7, &got, &err), EH_OK);
	assert_int_equal(got.policy_state, EH_POLICY_ACTIVE);
	assert_string_equal(got.policy_author, "anna");
	assert_string_equal(got.policy_approver, "ben");
	assert_true(got.alpha.defined && got.alpha.value == 0.05);
	assert_int_equal(got.min_share, 200);
	/* the same bytes up to the new ones (state, the author's length and name ...), under the old layout's number */
	eh_key_init(&k);
	eh_key_u64(&k, 7);
	assert_int_equal(eh_txn_get(txn, EH_T_AUDITS, eh_key_bytes(&k), &value, &err), EH_OK);
	eh_buf_init(&old, 4096);
	eh_record_begin(&old, 2);
	author = memmem(value.data, value.len, "anna", 4);
	assert_non_null(author);
	eh_buf_add(&old, value.data + old.len, (size_t)(author - 5 - value.data) - old.len);
	assert_int_equal(eh_txn_put(txn, EH_T_AUDITS, eh_key_bytes(&k), (struct eh_bytes){ old.data, old.len }, &err),
			 EH_OK);
	assert_int_equal(eh_audit_head_get(txn, 7, &got, &err), EH_OK);
	assert_string_equal(got.policy, "house");
	assert_true(got.anytime && got.look == 3);
	assert_int_equal(got.policy_state, EH_POLICY_NOT_RECORDED);
	assert_string_equal(got.policy_author, "");
	assert_false(got.alpha.defined);
	eh_buf_free(&old);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_back_sorted_and_unique),
		cmocka_unit_test(two_decisions_in_one_stratum_are_named_and_refused),
		cmocka_unit_test(verdict_words_and_signs_are_the_contract),
		cmocka_unit_test(findings_come_back_byte_for_byte),
		cmocka_unit_test(a_finding_of_an_earlier_layout_says_what_it_rested_on),
		cmocka_unit_test(an_own_finding_comes_back_whole),
		cmocka_unit_test(a_damaged_record_is_an_error_not_a_finding),
		cmocka_unit_test(the_last_audit_is_the_one_with_the_highest_number),
		cmocka_unit_test(a_head_of_an_earlier_layout_is_still_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* desk/: classes that a stale or weak model gave count nowhere, what takes them away is journalled, and many
 * withdrawals rewrite the store once. */
#include "desk_measured.h"

#include "store/codec.h"

/* The four who declared nothing are judged too. */
static void judge_the_second(void)
{
	struct eh_buf b;

	eh_buf_init(&b, 1u << 16);
	eh_buf_printf(&b, "evaluator_id,candidate_id,decision\n");
	for (int i = 40; i < MEASURED; i++)
		eh_buf_printf(&b, "BAD,C%02d,%d\nOK,C%02d,%d\n", i, i % 2, i, i / 2 % 2);
	import(EH_IMPORT_EVALUATIONS, "more.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
}

/* Audits, dry; persons with a predicted class in the decisions of OK. */
static uint64_t audited(struct eh_audit_result *r)
{
	struct eh_err err = EH_ERR_INIT;
	uint64_t predicted = 0;

	if (eh_desk_audit(desk, policy_path, NULL, true, NULL, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < r->findings.n; i++)
		if (strcmp(r->findings.v[i].evaluator, "OK") == 0)
			predicted = r->findings.v[i].predicted;
	eh_audit_result_free(r);
	return predicted;
}

static uint32_t standing_predicted(void)
{
	struct eh_standing *s = eh_xcalloc(1, sizeof *s);
	uint32_t n;

	assert_int_equal(eh_desk_standing(desk, s, NULL), EH_OK);
	n = s->predicted;
	free(s);
	return n;
}

static size_t entries_of(const char *verb)
{
	struct eh_journal_entry *v = NULL;
	size_t n = 0, sum = 0;

	assert_int_equal(eh_desk_journal(desk, 0, &v, &n, NULL), EH_OK);
	for (size_t i = 0; i < n; i++)
		sum += strcmp(v[i].verb, verb) == 0;
	eh_list_free(&v);
	return sum;
}

static void classes_of_a_stale_model_are_not_used_until_it_is_made_anew(void **state)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_train_report *t = eh_xcalloc(4, sizeof *t);
	struct eh_classify_report c;
	size_t n = 0;

	(void)state;
	measure_everybody();
	judge_the_second();
	(void)train_sex();
	assert_int_equal(classify_sex(&c, NULL), EH_OK);
	assert_int_equal(audited(r), 4);
	assert_int_equal(r->n_aside, 0);
	assert_int_equal(standing_predicted(), 4);
	consent("C07", "train", false);
	assert_int_equal(audited(r), 0);
	assert_int_equal(r->n_aside, 1);
	assert_string_equal(r->aside[0].attribute, "sex");
	assert_int_equal(r->aside[0].candidates, 4);
	assert_non_null(strstr(r->aside[0].why, "the consent of 1 candidate behind model sex-"));
	assert_non_null(strstr(r->aside[0].why, "evenhand train --refresh sex"));
	assert_int_equal(standing_predicted(), 0);
	assert_int_equal(train_attributes(NULL, 0, true, NULL, t, &n, NULL), EH_OK);
	free(t[0].card);
	assert_int_equal(audited(r), 0); /* the new model gave none yet */
	assert_int_equal(r->n_aside, 0);
	assert_int_equal(classify_sex(&c, NULL), EH_OK);
	assert_int_equal(audited(r), 4);
	assert_int_equal(standing_predicted(), 4);
	free(t);
	free(r);
}

/* Puts a posterior of C40 into the store, as an older program may have left it. */
static void put_left_over(const char *attribute, const char *model)
{
	struct eh_posterior p = {
		.candidate = "C40", .set = 1, .n_groups = 2, .groups = { "a", "b" }, .p = { 0.75, 0.25 }
	};
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;
	char dir[100];

	(void)snprintf(p.attribute, sizeof p.attribute, "%s", attribute);
	(void)snprintf(p.model, sizeof p.model, "%s", model);
	if (strcmp(attribute, "sex") == 0) {
		strcpy(p.groups[0], "female");
		strcpy(p.groups[1], "male");
	}
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_store_open(&s, dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, s, true, NULL), EH_OK);
	assert_int_equal(eh_posterior_put(txn, &p, NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_store_close(&s);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
}

static void a_class_of_another_model_is_not_used(void **state)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_classify_report c;

	(void)state;
	measure_everybody();
	judge_the_second();
	(void)train_sex();
	assert_int_equal(classify_sex(&c, NULL), EH_OK);
	put_left_over("sex", "sex-00000000");
	assert_int_equal(audited(r), 3);
	assert_int_equal(r->n_aside, 1);
	assert_int_equal(r->aside[0].candidates, 1);
	assert_non_null(strstr(r->aside[0].why, "another model gave them"));
	free(r);
}

static void what_a_weak_model_said_goes_with_a_journal_entry(void **state)
{
	static const char *const team = "team";
	struct eh_train_report *t = eh_xcalloc(4, sizeof *t);
	struct eh_classify_report c[4];
	struct eh_journal_entry *v = NULL;
	struct eh_buf b;
	size_t n = 0;

	(void)state;
	measure_everybody();
	eh_buf_init(&b, 1u << 16);
	eh_buf_printf(&b, "candidate_id,jurisdiction,declared.team\n");
	for (int i = 0; i < 40; i++)
		eh_buf_printf(&b, "C%02d,US-IL,%s\n", i, i / 3 % 2 == 0 ? "a" : "b");
	import(EH_IMPORT_CANDIDATES, "team.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
	import(EH_IMPORT_CONSENTS, "infer.csv", "candidate_id,purpose,granted,at\nC40,infer:team,yes,2026-01-01\n");
	assert_int_equal(train_attributes(&team, 1, false, NULL, t, &n, NULL), EH_OK);
	put_left_over("team", t[0].model);
	assert_int_equal(eh_desk_classify(desk, "team", NULL, c, 4, &n, NULL), EH_EREFUSED);
	assert_int_equal(entries_of("classify.clear"), 1);
	assert_int_equal(eh_desk_journal(desk, 0, &v, &n, NULL), EH_OK);
	assert_string_equal(v[n - 2].verb, "classify.clear");
	assert_string_equal(v[n - 2].object, "team");
	assert_non_null(strstr(v[n - 2].detail, "1 inferred, "));
	assert_string_equal(v[n - 1].verb, "classify.refused");
	eh_list_free(&v);
	/* nothing was left to clear */
	assert_int_equal(eh_desk_classify(desk, "team", NULL, c, 4, &n, NULL), EH_EREFUSED);
	assert_int_equal(entries_of("classify.clear"), 1);
	free(t[0].card);
	free(t);
}

static void many_withdrawals_of_one_file_rewrite_the_store_once(void **state)
{
	struct eh_classify_report c;
	size_t before;
	struct eh_buf b;

	(void)state;
	measure_everybody();
	(void)train_sex();
	assert_int_equal(classify_sex(&c, NULL), EH_OK);
	before = entries_of("store.tidy");
	eh_buf_init(&b, 1u << 16);
	eh_buf_printf(&b, "candidate_id,purpose,granted,at\n");
	for (int i = 40; i < MEASURED; i++)
		eh_buf_printf(&b, "C%02d,infer:sex,no,2026-02-01\nC%02d,face,no,2026-02-01\n", i, i);
	eh_buf_printf(&b, "C07,face,no,2026-02-01\nC07,voice,no,2026-02-01\n");
	import(EH_IMPORT_CONSENTS, "withdrawn.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
	assert_int_equal(entries_of("store.tidy"), before + 1);
	assert_int_equal(entries_of("consent.sweep"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(classes_of_a_stale_model_are_not_used_until_it_is_made_anew, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_class_of_another_model_is_not_used, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_weak_model_said_goes_with_a_journal_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(many_withdrawals_of_one_file_rewrite_the_store_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

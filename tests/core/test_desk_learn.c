/* desk/: learning and classifying behind the consents; what a withdrawal takes away; tables that come slowly. */
#include "desk_measured.h"

#include <fcntl.h>
#include <math.h>

#include "desk/inside.h"

static void who_cannot_teach_is_counted_by_reason(void **state)
{
	struct eh_train_report *r = eh_xcalloc(4, sizeof *r);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	for (int i = 0; i < 30; i++) {
		char id[4];

		(void)snprintf(id, sizeof id, "C%02d", i);
		consent(id, "train", true);
	}
	import(EH_IMPORT_CANDIDATES, "moved.csv", "candidate_id,jurisdiction,declared.sex\nC00,GB,female\n");
	assert_int_equal(train_one(NULL, r, &err), EH_EINVAL);
	assert_int_equal(r->without_consent, 10);
	assert_int_equal(r->closed_place, 1);
	assert_int_equal(r->without_vector, 29);        /* nobody was measured */
	assert_non_null(strstr(err.msg, "29 without indicators"));
	free(r);
}

static void a_model_with_a_withdrawn_candidate_classifies_nobody_until_it_is_trained_again(void **state)
{
	struct eh_classify_report r;
	struct eh_model_row *rows = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t n = 0;

	(void)state;
	measure_everybody();
	assert_int_equal(train_sex(), 40);
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	assert_int_equal(r.classified, 4);
	assert_int_equal(stale_models(), 0);
	consent("C07", "train", false);
	assert_int_equal(stale_models(), 1);
	assert_int_equal(classify_sex(&r, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "contains 1 candidate whose consent was withdrawn"));
	assert_non_null(strstr(err.msg, "evenhand train --refresh sex"));
	assert_string_equal(last_verb(), "classify.refused");
	assert_int_equal(eh_desk_models(desk, &rows, &n, NULL), EH_OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].withdrawn, 1);
	eh_list_free(&rows);
	assert_int_equal(train_sex(), 39);
	assert_int_equal(stale_models(), 0);
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
}

static void a_withdrawn_consent_takes_the_classes_it_gave_and_makes_its_models_stale(void **state)
{
	struct eh_standing *s = eh_xcalloc(1, sizeof *s);
	struct eh_classify_report r;

	(void)state;
	measure_everybody();
	(void)train_sex();
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	consent("C41", "watch", false);         /* was classified by face, voice or both: all rest on it */
	assert_int_equal(eh_desk_standing(desk, s, NULL), EH_OK);
	assert_int_equal(s->predicted, 3);
	assert_int_equal(s->stale_models, 0);   /* C41 taught nothing */
	consent("C08", "voice", false);         /* taught the model with its voice */
	assert_int_equal(stale_models(), 1);
	free(s);
}

static void a_withdrawal_and_what_it_ends_are_one_commit(void **state)
{
	struct eh_classify_report r;
	struct other other;
	uint64_t before;

	(void)state;
	measure_everybody();
	(void)train_sex();
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	other = hold_open();                    /* so that the store is not rewritten, which begins its numbers anew */
	before = eh_desk_version(desk);
	consent("C42", "infer:sex", false);
	assert_int_equal(eh_desk_version(desk), before + 1);
	let_go(&other);
}

/* What the audit knows of the classifier: its skill, and what it said of those it learnt from while it did not know
 * them. */
static void the_audit_sees_the_classifier_through_its_contributors(void **state)
{
	struct eh_audit_data d;
	struct eh_classify_report r;
	struct eh_err err = EH_ERR_INIT;
	eh_place *places = NULL;

	(void)state;
	measure_everybody();
	(void)train_sex();
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	for (int round = 0; round < 2; round++) {
		size_t labelled = 0, right = 0, declared = 0;
		const struct eh_attribute_data *a = NULL;

		import(EH_IMPORT_EVALUATIONS, "second.csv",
		       "evaluator_id,candidate_id,decision\nOK,C40,1\nOK,C41,0\nOK,C42,1\nOK,C43,0\n");
		if (eh_desk_gather(desk, &d, &places, &err) != EH_OK)
			fail_msg("%s", err.msg);
		a = &d.attributes[0];
		assert_string_equal(a->name, "sex");
		if (round == 1) {       /* who no longer lets himself be learnt from takes the whole model with him */
			assert_null(a->prob);
			assert_null(a->labelled);
			assert_int_equal(a->aside, 4);
			eh_audit_data_free(&d);
			free(places);
			break;
		}
		assert_non_null(a->prob);
		assert_non_null(a->labelled);
		assert_non_null(a->out_of_scope);
		for (size_t i = 0; i < d.candidates.n; i++) {
			const double *p = &a->prob[2 * i];

			declared += a->provenance[i] == EH_DECLARED;
			if (a->labelled[i] == 0)
				continue;
			assert_int_equal(a->provenance[i], EH_DECLARED);
			assert_true(fabs(p[0] + p[1] - 1.0) < 1e-9);
			labelled++;
			right += p[a->group[i]] > 0.5;
		}
		assert_true(declared > 10);
		assert_int_equal(labelled, declared);
		assert_true(10 * right > 8 * labelled);
		assert_true(a->auc.value >= a->auc_lo.value && a->auc_lo.value >= 0.8 && a->ece.defined);
		eh_audit_data_free(&d);
		free(places);
		consent("C07", "train", false);
	}
}

/* ---- several attributes, weak ones ---- */

/* Declares `attribute` for C00..C39: group a or b by turn in blocks of `block`. */
static void declare(const char *attribute, int block, int upto)
{
	struct eh_buf b;

	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&b, "candidate_id,jurisdiction,declared.sex,declared.%s\n", attribute);
	for (int i = 0; i < 40; i++)
		eh_buf_printf(&b, "C%02d,US-IL,%s,%s\n", i, i % 2 == 0 ? "female" : "male",
			      i >= upto ? "" : i / block % 2 == 0 ? "a" : "b");
	import(EH_IMPORT_CANDIDATES, "more.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
}

static void several_attributes_are_one_commit_and_one_failure_stores_none(void **state)
{
	static const char *const both[] = { "sex", "team" }, *const bad[] = { "sex", "nothing" };
	struct eh_train_report *r = calloc(4, sizeof *r);
	struct eh_model_row *rows = NULL;
	struct eh_err err = EH_ERR_INIT;
	uint64_t before;
	size_t n = 0;

	(void)state;
	measure_everybody();
	declare("team", 3, 30);                         /* ten have no label of it */
	assert_int_equal(train_attributes(bad, 2, false, NULL, r, &n, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "nothing: 0 known groups"));
	assert_int_equal(eh_desk_models(desk, &rows, &n, NULL), EH_OK);
	assert_int_equal(n, 0);
	eh_list_free(&rows);
	before = eh_desk_version(desk);
	if (train_attributes(both, 2, false, NULL, r, &n, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(eh_desk_version(desk), before + 1);
	assert_int_equal(n, 2);
	assert_int_equal(r[0].candidates, 40);
	assert_int_equal(r[1].candidates, 30);
	assert_true(r[0].classifies);
	assert_false(r[1].classifies);                  /* teams have nothing to do with face and voice */
	assert_non_null(strstr(r[1].refusal[EH_FUSED], "reaches below 0.8"));
	free(r[0].card);
	free(r[1].card);
	free(r);
}

static void a_model_without_skill_classifies_nobody_and_its_classes_go(void **state)
{
	static const char *const team = "team";
	struct eh_train_report *r = calloc(4, sizeof *r);
	struct eh_classify_report c[4];
	struct eh_err err = EH_ERR_INIT;
	struct eh_model_row *rows = NULL;
	size_t n = 0;

	(void)state;
	measure_everybody();
	declare("team", 3, 40);
	import(EH_IMPORT_CONSENTS, "infer.csv", "candidate_id,purpose,granted,at\nC40,infer:team,yes,2026-01-01\n");
	assert_int_equal(train_attributes(&team, 1, false, NULL, r, &n, &err), EH_OK);
	free(r[0].card);
	assert_int_equal(eh_desk_classify(desk, "team", NULL, c, 4, &n, &err), EH_EREFUSED);
	assert_int_equal(n, 0);
	assert_non_null(strstr(err.msg, "classifies nobody"));
	assert_non_null(strstr(err.msg, "reaches below 0.8"));
	assert_string_equal(last_verb(), "classify.refused");
	(void)train_sex();
	assert_int_equal(eh_desk_classify(desk, NULL, NULL, c, 4, &n, &err), EH_EREFUSED);
	assert_int_equal(n, 1);                         /* the other attribute was classified all the same */
	assert_string_equal(c[0].attribute, "sex");
	assert_int_equal(c[0].classified, 4);
	assert_int_equal(eh_desk_models(desk, &rows, &n, NULL), EH_OK);
	assert_true(n == 2 && rows[0].classifies && !rows[1].classifies);
	eh_list_free(&rows);
	free(r);
}

static void a_postcode_beside_the_indicators_is_refused_and_noted(void **state)
{
	static const char *const sex = "sex";
	struct eh_train_options o = { .attributes = &sex, .n = 1, .seed = 1, .n_with = 1, .with = { "zip_code" } };
	struct eh_train_report *r = calloc(4, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	size_t n = 0;

	(void)state;
	measure_everybody();
	assert_int_equal(eh_desk_train(desk, &o, NULL, r, 4, &n, NULL, &err), EH_EREFUSED);
	assert_string_equal(last_verb(), "train.refused");
	o.with[0] = "shoe_size";
	assert_int_equal(eh_desk_train(desk, &o, NULL, r, 4, &n, NULL, &err), EH_EUSAGE);
	assert_non_null(strstr(err.msg, "position, jurisdiction"));
	o.with[0] = "jurisdiction";
	assert_int_equal(eh_desk_train(desk, &o, NULL, r, 4, &n, NULL, &err), EH_OK);
	free(r[0].card);
	free(r);
}

static void withdraw_once(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	bool *done_it = ctx;

	(void)what;
	(void)done;
	(void)total;
	if (!*done_it)
		consent("C03", "train", false);
	*done_it = true;
}

static void a_consent_withdrawn_while_training_ends_in_no_model(void **state)
{
	bool done_it = false;
	const struct eh_progress progress = { withdraw_once, NULL, NULL, &done_it };
	struct eh_train_report *r = eh_xcalloc(4, sizeof *r);
	struct eh_model_row *rows = NULL;
	size_t n = 1;

	(void)state;
	measure_everybody();
	assert_int_equal(train_one(&progress, r, NULL), EH_EREFUSED);
	assert_true(done_it);
	assert_int_equal(eh_desk_models(desk, &rows, &n, NULL), EH_OK);
	assert_int_equal(n, 0);
	eh_list_free(&rows);
	assert_int_equal(train_sex(), 39);
	free(r);
}

static void whose_place_forbids_inference_does_not_teach_it(void **state)
{
	struct eh_classify_report r;

	(void)state;
	measure_everybody();
	import(EH_IMPORT_CANDIDATES, "moved.csv", "candidate_id,jurisdiction,declared.sex\nC00,GB,female\n");
	assert_int_equal(train_sex(), 39);
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	import(EH_IMPORT_CANDIDATES, "again.csv", "candidate_id,jurisdiction,declared.sex\nC02,GB,female\n");
	assert_int_equal(stale_models(), 1);
	import(EH_IMPORT_CANDIDATES, "second.csv", "candidate_id,jurisdiction\nC40,GB\n");
	assert_int_equal(train_sex(), 38);
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	assert_int_equal(r.refused, 1);
}

static void a_table_from_a_pipe_keeps_nobody_waiting(void **state)
{
	struct eh_import_report *r = eh_xcalloc(1, sizeof *r);
	char dir[100], path[128];
	int fd, status = -1;
	pid_t pid;

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	(void)snprintf(path, sizeof path, "%s/fifo", temp.dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	eh_desk_close(&desk);
	pid = fork();
	if (pid == 0)
		_exit(eh_desk_open(&desk, dir, &engine, NULL) == EH_OK &&
				      eh_desk_import(desk, EH_IMPORT_EVALUATORS, path, false, r, NULL) == EH_OK &&
				      r->fresh == 1
			      ? 0
			      : 1);
	(void)alarm(10);                /* ends the test where somebody waits */
	fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "evaluator_id\n", 13), 13);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	consent("C01", "watch", true);
	assert_int_equal(write(fd, "E99\n", 4), 4);
	assert_int_equal(close(fd), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)alarm(0);
	assert_int_equal(status, 0);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_cannot_teach_is_counted_by_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_model_with_a_withdrawn_candidate_classifies_nobody_until_it_is_trained_again, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_withdrawn_consent_takes_the_classes_it_gave_and_makes_its_models_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(the_audit_sees_the_classifier_through_its_contributors, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_withdrawal_and_what_it_ends_are_one_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(several_attributes_are_one_commit_and_one_failure_stores_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_model_without_skill_classifies_nobody_and_its_classes_go, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_postcode_beside_the_indicators_is_refused_and_noted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_consent_withdrawn_while_training_ends_in_no_model, setup, teardown),
		cmocka_unit_test_setup_teardown(whose_place_forbids_inference_does_not_teach_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_table_from_a_pipe_keeps_nobody_waiting, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

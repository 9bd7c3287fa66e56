/* desk/: learning and classifying behind the consents; what a withdrawal takes away; tables that come slowly. */
#include "desk_project.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "learn_people.h"

#define MEASURED 44                     /* C00..C39, and four more who declared nothing */

static void consent(const char *candidate, const char *purpose, bool granted)
{
	struct eh_consent c;
	struct eh_err err = EH_ERR_INIT;
	enum eh_change change;

	memset(&c, 0, sizeof c);
	(void)snprintf(c.candidate, sizeof c.candidate, "%s", candidate);
	(void)snprintf(c.purpose, sizeof c.purpose, "%s", purpose);
	c.granted = granted;
	c.at = granted ? 1000 : 1770000000;      /* after the grants of measure_everybody */
	if (eh_desk_consent(desk, &c, &change, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

/* Everybody agrees to everything and was measured; women and men differ clearly. */
static void measure_everybody(void)
{
	static const char *const purposes[] = { "watch", "face", "voice", "train", "infer:sex" };
	struct people people = people_make(MEASURED, 2, 1.5, 1.5, 7);
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;
	struct eh_buf b;
	char dir[100];

	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&b, "candidate_id,jurisdiction\n");
	for (int i = 40; i < MEASURED; i++)
		eh_buf_printf(&b, "C%02d,US-IL\n", i);
	import(EH_IMPORT_CANDIDATES, "second.csv", eh_buf_cstr(&b));
	eh_buf_reset(&b);
	eh_buf_printf(&b, "candidate_id,purpose,granted,at\n");
	for (int i = 0; i < MEASURED; i++)
		for (int k = 0; k < 5; k++)
			eh_buf_printf(&b, "C%02d,%s,yes,2026-01-01\n", i, purposes[k]);
	import(EH_IMPORT_CONSENTS, "consents.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_store_open(&s, dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, s, true, NULL), EH_OK);
	for (int i = 0; i < MEASURED; i++) {
		(void)snprintf(people.vector[i].candidate, sizeof people.vector[i].candidate, "C%02d", i);
		assert_int_equal(eh_vector_put(txn, &people.vector[i], NULL), EH_OK);
	}
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_store_close(&s);
	people_free(&people);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
}

static void who_cannot_teach_is_counted_by_reason(void **state)
{
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	for (int i = 0; i < 30; i++) {
		char id[4];

		(void)snprintf(id, sizeof id, "C%02d", i);
		consent(id, "train", true);
	}
	import(EH_IMPORT_CANDIDATES, "moved.csv", "candidate_id,jurisdiction,declared.sex\nC00,GB,female\n");
	assert_int_equal(eh_desk_train(desk, "sex", 1, NULL, r, &err), EH_EINVAL);
	assert_int_equal(r->without_consent, 10);
	assert_int_equal(r->closed_place, 1);
	assert_int_equal(r->without_vector, 29);        /* nobody was measured */
	assert_non_null(strstr(err.msg, "29 without indicators"));
	free(r);
}

static uint32_t train_sex(void)
{
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	uint32_t n;

	if (eh_desk_train(desk, "sex", 1, NULL, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	n = r->candidates;
	free(r->card);
	free(r);
	return n;
}

static int classify_sex(struct eh_classify_report *r, struct eh_err *err)
{
	size_t n = 0;

	return eh_desk_classify(desk, "sex", NULL, r, 1, &n, err);
}

static uint32_t stale_models(void)
{
	struct eh_standing *s = eh_xcalloc(1, sizeof *s);
	uint32_t n;

	assert_int_equal(eh_desk_standing(desk, s, NULL), EH_OK);
	n = s->stale_models;
	free(s);
	return n;
}

static const char *last_verb(void)
{
	static char verb[EH_VERB_MAX + 1];
	struct eh_journal_entry *v = NULL;
	size_t n = 0;

	assert_int_equal(eh_desk_journal(desk, 0, &v, &n, NULL), EH_OK);
	memcpy(verb, v[n - 1].verb, sizeof verb);
	eh_list_free(&v);
	return verb;
}

static void a_model_with_a_withdrawn_candidate_classifies_nobody_until_it_is_trained_again(void **state)
{
	struct eh_classify_report r;
	struct eh_model_row *rows = NULL;
	struct eh_err err = EH_ERR_INIT;
	char *card = NULL;
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
	assert_non_null(strstr(err.msg, "evenhand train sex"));
	assert_string_equal(last_verb(), "classify.refused");
	assert_int_equal(eh_desk_models(desk, &rows, &n, NULL), EH_OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].withdrawn, 1);
	eh_list_free(&rows);
	assert_int_equal(eh_desk_model_card(desk, "sex", &card, NULL), EH_OK);
	assert_int_equal(strncmp(card, "STALE: ", 7), 0);
	free(card);
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
	uint64_t before;

	(void)state;
	measure_everybody();
	(void)train_sex();
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	before = eh_desk_version(desk);
	consent("C42", "infer:sex", false);
	assert_int_equal(eh_desk_version(desk), before + 1);
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
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_model_row *rows = NULL;
	size_t n = 1;

	(void)state;
	measure_everybody();
	assert_int_equal(eh_desk_train(desk, "sex", 1, &progress, r, NULL), EH_EREFUSED);
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
		cmocka_unit_test_setup_teardown(a_withdrawal_and_what_it_ends_are_one_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(a_consent_withdrawn_while_training_ends_in_no_model, setup, teardown),
		cmocka_unit_test_setup_teardown(whose_place_forbids_inference_does_not_teach_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_table_from_a_pipe_keeps_nobody_waiting, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

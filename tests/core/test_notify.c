/* notify/: raising, refreshing, answering; stale and empty answers are refused and change nothing. */
#include "temp_project.h"

#include "base/mem.h"
#include "notify/notify.h"

static struct temp_project p;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&p);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&p);
	return 0;
}

static struct eh_notification *about(const char *evaluator, bool systemic)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);

	strcpy(n->policy, "evaluator_screen");
	strcpy(n->finding.evaluator, evaluator);
	strcpy(n->finding.attribute, "sex");
	strcpy(n->finding.group, "female");
	n->finding.ratio = eh_num(0.5);
	n->finding.q = eh_undefined(EH_U_NO_P);
	n->systemic = systemic;
	n->raised_at = 1000;
	return n;
}

static uint64_t raise_it(struct eh_txn *txn, struct eh_notification *n, bool *fresh)
{
	enum eh_raised how = EH_RAISED_ANSWERED;
	uint64_t seq = 0;

	assert_int_equal(eh_notification_raise(txn, n, &seq, &how, NULL), EH_OK);
	*fresh = how == EH_RAISED_NEW;
	return seq;
}

static struct eh_response answer(enum eh_notification_state to, const char *reason)
{
	struct eh_response r;

	memset(&r, 0, sizeof r);
	r.to = to;
	(void)snprintf(r.reason, sizeof r.reason, "%s", reason);
	return r;
}

static void the_same_matter_is_refreshed_not_raised_again(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_notification *n = about("E1", false), *got = eh_xcalloc(1, sizeof *got);
	bool fresh;

	(void)state;
	assert_int_equal(raise_it(txn, n, &fresh), 1);
	assert_true(fresh);
	n->finding.ratio = eh_num(0.4);
	n->raised_at = 2000;
	assert_int_equal(raise_it(txn, n, &fresh), 1);
	assert_false(fresh);
	assert_int_equal(eh_notification_get(txn, 1, got, NULL), EH_OK);
	assert_true(got->finding.ratio.value == 0.4);
	assert_int_equal(got->raised_at, 1000);
	assert_int_equal(got->revision, 2);
	assert_false(got->finding.q.defined);
	assert_int_equal(got->finding.q.why, EH_U_NO_P);
	strcpy(n->finding.group, "male");
	assert_int_equal(raise_it(txn, n, &fresh), 2);
	free(got);
	free(n);
	eh_txn_abort(&txn);
}

static int first_seq(void *ctx, const struct eh_notification *n, struct eh_err *err)
{
	(void)err;
	*(uint64_t *)ctx = n->seq;
	return 1;
}

static void what_is_addressed_to_the_process_stands_first(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_notification *n = about("E1", false), *s = about("", true);
	uint64_t seq = 0;
	bool fresh;

	(void)state;
	(void)raise_it(txn, n, &fresh);
	assert_int_equal(raise_it(txn, s, &fresh), 2);
	assert_int_equal(eh_notifications_each(txn, first_seq, &seq, NULL), 1);
	assert_int_equal(seq, 2);
	free(n);
	free(s);
	eh_txn_abort(&txn);
}

static void an_answer_needs_a_reason_and_the_revision_seen(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_notification *n = about("E1", false), *got = eh_xcalloc(1, sizeof *got);
	struct eh_response r = answer(EH_N_CONFIRMED, " \t ");
	bool fresh;

	(void)state;
	(void)raise_it(txn, n, &fresh);
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_EINVAL);
	r = answer(EH_N_CONFIRMED, "it holds");
	assert_int_equal(eh_notification_respond(txn, 1, 7, &r, NULL), EH_ESTALE);
	assert_int_equal(eh_notification_get(txn, 1, got, NULL), EH_OK);
	assert_int_equal(got->state, EH_N_PENDING);
	assert_int_equal(got->responses, 0);
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_OK);
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_ESTALE);      /* the revision moved on */
	assert_int_equal(eh_notification_get(txn, 1, got, NULL), EH_OK);
	assert_int_equal(got->state, EH_N_CONFIRMED);
	assert_int_equal(got->revision, 2);
	free(got);
	free(n);
	eh_txn_abort(&txn);
}

static void actions_are_checked_and_closing_needs_an_answer(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_notification *n = about("E1", false);
	struct eh_response r = answer(EH_N_CLOSED, "done");
	bool fresh;

	(void)state;
	(void)raise_it(txn, n, &fresh);
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_EINVAL);
	r = answer(EH_N_ACTIONS, "open cases");
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_EINVAL);
	r.n_actions = 1;
	strcpy(r.actions[0].text, "second rater");
	strcpy(r.actions[0].due, "2026-13-01");
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_EINVAL);
	strcpy(r.actions[0].due, "2026-12-01");
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_OK);
	r = answer(EH_N_CLOSED, "done");
	assert_int_equal(eh_notification_respond(txn, 1, 2, &r, NULL), EH_OK);
	r = answer(EH_N_CONFIRMED, "again");
	assert_int_equal(eh_notification_respond(txn, 1, 3, &r, NULL), EH_EINVAL);
	assert_int_equal(raise_it(txn, n, &fresh), 1);          /* the same evidence: its answer stands */
	assert_false(fresh);
	/* other evidence: raised anew, and it names the earlier one */
	n->finding.n++;
	assert_int_equal(raise_it(txn, n, &fresh), 2);
	assert_true(fresh);
	assert_int_equal(eh_notification_get(txn, 2, n, NULL), EH_OK);
	assert_int_equal(n->earlier, 1);
	assert_int_equal(n->earlier_state, EH_N_CLOSED);
	free(n);
	eh_txn_abort(&txn);
}

static void a_reason_is_plain_text_of_any_number_of_lines(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_notification *n = about("E1", false);
	struct eh_response r = answer(EH_N_CONFIRMED, "it \033[2Jholds");
	bool fresh;

	(void)state;
	(void)raise_it(txn, n, &fresh);
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_EINVAL);
	r = answer(EH_N_CONFIRMED, "caf\xc3");
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_EINVAL);
	r = answer(EH_N_ACTIONS, "look");
	r.n_actions = 1;
	strcpy(r.actions[0].text, "second\nrater");
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_EINVAL);
	r = answer(EH_N_CONFIRMED, "it holds,\n\tin both places");
	assert_int_equal(eh_notification_respond(txn, 1, 1, &r, NULL), EH_OK);
	free(n);
	eh_txn_abort(&txn);
}

static void a_check_says_what_the_answer_would_and_writes_nothing(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_notification *n = about("E1", false), *got = eh_xcalloc(1, sizeof *got);
	struct eh_response r = answer(EH_N_CLOSED, "done");
	bool fresh;

	(void)state;
	(void)raise_it(txn, n, &fresh);
	assert_int_equal(eh_notification_check(txn, 1, 1, &r, NULL), EH_EINVAL);        /* no answer yet */
	assert_int_equal(eh_notification_check(txn, 2, 1, &r, NULL), EH_ENOENT);
	r = answer(EH_N_CONFIRMED, "it holds");
	assert_int_equal(eh_notification_check(txn, 1, 2, &r, NULL), EH_ESTALE);
	assert_int_equal(eh_notification_check(txn, 1, 1, &r, NULL), EH_OK);
	assert_int_equal(eh_notification_get(txn, 1, got, NULL), EH_OK);
	assert_int_equal(got->state, EH_N_PENDING);
	assert_int_equal(got->revision, 1);
	free(got);
	free(n);
	eh_txn_abort(&txn);
}

static void ids_are_read_in_every_spelling(void **state)
{
	char id[16];
	uint64_t seq;

	(void)state;
	eh_notification_id(id, 42);
	assert_string_equal(id, "N0042");
	assert_int_equal(eh_notification_parse(&seq, "n42", NULL), EH_OK);
	assert_int_equal(seq, 42);
	assert_int_equal(eh_notification_parse(&seq, "N", NULL), EH_EUSAGE);
	assert_int_equal(eh_notification_parse(&seq, "N-1", NULL), EH_EUSAGE);
	assert_int_equal(eh_notification_parse(&seq, "N+1", NULL), EH_EUSAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_matter_is_refreshed_not_raised_again, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_addressed_to_the_process_stands_first, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_needs_a_reason_and_the_revision_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(actions_are_checked_and_closing_needs_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reason_is_plain_text_of_any_number_of_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(a_check_says_what_the_answer_would_and_writes_nothing, setup, teardown),
		cmocka_unit_test(ids_are_read_in_every_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

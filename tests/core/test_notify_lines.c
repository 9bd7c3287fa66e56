/* notify/line.h: the lines say what the notifications say, in every project; a matter is found among very many. */
#include "temp_project.h"

#include "base/mem.h"
#include "base/rng.h"
#include "desk/inside.h"
#include "notify/line.h"

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

/* One of a few matters, so that some come twice; with whatever a line can hold. */
static void make(struct eh_notification *n, struct eh_rng *r)
{
	static const char *const parts[] = { "", "stage 1", "M\xc3\xbcller" };

	memset(n, 0, sizeof *n);
	strcpy(n->policy, eh_rng_below(r, 2) == 0 ? "one" : "other");
	n->systemic = eh_rng_below(r, 4) == 0;
	(void)snprintf(n->finding.evaluator, sizeof n->finding.evaluator, n->systemic ? "" : "E%03d",
		       (int)eh_rng_below(r, 9));
	strcpy(n->finding.attribute, "sex");
	strcpy(n->finding.group, eh_rng_below(r, 2) == 0 ? "female" : "male");
	strcpy(n->finding.position, parts[eh_rng_below(r, 3)]);
	n->finding.own = eh_rng_below(r, 3) == 0;
	strcpy(n->finding.stage, n->finding.own ? parts[eh_rng_below(r, 3)] : "");
	strcpy(n->finding.question, n->finding.own ? parts[eh_rng_below(r, 2)] : "");
	strcpy(n->finding.subject, n->finding.own ? parts[eh_rng_below(r, 3)] : "");
	strcpy(n->finding.rule, parts[eh_rng_below(r, 3)]);
	n->finding.n = 1 + eh_rng_below(r, 5);
	n->finding.basis = eh_rng_below(r, 2) == 0 ? EH_BASIS_KNOWN : EH_BASIS_SCREENING;
	n->finding.verdict = EH_NOTIFY;
	n->finding.ratio = eh_rng_below(r, 2) == 0 ? eh_num(eh_rng_unit(r)) : eh_undefined(EH_U_NO_P);
	n->finding.ratio_interval.low = eh_num(eh_rng_unit(r));
	n->finding.ratio_interval.high = eh_undefined(EH_U_UNBOUNDED);
	n->finding.q = eh_num(eh_rng_unit(r));
	n->n_members = n->systemic ? (uint32_t)eh_rng_below(r, 3) : 0;
	for (uint32_t i = 0; i < n->n_members; i++)
		(void)snprintf(n->members[i], sizeof n->members[i], "E%03u", i);
	n->raised_at = (int64_t)eh_rng_below(r, 1000000);
}

static int push_whole(void *ctx, const struct eh_notification *n, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, n);
	return EH_OK;
}

static int push_line(void *ctx, const struct eh_notification_line *l, struct eh_err *err)
{
	(void)err;
	eh_notification_lines_add(ctx, l);
	return EH_OK;
}

static void same_num(struct eh_num a, struct eh_num b)
{
	assert_int_equal(a.defined, b.defined);
	if (a.defined)
		assert_true(a.value == b.value);
	else
		assert_int_equal(a.why, b.why);
}

static void the_lines_are_those_of(struct eh_txn *txn)
{
	struct eh_notification_lines lines = { 0 };
	struct eh_list list;

	eh_list_init(&list, sizeof(struct eh_notification));
	assert_int_equal(eh_notifications_each(txn, push_whole, &list, NULL), EH_OK);
	assert_int_equal(eh_notification_lines_each(txn, push_line, &lines, NULL), EH_OK);
	assert_int_equal(lines.n, list.n);
	for (size_t i = 0; i < list.n; i++) {
		const struct eh_notification *n = &((const struct eh_notification *)list.v)[i];
		const struct eh_finding *f = &n->finding;
		const struct eh_notification_line *l = &lines.v[i];

		assert_int_equal(l->seq, n->seq);
		assert_int_equal(l->raised_at, n->raised_at);
		assert_int_equal(l->state, n->state);
		assert_int_equal(l->n_members, n->n_members);
		assert_true(l->systemic == n->systemic && l->basis == f->basis && l->verdict == f->verdict);
		same_num(l->ratio, f->ratio);
		same_num(l->q, f->q);
		same_num(l->ratio_interval.low, f->ratio_interval.low);
		same_num(l->ratio_interval.high, f->ratio_interval.high);
		assert_string_equal(l->evaluator, f->evaluator);
		assert_string_equal(l->attribute, f->attribute);
		assert_string_equal(l->group, f->group);
		assert_string_equal(l->position, f->position);
		assert_string_equal(l->part, f->stage[0] != '\0' ? f->stage : f->question);
		assert_string_equal(l->subject, f->subject);
	}
	eh_notification_lines_free(&lines);
	eh_list_free(&list.v);
}

static void forget_lines(struct eh_txn *txn)
{
	assert_int_equal(eh_txn_clear(txn, EH_T_LINES, NULL), EH_OK);
	assert_int_equal(eh_txn_clear(txn, EH_T_MATTERS, NULL), EH_OK);
}

/* Raises and answers at random; with_lines: in one of two equal projects the lines are forgotten now and then, as if
 * an earlier program had written it.  sum: a fingerprint of everything that came of it. */
static uint64_t live(struct eh_txn *txn, bool forget)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response r = { .to = EH_N_CONFIRMED, .reason = "seen" };
	struct eh_rng rng, other;
	uint64_t sum = 0;

	eh_rng_seed(&rng, 3);
	eh_rng_seed(&other, 4);
	for (int i = 0; i < 400; i++) {
		enum eh_raised how = EH_RAISED_ANSWERED;
		uint64_t seq = 0;

		make(n, &rng);
		assert_int_equal(eh_notification_raise(txn, n, &seq, &how, NULL), EH_OK);
		sum = sum * 31 + seq * 4 + (uint64_t)how;
		if (eh_rng_below(&rng, 3) == 0) {
			assert_int_equal(eh_notification_get(txn, 1 + eh_rng_below(&rng, seq), n, NULL), EH_OK);
			r.to = eh_rng_below(&rng, 2) == 0 ? EH_N_REJECTED : EH_N_CONFIRMED;
			assert_int_equal(eh_notification_respond(txn, n->seq, n->revision, &r, NULL), EH_OK);
		}
		if (forget && eh_rng_below(&other, 20) == 0)
			forget_lines(txn);
		if (i % 40 == 0)
			the_lines_are_those_of(txn);
	}
	the_lines_are_those_of(txn);
	free(n);
	return sum;
}

static void a_project_without_lines_lives_the_same(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	uint64_t sum = live(txn, false);

	(void)state;
	eh_txn_abort(&txn);
	txn = temp_txn(&p);
	assert_true(live(txn, true) == sum);
	eh_txn_abort(&txn);
}

static void a_damaged_line_is_told(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_notification_lines lines = { 0 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_bytes key, value;
	unsigned char copy[64], bytes[512];
	enum eh_raised how;
	struct eh_rng rng;
	uint64_t seq;

	(void)state;
	eh_rng_seed(&rng, 5);
	make(n, &rng);
	assert_int_equal(eh_notification_raise(txn, n, &seq, &how, NULL), EH_OK);
	assert_int_equal(eh_txn_last(txn, EH_T_LINES, (struct eh_bytes){ NULL, 0 }, &key, &value, NULL), EH_OK);
	assert_true(key.len <= sizeof copy && value.len <= sizeof bytes);
	memcpy(copy, key.data, key.len);
	memcpy(bytes, value.data, value.len);
	key.data = copy;
	value.data = bytes;
	bytes[value.len - 1] = 'x';             /* the last text has no end */
	assert_int_equal(eh_txn_put(txn, EH_T_LINES, key, value, NULL), EH_OK);
	assert_int_equal(eh_notification_lines_each(txn, push_line, &lines, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "line of a notification"));
	eh_notification_lines_free(&lines);
	free(n);
	eh_txn_abort(&txn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_project_without_lines_lives_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_line_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

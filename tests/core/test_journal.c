/* journal/: the chain holds, and every kind of later change is seen. */
#include "temp_project.h"

#include "base/clock.h"
#include "journal/journal.h"
#include "store/codec.h"

static struct temp_project p;
static const struct eh_actor actor = { 1000, "mk" };

static int setup(void **state)
{
	struct eh_txn *txn;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	for (int i = 0; i < 5; i++)
		assert_int_equal(eh_journal_append(txn, &actor, "test", "object", i == 3 ? "the reason" : "x", NULL),
				 EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&p);
	return 0;
}

static struct eh_key seq_key(uint64_t seq)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u64(&k, seq);
	return k;
}

static void a_whole_journal_verifies_and_tells_its_head(void **state)
{
	struct eh_journal_state st, again;
	struct eh_txn *txn = temp_txn(&p);

	(void)state;
	assert_int_equal(eh_journal_verify(txn, &st, NULL), EH_OK);
	assert_int_equal(st.entries, 5);
	assert_int_equal(eh_journal_append(txn, &actor, "one more", "", "", NULL), EH_OK);
	assert_int_equal(eh_journal_verify(txn, &again, NULL), EH_OK);
	assert_int_equal(again.entries, 6);
	assert_memory_not_equal(st.head, again.head, sizeof st.head);
	eh_txn_abort(&txn);
}

static int last_detail(void *ctx, const struct eh_journal_entry *e, struct eh_err *err)
{
	(void)err;
	memcpy(ctx, e->detail, sizeof e->detail);
	return EH_OK;
}

static void a_reason_of_several_lines_is_one_line_of_the_journal(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	char detail[EH_DETAIL_MAX + 1] = "";

	(void)state;
	assert_int_equal(eh_journal_append(txn, &actor, "test", "", "first,\n\tthen \033x", NULL), EH_OK);
	assert_int_equal(eh_journal_each(txn, 6, last_detail, detail, NULL), EH_OK);
	assert_string_equal(detail, "first,  then \xef\xbf\xbdx");
	eh_txn_abort(&txn);
}

/* Flips every bit position of every byte of entry 4 in turn: each must be seen at 4. */
static void any_flipped_bit_is_found_at_its_entry(void **state)
{
	struct eh_key k = seq_key(4);
	struct eh_bytes v;
	struct eh_txn *txn = temp_txn(&p);
	unsigned char copy[2048];
	size_t len;

	(void)state;
	assert_int_equal(eh_txn_get(txn, EH_T_JOURNAL, eh_key_bytes(&k), &v, NULL), EH_OK);
	len = v.len;
	assert_true(len < sizeof copy);
	memcpy(copy, v.data, len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		struct eh_journal_state st;

		copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_int_equal(eh_txn_put(txn, EH_T_JOURNAL, eh_key_bytes(&k), (struct eh_bytes){ copy, len }, NULL),
				 EH_OK);
		assert_int_equal(eh_journal_verify(txn, &st, NULL), EH_EFORMAT);
		assert_int_equal(st.broken_at, 4);
		copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	eh_txn_abort(&txn);
}

static void a_missing_or_swapped_entry_is_found(void **state)
{
	struct eh_key two = seq_key(2), three = seq_key(3);
	struct eh_journal_state st;
	struct eh_err err = EH_ERR_INIT;
	struct eh_bytes v;
	unsigned char copy[2048];
	struct eh_txn *txn = temp_txn(&p);
	size_t len;

	(void)state;
	assert_int_equal(eh_txn_get(txn, EH_T_JOURNAL, eh_key_bytes(&three), &v, NULL), EH_OK);
	len = v.len;
	memcpy(copy, v.data, len);
	assert_int_equal(eh_txn_put(txn, EH_T_JOURNAL, eh_key_bytes(&two), (struct eh_bytes){ copy, len }, NULL),
			 EH_OK);
	assert_int_equal(eh_journal_verify(txn, &st, &err), EH_EFORMAT);
	assert_int_equal(st.broken_at, 2);
	assert_int_equal(eh_txn_del(txn, EH_T_JOURNAL, eh_key_bytes(&two), NULL), EH_OK);
	assert_int_equal(eh_journal_verify(txn, &st, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "missing"));
	eh_txn_abort(&txn);
}

static int find_reason(void *ctx, const struct eh_journal_entry *e, struct eh_err *err)
{
	(void)err;
	if (strcmp(e->detail, "the reason") == 0)
		*(uint64_t *)ctx = e->seq;
	return EH_OK;
}

static void entries_come_back_as_written_and_an_abort_leaves_none(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_journal_state st;
	uint64_t seq = 0;

	(void)state;
	assert_int_equal(eh_journal_each(txn, 2, find_reason, &seq, NULL), EH_OK);
	assert_int_equal(seq, 4);
	assert_int_equal(eh_journal_append(txn, &actor, "never", "", "", NULL), EH_OK);
	eh_txn_abort(&txn);
	txn = temp_txn(&p);
	assert_int_equal(eh_journal_verify(txn, &st, NULL), EH_OK);
	assert_int_equal(st.entries, 5);
	eh_txn_abort(&txn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_whole_journal_verifies_and_tells_its_head, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reason_of_several_lines_is_one_line_of_the_journal, setup, teardown),
		cmocka_unit_test_setup_teardown(any_flipped_bit_is_found_at_its_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_or_swapped_entry_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(entries_come_back_as_written_and_an_abort_leaves_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

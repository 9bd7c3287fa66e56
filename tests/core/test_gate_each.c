/* people/gate.c: several purposes at once get the answers that each gets alone. */
#include "tests/core/temp_project.h"

#include "base/rng.h"
#include "people/consent.h"
#include "tests/core/paper.h"

#define NOW INT64_C(1780000000)         /* 2026-05-28: the rules of people/paper.h are in force */
#define PURPOSES 6

static const char *const purposes[PURPOSES] = { "watch", "face", "voice", "train", "infer:sex", "infer:race" };

/* Up to a dozen records of any purpose, many of the same second, some in the future, some that ran out. */
static void put_ledger(struct eh_txn *txn, struct eh_rng *rng, const char *candidate)
{
	for (uint64_t n = eh_rng_below(rng, 13); n > 0; n--) {
		struct eh_consent c = { .granted = eh_rng_below(rng, 3) > 0 };

		(void)snprintf(c.candidate, sizeof c.candidate, "%s", candidate);
		(void)snprintf(c.purpose, sizeof c.purpose, "%s", purposes[eh_rng_below(rng, PURPOSES)]);
		c.at = NOW - 2 + (int64_t)eh_rng_below(rng, 4);
		c.expires = eh_rng_below(rng, 4) == 0 ? c.at + 1 + (int64_t)eh_rng_below(rng, 3) : 0;
		if (eh_rng_below(rng, 3) > 0)
			paper_sign(&c.release);
		if (eh_rng_below(rng, 3) > 0)
			paper_waive(&c.release);
		assert_int_equal(eh_consent_put(txn, &c, NULL, NULL), EH_OK);
	}
}

static void each_answer_is_that_of_the_single_gate(void **state)
{
	static const char *const places[] = { "US-IL", "DE", "GB", "", "US-MD", "US" };
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_rng rng;
	size_t open = 0, shut = 0;

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	eh_rng_seed(&rng, 21);
	for (int i = 0; i < 600; i++) {
		struct eh_candidate c = { .n_declared = 0 };
		bool known = i % 7 != 0, with[PURPOSES], without[PURPOSES];

		(void)snprintf(c.id, sizeof c.id, "c%d", i);
		(void)snprintf(c.jurisdiction, sizeof c.jurisdiction, "%s", places[i % 6]);
		if (known)
			assert_int_equal(eh_candidate_put(txn, &c, NULL, NULL), EH_OK);
		put_ledger(txn, &rng, c.id);
		eh_gate_each(txn, c.id, known ? &c : NULL, purposes, PURPOSES, NOW, with);
		eh_gate_each(txn, c.id, NULL, purposes, PURPOSES, NOW, without);
		for (size_t k = 0; k < PURPOSES; k++) {
			bool alone = eh_gate(txn, c.id, purposes[k], NOW, NULL) == EH_OK;

			assert_int_equal(with[k], alone);
			assert_int_equal(without[k], alone);
			open += alone;
			shut += !alone;
		}
	}
	assert_true(open > 300 && shut > 300);
	eh_txn_abort(&txn);
	temp_project_close(&project);
}

static void what_is_no_purpose_or_no_id_allows_nothing(void **state)
{
	static const char *const odd[] = { "watch", "read", "infer:", "infer:religion" };
	struct temp_project project;
	struct eh_txn *txn = NULL;
	bool may[4] = { true, true, true, true };

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	eh_gate_each(txn, "a\x01z", NULL, odd, 4, NOW, may);
	for (size_t k = 0; k < 4; k++)
		assert_false(may[k]);
	may[1] = may[2] = may[3] = true;
	eh_gate_each(txn, "c1", NULL, odd, 4, NOW, may);
	for (size_t k = 0; k < 4; k++)
		assert_false(may[k]);
	eh_txn_abort(&txn);
	temp_project_close(&project);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_is_that_of_the_single_gate),
		cmocka_unit_test(what_is_no_purpose_or_no_id_allows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

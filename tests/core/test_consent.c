/* The consent ledger and the gates: truth table of purposes, records, jurisdictions and attributes. */
#include "tests/core/temp_project.h"

#include "people/consent.h"

#define NOW 1000000

static struct temp_project project;
static struct eh_txn *txn;

static int setup(void **state)
{
	struct eh_candidate c;

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	memset(&c, 0, sizeof c);
	strcpy(c.id, "c1");
	strcpy(c.jurisdiction, "US-NY");         /* where no paper is asked for (test_paper) */
	assert_int_equal(eh_candidate_put(txn, &c, NULL, NULL), EH_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	eh_txn_abort(&txn);
	temp_project_close(&project);
	return 0;
}

static enum eh_change put(const char *purpose, bool granted, int64_t at, int64_t expires)
{
	struct eh_consent c;
	enum eh_change change = EH_CHANGED;

	memset(&c, 0, sizeof c);
	strcpy(c.candidate, "c1");
	(void)snprintf(c.purpose, sizeof c.purpose, "%s", purpose);
	c.granted = granted;
	c.at = at;
	c.expires = expires;
	assert_int_equal(eh_consent_put(txn, &c, &change, NULL), EH_OK);
	return change;
}

static void purposes_are_a_closed_list(void **state)
{
	static const char *const good[] = { "watch", "face", "voice", "train", "infer:sex", "infer:age_40" };
	static const char *const bad[] = { "",		"Watch",     "faces",	 "infer", "infer:",
					   "infer:Sex", "infer:a b", "infer:4x", "hire" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_int_equal(eh_purpose_check(good[i], NULL), EH_OK);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(eh_purpose_check(bad[i], NULL), EH_EFORMAT);
		assert_int_equal(eh_gate(txn, "c1", bad[i], NOW, NULL), EH_EREFUSED);
	}
}

static void ledger_keeps_every_record_once(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_int_equal(put("watch", true, 10, 0), EH_NEW);
	assert_int_equal(put("watch", true, 10, 0), EH_SAME);
	assert_int_equal(put("watch", false, 20, 0), EH_NEW);
	assert_int_equal(eh_txn_count(txn, EH_T_CONSENTS, &n, NULL), EH_OK);
	assert_int_equal(n, 2);
}

static void newest_record_of_the_purpose_decides(void **state)
{
	/* rows: granted then what; want = is "watch" open at NOW */
	static const struct {
		bool granted[2];
		int64_t at[2], expires[2];
		int n;
		bool open;
	} rows[] = {
		{ { false, false }, { 0, 0 }, { 0, 0 }, 0, false },  /* absent */
		{ { true, false }, { 10, 0 }, { 0, 0 }, 1, true },   /* granted */
		{ { false, false }, { 10, 0 }, { 0, 0 }, 1, false }, /* refused */
		{ { true, false }, { 10, 20 }, { 0, 0 }, 2, false }, /* withdrawn */
		{ { false, true }, { 20, 10 }, { 0, 0 }, 2, false }, /* entered late: `at` decides */
		{ { false, true }, { 10, 20 }, { 0, 0 }, 2, true },  /* granted again */
		{ { true, false }, { 10, 10 }, { 0, 0 }, 2, false }, /* same second: later entry */
		{ { false, true }, { 10, 10 }, { 0, 0 }, 2, true },
		{ { true, false }, { NOW, 0 }, { 0, 0 }, 1, true },	 /* from this second on */
		{ { true, false }, { NOW + 1, 0 }, { 0, 0 }, 1, false }, /* in the future */
		{ { true, false }, { 10, 0 }, { NOW + 1, 0 }, 1, true },
		{ { true, false }, { 10, 0 }, { NOW, 0 }, 1, false },	  /* expired */
		{ { true, true }, { 10, 20 }, { 0, NOW - 1 }, 2, false }, /* the newer one expired */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct eh_err err = EH_ERR_INIT;

		eh_txn_abort(&txn);
		txn = temp_txn(&project);
		for (int k = 0; k < rows[i].n; k++)
			(void)put("watch", rows[i].granted[k], rows[i].at[k], rows[i].expires[k]);
		assert_int_equal(eh_gate(txn, "c1", "watch", NOW, &err), rows[i].open ? EH_OK : EH_EREFUSED);
		if (!rows[i].open) {
			assert_non_null(strstr(err.msg, "c1"));
			assert_non_null(strstr(err.msg, "watch"));
		}
	}
}

static void face_and_voice_need_watch_too(void **state)
{
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	(void)put("face", true, 10, 0);
	(void)put("voice", true, 10, 0);
	assert_int_equal(eh_gate(txn, "c1", "face", NOW, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "no consent for watch"));
	assert_non_null(strstr(err.msg, "needed for face"));
	(void)put("watch", true, 10, 0);
	assert_int_equal(eh_gate(txn, "c1", "face", NOW, NULL), EH_OK);
	assert_int_equal(eh_gate(txn, "c1", "voice", NOW, NULL), EH_OK);
	assert_int_equal(eh_gate(txn, "c1", "train", NOW, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "no consent for train"));
	(void)put("watch", false, 20, 0);
	assert_int_equal(eh_gate(txn, "c1", "voice", NOW, NULL), EH_EREFUSED);
}

static void one_candidates_consent_is_not_anothers(void **state)
{
	(void)state;
	(void)put("watch", true, 10, 0);
	assert_int_equal(eh_gate(txn, "c", "watch", NOW, NULL), EH_EREFUSED);
	assert_int_equal(eh_gate(txn, "c11", "watch", NOW, NULL), EH_EREFUSED);
	assert_int_equal(eh_gate(txn, "", "watch", NOW, NULL), EH_EREFUSED);
}

static void inference_needs_consent_and_jurisdiction(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_candidate c;

	(void)state;
	assert_int_equal(eh_gate(txn, "c1", "infer:sex", NOW, NULL), EH_EREFUSED);
	(void)put("infer:sex", true, 10, 0);
	(void)put("infer:race", true, 10, 0);
	(void)put("infer:religion", true, 10, 0);
	assert_int_equal(eh_gate(txn, "c1", "infer:sex", NOW, NULL), EH_OK);
	assert_int_equal(eh_gate(txn, "c1", "infer:race", NOW, NULL), EH_OK);
	assert_int_equal(eh_gate(txn, "c1", "infer:religion", NOW, NULL), EH_EREFUSED);
	assert_int_equal(eh_candidate_get(txn, "c1", &c, NULL), EH_OK);
	strcpy(c.jurisdiction, "DE");
	assert_int_equal(eh_candidate_put(txn, &c, NULL, NULL), EH_OK);
	assert_int_equal(eh_gate(txn, "c1", "infer:sex", NOW, NULL), EH_OK);
	assert_int_equal(eh_gate(txn, "c1", "infer:race", NOW, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "c1"));
	assert_non_null(strstr(err.msg, "infer:race"));
	assert_non_null(strstr(err.msg, "5(1)(g)"));
}

static void jurisdiction_table_of_inference(void **state)
{
	/* columns: sex age_40 race politics union orientation religion emotion disability health genetic pregnancy */
	static const char *const attributes[] = { "sex",	"age_40",      "race",	   "politics",
						  "union",	"orientation", "religion", "emotion",
						  "disability", "health",      "genetic",  "pregnancy" };
	static const struct {
		const char *jurisdiction, *open;
	} rows[] = {
		{ "US", "11111-------" }, { "US-IL", "11111-------" },	{ "US-DC", "11111-------" },
		{ "DE", "11----------" }, { "FR", "11----------" },	{ "IE", "11----------" },
		{ "NO", "11----------" }, { "IS", "11----------" },	{ "LI", "11----------" },
		{ "GR", "11----------" }, { "AT-9", "11----------" },	{ "GB", "------------" },
		{ "UK", "------------" }, { "GB-SCT", "------------" }, { "", "------------" },
		{ "XX", "------------" }, { "US-ZZ", "------------" },	{ "USA", "------------" },
		{ "de", "------------" }, { "CH", "------------" },	{ "US-", "------------" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t k = 0; k < sizeof attributes / sizeof attributes[0]; k++) {
			int want = rows[i].open[k] == '1' ? EH_OK : EH_EREFUSED;

			if (eh_gate_infer(rows[i].jurisdiction, attributes[k], NULL) != want)
				fail_msg("%s in '%s'", attributes[k], rows[i].jurisdiction);
		}
}

static void near_names_do_not_go_round_the_gate(void **state)
{
	(void)state;
	assert_int_equal(eh_gate_infer("DE", "ethnic_origin", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("FR", "race_eeo1", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("US", "sexual_orientation", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("US", "mental_health", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("US", "Sex", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("DE", "raceethnicity", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("DE", "national_origin", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("DE", "skincolor", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("DE", "sex_life", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("US", "healthstatus", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("US", "religiousness", NULL), EH_EREFUSED);
	assert_int_equal(eh_gate_infer("DE", "brace_type", NULL), EH_OK);
}

static void postcode_columns_are_known(void **state)
{
	static const char *const bad[] = { "zip",	    "ZIP",	   "zip_code",
					   "zipcode",	    "postcode",	   "Post Code",
					   "postal_code",   "x.zip",	   "declared.postcode",
					   "candidate_zip", "homeZipCode", "plz",
					   "home.zip" };
	static const char *const good[] = {
		"sex", "race", "position_id", "x.note", "zipper_brand", "neighborhood", ""
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!eh_gate_forbidden_column(bad[i]))
			fail_msg("%s passed", bad[i]);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (eh_gate_forbidden_column(good[i]))
			fail_msg("%s refused", good[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(purposes_are_a_closed_list, setup, teardown),
		cmocka_unit_test_setup_teardown(ledger_keeps_every_record_once, setup, teardown),
		cmocka_unit_test_setup_teardown(newest_record_of_the_purpose_decides, setup, teardown),
		cmocka_unit_test_setup_teardown(face_and_voice_need_watch_too, setup, teardown),
		cmocka_unit_test_setup_teardown(one_candidates_consent_is_not_anothers, setup, teardown),
		cmocka_unit_test_setup_teardown(inference_needs_consent_and_jurisdiction, setup, teardown),
		cmocka_unit_test(jurisdiction_table_of_inference),
		cmocka_unit_test(near_names_do_not_go_round_the_gate),
		cmocka_unit_test(postcode_columns_are_known),
	};

	return cmocka_run_group_tests_name("consent", tests, NULL, NULL);
}

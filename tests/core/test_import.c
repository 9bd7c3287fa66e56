/* Imports of all five kinds: all or nothing, the same file twice, and the exact places of errors. */
#include "tests/core/import_project.h"

#include "base/rng.h"

static void every_kind_is_imported_and_the_second_time_is_the_same(void **state)
{
	static const struct {
		enum eh_import_kind kind;
		enum eh_table table;
		const char *text;
	} files[] = {
		{ EH_IMPORT_CONSENTS, EH_T_CONSENTS,
		  "candidate_id,purpose,granted,at,notice,expires\n"
		  "C1,watch,yes,2026-01-01T10:00:00Z,n1,2027-01-01\nC1,infer:sex,no,2026-01-01,,\n" },
		{ EH_IMPORT_INTERVIEWS, EH_T_INTERVIEWS,
		  "candidate_id,question_id,path\nC1,q1,a.mp4\nC1,q2,/media/b.mp4\n" },
		{ EH_IMPORT_EVALUATIONS, EH_T_EVALUATIONS,
		  "evaluator_id,candidate_id,decision,score,question_id,x.note\n"
		  "E1,C1,advance,3.5,q1,hello\nE1,C1,0,,q2,\nE2,C2,hold,,,\n" },
	};

	(void)state;
	base_data();
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct eh_import_report r = good(files[i].kind, files[i].text);
		uint64_t rows = r.rows;

		assert_true(rows >= 2);
		assert_int_equal(r.fresh, rows);
		assert_int_equal(entries(files[i].table), rows);
		r = good(files[i].kind, files[i].text);
		assert_int_equal(r.same, rows);
		assert_int_equal(r.fresh + r.changed, 0);
		assert_int_equal(entries(files[i].table), rows);
	}
	assert_int_equal(good(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE1,Anna\n").changed, 1);
}

static int keep_path(void *ctx, const struct eh_interview *i, struct eh_err *err)
{
	(void)err;
	(void)snprintf(ctx, 256, "%.255s", i->path);
	return EH_OK;
}

static void interview_paths_become_absolute_by_their_text(void **state)
{
	static const struct {
		const char *cell, *want;
	} rows[] = {
		{ "a.mp4", "DIR/a.mp4" },
		{ "./x/../y//b.mp4", "DIR/y/b.mp4" },
		{ "/m/./c.mp4", "/m/c.mp4" },
		{ "../../../../../d.mp4", "/d.mp4" },
		{ "\"with, comma.mp4\"", "DIR/with, comma.mp4" },
	};

	(void)state;
	base_data();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[200], got[256] = "", want[256];
		bool relative = strncmp(rows[i].want, "DIR", 3) == 0;
		struct eh_txn *txn = NULL;

		(void)snprintf(text, sizeof text, "candidate_id,question_id,path\nC1,q,%s\n", rows[i].cell);
		(void)good(EH_IMPORT_INTERVIEWS, text);
		(void)snprintf(want, sizeof want, "%s%s", relative ? project.dir : "",
			       rows[i].want + (relative ? 3 : 0));
		txn = temp_txn(&project);
		assert_int_equal(eh_interviews_each(txn, keep_path, got, NULL), EH_OK);
		eh_txn_abort(&txn);
		assert_string_equal(got, want);
	}
}

static void quotes_crlf_and_byte_order_mark_are_read(void **state)
{
	struct eh_txn *txn = NULL;
	struct eh_evaluator e;

	(void)state;
	(void)good(EH_IMPORT_EVALUATORS, "\xef\xbb\xbf"
					 "evaluator_id,name\r\n\"E1\",\"Doe, \"\"Jo\"\"\"\r\nE2,\xc3\x84nne");
	txn = temp_txn(&project);
	assert_int_equal(eh_evaluator_get(txn, "E1", &e, NULL), EH_OK);
	assert_string_equal(e.name, "Doe, \"Jo\"");
	assert_int_equal(eh_evaluator_get(txn, "E2", &e, NULL), EH_OK);
	assert_string_equal(e.name, "\xc3\x84nne");
	eh_txn_abort(&txn);
}

static void errors_name_file_line_and_column(void **state)
{
	(void)state;
	base_data();
	bad(EH_IMPORT_EVALUATORS, "", "1:1", "empty");
	bad(EH_IMPORT_EVALUATORS, "name\nx\n", "1:1", "'evaluator_id' is missing");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,phone\nE3,1\n", "1:14", "unknown column 'phone'");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id, Name\nE3,1\n", "1:14", "unknown column ' Name'; write it as name");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id;name\nE3;1\n", "1:1", "separated by ';'");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name,name\nE3,1,2\n", "1:19", "stands twice");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,\nE3,1\n", "1:14", "no name");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE3\n", "2:1", "1 field, the header 2");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE3,a,b\n", "2:6", "3 fields, the header 2");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\n,a\n", "2:1", "is empty");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\n E3,a\n", "2:1", "blank");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE3,\xff\n", "2:4", "UTF-8");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE3,\"a\nb\"\n", "2:4", "line break");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE3,\"a\nb\n", "2:4", "never closed");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,email\nE3,nobody\n", "2:4", "e-mail");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC9,Illinois\n", "2:4", "jurisdiction");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.Sex\nC9,US,f\n", "1:27", "attribute");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.sex\nC9,US,\"a;b\"\n", "2:7", "group name");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,zip_code\nC9,US,1\n", "1:27", "refused");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,x.postcode\nC9,US,1\n", "1:27", "refused");
	bad(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,hire,yes,2026-01-01\n", "2:4", "purpose");
	bad(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,watch,maybe,2026-01-01\n", "2:10",
	    "neither yes nor no");
	bad(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,watch,yes,1.1.2026\n", "2:14", "time");
	bad(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC7,watch,yes,2026-01-01\n", "2:1",
	    "no candidate 'C7'");
	bad(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at,expires\nC1,watch,yes,2026-01-02,2026-01-01\n", "2:1",
	    "expires");
	bad(EH_IMPORT_INTERVIEWS, "candidate_id,question_id,path\nC1,q1,\n", "2:7", "path is empty");
	bad(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE1,C1,yes\n", "2:7",
	    "advance, reject, hold, 1 or 0");
	bad(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE9,C1,1\n", "2:1", "no evaluator 'E9'");
	bad(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision,score\nE1,C1,1,inf\n", "2:9", "not a number");
	assert_int_equal(entries(EH_T_CONSENTS) + entries(EH_T_INTERVIEWS) + entries(EH_T_EVALUATIONS), 0);
	assert_int_equal(entries(EH_T_EVALUATORS), 2);
	assert_int_equal(entries(EH_T_CANDIDATES), 3);
}

static void nul_byte_has_its_place(void **state)
{
	static const char bytes[] = "evaluator_id,name\nE1,ok\nE2,a\0b\n";
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(import_bytes(EH_IMPORT_EVALUATORS, bytes, sizeof bytes - 1, &r, &err), EH_EFORMAT);
	assert_non_null(strstr(r.errors[0], "in.csv:3:4: "));
	assert_int_equal(entries(EH_T_EVALUATORS), 0);
}

static void contradicting_rows_name_both_lines(void **state)
{
	struct eh_import_report r;

	(void)state;
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE1,a\nE2,b\nE1,c\n", "4:1", "lines 2 and 4");
	r = good(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE1,a\nE1,a\n");
	assert_int_equal(r.fresh, 1);
	assert_int_equal(r.same, 1);
	base_data();
	bad(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,watch,yes,2026-01-01\nC1,watch,no,2026-01-01\n",
	    "3:1", "lines 2 and 3");
}

static void all_errors_are_collected_up_to_the_maximum(void **state)
{
	char text[2000] = "evaluator_id,name\n";
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	for (int i = 0; i < 3; i++)
		strcat(text, ",x\nE9,y\n");
	assert_int_equal(import_bytes(EH_IMPORT_EVALUATORS, text, strlen(text), &r, &err), EH_EFORMAT);
	assert_int_equal(r.n_errors, 3);
	assert_int_equal(r.more_errors, 0);
	/* what a row with an error says counts for nothing more */
	for (int i = 0; i < 60; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), ",x%d\n", i);
	assert_int_equal(import_bytes(EH_IMPORT_EVALUATORS, text, strlen(text), &r, &err), EH_EFORMAT);
	assert_int_equal(r.n_errors, EH_IMPORT_ERRORS);
	assert_int_equal(r.more_errors, 63 - EH_IMPORT_ERRORS);
	assert_int_equal(entries(EH_T_EVALUATORS), 0);
}

static void kinds_are_named(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	enum eh_import_kind kind = EH_IMPORT_KINDS;

	(void)state;
	for (int k = 0; k < EH_IMPORT_KINDS; k++) {
		assert_int_equal(eh_import_kind_parse(&kind, eh_import_kind_text((enum eh_import_kind)k), &err), EH_OK);
		assert_int_equal(kind, k);
	}
	assert_int_equal(eh_import_kind_parse(&kind, "evaluator", &err), EH_EUSAGE);
	assert_non_null(strstr(err.msg, "evaluators, candidates, consents, interviews or evaluations"));
}

static void absent_file_is_told(void **state)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_import_csv(txn, EH_IMPORT_EVALUATORS, "/nowhere/x.csv", &r, &err), EH_ENOENT);
	assert_non_null(strstr(err.msg, "/nowhere/x.csv"));
	assert_int_equal(eh_import_csv(txn, EH_IMPORT_EVALUATORS, "/tmp", &r, NULL), EH_EIO);
	eh_txn_abort(&txn);
}

static void mutated_tables_never_crash_and_never_import_a_part(void **state)
{
	static const char seed[] = "candidate_id,jurisdiction,position_id,declared.sex,x.n\r\nC1,US-IL,clerk,female,"
				   "\"a\"\"b\"\nC2,DE,,male,\n";
	static const char spice[] = "\",\n\r\0\xff\xc3 Ca1.-";
	struct eh_rng rng;
	int imported = 0;

	(void)state;
	eh_rng_seed(&rng, 7);
	for (int round = 0; round < 400; round++) {
		char bytes[sizeof seed], path[128];
		struct eh_import_report r;
		struct eh_err err = EH_ERR_INIT;
		struct eh_txn *txn = NULL;
		uint64_t n = 0;
		int rc = EH_OK;

		memcpy(bytes, seed, sizeof seed);
		for (int k = (int)eh_rng_below(&rng, 4); k > 0; k--)
			bytes[eh_rng_below(&rng, sizeof seed - 1)] = spice[eh_rng_below(&rng, sizeof spice - 1)];
		temp_file(&project, path, "fuzz.csv", bytes, sizeof seed - 1);
		txn = temp_txn(&project);
		rc = eh_import_csv(txn, EH_IMPORT_CANDIDATES, path, &r, &err);
		assert_true(rc == EH_OK || (rc == EH_EFORMAT && r.n_errors > 0 && err.msg[0] != '\0'));
		assert_int_equal(eh_txn_count(txn, EH_T_CANDIDATES, &n, NULL), EH_OK);
		if (rc == EH_OK)
			assert_int_equal(n, r.fresh);
		imported += rc == EH_OK;
		eh_txn_abort(&txn);
	}
	assert_true(imported > 0 && imported < 400);
}

static void no_error_names_a_document_of_the_makers(void **state)
{
	static const char *const headers[] = { "declared.emotion", "imported.mood", "x.postcode" };
	struct eh_err err = EH_ERR_INIT;
	struct eh_import_report r;

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		char text[120];

		(void)snprintf(text, sizeof text, "candidate_id,jurisdiction,%s\nC1,US,x\n", headers[i]);
		assert_int_equal(import_bytes(EH_IMPORT_CANDIDATES, text, strlen(text), &r, &err), EH_EFORMAT);
		assert_null(strstr(err.msg, "facts/"));
		assert_null(strstr(err.msg, ".md"));
		assert_non_null(strstr(err.msg, "take the column away"));
	}
	assert_int_equal(eh_gate_purpose("infer:emotion", &err), EH_EREFUSED);
	assert_null(strstr(err.msg, ".md"));
	assert_non_null(strstr(err.msg, "not guessed from faces and voices"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_is_imported_and_the_second_time_is_the_same, setup,
						teardown),
		cmocka_unit_test_setup_teardown(interview_paths_become_absolute_by_their_text, setup, teardown),
		cmocka_unit_test_setup_teardown(quotes_crlf_and_byte_order_mark_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_name_file_line_and_column, setup, teardown),
		cmocka_unit_test_setup_teardown(nul_byte_has_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(contradicting_rows_name_both_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(all_errors_are_collected_up_to_the_maximum, setup, teardown),
		cmocka_unit_test_setup_teardown(no_error_names_a_document_of_the_makers, setup, teardown),
		cmocka_unit_test(kinds_are_named),
		cmocka_unit_test_setup_teardown(absent_file_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(mutated_tables_never_crash_and_never_import_a_part, setup, teardown),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}

/* Imports of all five kinds: all or nothing, the same file twice, and the exact places of errors. */
#include "tests/core/temp_project.h"

#include "base/rng.h"
#include "exchange/exchange.h"

static struct temp_project project;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&project);
	return 0;
}

/* Imports the text as in.csv; commits when it is good. */
static int import_bytes(enum eh_import_kind kind, const void *bytes, size_t len, struct eh_import_report *r,
			struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char path[128];
	int rc = EH_OK;

	temp_file(&project, path, "in.csv", bytes, len);
	txn = temp_txn(&project);
	rc = eh_import_csv(txn, kind, path, r, err);
	if (rc == EH_OK)
		assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	else
		eh_txn_abort(&txn);
	return rc;
}

static struct eh_import_report good(enum eh_import_kind kind, const char *text)
{
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;

	if (import_bytes(kind, text, strlen(text), &r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return r;
}

/* Expects exactly one error at LINE:COLUMN with part in its text, and nothing imported. */
static void bad(enum eh_import_kind kind, const char *text, const char *place, const char *part)
{
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;
	char want[200];

	assert_int_equal(import_bytes(kind, text, strlen(text), &r, &err), EH_EFORMAT);
	(void)snprintf(want, sizeof want, "%s/in.csv:%s: ", project.dir, place);
	if (r.n_errors != 1 || strncmp(r.errors[0], want, strlen(want)) != 0 || strstr(r.errors[0], part) == NULL)
		fail_msg("%zu errors, first: %s (expected %s ... %s)", r.n_errors, r.errors[0], want, part);
	assert_string_equal(err.msg, r.errors[0]);
	assert_int_equal(r.fresh + r.changed + r.same, 0);
}

static uint64_t entries(enum eh_table t)
{
	struct eh_txn *txn = temp_txn(&project);
	uint64_t n = 0;

	assert_int_equal(eh_txn_count(txn, t, &n, NULL), EH_OK);
	eh_txn_abort(&txn);
	return n;
}

static void base_data(void)
{
	(void)good(EH_IMPORT_EVALUATORS, "evaluator_id,name,unit,email\nE1,Ann,north,ann@example.org\nE2,,,\n");
	(void)good(EH_IMPORT_CANDIDATES,
		   "candidate_id,jurisdiction,position_id,declared.sex\nC1,US-IL,clerk,female\nC2,DE,,male\nC3,US,,\n");
}

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

static int keep_evaluation(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	(void)err;
	memcpy(ctx, e, sizeof *e);
	return EH_OK;
}

static int keep_consent(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	(void)err;
	memcpy(ctx, c, sizeof *c);
	return EH_OK;
}

static void missing_columns_of_people_keep_what_is_stored_and_empty_cells_clear_it(void **state)
{
	struct eh_import_report r;
	struct eh_txn *txn = NULL;
	struct eh_candidate c;
	struct eh_evaluator e;

	(void)state;
	base_data();
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-IL\nC2,FR\n");
	assert_int_equal(r.same, 1);
	assert_int_equal(r.changed, 1);
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.age,name\nC1,US-IL,old,Ann\n");
	assert_int_equal(r.changed, 1);
	r = good(EH_IMPORT_EVALUATORS, "evaluator_id,unit\nE1,south\n");
	assert_int_equal(r.changed, 1);
	txn = temp_txn(&project);
	assert_int_equal(eh_candidate_get(txn, "C1", &c, NULL), EH_OK);
	assert_string_equal(c.position, "clerk");
	assert_string_equal(c.name, "Ann");
	assert_string_equal(eh_candidate_declared(&c, "sex"), "female");
	assert_string_equal(eh_candidate_declared(&c, "age"), "old");
	assert_int_equal(eh_candidate_get(txn, "C2", &c, NULL), EH_OK);
	assert_string_equal(c.jurisdiction, "FR");
	assert_string_equal(eh_candidate_declared(&c, "sex"), "male");
	assert_int_equal(eh_evaluator_get(txn, "E1", &e, NULL), EH_OK);
	assert_string_equal(e.name, "Ann");
	assert_string_equal(e.unit, "south");
	assert_string_equal(e.email, "ann@example.org");
	eh_txn_abort(&txn);
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,position_id,declared.sex\nC1,US-IL,,\n");
	assert_int_equal(r.changed, 1);
	r = good(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE1,\n");
	assert_int_equal(r.changed, 1);
	txn = temp_txn(&project);
	assert_int_equal(eh_candidate_get(txn, "C1", &c, NULL), EH_OK);
	assert_string_equal(c.position, "");
	assert_null(eh_candidate_declared(&c, "sex"));
	assert_string_equal(eh_candidate_declared(&c, "age"), "old");
	assert_int_equal(eh_evaluator_get(txn, "E1", &e, NULL), EH_OK);
	assert_string_equal(e.name, "");
	assert_string_equal(e.unit, "south");
	eh_txn_abort(&txn);
}

static void missing_columns_of_evaluations_and_consents_keep_what_is_stored(void **state)
{
	struct eh_import_report r;
	struct eh_txn *txn = NULL;
	struct eh_evaluation e;
	struct eh_consent c;

	(void)state;
	base_data();
	(void)good(EH_IMPORT_EVALUATIONS,
		   "evaluator_id,candidate_id,decision,score,decided_at\nE1,C1,1,3.5,2026-01-01\n");
	r = good(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE1,C1,1\n");
	assert_int_equal(r.same, 1);
	r = good(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision,decided_at\nE1,C1,0,\n");
	assert_int_equal(r.changed, 1);
	(void)good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at,notice,expires\n"
				       "C1,watch,yes,2026-01-01,n1,2027-01-01\n");
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,watch,yes,2026-01-01\n");
	assert_int_equal(r.same, 1);
	assert_int_equal(entries(EH_T_CONSENTS), 1);
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at,expires\nC1,watch,yes,2026-01-01,\n");
	assert_int_equal(r.fresh, 1);
	txn = temp_txn(&project);
	assert_int_equal(eh_evaluations_each(txn, keep_evaluation, &e, NULL), EH_OK);
	assert_int_equal(e.decision, EH_REJECT);
	assert_true(e.has_score);
	assert_true(e.score > 3.4 && e.score < 3.6);
	assert_false(e.has_time);
	assert_int_equal(eh_consents_each(txn, "C1", keep_consent, &c, NULL), EH_OK);
	assert_string_equal(c.notice, "n1");
	assert_int_equal(c.expires, 0);
	eh_txn_abort(&txn);
}

static void declared_attributes_that_are_kept_count_to_the_maximum(void **state)
{
	(void)state;
	(void)good(EH_IMPORT_CANDIDATES,
		   "candidate_id,jurisdiction,declared.a,declared.b,declared.c,declared.d,declared.e,declared.f,"
		   "declared.g,declared.h\nC1,DE,x,x,x,x,x,x,x,x\n");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.i\nC1,DE,x\n", "2:1", "more than 8");
}

static void consent_that_no_place_could_use_is_refused_and_a_refusal_of_it_is_not(void **state)
{
	static const char *const never[] = { "emotion", "religion", "health" };
	struct eh_import_report r;

	(void)state;
	base_data();
	for (size_t i = 0; i < 3; i++) {
		char text[200];

		(void)snprintf(text, sizeof text,
			       "candidate_id,purpose,granted,at\nC1,watch,yes,2026-01-01\nC1,infer:%s,yes,2026-01-01\n",
			       never[i]);
		bad(EH_IMPORT_CONSENTS, text, "3:4", "never inferred, anywhere");
	}
	assert_int_equal(entries(EH_T_CONSENTS), 0);
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,infer:emotion,no,2026-01-01\n");
	assert_string_equal(r.note, "");
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,infer:race,yes,2026-01-01\n");
	assert_string_equal(r.note, "");
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC2,infer:race,yes,2026-01-01\n");
	assert_int_equal(r.fresh, 1);
	assert_non_null(strstr(r.note, "infer:race recorded; the place DE does not allow it: it will not be used"));
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.emotion\nC1,US,sad\n", "1:27", "refused");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.religion,declared.disability\nC1,US,a,no\n");
	assert_int_equal(r.changed, 1);
}

static void places_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US\nC2,XX-YY\n", "3:4", "no country 'XX'");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,ZZ-99\n", "2:4", "no country 'ZZ'");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-ZZ\n", "2:4", "no state 'ZZ'");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-I\n", "2:4", "no state 'I'");
	(void)good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-DC\nC2,US-PR\nC3,CA-ON\nC4,AT-9\nC5,GB-SCT\n"
					 "C6,UK\nC7,CH\nC8,BR\n");
}

static void groups_that_differ_in_case_are_told_with_their_counts(void **state)
{
	struct eh_import_report r;

	(void)state;
	r = good(EH_IMPORT_CANDIDATES,
		 "candidate_id,jurisdiction,declared.sex\nC1,US,female\nC2,US,male\nC3,US,female\n");
	assert_string_equal(r.note, "");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.sex\nC4,US,Female\n");
	assert_string_equal(r.note,
			    "attribute sex: 'Female' (1 candidate) and 'female' (2) are counted as two groups");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.sex\nC5,US,female\n");
	assert_string_equal(r.note,
			    "attribute sex: 'Female' (1 candidate) and 'female' (3) are counted as two groups");
}

/* "female (declared)", "" = not known */
static const char *class_of(const char *candidate, const char *attribute)
{
	static char text[EH_NAME_MAX + 16];
	struct eh_txn *txn = temp_txn(&project);
	const struct eh_declared *d = NULL;
	struct eh_candidate c;

	assert_int_equal(eh_candidate_get(txn, candidate, &c, NULL), EH_OK);
	eh_txn_abort(&txn);
	d = eh_candidate_class(&c, attribute);
	text[0] = '\0';
	if (d != NULL)
		(void)snprintf(text, sizeof text, "%s (%s)", d->group, eh_class_source_name(d->source));
	return text;
}

static void what_is_declared_wins_in_every_order(void **state)
{
	static const struct {
		const char *tables[3]; /* one after the other, of candidate C1; NULL = no more */
		const char *want, *note; /* the note of the last one */
	} cases[] = {
		{ { "imported.sex\nC1,US,male" }, "male (imported)", "" },
		{ { "declared.sex,imported.sex\nC1,US,female,male" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		{ { "imported.sex,declared.sex\nC1,US,male,female" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		{ { "imported.sex,declared.sex\nC1,US,female,female" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (0 differ)" },
		{ { "declared.sex,imported.sex\nC1,US,,male" }, "male (imported)", "" },
		{ { "imported.sex,declared.sex\nC1,US,male,declined" }, "male (imported)", "" },
		{ { "declared.sex,imported.sex\nC1,US,female," }, "female (declared)", "" },
		{ { "declared.sex\nC1,US,female", "imported.sex\nC1,US,male" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		{ { "imported.sex\nC1,US,male", "declared.sex\nC1,US,female" }, "female (declared)", "" },
		{ { "imported.sex\nC1,US,male", "declared.sex\nC1,US,female", "imported.sex\nC1,US,male" },
		  "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		/* an empty cell clears what its own column brought, nothing else */
		{ { "imported.sex\nC1,US,male", "declared.sex\nC1,US," }, "male (imported)", "" },
		{ { "imported.sex\nC1,US,male", "imported.sex\nC1,US," }, "", "" },
		{ { "declared.sex\nC1,US,female", "imported.sex\nC1,US," }, "female (declared)", "" },
		{ { "declared.sex\nC1,US,female", "declared.sex\nC1,US," }, "", "" },
		{ { "declared.sex\nC1,US,female", "declared.sex,imported.sex\nC1,US,,male" }, "male (imported)", "" },
		{ { "imported.sex\nC1,US,male", "declared.age\nC1,US,old" }, "male (imported)", "" },
		{ { "declared.sex\nC1,US,female", "imported.age\nC1,US,old" }, "female (declared)", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct eh_import_report r;

		assert_int_equal(setup(state), 0);
		for (size_t k = 0; k < 3 && cases[i].tables[k] != NULL; k++) {
			char text[200];

			(void)snprintf(text, sizeof text, "candidate_id,jurisdiction,%s\n", cases[i].tables[k]);
			r = good(EH_IMPORT_CANDIDATES, text);
			assert_int_equal(r.rows, 1);
		}
		if (strcmp(class_of("C1", "sex"), cases[i].want) != 0 || strcmp(r.note, cases[i].note) != 0)
			fail_msg("case %zu: '%s', note '%s'", i, class_of("C1", "sex"), r.note);
		assert_int_equal(teardown(state), 0);
	}
}

static void imported_classes_have_the_gates_of_declared_ones(void **state)
{
	struct eh_import_report r;

	(void)state;
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.emotion\nC1,US,sad\n", "1:27",
	    "no protected class");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.zip\nC1,US,1\n", "1:27", "Illinois HB 3773");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.Sex\nC1,US,f\n", "1:27", "write imported. and");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.sex\nC1,US,\"a;b\"\n", "2:7",
	    "imported.sex: 'a;b' is not a group name");
	/* one that a declared class keeps out is looked at too */
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.sex,imported.sex\nC1,US,f,\"a;b\"\n", "2:9",
	    "imported.sex: 'a;b' is not a group name");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,imported.sex\nE1,f\n", "1:14", "unknown column 'imported.sex'");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.religion,imported.disability\nC1,US,a,no\n");
	assert_int_equal(r.fresh, 1);
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.religion,imported.disability\nC1,US,a,no\n");
	assert_int_equal(r.same, 1);
}

static void both_sources_of_an_attribute_take_one_place(void **state)
{
	(void)state;
	(void)good(EH_IMPORT_CANDIDATES,
		   "candidate_id,jurisdiction,declared.a,imported.a,declared.b,imported.b,declared.c,imported.c,"
		   "declared.d,"
		   "imported.d,declared.e,imported.e,imported.f,imported.g,declared.h\nC1,DE,1,2,1,2,1,2,1,2,1,2,2,2,"
		   "1\n");
	assert_string_equal(class_of("C1", "e"), "1 (declared)");
	assert_string_equal(class_of("C1", "g"), "2 (imported)");
	(void)good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.g\nC1,DE,3\n");
	assert_string_equal(class_of("C1", "g"), "3 (declared)");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.i\nC1,DE,x\n", "2:1", "more than 8");
	bad(EH_IMPORT_CANDIDATES,
	    "candidate_id,jurisdiction,declared.a,imported.b,declared.c,imported.d,declared.e,imported.f,declared.g,"
	    "imported.h,imported.i\nC2,DE,1,1,1,1,1,1,1,1,1\n", "1:115", "more than 8 attributes");
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
		cmocka_unit_test_setup_teardown(missing_columns_of_people_keep_what_is_stored_and_empty_cells_clear_it,
						setup, teardown),
		cmocka_unit_test_setup_teardown(missing_columns_of_evaluations_and_consents_keep_what_is_stored, setup,
						teardown),
		cmocka_unit_test_setup_teardown(declared_attributes_that_are_kept_count_to_the_maximum, setup,
						teardown),
		cmocka_unit_test_setup_teardown(consent_that_no_place_could_use_is_refused_and_a_refusal_of_it_is_not,
						setup, teardown),
		cmocka_unit_test_setup_teardown(places_that_do_not_exist_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(groups_that_differ_in_case_are_told_with_their_counts, setup, teardown),
		cmocka_unit_test(what_is_declared_wins_in_every_order), /* a project for each case */
		cmocka_unit_test_setup_teardown(imported_classes_have_the_gates_of_declared_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(both_sources_of_an_attribute_take_one_place, setup, teardown),
		cmocka_unit_test_setup_teardown(no_error_names_a_document_of_the_makers, setup, teardown),
		cmocka_unit_test(kinds_are_named),
		cmocka_unit_test_setup_teardown(absent_file_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(mutated_tables_never_crash_and_never_import_a_part, setup, teardown),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}

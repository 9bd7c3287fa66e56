/* `rates`: one table to audit data; real tables from EVENHAND_SHARED where they are there. */
#include "tests/core/rates_text.h"

#include "base/mem.h"

static void rows_become_sorted_decisions_and_classes(void **state)
{
	static const char text[] = "evaluator_id,candidate_id,decision,score,candidate_sex,service\n"
				   "E2,C1,1,2.5,male,a\nE1,C2,reject,,female,b\nE1,C1,advance,1,male,c\nE1,C3,hold,,,"
				   "d\nE1,C4,0,,Unknown,d\n";
	const struct eh_rates_options o = { .score = "score" };
	struct eh_import_report r;
	struct eh_audit_data d;
	uint32_t male, female;

	(void)state;
	good(&d, text, &o, &r);
	assert_int_equal(r.rows, 5);
	assert_int_equal(d.n_decisions, 4);
	assert_int_equal(d.holds, 1);
	assert_int_equal(d.evaluators.n, 2);
	assert_int_equal(d.candidates.n, 4);
	assert_int_equal(d.strata.n, 1);
	assert_int_equal(d.n_attributes, 1);
	assert_string_equal(d.attributes[0].name, "sex");
	assert_string_equal(d.attributes[0].groups[0], "female");
	assert_string_equal(d.attributes[0].groups[1], "male");
	assert_null(d.candidates.v);
	male = person_of(&d, 1);
	female = person_of(&d, 0);
	assert_int_equal(d.attributes[0].provenance[male], EH_IMPORTED);
	assert_int_equal(d.attributes[0].provenance[person_of(&d, -1)], EH_UNKNOWN_CLASS);
	assert_null(d.attributes[0].prob);
	assert_int_equal(d.evaluator_at[1], 3);
	assert_int_equal(d.candidate[3], male);
	assert_true(d.score[3] == 2.5);
	for (size_t i = 0; i < 3; i++) {
		if (d.candidate[i] == male)
			assert_true(d.selected[i] == 1 && d.score[i] == 1.0);
		else if (d.candidate[i] == female)
			assert_true(d.selected[i] == 0 && d.has_score[i] == 0);
	}
	eh_audit_data_free(&d);
}

/* The day of each evaluator's only decision. */
static void expect_days(const struct eh_audit_data *d, const int32_t *want, size_t n)
{
	assert_int_equal(d->n_decisions, n);
	assert_non_null(d->decided);
	for (size_t e = 0; e < n; e++)
		assert_int_equal(d->decided[d->evaluator_at[e]], want[e]);
}

static void times_become_days_in_utc(void **state)
{
	static const char text[] = "decided_at,evaluator_id,candidate_id,decision,candidate_sex\n"
				   "2026-11-25,E1,C1,1,f\n2026-11-25T23:30:00-05:00,E2,C2,0,m\n,E3,C3,0,m\n"
				   "1969-12-31T23:59:59.5Z,E4,C4,1,f\n2026-11-25T01:00:00+02:00,E5,C5,1,f\n"
				   "2026-11-26T00:00:00Z,E6,C6,hold,f\n";
	static const char none[] =
		"evaluator_id,candidate_id,decision,candidate_sex,decided_at\nE,A,1,f,\nE,B,0,m,\n"
		"E,C,hold,m,2026-11-25\n";
	static const int32_t want[] = { 20782, 20783, EH_NO_DAY, -1, 20781 };
	const char *column[] = { "decided_at" };
	struct eh_rates_options o = { .careful = false };
	struct eh_import_report r;
	struct eh_audit_data d;

	(void)state;
	for (int careful = 0; careful < 2; careful++) {
		o = (struct eh_rates_options){ .careful = careful != 0 };
		good(&d, text, &o, &r);
		expect_days(&d, want, 5);
		eh_audit_data_free(&d);
		good(&d, none, &o, &r);
		assert_null(d.decided);
		eh_audit_data_free(&d);
		/* a stratum may be called so: then it says nothing of times, whatever it holds */
		o.strata = column;
		o.n_strata = 1;
		good(&d, "evaluator_id,candidate_id,decision,candidate_sex,decided_at\nE,A,1,f,May\nE,B,0,m,June\n", &o,
		     &r);
		assert_null(d.decided);
		assert_int_equal(d.strata.n, 2);
		eh_audit_data_free(&d);
	}
}

static void repeats_need_a_stratum(void **state)
{
	const char *job[] = { "job", "round" };
	const struct eh_rates_options by_job = { .strata = job, .n_strata = 2 };
	struct eh_import_report r;
	struct eh_audit_data d;

	(void)state;
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,m\nE,A,0,f\n", &plain, "4:1",
	    "already in line 2");
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,m\nE,A,0,f\n", &plain, "4:1",
	    "--stratum");
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex,question_id\nE,A,1,f,q1\nE,B,0,m,q1\nE,A,0,f,q2\n",
	     &plain, &r);
	assert_int_equal(d.strata.n, 2);
	assert_string_equal(d.strata.v[0], "q1");
	assert_non_null(strstr(r.note, "question_id"));
	eh_audit_data_free(&d);
	/* without repeats the event stays out: the plain table is what was asked for */
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex,event\nE,A,1,f,q1\nE,B,0,m,q2\n", &plain, &r);
	assert_int_equal(d.strata.n, 1);
	assert_string_equal(r.note, "");
	eh_audit_data_free(&d);
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex,job,round\nE,A,1,f,x,1\nE,B,0,m,x,1\nE,A,0,f,x,2\n",
	     &by_job, &r);
	assert_int_equal(d.strata.n, 2);
	assert_string_equal(d.strata.v[1], "x" EH_RATES_JOINT "2");
	eh_audit_data_free(&d);
	bad("evaluator_id,candidate_id,decision,candidate_sex,event\nE,A,1,f,q1\nE,B,0,m,q1\nE,A,0,f,q1\n", &plain,
	    "4:1", "line 2");
	/* an open decision is no repeat */
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex\nE,A,hold,f\nE,B,0,m\nE,A,0,f\n", &plain, &r);
	assert_int_equal(d.n_decisions, 2);
	eh_audit_data_free(&d);
}

static void errors_name_file_line_and_column(void **state)
{
	const char *zip[] = { "zip" }, *no[] = { "race" }, *sex[] = { "candidate_sex" };
	const struct eh_rates_options class_zip = { .classes = zip, .n_classes = 1 },
				      stratum_zip = { .classes = sex, .n_classes = 1, .strata = zip, .n_strata = 1 };
	const struct eh_rates_options class_no = { .classes = no, .n_classes = 1 },
				      score = { .score = "score" };
	const struct eh_rates_options class_sex = { .classes = sex, .n_classes = 1 };

	(void)state;
	bad("", &plain, "1:1", "empty");
	bad("evaluator_id,candidate_id,candidate_sex\nE,A,f\n", &plain, "1:1", "no column 'decision'");
	bad("evaluator_id,candidate_id,decision\nE,A,1\n", &plain, "1:1", "--class");
	bad("evaluator_id,candidate_id,decision,candidate_sex\n", &plain, "1:1", "no row");
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,A,2,f\n", &plain, "2:5", "decision");
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,,1,f\n", &plain, "2:3", "candidate_id is empty");
	bad("evaluator_id,candidate_id,decision,candidate_sex,stage\nE,A,1,f,1\nE,A,1,m,2\n", &plain, "3:1",
	    "'f' in line 2");
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f;g\n", &plain, "2:7", "group name");
	bad("evaluator_id,candidate_id,decision,candidate_sex,zip\nE,A,1,f,9\n", &class_zip, "1:50", "refused");
	bad("evaluator_id,candidate_id,decision,candidate_sex,zip\nE,A,1,f,9\n", &stratum_zip, "1:50", "refused");
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\n", &class_no, "1:1", "no column 'race'");
	bad("evaluator_id,candidate_id,decision,candidate_sex,score\nE,A,1,f,x\n", &score, "2:9", "score");
	bad("evaluator_id,candidate_id,decision,candidate_sex,decided_at\nE,A,1,f,1 May 2026\n", &plain, "2:9",
	    "decided_at: '1 May 2026' is not a time; write it as 2026-11-25T10:00:00Z or 2026-11-25");
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,1,f\n", &class_sex, "1:36",
	    "one group only");
}

static void open_decisions_and_other_separators_are_told(void **state)
{
	struct eh_import_report r;
	struct eh_audit_data d;

	(void)state;
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,m\nE,C,hold,m\n", &plain, &r);
	assert_int_equal(d.holds, 1);
	assert_non_null(strstr(r.note, "1 row on hold left out"));
	eh_audit_data_free(&d);
	bad("evaluator_id;candidate_id;decision;candidate_sex\nE;A;1;f\n", &plain, "1:1", "separated by ';'");
	bad("evaluator_id\tcandidate_id\tdecision\nE\tA\t1\n", &plain, "1:1", "separated by tabs");
}

static void order_of_rows_does_not_matter(void **state)
{
	const struct eh_rates_options o = { .prob = NULL };
	struct eh_import_report r;
	struct eh_audit_data a, b;

	(void)state;
	good(&a, "evaluator_id,candidate_id,decision,candidate_r\nE,A,1,x\nE,B,0,y\nF,B,1,y\n", &o, &r);
	good(&b, "decision,candidate_r,candidate_id,evaluator_id\n1,y,B,F\n0,y,B,E\n1,x,A,E\n", &o, &r);
	assert_int_equal(a.n_decisions, b.n_decisions);
	assert_int_equal(a.evaluators.n, b.evaluators.n);
	assert_memory_equal(a.evaluator_at, b.evaluator_at, (a.evaluators.n + 1) * sizeof *a.evaluator_at);
	assert_memory_equal(a.candidate, b.candidate, a.n_decisions * sizeof *a.candidate);
	assert_memory_equal(a.stratum, b.stratum, a.n_decisions * sizeof *a.stratum);
	assert_memory_equal(a.selected, b.selected, a.n_decisions);
	assert_memory_equal(a.attributes[0].group, b.attributes[0].group, 2 * sizeof(int16_t));
	eh_audit_data_free(&a);
	eh_audit_data_free(&b);
}

static void no_memory_is_an_answer(void **state)
{
	static const char text[] =
		"evaluator_id,candidate_id,decision,candidate_age,p.a,p.b\nE,A,1,young,1,0\nF,A,0,old,1,0\n";
	const struct eh_rates_options prob = { .prob = "p" };
	int rc = EH_ENOMEM;

	(void)state;
	for (uint64_t n = 1; rc != EH_OK; n++) {
		struct eh_import_report r;
		struct eh_audit_data d;
		struct eh_err err = EH_ERR_INIT;

		assert_true(n < 200);
		eh_mem_fail_at(n);
		rc = read_text(&d, text, &prob, &r, &err);
		eh_mem_fail_at(0);
		assert_true(rc == EH_OK ||
			    (rc == EH_ENOMEM && err.msg[0] != '\0' && d.candidate == NULL && d.n_attributes == 0));
		eh_audit_data_free(&d);
	}
}

static void rows_with_errors_are_left_out_on_request(void **state)
{
	const struct eh_rates_options skip = { .skip = true, .score = "score" };
	static const char head[] = "evaluator_id,candidate_id,decision,candidate_sex,score\n";
	struct eh_import_report r;
	struct eh_audit_data d;
	struct eh_err err = EH_ERR_INIT;
	static const char *const place[] = {
		"4:5: decision", "5:1: the row has 4 fields", "6:3: the field is not valid UTF-8", "7:9: score",
		"8:1: evaluator 'E' decided about candidate 'A' already in line 2",
	};
	char text[4000], want[200];
	size_t n;

	(void)state;
	(void)snprintf(text, sizeof text, "%s%s", head,
		       "E,A,1,f,1\nE,B,0,m,2\nE,C,maybe,x,3\nE,D,1,m\nE,\xff,1,m,4\nE,F,1,f,1e400\n"
		       "E,A,0,f,5\nF,G,0,m,6\n");
	good(&d, text, &skip, &r);
	assert_int_equal(r.rows, 8);
	assert_int_equal(r.skipped, 5);
	assert_int_equal(r.n_errors, 5);
	assert_int_equal(d.n_decisions, 3);
	/* nothing of them is left: neither persons nor the group that only one of them has */
	assert_int_equal(d.candidates.n, 3);
	assert_int_equal(d.attributes[0].n_groups, 2);
	/* of repeated decisions the first stays */
	assert_int_equal(d.attributes[0].group[judged(&d, "E", 1)], 0);
	for (size_t i = 0; i < 5; i++) {
		(void)snprintf(want, sizeof want, "%s/t.csv:%s", project.dir, place[i]);
		if (strncmp(r.errors[i], want, strlen(want)) != 0)
			fail_msg("%s (expected %s)", r.errors[i], want);
	}
	eh_audit_data_free(&d);
	/* one evaluator's contradiction: the first row stays, across a row that says nothing */
	(void)snprintf(text, sizeof text, "%s%s", head,
		       "E,A,1,f,\nE,B,0,m,\nE,A,0,,\nE,A,0,m,\nF,A,1,f,\n");
	good(&d, text, &skip, &r);
	assert_int_equal(r.skipped, 2);
	assert_non_null(strstr(r.errors[0], "t.csv:4:1: evaluator 'E' decided"));
	assert_non_null(strstr(r.errors[1], "t.csv:5:1: candidate 'A' is 'm' here and 'f' in line 2"));
	assert_int_equal(d.candidates.n, 2);
	eh_audit_data_free(&d);
	/* many: the first are listed, all are counted */
	n = (size_t)snprintf(text, sizeof text, "%sE,A,1,f,\nE,B,0,m,\n", head);
	for (int i = 0; i < 30; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "E,%s,1,f,\n", i % 2 ? "A" : "");
	good(&d, text, &skip, &r);
	assert_int_equal(r.skipped, 30);
	assert_int_equal(r.n_errors, EH_IMPORT_ERRORS);
	assert_int_equal(r.more_errors, 10);
	assert_int_equal(d.n_decisions, 2);
	eh_audit_data_free(&d);
	/* what is wrong with the table and not with a row stays an error */
	assert_int_equal(read_text(&d, "evaluator_id,candidate_id,decision,score\nE,A,1,1\n", &skip, &r, &err),
			 EH_EFORMAT);
	(void)snprintf(text, sizeof text, "%s%s", head, "E,A,1,f,x\nE,B,1,m,\"1\"2\n");
	assert_int_equal(read_text(&d, text, &skip, &r, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "t.csv:3:9: a quote"));
	(void)snprintf(text, sizeof text, "%s%s", head, "E,A,no,f,\nE,B,no,m,\n");
	assert_int_equal(read_text(&d, text, &skip, &r, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "no row with a decision"));
}

static size_t lines_of(FILE *f, const char *part)
{
	char line[600];
	size_t n = 0;

	rewind(f);
	while (fgets(line, sizeof line, f) != NULL)
		n += strstr(line, part) != NULL;
	return n;
}

static void everything_left_out_is_listed_on_request(void **state)
{
	struct eh_rates_options skip = { .skip = true, .list = tmpfile() };
	char text[8000] = "evaluator_id,candidate_id,decision,candidate_sex,score\nE,A,1,f,1\nE,B,0,m,2\n";
	struct eh_import_report r;
	struct eh_audit_data d;
	uint64_t sum = 0;
	size_t n = strlen(text);

	(void)state;
	assert_non_null(skip.list);
	/* repeats make it read again, and then list again */
	for (int i = 0; i < 30; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "E,A,1,f,3\nE,,1,f,\nE,C%d,=1,f f,\nE,D%d\n", i, i);
	good(&d, text, &skip, &r);
	assert_int_equal(fflush(skip.list), 0);
	assert_int_equal(r.skipped, 120);
	assert_int_equal(r.skipped_by[EH_FAULT_REPEATED], 30);
	assert_int_equal(r.skipped_by[EH_FAULT_ID], 30);
	assert_int_equal(r.skipped_by[EH_FAULT_DECISION], 30);
	assert_int_equal(r.skipped_by[EH_FAULT_FIELDS], 30);
	for (size_t i = 0; i < EH_FAULTS; i++)
		sum += r.skipped_by[i];
	assert_int_equal(sum, r.skipped);
	assert_int_equal(r.n_errors + r.more_errors, 120);
	assert_int_equal(lines_of(skip.list, ""), 121);
	assert_int_equal(lines_of(skip.list, "line,column,reason,message\n"), 1);
	assert_int_equal(lines_of(skip.list, ",1,repeated_decision,"), 30);
	assert_int_equal(lines_of(skip.list, "already in line 2"), 30);
	assert_int_equal(lines_of(skip.list, ",3,bad_id,"), 30);
	eh_audit_data_free(&d);
	/* nothing wrong: the header alone, whatever stood there before */
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,m\n", &skip, &r);
	assert_int_equal(fflush(skip.list), 0);
	assert_int_equal(lines_of(skip.list, ""), 1);
	eh_audit_data_free(&d);
	(void)fclose(skip.list);
}

static const char *shared(void)
{
	const char *dir = getenv("EVENHAND_SHARED");

	return dir != NULL && dir[0] != '\0' ? dir : "../shared";
}

/* Selected of group in evaluator's decisions over all strata. */
static void count(const struct eh_audit_data *d, const char *evaluator, const char *group, unsigned *n,
		  unsigned *selected)
{
	uint32_t e = eh_names_find(&d->evaluators, evaluator);

	*n = *selected = 0;
	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		int16_t g = d->attributes[0].group[d->candidate[i]];

		if (g < 0 || strcmp(d->attributes[0].groups[g], group) != 0)
			continue;
		++*n;
		*selected += d->selected[i];
	}
}

static void real_tables_are_read(void **state)
{
	static const struct {
		const char *name;
		size_t rows, evaluators;
	} tables[] = {
		{ "ucb_admissions.csv", 4526, 6 },
		{ "research_funding_nwo.csv", 2823, 9 },
		{ "insteval.csv.gz", 73421, 2972 },
		{ "mpls_stops_not_searched.csv.gz", 0, 5 },
	};
	unsigned n = 0, selected = 0;

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		struct eh_import_report r;
		struct eh_audit_data d;
		struct eh_err err = EH_ERR_INIT;
		char source[512], path[128], command[800];

		(void)snprintf(source, sizeof source, "%s/data/tables/%s", shared(), tables[i].name);
		if (access(source, R_OK) != 0)
			skip();
		(void)snprintf(path, sizeof path, "%s/table.csv", project.dir);
		(void)snprintf(command, sizeof command, "gzip -cdf '%s' > '%s'", source, path);
		assert_int_equal(system(command), 0);
		if (eh_rates_read(&d, path, &plain, &r, &err) != EH_OK)
			fail_msg("%s", err.msg);
		if (tables[i].rows != 0)
			assert_int_equal(d.n_decisions, tables[i].rows);
		assert_int_equal(d.evaluators.n, tables[i].evaluators);
		if (i == 0) {
			/* UCBAdmissions, department A: 512 of 825 men, 89 of 108 women (cases/ucb_admissions.csv) */
			count(&d, "A", "male", &n, &selected);
			assert_int_equal(n, 825);
			assert_int_equal(selected, 512);
			count(&d, "A", "female", &n, &selected);
			assert_int_equal(n, 108);
			assert_int_equal(selected, 89);
		}
		eh_audit_data_free(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_become_sorted_decisions_and_classes, setup, teardown),
		cmocka_unit_test_setup_teardown(times_become_days_in_utc, setup, teardown),
		cmocka_unit_test_setup_teardown(repeats_need_a_stratum, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_name_file_line_and_column, setup, teardown),
		cmocka_unit_test_setup_teardown(open_decisions_and_other_separators_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(order_of_rows_does_not_matter, setup, teardown),
		cmocka_unit_test_setup_teardown(no_memory_is_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_with_errors_are_left_out_on_request, setup, teardown),
		cmocka_unit_test_setup_teardown(everything_left_out_is_listed_on_request, setup, teardown),
		cmocka_unit_test_setup_teardown(real_tables_are_read, setup, teardown),
	};

	return cmocka_run_group_tests_name("rates", tests, NULL, NULL);
}

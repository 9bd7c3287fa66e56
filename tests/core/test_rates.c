/* `rates`: one table to audit data; real tables from EVENHAND_SHARED where they are there. */
#include "tests/core/temp_project.h"

#include "base/mem.h"
#include "exchange/exchange.h"
#include "exchange/rates.h"

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

static int read_text(struct eh_audit_data *d, const char *text, const struct eh_rates_options *o,
		     struct eh_import_report *r, struct eh_err *err)
{
	char path[128];

	temp_file(&project, path, "t.csv", text, strlen(text));
	return eh_rates_read(d, path, o, r, err);
}

static const struct eh_rates_options plain = { NULL, 0, NULL, 0, NULL, NULL };

static void good(struct eh_audit_data *d, const char *text, const struct eh_rates_options *o,
		 struct eh_import_report *r)
{
	struct eh_err err = EH_ERR_INIT;

	if (read_text(d, text, o, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static void bad(const char *text, const struct eh_rates_options *o, const char *place, const char *part)
{
	struct eh_audit_data d;
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;
	char want[200];

	assert_int_equal(read_text(&d, text, o, &r, &err), EH_EFORMAT);
	(void)snprintf(want, sizeof want, "%s/t.csv:%s: ", project.dir, place);
	if (strncmp(err.msg, want, strlen(want)) != 0 || strstr(err.msg, part) == NULL)
		fail_msg("%s (expected %s ... %s)", err.msg, want, part);
	assert_int_equal(r.n_errors, 1);
	assert_int_equal(d.n_decisions, 0);
	assert_null(d.decisions);
}

static void rows_become_sorted_decisions_and_classes(void **state)
{
	static const char text[] = "evaluator_id,candidate_id,decision,score,candidate_sex,service\n"
				   "E2,C1,1,2.5,male,a\nE1,C2,reject,,female,b\nE1,C1,advance,1,male,c\nE1,C3,hold,,,"
				   "d\nE1,C4,0,,Unknown,d\n";
	const struct eh_rates_options o = { NULL, 0, NULL, 0, "score", NULL };
	struct eh_import_report r;
	struct eh_audit_data d;

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
	assert_int_equal(d.attributes[0].group[0], 1);
	assert_int_equal(d.attributes[0].group[1], 0);
	assert_int_equal(d.attributes[0].group[3], -1);
	assert_int_equal(d.attributes[0].provenance[0], EH_IMPORTED);
	assert_int_equal(d.attributes[0].provenance[3], EH_UNKNOWN_CLASS);
	assert_null(d.attributes[0].prob);
	/* sorted: E1/C1, E1/C2, E1/C4, E2/C1 */
	assert_int_equal(d.decisions[0].selected, 1);
	assert_true(d.decisions[0].score == 1.0);
	assert_int_equal(d.decisions[1].selected, 0);
	assert_int_equal(d.decisions[1].has_score, 0);
	assert_int_equal(d.decisions[3].evaluator, 1);
	eh_audit_data_free(&d);
}

static void class_columns_are_chosen_or_found(void **state)
{
	const char *sex[] = { "sex" };
	const struct eh_rates_options chosen = { sex, 1, NULL, 0, NULL, NULL };
	struct eh_import_report r;
	struct eh_audit_data d;

	(void)state;
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex,declared.age_40\nE,A,1,f,y\nE,B,0,m,n\n", &plain,
	     &r);
	assert_int_equal(d.n_attributes, 2);
	assert_string_equal(d.attributes[1].name, "age_40");
	eh_audit_data_free(&d);
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex,candidate_age\nE,A,1,f,y\nE,B,0,m,n\n", &chosen, &r);
	assert_int_equal(d.n_attributes, 1);
	eh_audit_data_free(&d);
	good(&d, "evaluator_id,candidate_id,decision,Sex,zip,x.note\nE,A,1,f,1,q\nE,B,0,m,2,r\n", &plain, &r);
	assert_int_equal(d.n_attributes, 1);
	assert_string_equal(d.attributes[0].name, "sex");
	eh_audit_data_free(&d);
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex,candidate_age\nE,A,1,f,y\nE,B,0,m,y\n", &plain, &r);
	assert_int_equal(d.n_attributes, 1);
	assert_non_null(strstr(r.note, "candidate_age"));
	eh_audit_data_free(&d);
}

static void repeats_need_a_stratum(void **state)
{
	const char *job[] = { "job", "round" };
	const struct eh_rates_options by_job = { NULL, 0, job, 2, NULL, NULL };
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
	const struct eh_rates_options class_zip = { zip, 1, NULL, 0, NULL, NULL },
				      stratum_zip = { sex, 1, zip, 1, NULL, NULL };
	const struct eh_rates_options class_no = { no, 1, NULL, 0, NULL, NULL },
				      score = { NULL, 0, NULL, 0, "score", NULL };
	const struct eh_rates_options class_sex = { sex, 1, NULL, 0, NULL, NULL };

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
	bad("evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,1,f\n", &class_sex, "1:36",
	    "one group only");
}

static void probabilities_become_predicted_classes(void **state)
{
	const struct eh_rates_options prob = { NULL, 0, NULL, 0, NULL, "sex" };
	static const char head[] = "evaluator_id,candidate_id,decision,sex.male,sex.female\n";
	struct eh_import_report r;
	struct eh_audit_data d;
	char text[300];

	(void)state;
	(void)snprintf(text, sizeof text, "%sE,A,1,0.25,0.75\nE,B,0,1,0\nE,C,1,,\nF,A,0,0.25,0.75\n", head);
	good(&d, text, &prob, &r);
	assert_int_equal(d.n_attributes, 1);
	assert_string_equal(d.attributes[0].name, "sex");
	assert_string_equal(d.attributes[0].groups[0], "female");
	assert_int_equal(d.attributes[0].provenance[0], EH_PREDICTED);
	assert_int_equal(d.attributes[0].provenance[2], EH_UNKNOWN_CLASS);
	assert_true(d.attributes[0].prob[0] == 0.75 && d.attributes[0].prob[1] == 0.25);
	assert_true(d.attributes[0].prior[0] == 0.375 && d.attributes[0].prior[1] == 0.625);
	eh_audit_data_free(&d);
	/* a class in a class column wins over the probabilities of the same attribute */
	good(&d,
	     "evaluator_id,candidate_id,decision,sex.male,sex.female,candidate_sex\nE,A,1,0.25,0.75,male\nE,B,0,1,0,\n",
	     &prob, &r);
	assert_int_equal(d.n_attributes, 1);
	assert_int_equal(d.attributes[0].provenance[0], EH_IMPORTED);
	assert_int_equal(d.attributes[0].group[0], 1);
	assert_int_equal(d.attributes[0].provenance[1], EH_PREDICTED);
	eh_audit_data_free(&d);
	(void)snprintf(text, sizeof text, "%sE,A,1,0.25,0.7499\n", head);
	bad(text, &prob, "2:7", "add up to 0.9999");
	(void)snprintf(text, sizeof text, "%sE,A,1,0.25,1.75\n", head);
	bad(text, &prob, "2:12", "outside 0..1");
	(void)snprintf(text, sizeof text, "%sE,A,1,1,\n", head);
	bad(text, &prob, "2:7", "some are empty");
	(void)snprintf(text, sizeof text, "%sE,A,1,1,0\nF,A,1,0,1\n", head);
	bad(text, &prob, "3:7", "line 2");
	bad("evaluator_id,candidate_id,decision,sex.male\nE,A,1,1\n", &prob, "1:1", "at least two columns");
}

static void class_that_changes_between_evaluators_makes_two_persons(void **state)
{
	struct eh_import_report r;
	struct eh_audit_data d;

	(void)state;
	good(&d,
	     "evaluator_id,candidate_id,decision,candidate_age\nE,A,1,young\nF,A,0,old\nE,B,1,\nF,B,0,old\nG,C,hold,"
	     "old\n",
	     &plain, &r);
	assert_int_equal(d.candidates.n, 4);
	assert_string_equal(d.candidates.v[0], "A" EH_RATES_JOINT "[old]");
	assert_string_equal(d.candidates.v[1], "A" EH_RATES_JOINT "[young]");
	assert_int_equal(d.attributes[0].group[0], 0);
	assert_int_equal(d.attributes[0].group[1], 1);
	/* one known class counts for all rows of the candidate */
	assert_string_equal(d.candidates.v[2], "B");
	assert_int_equal(d.attributes[0].group[2], 0);
	assert_non_null(strstr(r.note, "different classes in different rows: 1;"));
	eh_audit_data_free(&d);
}

static void names_that_look_alike_stay_apart(void **state)
{
	const char *strata[] = { "a", "b" };
	const struct eh_rates_options joined = { NULL, 0, strata, 2, NULL, NULL };
	struct eh_import_report r;
	struct eh_audit_data d;

	(void)state;
	/* joined strata: "x | y" + "z" is not "x" + "y | z" */
	good(&d,
	     "evaluator_id,candidate_id,decision,candidate_sex,a,b\nE,A,1,f,x | y,z\nE,A,0,f,x,y | z\nE,B,0,m,x,z\n",
	     &joined, &r);
	assert_int_equal(d.strata.n, 3);
	eh_audit_data_free(&d);
	/* a candidate whose id is what another one is called after the split */
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nF,A,0,m\nE,A [f],1,m\n", &plain, &r);
	assert_int_equal(d.candidates.n, 3);
	eh_audit_data_free(&d);
	good(&d, "evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,Female\nE,B,0,female\nE,C,0,male\n", &plain,
	     &r);
	assert_int_equal(d.attributes[0].n_groups, 3);
	assert_non_null(strstr(r.note, "'Female' and 'female' are counted as two groups"));
	eh_audit_data_free(&d);
	/* columns of another script keep their names apart */
	good(&d, "evaluator_id,candidate_id,decision,\xe6\x80\xa7,\xe9\xbd\xa2\nE,A,1,f,y\nE,B,0,m,n\n", &plain, &r);
	assert_int_equal(d.n_attributes, 2);
	assert_string_equal(d.attributes[0].name, "\xe6\x80\xa7");
	eh_audit_data_free(&d);
	/* 32 bytes end inside the sixteenth two-byte letter: it is left out whole */
	good(&d,
	     "evaluator_id,candidate_id,decision,"
	     "a\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
	     "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\nE,A,1,f\nE,B,0,m\n",
	     &plain, &r);
	assert_int_equal(strlen(d.attributes[0].name), 31);
	eh_audit_data_free(&d);
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
	const struct eh_rates_options o = { NULL, 0, NULL, 0, NULL, NULL };
	struct eh_import_report r;
	struct eh_audit_data a, b;

	(void)state;
	good(&a, "evaluator_id,candidate_id,decision,candidate_r\nE,A,1,x\nE,B,0,y\nF,B,1,y\n", &o, &r);
	good(&b, "decision,candidate_r,candidate_id,evaluator_id\n1,y,B,F\n0,y,B,E\n1,x,A,E\n", &o, &r);
	assert_int_equal(a.n_decisions, b.n_decisions);
	for (size_t i = 0; i < a.n_decisions; i++)
		assert_memory_equal(&a.decisions[i], &b.decisions[i], sizeof a.decisions[i]);
	assert_memory_equal(a.attributes[0].group, b.attributes[0].group, 2 * sizeof(int16_t));
	eh_audit_data_free(&a);
	eh_audit_data_free(&b);
}

static void no_memory_is_an_answer(void **state)
{
	static const char text[] =
		"evaluator_id,candidate_id,decision,candidate_age,p.a,p.b\nE,A,1,young,1,0\nF,A,0,old,1,0\n";
	const struct eh_rates_options prob = { NULL, 0, NULL, 0, NULL, "p" };
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
			    (rc == EH_ENOMEM && err.msg[0] != '\0' && d.decisions == NULL && d.n_attributes == 0));
		eh_audit_data_free(&d);
	}
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
	for (size_t i = 0; i < d->n_decisions; i++) {
		int16_t g = d->attributes[0].group[d->decisions[i].candidate];

		if (d->decisions[i].evaluator != e || g < 0 || strcmp(d->attributes[0].groups[g], group) != 0)
			continue;
		++*n;
		*selected += d->decisions[i].selected;
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
		cmocka_unit_test_setup_teardown(class_columns_are_chosen_or_found, setup, teardown),
		cmocka_unit_test_setup_teardown(repeats_need_a_stratum, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_name_file_line_and_column, setup, teardown),
		cmocka_unit_test_setup_teardown(probabilities_become_predicted_classes, setup, teardown),
		cmocka_unit_test_setup_teardown(class_that_changes_between_evaluators_makes_two_persons, setup,
						teardown),
		cmocka_unit_test_setup_teardown(names_that_look_alike_stay_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(open_decisions_and_other_separators_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(order_of_rows_does_not_matter, setup, teardown),
		cmocka_unit_test_setup_teardown(no_memory_is_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(real_tables_are_read, setup, teardown),
	};

	return cmocka_run_group_tests_name("rates", tests, NULL, NULL);
}

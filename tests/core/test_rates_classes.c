/* The classes of a `rates` table: which columns, predicted ones, changed ones, pairs of them. */
#include "tests/core/rates_text.h"

static void class_columns_are_chosen_or_found(void **state)
{
	const char *sex[] = { "sex" };
	const struct eh_rates_options chosen = { .classes = sex, .n_classes = 1 };
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

static void probabilities_become_predicted_classes(void **state)
{
	const struct eh_rates_options prob = { .prob = "sex" };
	static const char head[] = "evaluator_id,candidate_id,decision,sex.male,sex.female\n";
	struct eh_import_report r;
	struct eh_audit_data d;
	char text[300];
	uint32_t a;

	(void)state;
	(void)snprintf(text, sizeof text, "%sE,A,1,0.25,0.75\nE,B,0,1,0\nE,C,1,,\nF,A,0,0.25,0.75\n", head);
	good(&d, text, &prob, &r);
	assert_int_equal(d.n_attributes, 1);
	assert_string_equal(d.attributes[0].name, "sex");
	assert_string_equal(d.attributes[0].groups[0], "female");
	a = judged(&d, "F", 0);
	assert_int_equal(d.attributes[0].provenance[a], EH_PREDICTED);
	assert_int_equal(d.attributes[0].provenance[0] + d.attributes[0].provenance[1] + d.attributes[0].provenance[2],
			 2 * EH_PREDICTED + EH_UNKNOWN_CLASS);
	assert_true(d.attributes[0].prob[2 * a] == 0.75 && d.attributes[0].prob[2 * a + 1] == 0.25);
	assert_true(d.attributes[0].prior[0] == 0.375 && d.attributes[0].prior[1] == 0.625);
	eh_audit_data_free(&d);
	/* a class in a class column wins over the probabilities of the same attribute */
	good(&d,
	     "evaluator_id,candidate_id,decision,sex.male,sex.female,candidate_sex\nE,A,1,0.25,0.75,male\nE,B,0,1,0,\n",
	     &prob, &r);
	assert_int_equal(d.n_attributes, 1);
	a = judged(&d, "E", 1);
	assert_int_equal(d.attributes[0].provenance[a], EH_IMPORTED);
	assert_int_equal(d.attributes[0].group[a], 1);
	assert_int_equal(d.attributes[0].provenance[judged(&d, "E", 0)], EH_PREDICTED);
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

/* Twelve labelled, n of them women, and two predicted with .25. */
static double prior_of_women(unsigned n)
{
	const struct eh_rates_options prob = { .prob = "sex" };
	char text[900] = "evaluator_id,candidate_id,decision,sex.male,sex.female,sex\nE,Y,1,.75,.25,\nE,Z,1,.75,.25,\n";
	struct eh_import_report r;
	struct eh_audit_data d;
	double prior = 0.0;

	for (unsigned i = 0; i < 12; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "E,C%u,0,.5,.5,%s\n", i,
			       i < n ? "female" : "male");
	good(&d, text, &prob, &r);
	assert_int_equal(d.n_attributes, 1);
	assert_float_equal(d.attributes[0].prior[0] + d.attributes[0].prior[1], 1.0, 1e-15);
	prior = d.attributes[0].prior[0];
	eh_audit_data_free(&d);
	return prior;
}

static void shares_of_the_labelled_are_the_prior(void **state)
{
	(void)state;
	assert_float_equal(prior_of_women(5), 5.0 / 12.0, 1e-15);
	assert_float_equal(prior_of_women(7), 7.0 / 12.0, 1e-15);
	/* too few of one group: what is predicted on average */
	assert_float_equal(prior_of_women(4), 0.25, 1e-15);
	assert_float_equal(prior_of_women(8), 0.25, 1e-15);
	assert_float_equal(prior_of_women(0), 0.25, 1e-15);
}

/* Ten labelled, five of either sex, three predicted; shares in per cent as told and as used, or the error. */
static void read_with_shares(struct eh_import_report *r, const struct eh_rates_share *shares, size_t n,
			     const char *error)
{
	const struct eh_rates_options o = { .prob = "sex", .shares = shares, .n_shares = n };
	char text[900] = "evaluator_id,candidate_id,decision,sex.male,sex.female,sex.x,sex\nE,X,1,.2,.2,.6,\n"
			 "E,Y,1,.7,.2,.1,\nE,Z,1,.6,.2,.2,\n";
	struct eh_audit_data d;

	for (unsigned i = 0; i < 10; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "E,C%u,0,.5,.5,0,%s\n", i,
			       i < 5 ? "female" : "male");
	if (error != NULL) {
		bad(text, &o, "1:1", error);
		return;
	}
	good(&d, text, &o, r);
	for (size_t g = 0; g < 3; g++)
		assert_true(d.attributes[0].prior[g] == r->prior.share[g]);
	assert_string_equal(r->prior.attribute, "sex");
	assert_int_equal(r->prior.n, 3);
	assert_string_equal(r->prior.groups[2], "x");
	assert_float_equal(r->prior.share[0] + r->prior.share[1] + r->prior.share[2], 1.0, 1e-12);
	eh_audit_data_free(&d);
}

static void shares_that_are_given_are_the_prior(void **state)
{
	static const struct eh_rates_share one[] = { { "female", 0.3 } };
	static const struct eh_rates_share all[] = { { "x", 0.1 }, { "male", 0.5 }, { "female", 0.4 } };
	static const struct eh_rates_share little[] = { { "x", 0.1 }, { "male", 0.5 }, { "female", 0.3 } };
	static const struct eh_rates_share whole[] = { { "male", 0.6 }, { "female", 0.4 } };
	static const struct eh_rates_share unknown[] = { { "femal", 0.4 } };
	struct eh_import_report r;

	(void)state;
	/* nobody of x is labelled: the mean of the predicted, .2 .5 .3 */
	read_with_shares(&r, NULL, 0, NULL);
	assert_int_equal(r.prior.source, EH_PRIOR_MEAN);
	assert_float_equal(r.prior.share[0], 0.2, 1e-12);
	read_with_shares(&r, one, 1, NULL);
	assert_int_equal(r.prior.source, EH_PRIOR_GIVEN);
	assert_true(r.prior.share[0] == 0.3);
	/* what is left, .7, as .5 to .3 */
	assert_float_equal(r.prior.share[1], 0.7 * 5.0 / 8.0, 1e-12);
	read_with_shares(&r, all, 3, NULL);
	assert_float_equal(r.prior.share[1], 0.5, 1e-12);
	read_with_shares(NULL, little, 3, "add up to 0.9, and there is no group beside them");
	read_with_shares(NULL, whole, 2, "so nothing is left for the other groups of 'sex'");
	read_with_shares(NULL, unknown, 1, "there is no column 'sex.femal'");
}

static void class_that_changes_between_evaluators_makes_two_persons(void **state)
{
	struct eh_import_report r;
	struct eh_audit_data d;
	unsigned young, shared_by;

	(void)state;
	good(&d,
	     "evaluator_id,candidate_id,decision,candidate_age\nE,A,1,young\nF,A,0,old\nE,B,1,\nF,B,0,old\nG,C,hold,"
	     "old\n",
	     &plain, &r);
	assert_int_equal(d.candidates.n, 4);
	/* A of E is another person than A of F, B of both is one whose class counts for all his rows */
	young = 0;
	for (size_t c = 0; c < 4; c++)
		young += d.attributes[0].group[c] == 1;
	assert_int_equal(young, 1);
	shared_by = 0;
	for (size_t i = 0; i < 2; i++)
		shared_by += d.candidate[i] == d.candidate[2] || d.candidate[i] == d.candidate[3];
	assert_int_equal(shared_by, 1);
	for (size_t i = 0; i < 4; i++)
		assert_true(d.attributes[0].group[d.candidate[i]] >= 0);
	assert_non_null(strstr(r.note, "different classes in different rows: 1;"));
	eh_audit_data_free(&d);
}

static void names_that_look_alike_stay_apart(void **state)
{
	const char *strata[] = { "a", "b" };
	const struct eh_rates_options joined = { .strata = strata, .n_strata = 2 };
	struct eh_import_report r;
	struct eh_audit_data d;
	char text[400];
	size_t n;

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
	/* the longest name would end inside a two-byte letter: it is left out whole */
	n = (size_t)snprintf(text, sizeof text, "evaluator_id,candidate_id,decision,%s",
			     EH_NAME_MAX % 2 == 0 ? "a" : "");
	for (size_t i = 0; i < EH_NAME_MAX / 2 + 1; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "\xc3\xa4");
	(void)snprintf(text + n, sizeof text - n, "\nE,A,1,f\nE,B,0,m\n");
	good(&d, text, &plain, &r);
	assert_int_equal(strlen(d.attributes[0].name), EH_NAME_MAX - 1);
	eh_audit_data_free(&d);
}

static void pairs_of_classes_are_an_attribute(void **state)
{
	const char *both[] = { "sex,candidate_race" }, *none[] = { "sex,age" }, *one[] = { "sex" };
	const struct eh_rates_options o = { .pairs = both, .n_pairs = 1 }, bad_name = { .pairs = none, .n_pairs = 1 },
				      no_pair = { .pairs = one, .n_pairs = 1 };
	static const char head[] = "evaluator_id,candidate_id,decision,candidate_sex,candidate_race\n";
	const struct eh_attribute_data *a;
	struct eh_import_report r;
	struct eh_audit_data d;
	struct eh_err err = EH_ERR_INIT;
	char text[8000];
	size_t n, known = 0;

	(void)state;
	(void)snprintf(text, sizeof text, "%sE,A,1,f,b\nE,B,0,m,b\nE,C,1,f,w\nE,D,1,,w\nF,A,0,f,b\n", head);
	good(&d, text, &o, &r);
	assert_int_equal(d.n_attributes, 3);
	a = &d.attributes[2];
	assert_string_equal(a->name, "sex x race");
	assert_int_equal(a->n_groups, 3);
	assert_string_equal(a->groups[0], "f x b");
	assert_string_equal(a->groups[1], "f x w");
	assert_string_equal(a->groups[2], "m x b");
	assert_int_equal(a->group[judged(&d, "F", 0)], 0);
	assert_int_equal(a->provenance[judged(&d, "F", 0)], EH_IMPORTED);
	for (size_t c = 0; c < 4; c++)
		known += a->group[c] >= 0 && a->provenance[c] == EH_IMPORTED;
	assert_int_equal(known, 3);
	eh_audit_data_free(&d);
	/* 2 x 10 pairs: the four with the fewest persons are named and unknown */
	n = (size_t)snprintf(text, sizeof text, "%s", head);
	for (int i = 0; i < 20; i++)
		for (int k = 0; k < (i < 4 ? 1 : 2); k++)
			n += (size_t)snprintf(text + n, sizeof text - n, "E,C%d.%d,1,%s,r%d\n", i, k,
					      i % 2 ? "f" : "m", i / 2);
	good(&d, text, &o, &r);
	assert_int_equal(d.attributes[2].n_groups, EH_GROUPS_MAX);
	assert_non_null(strstr(r.note, "count as unknown: f x r0 (1), f x r1 (1), m x r0 (1), m x r1 (1)"));
	eh_audit_data_free(&d);
	assert_int_equal(read_text(&d, text, &bad_name, &r, &err), EH_EUSAGE);
	assert_non_null(strstr(err.msg, "there are sex, race"));
	assert_int_equal(read_text(&d, text, &no_pair, &r, &err), EH_EUSAGE);
	(void)snprintf(text, sizeof text, "%sE,A,1,%0*d,%0*d\nE,B,0,m,b\n", head, EH_NAME_MAX / 2, 1, EH_NAME_MAX / 2,
		       2);
	assert_int_equal(read_text(&d, text, &o, &r, &err), EH_ERANGE);
	assert_null(d.candidate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(class_columns_are_chosen_or_found, setup, teardown),
		cmocka_unit_test_setup_teardown(probabilities_become_predicted_classes, setup, teardown),
		cmocka_unit_test_setup_teardown(shares_of_the_labelled_are_the_prior, setup, teardown),
		cmocka_unit_test_setup_teardown(shares_that_are_given_are_the_prior, setup, teardown),
		cmocka_unit_test_setup_teardown(class_that_changes_between_evaluators_makes_two_persons, setup,
						teardown),
		cmocka_unit_test_setup_teardown(names_that_look_alike_stay_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(pairs_of_classes_are_an_attribute, setup, teardown),
	};

	return cmocka_run_group_tests_name("classes of rates", tests, NULL, NULL);
}

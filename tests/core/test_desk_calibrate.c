/* desk/: calibrating policies that look at some attributes, or at pairs of them, where classes are predicted too. */
#include "desk_measured.h"

static struct eh_policy_info wanted; /* attributes and pairs of the policy */

static int wanting_load(struct eh_policy **out, const char *path, struct eh_err *err)
{
	int rc = fake_load(out, path, err);

	if (rc == EH_OK) {
		(*out)->info.n_attributes = wanted.n_attributes;
		memcpy((*out)->info.attributes, wanted.attributes, sizeof wanted.attributes);
		(*out)->info.n_intersect = wanted.n_intersect;
		memcpy((*out)->info.intersect, wanted.intersect, sizeof wanted.intersect);
	}
	return rc;
}

static const struct eh_policy_engine wanting = {
	.name = "fake", .load = wanting_load, .info = fake_info, .check = fake_check, .free = fake_free,
	.gate = fake_gate,
};

static size_t pairs_seen, findings_seen;

/* Notifies wherever nobody of the group was selected: who lets none through is found, and hardly anybody else. */
static int counts_pairs(const struct eh_finding *f, struct eh_verdict *v)
{
	bool pair = strstr(f->attribute, " x ") != NULL;

	findings_seen++;
	pairs_seen += pair;
	v->kind = pair && f->selected == 0 ? EH_NOTIFY : EH_OK_VERDICT;
	v->scope = pair && f->selected == 0 ? EH_SCOPE_INDIVIDUAL : EH_SCOPE_NONE;
	return EH_OK;
}

/* Declared race in quarters across sex; the four of unknown sex have one predicted, and were judged too. */
static void make_classes(void)
{
	struct eh_classify_report r;
	struct eh_buf c, e;
	char dir[100];

	measure_everybody();
	(void)train_sex();
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	eh_buf_init(&c, 1u << 20);
	eh_buf_init(&e, 1u << 20);
	eh_buf_printf(&c, "candidate_id,jurisdiction,declared.race\n");
	eh_buf_printf(&e, "evaluator_id,candidate_id,decision\n");
	for (int i = 0; i < MEASURED; i++) {
		eh_buf_printf(&c, "C%02d,US-IL,%s\n", i, i / 2 % 2 == 0 ? "b" : "w");
		if (i >= 40)
			eh_buf_printf(&e, "BAD,C%02d,1\nOK,C%02d,1\n", i, i);
	}
	import(EH_IMPORT_CANDIDATES, "race.csv", eh_buf_cstr(&c));
	import(EH_IMPORT_EVALUATIONS, "more.csv", eh_buf_cstr(&e));
	eh_buf_free(&c);
	eh_buf_free(&e);
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_desk_open(&desk, dir, &wanting, NULL), EH_OK);
	memset(&wanted, 0, sizeof wanted);
	chosen_check = counts_pairs;
	pairs_seen = findings_seen = 0;
}

static void calibrate(struct eh_calibration *out, const struct eh_calibrate_options *o)
{
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_calibrate(desk, o, NULL, out, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

/* What the policy does not look at leaves its view, with what the classifier said of the labelled. */
static void a_policy_on_one_attribute_leaves_the_predicted_other_alone(void **state)
{
	const char *const policies[] = { policy_path, policy_path };
	struct eh_calibrate_options o = EH_CALIBRATE_OPTIONS_INIT;
	struct eh_calibration r;

	(void)state;
	make_classes();
	wanted.n_attributes = 1;
	strcpy(wanted.attributes[0], "race");
	o.policies = policies;
	o.n_policies = 2;
	o.reps = 3;
	calibrate(&r, &o);
	assert_int_equal(r.reps, 3);
	/* 2 policies x 3 repetitions x 2 scenarios x 2 groups x (2 evaluators and all together) */
	assert_int_equal(findings_seen, 2 * 3 * 2 * 2 * 3);
	assert_int_equal(pairs_seen, 0);
	eh_calibration_free(&r);
}

static void pairs_that_a_policy_asks_for_are_judged_and_may_be_what_bias_is_against(void **state)
{
	const char *const policies[] = { policy_path };
	struct eh_calibrate_options o = EH_CALIBRATE_OPTIONS_INIT;
	struct eh_calibration r;

	(void)state;
	make_classes();
	wanted.n_intersect = 1;
	strcpy(wanted.intersect[0][0], "sex");
	strcpy(wanted.intersect[0][1], "race");
	o.policies = policies;
	o.n_policies = 1;
	o.reps = 20;
	o.effect = 0.0;
	o.biased = 1;
	o.attribute = "sex x race";
	o.group = "female x b";
	calibrate(&r, &o);
	assert_int_equal(pairs_seen, 20 * 2 * 4 * 3);
	assert_int_equal(findings_seen, 20 * 2 * (2 + 2 + 4) * 3);
	assert_int_equal(r.policies[0].arm[EH_PLANTED_BIAS].guilty, 20);
	/* with four of unknown sex: one of them may be drawn a woman and still be likely a man */
	assert_true(r.policies[0].arm[EH_PLANTED_BIAS].found >= 18);
	assert_true(r.policies[0].arm[EH_NO_BIAS].accused <= 2);
	assert_string_equal(r.policies[0].note, "");
	eh_calibration_free(&r);
}

static void a_pair_of_what_nobody_declared_is_said(void **state)
{
	const char *const policies[] = { policy_path };
	struct eh_calibrate_options o = EH_CALIBRATE_OPTIONS_INIT;
	struct eh_calibration r;

	(void)state;
	make_classes();
	wanted.n_intersect = 1;
	strcpy(wanted.intersect[0][0], "sex");
	strcpy(wanted.intersect[0][1], "age_40");
	o.policies = policies;
	o.n_policies = 1;
	o.reps = 1;
	calibrate(&r, &o);
	assert_int_equal(pairs_seen, 0);
	assert_non_null(strstr(r.policies[0].note, "intersection sex,age_40: "));
	eh_calibration_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_policy_on_one_attribute_leaves_the_predicted_other_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(pairs_that_a_policy_asks_for_are_judged_and_may_be_what_bias_is_against,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_pair_of_what_nobody_declared_is_said, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Classes of the second candidates: which model answers, for which prior, and how the answers are kept. */
#include "tests/core/learn_people.h"
#include "tests/core/temp_project.h"

#include <math.h>

#include "base/mem.h"
#include "learn/model.h"

static void the_indicators_of_a_candidate_choose_the_model(void **state)
{
	struct people p = people_make(40, 2, 1.5, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	struct eh_vector v = p.vector[1];                       /* male */
	enum eh_modality used = EH_FUSED;
	struct eh_err err = EH_ERR_INIT;
	double q[2] = { 0.0, 0.0 };

	(void)state;
	v.has_face = 0;
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_OK);
	assert_int_equal(used, EH_VOICE_ONLY);
	assert_true(q[1] > 0.5);
	v.present[EH_FACE_N + EH_V_MFCC4] = 0;                  /* one missing indicator is not filled in */
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_EREFUSED);
	v.has_face = 1;
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_OK);
	assert_int_equal(used, EH_FACE_ONLY);
	v.has_face = v.has_voice = 0;
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "no usable indicator"));
	v = p.vector[1];
	v.value[m->part[EH_FUSED].indicator[2]] = NAN;
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_ERANGE);
	eh_model_free(&m);
	people_free(&p);
}

/* facts/learning.md 1: no class where the skill is not better than chance. */
static void a_model_that_guesses_classifies_nobody(void **state)
{
	struct people p = people_make(40, 2, 1.5, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	struct eh_vector v = p.vector[1];
	enum eh_modality used = EH_FUSED;
	struct eh_err err = EH_ERR_INIT;
	double q[2] = { 0.0, 0.0 };
	char *card = NULL;

	(void)state;
	m->part[EH_FUSED].skill.auc_lo = 0.5;
	m->part[EH_FACE_ONLY].skill.auc_lo = 0.5;
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_OK);
	assert_int_equal(used, EH_VOICE_ONLY);
	v.has_voice = 0;
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "no usable indicator"));
	m->part[EH_VOICE_ONLY].skill.auc_lo = 0.4;
	assert_int_equal(eh_model_classify(m, &p.vector[1], q, &used, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "not better than chance"));
	card = eh_model_card(m);
	assert_non_null(strstr(card, "classifies nobody"));
	free(card);
	eh_model_free(&m);
	people_free(&p);
}

/* A later estimate divides p by the prior: all models must mean the same prior. */
static void every_modality_answers_for_the_one_prior_of_the_model(void **state)
{
	struct people p = people_make(60, 2, 0.0, 0.0, 11);
	struct eh_model *m = NULL;
	double q[2] = { 0.0, 0.0 }, prior[2] = { 0.0, 0.0 }, plain[2] = { 0.0, 0.0 }, raw[EH_VECTOR_N];
	enum eh_modality used = EH_FUSED;
	struct eh_vector v;

	(void)state;
	for (size_t i = 0; i < 40; i++)                         /* of the women two thirds have no face */
		p.vector[i].has_face = p.row[i].group == 1;
	m = people_train(&p, 2, 7);
	m->part[EH_VOICE_ONLY].skill.auc_lo = 0.6;              /* these are noise: the road refuses guesses */
	v = p.vector[50];
	v.has_face = 0;
	eh_model_prior(m, prior);
	assert_float_equal(prior[0], 0.25, 1e-12);              /* 10 of 40 with both */
	assert_int_equal(eh_model_classify(m, &v, q, &used, NULL), EH_OK);
	assert_int_equal(used, EH_VOICE_ONLY);
	for (size_t c = 0; c < m->part[used].fit.d; c++)
		raw[c] = v.value[m->part[used].indicator[c]];
	eh_fit_apply(&m->part[used].fit, raw, plain);
	assert_float_equal(m->part[used].fit.prior[0], 0.5, 1e-12);
	assert_float_equal((q[0] / prior[0]) / (q[1] / prior[1]), (plain[0] / 0.5) / (plain[1] / 0.5), 1e-4);
	eh_model_free(&m);
	people_free(&p);
}

static int sum_posterior(void *ctx, const struct eh_posterior *q, struct eh_err *err)
{
	(void)err;
	*(double *)ctx += q->p[1];
	assert_string_equal(q->groups[0], "female");
	assert_string_equal(q->model, "sex-12345678");
	assert_int_equal(q->modality, EH_VOICE_ONLY);
	return EH_OK;
}

static void posteriors_are_kept_and_cleared_per_attribute(void **state)
{
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_posterior q = { .candidate = "c1",
				  .attribute = "sex",
				  .model = "sex-12345678",
				  .modality = EH_VOICE_ONLY,
				  .n_groups = 2,
				  .groups = { "female", "male" },
				  .p = { 0.75, 0.25 } };
	double sum = 0.0;

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_posterior_put(txn, &q, &err), EH_OK);
	strcpy(q.candidate, "c2");
	assert_int_equal(eh_posterior_put(txn, &q, &err), EH_OK);
	strcpy(q.attribute, "sex_at_birth");
	assert_int_equal(eh_posterior_put(txn, &q, &err), EH_OK);
	q.p[0] = 0.5;
	assert_int_equal(eh_posterior_put(txn, &q, &err), EH_EINVAL);
	q.p[0] = NAN;
	assert_int_equal(eh_posterior_put(txn, &q, &err), EH_EINVAL);
	assert_int_equal(eh_posteriors_each(txn, "sex", sum_posterior, &sum, &err), EH_OK);
	assert_float_equal(sum, 0.5, 1e-12);
	eh_mem_fail_at(1);
	assert_int_equal(eh_posteriors_clear(txn, "sex", &err), EH_ENOMEM);
	eh_mem_fail_at(0);
	assert_int_equal(eh_posteriors_clear(txn, "sex", &err), EH_OK);
	assert_int_equal(eh_posteriors_each(txn, "sex", sum_posterior, &sum, &err), EH_OK);
	assert_float_equal(sum, 0.5, 1e-12);
	assert_int_equal(eh_posteriors_each(txn, "sex_at_birth", sum_posterior, &sum, &err), EH_OK);
	assert_float_equal(sum, 0.75, 1e-12);
	eh_txn_abort(&txn);
	temp_project_close(&project);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_indicators_of_a_candidate_choose_the_model),
		cmocka_unit_test(a_model_that_guesses_classifies_nobody),
		cmocka_unit_test(every_modality_answers_for_the_one_prior_of_the_model),
		cmocka_unit_test(posteriors_are_kept_and_cleared_per_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

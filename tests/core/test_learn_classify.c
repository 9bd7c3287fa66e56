/* Classes of the second candidates: which model answers, for which prior, and how the answers are kept. */
#include "tests/core/learn_people.h"
#include "tests/core/temp_project.h"

#include <math.h>

#include "base/mem.h"
#include "learn/model.h"
#include "store/codec.h"

static void the_indicators_of_a_candidate_choose_the_model(void **state)
{
	struct people p = people_make(40, 2, 1.5, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	struct eh_vector v = p.vector[1];                       /* male */
	struct eh_err err = EH_ERR_INIT;
	struct eh_prediction q;

	(void)state;
	v.has_face = 0;
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, &err), EH_OK);
	assert_int_equal(q.used, EH_VOICE_ONLY);
	assert_true(q.p[1] > 0.5);
	v.present[EH_FACE_N + EH_V_MFCC4] = 0;                  /* one missing indicator is not filled in */
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, &err), EH_EREFUSED);
	v.has_face = 1;
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, &err), EH_OK);
	assert_int_equal(q.used, EH_FACE_ONLY);
	v.has_face = v.has_voice = 0;
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "no usable indicator"));
	v = p.vector[1];
	v.value[m->part[EH_FUSED].indicator[2]] = NAN;
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, &err), EH_ERANGE);
	eh_model_free(&m);
	people_free(&p);
}

static void judge(struct eh_model *m)
{
	for (int k = 0; k < EH_MODALITIES; k++)
		eh_report_judge(&m->part[k], m);
}

/* No class where the AUC interval reaches below EH_CLASSIFY_AUC. */
static void a_model_that_guesses_classifies_nobody(void **state)
{
	struct people p = people_make(40, 2, 1.5, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	struct eh_vector v = p.vector[1];
	struct eh_err err = EH_ERR_INIT;
	struct eh_prediction q;
	(void)state;
	m->part[EH_FUSED].skill.auc_lo = 0.79;
	m->part[EH_FACE_ONLY].skill.auc_lo = 0.5;
	judge(m);
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, &err), EH_OK);
	assert_int_equal(q.used, EH_VOICE_ONLY);
	v.has_voice = 0;
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "no usable indicator"));
	m->part[EH_VOICE_ONLY].skill.auc_lo = 0.4;
	judge(m);
	assert_int_equal(eh_model_classify(m, &p.vector[1], NULL, &q, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "classifies nobody"));
	assert_non_null(strstr(err.msg, "reaches below 0.8"));
	eh_model_free(&m);
	people_free(&p);
}

/* A later estimate divides p by the prior: all models must mean the same prior. */
static void every_modality_answers_for_the_one_prior_of_the_model(void **state)
{
	struct people p = people_make(60, 2, 0.0, 0.0, 11);
	struct eh_model *m = NULL;
	double prior[2] = { 0.0, 0.0 }, plain[2] = { 0.0, 0.0 }, raw[EH_VECTOR_N];
	struct eh_prediction q;
	struct eh_vector v;

	(void)state;
	for (size_t i = 0; i < 40; i++)                         /* of the women two thirds have no face */
		p.vector[i].has_face = p.row[i].group == 1;
	m = people_train(&p, 2, 7);
	m->part[EH_VOICE_ONLY].skill.auc_lo = 0.9;              /* these are noise: the road refuses guesses */
	judge(m);
	v = p.vector[50];
	v.has_face = 0;
	eh_model_prior(m, prior);
	assert_float_equal(prior[0], 0.25, 1e-12);              /* 10 of 40 with both */
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, NULL), EH_OK);
	assert_int_equal(q.used, EH_VOICE_ONLY);
	for (size_t c = 0; c < m->part[q.used].fit.d; c++)
		raw[c] = v.value[m->part[q.used].indicator[c]];
	eh_fit_apply(&m->part[q.used].fit, raw, plain);
	assert_float_equal(m->part[q.used].fit.prior[0], 0.5, 1e-12);
	assert_float_equal((q.p[0] / prior[0]) / (q.p[1] / prior[1]), (plain[0] / 0.5) / (plain[1] / 0.5), 1e-4);
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
	assert_true(q->set == 1u && q->scope == EH_SF_NOISY);
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
				  .set = 1u,
				  .scope = EH_SF_NOISY,
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

/* Records without decision sets are passed over, and cleared with the others. */
static void posteriors_of_the_first_version_count_as_absent(void **state)
{
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_key key = eh_key_of("sex");
	struct eh_buf b;
	uint64_t n = 1;
	double sum = 0.0;

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	eh_key_str(&key, "c9");
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, 1);
	eh_put_str(&b, "sex-12345678");
	eh_put_u8(&b, EH_VOICE_ONLY);
	eh_put_u32(&b, 2);
	eh_put_str(&b, "female");
	eh_put_f64(&b, 0.5);
	eh_put_str(&b, "male");
	eh_put_f64(&b, 0.5);
	assert_int_equal(eh_txn_put(txn, EH_T_POSTERIORS, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, &err),
			 EH_OK);
	assert_int_equal(eh_posteriors_each(txn, "sex", sum_posterior, &sum, &err), EH_OK);
	assert_true(sum == 0.0);
	assert_int_equal(eh_posteriors_clear(txn, "sex", &err), EH_OK);
	assert_int_equal(eh_txn_count(txn, EH_T_POSTERIORS, &n, &err), EH_OK);
	assert_int_equal(n, 0);
	eh_buf_free(&b);
	eh_txn_abort(&txn);
	temp_project_close(&project);
}

/* ---- scope ---- */

static uint32_t scope_of(const struct eh_model *m, const struct eh_vector *v)
{
	struct eh_prediction q;
	struct eh_err err = EH_ERR_INIT;

	if (eh_model_classify(m, v, NULL, &q, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_false(q.scope != 0 && eh_determined(q.set, q.scope));
	return q.scope;
}

static void recordings_unlike_those_of_training_are_out_of_scope_by_quality_first(void **state)
{
	struct people p = people_make(60, 2, 1.5, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	struct eh_vector v = p.vector[30], plain = v;

	(void)state;
	assert_int_equal(scope_of(m, &v) & 0x1fu, 0);
	v.frames_used = 99;
	v.has_voice = 0;                                        /* else the voice alone would answer */
	assert_true(scope_of(m, &v) & EH_SF_FEW_FRAMES);
	v = plain;
	v.has_face = 0;
	v.voiced_seconds = 11.9;
	assert_true(scope_of(m, &v) & EH_SF_LITTLE_VOICE);
	v.voiced_seconds = 12.0;
	v.bandwidth = 3900.0;
	assert_true(scope_of(m, &v) & EH_SF_NARROW_BAND);
	v.bandwidth = 7000.0;
	v.snr = 14.0;
	assert_true(scope_of(m, &v) & EH_SF_NOISY);
	v.snr = 30.0;
	v.quality = EH_QF_CLIPPED;
	assert_true(scope_of(m, &v) & EH_SF_NEW_REMARK);
	v.quality = EH_QF_SECOND_FACE;                          /* says nothing of a voice */
	assert_false(scope_of(m, &v) & EH_SF_NEW_REMARK);
	eh_model_free(&m);
	people_free(&p);
}

/* Every flag, with the parts it puts out of scope when no training candidate has it: face, voice, both together. */
static const struct {
	uint32_t bit;
	bool face, voice;
} decided[] = {
	{ EH_QF_SECOND_FACE, true, false }, { EH_QF_LOW_COVERAGE, true, false }, { EH_QF_NARROW_BAND, false, true },
	{ EH_QF_NOISY, false, true }, { EH_QF_CLIPPED, false, true }, { EH_QF_SHORT_VOICE, false, true },
	{ EH_QF_OTHER_LAYOUT, false, false }, { EH_QF_FAST, false, false }, { EH_QF_UNLOCKED, false, false },
	{ EH_QF_NO_FACE, false, false }, { EH_QF_NO_VOICE, false, false }, { EH_QF_FAILED, false, false },
	{ EH_QF_DROPPED, false, false }, { EH_QF_TURNED, true, false },
};

static void every_remark_is_decided_for_every_part(void **state)
{
	struct people p = people_make(60, 2, 1.5, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	const struct eh_vector plain = p.vector[30];

	(void)state;
	assert_int_equal(sizeof decided / sizeof decided[0], EH_QUALITY_FLAGS);
	for (size_t i = 0; i < EH_QUALITY_FLAGS; i++) {
		struct eh_vector v = plain;

		assert_int_equal(decided[i].bit, 1u << i);
		v.quality = decided[i].bit;
		v.has_voice = 0;
		assert_int_equal((scope_of(m, &v) & EH_SF_NEW_REMARK) != 0, decided[i].face);
		v.has_voice = 1;
		v.has_face = 0;
		assert_int_equal((scope_of(m, &v) & EH_SF_NEW_REMARK) != 0, decided[i].voice);
		/* known to every part: nobody is out of scope for it */
		for (int k = 0; k < EH_MODALITIES; k++)
			m->part[k].quality.flagged[i] = 1;
		assert_false(scope_of(m, &v) & EH_SF_NEW_REMARK);
		v.has_face = 1;
		assert_false(scope_of(m, &v) & EH_SF_NEW_REMARK);
		for (int k = 0; k < EH_MODALITIES; k++)
			m->part[k].quality.flagged[i] = 0;
		/* the fused part alone: either modality's remark is about it */
		for (int k = 0; k < EH_MODALITIES; k++)
			m->part[k].report.classifies = k == EH_FUSED;
		assert_int_equal((scope_of(m, &v) & EH_SF_NEW_REMARK) != 0, decided[i].face || decided[i].voice);
		for (int k = 0; k < EH_MODALITIES; k++)
			m->part[k].report.classifies = true;
	}
	eh_model_free(&m);
	people_free(&p);
}

static void a_part_in_scope_answers_before_a_surer_one_out_of_scope(void **state)
{
	struct people p = people_make(60, 2, 2.0, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	struct eh_vector v = p.vector[30];
	struct eh_prediction q;

	(void)state;
	v.snr = 3.0;
	assert_int_equal(eh_model_classify(m, &v, NULL, &q, NULL), EH_OK);
	assert_int_equal(q.used, EH_FACE_ONLY);
	assert_int_equal(q.scope & EH_SF_NOISY, 0);
	eh_model_free(&m);
	people_free(&p);
}

/* Near 97.5 % of the same kind are in scope; who lies far in many indicators is not. */
static void the_distance_flags_its_nominal_share_and_what_is_far(void **state)
{
	struct people p = people_make(200, 2, 1.5, 2.0, 5), fresh = people_make(400, 2, 1.5, 2.0, 6);
	struct eh_model *m = people_train(&p, 2, 7);
	size_t face = 0, voice = 0, far = 0;

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		struct eh_vector v = fresh.vector[i];
		uint32_t s = 0;

		v.has_voice = 0;
		face += (scope_of(m, &v) & EH_SF_FAR_FACE) != 0;
		v.has_voice = 1;
		v.has_face = 0;
		voice += (scope_of(m, &v) & EH_SF_FAR_VOICE) != 0;
		for (size_t c = EH_FACE_N; c < EH_VECTOR_N; c++)
			v.value[c] += (i + c) % 2 ? 3.0 * (double)(c + 1) : -3.0 * (double)(c + 1);
		s = scope_of(m, &v);
		far += (s & EH_SF_FAR_VOICE) != 0;
	}
	print_message("# far of 400 of the same kind: face %zu, voice %zu (nominal 10); of another kind: %zu\n", face,
		      voice, far);
	assert_true(face <= 24 && voice <= 24 && face + voice >= 4);
	assert_true(far >= 390);
	eh_model_free(&m);
	people_free(&p);
	people_free(&fresh);
}

/* ---- decision sets ---- */

/* facts/learning.md 9 and 16: of each class at least 1 - alpha have it in their set. */
static void decision_sets_cover_each_class_as_promised(void **state)
{
	size_t covered[2] = { 0, 0 }, n[2] = { 0, 0 }, single = 0, right = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 4; seed++) {
		struct people p = people_make(90, 2, 0.8, 0.8, 50 + seed),
			      fresh = people_make(500, 2, 0.8, 0.8, 90 + seed);
		struct eh_model *m = NULL;

		for (size_t i = 0; i < 90; i++) /* 60 of the one, 30 of the other */
			if (p.row[i].group == 1 && i % 4 == 1)
				p.vector[i].has_face = p.vector[i].has_voice = 0;
		m = people_train(&p, 2, seed);
		for (int k = 0; k < EH_MODALITIES; k++)
			m->part[k].report.classifies = k == EH_FUSED;
		for (size_t i = 0; i < 500; i++) {
			struct eh_prediction q;
			int32_t g = fresh.row[i].group;

			assert_int_equal(eh_model_classify(m, &fresh.vector[i], NULL, &q, NULL), EH_OK);
			n[g]++;
			covered[g] += q.set >> g & 1u;
			single += q.set == 1u || q.set == 2u;
			right += q.set == 1u << g;
		}
		eh_model_free(&m);
		people_free(&p);
		people_free(&fresh);
	}
	print_message("# covered: %.3f of %zu and %.3f of %zu (promised .9); one class in the set: %.3f, of these "
		      "right "
		      "%.3f\n",
		      (double)covered[0] / (double)n[0], n[0], (double)covered[1] / (double)n[1], n[1],
		      (double)single / 2000.0, (double)right / (double)single);
	for (int g = 0; g < 2; g++) /* binomial error of the tests and of four calibrations of 23 to 45 candidates */
		assert_true((double)covered[g] / (double)n[g] > 0.9 - 3.0 * sqrt(0.09 / 1000.0 + 0.09 / (4.0 * 23.0)));
	assert_true(single > 1000);
	/* coverage is not bought by sets of everything: most sets err towards one class */
	assert_true((double)right / (double)single > 0.8);
}

static void a_class_with_too_few_for_alpha_is_never_excluded_and_the_report_says_so(void **state)
{
	static const double p[] = { 0.9,  0.1, 0.8, 0.2, 0.85, 0.15, 0.95, 0.05, 0.7, 0.3, 0.75,
				    0.25, 0.9, 0.1, 0.8, 0.2,  0.7,  0.3,  0.2,	 0.8, 0.1, 0.9 };
	static const int32_t group[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1 };
	const double sure[] = { 0.999, 0.001 }, other[] = { 0.001, 0.999 };
	struct eh_decisions d[2];
	struct eh_conformal c;

	(void)state;
	assert_int_equal(eh_conformal_fit(&c, p, group, 11, 2, NULL), EH_OK);
	assert_int_equal(eh_conformal_set(&c, sure, 2, -1), 3);         /* of class 1 there are 2: never excluded */
	/* nine are just enough: 1 / 10 is not above .1 */
	assert_int_equal(eh_conformal_set(&c, other, 2, -1), 2);
	eh_conformal_decisions(d, &c, p, group, 11, 2);
	assert_true(d[0].can_exclude && !d[1].can_exclude && d[1].n == 2);
	assert_false(eh_conformal_can_exclude(8));
	assert_true(eh_conformal_can_exclude(9));
	eh_conformal_free(&c);
}

static void many_at_once_are_classified_as_one_by_one(void **state)
{
	struct people p = people_make(60, 2, 1.5, 2.0, 5);
	struct eh_model *m = people_train(&p, 2, 7);
	const struct eh_vector *v[60];
	struct eh_prediction out[60], one;
	int status[60];

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		p.vector[i].has_face = i % 3 != 0;
		p.vector[i].has_voice = i % 3 != 1;
		v[i] = &p.vector[i];
	}
	p.vector[5].has_face = p.vector[5].has_voice = 0;
	m->part[EH_FACE_ONLY].report.classifies = false;
	assert_int_equal(eh_model_classify_many(m, v, NULL, 60, out, status, NULL), EH_OK);
	for (size_t i = 0; i < 60; i++) {
		int rc = eh_model_classify(m, v[i], NULL, &one, NULL);

		assert_int_equal(status[i], i == 5 ? EH_ENOENT : i % 3 == 1 ? EH_EREFUSED : EH_OK);
		assert_int_equal(rc == EH_OK, status[i] == EH_OK);
		if (rc == EH_OK)
			assert_memory_equal(&one, &out[i], sizeof one);
	}
	eh_model_free(&m);
	people_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_indicators_of_a_candidate_choose_the_model),
		cmocka_unit_test(a_model_that_guesses_classifies_nobody),
		cmocka_unit_test(every_modality_answers_for_the_one_prior_of_the_model),
		cmocka_unit_test(posteriors_are_kept_and_cleared_per_attribute),
		cmocka_unit_test(posteriors_of_the_first_version_count_as_absent),
		cmocka_unit_test(recordings_unlike_those_of_training_are_out_of_scope_by_quality_first),
		cmocka_unit_test(every_remark_is_decided_for_every_part),
		cmocka_unit_test(a_part_in_scope_answers_before_a_surer_one_out_of_scope),
		cmocka_unit_test(the_distance_flags_its_nominal_share_and_what_is_far),
		cmocka_unit_test(decision_sets_cover_each_class_as_promised),
		cmocka_unit_test(a_class_with_too_few_for_alpha_is_never_excluded_and_the_report_says_so),
		cmocka_unit_test(many_at_once_are_classified_as_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

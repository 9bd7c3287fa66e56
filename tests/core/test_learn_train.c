/* Training on combined vectors: skill, what is refused, what enters, progress, failing memory. */
#include "tests/core/learn_people.h"

#include <math.h>

#include "base/mem.h"
#include "learn/model.h"

/* ---- skill ---- */

static void separable_classes_are_learnt_and_the_figures_say_so(void **state)
{
	struct people p = people_make(28, 2, 1.5, 2.0, 1), fresh = people_make(200, 2, 1.5, 2.0, 2);
	struct eh_model *m = people_train(&p, 2, 7);
	const struct eh_skill *s = eh_model_skill(m, EH_FUSED);
	const eh_id *ids = NULL;
	double prior[2] = { 0.0, 0.0 };
	size_t right = 0, fused = 0;

	(void)state;
	assert_true(s->trained && s->n == 28 && s->n_class[0] == 14 && s->n_class[1] == 14);
	assert_true(s->auc > 0.95 && s->auc_lo > 0.8 && s->auc_lo <= s->auc && s->auc <= s->auc_hi);
	assert_true(s->accuracy >= 0.85 && s->balanced_accuracy >= 0.85);
	assert_true(eh_model_skill(m, EH_FACE_ONLY)->auc > 0.85);
	assert_true(eh_model_skill(m, EH_VOICE_ONLY)->auc > 0.9);
	assert_true(eh_model_baseline_f0(m)->trained);
	assert_float_equal(eh_model_majority(m), 0.5, 1e-12);
	assert_int_equal(eh_model_contributors(m, &ids), 28);
	assert_string_equal(ids[0], "c0000");
	eh_model_prior(m, prior);
	assert_float_equal(prior[0], 0.5, 1e-12);
	for (size_t i = 0; i < 200; i++) {
		struct eh_prediction q;

		assert_int_equal(eh_model_classify(m, &fresh.vector[i], NULL, &q, NULL), EH_OK);
		assert_float_equal(q.p[0] + q.p[1], 1.0, 1e-12);
		assert_true(q.p[0] >= 1e-6 && q.p[1] >= 1e-6);
		right += (q.p[1] > 0.5) == (fresh.row[i].group == 1);
		fused += q.used == EH_FUSED;
	}
	assert_true(right > 180 && fused > 100);
	eh_model_free(&m);
	people_free(&fresh);
	people_free(&p);
}

#define PERMUTATIONS 24

/* The whole road on labels without meaning (facts/learning.md 16, 1); a leak anywhere would lift the AUC.  None of
 * these models may classify. */
static void permuted_labels_leave_nothing_to_learn(void **state)
{
	double sum = 0.0;
	int held = 0, classify = 0;

	(void)state;
	for (uint64_t seed = 0; seed < PERMUTATIONS; seed++) {
		struct people p = people_make(30, 2, 1.5, 2.0, seed);
		struct eh_model *m = NULL;
		const struct eh_skill *s = NULL;
		char why[400] = "";

		people_permute_labels(&p, 1000 + seed);
		m = people_train(&p, 2, seed);
		s = eh_model_skill(m, EH_FUSED);
		sum += s->auc / PERMUTATIONS;
		held += s->auc_lo <= 0.5 && s->auc_hi >= 0.5;
		if (eh_model_classifies(m, why, sizeof why))
			classify++;
		else
			assert_non_null(strstr(why, "reaches below 0.8"));
		eh_model_free(&m);
		people_free(&p);
	}
	print_message("# permuted labels: mean AUC %.3f, interval holds .5 in %d of %d, %d would classify\n", sum, held,
		      PERMUTATIONS, classify);
	assert_true(sum > 0.38 && sum < 0.58);
	assert_true(10 * held >= 9 * PERMUTATIONS);
	assert_int_equal(classify, 0);
}

static void three_groups_have_one_column_each_and_normalised_probabilities(void **state)
{
	struct people p = people_make(60, 3, 2.0, 2.0, 4);
	struct eh_model *m = people_train(&p, 3, 7);
	const struct eh_skill *s = eh_model_skill(m, EH_FUSED);
	const char *const *groups = NULL;
	struct eh_prediction q;

	(void)state;
	assert_int_equal(eh_model_groups(m, &groups), 3);
	assert_string_equal(groups[2], "gamma");
	assert_int_equal(m->part[EH_FUSED].fit.columns, 3);
	assert_true(s->auc > 0.9 && s->accuracy > 0.75);
	for (size_t i = 0; i < 60; i++) {
		assert_int_equal(eh_model_classify(m, &p.vector[i], NULL, &q, NULL), EH_OK);
		assert_float_equal(q.p[0] + q.p[1] + q.p[2], 1.0, 1e-12);
		assert_true(q.p[0] >= 1e-6 && q.p[1] >= 1e-6 && q.p[2] >= 1e-6);
	}
	eh_model_free(&m);
	people_free(&p);
}

/* ---- refusals ---- */

/* Trains and expects rc with `text` in the message; out stays NULL. */
static void refused(const struct people *p, size_t n, const char *const *groups, size_t n_groups, int want,
		    const char *text)
{
	struct eh_train_plan plan = people_plan(groups, n_groups, 7);
	struct eh_err err = EH_ERR_INIT;
	struct eh_model *m = NULL;

	assert_int_equal(eh_model_train(&m, &plan, p->row, n, NULL, &err), want);
	assert_null(m);
	if (strstr(err.msg, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, err.msg);
}

static void one_group_and_a_group_below_the_minimum_are_refused(void **state)
{
	static const char *const turned[] = { "male", "female" };
	struct people p = people_make(30, 2, 1.0, 1.0, 5);

	(void)state;
	refused(&p, 30, two_groups, 1, EH_EINVAL, "1 group with");
	refused(&p, 15, two_groups, 2, EH_EREFUSED, "'male' has 7 candidates to");
	refused(&p, 3, two_groups, 2, EH_EREFUSED, "'female' has 2 candidates ('c0000', 'c0002')");
	refused(&p, 2, two_groups, 2, EH_EREFUSED, "'female' has 1 candidate ('c0000')");
	refused(&p, 30, turned, 2, EH_EINVAL, "sorted");
	p.row[3].group = 2;
	refused(&p, 30, two_groups, 2, EH_EINVAL, "c0003");
	p.row[3].group = 1;
	strcpy(p.vector[4].candidate, "c0005");
	refused(&p, 30, two_groups, 2, EH_EINVAL, "'c0005' stands in");
	p.vector[4].has_face = p.vector[4].has_voice = 0;       /* also when one of the two has nothing to learn from */
	refused(&p, 30, two_groups, 2, EH_EINVAL, "'c0005' stands in");
	people_free(&p);
}

static void numbers_that_are_none_are_refused_by_name(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);
	char want[64];

	(void)state;
	(void)snprintf(want, sizeof want, "candidate 'c0011': %s", eh_vector_info(3)->name);
	p.vector[11].value[3] = NAN;
	refused(&p, 30, two_groups, 2, EH_ERANGE, want);
	p.vector[11].value[3] = INFINITY;
	refused(&p, 30, two_groups, 2, EH_ERANGE, want);
	p.vector[11].value[3] = 1.0;
	p.vector[11].layout = EH_LAYOUT + 1;
	refused(&p, 30, two_groups, 2, EH_EINVAL, "the vector has layout");
	people_free(&p);
}

static void nothing_trainable_says_why_for_each_modality(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);

	(void)state;
	for (size_t i = 0; i < 30; i++) { /* 7 or 8 of each class with a face, the others with a voice */
		p.vector[i].has_face = i < 15;
		p.vector[i].has_voice = i >= 15;
	}
	refused(&p, 30, two_groups, 2, EH_EINVAL, "'female' has 0 candidates with face and voice");
	refused(&p, 30, two_groups, 2, EH_EINVAL, "'male' has 7 candidates with face alone");
	people_free(&p);
}

static void equal_recordings_with_different_labels_are_refused_by_name(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);

	(void)state;
	memcpy(p.vector[7].value + EH_FACE_N, p.vector[12].value + EH_FACE_N, EH_VOICE_N * sizeof(double));
	refused(&p, 30, two_groups, 2, EH_EINVAL, "candidates 'c0007' and 'c0012' have the same voice indicators");
	p.row[12].group = 1;                                    /* now of one class: one recording under two ids */
	eh_model_free(&(struct eh_model *){ people_train(&p, 2, 7) });
	people_free(&p);
}

static void columns_that_are_all_constant_are_named(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);

	(void)state;
	for (size_t i = 0; i < 30; i++)
		for (size_t c = 0; c < EH_VECTOR_N; c++)        /* what no class may use differs */
			p.vector[i].value[c] = eh_vector_in_class(c) ? 1.0 : (double)i;
	refused(&p, 30, two_groups, 2, EH_EINVAL, "voice.f0_median (constant), voice.f0_p20 (constant) and 27 more");
	people_free(&p);
}

static void contradictory_and_orphaned_rows_are_refused(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);

	(void)state;
	p.row[4].vector = &p.vector[5];
	refused(&p, 30, two_groups, 2, EH_EINVAL, "'c0005' stands in the rows of female and of male");
	p.row[4].vector = &p.vector[4];
	p.row[4].copy = true;
	refused(&p, 30, two_groups, 2, EH_EINVAL, "'c0004' has a degraded copy without its original");
	people_free(&p);
}

/* ---- what enters ---- */

static void constant_and_missing_indicators_are_left_out_and_listed(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);
	struct eh_model *m = NULL;

	(void)state;
	for (size_t i = 0; i < 30; i++)
		p.vector[i].value[EH_F_JAW] = 0.25;
	p.vector[8].present[EH_FACE_N + EH_V_F3] = 0;
	m = people_train(&p, 2, 7);
	assert_int_equal(m->part[EH_FUSED].use[EH_F_JAW], EH_USE_CONSTANT);
	assert_int_equal(m->part[EH_FUSED].use[EH_FACE_N + EH_V_F3], EH_USE_ABSENT);
	assert_int_equal(m->part[EH_FACE_ONLY].use[EH_FACE_N + EH_V_F3], EH_USE_NONE);
	assert_int_equal(m->part[EH_FUSED].use[EH_F_YAW], EH_USE_NONE);         /* behaviour */
	assert_int_equal(m->part[EH_FUSED].use[EH_F_EXPOSURE], EH_USE_NONE);    /* picture quality */
	assert_int_equal(m->part[EH_FUSED].fit.d, class_indicators() - 2);
	eh_model_free(&m);
	people_free(&p);
}

static void behaviour_and_quality_never_enter_a_class(void **state)
{
	struct people p = people_make(30, 2, 0.0, 0.0, 5);
	struct eh_model *m = NULL;

	(void)state;
	for (size_t i = 0; i < 30; i++) { /* the class itself, in indicators that may not be used */
		p.vector[i].value[EH_F_YAW] = p.vector[i].value[EH_F_SIZE] = 100.0 * p.row[i].group;
		p.vector[i].value[EH_FACE_N + EH_V_PAUSE_RATE] = 100.0 * p.row[i].group;
	}
	m = people_train(&p, 2, 7);
	assert_true(eh_model_skill(m, EH_FUSED)->auc < 0.85);
	assert_false(eh_model_classifies(m, NULL, 0));
	eh_model_free(&m);
	people_free(&p);
}

static void a_modality_with_too_few_candidates_stays_untrained(void **state)
{
	struct people p = people_make(40, 2, 1.5, 2.0, 5);
	struct eh_model *m = NULL;
	const eh_id *ids = NULL;
	struct eh_prediction q;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		p.vector[i].has_face = i < 10;
	p.vector[39].has_voice = 0;                             /* neither: leaves no trace */
	m = people_train(&p, 2, 7);
	assert_false(eh_model_skill(m, EH_FUSED)->trained);
	assert_false(eh_model_skill(m, EH_FACE_ONLY)->trained);
	assert_true(eh_model_skill(m, EH_VOICE_ONLY)->trained);
	assert_int_equal(eh_model_contributors(m, &ids), 39);
	assert_int_equal(eh_model_classify(m, &p.vector[1], NULL, &q, NULL), EH_OK);
	assert_int_equal(q.used, EH_VOICE_ONLY);
	assert_non_null(strstr(eh_model_report(m, EH_FUSED)->refusal,
			       "group 'female' has 5 candidates with face and voice"));
	eh_model_free(&m);
	people_free(&p);
}

/* The pitch of candidates without any trained model still stands in the record, as the baseline's skill. */
static void a_measured_baseline_makes_its_candidates_contributors(void **state)
{
	struct people p = people_make(40, 2, 1.5, 2.0, 5);
	struct eh_model *m = NULL;
	const eh_id *ids = NULL;

	(void)state;
	for (size_t i = 20; i < 40; i++)
		p.vector[i].has_face = 0;
	p.vector[38].present[PITCH_AT] = 0;
	for (size_t i = EH_FACE_N; i < EH_VECTOR_N; i++)        /* so that no indicator is common to all voices */
		p.vector[39].present[i] = i == PITCH_AT;
	m = people_train(&p, 2, 7);
	assert_true(eh_model_skill(m, EH_FUSED)->trained);
	assert_false(eh_model_skill(m, EH_VOICE_ONLY)->trained);
	assert_int_equal(eh_model_baseline_f0(m)->n, 39);
	assert_int_equal(eh_model_contributors(m, &ids), 39);
	assert_string_equal(ids[38], "c0039");
	eh_model_free(&m);
	people_free(&p);
}

/* ---- progress, faults, chance ---- */

struct watcher {
	uint64_t last, total;
	uint64_t stop_at;
};

static void watch(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct watcher *w = ctx;

	(void)what;
	assert_true(done >= w->last && done <= total);
	w->last = done;
	w->total = total;
}

static bool stop(void *ctx)
{
	const struct watcher *w = ctx;

	return w->stop_at != 0 && w->last >= w->stop_at;
}

static void progress_rises_to_its_end_and_a_cancel_is_heard(void **state)
{
	struct people p = people_make(20, 2, 1.0, 1.0, 6);
	struct eh_train_plan plan = people_plan(two_groups, 2, 7);
	struct watcher w = { 0, 0, 0 };
	struct eh_progress progress = { .step = watch, .cancelled = stop, .ctx = &w };
	struct eh_model *m = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_model_train(&m, &plan, p.row, 20, &progress, &err), EH_OK);
	assert_true(w.last == w.total && w.total > 0);
	eh_model_free(&m);
	w = (struct watcher){ 0, 0, 3 };
	assert_int_equal(eh_model_train(&m, &plan, p.row, 20, &progress, &err), EH_ECANCEL);
	assert_null(m);
	people_free(&p);
}

/* Every kind of allocation fails once: the step grows so that the loop stays short. */
static void a_failing_allocation_gives_its_code_and_no_model(void **state)
{
	struct people p = people_make(18, 2, 1.0, 1.0, 6);
	struct eh_train_plan plan = people_plan(two_groups, 2, 7);
	uint64_t failed = 0;

	(void)state;
	for (uint64_t n = 1;; n += 1 + n / 6) {
		struct eh_err err = EH_ERR_INIT;
		struct eh_model *m = NULL;
		int rc = 0;

		eh_mem_fail_at(n);
		rc = eh_model_train(&m, &plan, p.row, 18, NULL, &err);
		eh_mem_fail_at(0);
		if (rc == EH_OK) {
			eh_model_free(&m);
			break;
		}
		assert_int_equal(rc, EH_ENOMEM);
		assert_null(m);
		assert_true(err.msg[0] != '\0');
		failed++;
	}
	assert_true(failed > 20);
	people_free(&p);
}

/* rand() is one for the whole process (facts/learning.md 2): whoever draws from it makes results depend on history. */
static void training_draws_nothing_from_rand(void **state)
{
	struct people p = people_make(20, 2, 1.0, 1.0, 6);
	struct eh_model *m = NULL;
	int next = 0;

	(void)state;
	srand(42);
	next = rand();
	srand(42);
	m = people_train(&p, 2, 7);
	assert_int_equal(rand(), next);
	eh_model_free(&m);
	people_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(separable_classes_are_learnt_and_the_figures_say_so),
		cmocka_unit_test(permuted_labels_leave_nothing_to_learn),
		cmocka_unit_test(three_groups_have_one_column_each_and_normalised_probabilities),
		cmocka_unit_test(one_group_and_a_group_below_the_minimum_are_refused),
		cmocka_unit_test(numbers_that_are_none_are_refused_by_name),
		cmocka_unit_test(nothing_trainable_says_why_for_each_modality),
		cmocka_unit_test(equal_recordings_with_different_labels_are_refused_by_name),
		cmocka_unit_test(columns_that_are_all_constant_are_named),
		cmocka_unit_test(contradictory_and_orphaned_rows_are_refused),
		cmocka_unit_test(constant_and_missing_indicators_are_left_out_and_listed),
		cmocka_unit_test(behaviour_and_quality_never_enter_a_class),
		cmocka_unit_test(a_modality_with_too_few_candidates_stays_untrained),
		cmocka_unit_test(a_measured_baseline_makes_its_candidates_contributors),
		cmocka_unit_test(progress_rises_to_its_end_and_a_cancel_is_heard),
		cmocka_unit_test(a_failing_allocation_gives_its_code_and_no_model),
		cmocka_unit_test(training_draws_nothing_from_rand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The road from combined vectors to classes: training, refusals, determinism, stored models, classification. */
#include "tests/core/learn_people.h"
#include "tests/core/temp_project.h"

#include <math.h>

#include "base/mem.h"
#include "learn/model.h"
#include "store/codec.h"

/* ---- skill ---- */

static void separable_classes_are_learnt_and_the_figures_say_so(void **state)
{
	struct people p = people_make(28, 2, 1.5, 2.0, 1), fresh = people_make(200, 2, 1.5, 2.0, 2);
	struct eh_model *m = people_train(&p, 2, 7);
	const struct eh_skill *s = eh_model_skill(m, EH_FUSED);
	const eh_id *ids = NULL;
	double prior[2] = { 0.0, 0.0 };
	size_t right = 0;

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
		enum eh_modality used = EH_VOICE_ONLY;
		double q[2] = { 0.0, 0.0 };

		assert_int_equal(eh_model_classify(m, &fresh.vector[i], q, &used, NULL), EH_OK);
		assert_int_equal(used, EH_FUSED);
		assert_float_equal(q[0] + q[1], 1.0, 1e-12);
		assert_true(q[0] >= 1e-6 && q[1] >= 1e-6);
		right += (q[1] > 0.5) == (fresh.row[i].group == 1);
	}
	assert_true(right > 180);
	eh_model_free(&m);
	people_free(&fresh);
	people_free(&p);
}

/* The whole road on labels without meaning; a leak anywhere would lift the AUC. */
static void permuted_labels_leave_nothing_to_learn(void **state)
{
	double sum = 0.0;
	int held = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct people p = people_make(30, 2, 1.5, 2.0, seed);
		uint32_t order[30];
		struct eh_rng rng;
		struct eh_model *m = NULL;
		const struct eh_skill *s = NULL;

		for (uint32_t i = 0; i < 30; i++)
			order[i] = i;
		eh_rng_seed(&rng, 1000 + seed);
		eh_rng_shuffle(&rng, order, 30);
		for (size_t i = 0; i < 30; i++)
			p.row[i].group = (int32_t)(order[i] % 2);
		m = people_train(&p, 2, seed);
		s = eh_model_skill(m, EH_FUSED);
		sum += s->auc / 20.0;
		held += s->auc_lo <= 0.5 && s->auc_hi >= 0.5;
		eh_model_free(&m);
		people_free(&p);
	}
	print_message("# permuted labels: mean AUC %.3f, interval holds .5 in %d of 20\n", sum, held);
	assert_true(sum > 0.38 && sum < 0.58);
	assert_true(held >= 14);
}

static void three_groups_have_one_column_each_and_normalised_probabilities(void **state)
{
	struct people p = people_make(60, 3, 2.0, 2.0, 4);
	struct eh_model *m = people_train(&p, 3, 7);
	const struct eh_skill *s = eh_model_skill(m, EH_FUSED);
	const char *const *groups = NULL;
	double q[3] = { 0.0, 0.0, 0.0 };
	enum eh_modality used = EH_FUSED;

	(void)state;
	assert_int_equal(eh_model_groups(m, &groups), 3);
	assert_string_equal(groups[2], "gamma");
	assert_int_equal(m->part[EH_FUSED].fit.columns, 3);
	assert_true(s->auc > 0.9 && s->accuracy > 0.75);
	for (size_t i = 0; i < 60; i++) {
		assert_int_equal(eh_model_classify(m, &p.vector[i], q, &used, NULL), EH_OK);
		assert_float_equal(q[0] + q[1] + q[2], 1.0, 1e-12);
		assert_true(q[0] >= 1e-6 && q[1] >= 1e-6 && q[2] >= 1e-6);
	}
	eh_model_free(&m);
	people_free(&p);
}

/* ---- determinism and the stored form ---- */

static void encode(struct eh_buf *b, const struct eh_model *m)
{
	struct eh_err err = EH_ERR_INIT;

	eh_buf_init(b, 1u << 26);
	if (eh_model_encode(b, m, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static void row_order_does_not_matter_and_the_seed_does(void **state)
{
	struct people p = people_make(30, 2, 0.8, 0.8, 5);
	struct eh_model *a = people_train(&p, 2, 7), *b = NULL, *c = NULL;
	struct eh_buf ba, bb;
	struct eh_rng rng;
	uint32_t order[30];
	struct eh_train_row mixed[30];

	(void)state;
	for (uint32_t i = 0; i < 30; i++)
		order[i] = i;
	eh_rng_seed(&rng, 3);
	eh_rng_shuffle(&rng, order, 30);
	for (size_t i = 0; i < 30; i++)
		mixed[i] = p.row[order[i]];
	memcpy(p.row, mixed, sizeof mixed);
	b = people_train(&p, 2, 7);
	c = people_train(&p, 2, 8);
	encode(&ba, a);
	encode(&bb, b);
	assert_int_equal(ba.len, bb.len);
	assert_memory_equal(ba.data, bb.data, ba.len);
	assert_string_equal(eh_model_id(a), eh_model_id(b));
	assert_string_not_equal(eh_model_id(a), eh_model_id(c));
	assert_int_equal(strncmp(eh_model_id(a), "sex-", 4), 0);
	assert_int_equal(strlen(eh_model_id(a)), 12);
	eh_buf_free(&ba);
	eh_buf_free(&bb);
	eh_model_free(&a);
	eh_model_free(&b);
	eh_model_free(&c);
	people_free(&p);
}

static void check_same(const struct eh_model *m, const struct eh_model *back, const struct people *p)
{
	struct eh_buf a, b;

	for (size_t i = 0; i < p->n; i++) {
		for (int k = 0; k < EH_MODALITIES; k++) {
			const struct eh_part *part = &m->part[k];
			double raw[EH_VECTOR_N], x = 0.0, y = 0.0;

			for (size_t c = 0; c < part->fit.d; c++)
				raw[c] = p->vector[i].value[part->indicator[c]];
			eh_fit_decide(&part->fit, raw, &x);
			eh_fit_decide(&back->part[k].fit, raw, &y);
			assert_memory_equal(&x, &y, sizeof x);
		}
	}
	encode(&a, m);
	encode(&b, back);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	eh_buf_free(&a);
	eh_buf_free(&b);
}

static void a_stored_model_decides_bit_for_bit_as_before(void **state)
{
	struct people p = people_make(28, 2, 1.0, 1.0, 6), fresh = people_make(40, 2, 1.0, 1.0, 9);
	struct eh_model *m = people_train(&p, 2, 7), *back = NULL;
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	char *card = NULL;

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_model_get(txn, "sex", &back, &err), EH_ENOENT);
	assert_null(back);
	assert_int_equal(eh_model_put(txn, m, 1700000000, &err), EH_OK);
	assert_int_equal(eh_model_get(txn, "sex", &back, &err), EH_OK);
	assert_string_equal(eh_model_id(m), eh_model_id(back));
	check_same(m, back, &fresh);
	card = eh_model_card(back);
	assert_non_null(strstr(card, "2023-11-14T22:13:20Z"));
	free(card);
	assert_int_equal(eh_model_remove(txn, "sex", &err), EH_OK);
	assert_int_equal(eh_model_remove(txn, "sex", &err), EH_ENOENT);
	eh_txn_abort(&txn);
	temp_project_close(&project);
	eh_model_free(&back);
	eh_model_free(&m);
	people_free(&fresh);
	people_free(&p);
}

static void a_changed_byte_of_a_stored_model_is_noticed(void **state)
{
	struct people p = people_make(20, 2, 1.0, 1.0, 6);
	struct eh_model *m = people_train(&p, 2, 7), *back = NULL;
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_key key = eh_key_of("sex");
	struct eh_bytes value = { NULL, 0 };
	unsigned char *copy = NULL;
	size_t len = 0;

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_model_put(txn, m, 1, &err), EH_OK);
	assert_int_equal(eh_txn_get(txn, EH_T_MODELS, eh_key_bytes(&key), &value, &err), EH_OK);
	len = value.len;
	copy = malloc(len);
	assert_non_null(copy);
	memcpy(copy, value.data, len);
	copy[len / 2] ^= 1;
	assert_int_equal(eh_txn_put(txn, EH_T_MODELS, eh_key_bytes(&key), (struct eh_bytes){ copy, len }, &err), EH_OK);
	assert_int_equal(eh_model_get(txn, "sex", &back, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "checksum"));
	copy[len / 2] ^= 1;
	for (size_t cut = 0; cut < len; cut += len / 40) {      /* cut short anywhere: refused, never read past */
		assert_int_equal(eh_txn_put(txn, EH_T_MODELS, eh_key_bytes(&key), (struct eh_bytes){ copy, cut }, &err),
				 EH_OK);
		assert_int_equal(eh_model_get(txn, "sex", &back, &err), EH_EFORMAT);
	}
	free(copy);
	eh_txn_abort(&txn);
	temp_project_close(&project);
	eh_model_free(&m);
	people_free(&p);
}

/* ---- refusals ---- */

/* Trains and expects rc with `text` in the message; out stays NULL. */
static void refused(const struct people *p, size_t n, const char *const *groups, size_t n_groups, int want,
		    const char *text)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_model *m = NULL;

	assert_int_equal(eh_model_train(&m, "sex", groups, n_groups, p->row, n, 7, NULL, &err), want);
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
	refused(&p, 15, two_groups, 2, EH_EINVAL, "'male' has 7 candidates");
	refused(&p, 30, turned, 2, EH_EINVAL, "sorted");
	p.row[3].group = 2;
	refused(&p, 30, two_groups, 2, EH_EINVAL, "c0003");
	p.row[3].group = 1;
	strcpy(p.vector[4].candidate, "c0005");
	refused(&p, 30, two_groups, 2, EH_EINVAL, "'c0005' stands in two");
	people_free(&p);
}

static void numbers_that_are_none_are_refused_by_name(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);

	(void)state;
	p.vector[11].value[3] = NAN;
	refused(&p, 30, two_groups, 2, EH_ERANGE, "candidate 'c0011': face.nose_width");
	p.vector[11].value[3] = INFINITY;
	refused(&p, 30, two_groups, 2, EH_ERANGE, "face.nose_width");
	p.vector[11].value[3] = 1.0;
	p.vector[11].layout = 2;
	refused(&p, 30, two_groups, 2, EH_EINVAL, "layout 2");
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

static void identical_vectors_with_different_labels_give_no_model(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);

	(void)state;
	for (size_t i = 1; i < 30; i++)
		memcpy(p.vector[i].value, p.vector[0].value, sizeof p.vector[i].value);
	refused(&p, 30, two_groups, 2, EH_EINVAL, "differs between them");
	people_free(&p);
}

/* ---- what enters ---- */

static void constant_and_missing_indicators_are_left_out_and_listed(void **state)
{
	struct people p = people_make(30, 2, 1.0, 1.0, 5);
	struct eh_model *m = NULL;
	char *card = NULL;
	const char *absent = NULL, *constant = NULL;

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
	assert_int_equal(m->part[EH_FUSED].fit.d, 15 + 26 - 2);
	card = eh_model_card(m);
	absent = strstr(card, "not there for every candidate");
	constant = strstr(card, "the same for all candidates");
	assert_true(absent != NULL && constant != NULL);
	assert_non_null(strstr(absent, "voice.f3"));
	assert_non_null(strstr(constant, "face.jaw"));
	free(card);
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
	eh_model_free(&m);
	people_free(&p);
}

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
	v.value[2] = NAN;
	assert_int_equal(eh_model_classify(m, &v, q, &used, &err), EH_ERANGE);
	eh_model_free(&m);
	people_free(&p);
}

static void a_modality_with_too_few_candidates_stays_untrained(void **state)
{
	struct people p = people_make(40, 2, 1.5, 2.0, 5);
	struct eh_model *m = NULL;
	enum eh_modality used = EH_FUSED;
	const eh_id *ids = NULL;
	double q[2] = { 0.0, 0.0 };
	char *card = NULL;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		p.vector[i].has_face = i < 10;
	p.vector[39].has_voice = 0;                             /* neither: leaves no trace */
	m = people_train(&p, 2, 7);
	assert_false(eh_model_skill(m, EH_FUSED)->trained);
	assert_false(eh_model_skill(m, EH_FACE_ONLY)->trained);
	assert_true(eh_model_skill(m, EH_VOICE_ONLY)->trained);
	assert_int_equal(eh_model_contributors(m, &ids), 39);
	assert_int_equal(eh_model_classify(m, &p.vector[1], q, &used, NULL), EH_OK);
	assert_int_equal(used, EH_VOICE_ONLY);
	card = eh_model_card(m);
	assert_non_null(strstr(card, "not trained: group 'female' has 5 candidates with face and voice"));
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

/* ---- card, progress, faults, posteriors ---- */

static void the_card_fits_the_screen_and_holds_what_it_must(void **state)
{
	static const char *const must[] = {
		"Intended use", "Not to be used for", "seed             7", "sha256", "libsvm ", "Baselines", "Brier",
		"median pitch alone", "log2 gamma", "Known limits", "s voiced", "face alone", "voice alone",
	};
	struct people p = people_make(28, 2, 1.0, 1.0, 6);
	struct eh_model *m = people_train(&p, 2, 7);
	char *card = eh_model_card(m), *line = NULL, *rest = card;

	(void)state;
	assert_non_null(strstr(card, eh_model_id(m)));
	for (size_t i = 0; i < sizeof must / sizeof must[0]; i++)
		if (strstr(card, must[i]) == NULL)
			fail_msg("the card has no '%s'", must[i]);
	while ((line = strsep(&rest, "\n")) != NULL)
		if (strlen(line) > 79)
			fail_msg("too wide: %s", line);
	free(card);
	eh_model_free(&m);
	people_free(&p);
}

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
	struct watcher w = { 0, 0, 0 };
	struct eh_progress progress = { .step = watch, .cancelled = stop, .ctx = &w };
	struct eh_model *m = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_model_train(&m, "sex", two_groups, 2, p.row, 20, 7, &progress, &err), EH_OK);
	assert_true(w.last == w.total && w.total > 0);
	eh_model_free(&m);
	w = (struct watcher){ 0, 0, 3 };
	assert_int_equal(eh_model_train(&m, "sex", two_groups, 2, p.row, 20, 7, &progress, &err), EH_ECANCEL);
	assert_null(m);
	people_free(&p);
}

/* Every kind of allocation fails once: the step grows so that the loop stays short. */
static void a_failing_allocation_gives_its_code_and_no_model(void **state)
{
	struct people p = people_make(18, 2, 1.0, 1.0, 6);
	uint64_t failed = 0;

	(void)state;
	for (uint64_t n = 1;; n += 1 + n / 6) {
		struct eh_err err = EH_ERR_INIT;
		struct eh_model *m = NULL;
		int rc = 0;

		eh_mem_fail_at(n);
		rc = eh_model_train(&m, "sex", two_groups, 2, p.row, 18, 7, NULL, &err);
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
		cmocka_unit_test(separable_classes_are_learnt_and_the_figures_say_so),
		cmocka_unit_test(permuted_labels_leave_nothing_to_learn),
		cmocka_unit_test(three_groups_have_one_column_each_and_normalised_probabilities),
		cmocka_unit_test(row_order_does_not_matter_and_the_seed_does),
		cmocka_unit_test(a_stored_model_decides_bit_for_bit_as_before),
		cmocka_unit_test(a_changed_byte_of_a_stored_model_is_noticed),
		cmocka_unit_test(one_group_and_a_group_below_the_minimum_are_refused),
		cmocka_unit_test(numbers_that_are_none_are_refused_by_name),
		cmocka_unit_test(nothing_trainable_says_why_for_each_modality),
		cmocka_unit_test(identical_vectors_with_different_labels_give_no_model),
		cmocka_unit_test(constant_and_missing_indicators_are_left_out_and_listed),
		cmocka_unit_test(behaviour_and_quality_never_enter_a_class),
		cmocka_unit_test(the_indicators_of_a_candidate_choose_the_model),
		cmocka_unit_test(a_modality_with_too_few_candidates_stays_untrained),
		cmocka_unit_test(every_modality_answers_for_the_one_prior_of_the_model),
		cmocka_unit_test(the_card_fits_the_screen_and_holds_what_it_must),
		cmocka_unit_test(progress_rises_to_its_end_and_a_cancel_is_heard),
		cmocka_unit_test(a_failing_allocation_gives_its_code_and_no_model),
		cmocka_unit_test(posteriors_are_kept_and_cleared_per_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

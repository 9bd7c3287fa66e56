/* Degraded copies teach and are never judged: everything but support vectors and scale is as without them. */
#include "learn_people.h"

#include "base/buf.h"
#include "learn/card.h"
#include "learn/model.h"

#define PEOPLE 60

static bool every_one(size_t i)
{
	(void)i;
	return true;
}

static bool males_alone(size_t i) { return i % 2 == 1; }

/* Candidates and their copies: voices moved by `move` standard deviations of noise and spread, faces as they are. */
struct taught {
	struct people p;
	struct eh_vector *copy; /* [PEOPLE * EH_COPY_KINDS] */
	struct eh_train_row *row;
	size_t n;
};

static struct taught teach(double shift, double move, bool (*has_copies)(size_t i), uint64_t seed)
{
	struct taught t = { .p = people_make(PEOPLE, 2, shift, shift, seed) };
	struct eh_rng rng;

	t.copy = calloc(PEOPLE * EH_COPY_KINDS, sizeof *t.copy);
	t.row = calloc(PEOPLE * (1 + EH_COPY_KINDS), sizeof *t.row);
	eh_rng_seed(&rng, seed + 100);
	for (; t.n < PEOPLE; t.n++)
		t.row[t.n] = t.p.row[t.n];
	for (size_t i = 0; i < PEOPLE; i++)
		for (size_t k = 0; k < EH_COPY_KINDS && has_copies(i); k++) {
			struct eh_vector *v = &t.copy[i * EH_COPY_KINDS + k];

			*v = t.p.vector[i];
			for (size_t c = EH_FACE_N; c < EH_VECTOR_N; c++)
				v->value[c] += (double)(c + 1) * move * (1.0 + 0.2 * eh_rng_normal(&rng));
			/* worse than any original in whatever a recording is known by */
			v->bandwidth = 3500.0;
			v->snr = 3.0;
			v->voiced_seconds = 10.0;
			v->quality = EH_QF_NARROW_BAND | EH_QF_NOISY;
			t.row[t.n] = t.p.row[i];
			t.row[t.n].vector = v;
			t.row[t.n++].copy = (uint8_t)(1 + k);
		}
	return t;
}

static void taught_free(struct taught *t)
{
	free(t->row);
	free(t->copy);
	people_free(&t->p);
}

static struct eh_model *train_rows(const struct eh_train_row *rows, size_t n)
{
	struct eh_train_plan plan = people_plan(two_groups, 2, 5);
	struct eh_err err = EH_ERR_INIT;
	struct eh_model *m = NULL;

	if (eh_model_train(&m, &plan, rows, n, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return m;
}

static void same_scope(const struct eh_scope_limit *a, const struct eh_scope_limit *b)
{
	assert_int_equal(a->d, b->d);
	assert_memory_equal(a->mean, b->mean, a->d * sizeof *a->mean);
	assert_memory_equal(a->inv_sd, b->inv_sd, a->d * sizeof *a->inv_sd);
	assert_memory_equal(a->chol, b->chol, a->d * (a->d + 1) / 2 * sizeof *a->chol);
	assert_memory_equal(&a->limit, &b->limit, sizeof a->limit);
}

static void same_bytes(const struct eh_part *a, const struct eh_part *b)
{
	struct eh_buf x, y;

	eh_buf_init(&x, 1u << 26);
	eh_buf_init(&y, 1u << 26);
	eh_part_put(&x, a, 2);
	eh_part_put(&y, b, 2);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
	eh_buf_free(&y);
	eh_buf_free(&x);
}

/* Indicators in one group of the one are in one group of the other. */
static void same_groups(const struct eh_importance *a, const struct eh_importance *b)
{
	assert_true(a->made && b->made);
	assert_int_equal(a->candidates, b->candidates);
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_equal(a->group_of[i] == a->group_of[j], b->group_of[i] == b->group_of[j]);
}

static void what_is_counted_or_bounded_is_of_the_originals(void **state)
{
	struct taught t = teach(1.0, 3.0, every_one, 3);
	struct eh_model *with = train_rows(t.row, t.n), *without = train_rows(t.row, PEOPLE);

	(void)state;
	for (int k = 0; k < EH_MODALITIES; k++) {
		const struct eh_part *a = &with->part[k], *b = &without->part[k];

		assert_true(a->skill.trained && b->skill.trained);
		assert_int_equal(a->skill.n, PEOPLE);
		assert_memory_equal(a->skill.n_class, b->skill.n_class, sizeof a->skill.n_class);
		assert_memory_equal(&a->quality, &b->quality, sizeof a->quality);
		assert_memory_equal(a->conformal.n, b->conformal.n, sizeof a->conformal.n);
		assert_memory_equal(a->fit.prior, b->fit.prior, sizeof a->fit.prior);
		assert_memory_equal(a->use, b->use, sizeof a->use);
		assert_int_equal(a->report.out_of_scope, b->report.out_of_scope);
		assert_int_equal(a->outer_folds, b->outer_folds);
		same_scope(&a->scope[0], &b->scope[0]);
		same_scope(&a->scope[1], &b->scope[1]);
		assert_int_equal(a->copied, k == EH_FACE_ONLY ? 0 : PEOPLE);
		for (size_t i = 0; i < EH_COPY_KINDS; i++)
			assert_int_equal(a->copies[i], k == EH_FACE_ONLY ? 0 : PEOPLE);
		assert_int_equal(b->copied, 0);
	}
	assert_int_equal(with->contributors_n, PEOPLE);
	assert_memory_equal(with->prior, without->prior, sizeof with->prior);
	assert_memory_equal(&with->majority, &without->majority, sizeof with->majority);
	assert_memory_equal(&with->f0, &without->f0, sizeof with->f0);
	for (size_t i = 0; i < EH_CURVE_POINTS; i++)
		assert_int_equal(with->curve.point[i].n, without->curve.point[i].n);
	assert_true(with->curve.modality != EH_FACE_ONLY);
	if (with->curve.modality == without->curve.modality)
		same_groups(&with->importance, &without->importance);
	same_bytes(&with->part[EH_FACE_ONLY], &without->part[EH_FACE_ONLY]); /* a face has no copies */
	assert_true(with->part[EH_VOICE_ONLY].fit.n_sv > without->part[EH_VOICE_ONLY].fit.n_sv);
	assert_int_equal(eh_model_copied(with), PEOPLE);
	eh_model_free(&with);
	eh_model_free(&without);
	taught_free(&t);
}

/* Voices that say nothing, and copies of the one class alone: whoever counted them would give it four fifths. */
static void copies_of_one_class_do_not_shift_the_probabilities(void **state)
{
	struct taught t = teach(0.0, 0.0, males_alone, 9);
	struct eh_model *m = train_rows(t.row, t.n);
	struct people others = people_make(200, 2, 0.0, 0.0, 77);
	const struct eh_fit *f = &m->part[EH_VOICE_ONLY].fit;
	double *raw = calloc(f->d, sizeof *raw), p[2], mean = 0.0;

	(void)state;
	for (size_t i = 0; i < others.n; i++) {
		for (size_t c = 0; c < f->d; c++)
			raw[c] = others.vector[i].value[m->part[EH_VOICE_ONLY].indicator[c]];
		eh_fit_apply(f, raw, p);
		mean += p[1] / (double)others.n;
	}
	print_message("# copies of one class alone: mean probability of it %.3f\n", mean);
	assert_true(m->prior[0] > 0.49 && m->prior[0] < 0.51 && f->prior[0] > 0.49 && f->prior[0] < 0.51);
	assert_true(m->majority < 0.51);
	assert_true(mean > 0.35 && mean < 0.65);
	free(raw);
	people_free(&others);
	eh_model_free(&m);
	taught_free(&t);
}

/* Copies that nearly equal their originals, of voices that say nothing: in another fold they would tell the class. */
static void copies_stand_in_the_fold_of_their_candidate(void **state)
{
	double auc[EH_MODALITIES] = { 0.0 };

	(void)state;
	for (uint64_t seed = 20; seed < 22; seed++) {
		struct taught t = teach(0.0, 0.001, every_one, seed);
		struct eh_model *m = train_rows(t.row, t.n);

		for (int k = 0; k < EH_MODALITIES; k++)
			auc[k] += m->part[k].skill.auc / 2.0;
		eh_model_free(&m);
		taught_free(&t);
	}
	print_message("# AUC of noise with copies: %.3f, voice alone %.3f\n", auc[EH_FUSED], auc[EH_VOICE_ONLY]);
	assert_true(auc[EH_FUSED] < 0.7);
	assert_true(auc[EH_VOICE_ONLY] < 0.7);
}

/* One voice under two ids is found by its originals; copies of both share the fold, however the noise differs. */
static void a_voice_under_two_ids_is_found_beside_copies(void **state)
{
	struct taught t = teach(0.0, 0.001, every_one, 31);
	struct eh_train_plan plan = people_plan(two_groups, 2, 5);
	struct eh_err err = EH_ERR_INIT;
	struct eh_model *m = NULL;

	(void)state;
	for (size_t c = EH_FACE_N; c < EH_VECTOR_N; c++)
		t.p.vector[1].value[c] = t.p.vector[0].value[c];
	assert_int_equal(eh_model_train(&m, &plan, t.row, t.n, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "'c0000' and 'c0001' have the same voice indicators"));
	t.p.vector[1].value[EH_FACE_N] += 1.0;
	for (size_t i = PEOPLE / 2; i < PEOPLE; i++) /* and of the same class they are one */
		for (size_t c = EH_FACE_N; c < EH_VECTOR_N; c++) {
			size_t twin = i - PEOPLE / 2;

			t.p.vector[i].value[c] = t.p.vector[twin].value[c];
			for (size_t k = 0; k < EH_COPY_KINDS; k++)
				t.copy[i * EH_COPY_KINDS + k].value[c] =
					t.copy[twin * EH_COPY_KINDS + k].value[c] * (1.0 + 1e-12);
		}
	m = train_rows(t.row, t.n);
	print_message("# noise, every voice under two ids, with copies: AUC %.3f\n", m->part[EH_VOICE_ONLY].skill.auc);
	assert_true(m->part[EH_VOICE_ONLY].skill.auc < 0.7);
	eh_model_free(&m);
	taught_free(&t);
}

static void the_order_of_rows_does_not_matter(void **state)
{
	struct taught t = teach(1.0, 0.5, every_one, 3);
	struct eh_model *a = train_rows(t.row, t.n), *b = NULL;
	struct eh_train_row *mixed = calloc(t.n, sizeof *mixed);

	(void)state;
	for (size_t i = 0; i < t.n; i++)
		mixed[i] = t.row[t.n - 1 - i];
	b = train_rows(mixed, t.n);
	assert_string_equal(eh_model_id(a), eh_model_id(b));
	free(mixed);
	eh_model_free(&a);
	eh_model_free(&b);
	taught_free(&t);
}

/* What a channel destroys is not taken from everybody: such a copy does not teach. */
static void a_copy_without_an_indicator_is_left_out(void **state)
{
	struct taught t = teach(1.0, 0.5, every_one, 3);
	size_t f3 = EH_FACE_N + EH_V_F3;
	struct eh_model *m = NULL;

	(void)state;
	t.copy[EH_COPY_OPUS12].present[f3] = 0; /* of c0000 */
	for (size_t k = 0; k < EH_COPY_KINDS; k++)
		t.copy[4 * EH_COPY_KINDS + k].has_voice = 0; /* of c0004 */
	m = train_rows(t.row, t.n);
	assert_int_equal(m->part[EH_VOICE_ONLY].use[f3], EH_USE_IN);
	assert_int_equal(m->part[EH_VOICE_ONLY].copied, PEOPLE - 1);
	assert_int_equal(m->part[EH_VOICE_ONLY].copies[EH_COPY_BAND8K], PEOPLE - 1);
	assert_int_equal(m->part[EH_VOICE_ONLY].copies[EH_COPY_OPUS12], PEOPLE - 2);
	eh_model_free(&m);
	taught_free(&t);
}

static void rows_that_cannot_be_are_refused(void **state)
{
	struct taught t = teach(1.0, 0.5, every_one, 3);
	struct eh_train_plan plan = people_plan(two_groups, 2, 5);
	struct eh_err err = EH_ERR_INIT;
	struct eh_model *m = NULL;

	(void)state;
	t.row[PEOPLE + 1].copy = t.row[PEOPLE].copy;
	assert_int_equal(eh_model_train(&m, &plan, t.row, t.n, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "'c0000' stands in two training rows of kind band8k"));
	t.row[PEOPLE + 1].copy = 1 + EH_COPY_KINDS;
	assert_int_equal(eh_model_train(&m, &plan, t.row, t.n, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "no kind 4"));
	t.row[PEOPLE + 1].copy = 2;
	assert_int_equal(eh_model_train(&m, &plan, t.row + 1, t.n - 1, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "'c0000' has a degraded copy without its original"));
	taught_free(&t);
}

/* Record, text and JSON say who taught as copies, and on what the figures rest. */
static void the_card_says_what_taught(void **state)
{
	struct taught t = teach(1.0, 0.5, males_alone, 3);
	struct eh_card card = { .model = train_rows(t.row, t.n) };
	char *text = eh_model_card(card.model), *flat = text, *json = NULL;
	struct eh_json *doc = eh_card_json(&card);

	(void)state;
	for (char *p = text; *p != '\0'; p++) /* lines are wrapped */
		if (*p != '\n' && (*p != ' ' || flat == text || flat[-1] != ' '))
			*flat++ = *p;
		else if (*p == '\n' && flat > text && flat[-1] != ' ')
			*flat++ = ' ';
	*flat = '\0';
	assert_non_null(strstr(text, "30 candidates also taught as copies of their sound (band8k of 30, noise15 of 30, "
				     "opus12 of 30)"));
	assert_non_null(strstr(text,
			       "Class shares, decision sets, scope, the range of recordings below and all figures rest "
			       "on the recordings as they are"));
	json = eh_json_text(doc);
	assert_non_null(strstr(json, "\"degraded_copies\":{\"candidates\":30,\"kinds\":[{\"kind\":\"band8k\","));
	free(json);
	eh_json_free(&doc);
	free(text);
	eh_model_free(&card.model);
	card.model = train_rows(t.row, PEOPLE);
	text = eh_model_card(card.model);
	assert_non_null(strstr(text, "degraded copies  none: voices that reach it"));
	free(text);
	eh_model_free(&card.model);
	taught_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_counted_or_bounded_is_of_the_originals),
		cmocka_unit_test(copies_of_one_class_do_not_shift_the_probabilities),
		cmocka_unit_test(copies_stand_in_the_fold_of_their_candidate),
		cmocka_unit_test(a_voice_under_two_ids_is_found_beside_copies),
		cmocka_unit_test(the_order_of_rows_does_not_matter),
		cmocka_unit_test(a_copy_without_an_indicator_is_left_out),
		cmocka_unit_test(rows_that_cannot_be_are_refused),
		cmocka_unit_test(the_card_says_what_taught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

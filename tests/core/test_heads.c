/* Walks over the heads of answers and vectors tell what the walks over the whole records tell. */
#include "tests/core/temp_project.h"

#include "extract/extract.h"
#include "learn/vector.h"
#include "store/codec.h"

#define N 12

struct seen {
	size_t n;
	struct eh_answer_head answer[N];
	struct eh_vector_head vector[N];
};

static struct temp_project project;
static struct eh_txn *txn;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	eh_txn_abort(&txn);
	temp_project_close(&project);
	return 0;
}

static int whole_answer(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
			struct eh_err *err)
{
	struct seen *s = ctx;
	struct eh_answer_head *h = &s->answer[s->n++];

	(void)err;
	memset(h, 0, sizeof *h);
	(void)snprintf(h->candidate, sizeof h->candidate, "%s", candidate);
	(void)snprintf(h->question, sizeof h->question, "%s", question);
	h->status = a->status;
	h->did_face = a->did_face;
	h->did_voice = a->did_voice;
	return EH_OK;
}

static int compare_answer(void *ctx, const struct eh_answer_head *h, struct eh_err *err)
{
	struct seen *s = ctx;
	const struct eh_answer_head *whole = &s->answer[s->n++];

	(void)err;
	assert_string_equal(h->candidate, whole->candidate);
	assert_string_equal(h->question, whole->question);
	assert_int_equal(h->status, whole->status);
	assert_int_equal(h->did_face, whole->did_face);
	assert_int_equal(h->did_voice, whole->did_voice);
	return EH_OK;
}

/* Another layout's mark behind the version: as if other indicators had been measured. */
static void spoil(enum eh_table t, struct eh_key *k, size_t at, size_t keep)
{
	unsigned char *copy = malloc(EH_RECORD_MAX);
	struct eh_bytes v;

	assert_int_equal(eh_txn_get(txn, t, eh_key_bytes(k), &v, NULL), EH_OK);
	memcpy(copy, v.data, v.len);
	copy[at] ^= 0xff;
	assert_int_equal(eh_txn_put(txn, t, eh_key_bytes(k), (struct eh_bytes){ copy, keep ? keep : v.len }, NULL),
			 EH_OK);
	free(copy);
}

static void answers(void **state)
{
	struct eh_answer *a = calloc(1, sizeof *a);
	struct seen s = { .n = 0 };
	struct eh_key k = eh_key_of("c1");

	(void)state;
	for (int i = 0; i < N; i++) {
		char candidate[8];

		memset(a, 0, sizeof *a);
		a->did_face = i % 2;
		a->did_voice = i % 3 == 0;
		if (i % 4 == 3) {
			a->did_face = a->did_voice = 0;
			a->status = EH_EFORMAT;
			strcpy(a->message, "no picture, no sound");
		}
		(void)snprintf(candidate, sizeof candidate, "c%d", i / 2);
		assert_int_equal(eh_answer_put(txn, candidate, i % 2 ? "Q2" : "Q1", a, NULL), EH_OK);
	}
	eh_key_str(&k, "Q1");
	spoil(EH_T_ANSWERS, &k, 3, 0);
	assert_int_equal(eh_answers_each(txn, NULL, whole_answer, &s, NULL), EH_OK);
	assert_int_equal(s.n, N);
	assert_int_equal(s.answer[2].status, EH_ESTALE);
	s.n = 0;
	assert_int_equal(eh_answer_heads_each(txn, NULL, compare_answer, &s, NULL), EH_OK);
	assert_int_equal(s.n, N);
	s.n = 4;
	assert_int_equal(eh_answer_heads_each(txn, "c2", compare_answer, &s, NULL), EH_OK);
	assert_int_equal(s.n, 6);
	free(a);
}

static void a_head_cut_short_is_an_error_that_names_the_answer(void **state)
{
	struct eh_answer *a = calloc(1, sizeof *a);
	struct eh_err err = EH_ERR_INIT;
	struct eh_key k = eh_key_of("c1");
	struct seen s = { .n = 0 };

	(void)state;
	assert_int_equal(eh_answer_put(txn, "c1", "Q1", a, NULL), EH_OK);
	eh_key_str(&k, "Q1");
	spoil(EH_T_ANSWERS, &k, 17, 16);
	assert_int_equal(eh_answer_heads_each(txn, NULL, compare_answer, &s, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "candidate c1, question Q1"));
	free(a);
}

static int whole_vector(void *ctx, const struct eh_vector *v, struct eh_err *err)
{
	struct seen *s = ctx;
	struct eh_vector_head *h = &s->vector[s->n++];

	(void)err;
	memset(h, 0, sizeof *h);
	memcpy(h->candidate, v->candidate, sizeof h->candidate);
	h->has_face = v->has_face;
	h->has_voice = v->has_voice;
	h->quality = v->quality;
	return EH_OK;
}

static int compare_vector(void *ctx, const struct eh_vector_head *h, struct eh_err *err)
{
	struct seen *s = ctx;
	const struct eh_vector_head *whole = &s->vector[s->n++];

	(void)err;
	assert_string_equal(h->candidate, whole->candidate);
	assert_int_equal(h->has_face, whole->has_face);
	assert_int_equal(h->has_voice, whole->has_voice);
	assert_int_equal(h->quality, whole->quality);
	return EH_OK;
}

static void vectors(void **state)
{
	struct eh_vector *v = calloc(1, sizeof *v);
	struct eh_err err = EH_ERR_INIT;
	struct seen s = { .n = 0 };
	struct eh_key k = eh_key_of("c3");

	(void)state;
	for (int i = 0; i < N; i++) {
		(void)snprintf(v->candidate, sizeof v->candidate, "c%d", i);
		v->layout = i == 5 ? EH_LAYOUT + 1 : EH_LAYOUT;
		v->has_face = i % 2;
		v->has_voice = i % 3 == 0;
		v->quality = i % 4 == 0 ? EH_QF_NOISY : 0;
		assert_int_equal(eh_vector_put(txn, v, NULL), EH_OK);
	}
	assert_int_equal(eh_vectors_each(txn, whole_vector, &s, NULL), EH_OK);
	assert_int_equal(s.n, N);
	s.n = 0;
	assert_int_equal(eh_vector_heads_each(txn, compare_vector, &s, NULL), EH_OK);
	assert_int_equal(s.n, N);
	spoil(EH_T_VECTORS, &k, 9, 10);
	s.n = 0;
	assert_int_equal(eh_vector_heads_each(txn, compare_vector, &s, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "combined vector"));
	free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, setup, teardown),
		cmocka_unit_test_setup_teardown(a_head_cut_short_is_an_error_that_names_the_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(vectors, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

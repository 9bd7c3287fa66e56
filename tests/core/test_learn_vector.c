/* Pooling of answers into the combined vector, its gates, its stored form. */
#include "tests/core/temp_project.h"

#include <math.h>

#include "base/rng.h"
#include "learn/vector.h"
#include "store/codec.h"

#define V0 EH_FACE_N

static struct eh_answer answer(uint32_t frames, double face, double voiced, double voice)
{
	struct eh_answer a = { .did_face = 1, .did_voice = 1, .origin = { .landlock_abi = 4, .seccomp = 1 } };

	a.face.frames_sampled = a.face.frames_found = a.face.frames_used = frames;
	for (size_t i = 0; i < EH_FACE_N; i++) {
		a.face.present[i] = 1;
		a.face.sum[i].median = face;
	}
	a.voice.seconds = 2.0 * voiced;
	a.voice.voiced_seconds = voiced;
	a.voice.bandwidth = 8000.0;
	a.voice.snr = 30.0;
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		a.voice.present[i] = 1;
		a.voice.value[i] = voice;
	}
	return a;
}

static void indicators_are_means_weighted_by_what_stands_behind_them(void **state)
{
	struct eh_answer a[3] = { answer(30, 1.0, 4.0, 10.0), answer(10, 3.0, 12.0, 30.0),
				  answer(99, 50.0, 99.0, 50.0) };
	struct eh_vector v;

	(void)state;
	a[2].status = EH_EWORKER;                               /* failed: passed over */
	a[1].face.present[2] = 0;
	a[0].voice.present[EH_V_F3] = a[1].voice.present[EH_V_F3] = 0;
	eh_vector_pool(&v, "c1", a, 3);
	assert_string_equal(v.candidate, "c1");
	assert_int_equal(v.layout, EH_LAYOUT);
	assert_int_equal(v.answers, 2);
	assert_int_equal(v.frames_used, 40);
	assert_float_equal(v.voiced_seconds, 16.0, 1e-12);
	assert_true(v.has_face && v.has_voice);
	assert_float_equal(v.value[0], (30.0 * 1.0 + 10.0 * 3.0) / 40.0, 1e-12);
	assert_float_equal(v.value[2], 1.0, 1e-12);             /* only the answer that has it */
	assert_float_equal(v.value[V0], (4.0 * 10.0 + 12.0 * 30.0) / 16.0, 1e-12);
	assert_false(v.present[V0 + EH_V_F3]);
	assert_true(v.value[V0 + EH_V_F3] == 0.0);
	assert_int_equal(v.quality, EH_QF_FAILED);
}

static void summaries_over_answers_are_those_of_all_frames(void **state)
{
	struct eh_answer a[3] = { answer(30, 1.0, 4.0, 10.0), answer(10, 3.0, 12.0, 30.0), answer(99, 9.0, 1.0, 1.0) };
	struct eh_summary sum[EH_FACE_N];
	uint8_t present[EH_FACE_N];
	float mesh[EH_LANDMARKS][3];

	(void)state;
	a[0].face.sum[0] = (struct eh_summary){
		.median = 1.0, .mad = 0.1, .mean = 2.0, .sd = 0.5, .p10 = 0.0, .p90 = 4.0, .change = 1.0
	};
	a[1].face.sum[0] = (struct eh_summary){
		.median = 3.0, .mad = 0.3, .mean = 6.0, .sd = 1.0, .p10 = 2.0, .p90 = 8.0, .change = 3.0
	};
	a[0].face.present[1] = a[1].face.present[1] = 0;
	a[0].face.has_mesh = a[1].face.has_mesh = a[2].face.has_mesh = 1;
	a[0].face.mesh[7][1] = 1.0f;
	a[1].face.mesh[7][1] = 2.0f;
	a[2].face.mesh[7][1] = 50.0f;
	a[2].status = EH_EWORKER;                               /* failed: passed over */
	eh_pool_summaries(sum, present, a, 3);
	assert_true(present[0] && !present[1]);
	assert_float_equal(sum[0].median, 1.5, 1e-12);
	assert_float_equal(sum[0].mean, 3.0, 1e-12);
	/* 30 frames of mean 2 and sd .5, 10 of mean 6 and sd 1: E x^2 = (30 * 4.25 + 10 * 37) / 40 = 12.4375 */
	assert_float_equal(sum[0].sd, sqrt(12.4375 - 9.0), 1e-12);
	assert_float_equal(sum[0].p90, 5.0, 1e-12);
	assert_float_equal(sum[0].change, 1.5, 1e-12);
	assert_true(eh_pool_mesh(mesh, a, 3));
	assert_float_equal((double)mesh[7][1], 1.25, 1e-6);
	a[0].did_face = a[1].did_face = 0;                      /* nothing left */
	assert_false(eh_pool_mesh(mesh, a, 3));
	eh_pool_summaries(sum, present, a, 3);
	assert_false(present[0]);
}

static void only_shape_enters_the_class_vector(void **state)
{
	size_t face = 0, voice = 0;

	(void)state;
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		if (!eh_vector_in_class(i))
			continue;
		assert_int_equal(eh_vector_info(i)->kind, 'S');
		face += i < EH_FACE_N;
		voice += i >= EH_FACE_N;
	}
	assert_int_equal(face, 21);                            /* 15 distances, 6 angles */
	assert_int_equal(voice, 29);
	assert_false(eh_vector_in_class(EH_VECTOR_N));
}

static void every_quality_flag_has_a_text(void **state)
{
	uint32_t all = 0;

	(void)state;
#define X(id, bit, text, moves) all |= (bit); assert_string_equal(eh_quality_text(id), text);
	EH_QF_LIST(X)
#undef X
	for (uint32_t bit = 1; bit != 0; bit <<= 1)
		if ((all & bit) == 0)
			assert_null(eh_quality_text(bit));
}

static void voice_needs_ten_voiced_seconds_in_all(void **state)
{
	struct eh_answer below[2] = { answer(30, 1.0, 5.0, 1.0), answer(30, 1.0, 4.9, 1.0) };
	struct eh_answer above[2] = { answer(30, 1.0, 5.0, 1.0), answer(30, 1.0, 5.1, 1.0) };
	struct eh_vector v;

	(void)state;
	eh_vector_pool(&v, "c1", below, 2);
	assert_false(v.has_voice);
	assert_int_equal(v.quality, EH_QF_SHORT_VOICE);
	assert_false(v.present[V0]);
	assert_true(v.has_face && v.present[0]);
	eh_vector_pool(&v, "c1", above, 2);
	assert_true(v.has_voice && v.present[V0]);
	assert_int_equal(v.quality, 0);
}

/* A copy is the face as it is and the voice of one kind; an answer that has none gives no voice. */
static void a_copy_has_the_face_of_the_answers_and_a_voice_of_its_own(void **state)
{
	struct eh_answer a[3] = { answer(30, 1.0, 6.0, 1.0), answer(10, 5.0, 6.0, 2.0), answer(10, 1.0, 9.0, 3.0) };
	struct eh_copies *c = calloc(3, sizeof *c);
	struct eh_vector v;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < EH_COPY_KINDS; k++) {
			c[i].voice[k] = a[i].voice;
			c[i].voice[k].value[0] = 10.0 * (double)(k + 1) + (double)i;
		}
	c[2].status = EH_ENOENT;
	eh_vector_pool_copy(&v, "c1", a, c, 3, EH_COPY_NOISE15);
	assert_true(v.has_face && v.has_voice);
	assert_string_equal(v.candidate, "c1");
	assert_true(fabs(v.value[0] - (30.0 * 1.0 + 10.0 * 5.0 + 10.0 * 1.0) / 50.0) < 1e-12);
	assert_true(fabs(v.value[V0] - 20.5) < 1e-12);
	assert_true(fabs(v.voiced_seconds - 12.0) < 1e-12);
	c[1].voice[EH_COPY_NOISE15].voiced_seconds = 3.9;       /* the gate holds for copies too */
	eh_vector_pool_copy(&v, "c1", a, c, 3, EH_COPY_NOISE15);
	assert_false(v.has_voice || v.present[V0]);
	a[0].did_voice = 0;                                     /* consent */
	eh_vector_pool_copy(&v, "c1", a, c, 3, EH_COPY_OPUS12);
	assert_false(v.has_voice);
	free(c);
}

static void face_needs_five_used_frames_in_all(void **state)
{
	struct eh_answer a[2] = { answer(2, 1.0, 6.0, 1.0), answer(2, 1.0, 6.0, 1.0) };
	struct eh_vector v;

	(void)state;
	eh_vector_pool(&v, "c1", a, 2);
	assert_false(v.has_face || v.present[0]);
	a[1].face.frames_used = 3;
	eh_vector_pool(&v, "c1", a, 2);
	assert_true(v.has_face && v.present[0]);
}

static void sound_below_the_bandwidth_gate_counts_for_nothing(void **state)
{
	struct eh_answer a[2] = { answer(30, 1.0, 11.0, 1.0), answer(30, 1.0, 20.0, 9.0) };
	struct eh_vector v;

	(void)state;
	a[1].voice.bandwidth = 2999.0;
	eh_vector_pool(&v, "c1", a, 2);
	assert_float_equal(v.voiced_seconds, 11.0, 1e-12);
	assert_float_equal(v.value[V0], 1.0, 1e-12);
	assert_int_equal(v.quality, EH_QF_NARROW_BAND);
	a[0].voice.bandwidth = 2999.0;
	eh_vector_pool(&v, "c1", a, 2);
	assert_false(v.has_voice);
	assert_int_equal(v.quality, EH_QF_NARROW_BAND);
}

static void what_could_not_be_used_is_remarked(void **state)
{
	struct eh_answer a[2] = { answer(30, 1.0, 20.0, 1.0), answer(30, 1.0, 20.0, 1.0) };
	struct eh_vector v;

	(void)state;
	a[0].face.frames_used = 14;
	eh_vector_pool(&v, "c1", a, 1);
	assert_int_equal(v.quality, EH_QF_TURNED);
	a[0].face.frames_used = EH_FACE_MIN_FRAMES - 1;
	a[0].voice.voiced_seconds = 0.0;
	eh_vector_pool(&v, "c1", a, 1);
	assert_int_equal(v.quality, EH_QF_TURNED | EH_QF_NO_FACE | EH_QF_NO_VOICE);
	a[0].did_face = a[0].did_voice = 0;             /* not allowed: nothing is missed */
	eh_vector_pool(&v, "c1", a, 1);
	assert_int_equal(v.quality, 0);
	a[0].status = EH_EFORMAT;
	strcpy(a[1].media.dropped, "sound track flac not taken");
	eh_vector_pool(&v, "c1", a, 2);
	assert_int_equal(v.quality, EH_QF_FAILED | EH_QF_DROPPED);
	a[0].status = EH_ESTALE;
	eh_vector_pool(&v, "c1", a, 1);
	assert_int_equal(v.quality, EH_QF_OTHER_LAYOUT);
}

static void what_consent_kept_out_stays_out(void **state)
{
	struct eh_answer a = answer(30, 1.0, 20.0, 1.0);
	struct eh_vector v;

	(void)state;
	a.did_face = 0;
	eh_vector_pool(&v, "c1", &a, 1);
	assert_false(v.has_face);
	assert_int_equal(v.frames_sampled, 0);
	assert_true(v.has_voice);
	eh_vector_pool(&v, "c1", NULL, 0);
	assert_false(v.has_face || v.has_voice);
	assert_int_equal(v.answers, 0);
}

static void quality_flags_stand_for_their_causes(void **state)
{
	struct eh_answer a = answer(30, 1.0, 20.0, 1.0);
	struct eh_vector v;

	(void)state;
	a.face.frames_many = 1;
	a.face.frames_sampled = 61;
	a.voice.bandwidth = 4999.0;
	a.voice.snr = 14.9;
	a.voice.clipping = 0.011;
	a.origin.fast = 1;
	a.origin.landlock_abi = 0;
	eh_vector_pool(&v, "c1", &a, 1);
	assert_int_equal(v.quality, EH_QF_SECOND_FACE | EH_QF_LOW_COVERAGE | EH_QF_NARROW_BAND | EH_QF_NOISY |
					    EH_QF_CLIPPED | EH_QF_FAST | EH_QF_UNLOCKED);
	a.origin.fast = 0;
	a.origin.landlock_abi = 1;
	a.face.frames_many = 0;
	a.face.frames_sampled = 60;
	a.voice.bandwidth = 5000.0;
	a.voice.snr = 15.0;
	a.voice.clipping = 0.01;
	eh_vector_pool(&v, "c1", &a, 1);
	assert_int_equal(v.quality, 0);
}

static void layout_lists_every_indicator_once(void **state)
{
	char a[65], b[65];

	(void)state;
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(eh_vector_info(i)->name, eh_vector_info(j)->name);
	assert_string_equal(eh_vector_info(EH_FACE_N + EH_V_F0_MEDIAN)->name, "voice.f0_median");
	eh_layout_hash(a);
	eh_layout_hash(b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 64);
}

static int count_vector(void *ctx, const struct eh_vector *v, struct eh_err *err)
{
	(void)v;
	(void)err;
	++*(int *)ctx;
	return EH_OK;
}

static void stored_vectors_come_back_bit_for_bit(void **state)
{
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_vector v, back;
	struct eh_rng rng;
	struct eh_err err = EH_ERR_INIT;
	int n = 0;

	(void)state;
	temp_project_open(&p);
	memset(&v, 0, sizeof v);
	memset(&back, 0xff, sizeof back);
	strcpy(v.candidate, "c7");
	v.layout = EH_LAYOUT;
	v.has_voice = 1;
	v.quality = EH_QF_NOISY;
	v.frames_used = 3;
	v.voiced_seconds = 11.1;
	eh_rng_seed(&rng, 2);
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		v.present[i] = i % 3 != 0;
		v.value[i] = v.present[i] ? eh_rng_normal(&rng) : 0.0;
	}
	txn = temp_txn(&p);
	assert_int_equal(eh_vector_put(txn, &v, &err), EH_OK);
	assert_int_equal(eh_vector_get(txn, "c7", &back, &err), EH_OK);
	assert_memory_equal(v.value, back.value, sizeof v.value);
	assert_memory_equal(v.present, back.present, sizeof v.present);
	assert_string_equal(back.candidate, "c7");
	assert_int_equal(back.quality, EH_QF_NOISY);
	assert_true(back.voiced_seconds == v.voiced_seconds && back.has_voice && !back.has_face);
	assert_int_equal(eh_vector_get(txn, "c8", &back, &err), EH_ENOENT);
	assert_int_equal(eh_vectors_each(txn, count_vector, &n, &err), EH_OK);
	assert_int_equal(n, 1);
	v.value[1] = NAN;
	assert_int_equal(eh_vector_put(txn, &v, &err), EH_ERANGE);
	assert_non_null(strstr(err.msg, eh_vector_info(1)->name));
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void a_damaged_record_is_refused(void **state)
{
	static const char bytes[] = "\x02\x00\x01\x00\x01";
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_key key = eh_key_of("c7");
	struct eh_vector v;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_txn_put(txn, EH_T_VECTORS, eh_key_bytes(&key),
				    (struct eh_bytes){ (const unsigned char *)bytes, sizeof bytes - 1 }, &err), EH_OK);
	assert_int_equal(eh_vector_get(txn, "c7", &v, &err), EH_EFORMAT);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

/* After an upgrade: nothing is shown under a name it was not measured for, and nothing else stops. */
static void a_vector_of_another_version_comes_back_empty_and_says_so(void **state)
{
	static const char older[] = "\x01\x00\x01\x00\x01\x01";
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_key key = eh_key_of("c7");
	struct eh_vector v;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_txn_put(txn, EH_T_VECTORS, eh_key_bytes(&key),
				    (struct eh_bytes){ (const unsigned char *)older, sizeof older - 1 }, &err), EH_OK);
	assert_int_equal(eh_vector_get(txn, "c7", &v, &err), EH_OK);
	assert_string_equal(v.candidate, "c7");
	assert_false(v.has_face || v.has_voice);
	assert_int_equal(v.quality, EH_QF_OTHER_LAYOUT);
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		assert_false(v.present[i]);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indicators_are_means_weighted_by_what_stands_behind_them),
		cmocka_unit_test(summaries_over_answers_are_those_of_all_frames),
		cmocka_unit_test(only_shape_enters_the_class_vector),
		cmocka_unit_test(every_quality_flag_has_a_text),
		cmocka_unit_test(voice_needs_ten_voiced_seconds_in_all),
		cmocka_unit_test(a_copy_has_the_face_of_the_answers_and_a_voice_of_its_own),
		cmocka_unit_test(face_needs_five_used_frames_in_all),
		cmocka_unit_test(sound_below_the_bandwidth_gate_counts_for_nothing),
		cmocka_unit_test(what_could_not_be_used_is_remarked),
		cmocka_unit_test(what_consent_kept_out_stays_out),
		cmocka_unit_test(quality_flags_stand_for_their_causes),
		cmocka_unit_test(layout_lists_every_indicator_once),
		cmocka_unit_test(stored_vectors_come_back_bit_for_bit),
		cmocka_unit_test(a_damaged_record_is_refused),
		cmocka_unit_test(a_vector_of_another_version_comes_back_empty_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* core/extract: records are checked and stored as they are. */
#include <math.h>

#include "extract/extract.h"
#include "store/codec.h"
#include "temp_project.h"

/* A believable answer; every field differs from its neighbours. */
static struct eh_answer sound_answer(void)
{
	struct eh_answer a;
	int i = 0;

	memset(&a, 0, sizeof a);
	a.did_face = a.did_voice = 1;
	strcpy(a.origin.extractor, "decoder 1; nets 2; plans 3");
	a.origin.landlock_abi = 7;
	a.origin.seccomp = 1;
	a.origin.fast = 1;
	a.origin.path_mark = UINT64_C(0x8123456789abcdef);
	a.origin.file_bytes = 123456;
	a.origin.file_mtime = INT64_C(1790000000123456789);
	a.media = (struct eh_media_info){
		10.5, 10.4, 10.3, 640, 480, 156,   7,	   52,	  44100,
		2,    90,   1,	  2,   3,   "mp4", "h264", "aac", "sound track flac not taken"
	};
	a.face.frames_sampled = 52;
	a.face.frames_found = 50;
	a.face.frames_used = 48;
	a.face.max_faces = 2;
	a.face.frames_many = 1;
	a.face.mean_presence = 0.97;
	for (i = 0; i < EH_FACE_N; i++) {
		a.face.present[i] = i % 3 != 1;
		if (a.face.present[i] != 0) {
			double low = eh_face_info[i].low, all = eh_face_info[i].high - low, x = 0.001 * i;

			a.face.sum[i] = (struct eh_summary){ low + all * (0.5 + x), all * x, low + all * (0.51 + x),
							     all * (0.1 + x), low + all * (0.4 + x),
							     low + all * (0.6 + x), all * (2 + x) };
		}
	}
	a.face.has_mesh = 1;
	for (i = 0; i < EH_LANDMARKS * 3; i++)
		a.face.mesh[i / 3][i % 3] = 0.001f * (float)(i - 700);
	a.voice.seconds = 10.3;
	a.voice.voiced_seconds = 7.2;
	a.voice.bandwidth = 7800;
	a.voice.snr = 31.5;
	a.voice.clipping = 0.001;
	a.voice.level = -23.25;
	for (i = 0; i < EH_VOICE_N; i++) {
		a.voice.present[i] = i % 4 != 2;
		if (a.voice.present[i] != 0)
			a.voice.value[i] = eh_voice_info[i].low +
					   (eh_voice_info[i].high - eh_voice_info[i].low) * (0.5 + 0.001 * i);
	}
	return a;
}

static void stored_answer_comes_back_unchanged(void **state)
{
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_answer a = sound_answer(), b;

	(void)state;
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_answer_put(txn, "c1", "q1", &a, &err), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, &err), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, p.store, false, &err), EH_OK);
	memset(&b, 0xff, sizeof b);
	assert_int_equal(eh_answer_get(txn, "c1", "q1", &b, &err), EH_OK);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(eh_answer_get(txn, "c1", "q2", &b, &err), EH_ENOENT);
	assert_int_equal(eh_answer_get(txn, "c", "q1", &b, &err), EH_ENOENT);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

/* After an upgrade: no value under the name of another, nothing else stops, and extract measures it again. */
static void answer_of_another_version_comes_back_as_one_to_measure_again(void **state)
{
	static const unsigned char older[] = { 2, 0, 0, 0, 0, 0 };
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_key key = eh_key_of("c1");
	struct eh_err err = EH_ERR_INIT;
	struct eh_answer a;

	(void)state;
	temp_project_open(&p);
	eh_key_str(&key, "q1");
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(
		eh_txn_put(txn, EH_T_ANSWERS, eh_key_bytes(&key), (struct eh_bytes){ older, sizeof older }, &err),
		EH_OK);
	assert_int_equal(eh_answer_get(txn, "c1", "q1", &a, &err), EH_OK);
	assert_int_equal(a.status, EH_ESTALE);
	assert_non_null(strstr(a.message, "evenhand extract"));
	assert_false(a.did_face || a.did_voice);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static int remember(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
		    struct eh_err *err)
{
	char *text = ctx;

	(void)err;
	(void)snprintf(text + strlen(text), 100 - strlen(text), "%s/%s=%d ", candidate, question, (int)a->status);
	return EH_OK;
}

static void answers_are_listed_in_order_per_candidate(void **state)
{
	static const char *const keys[][2] = { { "c2", "q1" }, { "c1", "q2" }, { "c1", "q1" }, { "c10", "q1" } };
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	char text[100] = "";
	size_t i = 0;

	(void)state;
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	for (i = 0; i < 4; i++) {
		struct eh_answer a;

		memset(&a, 0, sizeof a);
		a.status = i == 0 ? EH_EFORMAT : EH_OK;
		strcpy(a.message, i == 0 ? "broken" : "");
		assert_int_equal(eh_answer_put(txn, keys[i][0], keys[i][1], &a, &err), EH_OK);
	}
	assert_int_equal(eh_answers_each(txn, NULL, remember, text, &err), EH_OK);
	assert_string_equal(text, "c1/q1=0 c1/q2=0 c10/q1=0 c2/q1=-8 ");
	text[0] = '\0';
	assert_int_equal(eh_answers_each(txn, "c1", remember, text, &err), EH_OK);
	assert_string_equal(text, "c1/q1=0 c1/q2=0 ");
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void refused(const struct eh_answer *a, const char *field)
{
	struct eh_err err = EH_ERR_INIT;

	assert_int_equal(eh_answer_check(a, &err), EH_EFORMAT);
	if (strstr(err.msg, field) == NULL)
		fail_msg("\"%s\" does not name %s", err.msg, field);
}

static void check_refuses_values_outside_their_range(void **state)
{
	struct eh_answer a = sound_answer();
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_answer_check(&a, &err), EH_OK);
#define REFUSED(change, field)          \
	do {                            \
		a = sound_answer();     \
		change;                 \
		refused(&a, field);     \
	} while (0)
	REFUSED(a.status = 7, "status");
	REFUSED(a.status = -99, "status");
	REFUSED(a.status = EH_EFORMAT, "did_face");
	REFUSED(memset(a.message, 'x', sizeof a.message), "message");
	REFUSED(a.did_voice = 2, "did_voice");
	REFUSED(a.origin.fast = 2, "origin");
	REFUSED(a.origin.landlock_abi = -1, "origin");
	REFUSED(memset(a.origin.extractor, 'x', sizeof a.origin.extractor), "origin");
	REFUSED(a.media.container_seconds = (double)NAN, "container_seconds");
	REFUSED(a.media.decoded_video_seconds = -1, "decoded_video_seconds");
	REFUSED(a.media.frames_sampled = 157, "frames_sampled");
	REFUSED(a.media.rotation = 45, "rotation");
	REFUSED(a.media.width = 4097, "width");
	REFUSED(memset(a.media.audio_codec, 'x', sizeof a.media.audio_codec), "container");
	REFUSED(a.face.frames_sampled = 53, "face.frames_sampled");
	REFUSED(a.face.frames_found = 53, "face.frames_found");
	REFUSED(a.face.frames_used = 51, "face.frames_used");
	REFUSED(a.face.mean_presence = 1.001, "mean_presence");
	REFUSED(a.face.sum[EH_F_NOSE_WIDTH].median = (double)INFINITY, "face.nose_width");
	REFUSED(a.face.sum[EH_F_NOSE_WIDTH].median = -0.1, "face.nose_width");
	REFUSED(a.face.sum[EH_F_NOSE_WIDTH].p90 = 0.0, "face.nose_width");
	REFUSED(a.face.sum[EH_F_NOSE_WIDTH].change = -1.0, "face.nose_width");
	REFUSED(a.face.sum[EH_F_EYE_WIDTH_L].mean = 1.0, "face.eye_width_left");        /* of an absent one */
	REFUSED(a.face.mesh[467][2] = NAN, "face.mesh");
	REFUSED(a.face.mesh[0][0] = 11.0f, "face.mesh");
	REFUSED(a.face.has_mesh = 0, "face.mesh");      /* and yet points */
	REFUSED(a.face.sum[EH_F_JAW].mad = (double)NAN, "face.jaw");
	REFUSED(a.face.present[EH_F_CHIN] = 2, "face.chin");
	REFUSED(a.face.sum[EH_F_PITCH].median = 181, "face.pitch");
	REFUSED(a.voice.seconds = 1e5, "voice.seconds");
	REFUSED(a.voice.voiced_seconds = 12, "voice.voiced_seconds");
	REFUSED(a.voice.clipping = 1.1, "voice.clipping");
	REFUSED(a.voice.level = -(double)INFINITY, "voice.level");
	REFUSED(a.voice.value[EH_V_F0_MEDIAN] = (double)NAN, "voice.f0_median");
	REFUSED(a.voice.value[EH_V_F1] = 9000, "voice.f1");
	REFUSED((a.voice.present[EH_V_VOICED_SHARE] = 1, a.voice.value[EH_V_VOICED_SHARE] = 1.01),
		"voice.voiced_share");
#undef REFUSED
}

static void answer_out_of_range_is_not_stored(void **state)
{
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_answer a = sound_answer();

	(void)state;
	temp_project_open(&p);
	a.voice.snr = (double)NAN;
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_answer_put(txn, "c1", "q1", &a, &err), EH_EFORMAT);
	assert_int_equal(eh_answer_get(txn, "c1", "q1", &a, &err), EH_ENOENT);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_answer_comes_back_unchanged),
		cmocka_unit_test(answer_of_another_version_comes_back_as_one_to_measure_again),
		cmocka_unit_test(answers_are_listed_in_order_per_candidate),
		cmocka_unit_test(check_refuses_values_outside_their_range),
		cmocka_unit_test(answer_out_of_range_is_not_stored),
	};

	return cmocka_run_group_tests_name("extract records", tests, NULL, NULL);
}

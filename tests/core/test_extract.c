/* core/extract: records are checked and stored as they are; the pool measures, survives broken files and stops. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "extract/extract.h"
#include "store/codec.h"
#include "temp_project.h"
#include "worker/worker.h"

/* ---- records ---- */

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

/* ---- the pool ---- */

#define JOBS_MAX 16

struct taken {
	size_t n;
	struct eh_extract_job job[JOBS_MAX];
	struct eh_answer answer[JOBS_MAX];
	size_t stop_after;              /* cancelled() is true after this many; 0 = never */
	int refuse;                     /* what done() returns */
	bool fast;
	uint64_t steps, total;
};

static struct eh_extractor *extractor;
static char dir[64];

static int take(void *ctx, const struct eh_extract_job *job, const struct eh_answer *a, struct eh_err *err)
{
	struct taken *t = ctx;

	assert_true(t->n < JOBS_MAX);
	t->job[t->n] = *job;
	t->answer[t->n] = *a;
	t->n++;
	return t->refuse < 0 ? eh_err_set(err, t->refuse, "no more") : EH_OK;
}

static bool stop(void *ctx)
{
	const struct taken *t = ctx;

	return t->stop_after > 0 && t->n >= t->stop_after;
}

static void step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct taken *t = ctx;

	assert_true(strlen(what) > 0);
	assert_true(done <= total);
	t->steps = done;
	t->total = total;
}

static const struct eh_answer *answer_of(const struct taken *t, const char *question)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->job[i].question, question) == 0)
			return &t->answer[i];
	fail_msg("no answer to %s", question);
	return NULL;
}

static struct eh_extract_job job_of(const char *question, const char *path, bool face, bool voice)
{
	struct eh_extract_job j;

	memset(&j, 0, sizeof j);
	strcpy(j.candidate, "c1");
	(void)snprintf(j.question, sizeof j.question, "%s", question);
	(void)snprintf(j.path, sizeof j.path, "%s", path);
	j.want_face = face;
	j.want_voice = voice;
	return j;
}

static const char *clip(const char *name)
{
	static char path[4][1024];
	static unsigned next;
	const char *root = getenv("EVENHAND_SHARED");
	char *p = path[next++ % 4];

	(void)snprintf(p, sizeof path[0], "%s/data/%s", root != NULL ? root : "../shared", name);
	return p;
}

static void need(const char *path)
{
	if (extractor == NULL || access(path, R_OK) != 0)
		skip();
}

static int run(struct taken *t, const struct eh_extract_job *jobs, size_t n, unsigned workers, struct eh_err *err)
{
	struct eh_progress progress = { step, NULL, stop, t };
	struct eh_extract_settings settings = { workers, t->fast };

	return eh_extract_run(extractor, jobs, n, &settings, take, t, &progress, err);
}

static void real_clip_gives_face_and_voice(void **state)
{
	struct eh_extract_job jobs[] = {
		job_of("woman", clip("video/grid_brbk7n.mpg"), true, true),
		job_of("man", clip("video/grid_bbaf2n.mpg"), true, true)
	};
	struct taken *t = calloc(1, sizeof *t);
	struct eh_err err = EH_ERR_INIT;
	const struct eh_answer *woman = NULL, *man = NULL;

	(void)state;
	assert_non_null(t);
	need(jobs[0].path);
	if (run(t, jobs, 2, 2, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->steps, 2);
	assert_int_equal(t->total, 2);
	woman = answer_of(t, "woman");
	man = answer_of(t, "man");
	if (woman->status != EH_OK || man->status != EH_OK)
		fail_msg("%s / %s", woman->message, man->message);
	assert_int_equal(woman->media.frames_decoded, 75);
	assert_int_equal(woman->face.frames_sampled, 15);
	assert_true(woman->face.frames_found >= 14);
	assert_int_equal(woman->face.max_faces, 1);
	assert_int_equal(woman->did_face, 1);
	assert_int_equal(woman->did_voice, 1);
	assert_true(fabs(woman->voice.seconds - 2.98) < 0.02);
	assert_true(woman->voice.present[EH_V_F0_MEDIAN] == 1 && man->voice.present[EH_V_F0_MEDIAN] == 1);
	/* facts/audio.md: women 226 +- 35 Hz, men 121 +- 24; 165 Hz = 31.0 semitones re 27.5 Hz lies between */
	assert_true(woman->voice.value[EH_V_F0_MEDIAN] > 31.0);
	assert_true(man->voice.value[EH_V_F0_MEDIAN] < 31.0);
	free(t);
}

static void only_what_consent_allows_is_measured(void **state)
{
	struct eh_extract_job jobs[] = {
		job_of("face", clip("video/grid_brbk7n.mpg"), true, false),
		job_of("voice", clip("video/grid_brbk7n.mpg"), false, true)
	};
	static const struct eh_face_answer no_face;
	static const struct eh_voice_answer no_voice;
	struct taken *t = calloc(1, sizeof *t);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_non_null(t);
	need(jobs[0].path);
	assert_int_equal(run(t, jobs, 2, 0, &err), EH_OK);
	assert_int_equal(answer_of(t, "face")->did_face, 1);
	assert_int_equal(answer_of(t, "face")->did_voice, 0);
	assert_memory_equal(&answer_of(t, "face")->voice, &no_voice, sizeof no_voice);
	assert_true(answer_of(t, "face")->media.decoded_audio_seconds == 0);
	assert_int_equal(answer_of(t, "voice")->did_face, 0);
	assert_int_equal(answer_of(t, "voice")->media.frames_decoded, 0);
	assert_memory_equal(&answer_of(t, "voice")->face, &no_face, sizeof no_face);
	assert_int_equal(answer_of(t, "voice")->status, EH_OK);
	free(t);
}

static void same_recording_gives_the_same_bytes(void **state)
{
	struct eh_extract_job jobs[] = {
		job_of("a", clip("video/grid_lbbc2a.mpg"), true, true),
		job_of("b", clip("video/grid_lbbc2a.mpg"), true, true),
		job_of("c", clip("video/grid_lbbc2a.mpg"), true, true)
	};
	struct taken *t = calloc(1, sizeof *t);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_non_null(t);
	need(jobs[0].path);
	assert_int_equal(run(t, jobs, 3, 3, &err), EH_OK);
	assert_memory_equal(answer_of(t, "a"), answer_of(t, "b"), sizeof(struct eh_answer));
	assert_memory_equal(answer_of(t, "a"), answer_of(t, "c"), sizeof(struct eh_answer));
	free(t);
}

static void answers_say_how_they_were_measured(void **state)
{
	struct eh_extract_job jobs[] = {
		job_of("a", clip("video/grid_lbbc2a.mpg"), false, true), job_of("b", "/nowhere/at/all.mp4", false, true)
	};
	struct taken *t = calloc(1, sizeof *t);
	struct eh_worker_layers layers;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_non_null(t);
	need(jobs[0].path);
	eh_worker_layers(&layers);
	assert_int_equal(run(t, jobs, 2, 1, &err), EH_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(t->answer[i].origin.extractor, eh_extractor_version(extractor));
		assert_int_equal(t->answer[i].origin.landlock_abi, layers.landlock_abi);
		assert_int_equal(t->answer[i].origin.seccomp, layers.seccomp);
		assert_int_equal(t->answer[i].origin.fast, 0);
	}
	assert_string_equal(answer_of(t, "a")->media.audio_codec, "mp2");
	assert_int_equal(answer_of(t, "a")->media.audio_rate, 44100);
	t->n = 0;
	t->fast = true;
	assert_int_equal(run(t, jobs, 1, 1, &err), EH_OK);
	assert_int_equal(t->answer[0].origin.fast, 1);
	free(t);
}

static void time_limits_follow_the_size_of_the_file(void **state)
{
	static const struct {
		uint64_t bytes;
		unsigned cpu;
		double wall;
	} kinds[] = {
		{ 0, 60, 60 }, { UINT64_C(8) << 20, 60, 60 }, { UINT64_C(9) << 20, 68, 76 },
		{ UINT64_C(108) << 20, 860, 1660 }, { UINT64_C(4) << 30, 7200, 14340 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		unsigned cpu = 0;
		double wall = 0;

		eh_extract_limits(kinds[i].bytes, &cpu, &wall);
		assert_int_equal(cpu, kinds[i].cpu);
		assert_true(wall == kinds[i].wall);
	}
}

static void broken_files_do_not_stop_the_others(void **state)
{
	char text[100], link_path[100], fifo[100];
	struct eh_extract_job jobs[8];
	struct taken *t = calloc(1, sizeof *t);
	struct eh_err err = EH_ERR_INIT;
	FILE *f = NULL;
	size_t i = 0;

	(void)state;
	assert_non_null(t);
	if (extractor == NULL)
		skip();
	(void)snprintf(text, sizeof text, "%s/text.mp4", dir);
	(void)snprintf(link_path, sizeof link_path, "%s/link.mp4", dir);
	(void)snprintf(fifo, sizeof fifo, "%s/fifo.mp4", dir);
	f = fopen(text, "w");
	assert_non_null(f);
	assert_true(fputs("this is not a video\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(symlink(text, link_path), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	jobs[0] = job_of("text", text, true, true);
	jobs[1] = job_of("missing", "/nowhere/at/all.mp4", true, true);
	jobs[2] = job_of("link", link_path, true, true);
	jobs[3] = job_of("fifo", fifo, true, true);
	jobs[4] = job_of("directory", dir, true, true);
	jobs[5] = job_of("truncated", clip("hostile/derived/truncated_moov_last.mp4"), true, true);
	jobs[6] = job_of("good", clip("hostile/derived/no_audio.mp4"), true, true);
	jobs[7] = job_of("text2", text, false, true);
	assert_int_equal(run(t, jobs, 8, 2, &err), EH_OK);
	assert_int_equal(t->n, 8);
	assert_int_equal(answer_of(t, "text")->status, EH_EFORMAT);
	assert_int_equal(answer_of(t, "missing")->status, EH_ENOENT);
	assert_int_equal(answer_of(t, "link")->status, EH_EREFUSED);
	assert_int_equal(answer_of(t, "fifo")->status, EH_EFORMAT);
	assert_int_equal(answer_of(t, "directory")->status, EH_EFORMAT);
	for (i = 0; i < t->n; i++) {
		assert_null(strchr(t->answer[i].message, '\n'));
		assert_null(strstr(t->answer[i].message, ".mp4"));      /* the caller names the file */
		assert_int_equal(eh_answer_check(&t->answer[i], &err), EH_OK);
		if (t->answer[i].status != EH_OK)
			assert_true(strlen(t->answer[i].message) > 10);
	}
	if (access(jobs[6].path, R_OK) == 0) {
		assert_int_equal(answer_of(t, "good")->status, EH_OK);
		assert_int_equal(answer_of(t, "truncated")->status, EH_EFORMAT);
	}
	free(t);
}

static void cancelling_keeps_what_was_done(void **state)
{
	struct eh_extract_job jobs[6];
	struct taken *t = calloc(1, sizeof *t);
	struct eh_err err = EH_ERR_INIT;
	size_t i = 0;

	(void)state;
	assert_non_null(t);
	need(clip("video/grid_brbk7n.mpg"));
	for (i = 0; i < 6; i++)
		jobs[i] = job_of("q", clip("video/grid_brbk7n.mpg"), false, true);
	t->stop_after = 2;
	assert_int_equal(run(t, jobs, 6, 1, &err), EH_ECANCEL);
	assert_int_equal(t->n, 2);
	assert_non_null(strstr(err.msg, "2 of 6"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);       /* no child is left behind */
	free(t);
}

static void failing_to_store_ends_the_run(void **state)
{
	struct eh_extract_job jobs[3];
	struct taken *t = calloc(1, sizeof *t);
	struct eh_err err = EH_ERR_INIT;
	size_t i = 0;

	(void)state;
	assert_non_null(t);
	if (extractor == NULL)
		skip();
	for (i = 0; i < 3; i++)
		jobs[i] = job_of("q", "/nowhere/at/all.mp4", false, true);
	t->refuse = EH_EFULL;
	assert_int_equal(run(t, jobs, 3, 2, &err), EH_EFULL);
	assert_int_equal(t->n, 1);
	assert_string_equal(err.msg, "no more");
	jobs[1].want_voice = false;
	t->n = 0;
	assert_int_equal(run(t, jobs, 3, 2, &err), EH_EINVAL);
	assert_int_equal(t->n, 0);
	free(t);
}

static int set_up(void **state)
{
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	/* the models are installed by "make setup"; without them the pool's tests are skipped */
	if (eh_extractor_open(&extractor, &err) != EH_OK)
		print_message("# %s\n", err.msg);
	strcpy(dir, "/tmp/evenhand-extract-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	eh_extractor_close(&extractor);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_answer_comes_back_unchanged),
		cmocka_unit_test(answer_of_another_version_comes_back_as_one_to_measure_again),
		cmocka_unit_test(answers_are_listed_in_order_per_candidate),
		cmocka_unit_test(check_refuses_values_outside_their_range),
		cmocka_unit_test(answer_out_of_range_is_not_stored),
		cmocka_unit_test(real_clip_gives_face_and_voice),
		cmocka_unit_test(only_what_consent_allows_is_measured),
		cmocka_unit_test(same_recording_gives_the_same_bytes),
		cmocka_unit_test(answers_say_how_they_were_measured),
		cmocka_unit_test(time_limits_follow_the_size_of_the_file),
		cmocka_unit_test(broken_files_do_not_stop_the_others),
		cmocka_unit_test(cancelling_keeps_what_was_done),
		cmocka_unit_test(failing_to_store_ends_the_run)
	};

	return cmocka_run_group_tests_name("extract", tests, set_up, tear_down);
}

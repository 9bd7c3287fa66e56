/* core/extract: the pool measures, survives broken files and stops. */
#include "extract_run.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "worker/worker.h"

struct taken {
	size_t n;
	struct eh_extract_job job[JOBS_MAX];
	struct eh_answer answer[JOBS_MAX];
	size_t stop_after;              /* cancelled() is true after this many; 0 = never */
	int refuse;                     /* what done() returns */
	bool fast;
	uint64_t steps, total;
};

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
	return make_dir();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_clip_gives_face_and_voice),
		cmocka_unit_test(only_what_consent_allows_is_measured),
		cmocka_unit_test(same_recording_gives_the_same_bytes),
		cmocka_unit_test(answers_say_how_they_were_measured),
		cmocka_unit_test(time_limits_follow_the_size_of_the_file),
		cmocka_unit_test(broken_files_do_not_stop_the_others),
		cmocka_unit_test(cancelling_keeps_what_was_done),
		cmocka_unit_test(failing_to_store_ends_the_run),
	};

	return cmocka_run_group_tests_name("extract", tests, set_up, tear_down);
}

/* core/extract/copies: copies of real recordings are heard in locked workers, stored, and believed only within
 * reason. */
#include "extract_run.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "extract/copies.h"
#include "store/codec.h"
#include "temp_project.h"
#include "worker/worker.h"

/* ---- records ---- */

/* Believable; every field differs from its neighbours. */
static struct eh_copies sound_copies(void)
{
	struct eh_copies c;

	memset(&c, 0, sizeof c);
	strcpy(c.origin.extractor, "decoder 1; plans 3");
	c.origin.landlock_abi = 7;
	c.origin.seccomp = 1;
	c.origin.path_mark = UINT64_C(0x8123456789abcdef);
	c.origin.file_bytes = 123456;
	c.origin.file_mtime = INT64_C(1790000000123456789);
	for (int k = 0; k < EH_COPY_KINDS; k++) {
		struct eh_voice_answer *v = &c.voice[k];

		v->seconds = 10.3;
		v->voiced_seconds = 7.2 + 0.1 * k;
		v->bandwidth = 3800 + 100 * k;
		v->snr = 31.5 - k;
		v->clipping = 0.001 * k;
		v->level = -23.25 + k;
		for (int i = 0; i < EH_VOICE_N; i++) {
			v->present[i] = (i + k) % 4 != 2;
			if (v->present[i] != 0)
				v->value[i] = eh_voice_info[i].low +
					(eh_voice_info[i].high - eh_voice_info[i].low) * (0.4 + 0.1 * k + 0.001 * i);
		}
	}
	return c;
}

static void stored_copies_come_back_unchanged(void **state)
{
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_copies a = sound_copies(), b;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_copies_put(txn, "c1", "q1", &a, &err), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, &err), EH_OK);
	txn = temp_txn(&p);
	memset(&b, 0xff, sizeof b);
	assert_int_equal(eh_copies_get(txn, "c1", "q1", &b, &err), EH_OK);
	assert_memory_equal(&a, &b, sizeof a);
	err = (struct eh_err)EH_ERR_INIT;
	assert_int_equal(eh_copies_get(txn, "c1", "q2", &b, &err), EH_ENOENT);
	assert_int_equal(eh_copies_get(txn, "c", "q1", &b, &err), EH_ENOENT);
	assert_string_equal(err.msg, "");
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

/* The bytes of a stored record with one of them changed, under another key. */
static void put_changed(struct eh_txn *txn, size_t at, unsigned char by, const char *question)
{
	struct eh_key key = eh_key_of("c1");
	struct eh_bytes value = { NULL, 0 };
	struct eh_err err = EH_ERR_INIT;
	unsigned char *copy = NULL;

	eh_key_str(&key, "q1");
	assert_int_equal(eh_txn_get(txn, EH_T_COPIES, eh_key_bytes(&key), &value, &err), EH_OK);
	assert_true(at < value.len);
	copy = malloc(value.len);
	assert_non_null(copy);
	memcpy(copy, value.data, value.len);
	copy[at] = (unsigned char)(copy[at] + by);
	key = eh_key_of("c1");
	eh_key_str(&key, question);
	assert_int_equal(eh_txn_put(txn, EH_T_COPIES, eh_key_bytes(&key), (struct eh_bytes){ copy, value.len }, &err),
			 EH_OK);
	free(copy);
}

static void copies_of_another_layout_are_to_be_made_again(void **state)
{
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_copies a = sound_copies();
	static const struct eh_voice_answer none;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_copies_put(txn, "c1", "q1", &a, &err), EH_OK);
	put_changed(txn, 2, 1, "layout");       /* the first byte behind the version: of the mark */
	put_changed(txn, 0, 1, "newer");
	put_changed(txn, 20, 200, "damaged");   /* of the message's length */
	assert_int_equal(eh_copies_get(txn, "c1", "layout", &a, &err), EH_OK);
	assert_int_equal(a.status, EH_ESTALE);
	assert_non_null(strstr(a.message, "evenhand train"));
	for (int k = 0; k < EH_COPY_KINDS; k++)
		assert_memory_equal(&a.voice[k], &none, sizeof none);
	assert_int_equal(eh_copies_get(txn, "c1", "newer", &a, &err), EH_EFORMAT);
	assert_int_equal(eh_copies_get(txn, "c1", "damaged", &a, &err), EH_EFORMAT);
	assert_int_equal(a.status, 0);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static int remember(void *ctx, const char *candidate, const char *question, const struct eh_copies *c,
		    struct eh_err *err)
{
	char *text = ctx;

	(void)err;
	(void)snprintf(text + strlen(text), 100 - strlen(text), "%s/%s=%d ", candidate, question, (int)c->status);
	return EH_OK;
}

static const char *listed(struct eh_txn *txn, const char *candidate)
{
	static char text[100];
	struct eh_err err = EH_ERR_INIT;

	text[0] = '\0';
	assert_int_equal(eh_copies_each(txn, candidate, remember, text, &err), EH_OK);
	return text;
}

static void copies_are_listed_and_removed_by_recording_or_candidate(void **state)
{
	static const char *const keys[][2] = {
		{ "c2", "q1" }, { "c1", "q2" }, { "c1", "q1" }, { "c10", "q1" }, { "c1", "q3" }
	};
	struct temp_project p;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	for (size_t i = 0; i < 5; i++) {
		struct eh_copies c = sound_copies();

		if (i == 0) {
			memset(c.voice, 0, sizeof c.voice);
			c.status = EH_EFORMAT;
			strcpy(c.message, "broken");
		}
		assert_int_equal(eh_copies_put(txn, keys[i][0], keys[i][1], &c, &err), EH_OK);
	}
	assert_string_equal(listed(txn, NULL), "c1/q1=0 c1/q2=0 c1/q3=0 c10/q1=0 c2/q1=-8 ");
	assert_string_equal(listed(txn, "c1"), "c1/q1=0 c1/q2=0 c1/q3=0 ");
	assert_string_equal(listed(txn, "c"), "");
	assert_int_equal(eh_copies_remove(txn, "c1", "q2", &err), EH_OK);
	assert_int_equal(eh_copies_remove(txn, "c1", "q2", &err), EH_OK);
	assert_string_equal(listed(txn, "c1"), "c1/q1=0 c1/q3=0 ");
	assert_int_equal(eh_copies_remove(txn, "c1", NULL, &err), EH_OK);
	assert_int_equal(eh_copies_remove(txn, "nobody", NULL, &err), EH_OK);
	assert_string_equal(listed(txn, NULL), "c10/q1=0 c2/q1=-8 ");
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void refused(const struct eh_copies *c, const char *field)
{
	struct eh_err err = EH_ERR_INIT;

	assert_int_equal(eh_copies_check(c, &err), EH_EFORMAT);
	if (strstr(err.msg, field) == NULL)
		fail_msg("\"%s\" does not name %s", err.msg, field);
}

static void check_refuses_values_outside_their_range(void **state)
{
	struct eh_copies c = sound_copies();
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_copies_check(&c, &err), EH_OK);
#define REFUSED(change, field)          \
	do {                            \
		c = sound_copies();     \
		change;                 \
		refused(&c, field);     \
	} while (0)
	REFUSED(c.status = 7, "status");
	REFUSED(c.status = EH_EFORMAT, "not made");     /* and yet values */
	REFUSED((memset(c.voice, 0, sizeof c.voice), c.status = EH_EIO, c.voice[2].value[5] = 1.0), "not made");
	REFUSED((memset(c.voice, 0, sizeof c.voice), c.status = EH_EIO, c.voice[1].snr = 1.0), "not made");
	REFUSED(memset(c.message, 'x', sizeof c.message), "message");
	REFUSED(memset(c.origin.extractor, 'x', sizeof c.origin.extractor), "origin");
	REFUSED(c.origin.seccomp = 2, "origin");
	REFUSED(c.voice[0].seconds = 7300, "voice.seconds");
	REFUSED(c.voice[1].seconds = (double)NAN, "voice.seconds");
	REFUSED(c.voice[2].seconds = 10.4, "voice.seconds");    /* the others have 10.3 */
	REFUSED(c.voice[0].voiced_seconds = 12, "voice.voiced_seconds");
	REFUSED(c.voice[1].level = -(double)INFINITY, "voice.level");
	REFUSED(c.voice[2].clipping = 1.1, "voice.clipping");
	REFUSED(c.voice[2].bandwidth = 8001, "(copy opus12)");
	REFUSED(c.voice[1].value[EH_V_F1] = (double)NAN, "voice.f1");
	REFUSED(c.voice[1].value[EH_V_F1] = 9000, "(copy noise15)");
	REFUSED(c.voice[0].present[EH_V_F2] = 2, "voice.f2");
#undef REFUSED
	c = sound_copies();
	c.voice[0].snr = (double)NAN;
	{
		struct temp_project p;
		struct eh_txn *txn = NULL;

		temp_project_open(&p);
		txn = temp_txn(&p);
		assert_int_equal(eh_copies_put(txn, "c1", "q1", &c, &err), EH_EFORMAT);
		assert_int_equal(eh_copies_get(txn, "c1", "q1", &c, &err), EH_ENOENT);
		eh_txn_abort(&txn);
		temp_project_close(&p);
	}
}

/* ---- the run ---- */

#define WOMAN "video/grid_brbk7n.mpg"
#define MAN "video/grid_bbaf2n.mpg"

struct taken {
	size_t n;
	struct eh_copy_job job[JOBS_MAX];
	struct eh_copies copies[JOBS_MAX];
	size_t stop_after;              /* cancelled() is true after this many; 0 = never */
	bool kill_first;                /* the first worker seen */
	int refuse;                     /* what done() returns */
	uint64_t steps, total;
};

static int take(void *ctx, const struct eh_copy_job *job, const struct eh_copies *c, struct eh_err *err)
{
	struct taken *t = ctx;

	assert_true(t->n < JOBS_MAX);
	t->job[t->n] = *job;
	t->copies[t->n++] = *c;
	return t->refuse < 0 ? eh_err_set(err, t->refuse, "no more") : EH_OK;
}

/* The pool asks between looks at its workers: the moment to kill one. */
static bool asked(void *ctx)
{
	struct taken *t = ctx;

	if (t->kill_first) {
		FILE *f = fopen("/proc/thread-self/children", "r");
		int child = 0;

		if (f != NULL && fscanf(f, "%d", &child) == 1 && kill(child, SIGKILL) == 0)
			t->kill_first = false;
		if (f != NULL)
			(void)fclose(f);
	}
	return t->stop_after > 0 && t->n >= t->stop_after;
}

static void step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct taken *t = ctx;

	assert_non_null(strstr(what, "copies"));
	assert_true(done <= total);
	t->steps = done;
	t->total = total;
}

static const struct eh_copies *copies_of(const struct taken *t, const char *question)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->job[i].question, question) == 0)
			return &t->copies[i];
	fail_msg("no copies of %s", question);
	return NULL;
}

static struct eh_copy_job job_of(const char *question, const char *path, double level)
{
	struct eh_copy_job j;

	memset(&j, 0, sizeof j);
	strcpy(j.candidate, "c1");
	(void)snprintf(j.question, sizeof j.question, "%s", question);
	(void)snprintf(j.path, sizeof j.path, "%s", path);
	j.level = level;
	return j;
}

static struct taken *taken(void)
{
	struct taken *t = calloc(1, sizeof *t);

	assert_non_null(t);
	return t;
}

static int run(struct taken *t, const struct eh_copy_job *jobs, size_t n, unsigned workers, struct eh_err *err)
{
	struct eh_progress progress = { step, NULL, asked, t };

	return eh_copies_run(extractor, jobs, n, workers, take, t, &progress, err);
}

static int take_answer(void *ctx, const struct eh_extract_job *job, const struct eh_answer *a, struct eh_err *err)
{
	(void)job;
	(void)err;
	*(struct eh_answer *)ctx = *a;
	return EH_OK;
}

/* The answer that a project would have stored. */
static struct eh_answer answer_of(const char *path)
{
	struct eh_extract_job j;
	struct eh_answer a;
	struct eh_err err = EH_ERR_INIT;

	memset(&j, 0, sizeof j);
	memset(&a, 0, sizeof a);
	(void)snprintf(j.path, sizeof j.path, "%s", path);
	j.want_voice = true;
	if (eh_extract_run(extractor, &j, 1, NULL, take_answer, &a, NULL, &err) != EH_OK || a.status != EH_OK)
		fail_msg("%s %s", err.msg, a.message);
	return a;
}

/* facts/audio.md 11: what each copy does to a voice; pitch is moved by none. */
static void copies_of_real_speech_are_as_the_facts_say(void **state)
{
	static const char *const names[] = { WOMAN, MAN };

	(void)state;
	need(clip(WOMAN));
	for (size_t i = 0; i < 2; i++) {
		struct eh_answer a = answer_of(clip(names[i]));
		struct eh_copy_job j = job_of("q1", clip(names[i]), a.voice.level);
		struct taken *t = taken();
		struct eh_err err = EH_ERR_INIT;
		const struct eh_voice_answer *v = t->copies[0].voice;

		if (run(t, &j, 1, 1, &err) != EH_OK || t->copies[0].status != EH_OK)
			fail_msg("%s %s", err.msg, t->copies[0].message);
		assert_int_equal(t->steps, 1);
		assert_int_equal(t->total, 1);
		for (int k = 0; k < EH_COPY_KINDS; k++) {
			assert_true(fabs(v[k].seconds - a.voice.seconds) <= 0.01);
			assert_int_equal(v[k].present[EH_V_F0_MEDIAN], 1);
			assert_true(fabs(v[k].value[EH_V_F0_MEDIAN] - a.voice.value[EH_V_F0_MEDIAN]) < 1.0);
			assert_true(memcmp(v[k].value, a.voice.value, sizeof v[k].value) != 0);
		}
		assert_true(a.voice.bandwidth > 4500);
		assert_true(v[EH_COPY_BAND8K].bandwidth < 4300);
		assert_true(v[EH_COPY_NOISE15].snr < a.voice.snr - 5.0);
		assert_true(fabs(v[EH_COPY_OPUS12].level - a.voice.level) < 1.0);
		assert_true(v[EH_COPY_NOISE15].value[EH_V_HNR] < a.voice.value[EH_V_HNR]);
		free(t);
	}
}

static void same_recording_gives_the_same_bytes(void **state)
{
	struct taken *t = taken(), *again = taken();
	struct eh_copy_job jobs[4];
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	need(clip(WOMAN));
	for (size_t i = 0; i < 4; i++)
		jobs[i] = job_of(i == 3 ? "other" : "same", clip(i == 1 ? MAN : WOMAN), -25.0);
	strcpy(jobs[1].question, "man");
	assert_int_equal(run(t, jobs, 4, 1, &err), EH_OK);
	assert_int_equal(run(again, jobs + 2, 1, 2, &err), EH_OK);
	assert_memory_equal(copies_of(again, "same"), copies_of(t, "same"), sizeof(struct eh_copies));
	assert_memory_equal(&t->copies[0], &t->copies[2], sizeof(struct eh_copies));
	/* the noise is that of the recording */
	assert_memory_equal(&copies_of(t, "other")->voice[EH_COPY_BAND8K], &t->copies[0].voice[EH_COPY_BAND8K],
			    sizeof(struct eh_voice_answer));
	assert_true(memcmp(&copies_of(t, "other")->voice[EH_COPY_NOISE15], &t->copies[0].voice[EH_COPY_NOISE15],
			   sizeof(struct eh_voice_answer)) != 0);
	free(t);
	free(again);
}

static void copies_say_how_they_were_made(void **state)
{
	struct taken *t = taken();
	struct eh_copy_job j = job_of("q", clip(WOMAN), -25.0);
	struct eh_worker_layers layers;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	need(j.path);
	eh_worker_layers(&layers);
	assert_int_equal(run(t, &j, 1, 1, &err), EH_OK);
	assert_non_null(strstr(t->copies[0].origin.extractor, "FFmpeg"));
	assert_int_equal(t->copies[0].origin.landlock_abi, layers.landlock_abi);
	assert_int_equal(t->copies[0].origin.seccomp, layers.seccomp);
	assert_true(eh_origin_fits(&t->copies[0].origin, j.path));
	assert_false(eh_origin_fits(&t->copies[0].origin, clip(MAN)));
	free(t);
}

static void damaged_and_missing_files_do_not_stop_the_others(void **state)
{
	char damaged[100], text[100];
	struct eh_copy_job jobs[4];
	struct taken *t = taken();
	struct eh_err err = EH_ERR_INIT;
	FILE *f = NULL;

	(void)state;
	(void)snprintf(damaged, sizeof damaged, "%s/damaged.mp4", dir);
	(void)snprintf(text, sizeof text, "%s/text.wav", dir);
	f = fopen(damaged, "w");
	assert_non_null(f);
	assert_int_equal(fwrite("\0\0\0\30ftypisom\0\0\2\0isommp41\0\0\377\377moov", 1, 32, f), 32);
	assert_int_equal(fclose(f), 0);
	f = fopen(text, "w");
	assert_non_null(f);
	assert_true(fputs("this is not a recording\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	jobs[0] = job_of("damaged", damaged, -20.0);
	jobs[1] = job_of("missing", "/nowhere/at/all.wav", -20.0);
	jobs[2] = job_of("text", text, -20.0);
	jobs[3] = job_of("silent film", clip("hostile/derived/no_audio.mp4"), -20.0);
	assert_int_equal(run(t, jobs, 4, 2, &err), EH_OK);
	assert_int_equal(t->n, 4);
	assert_int_equal(copies_of(t, "damaged")->status, EH_EFORMAT);
	assert_int_equal(copies_of(t, "missing")->status, EH_ENOENT);
	assert_int_equal(copies_of(t, "text")->status, EH_EFORMAT);
	assert_true(copies_of(t, "silent film")->status != EH_OK);
	for (size_t i = 0; i < t->n; i++) {
		assert_true(strlen(t->copies[i].message) > 10);
		assert_null(strstr(t->copies[i].message, dir));         /* the caller names the file */
		assert_int_equal(eh_copies_check(&t->copies[i], &err), EH_OK);
	}
	free(t);
}

static void killed_worker_is_one_failure(void **state)
{
	struct eh_copy_job jobs[3];
	struct taken *t = taken();
	struct eh_err err = EH_ERR_INIT;
	size_t dead = 0;

	(void)state;
	need(clip(WOMAN));
	if (access("/proc/thread-self/children", R_OK) != 0)
		skip();
	for (size_t i = 0; i < 3; i++)
		jobs[i] = job_of("q", clip(WOMAN), -25.0);
	t->kill_first = true;
	assert_int_equal(run(t, jobs, 3, 1, &err), EH_OK);
	assert_false(t->kill_first);
	assert_int_equal(t->n, 3);
	for (size_t i = 0; i < 3; i++)
		if (t->copies[i].status == EH_EWORKER) {
			dead++;
			assert_non_null(strstr(t->copies[i].message, "SIGKILL"));
			assert_int_equal(eh_copies_check(&t->copies[i], &err), EH_OK);
		} else {
			assert_int_equal(t->copies[i].status, EH_OK);
		}
	assert_int_equal(dead, 1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	free(t);
}

static void cancelling_keeps_what_was_done(void **state)
{
	struct eh_copy_job jobs[6];
	struct taken *t = taken();
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	need(clip(MAN));
	for (size_t i = 0; i < 6; i++)
		jobs[i] = job_of("q", clip(MAN), -25.0);
	t->stop_after = 2;
	assert_int_equal(run(t, jobs, 6, 1, &err), EH_ECANCEL);
	assert_int_equal(t->n, 2);
	assert_non_null(strstr(err.msg, "2 of 6"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	free(t);
}

static void wrong_use_is_refused_before_anything_starts(void **state)
{
	struct eh_copy_job jobs[2] = { job_of("a", "/nowhere/a.wav", -25.0), job_of("b", "/nowhere/b.wav", -25.0) };
	struct eh_extract_job face;
	struct taken *t = taken();
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	jobs[1].level = (double)NAN;
	assert_int_equal(run(t, jobs, 2, 1, &err), EH_EINVAL);
	assert_int_equal(t->n, 0);
	jobs[1].level = -25.0;
	t->refuse = EH_EFULL;
	assert_int_equal(run(t, jobs, 2, 1, &err), EH_EFULL);
	assert_int_equal(t->n, 1);
	assert_string_equal(err.msg, "no more");
	memset(&face, 0, sizeof face);
	face.want_face = true;
	assert_int_equal(eh_extract_run(extractor, &face, 1, NULL, take_answer, NULL, NULL, &err), EH_EINVAL);
	free(t);
}

static int set_up(void **state)
{
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	if (eh_extractor_open_voice(&extractor, &err) != EH_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	return make_dir();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_copies_come_back_unchanged),
		cmocka_unit_test(copies_of_another_layout_are_to_be_made_again),
		cmocka_unit_test(copies_are_listed_and_removed_by_recording_or_candidate),
		cmocka_unit_test(check_refuses_values_outside_their_range),
		cmocka_unit_test(copies_of_real_speech_are_as_the_facts_say),
		cmocka_unit_test(same_recording_gives_the_same_bytes),
		cmocka_unit_test(copies_say_how_they_were_made),
		cmocka_unit_test(damaged_and_missing_files_do_not_stop_the_others),
		cmocka_unit_test(killed_worker_is_one_failure),
		cmocka_unit_test(cancelling_keeps_what_was_done),
		cmocka_unit_test(wrong_use_is_refused_before_anything_starts)
	};

	return cmocka_run_group_tests_name("extract_copies", tests, set_up, tear_down);
}

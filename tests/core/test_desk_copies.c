/*
 * desk/: degraded copies of the sound of those who teach: real recordings, real workers, made once, and gone with the
 * consents and recordings that they are of.
 */
#include "desk_copies.h"

/* ---- made once ---- */

static void copies_are_made_once_and_teach(void **state)
{
	char with[EH_NAME_MAX + 12];

	(void)state;
	need_models();
	assert_int_equal(stored(), SPEAKERS);
	assert_int_equal(journal_of("train.copies"), 1);
	train_ok((struct eh_train_options){ .workers = 1 });
	assert_int_equal(report->candidates, SPEAKERS);
	assert_int_equal(report->copied, SPEAKERS);
	assert_int_equal(report->copies_unread + report->copies_failed, 0);
	assert_int_equal(journal_of("train.copies"), 1); /* nothing was opened again */
	strcpy(with, report->model);
	train_ok((struct eh_train_options){ .no_copies = true });
	assert_string_not_equal(with, report->model);
	assert_int_equal(report->copied, 0);
	/* a refresh makes what there is anew, as it was */
	consent("C19", "train", false);
	train_ok((struct eh_train_options){ .refresh = true });
	assert_int_equal(report->candidates, SPEAKERS - 1);
	assert_int_equal(report->copied, 0);
}

static void without_them_no_recording_is_opened(void **state)
{
	(void)state;
	need_models();
	train_ok((struct eh_train_options){ .no_copies = true });
	assert_int_equal(report->candidates, SPEAKERS);
	assert_int_equal(report->copied, 0);
	assert_int_equal(stored(), 0);
	assert_int_equal(journal_of("train.copies"), 0);
}

/* The other project was made by two of them. */
static void one_worker_makes_the_same_model(void **state)
{
	char one[EH_NAME_MAX + 12];
	struct eh_copies *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);

	(void)state;
	need_models();
	train_ok((struct eh_train_options){ .workers = 1 });
	strcpy(one, report->model);
	assert_int_equal(copies_of("C11", a), EH_OK);
	eh_desk_close(&desk);
	(void)with_copies(NULL);
	train_ok((struct eh_train_options){ .workers = 2 });
	assert_string_equal(report->model, one);
	assert_int_equal(copies_of("C11", b), EH_OK);
	assert_memory_equal(a->voice, b->voice, sizeof a->voice);
	/* a telephone's band is heard as one */
	assert_true(a->voice[EH_COPY_BAND8K].bandwidth < 4200.0);
	free(a);
	free(b);
}

static bool enough(void *ctx)
{
	(void)ctx;
	return true;
}

static void stop_after_four(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct eh_progress *p = ctx;

	(void)what;
	if (done >= 4 && total == SPEAKERS)
		p->cancelled = enough;
}

static void what_was_finished_before_a_cancel_is_kept(void **state)
{
	struct eh_progress progress = { stop_after_four, NULL, NULL, NULL };
	struct eh_err err = EH_ERR_INIT;
	uint64_t kept;

	(void)state;
	need_models();
	progress.ctx = &progress;
	assert_int_equal(train_with((struct eh_train_options){ .workers = 2 }, &progress, &err), EH_ECANCEL);
	kept = stored();
	assert_true(kept >= 4 && kept < SPEAKERS);
	train_ok((struct eh_train_options){ .workers = 2 });
	assert_int_equal(report->copied, SPEAKERS);
	assert_int_equal(stored(), SPEAKERS);
}

/* ---- consents ---- */

/* Somebody else withdraws while recordings are being opened. */
static void withdraw_elsewhere(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	static char dir[100];
	bool *did = ctx;
	int status = -1;
	pid_t pid;

	(void)what;
	(void)done;
	if (*did || total != SPEAKERS)
		return;
	*did = true;
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	pid = fork();
	if (pid == 0) {
		(void)alarm(60);
		desk = NULL;
		if (eh_desk_open(&desk, dir, &engine, NULL) != EH_OK)
			_exit(1);
		consent("C03", "train", false);
		consent("C04", "voice", false);
		consent("C05", "watch", false);
		eh_desk_close(&desk);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_consent_withdrawn_meanwhile_stores_no_copies(void **state)
{
	bool did = false;
	const struct eh_progress progress = { withdraw_elsewhere, NULL, NULL, &did };
	struct eh_copies *c = calloc(1, sizeof *c);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	need_models();
	if (train_with((struct eh_train_options){ .workers = 2 }, &progress, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_true(did);
	assert_int_equal(report->candidates, SPEAKERS - 3);
	assert_int_equal(report->copied, SPEAKERS - 3);
	assert_int_equal(stored(), SPEAKERS - 3);
	assert_int_equal(copies_of("C03", c), EH_ENOENT);
	assert_int_equal(copies_of("C04", c), EH_ENOENT);
	assert_int_equal(copies_of("C05", c), EH_ENOENT);
	assert_int_equal(journal_of("train.copies.refused"), 3);
	assert_int_equal(stale_models(), 0);
	free(c);
}

struct sought {
	double value;
	bool found;
};

static int seek(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct sought *s = ctx;

	(void)err;
	if (key.len < 3 || memcmp(key.data, "C07", 3) != 0)
		s->found = s->found || memmem(value.data, value.len, &s->value, sizeof s->value) != NULL;
	return EH_OK;
}

/* Many indicators are shares of frames, or numbers of few digits such as 253.9375: others, the recording as it is, or
 * the means of a model may have the same. */
static bool stands_elsewhere(struct inside *in, const char *own, double value)
{
	struct eh_bytes all = { NULL, 0 };
	struct sought s = { value, (double)(float)value == value };
	struct eh_key k = eh_key_of(own);
	struct eh_bytes a;

	assert_int_equal(eh_txn_scan(in->txn, EH_T_COPIES, all, seek, &s, NULL), EH_OK);
	assert_int_equal(eh_txn_scan(in->txn, EH_T_ANSWERS, all, seek, &s, NULL), EH_OK);
	assert_int_equal(eh_txn_scan(in->txn, EH_T_VECTORS, all, seek, &s, NULL), EH_OK);
	/* a bound of the scale is the value of somebody: that one goes with the model, at the refresh */
	assert_int_equal(eh_txn_scan(in->txn, EH_T_MODELS, all, seek, &s, NULL), EH_OK);
	eh_key_str(&k, "Q1");
	assert_int_equal(eh_txn_get(in->txn, EH_T_ANSWERS, eh_key_bytes(&k), &a, NULL), EH_OK);
	return s.found || memmem(a.data, a.len, &value, sizeof value) != NULL;
}

/* Values of the copies of C07 as they are stored, and scaled as a model's rows hold them. */
static size_t values_of_copies(double *value, size_t *raw)
{
	struct eh_copies *c = calloc(1, sizeof *c);
	struct inside in = look_inside();
	struct eh_model *m = NULL;
	const struct eh_fit *f = NULL;
	const eh_id *ids = NULL;
	size_t n = 0;

	assert_int_equal(eh_copies_get(in.txn, "C07", "Q1", c, NULL), EH_OK);
	for (int k = 0; k < EH_COPY_KINDS; k++)
		for (int i = 0; i < EH_VOICE_N; i++)
			if (c->voice[k].present[i] && !stands_elsewhere(&in, "C07", c->voice[k].value[i]))
				value[n++] = c->voice[k].value[i];
	*raw = n;
	assert_int_equal(eh_model_get(in.txn, "sex", &m, NULL), EH_OK);
	(void)eh_model_contributors(m, &ids);
	f = &m->part[EH_VOICE_ONLY].fit;
	for (size_t s = 0; s < f->n_sv; s++)
		for (size_t d = 0; d < f->d && strcmp(ids[f->sv_row[s]], "C07") == 0; d++) {
			double z = f->sv[s * f->d + d];
			size_t shared = 0;

			for (size_t o = 0; o < f->n_sv; o++) /* a value at the winsor limit is everybody's */
				shared += f->sv[o * f->d + d] == z;
			if (shared == 1)
				value[n++] = z;
		}
	eh_model_free(&m);
	look_away(&in);
	free(c);
	return n;
}

static void no_byte_of_withdrawn_copies_remains(void **state)
{
	static double value[EH_COPY_KINDS * EH_VOICE_N + 4 * EH_VECTOR_N];
	size_t raw = 0, n;

	(void)state;
	need_models();
	n = values_of_copies(value, &raw);
	print_message("# C07: %zu values of copies, %zu of support vectors\n", raw, n - raw);
	assert_true(raw > 60);
	assert_true(n > raw);
	assert_int_equal(found_in_files(value, n), n);
	consent("C07", "train", false);
	assert_int_equal(found_in_files(value, raw), 0);
	assert_int_equal(stored(), SPEAKERS - 1);
	assert_int_equal(stale_models(), 1);
	train_ok((struct eh_train_options){ .refresh = true });
	assert_int_equal(report->copied, SPEAKERS - 1);
	assert_int_equal(found_in_files(value, n), 0);
	consent("C08", "voice", false);
	assert_int_equal(stored(), SPEAKERS - 2);
	consent("C09", "watch", false);
	assert_int_equal(stored(), SPEAKERS - 3);
	consent("C10", "face", false); /* never given, and copies do not need it */
	assert_int_equal(stored(), SPEAKERS - 3);
}

/* ---- recordings ---- */

static void a_replaced_recording_has_copies_of_its_own(void **state)
{
	struct eh_copies *before = calloc(1, sizeof *before), *after = calloc(1, sizeof *after);
	struct eh_err err = EH_ERR_INIT;
	char path[128];

	(void)state;
	need_models();
	assert_int_equal(copies_of("C05", before), EH_OK);
	(void)snprintf(path, sizeof path, "%s/media/again.wav", temp.dir);
	record(path, 5, 2);
	import_interview("C05", path);
	media_path(path, 6);
	record(path, 6, 2); /* another one under the same name */
	if (extract(&err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(copies_of("C05", after), EH_ENOENT);
	assert_int_equal(copies_of("C06", after), EH_ENOENT);
	assert_int_equal(stored(), SPEAKERS - 2);
	train_ok((struct eh_train_options){ .workers = 2 });
	assert_int_equal(report->copied, SPEAKERS);
	assert_int_equal(journal_of("train.copies"), 2);
	assert_int_equal(copies_of("C05", after), EH_OK);
	assert_memory_not_equal(before->voice, after->voice, sizeof before->voice);
	free(before);
	free(after);
}

static void a_recording_that_cannot_be_read_again_teaches_without_copies(void **state)
{
	char path[128];

	(void)state;
	need_models();
	media_path(path, 8);
	assert_int_equal(unlink(path), 0);
	media_path(path, 9);
	record(path, 9, 2); /* not the one that was measured */
	train_ok((struct eh_train_options){ .workers = 2 });
	assert_int_equal(report->candidates, SPEAKERS);
	assert_int_equal(report->copied, SPEAKERS - 2);
	assert_int_equal(report->copies_unread, 2);
	assert_int_equal(report->copies_failed, 0);
	assert_int_equal(stored(), SPEAKERS - 2);
	media_path(path, 3);
	assert_int_equal(unlink(path), 0); /* what was made of it stays */
	train_ok((struct eh_train_options){ .workers = 2 });
	assert_int_equal(report->copied, SPEAKERS - 2);
	assert_int_equal(report->copies_unread, 2);
}

static void nothing_is_opened_where_no_copy_could_teach(void **state)
{
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	need_models();
	assert_int_equal(setenv("EVENHAND_PRETEND_MISSING", "seccomp", 1), 0);
	assert_int_equal(train_with((struct eh_train_options){ .require_sandbox = true }, NULL, &err), EH_EENV);
	assert_non_null(strstr(err.msg, "--no-copies"));
	assert_int_equal(unsetenv("EVENHAND_PRETEND_MISSING"), 0);
	assert_int_equal(stored(), 0);
	for (int i = 0; i < 3; i++) {
		char id[8];

		(void)snprintf(id, sizeof id, "C%02d", 2 * i);
		consent(id, "train", false);
	}
	assert_int_equal(train_with((struct eh_train_options){ .workers = 2 }, NULL, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "has 7 candidates"));
	assert_int_equal(stored(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(copies_are_made_once_and_teach, with_copies, close_project),
		cmocka_unit_test_setup_teardown(without_them_no_recording_is_opened, without_copies, close_project),
		cmocka_unit_test_setup_teardown(one_worker_makes_the_same_model, without_copies, close_project),
		cmocka_unit_test_setup_teardown(what_was_finished_before_a_cancel_is_kept, without_copies,
						close_project),
		cmocka_unit_test_setup_teardown(a_consent_withdrawn_meanwhile_stores_no_copies, without_copies,
						close_project),
		cmocka_unit_test_setup_teardown(no_byte_of_withdrawn_copies_remains, with_copies, close_project),
		cmocka_unit_test_setup_teardown(a_replaced_recording_has_copies_of_its_own, with_copies, close_project),
		cmocka_unit_test_setup_teardown(a_recording_that_cannot_be_read_again_teaches_without_copies,
						without_copies, close_project),
		cmocka_unit_test_setup_teardown(nothing_is_opened_where_no_copy_could_teach, without_copies,
						close_project),
	};

	return cmocka_run_group_tests(tests, make_template, drop_template);
}

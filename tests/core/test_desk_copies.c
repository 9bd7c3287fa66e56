/*
 * desk/: degraded copies of the sound of those who teach: real recordings, real workers, made once, and gone with the
 * consents and recordings that they are of.
 */
#include "desk_bytes.h"
#include "desk_measured.h"
#include "vowel.h"

#include "desk/copies.h"
#include "extract/copies.h"
#include "store/codec.h"

#define SPEAKERS 20 /* C00..C19, women and men by turn */
#define SECONDS 13

static char template[64]; /* with/ and without/ copies: the project with everybody measured, media/ */
static bool measured;

/* ---- recordings ---- */

static void put_u32(unsigned char *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(v >> 8 * i);
}

static void write_wav(const char *path, const float *x, size_t n)
{
	unsigned char head[44] = "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0....\0\0\0\0\2\0\x10\0data";
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	put_u32(head + 4, (uint32_t)(36 + 2 * n));
	put_u32(head + 24, VOWEL_RATE);
	put_u32(head + 28, 2 * VOWEL_RATE);
	put_u32(head + 40, (uint32_t)(2 * n));
	assert_int_equal(fwrite(head, 1, sizeof head, f), sizeof head);
	for (size_t i = 0; i < n; i++) {
		int16_t v = (int16_t)lround(32000.0 * (double)x[i]);

		assert_int_equal(fwrite(&v, 1, 2, f), 2);
	}
	assert_int_equal(fclose(f), 0);
}

/* A voice of its own: vowels in a pitch of its class, one after the other, with some noise. */
static void record(const char *path, size_t who, uint64_t take)
{
	size_t n = SECONDS * VOWEL_RATE, part = VOWEL_RATE;
	float *all = malloc(n * sizeof *all);
	struct eh_rng rng;
	double pitch;

	eh_rng_seed(&rng, 1000 * take + who);
	pitch = (who % 2 == 0 ? 200.0 : 110.0) * (1.0 + 0.08 * eh_rng_normal(&rng));
	for (size_t at = 0, k = 0; at < n; at += part, k++) {
		double formant[5], f0 = pitch * (1.0 + 0.02 * eh_rng_normal(&rng));
		float *x = NULL;

		for (int i = 0; i < 5; i++)
			formant[i] =
				vowel_formant[(who % 2 == 0 ? 3 : 0) + k % 3][i] * (1.0 + 0.02 * eh_rng_normal(&rng));
		x = vowel(part, f0, formant, 0.005, 0.03, eh_rng_u64(&rng), NULL);
		memcpy(all + at, x, part * sizeof *x);
		free(x);
	}
	for (size_t i = 0; i < n; i++)
		all[i] += (float)(0.002 * eh_rng_normal(&rng));
	write_wav(path, all, n);
	free(all);
}

static void media_path(char out[128], size_t who) { (void)snprintf(out, 128, "%s/media/C%02zu.wav", temp.dir, who); }

/* ---- the project ---- */

static void import_interview(const char *candidate, const char *path)
{
	char text[256];

	(void)snprintf(text, sizeof text, "candidate_id,question_id,path\n%s,Q1,%s\n", candidate, path);
	import(EH_IMPORT_INTERVIEWS, "one.csv", text);
}

static void consents_and_interviews(void)
{
	static const char *const purposes[] = { "watch", "voice", "train" };
	struct eh_buf b;

	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&b, "candidate_id,purpose,granted,at\n");
	for (int i = 0; i < SPEAKERS; i++)
		for (int k = 0; k < 3; k++)
			eh_buf_printf(&b, "C%02d,%s,yes,2026-01-01\n", i, purposes[k]);
	import(EH_IMPORT_CONSENTS, "consents.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
	for (size_t i = 0; i < SPEAKERS; i++) {
		char path[128], id[8];

		(void)snprintf(id, sizeof id, "C%02zu", i);
		media_path(path, i);
		record(path, i, 1);
		import_interview(id, path);
	}
}

static int extract(struct eh_err *err)
{
	static struct eh_extract_report r;
	const struct eh_extract_options o = { .workers = 2 };

	return eh_desk_extract(desk, &o, NULL, &r, err);
}

static void open_project(void);
static void train_ok(struct eh_train_options o);

static void keep_as(const char *name)
{
	char command[256];

	(void)snprintf(command, sizeof command, "cp -a '%s' '%s/%s'", temp.dir, template, name);
	assert_int_equal(system(command), 0);
}

/* Everybody is recorded and measured once for all tests; the path of a recording is part of what was measured of it,
 * so the place is the same for all of them. */
static int make_template(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	char path[160];
	int rc;

	(void)setup(state);
	(void)snprintf(path, sizeof path, "%s/media", temp.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	consents_and_interviews();
	rc = extract(&err);
	if (rc != EH_OK && rc != EH_EENV && rc != EH_ENOENT)
		fail_msg("%s", err.msg);
	if (rc != EH_OK)
		print_message("# %s\n", err.msg);
	measured = rc == EH_OK;
	eh_desk_close(&desk);
	strcpy(template, "/tmp/evenhand-test-XXXXXX");
	assert_non_null(mkdtemp(template));
	keep_as("without");
	if (measured) {
		open_project();
		train_ok((struct eh_train_options){ .workers = 2 });
		eh_desk_close(&desk);
	}
	keep_as("with");
	return 0;
}

static void open_project(void)
{
	char project[100];

	(void)snprintf(project, sizeof project, "%s/desk", temp.dir);
	assert_int_equal(eh_desk_open(&desk, project, &engine, NULL), EH_OK);
}

static int from(const char *name)
{
	char command[256];

	(void)snprintf(command, sizeof command, "rm -rf '%s' && cp -a '%s/%s' '%s'", temp.dir, template, name,
		       temp.dir);
	assert_int_equal(system(command), 0);
	open_project();
	return 0;
}

static int without_copies(void **state)
{
	(void)state;
	return from("without");
}

static int with_copies(void **state)
{
	(void)state;
	return from("with");
}

static int close_project(void **state)
{
	(void)state;
	eh_desk_close(&desk);
	return 0;
}

static int drop_template(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof command, "rm -rf '%s'", template);
	assert_int_equal(system(command), 0);
	return teardown(state);
}

static void need_models(void)
{
	if (!measured)
		skip();
}

/* ---- what is asked ---- */

static struct eh_train_report *report;

static int train_with(struct eh_train_options o, const struct eh_progress *progress, struct eh_err *err)
{
	static const char *const sex = "sex";
	static struct eh_train_report r[4];
	size_t n = 0;
	int rc;

	memset(r, 0, sizeof r);
	o.attributes = o.refresh ? NULL : &sex;
	o.n = o.refresh ? 0 : 1;
	o.seed = 1;
	rc = eh_desk_train(desk, &o, progress, r, 4, &n, NULL, err);
	free(r[0].card);
	r[0].card = NULL;
	report = &r[0];
	return rc;
}

static void train_ok(struct eh_train_options o)
{
	struct eh_err err = EH_ERR_INIT;

	if (train_with(o, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static size_t journal_of(const char *verb)
{
	struct eh_journal_entry *v = NULL;
	size_t n = 0, count = 0;

	assert_int_equal(eh_desk_journal(desk, 0, &v, &n, NULL), EH_OK);
	for (size_t i = 0; i < n; i++)
		count += strcmp(v[i].verb, verb) == 0;
	eh_list_free(&v);
	return count;
}

/* The store by itself; the desk is closed meanwhile. */
struct inside {
	char dir[100];
	struct eh_store *store;
	struct eh_txn *txn;
};

static struct inside look_inside(void)
{
	struct inside in = { .store = NULL };

	(void)snprintf(in.dir, sizeof in.dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_store_open(&in.store, in.dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&in.txn, in.store, false, NULL), EH_OK);
	return in;
}

static void look_away(struct inside *in)
{
	eh_txn_abort(&in->txn);
	eh_store_close(&in->store);
	open_project();
}

static uint64_t stored(void)
{
	struct inside in = look_inside();
	uint64_t n = 0;

	assert_int_equal(eh_txn_count(in.txn, EH_T_COPIES, &n, NULL), EH_OK);
	look_away(&in);
	return n;
}

static int copies_of(const char *candidate, struct eh_copies *c)
{
	struct inside in = look_inside();
	int rc = eh_copies_get(in.txn, candidate, "Q1", c, NULL);

	look_away(&in);
	return rc;
}

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

/* A training grows with the square of its rows: a share of many candidates has copies. */
static void of_many_candidates_a_share_has_copies(void **state)
{
	(void)state;
	assert_int_equal(eh_desk_copies_limit(20), 20);
	assert_int_equal(eh_desk_copies_limit(500), 500);
	assert_int_equal(eh_desk_copies_limit(501), 499);
	assert_int_equal(eh_desk_copies_limit(800), 400);
	assert_int_equal(eh_desk_copies_limit(1100), 300);
	assert_int_equal(eh_desk_copies_limit(10000), 300);
}

static void add_teachers(struct eh_list *t, size_t column, int first, int end, int step, int one_in)
{
	for (int i = first; i != end; i += step) {
		struct eh_desk_teacher *one = eh_list_push(t, NULL);

		(void)snprintf(one->candidate, sizeof one->candidate, "X%04d", i);
		(void)snprintf(one->group, sizeof one->group, "%s", i % one_in == 0 ? "a" : "b");
		one->column = column;
	}
}

static struct eh_desk_copies chosen(struct eh_list *t)
{
	const struct eh_train_options o = { .workers = 1 };
	struct eh_desk_copies c;

	eh_desk_copies_init(&c);
	assert_int_equal(eh_desk_copies_make(desk, &c, t, &o, NULL, NULL), EH_OK);
	free(t->v);
	eh_list_init(t, sizeof(struct eh_desk_teacher));
	return c;
}

/* The lots are the candidates' own: neither the order nor a second column changes them. */
static void who_has_copies_does_not_depend_on_the_order(void **state)
{
	struct eh_list t;
	struct eh_desk_copies a, b;

	(void)state;
	eh_list_init(&t, sizeof(struct eh_desk_teacher));
	add_teachers(&t, 0, 0, 600, 1, 2);
	a = chosen(&t);
	assert_int_equal(a.who.n, 466);
	for (size_t i = 1; i < a.who.n; i++)
		assert_true(strcmp(((eh_id *)a.who.v)[i - 1], ((eh_id *)a.who.v)[i]) < 0);
	add_teachers(&t, 1, 599, -1, -1, 3);
	add_teachers(&t, 0, 599, -1, -1, 2);
	b = chosen(&t);
	assert_int_equal(b.who.n, a.who.n);
	assert_memory_equal(a.who.v, b.who.v, a.who.n * sizeof(eh_id));
	eh_desk_copies_free(&a);
	eh_desk_copies_free(&b);
	add_teachers(&t, 0, 0, 70, 1, 10); /* seven of a class: no part with a voice could be trained */
	a = chosen(&t);
	assert_int_equal(a.who.n, 0);
	eh_desk_copies_free(&a);
	add_teachers(&t, 0, 0, 80, 1, 10);
	add_teachers(&t, 1, 100, 170, 1, 10); /* a column of its own, with its own count */
	a = chosen(&t);
	assert_int_equal(a.who.n, 80);
	assert_false(eh_desk_copies_has(&a, "X0100"));
	assert_true(eh_desk_copies_has(&a, "X0079"));
	eh_desk_copies_free(&a);
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
		cmocka_unit_test(of_many_candidates_a_share_has_copies),
		cmocka_unit_test_setup_teardown(who_has_copies_does_not_depend_on_the_order, without_copies,
						close_project),
	};

	return cmocka_run_group_tests(tests, make_template, drop_template);
}

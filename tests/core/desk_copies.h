/*
 * desk_copies.h - a project whose candidates have real recordings, with and without copies made of them, and what is
 * asked of it.
 */
#ifndef TESTS_CORE_DESK_COPIES_H
#define TESTS_CORE_DESK_COPIES_H

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

static inline void put_u32(unsigned char *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(v >> 8 * i);
}

static inline void write_wav(const char *path, const float *x, size_t n)
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
static inline void record(const char *path, size_t who, uint64_t take)
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

static inline void media_path(char out[128], size_t who)
{
	(void)snprintf(out, 128, "%s/media/C%02zu.wav", temp.dir, who);
}

/* ---- the project ---- */

static inline void import_interview(const char *candidate, const char *path)
{
	char text[256];

	(void)snprintf(text, sizeof text, "candidate_id,question_id,path\n%s,Q1,%s\n", candidate, path);
	import(EH_IMPORT_INTERVIEWS, "one.csv", text);
}

static inline void consents_and_interviews(void)
{
	static const char *const purposes[] = { "watch", "voice", "train" };
	struct eh_buf b;

	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&b, "candidate_id,purpose,granted,at" PAPER_COLUMNS "\n");
	for (int i = 0; i < SPEAKERS; i++)
		for (int k = 0; k < 3; k++)
			eh_buf_printf(&b, "C%02d,%s,yes,2026-01-01" PAPER_CELLS "\n", i, purposes[k]);
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

static inline int extract(struct eh_err *err)
{
	static struct eh_extract_report r;
	const struct eh_extract_options o = { .workers = 2 };

	return eh_desk_extract(desk, &o, NULL, &r, err);
}

static inline void open_project(void);
static inline void train_ok(struct eh_train_options o);

static inline void keep_as(const char *name)
{
	char command[256];

	(void)snprintf(command, sizeof command, "cp -a '%s' '%s/%s'", temp.dir, template, name);
	assert_int_equal(system(command), 0);
}

/* Everybody is recorded and measured once for all tests; the path of a recording is part of what was measured of it,
 * so the place is the same for all of them. */
static inline int make_template(void **state)
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

static inline void open_project(void)
{
	char project[100];

	(void)snprintf(project, sizeof project, "%s/desk", temp.dir);
	assert_int_equal(eh_desk_open(&desk, project, &engine, NULL), EH_OK);
}

static inline int from(const char *name)
{
	char command[256];

	(void)snprintf(command, sizeof command, "rm -rf '%s' && cp -a '%s/%s' '%s'", temp.dir, template, name,
		       temp.dir);
	assert_int_equal(system(command), 0);
	open_project();
	return 0;
}

static inline int without_copies(void **state)
{
	(void)state;
	return from("without");
}

static inline int with_copies(void **state)
{
	(void)state;
	return from("with");
}

static inline int close_project(void **state)
{
	(void)state;
	eh_desk_close(&desk);
	return 0;
}

static inline int drop_template(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof command, "rm -rf '%s'", template);
	assert_int_equal(system(command), 0);
	return teardown(state);
}

static inline void need_models(void)
{
	if (!measured)
		skip();
}

/* ---- what is asked ---- */

static struct eh_train_report *report;

static inline int train_with(struct eh_train_options o, const struct eh_progress *progress, struct eh_err *err)
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

static inline void train_ok(struct eh_train_options o)
{
	struct eh_err err = EH_ERR_INIT;

	if (train_with(o, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static inline size_t journal_of(const char *verb)
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

static inline struct inside look_inside(void)
{
	struct inside in = { .store = NULL };

	(void)snprintf(in.dir, sizeof in.dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_store_open(&in.store, in.dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&in.txn, in.store, false, NULL), EH_OK);
	return in;
}

static inline void look_away(struct inside *in)
{
	eh_txn_abort(&in->txn);
	eh_store_close(&in->store);
	open_project();
}

static inline uint64_t stored(void)
{
	struct inside in = look_inside();
	uint64_t n = 0;

	assert_int_equal(eh_txn_count(in.txn, EH_T_COPIES, &n, NULL), EH_OK);
	look_away(&in);
	return n;
}

static inline int copies_of(const char *candidate, struct eh_copies *c)
{
	struct inside in = look_inside();
	int rc = eh_copies_get(in.txn, candidate, "Q1", c, NULL);

	look_away(&in);
	return rc;
}

#endif

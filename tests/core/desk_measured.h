/*
 * desk_measured.h - the project of desk_project.h with everybody measured, and what tests of learning ask of it.
 */
#ifndef TESTS_CORE_DESK_MEASURED_H
#define TESTS_CORE_DESK_MEASURED_H

#include "desk_project.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "learn/model.h"
#include "learn_people.h"
#include "paper.h"

#define MEASURED 44                     /* C00..C39, and four more who declared nothing */

static inline void consent(const char *candidate, const char *purpose, bool granted)
{
	struct eh_consent c;
	struct eh_err err = EH_ERR_INIT;
	enum eh_change change;

	memset(&c, 0, sizeof c);
	(void)snprintf(c.candidate, sizeof c.candidate, "%s", candidate);
	(void)snprintf(c.purpose, sizeof c.purpose, "%s", purpose);
	c.granted = granted;
	paper_sign(&c.release);
	c.at = granted ? 1000 : 1770000000;      /* after the grants of measure_everybody */
	if (eh_desk_consent(desk, &c, &change, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

/* Everybody agrees to everything and was measured; women and men differ clearly. */
static inline void measure_everybody(void)
{
	static const char *const purposes[] = { "watch", "face", "voice", "train", "infer:sex" };
	struct people people = people_make(MEASURED, 2, 1.5, 1.5, 7);
	struct eh_answer *answer = calloc(1, sizeof *answer);
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;
	struct eh_buf b;
	char dir[100];

	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&b, "candidate_id,jurisdiction\n");
	for (int i = 40; i < MEASURED; i++)
		eh_buf_printf(&b, "C%02d,US-IL\n", i);
	import(EH_IMPORT_CANDIDATES, "second.csv", eh_buf_cstr(&b));
	eh_buf_reset(&b);
	eh_buf_printf(&b, "candidate_id,purpose,granted,at" PAPER_COLUMNS "\n");
	for (int i = 0; i < MEASURED; i++)
		for (int k = 0; k < 5; k++)
			eh_buf_printf(&b, "C%02d,%s,yes,2026-01-01" PAPER_CELLS "\n", i, purposes[k]);
	import(EH_IMPORT_CONSENTS, "consents.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_store_open(&s, dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, s, true, NULL), EH_OK);
	/* indicators are taken away with the answers they come from */
	answer->did_face = answer->did_voice = 1;
	assert_int_equal(eh_answer_put(txn, "C07", "Q1", answer, NULL), EH_OK);
	free(answer);
	for (int i = 0; i < MEASURED; i++) {
		(void)snprintf(people.vector[i].candidate, sizeof people.vector[i].candidate, "C%02d", i);
		assert_int_equal(eh_vector_put(txn, &people.vector[i], NULL), EH_OK);
	}
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_store_close(&s);
	people_free(&people);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
}

static inline int train_attributes(const char *const *names, size_t n, bool refresh, const struct eh_progress *progress,
			    struct eh_train_report *reports, size_t *n_reports, struct eh_err *err)
{
	const struct eh_train_options o = { .attributes = names, .n = n, .seed = 1, .refresh = refresh };

	return eh_desk_train(desk, &o, progress, reports, 4, n_reports, NULL, err);
}

static inline int train_one(const struct eh_progress *progress, struct eh_train_report *reports, struct eh_err *err)
{
	static const char *const sex = "sex";
	size_t n = 0;

	return train_attributes(&sex, 1, false, progress, reports, &n, err);
}

static inline uint32_t train_sex(void)
{
	struct eh_train_report *r = eh_xcalloc(4, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	uint32_t n;

	if (train_one(NULL, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	n = r->candidates;
	free(r->card);
	free(r);
	return n;
}

static inline int classify_sex(struct eh_classify_report *r, struct eh_err *err)
{
	size_t n = 0;

	return eh_desk_classify(desk, "sex", NULL, r, 1, &n, err);
}

static inline uint32_t stale_models(void)
{
	struct eh_standing *s = eh_xcalloc(1, sizeof *s);
	uint32_t n;

	assert_int_equal(eh_desk_standing(desk, s, NULL), EH_OK);
	n = s->stale_models;
	free(s);
	return n;
}

static inline const char *last_verb(void)
{
	static char verb[EH_VERB_MAX + 1];
	struct eh_journal_entry *v = NULL;
	size_t n = 0;

	assert_int_equal(eh_desk_journal(desk, 0, &v, &n, NULL), EH_OK);
	memcpy(verb, v[n - 1].verb, sizeof verb);
	eh_list_free(&v);
	return verb;
}

/* Somebody else who has the project open, until let_go. */
struct other {
	pid_t pid;
	int stop;
};

static inline struct other hold_open(void)
{
	struct other o;
	char dir[100], ready;
	int up[2], down[2];

	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(pipe(up), 0);
	assert_int_equal(pipe(down), 0);
	o.pid = fork();
	if (o.pid == 0) {
		(void)alarm(60);
		(void)close(down[1]);
		if (eh_desk_open(&desk, dir, &engine, NULL) != EH_OK || write(up[1], "r", 1) != 1)
			_exit(1);
		(void)!read(down[0], &ready, 1);
		_exit(0);
	}
	assert_int_equal(read(up[0], &ready, 1), 1);
	(void)close(up[0]);
	(void)close(up[1]);
	(void)close(down[0]);
	o.stop = down[1];
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	return o;
}

static inline void let_go(struct other *o)
{
	int status = -1;

	assert_int_equal(close(o->stop), 0);
	assert_int_equal(waitpid(o->pid, &status, 0), o->pid);
	assert_int_equal(status, 0);
}

#endif

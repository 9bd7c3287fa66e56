/* Degraded copies that teach: for whom they are made, once each, behind the gates; and what of them may be used. */
#include "extract/copies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "desk/copies.h"
#include "worker/worker.h"

#define ROWS_OF_ONE (1 + EH_COPY_KINDS)

bool eh_desk_may_copy(struct eh_txn *txn, const char *candidate, int64_t now, struct eh_err *why)
{
	return eh_gate(txn, candidate, "voice", now, why) == EH_OK &&
	       eh_gate(txn, candidate, "train", now, why) == EH_OK;
}

/* Of one state of one file: copies and their original are of the same sound. */
static bool same_recording(const struct eh_answer_origin *a, const struct eh_answer_origin *b)
{
	return a->path_mark == b->path_mark && a->file_bytes == b->file_bytes && a->file_mtime == b->file_mtime;
}

/* Does the answer's sound enter the combined vector?  Else copies of it would be for nothing (learn/vector.h). */
static bool is_heard(const struct eh_answer *a)
{
	return a->status == EH_OK && a->did_voice && a->voice.voiced_seconds > 0.0 &&
	       a->voice.bandwidth >= EH_VOICE_MIN_BANDWIDTH;
}

/* c: zeroed but for the status where there are none that stand for this answer. */
static int get_fitting(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_answer *a,
		       struct eh_copies *c, struct eh_err *err)
{
	int rc = eh_copies_get(txn, candidate, question, c, err);

	if (rc == EH_OK && c->status == EH_OK && same_recording(&a->origin, &c->origin))
		return EH_OK;
	memset(c, 0, sizeof *c);
	c->status = EH_ENOENT;
	/* a damaged record is made again like one that is not there */
	return rc == EH_OK || rc == EH_ENOENT || rc == EH_EFORMAT ? EH_OK : rc;
}

int eh_desk_copies_follow(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_answer *a,
			  struct eh_err *err)
{
	struct eh_copies *c = eh_xcalloc(1, sizeof *c);
	int rc = get_fitting(txn, candidate, question, a, c, err);

	if (rc == EH_OK && !(is_heard(a) && c->status == EH_OK))
		rc = eh_copies_remove(txn, candidate, question, err);
	free(c);
	return rc;
}

/* ---- who ---- */

static int by_id(const void *a, const void *b) { return strcmp(a, b); }

static int by_column_group(const void *a, const void *b)
{
	const struct eh_desk_teacher *x = a, *y = b;

	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->group, y->group);
}

/* Only where every class has enough voices for a part that takes the voice: without one no copy would teach. */
static void note_columns(struct eh_list *who, struct eh_desk_teacher *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof *v, by_column_group);
	for (size_t i = 0, end = 0; i < n; i = end) {
		size_t groups = 0, least = n;

		for (end = i; end < n && v[end].column == v[i].column; groups++) {
			size_t first = end;

			while (end < n && by_column_group(&v[first], &v[end]) == 0)
				end++;
			least = end - first < least ? end - first : least;
		}
		for (size_t k = i; k < end && groups > 1 && least >= EH_MIN_PER_CLASS; k++)
			(void)eh_list_push(who, v[k].candidate);
	}
}

static void drop_twice(struct eh_list *who)
{
	eh_id *v = who->v;
	size_t n = 0;

	if (who->n > 1)
		qsort(v, who->n, sizeof *v, by_id);
	for (size_t i = 0; i < who->n; i++)
		if (n == 0 || strcmp(v[n - 1], v[i]) != 0)
			memmove(v[n++], v[i], sizeof *v);
	who->n = n;
}

size_t eh_desk_copies_limit(size_t n)
{
	size_t room = n < EH_COPIES_ROWS ? (EH_COPIES_ROWS - n) / EH_COPY_KINDS : 0;

	if (n * ROWS_OF_ONE <= EH_COPIES_ROWS)
		return n;
	return room > EH_COPIES_LEAST ? room : EH_COPIES_LEAST;
}

struct drawn {
	unsigned char lot[EH_DIGEST_SIZE];
	eh_id candidate;
};

static int by_lot(const void *a, const void *b)
{
	return memcmp(((const struct drawn *)a)->lot, ((const struct drawn *)b)->lot, EH_DIGEST_SIZE);
}

/* Lots are digests of the ids: blind to the classes, and whoever is drawn stays so while the project grows slowly. */
static void draw(struct eh_list *who)
{
	size_t limit = eh_desk_copies_limit(who->n);
	struct drawn *v = NULL;
	eh_id *id = who->v;

	if (limit >= who->n)
		return;
	v = eh_xcalloc(who->n, sizeof *v);
	for (size_t i = 0; i < who->n; i++) {
		memcpy(v[i].candidate, id[i], sizeof v[i].candidate);
		eh_sha256(v[i].lot, id[i], strlen(id[i]));
	}
	qsort(v, who->n, sizeof *v, by_lot);
	for (size_t i = 0; i < limit; i++)
		memcpy(id[i], v[i].candidate, sizeof id[i]);
	who->n = limit;
	qsort(id, who->n, sizeof *id, by_id);
	free(v);
}

/* ---- what is missing ---- */

struct making {
	struct eh_desk *d;
	struct eh_txn *txn; /* only while planning */
	struct eh_desk_copies *c;
	const struct eh_progress *progress;
	struct eh_list jobs; /* struct eh_copy_job */
	int64_t now;
	uint32_t made, withdrawn;
	eh_id last; /* whose gates were asked last */
	bool may;
};

static void note_gap(struct making *m, const char *candidate, bool refused)
{
	struct eh_copy_gap *g = eh_list_push(&m->c->gaps, NULL);

	(void)snprintf(g->candidate, sizeof g->candidate, "%s", candidate);
	g->refused = refused;
}

static int look_at_answer(struct making *m, const struct eh_interview *i, const struct eh_answer *a, struct eh_err *err)
{
	struct eh_copies *c = NULL;
	struct eh_copy_job job;
	struct stat st;
	int rc;

	if (!is_heard(a))
		return EH_OK;
	c = eh_xcalloc(1, sizeof *c);
	rc = get_fitting(m->txn, i->candidate, i->question, a, c, err);
	if (rc != EH_OK || c->status == EH_OK)
		goto out;
	/* recordings may be gone after measuring: that is no failure (eh_origin_fits) */
	if (lstat(i->path, &st) != 0 || !eh_origin_fits(&a->origin, i->path)) {
		note_gap(m, i->candidate, false);
		goto out;
	}
	memset(&job, 0, sizeof job);
	memcpy(job.candidate, i->candidate, sizeof job.candidate);
	memcpy(job.question, i->question, sizeof job.question);
	memcpy(job.path, i->path, sizeof job.path);
	job.level = a->voice.level;
	(void)eh_list_push(&m->jobs, &job);
out:
	free(c);
	return rc;
}

static int plan_interview(void *ctx, const struct eh_interview *i, struct eh_err *err)
{
	struct making *m = ctx;
	struct eh_answer *a = NULL;
	int rc;

	if (!eh_desk_copies_has(m->c, i->candidate))
		return EH_OK;
	if (strcmp(m->last, i->candidate) != 0) {
		memcpy(m->last, i->candidate, sizeof m->last);
		m->may = eh_desk_may_copy(m->txn, i->candidate, m->now, NULL);
	}
	if (!m->may)
		return EH_OK;
	a = eh_xcalloc(1, sizeof *a);
	rc = eh_answer_get(m->txn, i->candidate, i->question, a, err);
	rc = rc == EH_OK ? look_at_answer(m, i, a, err) : rc == EH_ENOENT ? EH_OK : rc;
	free(a);
	return rc;
}

/* ---- one finished recording ---- */

/* Minutes have passed since it was planned: consent and original are asked again where it is stored. */
static int put_copies(struct making *m, struct eh_txn *txn, const struct eh_copy_job *job, const struct eh_copies *c,
		      struct eh_err *why, struct eh_err *err)
{
	struct eh_answer *a = NULL;
	int rc;

	if (!eh_desk_may_copy(txn, job->candidate, eh_now(), why)) {
		m->withdrawn++;
		return EH_OK;
	}
	a = eh_xcalloc(1, sizeof *a);
	rc = eh_answer_get(txn, job->candidate, job->question, a, err);
	if (rc == EH_OK && is_heard(a) && same_recording(&a->origin, &c->origin)) {
		rc = eh_copies_put(txn, job->candidate, job->question, c, err);
		m->made += rc == EH_OK;
	} else if (rc == EH_OK || rc == EH_ENOENT) { /* measured anew, or replaced: as if it could not be read */
		note_gap(m, job->candidate, false);
		rc = EH_OK;
	}
	free(a);
	return rc;
}

static int store_copies(void *ctx, const struct eh_copy_job *job, const struct eh_copies *c, struct eh_err *err)
{
	struct making *m = ctx;
	struct eh_err why = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	char line[2 * EH_ID_MAX + sizeof c->message + 80];
	uint32_t withdrawn = m->withdrawn;
	int rc;

	if (c->status != EH_OK) {
		/* what could not be opened has no size; what could be and failed is a finding of the worker */
		note_gap(m, job->candidate, c->origin.file_bytes > 0);
		(void)snprintf(line, sizeof line, "candidate %s, question %s: no degraded copies: %s", job->candidate,
			       job->question, c->message);
		eh_progress_note(m->progress, line);
		return EH_OK;
	}
	rc = eh_txn_begin(&txn, m->d->store, true, err);
	if (rc == EH_OK)
		rc = put_copies(m, txn, job, c, &why, err);
	if (rc == EH_OK && m->withdrawn == withdrawn)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK && m->withdrawn != withdrawn)
		(void)eh_desk_note_refusal(m->d, EH_EREFUSED, "train.copies", job->candidate, &why);
	eh_store_suspend(m->d->store);
	return rc;
}

/* ---- the run ---- */

static int look_at_sandbox(const struct making *m, bool require, struct eh_err *err)
{
	struct eh_worker_layers layers;
	const char *missing = NULL;
	char line[160];

	eh_worker_layers(&layers);
	missing = eh_worker_layers_missing(&layers);
	if (missing[0] == '\0')
		return EH_OK;
	if (require)
		return eh_err_set(err, EH_EENV,
				  "this kernel lacks %s, and --require-sandbox was given: no recording is opened; add "
				  "--no-copies to train without degraded copies",
				  missing);
	(void)snprintf(line, sizeof line,
		       "WARNING: this kernel lacks %s: recordings are decoded with fewer locks than "
		       "intended",
		       missing);
	eh_progress_note(m->progress, line);
	return EH_OK;
}

static int journal_copies(const struct making *m, const char *version, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	uint32_t refused = 0;
	const struct eh_copy_gap *gap = m->c->gaps.v;
	int rc = eh_txn_begin(&txn, m->d->store, true, err);

	for (size_t i = 0; i < m->c->gaps.n; i++)
		refused += gap[i].refused;
	(void)snprintf(
		detail, sizeof detail,
		"degraded copies of %u recordings made, %u could not be read again, %u failed, %u not stored for a "
		"consent that ended meanwhile; %s",
		m->made, (uint32_t)m->c->gaps.n - refused, refused, m->withdrawn, version);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &m->d->actor, "train.copies", "all", detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

static int run(struct making *m, const struct eh_train_options *o, struct eh_err *err)
{
	struct eh_extractor *x = NULL;
	int done, rc = look_at_sandbox(m, o->require_sandbox, err);

	if (rc == EH_OK) /* plans before the fork; the store away from it */
		rc = eh_extractor_open_voice(&x, err);
	if (rc != EH_OK)
		return rc;
	eh_store_suspend(m->d->store);
	done = eh_copies_run(x, m->jobs.v, m->jobs.n, o->workers, store_copies, m, m->progress, err);
	if (done == EH_OK || done == EH_ECANCEL)
		rc = journal_copies(m, eh_extractor_version(x), done == EH_OK ? err : NULL);
	eh_extractor_close(&x);
	return done != EH_OK ? done : rc;
}

static int gap_cmp(const void *a, const void *b)
{
	const struct eh_copy_gap *x = a, *y = b;
	int order = strcmp(x->candidate, y->candidate);

	return order != 0 ? order : (int)x->refused - (int)y->refused;
}

int eh_desk_copies_make(struct eh_desk *d, struct eh_desk_copies *c, struct eh_list *teachers,
			const struct eh_train_options *o, const struct eh_progress *progress, struct eh_err *err)
{
	struct making m = { .d = d, .c = c, .progress = progress, .now = eh_now() };
	int rc;

	eh_list_init(&m.jobs, sizeof(struct eh_copy_job));
	note_columns(&c->who, teachers->v, teachers->n);
	drop_twice(&c->who);
	draw(&c->who);
	if (c->who.n == 0)
		return EH_OK;
	rc = eh_txn_begin(&m.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_interviews_each(m.txn, plan_interview, &m, err);
	eh_txn_abort(&m.txn);
	if (rc == EH_OK && m.jobs.n > 0)
		rc = run(&m, o, err);
	if (c->gaps.n > 1)
		qsort(c->gaps.v, c->gaps.n, sizeof(struct eh_copy_gap), gap_cmp);
	free(m.jobs.v);
	return rc;
}

/* ---- what teaches ---- */

struct pooled {
	struct eh_txn *txn;
	struct eh_list answers, copies; /* struct eh_answer, struct eh_copies beside each */
};

static int take_answer(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
		       struct eh_err *err)
{
	struct pooled *p = ctx;

	(void)eh_list_push(&p->answers, a);
	return get_fitting(p->txn, candidate, question, a, eh_list_push(&p->copies, NULL), err);
}

static int pool_one(struct eh_txn *txn, struct eh_desk_copies *c, const char *candidate, struct eh_err *err)
{
	struct pooled p = { .txn = txn };
	int rc;

	eh_list_init(&p.answers, sizeof(struct eh_answer));
	eh_list_init(&p.copies, sizeof(struct eh_copies));
	rc = eh_answers_each(txn, candidate, take_answer, &p, err);
	for (int k = 0; k < EH_COPY_KINDS && rc == EH_OK; k++) {
		struct eh_copied *out = eh_list_push(&c->rows, NULL);

		out->kind = (enum eh_copy_kind)k;
		eh_vector_pool_copy(&out->vector, candidate, p.answers.v, p.copies.v, p.answers.n, out->kind);
		c->rows.n -= !out->vector.has_voice;
	}
	free(p.answers.v);
	free(p.copies.v);
	return rc;
}

int eh_desk_copies_pool(struct eh_txn *txn, struct eh_desk_copies *c, int64_t now, struct eh_err *err)
{
	const eh_id *who = c->who.v;
	int rc = EH_OK;

	for (size_t i = 0; i < c->who.n && rc == EH_OK; i++) {
		size_t first = c->rows.n;
		struct eh_copied *v = NULL;

		if (!eh_desk_may_copy(txn, who[i], now, NULL))
			continue;
		rc = pool_one(txn, c, who[i], err);
		v = c->rows.v;
		for (size_t k = first; k < c->rows.n; k++)
			eh_desk_keep_consented(txn, &v[k].vector, now);
	}
	return rc;
}

void eh_desk_copies_init(struct eh_desk_copies *c)
{
	eh_list_init(&c->who, sizeof(eh_id));
	eh_list_init(&c->gaps, sizeof(struct eh_copy_gap));
	eh_list_init(&c->rows, sizeof(struct eh_copied));
}

void eh_desk_copies_free(struct eh_desk_copies *c)
{
	free(c->who.v);
	free(c->gaps.v);
	free(c->rows.v);
	eh_desk_copies_init(c);
}

bool eh_desk_copies_has(const struct eh_desk_copies *c, const char *candidate)
{
	return c->who.n > 0 && bsearch(candidate, c->who.v, c->who.n, sizeof(eh_id), by_id) != NULL;
}

const struct eh_copied *eh_desk_copies_of(const struct eh_desk_copies *c, const char *candidate, size_t *n)
{
	const struct eh_copied *v = c->rows.v;
	size_t lo = 0, hi = c->rows.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(v[mid].vector.candidate, candidate) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*n = 0; lo + *n < c->rows.n && strcmp(v[lo + *n].vector.candidate, candidate) == 0;)
		(*n)++;
	return *n > 0 ? &v[lo] : NULL;
}

void eh_desk_copies_gaps(const struct eh_desk_copies *c, const char *candidate, uint32_t *unread, uint32_t *refused)
{
	const struct eh_copy_gap *v = c->gaps.v;

	for (size_t i = 0; i < c->gaps.n; i++) {
		if (strcmp(v[i].candidate, candidate) != 0)
			continue;
		*unread += !v[i].refused;
		*refused += v[i].refused;
	}
}

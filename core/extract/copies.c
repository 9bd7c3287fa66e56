/* Degraded copies through the pool: decoded once, made worse in every way at once, each way heard by itself. */
#include "extract/copies.h"

#include <stdio.h>

#include "extract/inside.h"
#include "extract/record.h"

#define MORE_SECONDS 540u        /* [s]; copies.h says why */

/* The seed belongs to the recording, not to the run or the place in it. */
static uint64_t seed_of(const struct eh_copy_job *job)
{
	char ids[sizeof job->candidate + sizeof job->question];
	int n = snprintf(ids, sizeof ids, "%s%c%s", job->candidate, '\0', job->question);

	return eh_record_mark(ids, (size_t)n);
}

/* ---- in the child ---- */

struct hearing {
	struct eh_degrader *degrader[EH_COPY_KINDS];
	struct eh_media_sink heard[EH_COPY_KINDS];      /* where a degrader's sound goes: into a voice */
};

static int on_copy(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	return eh_voice_sound(ctx, pcm, n, err);
}

static int on_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	struct hearing *h = ctx;
	int rc = EH_OK;

	for (int k = 0; k < EH_COPY_KINDS && rc == EH_OK; k++)
		rc = eh_degrader_sound(h->degrader[k], pcm, n, &h->heard[k], err);
	return rc;
}

static int begin(struct hearing *h, struct eh_extractor *x, const struct eh_copy_job *job, struct eh_err *err)
{
	int rc = EH_OK;

	for (int k = 0; k < EH_COPY_KINDS && rc == EH_OK; k++) {
		h->heard[k] = (struct eh_media_sink){ NULL, on_copy, x->copies[k] };
		rc = eh_degrader_open(&h->degrader[k], (enum eh_copy_kind)k, job->level, seed_of(job), err);
		if (rc == EH_OK)
			rc = eh_voice_begin(x->copies[k], err);
	}
	return rc;
}

static int finish(struct hearing *h, struct eh_extractor *x, struct eh_copies *c, struct eh_err *err)
{
	int rc = EH_OK;

	for (int k = 0; k < EH_COPY_KINDS && rc == EH_OK; k++) {
		rc = eh_degrader_finish(h->degrader[k], &h->heard[k], err);
		if (rc == EH_OK)
			rc = eh_voice_finish(x->copies[k], &c->voice[k], err);
	}
	return rc;
}

static void hear(struct eh_extractor *x, const struct eh_copy_job *job, int fd, struct eh_copies *c)
{
	struct hearing h = { .degrader = { NULL } };
	struct eh_media_options options = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_sink sink = { NULL, on_sound, &h };
	struct eh_media_info info;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_OK;

	options.sample_rate = 0.0;
	options.want_sound = true;
	rc = eh_media_prepare(&m, fd, &options, &err);
	if (rc == EH_OK)
		rc = begin(&h, x, job, &err);
	if (rc == EH_OK)
		rc = eh_media_decode(m, &sink, &info, &err);
	if (rc == EH_OK)
		rc = finish(&h, x, c, &err);
	if (rc < 0)     /* nothing is freed: the process ends now */
		eh_copies_failed(c, rc, err.msg[0] != '\0' ? err.msg : eh_status_text(rc));
}

/* ---- in the parent ---- */

struct copying {
	struct eh_extractor *x;
	const struct eh_copy_job *jobs;
	int (*done)(void *ctx, const struct eh_copy_job *job, const struct eh_copies *c, struct eh_err *err);
	void *ctx;
};

static const char *path_of(void *ctx, size_t i)
{
	return ((const struct copying *)ctx)->jobs[i].path;
}

static void hear_one(void *ctx, size_t i, int fd, void *record)
{
	const struct copying *c = ctx;

	hear(c->x, &c->jobs[i], fd, record);
}

static void failed_one(void *record, int status, const char *message)
{
	eh_copies_failed(record, status, message);
}

static void receive_one(void *ctx, size_t i, void *record)
{
	(void)ctx;
	(void)i;
	eh_copies_receive(record);
}

static int done_one(void *ctx, size_t i, void *record, const struct eh_answer_origin *origin, struct eh_err *err)
{
	const struct copying *c = ctx;
	struct eh_copies *copies = record;

	copies->origin = *origin;
	return c->done(c->ctx, &c->jobs[i], copies, err);
}

/* What every child would miss is found out here, before the first. */
static int prepare(struct eh_extractor *x, struct eh_err *err)
{
	int rc = EH_OK;

	for (int k = 0; k < EH_COPY_KINDS && rc == EH_OK; k++) {
		struct eh_degrader *trial = NULL;

		rc = eh_degrader_open(&trial, (enum eh_copy_kind)k, 0.0, 0, err);
		eh_degrader_free(&trial);
		if (rc == EH_OK && x->copies[k] == NULL)
			rc = eh_voice_open(&x->copies[k], err);
	}
	return rc;
}

int eh_copies_run(struct eh_extractor *x, const struct eh_copy_job *jobs, size_t n, unsigned workers,
		  int (*done)(void *ctx, const struct eh_copy_job *job, const struct eh_copies *c, struct eh_err *err),
		  void *ctx, const struct eh_progress *progress, struct eh_err *err)
{
	struct copying c = { x, jobs, done, ctx };
	struct eh_pool_work work = { .step = "hearing degraded copies", .n = n, .record_size = sizeof(struct eh_copies),
				     .more_seconds = MORE_SECONDS, .ctx = &c, .path = path_of, .child = hear_one,
				     .failed = failed_one, .receive = receive_one, .done = done_one };
	char version[sizeof work.origin.extractor];
	int rc = EH_OK;

	for (size_t i = 0; i < n; i++)
		if (!(jobs[i].level >= EH_COPY_LEVEL_LOW && jobs[i].level <= EH_COPY_LEVEL_HIGH))
			return eh_err_set(err, EH_EINVAL, "candidate %s, question %s: %g dB is no level of a voice",
					  jobs[i].candidate, jobs[i].question, jobs[i].level);
	rc = prepare(x, err);
	if (rc < 0)
		return rc;
	/* no face model has a part in it: both kinds of extractor make the same copies */
	(void)snprintf(version, sizeof version, "%s; %s", eh_media_version(), eh_voice_version());
	eh_pool_origin(&work.origin, version);
	return eh_pool_run(&work, workers, progress, err);
}

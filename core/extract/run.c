/* Answers through the pool: what one job, one child and one record are. */
#include "extract/extract.h"

#include "extract/inside.h"

struct answers {
	struct eh_extractor *x;
	const struct eh_extract_job *jobs;
	bool fast;
	int (*done)(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err);
	void *ctx;
};

static const char *path_of(void *ctx, size_t i)
{
	return ((const struct answers *)ctx)->jobs[i].path;
}

static void measure_one(void *ctx, size_t i, int fd, void *record)
{
	const struct answers *a = ctx;

	eh_extract_child(a->x, &a->jobs[i], a->fast, fd, record);
}

static void failed_one(void *record, int status, const char *message)
{
	eh_answer_failed(record, status, message);
}

static void receive_one(void *ctx, size_t i, void *record)
{
	eh_answer_receive(record, &((const struct answers *)ctx)->jobs[i]);
}

static int done_one(void *ctx, size_t i, void *record, const struct eh_answer_origin *origin, struct eh_err *err)
{
	const struct answers *a = ctx;
	struct eh_answer *answer = record;

	answer->origin = *origin;
	return a->done(a->ctx, &a->jobs[i], answer, err);
}

int eh_extract_run(struct eh_extractor *x, const struct eh_extract_job *jobs, size_t n,
		   const struct eh_extract_settings *settings,
		   int (*done)(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer,
			       struct eh_err *err),
		   void *ctx, const struct eh_progress *progress, struct eh_err *err)
{
	struct answers a = { x, jobs, settings != NULL && settings->fast, done, ctx };
	struct eh_pool_work work = { .step = "measuring recordings", .n = n, .record_size = sizeof(struct eh_answer),
				     .ctx = &a, .path = path_of, .child = measure_one, .failed = failed_one,
				     .receive = receive_one, .done = done_one };

	for (size_t i = 0; i < n; i++) {
		if (!jobs[i].want_face && !jobs[i].want_voice)
			return eh_err_set(err, EH_EINVAL,
					  "candidate %s, question %s: neither face nor voice is to be measured",
					  jobs[i].candidate, jobs[i].question);
		if (jobs[i].want_face && x->face == NULL)
			return eh_err_set(err, EH_EINVAL,
					  "candidate %s, question %s: an extractor without face models measures no "
					  "face",
					  jobs[i].candidate, jobs[i].question);
	}
	eh_pool_origin(&work.origin, eh_extractor_version(x));
	work.origin.fast = a.fast;
	return eh_pool_run(&work, settings != NULL ? settings->workers : 0, progress, err);
}

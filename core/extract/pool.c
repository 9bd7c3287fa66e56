/* The pool: as many locked workers as there are cores, one recording each, answers handed over as they come in. */
#include "extract/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "extract/inside.h"
#include "worker/worker.h"

#define WORKERS_MAX 256u
#define LOOK_EVERY 0.2          /* [s] between two questions whether to stop */
#define NANOSECONDS INT64_C(1000000000)
#define STEP "measuring recordings"

/* extract.h says why */
#define SMALL_FILE (UINT64_C(8) << 20)  /* [bytes] */
#define MEBIBYTE (UINT64_C(1) << 20)
#define CPU_BASE 60u                    /* [s] */
#define CPU_PER_MEBIBYTE 8u
#define CPU_MAX 7200u
#define WALL_PER_CPU 2.0                /* of the time beyond the base: other work may run beside */

struct slot {
	struct eh_worker *worker;       /* NULL = free */
	struct eh_extract_task task;
	struct eh_answer_origin origin; /* the pool's, and the file this worker reads */
};

struct pool {
	struct eh_extractor *x;
	const struct eh_extract_job *jobs;
	size_t n, next, finished;
	struct slot *slots;
	struct pollfd *fds;
	unsigned workers;
	bool fast;
	struct eh_answer_origin origin; /* what is the same for all */
	int (*done)(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err);
	void *ctx;
	const struct eh_progress *progress;
};

static unsigned cores(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	return 1;
}

void eh_extract_limits(uint64_t bytes, unsigned *cpu_seconds, double *wall_seconds)
{
	uint64_t more = bytes > SMALL_FILE ? (bytes - SMALL_FILE) / MEBIBYTE * CPU_PER_MEBIBYTE : 0;

	if (more > CPU_MAX - CPU_BASE)
		more = CPU_MAX - CPU_BASE;
	*cpu_seconds = CPU_BASE + (unsigned)more;
	*wall_seconds = CPU_BASE + WALL_PER_CPU * (double)more;
}

static uint64_t path_mark(const char *path)
{
	unsigned char digest[EH_DIGEST_SIZE];
	uint64_t mark = 0;

	eh_sha256(digest, path, strlen(path));
	for (size_t i = 0; i < sizeof mark; i++)
		mark = mark << 8 | digest[i];
	return mark;
}

static void mark_file(struct eh_answer_origin *o, const struct stat *st)
{
	o->file_bytes = (uint64_t)st->st_size;
	o->file_mtime = (int64_t)st->st_mtim.tv_sec * NANOSECONDS + (int64_t)st->st_mtim.tv_nsec;
}

bool eh_origin_fits(const struct eh_answer_origin *o, const char *path)
{
	struct eh_answer_origin now = { .file_bytes = 0 };
	struct stat st;

	if (o->path_mark != path_mark(path))
		return false;
	if (lstat(path, &st) < 0)       /* a symbolic link is not followed when measuring either */
		return true;
	mark_file(&now, &st);
	return S_ISREG(st.st_mode) && now.file_bytes == o->file_bytes && now.file_mtime == o->file_mtime;
}

/* The file is opened here, where it can be named; the child gets the descriptor only (facts/reliability.md 3.2). */
static int open_recording(const char *path, struct eh_answer_origin *origin, struct eh_err *err)
{
	static const struct eh_media_options limits = EH_MEDIA_OPTIONS_INIT;
	struct stat st;
	/* O_NONBLOCK: a pipe with that name must not hold the pool up */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int rc = EH_OK;

	if (fd < 0) {
		int e = errno;

		if (e == ENOENT || e == ENOTDIR)
			return eh_err_set(err, EH_ENOENT, "there is no such file");
		if (e == ELOOP)
			return eh_err_set(err, EH_EREFUSED, "is a symbolic link; import the recording's own path");
		return eh_err_set(err, EH_EIO, "cannot be opened: %s", strerrordesc_np(e));
	}
	if (fstat(fd, &st) < 0)
		rc = eh_err_set(err, EH_EIO, "cannot be read: %s", strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode))
		rc = eh_err_set(err, EH_EFORMAT, "is not a regular file");
	else if ((uint64_t)st.st_size > limits.max_bytes)
		rc = eh_err_set(err, EH_ERANGE, "the file has %lld bytes; at most %llu are accepted",
				(long long)st.st_size, (unsigned long long)limits.max_bytes);
	if (rc < 0) {
		(void)close(fd);
		return rc;
	}
	mark_file(origin, &st);
	return fd;
}

static int start(struct pool *p, struct slot *s, const struct eh_extract_job *job, struct eh_err *err)
{
	struct eh_worker_spec spec = { EH_WORKER_MEDIA, eh_extract_child, &s->task, -1, sizeof(struct eh_answer), 0.0, 0 };
	int rc = EH_OK;

	s->origin = p->origin;
	s->origin.path_mark = path_mark(job->path);
	rc = open_recording(job->path, &s->origin, err);
	if (rc < 0)
		return rc;
	spec.fd = rc;
	eh_extract_limits(s->origin.file_bytes, &spec.cpu_seconds, &spec.wall_seconds);
	s->task = (struct eh_extract_task){ p->x, job, p->fast };
	rc = eh_worker_start(&s->worker, &spec, err);
	(void)close(spec.fd);   /* the child has its own */
	return rc;
}

static int hand_over(struct pool *p, const struct eh_extract_job *job, struct eh_answer *a,
		     const struct eh_answer_origin *origin, struct eh_err *err)
{
	int rc = EH_OK;

	a->origin = *origin;
	rc = p->done(p->ctx, job, a, err);
	if (rc < 0)
		return rc;
	p->finished++;
	eh_progress_step(p->progress, STEP, p->finished, p->n);
	return EH_OK;
}

/* Gives a free slot the next recording that can be opened; those that cannot be are done at once. */
static int fill(struct pool *p, struct slot *s, struct eh_err *err)
{
	while (p->next < p->n && s->worker == NULL && !eh_progress_cancelled(p->progress)) {
		const struct eh_extract_job *job = &p->jobs[p->next++];
		struct eh_answer a;
		struct eh_err why = EH_ERR_INIT;
		int rc = start(p, s, job, &why);

		if (rc == EH_OK)
			return EH_OK;
		eh_answer_failed(&a, rc, why.msg);
		rc = hand_over(p, job, &a, &s->origin, err);
		if (rc < 0)
			return rc;
	}
	return EH_OK;
}

/* The slot is filled again before the answer is stored, so that no core waits for the disk. */
static int look_at(struct pool *p, struct slot *s, struct eh_err *err)
{
	const struct eh_extract_job *job = s->task.job;
	const struct eh_answer_origin origin = s->origin;       /* the slot's next recording has another */
	struct eh_answer a;
	struct eh_err why = EH_ERR_INIT;
	int rc = eh_worker_poll(s->worker, &a, &why);
	int refill = EH_OK;

	if (rc == 1)
		return EH_OK;
	eh_worker_free(&s->worker);
	if (rc < 0)
		eh_answer_failed(&a, rc, why.msg);
	else
		eh_answer_receive(&a, job);
	refill = fill(p, s, err);
	if (refill < 0)
		return refill;
	return hand_over(p, job, &a, &origin, err);
}

static void wait_for_one(struct pool *p)
{
	double until = eh_monotonic() + LOOK_EVERY;
	unsigned running = 0;

	for (unsigned i = 0; i < p->workers; i++) {
		struct eh_worker *w = p->slots[i].worker;

		if (w == NULL)
			continue;
		p->fds[running++] = (struct pollfd){ eh_worker_fd(w), POLLIN, 0 };
		until = fmin(until, eh_worker_deadline(w));
	}
	/* a signal only wakes: the loop asks progress whether it meant the end */
	if (running > 0)
		(void)poll(p->fds, running, (int)ceil(1000.0 * fmax(0.0, until - eh_monotonic())));
}

static int run(struct pool *p, struct eh_err *err)
{
	int rc = EH_OK;

	eh_progress_step(p->progress, STEP, 0, p->n);
	for (unsigned i = 0; i < p->workers && rc == EH_OK; i++)
		rc = fill(p, &p->slots[i], err);
	while (rc == EH_OK && p->finished < p->n) {
		if (eh_progress_cancelled(p->progress))
			return eh_err_set(err, EH_ECANCEL, "cancelled after %zu of %zu recordings; "
					  "what was finished is stored", p->finished, p->n);
		wait_for_one(p);
		for (unsigned i = 0; i < p->workers && rc == EH_OK; i++)
			if (p->slots[i].worker != NULL)
				rc = look_at(p, &p->slots[i], err);
	}
	return rc;
}

static struct eh_answer_origin origin_of(const struct eh_extractor *x, bool fast)
{
	struct eh_answer_origin o;
	struct eh_worker_layers layers = { 0, false };

	memset(&o, 0, sizeof o);        /* padding too: answers are compared and stored as bytes */
	eh_worker_layers(&layers);
	(void)snprintf(o.extractor, sizeof o.extractor, "%s", eh_extractor_version(x));
	o.landlock_abi = layers.landlock_abi;
	o.seccomp = layers.seccomp;
	o.fast = fast;
	return o;
}

int eh_extract_run(struct eh_extractor *x, const struct eh_extract_job *jobs, size_t n,
		   const struct eh_extract_settings *settings,
		   int (*done)(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err),
		   void *ctx, const struct eh_progress *progress, struct eh_err *err)
{
	static const struct eh_extract_settings usual = { 0, false };
	const struct eh_extract_settings *how = settings != NULL ? settings : &usual;
	struct pool p = { .x = x, .jobs = jobs, .n = n, .workers = how->workers, .fast = how->fast, .done = done, .ctx = ctx,
			  .progress = progress };
	int rc = EH_OK;

	for (size_t i = 0; i < n; i++)
		if (!jobs[i].want_face && !jobs[i].want_voice)
			return eh_err_set(err, EH_EINVAL, "candidate %s, question %s: neither face nor voice is to be measured",
					  jobs[i].candidate, jobs[i].question);
	p.origin = origin_of(x, how->fast);
	if (p.workers == 0)
		p.workers = cores();
	if (p.workers > WORKERS_MAX)
		p.workers = WORKERS_MAX;
	p.slots = eh_xcalloc(p.workers, sizeof *p.slots);
	p.fds = eh_xcalloc(p.workers, sizeof *p.fds);
	rc = run(&p, err);
	for (unsigned i = 0; i < p.workers; i++)
		eh_worker_free(&p.slots[i].worker);
	free(p.slots);
	free(p.fds);
	return rc;
}

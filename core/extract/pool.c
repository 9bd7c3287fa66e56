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
#include "base/mem.h"
#include "extract/inside.h"
#include "extract/record.h"
#include "worker/worker.h"

#define WORKERS_MAX 256u
#define LOOK_EVERY 0.2          /* [s] between two questions whether to stop */
#define NANOSECONDS INT64_C(1000000000)

/* extract.h says why */
#define SMALL_FILE (UINT64_C(8) << 20)  /* [bytes] */
#define MEBIBYTE (UINT64_C(1) << 20)
#define CPU_BASE 60u                    /* [s] */
#define CPU_PER_MEBIBYTE 8u
#define CPU_MAX 7200u
#define WALL_PER_CPU 2.0                /* of the time beyond the base: other work may run beside */

struct slot {
	struct eh_worker *worker;       /* NULL = free */
	const struct eh_pool_work *work;
	size_t job;
	struct eh_answer_origin origin; /* the work's, and the file this worker reads */
};

struct pool {
	const struct eh_pool_work *work;
	size_t next, finished;
	struct slot *slots;
	struct pollfd *fds;
	unsigned workers;
	void *record;                   /* [work->record_size] of the worker that ended */
	void *failed;                   /* [work->record_size] of a recording that could not be opened meanwhile */
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
	return eh_record_mark(path, strlen(path));
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

static void child(void *ctx, int fd, void *record)
{
	const struct slot *s = ctx;

	s->work->child(s->work->ctx, s->job, fd, record);
}

static int start(struct slot *s, struct eh_err *err)
{
	const char *path = s->work->path(s->work->ctx, s->job);
	struct eh_worker_spec spec = { EH_WORKER_MEDIA, child, s, -1, s->work->record_size, 0.0, 0 };
	int rc = EH_OK;

	s->origin = s->work->origin;
	s->origin.path_mark = path_mark(path);
	rc = open_recording(path, &s->origin, err);
	if (rc < 0)
		return rc;
	spec.fd = rc;
	eh_extract_limits(s->origin.file_bytes, &spec.cpu_seconds, &spec.wall_seconds);
	spec.cpu_seconds += s->work->more_seconds;
	spec.wall_seconds += WALL_PER_CPU * s->work->more_seconds;
	rc = eh_worker_start(&s->worker, &spec, err);
	(void)close(spec.fd);   /* the child has its own */
	return rc;
}

static int hand_over(struct pool *p, size_t job, void *record, const struct eh_answer_origin *origin,
		     struct eh_err *err)
{
	int rc = p->work->done(p->work->ctx, job, record, origin, err);

	if (rc < 0)
		return rc;
	p->finished++;
	eh_progress_step(p->progress, p->work->step, p->finished, p->work->n);
	return EH_OK;
}

/* Gives a free slot the next recording that can be opened; those that cannot be are done at once. */
static int fill(struct pool *p, struct slot *s, struct eh_err *err)
{
	while (p->next < p->work->n && s->worker == NULL && !eh_progress_cancelled(p->progress)) {
		struct eh_err why = EH_ERR_INIT;
		int rc = EH_OK;

		s->work = p->work;
		s->job = p->next++;
		rc = start(s, &why);
		if (rc == EH_OK)
			return EH_OK;
		p->work->failed(p->failed, rc, why.msg);
		rc = hand_over(p, s->job, p->failed, &s->origin, err);
		if (rc < 0)
			return rc;
	}
	return EH_OK;
}

/* The slot is filled again before the answer is stored, so that no core waits for the disk. */
static int look_at(struct pool *p, struct slot *s, struct eh_err *err)
{
	const struct eh_answer_origin origin = s->origin;       /* the slot's next recording has another */
	const size_t job = s->job;
	struct eh_err why = EH_ERR_INIT;
	int rc = eh_worker_poll(s->worker, p->record, &why);
	int refill = EH_OK;

	if (rc == 1)
		return EH_OK;
	eh_worker_free(&s->worker);
	if (rc < 0)
		p->work->failed(p->record, rc, why.msg);
	else
		p->work->receive(p->work->ctx, job, p->record);
	refill = fill(p, s, err);
	if (refill < 0)
		return refill;
	return hand_over(p, job, p->record, &origin, err);
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

	eh_progress_step(p->progress, p->work->step, 0, p->work->n);
	for (unsigned i = 0; i < p->workers && rc == EH_OK; i++)
		rc = fill(p, &p->slots[i], err);
	while (rc == EH_OK && p->finished < p->work->n) {
		if (eh_progress_cancelled(p->progress))
			return eh_err_set(err, EH_ECANCEL, "cancelled after %zu of %zu recordings; "
					  "what was finished is stored", p->finished, p->work->n);
		wait_for_one(p);
		for (unsigned i = 0; i < p->workers && rc == EH_OK; i++)
			if (p->slots[i].worker != NULL)
				rc = look_at(p, &p->slots[i], err);
	}
	return rc;
}

void eh_pool_origin(struct eh_answer_origin *o, const char *version)
{
	struct eh_worker_layers layers = { 0, false };

	memset(o, 0, sizeof *o);        /* padding too: answers are compared and stored as bytes */
	eh_worker_layers(&layers);
	(void)snprintf(o->extractor, sizeof o->extractor, "%s", version);
	o->landlock_abi = layers.landlock_abi;
	o->seccomp = layers.seccomp;
}

int eh_pool_run(const struct eh_pool_work *work, unsigned workers, const struct eh_progress *progress,
		struct eh_err *err)
{
	struct pool p = { .work = work, .workers = workers, .progress = progress };
	int rc = EH_OK;

	if (p.workers == 0)
		p.workers = cores();
	if (p.workers > WORKERS_MAX)
		p.workers = WORKERS_MAX;
	p.slots = eh_xcalloc(p.workers, sizeof *p.slots);
	p.fds = eh_xcalloc(p.workers, sizeof *p.fds);
	p.record = eh_xcalloc(1, work->record_size);
	p.failed = eh_xcalloc(1, work->record_size);
	rc = run(&p, err);
	for (unsigned i = 0; i < p.workers; i++)
		eh_worker_free(&p.slots[i].worker);
	free(p.slots);
	free(p.fds);
	free(p.record);
	free(p.failed);
	return rc;
}

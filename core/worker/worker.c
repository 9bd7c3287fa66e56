/* Starting, reading and burying locked child processes; see worker.h. */
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "worker/inside.h"

#define RECORD_MAX ((size_t)64 << 20)   /* [bytes] */
#define CPU_MAX 86400u                  /* [s] */

struct eh_worker {
	pid_t pid;              /* 0 once reaped */
	int fd;                 /* read end of the result pipe, non-blocking */
	unsigned char *record;  /* [size] shared with the child, which is dead before it is read; NULL = none */
	size_t size;
	unsigned got;           /* bytes read from the pipe: 1 = the job returned; 2 = more than that came */
	struct eh_worker_limits limits;
	double deadline;        /* eh_monotonic() */
	bool ended;             /* the parent sent the SIGKILL */
	bool late;              /* ... because of the wall limit */
	bool complete;          /* the job returned, in time: the record is one */
	int status;             /* of waitpid, -1 = unknown */
};

static int compare_int(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* qsort of glibc asks sysinfo(2) at its first use on more than 1,024 bytes and keeps the answer; asked for the
 * first time in the child it would be killed (facts/first_road.md 2). */
static void warm_qsort(void)
{
	int v[1000];
	int i = 0;

	for (i = 0; i < 1000; i++)
		v[i] = (i * 7919) % 1000;
	qsort(v, 1000, sizeof *v, compare_int);
}

static void *use_and_give_back(void *ctx)
{
	/* below the size from which malloc maps a block by itself, and up to the most that an arena's part holds */
	enum { BLOCK = 120 << 10, BLOCKS = (62 << 20) / BLOCK };
	void *volatile block[BLOCKS] = { NULL };        /* else the compiler leaves all of it out */
	int n = 0;

	while (n < BLOCKS && (block[n] = malloc(BLOCK)) != NULL)
		n++;
	while (n > 0)
		free(block[--n]);
	return ctx;
}

/* malloc of glibc reads /proc/sys/vm/overcommit_memory before it gives back a part of an arena of a thread's, and
 * keeps the answer; a child that asks for the first time would be killed: one that is forked by a thread, and one at
 * the end of its memory, where malloc falls back to the arenas that there are.  So it is asked here, once. */
static void warm_malloc(void)
{
	static _Atomic bool warm;
	pthread_t t;

	if (!warm && pthread_create(&t, NULL, use_and_give_back, NULL) == 0)
		warm = pthread_join(t, NULL) == 0;
}

static int check_spec(const struct eh_worker_spec *spec, struct eh_err *err)
{
	if (spec->job == NULL || spec->record_size == 0 || spec->record_size > RECORD_MAX)
		return eh_err_set(err, EH_EINVAL, "a worker needs a job and a record of 1 byte to 64 MiB");
	if (!isfinite(spec->wall_seconds) || spec->wall_seconds < 0 || spec->cpu_seconds > CPU_MAX)
		return eh_err_set(err, EH_EINVAL, "the time limits of a worker must be numbers of seconds");
	return EH_OK;
}

static _Noreturn void child(const struct eh_worker_spec *spec, const struct eh_worker_limits *limits, pid_t parent,
			    int result, unsigned char *record)
{
	struct eh_worker_layers layers = { 0, false };
	int job = spec->fd;
	ssize_t n = 0;

	/* all of it at once costs less than a page fault for every page; what cannot be is left to the faults */
	(void)madvise(record, spec->record_size, MADV_POPULATE_WRITE);
	eh_worker_real_layers(&layers);
	eh_lockdown(spec->profile, limits, &layers, parent, &job, &result);
	spec->job(spec->ctx, job, record);
	do
		n = write(result, "", 1);
	while (n < 0 && errno == EINTR);
	_exit(0);
}

static int open_pipe(int ends[2], struct eh_err *err)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return eh_err_set(err, EH_EENV, "cannot make a pipe for a worker: %s", strerrordesc_np(errno));
	/* only the reading end: the child's write has to wait while the pipe is full */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return eh_err_set(err, EH_EENV, "cannot set up the pipe of a worker: %s", strerrordesc_np(errno));
	return EH_OK;
}

/* Zeroed.  Memory that both see: megabytes through a pipe would be copied three times and cost more than the start. */
static int share_record(struct eh_worker *w, struct eh_err *err)
{
	void *p = mmap(NULL, w->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return eh_err_set(err, EH_ENOMEM, "out of memory for a worker's record of %zu bytes", w->size);
	w->record = p;
	return EH_OK;
}

int eh_worker_start(struct eh_worker **out, const struct eh_worker_spec *spec, struct eh_err *err)
{
	struct eh_worker *w = NULL;
	int ends[2] = { -1, -1 };
	pid_t parent = getpid();
	int rc = EH_OK;

	*out = NULL;
	rc = check_spec(spec, err);
	if (rc < 0)
		return rc;
	w = eh_try_calloc(1, sizeof *w);
	if (w == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for a worker");
	w->fd = -1;
	w->status = -1;
	w->size = spec->record_size;
	w->limits = *eh_worker_limits(spec->profile);
	if (spec->wall_seconds > 0)
		w->limits.wall_seconds = spec->wall_seconds;
	if (spec->cpu_seconds > 0)
		w->limits.cpu_seconds = spec->cpu_seconds;
	rc = share_record(w, err);
	if (rc == EH_OK)
		rc = open_pipe(ends, err);
	if (rc < 0)
		goto out;
	warm_qsort();
	if (spec->profile == EH_WORKER_MEDIA)
		warm_malloc();
	w->pid = fork();
	if (w->pid == 0)
		child(spec, &w->limits, parent, ends[1], w->record);
	if (w->pid < 0) {
		w->pid = 0;
		rc = eh_err_set(err, EH_EENV, "cannot start a worker process: %s", strerrordesc_np(errno));
		goto out;
	}
	/* no business of the next worker's */
	(void)madvise(w->record, w->size, MADV_DONTFORK);
	w->deadline = eh_monotonic() + w->limits.wall_seconds;
	w->fd = ends[0];
	ends[0] = -1;
	*out = w;
	w = NULL;
out:
	if (ends[0] >= 0)
		(void)close(ends[0]);
	if (ends[1] >= 0)
		(void)close(ends[1]);
	eh_worker_free(&w);
	return rc;
}

int eh_worker_fd(const struct eh_worker *w)
{
	return w->fd;
}

double eh_worker_deadline(const struct eh_worker *w)
{
	return w->deadline;
}

int eh_worker_wait_status(const struct eh_worker *w)
{
	return w->status;
}

bool eh_worker_was_ended(const struct eh_worker *w)
{
	return w->ended;
}

/* Ends the child for certain.  The kernel closes a dying process's pipe after its exit status is fixed, so a kill
 * sent on end-of-pipe changes nothing for a child that was ending anyway, and never leaves the parent waiting
 * for one that only closed its pipe. */
static void bury(struct eh_worker *w)
{
	int status = 0;
	pid_t r = 0;

	if (w->pid <= 0)
		return;
	(void)kill(w->pid, SIGKILL);
	do
		r = waitpid(w->pid, &status, 0);
	while (r < 0 && errno == EINTR);
	w->status = r == w->pid ? status : -1;
	w->ended = r == w->pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	w->pid = 0;
	(void)close(w->fd);
	w->fd = -1;
}

static int explain_signal(const struct eh_worker *w, int sig, struct eh_err *err)
{
	const char *name = NULL;

	switch (sig) {
	case SIGSYS:
		return eh_err_set(err, EH_EWORKER, "the worker was killed by the system-call filter (SIGSYS)");
	case SIGXCPU:
		return eh_err_set(err, EH_EWORKER, "the worker ran out of its %u s of CPU time",
				  w->limits.cpu_seconds);
	case SIGXFSZ:
		return eh_err_set(err, EH_EWORKER, "the worker was killed: it tried to write a file (SIGXFSZ)");
	case SIGKILL:
		return eh_err_set(err, EH_EWORKER, "the worker ended without a complete result (SIGKILL); "
				  "the machine may have run out of memory");
	default:
		name = sigabbrev_np(sig);
		return eh_err_set(err, EH_EWORKER, "the worker crashed (SIG%s)", name != NULL ? name : "?");
	}
}

static int explain(const struct eh_worker *w, struct eh_err *err)
{
	if (w->late)
		return eh_err_set(err, EH_EWORKER, "the worker was stopped: it ran longer than %g s",
				  w->limits.wall_seconds);
	if (w->got > 1)
		return eh_err_set(err, EH_EWORKER, "the worker wrote more than its record of %zu bytes", w->size);
	if (w->status >= 0 && WIFSIGNALED(w->status))
		return explain_signal(w, WTERMSIG(w->status), err);
	if (w->status >= 0 && WIFEXITED(w->status) && WEXITSTATUS(w->status) == EH_MEM_EXIT)
		return eh_err_set(err, EH_EWORKER, "the worker ran out of memory: it has %zu MiB, where the machine "
				  "can give as much", w->limits.memory >> 20);
	if (w->status >= 0 && WIFEXITED(w->status)) {
		switch (WEXITSTATUS(w->status)) {
#define X(name, code, text)                                                                             \
		case name:                                                                              \
			return eh_err_set(err, EH_EWORKER, "the worker could not " text                 \
					  "; \"evenhand doctor\" shows what this machine lacks");
		EH_LOCKDOWN_LIST(X)
#undef X
		default:
			break;
		}
	}
	return eh_err_set(err, EH_EWORKER, "the worker ended without a complete result");
}

/* 1 = more may come, 0 = end of the pipe or too much. */
static int take(struct eh_worker *w)
{
	unsigned char byte[2] = { 0 };

	for (;;) {
		ssize_t n = read(w->fd, byte, sizeof byte);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 1;
		if (n <= 0)
			return 0;
		w->got += (unsigned)n;
		if (w->got > 1)
			return 0;
	}
}

int eh_worker_poll(struct eh_worker *w, void *record, struct eh_err *err)
{
	if (w->pid <= 0)
		return eh_err_set(err, EH_EINVAL, "this worker has ended already");
	if (take(w) != 0) {
		if (eh_monotonic() < w->deadline)
			return 1;
		w->late = true;
	}
	bury(w);
	w->complete = !w->late && w->got == 1;
	if (w->complete && record != NULL)
		memcpy(record, w->record, w->size);
	else if (record != NULL)
		memset(record, 0, w->size);
	return w->complete ? EH_OK : explain(w, err);
}

const void *eh_worker_record(const struct eh_worker *w)
{
	return w->complete ? w->record : NULL;
}

void eh_worker_free(struct eh_worker **pw)
{
	struct eh_worker *w = *pw;

	if (w == NULL)
		return;
	bury(w);
	if (w->record != NULL)
		(void)munmap(w->record, w->size);
	free(w);
	*pw = NULL;
}

int eh_worker_wait(struct eh_worker *w, void *record, struct eh_err *err)
{
	int rc = EH_OK;

	while ((rc = eh_worker_poll(w, record, err)) == 1) {
		struct pollfd p = { eh_worker_fd(w), POLLIN, 0 };
		double left = eh_worker_deadline(w) - eh_monotonic();

		(void)poll(&p, 1, left > 0 ? (int)fmin(ceil(left * 1000), 3600000) : 0);
	}
	return rc;
}

int eh_worker_run(const struct eh_worker_spec *spec, void *record, struct eh_err *err)
{
	struct eh_worker *w = NULL;
	int rc = eh_worker_start(&w, spec, err);

	if (rc < 0) {
		if (spec->record_size <= RECORD_MAX)
			memset(record, 0, spec->record_size);
		return rc;
	}
	rc = eh_worker_wait(w, record, err);
	eh_worker_free(&w);
	return rc;
}

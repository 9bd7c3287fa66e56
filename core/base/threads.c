/* A crew of threads over numbered tasks; see threads.h. */
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

#define ASK_NS 100000000L               /* [ns] between two questions for a cancel */

struct shared {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	eh_task *task;
	void *ctx;
	struct eh_crew inside;
	size_t n, next;                 /* tasks; the next to hand out */
	size_t finished, working;       /* tasks done well; threads at work */
	size_t worst;                   /* the lowest task that failed, n = none */
	bool told;                      /* the caller is told of each task */
	struct eh_err err;
	atomic_bool stop;
};

struct member {
	struct shared *s;
	size_t slot;
	pthread_t thread;
};

size_t eh_jobs(size_t wanted)
{
	cpu_set_t set;

	if (wanted > 0)
		return wanted;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 1)
		return 1;
	return (size_t)CPU_COUNT(&set);
}

struct eh_crew eh_crew_of(const struct eh_steps *steps)
{
	const size_t memory = steps != NULL && steps->memory > 0 ? steps->memory : EH_CREW_MEMORY;

	return (struct eh_crew){
		.jobs = eh_jobs(steps != NULL ? steps->jobs : 0),
		.limit = memory,
		.memory = memory,
		.progress = steps != NULL ? steps->progress : NULL,
	};
}

size_t eh_crew_threads(const struct eh_crew *crew, size_t n, size_t most)
{
	size_t threads = crew->jobs < most ? crew->jobs : most;

	threads = threads < n ? threads : n;
	return threads > 0 ? threads : 1;
}

int eh_crew_cancel(struct eh_err *err)
{
	return eh_err_set(err, EH_ECANCEL, "the work was cancelled; nothing changed");
}

bool eh_crew_stopped(const struct eh_crew *crew)
{
	return crew->stop != NULL && atomic_load(crew->stop);
}

static void *work(void *arg)
{
	struct member *me = arg;
	struct shared *s = me->s;

	(void)pthread_mutex_lock(&s->lock);
	while (s->next < s->n && s->worst == s->n && !atomic_load(&s->stop)) {
		size_t i = s->next++;
		struct eh_err err = EH_ERR_INIT;
		int rc = EH_OK;

		(void)pthread_mutex_unlock(&s->lock);
		rc = s->task(s->ctx, me->slot, i, &s->inside, &err);
		(void)pthread_mutex_lock(&s->lock);
		s->finished += rc == EH_OK;
		if (rc != EH_OK && i < s->worst) {
			s->worst = i;
			s->err = err;
			s->err.code = rc;
		}
		/* nobody else waits for a single task, and waking the caller costs a processor */
		if (s->told)
			(void)pthread_cond_signal(&s->changed);
	}
	s->working--;
	(void)pthread_cond_signal(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Signals stay with the thread that draws the screen; but SIGPIPE is of the thread that writes, and ends the program
 * whoever that is. */
static size_t start(struct member *m, struct shared *s, size_t threads)
{
	sigset_t all, before;
	size_t n = 0;

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGPIPE);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	s->working = threads;
	while (n < threads) {
		m[n] = (struct member){ .s = s, .slot = n };
		if (pthread_create(&m[n].thread, NULL, work, &m[n]) != 0)
			break;
		n++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_mutex_lock(&s->lock);
	s->working -= threads - n;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

static void watch(const struct eh_crew *crew, struct shared *s)
{
	size_t told = 0;

	(void)pthread_mutex_lock(&s->lock);
	while (s->working > 0 || told < s->finished) {
		struct timespec until = { 0, 0 };
		size_t finished = 0;

		if (told == s->finished) {
			(void)clock_gettime(CLOCK_MONOTONIC, &until);
			until.tv_nsec += ASK_NS;
			until.tv_sec += until.tv_nsec / 1000000000L;
			until.tv_nsec %= 1000000000L;
			(void)pthread_cond_timedwait(&s->changed, &s->lock, &until);
		}
		finished = s->finished;
		(void)pthread_mutex_unlock(&s->lock);           /* callbacks may take their time */
		for (; told < finished; told++)
			if (crew->count != NULL)
				eh_progress_step(crew->progress, crew->count->what, ++crew->count->done,
						 crew->count->total);
		if (eh_crew_stopped(crew) || eh_progress_cancelled(crew->progress))
			atomic_store(&s->stop, true);
		(void)pthread_mutex_lock(&s->lock);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static bool alone;              /* set once, in a child that has no other thread */

void eh_crew_alone(void)
{
	alone = true;
}

static int run_here(const struct eh_crew *crew, size_t n, eh_task *task, void *ctx, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < n && rc == EH_OK; i++)
		rc = eh_crew_stopped(crew) ? eh_crew_cancel(err) : task(ctx, 0, i, crew, err);
	return rc;
}

int eh_crew_run(const struct eh_crew *crew, size_t n, size_t most, eh_task *task, void *ctx, struct eh_err *err)
{
	const size_t threads = eh_crew_threads(crew, n, most);
	struct shared s = { .task = task, .ctx = ctx, .n = n, .worst = n, .told = crew->count != NULL };
	struct member *member = NULL;
	pthread_condattr_t attr;
	size_t started = 0;
	int rc = EH_OK;

	/* where nobody listens the caller has nothing to do beside it: starting a thread takes as long as a small part
	 * of the decisions does */
	if (threads == 1 && (crew->stop != NULL || alone || crew->progress == NULL))
		return run_here(crew, n, task, ctx, err);
	s.inside = (struct eh_crew){
		.jobs = crew->jobs / threads,
		.limit = crew->limit,
		.memory = crew->memory / threads,
		.stop = &s.stop,
	};
	atomic_init(&s.stop, eh_crew_stopped(crew) || eh_progress_cancelled(crew->progress));
	member = eh_xcalloc(threads, sizeof *member);
	(void)pthread_mutex_init(&s.lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s.changed, &attr);
	started = start(member, &s, threads);
	watch(crew, &s);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(member[i].thread, NULL);
	if (started == 0)
		rc = eh_err_set(err, EH_EENV, "no thread could be started; is the limit of processes reached?");
	else if (atomic_load(&s.stop))
		rc = eh_crew_cancel(err);
	else if (s.worst < n)
		rc = eh_err_set(err, s.err.code, "%s", s.err.msg);
	(void)pthread_cond_destroy(&s.changed);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_destroy(&s.lock);
	free(member);
	return rc;
}

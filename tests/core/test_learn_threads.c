/* The crew: every task once, the lowest error, no more threads than asked for, a cancel heard at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/threads.h"

#define TASKS 97

struct count {
	atomic_int done[TASKS];
	atomic_int now, most;           /* tasks at work at the same time */
	size_t wrong_from;              /* tasks from here on fail */
	size_t inner;                   /* tasks of the inner crew */
};

static void rest(long ns)
{
	const struct timespec t = { 0, ns };

	(void)nanosleep(&t, NULL);
}

static struct eh_crew crew_of(size_t jobs)
{
	struct eh_steps steps = { .jobs = jobs };

	return eh_crew_of(&steps);
}

static int leaf(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct count *c = ctx;
	int now = ++c->now, most = c->most;

	(void)slot;
	(void)inside;
	while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now))
		;
	rest(100000);
	c->now--;
	c->done[i]++;
	return c->wrong_from > 0 && i >= c->wrong_from ? eh_err_set(err, EH_ERANGE, "task %zu", i) : EH_OK;
}

static void every_task_is_done_once(void **state)
{
	(void)state;
	for (size_t jobs = 1; jobs <= 5; jobs++)
		for (size_t n = 0; n <= TASKS; n = n * 3 + 1) {
			struct eh_crew crew = crew_of(jobs);
			struct count c = { .wrong_from = 0 };

			assert_int_equal(eh_crew_run(&crew, n, SIZE_MAX, leaf, &c, NULL), EH_OK);
			for (size_t i = 0; i < TASKS; i++)
				assert_int_equal(c.done[i], i < n);
			assert_true((size_t)c.most <= jobs);
		}
}

static void the_error_of_the_lowest_task_is_told_and_no_task_begins_after_it(void **state)
{
	(void)state;
	for (size_t jobs = 1; jobs <= 4; jobs++) {
		struct eh_crew crew = crew_of(jobs);
		struct count c = { .wrong_from = 10 };
		struct eh_err err = EH_ERR_INIT;
		size_t begun = 0;

		assert_int_equal(eh_crew_run(&crew, TASKS, SIZE_MAX, leaf, &c, &err), EH_ERANGE);
		assert_string_equal(err.msg, "task 10");
		for (size_t i = 0; i < TASKS; i++)
			begun += c.done[i] != 0;
		assert_true(begun >= 11 && begun <= 10 + 2 * jobs);
	}
}

static int branch(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct count *c = ctx;

	(void)slot;
	(void)i;
	return eh_crew_run(inside, c->inner, SIZE_MAX, leaf, c, err);
}

/* Four threads: two outer tasks have two each, eight have one each; the limit on outer tasks leaves more inside. */
static void crews_inside_crews_have_no_more_threads_together(void **state)
{
	const struct { size_t tasks, most; } wish[] = { { 2, SIZE_MAX }, { 8, SIZE_MAX }, { 8, 1 }, { 1, SIZE_MAX } };

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct eh_crew crew = crew_of(4);
		struct count c = { .inner = 12 };

		assert_int_equal(eh_crew_run(&crew, wish[k].tasks, wish[k].most, branch, &c, NULL), EH_OK);
		assert_int_equal(c.done[11], wish[k].tasks);
		assert_true(c.most <= 4);
		assert_true(c.most >= 2);
	}
}

static int share(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_crew *seen = ctx;

	(void)slot;
	(void)i;
	(void)err;
	*seen = *inside;
	return EH_OK;
}

static void memory_is_shared_and_its_limit_is_not(void **state)
{
	struct eh_steps steps = { .jobs = 4, .memory = 4000 };
	struct eh_crew crew = eh_crew_of(&steps), seen = { 0 };

	(void)state;
	assert_int_equal(eh_crew_run(&crew, 1, 1, share, &seen, NULL), EH_OK);
	assert_int_equal(seen.memory, 4000);
	assert_int_equal(seen.jobs, 4);
	assert_int_equal(eh_crew_run(&crew, 8, SIZE_MAX, share, &crew, NULL), EH_OK);
	assert_int_equal(crew.memory, 1000);
	assert_int_equal(crew.limit, 4000);
	assert_int_equal(crew.jobs, 1);
	assert_int_equal(eh_crew_of(NULL).memory, EH_CREW_MEMORY);
	assert_true(eh_crew_of(NULL).jobs >= 1);
	assert_int_equal(eh_jobs(7), 7);
}

/* ---- progress and cancel ---- */

struct watch {
	uint64_t last, calls;
	bool in_order;
	uint64_t cancel_at;             /* asked so often, 0 = never */
	uint64_t asked;
};

static void step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct watch *w = ctx;

	w->in_order = w->in_order && done == w->last + 1 && total == TASKS && strcmp(what, "train") == 0;
	w->last = done;
	w->calls++;
}

static bool cancelled(void *ctx)
{
	struct watch *w = ctx;

	return w->cancel_at > 0 && ++w->asked >= w->cancel_at;
}

static void every_finished_task_is_one_step_told_in_order(void **state)
{
	struct watch w = { .in_order = true };
	struct eh_progress progress = { .step = step, .ctx = &w };
	struct eh_steps steps = { &progress, "train", 0, TASKS, 3, 0 };
	struct eh_crew crew = eh_crew_of(&steps);
	struct count c = { .inner = 0 };

	(void)state;
	crew.count = &steps;
	assert_int_equal(eh_crew_run(&crew, TASKS, SIZE_MAX, leaf, &c, NULL), EH_OK);
	assert_int_equal(w.calls, TASKS);
	assert_true(w.in_order);
	assert_int_equal(steps.done, TASKS);
}

/* Ends when it is told to, however long it would last. */
static int endless(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	(void)ctx;
	(void)slot;
	(void)i;
	while (!eh_crew_stopped(inside))
		rest(1000000);
	return eh_crew_cancel(err);
}

static int endless_inside(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	(void)slot;
	(void)i;
	return eh_crew_run(inside, 4, SIZE_MAX, endless, ctx, err);
}

static void a_cancel_reaches_tasks_and_the_crews_in_them(void **state)
{
	(void)state;
	for (size_t most = 1; most <= 4; most += 3) {
		struct watch w = { .cancel_at = 3 };
		struct eh_progress progress = { .cancelled = cancelled, .ctx = &w };
		struct eh_steps steps = { &progress, "train", 0, 1, 4, 0 };
		struct eh_crew crew = eh_crew_of(&steps);
		struct eh_err err = EH_ERR_INIT;
		struct timespec begin, end;

		(void)clock_gettime(CLOCK_MONOTONIC, &begin);
		assert_int_equal(eh_crew_run(&crew, 4, most, endless_inside, NULL, &err), EH_ECANCEL);
		(void)clock_gettime(CLOCK_MONOTONIC, &end);
		assert_non_null(strstr(err.msg, "cancelled"));
		assert_true(end.tv_sec - begin.tv_sec <= 1);
	}
}

static int same_thread(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	(void)slot;
	(void)i;
	(void)inside;
	(void)err;
	return pthread_equal(*(pthread_t *)ctx, pthread_self()) ? EH_OK : EH_FAIL;
}

/* A thread takes longer to start than a small part of the decisions to be audited. */
static void one_thread_that_nobody_listens_to_is_the_callers(void **state)
{
	struct eh_steps steps = { NULL, "audit", 0, 3, 1, 0 }, two = { NULL, "audit", 0, 3, 2, 0 };
	struct eh_crew crew = eh_crew_of(&steps), both = eh_crew_of(&two);
	pthread_t self = pthread_self();
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_crew_run(&crew, 3, 3, same_thread, &self, &err), EH_OK);
	assert_int_equal(eh_crew_run(&both, 3, 3, same_thread, &self, &err), EH_FAIL);
}

/* Last: it holds for the rest of the process. */
static void a_process_that_is_alone_works_in_its_own_thread(void **state)
{
	struct eh_progress progress = { NULL, NULL, NULL, NULL };
	struct eh_steps steps = { &progress, "audit", 0, 1, 1, 0 };
	struct eh_crew crew = eh_crew_of(&steps);
	pthread_t self = pthread_self();
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_crew_run(&crew, 3, 3, same_thread, &self, &err), EH_FAIL);
	eh_crew_alone();
	assert_int_equal(eh_crew_run(&crew, 3, 3, same_thread, &self, &err), EH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_task_is_done_once),
		cmocka_unit_test(the_error_of_the_lowest_task_is_told_and_no_task_begins_after_it),
		cmocka_unit_test(crews_inside_crews_have_no_more_threads_together),
		cmocka_unit_test(memory_is_shared_and_its_limit_is_not),
		cmocka_unit_test(every_finished_task_is_one_step_told_in_order),
		cmocka_unit_test(a_cancel_reaches_tasks_and_the_crews_in_them),
		cmocka_unit_test(one_thread_that_nobody_listens_to_is_the_callers),
		cmocka_unit_test(a_process_that_is_alone_works_in_its_own_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* core/worker: the record comes back, and whatever a child does its parent survives with a sentence. */
#include "tests/core/worker_jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

static void job_sum(void *ctx, int fd, void *record)
{
	struct note *n = record;
	unsigned char data[64] = "";
	ssize_t got = fd >= 0 ? read(fd, data, sizeof data) : 0;
	ssize_t i = 0;

	for (i = 0; i < got; i++)
		n->sum += data[i];
	strcpy(n->text, ctx);
}

static void record_comes_back(void **state)
{
	char path[] = "/tmp/evenhand-worker-XXXXXX";
	int fd = mkstemp(path);
	struct note n = { 0, "" };
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_sum, "hello", sizeof n);

	(void)state;
	assert_true(fd >= 0);
	(void)unlink(path);
	assert_int_equal(write(fd, "\1\2\3", 3), 3);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	s.fd = fd;
	assert_int_equal(eh_worker_run(&s, &n, &err), EH_OK);
	assert_int_equal(n.sum, 6);
	assert_string_equal(n.text, "hello");
	(void)close(fd);
}

static void job_crash(void *ctx, int fd, void *record)
{
	(void)ctx;
	(void)fd;
	memset(record, 7, 16);
	abort();
}

static void job_exit(void *ctx, int fd, void *record)
{
	(void)fd;
	(void)record;
	_exit(*(int *)ctx);
}

static void job_spin(void *ctx, int fd, void *record)
{
	volatile unsigned n = 0;

	(void)ctx;
	(void)fd;
	(void)record;
	for (;;)
		n = n + 1;
}

static void assert_zero(const struct note *n)
{
	static const struct note zero;

	assert_memory_equal(n, &zero, sizeof zero);
}

static void crash_is_an_error_and_record_is_zero(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_crash, NULL, sizeof n);

	(void)state;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_non_null(strstr(err.msg, filtered() ? "filter" : "worker"));
	assert_zero(&n);
}

static void memory_fault_is_named(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	void *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct eh_worker_spec s = spec_of(job_sum, nowhere, sizeof n);

	(void)state;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	if (filtered())         /* a sanitizer reports the fault in its own way */
		assert_string_equal(err.msg, "the worker crashed (SIGSEGV)");
	assert_zero(&n);
	(void)munmap(nowhere, 4096);
}

static void endless_loop_ends_at_the_wall_limit(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_spin, NULL, sizeof n);
	double t = eh_monotonic();

	(void)state;
	s.wall_seconds = 0.3;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	t = eh_monotonic() - t;
	assert_true(t >= 0.29 && t < 3.0);
	assert_string_equal(err.msg, "the worker was stopped: it ran longer than 0.3 s");
	assert_zero(&n);
}

static void cpu_limit_is_named(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_spin, NULL, sizeof n);

	(void)state;
	s.profile = EH_WORKER_POLICY;
	s.wall_seconds = 60;    /* other load may keep the worker from its 2 s of CPU */
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_string_equal(err.msg, "the worker ran out of its 2 s of CPU time");
	/* whoever starts it may say otherwise */
	s.profile = EH_WORKER_MEDIA;
	s.cpu_seconds = 1;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_string_equal(err.msg, "the worker ran out of its 1 s of CPU time");
	s.cpu_seconds = 86401;
	assert_int_equal(run(&s, &n, &err), EH_EINVAL);
}

static void early_exit_is_a_short_record(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	int status = 0;
	struct eh_worker_spec s = spec_of(job_exit, &status, sizeof n);

	(void)state;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_string_equal(err.msg, "the worker ended without a complete result");
	assert_zero(&n);
	status = 105;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_non_null(strstr(err.msg, "could not load the system-call filter"));
}

static void job_flood(void *ctx, int fd, void *record)
{
	static unsigned char much[4096];
	int i = 0;

	(void)ctx;
	(void)fd;
	(void)record;
	for (i = 3; i < 64; i++)
		(void)!write(i, much, sizeof much);
}

static void too_long_a_record_is_refused(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_flood, NULL, sizeof n);

	(void)state;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_string_equal(err.msg, "the worker wrote more than its record of 64 bytes");
	assert_zero(&n);
}

static void job_close_and_spin(void *ctx, int fd, void *record)
{
	int i = 0;

	for (i = 3; i < 64; i++)
		(void)close(i);
	job_spin(ctx, fd, record);
}

static void closing_the_pipe_does_not_hang_the_parent(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_close_and_spin, NULL, sizeof n);
	double t = eh_monotonic();

	(void)state;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_true(eh_monotonic() - t < 5.0);
}

#define BIG ((size_t)3 << 20)

static void job_big(void *ctx, int fd, void *record)
{
	unsigned char *p = record;
	size_t i = 0;

	(void)ctx;
	(void)fd;
	for (i = 0; i < BIG; i++)
		p[i] = (unsigned char)(i * 31 >> 3);
}

static void record_may_be_larger_than_the_pipe(void **state)
{
	unsigned char *p = calloc(BIG, 1);
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_big, NULL, BIG);
	size_t i = 0, wrong = 0;

	(void)state;
	assert_non_null(p);
	assert_int_equal(eh_worker_run(&s, p, &err), EH_OK);
	for (i = 0; i < BIG; i++)
		wrong += p[i] != (unsigned char)(i * 31 >> 3);
	assert_int_equal(wrong, 0);
	free(p);
}

static void a_record_can_be_looked_at_where_it_is(void **state)
{
	struct eh_worker *w = NULL;
	const struct note *n = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_sum, "here", sizeof *n);

	(void)state;
	assert_int_equal(eh_worker_start(&w, &s, &err), EH_OK);
	assert_null(eh_worker_record(w));       /* the child may still write into it */
	assert_int_equal(eh_worker_wait(w, NULL, &err), EH_OK);
	n = eh_worker_record(w);
	assert_non_null(n);
	assert_string_equal(n->text, "here");
	eh_worker_free(&w);
	s = spec_of(job_crash, NULL, sizeof *n);
	assert_int_equal(eh_worker_start(&w, &s, &err), EH_OK);
	assert_int_equal(eh_worker_wait(w, NULL, &err), EH_EWORKER);
	assert_null(eh_worker_record(w));
	eh_worker_free(&w);
}

static void several_run_at_once(void **state)
{
	enum { N = 6 };
	struct eh_worker *w[N] = { NULL };
	struct note n[N];
	char text[N][2];
	struct eh_err err = EH_ERR_INIT;
	int i = 0, running = N;

	(void)state;
	for (i = 0; i < N; i++) {
		struct eh_worker_spec s = { EH_WORKER_MEDIA, NULL, NULL, -1, sizeof n[i], 10.0, 0 };

		text[i][0] = (char)('a' + i);
		text[i][1] = '\0';
		s.job = i == 2 ? job_crash : job_sum;
		s.ctx = text[i];
		assert_int_equal(eh_worker_start(&w[i], &s, &err), EH_OK);
	}
	while (running > 0)
		for (i = 0; i < N; i++) {
			int rc = w[i] != NULL ? eh_worker_poll(w[i], &n[i], &err) : 1;

			if (rc == 1)
				continue;
			assert_int_equal(rc, i == 2 ? EH_EWORKER : EH_OK);
			if (i != 2)
				assert_string_equal(n[i].text, text[i]);
			eh_worker_free(&w[i]);
			running--;
		}
}

static void free_ends_a_running_worker(void **state)
{
	struct eh_worker *w = NULL;
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_spin, NULL, sizeof n);

	(void)state;
	assert_int_equal(eh_worker_start(&w, &s, &err), EH_OK);
	assert_int_equal(eh_worker_poll(w, &n, &err), 1);
	eh_worker_free(&w);
	assert_null(w);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);       /* nobody is left */
	assert_int_equal(errno, ECHILD);
}

static void wrong_arguments_start_nothing(void **state)
{
	struct eh_worker *w = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(NULL, NULL, 8);

	(void)state;
	assert_int_equal(eh_worker_start(&w, &s, &err), EH_EINVAL);
	s = spec_of(job_sum, "x", 0);
	assert_int_equal(eh_worker_start(&w, &s, &err), EH_EINVAL);
	s = spec_of(job_sum, "x", ((size_t)64 << 20) + 1);
	assert_int_equal(eh_worker_start(&w, &s, &err), EH_EINVAL);
	assert_null(w);
	s = spec_of(job_sum, "x", 4096);
	eh_mem_fail_at(1);
	assert_int_equal(eh_worker_start(&w, &s, &err), EH_ENOMEM);
	eh_mem_fail_at(0);
	assert_null(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_comes_back),
		cmocka_unit_test(crash_is_an_error_and_record_is_zero),
		cmocka_unit_test(memory_fault_is_named),
		cmocka_unit_test(endless_loop_ends_at_the_wall_limit),
		cmocka_unit_test(cpu_limit_is_named),
		cmocka_unit_test(early_exit_is_a_short_record),
		cmocka_unit_test(too_long_a_record_is_refused),
		cmocka_unit_test(closing_the_pipe_does_not_hang_the_parent),
		cmocka_unit_test(record_may_be_larger_than_the_pipe),
		cmocka_unit_test(a_record_can_be_looked_at_where_it_is),
		cmocka_unit_test(several_run_at_once),
		cmocka_unit_test(free_ends_a_running_worker),
		cmocka_unit_test(wrong_arguments_start_nothing),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}

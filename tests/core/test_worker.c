/* core/worker: the record comes back, and whatever a child does its parent survives with a sentence. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "worker/inside.h"
#include "worker/worker.h"

struct note {
	uint32_t sum;
	char text[60];
};

static struct eh_worker_spec spec_of(void (*job)(void *, int, void *), void *ctx, size_t size)
{
	struct eh_worker_spec s = { EH_WORKER_MEDIA, job, ctx, -1, size, 10.0, 0 };

	return s;
}

static bool filtered(void)
{
	struct eh_worker_layers layers = { 0, false };

	eh_worker_layers(&layers);
	return layers.seccomp;
}

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

static void job_socket(void *ctx, int fd, void *record)
{
	(void)ctx;
	(void)fd;
	(void)record;
	(void)socket(AF_INET, SOCK_STREAM, 0);
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

static int run(struct eh_worker_spec *s, struct note *n, struct eh_err *err)
{
	memset(n, 0x55, sizeof *n);
	return eh_worker_run(s, n, err);
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

static void forbidden_call_is_named(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_socket, NULL, sizeof n);

	(void)state;
	if (!filtered())
		skip();
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_string_equal(err.msg, "the worker was killed by the system-call filter (SIGSYS)");
	s.profile = EH_WORKER_POLICY;
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_non_null(strstr(err.msg, "SIGSYS"));
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

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void job_sort(void *ctx, int fd, void *record)
{
	size_t n = 20000, i = 0;
	double *v = malloc(n * sizeof *v);

	(void)ctx;
	(void)fd;
	if (v == NULL)
		return;
	for (i = 0; i < n; i++)
		v[i] = (double)((i * 7919) % n);
	qsort(v, n, sizeof *v, compare_double);
	((struct note *)record)->sum = (uint32_t)v[n / 2];
	free(v);
}

/* facts/first_road.md 2: the first large qsort of a process asks sysinfo(2). */
static void sorting_survives_the_filter(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_sort, NULL, sizeof n);

	(void)state;
	assert_int_equal(run(&s, &n, &err), EH_OK);
	assert_int_equal(n.sum, 10000);
	s.profile = EH_WORKER_POLICY;
	assert_int_equal(run(&s, &n, &err), EH_OK);
	assert_int_equal(n.sum, 10000);
}

static void job_hog(void *ctx, int fd, void *record)
{
	size_t size = *(size_t *)ctx;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)fd;
	((struct note *)record)->sum = p != MAP_FAILED;
	if (p != MAP_FAILED)
		(void)munmap(p, size);
}

static void memory_is_limited(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	size_t size = (size_t)200 << 20;
	struct eh_worker_spec s = spec_of(job_hog, &size, sizeof n);

	(void)state;
	if (!filtered())
		skip();
	s.profile = EH_WORKER_POLICY;
	assert_int_equal(run(&s, &n, &err), EH_OK);
	assert_int_equal(n.sum, 1);
	size = (size_t)300 << 20;
	assert_int_equal(run(&s, &n, &err), EH_OK);
	assert_int_equal(n.sum, 0);
}

static void job_malloc_to_the_end(void *ctx, int fd, void *record)
{
	void **last = NULL;
	struct note *n = record;

	(void)fd;
	for (void **block; (block = malloc(*(size_t *)ctx)) != NULL; last = block) {
		*block = last;
		n->sum++;
	}
	while (last != NULL) {
		void **before = *last;

		free(last);
		last = before;
	}
}

static void *use_an_arena(void *ctx)
{
	void *volatile block = malloc(1000);    /* else the compiler leaves both calls out */

	free(block);
	return ctx;
}

/* At its end malloc tries the arenas that threads of the parent have left, and grows those by mprotect(2). */
static void running_out_of_memory_is_no_crime(void **state)
{
	static const size_t sizes[] = { 30000, (size_t)200 << 20 };
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	size_t size = 0;
	struct eh_worker_spec s = spec_of(job_malloc_to_the_end, &size, sizeof n);
	pthread_t t;

	(void)state;
	if (!filtered())
		skip();
	assert_int_equal(pthread_create(&t, NULL, use_an_arena, NULL), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
	s.profile = EH_WORKER_POLICY;
	for (size_t i = 0; i < 2; i++) {
		size = sizes[i];
		if (run(&s, &n, &err) != EH_OK)
			fail_msg("%s", err.msg);
		assert_true(n.sum >= 1);
	}
}

/* What a child could do after a lock-down without the layers that are missing. */
static int locked_with(struct eh_worker_layers layers)
{
	pid_t parent = getpid(), pid = fork();
	int status = -1;

	if (pid == 0) {
		int job = -1, result = dup(1), opened = -1;

		eh_lockdown(EH_WORKER_MEDIA, eh_worker_limits(EH_WORKER_MEDIA), &layers, parent, &job, &result);
		opened = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
		_exit(opened >= 0 ? 1 : errno == EACCES ? 2 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void a_layer_the_kernel_lacks_leaves_the_others(void **state)
{
	struct eh_worker_layers real = { 0, false };
	int status = 0;

	(void)state;
	eh_worker_real_layers(&real);
	if (real.landlock_abi == 0 || !real.seccomp)
		skip();
	status = locked_with((struct eh_worker_layers){ real.landlock_abi, false });
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);     /* Landlock alone refuses the file */
	status = locked_with((struct eh_worker_layers){ 0, true });
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS); /* the filter alone kills */
	status = locked_with((struct eh_worker_layers){ 0, false });
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);     /* nothing holds it: why the program warns */
}

static void missing_layers_are_named(void **state)
{
	static const struct {
		struct eh_worker_layers layers;
		const char *text;
	} kinds[] = {
		{ { 7, true }, "" }, { { 0, true }, "Landlock" }, { { 1, false }, "seccomp" },
		{ { 0, false }, "Landlock and seccomp" }
	};
	struct eh_worker_layers l = { 0, false }, real = { 0, false };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(eh_worker_layers_missing(&kinds[i].layers), kinds[i].text);
	eh_worker_real_layers(&real);
	assert_int_equal(setenv("EVENHAND_PRETEND_MISSING", "landlock seccomp", 1), 0);
	eh_worker_layers(&l);
	assert_string_equal(eh_worker_layers_missing(&l), "Landlock and seccomp");
	eh_worker_real_layers(&l);
	assert_memory_equal(&l.landlock_abi, &real.landlock_abi, sizeof l.landlock_abi);
	assert_true(l.seccomp == real.seccomp);
	/* told to pretend, a worker is locked all the same */
	if (real.seccomp) {
		struct note n;
		struct eh_err err = EH_ERR_INIT;
		struct eh_worker_spec s = spec_of(job_socket, NULL, sizeof n);

		assert_int_equal(run(&s, &n, &err), EH_EWORKER);
		assert_non_null(strstr(err.msg, "SIGSYS"));
	}
	assert_int_equal(unsetenv("EVENHAND_PRETEND_MISSING"), 0);
}

static void every_forbidden_act_is_refused(void **state)
{
	enum eh_worker_profile profiles[] = { EH_WORKER_MEDIA, EH_WORKER_POLICY };
	size_t p = 0, i = 0;

	(void)state;
	if (!filtered())
		skip();
	for (p = 0; p < 2; p++) {
		struct eh_worker_proof proof[16];
		size_t n = eh_worker_selftest(profiles[p], proof, 16);

		assert_true(n >= 8);
		for (i = 0; i < n; i++) {
			if (!proof[i].refused)
				print_message("%s: %s\n", proof[i].what, proof[i].how);
			assert_true(proof[i].refused);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_comes_back),
		cmocka_unit_test(crash_is_an_error_and_record_is_zero),
		cmocka_unit_test(memory_fault_is_named),
		cmocka_unit_test(forbidden_call_is_named),
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
		cmocka_unit_test(sorting_survives_the_filter),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(running_out_of_memory_is_no_crime),
		cmocka_unit_test(a_layer_the_kernel_lacks_leaves_the_others),
		cmocka_unit_test(missing_layers_are_named),
		cmocka_unit_test(every_forbidden_act_is_refused)
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}

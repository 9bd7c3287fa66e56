/* The locks of core/worker: what a child may not do, what it may all the same, and layers that a kernel lacks. */
#include "tests/core/worker_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "worker/inside.h"

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

static void leave_an_arena(void)
{
	pthread_t t;

	assert_int_equal(pthread_create(&t, NULL, use_an_arena, NULL), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
}

/* At its end malloc tries the arenas that threads of the parent have left, grows those by mprotect(2), and gives back
 * parts of them. */
static void running_out_of_memory_is_no_crime(void **state)
{
	static const size_t sizes[] = { 30000, 100000, (size_t)200 << 20 };
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	size_t size = 0;
	struct eh_worker_spec s = spec_of(job_malloc_to_the_end, &size, sizeof n);

	(void)state;
	if (!filtered())
		skip();
	leave_an_arena();
	for (size_t i = 0; i < 6; i++) {
		s.profile = i < 3 ? EH_WORKER_POLICY : EH_WORKER_MEDIA;
		size = sizes[i % 3];
		if (run(&s, &n, &err) != EH_OK)
			fail_msg("%zu: %s", i, err.msg);
		assert_true(n.sum >= 1);
	}
}

static void job_blocks_come_and_go(void *ctx, int fd, void *record)
{
	enum { N = 200 };
	void *volatile block[N];

	(void)ctx;
	(void)fd;
	for (int i = 0; i < N; i++)
		block[i] = malloc(100000);
	for (int i = N; i > 0; i--)
		free(block[i - 1]);
	((struct note *)record)->sum = 1;
}

static void *run_media(void *ctx)
{
	static struct note n;
	struct eh_worker_spec s = spec_of(job_blocks_come_and_go, NULL, sizeof n);

	free(malloc(1000));
	return run(&s, &n, ctx) == EH_OK ? &n : NULL;
}

/* malloc asks once how the system commits memory, by opening a file: that is done before the locks. */
static void a_worker_of_a_thread_gives_memory_back(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	void *good = NULL;
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, run_media, &err), 0);
	assert_int_equal(pthread_join(t, &good), 0);
	if (good == NULL)
		fail_msg("%s", err.msg);
}

/* Where malloc believes that memory is committed strictly, it gives back by mmap(2) and not by madvise(2).  The setting
 * is the machine's: a process with a view of files of its own sees another word, and that is all that malloc reads. */
static void malloc_under_strict_overcommit(void **state)
{
	static const char setting[] = "/proc/sys/vm/overcommit_memory";
	char two[] = "/tmp/evenhand-two-XXXXXX";
	int fd = mkstemp(two), status = -1;
	pid_t pid = 0;

	(void)state;
	assert_true(fd >= 0 && write(fd, "2\n", 2) == 2 && close(fd) == 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount(two, setting, NULL, MS_BIND, NULL) < 0)
			_exit(77);
		/* this process has asked already, another program's malloc has not */
		(void)execl("/proc/self/exe", "test_worker_locks", "blocks", (char *)NULL);
		_exit(2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)unlink(two);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("not run: only root may give a process a view of files of its own\n");
		skip();
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- the last byte of the limit ---- */

enum { MIB = 1 << 20 };

static void job_pages(void *ctx, int fd, void *record)
{
	struct note *n = record;

	(void)fd;
	for (;;) {
		unsigned char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, *(int *)ctx | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return;
		memset(p, 1, MIB);
		n->sum++;
	}
}

/* Address space first, access later: what malloc does for threads. */
static void job_reserve(void *ctx, int fd, void *record)
{
	struct note *n = record;
	unsigned char *p = mmap(NULL, (size_t)400 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)ctx;
	(void)fd;
	if (p == MAP_FAILED)
		return;
	for (; n->sum < 400 && mprotect(p, MIB, PROT_READ | PROT_WRITE) == 0; p += MIB) {
		memset(p, 1, MIB);
		n->sum++;
	}
}

static void *reserved;

static void job_use_reserved(void *ctx, int fd, void *record)
{
	unsigned char *p = reserved;
	struct note *n = record;

	(void)ctx;
	(void)fd;
	for (; n->sum < 900 && mprotect(p, MIB, PROT_READ | PROT_WRITE) == 0; p += MIB) {
		memset(p, 1, MIB);
		n->sum++;
	}
}

static uint32_t mebibytes(struct eh_worker_spec *s)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;

	if (run(s, &n, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return n.sum;
}

/* All of it really written to, whatever kind of mapping: 512 MiB, less what the edges of the mappings cost. */
static void the_media_limit_is_the_same_for_every_kind_of_memory(void **state)
{
	int kinds[] = { MAP_PRIVATE, MAP_PRIVATE | MAP_NORESERVE, MAP_SHARED };
	struct eh_worker_spec s = spec_of(job_pages, NULL, sizeof(struct note));

	(void)state;
	if (!filtered())
		skip();
	for (size_t i = 0; i < 3; i++) {
		s.ctx = &kinds[i];
		assert_in_range(mebibytes(&s), 510, 512);
	}
	s.job = job_reserve;
	assert_int_equal(mebibytes(&s), 400);
	/* what the parent has reserved and not used is no present */
	reserved = mmap(NULL, (size_t)900 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(reserved != MAP_FAILED);
	s.job = job_use_reserved;
	assert_in_range(mebibytes(&s), 510, 512);
	(void)munmap(reserved, (size_t)900 * MIB);
}

static void job_ends_by_xmalloc(void *ctx, int fd, void *record)
{
	(void)ctx;
	(void)fd;
	for (;;)
		((struct note *)record)->sum += eh_xmalloc(30000) != NULL;
}

static void the_end_of_memory_is_named(void **state)
{
	struct note n;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = spec_of(job_ends_by_xmalloc, NULL, sizeof n);

	(void)state;
	if (!filtered())
		skip();
	assert_int_equal(run(&s, &n, &err), EH_EWORKER);
	assert_string_equal(err.msg,
			    "the worker ran out of memory: it has 512 MiB, where the machine can give as much");
	assert_int_equal(n.sum, 0);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden_call_is_named),
		cmocka_unit_test(sorting_survives_the_filter),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(running_out_of_memory_is_no_crime),
		cmocka_unit_test(a_worker_of_a_thread_gives_memory_back),
		cmocka_unit_test(malloc_under_strict_overcommit),
		cmocka_unit_test(the_media_limit_is_the_same_for_every_kind_of_memory),
		cmocka_unit_test(the_end_of_memory_is_named),
		cmocka_unit_test(a_layer_the_kernel_lacks_leaves_the_others),
		cmocka_unit_test(missing_layers_are_named),
		cmocka_unit_test(every_forbidden_act_is_refused),
	};

	if (argc > 1 && strcmp(argv[1], "blocks") == 0) {
		a_worker_of_a_thread_gives_memory_back(NULL);
		return 0;
	}
	return cmocka_run_group_tests_name("worker locks", tests, NULL, NULL);
}

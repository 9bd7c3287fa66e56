/* core/extract: a media worker whose memory ends, wherever in a recording that is. */
#include "extract_run.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "worker/worker.h"

#define MIB ((rlim_t)1 << 20)
#define MEASURED 1              /* exit statuses of the process that starts the worker; 0 is a job that did not run */
#define SAID_SO 2
#define OTHERWISE 3

static int take(void *ctx, const struct eh_extract_job *job, const struct eh_answer *a, struct eh_err *err)
{
	int *end = ctx;

	(void)job;
	(void)err;
	if (a->status == EH_OK)
		*end = MEASURED;
	else if (strstr(a->message, "out of memory") != NULL)
		*end = SAID_SO;
	else
		*end = OTHERWISE;
	if (*end == OTHERWISE)
		print_message("%s\n", a->message);
	return EH_OK;
}

/* Bytes private and writable of this process, as RLIMIT_DATA counts them; proc(5): the sixth number. */
static rlim_t data_now(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*u %*u %*u %*u %*u %lu", &pages), 1);
	(void)fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* A worker never gets more than the program was given: so its limit is lowered from outside, in a process apart. */
static int measured_with(const char *path, rlim_t bytes)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct eh_extract_settings settings = { 1, false };
		struct eh_extract_job j = { .candidate = "c1", .question = "q1", .want_face = true,
					    .want_voice = true };
		struct rlimit most = { bytes + data_now(), bytes + data_now() };
		struct eh_err err = EH_ERR_INIT;
		int end = 0;

		(void)snprintf(j.path, sizeof j.path, "%s", path);
		if (setrlimit(RLIMIT_DATA, &most) < 0)
			_exit(OTHERWISE);
		if (eh_extract_run(extractor, &j, 1, &settings, take, &end, NULL, &err) < 0)
			_exit(strstr(err.msg, "memory") != NULL ? SAID_SO : OTHERWISE);
		_exit(end);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		fail_msg("%llu KiB: the program itself ended by signal %d", (unsigned long long)bytes >> 10,
			 WTERMSIG(status));
	return WEXITSTATUS(status);
}

static void the_end_of_memory_is_said_in_words(void **state)
{
	struct eh_worker_layers layers = { 0, false };
	const char *path = clip("video/grid_brbk7n.mpg");
	unsigned measured = 0, said = 0;

	(void)state;
	need(path);
	eh_worker_layers(&layers);
	if (!layers.seccomp)    /* a sanitizer's memory has no limit */
		skip();
	/* where the work begins in small steps, for each part of it has its own first allocation */
	for (rlim_t kib = 256; kib <= 96 << 10; kib += kib < 6 << 10 ? 256 : kib / 4) {
		int end = measured_with(path, kib << 10);

		if (end != MEASURED && end != SAID_SO)
			fail_msg("%llu KiB: %d", (unsigned long long)kib, end);
		measured += end == MEASURED;
		said += end == SAID_SO;
	}
	print_message("%u ended for want of memory, %u measured\n", said, measured);
	assert_true(said >= 5 && measured >= 5);
	assert_int_equal(measured_with(path, 400 * MIB), MEASURED);
}

static int set_up(void **state)
{
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	(void)eh_extractor_open(&extractor, &err);
	return make_dir();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_memory_is_said_in_words),
	};

	return cmocka_run_group_tests_name("extract memory", tests, set_up, tear_down);
}

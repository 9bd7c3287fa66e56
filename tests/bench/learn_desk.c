/*
 * learn_desk EVENHAND [FIRST SECOND]: the commands of learning on a large project, from outside: whole processes, their
 * wall clock and peak memory.  Bars (facts/learning.md 17, the ones of the library): training of 10,000 candidates in
 * four minutes and 2 GB, 20,000 candidates classified a second, everything that only shows something within a second.
 * FIRST SECOND: other numbers than 2,000 who teach and 100,000 to classify, without the training of 10,000.
 */
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <pty.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/learn_bench.h"

#define ARGS 8
#define SILENCE 150 /* [ms] without a byte: the screen is drawn */

static const char *evenhand;
static char writer[512], dir[64] = "/tmp/evenhand-bench-XXXXXX", project[96];

struct cost {
	double wall, cpu; /* [s] */
	double peak;	  /* [MiB] resident, pages of the store's file included */
	int status;
};

static struct cost finish(pid_t pid, double begin)
{
	struct rusage u;
	struct cost c = { .status = -1 };
	int status = 0;

	if (wait4(pid, &status, 0, &u) == pid && WIFEXITED(status))
		c.status = WEXITSTATUS(status);
	c.wall = bench_now() - begin;
	c.cpu = (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
	c.peak = (double)u.ru_maxrss / 1024.0;
	return c;
}

/* Arguments end with NULL.  What the command prints is thrown away, what it says stays. */
static struct cost run(const char *program, ...)
{
	char *argv[ARGS + 2] = { (char *)(uintptr_t)program };
	double begin = bench_now();
	struct cost c;
	va_list ap;
	pid_t pid;

	va_start(ap, program);
	for (int i = 1; i <= ARGS && (argv[i] = va_arg(ap, char *)) != NULL; i++)
		;
	va_end(ap);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		(void)dup2(null, STDOUT_FILENO);
		execv(program, argv);
		_exit(127);
	}
	c = finish(pid, begin);
	if (c.status != 0) {
		fprintf(stderr, "learn_desk: %s %s %s: exit status %d\n", program, argv[1], argv[2], c.status);
		exit(1);
	}
	return c;
}

#define evenhand_run(...) run(evenhand, "--project", project, "--quiet", __VA_ARGS__, (char *)NULL)

static void say(const char *what, struct cost c)
{
	printf("%-44s %8.2f s wall %8.2f s cpu %7.0f MiB\n", what, c.wall, c.cpu, c.peak);
}

static double store_mb(void)
{
	char path[160];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s/store/data.mdb", project);
	return stat(path, &st) == 0 ? (double)st.st_size / 1e6 : -1.0;
}

/* Seconds until the first screen stands; -1 when none came. */
static double first_screen(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	double begin = bench_now(), last = -1.0;
	char block[4096];
	int fd = -1;
	pid_t pid = forkpty(&fd, NULL, NULL, &size);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (pid == 0) {
		(void)setenv("TERM", "xterm", 1);
		execl(evenhand, evenhand, "--project", project, (char *)NULL);
		_exit(127);
	}
	while (poll(&p, 1, last < 0.0 ? 60000 : SILENCE) > 0 && read(fd, block, sizeof block) > 0)
		last = bench_now();
	(void)!write(fd, "q", 1);
	while (poll(&p, 1, 2000) > 0 && read(fd, block, sizeof block) > 0)
		;
	(void)finish(pid, begin);
	(void)close(fd);
	return last < 0.0 ? -1.0 : last - begin;
}

static void make(const char *name, const char *first, const char *second)
{
	(void)snprintf(project, sizeof project, "%s/%s", dir, name);
	say("writing the project", run(writer, project, first, second, (char *)NULL));
	printf("%s who teach, %s to classify: %.0f MB\n", first, second, store_mb());
}

static int look(void)
{
	double start;
	int missed = 0;

	missed += bench_bar("model list", evenhand_run("model", "list").wall, "s", 0, 1.0);
	missed += bench_bar("show candidate", evenhand_run("show", "candidate", "A000001").wall, "s", 0, 1.0);
	start = first_screen();
	missed += bench_bar("first screen", start < 0.0 ? 1e9 : start, "s", 0, 1.0);
	return missed;
}

static int large(const char *first, const char *second)
{
	struct cost c;
	int missed = 0;

	make("large", first, second);
	c = evenhand_run("train", "sex");
	say("train sex", c);
	c = evenhand_run("classify", "sex");
	say("classify sex", c);
	missed += bench_bar("classified", strtod(second, NULL) / c.wall, "/s", 1, 20000.0);
	missed += look();
	c = evenhand_run("consent", "withdraw", "A000001", "train");
	say("a withdrawal that takes nothing measured", c);
	c = evenhand_run("consent", "withdraw", "A000002", "face");
	say("a withdrawal that rewrites the store", c);
	printf("%.0f MB\n", store_mb());
	c = evenhand_run("train", "--refresh");
	say("train --refresh, the store rewritten", c);
	printf("%.0f MB\n", store_mb());
	say("classify sex", evenhand_run("classify", "sex"));
	return missed;
}

static int many_teach(void)
{
	struct cost c;

	make("many", "10000", "0");
	c = evenhand_run("train", "sex");
	say("train sex", c);
	return bench_bar("train sex, 10,000 candidates", c.wall, "s", 0, 240.0) +
	       bench_bar("its memory at most", c.peak, "MiB", 0, 2048.0) + look();
}

int main(int argc, char **argv)
{
	char self[400] = "";
	int missed = 0;

	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: learn_desk EVENHAND [FIRST SECOND]\n");
		return 2;
	}
	evenhand = argv[1];
	(void)snprintf(self, sizeof self, "%s", argv[0]);
	(void)snprintf(writer, sizeof writer, "%s/learn_project", dirname(self));
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (mkdtemp(dir) == NULL) {
		perror(dir);
		return 3;
	}
	missed += large(argc == 4 ? argv[2] : "2000", argc == 4 ? argv[3] : "100000");
	if (argc == 2)
		missed += many_teach();
	(void)run("/bin/rm", "-rf", dir, (char *)NULL);
	return missed != 0;
}

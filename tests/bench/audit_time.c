/*
 * Seconds and memory of a program, as the operating system counts them for the finished child.
 *   audit_time CPUS OUTPUT PROGRAM [ARGUMENT ...]
 * CPUS: how many processors it may use (of those this process has).  OUTPUT: file for its standard output.  Prints
 * "WALL USER SYSTEM PEAK_MB"; exit status: the program's.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int pin(long want)
{
	cpu_set_t all, set;
	long n = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof all, &all) != 0)
		return -1;
	for (int i = 0; i < CPU_SETSIZE && n < want; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_SET(i, &set);
		n++;
	}
	return n == want ? sched_setaffinity(0, sizeof set, &set) : -1;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + 1e-6 * (double)t->tv_usec;
}

int main(int argc, char **argv)
{
	struct timespec from, to;
	struct rusage use;
	int status = 0, out = -1;
	pid_t child;

	if (argc < 4 || pin(strtol(argv[1], NULL, 10)) != 0) {
		fprintf(stderr, "usage: audit_time CPUS OUTPUT PROGRAM [ARGUMENT ...]; CPUS processors are needed\n");
		return 2;
	}
	out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (out < 0) {
		perror(argv[2]);
		return 2;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	child = fork();
	if (child == 0) {
		(void)dup2(out, STDOUT_FILENO);
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	while (child > 0 && wait4(child, &status, 0, &use) < 0)
		if (errno != EINTR)
			return 2;
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	if (child < 0)
		return 2;
	printf("%.3f %.3f %.3f %ld\n", (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec),
	       seconds(&use.ru_utime), seconds(&use.ru_stime), use.ru_maxrss / 1024);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

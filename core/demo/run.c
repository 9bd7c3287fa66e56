/* Starting ffmpeg and espeak-ng: an argument vector, never a shell, and no descriptor inherited but three. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "demo/inside.h"

extern char **environ;

static int env_missing(const char *program, int e, struct eh_err *err)
{
	if (e == ENOENT || e == EACCES)
		return eh_err_set(err, EH_EENV, "%s is not installed or not in PATH; "
				  "install it (Debian: apt-get install %s)", program, program);
	return eh_err_set(err, EH_EENV, "%s: cannot start: %s", program, strerror(e));
}

/*
 * Own process group: an interrupt typed at the terminal reaches only us, and we decide what
 * becomes of a half-made file.  Signals are as a fresh program expects them.
 */
static int attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;
	int e = 0;

	sigemptyset(&none);
	sigfillset(&all);
	e = posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (e == 0)
		e = posix_spawnattr_setpgroup(a, 0);
	if (e == 0)
		e = posix_spawnattr_setsigmask(a, &none);
	if (e == 0)
		e = posix_spawnattr_setsigdefault(a, &all);
	return e;
}

static int descriptors(posix_spawn_file_actions_t *fa, int out_fd, int said)
{
	int e = posix_spawn_file_actions_addopen(fa, 0, "/dev/null", O_RDONLY, 0);

	if (e == 0 && out_fd >= 0)
		e = posix_spawn_file_actions_adddup2(fa, out_fd, 1);
	else if (e == 0)
		e = posix_spawn_file_actions_addopen(fa, 1, "/dev/null", O_WRONLY, 0);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(fa, said, 2);
	if (e == 0)
		e = posix_spawn_file_actions_addclosefrom_np(fa, 3);
	return e;
}

int eh_demo_start(struct eh_demo_child *c, char *const argv[], int out_fd, struct eh_err *err)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int e = 0;

	*c = (struct eh_demo_child){ .said = -1 };
	snprintf(c->program, sizeof c->program, "%s", argv[0]);
	/* a file in memory, not a pipe: nobody has to empty it while the program runs */
	c->said = memfd_create("said", MFD_CLOEXEC);
	if (c->said < 0)
		return eh_err_set(err, EH_EENV, "%s: no place for its messages: %s", argv[0], strerror(errno));
	e = posix_spawn_file_actions_init(&fa);
	if (e != 0)
		goto close_said;
	e = posix_spawnattr_init(&attr);
	if (e != 0)
		goto destroy_actions;
	e = descriptors(&fa, out_fd, c->said);
	if (e == 0)
		e = attributes(&attr);
	if (e == 0)
		e = posix_spawnp(&c->pid, argv[0], &fa, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
destroy_actions:
	posix_spawn_file_actions_destroy(&fa);
close_said:
	if (e == 0)
		return EH_OK;
	close(c->said);
	c->pid = 0;
	c->said = -1;
	return env_missing(argv[0], e, err);
}

/* The last line that is not blank: ffmpeg and espeak-ng put their reason there. */
static void last_line(int fd, char *out, size_t size)
{
	char text[4096];
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end > (off_t)sizeof text ? end - (off_t)sizeof text : 0;
	ssize_t n = end > 0 ? pread(fd, text, sizeof text, from) : 0;
	size_t stop = n > 0 ? (size_t)n : 0;
	size_t start = 0;

	while (stop > 0 && (text[stop - 1] == '\n' || text[stop - 1] == '\r' || text[stop - 1] == ' '))
		stop--;
	for (start = stop; start > 0 && text[start - 1] != '\n' && text[start - 1] != '\r'; start--)
		;
	eh_text_printable(out, size, text + start, stop - start);
	if (stop == start)
		(void)eh_text_copy(out, size, "it gave no reason", "message", NULL);
}

int eh_demo_poll(struct eh_demo_child *c, bool *ended, struct eh_err *err)
{
	char why[256];
	int status = 0;
	int rc = EH_OK;
	pid_t got = waitpid(c->pid, &status, WNOHANG);

	*ended = false;
	if (got == 0 || (got < 0 && errno == EINTR))
		return EH_OK;
	*ended = true;
	if (got < 0) {
		rc = eh_err_set(err, EH_FAIL, "%s: its end was lost: %s", c->program, strerror(errno));
	} else if (WIFSIGNALED(status)) {
		rc = eh_err_set(err, EH_FAIL, "%s: ended by signal %d", c->program, WTERMSIG(status));
	} else if (WEXITSTATUS(status) != 0) {
		last_line(c->said, why, sizeof why);
		rc = eh_err_set(err, EH_FAIL, "%s: exit status %d: %s", c->program, WEXITSTATUS(status), why);
	}
	close(c->said);
	c->said = -1;
	c->pid = 0;
	return rc;
}

void eh_demo_kill(struct eh_demo_child *c)
{
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (c->said >= 0)
		close(c->said);
	c->pid = 0;
	c->said = -1;
}

void eh_demo_nap(void)
{
	/* short beside a file's 0.4 s, long beside a waitpid */
	struct timespec t = { 0, 4000000 };

	nanosleep(&t, NULL);
}

int eh_demo_cancelled(struct eh_err *err)
{
	return eh_err_set(err, EH_ECANCEL, "making the demo was cancelled; the next run goes on from here");
}

int eh_demo_run(char *const argv[], int out_fd, const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_demo_child c;
	bool ended = false;
	int rc = eh_demo_start(&c, argv, out_fd, err);

	while (rc == EH_OK && !ended) {
		rc = eh_demo_poll(&c, &ended, err);
		if (rc != EH_OK || ended)
			break;
		if (eh_progress_cancelled(progress)) {
			eh_demo_kill(&c);
			return eh_demo_cancelled(err);
		}
		eh_demo_nap();
	}
	return rc;
}

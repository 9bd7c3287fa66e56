/* Letters in their directory, and handing one over to sendmail(8); see mail_inside.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/mail_inside.h"

#define SPOOL "spool"
#define PATIENCE 60.0                   /* [s] for the program to take a letter */
#define LETTER_MAX (1u << 20)           /* [bytes] */

static void name_of(char out[32], uint64_t seq, const char *end)
{
	char id[16];

	eh_mail_id(id, seq);
	(void)snprintf(out, 32, "%s%s", id, end);
}

static int failed(struct eh_err *err, const char *what)
{
	const int saved = errno;

	return eh_err_set(err, EH_EENV, "the project's " SPOOL " directory: %s: %s", what, strerror(saved));
}

int eh_spool_open(int *out, const char *dir, struct eh_err *err)
{
	char path[2048];
	struct stat st, home;
	int fd;

	(void)snprintf(path, sizeof path, "%s/" SPOOL, dir);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return failed(err, "cannot be made");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(err, "cannot be opened");
	*out = fd;
	if (fstat(fd, &st) != 0 || stat(dir, &home) != 0 ||
	    (st.st_uid != geteuid() && st.st_uid != 0 && st.st_uid != home.st_uid)) {
		close(fd);
		return eh_err_set(err, EH_EENV, "the project's " SPOOL " directory belongs to somebody else than you, "
				  "root and the project's owner");
	}
	if ((st.st_mode & 077) != 0) {
		close(fd);
		return eh_err_set(err, EH_EENV, "the project's " SPOOL " directory is open to others; run: chmod 700 "
				  SPOOL);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return eh_err_set(err, EH_ESTALE, "another evenhand is sending this project's mail; try again later");
	}
	return EH_OK;
}

static bool is_kept(const char *name, const uint64_t *keep, size_t n)
{
	char own[32];

	for (size_t i = 0; i < n; i++) {
		name_of(own, keep[i], ".eml");
		if (strcmp(own, name) == 0)
			return true;
	}
	return false;
}

void eh_spool_sweep(int fd, const uint64_t *keep, size_t n)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		const char *end = strrchr(e->d_name, '.');

		if (e->d_name[0] == 'L' && end != NULL && !is_kept(e->d_name, keep, n) &&
		    (strcmp(end, ".eml") == 0 || strcmp(end, ".part") == 0))
			(void)unlinkat(fd, e->d_name, 0);
	}
	if (d != NULL)
		(void)closedir(d);
	else if (again >= 0)
		close(again);
}

static bool write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

int eh_spool_write(int spool, uint64_t seq, const struct eh_buf *letter, struct eh_err *err)
{
	char name[32], part[32];
	int fd, rc = EH_OK;

	name_of(name, seq, ".eml");
	name_of(part, seq, ".part");
	(void)unlinkat(spool, part, 0);
	fd = openat(spool, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || !write_all(fd, letter->data, letter->len) || fsync(fd) != 0 ||
	    renameat(spool, part, spool, name) != 0 || fsync(spool) != 0)
		rc = failed(err, "a letter cannot be written");
	if (fd >= 0)
		close(fd);
	if (rc != EH_OK)
		(void)unlinkat(spool, part, 0);
	return rc;
}

/* A FIFO in a letter's place must not hold the program. */
static int open_letter(int spool, const char *name)
{
	const int fd = openat(spool, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The letter in memory, CRLF as LF: what a program on the same machine wants on its standard input. */
static int letter_fd(int spool, const char *name)
{
	char *text = eh_try_malloc(LETTER_MAX, 1);
	int in = open_letter(spool, name), out = memfd_create("letter", MFD_CLOEXEC);
	ssize_t got = 0;
	size_t n = 0, kept = 0;

	while (text != NULL && in >= 0 && n < LETTER_MAX && (got = read(in, text + n, LETTER_MAX - n)) > 0)
		n += (size_t)got;
	for (size_t i = 0; i < n; i++)
		if (text[i] != '\r')
			text[kept++] = text[i];
	if (in < 0 || out < 0 || text == NULL || got < 0 || n == 0 || n == LETTER_MAX || !write_all(out, text, kept) ||
	    lseek(out, 0, SEEK_SET) != 0) {
		if (out >= 0)
			close(out);
		out = -1;
	}
	if (in >= 0)
		close(in);
	free(text);
	return out;
}

static int start(pid_t *pid, const char *program, int letter)
{
	char *const argv[] = { (char *)program, "-i", "-t", NULL };
	char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int rc;

	(void)sigemptyset(&none);
	/* ignored signals would stay ignored: a program whose reader ends must not write on */
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)sigaddset(&usual, SIGINT);
	(void)sigaddset(&usual, SIGTERM);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, letter, 0);
	(void)posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &usual);
	(void)posix_spawnattr_setflags(&attr,
				       POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, program, &files, &attr, argv, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* Its exit status as waitpid has it; -1: it took too long and was ended. */
static int wait_for(pid_t pid)
{
	const struct timespec nap = { 0, 10 * 1000 * 1000 };
	const double end = eh_monotonic() + PATIENCE;
	int status = 0;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return status;
		if (got < 0 && errno != EINTR)
			return -1;
		if (eh_monotonic() > end)
			break;
		(void)nanosleep(&nap, NULL);
	}
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return -1;
}

bool eh_spool_send(int spool, uint64_t seq, const char *sendmail, char why[200])
{
	char name[32];
	pid_t pid = 0;
	int letter, rc, status;

	name_of(name, seq, ".eml");
	letter = letter_fd(spool, name);
	if (letter < 0) {
		(void)snprintf(why, 200, "its file in the spool cannot be read");
		return false;
	}
	rc = start(&pid, sendmail, letter);
	close(letter);
	if (rc != 0) {
		(void)snprintf(why, 200, "sendmail cannot be started: %.100s", strerror(rc));
		return false;
	}
	status = wait_for(pid);
	if (status == 0) {
		(void)unlinkat(spool, name, 0);
		return true;
	}
	if (status == -1)
		(void)snprintf(why, 200, "sendmail did not end within %.0f s", PATIENCE);
	else if (WIFSIGNALED(status))
		(void)snprintf(why, 200, "sendmail was ended by signal %d", WTERMSIG(status));
	else
		(void)snprintf(why, 200, "sendmail ended with status %d", WEXITSTATUS(status));
	return false;
}

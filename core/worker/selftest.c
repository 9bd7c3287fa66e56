/* Proof of the locks: each forbidden act is tried once in a worker of its own (facts/reliability.md 10.9). */
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/inside.h"

struct attempt {
	const char *what;
	int (*act)(pid_t parent);       /* 0 or more = it worked, -1 with errno = refused */
};

struct trial {
	const struct attempt *attempt;
	pid_t parent;
};

struct outcome {
	int32_t tried;
	int32_t error;                  /* errno, 0 = it worked */
};

static int act_read_file(pid_t parent)
{
	(void)parent;
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

/* A nameless file: nothing stays behind should it work. */
static int act_write_file(pid_t parent)
{
	(void)parent;
	return open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

static int act_socket(pid_t parent)
{
	(void)parent;
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int act_execve(pid_t parent)
{
	char name[] = "/bin/true";
	char *argv[] = { name, NULL };
	char *envp[] = { NULL };

	(void)parent;
	return execve(name, argv, envp);
}

static int act_fork(pid_t parent)
{
	pid_t pid = fork();

	(void)parent;
	if (pid == 0)
		_exit(0);
	return pid;
}

/* SEIZE, unlike ATTACH, would not stop the parent. */
static int act_ptrace(pid_t parent)
{
	return (int)ptrace(PTRACE_SEIZE, parent, NULL, NULL);
}

/* Signal 0 asks for the permission only. */
static int act_kill(pid_t parent)
{
	return kill(parent, 0);
}

static int act_map_exec(pid_t parent)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)parent;
	return p == MAP_FAILED ? -1 : 0;
}

static int act_protect_exec(pid_t parent)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)parent;
	return p == MAP_FAILED ? -1 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static const struct attempt attempts[] = {
	{ "open a file", act_read_file },
	{ "write a file", act_write_file },
	{ "socket", act_socket },
	{ "execve", act_execve },
	{ "fork", act_fork },
	{ "ptrace the parent", act_ptrace },
	{ "kill the parent", act_kill },
	{ "mmap PROT_EXEC", act_map_exec },
	{ "mprotect PROT_EXEC", act_protect_exec }
};

static void try_it(void *ctx, int fd, void *record)
{
	const struct trial *t = ctx;
	struct outcome *o = record;
	int r = 0;

	(void)fd;
	errno = 0;
	r = t->attempt->act(t->parent);
	o->error = r < 0 ? errno : 0;
	o->tried = 1;
}

static void judge(struct eh_worker_proof *proof, int rc, const struct outcome *o, int status, const struct eh_err *err)
{
	const char *name = NULL;

	if (rc == EH_OK && o->tried == 1 && o->error != 0) {
		name = strerrorname_np(o->error);
		proof->refused = o->error == EACCES || o->error == EPERM;
		(void)snprintf(proof->how, sizeof proof->how, "%s", name != NULL ? name : "unknown error");
	} else if (rc < 0 && status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
		proof->refused = true;
		(void)snprintf(proof->how, sizeof proof->how, "killed by SIGSYS");
	} else if (rc < 0) {
		(void)snprintf(proof->how, sizeof proof->how, "%.60s", err->msg);
	} else {
		(void)snprintf(proof->how, sizeof proof->how, "it worked");
	}
}

size_t eh_worker_selftest(enum eh_worker_profile profile, struct eh_worker_proof *out, size_t max)
{
	size_t n = sizeof attempts / sizeof *attempts;
	size_t i = 0;

	for (i = 0; i < n && i < max; i++) {
		struct trial t = { &attempts[i], getpid() };
		struct outcome o = { 0, 0 };
		struct eh_err err = EH_ERR_INIT;
		struct eh_worker *w = NULL;
		struct eh_worker_spec spec = { profile, try_it, &t, -1, sizeof o, 2.0, 0 };
		int status = -1;
		int rc = eh_worker_start(&w, &spec, &err);

		out[i] = (struct eh_worker_proof){ attempts[i].what, false, "" };
		if (rc == EH_OK) {
			while ((rc = eh_worker_poll(w, &o, &err)) == 1) {
				struct pollfd p = { eh_worker_fd(w), POLLIN, 0 };

				(void)poll(&p, 1, 50);
			}
			status = eh_worker_wait_status(w);
		}
		judge(&out[i], rc, &o, status, &err);
		eh_worker_free(&w);
	}
	return n < max ? n : max;
}

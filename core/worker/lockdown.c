/* The locks of a worker: descriptors, limits, privileges, Landlock, seccomp (facts/reliability.md 3.2). */
#include "worker/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <seccomp.h>

/* Landlock is called by number: the installed header of Debian 12 knows ABI 2 only (facts/reliability.md 3.2). */
#define LANDLOCK_CREATE 444
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_ASK_VERSION 1u

struct landlock_ruleset {
	uint64_t fs;            /* ABI 1 */
	uint64_t net;           /* ABI 4 */
	uint64_t scoped;        /* ABI 6 */
};

/* An address sanitizer maps terabytes of shadow memory and makes system calls of its own at any moment:
 * neither an address space limit nor the filter can hold in such a build. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* facts/reliability.md 3.2: the list that worked for all codecs. */
static const int media_calls[] = {
	SCMP_SYS(read), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(brk), SCMP_SYS(munmap),
	SCMP_SYS(futex), SCMP_SYS(write), SCMP_SYS(exit_group), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(close),
	SCMP_SYS(exit), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime), SCMP_SYS(gettid),
	SCMP_SYS(getpid), SCMP_SYS(sched_getaffinity), SCMP_SYS(restart_syscall), SCMP_SYS(getrandom)
};

/* facts/reliability.md 4.1 set-up C; clock_gettime where the vDSO has to fall back to the kernel. */
static const int policy_calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(exit_group),
	SCMP_SYS(futex), SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall)
};

const struct eh_worker_limits *eh_worker_limits(enum eh_worker_profile profile)
{
	/* facts/reliability.md 3.2 step 3 and 4.1 set-up C.  400 MB are enough at 3840x3072 (facts/first_road.md 2),
	 * libraries and models not counted here; hostile files must end within 60 s and 512 MB. */
	static const struct eh_worker_limits media = { (size_t)512 << 20, 60, 60.0 };
	static const struct eh_worker_limits policy = { (size_t)256 << 20, 2, 2.0 };

	return profile == EH_WORKER_POLICY ? &policy : &media;
}

static long landlock_abi(void)
{
	long abi = syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_ASK_VERSION);

	return abi < 0 ? 0 : abi;
}

void eh_worker_real_layers(struct eh_worker_layers *out)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	out->landlock_abi = (int)landlock_abi();
	out->seccomp = !SANITIZED && syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &action) == 0;
}

void eh_worker_layers(struct eh_worker_layers *out)
{
	const char *pretend = getenv("EVENHAND_PRETEND_MISSING");

	eh_worker_real_layers(out);
	if (pretend != NULL && strstr(pretend, "landlock") != NULL)
		out->landlock_abi = 0;
	if (pretend != NULL && strstr(pretend, "seccomp") != NULL)
		out->seccomp = false;
}

const char *eh_worker_layers_missing(const struct eh_worker_layers *l)
{
	if (l->landlock_abi > 0)
		return l->seccomp ? "" : "seccomp";
	return l->seccomp ? "Landlock" : "Landlock and seccomp";
}

static void close_from_to(unsigned first, unsigned last)
{
	struct rlimit files = { 1024, 1024 };
	unsigned fd = 0;

	if (first > last || close_range(first, last, 0) == 0)
		return;
	/* kernels before 5.9 have no close_range */
	(void)getrlimit(RLIMIT_NOFILE, &files);
	for (fd = first; fd <= last && fd < files.rlim_cur && fd < 65536; fd++)
		(void)close((int)fd);
}

/* The caller may have been started without descriptors 0-2, so that pipe or file got one of those. */
static bool lift(int *fd)
{
	int high = -1;

	if (*fd < 0 || *fd > 2)
		return true;
	high = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (high < 0)
		return false;
	*fd = high;
	return true;
}

static bool lock_descriptors(int *job, int *result)
{
	int null = -1, low = 0, high = 0, i = 0;

	if (!lift(job) || !lift(result))
		return false;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return false;
	for (i = 0; i < 3; i++)
		if (null != i && dup2(null, i) < 0)
			return false;
	low = *job >= 0 && *job < *result ? *job : *result;
	high = *job > *result ? *job : *result;
	close_from_to(3, (unsigned)low - 1);
	close_from_to((unsigned)low + 1, (unsigned)high - 1);
	close_from_to((unsigned)high + 1, ~0u);
	return true;
}

struct in_use {
	size_t space;           /* [bytes] of address space, mapped for whatever use */
	size_t data;            /* [bytes] of that private and writable, the stack with it */
};

/* Both 0 when /proc is not there. */
static struct in_use in_use_now(void)
{
	struct in_use u = { 0, 0 };
	char text[128] = "", *at = text;
	ssize_t n = 0;
	long page = sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return u;
	n = read(fd, text, sizeof text - 1);
	(void)close(fd);
	if (n <= 0 || page <= 0)
		return u;
	/* proc(5): size resident shared text lib data */
	u.space = (size_t)strtoull(at, &at, 10) * (size_t)page;
	for (int i = 0; i < 5; i++)
		u.data = (size_t)strtoull(at, &at, 10) * (size_t)page;
	return u;
}

static bool limit(__rlimit_resource_t what, rlim_t soft, rlim_t hard)
{
	struct rlimit now = { 0, 0 };
	struct rlimit want = { soft, hard };

	if (getrlimit(what, &now) < 0)
		return false;
	/* never above what the program itself was given */
	if (now.rlim_max != RLIM_INFINITY && want.rlim_max > now.rlim_max)
		want.rlim_max = now.rlim_max;
	if (want.rlim_cur > want.rlim_max)
		want.rlim_cur = want.rlim_max;
	return setrlimit(what, &want) == 0;
}

/*
 * Both limits count what is mapped, not what is touched, and neither asks how the system commits memory
 * (vm.overcommit_memory): mmap, brk and mprotect fail at the same byte under 0, 1 and 2, and before it only where the
 * system itself has no more to give.  Data is what memory means here: the address space that malloc reserved in the
 * parent for its threads (64 MiB each, mapped without access) is in AS from the start, and using it would be free.  AS
 * bounds what data leaves out: shared memory.
 */
static bool lock_memory(const struct eh_worker_limits *l, const struct in_use *now)
{
	rlim_t space = (rlim_t)l->memory + (rlim_t)now->space, data = (rlim_t)l->memory + (rlim_t)now->data;

	return limit(RLIMIT_AS, space, space) && limit(RLIMIT_DATA, data, data);
}

static bool lock_limits(const struct eh_worker_limits *l, const struct in_use *now)
{
	return (SANITIZED || lock_memory(l, now)) &&
	       limit(RLIMIT_CPU, l->cpu_seconds, l->cpu_seconds + 1) &&
	       limit(RLIMIT_FSIZE, 0, 0) && limit(RLIMIT_NPROC, 0, 0) && limit(RLIMIT_CORE, 0, 0) &&
	       limit(RLIMIT_NOFILE, 64, 64);
}

static bool lock_landlock(int abi)
{
	static const uint64_t fs_rights[] = { 0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff };      /* by ABI */
	struct landlock_ruleset rules = { 0, 0, 0 };
	size_t size = sizeof rules.fs;
	int fd = -1;
	bool ok = false;

	rules.fs = fs_rights[abi < 5 ? abi : 5];
	if (abi >= 4) {
		rules.net = 0x3;
		size += sizeof rules.net;
	}
	if (abi >= 6) {
		rules.scoped = 0x3;
		size += sizeof rules.scoped;
	}
	fd = (int)syscall(LANDLOCK_CREATE, &rules, size, 0u);
	if (fd < 0)
		return false;
	ok = syscall(LANDLOCK_RESTRICT, fd, 0u) == 0;
	(void)close(fd);
	return ok;
}

static bool lock_filter(enum eh_worker_profile profile)
{
	const int *calls = profile == EH_WORKER_POLICY ? policy_calls : media_calls;
	size_t n = profile == EH_WORKER_POLICY ? sizeof policy_calls / sizeof *policy_calls
					       : sizeof media_calls / sizeof *media_calls;
	struct scmp_arg_cmp no_exec = { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 };
	scmp_filter_ctx f = NULL;
	bool ok = false;
	size_t i = 0;

	f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (f == NULL)
		return false;
	for (i = 0; i < n; i++)
		if (seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0) < 0)
			goto out;
	if (seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &no_exec) < 0)
		goto out;
	/* malloc at the end of its memory grows other arenas by it (tests/core/test_worker.c) */
	if (seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &no_exec) < 0)
		goto out;
	ok = seccomp_load(f) == 0;
out:
	seccomp_release(f);
	return ok;
}

static void plain_signals(void)
{
	sigset_t none;
	int sig = 0;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);     /* a caught or ignored SIGXCPU would outlive its limit */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void eh_lockdown(enum eh_worker_profile profile, const struct eh_worker_limits *limits,
		 const struct eh_worker_layers *layers, pid_t parent, int *job, int *result)
{
	struct in_use now = { 0, 0 };

	plain_signals();
	/* Giving back a part of an arena that a thread of the parent has left takes madvise(2), which is not on the
	 * list: malloc keeps what it has.  A media worker's buffers come and go: there that would cost too much. */
	if (profile == EH_WORKER_POLICY)
		(void)mallopt(M_TRIM_THRESHOLD, INT_MAX);
	/* Its own session: Ctrl-C at the terminal is the parent's to answer, not the child's death. */
	(void)setsid();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(EH_LOCKDOWN_PRIVS);
	if (getppid() != parent)
		_exit(EH_LOCKDOWN_ORPHAN);
	/* A time in a file would make libc open the time-zone file later (facts/reliability.md 3.4). */
	(void)setenv("TZ", "UTC0", 1);
	tzset();
	if (!lock_descriptors(job, result))
		_exit(EH_LOCKDOWN_FDS);
	now = in_use_now();
	if (!lock_limits(limits, &now))
		_exit(EH_LOCKDOWN_RLIMIT);
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(EH_LOCKDOWN_PRIVS);
	if (layers->landlock_abi > 0 && !lock_landlock(layers->landlock_abi))
		_exit(EH_LOCKDOWN_LANDLOCK);
	if (layers->seccomp && !lock_filter(profile))
		_exit(EH_LOCKDOWN_FILTER);
}

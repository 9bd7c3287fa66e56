/* Rewriting the store without its free pages, where deleted values stay readable; see store.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/inside.h"

#define DATA "/store/data.mdb"
#define DRAFT "/store/compact.mdb"
#define LOCK "/store/lock.mdb"
#define LOOK_EVERY 100000000L            /* [ns] between looks at how far the copy is */

static int path_of(char *out, size_t size, const struct eh_store *s, const char *below, struct eh_err *err)
{
	return snprintf(out, size, "%s%s", s->dir, below) < (int)size
		       ? EH_OK
		       : eh_err_set(err, EH_ERANGE, "%.200s: path too long", s->dir);
}

/*
 * Every process that has an LMDB environment open holds a shared lock on the first byte of lock.mdb, and whoever opens
 * one waits for that lock before it opens the data file.  An exclusive lock here therefore means: nobody is in, and
 * who comes waits and then finds the new file.  Locks of fcntl belong to the process and go with the first descriptor
 * that is closed: our own environment must be closed before and as long as this descriptor is open.
 */
static int lock_out(const struct eh_store *s, int *fd, bool *alone, struct eh_err *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
	char path[PATH_MAX];
	int rc = path_of(path, sizeof path, s, LOCK, err);

	*alone = false;
	*fd = -1;
	if (rc != EH_OK)
		return rc;
	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
	*alone = fcntl(*fd, F_SETLK, &whole) == 0;
	if (!*alone && errno != EACCES && errno != EAGAIN)
		return eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
	return EH_OK;
}

struct copying {
	MDB_env *env;
	int fd;
	int rc;                         /* LMDB's code or errno */
};

static void *copy_pages(void *ctx)
{
	struct copying *c = ctx;

	c->rc = mdb_env_copyfd2(c->env, c->fd, MDB_CP_COMPACT);
	if (c->rc == 0 && fsync(c->fd) != 0)
		c->rc = errno;
	return NULL;
}

/* In a thread of its own, so that whoever waits hears how far it is: LMDB itself does not tell. */
static int copy_and_tell(struct copying *c, const struct eh_progress *progress)
{
	struct timespec until;
	struct stat st;
	pthread_t thread;
	MDB_envinfo info;
	MDB_stat page;
	uint64_t total = 0;

	if (mdb_env_info(c->env, &info) == 0 && mdb_env_stat(c->env, &page) == 0)
		total = (uint64_t)(info.me_last_pgno + 1) * page.ms_psize;
	if (progress == NULL || pthread_create(&thread, NULL, copy_pages, c) != 0) {
		(void)copy_pages(c);
		return c->rc;
	}
	do {
		if (fstat(c->fd, &st) == 0 && (uint64_t)st.st_size < total)
			eh_progress_step(progress, "rewriting the store", (uint64_t)st.st_size, total);
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += LOOK_EVERY;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(thread, NULL, &until) != 0);
	eh_progress_step(progress, "rewriting the store", total, total);
	return c->rc;
}

/* No lock file: the exclusive lock stands for it, and opening another descriptor of it would end that lock. */
static int copy(struct eh_store *s, int fd, const struct eh_progress *progress, struct eh_err *err)
{
	struct copying c = { .fd = fd };
	char path[PATH_MAX];
	MDB_env *env = NULL;
	int rc = path_of(path, sizeof path, s, "/store", err);

	if (rc != EH_OK)
		return rc;
	rc = mdb_env_create(&env);
	if (rc == 0)
		rc = mdb_env_set_mapsize(env, EH_STORE_MAP_SIZE);
	if (rc == 0)
		rc = mdb_env_open(env, path, MDB_RDONLY | MDB_NOLOCK, 0600);
	c.env = env;
	if (rc == 0)
		rc = copy_and_tell(&c, progress);
	if (env != NULL)
		mdb_env_close(env);
	return rc == 0 ? EH_OK : eh_store_error(s, rc, "rewriting the store", err);
}

/*
 * lock.mdb tells who is not the first to open where the last commit stands; of the new file that would be another page,
 * and the wrong one.  Whoever waits for our lock is not the first.  So the file loses its mark before the new data are
 * in place: our own opening, under the lock, writes it anew, and if we are killed before that LMDB refuses the waiting
 * ones, and makes it anew for the first who comes alone.
 */
static int unmark(int lock_fd, struct eh_err *err)
{
	static const unsigned char none[8] = { 0 };

	if (pwrite(lock_fd, none, sizeof none, 0) != (ssize_t)sizeof none)
		return eh_err_set(err, EH_EIO, "rewriting the store: the lock file: %s", strerror(errno));
	return EH_OK;
}

static int swap(const struct eh_store *s, const char *draft, int lock_fd, struct eh_err *err)
{
	char path[PATH_MAX];
	int fd = -1, rc = path_of(path, sizeof path, s, DATA, err);

	if (rc == EH_OK)
		rc = unmark(lock_fd, err);
	if (rc == EH_OK && rename(draft, path) != 0)
		rc = eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
	if (rc == EH_OK)
		rc = path_of(path, sizeof path, s, "/store", err);
	if (rc != EH_OK)
		return rc;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		rc = eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int rewrite(struct eh_store *s, int lock_fd, const struct eh_progress *progress, struct eh_err *err)
{
	char draft[PATH_MAX];
	int fd = -1, rc = path_of(draft, sizeof draft, s, DRAFT, err);

	if (rc != EH_OK)
		return rc;
	(void)unlink(draft);                    /* of a run that was killed; nobody else is in */
	fd = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return eh_err_set(err, EH_EIO, "%.400s: %s", draft, strerror(errno));
	rc = copy(s, fd, progress, err);
	if (close(fd) != 0 && rc == EH_OK)
		rc = eh_err_set(err, EH_EIO, "%.400s: %s", draft, strerror(errno));
	if (rc == EH_OK)
		rc = swap(s, draft, lock_fd, err);
	if (rc != EH_OK)
		(void)unlink(draft);
	return rc;
}

int eh_store_compact(struct eh_store *s, const struct eh_progress *progress, bool *done, struct eh_err *err)
{
	bool alone = false;
	int fd = -1, rc = EH_OK, again = EH_OK;

	*done = false;
	if (s->open > 0)
		return eh_err_set(err, EH_EINVAL, "rewriting the store: a transaction is open");
	eh_store_suspend(s);
	rc = lock_out(s, &fd, &alone, err);
	if (rc == EH_OK && alone) {
		rc = rewrite(s, fd, progress, err);
		*done = rc == EH_OK;
	}
	if (fd >= 0 && !alone)
		(void)close(fd);
	/* LMDB finds itself the first, for the lock is its own process's, writes the lock file anew and then shares the
	 * lock: only now the others come in.  Closing the descriptor would end the shared lock too: it stays as long as
	 * env. */
	again = eh_store_resume(s, rc == EH_OK ? err : NULL);
	if (alone && s->env != NULL)
		s->lock_fd = fd;
	else if (alone)
		(void)close(fd);
	return rc == EH_OK ? again : rc;
}

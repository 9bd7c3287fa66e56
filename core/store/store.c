/* LMDB environment of a project: create, open, suspend, transactions; see store.h. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/codec.h"
#include "store/inside.h"

#define MAX_READERS 1024
#define CHECK_EVERY 64                  /* [write transactions] between looks for dead readers */
#define OPEN_AGAIN 5
#define OPEN_PAUSE 20000                /* [us] */
#define MARK_FILE "evenhand.project"

static const struct eh_bytes format_key = { (const unsigned char *)"format", 6 };

const char *const eh_table_names[EH_T_COUNT] = {
#define X(name, text) [name] = text,
	EH_TABLE_LIST(X)
#undef X
};

/* LMDB reports a full disk as EIO (short write): the free space tells the two apart. */
int eh_store_error(const struct eh_store *s, int rc, const char *what, struct eh_err *err)
{
	struct statvfs v;

	if (rc == MDB_MAP_FULL || rc == ENOSPC ||
	    (rc == EIO && s->dir != NULL && statvfs(s->dir, &v) == 0 && v.f_bavail * v.f_frsize < (8u << 20)))
		return eh_err_set(err, EH_EFULL, "%s: the disk of %s is full; nothing of this step was stored", what,
				  s->dir);
	if (rc == MDB_TXN_FULL)
		return eh_err_set(err, EH_EFULL, "%s: one step changes too much; split the file and import the parts",
				  what);
	if (rc == MDB_READERS_FULL)
		return eh_err_set(err, EH_EENV, "%s: more than %d readers; close some sessions", what, MAX_READERS);
	if (rc == ENOMEM)
		return eh_err_set(err, EH_ENOMEM, "%s: out of memory", what);
	return eh_err_set(err, EH_EIO, "%s: %s: %s; keep the directory as it is and take the last backup", s->dir, what,
			  mdb_strerror(rc));
}

static int refuse_network_fs(const char *dir, struct eh_err *err)
{
	/* file system magic numbers: statfs(2).  LMDB's locks and mmap are not safe on these. */
	static const unsigned long network[] = { 0x6969, 0xff534d42, 0xfe534d42, 0x65735546, 0x517b, 0x01021997 };
	struct statfs fs;

	if (statfs(dir, &fs) != 0)
		return eh_err_set(err, EH_ENOENT, "%s: %s", dir, strerror(errno));
	for (size_t i = 0; i < sizeof network / sizeof network[0]; i++)
		if ((unsigned long)fs.f_type == network[i] && getenv("EVENHAND_ALLOW_NETWORK_FS") == NULL)
			return eh_err_set(err, EH_EENV,
					  "%s lies on a network or FUSE file system, where the store's locks do not "
					  "hold; move the project to a local disk",
					  dir);
	return EH_OK;
}

/* Whose it is, when that can be seen: the mend is to ask this account, not to make another project. */
int eh_store_refuse_foreign(const char *path, struct eh_err *err)
{
	struct stat st;
	struct passwd pw, *found = NULL;
	char scratch[4096];

	if (stat(path, &st) != 0)
		return eh_err_set(err, EH_EENV,
				  "%.200s: permission denied to a directory on the way to it; name one of "
				  "your own with --project DIR, or ask its owner",
				  path);
	if (getpwuid_r(st.st_uid, &pw, scratch, sizeof scratch, &found) == 0 && found != NULL)
		return eh_err_set(err, EH_EENV,
				  "%.200s: permission denied; it belongs to %.64s (uid %u), who alone may use it", path,
				  found->pw_name, (unsigned)st.st_uid);
	return eh_err_set(err, EH_EENV, "%.200s: permission denied; it belongs to uid %u, who alone may use it", path,
			  (unsigned)st.st_uid);
}

static int check_mode(const char *path, struct eh_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == EACCES ? eh_store_refuse_foreign(path, err)
				       : eh_err_set(err, EH_ENOENT, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return eh_err_set(err, EH_EINVAL, "%.200s is not a directory; name a new or an empty one", path);
	if ((st.st_mode & 077) != 0)
		return eh_err_set(err, EH_EENV,
				  "%.200s can be reached by others on this machine; run: chmod -R go-rwx %.200s", path,
				  path);
	return EH_OK;
}

/* A DBI opened in an aborted transaction is closed again: all of them in one committed one.  LMDB's code. */
static int open_dbis(struct eh_store *s, unsigned txn_flags, unsigned dbi_flags)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(s->env, NULL, txn_flags, &txn);

	if (rc != 0)
		return rc;
	for (int t = 0; t < EH_T_COUNT && rc == 0; t++)
		rc = mdb_dbi_open(txn, eh_table_names[t], dbi_flags, &s->dbi[t]);
	if (rc == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

/* Reading first: whoever only opens a project must not wait for somebody's import. */
static int open_tables(struct eh_store *s, struct eh_err *err)
{
	int rc = open_dbis(s, MDB_RDONLY, 0);

	if (rc == MDB_NOTFOUND)
		rc = open_dbis(s, 0, MDB_CREATE);
	return rc != 0 ? eh_store_error(s, rc, "opening the store's tables", err) : EH_OK;
}

/* LMDB's code. */
static int open_once(struct eh_store *s, const char *path)
{
	int rc = mdb_env_create(&s->env);
	mode_t mask;

	if (rc != 0)
		return rc;
	mask = umask(077);
	rc = mdb_env_set_mapsize(s->env, EH_STORE_MAP_SIZE);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(s->env, MAX_READERS);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, EH_T_COUNT + 8);
	if (rc == 0)
		rc = mdb_env_open(s->env, path, MDB_NOTLS, 0600);
	(void)umask(mask);
	return rc;
}

static int open_env(struct eh_store *s, struct eh_err *err)
{
	char path[PATH_MAX];
	int dead, rc, status;

	if (snprintf(path, sizeof path, "%s/store", s->dir) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", s->dir);
	rc = open_once(s, path);
	/* whoever rewrote the store was killed while we waited: its lock file says nothing (compact.c) and is made anew
	 * by the first who opens it alone */
	for (int again = 0; rc == MDB_INVALID && again < OPEN_AGAIN; again++) {
		mdb_env_close(s->env);
		s->env = NULL;
		(void)usleep(OPEN_PAUSE);
		rc = open_once(s, path);
	}
	if (rc != 0) {
		status = rc == EACCES || rc == EPERM
			? eh_err_set(err, EH_EENV, "%s: no permission to open the store", path)
			: eh_store_error(s, rc, "opening the store", err);
		eh_store_suspend(s);
		return status;
	}
	(void)mdb_reader_check(s->env, &dead);
	status = open_tables(s, err);
	if (status != EH_OK)
		eh_store_suspend(s);
	return status;
}

static int check_format(struct eh_store *s, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_bytes v;
	struct eh_reader r;
	uint32_t format;
	int rc = eh_txn_begin(&txn, s, false, err);

	if (rc != EH_OK)
		return rc;
	rc = eh_txn_get(txn, EH_T_META, format_key, &v, err);
	if (rc == EH_OK) {
		eh_reader_init(&r, v.data, v.len);
		format = eh_get_u32(&r);
		if (format != EH_STORE_FORMAT)
			rc = eh_err_set(err, EH_EENV,
					"%s has store format %u, this program reads %u; use the program that made it",
					s->dir, format, EH_STORE_FORMAT);
	} else if (rc == EH_ENOENT) {
		rc = eh_err_set(err, EH_EENV, "%s: the store has no format number; it is not a finished project",
				s->dir);
	}
	eh_txn_abort(&txn);
	return rc;
}

int eh_store_open(struct eh_store **out, const char *dir, struct eh_err *err)
{
	struct eh_store *s = NULL;
	char path[PATH_MAX];
	int rc;

	*out = NULL;
	if (snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", dir);
	if (access(path, F_OK) != 0)
		return errno == EACCES
			? eh_store_refuse_foreign(dir, err)
			: eh_err_set(err, EH_ENOENT,
				     "%.200s is no Evenhand project; make one with: evenhand init %.200s", dir, dir);
	rc = refuse_network_fs(dir, err);
	if (rc == EH_OK)
		rc = check_mode(dir, err);
	if (rc != EH_OK)
		return rc;
	s = eh_xcalloc(1, sizeof *s);
	s->dir = eh_xstrdup(dir);
	rc = open_env(s, err);
	if (rc == EH_OK)
		rc = check_format(s, err);
	if (rc != EH_OK) {
		eh_store_close(&s);
		return rc;
	}
	*out = s;
	return EH_OK;
}

void eh_store_suspend(struct eh_store *s)
{
	if (s->env != NULL)
		mdb_env_close(s->env);
	s->env = NULL;
	/* after env: closing any descriptor of lock.mdb ends all locks of the process on it */
	if (s->lock_fd > 0)
		(void)close(s->lock_fd);
	s->lock_fd = 0;
}

int eh_store_resume(struct eh_store *s, struct eh_err *err)
{
	return s->env != NULL ? EH_OK : open_env(s, err);
}

void eh_store_close(struct eh_store **s)
{
	if (s == NULL || *s == NULL)
		return;
	eh_store_suspend(*s);
	free((*s)->dir);
	free(*s);
	*s = NULL;
}

const char *eh_store_dir(const struct eh_store *s)
{
	return s->dir;
}

/* The number of a snapshot, not mdb_env_info's: that counts a commit while its meta page is still on the way to the
 * disk, and who reads anew then reads the state before, and never again. */
uint64_t eh_store_version(struct eh_store *s)
{
	MDB_txn *txn = NULL;
	uint64_t version;

	if (s->env == NULL || mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	version = mdb_txn_id(txn);
	mdb_txn_abort(txn);
	return version;
}

/* What was made in a directory is there after a power loss only when the directory is on disk too. */
static int sync_dir(const char *dir, const char *below, struct eh_err *err)
{
	char path[PATH_MAX];
	int fd, rc = EH_OK;

	if (snprintf(path, sizeof path, "%s%s", dir, below) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", dir);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* a parent that may be searched but not read cannot be synced by us */
	if (fd < 0)
		return errno == EACCES ? EH_OK : eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
	if (fsync(fd) != 0 && errno != EINVAL)
		rc = eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
	(void)close(fd);
	return rc;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) != 0 ? errno : 0;
}

/* The mark is written last, and under its name only when it is whole: a directory without it is not a project yet,
 * whatever a crash left. */
static int write_mark(const char *dir, struct eh_err *err)
{
	static const char text[] = "evenhand project\n";
	char path[PATH_MAX], draft[PATH_MAX];
	int fd, why;

	if (snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) >= (int)sizeof path ||
	    snprintf(draft, sizeof draft, "%s/.%s", dir, MARK_FILE) >= (int)sizeof draft)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", dir);
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	why = fd < 0 ? errno : write_all(fd, text, sizeof text - 1);
	if (fd >= 0 && close(fd) != 0 && why == 0)
		why = errno;
	if (why == 0 && rename(draft, path) != 0)
		why = errno;
	if (why != 0) {
		(void)unlink(draft);
		return eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(why));
	}
	return sync_dir(dir, "", err);
}

static int make_dir(const char *path, struct eh_err *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return EH_OK;
	return eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
}

static int write_first(struct eh_store *s, int (*first)(struct eh_txn *txn, void *ctx, struct eh_err *err), void *ctx,
		       struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_buf b;
	int rc = eh_txn_begin(&txn, s, true, err);

	if (rc != EH_OK)
		return rc;
	eh_buf_init(&b, 64);
	eh_put_u32(&b, EH_STORE_FORMAT);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "%.200s: out of memory", s->dir)
		      : eh_txn_put(txn, EH_T_META, format_key, (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	if (rc == EH_OK && first != NULL)
		rc = first(txn, ctx, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

int eh_store_create(const char *dir, int (*first)(struct eh_txn *txn, void *ctx, struct eh_err *err), void *ctx,
		    struct eh_err *err)
{
	struct eh_store s = { 0 };
	char path[PATH_MAX];
	int rc;

	if (snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", dir);
	if (access(path, F_OK) == 0)
		return eh_err_set(err, EH_EEXIST, "%.200s is an Evenhand project already", dir);
	if (errno == EACCES)
		return eh_store_refuse_foreign(dir, err);
	rc = make_dir(dir, err);
	if (rc == EH_OK)
		rc = refuse_network_fs(dir, err);
	if (rc == EH_OK)
		rc = check_mode(dir, err);
	(void)snprintf(path, sizeof path, "%s/store", dir);
	if (rc == EH_OK)
		rc = make_dir(path, err);
	if (rc != EH_OK)
		return rc;
	s.dir = eh_xstrdup(dir);
	rc = open_env(&s, err);
	if (rc == EH_OK)
		rc = write_first(&s, first, ctx, err);
	eh_store_suspend(&s);
	free(s.dir);
	if (rc == EH_OK)
		rc = sync_dir(dir, "/store", err);
	if (rc == EH_OK)
		rc = sync_dir(dir, "/..", err);
	return rc == EH_OK ? write_mark(dir, err) : rc;
}

int eh_txn_begin(struct eh_txn **out, struct eh_store *s, bool write, struct eh_err *err)
{
	struct eh_txn *t;
	int dead, rc;

	*out = NULL;
	rc = eh_store_resume(s, err);
	if (rc != EH_OK)
		return rc;
	if (write && s->writes++ % CHECK_EVERY == 0)
		(void)mdb_reader_check(s->env, &dead);
	t = eh_xcalloc(1, sizeof *t);
	t->store = s;
	rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &t->txn);
	if (rc == MDB_MAP_RESIZED && mdb_env_set_mapsize(s->env, 0) == 0)
		rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &t->txn);
	if (rc != 0) {
		free(t);
		return eh_store_error(s, rc, write ? "beginning a change" : "reading the store", err);
	}
	s->open++;
	*out = t;
	return EH_OK;
}

int eh_txn_commit(struct eh_txn **txn, struct eh_err *err)
{
	struct eh_store *s = (*txn)->store;
	int rc = mdb_txn_commit((*txn)->txn);

	free(*txn);
	*txn = NULL;
	s->open--;
	if (rc == 0)
		return EH_OK;
	/* after a failed write or sync the pages in memory may not be those on disk: read them anew, never retry
	 * (facts/reliability.md 2.2) */
	if (s->open == 0)
		eh_store_suspend(s);
	return eh_store_error(s, rc, "storing", err);
}

void eh_txn_abort(struct eh_txn **txn)
{
	if (txn == NULL || *txn == NULL)
		return;
	mdb_txn_abort((*txn)->txn);
	(*txn)->store->open--;
	free(*txn);
	*txn = NULL;
}

struct reader_table {
	uint64_t last;                  /* number of the last commit */
	uint64_t lag;
	uint32_t n;
};

/* One line of mdb_reader_list: "pid thread txnid", "-" for a slot without a transaction, words for the heading. */
static int reader_line(const char *line, void *ctx)
{
	struct reader_table *r = ctx;
	unsigned long pid = 0, thread = 0;
	char view[32];

	if (sscanf(line, "%lu %lx %31s", &pid, &thread, view) != 3)
		return 0;
	r->n++;
	if (view[0] >= '0' && view[0] <= '9') {
		uint64_t at = strtoull(view, NULL, 10);

		if (at < r->last && r->last - at > r->lag)
			r->lag = r->last - at;
	}
	return 0;
}

int eh_store_stat(struct eh_store *s, struct eh_store_stat *out, struct eh_err *err)
{
	struct reader_table readers = { 0, 0, 0 };
	struct eh_txn *txn = NULL;
	MDB_envinfo info;
	MDB_stat st;
	int rc = eh_txn_begin(&txn, s, false, err);

	memset(out, 0, sizeof *out);
	if (rc != EH_OK)
		return rc;
	for (int t = 0; t < EH_T_COUNT; t++)
		if (mdb_stat(txn->txn, s->dbi[t], &st) == 0)
			out->entries[t] = st.ms_entries;
	if (mdb_env_info(s->env, &info) == 0 && mdb_env_stat(s->env, &st) == 0) {
		out->map_size = info.me_mapsize;
		out->bytes_used = (uint64_t)(info.me_last_pgno + 1) * st.ms_psize;
		readers.last = info.me_last_txnid;
		if (mdb_reader_list(s->env, reader_line, &readers) >= 0) {
			out->readers = readers.n;
			out->oldest_reader_lag = readers.lag;
		}
	}
	eh_txn_abort(&txn);
	return EH_OK;
}

/* LMDB environment of a project: create, open, suspend, transactions; see store.h. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/codec.h"

#define MAP_SIZE (UINT64_C(1) << 38)    /* [bytes]; only address space: the file stays small (reliability.md 2.2) */
#define MAX_READERS 1024
#define CHECK_EVERY 64                  /* [write transactions] between looks for dead readers */
#define MARK_FILE "evenhand.project"

struct eh_store {
	MDB_env *env;
	MDB_dbi dbi[EH_T_COUNT];
	char *dir;
	unsigned writes;
};

struct eh_txn {
	struct eh_store *store;
	MDB_txn *txn;
};

static const char *const table_names[EH_T_COUNT] = {
#define X(name, text) [name] = text,
	EH_TABLE_LIST(X)
#undef X
};

/* LMDB reports a full disk as EIO (short write): the free space tells the two apart. */
static int store_error(struct eh_store *s, int rc, const char *what, struct eh_err *err)
{
	struct statvfs v;

	if (rc == MDB_MAP_FULL || rc == ENOSPC ||
	    (rc == EIO && s->dir != NULL && statvfs(s->dir, &v) == 0 && v.f_bavail * v.f_frsize < (8u << 20)))
		return eh_err_set(err, EH_EFULL, "%s: the disk of %s is full; nothing of this step was stored", what, s->dir);
	if (rc == MDB_READERS_FULL)
		return eh_err_set(err, EH_EENV, "%s: more than %d readers; close some sessions", what, MAX_READERS);
	if (rc == ENOMEM)
		return eh_err_set(err, EH_ENOMEM, "%s: out of memory", what);
	return eh_err_set(err, EH_EIO, "%s: %s: %s; keep the directory as it is and take the last backup", s->dir, what, mdb_strerror(rc));
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
			return eh_err_set(err, EH_EENV, "%s lies on a network or FUSE file system, where the store's locks do not hold; move the project to a local disk", dir);
	return EH_OK;
}

static int check_mode(const char *path, struct eh_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return eh_err_set(err, EH_ENOENT, "%s: %s", path, strerror(errno));
	if ((st.st_mode & 07) != 0)
		return eh_err_set(err, EH_EENV, "%s can be reached by everybody on this machine; run: chmod -R o-rwx %s", path, path);
	return EH_OK;
}

static int open_tables(struct eh_store *s, struct eh_err *err)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

	if (rc != 0)
		return store_error(s, rc, "opening the store", err);
	/* a DBI opened in an aborted transaction is closed again: all of them in one committed one */
	for (int t = 0; t < EH_T_COUNT && rc == 0; t++)
		rc = mdb_dbi_open(txn, table_names[t], MDB_CREATE, &s->dbi[t]);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return store_error(s, rc, "opening the store's tables", err);
	}
	rc = mdb_txn_commit(txn);
	return rc != 0 ? store_error(s, rc, "opening the store's tables", err) : EH_OK;
}

static int open_env(struct eh_store *s, struct eh_err *err)
{
	char path[PATH_MAX];
	int dead, rc, status;
	mode_t mask;

	if (snprintf(path, sizeof path, "%s/store", s->dir) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", s->dir);
	rc = mdb_env_create(&s->env);
	if (rc != 0)
		return store_error(s, rc, "opening the store", err);
	mask = umask(077);
	rc = mdb_env_set_mapsize(s->env, MAP_SIZE);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(s->env, MAX_READERS);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, EH_T_COUNT + 8);
	if (rc == 0)
		rc = mdb_env_open(s->env, path, MDB_NOTLS, 0600);
	(void)umask(mask);
	if (rc != 0) {
		status = rc == EACCES || rc == EPERM
			? eh_err_set(err, EH_EENV, "%s: no permission to open the store", path)
			: store_error(s, rc, "opening the store", err);
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
	rc = eh_txn_get(txn, EH_T_META, (struct eh_bytes){ (const unsigned char *)"format", 6 }, &v, err);
	if (rc == EH_OK) {
		eh_reader_init(&r, v.data, v.len);
		format = eh_get_u32(&r);
		if (format != EH_STORE_FORMAT)
			rc = eh_err_set(err, EH_EENV, "%s has store format %u, this program reads %u; use the program that made it",
					s->dir, format, EH_STORE_FORMAT);
	} else if (rc == EH_ENOENT) {
		rc = eh_err_set(err, EH_EENV, "%s: the store has no format number; it is not a finished project", s->dir);
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
	if (snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) >= (int)sizeof path || access(path, F_OK) != 0)
		return eh_err_set(err, EH_ENOENT, "%.200s is no Evenhand project; make one with: evenhand init DIR", dir);
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

uint64_t eh_store_version(struct eh_store *s)
{
	MDB_envinfo info;

	if (s->env == NULL || mdb_env_info(s->env, &info) != 0)
		return 0;
	return info.me_last_txnid;
}

/* The mark is written last: a directory without it is not a project yet, whatever a crash left. */
static int write_mark(const char *dir, struct eh_err *err)
{
	static const char text[] = "evenhand project\n";
	char path[PATH_MAX];
	int fd, dfd;

	if (snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, sizeof text - 1) != (ssize_t)(sizeof text - 1) || fsync(fd) != 0) {
		int saved = errno;

		if (fd >= 0)
			(void)close(fd);
		return eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(saved));
	}
	(void)close(fd);
	dfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dfd >= 0) {
		(void)fsync(dfd);
		(void)close(dfd);
	}
	return EH_OK;
}

static int make_dir(const char *path, struct eh_err *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return EH_OK;
	return eh_err_set(err, EH_EIO, "%.400s: %s", path, strerror(errno));
}

int eh_store_create(const char *dir, struct eh_err *err)
{
	struct eh_store s = { 0 };
	struct eh_txn *txn = NULL;
	struct eh_buf b;
	char path[PATH_MAX];
	int rc;

	if (snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", dir);
	if (access(path, F_OK) == 0)
		return eh_err_set(err, EH_EEXIST, "%.200s is an Evenhand project already", dir);
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
		rc = eh_txn_begin(&txn, &s, true, err);
	if (rc == EH_OK) {
		eh_buf_init(&b, 64);
		eh_put_u32(&b, EH_STORE_FORMAT);
		rc = eh_txn_put(txn, EH_T_META, (struct eh_bytes){ (const unsigned char *)"format", 6 },
				(struct eh_bytes){ b.data, b.len }, err);
		eh_buf_free(&b);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	eh_store_suspend(&s);
	free(s.dir);
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
		return store_error(s, rc, write ? "beginning a change" : "reading the store", err);
	}
	*out = t;
	return EH_OK;
}

int eh_txn_commit(struct eh_txn **txn, struct eh_err *err)
{
	struct eh_txn *t = *txn;
	int rc = mdb_txn_commit(t->txn);
	int status = rc != 0 ? store_error(t->store, rc, "storing", err) : EH_OK;

	free(t);
	*txn = NULL;
	return status;
}

void eh_txn_abort(struct eh_txn **txn)
{
	if (txn == NULL || *txn == NULL)
		return;
	mdb_txn_abort((*txn)->txn);
	free(*txn);
	*txn = NULL;
}

int eh_store_stat(struct eh_store *s, struct eh_store_stat *out, struct eh_err *err)
{
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
		out->readers = info.me_numreaders;
		out->oldest_reader_lag = info.me_last_txnid - mdb_txn_id(txn->txn);
	}
	eh_txn_abort(&txn);
	return EH_OK;
}

/* ---- entries ---- */

static MDB_val val_of(struct eh_bytes b)
{
	return (MDB_val){ b.len, (void *)(uintptr_t)b.data };
}

static struct eh_bytes bytes_of(MDB_val v)
{
	return (struct eh_bytes){ v.mv_data, v.mv_size };
}

int eh_txn_get(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_bytes *value, struct eh_err *err)
{
	MDB_val k = val_of(key), v;
	int rc;

	if (key.len == 0)
		return EH_ENOENT;
	rc = mdb_get(txn->txn, txn->store->dbi[t], &k, &v);
	if (rc == MDB_NOTFOUND)
		return EH_ENOENT;
	if (rc != 0)
		return store_error(txn->store, rc, table_names[t], err);
	*value = bytes_of(v);
	return EH_OK;
}

int eh_txn_put(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc;

	if (key.len == 0 || key.len > EH_KEY_MAX)
		return eh_err_set(err, EH_ERANGE, "%s: the ids of this entry are together longer than %d bytes", table_names[t], EH_KEY_MAX);
	rc = mdb_put(txn->txn, txn->store->dbi[t], &k, &v, 0);
	return rc != 0 ? store_error(txn->store, rc, table_names[t], err) : EH_OK;
}

int eh_txn_del(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_err *err)
{
	MDB_val k = val_of(key);
	int rc = key.len != 0 ? mdb_del(txn->txn, txn->store->dbi[t], &k, NULL) : MDB_NOTFOUND;

	if (rc == MDB_NOTFOUND)
		return EH_ENOENT;
	return rc != 0 ? store_error(txn->store, rc, table_names[t], err) : EH_OK;
}

static bool begins_with(struct eh_bytes s, struct eh_bytes prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}

int eh_txn_scan(struct eh_txn *txn, enum eh_table t, struct eh_bytes prefix, eh_scan_fn fn, void *ctx, struct eh_err *err)
{
	MDB_cursor *c;
	MDB_val k = val_of(prefix), v;
	int rc = mdb_cursor_open(txn->txn, txn->store->dbi[t], &c);
	int status = EH_OK;

	if (rc != 0)
		return store_error(txn->store, rc, table_names[t], err);
	rc = mdb_cursor_get(c, &k, &v, prefix.len != 0 ? MDB_SET_RANGE : MDB_FIRST);
	while (rc == 0 && begins_with(bytes_of(k), prefix)) {
		status = fn(ctx, bytes_of(k), bytes_of(v), err);
		if (status != EH_OK)
			break;
		rc = mdb_cursor_get(c, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(c);
	if (status != EH_OK)
		return status;
	return rc != 0 && rc != MDB_NOTFOUND ? store_error(txn->store, rc, table_names[t], err) : EH_OK;
}

int eh_txn_last(struct eh_txn *txn, enum eh_table t, struct eh_bytes prefix, struct eh_bytes *key,
		struct eh_bytes *value, struct eh_err *err)
{
	unsigned char after[EH_KEY_MAX + 1];
	MDB_cursor *c;
	MDB_val k, v;
	int rc = mdb_cursor_open(txn->txn, txn->store->dbi[t], &c);

	if (rc != 0)
		return store_error(txn->store, rc, table_names[t], err);
	if (prefix.len == 0) {
		rc = mdb_cursor_get(c, &k, &v, MDB_LAST);
	} else {
		/* first key at or after prefix ff ff ..., then one back; keys hold no run of ff longer than a number */
		size_t len = prefix.len + 16 <= sizeof after ? prefix.len + 16 : sizeof after;

		memcpy(after, prefix.data, prefix.len);
		memset(after + prefix.len, 0xff, len - prefix.len);
		k = (MDB_val){ len, after };
		rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
		rc = mdb_cursor_get(c, &k, &v, rc == 0 ? MDB_PREV : MDB_LAST);
	}
	if (rc == 0 && begins_with(bytes_of(k), prefix)) {
		*key = bytes_of(k);
		*value = bytes_of(v);
	} else if (rc == 0) {
		rc = MDB_NOTFOUND;
	}
	mdb_cursor_close(c);
	if (rc == MDB_NOTFOUND)
		return EH_ENOENT;
	return rc != 0 ? store_error(txn->store, rc, table_names[t], err) : EH_OK;
}

int eh_txn_count(struct eh_txn *txn, enum eh_table t, uint64_t *out, struct eh_err *err)
{
	MDB_stat st;
	int rc = mdb_stat(txn->txn, txn->store->dbi[t], &st);

	if (rc != 0)
		return store_error(txn->store, rc, table_names[t], err);
	*out = st.ms_entries;
	return EH_OK;
}

int eh_txn_next(struct eh_txn *txn, const char *name, uint64_t *out, struct eh_err *err)
{
	struct eh_key key = eh_key_of("next");
	struct eh_bytes v;
	struct eh_reader r;
	unsigned char le[8];
	uint64_t n = 0;
	int rc;

	eh_key_str(&key, name);
	rc = eh_txn_get(txn, EH_T_META, eh_key_bytes(&key), &v, err);
	if (rc == EH_OK) {
		eh_reader_init(&r, v.data, v.len);
		n = eh_get_u64(&r);
	} else if (rc != EH_ENOENT) {
		return rc;
	}
	n++;
	for (int i = 0; i < 8; i++)
		le[i] = (unsigned char)(n >> (8 * i));
	rc = eh_txn_put(txn, EH_T_META, eh_key_bytes(&key), (struct eh_bytes){ le, sizeof le }, err);
	if (rc == EH_OK)
		*out = n;
	return rc;
}

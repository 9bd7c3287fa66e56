/* Entries of the tables inside a transaction: get, put, delete, scans, counters; see store.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/codec.h"
#include "store/inside.h"

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

	if (key.len == 0 || key.len > EH_KEY_MAX)
		return EH_ENOENT;
	rc = mdb_get(txn->txn, txn->store->dbi[t], &k, &v);
	if (rc == MDB_NOTFOUND)
		return EH_ENOENT;
	if (rc != 0)
		return eh_store_error(txn->store, rc, eh_table_names[t], err);
	*value = bytes_of(v);
	return EH_OK;
}

int eh_txn_put(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc;

	if (key.len == 0 || key.len > EH_KEY_MAX)
		return eh_err_set(err, EH_ERANGE, "%s: the ids of this entry are together longer than %d bytes",
				  eh_table_names[t], EH_KEY_MAX);
	rc = mdb_put(txn->txn, txn->store->dbi[t], &k, &v, 0);
	return rc != 0 ? eh_store_error(txn->store, rc, eh_table_names[t], err) : EH_OK;
}

int eh_txn_del(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_err *err)
{
	MDB_val k = val_of(key);
	int rc = key.len != 0 && key.len <= EH_KEY_MAX ? mdb_del(txn->txn, txn->store->dbi[t], &k, NULL) : MDB_NOTFOUND;

	if (rc == MDB_NOTFOUND)
		return EH_ENOENT;
	return rc != 0 ? eh_store_error(txn->store, rc, eh_table_names[t], err) : EH_OK;
}

int eh_txn_clear(struct eh_txn *txn, enum eh_table t, struct eh_err *err)
{
	int rc = mdb_drop(txn->txn, txn->store->dbi[t], 0);

	return rc != 0 ? eh_store_error(txn->store, rc, eh_table_names[t], err) : EH_OK;
}

bool eh_bytes_begin(struct eh_bytes s, struct eh_bytes prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}

static int check_prefix(struct eh_bytes prefix, const char *table, struct eh_err *err)
{
	if (prefix.len > EH_KEY_MAX)
		return eh_err_set(err, EH_ERANGE, "%s: the ids looked for are together longer than %d bytes", table,
				  EH_KEY_MAX);
	return EH_OK;
}

int eh_txn_scan(struct eh_txn *txn, enum eh_table t, struct eh_bytes prefix, eh_scan_fn fn, void *ctx,
		struct eh_err *err)
{
	MDB_cursor *c;
	MDB_val k = val_of(prefix), v;
	int status = check_prefix(prefix, eh_table_names[t], err);
	int rc;

	if (status != EH_OK)
		return status;
	rc = mdb_cursor_open(txn->txn, txn->store->dbi[t], &c);
	if (rc != 0)
		return eh_store_error(txn->store, rc, eh_table_names[t], err);
	rc = mdb_cursor_get(c, &k, &v, prefix.len != 0 ? MDB_SET_RANGE : MDB_FIRST);
	while (rc == 0 && eh_bytes_begin(bytes_of(k), prefix)) {
		status = fn(ctx, bytes_of(k), bytes_of(v), err);
		if (status != EH_OK)
			break;
		rc = mdb_cursor_get(c, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(c);
	if (status != EH_OK)
		return status;
	return rc != 0 && rc != MDB_NOTFOUND ? eh_store_error(txn->store, rc, eh_table_names[t], err) : EH_OK;
}

int eh_txn_last(struct eh_txn *txn, enum eh_table t, struct eh_bytes prefix, struct eh_bytes *key,
		struct eh_bytes *value, struct eh_err *err)
{
	unsigned char after[EH_KEY_MAX + 1];
	MDB_cursor *c;
	MDB_val k, v;
	int rc = check_prefix(prefix, eh_table_names[t], err);

	if (rc != EH_OK)
		return rc;
	rc = mdb_cursor_open(txn->txn, txn->store->dbi[t], &c);
	if (rc != 0)
		return eh_store_error(txn->store, rc, eh_table_names[t], err);
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
	if (rc == 0 && eh_bytes_begin(bytes_of(k), prefix)) {
		*key = bytes_of(k);
		*value = bytes_of(v);
	} else if (rc == 0) {
		rc = MDB_NOTFOUND;
	}
	mdb_cursor_close(c);
	if (rc == MDB_NOTFOUND)
		return EH_ENOENT;
	return rc != 0 ? eh_store_error(txn->store, rc, eh_table_names[t], err) : EH_OK;
}

struct eh_cursor {
	struct eh_txn *txn;
	MDB_cursor *at;
	enum eh_table table;
	bool past;                      /* the last seek found nothing: what is put from here on is appended */
};

int eh_cursor_open(struct eh_cursor **out, struct eh_txn *txn, enum eh_table t, struct eh_err *err)
{
	struct eh_cursor *c = eh_xcalloc(1, sizeof *c);
	int rc = mdb_cursor_open(txn->txn, txn->store->dbi[t], &c->at);

	*out = NULL;
	if (rc != 0) {
		free(c);
		return eh_store_error(txn->store, rc, eh_table_names[t], err);
	}
	c->txn = txn;
	c->table = t;
	*out = c;
	return EH_OK;
}

void eh_cursor_close(struct eh_cursor **c)
{
	if (c == NULL || *c == NULL)
		return;
	mdb_cursor_close((*c)->at);
	free(*c);
	*c = NULL;
}

static int cursor_get(struct eh_cursor *c, MDB_val k, MDB_cursor_op op, struct eh_bytes *found, struct eh_bytes *value,
		      struct eh_err *err)
{
	MDB_val v;
	int rc = mdb_cursor_get(c->at, &k, &v, op);

	if (rc == MDB_NOTFOUND)
		return EH_ENOENT;
	if (rc != 0)
		return eh_store_error(c->txn->store, rc, eh_table_names[c->table], err);
	*found = bytes_of(k);
	*value = bytes_of(v);
	return EH_OK;
}

int eh_cursor_seek(struct eh_cursor *c, struct eh_bytes key, struct eh_bytes *found, struct eh_bytes *value,
		   struct eh_err *err)
{
	int rc = check_prefix(key, eh_table_names[c->table], err);

	if (rc != EH_OK)
		return rc;
	rc = cursor_get(c, val_of(key), key.len != 0 ? MDB_SET_RANGE : MDB_FIRST, found, value, err);
	c->past = rc == EH_ENOENT;
	return rc;
}

int eh_cursor_next(struct eh_cursor *c, struct eh_bytes *found, struct eh_bytes *value, struct eh_err *err)
{
	return cursor_get(c, (MDB_val){ 0, NULL }, MDB_NEXT, found, value, err);
}

int eh_cursor_put(struct eh_cursor *c, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc = MDB_KEYEXIST;

	if (key.len == 0 || key.len > EH_KEY_MAX)
		return eh_err_set(err, EH_ERANGE, "%s: the ids of this entry are together longer than %d bytes",
				  eh_table_names[c->table], EH_KEY_MAX);
	if (c->past)
		rc = mdb_cursor_put(c->at, &k, &v, MDB_APPEND);
	/* not after the last one: keys came out of order */
	if (rc == MDB_KEYEXIST)
		rc = mdb_cursor_put(c->at, &k, &v, 0);
	return rc != 0 ? eh_store_error(c->txn->store, rc, eh_table_names[c->table], err) : EH_OK;
}

int eh_txn_count(struct eh_txn *txn, enum eh_table t, uint64_t *out, struct eh_err *err)
{
	MDB_stat st;
	int rc = mdb_stat(txn->txn, txn->store->dbi[t], &st);

	if (rc != 0)
		return eh_store_error(txn->store, rc, eh_table_names[t], err);
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
		/* a counter that began again would overwrite what has its numbers */
		if (r.bad || n == UINT64_MAX)
			return eh_err_set(err, EH_EFORMAT, "%s: the counter of %s is damaged; take the last backup",
					  txn->store->dir, name);
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

/*
 * inside.h - what the files of store/ share; nobody else includes it, for it shows LMDB's types.
 */
#ifndef EH_STORE_INSIDE_H
#define EH_STORE_INSIDE_H

#include <lmdb.h>

#include "store/store.h"

/* [bytes]; only address space: the file stays small (reliability.md 2.2) */
#define EH_STORE_MAP_SIZE (UINT64_C(1) << 38)

struct eh_store {
	MDB_env *env;                   /* NULL = suspended */
	MDB_dbi dbi[EH_T_COUNT];
	char *dir;
	unsigned writes;
	unsigned open;                  /* transactions not yet ended */
	int lock_fd;                    /* kept after a rewriting as long as env is open (compact.c); 0 = none */
};

struct eh_txn {
	struct eh_store *store;
	MDB_txn *txn;
};

extern const char *const eh_table_names[EH_T_COUNT];

/* LMDB's code to ours, with what was being done and the mend. */
int eh_store_error(const struct eh_store *s, int rc, const char *what, struct eh_err *err);

#endif

/*
 * store.h - the project's one store: named tables of bytes, ordered keys, transactions.
 *
 * This room is the one home of LMDB; no other room sees its types.  Rules it keeps
 * (facts/reliability.md 2): full sync, no WRITEMAP; one committed transaction opens all
 * tables at the start; reader slots of dead processes are cleared at open and by every 64th
 * writer; files are created 0600.
 *
 * Values handed out are borrowed until the transaction ends: copy at the border.  No
 * transaction may stay open while something waits (a person, a file, a worker, Lua).
 *
 * A project directory holds store/data.mdb, store/lock.mdb and evenhand.project.
 */
#ifndef EH_STORE_STORE_H
#define EH_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"

#define EH_STORE_FORMAT 1

/* name, what stands in it: key -> value */
#define EH_TABLE_LIST(X)                                                                        \
	X(EH_T_META,          "meta")           /* name -> bytes (format, counters, versions) */ \
	X(EH_T_CANDIDATES,    "candidates")     /* candidate -> struct eh_candidate */          \
	X(EH_T_EVALUATORS,    "evaluators")     /* evaluator -> struct eh_evaluator */          \
	X(EH_T_CONSENTS,      "consents")       /* candidate 0 seq64 -> struct eh_consent */    \
	X(EH_T_INTERVIEWS,    "interviews")     /* candidate 0 question -> struct eh_interview */ \
	X(EH_T_EVALUATIONS,   "evaluations")    /* evaluator 0 candidate 0 position 0 stage 0 question */ \
	X(EH_T_JUDGES,        "judges")         /* candidate 0 evaluator -> nothing: who decided about whom */ \
	X(EH_T_CUBES,         "cubes")          /* evaluator -> version, count cube (audit/kinds.h) */ \
	X(EH_T_DATED,         "dated")          /* evaluator 0 month32 month32 -> count cube (audit/cubes.h) */ \
	X(EH_T_ANSWERS,       "answers")        /* candidate 0 question -> struct eh_answer */  \
	X(EH_T_COPIES,        "copies")         /* candidate 0 question -> struct eh_copies */  \
	X(EH_T_VECTORS,       "vectors")        /* candidate -> struct eh_vector */             \
	X(EH_T_MODELS,        "models")         /* attribute -> model record */                 \
	X(EH_T_POSTERIORS,    "posteriors")     /* attribute 0 candidate -> struct eh_posterior */ \
	X(EH_T_AUDITS,        "audits")         /* seq64 -> struct eh_audit_head */             \
	X(EH_T_FINDINGS,      "findings")       /* audit seq64, index32 -> struct eh_finding */ \
	X(EH_T_NOTIFICATIONS, "notifications")  /* seq64 -> struct eh_notification */           \
	X(EH_T_LINES,         "lines")          /* systemic first 32, seq64 -> line of a notification */ \
	X(EH_T_MATTERS,       "matters")        /* fingerprint of a matter, seq64 -> nothing */ \
	X(EH_T_STRATA,        "strata")         /* notification seq64, part32 -> strata of its finding */ \
	X(EH_T_RESPONSES,     "responses")      /* notification seq64, seq32 -> struct eh_response */ \
	X(EH_T_POLICIES,      "policies")       /* name 0 hash -> struct eh_policy_version */   \
	X(EH_T_POLICY_TEXTS,  "policy_texts")   /* hash -> the text's bytes */                  \
	X(EH_T_DECLARATIONS,  "declarations")   /* key -> struct eh_declaration */              \
	X(EH_T_MAIL,          "mail")           /* seq64 -> struct eh_letter */                 \
	X(EH_T_JOURNAL,       "journal")        /* seq64 -> journal record */

enum eh_table {
#define X(name, text) name,
	EH_TABLE_LIST(X)
#undef X
	EH_T_COUNT
};

struct eh_store;
struct eh_txn;

/* Makes DIR (mode 0700) a project, on disk when it returns 0.  first (NULL = none) writes into the transaction that
 * makes the store; its failure makes no project.  EH_EEXIST when it is one already; EH_EENV as with open. */
int eh_store_create(const char *dir, int (*first)(struct eh_txn *txn, void *ctx, struct eh_err *err), void *ctx,
		    struct eh_err *err);

/* EH_ENOENT: DIR is no project; EH_EENV: newer format, network file system, wrong file mode, no permission. */
int eh_store_open(struct eh_store **out, const char *dir, struct eh_err *err);

/* What is said of a directory that this account may not enter (EACCES): whose it is, and the mend.  EH_EENV. */
int eh_store_refuse_foreign(const char *dir, struct eh_err *err);
void eh_store_close(struct eh_store **s);
const char *eh_store_dir(const struct eh_store *s);

/* suspend closes the environment so that a process forked now inherits no page, lock or key of it;
 * resume opens it again.  Transactions must be ended before.  Both are free to call twice. */
void eh_store_suspend(struct eh_store *s);
int eh_store_resume(struct eh_store *s, struct eh_err *err);

/* Number of the last committed transaction: what a screen polls to see others' commits (8 ns). */
uint64_t eh_store_version(struct eh_store *s);

struct eh_store_stat {
	uint64_t entries[EH_T_COUNT];
	uint64_t bytes_used;
	uint64_t map_size;
	uint32_t readers;               /* reader slots in use, by anybody */
	uint64_t oldest_reader_lag;     /* [transactions] that the reader furthest behind is behind the last commit */
};
int eh_store_stat(struct eh_store *s, struct eh_store_stat *out, struct eh_err *err);

/*
 * Rewrites data.mdb without its free pages, in which deleted values stay readable (facts/learning.md 14), into a new
 * file that takes its place when it is on disk.  Only while no other process has the project open: *done = false with
 * EH_OK when one has, and nothing happened; who opens it meanwhile waits.  A process killed on the way leaves the old
 * file or the new one, whole.  A descriptor of the old file that outlives this (a copy being made) still reads the old
 * bytes.  The numbers of eh_store_version begin anew.
 * progress (may be NULL) is told the bytes written, from the caller's thread; it cannot cancel.
 * EH_EINVAL: a transaction of this store is open.  EH_EFULL, EH_EIO: the old file stays.
 */
int eh_store_compact(struct eh_store *s, const struct eh_progress *progress, bool *done, struct eh_err *err);

/* One process may hold one write transaction; a second writer waits.  The commit is on disk when it returns 0.
 * EH_EFULL: disk full, nothing changed.  After any failure the transaction is gone, and the environment is opened anew
 * by the next one. */
int eh_txn_begin(struct eh_txn **out, struct eh_store *s, bool write, struct eh_err *err);
int eh_txn_commit(struct eh_txn **txn, struct eh_err *err);
void eh_txn_abort(struct eh_txn **txn);                 /* NULL-safe */

/* get returns EH_ENOENT without touching err when the key is absent. */
int eh_txn_get(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_bytes *value, struct eh_err *err);
int eh_txn_put(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_bytes value, struct eh_err *err);
/* Takes away all entries of a table. */
int eh_txn_clear(struct eh_txn *txn, enum eh_table t, struct eh_err *err);
/* absent: EH_ENOENT, err untouched */
int eh_txn_del(struct eh_txn *txn, enum eh_table t, struct eh_bytes key, struct eh_err *err);

/* Calls fn for every entry whose key begins with prefix (len 0: all), in key order; fn must not write to
 * the same table.  A value other than 0 from fn ends the scan and is returned (1 = stop, no error).  EH_ERANGE: a
 * prefix longer than a key can be. */
typedef int (*eh_scan_fn)(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err);
int eh_txn_scan(struct eh_txn *txn, enum eh_table t, struct eh_bytes prefix, eh_scan_fn fn, void *ctx,
		struct eh_err *err);

/* Last entry whose key begins with prefix; EH_ENOENT when there is none. */
int eh_txn_last(struct eh_txn *txn, enum eh_table t, struct eh_bytes prefix, struct eh_bytes *key,
		struct eh_bytes *value, struct eh_err *err);
int eh_txn_count(struct eh_txn *txn, enum eh_table t, uint64_t *out, struct eh_err *err);

/*
 * A place in a table of a write transaction, for much work in key order: what lies near the place is found and put
 * without a walk from the root, and keys after the last are appended to full pages.
 */
struct eh_cursor;
int eh_cursor_open(struct eh_cursor **out, struct eh_txn *txn, enum eh_table t, struct eh_err *err);
void eh_cursor_close(struct eh_cursor **c);             /* before the transaction ends; NULL-safe */
/* First entry at or after key; EH_ENOENT when there is none.  Bytes are borrowed until the next put. */
int eh_cursor_seek(struct eh_cursor *c, struct eh_bytes key, struct eh_bytes *found, struct eh_bytes *value,
		   struct eh_err *err);
int eh_cursor_next(struct eh_cursor *c, struct eh_bytes *found, struct eh_bytes *value, struct eh_err *err);
int eh_cursor_put(struct eh_cursor *c, struct eh_bytes key, struct eh_bytes value, struct eh_err *err);

/* Does s begin with prefix? */
bool eh_bytes_begin(struct eh_bytes s, struct eh_bytes prefix);

/* Next number of a counter kept in meta under name; starts at 1. */
int eh_txn_next(struct eh_txn *txn, const char *name, uint64_t *out, struct eh_err *err);

#endif

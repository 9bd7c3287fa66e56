/*
 * journal.h - the append-only record of every act, chained by SHA-256.
 *
 * An entry is written in the SAME transaction as the change it tells of: no act without an
 * entry, no entry without its act.  hash[n] = SHA-256(0x00 || canonical bytes of entry n,
 * which hold hash[n-1]); the first entry holds 32 zero bytes.  Any later change, gap or swap
 * breaks verify; only a copy of a hash kept elsewhere detects a rewritten tail
 * (facts/reliability.md 5).
 *
 * Entries hold ids, counts and reasons, never names.
 */
#ifndef EH_JOURNAL_JOURNAL_H
#define EH_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/text.h"
#include "store/store.h"

#define EH_VERB_MAX 31
#define EH_OBJECT_MAX 127
#define EH_DETAIL_MAX 1023

/* Who acts: identity of the process, never $USER. */
struct eh_actor {
	uint32_t uid;
	char login[33];                 /* name of the uid, or its number */
};

struct eh_journal_entry {
	uint64_t seq;                   /* from 1, without gaps */
	int64_t time;                   /* [s] since 1970 UTC */
	struct eh_actor actor;
	char verb[EH_VERB_MAX + 1];     /* "import", "notification.confirm" ... */
	char object[EH_OBJECT_MAX + 1]; /* "N0001", "candidate C017" ... */
	char detail[EH_DETAIL_MAX + 1]; /* counts, effective limits, the reason given */
	unsigned char previous[EH_DIGEST_SIZE];
	unsigned char hash[EH_DIGEST_SIZE];
};

void eh_actor_self(struct eh_actor *out);       /* from getuid() and the password file */
/*
 * The account behind sudo or pkexec, where the environment tells one (SUDO_UID, PKEXEC_UID) that is not the process's
 * own; false and zeroed else.  It is never who acts: whoever says so of himself can only be refused more by it.
 */
bool eh_actor_behind(struct eh_actor *out);

/* seq, time, previous and hash are filled in by append.  Strings are cut at their maxima; newlines become blanks. */
int eh_journal_append(struct eh_txn *txn, const struct eh_actor *actor, const char *verb, const char *object,
		      const char *detail, struct eh_err *err);
int eh_journal_each(struct eh_txn *txn, uint64_t from /* seq, 0 = first */,
		    int (*fn)(void *ctx, const struct eh_journal_entry *e, struct eh_err *err), void *ctx,
		    struct eh_err *err);

struct eh_journal_state {
	uint64_t entries;
	unsigned char head[EH_DIGEST_SIZE];     /* hash of the last entry */
	uint64_t broken_at;                     /* seq of the first entry that does not fit, 0 = none */
};

/* Recomputes everything.  EH_EFORMAT when an entry does not fit: state->broken_at and err name it. */
int eh_journal_verify(struct eh_txn *txn, struct eh_journal_state *out, struct eh_err *err);

#endif

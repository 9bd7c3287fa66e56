/*
 * registry.h - which text of a policy holds in this project, since when, and who answers for it.
 *
 * A version is a name and the SHA-256 of a text.  It is proposed by one person and activated by another; at most one
 * version of a name is active, and at most one waits as proposed.  The text itself is kept, so that it runs as it was
 * approved whatever becomes of the file, two versions can be compared, and an old run can be repeated.  A text that
 * is in no version is a draft.
 *
 * What audits run ends with two persons too: one asks for it, another carries it out.  A proposal that waits is
 * withdrawn by anybody.
 *
 * Who may not approve: the account (uid) that proposed the version, the one behind it where that was reached through
 * sudo, and the one that owned the policy's file then, as far as can be seen the last who edited it.  Nor does sudo
 * help any of them.  Names of accounts are kept for people; the uid decides.  Whoever may become any account, as root
 * may, is beyond this: the journal has what they did, and as whom.
 *
 * Nothing here journals or loads a policy: desk/policies.h does.
 */
#ifndef EH_POLICY_REGISTRY_H
#define EH_POLICY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/finding.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "journal/journal.h"
#include "policy/policy.h"
#include "store/store.h"

#define EH_POLICY_REASON_MAX 399        /* [bytes] with what was loosened it fits a journal entry */
#define EH_LOOSENED_MAX 399

/* The policy that runs before anybody activated or retired a text of its name. */
#define EH_POLICY_DEFAULT_NAME "evaluator_screen"

struct eh_policy_mark {                 /* one act on a version */
	int64_t at;                     /* [s] since 1970 UTC; 0 = it did not happen */
	struct eh_actor who;
	char reason[EH_POLICY_REASON_MAX + 1];
};

struct eh_policy_version {
	eh_name name;
	char version[16];               /* as the text says */
	char hash[EH_DIGEST_HEX];
	enum eh_policy_state state;     /* proposed, active or retired */
	bool shipped;                   /* the bytes that came with the program that proposed it */
	bool has_editor;                /* false: a shipped file, which nobody here wrote */
	uint32_t editor;                /* uid that owned the file when it was proposed */
	bool has_behind;                /* the proposer's account was reached through sudo */
	uint32_t behind;                /* from this one (eh_actor_behind) */
	struct eh_policy_mark proposed, approved, retired;
	/* in words what it lets through against the version that was active, when proposed or approved; "" = nothing */
	char loosened[EH_LOOSENED_MAX + 1];
};

/* EH_ENOENT without a message: no such version. */
int eh_registry_get(struct eh_txn *txn, const char *name, const char *hash, struct eh_policy_version *out,
		    struct eh_err *err);
/* The one version of the name in that state (active or proposed); EH_ENOENT without a message. */
int eh_registry_in_state(struct eh_txn *txn, const char *name, enum eh_policy_state state,
			 struct eh_policy_version *out, struct eh_err *err);
/* The version whose hash begins with prefix (at least 6 hexadecimal digits).  EH_ENOENT, or EH_EINVAL when several do:
 * both with a message. */
int eh_registry_find(struct eh_txn *txn, const char *name, const char *prefix, struct eh_policy_version *out,
		     struct eh_err *err);
/* By name, then hash (bytes); name NULL = all. */
int eh_registry_each(struct eh_txn *txn, const char *name,
		     int (*fn)(void *ctx, const struct eh_policy_version *v, struct eh_err *err), void *ctx,
		     struct eh_err *err);
/* Does the shipped text of EH_POLICY_DEFAULT_NAME run, because no text of that name was ever activated or retired? */
int eh_registry_default(struct eh_txn *txn, bool *holds, struct eh_err *err);

/* Kept texts, by their hash.  text: caller frees, NUL after its len bytes; EH_ENOENT with a message. */
int eh_registry_text(struct eh_txn *txn, const char *hash, char **text, size_t *len, struct eh_err *err);
/* Of a kept text in no version: its hash from the prefix.  As eh_registry_find. */
int eh_registry_find_text(struct eh_txn *txn, const char *prefix, char hash[EH_DIGEST_HEX], struct eh_err *err);
/* Kept once, however often it is put. */
int eh_registry_keep_text(struct eh_txn *txn, const char *hash, const void *text, size_t len, struct eh_err *err);

/*
 * v: name, version, hash, shipped, has_editor, editor, has_behind, behind, loosened are the caller's; the rest is
 * filled in.  Another text
 * of the name that waits as proposed is withdrawn.  reason may be "" unless something is loosened (EH_EINVAL).
 * EH_EEXIST: that text is active, or proposed already.
 */
int eh_registry_propose(struct eh_txn *txn, const struct eh_actor *who, int64_t now, const char *reason,
			struct eh_policy_version *v, const void *text, size_t len, struct eh_err *err);
/*
 * v: a proposed version, as eh_registry_find or in_state gave it, with loosened anew; becomes the stored one.  The one
 * that was active is retired.  EH_EREFUSED: who proposed or edited it.  EH_ESTALE: it is not proposed any more.
 * EH_EINVAL: no reason.
 */
int eh_registry_approve(struct eh_txn *txn, const struct eh_actor *who, int64_t now, const char *reason,
			struct eh_policy_version *v, struct eh_err *err);
/* EH_EREFUSED: who proposed or edited it, or is behind who proposed it.  For who is behind an approver: approve asks it
 * of the approver himself. */
int eh_registry_second_person(const struct eh_actor *who, const struct eh_policy_version *v, struct eh_err *err);
/*
 * v: proposed, then it is withdrawn; or active, then the first person asks for its end (v stays active) and the second
 * one carries it out (v is retired).  behind: the account behind sudo (journal.h), NULL = none.  EH_EREFUSED: who asked
 * for it, or the account behind either of them did.  EH_EINVAL: no reason.
 */
int eh_registry_retire(struct eh_txn *txn, const struct eh_actor *who, const struct eh_actor *behind, int64_t now,
		       const char *reason, struct eh_policy_version *v, struct eh_err *err);
/* The same of the shipped default: v->state is default while it is asked for; then it is kept as a retired version that
 * nobody had proposed.  v: name, version, hash. */
int eh_registry_retire_default(struct eh_txn *txn, const struct eh_actor *who, const struct eh_actor *behind,
			       int64_t now, const char *reason, struct eh_policy_version *v, const void *text,
			       size_t len, struct eh_err *err);
/* Who asked for the end of that text, which audits still run.  EH_ENOENT without a message: nobody did. */
int eh_registry_ending(struct eh_txn *txn, const char *name, const char *hash, struct eh_policy_mark *asked,
		       struct eh_err *err);
/* All of them, by name. */
int eh_registry_endings_each(struct eh_txn *txn,
			     int (*fn)(void *ctx, const char *name, const struct eh_policy_mark *asked,
				       struct eh_err *err), void *ctx, struct eh_err *err);
/* It stays after all: takes what was asked back.  EH_ENOENT: nobody asked for it.  EH_EINVAL: no reason. */
int eh_registry_stay(struct eh_txn *txn, const char *name, const char *hash, const char *reason, struct eh_err *err);
/* The text of the name that was active last, whether or not it still is, or the shipped default that was retired;
 * EH_ENOENT without a message. */
int eh_registry_last_active(struct eh_txn *txn, const char *name, char hash[EH_DIGEST_HEX], struct eh_err *err);

/*
 * What the settings of `now` let through that those of `before` notify about, in words, separated by "; ": a lower
 * limit, larger minima or shares, a smaller alpha, a stricter correction, fewer attributes or intersections, predicted
 * classes left out, a gate, days outside of which nobody is notified.  "" = nothing.  The code of check() is not
 * judged: that is what the diff is for.
 */
void eh_policy_loosened(char out[EH_LOOSENED_MAX + 1], const struct eh_policy_info *before,
			const struct eh_policy_info *now);

#endif

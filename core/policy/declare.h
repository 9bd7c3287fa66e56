/*
 * declare.h - what the people who run a project declare about it: notices, assessments, terms.
 *
 * Policies that are about how a project is run look at it, because a program cannot see whether a notice hangs on a
 * wall.  A declaration is what somebody says, with a day and a name in the journal; it proves nothing.  The keys and
 * what each means are one table; sources: facts/law.md 3 to 9.
 */
#ifndef EH_POLICY_DECLARE_H
#define EH_POLICY_DECLARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"
#include "store/store.h"

#define EH_DECLARE_KEY_MAX 32
#define EH_DECLARE_VALUE_MAX 200
#define EH_DECLARE_REASON_MAX 399

enum eh_declare_kind { EH_DECLARE_DATE, EH_DECLARE_YES_NO, EH_DECLARE_DAYS, EH_DECLARE_TEXT };

struct eh_declare_key {
	const char *key;
	enum eh_declare_kind kind;
	const char *meaning;            /* one line */
	const char *rule;               /* whose rule asks for it */
};

/* A day that has not come yet (day: "2026-11-30", that of the run) is no declaration so far: what is said happened then
 * has not happened. */
bool eh_declare_holds(const char *key, const char *value, const char *day);

/* In byte order of the keys; NULL past the end. */
const struct eh_declare_key *eh_declare_key(size_t i);
const struct eh_declare_key *eh_declare_find(const char *key);  /* NULL = there is none */
const char *eh_declare_kind_text(enum eh_declare_kind k);       /* "a date such as 2026-11-30" */

struct eh_declaration {
	char key[EH_DECLARE_KEY_MAX + 1];
	char value[EH_DECLARE_VALUE_MAX + 1];   /* "" = taken back */
	int64_t at;                     /* [s] since 1970 UTC */
	struct eh_actor who;
	char reason[EH_DECLARE_REASON_MAX + 1];
};

/* EH_EINVAL: an unknown key (the text names near ones), or a value that is not of the key's kind.  "" is right: it
 * takes the declaration back. */
int eh_declare_check(const char *key, const char *value, struct eh_err *err);

/* The newest one of its key stands; checked as above. */
int eh_declare_put(struct eh_txn *txn, const struct eh_declaration *d, struct eh_err *err);
/* Those that stand, by key; what was taken back is left out. */
int eh_declare_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_declaration *d, struct eh_err *err),
		    void *ctx, struct eh_err *err);

#endif

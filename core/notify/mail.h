/*
 * mail.h - which notifications are still to be told by mail, and what became of the letters.
 *
 * A notification waits from the transaction that raises it until the one that records its letters; a letter until it is
 * handed over or given up.  So a crash tells somebody twice rather than never; both letters have one Message-ID.
 * No address stands here: who a role is says the project's mail.conf when a letter is written.
 */
#ifndef EH_NOTIFY_MAIL_H
#define EH_NOTIFY_MAIL_H

#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

#define EH_MAIL_TRIES_MAX 8

/* spooled: written, never tried; failed: tried, and to be tried again; given up: EH_MAIL_TRIES_MAX times. */
#define EH_MAIL_STATE_LIST(X) \
	X(EH_MAIL_SPOOLED,  "spooled") \
	X(EH_MAIL_SENT,     "sent") \
	X(EH_MAIL_FAILED,   "failed") \
	X(EH_MAIL_GIVEN_UP, "given up")

enum eh_mail_state {
#define X(name, text) name,
	EH_MAIL_STATE_LIST(X)
#undef X
	EH_MAIL_STATES
};
const char *eh_mail_state_text(enum eh_mail_state s);

struct eh_mail {
	uint64_t seq;                   /* printed as L0001 */
	int64_t at;                     /* [s] when it was written */
	char role[33];
	uint32_t notifications;         /* it tells of */
	enum eh_mail_state state;
	uint32_t tries;
	int64_t tried_at;               /* [s] the last time; 0 = never */
	char error[200];                /* of the last try, without addresses */
};

void eh_mail_id(char out[16], uint64_t seq);    /* "L0001" */

int eh_mail_wait(struct eh_txn *txn, uint64_t notification, struct eh_err *err);
int eh_mail_done(struct eh_txn *txn, uint64_t notification, struct eh_err *err);
int eh_mail_waiting(struct eh_txn *txn, int (*fn)(void *ctx, uint64_t notification, struct eh_err *err), void *ctx,
		    struct eh_err *err);

int eh_mail_put(struct eh_txn *txn, const struct eh_mail *m, struct eh_err *err);
int eh_mails_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_mail *m, struct eh_err *err), void *ctx,
		  struct eh_err *err);

#endif

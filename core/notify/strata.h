/*
 * strata.h - the strata behind a notification's finding, kept as they were when it was raised or last refreshed.
 *
 * The counts in the project go on; what somebody is asked to answer for does not.  All strata are kept, in records of
 * EH_STRATA_PART rows, in the transaction that stores the notification.
 */
#ifndef EH_NOTIFY_STRATA_H
#define EH_NOTIFY_STRATA_H

#include "audit/strata_rows.h"
#include "store/store.h"

#define EH_STRATA_PART 8000u            /* rows of one record: with names of the longest kind below EH_RECORD_MAX */

/* Takes the place of what was kept for the notification. */
int eh_notification_strata_put(struct eh_txn *txn, uint64_t seq, const struct eh_strata_rows *r, struct eh_err *err);
/* EH_ENOENT, err untouched: none were kept (raised by an earlier version, or with nothing that could be kept). */
int eh_notification_strata_get(struct eh_txn *txn, uint64_t seq, struct eh_strata_rows *out, struct eh_err *err);
/* Gives up what was kept: the notification has another finding now, whose strata are not known. */
int eh_notification_strata_drop(struct eh_txn *txn, uint64_t seq, struct eh_err *err);

#endif

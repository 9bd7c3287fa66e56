/*
 * record.h - notifications and responses as stored bytes; used inside this room only.
 */
#ifndef EH_NOTIFY_RECORD_H
#define EH_NOTIFY_RECORD_H

#include "notify/notify.h"

int eh_notification_store(struct eh_txn *txn, const struct eh_notification *n, struct eh_err *err);
int eh_notification_decode(struct eh_notification *n, struct eh_bytes value, struct eh_err *err);
int eh_response_store(struct eh_txn *txn, uint64_t notification, const struct eh_response *r, struct eh_err *err);
int eh_response_decode(struct eh_response *r, struct eh_bytes value, struct eh_err *err);

#endif

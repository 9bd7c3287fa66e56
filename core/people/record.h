/*
 * record.h - what the record files of this room share; not for other rooms.
 */
#ifndef EH_PEOPLE_RECORD_H
#define EH_PEOPLE_RECORD_H

#include "people/people.h"
#include "store/codec.h"

/* EH_EFORMAT unless id is a valid id; what names the field in the message. */
int eh_record_id(const char *id, const char *what, struct eh_err *err);

/* Two letters of a state, the District or a territory of the United States (ISO 3166-2:US). */
bool eh_us_state(const char *two);

/*
 * Puts value under key and tells by comparing bytes whether it was new, changed or the same;
 * the same value is not written again.  value is freed in every case.
 */
int eh_record_put(struct eh_txn *txn, enum eh_table t, const struct eh_key *key, struct eh_buf *value,
		  enum eh_change *change, const char *what, struct eh_err *err);

#endif

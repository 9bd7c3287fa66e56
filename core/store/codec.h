/*
 * codec.h - keys and versioned records.
 *
 * A record begins with a u16 version; a reader refuses a newer one.  Keys made of several
 * parts join them with a zero byte, which no id can hold (base/text.h); numbers in keys are
 * big-endian, so that the key order is the number order.
 */
#ifndef EH_STORE_CODEC_H
#define EH_STORE_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"

#define EH_KEY_MAX 500                  /* [bytes]; LMDB's limit is 511 */
#define EH_RECORD_MAX (4u << 20)        /* [bytes] of one record */

#define EH_KEY_BAD SIZE_MAX /* length of a key whose parts did not fit: no entry has it, no prefix matches it */

struct eh_key {
	unsigned char data[EH_KEY_MAX];
	size_t len;
	bool bad;                       /* a part did not fit: never use the key then */
};

void eh_key_init(struct eh_key *k);
void eh_key_str(struct eh_key *k, const char *part);    /* adds a zero byte in front, except for the first part */
void eh_key_end(struct eh_key *k); /* adds a closing zero byte: turns the key into a prefix of whole parts */
void eh_key_u64(struct eh_key *k, uint64_t v);          /* big-endian, no separator */
void eh_key_u32(struct eh_key *k, uint32_t v);
struct eh_bytes eh_key_bytes(const struct eh_key *k);

/* One-part key of a string. */
struct eh_key eh_key_of(const char *id);

/* Splits a key at zero bytes: copies part number `index` into out[size]; false when absent or too long. */
bool eh_key_part(struct eh_bytes key, size_t index, char *out, size_t size);
uint64_t eh_key_get_u64(struct eh_bytes key, size_t offset);    /* 0 when too short */

/* Record frame.  begin writes the version; open checks it: EH_EFORMAT with `what` in the message. */
void eh_record_begin(struct eh_buf *b, uint16_t version);
int eh_record_open(struct eh_reader *r, struct eh_bytes value, uint16_t newest, uint16_t *version,
		   const char *what, struct eh_err *err);
/* After the last field: EH_EFORMAT when the reader ran past its end or did not reach it. */
int eh_record_close(const struct eh_reader *r, const char *what, struct eh_err *err);

void eh_put_num(struct eh_buf *b, struct eh_num v);
struct eh_num eh_get_num(struct eh_reader *r);

#endif

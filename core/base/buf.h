/*
 * buf.h - a byte buffer that grows up to a maximum fixed at its start, and a reader over bytes.
 *
 * Both are the ground of the record codecs (store/codec.h).  Integers are little-endian;
 * doubles are their IEEE 754 bits.  A buffer that would pass its maximum, or finds no
 * memory, frees itself, marks itself failed and ignores what follows; the caller looks at
 * .failed once at the end.  A reader that runs past its end marks itself bad and gives zeros.
 */
#ifndef EH_BASE_BUF_H
#define EH_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eh_buf {
	unsigned char *data;
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

struct eh_bytes {
	const unsigned char *data;
	size_t len;
};

struct eh_reader {
	const unsigned char *p;
	const unsigned char *end;
	bool bad;
};

void eh_buf_init(struct eh_buf *b, size_t max);
void eh_buf_free(struct eh_buf *b);
void eh_buf_reset(struct eh_buf *b);             /* len = 0, keeps the memory, clears failed */
void eh_buf_add(struct eh_buf *b, const void *data, size_t len);
void eh_buf_printf(struct eh_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *eh_buf_cstr(struct eh_buf *b);       /* NUL-terminated view; "" after a failure */

void eh_put_u8(struct eh_buf *b, uint8_t v);
void eh_put_u16(struct eh_buf *b, uint16_t v);
void eh_put_u32(struct eh_buf *b, uint32_t v);
void eh_put_u64(struct eh_buf *b, uint64_t v);
void eh_put_i64(struct eh_buf *b, int64_t v);
void eh_put_f64(struct eh_buf *b, double v);
void eh_put_str(struct eh_buf *b, const char *s);             /* u32 length + bytes; NULL writes "" */
void eh_put_blob(struct eh_buf *b, const void *data, size_t len); /* u32 length + bytes */

void eh_reader_init(struct eh_reader *r, const void *data, size_t len);
uint8_t eh_get_u8(struct eh_reader *r);
uint16_t eh_get_u16(struct eh_reader *r);
uint32_t eh_get_u32(struct eh_reader *r);
uint64_t eh_get_u64(struct eh_reader *r);
int64_t eh_get_i64(struct eh_reader *r);
double eh_get_f64(struct eh_reader *r);
/* Copies a string into out[size], NUL-terminated; a string that does not fit marks the reader bad. */
void eh_get_str(struct eh_reader *r, char *out, size_t size);
char *eh_get_strdup(struct eh_reader *r);                     /* caller frees; "" when bad */
struct eh_bytes eh_get_blob(struct eh_reader *r);             /* borrowed from the reader's bytes */

#endif

/* Keys and record frames; see codec.h. */
#include "store/codec.h"

#include <math.h>
#include <string.h>

static void key_add(struct eh_key *k, const void *data, size_t len)
{
	if (k->bad || len > sizeof k->data - k->len) {
		k->bad = true;
		return;
	}
	memcpy(k->data + k->len, data, len);
	k->len += len;
}

void eh_key_init(struct eh_key *k)
{
	k->len = 0;
	k->bad = false;
}

void eh_key_str(struct eh_key *k, const char *part)
{
	if (k->len > 0)
		eh_key_end(k);
	key_add(k, part, strlen(part));
}

void eh_key_end(struct eh_key *k)
{
	key_add(k, "", 1);
}

static void key_be(struct eh_key *k, uint64_t v, unsigned width)
{
	unsigned char b[8];

	for (unsigned i = 0; i < width; i++)
		b[i] = (unsigned char)(v >> (8 * (width - 1 - i)));
	key_add(k, b, width);
}

void eh_key_u64(struct eh_key *k, uint64_t v) { key_be(k, v, 8); }
void eh_key_u32(struct eh_key *k, uint32_t v) { key_be(k, v, 4); }

struct eh_bytes eh_key_bytes(const struct eh_key *k)
{
	return (struct eh_bytes){ k->data, k->bad ? EH_KEY_BAD : k->len };
}

struct eh_key eh_key_of(const char *id)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_str(&k, id);
	return k;
}

bool eh_key_part(struct eh_bytes key, size_t index, char *out, size_t size)
{
	const unsigned char *p = key.data;
	const unsigned char *end = key.data + key.len;

	for (;; index--) {
		const unsigned char *stop = memchr(p, 0, (size_t)(end - p));
		size_t len = (size_t)((stop != NULL ? stop : end) - p);

		if (index == 0) {
			if (len >= size)
				return false;
			memcpy(out, p, len);
			out[len] = '\0';
			return true;
		}
		if (stop == NULL)
			return false;
		p = stop + 1;
	}
}

uint64_t eh_key_get_u64(struct eh_bytes key, size_t offset)
{
	uint64_t v = 0;

	if (key.len < offset + 8)
		return 0;
	for (size_t i = 0; i < 8; i++)
		v = v << 8 | key.data[offset + i];
	return v;
}

void eh_record_begin(struct eh_buf *b, uint16_t version)
{
	eh_buf_reset(b);
	eh_put_u16(b, version);
}

int eh_record_open(struct eh_reader *r, struct eh_bytes value, uint16_t newest, uint16_t *version,
		   const char *what, struct eh_err *err)
{
	uint16_t v;

	eh_reader_init(r, value.data, value.len);
	v = eh_get_u16(r);
	if (r->bad || v == 0)
		return eh_err_set(err, EH_EFORMAT, "%s: the stored record is damaged", what);
	if (v > newest)
		return eh_err_set(
			err, EH_EFORMAT,
			"%s: the stored record has version %u, this program reads up to %u; use the newer program",
			what, v, newest);
	if (version != NULL)
		*version = v;
	return EH_OK;
}

int eh_record_close(const struct eh_reader *r, const char *what, struct eh_err *err)
{
	if (r->bad)
		return eh_err_set(err, EH_EFORMAT, "%s: the stored record is cut short or damaged", what);
	if (r->p != r->end)
		return eh_err_set(err, EH_EFORMAT, "%s: the stored record is longer than it should be", what);
	return EH_OK;
}

void eh_put_num(struct eh_buf *b, struct eh_num v)
{
	eh_put_u8(b, v.defined ? 0 : (uint8_t)(v.why != EH_U_NONE ? v.why : EH_U_NOT_COMPUTED));
	eh_put_f64(b, v.defined ? v.value : 0.0);
}

struct eh_num eh_get_num(struct eh_reader *r)
{
	uint8_t why = eh_get_u8(r);
	double v = eh_get_f64(r);

	if (why == EH_U_NONE && isfinite(v))
		return eh_num(v);
	return eh_undefined(why != EH_U_NONE && why < EH_U_COUNT ? (enum eh_undef)why : EH_U_NOT_COMPUTED);
}

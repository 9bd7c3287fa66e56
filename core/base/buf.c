/* Growing buffers and byte readers; see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void eh_buf_init(struct eh_buf *b, size_t max)
{
	memset(b, 0, sizeof *b);
	b->max = max;
}

void eh_buf_free(struct eh_buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}

void eh_buf_reset(struct eh_buf *b)
{
	b->len = 0;
	b->failed = false;
}

static bool reserve(struct eh_buf *b, size_t extra)
{
	size_t want, cap;
	void *p;

	if (b->failed)
		return false;
	if (extra > b->max - b->len)
		goto fail;
	want = b->len + extra;
	if (want <= b->cap)
		return true;
	cap = b->cap != 0 ? b->cap : 64;
	while (cap < want)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	p = eh_try_realloc(b->data, cap, 1);
	if (p == NULL)
		goto fail;
	b->data = p;
	b->cap = cap;
	return true;
fail:
	eh_buf_free(b);
	b->failed = true;
	return false;
}

void eh_buf_add(struct eh_buf *b, const void *data, size_t len)
{
	if (len == 0 || !reserve(b, len))
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void eh_buf_printf(struct eh_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !reserve(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	(void)vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

const char *eh_buf_cstr(struct eh_buf *b)
{
	if (!reserve(b, 1))
		return "";
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

static void put_le(struct eh_buf *b, uint64_t v, size_t width)
{
	unsigned char tmp[8];

	for (size_t i = 0; i < width; i++)
		tmp[i] = (unsigned char)(v >> (8 * i));
	eh_buf_add(b, tmp, width);
}

void eh_put_u8(struct eh_buf *b, uint8_t v) { put_le(b, v, 1); }
void eh_put_u16(struct eh_buf *b, uint16_t v) { put_le(b, v, 2); }
void eh_put_u32(struct eh_buf *b, uint32_t v) { put_le(b, v, 4); }
void eh_put_u64(struct eh_buf *b, uint64_t v) { put_le(b, v, 8); }
void eh_put_i64(struct eh_buf *b, int64_t v) { put_le(b, (uint64_t)v, 8); }

void eh_put_f64(struct eh_buf *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	put_le(b, bits, 8);
}

void eh_put_blob(struct eh_buf *b, const void *data, size_t len)
{
	if (len > UINT32_MAX) {
		eh_buf_free(b);
		b->failed = true;
		return;
	}
	eh_put_u32(b, (uint32_t)len);
	eh_buf_add(b, data, len);
}

void eh_put_str(struct eh_buf *b, const char *s)
{
	eh_put_blob(b, s != NULL ? s : "", s != NULL ? strlen(s) : 0);
}

void eh_reader_init(struct eh_reader *r, const void *data, size_t len)
{
	r->p = data;
	r->end = r->p + len;
	r->bad = false;
}

static uint64_t get_le(struct eh_reader *r, size_t width)
{
	uint64_t v = 0;

	if (r->bad || (size_t)(r->end - r->p) < width) {
		r->bad = true;
		return 0;
	}
	for (size_t i = 0; i < width; i++)
		v |= (uint64_t)r->p[i] << (8 * i);
	r->p += width;
	return v;
}

uint8_t eh_get_u8(struct eh_reader *r) { return (uint8_t)get_le(r, 1); }
uint16_t eh_get_u16(struct eh_reader *r) { return (uint16_t)get_le(r, 2); }
uint32_t eh_get_u32(struct eh_reader *r) { return (uint32_t)get_le(r, 4); }
uint64_t eh_get_u64(struct eh_reader *r) { return get_le(r, 8); }
int64_t eh_get_i64(struct eh_reader *r) { return (int64_t)get_le(r, 8); }

double eh_get_f64(struct eh_reader *r)
{
	uint64_t bits = get_le(r, 8);
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

struct eh_bytes eh_get_blob(struct eh_reader *r)
{
	uint32_t len = eh_get_u32(r);
	struct eh_bytes out = { r->p, len };

	if (r->bad || (size_t)(r->end - r->p) < len) {
		r->bad = true;
		return (struct eh_bytes){ (const unsigned char *)"", 0 };
	}
	r->p += len;
	return out;
}

void eh_get_str(struct eh_reader *r, char *out, size_t size)
{
	struct eh_bytes s = eh_get_blob(r);

	if (s.len >= size) {
		r->bad = true;
		s.len = 0;
	}
	memcpy(out, s.data, s.len);
	out[s.len] = '\0';
}

char *eh_get_strdup(struct eh_reader *r)
{
	struct eh_bytes s = eh_get_blob(r);

	return eh_xstrndup((const char *)s.data, s.len);
}

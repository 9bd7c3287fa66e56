/* JSON written as it is made; see json_out.h.  The form is jansson's with JSON_INDENT(1) and JSON_REAL_PRECISION(17).
 */
#include "base/json_out.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define DEPTH_MAX 32
#define BLOCK 65536u /* [bytes] written at a time */

struct eh_json_out {
	FILE *to;
	char *text;
	size_t n, room;
	unsigned depth;
	bool filled[DEPTH_MAX]; /* something stands in it already */
	char closing[DEPTH_MAX];
	bool failed;
};

static void send(struct eh_json_out *o)
{
	o->failed = o->failed || fwrite(o->text, 1, o->n, o->to) != o->n;
	o->n = 0;
}

static void make_room(struct eh_json_out *o, size_t len)
{
	if (o->to != NULL)
		send(o);
	if (o->n + len > o->room) {
		o->room = 2 * (o->n + len);
		o->text = eh_xrealloc(o->text, o->room, 1);
	}
}

/* len bytes that may be written behind o->n. */
static inline char *need(struct eh_json_out *o, size_t len)
{
	if (o->n + len > o->room)
		make_room(o, len);
	return o->text + o->n;
}

static void put(struct eh_json_out *o, const char *s, size_t len)
{
	memcpy(need(o, len), s, len);
	o->n += len;
}

static char *new_line(char *p, unsigned depth)
{
	*p++ = '\n';
	memset(p, ' ', depth);
	return p + depth;
}

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Eight bytes of which none is a control character, a quote, a backslash or not ASCII?  ("below" and "is" look at the
 * highest bit of each byte; what they carry into the next byte comes from one that fails by itself.) */
static bool plain_eight(uint64_t x)
{
	const uint64_t below_blank = x - 0x20 * EACH_BYTE;
	const uint64_t quote = (x ^ '"' * EACH_BYTE) - EACH_BYTE, back = (x ^ '\\' * EACH_BYTE) - EACH_BYTE;

	return ((x | below_blank | quote | back) & 0x80 * EACH_BYTE) == 0;
}

/* s[len], escaped, to p, where 6 len bytes are free. */
static char *escape(char *p, const char *s, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	uint64_t x;

	for (; len >= sizeof x; s += sizeof x, len -= sizeof x, p += sizeof x) {
		memcpy(&x, s, sizeof x);
		if (!plain_eight(x))
			break;
		memcpy(p, &x, sizeof x);
	}
	for (; len > 0; s++, len--) {
		const unsigned char c = (unsigned char)*s;
		const char *two = c < 0x20 || c == '"' || c == '\\' ? strchr("\"\"\\\\\bb\ff\nn\rr\tt", c) : NULL;

		if (two != NULL) {
			*p++ = '\\';
			*p++ = two[1];
		} else if (c < 0x20) {
			memcpy(p, "\\u00", 4);
			p[4] = hex[c >> 4];
			p[5] = hex[c & 15];
			p += 6;
		} else {
			*p++ = (char)c;
		}
	}
	return p;
}

static void put_string(struct eh_json_out *o, const char *s)
{
	size_t len = strlen(s);
	char *clean = NULL, *p = NULL;

	if (!eh_utf8_valid(s, len)) {
		clean = eh_xmalloc(3 * len + 4);
		eh_text_printable(clean, 3 * len + 4, s, len);
		s = clean;
		len = strlen(s);
	}
	p = need(o, 6 * len + 2);
	*p++ = '"';
	p = escape(p, s, len);
	*p++ = '"';
	o->n = (size_t)(p - o->text);
	free(clean);
}

/* What stands in front of a value.  Keys are the program's own words: ASCII, but escaped like any text. */
static void begin(struct eh_json_out *o, const char *key)
{
	const size_t len = key != NULL ? strlen(key) : 0;
	char *p = need(o, DEPTH_MAX + 8 + 6 * len);

	if (o->depth > 0) {
		if (o->filled[o->depth - 1])
			*p++ = ',';
		o->filled[o->depth - 1] = true;
		p = new_line(p, o->depth);
	}
	if (key != NULL) {
		*p++ = '"';
		p = escape(p, key, len);
		memcpy(p, "\": ", 3);
		p += 3;
	}
	o->n = (size_t)(p - o->text);
}

struct eh_json_out *eh_json_out_new(FILE *to)
{
	struct eh_json_out *o = eh_xcalloc(1, sizeof *o);

	o->to = to;
	o->room = BLOCK;
	o->text = eh_xmalloc(o->room);
	return o;
}

static void open_with(struct eh_json_out *o, const char *key, const char *opening, char closing)
{
	begin(o, key);
	put(o, opening, 1);
	o->filled[o->depth] = false;
	o->closing[o->depth++] = closing;
}

void eh_json_out_object(struct eh_json_out *o, const char *key) { open_with(o, key, "{", '}'); }
void eh_json_out_array(struct eh_json_out *o, const char *key) { open_with(o, key, "[", ']'); }

void eh_json_out_close(struct eh_json_out *o)
{
	char *p = need(o, DEPTH_MAX + 2);

	o->depth--;
	if (o->filled[o->depth])
		p = new_line(p, o->depth);
	*p++ = o->closing[o->depth];
	o->n = (size_t)(p - o->text);
}

void eh_json_out_null(struct eh_json_out *o, const char *key)
{
	begin(o, key);
	put(o, "null", 4);
}

void eh_json_out_str(struct eh_json_out *o, const char *key, const char *value)
{
	if (value == NULL) {
		eh_json_out_null(o, key);
		return;
	}
	begin(o, key);
	put_string(o, value);
}

void eh_json_out_int(struct eh_json_out *o, const char *key, int64_t value)
{
	char text[EH_REAL_TEXT];
	int len = eh_format_int(text, value);

	begin(o, key);
	put(o, text, (size_t)len);
}

/* A real stays one when it is read back: "1" gets ".0"; the exponent has no plus and no leading zeros. */
void eh_json_out_num(struct eh_json_out *o, const char *key, struct eh_num value)
{
	char text[EH_REAL_TEXT + 4], *e = NULL;
	size_t len = 0;

	if (!value.defined || !isfinite(value.value)) {
		eh_json_out_null(o, key);
		return;
	}
	len = (size_t)eh_format_real(text, value.value);
	e = memchr(text, 'e', len);
	if (e == NULL && memchr(text, '.', len) == NULL) {
		memcpy(text + len, ".0", 3);
		len += 2;
	} else if (e != NULL) {
		char *to = e + 1, *from = to;

		if (*from == '-')
			to++;
		from++;
		while (*from == '0')
			from++;
		memmove(to, from, strlen(from) + 1);
		len = strlen(text);
	}
	begin(o, key);
	put(o, text, len);
}

void eh_json_out_bool(struct eh_json_out *o, const char *key, bool value)
{
	begin(o, key);
	put(o, value ? "true" : "false", value ? 4 : 5);
}

void eh_json_out_tri(struct eh_json_out *o, const char *key, enum eh_tri value)
{
	if (value == EH_UNKNOWN)
		eh_json_out_null(o, key);
	else
		eh_json_out_bool(o, key, value == EH_YES);
}

void eh_json_out_resume(struct eh_json_out *o, const char *open, bool filled)
{
	o->n = 0;
	o->depth = 0;
	for (; *open != '\0'; open++) {
		o->filled[o->depth] = open[1] != '\0' || filled;
		o->closing[o->depth++] = *open == '{' ? '}' : ']';
	}
}

void eh_json_out_piece(struct eh_json_out *to, const struct eh_json_out *piece)
{
	if (piece->n == 0)
		return;
	if (to->to != NULL) {
		send(to);
		to->failed = to->failed || fwrite(piece->text, 1, piece->n, to->to) != piece->n;
	} else {
		put(to, piece->text, piece->n);
	}
	if (to->depth > 0)
		to->filled[to->depth - 1] = true;
}

void eh_json_out_free(struct eh_json_out **o)
{
	if (*o == NULL)
		return;
	free((*o)->text);
	free(*o);
	*o = NULL;
}

int eh_json_out_end(struct eh_json_out **o, struct eh_err *err)
{
	bool failed = false;

	put(*o, "\n", 1);
	send(*o);
	failed = (*o)->failed || fflush((*o)->to) != 0;
	eh_json_out_free(o);
	if (failed)
		return eh_err_set(err, EH_EIO, "writing JSON failed; is the disk full or the reader gone?");
	return EH_OK;
}

struct eh_json *eh_json_out_tree(struct eh_json_out **o)
{
	struct eh_json *j = eh_json_parse((*o)->text, (*o)->n);

	eh_json_out_free(o);
	return j;
}

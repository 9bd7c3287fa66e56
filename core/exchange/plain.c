/* Rows of plain CSV by masks of 64 bytes, one bit for each byte that matters; see plain.h. */
#include "exchange/plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

#if defined(__SSE2__) && !defined(EH_PLAIN_PORTABLE)
#include <emmintrin.h>
#endif

#ifndef EH_PLAIN_BLOCK
#define EH_PLAIN_BLOCK (256u << 10) /* [bytes] read at a time: half of a usual second-level cache */
#endif

struct masks {
	uint64_t comma, line, odd; /* bit i: byte i is a comma; LF; a quote or not printable ASCII (and not LF) */
};

struct scan {
	const struct eh_plain_part *part;
	struct eh_err *err;
	const char **at; /* [n_fields + 1] */
	size_t n;	 /* commas of the row so far */
	bool odd;	 /* something odd in the row's blocks before this one */
};

#if defined(__SSE2__) && !defined(EH_PLAIN_PORTABLE)
static struct masks look(const char *p)
{
	const __m128i comma = _mm_set1_epi8(','), line = _mm_set1_epi8('\n'), quote = _mm_set1_epi8('"'),
		      first = _mm_set1_epi8(0x1f), last = _mm_set1_epi8(0x7f);
	struct masks m = { 0, 0, 0 };

	for (unsigned i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
		__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, first), v),
			high = _mm_cmpeq_epi8(_mm_max_epu8(v, last), v);
		__m128i strange = _mm_or_si128(_mm_or_si128(low, high), _mm_cmpeq_epi8(v, quote));

		m.comma |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, comma)) << 16 * i;
		m.line |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, line)) << 16 * i;
		m.odd |= (uint64_t)(unsigned)_mm_movemask_epi8(strange) << 16 * i;
	}
	m.odd &= ~m.line;
	return m;
}
#else
static struct masks look(const char *p)
{
	struct masks m = { 0, 0, 0 };

	for (unsigned i = 0; i < 64; i++) {
		unsigned char c = (unsigned char)p[i];

		m.comma |= (uint64_t)(c == ',') << i;
		m.line |= (uint64_t)(c == '\n') << i;
		m.odd |= (uint64_t)(c != '\n' && (c < 0x20 || c >= 0x7f || c == '"')) << i;
	}
	return m;
}
#endif

/* A row with something odd in it: true when it is only letters of other scripts, control characters or a CR at its end,
 * which is taken away. */
static bool tame(const char *begin, const char **end)
{
	if (*end > begin && (*end)[-1] == '\r')
		--*end;
	for (const char *c = begin; c < *end; c++)
		if (*c == '"' || *c == '\0' || *c == '\r')
			return false;
	return eh_utf8_valid(begin, (size_t)(*end - begin));
}

/* end: the row's line feed. */
static int take_row(struct scan *s, const char *end, bool odd)
{
	const char *row = s->at[0], *next = end + 1;
	size_t n = s->n;
	int rc = EH_OK;

	s->n = 0;
	s->odd = false;
	if (next - row > (ptrdiff_t)EH_PLAIN_ROW_MAX || (odd && !tame(row, &end)))
		return EH_PLAIN_ODD;
	if (end > row && n + 1 != s->part->n_fields)
		return EH_PLAIN_ODD;
	if (end > row) {
		s->at[s->part->n_fields] = end + 1;
		rc = s->part->row(s->part->ctx, s->at, odd, s->err);
	}
	s->at[0] = next;
	return rc;
}

/* len bytes that end with a line feed; rows that begin at or behind `stop` are left to others. */
static int take_rows(struct scan *s, const char *p, size_t len, const char *stop)
{
	s->at[0] = p;
	for (size_t i = 0; i < len; i += 64) {
		struct masks m = look(p + i);
		uint64_t ends;

		if (len - i < 64) {
			uint64_t inside = ((uint64_t)1 << (len - i)) - 1;

			m = (struct masks){ m.comma & inside, m.line & inside, m.odd & inside };
		}
		for (ends = m.comma | m.line; ends != 0; ends &= ends - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(ends);
			int rc;

			if ((m.line >> bit & 1) == 0) {
				if (s->n + 1 >= s->part->n_fields)
					return EH_PLAIN_ODD;
				s->at[++s->n] = p + i + bit + 1;
				continue;
			}
			rc = take_row(s, p + i + bit, s->odd || (m.odd & (((uint64_t)1 << bit) - 1)) != 0);
			if (rc != EH_OK || s->at[0] >= stop)
				return rc;
			m.odd &= ~(((uint64_t)1 << bit) - 1);
		}
		s->odd = s->odd || m.odd != 0;
	}
	return EH_OK;
}

/* Fills from p on; what is there in the end, less only at the end of the file; -1. */
static ssize_t fill(int fd, char *p, size_t want, uint64_t at)
{
	size_t got = 0;

	while (got < want) {
		ssize_t n = pread(fd, p + got, want - got, (off_t)(at + got));

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		got += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)got;
}

static int read_part(struct scan *s, char *block, size_t room)
{
	const struct eh_plain_part *part = s->part;
	uint64_t at = part->from;
	size_t kept = 0;
	bool ended = false;
	int rc = EH_OK;

	/* the last row begins before `to` and ends where it ends */
	while (rc == EH_OK && at - kept < part->to && !ended) {
		ssize_t got = fill(part->fd, block + kept, room - kept, at);
		const char *last = NULL, *stop = NULL;
		size_t have, used;

		if (got < 0)
			return EH_PLAIN_ODD;
		have = kept + (size_t)got;
		ended = have < room;
		if (ended && have > 0 && block[have - 1] != '\n')
			block[have++] = '\n'; /* the pad has room for it */
		last = have > 0 ? memrchr(block, '\n', have) : NULL;
		if (last == NULL)
			return have > 0 ? EH_PLAIN_ODD : EH_OK;
		used = (size_t)(last + 1 - block);
		stop = part->to - (at - kept) < used ? block + (part->to - (at - kept)) : block + used;
		rc = take_rows(s, block, used, stop);
		at += (uint64_t)got;
		kept = have - used;
		memmove(block, block + used, kept);
	}
	return rc;
}

int eh_plain_read(const struct eh_plain_part *part, struct eh_err *err)
{
	const size_t room = EH_PLAIN_BLOCK;
	struct scan s = { .part = part, .err = err };
	char *block = eh_try_calloc(room + EH_PLAIN_PAD, 1);
	int rc = EH_OK;

	s.at = eh_try_calloc(part->n_fields + 1, sizeof *s.at);
	if (block == NULL || s.at == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "no memory to read a table");
	else if (part->n_fields > EH_PLAIN_FIELDS_MAX)
		rc = EH_PLAIN_ODD;
	else
		rc = read_part(&s, block, room);
	free(s.at);
	free(block);
	return rc;
}

uint64_t eh_plain_border(int fd, uint64_t at, uint64_t end)
{
	char block[4096];

	/* the line feed before it may be the byte just before `at` */
	for (uint64_t from = at > 0 ? at - 1 : 0; from < end;) {
		ssize_t got = fill(fd, block, sizeof block, from);
		const char *line = got > 0 ? memchr(block, '\n', (size_t)got) : NULL;

		if (line != NULL)
			return from + (uint64_t)(line - block) + 1 < end ? from + (uint64_t)(line - block) + 1 : end;
		if (got <= 0)
			return end;
		from += (uint64_t)got;
	}
	return end;
}

int eh_plain_line(int fd, uint64_t at, char *line, uint64_t *next)
{
	ssize_t got = fill(fd, line, EH_PLAIN_ROW_MAX - 1, at);
	char *end = got > 0 ? memchr(line, '\n', (size_t)got) : NULL;
	const char *last = end;

	if (end == NULL || !tame(line, &last))
		return EH_PLAIN_ODD;
	*next = at + (uint64_t)(end - line) + 1;
	line[last - line] = '\0';
	return EH_OK;
}

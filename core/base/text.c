/* Ids, UTF-8, numbers and times as text; see text.h. */
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decodes one character; returns its length in bytes, 0 when malformed. */
static size_t utf8_decode(uint32_t *cp, const unsigned char *s, size_t len)
{
	static const uint32_t lowest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n;
	uint32_t c;

	if (len == 0)
		return 0;
	c = s[0];
	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf) {
		n = 2;
		c &= 0x1f;
	} else if (c >= 0xe0 && c <= 0xef) {
		n = 3;
		c &= 0x0f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		n = 4;
		c &= 0x07;
	} else {
		return 0;
	}
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Almost all text is plain ASCII: eight bytes at a time are stepped over before a character is decoded. */
static size_t ascii_run(const unsigned char *p, size_t len)
{
	size_t n = 0;
	uint64_t x;

	for (; len - n >= sizeof x; n += sizeof x) {
		memcpy(&x, p + n, sizeof x);
		if ((x & 0x80 * EACH_BYTE) != 0)
			break;
	}
	return n;
}

/* The same of 0x20..0x7e.  What carries into the next byte comes from one that is not ASCII, and ends the run. */
static size_t printable_run(const unsigned char *p, size_t len)
{
	size_t n = 0;
	uint64_t x;

	for (; len - n >= sizeof x; n += sizeof x) {
		memcpy(&x, p + n, sizeof x);
		if (((x + 0x60 * EACH_BYTE) & ~(x + EACH_BYTE) & ~x & 0x80 * EACH_BYTE) != 0x80 * EACH_BYTE)
			break;
	}
	return n;
}

bool eh_utf8_valid(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = ascii_run(p, len);
	uint32_t cp;

	for (p += n, len -= n; len > 0; p += n, len -= n) {
		n = utf8_decode(&cp, p, len);
		if (n == 0)
			return false;
	}
	return true;
}

/*
 * Characters that can move the cursor, hide or reorder text (facts/terminal.md 6), that show as nothing (Unicode's
 * Default_Ignorable_Code_Point, and the Braille blank), or that show as whatever a font has (private use).
 */
static bool unprintable(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{ 0x0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
		{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },
		{ 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe00ff },
		{ 0xe01f0, 0xe0fff }, { 0xf0000, 0x10ffff },
	};

	if (c >= 0x20 && c < 0x7f)
		return false;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && c >= ranges[i][0]; i++)
		if (c <= ranges[i][1])
			return true;
	return (c & 0xfffe) == 0xfffe; /* the last two of each plane are no characters */
}

/* Chooses among the shapes of the character before it: emoji, Mongolian, ideographs in names. */
static bool is_selector(uint32_t c)
{
	return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x180b && c <= 0x180d) || c == 0x180f ||
	       (c >= 0xe0100 && c <= 0xe01ef);
}

/* May c stand behind `before` (0 = at the beginning)?  A selector does so only where there can be shapes to choose: on
 * its own, behind another, or behind a letter of ASCII it says nothing, and nobody sees it. */
static bool shows(uint32_t c, uint32_t before)
{
	if (!is_selector(c))
		return !unprintable(c);
	if (before < 0x80)
		return c == 0xfe0f && before != 0 && strchr("0123456789#*", (int)before) != NULL;
	return !is_selector(before) && !unprintable(before);
}

bool eh_id_valid(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t cp, before = 0;
	size_t n;

	if (len == 0 || len > EH_ID_MAX)
		return false;
	for (; len > 0; p += n, len -= n, before = cp) {
		n = utf8_decode(&cp, p, len);
		if (n == 0 || !shows(cp, before))
			return false;
	}
	return true;
}

bool eh_attribute_valid(const char *s, size_t len)
{
	if (len == 0 || len > EH_NAME_MAX || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_'))
			return false;
	return true;
}

bool eh_group_valid(const char *s, size_t len)
{
	if (len == 0 || len > EH_NAME_MAX || s[0] == ' ' || s[len - 1] == ' ')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c != '\0' && strchr(" " EH_GROUP_SIGNS, c) != NULL)))
			return false;
	}
	return true;
}

void eh_text_printable(char *out, size_t size, const char *s, size_t len)
{
	static const char mark[] = "\xef\xbf\xbd";
	const unsigned char *p = (const unsigned char *)s;
	size_t used = 0;
	uint32_t before = 0;

	used = printable_run(p, len < size ? len : size - 1);
	memcpy(out, s, used);
	p += used;
	len -= used;
	before = used > 0 ? p[-1] : 0;
	while (len > 0) {
		uint32_t cp = 0;
		size_t n = utf8_decode(&cp, p, len);
		bool bad = n == 0 || !shows(cp, before);
		const void *from = bad ? (const void *)mark : (const void *)p;
		size_t width = bad ? sizeof mark - 1 : n;

		if (used + width >= size)
			break;
		memcpy(out + used, from, width);
		used += width;
		n = n != 0 ? n : 1;
		p += n;
		len -= n;
		before = bad ? 0 : cp;
	}
	out[used] = '\0';
}

bool eh_text_clean(const char *s, bool lines)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = strlen(s), n = printable_run(p, len);
	uint32_t cp, before = n > 0 ? p[n - 1] : 0;

	for (p += n, len -= n; len > 0; p += n, len -= n, before = cp) {
		n = utf8_decode(&cp, p, len);
		if (n == 0 || (!shows(cp, before) && !(lines && (cp == '\n' || cp == '\t'))))
			return false;
	}
	return true;
}

int eh_text_copy(char *out, size_t size, const char *s, const char *what, struct eh_err *err)
{
	size_t len = strlen(s);

	if (len >= size)
		return eh_err_set(err, EH_ERANGE, "%s is longer than %zu bytes", what, size - 1);
	memcpy(out, s, len + 1);
	return EH_OK;
}

int eh_parse_i64(int64_t *out, const char *s, int64_t lo, int64_t hi, struct eh_err *err)
{
	char *end;
	long long v;

	/* strtoll alone would also skip blanks and tabs in front */
	if (strspn(s, "0123456789+-") != strlen(s))
		return eh_err_set(err, EH_EFORMAT, "'%.40s' is not a whole number", s);
	errno = 0;
	v = strtoll(s, &end, 10);
	if (end == s || *end != '\0')
		return eh_err_set(err, EH_EFORMAT, "'%.40s' is not a whole number", s);
	if (errno == ERANGE || v < lo || v > hi)
		return eh_err_set(err, EH_ERANGE, "'%.40s' is outside %lld..%lld", s, (long long)lo, (long long)hi);
	*out = v;
	return EH_OK;
}

int eh_parse_f64(double *out, const char *s, double lo, double hi, struct eh_err *err)
{
	char *end;
	double v;

	/* strtod alone would also take "nan", "inf" and hexadecimal */
	if (s[0] == '\0' || strspn(s, "0123456789+-.eE") != strlen(s))
		return eh_err_set(err, EH_EFORMAT, "'%.40s' is not a number", s);
	v = strtod(s, &end);
	if (end == s || *end != '\0')
		return eh_err_set(err, EH_EFORMAT, "'%.40s' is not a number", s);
	if (!isfinite(v) || v < lo || v > hi)
		return eh_err_set(err, EH_ERANGE, "'%.40s' is outside %g..%g", s, lo, hi);
	*out = v;
	return EH_OK;
}

/* Days since 1970-01-01 of a proleptic Gregorian date, by counting whole 400-year eras. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy, doe;

	if (m <= 2)
		y--;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + era * 400 + (*m <= 2);
}

/* Exactly n digits at *s; moves *s on. */
static bool digits(const char **s, int n, int64_t *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool zone(const char **s, int64_t *offset)
{
	int64_t h, m;
	int sign;

	*offset = 0;
	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		return true;
	}
	if (**s != '+' && **s != '-')
		return false;
	sign = **s == '-' ? -1 : 1;
	(*s)++;
	if (!digits(s, 2, &h) || *(*s)++ != ':' || !digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*offset = sign * (h * 3600 + m * 60);
	return true;
}

int eh_parse_time(int64_t *out, const char *s, struct eh_err *err)
{
	static const int month_days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const char *p = s;
	int64_t y, mo, d, h = 0, mi = 0, sec = 0, off = 0;

	if (!digits(&p, 4, &y) || *p++ != '-' || !digits(&p, 2, &mo) || *p++ != '-' || !digits(&p, 2, &d))
		goto bad;
	if (mo < 1 || mo > 12 || d < 1 || d > month_days[mo - 1])
		goto bad;
	if (mo == 2 && d == 29 && !(y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)))
		goto bad;
	if (*p != '\0') {
		if (*p != 'T' && *p != 't' && *p != ' ')
			goto bad;
		p++;
		if (!digits(&p, 2, &h) || *p++ != ':' || !digits(&p, 2, &mi) || *p++ != ':' || !digits(&p, 2, &sec))
			goto bad;
		if (h > 23 || mi > 59 || sec > 60)
			goto bad;
		if (*p == '.') {
			size_t n = strspn(p + 1, "0123456789");

			if (n == 0)
				goto bad;
			p += 1 + n;
		}
		if (!zone(&p, &off) || *p != '\0')
			goto bad;
	}
	*out = days_of(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec - off;
	return EH_OK;
bad:
	return eh_err_set(err, EH_EFORMAT, "'%.40s' is not a time; write it as 2026-11-25T10:00:00Z or 2026-11-25", s);
}

void eh_format_time(char out[EH_TIME_TEXT], int64_t t)
{
	int64_t days = t / 86400, rest = t % 86400;
	int64_t y, m, d;

	if (rest < 0) {
		days--;
		rest += 86400;
	}
	date_of(days, &y, &m, &d);
	(void)snprintf(out, EH_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)y, (int)m, (int)d,
		       (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

int eh_strcmp_ptr(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

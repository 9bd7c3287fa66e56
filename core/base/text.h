/*
 * text.h - ids, UTF-8, numbers as text, RFC 3339 times.  No locale, no time zone: the same
 * input gives the same bytes everywhere.
 */
#ifndef EH_BASE_TEXT_H
#define EH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_ID_MAX 64                    /* [bytes] of an id, without the NUL */
/* [bytes] of an attribute or group name, without the NUL: room for the longest category of Local Law 144 ("Native
 * Hawaiian or Pacific Islander (Not Hispanic or Latino)", 60) crossed with another. */
#define EH_NAME_MAX 95

typedef char eh_id[EH_ID_MAX + 1];
typedef char eh_name[EH_NAME_MAX + 1];

/* An id: 1..EH_ID_MAX bytes of valid UTF-8 without what eh_text_printable replaces. */
bool eh_id_valid(const char *s, size_t len);

/* An attribute or group name: 1..EH_NAME_MAX bytes of [a-z0-9_], not starting with a digit for attributes.
 * eh_group_valid also allows a leading digit ("40_plus"), upper case, inner blanks and EH_GROUP_SIGNS. */
#define EH_GROUP_SIGNS "_-+/.()&',"

bool eh_attribute_valid(const char *s, size_t len);
bool eh_group_valid(const char *s, size_t len);

/* Well-formed UTF-8 without overlong forms, surrogates or values above U+10FFFF. */
bool eh_utf8_valid(const char *s, size_t len);

/* Copies s into out[size] so that it can stand on a terminal: control characters (C0, C1, DEL), bidirectional controls,
 * characters that show as nothing or are private, variation selectors behind nothing that has variants (they stay
 * behind what is not ASCII, and U+FE0F behind a digit, # or *), and malformed bytes become U+FFFD; cut at a character
 * border. */
void eh_text_printable(char *out, size_t size, const char *s, size_t len);

/* Nothing in s that eh_text_printable would replace; with lines, newlines and tabs may stand in it. */
bool eh_text_clean(const char *s, bool lines);

/* Copies with a check: EH_ERANGE with what in the message when s does not fit. */
int eh_text_copy(char *out, size_t size, const char *s, const char *what, struct eh_err *err);

/* Whole-string conversions; EH_EFORMAT when a byte is left over, EH_ERANGE outside lo..hi or not finite. */
int eh_parse_i64(int64_t *out, const char *s, int64_t lo, int64_t hi, struct eh_err *err);
int eh_parse_f64(double *out, const char *s, double lo, double hi, struct eh_err *err);

/* v (finite) as printf's "%.17g" writes it in the C locale, byte for byte and several times as fast; returns the
 * length. */
#define EH_REAL_TEXT 32
int eh_format_real(char out[EH_REAL_TEXT], double v);

/* v as printf's "%.*f" writes it with 0..9 decimals in the C locale, byte for byte; returns the length.  0: v is not
 * below 10^9 in size (or no number), and nothing was written. */
int eh_format_fixed(char out[EH_REAL_TEXT], double v, unsigned decimals);

/* v as "%lld"; returns the length. */
int eh_format_int(char out[EH_REAL_TEXT], int64_t v);

/* RFC 3339 date-time ("2026-11-25T10:00:00Z", with offset, fraction ignored) or plain date
 * ("2026-11-25" = midnight UTC) to seconds since 1970-01-01 UTC [s]. */
int eh_parse_time(int64_t *out, const char *s, struct eh_err *err);

/* "2026-11-25T10:00:00Z" of t into out, which holds EH_TIME_TEXT bytes. */
#define EH_TIME_TEXT 32
void eh_format_time(char out[EH_TIME_TEXT], int64_t t);

int eh_strcmp_ptr(const void *a, const void *b);   /* qsort/bsearch over char *: byte order */

#endif

/* An electronic letter; see letter.h. */
#include "exchange/letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"

#define LINE_MAX_BYTES 998              /* RFC 5322 2.1.1, without CRLF */
#define SUBJECT_MAX 200

/* atext of RFC 5322 3.2.3 and the dot between. */
static bool dot_atom(const char *s, size_t len, const char *also)
{
	if (len == 0 || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		const char c = s[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')
			continue;
		if (c == '.' && s[i - 1] != '.')
			continue;
		if (c == '.' || c == '\0' || strchr(also, c) == NULL)
			return false;
	}
	return true;
}

bool eh_address_valid(const char *s)
{
	const char *at = strchr(s, '@');

	/* a leading '-' could be an option of somebody's */
	return at != NULL && s[0] != '-' && strlen(s) <= EH_ADDRESS_MAX &&
	       dot_atom(s, (size_t)(at - s), "!#$%&'*+/=?^_`{|}~") && dot_atom(at + 1, strlen(at + 1), "") &&
	       at[1] != '-';
}

static bool header_text(const char *s, size_t max)
{
	if (s[0] == '\0' || strlen(s) > max)
		return false;
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

static int check(const struct eh_letter *l, struct eh_err *err)
{
	if (!eh_address_valid(l->from))
		return eh_err_set(err, EH_EINVAL, "letter: the sender is no address such as name@example.org");
	if (l->n_to == 0)
		return eh_err_set(err, EH_EINVAL, "letter: nobody to send it to");
	for (size_t i = 0; i < l->n_to; i++)
		if (!eh_address_valid(l->to[i]))
			return eh_err_set(err, EH_EINVAL, "letter: recipient %zu is no address such as "
					  "name@example.org", i + 1);
	if (!dot_atom(l->id, strlen(l->id), ""))
		return eh_err_set(err, EH_EINVAL, "letter: the id holds something else than letters and digits");
	if (!header_text(l->subject, SUBJECT_MAX))
		return eh_err_set(err, EH_EINVAL, "letter: the subject must be 1 to %d printable ASCII bytes",
				  SUBJECT_MAX);
	return EH_OK;
}

/* "Mon, 30 Nov 2026 19:51:20 +0000" */
static void put_date(struct eh_buf *out, int64_t at)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const time_t t = (time_t)at;
	struct tm tm;

	memset(&tm, 0, sizeof tm);
	(void)gmtime_r(&t, &tm);
	eh_buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
		      months[tm.tm_mon], 1900 + tm.tm_year, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Bytes of one line, broken between characters where it is too long. */
static void put_line(struct eh_buf *out, const char *s, size_t len)
{
	char *clean = eh_xcalloc(3 * len + 1, 1), *at = clean;

	/* what is replaced becomes three bytes */
	eh_text_printable(clean, 3 * len + 1, s, len);
	while (strlen(at) > LINE_MAX_BYTES) {
		size_t n = LINE_MAX_BYTES;

		while (((unsigned char)at[n] & 0xc0) == 0x80)
			n--;
		eh_buf_add(out, at, n);
		eh_buf_printf(out, "\r\n");
		at += n;
	}
	eh_buf_printf(out, "%s\r\n", at);
	free(clean);
}

static void put_body(struct eh_buf *out, const char *body)
{
	while (*body != '\0') {
		size_t len = strcspn(body, "\n");

		put_line(out, body, len);
		body += len;
		body += *body == '\n';
	}
}

int eh_letter_write(struct eh_buf *out, const struct eh_letter *l, struct eh_err *err)
{
	int rc = check(l, err);

	if (rc != EH_OK)
		return rc;
	put_date(out, l->date);
	eh_buf_printf(out, "From: <%s>\r\nTo:", l->from);
	for (size_t i = 0; i < l->n_to; i++)
		eh_buf_printf(out, "%s <%s>", i > 0 ? ",\r\n" : "", l->to[i]);
	eh_buf_printf(out,
		      "\r\nSubject: %s\r\nMessage-ID: <%s@%s>\r\nMIME-Version: 1.0\r\n"
		      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
		      "Auto-Submitted: auto-generated\r\n\r\n",
		      l->subject, l->id, strchr(l->from, '@') + 1);
	put_body(out, l->body);
	return out->failed ? eh_err_set(err, EH_ENOMEM, "letter: out of memory") : EH_OK;
}

/* --limit in the ways that people write a ratio, exactly: it is compared in integers, so 0.8 must become 4/5. */
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"

#define DEN_MAX 1000                    /* core/audit/audit.h */
#define PART_MAX 1000000                /* of a number as it is written: enough to say what is wrong with it */

enum form { GOOD, NO_RATIO, ZERO, ABOVE_ONE, TOO_FINE };

static int64_t common(int64_t a, int64_t b)
{
	while (b != 0) {
		const int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static bool read_part(int64_t *out, const char *text, size_t len)
{
	char part[8];

	if (len == 0 || len >= sizeof part || text[0] < '0' || text[0] > '9')
		return false;
	memcpy(part, text, len);
	part[len] = '\0';
	return eh_parse_i64(out, part, 0, PART_MAX, NULL) == EH_OK;
}

static bool read_fraction(const char *text, int64_t *num, int64_t *den)
{
	const char *slash = strchr(text, '/');

	return slash != NULL && read_part(num, text, (size_t)(slash - text)) &&
	       read_part(den, slash + 1, strlen(slash + 1)) && *den > 0;
}

/* "0.8", ".8", "1", "80%", "79.5 %" without its blank: digits over a power of ten, in lowest terms. */
static bool read_decimal(const char *text, int64_t *num, int64_t *den)
{
	const size_t len = strlen(text), digits = strspn(text, "0123456789");
	const size_t behind = text[digits] == '.' ? strspn(text + digits + 1, "0123456789") : 0;
	const size_t used = digits + (text[digits] == '.') + behind;
	const bool percent = used + 1 == len && text[used] == '%';
	int64_t n = 0, d = percent ? 100 : 1, divisor;

	if (digits + behind == 0 || digits > 6 || behind > 9 || (used != len && !percent) ||
	    (text[digits] == '.' && behind == 0))
		return false;
	for (size_t i = 0; i < used; i++) {
		if (text[i] == '.')
			continue;
		n = 10 * n + (text[i] - '0');
		d *= i > digits ? 10 : 1;
	}
	divisor = common(n, d);
	*num = n / divisor;
	*den = d / divisor;
	return true;
}

static enum form read_limit(const char *text, int64_t *num, int64_t *den)
{
	if (!read_fraction(text, num, den) && !read_decimal(text, num, den))
		return NO_RATIO;
	if (*num == 0)
		return ZERO;
	if (*num > *den)
		return ABOVE_ONE;
	return *den > DEN_MAX ? TOO_FINE : GOOD;
}

bool cli_read_limit(struct cli *c, int32_t *num, int32_t *den)
{
	static const char *const why[] = {
		[NO_RATIO] = "is no ratio; write one such as 4/5, 0.8 or 80%",
		[ZERO] = "would find nothing: no ratio is below 0; write one above it, such as 4/5",
		[ABOVE_ONE] = "is above 1: a group selected as often as its reference would be below it; write 1 or "
			      "less, such as 4/5 or 80%",
		[TOO_FINE] = "is finer than a fraction of two numbers up to 1000; write one such as 4/5 or 0.795",
	};
	const char *text = cli_opt(c, "limit");
	int64_t a = 0, b = 0;
	enum form form;

	if (text == NULL)
		return true;
	form = read_limit(text, &a, &b);
	if (form != GOOD) {
		(void)cli_error(c, EH_EUSAGE, "--limit '%s' %s", text, why[form]);
		return false;
	}
	*num = (int32_t)a;
	*den = (int32_t)b;
	return true;
}

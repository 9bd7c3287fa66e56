/* Windows and periods; see period.h. */
#include "audit/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/data.h"
#include "base/text.h"

static const char *const names[] = { "", "month", "quarter", "year" };

int eh_period_parse(enum eh_period *out, const char *name, struct eh_err *err)
{
	for (int i = EH_BY_MONTH; i <= EH_BY_YEAR; i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum eh_period)i;
			return EH_OK;
		}
	return eh_err_set(err, EH_EINVAL, "a period is year, quarter or month, not '%.40s'", name);
}

const char *eh_period_name(enum eh_period by)
{
	return (unsigned)by <= EH_BY_YEAR ? names[by] : "";
}

/* Years begin in March inside: the leap day is their last, and the months before it repeat every five. */
static int32_t month_of(int32_t day)
{
	int64_t z = (int64_t)day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), month = (5 * doy + 2) / 153 + 2;

	return (int32_t)((yoe + era * 400) * 12 + month);
}

static int32_t floor_div(int32_t a, int32_t b)
{
	return a / b - (a % b < 0);
}

static int32_t months_in(enum eh_period by)
{
	return by == EH_BY_YEAR ? 12 : by == EH_BY_QUARTER ? 3 : 1;
}

int32_t eh_period_of(enum eh_period by, int32_t day)
{
	return day != EH_NO_DAY ? floor_div(month_of(day), months_in(by)) : EH_PERIOD_NONE;
}

void eh_period_text(char out[EH_PERIOD_TEXT], enum eh_period by, int32_t period)
{
	const int32_t in_year = 12 / months_in(by), year = floor_div(period, in_year);

	out[0] = '\0';
	if (period == EH_PERIOD_NONE)
		return;
	if (by == EH_BY_YEAR)
		(void)snprintf(out, EH_PERIOD_TEXT, "%04d", year);
	else
		(void)snprintf(out, EH_PERIOD_TEXT, by == EH_BY_QUARTER ? "%04d-Q%d" : "%04d-%02d", year,
			       period - year * in_year + 1);
}

int32_t eh_period_of_month(enum eh_period by, int32_t month)
{
	return month != EH_PERIOD_NONE ? floor_div(month, months_in(by)) : EH_PERIOD_NONE;
}

bool eh_month_read(int32_t *month, const char *text)
{
	const char *dash = text[0] != '\0' ? strrchr(text + 1, '-') : NULL;
	char again[EH_PERIOD_TEXT];

	*month = EH_PERIOD_NONE;
	if (dash == NULL)
		return text[0] == '\0';
	*month = (int32_t)(strtol(text, NULL, 10) * 12 + strtol(dash + 1, NULL, 10) - 1);
	eh_period_text(again, EH_BY_MONTH, *month);
	return strcmp(again, text) == 0;
}

/* The inverse of month_of, of its first day. */
int32_t eh_month_day(int32_t month)
{
	const int64_t year = floor_div(month, 12), m = month - year * 12;
	const int64_t y = m < 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	const int64_t doy = (153 * (m < 2 ? m + 10 : m - 2) + 2) / 5;

	if (month == EH_PERIOD_NONE)
		return EH_NO_DAY;
	return (int32_t)(era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468);
}

int eh_day_parse(int32_t *day, const char *date, struct eh_err *err)
{
	int64_t t = 0;

	if (strlen(date) != EH_DAY_TEXT - 1 || eh_parse_time(&t, date, NULL) != EH_OK)
		return eh_err_set(err, EH_EINVAL, "'%.40s' is no date; write it as 2026-03-31", date);
	*day = eh_day_of(t);
	return EH_OK;
}

bool eh_window_bounded(const struct eh_window *w)
{
	return w->from[0] != '\0' || w->to[0] != '\0';
}

bool eh_window_dated(const struct eh_window *w)
{
	return eh_window_bounded(w) || w->period != EH_NO_PERIOD;
}

bool eh_window_months(struct eh_months *out, const struct eh_window *w)
{
	struct eh_days days;

	if (eh_window_days(&days, w, NULL) != EH_OK)
		return false;
	*out = (struct eh_months){ EH_PERIOD_NONE + 1, INT32_MAX };
	if (w->from[0] != '\0')
		out->first = month_of(days.first);
	if (w->to[0] != '\0')
		out->last = month_of(days.last);
	return (w->from[0] == '\0' || eh_month_day(out->first) == days.first) &&
	       (w->to[0] == '\0' || eh_month_day(out->last + 1) == days.last + 1);
}

bool eh_window_same_days(const struct eh_window *a, const struct eh_window *b)
{
	return strcmp(a->from, b->from) == 0 && strcmp(a->to, b->to) == 0;
}

int eh_window_days(struct eh_days *out, const struct eh_window *w, struct eh_err *err)
{
	int rc = EH_OK;

	*out = (struct eh_days){ EH_NO_DAY + 1, INT32_MAX };
	if (w->period > EH_BY_YEAR)
		return eh_err_set(err, EH_EINVAL, "there is no period %u", w->period);
	if (w->from[0] != '\0')
		rc = eh_day_parse(&out->first, w->from, err);
	if (rc == EH_OK && w->to[0] != '\0')
		rc = eh_day_parse(&out->last, w->to, err);
	if (rc == EH_OK && out->first > out->last)
		return eh_err_set(err, EH_EINVAL, "the window ends on %s, before it begins on %s", w->to, w->from);
	return rc;
}

void eh_window_text(char out[EH_WINDOW_TEXT], const struct eh_window *w)
{
	const bool from = w->from[0] != '\0', to = w->to[0] != '\0';

	(void)snprintf(out, EH_WINDOW_TEXT, "%s%s%s%s", from && !to ? "from " : to && !from ? "until " : "", w->from,
		       from && to ? " to " : "", w->to);
}

const char *eh_window_words(char out[EH_WINDOW_WORDS], const struct eh_window *w)
{
	const char *by = eh_period_name((enum eh_period)w->period);
	const bool bounded = eh_window_bounded(w), split = by[0] != '\0';
	char days[EH_WINDOW_TEXT];

	eh_window_text(days, w);
	out[0] = '\0';
	if (bounded || split)
		(void)snprintf(out, EH_WINDOW_WORDS, "decisions %s%s%s%s%s%s%s",
			       w->from[0] != '\0' && w->to[0] != '\0' ? "of " : "", days, bounded && split ? ", " : "",
			       split ? "compared " : "", by, split ? " by " : "", by);
	return out;
}

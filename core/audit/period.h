/*
 * period.h - windows of days, and the months, quarters and years that days fall into.
 *
 * A day is UTC's, counted from 1970-01-01 (data.h: eh_day_of); the calendar is the proleptic Gregorian one.
 */
#ifndef EH_AUDIT_PERIOD_H
#define EH_AUDIT_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum eh_period { EH_NO_PERIOD = 0, EH_BY_MONTH = 1, EH_BY_QUARTER = 2, EH_BY_YEAR = 3 };

#define EH_PERIOD_TEXT 16
#define EH_DAY_TEXT 11
#define EH_PERIOD_NONE INT32_MIN        /* of a day that is not known */

/* "month", "quarter", "year"; EH_EINVAL. */
int eh_period_parse(enum eh_period *out, const char *name, struct eh_err *err);
const char *eh_period_name(enum eh_period by);          /* "" of EH_NO_PERIOD */

/* Number of the period that holds the day, from the first one of year 0 on without gaps: the month of 1970-01-01 is
 * 1970 * 12.  EH_PERIOD_NONE of EH_NO_DAY. */
int32_t eh_period_of(enum eh_period by, int32_t day);
/* "2026-03", "2026-Q1", "2026"; "" of EH_PERIOD_NONE. */
void eh_period_text(char out[EH_PERIOD_TEXT], enum eh_period by, int32_t period);

/* The month of such a text ("2026-03"; "" is EH_PERIOD_NONE); false: it is none. */
bool eh_month_read(int32_t *month, const char *text);
/* The period that holds a month; EH_PERIOD_NONE of that. */
int32_t eh_period_of_month(enum eh_period by, int32_t month);
/* Its first day; EH_NO_DAY of EH_PERIOD_NONE. */
int32_t eh_month_day(int32_t month);

/* A date ("2026-03-31", nothing behind it) as its day; EH_EINVAL. */
int eh_day_parse(int32_t *day, const char *date, struct eh_err *err);

/* Which decisions an audit looks at, and whether it compares them period by period.  All zero: everything. */
struct eh_window {
	char from[EH_DAY_TEXT], to[EH_DAY_TEXT];        /* dates, both inside; "" = open */
	uint8_t period;                 /* enum eh_period that is part of the stratum */
};

struct eh_days {
	int32_t first, last;            /* inside */
};

bool eh_window_bounded(const struct eh_window *w);      /* some day is outside */
/* A decision's time matters: it has to come from the rows (ARCHITECTURE.md). */
bool eh_window_dated(const struct eh_window *w);
/* Months inside of the window; without a bound INT32_MIN + 1 and INT32_MAX.  False: it begins or ends within a month,
 * or is none. */
struct eh_months {
	int32_t first, last;
};
bool eh_window_months(struct eh_months *out, const struct eh_window *w);
bool eh_window_same_days(const struct eh_window *a, const struct eh_window *b);
/* EH_EINVAL: no date, a period that is not one, or the first day is after the last. */
int eh_window_days(struct eh_days *out, const struct eh_window *w, struct eh_err *err);
/* "2026-01-01 to 2026-03-31", "from 2026-01-01", "until 2026-03-31"; "" without bounds. */
#define EH_WINDOW_TEXT 32
void eh_window_text(char out[EH_WINDOW_TEXT], const struct eh_window *w);
/* The same as the end of a sentence on an audit: "decisions of 2026-01-01 to 2026-03-31, compared month by month"; ""
 * of everything. */
#define EH_WINDOW_WORDS 96
const char *eh_window_words(char out[EH_WINDOW_WORDS], const struct eh_window *w);

#endif

/*
 * audit_cases.h - the numeric cases outside the repository: EVENHAND_SHARED (default ../shared) /cases.
 *
 * Plain comma-separated lines without quoting; lines beginning with '#' are left out, the next
 * line names the columns.
 */
#ifndef TESTS_CORE_AUDIT_CASES_H
#define TESTS_CORE_AUDIT_CASES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define CASE_COLUMNS 64
#define CASE_LINE 4096

struct cases {
	FILE *file;
	size_t n_columns;
	char *column[CASE_COLUMNS];
	char head[CASE_LINE], line[CASE_LINE];
	char *cell[CASE_COLUMNS];
};

static inline size_t cases_split(char *line, char **cell)
{
	size_t n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (line != NULL && n < CASE_COLUMNS)
		cell[n++] = strsep(&line, ",");
	return n;
}

static inline bool cases_line(struct cases *c, char *line)
{
	do {
		if (fgets(line, CASE_LINE, c->file) == NULL)
			return false;
	} while (line[0] == '#');
	return true;
}

/* Skips the test where the cases are not there. */
static inline void cases_open(struct cases *c, const char *name)
{
	const char *shared = getenv("EVENHAND_SHARED");
	char path[1024];

	(void)snprintf(path, sizeof path, "%s/cases/%s", shared != NULL ? shared : "../shared", name);
	memset(c, 0, sizeof *c);
	c->file = fopen(path, "r");
	if (c->file == NULL)
		skip();
	assert_true(cases_line(c, c->head));
	c->n_columns = cases_split(c->head, c->column);
}

static inline bool cases_next(struct cases *c)
{
	if (!cases_line(c, c->line))
		return false;
	assert_true(cases_split(c->line, c->cell) >= c->n_columns);
	return true;
}

static inline void cases_close(struct cases *c)
{
	(void)fclose(c->file);
}

static inline const char *cases_get(const struct cases *c, const char *column)
{
	for (size_t i = 0; i < c->n_columns; i++)
		if (strcmp(c->column[i], column) == 0)
			return c->cell[i];
	fail_msg("no column %s", column);
	return "";
}

static inline uint64_t cases_count(const struct cases *c, const char *column)
{
	return strtoull(cases_get(c, column), NULL, 10);
}

static inline bool close_to(double got, double want, double relative)
{
	return fabs(got - want) <= relative * fabs(want) + 1e-300;
}

/* A cell against a number: value, inf (an open end), or undefined:REASON. */
static inline void check_cell(const char *where, const char *column, const char *cell, struct eh_num got,
			      double relative)
{
	const char *reason = strncmp(cell, "undefined:", 10) == 0 ? cell + 10 : NULL;

	if (strcmp(cell, "inf") == 0)
		reason = "unbounded";
	if (reason != NULL) {
		if (got.defined || strcmp(eh_undef_text(got.why), reason) != 0)
			fail_msg("%s %s: %.17g (%s), expected %s", where, column, got.value, eh_undef_text(got.why),
				 cell);
	} else if (!got.defined || !close_to(got.value, strtod(cell, NULL), relative)) {
		fail_msg("%s %s: %.17g (%s), expected %s", where, column, got.value, eh_undef_text(got.why), cell);
	}
}

/* The value of one row of expected_other.csv; NAN when there is none. */
static inline double expected_other(const char *file, const char *table, const char *item, const char *statistic)
{
	struct cases c;
	double value = NAN;

	cases_open(&c, "expected_other.csv");
	while (cases_next(&c))
		if (strcmp(cases_get(&c, "file"), file) == 0 && strcmp(cases_get(&c, "table"), table) == 0 &&
		    strcmp(cases_get(&c, "item"), item) == 0 && strcmp(cases_get(&c, "statistic"), statistic) == 0)
			value = strtod(cases_get(&c, "value"), NULL);
	cases_close(&c);
	if (isnan(value))
		fail_msg("expected_other.csv has no %s %s %s %s", file, table, item, statistic);
	return value;
}

static inline void check_other(const char *file, const char *table, const char *item, const char *statistic, double got,
			       double relative)
{
	double want = expected_other(file, table, item, statistic);

	if (!close_to(got, want, relative))
		fail_msg("%s %s %s %s: %.17g, expected %.17g", file, table, item, statistic, got, want);
}

#endif

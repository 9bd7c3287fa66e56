/*
 * rates_text.h - tables of `rates` written out in a test: read, or refused at a place.
 */
#ifndef EH_TESTS_CORE_RATES_TEXT_H
#define EH_TESTS_CORE_RATES_TEXT_H

#include "tests/core/temp_project.h"

#include "exchange/exchange.h"
#include "exchange/rates.h"

static struct temp_project project;

static inline int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	temp_project_close(&project);
	return 0;
}

static inline int read_text(struct eh_audit_data *d, const char *text, const struct eh_rates_options *o,
		     struct eh_import_report *r, struct eh_err *err)
{
	char path[128];

	temp_file(&project, path, "t.csv", text, strlen(text));
	return eh_rates_read(d, path, o, r, err);
}

static const struct eh_rates_options plain = { .prob = NULL };

static inline void good(struct eh_audit_data *d, const char *text, const struct eh_rates_options *o,
		 struct eh_import_report *r)
{
	struct eh_err err = EH_ERR_INIT;

	if (read_text(d, text, o, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static inline void bad(const char *text, const struct eh_rates_options *o, const char *place, const char *part)
{
	struct eh_audit_data d;
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;
	char want[200];

	assert_int_equal(read_text(&d, text, o, &r, &err), EH_EFORMAT);
	(void)snprintf(want, sizeof want, "%s/t.csv:%s: ", project.dir, place);
	if (strncmp(err.msg, want, strlen(want)) != 0 || strstr(err.msg, part) == NULL)
		fail_msg("%s (expected %s ... %s)", err.msg, want, part);
	assert_int_equal(r.n_errors, 1);
	assert_int_equal(d.n_decisions, 0);
	assert_null(d.candidate);
}

/* The first candidate of a group: candidates have no names and stand in the order of fingerprints. */
static inline uint32_t person_of(const struct eh_audit_data *d, int16_t group)
{
	uint32_t c = 0;

	while (c < d->candidates.n && d->attributes[0].group[c] != group)
		c++;
	assert_true(c < d->candidates.n);
	return c;
}

/* The candidate of the evaluator's only decision with this outcome. */
static inline uint32_t judged(const struct eh_audit_data *d, const char *evaluator, uint8_t selected)
{
	uint32_t e = eh_names_find(&d->evaluators, evaluator);
	size_t i = d->evaluator_at[e];

	while (i < d->evaluator_at[e + 1] && d->selected[i] != selected)
		i++;
	assert_true(i < d->evaluator_at[e + 1]);
	return d->candidate[i];
}

#endif

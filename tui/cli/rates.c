/* evenhand rates FILE.csv: the audit's statistics on one table, without a project. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"

#define LIST_MAX 16

static size_t collect(const struct cli *c, const char *name, const char **out)
{
	size_t n = 0;

	while (n < LIST_MAX && (out[n] = cli_opt_nth(c, name, n)) != NULL)
		n++;
	return n;
}

static bool read_reference(struct cli *c, struct eh_audit_settings *s)
{
	const char *text = cli_opt(c, "reference");

	if (text == NULL || strcmp(text, "highest") == 0) {
		s->reference = EH_REF_HIGHEST;
	} else if (strcmp(text, "rest") == 0) {
		s->reference = EH_REF_REST;
	} else if (eh_group_valid(text, strlen(text))) {
		s->reference = EH_REF_FIXED;
		(void)snprintf(s->fixed_reference, sizeof s->fixed_reference, "%s", text);
	} else {
		(void)cli_error(c, EH_EUSAGE, "--reference is highest, rest or the name of a group, not '%s'", text);
		return false;
	}
	return true;
}

static bool read_settings(struct cli *c, struct eh_audit_settings *s)
{
	const char *limit = cli_opt(c, "limit"), *family = cli_opt(c, "family");
	int64_t min = s->min_group;

	if (limit != NULL && !cli_parse_limit(limit, &s->limit_num, &s->limit_den)) {
		(void)cli_error(c, EH_EUSAGE, "--limit wants a fraction such as 4/5, not '%s'", limit);
		return false;
	}
	if (family != NULL && !cli_family_valid(family)) {
		(void)cli_error(c, EH_EUSAGE, "--family is bh, holm, by or none, not '%s'", family);
		return false;
	}
	if (family != NULL)
		(void)snprintf(s->family, sizeof s->family, "%s", family);
	if (!cli_opt_i64(c, "min", 1, 1000000, &min) || !read_reference(c, s))
		return false;
	s->min_group = (uint32_t)min;
	return true;
}

static int run(struct cli *c)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	const char *classes[LIST_MAX + 1] = { NULL }, *strata[LIST_MAX + 1] = { NULL };
	struct eh_rates_options o = { classes, collect(c, "class", classes), strata, collect(c, "stratum", strata),
				      cli_opt(c, "score"), cli_opt(c, "prob") };
	struct eh_audit_data data = { 0 };
	struct eh_findings f = { 0 };
	struct eh_import_report *report;
	struct eh_json *doc;
	int rc, status = 0;

	if (!read_settings(c, &s))
		return eh_status_exit(EH_EUSAGE);
	report = eh_xcalloc(1, sizeof *report);
	rc = eh_rates_read(&data, c->argv[0], &o, report, &c->err);
	for (size_t i = 0; rc != EH_OK && i < report->n_errors; i++)
		fprintf(stderr, "%s\n", report->errors[i]);
	if (rc != EH_OK && report->more_errors > 0)
		fprintf(stderr, "evenhand rates: and %llu more\n", (unsigned long long)report->more_errors);
	if (rc == EH_OK && report->note[0] != '\0')
		cli_say(c, "%s: note: %s", c->argv[0], report->note);
	if (rc == EH_OK) {
		rc = eh_desk_rates(c->engine, &data, &s, &f, &c->err);
		report->n_errors = 0;
	}
	if (rc != EH_OK) {
		status = report->n_errors > 0 ? eh_status_exit(rc) : cli_fail(c);
	} else if (c->format == CLI_JSON) {
		doc = eh_json_findings("evenhand.rates/1", c->argv[0], report->rows, &s, f.v, f.n);
		status = cli_put_json(c, &doc);
	} else {
		cli_findings_table(c, f.v, f.n, NULL);
	}
	eh_findings_free(&f);
	eh_audit_data_free(&data);
	free(report);
	return status;
}

static const struct cli_flag flags[] = {
	{ "class", "COLUMN", "column with a class, repeatable" },
	{ "stratum", "COLUMN", "column to stratify by, repeatable" },
	{ "score", "COLUMN", "column with a score: checked, not part of the statistics" },
	{ "prob", "PREFIX", "class probabilities in columns PREFIX.GROUP" },
	{ "reference", "WHICH", "highest (default), rest, or the name of a group" },
	{ "limit", "4/5", "the limit of the impact ratio" },
	{ "min", "N", "minimum of persons per group (default 10; 30 in all)" },
	{ "family", "METHOD", "correction: bh (default), holm, by, none" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_rates = {
	.name = "rates",
	.usage = "FILE.csv",
	.summary = "Selection rates and impact ratios of one table, without a project",
	.help = "Example: evenhand rates decisions.csv --class sex --json\n\n"
		"The table is UTF-8, RFC 4180, with a header line; \"-\" reads standard input.  Columns:\n"
		"  evaluator_id, candidate_id\n"
		"  decision     advance, reject or hold, or 1 and 0; hold is left out\n"
		"  the classes  candidate_ATTRIBUTE or declared.ATTRIBUTE; without such\n"
		"               columns every column that has no other meaning, or the\n"
		"               ones that --class names; empty, unknown, declined or na\n"
		"               is no class\n"
		"  question_id  (or event, event_id, stage) tells apart several decisions\n"
		"               of an evaluator about one candidate; it becomes a stratum\n"
		"               where there are such decisions\n\n"
		"Each evaluator and all together: the rate of a group, its ratio to that of the reference (with "
		"strata that of Mantel-Haenszel), its 95 % interval, p with the candidate as the unit, q "
		"corrected for all comparisons of the run, and what the policy evaluator_screen says.  --json has "
		"every statistic.",
	.flags = flags,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};

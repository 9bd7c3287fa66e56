/* evenhand rates FILE.csv: the audit's statistics on one table, without a project. */
#include <math.h>
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
	} else if (strcmp(text, "majority") == 0) {
		s->reference = EH_REF_MAJORITY;
	} else if (eh_group_valid(text, strlen(text))) {
		s->reference = EH_REF_FIXED;
		(void)snprintf(s->fixed_reference, sizeof s->fixed_reference, "%s", text);
	} else {
		(void)cli_error(c, EH_EUSAGE, "--reference is highest, rest, majority or the name of a group, not '%s'",
				text);
		return false;
	}
	return true;
}

/* Percent with at most two decimals, kept in ten-thousandths. */
static bool read_share(struct cli *c, struct eh_audit_settings *s)
{
	const char *text = cli_opt(c, "min-share");
	char *end = NULL;
	double v = text != NULL ? strtod(text, &end) : 0.0;

	if (text == NULL)
		return true;
	if (end == text || (end[0] != '\0' && strcmp(end, "%") != 0) || !(v >= 0.0 && v <= 50.0) ||
	    fabs(v * 100.0 - nearbyint(v * 100.0)) > 1e-6) {
		(void)cli_error(c, EH_EUSAGE, "--min-share wants percent of the pool, 0 to 50, such as 2, not '%s'",
				text);
		return false;
	}
	s->min_share = (uint32_t)nearbyint(v * 100.0);
	return true;
}

static bool read_median(struct cli *c, struct eh_audit_settings *s)
{
	const char *text = cli_opt(c, "median");

	if (text != NULL && strcmp(text, "all") != 0 && strcmp(text, "known") != 0) {
		(void)cli_error(c, EH_EUSAGE, "--median is all or known (persons whose class is known), not '%s'",
				text);
		return false;
	}
	s->median_known = text != NULL && strcmp(text, "known") == 0;
	return true;
}

static bool read_settings(struct cli *c, struct eh_audit_settings *s)
{
	const char *limit = cli_opt(c, "limit"), *family = cli_opt(c, "family");
	int64_t min = s->min_group;
	char looks[8] = "";

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
	if (!cli_opt_i64(c, "min", 1, 1000000, &min) || !read_reference(c, s) || !read_share(c, s) ||
	    !read_median(c, s))
		return false;
	if (!cli_read_looks(c, looks))
		return false;
	s->anytime = strcmp(looks, "anytime") == 0;
	s->min_group = (uint32_t)min;
	s->boschloo = cli_has(c, "boschloo");
	return true;
}

static bool read_options(struct cli *c, struct eh_rates_options *o, struct eh_audit_settings *s)
{
	const char *text = cli_opt(c, "on-error");
	int64_t threads = 0;

	if (text != NULL && strcmp(text, "fail") != 0 && strcmp(text, "skip") != 0) {
		(void)cli_error(c, EH_EUSAGE, "--on-error is fail or skip, not '%s'", text);
		return false;
	}
	if (!cli_opt_i64(c, "threads", 0, 1024, &threads) || !read_settings(c, s))
		return false;
	o->skip = text != NULL && strcmp(text, "skip") == 0;
	o->threads = s->threads = (uint32_t)threads;
	return true;
}

/* What is wrong in the table, to stderr: the lines, and how many more. */
static void say_errors(const struct eh_import_report *r)
{
	for (size_t i = 0; i < r->n_errors; i++)
		fprintf(stderr, "%s\n", r->errors[i]);
	if (r->more_errors > 0)
		fprintf(stderr, "evenhand rates: and %llu more\n", (unsigned long long)r->more_errors);
}

/* Persons nothing can be said about are told beside what is said about the others. */
static void say_unknown(const struct cli *c, const struct eh_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct eh_finding *x = &f->v[i];
		const uint64_t all = x->declared + x->imported + x->predicted + x->unknown;

		if (x->evaluator[0] != '\0' || x->position[0] != '\0' || x->unknown == 0 ||
		    (i > 0 && strcmp(f->v[i - 1].attribute, x->attribute) == 0))
			continue;
		cli_say(c,
			"%s: note: the class '%s' of %llu of %llu persons is not known; --json has the bounds they "
			"leave",
			c->argv[0], x->attribute, (unsigned long long)x->unknown, (unsigned long long)all);
	}
}

static int read_table(struct cli *c, struct eh_audit_data *data, const struct eh_rates_options *o,
		      struct eh_import_report *report)
{
	int rc = eh_rates_read(data, c->argv[0], o, report, &c->err);
	bool listed = false;

	if (rc != EH_OK || report->skipped > 0)
		say_errors(report);
	if (rc != EH_OK) {
		for (size_t i = 0; i < report->n_errors; i++)
			listed = listed || strcmp(report->errors[i], c->err.msg) == 0;
		if (!listed)
			(void)cli_fail(c);
		return rc;
	}
	if (report->skipped > 0)
		fprintf(stderr, "evenhand rates: %llu of %llu rows left out\n", (unsigned long long)report->skipped,
			(unsigned long long)report->rows);
	if (report->note[0] != '\0')
		cli_say(c, "%s: note: %s", c->argv[0], report->note);
	return EH_OK;
}

static int run(struct cli *c)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	const char *classes[LIST_MAX + 1] = { NULL }, *strata[LIST_MAX + 1] = { NULL }, *pairs[LIST_MAX + 1] = { NULL };
	struct eh_rates_options o = {
		.classes = classes, .n_classes = collect(c, "class", classes),
		.strata = strata, .n_strata = collect(c, "stratum", strata),
		.pairs = pairs, .n_pairs = collect(c, "intersect", pairs),
		.score = cli_opt(c, "score"), .prob = cli_opt(c, "prob"),
	};
	struct eh_audit_data data = { 0 };
	struct eh_findings f = { 0 };
	struct eh_import_report *report;
	int rc, status = 0;

	if (!read_options(c, &o, &s))
		return eh_status_exit(EH_EUSAGE);
	report = eh_xcalloc(1, sizeof *report);
	rc = read_table(c, &data, &o, report);
	if (rc != EH_OK) {
		free(report);
		return eh_status_exit(rc);
	}
	rc = eh_desk_rates(c->engine, &data, &s, &f, &c->err);
	eh_audit_data_free(&data);
	if (rc == EH_OK)
		say_unknown(c, &f);
	if (rc == EH_OK && c->format == CLI_JSON)
		rc = eh_json_rates(stdout, c->argv[0], report, &s, f.v, f.n, &c->err);
	else if (rc == EH_OK)
		cli_findings_table(c, f.v, f.n, NULL);
	status = rc != EH_OK ? cli_fail(c) : 0;
	eh_findings_free(&f);
	free(report);
	return status;
}

static const struct cli_flag flags[] = {
	{ "class", "COLUMN", "column with a class, repeatable" },
	{ "stratum", "COLUMN", "column to stratify by, repeatable" },
	{ "score", "COLUMN", "column with a score: scoring rate, effect size, rank test (in --json)" },
	{ "median", "WHICH", "whose scores make the median of the scoring rate: all (default) or known classes" },
	{ "intersect", "A,B", "a further attribute whose groups are the pairs of A's and B's, repeatable" },
	{ "prob", "PREFIX", "class probabilities in columns PREFIX.GROUP, of the class PREFIX or the one --class" },
	{ "reference", "WHICH",
	  "highest (default), rest, majority (the largest group of all persons), or the name of a group" },
	{ "limit", "4/5", "the limit of the impact ratio" },
	{ "min", "N", "minimum of persons per group (default 10; 30 in all)" },
	{ "min-share", "PERCENT", "smaller groups of the pool are listed, not compared (default 2)" },
	{ "family", "METHOD", "correction: bh (default), holm, by, none" },
	{ "looks", "HOW", "once (default), or anytime: p-values that hold however often a growing table is looked at" },
	{ "boschloo", NULL, "compute Boschloo's test too (milliseconds a table; in --json)" },
	{ "on-error", "WHAT", "fail (default), or skip: leave out rows with an error, count and list them" },
	{ "threads", "N", "threads (default 0: one per core); every number gives the same bytes" },
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
		"  the classes  candidate_ATTRIBUTE, declared.ATTRIBUTE or\n"
		"               imported.ATTRIBUTE; without such columns every column\n"
		"               that has no other meaning, or the ones that --class\n"
		"               names; empty, unknown, declined or na is no class;\n"
		"               only those of declared.ATTRIBUTE count as declared, and\n"
		"               they win over imported.ATTRIBUTE\n"
		"  question_id  (or event, event_id, stage) tells apart several decisions\n"
		"               of an evaluator about one candidate; it becomes a stratum\n"
		"               where there are such decisions\n"
		"  decided_at   optional: date or time (RFC 3339), for the drift of\n"
		"               \"evenhand raters\"\n\n"
		"With --prob the class of the others is estimated from probabilities; those that stand beside a "
		"class measure how good they are, so they must come from a model that had not learnt from these "
		"persons.  Fewer than 5 of two groups with both: nothing is concluded.  The groups' shares among the "
		"persons with both are taken for those that the probabilities were calibrated with (fewer than 5 of "
		"any group: the mean probability of the others instead, which errs where the shares differ).  The "
		"columns PREFIX.GROUP belong to the class column PREFIX, named with --class or not; without such a "
		"column to the only class that --class names, whose groups they must have; else they are an "
		"attribute of their own.\n\n"
		"Errors name FILE:LINE:COLUMN and the mend; any of them ends the run.  With --on-error skip the "
		"rows they are in are left out, counted and listed (stderr, \"skipped\" and \"errors\" of --json); "
		"of repeated decisions the first stays.  What is wrong with the header, or a quote that makes the "
		"rest unreadable, stays an error.\n\n"
		"Each evaluator and all together: the rate of a group, its ratio to that of the reference (with "
		"strata that of Mantel-Haenszel), its 95 % interval, p with the candidate as the unit, q "
		"corrected for all comparisons of the run, and what the policy evaluator_screen says.  The column "
		"classes counts the persons by where their class is from: declared/imported/predicted/unknown.  "
		"--json has every statistic.",
	.flags = flags,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};

/* evenhand rates FILE.csv: the audit's statistics on one table, without a project. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "cli/target.h"

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
	const char *family = cli_opt(c, "family");
	int64_t min = s->min_group;
	char looks[8] = "";

	if (!cli_read_limit(c, &s->limit_num, &s->limit_den))
		return false;
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

/* --prior GROUP=SHARE; the table tells whether there are such groups. */
static bool read_priors(struct cli *c, struct eh_rates_options *o, struct eh_rates_share *v)
{
	const char *text = NULL;
	double sum = 0.0;

	for (size_t i = 0; i < LIST_MAX && (text = cli_opt_nth(c, "prior", i)) != NULL; i++) {
		const char *equal = strrchr(text, '=');
		size_t len = equal != NULL ? (size_t)(equal - text) : 0;

		v[i] = (struct eh_rates_share){ "", 0.0 };
		o->n_shares = i + 1;
		(void)snprintf(v[i].group, sizeof v[i].group, "%.*s", (int)len, text);
		if (len == 0 || !eh_group_valid(text, len) ||
		    eh_parse_f64(&v[i].share, equal + 1, 0.0, 1.0, NULL) != EH_OK || !(v[i].share > 0.0)) {
			(void)cli_error(c, EH_EUSAGE,
					"--prior wants GROUP=SHARE with a share above 0 and at most 1, such as "
					"female=0.48, not '%s'",
					text);
			return false;
		}
		for (size_t k = 0; k < i; k++)
			if (strcmp(v[k].group, v[i].group) == 0) {
				(void)cli_error(c, EH_EUSAGE, "--prior %s stands twice; leave one of them out",
						v[i].group);
				return false;
			}
		sum += v[i].share;
	}
	if (o->n_shares > 0 && o->prob == NULL) {
		(void)cli_error(c, EH_EUSAGE,
				"--prior gives the class shares behind probabilities, so it wants --prob");
		return false;
	}
	if (sum > 1.0 + 1e-6) {
		(void)cli_error(c, EH_EUSAGE, "the shares of --prior add up to %.9g; together they are at most 1", sum);
		return false;
	}
	return true;
}

static bool same_file(const struct stat *list, const char *table)
{
	struct stat st;

	return (strcmp(table, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(table, &st)) == 0 &&
	       st.st_dev == list->st_dev && st.st_ino == list->st_ino;
}

/* --skipped must not be where the data go, nor put itself in the place of the table or of what is no file. */
static bool check_skipped(struct cli *c, bool skip)
{
	const char *path = cli_opt(c, "skipped");
	struct stat st;

	if (path == NULL)
		return true;
	if (!skip)
		(void)cli_error(c, EH_EUSAGE, "--skipped lists rows that --on-error skip leaves out; name both");
	else if (path[0] == '\0' || strcmp(path, "-") == 0)
		(void)cli_error(c, EH_EUSAGE, "--skipped wants a file: standard output has the rates");
	else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		(void)cli_error(c, EH_EUSAGE, "--skipped %s: that is no file", path);
	else if (stat(path, &st) == 0 && same_file(&st, c->argv[0]))
		(void)cli_error(c, EH_EUSAGE, "--skipped %s would replace the table itself; name another file", path);
	else
		return true;
	return false;
}

/* Names that are not there, as an empty variable of a script makes them. */
static bool check_names(struct cli *c)
{
	static const char *const names[] = { "class", "stratum", "score", "intersect", "prob" };
	const char *text = NULL;

	if (c->argv[0][0] == '\0') {
		(void)cli_error(c, EH_EUSAGE, "the name of the table is empty; \"-\" is standard input");
		return false;
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		for (size_t k = 0; (text = cli_opt_nth(c, names[i], k)) != NULL; k++)
			if (text[0] == '\0') {
				(void)cli_error(c, EH_EUSAGE, "--%s wants a name, not an empty word", names[i]);
				return false;
			}
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
	return check_skipped(c, o->skip);
}

/* What is wrong in the table, to stderr: the lines, how many more, and where all of them are. */
static void say_errors(const struct cli *c, const struct eh_import_report *r)
{
	const char *list = cli_opt(c, "skipped");

	for (size_t i = 0; i < r->n_errors; i++)
		fprintf(stderr, "%s\n", r->errors[i]);
	if (r->more_errors > 0)
		fprintf(stderr, "evenhand rates: and %llu more%s%s\n", (unsigned long long)r->more_errors,
			list != NULL ? "; all are in " : "; --on-error skip --skipped FILE lists them all",
			list != NULL ? list : "");
}

/* "evenhand rates: 30 of 191 rows left out: 28 bad_id, 2 bad_decision" */
static void say_skipped(const struct eh_import_report *r)
{
	const char *between = ": ";

	fprintf(stderr, "evenhand rates: %llu of %llu rows left out", (unsigned long long)r->skipped,
		(unsigned long long)r->rows);
	for (unsigned i = 0; i < EH_FAULTS; i++) {
		if (r->skipped_by[i] == 0)
			continue;
		fprintf(stderr, "%s%llu %s", between, (unsigned long long)r->skipped_by[i],
			eh_fault_text((enum eh_fault)i));
		between = ", ";
	}
	fputc('\n', stderr);
}

/* The shares that the probabilities were made with decide how they are read; where they are from is said. */
static void say_prior(const struct cli *c, const struct eh_import_prior *p)
{
	static const char *const from[] = {
		[EH_PRIOR_GIVEN] = "as --prior says",
		[EH_PRIOR_LABELLED] = "those of the persons with both class and probabilities",
		[EH_PRIOR_MEAN] = "the mean probability, for too few have both class and probabilities; --prior gives "
				  "them where they are known",
	};
	char text[EH_GROUPS_MAX * (EH_NAME_MAX + 16)] = "";
	size_t used = 0;

	if (p->source == EH_PRIOR_NONE)
		return;
	for (size_t g = 0; g < p->n && used < sizeof text; g++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %.3f", g > 0 ? ", " : "", p->groups[g],
					 p->share[g]);
	cli_say(c, "%s: note: class shares of '%s' behind its probabilities: %s (%s)", c->argv[0], p->attribute, text,
		from[p->source]);
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
		if (x->assume.refused > 0)
			cli_say(c, "%s: note: the predicted classes of '%s' are refused: %s; the known ones alone decide",
				c->argv[0], x->attribute, x->guard);
	}
}

static int read_table(struct cli *c, struct eh_audit_data *data, const struct eh_rates_options *o,
		      struct eh_import_report *report)
{
	int rc = eh_rates_read(data, c->argv[0], o, report, &c->err);
	bool listed = false;

	if (rc != EH_OK || report->skipped > 0)
		say_errors(c, report);
	if (rc != EH_OK) {
		for (size_t i = 0; i < report->n_errors; i++)
			listed = listed || strcmp(report->errors[i], c->err.msg) == 0;
		if (!listed)
			(void)cli_fail(c);
		return rc;
	}
	if (report->skipped > 0)
		say_skipped(report);
	say_prior(c, &report->prior);
	if (report->note[0] != '\0')
		cli_say(c, "%s: note: %s", c->argv[0], report->note);
	return EH_OK;
}

static int copy_list(FILE *from, const char *path, struct eh_err *err)
{
	struct cli_target list = { NULL, NULL, NULL };
	char block[4096];
	size_t n = 0;
	int rc = cli_target_open(&list, path, "", err);

	rewind(from);
	while (rc == EH_OK && (n = fread(block, 1, sizeof block, from)) > 0)
		(void)fwrite(block, 1, n, list.f);
	if (rc == EH_OK && ferror(from))
		rc = eh_err_set(err, EH_EIO, "%s: the list of rows left out cannot be read back", path);
	if (rc == EH_OK)
		rc = cli_target_keep(&list, true, err);
	cli_target_close(&list);
	return rc;
}

/* The table, and beside it the list of what was left out: in a file without a name until the table is read, so that
 * nothing about persons stays where somebody stops the program. */
static int read_and_list(struct cli *c, struct eh_audit_data *data, struct eh_rates_options *o,
			 struct eh_import_report *report)
{
	const char *path = cli_opt(c, "skipped");
	int rc = EH_OK;

	if (path == NULL)
		return read_table(c, data, o, report);
	o->list = tmpfile();
	if (o->list == NULL) {
		(void)cli_error(c, EH_EIO, "no temporary file for the list of rows left out: %s", strerror(errno));
		return EH_EIO;
	}
	rc = read_table(c, data, o, report);
	if (rc == EH_OK) {
		rc = fflush(o->list) != 0 || ferror(o->list) ?
			     eh_err_set(&c->err, EH_EIO, "the list of rows left out: %s", strerror(errno)) :
			     copy_list(o->list, path, &c->err);
		if (rc != EH_OK)
			(void)cli_fail(c);
	}
	(void)fclose(o->list);
	o->list = NULL;
	if (rc != EH_OK)
		eh_audit_data_free(data);
	return rc;
}

static int put(struct cli *c, struct eh_policy *policy, struct eh_audit_data *data,
	       const struct eh_audit_settings *s, const struct eh_import_report *report)
{
	struct eh_findings f = { 0 };
	int rc = eh_desk_rates_judge(c->engine, policy, data, s, &f, &c->err), status = 0;

	if (!cli_has(c, "by-stratum"))
		eh_audit_data_free(data);
	if (rc == EH_OK)
		say_unknown(c, &f);
	if (rc == EH_OK && c->format == CLI_JSON)
		rc = eh_json_rates(stdout, c->argv[0], report, s, f.v, f.n, cli_has(c, "by-stratum") ? data : NULL,
				   &c->err);
	else if (rc == EH_OK)
		cli_findings_table(c, f.v, f.n, NULL);
	eh_audit_data_free(data);
	status = rc != EH_OK ? cli_fail(c) : 0;
	eh_findings_free(&f);
	return status;
}

static int run(struct cli *c)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	const char *classes[LIST_MAX + 1] = { NULL }, *strata[LIST_MAX + 1] = { NULL }, *pairs[LIST_MAX + 1] = { NULL };
	struct eh_rates_share shares[LIST_MAX];
	struct eh_rates_options o = {
		.classes = classes, .n_classes = collect(c, "class", classes),
		.strata = strata, .n_strata = collect(c, "stratum", strata),
		.pairs = pairs, .n_pairs = collect(c, "intersect", pairs),
		.score = cli_opt(c, "score"), .prob = cli_opt(c, "prob"),
		.shares = shares,
	};
	struct eh_audit_data data = { 0 };
	struct eh_import_report *report = eh_xcalloc(1, sizeof *report);
	struct eh_policy *policy = NULL;
	int rc, status = eh_status_exit(EH_EUSAGE);

	if (cli_has(c, "by-stratum") && c->format != CLI_JSON) {
		free(report);
		return cli_error(c, EH_EUSAGE, "--by-stratum belongs to --json: a table has no room for the strata");
	}
	if (check_names(c) && read_options(c, &o, &s) && read_priors(c, &o, shares)) {
		if (eh_desk_rates_policy(&policy, c->engine, &c->err) == EH_OK) {
			rc = read_and_list(c, &data, &o, report);
			status = rc == EH_OK ? put(c, policy, &data, &s, report) : eh_status_exit(rc);
			c->engine->free(&policy);
		} else {
			status = cli_fail(c);
		}
	}
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
	{ "prior", "GROUP=SHARE",
	  "class share of the persons that the probabilities were calibrated with, where it is known; repeatable" },
	{ "reference", "WHICH",
	  "highest (default), rest, majority (the largest group of all persons), or the name of a group" },
	{ "limit", "4/5", "the limit of the impact ratio: 4/5, 0.8 or 80%, at most 1" },
	{ "min", "N", "minimum of persons per group (default 10; 30 in all)" },
	{ "min-share", "PERCENT", "smaller groups of the pool are listed, not compared (default 2)" },
	{ "family", "METHOD", "correction: bh (default), holm, by, none" },
	{ "looks", "HOW", "once (default), or anytime: p-values that hold however often a growing table is looked at" },
	{ "by-stratum", NULL, "in --json: the strata behind each Mantel-Haenszel ratio, with their counts" },
	{ "boschloo", NULL, "compute Boschloo's test too (milliseconds a table; in --json)" },
	{ "on-error", "WHAT", "fail (default), or skip: leave out rows with an error, count and list them" },
	{ "skipped", "FILE", "with --on-error skip: all that is wrong with the rows left out, as CSV" },
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
		"persons.  Fewer than 5 of two groups with both, "
		"or probabilities that tell too little of the classes: nothing is estimated, and the findings rest "
		"on the known classes alone (\"guard\" in --json says why).  The groups' shares among the "
		"persons with both are taken for those that the probabilities were calibrated with (fewer than 5 of "
		"any group: the mean probability of the others instead, which errs where the shares differ), unless "
		"--prior gives them; groups that it does not name share what is left.  The "
		"columns PREFIX.GROUP belong to the class column PREFIX, named with --class or not; without such a "
		"column to the only class that --class names, whose groups they must have; else they are an "
		"attribute of their own.\n\n"
		"Errors name FILE:LINE:COLUMN and the mend; any of them ends the run.  With --on-error skip the "
		"rows they are in are left out, counted by what is wrong with each (\"skipped\" and \"skipped_by\" of "
		"--json) and listed: the first 20 errors on stderr and in \"errors\", all of them with --skipped FILE "
		"(line, column, reason, message).  Of repeated decisions the first stays.  What is wrong with the "
		"header, or a quote that makes the rest unreadable, stays an error.\n\n"
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

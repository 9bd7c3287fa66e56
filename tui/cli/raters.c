/* evenhand raters: the evaluators as raters, of the project or of one table. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "parts/words.h"

#define LIST_MAX 16

static size_t collect(const struct cli *c, const char *name, const char **out)
{
	size_t n = 0;

	while (n < LIST_MAX && (out[n] = cli_opt_nth(c, name, n)) != NULL)
		n++;
	return n;
}

static bool one_of(struct cli *c, const char *name, const char *first, const char *second, bool *is_second)
{
	const char *text = cli_opt(c, name);

	*is_second = text != NULL && strcmp(text, second) == 0;
	if (text == NULL || *is_second || strcmp(text, first) == 0)
		return true;
	(void)cli_error(c, EH_EUSAGE, "--%s is %s or %s, not '%s'", name, first, second, text);
	return false;
}

static bool read_share(struct cli *c, const char *name, double least, double most, double *out)
{
	const char *text = cli_opt(c, name);

	if (text == NULL || eh_parse_f64(out, text, least, most, NULL) == EH_OK)
		return true;
	(void)cli_error(c, EH_EUSAGE, "--%s wants a share from %g to %g, not '%s'", name, least, most, text);
	return false;
}

static bool read_settings(struct cli *c, struct eh_raters_settings *s)
{
	const char *family = cli_opt(c, "family");
	int64_t min = s->min_group, draws = s->draws, seed = (int64_t)s->seed;
	bool candidate;

	if (family != NULL && !cli_family_valid(family)) {
		(void)cli_error(c, EH_EUSAGE, "--family is bh, holm, by or none, not '%s'", family);
		return false;
	}
	if (family != NULL)
		(void)snprintf(s->family, sizeof s->family, "%s", family);
	if (!one_of(c, "strata", "full", "position", &s->by_position) ||
	    !one_of(c, "link", "stratum", "candidate", &candidate) || !cli_opt_i64(c, "min", 1, 1000000, &min) ||
	    !cli_opt_i64(c, "draws", 1, 100000, &draws) || !cli_opt_i64(c, "seed", 0, INT64_MAX, &seed) ||
	    !read_share(c, "predicted", 0.5, 1.0, &s->predicted) || !read_share(c, "alpha", 0.0001, 0.5, &s->alpha))
		return false;
	s->link = candidate ? EH_LINK_CANDIDATE : EH_LINK_STRATUM;
	s->min_group = (uint32_t)min;
	s->draws = (unsigned)draws;
	s->seed = (uint64_t)seed;
	return true;
}

/* ---- where the decisions come from ---- */

static int read_table(struct cli *c, struct eh_audit_data *data)
{
	const char *classes[LIST_MAX + 1] = { NULL }, *strata[LIST_MAX + 1] = { NULL };
	struct eh_rates_options o = {
		.classes = classes, .n_classes = collect(c, "class", classes),
		.strata = strata, .n_strata = collect(c, "stratum", strata),
		.score = cli_opt(c, "score"), .prob = cli_opt(c, "prob"),
	};
	struct eh_import_report *report = eh_xcalloc(1, sizeof *report);
	int rc = eh_rates_read(data, c->argv[0], &o, report, &c->err), status = 0;

	for (size_t i = 0; rc != EH_OK && i < report->n_errors; i++)
		fprintf(stderr, "%s\n", report->errors[i]);
	if (rc == EH_OK && report->note[0] != '\0')
		cli_say(c, "%s: note: %s", c->argv[0], report->note);
	if (rc != EH_OK)
		status = report->n_errors > 0 ? eh_status_exit(rc) : cli_fail(c);
	free(report);
	return status;
}

static int open_project(struct cli *c, struct eh_desk **desk)
{
	static const char *const of_tables[] = { "class", "stratum", "score", "prob" };

	for (size_t i = 0; i < sizeof of_tables / sizeof *of_tables; i++)
		if (cli_has(c, of_tables[i]))
			return cli_error(c, EH_EUSAGE, "--%s is about the columns of a table; name the table",
					 of_tables[i]);
	if (eh_desk_find_project(c->dir, sizeof c->dir, c->project, &c->err) == EH_OK &&
	    eh_desk_open(desk, c->dir, c->engine, &c->err) == EH_OK)
		return 0;
	c->err.code = EH_EENV;
	return cli_fail(c);
}

/* ---- out ---- */

/* The group he is hardest on, by t; NULL where none has one. */
static const struct eh_rater_bias *hardest(const struct eh_raters *r, const struct eh_rater *v)
{
	const struct eh_rater_bias *b = NULL;

	for (size_t i = 0; i < r->n_bias; i++)
		if (v->bias[i].t.defined && (b == NULL || v->bias[i].t.value < b->t.value))
			b = &v->bias[i];
	return b;
}

static void put_row(struct cli_table *t, const struct eh_raters *r, const struct eh_audit_data *d, size_t e)
{
	const struct eh_rater *v = &r->v[e];
	const struct eh_rater_bias *b = hardest(r, v);
	const struct eh_num none = eh_undefined(EH_U_NOT_COMPUTED);

	cli_cell(t, "%s", d->evaluators.v[e]);
	cli_cell(t, "%llu", (unsigned long long)v->n);
	cli_cell_num(t, v->n > 0 ? eh_num((double)v->selected / (double)v->n) : none, 3);
	cli_cell_num(t, v->severity, 2);
	cli_cell_num(t, v->se, 2);
	cli_cell_p(t, v->q);
	cli_cell_num(t, v->infit, 2);
	if (b != NULL)
		cli_cell(t, "%s:%s", d->attributes[b->attribute].name, d->attributes[b->attribute].groups[b->group]);
	else
		cli_cell(t, "%s", "");
	cli_cell_num(t, b != NULL ? b->size : none, 2);
	cli_cell_num(t, b != NULL ? b->t : none, 2);
	cli_cell_p(t, b != NULL ? b->q : none);
	cli_cell_num(t, v->drift.size, 3);
	cli_cell_num(t, v->scores.spread, 2);
	cli_cell(t, "%s", v->sentence);
}

static void say_all(const struct cli *c, const struct eh_raters *r, const struct eh_audit_data *d,
		    const struct eh_raters_settings *s)
{
	const struct eh_connect *link = s->link == EH_LINK_CANDIDATE ? &r->candidates : &r->strata;
	struct eh_err apart = EH_ERR_INIT;
	char p[WORDS_P];

	cli_say(c, "severity of %zu evaluators: SD %.3f%s", r->n, r->model.sd,
		r->model.sd > 0.0 ? "" : ", no difference that could be told");
	if (r->model.reliability.defined && r->chi_square.defined)
		cli_say(c, "reliability %.2f, chi-square %.1f on %zu (p %s)", r->model.reliability.value,
			r->chi_square.value, r->model.df, words_p(p, r->p_chi));
	if (r->decisions.alpha.defined)
		cli_say(c, "agreement on %llu units: Krippendorff's alpha %.3f; observed %.3f, expected %.3f",
			(unsigned long long)r->decisions.units, r->decisions.alpha.value, r->observed_agreement.value,
			r->expected_agreement.value);
	if (!r->interactions.defined)
		cli_say(c, "severity alone: of no attribute two groups are known, so harsh to all and harsh to one "
			   "group are not told apart; candidates need a declared.ATTRIBUTE or imported.ATTRIBUTE "
			   "column");
	for (size_t k = 0; k < r->n_attributes; k++)
		if (r->unknown[k] > 0)
			cli_say(c, "%s: the class is not known in %llu of %llu decisions", d->attributes[k].name,
				(unsigned long long)r->unknown[k], (unsigned long long)r->n_decisions);
	if (eh_connect_check_all(link, d, &apart) != EH_OK)
		cli_say(c, "not comparable: %s; severities hold within a part only", apart.msg);
	else if (s->link == EH_LINK_STRATUM && r->candidates.n > 1)
		cli_say(c,
			"evaluators share no candidates across %zu parts: compared as if those of a stratum were alike",
			r->candidates.n);
}

static struct eh_json *pair_json(const struct eh_raters_pair *p, const char *a, const char *b)
{
	struct eh_json *doc = eh_json_object(), *why = eh_json_object();
	const struct {
		const char *name;
		struct eh_num v;
	} all[] = { { "difference", p->difference }, { "se", p->se }, { "p", p->p }, { "kappa", p->kappa } };

	eh_json_str(doc, "schema", "evenhand.raters.pair/1");
	eh_json_str(doc, "evaluator", a);
	eh_json_str(doc, "against", b);
	eh_json_int(doc, "units", (int64_t)p->units);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		eh_json_num(doc, all[i].name, eh_num_told(all[i].name, all[i].v));
		if (eh_num_remark(all[i].name, all[i].v) != NULL)
			eh_json_str(why, all[i].name, eh_num_remark(all[i].name, all[i].v));
	}
	eh_json_set(doc, "undefined", why);
	return doc;
}

static int compare(struct cli *c, const struct eh_raters *r, const struct eh_audit_data *d,
		   const struct eh_raters_settings *s)
{
	const char *who[2] = { cli_opt_nth(c, "compare", 0), cli_opt_nth(c, "compare", 1) };
	struct eh_json *doc = NULL;
	struct cli_table *t;
	struct eh_raters_pair p;
	uint32_t at[2];

	if (who[1] == NULL || cli_opt_nth(c, "compare", 2) != NULL)
		return cli_error(c, EH_EUSAGE, "--compare is given twice, each time with the id of an evaluator");
	for (int i = 0; i < 2; i++) {
		at[i] = eh_names_find(&d->evaluators, who[i]);
		if (at[i] == UINT32_MAX)
			return cli_error(c, EH_ENOENT, "there is no evaluator '%s'", who[i]);
	}
	if (eh_raters_compare(&p, r, d, s, at[0], at[1], &c->err) != EH_OK)
		return cli_fail(c);
	t = cli_table_new("evaluator against >difference >se >p >units >kappa");
	doc = pair_json(&p, who[0], who[1]);
	cli_cell(t, "%s", who[0]);
	cli_cell(t, "%s", who[1]);
	cli_cell_num(t, p.difference, 2);
	cli_cell_num(t, p.se, 2);
	cli_cell_p(t, p.p);
	cli_cell(t, "%zu", p.units);
	cli_cell_num(t, p.kappa, 3);
	return cli_finish(c, EH_OK, &doc, &t);
}

static int put(struct cli *c, const char *source, const struct eh_raters *r, const struct eh_audit_data *d,
	       const struct eh_raters_settings *s)
{
	struct cli_table *t;
	struct eh_json *doc;

	if (cli_has(c, "compare"))
		return compare(c, r, d, s);
	say_all(c, r, d, s);
	if (c->format == CLI_JSON) {
		doc = eh_json_raters(source, r, d, s);
		return cli_put_json(c, &doc);
	}
	t = cli_table_new("evaluator >n/7 >rate/6 >severity >se/4 >q/9 >infit/3 group >bias/10 >t/5 >q_bias/8 >drift/2 "
			  ">spread/1 finding+");
	for (size_t e = 0; e < r->n; e++)
		put_row(t, r, d, e);
	cli_table_print(&t, c);
	return 0;
}

static int run(struct cli *c)
{
	struct eh_raters_settings s = EH_RATERS_SETTINGS_INIT;
	struct eh_audit_data data = { 0 };
	struct eh_raters r = { 0 };
	struct eh_desk *desk = NULL;
	int status;

	if (!read_settings(c, &s))
		return eh_status_exit(EH_EUSAGE);
	status = c->argc > 0 ? read_table(c, &data) : open_project(c, &desk);
	if (status == 0) {
		if (eh_desk_raters(desk, &data, &s, &r, &c->err) != EH_OK)
			status = cli_fail(c);
		else
			status = put(c, c->argc > 0 ? c->argv[0] : "project", &r, &data, &s);
	}
	eh_raters_free(&r);
	eh_audit_data_free(&data);
	eh_desk_close(&desk);
	return status;
}

static const struct cli_flag flags[] = {
	{ "class", "COLUMN", "of a table: column with a class, repeatable" },
	{ "stratum", "COLUMN", "of a table: column to stratify by, repeatable" },
	{ "score", "COLUMN", "of a table: column with a score" },
	{ "prob", "PREFIX", "of a table: class probabilities in columns PREFIX.GROUP" },
	{ "strata", "WHICH", "full (position x stage x question, default) or position" },
	{ "link", "WHICH", "what makes evaluators comparable: a stratum in common (default), or a candidate" },
	{ "compare", "EVALUATOR", "given twice: the difference of two evaluators; refused when nothing links them" },
	{ "predicted", "P", "take a predicted class whose probability is at least P; without it none is used" },
	{ "min", "N", "minimum of persons in a group and in the rest for a finding (default 10)" },
	{ "family", "METHOD", "correction: bh (default), holm, by, none" },
	{ "alpha", "A", "a finding is said of q below A (default 0.05)" },
	{ "draws", "N", "bootstrap samples for the interval of alpha (default 1000)" },
	{ "seed", "N", "of the bootstrap (default 1)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_raters = {
	.name = "raters", .usage = "[FILE.csv]", .summary = "Harsh to all, or harsh to one group: evaluators as raters",
	.help = "Example: evenhand raters decisions.csv --class sex --stratum position_id\n\n"
		"Works on the project, or on one table as \"evenhand rates\" reads it.  Severity is the evaluator's "
		"own constant, in log odds, in a mixed model of the decisions with strata and groups; positive = "
		"harsher than the mean.  Who has few decisions, or advances all or none, is drawn to the mean.  "
		"Bias is what is left for one group beyond severity and beyond what all evaluators together do to "
		"the group: a pool that is biased as a whole shows in \"groups\" of --json and in \"evenhand "
		"audit\", not here.  Without known classes there is severity alone.\n\n"
		"  severity se q        log odds, its standard error, corrected for all\n"
		"                       evaluators\n"
		"  infit                mean square of residuals: near 1; above it the\n"
		"                       decisions are erratic\n"
		"  group bias t q_bias  the group he is hardest on\n"
		"  drift                change of severity in 30 days; needs decided_at,\n"
		"                       of a table the column of that name\n"
		"  spread               of scores, over that of the others: below 1 they\n"
		"                       bunch in the middle\n\n"
		"--json has all groups, fit, separation and reliability, the fixed chi-square, observed and "
		"expected agreement, Krippendorff's alpha with its interval, Fleiss' kappa and intraclass "
		"correlations.  Where evaluators fall into parts that nothing links, severities hold within a part "
		"only.",
	.flags = flags,
	.max_args = 1,
	.output = CLI_ROWS,
	.run = run,
};

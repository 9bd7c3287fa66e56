/* evenhand evaluators, metrics: browsing the last audit without the screens. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "cli/wanted.h"
#include "exchange/explain_strata.h"
#include "parts/words.h"

/* ---- strata ---- */

/* The strata of one finding after the other, for --by-stratum. */
struct strata_walk {
	struct eh_run_strata *of;
	const struct eh_finding *v;
	size_t n, next;
};

/* 1: rows are those of *f, and the caller's; 0: there are no more. */
static int next_strata(struct strata_walk *w, const struct eh_finding **f, struct eh_strata_rows *rows,
		       const char **why, struct eh_err *err)
{
	enum eh_strata_known known = EH_STRATA_ONE;
	int rc;

	if (w->next == w->n)
		return 0;
	*f = &w->v[w->next++];
	rc = eh_desk_run_strata_of(w->of, *f, rows, &known, err);
	*why = eh_strata_known_text(known);
	return rc == EH_OK ? 1 : rc;
}

static int next_json(void *ctx, struct eh_json **element, struct eh_err *err)
{
	const struct eh_finding *f = NULL;
	struct eh_strata_rows rows;
	const char *why = "";
	int rc = next_strata(ctx, &f, &rows, &why, err);

	if (rc != 1)
		return rc;
	*element = eh_strata_json(f, &rows, why);
	eh_strata_rows_free(&rows);
	return 1;
}

struct strata_table {
	struct cli_table *t;
	char why[200];                  /* the last reason for strata that are not there */
};

/* "clerk//Q1" for people: "clerk/Q1". */
static void said_parts(char *out, size_t size, const char *name)
{
	size_t n = 0;

	for (const char *p = name; *p != '\0' && n + 1 < size; p++)
		if (*p != '/' || (n > 0 && p[1] != '/' && p[1] != '\0'))
			out[n++] = *p;
	out[n] = '\0';
	if (n == 0)
		(void)snprintf(out, size, "(no name)");
}

static void add_strata(struct strata_table *x, const struct eh_finding *f, const struct eh_strata_rows *rows,
		       const char *why)
{
	if (why[0] != '\0' && f->strata > 1)
		(void)snprintf(x->why, sizeof x->why, "%s", why);
	for (size_t i = 0; i < rows->n; i++) {
		const struct eh_stratum_row *row = &rows->v[i];
		char name[4 * EH_ID_MAX], said[sizeof name];

		(void)snprintf(name, sizeof name, "%s", rows->strata[row->stratum]);
		for (char *p = name; (p = strchr(p, EH_STRATUM_JOIN)) != NULL;)
			*p = '/';
		said_parts(said, sizeof said, name);
		cli_cell(x->t, "%s", f->evaluator[0] != '\0' ? f->evaluator : "(all)");
		cli_cell(x->t, "%s", f->position);
		cli_cell(x->t, "%s", f->attribute);
		cli_cell(x->t, "%s", f->group);
		cli_cell(x->t, "%s", f->reference);
		cli_cell(x->t, "%s", rows->evaluators[row->evaluator]);
		cli_cell_both(x->t, said, name);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.a);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.n1);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.b);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.n2);
		cli_cell_num(x->t, eh_num(eh_stratum_weight(&row->t)), 3);
		cli_cell_num(x->t, eh_num(eh_stratum_up(&row->t)), 6);
		cli_cell_num(x->t, eh_num(eh_stratum_down(&row->t)), 6);
	}
}

static int show_strata(struct cli *c, const struct eh_audit_head *head, const struct eh_finding *v, size_t n)
{
	struct strata_table x = {
		.t = cli_table_new("evaluator~20 position/4 attribute/6 group~ reference/5 judged_by/3 stratum~ "
				   ">selected >n >ref_selected >ref_n >weight/1 >numerator/2 >denominator/2"),
	};
	struct strata_walk w = { .v = v, .n = n };
	const struct eh_finding *f = NULL;
	struct eh_strata_rows rows;
	const char *why = "";
	int rc = eh_desk_run_strata_open(&w.of, c->desk, head, &c->err);

	while (rc >= 0 && (rc = next_strata(&w, &f, &rows, &why, &c->err)) == 1) {
		add_strata(&x, f, &rows, why);
		eh_strata_rows_free(&rows);
	}
	eh_desk_run_strata_close(&w.of);
	cli_table_print(&x.t, c);
	if (rc < 0)
		return cli_fail(c);
	if (x.why[0] != '\0')
		cli_say(c, "not listed: %s", x.why);
	return 0;
}

/* doc, and by_stratum behind it, which may be long. */
static int put_with_strata(struct cli *c, struct eh_json **doc, const struct eh_audit_head *head,
			   const struct eh_finding *v, size_t n)
{
	struct strata_walk w = { .v = v, .n = n };
	int rc = eh_desk_run_strata_open(&w.of, c->desk, head, &c->err);

	if (rc == EH_OK)
		rc = eh_json_write_array(*doc, "by_stratum", next_json, &w, stdout, &c->err);
	eh_desk_run_strata_close(&w.of);
	eh_json_free(doc);
	return rc == EH_OK ? 0 : cli_fail(c);
}

static int put_json(struct cli *c, const char *schema, const struct eh_audit_head *head, const struct eh_finding *v,
		    size_t n, const struct eh_finding *own, size_t n_own)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_json *doc;

	s.limit_num = head->limit_num;
	s.limit_den = head->limit_den;
	s.reference = EH_REF_REST;
	s.anytime = head->anytime;
	s.look = head->look;
	memcpy(s.family, head->family_method, sizeof s.family);
	s.alpha = head->alpha.defined ? head->alpha.value : 0.0;
	if (head->alpha.defined) {
		s.min_group = head->min_group;
		s.min_total = head->min_total;
		s.min_share = head->min_share;
	} else if (n > 0) {     /* of an earlier version, whose findings know most of it */
		s.min_group = v[0].min_group;
		s.min_total = v[0].min_total;
	}
	doc = eh_json_findings(schema, eh_desk_dir(c->desk), head->decisions, &s, v, n);
	eh_json_int(doc, "run", (int64_t)head->seq);
	cli_put_policy(doc, head);
	eh_json_str(doc, "pack", head->pack[0] != '\0' ? head->pack : NULL);
	eh_json_str(doc, "pack_state", eh_pack_state_text(head->pack_state));
	cli_put_window(doc, &head->window);
	eh_json_int(doc, "without_time", (int64_t)head->untimed);
	eh_json_set(doc, "own_findings", cli_own_json(own, n_own));
	if (cli_has(c, "by-stratum"))
		return put_with_strata(c, &doc, head, v, n);
	return cli_put_json(c, &doc);
}

static int show(struct cli *c, const char *schema, struct cli_wanted *w)
{
	struct eh_audit_head head;
	struct eh_finding *v = NULL, *own = NULL;
	size_t n = 0, n_own = 0;
	int status = cli_wanted_load(c, w, &head, &v, &n);

	if (status == 0)
		status = cli_wanted_own(c, w, head.seq, &own, &n_own);
	if (status == 0 && n + n_own == 0)
		status = cli_say_missing(c, w);
	else if (status == 0 && c->format == CLI_JSON)
		status = put_json(c, schema, &head, v, n, own, n_own);
	else if (status == 0 && cli_has(c, "by-stratum")) {
		cli_say_run(c, &head);
		status = show_strata(c, &head, v, n);
	} else if (status == 0) {
		cli_say_run(c, &head);
		cli_findings_tables(c, v, n, own, n_own, NULL);
	}
	eh_list_free(&v);
	eh_list_free(&own);
	return status;
}

static int run_evaluators(struct cli *c)
{
	struct cli_wanted w = { .evaluators_only = true };

	return show(c, "evenhand.evaluators/1", &w);
}

static int run_metrics(struct cli *c)
{
	struct cli_wanted w = { .evaluator = c->argc > 0 ? c->argv[0] : NULL };

	if (!cli_is_named(c, "\"" CLI_EVERYBODY "\""))
		return eh_status_exit(EH_EUSAGE);
	return show(c, "evenhand.metrics/1", &w);
}

static const struct cli_flag flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ NULL, NULL, NULL }
};

static const struct cli_flag metrics_flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ "by-stratum", NULL, "the strata behind each Mantel-Haenszel ratio, with their counts" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_evaluators = {
	.name = "evaluators",
	.usage = "[--attribute NAME] [--group NAME]",
	.summary = "Lists the evaluators of the last audit with their ratios",
	.help = "Example: evenhand evaluators --attribute sex --group female\n\n"
		"--json, as of metrics and audit, has the policy's hash, state, proposer and approver, the settings "
		"that the run used, those of the policy's text (policy_settings), the names of those that differ "
		"(overridden), the reason given for looser ones, and what the policy's worker used (budget_used: VM "
		"instructions, bytes, seconds; a dry run has no seconds).  What an earlier version did not store is "
		"null.",
	.flags = flags,
	.max_args = 0,
	.wants_project = true,
	.run = run_evaluators,
};
const struct cli_entry cli_metrics = {
	.name = "metrics", .usage = "[EVALUATOR]", .summary = "Shows all numbers on one evaluator, or on the whole",
	.help = "Example: evenhand metrics E07 --json\n\n"
		"EVALUATOR is an evaluator, or \"" CLI_EVERYBODY "\" for the findings on everybody together; without "
		"it all findings are shown.\n\n"
		"With --by-stratum the table is one of strata: of every position, stage and question (of the findings "
		"on everybody: of each evaluator) how many were selected on either side, the weight n1 n2/N, and what "
		"it gives to the numerator a n2/N and the denominator b n1/N of the Mantel-Haenszel ratio; --json has "
		"them as by_stratum beside the findings.  They are taken from the stored counts again, so only while "
		"these are still those of the run.",
	.flags = metrics_flags, .max_args = 1, .wants_project = true, .run = run_metrics,
};

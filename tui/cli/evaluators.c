/* evenhand evaluators, metrics, explain: browsing the last audit without the screens. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"

/* What of a run is wanted; NULL = everything. */
struct wanted {
	const char *evaluator, *attribute, *group;
	bool evaluators_only;           /* not the pooled findings */
};

static bool keep(const struct wanted *w, const struct eh_finding *f)
{
	return (w->evaluator == NULL || strcmp(f->evaluator, w->evaluator) == 0) &&
	       (w->attribute == NULL || strcmp(f->attribute, w->attribute) == 0) &&
	       (w->group == NULL || strcmp(f->group, w->group) == 0) &&
	       (!w->evaluators_only || f->evaluator[0] != '\0');
}

/* The wanted findings of the run that was asked for; the attribute and group of the command line join w. */
static int load(struct cli *c, struct wanted *w, struct eh_audit_head *head, struct eh_finding **v, size_t *n)
{
	int64_t run = 0;
	size_t all = 0;

	*v = NULL;
	*n = 0;
	if (!cli_opt_i64(c, "run", 1, INT64_MAX, &run))
		return eh_status_exit(EH_EUSAGE);
	if (eh_desk_findings(c->desk, (uint64_t)run, head, v, &all, &c->err) != EH_OK) {
		eh_list_free(v);
		return cli_fail(c);
	}
	w->attribute = cli_opt(c, "attribute");
	w->group = cli_opt(c, "group");
	for (size_t i = 0; i < all; i++)
		if (keep(w, &(*v)[i]))
			memmove(&(*v)[(*n)++], &(*v)[i], sizeof **v);
	return 0;
}

static int put_json(struct cli *c, const char *schema, const struct eh_audit_head *head, const struct eh_finding *v,
		    size_t n)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_json *doc;

	s.limit_num = head->limit_num;
	s.limit_den = head->limit_den;
	s.reference = EH_REF_REST;
	s.anytime = head->anytime;
	s.look = head->look;
	memcpy(s.family, head->family_method, sizeof s.family);
	doc = eh_json_findings(schema, eh_desk_dir(c->desk), head->decisions, &s, v, n);
	eh_json_int(doc, "run", (int64_t)head->seq);
	eh_json_str(doc, "policy", head->policy);
	eh_json_str(doc, "policy_version", head->policy_version);
	return cli_put_json(c, &doc);
}

static int show(struct cli *c, const char *schema, struct wanted *w)
{
	struct eh_audit_head head;
	struct eh_finding *v = NULL;
	size_t n = 0;
	int status = load(c, w, &head, &v, &n);

	if (status == 0 && n == 0)
		status = cli_error(c, EH_ENOENT,
				   "the audit has nothing on that; \"evenhand evaluators\" lists what it has");
	else if (status == 0 && c->format == CLI_JSON)
		status = put_json(c, schema, &head, v, n);
	else if (status == 0)
		cli_findings_table(c, v, n, NULL);
	eh_list_free(&v);
	return status;
}

static int run_evaluators(struct cli *c)
{
	struct wanted w = { .evaluators_only = true };

	return show(c, "evenhand.evaluators/1", &w);
}

static int run_metrics(struct cli *c)
{
	struct wanted w = { .evaluator = c->argc > 0 ? c->argv[0] : NULL };

	return show(c, "evenhand.metrics/1", &w);
}

/* ---- explain ---- */

#define POOLED "all"                    /* the id of the findings on everybody together */

struct explained {
	char **text;
	size_t n;
	char run[EH_NAME_MAX + 120];                /* the audit and the policy it is of */
};

static void name_run(struct explained *x, uint64_t run, int64_t at, const char *policy, const char *version,
		     const char *hash)
{
	char when[EH_TIME_TEXT];

	eh_format_time(when, at);
	(void)snprintf(x->run, sizeof x->run, "Audit run %llu, %s, policy %s %s (%.12s)", (unsigned long long)run, when,
		       policy, version, hash);
}

static void explain_one(struct explained *x, const struct eh_finding *f)
{
	x->text = eh_xrealloc(x->text, x->n + 1, sizeof *x->text);
	x->text[x->n++] = eh_explain_text(f);
}

/* false: there is no such notification, or id is none. */
static bool explain_notification(struct cli *c, struct explained *x)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *responses = NULL;
	size_t n_responses = 0;
	uint64_t seq = 0;
	char first = c->argv[0][0];
	bool hit = (first == 'N' || first == 'n') && eh_notification_parse(&seq, c->argv[0], NULL) == EH_OK &&
		   eh_desk_notification(c->desk, seq, n, &responses, &n_responses, NULL) == EH_OK;

	if (hit) {
		name_run(x, n->audit, n->raised_at, n->policy, n->policy_version, n->policy_hash);
		explain_one(x, &n->finding);
	}
	eh_list_free(&responses);
	free(n);
	return hit;
}

static int explain_evaluator(struct cli *c, struct explained *x)
{
	struct wanted w = { .evaluator = c->argv[0] };
	struct eh_audit_head head;
	struct eh_finding *v = NULL;
	size_t n = 0;
	int status = load(c, &w, &head, &v, &n);

	if (status == 0 && n == 0 && strcmp(c->argv[0], POOLED) == 0) {
		eh_list_free(&v);
		w.evaluator = "";
		status = load(c, &w, &head, &v, &n);
	}
	if (status == 0)
		name_run(x, head.seq, head.at, head.policy, head.policy_version, head.policy_hash);
	for (size_t i = 0; i < n; i++)
		explain_one(x, &v[i]);
	eh_list_free(&v);
	if (status == 0 && n == 0)
		status = cli_error(c, EH_ENOENT,
				   "there is no notification and no audited evaluator '%s'; \"evenhand evaluators\" "
				   "lists them, \"" POOLED "\" is everybody together", c->argv[0]);
	return status;
}

static int put_explained(struct cli *c, const struct explained *x)
{
	struct eh_json *doc, *texts;
	FILE *out;

	if (c->format == CLI_JSON) {
		doc = eh_json_object();
		texts = eh_json_array();
		eh_json_str(doc, "schema", "evenhand.explain/1");
		eh_json_str(doc, "id", c->argv[0]);
		eh_json_str(doc, "of", x->run);
		for (size_t i = 0; i < x->n; i++)
			eh_json_push_str(texts, x->text[i]);
		eh_json_set(doc, "texts", texts);
		return cli_put_json(c, &doc);
	}
	out = cli_pager_begin(c);
	fprintf(out, "%s\n", x->run);
	for (size_t i = 0; i < x->n; i++)
		fprintf(out, "\n%s", x->text[i]);
	cli_pager_end(out);
	return 0;
}

static int run_explain(struct cli *c)
{
	struct explained x = { NULL, 0, "" };
	int status = explain_notification(c, &x) ? 0 : explain_evaluator(c, &x);

	if (status == 0)
		status = put_explained(c, &x);
	for (size_t i = 0; i < x.n; i++)
		free(x.text[i]);
	free(x.text);
	return status;
}

static const struct cli_flag flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_evaluators = {
	.name = "evaluators",
	.usage = "[--attribute NAME] [--group NAME]",
	.summary = "Lists the evaluators of the last audit with their ratios",
	.help = "Example: evenhand evaluators --attribute sex --group female",
	.flags = flags,
	.max_args = 0,
	.wants_project = true,
	.run = run_evaluators,
};
const struct cli_entry cli_metrics = {
	.name = "metrics", .usage = "[EVALUATOR]", .summary = "Shows all numbers on one evaluator, or on the whole",
	.help = "Example: evenhand metrics E07 --json",
	.flags = flags, .max_args = 1, .wants_project = true, .run = run_metrics,
};
const struct cli_entry cli_explain = {
	.name = "explain", .usage = "ID", .summary = "Tells how a finding came about, number by number",
	.help = "Example: evenhand explain N0001\n\n"
		"ID is a notification (N0001), an evaluator, or \"" POOLED "\" for the findings on everybody "
		"together.  Per finding: what was counted, the formulas with the numbers in them, which rule of the "
		"policy spoke, which conditions are met, and what would have changed the verdict.",
	.flags = flags, .min_args = 1, .max_args = 1, .output = CLI_DOCUMENT, .wants_project = true, .run = run_explain,
};

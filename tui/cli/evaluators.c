/* evenhand evaluators, metrics, explain: browsing the last audit without the screens. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"

struct wanted {
	const char *evaluator, *attribute, *group;
};

static struct wanted wanted;            /* of the one command that runs in this process */

static bool keep(const struct eh_finding *f)
{
	return (wanted.evaluator == NULL || strcmp(f->evaluator, wanted.evaluator) == 0) &&
	       (wanted.attribute == NULL || strcmp(f->attribute, wanted.attribute) == 0) &&
	       (wanted.group == NULL || strcmp(f->group, wanted.group) == 0);
}

static bool keep_evaluator(const struct eh_finding *f)
{
	return f->evaluator[0] != '\0' && keep(f);
}

static int load(struct cli *c, struct eh_audit_head *head, struct eh_finding **v, size_t *n)
{
	int64_t run = 0;

	if (!cli_opt_i64(c, "run", 1, INT64_MAX, &run))
		return eh_status_exit(EH_EUSAGE);
	if (eh_desk_findings(c->desk, (uint64_t)run, head, v, n, &c->err) != EH_OK) {
		eh_list_free(v);
		return cli_fail(c);
	}
	wanted.attribute = cli_opt(c, "attribute");
	wanted.group = cli_opt(c, "group");
	return 0;
}

static int put_json(struct cli *c, const char *schema, const struct eh_audit_head *head, const struct eh_finding *v, size_t n,
		    bool (*test)(const struct eh_finding *))
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_finding *kept = eh_xcalloc(n, sizeof *kept);
	struct eh_json *doc;
	size_t n_kept = 0;

	for (size_t i = 0; i < n; i++)
		if (test(&v[i]))
			kept[n_kept++] = v[i];
	s.limit_num = head->limit_num;
	s.limit_den = head->limit_den;
	s.reference = EH_REF_REST;
	memcpy(s.family, head->family_method, sizeof s.family);
	doc = eh_json_findings(schema, eh_desk_dir(c->desk), head->decisions, &s, kept, n_kept);
	eh_json_int(doc, "run", (int64_t)head->seq);
	eh_json_str(doc, "policy", head->policy);
	eh_json_str(doc, "policy_version", head->policy_version);
	free(kept);
	return cli_put_json(c, &doc);
}

static int show(struct cli *c, const char *schema, bool (*test)(const struct eh_finding *))
{
	struct eh_audit_head head;
	struct eh_finding *v = NULL;
	size_t n = 0, hits = 0;
	int status = load(c, &head, &v, &n);

	if (status != 0)
		return status;
	for (size_t i = 0; i < n; i++)
		hits += test(&v[i]);
	if (hits == 0)
		status = cli_error(c, EH_ENOENT, "the audit has nothing on that; \"evenhand evaluators\" lists what it has");
	else if (c->format == CLI_JSON)
		status = put_json(c, schema, &head, v, n, test);
	else
		cli_findings_table(c, v, n, test);
	eh_list_free(&v);
	return status;
}

static int run_evaluators(struct cli *c)
{
	return show(c, "evenhand.evaluators/1", keep_evaluator);
}

static int run_metrics(struct cli *c)
{
	wanted.evaluator = c->argc > 0 ? c->argv[0] : NULL;
	return show(c, "evenhand.metrics/1", keep);
}

/* ---- explain ---- */

static int explain_notification(struct cli *c, const char *id, FILE *out)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *responses = NULL;
	size_t n_responses = 0;
	uint64_t seq = 0;
	int rc = eh_notification_parse(&seq, id, &c->err);
	char *text;

	if (rc == EH_OK)
		rc = eh_desk_notification(c->desk, seq, n, &responses, &n_responses, &c->err);
	if (rc == EH_OK) {
		text = eh_explain_text(&n->finding);
		fputs(text, out);
		free(text);
	}
	eh_list_free(&responses);
	free(n);
	return rc == EH_OK ? 0 : cli_fail(c);
}

static int explain_evaluator(struct cli *c, FILE *out)
{
	struct eh_audit_head head;
	struct eh_finding *v = NULL;
	size_t n = 0, hits = 0;
	int status = load(c, &head, &v, &n);

	wanted.evaluator = c->argv[0];
	for (size_t i = 0; i < n && status == 0; i++) {
		char *text;

		if (!keep(&v[i]))
			continue;
		text = eh_explain_text(&v[i]);
		fprintf(out, "%s%s", hits++ > 0 ? "\n" : "", text);
		free(text);
	}
	if (status == 0 && hits == 0)
		status = cli_error(c, EH_ENOENT, "there is no notification and no audited evaluator '%s'", c->argv[0]);
	eh_list_free(&v);
	return status;
}

static int run_explain(struct cli *c)
{
	const char *id = c->argv[0];
	uint64_t seq;
	bool notification = id[0] == 'N' && eh_notification_parse(&seq, id, NULL) == EH_OK;
	FILE *out = cli_pager_begin(c);
	int status = notification ? explain_notification(c, id, out) : explain_evaluator(c, out);

	cli_pager_end(out);
	return status;
}

static const struct cli_flag flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_evaluators = {
	.name = "evaluators", .usage = "[--attribute NAME] [--group NAME]", .summary = "Lists the evaluators of the last audit with their ratios",
	.help = "Example: evenhand evaluators --attribute sex --group female",
	.flags = flags, .max_args = 0, .wants_project = true, .run = run_evaluators,
};
const struct cli_entry cli_metrics = {
	.name = "metrics", .usage = "[EVALUATOR]", .summary = "Shows all numbers on one evaluator, or on the whole",
	.help = "Example: evenhand metrics E07 --json",
	.flags = flags, .max_args = 1, .wants_project = true, .run = run_metrics,
};
const struct cli_entry cli_explain = {
	.name = "explain", .usage = "ID", .summary = "Tells how a finding came about, number by number",
	.help = "Example: evenhand explain N0001\n\nID is a notification (N0001) or an evaluator.",
	.flags = flags, .min_args = 1, .max_args = 1, .wants_project = true, .run = run_explain,
};

/* evenhand explain: how a finding came about, number by number. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "cli/wanted.h"
#include "exchange/explain_strata.h"
#include "parts/plot.h"
#include "parts/words.h"

#define WIDTH 80                        /* [columns] as the explanation */

struct explained {
	char **text;
	size_t n;
	bool json;
	struct eh_json *strata;                 /* one object a finding; where json */
	struct eh_run_strata *run_strata;       /* of an evaluator's findings */
	char run[EH_NAME_MAX + 168 + EH_WINDOW_WORDS];                /* the audit and the policy it is of */
	struct eh_notification *systemic;       /* the notification when it is addressed to the process, else NULL */
};

static void name_run(struct explained *x, uint64_t run, int64_t at, const char *policy, const char *version,
		     const char *hash, enum eh_policy_state state, const struct eh_window *window)
{
	char when[EH_TIME_TEXT], words[EH_WINDOW_WORDS], standing[WORDS_STANDING];
	const bool open = words_standing(standing, state)[0] != '\0';

	eh_format_time(when, at);
	(void)snprintf(x->run, sizeof x->run, "Audit run %llu, %s, policy %s %s (%.12s)%s%s%s%s",
		       (unsigned long long)run, when, policy, version, hash, open && !x->json ? "\n" : "",
		       standing + (open && !x->json),
		       eh_window_dated(window) ? ", " : "", eh_window_words(words, window));
}

static void add_text(struct explained *x, char *text)
{
	x->text = eh_xrealloc(x->text, x->n + 1, sizeof *x->text);
	x->text[x->n++] = text;
}

/* text, and below it the strata of f; rows is freed. */
static void add_with_strata(struct explained *x, char *text, const struct eh_finding *f, struct eh_strata_rows *rows,
			    enum eh_strata_known known)
{
	const char *why = eh_strata_known_text(known);
	char *strata = eh_strata_text(f, rows, why), *plot = x->json ? eh_xstrdup("") : plot_finding(f, WIDTH);

	add_text(x, eh_xasprintf("%s%s%s%s%s", text, plot[0] != '\0' ? "\n" : "", plot, strata[0] != '\0' ? "\n" : "",
				 strata));
	if (x->json)
		eh_json_push(x->strata, eh_strata_json(f, rows, why));
	eh_strata_rows_free(rows);
	free(plot);
	free(strata);
	free(text);
}

static int explain_one(struct cli *c, struct explained *x, const struct eh_finding *f)
{
	enum eh_strata_known known = EH_STRATA_ONE;
	struct eh_strata_rows rows;

	if (eh_desk_run_strata_of(x->run_strata, f, &rows, &known, &c->err) != EH_OK)
		return cli_fail(c);
	add_with_strata(x, eh_explain_text(f), f, &rows, known);
	return 0;
}

/* Who else it is about, ids wrapped. */
static void print_members(FILE *out, const struct eh_notification *n)
{
	static const char lead[] = "Evaluators with this finding of their own:";
	size_t at = sizeof lead - 1;

	fprintf(out, "Addressed to the process, not to one evaluator.\n%s", n->n_members > 0 ? lead : "");
	for (uint32_t i = 0; i < n->n_members; i++) {
		size_t len = 1 + strlen(n->members[i]) + 1;

		if (at + len > WIDTH)
			fputs("\n ", out);
		at = at + len > WIDTH ? 1 + len : at + len;
		fprintf(out, " %s%s", n->members[i], i + 1 < n->n_members ? "," : "\n");
	}
}

/* null: it is about one evaluator, or no notification. */
static void put_members(struct eh_json *doc, const struct eh_notification *n)
{
	struct eh_json *members = eh_json_array();

	for (uint32_t i = 0; n != NULL && i < n->n_members; i++)
		eh_json_push_str(members, n->members[i]);
	if (n != NULL) {
		eh_json_set(doc, "process", members);
		cli_put_with_own(doc, n);
	} else {
		eh_json_free(&members);
		eh_json_null(doc, "process");
	}
}

/* false: there is no such notification, or id is none. */
static bool explain_notification(struct cli *c, struct explained *x)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *responses = NULL;
	struct eh_finding *members = NULL;
	struct eh_strata_rows rows = { .v = NULL };
	enum eh_strata_known known = EH_STRATA_ONE;
	size_t n_responses = 0, n_members = 0;
	uint64_t seq = 0;
	char first = c->argv[0][0];
	bool hit = (first == 'N' || first == 'n') && eh_notification_parse(&seq, c->argv[0], NULL) == EH_OK &&
		   eh_desk_notification(c->desk, seq, n, &responses, &n_responses, NULL) == EH_OK;

	if (hit) {
		name_run(x, n->audit, n->raised_at, n->policy, n->policy_version, n->policy_hash, n->policy_state,
			 &n->window);
		/* a run that cannot be read leaves them out, and the text says so */
		(void)eh_desk_notification_members(c->desk, n, &members, &n_members, NULL);
		if (eh_desk_notification_strata(c->desk, n, &rows, &known, NULL) != EH_OK)
			known = EH_STRATA_NOT_KEPT;
		add_with_strata(x,
				eh_explain_process_text(&n->finding, members, n_members, n->n_members,
							eh_desk_with_own(n)),
				&n->finding, &rows, known);
		if (n->systemic) {
			x->systemic = n;
			n = NULL;
		}
	}
	eh_list_free(&members);
	eh_list_free(&responses);
	free(n);
	return hit;
}

static int explain_evaluator(struct cli *c, struct explained *x)
{
	struct cli_wanted w = { .evaluator = c->argv[0] };
	struct eh_audit_head head;
	struct eh_finding *v = NULL, *own = NULL;
	size_t n = 0, n_own = 0;
	int status = cli_wanted_load(c, &w, &head, &v, &n);

	if (status == 0)
		name_run(x, head.seq, head.at, head.policy, head.policy_version, head.policy_hash, head.policy_state,
			 &head.window);
	if (status == 0 && eh_desk_run_strata_open(&x->run_strata, c->desk, &head, &c->err) != EH_OK)
		status = cli_fail(c);
	for (size_t i = 0; i < n && status == 0; i++)
		status = explain_one(c, x, &v[i]);
	if (status == 0)
		status = cli_wanted_own(c, &w, head.seq, &own, &n_own);
	for (size_t i = 0; i < n_own && status == 0; i++)
		status = explain_one(c, x, &own[i]);
	eh_desk_run_strata_close(&x->run_strata);
	eh_list_free(&v);
	eh_list_free(&own);
	if (status == 0 && n + n_own == 0)
		status = cli_say_missing(c, &w);
	return status;
}

static int put_explained(struct cli *c, struct explained *x)
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
		put_members(doc, x->systemic);
		eh_json_set(doc, "texts", texts);
		eh_json_set(doc, "by_stratum", x->strata);
		x->strata = NULL;
		return cli_put_json(c, &doc);
	}
	out = cli_pager_begin(c);
	fprintf(out, "%s\n", x->run);
	if (x->systemic != NULL)
		print_members(out, x->systemic);
	for (size_t i = 0; i < x->n; i++)
		fprintf(out, "\n%s", x->text[i]);
	cli_pager_end(out);
	return 0;
}

static int run_explain(struct cli *c)
{
	const struct tui_options charset = { .ascii = cli_has(c, "ascii") };
	struct explained x = { .json = c->format == CLI_JSON };
	int status;

	term_charset(&charset);
	if (!cli_is_named(c, "\"" CLI_EVERYBODY "\""))
		return eh_status_exit(EH_EUSAGE);
	x.strata = x.json ? eh_json_array() : NULL;
	status = explain_notification(c, &x) ? 0 : explain_evaluator(c, &x);
	if (status == 0)
		status = put_explained(c, &x);
	for (size_t i = 0; i < x.n; i++)
		free(x.text[i]);
	free(x.text);
	eh_json_free(&x.strata);
	free(x.systemic);
	return status;
}

static const struct cli_flag explain_flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ "ascii", NULL, "plain ASCII characters only (also where the locale is not UTF-8)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_explain = {
	.name = "explain", .usage = "ID", .summary = "Tells how a finding came about, number by number",
	.help = "Example: evenhand explain N0001\n\n"
		"ID is a notification (N0001), an evaluator, or \"" CLI_EVERYBODY "\" for the findings on everybody "
		"together.  Per finding: what was counted, the formulas with the numbers in them, which rule of the "
		"policy spoke, which conditions are met, and what would have changed the verdict; with several "
		"strata also each one's counts, which add up to the ratio; and the ratios with their intervals, that "
		"of the second set of evaluators too, drawn on one scale.  A notification keeps its strata as they "
		"were; those of other findings are taken from the stored counts, as long as these are still the run's. "
		" --json: with_own as in \"notifications show\"; why: see NUMBERS THAT DO NOT EXIST in evenhand(1).",
	.flags = explain_flags, .min_args = 1, .max_args = 1, .output = CLI_DOCUMENT, .wants_project = true,
	.run = run_explain,
};

/* evenhand policy declare, declarations: what the people who run a project say about it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "desk/project_facts.h"
#include "policy/pack.h"

static int run_declare(struct cli *c)
{
	const bool back = cli_has(c, "withdraw");
	const char *reason = cli_opt(c, "reason");
	const char *value = c->argc > 1 ? c->argv[1] : "";
	char today[11];

	if (back == (c->argc > 1))
		return cli_error(c, EH_EUSAGE, "give a value, or --withdraw to take the declaration back");
	if (!back && value[0] == '\0')
		return cli_error(c, EH_EUSAGE, "the value is empty; --withdraw takes a declaration back");
	if (eh_desk_declare(c->desk, c->argv[0], value, reason != NULL ? reason : "", &c->err) != EH_OK)
		return cli_fail(c);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();

		eh_json_str(doc, "schema", "evenhand.declaration/1");
		eh_json_str(doc, "key", c->argv[0]);
		eh_json_str(doc, "value", back ? NULL : value);
		return cli_put_json(c, &doc);
	}
	eh_pack_day(today, eh_now());
	cli_say(c, back ? "%s: taken back" :
		   eh_declare_holds(c->argv[0], value, today) ? "%s: declared" :
		   "%s: declared for %s; policies count it from that day on", c->argv[0], value);
	return 0;
}

static const struct eh_declaration *find(const struct eh_declaration *v, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].key, key) == 0)
			return &v[i];
	return NULL;
}

static struct eh_json *declaration_json(const struct eh_declare_key *k, const struct eh_declaration *d)
{
	struct eh_json *j = eh_json_object();
	char at[EH_TIME_TEXT] = "";

	if (d != NULL)
		eh_format_time(at, d->at);
	eh_json_str(j, "key", k->key);
	eh_json_str(j, "value", d != NULL ? d->value : NULL);
	eh_json_str(j, "at", d != NULL ? at : NULL);
	eh_json_str(j, "by", d != NULL ? d->who.login : NULL);
	eh_json_str(j, "reason", d != NULL && d->reason[0] != '\0' ? d->reason : NULL);
	eh_json_str(j, "meaning", k->meaning);
	eh_json_str(j, "kind", eh_declare_kind_text(k->kind));
	eh_json_str(j, "rule", k->rule);
	return j;
}

static int run_declarations(struct cli *c)
{
	struct eh_declaration *v = NULL;
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("key value at/4 by/3 rule/1 kind/2 meaning~");
	size_t n = 0;
	int rc = eh_desk_declarations(c->desk, &v, &n, &c->err), status;

	eh_json_str(doc, "schema", "evenhand.declarations/1");
	for (size_t i = 0; rc == EH_OK && eh_declare_key(i) != NULL; i++) {
		const struct eh_declare_key *k = eh_declare_key(i);
		const struct eh_declaration *d = find(v, n, k->key);
		char at[EH_TIME_TEXT] = "";

		if (d == NULL && !cli_has(c, "all"))
			continue;
		if (d != NULL)
			eh_format_time(at, d->at);
		eh_json_push(rows, declaration_json(k, d));
		cli_cell(t, "%s", k->key);
		cli_cell(t, "%s", d != NULL ? d->value : "");
		cli_cell(t, "%s", at);
		cli_cell(t, "%s", d != NULL ? d->who.login : "");
		cli_cell(t, "%s", k->rule);
		cli_cell(t, "%s", eh_declare_kind_text(k->kind));
		cli_cell(t, "%s", k->meaning);
	}
	eh_json_set(doc, "declarations", rows);
	status = cli_finish(c, rc, &doc, &t);
	eh_list_free(&v);
	return status;
}

static const struct cli_flag declare_flags[] = {
	{ "reason", "TEXT", "why; it stands in the journal" },
	{ "withdraw", NULL, "take the declaration back" },
	{ NULL, NULL, NULL }
};
static const struct cli_flag list_flags[] = {
	{ "all", NULL, "also what is not declared: all keys with their meaning" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_policy_declare = {
	.name = "policy declare", .usage = "KEY [VALUE]",
	.summary = "Declares something about the project that policies ask for",
	.help = "Example: evenhand policy declare dpia 2026-01-05 --reason \"DPIA 3\"\n\n"
		"Some rules are about how a project is run: notices, assessments, terms.  A program cannot see them, "
		"so the people who run it declare them, by name and day, in the journal; policies read them as "
		"project.declarations.  A declaration proves nothing, and a day that has not come yet is none so far.  \"policy declarations --all\" lists the keys.",
	.flags = declare_flags, .min_args = 1, .max_args = 2, .output = CLI_ACT, .wants_project = true,
	.run = run_declare,
};
const struct cli_entry cli_policy_declarations = {
	.name = "policy declarations", .usage = "",
	.summary = "Lists what is declared about the project",
	.help = "Example: evenhand policy declarations --all",
	.flags = list_flags, .wants_project = true, .run = run_declarations,
};

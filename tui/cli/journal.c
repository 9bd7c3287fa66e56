/* evenhand journal: show, verify. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"

static int run_show(struct cli *c)
{
	struct eh_journal_entry *v = NULL;
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new(">seq time/2 who/1 verb object detail~");
	size_t n = 0;
	int64_t from = 0;
	int rc, status;

	if (!cli_opt_i64(c, "from", 1, INT64_MAX, &from)) {
		cli_table_free(&t);
		eh_json_free(&doc);
		eh_json_free(&rows);
		return eh_status_exit(EH_EUSAGE);
	}
	rc = eh_desk_journal(c->desk, (uint64_t)from, &v, &n, &c->err);
	eh_json_str(doc, "schema", "evenhand.journal/1");
	for (size_t i = 0; i < n; i++) {
		struct eh_json *j = eh_json_object();
		char at[EH_TIME_TEXT], hash[EH_DIGEST_HEX];

		eh_format_time(at, v[i].time);
		eh_hex(hash, v[i].hash, sizeof v[i].hash);
		eh_json_int(j, "seq", (int64_t)v[i].seq);
		eh_json_str(j, "time", at);
		eh_json_str(j, "who", v[i].actor.login);
		eh_json_int(j, "uid", v[i].actor.uid);
		eh_json_str(j, "verb", v[i].verb);
		eh_json_str(j, "object", v[i].object);
		eh_json_str(j, "detail", v[i].detail);
		eh_json_str(j, "hash", hash);
		eh_json_push(rows, j);
		cli_cell(t, "%llu", (unsigned long long)v[i].seq);
		cli_cell(t, "%s", at);
		cli_cell(t, "%s", v[i].actor.login);
		cli_cell(t, "%s", v[i].verb);
		cli_cell(t, "%s", v[i].object);
		cli_cell(t, "%s", v[i].detail);
	}
	eh_json_set(doc, "entries", rows);
	status = cli_finish(c, rc, &doc, &t);
	eh_list_free(&v);
	return status;
}

static int run_verify(struct cli *c)
{
	struct eh_journal_state st;
	char hash[EH_DIGEST_HEX];
	int rc = eh_desk_journal_verify(c->desk, &st, &c->err);
	int status = rc == EH_OK ? 0 : cli_fail(c);

	eh_hex(hash, st.head, sizeof st.head);
	if (c->format == CLI_JSON && (rc == EH_OK || st.broken_at != 0)) {
		struct eh_json *doc = eh_json_object();
		int put;

		eh_json_str(doc, "schema", "evenhand.journal_verify/1");
		eh_json_bool(doc, "intact", rc == EH_OK);
		eh_json_int(doc, "entries", (int64_t)st.entries);
		eh_json_str(doc, "head", hash);
		if (st.broken_at != 0)
			eh_json_int(doc, "broken_at", (int64_t)st.broken_at);
		else
			eh_json_null(doc, "broken_at");
		put = cli_put_json(c, &doc);
		status = status != 0 ? status : put;
	} else if (rc == EH_OK) {
		printf("intact: %llu entr%s, head %s\n", (unsigned long long)st.entries, st.entries == 1 ? "y" : "ies",
		       hash);
		cli_say(c, "keep this head elsewhere: only a copy outside shows a rewritten tail");
	}
	return status;
}

static const struct cli_flag flags[] = {
	{ "from", "SEQ", "from this entry on" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_journal_show = {
	.name = "journal show", .usage = "[--from SEQ]", .summary = "Shows who did what, when and why",
	.help = "Example: evenhand journal show --from 100",
	.flags = flags, .max_args = 0, .wants_project = true, .run = run_show,
};
const struct cli_entry cli_journal_verify = {
	.name = "journal verify",
	.usage = "",
	.summary = "Recomputes the journal's hash chain",
	.help = "Exit status 1 names the first entry that was changed, moved or taken away.  Keep the printed "
		"head outside this machine: a journal rewritten from some entry on shows only against a head that "
		"was kept.",
	.max_args = 0,
	.output = CLI_DOCUMENT,
	.wants_project = true,
	.run = run_verify,
};

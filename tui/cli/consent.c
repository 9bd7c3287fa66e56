/* evenhand consent: grant, withdraw, list. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"

static int record(struct cli *c, bool granted)
{
	struct eh_consent con;
	enum eh_change change;
	const char *at = cli_opt(c, "at"), *notice = cli_opt(c, "notice"), *expires = cli_opt(c, "expires");
	int rc;

	memset(&con, 0, sizeof con);
	con.granted = granted;
	con.at = eh_now();
	rc = eh_text_copy(con.candidate, sizeof con.candidate, c->argv[0], "the candidate's id", &c->err);
	if (rc == EH_OK)
		rc = eh_text_copy(con.purpose, sizeof con.purpose, c->argv[1], "the purpose", &c->err);
	if (rc == EH_OK && notice != NULL)
		rc = eh_text_copy(con.notice, sizeof con.notice, notice, "the notice", &c->err);
	if (rc == EH_OK && at != NULL)
		rc = eh_parse_time(&con.at, at, &c->err);
	if (rc == EH_OK && expires != NULL)
		rc = eh_parse_time(&con.expires, expires, &c->err);
	if (rc == EH_OK)
		rc = eh_desk_consent(c->desk, &con, &change, &c->err);
	if (rc != EH_OK)
		return cli_fail(c);
	cli_say(c, "%s: %s %s%s", con.candidate, con.purpose, granted ? "granted" : "withdrawn", change == EH_SAME ? " (was recorded already)" : "");
	return 0;
}

static int run_grant(struct cli *c) { return record(c, true); }
static int run_withdraw(struct cli *c) { return record(c, false); }

static int run_list(struct cli *c)
{
	struct eh_consent *v = NULL;
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("candidate purpose granted at expires notice");
	size_t n = 0;
	int rc = eh_desk_consents(c->desk, c->argc > 0 ? c->argv[0] : NULL, &v, &n, &c->err);
	int status;

	eh_json_str(doc, "schema", "evenhand.consents/1");
	for (size_t i = 0; i < n; i++) {
		struct eh_json *j = eh_json_object();
		char at[EH_TIME_TEXT], expires[EH_TIME_TEXT] = "";

		eh_format_time(at, v[i].at);
		if (v[i].expires != 0)
			eh_format_time(expires, v[i].expires);
		eh_json_str(j, "candidate", v[i].candidate);
		eh_json_str(j, "purpose", v[i].purpose);
		eh_json_bool(j, "granted", v[i].granted);
		eh_json_str(j, "at", at);
		eh_json_str(j, "expires", expires[0] != '\0' ? expires : NULL);
		eh_json_str(j, "notice", v[i].notice[0] != '\0' ? v[i].notice : NULL);
		eh_json_push(rows, j);
		cli_cell(t, "%s", v[i].candidate);
		cli_cell(t, "%s", v[i].purpose);
		cli_cell(t, "%s", v[i].granted ? "yes" : "no");
		cli_cell(t, "%s", at);
		cli_cell(t, "%s", expires);
		cli_cell(t, "%s", v[i].notice);
	}
	eh_json_set(doc, "consents", rows);
	status = cli_finish(c, rc, &doc, &t);
	eh_list_free(&v);
	return status;
}

static const struct cli_flag flags[] = {
	{ "at", "TIME", "when the candidate said so (default: now)" },
	{ "notice", "ID", "the notice text that was shown" },
	{ "expires", "TIME", "until when it holds" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_consent_grant = {
	.name = "consent grant", .usage = "CANDIDATE PURPOSE", .summary = "Records a candidate's consent",
	.help = "Example: evenhand consent grant C017 infer:sex --notice n3\n\nPURPOSE is watch, face, voice, train or infer:ATTRIBUTE.",
	.flags = flags, .min_args = 2, .max_args = 2, .wants_project = true, .run = run_grant,
};
const struct cli_entry cli_consent_withdraw = {
	.name = "consent withdraw", .usage = "CANDIDATE PURPOSE", .summary = "Records a withdrawal; it holds at once",
	.flags = flags, .min_args = 2, .max_args = 2, .wants_project = true, .run = run_withdraw,
};
const struct cli_entry cli_consent_list = {
	.name = "consent list", .usage = "[CANDIDATE]", .summary = "Shows the consent ledger",
	.max_args = 1, .wants_project = true, .run = run_list,
};

/* evenhand consent: grant, withdraw, list. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"

static struct eh_json *consent_json(const struct eh_consent *con)
{
	struct eh_json *j = eh_json_object();
	char at[EH_TIME_TEXT], expires[EH_TIME_TEXT];

	eh_format_time(at, con->at);
	eh_format_time(expires, con->expires);
	eh_json_str(j, "candidate", con->candidate);
	eh_json_str(j, "purpose", con->purpose);
	eh_json_bool(j, "granted", con->granted);
	eh_json_str(j, "at", at);
	eh_json_str(j, "expires", con->expires != 0 ? expires : NULL);
	eh_json_str(j, "notice", con->notice[0] != '\0' ? con->notice : NULL);
	eh_json_bool(j, "release_complete", eh_release_complete(&con->release));
	eh_json_bool(j, "waiver_complete", eh_waiver_complete(&con->release));
	return j;
}

/* The newest date decides (people/consent.h): false, and said, when a record of another date than this one holds. */
static bool holds(struct cli *c, const struct eh_consent *now)
{
	const struct eh_consent *newest = NULL;
	struct eh_consent *v = NULL;
	char at[EH_TIME_TEXT];
	bool other = false;
	size_t n = 0;

	if (eh_desk_consents(c->desk, now->candidate, &v, &n, NULL) != EH_OK)
		n = 0;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].purpose, now->purpose) == 0 && (newest == NULL || v[i].at >= newest->at))
			newest = &v[i];
	other = newest != NULL && newest->granted != now->granted;
	if (other) {
		eh_format_time(at, newest->at);
		fprintf(stderr,
			now->granted
				? "%s: %s recorded; the withdrawal of %s still holds; to end it, grant with a later "
				  "--at\n"
				: "%s: the consent for %s of %s is dated later and stands; to end it, withdraw with "
				  "a later --at\n",
			now->candidate, now->purpose, at);
	}
	eh_list_free(&v);
	return !other;
}

/* A consent to be classified that the gate of the candidate's place never lets be used. */
static void tell_closed_place(struct cli *c, const struct eh_consent *con)
{
	struct eh_candidate_line *v = NULL;
	size_t n = 0;

	if (strncmp(con->purpose, "infer:", 6) != 0 || eh_desk_candidates(c->desk, &v, &n, NULL) != EH_OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].id, con->candidate) == 0 && v[i].jurisdiction[0] != '\0' &&
		    eh_gate_infer(v[i].jurisdiction, con->purpose + 6, NULL) != EH_OK)
			fprintf(stderr, "%s: %s recorded; the place %s does not allow it: it will not be used\n",
				con->candidate, con->purpose, v[i].jurisdiction);
	eh_list_free(&v);
}

static int record(struct cli *c, bool granted)
{
	struct eh_consent con;
	enum eh_change change;
	bool stands = true;
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
	stands = holds(c, &con);
	if (granted)
		tell_closed_place(c, &con);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = consent_json(&con);

		eh_json_str(doc, "schema", "evenhand.consent/1");
		eh_json_bool(doc, "recorded_before", change == EH_SAME);
		return cli_put_json(c, &doc);
	}
	/* of a consent that opens nothing it is not said that it was granted */
	if (stands || !granted)
		cli_say(c, "%s: %s %s%s", con.candidate, con.purpose, granted ? "granted" : "withdrawn",
			change == EH_SAME ? " (was recorded already)" : "");
	return 0;
}

static int run_grant(struct cli *c) { return record(c, true); }
static int run_withdraw(struct cli *c) { return record(c, false); }

static int run_list(struct cli *c)
{
	struct eh_consent *v = NULL;
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("candidate purpose granted at expires/2 notice/1");
	size_t n = 0;
	int rc = eh_desk_consents(c->desk, c->argc > 0 ? c->argv[0] : NULL, &v, &n, &c->err);
	int status;

	eh_json_str(doc, "schema", "evenhand.consents/1");
	for (size_t i = 0; i < n; i++) {
		char at[EH_TIME_TEXT], expires[EH_TIME_TEXT] = "";

		eh_format_time(at, v[i].at);
		if (v[i].expires != 0)
			eh_format_time(expires, v[i].expires);
		eh_json_push(rows, consent_json(&v[i]));
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
	.name = "consent grant",
	.usage = "CANDIDATE PURPOSE",
	.summary = "Records a candidate's consent",
	.help = "Example: evenhand consent grant C017 infer:sex --notice n3\n\n"
		"PURPOSE is watch, face, voice, train or infer:ATTRIBUTE.  What is never inferred anywhere "
		"(emotion, religion, health, disability, genetics, pregnancy, orientation) is refused.  The "
		"record with the newest --at holds.",
	.flags = flags,
	.min_args = 2,
	.max_args = 2,
	.output = CLI_ACT,
	.wants_project = true,
	.run = run_grant,
};
const struct cli_entry cli_consent_withdraw = {
	.name = "consent withdraw",
	.usage = "CANDIDATE PURPOSE",
	.summary = "Records a withdrawal; it holds at once",
	.help = "Example: evenhand consent withdraw C017 face\n\n"
		"Takes away in the same step what was measured or inferred under that consent.  A model that was "
		"trained with this candidate classifies nobody until \"evenhand train ATTRIBUTE\" is run again.  "
		"Withdrawing watch ends face and voice too.  The record itself stays: the ledger is only added "
		"to.",
	.flags = flags,
	.min_args = 2,
	.max_args = 2,
	.output = CLI_ACT,
	.wants_project = true,
	.run = run_withdraw,
};
const struct cli_entry cli_consent_list = {
	.name = "consent list",
	.usage = "[CANDIDATE]",
	.summary = "Shows the consent ledger",
	.help = "Example: evenhand consent list C017\n\n"
		"Every record there ever was; for each purpose the one with the newest date decides.",
	.max_args = 1,
	.wants_project = true,
	.run = run_list,
};

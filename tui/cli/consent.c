/* evenhand consent: grant, withdraw, list. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "people/paper.h"

/* Fields of a release and a waiver (people/paper.h): options here, columns of `import consents` by the same names. */
static const char *const paper_fields[] = { "release_id",     "signature_sha256",  "purpose_text",   "term_until",
					    "policy_version", "signed_name_given", "interview_date", "waiver_read" };
#define PAPER_FIELDS (sizeof paper_fields / sizeof paper_fields[0])

/* The field's text, "" where there is none. */
static const char *paper_text(char time[EH_TIME_TEXT], const struct eh_release *r, size_t field)
{
	static const char *const answered[] = { "", "yes", "no" };
	const int64_t t = field == 3 ? r->term_until : r->interview_date;

	switch (field) {
	case 0:  return r->id;
	case 1:  return r->signature;
	case 2:  return r->purpose;
	case 4:  return r->policy_version;
	case 5:  return answered[r->signed_name];
	case 7:  return answered[r->waiver_read];
	default: break;
	}
	eh_format_time(time, t);
	return t != 0 ? time : "";
}

static struct eh_json *consent_json(const struct eh_consent *con)
{
	struct eh_json *j = eh_json_object();
	char at[EH_TIME_TEXT], expires[EH_TIME_TEXT], time[EH_TIME_TEXT], lacks[EH_PAPER_LACKS_MAX];
	const int64_t now = eh_now();

	eh_format_time(at, con->at);
	eh_format_time(expires, con->expires);
	eh_json_str(j, "candidate", con->candidate);
	eh_json_str(j, "purpose", con->purpose);
	eh_json_bool(j, "granted", con->granted);
	eh_json_str(j, "at", at);
	eh_json_str(j, "expires", con->expires != 0 ? expires : NULL);
	eh_json_str(j, "notice", con->notice[0] != '\0' ? con->notice : NULL);
	for (size_t i = 0; i < PAPER_FIELDS; i++) {
		const char *text = paper_text(time, &con->release, i);

		eh_json_str(j, paper_fields[i], text[0] != '\0' ? text : NULL);
	}
	eh_json_bool(j, "release_complete", !eh_paper_lacks(lacks, EH_PAPER_RELEASE, &con->release, now));
	eh_json_bool(j, "waiver_complete", !eh_paper_lacks(lacks, EH_PAPER_WAIVER, &con->release, now));
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

/* A consent that the gate of the candidate's place does not let be used: never, or not without a paper. */
static void tell_closed(const struct eh_consent *con, const char *place)
{
	char lacks[EH_PAPER_LACKS_MAX];
	const struct eh_paper_rule *rule = eh_paper_missing(lacks, place, con->purpose, &con->release, eh_now());

	if (strncmp(con->purpose, "infer:", 6) == 0 && eh_gate_infer(place, con->purpose + 6, NULL) != EH_OK)
		fprintf(stderr, "%s: %s recorded; the place %s does not allow it: it will not be used\n",
			con->candidate, con->purpose, place);
	if (rule != NULL)
		fprintf(stderr,
			"%s: %s recorded; in %s it is not used until the %s is complete (%s, %s): it lacks %s\n",
			con->candidate, con->purpose, place, eh_paper_name(rule->paper), rule->name, rule->source,
			lacks);
}

static void tell_closed_place(struct cli *c, const struct eh_consent *con)
{
	struct eh_candidate_line *v = NULL;
	size_t n = 0;

	if (strcmp(con->purpose, "watch") == 0 || strcmp(con->purpose, "train") == 0 ||
	    eh_desk_candidates(c->desk, &v, &n, NULL) != EH_OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].id, con->candidate) == 0 && v[i].jurisdiction[0] != '\0')
			tell_closed(con, v[i].jurisdiction);
	eh_list_free(&v);
}

/* The options have the columns' names with dashes. */
static void option_of(char out[32], const char *field)
{
	(void)snprintf(out, 32, "%s", field);
	for (char *p = out; *p != '\0'; p++)
		*p = *p == '_' ? '-' : *p;
}

static int take_paper(struct cli *c, struct eh_consent *con)
{
	char option[32];

	for (size_t i = 0; i < PAPER_FIELDS; i++) {
		const char *text = NULL;
		int rc;

		option_of(option, paper_fields[i]);
		text = cli_opt(c, option);
		rc = text == NULL ? EH_OK : eh_import_consent_field(con, paper_fields[i], text, &c->err);
		if (rc != EH_OK) {
			(void)eh_err_prefix(&c->err, "--%s: ", option);
			return rc;
		}
	}
	return EH_OK;
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
		rc = take_paper(c, &con);
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
	struct cli_table *t =
		cli_table_new("candidate purpose granted at expires/5 notice/4 release_id/3 signature_sha256/1 "
			      "purpose_text/1 term_until/3 policy_version/2 signed_name_given/2 interview_date/2 "
			      "waiver_read/2");
	size_t n = 0;
	int rc = eh_desk_consents(c->desk, c->argc > 0 ? c->argv[0] : NULL, &v, &n, &c->err);
	int status;

	eh_json_str(doc, "schema", "evenhand.consents/1");
	for (size_t i = 0; i < n; i++) {
		char at[EH_TIME_TEXT], expires[EH_TIME_TEXT] = "", time[EH_TIME_TEXT];

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
		for (size_t k = 0; k < PAPER_FIELDS; k++)
			cli_cell(t, "%s", paper_text(time, &v[i].release, k));
	}
	eh_json_set(doc, "consents", rows);
	status = cli_finish(c, rc, &doc, &t);
	eh_list_free(&v);
	return status;
}

#define COMMON_FLAGS                                                  \
	{ "at", "TIME", "when the candidate said so (default: now)" },  \
	{ "notice", "ID", "the notice text that was shown" },           \
	{ "expires", "TIME", "until when it holds" }

static const struct cli_flag grant_flags[] = {
	COMMON_FLAGS,
	{ "release-id", "ID", "release: its id in your files" },
	{ "signature-sha256", "HEX", "release: SHA-256 of the signed document" },
	{ "purpose-text", "TEXT", "release: what for, in its words" },
	{ "term-until", "TIME", "release: how long it may be kept" },
	{ "policy-version", "ID", "release: version of the published retention policy" },
	{ "signed-name-given", "yes|no", "waiver: it bears the applicant's name" },
	{ "interview-date", "DAY", "waiver: the day of the interview" },
	{ "waiver-read", "yes|no", "waiver: the applicant says that it was read" },
	{ NULL, NULL, NULL }
};
static const struct cli_flag flags[] = { COMMON_FLAGS, { NULL, NULL, NULL } };

const struct cli_entry cli_consent_grant = {
	.name = "consent grant",
	.usage = "CANDIDATE PURPOSE",
	.summary = "Records a candidate's consent",
	.help = "Example: evenhand consent grant C017 infer:sex --notice n3\n\n"
		"PURPOSE is watch, face, voice, train or infer:ATTRIBUTE.  What is never inferred anywhere "
		"(emotion, religion, health, disability, genetics, pregnancy, orientation) is refused.  The "
		"record with the newest --at holds.\n\n"
		"Some places ask for a paper before anything is measured; its fields are recorded with the consent for "
		"face and again with that for voice, and what is missing keeps the gate shut:\n\n"
		"  US-IL  face, voice: a written release (BIPA, 740 ILCS 14):\n"
		"         --release-id, --signature-sha256, --purpose-text,\n"
		"         --term-until (not over), --policy-version\n"
		"  US-MD  face: a signed waiver (Labor and Employment 3-717):\n"
		"         --signed-name-given yes, --interview-date, --waiver-read yes;\n"
		"         the fourth field is the consent itself\n\n"
		"A place of \"US\" without a state is asked for both.  The name itself is kept nowhere.  No policy can "
		"open the gate.",
	.flags = grant_flags,
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
		"Every record there ever was, with the fields of a release or waiver; for each purpose the one with "
		"the newest date decides.",
	.max_args = 1,
	.wants_project = true,
	.run = run_list,
};

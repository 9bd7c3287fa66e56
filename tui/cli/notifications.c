/* evenhand notifications: list, show, confirm, reject, act, close. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "parts/editor.h"
#include "parts/words.h"

static struct eh_json *response_json(const struct eh_response *r)
{
	struct eh_json *j = eh_json_object(), *actions = eh_json_array();
	char at[EH_TIME_TEXT];

	eh_format_time(at, r->at);
	eh_json_int(j, "response", r->seq);
	eh_json_str(j, "answer", eh_notification_state_text(r->to));
	eh_json_str(j, "at", at);
	eh_json_str(j, "by", r->actor.login);
	eh_json_int(j, "uid", r->actor.uid);
	eh_json_str(j, "reason", r->reason);
	for (uint32_t i = 0; i < r->n_actions; i++) {
		struct eh_json *a = eh_json_object();

		eh_json_str(a, "text", r->actions[i].text);
		eh_json_str(a, "owner", r->actions[i].owner[0] != '\0' ? r->actions[i].owner : NULL);
		eh_json_str(a, "due", r->actions[i].due[0] != '\0' ? r->actions[i].due : NULL);
		eh_json_push(actions, a);
	}
	eh_json_set(j, "actions", actions);
	return j;
}

/* What was answered about the same matter before, on other evidence. */
static struct eh_json *earlier_json(const struct eh_notification *n)
{
	struct eh_json *j = eh_json_object();
	char id[16], at[EH_TIME_TEXT];

	eh_notification_id(id, n->earlier);
	eh_format_time(at, n->earlier_at);
	eh_json_str(j, "notification", id);
	eh_json_str(j, "state", eh_notification_state_text(n->earlier_state));
	eh_json_str(j, "at", at);
	return j;
}

void cli_put_with_own(struct eh_json *doc, const struct eh_notification *n)
{
	struct eh_with_own own = eh_desk_with_own(n);
	struct eh_json *ids;

	if (!own.known) {
		eh_json_null(doc, "with_own");
		eh_json_null(doc, "with_own_count");
		return;
	}
	ids = eh_json_array();
	for (size_t i = 0; i < own.named; i++)
		eh_json_push_str(ids, own.id[i]);
	eh_json_set(doc, "with_own", ids);
	eh_json_int(doc, "with_own_count", (int64_t)own.n);
}

static struct eh_json *notification_json(const struct eh_notification *n)
{
	struct eh_json *j = eh_json_object(), *members = eh_json_array();
	char id[16], at[EH_TIME_TEXT];

	eh_notification_id(id, n->seq);
	eh_format_time(at, n->raised_at);
	eh_json_str(j, "notification", id);
	eh_json_str(j, "state", eh_notification_state_text(n->state));
	eh_json_int(j, "revision", n->revision);
	eh_json_str(j, "raised_at", at);
	eh_json_str(j, "policy", n->policy);
	eh_json_str(j, "policy_version", n->policy_version);
	eh_json_str(j, "policy_hash", n->policy_hash[0] != '\0' ? n->policy_hash : NULL);
	eh_json_str(j, "policy_state", eh_policy_state_text(n->policy_state));
	eh_json_bool(j, "systemic", n->systemic);
	eh_json_str(j, "evaluator", n->systemic ? NULL : n->finding.evaluator);
	eh_json_str(j, "attribute", n->finding.attribute);
	if (n->finding.own)
		eh_json_str(j, "subject", n->finding.subject[0] != '\0' ? n->finding.subject : NULL);
	eh_json_str(j, "pack", n->pack[0] != '\0' ? n->pack : NULL);
	cli_put_window(j, &n->window);
	eh_json_str(j, "position", n->finding.position[0] != '\0' ? n->finding.position : NULL);
	for (uint32_t i = 0; i < n->n_members; i++)
		eh_json_push_str(members, n->members[i]);
	eh_json_set(j, "evaluators", members);
	cli_put_with_own(j, n);
	eh_json_set(j, "finding", eh_json_finding(&n->finding));
	eh_json_int(j, "responses", n->responses);
	if (n->earlier != 0)
		eh_json_set(j, "earlier", earlier_json(n));
	else
		eh_json_null(j, "earlier");
	return j;
}

/* The policy's text and the settings of the run that raised it or saw it last; null where the run is not to be had. */
static void put_run(struct cli *c, struct eh_json *doc, const struct eh_notification *n)
{
	struct eh_audit_head *h = eh_xcalloc(1, sizeof *h);
	struct eh_json *run;

	eh_json_int(doc, "run", (int64_t)n->audit);
	if (eh_desk_audit_head(c->desk, n->audit, h, NULL) == EH_OK) {
		run = eh_json_object();
		cli_put_policy(run, h);
		cli_put_used(run, h);
		eh_json_set(doc, "audit", run);
	} else {
		eh_json_null(doc, "audit");
	}
	free(h);
}

static void print_run(struct cli *c, FILE *out, const struct eh_notification *n)
{
	struct eh_audit_head *h = eh_xcalloc(1, sizeof *h);

	if (eh_desk_audit_head(c->desk, n->audit, h, NULL) == EH_OK)
		cli_print_policy(out, h);
	else
		fprintf(out, "Policy text sha256 %s\n", n->policy_hash[0] != '\0' ? n->policy_hash : "unknown");
	free(h);
}

static void who_cell(struct cli_table *t, const struct eh_notification *n)
{
	char people[40];

	if (!words_by_members(n->n_members, n->finding.verdict)) {
		cli_evaluator_cell(t, &n->finding, n->systemic ? "(process)" : NULL);
		return;
	}
	(void)snprintf(people, sizeof people, "%u evaluator%s", n->n_members, words_s(n->n_members));
	cli_cell_both(t, people, "(process)");
}

static void number_cells(struct cli_table *t, const struct eh_notification *n)
{
	struct eh_finding shown = n->finding;

	if (words_by_members(n->n_members, n->finding.verdict))
		shown.ratio = shown.ratio_interval.low = shown.ratio_interval.high = shown.q =
			eh_undefined(EH_U_NOT_COMPUTED);
	cli_ratio_cell(t, &shown, 2);
	cli_cell_num(t, shown.ratio_interval.low, 2);
	cli_cell_num(t, shown.ratio_interval.high, 2);
	cli_cell_p(t, shown.q);
}

static int run_list(struct cli *c)
{
	struct eh_notification *v = NULL;
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t =
		cli_table_new("notification state evaluator~20 attribute/4 group~24 >ratio >low/5 >high/5 >q >days/3 "
			      "policy/1 basis/2 position");
	bool estimated = false;
	size_t n = 0;
	int rc = eh_desk_notifications(c->desk, &v, &n, &c->err);
	int status;

	eh_json_str(doc, "schema", "evenhand.notifications/1");
	for (size_t i = 0; i < n; i++) {
		char id[16];

		if (cli_has(c, "open") && v[i].state != EH_N_PENDING)
			continue;
		eh_notification_id(id, v[i].seq);
		eh_json_push(rows, notification_json(&v[i]));
		cli_cell(t, "%s", id);
		cli_cell(t, "%s", eh_notification_state_text(v[i].state));
		who_cell(t, &v[i]);
		cli_cell(t, "%s", v[i].finding.subject[0] != '\0' ? v[i].finding.subject : v[i].finding.attribute);
		cli_cell(t, "%s", v[i].finding.group);
		number_cells(t, &v[i]);
		estimated = estimated || (cli_is_estimate(&v[i].finding) &&
					  !words_by_members(v[i].n_members, v[i].finding.verdict));
		cli_cell(t, "%lld", (long long)((eh_now() - v[i].raised_at) / 86400));
		cli_cell(t, "%s %s", v[i].policy, v[i].policy_version);
		cli_cell(t, "%s", v[i].finding.basis == EH_BASIS_SCREENING ? "screening" : "known");
		cli_cell_both(t, "", v[i].finding.position);
	}
	eh_json_set(doc, "notifications", rows);
	status = cli_finish(c, rc, &doc, &t);
	cli_tell_estimates(c, status == 0 && estimated);
	eh_list_free(&v);
	return status;
}

static void print_people(struct cli *c, FILE *out, const struct eh_notification *n, const struct eh_finding *members,
			 size_t n_members, const struct eh_response *r, size_t n_r)
{
	char id[16], at[EH_TIME_TEXT], earlier[WORDS_EARLIER], standing[WORDS_STANDING], window[EH_WINDOW_WORDS];
	char *text = eh_desk_notification_text(c->desk, n, members, n_members);

	eh_notification_id(id, n->seq);
	eh_format_time(at, n->raised_at);
	fprintf(out, "%s  %s  raised %s by policy %s %s%s\n", id, eh_notification_state_text(n->state), at, n->policy,
		n->policy_version, words_standing(standing, n->policy_state));
	print_run(c, out, n);
	if (words_earlier(earlier, n)[0] != '\0')
		fprintf(out, "earlier: %s\n", earlier);
	if (n->pack[0] != '\0')
		fprintf(out, "rule pack: %s\n", n->pack);
	if (eh_window_words(window, &n->window)[0] != '\0')
		fprintf(out, "%s\n", window);
	if (n->systemic)
		fputs("Addressed to the process, not to one evaluator.\n", out);
	for (uint32_t i = 0; i < n->n_members; i++)
		fprintf(out, "%s%s%s", i == 0 ? "Evaluators: " : " ", n->members[i], i + 1 == n->n_members ? "\n" : "");
	fprintf(out, "\n%s", text);
	free(text);
	for (size_t i = 0; i < n_r; i++) {
		eh_format_time(at, r[i].at);
		fprintf(out, "\n%s  %s by %s\n  %s\n", at, eh_notification_state_text(r[i].to), r[i].actor.login,
			r[i].reason);
		for (uint32_t k = 0; k < r[i].n_actions; k++)
			fprintf(out, "  %u  %s%s%s%s%s\n", k + 1, r[i].actions[k].text,
				r[i].actions[k].owner[0] != '\0' ? "  owner " : "", r[i].actions[k].owner,
				r[i].actions[k].due[0] != '\0' ? "  by " : "", r[i].actions[k].due);
	}
}

static int run_show(struct cli *c)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *r = NULL;
	struct eh_finding *members = NULL;
	size_t n_r = 0, n_members = 0;
	uint64_t seq = 0;
	int rc = eh_notification_parse(&seq, c->argv[0], &c->err), status = 0;

	if (rc == EH_OK)
		rc = eh_desk_notification(c->desk, seq, n, &r, &n_r, &c->err);
	if (rc == EH_OK)
		rc = eh_desk_notification_members(c->desk, n, &members, &n_members, &c->err);
	if (rc != EH_OK) {
		status = cli_fail(c);
	} else if (c->format == CLI_JSON) {
		struct eh_json *doc = notification_json(n), *answers = eh_json_array(), *own = eh_json_array();

		eh_json_str(doc, "schema", "evenhand.notification/1");
		put_run(c, doc, n);
		for (size_t i = 0; i < n_r; i++)
			eh_json_push(answers, response_json(&r[i]));
		eh_json_set(doc, "answers", answers);
		for (size_t i = 0; i < n_members; i++)
			eh_json_push(own, eh_json_finding(&members[i]));
		eh_json_set(doc, "evaluators_findings", own);
		status = cli_put_json(c, &doc);
	} else {
		FILE *out = cli_pager_begin(c);

		print_people(c, out, n, members, n_members, r, n_r);
		cli_pager_end(out);
	}
	eh_list_free(&members);
	eh_list_free(&r);
	free(n);
	return status;
}

/* ---- answering ---- */

/* The reason from --reason, from a file ("-" = stdin), or from $VISUAL / $EDITOR on a terminal. */
static bool read_stream(FILE *f, char *out, size_t size)
{
	size_t n = fread(out, 1, size - 1, f);

	out[n] = '\0';
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == ' '))
		out[--n] = '\0';
	return !ferror(f) && fgetc(f) == EOF;
}

/* EH_EUSAGE: here is nobody to write it. */
static int from_editor(struct cli *c, char *out, size_t size)
{
	struct line l;
	bool cut = false;
	int rc;

	if (c->no_input || !isatty(STDIN_FILENO))
		return eh_err_set(&c->err, EH_EUSAGE, "there is no terminal");
	line_init(&l, size - 1, "");
	rc = editor_edit(&l, &cut, &c->err);
	if (rc == EH_OK && cut)
		rc = eh_err_set(&c->err, EH_ERANGE, "the reason is longer than %zu bytes; nothing was stored",
				size - 1);
	if (rc == EH_OK)
		rc = eh_text_copy(out, size, l.text, "the reason", &c->err);
	return rc;
}

static int reason_from_file(struct cli *c, const char *path, struct eh_response *r)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	FILE *f = standard ? stdin : fopen(path, "re");
	bool whole = false;
	int why = f == NULL ? errno : 0;

	if (f != NULL) {
		errno = 0;
		whole = read_stream(f, r->reason, sizeof r->reason);
		why = ferror(f) ? errno : 0;
		if (!standard)
			(void)fclose(f);
	}
	if (why != 0)
		return cli_error(c, EH_EIO, "%s: %s", name, strerror(why));
	if (!whole)
		return cli_error(c, EH_ERANGE, "%s: the reason is longer than %d bytes", name, EH_RESPONSE_REASON_MAX);
	return 0;
}

/* 0, or the exit status with the message printed. */
static int read_reason(struct cli *c, struct eh_response *r)
{
	const char *text = cli_opt(c, "reason"), *file = cli_opt(c, "reason-file");

	if (text != NULL && strcmp(text, "") != 0) {
		if (eh_text_copy(r->reason, sizeof r->reason, text, "the reason", &c->err) == EH_OK)
			return 0;
		return cli_error(c, EH_EUSAGE, "%s", c->err.msg);
	}
	if (file != NULL)
		return reason_from_file(c, file, r);
	switch (from_editor(c, r->reason, sizeof r->reason)) {
	case EH_OK:
		return 0;
	case EH_EUSAGE: case EH_EENV:
		return cli_error(c, EH_EUSAGE,
				 "a reason is required: --reason TEXT, --reason-file FILE, or $EDITOR on a terminal");
	default:
		return cli_fail(c);
	}
}

/* "text", "text;owner;2026-12-01" */
static int read_actions(struct cli *c, struct eh_response *r)
{
	const char *text;

	for (size_t i = 0; (text = cli_opt_nth(c, "action", i)) != NULL; i++) {
		char copy[EH_ACTION_TEXT_MAX + EH_ID_MAX + 32];
		char *owner, *due = NULL;
		struct eh_action *a = &r->actions[r->n_actions];

		if (i == EH_ACTIONS_MAX || strlen(text) >= sizeof copy)
			return cli_error(c, EH_EUSAGE, "at most %d actions of %d bytes", EH_ACTIONS_MAX,
					 EH_ACTION_TEXT_MAX);
		memcpy(copy, text, strlen(text) + 1);
		owner = strchr(copy, ';');
		if (owner != NULL)
			*owner++ = '\0';
		due = owner != NULL ? strchr(owner, ';') : NULL;
		if (due != NULL)
			*due++ = '\0';
		if (eh_text_copy(a->text, sizeof a->text, copy, "the action", &c->err) != EH_OK ||
		    eh_text_copy(a->owner, sizeof a->owner, owner != NULL ? owner : "", "the owner", &c->err) !=
			    EH_OK ||
		    eh_text_copy(a->due, sizeof a->due, due != NULL ? due : "", "the date", &c->err) != EH_OK)
			return cli_error(c, EH_EUSAGE, "%s", c->err.msg);
		r->n_actions++;
	}
	return 0;
}

static int put_answer(struct cli *c, const char *id, enum eh_notification_state to, bool dry)
{
	struct eh_json *doc = eh_json_object();

	eh_json_str(doc, "schema", "evenhand.answer/1");
	eh_json_str(doc, "notification", id);
	eh_json_str(doc, "answer", eh_notification_state_text(to));
	eh_json_bool(doc, "stored", !dry);
	return cli_put_json(c, &doc);
}

static int answer(struct cli *c, enum eh_notification_state to)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *r = eh_xcalloc(1, sizeof *r), *old = NULL;
	bool dry = cli_has(c, "dry-run");
	size_t n_old = 0;
	uint64_t seq = 0;
	char id[16];
	int status = 0;

	r->to = to;
	if (eh_notification_parse(&seq, c->argv[0], &c->err) != EH_OK ||
	    eh_desk_notification(c->desk, seq, n, &old, &n_old, &c->err) != EH_OK)
		status = cli_fail(c);
	if (status == 0)
		status = read_reason(c, r);
	if (status == 0)
		status = read_actions(c, r);
	if (status == 0 && (dry ? eh_desk_respond_check(c->desk, seq, n->revision, r, &c->err)
				: eh_desk_respond(c->desk, seq, n->revision, r, &c->err)) != EH_OK)
		status = cli_fail(c);
	eh_notification_id(id, seq);
	if (status == 0 && c->format == CLI_JSON)
		status = put_answer(c, id, to, dry);
	else if (status == 0)
		cli_say(c, "%s: %s, %s", id, eh_notification_state_text(to),
			dry ? "dry run, nothing stored" : "stored and in the journal");
	eh_list_free(&old);
	free(r);
	free(n);
	return status;
}

static int run_confirm(struct cli *c) { return answer(c, EH_N_CONFIRMED); }
static int run_reject(struct cli *c) { return answer(c, EH_N_REJECTED); }
static int run_act(struct cli *c) { return answer(c, EH_N_ACTIONS); }
static int run_close(struct cli *c) { return answer(c, EH_N_CLOSED); }

static const struct cli_flag list_flags[] = {
	{ "open", NULL, "only those that wait for an answer" },
	{ NULL, NULL, NULL }
};
#define REASON_FLAGS \
	{ "reason", "TEXT", "why; required, kept for ever" }, \
	{ "reason-file", "FILE", "the reason from a file, - for standard input (without either: $EDITOR)" }, \
	{ "dry-run", NULL, "ask whether the answer would be accepted; store nothing" }
static const struct cli_flag answer_flags[] = { REASON_FLAGS, { NULL, NULL, NULL } };
static const struct cli_flag act_flags[] = {
	REASON_FLAGS,
	{ "action", "TEXT;OWNER;DATE", "an action, repeatable; owner and date may be left out" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_notifications_list = {
	.name = "notifications list",
	.usage = "[--open]",
	.summary = "Lists the notifications",
	.help = "Example: evenhand notifications list --open\n\n"
		"What is addressed to the process stands first.  ratio, low, high: impact ratio and its 95 % "
		"interval; q: p after the correction for everything that was looked at; days: since it was "
		"raised.  A matter of the process that rests on findings of single evaluators, while all together "
		"are not below the limit, has \"N evaluators\" and no ratio: notifications show lists theirs.",
	.flags = list_flags,
	.max_args = 0,
	.wants_project = true,
	.run = run_list,
};
const struct cli_entry cli_notifications_show = {
	.name = "notifications show", .usage = "ID", .summary = "Shows one notification with its evidence and answers",
	.help = "Example: evenhand notifications show N0001\n\n"
		"One to the process tells, apart from the evaluators that it rests on, who stood out then and has a "
		"notification of his own: by p, of more than 20 the first.  --json has all ids (with_own) and their "
		"number (with_own_count); both are null where that was not stored.  The text of the policy, its state "
		"and hash, and the settings of the run that saw the matter last stand in front; in the document they "
		"are the object audit.",
	.min_args = 1, .max_args = 1, .output = CLI_DOCUMENT, .wants_project = true, .run = run_show,
};
const struct cli_entry cli_notifications_confirm = {
	.name = "notifications confirm",
	.usage = "ID --reason TEXT",
	.summary = "Answers: the finding stands",
	.help = "Example: evenhand notifications confirm N0001 --reason \"holds in both\"",
	.flags = answer_flags,
	.min_args = 1,
	.max_args = 1,
	.output = CLI_ACT,
	.wants_project = true,
	.run = run_confirm,
};
const struct cli_entry cli_notifications_reject = {
	.name = "notifications reject",
	.usage = "ID --reason TEXT",
	.summary = "Answers: the finding does not stand",
	.help = "Example: evenhand notifications reject N0001 --reason \"one panel twice\"\n\n"
		"The same matter is raised anew when a later audit finds it on other evidence.",
	.flags = answer_flags,
	.min_args = 1,
	.max_args = 1,
	.output = CLI_ACT,
	.wants_project = true,
	.run = run_reject,
};
const struct cli_entry cli_notifications_act = {
	.name = "notifications act",
	.usage = "ID --action TEXT;OWNER;DATE... --reason TEXT",
	.summary = "Answers with a list of actions",
	.help = "Example:\n"
		"  evenhand notifications act N0001 --reason \"open cases\" \\\n"
		"    --action \"second rater;mk;2026-12-01\"",
	.flags = act_flags,
	.min_args = 1,
	.max_args = 1,
	.output = CLI_ACT,
	.wants_project = true,
	.run = run_act,
};
const struct cli_entry cli_notifications_close = {
	.name = "notifications close", .usage = "ID --reason TEXT", .summary = "Closes an answered notification",
	.help = "Example: evenhand notifications close N0001 --reason \"agree since June\"\n\n"
		"What has no answer yet cannot be closed; what is closed takes no further answer.",
	.flags = answer_flags, .min_args = 1, .max_args = 1, .output = CLI_ACT, .wants_project = true, .run = run_close,
};

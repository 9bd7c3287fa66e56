/* evenhand mail: send, status. */
#include <stdlib.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "desk/mail.h"
#include "parts/words.h"

static int run_send(struct cli *c)
{
	struct eh_mail_report r;

	if (eh_desk_mail_send(c->desk, cli_has(c, "again"), &r, &c->err) != EH_OK)
		return cli_fail(c);
	if (r.trouble[0] != '\0')
		fprintf(stderr, "evenhand mail send: %s\n", r.trouble);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();
		int status;

		eh_json_str(doc, "schema", "evenhand.mail_send/1");
		eh_json_int(doc, "written", r.written);
		eh_json_int(doc, "sent", r.sent);
		eh_json_int(doc, "failed", r.failed);
		status = cli_put_json(c, &doc);
		return status == 0 && r.failed > 0 ? 1 : status;
	}
	cli_say(c, "%u letter%s written, %u handed over, %u failed", r.written, words_s(r.written), r.sent, r.failed);
	return r.failed > 0 ? 1 : 0;
}

static struct eh_json *mail_json(const struct eh_mail *m, const char *id, const char *at, const char *tried)
{
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "letter", id);
	eh_json_str(j, "at", at);
	eh_json_str(j, "role", m->role);
	eh_json_int(j, "notifications", m->notifications);
	eh_json_str(j, "state", eh_mail_state_text(m->state));
	eh_json_int(j, "tries", m->tries);
	eh_json_str(j, "tried_at", m->tried_at != 0 ? tried : NULL);
	eh_json_str(j, "error", m->error[0] != '\0' ? m->error : NULL);
	return j;
}

static int run_status(struct cli *c)
{
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("letter at role >notifications state >tries tried_at/2 error~");
	struct eh_mail *v = NULL;
	char problem[512];
	uint32_t waiting = 0;
	size_t n = 0;
	int rc = eh_desk_mail_status(c->desk, &v, &n, &waiting, problem, &c->err), status;

	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		char id[16], at[EH_TIME_TEXT], tried[EH_TIME_TEXT] = "";

		eh_mail_id(id, v[i].seq);
		eh_format_time(at, v[i].at);
		if (v[i].tried_at != 0)
			eh_format_time(tried, v[i].tried_at);
		eh_json_push(rows, mail_json(&v[i], id, at, tried));
		cli_cell(t, "%s", id);
		cli_cell(t, "%s", at);
		cli_cell(t, "%s", v[i].role);
		cli_cell(t, "%u", v[i].notifications);
		cli_cell(t, "%s", eh_mail_state_text(v[i].state));
		cli_cell(t, "%u", v[i].tries);
		cli_cell(t, "%s", tried);
		cli_cell(t, "%s", v[i].error);
	}
	if (rc == EH_OK) {
		cli_say(c, "%s", problem[0] != '\0' ? problem : "mail is on");
		cli_say(c, "%u pending notification%s without a letter%s", waiting, words_s(waiting),
			waiting == 0		? "" :
			problem[0] != '\0' ? ": once mail is on, evenhand mail send tells of them" :
					      ": evenhand mail send tells of them");
	}
	eh_json_str(doc, "schema", "evenhand.mail_status/1");
	eh_json_bool(doc, "on", problem[0] == '\0');
	eh_json_str(doc, "problem", problem[0] != '\0' ? problem : NULL);
	eh_json_int(doc, "waiting", waiting);
	eh_json_set(doc, "letters", rows);
	status = cli_finish(c, rc, &doc, &t);
	eh_list_free(&v);
	return status;
}

static const struct cli_flag send_flags[] = {
	{ "again", NULL, "also letters that were given up" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_mail_send = {
	.name = "mail send", .usage = "",
	.summary = "Writes letters about new notifications and hands them to sendmail",
	.help = "Example: evenhand mail send\n\n"
		"Mail is off until the project's directory has a file mail.conf, mode 0600:\n\n"
		"  sendmail = /usr/sbin/sendmail\n"
		"  from = evenhand@example.org\n"
		"  to.supervisor = a@example.org, b@example.org\n"
		"  after_audit = yes\n\n"
		"A letter holds the ids and the number of new notifications, and what the policy's on_notification() "
		"says; nobody's name.  An audit hands letters over by itself unless after_audit is no.  A letter that "
		"sendmail does not take stays in the project's spool and is tried again, eight times.\n\n"
		"Notifications raised while mail was off wait too: the first letters after it was switched on name "
		"those that are still pending, once.  What was answered meanwhile is in no letter.\n\n"
		"A letter is marked as sent when sendmail has taken it.  Where the machine stops between the two, it "
		"is handed over once more, with the same Message-ID, by which a mail system tells that it is the same "
		"letter: told twice is better than not at all, and a letter that was held back for somebody to look at "
		"would be a notification that nobody hears of.",
	.flags = send_flags, .output = CLI_ACT, .wants_project = true, .run = run_send,
};
const struct cli_entry cli_mail_status = {
	.name = "mail status", .usage = "",
	.summary = "Lists letters about notifications, and whether mail is on",
	.help = "Example: evenhand mail status --json",
	.wants_project = true, .run = run_status,
};

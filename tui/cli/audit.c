/* evenhand audit: runs policies on the project, raises notifications. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "desk/mail.h"
#include "desk/policies.h"
#include "parts/words.h"

#define PAIRS_MAX 8

bool cli_family_valid(const char *text)
{
	return strcmp(text, "bh") == 0 || strcmp(text, "holm") == 0 || strcmp(text, "by") == 0 ||
	       strcmp(text, "none") == 0;
}

bool cli_read_looks(struct cli *c, char looks[8])
{
	const char *text = cli_opt(c, "looks");

	if (text == NULL)
		return true;
	if (strcmp(text, "once") != 0 && strcmp(text, "anytime") != 0) {
		(void)cli_error(c, EH_EUSAGE, "--looks is once or anytime (growing data, looked at again and again), "
				"not '%s'", text);
		return false;
	}
	(void)snprintf(looks, 8, "%s", text);
	return true;
}

bool cli_read_overrides(struct cli *c, struct eh_audit_overrides *o)
{
	const char *family = cli_opt(c, "family");

	if (!cli_read_limit(c, &o->limit_num, &o->limit_den))
		return false;
	if (family != NULL && !cli_family_valid(family)) {
		(void)cli_error(c, EH_EUSAGE, "--family is bh, holm, by or none, not '%s'", family);
		return false;
	}
	if (family != NULL)
		(void)snprintf(o->family, sizeof o->family, "%s", family);
	if (!cli_read_looks(c, o->looks))
		return false;
	return cli_opt_i64(c, "min", 1, 1000000, &o->min_group);
}

bool cli_read_days(struct cli *c, struct eh_window *w)
{
	const char *from = cli_opt(c, "from"), *to = cli_opt(c, "to");
	struct eh_days days;

	/* longer ones are cut to what is no date either */
	(void)snprintf(w->from, sizeof w->from, "%s", from != NULL ? from : "");
	(void)snprintf(w->to, sizeof w->to, "%s", to != NULL ? to : "");
	if (from != NULL && eh_day_parse(&days.first, from, &c->err) != EH_OK) {
		(void)cli_error(c, EH_EUSAGE, "--from: %s", c->err.msg);
		return false;
	}
	if (to != NULL && eh_day_parse(&days.last, to, &c->err) != EH_OK) {
		(void)cli_error(c, EH_EUSAGE, "--to: %s", c->err.msg);
		return false;
	}
	if (eh_window_days(&days, w, &c->err) != EH_OK) {
		(void)cli_error(c, EH_EUSAGE, "%s", c->err.msg);
		return false;
	}
	return true;
}

static bool read_window(struct cli *c, struct eh_window *w)
{
	const char *text = cli_opt(c, "period");
	enum eh_period by = EH_NO_PERIOD;

	if (text != NULL && eh_period_parse(&by, text, &c->err) != EH_OK) {
		(void)cli_error(c, EH_EUSAGE, "--period: %s", c->err.msg);
		return false;
	}
	w->period = (uint8_t)by;
	return cli_read_days(c, w);
}

void cli_put_window(struct eh_json *doc, const struct eh_window *w)
{
	struct eh_json *j;

	if (eh_window_bounded(w)) {
		j = eh_json_object();
		eh_json_str(j, "from", w->from[0] != '\0' ? w->from : NULL);
		eh_json_str(j, "to", w->to[0] != '\0' ? w->to : NULL);
		eh_json_set(doc, "window", j);
	} else {
		eh_json_null(doc, "window");
	}
	eh_json_str(doc, "period", w->period != EH_NO_PERIOD ? eh_period_name((enum eh_period)w->period) : NULL);
}

static void say_window(const struct cli *c, const struct eh_audit_head *h)
{
	char words[EH_WINDOW_WORDS];

	cli_say(c, "%s", eh_window_words(words, &h->window));
	if (h->untimed > 0)
		cli_say(c, "note: %llu decision%s without a time %s", (unsigned long long)h->untimed,
			words_s(h->untimed), eh_window_bounded(&h->window) ? "left out" : "compared with each other");
}

static void say_result(const struct cli *c, const struct eh_audit_result *r, const char *broken, bool dry)
{
	const struct eh_audit_head *h = &r->head;

	if (broken != NULL)
		fprintf(stderr, "evenhand audit: POLICY ERROR: %s\n", broken);
	/* a warning, not talk: with --quiet too */
	if (r->shadows)
		fprintf(stderr,
			"evenhand audit: the policy %s comes from the project's own policies, not the shipped one "
			"of that name\n",
			r->policy.name);
	if (r->standing[0] != '\0')
		fprintf(stderr, "evenhand audit: policy %s: %s\n", r->policy.name, r->standing);
	if (r->pack[0] != '\0' && r->pack_state != EH_PACK_IN_FORCE)
		fprintf(stderr, "evenhand audit: policy %s: pack %s: its notifications are held back as watch\n",
			r->policy.name, r->pack);
	else if (r->pack[0] != '\0')
		cli_say(c, "pack %s", r->pack);
	if (r->upgraded[0] != '\0')
		fprintf(stderr, "evenhand audit: %s\n", r->upgraded);
	for (size_t i = 0; i < r->n_aside; i++)
		fprintf(stderr, "evenhand audit: the predicted classes of %s of %u candidate%s are not used: %s\n",
			r->aside[i].attribute, r->aside[i].candidates, words_s(r->aside[i].candidates),
			r->aside[i].why);
	cli_say(c, "%s %s: %u evaluator%s, %llu decision%s (%llu on hold left out), limit %d/%d, family %s of %u",
		h->policy, h->policy_version, h->evaluators, words_s(h->evaluators), (unsigned long long)h->decisions,
		words_s(h->decisions), (unsigned long long)h->holds, h->limit_num, h->limit_den, h->family_method,
		h->family_size);
	if (eh_window_dated(&h->window))
		say_window(c, h);
	if (r->note[0] != '\0')
		cli_say(c, "note: %s", r->note);
	if (h->anytime)
		cli_say(c, "look %u on these data; q corrects p-values that hold at any number of looks", h->look);
	else if (h->look > 1)
		cli_say(c, "look %u on these data; p is for one look: audit growing data with --looks anytime",
			h->look);
	cli_say(c, "%u notify, %u watch, %u too few, %u ok, %u other; %s%u notification%s raised, %u refreshed, "
		"%u answered before on the same evidence", h->notify, h->watch, h->too_few, h->ok, h->other,
		dry ? "dry run: " : "", r->raised, words_s(r->raised), r->refreshed, r->answered);
}

static struct eh_json *aside_json(const struct eh_audit_result *r)
{
	struct eh_json *rows = eh_json_array();

	for (size_t i = 0; i < r->n_aside; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "attribute", r->aside[i].attribute);
		eh_json_int(j, "candidates", r->aside[i].candidates);
		eh_json_str(j, "reason", r->aside[i].why);
		eh_json_push(rows, j);
	}
	return rows;
}

/* null: the policy is no rule pack. */
static void put_pack(struct eh_json *doc, const struct eh_audit_result *r)
{
	const struct eh_pack *p = &r->policy.pack;
	struct eh_json *j;

	if (r->pack[0] == '\0') {
		eh_json_null(doc, "pack");
		return;
	}
	j = eh_json_object();
	eh_json_str(j, "name", p->name);
	eh_json_str(j, "source", p->source);
	eh_json_str(j, "from", p->from);
	eh_json_str(j, "to", p->to[0] != '\0' ? p->to : NULL);
	eh_json_str(j, "note", p->note[0] != '\0' ? p->note : NULL);
	eh_json_str(j, "state", eh_pack_state_text(r->pack_state));
	eh_json_str(j, "text", r->pack);
	eh_json_set(doc, "pack", j);
}

/* One policy; *notified is raised when it asks for a response. */
static int audit_one(struct cli *c, const char *policy, struct eh_json *runs, bool *notified, bool *broken)
{
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	const char *pairs[PAIRS_MAX + 1] = { NULL };
	struct eh_audit_result *r;
	bool dry = cli_has(c, "dry-run");
	const char *error;
	int rc;

	if (!cli_read_overrides(c, &o) || !read_window(c, &o.window))
		return eh_status_exit(EH_EUSAGE);
	o.pairs = pairs;
	while (o.n_pairs < PAIRS_MAX && (pairs[o.n_pairs] = cli_opt_nth(c, "intersect", o.n_pairs)) != NULL)
		o.n_pairs++;
	r = eh_xcalloc(1, sizeof *r);
	rc = eh_desk_audit(c->desk, policy, &o, dry, cli_progress_begin(c), r, &c->err);
	cli_progress_end();
	if (rc != EH_OK) {
		free(r);
		return cli_fail(c);
	}
	error = r->policy_status != EH_OK ? r->policy_message : NULL;
	say_result(c, r, error, dry);
	*notified = *notified || r->head.notify > 0;
	*broken = *broken || error != NULL;
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_findings("evenhand.audit/1", eh_desk_dir(c->desk), r->head.decisions,
						       &r->policy.settings, r->findings.v, r->findings.n);

		eh_json_str(doc, "policy", r->head.policy);
		eh_json_str(doc, "policy_version", r->head.policy_version);
		eh_json_str(doc, "policy_hash", r->head.policy_hash);
		eh_json_str(doc, "policy_error", error);
		eh_json_str(doc, "policy_origin", eh_policy_origin_text(r->origin));
		eh_json_bool(doc, "policy_shadows", r->shadows);
		eh_json_str(doc, "policy_state", eh_policy_state_text(r->state));
		eh_json_str(doc, "policy_author", r->author[0] != '\0' ? r->author : NULL);
		eh_json_str(doc, "policy_approver", r->approver[0] != '\0' ? r->approver : NULL);
		eh_json_str(doc, "policy_standing", r->standing[0] != '\0' ? r->standing : NULL);
		eh_json_str(doc, "policy_upgraded", r->upgraded[0] != '\0' ? r->upgraded : NULL);
		eh_json_str(doc, "policy_text_author", r->policy.author[0] != '\0' ? r->policy.author : NULL);
		put_pack(doc, r);
		eh_json_set(doc, "own_findings", cli_own_json(r->own.v, r->own.n));
		cli_put_window(doc, &r->head.window);
		eh_json_int(doc, "without_time", (int64_t)r->head.untimed);
		eh_json_set(doc, "predicted_not_used", aside_json(r));
		eh_json_bool(doc, "dry_run", dry);
		eh_json_int(doc, "raised", r->raised);
		eh_json_int(doc, "refreshed", r->refreshed);
		eh_json_int(doc, "answered", r->answered);
		eh_json_int(doc, "run", (int64_t)r->head.seq);
		eh_json_push(runs, doc);
	} else {
		cli_findings_tables(c, r->findings.v, r->findings.n, r->own.v, r->own.n, NULL);
	}
	eh_audit_result_free(r);
	free(r);
	return 0;
}

/* What was named, else what the project has activated; caller frees v. */
static int choose(struct cli *c, eh_policy_spec **v, size_t *n)
{
	const char *named;

	*v = NULL;
	*n = 0;
	if (!cli_has(c, "policy"))
		return eh_desk_policies_active(c->desk, v, n, &c->err);
	while ((named = cli_opt_nth(c, "policy", *n)) != NULL)
		++*n;
	return EH_OK;
}

/* What goes wrong with mail is said, and is no failure of the audit: everything is in the project. */
static void tell_by_mail(struct cli *c)
{
	struct eh_mail_report r;
	struct eh_err why = EH_ERR_INIT;

	if (eh_desk_mail_after_audit(c->desk, &r, &why) != EH_OK)
		fprintf(stderr, "evenhand audit: mail: %s\n", why.msg);
	else if (r.trouble[0] != '\0')
		fprintf(stderr, "evenhand audit: mail: %s\n", r.trouble);
	if (r.written > 0)
		cli_say(c, "mail: %u letter%s written, %u handed over", r.written, words_s(r.written), r.sent);
}

static int run(struct cli *c)
{
	struct eh_json *doc, *runs;
	eh_policy_spec *active;
	bool notified = false, broken = false;
	size_t n;
	int status = 0;

	if (choose(c, &active, &n) != EH_OK)
		return cli_fail(c);
	doc = eh_json_object();
	runs = eh_json_array();
	eh_json_str(doc, "schema", "evenhand.audit_runs/1");
	for (size_t i = 0; i < n && status == 0; i++)
		status = audit_one(c, active != NULL ? active[i] : cli_opt_nth(c, "policy", i), runs, &notified,
				   &broken);
	if (!cli_has(c, "dry-run"))
		tell_by_mail(c);
	eh_list_free(&active);
	eh_json_set(doc, "runs", runs);
	if (status == 0 && c->format == CLI_JSON)
		status = cli_put_json(c, &doc);
	eh_json_free(&doc);
	if (status == 0 && broken)
		status = 1;
	if (status == 0 && notified && cli_has(c, "exit-code"))
		status = 10;
	return status;
}

static const struct cli_flag flags[] = {
	{ "policy", "NAME|FILE", "policy to run, repeatable (default: what is active, see policy list)" },
	{ "dry-run", NULL, "compute and print, store nothing, raise nothing" },
	{ "limit", "4/5", "another limit than the policy's" },
	{ "min", "N", "another minimum of persons per group than the policy's" },
	{ "family", "METHOD", "another correction than the policy's: bh, holm, by, none" },
	{ "looks", "HOW", "once, or anytime: p-values that hold however often growing data are audited" },
	{ "intersect", "A,B", "a further attribute whose groups are the pairs of A's and B's, repeatable" },
	{ "from", "DATE", "only decisions from this day on (UTC), such as 2026-01-01" },
	{ "to", "DATE", "only decisions until this day, which is inside" },
	{ "period", "WHICH", "compare within each year, quarter or month, as within positions and stages" },
	{ "exit-code", NULL, "exit with 10 when a finding is notified" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_audit = {
	.name = "audit",
	.usage = "[--policy NAME|FILE]...",
	.summary = "Compares every evaluator's selection rates and raises notifications",
	.help = "Example: evenhand audit --exit-code\n\n"
		"For every evaluator, attribute and group: selection rate, impact ratio against the evaluator's "
		"own rest (Mantel-Haenszel over positions, stages and questions), interval, candidate-clustered "
		"p, correction for all that was looked at, comparison with the other evaluators.  The policy "
		"decides what is notified.  A policy that fails is shown as policy_error and the command exits "
		"with 1.\n\n"
		"Without --policy the texts run that the project has activated (evenhand policy list), as they were "
		"approved, and evaluator_screen as it comes with the program until another text of it is.  With "
		"--policy the file runs as it is now; what is not activated is called so in run, journal and "
		"notification.  NAME@HASH runs a kept version again.\n\n"
		"A matter that was rejected or closed is raised anew only on other evidence; on the same it is "
		"counted as answered.\n\n"
		"With --from and --to the audit is one of those days; run, journal and notification say so.  Decisions "
		"without a time are left out then, and counted; with --period alone they are compared with each "
		"other.  A notification of the same evaluator, attribute and group stays one matter whatever days "
		"it was seen in.\n\n"
		"Classes predicted by a model that contains a withdrawn consent are not used: the run says so, and "
		"its candidates count as unknown until the model is made anew.",
	.flags = flags,
	.max_args = 0,
	.wants_project = true,
	.run = run,
};

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

static void say_overridden(const struct cli *c, const struct eh_audit_head *h)
{
	const unsigned bits = eh_head_overridden(h);
	char text[120] = "";
	size_t len = 0;

	for (unsigned i = 0; i < EH_HEAD_SETTINGS && len < sizeof text; i++)
		if ((bits & 1u << i) != 0)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len > 0 ? ", " : "",
						eh_head_setting_text((enum eh_head_setting)i));
	if (len > 0)
		cli_say(c, "not the policy's own: %s", text);
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
	else if (r->namesake)
		fprintf(stderr,
			"evenhand audit: the policy %s is %s, not the text of that name that comes with the program\n",
			r->policy.name, r->policy.path);
	if (r->nothing[0] != '\0') {
		fprintf(stderr, "evenhand audit: policy %s: %s\n", r->policy.name, r->nothing);
		return;
	}
	if (r->standing[0] != '\0')
		fprintf(stderr, "evenhand audit: policy %s: %s\n", r->policy.name, r->standing);
	cli_say_pack(c, r);
	if (r->upgraded[0] != '\0')
		fprintf(stderr, "evenhand audit: %s\n", r->upgraded);
	for (size_t i = 0; i < r->n_missing; i++)
		cli_say(c, "note: policy %s looks at %s too, of which no two groups are known here", r->policy.name,
			r->missing[i]);
	for (size_t i = 0; i < r->n_aside; i++)
		fprintf(stderr, "evenhand audit: the predicted classes of %s of %u candidate%s are not used: %s\n",
			r->aside[i].attribute, r->aside[i].candidates, words_s(r->aside[i].candidates),
			r->aside[i].why);
	cli_say(c, "%s %s: %u evaluator%s, %llu decision%s (%llu on hold left out), limit %d/%d, family %s of %u",
		h->policy, h->policy_version, h->evaluators, words_s(h->evaluators), (unsigned long long)h->decisions,
		words_s(h->decisions), (unsigned long long)h->holds, h->limit_num, h->limit_den, h->family_method,
		h->family_size);
	say_overridden(c, h);
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

static void put_names(struct eh_json *doc, const char *key, const eh_name *v, size_t n)
{
	struct eh_json *names = eh_json_array();

	for (size_t i = 0; i < n; i++)
		eh_json_push_str(names, v[i]);
	eh_json_set(doc, key, names);
}

static struct eh_json *run_json(const struct cli *c, const struct eh_audit_result *r, const char *error, bool dry)
{
	struct eh_json *doc = eh_json_findings("evenhand.audit/1", eh_desk_dir(c->desk), r->head.decisions,
					       &r->policy.settings, r->findings.v, r->findings.n);

	cli_put_policy(doc, &r->head);
	eh_json_str(doc, "policy_error", error);
	eh_json_str(doc, "nothing_to_look_at", r->nothing[0] != '\0' ? r->nothing : NULL);
	put_names(doc, "attributes_missing", r->missing, r->n_missing);
	eh_json_str(doc, "policy_origin", eh_policy_origin_text(r->origin));
	eh_json_bool(doc, "policy_shadows", r->shadows);
	eh_json_bool(doc, "policy_namesake", r->namesake);
	eh_json_str(doc, "policy_standing", r->standing[0] != '\0' ? r->standing : NULL);
	eh_json_str(doc, "policy_upgraded", r->upgraded[0] != '\0' ? r->upgraded : NULL);
	cli_put_pack(doc, r);
	eh_json_str(doc, "loosened", r->loosened[0] != '\0' ? r->loosened : NULL);
	eh_json_set(doc, "own_findings", cli_own_json(r->own.v, r->own.n));
	cli_put_window(doc, &r->head.window);
	eh_json_int(doc, "without_time", (int64_t)r->head.untimed);
	eh_json_set(doc, "predicted_not_used", aside_json(r));
	eh_json_bool(doc, "dry_run", dry);
	eh_json_int(doc, "raised", r->raised);
	eh_json_int(doc, "refreshed", r->refreshed);
	eh_json_int(doc, "answered", r->answered);
	if (r->nothing[0] != '\0')
		eh_json_null(doc, "run");
	else
		eh_json_int(doc, "run", (int64_t)r->head.seq);
	return doc;
}

/* Below the table: what a name alone would hide. */
static void print_standing(const struct cli *c, const struct eh_audit_result *r)
{
	char standing[WORDS_STANDING];

	if (c->format != CLI_TABLE)
		return;
	if (words_standing(standing, r->state)[0] != '\0')
		printf("policy %s %s%s\n", r->policy.name, r->policy.version, standing);
	if (r->namesake)
		printf("policy %s here is %s, not the text of that name that comes with the program\n",
		       r->policy.name, r->policy.path);
}

/* All policies of one command. */
struct runs {
	struct eh_audit_overrides o;
	const char *pairs[PAIRS_MAX + 1];
	bool dry;
	struct eh_json *runs, *failed;
	size_t looked;                  /* policies that judged something, or failed to */
	bool notified, broken;
	int status;                     /* of the first policy that had no run, 0 = none */
};

static void tell(struct cli *c, struct runs *x, const struct eh_audit_result *r)
{
	const char *error = r->policy_status != EH_OK ? r->policy_message : NULL;

	say_result(c, r, error, x->dry);
	if (c->format == CLI_JSON) {
		eh_json_push(x->runs, run_json(c, r, error, x->dry));
	} else if (r->nothing[0] == '\0') {
		cli_findings_tables(c, r->findings.v, r->findings.n, r->own.v, r->own.n, NULL);
		print_standing(c, r);
	}
	x->looked += r->nothing[0] == '\0';
	x->notified = x->notified || r->head.notify > 0;
	x->broken = x->broken || error != NULL;
}

/* Is what went wrong this policy's, so that others go on? */
static bool is_its_own(int code)
{
	return code == EH_EINVAL || code == EH_ERANGE || code == EH_EUSAGE || code == EH_EPOLICY || code == EH_EWORKER;
}

/* false: the next policy would fare alike. */
static bool audit_one(struct cli *c, const char *policy, struct runs *x)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_json *j;
	int rc = eh_desk_audit(c->desk, policy, &x->o, x->dry, cli_progress_begin(c), r, &c->err), status;

	cli_progress_end();
	if (rc == EH_OK) {
		tell(c, x, r);
		eh_audit_result_free(r);
	} else {
		status = cli_fail(c);
		x->status = x->status != 0 ? x->status : status;
		j = eh_json_object();
		eh_json_str(j, "policy", policy);
		eh_json_str(j, "error", c->err.msg);
		eh_json_push(x->failed, j);
	}
	free(r);
	return rc == EH_OK || is_its_own(rc);
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

/* false: message printed. */
static bool read_options(struct cli *c, struct runs *x)
{
	static const struct eh_audit_overrides none = EH_AUDIT_OVERRIDES_INIT;

	x->o = none;
	x->dry = cli_has(c, "dry-run");
	if (!cli_read_overrides(c, &x->o) || !read_window(c, &x->o.window))
		return false;
	x->o.pairs = x->pairs;
	while (x->o.n_pairs < PAIRS_MAX && (x->pairs[x->o.n_pairs] = cli_opt_nth(c, "intersect", x->o.n_pairs)) != NULL)
		x->o.n_pairs++;
	x->o.reason = cli_opt(c, "reason");
	return true;
}

/* Names and reasons are asked for before the first policy runs, so that a slip of the pen stores nothing. */
static int ask(struct cli *c, const struct runs *x, eh_policy_spec *active, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (eh_desk_audit_asked(c->desk, active != NULL ? active[i] : cli_opt_nth(c, "policy", i), &x->o,
					x->dry, &c->err) != EH_OK)
			return cli_fail(c);
	return 0;
}

static int finish(struct cli *c, struct runs *x)
{
	struct eh_json *doc = eh_json_object();
	int status = x->status;

	eh_json_str(doc, "schema", "evenhand.audit_runs/1");
	eh_json_set(doc, "runs", x->runs);
	eh_json_set(doc, "failed", x->failed);
	if (c->format == CLI_JSON) {
		int put = cli_put_json(c, &doc);

		status = status != 0 ? status : put;
	}
	eh_json_free(&doc);
	if (status == 0 && x->looked == 0)
		status = cli_error(c, EH_FAIL, "no policy had anything to look at");
	if (status == 0 && x->broken)
		status = 1;
	if (status == 0 && x->notified && cli_has(c, "exit-code"))
		status = 10;
	return status;
}

static int run(struct cli *c)
{
	struct runs x = { .status = 0 };
	eh_policy_spec *active;
	size_t n;
	int status;

	if (!read_options(c, &x))
		return eh_status_exit(EH_EUSAGE);
	if (choose(c, &active, &n) != EH_OK)
		return cli_fail(c);
	status = ask(c, &x, active, n);
	if (status == 0) {
		x.runs = eh_json_array();
		x.failed = eh_json_array();
		for (size_t i = 0; i < n; i++)
			if (!audit_one(c, active != NULL ? active[i] : cli_opt_nth(c, "policy", i), &x))
				break;
		if (!x.dry)
			tell_by_mail(c);
		status = finish(c, &x);
	}
	eh_list_free(&active);
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
	{ "reason", "TEXT", "why an active or shipped policy is loosened; the journal keeps it" },
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
		"with 1; one that looks only at attributes of which nothing is known here has nothing to look at, "
		"which journal and document say too (exit status 1 when no policy looked at anything).  The others go "
		"on either way.\n\n"
		"Another limit, minimum or correction that lets through what an active or shipped policy notifies "
		"about needs a --reason; journal, run and notification name what was overridden.\n\n"
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

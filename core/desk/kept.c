/* One audit, from the policy to the verdicts, and the same kept open; see desk.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/again.h"
#include "base/clock.h"
#include "base/mem.h"
#include "desk/counted.h"
#include "desk/project_facts.h"

/* How the policy stood before it judged: what a judgment says is put over it. */
struct trouble {
	int status;
	char message[sizeof(((struct eh_audit_result *)NULL)->policy_message)];
};

struct eh_open_audit {
	struct eh_desk *desk;
	struct eh_policy *policy;
	struct trouble loaded, asked; /* after loading, after its gate */
	struct eh_audit_settings own; /* the policy's */
	struct eh_audit_settings s;   /* in use */
	struct eh_audit_overrides o;
	char **pairs;		  /* [o.n_pairs] */
	char *reason;		  /* o.reason */
	bool keep;		  /* it will be refreshed or asked again */
	bool whole;		  /* there is a result, and what it was made of */
	struct eh_audit_result r; /* findings: its own, or those of kept */
	/* what was gathered */
	struct eh_audit_data data;
	bool *closed;		   /* [attributes] */
	bool has_project;	   /* the policy looks at it */
	struct eh_project project;
	struct eh_counted counted; /* without words: not made of counts */
	struct eh_kept *kept;	   /* NULL: of an audit that is not kept */
	uint64_t untimed;	   /* struct eh_audit_head */
	uint64_t counts;	   /* version of the cubes, 0 = not known */
	uint64_t commits, entries; /* of the store and the journal before that */
	int64_t since, until;	   /* [s] gathered at; from when on time alone makes other data or facts of it */
};

static double since(double *t)
{
	double before = *t;

	*t = eh_monotonic();
	return *t - before;
}

/* ---- what was gathered ---- */

static void forget(struct eh_open_audit *a)
{
	if (a->kept != NULL)
		a->r.findings = (struct eh_findings){ NULL, 0 };
	else
		eh_findings_free(&a->r.findings);
	eh_kept_free(&a->kept);
	eh_counted_free(&a->counted);
	eh_audit_data_free(&a->data);
	eh_project_free(&a->project);
	a->has_project = false;
	eh_findings_free(&a->r.own);
	free(a->closed);
	a->closed = NULL;
	a->whole = false;
}

/* A dry run looks too, but nobody can count it afterwards: it has the number that a stored one would have now. */
static int find_look(struct eh_open_audit *a, struct eh_txn *txn, uint64_t counts, uint32_t *look, struct eh_err *err)
{
	/* whatever changes outside of the days changes the counts too: the number of decisions has to tell there */
	a->counts = eh_window_bounded(&a->o.window) ? 0 : counts;
	counts = a->counts;
	return eh_audit_look(txn, &a->o.window, eh_audit_data_total(&a->data), counts, look, err);
}

/* Which state of the project is gathered next, at the latest. */
static int note_state(struct eh_open_audit *a, uint64_t *counts, struct eh_err *err)
{
	struct eh_cubes_state state = { .current = false };
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, a->desk->store, false, err);

	a->since = eh_now();
	if (rc == EH_OK)
		rc = eh_cubes_state(txn, &state, err);
	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_JOURNAL, &a->entries, err);
	eh_txn_abort(&txn);
	a->commits = rc == EH_OK ? eh_store_version(a->desk->store) : 0;
	*counts = state.current ? state.version : 0;
	return rc;
}

/* For counts by jurisdiction; those who stand side by side are mostly of one. */
static void name_places(struct eh_audit_data *d, const eh_place *places)
{
	struct eh_name_builder *names = eh_names_new();
	uint32_t *map = NULL, at = 0;

	d->place = eh_xcalloc(d->candidates.n + 1, sizeof *d->place);
	for (size_t i = 0; i < d->candidates.n; i++) {
		if (i == 0 || strcmp(places[i], places[i - 1]) != 0)
			at = eh_names_add(names, places[i]);
		d->place[i] = at;
	}
	eh_names_finish(&names, &d->places, &map);
	for (size_t i = 0; i < d->candidates.n; i++)
		d->place[i] = map[d->place[i]];
	free(map);
}

/* The stored counts keep no times: who asks for one gets the evaluations. */
static int gather_data(struct eh_open_audit *a, eh_place **places, struct eh_err *err)
{
	const struct eh_wanted_rows dated = { .window = a->o.window };

	a->untimed = 0;
	if (eh_window_dated(&a->o.window))
		return eh_desk_gather_rows(a->desk, &dated, &a->data, places, &a->untimed, err);
	return eh_desk_gather_counted(a->desk, &a->data, places, a->keep ? &a->counted : NULL, err);
}

static int gather(struct eh_open_audit *a, eh_place **places, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	uint64_t counts = 0;
	int rc = note_state(a, &counts, err);

	if (rc == EH_OK)
		rc = gather_data(a, places, err);
	if (rc != EH_OK)
		return rc;
	if (a->r.policy.wants_places)
		name_places(&a->data, *places);
	eh_desk_look_for_attributes(&a->r, &a->data);
	eh_desk_keep_attributes(&a->data, &a->r.policy);
	if (a->r.nothing[0] != '\0')
		return EH_OK;
	rc = eh_txn_begin(&txn, a->desk->store, false, err);
	if (rc == EH_OK)
		rc = find_look(a, txn,
			       a->counted.words != NULL ? a->counted.version :
			       a->counted.rowed != NULL ? a->counted.rowed->version :
							  counts,
			       &a->s.look, err);
	eh_txn_abort(&txn);
	return rc;
}

static void note_trouble(struct trouble *t, const struct eh_audit_result *r)
{
	t->status = r->policy_status;
	memcpy(t->message, r->policy_message, sizeof t->message);
}

static void put_trouble(struct eh_audit_result *r, const struct trouble *t)
{
	r->policy_status = t->status;
	memcpy(r->policy_message, t->message, sizeof t->message);
}

/* Predicted classes, and a policy's facts about the project, end with the time a consent is given for; dated rules and
 * facts change with the day. */
static int note_until(struct eh_open_audit *a, struct eh_err *err)
{
	const int64_t day = eh_desk_next_day(a->since);
	struct eh_txn *txn = NULL;
	uint64_t posteriors = 0;
	int rc = eh_txn_begin(&txn, a->desk->store, false, err);

	a->until = INT64_MAX;
	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_POSTERIORS, &posteriors, err);
	if (rc == EH_OK && (posteriors > 0 || a->has_project))
		rc = eh_desk_due(a->desk, txn, a->since, &a->until, err);
	eh_txn_abort(&txn);
	if ((a->has_project || a->r.policy.pack.name[0] != '\0') && day < a->until)
		a->until = day;
	return rc;
}

static int prepare(struct eh_open_audit *a, struct eh_err *err)
{
	eh_place *places = NULL;
	int rc = gather(a, &places, err);

	put_trouble(&a->r, &a->loaded);
	a->r.note[0] = '\0';
	if (rc != EH_OK || a->r.nothing[0] != '\0') {
		free(places);
		return rc;
	}
	if (a->r.policy.wants_project) {
		rc = eh_desk_project_facts(a->desk, &a->project, err);
		a->has_project = rc == EH_OK;
	}
	if (rc == EH_OK)
		rc = note_until(a, err);
	if (rc == EH_OK) {
		eh_store_suspend(a->desk->store);
		a->closed = eh_xcalloc(a->data.n_attributes, sizeof *a->closed);
		eh_desk_ask_gate(a->desk, a->policy, &a->data, places, a->closed, &a->r);
		rc = eh_desk_intersect(&a->data, &a->o, &a->closed, &a->r, err);
	}
	note_trouble(&a->asked, &a->r);
	free(places);
	return rc;
}

/* Pairs of classes beyond the most groups are left out by their numbers of persons, which changes change. */
static bool few_groups(const struct eh_open_audit *a)
{
	for (size_t i = 0; i < a->data.n_attributes; i++)
		if (a->data.attributes[i].n_groups == EH_GROUPS_MAX)
			return false;
	return true;
}

/* Can changes be taken in?  Of counts those that are read again; of evaluations those of who is named by his counts. */
static bool is_counted(const struct eh_open_audit *a) { return a->counted.words != NULL && few_groups(a); }

static bool is_rowed(const struct eh_open_audit *a) { return a->counted.rowed != NULL && few_groups(a); }

static bool is_followed(const struct eh_open_audit *a) { return is_counted(a) || is_rowed(a); }

/* ---- statistics and verdicts ---- */

/* Of another state of the data than before, or with other settings; EH_EINVAL leaves the findings. */
static int compute(struct eh_open_audit *a, const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_findings f = { NULL, 0 };
	int rc;

	if (a->kept != NULL) {
		rc = eh_kept_again(a->kept, &a->s, err);
	} else if (a->keep) {
		rc = eh_kept_new(&a->kept, &a->data, &a->s, progress, err);
	} else {
		rc = eh_audit_run(&f, &a->data, &a->s, progress, err);
		if (rc == EH_OK) {
			eh_findings_free(&a->r.findings);
			a->r.findings = f;
		}
		return rc;
	}
	if (rc == EH_OK)
		a->r.findings = eh_kept_findings(a->kept);
	return rc;
}

/* Of a text that did not load nobody knows the settings. */
static void fill_head(struct eh_open_audit *a)
{
	memset(&a->r.head, 0, sizeof a->r.head);
	eh_desk_fill_head(&a->r, &a->data, &a->s);
	if (a->policy != NULL)
		eh_desk_text_settings(&a->r.head.text, &a->own);
}

static void judge(struct eh_open_audit *a)
{
	struct eh_audit_result *r = &a->r;

	put_trouble(r, &a->asked);
	eh_store_suspend(a->desk->store); /* the policy's worker is forked */
	eh_desk_judge_all(a->desk->engine, a->policy, &a->data, a->has_project ? &a->project : NULL, &r->findings,
			  &a->s, r);
	eh_desk_mark_closed(&r->findings, &a->data, a->closed);
	eh_desk_mark_closed(&r->own, &a->data, a->closed);
	eh_desk_refuse_predicted(r, &a->data);
	eh_desk_apply_pack(r);
	eh_desk_count_errors(r, &r->findings);
	r->policy.settings = a->s;
	fill_head(a);
	r->head.counts = a->counts;
	r->head.window = a->o.window;
	r->head.untimed = a->untimed;
	eh_desk_note_aside(r, &a->data);
}

static int make(struct eh_open_audit *a, const struct eh_progress *progress, struct eh_refresh *how, struct eh_err *err)
{
	double t = eh_monotonic();
	int rc;

	forget(a);
	rc = prepare(a, err);
	how->reading = since(&t);
	if (rc == EH_OK && a->r.nothing[0] != '\0') {
		eh_desk_apply_pack(&a->r);
		a->r.policy.settings = a->s;
		fill_head(a);
		a->r.head.seconds = eh_undefined(EH_U_NOT_COMPUTED);
		/* a screen has nothing to show of it */
		if (a->keep)
			rc = eh_err_set(err, EH_EINVAL, "policy %s: %s", a->r.policy.name, a->r.nothing);
	} else if (rc == EH_OK) {
		rc = compute(a, progress, err);
		how->statistics = since(&t);
		if (rc == EH_OK)
			judge(a);
	}
	how->policy = since(&t);
	a->whole = rc == EH_OK;
	if (rc != EH_OK)
		forget(a);
	return rc;
}

/* ---- opening ---- */

static void set_overrides(struct eh_open_audit *a, const struct eh_audit_overrides *o)
{
	static const struct eh_audit_overrides none = EH_AUDIT_OVERRIDES_INIT;

	a->o = o != NULL ? *o : none;
	a->pairs = eh_xcalloc(a->o.n_pairs + 1, sizeof *a->pairs);
	for (size_t i = 0; i < a->o.n_pairs; i++)
		a->pairs[i] = eh_xstrdup(o->pairs[i]);
	a->o.pairs = (const char *const *)a->pairs;
	a->reason = a->o.reason != NULL ? eh_xstrdup(a->o.reason) : NULL;
	a->o.reason = a->reason;
}

/* stored: it will be, so that a missing reason is told before anything is computed. */
static int open_audit(struct eh_open_audit **out, struct eh_desk *d, const char *policy,
		      const struct eh_audit_overrides *o, bool keep, bool stored, const struct eh_progress *progress,
		      struct eh_err *err)
{
	struct eh_open_audit *a = eh_xcalloc(1, sizeof *a);
	struct eh_refresh how;
	int rc;

	a->desk = d;
	a->keep = keep;
	set_overrides(a, o);
	eh_store_suspend(d->store); /* loading a policy forks a worker */
	rc = eh_desk_load_policy(d, policy, &a->policy, &a->r, err);
	note_trouble(&a->loaded, &a->r);
	a->own = a->s = a->r.policy.settings;
	eh_desk_override(&a->s, &a->o);
	if (rc == EH_OK)
		rc = eh_desk_ask_reason(&a->r, &a->own, &a->s, &a->o, stored, err);
	if (rc == EH_OK)
		rc = make(a, progress, &how, err);
	if (rc != EH_OK)
		eh_desk_audit_close(&a);
	*out = a;
	return rc;
}

int eh_desk_audit_open(struct eh_open_audit **out, struct eh_desk *d, const char *policy,
		       const struct eh_audit_overrides *o, const struct eh_progress *progress, struct eh_err *err)
{
	return open_audit(out, d, policy, o, true, false, progress, err);
}

void eh_desk_audit_close(struct eh_open_audit **audit)
{
	struct eh_open_audit *a = audit != NULL ? *audit : NULL;

	if (a == NULL)
		return;
	forget(a);
	if (a->policy != NULL)
		a->desk->engine->free(&a->policy);
	for (size_t i = 0; i < a->o.n_pairs; i++)
		free(a->pairs[i]);
	free(a->pairs);
	free(a->reason);
	free(a);
	*audit = NULL;
}

const struct eh_audit_result *eh_desk_audit_result(const struct eh_open_audit *a) { return &a->r; }

int eh_desk_audit_store(struct eh_open_audit *a, struct eh_err *err)
{
	int rc;

	if (!a->whole)
		return eh_err_set(err, EH_EINVAL, "there is no audit to store: the last one failed");
	rc = eh_desk_ask_reason(&a->r, &a->own, &a->s, &a->o, true, err);
	if (rc != EH_OK)
		return rc;
	memcpy(a->r.head.reason, a->r.reason, sizeof a->r.head.reason);
	a->r.raised = a->r.refreshed = a->r.answered = 0;
	return eh_desk_store_run(a->desk, &a->r, &a->data, err);
}

int eh_desk_audit(struct eh_desk *d, const char *policy, const struct eh_audit_overrides *o, bool dry_run,
		  const struct eh_progress *progress, struct eh_audit_result *out, struct eh_err *err)
{
	struct eh_open_audit *a = NULL;
	int rc = open_audit(&a, d, policy, o, false, !dry_run, progress, err);

	memset(out, 0, sizeof *out);
	if (rc == EH_OK && !dry_run)
		rc = eh_desk_audit_store(a, err);
	if (rc == EH_OK) {
		*out = a->r;
		a->r.findings = a->r.own = (struct eh_findings){ NULL, 0 };
	}
	eh_desk_audit_close(&a);
	return rc;
}

/* ---- bringing in what changed ---- */

/* Did anybody commit? */
static int look_for_commits(struct eh_open_audit *a, bool *changed, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	uint64_t entries = 0;
	int rc = eh_txn_begin(&txn, a->desk->store, false, err);

	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_JOURNAL, &entries, err);
	eh_txn_abort(&txn);
	*changed = rc == EH_OK && (entries != a->entries || eh_store_version(a->desk->store) != a->commits);
	return rc;
}

/* What cannot be counted in; why "" = nothing. */
static int look_for_other(struct eh_open_audit *a, struct eh_refresh *how, struct eh_err *err)
{
	bool changed = false;
	int rc = EH_OK;

	if (eh_now() >= a->until || eh_now() < a->since) {
		(void)snprintf(how->why, sizeof how->why,
			       "a consent, the term of a release or a day has ended or begun");
		return EH_OK;
	}
	if (is_followed(a) && !a->has_project)
		return EH_OK;
	rc = look_for_commits(a, &changed, err);
	if (changed)
		(void)snprintf(how->why, sizeof how->why, "the project changed, and %s",
			       is_followed(a) ? "the policy looks at how it is run"
					      : "this audit rests on evaluations, not on counts");
	return rc;
}

static int replace(void *ctx, uint32_t evaluator, const struct eh_kind_now *v, size_t n, struct eh_score_kinds *scored,
		   bool *changed, struct eh_err *err)
{
	struct eh_open_audit *a = ctx;

	return eh_kept_replace(a->kept, evaluator, v, n, scored, changed, err);
}

static int replace_rows(void *ctx, uint32_t evaluator, const struct eh_rows_now *now, struct eh_err *err)
{
	struct eh_open_audit *a = ctx;

	return eh_kept_replace_rows(a->kept, evaluator, now, err);
}

/* The state that was looked at; *changed is set where it is another number of holds, or another look. */
static int take_state(struct eh_open_audit *a, struct eh_txn *txn, uint64_t version, uint64_t holds, bool *changed,
		      struct eh_err *err)
{
	const uint64_t before = a->data.holds;
	uint32_t look = a->s.look;
	int rc;

	a->data.holds = holds;
	rc = find_look(a, txn, version, &look, err);
	*changed = *changed || holds != before || look != a->s.look;
	a->s.look = look;
	a->r.head.counts = a->counts;
	return rc;
}

/* how->why "" = everything that changed is counted in; *changed = the findings are not those of it any more. */
static int look_at_counts(struct eh_open_audit *a, bool *changed, struct eh_refresh *how, struct eh_err *err)
{
	struct eh_count_changes changes = { .replace = replace, .ctx = a };
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, a->desk->store, false, err);

	if (rc == EH_OK)
		rc = eh_counted_changes(&a->counted, txn, &changes, err);
	(void)snprintf(how->why, sizeof how->why, "%s", changes.why);
	if (rc == EH_OK && how->why[0] == '\0') {
		how->evaluators = changes.evaluators;
		*changed = changes.changed;
		rc = take_state(a, txn, changes.version, changes.holds, changed, err);
	}
	eh_txn_abort(&txn);
	return rc;
}

/* The same where the data are evaluations. */
static int look_at_rows(struct eh_open_audit *a, bool *changed, struct eh_refresh *how, struct eh_err *err)
{
	struct eh_row_changes changes = { .replace = replace_rows, .ctx = a };
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, a->desk->store, false, err);

	if (rc == EH_OK)
		rc = eh_rowed_changes(a->counted.rowed, txn, &a->data, &changes, err);
	(void)snprintf(how->why, sizeof how->why, "%s", changes.why);
	if (rc == EH_OK && how->why[0] == '\0') {
		how->evaluators = changes.evaluators;
		*changed = changes.changed;
		rc = take_state(a, txn, changes.version, changes.holds, changed, err);
	}
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_audit_refresh(struct eh_open_audit *a, const struct eh_progress *progress, struct eh_refresh *how,
			  struct eh_err *err)
{
	struct eh_refresh mine = { .how = EH_REFRESH_SAME };
	bool changed = false;
	double t = eh_monotonic();
	int rc = EH_OK;

	how = how != NULL ? how : &mine;
	*how = (struct eh_refresh){ EH_REFRESH_SAME, "", 0, 0.0, 0.0, 0.0 };
	if (!a->whole)
		(void)snprintf(how->why, sizeof how->why, "the last audit failed");
	else
		rc = look_for_other(a, how, err);
	if (rc == EH_OK && how->why[0] == '\0' && is_counted(a))
		rc = look_at_counts(a, &changed, how, err);
	else if (rc == EH_OK && how->why[0] == '\0' && is_rowed(a))
		rc = look_at_rows(a, &changed, how, err);
	how->reading = since(&t);
	if (rc == EH_OK && how->why[0] != '\0') {
		how->how = EH_REFRESH_ANEW;
		return make(a, progress, how, err);
	}
	if (rc == EH_OK && changed) {
		how->how = EH_REFRESH_COUNTED;
		rc = compute(a, progress, err);
		how->statistics = since(&t);
		if (rc == EH_OK)
			judge(a);
		how->policy = since(&t);
	}
	if (rc != EH_OK)
		forget(a);
	return rc;
}

int eh_desk_audit_settings(struct eh_open_audit *a, const struct eh_audit_overrides *o, struct eh_refresh *how,
			   struct eh_err *err)
{
	const struct eh_audit_overrides was = a->o;
	const struct eh_audit_settings before = a->s;
	struct eh_refresh mine = { .how = EH_REFRESH_SAME };
	double t = eh_monotonic();
	int rc;

	how = how != NULL ? how : &mine;
	*how = (struct eh_refresh){ EH_REFRESH_SAME, "", 0, 0.0, 0.0, 0.0 };
	if (o != NULL)
		a->o = *o;
	else
		a->o = (struct eh_audit_overrides)EH_AUDIT_OVERRIDES_INIT;
	a->o.window = was.window;
	a->o.pairs = was.pairs;
	a->o.n_pairs = was.n_pairs;
	a->o.reason = was.reason;
	a->s = a->own;
	eh_desk_override(&a->s, &a->o);
	a->s.look = before.look;
	/* after a failure, or where another number of evaluations was looked at, all has to be gathered anyway */
	if (!a->whole)
		return eh_desk_audit_refresh(a, NULL, how, err);
	rc = compute(a, NULL, err);
	how->statistics = since(&t);
	if (rc == EH_EINVAL) {
		a->s = before;
		a->o = was;
		return rc;
	}
	if (rc == EH_OK)
		judge(a);
	how->policy = since(&t);
	if (rc != EH_OK)
		forget(a);
	return rc;
}

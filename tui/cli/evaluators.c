/* evenhand evaluators, metrics, explain: browsing the last audit without the screens. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "exchange/explain_strata.h"
#include "parts/plot.h"
#include "parts/words.h"

#define POOLED "all"                    /* the id of the findings on everybody together */

/* What of a run is wanted; NULL = everything. */
struct wanted {
	const char *evaluator, *attribute, *group;
	bool evaluators_only;           /* not the pooled findings */
};

static bool keep(const struct wanted *w, const struct eh_finding *f)
{
	return (w->evaluator == NULL || strcmp(f->evaluator, w->evaluator) == 0) &&
	       (w->attribute == NULL || strcmp(f->attribute, w->attribute) == 0) &&
	       (w->group == NULL || strcmp(f->group, w->group) == 0) &&
	       (!w->evaluators_only || f->evaluator[0] != '\0');
}

/* Moves them to the front; returns their number. */
static size_t keep_wanted(const struct wanted *w, struct eh_finding *v, size_t all)
{
	size_t n = 0;

	for (size_t i = 0; i < all; i++)
		if (keep(w, &v[i]))
			memmove(&v[n++], &v[i], sizeof *v);
	return n;
}

/* The wanted findings of the run that was asked for; the attribute and group of the command line join w. */
static int load(struct cli *c, struct wanted *w, struct eh_audit_head *head, struct eh_finding **v, size_t *n)
{
	int64_t run = 0;
	size_t all = 0;

	*v = NULL;
	*n = 0;
	if (!cli_opt_i64(c, "run", 1, INT64_MAX, &run))
		return eh_status_exit(EH_EUSAGE);
	if (eh_desk_findings(c->desk, (uint64_t)run, head, v, &all, &c->err) != EH_OK) {
		eh_list_free(v);
		return cli_fail(c);
	}
	w->attribute = cli_opt(c, "attribute");
	w->group = cli_opt(c, "group");
	*n = keep_wanted(w, *v, all);
	/* an evaluator of that id goes before everybody */
	if (*n == 0 && w->evaluator != NULL && strcmp(w->evaluator, POOLED) == 0) {
		w->evaluator = "";
		*n = keep_wanted(w, *v, all);
	}
	return 0;
}

/* The wanted of the policy's own findings of that run. */
static int load_own(struct cli *c, const struct wanted *w, uint64_t run, struct eh_finding **v, size_t *n)
{
	size_t all = 0;

	*n = 0;
	if (eh_desk_own_findings(c->desk, run, v, &all, &c->err) != EH_OK) {
		eh_list_free(v);
		return cli_fail(c);
	}
	*n = keep_wanted(w, *v, all);
	return 0;
}

/* ---- strata ---- */

/* The strata of one finding after the other, for --by-stratum. */
struct strata_walk {
	struct eh_run_strata *of;
	const struct eh_finding *v;
	size_t n, next;
};

/* 1: rows are those of *f, and the caller's; 0: there are no more. */
static int next_strata(struct strata_walk *w, const struct eh_finding **f, struct eh_strata_rows *rows,
		       const char **why, struct eh_err *err)
{
	enum eh_strata_known known = EH_STRATA_ONE;
	int rc;

	if (w->next == w->n)
		return 0;
	*f = &w->v[w->next++];
	rc = eh_desk_run_strata_of(w->of, *f, rows, &known, err);
	*why = eh_strata_known_text(known);
	return rc == EH_OK ? 1 : rc;
}

static int next_json(void *ctx, struct eh_json **element, struct eh_err *err)
{
	const struct eh_finding *f = NULL;
	struct eh_strata_rows rows;
	const char *why = "";
	int rc = next_strata(ctx, &f, &rows, &why, err);

	if (rc != 1)
		return rc;
	*element = eh_strata_json(f, &rows, why);
	eh_strata_rows_free(&rows);
	return 1;
}

struct strata_table {
	struct cli_table *t;
	char why[200];                  /* the last reason for strata that are not there */
};

/* "clerk//Q1" for people: "clerk/Q1". */
static void said_parts(char *out, size_t size, const char *name)
{
	size_t n = 0;

	for (const char *p = name; *p != '\0' && n + 1 < size; p++)
		if (*p != '/' || (n > 0 && p[1] != '/' && p[1] != '\0'))
			out[n++] = *p;
	out[n] = '\0';
	if (n == 0)
		(void)snprintf(out, size, "(no name)");
}

static void add_strata(struct strata_table *x, const struct eh_finding *f, const struct eh_strata_rows *rows,
		       const char *why)
{
	if (why[0] != '\0' && f->strata > 1)
		(void)snprintf(x->why, sizeof x->why, "%s", why);
	for (size_t i = 0; i < rows->n; i++) {
		const struct eh_stratum_row *row = &rows->v[i];
		char name[4 * EH_ID_MAX], said[sizeof name];

		(void)snprintf(name, sizeof name, "%s", rows->strata[row->stratum]);
		for (char *p = name; (p = strchr(p, EH_STRATUM_JOIN)) != NULL;)
			*p = '/';
		said_parts(said, sizeof said, name);
		cli_cell(x->t, "%s", f->evaluator[0] != '\0' ? f->evaluator : "(all)");
		cli_cell(x->t, "%s", f->position);
		cli_cell(x->t, "%s", f->attribute);
		cli_cell(x->t, "%s", f->group);
		cli_cell(x->t, "%s", f->reference);
		cli_cell(x->t, "%s", rows->evaluators[row->evaluator]);
		cli_cell_both(x->t, said, name);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.a);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.n1);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.b);
		cli_cell(x->t, "%llu", (unsigned long long)row->t.n2);
		cli_cell_num(x->t, eh_num(eh_stratum_weight(&row->t)), 3);
		cli_cell_num(x->t, eh_num(eh_stratum_up(&row->t)), 6);
		cli_cell_num(x->t, eh_num(eh_stratum_down(&row->t)), 6);
	}
}

static int show_strata(struct cli *c, const struct eh_audit_head *head, const struct eh_finding *v, size_t n)
{
	struct strata_table x = {
		.t = cli_table_new("evaluator~20 position/4 attribute/6 group~ reference/5 judged_by/3 stratum~ "
				   ">selected >n >ref_selected >ref_n >weight/1 >numerator/2 >denominator/2"),
	};
	struct strata_walk w = { .v = v, .n = n };
	const struct eh_finding *f = NULL;
	struct eh_strata_rows rows;
	const char *why = "";
	int rc = eh_desk_run_strata_open(&w.of, c->desk, head, &c->err);

	while (rc >= 0 && (rc = next_strata(&w, &f, &rows, &why, &c->err)) == 1) {
		add_strata(&x, f, &rows, why);
		eh_strata_rows_free(&rows);
	}
	eh_desk_run_strata_close(&w.of);
	cli_table_print(&x.t, c);
	if (rc < 0)
		return cli_fail(c);
	if (x.why[0] != '\0')
		cli_say(c, "not listed: %s", x.why);
	return 0;
}

/* doc, and by_stratum behind it, which may be long. */
static int put_with_strata(struct cli *c, struct eh_json **doc, const struct eh_audit_head *head,
			   const struct eh_finding *v, size_t n)
{
	struct strata_walk w = { .v = v, .n = n };
	int rc = eh_desk_run_strata_open(&w.of, c->desk, head, &c->err);

	if (rc == EH_OK)
		rc = eh_json_write_array(*doc, "by_stratum", next_json, &w, stdout, &c->err);
	eh_desk_run_strata_close(&w.of);
	eh_json_free(doc);
	return rc == EH_OK ? 0 : cli_fail(c);
}

static int put_json(struct cli *c, const char *schema, const struct eh_audit_head *head, const struct eh_finding *v,
		    size_t n, const struct eh_finding *own, size_t n_own)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_json *doc;

	s.limit_num = head->limit_num;
	s.limit_den = head->limit_den;
	s.reference = EH_REF_REST;
	s.anytime = head->anytime;
	s.look = head->look;
	memcpy(s.family, head->family_method, sizeof s.family);
	s.alpha = head->alpha.defined ? head->alpha.value : 0.0;
	if (head->alpha.defined) {
		s.min_group = head->min_group;
		s.min_total = head->min_total;
		s.min_share = head->min_share;
	} else if (n > 0) {     /* of an earlier version, whose findings know most of it */
		s.min_group = v[0].min_group;
		s.min_total = v[0].min_total;
	}
	doc = eh_json_findings(schema, eh_desk_dir(c->desk), head->decisions, &s, v, n);
	eh_json_int(doc, "run", (int64_t)head->seq);
	cli_put_policy(doc, head);
	eh_json_str(doc, "pack", head->pack[0] != '\0' ? head->pack : NULL);
	eh_json_str(doc, "pack_state", eh_pack_state_text(head->pack_state));
	cli_put_window(doc, &head->window);
	eh_json_int(doc, "without_time", (int64_t)head->untimed);
	eh_json_set(doc, "own_findings", cli_own_json(own, n_own));
	if (cli_has(c, "by-stratum"))
		return put_with_strata(c, &doc, head, v, n);
	return cli_put_json(c, &doc);
}

/* What of a run a list of its findings does not show. */
static void say_run(const struct cli *c, const struct eh_audit_head *h)
{
	char words[EH_WINDOW_WORDS], standing[WORDS_STANDING];

	if (words_standing(standing, h->policy_state)[0] != '\0')
		cli_say(c, "audit run %llu: policy %s %s%s", (unsigned long long)h->seq, h->policy, h->policy_version,
			standing);
	if (eh_window_dated(&h->window))
		cli_say(c, "audit run %llu: %s", (unsigned long long)h->seq, eh_window_words(words, &h->window));
}

static bool has_any(const struct wanted *w, const struct eh_finding *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (keep(w, &v[i]))
			return true;
	return false;
}

/* "female, male": the attributes, or the groups, of findings [n] that the wanted ones (NULL = all) keep, each once. */
static void put_names(char *list, size_t size, const struct wanted *w, const struct eh_finding *v, size_t n,
		      bool groups)
{
	size_t used = 0;

	list[0] = '\0';
	for (size_t i = 0; i < n && used < size; i++) {
		const char *name = groups ? v[i].group : v[i].attribute;
		bool seen = !keep(w, &v[i]);

		for (size_t k = 0; k < i && !seen; k++)
			seen = keep(w, &v[k]) && strcmp(groups ? v[k].group : v[k].attribute, name) == 0;
		if (!seen)
			used += (size_t)snprintf(list + used, size - used, "%s%s", used > 0 ? ", " : "", name);
	}
}

/* Who was asked for is nobody's name. */
static int say_nobody(struct cli *c)
{
	const char *name = c->argc > 0 ? c->argv[0] : "";
	const bool explains = strcmp(c->entry->name, "explain") == 0;

	if (name[0] == '\0')
		return cli_error(c, EH_ENOENT, "the audit has no finding; import evaluations on persons whose class is "
				 "known, then run: evenhand audit");
	if (explains && (name[0] == 'N' || name[0] == 'n') && name[1] != '\0' &&
	    name[1 + strspn(name + 1, "0123456789")] == '\0')
		return cli_error(c, EH_ENOENT,
				 "there is no notification %s; \"evenhand notifications list\" lists them",
				 name);
	return cli_error(c, EH_ENOENT, "there is no %saudited evaluator '%s'; \"evenhand evaluators\" lists them, \""
			 POOLED "\" is everybody together", explains ? "notification and no " : "", name);
}

/* Which of evaluator ("" = everybody together), attribute and group the run does not have, and what it has instead. */
static int say_missing(struct cli *c, const struct wanted *wanted)
{
	const char *attribute = cli_opt(c, "attribute"), *group = cli_opt(c, "group");
	const char *on = c->argc > 0 ? " on " : "", *name = c->argc > 0 ? c->argv[0] : "";
	struct wanted w = { .evaluator = wanted->evaluator, .evaluators_only = wanted->evaluators_only };
	struct eh_audit_head head;
	struct eh_finding *v = NULL;
	char list[400];
	size_t all = 0;
	int64_t run = 0;
	int status;

	if (!cli_opt_i64(c, "run", 1, INT64_MAX, &run) ||
	    eh_desk_findings(c->desk, (uint64_t)run, &head, &v, &all, &c->err) != EH_OK) {
		eh_list_free(&v);
		return cli_fail(c);
	}
	put_names(list, sizeof list, &w, v, all, false);
	w.attribute = attribute;
	if (list[0] == '\0') {
		status = say_nobody(c);
	} else if (attribute != NULL && !has_any(&w, v, all)) {
		status = cli_error(c, EH_ENOENT, "audit run %llu has no attribute '%s'%s%s; it has: %s",
				   (unsigned long long)head.seq, attribute, on, name, list);
	} else {
		put_names(list, sizeof list, &w, v, all, true);
		status = cli_error(c, EH_ENOENT, "audit run %llu has no group '%s'%s%s%s%s; it has: %s",
				   (unsigned long long)head.seq, group != NULL ? group : "",
				   attribute != NULL ? " of " : "", attribute != NULL ? attribute : "", on, name, list);
	}
	eh_list_free(&v);
	return status;
}

static int show(struct cli *c, const char *schema, struct wanted *w)
{
	struct eh_audit_head head;
	struct eh_finding *v = NULL, *own = NULL;
	size_t n = 0, n_own = 0;
	int status = load(c, w, &head, &v, &n);

	if (status == 0)
		status = load_own(c, w, head.seq, &own, &n_own);
	if (status == 0 && n + n_own == 0)
		status = say_missing(c, w);
	else if (status == 0 && c->format == CLI_JSON)
		status = put_json(c, schema, &head, v, n, own, n_own);
	else if (status == 0 && cli_has(c, "by-stratum")) {
		say_run(c, &head);
		status = show_strata(c, &head, v, n);
	} else if (status == 0) {
		say_run(c, &head);
		cli_findings_tables(c, v, n, own, n_own, NULL);
	}
	eh_list_free(&v);
	eh_list_free(&own);
	return status;
}

static int run_evaluators(struct cli *c)
{
	struct wanted w = { .evaluators_only = true };

	return show(c, "evenhand.evaluators/1", &w);
}

/* "" stands for everybody in the findings: a shell's empty variable must not ask for that. */
static bool is_named(struct cli *c, const char *everybody)
{
	if (c->argc == 0 || c->argv[0][0] != '\0')
		return true;
	(void)cli_error(c, EH_EUSAGE,
			"the name is empty; \"evenhand evaluators\" lists who was audited, %s is everybody together",
			everybody);
	return false;
}

static int run_metrics(struct cli *c)
{
	struct wanted w = { .evaluator = c->argc > 0 ? c->argv[0] : NULL };

	if (!is_named(c, "\"" POOLED "\""))
		return eh_status_exit(EH_EUSAGE);
	return show(c, "evenhand.metrics/1", &w);
}

/* ---- explain ---- */

#define WIDTH 80                        /* [columns] as the explanation */

struct explained {
	char **text;
	size_t n;
	bool json;
	struct eh_json *strata;                 /* one object a finding; where json */
	struct eh_run_strata *run_strata;       /* of an evaluator's findings */
	char run[EH_NAME_MAX + 168 + EH_WINDOW_WORDS];                /* the audit and the policy it is of */
	struct eh_notification *systemic;       /* the notification when it is addressed to the process, else NULL */
};

static void name_run(struct explained *x, uint64_t run, int64_t at, const char *policy, const char *version,
		     const char *hash, enum eh_policy_state state, const struct eh_window *window)
{
	char when[EH_TIME_TEXT], words[EH_WINDOW_WORDS], standing[WORDS_STANDING];
	const bool open = words_standing(standing, state)[0] != '\0';

	eh_format_time(when, at);
	(void)snprintf(x->run, sizeof x->run, "Audit run %llu, %s, policy %s %s (%.12s)%s%s%s%s",
		       (unsigned long long)run, when, policy, version, hash, open && !x->json ? "\n" : "",
		       standing + (open && !x->json),
		       eh_window_dated(window) ? ", " : "", eh_window_words(words, window));
}

static void add_text(struct explained *x, char *text)
{
	x->text = eh_xrealloc(x->text, x->n + 1, sizeof *x->text);
	x->text[x->n++] = text;
}

/* text, and below it the strata of f; rows is freed. */
static void add_with_strata(struct explained *x, char *text, const struct eh_finding *f, struct eh_strata_rows *rows,
			    enum eh_strata_known known)
{
	const char *why = eh_strata_known_text(known);
	char *strata = eh_strata_text(f, rows, why), *plot = x->json ? eh_xstrdup("") : plot_finding(f, WIDTH);

	add_text(x, eh_xasprintf("%s%s%s%s%s", text, plot[0] != '\0' ? "\n" : "", plot, strata[0] != '\0' ? "\n" : "",
				 strata));
	if (x->json)
		eh_json_push(x->strata, eh_strata_json(f, rows, why));
	eh_strata_rows_free(rows);
	free(plot);
	free(strata);
	free(text);
}

static int explain_one(struct cli *c, struct explained *x, const struct eh_finding *f)
{
	enum eh_strata_known known = EH_STRATA_ONE;
	struct eh_strata_rows rows;

	if (eh_desk_run_strata_of(x->run_strata, f, &rows, &known, &c->err) != EH_OK)
		return cli_fail(c);
	add_with_strata(x, eh_explain_text(f), f, &rows, known);
	return 0;
}

/* Who else it is about, ids wrapped. */
static void print_members(FILE *out, const struct eh_notification *n)
{
	static const char lead[] = "Evaluators with this finding of their own:";
	size_t at = sizeof lead - 1;

	fprintf(out, "Addressed to the process, not to one evaluator.\n%s", n->n_members > 0 ? lead : "");
	for (uint32_t i = 0; i < n->n_members; i++) {
		size_t len = 1 + strlen(n->members[i]) + 1;

		if (at + len > WIDTH)
			fputs("\n ", out);
		at = at + len > WIDTH ? 1 + len : at + len;
		fprintf(out, " %s%s", n->members[i], i + 1 < n->n_members ? "," : "\n");
	}
}

/* null: it is about one evaluator, or no notification. */
static void put_members(struct eh_json *doc, const struct eh_notification *n)
{
	struct eh_json *members = eh_json_array();

	for (uint32_t i = 0; n != NULL && i < n->n_members; i++)
		eh_json_push_str(members, n->members[i]);
	if (n != NULL) {
		eh_json_set(doc, "process", members);
		cli_put_with_own(doc, n);
	} else {
		eh_json_free(&members);
		eh_json_null(doc, "process");
	}
}

/* false: there is no such notification, or id is none. */
static bool explain_notification(struct cli *c, struct explained *x)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *responses = NULL;
	struct eh_finding *members = NULL;
	struct eh_strata_rows rows = { .v = NULL };
	enum eh_strata_known known = EH_STRATA_ONE;
	size_t n_responses = 0, n_members = 0;
	uint64_t seq = 0;
	char first = c->argv[0][0];
	bool hit = (first == 'N' || first == 'n') && eh_notification_parse(&seq, c->argv[0], NULL) == EH_OK &&
		   eh_desk_notification(c->desk, seq, n, &responses, &n_responses, NULL) == EH_OK;

	if (hit) {
		name_run(x, n->audit, n->raised_at, n->policy, n->policy_version, n->policy_hash, n->policy_state,
			 &n->window);
		/* a run that cannot be read leaves them out, and the text says so */
		(void)eh_desk_notification_members(c->desk, n, &members, &n_members, NULL);
		if (eh_desk_notification_strata(c->desk, n, &rows, &known, NULL) != EH_OK)
			known = EH_STRATA_NOT_KEPT;
		add_with_strata(x,
				eh_explain_process_text(&n->finding, members, n_members, n->n_members,
							eh_desk_with_own(n)),
				&n->finding, &rows, known);
		if (n->systemic) {
			x->systemic = n;
			n = NULL;
		}
	}
	eh_list_free(&members);
	eh_list_free(&responses);
	free(n);
	return hit;
}

static int explain_evaluator(struct cli *c, struct explained *x)
{
	struct wanted w = { .evaluator = c->argv[0] };
	struct eh_audit_head head;
	struct eh_finding *v = NULL, *own = NULL;
	size_t n = 0, n_own = 0;
	int status = load(c, &w, &head, &v, &n);

	if (status == 0)
		name_run(x, head.seq, head.at, head.policy, head.policy_version, head.policy_hash, head.policy_state,
			 &head.window);
	if (status == 0 && eh_desk_run_strata_open(&x->run_strata, c->desk, &head, &c->err) != EH_OK)
		status = cli_fail(c);
	for (size_t i = 0; i < n && status == 0; i++)
		status = explain_one(c, x, &v[i]);
	if (status == 0)
		status = load_own(c, &w, head.seq, &own, &n_own);
	for (size_t i = 0; i < n_own && status == 0; i++)
		status = explain_one(c, x, &own[i]);
	eh_desk_run_strata_close(&x->run_strata);
	eh_list_free(&v);
	eh_list_free(&own);
	if (status == 0 && n + n_own == 0)
		status = say_missing(c, &w);
	return status;
}

static int put_explained(struct cli *c, struct explained *x)
{
	struct eh_json *doc, *texts;
	FILE *out;

	if (c->format == CLI_JSON) {
		doc = eh_json_object();
		texts = eh_json_array();
		eh_json_str(doc, "schema", "evenhand.explain/1");
		eh_json_str(doc, "id", c->argv[0]);
		eh_json_str(doc, "of", x->run);
		for (size_t i = 0; i < x->n; i++)
			eh_json_push_str(texts, x->text[i]);
		put_members(doc, x->systemic);
		eh_json_set(doc, "texts", texts);
		eh_json_set(doc, "by_stratum", x->strata);
		x->strata = NULL;
		return cli_put_json(c, &doc);
	}
	out = cli_pager_begin(c);
	fprintf(out, "%s\n", x->run);
	if (x->systemic != NULL)
		print_members(out, x->systemic);
	for (size_t i = 0; i < x->n; i++)
		fprintf(out, "\n%s", x->text[i]);
	cli_pager_end(out);
	return 0;
}

static int run_explain(struct cli *c)
{
	const struct tui_options charset = { .ascii = cli_has(c, "ascii") };
	struct explained x = { .json = c->format == CLI_JSON };
	int status;

	term_charset(&charset);
	if (!is_named(c, "\"" POOLED "\""))
		return eh_status_exit(EH_EUSAGE);
	x.strata = x.json ? eh_json_array() : NULL;
	status = explain_notification(c, &x) ? 0 : explain_evaluator(c, &x);
	if (status == 0)
		status = put_explained(c, &x);
	for (size_t i = 0; i < x.n; i++)
		free(x.text[i]);
	free(x.text);
	eh_json_free(&x.strata);
	free(x.systemic);
	return status;
}

static const struct cli_flag flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ NULL, NULL, NULL }
};

static const struct cli_flag explain_flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ "ascii", NULL, "plain ASCII characters only (also where the locale is not UTF-8)" },
	{ NULL, NULL, NULL }
};

static const struct cli_flag metrics_flags[] = {
	{ "attribute", "NAME", "only this attribute" },
	{ "group", "NAME", "only this group" },
	{ "run", "N", "findings of audit run N (default: the last)" },
	{ "by-stratum", NULL, "the strata behind each Mantel-Haenszel ratio, with their counts" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_evaluators = {
	.name = "evaluators",
	.usage = "[--attribute NAME] [--group NAME]",
	.summary = "Lists the evaluators of the last audit with their ratios",
	.help = "Example: evenhand evaluators --attribute sex --group female\n\n"
		"--json, as of metrics and audit, has the policy's hash, state, proposer and approver, the settings "
		"that the run used, those of the policy's text (policy_settings), the names of those that differ "
		"(overridden), the reason given for looser ones, and what the policy's worker used (budget_used: VM "
		"instructions, bytes, seconds; a dry run has no seconds).  What an earlier version did not store is "
		"null.",
	.flags = flags,
	.max_args = 0,
	.wants_project = true,
	.run = run_evaluators,
};
const struct cli_entry cli_metrics = {
	.name = "metrics", .usage = "[EVALUATOR]", .summary = "Shows all numbers on one evaluator, or on the whole",
	.help = "Example: evenhand metrics E07 --json\n\n"
		"EVALUATOR is an evaluator, or \"" POOLED "\" for the findings on everybody together; without it all "
		"findings are shown.\n\n"
		"With --by-stratum the table is one of strata: of every position, stage and question (of the findings "
		"on everybody: of each evaluator) how many were selected on either side, the weight n1 n2/N, and what "
		"it gives to the numerator a n2/N and the denominator b n1/N of the Mantel-Haenszel ratio; --json has "
		"them as by_stratum beside the findings.  They are taken from the stored counts again, so only while "
		"these are still those of the run.",
	.flags = metrics_flags, .max_args = 1, .wants_project = true, .run = run_metrics,
};
const struct cli_entry cli_explain = {
	.name = "explain", .usage = "ID", .summary = "Tells how a finding came about, number by number",
	.help = "Example: evenhand explain N0001\n\n"
		"ID is a notification (N0001), an evaluator, or \"" POOLED "\" for the findings on everybody "
		"together.  Per finding: what was counted, the formulas with the numbers in them, which rule of the "
		"policy spoke, which conditions are met, and what would have changed the verdict; with several "
		"strata also each one's counts, which add up to the ratio; and the ratios with their intervals, that "
		"of "
		"the second set of evaluators too, drawn on one scale.  A notification keeps its strata as they "
		"were; those of other findings are taken from the stored counts, as long as these are still the run's. "
		" --json: with_own as in \"notifications show\"; why: see NUMBERS THAT DO NOT EXIST in evenhand(1).",
	.flags = explain_flags, .min_args = 1, .max_args = 1, .output = CLI_DOCUMENT, .wants_project = true,
	.run = run_explain,
};

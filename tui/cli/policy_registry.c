/* evenhand policy list, propose, approve, retire, diff: which texts hold in the project, and who answers for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "desk/policies.h"
#include "policy/diff.h"

#define CONTEXT 3                       /* lines around a change, as diff(1) has them */

/* The project, where there is one: the shipped policies can be looked at without. */
static int open_project(struct cli *c, struct eh_desk **d)
{
	char dir[1024];
	struct eh_err none = EH_ERR_INIT;

	*d = NULL;
	if (eh_desk_find_project(dir, sizeof dir, c->project, &none) != EH_OK) {
		const char *env = getenv("EVENHAND_PROJECT");
		bool named = c->project != NULL || (env != NULL && env[0] != '\0');

		/* as with every command that wants a project: environment, not failure */
		return named ? eh_err_set(&c->err, EH_EENV, "%s", none.msg) : EH_OK;
	}
	return eh_desk_open(d, dir, c->engine, &c->err);
}

static void put_time(struct eh_json *j, const char *key, int64_t at)
{
	char text[EH_TIME_TEXT];

	eh_format_time(text, at);
	eh_json_str(j, key, at != 0 ? text : NULL);
}

static struct eh_json *mark_json(const struct eh_policy_mark *m)
{
	struct eh_json *j = eh_json_object();

	put_time(j, "at", m->at);
	eh_json_str(j, "by", m->at != 0 ? m->who.login : NULL);
	if (m->at != 0)
		eh_json_int(j, "uid", (int64_t)m->who.uid);
	eh_json_str(j, "reason", m->at != 0 ? m->reason : NULL);
	return j;
}

/* What the registry knows of a text; without marks where it is in none. */
static void version_json(struct eh_json *j, const struct eh_policy_version *v)
{
	eh_json_set(j, "proposed", mark_json(&v->proposed));
	eh_json_set(j, "approved", mark_json(&v->approved));
	eh_json_set(j, "retired", mark_json(&v->retired));
	eh_json_str(j, "loosened", v->loosened);
}

/* Since when the text is in its state. */
static int64_t since(const struct eh_policy_row *r)
{
	switch (r->state) {
	case EH_POLICY_ACTIVE: return r->stored.approved.at;
	case EH_POLICY_PROPOSED: return r->stored.proposed.at;
	case EH_POLICY_RETIRED: return r->stored.retired.at;
	default: return 0;
	}
}

static struct eh_json *row_json(const struct eh_policy_row *r)
{
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "name", r->name);
	eh_json_str(j, "spec", r->spec);
	eh_json_str(j, "path", r->path[0] != '\0' ? r->path : NULL);
	eh_json_str(j, "origin", eh_policy_origin_text(r->origin));
	eh_json_bool(j, "shadows", r->shadows);
	eh_json_str(j, "version", r->version[0] != '\0' ? r->version : NULL);
	eh_json_str(j, "hash", r->error[0] == '\0' ? r->hash : NULL);
	eh_json_str(j, "error", r->error[0] != '\0' ? r->error : NULL);
	eh_json_str(j, "author", r->author[0] != '\0' ? r->author : NULL);
	eh_json_str(j, "pack", r->pack[0] != '\0' ? r->pack : NULL);
	eh_json_str(j, "state", eh_policy_state_text(r->state));
	put_time(j, "since", since(r));
	eh_json_bool(j, "file_differs", r->drifted);
	version_json(j, &r->stored);
	eh_json_set(j, "ending", mark_json(&r->ending));
	if (r->has_run) {
		eh_json_int(j, "run", (int64_t)r->run.seq);
		put_time(j, "run_at", r->run.at);
		eh_json_int(j, "notify", r->run.notify);
		eh_json_int(j, "watch", r->run.watch);
	}
	return j;
}

static void row_cells(struct cli_table *t, const struct eh_policy_row *r)
{
	char at[EH_TIME_TEXT] = "";
	const char *note = "";

	if (since(r) != 0)
		eh_format_time(at, since(r));
	cli_cell(t, "%s", r->name);
	cli_cell(t, "%s", r->version[0] != '\0' ? r->version : "-");
	cli_cell(t, "%.12s", r->error[0] == '\0' ? r->hash : "-");
	cli_cell(t, "%s", r->error[0] != '\0' ? "does not load" : eh_policy_state_text(r->state));
	cli_cell(t, "%s", r->stored.proposed.at != 0 ? r->stored.proposed.who.login : "");
	cli_cell(t, "%s", r->stored.approved.at != 0 ? r->stored.approved.who.login : "");
	cli_cell(t, "%s", at);
	if (r->ending.at != 0)
		note = "its end is asked for, waits for a second person";
	else if (r->drifted)
		note = "the file has another text";
	else if (r->state == EH_POLICY_DEFAULT && r->stored.state == EH_POLICY_PROPOSED)
		note = "proposed, waits for a second person";
	cli_cell(t, "%s%s%s%s", r->error, note, note[0] != '\0' && r->pack[0] != '\0' ? "; " : "", r->pack);
	cli_cell(t, "%s", r->path);
	cli_cell(t, "%s%s", eh_policy_origin_text(r->origin), r->shadows ? ", hides the shipped one" : "");
}

static int run_list(struct cli *c)
{
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("policy version hash/4 state author/3 approver/3 since/5 note~ path/1 "
					    "origin/2");
	struct eh_policy_row *v = NULL;
	struct eh_desk *d = NULL;
	size_t n = 0;
	int status, rc = open_project(c, &d);

	if (rc == EH_OK)
		rc = eh_desk_policy_rows(d, c->engine, cli_has(c, "all"), &v, &n, &c->err);
	eh_json_str(doc, "schema", "evenhand.policies/1");
	for (size_t i = 0; i < n; i++) {
		eh_json_push(rows, row_json(&v[i]));
		row_cells(t, &v[i]);
	}
	eh_json_set(doc, "policies", rows);
	status = cli_finish(c, rc, &doc, &t);
	eh_list_free(&v);
	eh_desk_close(&d);
	return status;
}

/* ---- acts ---- */

static int told(struct cli *c, int rc, const struct eh_policy_version *v, const char *text)
{
	struct eh_json *doc;

	if (rc != EH_OK)
		return cli_fail(c);
	if (c->format != CLI_JSON) {
		cli_say(c, "%s %s (sha256 %.12s) %s", v->name, v->version, v->hash, text);
		if (v->loosened[0] != '\0' && v->state != EH_POLICY_RETIRED)
			cli_say(c, "it loosens what was active: %s", v->loosened);
		return 0;
	}
	doc = eh_json_object();
	eh_json_str(doc, "schema", "evenhand.policy_version/1");
	eh_json_str(doc, "name", v->name);
	eh_json_str(doc, "version", v->version);
	eh_json_str(doc, "hash", v->hash);
	eh_json_str(doc, "state", eh_policy_state_text(v->state));
	version_json(doc, v);
	return cli_put_json(c, &doc);
}

static const char *reason_of(const struct cli *c)
{
	const char *reason = cli_opt(c, "reason");

	return reason != NULL ? reason : "";
}

static int run_propose(struct cli *c)
{
	struct eh_policy_version *v = eh_xcalloc(1, sizeof *v);
	int rc = eh_desk_policy_propose(c->desk, c->argv[0], NULL, reason_of(c), v, &c->err);
	int status = told(c, rc, v, "is proposed; another account makes it active: evenhand policy approve");

	free(v);
	return status;
}

static int run_approve(struct cli *c)
{
	struct eh_policy_version *v = eh_xcalloc(1, sizeof *v);
	int rc = eh_desk_policy_approve(c->desk, c->argv[0], cli_opt(c, "hash"), reason_of(c), v, &c->err);
	int status = told(c, rc, v, "is active: audits run this text, whatever becomes of its file");

	free(v);
	return status;
}

static int run_retire(struct cli *c)
{
	struct eh_policy_version *v = eh_xcalloc(1, sizeof *v);
	const bool stays = cli_has(c, "keep");
	int status, rc = stays ? eh_desk_policy_stay(c->desk, c->argv[0], reason_of(c), v, &c->err)
			       : eh_desk_policy_retire(c->desk, c->argv[0], cli_opt(c, "hash"), reason_of(c), v, &c->err);

	status = told(c, rc, v, stays ? "stays: audits run it as before" :
		      v->state != EH_POLICY_RETIRED ? "is still run: another account carries its end out with evenhand "
						      "policy retire" :
		      v->approved.at != 0 || v->proposed.at == 0 ? "is retired: audits run it no more" :
		      "is withdrawn");
	free(v);
	return status;
}

/* ---- diff ---- */

struct side {
	struct eh_policy_source source;
	struct eh_policy *p;            /* NULL: it does not load, and only its lines are compared */
};

static int read_side(struct cli *c, struct eh_desk *d, const char *spec, struct side *s)
{
	int rc = eh_desk_policy_source(d, spec, &s->source, &c->err);

	if (rc == EH_OK && c->engine->load_text != NULL)
		(void)c->engine->load_text(&s->p, s->source.path, s->source.text, s->source.len, NULL);
	return rc;
}

static void free_side(struct cli *c, struct side *s)
{
	eh_policy_source_free(&s->source);
	if (s->p != NULL)
		c->engine->free(&s->p);
}

/* "active", digits of a hash, or a text named in full. */
static void old_spec(char *out, size_t size, const char *name, const char *given)
{
	size_t len = strlen(given);

	if (strcmp(given, "active") == 0 || strcmp(given, "default") == 0 ||
	    (len >= 6 && len < EH_DIGEST_HEX && strspn(given, "0123456789abcdef") == len))
		(void)snprintf(out, size, "%s@%s", name, given);
	else
		(void)snprintf(out, size, "%s", given);
}

/* The name that versions of this text are filed under. */
static void name_of(struct cli *c, const struct side *s, const char *spec, char out[EH_NAME_MAX + 1])
{
	const char *slash = strrchr(spec, '/'), *base = slash != NULL ? slash + 1 : spec;

	(void)snprintf(out, EH_NAME_MAX + 1, "%.*s", (int)strcspn(base, "@."), base);
	if (s->p != NULL)
		(void)snprintf(out, EH_NAME_MAX + 1, "%s", c->engine->info(s->p)->name);
}

static struct eh_json *side_json(struct cli *c, const struct side *s)
{
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "path", s->source.path);
	eh_json_str(j, "hash", s->source.hash);
	eh_json_str(j, "version", s->p != NULL ? c->engine->info(s->p)->version : NULL);
	eh_json_str(j, "state", eh_policy_state_text(s->source.version.state));
	return j;
}

static int diff_json(struct cli *c, const struct side *old, const struct side *new, const struct eh_diff_line *v,
		     size_t n, const char *loosened)
{
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();

	if (!eh_utf8_valid(old->source.text, old->source.len) || !eh_utf8_valid(new->source.text, new->source.len)) {
		eh_json_free(&doc);
		eh_json_free(&rows);
		return cli_error(c, EH_EFORMAT, "a text is not UTF-8: no document can hold it");
	}
	eh_json_str(doc, "schema", "evenhand.policy_diff/1");
	eh_json_set(doc, "before", side_json(c, old));
	eh_json_set(doc, "after", side_json(c, new));
	eh_json_str(doc, "loosened", loosened);
	for (size_t i = 0; i < n; i++) {
		char kind[2] = { v[i].kind, '\0' }, *text;
		struct eh_json *j;

		if (v[i].kind == ' ')
			continue;
		j = eh_json_object();
		text = eh_xstrndup(v[i].text, v[i].len);
		eh_json_str(j, "kind", kind);
		eh_json_int(j, "line", (int64_t)(v[i].kind == '-' ? v[i].old_line : v[i].new_line));
		eh_json_str(j, "text", text);
		eh_json_push(rows, j);
		free(text);
	}
	eh_json_set(doc, "lines", rows);
	return cli_put_json(c, &doc);
}

/* A policy is a stranger's text: on a terminal its control characters do not reach the terminal. */
static void print_clean(FILE *out, const char *text, size_t len)
{
	char *plain = eh_xmalloc(3 * len + 1);       /* U+FFFD has three bytes */

	for (size_t at = 0; at < len;) {
		size_t n = 0;

		while (at + n < len && text[at + n] != '\t' && text[at + n] != '\n')
			n++;
		eh_text_printable(plain, 3 * len + 1, text + at, n);
		fputs(plain, out);
		at += n;
		if (at < len)
			(void)fputc(text[at++], out);
	}
	free(plain);
}

static int diff_text(struct cli *c, const struct side *old, const struct side *new, const struct eh_diff_line *v,
		     size_t n, const char *loosened)
{
	bool terminal = isatty(STDOUT_FILENO) != 0;
	struct eh_buf text;
	FILE *out;

	eh_buf_init(&text, 8u << 20);
	eh_diff_unified(&text, v, n, old->source.path, new->source.path, CONTEXT);
	if (text.failed) {
		eh_buf_free(&text);
		return cli_error(c, EH_ENOMEM, "out of memory");
	}
	out = cli_pager_begin(c);
	if (terminal)
		print_clean(out, eh_buf_cstr(&text), text.len);
	else
		(void)fwrite(text.data, 1, text.len, out);
	cli_pager_end(out);
	if (text.len == 0)
		cli_say(c, "the same text (sha256 %.12s)", new->source.hash);
	else if (loosened[0] != '\0')
		cli_say(c, "the settings loosen: %s", loosened);
	eh_buf_free(&text);
	return 0;
}

static int run_diff(struct cli *c)
{
	struct side *old = eh_xcalloc(1, sizeof *old), *new = eh_xcalloc(1, sizeof *new);
	char loosened[EH_LOOSENED_MAX + 1] = "", name[EH_NAME_MAX + 1] = "", spec[1100];
	struct eh_diff_line *v = NULL;
	struct eh_desk *d = NULL;
	size_t n, changes;
	int status, rc = open_project(c, &d);

	if (rc == EH_OK)
		rc = read_side(c, d, c->argv[0], new);
	if (rc == EH_OK) {
		name_of(c, new, c->argv[0], name);
		old_spec(spec, sizeof spec, name, c->argc > 1 ? c->argv[1] : "active");
		rc = read_side(c, d, spec, old);
	}
	if (rc == EH_OK) {
		n = eh_diff_lines(&v, old->source.text, old->source.len, new->source.text, new->source.len, &changes);
		if (old->p != NULL && new->p != NULL)
			eh_policy_loosened(loosened, c->engine->info(old->p), c->engine->info(new->p));
		status = c->format == CLI_JSON ? diff_json(c, old, new, v, n, loosened)
					       : diff_text(c, old, new, v, n, loosened);
	} else {
		status = cli_fail(c);
	}
	free(v);
	free_side(c, old);
	free_side(c, new);
	free(old);
	free(new);
	eh_desk_close(&d);
	return status;
}

/* ---- entries ---- */

static const struct cli_flag list_flags[] = {
	{ "all", NULL, "retired versions too" },
	{ NULL, NULL, NULL }
};
static const struct cli_flag reason_flags[] = {
	{ "reason", "TEXT", "why; it stands in the journal" },
	{ NULL, NULL, NULL }
};
static const struct cli_flag retire_flags[] = {
	{ "reason", "TEXT", "why; it stands in the journal" },
	{ "hash", "DIGITS", "the version meant: at least 6 of the first digits of its SHA-256" },
	{ "keep", NULL, "take back what was asked: the policy stays" },
	{ NULL, NULL, NULL }
};
static const struct cli_flag version_flags[] = {
	{ "reason", "TEXT", "why; it stands in the journal" },
	{ "hash", "DIGITS", "the version meant: at least 6 of the first digits of its SHA-256" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_policy_list = {
	.name = "policy list", .usage = "",
	.summary = "Lists the policies: which hold, who proposed and who approved them",
	.help = "Example: evenhand policy list --all\n\n"
		"active: audits run it.  shipped default: the text that comes with the program, which audits run "
		"until the project activates or retires one of that name.  proposed: waits for a second person.  "
		"draft: a file that nobody proposed.  A policy of the project hides the shipped file of the same "
		"name; the column origin says so, and note says where a file has another text than what is active.",
	.flags = list_flags, .run = run_list,
};
const struct cli_entry cli_policy_propose = {
	.name = "policy propose", .usage = "NAME|FILE",
	.summary = "Proposes a policy's text as it is now for activation",
	.help = "Example: evenhand policy propose my_policy --reason \"works council\"\n\n"
		"The project keeps the text.  Another person activates it with \"policy approve\"; until then audits "
		"run what was active.  When its settings let through what the active text of that name, or the "
		"last one that was, notifies about (a lower limit, larger minima, a smaller alpha, a stricter "
		"correction, fewer attributes, days on which it is silent), the "
		"reason is required, and the journal says what is loosened.  NAME@HASH proposes an earlier version "
		"again.",
	.flags = reason_flags, .min_args = 1, .max_args = 1, .output = CLI_ACT, .wants_project = true,
	.run = run_propose,
};
const struct cli_entry cli_policy_approve = {
	.name = "policy approve", .usage = "NAME",
	.summary = "Makes a proposed policy active, as a second person",
	.help = "Example: evenhand policy approve my_policy --reason \"read the diff\"\n\n"
		"Refused (exit status 4) to the account that proposed the text, and to the one that owned its file "
		"then: the user id decides, not the name.  In a project that one person uses, nothing is activated "
		"that this person wrote: the second one needs another account that may enter the project, today the "
		"project's owner or root.  Look at \"evenhand policy diff NAME\" first.",
	.flags = version_flags, .min_args = 1, .max_args = 1, .output = CLI_ACT, .wants_project = true,
	.run = run_approve,
};
const struct cli_entry cli_policy_retire = {
	.name = "policy retire", .usage = "NAME",
	.summary = "Takes an active policy out of use, or withdraws a proposed one",
	.help = "Example: evenhand policy retire my_policy --reason \"not needed\"\n\n"
		"What audits run ends with two persons: the first one's command asks for it, and the policy is run "
		"until another account says the same.  A proposal that waits is withdrawn by anybody.  The version and "
		"its text stay in the project, and a later text of that name is compared with it (see propose).  The "
		"only policy that an audit runs cannot be retired.",
	.flags = retire_flags, .min_args = 1, .max_args = 1, .output = CLI_ACT, .wants_project = true,
	.run = run_retire,
};
const struct cli_entry cli_policy_diff = {
	.name = "policy diff", .usage = "NAME|FILE [active|HASH|NAME|FILE]",
	.summary = "Shows what a policy's text changes against another version",
	.help = "Example: evenhand policy diff my_policy 3fa94c\n\n"
		"Against the active text of its name, or the version named; in the form that patch(1) reads.  A kept "
		"version is NAME@HASH, the active text NAME@active, the shipped one NAME@default.",
	.min_args = 1, .max_args = 2, .output = CLI_DOCUMENT, .run = run_diff,
};

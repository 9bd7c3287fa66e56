/* evenhand policy: run, show. */
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
#include "cli/policy.h"
#include "policy/pack.h"

/* What can be said of a policy without running it: its place, and what its table holds. */
struct known {
	char path[1024];
	enum eh_policy_origin origin;
	bool shadows;
	struct eh_policy *p;            /* NULL: it cannot be loaded */
	struct eh_err why;
};

static struct eh_json *known_json(const struct cli *c, const struct known *k, const char *name)
{
	const struct eh_policy_info *info = k->p != NULL ? c->engine->info(k->p) : NULL;
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "name", name);
	eh_json_str(j, "path", k->path);
	eh_json_str(j, "origin", eh_policy_origin_text(k->origin));
	eh_json_bool(j, "shadows", k->shadows);
	eh_json_str(j, "version", info != NULL ? info->version : NULL);
	eh_json_str(j, "hash", info != NULL ? info->hash : NULL);
	eh_json_str(j, "error", info != NULL ? NULL : k->why.msg);
	return j;
}

const char *policy_project(const struct cli *c, char *dir, size_t size)
{
	return eh_desk_find_project(dir, size, c->project, NULL) == EH_OK ? dir : NULL;
}

int policy_find(struct cli *c, char *path, size_t size)
{
	char dir[1024];

	return eh_policy_find(path, size, policy_project(c, dir, sizeof dir), c->argv[0], &c->err);
}

/* What an author wants to see of a run: the verdicts with the policy's own words. */
static void run_table(const struct cli *c, const struct eh_findings *f, const struct eh_findings *own)
{
	struct cli_table *t = cli_table_new("evaluator position/2 stage/2 attribute/4 group >n/3 >ratio >q builtin/1 "
					    "verdict reason+");
	bool estimated = false;

	for (size_t i = 0; i < f->n + own->n; i++) {
		const struct eh_finding *x = i < f->n ? &f->v[i] : &own->v[i - f->n];

		cli_cell(t, "%s", x->subject[0] != '\0'     ? x->subject
				  : x->evaluator[0] != '\0' ? x->evaluator
							    : "(all)");
		cli_cell(t, "%s", x->position);
		cli_cell(t, "%s", x->stage);
		cli_cell(t, "%s", x->attribute);
		cli_cell(t, "%s", x->group);
		cli_cell(t, "%llu", (unsigned long long)x->n);
		cli_ratio_cell(t, x, 3);
		estimated = estimated || cli_is_estimate(x);
		cli_cell_p(t, x->q);
		cli_cell(t, "%s", eh_verdict_text(x->builtin));
		cli_cell(t, "%s", eh_verdict_text(x->verdict));
		cli_cell(t, "%s", x->reason);
	}
	cli_table_print(&t, c);
	cli_tell_estimates(c, estimated);
}

static int run_run(struct cli *c)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	int rc = eh_desk_audit(c->desk, c->argv[0], NULL, true, cli_progress_begin(c), r, &c->err);
	int status = 0;

	cli_progress_end();
	if (rc != EH_OK) {
		free(r);
		return cli_fail(c);
	}
	if (r->policy_status != EH_OK)
		status = cli_error(c, EH_EPOLICY, "%s", r->policy_message);
	cli_say_pack(c, r);
	if (r->nothing[0] != '\0')
		status = cli_error(c, EH_EINVAL, "%s: %s", r->policy.name, r->nothing);
	cli_say(c, "%u notify, %u watch, %u too few, %u ok, %u other (nothing stored)", r->head.notify, r->head.watch,
		r->head.too_few, r->head.ok, r->head.other);
	/* a worker that was ended before it answered told nobody how far it came */
	if (r->policy_status != EH_OK && r->use.instructions == 0 && r->use.seconds >= 1.0)
		cli_say(c, "ended after %.3f s; its instructions are not known", r->use.seconds);
	else
		cli_say(c, "less than %llu thousand instructions, %.3f s",
			(unsigned long long)r->use.instructions / 1000 + 1, r->use.seconds);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_findings("evenhand.policy_run/1", eh_desk_dir(c->desk), r->head.decisions,
						       &r->policy.settings, r->findings.v, r->findings.n);
		int put = 0;

		cli_put_policy(doc, &r->head);
		eh_json_str(doc, "policy_error", r->policy_status != EH_OK ? r->policy_message : NULL);
		eh_json_str(doc, "nothing_to_look_at", r->nothing[0] != '\0' ? r->nothing : NULL);
		cli_put_pack(doc, r);
		if (eh_json_put_with_findings(stdout, doc, "own_findings", r->own.v, r->own.n, &c->err) != EH_OK)
			put = cli_fail(c);
		eh_json_free(&doc);
		status = status != 0 ? status : put;
	} else {
		run_table(c, &r->findings, &r->own);
	}
	eh_audit_result_free(r);
	free(r);
	return status;
}

/* A policy is a stranger's text: on a terminal its control characters do not reach the terminal. */
static void print_line(FILE *out, const char *line, size_t len, bool terminal)
{
	char *plain = NULL;

	if (!terminal) {
		(void)fwrite(line, 1, len, out);
		return;
	}
	plain = eh_xmalloc(3 * len + 1);     /* U+FFFD has three bytes */
	for (const char *at = line, *end = line + len; at < end;) {
		size_t n = strcspn(at, "\t\n");

		n = n < (size_t)(end - at) ? n : (size_t)(end - at);
		eh_text_printable(plain, 3 * len + 1, at, n);
		fputs(plain, out);
		at += n;
		if (at < end)
			(void)fputc(*at++, out);
	}
	free(plain);
}

/* A line at a time, as the pager takes them. */
static void show_text(const struct cli *c, const struct eh_policy_source *s)
{
	bool terminal = isatty(STDOUT_FILENO) != 0;
	FILE *out = cli_pager_begin(c);

	for (const char *at = s->text, *end = s->text + s->len; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = stop != NULL ? (size_t)(stop + 1 - at) : (size_t)(end - at);

		print_line(out, at, len, terminal);
		at += len;
	}
	cli_pager_end(out);
}

struct eh_json *policy_libraries_json(const char *text, size_t len)
{
	struct eh_library v[EH_LIBRARIES_MAX];
	size_t n = eh_library_list(text, len, v, EH_LIBRARIES_MAX);
	struct eh_json *list = eh_json_array();

	for (size_t i = 0; i < n; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "name", v[i].name);
		eh_json_str(j, "hash", v[i].hash);
		eh_json_bool(j, "shipped", eh_library_shipped(&v[i]));
		eh_json_push(list, j);
	}
	return list;
}

/* A policy that cannot be loaded is shown too, with the reason; its text must be UTF-8 for a document. */
static int show_json(struct cli *c, const struct eh_policy_source *s)
{
	struct eh_json *doc = NULL;
	struct known k = { .origin = s->origin, .shadows = s->shadows };

	if (memchr(s->text, '\0', s->len) != NULL || !eh_utf8_valid(s->text, s->len))
		return cli_error(c, EH_EFORMAT, "%s is not UTF-8 text: no document can hold it", s->path);
	(void)snprintf(k.path, sizeof k.path, "%s", s->path);
	(void)policy_load_source(c, s, &k.p, &k.why);
	doc = known_json(c, &k, c->argv[0]);
	eh_json_str(doc, "schema", "evenhand.policy/1");
	eh_json_set(doc, "libraries", policy_libraries_json(s->text, s->len));
	eh_json_str(doc, "text", s->text);
	if (k.p != NULL)
		c->engine->free(&k.p);
	return cli_put_json(c, &doc);
}

int policy_source(struct cli *c, struct eh_policy_source *s)
{
	char dir[1024];
	const char *project = policy_project(c, dir, sizeof dir), *spec = c->argv[0];
	struct eh_desk *d = NULL;
	int rc = EH_OK;

	memset(s, 0, sizeof *s);
	if (!eh_desk_policy_is_version(spec)) {
		rc = eh_policy_find(s->path, sizeof s->path, project, spec, &c->err);
		s->origin = eh_policy_origin(project, spec, &s->shadows);
		return rc == EH_OK ? eh_policy_read(s->path, &s->text, &s->len, &s->owner, &c->err) : rc;
	}
	if (project != NULL)
		rc = eh_desk_open(&d, dir, c->engine, &c->err);
	if (rc == EH_OK)
		rc = eh_desk_policy_source(d, spec, s, &c->err);
	eh_desk_close(&d);
	return rc;
}

int policy_load_source(const struct cli *c, const struct eh_policy_source *s, struct eh_policy **p, struct eh_err *err)
{
	return s->stored ? c->engine->load_text(p, s->path, s->text, s->len, err) : c->engine->load(p, s->path, err);
}

/* Where the text stands in the project's registry; "" outside of a project. */
static void standing(struct cli *c, char *out, size_t size)
{
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	const struct eh_policy_version *v = &s->version;
	struct eh_desk *d = NULL;
	char dir[1024];

	out[0] = '\0';
	if (policy_project(c, dir, sizeof dir) != NULL && eh_desk_open(&d, dir, c->engine, NULL) == EH_OK &&
	    eh_desk_policy_source(d, c->argv[0], s, NULL) == EH_OK)
		(void)snprintf(out, size, "%s", eh_policy_state_text(v->state));
	/* what comes with the program runs, and may wait as proposed all the same */
	if (v->proposed.at != 0 && v->approved.at == 0 && v->retired.at == 0)
		(void)snprintf(out + strlen(out), size - strlen(out), "%s by %s, waits for a second person",
			       v->state == EH_POLICY_DEFAULT ? "; proposed" : "", v->proposed.who.login);
	eh_policy_source_free(s);
	free(s);
	eh_desk_close(&d);
}

/* On stderr: the text on stdout is the policy's own bytes. */
static void tell_standing(struct cli *c, const struct eh_policy_source *s)
{
	char state[160], pack[EH_PACK_TEXT_MAX + 1] = "", day[11];
	struct eh_policy *p = NULL;

	standing(c, state, sizeof state);
	if (policy_load_source(c, s, &p, NULL) == EH_OK) {
		const struct eh_policy_info *i = c->engine->info(p);

		eh_pack_day(day, eh_now());
		eh_pack_text(pack, &i->pack, eh_pack_state(&i->pack, day));
		c->engine->free(&p);
	}
	if (state[0] != '\0')
		cli_say(c, "%s: %s", s->path, state);
	if (pack[0] != '\0')
		cli_say(c, "rule pack %s", pack);
}

static int run_show(struct cli *c)
{
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	int status = 0;

	if (policy_source(c, s) != EH_OK)
		status = cli_fail(c);
	else if (c->format == CLI_JSON)
		status = show_json(c, s);
	else {
		show_text(c, s);
		tell_standing(c, s);
	}
	eh_policy_source_free(s);
	free(s);
	return status;
}

const struct cli_entry cli_policy_run = {
	.name = "policy run", .usage = "NAME|FILE|NAME@HASH",
	.summary = "Runs a policy on the project and prints its verdicts, stores nothing",
	.help = "Example: evenhand policy run my_policy.lua\n\n"
		"Says whether the policy's rule pack is in force today, and what its worker used.  Exit status 1 when "
		"the policy fails or has nothing to look at here.",
	.min_args = 1, .max_args = 1, .wants_project = true, .run = run_run,
};
const struct cli_entry cli_policy_show = {
	.name = "policy show", .usage = "NAME|FILE|NAME@HASH", .summary = "Prints a policy's text",
	.help = "Example: evenhand policy show evaluator_screen\n\n"
		"NAME@active, NAME@default and NAME@HASH are versions, as for audit.  Behind the policy's own text "
		"come the libraries that it names, each after a line \"--@library NAME\": the SHA-256 of what is "
		"printed is the policy's.  Where it stands in the project, and the days of its rule pack, are said on "
		"stderr.  --json has the text with name, path, origin, version, hash and the libraries' hashes, "
		"schema evenhand.policy/1.",
	.min_args = 1, .max_args = 1, .output = CLI_DOCUMENT, .run = run_show,
};

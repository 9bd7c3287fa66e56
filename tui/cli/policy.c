/* evenhand policy: run, show. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "cli/policy.h"

/* What can be said of a policy without running it: its place, and what its table holds. */
struct known {
	char path[1024];
	enum eh_policy_origin origin;
	bool shadows;
	struct eh_policy *p;            /* NULL: it cannot be loaded */
	struct eh_err why;
};

static void know(struct known *k, const struct cli *c, const char *dir, const char *name)
{
	memset(k, 0, sizeof *k);
	k->origin = eh_policy_origin(dir, name, &k->shadows);
	if (eh_policy_find(k->path, sizeof k->path, dir, name, &k->why) == EH_OK)
		(void)c->engine->load(&k->p, k->path, &k->why);
}

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
	cli_say(c, "%u notify, %u watch, %u too few, %u ok, %u other (nothing stored)", r->head.notify, r->head.watch,
		r->head.too_few, r->head.ok, r->head.other);
	cli_say(c, "less than %llu thousand instructions, %.3f s", (unsigned long long)r->use.instructions / 1000 + 1,
		r->use.seconds);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_findings("evenhand.policy_run/1", eh_desk_dir(c->desk), r->head.decisions,
						       &r->policy.settings, r->findings.v, r->findings.n);
		int put = 0;

		eh_json_set(doc, "own_findings", cli_own_json(r->own.v, r->own.n));
		put = cli_put_json(c, &doc);
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

static void show_text(const struct cli *c, FILE *f)
{
	bool terminal = isatty(STDOUT_FILENO) != 0;
	FILE *out = cli_pager_begin(c);
	char *line = NULL;
	size_t size = 0;
	ssize_t len = 0;

	while ((len = getline(&line, &size, f)) > 0)
		print_line(out, line, (size_t)len, terminal);
	cli_pager_end(out);
	free(line);
}

/* A policy that cannot be loaded is shown too, with the reason; its text must be UTF-8 for a document. */
static int show_json(struct cli *c, FILE *f, const char *path)
{
	char dir[1024];
	const char *project = policy_project(c, dir, sizeof dir);
	struct eh_json *doc = NULL;
	struct known k;
	char *text = NULL;
	size_t size = 0;
	ssize_t len = getdelim(&text, &size, '\0', f);

	if (ferror(f)) {
		free(text);
		return cli_error(c, EH_EIO, "%s cannot be read: %s", path, strerror(errno));
	}
	if (!feof(f) || (len > 0 && !eh_utf8_valid(text, (size_t)len))) {
		free(text);
		return cli_error(c, EH_EFORMAT, "%s is not UTF-8 text: no document can hold it", path);
	}
	know(&k, c, project, c->argv[0]);
	doc = known_json(c, &k, c->argv[0]);
	eh_json_str(doc, "schema", "evenhand.policy/1");
	eh_json_str(doc, "text", len > 0 ? text : "");
	if (k.p != NULL)
		c->engine->free(&k.p);
	free(text);
	return cli_put_json(c, &doc);
}

static int run_show(struct cli *c)
{
	char path[1024] = "";
	struct stat st;
	FILE *f = NULL;
	int status = 0;

	if (policy_find(c, path, sizeof path) != EH_OK)
		return cli_fail(c);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return cli_error(c, EH_EPOLICY, "%s is not a regular file", path);
	f = fopen(path, "r");
	if (f == NULL)
		return cli_error(c, EH_EIO, "%s cannot be read: %s", path, strerror(errno));
	if (c->format == CLI_JSON)
		status = show_json(c, f, path);
	else
		show_text(c, f);
	(void)fclose(f);
	return status;
}

const struct cli_entry cli_policy_run = {
	.name = "policy run", .usage = "NAME|FILE",
	.summary = "Runs a policy on the project and prints its verdicts, stores nothing",
	.min_args = 1, .max_args = 1, .wants_project = true, .run = run_run,
};
const struct cli_entry cli_policy_show = {
	.name = "policy show", .usage = "NAME|FILE", .summary = "Prints a policy's text",
	.help = "Example: evenhand policy show evaluator_screen\n\n"
		"--json has the text with name, path, origin, version and hash, schema evenhand.policy/1.",
	.min_args = 1, .max_args = 1, .output = CLI_DOCUMENT, .run = run_show,
};

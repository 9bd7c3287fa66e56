/* evenhand policy: list, check, run, show. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"

struct found {
	char **names;
	size_t n;
};

/* Names of the policies of a directory: NAME.lua that the engine can load or at least finds. */
static void collect(struct found *f, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		/* evenhand.lua is the authors' helper library, not a policy */
		if (len <= 4 || strcmp(e->d_name + len - 4, ".lua") != 0 || strcmp(e->d_name, "evenhand.lua") == 0)
			continue;
		f->names = eh_xrealloc(f->names, f->n + 1, sizeof *f->names);
		f->names[f->n++] = eh_xstrndup(e->d_name, len - 4);
	}
	(void)closedir(d);
}

static void shipped_dir(char *out, size_t size)
{
	char *slash;

	if (eh_data_path(out, size, EH_DATA_POLICY, "evaluator_screen.lua", NULL) != EH_OK) {
		out[0] = '\0';
		return;
	}
	slash = strrchr(out, '/');
	if (slash != NULL)
		*slash = '\0';
}

static void list_row(struct cli *c, const char *dir, const char *name, struct eh_json *rows, struct cli_table *t)
{
	struct eh_json *j = eh_json_object();
	struct eh_policy *p = NULL;
	struct eh_err why = EH_ERR_INIT;
	char path[1024];
	int rc = eh_policy_find(path, sizeof path, dir, name, &why);

	if (rc == EH_OK)
		rc = c->engine->load(&p, path, &why);
	eh_json_str(j, "name", name);
	eh_json_str(j, "path", path);
	eh_json_str(j, "version", rc == EH_OK ? c->engine->info(p)->version : NULL);
	eh_json_str(j, "hash", rc == EH_OK ? c->engine->info(p)->hash : NULL);
	eh_json_str(j, "error", rc == EH_OK ? NULL : why.msg);
	eh_json_push(rows, j);
	cli_cell(t, "%s", name);
	cli_cell(t, "%s", rc == EH_OK ? c->engine->info(p)->version : "-");
	cli_cell(t, "%.12s", rc == EH_OK ? c->engine->info(p)->hash : "-");
	cli_cell(t, "%s", rc == EH_OK ? "ok" : why.msg);
	cli_cell(t, "%s", path);
	if (p != NULL)
		c->engine->free(&p);
}

static int run_list(struct cli *c)
{
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("policy version hash state path");
	struct found f = { NULL, 0 };
	char dir[1024], own[1100];
	const char *project = eh_desk_find_project(dir, sizeof dir, c->project, NULL) == EH_OK ? dir : NULL;
	char shipped[1024];

	shipped_dir(shipped, sizeof shipped);
	collect(&f, shipped);
	if (project != NULL) {
		(void)snprintf(own, sizeof own, "%s/policies", project);
		collect(&f, own);
	}
	if (f.n > 1)
		qsort(f.names, f.n, sizeof *f.names, eh_strcmp_ptr);
	eh_json_str(doc, "schema", "evenhand.policies/1");
	for (size_t i = 0; i < f.n; i++) {
		if (i == 0 || strcmp(f.names[i], f.names[i - 1]) != 0)
			list_row(c, project, f.names[i], rows, t);
	}
	for (size_t i = 0; i < f.n; i++)
		free(f.names[i]);
	free(f.names);
	eh_json_set(doc, "policies", rows);
	return cli_finish(c, EH_OK, &doc, &t);
}

static int find(struct cli *c, char *path, size_t size)
{
	char dir[1024];
	const char *project = eh_desk_find_project(dir, sizeof dir, c->project, NULL) == EH_OK ? dir : NULL;

	return eh_policy_find(path, size, project, c->argv[0], &c->err);
}

static void say_policy(const struct cli *c, const struct eh_policy_info *i)
{
	const struct eh_audit_settings *s = &i->settings;

	cli_say(c, "%s %s  api %d  limit %d/%d  minimum %u per group, %u in all  family %s  alpha %g", i->name, i->version, EH_POLICY_API,
		s->limit_num, s->limit_den, s->min_group, s->min_total, s->family, s->alpha);
	cli_say(c, "sha256 %s", i->hash);
}

/* Plain facts of an evaluator, so that a check() is really run once. */
static struct eh_finding sample(void)
{
	struct eh_finding f;

	memset(&f, 0, sizeof f);
	(void)snprintf(f.evaluator, sizeof f.evaluator, "SAMPLE");
	(void)snprintf(f.attribute, sizeof f.attribute, "sex");
	(void)snprintf(f.group, sizeof f.group, "female");
	(void)snprintf(f.reference, sizeof f.reference, "rest");
	(void)snprintf(f.family_method, sizeof f.family_method, "bh");
	f.n = f.persons = f.ref_n = f.ref_persons = 50;
	f.selected = 15;
	f.ref_selected = 30;
	f.strata = 1;
	f.rate = eh_num(0.3);
	f.ref_rate = eh_num(0.6);
	f.impact_ratio = f.ratio = eh_num(0.5);
	f.below_limit = f.ratio_below = EH_YES;
	f.flips = EH_NO;
	f.interval.low = f.ratio_interval.low = eh_num(0.31);
	f.interval.high = f.ratio_interval.high = eh_num(0.79);
	f.shortfall = eh_num(15.0);
	f.p = f.q = f.q_holm = eh_num(0.003);
	f.detectable = eh_num(0.55);
	f.family_size = 2;
	f.declared = 100;
	f.limit_num = 4;
	f.limit_den = 5;
	f.min_group = 10;
	f.min_total = 30;
	f.builtin = EH_WATCH;
	f.mh_ratio = f.p_cmh = f.p_breslow_day = eh_undefined(EH_U_ONE_STRATUM);
	f.mh_interval.low = f.mh_interval.high = eh_undefined(EH_U_ONE_STRATUM);
	f.z = f.p_z = f.p_fisher = f.p_mid = eh_undefined(EH_U_NOT_COMPUTED);
	f.em_ratio = f.weighted_ratio = f.p_em = f.em_n = f.em_selected = eh_undefined(EH_U_NOT_COMPUTED);
	f.em_interval.low = f.em_interval.high = eh_undefined(EH_U_NOT_COMPUTED);
	f.bench_rate = f.bench_ratio = f.deviation = eh_undefined(EH_U_NO_PEERS);
	f.peers_ratio = f.peers_z = f.peers_p = f.peers_q = eh_undefined(EH_U_NO_PEERS);
	return f;
}

static int run_check(struct cli *c)
{
	struct eh_finding f = sample();
	struct eh_policy *p = NULL;
	struct eh_verdict v;
	struct eh_policy_use use = { 0 };
	char path[1024];
	int rc = find(c, path, sizeof path);

	memset(&v, 0, sizeof v);
	if (rc == EH_OK)
		rc = c->engine->load(&p, path, &c->err);
	if (rc == EH_OK)
		rc = c->engine->check(p, &f, 1, &c->engine->info(p)->settings, &v, &use, &c->err);
	if (rc == EH_OK && v.kind == EH_POLICY_ERROR)
		rc = eh_err_set(&c->err, EH_EPOLICY, "on the sample facts: %s", v.reason);
	if (rc == EH_OK) {
		say_policy(c, c->engine->info(p));
		cli_say(c, "sample facts (15 of 50 against 30 of 50): %s: %s", eh_verdict_text((enum eh_verdict_kind)v.kind), v.reason);
		cli_say(c, "%llu instructions, %llu bytes", (unsigned long long)use.instructions, (unsigned long long)use.memory);
	}
	if (rc == EH_OK && c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();

		eh_json_str(doc, "schema", "evenhand.policy_check/1");
		eh_json_str(doc, "name", c->engine->info(p)->name);
		eh_json_str(doc, "version", c->engine->info(p)->version);
		eh_json_str(doc, "hash", c->engine->info(p)->hash);
		eh_json_str(doc, "sample_verdict", eh_verdict_text((enum eh_verdict_kind)v.kind));
		eh_json_int(doc, "instructions", (int64_t)use.instructions);
		(void)cli_put_json(c, &doc);
	}
	if (p != NULL)
		c->engine->free(&p);
	return rc == EH_OK ? 0 : cli_fail(c);
}

static int run_run(struct cli *c)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	int rc = eh_desk_audit(c->desk, c->argv[0], NULL, true, cli_progress_begin(c), r, &c->err);
	char text[1024];
	const char *error;
	int status = 0;

	cli_progress_end();
	if (rc != EH_OK) {
		free(r);
		return cli_fail(c);
	}
	error = cli_policy_error(r, text, sizeof text);
	if (error != NULL)
		status = cli_error(c, EH_EPOLICY, "%s", error);
	cli_say(c, "%u notify, %u watch, %u too few, %u ok, %u other (nothing stored); %llu instructions, %.3f s", r->head.notify,
		r->head.watch, r->head.too_few, r->head.ok, r->head.other, (unsigned long long)r->use.instructions, r->use.seconds);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_findings("evenhand.policy_run/1", eh_desk_dir(c->desk), r->head.decisions,
						       &r->policy.settings, r->findings.v, r->findings.n);
		int put = cli_put_json(c, &doc);

		status = status != 0 ? status : put;
	} else {
		cli_findings_table(c, r->findings.v, r->findings.n, NULL);
	}
	eh_audit_result_free(r);
	free(r);
	return status;
}

static int run_show(struct cli *c)
{
	char path[1024], line[4096];
	FILE *f, *out;

	if (find(c, path, sizeof path) != EH_OK)
		return cli_fail(c);
	f = fopen(path, "r");
	if (f == NULL)
		return cli_error(c, EH_EIO, "%s cannot be read", path);
	out = cli_pager_begin(c);
	while (fgets(line, sizeof line, f) != NULL)
		fputs(line, out);
	cli_pager_end(out);
	(void)fclose(f);
	return 0;
}

const struct cli_entry cli_policy_list = {
	.name = "policy list", .usage = "", .summary = "Lists the policies of the project and the shipped ones", .run = run_list,
};
const struct cli_entry cli_policy_check = {
	.name = "policy check", .usage = "NAME|FILE", .summary = "Loads a policy in its sandbox and runs it on sample facts",
	.help = "Example: evenhand policy check my_policy.lua",
	.min_args = 1, .max_args = 1, .run = run_check,
};
const struct cli_entry cli_policy_run = {
	.name = "policy run", .usage = "NAME|FILE", .summary = "Runs a policy on the project and prints its verdicts, stores nothing",
	.min_args = 1, .max_args = 1, .wants_project = true, .run = run_run,
};
const struct cli_entry cli_policy_show = {
	.name = "policy show", .usage = "NAME|FILE", .summary = "Prints a policy's text",
	.min_args = 1, .max_args = 1, .run = run_show,
};

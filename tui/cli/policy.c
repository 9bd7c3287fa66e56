/* evenhand policy: list, check, run, show. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/screening.h"
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

static void list_row(struct cli *c, const char *dir, const char *name, struct eh_json *rows, struct cli_table *t)
{
	const struct eh_policy_info *info = NULL;
	struct known k;

	know(&k, c, dir, name);
	info = k.p != NULL ? c->engine->info(k.p) : NULL;
	eh_json_push(rows, known_json(c, &k, name));
	cli_cell(t, "%s", name);
	cli_cell(t, "%s", info != NULL ? info->version : "-");
	cli_cell(t, "%.12s", info != NULL ? info->hash : "-");
	cli_cell(t, "%s", info != NULL ? "ok" : k.why.msg);
	cli_cell(t, "%s", k.path);
	cli_cell(t, "%s%s", eh_policy_origin_text(k.origin), k.shadows ? ", hides the shipped one" : "");
	if (k.p != NULL)
		c->engine->free(&k.p);
}

static int run_list(struct cli *c)
{
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("policy version hash/2 state~ path/1 origin");
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
	static const char *const rules[] = { "the highest rate", "the rest" };
	const struct eh_audit_settings *s = &i->settings;
	const char *slash = strrchr(i->path, '/');
	const char *base = slash != NULL ? slash + 1 : i->path;
	size_t len = strlen(i->name);

	cli_say(c, "%s %s  api %d  limit %d/%d  against %s  minimum %u per group, %u in all  family %s  alpha %g",
		i->name, i->version, EH_POLICY_API, s->limit_num, s->limit_den,
		s->reference == EH_REF_FIXED ? s->fixed_reference : rules[s->reference == EH_REF_REST], s->min_group,
		s->min_total, s->family, s->alpha);
	for (size_t k = 0; k < i->n_attributes; k++)
		cli_say(c, "looks at %s", i->attributes[k]);
	cli_say(c, "sha256 %s", i->hash);
	if (strncmp(base, i->name, len) != 0 || strcmp(base + len, ".lua") != 0)
		cli_say(c, "note: a policy is found by its file's name, %s, and its results are filed under %s", base,
			i->name);
}

/* ---- sample facts: one for each way a check() is asked, so that a slip in any of its branches shows ---- */

enum { SAMPLE_EVALUATOR, SAMPLE_POOLED, SAMPLE_REFERENCE, SAMPLE_FEW, SAMPLE_NO_RATIO, SAMPLE_PREDICTED, SAMPLES };

static const char *const sample_names[SAMPLES] = {
	"an evaluator: 15 of 50 against 30 of 50", "all evaluators together: the same", "the reference group itself",
	"few persons: 1 of 4 against 3 of 4", "nobody of the reference advanced: no ratio",
	"predicted classes: estimated ratio 0.5",
};

/* What the audit leaves undefined in a plain table without strata, predictions and other evaluators. */
static void sample_undefined(struct eh_finding *f)
{
	f->mh_ratio = f->p_cmh = f->p_breslow_day = eh_undefined(EH_U_ONE_STRATUM);
	f->mh_interval.low = f->mh_interval.high = eh_undefined(EH_U_ONE_STRATUM);
	f->z = f->p_z = f->p_fisher = f->p_mid = eh_undefined(EH_U_NOT_COMPUTED);
	f->em_ratio = f->weighted_ratio = f->p_em = f->em_n = f->em_selected = eh_undefined(EH_U_NOT_COMPUTED);
	f->em_interval.low = f->em_interval.high = eh_undefined(EH_U_NOT_COMPUTED);
	eh_assumption_none(&f->assume, EH_U_NOT_COMPUTED);
	f->bench_rate = f->bench_ratio = f->deviation = eh_undefined(EH_U_NO_PEERS);
	f->peers_ratio = f->peers_z = f->peers_p = f->peers_q = eh_undefined(EH_U_NO_PEERS);
}

static struct eh_finding sample_base(const struct eh_policy_info *info)
{
	const struct eh_audit_settings *s = &info->settings;
	struct eh_finding f;

	memset(&f, 0, sizeof f);
	(void)snprintf(f.evaluator, sizeof f.evaluator, "SAMPLE");
	(void)snprintf(f.attribute, sizeof f.attribute, "%s", info->n_attributes > 0 ? info->attributes[0] : "sex");
	(void)snprintf(f.group, sizeof f.group, "female");
	(void)snprintf(f.reference, sizeof f.reference, "%s", s->reference == EH_REF_REST ? "rest" :
		       s->reference == EH_REF_FIXED ? s->fixed_reference : "male");
	(void)snprintf(f.family_method, sizeof f.family_method, "%s", s->family);
	f.n = f.persons = f.ref_n = f.ref_persons = 50;
	f.selected = 15;
	f.ref_selected = 30;
	f.strata = 1;
	f.rate = eh_num(0.3);
	f.ref_rate = eh_num(0.6);
	f.impact_ratio = f.ratio = eh_num(0.5);
	f.below_limit = f.ratio_below = s->limit_den < 2 * s->limit_num ? EH_YES : EH_NO;
	f.flips = EH_NO;
	f.interval.low = f.ratio_interval.low = eh_num(0.31);
	f.interval.high = f.ratio_interval.high = eh_num(0.79);
	f.shortfall = eh_num(15.0);
	f.p = f.q = f.q_holm = eh_num(0.003);
	f.detectable = eh_num(0.55);
	f.family_size = 2;
	f.declared = 100;
	f.limit_num = s->limit_num;
	f.limit_den = s->limit_den;
	f.min_group = s->min_group;
	f.min_total = s->min_total;
	f.builtin = f.below_limit == EH_YES ? EH_WATCH : EH_OK_VERDICT;
	sample_undefined(&f);
	return f;
}

static void sample_without_test(struct eh_finding *f, enum eh_undef why)
{
	f->interval.low = f->interval.high = f->ratio_interval.low = f->ratio_interval.high = eh_undefined(why);
	f->p = f->q = f->q_holm = f->shortfall = f->detectable = eh_undefined(why);
	f->flips = EH_UNKNOWN;
}

static void sample_reference(struct eh_finding *f)
{
	f->is_reference = true;
	(void)snprintf(f->reference, sizeof f->reference, "%s", f->group);
	f->ref_selected = f->selected;
	f->ref_rate = f->rate;
	f->impact_ratio = f->ratio = eh_num(1.0);
	f->below_limit = f->ratio_below = EH_NO;
	f->builtin = EH_OK_VERDICT;
	sample_without_test(f, EH_U_IS_REFERENCE);
}

static void sample_few(struct eh_finding *f)
{
	f->n = f->persons = f->ref_n = f->ref_persons = 4;
	f->selected = 1;
	f->ref_selected = 3;
	f->rate = eh_num(0.25);
	f->ref_rate = eh_num(0.75);
	f->impact_ratio = f->ratio = eh_num(1.0 / 3.0);
	f->below_limit = f->ratio_below = 3 * f->limit_num > f->limit_den ? EH_YES : EH_NO;
	f->shortfall = eh_num(2.0);
	f->p = f->q = f->q_holm = eh_num(0.3);
	f->detectable = eh_undefined(EH_U_NOT_DETECTABLE);
	f->flips = EH_YES;
	f->declared = 8;
	f->builtin = EH_TOO_FEW;
}

static void sample_predicted(struct eh_finding *f)
{
	f->basis = EH_BASIS_SCREENING;
	f->em_ratio = f->ratio;
	f->weighted_ratio = eh_num(0.6);
	f->p_em = f->p;
	f->em_interval = f->ratio_interval;
	f->em_n = eh_num(50.0);
	f->em_selected = eh_num(15.0);
	f->robust = f->assume.em_supports = true;
	f->assume.bounds.low = eh_num(0.2);
	f->assume.bounds.high = eh_num(1.4);
	f->assume.cells = 5;
	f->assume.n_eff = eh_num(70.0);
	f->assume.auc = eh_num(0.93);
	f->assume.auc_lo = eh_num(0.88);
	f->assume.ece = eh_num(0.04);
	f->n = f->persons = f->ref_n = f->ref_persons = 25;
	f->selected = 8;
	f->ref_selected = 15;
	f->rate = eh_num(0.32);
	f->impact_ratio = eh_num(0.32 / 0.6);
	f->declared = f->predicted = 50;
}

static struct eh_finding sample(const struct eh_policy_info *info, size_t i)
{
	struct eh_finding f = sample_base(info);

	switch (i) {
	case SAMPLE_POOLED: f.evaluator[0] = '\0'; break;
	case SAMPLE_REFERENCE: sample_reference(&f); break;
	case SAMPLE_FEW: sample_few(&f); break;
	case SAMPLE_NO_RATIO:
		f.ref_selected = 0;
		f.ref_rate = eh_num(0.0);
		f.impact_ratio = f.ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
		f.below_limit = f.ratio_below = EH_UNKNOWN;
		f.builtin = EH_OK_VERDICT;
		sample_without_test(&f, EH_U_REFERENCE_NONE_SELECTED);
		break;
	case SAMPLE_PREDICTED: sample_predicted(&f); break;
	default: break;
	}
	return f;
}

/* ---- check ---- */

static int check_samples(struct cli *c, struct eh_policy *p, struct eh_verdict v[SAMPLES], struct eh_policy_use *use)
{
	const struct eh_policy_info *info = c->engine->info(p);
	struct eh_finding *f = eh_xcalloc(SAMPLES, sizeof *f);
	int rc = EH_OK;

	for (size_t i = 0; i < SAMPLES; i++)
		f[i] = sample(info, i);
	rc = c->engine->check(p, f, SAMPLES, &info->settings, v, use, &c->err);
	for (size_t i = 0; i < SAMPLES && rc == EH_OK; i++) {
		if (v[i].kind == EH_POLICY_ERROR)
			rc = eh_err_set(&c->err, EH_EPOLICY, "%s (on sample facts: %s)", v[i].reason, sample_names[i]);
	}
	free(f);
	return rc;
}

static struct eh_json *check_document(const struct eh_policy_info *info, const struct eh_verdict v[SAMPLES],
				      const struct eh_policy_use *use)
{
	struct eh_json *doc = eh_json_object(), *samples = eh_json_array();

	eh_json_str(doc, "schema", "evenhand.policy_check/1");
	eh_json_str(doc, "name", info->name);
	eh_json_str(doc, "version", info->version);
	eh_json_str(doc, "hash", info->hash);
	eh_json_str(doc, "sample_verdict", eh_verdict_text((enum eh_verdict_kind)v[0].kind));
	for (size_t i = 0; i < SAMPLES; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "sample", sample_names[i]);
		eh_json_str(j, "verdict", eh_verdict_text((enum eh_verdict_kind)v[i].kind));
		eh_json_str(j, "reason", v[i].reason);
		eh_json_push(samples, j);
	}
	eh_json_set(doc, "samples", samples);
	eh_json_int(doc, "instructions", (int64_t)use->instructions);
	eh_json_int(doc, "memory", (int64_t)use->memory);
	return doc;
}

static int run_check(struct cli *c)
{
	struct eh_policy *p = NULL;
	struct eh_verdict v[SAMPLES];
	struct eh_policy_use use = { 0 };
	struct eh_json *doc = NULL;
	struct cli_table *t = NULL;
	char path[1024] = "";
	int rc = find(c, path, sizeof path);

	memset(v, 0, sizeof v);
	if (rc == EH_OK)
		rc = c->engine->load(&p, path, &c->err);
	if (rc == EH_OK)
		rc = check_samples(c, p, v, &use);
	if (rc == EH_OK) {
		say_policy(c, c->engine->info(p));
		/* the engine counts in steps of a thousand */
		cli_say(c, "%zu sample facts cost less than %llu thousand instructions, and %llu KiB of memory",
			(size_t)SAMPLES, (unsigned long long)use.instructions / 1000 + 1,
			(unsigned long long)(use.memory + 1023) / 1024);
		doc = check_document(c->engine->info(p), v, &use);
		t = cli_table_new("sample~ verdict reason+");
		for (size_t i = 0; i < SAMPLES; i++) {
			cli_cell(t, "%s", sample_names[i]);
			cli_cell(t, "%s", eh_verdict_text((enum eh_verdict_kind)v[i].kind));
			cli_cell(t, "%s", v[i].reason);
		}
	}
	if (p != NULL)
		c->engine->free(&p);
	return rc == EH_OK ? cli_finish(c, rc, &doc, &t) : cli_fail(c);
}

/* What an author wants to see of a run: the verdicts with the policy's own words. */
static void run_table(const struct cli *c, const struct eh_findings *f)
{
	struct cli_table *t = cli_table_new("evaluator position/2 attribute/4 group >n/3 >ratio >q builtin/1 verdict "
					    "reason+");
	bool estimated = false;

	for (size_t i = 0; i < f->n; i++) {
		const struct eh_finding *x = &f->v[i];

		cli_cell(t, "%s", x->evaluator[0] != '\0' ? x->evaluator : "(all)");
		cli_cell(t, "%s", x->position);
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
		int put = cli_put_json(c, &doc);

		status = status != 0 ? status : put;
	} else {
		run_table(c, &r->findings);
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
	const char *project = eh_desk_find_project(dir, sizeof dir, c->project, NULL) == EH_OK ? dir : NULL;
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

	if (find(c, path, sizeof path) != EH_OK)
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

const struct cli_entry cli_policy_list = {
	.name = "policy list", .usage = "", .summary = "Lists the policies of the project and the shipped ones",
	.help = "A policy of the project hides the shipped one of the same name; the column origin says so.",
	.run = run_list,
};
const struct cli_entry cli_policy_check = {
	.name = "policy check", .usage = "NAME|FILE",
	.summary = "Loads a policy in its sandbox and runs it on sample facts",
	.help = "Example: evenhand policy check my_policy.lua\n\n"
		"Prints the policy's verdicts on six made-up findings: an evaluator, all evaluators together, the "
		"reference group, few persons, a ratio that is not defined, predicted classes.  "
		"evenhand-policy(5) is the manual.",
	.min_args = 1, .max_args = 1, .run = run_check,
};
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

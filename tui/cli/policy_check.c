/* evenhand policy check: what is wrong with a policy's text, and what it says of made-up findings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/entries.h"
#include "cli/policy.h"

/* What is known of a policy once it was looked through and tried. */
struct checked {
	const struct eh_policy_info *info;
	const char *file; /* last part of its path */
	struct eh_lint lint;
	struct eh_verdict v[SAMPLES];
	struct eh_policy_use use;
	size_t own;     /* findings that compute() handed over */
	bool tried; /* v is what the policy said */
	char namesake[200];     /* it calls itself as a shipped one does; "" = it does not */
	char unknown[400];      /* attributes that this project does not know; "" = it knows them, or there is none */
};

static void say_policy(const struct cli *c, const struct eh_policy_info *i)
{
	static const char *const rules[] = { "the highest rate", "the rest", "", "the largest group" };
	const struct eh_audit_settings *s = &i->settings;
	const char *slash = strrchr(i->path, '/');
	const char *base = slash != NULL ? slash + 1 : i->path;
	size_t len = strlen(i->name);

	cli_say(c, "%s %s  api %d  limit %d/%d  against %s  minimum %u per group, %u in all  family %s  alpha %g",
		i->name, i->version, EH_POLICY_API, s->limit_num, s->limit_den,
		s->reference == EH_REF_FIXED ? s->fixed_reference : rules[s->reference], s->min_group, s->min_total,
		s->family, s->alpha);
	for (size_t k = 0; k < i->n_attributes; k++)
		cli_say(c, "looks at %s", i->attributes[k]);
	cli_say(c, "sha256 %s", i->hash);
	if (!eh_desk_policy_is_version(base) &&
	    (strncmp(base, i->name, len) != 0 || strcmp(base + len, ".lua") != 0)) {
		char shown[256];

		/* a stranger's file: so may be its name */
		eh_text_printable(shown, sizeof shown, base, strlen(base));
		cli_say(c, "note: a policy is found by its file's name, %s, and its results are filed under %s", shown,
			i->name);
	}
}

/* In a project it can be told which attributes nobody has; several policies may be for projects that have others. */
static void look_for_attributes(struct cli *c, struct checked *x)
{
	eh_name *v = NULL;
	char dir[1024];
	struct eh_desk *d = NULL;
	size_t n = 0, len = 0;

	if (x->info->n_attributes == 0 || policy_project(c, dir, sizeof dir) == NULL ||
	    eh_desk_open(&d, dir, NULL, NULL) != EH_OK)
		return;
	/* a project without classes will have some */
	if (eh_desk_known_attributes(d, &v, &n, NULL) == EH_OK && n > 0)
		for (size_t i = 0; i < x->info->n_attributes; i++) {
			bool known = false;

			for (size_t k = 0; k < n; k++)
				known = known || strcmp(v[k], x->info->attributes[i]) == 0;
			if (!known && len < sizeof x->unknown)
				len += (size_t)snprintf(x->unknown + len, sizeof x->unknown - len, "%s%s",
							len > 0 ? ", " : "", x->info->attributes[i]);
		}
	eh_list_free(&v);
	eh_desk_close(&d);
}

/* check() of the samples, and compute() on made-up decisions and a made-up project. */
static int judge_samples(struct cli *c, struct eh_policy *p, const struct eh_finding *f, struct checked *x)
{
	struct eh_policy_answer *a = eh_xcalloc(1, sizeof *a);
	struct eh_project *project = eh_xcalloc(1, sizeof *project);
	struct eh_audit_data data;
	const struct eh_policy_case made = { .findings = f, .n = SAMPLES, .settings = &x->info->settings,
					     .project = project };
	int rc = policy_sample_data(&data, x->info, &c->err);

	a->verdicts = x->v;
	policy_sample_project(project);
	if (rc == EH_OK) {
		c->engine->lend(p, &data);
		rc = c->engine->judge(p, &made, a, &c->err);
		c->engine->lend(p, NULL);
	}
	x->use = a->use;
	if (rc == EH_OK && a->trouble[0] != '\0')
		rc = eh_err_set(&c->err, EH_EPOLICY, "%s (compute() on a sample project)", a->trouble);
	x->own = a->n_own;
	free(a->own);
	free(a);
	eh_project_free(project);
	free(project);
	eh_audit_data_free(&data);
	return rc;
}

static int check_samples(struct cli *c, struct eh_policy *p, struct checked *x)
{
	struct eh_finding *f = eh_xcalloc(SAMPLES, sizeof *f);
	int rc = EH_OK;

	for (size_t i = 0; i < SAMPLES; i++)
		f[i] = policy_sample(x->info, i);
	if (x->info->has_compute && c->engine->judge != NULL && c->engine->lend != NULL)
		rc = judge_samples(c, p, f, x);
	else
		rc = c->engine->check(p, f, SAMPLES, &x->info->settings, x->v, &x->use, &c->err);
	for (size_t i = 0; i < SAMPLES && rc == EH_OK; i++) {
		if (x->v[i].kind == EH_POLICY_ERROR)
			rc = eh_err_set(&c->err, EH_EPOLICY, "%s (on sample facts: %s)", x->v[i].reason,
					policy_sample_names[i]);
	}
	free(f);
	return rc;
}

/* Not the remarks about the line that an error was just printed of. */
static void say_remarks(const struct checked *x, const char *printed)
{
	char place[200];

	for (size_t i = 0; i < x->lint.n; i++) {
		const struct eh_lint_remark *r = &x->lint.v[i];

		(void)snprintf(place, sizeof place, "%s:%u: ", x->file, r->line);
		if (printed == NULL || strncmp(printed, place, strlen(place)) != 0)
			fprintf(stderr, "%s%s: %s\n", place, r->error ? "error" : "warning", r->text);
	}
}

static struct eh_json *remarks_json(const struct checked *x)
{
	struct eh_json *list = eh_json_array();

	for (size_t i = 0; i < x->lint.n; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "file", x->file);
		eh_json_int(j, "line", x->lint.v[i].line);
		eh_json_str(j, "severity", x->lint.v[i].error ? "error" : "warning");
		eh_json_str(j, "text", x->lint.v[i].text);
		eh_json_push(list, j);
	}
	return list;
}

static struct eh_json *document(const struct checked *x, const char *trouble)
{
	struct eh_json *doc = eh_json_object(), *samples = eh_json_array();

	eh_json_str(doc, "schema", "evenhand.policy_check/1");
	eh_json_str(doc, "name", x->info->name);
	eh_json_str(doc, "version", x->info->version);
	eh_json_str(doc, "hash", x->info->hash);
	eh_json_str(doc, "error", trouble);
	eh_json_str(doc, "namesake", x->namesake[0] != '\0' ? x->namesake : NULL);
	eh_json_str(doc, "attributes_not_known", x->unknown[0] != '\0' ? x->unknown : NULL);
	eh_json_str(doc, "sample_verdict", x->tried ? eh_verdict_text((enum eh_verdict_kind)x->v[0].kind) : NULL);
	for (size_t i = 0; i < SAMPLES && x->tried; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "sample", policy_sample_names[i]);
		eh_json_str(j, "verdict", eh_verdict_text((enum eh_verdict_kind)x->v[i].kind));
		eh_json_str(j, "reason", x->v[i].reason);
		eh_json_push(samples, j);
	}
	eh_json_set(doc, "samples", samples);
	eh_json_set(doc, "remarks", remarks_json(x));
	eh_json_int(doc, "errors", (int64_t)x->lint.errors);
	eh_json_str(doc, "reads", x->lint.reads);
	eh_json_int(doc, "instructions", (int64_t)x->use.instructions);
	eh_json_int(doc, "memory", (int64_t)x->use.memory);
	return doc;
}

static struct cli_table *table(const struct checked *x)
{
	struct cli_table *t = cli_table_new("sample~ verdict reason+");

	for (size_t i = 0; i < SAMPLES; i++) {
		cli_cell(t, "%s", policy_sample_names[i]);
		cli_cell(t, "%s", eh_verdict_text((enum eh_verdict_kind)x->v[i].kind));
		cli_cell(t, "%s", x->v[i].reason);
	}
	return t;
}

/* Warnings, with --quiet too. */
static void say_about_project(const struct checked *x)
{
	if (x->namesake[0] != '\0')
		fprintf(stderr, "evenhand policy check: %s\n", x->namesake);
	if (x->unknown[0] != '\0')
		fprintf(stderr, "evenhand policy check: warning: no candidate of this project has a class of %s\n",
			x->unknown);
}

static int show(struct cli *c, struct checked *x)
{
	struct eh_json *doc = document(x, NULL);
	struct cli_table *t = table(x);
	int status = 0;

	say_policy(c, x->info);
	say_about_project(x);
	/* the engine counts in steps of a thousand */
	cli_say(c, "%zu sample facts cost less than %llu thousand instructions, and %llu KiB of memory",
		(size_t)SAMPLES, (unsigned long long)x->use.instructions / 1000 + 1,
		(unsigned long long)(x->use.memory + 1023) / 1024);
	if (x->info->has_compute)
		cli_say(c, "compute() on a sample project: %zu finding%s, which an audit counts again", x->own,
			x->own == 1 ? "" : "s");
	if (c->format != CLI_JSON)
		say_remarks(x, NULL);
	status = cli_finish(c, EH_OK, &doc, &t);
	if (c->format == CLI_TABLE && x->namesake[0] != '\0')
		puts(x->namesake);
	return status == 0 && x->lint.errors > 0 ? 1 : status;
}

static int run_check(struct cli *c)
{
	struct checked *x = eh_xcalloc(1, sizeof *x);
	struct eh_policy *p = NULL;
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	int rc = policy_source(c, s), status = 0;

	if (rc == EH_OK)
		rc = policy_load_source(c, s, &p, &c->err);
	if (rc == EH_OK) {
		const char *slash = strrchr(s->path, '/');

		x->file = slash != NULL ? slash + 1 : s->path;
		x->info = c->engine->info(p);
		if (c->engine->author != NULL)
			c->engine->author->lint(&x->lint, s->text, s->len, x->info);
		if (eh_policy_namesake(x->info->name, x->info->hash))
			(void)snprintf(x->namesake, sizeof x->namesake, "its name is %s, but it is not the text of "
				       "that name that comes with the program: give it a name of its own",
				       x->info->name);
		look_for_attributes(c, x);
		rc = check_samples(c, p, x);
	}
	x->tried = rc == EH_OK;
	if (rc == EH_OK) {
		status = show(c, x);
	} else {
		status = cli_fail(c);
		if (x->info != NULL && c->format == CLI_JSON) {
			struct eh_json *doc = document(x, c->err.msg);

			(void)cli_put_json(c, &doc);
		} else if (x->info != NULL) {
			say_remarks(x, c->err.msg);
		}
	}
	if (p != NULL)
		c->engine->free(&p);
	eh_policy_source_free(s);
	free(s);
	free(x->lint.v);
	free(x);
	return status;
}

const struct cli_entry cli_policy_check = {
	.name = "policy check",
	.usage = "NAME|FILE|NAME@HASH",
	.summary = "Looks through a policy and runs it on sample facts",
	.help = "Example: evenhand policy check my_policy.lua\n\n"
		"Says with file and line which globals, functions, facts and verdicts are not there and what was "
		"probably meant, and which facts are read but not in needs, or the reverse, also in branches that no "
		"sample comes to.  Then prints the policy's verdicts on six made-up findings: an evaluator, all "
		"evaluators together, the reference group, few persons, a ratio that is not defined, predicted "
		"classes.  compute() runs on a made-up project with eighty decisions.  Exit status 1 when something "
		"is wrong; a warning is not.  evenhand-policy(5) is the manual.",
	.min_args = 1,
	.max_args = 1,
	.run = run_check,
};

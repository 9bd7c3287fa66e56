/* evenhand policy new, explain: the begin of a policy, and what one does in plain words. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/entries.h"
#include "cli/policy.h"
#include "desk/policies.h"

/* ---- new ---- */

/* NAME stands for the policy's. */
static const char policy_text[] =
	"--- NAME: what it looks at, for whom, and why its figures are what they are.\n"
	"\n"
	"local function check(f)\n"
	"\tif f.is_reference or f.below_two_percent then\n"
	"\t\treturn { verdict = \"ok\", reason = \"The reference itself, or too small to compare.\" }\n"
	"\tend\n"
	"\tif f.persons < f.min_group or f.ref_persons < f.min_group then\n"
	"\t\treturn {\n"
	"\t\t\tverdict = \"too_few\",\n"
	"\t\t\treason = string.format(\"%d and %d persons; at least %d each are needed.\", f.persons, f.ref_persons,\n"
	"\t\t\t\tf.min_group),\n"
	"\t\t}\n"
	"\tend\n"
	"\tif f.ratio == nil or f.q == nil then\n"
	"\t\treturn { verdict = \"cannot_conclude\", reason = \"There is no ratio, or no test, to go by.\" }\n"
	"\tend\n"
	"\tlocal text = string.format(\"%s: ratio of %s to %s %s, corrected p %s.\", evenhand.subject_text(f), "
	"f.group,\n"
	"\t\tevenhand.reference_text(f), evenhand.ratio_text(f.ratio, f.limit), evenhand.p_text(f.q))\n"
	"\tif f.ratio_below and f.q < f.alpha then\n"
	"\t\treturn { verdict = \"notify\", rule = \"ratio and evidence\", reason = text }\n"
	"\tend\n"
	"\treturn { verdict = \"ok\", reason = text }\n"
	"end\n"
	"\n"
	"return {\n"
	"\tname = \"NAME\",\n"
	"\tapi = 1,\n"
	"\tversion = \"0.1\",\n"
	"\tattributes = { \"sex\" },\n"
	"\tlimit = { 4, 5 },\n"
	"\tmin_group = 10,\n"
	"\tfamily = \"bh\",\n"
	"\tneeds = {\n"
	"\t\t\"persons\", \"ref_persons\", \"below_two_percent\", \"ratio\", \"ratio_below\", \"q\", \"alpha\", "
	"\"limit\", "
	"\"min_group\",\n"
	"\t},\n"
	"\tcheck = check,\n"
	"}\n";

static const char spec_text[] = "-- Spec of NAME: evenhand policy test NAME\n"
				"\n"
				"describe(\"NAME\", function()\n"
				"\tit(\"notifies where the ratio is low and that is no accident\", function()\n"
				"\t\tfacts.evaluator(\"E1\"):group(\"female\", 100, 20):group(\"male\", 100, 60)\n"
				"\t\tlocal r = run(policy)\n"
				"\t\tassert.equal(\"notify\", r.E1.female.verdict)\n"
				"\t\tassert.matches(\"ratio of female\", r.E1.female.reason)\n"
				"\tend)\n"
				"\n"
				"\tit(\"is content with equal rates\", function()\n"
				"\t\tfacts.evaluator(\"E1\"):group(\"female\", 100, 50):group(\"male\", 100, 50)\n"
				"\t\tassert.equal(\"ok\", run(policy).E1.female.verdict)\n"
				"\tend)\n"
				"\n"
				"\tit(\"says nothing about few persons\", function()\n"
				"\t\tfacts.evaluator(\"E1\"):group(\"female\", 4, 0):group(\"male\", 40, 30)\n"
				"\t\tassert.equal(\"too_few\", run(policy).E1.female.verdict)\n"
				"\tend)\n"
				"end)\n";

/* Never over a file that is there, also not one that comes to be there meanwhile. */
static int write_new(struct cli *c, const char *path, const char *text, const char *name)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	int saved = errno;

	if (f == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return saved == EEXIST
			       ? eh_err_set(&c->err, EH_EEXIST, "%s is there already: nothing was written", path)
			       : eh_err_set(&c->err, EH_EIO, "%s cannot be written: %s", path, strerror(saved));
	}
	for (const char *s = text; *s != '\0';) {
		if (strncmp(s, "NAME", 4) == 0) {
			fputs(name, f);
			s += 4;
		} else {
			(void)fputc(*s++, f);
		}
	}
	if (fclose(f) == 0)
		return EH_OK;
	saved = errno;
	(void)unlink(path);
	return eh_err_set(&c->err, EH_EIO, "%s cannot be written: %s", path, strerror(saved));
}

static int run_new(struct cli *c)
{
	char dir[1024], policies[1100], path[1300], spec[1300];
	const char *name = c->argv[0];
	int rc = eh_desk_find_project(dir, sizeof dir, c->project, &c->err);

	if (rc != EH_OK)
		return cli_error(c, EH_EENV, "%s", c->err.msg);
	if (!eh_attribute_valid(name, strlen(name)) || strcmp(name, "evenhand") == 0)
		return cli_error(c, EH_EUSAGE,
				 "\"%.64s\" is no policy name: lower-case letters, digits and _ (at most %d)", name,
				 EH_NAME_MAX);
	(void)snprintf(policies, sizeof policies, "%s/policies", dir);
	(void)snprintf(path, sizeof path, "%s/%s.lua", policies, name);
	(void)snprintf(spec, sizeof spec, "%s/%s_spec.lua", policies, name);
	if (access(spec, F_OK) == 0)
		return cli_error(c, EH_EEXIST, "%s is there already: nothing was written", spec);
	if (mkdir(policies, 0777) != 0 && errno != EEXIST)
		return cli_error(c, EH_EIO, "%s cannot be made: %s", policies, strerror(errno));
	rc = write_new(c, path, policy_text, name);
	if (rc == EH_OK) {
		rc = write_new(c, spec, spec_text, name);
		if (rc != EH_OK)
			(void)unlink(path);
	}
	if (rc != EH_OK)
		return cli_fail(c);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();

		eh_json_str(doc, "schema", "evenhand.policy_new/1");
		eh_json_str(doc, "name", name);
		eh_json_str(doc, "policy", path);
		eh_json_str(doc, "spec", spec);
		return cli_put_json(c, &doc);
	}
	printf("%s\n%s\n", path, spec);
	cli_say(c, "next: evenhand policy check %s; evenhand policy test %s; evenhand policy run %s", name, name, name);
	return 0;
}

/* ---- explain ---- */

static const char *reference_words(const struct eh_audit_settings *s)
{
	switch (s->reference) {
	case EH_REF_HIGHEST:
		return "the group with the highest rate";
	case EH_REF_FIXED:
		return s->fixed_reference;
	case EH_REF_MAJORITY:
		return "the largest group of all persons";
	default:
		return "everybody else whom the evaluator decided about";
	}
}

static const char *family_words(const char *family)
{
	static const char *const words[][2] = {
		{ "bh", "Benjamini and Hochberg (share of false alarms among the findings)" },
		{ "holm", "Holm (no false alarm at all, at that level)" },
		{ "by", "Benjamini and Yekutieli (false alarms whatever the tests have in common)" },
		{ "none", "none: every test stands alone" },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i][0], family) == 0)
			return words[i][1];
	return family;
}

static void line(struct cli_table *t, const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	cli_cell(t, "%s", what);
	cli_cell(t, "%s", text);
}

static void looks_at(char out[1024], const struct eh_policy_info *i)
{
	size_t used = 0;

	(void)snprintf(out, 1024, "every attribute there is");
	for (size_t k = 0; k < i->n_attributes && used < 1000; k++)
		used += (size_t)snprintf(out + used, 1024 - used, "%s%s", k > 0 ? ", " : "", i->attributes[k]);
	used = strlen(out);
	for (size_t k = 0; k < i->n_intersect && used < 900; k++)
		used += (size_t)snprintf(out + used, 1024 - used, "; %s crossed with %s", i->intersect[k][0],
					 i->intersect[k][1]);
}

static void callbacks(char out[512], const struct eh_policy_info *i)
{
	(void)snprintf(out, 512, "check: asked about every finding%s%s%s%s",
		       i->has_gate ? "; gate: closes places and attributes" : "",
		       i->has_compute ? "; compute: findings of its own, which the program counts again" : "",
		       i->has_summarise ? "; summarise: may change verdicts once all are known" : "",
		       i->has_hook ? "; on_notification: text and roles of the mail" : "");
}

static void settings(struct cli_table *t, const struct eh_policy_info *i)
{
	const struct eh_audit_settings *s = &i->settings;
	char text[512];

	(void)snprintf(text, sizeof text, "%d/%d: a ratio of exactly that is not below it", s->limit_num, s->limit_den);
	line(t, "limit", text);
	line(t, "compared with", reference_words(s));
	line(t, "ratio",
	     s->plain_ratio ? "plain, also where decisions lie in several strata"
			    : "by position, stage and question where there are several (Mantel-Haenszel)");
	(void)snprintf(text, sizeof text,
		       "%u persons in each group, %u in all; groups below %.2f %% of the pool are only "
		       "listed",
		       s->min_group, s->min_total, s->min_share / 100.0);
	line(t, "minimum", text);
	(void)snprintf(text, sizeof text, "level %g, corrected by %s%s", s->alpha, family_words(s->family),
		       s->anytime ? "; right at any number of looks at growing data" : "");
	line(t, "tests", text);
	line(t, "classes",
	     i->declared_only ? "declared or imported; where somebody's is predicted nothing is said"
	     : s->known_only  ? "declared or imported; predicted ones count as unknown"
			      : "declared, imported, and predicted ones as an estimate");
}

static void pack_line(struct cli_table *t, const struct eh_pack *p)
{
	char text[EH_PACK_TEXT_MAX + 1], day[11];

	eh_pack_day(day, eh_now());
	eh_pack_text(text, p, eh_pack_state(p, day));
	line(t, "rule pack", text);
	line(t, "note", p->note);
}

struct explained {
	char path[1024];
	struct eh_policy_info info;
	struct eh_lint lint;
	struct eh_policy_version version;
	bool project;
	struct eh_json *libraries;
	char library_text[1024];        /* "stages 0123456789ab" and so on */
};

static const char *state_words(const struct explained *x)
{
	if (!x->project)
		return "not in a project";
	return x->version.state == EH_POLICY_NOT_RECORDED ? "draft: audits run it only where they are told to"
							  : eh_policy_state_text(x->version.state);
}

static struct cli_table *explained_table(const struct explained *x)
{
	struct cli_table *t = cli_table_new("what meaning+");
	const struct eh_policy_info *i = &x->info;
	char text[1024];

	(void)snprintf(text, sizeof text, "%s, version %s", i->name, i->version);
	line(t, "policy", text);
	line(t, "author", i->author);
	looks_at(text, i);
	line(t, "looks at", text);
	settings(t, i);
	line(t, "reads", i->needs[0] != '\0' ? i->needs : x->lint.reads);
	callbacks(text, i);
	line(t, "callbacks", text);
	pack_line(t, &i->pack);
	line(t, "file", x->path);
	line(t, "sha256", i->hash);
	line(t, "libraries", x->library_text);
	line(t, "state", state_words(x));
	return t;
}

static struct eh_json *explained_json(struct explained *x)
{
	const struct eh_policy_info *i = &x->info;
	const struct eh_audit_settings *s = &i->settings;
	struct eh_json *doc = eh_json_object(), *attributes = eh_json_array(), *limit = eh_json_array();
	char pack[EH_PACK_TEXT_MAX + 1], day[11];

	eh_pack_day(day, eh_now());
	eh_pack_text(pack, &i->pack, eh_pack_state(&i->pack, day));
	for (size_t k = 0; k < i->n_attributes; k++)
		eh_json_push_str(attributes, i->attributes[k]);
	eh_json_push_int(limit, s->limit_num);
	eh_json_push_int(limit, s->limit_den);
	eh_json_str(doc, "schema", "evenhand.policy_explain/1");
	eh_json_str(doc, "name", i->name);
	eh_json_str(doc, "version", i->version);
	eh_json_str(doc, "author", i->author);
	eh_json_str(doc, "path", x->path);
	eh_json_str(doc, "hash", i->hash);
	eh_json_set(doc, "libraries", x->libraries);
	x->libraries = NULL;
	eh_json_str(doc, "state", eh_policy_state_text(x->version.state));
	eh_json_set(doc, "attributes", attributes);
	eh_json_set(doc, "limit", limit);
	eh_json_str(doc, "reference",
		    s->reference == EH_REF_FIXED     ? s->fixed_reference
		    : s->reference == EH_REF_HIGHEST ? "highest"
						     : "rest");
	eh_json_int(doc, "min_group", s->min_group);
	eh_json_int(doc, "min_total", s->min_total);
	eh_json_str(doc, "family", s->family);
	eh_json_num(doc, "alpha", eh_num(s->alpha));
	eh_json_str(doc, "needs", i->needs);
	eh_json_str(doc, "reads", x->lint.reads);
	eh_json_str(doc, "pack", pack);
	eh_json_bool(doc, "stateless", i->stateless);
	eh_json_bool(doc, "gate", i->has_gate);
	eh_json_bool(doc, "compute", i->has_compute);
	eh_json_bool(doc, "summarise", i->has_summarise);
	eh_json_bool(doc, "on_notification", i->has_hook);
	return doc;
}

/* Its libraries, with their hashes, and those that are not the program's own of today. */
static void library_words(struct explained *x, const struct eh_policy_source *s)
{
	struct eh_library v[EH_LIBRARIES_MAX];
	size_t n = eh_library_list(s->text, s->len, v, EH_LIBRARIES_MAX), used = 0;

	for (size_t i = 0; i < n && used < sizeof x->library_text; i++)
		used += (size_t)snprintf(x->library_text + used, sizeof x->library_text - used, "%s%s %.12s%s",
					 i > 0 ? ", " : "", v[i].name, v[i].hash,
					 eh_library_shipped(&v[i]) ? "" : " (not the shipped text)");
	x->libraries = policy_libraries_json(s->text, s->len);
}

/* The text as it was named, its table, and what the project's registry says of it. */
static int understand(struct cli *c, struct explained *x)
{
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	struct eh_desk *d = NULL;
	char dir[1024];
	int rc = EH_OK;

	x->project = policy_project(c, dir, sizeof dir) != NULL;
	if (x->project)
		rc = eh_desk_open(&d, dir, c->engine, &c->err);
	if (rc == EH_OK)
		rc = eh_desk_policy_source(d, c->argv[0], s, &c->err);
	if (rc == EH_OK) {
		(void)snprintf(x->path, sizeof x->path, "%s", s->path);
		x->version = s->version;
		library_words(x, s);
		if (d != NULL)
			rc = eh_desk_policy_info(d, s, &x->info, &c->err);
		else
			rc = c->engine->load_text != NULL ? EH_OK : EH_EENV;
	}
	if (rc == EH_OK && d == NULL) {
		struct eh_policy *p = NULL;

		rc = c->engine->load(&p, s->path, &c->err);
		if (rc == EH_OK) {
			x->info = *c->engine->info(p);
			c->engine->free(&p);
		}
	}
	if (rc == EH_OK && c->engine->author != NULL)
		c->engine->author->lint(&x->lint, s->text, s->len, &x->info);
	eh_policy_source_free(s);
	free(s);
	eh_desk_close(&d);
	return rc;
}

static int run_explain(struct cli *c)
{
	struct explained *x = eh_xcalloc(1, sizeof *x);
	struct eh_json *doc = NULL;
	struct cli_table *t = NULL;
	int status = 0;

	if (understand(c, x) == EH_OK) {
		doc = explained_json(x);
		t = explained_table(x);
		status = cli_finish(c, EH_OK, &doc, &t);
	} else {
		status = cli_fail(c);
	}
	eh_json_free(&x->libraries);
	free(x->lint.v);
	free(x);
	return status;
}

const struct cli_entry cli_policy_new = {
	.name = "policy new",
	.usage = "NAME",
	.summary = "Writes a policy and its spec to begin with into the project",
	.help = "Example: evenhand policy new my_rule\n\n"
		"Writes PROJECT/policies/NAME.lua and NAME_spec.lua, which pass \"policy check\" and \"policy test\" "
		"as "
		"they are, and never overwrites a file.  A policy stays a draft until somebody proposes it and another "
		"person approves it.",
	.min_args = 1,
	.max_args = 1,
	.output = CLI_DOCUMENT,
	.run = run_new,
};
const struct cli_entry cli_policy_explain = {
	.name = "policy explain",
	.usage = "NAME|FILE|NAME@HASH",
	.summary = "Says in plain words what a policy looks at and by which figures",
	.help = "Example: evenhand policy explain evaluator_screen\n\n"
		"Attributes, limit, reference, minima, tests and their correction, the facts it reads, its callbacks, "
		"its rule pack with dates, author, hash, the libraries it names, and its state in the project.",
	.min_args = 1,
	.max_args = 1,
	.run = run_explain,
};

/* evenhand demo: a synthetic organisation with known injected bias, and the whole road on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/findings.h"
#include "parts/words.h"
#include "demo/demo.h"

#define DEFAULT_DIR "evenhand-demo"

struct road {
	struct cli *c;
	const struct eh_progress *progress;
	struct eh_demo_options o;
	struct eh_desk *desk;
	struct eh_extract_report extract;
	struct eh_train_report train;
	struct eh_classify_report classify;
	struct eh_audit_result audit;
	double started;
};

/* As a note of the progress: a bar that stands there makes room for it. */
static void tell(const struct road *r, const char *step)
{
	char line[128];

	if (r->c->quiet)
		return;
	(void)snprintf(line, sizeof line, "[%5.1f s] %s", eh_monotonic() - r->started, step);
	eh_progress_note(r->progress, line);
}

/* The people first: their truth file marks the directory as a demo's, whatever happens after. */
static int open_project(struct road *r)
{
	struct eh_err *err = &r->c->err;
	int rc = eh_demo_check_dir(r->o.dir, err);

	if (rc == EH_OK)
		rc = eh_demo_make_people(&r->o, err);
	if (rc != EH_OK)
		return rc;
	rc = eh_desk_init(r->o.dir, err);
	if (rc == EH_OK || rc == EH_EEXIST)     /* an earlier demo's */
		rc = eh_desk_open(&r->desk, r->o.dir, r->c->engine, err);
	return rc;
}

static int make_files(struct road *r)
{
	struct eh_err *err = &r->c->err;
	int rc = eh_demo_make_decisions(&r->o, err);

	if (rc == EH_OK && !cli_has(r->c, "decisions-only")) {
		tell(r, "making interviews: portraits with zoom and pan, espeak-ng speech (synthetic)");
		rc = eh_demo_make_media(&r->o, r->progress, err);
	}
	return rc;
}

static int import_tables(struct road *r)
{
	struct eh_import_report *report = eh_xcalloc(1, sizeof *report);
	char path[1100];
	int rc = EH_OK;

	tell(r, "importing evaluators, candidates, consents, interviews, evaluations");
	for (int k = 0; k < EH_IMPORT_KINDS && rc == EH_OK; k++) {
		enum eh_import_kind kind = (enum eh_import_kind)k;

		(void)snprintf(path, sizeof path, "%s/tables/%s.csv", r->o.dir, eh_import_kind_text(kind));
		rc = eh_desk_import(r->desk, kind, path, false, report, &r->c->err);
	}
	free(report);
	return rc;
}

static int walk(struct road *r)
{
	struct eh_err *err = &r->c->err;
	struct eh_extract_options xo = { .workers = r->o.jobs };
	const char *const sex = "sex";
	struct eh_train_options to = { .attributes = &sex, .n = 1, .seed = 1, .workers = r->o.jobs };
	size_t n = 0;
	int rc = import_tables(r);

	if (rc == EH_OK) {
		tell(r, "extracting face and voice indicators in locked workers");
		rc = eh_desk_extract(r->desk, &xo, r->progress, &r->extract, err);
	}
	if (rc == EH_OK) {
		tell(r, "training on the first candidates (declared classes)");
		rc = eh_desk_train(r->desk, &to, r->progress, &r->train, 1, &n, NULL, err);
	}
	if (rc == EH_OK) {
		tell(r, "classifying the second candidates");
		rc = eh_desk_classify(r->desk, "sex", r->progress, &r->classify, 1, &n, err);
	}
	if (rc == EH_OK) {
		tell(r, "auditing with the default policy");
		rc = eh_desk_audit(r->desk, "evaluator_screen", NULL, false, r->progress, &r->audit, err);
	}
	if (rc == EH_OK && r->audit.policy_status != EH_OK)
		rc = eh_err_set(err, EH_EPOLICY, "%s", r->audit.policy_message);
	return rc;
}

/* ---- found beside injected ---- */

static const char *injected_kind(const char *evaluator)
{
	const struct eh_demo_truth *t = eh_demo_truth();

	if (strcmp(evaluator, t->biased) == 0)
		return "biased";
	return strcmp(evaluator, t->harsh) == 0 ? "harsh" : "fair";
}

/* Right = the biased evaluator is notified for the disadvantaged group, and nobody and nothing else is. */
static bool as_injected(const struct eh_audit_result *a)
{
	const struct eh_demo_truth *t = eh_demo_truth();
	bool hit = false, other = false;

	for (size_t i = 0; i < a->findings.n; i++) {
		const struct eh_finding *f = &a->findings.v[i];
		bool target = strcmp(f->evaluator, t->biased) == 0 && strcmp(f->group, t->group) == 0;

		if (f->verdict == EH_NOTIFY && target)
			hit = true;
		else if (f->verdict == EH_NOTIFY)
			other = true;
	}
	return hit && !other;
}

static void print_table(const struct road *r)
{
	const struct eh_demo_truth *t = eh_demo_truth();
	struct cli_table *table = cli_table_new("evaluator injected >true_ratio >found_ratio >low >high >q found");
	bool estimated = false;

	for (size_t i = 0; i < r->audit.findings.n; i++) {
		const struct eh_finding *f = &r->audit.findings.v[i];
		bool biased = strcmp(f->evaluator, t->biased) == 0;

		if (f->evaluator[0] == '\0' || strcmp(f->group, t->group) != 0)
			continue;
		cli_cell(table, "%s", f->evaluator);
		cli_cell(table, "%s", injected_kind(f->evaluator));
		cli_cell_num(table, eh_num(biased ? t->biased_rate_focal / t->biased_rate_rest : 1.0), 2);
		cli_ratio_cell(table, f, 2);
		estimated = estimated || cli_is_estimate(f);
		cli_cell_num(table, f->ratio_interval.low, 2);
		cli_cell_num(table, f->ratio_interval.high, 2);
		cli_cell_p(table, f->q);
		cli_cell(table, "%s %s", eh_verdict_symbol(f->verdict, true), eh_verdict_text(f->verdict));
	}
	cli_table_print(&table, r->c);
	cli_tell_estimates(r->c, estimated);
}

static void say_extraction(struct cli *c, const struct eh_extract_report *x)
{
	cli_say(c,
		"\ninterviews   %u answer%s measured in %.1f s, %u kept; "
		"%u answer%s of %u candidate%s not opened for want of consent",
		x->measured, words_s(x->measured), x->seconds_wall, x->kept, x->skipped, words_s(x->skipped),
		x->skipped_candidates, words_s(x->skipped_candidates));
	for (size_t i = 0; i < x->n_coverage; i++)
		if (x->coverage[i].attribute[0] != '\0')
			cli_say(c, "             %-8s usable face %u of %u, voice %u of %u", x->coverage[i].group,
				x->coverage[i].with_face, x->coverage[i].candidates, x->coverage[i].with_voice,
				x->coverage[i].candidates);
}

static void say_skill(struct cli *c, const char *what, const struct eh_skill *s)
{
	if (s->trained)
		cli_say(c, "             %-15s AUC %.3f [%.3f %.3f], accuracy %.2f of %u", what, s->auc, s->auc_lo,
			s->auc_hi, s->accuracy, s->n);
}

static void say_model(struct cli *c, const struct eh_train_report *t)
{
	static const char *const names[EH_MODALITIES] = { "face and voice", "face alone", "voice alone" };

	cli_say(c, "model        %s, %u candidate%s; skill on candidates it has not seen:", t->model, t->candidates,
		words_s(t->candidates));
	for (int k = 0; k < EH_MODALITIES; k++)
		say_skill(c, names[k], &t->skill[k]);
	say_skill(c, "pitch alone", &t->baseline_f0);
}

static void say_story(const struct road *r)
{
	const struct eh_demo_truth *t = eh_demo_truth();
	const struct eh_classify_report *k = &r->classify;
	const struct eh_audit_head *h = &r->audit.head;
	struct cli *c = r->c;

	cli_say(c, "\nEverything here is synthetic: sound portraits of a software package, moved by zoom and pan, and\n"
		   "espeak-ng voices.  The skill below is a property of that generator, not of people.");
	say_extraction(c, &r->extract);
	say_model(c, &r->train);
	cli_say(c,
		"classes      %u declared, %u predicted (%u of them undetermined), %u refused, %u without indicators",
		k->declared, k->classified, k->undetermined, k->refused, k->no_vector);
	cli_say(c, "audit        %s %s, family %s of %u: %u notify, %u watch, %u too few, %u ok, %u other\n", h->policy,
		h->policy_version, h->family_method, h->family_size, h->notify, h->watch, h->too_few, h->ok, h->other);
	cli_say(c, "injected: %s advances women %.2f and men %.2f (ratio %.2f); "
		   "%s is harsh to all (%.2f); the others %.2f to all.\n",
		t->biased, t->biased_rate_focal, t->biased_rate_rest, t->biased_rate_focal / t->biased_rate_rest,
		t->harsh, t->harsh_rate, t->fair_rate);
}

/* The strengths that were put in: what truth.csv holds per evaluator. */
static struct eh_json *truth_json(const struct eh_demo_truth *t)
{
	struct eh_json *doc = eh_json_object();

	eh_json_str(doc, "group", t->group);
	eh_json_str(doc, "biased", t->biased);
	eh_json_real(doc, "biased_rate_group", t->biased_rate_focal);
	eh_json_real(doc, "biased_rate_rest", t->biased_rate_rest);
	eh_json_str(doc, "harsh", t->harsh);
	eh_json_real(doc, "harsh_rate", t->harsh_rate);
	eh_json_real(doc, "fair_rate", t->fair_rate);
	return doc;
}

static int put_json(const struct road *r, bool right)
{
	const struct eh_demo_truth *t = eh_demo_truth();
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();

	eh_json_str(doc, "schema", "evenhand.demo/1");
	eh_json_int(doc, "seed", (int64_t)r->o.seed);
	eh_json_bool(doc, "synthetic", true);
	eh_json_bool(doc, "as_injected", right);
	eh_json_int(doc, "answers_measured", r->extract.measured);
	eh_json_int(doc, "answers_kept", r->extract.kept);
	eh_json_int(doc, "answers_failed", r->extract.failed);
	eh_json_int(doc, "skipped_candidates", r->extract.skipped_candidates);
	eh_json_int(doc, "declared", r->classify.declared);
	eh_json_int(doc, "predicted", r->classify.classified);
	eh_json_real(doc, "seconds", eh_monotonic() - r->started);
	eh_json_set(doc, "injected", truth_json(t));
	for (size_t i = 0; i < r->audit.findings.n; i++) {
		const struct eh_finding *f = &r->audit.findings.v[i];
		struct eh_json *row;

		if (f->evaluator[0] == '\0' || strcmp(f->group, t->group) != 0)
			continue;
		row = eh_json_object();
		eh_json_str(row, "evaluator", f->evaluator);
		eh_json_str(row, "injected", injected_kind(f->evaluator));
		eh_json_num(row, "ratio", f->ratio);
		eh_json_num(row, "q", eh_num_told("q", f->q));
		eh_json_str(row, "found", eh_verdict_text(f->verdict));
		eh_json_push(rows, row);
	}
	eh_json_set(doc, "evaluators", rows);
	return cli_put_json(r->c, &doc);
}

/* Files alone: there is nothing to be found yet. */
static int tell_files(const struct road *r)
{
	struct eh_json *doc = eh_json_object();
	struct cli_table *t = cli_table_new("directory >seed");

	eh_json_str(doc, "schema", "evenhand.demo_files/1");
	eh_json_str(doc, "directory", r->o.dir);
	eh_json_int(doc, "seed", (int64_t)r->o.seed);
	eh_json_bool(doc, "synthetic", true);
	cli_cell(t, "%s", r->o.dir);
	cli_cell(t, "%llu", (unsigned long long)r->o.seed);
	return cli_finish(r->c, EH_OK, &doc, &t);
}

static int report(const struct road *r)
{
	bool right = as_injected(&r->audit);
	int status = 0;

	say_story(r);
	if (r->c->format == CLI_JSON)
		status = put_json(r, right);
	else
		print_table(r);
	cli_say(r->c, right ? "\nFound what was injected: %s, and nobody else." : "\nFOUND DIFFERS FROM INJECTED (%s).",
		eh_demo_truth()->biased);
	cli_say(r->c,
		"Where to look:  evenhand --project %s           the screens\n"
		"                evenhand --project %s explain N0001\n"
		"                %s/truth.csv is what was injected; no audit reads it.",
		r->o.dir, r->o.dir, r->o.dir);
	tell(r, "done");
	return status != 0 ? status : right ? 0 : 1;
}

static int run(struct cli *c)
{
	struct road *r = eh_xcalloc(1, sizeof *r);
	int64_t seed = EH_DEMO_SEED, jobs = 0;
	int rc, status;

	r->c = c;
	r->started = eh_monotonic();
	if (!cli_opt_i64(c, "seed", 0, INT64_MAX, &seed) || !cli_opt_i64(c, "jobs", 0, 64, &jobs)) {
		free(r);
		return eh_status_exit(EH_EUSAGE);
	}
	r->o = (struct eh_demo_options){ c->argc > 0 ? c->argv[0] : DEFAULT_DIR, (uint64_t)seed, (unsigned)jobs };
	r->progress = cli_progress_begin(c);
	rc = open_project(r);
	if (rc == EH_OK)
		rc = make_files(r);
	if (rc == EH_OK && !cli_has(c, "decisions-only") && !cli_has(c, "files-only"))
		rc = walk(r);
	cli_progress_end();
	if (rc == EH_ECANCEL)
		status = cli_error(c, rc, "stopped; run it again and it goes on");
	else if (rc != EH_OK)
		status = cli_fail(c);
	else if (cli_has(c, "decisions-only") || cli_has(c, "files-only"))
		status = tell_files(r);
	else
		status = report(r);
	eh_audit_result_free(&r->audit);
	free(r->train.card);
	eh_desk_close(&r->desk);
	free(r);
	return status;
}

static const struct cli_flag flags[] = {
	{ "seed", "N", "seed of the decisions (default 1); interviews do not depend on it" },
	{ "jobs", "N", "processes at once (default: one per core)" },
	{ "decisions-only", NULL, "only write tables/evaluations.csv for the seed" },
	{ "files-only", NULL, "only make the interviews and tables, import nothing" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_demo = {
	.name = "demo",
	.usage = "[DIR]",
	.summary = "Makes a synthetic project with known bias and runs the whole road on it",
	.help = "Example: evenhand demo demo-project\n\n"
		"60 candidates and three without a usable face, two spoken answers each, 12 evaluators: one "
		"biased, one harsh to everybody, ten fair.  Needs ffmpeg and espeak-ng; takes two to three "
		"minutes on two cores. DIR must be absent, empty, or an earlier demo: what that one made already "
		"is used again. Ends with what was found beside what was injected; exit status 1 when they "
		"differ.",
	.flags = flags,
	.max_args = 1,
	.run = run,
};

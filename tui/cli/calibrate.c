/* evenhand calibrate: how often the policies would accuse the innocent and find the guilty in this project. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/table.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"

#define DEFAULT_POLICY "evaluator_screen"
#define POLICIES_MAX CLI_OPTS_MAX
#define PAIRS_MAX 8

static const char *const scenarios[] = { "no_bias", "planted_bias" };

/* ---- options ---- */

static bool read_part(struct cli *c, const char *name, double *out)
{
	const char *text = cli_opt(c, name);

	if (text == NULL || eh_parse_f64(out, text, 0.0, 1.0, NULL) == EH_OK)
		return true;
	(void)cli_error(c, EH_EUSAGE, "--%s wants a number from 0 to 1, not '%s'", name, text);
	return false;
}

/* ATTRIBUTE=GROUP or GROUP; room keeps the attribute. */
static void read_group(const struct cli *c, struct eh_calibrate_options *o, char *room, size_t size)
{
	const char *text = cli_opt(c, "group");
	const char *equals = text != NULL ? strchr(text, '=') : NULL;

	o->group = equals != NULL ? equals + 1 : text;
	if (equals == NULL)
		return;
	(void)snprintf(room, size, "%.*s", (int)(equals - text), text);
	o->attribute = room;
}

static bool read_options(struct cli *c, struct eh_calibrate_options *o)
{
	int64_t reps = o->reps, seed = (int64_t)o->seed, biased = 0;

	if (!read_part(c, "effect", &o->effect) || !read_part(c, "share", &o->share) ||
	    !cli_opt_i64(c, "reps", 1, EH_CALIBRATE_REPS_MAX, &reps) || !cli_opt_i64(c, "seed", 0, INT64_MAX, &seed) ||
	    !cli_opt_i64(c, "biased", 1, 1000000, &biased))
		return false;
	if (cli_has(c, "share") && biased > 0) {
		(void)cli_error(c, EH_EUSAGE, "give --share or --biased, not both");
		return false;
	}
	if (o->effect >= 1.0 || o->share <= 0.0) {
		(void)cli_error(c, EH_EUSAGE,
				o->effect >= 1.0 ? "--effect is below 1: with 1 nobody is biased"
						 : "--share is above 0: with 0 nobody is biased");
		return false;
	}
	o->reps = (uint32_t)reps;
	o->seed = (uint64_t)seed;
	o->biased = (uint32_t)biased;
	o->detectable = cli_has(c, "detectable");
	return true;
}

/* ---- printing ---- */

static struct eh_num part(uint64_t x, uint64_t n)
{
	return n > 0 ? eh_num((double)x / (double)n) : eh_undefined(EH_U_NOT_COMPUTED);
}

static void put_interval(struct eh_json *o, const char *key, uint64_t x, uint64_t n)
{
	struct eh_json *pair = eh_json_array();
	struct eh_interval i = eh_rate_exact(x, n);

	eh_json_push_num(pair, i.low);
	eh_json_push_num(pair, i.high);
	eh_json_set(o, key, pair);
}

static void put_verdicts(struct eh_json *o, const char *key, const uint64_t *n, uint32_t reps)
{
	struct eh_json *v = eh_json_object();

	for (int k = 0; k < EH_VERDICT_COUNT; k++)
		eh_json_num(v, eh_verdict_text((enum eh_verdict_kind)k), part(n[k], reps));
	eh_json_set(o, key, v);
}

static struct eh_json *arm_json(const struct eh_calibrate_arm *a)
{
	struct eh_json *o = eh_json_object(), *innocent = eh_json_object(), *guilty = eh_json_object();
	struct eh_json *plain = eh_json_object(), *process = eh_json_object();

	eh_json_int(innocent, "n", (int64_t)a->innocent);
	eh_json_int(innocent, "accused", (int64_t)a->accused);
	eh_json_int(innocent, "accused_individual", (int64_t)a->accused_individual);
	eh_json_num(innocent, "accused_per_run", part(a->accused, a->reps));
	eh_json_int(innocent, "runs_with_accused", a->reps_accused);
	eh_json_num(innocent, "share_of_runs", part(a->reps_accused, a->reps));
	put_interval(innocent, "share_of_runs_interval", a->reps_accused, a->reps);
	eh_json_set(o, "innocent", innocent);
	eh_json_int(guilty, "n", (int64_t)a->guilty);
	eh_json_int(guilty, "found", (int64_t)a->found);
	eh_json_int(guilty, "found_individual", (int64_t)a->found_individual);
	eh_json_num(guilty, "share_found", part(a->found, a->guilty));
	put_interval(guilty, "share_found_interval", a->found, a->guilty);
	put_verdicts(guilty, "verdicts_per_run", a->guilty_verdict, a->reps);
	eh_json_set(o, "guilty", guilty);
	eh_json_num(process, "notifications_per_run", part(a->process, a->reps));
	eh_json_num(process, "share_of_runs", part(a->reps_process, a->reps));
	put_interval(process, "share_of_runs_interval", a->reps_process, a->reps);
	eh_json_set(o, "process", process);
	put_verdicts(o, "verdicts_per_run", a->verdict, a->reps);
	eh_json_num(plain, "accused_per_run", part(a->plain_accused, a->reps));
	eh_json_num(plain, "share_of_runs", part(a->reps_plain, a->reps));
	eh_json_num(plain, "share_found", part(a->plain_found, a->guilty));
	put_interval(plain, "share_found_interval", a->plain_found, a->guilty);
	eh_json_set(o, "four_fifths_alone", plain);
	return o;
}

static struct eh_json *policy_json(const struct eh_calibrate_policy *p, bool searched)
{
	struct eh_json *o = eh_json_object(), *limit = eh_json_array(), *found = eh_json_object();

	eh_json_str(o, "policy", p->name);
	eh_json_str(o, "policy_version", p->version);
	eh_json_str(o, "policy_hash", p->hash);
	eh_json_push_int(limit, p->settings.limit_num);
	eh_json_push_int(limit, p->settings.limit_den);
	eh_json_set(o, "limit", limit);
	eh_json_str(o, "family", p->settings.family);
	for (int k = 0; k < EH_CALIBRATE_SCENARIOS; k++)
		eh_json_set(o, scenarios[k], arm_json(&p->arm[k]));
	if (searched) {
		eh_json_num(found, "effect", p->detectable);
		eh_json_num(found, "share_found", p->detected);
		eh_json_str(found, "undefined", p->detectable.defined ? NULL : eh_undef_text(p->detectable.why));
		eh_json_set(o, "detectable", found);
	} else {
		eh_json_free(&found);
	}
	return o;
}

static struct eh_json *document(const struct cli *c, const struct eh_calibrate_options *o,
				const struct eh_calibration *r)
{
	struct eh_json *doc = eh_json_object(), *design = eh_json_object(), *v = eh_json_array();

	eh_json_str(doc, "schema", "evenhand.calibrate/1");
	eh_json_str(doc, "source", eh_desk_dir(c->desk));
	eh_json_int(doc, "seed", (int64_t)o->seed);
	eh_json_int(doc, "repetitions", r->reps);
	eh_json_int(doc, "asked", o->reps);
	eh_json_int(doc, "biased", r->biased);
	eh_json_real(doc, "effect", o->effect);
	eh_json_str(doc, "attribute", o->attribute);
	eh_json_str(doc, "group", o->group);
	eh_json_str(doc, "interval_method", "Clopper-Pearson, 95 %");
	eh_json_int(design, "decisions", (int64_t)r->decisions);
	eh_json_int(design, "holds", (int64_t)r->holds);
	eh_json_int(design, "evaluators", r->evaluators);
	eh_json_int(design, "candidates", r->candidates);
	eh_json_int(design, "strata", r->strata);
	eh_json_real(design, "rate", r->rate);
	eh_json_real(design, "severity_sd", r->severity_sd);
	eh_json_real(design, "stratum_sd", r->stratum_sd);
	eh_json_real(design, "likeness_within_evaluator", r->within);
	eh_json_real(design, "likeness_across_evaluators", r->across);
	eh_json_set(doc, "design", design);
	for (size_t i = 0; i < r->n_policies; i++)
		eh_json_push(v, policy_json(&r->policies[i], o->detectable));
	eh_json_set(doc, "policies", v);
	return doc;
}

static void share_cells(struct cli_table *t, uint64_t x, uint64_t n)
{
	struct eh_interval i = eh_rate_exact(x, n);

	cli_cell_num(t, part(x, n), 3);
	cli_cell_num(t, n > 0 ? i.low : part(0, 0), 3);
	cli_cell_num(t, n > 0 ? i.high : part(0, 0), 3);
}

static void print_table(const struct cli *c, const struct eh_calibration *r)
{
	struct cli_table *t =
		cli_table_new("policy scenario >runs/7 >accused/8 >runs_accused >runs_low/11 >runs_high/12 >found "
			      ">found_low/9 >found_high/10 >watch/6 >too_few/5 >cannot_conclude/4 >process/3 "
			      ">limit_accused/2 >limit_found/1");

	for (size_t i = 0; i < r->n_policies; i++) {
		for (int k = 0; k < EH_CALIBRATE_SCENARIOS; k++) {
			const struct eh_calibrate_arm *a = &r->policies[i].arm[k];

			cli_cell(t, "%s", r->policies[i].name);
			cli_cell(t, "%s", scenarios[k]);
			cli_cell(t, "%u", a->reps);
			cli_cell_num(t, part(a->accused, a->reps), 3);
			share_cells(t, a->reps_accused, a->reps);
			share_cells(t, a->found, a->guilty);
			cli_cell_num(t, part(a->verdict[EH_WATCH], a->reps), 2);
			cli_cell_num(t, part(a->verdict[EH_TOO_FEW], a->reps), 2);
			cli_cell_num(t, part(a->verdict[EH_CANNOT_CONCLUDE], a->reps), 2);
			cli_cell_num(t, part(a->process, a->reps), 3);
			cli_cell_num(t, part(a->plain_accused, a->reps), 2);
			cli_cell_num(t, part(a->plain_found, a->guilty), 3);
		}
	}
	cli_table_print(&t, c);
}

static void say_arm(const struct cli *c, const struct eh_calibrate_policy *p)
{
	const struct eh_calibrate_arm *none = &p->arm[EH_NO_BIAS], *planted = &p->arm[EH_PLANTED_BIAS];
	struct eh_interval runs = eh_rate_exact(none->reps_accused, none->reps);
	struct eh_interval found = eh_rate_exact(planted->found, planted->guilty);

	cli_say(c,
		"%s, nobody biased: an innocent evaluator is accused in %u of %u audits (95 %% interval %.3f to %.3f "
		"of them); "
		"the bare limit accuses %.1f in each",
		p->name, none->reps_accused, none->reps, runs.low.value, runs.high.value,
		(double)none->plain_accused / none->reps);
	cli_say(c,
		"%s, bias planted: %llu of %llu biased evaluators found (%.3f, 95 %% interval %.3f to %.3f), %.2f "
		"innocent "
		"accused in each audit",
		p->name, (unsigned long long)planted->found, (unsigned long long)planted->guilty,
		(double)planted->found / (double)planted->guilty, found.low.value, found.high.value,
		(double)planted->accused / planted->reps);
}

static void say_result(const struct cli *c, const struct eh_calibrate_options *o, const struct eh_calibration *r)
{
	cli_say(c,
		"%u audits of %u evaluators and %llu decisions drawn with seed %llu, as nobody is biased and as %u %s: "
		"probability x %g for one group",
		r->reps, r->evaluators, (unsigned long long)r->decisions, (unsigned long long)o->seed, r->biased,
		r->biased == 1 ? "is" : "are", o->effect);
	cli_say(c,
		"from the project's own decisions: rate %.3f, severity of evaluators sd %.2f, of strata sd %.2f "
		"(logit), likeness "
		"of decisions on one candidate %.2f by one evaluator, %.2f by two",
		r->rate, r->severity_sd, r->stratum_sd, r->within, r->across);
	for (size_t i = 0; i < r->n_policies; i++) {
		const struct eh_calibrate_policy *p = &r->policies[i];

		if (p->note[0] != '\0')
			cli_say(c, "note, %s: %s", p->name, p->note);
		say_arm(c, p);
		if (o->detectable && p->detectable.defined)
			cli_say(c, "%s: the weakest bias found in 80 %% is about x %.2f (found %.2f)", p->name,
				p->detectable.value, p->detected.value);
		else if (o->detectable && p->detectable.why == EH_U_NOT_DETECTABLE)
			cli_say(c, "%s: not even the strongest bias, nobody of the group selected, is found in "
				"80 %% at this size", p->name);
	}
}

static int run(struct cli *c)
{
	struct eh_calibrate_options o = EH_CALIBRATE_OPTIONS_INIT;
	struct eh_audit_overrides overrides = EH_AUDIT_OVERRIDES_INIT;
	const char *policies[POLICIES_MAX] = { DEFAULT_POLICY }, *pairs[PAIRS_MAX + 1] = { NULL };
	char attribute[EH_NAME_MAX + 1];
	struct eh_calibration r;
	struct eh_json *doc;
	int rc, status = 0;

	if (!read_options(c, &o) || !cli_read_overrides(c, &overrides))
		return eh_status_exit(EH_EUSAGE);
	read_group(c, &o, attribute, sizeof attribute);
	overrides.pairs = pairs;
	while (overrides.n_pairs < PAIRS_MAX &&
	       (pairs[overrides.n_pairs] = cli_opt_nth(c, "intersect", overrides.n_pairs)) != NULL)
		overrides.n_pairs++;
	o.overrides = &overrides;
	o.policies = policies;
	for (o.n_policies = 0; o.n_policies < POLICIES_MAX && cli_opt_nth(c, "policy", o.n_policies) != NULL;
	     o.n_policies++)
		policies[o.n_policies] = cli_opt_nth(c, "policy", o.n_policies);
	o.n_policies = o.n_policies > 0 ? o.n_policies : 1;
	rc = eh_desk_calibrate(c->desk, &o, cli_progress_begin(c), &r, &c->err);
	cli_progress_end();
	if (r.reps > 0 && (rc == EH_OK || rc == EH_ECANCEL)) {
		say_result(c, &o, &r);
		if (c->format == CLI_JSON) {
			doc = document(c, &o, &r);
			status = cli_put_json(c, &doc);
		} else {
			print_table(c, &r);
		}
	}
	eh_calibration_free(&r);
	return rc != EH_OK ? cli_fail(c) : status;
}

static const struct cli_flag flags[] = {
	{ "policy", "NAME|FILE", "policy to try, repeatable (default " DEFAULT_POLICY ")" },
	{ "effect", "X", "a biased evaluator's probability for one group is multiplied by X (default 0.55)" },
	{ "share", "X", "part of the evaluators that are biased, at least one (default 0.042)" },
	{ "biased", "N", "their number instead" },
	{ "group", "[ATTRIBUTE=]GROUP", "all are biased against this group (else each against one drawn)" },
	{ "intersect", "A,B", "also the pairs of A's and B's classes, besides those the policy names, repeatable" },
	{ "reps", "N", "repetitions (default 100)" },
	{ "seed", "N", "of the draws (default 1); the same seed gives the same bytes" },
	{ "detectable", NULL, "also search the weakest bias that is found in 80 % (takes longer)" },
	{ "limit", "4/5", "another limit than the policy's" },
	{ "min", "N", "another minimum of persons per group than the policy's" },
	{ "family", "METHOD", "another correction than the policy's: bh, holm, by, none" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_calibrate = {
	.name = "calibrate",
	.usage = "[--policy NAME|FILE]...",
	.summary = "Tells how often a policy would accuse the innocent and find the guilty here",
	.help = "Example: evenhand calibrate --policy evaluator_screen --reps 200\n\n"
		"Who judged whom, and everybody's class as an audit sees it, stay as they are; the decisions are "
		"drawn: from the rates of positions and questions, the severity of evaluators and the likeness of "
		"decisions on one candidate that this project's own decisions show, once with nobody biased and "
		"once with bias planted in some evaluators.  Each draw is audited and judged as evenhand audit does "
		"it.  Where a class is only predicted, the true one is drawn from its probabilities, and the audit "
		"sees the probabilities.  Pairs of classes that a policy asks for (or --intersect) are audited too, "
		"and bias may be against a pair.  Beside the policy stands what the bare four-fifths limit would have "
		"done.  "
		"Shares come with Clopper-Pearson intervals.\n\n"
		"Nothing is stored but an entry in the journal.  Ctrl-C prints the repetitions that were done.",
	.flags = flags,
	.max_args = 0,
	.output = CLI_ROWS,
	.wants_project = true,
	.run = run,
};

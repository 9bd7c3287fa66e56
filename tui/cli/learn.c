/* evenhand train, classify, model: classes of those who did not declare them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"

static const char *const modality_names[EH_MODALITIES] = { "face+voice", "face", "voice" };

static struct eh_json *skill_json(const struct eh_skill *s)
{
	struct eh_json *j = eh_json_object();

	eh_json_int(j, "candidates", s->n);
	eh_json_real(j, "accuracy", s->accuracy);
	eh_json_real(j, "accuracy_low", s->accuracy_lo);
	eh_json_real(j, "accuracy_high", s->accuracy_hi);
	eh_json_real(j, "balanced_accuracy", s->balanced_accuracy);
	eh_json_real(j, "auc", s->auc);
	eh_json_real(j, "auc_low", s->auc_lo);
	eh_json_real(j, "auc_high", s->auc_hi);
	eh_json_real(j, "brier", s->brier);
	eh_json_real(j, "ece", s->ece);
	return j;
}

static struct eh_json *train_json(const struct eh_train_report *r)
{
	static const char *const states[] = { "trained", "kept", "removed" };
	struct eh_json *j = eh_json_object(), *skills = eh_json_object(), *refusals = eh_json_object();

	eh_json_str(j, "attribute", r->attribute);
	eh_json_str(j, "state", states[r->state]);
	if (r->state == EH_REMOVED)
		eh_json_str(j, "reason", r->reason);
	if (r->state != EH_TRAINED) {
		eh_json_free(&skills);
		eh_json_free(&refusals);
		return j;
	}
	eh_json_str(j, "model", r->model);
	eh_json_bool(j, "classifies", r->classifies);
	eh_json_int(j, "candidates", r->candidates);
	eh_json_int(j, "without_consent", r->without_consent);
	eh_json_int(j, "without_indicators", r->without_vector);
	eh_json_int(j, "closed_place", r->closed_place);
	for (int k = 0; k < EH_MODALITIES; k++) {
		if (r->skill[k].trained)
			eh_json_set(skills, modality_names[k], skill_json(&r->skill[k]));
		else
			eh_json_null(skills, modality_names[k]);
		if (r->refusal[k][0] != '\0')
			eh_json_str(refusals, modality_names[k], r->refusal[k]);
	}
	if (r->baseline_f0.trained)
		eh_json_set(skills, "pitch alone", skill_json(&r->baseline_f0));
	eh_json_set(j, "skill", skills);
	eh_json_set(j, "refused", refusals);
	eh_json_str(j, "never_excluded", r->undecided);
	eh_json_real(j, "majority", r->majority);
	return j;
}

static void skill_row(struct cli_table *t, const char *attribute, const char *model, const char *name,
		      const struct eh_skill *s)
{
	if (!s->trained)
		return;
	cli_cell(t, "%s", attribute);
	cli_cell(t, "%s", model);
	cli_cell(t, "%s", name);
	cli_cell(t, "%u", s->n);
	cli_cell_num(t, eh_num(s->accuracy), 3);
	cli_cell_num(t, eh_num(s->auc), 3);
	cli_cell_num(t, eh_num(s->auc_lo), 3);
	cli_cell_num(t, eh_num(s->auc_hi), 3);
	cli_cell_num(t, eh_num(s->ece), 3);
}

static void say_trained(struct cli *c, const struct eh_train_report *r)
{
	cli_say(c,
		"%s: model %s from %u candidates (left out: %u without consent to train, %u without "
		"indicators, %u where the place forbids it)",
		r->attribute, r->model, r->candidates, r->without_consent, r->without_vector, r->closed_place);
	for (int k = 0; k < EH_MODALITIES; k++)
		if (r->refusal[k][0] != '\0')
			cli_say(c, "%s: %s classifies nobody: %s", r->attribute, modality_names[k], r->refusal[k]);
	if (!r->classifies)
		cli_say(c, "%s: the model classifies nobody at all; declare and extract more candidates",
			r->attribute);
	if (r->undecided[0] != '\0')
		cli_say(c,
			"%s: too few candidates to ever exclude %s: %d are needed for sets that miss at most %.0f %% "
			"of a class, so everybody stays undetermined",
			r->attribute, r->undecided, (int)(1.0 / EH_ALPHA + 0.5) - 1, 100.0 * EH_ALPHA);
}

static void tell_report(struct cli *c, struct eh_train_report *r, struct eh_json *models, struct cli_table *t)
{
	eh_json_push(models, train_json(r));
	if (r->state == EH_KEPT)
		cli_say(c, "%s: the model is not stale and stays", r->attribute);
	if (r->state == EH_REMOVED)
		cli_say(c, "%s: the stale model and the classes it gave are removed; it cannot be made without those "
			"who withdrew: %s", r->attribute, r->reason);
	if (r->state != EH_TRAINED)
		return;
	say_trained(c, r);
	for (int k = 0; k < EH_MODALITIES; k++)
		skill_row(t, r->attribute, r->model, modality_names[k], &r->skill[k]);
	skill_row(t, r->attribute, r->model, "pitch alone", &r->baseline_f0);
	free(r->card);
	r->card = NULL;
}

static bool train_options(struct cli *c, struct eh_train_options *o)
{
	int64_t seed = 1;
	const char *with;

	*o = (struct eh_train_options){ .attributes = (const char *const *)c->argv, .n = (size_t)c->argc };
	o->refresh = cli_opt(c, "refresh") != NULL;
	if (!cli_opt_i64(c, "seed", 0, INT64_MAX, &seed))
		return false;
	o->seed = (uint64_t)seed;
	for (size_t i = 0; (with = cli_opt_nth(c, "with", i)) != NULL; i++) {
		if (i == EH_WITH_MAX) {
			(void)cli_error(c, EH_EUSAGE, "--with can be given %d times", EH_WITH_MAX);
			return false;
		}
		o->with[o->n_with++] = with;
	}
	if (c->argc > 0 || o->refresh)
		return true;
	(void)cli_error(c, EH_EUSAGE, "which attribute? For example: evenhand train sex");
	return false;
}

static int run_train(struct cli *c)
{
	struct cli_table *t = NULL;
	struct eh_json *doc = NULL, *models = NULL;
	struct eh_train_report *r = NULL;
	struct eh_train_options o;
	size_t n = 0;
	bool tidy = true;
	int rc;

	if (!train_options(c, &o))
		return eh_status_exit(EH_EUSAGE);
	r = eh_xcalloc(EH_POLICY_ATTRIBUTES_MAX, sizeof *r);
	rc = eh_desk_train(c->desk, &o, cli_progress_begin(c), r, EH_POLICY_ATTRIBUTES_MAX, &n, &tidy, &c->err);
	cli_progress_end();
	if (rc != EH_OK) {
		free(r);
		return cli_fail(c);
	}
	doc = eh_json_object();
	models = eh_json_array();
	t = cli_table_new("attribute model indicators >candidates >accuracy >auc >auc_low >auc_high >ece");
	eh_json_str(doc, "schema", "evenhand.train/1");
	eh_json_set(doc, "models", models);
	for (size_t i = 0; i < n; i++)
		tell_report(c, &r[i], models, t);
	if (o.refresh && n == 0)
		cli_say(c, "there is no model");
	if (!tidy)
		cli_say(c, "others have the project open: what was removed leaves the store's file when it is next "
			"opened by one alone");
	free(r);
	return cli_finish(c, EH_OK, &doc, &t);
}

static int run_classify(struct cli *c)
{
	struct eh_classify_report r[EH_POLICY_ATTRIBUTES_MAX];
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t =
		cli_table_new("attribute model >declared >classified >undetermined >out_of_scope >refused "
			      ">no_indicators >weak");
	size_t n = 0;
	int rc = eh_desk_classify(c->desk, c->argc > 0 ? c->argv[0] : NULL, cli_progress_begin(c), r,
				  EH_POLICY_ATTRIBUTES_MAX, &n, &c->err);

	cli_progress_end();
	eh_json_str(doc, "schema", "evenhand.classify/1");
	for (size_t i = 0; i < n; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "attribute", r[i].attribute);
		eh_json_str(j, "model", r[i].model);
		eh_json_int(j, "declared", r[i].declared);
		eh_json_int(j, "classified", r[i].classified);
		eh_json_int(j, "undetermined", r[i].undetermined);
		eh_json_int(j, "out_of_scope", r[i].out_of_scope);
		eh_json_int(j, "refused", r[i].refused);
		eh_json_int(j, "no_indicators", r[i].no_vector);
		eh_json_int(j, "weak", r[i].weak);
		eh_json_push(rows, j);
		cli_cell(t, "%s", r[i].attribute);
		cli_cell(t, "%s", r[i].model);
		cli_cell(t, "%u", r[i].declared);
		cli_cell(t, "%u", r[i].classified);
		cli_cell(t, "%u", r[i].undetermined);
		cli_cell(t, "%u", r[i].out_of_scope);
		cli_cell(t, "%u", r[i].refused);
		cli_cell(t, "%u", r[i].no_vector);
		cli_cell(t, "%u", r[i].weak);
	}
	eh_json_set(doc, "attributes", rows);
	/* what was classified is told beside what was refused */
	if (rc == EH_EREFUSED && n > 0) {
		int status = cli_fail(c), put = cli_finish(c, EH_OK, &doc, &t);

		return put != 0 ? put : status;
	}
	return cli_finish(c, rc, &doc, &t);
}

static const char *model_state(const struct eh_model_row *m)
{
	return m->outdated ? "outdated" : m->withdrawn > 0 ? "stale" : m->classifies ? "ok" : "weak";
}

static int run_model_list(struct cli *c)
{
	struct eh_model_row *v = NULL;
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("attribute model state >candidates >withdrawn >auc >auc_low >auc_high");
	size_t n = 0;
	int rc = eh_desk_models(c->desk, &v, &n, &c->err);
	int status;

	eh_json_str(doc, "schema", "evenhand.models/1");
	for (size_t i = 0; i < n; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "attribute", v[i].attribute);
		eh_json_str(j, "model", v[i].id);
		eh_json_str(j, "state", model_state(&v[i]));
		eh_json_int(j, "candidates", v[i].candidates);
		eh_json_int(j, "withdrawn", v[i].withdrawn);
		eh_json_real(j, "auc", v[i].auc);
		eh_json_real(j, "auc_low", v[i].auc_lo);
		eh_json_real(j, "auc_high", v[i].auc_hi);
		eh_json_push(rows, j);
		cli_cell(t, "%s", v[i].attribute);
		cli_cell(t, "%s", v[i].id);
		cli_cell(t, "%s", model_state(&v[i]));
		cli_cell(t, "%u", v[i].candidates);
		cli_cell(t, "%u", v[i].withdrawn);
		cli_cell_num(t, eh_num(v[i].auc), 3);
		cli_cell_num(t, eh_num(v[i].auc_lo), 3);
		cli_cell_num(t, eh_num(v[i].auc_hi), 3);
	}
	eh_json_set(doc, "models", rows);
	status = cli_finish(c, rc, &doc, &t);
	eh_list_free(&v);
	return status;
}

static int run_model_remove(struct cli *c)
{
	if (eh_desk_model_remove(c->desk, c->argv[0], &c->err) != EH_OK)
		return cli_fail(c);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();

		eh_json_str(doc, "schema", "evenhand.model_remove/1");
		eh_json_str(doc, "attribute", c->argv[0]);
		return cli_put_json(c, &doc);
	}
	cli_say(c, "the model for %s and the classes it gave are removed", c->argv[0]);
	return 0;
}

static const struct cli_flag train_flags[] = {
	{ "seed", "N", "seed of folds and bootstrap (default 1); the same seed gives the same model" },
	{ "with", "COLUMN", "position or jurisdiction beside the indicators, one column per value; repeatable" },
	{ "refresh", NULL, "make stale models anew without those who withdrew; what cannot be made is removed" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_train = {
	.name = "train",
	.usage = "ATTRIBUTE...",
	.summary = "Learns declared classes from the indicators",
	.help = "Examples: evenhand train sex\n"
		"          evenhand train sex race --with position\n"
		"          evenhand train --refresh\n\n"
		"Uses candidates who declared the attribute, agreed to training and were measured.  All attributes of\n"
		"one call are stored together or not at all.  Skill is measured on candidates never seen in training;\n"
		"the pitch-alone baseline stands beside it.  A part whose AUC interval reaches below 0.8 classifies\n"
		"nobody, and a group with fewer than 8 candidates is not learnt (exit 4).  No model is shipped.\n"
		"A column beside the indicators ties the classes to what evaluators see: leave it away where the\n"
		"audit compares positions.",
	.flags = train_flags,
	.max_args = EH_POLICY_ATTRIBUTES_MAX,
	.wants_project = true,
	.run = run_train,
};
const struct cli_entry cli_classify = {
	.name = "classify",
	.usage = "[ATTRIBUTE]",
	.summary = "Gives class probabilities to candidates who declared none",
	.help = "Example: evenhand classify\n\n"
		"Only with the candidate's consent for infer:ATTRIBUTE and where the jurisdiction allows it; a "
		"declared\n"
		"class always wins.  Undetermined is who has no decision set of one class (sets that miss at\n"
		"most 10 % of each class), or is out of the scope of the training recordings; the posterior is\n"
		"kept and so marked.  A model that contains a candidate who withdrew, or whose skill is too\n"
		"small, classifies nobody (exit 4).",
	.max_args = 1,
	.wants_project = true,
	.run = run_classify,
};
const struct cli_entry cli_model_list = {
	.name = "model list",
	.usage = "",
	.summary = "Lists the models of the project",
	.help = "ok; weak: its skill is too small, it classifies nobody; stale: the consent of one of its\n"
		"candidates was withdrawn or no longer holds; outdated: stored by another version.  For the last\n"
		"two run: evenhand train --refresh",
	.wants_project = true,
	.run = run_model_list,
};
const struct cli_entry cli_model_remove = {
	.name = "model remove", .usage = "ATTRIBUTE", .summary = "Removes a model and the classes it gave",
	.min_args = 1, .max_args = 1, .wants_project = true, .run = run_model_remove,
};

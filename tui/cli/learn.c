/* evenhand train, classify, model: classes of those who did not declare them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "parts/words.h"

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

static struct eh_json *copies_json(const struct eh_train_report *r)
{
	struct eh_json *j = eh_json_object();

	eh_json_int(j, "candidates", r->copied);
	eh_json_int(j, "recordings_not_readable", r->copies_unread);
	eh_json_int(j, "recordings_failed", r->copies_failed);
	return j;
}

static struct eh_json *train_json(const struct eh_train_report *r)
{
	static const char *const states[] = { "trained", "kept", "removed" };
	struct eh_json *j = eh_json_object(), *skills = eh_json_object(), *refusals = eh_json_object(), *sources;

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
	sources = eh_json_object();
	eh_json_int(sources, "declared", r->declared);
	eh_json_int(sources, "imported", r->imported);
	eh_json_set(j, "label_sources", sources);
	eh_json_bool(j, "declared_only", r->declared_only);
	eh_json_int(j, "imported_left_out", r->imported_left_out);
	eh_json_int(j, "without_consent", r->without_consent);
	eh_json_int(j, "without_indicators", r->without_vector);
	eh_json_int(j, "closed_place", r->closed_place);
	eh_json_set(j, "degraded_copies", copies_json(r));
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

static void say_copies(struct cli *c, const struct eh_train_report *r)
{
	if (r->copied > 0)
		cli_say(c, "%s: %u candidate%s taught as degraded copies of the voice too", r->attribute, r->copied,
			words_s(r->copied));
	if (r->copies_unread + r->copies_failed > 0)
		cli_say(c,
			"%s: no degraded copies of %u recording%s that cannot be read again, and of %u that a worker "
			"failed on; what was measured of them teaches as it is",
			r->attribute, r->copies_unread, words_s(r->copies_unread), r->copies_failed);
}

static void say_trained(struct cli *c, const struct eh_train_report *r)
{
	cli_say(c,
		"%s: model %s from %u candidate%s, classes of %u declared and of %u imported (left out: %u without "
		"consent to train, %u without indicators, %u where the place forbids it, %u imported)",
		r->attribute, r->model, r->candidates, words_s(r->candidates), r->declared, r->imported,
		r->without_consent, r->without_vector, r->closed_place, r->imported_left_out);
	say_copies(c, r);
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
	int64_t seed = 1, jobs = 0;
	const char *with;

	*o = (struct eh_train_options){ .attributes = (const char *const *)c->argv, .n = (size_t)c->argc };
	o->refresh = cli_opt(c, "refresh") != NULL;
	o->declared_only = cli_has(c, "declared-only");
	o->no_copies = cli_has(c, "no-copies");
	o->require_sandbox = cli_has(c, "require-sandbox");
	if (!cli_opt_i64(c, "seed", 0, INT64_MAX, &seed) || !cli_opt_i64(c, "jobs", 0, 256, &jobs))
		return false;
	o->seed = (uint64_t)seed;
	o->workers = (unsigned)jobs;
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
	t = cli_table_new("attribute model indicators >candidates >accuracy/2 >auc >auc_low >auc_high >ece/1");
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
		cli_table_new("attribute model/3 >declared >classified >undetermined >out_of_scope/2 >refused "
			      ">no_indicators/1 >model_refused >imported");
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
		eh_json_int(j, "imported", r[i].imported);
		eh_json_int(j, "classified", r[i].classified);
		eh_json_int(j, "undetermined", r[i].undetermined);
		eh_json_int(j, "out_of_scope", r[i].out_of_scope);
		eh_json_int(j, "refused", r[i].refused);
		eh_json_int(j, "no_indicators", r[i].no_vector);
		eh_json_int(j, "model_refused", r[i].weak);
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
		cli_cell(t, "%u", r[i].imported);
	}
	eh_json_set(doc, "attributes", rows);
	/* what was classified is told beside what was refused */
	if (rc == EH_EREFUSED && n > 0) {
		int status = cli_fail(c), put = cli_finish(c, EH_OK, &doc, &t);

		return put != 0 ? put : status;
	}
	return cli_finish(c, rc, &doc, &t);
}

/* Of a model that another version stored only the attribute is known (desk.h). */
static struct eh_num known(const struct eh_model_row *m, double value)
{
	return m->outdated ? eh_undefined(EH_U_NOT_COMPUTED) : eh_num(value);
}

static void put_count(struct eh_json *j, const char *key, const struct eh_model_row *m, uint32_t count)
{
	if (m->outdated)
		eh_json_null(j, key);
	else
		eh_json_int(j, key, count);
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
		eh_json_str(j, "model", v[i].outdated ? NULL : v[i].id);
		eh_json_str(j, "state", words_model_state(&v[i]));
		put_count(j, "candidates", &v[i], v[i].candidates);
		put_count(j, "withdrawn", &v[i], v[i].withdrawn);
		eh_json_num(j, "auc", known(&v[i], v[i].auc));
		eh_json_num(j, "auc_low", known(&v[i], v[i].auc_lo));
		eh_json_num(j, "auc_high", known(&v[i], v[i].auc_hi));
		eh_json_push(rows, j);
		cli_cell(t, "%s", v[i].attribute);
		cli_cell(t, "%s", v[i].id);
		cli_cell(t, "%s", words_model_state(&v[i]));
		cli_cell_num(t, known(&v[i], v[i].candidates), 0);
		cli_cell_num(t, known(&v[i], v[i].withdrawn), 0);
		cli_cell_num(t, known(&v[i], v[i].auc), 3);
		cli_cell_num(t, known(&v[i], v[i].auc_lo), 3);
		cli_cell_num(t, known(&v[i], v[i].auc_hi), 3);
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
	{ "declared-only", NULL, "leave classes out that another record says (imported.ATTRIBUTE); kept by a refresh" },
	{ "refresh", NULL, "make stale models anew without those who withdrew; what cannot be made is removed" },
	{ "no-copies", NULL, "open no recording: nobody teaches as degraded copies of the voice; kept by a refresh" },
	{ "jobs", "N", "workers at once that make the copies (default: one per core)" },
	{ "require-sandbox", NULL, "exit status 3, and nothing opened, when the kernel lacks Landlock or seccomp" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_train = {
	.name = "train",
	.usage = "ATTRIBUTE...",
	.summary = "Learns known classes from the indicators",
	.help = "Examples: evenhand train sex\n"
		"          evenhand train sex race --with position\n"
		"          evenhand train --refresh\n\n"
		"Uses candidates whose class is known, declared or imported, who agreed to training and were "
		"measured; --declared-only leaves the imported classes out.  All attributes of one call are "
		"stored together or not at all.  Skill is measured on candidates never seen in training; the "
		"pitch-alone baseline stands beside it.  A part whose AUC interval reaches below 0.8 classifies "
		"nobody, and a group with fewer than 8 candidates is not learnt (exit 4).  No model is shipped. A "
		"column beside the indicators ties the classes to what evaluators see: leave it away where the "
		"audit compares positions.\n\n"
		"A voice model also hears each training recording as worse channels carry it: in the band of a "
		"telephone (band8k), with noise (noise15), at 12 kbit/s (opus12).  The recordings are opened once "
		"for that, in locked processes, of candidates who agreed to voice and to training; what is "
		"finished is kept.  Copies only teach: skill, decision sets and scope rest on the recordings "
		"as they are.  A recording that is gone, or that changed since it was measured, teaches without "
		"copies.  Of more than 500 candidates a share has them.",
	.flags = train_flags,
	.max_args = EH_POLICY_ATTRIBUTES_MAX,
	.wants_project = true,
	.run = run_train,
};
const struct cli_entry cli_classify = {
	.name = "classify",
	.usage = "[ATTRIBUTE]",
	.summary = "Gives class probabilities to candidates of whom no class is known",
	.help = "Example: evenhand classify\n\n"
		"Only with the candidate's consent for infer:ATTRIBUTE and where the jurisdiction allows it; a "
		"known class, declared or imported, always wins.  Undetermined is who has no decision set of one "
		"class (sets that miss at most 10 % of each class), or is out of the scope of the training "
		"recordings; the posterior is kept and so marked.  A model that contains a candidate who "
		"withdrew, or whose skill is too small, classifies nobody (exit 4), and no audit uses the "
		"classes that it gave before.",
	.max_args = 1,
	.wants_project = true,
	.run = run_classify,
};
const struct cli_entry cli_model_list = {
	.name = "model list",
	.usage = "",
	.summary = "Lists the models of the project",
	.help = "in use; refused: its skill is too small, it classifies nobody; stale: the consent of one of its "
		"candidates was withdrawn or no longer holds; outdated: stored by another version.  For the last "
		"two run: evenhand train --refresh",
	.wants_project = true,
	.run = run_model_list,
};
const struct cli_entry cli_model_remove = {
	.name = "model remove", .usage = "ATTRIBUTE", .summary = "Removes a model and the classes it gave",
	.min_args = 1, .max_args = 1, .output = CLI_ACT, .wants_project = true, .run = run_model_remove,
};

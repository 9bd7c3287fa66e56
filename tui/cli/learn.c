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

static struct eh_json *train_json(const char *attribute, const struct eh_train_report *r)
{
	struct eh_json *j = eh_json_object(), *skills = eh_json_object();

	eh_json_str(j, "attribute", attribute);
	eh_json_str(j, "model", r->model);
	eh_json_int(j, "candidates", r->candidates);
	eh_json_int(j, "without_consent", r->without_consent);
	eh_json_int(j, "without_indicators", r->without_vector);
	eh_json_int(j, "closed_place", r->closed_place);
	for (int k = 0; k < EH_MODALITIES; k++) {
		if (r->skill[k].trained)
			eh_json_set(skills, modality_names[k], skill_json(&r->skill[k]));
		else
			eh_json_null(skills, modality_names[k]);
	}
	if (r->baseline_f0.trained)
		eh_json_set(skills, "pitch alone", skill_json(&r->baseline_f0));
	eh_json_set(j, "skill", skills);
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

static int train_one(struct cli *c, const char *attribute, uint64_t seed, struct eh_json *models, struct cli_table *t)
{
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);
	int rc = eh_desk_train(c->desk, attribute, seed, cli_progress_begin(c), r, &c->err);
	int status = 0;

	cli_progress_end();
	if (rc != EH_OK) {
		status = cli_fail(c);
	} else {
		cli_say(c,
			"%s: model %s from %u candidates (left out: %u without consent to train, %u without "
			"indicators, %u where the place forbids it)",
			attribute, r->model, r->candidates, r->without_consent, r->without_vector, r->closed_place);
		eh_json_push(models, train_json(attribute, r));
		for (int k = 0; k < EH_MODALITIES; k++)
			skill_row(t, attribute, r->model, modality_names[k], &r->skill[k]);
		skill_row(t, attribute, r->model, "pitch alone", &r->baseline_f0);
		free(r->card);
	}
	free(r);
	return status;
}

static int run_train(struct cli *c)
{
	struct cli_table *t =
		cli_table_new("attribute model indicators >candidates >accuracy >auc >auc_low >auc_high >ece");
	struct eh_json *doc = eh_json_object(), *models = eh_json_array();
	int64_t seed = 1;
	int status = 0, trained = 0, put;

	eh_json_str(doc, "schema", "evenhand.train/1");
	eh_json_set(doc, "models", models);
	if (!cli_opt_i64(c, "seed", 0, INT64_MAX, &seed))
		status = eh_status_exit(EH_EUSAGE);
	/* each attribute by itself: what was trained before a failure is stored, and told */
	for (int i = 0; i < c->argc && (status == 0 || trained > 0) && !cli_interrupted(); i++) {
		int one = train_one(c, c->argv[i], (uint64_t)seed, models, t);

		trained += one == 0;
		status = one != 0 ? one : status;
	}
	if (trained > 0) {
		put = cli_finish(c, EH_OK, &doc, &t);
		return status != 0 ? status : put;
	}
	cli_table_free(&t);
	eh_json_free(&doc);
	return status;
}

static int run_classify(struct cli *c)
{
	struct eh_classify_report r[EH_POLICY_ATTRIBUTES_MAX];
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t =
		cli_table_new("attribute model >declared >classified >undetermined >refused >no_indicators");
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
		eh_json_int(j, "refused", r[i].refused);
		eh_json_int(j, "no_indicators", r[i].no_vector);
		eh_json_push(rows, j);
		cli_cell(t, "%s", r[i].attribute);
		cli_cell(t, "%s", r[i].model);
		cli_cell(t, "%u", r[i].declared);
		cli_cell(t, "%u", r[i].classified);
		cli_cell(t, "%u", r[i].undetermined);
		cli_cell(t, "%u", r[i].refused);
		cli_cell(t, "%u", r[i].no_vector);
	}
	eh_json_set(doc, "attributes", rows);
	return cli_finish(c, rc, &doc, &t);
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
		eh_json_str(j, "state", v[i].withdrawn > 0 ? "stale" : "ok");
		eh_json_int(j, "candidates", v[i].candidates);
		eh_json_int(j, "withdrawn", v[i].withdrawn);
		eh_json_real(j, "auc", v[i].auc);
		eh_json_real(j, "auc_low", v[i].auc_lo);
		eh_json_real(j, "auc_high", v[i].auc_hi);
		eh_json_push(rows, j);
		cli_cell(t, "%s", v[i].attribute);
		cli_cell(t, "%s", v[i].id);
		cli_cell(t, "%s", v[i].withdrawn > 0 ? "stale" : "ok");
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

static int run_model_card(struct cli *c)
{
	char *text = NULL;
	FILE *out;

	if (eh_desk_model_card(c->desk, c->argv[0], &text, &c->err) != EH_OK)
		return cli_fail(c);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();

		eh_json_str(doc, "schema", "evenhand.model_card/1");
		eh_json_str(doc, "attribute", c->argv[0]);
		eh_json_str(doc, "card", text);
		free(text);
		return cli_put_json(c, &doc);
	}
	out = cli_pager_begin(c);
	fputs(text, out);
	cli_pager_end(out);
	free(text);
	return 0;
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
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_train = {
	.name = "train",
	.usage = "ATTRIBUTE...",
	.summary = "Learns a declared class from the indicators",
	.help = "Example: evenhand train sex\n\n"
		"Uses candidates who declared the attribute, agreed to training and were measured.  Skill is measured\n"
		"on candidates never seen in training; the pitch-alone baseline stands beside it.  No model is "
		"shipped.",
	.flags = train_flags,
	.min_args = 1,
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
		"class always wins.  Probabilities below 0.8 count as undetermined and keep their posterior.\n"
		"A model that contains a candidate who withdrew is refused (exit 4) until it is trained again.",
	.max_args = 1,
	.wants_project = true,
	.run = run_classify,
};
const struct cli_entry cli_model_list = {
	.name = "model list",
	.usage = "",
	.summary = "Lists the models of the project",
	.help = "A model is stale when the consent of one of its candidates was withdrawn or no longer holds: it "
		"classifies\n"
		"nobody until \"evenhand train ATTRIBUTE\" is run again.",
	.wants_project = true,
	.run = run_model_list,
};
const struct cli_entry cli_model_card = {
	.name = "model card", .usage = "ATTRIBUTE", .summary = "Shows a model's card: data, skill, limits",
	.min_args = 1, .max_args = 1, .wants_project = true, .run = run_model_card,
};
const struct cli_entry cli_model_remove = {
	.name = "model remove", .usage = "ATTRIBUTE", .summary = "Removes a model and the classes it gave",
	.min_args = 1, .max_args = 1, .wants_project = true, .run = run_model_remove,
};

/* evenhand model card, model export: what a model is, and its text for the programs of libsvm. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/target.h"
#include "desk/card.h"
#include "parts/card.h"
#include "parts/words.h"

/* ---- card ---- */

/* --width, else the terminal's. */
static bool width_of(struct cli *c, int64_t *width)
{
	*width = cli_columns(STDOUT_FILENO);
	return cli_opt_i64(c, "width", EH_CARD_WIDTH_LEAST, 1000, width);
}

/* Values of the project (positions) may be of any script: what a plain terminal cannot show becomes '?'. */
static void put_line(FILE *out, const char *text)
{
	char clean[2048];

	eh_text_printable(clean, sizeof clean, text, strlen(text));
	for (const unsigned char *p = (const unsigned char *)clean; *p != '\0'; p++) {
		if (!term_ascii() || *p < 0x80)
			fputc(*p, out);
		else if (*p >= 0xc0)
			fputc('?', out);
	}
	fputc('\n', out);
}

static void put_text(struct cli *c, const struct eh_card *card, int width)
{
	const struct tui_options plain = { .ascii = cli_has(c, "ascii") };
	struct card_lines lines;
	FILE *out = NULL;

	term_charset(&plain);
	card_lines_make(&lines, card, width - 1);
	out = cli_pager_begin(c);
	fprintf(out, "Model card %s\n\n", eh_model_id(card->model));
	for (size_t i = 0; i < lines.n; i++)
		put_line(out, lines.v[i].text);
	cli_pager_end(out);
	card_lines_free(&lines);
}

static int run_card(struct cli *c)
{
	struct eh_card *card = NULL;
	int64_t width = 80;
	int status = 0;

	if (!width_of(c, &width))
		return eh_status_exit(EH_EUSAGE);
	if (eh_desk_card(c->desk, c->argv[0], &card, &c->err) != EH_OK)
		return cli_fail(c);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_card_json(card);

		status = cli_put_json(c, &doc);
	} else {
		put_text(c, card, (int)width);
	}
	eh_card_free(&card);
	return status;
}

/* ---- export ---- */

static int refuse_existing(struct cli *c, const char *path, const char *suffix)
{
	char *whole = eh_xasprintf("%s%s", path, suffix);
	struct stat st;
	int status = 0;

	if (lstat(whole, &st) == 0)
		status = cli_error(c, EH_EUSAGE, "%s exists; --force replaces it", whole);
	free(whole);
	return status;
}

static int part_of(struct cli *c, int *part)
{
	static const char *const names[EH_MODALITIES] = { "fused", "face", "voice" };
	const char *text = cli_opt(c, "modality");

	*part = -1;
	for (int k = 0; text != NULL && k < EH_MODALITIES; k++)
		if (strcmp(text, names[k]) == 0)
			*part = k;
	if (text != NULL && *part < 0)
		return cli_error(c, EH_EUSAGE, "--modality is fused, face or voice, not '%s'", text);
	return 0;
}

static int tell_export(struct cli *c, const struct eh_export_report *r, const char *path)
{
	static const char *const parts[EH_MODALITIES] = { "fused", "face", "voice" };
	struct eh_json *doc = NULL;

	cli_say(c,
		"%s and %s.scale hold measurements of the faces or voices of %u candidate%s: biometric personal data. "
		"They must not leave this site; remove them when they have served.",
		path, path, r->candidates, words_s(r->candidates));
	if (c->format != CLI_JSON)
		return 0;
	doc = eh_json_object();
	eh_json_str(doc, "schema", "evenhand.model_export/1");
	eh_json_str(doc, "attribute", c->argv[0]);
	eh_json_str(doc, "model", r->model);
	eh_json_str(doc, "modality", parts[r->part]);
	eh_json_str(doc, "group", r->group);
	eh_json_str(doc, "file", path);
	eh_json_int(doc, "candidates", r->candidates);
	eh_json_bool(doc, "biometric", true);
	return cli_put_json(c, &doc);
}

static int run_export(struct cli *c)
{
	const char *path = cli_opt(c, "out");
	bool force = cli_has(c, "force");
	struct cli_target model = { NULL, NULL, NULL }, scale = { NULL, NULL, NULL };
	struct eh_export_report report;
	int part = -1, rc = EH_OK, status = part_of(c, &part);

	if (status == 0 && (path == NULL || path[0] == '\0'))
		status = cli_error(c, EH_EUSAGE, "--out FILE says where the model goes");
	if (status == 0 && !force)
		status = refuse_existing(c, path, "");
	if (status == 0 && !force)
		status = refuse_existing(c, path, ".scale");
	if (status != 0)
		return status;
	rc = cli_target_open(&model, path, "", &c->err);
	if (rc == EH_OK)
		rc = cli_target_open(&scale, path, ".scale", &c->err);
	if (rc == EH_OK)
		rc = eh_desk_model_export(c->desk, c->argv[0], part, cli_opt(c, "group"), model.f, scale.f, &report,
					  &c->err);
	if (rc == EH_OK)
		rc = cli_target_keep(&scale, force, &c->err);
	if (rc == EH_OK)
		rc = cli_target_keep(&model, force, &c->err);
	cli_target_close(&scale);
	cli_target_close(&model);
	return rc == EH_OK ? tell_export(c, &report, path) : cli_fail(c);
}

static const struct cli_flag card_flags[] = {
	{ "ascii", NULL, "plain ASCII characters only (also where the locale is not UTF-8)" },
	{ "width", "COLUMNS", "wrap for this width (default: the terminal, else 80)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_model_card = {
	.name = "model card",
	.usage = "ATTRIBUTE",
	.summary = "Shows a model's card: data, skill, limits",
	.help = "Example: evenhand model card sex | less\n\n"
		"One document to hand to a works council or a supervisor: what the model is for and not for, who "
		"taught it and whether they are like the candidates it is to classify, how well it does on "
		"candidates it never saw (per class, per subgroup, with intervals), calibration and learning "
		"curve as plots, what it looks at, limits, and what erasure does to it.  --json gives the same "
		"numbers, schema evenhand.model_card/1.",
	.flags = card_flags,
	.min_args = 1,
	.max_args = 1,
	.output = CLI_DOCUMENT,
	.wants_project = true,
	.run = run_card,
};

static const struct cli_flag export_flags[] = {
	{ "out", "FILE", "where the model goes; the table that scales its rows goes to FILE.scale" },
	{ "modality", "WHICH", "fused, face or voice (default: the part with the surest AUC)" },
	{ "group", "GROUP", "the group that is told from the others (default: the second of two)" },
	{ "force", NULL, "replace files that exist" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_model_export = {
	.name = "model export",
	.usage = "ATTRIBUTE --out FILE",
	.summary = "Writes a model as text for the programs of libsvm, to check it",
	.help = "Example:\n"
		"  evenhand model export sex --out sex.svm\n"
		"  svm-predict rows.txt sex.svm said.txt\n\n"
		"The files hold candidates' measurements: biometric personal data.  They are readable by you "
		"alone and must not leave this site.  A stale model is refused.  The export is an entry in the "
		"journal.",
	.flags = export_flags,
	.min_args = 1,
	.max_args = 1,
	.output = CLI_ACT,
	.wants_project = true,
	.run = run_export,
};

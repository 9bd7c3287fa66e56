/* evenhand extract: recordings to indicators, where consent allows. */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "parts/words.h"

static void say_report(const struct cli *c, const struct eh_extract_report *r)
{
	cli_say(c, "%u answer%s: %u measured, %u finished before, %u failed, %u not opened for want of consent "
		"(%u candidate%s)", r->answers, words_s(r->answers), r->measured, r->kept, r->failed, r->skipped,
		r->skipped_candidates, words_s(r->skipped_candidates));
	for (size_t i = 0; i < r->n_reasons; i++)
		cli_say(c, "  %u skipped: %s", r->reasons[i].candidates, r->reasons[i].text);
	if (r->paper_missing > 0)
		cli_say(c, "  %u candidate%s: face or voice not measured, the release or waiver that the law of the "
			   "place asks for is missing (evenhand extract --candidate ID says what)",
			r->paper_missing, words_s(r->paper_missing));
	if (r->seconds_media > 0.0 && r->seconds_wall > 0.0)
		cli_say(c, "  %.0f s of recordings in %.1f s (%.0f times real time)", r->seconds_media, r->seconds_wall,
			r->seconds_media / r->seconds_wall);
}

static void print_coverage(const struct cli *c, const struct eh_extract_report *r)
{
	struct cli_table *t = cli_table_new("attribute group >candidates >face >voice >face_share >voice_share "
					    ">imported >paper_missing");

	for (size_t i = 0; i < r->n_coverage; i++) {
		const struct eh_coverage *v = &r->coverage[i];
		double n = v->candidates;

		cli_cell(t, "%s", v->attribute[0] != '\0' ? v->attribute : "all");
		cli_cell(t, "%s", v->group[0] != '\0' ? v->group : "all");
		cli_cell(t, "%u", v->candidates);
		cli_cell(t, "%u", v->with_face);
		cli_cell(t, "%u", v->with_voice);
		cli_cell_num(t, n > 0.0 ? eh_num(v->with_face / n) : eh_undefined(EH_U_EMPTY_GROUP), 3);
		cli_cell_num(t, n > 0.0 ? eh_num(v->with_voice / n) : eh_undefined(EH_U_EMPTY_GROUP), 3);
		cli_cell(t, "%u", v->imported);
		cli_cell(t, "%u", v->paper_missing);
	}
	cli_table_print(&t, c);
}

/* An own path may stand in a document that its owner asked for. */
static void note_failure(void *ctx, const char *candidate, const char *question, const char *path, const char *reason)
{
	struct eh_json *f = eh_json_object();

	eh_json_str(f, "candidate", candidate);
	eh_json_str(f, "question", question);
	eh_json_str(f, "path", path);
	eh_json_str(f, "reason", reason);
	eh_json_push(ctx, f);
}

/* failures: taken over. */
static struct eh_json *report_json(const struct eh_extract_report *r, struct eh_json *failures)
{
	struct eh_json *doc = eh_json_object(), *skipped = eh_json_array(), *coverage = eh_json_array();

	eh_json_str(doc, "schema", "evenhand.extract/1");
	eh_json_int(doc, "answers", r->answers);
	eh_json_int(doc, "measured", r->measured);
	eh_json_int(doc, "kept", r->kept);
	eh_json_int(doc, "failed", r->failed);
	eh_json_set(doc, "failures", failures);
	eh_json_int(doc, "skipped", r->skipped);
	eh_json_int(doc, "skipped_candidates", r->skipped_candidates);
	eh_json_int(doc, "withdrawn", r->withdrawn);
	eh_json_int(doc, "paper_missing", r->paper_missing);
	eh_json_str(doc, "sandbox_missing", r->sandbox_missing);
	for (size_t i = 0; i < r->n_reasons; i++) {
		struct eh_json *s = eh_json_object();

		eh_json_str(s, "reason", r->reasons[i].text);
		eh_json_int(s, "candidates", r->reasons[i].candidates);
		eh_json_push(skipped, s);
	}
	eh_json_set(doc, "reasons", skipped);
	for (size_t i = 0; i < r->n_coverage; i++) {
		struct eh_json *v = eh_json_object();

		eh_json_str(v, "attribute", r->coverage[i].attribute);
		eh_json_str(v, "group", r->coverage[i].group);
		eh_json_int(v, "candidates", r->coverage[i].candidates);
		eh_json_int(v, "imported", r->coverage[i].imported);
		eh_json_int(v, "with_face", r->coverage[i].with_face);
		eh_json_int(v, "with_voice", r->coverage[i].with_voice);
		eh_json_int(v, "paper_missing", r->coverage[i].paper_missing);
		eh_json_push(coverage, v);
	}
	eh_json_set(doc, "coverage", coverage);
	return doc;
}

static int run(struct cli *c)
{
	struct eh_extract_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_json *failures = eh_json_array();
	struct eh_extract_options o = {
		.failed = note_failure, .failed_ctx = failures,
		.candidate = cli_opt(c, "candidate"), .again = cli_has(c, "again"), .fast = cli_has(c, "fast"),
		.require_sandbox = cli_has(c, "require-sandbox")
	};
	struct eh_json *doc;
	int64_t jobs = 0;
	int rc, status;

	if (!cli_opt_i64(c, "jobs", 0, 256, &jobs)) {
		eh_json_free(&failures);
		free(r);
		return eh_status_exit(EH_EUSAGE);
	}
	o.workers = (unsigned)jobs;
	rc = eh_desk_extract(c->desk, &o, cli_progress_begin(c), r, &c->err);
	cli_progress_end();
	if (rc != EH_OK && rc != EH_ECANCEL) {
		status = cli_fail(c);
		goto out;
	}
	say_report(c, r);
	status = rc == EH_OK ? 0
			     : cli_error(c, EH_ECANCEL,
					 "stopped; what was finished is stored, the next run goes on from here");
	if (status == 0 && r->failed > 0 && r->measured + r->kept == 0)
		status = cli_error(c, EH_FAIL, "not one recording could be measured");
	if (c->format == CLI_JSON) {
		int put;

		doc = report_json(r, failures);
		failures = NULL;
		put = cli_put_json(c, &doc);
		status = status != 0 ? status : put;
	} else {
		print_coverage(c, r);
	}
out:
	eh_json_free(&failures);
	free(r);
	return status;
}

static const struct cli_flag flags[] = {
	{ "jobs", "N", "workers at once (default: one per core)" },
	{ "candidate", "ID", "only this candidate; exit status 4 when consent, release or waiver is missing" },
	{ "again", NULL, "measure finished answers once more" },
	{ "fast", NULL, "skip frames that no other needs; marked in the result, measured again by a run without it" },
	{ "require-sandbox", NULL, "exit status 3, and nothing opened, when the kernel lacks Landlock or seccomp" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_extract = {
	.name = "extract",
	.usage = "[--jobs N] [--candidate ID]",
	.summary = "Measures face and voice indicators from the recordings",
	.help = "Example: evenhand extract --jobs 2\n\n"
		"Each recording is decoded in a locked process of its own.  Nothing is opened without consent to "
		"watch and for face or voice; in Illinois not without a written release, in Maryland no face without a "
		"signed waiver (evenhand consent grant --help).  Every finished file is stored at once: interrupt it "
		"when you like, the next run goes on.  Prints for how many of each known group a face and a voice were "
		"found, and of how many a release or waiver is missing.\n\n"
		"A recording may take a minute, and longer in proportion to the size of its file; one of more "
		"than two hours is refused.  A recording that cannot be measured gives one line and never stops "
		"the others; the exit status is 1 when none could be.  A recording that was replaced is measured "
		"again.",
	.flags = flags,
	.max_args = 0,
	.wants_project = true,
	.run = run,
};

/* evenhand import KIND FILE...: tables into the project. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"

static void put_report(struct eh_json *files, const char *path, const struct eh_import_report *r, bool stored)
{
	struct eh_json *f = eh_json_object();
	struct eh_json *errors = eh_json_array();

	eh_json_str(f, "file", path);
	eh_json_bool(f, "stored", stored);
	eh_json_int(f, "rows", (int64_t)r->rows);
	eh_json_int(f, "new", (int64_t)r->fresh);
	eh_json_int(f, "changed", (int64_t)r->changed);
	eh_json_int(f, "same", (int64_t)r->same);
	for (size_t i = 0; i < r->n_errors; i++)
		eh_json_push_str(errors, r->errors[i]);
	eh_json_set(f, "errors", errors);
	eh_json_int(f, "more_errors", (int64_t)r->more_errors);
	eh_json_push(files, f);
}

/* Each file is all or nothing by itself; a bad one does not keep the others out. */
static int import_file(struct cli *c, enum eh_import_kind kind, const char *path, struct eh_json *files)
{
	struct eh_import_report *r = eh_xcalloc(1, sizeof *r);
	bool dry = cli_has(c, "dry-run");
	int rc = eh_desk_import(c->desk, kind, path, dry, r, &c->err);
	int status = 0;

	if (rc != EH_OK) {
		for (size_t i = 0; i < r->n_errors; i++)
			fprintf(stderr, "%s\n", r->errors[i]);
		if (r->more_errors > 0)
			fprintf(stderr, "evenhand import: and %llu more\n", (unsigned long long)r->more_errors);
		if (r->n_errors == 0)
			fprintf(stderr, "evenhand import: %s\n", c->err.msg);
		fprintf(stderr, "evenhand import: nothing of %s was imported\n", path);
		status = eh_status_exit(rc);
	} else {
		cli_say(c, "%s: %llu row%s, %llu new, %llu changed, %llu the same%s", path, (unsigned long long)r->rows,
			r->rows == 1 ? "" : "s", (unsigned long long)r->fresh, (unsigned long long)r->changed,
			(unsigned long long)r->same, dry ? " (dry run, nothing stored)" : "");
		if (r->note[0] != '\0')
			fprintf(stderr, "%s: note: %s\n", path, r->note);
	}
	put_report(files, path, r, rc == EH_OK && !dry);
	free(r);
	return status;
}

static int run(struct cli *c)
{
	enum eh_import_kind kind;
	struct eh_json *doc, *files;
	int status = 0;

	if (eh_import_kind_parse(&kind, c->argv[0], &c->err) != EH_OK)
		return cli_fail(c);
	doc = eh_json_object();
	files = eh_json_array();
	eh_json_str(doc, "schema", "evenhand.import/1");
	eh_json_str(doc, "kind", eh_import_kind_text(kind));
	for (int i = 1; i < c->argc; i++) {
		int one = import_file(c, kind, c->argv[i], files);

		status = one != 0 ? one : status;
	}
	eh_json_set(doc, "files", files);
	if (c->format == CLI_JSON) {
		int put = cli_put_json(c, &doc);

		status = status != 0 ? status : put;
	}
	eh_json_free(&doc);
	return status;
}

static const struct cli_flag flags[] = {
	{ "dry-run", NULL, "check everything, store nothing" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_import = {
	.name = "import", .usage = "KIND FILE...", .summary = "Reads CSV tables into the project",
	.help = "Example: evenhand import candidates candidates.csv\n\n"
		"KIND is evaluators, candidates, consents, interviews or evaluations, best in this order. UTF-8, "
		"RFC 4180, a header line; unknown columns are an error unless they begin with \"x.\".\n\n"
		"  evaluators   evaluator_id, name?, unit?, email?\n"
		"  candidates   candidate_id, jurisdiction, position_id?, name?, email?,\n"
		"               declared.ATTRIBUTE? ..., imported.ATTRIBUTE? ...\n"
		"  consents     candidate_id, purpose, granted (yes/no), at, notice?,\n"
		"               expires?\n"
		"               purposes: watch, face, voice, train, infer:ATTRIBUTE\n"
		"               of a written release (Illinois BIPA; with the consent for\n"
		"               face and for voice): release_id?, signature_sha256?,\n"
		"               purpose_text?, term_until?, policy_version?\n"
		"               of an interview waiver (Maryland 3-717; with face):\n"
		"               waiver_read?, signed_name_given? (yes/no, no name),\n"
		"               interview_date?\n"
		"  interviews   candidate_id, question_id, path\n"
		"  evaluations  evaluator_id, candidate_id, position_id?, stage?,\n"
		"               question_id?, decision (advance/reject/hold or 1/0),\n"
		"               score?, decided_at?\n\n"
		"A column marked ? that is missing leaves the stored values as they are; an empty cell in one "
		"that is there clears the value.  Of evaluations position_id, stage and question_id tell which "
		"evaluation is meant: missing is the same as empty.  The country of a jurisdiction is an ISO 3166 "
		"code; emotions, and consent to infer what is never inferred anywhere, are refused.\n\n"
		"declared.ATTRIBUTE is what the candidate said; imported.ATTRIBUTE is what another record says, "
		"as of an HR system or a form that somebody else filled in.  Of one attribute what is declared "
		"stays, whichever comes first.  The two are told apart in audits, in the model card, and by show "
		"candidate; train --declared-only learns from declared classes alone.\n\n"
		"All or nothing per file; the same file twice changes nothing.  Errors name FILE:LINE:COLUMN.",
	.flags = flags, .min_args = 2, .max_args = -1, .output = CLI_ACT, .wants_project = true, .run = run,
};

/* evenhand indicators: the dictionary of all measured numbers. */
#include <string.h>

#include "cli/cli.h"
#include "cli/entries.h"
#include "learn/vector.h"

static const char *kind_text(char kind)
{
	return kind == 'S' ? "shape" : kind == 'B' ? "behaviour" : "quality";
}

static bool wanted(const struct cli *c, const struct eh_indicator_info *info)
{
	const char *kind = cli_opt(c, "kind");

	return (kind == NULL || strcmp(kind, kind_text(info->kind)) == 0) &&
	       (c->argc == 0 || strncmp(info->name, c->argv[0], strlen(c->argv[0])) == 0);
}

static int run(struct cli *c)
{
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	bool people = c->format == CLI_TABLE;   /* the source has no room on a screen; the manual has it */
	struct cli_table *t = cli_table_new(people ? "name unit kind/1 what+" : "name unit kind what source");
	const char *kind = cli_opt(c, "kind");
	char hash[65];
	size_t n = 0;

	eh_layout_hash(hash);
	eh_json_str(doc, "schema", "evenhand.indicators/1");
	eh_json_int(doc, "layout", EH_LAYOUT);
	eh_json_str(doc, "layout_sha256", hash);
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		const struct eh_indicator_info *info = eh_vector_info(i);
		struct eh_json *j;

		if (!wanted(c, info))
			continue;
		n++;
		j = eh_json_object();
		eh_json_str(j, "name", info->name);
		eh_json_str(j, "unit", info->unit);
		eh_json_str(j, "kind", kind_text(info->kind));
		eh_json_bool(j, "class_vector", eh_vector_in_class(i));
		eh_json_str(j, "what", info->what);
		eh_json_str(j, "source", info->source);
		eh_json_real(j, "low", info->low);
		eh_json_real(j, "high", info->high);
		eh_json_push(rows, j);
		cli_cell(t, "%s", info->name);
		cli_cell(t, "%s", info->unit);
		cli_cell(t, "%s", kind_text(info->kind));
		cli_cell(t, "%s", info->what);
		if (!people)
			cli_cell(t, "%s", info->source);
	}
	eh_json_set(doc, "indicators", rows);
	if (n == 0) {
		eh_json_free(&doc);
		cli_table_free(&t);
		return cli_error(
			c, kind != NULL ? EH_EUSAGE : EH_ENOENT,
			"no indicator fits; kinds are shape, behaviour and quality, names begin with face. or voice.");
	}
	return cli_finish(c, EH_OK, &doc, &t);
}

static const struct cli_flag flags[] = {
	{ "kind", "KIND",
	  "only shape (may enter a class vector), behaviour (shown, never in one) or quality (controls)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_indicators = {
	.name = "indicators",
	.usage = "[PREFIX]",
	.summary = "Prints the dictionary of indicators: name, unit, formula, source",
	.help = "Example: evenhand indicators voice. --kind shape\n\n"
		"PREFIX: only names that begin so. No indicator is an embedding of a face or voice, and none "
		"names an emotion.",
	.flags = flags,
	.max_args = 1,
	.run = run,
};

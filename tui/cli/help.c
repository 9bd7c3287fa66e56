/* evenhand help, version, completion: what is generated from the entries themselves. */
#include <string.h>

#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/version.h"
#include "media/media.h"

#define LEFT 24                         /* [columns] of names before their texts */

const struct cli_flag cli_global_flags[] = {
	{ "project", "DIR", "the project (default: $EVENHAND_PROJECT, else the nearest parent directory that is one)" },
	{ "json", NULL, "one JSON document on stdout" },
	{ "tsv", NULL, "tab-separated columns on stdout (the default when it is no terminal)" },
	{ "quiet", NULL, "no talk on stderr but errors and warnings" },
	{ "verbose", NULL, "more talk on stderr" },
	{ "no-input", NULL, "fail instead of asking" },
	{ "help", NULL, "this text" },
	{ NULL, NULL, NULL }
};

bool cli_takes(const struct cli_entry *e, const struct cli_flag *global)
{
	if (strcmp(global->name, "json") == 0)
		return e->output != CLI_TEXT;
	return strcmp(global->name, "tsv") != 0 || e->output == CLI_ROWS;
}

/* ---- texts ---- */

/* Words of text from column `used` on; further lines begin at `indent`. */
static void put_filled(FILE *out, size_t used, size_t indent, const char *text)
{
	bool first = true;

	for (text += strspn(text, " \n"); *text != '\0'; text += strspn(text, " \n")) {
		size_t len = strcspn(text, " \n");

		if (!first && used + 1 + len > CLI_HELP_WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = indent;
			first = true;
		}
		fprintf(out, "%s%.*s", first ? "" : " ", (int)len, text);
		used += len + !first;
		first = false;
		text += len;
	}
	fputc('\n', out);
}

static bool is_literal(const char *line)
{
	return line[0] == ' ' || strncmp(line, "Example", 7) == 0;
}

bool cli_help_next(const char **at, struct cli_help_part *out)
{
	size_t used = 0;

	out->apart = **at == '\n';
	*at += strspn(*at, "\n");
	if (**at == '\0')
		return false;
	out->literal = is_literal(*at);
	while (**at != '\0' && **at != '\n' && is_literal(*at) == out->literal && used + 1 < sizeof out->text) {
		size_t len = strcspn(*at, "\n");
		int n = snprintf(out->text + used, sizeof out->text - used, "%s%.*s", used > 0 ? "\n" : "", (int)len,
				 *at);

		used += n > 0 ? (size_t)n : 0;
		*at += len + ((*at)[len] == '\n');
	}
	return true;
}

static void put_help(const char *help, FILE *out)
{
	struct cli_help_part part;

	for (bool first = true; cli_help_next(&help, &part); first = false) {
		if (part.apart && !first)
			fputc('\n', out);
		if (part.literal)
			fprintf(out, "%s\n", part.text);
		else
			put_filled(out, 0, 0, part.text);
	}
}

static void put_flag(const struct cli_flag *f, FILE *out)
{
	char left[64];
	int n = snprintf(left, sizeof left, "  --%s%s%s", f->name, f->arg != NULL ? " " : "",
			 f->arg != NULL ? f->arg : "");

	fprintf(out, "%-*s ", LEFT, left);
	if (n > LEFT)
		fprintf(out, "\n%*s", LEFT + 1, "");
	put_filled(out, LEFT + 1, LEFT + 1, f->help);
}

static void put_usage(const char *before, const struct cli_entry *e, FILE *out)
{
	fputs(before, out);
	if (e->usage[0] != '\0') {
		fprintf(out, "%s ", e->name);
		put_filled(out, strlen(before) + strlen(e->name) + 1, strlen(before) + strlen(e->name) + 1, e->usage);
	} else {
		fprintf(out, "%s\n", e->name);
	}
}

void cli_print_entry_help(const struct cli_entry *e, FILE *out)
{
	put_usage("usage: evenhand [--project DIR] ", e, out);
	fputc('\n', out);
	fprintf(out, "%s.\n", e->summary);
	if (e->help != NULL) {
		fputc('\n', out);
		put_help(e->help, out);
	}
	if (e->flags != NULL && e->flags->name != NULL)
		fputs("\nOptions\n", out);
	for (const struct cli_flag *f = e->flags; f != NULL && f->name != NULL; f++)
		put_flag(f, out);
	fputs("\nGlobal options\n", out);
	for (const struct cli_flag *f = cli_global_flags; f->name != NULL; f++)
		if (cli_takes(e, f))
			put_flag(f, out);
}

void cli_print_help(FILE *out)
{
	fputs("usage: evenhand [--project DIR] COMMAND ...\n\n"
	      "Audits the people who judge recorded video interviews: is a class selected too\n"
	      "rarely by one evaluator, how sure is that, and what was done about it?\n\n"
	      "  evenhand demo DIR        a whole synthetic project, from video to notification\n"
	      "  evenhand                 the screens (on a terminal, inside a project)\n\nCommands\n", out);
	for (size_t i = 0; cli_entries[i] != NULL; i++) {
		fprintf(out, "  %-*s ", LEFT, cli_entries[i]->name);
		put_filled(out, LEFT + 3, LEFT + 3, cli_entries[i]->summary);
	}
	fputs("\n\"evenhand COMMAND --help\" tells more.  Exit status: 0 done, 1 failed, 2 usage,\n"
	      "3 environment, 4 refused (consent, role, gate), 10 notifications (audit\n"
	      "--exit-code).  This program gives no legal advice.\n", out);
}

bool cli_in_family(const struct cli_entry *e, const char *word)
{
	size_t len = strlen(word);

	return strncmp(e->name, word, len) == 0 && e->name[len] == ' ';
}

bool cli_print_family(const char *word, FILE *out)
{
	bool any = false;

	for (size_t i = 0; cli_entries[i] != NULL; i++) {
		if (!cli_in_family(cli_entries[i], word))
			continue;
		put_usage("  evenhand ", cli_entries[i], out);
		fputs("      ", out);
		put_filled(out, 6, 6, cli_entries[i]->summary);
		any = true;
	}
	return any;
}

/* ---- the commands ---- */

static int run_help(struct cli *c)
{
	FILE *out;

	if (c->argc == 0) {
		out = cli_pager_begin(c);
		cli_print_help(out);
		cli_pager_end(out);
		return 0;
	}
	for (size_t i = 0; cli_entries[i] != NULL; i++) {
		char name[64] = "";

		for (int k = 0; k < c->argc; k++)
			(void)snprintf(name + strlen(name), sizeof name - strlen(name), "%s%s", k > 0 ? " " : "",
				       c->argv[k]);
		if (strcmp(cli_entries[i]->name, name) == 0) {
			cli_print_entry_help(cli_entries[i], stdout);
			return 0;
		}
	}
	if (c->argc == 1 && cli_print_family(c->argv[0], stdout))
		return 0;
	return cli_error(c, EH_EUSAGE, "there is no command '%s'", c->argv[0]);
}

static int run_version(struct cli *c)
{
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();

		eh_json_str(doc, "schema", "evenhand.version/1");
		eh_json_str(doc, "version", cli_version_text);
		eh_json_int(doc, "policy_api", EH_POLICY_API);
		eh_json_str(doc, "engine", c->engine->name);
		eh_json_str(doc, "media", eh_media_version());
		return cli_put_json(c, &doc);
	}
	printf("evenhand %s, policy api %d, %s, %s\n", cli_version_text, EH_POLICY_API, c->engine->name,
	       eh_media_version());
	return 0;
}

/* Length of the first word of a name. */
static size_t first_word(const char *name)
{
	return strcspn(name, " ");
}

static bool same_first_word(const char *a, const char *b)
{
	return first_word(a) == first_word(b) && strncmp(a, b, first_word(a)) == 0;
}

/* Entries whose names share the first word stand together in the table. */
static bool opens_family(size_t i)
{
	return i == 0 || !same_first_word(cli_entries[i]->name, cli_entries[i - 1]->name);
}

static void put_second_words(size_t i)
{
	const char *family = cli_entries[i]->name;

	printf("\t\"%.*s\") words=\"", (int)first_word(family), family);
	for (; cli_entries[i] != NULL && same_first_word(cli_entries[i]->name, family); i++)
		printf("%s ", cli_entries[i]->name + first_word(family) + 1);
	puts("\" ;;");
}

/* Options of each entry, the second words of each family, else the first words. */
static void bash_completion(void)
{
	puts("# bash completion for evenhand, generated by: evenhand completion bash\n"
	     "_evenhand() {\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" words=\n"
	     "\tcase \"$line\" in");
	for (size_t i = 0; cli_entries[i] != NULL; i++) {
		const char *name = cli_entries[i]->name;

		if (opens_family(i) && name[first_word(name)] == ' ')
			put_second_words(i);
		printf("\t\"%s\"|\"%s \"*) words=\"", name, name);
		for (const struct cli_flag *f = cli_entries[i]->flags; f != NULL && f->name != NULL; f++)
			printf("--%s ", f->name);
		for (const struct cli_flag *f = cli_global_flags; f->name != NULL; f++)
			if (cli_takes(cli_entries[i], f))
				printf("%s--%s", f == cli_global_flags ? "" : " ", f->name);
		puts("\" ;;");
	}
	fputs("\t*) words=\"", stdout);
	for (size_t i = 0; cli_entries[i] != NULL; i++)
		if (opens_family(i))
			printf("%.*s ", (int)first_word(cli_entries[i]->name), cli_entries[i]->name);
	puts("\" ;;\n\tesac\n"
	     "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	     "\tcompopt -o default 2>/dev/null\n"
	     "}\n"
	     "complete -F _evenhand evenhand");
}

static int run_completion(struct cli *c)
{
	if (strcmp(c->argv[0], "bash") == 0) {
		bash_completion();
	} else if (strcmp(c->argv[0], "zsh") == 0) {
		puts("#compdef evenhand\nautoload -U +X bashcompinit && bashcompinit");
		bash_completion();
	} else if (strcmp(c->argv[0], "fish") == 0) {
		for (size_t i = 0; cli_entries[i] != NULL; i++)
			printf("complete -c evenhand -f -a '%s' -d '%s'\n", cli_entries[i]->name,
			       cli_entries[i]->summary);
	} else {
		return cli_error(c, EH_EUSAGE, "shells known: bash, zsh, fish");
	}
	return 0;
}

const struct cli_entry cli_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "Tells about the program or one command",
	.max_args = 3,
	.output = CLI_TEXT,
	.run = run_help,
};
const struct cli_entry cli_version = {
	.name = "version",
	.usage = "",
	.summary = "Prints the versions of the program and its libraries",
	.output = CLI_DOCUMENT,
	.run = run_version,
};
const struct cli_entry cli_completion = {
	.name = "completion", .usage = "SHELL", .summary = "Prints a completion script for bash, zsh or fish",
	.min_args = 1, .max_args = 1, .output = CLI_TEXT, .run = run_completion,
};

/* evenhand manual: the sources of evenhand(1), made from the entries and the screens' key table, of
 * evenhand-indicators(7), made from the dictionary, of evenhand-lua(7), made from the engine's tables of names, and the
 * files for editors and luacheck that say the same. */
#include <string.h>

#include "cli/cli.h"
#include "cli/entries.h"
#include "cli/version.h"
#include "exchange/exchange.h"
#include "parts/keys.h"
#include "policy/author.h"

/* roff: a leading dot or apostrophe and every backslash and hyphen would be commands. */
static void put(const char *s)
{
	for (bool start = true; *s != '\0'; s++) {
		if (start && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else
			putchar(*s);
		start = *s == '\n';
	}
}

static void put_help(const char *help)
{
	struct cli_help_part part;

	while (cli_help_next(&help, &part)) {
		puts(part.literal ? ".PP\n.nf" : ".PP");
		put(part.text);
		puts(part.literal ? "\n.fi" : "");
	}
}

static void put_entry(const struct cli_entry *e)
{
	fputs(".SS \"", stdout);
	put(e->name);
	putchar(' ');
	for (const char *p = e->usage; *p != '\0'; p++)
		if (*p != '"')
			putchar(*p);
	puts("\"");
	put(e->summary);
	puts(".");
	if (e->help != NULL)
		put_help(e->help);
	for (const struct cli_flag *f = e->flags; f != NULL && f->name != NULL; f++) {
		fputs(".TP\n.B \\-\\-", stdout);
		put(f->name);
		if (f->arg != NULL)
			printf(" %s", f->arg);
		putchar('\n');
		put(f->help);
		putchar('\n');
	}
}

static void put_keys(void)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = keys_of((enum view_kind)V_ALL, rows, ACT_COUNT);

	puts(".SH KEYS OF THE SCREENS");
	for (size_t i = 0; i < n; i++) {
		fputs(".TP\n.B ", stdout);
		put(rows[i]->name);
		putchar('\n');
		put(rows[i]->help);
		putchar('\n');
	}
}

/* evenhand-indicators(7): the dictionary as a page. */
static void put_indicators(void)
{
	fputs(".TH EVENHAND\\-INDICATORS 7 \"\" \"evenhand ", stdout);
	put(cli_version_text);
	puts("\"\n.SH NAME\nevenhand\\-indicators \\- what is measured of face and voice");
	puts(".SH DESCRIPTION\nEach entry has name, unit, kind, formula and source.\n"
	     "Distances of the face are three\\-dimensional, between numbered points of a 468\\-point mesh,\n"
	     "divided by the inter\\-ocular distance (IOD, points 33 and 263).\n"
	     "Shape indicators may enter a class vector; behaviour is shown and never enters one; quality\n"
	     "controls the recording.\n"
	     "No indicator is an embedding, none names an emotion.");
	for (int kind = 0; kind < 3; kind++) {
		printf(".SH %s\n", (const char *const[]){ "SHAPE", "BEHAVIOUR", "QUALITY" }[kind]);
		for (size_t i = 0; i < EH_VECTOR_N; i++) {
			const struct eh_indicator_info *info = eh_vector_info(i);

			if (info->kind != "SBQ"[kind])
				continue;
			fputs(".TP\n.B ", stdout);
			put(info->name);
			fputs("\n[", stdout);
			put(info->unit);
			fputs("] ", stdout);
			put(info->what);
			fputs(". Source: ", stdout);
			put(info->source);
			puts(".");
		}
	}
	puts(".SH WHY AN INDICATOR HAS NO VALUE");
#define X(name, text) fputs(".TP\n.B " name "\n", stdout); put(text); putchar('\n');
	EH_WHY_LIST(X)
#undef X
	puts(".SH SEE ALSO\n.BR evenhand (1)");
}

/* Files that the policy engine makes of its tables; false: no such one. */
static bool put_author_page(const struct cli *c, const char *name)
{
	static const struct {
		const char *name;
		enum eh_author_page page;
	} pages[] = {
		{ "lua", EH_PAGE_MANUAL }, { "stub", EH_PAGE_STUB }, { "luarc", EH_PAGE_LUARC },
		{ "luacheckrc", EH_PAGE_LUACHECK },
	};

	for (size_t i = 0; i < sizeof pages / sizeof pages[0] && c->engine->author != NULL; i++) {
		if (strcmp(pages[i].name, name) != 0)
			continue;
		if (pages[i].page == EH_PAGE_MANUAL) {
			fputs(".TH EVENHAND\\-LUA 7 \"\" \"evenhand ", stdout);
			put(cli_version_text);
			fputs("\"\n.SH NAME\nevenhand\\-lua ", stdout);
		}
		c->engine->author->page(stdout, pages[i].page);
		return true;
	}
	return false;
}

static void put_undefined(void)
{
	puts(".SH NUMBERS THAT DO NOT EXIST\nThey are never told as 0.  In a document of\n.B \\-\\-json\nthey are "
	     "null, as are counts of what was not compared, and the object\n.B why\nof the same finding has the reason "
	     "under their name, with a point where they stand in an object of it:\n"
	     ".PP\n.nf\n\"peers\": {\"ratio\": null, \"n\": null, ...},\n"
	     "\"why\": {\"peers.ratio\": \"is_reference\", \"peers.n\": \"is_reference\", ...}\n.fi\n.PP\n"
	     "In tab\\-separated columns their place is empty.  Reasons:");
	for (unsigned why = EH_U_NONE + 1; why < EH_U_COUNT; why++) {
		printf(".TP\n.B %s\n", eh_undef_text((enum eh_undef)why));
		put(eh_undef_words((enum eh_undef)why));
		putchar('\n');
	}
	printf(".TP\n.B %s\n", EH_P_BELOW_TEXT);
	puts("of a p\\-value: it is smaller than any number told, which is the bound that stands there");
}

static int run(struct cli *c)
{
	if (c->argc > 0 && strcmp(c->argv[0], "indicators") == 0) {
		put_indicators();
		return 0;
	}
	if (c->argc > 0 && put_author_page(c, c->argv[0]))
		return 0;
	if (c->argc > 0)
		return cli_error(c, EH_EUSAGE,
				 "there is no page '%s'; there are evenhand(1) (no argument), indicators, lua, and for "
				 "editors stub, luarc and luacheckrc", c->argv[0]);
	fputs(".TH EVENHAND 1 \"\" \"evenhand ", stdout);
	put(cli_version_text);
	puts("\"\n.SH NAME\nevenhand \\- audits evaluators of recorded video interviews\n.SH SYNOPSIS\n.B evenhand\n"
	     "[\\-\\-project DIR] COMMAND ...");
	puts(".SH DESCRIPTION\nCompares every evaluator's selection rates of declared, imported or predicted\n"
	     "classes, tells how sure that is, asks a supervisor for an answer, and keeps a journal of every act.  "
	     "Without a command, on a terminal, the screens open.\n"
	     "stdout is data, stderr is talk; data are a table on a terminal, tab\\-separated otherwise or with\n"
	     ".BR \\-\\-tsv ,\none JSON document with\n.BR \\-\\-json .\n"
	     "A table that is wider than the terminal leaves columns out and says which.");
	puts(".SH COMMANDS");
	for (size_t i = 0; cli_entries[i] != NULL; i++)
		put_entry(cli_entries[i]);
	put_keys();
	put_undefined();
	puts(".SH EXIT STATUS\n0 done; 1 failed; 2 usage; 3 environment; 4 refused (consent, role, gate);\n"
	     "10 notifications (audit \\-\\-exit\\-code).\n"
	     "When the reader of its output goes away, as head does, every command ends silently by SIGPIPE, which a\n"
	     "shell tells as 141; output that cannot be written for another reason (a full disk) is a failure, 1.");
	puts(".SH ENVIRONMENT");
	static const char *const vars[][2] = {
		{ "EVENHAND_PROJECT", "the project, when --project is not given" },
		{ "EVENHAND_DATA", "directory with models/, policies/ and portraits/ (absolute)" },
		{ "EVENHAND_TIME_NOW", "frozen clock for tests (RFC 3339)" },
		{ "EVENHAND_ALLOW_NETWORK_FS", "open a store on a network file system in spite of the danger" },
		{ "NO_COLOR", "no colours in the screens" },
		{ "VISUAL, EDITOR", "editor for reasons" },
		{ "PAGER", "for long texts; empty = none" },
	};
	for (size_t i = 0; i < sizeof vars / sizeof vars[0]; i++) {
		printf(".TP\n.B %s\n", vars[i][0]);
		put(vars[i][1]);
		putchar('\n');
	}
	puts(".SH SEE ALSO\n.BR evenhand\\-policy (5),\n.BR evenhand\\-indicators (7),\n.BR evenhand\\-lua (7)\n"
	     ".SH NOTES\n"
	     "This program gives no legal advice.\n"
	     "US 10,685,329 B2 describes the method; users must check their freedom to operate and the law of\n"
	     "their place.");
	return 0;
}

const struct cli_entry cli_manual = {
	.name = "manual", .usage = "[indicators|lua|stub|luarc|luacheckrc]",
	.summary = "Prints the source of a manual page, or a file for editors",
	.help = "Example: evenhand manual lua | man -l -\n\n"
		"Without an argument evenhand(1); indicators: evenhand-indicators(7); lua: evenhand-lua(7).  stub, "
		"luarc and luacheckrc are the types and settings for editors of policies: scripts/meta/evenhand.lua, "
		".luarc.json and .luacheckrc.",
	.max_args = 1, .output = CLI_TEXT, .run = run,
};

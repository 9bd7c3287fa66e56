/* Finding a command's entry, reading its options, running it, and its --help; see cli.h. */
#include "cli/cli.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "parts/draw.h"

/* What was asked for with words, beside what the struct cli keeps. */
struct asked {
	bool help;
	const char *format;             /* "json", "tsv", NULL = by the terminal */
	bool json, tsv;
};

const char *cli_opt_nth(const struct cli *c, const char *name, size_t nth)
{
	for (size_t i = 0; i < c->n_opts; i++)
		if (strcmp(c->opts[i].name, name) == 0 && nth-- == 0)
			return c->opts[i].value;
	return NULL;
}

const char *cli_opt(const struct cli *c, const char *name)
{
	return cli_opt_nth(c, name, 0);
}

bool cli_has(const struct cli *c, const char *name)
{
	return cli_opt(c, name) != NULL;
}

bool cli_opt_i64(struct cli *c, const char *name, int64_t lo, int64_t hi, int64_t *out)
{
	const char *text = cli_opt(c, name);

	if (text == NULL || eh_parse_i64(out, text, lo, hi, &c->err) == EH_OK)
		return true;
	(void)cli_error(c, EH_EUSAGE, "--%s: %s", name, c->err.msg);
	return false;
}

/* A line of talk; on a terminal it is broken at blanks, for its edge would break words. */
static void talk(const char *text)
{
	const int room = isatty(STDERR_FILENO) ? cli_columns(STDERR_FILENO) : INT_MAX;

	do {
		const size_t len = draw_line_bytes(text, room);

		fprintf(stderr, "%.*s\n", (int)len, text);
		text += len;
		text += *text == ' ' || *text == '\n';
	} while (*text != '\0');
}

static char *formatted(const char *fmt, va_list ap)
{
	va_list again;
	char *text = NULL;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	n = n > 0 ? n : 0;
	text = eh_xmalloc((size_t)n + 1);
	(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
	text[n] = '\0';
	return text;
}

static void talk_of(const struct cli *c, const char *message)
{
	char *text = eh_xasprintf("evenhand%s%s: %s", c->entry != NULL ? " " : "",
				  c->entry != NULL ? c->entry->name : "", message);

	talk(text);
	free(text);
}

int cli_fail(struct cli *c)
{
	talk_of(c, c->err.msg);
	return eh_status_exit(c->err.code);
}

int cli_error(struct cli *c, int code, const char *fmt, ...)
{
	char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = formatted(fmt, ap);
	va_end(ap);
	talk_of(c, message);
	free(message);
	return eh_status_exit(code);
}

void cli_say(const struct cli *c, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	if (c->quiet)
		return;
	va_start(ap, fmt);
	text = formatted(fmt, ap);
	va_end(ap);
	talk(text);
	free(text);
}

int cli_put_json(struct cli *c, struct eh_json **doc)
{
	int rc = eh_json_write(*doc, stdout, &c->err);

	eh_json_free(doc);
	return rc == EH_OK ? 0 : cli_fail(c);
}

/* ---- finding the entry ---- */

/* Words of name that argv begins with; 0 = no match. */
static int match(const char *name, int argc, char **argv)
{
	int words = 0;

	while (*name != '\0') {
		size_t len = strcspn(name, " ");

		if (words >= argc || strlen(argv[words]) != len || strncmp(argv[words], name, len) != 0)
			return 0;
		words++;
		name += len;
		name += *name == ' ';
	}
	return words;
}

static const struct cli_entry *find_entry(int argc, char **argv, int *used)
{
	const struct cli_entry *best = NULL;

	*used = 0;
	for (size_t i = 0; cli_entries[i] != NULL; i++) {
		int words = match(cli_entries[i]->name, argc, argv);

		if (words > *used) {
			*used = words;
			best = cli_entries[i];
		}
	}
	return best;
}

/* "notifications" alone, or with a word that is none of its own: say which may follow. */
static int unknown_command(struct cli *c, int argc, char **argv)
{
	const char *next = argc > 1 ? argv[1] : "";
	bool family = false;

	for (size_t i = 0; cli_entries[i] != NULL; i++)
		family = family || cli_in_family(cli_entries[i], argv[0]);
	if (!family)
		return cli_error(c, EH_EUSAGE, "there is no command '%s'; \"evenhand --help\" lists them", argv[0]);
	if (strcmp(next, "--help") == 0 || strcmp(next, "-h") == 0) {
		(void)cli_print_family(argv[0], stdout);
		return 0;
	}
	if (next[0] != '\0' && next[0] != '-')
		fprintf(stderr, "evenhand %s: there is no '%s'; one of these must follow\n", argv[0], next);
	else
		fprintf(stderr, "evenhand %s: one of these must follow\n", argv[0]);
	(void)cli_print_family(argv[0], stderr);
	return eh_status_exit(EH_EUSAGE);
}

/* ---- options ---- */

static const struct cli_flag *find_flag(const struct cli_flag *f, const char *name, size_t len)
{
	for (; f != NULL && f->name != NULL; f++)
		if (strlen(f->name) == len && strncmp(f->name, name, len) == 0)
			return f;
	return NULL;
}

static void take_global(struct cli *c, const char *name, const char *value, struct asked *asked)
{
	if (strcmp(name, "project") == 0)
		c->project = value;
	else if (strcmp(name, "json") == 0) {
		c->format = CLI_JSON;
		asked->format = "json";
		asked->json = true;
	} else if (strcmp(name, "tsv") == 0) {
		c->format = CLI_TSV;
		asked->format = "tsv";
		asked->tsv = true;
	} else if (strcmp(name, "quiet") == 0)
		c->quiet = true;
	else if (strcmp(name, "verbose") == 0)
		c->verbose = true;
	else if (strcmp(name, "no-input") == 0)
		c->no_input = true;
	else
		asked->help = true;
}

/* One "--name", "--name=value" or "--name value" at argv[*i]. */
static int take_option(struct cli *c, int argc, char **argv, int *i, struct asked *asked)
{
	const char *text = argv[*i] + 2;
	size_t len = strcspn(text, "=");
	const struct cli_flag *f = c->entry != NULL ? find_flag(c->entry->flags, text, len) : NULL;
	bool global = f == NULL;
	const char *value = "";

	if (global)
		f = find_flag(cli_global_flags, text, len);
	if (f == NULL)
		return cli_error(c, EH_EUSAGE, "unknown option --%.*s; see --help", (int)len, text);
	if (f->arg == NULL && text[len] == '=')
		return cli_error(c, EH_EUSAGE, "--%s takes no value", f->name);
	if (f->arg != NULL) {
		if (text[len] == '=')
			value = text + len + 1;
		else if (*i + 1 < argc)
			value = argv[++*i];
		else
			return cli_error(c, EH_EUSAGE, "--%s wants %s", f->name, f->arg);
	}
	if (global) {
		take_global(c, f->name, value, asked);
	} else if (c->n_opts < CLI_OPTS_MAX) {
		c->opts[c->n_opts].name = f->name;
		c->opts[c->n_opts++].value = value;
	} else {
		return cli_error(c, EH_EUSAGE, "too many options");
	}
	return 0;
}

static int take_short(struct cli *c, const char *arg, struct asked *asked)
{
	if (strcmp(arg, "-h") == 0)
		asked->help = true;
	else if (strcmp(arg, "-q") == 0)
		c->quiet = true;
	else if (strcmp(arg, "-v") == 0)
		c->verbose = true;
	else
		return cli_error(c, EH_EUSAGE, "unknown option %s; see --help", arg);
	return 0;
}

/* Options before the command: -1 = go on, else an exit status. */
static int leading_options(struct cli *c, int argc, char **argv, int *at, struct asked *asked)
{
	for (; *at < argc && argv[*at][0] == '-' && argv[*at][1] != '\0'; (*at)++) {
		int rc;

		if (strcmp(argv[*at], "--version") == 0) {
			static char version[] = "version";

			argv[*at] = version;
			return -1;
		}
		rc = argv[*at][1] == '-' ? take_option(c, argc, argv, at, asked) : take_short(c, argv[*at], asked);
		if (rc != 0)
			return rc;
	}
	return -1;
}

static int command_options(struct cli *c, int argc, char **argv, int at, struct asked *asked)
{
	c->argv = eh_xcalloc((size_t)argc + 1, sizeof *c->argv);
	for (bool plain = false; at < argc; at++) {
		int rc = 0;

		if (!plain && strcmp(argv[at], "--") == 0)
			plain = true;
		else if (!plain && strncmp(argv[at], "--", 2) == 0)
			rc = take_option(c, argc, argv, &at, asked);
		else if (!plain && argv[at][0] == '-' && argv[at][1] != '\0')
			rc = take_short(c, argv[at], asked);
		else
			c->argv[c->argc++] = argv[at];
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int check_format(struct cli *c, const struct asked *asked)
{
	static const char *const prints[] = { "", "a text, or --json", "nothing, or --json", "a text for people" };
	enum cli_output output = c->entry->output;
	const char *format = asked->format;

	if (asked->json && asked->tsv)
		return cli_error(c, EH_EUSAGE, "--json and --tsv exclude each other; leave one of them out");
	if (format == NULL || output == CLI_ROWS || (c->format == CLI_JSON && output != CLI_TEXT))
		return 0;
	return cli_error(c, EH_EUSAGE, "there is no --%s of this; it prints %s", format, prints[output]);
}

static int run_entry(struct cli *c)
{
	const struct cli_entry *e = c->entry;
	int rc;

	if (c->argc < e->min_args || (e->max_args >= 0 && c->argc > e->max_args)) {
		fprintf(stderr, "usage: evenhand %s %s\n", e->name, e->usage);
		return eh_status_exit(EH_EUSAGE);
	}
	if (e->wants_project) {
		rc = eh_desk_find_project(c->dir, sizeof c->dir, c->project, &c->err);
		if (rc == EH_OK)
			rc = eh_desk_open_told(&c->desk, c->dir, c->engine, cli_progress_plain(c), &c->err);
		if (rc != EH_OK) {
			c->err.code = EH_EENV;
			return cli_fail(c);
		}
	}
	rc = e->run(c);
	eh_desk_close(&c->desk);
	return rc;
}

int cli_main(int argc, char **argv, const struct eh_policy_engine *engine)
{
	struct cli *c = eh_xcalloc(1, sizeof *c);
	struct asked asked = { false, NULL, false, false };
	int at = 1, used, rc;

	c->engine = engine;
	c->format = isatty(STDOUT_FILENO) ? CLI_TABLE : CLI_TSV;
	rc = leading_options(c, argc, argv, &at, &asked);
	if (rc >= 0)
		goto out;
	rc = 0;
	if (at >= argc) {
		static char tui[] = "tui";
		static char *alone[] = { tui, NULL };

		if (asked.help || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
			cli_print_help(stdout);
			goto out;
		}
		argv = alone;
		argc = 1;
		at = 0;
	}
	c->entry = find_entry(argc - at, argv + at, &used);
	if (c->entry == NULL) {
		rc = unknown_command(c, argc - at, argv + at);
		goto out;
	}
	rc = command_options(c, argc, argv, at + used, &asked);
	if (rc == 0 && asked.help)
		cli_print_entry_help(c->entry, stdout);
	else if (rc == 0 && (rc = check_format(c, &asked)) == 0)
		rc = run_entry(c);
out:
	/* a full buffer may have failed long before this flush */
	if ((fflush(stdout) != 0 || ferror(stdout)) && rc == 0)
		rc = cli_error(c, EH_EIO, "writing to stdout failed");
	free(c->argv);
	free(c);
	return rc;
}

/*
 * cli.h - what all commands share: one const entry per command, options, output forms, errors.
 *
 * stdout is data, stderr is talk.  Data are a table for people on a terminal, tab-separated
 * otherwise or with --tsv, one JSON document with --json.  Exit status: DESIGN.md 4.1.
 */
#ifndef EH_CLI_CLI_H
#define EH_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "base/progress.h"
#include "desk/desk.h"

enum cli_format { CLI_TABLE, CLI_TSV, CLI_JSON };

/* What a command prints, and by that which of --json and --tsv it takes: the other is a usage error, so that no program
 * reads a text for people as data. */
enum cli_output {
	CLI_ROWS = 0,                   /* rows: a table, --tsv, or --json */
	CLI_DOCUMENT,                   /* a text for people, or --json */
	CLI_ACT,                        /* nothing on stdout, or --json */
	CLI_TEXT                        /* a text or a screen; neither */
};

struct cli_flag {
	const char *name;               /* without the dashes */
	const char *arg;                /* name of its value, NULL = a switch */
	const char *help;
};

struct cli;

struct cli_entry {
	const char *name;               /* "audit", "notifications confirm" */
	const char *usage;              /* what follows the name */
	const char *summary;            /* one line, no full stop */
	const char *help;               /* paragraphs with an example first; may be NULL */
	const struct cli_flag *flags;   /* ends with a NULL name; may be NULL */
	int min_args, max_args;         /* positional; -1 = any number */
	enum cli_output output;
	bool wants_project;
	int (*run)(struct cli *c);      /* returns the exit status */
};

#define CLI_OPTS_MAX 32

struct cli {
	const struct cli_entry *entry;
	const struct eh_policy_engine *engine;
	enum cli_format format;
	bool quiet, verbose, no_input;
	const char *project;            /* as given with --project */
	int argc;                       /* positional arguments */
	char **argv;
	struct { const char *name, *value; } opts[CLI_OPTS_MAX];
	size_t n_opts;
	struct eh_err err;
	struct eh_desk *desk;           /* open while run() of an entry that wants one */
	char dir[1024];
};

/* Value of an option ("" for a switch), NULL when it was not given.  nth: for repeatable ones. */
const char *cli_opt(const struct cli *c, const char *name);
const char *cli_opt_nth(const struct cli *c, const char *name, size_t nth);
bool cli_has(const struct cli *c, const char *name);
/* Whole number option inside lo..hi into *out (unchanged when absent).  false: message printed. */
bool cli_opt_i64(struct cli *c, const char *name, int64_t lo, int64_t hi, int64_t *out);

/* Prints c->err to stderr as "evenhand COMMAND: text" and returns its exit status. */
int cli_fail(struct cli *c);
/* A message of the command's own; returns the exit status of code. */
int cli_error(struct cli *c, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A line for a person on stderr, not with --quiet. */
void cli_say(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Writes the document and frees it; returns an exit status. */
int cli_put_json(struct cli *c, struct eh_json **doc);

/* ---- tables ---- */

struct cli_table;
/*
 * spec: column names separated by blanks, "evaluator >n >rate/2 reason~":
 *   >name   right-aligned
 *   name/K  may be left out where the terminal is too narrow (K from 1 to 99); those of one K go together
 *   name~   may be cut there; name~N down to N columns
 *   name+   goes on in further lines there; only the last one
 * A table that is wider than the terminal becomes narrower in this order, each step only as far as needed: columns
 * with nothing in any row; columns name/1, name/2, ...; name~ and name+ down to CLI_CUT_LEAST columns, but what is
 * left of the line is theirs; the widest text columns.  A line below says what was left out or cut.  TSV always has
 * everything, also a column of which people see nothing in any row (cli_cell_both with "").
 */
struct cli_table *cli_table_new(const char *spec);
#define CLI_CUT_LEAST 30
void cli_cell(struct cli_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "-" for people, "" in TSV when undefined; TSV has 17 digits */
void cli_cell_num(struct cli_table *t, struct eh_num v, int decimals);
/* A probability: for people as words_p has it, in TSV 17 digits. */
void cli_cell_p(struct cli_table *t, struct eh_num p);
/* One text for people, another in TSV. */
void cli_cell_both(struct cli_table *t, const char *people, const char *program);
void cli_table_print(struct cli_table **t, const struct cli *c);        /* prints and frees */
void cli_table_free(struct cli_table **t);                              /* without printing */
/* The end of a listing: c->err's message when rc is not 0, else the document or the table, as the format says.
 * Frees both; returns the exit status. */
int cli_finish(struct cli *c, int rc, struct eh_json **doc, struct cli_table **t);

/* Columns of the terminal at fd; $COLUMNS goes before it; 80 when neither tells. */
int cli_columns(int fd);

/* ---- progress ---- */

/* A bar on stderr when it is a terminal and not --quiet; SIGINT and SIGTERM ask for the end. */
const struct eh_progress *cli_progress_begin(const struct cli *c);
void cli_progress_end(void);
/* The same without the signals, for what may be killed at any moment; needs no end, and stands between and after pairs
 * of begin and end.  What is done erases its bar. */
const struct eh_progress *cli_progress_plain(const struct cli *c);
bool cli_interrupted(void);

/* ---- long texts ---- */

/* stdout, or $PAGER when stdout is a terminal; close with cli_pager_end. */
FILE *cli_pager_begin(const struct cli *c);
void cli_pager_end(FILE *f);

/* ---- registry (main.c) ---- */

extern const struct cli_entry *const cli_entries[];     /* ends with NULL */
int cli_main(int argc, char **argv, const struct eh_policy_engine *engine);

/* ---- help (help.c) ---- */

extern const struct cli_flag cli_global_flags[];        /* ends with a NULL name */
/* Does the command take this global option? */
bool cli_takes(const struct cli_entry *e, const struct cli_flag *global);
#define CLI_HELP_WIDTH 80               /* [columns] no line of help is wider */
void cli_print_entry_help(const struct cli_entry *e, FILE *out);
void cli_print_help(FILE *out);
/* The commands that begin with this word ("notifications"); false when there is none. */
bool cli_print_family(const char *word, FILE *out);
bool cli_in_family(const struct cli_entry *e, const char *word);

/*
 * A command's help as parts: lines that begin with a blank or "Example" stay as they are (literal), the other lines of
 * a paragraph are one text to be filled.  An empty line before a part: `apart`.
 */
struct cli_help_part {
	bool literal, apart;
	char text[2048];                /* no newline at the end; literal ones may hold newlines */
};
/* The part at *at, which moves behind it; false at the end. */
bool cli_help_next(const char **at, struct cli_help_part *out);

#endif

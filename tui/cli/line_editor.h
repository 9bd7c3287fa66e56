/*
 * line_editor.h - one line from a person at a terminal, with history and completion; from anything else, plainly.
 *
 * GNU readline's home.
 */
#ifndef EH_CLI_LINE_EDITOR_H
#define EH_CLI_LINE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_EDITOR_NAME_MAX 64
#define LINE_EDITOR_NAMES 400

/* Names that go on from the end of line [up to the cursor], the whole word each; their number. */
typedef size_t line_editor_names(void *ctx, const char *line, char (*names)[LINE_EDITOR_NAME_MAX], size_t max);

struct line_editor_spec {
	const char *application;        /* name in inputrc(5) */
	const char *history;            /* file name below the state directory, "repl_history"; NULL = none is kept */
	line_editor_names *names;       /* may be NULL */
	void *ctx;
};

/* Is stdin a terminal?  Only then there are a prompt, a history and completion. */
bool line_editor_begin(const struct line_editor_spec *spec);
/* A line without its newline (caller frees); NULL at the end of input. */
char *line_editor_read(const char *prompt);
void line_editor_remember(const char *line);    /* what the arrow keys bring back */
/* Writes the history, readable by its owner only. */
void line_editor_end(void);

#endif

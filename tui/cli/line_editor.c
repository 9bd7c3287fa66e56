/* See line_editor.h.  History: $XDG_STATE_HOME/evenhand, else ~/.local/state/evenhand. */
#include "cli/line_editor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#define HISTORY_LINES 1000

static struct {
	struct line_editor_spec spec;
	bool terminal;
	char path[1024]; /* of the history; "" = none */
	char (*names)[LINE_EDITOR_NAME_MAX];
	size_t n, next;
} editor;

/* Makes every directory of path up to its last slash, for the owner alone. */
static bool make_directories(char *path)
{
	for (char *s = strchr(path + 1, '/'); s != NULL; s = strchr(s + 1, '/')) {
		*s = '\0';
		if (mkdir(path, 0700) != 0 && access(path, X_OK) != 0) {
			*s = '/';
			return false;
		}
		*s = '/';
	}
	return true;
}

static void find_history(const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = -1;

	if (name != NULL && state != NULL && state[0] == '/')
		n = snprintf(editor.path, sizeof editor.path, "%s/evenhand/%s", state, name);
	else if (name != NULL && home != NULL && home[0] == '/')
		n = snprintf(editor.path, sizeof editor.path, "%s/.local/state/evenhand/%s", home, name);
	if (n <= 0 || (size_t)n >= sizeof editor.path || !make_directories(editor.path))
		editor.path[0] = '\0';
}

static char *next_name(const char *text, int state)
{
	size_t len = strlen(text);

	if (state == 0)
		editor.next = 0;
	while (editor.next < editor.n) {
		const char *name = editor.names[editor.next++];

		if (strncmp(name, text, len) == 0)
			return strdup(name); /* readline frees it */
	}
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	char line[1024];

	(void)start;
	rl_attempted_completion_over = 1; /* never file names */
	if (editor.spec.names == NULL || end < 0 || (size_t)end >= sizeof line)
		return NULL;
	(void)snprintf(line, sizeof line, "%.*s", end, rl_line_buffer);
	editor.n = editor.spec.names(editor.spec.ctx, line, editor.names, LINE_EDITOR_NAMES);
	rl_completion_append_character = '\0';
	return rl_completion_matches(text, next_name);
}

bool line_editor_begin(const struct line_editor_spec *spec)
{
	static const char breaks[] = " \t\n\"'`@$><=;|&{(+-*/^%#,[]~)}:";

	editor.spec = *spec;
	editor.terminal = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
	if (!editor.terminal)
		return false;
	editor.names = calloc(LINE_EDITOR_NAMES, sizeof *editor.names);
	rl_readline_name = spec->application;
	rl_attempted_completion_function = editor.names != NULL ? complete : NULL;
	rl_completer_word_break_characters = (char *)breaks;
	using_history();
	stifle_history(HISTORY_LINES);
	find_history(spec->history);
	if (editor.path[0] != '\0')
		(void)read_history(editor.path);
	return true;
}

char *line_editor_read(const char *prompt)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = 0;

	if (editor.terminal)
		return readline(prompt);
	len = getline(&line, &size, stdin);
	if (len < 0) {
		free(line);
		return NULL;
	}
	if (len > 0 && line[len - 1] == '\n')
		line[len - 1] = '\0';
	return line;
}

void line_editor_remember(const char *line)
{
	HIST_ENTRY *last = NULL;

	if (!editor.terminal || line[0] == '\0')
		return;
	last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
	if (last == NULL || strcmp(last->line, line) != 0)
		add_history(line);
}

void line_editor_end(void)
{
	mode_t mask = 0;

	if (editor.terminal && editor.path[0] != '\0') {
		mask = umask(077);
		if (write_history(editor.path) == 0)
			(void)chmod(editor.path, 0600);
		(void)umask(mask);
	}
	free(editor.names);
	editor.names = NULL;
}

/* A line in the person's own editor; see editor.h. */
#include "parts/editor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "parts/term.h"

#define PATH_VARIABLE "EVENHAND_REASON"

static const char *editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	return visual != NULL && visual[0] != '\0' ? visual : plain != NULL && plain[0] != '\0' ? plain : NULL;
}

/* A file that holds the line; its path, NULL when none can be written. */
static char *write_file(const char *dir, const struct line *l)
{
	char *path = eh_xasprintf("%s/evenhand-reason-XXXXXX", dir);
	int fd = mkstemp(path);
	bool ok = fd >= 0 && write(fd, l->text, l->len) == (ssize_t)l->len;

	if (fd >= 0 && close(fd) != 0)
		ok = false;
	if (ok)
		return path;
	if (fd >= 0)
		(void)unlink(path);
	free(path);
	return NULL;
}

/* The path goes in by the environment: whatever is in it, the shell does not read it. */
static bool run(const char *path)
{
	char *command = eh_xasprintf("%s \"$" PATH_VARIABLE "\"", editor());
	bool ok;

	(void)setenv(PATH_VARIABLE, path, 1);
	term_suspend();
	ok = system(command) == 0;
	term_resume();
	(void)unsetenv(PATH_VARIABLE);
	free(command);
	return ok;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int read_file(struct line *l, bool *cut, const char *path, struct eh_err *err)
{
	char text[LINE_MAX_BYTES + 1], clean[3 * sizeof text + 1];      /* a mark takes three bytes */
	FILE *f = fopen(path, "r");
	size_t max = l->max, n = 0;

	if (f == NULL)
		return eh_err_set(err, EH_EIO, "the editor left no file");
	n = fread(text, 1, sizeof text, f);
	(void)fclose(f);
	*cut = n == sizeof text;
	while (n > 0 && is_blank(text[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		text[i] = is_blank(text[i]) ? ' ' : text[i];
	eh_text_printable(clean, sizeof clean, text, n);
	n = strlen(clean);
	*cut = *cut || n > max;
	n = n > max ? max : n;
	while (n > 0 && ((unsigned char)clean[n] & 0xc0) == 0x80)
		n--;
	clean[n] = '\0';
	line_init(l, max, clean);
	return EH_OK;
}

int editor_edit(struct line *l, bool *cut, struct eh_err *err)
{
	const char *tmp = getenv("TMPDIR"), *dir = tmp != NULL && tmp[0] == '/' ? tmp : "/tmp";
	char *path = NULL;
	int rc;

	*cut = false;
	if (editor() == NULL)
		return eh_err_set(err, EH_EENV, "set $VISUAL or $EDITOR to use an editor");
	path = write_file(dir, l);
	if (path == NULL)
		return eh_err_set(err, EH_EIO, "no temporary file can be written in %s", dir);
	rc = run(path) ? read_file(l, cut, path, err) : eh_err_set(err, EH_FAIL, "the editor failed");
	(void)unlink(path);
	free(path);
	return rc;
}

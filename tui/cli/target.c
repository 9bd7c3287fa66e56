/* A file that appears whole or not at all; see target.h. */
#include "cli/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

int cli_target_open(struct cli_target *t, const char *path, const char *suffix, struct eh_err *err)
{
	int fd = -1;

	t->path = eh_xasprintf("%s%s", path, suffix);
	t->temporary = eh_xasprintf("%s.XXXXXX", t->path);
	fd = mkstemp(t->temporary);             /* mode 0600 */
	if (fd >= 0)
		t->f = fdopen(fd, "w+");
	if (t->f != NULL)
		return EH_OK;
	(void)eh_err_set(err, EH_EIO, "%s: %s", t->path, strerror(errno));
	if (fd >= 0) {
		(void)close(fd);
		(void)unlink(t->temporary);
	}
	free(t->temporary);
	t->temporary = NULL;
	return EH_EIO;
}

void cli_target_close(struct cli_target *t)
{
	if (t->f != NULL)
		(void)fclose(t->f);
	if (t->temporary != NULL)
		(void)unlink(t->temporary);
	free(t->temporary);
	free(t->path);
}

int cli_target_keep(struct cli_target *t, bool force, struct eh_err *err)
{
	bool whole = fflush(t->f) == 0 && !ferror(t->f) && fsync(fileno(t->f)) == 0;

	/* link() refuses a name that is taken */
	if (!whole || (force ? rename(t->temporary, t->path) : link(t->temporary, t->path)) != 0)
		return eh_err_set(err, EH_EIO, "%s: %s", t->path, strerror(errno));
	return EH_OK;
}

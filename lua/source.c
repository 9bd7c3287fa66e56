/* The text of a policy, from a file that may be anything; see engine_inside.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "lua/engine_inside.h"

#define ESC 0x1b                /* first byte of precompiled Lua */

int eh_engine_refuse(struct eh_err *err, const char *path, const char *why)
{
	return eh_err_set(err, EH_EPOLICY, "%s: %s", path, why);
}

int eh_engine_check(const char *text, size_t n, const char *path, struct eh_err *err)
{
	if (n > EH_POLICY_SOURCE_MAX)
		return eh_engine_refuse(err, path, "refused: source larger than 256 KiB");
	if (n > 0 && text[0] == ESC)
		return eh_engine_refuse(err, path, "refused: precompiled Lua; a policy is source text");
	if (memchr(text, '\0', n) != NULL)
		return eh_engine_refuse(err, path, "refused: a NUL byte; a policy is source text");
	return EH_OK;
}

static int read_all(int fd, char **out, size_t *len, const char *path, struct eh_err *err)
{
	char *text = eh_try_malloc(EH_POLICY_SOURCE_MAX + 1u, 1);
	size_t n = 0;
	int rc = EH_OK;

	if (text == NULL)
		return eh_err_set(err, EH_ENOMEM, "%s: out of memory", path);
	while (n <= EH_POLICY_SOURCE_MAX) {
		ssize_t got = read(fd, text + n, EH_POLICY_SOURCE_MAX + 1u - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int saved = errno;

			rc = eh_err_set(err, EH_EIO, "%s: cannot be read: %s", path, strerror(saved));
			goto out;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	rc = eh_engine_check(text, n, path, err);
	if (rc == EH_OK) {
		*out = text;
		*len = n;
		text = NULL;
	}
out:
	free(text);
	return rc;
}

int eh_engine_read(char **out, size_t *len, const char *path, struct eh_err *err)
{
	/* O_NONBLOCK: a FIFO put in a policy's place must not hold the program */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int rc = EH_OK;

	if (fd < 0) {
		int saved = errno;

		return eh_err_set(err, saved == ENOENT ? EH_ENOENT : EH_EIO, "policy %s cannot be opened: %s", path,
				  strerror(saved));
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = eh_engine_refuse(err, path, "refused: not a regular file");
	else
		rc = read_all(fd, out, len, path, err);
	close(fd);
	return rc;
}

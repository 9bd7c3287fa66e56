/* Paths, directories and whole-file writes of the demo. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "demo/inside.h"

int eh_demo_path(char *out, size_t size, const char *dir, const char *sub, const char *name, struct eh_err *err)
{
	int n = snprintf(out, size, "%s%s%s%s%s", dir, *sub != '\0' ? "/" : "", sub, *name != '\0' ? "/" : "", name);

	if (n < 0 || (size_t)n >= size)
		return eh_err_set(err, EH_ERANGE, "%.200s: the path is too long; choose a shorter directory", dir);
	return EH_OK;
}

static int make_dir(const char *path, struct eh_err *err)
{
	struct stat st = { 0 };
	int e = 0;

	if (mkdir(path, 0700) == 0)
		return EH_OK;
	e = errno;
	if (e == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return EH_OK;
	return eh_err_set(err, e == ENOSPC ? EH_EFULL : EH_EIO, "%s: cannot make the directory: %s", path,
			  e == EEXIST ? "something else has that name" : strerror(e));
}

int eh_demo_make_dirs(const char *dir, struct eh_err *err)
{
	static const char *const subs[] = { "", "media", "tables" };
	char path[4096];
	int rc = EH_OK;

	if (dir == NULL || *dir == '\0')
		return eh_err_set(err, EH_EINVAL, "demo: no directory given");
	for (size_t i = 0; rc == EH_OK && i < sizeof subs / sizeof subs[0]; i++) {
		rc = eh_demo_path(path, sizeof path, dir, subs[i], "", err);
		if (rc == EH_OK)
			rc = make_dir(path, err);
	}
	return rc;
}

static bool holds_anything(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e = NULL;
	bool found = false;

	if (d == NULL)
		return true;            /* nobody can tell */
	while (!found && (e = readdir(d)) != NULL)
		found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return found;
}

int eh_demo_check_dir(const char *dir, struct eh_err *err)
{
	struct stat st = { 0 };
	char mark[4096];
	int rc = eh_demo_path(mark, sizeof mark, dir, "", EH_DEMO_MARK, err);

	if (rc != EH_OK || (stat(dir, &st) != 0 && errno == ENOENT) || access(mark, F_OK) == 0)
		return rc;
	if (!S_ISDIR(st.st_mode))
		return eh_err_set(err, EH_EEXIST, "%.300s is not a directory; choose another one for the demo", dir);
	if (holds_anything(dir))
		return eh_err_set(err, EH_EEXIST,
				  "%.300s holds something that is not a demo, so it is left alone; choose another "
				  "directory",
				  dir);
	return EH_OK;
}

int eh_demo_write(const char *path, struct eh_buf *b, struct eh_err *err)
{
	char part[4096 + 8];
	FILE *f = NULL;
	int fd = -1;
	int e = 0;
	int rc = EH_OK;

	if (b->failed) {
		rc = eh_err_set(err, EH_ENOMEM, "%s: out of memory for the table", path);
		goto out;
	}
	snprintf(part, sizeof part, "%s.part", path);
	/* personal data, if only of invented people: for the owner alone */
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL || fwrite(b->data, 1, b->len, f) != b->len || fflush(f) != 0 || fsync(fileno(f)) != 0)
		e = errno;
	if (f != NULL && fclose(f) != 0 && e == 0)
		e = errno;
	else if (f == NULL && fd >= 0)
		close(fd);
	if (e == 0 && rename(part, path) != 0)
		e = errno;
	if (e != 0) {
		if (fd >= 0)
			unlink(part);
		rc = eh_err_set(err, e == ENOSPC || e == EDQUOT ? EH_EFULL : EH_EIO, "%s: cannot write: %s", path,
				strerror(e));
	}
out:
	eh_buf_free(b);
	return rc;
}

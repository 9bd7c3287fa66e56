/* Policy files: which there are, and what is in them; see policy.h. */
#include "policy/policy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/paths.h"
#include "policy/library.h"

static int read_all(int fd, char **text, size_t *len, const char *path, struct eh_err *err)
{
	char *t = eh_try_malloc(EH_POLICY_SOURCE_MAX + 2u, 1);
	size_t n = 0;

	if (t == NULL)
		return eh_err_set(err, EH_ENOMEM, "%.300s: out of memory", path);
	while (n <= EH_POLICY_SOURCE_MAX) {
		ssize_t got = read(fd, t + n, EH_POLICY_SOURCE_MAX + 1u - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int saved = errno;

			free(t);
			return eh_err_set(err, EH_EIO, "%.300s: cannot be read: %s", path, strerror(saved));
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n > EH_POLICY_SOURCE_MAX) {
		free(t);
		return eh_err_set(err, EH_EPOLICY, "%.300s: refused: source larger than 256 KiB", path);
	}
	t[n] = '\0';
	*text = t;
	*len = n;
	return EH_OK;
}

int eh_policy_read_file(const char *path, char **text, size_t *len, uint32_t *owner, struct eh_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int rc;

	*text = NULL;
	*len = 0;
	if (fd < 0) {
		int saved = errno;

		return eh_err_set(err, saved == ENOENT ? EH_ENOENT : EH_EIO, "policy %.300s cannot be opened: %s",
				  path, strerror(saved));
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		rc = eh_err_set(err, EH_EPOLICY, "%.300s: refused: not a regular file", path);
	} else {
		*owner = (uint32_t)st.st_uid;
		rc = read_all(fd, text, len, path, err);
	}
	(void)close(fd);
	return rc;
}

int eh_policy_read(const char *path, char **text, size_t *len, uint32_t *owner, struct eh_err *err)
{
	int rc = eh_policy_read_file(path, text, len, owner, err);

	if (rc != EH_OK)
		return rc;
	rc = eh_library_complete(text, len, path, err);
	if (rc != EH_OK) {
		free(*text);
		*text = NULL;
		*len = 0;
	}
	return rc;
}

/* ---- which there are ---- */

struct found {
	char **v;
	size_t n;
};

static void collect(struct found *f, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		/* evenhand.lua is the authors' helper library, and a spec is not a policy */
		if (len <= 4 || strcmp(e->d_name + len - 4, ".lua") != 0 || strcmp(e->d_name, "evenhand.lua") == 0 ||
		    (len > 9 && strcmp(e->d_name + len - 9, "_spec.lua") == 0))
			continue;
		f->v = eh_xrealloc(f->v, f->n + 1, sizeof *f->v);
		f->v[f->n++] = eh_xstrndup(e->d_name, len - 4);
	}
	(void)closedir(d);
}

static void collect_shipped(struct found *f)
{
	char path[1024];
	char *slash;

	if (eh_data_path(path, sizeof path, EH_DATA_POLICY, "evaluator_screen.lua", NULL) != EH_OK)
		return;
	slash = strrchr(path, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	collect(f, path);
}

size_t eh_policy_names(char ***names, const char *project_dir)
{
	struct found f = { NULL, 0 };
	char own[1100];
	size_t n = 0;

	collect_shipped(&f);
	if (project_dir != NULL && snprintf(own, sizeof own, "%s/policies", project_dir) < (int)sizeof own)
		collect(&f, own);
	if (f.n > 1)
		qsort(f.v, f.n, sizeof *f.v, eh_strcmp_ptr);
	for (size_t i = 0; i < f.n; i++) {
		if (n > 0 && strcmp(f.v[n - 1], f.v[i]) == 0)
			free(f.v[i]);
		else
			f.v[n++] = f.v[i];
	}
	*names = f.v;
	return n;
}

void eh_policy_names_free(char ***names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((*names)[i]);
	free(*names);
	*names = NULL;
}

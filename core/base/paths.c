/* Finding the program's own files; see paths.h. */
#include "base/paths.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef EVENHAND_DATADIR
#define EVENHAND_DATADIR "/usr/local/share/evenhand"
#endif

static const char *const tree_dirs[] = { "assets/models", "scripts", "assets/portraits" };
static const char *const share_dirs[] = { "models", "policies", "portraits" };

static int try_path(char *out, size_t size, const char *root, const char *dir, const char *name)
{
	int n = snprintf(out, size, "%s/%s/%s", root, dir, name);

	return n > 0 && (size_t)n < size && access(out, R_OK) == 0;
}

/* The directory above the one that holds the binary: the source tree while the binary is BUILD/evenhand
 * (tests/core/test_x lies two levels deeper; both are tried). */
static int try_beside_binary(char *out, size_t size, const char *dir, const char *name)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *up;

	if (n <= 0)
		return 0;
	exe[n] = '\0';
	up = exe;
	for (int level = 0; level < 4; level++) {
		up = dirname(up);
		if (level >= 1 && try_path(out, size, up, dir, name))
			return 1;
	}
	return 0;
}

/* A relocated install: bin/evenhand and share/evenhand move together (DESTDIR, a copied prefix). */
static int try_share_beside_binary(char *out, size_t size, const char *dir, const char *name)
{
	char exe[PATH_MAX], root[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	int len;

	if (n <= 0)
		return 0;
	exe[n] = '\0';
	len = snprintf(root, sizeof root, "%s/share/evenhand", dirname(dirname(exe)));
	return len > 0 && (size_t)len < sizeof root && try_path(out, size, root, dir, name);
}

static const char *mend_of(enum eh_data_kind kind)
{
	switch (kind) {
	case EH_DATA_MODEL: return "run \"make setup\" in the source tree, and \"make install\" where it is installed";
	case EH_DATA_PORTRAIT: return "run \"make setup\" in the source tree; an install has no portraits";
	default: return "the program is not whole: install it again";
	}
}

int eh_data_path(char *out, size_t size, enum eh_data_kind kind, const char *name, struct eh_err *err)
{
	const char *env = getenv("EVENHAND_DATA");

	if (env != NULL && env[0] == '/' &&
	    (try_path(out, size, env, share_dirs[kind], name) || try_path(out, size, env, tree_dirs[kind], name)))
		return EH_OK;
	if (try_beside_binary(out, size, tree_dirs[kind], name))
		return EH_OK;
	if (try_share_beside_binary(out, size, share_dirs[kind], name))
		return EH_OK;
	if (try_path(out, size, EVENHAND_DATADIR, share_dirs[kind], name))
		return EH_OK;
	return eh_err_set(err, EH_ENOENT,
			  "%s is not in $EVENHAND_DATA, beside the program, in ../share/evenhand/%s from there, or in "
			  "%s/%s; %s",
			  name, share_dirs[kind], EVENHAND_DATADIR, share_dirs[kind], mend_of(kind));
}

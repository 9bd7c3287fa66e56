/*
 * The program's half of the room: finds and loads the module (module.h), once, and hands every call on to it.
 *
 * The module runs with all rights of the program, so that its path comes from nowhere but the program's own place and
 * the prefix compiled in; no variable of the environment and no working directory has a say.  A program that was copied
 * to a place where others write could still find a module that was put there for it: hence trusted().
 */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/module.h"

#ifndef EVENHAND_LIBDIR
#define EVENHAND_LIBDIR "/usr/local/lib"
#endif

#define INSTALLED EVENHAND_LIBDIR "/evenhand/" EH_MEDIA_MODULE_FILE
#define AGAIN "run \"make\" in the source tree, or \"make install\" where it is installed"
#define WRITABLE_BY_OTHERS (S_IWGRP | S_IWOTH)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct eh_media_module *module;    /* NULL after once: failure says why */
static struct eh_err failure;

/* Only who can change the program anyway can have put this file or directory there. */
static bool trusted(const char *path, const struct stat *program)
{
	struct stat st;

	if (stat(path, &st) < 0 || (st.st_uid != 0 && st.st_uid != program->st_uid))
		return false;
	if (S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0)
		return true;    /* nobody replaces another one's file there */
	return (st.st_mode & WRITABLE_BY_OTHERS & ~program->st_mode) == 0;
}

static int load_from(const char *path, const struct stat *program)
{
	char dir[PATH_MAX];
	void *handle = NULL;
	const struct eh_media_module *found = NULL;

	(void)snprintf(dir, sizeof dir, "%s", path);
	if (!trusted(path, program) || !trusted(dirname(dir), program))
		return eh_err_set(&failure, EH_EENV,
				  "%.300s is not loaded: another account than the program's can change it or its "
				  "directory; install the program again",
				  path);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		const char *why = dlerror();

		return eh_err_set(&failure, EH_EENV,
				  "recordings cannot be opened: %.300s; install FFmpeg's libraries (\"make deps\" "
				  "prints the packages) and " AGAIN,
				  why != NULL ? why : path);
	}
	found = dlsym(handle, EH_MEDIA_MODULE_SYMBOL);
	if (found == NULL || strcmp(found->mark, EH_MEDIA_MARK) != 0) {
		(void)dlclose(handle);
		return eh_err_set(&failure, EH_EENV, "%.300s belongs to another build of the program; " AGAIN, path);
	}
	module = found;         /* stays loaded to the end: FFmpeg's libraries are not made for being unloaded */
	return EH_OK;
}

/* The program's directory, and whose program it is; without /proc only root's module counts. */
static bool own_place(char dir[PATH_MAX], struct stat *program)
{
	ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);

	memset(program, 0, sizeof *program);
	if (n <= 0 || stat("/proc/self/exe", program) < 0)
		return false;
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
	return true;
}

static void load(void)
{
	static const char *const beside[] = { "/" EH_MEDIA_MODULE_FILE, "/../lib/evenhand/" EH_MEDIA_MODULE_FILE };
	char dir[PATH_MAX], tried[PATH_MAX + 64], path[PATH_MAX];
	struct stat program;
	bool known = own_place(dir, &program);

	for (size_t i = 0; known && i < sizeof beside / sizeof *beside; i++) {
		(void)snprintf(tried, sizeof tried, "%s%s", dir, beside[i]);
		if (realpath(tried, path) != NULL) {
			(void)load_from(path, &program);
			goto out;
		}
	}
	if (realpath(INSTALLED, path) != NULL)
		(void)load_from(path, &program);
	else
		(void)eh_err_set(&failure, EH_EENV,
				 "recordings cannot be opened: " EH_MEDIA_MODULE_FILE " is missing; " AGAIN
				 " (looked in %.150s, in ../lib/evenhand from there, and for " INSTALLED ")",
				 known ? dir : "the program's directory");
out:
	if (module != NULL)
		module->global_init();
}

int eh_media_load(struct eh_err *err)
{
	(void)pthread_once(&once, load);
	return module != NULL ? EH_OK : eh_err_set(err, failure.code, "%s", failure.msg);
}

void eh_media_global_init(void)
{
	(void)eh_media_load(NULL);
}

const char *eh_media_version(void)
{
	return eh_media_load(NULL) == EH_OK ? module->version() : "no FFmpeg (\"evenhand doctor\" says why)";
}

int eh_media_prepare(struct eh_media **out, int fd, const struct eh_media_options *options, struct eh_err *err)
{
	int rc = eh_media_load(err);

	*out = NULL;
	return rc == EH_OK ? module->prepare(out, fd, options, err) : rc;
}

int eh_media_decode(struct eh_media *m, const struct eh_media_sink *sink, struct eh_media_info *info,
		    struct eh_err *err)
{
	return module->decode(m, sink, info, err);
}

void eh_media_free(struct eh_media **m)
{
	if (*m != NULL)
		module->free(m);
}

int eh_image_need(const struct eh_image *image, int x0, int y0, int x1, int y1, struct eh_err *err)
{
	return image->source != NULL ? module->image_need(image, x0, y0, x1, y1, err) : EH_OK;
}

int eh_degrader_open(struct eh_degrader **out, enum eh_copy_kind kind, double level_db, uint64_t seed,
		     struct eh_err *err)
{
	int rc = eh_media_load(err);

	*out = NULL;
	return rc == EH_OK ? module->degrader_open(out, kind, level_db, seed, err) : rc;
}

int eh_degrader_sound(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
		      struct eh_err *err)
{
	return module->degrader_sound(d, pcm, n, sink, err);
}

int eh_degrader_finish(struct eh_degrader *d, const struct eh_media_sink *sink, struct eh_err *err)
{
	return module->degrader_finish(d, sink, err);
}

void eh_degrader_free(struct eh_degrader **d)
{
	if (*d != NULL)
		module->degrader_free(d);
}

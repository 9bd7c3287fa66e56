/*
 * extract_run.h - what tests of runs in media workers share: the extractor, a directory of their own, real recordings.
 */
#ifndef TESTS_CORE_EXTRACT_RUN_H
#define TESTS_CORE_EXTRACT_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "extract/extract.h"

#define JOBS_MAX 16

static struct eh_extractor *extractor; /* NULL: the models it wants are not installed */
static char dir[64];

/* One of the outside test data (EVENHAND_SHARED); the text lives until the fourth call after. */
static inline const char *clip(const char *name)
{
	static char path[4][1024];
	static unsigned next;
	const char *root = getenv("EVENHAND_SHARED");
	char *p = path[next++ % 4];

	(void)snprintf(p, sizeof path[0], "%s/data/%s", root != NULL ? root : "../shared", name);
	return p;
}

/* Skips the test, and is counted as skipped. */
static inline void need(const char *path)
{
	if (extractor == NULL || access(path, R_OK) != 0)
		skip();
}

static inline int make_dir(void)
{
	strcpy(dir, "/tmp/evenhand-extract-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static inline int tear_down(void **state)
{
	char command[128];

	(void)state;
	eh_extractor_close(&extractor);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

#endif

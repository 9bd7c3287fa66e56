/*
 * temp_project.h - a project in a directory of its own, for tests that need a store; and small files in it.
 */
#ifndef TESTS_CORE_TEMP_PROJECT_H
#define TESTS_CORE_TEMP_PROJECT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"

struct temp_project {
	char dir[64];
	struct eh_store *store;
};

static inline void temp_project_open(struct temp_project *p)
{
	struct eh_err err = EH_ERR_INIT;
	char project[80];

	strcpy(p->dir, "/tmp/evenhand-test-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(project, sizeof project, "%s/project", p->dir);
	if (eh_store_create(project, NULL, NULL, &err) != EH_OK || eh_store_open(&p->store, project, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static inline void temp_project_close(struct temp_project *p)
{
	char command[128];

	eh_store_close(&p->store);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
	assert_int_equal(system(command), 0);
}

static inline struct eh_txn *temp_txn(struct temp_project *p)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;

	if (eh_txn_begin(&txn, p->store, true, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return txn;
}

/* Writes bytes to DIR/name and leaves the path in out[128]. */
static inline void temp_file(const struct temp_project *p, char out[128], const char *name, const void *bytes,
			     size_t len)
{
	FILE *f = NULL;

	(void)snprintf(out, 128, "%s/%s", p->dir, name);
	f = fopen(out, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

#endif

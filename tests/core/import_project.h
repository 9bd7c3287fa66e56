/*
 * import_project.h - a project into which tests import tables, and what they expect of them.
 */
#ifndef TESTS_CORE_IMPORT_PROJECT_H
#define TESTS_CORE_IMPORT_PROJECT_H

#include "tests/core/temp_project.h"

#include "exchange/exchange.h"

static struct temp_project project;

static inline int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	temp_project_close(&project);
	return 0;
}

/* Imports the text as in.csv; commits when it is good. */
static inline int import_bytes(enum eh_import_kind kind, const void *bytes, size_t len, struct eh_import_report *r,
			struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char path[128];
	int rc = EH_OK;

	temp_file(&project, path, "in.csv", bytes, len);
	txn = temp_txn(&project);
	rc = eh_import_csv(txn, kind, path, r, err);
	if (rc == EH_OK)
		assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	else
		eh_txn_abort(&txn);
	return rc;
}

static inline struct eh_import_report good(enum eh_import_kind kind, const char *text)
{
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;

	if (import_bytes(kind, text, strlen(text), &r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return r;
}

/* Expects exactly one error at LINE:COLUMN with part in its text, and nothing imported. */
static inline void bad(enum eh_import_kind kind, const char *text, const char *place, const char *part)
{
	struct eh_import_report r;
	struct eh_err err = EH_ERR_INIT;
	char want[200];

	assert_int_equal(import_bytes(kind, text, strlen(text), &r, &err), EH_EFORMAT);
	(void)snprintf(want, sizeof want, "%s/in.csv:%s: ", project.dir, place);
	if (r.n_errors != 1 || strncmp(r.errors[0], want, strlen(want)) != 0 || strstr(r.errors[0], part) == NULL)
		fail_msg("%zu errors, first: %s (expected %s ... %s)", r.n_errors, r.errors[0], want, part);
	assert_string_equal(err.msg, r.errors[0]);
	assert_int_equal(r.fresh + r.changed + r.same, 0);
}

static inline uint64_t entries(enum eh_table t)
{
	struct eh_txn *txn = temp_txn(&project);
	uint64_t n = 0;

	assert_int_equal(eh_txn_count(txn, t, &n, NULL), EH_OK);
	eh_txn_abort(&txn);
	return n;
}

static inline void base_data(void)
{
	(void)good(EH_IMPORT_EVALUATORS, "evaluator_id,name,unit,email\nE1,Ann,north,ann@example.org\nE2,,,\n");
	(void)good(EH_IMPORT_CANDIDATES,
		   "candidate_id,jurisdiction,position_id,declared.sex\nC1,US-IL,clerk,female\nC2,DE,,male\nC3,US,,\n");
}

#endif

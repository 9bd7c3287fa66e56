/*
 * desk_project.h - a project opened through desk/, with a policy engine made of plain C whose verdict the test chooses.
 */
#ifndef TESTS_CORE_DESK_PROJECT_H
#define TESTS_CORE_DESK_PROJECT_H

#include "temp_project.h"

#include "base/mem.h"
#include "desk/desk.h"

/* ---- an engine whose verdict the test chooses ---- */

struct eh_policy { struct eh_policy_info info; };

static int (*chosen_check)(const struct eh_finding *f, struct eh_verdict *v);
static const char *closed_in;           /* jurisdiction that the gate closes */
static bool load_fails;
static bool wants_project;

static inline int fake_load(struct eh_policy **out, const char *path, struct eh_err *err)
{
	static const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;

	if (load_fails)
		return eh_err_set(err, EH_EPOLICY, "%s:3: unexpected symbol", path);
	*out = eh_xcalloc(1, sizeof **out);
	strcpy((*out)->info.name, "fake");
	strcpy((*out)->info.version, "1");
	(*out)->info.settings = settings;
	(*out)->info.has_gate = closed_in != NULL;
	(*out)->info.wants_project = wants_project;
	return EH_OK;
}

static inline const struct eh_policy_info *fake_info(const struct eh_policy *p) { return &p->info; }

static inline int fake_check(struct eh_policy *p, const struct eh_finding *facts, size_t n,
			     const struct eh_audit_settings *s, struct eh_verdict *out, struct eh_policy_use *use,
			     struct eh_err *err)
{
	(void)p;
	(void)s;
	(void)use;
	for (size_t i = 0; i < n; i++)
		if (chosen_check(&facts[i], &out[i]) != EH_OK)
			return eh_err_set(err, EH_EPOLICY, "policy.lua:7: boom");
	return EH_OK;
}

static inline int fake_gate(struct eh_policy *p, const char *jurisdiction, const char *attribute, bool *open,
			    struct eh_err *err)
{
	(void)p;
	(void)attribute;
	(void)err;
	*open = strcmp(jurisdiction, closed_in) != 0;
	return EH_OK;
}

static inline void fake_free(struct eh_policy **p)
{
	free(*p);
	*p = NULL;
}

static const struct eh_policy_engine engine = {
	.name = "fake", .load = fake_load, .info = fake_info, .check = fake_check, .free = fake_free, .gate = fake_gate,
};

/* ---- a project of two evaluators and forty candidates ---- */

static struct temp_project temp;
static struct eh_desk *desk;
static char policy_path[128];

static inline void import(enum eh_import_kind kind, const char *name, const char *text)
{
	struct eh_import_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	char path[128];

	temp_file(&temp, path, name, text, strlen(text));
	if (eh_desk_import(desk, kind, path, false, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	free(r);
}

/* Candidates alternate female, male; BAD advances 4 of 20 women and 16 of 20 men, OK 12 of 20 of each. */
static inline void make_tables(void)
{
	struct eh_buf c, e;

	eh_buf_init(&c, 1u << 20);
	eh_buf_init(&e, 1u << 20);
	eh_buf_printf(&c, "candidate_id,jurisdiction,declared.sex\n");
	eh_buf_printf(&e, "evaluator_id,candidate_id,decision\n");
	for (int i = 0; i < 40; i++) {
		int nth = i / 2;

		eh_buf_printf(&c, "C%02d,%s,%s\n", i, i < 20 ? "US-IL" : "DE", i % 2 == 0 ? "female" : "male");
		eh_buf_printf(&e, "BAD,C%02d,%d\n", i, nth < (i % 2 == 0 ? 4 : 16));
		eh_buf_printf(&e, "OK,C%02d,%d\n", i, nth < 12);
	}
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nBAD\nOK\n");
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(&e));
	eh_buf_free(&c);
	eh_buf_free(&e);
}

static inline int says_ok(const struct eh_finding *f, struct eh_verdict *v)
{
	(void)f;
	v->kind = EH_OK_VERDICT;
	strcpy(v->reason, "fine");
	return EH_OK;
}

static inline int setup(void **state)
{
	char dir[100];

	(void)state;
	chosen_check = says_ok;
	closed_in = NULL;
	load_fails = wants_project = false;
	temp_project_open(&temp);
	(void)snprintf(dir, sizeof dir, "%s/desk", temp.dir);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
	make_tables();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	eh_desk_close(&desk);
	temp_project_close(&temp);
	return 0;
}

#endif

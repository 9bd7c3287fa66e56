/*
 * audit_build.h - audit data made row by row, for tests: names in any order, finished sorted.
 */
#ifndef TESTS_CORE_AUDIT_BUILD_H
#define TESTS_CORE_AUDIT_BUILD_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/mem.h"

struct built_row {
	char evaluator[32], candidate[32], stratum[64];
	uint8_t selected;
};

struct built_person {
	char name[32], position[16];
	int group;                      /* -1 unknown, -2 predicted */
	double p[EH_GROUPS_MAX];        /* with -2 */
};

struct build {
	struct built_row *row;
	size_t n, cap;
	struct built_person *person;
	size_t n_persons, cap_persons;
};

#define BUILD_INIT { NULL, 0, 0, NULL, 0, 0 }

static inline void build_row(struct build *b, const char *evaluator, const char *candidate, const char *stratum,
			     bool selected)
{
	struct built_row *r;

	if (b->n == b->cap) {
		b->cap = b->cap != 0 ? 2 * b->cap : 256;
		b->row = eh_xrealloc(b->row, b->cap, sizeof *b->row);
	}
	r = &b->row[b->n++];
	(void)snprintf(r->evaluator, sizeof r->evaluator, "%s", evaluator);
	(void)snprintf(r->candidate, sizeof r->candidate, "%s", candidate);
	(void)snprintf(r->stratum, sizeof r->stratum, "%s", stratum);
	r->selected = selected;
}

static inline struct built_person *build_person(struct build *b, const char *name, const char *position, int group)
{
	struct built_person *p;

	if (b->n_persons == b->cap_persons) {
		b->cap_persons = b->cap_persons != 0 ? 2 * b->cap_persons : 256;
		b->person = eh_xrealloc(b->person, b->cap_persons, sizeof *b->person);
	}
	p = &b->person[b->n_persons++];
	memset(p, 0, sizeof *p);
	(void)snprintf(p->name, sizeof p->name, "%s", name);
	(void)snprintf(p->position, sizeof p->position, "%s", position);
	p->group = group;
	return p;
}

/* n persons of a group, the first `selected` of them selected, one decision each by evaluator in a stratum. */
static inline void build_cell(struct build *b, const char *evaluator, const char *stratum, int group, unsigned n,
			      unsigned selected)
{
	for (unsigned i = 0; i < n; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "%.6s%.6sg%hhd-%hu", evaluator, stratum, (signed char)group,
			       (unsigned short)i);
		build_person(b, name, "clerk", group);
		build_row(b, evaluator, name, stratum, i < selected);
	}
}

static inline void build_persons(struct eh_audit_data *d, const struct build *b, const char *const *groups,
				 size_t n_groups)
{
	struct eh_attribute_data *a = eh_xcalloc(1, sizeof *a);
	bool predicted = false;

	for (size_t i = 0; i < b->n_persons; i++)
		predicted = predicted || b->person[i].group == -2;
	(void)snprintf(a->name, sizeof a->name, "sex");
	a->n_groups = n_groups;
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
	a->provenance = eh_xcalloc(d->candidates.n, sizeof *a->provenance);
	a->prob = predicted ? eh_xcalloc(d->candidates.n * n_groups, sizeof *a->prob) : NULL;
	for (size_t g = 0; g < n_groups; g++) {
		(void)snprintf(a->groups[g], sizeof a->groups[g], "%s", groups[g]);
		a->prior[g] = 1.0 / (double)n_groups;
	}
	for (size_t i = 0; i < b->n_persons; i++) {
		const struct built_person *p = &b->person[i];
		uint32_t c = eh_names_find(&d->candidates, p->name);

		a->group[c] = (int16_t)(p->group >= 0 ? p->group : -1);
		a->provenance[c] = p->group >= 0 ? EH_DECLARED : p->group == -2 ? EH_PREDICTED : EH_UNKNOWN_CLASS;
		d->position[c] = eh_names_find(&d->positions, p->position);
		for (size_t g = 0; a->prob != NULL && g < n_groups; g++)
			a->prob[c * n_groups + g] = p->p[g];
	}
	d->attributes = a;
	d->n_attributes = 1;
}

/* Sorted data; frees the builder's rows. */
static inline void build_finish(struct eh_audit_data *d, struct build *b, const char *const *groups, size_t n_groups)
{
	struct eh_name_builder *e = eh_names_new(), *c = eh_names_new(), *s = eh_names_new(), *p = eh_names_new();
	uint32_t *me = NULL, *mc = NULL, *ms = NULL;
	struct eh_err err = EH_ERR_INIT;

	memset(d, 0, sizeof *d);
	(void)snprintf(d->source, sizeof d->source, "test");
	if (eh_audit_data_room(d, b->n, false, &err) != EH_OK)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < b->n_persons; i++) {
		eh_names_add(c, b->person[i].name);
		eh_names_add(p, b->person[i].position);
	}
	for (size_t i = 0; i < b->n; i++) {
		d->evaluator[i] = eh_names_add(e, b->row[i].evaluator);
		d->candidate[i] = eh_names_add(c, b->row[i].candidate);
		d->stratum[i] = eh_names_add(s, b->row[i].stratum);
		d->selected[i] = b->row[i].selected;
	}
	eh_names_finish(&e, &d->evaluators, &me);
	eh_names_finish(&c, &d->candidates, &mc);
	eh_names_finish(&s, &d->strata, &ms);
	eh_names_finish(&p, &d->positions, NULL);
	for (size_t i = 0; i < b->n; i++) {
		d->evaluator[i] = me[d->evaluator[i]];
		d->candidate[i] = mc[d->candidate[i]];
		d->stratum[i] = ms[d->stratum[i]];
	}
	free(me);
	free(mc);
	free(ms);
	d->position = eh_xcalloc(d->candidates.n + 1, sizeof *d->position);
	build_persons(d, b, groups, n_groups);
	if (eh_audit_data_sort(d, &err) != EH_OK)
		fail_msg("%s", err.msg);
	free(b->row);
	free(b->person);
	memset(b, 0, sizeof *b);
}

static inline const struct eh_finding *find_finding(const struct eh_findings *f, const char *evaluator,
						    const char *position, const char *group)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].evaluator, evaluator) == 0 && strcmp(f->v[i].position, position) == 0 &&
		    strcmp(f->v[i].group, group) == 0)
			return &f->v[i];
	fail_msg("no finding for %s %s %s", evaluator, position, group);
	return NULL;
}

static inline void run_audit(struct eh_findings *out, const struct eh_audit_data *d, const struct eh_audit_settings *s)
{
	struct eh_err err = EH_ERR_INIT;

	if (eh_audit_run(out, d, s, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

/* What was built, audited; given back by audit_done. */
static inline void audit_built(struct eh_audit_data *d, struct eh_findings *f, struct build *b,
			       const char *const *groups, size_t n_groups, const struct eh_audit_settings *s)
{
	build_finish(d, b, groups, n_groups);
	run_audit(f, d, s);
}

static inline void audit_done(struct eh_audit_data *d, struct eh_findings *f)
{
	eh_findings_free(f);
	eh_audit_data_free(d);
}

/*
 * The stored record of a finding, copied to out: what "the same bytes" means (a struct's padding does not count).
 * Returns the length.
 */
static inline size_t finding_record(unsigned char *out, size_t size, struct eh_store *store, const struct eh_finding *f)
{
	static const unsigned char key[12] = { 0 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_bytes value = { NULL, 0 };

	assert_int_equal(eh_txn_begin(&txn, store, true, &err), EH_OK);
	assert_int_equal(eh_finding_put(txn, 0, 0, f, &err), EH_OK);
	assert_int_equal(eh_txn_get(txn, EH_T_FINDINGS, (struct eh_bytes){ key, sizeof key }, &value, &err), EH_OK);
	assert_true(value.len <= size);
	memcpy(out, value.data, value.len);
	eh_txn_abort(&txn);
	return value.len;
}

static inline void assert_same_finding(struct eh_store *store, const struct eh_finding *a, const struct eh_finding *b)
{
	static unsigned char x[8192], y[8192];
	size_t n = finding_record(x, sizeof x, store, a);

	assert_int_equal(finding_record(y, sizeof y, store, b), n);
	assert_memory_equal(x, y, n);
}

/* One evaluator: a of n1 women selected, b of n2 men. */
static inline void run_cells(struct eh_audit_data *d, struct eh_findings *f, unsigned a, unsigned n1, unsigned b,
			     unsigned n2)
{
	struct build x = BUILD_INIT;
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	static const char *const groups[] = { "female", "male" };

	build_cell(&x, "E1", "s", 0, n1, a);
	build_cell(&x, "E1", "s", 1, n2, b);
	audit_built(d, f, &x, groups, 2, &s);
}

#endif

/* The order of an audit: slices, statistics, families, peers, benchmark; see audit.h. */
#include "audit/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/assess.h"
#include "audit/basis.h"
#include "audit/benchmark.h"
#include "audit/family.h"
#include "audit/history.h"
#include "audit/measures.h"
#include "audit/run.h"
#include "base/mem.h"
#include "base/threads.h"

#define HANDFUL 8                       /* evaluators of one task */

size_t eh_run_pooled(const struct eh_run *r)
{
	return 1 + r->order.n_used;
}

/* ---- scopes ---- */

void eh_run_name(struct eh_finding *f, const struct eh_attribute_data *attribute, const char *evaluator,
		 const char *position)
{
	memset(f, 0, sizeof *f);
	memcpy(f->attribute, attribute->name, sizeof f->attribute);
	snprintf(f->evaluator, sizeof f->evaluator, "%s", evaluator);
	snprintf(f->position, sizeof f->position, "%s", position);
}

/* scope: 0 pooled, then the positions, then the evaluators. */
int eh_run_assess(struct eh_run *r, const struct eh_slice *slice, size_t scope, const char *evaluator,
			const char *position, struct eh_err *err)
{
	struct eh_slice with_units = *slice;
	struct eh_units units;
	int rc = eh_units_make(&units, slice, err);

	with_units.units = &units;
	for (size_t a = 0; a < r->d->n_attributes && rc == EH_OK; a++) {
		const struct eh_attribute_data *attribute = &r->d->attributes[a];
		size_t first = r->layout[a].base + scope * attribute->n_groups;
		struct eh_cube cube;
		struct eh_scope_data data = { &with_units, &cube, attribute, a, r->s, r->layout[a].eligible,
					     r->layout[a].fixed, &r->layout[a].classifier, NULL };

		rc = eh_cube_make(&cube, slice, a, err);
		if (rc < 0)
			break;
		for (size_t g = 0; g < attribute->n_groups; g++)
			eh_run_name(&r->v[first + g], attribute, evaluator, position);
		rc = eh_assess(&r->v[first], &r->w[first], &data, err);
		eh_cube_free(&cube);
	}
	eh_units_free(&units);
	return rc;
}

/*
 * Everybody's decisions together are stratified by evaluator too: people who judge different candidates select at
 * different rates, and without that a class that applied to the strict ones would look disadvantaged (the Berkeley
 * admissions, facts/statistics.md 7).  The plain ratio stands beside it.
 */
int eh_run_pooled_scope(struct eh_run *r, size_t scope, struct eh_err *err)
{
	const uint32_t position = scope > 0 ? r->order.position[scope - 1] : 0;
	struct eh_slice *slice = NULL;
	int rc = eh_slice_new(&slice, &r->order, r->order.predicted, err);

	if (rc == EH_OK)
		rc = scope > 0 ? eh_slice_position(slice, position, err) : eh_slice_everybody(slice, err);
	if (rc == EH_OK)
		rc = eh_run_assess(r, slice, scope, EH_POOLED_NAME, scope > 0 ? r->d->positions.v[position] : "", err);
	eh_slice_free(&slice);
	return rc;
}

static size_t handfuls(const struct eh_run *r)
{
	return (r->d->evaluators.n + HANDFUL - 1) / HANDFUL;
}

/* Where nobody was judged by two, everybody's slice is put together from the evaluators': no row is read twice. */
static int keep_part(struct eh_run *r, size_t handful, const struct eh_slice *slice, struct eh_err *err)
{
	int rc = EH_OK;

	if (r->part == NULL)
		return EH_OK;
	if (r->part[handful] == NULL)
		rc = eh_slice_new(&r->part[handful], &r->order, false, err);
	return rc == EH_OK ? eh_slice_append(r->part[handful], slice, err) : rc;
}

/* The pooled scopes are a task each, so that the longest begin first; evaluators come by the handful. */
static int assess_task(void *ctx, size_t slot, size_t number, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_run *r = ctx;
	const size_t pooled = eh_run_pooled(r), before = r->part == NULL ? pooled : 0;
	const size_t task = r->with_bench ? number - 1 : number; /* not read where that is none */
	const size_t from = (task - before) * HANDFUL, to = from + HANDFUL;
	int rc = EH_OK;

	if (r->with_bench && number == 0) {
		rc = eh_bench_new(&r->bench, &r->order, err);
		return rc == EH_OK ? eh_bench_ahead(r->bench, err) : rc;
	}
	if (task < before)
		return eh_run_pooled_scope(r, task, err);
	if (r->slice[slot] == NULL)
		rc = eh_slice_new(&r->slice[slot], &r->order, r->order.predicted, err);
	for (size_t e = from; e < to && e < r->d->evaluators.n && rc == EH_OK; e++) {
		if (eh_crew_stopped(inside))
			return eh_crew_cancel(err);
		rc = eh_slice_evaluator(r->slice[slot], (uint32_t)e, err);
		if (rc == EH_OK)
			rc = eh_run_assess(r, r->slice[slot], pooled + e, r->d->evaluators.v[e], "", err);
		if (rc == EH_OK)
			rc = keep_part(r, task - before, r->slice[slot], err);
	}
	return rc;
}

struct everybody {
	struct eh_run *r;
	struct eh_slice *slice;
	struct eh_cube *cube;           /* [n_attributes] */
	size_t groups;                  /* of all attributes */
};

static struct eh_scope_data everybody_data(const struct everybody *x, size_t a)
{
	const struct eh_run_layout *l = &x->r->layout[a];

	return (struct eh_scope_data){ x->slice, &x->cube[a], &x->r->d->attributes[a], a, x->r->s, l->eligible,
				       l->fixed, &l->classifier, NULL };
}

/* Group `task` of all attributes' groups. */
static int everybody_task(void *ctx, size_t slot, size_t task, const struct eh_crew *inside, struct eh_err *err)
{
	const struct everybody *x = ctx;
	const struct eh_run_layout *l = x->r->layout;
	struct eh_scope_data data;
	size_t a = 0, g = task;

	(void)slot;
	(void)inside;
	for (; g >= x->r->d->attributes[a].n_groups; a++)
		g -= x->r->d->attributes[a].n_groups;
	data = everybody_data(x, a);
	return eh_assess_group(&x->r->v[l[a].base], &x->r->w[l[a].base], &data, g, err);
}

/* Puts the parts together and names the findings: whoever looks through all of them may do so from now on. */
static int gather(struct everybody *x, struct eh_err *err)
{
	struct eh_run *r = x->r;
	int rc = eh_slice_new(&x->slice, &r->order, false, err);

	for (size_t a = 0; a < r->d->n_attributes; a++)
		for (size_t g = 0; g < r->d->attributes[a].n_groups; g++)
			eh_run_name(&r->v[r->layout[a].base + g], &r->d->attributes[a], EH_POOLED_NAME, "");

	for (size_t i = 0; i < handfuls(r) && rc == EH_OK; i++) {
		rc = eh_slice_append(x->slice, r->part[i], err);
		eh_slice_free(&r->part[i]);
	}
	for (size_t a = 0; a < r->d->n_attributes && rc == EH_OK; a++)
		rc = eh_cube_make(&x->cube[a], x->slice, a, err);
	return rc;
}

static int everybody_begin(struct everybody *x, struct eh_run *r, struct eh_err *err)
{
	*x = (struct everybody){ .r = r, .cube = eh_try_calloc(r->d->n_attributes + 1, sizeof *x->cube) };
	if (x->cube == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory");
	for (size_t a = 0; a < r->d->n_attributes; a++)
		x->groups += r->d->attributes[a].n_groups;
	return EH_OK;
}

/* made: all groups are. */
static void everybody_end(struct everybody *x, bool made)
{
	struct eh_run *r = x->r;

	for (size_t a = 0; x->cube != NULL && a < r->d->n_attributes; a++) {
		struct eh_scope_data data = everybody_data(x, a);

		if (made)
			eh_assess_tie(&r->v[r->layout[a].base], &r->w[r->layout[a].base], &data);
		eh_cube_free(&x->cube[a]);
	}
	free(x->cube);
	eh_slice_free(&x->slice);
}

/* Everybody's scope from the parts, the groups at the same time. */
static int assess_everybody(struct eh_run *r, const struct eh_crew *crew, struct eh_err *err)
{
	struct everybody x;
	int rc = everybody_begin(&x, r, err);

	if (rc == EH_OK)
		rc = gather(&x, err);
	if (rc == EH_OK && x.groups > 0)
		rc = eh_crew_run(crew, x.groups, x.groups, everybody_task, &x, err);
	everybody_end(&x, rc == EH_OK);
	return rc;
}

/* Every finding has its own place, so the bytes do not depend on who filled it. */
static int run_tasks(struct eh_run *r, const struct eh_progress *progress, struct eh_err *err)
{
	const size_t tasks = (r->with_bench ? 1 : 0) + (r->part == NULL ? eh_run_pooled(r) : 0) + handfuls(r);
	struct eh_steps steps = { .progress = progress, .what = "audit", .total = tasks, .jobs = r->s->threads };
	struct eh_crew crew = eh_crew_of(&steps);
	const size_t threads = eh_crew_threads(&crew, tasks, tasks);
	int rc = EH_OK;

	r->slice = eh_try_calloc(threads + 1, sizeof *r->slice);
	if (r->slice == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory");
	crew.count = &steps;
	rc = tasks > 0 ? eh_crew_run(&crew, tasks, tasks, assess_task, r, err) : EH_OK;
	for (size_t i = 0; i < threads; i++)
		eh_slice_free(&r->slice[i]);
	free(r->slice);
	return rc;
}

/* All scopes, but everybody's where that is put together from parts: these are left. */
static int run_scopes(struct eh_run *r, const struct eh_progress *progress, struct eh_err *err)
{
	int rc = EH_OK;

	if (r->order.candidate_at == NULL) {
		r->part = eh_try_calloc(handfuls(r) + 1, sizeof(struct eh_slice *));
		if (r->part == NULL)
			return eh_err_set(err, EH_ENOMEM, "audit: out of memory");
	}
	rc = run_tasks(r, progress, err);
	return rc == EH_ECANCEL ? eh_err_set(err, rc, "audit: stopped on request, nothing was kept") : rc;
}

static void free_parts(struct eh_run *r)
{
	for (size_t i = 0; r->part != NULL && i < handfuls(r); i++)
		eh_slice_free(&r->part[i]);
	free(r->part);
	r->part = NULL;
}

int eh_run_all(struct eh_run *r, const struct eh_progress *progress, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = r->s->threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	int rc = run_scopes(r, progress, err);

	if (rc == EH_OK && r->part != NULL)
		rc = assess_everybody(r, &crew, err);
	free_parts(r);
	return rc;
}

/* ---- over all findings ---- */

static size_t benchmark_parts(const struct eh_run *r)
{
	size_t n = 0;

	for (size_t a = 0; a < r->d->n_attributes; a++)
		n += eh_bench_parts(r->bench, a);
	return n;
}

static int fill_benchmark(struct eh_run *r, size_t part, struct eh_err *err)
{
	size_t a = 0;

	for (; part >= eh_bench_parts(r->bench, a); a++)
		part -= eh_bench_parts(r->bench, a);
	return eh_bench_fill_part(&r->v[r->layout[a].base + eh_run_pooled(r) * r->d->attributes[a].n_groups], r->bench,
				  a, part, r->layout[a].eligible, r->s->reference, err);
}

/* The work over all findings in two steps whose tasks do not look at each other's.  What all of a step wait for is
 * either short or comes by the handful, so that no thread is idle for long. */
struct over {
	struct eh_run *r;
	struct everybody all;           /* cube NULL: everybody's findings are made already */
	size_t parts;                   /* of the benchmark */
};

/* Everybody's patterns, the fields of the peers, and what the benchmark needs to be counted. */
static int count_task(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct over *o = ctx;

	(void)slot;
	(void)inside;
	if (i == 0)
		return o->all.cube != NULL ? gather(&o->all, err) : EH_OK;
	if (i == 1)
		return eh_run_peers(o->r, err);
	return eh_bench_count(o->r->bench, (i - 2) * HANDFUL, (i - 1) * HANDFUL, err);
}

/* Everybody's groups, the parts of the benchmark, the evaluators' families of p and of the peers' p. */
static int conclude_task(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct over *o = ctx;
	const size_t first_family = o->all.groups + o->parts;

	if (i < o->all.groups)
		return everybody_task(&o->all, slot, i, inside, err);
	if (i < first_family)
		return fill_benchmark(o->r, i - o->all.groups, err);
	return eh_run_correct(o->r, false, i == first_family ? EH_CORRECT_P : EH_CORRECT_PEERS, err);
}

static int over_all(struct eh_run *r, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = r->s->threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	struct over o = { .r = r, .all = { .r = r } };
	const size_t counts = 2 + handfuls(r);
	size_t tasks = 0;
	int rc = r->part != NULL ? everybody_begin(&o.all, r, err) : EH_OK;

	if (rc == EH_OK)
		rc = eh_crew_run(&crew, counts, counts, count_task, &o, err);
	if (rc == EH_OK) {
		o.parts = benchmark_parts(r);
		tasks = o.all.groups + o.parts + 2;
		rc = eh_crew_run(&crew, tasks, tasks, conclude_task, &o, err);
	}
	everybody_end(&o.all, rc == EH_OK);
	return rc == EH_OK ? eh_run_correct(r, true, EH_CORRECT_P, err) : rc;
}

void eh_run_free(struct eh_run *r)
{
	free(r->v);
	free(r->w);
	free(r->layout);
	eh_bench_free(&r->bench);
	eh_order_free(&r->order);
	r->v = NULL;
	r->w = NULL;
	r->layout = NULL;
}

int eh_audit_run(struct eh_findings *out, const struct eh_audit_data *d, const struct eh_audit_settings *s,
		 const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_run r = { .d = d, .s = s, .with_bench = true };
	int rc = eh_run_check(s, &r.family, err);

	*out = (struct eh_findings){ NULL, 0 };
	if (rc == EH_OK)
		rc = eh_run_prepare(&r, err);
	if (rc == EH_OK)
		rc = run_scopes(&r, progress, err);
	if (rc == EH_OK)
		rc = over_all(&r, err);
	free_parts(&r);
	if (rc == EH_OK)
		rc = eh_measures_scores(r.v, &r.order, s, err);
	if (rc == EH_OK) {
		*out = (struct eh_findings){ r.v, r.n };
		r.v = NULL;
	}
	eh_run_free(&r);
	return rc;
}

int eh_audit_majority(int *out, const struct eh_audit_data *d, size_t attribute, bool known_only, struct eh_err *err)
{
	const struct eh_attribute_data *a = &d->attributes[attribute];
	const struct eh_run r = { .d = d };
	struct eh_classifier classifier;
	uint64_t known[EH_CODES] = { 0 };
	double n[EH_GROUPS_MAX] = { 0.0 };
	int rc = eh_classifier_look(&classifier, a, d->candidates.n, err);

	*out = -1;
	if (rc != EH_OK)
		return rc;
	known_only = known_only || eh_basis_unfit(&classifier);
	for (size_t i = 0; i < d->candidates.n; i++) {
		const bool predicted = a->provenance[i] == EH_PREDICTED && a->prob != NULL && !known_only;

		if (a->group[i] >= 0)
			known[EH_CODE_DECLARED + (size_t)a->group[i]] += d->weight != NULL ? d->weight[i] : 1;
		for (size_t g = 0; predicted && g < a->n_groups; g++)
			n[g] += a->prob[i * a->n_groups + g];
	}
	*out = eh_run_majority(&r, attribute, known, n);
	return EH_OK;
}

void eh_findings_free(struct eh_findings *f)
{
	free(f->v);
	*f = (struct eh_findings){ NULL, 0 };
}

/* A kept audit; see again.h. */
#include "audit/again.h"

#include <stdlib.h>
#include <string.h>

#include "audit/again_inside.h"
#include "audit/benchmark.h"
#include "audit/measures.h"
#include "base/mem.h"
#include "base/threads.h"

#define STRETCH 128 /* findings of one task, where each is given another limit */

/* ---- keeping ---- */

static int no_memory(struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory to keep what was found");
}

static void forget(struct eh_kept *k)
{
	for (size_t i = 0; k->pool != NULL && i < k->n_pooled; i++)
		eh_pool_free(&k->pool[i]);
	free(k->pool);
	eh_score_pools_free(&k->scores);
	free(k->scope_of);
	if (k->alone != NULL)
		eh_slice_free(&k->alone);
	eh_bench_free(&k->bench);
	free(k->touched);
	free(k->list);
	eh_run_free(&k->run);
	k->pool = NULL;
	k->scope_of = k->list = NULL;
	k->touched = NULL;
	k->n_list = 0;
	k->run.n = 0;
	k->moved = false;
}

static int room(struct eh_kept *k, struct eh_err *err)
{
	const size_t evaluators = k->d->evaluators.n;

	k->n_pooled = eh_run_pooled(&k->run);
	k->touched = eh_try_calloc(k->n_pooled + evaluators, sizeof *k->touched);
	k->list = eh_try_calloc(k->n_pooled + evaluators, sizeof *k->list);
	return k->touched != NULL && k->list != NULL ? EH_OK : no_memory(err);
}

static void untouch(struct eh_kept *k)
{
	for (size_t i = 0; i < k->n_list; i++)
		k->touched[k->list[i]] = false;
	k->n_list = 0;
}

/* Every pooled scope in which the evaluator has a candidate. */
static void touch_places(struct eh_kept *k, uint32_t evaluator)
{
	const struct eh_audit_data *d = k->d;

	eh_kept_touch(k, 0);
	for (size_t i = d->evaluator_at[evaluator]; i < d->evaluator_at[evaluator + 1] && k->n_pooled > 1; i++)
		eh_kept_touch(k, k->scope_of[eh_order_position(&k->run.order, d->candidate[i])]);
}

static int keep_pools(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_order *o = &k->run.order;
	uint32_t (*none)[EH_CODES] = eh_try_calloc(k->d->n_attributes + 1, sizeof *none);
	int rc = eh_slice_new(&k->alone, o, false, err);

	k->pool = eh_try_calloc(k->n_pooled, sizeof *k->pool);
	k->scope_of = eh_try_calloc(o->n_positions, sizeof *k->scope_of);
	if (rc == EH_OK && (none == NULL || k->pool == NULL || k->scope_of == NULL))
		rc = no_memory(err);
	for (size_t i = 0; i < k->n_pooled && rc == EH_OK; i++) {
		rc = eh_pool_new(&k->pool[i], o, err);
		if (i > 0)
			k->scope_of[o->position[i - 1]] = (uint32_t)i;
	}
	for (uint32_t e = 0; e < k->d->evaluators.n && rc == EH_OK; e++) {
		touch_places(k, e);
		for (size_t i = 0; i < k->n_list && rc == EH_OK; i++)
			rc = eh_kept_put_part(k, k->list[i], e, (const uint32_t (*)[EH_CODES])none, err);
		untouch(k);
	}
	if (rc == EH_OK && k->d->scored != NULL)
		rc = eh_score_pools_make(&k->scores, o, k->scope_of, k->n_pooled, err);
	free(none);
	return rc;
}

/* What will be done over all findings; late: eh_assess_late. */
struct rest {
	struct eh_kept *k;
	bool benchmark, families, peers, late;
	size_t parts;			/* of the benchmark */
};

static int over_all(struct rest *x, struct eh_err *err);

static int make(struct eh_kept *k, const struct eh_progress *progress, struct eh_err *err)
{
	struct rest all = { k, true, true, true, false, 0 };
	int rc = eh_run_check(&k->s, &k->run.family, err);

	k->run.d = k->d;
	k->run.s = &k->s;
	if (rc == EH_OK)
		rc = eh_run_prepare(&k->run, err);
	if (rc == EH_OK)
		rc = eh_run_all(&k->run, progress, err);
	if (rc == EH_OK)
		rc = eh_measures_scores(k->run.v, &k->run.order, &k->s, err);
	if (rc == EH_OK)
		rc = room(k, err);
	if (rc == EH_OK && k->d->weight != NULL) {
		rc = keep_pools(k, err);
		/* candidates will be numbered otherwise */
		eh_order_keep_codes(&k->run.order);
	}
	return rc == EH_OK ? over_all(&all, err) : rc;
}

int eh_kept_new(struct eh_kept **out, struct eh_audit_data *d, const struct eh_audit_settings *s,
		const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_kept *k = eh_xcalloc(1, sizeof *k);
	int rc;

	k->d = d;
	k->s = *s;
	rc = make(k, progress, err);
	if (rc != EH_OK)
		eh_kept_free(&k);
	*out = k;
	return rc;
}

void eh_kept_free(struct eh_kept **k)
{
	if (k == NULL || *k == NULL)
		return;
	forget(*k);
	free(*k);
	*k = NULL;
}

struct eh_findings eh_kept_findings(const struct eh_kept *k) { return (struct eh_findings){ k->run.v, k->run.n }; }

/* ---- auditing again ---- */

static struct eh_scope_data scope_data(const struct eh_kept *k, const struct eh_slice *slice,
				       const struct eh_cube *cube, size_t attribute)
{
	const struct eh_run_layout *l = &k->run.layout[attribute];

	return (struct eh_scope_data){ slice, cube, &k->d->attributes[attribute], attribute, &k->s, l->eligible,
				       l->fixed, &l->classifier, NULL };
}

/* One group of one pooled scope that was touched. */
struct piece {
	uint32_t scope, attribute, group;
};

/* Behind them, where it has to be, the lists of the benchmark. */
struct pieces {
	struct eh_kept *k;
	struct piece *v;
	size_t n;
};

static int renew_benchmark(struct eh_kept *k, struct eh_err *err);

static size_t place_of(const struct eh_kept *k, size_t scope, size_t attribute)
{
	return k->run.layout[attribute].base + scope * k->d->attributes[attribute].n_groups;
}

static int do_piece(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	const struct pieces *p = ctx;
	const struct piece *x = &p->v[i];
	struct eh_kept *k = p->k;
	const struct eh_pool *pool = NULL;
	struct eh_scope_data data;
	size_t first;
	struct eh_finding *f = NULL;
	uint32_t position;

	(void)slot;
	(void)inside;
	if (i == p->n)
		return renew_benchmark(k, err);
	pool = &k->pool[x->scope];
	data = scope_data(k, &pool->slice, &pool->cube[x->attribute], x->attribute);
	first = place_of(k, x->scope, x->attribute);
	f = &k->run.v[first];
	position = x->scope > 0 ? k->run.order.position[x->scope - 1] : 0;
	eh_run_name(&f[x->group], data.attribute, EH_POOLED_NAME, x->scope > 0 ? k->d->positions.v[position] : "");
	return eh_assess_group(f, &k->run.w[first], &data, x->group, err);
}

static int touched_pooled(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	struct pieces p = { .k = k };
	const size_t attributes = k->d->n_attributes;
	size_t tasks = 0;
	int rc = EH_OK;

	p.v = eh_try_calloc(k->n_list * attributes * EH_GROUPS_MAX + 1, sizeof *p.v);
	if (p.v == NULL)
		return no_memory(err);
	for (size_t i = 0; i < k->n_list; i++)
		for (size_t a = 0; a < attributes && k->list[i] < k->n_pooled; a++)
			for (uint32_t g = 0; g < k->d->attributes[a].n_groups; g++)
				p.v[p.n++] = (struct piece){ k->list[i], (uint32_t)a, g };
	tasks = p.n + (p.n > 0 && k->bench == NULL);
	if (rc == EH_OK && tasks > 0)
		rc = eh_crew_run(&crew, tasks, tasks, do_piece, &p, err);
	for (size_t i = 0; i < k->n_list && rc == EH_OK; i++)
		for (size_t a = 0; a < attributes && k->list[i] < k->n_pooled; a++) {
			const uint32_t scope = k->list[i];
			struct eh_scope_data data = scope_data(k, &k->pool[scope].slice, &k->pool[scope].cube[a], a);
			size_t first = place_of(k, scope, a);

			eh_assess_tie(&k->run.v[first], &k->run.w[first], &data);
		}
	free(p.v);
	return rc;
}

static int touched_evaluators(struct eh_kept *k, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < k->n_list && rc == EH_OK; i++) {
		const size_t scope = k->list[i];

		if (scope < k->n_pooled)
			continue;
		rc = eh_slice_evaluator(k->alone, (uint32_t)(scope - k->n_pooled), err);
		if (rc == EH_OK)
			rc = eh_run_assess(&k->run, k->alone, scope, k->d->evaluators.v[scope - k->n_pooled], "", err);
	}
	return rc;
}

static int pooled_scores(struct eh_kept *k, size_t scope, struct eh_err *err)
{
	const size_t attributes = k->d->n_attributes;
	int rc = EH_OK;

	for (size_t a = 0; a < attributes && rc == EH_OK; a++)
		rc = eh_measures_score_table(k->run.v, &k->run.order, &k->s, scope, a,
					     &k->scores.table[scope * attributes + a], err);
	return rc;
}

/* Findings that were made anew have no scores yet. */
static int touched_scores(struct eh_kept *k, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < k->n_list && k->d->scored != NULL && rc == EH_OK; i++) {
		const size_t scope = k->list[i];

		rc = scope < k->n_pooled ? pooled_scores(k, scope, err)
					 : eh_measures_score_evaluator(k->run.v, &k->run.order, &k->s,
								       (uint32_t)(scope - k->n_pooled), err);
	}
	return rc;
}

static size_t stretches(const struct eh_kept *k) { return (k->run.n + STRETCH - 1) / STRETCH; }

static size_t stretch_end(const struct eh_kept *k, size_t i)
{
	return (i + 1) * STRETCH < k->run.n ? (i + 1) * STRETCH : k->run.n;
}

/* Another limit for the findings of one stretch of scopes that were not touched. */
static int limit_stretch(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_kept *k = ctx;

	(void)slot;
	(void)inside;
	(void)err;
	/* who was touched has it already: the same once more */
	for (size_t j = i * STRETCH; j < stretch_end(k, i); j++)
		eh_assess_limit(&k->run.v[j], &k->run.w[j], &k->s);
	return EH_OK;
}

static int set_limit(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	int rc = eh_crew_run(&crew, stretches(k), stretches(k), limit_stretch, k, err);

	for (size_t a = 0; a < k->d->n_attributes && rc == EH_OK; a++)
		for (size_t scope = 0; scope < k->n_pooled + k->d->evaluators.n; scope++) {
			struct eh_scope_data data = scope_data(k, NULL, NULL, a);
			size_t first = place_of(k, scope, a);

			eh_assess_tie(&k->run.v[first], &k->run.w[first], &data);
		}
	return rc;
}

/* ---- over all findings ---- */

/* Of other kinds somebody may be judged twice where nobody was, or nobody any more. */
static int renew_benchmark(struct eh_kept *k, struct eh_err *err)
{
	int rc = k->d->weight != NULL ? eh_order_look_again(&k->run.order, err) : EH_OK;

	if (rc == EH_OK)
		rc = eh_bench_new(&k->bench, &k->run.order, err);
	if (rc == EH_OK)
		rc = eh_bench_ahead(k->bench, err);
	return rc == EH_OK ? eh_bench_count(k->bench, 0, k->d->evaluators.n, err) : rc;
}

static size_t benchmark_parts(const struct eh_kept *k)
{
	size_t n = 0;

	for (size_t a = 0; a < k->d->n_attributes; a++)
		n += eh_bench_parts(k->bench, a);
	return n;
}

static int fill_benchmark(struct eh_kept *k, size_t part, struct eh_err *err)
{
	size_t a = 0;

	for (; part >= eh_bench_parts(k->bench, a); a++)
		part -= eh_bench_parts(k->bench, a);
	return eh_bench_fill_part(&k->run.v[place_of(k, k->n_pooled, a)], k->bench, a, part,
				  k->run.layout[a].eligible, k->s.reference, err);
}

/* Works that fill different fields and do not look at each other's: peers with the family of theirs, families of p, the
 * parts of the benchmark, and what comes late, by the stretch. */
static int do_rest(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	const struct rest *x = ctx;
	struct eh_kept *k = x->k;
	const size_t first_late = 2 + x->parts;
	int rc = EH_OK;

	(void)slot;
	(void)inside;
	if (i == 0 && x->peers) {
		rc = eh_run_peers(&k->run, err);
		return rc == EH_OK ? eh_run_correct(&k->run, false, EH_CORRECT_PEERS, err) : rc;
	}
	if (i == 1 && x->families) {
		rc = eh_run_correct(&k->run, false, EH_CORRECT_P, err);
		return rc == EH_OK ? eh_run_correct(&k->run, true, EH_CORRECT_P, err) : rc;
	}
	if (i >= 2 && i < first_late)
		return fill_benchmark(k, i - 2, err);
	for (size_t j = (i - first_late) * STRETCH; i >= first_late && j < stretch_end(k, i - first_late); j++)
		eh_assess_late(&k->run.v[j], &k->run.w[j]);
	return EH_OK;
}

static int over_all(struct rest *x, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = x->k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	size_t tasks = 0;
	int rc = x->benchmark && x->k->bench == NULL ? renew_benchmark(x->k, err) : EH_OK;

	if (rc != EH_OK)
		return rc;
	x->parts = x->benchmark ? benchmark_parts(x->k) : 0;
	tasks = 2 + x->parts + (x->late ? stretches(x->k) : 0);
	return x->late || x->benchmark || x->families || x->peers ? eh_crew_run(&crew, tasks, tasks, do_rest, x, err) :
								    EH_OK;
}

/* Settings that decide what is counted and tested, not where a limit is drawn. */
static bool same_ground(const struct eh_audit_settings *a, const struct eh_audit_settings *b)
{
	return a->reference == b->reference && strcmp(a->fixed_reference, b->fixed_reference) == 0 &&
	       a->seed == b->seed && a->known_only == b->known_only && a->plain_ratio == b->plain_ratio &&
	       a->boschloo == b->boschloo && a->median_known == b->median_known;
}

/* Where the smallest share may have moved, or persons came: the groups above it. */
static bool same_groups(const struct eh_kept *k)
{
	static const double nobody[EH_GROUPS_MAX];

	for (size_t a = 0; (k->pool != NULL || k->moved) && a < k->d->n_attributes; a++) {
		uint64_t known[EH_CODES] = { 0 };

		for (size_t i = 0; i < EH_CODES && k->pool != NULL; i++)
			known[i] = k->pool[0].slice.classes[a].by_code[i];
		for (size_t i = 0; i < k->d->candidates.n && k->pool == NULL; i++)
			known[k->run.order.code[a][i]]++;
		if (eh_run_share(&k->run, a, known, nobody) != k->run.layout[a].eligible)
			return false;
		if (k->s.reference == EH_REF_MAJORITY &&
		    eh_run_majority(&k->run, a, known, nobody) != k->run.layout[a].fixed)
			return false;
	}
	return true;
}

/* What the settings differ in. */
struct difference {
	bool any, limit, family, anytime, level;
};

static struct difference differ(const struct eh_audit_settings *a, const struct eh_audit_settings *b)
{
	struct difference x = { .limit = a->limit_num != b->limit_num || a->limit_den != b->limit_den,
				.family = memcmp(a->family, b->family, sizeof a->family) != 0,
				.anytime = a->anytime != b->anytime,
				.level = a->alpha < b->alpha || a->alpha > b->alpha || a->anytime != b->anytime };

	x.any = x.limit || x.family || x.level || a->min_group != b->min_group || a->min_total != b->min_total ||
		a->min_share != b->min_share || a->look != b->look;
	return x;
}

int eh_kept_again(struct eh_kept *k, const struct eh_audit_settings *s, struct eh_err *err)
{
	const struct eh_audit_settings before = k->s;
	const struct difference x = differ(&before, s);
	const bool counted = k->n_list > 0;
	bool same_places = true;
	struct rest rest = { k, counted || x.limit,
			     counted || x.family || x.anytime || (s->anytime && x.limit), counted,
			     x.limit || x.level, 0 };
	int rc = eh_run_check(s, &k->run.family, err);

	if (rc != EH_OK)
		return rc;
	k->s = *s;
	if (k->moved)
		rc = eh_kept_order(k, &same_places, err);
	if (rc != EH_OK)
		return rc;
	if (!same_places || !same_ground(&before, s) || k->run.order.predicted || !same_groups(k) ||
	    (k->pool == NULL && before.min_share != s->min_share)) {
		forget(k);
		return make(k, NULL, err);
	}
	rc = k->moved ? eh_kept_pooled_rows(k, err) : touched_pooled(k, err);
	if (rc == EH_OK)
		rc = touched_evaluators(k, err);
	if (rc == EH_OK)
		rc = k->moved ? eh_measures_scores(k->run.v, &k->run.order, &k->s, err) : touched_scores(k, err);
	k->moved = false;
	if (rc == EH_OK && x.any)
		rc = set_limit(k, err);
	untouch(k);
	return rc == EH_OK ? over_all(&rest, err) : rc;
}

/* A kept audit; see again.h. */
#include "audit/again.h"

#include <stdlib.h>
#include <string.h>

#include "audit/benchmark.h"
#include "audit/measures.h"
#include "audit/pool.h"
#include "audit/run.h"
#include "base/mem.h"
#include "base/threads.h"

#define STRETCH 128 /* findings of one task, where each is given another limit */

struct eh_kept {
	struct eh_audit_data *d;
	struct eh_audit_settings s;
	struct eh_run run;
	struct eh_pool *pool; /* [n_pooled] everybody, then the positions; NULL = nothing can be replaced */
	size_t n_pooled;
	uint32_t *scope_of;	/* [n_positions] scope of a position, 0 = none of its own */
	struct eh_slice *alone; /* of an evaluator, or his part of a position */
	struct eh_bench *bench; /* NULL: of other kinds than those there are now */
	bool *touched;		/* [n_pooled + evaluators] scopes in which something was replaced */
	uint32_t *list;		/* those, each once */
	size_t n_list;
};

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
}

static int room(struct eh_kept *k, struct eh_err *err)
{
	const size_t evaluators = k->d->evaluators.n;

	k->n_pooled = eh_run_pooled(&k->run);
	k->touched = eh_try_calloc(k->n_pooled + evaluators, sizeof *k->touched);
	k->list = eh_try_calloc(k->n_pooled + evaluators, sizeof *k->list);
	return k->touched != NULL && k->list != NULL ? EH_OK : no_memory(err);
}

static void touch(struct eh_kept *k, size_t scope)
{
	if (!k->touched[scope])
		k->list[k->n_list++] = (uint32_t)scope;
	k->touched[scope] = true;
}

static void untouch(struct eh_kept *k)
{
	for (size_t i = 0; i < k->n_list; i++)
		k->touched[k->list[i]] = false;
	k->n_list = 0;
}

/* The evaluator's part of a pooled scope; by_code: his persons there until now. */
static int put_part(struct eh_kept *k, uint32_t scope, uint32_t evaluator, const uint32_t (*by_code)[EH_CODES],
		    struct eh_err *err)
{
	int rc = scope == 0 ? eh_slice_evaluator(k->alone, evaluator, err)
			    : eh_slice_evaluator_in(k->alone, evaluator, k->run.order.position[scope - 1], err);

	return rc == EH_OK ? eh_pool_replace(&k->pool[scope], evaluator, k->alone, by_code, err) : rc;
}

/* Every pooled scope in which the evaluator has a candidate. */
static void touch_places(struct eh_kept *k, uint32_t evaluator)
{
	const struct eh_audit_data *d = k->d;

	touch(k, 0);
	for (size_t i = d->evaluator_at[evaluator]; i < d->evaluator_at[evaluator + 1] && k->n_pooled > 1; i++)
		touch(k, k->scope_of[eh_order_position(&k->run.order, d->candidate[i])]);
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
			rc = put_part(k, k->list[i], e, (const uint32_t (*)[EH_CODES])none, err);
		untouch(k);
	}
	free(none);
	return rc;
}

/* What will be done over all findings. */
struct rest {
	struct eh_kept *k;
	bool benchmark, families, peers;
};

static int over_all(struct rest *x, struct eh_err *err);

static int make(struct eh_kept *k, const struct eh_progress *progress, struct eh_err *err)
{
	struct rest all = { k, true, true, true };
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

/* ---- replacing ---- */

/* Scopes that lose or win persons of the evaluator: those of one replacement. */
struct places {
	struct eh_kept *k;
	uint32_t evaluator;
	struct eh_span span;
	uint32_t *scope;		/* [n] */
	size_t n;
	uint32_t *at;			/* [n_pooled] place in scope + 1, 0 = not in it */
	uint32_t (*by_code)[EH_CODES];	/* [n][n_attributes] his persons before */
	uint8_t *stays;			/* [span] candidates that are still there */
	bool others;			/* there are other kinds than before */
};

static void meet(struct places *p, uint32_t candidate)
{
	const uint32_t position = eh_order_position(&p->k->run.order, candidate);
	const uint32_t scope = p->k->n_pooled > 1 ? p->k->scope_of[position] : 0;

	if (p->at[scope] != 0)
		return;
	p->scope[p->n++] = scope;
	p->at[scope] = (uint32_t)p->n;
}

static void look_at_kinds(struct places *p, const struct eh_kind_now *v, size_t n)
{
	const uint32_t *weight = p->k->d->weight;

	for (size_t i = 0; i < n; i++) {
		if (v[i].was == EH_NEW_KIND) {
			p->others = true;
			meet(p, v[i].like);
			continue;
		}
		p->stays[v[i].was - p->span.from] = 1;
		if (weight[v[i].was] != v[i].persons)
			meet(p, v[i].was);
	}
	for (uint32_t c = p->span.from; c < p->span.to; c++)
		if (!p->stays[c - p->span.from]) {
			p->others = true;
			meet(p, c);
		}
	/* everybody's too */
	if (p->n > 0 && p->at[0] == 0) {
		p->scope[p->n++] = 0;
		p->at[0] = (uint32_t)p->n;
	}
}

static int count_before(struct places *p, struct eh_err *err)
{
	const struct eh_order *o = &p->k->run.order;
	const struct eh_audit_data *d = p->k->d;
	const size_t attributes = d->n_attributes;

	p->by_code = eh_try_calloc(p->n * attributes + 1, sizeof *p->by_code);
	if (p->by_code == NULL)
		return no_memory(err);
	for (uint32_t c = p->span.from; c < p->span.to; c++) {
		const uint32_t scope = p->k->n_pooled > 1 ? p->k->scope_of[eh_order_position(o, c)] : 0;

		for (size_t a = 0; a < attributes; a++) {
			p->by_code[(p->at[0] - 1) * attributes + a][o->code[a][c]] += d->weight[c];
			if (scope > 0 && p->at[scope] > 0)
				p->by_code[(p->at[scope] - 1) * attributes + a][o->code[a][c]] += d->weight[c];
		}
	}
	return EH_OK;
}

static int put_parts(struct places *p, struct eh_err *err)
{
	struct eh_kept *k = p->k;
	int rc = EH_OK;

	for (size_t a = 0; a < k->d->n_attributes; a++)
		k->alone->classes[a].code = k->run.order.code[a];
	for (size_t i = 0; i < p->n && rc == EH_OK; i++) {
		rc = put_part(k, p->scope[i], p->evaluator,
			      (const uint32_t (*)[EH_CODES])&p->by_code[i * k->d->n_attributes], err);
		touch(k, p->scope[i]);
	}
	touch(k, k->n_pooled + p->evaluator);
	if (p->others)
		eh_bench_free(&k->bench);
	return rc;
}

int eh_kept_replace(struct eh_kept *k, uint32_t evaluator, const struct eh_kind_now *v, size_t n, struct eh_err *err)
{
	struct places p = { .k = k, .evaluator = evaluator };
	int rc = eh_kinds_span(&p.span, k->d, evaluator, err);

	if (rc != EH_OK)
		return rc;
	p.scope = eh_try_calloc(k->n_pooled, sizeof *p.scope);
	p.at = eh_try_calloc(k->n_pooled, sizeof *p.at);
	p.stays = eh_try_calloc((size_t)p.span.to - p.span.from, 1);
	if (p.scope == NULL || p.at == NULL || p.stays == NULL)
		rc = no_memory(err);
	if (rc == EH_OK)
		look_at_kinds(&p, v, n);
	if (rc == EH_OK && p.n > 0) {
		rc = count_before(&p, err);
		if (rc == EH_OK)
			rc = eh_kinds_replace(k->d, k->run.order.code, evaluator, v, n, err);
		if (rc == EH_OK)
			rc = put_parts(&p, err);
	}
	free(p.scope);
	free(p.at);
	free(p.stays);
	free(p.by_code);
	return rc;
}

/* ---- auditing again ---- */

static struct eh_scope_data scope_data(const struct eh_kept *k, const struct eh_slice *slice,
				       const struct eh_cube *cube, size_t attribute)
{
	const struct eh_run_layout *l = &k->run.layout[attribute];

	return (struct eh_scope_data){ slice, cube, &k->d->attributes[attribute], attribute, &k->s, l->eligible,
				       l->fixed, &l->classifier };
}

/* One group of one pooled scope that was touched. */
struct piece {
	uint32_t scope, attribute, group;
};

struct pieces {
	struct eh_kept *k;
	struct piece *v;
	size_t n;
};

static size_t place_of(const struct eh_kept *k, size_t scope, size_t attribute)
{
	return k->run.layout[attribute].base + scope * k->d->attributes[attribute].n_groups;
}

static int do_piece(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	const struct pieces *p = ctx;
	const struct piece *x = &p->v[i];
	struct eh_kept *k = p->k;
	const struct eh_pool *pool = &k->pool[x->scope];
	struct eh_scope_data data = scope_data(k, &pool->slice, &pool->cube[x->attribute], x->attribute);
	size_t first = place_of(k, x->scope, x->attribute);
	struct eh_finding *f = &k->run.v[first];
	uint32_t position = x->scope > 0 ? k->run.order.position[x->scope - 1] : 0;

	(void)slot;
	(void)inside;
	eh_run_name(&f[x->group], data.attribute, EH_POOLED_NAME, x->scope > 0 ? k->d->positions.v[position] : "");
	return eh_assess_group(f, &k->run.w[first], &data, x->group, err);
}

static int touched_pooled(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	struct pieces p = { .k = k };
	const size_t attributes = k->d->n_attributes;
	int rc = EH_OK;

	p.v = eh_try_calloc(k->n_list * attributes * EH_GROUPS_MAX + 1, sizeof *p.v);
	if (p.v == NULL)
		return no_memory(err);
	for (size_t i = 0; i < k->n_list; i++)
		for (size_t a = 0; a < attributes && k->list[i] < k->n_pooled; a++)
			for (uint32_t g = 0; g < k->d->attributes[a].n_groups; g++)
				p.v[p.n++] = (struct piece){ k->list[i], (uint32_t)a, g };
	if (rc == EH_OK && p.n > 0)
		rc = eh_crew_run(&crew, p.n, p.n, do_piece, &p, err);
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

/* Another limit for the findings of one stretch of scopes that were not touched. */
static int limit_stretch(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_kept *k = ctx;
	const size_t end = (i + 1) * STRETCH < k->run.n ? (i + 1) * STRETCH : k->run.n;

	(void)slot;
	(void)inside;
	(void)err;
	/* who was touched has it already: the same once more */
	for (size_t j = i * STRETCH; j < end; j++)
		eh_assess_limit(&k->run.v[j], &k->run.w[j], &k->s);
	return EH_OK;
}

static int set_limit(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	const size_t tasks = (k->run.n + STRETCH - 1) / STRETCH;
	int rc = eh_crew_run(&crew, tasks, tasks, limit_stretch, k, err);

	for (size_t a = 0; a < k->d->n_attributes && rc == EH_OK; a++)
		for (size_t scope = 0; scope < k->n_pooled + k->d->evaluators.n; scope++) {
			struct eh_scope_data data = scope_data(k, NULL, NULL, a);
			size_t first = place_of(k, scope, a);

			eh_assess_tie(&k->run.v[first], &k->run.w[first], &data);
		}
	return rc;
}

/* ---- over all findings ---- */

static int fill_benchmark(struct eh_kept *k, struct eh_err *err)
{
	int rc = k->bench == NULL ? eh_bench_new(&k->bench, &k->run.order, err) : EH_OK;

	for (size_t a = 0; a < k->d->n_attributes && rc == EH_OK; a++)
		rc = eh_bench_fill(&k->run.v[place_of(k, k->n_pooled, a)], k->bench, a, k->run.layout[a].eligible,
				   k->s.reference, err);
	return rc;
}

/* Three works that fill different fields and do not look at each other's: benchmark, families of p, and peers with the
 * family of theirs. */
static int do_rest(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	const struct rest *x = ctx;
	struct eh_kept *k = x->k;
	int rc = EH_OK;

	(void)slot;
	(void)inside;
	if (i == 0 && x->benchmark)
		return fill_benchmark(k, err);
	if (i == 1 && x->families) {
		rc = eh_run_correct(&k->run, false, EH_CORRECT_P, err);
		return rc == EH_OK ? eh_run_correct(&k->run, true, EH_CORRECT_P, err) : rc;
	}
	if (i == 2 && x->peers) {
		rc = eh_run_peers(&k->run, err);
		return rc == EH_OK ? eh_run_correct(&k->run, false, EH_CORRECT_PEERS, err) : rc;
	}
	return EH_OK;
}

static int over_all(struct rest *x, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = x->k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);

	return x->benchmark || x->families || x->peers ? eh_crew_run(&crew, 3, 3, do_rest, x, err) : EH_OK;
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

	for (size_t a = 0; k->pool != NULL && a < k->d->n_attributes; a++) {
		const struct eh_class_counts *c = &k->pool[0].slice.classes[a];
		uint64_t known[EH_CODES];

		for (size_t i = 0; i < EH_CODES; i++)
			known[i] = c->by_code[i];
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
	bool any, limit, family, anytime;
};

static struct difference differ(const struct eh_audit_settings *a, const struct eh_audit_settings *b)
{
	struct difference x = { .limit = a->limit_num != b->limit_num || a->limit_den != b->limit_den,
				.family = memcmp(a->family, b->family, sizeof a->family) != 0,
				.anytime = a->anytime != b->anytime };

	x.any = x.limit || x.family || x.anytime || a->min_group != b->min_group || a->min_total != b->min_total ||
		a->min_share != b->min_share || a->look != b->look || a->alpha < b->alpha || a->alpha > b->alpha;
	return x;
}

int eh_kept_again(struct eh_kept *k, const struct eh_audit_settings *s, struct eh_err *err)
{
	const struct eh_audit_settings before = k->s;
	const struct difference x = differ(&before, s);
	const bool counted = k->n_list > 0;
	struct rest rest = { k, counted || x.limit,
			     counted || x.family || x.anytime || (s->anytime && x.limit), counted };
	int rc = eh_run_check(s, &k->run.family, err);

	if (rc != EH_OK)
		return rc;
	k->s = *s;
	if (!same_ground(&before, s) || k->run.order.predicted || !same_groups(k) ||
	    (k->pool == NULL && before.min_share != s->min_share)) {
		forget(k);
		return make(k, NULL, err);
	}
	rc = touched_pooled(k, err);
	if (rc == EH_OK)
		rc = touched_evaluators(k, err);
	if (rc == EH_OK && x.any)
		rc = set_limit(k, err);
	untouch(k);
	return rc == EH_OK ? over_all(&rest, err) : rc;
}

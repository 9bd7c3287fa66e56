/* What an evaluator decided, replaced in a kept audit of counted kinds; see again.h. */
#include <stdlib.h>
#include <string.h>

#include "audit/again_inside.h"
#include "audit/benchmark.h"
#include "base/mem.h"

static int no_memory(struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory to replace what an evaluator decided");
}

int eh_kept_put_part(struct eh_kept *k, uint32_t scope, uint32_t evaluator, const uint32_t (*by_code)[EH_CODES],
		     struct eh_err *err)
{
	int rc = scope == 0 ? eh_slice_evaluator(k->alone, evaluator, err)
			    : eh_slice_evaluator_in(k->alone, evaluator, k->run.order.position[scope - 1], err);

	return rc == EH_OK ? eh_pool_replace(&k->pool[scope], evaluator, k->alone, by_code, err) : rc;
}

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
		rc = eh_kept_put_part(k, p->scope[i], p->evaluator,
			      (const uint32_t (*)[EH_CODES])&p->by_code[i * k->d->n_attributes], err);
		eh_kept_touch(k, p->scope[i]);
	}
	eh_kept_touch(k, k->n_pooled + p->evaluator);
	if (p->others)
		eh_bench_free(&k->bench);
	else if (rc == EH_OK && k->bench != NULL)
		rc = eh_bench_recount(k->bench, p->evaluator, err);
	return rc;
}

static int replace_kinds(struct eh_kept *k, uint32_t evaluator, const struct eh_kind_now *v, size_t n, bool *changed,
			 struct eh_err *err)
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
	*changed = p.n > 0;
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

static void touch_scope(void *ctx, size_t scope) { eh_kept_touch(ctx, scope); }

int eh_kept_replace(struct eh_kept *k, uint32_t evaluator, const struct eh_kind_now *v, size_t n,
		    struct eh_score_kinds *scored, bool *changed, struct eh_err *err)
{
	struct eh_score_part before = { NULL, NULL, 0, 0 }, now = { NULL, NULL, 0, 0 };
	struct eh_score_kinds *mine = k->d->scored != NULL ? &k->d->scored[evaluator] : NULL;
	bool others = false;
	int rc = EH_OK;

	/* whom they stand for is numbered anew with the kinds */
	if (mine != NULL)
		rc = eh_score_part_make(&before, &k->scores, evaluator, err);
	if (rc == EH_OK)
		rc = replace_kinds(k, evaluator, v, n, &others, err);
	if (rc == EH_OK && mine != NULL) {
		const struct eh_score_kinds old = *mine;

		others = others || !eh_score_kinds_same(mine, scored);
		*mine = *scored;
		*scored = old;
		rc = eh_score_part_make(&now, &k->scores, evaluator, err);
	}
	if (rc == EH_OK)
		rc = eh_score_pools_exchange(&k->scores, &before, &now, touch_scope, k, err);
	if (rc == EH_OK && others)
		eh_kept_touch(k, k->n_pooled + evaluator);
	if (changed != NULL)
		*changed = *changed || others;
	eh_score_part_free(&before);
	eh_score_part_free(&now);
	return rc;
}

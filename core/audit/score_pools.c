/* Kept score histograms; see score_pools.h. */
#include "audit/score_pools.h"

#include <stdlib.h>
#include <string.h>

#include "audit/score_kinds.h"
#include "base/mem.h"

static int no_memory(struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory to keep the scores");
}

/* ---- parts ---- */

/* Persons in the order of their scopes. */
struct dealt {
	struct eh_scored_persons *v;
	size_t *at; /* [scopes + 1] */
};

static uint32_t scope_of(const struct eh_score_pools *p, uint32_t candidate)
{
	return p->scope_of != NULL ? p->scope_of[eh_order_position(p->o, candidate)] : 0;
}

/* Those of no position's scope are left out: of everybody's they are anyway. */
static int deal(struct dealt *out, const struct eh_score_pools *p, const struct eh_scored_persons *v, size_t n,
		struct eh_err *err)
{
	*out = (struct dealt){ eh_try_malloc(n + 1, sizeof *out->v), eh_try_calloc(p->n + 2, sizeof *out->at) };
	if (out->v == NULL || out->at == NULL)
		return no_memory(err);
	for (size_t i = 0; i < n; i++)
		out->at[scope_of(p, v[i].candidate) + 2]++;
	for (size_t s = 2; s < p->n + 2; s++)
		out->at[s] += out->at[s - 1];
	for (size_t i = 0; i < n; i++)
		out->v[out->at[scope_of(p, v[i].candidate) + 1]++] = v[i];
	return EH_OK;
}

/* A scope more, with somebody in it. */
static int push_scope(struct eh_score_part *out, const struct eh_score_pools *p, size_t scope,
		      struct eh_scored_persons *v, size_t n, struct eh_err *err)
{
	struct eh_score_table *t = &out->table[out->n * p->attributes];
	int rc = EH_OK;

	out->scope[out->n++] = (uint32_t)scope;
	for (size_t a = 0; a < p->attributes && rc == EH_OK; a++)
		rc = eh_score_table_make(&t[a], p->o, a, v, n, err);
	return rc;
}

static int fill_part(struct eh_score_part *out, const struct eh_score_pools *p, struct eh_scored_persons *v, size_t n,
		     struct eh_err *err)
{
	struct dealt d = { NULL, NULL };
	int rc = EH_OK;

	out->table = eh_try_calloc(p->n * p->attributes + 1, sizeof *out->table);
	out->scope = eh_try_calloc(p->n, sizeof *out->scope);
	out->attributes = p->attributes;
	if (out->table == NULL || out->scope == NULL)
		return no_memory(err);
	if (n > 0)
		rc = push_scope(out, p, 0, v, n, err);
	if (rc == EH_OK && p->n > 1)
		rc = deal(&d, p, v, n, err);
	for (size_t s = 1; s < p->n && rc == EH_OK; s++)
		if (d.at[s] < d.at[s + 1])
			rc = push_scope(out, p, s, d.v + d.at[s], d.at[s + 1] - d.at[s], err);
	free(d.v);
	free(d.at);
	return rc;
}

static size_t kinds_of(const struct eh_score_pools *p, uint32_t evaluator) { return p->o->d->scored[evaluator].n; }

int eh_score_part_make(struct eh_score_part *out, const struct eh_score_pools *p, uint32_t evaluator,
		       struct eh_err *err)
{
	struct eh_scored_persons *v = eh_try_malloc(kinds_of(p, evaluator) + 1, sizeof *v);
	int rc;

	*out = (struct eh_score_part){ NULL, NULL, 0, 0 };
	if (v == NULL)
		return no_memory(err);
	rc = fill_part(out, p, v, eh_score_kinds_persons(v, p->o->d, evaluator), err);
	free(v);
	if (rc != EH_OK)
		eh_score_part_free(out);
	return rc;
}

void eh_score_part_free(struct eh_score_part *part)
{
	for (size_t i = 0; i < part->n * part->attributes; i++)
		eh_score_table_free(&part->table[i]);
	free(part->table);
	free(part->scope);
	*part = (struct eh_score_part){ NULL, NULL, 0, 0 };
}

/* ---- pools ---- */

int eh_score_pools_make(struct eh_score_pools *out, const struct eh_order *o, const uint32_t *scope_of_position,
			size_t n, struct eh_err *err)
{
	struct eh_score_part all = { NULL, NULL, 0, 0 };
	struct eh_scored_persons *v = NULL;
	size_t most = 0, persons = 0;
	int rc;

	*out = (struct eh_score_pools){ o, n > 1 ? scope_of_position : NULL, NULL, n, o->d->n_attributes };
	out->table = eh_try_calloc(n * out->attributes + 1, sizeof *out->table);
	for (uint32_t e = 0; e < o->d->evaluators.n; e++)
		most += kinds_of(out, e);
	v = eh_try_malloc(most + 1, sizeof *v);
	rc = v != NULL && out->table != NULL ? EH_OK : no_memory(err);
	for (uint32_t e = 0; e < o->d->evaluators.n && rc == EH_OK; e++)
		persons += eh_score_kinds_persons(v + persons, o->d, e);
	if (rc == EH_OK)
		rc = fill_part(&all, out, v, persons, err);
	for (size_t i = 0; i < all.n && rc == EH_OK; i++) {
		const size_t size = out->attributes * sizeof *out->table;
		struct eh_score_table *from = &all.table[i * out->attributes];

		memcpy(&out->table[all.scope[i] * out->attributes], from, size);
		memset(from, 0, size);
	}
	eh_score_part_free(&all);
	free(v);
	if (rc != EH_OK)
		eh_score_pools_free(out);
	return rc;
}

void eh_score_pools_free(struct eh_score_pools *p)
{
	for (size_t i = 0; p->table != NULL && i < p->n * p->attributes; i++)
		eh_score_table_free(&p->table[i]);
	free(p->table);
	*p = (struct eh_score_pools){ NULL, NULL, NULL, 0, 0 };
}

static bool same(const struct eh_score_table *a, const struct eh_score_table *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof *a->v) == 0);
}

/* x, y: NULL = nobody there. */
static int exchange_scope(struct eh_score_table *t, const struct eh_score_table *x, const struct eh_score_table *y,
			  size_t attributes, bool *changed, struct eh_err *err)
{
	static const struct eh_score_table none;
	int rc = EH_OK;

	for (size_t a = 0; a < attributes && rc == EH_OK; a++) {
		const struct eh_score_table *less = x != NULL ? &x[a] : &none, *more = y != NULL ? &y[a] : &none;

		if (same(less, more))
			continue;
		*changed = true;
		rc = eh_score_table_exchange(&t[a], less, more, err);
	}
	return rc;
}

int eh_score_pools_exchange(struct eh_score_pools *p, const struct eh_score_part *less,
			    const struct eh_score_part *more, void (*touch)(void *ctx, size_t scope), void *ctx,
			    struct eh_err *err)
{
	const size_t w = p->attributes;
	size_t i = 0, j = 0;
	int rc = EH_OK;

	while ((i < less->n || j < more->n) && rc == EH_OK) {
		const uint32_t a = i < less->n ? less->scope[i] : UINT32_MAX;
		const uint32_t b = j < more->n ? more->scope[j] : UINT32_MAX, scope = a < b ? a : b;
		const struct eh_score_table *x = a == scope ? &less->table[i++ * w] : NULL;
		const struct eh_score_table *y = b == scope ? &more->table[j++ * w] : NULL;
		bool changed = false;

		rc = exchange_scope(&p->table[scope * w], x, y, w, &changed, err);
		if (changed)
			touch(ctx, scope);
	}
	return rc;
}

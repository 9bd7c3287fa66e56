/* Skill on candidates that no part of a fit has seen: the outer folds; see fit.h. */
#include "learn/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/folds.h"
#include "learn/measure.h"

struct outer {
	const struct eh_rows *rows;
	uint32_t *fold;                 /* [n] */
	uint64_t seed[EH_OUTER_FOLDS];
	double *p;                      /* [n][k] out-of-fold probabilities */
};

/* The rows of one outer fold's training part, then room for the held-out ones. */
struct inner {
	struct eh_rows rows;
	double *x, *held, *p;           /* [n][d], [n][d], [n][k] */
	int32_t *group;
	uint32_t *owner;
	uint8_t *copy;
	struct eh_fit fit;
};

static int inner_open(struct inner *in, const struct eh_rows *r, size_t n, struct eh_err *err)
{
	*in = (struct inner){ .x = eh_try_malloc(n, r->d * sizeof *in->x),
			      .held = eh_try_malloc(r->n - n, r->d * sizeof *in->held),
			      .p = eh_try_malloc(r->n - n, r->k * sizeof *in->p),
			      .group = eh_try_malloc(n, sizeof *in->group),
			      .owner = eh_try_malloc(n, sizeof *in->owner),
			      .copy = eh_try_calloc(n, sizeof *in->copy) };
	in->rows = (struct eh_rows){ in->x, in->group, in->owner, 0, r->d, r->k, in->copy };
	if (in->x == NULL || in->held == NULL || in->p == NULL || in->group == NULL || in->owner == NULL ||
	    in->copy == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the outer folds of %zu rows", r->n);
	return EH_OK;
}

static void inner_close(struct inner *in)
{
	eh_fit_free(&in->fit);
	free(in->copy);
	free(in->owner);
	free(in->group);
	free(in->p);
	free(in->held);
	free(in->x);
}

static void take_rows(struct inner *in, const struct outer *o, size_t k)
{
	const struct eh_rows *r = o->rows;
	size_t held = 0;

	for (size_t i = 0; i < r->n; i++) {
		const double *x = r->x + i * r->d;

		if (o->fold[i] == k) {
			memcpy(in->held + held++ * r->d, x, r->d * sizeof *x);
			continue;
		}
		memcpy(in->x + in->rows.n * r->d, x, r->d * sizeof *x);
		if (r->copy != NULL)
			in->copy[in->rows.n] = r->copy[i];
		in->group[in->rows.n] = r->group[i];
		in->owner[in->rows.n++] = r->owner[i];
	}
}

static int one_fold(void *ctx, size_t slot, size_t k, const struct eh_crew *inside, struct eh_err *err)
{
	struct outer *o = ctx;
	const struct eh_rows *r = o->rows;
	struct inner in;
	size_t n = 0, held = 0;
	int rc = EH_OK;

	(void)slot;
	for (size_t i = 0; i < r->n; i++)
		n += o->fold[i] != k;
	rc = inner_open(&in, r, n, err);
	if (rc == EH_OK) {
		take_rows(&in, o, k);
		rc = eh_fit_train_crew(&in.fit, &in.rows, o->seed[k], inside, err);
	}
	if (rc == EH_OK)
		rc = eh_fit_apply_crew(&in.fit, in.held, r->n - n, in.p, inside, err);
	for (size_t i = 0; i < r->n && rc == EH_OK; i++)
		if (o->fold[i] == k)
			memcpy(o->p + i * r->k, in.p + held++ * r->k, r->k * sizeof *o->p);
	inner_close(&in);
	return rc;
}

uint32_t eh_outer_folds(const struct eh_rows *rows)
{
	const uint32_t most = rows->n > EH_SEARCH_ALL ? EH_OUTER_FOLDS / 2 : EH_OUTER_FOLDS;

	return eh_folds_count(rows->group, rows->owner, rows->n, rows->k, most);
}

int eh_nested_folds(uint32_t *fold, const struct eh_rows *rows, uint64_t seed, struct eh_err *err)
{
	struct eh_rng rng;

	eh_rng_seed_named(&rng, seed, "outer");
	return eh_folds_make(fold, rows->group, rows->owner, rows->n, eh_outer_folds(rows), &rng, err);
}

int eh_nested_outcome(double *p, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		      struct eh_err *err)
{
	struct eh_crew crew = eh_crew_of(steps);
	const size_t bytes = eh_fit_bytes(rows->n, rows->d, eh_columns_of(rows->k), crew.limit);
	struct outer o = { .rows = rows, .p = p };
	uint32_t folds = eh_outer_folds(rows);
	struct eh_rng rng;
	size_t most = crew.memory / bytes;
	int rc = EH_OK;

	crew.count = steps;
	o.fold = eh_try_malloc(rows->n, sizeof *o.fold);
	if (o.fold == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the outer folds of %zu rows", rows->n);
	eh_rng_seed_named(&rng, seed, "outer");
	rc = eh_folds_make(o.fold, rows->group, rows->owner, rows->n, folds, &rng, err);
	for (uint32_t k = 0; k < folds; k++)
		o.seed[k] = eh_rng_u64(&rng);
	if (rc == EH_OK)        /* outer folds side by side, or one after another with all threads inside each */
		rc = eh_crew_run(&crew, folds, most > 0 ? most : 1, one_fold, &o, err);
	free(o.fold);
	return rc;
}

int eh_nested_skill(struct eh_skill *out, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		    struct eh_err *err)
{
	double *p = eh_try_malloc(rows->n, rows->k * sizeof *p);
	int32_t *group = eh_try_malloc(rows->n, sizeof *group);
	uint32_t *owner = eh_try_malloc(rows->n, sizeof *owner);
	struct eh_outcome outcome = { p, group, owner, 0, rows->k, NULL };
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	if (p == NULL || group == NULL || owner == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the outer folds of %zu rows", rows->n);
		goto out;
	}
	rc = eh_nested_outcome(p, rows, seed, steps, err);
	for (size_t i = 0; i < rows->n && rc == EH_OK; i++) {
		if (rows->copy != NULL && rows->copy[i])
			continue;
		memmove(p + outcome.n * rows->k, p + i * rows->k, rows->k * sizeof *p);
		group[outcome.n] = rows->group[i];
		owner[outcome.n++] = rows->owner[i];
	}
	if (rc == EH_OK)
		rc = eh_measure(out, &outcome, seed, err);
out:
	free(owner);
	free(group);
	free(p);
	return rc;
}

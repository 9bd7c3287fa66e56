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
	double *x;                      /* [n][d] rows of the training part */
	int32_t *group;                 /* [n] */
	uint32_t *owner;                /* [n] */
	double *p;                      /* [n][k] out-of-fold probabilities */
};

static int outer_open(struct outer *o, const struct eh_rows *rows, struct eh_err *err)
{
	memset(o, 0, sizeof *o);
	o->rows = rows;
	o->fold = eh_try_malloc(rows->n, sizeof *o->fold);
	o->x = eh_try_malloc(rows->n, rows->d * sizeof *o->x);
	o->group = eh_try_malloc(rows->n, sizeof *o->group);
	o->owner = eh_try_malloc(rows->n, sizeof *o->owner);
	o->p = eh_try_malloc(rows->n, rows->k * sizeof *o->p);
	if (o->fold == NULL || o->x == NULL || o->group == NULL || o->owner == NULL || o->p == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the outer folds of %zu rows", rows->n);
	return EH_OK;
}

static void outer_close(struct outer *o)
{
	free(o->p);
	free(o->owner);
	free(o->group);
	free(o->x);
	free(o->fold);
}

static int one_fold(struct outer *o, uint32_t k, uint64_t seed, struct eh_err *err)
{
	const struct eh_rows *r = o->rows;
	struct eh_rows part = { o->x, o->group, o->owner, 0, r->d, r->k };
	struct eh_fit fit = { 0 };
	int rc = EH_OK;

	for (size_t i = 0; i < r->n; i++) {
		if (o->fold[i] == k)
			continue;
		memcpy(o->x + part.n * r->d, r->x + i * r->d, r->d * sizeof *o->x);
		o->group[part.n] = r->group[i];
		o->owner[part.n++] = r->owner[i];
	}
	rc = eh_fit_train(&fit, &part, seed, err);
	for (size_t i = 0; i < r->n && rc == EH_OK; i++)
		if (o->fold[i] == k)
			eh_fit_apply(&fit, r->x + i * r->d, o->p + i * r->k);
	eh_fit_free(&fit);
	return rc;
}

uint32_t eh_outer_folds(const struct eh_rows *rows)
{
	return eh_folds_count(rows->group, rows->owner, rows->n, rows->k, EH_OUTER_FOLDS);
}

int eh_nested_skill(struct eh_skill *out, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		    struct eh_err *err)
{
	uint32_t folds = eh_outer_folds(rows);
	struct eh_outcome outcome = { NULL, rows->group, rows->owner, rows->n, rows->k };
	struct eh_rng rng;
	struct outer o;
	int rc = outer_open(&o, rows, err);

	memset(out, 0, sizeof *out);
	eh_rng_seed_named(&rng, seed, "outer");
	if (rc == EH_OK)
		rc = eh_folds_make(o.fold, rows->group, rows->owner, rows->n, folds, &rng, err);
	for (uint32_t k = 0; k < folds && rc == EH_OK; k++) {
		if (eh_progress_cancelled(steps->progress)) {
			rc = eh_err_set(err, EH_ECANCEL, "training was cancelled; nothing changed");
			goto out;
		}
		rc = one_fold(&o, k, eh_rng_u64(&rng), err);
		eh_progress_step(steps->progress, steps->what, ++steps->done, steps->total);
	}
	outcome.p = o.p;
	if (rc == EH_OK)
		rc = eh_measure(out, &outcome, seed, err);
out:
	outer_close(&o);
	return rc;
}

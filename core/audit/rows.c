/* The rows of one evaluator; see rows.h. */
#include "audit/rows.h"

#include <stdlib.h>
#include <string.h>

#include "audit/splice.h"
#include "base/mem.h"

#define STEP 4096u /* elements: columns grow by so many, so that one more seldom moves them */

static size_t room_for(size_t n) { return (n | (STEP - 1)) + 1; }

static int no_memory(size_t n, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory to replace %zu decisions", n);
}

/* Candidates whose names come before this one. */
static size_t before(const struct eh_names *n, const char *name)
{
	size_t lo = 0, hi = n->n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (strcmp(n->v[mid], name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint32_t eh_rows_newcomer(const struct eh_audit_data *d, const char *name, size_t i)
{
	return (uint32_t)(before(&d->candidates, name) + i);
}

/* ---- newcomers ---- */

struct insertion {
	const struct eh_rows_now *now;
	size_t n;                       /* candidates before */
	size_t *at;                     /* [n_who] candidates before each */
	char *spare;                    /* what they get in one column */
};

/* A column of candidates: newcomers have what those have who are like them. */
static bool insert(struct insertion *x, void *array, size_t size)
{
	const size_t m = x->now->n_who;
	char *v = NULL;

	memcpy(&v, array, sizeof v);
	if (v == NULL)
		return true;
	for (size_t i = 0; i < m; i++)
		memcpy(x->spare + i * size, v + x->now->who[i].like * size, size);
	v = eh_try_realloc(v, room_for(x->n + m), size);
	if (v == NULL)
		return false;
	memcpy(array, &v, sizeof v);
	for (size_t i = m, end = x->n; i-- > 0; end = x->at[i]) {
		memmove(v + (x->at[i] + i + 1) * size, v + x->at[i] * size, (end - x->at[i]) * size);
		memcpy(v + (x->at[i] + i) * size, x->spare + i * size, size);
	}
	return true;
}

static bool insert_names(struct insertion *x, struct eh_names *names)
{
	if (!insert(x, &names->v, sizeof *names->v))
		return false;
	names->n += x->now->n_who;
	for (size_t i = 0; i < x->now->n_who; i++)
		names->v[x->at[i] + i] = eh_xstrdup(x->now->who[i].name);
	return true;
}

static bool insert_all(struct insertion *x, struct eh_audit_data *d)
{
	bool well = insert(x, &d->position, sizeof *d->position) &&
		    (d->place == NULL || insert(x, &d->place, sizeof *d->place));

	for (size_t a = 0; a < d->n_attributes && well; a++)
		well = insert(x, &d->attributes[a].group, sizeof *d->attributes[a].group) &&
		       insert(x, &d->attributes[a].provenance, sizeof *d->attributes[a].provenance);
	return well && insert_names(x, &d->candidates);
}

/* Rows name candidates by their numbers, which move on behind each newcomer. */
static void renumber(const struct insertion *x, struct eh_audit_data *d)
{
	const size_t m = x->now->n_who;

	for (size_t i = 0; i < d->n_decisions; i++) {
		const uint32_t c = d->candidate[i];
		size_t lo = 0, hi = m;

		while (lo < hi) {
			const size_t mid = lo + (hi - lo) / 2;

			if (x->at[mid] <= c)
				lo = mid + 1;
			else
				hi = mid;
		}
		d->candidate[i] = c + (uint32_t)lo;
	}
}

static int let_in(struct eh_audit_data *d, const struct eh_rows_now *now, struct eh_err *err)
{
	struct insertion x = { .now = now, .n = d->candidates.n };
	bool well;

	if (now->n_who == 0)
		return EH_OK;
	x.at = eh_try_malloc(now->n_who, sizeof *x.at);
	x.spare = eh_try_malloc(now->n_who, sizeof(char *));
	well = x.at != NULL && x.spare != NULL;
	for (size_t i = 0; i < now->n_who && well; i++)
		x.at[i] = before(&d->candidates, now->who[i].name);
	well = well && insert_all(&x, d);
	if (well)
		renumber(&x, d);
	free(x.at);
	free(x.spare);
	return well ? EH_OK : no_memory(now->n, err);
}

/* ---- rows ---- */

static bool put(const struct eh_audit_data *d, uint32_t evaluator, void *array, size_t size, const void *now, size_t n)
{
	const size_t from = d->evaluator_at[evaluator], to = d->evaluator_at[evaluator + 1];
	char *v = NULL;

	memcpy(&v, array, sizeof v);
	if (v == NULL)
		return true;
	if (!eh_splice(array, size, d->n_decisions, from, to, n, room_for(d->n_decisions + n)))
		return false;
	memcpy(&v, array, sizeof v);
	memcpy(v + from * size, now, n * size);
	return true;
}

static bool is_plain(const struct eh_audit_data *d)
{
	bool plain = d->weight == NULL && d->candidates.v != NULL && d->evaluator_at != NULL;

	for (size_t a = 0; a < d->n_attributes && plain; a++)
		plain = d->attributes[a].prob == NULL && d->attributes[a].labelled == NULL &&
			d->attributes[a].out_of_scope == NULL;
	return plain;
}

int eh_rows_replace(struct eh_audit_data *d, uint32_t evaluator, const struct eh_rows_now *now, struct eh_err *err)
{
	size_t had;
	int rc;

	if (!is_plain(d))
		return eh_err_set(err, EH_EINVAL, "audit: only decisions on persons of known classes can be replaced");
	had = d->evaluator_at[evaluator + 1] - d->evaluator_at[evaluator];
	if (d->n_decisions - had + now->n >= EH_DECISIONS_MAX)
		return eh_err_set(err, EH_ERANGE, "audit: that many decisions are too many");
	rc = let_in(d, now, err);
	if (rc != EH_OK)
		return rc;
	if (!put(d, evaluator, &d->candidate, sizeof *d->candidate, now->candidate, now->n) ||
	    !put(d, evaluator, &d->stratum, sizeof *d->stratum, now->stratum, now->n) ||
	    !put(d, evaluator, &d->selected, sizeof *d->selected, now->selected, now->n) ||
	    !put(d, evaluator, &d->score, sizeof *d->score, now->score, now->n) ||
	    !put(d, evaluator, &d->has_score, sizeof *d->has_score, now->has_score, now->n) ||
	    !put(d, evaluator, &d->decided, sizeof *d->decided, now->decided, now->n))
		return no_memory(now->n, err);
	d->n_decisions += now->n - had;
	for (size_t e = evaluator + 1; e <= d->evaluators.n; e++)
		d->evaluator_at[e] += now->n - had;
	return EH_OK;
}

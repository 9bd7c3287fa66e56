/* Decisions arranged by person, scope by scope; see slice.h. */
#include "audit/slice.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define UNSEEN UINT32_MAX

static uint32_t key_stratum(const struct eh_row *r, const struct eh_audit_data *d) { (void)d; return r->stratum; }
static uint32_t key_candidate(const struct eh_row *r, const struct eh_audit_data *d) { (void)d; return r->candidate; }
static uint32_t key_evaluator(const struct eh_row *r, const struct eh_audit_data *d) { (void)d; return r->owner; }

static uint32_t key_position(const struct eh_row *r, const struct eh_audit_data *d)
{
	return d->position != NULL ? d->position[r->candidate] : 0;
}

/* Stable counting sort; at[k] becomes the first row of key k, at[n_keys] = n. */
static void sort_by(struct eh_row *to, const struct eh_row *from, size_t n, size_t *at, size_t n_keys,
		    uint32_t (*key)(const struct eh_row *, const struct eh_audit_data *), const struct eh_audit_data *d)
{
	memset(at, 0, (n_keys + 1) * sizeof *at);
	for (size_t i = 0; i < n; i++)
		at[key(&from[i], d) + 1]++;
	for (size_t k = 0; k < n_keys; k++)
		at[k + 1] += at[k];
	for (size_t i = 0; i < n; i++)
		to[at[key(&from[i], d)]++] = from[i];
	for (size_t k = n_keys; k > 0; k--)
		at[k] = at[k - 1];
	at[0] = 0;
}

int eh_order_make(struct eh_order *o, const struct eh_audit_data *d, struct eh_err *err)
{
	size_t n = d->n_decisions, room = n != 0 ? n : 1;
	size_t n_positions = d->positions.n != 0 ? d->positions.n : 1;
	struct eh_row *raw = eh_try_calloc(room, sizeof *raw);
	size_t *stratum_at = eh_try_calloc(d->strata.n + 1, sizeof *stratum_at);
	int rc = EH_OK;

	*o = (struct eh_order){ .n = n };
	o->by_evaluator = eh_try_calloc(room, sizeof *raw);
	o->by_position = eh_try_calloc(room, sizeof *raw);
	o->by_candidate = eh_try_calloc(room, sizeof *raw);
	o->evaluator_at = eh_try_calloc(d->evaluators.n + 1, sizeof(size_t));
	o->position_at = eh_try_calloc(n_positions + 1, sizeof(size_t));
	o->candidate_at = eh_try_calloc(d->candidates.n + 1, sizeof(size_t));
	if (raw == NULL || stratum_at == NULL || o->by_evaluator == NULL || o->by_position == NULL ||
	    o->by_candidate == NULL || o->evaluator_at == NULL || o->position_at == NULL || o->candidate_at == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu decisions", n);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		const struct eh_decision *x = &d->decisions[i];

		raw[i] = (struct eh_row){ x->candidate, x->stratum, x->evaluator, x->selected != 0 };
	}
	sort_by(o->by_position, raw, n, stratum_at, d->strata.n, key_stratum, d);
	sort_by(o->by_candidate, o->by_position, n, o->candidate_at, d->candidates.n, key_candidate, d);
	sort_by(o->by_evaluator, o->by_candidate, n, o->evaluator_at, d->evaluators.n, key_evaluator, d);
	sort_by(o->by_position, o->by_candidate, n, o->position_at, n_positions, key_position, d);
out:
	free(raw);
	free(stratum_at);
	if (rc < 0)
		eh_order_free(o);
	return rc;
}

void eh_order_free(struct eh_order *o)
{
	free(o->by_evaluator);
	free(o->by_position);
	free(o->by_candidate);
	free(o->evaluator_at);
	free(o->position_at);
	free(o->candidate_at);
	memset(o, 0, sizeof *o);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Renumbers the strata that occur, keeping their order.  Work grows with n, not with all strata there are. */
static int renumber(struct eh_slice *s)
{
	uint32_t *seen = eh_try_calloc(s->n + 1, sizeof *seen);
	size_t n = 0;

	if (seen == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		if (i == 0 || s->row[i].stratum != s->row[i - 1].stratum)
			seen[n++] = s->row[i].stratum;
	if (n > 1)
		qsort(seen, n, sizeof *seen, by_number);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || seen[i] != seen[s->n_strata - 1])
			seen[s->n_strata++] = seen[i];
	for (size_t i = 0; i < s->n; i++) {
		const uint32_t *at = bsearch(&s->row[i].stratum, seen, s->n_strata, sizeof *seen, by_number);

		s->row[i].stratum = at != NULL ? (uint32_t)(at - seen) : UNSEEN;
	}
	free(seen);
	return EH_OK;
}

/* Order of two persons by their lists of strata; 0 = the same block. */
static int compare_lists(const struct eh_slice *s, uint32_t x, uint32_t y)
{
	uint32_t nx = s->start[x + 1] - s->start[x], ny = s->start[y + 1] - s->start[y];
	const struct eh_row *rx = &s->row[s->start[x]], *ry = &s->row[s->start[y]];

	if (nx != ny)
		return nx < ny ? -1 : 1;
	for (uint32_t i = 0; i < nx; i++)
		if (rx[i].stratum != ry[i].stratum)
			return rx[i].stratum < ry[i].stratum ? -1 : 1;
	return 0;
}

static int by_list(const void *a, const void *b, void *slice)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int c = compare_lists(slice, x, y);

	return c != 0 ? c : x < y ? -1 : x > y;
}

static int make_blocks(struct eh_slice *s)
{
	uint32_t *person = NULL;

	/* one decision each: the block is the stratum, nothing to sort */
	if (s->n_persons == s->n) {
		for (size_t i = 0; i < s->n; i++)
			s->block[i] = s->row[i].stratum;
		s->n_blocks = s->n_strata;
		return EH_OK;
	}
	person = eh_try_calloc(s->n_persons + 1, sizeof *person);
	if (person == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < s->n_persons; i++)
		person[i] = (uint32_t)i;
	qsort_r(person, s->n_persons, sizeof *person, by_list, s);
	for (size_t i = 0; i < s->n_persons; i++) {
		if (i == 0 || compare_lists(s, person[i - 1], person[i]) != 0)
			s->n_blocks++;
		s->block[person[i]] = (uint32_t)(s->n_blocks - 1);
	}
	free(person);
	return EH_OK;
}

int eh_slice_make(struct eh_slice *s, const struct eh_row *from, size_t n, struct eh_err *err)
{
	int rc = EH_ENOMEM;

	*s = (struct eh_slice){ .n = n };
	s->row = eh_try_calloc(n + 1, sizeof *s->row);
	s->start = eh_try_calloc(n + 1, sizeof *s->start);
	s->block = eh_try_calloc(n + 1, sizeof *s->block);
	if (s->row == NULL || s->start == NULL || s->block == NULL || n >= UINT32_MAX)
		goto out;
	if (n > 0)
		memcpy(s->row, from, n * sizeof *from);
	rc = renumber(s);
	if (rc < 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || s->row[i].candidate != s->row[i - 1].candidate)
			s->start[s->n_persons++] = (uint32_t)i;
	s->start[s->n_persons] = (uint32_t)n;
	rc = make_blocks(s);
out:
	if (rc < 0) {
		eh_slice_free(s);
		return eh_err_set(err, rc, "audit: out of memory for a slice of %zu decisions", n);
	}
	return EH_OK;
}

void eh_slice_free(struct eh_slice *s)
{
	free(s->row);
	free(s->start);
	free(s->block);
	memset(s, 0, sizeof *s);
}

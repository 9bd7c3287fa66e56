/* The columns of one evaluator's kinds; see replace.h. */
#include "audit/replace.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/splice.h"
#include "base/mem.h"

#define STEP 4096u /* elements: columns grow by so many, so that one more seldom moves them */

struct replacement {
	struct eh_audit_data *d;
	const struct eh_kind_now *v;
	size_t n;
	struct eh_span span;
	size_t row, row_end; /* of the evaluator */
	size_t rows;         /* that he has then */
	size_t *first;       /* [span + 1] first row of each of his candidates */
	void *spare;         /* what one column gets */
};

int eh_kinds_span(struct eh_span *out, const struct eh_audit_data *d, uint32_t evaluator, struct eh_err *err)
{
	const size_t from = d->evaluator_at[evaluator], to = d->evaluator_at[evaluator + 1];
	const bool whole = d->weight != NULL && d->score == NULL && d->decided == NULL && d->candidates.v == NULL &&
			   from < to;

	*out = (struct eh_span){ 0, 0 };
	if (whole)
		*out = (struct eh_span){ d->candidate[from], d->candidate[to - 1] + 1 };
	if (!whole || (from == 0 ? out->from != 0 : d->candidate[from - 1] + 1 != out->from) ||
	    (to == d->n_decisions ? out->to != d->candidates.n : d->candidate[to] != out->to))
		return eh_err_set(err, EH_EINVAL, "audit: only counted kinds of persons can be replaced");
	return EH_OK;
}

static size_t room_for(size_t before, size_t after)
{
	return ((before > after ? before : after) | (STEP - 1)) + 1;
}

/* A column of candidates: from that of the kind, or of who is like it. */
static bool put_persons(struct replacement *r, void *array, size_t size)
{
	const size_t before = r->d->candidates.n, after = before - (r->span.to - r->span.from) + r->n;
	char *old = NULL, *spare = r->spare;

	memcpy(&old, array, sizeof old);
	if (old == NULL)
		return true;
	for (size_t i = 0; i < r->n; i++) {
		const size_t from = r->v[i].was != EH_NEW_KIND ? r->v[i].was : r->v[i].like;

		memcpy(spare + i * size, old + from * size, size);
	}
	if (!eh_splice(array, size, before, r->span.from, r->span.to, r->n, room_for(before, after)))
		return false;
	memcpy(&old, array, sizeof old);
	memcpy(old + r->span.from * size, spare, r->n * size);
	return true;
}

static size_t size_of(const struct replacement *r, const struct eh_kind_now *kind)
{
	const size_t *first = r->first + (kind->was - r->span.from);

	return kind->was == EH_NEW_KIND ? kind->n : first[1] - first[0];
}

/* A column of decisions whose new ones lie in spare. */
static bool put_rows(struct replacement *r, void *array, size_t size)
{
	const size_t before = r->d->n_decisions, after = before - (r->row_end - r->row) + r->rows;
	char *v = NULL;

	if (!eh_splice(array, size, before, r->row, r->row_end, r->rows, room_for(before, after)))
		return false;
	memcpy(&v, array, sizeof v);
	memcpy(v + r->row * size, r->spare, r->rows * size);
	return true;
}

static bool put_strata(struct replacement *r)
{
	uint32_t *to = r->spare;

	for (size_t i = 0; i < r->n; i++) {
		const struct eh_kind_now *x = &r->v[i];
		const uint32_t *from = x->was == EH_NEW_KIND ? x->stratum :
							       &r->d->stratum[r->first[x->was - r->span.from]];

		memcpy(to, from, size_of(r, x) * sizeof *to);
		to += size_of(r, x);
	}
	return put_rows(r, &r->d->stratum, sizeof *r->d->stratum);
}

static bool put_selected(struct replacement *r)
{
	uint8_t *to = r->spare;

	for (size_t i = 0; i < r->n; i++) {
		const struct eh_kind_now *x = &r->v[i];
		const uint8_t *from = x->was == EH_NEW_KIND ? x->selected :
							      &r->d->selected[r->first[x->was - r->span.from]];

		memcpy(to, from, size_of(r, x));
		to += size_of(r, x);
	}
	return put_rows(r, &r->d->selected, sizeof *r->d->selected);
}

/* The last of the columns: the others look up rows by it. */
static bool put_candidates(struct replacement *r)
{
	const uint32_t moved = (uint32_t)r->n - (r->span.to - r->span.from);
	struct eh_audit_data *d = r->d;
	uint32_t *to = r->spare;
	const size_t after = d->n_decisions - (r->row_end - r->row) + r->rows;

	for (size_t i = 0; i < r->n; i++)
		for (size_t j = size_of(r, &r->v[i]); j > 0; j--)
			*to++ = r->span.from + (uint32_t)i;
	if (!put_rows(r, &d->candidate, sizeof *d->candidate))
		return false;
	for (size_t i = r->row + r->rows; i < after && moved != 0; i++)
		d->candidate[i] += moved;
	return true;
}

static bool put_columns(struct replacement *r, uint8_t **code)
{
	struct eh_audit_data *d = r->d;
	bool well = put_persons(r, &d->position, sizeof *d->position) && put_persons(r, &d->weight, sizeof *d->weight);

	well = well && (d->place == NULL || put_persons(r, &d->place, sizeof *d->place));
	for (size_t i = 0; i < r->n && well; i++)
		d->weight[r->span.from + i] = r->v[i].persons;
	for (size_t a = 0; a < d->n_attributes && well; a++)
		well = put_persons(r, &d->attributes[a].group, sizeof *d->attributes[a].group) &&
		       put_persons(r, &d->attributes[a].provenance, sizeof *d->attributes[a].provenance) &&
		       put_persons(r, &code[a], sizeof *code[a]);
	return well && put_strata(r) && put_selected(r) && put_candidates(r);
}

/* Where his candidates' rows begin, and how many he will have. */
static int look(struct replacement *r, uint32_t evaluator, struct eh_err *err)
{
	const struct eh_audit_data *d = r->d;
	const size_t span = r->span.to - r->span.from;
	size_t most = r->n, found = 0;

	r->row = d->evaluator_at[evaluator];
	r->row_end = d->evaluator_at[evaluator + 1];
	r->first = eh_try_malloc(span + 1, sizeof *r->first);
	if (r->first == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory to replace %zu kinds of persons", span);
	for (size_t i = r->row; i < r->row_end; i++)
		if (i == r->row || d->candidate[i] != d->candidate[i - 1])
			r->first[found++] = i;
	if (found != span)
		return eh_err_set(err, EH_EINVAL, "audit: %zu of %zu candidates have decisions", found, span);
	r->first[span] = r->row_end;
	for (size_t i = 0; i < r->n; i++)
		r->rows += size_of(r, &r->v[i]);
	if (d->n_decisions - (r->row_end - r->row) + r->rows >= EH_DECISIONS_MAX)
		return eh_err_set(err, EH_ERANGE, "audit: that many decisions are too many");
	most = r->rows > most ? r->rows : most;
	r->spare = eh_try_malloc(most, sizeof(uint32_t));
	return r->spare != NULL ? EH_OK
				: eh_err_set(err, EH_ENOMEM, "audit: out of memory to replace %zu decisions", most);
}

int eh_kinds_replace(struct eh_audit_data *d, uint8_t **code, uint32_t evaluator, const struct eh_kind_now *v, size_t n,
		     struct eh_err *err)
{
	struct replacement r = { .d = d, .v = v, .n = n };
	int rc = eh_kinds_span(&r.span, d, evaluator, err);

	if (rc == EH_OK)
		rc = look(&r, evaluator, err);
	if (rc == EH_OK && !put_columns(&r, code))
		rc = eh_err_set(err, EH_ENOMEM, "audit: out of memory to replace %zu kinds of persons", n);
	if (rc == EH_OK) {
		const size_t rows = r.rows - (r.row_end - r.row); /* modulo 2^64 */

		d->n_decisions += rows;
		d->candidates.n += n - (r.span.to - r.span.from);
		for (size_t e = evaluator + 1; e <= d->evaluators.n; e++)
			d->evaluator_at[e] += rows;
	}
	free(r.first);
	free(r.spare);
	return rc;
}

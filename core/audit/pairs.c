/* Paired decisions on the same candidates; see pairs.h. */
#include "audit/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct eh_pairing {
	const struct eh_audit_data *d;
	size_t *at;	   /* [candidates + 1] first decision on each */
	uint32_t *who;	   /* [decisions] evaluator */
	uint8_t *selected; /* [decisions] */
};

static bool make_room(struct eh_pairing *p, const struct eh_audit_data *d)
{
	p->at = eh_try_calloc(d->candidates.n + 1, sizeof *p->at);
	p->who = eh_try_malloc(d->n_decisions + 1, sizeof *p->who);
	p->selected = eh_try_malloc(d->n_decisions + 1, sizeof *p->selected);
	return p->at != NULL && p->who != NULL && p->selected != NULL;
}

/* Each decision goes to its candidate's place, in the order of the evaluators. */
static void arrange(struct eh_pairing *p, const struct eh_audit_data *d)
{
	for (size_t i = 0; i < d->n_decisions; i++)
		p->at[d->candidate[i]]++;
	for (size_t c = 1; c <= d->candidates.n; c++)
		p->at[c] += p->at[c - 1];
	/* filled from behind, so that each first place ends where it belongs */
	for (size_t e = d->evaluators.n; e > 0; e--)
		for (size_t i = d->evaluator_at[e]; i > d->evaluator_at[e - 1]; i--) {
			size_t to = --p->at[d->candidate[i - 1]];

			p->who[to] = (uint32_t)(e - 1);
			p->selected[to] = d->selected[i - 1];
		}
}

int eh_pairing_new(struct eh_pairing **out, const struct eh_audit_data *d, struct eh_err *err)
{
	struct eh_pairing *p = NULL;

	*out = NULL;
	if (d->weight != NULL)
		return eh_err_set(err, EH_EINVAL, "the data are counts of persons: their decisions cannot be paired");
	p = eh_xcalloc(1, sizeof *p);
	p->d = d;
	if (!make_room(p, d)) {
		eh_pairing_free(p);
		return eh_err_set(err, EH_ENOMEM, "out of memory to pair %zu decisions", d->n_decisions);
	}
	arrange(p, d);
	*out = p;
	return EH_OK;
}

void eh_pairing_free(struct eh_pairing *p)
{
	if (p == NULL)
		return;
	free(p->at);
	free(p->who);
	free(p->selected);
	free(p);
}

static bool is_member(const struct eh_attribute_data *a, uint32_t candidate, size_t group)
{
	return a->group[candidate] == (int16_t)group &&
	       (a->provenance[candidate] == EH_DECLARED || a->provenance[candidate] == EH_IMPORTED);
}

void eh_pairs_add(struct eh_pairs *out, int64_t first, int64_t second)
{
	if (first == 0 || second == 0)
		out->split++;
	else if (first > 0)
		*(second > 0 ? &out->both : &out->first_only) += 1;
	else
		*(second > 0 ? &out->second_only : &out->neither) += 1;
}

static void take_candidate(struct eh_pairs *out, const struct eh_pairing *p, uint32_t candidate, size_t evaluator,
			   const bool *second)
{
	int64_t mine = 0, theirs = 0;
	bool seen = false;

	for (size_t i = p->at[candidate]; i < p->at[candidate + 1]; i++) {
		int64_t word = p->selected[i] != 0 ? 1 : -1;

		if (p->who[i] == evaluator) {
			mine += word;
		} else if (second[p->who[i]]) {
			theirs += word;
			seen = true;
		}
	}
	if (seen)
		eh_pairs_add(out, mine, theirs);
}

void eh_pairing_count(struct eh_pairs *out, const struct eh_pairing *p, size_t evaluator, const bool *second,
		      size_t attribute, size_t group)
{
	const struct eh_audit_data *d = p->d;
	const size_t first = d->evaluator_at[evaluator];

	memset(out, 0, sizeof *out);
	/* rows of one evaluator are sorted by candidate (data.h) */
	for (size_t i = first; i < d->evaluator_at[evaluator + 1]; i++)
		if ((i == first || d->candidate[i] != d->candidate[i - 1]) &&
		    is_member(&d->attributes[attribute], d->candidate[i], group))
			take_candidate(out, p, d->candidate[i], evaluator, second);
}

uint64_t eh_pairing_rows(const struct eh_pairing *p, size_t evaluator)
{
	const struct eh_audit_data *d = p->d;
	uint64_t rows = 0;

	for (size_t i = d->evaluator_at[evaluator]; i < d->evaluator_at[evaluator + 1]; i++)
		if (i == d->evaluator_at[evaluator] || d->candidate[i] != d->candidate[i - 1])
			rows += p->at[d->candidate[i] + 1] - p->at[d->candidate[i]];
	return rows;
}

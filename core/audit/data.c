/* The content of an audit: its order and its end; see data.h. */
#include "audit/data.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
	const struct eh_decision *x = a, *y = b;

	if (x->evaluator != y->evaluator)
		return x->evaluator < y->evaluator ? -1 : 1;
	if (x->stratum != y->stratum)
		return x->stratum < y->stratum ? -1 : 1;
	if (x->candidate != y->candidate)
		return x->candidate < y->candidate ? -1 : 1;
	return 0;
}

void eh_audit_data_free(struct eh_audit_data *d)
{
	for (size_t i = 0; i < d->n_attributes; i++) {
		free(d->attributes[i].group);
		free(d->attributes[i].provenance);
		free(d->attributes[i].prob);
	}
	free(d->attributes);
	free(d->decisions);
	free(d->position);
	eh_names_free(&d->evaluators);
	eh_names_free(&d->candidates);
	eh_names_free(&d->strata);
	eh_names_free(&d->positions);
	memset(d, 0, sizeof *d);
}

int eh_audit_data_sort(struct eh_audit_data *d, struct eh_err *err)
{
	for (size_t i = 0; i < d->n_decisions; i++) {
		const struct eh_decision *x = &d->decisions[i];

		if (x->evaluator >= d->evaluators.n || x->candidate >= d->candidates.n || x->stratum >= d->strata.n)
			return eh_err_set(err, EH_EFORMAT, "%s: decision %zu names an evaluator, candidate or stratum "
					  "that is not in the tables",
					  d->source, i + 1);
	}
	for (size_t i = 1; i < d->n_decisions; i++) {
		if (by_key(&d->decisions[i - 1], &d->decisions[i]) <= 0)
			continue;
		qsort(d->decisions, d->n_decisions, sizeof *d->decisions, by_key);
		break;
	}
	for (size_t i = 1; i < d->n_decisions; i++) {
		const struct eh_decision *x = &d->decisions[i];

		if (by_key(x - 1, x) == 0)
			return eh_err_set(err, EH_EFORMAT,
					  "%s: evaluator %s decided more than once on candidate %s in stratum '%s'; "
					  "keep one decision, or name the column that tells them apart as a stratum",
					  d->source, d->evaluators.v[x->evaluator], d->candidates.v[x->candidate],
					  d->strata.v[x->stratum]);
	}
	return EH_OK;
}

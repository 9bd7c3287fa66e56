/* Kinds by score, each beside a kind by decision that stands for its persons; see scored.h. */
#include "desk/scored.h"

#include <stdlib.h>

struct reading {
	struct eh_score_kinds *out;
	const struct eh_held *held;
	size_t n, at; /* at: first of the profile at hand */
	const struct eh_kind_cell *cells;
};

/* Decisions in all strata of the scores?  Both lists are in the order of the words. */
static bool holds_all(const struct reading *r, const struct eh_held *h, const struct eh_kind *kind)
{
	const struct eh_kind_cell *cell = r->cells + h->first;
	size_t i = 0;

	for (size_t k = 0; k < kind->n_cells; k++) {
		while (i < h->n_cells && cell[i].stratum < kind->cell[k].stratum)
			i++;
		if (i == h->n_cells || cell[i].stratum != kind->cell[k].stratum)
			return false;
	}
	return true;
}

/* Kinds of both sorts come by profile, in the same order of the profiles. */
static int take(void *ctx, const struct eh_kind *kind, struct eh_err *err)
{
	struct reading *r = ctx;
	size_t i = r->at;
	bool well;

	while (i < r->n && r->held[i].word != kind->profile)
		i++;
	r->at = i;
	while (i < r->n && r->held[i].word == kind->profile && !holds_all(r, &r->held[i], kind))
		i++;
	if (i == r->n || r->held[i].word != kind->profile)
		return eh_err_set(err, EH_EFORMAT, "count cube: a stored score has no decision; run: evenhand doctor");
	well = eh_score_kinds_push(r->out, (uint32_t)i, kind->n);
	for (size_t k = 0; k < kind->n_cells && well; k++)
		well = eh_score_kinds_cell(r->out, kind->cell[k].stratum, kind->cell[k].score);
	return well ? EH_OK : eh_err_set(err, EH_ENOMEM, "audit: out of memory for scores");
}

int eh_scored_read(struct eh_score_kinds *out, const struct eh_kinds *k, const struct eh_held *held, size_t n,
		   const struct eh_kind_cell *cells, struct eh_err *err)
{
	struct reading r = { out, held, n, 0, cells };

	*out = (struct eh_score_kinds){ NULL, NULL, 0, 0, 0, 0 };
	return eh_kinds_each_scored(k, take, &r, err);
}

static int by_stratum(const void *a, const void *b)
{
	const struct eh_score_cell *x = a, *y = b;

	return (x->stratum > y->stratum) - (x->stratum < y->stratum);
}

void eh_scored_settle(struct eh_score_kinds *k, uint32_t (*stratum)(const void *ctx, uint32_t word), const void *ctx)
{
	for (size_t i = 0; i < k->n; i++) {
		struct eh_score_cell *cell = k->cell + k->kind[i].first;

		for (size_t c = 0; c < k->kind[i].n; c++)
			cell[c].stratum = stratum(ctx, cell[c].stratum);
		if (k->kind[i].n > 1)
			qsort(cell, k->kind[i].n, sizeof *cell, by_stratum);
	}
}

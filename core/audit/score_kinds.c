/* Kinds of persons by their scores; see score_kinds.h. */
#include "audit/score_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void eh_score_kinds_free(struct eh_score_kinds *k)
{
	free(k->kind);
	free(k->cell);
	*k = (struct eh_score_kinds){ NULL, NULL, 0, 0, 0, 0 };
}

bool eh_score_kinds_push(struct eh_score_kinds *k, uint32_t who, uint32_t persons)
{
	if (k->n == k->kind_room) {
		const size_t room = k->kind_room != 0 ? 2 * k->kind_room : 16;
		struct eh_score_kind *v = eh_try_realloc(k->kind, room, sizeof *v);

		if (v == NULL)
			return false;
		k->kind = v;
		k->kind_room = room;
	}
	k->kind[k->n++] = (struct eh_score_kind){ who, persons, k->n_cells, 0 };
	return true;
}

bool eh_score_kinds_cell(struct eh_score_kinds *k, uint32_t stratum, double score)
{
	if (k->n_cells == k->cell_room) {
		const size_t room = k->cell_room != 0 ? 2 * k->cell_room : 16;
		struct eh_score_cell *v = eh_try_realloc(k->cell, room, sizeof *v);

		if (v == NULL)
			return false;
		k->cell = v;
		k->cell_room = room;
	}
	k->cell[k->n_cells++] = (struct eh_score_cell){ score, stratum };
	k->kind[k->n - 1].n++;
	return true;
}

bool eh_score_kinds_same(const struct eh_score_kinds *a, const struct eh_score_kinds *b)
{
	bool same = a->n == b->n && a->n_cells == b->n_cells;

	for (size_t i = 0; i < a->n && same; i++) {
		const struct eh_score_kind *x = &a->kind[i], *y = &b->kind[i];

		same = x->who == y->who && x->persons == y->persons && x->n == y->n;
	}
	for (size_t i = 0; i < a->n_cells && same; i++)
		same = a->cell[i].stratum == b->cell[i].stratum &&
		       memcmp(&a->cell[i].score, &b->cell[i].score, sizeof a->cell[i].score) == 0;
	return same;
}

double eh_score_kind_mean(const struct eh_score_kinds *k, size_t i)
{
	const struct eh_score_kind *kind = &k->kind[i];
	double sum = 0.0;

	for (size_t c = 0; c < kind->n; c++)
		sum += k->cell[kind->first + c].score;
	return sum / (double)kind->n;
}

size_t eh_score_kinds_persons(struct eh_scored_persons *out, const struct eh_audit_data *d, uint32_t evaluator)
{
	const struct eh_score_kinds *k = &d->scored[evaluator];
	const uint32_t first = k->n > 0 ? d->candidate[d->evaluator_at[evaluator]] : 0;

	for (size_t i = 0; i < k->n; i++)
		out[i] = (struct eh_scored_persons){ eh_score_kind_mean(k, i), first + k->kind[i].who,
						     k->kind[i].persons };
	return k->n;
}

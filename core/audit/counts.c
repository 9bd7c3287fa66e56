/* The count cube; see counts.h. */
#include "audit/counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

__extension__ typedef __int128 wide;

/* Counts one person and gives the group known for certain, or -1. */
static int16_t count_person(struct eh_cube *c, const struct eh_attribute_data *a, uint32_t candidate)
{
	int16_t g = a->group[candidate];

	switch (a->provenance[candidate]) {
	case EH_DECLARED:
		c->declared += g >= 0;
		break;
	case EH_IMPORTED:
		c->imported += g >= 0;
		break;
	case EH_PREDICTED:
		c->predicted++;
		return -1;
	default:
		g = -1;
	}
	c->unknown += g < 0;
	return g;
}

static void count_rows(struct eh_cube *c, const struct eh_slice *s, size_t person, size_t g)
{
	uint64_t n = s->start[person + 1] - s->start[person];

	c->persons[g]++;
	c->known_persons++;
	if (n > c->most[g])
		c->most[g] = n;
	for (uint32_t i = s->start[person]; i < s->start[person + 1]; i++) {
		struct eh_count *cell = &c->cell[s->row[i].stratum * c->n_groups + g];

		cell->n++;
		cell->selected += s->row[i].selected;
		c->total[g].n++;
		c->total[g].selected += s->row[i].selected;
	}
}

int eh_cube_make(struct eh_cube *c, const struct eh_slice *s, const struct eh_attribute_data *a, struct eh_err *err)
{
	size_t cells = 0;

	*c = (struct eh_cube){ .n_groups = a->n_groups, .n_strata = s->n_strata };
	if (eh_size_mul(&cells, s->n_strata, a->n_groups))
		c->cell = eh_try_calloc(cells + 1, sizeof *c->cell);
	c->group = eh_try_calloc(s->n_persons + 1, sizeof *c->group);
	if (c->cell == NULL || c->group == NULL) {
		eh_cube_free(c);
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu strata of %s", s->n_strata, a->name);
	}
	for (size_t p = 0; p < s->n_persons; p++) {
		c->group[p] = count_person(c, a, s->row[s->start[p]].candidate);
		if (c->group[p] >= 0)
			count_rows(c, s, p, (size_t)c->group[p]);
	}
	return EH_OK;
}

void eh_cube_free(struct eh_cube *c)
{
	free(c->cell);
	free(c->group);
	memset(c, 0, sizeof *c);
}

static struct eh_fourfold table_of(const struct eh_count *v, size_t n_groups, size_t g, eh_groups reference)
{
	struct eh_fourfold t = { v[g].selected, v[g].n, 0, 0 };

	for (size_t r = 0; r < n_groups; r++) {
		if ((reference >> r & 1u) != 0) {
			t.b += v[r].selected;
			t.n2 += v[r].n;
		}
	}
	return t;
}

struct eh_fourfold eh_cube_table(const struct eh_cube *c, size_t g, eh_groups reference)
{
	return table_of(c->total, c->n_groups, g, reference);
}

void eh_cube_strata(struct eh_fourfold *v, const struct eh_cube *c, size_t g, eh_groups reference)
{
	for (size_t k = 0; k < c->n_strata; k++)
		v[k] = table_of(&c->cell[k * c->n_groups], c->n_groups, g, reference);
}

uint64_t eh_cube_most(const struct eh_cube *c, size_t g, eh_groups reference)
{
	uint64_t most = c->most[g];

	for (size_t r = 0; r < c->n_groups; r++)
		if ((reference >> r & 1u) != 0 && c->most[r] > most)
			most = c->most[r];
	return most;
}

uint64_t eh_cube_persons(const struct eh_cube *c, eh_groups set)
{
	uint64_t n = 0;

	for (size_t g = 0; g < c->n_groups; g++)
		if ((set >> g & 1u) != 0)
			n += c->persons[g];
	return n;
}

int eh_cube_highest(const struct eh_cube *c, eh_groups set)
{
	int best = -1;

	for (size_t g = 0; g < c->n_groups; g++) {
		const struct eh_count *x = &c->total[g];
		const struct eh_count *y = best >= 0 ? &c->total[best] : NULL;
		wide left, right;

		if ((set >> g & 1u) == 0 || x->n == 0)
			continue;
		if (y == NULL) {
			best = (int)g;
			continue;
		}
		left = (wide)x->selected * (wide)y->n;
		right = (wide)y->selected * (wide)x->n;
		/* groups are sorted by name, so the earlier one keeps a full tie */
		if (left > right || (left == right && x->n > y->n))
			best = (int)g;
	}
	return best;
}

/* The count cube; see counts.h. */
#include "audit/counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

__extension__ typedef __int128 wide;

void eh_cube_sources(struct eh_cube *c, const struct eh_slice *s, size_t attribute)
{
	const struct eh_class_counts *k = &s->classes[attribute];

	c->refused = k->by_code[EH_CODE_REFUSED];
	c->unknown = k->by_code[EH_CODE_UNKNOWN] + c->refused;
	c->predicted = k->by_code[EH_CODE_PREDICTED];
	c->declared = c->imported = 0;
	for (size_t g = 0; g < k->n_groups; g++) {
		c->declared += k->by_code[EH_CODE_DECLARED + g];
		c->imported += k->by_code[EH_CODE_IMPORTED + g];
	}
}

static void look_at_most(struct eh_cube *c, size_t g, uint64_t n)
{
	if (n > c->most[g]) {
		c->most[g] = n;
		c->at_most[g] = 0;
	}
	c->at_most[g] += n == c->most[g];
}

/* All persons of one pattern and group. */
static void count_pattern(struct eh_cube *c, const struct eh_slice *s, size_t pattern, size_t g, uint64_t persons)
{
	const uint64_t n = eh_pattern_size(s, pattern), y = eh_pattern_selected(s, pattern);

	c->persons[g] += persons;
	c->known_persons += persons;
	look_at_most(c, g, n);
	c->total[g].n += n * persons;
	c->total[g].selected += y * persons;
	for (uint32_t i = s->start[pattern]; i < s->start[pattern + 1]; i++) {
		struct eh_count *cell = &c->cell[(s->cell[i] >> 1) * c->n_groups + g];

		cell->n += persons;
		cell->selected += persons * (s->cell[i] & 1u);
	}
}

/* persons: modulo 2^64, to take them away too. */
static void count_unsure(struct eh_cube *c, const struct eh_slice *s, size_t pattern, uint64_t persons)
{
	c->unsure.n += persons * eh_pattern_size(s, pattern);
	c->unsure.selected += persons * eh_pattern_selected(s, pattern);
}

void eh_cube_count(struct eh_cube *c, const struct eh_slice *s, size_t attribute, size_t from, size_t to)
{
	const struct eh_class_counts *k = &s->classes[attribute];

	for (size_t p = from; p < to; p++) {
		const uint32_t *of = &k->of[p * (k->n_groups + 1)];

		for (size_t g = 0; g < k->n_groups; g++)
			if (of[g] > 0)
				count_pattern(c, s, p, g, of[g]);
		if (of[k->n_groups] > 0)
			count_unsure(c, s, p, of[k->n_groups]);
	}
}

/* Most decisions on a person of the group, without the patterns from..to-1. */
static void find_most(struct eh_cube *c, const struct eh_slice *s, const struct eh_class_counts *k, size_t g,
		      size_t from, size_t to)
{
	c->most[g] = c->at_most[g] = 0;
	for (size_t p = 0; p < s->n_patterns; p++)
		if ((p < from || p >= to) && k->of[p * (k->n_groups + 1) + g] > 0)
			look_at_most(c, g, eh_pattern_size(s, p));
}

void eh_cube_uncount(struct eh_cube *c, const struct eh_slice *s, size_t attribute, size_t from, size_t to)
{
	const struct eh_class_counts *k = &s->classes[attribute];
	bool lost[EH_GROUPS_MAX] = { false };

	for (size_t p = from; p < to; p++) {
		const uint64_t n = eh_pattern_size(s, p), y = eh_pattern_selected(s, p);

		for (size_t g = 0; g < k->n_groups; g++) {
			const uint64_t persons = k->of[p * (k->n_groups + 1) + g];

			if (persons == 0)
				continue;
			c->persons[g] -= persons;
			c->known_persons -= persons;
			c->total[g].n -= n * persons;
			c->total[g].selected -= y * persons;
			c->at_most[g] -= n == c->most[g];
			lost[g] = c->at_most[g] == 0;
		}
		count_unsure(c, s, p, -(uint64_t)k->of[p * (k->n_groups + 1) + k->n_groups]);
	}
	for (size_t g = 0; g < k->n_groups; g++)
		if (lost[g])
			find_most(c, s, k, g, from, to);
}

int eh_cube_make(struct eh_cube *c, const struct eh_slice *s, size_t attribute, struct eh_err *err)
{
	const struct eh_class_counts *k = &s->classes[attribute];
	size_t cells = 0;

	*c = (struct eh_cube){ .n_groups = k->n_groups, .n_strata = s->n_strata };
	if (eh_size_mul(&cells, s->n_strata, k->n_groups))
		c->cell = eh_try_calloc(cells + 1, sizeof *c->cell);
	if (c->cell == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu strata of %zu groups", s->n_strata,
				  k->n_groups);
	eh_cube_sources(c, s, attribute);
	eh_cube_count(c, s, attribute, 0, s->n_patterns);
	return EH_OK;
}

void eh_cube_free(struct eh_cube *c)
{
	free(c->cell);
	memset(c, 0, sizeof *c);
}

static struct eh_fourfold table_of(const struct eh_count *v, size_t n_groups, size_t g, eh_groups reference)
{
	eh_count_pair sum = { 0, 0 };

	/* without a branch: it is asked for ten thousands of strata */
	for (size_t r = 0; r < n_groups; r++)
		sum += eh_count_load(&v[r]) & -(uint64_t)(reference >> r & 1u);
	return (struct eh_fourfold){ v[g].selected, v[g].n, sum[1], sum[0] };
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

void eh_cube_sides(struct eh_sides *v, const struct eh_slice *s, size_t attribute, size_t g, eh_groups reference)
{
	const struct eh_class_counts *k = &s->classes[attribute];

	for (size_t p = 0; p < s->n_patterns; p++) {
		const uint32_t *of = &k->of[p * (k->n_groups + 1)];

		v[p] = (struct eh_sides){ { 0, of[g] } };
		for (size_t r = 0; r < k->n_groups; r++)
			if ((reference >> r & 1u) != 0)
				v[p].n[0] += of[r];
	}
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

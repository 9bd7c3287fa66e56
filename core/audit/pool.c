/* Slices that are put together from parts; see pool.h. */
#include "audit/pool.h"

#include <stdlib.h>
#include <string.h>

#include "audit/splice.h"
#include "base/mem.h"

static int no_memory(struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory to keep a scope");
}

int eh_pool_new(struct eh_pool *p, const struct eh_order *o, struct eh_err *err)
{
	const struct eh_audit_data *d = o->d;
	struct eh_slice *s = &p->slice;

	*p = (struct eh_pool){ .cube = eh_try_calloc(d->n_attributes + 1, sizeof *p->cube) };
	s->classes = eh_try_calloc(d->n_attributes + 1, sizeof *s->classes);
	s->start = eh_try_calloc(1, sizeof *s->start);
	p->part = eh_try_calloc(1, sizeof *p->part);
	if (p->cube == NULL || s->classes == NULL || s->start == NULL || p->part == NULL)
		return no_memory(err);
	s->n_attributes = d->n_attributes;
	for (size_t a = 0; a < d->n_attributes; a++) {
		eh_class_counts_begin(&s->classes[a], o, a);
		p->cube[a].n_groups = d->attributes[a].n_groups;
	}
	return EH_OK;
}

void eh_pool_free(struct eh_pool *p)
{
	struct eh_slice *s = &p->slice;

	for (size_t a = 0; a < s->n_attributes; a++) {
		eh_cube_free(&p->cube[a]);
		free(s->classes[a].of);
	}
	free(p->cube);
	free(p->part);
	free(s->classes);
	free(s->start);
	free(s->cell);
	free(s->block);
	memset(p, 0, sizeof *p);
}

static size_t room_for(size_t cap, size_t need)
{
	return need <= cap ? cap : need + need / 4;
}

/* The part of the evaluator, or the one before which he belongs. */
static size_t find(const struct eh_pool *p, uint32_t evaluator)
{
	size_t lo = 0, hi = p->n_parts;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->part[mid].evaluator < evaluator)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* What is replaced: patterns, cells, strata. */
struct range {
	size_t at; /* part */
	uint32_t pattern, patterns, cell, cells, stratum, strata, block, blocks;
};

static struct range range_of(const struct eh_pool *p, size_t at, bool there)
{
	const struct eh_pool_part *x = &p->part[at], *next = there ? x + 1 : x;
	const uint32_t *start = p->slice.start;

	return (struct range){ at,
			       x->pattern,
			       next->pattern - x->pattern,
			       start[x->pattern],
			       start[next->pattern] - start[x->pattern],
			       x->stratum,
			       next->stratum - x->stratum,
			       x->block,
			       next->block - x->block };
}

static bool make_room(struct eh_pool *p, const struct range *r, const struct eh_slice *part)
{
	struct eh_slice *s = &p->slice;
	const size_t patterns = s->n_patterns, cells = s->start[patterns], end = (size_t)r->pattern + r->patterns;
	const size_t cell_end = (size_t)r->cell + r->cells, stratum_end = (size_t)r->stratum + r->strata;
	const size_t n = part->n_patterns, m = part->start[n];
	bool well = true;

	p->pattern_cap = room_for(p->pattern_cap, patterns - r->patterns + n);
	p->cell_cap = room_for(p->cell_cap, cells - r->cells + m);
	p->stratum_cap = room_for(p->stratum_cap, s->n_strata - r->strata + part->n_strata);
	/* start has one more: its last stays the last */
	well = eh_splice(&s->start, sizeof *s->start, patterns + 1, r->pattern, end, n, p->pattern_cap) &&
	       eh_splice(&s->block, sizeof *s->block, patterns, r->pattern, end, n, p->pattern_cap) &&
	       eh_splice(&s->cell, sizeof *s->cell, cells, r->cell, cell_end, m, p->cell_cap);
	for (size_t a = 0; a < s->n_attributes && well; a++) {
		struct eh_class_counts *c = &s->classes[a];
		struct eh_cube *cube = &p->cube[a];

		well = eh_splice(&c->of, (c->n_groups + 1) * sizeof *c->of, patterns, r->pattern, end, n,
			      p->pattern_cap) &&
		       eh_splice(&cube->cell, c->n_groups * sizeof *cube->cell, s->n_strata, r->stratum, stratum_end,
			      part->n_strata, p->stratum_cap);
	}
	return well;
}

/* Numbers behind the part move on; modulo 2^32, so that they move back too. */
static void renumber(struct eh_pool *p, const struct range *r, const struct eh_slice *part)
{
	struct eh_slice *s = &p->slice;
	const uint32_t cells = part->start[part->n_patterns] - r->cells;
	const uint32_t strata = ((uint32_t)part->n_strata - r->strata) << 1;
	const uint32_t blocks = (uint32_t)part->n_blocks - r->blocks;

	for (size_t i = r->pattern + part->n_patterns; i <= s->n_patterns && cells != 0; i++)
		s->start[i] += cells;
	for (size_t i = r->pattern + part->n_patterns; i < s->n_patterns && blocks != 0; i++)
		s->block[i] += blocks;
	for (size_t i = r->cell + part->start[part->n_patterns]; i < s->start[s->n_patterns] && strata != 0; i++)
		s->cell[i] += strata;
}

static void put_patterns(struct eh_slice *s, const struct range *r, const struct eh_slice *part)
{
	const size_t n = part->n_patterns;

	for (size_t i = 0; i < n; i++) {
		s->start[r->pattern + i] = r->cell + part->start[i];
		s->block[r->pattern + i] = r->block + part->block[i];
	}
	for (size_t i = 0; i < part->start[n]; i++)
		s->cell[r->cell + i] = part->cell[i] + (r->stratum << 1);
	for (size_t a = 0; a < s->n_attributes; a++) {
		const size_t row = s->classes[a].n_groups + 1;

		memcpy(&s->classes[a].of[r->pattern * row], part->classes[a].of, n * row * sizeof(uint32_t));
	}
}

/* The list of parts: with him it has one more, without him one less. */
static bool note_part(struct eh_pool *p, const struct range *r, const struct eh_slice *part, uint32_t evaluator,
		      bool there)
{
	const bool stays = part->n_patterns > 0;
	const size_t n = p->n_parts - there + stays;

	p->part_cap = room_for(p->part_cap, n);
	if (!eh_splice(&p->part, sizeof *p->part, p->n_parts + 1, r->at, r->at + there, stays, p->part_cap))
		return false;
	p->n_parts = n;
	if (stays)
		p->part[r->at] = (struct eh_pool_part){ evaluator, r->pattern, r->stratum, r->block };
	for (size_t i = r->at + stays; i <= n; i++) {
		p->part[i].pattern += (uint32_t)part->n_patterns - r->patterns;
		p->part[i].stratum += (uint32_t)part->n_strata - r->strata;
		p->part[i].block += (uint32_t)part->n_blocks - r->blocks;
	}
	return true;
}

/* Of a pattern, whatever their class. */
static size_t persons_of(const struct eh_slice *s, size_t pattern)
{
	const struct eh_class_counts *c = &s->classes[0];
	size_t n = 0;

	for (size_t g = 0; g <= c->n_groups && s->n_attributes > 0; g++)
		n += c->of[pattern * (c->n_groups + 1) + g];
	return n;
}

static void count_persons(struct eh_slice *s, const struct eh_slice *part, const uint32_t (*by_code)[EH_CODES])
{
	for (size_t a = 0; a < s->n_attributes; a++)
		for (size_t code = 0; code < EH_CODES; code++)
			s->classes[a].by_code[code] += part->classes[a].by_code[code] - by_code[a][code];
	for (size_t code = 0; code < EH_CODES && s->n_attributes > 0; code++)
		s->n_persons += (size_t)part->classes[0].by_code[code] - by_code[0][code];
}

int eh_pool_replace(struct eh_pool *p, uint32_t evaluator, const struct eh_slice *part,
		    const uint32_t (*by_code)[EH_CODES], struct eh_err *err)
{
	struct eh_slice *s = &p->slice;
	const size_t at = find(p, evaluator);
	const bool there = at < p->n_parts && p->part[at].evaluator == evaluator;
	const struct range r = range_of(p, at, there);
	const size_t end = r.pattern + part->n_patterns;

	for (size_t a = 0; a < s->n_attributes; a++)
		eh_cube_uncount(&p->cube[a], s, a, r.pattern, (size_t)r.pattern + r.patterns);
	for (size_t i = r.pattern; i < (size_t)r.pattern + r.patterns; i++)
		s->n -= persons_of(s, i) * eh_pattern_size(s, i);
	if (!make_room(p, &r, part))
		return no_memory(err);
	s->n_patterns += part->n_patterns - r.patterns;
	s->n_strata += part->n_strata - r.strata;
	s->n_blocks += part->n_blocks - r.blocks;
	renumber(p, &r, part);
	put_patterns(s, &r, part);
	if (!note_part(p, &r, part, evaluator, there))
		return no_memory(err);
	count_persons(s, part, by_code);
	s->n += part->n;
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_cube *c = &p->cube[a];

		c->n_strata = s->n_strata;
		memset(&c->cell[r.stratum * c->n_groups], 0, part->n_strata * c->n_groups * sizeof *c->cell);
		eh_cube_count(c, s, a, r.pattern, end);
		eh_cube_sources(c, s, a);
	}
	return EH_OK;
}

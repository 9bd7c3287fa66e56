/*
 * counts.h - the count cube of one slice: group x stratum, decisions and persons, for one attribute.
 */
#ifndef EH_AUDIT_COUNTS_H
#define EH_AUDIT_COUNTS_H

#include <stdint.h>

#include "audit/data.h"
#include "audit/slice.h"
#include "audit/table.h"

struct eh_count {
	uint64_t n, selected;           /* decisions */
};
/* Both numbers of one in a register. */
typedef uint64_t eh_count_pair __attribute__((vector_size(16), aligned(8)));

static inline eh_count_pair eh_count_load(const struct eh_count *c)
{
	return (eh_count_pair){ c->n, c->selected };
}

struct eh_cube {
	size_t n_groups, n_strata;
	struct eh_count *cell;          /* [n_strata][n_groups], row-major */
	struct eh_count total[EH_GROUPS_MAX];
	uint64_t persons[EH_GROUPS_MAX];
	uint64_t known_persons;         /* all groups */
	uint64_t most[EH_GROUPS_MAX];   /* most decisions on one person of the group */
	uint64_t at_most[EH_GROUPS_MAX];        /* patterns of the group with as many */
	uint64_t declared, imported, predicted, unknown;        /* persons */
	struct eh_count unsure;         /* decisions on persons of no group for certain */
	uint64_t refused;               /* of the unknown: predicted, but refused */
};

/* A set of groups, bit g = group g. */
typedef uint32_t eh_groups;

/* Of the slice's attribute number `attribute`.  EH_ENOMEM: out is empty. */
int eh_cube_make(struct eh_cube *out, const struct eh_slice *s, size_t attribute, struct eh_err *err);
/*
 * The steps of it, for who replaces patterns: counts those from..to-1 of the slice in, whose cells are 0; takes those
 * from..to-1 out of all but the cells; persons by where their class is known from.
 */
void eh_cube_count(struct eh_cube *c, const struct eh_slice *s, size_t attribute, size_t from, size_t to);
void eh_cube_uncount(struct eh_cube *c, const struct eh_slice *s, size_t attribute, size_t from, size_t to);
void eh_cube_sources(struct eh_cube *c, const struct eh_slice *s, size_t attribute);
void eh_cube_free(struct eh_cube *c);

/* Focal group g against the groups of the set, over all strata. */
struct eh_fourfold eh_cube_table(const struct eh_cube *c, size_t g, eh_groups reference);
/* The same per stratum: v [n_strata]. */
void eh_cube_strata(struct eh_fourfold *v, const struct eh_cube *c, size_t g, eh_groups reference);

/* The persons of a pattern in a comparison: of the reference [0] and of the focal group [1]; others are left out. */
struct eh_sides {
	uint32_t n[2];
};
/* v [n_patterns]: group g against the groups of the set. */
void eh_cube_sides(struct eh_sides *v, const struct eh_slice *s, size_t attribute, size_t g, eh_groups reference);

/* Most decisions on one person of group g or the set; persons of the set. */
uint64_t eh_cube_most(const struct eh_cube *c, size_t g, eh_groups reference);
uint64_t eh_cube_persons(const struct eh_cube *c, eh_groups set);

/*
 * The highest-rate group of a set: highest rate by cross multiplication, then largest n, then name in byte order
 * (facts/statistics.md 4); groups without decisions never.  -1 when the set has none.
 */
int eh_cube_highest(const struct eh_cube *c, eh_groups set);

#endif

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

struct eh_cube {
	size_t n_groups, n_strata;
	struct eh_count *cell;          /* [n_strata][n_groups], row-major */
	struct eh_count total[EH_GROUPS_MAX];
	uint64_t persons[EH_GROUPS_MAX];
	uint64_t known_persons;         /* all groups */
	uint64_t most[EH_GROUPS_MAX];   /* most decisions on one person of the group */
	int16_t *group;                 /* [n_persons of the slice] -1 = not known for certain */
	uint64_t declared, imported, predicted, unknown;        /* persons */
};

/* A set of groups, bit g = group g. */
typedef uint32_t eh_groups;

/* EH_ENOMEM: out is empty. */
int eh_cube_make(struct eh_cube *out, const struct eh_slice *s, const struct eh_attribute_data *a, struct eh_err *err);
void eh_cube_free(struct eh_cube *c);

/* Focal group g against the groups of the set, over all strata. */
struct eh_fourfold eh_cube_table(const struct eh_cube *c, size_t g, eh_groups reference);
/* The same per stratum: v [n_strata]. */
void eh_cube_strata(struct eh_fourfold *v, const struct eh_cube *c, size_t g, eh_groups reference);

/* Most decisions on one person of group g or the set; persons of the set. */
uint64_t eh_cube_most(const struct eh_cube *c, size_t g, eh_groups reference);
uint64_t eh_cube_persons(const struct eh_cube *c, eh_groups set);

/*
 * The highest-rate group of a set: highest rate by cross multiplication, then largest n, then name in byte order
 * (facts/statistics.md 4); groups without decisions never.  -1 when the set has none.
 */
int eh_cube_highest(const struct eh_cube *c, eh_groups set);

#endif

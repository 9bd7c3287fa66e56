/*
 * kinds_inside.h - the tables behind kinds.h, shared by kinds.c and kinds_record.c; nobody else includes it.
 */
#ifndef EH_AUDIT_KINDS_INSIDE_H
#define EH_AUDIT_KINDS_INSIDE_H

#include "audit/kinds.h"

struct eh_kind_entry {
	uint32_t hash;
	uint32_t profile;
	size_t first, n_cells;
	int64_t n;
};

/* Kinds of one sort: by decision or by score. */
struct eh_kind_bag {
	struct eh_kind_entry *v; /* [n] */
	size_t n, cap;
	struct eh_kind_cell *cell; /* [n_cells] */
	size_t n_cells, cell_cap;
	uint32_t *slot; /* [slots] index + 1, 0 = free */
	size_t slots;
};

struct eh_kinds {
	struct eh_name_builder *words;
	struct eh_kind_bag decided, scored;
	int64_t holds;
	uint32_t *number; /* [numbers] of a word in the record being written, UINT32_MAX = not used */
	size_t numbers;
	struct eh_kind_cell *scratch; /* [scratch_room] a person's scores */
	size_t scratch_room;
};

/* In any order that is the same for the same cells. */
int eh_kind_cell_order(const void *a, const void *b);
/* n persons of a kind more, or fewer; sorts the cells.  EH_ENOMEM. */
int eh_kind_bag_add(struct eh_kind_bag *b, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells, int64_t n,
		    struct eh_err *err);

#endif

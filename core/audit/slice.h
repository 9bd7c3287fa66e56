/*
 * slice.h - the decisions of one scope (an evaluator, everybody, a position) as patterns and the persons who have them.
 *
 * A pattern is all that was decided about one person in the scope: a list of cells (stratum, selected).  Persons of one
 * pattern and one class are the same to every statistic, so only their numbers are kept: where everybody was judged
 * once, the patterns with their numbers are the count cube stratum x selected x group.
 *
 * Strata are numbered from 0 in the order in which they are met.  A block is the set of patterns with the same list of
 * strata: within it the classes of persons can be exchanged when nobody is treated by class (permute.h).
 */
#ifndef EH_AUDIT_SLICE_H
#define EH_AUDIT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/order.h"
#include "base/err.h"

/* The persons of one attribute's groups. */
struct eh_class_counts {
	const uint8_t *code;            /* [n_candidates] of order.h */
	size_t n_groups;
	uint32_t *of;                   /* [n_patterns][n_groups + 1], row-major; last: class not known for certain */
	uint32_t by_code[EH_CODES];     /* persons */
	uint8_t column[EH_CODES];       /* of a code in `of` */
};

struct eh_person {
	uint32_t candidate, pattern;
};

struct eh_units;                        /* history.h */

struct eh_slice {
	size_t n;                       /* decisions */
	size_t n_persons, n_patterns, n_strata, n_blocks;
	uint32_t *start;                /* [n_patterns + 1] first cell of each */
	uint32_t *cell;                 /* stratum << 1 | selected, in the order of the decisions */
	uint32_t *block;                /* [n_patterns] 0..n_blocks-1 */
	struct eh_class_counts *classes;        /* [n_attributes] */
	size_t n_attributes;
	/* in the order they were added, where asked for, else NULL: n_persons, with weights (data.h) one per
	 * candidate */
	struct eh_person *person;
	/* borrowed: its units, for who tests several groups of it; NULL = not made yet */
	const struct eh_units *units;
	struct eh_slice_room *room;
};

/* Decisions on a person of the pattern, and how many of them selected him. */
static inline uint32_t eh_pattern_size(const struct eh_slice *s, size_t pattern)
{
	return s->start[pattern + 1] - s->start[pattern];
}

static inline uint32_t eh_pattern_selected(const struct eh_slice *s, size_t pattern)
{
	uint32_t y = 0;

	for (uint32_t i = s->start[pattern]; i < s->start[pattern + 1]; i++)
		y += s->cell[i] & 1u;
	return y;
}

/* No person yet: where the classes of the order's candidates are found, and what column they have. */
void eh_class_counts_begin(struct eh_class_counts *c, const struct eh_order *o, size_t attribute);

/* An empty slice to be filled and emptied again and again; o is borrowed.  persons: keep who has which pattern.
 * EH_ENOMEM: *out is NULL. */
int eh_slice_new(struct eh_slice **out, const struct eh_order *o, bool persons, struct eh_err *err);
void eh_slice_free(struct eh_slice **s);

/* All that evaluator e decided. */
int eh_slice_evaluator(struct eh_slice *s, uint32_t e, struct eh_err *err);
/* Only about the candidates of one position. */
int eh_slice_evaluator_in(struct eh_slice *s, uint32_t e, uint32_t position, struct eh_err *err);
/* Everybody's decisions; a stratum is the evaluator's own. */
int eh_slice_everybody(struct eh_slice *s, struct eh_err *err);
/*
 * Adds what other evaluators decided, `part` of the same order, where nobody was judged by two of them (no
 * candidate_at) and neither keeps persons: the parts of all evaluators in their order make the same slice as
 * eh_slice_everybody.  s is new or was made by this; it can be read and appended to, nothing else.  EH_ENOMEM.
 */
int eh_slice_append(struct eh_slice *s, const struct eh_slice *part, struct eh_err *err);
/* The same about the candidates of one position; needs position_at. */
int eh_slice_position(struct eh_slice *s, uint32_t position, struct eh_err *err);

/* Stratum number k of the slice in the data, and the evaluator whose it is.  Not of a slice made by
 * eh_slice_append. */
uint32_t eh_slice_stratum(const struct eh_slice *s, size_t k, uint32_t *evaluator);

#endif

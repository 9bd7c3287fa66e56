/*
 * bounds.h - what the impact ratio of predicted classes can be, whatever decisions go by (Frechet bounds).
 *
 * In a cell of candidates whom the classifier sees alike, n decisions of which `selected` were favourable and of which
 * an expected `focal` and `reference` are on the two classes, anything may hold between
 *   focal selected     max(0, selected - (n - focal)) .. min(focal, selected)
 *   reference selected max(0, selected - (n - reference)) .. min(reference, selected)
 * Kallus, Mao & Zhou 2022 (Management Science 68, arXiv 1906.00285; facts/statistics.md 12).  The ratio is largest
 * where in every cell the focal class takes all it can and the reference what then must be left to it, which is one
 * and the same way to deal the selections out; smallest the other way round.  So the ends are exact for two classes
 * and for a group against its reference with others beside them: no linear program is needed.  They carry no sampling
 * error.
 *
 * Cells must hold many candidates: with one in each the bounds close on the weighted estimate and look sharp.
 */
#ifndef EH_AUDIT_BOUNDS_H
#define EH_AUDIT_BOUNDS_H

#include <stddef.h>

#include "audit/finding.h"
#include "audit/table.h"

#define EH_BOUND_CELLS 20               /* facts/statistics.md 12 */
#define EH_BOUND_LEAST 20               /* candidates that a cell holds at least, where there are so many */

struct eh_bound_cell {
	double n, selected;             /* decisions */
	double focal, reference;        /* expected ones on each class; focal + reference <= n */
};

/*
 * The interval of (focal selected / focal) / (reference selected / reference) over all cells.  A candidate of known
 * class is exact in a cell of those of his class.  Both ends undefined: EH_U_EMPTY_GROUP, EH_U_NOBODY_SELECTED; high
 * EH_U_UNBOUNDED.
 */
struct eh_interval eh_bounds(const struct eh_bound_cell *cell, size_t n);

/*
 * The lowest and the highest ratio of a table that n further decisions, `selected` of them favourable, on persons of
 * unknown class could make, each put on the worse side: low = all that were selected with the reference, the others
 * with the group; high the other way round.  Undefined as eh_table_ratio says; high EH_U_UNBOUNDED where the reference
 * could be left without a selection.
 */
struct eh_interval eh_bounds_unknown(const struct eh_fourfold *t, uint64_t n, uint64_t selected);

struct eh_bound_person {
	double focal, reference;        /* class weights 0..1 from the indicators alone */
	double n, selected;             /* decisions on him */
};

/*
 * Cells of equal count: n / EH_BOUND_LEAST of them, at least 1 and at most EH_BOUND_CELLS, in the order of the focal
 * weight (then of the reference's); candidates of equal weights are never parted.  v is sorted in place; the order it
 * comes in does not matter.  Returns the number of cells, 0 for n = 0.
 */
size_t eh_bound_cells(struct eh_bound_cell out[EH_BOUND_CELLS], struct eh_bound_person *v, size_t n);

#endif

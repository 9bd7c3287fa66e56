/*
 * kinds.h - the count cube of one evaluator: the kinds of persons he decided about, and how many there are of each.
 *
 * A kind is a profile (all that an audit knows of a candidate: place, own position, declared classes) and the list of
 * his cells (stratum, decision, score) with this evaluator.  Persons of one kind are the same to every statistic of the
 * evaluator, so the numbers of the kinds are all of his evaluations that an audit needs; every clustered variance is in
 * them, because the cells of one person stay together (audit/slice.h).  Where everybody was judged once and without a
 * score this is group x stratum x decision.
 *
 * Profiles and strata are texts, numbered by a name builder that all cubes of a run share (audit/data.h).  The stored
 * bytes depend on the content alone: the same evaluations give the same record, in whatever order they came.
 */
#ifndef EH_AUDIT_KINDS_H
#define EH_AUDIT_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/buf.h"
#include "base/err.h"

struct eh_kind_cell {
	uint32_t stratum;               /* word of "position US stage US question", US = 0x1f */
	uint8_t selected, has_score;    /* 0, 1 */
	double score;                   /* 0 without */
};

struct eh_kinds;

struct eh_kinds *eh_kinds_new(struct eh_name_builder *words /* borrowed */);
void eh_kinds_free(struct eh_kinds **k);                /* NULL-safe */
void eh_kinds_clear(struct eh_kinds *k);

/*
 * n persons more of the kind; negative: fewer.  cell: n_cells >= 1, sorted here.  More persons taken away than there
 * are marks the cube as wrong: eh_kinds_store fails.  EH_ENOMEM.
 */
int eh_kinds_add(struct eh_kinds *k, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells, int64_t n,
		 struct eh_err *err);
/* Persons of the kind, 0 = none; cell is sorted here. */
uint32_t eh_kinds_count(const struct eh_kinds *k, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells);
/* Decisions on hold: counted, in no kind. */
void eh_kinds_hold(struct eh_kinds *k, int64_t n);

/* Adds what a stored record holds.  EH_EFORMAT: damaged, or of a newer version. */
int eh_kinds_load(struct eh_kinds *k, struct eh_bytes record, struct eh_err *err);
/* EH_EINVAL: the cube is wrong; EH_ENOMEM.  A cube without persons and holds is an empty record (length 0). */
int eh_kinds_store(struct eh_kinds *k, struct eh_buf *out, struct eh_err *err);

/* What stands in it, in the order of its arrival (after a load: of the record); cell is borrowed. */
struct eh_kind {
	uint32_t profile;
	uint32_t n;                     /* persons, > 0 */
	const struct eh_kind_cell *cell;
	size_t n_cells;
};
int eh_kinds_each(const struct eh_kinds *k, int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err),
		  void *ctx, struct eh_err *err);
uint64_t eh_kinds_holds(const struct eh_kinds *k);

#endif

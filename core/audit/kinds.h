/*
 * kinds.h - the count cube of one evaluator: the kinds of persons he decided about, and how many there are of each.
 *
 * A kind is a profile (all that an audit knows of a candidate: place, own position, declared classes) and the list of
 * his cells (stratum, decision) with this evaluator.  Persons of one kind are the same to every statistic of the
 * evaluator, so the numbers of the kinds are all of his evaluations that an audit needs; every clustered variance is in
 * them, because the cells of one person stay together (audit/slice.h).  Where everybody was judged once this is group x
 * stratum x decision.
 *
 * Beside them stand the kinds by score, a profile and the list of a person's (stratum, score): the histograms of
 * scores.  They are exact: as many kinds as there are different scores, never more than persons, so no number of
 * different values makes it necessary to look at the evaluations.  1e6 evaluations of 1,000 evaluators make a project
 * of 122 MB without scores, 138 with 5 different ones, 153 where all differ, and an import of 2.2, 2.7 and 2.7 s CPU.
 * Scores and decisions are counted apart because no statistic asks for both of one person (audit/score_kinds.h).
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

/* A kind by score has has_score 1 and selected 0 in every cell, one by decision has_score 0 and score 0. */
struct eh_kinds *eh_kinds_new(struct eh_name_builder *words /* borrowed */);
void eh_kinds_free(struct eh_kinds **k);                /* NULL-safe */
void eh_kinds_clear(struct eh_kinds *k);

/*
 * n persons more with these decisions, and with the scores that stand in some of the cells; negative: fewer.  cell:
 * n_cells >= 1, of no further use afterwards.  More persons taken away than there are marks the cube as wrong:
 * eh_kinds_store fails.  EH_ENOMEM.
 */
int eh_kinds_add(struct eh_kinds *k, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells, int64_t n,
		 struct eh_err *err);
/* Persons of the kind by decision, 0 = none; cell is sorted here. */
uint32_t eh_kinds_count(const struct eh_kinds *k, uint32_t profile, struct eh_kind_cell *cell, size_t n_cells);
/* Decisions on hold: counted, in no kind. */
void eh_kinds_hold(struct eh_kinds *k, int64_t n);

/* Adds what a stored record holds.  EH_EFORMAT: damaged, or of a newer version. */
int eh_kinds_load(struct eh_kinds *k, struct eh_bytes record, struct eh_err *err);
/*
 * The same, where stratum gives the word that takes the place of a stratum's, or EH_NO_STRATUM: the cell is left out,
 * and a kind that has none left.  Holds are added whichever stratum theirs is.  Asked once for each word of the record;
 * may add words.
 */
#define EH_NO_STRATUM UINT32_MAX
int eh_kinds_load_as(struct eh_kinds *k, struct eh_bytes record, uint32_t (*stratum)(void *ctx, uint32_t word),
		     void *ctx, struct eh_err *err);
/* EH_EINVAL: the cube is wrong; EH_ENOMEM.  A cube without persons and holds is an empty record (length 0). */
int eh_kinds_store(struct eh_kinds *k, struct eh_buf *out, struct eh_err *err);
/* The same in fewer bytes, for many small cubes; loaded alike. */
int eh_kinds_store_compact(struct eh_kinds *k, struct eh_buf *out, struct eh_err *err);

/* Puts the kinds in the order of their profiles' words, as one load of a record leaves them. */
void eh_kinds_arrange(struct eh_kinds *k);

/* What stands in it, in the order of its arrival (after a load: of the record: by profile); cell is borrowed. */
struct eh_kind {
	uint32_t profile;
	uint32_t n;                     /* persons, > 0 */
	const struct eh_kind_cell *cell;
	size_t n_cells;
};
int eh_kinds_each(const struct eh_kinds *k, int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err),
		  void *ctx, struct eh_err *err);
/* The same for the kinds by score. */
int eh_kinds_each_scored(const struct eh_kinds *k,
			 int (*fn)(void *ctx, const struct eh_kind *kind, struct eh_err *err), void *ctx,
			 struct eh_err *err);
uint64_t eh_kinds_holds(const struct eh_kinds *k);

#endif

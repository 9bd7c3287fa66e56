/*
 * counted.h - the stored counts that audit data were made of (desk/cube.c), and what has changed in them since; for an
 * audit that is kept open (desk/kept.c).
 */
#ifndef EH_DESK_COUNTED_H
#define EH_DESK_COUNTED_H

#include "audit/cubes.h"
#include "audit/replace.h"
#include "audit/score_kinds.h"
#include "desk/inside.h"
#include "desk/rowed.h"

/* A kind of persons of one evaluator; with weights it is the candidate of its own number in the data. */
struct eh_held {
	uint32_t evaluator, profile, word, n;   /* word: of the profile */
	size_t first, n_cells;
};

/* The cube of one evaluator. */
struct eh_held_cube {
	char *evaluator;
	uint64_t holds;
	size_t first, n;                /* candidates in the data */
	size_t at;                      /* in held; not where own */
	struct eh_held *own;            /* [n] since they changed */
};

/* What a word is in these counts: profile of so many kinds, stratum of so many of their cells; its number then. */
struct eh_word_use {
	uint32_t kinds, cells, stratum;
};

struct eh_counted {
	uint64_t version;               /* of the cubes (audit/cubes.h) */
	struct eh_name_builder *words;
	struct eh_kinds *kinds;         /* of one cube after the other */
	struct eh_list held;            /* struct eh_held */
	struct eh_list cubes;           /* struct eh_held_cube, in the order of their keys */
	struct eh_list cells;           /* struct eh_kind_cell, stratum = word */
	struct eh_word_use *use;        /* [n_words] of the words there were when the data were gathered */
	size_t n_words;
	bool scores;                    /* somebody has one */
	struct eh_rowed *rowed;         /* beside no words: the data are evaluations, whose changes can be told; NULL */
};
void eh_counted_free(struct eh_counted *c);

/* *whole: the stored counts hold all that an audit needs. */
int eh_counted_whole(struct eh_txn *txn, struct eh_cubes_state *state, bool *whole, struct eh_err *err);

struct eh_count_changes {
	/* for each evaluator whose kinds are others now, or may have other scores; v as audit/replace.h wants it, valid
	 * during the call; scored: taken over, NULL = nobody in the data has a score; *changed is set where that is
	 * something else than before */
	int (*replace)(void *ctx, uint32_t evaluator, const struct eh_kind_now *v, size_t n,
		       struct eh_score_kinds *scored, bool *changed, struct eh_err *err);
	void *ctx;
	/* filled in: */
	bool changed;                   /* something was replaced */
	uint32_t evaluators;            /* whose cube was read again */
	uint64_t version, holds;        /* as they are now */
	char why[160];                  /* what makes it necessary to gather anew; "" = nothing */
};

/*
 * What changed since.  Positions, strata, classes and evaluators must be those that the data have: the first of them,
 * and who would be the last, needs data that are gathered anew.  Where why is "" c is up to date; else, and after an
 * error, c and the data are of no further use.
 */
int eh_counted_changes(struct eh_counted *c, struct eh_txn *txn, struct eh_count_changes *out, struct eh_err *err);

/* eh_desk_gather_counts, and what it was made of: *kept without words where that is not counts with weights. */
int eh_desk_gather_counted(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_counted *kept,
			   struct eh_err *err);

#endif

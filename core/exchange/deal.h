/*
 * deal.h - the rows of a `rates` table between a fast reader and audit data: each with the fingerprint of its
 * candidate in place of the id, dealt by it to EH_DEAL_PILES piles while they are read, then put in order pile by
 * pile.
 *
 * Fingerprints have EH_DEAL_BITS = 88 bits: 14 bytes a row with everything else, which is what ten million rows may
 * cost.  That of an id of up to EH_DEAL_SHORT bytes is the id itself, stirred so that it can be undone: no two such
 * candidates are ever taken for one.  That of a longer id is a hash (eh_fingerprint): of 10^7 such candidates some two
 * are taken for one with probability 10^14 / 2^89 = 2e-13 a table, of 10^9 with 2e-9, far below that of a bit that
 * turns over in memory unseen.  Who may choose ids and searches for such a pair needs 2^44 tries, and gains one person
 * less than there are, whose two classes or decisions must agree or be refused.  Where a fingerprint stands in one row
 * alone no question arises.
 *
 * Only for the files of exchange/ and their tests.
 */
#ifndef EH_EXCHANGE_DEAL_H
#define EH_EXCHANGE_DEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/threads.h"

#define EH_DEAL_PILES 256u              /* by the fingerprint's first byte */
#define EH_DEAL_BITS 88u
#define EH_DEAL_SHORT 11u               /* [bytes] */
#define EH_DEAL_CLASSES 16u
#define EH_DEAL_HOLD 2u

/* What one reader has dealt. */
struct eh_deal {
	struct eh_deal_pile {
		unsigned char *first, *at, *end;        /* blocks of rows, the newest; where the next row goes */
	} pile[EH_DEAL_PILES];
	unsigned char **slab;           /* [n_slabs] blocks lie in them */
	size_t n_slabs, left;
	unsigned char *next;
	bool scores, days;              /* eh_deal_beside is called for every row */
	bool large_pages;               /* faster; what is read again goes back to the system at the end only */
};

/* Adds a row; 16 bytes of candidate are looked at.  The row's pile, or EH_ENOMEM. */
int eh_deal_add(struct eh_deal *d, const char *candidate, size_t len, uint32_t tag);
/* What the newest row of a pile has, where scores or days is set; a NaN, EH_NO_DAY: none. */
void eh_deal_beside(struct eh_deal *d, unsigned pile, double score, int32_t day);
void eh_deal_free(struct eh_deal *d);

/* What is the same in many rows. */
struct eh_deal_kind {
	uint32_t stratum;               /* index into the audit data's strata */
	uint8_t decision;               /* 1, 0, EH_DEAL_HOLD */
	int8_t group[EH_DEAL_CLASSES];  /* by class column of the order, of its attribute's groups; -1 = not known */
};

/* A class column: what it says, of which attribute. */
struct eh_deal_class {
	size_t attribute;               /* index into the audit data's attributes */
	uint8_t provenance;             /* of those who have their class from it: EH_DECLARED, EH_IMPORTED */
};

/* One reader's rows and what their tags mean: tag = evaluator << bits | kind. */
struct eh_deal_source {
	struct eh_deal *deal;
	const uint32_t *evaluator;      /* the reader's number to the audit data's */
	const struct eh_deal_kind *kind;        /* [n_kinds] by the reader's number */
	const uint32_t *count;          /* [its evaluators][parts] decisions of evaluator by part of the piles */
	uint32_t n_evaluators, n_kinds;
};

struct eh_deal_order {
	const struct eh_deal_source *source;    /* [n_sources] */
	const struct eh_deal_class *class;      /* [n_classes] where two are of one attribute the former comes first:
						 * the latter is for candidates of whom it says nothing in any row */
	size_t n_classes;               /* up to EH_DEAL_CLASSES; every attribute has one */
	size_t n_sources, parts;        /* piles are worked on in so many parts; 1..EH_DEAL_PILES */
	unsigned bits;                  /* of a kind in a tag */
	uint64_t rows, decisions;       /* of all sources; decisions: without holds */
	uint32_t threads;
	uint64_t repeats;               /* out: rows that repeat evaluator, candidate and stratum */
	bool conflict;                  /* out: rows give a candidate different classes in one column */
};

/*
 * Sorts names by their fingerprints, as eh_deal_arrange numbers candidates (two of one fingerprint stay apart, in the
 * order of their names): rank[i] is the new number of name i.  EH_ENOMEM.
 */
int eh_deal_rank(uint32_t *rank, char *const *name, size_t n);

static inline size_t eh_deal_part(unsigned pile, size_t parts)
{
	return pile * parts / EH_DEAL_PILES;
}

/*
 * Fills candidates.n, the columns (by evaluator, then candidate, then stratum, as eh_audit_data_sort leaves them) and
 * the attributes' group and provenance, and says that the rows are in order; evaluators, strata and attributes with
 * their groups are there already.
 * Candidates are numbered by fingerprint: the same for any order of rows, sources and parts.  The rows' memory goes as
 * the columns' comes.  With repeats or a conflict (the caller looks) the content of out is not to be used.  EH_ENOMEM.
 */
int eh_deal_arrange(struct eh_audit_data *out, struct eh_deal_order *o, struct eh_err *err);

#endif

/*
 * rowed.h - the evaluations that audit data were gathered from, and what has changed in them since; for an audit that
 * is kept open (desk/kept.c) of a project in which candidates have decisions of several evaluators.
 *
 * Who changed anything is told by the versions of the count cubes (audit/cubes.h), one evaluator by one; the
 * evaluations of those are read again, the others' are not.
 */
#ifndef EH_DESK_ROWED_H
#define EH_DESK_ROWED_H

#include "audit/rows.h"
#include "desk/inside.h"
#include "desk/judged.h"

struct eh_rowed {
	uint64_t version;               /* of the cubes */
	struct eh_name_builder *texts;  /* of the profiles (people/people.h) */
	uint32_t *profile;              /* [candidates of the data] number of the text */
	struct eh_list judges;          /* struct eh_row_judge, in the order of their keys */
};

/* Who has evaluations. */
struct eh_row_judge {
	eh_id name;
	uint64_t holds;
};

void eh_rowed_free(struct eh_rowed **r);                /* NULL-safe */

/* While the evaluations are read, in the order of their keys. */
struct eh_rowed *eh_rowed_new(void);
void eh_rowed_note(struct eh_rowed *r, const struct eh_evaluation *e);
/* The profiles of n settled candidates; takes the texts over. */
void eh_rowed_settle(struct eh_rowed *r, struct eh_judged *j, size_t n, uint64_t version);

/* eh_desk_gather, and what later changes are told by; *rowed NULL: they cannot be.  rowed NULL: nobody asks. */
int eh_desk_gather_rowed(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_rowed **rowed,
			 struct eh_err *err);

struct eh_row_changes {
	/* for each evaluator who decided otherwise, on the data as they are after the one before */
	int (*replace)(void *ctx, uint32_t evaluator, const struct eh_rows_now *now, struct eh_err *err);
	void *ctx;
	/* filled in: */
	bool changed;                   /* replace was called */
	uint32_t evaluators;            /* whose evaluations were read again */
	uint64_t version, holds;        /* as they are now */
	char why[160];                  /* what makes it necessary to gather anew; "" = nothing */
};

/*
 * What changed since.  d: those data.  Positions, strata, classes and evaluators must be those that the data have,
 * nobody may have lost his last decision, and candidates who were there have the classes that
 * they had.  Where why is "" r is up to date; else, and after an error, r and the data are of no further use.
 */
int eh_rowed_changes(struct eh_rowed *r, struct eh_txn *txn, const struct eh_audit_data *d, struct eh_row_changes *out,
		     struct eh_err *err);

#endif

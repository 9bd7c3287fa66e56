/*
 * judged.h - the candidates of the evaluations while these are read: their numbers, and what is known of them.
 *
 * Where the table of judges is in step with the evaluations (audit/cubes.h) it gives the numbers: it has the candidates
 * in the order of their names, and of every evaluator in the order in which his evaluations come, so that no name has
 * to be looked up and no names have to be sorted.  Else candidates are numbered as they are met.  The result is the
 * same.
 */
#ifndef EH_DESK_JUDGED_H
#define EH_DESK_JUDGED_H

#include "desk/inside.h"

struct eh_judged {
	struct eh_txn *txn;
	struct eh_name_builder *texts;          /* of the profiles (people/people.h) */
	struct eh_list profiles;                /* struct eh_candidate, by number of the text */
	struct eh_list profile_of;              /* uint32_t, of a candidate */
	struct eh_list text_of;                 /* uint32_t, of a profile; once settled */
	struct eh_name_builder *names;          /* of candidates numbered as they are met; NULL with judges */
	struct eh_name_builder *evaluators;     /* of the judges, NULL without */
	struct eh_list candidates;              /* char *, with judges */
	uint32_t *of;                           /* candidates of one evaluator after the other */
	size_t *at;                             /* [evaluators of the judges + 2] his first one in `of` */
	uint8_t *used;                          /* [candidates] has a decision */
	/* the evaluation at hand */
	eh_id evaluator, candidate;
	uint32_t number;
	size_t next, end;                       /* in `of` */
};

int eh_judged_begin(struct eh_judged *j, struct eh_txn *txn, struct eh_err *err);
/* Without the judges, whose table is read whole: for the evaluations of a few. */
void eh_judged_begin_few(struct eh_judged *j, struct eh_txn *txn);
void eh_judged_free(struct eh_judged *j);

/* *out: provisional number of e's candidate.  Asked for all evaluations in the order of their keys; for those on hold
 * out is NULL.  EH_EFORMAT: the project is damaged. */
int eh_judged_number(struct eh_judged *j, const struct eh_evaluation *e, uint32_t *out, struct eh_err *err);

/* What is known of the candidate of that number, until eh_judged_settle. */
const struct eh_candidate *eh_judged_profile(const struct eh_judged *j, uint32_t number);

/* Names of those with decisions, sorted; map[provisional] = number in them, caller frees.  profiles and profile_of are
 * those of the names then. */
void eh_judged_settle(struct eh_judged *j, struct eh_names *names, uint32_t **map);

#endif

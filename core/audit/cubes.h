/*
 * cubes.h - the stored count cubes (kinds.h), one per evaluator, and how they are kept in step with the evaluations.
 *
 * Tables: cubes (evaluator -> version, cube), dated (evaluator, first month, last month -> cube), judges (candidate,
 * evaluator -> nothing), and a mark in meta: format of the cubes, evaluations counted, candidates with decisions of
 * more than one evaluator, version.  Who changes evaluations, or what an audit knows of a candidate, does it through
 * here, in the transaction of the change; a mark that does not fit (none, another format, another number of evaluations
 * than are stored) means that everything is counted anew by the next change.
 *
 * The version grows with every transaction that changes a cube, and only with those; a cube has the version of the last
 * that changed it.  Where a candidate is shared it also grows when an evaluation changes that leaves the kinds as they
 * are (two candidates of one kind exchange their decisions; another time): what the others decided about them is then
 * beside other decisions.  So who knew all of them once reads those again whose version is newer than what he knew.
 *
 * The cubes by months (dated) have the month in the stratum ("position US stage US question US 2026-03", nothing behind
 * the last US where no time is known).  A person is one unit of counting over months too, so his decisions stay in one
 * kind: it stands in the cube of the months of his first and his last decision.  Nearly everybody is judged in one
 * month, so whoever asks for some months reads their cubes and the few that reach across.  Holds are in the cube of
 * their month.  What an older program stored has no cubes by months until the next import of evaluations, or doctor,
 * makes them.
 */
#ifndef EH_AUDIT_CUBES_H
#define EH_AUDIT_CUBES_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/kinds.h"
#include "audit/period.h"
#include "base/err.h"
#include "people/people.h"
#include "store/store.h"

struct eh_cubes_state {
	bool current;                   /* the cubes are those of the evaluations */
	bool dated;                     /* and so are those by months */
	uint64_t evaluations;           /* counted */
	uint64_t shared;                /* candidates with decisions of two evaluators or more */
	uint64_t version;               /* 0 = not known */
};
int eh_cubes_state(struct eh_txn *txn, struct eh_cubes_state *out, struct eh_err *err);

/* Takes a value of EH_T_CUBES apart; record (of eh_kinds_load) is borrowed from it.  EH_EFORMAT. */
int eh_cubes_open(struct eh_bytes value, uint64_t *version, struct eh_bytes *record, struct eh_err *err);

/* Takes a key of EH_T_DATED apart.  EH_EFORMAT. */
struct eh_dated_key {
	eh_id evaluator;
	int32_t first, last;            /* months, eh_period_of; EH_PERIOD_NONE before all */
};
int eh_dated_open(struct eh_bytes key, struct eh_dated_key *out, struct eh_err *err);

/* Month of a stratum of such a cube; false: it is none. */
bool eh_stratum_month(const char *text, int32_t *month);
/* The stratum as the data of an audit have it: without the month, or where `by` is a period with that which holds the
 * month.  The caller frees it. */
char *eh_stratum_in_period(const char *text, enum eh_period by, int32_t month);

/* Counts everything anew. */
int eh_cubes_recount(struct eh_txn *txn, struct eh_err *err);
/* Recounts where the mark does not fit, or has no cubes by months. */
int eh_cubes_ready(struct eh_txn *txn, struct eh_err *err);

/*
 * Compares the stored cubes with a recount in memory, byte for byte; nothing is written.  *wrong: evaluators whose cube
 * differs, is missing or too many; not set where the mark does not fit.
 */
int eh_cubes_check(struct eh_txn *txn, uint64_t *wrong, struct eh_err *err);

/*
 * The candidate's profile was `before` and is what is stored now: his decisions move to the kinds of that, in the cubes
 * of all who decided about him.  Nothing where the mark does not fit.
 */
int eh_cubes_moved(struct eh_txn *txn, const char *candidate, const char *before, struct eh_err *err);

/* ---- many evaluations at once ---- */

struct eh_taken {
	uint64_t fresh, changed, same;
};

/*
 * Evaluations are gathered in memory, sorted and put in the order of their keys; cubes and judges follow.  What has not
 * been flushed is not stored.
 *   keep_score, keep_time: an evaluation that is there already keeps its own
 */
struct eh_intake;
int eh_intake_new(struct eh_intake **out, struct eh_txn *txn, bool keep_score, bool keep_time, struct eh_err *err);
void eh_intake_free(struct eh_intake **t);              /* NULL-safe */
/* profile: of its candidate (people/people.h).  The same key twice: the later one holds.  May flush.  EH_ERANGE,
 * EH_EFORMAT: the evaluation cannot be stored, and was not taken in. */
int eh_intake_add(struct eh_intake *t, const struct eh_evaluation *e, const char *profile, struct eh_err *err);
/* Puts the rest and the mark. */
int eh_intake_flush(struct eh_intake *t, struct eh_taken *out, struct eh_err *err);

#endif

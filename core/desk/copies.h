/*
 * copies.h - degraded copies of the recordings of those who teach a model (facts/audio.md 11); used inside this room
 * only.
 *
 * Copies are indicators of a candidate's voice, made for training alone: they need the consents for voice and for
 * train, stand beside the answer whose recording they are of, and go with it, with either consent, and when another
 * recording is measured in its place.  Made once; what cannot be read again teaches without copies.
 */
#ifndef EH_DESK_COPIES_H
#define EH_DESK_COPIES_H

#include "desk/inside.h"
#include "extract/copies.h"

/*
 * Rows up to which everybody teaches as copies too: 500 candidates.  Of more than that a share is drawn, and never
 * fewer than EH_COPIES_LEAST: the time of a training grows with the square of its rows (facts/learning.md 3), so copies
 * of everybody cost sixteen times what the originals alone do.  Own choice: 2000 rows are some minutes on two cores.
 */
#define EH_COPIES_ROWS 2000
#define EH_COPIES_LEAST 300
size_t eh_desk_copies_limit(size_t n); /* of n candidates, how many; may be more than n where n is small */

struct eh_desk_teacher { /* may teach this column: label and consents but those for the voice */
	eh_id candidate;
	size_t column;
	eh_name group;
};

struct eh_copied { /* a candidate as one kind of copy */
	struct eh_vector vector;
	enum eh_copy_kind kind;
};

struct eh_copy_gap { /* a recording without copies, of somebody who teaches with others */
	eh_id candidate;
	bool refused; /* a worker failed on it; else it could not be read again */
};

struct eh_desk_copies {	     /* of one training */
	struct eh_list who;  /* eh_id, sorted */
	struct eh_list gaps; /* struct eh_copy_gap, by candidate */
	struct eh_list rows; /* struct eh_copied, by candidate and kind */
};

void eh_desk_copies_init(struct eh_desk_copies *c);
void eh_desk_copies_free(struct eh_desk_copies *c);

/* Consents for voice (and watch) and train.  why: the refusal; may be NULL. */
bool eh_desk_may_copy(struct eh_txn *txn, const char *candidate, int64_t now, struct eh_err *why);

/*
 * Chooses who teaches as copies (teachers: struct eh_desk_teacher with a measured voice, is sorted anew) and makes what
 * is missing in locked workers, with a journal entry when recordings were opened.  Every finished recording is stored
 * at once, after its consents were asked again.  c: who and gaps are filled.
 * EH_ECANCEL: what was finished is stored.  EH_EENV: o->require_sandbox and a lock is missing.
 */
int eh_desk_copies_make(struct eh_desk *d, struct eh_desk_copies *c, struct eh_list *teachers,
			const struct eh_train_options *o, const struct eh_progress *progress, struct eh_err *err);
/* c->rows from what is stored and allowed now: copies of the answers there are, with voice enough for a vector. */
int eh_desk_copies_pool(struct eh_txn *txn, struct eh_desk_copies *c, int64_t now, struct eh_err *err);

bool eh_desk_copies_has(const struct eh_desk_copies *c, const char *candidate); /* among who? */
/* The rows of a candidate, *n of them; NULL when there are none. */
const struct eh_copied *eh_desk_copies_of(const struct eh_desk_copies *c, const char *candidate, size_t *n);
/* Adds the candidate's gaps. */
void eh_desk_copies_gaps(const struct eh_desk_copies *c, const char *candidate, uint32_t *unread, uint32_t *refused);

/* In the transaction that stores an answer: copies of another recording than its own go. */
int eh_desk_copies_follow(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_answer *a,
			  struct eh_err *err);

#endif

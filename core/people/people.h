/*
 * people.h - candidates, evaluators, interviews, evaluations and consents as they are stored.
 *
 * Ids are pseudonyms chosen by the importer; names and e-mail addresses stay in their record
 * and never reach logs, mails, argv or the journal.  Every put encodes a versioned record
 * (store/codec.h) and is one step of the caller's transaction; it returns EH_OK for a new
 * entry, and tells in *change whether something was new, changed or the same.
 */
#ifndef EH_PEOPLE_PEOPLE_H
#define EH_PEOPLE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "store/store.h"

#define EH_JURISDICTION_MAX 8           /* "US-IL", "DE" */
#define EH_DECLARED_MAX 8               /* attributes of one candidate whose class can be known */
#define EH_TEXT_MAX 255                 /* names, e-mail addresses, notices */
#define EH_PATH_MAX 1023

enum eh_change { EH_NEW, EH_CHANGED, EH_SAME };

/* Who says of what class a candidate is: numbers stand in records. */
enum eh_class_source {
	EH_BY_CANDIDATE = 0,            /* declared: the candidate did */
	/* imported: another record does, of an HR system, a form somebody else filled in */
	EH_BY_RECORD = 1
};

struct eh_declared {
	eh_name attribute;              /* "sex" */
	eh_name group;                  /* "female" */
	uint8_t source;                 /* enum eh_class_source */
};

struct eh_candidate {
	eh_id id;
	char jurisdiction[EH_JURISDICTION_MAX + 1];
	eh_id position;                 /* "" = none given */
	char name[EH_TEXT_MAX + 1];
	char email[EH_TEXT_MAX + 1];
	size_t n_declared;
	/* Known classes, declared or imported, sorted by attribute.  An attribute stands once: what is declared
	 * wins. */
	struct eh_declared declared[EH_DECLARED_MAX];
};

struct eh_evaluator {
	eh_id id;
	char name[EH_TEXT_MAX + 1];
	char unit[EH_TEXT_MAX + 1];
	char email[EH_TEXT_MAX + 1];
};

struct eh_interview {
	eh_id candidate;
	eh_id question;
	char path[EH_PATH_MAX + 1];     /* absolute */
};

enum eh_decision_kind { EH_REJECT = 0, EH_ADVANCE = 1, EH_HOLD = 2 };

struct eh_evaluation {
	eh_id evaluator;
	eh_id candidate;
	eh_id position;                 /* "" = the candidate's */
	eh_id stage;                    /* "" = none given */
	eh_id question;                 /* "" = the candidate as a whole */
	enum eh_decision_kind decision;
	bool has_score;
	double score;                   /* finite */
	bool has_time;
	int64_t decided_at;             /* [s] since 1970 UTC */
};

#define EH_EVALUATION_RECORD 32         /* [bytes] room of a stored evaluation */

/*
 * A jurisdiction as an import may bring it: an ISO 3166-1 alpha-2 country (also EL, EU and UK), alone or with a part of
 * one to three letters or digits; of the United States only states, DC and territories that there are.
 * EH_EFORMAT says what is wrong with it.
 */
int eh_jurisdiction_check(const char *text, struct eh_err *err);

int eh_candidate_put(struct eh_txn *txn, const struct eh_candidate *c, enum eh_change *change, struct eh_err *err);
int eh_candidate_get(struct eh_txn *txn, const char *id, struct eh_candidate *out,
		     struct eh_err *err);						/* EH_ENOENT names the id */
/* The class of an attribute, whoever says so, and where it stands; NULL = not known. */
const struct eh_declared *eh_candidate_class(const struct eh_candidate *c, const char *attribute);
/* The group that the candidate declared; NULL = none: not known, or known from another record. */
const char *eh_candidate_declared(const struct eh_candidate *c, const char *attribute);
const char *eh_class_source_name(uint8_t source); /* "declared", "imported" */
int eh_evaluator_put(struct eh_txn *txn, const struct eh_evaluator *e, enum eh_change *change, struct eh_err *err);
int eh_evaluator_get(struct eh_txn *txn, const char *id, struct eh_evaluator *out, struct eh_err *err);
int eh_interview_put(struct eh_txn *txn, const struct eh_interview *i, enum eh_change *change, struct eh_err *err);
/* Leaves the counts behind (audit/cubes.h): imports go through those. */
int eh_evaluation_put(struct eh_txn *txn, const struct eh_evaluation *e, enum eh_change *change, struct eh_err *err);

/* For who reads or puts many of them in key order (audit/cubes.h): one entry to and from its stored form. */
int eh_evaluation_check(const struct eh_evaluation *e, struct eh_err *err);
size_t eh_evaluation_write(unsigned char out[EH_EVALUATION_RECORD], const struct eh_evaluation *e); /* its length */
int eh_evaluation_read(struct eh_evaluation *out, struct eh_bytes key, struct eh_bytes value, struct eh_err *err);

/*
 * Profile: what an audit knows of a candidate, as text: place US position (US attribute RS group [RS])*, attributes
 * sorted, US = 0x1f, RS = 0x1e; the last RS where the class is imported.  record: a stored candidate.
 */
#define EH_PROFILE_TEXT 2048
int eh_profile_record(char out[EH_PROFILE_TEXT], struct eh_bytes record, struct eh_err *err);
/* The parts again; id, name and email are "".  false: not a profile. */
bool eh_profile_read(struct eh_candidate *out, const char *text);
/* Length of the position in a profile, and where it begins. */
size_t eh_profile_position(const char *text, const char **at);

/* In key order; fn's value other than 0 ends the walk and is returned. */
int eh_candidates_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_candidate *c, struct eh_err *err),
		       void *ctx, struct eh_err *err);
int eh_evaluators_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_evaluator *e, struct eh_err *err),
		       void *ctx, struct eh_err *err);
int eh_interviews_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_interview *i, struct eh_err *err),
		       void *ctx, struct eh_err *err);
int eh_evaluations_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_evaluation *e, struct eh_err *err),
			void *ctx, struct eh_err *err);
/* Those of one evaluator; nothing else is read. */
int eh_evaluations_of(struct eh_txn *txn, const char *evaluator,
		      int (*fn)(void *ctx, const struct eh_evaluation *e, struct eh_err *err), void *ctx,
		      struct eh_err *err);

#endif

/*
 * consent.h - the consent ledger and the gates in front of every use of personal data.
 *
 * The ledger is append-only: a withdrawal is one more record.  Nothing is allowed by default.
 * No policy, flag or setting can open a gate (facts/law.md 5).
 */
#ifndef EH_PEOPLE_CONSENT_H
#define EH_PEOPLE_CONSENT_H

#include "people/people.h"

struct eh_paper_rule;                   /* people/paper.h */

/* Purposes: "watch", "face", "voice", "train", "infer:ATTRIBUTE" (DESIGN.md 4.2). */
#define EH_PURPOSE_MAX (6 + EH_NAME_MAX)

/*
 * What the paper behind a consent says, where a law asks for it; of the candidate's own data only that they are there.
 * Written release: Illinois 740 ILCS 14/15.  Waiver of an interview: Maryland L&E 3-717.  Source: facts/law.md 4.
 */
enum eh_answered { EH_NOT_SAID = 0, EH_SAID_YES = 1, EH_SAID_NO = 2 };
struct eh_release {
	eh_id id;                       /* of the release, "" = there is none */
	char signature[65];             /* SHA-256 of what was signed, 64 hexadecimal digits, "" = none */
	char purpose[EH_TEXT_MAX + 1];  /* for what, in the release's words */
	int64_t term_until;             /* [s] how long it may be kept, 0 = not said */
	eh_id policy_version;           /* of the published retention policy it names */
	uint8_t signed_name;            /* enum eh_answered: the waiver bears the applicant's name (kept nowhere) */
	int64_t interview_date;         /* [s] 0 = not said */
	uint8_t waiver_read;            /* enum eh_answered: the applicant says that he read it */
};

struct eh_consent {
	eh_id candidate;
	char purpose[EH_PURPOSE_MAX + 1];
	bool granted;
	int64_t at;                     /* [s] since 1970 UTC, when the candidate said so */
	char notice[EH_TEXT_MAX + 1];   /* id of the notice text shown, or "" */
	int64_t expires;                /* [s] since 1970 UTC; 0 = no end given */
	struct eh_release release;
};

/* EH_EFORMAT: a signature that is no SHA-256. */
int eh_signature_check(const char *text, struct eh_err *err);

/* One of the five purposes; for infer: a valid attribute name.  EH_EFORMAT lists what is allowed. */
int eh_purpose_check(const char *purpose, struct eh_err *err);

/* Appends; a record equal to one already in the ledger is EH_SAME and not stored again. */
int eh_consent_put(struct eh_txn *txn, const struct eh_consent *c, enum eh_change *change, struct eh_err *err);
int eh_consents_each(struct eh_txn *txn, const char *candidate /* NULL = all */,
		     int (*fn)(void *ctx, const struct eh_consent *c, struct eh_err *err), void *ctx,
		     struct eh_err *err);

/*
 * eh_gate - may this be done with this candidate's data now?
 *
 * The newest record (by `at`, then by order of entry) for the purpose decides; it must be
 * granted, not in the future and not expired at `now`.  "face" and "voice" also need "watch", a
 * known jurisdiction, and the papers that its laws ask for (people/paper.h): what is missing in the
 * deciding record of the purpose shuts it.  "infer:ATTRIBUTE" also needs the jurisdiction's gate (below).
 *
 * EH_OK or EH_EREFUSED; the text names id, purpose and why ("no consent for face").
 */
int eh_gate(struct eh_txn *txn, const char *candidate, const char *purpose, int64_t now, struct eh_err *err);

/*
 * eh_gate_each - what eh_gate says of several purposes of one candidate, from one walk through the ledger: for those
 * who ask of very many candidates, and want no reasons.
 *
 * may [n] for purposes [n], n <= EH_GATE_MAX.  c is the candidate's record where the caller has it, else NULL; only
 * face, voice and infer: purposes look at it.  What cannot be read allows nothing.
 */
#define EH_GATE_MAX 8
void eh_gate_each(struct eh_txn *txn, const char *candidate, const struct eh_candidate *c, const char *const *purposes,
		  size_t n, int64_t now, bool *may);

/* The rule of people/paper.h that alone keeps PURPOSE shut: the consents for it hold, a paper is missing.  NULL: it is
 * open, or shut for another reason. */
const struct eh_paper_rule *eh_gate_paper(struct eh_txn *txn, const char *candidate, const char *purpose, int64_t now);

/*
 * eh_gate_infer - may ATTRIBUTE be inferred at all in this jurisdiction?
 *
 * race, religion, politics, union, orientation: never in the EU/EEA (AI Act Art 5(1)(g));
 * emotion, disability, health, genetic, pregnancy, orientation, religion: never anywhere;
 * nothing in the United Kingdom (known classes only).  An unknown jurisdiction allows nothing.
 * Source: facts/law.md 1 and 5.
 */
int eh_gate_infer(const char *jurisdiction, const char *attribute, struct eh_err *err);

/*
 * eh_gate_purpose - can a consent for PURPOSE allow anything at all?
 *
 * EH_EREFUSED for infer: of what is never inferred anywhere (above); such a consent is not to be asked for.  Refusals
 * and withdrawals may be recorded for any purpose.
 */
int eh_gate_purpose(const char *purpose, struct eh_err *err);

/*
 * A name of emotions or moods: never taken in, neither declared nor imported.  The other classes that are never
 * inferred may be: law protects them, so decisions may be audited by them (facts/law.md 3 to 5).
 */
bool eh_gate_feeling(const char *attribute);

/* Column names that no table may bring in as a feature or class: postcode, zip ... (Illinois HB 3773). */
bool eh_gate_forbidden_column(const char *name);

#endif

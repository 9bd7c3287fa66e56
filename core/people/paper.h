/*
 * paper.h - laws of places that ask for a paper before a face or a voice is measured: dated data, and what a paper
 * lacks.
 *
 * The gate of consent.h asks here; nothing else opens or shuts it, and no policy is asked.
 * Source of fields and dates: facts/law.md 2, 4 and 5.
 */
#ifndef EH_PEOPLE_PAPER_H
#define EH_PEOPLE_PAPER_H

#include "people/consent.h"

enum eh_paper {
	EH_PAPER_RELEASE,       /* written release: id, signature, purpose, term not over, version of the policy */
	EH_PAPER_WAIVER         /* of an interview: name, date, consent (the record itself), that it was read */
};

struct eh_paper_rule {
	const char *place;              /* "US-IL" */
	bool face, voice;               /* what is not measured without the paper */
	enum eh_paper paper;
	const char *name, *source;
	const char *from, *to;          /* days, both included; from "": it is in force, since when is not known; to "":
					 * no end */
};

/* All there are, in and out of force. */
const struct eh_paper_rule *eh_paper_rules(size_t *n);
const char *eh_paper_name(enum eh_paper paper); /* "written release", "waiver" */

/* What a paper lacks, by the names of the fields at import, "a, b"; false, and "", when it is complete at `now`. */
#define EH_PAPER_LACKS_MAX 160
bool eh_paper_lacks(char out[EH_PAPER_LACKS_MAX], enum eh_paper paper, const struct eh_release *r, int64_t now);

/*
 * The first rule in force at `now` that forbids `purpose` ("face", "voice"; others are never forbidden here) in the
 * place with this paper, and what it lacks; NULL = none.  "US" without a state is asked for all that any state asks.
 */
const struct eh_paper_rule *eh_paper_missing(char lacks[EH_PAPER_LACKS_MAX], const char *place, const char *purpose,
					     const struct eh_release *r, int64_t now);
/* EH_EREFUSED with id, rule, what is missing and the mend. */
int eh_paper_refuse(const struct eh_paper_rule *rule, const char *lacks, const char *candidate, const char *place,
		    const char *purpose, struct eh_err *err);

#endif

/*
 * paper.h - the release and the waiver that face and voice need in some places (people/paper.h), for tests of other
 * things.
 */
#ifndef TESTS_CORE_PAPER_H
#define TESTS_CORE_PAPER_H

#include <stdio.h>

#include "people/consent.h"

#define PAPER_SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* At the end of the header and of a row of `import consents`. */
#define PAPER_COLUMNS ",release_id,signature_sha256,purpose_text,term_until,policy_version"
#define PAPER_CELLS ",R1," PAPER_SHA ",hiring audit,2099-12-31,v1"

static inline void paper_sign(struct eh_release *r)
{
	(void)snprintf(r->id, sizeof r->id, "R1");
	(void)snprintf(r->signature, sizeof r->signature, "%s", PAPER_SHA);
	(void)snprintf(r->purpose, sizeof r->purpose, "hiring audit");
	r->term_until = INT64_C(4102358400); /* 2099-12-31 */
	(void)snprintf(r->policy_version, sizeof r->policy_version, "v1");
}

static inline void paper_waive(struct eh_release *r)
{
	r->signed_name = EH_SAID_YES;
	r->interview_date = 1000;
	r->waiver_read = EH_SAID_YES;
}

#endif

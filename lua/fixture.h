/*
 * fixture.h - the decisions that a spec makes up, audited by the core.
 *
 * A spec says how many persons of which class an evaluator decided about and how many of them advanced; rows are made
 * of that, and everything else about them (rates, tests, families, benchmark, peers) is what core/audit says of them.
 * Runs in the spec's locked worker.
 */
#ifndef EH_LUA_FIXTURE_H
#define EH_LUA_FIXTURE_H

#include "audit/audit.h"
#include "lua/contract.h"

struct lua_State;

#define EH_FIXTURE_PERSONS_MAX 200000   /* in all cells together */

/*
 * What a fixture became.  Findings, verdicts and subjects live as long as the state: facts that a spec holds refer to
 * them.
 */
struct eh_fixture {
	struct eh_policy_info info;     /* of the policy that is asked; settings: those of the audit */
	struct eh_audit_data data;
	struct eh_findings findings;
	struct eh_verdict *verdicts;    /* [findings.n] */
	struct eh_subject *subjects;    /* [findings.n] */
	bool declared[EH_FACTS_MAX];
};

/*
 * cells: the list at idx of {evaluator = , position = , stage = , question = , period =, n = , selected = ,
 * class = {sex = "female", ...} or probability = {attribute = , [group] = p}}.  f->info is filled already.  Raises.
 */
void eh_fixture_audit(struct lua_State *L, int idx, struct eh_fixture *f);

#endif

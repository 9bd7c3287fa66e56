/*
 * own.h - findings that a policy forms itself: from what compute() says to findings with the program's own statistics.
 *
 * A policy says which group, against what, in which part of the decisions, and its verdict.  The numbers are the
 * core's: the decisions of that part are audited by the same code as everything else (audit/audit.h), with the
 * settings of the run, as everybody's together; a policy that also says how many there are is believed only when it is
 * right.  So a policy can look elsewhere than the built-in findings do, and cannot lie about what is there.
 *
 * Such a finding is in no family and has no benchmark and no peers: how many others the policy looked at, only the
 * policy knows (evenhand.family).
 */
#ifndef EH_POLICY_OWN_H
#define EH_POLICY_OWN_H

#include "audit/audit.h"
#include "audit/strata_rows.h"
#include "policy/policy.h"

/* NULL, or what is wrong with it, for its author.  Every text is terminated and clean (base/text.h), or it is wrong. */
const char *eh_own_wrong(const struct eh_own *o);

/* "finding 3 of compute() (E1, S2, sex, female)", i from 0. */
#define EH_OWN_NAME_MAX 600
void eh_own_name(char out[EH_OWN_NAME_MAX], const struct eh_own *o, size_t i);

/*
 * v [n], each right by eh_own_wrong, to findings in their order.  d: sorted, the run's; NULL = no decisions, and
 * findings about groups are then without numbers (counted = false).  s: the run's settings; the smallest share is not
 * asked, and there is one look.
 *
 * Looks at the decisions of each different part once.  EH_EPOLICY: another number than the data have, an attribute,
 * group or reference that is not there, a period where nobody has a time, or more than EH_PARTS_WORK_MAX decisions
 * looked at in all (own_part.h); the text names the finding.  EH_ENOMEM.  After an error out is empty.
 */
int eh_own_findings(struct eh_findings *out, const struct eh_own *v, size_t n, const struct eh_audit_data *d,
		    const struct eh_audit_settings *s, struct eh_err *err);

/*
 * The strata behind f, one of these findings (f->own) with two strata or more, taken again from d: those of its part,
 * each with its evaluator and its name.  Whether they are still the finding's, eh_strata_rows_fit tells.  EH_ENOENT:
 * the data have no such attribute or group, or no times where it is of a month; EH_ENOMEM.  After an error out is
 * empty.  *parts: NULL before the first of several on one d, freed by the caller while d is still there.
 */
struct eh_parts;                        /* what the looks at one d share (own_part.h) */
int eh_own_strata(struct eh_strata_rows *out, struct eh_parts **parts, const struct eh_finding *f,
		  const struct eh_audit_data *d, struct eh_err *err);
void eh_parts_free(struct eh_parts **p);        /* NULL-safe */

#endif

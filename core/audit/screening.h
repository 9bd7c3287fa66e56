/*
 * screening.h - a group with predicted members against its reference: EM and weighted estimates in one finding.
 */
#ifndef EH_AUDIT_SCREENING_H
#define EH_AUDIT_SCREENING_H

#include "audit/assess.h"

#define EH_GUARD_EXPECTED 5.0           /* [effective decisions] selected and not selected per class */

/*
 * Classes: the group, its reference, and, where there are others, those together; the posterior of a class is the sum
 * over its groups, its likelihood that sum / the sum of the calibration shares.  A candidate's decisions weigh
 * 1/(1 + (m - 1) rho), rho the intra-candidate correlation of residuals (cluster.h), so one candidate
 * with perfectly repeated decisions counts once.  Fills the em_ fields, weighted_ratio, robust, guard, assume, and what
 * the decision looks at (ratio, interval, p, shortfall, flips, detectable, peer); basis = EH_BASIS_SCREENING.
 *
 * guard: the first that is not met of: the ratio identified (predicted.h); expected decisions, selected and not
 * selected, of the group and its reference.  Those of the classifier and of the scope were asked before (basis.h).  A
 * finding whose guard is not met keeps the statistics of the known classes that it came with, and so does peer:
 * eh_basis_refuse.
 *
 * weighted_ratio is EH_U_NOT_IDENTIFIED where every person's indicators say the same of his class: the two rates would
 * be one number.
 *
 * assume.n_eff = (n1 + n2) V/v, n the expected weighted decisions of the two classes, V what ln ratio would vary by
 * were they known, v what it does (half-width of the profile interval / z, squared).  detectable is that of n1 V/v
 * against n2 V/v decisions of known class: the classifier's loss is in it.
 * EH_ENOMEM, EH_EINVAL.
 */
int eh_screen(struct eh_finding *f, struct eh_peer *peer, const struct eh_scope_data *d, size_t g, eh_groups reference,
	      struct eh_err *err);

/* The ends of the assumption interval: the lower and the higher of em_ratio and weighted_ratio; undefined as the first
 * of them that is. */
struct eh_num eh_assumption_end(const struct eh_finding *f, bool high);

/* Everything undefined for one reason. */
void eh_assumption_none(struct eh_finding_assumption *a, enum eh_undef why);

/* The set's group with the highest posterior-weighted rate (then largest expected n, then name), or -1. */
int eh_screen_highest(const struct eh_scope_data *d, eh_groups set);

#endif

/*
 * screening.h - a group with predicted members against its reference: EM and weighted estimates in one finding.
 */
#ifndef EH_AUDIT_SCREENING_H
#define EH_AUDIT_SCREENING_H

#include "audit/assess.h"

#define EH_GUARD_AUC 0.8                /* facts/statistics.md 12 (7): lower end of the AUC interval */
#define EH_GUARD_EXPECTED 5.0           /* [effective decisions] selected and not selected per class */
#define EH_GUARD_SCOPE 0.2              /* share of the predicted persons that may be out of the classifier's scope */

/*
 * Classes: the group, its reference, and, where there are others, those together; the posterior of a class is the sum
 * over its groups, its likelihood that sum / the sum of the calibration shares.  A candidate's decisions weigh
 * 1/(1 + (m - 1) rho), rho the intra-candidate correlation of residuals (cluster.h), so one candidate
 * with perfectly repeated decisions counts once.  Fills the em_ fields, weighted_ratio, robust, guard, assume, and what
 * the decision looks at (ratio, interval, p, shortfall, flips, detectable, peer); basis = EH_BASIS_SCREENING.
 *
 * guard: the first that is not met of: the classifier's skill known; the lower end of its AUC interval; the share of
 * the scope's predicted persons outside its scope; the pool's scores a mixture of the labelled (both only where the
 * data tell); the ratio identified (predicted.h); expected decisions, selected and not selected, of the group and its
 * reference.
 *
 * What a guard refuses is described (em_, weighted_ratio, assume) and not judged: ratio, ratio_interval, p and
 * shortfall are EH_U_GUARD, or EH_U_NOT_IDENTIFIED where that is why, ratio_below and flips unknown, and it enters no
 * family, no comparison with the others and no second set.  weighted_ratio is EH_U_NOT_IDENTIFIED where every person's
 * indicators say the same of his class: the two rates would be one number.
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

/*
 * screening.h - a group with predicted members against its reference: EM and weighted estimates in one finding.
 */
#ifndef EH_AUDIT_SCREENING_H
#define EH_AUDIT_SCREENING_H

#include "audit/assess.h"

#define EH_GUARD_AUC 0.8                /* facts/statistics.md 12 (7): lower end of the AUC interval */
#define EH_GUARD_EXPECTED 5.0           /* [effective decisions] selected and not selected per class */

/*
 * Classes: the group, its reference, and, where there are others, those together; the posterior of a class is the sum
 * over its groups, its likelihood that sum / the sum of the calibration shares.  A candidate's decisions weigh
 * 1/(1 + (m - 1) rho), rho the intra-candidate correlation of residuals (cluster.h), so one candidate
 * with perfectly repeated decisions counts once.  Fills the em_ fields, weighted_ratio, robust, guard, and what
 * the decision looks at (ratio, interval, p, shortfall, flips, detectable, peer); basis = EH_BASIS_SCREENING.
 * EH_ENOMEM, EH_EINVAL.
 */
int eh_screen(struct eh_finding *f, struct eh_peer *peer, const struct eh_scope_data *d, size_t g, eh_groups reference,
	      struct eh_err *err);

/* The set's group with the highest posterior-weighted rate (then largest expected n, then name), or -1. */
int eh_screen_highest(const struct eh_scope_data *d, eh_groups set);

#endif

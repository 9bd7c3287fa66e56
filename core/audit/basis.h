/*
 * basis.h - do findings rest on an estimate with predicted classes, or on the known classes alone?
 *
 * The ladder of facts/statistics.md 12: declared, human-confirmed, predicted.  Predictions fill gaps; where a guard
 * refuses them, what is known stays known and is judged as if nobody had been predicted: the predicted persons count as
 * unknown and the ratio is bounded over them (bounds.h), all of them on either side.  Nothing is estimated from what is
 * refused: em_ and assume are EH_U_GUARD but for what is known of the classifier, and guard names the guard.
 *
 * Of the attribute: the classifier's skill not known, the lower end of its AUC interval too low, or scores of the pool
 * that are no mixture of the labelled.  Asked before anything is chosen by these classes: shares of the pool, the
 * largest group and every reference are those of the known ones, and the findings have the bytes that they have where
 * nobody is predicted (eh_order_refuse).
 *
 * Of the scope: too many of its predicted persons out of the classifier's scope.  Its reference is that of its known
 * classes; which groups are above the smallest share, and which is the largest, stays a matter of the whole pool.
 *
 * Of the group (screening.h): ratio not identified, too few expected decisions.  Its finding alone, against the scope's
 * reference; where that leaves no estimate in the scope, the scope.
 *
 * Both sides of a ratio so rest on the same classes, and two groups that share one test on the same basis.  Findings of
 * both bases stand in one family: each has a p of its own, of the known classes or of the estimate.
 *
 * Known classes below the smallest sample: the core's numbers stand as without predicted classes, and builtin is
 * too_few; a policy does better to say cannot_conclude with the guard, because asking for more declarations and a
 * better classifier are both a remedy.
 */
#ifndef EH_AUDIT_BASIS_H
#define EH_AUDIT_BASIS_H

#include "audit/assess.h"

#define EH_GUARD_AUC 0.8   /* facts/statistics.md 12 (7): lower end of the AUC interval */
#define EH_GUARD_SCOPE 0.2 /* share of the predicted persons that may be out of the classifier's scope */

/* The classifier refuses all predicted classes of its attribute; and for which guard, of EH_GUARD_MAX + 1 bytes: the
 * first of skill, AUC and mixture that is not met. */
bool eh_basis_unfit(const struct eh_classifier *k);
bool eh_basis_words(char *guard, const struct eh_classifier *k);

/* The predicted classes of the scope, which has some, are refused as a whole for `guard`. */
bool eh_basis_guard(char *guard, const struct eh_scope_data *d);

/* Share of the scope's predicted persons out of the classifier's scope; EH_U_NOT_COMPUTED where the data do not tell.
 */
struct eh_num eh_basis_out_of_scope(const struct eh_scope_data *d);

/* f is of a scope with predicted persons, or refused ones, and has the known classes' statistics and keeps them; the
 * rest is refused for `guard`. */
void eh_basis_refuse(struct eh_finding *f, const struct eh_scope_data *d, const char *guard);

/*
 * f [n_groups] and w of a scope that has predicted classes and was assessed group by group.  True: it has to be
 * assessed once more with all of them refused for `guard` (EH_GUARD_MAX + 1 bytes), because its reference or the basis
 * of a shared test would be another.  Where every group was refused on its own, the rows that were not compared are
 * refused with them.
 */
bool eh_basis_settle(char *guard, struct eh_finding *f, const struct eh_work *w, const struct eh_scope_data *d);

#endif

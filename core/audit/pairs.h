/*
 * pairs.h - an evaluator's decisions beside those of a second set on the same candidates (facts/statistics.md 9).
 *
 * A pair is a candidate of the group on whom both decided.  Each side's word on him is that of more than half of its
 * decisions; where a side is split evenly he is no pair, and counted in split.  Classes known for certain only.
 */
#ifndef EH_AUDIT_PAIRS_H
#define EH_AUDIT_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

struct eh_pairs {
	uint64_t both, first_only, second_only, neither;        /* candidates, by who advanced them */
	uint64_t split;
};

/*
 * d: sorted, its candidates one person each (weight NULL).  evaluator: the first side; second: [evaluators] who is in
 * the second set, the first himself never counts.  O(rows of both sides x log of the first's candidates).  EH_EINVAL:
 * counted persons, whose decisions cannot be told apart; EH_ENOMEM.  After an error out is all zero.
 */
int eh_pairs_count(struct eh_pairs *out, const struct eh_audit_data *d, size_t evaluator, const bool *second,
		   size_t attribute, size_t group, struct eh_err *err);

#endif

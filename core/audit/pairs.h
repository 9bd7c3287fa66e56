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
	uint64_t both, first_only, second_only, neither; /* candidates, by who advanced them */
	uint64_t split;
};

/* Takes in one candidate on whom both sides decided: each one's decisions that advanced less those that rejected. */
void eh_pairs_add(struct eh_pairs *out, int64_t first, int64_t second);

struct eh_pairing; /* the decisions by candidate: made once for the data */

/* d is borrowed until eh_pairing_free and sorted, its candidates one person each (weight NULL).  O(decisions).
 * EH_EINVAL: counted persons, whose decisions cannot be told apart; EH_ENOMEM. */
int eh_pairing_new(struct eh_pairing **out, const struct eh_audit_data *d, struct eh_err *err);
void eh_pairing_free(struct eh_pairing *p); /* NULL-safe */

/* evaluator: the first side; second: [evaluators] who is in the second set, the first himself never counts.
 * O(decisions on the first's candidates), which eh_pairing_rows bounds for who has a budget. */
void eh_pairing_count(struct eh_pairs *out, const struct eh_pairing *p, size_t evaluator, const bool *second,
		      size_t attribute, size_t group);
uint64_t eh_pairing_rows(const struct eh_pairing *p, size_t evaluator);

#endif

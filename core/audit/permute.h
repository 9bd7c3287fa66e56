/*
 * permute.h - exchanging the classes of candidates: the null distribution of the focal selections.
 *
 * If nobody is treated by class, the classes of the candidates of one block (slice.h) could be
 * exchanged.  A person moves with all decisions on him, so any dependence between the decisions
 * on one candidate is in the distribution.  With one decision per candidate and one block this is
 * the hypergeometric distribution and the p is the mid-p (a) of table.h.
 */
#ifndef EH_AUDIT_PERMUTE_H
#define EH_AUDIT_PERMUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/counts.h"
#include "audit/slice.h"
#include "base/err.h"
#include "base/num.h"

/* The exact distribution up to this size (persons in blocks with both sides, and their selections), the normal one
 * with the exact variance above: a fixed switch, named in the finding's p_method. */
#define EH_EXACT_PERSONS 200
#define EH_EXACT_SELECTED 800

/* Blocks are used when they keep this share of the decisions that the strata can compare, else the sandwich. */
#define EH_BLOCKS_KEEP 0.9

struct eh_permutation {
	/* decisions in blocks with both sides / decisions in strata with both sides, 0..1 */
	double kept;
	uint64_t persons;               /* in blocks with both sides */
	bool exact;
	double score, variance;         /* focal selections less their expectation; its exact variance, 0 = none */
	struct eh_num p;                /* exact: two-sided mid-p (a); else chi-square, 1 df.  EH_U_ZERO_VARIANCE */
};

/* side [n_patterns of s].  EH_ENOMEM. */
int eh_permutation_test(struct eh_permutation *out, const struct eh_slice *s, const struct eh_sides *side,
			struct eh_err *err);

/*
 * The same from the strata's tables t [n_strata of s], in less time: with one decision on everybody in the slice a
 * stratum is a block.  false: it is not so, or the exact distribution is called for; eh_permutation_test tells.
 */
bool eh_permutation_strata(struct eh_permutation *out, const struct eh_slice *s, const struct eh_fourfold *t);

#endif

/*
 * family.h - correction of p-values in a family of tests (facts/statistics.md 8).
 *
 * Undefined p-values are left out of the family's size and stay undefined (EH_U_NO_P where no
 * reason is given).
 */
#ifndef EH_AUDIT_FAMILY_H
#define EH_AUDIT_FAMILY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"

enum eh_family_method {
	EH_FAMILY_BH,
	EH_FAMILY_HOLM,
	EH_FAMILY_BY,
	EH_FAMILY_NONE,
	EH_FAMILY_BONFERRONI,
	EH_FAMILY_HOCHBERG,
};

/* "bh", "holm", "by", "none"; EH_EINVAL.  Bonferroni and Hochberg have no name there: Holm is never worse than the one,
 * and the other needs tests that are not negatively dependent, which shares of one pool are. */
int eh_family_parse(enum eh_family_method *out, const char *text, struct eh_err *err);

/*
 * Adjusted p of n tests, all capped at 1: bh = running minimum from the top of m p(i)/i; holm = running maximum of
 * (m-i+1) p(i); by = bh times sum 1/k; none = p; bonferroni = m p; hochberg = running minimum from the top of
 * (m-i+1) p(i).  q: n elements, may be p itself.  Returns through size (may be NULL)
 * the family's size m.  EH_ENOMEM: q is unchanged.
 */
/*
 * also: the same with a second method in one sorting; may be NULL.  rank [n], or NULL: i of each test by the first
 * method, 0 = left out.  Of equal p the last, whose m p(i)/i is the least of theirs; with Holm, and whatever else takes
 * (m-i+1) p(i), the first, whose is the largest: so it does not depend on the order of the tests.
 */
struct eh_family_also {
	struct eh_num *q;               /* n elements, not those of the first */
	enum eh_family_method method;
	uint32_t *rank;
};
int eh_family_adjust_both(struct eh_num *q, const struct eh_num *p, size_t n, enum eh_family_method method,
			  const struct eh_family_also *also, uint32_t *size, struct eh_err *err);

int eh_family_adjust(struct eh_num *q, const struct eh_num *p, size_t n, enum eh_family_method method, uint32_t *size,
		     struct eh_err *err);

/* The factor of "by": sum of 1/k over k = 1..m. */
double eh_family_harmonic(size_t m);

#endif

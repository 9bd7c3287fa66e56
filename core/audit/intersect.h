/*
 * intersect.h - two attributes crossed: "sex x race" as an attribute of its own, whose groups are the pairs.
 *
 * A rule that treats women fairly and one race fairly may still not treat the women of that race so; Local Law 144 asks
 * for the pairs (facts/statistics.md 4).  The new attribute goes through everything that a declared one does: the share
 * rule for small groups, references, the family, which it makes larger.
 *
 * A person's pair is known where both classes are; its provenance is the weaker of the two (predicted < imported <
 * declared).  Where one or both are predicted, the probability of a pair is the product of the two, a known class
 * counting as 1: exact for one predicted class; for two it takes them as independent given what the classifiers saw.
 * A person of whom either class is neither known nor predicted is of unknown pair.
 *
 * Used by `audit` (desk/intersect.c) and `rates` (exchange/rates_pairs.c).
 */
#ifndef EH_AUDIT_INTERSECT_H
#define EH_AUDIT_INTERSECT_H

#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

#define EH_INTERSECT_JOIN " x " /* no attribute name has blanks, so this is never part of one */

/* Pairs beyond EH_GROUPS_MAX: the ones with the fewest persons are left out, and their persons of unknown pair. */
struct eh_intersect_rare {
	size_t pairs;
	char named[512]; /* "female x Hispanic (3), ..." and how many more; "" = none */
};

/* "A,B" as it is given on a command line to the indexes of two different attributes of d; prefixes candidate_ and
 * declared. may stand in front, case does not matter.  EH_EUSAGE: the text names the attributes that there are. */
int eh_intersect_parse(size_t *a, size_t *b, const struct eh_audit_data *d, const char *text, struct eh_err *err);

/*
 * Appends attribute a x b to d->attributes (which moves).  Only pairs with persons become groups, in byte order.
 * EH_ENOENT: fewer than two pairs have persons; EH_ERANGE: a name would be longer than EH_NAME_MAX (the text says
 * which); EH_ENOMEM.  After an error d is as before.
 */
int eh_intersect(struct eh_audit_data *d, size_t a, size_t b, struct eh_intersect_rare *rare, struct eh_err *err);

#endif

/*
 * score_table.h - the histogram of scores of one scope by the classes of one attribute: value x class -> persons.
 *
 * A person's score in a scope is the mean of his scores there, added up in the order of the strata.  Nothing is put
 * into bins: two persons share a line when their means and classes are equal, so everything that is made from a table
 * is what the persons one by one would give, in time that grows with the distinct values.  Where all values differ
 * there are as many lines as persons, never more.
 */
#ifndef EH_AUDIT_SCORE_TABLE_H
#define EH_AUDIT_SCORE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "audit/order.h"
#include "base/err.h"

struct eh_score_line {
	double value;
	uint32_t group;                 /* index; n_groups = who is in none for certain */
	uint32_t persons;               /* > 0 */
};

struct eh_score_table {
	struct eh_score_line *v;        /* [n] by value, then group */
	size_t n;
};

/* Persons with one score, all of the classes of a candidate. */
struct eh_scored_persons {
	double value;
	uint32_t candidate, persons;
};

/* v is sorted by value here.  EH_ENOMEM: out is empty. */
int eh_score_table_make(struct eh_score_table *out, const struct eh_order *o, size_t attribute,
			struct eh_scored_persons *v, size_t n, struct eh_err *err);
void eh_score_table_free(struct eh_score_table *t);     /* leaves it empty */

/* Takes the persons of `less` out of t, who must be in it, and puts those of `more` in.  EH_ENOMEM: t is as it was. */
int eh_score_table_exchange(struct eh_score_table *t, const struct eh_score_table *less,
			    const struct eh_score_table *more, struct eh_err *err);

#endif

/*
 * crosstab.h - decisions and persons counted by evaluator, position, stage, question, month, jurisdiction and class.
 *
 * The keys of a decision: who made it, the three parts of its stratum ("position US stage US question", US = 0x1f; a
 * stratum without US is all position), the month of its day and the jurisdiction of its candidate.  Classes known for
 * certain (declared, imported) make groups; a predicted class counts as unknown here.  Holds are not in the data
 * (data.h) and so in no count.
 *
 * A count is one walk over the rows that the question touches: some nanoseconds each.
 */
#ifndef EH_AUDIT_CROSSTAB_H
#define EH_AUDIT_CROSSTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

enum eh_crosstab_key {
	EH_CROSSTAB_EVALUATOR,
	EH_CROSSTAB_POSITION,
	EH_CROSSTAB_STAGE,
	EH_CROSSTAB_QUESTION,
	EH_CROSSTAB_PERIOD, /* "2026-03"; "" = no time known */
	EH_CROSSTAB_PLACE, /* jurisdiction of the candidate */
	EH_CROSSTAB_KEYS
};

#define EH_CROSSTAB_CELLS_MAX 100000
#define EH_CROSSTAB_GROUP_MAX (2 * EH_NAME_MAX + 4)

struct eh_crosstab_query {
	enum eh_crosstab_key by[EH_CROSSTAB_KEYS]; /* [n_by] different ones; the order is that of sorting */
	size_t n_by;
	size_t attribute[2]; /* indexes into the data's attributes */
	size_t n_attributes; /* 0 = classes are not looked at; 2 = pairs, named "a x b" as intersect.h does */
	const char *where[EH_CROSSTAB_KEYS]; /* only these decisions; NULL = all.  What nobody has matches nothing */
	const char *group;		     /* only persons of this group (of a pair its name); NULL = all */
};

struct eh_crosstab_cell {
	uint64_t place;	      /* of the cell in the order of by, then group; unknown last */
	uint64_t n, selected; /* decisions */
	uint64_t persons;     /* different candidates with a decision in the cell */
};

/* Cells with at least one decision, in the order of place. */
struct eh_crosstab_result {
	struct eh_crosstab_cell *v; /* [n] */
	size_t n;
	struct eh_crosstab_names *names; /* of by and groups; see eh_crosstab_text */
};

struct eh_crosstab; /* what the counts of one data share: made when first needed */

/* d is borrowed until eh_crosstab_free and sorted (eh_audit_data_sort). */
struct eh_crosstab *eh_crosstab_new(const struct eh_audit_data *d);
void eh_crosstab_free(struct eh_crosstab **t); /* NULL-safe */

/* Rows that eh_crosstab_count would walk over, for who has a budget. */
uint64_t eh_crosstab_rows(const struct eh_crosstab *t, const struct eh_crosstab_query *q);

/*
 * EH_EINVAL: period asked for, and the data have no times, or jurisdiction, and they have no places; EH_ERANGE: more
 * than EH_CROSSTAB_CELLS_MAX cells; EH_ENOMEM.  After an error out is empty.
 */
int eh_crosstab_count(struct eh_crosstab *t, const struct eh_crosstab_query *q, struct eh_crosstab_result *out,
		      struct eh_err *err);
void eh_crosstab_result_free(struct eh_crosstab_result *r); /* before its crosstab */

/* What by[k] is in the cell; borrowed, until the next call of this function. */
const char *eh_crosstab_text(const struct eh_crosstab_result *r, size_t cell, size_t k);
/* The group's name; NULL: the class is unknown, or was not asked for. */
const char *eh_crosstab_group(const struct eh_crosstab_result *r, size_t cell);

#endif

/*
 * strata_rows.h - the strata behind a finding's Mantel-Haenszel ratio, one by one with their counts.
 *
 * Per stratum k, a selected of n1 of the group, b of n2 of the reference, N = n1 + n2 (audit/strata.h):
 *   weight n1 n2/N, numerator a n2/N, denominator b n1/N; ratio = sum of numerators / sum of denominators.
 * A stratum is what one evaluator judged a person in once: position, stage and question, of a pooled finding each
 * evaluator's own.  So its counts are decisions and persons at the same time; the same person can be in several strata.
 */
#ifndef EH_AUDIT_STRATA_ROWS_H
#define EH_AUDIT_STRATA_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "audit/homogeneity.h"
#include "audit/strata.h"

struct eh_stratum_row {
	uint32_t evaluator;             /* index into evaluators */
	uint32_t stratum;               /* index into strata */
	struct eh_fourfold t;           /* n1 > 0 and n2 > 0 */
};

struct eh_strata_rows {
	/* [n] in the order in which the audit sums them, so that the sums are its own */
	struct eh_stratum_row *v;
	size_t n;
	/* [n_evaluators], [n_strata]; a stratum's parts are joined by EH_STRATUM_JOIN */
	char **evaluators, **strata;
	size_t n_evaluators, n_strata;
	struct eh_fourfold aside;       /* decisions in strata with one of the two sides only: they say nothing */
	uint32_t n_aside;
};
#define EH_STRATUM_JOIN '\x1f'

void eh_strata_rows_free(struct eh_strata_rows *r);     /* the content; NULL-safe inside */

/* What one stratum gives to the sums; tables with both sides. */
static inline double eh_stratum_weight(const struct eh_fourfold *t)
{
	return (double)t->n1 * (double)t->n2 / ((double)t->n1 + (double)t->n2);
}
static inline double eh_stratum_up(const struct eh_fourfold *t)
{
	return (double)t->a * (double)t->n2 / ((double)t->n1 + (double)t->n2);
}
static inline double eh_stratum_down(const struct eh_fourfold *t)
{
	return (double)t->b * (double)t->n1 / ((double)t->n1 + (double)t->n2);
}

/* All statistics of the rows (audit/strata.h): the same digits as the audit's.  EH_ENOMEM. */
int eh_strata_rows_sum(struct eh_strata *out, const struct eh_strata_rows *r, struct eh_err *err);

/* Does Breslow-Day's chi-square hold, and what Liang and Self's test says (audit/homogeneity.h).  EH_ENOMEM. */
int eh_strata_rows_homogeneity(struct eh_chi_check *check, struct eh_liang_self *sparse, const struct eh_strata_rows *r,
			       const struct eh_strata *s, double inflation, struct eh_err *err);

/*
 * Are these the strata of f: the same decisions of both sides, the same number of strata, the same ratio?  Not where
 * decisions or classes were changed since f was made.
 */
bool eh_strata_rows_fit(const struct eh_strata_rows *r, const struct eh_finding *f);

/* Audit data from which the strata of many findings are taken. */
struct eh_strata_source;

/* d: sorted, and that of the findings; borrowed until eh_strata_source_free.  Of s the reference rule, min_share and
 * known_only are looked at.  Errors as eh_audit_run. */
int eh_strata_source_new(struct eh_strata_source **out, const struct eh_audit_data *d,
			 const struct eh_audit_settings *s, struct eh_err *err);
void eh_strata_source_free(struct eh_strata_source **src);      /* NULL-safe */

/*
 * The strata of f, none for a reference's own finding and for a group below the smallest share.  A scope is read once
 * for findings of it that come one after the other.  EH_ENOENT: the data have no such evaluator, position, attribute or
 * group; EH_ENOMEM.  After an error out is empty.
 */
int eh_strata_rows_of(struct eh_strata_rows *out, struct eh_strata_source *src, const struct eh_finding *f,
		      struct eh_err *err);

#endif

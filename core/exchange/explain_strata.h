/*
 * explain_strata.h - the strata behind a finding's Mantel-Haenszel ratio, for a person and for a program: every count
 * and what it gives to the sums, so that whoever adds up gets the ratio that the finding prints.
 */
#ifndef EH_EXCHANGE_EXPLAIN_STRATA_H
#define EH_EXCHANGE_EXPLAIN_STRATA_H

#include "audit/strata_rows.h"
#include "base/json.h"
#include "base/json_out.h"

#define EH_STRATA_SHOWN 40u             /* rows of the table for people; of more strata those with the most weight */

/*
 * Paragraph "Strata" (80 columns, label in the first 12): table, sums, ratio; with a Breslow-Day test its table.
 *   rows  NULL = they are not known
 *   why   a sentence's part: why not, "" = they are; without strata and without a reason to tell: "" is returned
 * Caller frees.
 */
char *eh_strata_text(const struct eh_finding *f, const struct eh_strata_rows *rows, const char *why);

/*
 * {evaluator, attribute, group, position, reference, why, rows, left_out, sums}; rows: all of them, in the order of the
 * sums, [{evaluator (of a pooled finding), stratum [position, stage, question ...], selected, n, ref_selected, ref_n,
 * weight, numerator, denominator, expected, variance, bd_expected, bd_variance}]; without rows why says why not.
 * sums: numerator, denominator, ratio, cmh_expected, cmh_variance, cmh, odds, breslow_day, breslow_day_strata,
 * homogeneity {fitted_cells, below_one, below_five, excess, chi_square_holds, liang_self, liang_self_mean,
 * liang_self_variance, liang_self_odds, p_liang_self} (audit/homogeneity.h); empty where memory was short.
 */
void eh_strata_out(struct eh_json_out *j, const struct eh_finding *f, const struct eh_strata_rows *rows,
		   const char *why);       /* an element of the array that is open */
/* Member "by_stratum": that of each of v [n] with two strata or more, from d, the data that they are of and s audited.
 * EH_ENOMEM: what was written stays, and is closed. */
int eh_strata_array(struct eh_json_out *j, const struct eh_audit_data *d, const struct eh_audit_settings *s,
		    const struct eh_finding *v, size_t n, struct eh_err *err);
struct eh_json *eh_strata_json(const struct eh_finding *f, const struct eh_strata_rows *rows, const char *why);

#endif

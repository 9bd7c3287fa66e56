/*
 * strata.h - several 2x2 tables taken together: Mantel-Haenszel, CMH, Breslow-Day.
 *
 * Per stratum k: focal a of n1, reference b of n2, T = n1 + n2, m = a + b.  Formulas and figures:
 * facts/statistics.md 7.  A stratum that carries no information (one side empty, nobody selected)
 * leaves every value unchanged; one in which everybody is selected moves only the risk ratio.
 */
#ifndef EH_AUDIT_STRATA_H
#define EH_AUDIT_STRATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/table.h"
#include "base/num.h"

struct eh_strata {
	uint32_t both;                  /* strata with both sides present */
	double r, s;                    /* sum a n2/T, sum b n1/T; ratio = r/s */
	struct eh_num ratio;            /* Mantel-Haenszel risk ratio [1]: the stratified impact ratio */
	struct eh_num var_ln;           /* Greenland-Robins variance of ln ratio, decisions taken as independent */
	struct eh_num cmh, p_cmh;       /* chi-square on 1 df without continuity correction */
	struct eh_num breslow_day, p_breslow_day;       /* are the odds ratios the same; df = used - 1 */
	uint32_t used;                  /* strata in Breslow-Day */
	double shortfall;               /* sum over strata with both sides of n1 b/n2 - a [unit of a] */
	struct eh_fourfold comparable;  /* sums over the strata with both sides */
	bool swappable;                 /* some stratum with both sides has b > 0 and a < n1 */
};

/*
 * v: n tables in any order (sums are taken in that order).  Undefined: ratio EH_U_EMPTY_GROUP without a stratum that
 * has both sides, EH_U_NOBODY_SELECTED, EH_U_REFERENCE_NONE_SELECTED; var_ln also EH_U_FOCAL_NONE_SELECTED and
 * EH_U_ZERO_VARIANCE; cmh EH_U_ZERO_VARIANCE; Breslow-Day EH_U_ONE_STRATUM (fewer than two usable) and
 * EH_U_ZERO_VARIANCE (no common odds ratio).
 */
void eh_strata(struct eh_strata *out, const struct eh_fourfold *v, size_t n);

/* Is the Mantel-Haenszel ratio below num/den?  The exact limit is not below: the last digits of the sums do not
 * decide. */
enum eh_tri eh_strata_below(const struct eh_strata *s, int32_t num, int32_t den);

/*
 * Would moving m decisions (>= 1) from reference to focal turn the order round?  One decision moved within a stratum
 * raises r - s by n2/T + n1/T = 1 whatever the stratum, so: r + m > s; with one stratum eh_table_flips.  Exactly equal
 * is not turned round.  EH_UNKNOWN: no stratum has a swap.
 */
enum eh_tri eh_strata_flips(const struct eh_strata *s, uint64_t m);

/*
 * What must be said beside a stratified ratio, bits: EH_NOTE_UNEQUAL - the odds ratios differ between the strata
 * (Breslow-Day p < .05), so one common ratio hides something; EH_NOTE_REVERSED - the plain and the stratified ratio
 * fall on different sides of the limit (UCB admissions, facts/statistics.md 7).
 */
#define EH_NOTE_UNEQUAL  1u
#define EH_NOTE_REVERSED 2u
unsigned eh_strata_notes(const struct eh_finding *f);
const char *eh_strata_note_text(unsigned bit);

#endif

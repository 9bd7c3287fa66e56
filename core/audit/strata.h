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
#include "base/err.h"
#include "base/num.h"

struct eh_strata {
	uint32_t both;                  /* strata with both sides present */
	enum eh_undef apart;            /* why nothing can be compared where both is 0: EH_U_EMPTY_GROUP, one side is
					 * nowhere, or EH_U_NO_COMMON_STRATUM, the two are never in one stratum */
	double r, s;                    /* sum a n2/T, sum b n1/T; ratio = r/s */
	struct eh_num ratio;            /* Mantel-Haenszel risk ratio [1]: the stratified impact ratio */
	struct eh_num var_ln;           /* Greenland-Robins variance of ln ratio, decisions taken as independent */
	struct eh_num cmh, p_cmh;       /* chi-square on 1 df without continuity correction */
	struct eh_num cmh_yates;        /* with it: |sum a - expected| less .5, at least 0 */
	double expected, variance;      /* of the sum of a under CMH's hypothesis; strata with both sides */
	struct eh_num odds;             /* Mantel-Haenszel odds ratio sum(a d/T)/sum(b c/T), d = n2 - b, c = n1 - a */
	struct eh_interval odds_interval;       /* 95 %, Robins-Breslow-Greenland; one stratum: Woolf's */
	struct eh_num breslow_day, p_breslow_day;       /* are the odds ratios the same; df = used - 1 */
	struct eh_num tarone, p_tarone; /* Breslow-Day less (sum(a - A))^2/sum var */
	uint32_t used;                  /* strata in Breslow-Day */
	uint32_t below_one, below_five; /* of their fitted cells; below_five: those below 1 too */
	double excess;                  /* sum 1/(T - 1) over them */
	double shortfall;               /* sum over strata with both sides of n1 b/n2 - a [unit of a] */
	struct eh_fourfold comparable;  /* sums over the strata with both sides */
	bool swappable;                 /* some stratum with both sides has b > 0 and a < n1 */
};

/*
 * v: n tables in any order (sums are taken in that order).  Undefined: ratio (and the others) what `apart` says
 * without a stratum that has both sides, EH_U_NOBODY_SELECTED, EH_U_REFERENCE_NONE_SELECTED; var_ln also
 * EH_U_FOCAL_NONE_SELECTED and EH_U_ZERO_VARIANCE; cmh EH_U_ZERO_VARIANCE; odds EH_U_ZERO_VARIANCE where no stratum has
 * both selected and not selected, EH_U_UNBOUNDED where it is infinite; its interval also where it is 0: both ends
 * EH_U_ZERO_VARIANCE; Breslow-Day EH_U_ONE_STRATUM (fewer than two usable) and EH_U_ZERO_VARIANCE (no common odds
 * ratio).
 */
void eh_strata(struct eh_strata *out, const struct eh_fourfold *v, size_t n);
/*
 * What a stratum gives to Breslow-Day's chi-square: (a - fitted a)^2 inverse, fitted under the common odds ratio.
 * false: it takes no part, as one side is empty, or nobody or everybody is selected.
 */
struct eh_stratum_fit {
	double a;                       /* fitted */
	double inverse;                 /* 1/variance: sum of the reciprocals of the four fitted cells */
};
bool eh_stratum_fit(struct eh_stratum_fit *out, const struct eh_fourfold *t, double odds);
/* Its ratio alone, with the variance. */
struct eh_strata_ratio {
	uint32_t both;
	struct eh_num ratio, var_ln;
	double r;                       /* sum a n2/T */
};
struct eh_strata_ratio eh_strata_ratio(const struct eh_fourfold *v, size_t n);

/*
 * Exact conditional test over the strata: the distribution of sum a given all margins is the convolution of the
 * strata's hypergeometric ones.  p: sum of the masses <= observed * (1 + 1e-7); mid: p less half of the mass tied with
 * the observed one; odds: the common odds ratio whose conditional mean is sum a (0, or EH_U_UNBOUNDED, at the ends).
 * Time and memory grow with the square and with the sum of the strata's ranges; EH_U_ZERO_VARIANCE where only one sum
 * is possible, EH_U_NOT_COMPUTED where more than EH_STRATA_EXACT_MAX are.  EH_ENOMEM.
 */
#define EH_STRATA_EXACT_MAX 20000
struct eh_strata_exact {
	struct eh_num p, mid, odds;
};
int eh_strata_exact(struct eh_strata_exact *out, const struct eh_fourfold *v, size_t n, struct eh_err *err);

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
 * What must be said beside a stratified ratio, bits: EH_NOTE_UNEQUAL - the odds ratios differ between the strata (p <
 * EH_STRATA_DIFFER_P of the test that holds, audit/homogeneity.h), so one common ratio hides something;
 * EH_NOTE_REVERSED - the plain and the stratified ratio fall on different sides of the limit (UCB admissions,
 * facts/statistics.md 7); EH_NOTE_UNTESTED - no test can tell whether they differ; EH_NOTE_UNCHECKED - an earlier
 * version stored a Breslow-Day p and did not ask whether that test holds there.
 */
#define EH_NOTE_UNEQUAL   1u
#define EH_NOTE_REVERSED  2u
#define EH_NOTE_UNTESTED  4u
#define EH_NOTE_UNCHECKED 8u
#define EH_NOTE_LAST      EH_NOTE_UNCHECKED
#define EH_STRATA_DIFFER_P 0.05
unsigned eh_strata_notes(const struct eh_finding *f);
const char *eh_strata_note_text(const struct eh_finding *f, unsigned bit);
const char *eh_strata_test_name(enum eh_strata_test t); /* for people: "Breslow-Day", "Liang-Self"; untested "" */

#endif

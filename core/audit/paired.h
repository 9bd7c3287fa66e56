/*
 * paired.h - two sets of evaluators who decided on the same candidates (facts/statistics.md 9).
 */
#ifndef EH_AUDIT_PAIRED_H
#define EH_AUDIT_PAIRED_H

#include <stdint.h>

#include "base/num.h"

/*
 * first, second: candidates whom only the one and only the other set selected; n = first + second, X ~ Bin(n, 1/2).
 *   chi, p         McNemar (first - second)^2/n on 1 df
 *   chi_yates, p_yates   with (max(0, |first - second| - 1))^2/n
 *   exact          min(1, 2 P(X <= min(first, second)))
 *   less           P(X <= first): the first set selects fewer
 *   mid            P(X <= min) + P(X < min), which is exact less P(X = min) while exact is below 1, at most 1
 * EH_U_NO_DISCORDANT_PAIR with n = 0, but exact = less = 1 there.  Counts up to 2^40.
 */
struct eh_paired {
	struct eh_num chi, p, chi_yates, p_yates, exact, less, mid;
};
struct eh_paired eh_paired(uint64_t first, uint64_t second);

#endif

/*
 * strata_terms.h - what each of many 2x2 tables gives to the sums over strata (strata.h), several tables at a time.
 *
 * Everybody's scope has some ten thousand tables, and a division takes as long for one number as for a vector of them.
 * So tables are put into columns, and their terms made in lanes; they are summed one by one in the order of the tables,
 * so that a sum has the same digits however many are made at a time.
 */
#ifndef EH_AUDIT_STRATA_TERMS_H
#define EH_AUDIT_STRATA_TERMS_H

#include <stddef.h>

#include "audit/table.h"

#define EH_TERMS 64     /* tables of one stretch */
#define EH_TERM_LANES 4 /* of them made at a time */

/* Tables in columns, all with both sides; behind the n there are some that mean nothing up to whole lanes. */
struct eh_columns {
	size_t n;
	double a[EH_TERMS], n1[EH_TERMS], b[EH_TERMS], n2[EH_TERMS];
};

/* Terms of the risk ratio R/S = sum a n2/T over sum b n1/T, and of its variance. */
struct eh_ratio_terms {
	double r[EH_TERMS], s[EH_TERMS];
	double pg[EH_TERMS];            /* ((a + b) n1 n2 - a b T)/T^2 */
};

/* All others that do not need a common odds ratio. */
struct eh_sum_terms {
	struct eh_ratio_terms ratio;
	double shortfall[EH_TERMS];     /* n1 b/n2 - a */
	double u[EH_TERMS];             /* a - expected */
	double expected[EH_TERMS], variance[EH_TERMS];  /* of a, hypergeometric */
	/* r = a d/T, s = b c/T, p = (a + d)/T, q = (b + c)/T with c = n1 - a, d = n2 - b */
	double up[EH_TERMS], down[EH_TERMS], pr[EH_TERMS], mixed[EH_TERMS], qs[EH_TERMS];
};

/* Fitted under a common odds ratio: a, the sum of the reciprocals of the four cells (1/variance), the smallest cell. */
struct eh_fit_terms {
	double a[EH_TERMS], inverse[EH_TERMS], variance[EH_TERMS], least[EH_TERMS];
	double excess[EH_TERMS];        /* 1/(T - 1) */
};

/* Focal selections less their expectation, and the exact variance of these when persons are exchanged. */
struct eh_exchange_terms {
	double u[EH_TERMS], variance[EH_TERMS];
};

/*
 * Central moments of a given its margins, under a common odds ratio w (noncentral hypergeometric), for fitted cells of
 * EH_MOMENTS_LEAST and more.  From E[x(n2 - m + x) g(x)] = w E[(m - x)(n1 - x) g(x + 1)] with g = 1, d, d^2 and d^3,
 * d = x - mean, each moment follows from the one above it, of whose error only the (1 - w)/T part comes down; the fifth
 * is the asymptotic one.  (g = 1: Levin 1984, Biometrika 71, 630-632; the others derived here.)  Against the masses one
 * by one, odds ratios from 1/10 to 10 and cells from 3 on: mean within 5e-6 deviations, variance 4e-5, third moment
 * 4e-4 of the deviation cubed, fourth 1e-3; cells from 8 on: 1e-7, 1e-6, 4e-5, 4e-4
 * (tests/core/test_audit_strata_terms.c).
 */
struct eh_moment_terms {
	double mean[EH_TERMS], variance[EH_TERMS], third[EH_TERMS], fourth[EH_TERMS];
};
#define EH_MOMENTS_LEAST 3.0

/*
 * The next tables of v [n] from number `from` on that have both sides - with `mixed`: and neither nobody nor everybody
 * selected - until the stretch is full; returns the number after the last one looked at.
 */
size_t eh_columns_fill(struct eh_columns *c, const struct eh_fourfold *v, size_t from, size_t n, bool mixed);

void eh_terms_ratio(struct eh_ratio_terms *out, const struct eh_columns *c);
void eh_terms_sums(struct eh_sum_terms *out, const struct eh_columns *c);
void eh_terms_exchange(struct eh_exchange_terms *out, const struct eh_columns *c);
/* Of mixed tables; odds > 0. */
void eh_terms_fit(struct eh_fit_terms *out, const struct eh_columns *c, double odds);
/* fit: what eh_terms_fit made of them. */
void eh_terms_moments(struct eh_moment_terms *out, const struct eh_columns *c, const struct eh_fit_terms *fit,
		      double odds);

#endif

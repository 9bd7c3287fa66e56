/* Robbins' normal mixture; see sequential.h. */
#include "audit/sequential.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#define SMALLEST_P 1e-300 /* a smaller one has no quantile in doubles */

double eh_anytime_spread(int32_t limit_num, int32_t limit_den)
{
	double limit = (double)limit_num / (double)limit_den;

	return fmax(EH_SPREAD_MIN, 2.0 * log((2.0 - limit) / limit));
}

struct eh_evidence eh_evidence(double score, double variance, double independent)
{
	if (!(variance > 1e-12) || !(independent > 1e-12))
		return (struct eh_evidence){ eh_undefined(EH_U_ZERO_VARIANCE), 0.0 };
	return (struct eh_evidence){ eh_num(score * score / variance), independent * independent / variance };
}

struct eh_evidence eh_evidence_of_p(struct eh_num p, double variance, double rate)
{
	if (!p.defined)
		return (struct eh_evidence){ p, 0.0 };
	if (!(variance > 0.0) || !(rate < 1.0))
		return (struct eh_evidence){ eh_undefined(EH_U_ZERO_VARIANCE), 0.0 };
	return (struct eh_evidence){ eh_num(gsl_cdf_chisq_Qinv(fmin(1.0, fmax(SMALLEST_P, p.value)), 1.0)),
				     (1.0 - rate) * (1.0 - rate) / variance };
}

struct eh_num eh_anytime_p(struct eh_evidence e, double spread)
{
	const double t = spread * spread * e.information;

	if (!e.chi.defined)
		return e.chi;
	return eh_num(fmin(1.0, exp(0.5 * log1p(t) - 0.5 * e.chi.value * t / (1.0 + t))));
}

double eh_anytime_level(double alpha, double information, double spread)
{
	const double t = spread * spread * information;

	if (!(t > 0.0))
		return 0.0;
	return gsl_cdf_chisq_Q((1.0 + t) / t * (2.0 * log(1.0 / alpha) + log1p(t)), 1.0);
}

/* Linear form of a Mantel-Haenszel ratio, and the interval of a difference; see benchmark_spread.h. */
#include "audit/benchmark_spread.h"

#include <math.h>

void eh_linear_fill(struct eh_linear *v, const struct eh_fourfold *t, size_t n, const struct eh_strata_ratio *m)
{
	const double ratio = m->ratio.value;

	for (size_t k = 0; k < n; k++) {
		const double n1 = (double)t[k].n1, n2 = (double)t[k].n2;

		v[k] = (struct eh_linear){ { 0.0, 0.0 }, { 0.0, 0.0 } };
		if (t[k].n1 == 0 || t[k].n2 == 0)
			continue;
		v[k].rate[0] = (double)(t[k].a + t[k].b) / (ratio * n1 + n2);
		v[k].rate[1] = ratio * v[k].rate[0];
		v[k].weight[0] = -ratio * n1 / ((n1 + n2) * m->r);
		v[k].weight[1] = n2 / ((n1 + n2) * m->r);
	}
}

struct eh_num eh_joint_variance(const struct eh_joint *j)
{
	double v = 0.0;

	for (int side = 0; side < 2; side++) {
		if (j->candidates[side] < 2.0)
			return eh_undefined(EH_U_ONE_PERSON);
		v += j->yy[side] * j->candidates[side] / (j->candidates[side] - 1.0);
	}
	return v > 1e-12 ? eh_num(v) : eh_undefined(EH_U_ZERO_VARIANCE);
}

double eh_joint_correlation(const struct eh_joint *j)
{
	const double xx = j->xx[0] + j->xx[1], yy = j->yy[0] + j->yy[1];

	return xx > 1e-12 && yy > 1e-12 ? (j->xy[0] + j->xy[1]) / sqrt(xx * yy) : 0.0;
}

/* How far the end lies from the difference: x of the one below, y of the other above, or the other way round. */
static double reach(double x, double y, double rho)
{
	return sqrt(fmax(0.0, x * x + y * y - 2.0 * rho * x * y));
}

struct eh_interval eh_mover(struct eh_num a, struct eh_interval of_a, struct eh_num b, struct eh_interval of_b,
			    double rho)
{
	struct eh_interval out;

	if (!a.defined || !b.defined)
		return (struct eh_interval){ a.defined ? b : a, a.defined ? b : a };
	out.low = !of_a.low.defined ? of_a.low : of_b.high;
	if (of_a.low.defined && of_b.high.defined)
		out.low = eh_num(a.value - b.value -
				 reach(a.value - of_a.low.value, of_b.high.value - b.value, rho));
	out.high = !of_a.high.defined ? of_a.high : of_b.low;
	if (of_a.high.defined && of_b.low.defined)
		out.high = eh_num(a.value - b.value +
				  reach(of_a.high.value - a.value, b.value - of_b.low.value, rho));
	return out;
}

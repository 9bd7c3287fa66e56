/* Platt's calibration and the coupling of columns; see calibrate.h. */
#include "learn/calibrate.h"

#include <math.h>

#define STEPS 100
#define RIDGE 1e-12                     /* keeps the Hessian invertible when all values are equal */
#define GRADIENT_END 1e-10
#define SMALLEST_STEP 1e-10

struct platt_data {
	const double *f;
	const int8_t *label;
	const double *weight;           /* NULL = 1 each */
	size_t n;
	double high, low;               /* targets */
};

static double weight_of(const struct platt_data *d, size_t i)
{
	return d->weight != NULL ? d->weight[i] : 1.0;
}

static double target(const struct platt_data *d, size_t i)
{
	return d->label[i] > 0 ? d->high : d->low;
}

/* Sum of -t log p - (1 - t) log(1 - p), written so that neither exp overflows. */
static double cross_entropy(const struct platt_data *d, struct eh_platt p)
{
	double sum = 0.0;

	for (size_t i = 0; i < d->n; i++) {
		double z = p.a * d->f[i] + p.b, t = target(d, i);

		sum += weight_of(d, i) * (z >= 0.0 ? t * z + log1p(exp(-z)) : (t - 1.0) * z + log1p(exp(z)));
	}
	return sum;
}

double eh_platt(struct eh_platt p, double f)
{
	double z = p.a * f + p.b;

	/* exp(-z) / (1 + exp(-z)) for z >= 0: 1 - p would cancel otherwise (facts/learning.md 8) */
	return z >= 0.0 ? exp(-z) / (1.0 + exp(-z)) : 1.0 / (1.0 + exp(z));
}

/* One Newton step with halving; 0 when there is nothing left to gain. */
static int step(const struct platt_data *d, struct eh_platt *p, double *now)
{
	double haa = RIDGE, hbb = RIDGE, hab = 0.0, ga = 0.0, gb = 0.0, det, da, db;

	for (size_t i = 0; i < d->n; i++) {
		double q = eh_platt(*p, d->f[i]), weight = weight_of(d, i);
		double w = weight * q * (1.0 - q), r = weight * (target(d, i) - q);

		haa += d->f[i] * d->f[i] * w;
		hab += d->f[i] * w;
		hbb += w;
		ga += d->f[i] * r;
		gb += r;
	}
	if (fabs(ga) < GRADIENT_END && fabs(gb) < GRADIENT_END)
		return 0;
	det = haa * hbb - hab * hab;
	da = -(hbb * ga - hab * gb) / det;
	db = -(haa * gb - hab * ga) / det;
	for (double size = 1.0; size > SMALLEST_STEP; size /= 2.0) {
		struct eh_platt next = { p->a + size * da, p->b + size * db };
		double then = cross_entropy(d, next);

		if (then < *now) {
			*p = next;
			*now = then;
			return 1;
		}
	}
	return 0;
}

double eh_platt_fit(struct eh_platt *out, const double *f, const int8_t *label, size_t n, const double *weight)
{
	struct platt_data d = { f, label, weight, n, 0.0, 0.0 };
	double positive = 0.0, all = 0.0, mean = 0.0, now = 0.0;

	for (size_t i = 0; i < n; i++) {
		all += weight_of(&d, i);
		positive += label[i] > 0 ? weight_of(&d, i) : 0.0;
	}
	d.high = (positive + 1.0) / (positive + 2.0);
	d.low = 1.0 / (all - positive + 2.0);
	mean = (positive * d.high + (all - positive) * d.low) / all;
	*out = (struct eh_platt){ 0.0, log((1.0 - mean) / mean) };
	now = cross_entropy(&d, *out);
	for (int i = 0; i < STEPS && step(&d, out, &now); i++)
		;
	if (out->a > 0.0) {
		*out = (struct eh_platt){ 0.0, log((1.0 - mean) / mean) };
		now = cross_entropy(&d, *out);
	}
	return now / all;
}

/* Mixing with the even distribution bounds every class and leaves the sum at 1. */
void eh_bound(double *p, size_t k)
{
	for (size_t g = 0; g < k; g++)
		p[g] = EH_P_LEAST + (1.0 - (double)k * EH_P_LEAST) * p[g];
}

void eh_couple(double *p, const double *column, size_t k)
{
	double sum = 0.0;

	if (k == 2) {
		p[1] = column[0];
		p[0] = 1.0 - column[0];
	} else {
		for (size_t g = 0; g < k; g++)
			sum += column[g];
		for (size_t g = 0; g < k; g++)
			p[g] = sum > 0.0 ? column[g] / sum : 1.0 / (double)k;
	}
	eh_bound(p, k);
}

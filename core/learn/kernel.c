/* Distances and kernel in lanes; see kernel.h. */
#include "learn/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/wide.h"

typedef double lanes __attribute__((vector_size(8 * EH_LANES), aligned(8)));
typedef uint64_t bits __attribute__((vector_size(8 * EH_LANES), aligned(8)));

#define LOG2_E 0x1.71547652b82fep+0
#define LN2_HIGH 0x1.62e42feep-1        /* 32 bits of ln 2: its products with whole numbers below 2^20 are exact */
#define LN2_LOW 0x1.a39ef35793c76p-33   /* ln 2 - LN2_HIGH */
#define ROUND 0x1.8p52                  /* added and taken away: rounds, and the low bits hold the whole number */
#define LEAST -708.0                    /* exp(-708) is still a normal number */

/* Written for one number and for lanes alike: T is double or lanes.  |r| <= ln(2) / 2; the next term is 4e-18. */
#define EXP_POLYNOMIAL(r)                                                                                      \
	(1.0 + (r) * (1.0 + (r) * (1.0 / 2 + (r) * (1.0 / 6 + (r) * (1.0 / 24 + (r) * (1.0 / 120 +             \
	(r) * (1.0 / 720 + (r) * (1.0 / 5040 + (r) * (1.0 / 40320 + (r) * (1.0 / 362880 +                      \
	(r) * (1.0 / 3628800 + (r) * (1.0 / 39916800 + (r) * (1.0 / 479001600 + (r) * (1.0 / 6227020800))))))))))))))

double eh_exp(double x)
{
	double whole = x * LOG2_E + ROUND, n = whole - ROUND, r = x - n * LN2_HIGH - n * LN2_LOW;
	double p = EXP_POLYNOMIAL(r);
	uint64_t power = 0, value = 0;

	memcpy(&power, &whole, sizeof power);
	memcpy(&value, &p, sizeof value);
	value += power << 52;                   /* p 2^n */
	memcpy(&p, &value, sizeof p);
	return x > LEAST ? p : 0.0;
}

EH_WIDE_PART void exp_lanes(lanes *v)
{
	lanes x = *v, whole = x * LOG2_E + ROUND, n = whole - ROUND, r = x - n * LN2_HIGH - n * LN2_LOW;
	lanes p = EXP_POLYNOMIAL(r);
	bits value = ((bits)p + ((bits)whole << 52)) & (bits)(x > LEAST);

	*v = (lanes)value;
}

EH_WIDEST void eh_exp_row(double *to, const double *from, size_t n, double gamma)
{
	for (size_t i = 0; i < n; i += EH_LANES) {
		lanes v = -gamma * *(const lanes *)(from + i);

		exp_lanes(&v);
		*(lanes *)(to + i) = v;
	}
}

double eh_rbf(const double *a, const double *b, size_t d, double gamma)
{
	double sum = 0.0;

	for (size_t j = 0; j < d; j++)
		sum += (a[j] - b[j]) * (a[j] - b[j]);
	return eh_exp(-gamma * sum);
}

/* ---- blocks ---- */

size_t eh_padded(size_t n)
{
	return (n + EH_LANES - 1) / EH_LANES * EH_LANES;
}

int eh_blocks_make(struct eh_blocks *out, const double *x, size_t d, const uint32_t *rows, size_t n,
		   struct eh_err *err)
{
	*out = (struct eh_blocks){ n, d, eh_padded(n) / EH_LANES, NULL };
	out->v = eh_try_calloc(eh_padded(n), d * sizeof *out->v);
	if (out->v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu rows of %zu indicators", n, d);
	for (size_t i = 0; i < n; i++) {
		const double *row = x + (rows != NULL ? rows[i] : i) * d;
		double *lane = out->v + i / EH_LANES * EH_LANES * d + i % EH_LANES;

		for (size_t j = 0; j < d; j++)
			lane[j * EH_LANES] = row[j];
	}
	return EH_OK;
}

void eh_blocks_free(struct eh_blocks *b)
{
	free(b->v);
	memset(b, 0, sizeof *b);
}

/* ---- distances ---- */

EH_WIDEST void eh_distances(double *out, size_t stride, const double *const *z, size_t n_z, size_t step,
			 const struct eh_blocks *b, size_t from, size_t to)
{
	/* fewer than a tile: the last row is computed again, its result not written */
	const double *z0 = z[0], *z1 = z[n_z > 1 ? 1 : 0], *z2 = z[n_z > 2 ? 2 : 0], *z3 = z[n_z > 3 ? 3 : 0];

	for (size_t block = from; block < to; block++) {
		const double *v = b->v + block * EH_LANES * b->d;
		lanes sum[EH_TILE] = { { 0.0 } };

		for (size_t j = 0; j < b->d; j++, v += EH_LANES) {
			lanes x = *(const lanes *)v, t0 = z0[j * step] - x, t1 = z1[j * step] - x;
			lanes t2 = z2[j * step] - x, t3 = z3[j * step] - x;

			sum[0] += t0 * t0;
			sum[1] += t1 * t1;
			sum[2] += t2 * t2;
			sum[3] += t3 * t3;
		}
		for (size_t i = 0; i < n_z; i++)
			*(lanes *)(out + i * stride + block * EH_LANES) = sum[i];
	}
}

void eh_distance_band(double *out, size_t stride, const struct eh_blocks *b, size_t block)
{
	const double *own = b->v + block * EH_LANES * b->d;

	for (size_t i = 0; i < EH_LANES; i += EH_TILE) {
		const double *const z[EH_TILE] = { own + i, own + i + 1, own + i + 2, own + i + 3 };

		eh_distances(out + i * stride, stride, z, EH_TILE, EH_LANES, b, 0, block + 1);
	}
}

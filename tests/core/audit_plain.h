/*
 * audit_plain.h - the statistics of one scope person by person and row by row, straight from the formulas: what the
 * engine, which works on patterns and their numbers, is held against.  Slow on purpose: nothing is sorted, counted in
 * advance or shared.
 */
#ifndef TESTS_CORE_AUDIT_PLAIN_H
#define TESTS_CORE_AUDIT_PLAIN_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "audit/cluster.h"
#include "audit/permute.h"
#include "audit/predicted.h"
#include "audit/table.h"
#include "tests/core/audit_build.h"

#define PLAIN_ROWS 2048
#define PLAIN_KEYS 512

/* The decisions of a scope in the order of candidates; key: the stratum, for pooled scopes that of one evaluator. */
struct plain {
	const struct eh_audit_data *d;
	const struct eh_attribute_data *a;
	size_t n, n_persons;
	uint32_t candidate[PLAIN_ROWS], key[PLAIN_ROWS];
	double y[PLAIN_ROWS];
	size_t start[PLAIN_ROWS + 1];
	int side[PLAIN_ROWS];           /* of a person: 1, 0, or -1 left out */
	size_t n_keys;
	uint32_t keys[PLAIN_KEYS];
	struct eh_fourfold t[PLAIN_KEYS], all;
	double n1, n2;                  /* persons */
	bool single;
};

/* evaluator, position: UINT32_MAX = every one. */
static inline void plain_scope(struct plain *x, const struct eh_audit_data *d, uint32_t evaluator, uint32_t position)
{
	memset(x, 0, sizeof *x);
	x->d = d;
	x->a = &d->attributes[0];
	for (uint32_t c = 0; c < d->candidates.n; c++) {
		size_t before = x->n;

		if (position != UINT32_MAX && d->position[c] != position)
			continue;
		for (uint32_t e = 0; e < d->evaluators.n; e++) {
			for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
				if (d->candidate[i] != c || (evaluator != UINT32_MAX && evaluator != e))
					continue;
				assert_true(x->n < PLAIN_ROWS);
				x->candidate[x->n] = c;
				x->key[x->n] = evaluator != UINT32_MAX ? d->stratum[i] : d->stratum[i] * 64u + e;
				x->y[x->n++] = d->selected[i];
			}
		}
		if (x->n > before)
			x->start[x->n_persons++] = before;
	}
	x->start[x->n_persons] = x->n;
	for (size_t i = 0; i < x->n; i++) {
		size_t k = 0;

		while (k < x->n_keys && x->keys[k] != x->key[i])
			k++;
		assert_true(k < PLAIN_KEYS);
		x->keys[k] = x->key[i];
		x->n_keys += k == x->n_keys;
		x->key[i] = (uint32_t)k;
	}
}

static inline int plain_group(const struct plain *x, size_t person)
{
	uint32_t c = x->candidate[x->start[person]];

	return x->a->provenance[c] == EH_DECLARED ? x->a->group[c] : -1;
}

static inline void plain_sides(struct plain *x, size_t g, uint32_t reference)
{
	memset(x->t, 0, sizeof x->t);
	x->all = (struct eh_fourfold){ 0, 0, 0, 0 };
	x->n1 = x->n2 = 0.0;
	for (size_t p = 0; p < x->n_persons; p++) {
		int own = plain_group(x, p);

		x->side[p] = own < 0 ? -1 : (size_t)own == g ? 1 : (reference >> own & 1u) != 0 ? 0 : -1;
		x->n1 += x->side[p] == 1;
		x->n2 += x->side[p] == 0;
		for (size_t i = x->start[p]; x->side[p] >= 0 && i < x->start[p + 1]; i++) {
			struct eh_fourfold *both[2] = { &x->t[x->key[i]], &x->all };

			for (size_t k = 0; k < 2; k++) {
				*(x->side[p] == 1 ? &both[k]->n1 : &both[k]->n2) += 1;
				*(x->side[p] == 1 ? &both[k]->a : &both[k]->b) += (uint64_t)x->y[i];
			}
		}
	}
	x->single = (double)(x->all.n1 + x->all.n2) <= x->n1 + x->n2;
}

static inline bool plain_stratified(const struct plain *x)
{
	size_t n = 0;

	for (size_t k = 0; k < x->n_keys; k++)
		n += x->t[k].n1 + x->t[k].n2 > 0;
	return n > 1;
}

/* R and S of the Mantel-Haenszel ratio, or of the plain one. */
static inline void plain_mh(const struct plain *x, bool crude, double *r, double *s)
{
	*r = *s = 0.0;
	for (size_t k = 0; k < (crude ? 1 : x->n_keys); k++) {
		const struct eh_fourfold *t = crude ? &x->all : &x->t[k];
		double n1 = (double)t->n1, n2 = (double)t->n2;

		if (t->n1 == 0 || t->n2 == 0)
			continue;
		*r += (double)t->a * n2 / (n1 + n2);
		*s += (double)t->b * n1 / (n1 + n2);
	}
}

static inline double plain_p_cmh(const struct plain *x)
{
	double u = 0.0, v = 0.0;

	for (size_t k = 0; k < x->n_keys; k++) {
		double n1 = (double)x->t[k].n1, n2 = (double)x->t[k].n2, n = n1 + n2;
		double m = (double)(x->t[k].a + x->t[k].b);

		if (n1 > 0.0 && n2 > 0.0 && n > 1.0) {
			u += (double)x->t[k].a - n1 * m / n;
			v += n1 * n2 * m * (n - m) / (n * n * (n - 1.0));
		}
	}
	return v > 0.0 ? gsl_cdf_chisq_Q(u * u / v, 1.0) : NAN;
}

/* cluster.h: sum D^2/R^2 with the sides' corrections; NAN where it does not exist. */
static inline double plain_var_ln(const struct plain *x, bool crude)
{
	double r, s, ratio, sum[2] = { 0.0, 0.0 }, n[2] = { x->n2, x->n1 };

	plain_mh(x, crude, &r, &s);
	ratio = r / s;
	for (size_t p = 0; p < x->n_persons; p++) {
		double d = 0.0;

		for (size_t i = x->start[p]; x->side[p] >= 0 && i < x->start[p + 1]; i++) {
			const struct eh_fourfold *t = crude ? &x->all : &x->t[x->key[i]];
			double n1 = (double)t->n1, n2 = (double)t->n2, rate;

			if (t->n1 == 0 || t->n2 == 0)
				continue;
			rate = (double)(t->a + t->b) / (ratio * n1 + n2);
			d += x->side[p] == 1 ? n2 / (n1 + n2) * (x->y[i] - ratio * rate) :
				-ratio * n1 / (n1 + n2) * (x->y[i] - rate);
		}
		if (x->side[p] >= 0)
			sum[x->side[p]] += d * d;
	}
	return (sum[0] * n[0] / (n[0] - 1.0) + sum[1] * n[1] / (n[1] - 1.0)) / (r * r);
}

/* Were the two persons judged in the same strata? */
static inline bool plain_same_block(const struct plain *x, size_t p, size_t q)
{
	size_t n = x->start[p + 1] - x->start[p];

	if (n != x->start[q + 1] - x->start[q])
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t have = 0, want = 0;

		for (size_t k = 0; k < n; k++) {
			have += x->key[x->start[p] + k] == x->key[x->start[p] + i];
			want += x->key[x->start[q] + k] == x->key[x->start[p] + i];
		}
		if (have != want)
			return false;
	}
	return true;
}

static inline double plain_selected(const struct plain *x, size_t p)
{
	double y = 0.0;

	for (size_t i = x->start[p]; i < x->start[p + 1]; i++)
		y += x->y[i];
	return y;
}

/* Is q's list of strata part of p's, and not all of it? */
static inline bool plain_part(const struct plain *x, size_t q, size_t p)
{
	if (x->start[q + 1] - x->start[q] >= x->start[p + 1] - x->start[p])
		return false;
	for (size_t i = x->start[q]; i < x->start[q + 1]; i++) {
		bool found = false;

		for (size_t k = x->start[p]; k < x->start[p + 1]; k++)
			found = found || x->key[k] == x->key[i];
		if (!found)
			return false;
	}
	return true;
}

/* Somebody who has the longest list that is part of p's; SIZE_MAX: nobody.  Two such lists: *unclear. */
static inline size_t plain_before(const struct plain *x, size_t p, bool *unclear)
{
	size_t best = SIZE_MAX;

	for (size_t q = 0; q < x->n_persons; q++) {
		size_t n = x->start[q + 1] - x->start[q], most;

		if (!plain_part(x, q, p))
			continue;
		most = best != SIZE_MAX ? x->start[best + 1] - x->start[best] : 0;
		if (n > most)
			best = q;
	}
	for (size_t q = 0; q < x->n_persons && best != SIZE_MAX; q++)
		*unclear = *unclear || (plain_part(x, q, p) && !plain_same_block(x, q, best) &&
					x->start[q + 1] - x->start[q] == x->start[best + 1] - x->start[best]);
	return best;
}

/* What was decided about `person` in the strata of list and not in those of before (SIZE_MAX: of no list). */
struct plain_unit {
	size_t person, list, before;
	double rows, selected;
};

static inline int plain_decided(const struct plain *x, size_t person, size_t key)
{
	for (size_t i = x->start[person]; i < x->start[person + 1]; i++)
		if (x->key[i] == key)
			return x->y[i] != 0;
	return -1;
}

static inline struct plain_unit plain_unit_of(const struct plain *x, size_t person, size_t list, size_t before)
{
	struct plain_unit u = { person, list, before, 0.0, 0.0 };

	for (size_t i = x->start[list]; i < x->start[list + 1]; i++) {
		if (before != SIZE_MAX && plain_decided(x, before, x->key[i]) >= 0)
			continue;
		u.rows += 1.0;
		u.selected += plain_decided(x, person, x->key[i]);
	}
	return u;
}

static inline bool plain_exchangeable(const struct plain *x, const struct plain_unit *a, const struct plain_unit *b)
{
	if (!plain_same_block(x, a->list, b->list))
		return false;
	for (size_t i = a->before != SIZE_MAX ? x->start[a->before] : 0;
	     a->before != SIZE_MAX && i < x->start[a->before + 1]; i++)
		if (plain_decided(x, a->person, x->key[i]) != plain_decided(x, b->person, x->key[i]))
			return false;
	return true;
}

struct plain_permutation {
	double kept, u, v, persons, selected;
	double ways[PLAIN_ROWS];        /* chances of the focal selections */
	size_t observed;
};

/* One block, drawn person by person: chance[j][t] that j of those seen so far are focal with t selections. */
static inline void plain_block(struct plain_permutation *o, const struct plain *x, const struct plain_unit *const *unit,
			       size_t n)
{
	static double now[256][1024], sum[PLAIN_ROWS];
	double n1 = 0.0, total = 0.0, squares = 0.0, focal = 0.0, all = 0.0;

	for (size_t i = 0; i < n; i++) {
		double y = unit[i]->selected;

		n1 += x->side[unit[i]->person] == 1;
		focal += x->side[unit[i]->person] == 1 ? y : 0.0;
		total += y;
		squares += y * y;
	}
	if (!(n1 > 0.0) || !(n1 < (double)n))
		return;
	for (size_t i = 0; i < n; i++)
		o->kept += unit[i]->rows;
	o->persons += (double)n;
	o->selected += total;
	o->u += focal - n1 * total / (double)n;
	o->v += n1 * ((double)n - n1) / ((double)n * ((double)n - 1.0)) * (squares - total * total / (double)n);
	o->observed += (size_t)focal;
	if (n > 250 || total > 1000.0)
		return;
	memset(now, 0, sizeof now);
	now[0][0] = 1.0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j-- > 0;)
			for (size_t t = (size_t)total + 1; t-- > 0;)
				if (now[j][t] > 0.0)
					now[j + 1][t + (size_t)unit[i]->selected] += now[j][t];
	for (size_t t = 0; t <= (size_t)total; t++)
		all += now[(size_t)n1][t];
	memset(sum, 0, sizeof sum);
	for (size_t i = 0; i < PLAIN_ROWS; i++)
		for (size_t t = 0; t <= (size_t)total && o->ways[i] > 0.0 && i + t < PLAIN_ROWS; t++)
			sum[i + t] += o->ways[i] * now[(size_t)n1][t] / all;
	memcpy(o->ways, sum, sizeof sum);
}

static inline double plain_mid_p(const struct plain_permutation *o)
{
	double mass = o->ways[o->observed], p = 0.0;

	for (size_t t = 0; t < PLAIN_ROWS; t++)
		if (o->ways[t] <= mass * (1.0 + 1e-7))
			p += o->ways[t] * (o->ways[t] >= mass * (1.0 - 1e-7) ? 0.5 : 1.0);
	return fmin(1.0, p);
}

static inline void plain_permute(struct plain_permutation *o, const struct plain *x)
{
	static struct plain_unit unit[PLAIN_ROWS];
	bool done[PLAIN_ROWS] = { false }, unclear = false;
	double comparable = 0.0;
	size_t n_units = 0;

	memset(o, 0, sizeof *o);
	o->ways[0] = 1.0;
	for (size_t k = 0; k < x->n_keys; k++)
		if (x->t[k].n1 > 0 && x->t[k].n2 > 0)
			comparable += (double)(x->t[k].n1 + x->t[k].n2);
	for (size_t p = 0; p < x->n_persons; p++) {
		for (size_t list = p, before; list != SIZE_MAX; list = before) {
			before = plain_before(x, list, &unclear);
			if (x->side[p] >= 0)
				unit[n_units++] = plain_unit_of(x, p, list, before);
		}
	}
	for (size_t p = 0; p < n_units && !unclear; p++) {
		const struct plain_unit *member[PLAIN_ROWS];
		size_t n = 0;

		for (size_t q = p; q < n_units && !done[p]; q++)
			if (!done[q] && plain_exchangeable(x, &unit[p], &unit[q]))
				member[n++] = &unit[q];
		for (size_t i = 0; i < n; i++)
			done[member[i] - unit] = true;
		plain_block(o, x, member, n);
	}
	o->kept = comparable > 0.0 && !unclear ? o->kept / comparable : 0.0;
}

static inline double plain_sandwich(const struct plain *x)
{
	double u = 0.0, sandwich = 0.0, spread = 0.0, residual = 0.0, rows = 0.0, persons = 0.0, v;

	for (size_t p = 0; p < x->n_persons; p++) {
		double w = 0.0, ws = 0.0, dxs = 0.0, dys = 0.0, m = 0.0;

		for (size_t i = x->start[p]; x->side[p] >= 0 && i < x->start[p + 1]; i++) {
			const struct eh_fourfold *t = &x->t[x->key[i]];
			double n = (double)(t->n1 + t->n2), dx = x->side[p] - (double)t->n1 / n;
			double dy = x->y[i] - (double)(t->a + t->b) / n, scale = sqrt(n / fmax(1.0, n - 1.0));

			if (t->n1 == 0 || t->n2 == 0)
				continue;
			w += dx * dy;
			ws += dx * dy * scale;
			dxs += dx;
			dys += dy * scale;
			m += 1.0;
		}
		if (!(m > 0.0))
			continue;
		u += w;
		sandwich += ws * ws;
		spread += dxs * dxs;
		residual += dys * dys / m;
		rows += m;
		persons += 1.0;
	}
	v = rows > 0.0 ? fmax(sandwich, spread * residual / rows) : 0.0;
	return v > 1e-12 && persons >= 2.0 ? gsl_cdf_fdist_Q(u * u / v, 1.0, persons - 1.0) : NAN;
}

/* p of a finding on known classes; NAN where it is undefined. */
static inline double plain_p(const struct plain *x)
{
	static struct plain_permutation o;
	struct eh_exact exact = eh_table_exact(&x->all);

	if (x->single && !plain_stratified(x))
		return exact.mid_a.defined ? exact.mid_a.value : NAN;
	plain_permute(&o, x);
	if (o.kept < EH_BLOCKS_KEEP)
		return plain_sandwich(x);
	if (!(o.v > 1e-12))
		return NAN;
	return o.persons <= EH_EXACT_PERSONS && o.selected <= EH_EXACT_SELECTED ? plain_mid_p(&o) :
	       gsl_cdf_chisq_Q(o.u * o.u / o.v, 1.0);
}

/* Intra-candidate correlation of residuals e by its definition; use: NULL = everybody with a side. */
static inline double plain_correlation(const struct plain *x, const double *e, const bool *use)
{
	double n = 0.0, persons = 0.0, squares = 0.0, sum = 0.0, within = 0.0, between = 0.0, size, msb, msw;

	for (size_t p = 0; p < x->n_persons; p++) {
		for (size_t i = x->start[p]; use[p] && i < x->start[p + 1]; i++) {
			sum += e[i];
			n += 1.0;
		}
	}
	for (size_t p = 0; p < x->n_persons; p++) {
		double m = (double)(x->start[p + 1] - x->start[p]), mean = 0.0;

		for (size_t i = x->start[p]; i < x->start[p + 1]; i++)
			mean += e[i] / m;
		for (size_t i = x->start[p]; use[p] && i < x->start[p + 1]; i++) {
			within += (e[i] - mean) * (e[i] - mean);
			between += (mean - sum / n) * (mean - sum / n);
		}
		persons += use[p];
		squares += use[p] ? m * m : 0.0;
	}
	if (persons < 2.0 || n <= persons)
		return 0.0;
	msb = between / (persons - 1.0);
	msw = within / (n - persons);
	size = (n - squares / n) / (persons - 1.0);
	return msb + (size - 1.0) * msw > 1e-12 ? fmin(1.0, fmax(0.0, (msb - msw) / (msb + (size - 1.0) * msw))) : 0.0;
}

/* Effective persons of either side; 1 focal. */
static inline void plain_effective(const struct plain *x, double out[2])
{
	static double e[PLAIN_ROWS];
	static bool use[PLAIN_ROWS];
	double rho;

	for (size_t p = 0; p < x->n_persons; p++) {
		use[p] = x->side[p] >= 0;
		for (size_t i = x->start[p]; i < x->start[p + 1]; i++) {
			const struct eh_fourfold *t = &x->t[x->key[i]];

			e[i] = !use[p] ? 0.0 : x->y[i] - (x->side[p] == 1 ? (double)t->a / (double)t->n1 :
							  (double)t->b / (double)t->n2);
		}
	}
	rho = plain_correlation(x, e, use);
	out[0] = out[1] = 0.0;
	for (size_t p = 0; p < x->n_persons; p++) {
		double m = (double)(x->start[p + 1] - x->start[p]);

		if (use[p])
			out[x->side[p]] += m / (1.0 + (m - 1.0) * rho);
	}
}

#endif

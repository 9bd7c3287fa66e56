/* The permutation distribution within blocks of candidates; see permute.h. */
#include "audit/permute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "audit/history.h"
#include "audit/strata_terms.h"
#include "base/mem.h"

#define AHEAD 16
#define TIE 1e-7                        /* relative, as in Fisher's test; facts/statistics.md 5 */

/* All below the number of decisions, which is below 2^31. */
struct block {
	uint32_t n1, n0;                /* persons of either side */
	uint32_t rows;                  /* decisions */
	uint32_t sum;                   /* of the persons' selections */
	uint32_t focal;                 /* selections of the focal side */
	uint32_t most;                  /* selections of one person */
	uint64_t squares;               /* of the persons' selections, summed */
};

struct pmf {
	double *v;                      /* [n] chances of 0..n-1 focal selections */
	size_t n;
};

static bool both(const struct block *b)
{
	return b->n1 > 0 && b->n0 > 0;
}

static void fill_blocks(struct block *block, const struct eh_units *u, const struct eh_sides *side)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct eh_unit x = eh_unit_at(u, i);
		struct block *b = &block[x.block];
		const uint32_t focal = side[x.pattern].n[1], n = focal + side[x.pattern].n[0], y = x.selected;

		/* patterns in the order of their lists lie far apart */
		if (u->v != NULL && i + AHEAD < u->n)
			__builtin_prefetch(&side[u->v[i + AHEAD].pattern]);

		if (n == 0)
			continue;
		b->n1 += focal;
		b->n0 += n - focal;
		b->rows += n * x.rows;
		b->sum += n * y;
		b->squares += (uint64_t)n * y * y;
		b->focal += focal * y;
		if (y > b->most)
			b->most = y;
	}
}

/* Decisions in strata where both sides were judged. */
static int comparable(uint64_t *rows, const struct eh_slice *s, const struct eh_sides *side)
{
	uint64_t *count = eh_try_calloc(2 * s->n_strata + 1, sizeof *count);

	if (count == NULL)
		return EH_ENOMEM;
	for (size_t p = 0; p < s->n_patterns; p++)
		for (uint32_t i = s->start[p]; i < s->start[p + 1]; i++)
			for (size_t x = 0; x < 2; x++)
				count[2 * (s->cell[i] >> 1) + x] += side[p].n[x];
	*rows = 0;
	for (size_t k = 0; k < s->n_strata; k++)
		if (count[2 * k] > 0 && count[2 * k + 1] > 0)
			*rows += count[2 * k] + count[2 * k + 1];
	free(count);
	return EH_OK;
}

/*
 * Ways to draw `draw` persons with t selections in all, from persons of whom tally[y] have y selections:
 * coefficients of prod_y (1 + z u^y)^tally[y], built up y by y.  ways [draw + 1][width], cleared by the caller.
 */
static void count_ways(double *ways, size_t draw, size_t width, const uint32_t *tally, size_t most)
{
	size_t top_j = 0, top_t = 0;

	ways[0] = 1.0;
	for (size_t y = 0; y <= most; y++) {
		if (tally[y] == 0)
			continue;
		for (size_t j = top_j + 1; j-- > 0;) {
			for (size_t t = top_t + 1; t-- > 0;) {
				double base = ways[j * width + t], choose = 1.0;

				if (!(base > 0.0))
					continue;
				for (size_t h = 1; h <= tally[y] && j + h <= draw; h++) {
					choose *= (double)(tally[y] - h + 1) / (double)h;
					ways[(j + h) * width + t + h * y] += base * choose;
				}
			}
		}
		top_j = top_j + tally[y] < draw ? top_j + tally[y] : draw;
		top_t += tally[y] * y;
	}
}

/* Chances of the focal selections of one block.  The smaller side is drawn: fewer terms. */
static int block_pmf(struct pmf *out, const struct block *b, const uint32_t *tally)
{
	size_t draw = (size_t)(b->n1 < b->n0 ? b->n1 : b->n0), width = (size_t)b->sum + 1;
	double *ways = eh_try_calloc((draw + 1) * width, sizeof *ways);
	double all = 0.0;

	out->n = width;
	out->v = eh_try_calloc(width, sizeof *out->v);
	if (ways == NULL || out->v == NULL) {
		free(ways);
		return EH_ENOMEM;
	}
	count_ways(ways, draw, width, tally, (size_t)b->most);
	for (size_t t = 0; t < width; t++)
		all += ways[draw * width + t];
	for (size_t t = 0; t < width; t++)
		out->v[b->n1 <= b->n0 ? t : width - 1 - t] = ways[draw * width + t] / all;
	free(ways);
	return EH_OK;
}

/* Sum of two independent counts; takes over b's memory. */
static int convolve(struct pmf *a, struct pmf *b)
{
	struct pmf sum = { NULL, a->n + b->n - 1 };

	sum.v = eh_try_calloc(sum.n, sizeof *sum.v);
	if (sum.v == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			sum.v[i + j] += a->v[i] * b->v[j];
	free(a->v);
	free(b->v);
	b->v = NULL;
	*a = sum;
	return EH_OK;
}

static struct eh_num mid_p(const struct pmf *f, size_t observed)
{
	double mass = f->v[observed], p = 0.0;

	for (size_t t = 0; t < f->n; t++) {
		if (f->v[t] <= mass * (1.0 + TIE))
			p += f->v[t] >= mass * (1.0 - TIE) ? 0.5 * f->v[t] : f->v[t];
	}
	return eh_num(fmin(1.0, p));
}

/* Units in the order of their blocks; at [n_blocks + 1]. */
static void order_units(uint32_t *unit, size_t *at, const struct eh_units *u)
{
	for (size_t i = 0; i < u->n; i++)
		at[eh_unit_at(u, i).block + 1]++;
	for (size_t b = 0; b < u->n_blocks; b++)
		at[b + 1] += at[b];
	for (size_t i = 0; i < u->n; i++)
		unit[at[eh_unit_at(u, i).block]++] = (uint32_t)i;
	for (size_t b = u->n_blocks; b > 0; b--)
		at[b] = at[b - 1];
	at[0] = 0;
}

static int exact_p(struct eh_num *p, const struct eh_units *u, const struct eh_sides *side, const struct block *block)
{
	uint32_t *unit = eh_try_malloc(u->n + 1, sizeof *unit);
	size_t *at = eh_try_calloc(u->n_blocks + 1, sizeof *at);
	uint32_t *tally = NULL;
	struct pmf all = { eh_try_calloc(1, sizeof(double)), 1 }, one = { NULL, 0 };
	size_t observed = 0;
	int rc = EH_ENOMEM;

	if (unit == NULL || at == NULL || all.v == NULL)
		goto out;
	all.v[0] = 1.0;
	order_units(unit, at, u);
	for (size_t b = 0; b < u->n_blocks; b++) {
		if (!both(&block[b]))
			continue;
		free(tally);
		tally = eh_try_calloc((size_t)block[b].most + 1, sizeof *tally);
		if (tally == NULL)
			goto out;
		for (size_t i = at[b]; i < at[b + 1]; i++) {
			const struct eh_unit unit_i = eh_unit_at(u, unit[i]);
			const struct eh_sides *x = &side[unit_i.pattern];

			if (x->n[0] + x->n[1] > 0)
				tally[unit_i.selected] += x->n[0] + x->n[1];
		}
		if (block_pmf(&one, &block[b], tally) < 0 || convolve(&all, &one) < 0)
			goto out;
		observed += (size_t)block[b].focal;
	}
	*p = mid_p(&all, observed);
	rc = EH_OK;
out:
	free(unit);
	free(at);
	free(tally);
	free(all.v);
	free(one.v);
	return rc;
}

static bool one_decision(const struct eh_slice *s)
{
	bool same = s->n_blocks == s->n_strata && s->start[s->n_patterns] == s->n_patterns;

	for (size_t p = 0; p < s->n_patterns && same; p++)
		same = s->block[p] == s->cell[p] >> 1;
	return same;
}

bool eh_permutation_strata(struct eh_permutation *out, const struct eh_slice *s, const struct eh_fourfold *t)
{
	struct eh_columns c;
	struct eh_exchange_terms terms;
	double u = 0.0, v = 0.0, selected = 0.0, persons = 0.0;

	if (!one_decision(s))
		return false;
	*out = (struct eh_permutation){ .p = eh_undefined(EH_U_ZERO_VARIANCE) };
	for (size_t k = 0; k < s->n_strata;) {
		k = eh_columns_fill(&c, t, k, s->n_strata, false);
		eh_terms_exchange(&terms, &c);
		for (size_t i = 0; i < c.n; i++) {
			u += terms.u[i];
			v += terms.variance[i];
			persons += c.n1[i] + c.n2[i];
			selected += c.a[i] + c.b[i];
		}
	}
	if (persons <= EH_EXACT_PERSONS && selected <= EH_EXACT_SELECTED)
		return false;
	out->persons = (uint64_t)persons;
	out->kept = 1.0;
	out->score = u;
	out->variance = v;
	if (v > 1e-12)
		out->p = eh_num(gsl_cdf_chisq_Q(u * u / v, 1.0));
	return true;
}

int eh_permutation_test(struct eh_permutation *out, const struct eh_slice *s, const struct eh_sides *side,
			struct eh_err *err)
{
	const struct eh_units *units = NULL;
	struct eh_units own;
	struct block *block = NULL;
	uint64_t rows = 0, kept = 0, selected = 0;
	double u = 0.0, v = 0.0;
	int rc = eh_units_of(&units, &own, s, err);

	*out = (struct eh_permutation){ .p = eh_undefined(EH_U_ZERO_VARIANCE) };
	if (rc < 0 || units->unknown)
		goto out;
	block = eh_try_calloc(units->n_blocks + 1, sizeof *block);
	rc = EH_ENOMEM;
	if (block == NULL || comparable(&rows, s, side) < 0)
		goto out;
	fill_blocks(block, units, side);
	for (size_t b = 0; b < units->n_blocks; b++) {
		const struct block *x = &block[b];
		double n1 = (double)x->n1, n = (double)(x->n1 + x->n0), mean;

		if (!both(x))
			continue;
		mean = (double)x->sum / n;
		kept += x->rows;
		selected += x->sum;
		out->persons += x->n1 + x->n0;
		u += (double)x->focal - n1 * mean;
		v += n1 * (n - n1) / (n * (n - 1.0)) * fmax(0.0, (double)x->squares - n * mean * mean);
	}
	rc = EH_OK;
	out->kept = rows > 0 ? (double)kept / (double)rows : 0.0;
	out->exact = out->persons <= EH_EXACT_PERSONS && selected <= EH_EXACT_SELECTED;
	out->score = u;
	out->variance = v;
	if (!(v > 1e-12))
		goto out;
	if (out->exact)
		rc = exact_p(&out->p, units, side, block);
	else
		out->p = eh_num(gsl_cdf_chisq_Q(u * u / v, 1.0));
out:
	eh_units_free(&own);
	free(block);
	return rc < 0 ? eh_err_set(err, rc, "audit: out of memory for a permutation of %zu candidates",
				   s->n_persons) : EH_OK;
}

/* Candidate-clustered Mantel-Haenszel; see cluster.h. */
#include "audit/cluster.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "audit/permute.h"
#include "base/mem.h"

#define SMALLEST_P 1e-300               /* a smaller one has no quantile in doubles */

struct stratum {
	double n, x, y;                 /* decisions, focal ones, selected ones */
	double candidates;
};

/* What its residuals are taken against, and their scale; 0 where one side was not judged. */
struct centre {
	double x, y, scale;
};

static void fill_strata(struct stratum *st, const struct eh_slice *s, const struct eh_sides *side)
{
	for (size_t p = 0; p < s->n_patterns; p++) {
		const double focal = side[p].n[1], n = focal + side[p].n[0];

		if (!(n > 0.0))
			continue;
		for (uint32_t i = s->start[p]; i < s->start[p + 1]; i++) {
			struct stratum *k = &st[s->cell[i] >> 1];

			k->n += n;
			k->x += focal;
			k->y += n * (s->cell[i] & 1u);
			/* a person's decisions lie by stratum, so each change is a new candidate there */
			k->candidates += i == s->start[p] || s->cell[i] >> 1 != s->cell[i - 1] >> 1 ? n : 0.0;
		}
	}
}

static void find_centres(struct centre *centre, const struct stratum *st, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct stratum *k = &st[i];

		if (k->x > 0.0 && k->x < k->n)
			centre[i] = (struct centre){ k->x / k->n, k->y / k->n,
						     sqrt(k->candidates / fmax(1.0, k->candidates - 1.0)) };
	}
}

/* One candidate in the score test: sums over its decisions of residual products, of x residuals and of y residuals, the
 * scaled ones times sqrt(C_k/(C_k - 1)) for the degree of freedom that the means of stratum k take. */
struct score {
	double w, scaled_w, x, scaled_y, n;
};

static struct score score_of(const struct centre *centre, const struct eh_slice *s, size_t pattern, double side)
{
	struct score out = { 0.0, 0.0, 0.0, 0.0, 0.0 };

	for (uint32_t r = s->start[pattern]; r < s->start[pattern + 1]; r++) {
		const struct centre *k = &centre[s->cell[r] >> 1];
		const double dx = side - k->x, dy = (s->cell[r] & 1u) - k->y;

		if (!(k->scale > 0.0))
			continue;
		out.w += dx * dy;
		out.scaled_w += dx * dy * k->scale;
		out.x += dx;
		out.scaled_y += dy * k->scale;
		out.n += 1.0;
	}
	return out;
}

int eh_cluster_sandwich(struct eh_cluster_test *out, const struct eh_slice *s, const struct eh_sides *side,
			struct eh_err *err)
{
	struct stratum *st = eh_try_calloc(s->n_strata + 1, sizeof *st);
	struct centre *centre = eh_try_calloc(s->n_strata + 1, sizeof *centre);
	double u = 0.0, sandwich = 0.0, spread = 0.0, residual = 0.0, decisions = 0.0, candidates = 0.0, v;

	if (st == NULL || centre == NULL) {
		free(st);
		free(centre);
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu strata", s->n_strata);
	}
	fill_strata(st, s, side);
	find_centres(centre, st, s->n_strata);
	free(st);
	for (size_t i = 0; i < 2 * s->n_patterns; i++) {
		const double persons = side[i / 2].n[i % 2];
		struct score one = { 0.0, 0.0, 0.0, 0.0, 0.0 };

		if (persons > 0.0)
			one = score_of(centre, s, i / 2, (double)(i % 2));
		if (!(one.n > 0.0))
			continue;
		u += persons * one.w;
		sandwich += persons * one.scaled_w * one.scaled_w;
		spread += persons * one.x * one.x;
		residual += persons * one.scaled_y * one.scaled_y / one.n;
		decisions += persons * one.n;
		candidates += persons;
	}
	free(centre);
	v = decisions > 0.0 ? fmax(sandwich, spread * residual / decisions) : 0.0;
	*out = (struct eh_cluster_test){ .p = eh_undefined(EH_U_ZERO_VARIANCE), .method = EH_CLUSTER_SANDWICH };
	if (!(v > 1e-12) || candidates < 2.0)
		return EH_OK;
	out->p = eh_num(gsl_cdf_fdist_Q(u * u / v, 1.0, candidates - 1.0));
	out->variance = v;
	out->score = out->p.value > SMALLEST_P ? sqrt(v * gsl_cdf_chisq_Qinv(out->p.value, 1.0)) : fabs(u);
	return EH_OK;
}

static void permuted(struct eh_cluster_test *out, const struct eh_permutation *perm)
{
	*out = (struct eh_cluster_test){ .p = perm->p, .score = perm->score, .variance = perm->variance,
					 .method = perm->exact ? EH_CLUSTER_EXACT : EH_CLUSTER_PERMUTATION };
}

int eh_cluster_test(struct eh_cluster_test *out, const struct eh_slice *s, const struct eh_sides *side,
		    struct eh_err *err)
{
	struct eh_permutation perm;
	int rc = eh_permutation_test(&perm, s, side, err);

	if (rc < 0)
		return rc;
	if (perm.kept < EH_BLOCKS_KEEP)
		return eh_cluster_sandwich(out, s, side, err);
	permuted(out, &perm);
	return EH_OK;
}

bool eh_cluster_strata(struct eh_cluster_test *out, const struct eh_slice *s, const struct eh_fourfold *t)
{
	struct eh_permutation perm;
	const bool told = eh_permutation_strata(&perm, s, t);

	if (told)
		permuted(out, &perm);
	return told;
}

const char *eh_cluster_method_text(enum eh_cluster_method m)
{
	switch (m) {
	case EH_CLUSTER_EXACT:       return "clustered MH (Zhang & Boos 1997), exact permutation mid-p (a)";
	case EH_CLUSTER_PERMUTATION: return "clustered MH (Zhang & Boos 1997), permutation variance";
	default:                     return "clustered MH (Zhang & Boos 1997), sandwich variance, F(1,C-1)";
	}
}

/* The part of a candidate of this pattern in R - ratio S. */
static double influence(const struct eh_slice *s, size_t pattern, bool focal, const struct eh_fourfold *t, bool crude,
			double ratio)
{
	double d = 0.0;

	for (uint32_t i = s->start[pattern]; i < s->start[pattern + 1]; i++) {
		const struct eh_fourfold *k = crude ? t : &t[s->cell[i] >> 1];
		double n1 = (double)k->n1, n2 = (double)k->n2, y = s->cell[i] & 1u, rate2;

		if (k->n1 == 0 || k->n2 == 0)
			continue;
		rate2 = (double)(k->a + k->b) / (ratio * n1 + n2);
		if (focal)
			d += n2 / (n1 + n2) * (y - ratio * rate2);
		else
			d -= ratio * n1 / (n1 + n2) * (y - rate2);
	}
	return d;
}

struct eh_num eh_cluster_var_ln(const struct eh_slice *s, const struct eh_sides *side, const struct eh_fourfold *t,
				bool crude, const struct eh_strata *m)
{
	double sum[2] = { 0.0, 0.0 }, n[2] = { 0.0, 0.0 }, v;

	if (!m->ratio.defined)
		return m->ratio;
	if (!(m->r > 0.0))
		return eh_undefined(EH_U_FOCAL_NONE_SELECTED);
	for (size_t p = 0; p < s->n_patterns; p++) {
		for (size_t x = 0; x < 2; x++) {
			double d, persons = side[p].n[x];

			if (!(persons > 0.0))
				continue;
			d = influence(s, p, x == 1, t, crude, m->ratio.value);
			sum[x] += persons * d * d;
			n[x] += persons;
		}
	}
	if (n[0] < 2.0 || n[1] < 2.0)
		return eh_undefined(EH_U_ONE_PERSON);
	v = (sum[0] * n[0] / (n[0] - 1.0) + sum[1] * n[1] / (n[1] - 1.0)) / (m->r * m->r);
	return v > 1e-12 ? eh_num(v) : eh_undefined(EH_U_ZERO_VARIANCE);
}

void eh_anova_add(struct eh_anova *a, const double *e, size_t m, double persons)
{
	double part = 0.0, within = 0.0, size = (double)m;

	for (size_t i = 0; i < m; i++)
		part += e[i];
	for (size_t i = 0; i < m; i++)
		within += (e[i] - part / size) * (e[i] - part / size);
	a->within += persons * within;
	a->n += persons * size;
	a->persons += persons;
	a->squares += persons * size * size;
	a->sum += persons * part;
	a->between += persons * part * part / size;
}

double eh_anova_correlation(const struct eh_anova *a)
{
	double mean, size, msb, msw;

	if (a->persons < 2.0 || a->n <= a->persons)
		return 0.0;
	mean = a->sum / a->n;
	msb = fmax(0.0, a->between - a->n * mean * mean) / (a->persons - 1.0);
	msw = a->within / (a->n - a->persons);
	size = (a->n - a->squares / a->n) / (a->persons - 1.0);
	if (!(msb + (size - 1.0) * msw > 1e-12))
		return 0.0;
	return fmin(1.0, fmax(0.0, (msb - msw) / (msb + (size - 1.0) * msw)));
}

/* Residuals of a pattern's decisions against the rate of side x stratum. */
static void residuals(double *e, const struct eh_slice *s, size_t pattern, bool focal, const struct eh_fourfold *t)
{
	for (uint32_t i = s->start[pattern]; i < s->start[pattern + 1]; i++) {
		const struct eh_fourfold *k = &t[s->cell[i] >> 1];
		double rate = focal ? (double)k->a / (double)k->n1 : (double)k->b / (double)k->n2;

		e[i - s->start[pattern]] = (s->cell[i] & 1u) - rate;
	}
}

int eh_cluster_effective(double *focal, double *reference, const struct eh_slice *s, const struct eh_sides *side,
			 const struct eh_fourfold *t, struct eh_err *err)
{
	struct eh_anova anova = { 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 };
	double sum[2] = { 0.0, 0.0 }, rho, *e;
	size_t most = 0;

	for (size_t p = 0; p < s->n_patterns; p++)
		most = eh_pattern_size(s, p) > most ? eh_pattern_size(s, p) : most;
	e = eh_try_malloc(most + 1, sizeof *e);
	if (e == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu decisions", most);
	for (size_t i = 0; i < 2 * s->n_patterns; i++) {
		if (side[i / 2].n[i % 2] == 0)
			continue;
		residuals(e, s, i / 2, i % 2 == 1, t);
		eh_anova_add(&anova, e, eh_pattern_size(s, i / 2), side[i / 2].n[i % 2]);
	}
	free(e);
	rho = eh_anova_correlation(&anova);
	for (size_t i = 0; i < 2 * s->n_patterns; i++) {
		double m = eh_pattern_size(s, i / 2);

		sum[i % 2] += side[i / 2].n[i % 2] * m / (1.0 + (m - 1.0) * rho);
	}
	*focal = sum[1];
	*reference = sum[0];
	return EH_OK;
}

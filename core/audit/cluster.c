/* Candidate-clustered Mantel-Haenszel; see cluster.h. */
#include "audit/cluster.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "audit/permute.h"
#include "base/mem.h"

struct stratum {
	double n, x, y;                 /* decisions, focal ones, selected ones */
	double candidates;
};

static void fill_strata(struct stratum *st, const struct eh_slice *s, const int8_t *side)
{
	for (size_t p = 0; p < s->n_persons; p++) {
		for (uint32_t i = s->start[p]; side[p] >= 0 && i < s->start[p + 1]; i++) {
			struct stratum *k = &st[s->row[i].stratum];

			k->n += 1.0;
			k->x += side[p];
			k->y += s->row[i].selected;
			/* a person's rows lie by stratum, so each change is a new candidate there */
			k->candidates += i == s->start[p] || s->row[i].stratum != s->row[i - 1].stratum;
		}
	}
}

/* One candidate in the score test: sums over its decisions of residual products, of x residuals and of y residuals, the
 * scaled ones times sqrt(C_k/(C_k - 1)) for the degree of freedom that the means of stratum k take. */
struct score {
	double w, scaled_w, x, scaled_y, n;
};

static struct score score_of(const struct stratum *st, const struct eh_slice *s, size_t person, int8_t side)
{
	struct score out = { 0.0, 0.0, 0.0, 0.0, 0.0 };

	for (uint32_t r = s->start[person]; r < s->start[person + 1]; r++) {
		const struct stratum *k = &st[s->row[r].stratum];
		double dx = side - k->x / k->n, dy = s->row[r].selected - k->y / k->n;
		double scale = sqrt(k->candidates / fmax(1.0, k->candidates - 1.0));

		if (!(k->x > 0.0) || !(k->x < k->n))
			continue;
		out.w += dx * dy;
		out.scaled_w += dx * dy * scale;
		out.x += dx;
		out.scaled_y += dy * scale;
		out.n += 1.0;
	}
	return out;
}

int eh_cluster_sandwich(struct eh_num *p, const struct eh_slice *s, const int8_t *side, struct eh_err *err)
{
	struct stratum *st = eh_try_calloc(s->n_strata + 1, sizeof *st);
	double u = 0.0, sandwich = 0.0, spread = 0.0, residual = 0.0, decisions = 0.0, candidates = 0.0, v;

	if (st == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu strata", s->n_strata);
	fill_strata(st, s, side);
	for (size_t i = 0; i < s->n_persons; i++) {
		struct score one = { 0.0, 0.0, 0.0, 0.0, 0.0 };

		if (side[i] >= 0)
			one = score_of(st, s, i, side[i]);
		if (!(one.n > 0.0))
			continue;
		u += one.w;
		sandwich += one.scaled_w * one.scaled_w;
		spread += one.x * one.x;
		residual += one.scaled_y * one.scaled_y / one.n;
		decisions += one.n;
		candidates += 1.0;
	}
	free(st);
	v = decisions > 0.0 ? fmax(sandwich, spread * residual / decisions) : 0.0;
	if (!(v > 1e-12) || candidates < 2.0)
		*p = eh_undefined(EH_U_ZERO_VARIANCE);
	else
		*p = eh_num(gsl_cdf_fdist_Q(u * u / v, 1.0, candidates - 1.0));
	return EH_OK;
}

int eh_cluster_test(struct eh_cluster_test *out, const struct eh_slice *s, const int8_t *side, struct eh_err *err)
{
	struct eh_permutation perm;
	int rc = eh_permutation_test(&perm, s, side, err);

	if (rc < 0)
		return rc;
	if (perm.kept >= EH_BLOCKS_KEEP) {
		out->p = perm.p;
		out->method = perm.exact ? EH_CLUSTER_EXACT : EH_CLUSTER_PERMUTATION;
		return EH_OK;
	}
	out->method = EH_CLUSTER_SANDWICH;
	return eh_cluster_sandwich(&out->p, s, side, err);
}

const char *eh_cluster_method_text(enum eh_cluster_method m)
{
	switch (m) {
	case EH_CLUSTER_EXACT:       return "clustered MH (Zhang & Boos 1997), exact permutation mid-p (a)";
	case EH_CLUSTER_PERMUTATION: return "clustered MH (Zhang & Boos 1997), permutation variance";
	default:                     return "clustered MH (Zhang & Boos 1997), sandwich variance, F(1,C-1)";
	}
}

/* The candidate's part of R - ratio S. */
static double influence(const struct eh_slice *s, size_t person, bool focal, const struct eh_fourfold *t, bool crude,
			double ratio)
{
	double d = 0.0;

	for (uint32_t i = s->start[person]; i < s->start[person + 1]; i++) {
		const struct eh_fourfold *k = crude ? t : &t[s->row[i].stratum];
		double n1 = (double)k->n1, n2 = (double)k->n2, rate2;

		if (k->n1 == 0 || k->n2 == 0)
			continue;
		rate2 = (double)(k->a + k->b) / (ratio * n1 + n2);
		if (focal)
			d += n2 / (n1 + n2) * (s->row[i].selected - ratio * rate2);
		else
			d -= ratio * n1 / (n1 + n2) * (s->row[i].selected - rate2);
	}
	return d;
}

struct eh_num eh_cluster_var_ln(const struct eh_slice *s, const int8_t *side, const struct eh_fourfold *t, bool crude,
				const struct eh_strata *m)
{
	double sum[2] = { 0.0, 0.0 }, n[2] = { 0.0, 0.0 }, v;

	if (!m->ratio.defined)
		return m->ratio;
	if (!(m->r > 0.0))
		return eh_undefined(EH_U_FOCAL_NONE_SELECTED);
	for (size_t p = 0; p < s->n_persons; p++) {
		double d;

		if (side[p] < 0)
			continue;
		d = influence(s, p, side[p] == 1, t, crude, m->ratio.value);
		sum[(uint8_t)side[p]] += d * d;
		n[(uint8_t)side[p]] += 1.0;
	}
	if (n[0] < 2.0 || n[1] < 2.0)
		return eh_undefined(EH_U_ONE_PERSON);
	v = (sum[0] * n[0] / (n[0] - 1.0) + sum[1] * n[1] / (n[1] - 1.0)) / (m->r * m->r);
	return v > 1e-12 ? eh_num(v) : eh_undefined(EH_U_ZERO_VARIANCE);
}

double eh_cluster_correlation(const struct eh_slice *s, const double *e, const bool *use)
{
	double n = 0.0, groups = 0.0, squares = 0.0, sum = 0.0, within = 0.0, between = 0.0, mean, size, msb, msw;

	for (size_t p = 0; p < s->n_persons; p++) {
		double m = (double)(s->start[p + 1] - s->start[p]), part = 0.0;

		if (!use[p])
			continue;
		for (uint32_t i = s->start[p]; i < s->start[p + 1]; i++)
			part += e[i];
		for (uint32_t i = s->start[p]; i < s->start[p + 1]; i++)
			within += (e[i] - part / m) * (e[i] - part / m);
		n += m;
		groups += 1.0;
		squares += m * m;
		sum += part;
		between += part * part / m;
	}
	if (groups < 2.0 || n <= groups)
		return 0.0;
	mean = sum / n;
	msb = fmax(0.0, between - n * mean * mean) / (groups - 1.0);
	msw = within / (n - groups);
	size = (n - squares / n) / (groups - 1.0);
	if (!(msb + (size - 1.0) * msw > 1e-12))
		return 0.0;
	return fmin(1.0, fmax(0.0, (msb - msw) / (msb + (size - 1.0) * msw)));
}

int eh_cluster_effective(double *focal, double *reference, const struct eh_slice *s, const int8_t *side,
			 const struct eh_fourfold *t, struct eh_err *err)
{
	double *e = eh_try_calloc(s->n + 1, sizeof *e);
	bool *use = eh_try_calloc(s->n_persons + 1, sizeof *use);
	double sum[2] = { 0.0, 0.0 }, rho;
	int rc = EH_ENOMEM;

	if (e == NULL || use == NULL)
		goto out;
	for (size_t p = 0; p < s->n_persons; p++) {
		use[p] = side[p] >= 0;
		for (uint32_t i = s->start[p]; use[p] && i < s->start[p + 1]; i++) {
			const struct eh_fourfold *k = &t[s->row[i].stratum];

			e[i] = s->row[i].selected - (side[p] == 1 ? (double)k->a / (double)k->n1 :
						     (double)k->b / (double)k->n2);
		}
	}
	rho = eh_cluster_correlation(s, e, use);
	for (size_t p = 0; p < s->n_persons; p++) {
		double m = (double)(s->start[p + 1] - s->start[p]);

		if (use[p])
			sum[(uint8_t)side[p]] += m / (1.0 + (m - 1.0) * rho);
	}
	*focal = sum[1];
	*reference = sum[0];
	rc = EH_OK;
out:
	free(e);
	free(use);
	return rc < 0 ? eh_err_set(err, rc, "audit: out of memory for %zu decisions", s->n) : EH_OK;
}

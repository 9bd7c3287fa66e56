/* The pool's scores as a mixture of the labelled ones; see fit_check.h. */
#include "audit/fit_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"

#define SETTLED 1e-9
#define ROUNDS_MAX 5000

struct histograms {
	size_t bins, k;
	double pool[EH_FIT_BINS], n;
	double labelled[EH_FIT_CLASSES][EH_FIT_BINS], members[EH_FIT_CLASSES];
	double f[EH_FIT_CLASSES][EH_FIT_BINS];
	double share[EH_FIT_CLASSES];
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Upper edges of equal-count bins: edge[i] is the largest score of bin i; the last bin has none.  Returns the bins. */
static size_t cut(double edge[EH_FIT_BINS], double *all, size_t n, size_t bins)
{
	size_t used = 0;

	qsort(all, n, sizeof *all, by_value);
	for (size_t i = 1; i < bins; i++) {
		double at = all[i * n / bins - 1];

		if ((used == 0 || at > edge[used - 1]) && at < all[n - 1])
			edge[used++] = at;
	}
	return used + 1;
}

static size_t bin_of(const double *edge, size_t bins, double score)
{
	size_t b = 0;

	while (b + 1 < bins && score > edge[b])
		b++;
	return b;
}

static double mixed(const struct histograms *h, size_t b)
{
	double sum = 0.0;

	for (size_t k = 0; k < h->k; k++)
		sum += h->share[k] * h->f[k][b];
	return sum;
}

/* One EM step of shares and densities; returns how far it moved. */
static double step(struct histograms *h)
{
	double share[EH_FIT_CLASSES] = { 0.0 }, f[EH_FIT_CLASSES][EH_FIT_BINS], moved = 0.0;

	memcpy(f, h->labelled, sizeof f);
	for (size_t b = 0; b < h->bins; b++) {
		double m = mixed(h, b);

		for (size_t k = 0; k < h->k && m > 0.0; k++) {
			double part = h->pool[b] * h->share[k] * h->f[k][b] / m;

			f[k][b] += part;
			share[k] += part;
		}
	}
	for (size_t k = 0; k < h->k; k++) {
		for (size_t b = 0; b < h->bins; b++) {
			f[k][b] /= h->members[k] + share[k];
			moved = fmax(moved, fabs(f[k][b] - h->f[k][b]));
			h->f[k][b] = f[k][b];
		}
		moved = fmax(moved, fabs(share[k] / h->n - h->share[k]));
		h->share[k] = share[k] / h->n;
	}
	return moved;
}

static void fit(struct histograms *h)
{
	for (size_t k = 0; k < h->k; k++) {
		h->share[k] = 1.0 / (double)h->k;
		/* half a person in each bin to begin with: what is 0 could not rise again */
		for (size_t b = 0; b < h->bins; b++)
			h->f[k][b] = (h->labelled[k][b] + 0.5) / (h->members[k] + 0.5 * (double)h->bins);
	}
	for (int round = 0; round < ROUNDS_MAX && step(h) > SETTLED; round++)
		;
}

static double square_over(double off, double expected) { return expected > 0.0 ? off * off / expected : 0.0; }

static void compare(struct eh_fit_check *out, const struct histograms *h)
{
	double chi = 0.0, away = 0.0;

	for (size_t b = 0; b < h->bins; b++) {
		double expected = h->n * mixed(h, b), seen = 0.0;

		chi += square_over(h->pool[b] - expected, expected);
		for (size_t k = 0; k < h->k; k++) {
			seen += h->share[k] * h->labelled[k][b] / h->members[k];
			chi += square_over(h->labelled[k][b] - h->members[k] * h->f[k][b], h->members[k] * h->f[k][b]);
		}
		away += fabs(h->pool[b] / h->n - seen);
	}
	out->distance = eh_num(0.5 * away);
	out->p = eh_num(gsl_cdf_chisq_Q(chi, (double)(h->bins - h->k)));
}

/* Classes that have members, numbered anew. */
static size_t renumber(uint8_t to[EH_FIT_CLASSES], double members[EH_FIT_CLASSES], const uint8_t *group, size_t n,
		       size_t k)
{
	double all[EH_FIT_CLASSES] = { 0.0 };
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		all[group[i]] += 1.0;
	for (size_t g = 0; g < k; g++) {
		to[g] = (uint8_t)used;
		if (all[g] > 0.0)
			members[used++] = all[g];
	}
	return used;
}

int eh_fit_check(struct eh_fit_check *out, const double *pool, size_t n, const double *labelled, const uint8_t *group,
		 size_t n_labelled, size_t k, struct eh_err *err)
{
	struct histograms h = { .n = (double)n };
	uint8_t to[EH_FIT_CLASSES];
	double edge[EH_FIT_BINS], *all = NULL, least = (double)n;
	size_t bins;

	out->p = out->distance = eh_undefined(EH_U_TOO_FEW);
	h.k = renumber(to, h.members, group, n_labelled, k);
	for (size_t c = 0; c < h.k; c++)
		least = fmin(least, h.members[c]);
	bins = (size_t)fmin(EH_FIT_BINS, floor(least / EH_FIT_PER_BIN));
	if (h.k < 1 || bins <= h.k)
		return EH_OK;
	all = eh_try_malloc(n + n_labelled, sizeof *all);
	if (all == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for the scores of %zu persons", n + n_labelled);
	memcpy(all, pool, n * sizeof *all);
	memcpy(all + n, labelled, n_labelled * sizeof *all);
	h.bins = cut(edge, all, n + n_labelled, bins);
	free(all);
	if (h.bins <= h.k)
		return EH_OK;
	for (size_t i = 0; i < n; i++)
		h.pool[bin_of(edge, h.bins, pool[i])] += 1.0;
	for (size_t i = 0; i < n_labelled; i++)
		h.labelled[to[group[i]]][bin_of(edge, h.bins, labelled[i])] += 1.0;
	fit(&h);
	compare(out, &h);
	return EH_OK;
}

/* AUC, Brier score, calibration error and their intervals; see measure.h. */
#include "learn/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/scale.h"

#define Z95 1.959963984540054           /* normal quantile at .975; cases/README.md */

static int by_score(const void *a, const void *b, void *scores)
{
	const double *score = scores;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (score[x] < score[y] || score[x] > score[y])
		return score[x] < score[y] ? -1 : 1;
	return (x > y) - (x < y);
}

void eh_rank(uint32_t *order, const double *score, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof *order, by_score, (void *)score);
}

static uint64_t weight_of(const uint32_t *weight, size_t row)
{
	return weight != NULL ? weight[row] : 1;
}

double eh_auc(const double *score, const uint8_t *positive, const uint32_t *order, const uint32_t *weight, size_t n)
{
	uint64_t below = 0, n_positive = 0, twice = 0;

	for (size_t i = 0; i < n;) {
		uint64_t tied[2] = { 0, 0 };
		double at = score[order[i]];

		for (; i < n && score[order[i]] == at; i++)
			tied[positive[order[i]]] += weight_of(weight, order[i]);
		twice += tied[1] * (2 * below + tied[0]);
		below += tied[0];
		n_positive += tied[1];
	}
	return (double)twice / (2.0 * (double)n_positive * (double)below);
}

double eh_brier(const double *score, const uint8_t *positive, const uint32_t *weight, size_t n)
{
	double sum = 0.0;
	uint64_t mass = 0;

	for (size_t i = 0; i < n; i++) {
		double off = score[i] - positive[i];

		sum += (double)weight_of(weight, i) * off * off;
		mass += weight_of(weight, i);
	}
	return sum / (double)mass;
}

double eh_ece(const double *score, const uint8_t *positive, const uint32_t *order, const uint32_t *weight, size_t n)
{
	uint64_t mass = 0, done = 0, bins = EH_ECE_BINS;
	double sum = 0.0, gap = 0.0;

	for (size_t i = 0; i < n; i++)
		mass += weight_of(weight, i);
	if (mass < bins)
		bins = mass;
	/* the sum over bins of share * |difference of means| is the sum of |difference of sums| / mass */
	for (size_t i = 0; i < n;) {
		double at = score[order[i]];
		uint64_t tied[2] = { 0, 0 };

		/* a tie has no order of its own: each bin gets the tie's share of positives, not the rows' order */
		for (; i < n && score[order[i]] == at; i++)
			tied[positive[order[i]]] += weight_of(weight, order[i]);
		for (uint64_t end = done + tied[0] + tied[1]; done < end;) {
			gap += at - (double)tied[1] / (double)(tied[0] + tied[1]);
			done++;
			if (done * bins / mass != (done - 1) * bins / mass) {
				sum += fabs(gap);
				gap = 0.0;
			}
		}
	}
	return sum / (double)mass;
}

void eh_wilson(double *lo, double *hi, uint64_t x, uint64_t n)
{
	double m = (double)n, rate = (double)x / m, zz = Z95 * Z95;
	double mid = (rate + zz / (2.0 * m)) / (1.0 + zz / m);
	double half = Z95 / (1.0 + zz / m) * sqrt(rate * (1.0 - rate) / m + zz / (4.0 * m * m));

	*lo = x == 0 ? 0.0 : mid - half;
	*hi = x == n ? 1.0 : mid + half;
}

/* ---- all of it for one set of out-of-fold probabilities ---- */

struct bench {
	const struct eh_outcome *o;
	double *score;                  /* [k][n] */
	uint8_t *positive;              /* [k][n] */
	uint32_t *order;                /* [k][n] */
	uint32_t *weight;               /* [n] */
	uint32_t *first;                /* [n] first row of each candidate, class after class */
	size_t class_start[EH_GROUPS_MAX + 1];
};

static double auc_excess(double theta, double auc, double m, double n)
{
	double extra = ((m + n) / 2.0 - 1.0) * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta));
	double v = theta * (1.0 - theta) * (1.0 + extra) / (m * n);

	return fabs(theta - auc) - Z95 * sqrt(v);
}

/* The border between the thetas that fit (near auc) and those that do not (near `far`). */
static double auc_border(double far, double auc, double m, double n)
{
	double out = far, in = auc;

	for (int i = 0; i < 100; i++) {
		double middle = 0.5 * (out + in);

		if (auc_excess(middle, auc, m, n) > 0.0)
			out = middle;
		else
			in = middle;
	}
	return in;
}

void eh_auc_interval(double *lo, double *hi, double auc, double m, double n)
{
	*lo = auc > 0.0 ? auc_border(0.0, auc, m, n) : 0.0;
	*hi = auc < 1.0 ? auc_border(1.0, auc, m, n) : 1.0;
}

struct figures {
	double auc, brier, ece;
};

static struct figures figures(const struct bench *b, const uint32_t *weight)
{
	size_t n = b->o->n, k = b->o->k, from = k == 2 ? 1 : 0;
	struct figures f = { 0.0, 0.0, 0.0 };

	for (size_t g = from; g < k; g++) {
		const double *score = b->score + g * n;
		const uint8_t *positive = b->positive + g * n;

		f.auc += eh_auc(score, positive, b->order + g * n, weight, n) / (double)(k - from);
		f.ece += eh_ece(score, positive, b->order + g * n, weight, n) / (double)(k - from);
		f.brier += eh_brier(score, positive, weight, n) * (k == 2 ? 1.0 : 0.5);
	}
	return f;
}

static void resample(struct bench *b, struct eh_rng *rng)
{
	const uint32_t *owner = b->o->owner;

	memset(b->weight, 0, b->o->n * sizeof *b->weight);
	for (size_t g = 0; g < b->o->k; g++) {
		size_t start = b->class_start[g], count = b->class_start[g + 1] - start;

		for (size_t i = 0; i < count; i++) {
			uint32_t first = b->first[start + eh_rng_below(rng, count)];

			for (size_t row = first; row < b->o->n && owner[row] == owner[first]; row++)
				b->weight[row]++;
		}
	}
}

static int intervals(struct eh_skill *out, struct bench *b, uint64_t seed, struct eh_err *err)
{
	double *v = eh_try_malloc(EH_BOOTSTRAP, 3 * sizeof *v);
	double *auc = NULL, *brier = NULL, *ece = NULL;
	struct eh_rng rng;

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the bootstrap");
	auc = v;
	brier = v + EH_BOOTSTRAP;
	ece = v + 2 * EH_BOOTSTRAP;
	eh_rng_seed_named(&rng, seed, "bootstrap");
	for (size_t i = 0; i < EH_BOOTSTRAP; i++) {
		struct figures f;

		resample(b, &rng);
		f = figures(b, b->weight);
		auc[i] = f.auc;
		brier[i] = f.brier;
		ece[i] = f.ece;
	}
	for (double *w = v; w < v + 3 * EH_BOOTSTRAP; w += EH_BOOTSTRAP)
		qsort(w, EH_BOOTSTRAP, sizeof *w, eh_double_cmp);
	out->auc_lo = eh_sorted_quantile(auc, EH_BOOTSTRAP, 0.025);
	out->auc_hi = eh_sorted_quantile(auc, EH_BOOTSTRAP, 0.975);
	out->brier_lo = eh_sorted_quantile(brier, EH_BOOTSTRAP, 0.025);
	out->brier_hi = eh_sorted_quantile(brier, EH_BOOTSTRAP, 0.975);
	out->ece_lo = eh_sorted_quantile(ece, EH_BOOTSTRAP, 0.025);
	out->ece_hi = eh_sorted_quantile(ece, EH_BOOTSTRAP, 0.975);
	free(v);
	return EH_OK;
}

/* No resample of separated classes holds an error: the bootstrap would claim to be certain. */
static void widen(struct eh_skill *out, size_t k)
{
	uint32_t least = out->n_class[0];

	if (out->auc_hi > out->auc_lo)
		return;
	for (size_t g = 1; g < k; g++)
		least = out->n_class[g] < least ? out->n_class[g] : least;
	eh_auc_interval(&out->auc_lo, &out->auc_hi, out->auc, least, (double)out->n - least);
}

static void count_right(struct eh_skill *out, const struct eh_outcome *o)
{
	uint64_t right = 0;
	double recall = 0.0;

	for (size_t i = 0; i < o->n; i++) {
		const double *p = o->p + i * o->k;
		size_t truth = (size_t)o->group[i], said = 0;

		for (size_t g = 1; g < o->k; g++)
			if (p[g] > p[said])
				said = g;
		out->n_class[truth]++;
		out->confusion[truth][said] += 1.0;
		right += truth == said;
	}
	for (size_t g = 0; g < o->k; g++)
		recall += out->confusion[g][g] / out->n_class[g];
	out->n = (uint32_t)o->n;
	out->accuracy = (double)right / (double)o->n;
	out->balanced_accuracy = recall / (double)o->k;
	eh_wilson(&out->accuracy_lo, &out->accuracy_hi, right, o->n);
}

static void lay_out(struct bench *b)
{
	const struct eh_outcome *o = b->o;
	size_t listed = 0;

	for (size_t g = 0; g < o->k; g++) {
		b->class_start[g] = listed;
		for (size_t i = 0; i < o->n; i++) {
			b->score[g * o->n + i] = o->p[i * o->k + g];
			b->positive[g * o->n + i] = o->group[i] == (int32_t)g;
			if (o->group[i] == (int32_t)g && (i == 0 || o->owner[i] != o->owner[i - 1]))
				b->first[listed++] = (uint32_t)i;
		}
		eh_rank(b->order + g * o->n, b->score + g * o->n, o->n);
	}
	b->class_start[o->k] = listed;
}

int eh_measure(struct eh_skill *out, const struct eh_outcome *o, uint64_t seed, struct eh_err *err)
{
	struct bench b = { .o = o };
	struct figures f;
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	b.score = eh_try_malloc(o->n * o->k, sizeof *b.score);
	b.positive = eh_try_malloc(o->n * o->k, sizeof *b.positive);
	b.order = eh_try_malloc(o->n * o->k, sizeof *b.order);
	b.weight = eh_try_malloc(o->n, sizeof *b.weight);
	b.first = eh_try_malloc(o->n, sizeof *b.first);
	if (b.score == NULL || b.positive == NULL || b.order == NULL || b.weight == NULL || b.first == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for measuring the skill on %zu rows", o->n);
		goto out;
	}
	lay_out(&b);
	count_right(out, o);
	f = figures(&b, NULL);
	out->auc = f.auc;
	out->brier = f.brier;
	out->ece = f.ece;
	rc = intervals(out, &b, seed, err);
	if (rc == EH_OK)
		widen(out, o->k);
	out->trained = rc == EH_OK;
out:
	free(b.first);
	free(b.weight);
	free(b.order);
	free(b.positive);
	free(b.score);
	return rc;
}

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

double eh_log_loss(const double *score, const uint8_t *positive, const uint32_t *weight, size_t n)
{
	double sum = 0.0;
	uint64_t mass = 0;

	for (size_t i = 0; i < n; i++) {
		if (weight_of(weight, i) == 0)
			continue;
		sum -= (double)weight_of(weight, i) * log(positive[i] ? score[i] : 1.0 - score[i]);
		mass += weight_of(weight, i);
	}
	return sum / (double)mass;
}

static void close_bin(struct eh_class_figures *out)
{
	struct eh_bin *b = &out->bin[out->n_bins++];

	b->p /= b->n;
	b->share /= b->n;
}

static void decompose(struct eh_class_figures *out, double brier, double base, double n)
{
	out->reliability = out->resolution = 0.0;
	out->uncertainty = base * (1.0 - base);
	for (size_t i = 0; i < out->n_bins; i++) {
		const struct eh_bin *b = &out->bin[i];

		out->reliability += b->n / n * (b->p - b->share) * (b->p - b->share);
		out->resolution += b->n / n * (b->share - base) * (b->share - base);
	}
	out->within = brier - (out->reliability - out->resolution + out->uncertainty);
}

void eh_reliability(struct eh_class_figures *out, const double *score, const uint8_t *positive, const uint32_t *order,
		    size_t n)
{
	size_t bins = n < EH_REPORT_BINS ? n : EH_REPORT_BINS, done = 0;
	double base = 0.0;

	out->n_bins = 0;
	memset(out->bin, 0, sizeof out->bin);
	for (size_t i = 0; i < n;) {
		double at = score[order[i]], tied[2] = { 0.0, 0.0 }, share = 0.0;

		for (; i < n && score[order[i]] == at; i++)
			tied[positive[order[i]]] += 1.0;
		share = tied[1] / (tied[0] + tied[1]);
		base += tied[1] / (double)n;
		for (; done < i; done++) {
			out->bin[out->n_bins].n += 1.0;
			out->bin[out->n_bins].p += at;
			out->bin[out->n_bins].share += share;
			if ((done + 1) * bins / n != done * bins / n)
				close_bin(out);
		}
	}
	decompose(out, eh_brier(score, positive, NULL, n), base, (double)n);
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
	uint32_t *said;                 /* [n] most probable class, the first of equal ones */
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

enum { AUC, BRIER, ECE, LOG_LOSS, ACCURACY, FIGURES };

/* Which groups have members and others beside them: only of these an AUC can be told. */
static bool told(const struct bench *b, size_t g)
{
	size_t all = b->class_start[b->o->k], in = b->class_start[g + 1] - b->class_start[g];

	return in > 0 && in < all;
}

static double of_truth(const struct bench *b, const uint32_t *weight, double *right)
{
	const struct eh_outcome *o = b->o;
	double loss = 0.0, mass = 0.0;

	*right = 0.0;
	for (size_t i = 0; i < o->n; i++) {
		double w = (double)weight_of(weight, i);

		if (weight_of(weight, i) == 0)
			continue;
		loss -= w * log(o->p[i * o->k + (size_t)o->group[i]]);
		*right += w * (double)(b->said[i] == (uint32_t)o->group[i]);
		mass += w;
	}
	*right /= mass;
	return loss / mass;
}

static void figures(double f[FIGURES], const struct bench *b, const uint32_t *weight)
{
	size_t n = b->o->n, k = b->o->k, from = k == 2 ? 1 : 0, aucs = 0;

	memset(f, 0, FIGURES * sizeof *f);
	for (size_t g = from; g < k; g++) {
		const double *score = b->score + g * n;
		const uint8_t *positive = b->positive + g * n;

		if (told(b, g)) {
			f[AUC] += eh_auc(score, positive, b->order + g * n, weight, n);
			aucs++;
		}
		f[ECE] += eh_ece(score, positive, b->order + g * n, weight, n) / (double)(k - from);
		f[BRIER] += eh_brier(score, positive, weight, n) * (k == 2 ? 1.0 : 0.5);
	}
	f[AUC] /= aucs > 0 ? (double)aucs : 1.0;
	f[LOG_LOSS] = of_truth(b, weight, &f[ACCURACY]);
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

/* Of pairs of one fold; `otherwise` where no fold holds a pair.  scratch [n]. */
static double auc_inside(const struct bench *b, size_t g, uint32_t *scratch, double otherwise)
{
	const struct eh_outcome *o = b->o;
	const uint8_t *positive = b->positive + g * o->n;
	double sum = 0.0, pairs = 0.0;
	uint32_t last = 0;

	for (size_t i = 0; i < o->n; i++)
		last = o->fold[i] > last ? o->fold[i] : last;
	for (uint32_t f = 0; f <= last; f++) {
		double in[2] = { 0.0, 0.0 };

		for (size_t i = 0; i < o->n; i++) {
			scratch[i] = o->fold[i] == f;
			in[positive[i]] += scratch[i];
		}
		if (in[0] * in[1] > 0.0)
			sum += in[0] * in[1] *
			       eh_auc(b->score + g * o->n, positive, b->order + g * o->n, scratch, o->n);
		pairs += in[0] * in[1];
	}
	return pairs > 0.0 ? sum / pairs : otherwise;
}

static void move_by_folds(struct eh_figure *auc, struct bench *b)
{
	double sum = 0.0, away = 0.0;
	size_t aucs = 0;

	for (size_t g = b->o->k == 2 ? 1 : 0; g < b->o->k; g++)
		if (told(b, g)) {
			sum += auc_inside(b, g, b->weight, auc->value);
			aucs++;
		}
	away = sum / (double)aucs - auc->value;
	auc->lo = fmax(0.0, auc->lo + fmin(0.0, away));
	auc->hi = fmin(1.0, auc->hi + fmax(0.0, away));
}

/* With few candidates the bootstrap is too narrow, and without an error it claims to be certain. */
static void widen(struct eh_figure *auc, const struct bench *b)
{
	size_t all = b->class_start[b->o->k], least = all;
	double lo = 0.0, hi = 1.0;

	for (size_t g = b->o->k == 2 ? 1 : 0; g < b->o->k; g++) {
		size_t count = b->class_start[g + 1] - b->class_start[g];

		if (told(b, g) && count < least)
			least = count;
	}
	eh_auc_interval(&lo, &hi, auc->value, (double)least, (double)(all - least));
	auc->lo = lo < auc->lo ? lo : auc->lo;
	auc->hi = hi > auc->hi ? hi : auc->hi;
}

static int measure(struct eh_figure out[FIGURES], bool *has_auc, struct bench *b, uint64_t seed, struct eh_err *err)
{
	double *v = eh_try_malloc(EH_BOOTSTRAP, FIGURES * sizeof *v), f[FIGURES];
	struct eh_rng rng;

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the bootstrap");
	*has_auc = false;
	for (size_t g = 0; g < b->o->k; g++)
		*has_auc = *has_auc || told(b, g);
	eh_rng_seed_named(&rng, seed, "bootstrap");
	for (size_t i = 0; i < EH_BOOTSTRAP; i++) {
		resample(b, &rng);
		figures(f, b, b->weight);
		for (size_t j = 0; j < FIGURES; j++)
			v[j * EH_BOOTSTRAP + i] = f[j];
	}
	figures(f, b, NULL);
	for (size_t j = 0; j < FIGURES; j++) {
		double *w = v + j * EH_BOOTSTRAP;

		qsort(w, EH_BOOTSTRAP, sizeof *w, eh_double_cmp);
		out[j] = (struct eh_figure){ f[j], eh_sorted_quantile(w, EH_BOOTSTRAP, 0.025),
					     eh_sorted_quantile(w, EH_BOOTSTRAP, 0.975) };
	}
	if (*has_auc)
		widen(&out[AUC], b);
	if (*has_auc && b->o->fold != NULL)
		move_by_folds(&out[AUC], b);
	free(v);
	return EH_OK;
}

static void count_right(struct eh_skill *out, const struct bench *b)
{
	const struct eh_outcome *o = b->o;
	uint64_t right = 0;
	double recall = 0.0;

	for (size_t i = 0; i < o->n; i++) {
		out->n_class[o->group[i]]++;
		out->confusion[o->group[i]][b->said[i]] += 1.0;
		right += (uint32_t)o->group[i] == b->said[i];
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
			const double *p = o->p + i * o->k;

			b->score[g * o->n + i] = p[g];
			b->positive[g * o->n + i] = o->group[i] == (int32_t)g;
			if (g == 0 || p[g] > p[b->said[i]])
				b->said[i] = (uint32_t)g;
			if (o->group[i] == (int32_t)g && (i == 0 || o->owner[i] != o->owner[i - 1]))
				b->first[listed++] = (uint32_t)i;
		}
		eh_rank(b->order + g * o->n, b->score + g * o->n, o->n);
	}
	b->class_start[o->k] = listed;
}

static int bench_open(struct bench *b, const struct eh_outcome *o, struct eh_err *err)
{
	memset(b, 0, sizeof *b);
	b->o = o;
	b->score = eh_try_malloc(o->n * o->k, sizeof *b->score);
	b->positive = eh_try_malloc(o->n * o->k, sizeof *b->positive);
	b->order = eh_try_malloc(o->n * o->k, sizeof *b->order);
	b->weight = eh_try_malloc(o->n, sizeof *b->weight);
	b->first = eh_try_malloc(o->n, sizeof *b->first);
	b->said = eh_try_malloc(o->n, sizeof *b->said);
	if (b->score == NULL || b->positive == NULL || b->order == NULL || b->weight == NULL || b->first == NULL ||
	    b->said == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for measuring the skill on %zu rows", o->n);
	lay_out(b);
	return EH_OK;
}

static void bench_close(struct bench *b)
{
	free(b->said);
	free(b->first);
	free(b->weight);
	free(b->order);
	free(b->positive);
	free(b->score);
}

int eh_measure(struct eh_skill *out, const struct eh_outcome *o, uint64_t seed, struct eh_err *err)
{
	struct eh_figure f[FIGURES];
	struct bench b;
	bool has_auc = false;
	int rc = bench_open(&b, o, err);

	memset(out, 0, sizeof *out);
	if (rc == EH_OK)
		rc = measure(f, &has_auc, &b, seed, err);
	if (rc == EH_OK) {
		count_right(out, &b);
		out->auc = f[AUC].value, out->auc_lo = f[AUC].lo, out->auc_hi = f[AUC].hi;
		out->brier = f[BRIER].value, out->brier_lo = f[BRIER].lo, out->brier_hi = f[BRIER].hi;
		out->ece = f[ECE].value, out->ece_lo = f[ECE].lo, out->ece_hi = f[ECE].hi;
		out->log_loss = f[LOG_LOSS].value, out->log_loss_lo = f[LOG_LOSS].lo,
		out->log_loss_hi = f[LOG_LOSS].hi;
		out->trained = true;
	}
	bench_close(&b);
	return rc;
}

int eh_measure_class(struct eh_class_figures *out, const struct eh_outcome *o, size_t g, uint64_t seed,
		     struct eh_err *err)
{
	double *p = eh_try_malloc(o->n, 2 * sizeof *p);
	int32_t *group = eh_try_malloc(o->n, sizeof *group);
	struct eh_outcome two = { p, group, o->owner, o->n, 2, o->fold };
	struct eh_figure f[FIGURES];
	struct bench b = { .o = NULL };
	bool has_auc = false;
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	if (p == NULL || group == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for measuring the skill on %zu rows", o->n);
	for (size_t i = 0; i < o->n && rc == EH_OK; i++) {
		p[2 * i + 1] = o->p[i * o->k + g];
		p[2 * i] = 1.0 - p[2 * i + 1];
		group[i] = o->group[i] == (int32_t)g;
		out->n_in += (uint32_t)group[i];
	}
	if (rc == EH_OK)
		rc = bench_open(&b, &two, err);
	if (rc == EH_OK)
		rc = measure(f, &has_auc, &b, seed, err);
	if (rc == EH_OK) {
		out->n = (uint32_t)o->n;
		out->auc = f[AUC];
		out->ece = f[ECE];
		out->brier = f[BRIER];
		out->log_loss = f[LOG_LOSS];
		eh_reliability(out, b.score + o->n, b.positive + o->n, b.order + o->n, o->n);
	}
	bench_close(&b);
	free(group);
	free(p);
	return rc;
}

int eh_measure_subgroup(struct eh_subgroup *out, const struct eh_outcome *o, uint64_t seed, struct eh_err *err)
{
	struct eh_figure f[FIGURES];
	struct bench b;
	bool has_auc = false;
	int rc = bench_open(&b, o, err);

	out->n = (uint32_t)o->n;
	if (rc == EH_OK)
		rc = measure(f, &has_auc, &b, seed, err);
	if (rc == EH_OK) {
		uint64_t right = (uint64_t)llround(f[ACCURACY].value * (double)o->n);

		out->measured = true;
		out->has_auc = has_auc;
		out->auc = has_auc ? f[AUC] : (struct eh_figure){ 0.0, 0.0, 0.0 };
		out->ece = f[ECE];
		out->brier = f[BRIER];
		out->log_loss = f[LOG_LOSS];
		out->accuracy = f[ACCURACY];
		eh_wilson(&out->accuracy.lo, &out->accuracy.hi, right, o->n);
	}
	bench_close(&b);
	return rc;
}

int eh_skill_quick(struct eh_figure *auc, double *ece, const double *p, const int32_t *group, size_t n, size_t k,
		   struct eh_err *err)
{
	uint32_t *owner = eh_try_malloc(n, sizeof *owner);
	struct eh_outcome o = { p, group, owner, n, k, NULL };
	struct bench b = { .o = NULL };
	double sum = 0.0, gap = 0.0;
	size_t aucs = 0, from = k == 2 ? 1 : 0;
	int rc = EH_OK;

	if (owner == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for measuring the skill on %zu rows", n);
	for (size_t i = 0; i < n; i++)
		owner[i] = (uint32_t)i;
	rc = bench_open(&b, &o, err);
	for (size_t g = from; g < k && rc == EH_OK; g++) {
		if (!told(&b, g))
			continue;
		sum += eh_auc(b.score + g * n, b.positive + g * n, b.order + g * n, NULL, n);
		gap += eh_ece(b.score + g * n, b.positive + g * n, b.order + g * n, NULL, n);
		aucs++;
	}
	if (rc == EH_OK && aucs == 0)
		rc = eh_err_set(err, EH_EINVAL, "the skill of probabilities needs candidates of two groups");
	if (rc == EH_OK) {
		*auc = (struct eh_figure){ sum / (double)aucs, 1.0, 0.0 };
		widen(auc, &b);
		*ece = gap / (double)aucs;
	}
	bench_close(&b);
	free(owner);
	return rc;
}

/* Block permutation importance on the held-out candidates of the curve's folds; see importance.h. */
#include "learn/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

#define IMPORTANCE_VERSION 1
#define Z95 1.959963984540054           /* normal quantile at .975 */
#define BLOCKS (3 + EH_GROUPS_OF_INDICATORS)

enum { B_FACE = 0, B_VOICE = 1, B_OTHER = 2, B_GROUPS = 3 };

/* ---- groups of indicators that go together ---- */

struct pair {
	double value;
	uint32_t row;
};

static int pair_cmp(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->value < y->value || x->value > y->value)
		return x->value < y->value ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Ranks of a column among the judged rows, ties share theirs, centred and of length 1; all 0 when the column has no
 * spread.  Copies would tie their kinds of channel together: they are passed over.  Returns the number of ranks. */
static size_t rank_column(double *rank, struct pair *pair, const struct eh_rows *rows, size_t column)
{
	double mean = 0.0, squares = 0.0;
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		if (rows->copy != NULL && rows->copy[i])
			continue;
		pair[n] = (struct pair){ rows->x[i * rows->d + column], (uint32_t)n };
		n++;
	}
	mean = 0.5 * ((double)n - 1.0);
	qsort(pair, n, sizeof *pair, pair_cmp);
	for (size_t i = 0, end = 0; i < n; i = end) {
		for (end = i; end < n && pair[end].value == pair[i].value; end++)
			;
		for (size_t j = i; j < end; j++)
			rank[pair[j].row] = 0.5 * ((double)i + (double)end - 1.0) - mean;
	}
	for (size_t i = 0; i < n; i++)
		squares += rank[i] * rank[i];
	for (size_t i = 0; i < n; i++)
		rank[i] = squares > 0.0 ? rank[i] / sqrt(squares) : 0.0;
	return n;
}

/* sum [d][d]: |rho| of all pairs of members of two clusters together; at first every column is its own. */
static void fill_rho(double *sum, const double *rank, size_t stride, size_t n, size_t d)
{
	for (size_t a = 0; a < d; a++)
		for (size_t b = a; b < d; b++) {
			double rho = 0.0;

			for (size_t i = 0; i < n; i++)
				rho += rank[a * stride + i] * rank[b * stride + i];
			sum[a * d + b] = sum[b * d + a] = fabs(rho);
		}
}

/* Merges the two clusters that go together most, ties to the lower columns; false when none should be. */
static bool merge_best(double *sum, uint32_t *size, uint32_t *cluster, size_t d, size_t clusters)
{
	size_t best_a = 0, best_b = 0;
	double best = -1.0;

	for (size_t a = 0; a < d; a++)
		for (size_t b = a + 1; b < d && size[a] > 0; b++) {
			double mean = size[b] > 0 ? sum[a * d + b] / ((double)size[a] * size[b]) : -1.0;

			if (mean > best)
				best = mean, best_a = a, best_b = b;
		}
	if (best < 0.0 || (best < EH_IMPORTANCE_RHO && clusters <= EH_GROUPS_OF_INDICATORS))
		return false;
	for (size_t c = 0; c < d; c++) {
		sum[best_a * d + c] += sum[best_b * d + c];
		sum[c * d + best_a] = sum[best_a * d + c];
	}
	size[best_a] += size[best_b];
	size[best_b] = 0;
	for (size_t c = 0; c < d; c++)
		if (cluster[c] == best_b)
			cluster[c] = (uint32_t)best_a;
	return true;
}

/* block [d]: number of each column's group, 0.. in the order of their first columns; EH_UNGROUPED: none. */
#define EH_UNGROUPED UINT32_MAX
static int group_columns(uint32_t *block, size_t *n_groups, const struct eh_rows *rows, const uint16_t *indicator,
			 struct eh_err *err)
{
	size_t n = rows->n, judged = 0, d = 0, groups = 0;
	double *rank = NULL, *sum = NULL;
	struct pair *pair = NULL;
	uint32_t *size = NULL;
	int rc = EH_OK;

	while (d < rows->d && indicator[d] < EH_VECTOR_N)       /* ascending: the categorical block stands last */
		d++;
	rank = eh_try_malloc(n, d * sizeof *rank);
	sum = eh_try_malloc(d, d * sizeof *sum);
	pair = eh_try_malloc(n, sizeof *pair);
	size = eh_try_malloc(rows->d, sizeof *size);
	if (rank == NULL || sum == NULL || pair == NULL || size == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the importance of %zu indicators", d);
		goto out;
	}
	for (size_t c = 0; c < rows->d; c++) {
		size[c] = 1;
		block[c] = c < d ? (uint32_t)c : EH_UNGROUPED;
		if (c < d)
			judged = rank_column(rank + c * n, pair, rows, c);
	}
	fill_rho(sum, rank, n, judged, d);
	for (size_t clusters = d; merge_best(sum, size, block, d, clusters); clusters--)
		;
	for (size_t c = 0; c < d; c++)          /* a cluster's number is its lowest column: number them anew */
		if (block[c] == c)
			size[c] = (uint32_t)groups++;
	for (size_t c = 0; c < d; c++)
		block[c] = size[block[c]];
	*n_groups = groups;
out:
	free(size);
	free(pair);
	free(sum);
	free(rank);
	return rc;
}

/* ---- one fold ---- */

struct watch {
	const uint16_t *indicator;
	struct eh_rng rng;
	size_t jobs;
	uint32_t *group;                /* [d] of group_columns */
	size_t n_blocks, draws;
	bool there[BLOCKS];
	double *rise[BLOCKS];           /* [rows.n] of judged rows */
	double *brier;                  /* [rows.n], -1 = not judged */
	size_t n;                       /* rows the two above have room for */
};

static double brier_of(const double *p, size_t k, int32_t group)
{
	double sum = 0.0;

	for (size_t g = 0; g < k; g++) {
		double off = p[g] - (group == (int32_t)g ? 1.0 : 0.0);

		sum += 0.5 * off * off;
	}
	return sum;
}

static bool in_block(const struct watch *w, size_t block, size_t column)
{
	uint16_t i = w->indicator[column];

	if (block == B_FACE)
		return i < EH_FACE_N;
	if (block == B_VOICE)
		return i >= EH_FACE_N && i < EH_VECTOR_N;
	if (block == B_OTHER)
		return i >= EH_VECTOR_N;
	return w->group[column] == block - B_GROUPS;
}

/* The judged rows of a fold, in a drawn order, and their probabilities with and without a block of their own. */
struct bench {
	const struct eh_rows *rows;
	const uint32_t *held;
	size_t n;
	uint32_t *order;                /* [n] index into held */
	uint32_t *place;                /* [n] where each stands in it */
	double *x, *p;                  /* [n][d], [n][k] */
};

static int bench_open(struct bench *b, struct watch *w, const struct eh_rows *rows, const uint32_t *held, size_t n,
		      struct eh_err *err)
{
	*b = (struct bench){ rows, held, n, eh_try_malloc(n, sizeof *b->order), eh_try_malloc(n, sizeof *b->place),
			     eh_try_malloc(n, rows->d * sizeof *b->x), eh_try_malloc(n, rows->k * sizeof *b->p) };
	if (b->order == NULL || b->place == NULL || b->x == NULL || b->p == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the importance of indicators");
	for (size_t i = 0; i < n; i++) {
		b->order[i] = (uint32_t)i;
		memcpy(b->x + i * rows->d, rows->x + (size_t)held[i] * rows->d, rows->d * sizeof *b->x);
	}
	eh_rng_shuffle(&w->rng, b->order, n);
	for (size_t i = 0; i < n; i++)
		b->place[b->order[i]] = (uint32_t)i;
	return EH_OK;
}

static void bench_close(struct bench *b)
{
	free(b->p);
	free(b->x);
	free(b->place);
	free(b->order);
}

/* The row that stands `step` behind i, or the next one after it that is of another candidate; i itself: none is. */
static size_t partner(const struct bench *b, size_t i, size_t step)
{
	for (size_t s = step; s < step + b->n; s++) {
		size_t j = b->order[(b->place[i] + s) % b->n];

		if (b->rows->owner[b->held[j]] != b->rows->owner[b->held[i]])
			return j;
	}
	return i;
}

static int run_block(struct watch *w, struct bench *b, const struct eh_fit *fit, size_t block, size_t step,
		     struct eh_err *err)
{
	const struct eh_rows *r = b->rows;
	int rc = EH_OK;

	for (size_t i = 0; i < b->n; i++) {
		const double *other = r->x + (size_t)b->held[partner(b, i, step)] * r->d;

		for (size_t c = 0; c < r->d; c++)
			if (in_block(w, block, c))
				b->x[i * r->d + c] = other[c];
	}
	rc = eh_fit_apply_many(fit, b->x, b->n, b->p, w->jobs, err);
	for (size_t i = 0; i < b->n && rc == EH_OK; i++) {
		uint32_t row = b->held[i];

		w->rise[block][row] += brier_of(b->p + i * r->k, r->k, r->group[row]) - w->brier[row];
		for (size_t c = 0; c < r->d; c++)
			b->x[i * r->d + c] = r->x[(size_t)row * r->d + c];
	}
	return rc;
}

static int watch_rows(struct watch *w, size_t n, struct eh_err *err)
{
	if (w->n > 0)
		return EH_OK;
	w->n = n;
	w->brier = eh_try_malloc(n, sizeof *w->brier);
	if (w->brier == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the importance of indicators");
	for (size_t i = 0; i < n; i++)
		w->brier[i] = -1.0;
	for (size_t b = 0; b < w->n_blocks; b++) {
		w->rise[b] = eh_try_calloc(n, sizeof *w->rise[b]);
		if (w->rise[b] == NULL)
			return eh_err_set(err, EH_ENOMEM, "out of memory for the importance of indicators");
	}
	w->draws = EH_IMPORTANCE_RUNS / (n * w->n_blocks);
	w->draws = w->draws < 1 ? 1 : w->draws > EH_IMPORTANCE_DRAWS ? EH_IMPORTANCE_DRAWS : w->draws;
	return EH_OK;
}

static int watch_fold(void *ctx, const struct eh_fit *fit, const struct eh_rows *rows, const uint32_t *held, size_t n,
		      struct eh_err *err)
{
	struct watch *w = ctx;
	struct bench b;
	int rc = watch_rows(w, rows->n, err);

	if (rc != EH_OK)
		return rc;
	rc = bench_open(&b, w, rows, held, n, err);
	if (rc == EH_OK)
		rc = eh_fit_apply_many(fit, b.x, n, b.p, w->jobs, err);
	for (size_t i = 0; i < n && rc == EH_OK; i++)
		w->brier[held[i]] = brier_of(b.p + i * rows->k, rows->k, rows->group[held[i]]);
	for (size_t block = 0; block < w->n_blocks && rc == EH_OK; block++)
		for (size_t s = 1; s <= w->draws && w->there[block] && rc == EH_OK; s++)
			rc = run_block(w, &b, fit, block, s, err);
	bench_close(&b);
	return rc;
}

/* ---- what came out ---- */

/* Mean over the judged rows; a candidate has one (copies are never judged). */
static struct eh_block sum_up(const struct watch *w, size_t block)
{
	struct eh_block b = { .there = w->there[block] };
	double n = 0.0, sum = 0.0, squares = 0.0, half = 0.0;

	for (size_t i = 0; i < w->n && b.there; i++) {
		double rise = w->rise[block][i] / (double)w->draws;

		if (w->brier[i] < 0.0)
			continue;
		n += 1.0;
		sum += rise;
		squares += rise * rise;
	}
	if (n < 2.0)
		return (struct eh_block){ .there = false };
	b.rise = sum / n;
	half = Z95 * sqrt(fmax(0.0, squares / n - b.rise * b.rise) / (n - 1.0));
	b.lo = b.rise - half;
	b.hi = b.rise + half;
	return b;
}

static void put_together(struct eh_importance *out, const struct watch *w, size_t d)
{
	uint8_t rank[EH_GROUPS_OF_INDICATORS];
	double sum = 0.0;

	out->made = true;
	out->draws = (uint32_t)w->draws;
	for (size_t i = 0; i < w->n; i++) {
		out->candidates += w->brier[i] >= 0.0;
		sum += w->brier[i] >= 0.0 ? w->brier[i] : 0.0;
	}
	out->brier = sum / out->candidates;
	out->face = sum_up(w, B_FACE);
	out->voice = sum_up(w, B_VOICE);
	out->other = sum_up(w, B_OTHER);
	out->n_groups = (uint16_t)(w->n_blocks - B_GROUPS);
	for (size_t g = 0; g < out->n_groups; g++) {    /* insertion: largest first, equal ones in their order */
		struct eh_block b = sum_up(w, B_GROUPS + g);
		size_t at = g;

		for (; at > 0 && out->group[at - 1].rise < b.rise; at--) {
			out->group[at] = out->group[at - 1];
			rank[at] = rank[at - 1];
		}
		out->group[at] = b;
		rank[at] = (uint8_t)g;
	}
	for (size_t c = 0; c < d; c++) {
		uint16_t i = w->indicator[c];

		for (size_t at = 0; at < out->n_groups; at++)
			if (w->group[c] == rank[at]) {
				out->group_of[i] = (uint8_t)(1 + at);
				out->group[at].n++;
			}
		if (i < EH_FACE_N)
			out->face.n++;
		else if (i < EH_VECTOR_N)
			out->voice.n++;
		else
			out->other.n++;
	}
}

int eh_importance_make(struct eh_importance *out, struct eh_curve *curve, const struct eh_rows *rows,
		       const uint16_t *indicator, uint64_t seed, struct eh_steps *steps, struct eh_err *err)
{
	struct watch w = { .indicator = indicator, .jobs = steps->jobs };
	struct eh_curve_hook hook = { watch_fold, &w };
	size_t groups = 0;
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	memset(curve, 0, sizeof *curve);
	eh_rng_seed_named(&w.rng, seed, "importance");
	w.group = eh_try_malloc(rows->d, sizeof *w.group);
	if (w.group == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the importance of %zu columns", rows->d);
	rc = group_columns(w.group, &groups, rows, indicator, err);
	if (rc != EH_OK)
		goto out;
	w.n_blocks = B_GROUPS + groups;
	for (size_t b = 0; b < w.n_blocks; b++)
		for (size_t c = 0; c < rows->d; c++)
			w.there[b] = w.there[b] || in_block(&w, b, c);
	rc = eh_curve_make(curve, rows, seed, steps, &hook, err);
	if (rc == EH_OK)
		put_together(out, &w, rows->d);
out:
	for (size_t b = 0; b < BLOCKS; b++)
		free(w.rise[b]);
	free(w.brier);
	free(w.group);
	return rc;
}

/* ---- stored ---- */

static void put_block(struct eh_buf *b, const struct eh_block *block)
{
	eh_put_u8(b, block->there);
	eh_put_u16(b, block->n);
	eh_put_f64(b, block->rise);
	eh_put_f64(b, block->lo);
	eh_put_f64(b, block->hi);
}

void eh_importance_put(struct eh_buf *b, const struct eh_importance *i)
{
	eh_put_u8(b, IMPORTANCE_VERSION);
	eh_put_u8(b, i->made);
	if (!i->made)
		return;
	eh_put_u8(b, i->modality);
	eh_put_u32(b, i->candidates);
	eh_put_u32(b, i->draws);
	eh_put_f64(b, i->brier);
	put_block(b, &i->face);
	put_block(b, &i->voice);
	put_block(b, &i->other);
	eh_put_u16(b, i->n_groups);
	for (size_t g = 0; g < i->n_groups; g++)
		put_block(b, &i->group[g]);
	eh_put_blob(b, i->group_of, sizeof i->group_of);
}

static double get_finite(struct eh_reader *r)
{
	double v = eh_get_f64(r);

	r->bad = r->bad || !isfinite(v);
	return v;
}

static void get_block(struct eh_reader *r, struct eh_block *block)
{
	block->there = eh_get_u8(r) != 0;
	block->n = eh_get_u16(r);
	block->rise = get_finite(r);
	block->lo = get_finite(r);
	block->hi = get_finite(r);
}

void eh_importance_get(struct eh_reader *r, struct eh_importance *i)
{
	struct eh_bytes of;

	memset(i, 0, sizeof *i);
	r->bad = r->bad || eh_get_u8(r) != IMPORTANCE_VERSION;
	i->made = eh_get_u8(r) != 0;
	if (r->bad || !i->made)
		return;
	i->modality = eh_get_u8(r);
	i->candidates = eh_get_u32(r);
	i->draws = eh_get_u32(r);
	i->brier = get_finite(r);
	get_block(r, &i->face);
	get_block(r, &i->voice);
	get_block(r, &i->other);
	i->n_groups = eh_get_u16(r);
	if (i->modality >= EH_MODALITIES || i->n_groups > EH_GROUPS_OF_INDICATORS) {
		r->bad = true;
		i->n_groups = 0;
	}
	for (size_t g = 0; g < i->n_groups; g++)
		get_block(r, &i->group[g]);
	of = eh_get_blob(r);
	r->bad = r->bad || of.len != sizeof i->group_of;
	for (size_t k = 0; k < sizeof i->group_of && !r->bad; k++) {
		i->group_of[k] = of.data[k];
		r->bad = of.data[k] > i->n_groups;
	}
}

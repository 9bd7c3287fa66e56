/* The learning curve: the whole pipeline on growing parts of the candidates; see curve.h. */
#include "learn/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/folds.h"
#include "learn/measure.h"

#define CURVE_VERSION 1
#define Z95 1.959963984540054           /* normal quantile at .975 */
#define HALF 1                          /* point of 50 % */
#define ALL (EH_CURVE_POINTS - 1)

static const uint8_t percents[EH_CURVE_POINTS] = { 30, 50, 70, 85, 100 };      /* of those who teach; own choice */

/* ---- the candidates ---- */

struct member {
	uint32_t first, n;              /* rows */
	int32_t group;
};

struct work {
	struct eh_rows rows;            /* the sample, copied together */
	double *x;
	int32_t *group;
	uint32_t *owner;                /* index into member */
	uint8_t *copy;
	struct member *member;
	size_t members;
	uint32_t *order;                /* [members] who teaches first */
	uint8_t *teaches;               /* [members] */
	uint32_t *fold;                 /* [rows.n] */
	uint32_t *held;                 /* [rows.n] rows judged in a fold */
	struct eh_rows part;            /* those who teach in it */
	double *part_x;
	int32_t *part_group;
	uint32_t *part_owner;
	uint8_t *part_copy;
	double *held_x, *held_p;
	double *p[EH_CURVE_POINTS];     /* [rows.n][k] */
	bool failed[EH_CURVE_POINTS];
};

static void close_work(struct work *w)
{
	for (size_t i = 0; i < EH_CURVE_POINTS; i++)
		free(w->p[i]);
	free(w->held_p);
	free(w->held_x);
	free(w->part_copy);
	free(w->part_owner);
	free(w->part_group);
	free(w->part_x);
	free(w->held);
	free(w->fold);
	free(w->teaches);
	free(w->order);
	free(w->member);
	free(w->copy);
	free(w->owner);
	free(w->group);
	free(w->x);
}

/* Every candidate of the caller's rows. */
static int list_members(struct work *w, const struct eh_rows *rows, struct eh_err *err)
{
	w->member = eh_try_malloc(rows->n, sizeof *w->member);
	if (w->member == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the learning curve of %zu rows", rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		if (i == 0 || rows->owner[i] != rows->owner[i - 1])
			w->member[w->members++] = (struct member){ (uint32_t)i, 0, rows->group[i] };
		w->member[w->members - 1].n++;
	}
	return EH_OK;
}

/* Of a large set as many candidates as EH_CURVE_ROWS rows hold, each class in its proportion, at least two of each. */
static int draw_sample(struct work *w, const struct eh_rows *rows, struct eh_rng *rng, struct eh_err *err)
{
	size_t count[EH_GROUPS_MAX] = { 0 }, taken[EH_GROUPS_MAX] = { 0 }, all = w->members, kept = 0;
	uint32_t *order = NULL;
	uint8_t *keep = NULL;

	if (rows->n <= EH_CURVE_ROWS)
		return EH_OK;
	order = eh_try_malloc(all, sizeof *order);
	keep = eh_try_calloc(all, 1);
	if (order == NULL || keep == NULL) {
		free(order);
		free(keep);
		return eh_err_set(err, EH_ENOMEM, "out of memory for the learning curve of %zu rows", rows->n);
	}
	for (size_t i = 0; i < all; i++) {
		order[i] = (uint32_t)i;
		count[w->member[i].group]++;
	}
	eh_rng_shuffle(rng, order, all);
	for (size_t i = 0; i < all; i++) {
		size_t g = (size_t)w->member[order[i]].group, room = count[g] * EH_CURVE_ROWS / rows->n;

		keep[order[i]] = taken[g] < (room < 2 ? 2 : room);
		taken[g] += keep[order[i]];
	}
	for (size_t i = 0; i < all; i++)
		if (keep[i])
			w->member[kept++] = w->member[i];
	w->members = kept;
	free(keep);
	free(order);
	return EH_OK;
}

static int open_work(struct work *w, const struct eh_rows *rows, struct eh_err *err)
{
	size_t n = 0, d = rows->d, k = rows->k;
	bool whole = true;

	for (size_t i = 0; i < w->members; i++)
		n += w->member[i].n;
	w->x = eh_try_malloc(n, d * sizeof *w->x);
	w->group = eh_try_malloc(n, sizeof *w->group);
	w->owner = eh_try_malloc(n, sizeof *w->owner);
	w->copy = eh_try_calloc(n, 1);
	w->order = eh_try_malloc(w->members, sizeof *w->order);
	w->teaches = eh_try_malloc(w->members, 1);
	w->fold = eh_try_malloc(n, sizeof *w->fold);
	w->held = eh_try_malloc(n, sizeof *w->held);
	w->part_x = eh_try_malloc(n, d * sizeof *w->part_x);
	w->part_group = eh_try_malloc(n, sizeof *w->part_group);
	w->part_owner = eh_try_malloc(n, sizeof *w->part_owner);
	w->part_copy = eh_try_malloc(n, 1);
	w->held_x = eh_try_malloc(n, (d > k ? d : k) * sizeof *w->held_x);      /* rows, later probabilities */
	w->held_p = eh_try_malloc(n, k * sizeof *w->held_p);
	for (size_t i = 0; i < EH_CURVE_POINTS; i++) {
		w->p[i] = eh_try_calloc(n, k * sizeof *w->p[i]);
		whole = whole && w->p[i] != NULL;
	}
	if (!whole || w->x == NULL || w->group == NULL || w->owner == NULL || w->copy == NULL || w->order == NULL ||
	    w->teaches == NULL || w->fold == NULL || w->held == NULL || w->part_x == NULL || w->part_group == NULL ||
	    w->part_owner == NULL || w->part_copy == NULL || w->held_x == NULL || w->held_p == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the learning curve of %zu rows", n);
	w->rows = (struct eh_rows){ w->x, w->group, w->owner, 0, d, k, w->copy };
	w->part = (struct eh_rows){ w->part_x, w->part_group, w->part_owner, 0, d, k, w->part_copy };
	return EH_OK;
}

static void fill_work(struct work *w, const struct eh_rows *rows, struct eh_rng *rng)
{
	for (size_t i = 0; i < w->members; i++) {
		struct member *m = &w->member[i];
		uint32_t from = m->first;

		m->first = (uint32_t)w->rows.n;
		for (uint32_t r = from; r < from + m->n; r++) {
			size_t at = w->rows.n++;

			memcpy(w->x + at * rows->d, rows->x + (size_t)r * rows->d, rows->d * sizeof *w->x);
			w->group[at] = m->group;
			w->owner[at] = (uint32_t)i;
			w->copy[at] = rows->copy != NULL && rows->copy[r];
		}
		w->order[i] = (uint32_t)i;
	}
	eh_rng_shuffle(rng, w->order, w->members);
}

/* ---- one fold, one size ---- */

/* Who teaches: of each class the first `percent` in the common order, at least two; returns their number. */
static uint32_t choose(struct work *w, uint32_t fold, uint8_t percent)
{
	size_t count[EH_GROUPS_MAX] = { 0 }, taken[EH_GROUPS_MAX] = { 0 };
	uint32_t n = 0;

	for (size_t i = 0; i < w->members; i++)
		count[w->member[i].group] += w->fold[w->member[i].first] != fold;
	for (size_t i = 0; i < w->members; i++) {
		uint32_t m = w->order[i];
		size_t g = (size_t)w->member[m].group, room = (count[g] * percent + 50) / 100;

		w->teaches[m] = w->fold[w->member[m].first] != fold && taken[g] < (room < 2 ? 2 : room);
		taken[g] += w->teaches[m];
		n += w->teaches[m];
	}
	return n;
}

static void collect_part(struct work *w)
{
	size_t d = w->rows.d;

	w->part.n = 0;
	for (size_t r = 0; r < w->rows.n; r++) {
		size_t at = w->part.n;

		if (!w->teaches[w->owner[r]])
			continue;
		memcpy(w->part_x + at * d, w->x + r * d, d * sizeof *w->x);
		w->part_group[at] = w->group[r];
		w->part_owner[at] = w->owner[r];
		w->part_copy[at] = w->copy[r];
		w->part.n++;
	}
}

static size_t collect_held(struct work *w, uint32_t fold)
{
	size_t n = 0, d = w->rows.d;

	for (size_t r = 0; r < w->rows.n; r++) {
		if (w->fold[r] != fold || w->copy[r])
			continue;
		memcpy(w->held_x + n * d, w->x + r * d, d * sizeof *w->x);
		w->held[n++] = (uint32_t)r;
	}
	return n;
}

static int one_point(struct work *w, size_t point, size_t held, uint64_t seed, const struct eh_steps *steps,
		     const struct eh_curve_hook *hook, struct eh_err *err)
{
	struct eh_fit fit = { 0 };
	struct eh_err why = EH_ERR_INIT;
	size_t k = w->rows.k;
	int rc = eh_fit_train(&fit, &w->part, seed, steps, &why);

	if (rc == EH_EINVAL && point != ALL) {  /* so few do not differ in anything */
		w->failed[point] = true;
		return EH_OK;
	}
	if (rc != EH_OK)
		return eh_err_set(err, rc, "%s", why.msg);
	rc = eh_fit_apply_many(&fit, w->held_x, held, w->held_p, steps->jobs, err);
	for (size_t i = 0; i < held && rc == EH_OK; i++)
		memcpy(w->p[point] + w->held[i] * k, w->held_p + i * k, k * sizeof *w->held_p);
	if (rc == EH_OK && point == ALL && hook != NULL)
		rc = hook->fold(hook->ctx, &fit, &w->rows, w->held, held, err);
	eh_fit_free(&fit);
	return rc;
}

static int one_fold(struct eh_curve *out, struct work *w, uint32_t fold, struct eh_rng *rng, struct eh_steps *steps,
		    const struct eh_curve_hook *hook, struct eh_err *err)
{
	size_t held = collect_held(w, fold);
	int rc = EH_OK;

	for (size_t i = 0; i < EH_CURVE_POINTS && rc == EH_OK; i++) {
		if (eh_progress_cancelled(steps->progress))
			return eh_err_set(err, EH_ECANCEL, "training was cancelled; nothing changed");
		out->point[i].n += choose(w, fold, percents[i]);
		collect_part(w);
		rc = one_point(w, i, held, eh_rng_u64(rng), steps, hook, err);
		eh_progress_step(steps->progress, steps->what, ++steps->done, steps->total);
	}
	return rc;
}

/* ---- what came out ---- */

static double brier_of(const double *p, size_t k, int32_t group)
{
	double sum = 0.0;

	for (size_t g = 0; g < k; g++) {
		double off = p[g] - (group == (int32_t)g ? 1.0 : 0.0);

		sum += 0.5 * off * off;
	}
	return sum;
}

/* Half against all, candidate by candidate. */
static void measure_gain(struct eh_curve *out, const struct work *w)
{
	double sum = 0.0, squares = 0.0, n = (double)w->members, half = 0.0;
	size_t k = w->rows.k;

	for (size_t i = 0; i < w->members; i++) {
		const struct member *m = &w->member[i];
		double gain = 0.0, judged = 0.0;

		for (size_t r = m->first; r < m->first + m->n; r++) {
			if (w->copy[r])
				continue;
			gain += brier_of(w->p[HALF] + r * k, k, m->group) - brier_of(w->p[ALL] + r * k, k, m->group);
			judged += 1.0;
		}
		gain = judged > 0.0 ? gain / judged : 0.0;
		sum += gain;
		squares += gain * gain;
	}
	out->gain = sum / n;
	half = Z95 * sqrt(fmax(0.0, squares / n - out->gain * out->gain) / (n - 1.0));
	out->gain_lo = out->gain - half;
	out->gain_hi = out->gain + half;
}

static enum eh_curve_verdict judge(const struct eh_curve *c)
{
	if (!c->point[HALF].there || c->point[ALL].auc_lo <= 0.5)
		return EH_CURVE_UNCLEAR;
	if (c->gain_hi < EH_CURVE_TOLERANCE)
		return EH_CURVE_ENOUGH;
	return c->gain_lo > 0.0 ? EH_CURVE_MORE : EH_CURVE_UNCLEAR;
}

/* The judged rows alone: copies teach and are not judged.  Lies where the folds had their rows. */
static struct eh_outcome outcome_of(struct work *w, size_t point)
{
	size_t n = 0, k = w->rows.k;

	for (size_t r = 0; r < w->rows.n; r++) {
		if (w->copy[r])
			continue;
		memmove(w->held_x + n * k, w->p[point] + r * k, k * sizeof *w->held_x);
		w->part_group[n] = w->group[r];
		w->held[n] = w->fold[r];
		w->part_owner[n++] = w->owner[r];
	}
	return (struct eh_outcome){ w->held_x, w->part_group, w->part_owner, n, k, w->held };
}

static int measure_point(struct eh_curve_point *p, struct work *w, size_t point, uint64_t seed, struct eh_err *err)
{
	struct eh_outcome o;
	struct eh_skill *s = eh_xcalloc(1, sizeof *s);
	int rc = EH_OK;

	p->there = !w->failed[point];
	if (p->there) {
		o = outcome_of(w, point);
		rc = eh_measure(s, &o, seed, err);
		p->auc = s->auc, p->auc_lo = s->auc_lo, p->auc_hi = s->auc_hi;
		p->brier = s->brier, p->brier_lo = s->brier_lo, p->brier_hi = s->brier_hi;
	}
	free(s);
	return rc;
}

static int measure_all(struct eh_curve *out, struct work *w, uint64_t seed, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < EH_CURVE_POINTS && rc == EH_OK; i++) {
		out->point[i].percent = percents[i];
		out->point[i].n = (out->point[i].n + out->folds / 2) / out->folds;
		rc = measure_point(&out->point[i], w, i, seed, err);
	}
	if (rc != EH_OK)
		return rc;
	if (out->point[HALF].there)
		measure_gain(out, w);
	out->verdict = (uint8_t)judge(out);
	return EH_OK;
}

int eh_curve_make(struct eh_curve *out, const struct eh_rows *rows, uint64_t seed, struct eh_steps *steps,
		  const struct eh_curve_hook *hook, struct eh_err *err)
{
	struct work w = { .members = 0 };
	struct eh_rng rng;
	int rc = list_members(&w, rows, err);

	memset(out, 0, sizeof *out);
	out->of = (uint32_t)w.members;
	eh_rng_seed_named(&rng, seed, "curve");
	if (rc == EH_OK)
		rc = draw_sample(&w, rows, &rng, err);
	if (rc == EH_OK)
		rc = open_work(&w, rows, err);
	if (rc != EH_OK)
		goto out;
	fill_work(&w, rows, &rng);
	out->n = (uint32_t)w.members;
	out->folds = eh_folds_count(w.group, w.owner, w.rows.n, rows->k, EH_CURVE_FOLDS);
	rc = eh_folds_make(w.fold, w.group, w.owner, w.rows.n, out->folds, &rng, err);
	for (uint32_t f = 0; f < out->folds && rc == EH_OK; f++)
		rc = one_fold(out, &w, f, &rng, steps, hook, err);
	steps->done += (uint64_t)(EH_CURVE_FOLDS - out->folds) * EH_CURVE_POINTS;
	if (rc == EH_OK)
		rc = measure_all(out, &w, seed, err);
out:
	if (rc != EH_OK)
		memset(out, 0, sizeof *out);
	close_work(&w);
	return rc;
}

/* ---- stored ---- */

void eh_curve_put(struct eh_buf *b, const struct eh_curve *c)
{
	eh_put_u8(b, CURVE_VERSION);
	eh_put_u8(b, c->verdict);
	if (c->verdict == EH_CURVE_NOT_MADE)
		return;
	eh_put_u8(b, c->modality);
	eh_put_u32(b, c->folds);
	eh_put_u32(b, c->n);
	eh_put_u32(b, c->of);
	for (size_t i = 0; i < EH_CURVE_POINTS; i++) {
		const struct eh_curve_point *p = &c->point[i];
		const double v[] = { p->auc, p->auc_lo, p->auc_hi, p->brier, p->brier_lo, p->brier_hi };

		eh_put_u8(b, p->there);
		eh_put_u8(b, p->percent);
		eh_put_u32(b, p->n);
		for (size_t j = 0; j < sizeof v / sizeof v[0]; j++)
			eh_put_f64(b, v[j]);
	}
	eh_put_f64(b, c->gain);
	eh_put_f64(b, c->gain_lo);
	eh_put_f64(b, c->gain_hi);
}

static double get_finite(struct eh_reader *r)
{
	double v = eh_get_f64(r);

	r->bad = r->bad || !isfinite(v);
	return v;
}

void eh_curve_get(struct eh_reader *r, struct eh_curve *c)
{
	memset(c, 0, sizeof *c);
	r->bad = r->bad || eh_get_u8(r) != CURVE_VERSION;
	c->verdict = eh_get_u8(r);
	r->bad = r->bad || c->verdict > EH_CURVE_UNCLEAR;
	if (r->bad || c->verdict == EH_CURVE_NOT_MADE)
		return;
	c->modality = eh_get_u8(r);
	r->bad = r->bad || c->modality >= EH_MODALITIES;
	c->folds = eh_get_u32(r);
	c->n = eh_get_u32(r);
	c->of = eh_get_u32(r);
	for (size_t i = 0; i < EH_CURVE_POINTS; i++) {
		struct eh_curve_point *p = &c->point[i];
		double *v[] = { &p->auc, &p->auc_lo, &p->auc_hi, &p->brier, &p->brier_lo, &p->brier_hi };

		p->there = eh_get_u8(r) != 0;
		p->percent = eh_get_u8(r);
		p->n = eh_get_u32(r);
		for (size_t j = 0; j < sizeof v / sizeof v[0]; j++)
			*v[j] = get_finite(r);
	}
	c->gain = get_finite(r);
	c->gain_lo = get_finite(r);
	c->gain_hi = get_finite(r);
}

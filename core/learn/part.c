/* One part of a model: its rows, its columns, its training; see matrix.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/matrix.h"

#define PITCH (EH_FACE_N + EH_V_F0_MEDIAN)

/* ---- rows of one part ---- */

struct matrix {
	struct eh_rows rows;
	double *x;
	int32_t *group;
	uint32_t *owner;
	uint8_t *copy;
	uint32_t *row;                  /* [n] index into the training's rows */
};

static int matrix_open(struct matrix *mx, size_t n, size_t d, size_t k, struct eh_err *err)
{
	memset(mx, 0, sizeof *mx);
	mx->x = eh_try_malloc(n, d * sizeof *mx->x);
	mx->group = eh_try_malloc(n, sizeof *mx->group);
	mx->owner = eh_try_malloc(n, sizeof *mx->owner);
	mx->copy = eh_try_malloc(n, sizeof *mx->copy);
	mx->row = eh_try_malloc(n, sizeof *mx->row);
	mx->rows = (struct eh_rows){ mx->x, mx->group, mx->owner, 0, d, k, mx->copy };
	if (mx->x == NULL || mx->group == NULL || mx->owner == NULL || mx->copy == NULL || mx->row == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", n);
	return EH_OK;
}

static void matrix_close(struct matrix *mx)
{
	free(mx->row);
	free(mx->copy);
	free(mx->owner);
	free(mx->group);
	free(mx->x);
}

/* The caller fills the columns it returns. */
static double *matrix_add(struct matrix *mx, const struct eh_training *t, uint32_t row)
{
	struct eh_rows *r = &mx->rows;

	mx->group[r->n] = t->row[row].group;
	mx->owner[r->n] = t->owner[row];
	mx->copy[r->n] = t->row[row].copy;
	mx->row[r->n] = row;
	return mx->x + r->n++ * r->d;
}

/* Originals with the modality; of these also the copies that have every indicator of the part, which are chosen without
 * them: what a channel destroys is not taken from everybody.  None where the voice plays no part, for the face of a
 * copy is the original's once more. */
static bool takes(const struct eh_training *t, uint32_t row, enum eh_modality m)
{
	const struct eh_part *part = &t->m->part[m];
	const struct eh_vector *v = t->row[row].vector;
	uint32_t original = row;

	if (t->row[row].copy && m == EH_FACE_ONLY)
		return false;
	while (t->row[original].copy)
		original--;
	for (size_t i = 0; i < EH_VECTOR_N && original != row; i++)
		if (part->use[i] == EH_USE_IN && !v->present[i])
			return false;
	return eh_vector_has(v, m) && eh_vector_has(t->row[original].vector, m);
}

static int part_matrix(struct matrix *mx, const struct eh_training *t, enum eh_modality m, struct eh_err *err)
{
	const struct eh_part *part = &t->m->part[m];
	int rc = matrix_open(mx, t->n, part->fit.d, t->m->n_groups, err);

	for (size_t i = 0; i < t->n && rc == EH_OK; i++)
		if (takes(t, t->order[i], m)) {
			const struct eh_train_row *row = &t->row[t->order[i]];

			eh_part_raw(matrix_add(mx, t, t->order[i]), t->m, part, row->vector, row->with);
		}
	return rc;
}

/* ---- columns ---- */

/* Which indicators may enter: present in every original of the modality, and not the same in all of them. */
static size_t choose_indicators(struct eh_part *part, const struct eh_training *t, enum eh_modality m)
{
	size_t d = 0;

	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		const struct eh_vector *first = NULL;
		bool absent = false, differs = false;

		if (!eh_modality_takes(m, i))
			continue;
		for (uint32_t r = 0; r < t->n; r++) {
			const struct eh_vector *v = t->row[r].vector;

			if (t->row[r].copy || !eh_vector_has(v, m))
				continue;
			first = first != NULL ? first : v;
			absent = absent || !v->present[i];
			differs = differs || v->value[i] < first->value[i] || v->value[i] > first->value[i];
		}
		part->use[i] = absent ? EH_USE_ABSENT : differs ? EH_USE_IN : EH_USE_CONSTANT;
		if (part->use[i] == EH_USE_IN)
			part->indicator[d++] = (uint16_t)i;
	}
	return d;
}

/* "voice.f1, voice.f2 and 13 more" of the indicators that were left out. */
static void why_no_columns(struct eh_part *part)
{
	size_t len = (size_t)snprintf(part->reason, sizeof part->reason,
				      "no indicator is in all of them and differs: ");
	size_t left = 0;

	for (size_t i = 0; i < EH_VECTOR_N; i++)
		left += part->use[i] != EH_USE_NONE;
	for (size_t i = 0, told = 0; i < EH_VECTOR_N && told < 2; i++) {
		if (part->use[i] == EH_USE_NONE)
			continue;
		len += (size_t)snprintf(part->reason + len, sizeof part->reason - len, "%s%s (%s)",
					told > 0 ? ", " : "", eh_vector_info(i)->name,
					part->use[i] == EH_USE_ABSENT ? "not there" : "constant");
		told++;
		left--;
	}
	if (left > 0 && len < sizeof part->reason)
		(void)snprintf(part->reason + len, sizeof part->reason - len, " and %zu more", left);
}

/* False with the reason. */
static bool set_columns(struct eh_part *part, const struct eh_training *t, enum eh_modality m)
{
	size_t d = choose_indicators(part, t, m);

	if (d == 0) {
		why_no_columns(part);
		return false;
	}
	for (size_t l = 0; l < t->m->n_levels; l++)
		part->indicator[d++] = (uint16_t)(EH_VECTOR_N + l);
	part->fit.d = d;
	return true;
}

/* ---- the recordings it stands for ---- */

static void range_u32(uint32_t *least, uint32_t *most, uint32_t v, bool first)
{
	*least = first || v < *least ? v : *least;
	*most = first || v > *most ? v : *most;
}

static void range_f64(double *least, double *most, double v, bool first)
{
	*least = first || v < *least ? v : *least;
	*most = first || v > *most ? v : *most;
}

static void note_quality(struct eh_quality_range *q, const struct eh_vector *v, bool first)
{
	range_u32(&q->frames_least, &q->frames_most, v->frames_used, first);
	range_f64(&q->voiced_least, &q->voiced_most, v->voiced_seconds, first);
	range_f64(&q->band_least, &q->band_most, v->bandwidth, first);
	range_f64(&q->snr_least, &q->snr_most, v->snr, first);
	for (size_t bit = 0; bit < EH_QUALITY_FLAGS; bit++)
		q->flagged[bit] += v->quality >> bit & 1u;
}

/* Range and remarks of the originals, on which the calibration rests; what taught beside them. */
static void note_recordings(struct eh_part *part, const struct eh_training *t, const struct matrix *mx)
{
	bool first = true;

	for (size_t i = 0; i < mx->rows.n; i++) {
		const struct eh_train_row *row = &t->row[mx->row[i]];

		if (row->copy) {
			part->copies[row->copy - 1]++;
			part->copied += !mx->copy[i - 1];       /* the first one stands behind its original */
			continue;
		}
		note_quality(&part->quality, row->vector, first);
		first = false;
	}
}

/* False with the reason when a group has too few rows of this modality. */
static bool enough(struct eh_part *part, const struct eh_training *t, enum eh_modality m)
{
	uint32_t count[EH_GROUPS_MAX] = { 0 };

	for (size_t i = 0; i < t->n; i++)
		count[t->row[i].group] += !t->row[i].copy && eh_vector_has(t->row[i].vector, m);
	for (size_t g = 0; g < t->m->n_groups; g++) {
		if (count[g] >= EH_MIN_PER_CLASS)
			continue;
		(void)snprintf(part->reason, sizeof part->reason,
			       "group '%s' has %u candidate%s with %s, at least %d are needed", t->m->group[g],
			       count[g], count[g] == 1 ? "" : "s", eh_modality_name[m], EH_MIN_PER_CLASS);
		return false;
	}
	return true;
}

/* Data that cannot be learnt from leave a modality untrained, with the reason; other errors end the training. */
static int settle(struct eh_part *part, int rc, struct eh_err *why, struct eh_err *err)
{
	if (rc == EH_EINVAL) {
		(void)snprintf(part->reason, sizeof part->reason, "%.199s", why->msg);
		eh_part_clear(part);
		return EH_OK;
	}
	if (rc != EH_OK)
		return eh_err_set(err, rc, "%s", why->msg);
	return EH_OK;
}

/* ---- training ---- */

/* The originals of a matrix, which alone are judged. */
struct judged {
	struct eh_outcome o;
	double *p;                      /* [rows][k], then closed up to [o.n][k] */
	int32_t *group;
	uint32_t *owner, *row, *fold;
};

static int judged_open(struct judged *j, const struct matrix *mx, struct eh_err *err)
{
	size_t n = mx->rows.n, k = mx->rows.k;

	memset(j, 0, sizeof *j);
	j->p = eh_try_malloc(n, k * sizeof *j->p);
	j->group = eh_try_malloc(n, sizeof *j->group);
	j->owner = eh_try_malloc(n, sizeof *j->owner);
	j->row = eh_try_malloc(n, sizeof *j->row);
	j->fold = eh_try_malloc(n, sizeof *j->fold);
	if (j->p == NULL || j->group == NULL || j->owner == NULL || j->row == NULL || j->fold == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for measuring the skill on %zu rows", n);
	return EH_OK;
}

static void judged_close(struct judged *j)
{
	free(j->fold);
	free(j->row);
	free(j->owner);
	free(j->group);
	free(j->p);
}

static void close_up(struct judged *j, const struct matrix *mx)
{
	size_t k = mx->rows.k, n = 0;

	for (size_t i = 0; i < mx->rows.n; i++) {
		if (mx->copy[i])
			continue;
		memmove(j->p + n * k, j->p + i * k, k * sizeof *j->p);
		j->group[n] = mx->group[i];
		j->owner[n] = mx->owner[i];
		j->fold[n] = j->fold[i];
		j->row[n++] = mx->row[i];
	}
	j->o = (struct eh_outcome){ j->p, j->group, j->owner, n, k, j->fold };
}

/* By training row, so that contributors come ascending; `who` is a row of t->row until they are known. */
static int keep_unseen(struct eh_part *part, const struct eh_training *t, const struct judged *j, struct eh_err *err)
{
	struct eh_unseen *u = &part->unseen;
	uint32_t *at = eh_try_calloc(t->n, sizeof *at), n = 0;
	int rc = EH_OK;

	u->n = (uint32_t)j->o.n;
	if (at == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for measuring the skill on %zu rows", j->o.n);
	if (rc == EH_OK)
		rc = eh_unseen_alloc(u, j->o.k, err);
	for (size_t i = 0; i < j->o.n && rc == EH_OK; i++)
		at[j->row[i]] = (uint32_t)i + 1;
	for (size_t r = 0; r < t->n && rc == EH_OK; r++) {
		if (at[r] == 0)
			continue;
		memcpy(u->p + n * j->o.k, j->p + (at[r] - 1) * j->o.k, j->o.k * sizeof *u->p);
		u->who[n++] = (uint32_t)r;
	}
	free(at);
	return rc;
}

/* Skill, figures, decision sets: all from probabilities of outer folds. */
static int judge(struct eh_training *t, struct eh_part *part, const struct matrix *mx, uint64_t seed,
		 struct eh_err *err)
{
	struct judged j;
	int rc = judged_open(&j, mx, err);

	if (rc == EH_OK)
		rc = eh_nested_outcome(j.p, &mx->rows, seed, &t->steps, err);
	if (rc == EH_OK)
		rc = eh_nested_folds(j.fold, &mx->rows, seed, err);
	if (rc == EH_OK) {
		close_up(&j, mx);
		rc = eh_measure(&part->skill, &j.o, seed, err);
	}
	if (rc == EH_OK)
		rc = eh_report_fill(&part->report, t, &j.o, j.row, seed, err);
	if (rc == EH_OK)
		rc = eh_conformal_fit(&part->conformal, j.p, j.group, j.o.n, j.o.k, err);
	if (rc == EH_OK)
		eh_conformal_decisions(part->report.decision, &part->conformal, j.p, j.group, j.o.n, j.o.k);
	if (rc == EH_OK)
		rc = keep_unseen(part, t, &j, err);
	judged_close(&j);
	return rc;
}

/* The originals alone: what taught as a copy is no kind of recording that the calibration stands for. */
static int fit_scope(struct eh_part *part, const struct matrix *mx, uint64_t seed, struct eh_err *err)
{
	struct originals {
		double *x, *distance[2];
		uint32_t *owner;
		size_t n;
	} o = { eh_try_malloc(mx->rows.n, mx->rows.d * sizeof *o.x),
		{ eh_try_calloc(mx->rows.n, sizeof(double)), eh_try_calloc(mx->rows.n, sizeof(double)) },
		eh_try_malloc(mx->rows.n, sizeof *o.owner), 0 };
	size_t split = 0, end = 0, d = mx->rows.d;
	int rc = EH_OK;

	if (o.x == NULL || o.distance[0] == NULL || o.distance[1] == NULL || o.owner == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the scope of %zu rows", mx->rows.n);
	for (size_t i = 0; i < mx->rows.n && rc == EH_OK; i++) {
		if (mx->copy[i])
			continue;
		memcpy(o.x + o.n * d, mx->x + i * d, d * sizeof *o.x);
		o.owner[o.n++] = mx->owner[i];
	}
	while (split < part->fit.d && part->indicator[split] < EH_FACE_N)
		split++;
	for (end = split; end < part->fit.d && part->indicator[end] < EH_VECTOR_N;)
		end++;
	/* a distance each: a far voice must not hide behind a near face */
	if (rc == EH_OK && split > 0)
		rc = eh_scope_fit(&part->scope[0], o.distance[0], o.x, d, 0, split, o.owner, o.n, seed, err);
	if (rc == EH_OK && end > split)
		rc = eh_scope_fit(&part->scope[1], o.distance[1], o.x, d, split, end - split, o.owner, o.n, seed, err);
	for (size_t i = 0; i < o.n && rc == EH_OK; i++)
		part->report.out_of_scope += o.distance[0][i] > part->scope[0].limit ||
					     o.distance[1][i] > part->scope[1].limit;
	free(o.owner);
	free(o.distance[1]);
	free(o.distance[0]);
	free(o.x);
	return rc;
}

static int train_matrix(struct eh_training *t, struct eh_part *part, const struct matrix *mx, uint64_t seed,
			struct eh_err *err)
{
	int rc = judge(t, part, mx, seed, err);

	if (rc == EH_OK)
		rc = fit_scope(part, mx, seed, err);
	if (rc == EH_OK)
		rc = eh_fit_train(&part->fit, &mx->rows, seed, &t->steps, err);
	if (rc != EH_OK)
		return rc;
	part->outer_folds = eh_outer_folds(&mx->rows);
	for (size_t i = 0; i < part->fit.n_sv; i++)
		part->fit.sv_row[i] = mx->row[part->fit.sv_row[i]];
	note_recordings(part, t, mx);
	eh_progress_step(t->steps.progress, t->steps.what, ++t->steps.done, t->steps.total);
	return EH_OK;
}

int eh_part_train(struct eh_training *t, enum eh_modality m, struct eh_err *err)
{
	struct eh_part *part = &t->m->part[m];
	struct eh_err why = EH_ERR_INIT;
	struct matrix mx = { 0 };
	int rc = EH_OK;

	if (!enough(part, t, m) || !set_columns(part, t, m)) {
		eh_part_clear(part);
		eh_report_judge(part, t->m);
		return EH_OK;
	}
	rc = part_matrix(&mx, t, m, &why);
	if (rc == EH_OK)
		rc = train_matrix(t, part, &mx, t->m->seed + (uint64_t)m, &why);
	matrix_close(&mx);
	rc = settle(part, rc, &why, err);
	if (rc == EH_OK)
		eh_report_judge(part, t->m);
	return rc;
}

int eh_part_explain(struct eh_training *t, enum eh_modality m, struct eh_err *err)
{
	struct matrix mx = { 0 };
	struct eh_model *model = t->m;
	struct eh_err why = EH_ERR_INIT;
	int rc = part_matrix(&mx, t, m, &why);

	if (rc == EH_OK)
		rc = eh_importance_make(&model->importance, &model->curve, &mx.rows, model->part[m].indicator,
					model->seed + (uint64_t)m, &t->steps, &why);
	model->importance.modality = model->curve.modality = (uint8_t)m;
	matrix_close(&mx);
	/* a curve that the data do not allow is no reason against the model: it then says that it was not made */
	return rc == EH_OK || rc == EH_EINVAL ? EH_OK : eh_err_set(err, rc, "%s", why.msg);
}

/* ---- the baseline ---- */

bool eh_baseline_takes(const struct eh_vector *v)
{
	return eh_vector_has(v, EH_VOICE_ONLY) && v->present[PITCH];
}

/* Median pitch alone beat every larger set on real speakers (facts/learning.md 1): it stands beside every model. */
int eh_baseline_train(struct eh_training *t, struct eh_err *err)
{
	struct eh_err why = EH_ERR_INIT;
	uint32_t count[EH_GROUPS_MAX] = { 0 };
	struct matrix mx = { 0 };
	int rc = matrix_open(&mx, t->n, 1, t->m->n_groups, err);

	for (size_t i = 0; i < t->n && rc == EH_OK; i++) {
		const struct eh_train_row *row = &t->row[t->order[i]];

		if (row->copy || !eh_baseline_takes(row->vector))
			continue;
		count[row->group]++;
		*matrix_add(&mx, t, t->order[i]) = row->vector->value[PITCH];
	}
	for (size_t g = 0; g < t->m->n_groups && rc == EH_OK; g++)
		if (count[g] < EH_MIN_PER_CLASS)
			goto out;
	if (rc != EH_OK)
		goto out;
	rc = eh_nested_skill(&t->m->f0, &mx.rows, t->m->seed, &t->steps, &why);
	if (rc == EH_EINVAL) {
		memset(&t->m->f0, 0, sizeof t->m->f0);
		rc = EH_OK;
	}
	if (rc != EH_OK)
		rc = eh_err_set(err, rc, "%s", why.msg);
out:
	matrix_close(&mx);
	return rc;
}

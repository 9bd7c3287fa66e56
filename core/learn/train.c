/* Training: rows sorted by candidate, three modalities, their skill, the baseline; see learn.h. */
#include "learn/learn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/libsvm.h"
#include "learn/model.h"

#define PITCH (EH_FACE_N + EH_V_F0_MEDIAN)

_Static_assert((int)EH_VECTOR_N <= EH_COLUMNS_MAX, "every indicator may become a column of a model");

const char *const eh_modality_name[EH_MODALITIES] = { "face and voice", "face alone", "voice alone" };

bool eh_modality_takes(enum eh_modality m, size_t indicator)
{
	bool face = indicator < EH_FACE_N;

	return eh_vector_in_class(indicator) && (m == EH_FUSED || face == (m == EH_FACE_ONLY));
}

/* A modality that passed its gate but has not one class indicator is not there for a model. */
static bool has_shape(const struct eh_vector *v, bool face)
{
	if (!(face ? v->has_face : v->has_voice))
		return false;
	for (size_t i = face ? 0 : EH_FACE_N; i < (face ? (size_t)EH_FACE_N : (size_t)EH_VECTOR_N); i++)
		if (v->present[i] && eh_vector_in_class(i))
			return true;
	return false;
}

bool eh_vector_has(const struct eh_vector *v, enum eh_modality m)
{
	return (m == EH_VOICE_ONLY || has_shape(v, true)) && (m == EH_FACE_ONLY || has_shape(v, false));
}

/* ---- what is refused ---- */

static int check_row(const struct eh_train_row *row, size_t n_groups, struct eh_err *err)
{
	const struct eh_vector *v = row->vector;

	if (!eh_id_valid(v->candidate, strnlen(v->candidate, sizeof v->candidate)))
		return eh_err_set(err, EH_EINVAL, "a training row has no valid candidate id");
	if (row->group < 0 || (size_t)row->group >= n_groups)
		return eh_err_set(err, EH_EINVAL, "candidate '%s': group number %d is none of the %zu groups",
				  v->candidate, row->group, n_groups);
	if (v->layout != EH_LAYOUT)
		return eh_err_set(
			err, EH_EINVAL,
			"candidate '%s': the vector has layout %u, this program uses %d; extract the interviews again",
			v->candidate, v->layout, EH_LAYOUT);
	for (size_t i = 0; i < EH_VECTOR_N; i++) /* libsvm would train on NaN without a word (facts/learning.md 2) */
		if (v->present[i] && !isfinite(v->value[i]))
			return eh_err_set(err, EH_ERANGE,
					  "candidate '%s': %s is not a finite number; extract the interviews again",
					  v->candidate, eh_vector_info(i)->name);
	return EH_OK;
}

static int check_names(const char *attribute, const char *const *groups, size_t n_groups, struct eh_err *err)
{
	if (!eh_attribute_valid(attribute, strlen(attribute)))
		return eh_err_set(err, EH_EINVAL, "'%.40s' is no attribute name (small letters, digits, _)", attribute);
	if (n_groups < 2 || n_groups > EH_GROUPS_MAX)
		return eh_err_set(err, EH_EINVAL,
				  "%s has %zu group%s with candidates to learn from; 2 to %d are needed", attribute,
				  n_groups, n_groups == 1 ? "" : "s", EH_GROUPS_MAX);
	for (size_t g = 0; g < n_groups; g++) {
		if (!eh_group_valid(groups[g], strlen(groups[g])))
			return eh_err_set(err, EH_EINVAL, "%s: '%.40s' is no group name", attribute, groups[g]);
		if (g > 0 && strcmp(groups[g - 1], groups[g]) >= 0)
			return eh_err_set(err, EH_EINVAL,
					  "%s: the groups must be sorted and differ ('%s' stands after '%s')",
					  attribute, groups[g], groups[g - 1]);
	}
	return EH_OK;
}

static int row_cmp(const void *a, const void *b)
{
	const struct eh_train_row *x = a, *y = b;

	return strcmp(x->vector->candidate, y->vector->candidate);
}

static bool is_measured(const struct eh_vector *v)
{
	return eh_vector_has(v, EH_FACE_ONLY) || eh_vector_has(v, EH_VOICE_ONLY);
}

/* Sorted copy of the rows that have something to learn from. */
static int take_rows(struct eh_train_row *sorted, size_t *n, const char *attribute, const char *const *groups,
		     size_t n_groups, const struct eh_train_row *rows, size_t n_rows, struct eh_err *err)
{
	uint32_t count[EH_GROUPS_MAX] = { 0 };
	int rc = EH_OK;

	*n = 0;
	for (size_t i = 0; i < n_rows; i++) {
		rc = check_row(&rows[i], n_groups, err);
		if (rc != EH_OK)
			return rc;
		sorted[i] = rows[i];
	}
	qsort(sorted, n_rows, sizeof *sorted, row_cmp);
	for (size_t i = 1; i < n_rows; i++)
		if (row_cmp(&sorted[i - 1], &sorted[i]) == 0)
			return eh_err_set(err, EH_EINVAL, "candidate '%s' stands in two training rows",
					  sorted[i].vector->candidate);
	for (size_t i = 0; i < n_rows; i++)
		if (is_measured(sorted[i].vector)) {
			count[sorted[i].group]++;
			sorted[(*n)++] = sorted[i];
		}
	for (size_t g = 0; g < n_groups; g++)
		if (count[g] < EH_MIN_PER_CLASS)
			return eh_err_set(err, EH_EINVAL,
					  "%s: group '%s' has %u candidate%s to learn from, at least %d are needed; "
					  "declare and extract more candidates of this group",
					  attribute, groups[g], count[g], count[g] == 1 ? "" : "s", EH_MIN_PER_CLASS);
	return EH_OK;
}

/* ---- one modality ---- */

struct training {
	struct eh_model *m;
	const struct eh_train_row *row; /* [n] sorted */
	size_t n;
	struct eh_steps steps;
};

struct matrix {                         /* the rows of one modality */
	struct eh_rows rows;
	double *x;
	int32_t *group;
	uint32_t *owner;                /* index into the sorted rows */
};

static int matrix_open(struct matrix *mx, size_t n, size_t d, size_t k, struct eh_err *err)
{
	memset(mx, 0, sizeof *mx);
	mx->x = eh_try_malloc(n, d * sizeof *mx->x);
	mx->group = eh_try_malloc(n, sizeof *mx->group);
	mx->owner = eh_try_malloc(n, sizeof *mx->owner);
	mx->rows = (struct eh_rows){ mx->x, mx->group, mx->owner, 0, d, k };
	if (mx->x == NULL || mx->group == NULL || mx->owner == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", n);
	return EH_OK;
}

static void matrix_close(struct matrix *mx)
{
	free(mx->owner);
	free(mx->group);
	free(mx->x);
}

static void matrix_add(struct matrix *mx, const struct training *t, size_t i, const uint16_t *indicator)
{
	struct eh_rows *r = &mx->rows;

	for (size_t c = 0; c < r->d; c++)
		mx->x[r->n * r->d + c] = t->row[i].vector->value[indicator[c]];
	mx->group[r->n] = t->row[i].group;
	mx->owner[r->n++] = (uint32_t)i;
}

/* Which indicators may enter: present in every row of the modality, and not the same in all of them. */
static size_t choose_indicators(struct eh_part *part, const struct training *t, enum eh_modality m)
{
	size_t d = 0;

	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		const struct eh_vector *first = NULL;
		bool absent = false, differs = false;

		if (!eh_modality_takes(m, i))
			continue;
		for (size_t r = 0; r < t->n; r++) {
			const struct eh_vector *v = t->row[r].vector;

			if (!eh_vector_has(v, m))
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

static void note_quality(struct eh_quality_range *q, const struct eh_vector *v, bool first)
{
	if (first || v->frames_used < q->frames_least)
		q->frames_least = v->frames_used;
	if (first || v->frames_used > q->frames_most)
		q->frames_most = v->frames_used;
	if (first || v->voiced_seconds < q->voiced_least)
		q->voiced_least = v->voiced_seconds;
	if (first || v->voiced_seconds > q->voiced_most)
		q->voiced_most = v->voiced_seconds;
	for (size_t bit = 0; bit < EH_QUALITY_FLAGS; bit++)
		q->flagged[bit] += v->quality >> bit & 1u;
}

/* False with the reason when a group has too few rows of this modality. */
static bool enough(struct eh_part *part, const struct training *t, enum eh_modality m)
{
	uint32_t count[EH_GROUPS_MAX] = { 0 };

	for (size_t i = 0; i < t->n; i++)
		count[t->row[i].group] += eh_vector_has(t->row[i].vector, m);
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
		memset(&part->skill, 0, sizeof part->skill);
		eh_fit_free(&part->fit);
		return EH_OK;
	}
	if (rc != EH_OK)
		return eh_err_set(err, rc, "%s", why->msg);
	return EH_OK;
}

static int train_part(struct training *t, enum eh_modality m, struct eh_err *err)
{
	struct eh_part *part = &t->m->part[m];
	struct eh_err why = EH_ERR_INIT;
	struct matrix mx = { 0 };
	uint64_t seed = t->m->seed + (uint64_t)m;
	size_t d = 0;
	int rc = EH_OK;

	if (!enough(part, t, m))
		return EH_OK;
	d = choose_indicators(part, t, m);
	if (d == 0) {
		(void)snprintf(part->reason, sizeof part->reason,
			       "no indicator is there for all candidates with %s and differs between them",
			       eh_modality_name[m]);
		return EH_OK;
	}
	rc = matrix_open(&mx, t->n, d, t->m->n_groups, &why);
	for (size_t i = 0; i < t->n && rc == EH_OK; i++) {
		if (!eh_vector_has(t->row[i].vector, m))
			continue;
		note_quality(&part->quality, t->row[i].vector, mx.rows.n == 0);
		matrix_add(&mx, t, i, part->indicator);
	}
	if (rc == EH_OK)
		rc = eh_nested_skill(&part->skill, &mx.rows, seed, &t->steps, &why);
	if (rc == EH_OK)
		rc = eh_fit_train(&part->fit, &mx.rows, seed, &why);
	if (rc == EH_OK) {
		part->outer_folds = eh_outer_folds(&mx.rows);
		for (size_t i = 0; i < part->fit.n_sv; i++)
			part->fit.sv_row[i] = mx.owner[part->fit.sv_row[i]];
		eh_progress_step(t->steps.progress, t->steps.what, ++t->steps.done, t->steps.total);
	}
	matrix_close(&mx);
	return settle(part, rc, &why, err);
}

static bool has_pitch(const struct eh_vector *v)
{
	return eh_vector_has(v, EH_VOICE_ONLY) && v->present[PITCH];
}

/* Median pitch alone beat every larger set on real speakers (facts/learning.md 1): it stands beside every model. */
static int train_baseline(struct training *t, struct eh_err *err)
{
	const uint16_t pitch = PITCH;
	struct eh_part scratch = { .reason = "" };
	struct eh_err why = EH_ERR_INIT;
	uint32_t count[EH_GROUPS_MAX] = { 0 };
	struct matrix mx = { 0 };
	int rc = matrix_open(&mx, t->n, 1, t->m->n_groups, err);

	for (size_t i = 0; i < t->n && rc == EH_OK; i++) {
		if (!has_pitch(t->row[i].vector))
			continue;
		count[t->row[i].group]++;
		matrix_add(&mx, t, i, &pitch);
	}
	for (size_t g = 0; g < t->m->n_groups && rc == EH_OK; g++)
		if (count[g] < EH_MIN_PER_CLASS)
			goto out;
	if (rc == EH_OK)
		rc = settle(&scratch, eh_nested_skill(&t->m->f0, &mx.rows, t->m->seed, &t->steps, &why), &why, err);
out:
	matrix_close(&mx);
	return rc;
}

/* ---- the whole ---- */

static bool contributes(const struct eh_model *m, const struct eh_vector *v)
{
	if (m->f0.trained && has_pitch(v))
		return true;
	for (int k = 0; k < EH_MODALITIES; k++)
		if (m->part[k].skill.trained && eh_vector_has(v, (enum eh_modality)k))
			return true;
	return false;
}

/* Every candidate behind a trained part or the baseline, not only support vectors: scale and calibration rest on
 * all (facts/learning.md 14). */
static void note_contributors(struct training *t)
{
	struct eh_model *m = t->m;
	uint32_t *place = eh_xcalloc(t->n, sizeof *place);
	uint32_t count[EH_GROUPS_MAX] = { 0 };

	m->contributor = eh_xcalloc(t->n, sizeof *m->contributor);
	for (size_t i = 0; i < t->n; i++) {
		if (!contributes(m, t->row[i].vector))
			continue;
		place[i] = m->contributors_n;
		count[t->row[i].group]++;
		memcpy(m->contributor[m->contributors_n++], t->row[i].vector->candidate, sizeof(eh_id));
	}
	for (size_t g = 0; g < m->n_groups; g++)
		if ((double)count[g] / m->contributors_n > m->majority)
			m->majority = (double)count[g] / m->contributors_n;
	for (int k = 0; k < EH_MODALITIES; k++)
		for (size_t i = 0; i < m->part[k].fit.n_sv; i++)
			m->part[k].fit.sv_row[i] = place[m->part[k].fit.sv_row[i]];
	free(place);
}

/* The shares of the first trained part; eh_model_classify turns the others to the same prior. */
static bool note_prior(struct eh_model *m)
{
	for (int k = 0; k < EH_MODALITIES; k++) {
		if (!m->part[k].skill.trained)
			continue;
		memcpy(m->prior, m->part[k].fit.prior, sizeof m->prior);
		return true;
	}
	return false;
}

static struct eh_model *model_new(const char *attribute, const char *const *groups, size_t n_groups, uint64_t seed)
{
	struct eh_model *m = eh_xcalloc(1, sizeof *m);

	(void)snprintf(m->attribute, sizeof m->attribute, "%s", attribute);
	m->n_groups = n_groups;
	for (size_t g = 0; g < n_groups; g++) {
		(void)snprintf(m->group[g], sizeof m->group[g], "%s", groups[g]);
		m->group_text[g] = m->group[g];
	}
	m->seed = seed;
	m->libsvm_version = (uint32_t)eh_libsvm_version();
	/* last digits may differ between kinds of machine (facts/learning.md 15) */
#if defined __x86_64__
	(void)snprintf(m->platform, sizeof m->platform, "x86_64");
#elif defined __aarch64__
	(void)snprintf(m->platform, sizeof m->platform, "aarch64");
#else
	(void)snprintf(m->platform, sizeof m->platform, "other, %zu bit", 8 * sizeof(void *));
#endif
	eh_layout_hash(m->layout);
	return m;
}

int eh_model_train(struct eh_model **out, const char *attribute, const char *const *groups, size_t n_groups,
		   const struct eh_train_row *rows, size_t n_rows, uint64_t seed,
		   const struct eh_progress *progress, struct eh_err *err)
{
	struct training t = { .steps = { progress, "train", 0,
					 EH_MODALITIES * (EH_OUTER_FOLDS + 1) + EH_OUTER_FOLDS } };
	struct eh_train_row *sorted = NULL;
	int rc = check_names(attribute, groups, n_groups, err);

	*out = NULL;
	if (rc != EH_OK)
		return rc;
	sorted = eh_try_malloc(n_rows, sizeof *sorted);
	if (sorted == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", n_rows);
	rc = take_rows(sorted, &t.n, attribute, groups, n_groups, rows, n_rows, err);
	if (rc != EH_OK)
		goto out;
	t.row = sorted;
	t.m = model_new(attribute, groups, n_groups, seed);
	for (int k = 0; k < EH_MODALITIES && rc == EH_OK; k++)
		rc = train_part(&t, (enum eh_modality)k, err);
	if (rc == EH_OK)
		rc = train_baseline(&t, err);
	if (rc == EH_OK && !note_prior(t.m))
		rc = eh_err_set(err, EH_EINVAL,
				"%s: no model can be trained (face and voice: %.120s; face: %.120s; voice: %.120s)",
				attribute, t.m->part[EH_FUSED].reason, t.m->part[EH_FACE_ONLY].reason,
				t.m->part[EH_VOICE_ONLY].reason);
	if (rc != EH_OK)
		goto out;
	note_contributors(&t);
	rc = eh_model_name(t.m, err);
	if (rc != EH_OK)
		goto out;
	eh_progress_step(progress, "train", t.steps.total, t.steps.total);
	*out = t.m;
	t.m = NULL;
out:
	eh_model_free(&t.m);
	free(sorted);
	return rc;
}

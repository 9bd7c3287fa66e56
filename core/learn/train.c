/* Training: rows sorted by candidate, three modalities, their skill, the baseline; see learn.h. */
#include "learn/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/libsvm.h"
#include "learn/matrix.h"

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

/* ---- who stands in the model ---- */

static bool contributes(const struct eh_model *m, const struct eh_vector *v)
{
	if (m->f0.trained && eh_baseline_takes(v))
		return true;
	for (int k = 0; k < EH_MODALITIES; k++)
		if (m->part[k].skill.trained && eh_vector_has(v, (enum eh_modality)k))
			return true;
	return false;
}

/* Every candidate behind a trained part or the baseline, not only support vectors: scale and calibration rest on
 * all (facts/learning.md 14). */
static void note_contributors(struct eh_training *t)
{
	struct eh_model *m = t->m;
	uint32_t *place = eh_xcalloc(t->n, sizeof *place);
	uint32_t count[EH_GROUPS_MAX] = { 0 };

	m->contributor = eh_xcalloc(t->n, sizeof *m->contributor);
	for (size_t i = 0; i < t->n; i++) {
		if (t->row[i].copy) {           /* stands after its original */
			place[i] = m->contributors_n - 1;
			continue;
		}
		if (!contributes(m, t->row[i].vector))
			continue;
		place[i] = m->contributors_n;
		count[t->row[i].group]++;
		m->imported_n += t->row[i].imported;
		memcpy(m->contributor[m->contributors_n++], t->row[i].vector->candidate, sizeof(eh_id));
	}
	for (size_t g = 0; g < m->n_groups; g++)
		if ((double)count[g] / m->contributors_n > m->majority)
			m->majority = (double)count[g] / m->contributors_n;
	for (int k = 0; k < EH_MODALITIES; k++) {
		for (size_t i = 0; i < m->part[k].fit.n_sv; i++)
			m->part[k].fit.sv_row[i] = place[m->part[k].fit.sv_row[i]];
		for (size_t i = 0; i < m->part[k].unseen.n; i++)
			m->part[k].unseen.who[i] = place[m->part[k].unseen.who[i]];
	}
	free(place);
}

/* ---- the whole ---- */

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

static struct eh_model *model_new(const struct eh_train_plan *plan)
{
	struct eh_model *m = eh_xcalloc(1, sizeof *m);

	(void)snprintf(m->attribute, sizeof m->attribute, "%s", plan->attribute);
	m->n_groups = plan->n_groups;
	for (size_t g = 0; g < plan->n_groups; g++) {
		(void)snprintf(m->group[g], sizeof m->group[g], "%s", plan->groups[g]);
		m->group_text[g] = m->group[g];
	}
	m->n_with = plan->n_with;
	for (size_t w = 0; w < plan->n_with; w++) {
		(void)snprintf(m->with[w], sizeof m->with[w], "%s", plan->with[w]);
		m->with_text[w] = m->with[w];
	}
	m->seed = plan->seed;
	m->declared_only = plan->declared_only;
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

/* Curve and importance cost as much as the training: of the surest part alone. */
static int explain(struct eh_training *t, struct eh_err *err)
{
	int best = -1;

	for (int k = 0; k < EH_MODALITIES; k++)
		if (t->m->part[k].skill.trained &&
		    (best < 0 || t->m->part[k].skill.auc_lo > t->m->part[best].skill.auc_lo))
			best = k;
	return best < 0 ? EH_OK : eh_part_explain(t, (enum eh_modality)best, err);
}

static int train_parts(struct eh_training *t, struct eh_err *err)
{
	const struct eh_part *part = t->m->part;
	int rc = eh_training_levels(t, err);

	for (int k = 0; k < EH_MODALITIES && rc == EH_OK; k++)
		rc = eh_part_train(t, (enum eh_modality)k, err);
	if (rc == EH_OK)
		rc = eh_baseline_train(t, err);
	if (rc == EH_OK && !note_prior(t->m))
		rc = eh_err_set(err, EH_EINVAL,
				"%s: no model can be trained (face and voice: %.120s; face: %.120s; voice: %.120s)",
				t->m->attribute, part[EH_FUSED].reason, part[EH_FACE_ONLY].reason,
				part[EH_VOICE_ONLY].reason);
	return rc == EH_OK ? explain(t, err) : rc;
}

int eh_model_train(struct eh_model **out, const struct eh_train_plan *plan, const struct eh_train_row *rows,
		   size_t n_rows, const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_training t = { .steps = { progress, "train", 0,
					    EH_MODALITIES * (EH_OUTER_FOLDS + 1) + EH_OUTER_FOLDS + EH_CURVE_STEPS, 0,
					    0 } };
	int rc = eh_training_check_plan(plan, err);

	*out = NULL;
	if (rc == EH_OK)
		rc = eh_training_open(&t, plan, rows, n_rows, err);
	if (rc != EH_OK)
		goto out;
	t.m = model_new(plan);
	rc = train_parts(&t, err);
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
	eh_training_close(&t);
	return rc;
}

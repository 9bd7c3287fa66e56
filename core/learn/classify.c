/* Probabilities, decision sets and scope of candidates from the part of the model that their indicators allow; see
 * learn.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/model.h"

bool eh_determined(uint32_t set, uint32_t scope)
{
	return scope == 0 && set != 0 && (set & (set - 1)) == 0;
}

/* ---- which part answers ---- */

/* Are the part's indicators there? */
static bool fits(const struct eh_part *p, enum eh_modality m, const struct eh_vector *v)
{
	if (!p->skill.trained || !eh_vector_has(v, m))
		return false;
	for (size_t c = 0; c < p->fit.d; c++)
		if (p->indicator[c] < EH_VECTOR_N && !v->present[p->indicator[c]])
			return false;
	return true;
}

/* Remarks that speak of the part's recordings. */
static uint32_t remarks_of(enum eh_modality m)
{
	return eh_quality_moving(m == EH_FACE_ONLY ? EH_QM_FACE : m == EH_VOICE_ONLY ? EH_QM_VOICE :
				 (unsigned)EH_QM_FACE | EH_QM_VOICE);
}

/* The gates go first: a distance alone passed most of the telephone sound on which the classes went wrong
 * (facts/learning.md 10). */
static uint32_t quality_scope(const struct eh_part *p, enum eh_modality m, const struct eh_vector *v)
{
	const struct eh_quality_range *q = &p->quality;
	uint32_t out = 0;

	if (m != EH_VOICE_ONLY && v->frames_used < q->frames_least)
		out |= EH_SF_FEW_FRAMES;
	if (m != EH_FACE_ONLY && v->voiced_seconds < q->voiced_least)
		out |= EH_SF_LITTLE_VOICE;
	if (m != EH_FACE_ONLY && q->band_least > 0.0 && v->bandwidth < q->band_least)
		out |= EH_SF_NARROW_BAND;
	if (m != EH_FACE_ONLY && q->band_least > 0.0 && v->snr < q->snr_least)
		out |= EH_SF_NOISY;
	for (size_t bit = 0; bit < EH_QUALITY_FLAGS; bit++)
		if ((v->quality & remarks_of(m)) >> bit & 1u && q->flagged[bit] == 0)
			out |= EH_SF_NEW_REMARK;
	return out;
}

static uint32_t distance_scope(const struct eh_part *p, const double *raw)
{
	uint32_t out = 0;

	if (p->scope[0].d > 0 && eh_scope_distance(&p->scope[0], raw) > p->scope[0].limit)
		out |= EH_SF_FAR_FACE;
	if (p->scope[1].d > 0 && eh_scope_distance(&p->scope[1], raw + p->scope[0].d) > p->scope[1].limit)
		out |= EH_SF_FAR_VOICE;
	return out;
}

static uint32_t value_scope(const struct eh_model *m, const char *const *with)
{
	for (size_t w = 0; w < m->n_with; w++) {
		bool known = with == NULL || with[w] == NULL || with[w][0] == '\0';

		for (size_t l = 0; l < m->n_levels && !known; l++)
			known = m->level[l].with == w && strcmp(m->level[l].value, with[w]) == 0;
		if (!known)
			return EH_SF_NEW_VALUE;
	}
	return 0;
}

static uint32_t scope_of(const struct eh_model *m, enum eh_modality k, const struct eh_vector *v,
			 const char *const *with)
{
	double raw[EH_PART_COLUMNS];
	uint32_t out = quality_scope(&m->part[k], k, v) | value_scope(m, with);

	eh_part_raw(raw, m, &m->part[k], v, with);
	return out | distance_scope(&m->part[k], raw);
}

/* Of the parts that the candidate's indicators allow, in scope before out of scope, the one whose skill is surest, the
 * fused one when they are level: with few candidates indicators that tell little can spoil those that tell much. */
static int choose(const struct eh_model *m, const struct eh_vector *v, const char *const *with, uint32_t *scope)
{
	int best = -1;

	for (int k = 0; k < EH_MODALITIES; k++) {
		uint32_t now = 0;

		if (!m->part[k].report.classifies || !fits(&m->part[k], (enum eh_modality)k, v))
			continue;
		now = scope_of(m, (enum eh_modality)k, v, with);
		if (best < 0 || (now == 0 && *scope != 0) ||
		    ((now == 0) == (*scope == 0) && m->part[k].skill.auc_lo > m->part[best].skill.auc_lo)) {
			best = k;
			*scope = now;
		}
	}
	return best;
}

/* Nobody answers: because the parts that could are too weak, or because nothing was measured? */
static int why_not(const struct eh_model *m, const struct eh_vector *v)
{
	for (int k = 0; k < EH_MODALITIES; k++)
		if (fits(&m->part[k], (enum eh_modality)k, v))
			return EH_EREFUSED;
	return EH_ENOENT;
}

/* ---- what is refused ---- */

static int check_vector(const struct eh_vector *v, struct eh_err *err)
{
	if (v->layout != EH_LAYOUT)
		return eh_err_set(err, EH_EINVAL,
				  "candidate '%.64s': the vector has layout %u, this program uses %d; extract the "
				  "interviews again",
				  v->candidate, v->layout, EH_LAYOUT);
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		if (v->present[i] && !isfinite(v->value[i]))
			return eh_err_set(err, EH_ERANGE,
					  "candidate '%.64s': %s is not a finite number; extract the interviews again",
					  v->candidate, eh_vector_info(i)->name);
	return EH_OK;
}

static int refuse_model(const struct eh_model *m, struct eh_err *err)
{
	char why[400];

	if (eh_model_classifies(m, why, sizeof why))
		return EH_OK;
	return eh_err_set(err, EH_EREFUSED,
			  "the model %s classifies nobody (%s); declare and extract more candidates, then train again",
			  m->id, why);
}

/* ---- probabilities ---- */

/* Each part is calibrated on its own rows; p / prior is what later estimates rest on, so all parts
 * answer for the one prior that eh_model_prior names. */
static void to_prior(double *p, const double *from, const double *to, size_t k)
{
	double sum = 0.0;

	for (size_t g = 0; g < k; g++) {
		p[g] *= to[g] / from[g];
		sum += p[g];
	}
	for (size_t g = 0; g < k; g++)
		p[g] /= sum;
	eh_bound(p, k);
}

/* p of the part -> set and probabilities of the prediction.  The sets were calibrated before the prior is turned. */
static void settle(struct eh_prediction *out, const struct eh_model *m, const double *p)
{
	const struct eh_part *part = &m->part[out->used];

	memcpy(out->p, p, m->n_groups * sizeof *p);
	out->set = eh_conformal_set(&part->conformal, p, m->n_groups, -1);
	if (memcmp(part->fit.prior, m->prior, m->n_groups * sizeof m->prior[0]) != 0)
		to_prior(out->p, part->fit.prior, m->prior, m->n_groups);
}

/* Candidates of one part in a block: the kernel is computed for many rows at a time. */
static int classify_part(const struct eh_model *m, enum eh_modality k, const struct eh_vector *const *v,
			 const char *const (*with)[EH_WITH_MAX], size_t n, struct eh_prediction *out,
			 const int *status, struct eh_err *err)
{
	const struct eh_part *part = &m->part[k];
	size_t count = 0, d = part->fit.d;
	double *raw = NULL, *p = NULL;
	int rc = EH_OK;

	for (size_t i = 0; i < n; i++)
		count += status[i] == EH_OK && out[i].used == k;
	if (count == 0)
		return EH_OK;
	raw = eh_try_malloc(count, d * sizeof *raw);
	p = eh_try_malloc(count, m->n_groups * sizeof *p);
	if (raw == NULL || p == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for classifying %zu candidates", count);
		goto out;
	}
	for (size_t i = 0, at = 0; i < n; i++)
		if (status[i] == EH_OK && out[i].used == k)
			eh_part_raw(raw + at++ * d, m, part, v[i], with != NULL ? with[i] : NULL);
	rc = eh_fit_apply_many(&part->fit, raw, count, p, 0, err);
	for (size_t i = 0, at = 0; i < n && rc == EH_OK; i++)
		if (status[i] == EH_OK && out[i].used == k)
			settle(&out[i], m, p + at++ * m->n_groups);
out:
	free(p);
	free(raw);
	return rc;
}

static const double *unseen_of(const struct eh_model *m, const struct eh_part *part, size_t contributor)
{
	const struct eh_unseen *u = &part->unseen;
	size_t lo = 0, hi = u->n;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (u->who[middle] < contributor)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < u->n && u->who[lo] == contributor ? u->p + lo * m->n_groups : NULL;
}

bool eh_model_unseen(const struct eh_model *m, size_t contributor, struct eh_prediction *out)
{
	const double *best = NULL;

	memset(out, 0, sizeof *out);
	for (int k = 0; k < EH_MODALITIES; k++) {
		const struct eh_part *part = &m->part[k];
		const double *p = part->report.classifies ? unseen_of(m, part, contributor) : NULL;

		if (p == NULL || (best != NULL && !(part->skill.auc_lo > m->part[out->used].skill.auc_lo)))
			continue;
		best = p;
		out->used = (enum eh_modality)k;
	}
	if (best != NULL)
		settle(out, m, best);
	return best != NULL;
}

int eh_model_classify_many(const struct eh_model *m, const struct eh_vector *const *v,
			   const char *const (*with)[EH_WITH_MAX], size_t n, struct eh_prediction *out, int *status,
			   struct eh_err *err)
{
	int rc = refuse_model(m, err);

	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		uint32_t scope = 0;
		int which = -1;

		memset(&out[i], 0, sizeof out[i]);
		rc = check_vector(v[i], err);
		if (rc != EH_OK)
			return rc;
		which = choose(m, v[i], with != NULL ? with[i] : NULL, &scope);
		status[i] = which < 0 ? why_not(m, v[i]) : EH_OK;
		out[i].used = which < 0 ? EH_FUSED : (enum eh_modality)which;
		out[i].scope = scope;
	}
	for (int k = 0; k < EH_MODALITIES && rc == EH_OK; k++)
		rc = classify_part(m, (enum eh_modality)k, v, with, n, out, status, err);
	return rc;
}

int eh_model_classify(const struct eh_model *m, const struct eh_vector *v, const char *const *with,
		      struct eh_prediction *out, struct eh_err *err)
{
	double raw[EH_PART_COLUMNS], p[EH_GROUPS_MAX];
	int rc = check_vector(v, err), which = -1;

	memset(out, 0, sizeof *out);
	if (rc == EH_OK)
		rc = refuse_model(m, err);
	if (rc != EH_OK)
		return rc;
	which = choose(m, v, with, &out->scope);
	if (which < 0)
		return eh_err_set(err, EH_EREFUSED, "candidate '%.64s' has no usable indicator for the model %s",
				  v->candidate, m->id);
	out->used = (enum eh_modality)which;
	eh_part_raw(raw, m, &m->part[which], v, with);
	eh_fit_apply(&m->part[which].fit, raw, p);
	settle(out, m, p);
	return EH_OK;
}

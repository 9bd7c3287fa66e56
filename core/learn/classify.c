/* Probabilities of one candidate from the model its indicators allow; see learn.h. */
#include <math.h>
#include <string.h>

#include "learn/model.h"

/* Of a model that guesses there is nothing to tell (facts/learning.md 1). */
static bool better_than_chance(const struct eh_part *p)
{
	return p->skill.trained && p->skill.auc_lo > 0.5;
}

static bool can_use(const struct eh_part *p, enum eh_modality m, const struct eh_vector *v)
{
	if (!better_than_chance(p) || !eh_vector_has(v, m))
		return false;
	for (size_t c = 0; c < p->fit.d; c++)
		if (!v->present[p->indicator[c]])
			return false;
	return true;
}

/* Of the parts that the candidate's indicators allow the one whose skill is surest, the fused one when they are level:
 * with few candidates indicators that tell little can spoil those that tell much. */
static int choose(const struct eh_model *m, const struct eh_vector *v)
{
	int best = -1;

	for (int k = 0; k < EH_MODALITIES; k++)
		if (can_use(&m->part[k], (enum eh_modality)k, v) &&
		    (best < 0 || m->part[k].skill.auc_lo > m->part[best].skill.auc_lo))
			best = k;
	return best;
}

static bool guesses(const struct eh_model *m)
{
	for (int k = 0; k < EH_MODALITIES; k++)
		if (better_than_chance(&m->part[k]))
			return false;
	return true;
}

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

int eh_model_classify(const struct eh_model *m, const struct eh_vector *v, double *p, enum eh_modality *used,
		      struct eh_err *err)
{
	double raw[EH_VECTOR_N] = { 0.0 };
	const struct eh_part *part = NULL;
	int which = choose(m, v);

	if (v->layout != EH_LAYOUT)
		return eh_err_set(err, EH_EINVAL,
				  "candidate '%.64s': the vector has layout %u, this program uses %d; extract the "
				  "interviews again",
				  v->candidate, v->layout, EH_LAYOUT);
	if (which < 0 && guesses(m))
		return eh_err_set(err, EH_EREFUSED,
				  "the model %s is not better than chance on candidates it has not seen: it classifies "
				  "nobody; declare and extract more candidates, then train again",
				  m->id);
	if (which < 0)
		return eh_err_set(err, EH_EREFUSED, "candidate '%.64s' has no usable indicator for the model %s",
				  v->candidate, m->id);
	part = &m->part[which];
	for (size_t c = 0; c < part->fit.d; c++) {
		raw[c] = v->value[part->indicator[c]];
		if (!isfinite(raw[c]))
			return eh_err_set(err, EH_ERANGE,
					  "candidate '%.64s': %s is not a finite number; extract the interviews again",
					  v->candidate, eh_vector_info(part->indicator[c])->name);
	}
	eh_fit_apply(&part->fit, raw, p);
	if (memcmp(part->fit.prior, m->prior, m->n_groups * sizeof m->prior[0]) != 0)
		to_prior(p, part->fit.prior, m->prior, m->n_groups);
	*used = (enum eh_modality)which;
	return EH_OK;
}

/* Skill of the classifier and its pool; see classifier.h. */
#include "audit/classifier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LABELLED_MIN 5                  /* of a class, for an AUC to be told at all */

/* Rows of prob drawn together. */
struct rows {
	double *pool, *labelled;        /* [n][k] */
	int32_t *group;                 /* [n_labelled] */
	size_t n_pool, n_labelled, k;
};

static bool is_labelled(const struct eh_attribute_data *a, size_t i)
{
	return a->labelled != NULL && a->labelled[i] != 0 && a->group[i] >= 0 && a->provenance[i] != EH_PREDICTED;
}

static int draw(struct rows *r, const struct eh_attribute_data *a, size_t n, struct eh_err *err)
{
	size_t pool = 0, labelled = 0;

	r->k = a->n_groups;
	for (size_t i = 0; i < n; i++) {
		pool += a->provenance[i] == EH_PREDICTED;
		labelled += is_labelled(a, i);
	}
	r->pool = eh_try_malloc(pool + 1, r->k * sizeof *r->pool);
	r->labelled = eh_try_malloc(labelled + 1, r->k * sizeof *r->labelled);
	r->group = eh_try_malloc(labelled + 1, sizeof *r->group);
	if (r->pool == NULL || r->labelled == NULL || r->group == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for the probabilities of %zu persons",
				  pool + labelled);
	for (size_t i = 0; i < n; i++) {
		const double *p = &a->prob[i * r->k];

		if (a->provenance[i] == EH_PREDICTED) {
			memcpy(&r->pool[r->n_pool++ * r->k], p, r->k * sizeof *p);
		} else if (is_labelled(a, i)) {
			for (size_t g = 0; g < r->k; g++)
				if (!(p[g] >= 0.0 && p[g] <= 1.0))
					return eh_err_set(err, EH_EINVAL, "%s: a class probability is outside 0..1",
							  a->name);
			r->group[r->n_labelled] = a->group[i];
			memcpy(&r->labelled[r->n_labelled++ * r->k], p, r->k * sizeof *p);
		}
	}
	return EH_OK;
}

static void confuse(struct eh_classifier *out, const struct rows *r)
{
	for (size_t i = 0; i < r->n_labelled; i++) {
		const double *p = &r->labelled[i * r->k];
		size_t said = 0;

		for (size_t g = 1; g < r->k; g++)
			said = p[g] > p[said] ? g : said;
		out->confusion[r->group[i]][said] += 1.0;
	}
}

static int measure(struct eh_classifier *out, const struct rows *r, struct eh_err *err)
{
	struct eh_figure auc;
	double ece, n[EH_GROUPS_MAX] = { 0.0 };
	size_t told = 0;
	int rc;

	for (size_t i = 0; i < r->n_labelled; i++)
		n[r->group[i]] += 1.0;
	for (size_t g = 0; g < r->k; g++)
		told += n[g] >= LABELLED_MIN;
	if (told < 2) {
		out->auc = out->auc_lo = out->ece = eh_undefined(EH_U_TOO_FEW);
		return EH_OK;
	}
	rc = eh_skill_quick(&auc, &ece, r->labelled, r->group, r->n_labelled, r->k, err);
	if (rc != EH_OK)
		return rc;
	out->auc = eh_num(auc.value);
	out->auc_lo = eh_num(auc.lo);
	out->ece = eh_num(ece);
	return EH_OK;
}

/* One group's probabilities of pool and labelled. */
static int check_group(struct eh_fit_check *out, const struct rows *r, size_t g, double *room, uint8_t *group,
		       struct eh_err *err)
{
	for (size_t i = 0; i < r->n_pool; i++)
		room[i] = r->pool[i * r->k + g];
	for (size_t i = 0; i < r->n_labelled; i++) {
		room[r->n_pool + i] = r->labelled[i * r->k + g];
		group[i] = (uint8_t)r->group[i];
	}
	return eh_fit_check(out, room, r->n_pool, room + r->n_pool, group, r->n_labelled, r->k, err);
}

static int check_fit(struct eh_classifier *out, const struct rows *r, struct eh_err *err)
{
	double *room = eh_try_malloc(r->n_pool + r->n_labelled + 1, sizeof *room);
	uint8_t *group = eh_try_malloc(r->n_labelled + 1, sizeof *group);
	size_t from = r->k == 2 ? 1 : 0;
	int rc = EH_OK;

	if (room == NULL || group == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "audit: out of memory for the scores of %zu persons", r->n_pool);
	for (size_t g = from; g < r->k && rc == EH_OK; g++) {
		struct eh_fit_check one;

		rc = check_group(&one, r, g, room, group, err);
		if (rc == EH_OK && one.p.defined) {
			one.p.value = fmin(1.0, one.p.value * (double)(r->k - from));
			if (!out->fit.p.defined || one.p.value < out->fit.p.value)
				out->fit = one;
		}
	}
	free(room);
	free(group);
	return rc;
}

int eh_classifier_look(struct eh_classifier *out, const struct eh_attribute_data *a, size_t n_candidates,
		       struct eh_err *err)
{
	struct rows r = { .k = 0 };
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	out->auc = out->auc_lo = out->ece = eh_undefined(EH_U_NOT_COMPUTED);
	out->fit.p = out->fit.distance = eh_undefined(EH_U_TOO_FEW);
	if (a->prob == NULL)
		return EH_OK;
	rc = draw(&r, a, n_candidates, err);
	if (rc == EH_OK) {
		out->labelled = r.n_labelled;
		confuse(out, &r);
	}
	if (a->auc_lo.defined) {
		out->auc_lo = a->auc_lo;
		out->auc = a->auc.defined ? a->auc : out->auc;
		out->ece = a->ece.defined ? a->ece : out->ece;
	} else if (rc == EH_OK && r.n_labelled > 0) {
		rc = measure(out, &r, err);
	}
	if (rc == EH_OK && r.n_labelled > 0)
		rc = check_fit(out, &r, err);
	free(r.pool);
	free(r.labelled);
	free(r.group);
	return rc;
}

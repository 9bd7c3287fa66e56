/* What stands beside the estimate of predicted classes: bounds, assumption, comparison; see screening.h. */
#include "audit/screening_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/assumption.h"
#include "audit/basis.h"
#include "audit/bounds.h"
#include "audit/comparison.h"
#include "base/mem.h"

#define CELLS_MAX (EH_BOUND_CELLS + CLASSES_MAX)

void eh_assumption_none(struct eh_finding_assumption *a, enum eh_undef why)
{
	struct eh_num none = eh_undefined(why);

	*a = (struct eh_finding_assumption){ .bounds = { none, none } };
	a->n_eff = a->auc = a->auc_lo = a->ece = a->out_of_scope = a->fit_p = none;
	a->p_score = a->p_class = none;
	a->threshold_ratio = a->abstain_ratio = a->matrix_ratio = a->matrix_condition = none;
}

struct eh_num eh_assumption_end(const struct eh_finding *f, bool high)
{
	if (!f->em_ratio.defined || !f->weighted_ratio.defined)
		return f->em_ratio.defined ? f->weighted_ratio : f->em_ratio;
	return (f->em_ratio.value > f->weighted_ratio.value) == high ? f->em_ratio : f->weighted_ratio;
}

/* ---- bounds ---- */

/* Those of known class are exact: a cell for each class. */
static int set_bounds(struct eh_finding_assumption *a, const struct screen *c)
{
	struct eh_bound_cell cell[CELLS_MAX] = { 0 };
	struct eh_bound_person *v = eh_try_malloc(c->n + 1, sizeof *v);
	size_t n = 0;

	if (v == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		const double *p = &c->member[i * c->k];
		double m = screen_decisions(c, i), y = screen_chosen(c, i);

		if (screen_is_predicted(c, i)) {
			v[n++] = (struct eh_bound_person){ p[FOCAL], p[REFERENCE], m, y };
			continue;
		}
		for (size_t j = 0; j < c->k; j++) {
			cell[EH_BOUND_CELLS + j].n += p[j] * m;
			cell[EH_BOUND_CELLS + j].selected += p[j] * y;
			cell[EH_BOUND_CELLS + j].focal += j == FOCAL ? p[j] * m : 0.0;
			cell[EH_BOUND_CELLS + j].reference += j == REFERENCE ? p[j] * m : 0.0;
		}
	}
	a->cells = (uint32_t)eh_bound_cells(cell, v, n);
	a->bounds = eh_bounds(cell, CELLS_MAX);
	free(v);
	return EH_OK;
}

/* ---- the assumption where the class is known ---- */

static int check_assumption(struct eh_finding_assumption *a, const struct screen *c)
{
	const struct eh_attribute_data *d = c->d->attribute;
	struct eh_assumption_row *v = eh_try_malloc(c->n + 1, sizeof *v);
	struct eh_assumption checked;
	size_t n = 0;

	if (v == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		const double *member = &c->member[i * c->k], *p = NULL;

		if (d->labelled == NULL || d->labelled[c->candidate[i]] == 0 || screen_is_predicted(c, i) ||
		    !(member[FOCAL] + member[REFERENCE] > 0.0))
			continue;
		p = &d->prob[c->candidate[i] * d->n_groups];
		v[n++] = (struct eh_assumption_row){
			member[FOCAL],
			fmax(-EH_ASSUMPTION_SCORE,
			     fmin(EH_ASSUMPTION_SCORE,
				  log(eh_screen_share(p, d->n_groups, c->set[FOCAL])) -
					  log(eh_screen_share(p, d->n_groups, c->set[REFERENCE])))),
			c->selected[i], c->rejected[i]
		};
		/* both 0: an other of whom nothing is said */
		if (isnan(v[n - 1].score))
			n--;
	}
	checked = eh_assumption_check(v, n);
	a->labelled = n;
	a->p_score = checked.p_score;
	a->p_class = checked.p_class;
	free(v);
	return EH_OK;
}

/* ---- other estimates ---- */

/* The class to which the most probable group belongs. */
static size_t hard_label(const struct screen *c, size_t i)
{
	const struct eh_attribute_data *a = c->d->attribute;
	const double *p = &a->prob[c->candidate[i] * a->n_groups];
	size_t said = 0, j = 0;

	for (size_t g = 1; g < a->n_groups; g++)
		said = p[g] > p[said] ? g : said;
	while (j + 1 < c->k && (c->set[j] >> said & 1u) == 0)
		j++;
	return j;
}

static void add_to(struct eh_compared *to, size_t j, double n, double selected)
{
	to->n[j] += n;
	to->selected[j] += selected;
}

/* P(predicted j | true i) of the classes; false where a class has nobody labelled. */
static bool confusion(double *m, const struct screen *c)
{
	const struct eh_classifier *k = c->d->classifier;
	const size_t groups = c->d->attribute->n_groups;

	for (size_t i = 0; i < c->k; i++) {
		double all = 0.0;

		for (size_t j = 0; j < c->k; j++) {
			double n = 0.0;

			for (size_t g = 0; g < groups; g++)
				for (size_t h = 0; h < groups; h++)
					if ((c->set[i] >> g & 1u) != 0 && (c->set[j] >> h & 1u) != 0)
						n += k->confusion[g][h];
			m[i * c->k + j] = n;
			all += n;
		}
		if (!(all > 0.0))
			return false;
		for (size_t j = 0; j < c->k; j++)
			m[i * c->k + j] /= all;
	}
	return true;
}

static void set_comparison(struct eh_finding_assumption *a, const struct screen *c)
{
	struct eh_compared known = { { 0.0 }, { 0.0 } }, hard = known, sure = known, turned;
	double m[EH_COMPARED_MAX * EH_COMPARED_MAX];
	enum eh_undef why;

	for (size_t i = 0; i < c->n; i++) {
		const double *p = &c->member[i * c->k], n = screen_decisions(c, i), y = screen_chosen(c, i);
		bool certain = false;

		for (size_t j = 0; j < c->k; j++) {
			if (!screen_is_predicted(c, i) && p[j] > 0.0)
				add_to(&known, j, n, y);
			if (p[j] > EH_ABSTAIN)
				add_to(&sure, j, n, y);
			certain = certain || p[j] > EH_ABSTAIN;
		}
		if (screen_is_predicted(c, i))
			add_to(&hard, hard_label(c, i), n, y);
		a->undetermined += !certain;
	}
	a->abstain_ratio = eh_compared_ratio(&sure);
	turned = hard;
	for (size_t j = 0; j < c->k; j++)
		add_to(&turned, j, known.n[j], known.selected[j]);
	a->threshold_ratio = eh_compared_ratio(&turned);
	if (!confusion(m, c)) {
		a->matrix_ratio = a->matrix_condition = eh_undefined(EH_U_TOO_FEW);
		return;
	}
	why = eh_matrix_counts(&turned, &a->matrix_condition, &hard, m, c->k);
	for (size_t j = 0; j < c->k; j++)
		add_to(&turned, j, known.n[j], known.selected[j]);
	a->matrix_ratio = why != EH_U_NONE ? eh_undefined(why) : eh_compared_ratio(&turned);
}

/* ---- the classifier ---- */

int eh_screen_beside(struct eh_finding *f, const struct screen *c, struct eh_err *err)
{
	struct eh_finding_assumption *a = &f->assume;
	const struct eh_classifier *k = c->d->classifier;
	int rc;

	eh_assumption_none(a, EH_U_NOT_COMPUTED);
	rc = set_bounds(a, c);
	if (rc == EH_OK)
		rc = check_assumption(a, c);
	if (rc < 0)
		return eh_err_set(err, rc, "audit: out of memory for %zu persons of %s", c->n, c->d->attribute->name);
	a->bounds_support = a->bounds.high.defined &&
			    a->bounds.high.value < (double)f->limit_num / (double)f->limit_den;
	set_comparison(a, c);
	a->auc = k->auc;
	a->auc_lo = k->auc_lo;
	a->ece = k->ece;
	a->fit_p = k->fit.p;
	a->out_of_scope = eh_basis_out_of_scope(c->d);
	return EH_OK;
}

/* Estimates by hard labels; see comparison.h. */
#include "audit/comparison.h"

#include <math.h>

#include <gsl/gsl_linalg.h>

#define COUNT_TOLERANCE 1e-9            /* of rounding around 0 */

struct eh_num eh_compared_ratio(const struct eh_compared *c)
{
	if (!(c->n[0] > 0.0) || !(c->n[1] > 0.0))
		return eh_undefined(EH_U_EMPTY_GROUP);
	if (!(c->selected[1] > 0.0))
		return eh_undefined(c->selected[0] > 0.0 ? EH_U_REFERENCE_NONE_SELECTED : EH_U_NOBODY_SELECTED);
	return eh_num(c->selected[0] / c->n[0] / (c->selected[1] / c->n[1]));
}

/* x = (m^T)^-1 b from m^T = u s v^T. */
static void apply(double *x, const gsl_matrix *u, const gsl_vector *s, const gsl_matrix *v, const double *b, size_t k)
{
	for (size_t i = 0; i < k; i++)
		x[i] = 0.0;
	for (size_t j = 0; j < k; j++) {
		double along = 0.0;

		for (size_t i = 0; i < k; i++)
			along += gsl_matrix_get(u, i, j) * b[i];
		for (size_t i = 0; i < k; i++)
			x[i] += gsl_matrix_get(v, i, j) * along / gsl_vector_get(s, j);
	}
}

enum eh_undef eh_matrix_counts(struct eh_compared *out, struct eh_num *condition, const struct eh_compared *predicted,
			       const double *m, size_t k)
{
	double a[EH_COMPARED_MAX * EH_COMPARED_MAX], right[EH_COMPARED_MAX * EH_COMPARED_MAX];
	double singular[EH_COMPARED_MAX], room[EH_COMPARED_MAX];
	gsl_matrix_view u = gsl_matrix_view_array(a, k, k), v = gsl_matrix_view_array(right, k, k);
	gsl_vector_view s = gsl_vector_view_array(singular, k), work = gsl_vector_view_array(room, k);

	*out = *predicted;
	*condition = eh_undefined(EH_U_ILL_CONDITIONED);
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < k; j++)
			a[j * k + i] = m[i * k + j];
	(void)gsl_linalg_SV_decomp(&u.matrix, &v.matrix, &s.vector, &work.vector);
	if (!(singular[k - 1] > 1e-12))
		return EH_U_ILL_CONDITIONED;
	*condition = eh_num(singular[0] / singular[k - 1]);
	apply(out->n, &u.matrix, &s.vector, &v.matrix, predicted->n, k);
	apply(out->selected, &u.matrix, &s.vector, &v.matrix, predicted->selected, k);
	if (condition->value > EH_CONDITION_MAX)
		return EH_U_ILL_CONDITIONED;
	for (size_t i = 0; i < k; i++)
		if (out->selected[i] < -COUNT_TOLERANCE || out->n[i] - out->selected[i] < -COUNT_TOLERANCE)
			return EH_U_NEGATIVE_COUNT;
	return EH_U_NONE;
}

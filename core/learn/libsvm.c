/* The one file that sees libsvm; see libsvm.h. */
#include "learn/libsvm.h"

#include <libsvm/svm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CACHE_MB 100.0                  /* taken as needed; no size had a proven effect (facts/learning.md 2) */
#define STOP_EPS 1e-3                   /* libsvm's own default, the one the reference figures were measured with */

struct eh_kernel {
	size_t n;
	double *distance;               /* [n][n] squared */
	struct svm_node *node;          /* [n][n + 2]: serial number, kernel values, end mark */
};

int eh_svm_alloc(struct eh_svm *s, size_t cap, struct eh_err *err)
{
	memset(s, 0, sizeof *s);
	s->row = eh_try_malloc(cap, sizeof *s->row);
	s->coef = eh_try_malloc(cap, sizeof *s->coef);
	if (s->row == NULL || s->coef == NULL) {
		eh_svm_free(s);
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu support vectors", cap);
	}
	s->cap = cap;
	return EH_OK;
}

void eh_svm_free(struct eh_svm *s)
{
	free(s->row);
	free(s->coef);
	memset(s, 0, sizeof *s);
}

static double squared_distance(const double *a, const double *b, size_t d)
{
	double sum = 0.0;

	for (size_t i = 0; i < d; i++)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return sum;
}

double eh_rbf(const double *a, const double *b, size_t d, double gamma)
{
	return exp(-gamma * squared_distance(a, b, d));
}

static struct svm_node *kernel_row(const struct eh_kernel *k, size_t i)
{
	return k->node + i * (k->n + 2);
}

int eh_kernel_open(struct eh_kernel **out, const double *x, size_t n_all, size_t d, struct eh_err *err)
{
	struct eh_kernel *k = eh_xcalloc(1, sizeof *k);
	size_t cells = 0;

	*out = NULL;
	k->n = n_all;
	if (n_all < INT32_MAX - 2 && eh_size_mul(&cells, n_all, n_all + 2)) {
		k->distance = eh_try_malloc(cells, sizeof *k->distance);
		k->node = eh_try_malloc(cells, sizeof *k->node);
	}
	if (k->distance == NULL || k->node == NULL) {
		eh_kernel_free(&k);
		return eh_err_set(err, EH_ENOMEM, "out of memory for the distances of %zu rows", n_all);
	}
	for (size_t i = 0; i < n_all; i++) {
		struct svm_node *row = kernel_row(k, i);

		for (size_t j = 0; j <= i; j++)
			k->distance[i * n_all + j] = k->distance[j * n_all + i] =
				squared_distance(x + i * d, x + j * d, d);
		for (size_t j = 0; j <= n_all + 1; j++)
			row[j] = (struct svm_node){ (int)j, 0.0 };
		row[0].value = (double)(i + 1);
		row[n_all + 1].index = -1;
	}
	*out = k;
	return EH_OK;
}

void eh_kernel_gamma(struct eh_kernel *k, double gamma)
{
	for (size_t i = 0; i < k->n; i++)
		for (size_t j = 0; j <= i; j++)
			kernel_row(k, i)[j + 1].value = kernel_row(k, j)[i + 1].value =
				exp(-gamma * k->distance[i * k->n + j]);
}

void eh_kernel_free(struct eh_kernel **k)
{
	if (*k == NULL)
		return;
	free((*k)->distance);
	free((*k)->node);
	free(*k);
	*k = NULL;
}

static void silent(const char *text)
{
	(void)text;                     /* libsvm would write on stdout, which is data */
}

/* libsvm's sign follows the class it saw first (facts/learning.md 2): turned here so that + means +1. */
static void take_model(struct eh_svm *out, const struct svm_model *m, const uint32_t *rows)
{
	double sign = m->label[0] > 0 ? 1.0 : -1.0;

	out->n_sv = (size_t)m->l;
	out->rho = sign * m->rho[0];
	for (size_t i = 0; i < out->n_sv; i++) {
		out->row[i] = rows[m->sv_indices[i] - 1];
		out->coef[i] = sign * m->sv_coef[0][i];
	}
}

/* Trains on prob->x, which is filled; out keeps nothing of it. */
static int train(struct eh_svm *out, struct svm_problem *prob, const uint32_t *rows, const int8_t *label, int kernel,
		 double c, double gamma, struct eh_err *err)
{
	int weight_label[2] = { 1, -1 };
	double weight[2] = { 0.0, 0.0 };
	struct svm_parameter param = {
		.svm_type = C_SVC,
		.kernel_type = kernel,
		.gamma = gamma,
		.cache_size = CACHE_MB,
		.eps = STOP_EPS,
		.C = c,
		.nr_weight = 2,
		.weight_label = weight_label,
		.weight = weight,
		.shrinking = 1,
	};
	struct svm_model *m = NULL;
	const char *bad = NULL;
	size_t n = (size_t)prob->l, positive = 0;

	for (size_t i = 0; i < n; i++) {
		prob->y[i] = label[rows[i]] > 0 ? 1.0 : -1.0;
		positive += label[rows[i]] > 0;
	}
	/* libsvm takes a single class and then leaves decision values unwritten */
	if (positive == 0 || positive == n)
		return eh_err_set(err, EH_EINVAL, "training rows of one class only");
	weight[0] = (double)n / (2.0 * (double)positive);
	weight[1] = (double)n / (2.0 * (double)(n - positive));
	svm_set_print_string_function(silent);
	bad = svm_check_parameter(prob, &param);
	if (bad != NULL)
		return eh_err_set(err, EH_EINVAL, "libsvm refuses its parameters: %s", bad);
	m = svm_train(prob, &param);
	if (m == NULL)
		return eh_err_set(err, EH_ENOMEM, "libsvm gave no model for %zu rows", n);
	take_model(out, m, rows);
	svm_free_and_destroy_model(&m);
	return EH_OK;
}

int eh_svm_train_kernel(struct eh_svm *out, const struct eh_kernel *k, const uint32_t *rows, size_t n,
			const int8_t *label, double c, struct eh_err *err)
{
	struct svm_problem prob = { (int)n, NULL, NULL };
	int rc = EH_OK;

	prob.y = eh_try_malloc(n, sizeof *prob.y);
	prob.x = eh_try_malloc(n, sizeof *prob.x);
	if (prob.y == NULL || prob.x == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", n);
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		prob.x[i] = kernel_row(k, rows[i]);
	rc = train(out, &prob, rows, label, PRECOMPUTED, c, 0.0, err);
out:
	free(prob.x);
	free(prob.y);
	return rc;
}

int eh_svm_train_rbf(struct eh_svm *out, const double *x, size_t d, const uint32_t *rows, size_t n, const int8_t *label,
		     double c, double gamma, struct eh_err *err)
{
	struct svm_problem prob = { (int)n, NULL, NULL };
	struct svm_node *node = NULL;
	size_t cells = 0;
	int rc = EH_OK;

	prob.y = eh_try_malloc(n, sizeof *prob.y);
	prob.x = eh_try_malloc(n, sizeof *prob.x);
	if (eh_size_mul(&cells, n, d + 1))
		node = eh_try_malloc(cells, sizeof *node);
	if (prob.y == NULL || prob.x == NULL || node == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", n);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		prob.x[i] = node + i * (d + 1);
		for (size_t j = 0; j < d; j++)
			prob.x[i][j] = (struct svm_node){ (int)(j + 1), x[rows[i] * d + j] };
		prob.x[i][d] = (struct svm_node){ -1, 0.0 };
	}
	rc = train(out, &prob, rows, label, RBF, c, gamma, err);
out:
	free(node);
	free(prob.x);
	free(prob.y);
	return rc;
}

double eh_svm_decide_kernel(const struct eh_svm *s, const struct eh_kernel *k, size_t row)
{
	const struct svm_node *kernel = kernel_row(k, row);
	double sum = 0.0;

	for (size_t i = 0; i < s->n_sv; i++)
		sum += s->coef[i] * kernel[s->row[i] + 1].value;
	return sum - s->rho;
}

double eh_svm_decide_rbf(const struct eh_svm *s, const double *x, size_t d, double gamma, const double *z)
{
	double sum = 0.0;

	for (size_t i = 0; i < s->n_sv; i++)
		sum += s->coef[i] * eh_rbf(z, x + s->row[i] * d, d, gamma);
	return sum - s->rho;
}

int eh_libsvm_version(void)
{
	return libsvm_version;
}

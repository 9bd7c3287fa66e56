/* The one file that sees libsvm; see libsvm.h. */
#include "learn/libsvm.h"

#include <libsvm/svm.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CACHE_MB 100.0                  /* taken as needed; no size had a proven effect (facts/learning.md 2) */
#define STOP_EPS 1e-3                   /* libsvm's own default, the one the reference figures were measured with */
#define APART 256                       /* rows from which a training may last long enough to be stopped */

struct eh_kernel {
	const struct eh_blocks *rows;
	size_t n, stride;               /* stride: n in whole blocks */
	double *distance;               /* [n][stride] squared, or NULL */
	struct svm_node *node;          /* [n][n + 2]: serial number, kernel values, end mark */
	double *band;                   /* [band_slots][EH_LANES][stride] of the threads that fill */
	size_t band_slots;
	double gamma;
};

int eh_svm_alloc(struct eh_svm *s, size_t cap, struct eh_err *err)
{
	memset(s, 0, sizeof *s);
	s->row = eh_try_malloc(cap, sizeof *s->row);
	s->coef = eh_try_malloc(cap, sizeof *s->coef);
	s->scratch = eh_try_malloc(cap, sizeof(double) + sizeof(struct svm_node *));
	if (s->row == NULL || s->coef == NULL || s->scratch == NULL) {
		eh_svm_free(s);
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu support vectors", cap);
	}
	s->cap = cap;
	return EH_OK;
}

void eh_svm_free(struct eh_svm *s)
{
	free(s->scratch);
	free(s->row);
	free(s->coef);
	memset(s, 0, sizeof *s);
}

/* ---- the kernel of all pairs ---- */

static struct svm_node *kernel_row(const struct eh_kernel *k, size_t i)
{
	return k->node + i * (k->n + 2);
}

size_t eh_kernel_bytes(size_t n, bool keep)
{
	size_t cells = 0, bytes = 0;

	/* node, and distance when it is kept; libsvm counts in int */
	if (n >= INT32_MAX - 2 || !eh_size_mul(&cells, n + EH_LANES, n + 2) ||
	    !eh_size_mul(&bytes, cells, sizeof(struct svm_node) + (keep ? sizeof(double) : 0)))
		return SIZE_MAX;
	return bytes;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Distances of one block's rows to all rows before them, and their mirror images. */
static int distance_band(void *ctx, size_t slot, size_t block, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_kernel *k = ctx;
	double *band = k->band + slot * EH_LANES * k->stride;
	const size_t first = block * EH_LANES, end = smaller(first + EH_LANES, k->n);

	(void)inside;
	(void)err;
	eh_distance_band(band, k->stride, k->rows, block);
	for (size_t i = first; i < end; i++)
		memcpy(k->distance + i * k->stride, band + (i - first) * k->stride, end * sizeof *band);
	for (size_t j = 0; j < first; j++)
		for (size_t i = first; i < end; i++)
			k->distance[j * k->stride + i] = band[(i - first) * k->stride + j];
	return EH_OK;
}

/* The same straight to the kernel of one gamma. */
static int kernel_band(void *ctx, size_t slot, size_t block, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_kernel *k = ctx;
	double *band = k->band + slot * EH_LANES * k->stride;
	const size_t first = block * EH_LANES, end = smaller(first + EH_LANES, k->n);

	(void)inside;
	(void)err;
	eh_distance_band(band, k->stride, k->rows, block);
	for (size_t i = 0; i < EH_LANES; i++)
		eh_exp_row(band + i * k->stride, band + i * k->stride, first + EH_LANES, k->gamma);
	for (size_t i = first; i < end; i++)
		for (size_t j = 0; j < end; j++)
			kernel_row(k, i)[j + 1].value = band[(i - first) * k->stride + j];
	for (size_t j = 0; j < first; j++)
		for (size_t i = first; i < end; i++)
			kernel_row(k, j)[i + 1].value = band[(i - first) * k->stride + j];
	return EH_OK;
}

/* One pass of exp over the kept distances. */
static int kernel_rows(void *ctx, size_t slot, size_t block, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_kernel *k = ctx;
	double *row = k->band + slot * EH_LANES * k->stride;
	const size_t first = block * EH_LANES, end = smaller(first + EH_LANES, k->n);

	(void)inside;
	(void)err;
	for (size_t i = first; i < end; i++) {
		struct svm_node *node = kernel_row(k, i);

		eh_exp_row(row, k->distance + i * k->stride, k->stride, k->gamma);
		for (size_t j = 0; j < k->n; j++)
			node[j + 1].value = row[j];
	}
	return EH_OK;
}

int eh_kernel_open(struct eh_kernel **out, const struct eh_blocks *rows, bool keep, const struct eh_crew *crew,
		   struct eh_err *err)
{
	const size_t n = rows->n;
	struct eh_kernel *k = eh_xcalloc(1, sizeof *k);
	int rc = EH_OK;

	*out = NULL;
	*k = (struct eh_kernel){ .rows = rows, .n = n, .stride = eh_padded(n) };
	k->band_slots = eh_crew_threads(crew, rows->n_blocks, SIZE_MAX);
	if (eh_kernel_bytes(n, keep) != SIZE_MAX) {
		k->band = eh_try_malloc(k->band_slots, EH_LANES * k->stride * sizeof *k->band);
		k->node = eh_try_malloc(n, (n + 2) * sizeof *k->node);
		if (keep)               /* the padding is read by the pass of exp and never used */
			k->distance = eh_try_calloc(n, k->stride * sizeof *k->distance);
	}
	if (k->node == NULL || k->band == NULL || (keep && k->distance == NULL)) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the kernel of %zu rows", n);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		struct svm_node *row = kernel_row(k, i);

		for (size_t j = 0; j <= n + 1; j++)
			row[j] = (struct svm_node){ (int)j, 0.0 };
		row[0].value = (double)(i + 1);
		row[n + 1].index = -1;
	}
	if (keep)
		rc = eh_crew_run(crew, rows->n_blocks, k->band_slots, distance_band, k, err);
out:
	if (rc != EH_OK)
		eh_kernel_free(&k);
	*out = k;
	return rc;
}

int eh_kernel_gamma(struct eh_kernel *k, double gamma, const struct eh_crew *crew, struct eh_err *err)
{
	k->gamma = gamma;
	return eh_crew_run(crew, k->rows->n_blocks, k->band_slots, k->distance != NULL ? kernel_rows : kernel_band, k,
			   err);
}

void eh_kernel_free(struct eh_kernel **k)
{
	if (*k == NULL)
		return;
	free((*k)->band);
	free((*k)->distance);
	free((*k)->node);
	free(*k);
	*k = NULL;
}

/* ---- training ---- */

/*
 * libsvm cannot be told to stop.  It writes a dot every 1,000 iterations, and the function that writes it (one for the
 * process, without an argument) is where a training is left: it runs on a thread of its own, and pthread_exit unwinds
 * libsvm's C++ frames with their destructors.  What libsvm holds by plain pointers then, some 80 bytes a row, is lost.
 */
static _Thread_local const struct eh_crew *crew_of_training;

static void silent(const char *text)
{
	(void)text;                     /* libsvm would write on stdout, which is data */
	if (crew_of_training != NULL && eh_crew_stopped(crew_of_training))
		pthread_exit(NULL);
}

static void be_silent(void)
{
	svm_set_print_string_function(silent);
}

struct apart {
	const struct svm_problem *prob;
	const struct svm_parameter *param;
	const struct eh_crew *crew;
	struct svm_model *model;        /* NULL: left early */
};

static void *train_apart(void *arg)
{
	struct apart *a = arg;

	crew_of_training = a->crew;
	a->model = svm_train(a->prob, a->param);
	return NULL;
}

static int run_libsvm(struct svm_model **m, const struct svm_problem *prob, const struct svm_parameter *param,
		      const struct eh_crew *crew, struct eh_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct apart a = { prob, param, crew, NULL };
	pthread_t thread;

	(void)pthread_once(&once, be_silent);
	if (crew == NULL || crew->stop == NULL || prob->l < APART) {
		a.model = svm_train(prob, param);
	} else {
		if (pthread_create(&thread, NULL, train_apart, &a) != 0)
			return eh_err_set(err, EH_EENV, "no thread could be started for the training of %d rows",
					  prob->l);
		(void)pthread_join(thread, NULL);
		if (a.model == NULL)
			return eh_crew_cancel(err);
	}
	*m = a.model;
	return *m != NULL ? EH_OK : eh_err_set(err, EH_ENOMEM, "libsvm gave no model for %d rows", prob->l);
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
		 double c, double gamma, const struct eh_crew *crew, struct eh_err *err)
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
	int rc = EH_OK;

	for (size_t i = 0; i < n; i++) {
		prob->y[i] = label[rows[i]] > 0 ? 1.0 : -1.0;
		positive += label[rows[i]] > 0;
	}
	/* libsvm takes a single class and then leaves decision values unwritten */
	if (positive == 0 || positive == n)
		return eh_err_set(err, EH_EINVAL, "training rows of one class only");
	weight[0] = (double)n / (2.0 * (double)positive);
	weight[1] = (double)n / (2.0 * (double)(n - positive));
	bad = svm_check_parameter(prob, &param);
	if (bad != NULL)
		return eh_err_set(err, EH_EINVAL, "libsvm refuses its parameters: %s", bad);
	rc = run_libsvm(&m, prob, &param, crew, err);
	if (rc != EH_OK)
		return rc;
	take_model(out, m, rows);
	svm_free_and_destroy_model(&m);
	return EH_OK;
}

/* y and x stand in the scratch of out. */
static struct svm_problem problem(struct eh_svm *out, size_t n)
{
	double *y = out->scratch;

	return (struct svm_problem){ (int)n, y, (struct svm_node **)(void *)(y + out->cap) };
}

int eh_svm_train_kernel(struct eh_svm *out, const struct eh_kernel *k, const uint32_t *rows, size_t n,
			const int8_t *label, double c, const struct eh_crew *crew, struct eh_err *err)
{
	struct svm_problem prob = problem(out, n);

	for (size_t i = 0; i < n; i++)
		prob.x[i] = kernel_row(k, rows[i]);
	return train(out, &prob, rows, label, PRECOMPUTED, c, 0.0, crew, err);
}

int eh_svm_train_rbf(struct eh_svm *out, const double *x, size_t d, const uint32_t *rows, size_t n, const int8_t *label,
		     double c, double gamma, const struct eh_crew *crew, struct eh_err *err)
{
	struct svm_problem prob = problem(out, n);
	struct svm_node *node = eh_try_malloc(n, (d + 1) * sizeof *node);
	int rc = EH_OK;

	if (node == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", n);
	for (size_t i = 0; i < n; i++) {
		prob.x[i] = node + i * (d + 1);
		for (size_t j = 0; j < d; j++)
			prob.x[i][j] = (struct svm_node){ (int)(j + 1), x[rows[i] * d + j] };
		prob.x[i][d] = (struct svm_node){ -1, 0.0 };
	}
	rc = train(out, &prob, rows, label, RBF, c, gamma, crew, err);
	free(node);
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

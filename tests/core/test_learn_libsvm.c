/* Support vector machines and the parameter search, against plain runs of libsvm. */
#include "tests/core/learn_rows.h"

#include <libsvm/svm.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "learn/calibrate.h"
#include "learn/folds.h"
#include "learn/grid.h"
#include "learn/libsvm.h"

struct plain {
	struct svm_node node[N][D + 1];
	struct svm_node *x[N];
	double y[N];
};

static void silence(const char *text)
{
	(void)text;
}

/* Decision value of row `at` by libsvm alone: trained on rows, positive = +1. */
static double plain_decision(struct plain *w, const double *x, const uint32_t *rows, size_t n, const int8_t *label,
			     double c, double gamma, size_t at)
{
	int weight_label[] = { 1, -1 };
	double weight[2], value = 0.0, positive = 0.0;
	struct svm_parameter param = { .svm_type = C_SVC,
				       .kernel_type = RBF,
				       .gamma = gamma,
				       .cache_size = 100,
				       .eps = 1e-3,
				       .C = c,
				       .nr_weight = 2,
				       .weight_label = weight_label,
				       .weight = weight,
				       .shrinking = 1 };
	struct svm_problem prob = { (int)n, w->y, w->x };
	struct svm_node test[D + 1];
	struct svm_model *m = NULL;

	for (size_t i = 0; i < n; i++) {
		w->x[i] = w->node[i];
		w->y[i] = label[rows[i]];
		positive += label[rows[i]] > 0;
		for (size_t j = 0; j <= D; j++)
			w->node[i][j] = j < D ? (struct svm_node){ (int)j + 1, x[rows[i] * D + j] }
					      : (struct svm_node){ -1, 0.0 };
	}
	for (size_t j = 0; j <= D; j++)
		test[j] = j < D ? (struct svm_node){ (int)j + 1, x[at * D + j] } : (struct svm_node){ -1, 0.0 };
	weight[0] = (double)n / (2.0 * positive);
	weight[1] = (double)n / (2.0 * ((double)n - positive));
	svm_set_print_string_function(silence);
	m = svm_train(&prob, &param);
	(void)svm_predict_values(m, test, &value);
	value *= m->label[0];
	svm_free_and_destroy_model(&m);
	return value;
}

static void precomputed_plain_and_own_decisions_are_equal(void **state)
{
	static const double c[] = { 0.125, 2.0, 32.0 }, gamma[] = { 0.01, 0.08, 0.5 };
	double x[N * D];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N], rows[N];
	struct plain plain;
	struct eh_kernel *kernel = NULL;
	struct eh_svm a, b;

	(void)state;
	make_rows(x, label, group, owner);
	for (uint32_t i = 0; i < 48; i++)                       /* 12 rows held out, at both ends */
		rows[i] = i + 6;
	assert_int_equal(eh_kernel_open(&kernel, x, N, D, NULL), EH_OK);
	assert_int_equal(eh_svm_alloc(&a, N, NULL), EH_OK);
	assert_int_equal(eh_svm_alloc(&b, N, NULL), EH_OK);
	for (size_t cell = 0; cell < 9; cell++) {
		double cc = c[cell / 3], g = gamma[cell % 3];

		eh_kernel_gamma(kernel, g);
		assert_int_equal(eh_svm_train_kernel(&a, kernel, rows, 48, label, cc, NULL), EH_OK);
		assert_int_equal(eh_svm_train_rbf(&b, x, D, rows, 48, label, cc, g, NULL), EH_OK);
		assert_int_equal(a.n_sv, b.n_sv);
		for (size_t i = 0; i < N; i++) {
			double want = plain_decision(&plain, x, rows, 48, label, cc, g, i);

			assert_float_equal(eh_svm_decide_kernel(&a, kernel, i), want, 1e-9);
			assert_float_equal(eh_svm_decide_rbf(&b, x, D, g, x + i * D), want, 1e-9);
		}
	}
	eh_svm_free(&b);
	eh_svm_free(&a);
	eh_kernel_free(&kernel);
}

static void grid_chooses_what_a_plain_grid_chooses(void **state)
{
	double x[N * D], f[N], loss[EH_GRID_C][EH_GRID_GAMMA], least = INFINITY;
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N], fold[N], rows[N];
	struct plain plain;
	struct eh_platt platt;
	struct eh_cell best;
	struct eh_rng rng;
	int c = 0, g = 0;

	(void)state;
	make_rows(x, label, group, owner);
	eh_rng_seed(&rng, 4);
	assert_int_equal(eh_folds_make(fold, group, owner, N, 5, &rng, NULL), EH_OK);
	for (c = 0; c < EH_GRID_C; c++)
		for (g = 0; g < EH_GRID_GAMMA; g++) {
			for (size_t i = 0; i < N; i++) {
				size_t n = 0;

				for (uint32_t j = 0; j < N; j++)
					if (fold[j] != fold[i])
						rows[n++] = j;
				f[i] = plain_decision(&plain, x, rows, n, label, exp2(-3 + 2 * c), exp2(-6 + 2 * g) / D,
						      i);
			}
			loss[c][g] = eh_platt_fit(&platt, f, label, N);
			least = fmin(least, loss[c][g]);
		}
	for (c = 0, g = 0; loss[c][g] > least + 0.5 / N; c += g == EH_GRID_GAMMA - 1, g = (g + 1) % EH_GRID_GAMMA)
		;
	assert_int_equal(eh_grid_search(&best, x, N, D, D, label, 1, fold, 5, NULL), EH_OK);
	assert_float_equal(best.c, exp2(-3 + 2 * c), 0.0);
	assert_float_equal(best.gamma, exp2(-6 + 2 * g) / D, 1e-15);
	assert_float_equal(best.loss, loss[c][g], 1e-9);
}

static void one_class_is_refused(void **state)
{
	double x[N * D];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];
	const uint32_t rows[] = { 0, 2, 3 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_svm s;

	(void)state;
	make_rows(x, label, group, owner);
	assert_int_equal(eh_svm_alloc(&s, N, NULL), EH_OK);
	assert_int_equal(eh_svm_train_rbf(&s, x, D, rows, 3, label, 1.0, 0.1, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "one class"));
	assert_int_equal(eh_svm_train_rbf(&s, x, D, owner, N, label, -1.0, 0.1, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "C <= 0"));
	eh_svm_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(precomputed_plain_and_own_decisions_are_equal),
		cmocka_unit_test(grid_chooses_what_a_plain_grid_chooses),
		cmocka_unit_test(one_class_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

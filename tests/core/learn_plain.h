/*
 * learn_plain.h - libsvm alone on the rows of learn_rows.h: what the tests of the engine compare with.
 */
#ifndef TESTS_CORE_LEARN_PLAIN_H
#define TESTS_CORE_LEARN_PLAIN_H

#include <libsvm/svm.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/core/learn_rows.h"

struct plain {
	struct svm_node node[N][D + 1];
	struct svm_node *x[N];
	double y[N];
};

static inline void silence(const char *text)
{
	(void)text;
}

static inline void plain_row(struct svm_node *node, const double *x, size_t row)
{
	for (size_t j = 0; j <= D; j++)
		node[j] = j < D ? (struct svm_node){ (int)j + 1, x[row * D + j] } : (struct svm_node){ -1, 0.0 };
}

/* Decision values f [N] of the rows `at` is true for, by a machine trained on rows; positive = +1. */
static inline void plain_decisions(struct plain *w, double *f, const double *x, const uint32_t *rows, size_t n,
				   const int8_t *label, double c, double gamma, const uint8_t *at)
{
	int weight_label[] = { 1, -1 };
	double weight[2], positive = 0.0;
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
		plain_row(w->node[i], x, rows[i]);
	}
	weight[0] = (double)n / (2.0 * positive);
	weight[1] = (double)n / (2.0 * ((double)n - positive));
	svm_set_print_string_function(silence);
	m = svm_train(&prob, &param);
	for (size_t i = 0; i < N; i++) {
		if (!at[i])
			continue;
		plain_row(test, x, i);
		(void)svm_predict_values(m, test, &f[i]);
		f[i] *= m->label[0];
	}
	svm_free_and_destroy_model(&m);
}

/* Out-of-fold decision values f [N]. */
static inline void plain_folds(struct plain *w, double *f, const double *x, const uint32_t *fold, uint32_t folds,
			       const int8_t *label, double c, double gamma)
{
	for (uint32_t k = 0; k < folds; k++) {
		uint32_t rows[N];
		uint8_t held[N];
		size_t n = 0;

		for (uint32_t i = 0; i < N; i++) {
			held[i] = fold[i] == k;
			if (!held[i])
				rows[n++] = i;
		}
		plain_decisions(w, f, x, rows, n, label, c, gamma, held);
	}
}

#endif

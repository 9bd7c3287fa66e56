/* Support vector machines against plain runs of libsvm. */
#include "tests/core/learn_plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "learn/libsvm.h"

static const struct eh_crew two = { .jobs = 2, .limit = EH_CREW_MEMORY, .memory = EH_CREW_MEMORY };

/* facts/learning.md 17: both ways of having the kernel, kept distances and none. */
static void precomputed_plain_and_own_decisions_are_equal(void **state)
{
	static const double c[] = { 0.125, 2.0, 32.0 }, gamma[] = { 0.01, 0.08, 0.5 };
	double x[N * D], want[N];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N], rows[N];
	uint8_t all[N];
	struct plain plain;
	struct eh_blocks blocks;
	struct eh_kernel *kernel[2] = { NULL, NULL };
	struct eh_svm a, b;

	(void)state;
	make_rows(x, label, group, owner);
	memset(all, 1, sizeof all);
	for (uint32_t i = 0; i < 48; i++)                       /* 12 rows held out, at both ends */
		rows[i] = i + 6;
	assert_int_equal(eh_blocks_make(&blocks, x, D, NULL, N, NULL), EH_OK);
	assert_int_equal(eh_kernel_open(&kernel[0], &blocks, true, &two, NULL), EH_OK);
	assert_int_equal(eh_kernel_open(&kernel[1], &blocks, false, &two, NULL), EH_OK);
	assert_int_equal(eh_svm_alloc(&a, N, NULL), EH_OK);
	assert_int_equal(eh_svm_alloc(&b, N, NULL), EH_OK);
	for (size_t cell = 0; cell < 9; cell++) {
		double cc = c[cell / 3], g = gamma[cell % 3];

		plain_decisions(&plain, want, x, rows, 48, label, cc, g, all);
		assert_int_equal(eh_svm_train_rbf(&b, x, D, rows, 48, label, cc, g, NULL, NULL), EH_OK);
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(eh_kernel_gamma(kernel[k], g, &two, NULL), EH_OK);
			assert_int_equal(eh_svm_train_kernel(&a, kernel[k], rows, 48, label, cc, NULL, NULL), EH_OK);
			assert_int_equal(a.n_sv, b.n_sv);
			for (size_t i = 0; i < N; i++)
				assert_float_equal(eh_svm_decide_kernel(&a, kernel[k], i), want[i], 1e-9);
		}
		for (size_t i = 0; i < N; i++)
			assert_float_equal(eh_svm_decide_rbf(&b, x, D, g, x + i * D), want[i], 1e-9);
	}
	eh_svm_free(&b);
	eh_svm_free(&a);
	eh_kernel_free(&kernel[1]);
	eh_kernel_free(&kernel[0]);
	eh_blocks_free(&blocks);
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
	assert_int_equal(eh_svm_train_rbf(&s, x, D, rows, 3, label, 1.0, 0.1, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "one class"));
	assert_int_equal(eh_svm_train_rbf(&s, x, D, owner, N, label, -1.0, 0.1, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "C <= 0"));
	eh_svm_free(&s);
}

static void a_kernel_too_large_to_count_is_no_size(void **state)
{
	(void)state;
	assert_true(eh_kernel_bytes(2000, true) >= 24u * 2000 * 2000);
	assert_true(eh_kernel_bytes(2000, true) < 25u * 2000 * 2000);
	assert_true(eh_kernel_bytes((size_t)INT32_MAX, false) == SIZE_MAX);
}

/* facts/learning.md 15: the state of rand() and other trainings at the same time change no bit. */
struct job {
	const double *x;
	const int8_t *label;
	const uint32_t *rows;
	struct eh_svm svm[4];
};

static int train_again(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct job *j = ctx;

	(void)slot;
	return eh_svm_train_rbf(&j->svm[i], j->x, D, j->rows, N, j->label, 2.0, 0.08, inside, err);
}

static void the_same_training_gives_the_same_bytes_beside_others(void **state)
{
	double x[N * D];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];
	struct job j = { x, label, owner, { { 0 } } };

	(void)state;
	make_rows(x, label, group, owner);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(eh_svm_alloc(&j.svm[i], N, NULL), EH_OK);
	assert_int_equal(eh_crew_run(&two, 4, 2, train_again, &j, NULL), EH_OK);
	for (size_t i = 1; i < 4; i++) {
		assert_int_equal(j.svm[i].n_sv, j.svm[0].n_sv);
		assert_memory_equal(j.svm[i].coef, j.svm[0].coef, j.svm[0].n_sv * sizeof(double));
		assert_memory_equal(&j.svm[i].rho, &j.svm[0].rho, sizeof(double));
	}
	for (size_t i = 0; i < 4; i++)
		eh_svm_free(&j.svm[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(precomputed_plain_and_own_decisions_are_equal),
		cmocka_unit_test(one_class_is_refused),
		cmocka_unit_test(a_kernel_too_large_to_count_is_no_size),
		cmocka_unit_test(the_same_training_gives_the_same_bytes_beside_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

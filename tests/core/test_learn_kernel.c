/* Lanes against single numbers: distances, exp, decision values. */
#include "tests/core/learn_rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learn/fit.h"
#include "learn/kernel.h"

static void exp_is_within_two_units_of_the_true_value(void **state)
{
	double worst = 0.0, before = 1.0;

	(void)state;
	for (double x = 0.0; x > -707.0; x -= 0.00137) {
		double own = eh_exp(x), true_value = exp(x);

		worst = fmax(worst, fabs(own - true_value) / (nextafter(true_value, 1.0) - true_value));
		assert_true(own <= before);
		before = own;
	}
	assert_true(worst <= 2.0);
	assert_true(worst > 0.0);
	assert_float_equal(eh_exp(0.0), 1.0, 0.0);
	assert_float_equal(eh_exp(-0.0), 1.0, 0.0);
	assert_true(eh_exp(-1e-300) <= 1.0);
	assert_float_equal(eh_exp(-708.5), 0.0, 0.0);
	assert_float_equal(eh_exp(-1e308), 0.0, 0.0);
}

static void exp_of_a_row_is_exp_of_its_numbers_to_the_bit(void **state)
{
	double from[1024], to[1024];

	(void)state;
	for (size_t i = 0; i < 1024; i++)
		from[i] = ldexp((double)(i + 1) * 0.7, (int)(i % 11));
	eh_exp_row(to, from, 1024, 0.3);
	for (size_t i = 0; i < 1024; i++) {
		double one = eh_exp(-0.3 * from[i]);

		assert_memory_equal(&to[i], &one, sizeof one);
	}
}

/* Every remainder of a block and of a tile. */
static void distances_in_blocks_are_those_of_single_pairs_to_the_bit(void **state)
{
	double x[N * D], out[EH_TILE * (N + EH_LANES)], band[EH_LANES * (N + EH_LANES)];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];

	(void)state;
	make_rows(x, label, group, owner);
	for (size_t n = 1; n <= 2 * EH_LANES + 1; n++)
		for (size_t n_z = 1; n_z <= EH_TILE; n_z++) {
			const double *const z[EH_TILE] = { x + 30 * D, x + 31 * D, x + 32 * D, x + 33 * D };
			struct eh_blocks b;

			assert_int_equal(eh_blocks_make(&b, x, D, NULL, n, NULL), EH_OK);
			assert_int_equal(b.n_blocks * EH_LANES, eh_padded(n));
			eh_distances(out, N + EH_LANES, z, n_z, 1, &b, 0, b.n_blocks);
			for (size_t i = 0; i < n_z * n; i++) {
				double one = eh_exp(-0.1 * out[i / n * (N + EH_LANES) + i % n]);
				double want = eh_rbf(z[i / n], x + i % n * D, D, 0.1);

				assert_memory_equal(&one, &want, sizeof one);
			}
			eh_blocks_free(&b);
		}
	for (size_t n = EH_LANES + 1; n < 3 * EH_LANES; n += 5) {
		struct eh_blocks b;

		assert_int_equal(eh_blocks_make(&b, x, D, NULL, n, NULL), EH_OK);
		eh_distance_band(band, N + EH_LANES, &b, 1);
		for (size_t i = EH_LANES; i < n && i < 2 * EH_LANES; i++) {
			assert_float_equal(band[(i - EH_LANES) * (N + EH_LANES) + i], 0.0, 0.0);
			assert_float_equal(exp(-0.1 * band[(i - EH_LANES) * (N + EH_LANES) + 2]),
					   eh_rbf(x + i * D, x + 2 * D, D, 0.1), 1e-15);
		}
		eh_blocks_free(&b);
	}
}

/* A fit of k groups without training: support vectors, coefficients and scale from the generator. */
static void fit_make(struct eh_fit *f, size_t n_sv, size_t d, size_t k)
{
	struct eh_rng rng;

	memset(f, 0, sizeof *f);
	f->d = d;
	f->k = k;
	f->columns = eh_columns_of(k);
	f->n_sv = n_sv;
	assert_int_equal(eh_scale_alloc(&f->scale, d, NULL), EH_OK);
	assert_int_equal(eh_fit_alloc_vectors(f, NULL), EH_OK);
	eh_rng_seed(&rng, 8);
	for (size_t j = 0; j < d; j++) {
		f->scale.lo[j] = -2.0;
		f->scale.hi[j] = 2.0;
		f->scale.mean[j] = 0.1 * eh_rng_normal(&rng);
		f->scale.inv_sd[j] = j % 7 == 6 ? 0.0 : 1.0 + 0.1 * eh_rng_unit(&rng);
	}
	for (size_t i = 0; i < n_sv * d; i++)
		f->sv[i] = eh_rng_normal(&rng);
	for (size_t c = 0; c < f->columns; c++) {
		f->column[c].gamma = 0.01 * (double)(c + 1);
		f->column[c].rho = 0.2;
		f->column[c].platt = (struct eh_platt){ -1.5, 0.1 };
		for (size_t i = 0; i < n_sv; i++)
			f->column[c].coef[i] = (i + c) % 3 == 0 ? 0.0 : eh_rng_normal(&rng);
	}
}

static void many_rows_are_decided_as_each_alone_to_the_bit(void **state)
{
	enum { MANY = 1037, WIDTH = 9, GROUPS = 3 };
	static double raw[MANY * WIDTH], value[MANY * GROUPS], p[MANY * GROUPS];
	struct eh_rng rng;
	struct eh_fit f;

	(void)state;
	fit_make(&f, 61, WIDTH, GROUPS);
	eh_rng_seed(&rng, 9);
	for (size_t i = 0; i < MANY * WIDTH; i++)
		raw[i] = 2.0 * eh_rng_normal(&rng);
	for (size_t jobs = 1; jobs <= 3; jobs++)
		for (size_t n = 1; n <= MANY; n = n < 9 ? n + 1 : n + 257) {
			assert_int_equal(eh_fit_decide_many(&f, raw, n, value, jobs, NULL), EH_OK);
			assert_int_equal(eh_fit_apply_many(&f, raw, n, p, jobs, NULL), EH_OK);
			for (size_t i = 0; i < n; i++) {
				double one[GROUPS], q[GROUPS];

				eh_fit_decide(&f, raw + i * WIDTH, one);
				eh_fit_apply(&f, raw + i * WIDTH, q);
				assert_memory_equal(value + i * GROUPS, one, sizeof one);
				assert_memory_equal(p + i * GROUPS, q, sizeof q);
			}
		}
	assert_int_equal(eh_fit_decide_many(&f, raw, 0, value, 2, NULL), EH_OK);
	eh_fit_free(&f);
}

static void decision_values_are_those_of_the_formula(void **state)
{
	double raw[5] = { 0.3, -9.0, 1.2, 0.0, 7.0 }, z[5], value = 0.0, want = 0.0;
	struct eh_fit f;

	(void)state;
	fit_make(&f, 40, 5, 2);
	eh_scale_apply(&f.scale, raw, z);
	for (size_t i = 0; i < 40; i++) {
		double square = 0.0;

		for (size_t j = 0; j < 5; j++)
			square += pow(z[j] - f.sv[i * 5 + j], 2.0);
		want += f.column[0].coef[i] * exp(-f.column[0].gamma * square);
	}
	assert_int_equal(eh_fit_decide_many(&f, raw, 1, &value, 1, NULL), EH_OK);
	assert_float_equal(value, want - f.column[0].rho, 1e-12);
	eh_fit_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exp_is_within_two_units_of_the_true_value),
		cmocka_unit_test(exp_of_a_row_is_exp_of_its_numbers_to_the_bit),
		cmocka_unit_test(distances_in_blocks_are_those_of_single_pairs_to_the_bit),
		cmocka_unit_test(many_rows_are_decided_as_each_alone_to_the_bit),
		cmocka_unit_test(decision_values_are_those_of_the_formula),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

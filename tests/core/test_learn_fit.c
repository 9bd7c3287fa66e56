/* The pipeline of one modality: folds, scale, fit, and skill on candidates that no part of a fit has seen. */
#include "tests/core/learn_people.h"
#include "tests/core/learn_rows.h"

#include <math.h>

#include "learn/fit.h"
#include "learn/folds.h"
#include "learn/scale.h"

/* ---- folds and scale ---- */

static void folds_hold_classes_evenly_and_candidates_together(void **state)
{
	int32_t group[90];
	uint32_t owner[90], fold[90], again[90];
	struct eh_rng rng;

	(void)state;
	for (size_t i = 0; i < 90; i++) { /* 30 candidates of 3 rows; 20 of class 0, 10 of class 1 */
		owner[i] = (uint32_t)(i / 3);
		group[i] = i / 3 % 3 == 2;
	}
	eh_rng_seed(&rng, 5);
	assert_int_equal(eh_folds_make(fold, group, owner, 90, 10, &rng, NULL), EH_OK);
	for (uint32_t k = 0; k < 10; k++) {
		int count[2] = { 0, 0 };

		for (size_t i = 0; i < 90; i++)
			count[group[i]] += fold[i] == k;
		assert_int_equal(count[0], 6);
		assert_int_equal(count[1], 3);
	}
	for (size_t i = 1; i < 90; i++)
		if (owner[i] == owner[i - 1])
			assert_int_equal(fold[i], fold[i - 1]);
	eh_rng_seed(&rng, 5);
	assert_int_equal(eh_folds_make(again, group, owner, 90, 10, &rng, NULL), EH_OK);
	assert_memory_equal(fold, again, sizeof fold);
	assert_int_equal(eh_folds_count(group, owner, 90, 2, 10), 10);
	assert_int_equal(eh_folds_count(group, owner, 24, 2, 10), 2);   /* 8 candidates, 2 of class 1 */
}

static void scale_is_winsorised_and_a_column_without_spread_is_zero(void **state)
{
	double x[101 * 2], z[2];
	uint32_t rows[101];
	struct eh_scale s;

	(void)state;
	for (uint32_t i = 0; i < 101; i++) {
		x[2 * i] = i == 100 ? 1e9 : i;                  /* one wild value */
		x[2 * i + 1] = 0.1;
		rows[i] = i;
	}
	assert_int_equal(eh_scale_alloc(&s, 2, NULL), EH_OK);
	assert_int_equal(eh_scale_fit(&s, x, rows, 101, NULL), EH_OK);
	assert_float_equal(s.lo[0], 2.0, 1e-12);                /* type 7: 0.02 * 100 */
	assert_float_equal(s.hi[0], 98.0, 1e-12);
	assert_float_equal(s.mean[0], 50.0, 1e-9);
	assert_int_equal(eh_scale_spread(&s), 1);
	eh_scale_apply(&s, (const double[]){ 1e9, 7.0 }, z);
	assert_float_equal(z[0], 48.0 * s.inv_sd[0], 1e-12);
	assert_true(z[1] == 0.0);
	eh_scale_free(&s);
}

static void values_that_overflow_say_nothing(void **state)
{
	const double x[] = { -1.7e308, 1.0, 1.7e308, 2.0, -1.7e308, 3.0, 1.7e308, 4.0 };
	const uint32_t rows[] = { 0, 1, 2, 3 };
	struct eh_scale s;
	double z[2];

	(void)state;
	assert_int_equal(eh_scale_alloc(&s, 2, NULL), EH_OK);
	assert_int_equal(eh_scale_fit(&s, x, rows, 4, NULL), EH_OK);
	assert_int_equal(eh_scale_spread(&s), 1);
	assert_true(isfinite(s.lo[0]) && isfinite(s.hi[0]) && isfinite(s.mean[0]));
	eh_scale_apply(&s, x, z);
	assert_true(z[0] == 0.0 && z[1] < 0.0);
	eh_scale_free(&s);
}

/* ---- the fit ---- */

static void a_fit_scales_by_its_own_rows_only(void **state)
{
	struct people p = people_make(40, 2, 1.0, 1.0, 3);
	double x[40];
	int32_t group[40];
	uint32_t owner[40], rows[40];
	struct eh_rows part = { x, group, owner, 30, 1, 2 };
	struct eh_fit fit;
	struct eh_scale s;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		x[i] = p.vector[i].value[0] + (i >= 30 ? 100.0 : 0.0);
		group[i] = p.row[i].group;
		owner[i] = rows[i] = i;
	}
	assert_int_equal(eh_fit_train(&fit, &part, 1, NULL), EH_OK);
	assert_int_equal(eh_scale_alloc(&s, 1, NULL), EH_OK);
	assert_int_equal(eh_scale_fit(&s, x, rows, 30, NULL), EH_OK);
	assert_true(fit.scale.mean[0] == s.mean[0] && fit.scale.inv_sd[0] == s.inv_sd[0]);
	assert_int_equal(eh_scale_fit(&s, x, rows, 40, NULL), EH_OK);
	assert_false(fit.scale.mean[0] == s.mean[0]);
	eh_scale_free(&s);
	eh_fit_free(&fit);
	people_free(&p);
}

static void units_and_order_of_indicators_do_not_matter(void **state)
{
	double x[N * D], y[N * D], p[2], q[2];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];
	struct eh_rows a = { x, group, owner, N, D, 2 }, b = { y, group, owner, N, D, 2 };
	struct eh_fit fa, fb;

	(void)state;
	make_rows(x, label, group, owner);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < D; j++)
			y[i * D + D - 1 - j] = x[i * D + j] * (j % 2 == 0 ? 1024.0 : 0.125) + 3.0;
	assert_int_equal(eh_fit_train(&fa, &a, 1, NULL), EH_OK);
	assert_int_equal(eh_fit_train(&fb, &b, 1, NULL), EH_OK);
	for (size_t i = 0; i < N; i++) {
		eh_fit_apply(&fa, x + i * D, p);
		eh_fit_apply(&fb, y + i * D, q);
		assert_float_equal(p[1], q[1], 1e-4);           /* libsvm stops at 1e-3 */
	}
	eh_fit_free(&fb);
	eh_fit_free(&fa);
}

/* Above 600 rows the parameters are searched on a share of the candidates; the model is trained on all. */
static void a_large_set_is_searched_on_a_share_and_trained_whole(void **state)
{
	enum { ROWS = 1300, WIDTH = 3 };
	double x[ROWS * WIDTH], p[2];
	int32_t group[ROWS];
	uint32_t owner[ROWS];
	struct eh_rows rows = { x, group, owner, ROWS, WIDTH, 2 };
	struct eh_fit fit;
	struct eh_rng rng;
	size_t right = 0;

	(void)state;
	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < ROWS; i++) {
		group[i] = i % 3 == 0;
		owner[i] = (uint32_t)i;
		for (size_t j = 0; j < WIDTH; j++)
			x[i * WIDTH + j] = eh_rng_normal(&rng) + 3.0 * group[i];
	}
	assert_int_equal(eh_fit_train(&fit, &rows, 1, NULL), EH_OK);
	assert_true(fit.sv_row[fit.n_sv - 1] >= ROWS / 2);
	assert_float_equal(fit.prior[1], 434.0 / 1300.0, 1e-9);
	for (size_t i = 0; i < ROWS; i++) {
		eh_fit_apply(&fit, x + i * WIDTH, p);
		right += (p[1] > 0.5) == group[i];
	}
	assert_true(right > 1270);
	eh_fit_free(&fit);
}

/* Eight of a class among thousands: a plain share would leave the inner folds without it. */
static void a_rare_class_is_not_thinned_out_of_the_search(void **state)
{
	enum { ROWS = 4808, RARE = 8, WIDTH = 2 };
	static double x[ROWS * WIDTH];
	static int32_t group[ROWS];
	static uint32_t owner[ROWS];
	struct eh_rows rows = { x, group, owner, ROWS, WIDTH, 2 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_fit fit;
	struct eh_rng rng;
	double p[2];

	(void)state;
	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < ROWS; i++) {
		group[i] = i % (ROWS / RARE) == 0;
		owner[i] = (uint32_t)i;
		for (size_t j = 0; j < WIDTH; j++)
			x[i * WIDTH + j] = eh_rng_normal(&rng) + 8.0 * group[i];
	}
	if (eh_fit_train(&fit, &rows, 1, &err) != EH_OK)
		fail_msg("%s", err.msg);
	eh_fit_apply(&fit, x, p);
	assert_true(p[1] > 0.5);
	eh_fit_apply(&fit, x + WIDTH, p);
	assert_true(p[1] < 0.01);
	eh_fit_free(&fit);
}

/*
 * AUC of the road when column 0 is the class itself in the rows of one outer fold (leak < 0: in all rows) and noise
 * elsewhere; the others are noise.
 */
static double auc_with_the_class_in_a_fold(int leak, uint64_t seed)
{
	enum { WIDTH = 4 };
	double x[N * WIDTH];
	int32_t group[N];
	uint32_t owner[N], fold[N];
	struct eh_rows rows = { x, group, owner, N, WIDTH, 2 };
	struct eh_steps steps = { NULL, "", 0, 0 };
	struct eh_skill skill;
	struct eh_rng rng;

	for (size_t i = 0; i < N; i++) {
		group[i] = i % 2 == 1;
		owner[i] = (uint32_t)i;
	}
	eh_rng_seed_named(&rng, seed, "outer");                 /* the folds that eh_nested_skill will make */
	assert_int_equal(eh_folds_make(fold, group, owner, N, eh_outer_folds(&rows), &rng, NULL), EH_OK);
	eh_rng_seed(&rng, seed + 100);
	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < WIDTH; j++)
			x[i * WIDTH + j] = eh_rng_normal(&rng);
		if (leak < 0 || fold[i] == (uint32_t)leak)
			x[i * WIDTH] = group[i] ? 2.0 : -2.0;
	}
	assert_int_equal(eh_nested_skill(&skill, &rows, seed, &steps, NULL), EH_OK);
	return skill.auc;
}

/* facts/learning.md 16, 4 */
static void the_class_in_the_held_out_rows_alone_teaches_nothing(void **state)
{
	double sum = 0.0;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++)
		sum += auc_with_the_class_in_a_fold((int)seed, seed) / 5.0;
	assert_true(sum > 0.3 && sum < 0.68);
	assert_true(auc_with_the_class_in_a_fold(-1, 1) > 0.95);
}

/* facts/learning.md 16, 2: features that tell the candidate and nothing else, four copies of each. */
static void copies_of_a_candidate_leak_only_when_folds_split_them(void **state)
{
	enum { PEOPLE = 24, COPIES = 4, ROWS = PEOPLE * COPIES, WIDTH = 8 };
	double x[ROWS * WIDTH];
	int32_t group[ROWS];
	uint32_t by_candidate[ROWS], by_row[ROWS];
	struct eh_rows rows = { x, group, by_candidate, ROWS, WIDTH, 2 };
	struct eh_steps steps = { NULL, "", 0, 0 };
	struct eh_skill honest, leaking;
	double sum = 0.0;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct eh_rng rng;

		eh_rng_seed(&rng, seed);
		for (size_t i = 0; i < ROWS; i++) {
			group[i] = i / COPIES % 2 == 1;
			by_candidate[i] = (uint32_t)(i / COPIES);
			by_row[i] = (uint32_t)i;
			for (size_t j = 0; j < WIDTH; j++)
				x[i * WIDTH + j] = i % COPIES == 0
							   ? eh_rng_normal(&rng)
							   : x[(i - 1) * WIDTH + j] + 0.01 * eh_rng_normal(&rng);
		}
		rows.owner = by_candidate;
		assert_int_equal(eh_nested_skill(&honest, &rows, seed, &steps, NULL), EH_OK);
		sum += honest.auc / 5.0;
	}
	assert_true(sum > 0.3 && sum < 0.65);
	rows.owner = by_row;
	assert_int_equal(eh_nested_skill(&leaking, &rows, 5, &steps, NULL), EH_OK);
	assert_true(leaking.auc > 0.9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_hold_classes_evenly_and_candidates_together),
		cmocka_unit_test(scale_is_winsorised_and_a_column_without_spread_is_zero),
		cmocka_unit_test(values_that_overflow_say_nothing),
		cmocka_unit_test(a_fit_scales_by_its_own_rows_only),
		cmocka_unit_test(units_and_order_of_indicators_do_not_matter),
		cmocka_unit_test(a_large_set_is_searched_on_a_share_and_trained_whole),
		cmocka_unit_test(a_rare_class_is_not_thinned_out_of_the_search),
		cmocka_unit_test(the_class_in_the_held_out_rows_alone_teaches_nothing),
		cmocka_unit_test(copies_of_a_candidate_leak_only_when_folds_split_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The learning curve and its verdict, block importance, and how both are stored. */
#include "tests/core/learn_columns.h"

#include <math.h>
#include <string.h>

static void few_candidates_ask_for_more_and_many_do_not(void **state)
{
	struct columns many = columns_make(240, 8, false, 4, 3.0, 3);
	struct eh_curve c;
	struct eh_importance i;
	size_t more = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct columns few = columns_make(80, 16, false, 3, 1.0, seed);

		columns_run(&few, &c, &i, 0);
		assert_int_not_equal(c.verdict, EH_CURVE_ENOUGH);
		more += c.verdict == EH_CURVE_MORE && c.gain_lo > 0.0;
		columns_free(&few);
	}
	assert_true(more >= 1);
	columns_run(&many, &c, &i, 0);
	assert_int_equal(c.verdict, EH_CURVE_ENOUGH);
	assert_true(c.gain_hi < EH_CURVE_TOLERANCE);
	columns_free(&many);
}

static void the_points_grow_and_stand_for_the_same_candidates(void **state)
{
	struct columns d = columns_make(60, 8, false, 3, 1.0, 5);
	struct eh_curve c;
	struct eh_importance i;

	(void)state;
	columns_run(&d, &c, &i, 0);
	assert_int_equal(c.n, 60);
	assert_int_equal(c.of, 60);
	assert_int_equal(c.point[EH_CURVE_POINTS - 1].n, 48);   /* four of five folds teach */
	assert_int_equal(c.point[1].n, 24);                     /* half of them */
	for (size_t k = 0; k < EH_CURVE_POINTS; k++) {
		assert_true(c.point[k].there);
		assert_true(k == 0 || c.point[k].n > c.point[k - 1].n);
		assert_true(c.point[k].auc_lo <= c.point[k].auc && c.point[k].auc <= c.point[k].auc_hi);
	}
	columns_free(&d);
}

static void labels_without_meaning_are_never_enough(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct columns d = columns_make(80, 6, false, 0, 0.0, seed);
		struct eh_curve c;
		struct eh_importance i;

		columns_run(&d, &c, &i, 0);
		assert_int_not_equal(c.verdict, EH_CURVE_ENOUGH);
		assert_true(c.point[EH_CURVE_POINTS - 1].auc_lo <= 0.5);
		assert_true(i.face.lo < 0.01 && i.voice.lo < 0.01);
		columns_free(&d);
	}
}

static void the_block_that_tells_gets_the_importance(void **state)
{
	(void)state;
	for (int voice = 0; voice <= 1; voice++) {
		struct columns d = columns_make(120, 12, voice, 3, 1.5, 11);
		const struct eh_block *tells = NULL, *empty = NULL;
		struct eh_curve c;
		struct eh_importance i;

		columns_run(&d, &c, &i, 0);
		tells = voice ? &i.voice : &i.face;
		empty = voice ? &i.face : &i.voice;
		assert_true(tells->there && empty->there);
		assert_int_equal(tells->n, 6);
		assert_true(tells->lo > 0.1);
		assert_true(fabs(empty->rise) < 0.02);
		assert_true(i.group[0].lo > 0.0);               /* largest first */
		for (size_t g = 1; g < i.n_groups; g++)
			assert_true(i.group[g - 1].rise >= i.group[g].rise);
		columns_free(&d);
	}
}

static void indicators_that_go_together_are_permuted_together(void **state)
{
	struct columns d = columns_make(80, 12, false, 2, 1.5, 13);
	struct eh_curve c;
	struct eh_importance i;
	size_t in = 0;

	(void)state;
	columns_run(&d, &c, &i, 0);
	assert_int_equal(i.n_groups, 10);               /* nine alone and one of three */
	assert_int_equal(i.group_of[d.indicator[9]], i.group_of[d.indicator[10]]);
	assert_int_equal(i.group_of[d.indicator[9]], i.group_of[d.indicator[11]]);
	assert_int_equal(i.group[i.group_of[d.indicator[9]] - 1].n, 3);
	assert_int_not_equal(i.group_of[d.indicator[8]], i.group_of[d.indicator[9]]);
	for (size_t k = 0; k < EH_VECTOR_N; k++)
		in += i.group_of[k] != 0;
	assert_int_equal(in, 12);
	columns_free(&d);
}

static void store(struct eh_buf *b, const struct eh_curve *c, const struct eh_importance *i)
{
	eh_buf_init(b, 1u << 20);
	eh_curve_put(b, c);
	eh_importance_put(b, i);
	assert_false(b->failed);
}

static void threads_do_not_change_a_byte_and_the_seed_does(void **state)
{
	struct columns d = columns_make(40, 8, true, 3, 1.0, 17);
	struct eh_err err = EH_ERR_INIT;
	struct eh_steps steps = { .what = "test" };
	struct eh_curve c;
	struct eh_importance i;
	struct eh_buf one, two, other;

	(void)state;
	columns_run(&d, &c, &i, 1);
	store(&one, &c, &i);
	columns_run(&d, &c, &i, 2);
	store(&two, &c, &i);
	assert_int_equal(eh_importance_make(&i, &c, &d.rows, d.indicator, 8, &steps, &err), EH_OK);
	store(&other, &c, &i);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	assert_true(other.len != one.len || memcmp(other.data, one.data, one.len) != 0);
	eh_buf_free(&one);
	eh_buf_free(&two);
	eh_buf_free(&other);
	columns_free(&d);
}

static void sections_come_back_and_damage_is_noticed(void **state)
{
	struct columns d = columns_make(40, 8, true, 3, 1.0, 17);
	struct eh_curve c, c2;
	struct eh_importance i, i2;
	struct eh_buf one, two;
	struct eh_reader r;

	(void)state;
	columns_run(&d, &c, &i, 0);
	store(&one, &c, &i);
	eh_reader_init(&r, one.data, one.len);
	eh_curve_get(&r, &c2);
	eh_importance_get(&r, &i2);
	assert_false(r.bad);
	assert_ptr_equal(r.p, r.end);
	store(&two, &c2, &i2);
	assert_memory_equal(one.data, two.data, one.len);
	for (size_t len = 0; len < one.len; len++) {
		eh_reader_init(&r, one.data, len);
		eh_curve_get(&r, &c2);
		eh_importance_get(&r, &i2);
		assert_true(r.bad);
	}
	one.data[1] = 9;                                        /* a verdict that is none */
	eh_reader_init(&r, one.data, one.len);
	eh_curve_get(&r, &c2);
	assert_true(r.bad);
	eh_buf_free(&one);
	eh_buf_free(&two);
	columns_free(&d);
}

static void without_memory_nothing_is_left(void **state)
{
	struct columns d = columns_make(24, 4, false, 2, 1.5, 19);
	struct eh_curve c;
	struct eh_importance i;

	(void)state;
	for (uint64_t at = 1; at < 60; at += 3) {
		struct eh_err err = EH_ERR_INIT;
		struct eh_steps steps = { .what = "test", .jobs = 1 };
		int rc = 0;

		eh_mem_fail_at(at);
		rc = eh_importance_make(&i, &c, &d.rows, d.indicator, 7, &steps, &err);
		eh_mem_fail_at(0);
		assert_int_equal(rc, EH_ENOMEM);
		assert_false(i.made);
		assert_int_equal(c.verdict, EH_CURVE_NOT_MADE);
	}
	columns_free(&d);
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

static void a_cancel_is_heard(void **state)
{
	struct columns d = columns_make(24, 4, false, 2, 1.5, 19);
	struct eh_progress progress = { .cancelled = always };
	struct eh_steps steps = { .what = "test", .progress = &progress };
	struct eh_err err = EH_ERR_INIT;
	struct eh_curve c;
	struct eh_importance i;

	(void)state;
	assert_int_equal(eh_importance_make(&i, &c, &d.rows, d.indicator, 7, &steps, &err), EH_ECANCEL);
	assert_false(i.made);
	columns_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_candidates_ask_for_more_and_many_do_not),
		cmocka_unit_test(the_points_grow_and_stand_for_the_same_candidates),
		cmocka_unit_test(labels_without_meaning_are_never_enough),
		cmocka_unit_test(the_block_that_tells_gets_the_importance),
		cmocka_unit_test(indicators_that_go_together_are_permuted_together),
		cmocka_unit_test(threads_do_not_change_a_byte_and_the_seed_does),
		cmocka_unit_test(sections_come_back_and_damage_is_noticed),
		cmocka_unit_test(without_memory_nothing_is_left),
		cmocka_unit_test(a_cancel_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

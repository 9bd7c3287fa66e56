/* Medians and deviations over the pictures of a recording. */
#include "tests/core/face_pictures.h"

#include "base/rng.h"
#include "face/gather.h"

static struct eh_gather_row row_of(double value, double mouth)
{
	struct eh_gather_row r = { .time = 0.0 };

	for (int i = 0; i < EH_FACE_N; i++) {
		r.value[i] = value;
		r.present[i] = 1;
	}
	r.value[EH_F_MOUTH_OPENING] = mouth;
	return r;
}

static void add(struct eh_gather *g, double value, double mouth)
{
	struct eh_gather_row r = row_of(value, mouth);
	struct eh_err err = EH_ERR_INIT;

	assert_int_equal(eh_gather_add(g, &r, &err), EH_OK);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void the_median_is_that_of_a_sorted_list(void **state)
{
	double v[301], w[301];
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 11);
	for (size_t n = 1; n <= 301; n++) {
		for (size_t i = 0; i < n; i++)
			v[i] = w[i] = floor(eh_rng_unit(&rng) * 50.0);  /* with ties */
		qsort(w, n, sizeof *w, by_value);
		assert_true(eh_median(v, n) == (n % 2 == 1 ? w[n / 2] : 0.5 * (w[n / 2 - 1] + w[n / 2])));
		assert_memory_equal(v, w, n * sizeof *v);
	}
}

static void fewer_than_five_pictures_give_nothing(void **state)
{
	struct eh_gather g = { NULL, 0, 0, NULL };
	struct eh_face_answer a;

	(void)state;
	memset(&a, 0xff, sizeof a);
	eh_gather_finish(&g, &a);
	assert_int_equal(a.present[EH_F_CHIN], 0);
	for (int i = 0; i < EH_FACE_MIN_FRAMES - 1; i++)
		add(&g, i, 0.0);
	eh_gather_finish(&g, &a);
	assert_int_equal(a.present[EH_F_CHIN], 0);
	assert_true(a.sum[EH_F_CHIN].median == 0.0 && a.sum[EH_F_CHIN].mad == 0.0);
	add(&g, 4, 0.0);
	eh_gather_finish(&g, &a);
	assert_int_equal(a.present[EH_F_CHIN], 1);
	assert_true(a.sum[EH_F_CHIN].median == 2.0);
	assert_true(a.sum[EH_F_CHIN].mad == 1.0);   /* |0..4 - 2| = 2 1 0 1 2 */
	eh_gather_free(&g);
}

/* 0, 1, 4, 9 and 16 at 0, 0.2, 0.4, 0.4 and 3 s: two steps of 0.2 s count, a repeated time and a gap do not. */
static void a_summary_is_that_of_the_text_books(void **state)
{
	static const double at[5] = { 0.0, 0.2, 0.4, 0.4, 3.0 };
	struct eh_gather g = { NULL, 0, 0, NULL };
	struct eh_face_answer a;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct eh_gather_row r = row_of(i * i, 0.0);

		r.time = at[i];
		assert_int_equal(eh_gather_add(&g, &r, &err), EH_OK);
	}
	eh_gather_finish(&g, &a);
	assert_float_equal(a.sum[EH_F_CHIN].mean, 6.0, 1e-12);
	assert_float_equal(a.sum[EH_F_CHIN].sd, sqrt(174.0 / 4), 1e-12);
	assert_float_equal(a.sum[EH_F_CHIN].median, 4.0, 1e-12);
	assert_float_equal(a.sum[EH_F_CHIN].mad, 4.0, 1e-12);           /* of 4 3 0 5 12 */
	assert_float_equal(a.sum[EH_F_CHIN].p10, 0.4, 1e-12);           /* position 0.4 of 0..4 */
	assert_float_equal(a.sum[EH_F_CHIN].p90, 9.0 + 0.6 * 7.0, 1e-12);
	assert_float_equal(a.sum[EH_F_CHIN].change, (1.0 + 3.0) / 0.4, 1e-9);
	eh_gather_free(&g);
}

static void shape_looks_at_closed_mouths_where_there_are_enough(void **state)
{
	struct eh_gather g = { NULL, 0, 0, NULL };
	struct eh_face_answer a;

	(void)state;
	for (int i = 0; i < 9; i++)
		add(&g, 100.0, 0.4);
	for (int i = 0; i < 4; i++)
		add(&g, 1.0, EH_MOUTH_CLOSED);
	eh_gather_finish(&g, &a);
	assert_true(a.sum[EH_F_CHIN].median == 100.0);      /* four are too few: all 13 */
	add(&g, 1.0, 0.01);
	eh_gather_finish(&g, &a);
	assert_true(a.sum[EH_F_CHIN].median == 1.0);        /* shape */
	assert_true(a.sum[EH_F_YAW].median == 100.0);       /* behaviour: all 14 */
	eh_gather_free(&g);
}

static void a_value_that_is_missing_is_not_counted(void **state)
{
	struct eh_gather g = { NULL, 0, 0, NULL };
	struct eh_face_answer a;
	struct eh_gather_row r = row_of(3.0, 0.0);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	for (int i = 0; i < 5; i++) {
		r.present[EH_F_EXPOSURE] = i != 0;
		assert_int_equal(eh_gather_add(&g, &r, &err), EH_OK);
	}
	eh_gather_finish(&g, &a);
	assert_int_equal(a.present[EH_F_EXPOSURE], 0);
	assert_int_equal(a.present[EH_F_SIZE], 1);
	eh_gather_free(&g);
}

static void memory_that_ends_leaves_the_rows_as_they_were(void **state)
{
	struct eh_gather g = { NULL, 0, 0, NULL };
	struct eh_gather_row r = row_of(2.0, 0.0);
	struct eh_face_answer a;
	struct eh_err err = EH_ERR_INIT;
	size_t failures = 0;

	(void)state;
	while (g.n < 200) {
		size_t before = g.n;
		int rc = EH_OK;

		eh_mem_fail_at(before % 2 + 1);         /* now the first, now the second allocation */
		rc = eh_gather_add(&g, &r, &err);
		eh_mem_fail_at(0);
		if (rc == EH_OK)
			continue;
		assert_int_equal(rc, EH_ENOMEM);
		assert_int_equal(g.n, before);
		failures++;
		assert_int_equal(eh_gather_add(&g, &r, &err), EH_OK);
	}
	assert_true(failures >= 2);
	eh_gather_finish(&g, &a);
	assert_true(a.sum[EH_F_JAW].median == 2.0);
	eh_gather_free(&g);
}

static void a_recording_without_end_is_refused(void **state)
{
	struct eh_gather g = { NULL, 0, 0, NULL };
	struct eh_gather_row r = row_of(2.0, 0.0);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < EH_GATHER_MAX; i++)
		if (eh_gather_add(&g, &r, &err) < 0)
			fail_msg("row %zu: %s", i, err.msg);
	assert_int_equal(eh_gather_add(&g, &r, &err), EH_ERANGE);
	eh_gather_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_median_is_that_of_a_sorted_list),
		cmocka_unit_test(fewer_than_five_pictures_give_nothing),
		cmocka_unit_test(a_summary_is_that_of_the_text_books),
		cmocka_unit_test(shape_looks_at_closed_mouths_where_there_are_enough),
		cmocka_unit_test(a_value_that_is_missing_is_not_counted),
		cmocka_unit_test(memory_that_ends_leaves_the_rows_as_they_were),
		cmocka_unit_test(a_recording_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

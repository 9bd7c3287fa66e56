/* The learning curve of more rows than it takes: a sample of candidates, class by class. */
#define EH_CURVE_ROWS 60
#include "core/learn/curve.c"

#include "tests/core/learn_columns.h"

static void a_large_set_is_sampled_by_candidate_and_says_so(void **state)
{
	struct columns d = columns_make(90, 6, false, 2, 1.5, 23);
	struct eh_curve c;
	struct eh_importance i;

	(void)state;
	for (size_t k = 0; k < 90; k++)                         /* classes of 30 and 60 */
		d.group[k] = k % 3 == 0;
	columns_run(&d, &c, &i, 0);
	assert_int_equal(c.of, 90);
	assert_int_equal(c.n, 60);                              /* 20 and 40 */
	assert_int_equal(i.candidates, 60);
	assert_int_equal(c.point[EH_CURVE_POINTS - 1].n, 48);
	columns_free(&d);
}

static void copies_teach_and_are_never_judged(void **state)
{
	struct columns d = columns_make(80, 6, false, 2, 1.5, 23);
	uint8_t copy[80];
	struct eh_curve c;
	struct eh_importance i;

	(void)state;
	for (size_t k = 0; k < 80; k++) {                       /* pairs of an original and its copy */
		d.owner[k] = (uint32_t)(k / 2);
		d.group[k] = (int32_t)(k / 2 % 2);
		copy[k] = k % 2;
	}
	d.rows.copy = copy;
	columns_run(&d, &c, &i, 0);
	assert_int_equal(c.of, 40);
	assert_int_equal(c.n, 30);                              /* candidates of 60 rows */
	assert_int_equal(i.candidates, 30);
	columns_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_set_is_sampled_by_candidate_and_says_so),
		cmocka_unit_test(copies_teach_and_are_never_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

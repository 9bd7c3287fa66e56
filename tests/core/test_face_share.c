/* Shares of pictures and the rate of blinks. */
#include "tests/core/face_pictures.h"

#include "face/gather.h"
#include "face/share.h"

static struct eh_gather gather;

static int nothing_gathered(void **state)
{
	(void)state;
	eh_gather_reset(&gather);
	return 0;
}

static int give_back(void **state)
{
	(void)state;
	eh_gather_free(&gather);
	return 0;
}

static void add(double time, double eyes, double mouth, double corner, double stretch)
{
	struct eh_gather_row r = { .time = time };
	const struct { enum eh_face_indicator id; double v; } all[] = {
		{ EH_F_EYE_OPENING, eyes }, { EH_F_MOUTH_OPENING, mouth }, { EH_F_LIP_CORNER, corner },
		{ EH_F_MOUTH_STRETCH, stretch },
	};
	struct eh_err err = EH_ERR_INIT;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		r.value[all[i].id] = all[i].v;
		r.present[all[i].id] = 1;
	}
	assert_int_equal(eh_gather_add(&gather, &r, &err), EH_OK);
}

static struct eh_face_answer finish(void)
{
	struct eh_face_answer a = { .frames_sampled = 40, .frames_found = 30 };

	eh_gather_finish(&gather, &a);
	eh_share_finish(&gather, &a);
	return a;
}

static void a_share_is_one_value_without_spread(void **state)
{
	struct eh_face_answer a;
	const struct eh_summary *s = &a.sum[EH_F_MOUTH_OPEN];

	(void)state;
	for (int i = 0; i < 10; i++)
		add(0.2 * i, 0.3, i < 4 ? 0.11 : EH_MOUTH_CLOSED, 0.0, 0.5);
	a = finish();
	assert_int_equal(a.present[EH_F_MOUTH_OPEN], 1);
	assert_true(s->median == 0.4 && s->mean == 0.4 && s->p10 == 0.4 && s->p90 == 0.4);
	assert_true(s->mad == 0.0 && s->sd == 0.0 && s->change == 0.0);
	assert_int_equal(a.present[EH_F_COVERAGE], 1);
	assert_true(a.sum[EH_F_COVERAGE].mean == 0.75);
}

static void a_smile_is_wide_and_has_its_corners_up(void **state)
{
	struct eh_face_answer a;

	(void)state;
	for (int i = 0; i < 5; i++) {
		add(0.8 * i, 0.3, 0.0, EH_SMILE_CORNER, EH_SMILE_STRETCH);              /* just so */
		add(0.8 * i + 0.2, 0.3, 0.0, EH_SMILE_CORNER - 0.001, 0.8);
		add(0.8 * i + 0.4, 0.3, 0.0, 0.1, EH_SMILE_STRETCH - 0.001);
		add(0.8 * i + 0.6, 0.3, 0.0, -0.02, 0.5);
	}
	a = finish();
	assert_true(a.sum[EH_F_SMILE].mean == 0.25);
}

static void narrow_eyes_are_not_closed_eyes(void **state)
{
	struct eh_face_answer a;

	(void)state;
	for (int i = 0; i < 20; i++)
		add(0.2 * i, i < 3 ? 0.10 : 0.17, 0.0, 0.0, 0.5);       /* below 0.2 all the time, closed three times */
	a = finish();
	assert_true(a.sum[EH_F_EYES_CLOSED].mean == 0.15);
	nothing_gathered(NULL);
	for (int i = 0; i < 20; i++)
		add(0.2 * i, i < 3 ? 0.21 : 0.40, 0.0, 0.0, 0.5);       /* half open, but not below 0.2 */
	a = finish();
	assert_true(a.sum[EH_F_EYES_CLOSED].mean == 0.0);
}

/* Sixty seconds at the given rate with a closure of so many pictures every ten seconds. */
static struct eh_face_answer minute(double rate, int length)
{
	int every = (int)(10.0 * rate);

	nothing_gathered(NULL);
	for (int i = 0; i <= (int)(60.0 * rate); i++)
		add(i / rate, i % every >= 5 && i % every < 5 + length ? 0.1 : 0.3, 0.0, 0.0, 0.5);
	return finish();
}

static void blinks_are_counted_from_fifteen_pictures_a_second(void **state)
{
	struct eh_face_answer a = minute(15.0, 3);

	(void)state;
	assert_int_equal(a.present[EH_F_BLINKS], 1);
	assert_float_equal(a.sum[EH_F_BLINKS].mean, 6.0, 1e-6);
	a = minute(14.0, 3);
	assert_int_equal(a.present[EH_F_BLINKS], 0);
	a = minute(5.0, 1);
	assert_int_equal(a.present[EH_F_BLINKS], 0);
	assert_int_equal(a.present[EH_F_EYES_CLOSED], 1);
}

static void eyes_closed_for_long_are_no_blink(void **state)
{
	struct eh_face_answer a = minute(20.0, 10);     /* 0.5 s */

	(void)state;
	assert_float_equal(a.sum[EH_F_BLINKS].mean, 6.0, 1e-6);
	a = minute(20.0, 11);
	assert_true(a.sum[EH_F_BLINKS].mean == 0.0);
}

static void fewer_than_five_pictures_have_no_share(void **state)
{
	struct eh_face_answer a;

	(void)state;
	a = finish();
	for (int k = 0; k < EH_FACE_N; k++)
		assert_int_equal(a.present[k], 0);
	for (int i = 0; i < EH_FACE_MIN_FRAMES - 1; i++)
		add(0.05 * i, 0.3, 0.0, 0.0, 0.5);
	a = finish();
	for (int k = 0; k < EH_FACE_N; k++)
		assert_int_equal(a.present[k], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_share_is_one_value_without_spread, nothing_gathered),
		cmocka_unit_test_setup(a_smile_is_wide_and_has_its_corners_up, nothing_gathered),
		cmocka_unit_test_setup(narrow_eyes_are_not_closed_eyes, nothing_gathered),
		cmocka_unit_test_setup(blinks_are_counted_from_fifteen_pictures_a_second, nothing_gathered),
		cmocka_unit_test_setup(eyes_closed_for_long_are_no_blink, nothing_gathered),
		cmocka_unit_test_setup(fewer_than_five_pictures_have_no_share, nothing_gathered),
	};

	return cmocka_run_group_tests(tests, NULL, give_back);
}

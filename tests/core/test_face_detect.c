/* Anchors, decoding, weighted suppression, the way back from the letterbox, the choice of the person. */
#include "tests/core/face_pictures.h"

#include "face/detect.h"

static const struct eh_detector *kind = &eh_detector_short;
static float regressors[EH_DETECT_ANCHORS * EH_DETECT_VALUES];
static float scores[EH_DETECT_ANCHORS];

static int nothing_found(void **state)
{
	(void)state;
	kind = &eh_detector_short;
	memset(regressors, 0, sizeof regressors);
	for (size_t i = 0; i < EH_DETECT_ANCHORS; i++)
		scores[i] = -100.0f;
	return 0;
}

/* A box of w x h in the letterbox at (x, y), written into a row as the net would. */
static void set_row(uint32_t row, double x, double y, double w, double h, double score)
{
	float *r = regressors + (size_t)row * EH_DETECT_VALUES;
	double ax = 0.0, ay = 0.0;

	eh_detect_anchor(kind, row, &ax, &ay);
	r[0] = (float)((x - ax) * kind->side);
	r[1] = (float)((y - ay) * kind->side);
	r[2] = (float)(w * kind->side);
	r[3] = (float)(h * kind->side);
	for (int k = 0; k < EH_DETECT_POINTS; k++) {
		r[4 + 2 * k] = (float)((x + 0.01 * k - ax) * kind->side);
		r[5 + 2 * k] = (float)((y - 0.01 * k - ay) * kind->side);
	}
	scores[row] = (float)log(score / (1.0 - score));
}

/* facts/vision.md 6, item 2: 16x16 cells x 2, then 8x8 x 6; order y, x, anchor */
static void anchors_are_cell_centres_in_row_order(void **state)
{
	static const struct { uint32_t row; double x, y; } want[] = {
		{ 0, 0.5 / 16, 0.5 / 16 }, { 1, 0.5 / 16, 0.5 / 16 }, { 2, 1.5 / 16, 0.5 / 16 },
		{ 32, 0.5 / 16, 1.5 / 16 },
		{ 511, 15.5 / 16, 15.5 / 16 }, { 512, 0.5 / 8, 0.5 / 8 }, { 517, 0.5 / 8, 0.5 / 8 },
		{ 518, 1.5 / 8, 0.5 / 8 }, { 560, 0.5 / 8, 1.5 / 8 }, { 895, 7.5 / 8, 7.5 / 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		double x = 0.0, y = 0.0;

		eh_detect_anchor(kind, want[i].row, &x, &y);
		assert_float_equal(x, want[i].x, 1e-12);
		assert_float_equal(y, want[i].y, 1e-12);
	}
}

static void nothing_above_one_half_is_no_face(void **state)
{
	struct eh_detection d[EH_DETECT_MAX];

	(void)state;
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 0);
	set_row(100, 0.5, 0.5, 0.3, 0.3, 0.499);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 0);
	set_row(100, 0.5, 0.5, 0.3, 0.3, 0.501);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 1);
	assert_float_equal(d[0].x, 0.5, 1e-6);
	assert_float_equal(d[0].w, 0.3, 1e-6);
	assert_float_equal(d[0].score, 0.501, 1e-6);
	assert_float_equal(d[0].point[5][0], 0.55, 1e-6);
	assert_float_equal(d[0].point[5][1], 0.45, 1e-6);
}

/* facts/vision.md 6, items 2 and 4: 48 x 48 centres, one anchor each, kept from 0.6 */
static void the_full_range_detector_has_its_own_grid_and_limit(void **state)
{
	static const struct { uint32_t row; double x, y; } want[] = {
		{ 0, 0.5 / 48, 0.5 / 48 }, { 1, 1.5 / 48, 0.5 / 48 }, { 48, 0.5 / 48, 1.5 / 48 },
		{ 2303, 47.5 / 48, 47.5 / 48 },
	};
	struct eh_detection d[EH_DETECT_MAX];

	(void)state;
	kind = &eh_detector_full;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		double x = 0.0, y = 0.0;

		eh_detect_anchor(kind, want[i].row, &x, &y);
		assert_float_equal(x, want[i].x, 1e-12);
		assert_float_equal(y, want[i].y, 1e-12);
	}
	set_row(2303, 0.9, 0.8, 0.05, 0.06, 0.599);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 0);
	set_row(2303, 0.9, 0.8, 0.05, 0.06, 0.601);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 1);
	assert_float_equal(d[0].x, 0.9, 1e-6);
	assert_float_equal(d[0].h, 0.06, 1e-6);
}

static void a_face_at_every_anchor_is_counted_within_the_list(void **state)
{
	struct eh_detection d[EH_DETECT_MAX];

	(void)state;
	kind = &eh_detector_full;
	for (uint32_t i = 0; i < kind->anchors; i++)
		set_row(i, (i % 48 + 0.5) / 48, (i / 48 + 0.5) / 48, 0.02, 0.02, 0.9);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), EH_DETECT_MAX);
}

static void overlapping_boxes_become_their_weighted_mean(void **state)
{
	struct eh_detection d[EH_DETECT_MAX];

	(void)state;
	set_row(10, 0.50, 0.50, 0.40, 0.40, 0.9);
	set_row(600, 0.52, 0.50, 0.40, 0.40, 0.6);
	set_row(40, 0.10, 0.10, 0.10, 0.10, 0.8);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 2);
	assert_float_equal(d[0].x, (0.9 * 0.50 + 0.6 * 0.52) / 1.5, 1e-6);
	assert_float_equal(d[0].score, 0.9, 1e-6);
	assert_float_equal(d[1].x, 0.10, 1e-6);
	assert_float_equal(d[1].score, 0.8, 1e-6);
}

/* Equal squares of side 1 shifted by s: intersection over union = (1 - s) / (1 + s), 0.3 at s = 0.538. */
static void overlap_counts_from_three_tenths(void **state)
{
	struct eh_detection d[EH_DETECT_MAX];

	(void)state;
	set_row(10, 0.3, 0.5, 0.2, 0.2, 0.9);
	set_row(20, 0.3 + 0.2 * 0.53, 0.5, 0.2, 0.2, 0.8);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 1);
	set_row(20, 0.3 + 0.2 * 0.55, 0.5, 0.2, 0.2, 0.8);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 2);
}

static void more_faces_than_the_list_holds_are_cut(void **state)
{
	struct eh_detection d[EH_DETECT_MAX];

	(void)state;
	for (uint32_t i = 0; i < 25; i++)
		set_row(i, 0.1 + 0.2 * (i % 5), 0.1 + 0.2 * (i / 5), 0.1, 0.1, 0.9);
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), EH_DETECT_MAX);
}

static void numbers_that_are_not_finite_are_no_face(void **state)
{
	struct eh_detection d[EH_DETECT_MAX];

	(void)state;
	set_row(5, 0.5, 0.5, 0.3, 0.3, 0.9);
	regressors[5 * EH_DETECT_VALUES + 7] = NAN;
	scores[6] = NAN;
	assert_int_equal(eh_detect_decode(d, kind, regressors, scores), 0);
}

/* facts/vision.md 6, item 6, in pixels */
static void the_letterbox_is_undone(void **state)
{
	struct eh_detection d = { .x = 0.5, .y = 0.5, .w = 0.25, .h = 0.25 };

	(void)state;
	d.point[0][0] = 0.0;
	d.point[0][1] = 0.125;
	eh_detect_unbox(&d, 640, 480);          /* 80 px of border above and below */
	assert_float_equal(d.x, 320.0, 1e-9);
	assert_float_equal(d.y, 240.0, 1e-9);
	assert_float_equal(d.w, 160.0, 1e-9);
	assert_float_equal(d.point[0][0], 0.0, 1e-9);
	assert_float_equal(d.point[0][1], 0.0, 1e-9);
	d = (struct eh_detection){ .x = 0.25, .y = 1.0, .w = 0.5, .h = 0.5 };
	eh_detect_unbox(&d, 400, 800);          /* 200 px left and right */
	assert_float_equal(d.x, 0.0, 1e-9);
	assert_float_equal(d.y, 800.0, 1e-9);
	assert_float_equal(d.h, 400.0, 1e-9);
}

static void the_largest_most_central_face_is_chosen(void **state)
{
	struct eh_detection d[3] = {
		{ .x = 320, .y = 240, .w = 100, .h = 100, .score = 0.9 },
		{ .x = 0, .y = 0, .w = 150, .h = 190, .score = 0.8 },
		{ .x = 320, .y = 240, .w = 100, .h = 100, .score = 0.7 },
	};

	(void)state;
	assert_int_equal(eh_detect_choose(d, 3, 640, 480), 0);  /* corner: 190 * 0.5 < 100; tie: the first */
	d[1].h = 210;
	assert_int_equal(eh_detect_choose(d, 3, 640, 480), 1);
	d[1].x = 300;
	d[1].y = 200;
	d[1].h = 110;
	assert_int_equal(eh_detect_choose(d, 2, 640, 480), 1);
}

static void the_region_follows_the_eyes(void **state)
{
	struct eh_detection d = { .x = 100, .y = 90, .w = 60, .h = 80 };
	struct eh_region r;

	(void)state;
	d.point[0][0] = 80;
	d.point[0][1] = 70;
	d.point[1][0] = 120;
	d.point[1][1] = 110;            /* the right eye lower: turned clockwise */
	r = eh_detect_region(&d);
	assert_float_equal(r.cx, 100.0, 1e-12);
	assert_float_equal(r.side, 120.0, 1e-12);
	assert_float_equal(r.angle, PI / 4, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anchors_are_cell_centres_in_row_order),
		cmocka_unit_test_setup(nothing_above_one_half_is_no_face, nothing_found),
		cmocka_unit_test_setup(the_full_range_detector_has_its_own_grid_and_limit, nothing_found),
		cmocka_unit_test_setup(a_face_at_every_anchor_is_counted_within_the_list, nothing_found),
		cmocka_unit_test_setup(overlapping_boxes_become_their_weighted_mean, nothing_found),
		cmocka_unit_test_setup(overlap_counts_from_three_tenths, nothing_found),
		cmocka_unit_test_setup(more_faces_than_the_list_holds_are_cut, nothing_found),
		cmocka_unit_test_setup(numbers_that_are_not_finite_are_no_face, nothing_found),
		cmocka_unit_test(the_letterbox_is_undone),
		cmocka_unit_test(the_largest_most_central_face_is_chosen),
		cmocka_unit_test(the_region_follows_the_eyes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

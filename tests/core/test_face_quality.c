/* Light, sharpness and colour on pictures whose figures are known. */
#include "tests/core/face_pictures.h"

#include "face/mesh.h"
#include "face/quality.h"

static struct eh_tone tone;
static float xyz[EH_LANDMARKS * 3], crop[EH_MESH_SIDE * EH_MESH_SIDE * 3];
static double v[EH_FACE_N];
static uint8_t present[EH_FACE_N];

/* All landmarks in the middle of a picture of 200 x 100, the eyes 40 px apart. */
static int face_in_the_middle(void **state)
{
	(void)state;
	eh_tone_init(&tone);
	memset(v, 0, sizeof v);
	memset(present, 0, sizeof present);
	memset(crop, 0, sizeof crop);
	for (int i = 0; i < EH_LANDMARKS; i++) {
		xyz[3 * i] = 100.0f;
		xyz[3 * i + 1] = 50.0f;
		xyz[3 * i + 2] = 0.0f;
	}
	xyz[3 * 33] = 80.0f;
	xyz[3 * 263] = 120.0f;
	return 0;
}

static void measure(const struct eh_image *im)
{
	static const double box[4] = { 70.0, 20.0, 130.0, 90.0 };
	double ground[3];

	eh_tone_ground(ground, &tone, im);
	assert_int_equal(eh_quality(v, present, &tone, im, xyz, box, crop, ground, NULL), EH_OK);
}

static void fill(struct eh_image *im, int left, int right, uint8_t r, uint8_t g, uint8_t b)
{
	for (int y = 0; y < im->height; y++) {
		for (int x = left; x < right; x++) {
			uint8_t *p = picture_pixel(im, x, y);

			p[0] = r;
			p[1] = g;
			p[2] = b;
		}
	}
}

/* Figures of the standard's own formulas, computed apart (CIE 15, IEC 61966-2-1). */
static void known_colours_have_their_lab_values(void **state)
{
	static const struct { int rgb[3]; double lab[3]; } want[] = {
		{ { 255, 255, 255 }, { 100.0, 0.0, 0.0 } }, { { 0, 0, 0 }, { 0.0, 0.0, 0.0 } },
		{ { 255, 0, 0 }, { 53.24, 80.09, 67.20 } }, { { 0, 255, 0 }, { 87.73, -86.18, 83.18 } },
		{ { 0, 0, 255 }, { 32.30, 79.19, -107.86 } }, { { 119, 119, 119 }, { 50.03, 0.0, 0.0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		double rgb[3], lab[3];

		for (int k = 0; k < 3; k++)
			rgb[k] = tone.linear[want[i].rgb[k]];
		eh_tone_lab(lab, rgb);
		for (int k = 0; k < 3; k++)
			assert_float_equal(lab[k], want[i].lab[k], 0.03);
	}
}

static void skin_and_the_rest_of_the_picture_are_told_apart(void **state)
{
	struct eh_image im = picture_new(200, 100, 119);

	(void)state;
	fill(&im, 90, 110, 224, 172, 105);      /* L* 73.79, a* 11.28, b* 41.53 */
	measure(&im);
	assert_float_equal(v[EH_F_SKIN_L], 73.79, 0.1);
	assert_float_equal(v[EH_F_SKIN_A], 11.28, 0.1);
	assert_float_equal(v[EH_F_SKIN_B], 41.53, 0.1);
	assert_float_equal(v[EH_F_ITA], atan((73.79 - 50.0) / 41.53) * 180.0 / PI, 0.1);
	assert_true(v[EH_F_SKIN_L_REL] > 15.0 && v[EH_F_SKIN_L_REL] < 24.1);
	assert_true(v[EH_F_SKIN_B_REL] > 30.0);
	picture_free(&im);
}

static void every_white_and_black_is_inside_the_ranges(void **state)
{
	(void)state;
	for (int grey = 0; grey < 256; grey += 255) {
		struct eh_image im = picture_new(200, 100, (uint8_t)grey);

		face_in_the_middle(NULL);
		measure(&im);
		assert_int_equal(present[EH_F_SKIN_L], 1);
		assert_int_equal(present[EH_F_EXPOSURE], 1);
		assert_float_equal(v[EH_F_EXPOSURE], grey / 255.0, 1e-9);
		assert_float_equal(v[EH_F_CONTRAST], 0.0, 1e-6);
		assert_float_equal(v[EH_F_SKIN_L_REL], 0.0, 1e-9);
		picture_free(&im);
	}
}

static void skin_under_blue_light_has_no_typology_angle(void **state)
{
	struct eh_image im = picture_new(200, 100, 0);

	(void)state;
	fill(&im, 0, 200, 60, 70, 200);
	measure(&im);
	assert_int_equal(present[EH_F_SKIN_B], 1);
	assert_true(v[EH_F_SKIN_B] < 0.0);
	assert_int_equal(present[EH_F_ITA], 0);
	picture_free(&im);
}

/* Box from x 70 to 130, half of it black, half white. */
static void exposure_and_contrast_are_mean_and_deviation(void **state)
{
	struct eh_image im = picture_new(200, 100, 0);

	(void)state;
	fill(&im, 100, 200, 255, 255, 255);
	measure(&im);
	assert_float_equal(v[EH_F_EXPOSURE], 0.5, 1e-9);
	assert_float_equal(v[EH_F_CONTRAST], 0.5, 1e-9);
	assert_float_equal(v[EH_F_SIZE], 0.7, 1e-12);
	picture_free(&im);
}

static void a_face_outside_of_the_picture_has_neither_light_nor_skin(void **state)
{
	static const double box[4] = { 300.0, 20.0, 360.0, 90.0 };
	struct eh_image im = picture_new(200, 100, 80);

	(void)state;
	for (int i = 0; i < EH_LANDMARKS; i++)
		xyz[3 * i] += 230.0f;
	assert_int_equal(eh_quality(v, present, &tone, &im, xyz, box, crop, (const double[3]){ 0.0, 0.0, 0.0 }, NULL),
			 EH_OK);
	assert_int_equal(present[EH_F_EXPOSURE], 0);
	assert_int_equal(present[EH_F_SKIN_L], 0);
	assert_int_equal(present[EH_F_ITA], 0);
	picture_free(&im);
}

static void skin_needs_all_three_patches_in_the_picture(void **state)
{
	struct eh_image im = picture_new(200, 100, 80);

	(void)state;
	xyz[3 * 151 + 1] = 1.0f;        /* the forehead's patch reaches 3.2 px up */
	measure(&im);
	assert_int_equal(present[EH_F_SKIN_L], 0);
	assert_int_equal(present[EH_F_SKIN_B_REL], 0);
	assert_int_equal(present[EH_F_EXPOSURE], 1);
	picture_free(&im);
}

/* Columns of 0 and 1 in turn: the Laplacian is -2 and 2 there, every second column sees one of them; a flat face 0. */
static void sharpness_is_the_deviation_of_the_laplacian(void **state)
{
	struct eh_image im = picture_new(200, 100, 80);
	double blurred = 0.0;

	(void)state;
	measure(&im);
	assert_true(v[EH_F_SHARPNESS] == 0.0);
	for (int y = 0; y < EH_MESH_SIDE; y++)
		for (int x = 0; x < EH_MESH_SIDE; x++)
			crop[3 * (y * EH_MESH_SIDE + x) + 1] = x / 2 % 2 == 0 ? 1.0f : 0.0f;    /* 1 1 0 0: +1 and -1 */
	measure(&im);
	assert_float_equal(v[EH_F_SHARPNESS], 1.0, 1e-6);
	for (int y = 0; y < EH_MESH_SIDE; y++)
		for (int x = 0; x < EH_MESH_SIDE; x++)
			crop[3 * (y * EH_MESH_SIDE + x) + 1] = (float)(0.5 + 0.5 * cos(x * PI / 8));
	measure(&im);
	blurred = v[EH_F_SHARPNESS];
	assert_true(blurred > 0.0 && blurred < 0.1);
	picture_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(known_colours_have_their_lab_values, face_in_the_middle),
		cmocka_unit_test_setup(skin_and_the_rest_of_the_picture_are_told_apart, face_in_the_middle),
		cmocka_unit_test_setup(every_white_and_black_is_inside_the_ranges, face_in_the_middle),
		cmocka_unit_test_setup(skin_under_blue_light_has_no_typology_angle, face_in_the_middle),
		cmocka_unit_test_setup(exposure_and_contrast_are_mean_and_deviation, face_in_the_middle),
		cmocka_unit_test_setup(a_face_outside_of_the_picture_has_neither_light_nor_skin, face_in_the_middle),
		cmocka_unit_test_setup(skin_needs_all_three_patches_in_the_picture, face_in_the_middle),
		cmocka_unit_test_setup(sharpness_is_the_deviation_of_the_laplacian, face_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

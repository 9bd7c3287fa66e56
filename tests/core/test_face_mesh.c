/* From the crop back to the picture, and the region that is looked at next. */
#include "tests/core/face_pictures.h"

#include "face/mesh.h"

/* facts/vision.md 6, item 10 */
static void landmarks_go_back_into_the_picture(void **state)
{
	struct eh_region r = { 300.0, 200.0, 96.0, PI / 2 };
	static float raw[EH_LANDMARKS * 3], xyz[EH_LANDMARKS * 3];

	(void)state;
	raw[0] = 96.0f;                 /* the middle */
	raw[1] = 96.0f;
	raw[2] = -20.0f;
	raw[3] = 192.0f;                /* the right edge, which a quarter turn brings to the bottom */
	raw[4] = 96.0f;
	eh_mesh_place(xyz, raw, &r);
	assert_float_equal(xyz[0], 300.0f, 1e-4f);
	assert_float_equal(xyz[1], 200.0f, 1e-4f);
	assert_float_equal(xyz[2], -10.0f, 1e-5f);      /* z is scaled like x: 96 / 192 */
	assert_float_equal(xyz[3], 300.0f, 1e-4f);
	assert_float_equal(xyz[4], 248.0f, 1e-4f);
}

/* Crop and way back are each other's inverse: half-pixel centres in both. */
static void the_way_back_undoes_the_crop(void **state)
{
	struct eh_image im = picture_new(300, 260, 0);
	struct eh_region r = { 140.0, 130.0, 150.0, -0.3 };
	static float crop[EH_MESH_SIDE * EH_MESH_SIDE * 3], raw[EH_LANDMARKS * 3], xyz[EH_LANDMARKS * 3];
	double sum = 0.0, u = 0.0, v = 0.0;

	(void)state;
	for (int y = 100; y < 104; y++)         /* a white spot with centre (162, 102) */
		for (int x = 160; x < 164; x++)
			memset(picture_pixel(&im, x, y), 255, 4);
	eh_crop(crop, EH_MESH_SIDE, &im, &r);
	for (int j = 0; j < EH_MESH_SIDE; j++) {
		for (int i = 0; i < EH_MESH_SIDE; i++) {
			double w = (double)crop[(j * EH_MESH_SIDE + i) * 3];

			sum += w;
			u += w * (i + 0.5);
			v += w * (j + 0.5);
		}
	}
	raw[0] = (float)(u / sum);
	raw[1] = (float)(v / sum);
	eh_mesh_place(xyz, raw, &r);
	assert_float_equal(xyz[0], 162.0f, 0.02f);
	assert_float_equal(xyz[1], 102.0f, 0.02f);
	picture_free(&im);
}

/* facts/vision.md 6, item 8 */
static void the_next_region_is_half_as_large_again_as_the_landmarks(void **state)
{
	static float xyz[EH_LANDMARKS * 3];
	struct eh_region r;
	double box[4];

	(void)state;
	for (int i = 0; i < EH_LANDMARKS; i++) {
		xyz[3 * i] = 100.0f;
		xyz[3 * i + 1] = 100.0f;
	}
	xyz[3 * 7] = 60.0f;
	xyz[3 * 9 + 1] = 160.0f;
	xyz[3 * 33] = 80.0f;
	xyz[3 * 33 + 1] = 120.0f;
	xyz[3 * 263] = 110.0f;
	eh_mesh_box(box, xyz);
	assert_float_equal(box[0], 60.0, 1e-9);
	assert_float_equal(box[1], 100.0, 1e-9);
	assert_float_equal(box[2], 110.0, 1e-9);
	assert_float_equal(box[3], 160.0, 1e-9);
	r = eh_mesh_region(xyz);
	assert_float_equal(r.cx, 85.0, 1e-9);
	assert_float_equal(r.cy, 130.0, 1e-9);
	assert_float_equal(r.side, 90.0, 1e-9);
	assert_float_equal(r.angle, atan2(-20.0, 30.0), 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(landmarks_go_back_into_the_picture),
		cmocka_unit_test(the_way_back_undoes_the_crop),
		cmocka_unit_test(the_next_region_is_half_as_large_again_as_the_landmarks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

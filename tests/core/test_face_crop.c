/* The rotated crop and the letterbox. */
#include "tests/core/face_pictures.h"

#include "base/rng.h"
#include "face/crop.h"

/* A picture whose red is a slope in x, green in y, blue constant: bilinear sampling is exact on it. */
static struct eh_image slopes(int width, int height)
{
	struct eh_image im = picture_new(width, height, 0);

	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			uint8_t *p = picture_pixel(&im, x, y);

			p[0] = (uint8_t)x;
			p[1] = (uint8_t)y;
			p[2] = 77;
		}
	}
	return im;
}

static void a_crop_of_the_whole_picture_is_the_picture(void **state)
{
	struct eh_image im = slopes(48, 48);
	struct eh_region r = { 24.0, 24.0, 48.0, 0.0 };
	float out[48 * 48 * 3];

	(void)state;
	eh_crop(out, 48, &im, &r);
	for (int y = 0; y < 48; y++)
		for (int x = 0; x < 48; x++)
			for (int c = 0; c < 3; c++)
				assert_float_equal(out[(y * 48 + x) * 3 + c], picture_pixel(&im, x, y)[c] / 255.0f,
						   1e-6f);
	picture_free(&im);
}

static void a_turned_crop_samples_where_the_formula_says(void **state)
{
	struct eh_image im = slopes(200, 180);
	struct eh_region r = { 97.3, 88.6, 70.5, 0.4 };
	float out[32 * 32 * 3];

	(void)state;
	eh_crop(out, 32, &im, &r);
	for (int j = 0; j < 32; j++) {
		for (int i = 0; i < 32; i++) {
			/* facts/vision.md 6, item 9 */
			double u = ((i + 0.5) / 32 - 0.5) * r.side, v = ((j + 0.5) / 32 - 0.5) * r.side;
			double x = r.cx + cos(r.angle) * u - sin(r.angle) * v - 0.5;
			double y = r.cy + sin(r.angle) * u + cos(r.angle) * v - 0.5;
			const float *p = out + (j * 32 + i) * 3;

			/* weights have 10 bits: 1/1024 of a level and a little */
			assert_float_equal(p[0] * 255.0f, x, 0.002f);
			assert_float_equal(p[1] * 255.0f, y, 0.002f);
			assert_float_equal(p[2] * 255.0f, 77.0f, 1e-4f);
		}
	}
	picture_free(&im);
}

/* Exactly the integers of the contract, whatever instructions the program uses: weights of 10 bits, 16.16 positions. */
static float mixed(const struct eh_image *im, int64_t x, int64_t y, int k, float scale)
{
	int64_t px[2] = { x >> 16, (x >> 16) + 1 }, py[2] = { y >> 16, (y >> 16) + 1 };
	int32_t fx = (int32_t)(x & 65535) >> 6, fy = (int32_t)(y & 65535) >> 6, v[2][2];

	for (int i = 0; i < 2; i++) {
		px[i] = px[i] < 0 ? 0 : px[i] >= im->width ? im->width - 1 : px[i];
		py[i] = py[i] < 0 ? 0 : py[i] >= im->height ? im->height - 1 : py[i];
	}
	for (int j = 0; j < 2; j++)
		for (int i = 0; i < 2; i++)
			v[j][i] = picture_pixel(im, (int)px[i], (int)py[j])[k];
	return (float)((v[0][0] * (1024 - fx) + v[0][1] * fx) * (1024 - fy) +
		       (v[1][0] * (1024 - fx) + v[1][1] * fx) * fy) * scale;
}

static void check_bytes(struct eh_rng *rng)
{
	int width = 1 + (int)eh_rng_below(rng, 200), height = 1 + (int)eh_rng_below(rng, 150), n = 33;
	double longer = width > height ? width : height;
	struct eh_image im = picture_new(width, height, 0);
	struct eh_region r = { 0.0, 0.0, 0.0, 0.0 };
	double step = 0.0, c = 0.0, s = 0.0, half = 0.5 * n - 0.5;
	float out[33 * 33 * 3];

	r.cx = eh_rng_unit(rng) * width;
	r.cy = eh_rng_unit(rng) * height;
	r.side = 4.0 + eh_rng_unit(rng) * 3.0 * longer;
	r.angle = 7.0 * eh_rng_unit(rng);
	step = r.side / n;
	c = cos(r.angle) * step;
	s = sin(r.angle) * step;
	for (size_t i = 0; i < im.stride * (size_t)height; i++)
		picture_pixel(&im, 0, 0)[i] = (uint8_t)eh_rng_below(rng, 256);
	eh_crop(out, n, &im, &r);
	for (int j = 0; j < n; j++) {
		int64_t x = llround((r.cx - c * half - s * (j - half) - 0.5) * 65536);
		int64_t y = llround((r.cy - s * half + c * (j - half) - 0.5) * 65536);

		for (int i = 0; i < n; i++)
			for (int k = 0; k < 3; k++)
				assert_true(out[(j * n + i) * 3 + k] ==
					    mixed(&im, x + i * llround(c * 65536), y + i * llround(s * 65536), k,
						  1.0f / (255.0f * 1024 * 1024)));
	}
	picture_free(&im);
}

static void a_crop_has_the_bytes_of_the_integer_formula(void **state)
{
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 5);
	for (int i = 0; i < 60; i++)
		check_bytes(&rng);
}

static void a_crop_beyond_the_picture_repeats_its_edge(void **state)
{
	struct eh_image im = slopes(40, 30);
	struct eh_region r = { 20.0, 15.0, 160.0, 0.0 };
	float out[16 * 16 * 3];

	(void)state;
	assert_true(eh_region_usable(&r, &im));
	eh_crop(out, 16, &im, &r);
	for (int i = 0; i < 16; i++) {
		assert_float_equal(out[i * 3 + 1], 0.0f, 1e-6f);                        /* above: row 0 */
		assert_float_equal(out[(15 * 16 + i) * 3 + 1] * 255.0f, 29.0f, 1e-4f);  /* below: the last row */
		assert_float_equal(out[i * 16 * 3] * 255.0f, 0.0f, 1e-4f);
		assert_float_equal(out[(i * 16 + 15) * 3] * 255.0f, 39.0f, 1e-4f);
	}
	picture_free(&im);
}

static void a_picture_of_one_pixel_fills_the_crop(void **state)
{
	struct eh_image im = picture_new(1, 1, 51);
	struct eh_region r = { 0.5, 0.5, 4.0, 1.0 };
	float out[8 * 8 * 3];

	(void)state;
	eh_crop(out, 8, &im, &r);
	for (int i = 0; i < 8 * 8 * 3; i++)
		assert_float_equal(out[i], 0.2f, 1e-6f);
	eh_letterbox(out, 8, &im);
	for (int i = 0; i < 8 * 8 * 3; i++)
		assert_float_equal(out[i], -0.6f, 1e-6f);
	picture_free(&im);
}

static void regions_that_cannot_be_cropped_are_told(void **state)
{
	struct eh_image im = picture_new(64, 48, 0);
	const struct eh_region good = { 32.0, 24.0, 30.0, 0.0 };
	struct eh_region r = good;

	(void)state;
	assert_true(eh_region_usable(&r, &im));
	r.side = 3.9;
	assert_false(eh_region_usable(&r, &im));
	r.side = 4.0 * 64 + 0.1;
	assert_false(eh_region_usable(&r, &im));
	r = good;
	r.cx = -0.1;
	assert_false(eh_region_usable(&r, &im));
	r.cx = NAN;
	assert_false(eh_region_usable(&r, &im));
	r = good;
	r.angle = INFINITY;
	assert_false(eh_region_usable(&r, &im));
	picture_free(&im);
}

/* A white picture: each pixel of the box is white where its centre lies in the picture, else black. */
static void check_letterbox(int width, int height)
{
	struct eh_image im = picture_new(width, height, 255);
	static float out[128 * 128 * 3];
	int longer = width > height ? width : height;

	eh_letterbox(out, 128, &im);
	for (int j = 0; j < 128; j++) {
		for (int i = 0; i < 128; i++) {
			double x = (i + 0.5) / 128 * longer - 0.5 * (longer - width);
			double y = (j + 0.5) / 128 * longer - 0.5 * (longer - height);
			bool inside = x >= 0 && x < width && y >= 0 && y < height;

			for (int c = 0; c < 3; c++)
				assert_float_equal(out[(j * 128 + i) * 3 + c], inside ? 1.0f : -1.0f, 1e-6f);
		}
	}
	picture_free(&im);
}

static void a_letterbox_keeps_the_aspect_and_is_black_outside(void **state)
{
	(void)state;
	check_letterbox(640, 480);
	check_letterbox(480, 640);
	check_letterbox(64, 64);
	check_letterbox(200, 17);
}

static void a_letterbox_of_128_pixels_is_the_picture(void **state)
{
	struct eh_image im = slopes(128, 128);
	static float out[128 * 128 * 3];

	(void)state;
	eh_letterbox(out, 128, &im);
	for (int y = 0; y < 128; y++)
		for (int x = 0; x < 128; x++)
			for (int c = 0; c < 3; c++)
				assert_float_equal(out[(y * 128 + x) * 3 + c],
						   picture_pixel(&im, x, y)[c] / 127.5f - 1.0f, 1e-6f);
	picture_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crop_of_the_whole_picture_is_the_picture),
		cmocka_unit_test(a_turned_crop_samples_where_the_formula_says),
		cmocka_unit_test(a_crop_has_the_bytes_of_the_integer_formula),
		cmocka_unit_test(a_crop_beyond_the_picture_repeats_its_edge),
		cmocka_unit_test(a_picture_of_one_pixel_fills_the_crop),
		cmocka_unit_test(regions_that_cannot_be_cropped_are_told),
		cmocka_unit_test(a_letterbox_keeps_the_aspect_and_is_black_outside),
		cmocka_unit_test(a_letterbox_of_128_pixels_is_the_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

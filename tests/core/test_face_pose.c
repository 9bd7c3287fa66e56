/* The canonical face and the head pose. */
#include "tests/core/face_pictures.h"

#include "base/rng.h"
#include "face/canon.h"
#include "face/pose.h"

static struct eh_canon canon;

static int load(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_CANON, &size);
	struct eh_err err = EH_ERR_INIT;
	int rc = eh_canon_read(&canon, data, size, &err);

	(void)state;
	free(data);
	return rc;
}

/* facts/vision.md 4.1 */
static void the_canonical_face_has_its_check_values(void **state)
{
	static const struct { int i; double x, y, z; } want[] = {
		{ 1, 0.0, -1.1269, 7.4756 }, { 33, -4.4459, 2.6640, 3.1734 }, { 263, 4.4459, 2.6640, 3.1734 },
		{ 152, 0.0, -9.4034, 4.2645 }, { 234, -7.6642, 0.6731, -2.4359 },
	};
	double sum = 0.0;

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		assert_float_equal(canon.vertex[want[i].i][0], want[i].x, 6e-5);
		assert_float_equal(canon.vertex[want[i].i][1], want[i].y, 6e-5);
		assert_float_equal(canon.vertex[want[i].i][2], want[i].z, 6e-5);
	}
	for (size_t i = 0; i < EH_CANON_WEIGHTS; i++) {
		sum += canon.weight[i];
		if (canon.id[i] == 129 || canon.id[i] == 358)
			assert_float_equal(canon.weight[i], 0.1206, 6e-5);
	}
	assert_float_equal(sum, 1.0550, 6e-5);
}

static void a_canonical_face_cut_off_or_changed_is_refused(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_CANON, &size);
	struct eh_canon c;
	struct eh_err err = EH_ERR_INIT;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 3);
	for (size_t n = 0; n < size - 2; n += 7) {
		unsigned char *copy = eh_xmalloc(n);

		memcpy(copy, data, n);
		assert_int_equal(eh_canon_read(&c, copy, n, &err), EH_EFORMAT);
		free(copy);
	}
	for (int i = 0; i < 2000; i++) {
		size_t at = (size_t)eh_rng_below(&rng, size);
		unsigned char was = data[at];

		data[at] = (unsigned char)eh_rng_below(&rng, 256);
		if (eh_canon_read(&c, data, size, &err) == EH_OK)
			for (size_t k = 0; k < EH_CANON_WEIGHTS; k++)
				assert_true(c.id[k] < EH_LANDMARKS && c.weight[k] > 0.0);
		data[at] = was;
	}
	free(data);
}

/* Matrix of degrees about one axis of the canonical face. */
static void turn(double r[9], int axis, double degree)
{
	double c = cos(degree * PI / 180), s = sin(degree * PI / 180);
	int j = (axis + 1) % 3, k = (axis + 2) % 3;

	memset(r, 0, 9 * sizeof *r);
	r[4 * axis] = 1.0;
	r[4 * j] = r[4 * k] = c;
	r[3 * j + k] = -s;
	r[3 * k + j] = s;
}

static void multiply(double out[9], const double a[9], const double b[9])
{
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
}

/* The canonical face turned, enlarged and shifted, as landmarks of a picture: y down, z away. */
static void as_landmarks(float *xyz, const double r[9])
{
	for (int i = 0; i < EH_LANDMARKS; i++) {
		const double *v = canon.vertex[i];

		for (int k = 0; k < 3; k++) {
			double p = 21.5 * (r[3 * k] * v[0] + r[3 * k + 1] * v[1] + r[3 * k + 2] * v[2]);

			xyz[3 * i + k] = (float)(k == 0 ? 320.0 + p : k == 1 ? 240.0 - p : 11.0 - p);
		}
	}
}

static struct eh_pose pose_of(const double r[9])
{
	float xyz[EH_LANDMARKS * 3];
	struct eh_pose p = { .yaw = 99.0, .pitch = 99.0, .roll = 99.0 };

	as_landmarks(xyz, r);
	assert_true(eh_pose_of_landmarks(&p, &canon, xyz));
	return p;
}

static void the_canonical_face_looks_straight_ahead(void **state)
{
	double r[9];
	struct eh_pose p;

	(void)state;
	turn(r, 0, 0.0);
	p = pose_of(r);
	assert_float_equal(p.yaw, 0.0, 1e-4);
	assert_float_equal(p.pitch, 0.0, 1e-4);
	assert_float_equal(p.roll, 0.0, 1e-4);
}

/* The signs of pose.h, told by where the nose (point 1) and the eyes go in the picture. */
static void each_sign_is_as_documented(void **state)
{
	double r[9];
	float straight[EH_LANDMARKS * 3], xyz[EH_LANDMARKS * 3];
	struct eh_pose p;

	(void)state;
	turn(r, 0, 0.0);
	as_landmarks(straight, r);
	turn(r, 1, 20.0);
	as_landmarks(xyz, r);
	p = pose_of(r);
	assert_true(xyz[3] > straight[3]);              /* the nose to the right */
	assert_float_equal(p.yaw, 20.0, 1e-3);
	assert_float_equal(p.pitch, 0.0, 1e-3);
	turn(r, 0, -15.0);
	as_landmarks(xyz, r);
	p = pose_of(r);
	assert_true(xyz[4] < straight[4]);              /* the nose up */
	assert_float_equal(p.pitch, 15.0, 1e-3);
	turn(r, 2, -10.0);
	as_landmarks(xyz, r);
	p = pose_of(r);
	assert_true(xyz[3 * 263 + 1] > xyz[3 * 33 + 1]); /* the eye at the right lower: clockwise */
	assert_float_equal(p.roll, 10.0, 1e-3);
}

static void a_turned_copy_gives_back_its_angles(void **state)
{
	(void)state;
	for (int yaw = -60; yaw <= 60; yaw += 30) {
		for (int pitch = -40; pitch <= 40; pitch += 20) {
			for (int roll = -150; roll <= 150; roll += 50) {
				double x[9], y[9], z[9], yx[9], r[9];
				struct eh_pose p;

				turn(x, 0, -pitch);
				turn(y, 1, yaw);
				turn(z, 2, -roll);
				multiply(yx, y, x);
				multiply(r, z, yx);
				p = pose_of(r);
				assert_float_equal(p.yaw, yaw, 1e-3);
				assert_float_equal(p.pitch, pitch, 1e-3);
				assert_float_equal(p.roll, roll, 1e-3);
			}
		}
	}
}

static void a_fit_is_a_rotation_even_to_a_mirror_image(void **state)
{
	double to[EH_LANDMARKS][3], r[9] = { 0.0 };
	const double (*from)[3] = (const double (*)[3])canon.vertex;

	(void)state;
	memcpy(to, canon.vertex, sizeof to);
	for (int i = 0; i < EH_LANDMARKS; i++)
		to[i][1] = -to[i][1];
	assert_true(eh_fit_rotation(r, from, (const double (*)[3])to, NULL, EH_LANDMARKS));
	assert_float_equal(r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) +
			   r[2] * (r[3] * r[7] - r[4] * r[6]), 1.0, 1e-12);
}

static void points_without_extent_have_no_pose(void **state)
{
	float xyz[EH_LANDMARKS * 3];
	struct eh_pose p;

	(void)state;
	for (int i = 0; i < EH_LANDMARKS * 3; i++)
		xyz[i] = 5.0f;
	assert_false(eh_pose_of_landmarks(&p, &canon, xyz));
	for (int i = 0; i < EH_LANDMARKS * 3; i++)
		xyz[i] = NAN;
	assert_false(eh_pose_of_landmarks(&p, &canon, xyz));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_canonical_face_has_its_check_values),
		cmocka_unit_test(a_canonical_face_cut_off_or_changed_is_refused),
		cmocka_unit_test(the_canonical_face_looks_straight_ahead),
		cmocka_unit_test(each_sign_is_as_documented),
		cmocka_unit_test(a_turned_copy_gives_back_its_angles),
		cmocka_unit_test(a_fit_is_a_rotation_even_to_a_mirror_image),
		cmocka_unit_test(points_without_extent_have_no_pose),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}

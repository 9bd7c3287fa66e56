/* The indicators of one face, on the canonical face of facts/vision.md 8.1. */
#include "tests/core/face_pictures.h"

#include "face/canon.h"
#include "face/face.h"

static struct eh_canon canon;
static float face[EH_LANDMARKS * 3];

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

static int canonical(void **state)
{
	(void)state;
	for (int i = 0; i < EH_LANDMARKS; i++) {
		face[3 * i] = (float)(320.0 + 20.0 * canon.vertex[i][0]);
		face[3 * i + 1] = (float)(240.0 - 20.0 * canon.vertex[i][1]);
		face[3 * i + 2] = (float)(-20.0 * canon.vertex[i][2]);
	}
	return 0;
}

static void ratios_of_the_canonical_face_are_those_of_the_table(void **state)
{
	static const struct { enum eh_face_indicator id; double value; } want[] = {
		{ EH_F_INNER_CANTHI, 0.4176 }, { EH_F_EYE_WIDTH_L, 0.2987 }, { EH_F_EYE_WIDTH_R, 0.2987 },
		{ EH_F_NOSE_WIDTH, 0.4017 }, { EH_F_NOSE_LENGTH, 0.6099 }, { EH_F_MOUTH_WIDTH, 0.5525 },
		{ EH_F_LIP_HEIGHT, 0.2259 }, { EH_F_PHILTRUM, 0.1484 }, { EH_F_CHIN, 0.4761 }, { EH_F_HEIGHT, 1.9868 },
		{ EH_F_BIZYGOMATIC, 1.7239 }, { EH_F_JAW, 1.3362 }, { EH_F_BROW_EYE, 0.2663 }, { EH_F_MIDFACE, 1.4296 },
	};
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	eh_face_ratios(face, v, present);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		assert_int_equal(present[want[i].id], 1);
		assert_float_equal(v[want[i].id], want[i].value, 6e-5);
	}
}

static void only_pose_and_picture_quality_are_left_to_others(void **state)
{
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	eh_face_ratios(face, v, present);
	for (int i = 0; i < EH_FACE_N; i++)
		assert_int_equal(present[i], i != EH_F_YAW && i != EH_F_PITCH && i != EH_F_ROLL && i != EH_F_SIZE &&
					     i != EH_F_EXPOSURE);
}

/* Exact mirror pairs, or the canonical face would not be symmetric. */
static void the_canonical_face_is_symmetric_in_any_position(void **state)
{
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	eh_face_ratios(face, v, present);
	assert_float_equal(v[EH_F_ASYMMETRY], 0.0, 1e-6);
	for (int i = 0; i < EH_LANDMARKS; i++) {
		float x = face[3 * i], y = face[3 * i + 1], z = face[3 * i + 2];

		face[3 * i] = 0.8f * x - 0.6f * y;
		face[3 * i + 1] = 0.6f * x + 0.8f * y;
		face[3 * i + 2] = z + 40.0f;
	}
	eh_face_ratios(face, v, present);
	assert_float_equal(v[EH_F_ASYMMETRY], 0.0, 1e-5);
	assert_float_equal(v[EH_F_HEIGHT], 1.9868, 6e-5);
}

/* One of 49 pairs moved away by d: that pair is d off in both directions, less what the fit takes up. */
static void a_moved_point_shows_as_asymmetry(void **state)
{
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	face[3 * 61 + 1] += 40.0f;
	eh_face_ratios(face, v, present);
	assert_in_range((uintmax_t)(v[EH_F_ASYMMETRY] * 1e6), (uintmax_t)(0.9 * 40.0 / 49 / 177.83 * 1e6),
			(uintmax_t)(3.0 * 40.0 / 49 / 177.83 * 1e6));
}

static void an_eye_of_known_shape_has_its_aspect_ratio(void **state)
{
	static const int eye[2][6] = { { 33, 160, 158, 133, 153, 144 }, { 362, 385, 387, 263, 373, 380 } };
	static const float x[6] = { 0, 10, 20, 30, 20, 10 }, y[6] = { 0, -3, -3, 0, 3, 3 };
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	for (int e = 0; e < 2; e++) {
		for (int k = 0; k < 6; k++) {
			face[3 * eye[e][k]] = 100.0f * (float)e + x[k];
			face[3 * eye[e][k] + 1] = y[k];
			face[3 * eye[e][k] + 2] = 0.0f;
		}
	}
	eh_face_ratios(face, v, present);
	assert_float_equal(v[EH_F_EYE_OPENING], 0.2, 1e-7);     /* (6 + 6) / (2 * 30) */
}

static void points_that_coincide_give_no_value_and_never_a_number(void **state)
{
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	memcpy(face + 3 * 308, face + 3 * 78, 3 * sizeof *face);
	eh_face_ratios(face, v, present);
	assert_int_equal(present[EH_F_MOUTH_OPENING], 0);
	assert_true(v[EH_F_MOUTH_OPENING] == 0.0);
	assert_int_equal(present[EH_F_MOUTH_WIDTH], 1);
	memcpy(face + 3 * 263, face + 3 * 33, 3 * sizeof *face);        /* IOD 0 */
	eh_face_ratios(face, v, present);
	for (int i = 0; i < EH_FACE_N; i++)
		assert_int_equal(present[i], 0);
}

static void the_table_names_every_indicator_once(void **state)
{
	int kinds[3] = { 0, 0, 0 };

	(void)state;
	for (int i = 0; i < EH_FACE_N; i++) {
		assert_memory_equal(eh_face_info[i].name, "face.", 5);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(eh_face_info[i].name, eh_face_info[k].name);
		kinds[0] += eh_face_info[i].kind == 'S';
		kinds[1] += eh_face_info[i].kind == 'B';
		kinds[2] += eh_face_info[i].kind == 'Q';
	}
	assert_int_equal(kinds[0], 15);
	assert_int_equal(kinds[1], 5);
	assert_int_equal(kinds[2], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ratios_of_the_canonical_face_are_those_of_the_table, canonical),
		cmocka_unit_test_setup(only_pose_and_picture_quality_are_left_to_others, canonical),
		cmocka_unit_test_setup(the_canonical_face_is_symmetric_in_any_position, canonical),
		cmocka_unit_test_setup(a_moved_point_shows_as_asymmetry, canonical),
		cmocka_unit_test_setup(an_eye_of_known_shape_has_its_aspect_ratio, canonical),
		cmocka_unit_test_setup(points_that_coincide_give_no_value_and_never_a_number, canonical),
		cmocka_unit_test(the_table_names_every_indicator_once),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}

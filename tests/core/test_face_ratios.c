/* The indicators of one face, on the canonical face of facts/vision.md 8.1. */
#include "tests/core/face_pictures.h"

#include "face/canon.h"
#include "face/face.h"
#include "face/pose.h"
#include "face/straight.h"

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
		/* computed apart from the vertices of the canonical face */
		{ EH_F_BROW_GAP, 0.27462 }, { EH_F_BROW_WIDTH, 0.49491 }, { EH_F_FOREHEAD, 0.39303 },
		{ EH_F_TEMPLES, 1.41240 }, { EH_F_LOWER_FACE, 0.84698 }, { EH_F_UPPER_LIP, 0.10807 },
		{ EH_F_LOWER_LIP, 0.09369 }, { EH_F_NOSE_DEPTH, 0.29571 }, { EH_F_WIDTH_HEIGHT, 1.84376 },
		{ EH_F_INNER_CANTHI_H, 0.21016 }, { EH_F_NOSE_WIDTH_H, 0.20217 }, { EH_F_NOSE_LENGTH_H, 0.30695 },
		{ EH_F_MOUTH_WIDTH_H, 0.27806 }, { EH_F_CHIN_H, 0.23964 }, { EH_F_BIZYGOMATIC_H, 0.86765 },
		{ EH_F_JAW_H, 0.67252 }, { EH_F_MIDFACE_H, 0.71953 }, { EH_F_MOUTH_STRETCH, 0.5525 },
		{ EH_F_EYE_OPENING, 0.23109 }, { EH_F_EYE_OPENING_L, 0.23109 }, { EH_F_EYE_OPENING_R, 0.23109 },
		{ EH_F_MOUTH_OPENING, 0.13433 },
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

static void angles_of_the_canonical_face_are_those_of_its_vertices(void **state)
{
	static const struct { enum eh_face_indicator id; double value; } want[] = {
		{ EH_F_EYE_CANT, 0.0 }, { EH_F_CANTHAL_TILT, 1.54403 }, { EH_F_JAW_ANGLE_L, 132.16238 },
		{ EH_F_JAW_ANGLE_R, 132.16238 }, { EH_F_CHIN_ANGLE, 90.99827 }, { EH_F_NOSE_MOUTH, 81.14879 },
	};
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	eh_face_ratios(face, v, present);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		assert_int_equal(present[want[i].id], 1);
		assert_float_equal(v[want[i].id], want[i].value, 1e-4);
	}
}

static void signs_of_cant_and_tilt_are_as_documented(void **state)
{
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	face[3 * 263 + 1] -= 10.0f;     /* the eye at the image right, and only its outer corner, higher */
	eh_face_ratios(face, v, present);
	assert_true(v[EH_F_EYE_CANT] > 1.0);
	face[3 * 33 + 1] -= 10.0f;      /* now both outer corners */
	eh_face_ratios(face, v, present);
	assert_float_equal(v[EH_F_EYE_CANT], 0.0, 1e-3);
	assert_true(v[EH_F_CANTHAL_TILT] > 8.0);
}

static void what_pose_picture_or_answer_tell_is_left_to_others(void **state)
{
	static const enum eh_face_indicator others[] = {
		EH_F_LIP_CORNER, EH_F_BROW_INNER, EH_F_BROW_OUTER, EH_F_BROW_LOWERING, EH_F_NOSE_WRINKLE, EH_F_YAW,
		EH_F_PITCH, EH_F_ROLL, EH_F_MOUTH_OPEN, EH_F_EYES_CLOSED, EH_F_SMILE, EH_F_BLINKS
	};
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	eh_face_ratios(face, v, present);
	for (int i = 0; i < EH_FACE_N; i++) {
		bool mine = eh_face_info[i].kind != 'Q';

		for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
			mine = mine && i != (int)others[k];
		if (present[i] != (mine ? 1 : 0))
			fail_msg("%s: present %d", eh_face_info[i].name, present[i]);
	}
}

static void a_value_outside_its_range_is_absent(void **state)
{
	double v[EH_FACE_N];
	uint8_t present[EH_FACE_N];

	(void)state;
	face[3 * 152 + 1] += 1e6f;      /* a chin beyond belief: the parent would refuse the whole answer */
	eh_face_ratios(face, v, present);
	assert_int_equal(present[EH_F_HEIGHT], 0);
	assert_true(v[EH_F_HEIGHT] == 0.0);
	assert_int_equal(present[EH_F_NOSE_WIDTH], 1);
	for (int i = 0; i < EH_FACE_N; i++)
		assert_true(v[i] >= fmin(eh_face_info[i].low, 0.0) && v[i] <= eh_face_info[i].high);
}

/* Turned by pitch 10, yaw 20, roll 15 degrees: the straight face is the canonical one all the same. */
static void a_turned_face_becomes_straight(void **state)
{
	double straight[EH_LANDMARKS][3], v[EH_FACE_N] = { 0.0 };
	uint8_t present[EH_FACE_N] = { 0 };
	struct eh_pose pose;
	float turned[EH_LANDMARKS * 3];

	(void)state;
	for (int i = 0; i < EH_LANDMARKS; i++) {
		double x = face[3 * i] - 320.0, y = face[3 * i + 1] - 240.0, z = face[3 * i + 2], t = 0.0;

		t = cos(0.17) * y - sin(0.17) * z;
		z = sin(0.17) * y + cos(0.17) * z;
		y = t;
		t = cos(0.35) * x + sin(0.35) * z;
		z = -sin(0.35) * x + cos(0.35) * z;
		x = t;
		turned[3 * i] = (float)(700.0 + cos(0.26) * x - sin(0.26) * y);
		turned[3 * i + 1] = (float)(100.0 + sin(0.26) * x + cos(0.26) * y);
		turned[3 * i + 2] = (float)(z + 9.0);
	}
	assert_true(eh_pose_of_landmarks(&pose, &canon, turned));
	assert_true(fabs(pose.yaw) > 15.0 && fabs(pose.roll) > 10.0);
	assert_true(eh_straight(straight, turned, pose.r));
	for (int i = 0; i < EH_LANDMARKS; i++) {
		static const double middle[3] = { 0.0, 2.6640, 3.1734 }; /* facts/vision.md 4.1 */

		for (int k = 0; k < 3; k++)
			assert_float_equal(straight[i][k], (canon.vertex[i][k] - middle[k]) / 8.8917, 1e-4);
	}
	eh_straight_movements((const double (*)[3])straight, v, present);
	/* heights of the canonical vertices, computed apart */
	assert_float_equal(v[EH_F_LIP_CORNER], -0.00835, 1e-4);
	assert_float_equal(v[EH_F_BROW_INNER], 0.27292, 1e-4);
	assert_float_equal(v[EH_F_BROW_OUTER], 0.17888, 1e-4);
	assert_float_equal(v[EH_F_BROW_LOWERING], 0.09797, 1e-4);
	assert_float_equal(v[EH_F_NOSE_WRINKLE], 0.40077, 1e-4);
}

static void each_movement_moves_its_own_height(void **state)
{
	static const double r[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
	static const struct { int a, b; enum eh_face_indicator id; double sign; } want[] = {
		{ 61, 291, EH_F_LIP_CORNER, 1.0 }, { 107, 336, EH_F_BROW_INNER, 1.0 },
		{ 70, 300, EH_F_BROW_OUTER, 1.0 }, { 55, 285, EH_F_BROW_LOWERING, 1.0 },
		{ 129, 358, EH_F_NOSE_WRINKLE, -1.0 },
	};
	double straight[EH_LANDMARKS][3], before[EH_FACE_N] = { 0.0 }, after[EH_FACE_N] = { 0.0 };
	uint8_t present[EH_FACE_N] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		canonical(NULL);
		assert_true(eh_straight(straight, face, r));
		eh_straight_movements((const double (*)[3])straight, before, present);
		face[3 * want[i].a + 1] -= 17.7834f;    /* a tenth of IOD up: y points down */
		face[3 * want[i].b + 1] -= 17.7834f;
		assert_true(eh_straight(straight, face, r));
		eh_straight_movements((const double (*)[3])straight, after, present);
		for (int k = 0; k < EH_FACE_N; k++)
			assert_float_equal(after[k] - before[k], k == (int)want[i].id ? want[i].sign * 0.1 : 0.0, 1e-4);
	}
}

static void a_face_without_size_or_beyond_reach_is_not_straight(void **state)
{
	static const double r[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
	double straight[EH_LANDMARKS][3];

	(void)state;
	face[3 * 152] += 1900.0f;       /* 10.7 IOD */
	assert_false(eh_straight(straight, face, r));
	canonical(NULL);
	memcpy(face + 3 * 263, face + 3 * 33, 3 * sizeof *face);
	assert_false(eh_straight(straight, face, r));
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
	assert_int_equal(kinds[0], 38);
	assert_int_equal(kinds[1], 17);
	assert_int_equal(kinds[2], 13);
	for (int i = 0; i < EH_FACE_N; i++) {
		assert_true(eh_face_info[i].low < eh_face_info[i].high);
		assert_true(strlen(eh_face_info[i].source) > 5 && strlen(eh_face_info[i].what) > 4);
		if (i < kinds[0])       /* stored models count on it */
			assert_int_equal(eh_face_info[i].kind, 'S');
	}
}

/* What may enter a class vector is form only: no movement, no light, no colour of the skin. */
static void no_colour_and_no_movement_may_enter_a_class_vector(void **state)
{
	static const char *const never[] = { "skin", "exposure", "opening", "smile", "brow_inner", "lip_corner", "yaw",
					     "blink", "share", "emotion", "embedding" };

	(void)state;
	for (int i = 0; i < EH_FACE_N; i++)
		for (size_t k = 0; k < sizeof never / sizeof never[0]; k++)
			if (eh_face_info[i].kind == 'S')
				assert_null(strstr(eh_face_info[i].name, never[k]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ratios_of_the_canonical_face_are_those_of_the_table, canonical),
		cmocka_unit_test_setup(angles_of_the_canonical_face_are_those_of_its_vertices, canonical),
		cmocka_unit_test_setup(signs_of_cant_and_tilt_are_as_documented, canonical),
		cmocka_unit_test_setup(what_pose_picture_or_answer_tell_is_left_to_others, canonical),
		cmocka_unit_test_setup(a_value_outside_its_range_is_absent, canonical),
		cmocka_unit_test_setup(a_turned_face_becomes_straight, canonical),
		cmocka_unit_test_setup(each_movement_moves_its_own_height, canonical),
		cmocka_unit_test_setup(a_face_without_size_or_beyond_reach_is_not_straight, canonical),
		cmocka_unit_test_setup(the_canonical_face_is_symmetric_in_any_position, canonical),
		cmocka_unit_test_setup(a_moved_point_shows_as_asymmetry, canonical),
		cmocka_unit_test_setup(an_eye_of_known_shape_has_its_aspect_ratio, canonical),
		cmocka_unit_test_setup(points_that_coincide_give_no_value_and_never_a_number, canonical),
		cmocka_unit_test(the_table_names_every_indicator_once),
		cmocka_unit_test(no_colour_and_no_movement_may_enter_a_class_vector),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}

/* Indicators of one face from its landmarks; see face.h.  Point numbers: facts/vision.md 8. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "face/face.h"
#include "face/pose.h"
#include "face/ratios.h"

enum { OUTER_LEFT = 33, OUTER_RIGHT = 263 };    /* their distance is the inter-ocular distance */

struct span {
	enum eh_face_indicator id;
	uint16_t a, b;
};

/* Divided by the inter-ocular distance. */
static const struct span spans[] = {
	{ EH_F_INNER_CANTHI, 133, 362 },
	{ EH_F_EYE_WIDTH_L, 33, 133 },
	{ EH_F_EYE_WIDTH_R, 362, 263 },
	{ EH_F_NOSE_WIDTH, 129, 358 },
	{ EH_F_NOSE_LENGTH, 168, 2 },
	{ EH_F_MOUTH_WIDTH, 61, 291 },
	{ EH_F_LIP_HEIGHT, 0, 17 },
	{ EH_F_PHILTRUM, 2, 0 },
	{ EH_F_CHIN, 17, 152 },
	{ EH_F_HEIGHT, 10, 152 },
	{ EH_F_BIZYGOMATIC, 234, 454 },
	{ EH_F_JAW, 172, 397 },
	{ EH_F_BROW_EYE, 105, 159 },
	{ EH_F_MIDFACE, 168, 152 },
	{ EH_F_BROW_GAP, 55, 285 },
	{ EH_F_FOREHEAD, 10, 9 },
	{ EH_F_TEMPLES, 54, 284 },
	{ EH_F_LOWER_FACE, 2, 152 },
	{ EH_F_UPPER_LIP, 0, 13 },
	{ EH_F_LOWER_LIP, 14, 17 },
	{ EH_F_MOUTH_STRETCH, 61, 291 },
};

/* Divided by the height of the face. */
static const struct span per_height[] = {
	{ EH_F_INNER_CANTHI_H, 133, 362 },
	{ EH_F_NOSE_WIDTH_H, 129, 358 },
	{ EH_F_NOSE_LENGTH_H, 168, 2 },
	{ EH_F_MOUTH_WIDTH_H, 61, 291 },
	{ EH_F_CHIN_H, 17, 152 },
	{ EH_F_BIZYGOMATIC_H, 234, 454 },
	{ EH_F_JAW_H, 172, 397 },
	{ EH_F_MIDFACE_H, 168, 152 },
};

static const struct corner {
	enum eh_face_indicator id;
	uint16_t a, at, b;
} corners[] = {
	{ EH_F_JAW_ANGLE_L, 234, 172, 152 },
	{ EH_F_JAW_ANGLE_R, 454, 397, 152 },
	{ EH_F_CHIN_ANGLE, 172, 152, 397 },
	{ EH_F_NOSE_MOUTH, 61, 2, 291 },
};

/*
 * Landmarks that mirror each other, spread over brows, eyes, nose, mouth, cheeks and outline.  Each pair is
 * mirrored in the canonical face to its last digit (tests/core/test_face_ratios.c proves it).
 */
static const uint16_t mirrored[][2] = {
	{ 33, 263 }, { 133, 362 }, { 159, 386 }, { 145, 374 }, { 160, 387 }, { 144, 373 }, { 158, 385 }, { 153, 380 },
	{ 105, 334 }, { 70, 300 }, { 107, 336 }, { 66, 296 }, { 46, 276 }, { 55, 285 }, { 52, 282 },
	{ 129, 358 }, { 98, 327 }, { 48, 278 }, { 64, 294 }, { 102, 331 },
	{ 61, 291 }, { 78, 308 }, { 37, 267 }, { 39, 269 }, { 40, 270 }, { 84, 314 }, { 91, 321 }, { 181, 405 },
	{ 50, 280 }, { 205, 425 }, { 117, 346 }, { 119, 348 }, { 187, 411 },
	{ 234, 454 }, { 93, 323 }, { 132, 361 }, { 58, 288 }, { 172, 397 }, { 136, 365 }, { 150, 379 }, { 149, 378 },
	{ 148, 377 }, { 127, 356 }, { 162, 389 }, { 21, 251 }, { 54, 284 }, { 103, 332 }, { 67, 297 }, { 109, 338 },
};

#define N_PAIRS (sizeof mirrored / sizeof mirrored[0])

/* p1..p6 of the eye aspect ratio. */
static const uint16_t eyes[2][6] = {
	{ 33, 160, 158, 133, 153, 144 },
	{ 362, 385, 387, 263, 373, 380 },
};

const struct eh_indicator_info eh_face_info[EH_FACE_N] = {
#define X(id, name, unit, kind, low, high, source, what) [id] = { name, unit, what, source, #kind[0], low, high },
	EH_FACE_LIST(X)
#undef X
};

static double distance(const float *xyz, uint32_t a, uint32_t b)
{
	double sum = 0.0;

	for (uint32_t k = 0; k < 3; k++) {
		double d = (double)xyz[3 * a + k] - (double)xyz[3 * b + k];

		sum += d * d;
	}
	return sqrt(sum);
}

void eh_face_put(double *out, uint8_t *present, enum eh_face_indicator id, double v)
{
	const struct eh_indicator_info *info = &eh_face_info[id];
	bool good = v >= info->low && v <= info->high;  /* NaN is neither */

	present[id] = good ? 1 : 0;
	out[id] = good ? v : 0.0;
}

static void difference(double out[3], const float *xyz, uint32_t to, uint32_t from)
{
	for (uint32_t k = 0; k < 3; k++)
		out[k] = (double)xyz[3 * to + k] - (double)xyz[3 * from + k];
}

static double dot(const double a[3], const double b[3])
{
	return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Cosine of the angle between two directions; NaN where one has no length. */
static double cosine(const double a[3], const double b[3])
{
	return fmin(fmax(dot(a, b) / sqrt(dot(a, a) * dot(b, b)), -1.0), 1.0);
}

static double corner(const float *xyz, const struct corner *c)
{
	double a[3], b[3];

	difference(a, xyz, c->a, c->at);
	difference(b, xyz, c->b, c->at);
	return acos(cosine(a, b)) * EH_DEGREE;
}

/* Cant and tilt need no head pose: the face has its own axes, the line of the eyes and the line from chin to
 * forehead. */
static void eye_angles(const float *xyz, double *out, uint8_t *present)
{
	double line[3], up[3], left[3], right[3], lean = 0.0;

	difference(line, xyz, OUTER_RIGHT, OUTER_LEFT);
	difference(up, xyz, 10, 152);
	eh_face_put(out, present, EH_F_EYE_CANT, asin(cosine(line, up)) * EH_DEGREE);
	lean = dot(up, line) / dot(line, line);
	for (int k = 0; k < 3; k++)
		up[k] -= lean * line[k];
	difference(left, xyz, OUTER_LEFT, 133);
	difference(right, xyz, OUTER_RIGHT, 362);
	eh_face_put(out, present, EH_F_CANTHAL_TILT,
		    0.5 * (asin(cosine(left, up)) + asin(cosine(right, up))) * EH_DEGREE);
}

/* Of the nose tip from the middle between its wings. */
static double nose_depth(const float *xyz)
{
	double a[3], b[3], sum[3];

	difference(a, xyz, 1, 129);
	difference(b, xyz, 1, 358);
	for (int k = 0; k < 3; k++)
		sum[k] = 0.5 * (a[k] + b[k]);
	return sqrt(dot(sum, sum));
}

/*
 * The face against its mirror image: x turned round and the pairs exchanged, then moved and turned onto the
 * face.  Mean distance [px] between a landmark and the mirrored one; infinite when no fit exists.
 */
static double asymmetry(const float *xyz)
{
	double face[2 * N_PAIRS][3], mirror[2 * N_PAIRS][3], mean[2][3] = { { 0.0 } }, r[9] = { 0.0 }, sum = 0.0;
	const size_t n = 2 * N_PAIRS;

	for (size_t i = 0; i < n; i++) {
		const float *p = xyz + 3 * (size_t)mirrored[i / 2][i % 2];
		const float *q = xyz + 3 * (size_t)mirrored[i / 2][1 - i % 2];

		for (size_t k = 0; k < 3; k++) {
			face[i][k] = (double)p[k];
			mirror[i][k] = k == 0 ? -(double)q[k] : (double)q[k];
			mean[0][k] += face[i][k] / (double)n;
			mean[1][k] += mirror[i][k] / (double)n;
		}
	}
	if (!eh_fit_rotation(r, mirror, face, NULL, n))
		return INFINITY;
	for (size_t i = 0; i < n; i++) {
		double d2 = 0.0;

		for (size_t j = 0; j < 3; j++) {
			double v = face[i][j] - mean[0][j];

			for (size_t k = 0; k < 3; k++)
				v -= r[3 * j + k] * (mirror[i][k] - mean[1][k]);
			d2 += v * v;
		}
		sum += sqrt(d2);
	}
	return sum / (double)n;
}

static double eye_opening(const float *xyz, const uint16_t p[6])
{
	return (distance(xyz, p[1], p[5]) + distance(xyz, p[2], p[4])) / (2.0 * distance(xyz, p[0], p[3]));
}

void eh_face_ratios(const float *xyz, double *out, uint8_t *present)
{
	double iod = distance(xyz, OUTER_LEFT, OUTER_RIGHT), height = distance(xyz, 10, 152);
	double left = eye_opening(xyz, eyes[0]), right = eye_opening(xyz, eyes[1]);

	memset(out, 0, EH_FACE_N * sizeof *out);
	memset(present, 0, EH_FACE_N * sizeof *present);
	if (!(iod > 0.0) || !isfinite(iod))
		return;
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		eh_face_put(out, present, spans[i].id, distance(xyz, spans[i].a, spans[i].b) / iod);
	for (size_t i = 0; i < sizeof per_height / sizeof per_height[0]; i++)
		eh_face_put(out, present, per_height[i].id, distance(xyz, per_height[i].a, per_height[i].b) / height);
	for (size_t i = 0; i < sizeof corners / sizeof corners[0]; i++)
		eh_face_put(out, present, corners[i].id, corner(xyz, &corners[i]));
	eh_face_put(out, present, EH_F_ASYMMETRY, asymmetry(xyz) / iod);
	eh_face_put(out, present, EH_F_BROW_WIDTH, 0.5 * (distance(xyz, 46, 55) + distance(xyz, 276, 285)) / iod);
	eh_face_put(out, present, EH_F_NOSE_DEPTH, nose_depth(xyz) / iod);
	eh_face_put(out, present, EH_F_WIDTH_HEIGHT, distance(xyz, 234, 454) / distance(xyz, 9, 0));
	eye_angles(xyz, out, present);
	eh_face_put(out, present, EH_F_EYE_OPENING_L, left);
	eh_face_put(out, present, EH_F_EYE_OPENING_R, right);
	eh_face_put(out, present, EH_F_EYE_OPENING, 0.5 * (left + right));
	eh_face_put(out, present, EH_F_MOUTH_OPENING, distance(xyz, 13, 14) / distance(xyz, 78, 308));
}

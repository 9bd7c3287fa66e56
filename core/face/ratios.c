/* Indicators of one face from its landmarks; see face.h.  Point numbers: facts/vision.md 8. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "face/face.h"
#include "face/pose.h"

enum { OUTER_LEFT = 33, OUTER_RIGHT = 263 };    /* their distance is the inter-ocular distance */

struct span {
	enum eh_face_indicator id;
	uint16_t a, b;
};

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
#define X(id, name, unit, kind, what) { name, unit, what, #kind[0] },
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

/* Value stands only when it is a finite number. */
static void put(double *out, uint8_t *present, enum eh_face_indicator id, double v)
{
	present[id] = isfinite(v) ? 1 : 0;
	out[id] = isfinite(v) ? v : 0.0;
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

static double eye_opening(const float *xyz)
{
	double sum = 0.0;

	for (size_t e = 0; e < 2; e++) {
		const uint16_t *p = eyes[e];

		sum += (distance(xyz, p[1], p[5]) + distance(xyz, p[2], p[4])) / (2.0 * distance(xyz, p[0], p[3]));
	}
	return 0.5 * sum;
}

void eh_face_ratios(const float *xyz, double *out, uint8_t *present)
{
	double iod = distance(xyz, OUTER_LEFT, OUTER_RIGHT);

	memset(out, 0, EH_FACE_N * sizeof *out);
	memset(present, 0, EH_FACE_N * sizeof *present);
	if (!(iod > 0.0) || !isfinite(iod))
		return;
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		put(out, present, spans[i].id, distance(xyz, spans[i].a, spans[i].b) / iod);
	put(out, present, EH_F_ASYMMETRY, asymmetry(xyz) / iod);
	put(out, present, EH_F_EYE_OPENING, eye_opening(xyz));
	put(out, present, EH_F_MOUTH_OPENING, distance(xyz, 13, 14) / distance(xyz, 78, 308));
}

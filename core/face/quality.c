/* Light, sharpness and skin colour; see quality.h. */
#include "face/quality.h"

#include <math.h>
#include <stdbool.h>

#include "face/mesh.h"
#include "face/pose.h"
#include "face/ratios.h"

#define LUMA_GRID 32                    /* light is told from so many points squared */
#define FRAME_ROWS 24                   /* and the mean colour of the picture from so many rows of 32 */
#define PATCH_GRID 8                    /* a patch of skin from so many points squared */
#define PATCH_SIZE 0.16                 /* [IOD] edge of a patch; own choice, a cheek is three times as wide */

/* Cheeks and forehead of facts/vision.md 8.2: flat parts of the mesh, away from brows, beard and nose. */
static const int patches[] = { 50, 280, 151 };

void eh_tone_init(struct eh_tone *t)
{
	for (int i = 0; i < 256; i++) {
		double v = i / 255.0;

		t->linear[i] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
	}
}

static double lab_curve(double v)
{
	return v > 216.0 / 24389.0 ? cbrt(v) : (24389.0 / 27.0 * v + 16.0) / 116.0;
}

void eh_tone_lab(double lab[3], const double rgb[3])
{
	/* sRGB primaries to XYZ, each divided by D65 white, so that equal r, g and b are grey */
	double x = lab_curve((0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2]) / 0.95047);
	double y = lab_curve(0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2]);
	double z = lab_curve((0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2]) / 1.08883);

	lab[0] = fmin(fmax(116.0 * y - 16.0, 0.0), 100.0);      /* rounding */
	lab[1] = 500.0 * (x - y);
	lab[2] = 200.0 * (y - z);
}

static const uint8_t *pixel(const struct eh_image *im, double x, double y)
{
	int i = (int)fmin(fmax(x, 0.0), im->width - 1.0), j = (int)fmin(fmax(y, 0.0), im->height - 1.0);

	return im->rgba + (size_t)j * im->stride + 4 * (size_t)i;
}

/* Mean linear colour of the points of a grid over left..right, top..bottom. */
static void mean_colour(double rgb[3], const struct eh_tone *t, const struct eh_image *im, const double box[4],
			int columns, int rows)
{
	rgb[0] = rgb[1] = rgb[2] = 0.0;
	for (int j = 0; j < rows; j++) {
		double y = box[1] + (j + 0.5) / rows * (box[3] - box[1]);

		for (int i = 0; i < columns; i++) {
			const uint8_t *p = pixel(im, box[0] + (i + 0.5) / columns * (box[2] - box[0]), y);

			for (int k = 0; k < 3; k++)
				rgb[k] += t->linear[p[k]];
		}
	}
	for (int k = 0; k < 3; k++)
		rgb[k] /= columns * rows;
}

/* Mean and deviation of the luma of the part of the box that is in the picture, weights of ITU-R BT.709. */
static void light(double *out, uint8_t *present, const struct eh_image *im, const double box[4])
{
	double left = fmax(box[0], 0.0), right = fmin(box[2], im->width);
	double top = fmax(box[1], 0.0), bottom = fmin(box[3], im->height);
	double sum = 0.0, squares = 0.0, n = LUMA_GRID * LUMA_GRID;

	if (!(right > left) || !(bottom > top))
		return;
	for (int j = 0; j < LUMA_GRID; j++) {
		double y = top + (j + 0.5) / LUMA_GRID * (bottom - top);

		for (int i = 0; i < LUMA_GRID; i++) {
			const uint8_t *p = pixel(im, left + (i + 0.5) / LUMA_GRID * (right - left), y);
			double luma = (0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2]) / 255.0;

			sum += luma;
			squares += luma * luma;
		}
	}
	eh_face_put(out, present, EH_F_EXPOSURE, fmin(sum / n, 1.0));
	eh_face_put(out, present, EH_F_CONTRAST, sqrt(fmax(squares / n - sum / n * (sum / n), 0.0)));
}

/* Of every second point of the face: a larger face is brought to the same size first, so that pictures compare. */
static double sharpness(const float *crop)
{
	const int row = 3 * EH_MESH_SIDE, edge = EH_MESH_SIDE / 6;
	double sum = 0.0, squares = 0.0;
	int n = 0;

	for (int j = edge; j < EH_MESH_SIDE - edge; j += 2) {
		for (int i = edge; i < EH_MESH_SIDE - edge; i += 2, n++) {
			const float *g = crop + j * row + 3 * i + 1;
			float v = 4.0f * g[0] - g[-3] - g[3] - g[-row] - g[row];

			sum += (double)v;
			squares += (double)(v * v);
		}
	}
	return sqrt(fmax(squares / n - sum / n * (sum / n), 0.0));
}

void eh_tone_ground(double lab[3], const struct eh_tone *t, const struct eh_image *im)
{
	double rgb[3];

	mean_colour(rgb, t, im, (const double[4]){ 0.0, 0.0, im->width, im->height }, LUMA_GRID, FRAME_ROWS);
	eh_tone_lab(lab, rgb);
}

/* Wholly, so that no patch is made of the colour of the picture's edge. */
static bool in_picture(const struct eh_image *im, const float *p, double half)
{
	return (double)p[0] >= half && (double)p[0] + half < im->width && (double)p[1] >= half &&
	       (double)p[1] + half < im->height;
}

/* half: of the edge of a patch [px] */
static void skin(double *out, uint8_t *present, const struct eh_tone *t, const struct eh_image *im, const float *xyz,
		 double half, const double ground[3])
{
	const int n = (int)(sizeof patches / sizeof patches[0]);
	double lab[3] = { 0.0, 0.0, 0.0 }, rgb[3];

	/* two patches are another measure than three: forehead and cheeks differ by themselves */
	for (int i = 0; i < n; i++)
		if (!in_picture(im, xyz + 3 * patches[i], half))
			return;
	for (int i = 0; i < n; i++) {
		const float *p = xyz + 3 * patches[i];
		double x = (double)p[0], y = (double)p[1], one[3];

		mean_colour(rgb, t, im, (const double[4]){ x - half, y - half, x + half, y + half }, PATCH_GRID,
			    PATCH_GRID);
		eh_tone_lab(one, rgb);
		for (int k = 0; k < 3; k++)
			lab[k] += one[k];
	}
	for (int k = 0; k < 3; k++)
		lab[k] /= n;
	eh_face_put(out, present, EH_F_SKIN_L, lab[0]);
	eh_face_put(out, present, EH_F_SKIN_A, lab[1]);
	eh_face_put(out, present, EH_F_SKIN_B, lab[2]);
	if (lab[2] > 0.0)               /* skin under blue light has no typology angle */
		eh_face_put(out, present, EH_F_ITA, atan((lab[0] - 50.0) / lab[2]) * EH_DEGREE);
	eh_face_put(out, present, EH_F_SKIN_L_REL, lab[0] - ground[0]);
	eh_face_put(out, present, EH_F_SKIN_A_REL, lab[1] - ground[1]);
	eh_face_put(out, present, EH_F_SKIN_B_REL, lab[2] - ground[2]);
}

/* Pixels of the box and around it; landmarks may lie far outside of the picture, farther than an int counts. */
static int need(const struct eh_image *im, const double box[4], double around, struct eh_err *err)
{
	double left = fmin(fmax(box[0] - around, 0.0), im->width);
	double right = fmin(fmax(box[2] + around, 0.0), im->width);
	double top = fmin(fmax(box[1] - around, 0.0), im->height);
	double bottom = fmin(fmax(box[3] + around, 0.0), im->height);

	/* what is clipped takes the colour of the edge, so that the edge is needed in any case */
	return eh_image_need(im, (int)left - 1, (int)top - 1, (int)ceil(right) + 1, (int)ceil(bottom) + 1, err);
}

int eh_quality(double *out, uint8_t *present, const struct eh_tone *tone, const struct eh_image *im, const float *xyz,
	       const double box[4], const float *crop, const double ground[3], struct eh_err *err)
{
	double half = 0.5 * PATCH_SIZE * hypot((double)xyz[3 * 33] - (double)xyz[3 * 263],
					       (double)xyz[3 * 33 + 1] - (double)xyz[3 * 263 + 1]);
	int rc = need(im, box, half, err);

	if (rc < 0)
		return rc;
	eh_face_put(out, present, EH_F_SIZE, (box[3] - box[1]) / im->height);
	light(out, present, im, box);
	eh_face_put(out, present, EH_F_SHARPNESS, sharpness(crop));
	skin(out, present, tone, im, xyz, half, ground);
	return EH_OK;
}

/*
 * crop.h - pieces of an RGBA picture as net input: the rotated square of the mesh, the letterbox of the
 * detector.  Both bilinear with half-pixel centres, in fixed point: the same bytes on every machine
 * (facts/vision.md 6).
 */
#ifndef EH_FACE_CROP_H
#define EH_FACE_CROP_H

#include <stdbool.h>

#include "media/media.h"

#define EH_CROP_MAX 1024                /* [px] of a net's input */

/* A rotated square of a picture. */
struct eh_region {
	double cx, cy;                  /* [px] centre; (0, 0) is the corner of the first pixel, not its centre */
	double side;                    /* [px] */
	double angle;                   /* [rad] of its x axis, positive turns +x towards +y (clockwise as seen) */
};

/* Finite, side from 4 px to 4 x the longer edge of the picture, centre inside it.  Only such a region may
 * be cropped: fixed point would overflow elsewhere. */
bool eh_region_usable(const struct eh_region *r, const struct eh_image *image);

/* Point (u, v) of the region, in 0..1 from its first corner, to picture pixels. */
void eh_region_point(const struct eh_region *r, double u, double v, double *x, double *y);

/* Makes the pixels valid that eh_crop of a usable region looks at (media.h, eh_image_need). */
int eh_region_need(const struct eh_region *r, const struct eh_image *image, struct eh_err *err);

/* out: [n][n][3] RGB in [0, 1]; outside the picture its edge is repeated.  n: 1..EH_CROP_MAX, here and below. */
void eh_crop(float *out, int n, const struct eh_image *image, const struct eh_region *r);

/* out: [n][n][3] RGB in [-1, 1]; the whole picture, aspect kept, centred in a square, border black (-1). */
void eh_letterbox(float *out, int n, const struct eh_image *image);

#endif

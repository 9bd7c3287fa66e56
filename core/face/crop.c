/* Rotated bilinear crop and letterbox in 16.16 fixed point; see crop.h.  A plain float crop costs two to
 * three times the net that it feeds (facts/vision.md 1). */
#include "face/crop.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define ONE 65536                       /* 1 px in 16.16 */
#define WEIGHT_BITS 10                  /* of the bilinear weights: 8 + 10 + 10 bits fit an int32 */
#define WEIGHT_ONE (1 << WEIGHT_BITS)

bool eh_region_usable(const struct eh_region *r, const struct eh_image *image)
{
	double longer = image->width > image->height ? image->width : image->height;

	return isfinite(r->cx) && isfinite(r->cy) && isfinite(r->side) && isfinite(r->angle) && r->side >= 4.0 &&
	       r->side <= 4.0 * longer && r->cx >= 0.0 && r->cx <= image->width &&
	       r->cy >= 0.0 && r->cy <= image->height;
}

void eh_region_point(const struct eh_region *r, double u, double v, double *x, double *y)
{
	double c = cos(r->angle), s = sin(r->angle);
	double du = (u - 0.5) * r->side, dv = (v - 0.5) * r->side;

	*x = r->cx + c * du - s * dv;
	*y = r->cy + s * du + c * dv;
}

static int64_t fixed(double v)
{
	return llround(v * ONE);
}

/* Bilinear mix of four pixels, weights fx and fy in WEIGHT_ONE, to 255 * WEIGHT_ONE^2. */
static inline void mix(float *out, const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, int32_t fx,
		       int32_t fy, float scale, float shift)
{
	for (int k = 0; k < 3; k++) {
		int32_t top = (a[k] << WEIGHT_BITS) + (b[k] - a[k]) * fx;
		int32_t low = (c[k] << WEIGHT_BITS) + (d[k] - c[k]) * fx;

		out[k] = (float)((top << WEIGHT_BITS) + (low - top) * fy) * scale + shift;
	}
}

static inline int32_t weight(int64_t v)
{
	return (int32_t)(v & (ONE - 1)) >> (16 - WEIGHT_BITS);
}

static inline int64_t clamp(int64_t v, int64_t high)
{
	return v < 0 ? 0 : v > high ? high : v;
}

/* x, y: 16.16 position of a pixel centre; any value, the edge is repeated. */
static inline void sample_edge(float *out, const struct eh_image *im, int64_t x, int64_t y, float scale, float shift)
{
	/* arithmetic shift: the floor, also of negative positions */
	int64_t x0 = clamp(x >> 16, im->width - 1), x1 = clamp((x >> 16) + 1, im->width - 1);
	int64_t y0 = clamp(y >> 16, im->height - 1), y1 = clamp((y >> 16) + 1, im->height - 1);
	const uint8_t *r0 = im->rgba + (size_t)y0 * im->stride, *r1 = im->rgba + (size_t)y1 * im->stride;

	mix(out, r0 + 4 * x0, r0 + 4 * x1, r1 + 4 * x0, r1 + 4 * x1, weight(x), weight(y), scale, shift);
}

/* The same where the four pixels are known to be inside. */
static inline void sample_inside(float *out, const struct eh_image *im, int64_t x, int64_t y, float scale, float shift)
{
	const uint8_t *p = im->rgba + (size_t)(y >> 16) * im->stride + 4 * (size_t)(x >> 16);

	mix(out, p, p + 4, p + im->stride, p + im->stride + 4, weight(x), weight(y), scale, shift);
}

static bool inside(const struct eh_image *im, int64_t x, int64_t y)
{
	return x >= 0 && y >= 0 && x < (int64_t)(im->width - 1) * ONE && y < (int64_t)(im->height - 1) * ONE;
}

void eh_crop(float *out, int n, const struct eh_image *image, const struct eh_region *r)
{
	const float scale = 1.0f / (255.0f * WEIGHT_ONE * WEIGHT_ONE);
	double step = r->side / n, c = cos(r->angle) * step, s = sin(r->angle) * step;
	int64_t cf = fixed(c), sf = fixed(s);
	double half = 0.5 * n - 0.5;

	for (int j = 0; j < n; j++) {
		/* every row starts anew from doubles, so that rounded steps add up over one row only */
		int64_t x = fixed(r->cx - c * half - s * (j - half) - 0.5);
		int64_t y = fixed(r->cy - s * half + c * (j - half) - 0.5);
		bool whole = inside(image, x, y) && inside(image, x + cf * (n - 1), y + sf * (n - 1));

		if (whole)
			for (int i = 0; i < n; i++, out += 3, x += cf, y += sf)
				sample_inside(out, image, x, y, scale, 0.0f);
		else
			for (int i = 0; i < n; i++, out += 3, x += cf, y += sf)
				sample_edge(out, image, x, y, scale, 0.0f);
	}
}

void eh_letterbox(float *out, int n, const struct eh_image *image)
{
	const float scale = 1.0f / (127.5f * WEIGHT_ONE * WEIGHT_ONE);
	int longer = image->width > image->height ? image->width : image->height;
	double step = (double)longer / n;
	double left = 0.5 * (longer - image->width), top = 0.5 * (longer - image->height);

	for (int j = 0; j < n; j++) {
		double v = (j + 0.5) * step - top;

		for (int i = 0; i < n; i++, out += 3) {
			double u = (i + 0.5) * step - left;

			if (u < 0.0 || v < 0.0 || u >= image->width || v >= image->height)
				out[0] = out[1] = out[2] = -1.0f;
			else
				sample_edge(out, image, fixed(u - 0.5), fixed(v - 0.5), scale, -1.0f);
		}
	}
}

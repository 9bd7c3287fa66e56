/* Rotated bilinear crop and letterbox in 16.16 fixed point; see crop.h.  A plain float crop costs two to
 * three times the net that it feeds (facts/vision.md 1). */
#include "face/crop.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

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

int eh_region_need(const struct eh_region *r, const struct eh_image *image, struct eh_err *err)
{
	/* half of the upright box around the turned square, and the neighbours of its last pixels */
	double half = 0.5 * r->side * (fabs(cos(r->angle)) + fabs(sin(r->angle))) + 2.0;

	return eh_image_need(image, (int)floor(r->cx - half), (int)floor(r->cy - half), (int)ceil(r->cx + half),
			     (int)ceil(r->cy + half), err);
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

/*
 * Bilinear mix of the pixels a b over c d, weights fx and fy in WEIGHT_ONE: exact in integers, 255 * WEIGHT_ONE^2
 * at most, so that both forms give the same bytes.  Reads four bytes of each pixel, writes three floats.
 */
#if defined(__SSE2__)
static inline __m128i pixel(const uint8_t *p)
{
	int32_t bits = 0;

	memcpy(&bits, p, sizeof bits);
	return _mm_cvtsi32_si128(bits);
}

static inline __m128i mix_pair(const uint8_t *a, const uint8_t *b, __m128i weights)
{
	__m128i both = _mm_unpacklo_epi8(pixel(a), pixel(b));

	return _mm_madd_epi16(_mm_unpacklo_epi8(both, _mm_setzero_si128()), weights);
}

static inline void mix(float *out, const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, int32_t fx,
		       int32_t fy, float scale, float shift)
{
	__m128i across = _mm_set1_epi32((int32_t)((uint32_t)fx << 16 | (uint32_t)(WEIGHT_ONE - fx)));
	__m128i down = _mm_set1_epi32(fy);
	__m128i top = mix_pair(a, b, across), step = _mm_sub_epi32(mix_pair(c, d, across), top);
	/* SSE2 multiplies 16 bits: step = high * 2^10 + low, high within -256..255 */
	__m128i high = _mm_madd_epi16(_mm_srai_epi32(step, WEIGHT_BITS), down);
	__m128i low = _mm_madd_epi16(_mm_and_si128(step, _mm_set1_epi32(WEIGHT_ONE - 1)), down);
	__m128i sum = _mm_add_epi32(_mm_slli_epi32(_mm_add_epi32(top, high), WEIGHT_BITS), low);
	__m128 v = _mm_add_ps(_mm_mul_ps(_mm_cvtepi32_ps(sum), _mm_set1_ps(scale)), _mm_set1_ps(shift));

	_mm_storel_pi((__m64 *)out, v);
	_mm_store_ss(out + 2, _mm_movehl_ps(v, v));
}
#else
static inline void mix(float *out, const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, int32_t fx,
		       int32_t fy, float scale, float shift)
{
	for (int k = 0; k < 3; k++) {
		int32_t top = (a[k] << WEIGHT_BITS) + (b[k] - a[k]) * fx;
		int32_t low = (c[k] << WEIGHT_BITS) + (d[k] - c[k]) * fx;

		out[k] = (float)((top << WEIGHT_BITS) + (low - top) * fy) * scale + shift;
	}
}
#endif

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

/*
 * The same for two pixels at once, all of them inside, where the processor can.  Returns how many of the n it did; it
 * leaves at least one, as each store of four floats reaches into the pixel behind it.
 */
#if defined(__SSE2__) && defined(__x86_64__)
static inline int64_t two_pixels(const uint8_t *p)
{
	int64_t bits = 0;

	memcpy(&bits, p, sizeof bits);
	return bits;
}

__attribute__((target("avx2")))
static int crop_pairs(float *out, int n, const struct eh_image *im, int64_t x, int64_t y, int64_t dx, int64_t dy,
		      float scale)
{
	/* bytes a0 a1 a2 a3 b0 b1 b2 b3 c0 .. d3 to 16-bit pairs a0 b0, a1 b1 ..; the same for c and d */
	const __m128i pick = _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
	const __m256i pick_top = _mm256_broadcastsi128_si256(pick);
	const __m256i pick_low = _mm256_or_si256(pick_top, _mm256_set1_epi16(8));
	const __m256i mask = _mm256_set1_epi32(WEIGHT_ONE - 1), one = _mm256_set1_epi32(WEIGHT_ONE);
	const __m256i step_x = _mm256_set1_epi32((int32_t)(2 * dx)), step_y = _mm256_set1_epi32((int32_t)(2 * dy));
	const __m256 factor = _mm256_set1_ps(scale);
	/* inside the picture a position is below 2^28 */
	__m256i px = _mm256_setr_m128i(_mm_set1_epi32((int32_t)x), _mm_set1_epi32((int32_t)(x + dx)));
	__m256i py = _mm256_setr_m128i(_mm_set1_epi32((int32_t)y), _mm_set1_epi32((int32_t)(y + dy)));
	int i = 0;

	for (; i + 2 < n; i += 2, out += 6) {
		const uint8_t *p = im->rgba + (size_t)(y >> 16) * im->stride + 4 * (size_t)(x >> 16);
		const uint8_t *q = im->rgba + (size_t)((y + dy) >> 16) * im->stride + 4 * (size_t)((x + dx) >> 16);
		__m256i four = _mm256_setr_epi64x(two_pixels(p), two_pixels(p + im->stride), two_pixels(q),
						  two_pixels(q + im->stride));
		__m256i fx = _mm256_and_si256(_mm256_srli_epi32(px, 16 - WEIGHT_BITS), mask);
		__m256i fy = _mm256_and_si256(_mm256_srli_epi32(py, 16 - WEIGHT_BITS), mask);
		__m256i across = _mm256_add_epi32(_mm256_slli_epi32(fx, 16), _mm256_sub_epi32(one, fx));
		__m256i top = _mm256_madd_epi16(_mm256_shuffle_epi8(four, pick_top), across);
		__m256i low = _mm256_madd_epi16(_mm256_shuffle_epi8(four, pick_low), across);
		__m256i sum = _mm256_add_epi32(_mm256_slli_epi32(top, WEIGHT_BITS),
					       _mm256_mullo_epi32(_mm256_sub_epi32(low, top), fy));
		__m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), factor);

		_mm_storeu_ps(out, _mm256_castps256_ps128(v));
		_mm_storeu_ps(out + 3, _mm256_extractf128_ps(v, 1));
		px = _mm256_add_epi32(px, step_x);
		py = _mm256_add_epi32(py, step_y);
		x += 2 * dx;
		y += 2 * dy;
	}
	return i;
}

static bool can_pairs(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}
#else
static int crop_pairs(float *out, int n, const struct eh_image *im, int64_t x, int64_t y, int64_t dx, int64_t dy,
		      float scale)
{
	(void)out, (void)n, (void)im, (void)x, (void)y, (void)dx, (void)dy, (void)scale;
	return 0;
}

static bool can_pairs(void)
{
	return false;
}
#endif

/* One row of n pixels from (x, y) in steps of (dx, dy).  Positions inside the picture are one stretch of it. */
static void crop_row(float *out, int n, const struct eh_image *im, int64_t x, int64_t y, int64_t dx, int64_t dy,
		     float scale, bool pairs)
{
	int i = 0, end = n, done = 0;

	for (; i < n && !inside(im, x, y); i++, out += 3, x += dx, y += dy)
		sample_edge(out, im, x, y, scale, 0.0f);
	while (end > i && !inside(im, x + dx * (end - 1 - i), y + dy * (end - 1 - i)))
		end--;
	if (pairs && end > i)
		done = crop_pairs(out, end - i, im, x, y, dx, dy, scale);
	i += done;
	out += 3 * (size_t)done;
	x += done * dx;
	y += done * dy;
	for (; i < end; i++, out += 3, x += dx, y += dy)
		sample_inside(out, im, x, y, scale, 0.0f);
	for (; i < n; i++, out += 3, x += dx, y += dy)
		sample_edge(out, im, x, y, scale, 0.0f);
}

void eh_crop(float *out, int n, const struct eh_image *image, const struct eh_region *r)
{
	const float scale = 1.0f / (255.0f * WEIGHT_ONE * WEIGHT_ONE);
	double step = r->side / n, c = cos(r->angle) * step, s = sin(r->angle) * step;
	int64_t cf = fixed(c), sf = fixed(s);
	double half = 0.5 * n - 0.5;
	bool pairs = can_pairs();

	for (int j = 0; j < n; j++, out += 3 * (size_t)n) {
		/* every row starts anew from doubles, so that rounded steps add up over one row only */
		int64_t x = fixed(r->cx - c * half - s * (j - half) - 0.5);
		int64_t y = fixed(r->cy - s * half + c * (j - half) - 0.5);

		crop_row(out, n, image, x, y, cf, sf, scale, pairs);
	}
}

struct column {
	size_t left, right;             /* [bytes] from the start of a row; equal at the edge */
	int32_t weight;
};

static void letterbox_row(float *out, const struct eh_image *im, const struct column *column, int columns, int64_t y)
{
	const float scale = 1.0f / (127.5f * WEIGHT_ONE * WEIGHT_ONE);
	const uint8_t *r0 = im->rgba + (size_t)clamp(y >> 16, im->height - 1) * im->stride;
	const uint8_t *r1 = im->rgba + (size_t)clamp((y >> 16) + 1, im->height - 1) * im->stride;

	for (int i = 0; i < columns; i++, out += 3)
		mix(out, r0 + column[i].left, r0 + column[i].right, r1 + column[i].left, r1 + column[i].right,
		    column[i].weight, weight(y), scale, -1.0f);
}

void eh_letterbox(float *out, int n, const struct eh_image *image)
{
	struct column column[EH_CROP_MAX];
	int longer = image->width > image->height ? image->width : image->height;
	double step = (double)longer / n;
	double left = 0.5 * (longer - image->width), top = 0.5 * (longer - image->height);
	int first = n, columns = 0;

	for (int i = 0; i < n; i++) {
		double u = (i + 0.5) * step - left;
		int64_t x = fixed(u - 0.5);

		if (u < 0.0 || u >= image->width)
			continue;
		if (columns == 0)
			first = i;
		column[columns++] = (struct column){ 4 * (size_t)clamp(x >> 16, image->width - 1),
						     4 * (size_t)clamp((x >> 16) + 1, image->width - 1), weight(x) };
	}
	for (size_t i = 0; i < 3 * (size_t)n * (size_t)n; i++)
		out[i] = -1.0f;
	for (int j = 0; j < n; j++) {
		double v = (j + 0.5) * step - top;

		if (v >= 0.0 && v < image->height)
			letterbox_row(out + 3 * ((size_t)j * (size_t)n + (size_t)first), image, column, columns,
				      fixed(v - 0.5));
	}
}

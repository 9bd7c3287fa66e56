/* One decoded frame to upright RGBA with square pixels, as a whole or in parts (facts/vision.md 6.12-6.13). */
#include "media/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ROW_ALIGN 64            /* [bytes]; swscale writes whole vectors */
#define TILE_MAX 160            /* [px]; divides 640, 960, 1280 and 1920 */
#define TILE_MIN 64
#define TILE_STEP 32            /* [px]; keeps rows of a tile on borders of 32 bytes, chroma rows on 16 */

int eh_convert_size_check(int64_t width, int64_t height, struct eh_err *err)
{
	if (width < 1 || height < 1)
		return eh_err_set(err, EH_EFORMAT, "the picture track has no size");
	if (width > EH_MEDIA_MAX_WIDTH || height > EH_MEDIA_MAX_WIDTH || width * height > (int64_t)EH_MEDIA_MAX_PIXELS)
		return eh_err_set(err, EH_ERANGE,
				  "pictures of %lldx%lld are larger than the 4096x3072 that are accepted",
				  (long long)width, (long long)height);
	return EH_OK;
}

/*
 * Display matrix [3][3], 16.16: x' = m0 x + m3 y, y' = m1 x + m4 y (libavutil/display.h).  Phones store multiples of
 * a quarter turn, perhaps mirrored; anything between goes to the nearer one.
 */
struct eh_turn eh_convert_turn(const int32_t *m)
{
	struct eh_turn t = { false, false, false, 0 };

	if (m == NULL)
		return t;
	t.transpose = llabs((long long)m[1]) + llabs((long long)m[3]) > llabs((long long)m[0]) + llabs((long long)m[4]);
	t.flip_x = (t.transpose ? m[3] : m[0]) < 0;
	t.flip_y = (t.transpose ? m[1] : m[4]) < 0;
	if (t.transpose)
		t.degrees = t.flip_x ? 90 : 270;
	else
		t.degrees = t.flip_x && t.flip_y ? 180 : 0;
	return t;
}

static bool turns(const struct eh_turn *t)
{
	return t->transpose || t->flip_x || t->flip_y;
}

static bool is_full_range(const AVFrame *f)
{
	switch (f->format) {
	case AV_PIX_FMT_YUVJ420P:
	case AV_PIX_FMT_YUVJ422P:
	case AV_PIX_FMT_YUVJ444P:
	case AV_PIX_FMT_YUVJ440P:
	case AV_PIX_FMT_YUVJ411P:
		return true;
	default:
		return f->color_range == AVCOL_RANGE_JPEG;
	}
}

/* Matrix of the stream; where it says nothing, the usual rule: 709 above standard definition, else 601. */
static int matrix_of(const AVFrame *f)
{
	switch (f->colorspace) {
	case AVCOL_SPC_BT709:
		return SWS_CS_ITU709;
	case AVCOL_SPC_FCC:
		return SWS_CS_FCC;
	case AVCOL_SPC_BT470BG:
	case AVCOL_SPC_SMPTE170M:
		return SWS_CS_ITU601;
	case AVCOL_SPC_SMPTE240M:
		return SWS_CS_SMPTE240M;
	case AVCOL_SPC_BT2020_NCL:
	case AVCOL_SPC_BT2020_CL:
		return SWS_CS_BT2020;
	default:
		return f->width >= 1280 || f->height > 576 ? SWS_CS_ITU709 : SWS_CS_ITU601;
	}
}

/* Non-square pixels would stretch every distance of a face: widen or heighten to square ones. */
static void square_size(struct eh_convert *c, const AVFrame *f)
{
	double sar =
		f->sample_aspect_ratio.num > 0 && f->sample_aspect_ratio.den > 0 ? av_q2d(f->sample_aspect_ratio) : 1.0;
	double w = f->width, h = f->height;

	if (sar > 4.0 || sar < 0.25)
		sar = 1.0;      /* nonsense of a damaged header */
	if (sar > 1.0)
		w *= sar;
	else
		h /= sar;
	if (w > EH_MEDIA_MAX_WIDTH || h > EH_MEDIA_MAX_WIDTH || w * h > EH_MEDIA_MAX_PIXELS) {
		/* too large when enlarged: make the other side smaller instead */
		w = sar > 1.0 ? f->width : f->width * sar;
		h = sar > 1.0 ? f->height / sar : f->height;
	}
	c->width = w < 1.0 ? 1 : (int)lround(w);
	c->height = h < 1.0 ? 1 : (int)lround(h);
}

static int make_buffers(struct eh_convert *c, struct eh_err *err)
{
	size_t w = (size_t)c->width, h = (size_t)c->height;

	free(c->rgba);
	free(c->turned);
	c->rgba = c->turned = NULL;
	c->stride = (w * 4 + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
	c->turned_stride = (c->turn.transpose ? h : w) * 4;
	c->rgba = eh_try_calloc(h + 1, c->stride);      /* one row to spare: vectors may pass the last one's end */
	if (turns(&c->turn))
		c->turned = eh_try_calloc(w * h, 4);
	if (c->rgba == NULL || (turns(&c->turn) && c->turned == NULL))
		return eh_err_set(err, EH_ENOMEM, "out of memory for a picture of %dx%d", c->width, c->height);
	return EH_OK;
}

static struct SwsContext *make_sws(int width, int height, int format, int to_width, int to_height, int space, int range)
{
	struct SwsContext *s = sws_getContext(width, height, (enum AVPixelFormat)format, to_width, to_height,
					      AV_PIX_FMT_RGBA, SWS_BILINEAR, NULL, NULL, NULL);

	/* fails for formats that are RGB already, where there is nothing to set */
	if (s != NULL)
		(void)sws_setColorspaceDetails(s, sws_getCoefficients(space), range,
					       sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
	return s;
}

/*
 * Parts can be converted where no pixel depends on its neighbours: 8-bit 4:2:0 of even height, neither scaled nor
 * turned.  swscale has no rectangles, but a context of a tile's width takes any column and any even rows of it.
 */
static int tile_width(const struct eh_convert *c, const AVFrame *f)
{
	if ((f->format != AV_PIX_FMT_YUV420P && f->format != AV_PIX_FMT_YUVJ420P) || c->width != f->width ||
	    c->height != f->height || c->height % 2 != 0 || turns(&c->turn))
		return 0;
	for (int w = TILE_MAX; w >= TILE_MIN; w -= TILE_STEP)
		if (c->width % w == 0 && c->width / w <= EH_TILE_COLUMNS)
			return w;
	return 0;
}

static int follow_format(struct eh_convert *c, const AVFrame *f, struct eh_err *err)
{
	int space = matrix_of(f), range = is_full_range(f) ? 1 : 0;
	int rc = EH_OK;

	if (c->sws != NULL && c->src_width == f->width && c->src_height == f->height && c->src_format == f->format &&
	    c->src_space == space && c->src_range == range && av_cmp_q(c->src_aspect, f->sample_aspect_ratio) == 0)
		return EH_OK;
	sws_freeContext(c->sws);
	sws_freeContext(c->tile_sws);
	c->sws = c->tile_sws = NULL;
	rc = eh_convert_size_check(f->width, f->height, err);
	if (rc < 0)
		return rc;
	if (sws_isSupportedInput((enum AVPixelFormat)f->format) == 0)
		return eh_err_set(err, EH_EFORMAT, "pixel format %d cannot be converted", f->format);
	square_size(c, f);
	rc = make_buffers(c, err);
	if (rc < 0)
		return rc;
	c->sws = make_sws(f->width, f->height, f->format, c->width, c->height, space, range);
	c->tile = tile_width(c, f);
	if (c->sws != NULL && c->tile > 0)
		c->tile_sws = make_sws(c->tile, f->height, f->format, c->tile, f->height, space, range);
	if (c->sws == NULL || (c->tile > 0 && c->tile_sws == NULL)) {
		sws_freeContext(c->sws);
		c->sws = NULL;
		return eh_err_set(err, EH_ENOMEM, "no colour conversion for %dx%d pictures", f->width, f->height);
	}
	c->src_width = f->width;
	c->src_height = f->height;
	c->src_format = f->format;
	c->src_space = space;
	c->src_range = range;
	c->src_aspect = f->sample_aspect_ratio;
	return EH_OK;
}

int eh_convert_begin(struct eh_convert *c, const AVFrame *f, struct eh_image *image, struct eh_err *err)
{
	int rc = follow_format(c, f, err);

	c->frame = NULL;
	if (rc < 0)
		return rc;
	c->frame = f;
	c->whole = false;
	memset(c->top, 0, sizeof c->top);
	memset(c->bottom, 0, sizeof c->bottom);
	image->rgba = c->turned != NULL ? c->turned : c->rgba;
	image->stride = c->turned != NULL ? c->turned_stride : c->stride;
	image->width = c->turn.transpose ? c->height : c->width;
	image->height = c->turn.transpose ? c->width : c->height;
	image->source = c;
	return EH_OK;
}

void eh_convert_end(struct eh_convert *c)
{
	c->frame = NULL;
}

void eh_convert_close(struct eh_convert *c)
{
	free(c->rgba);
	free(c->turned);
	sws_freeContext(c->sws);
	sws_freeContext(c->tile_sws);
	memset(c, 0, sizeof *c);
}

static void turn_upright(struct eh_convert *c)
{
	const struct eh_turn *t = &c->turn;
	size_t w = (size_t)c->width, h = (size_t)c->height;
	size_t out_w = t->transpose ? h : w, out_h = t->transpose ? w : h;

	for (size_t y = 0; y < out_h; y++) {
		size_t v = t->flip_y ? out_h - 1 - y : y;
		uint8_t *to = c->turned + y * c->turned_stride;

		for (size_t x = 0; x < out_w; x++) {
			size_t u = t->flip_x ? out_w - 1 - x : x;
			const uint8_t *from =
				t->transpose ? c->rgba + u * c->stride + v * 4 : c->rgba + v * c->stride + u * 4;

			memcpy(to + x * 4, from, 4);
		}
	}
}

static int broken(struct eh_err *err)
{
	return eh_err_set(err, EH_EFORMAT, "a picture cannot be converted");
}

int eh_convert_whole(struct eh_convert *c, struct eh_err *err)
{
	uint8_t *dst[4] = { c->rgba, NULL, NULL, NULL };
	int strides[4] = { (int)c->stride, 0, 0, 0 };

	if (c->whole)
		return EH_OK;
	if (sws_scale(c->sws, (const uint8_t *const *)c->frame->data, c->frame->linesize, 0, c->frame->height, dst,
		      strides) != c->height)
		return broken(err);
	if (c->turned != NULL)
		turn_upright(c);
	c->whole = true;
	return EH_OK;
}

/* Rows y0..y1-1, both even, of one column of tiles. */
static int convert_rows(struct eh_convert *c, int column, int y0, int y1, struct eh_err *err)
{
	const AVFrame *f = c->frame;
	ptrdiff_t x = (ptrdiff_t)column * c->tile, y = y0;
	const uint8_t *src[4] = { f->data[0] + y * f->linesize[0] + x, f->data[1] + y / 2 * f->linesize[1] + x / 2,
				  f->data[2] + y / 2 * f->linesize[2] + x / 2, NULL };
	uint8_t *dst[4] = { c->rgba + (size_t)y * c->stride + (size_t)x * 4, NULL, NULL, NULL };
	int strides[4] = { (int)c->stride, 0, 0, 0 };

	if (y0 >= y1)
		return EH_OK;
	return sws_scale(c->tile_sws, src, f->linesize, 0, y1 - y0, dst, strides) == y1 - y0 ? EH_OK : broken(err);
}

/* The rows of a column that are converted stay one piece: what lies between is converted too. */
static int extend(struct eh_convert *c, int column, int y0, int y1, struct eh_err *err)
{
	int *top = &c->top[column], *bottom = &c->bottom[column];
	int rc = EH_OK;

	if (*top == *bottom) {
		rc = convert_rows(c, column, y0, y1, err);
		*top = y0;
		*bottom = y1;
		return rc;
	}
	if (y0 < *top) {
		rc = convert_rows(c, column, y0, *top, err);
		*top = y0;
	}
	if (rc == EH_OK && y1 > *bottom) {
		rc = convert_rows(c, column, *bottom, y1, err);
		*bottom = y1;
	}
	return rc;
}

int eh_image_need(const struct eh_image *image, int x0, int y0, int x1, int y1, struct eh_err *err)
{
	struct eh_convert *c = image->source;
	int rc = EH_OK;

	if (c == NULL || (c->frame != NULL && c->whole))
		return EH_OK;
	if (c->frame == NULL)
		return eh_err_set(err, EH_EINVAL, "pixels of a picture that is gone");
	x0 = x0 > 0 ? x0 : 0;
	y0 = y0 > 0 ? y0 / 2 * 2 : 0;
	x1 = x1 < c->width ? x1 : c->width;
	y1 = y1 < c->height ? (y1 + 1) / 2 * 2 : c->height;
	/* a picture that is turned or scaled has other coordinates: it is converted as a whole */
	if (c->tile_sws == NULL || (x0 == 0 && y0 == 0 && x1 == c->width && y1 == c->height))
		return eh_convert_whole(c, err);
	if (x0 >= x1 || y0 >= y1)
		return EH_OK;
	for (int column = x0 / c->tile; column <= (x1 - 1) / c->tile && rc == EH_OK; column++)
		rc = extend(c, column, y0, y1, err);
	return rc;
}

/* The picture track: sampled by time, colours honoured, pixels square, upright RGBA (facts/vision.md 6.12-6.13, 7). */
#include "media/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/display.h>
#include <libavutil/pixdesc.h>

#include "base/mem.h"

#define TIME_SLACK 0.001        /* [s]; Matroska keeps whole milliseconds, so a due picture may come that much early */
#define FRAMES_PER_SECOND_MAX 240.0
#define ROW_ALIGN 64            /* [bytes]; swscale writes whole vectors */

static int size_check(int64_t width, int64_t height, struct eh_err *err)
{
	if (width < 1 || height < 1)
		return eh_err_set(err, EH_EFORMAT, "the picture track has no size");
	if (width > EH_MEDIA_MAX_WIDTH || height > EH_MEDIA_MAX_WIDTH || width * height > (int64_t)EH_MEDIA_MAX_PIXELS)
		return eh_err_set(err, EH_ERANGE, "pictures of %lldx%lld are larger than the 4096x3072 that are accepted",
				  (long long)width, (long long)height);
	return EH_OK;
}

/*
 * Display matrix [3][3], 16.16: x' = m0 x + m3 y, y' = m1 x + m4 y (libavutil/display.h).  Phones store multiples of
 * a quarter turn, perhaps mirrored; anything between goes to the nearer one.
 */
static struct eh_turn turn_of(const int32_t *m)
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

int eh_pictures_open(struct eh_pictures *p, AVStream *stream, double origin, const struct eh_media_options *options,
		     const struct eh_media_sink *sink, struct eh_media_info *info, struct eh_err *err)
{
	size_t size = 0;
	const uint8_t *matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
	int32_t m[9];
	int rc = EH_OK;

	memset(p, 0, sizeof *p);
	p->origin = origin;
	p->options = options;
	p->sink = sink;
	p->info = info;
	p->last_time = -1;
	p->last_tick = -1;
	p->src_format = AV_PIX_FMT_NONE;
	if (matrix != NULL && size >= sizeof m) {
		memcpy(m, matrix, sizeof m);
		p->turn = turn_of(m);
	}
	info->rotation = p->turn.degrees;
	rc = size_check(stream->codecpar->width, stream->codecpar->height, err);
	if (rc < 0)
		return rc;
	rc = eh_codec_open(&p->codec, stream, err);
	if (rc < 0)
		return rc;
	p->stream = stream;
	p->frame = av_frame_alloc();
	if (p->frame == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the picture track");
	return EH_OK;
}

void eh_pictures_close(struct eh_pictures *p)
{
	free(p->rgba);
	free(p->turned);
	sws_freeContext(p->sws);
	av_frame_free(&p->frame);
	avcodec_free_context(&p->codec);
	memset(p, 0, sizeof *p);
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
static void square_size(struct eh_pictures *p, const AVFrame *f)
{
	double sar = f->sample_aspect_ratio.num > 0 && f->sample_aspect_ratio.den > 0 ? av_q2d(f->sample_aspect_ratio) : 1.0;
	double w = f->width, h = f->height;

	if (sar > 4.0 || sar < 0.25)
		sar = 1.0;      /* nonsense of a damaged header */
	if (sar > 1.0)
		w *= sar;
	else
		h /= sar;
	if (w > EH_MEDIA_MAX_WIDTH || h > EH_MEDIA_MAX_WIDTH || w * h > EH_MEDIA_MAX_PIXELS) {
		w = f->width / (sar > 1.0 ? 1.0 : 1.0 / sar);
		h = f->height / (sar > 1.0 ? sar : 1.0);
	}
	p->width = w < 1.0 ? 1 : (int)lround(w);
	p->height = h < 1.0 ? 1 : (int)lround(h);
}

static int make_buffers(struct eh_pictures *p, struct eh_err *err)
{
	size_t w = (size_t)p->width, h = (size_t)p->height;

	free(p->rgba);
	free(p->turned);
	p->rgba = p->turned = NULL;
	p->stride = (w * 4 + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
	p->turned_stride = (p->turn.transpose ? h : w) * 4;
	p->rgba = eh_try_calloc(h + 1, p->stride);      /* one row to spare: vectors may pass the last one's end */
	if (p->turn.transpose || p->turn.flip_x || p->turn.flip_y)
		p->turned = eh_try_calloc(w * h, 4);
	if (p->rgba == NULL || ((p->turn.transpose || p->turn.flip_x || p->turn.flip_y) && p->turned == NULL))
		return eh_err_set(err, EH_ENOMEM, "out of memory for a picture of %dx%d", p->width, p->height);
	return EH_OK;
}

/* A recording may change size, format or colour in the middle. */
static int follow_format(struct eh_pictures *p, const AVFrame *f, struct eh_err *err)
{
	int space = matrix_of(f), range = is_full_range(f) ? 1 : 0;
	int rc = EH_OK;

	if (p->sws != NULL && p->src_width == f->width && p->src_height == f->height && p->src_format == f->format &&
	    p->src_space == space && p->src_range == range && av_cmp_q(p->src_aspect, f->sample_aspect_ratio) == 0)
		return EH_OK;
	sws_freeContext(p->sws);
	p->sws = NULL;
	rc = size_check(f->width, f->height, err);
	if (rc < 0)
		return rc;
	if (sws_isSupportedInput((enum AVPixelFormat)f->format) == 0)
		return eh_err_set(err, EH_EFORMAT, "pixel format %d cannot be converted", f->format);
	square_size(p, f);
	rc = make_buffers(p, err);
	if (rc < 0)
		return rc;
	p->sws = sws_getContext(f->width, f->height, (enum AVPixelFormat)f->format, p->width, p->height, AV_PIX_FMT_RGBA,
				SWS_BILINEAR, NULL, NULL, NULL);
	if (p->sws == NULL)
		return eh_err_set(err, EH_ENOMEM, "no colour conversion for %dx%d pictures", f->width, f->height);
	/* fails for formats that are RGB already, where there is nothing to set */
	(void)sws_setColorspaceDetails(p->sws, sws_getCoefficients(space), range, sws_getCoefficients(SWS_CS_DEFAULT), 1,
				       0, 1 << 16, 1 << 16);
	p->src_width = f->width;
	p->src_height = f->height;
	p->src_format = f->format;
	p->src_space = space;
	p->src_range = range;
	p->src_aspect = f->sample_aspect_ratio;
	return EH_OK;
}

static void turn_upright(struct eh_pictures *p)
{
	const struct eh_turn *t = &p->turn;
	size_t w = (size_t)p->width, h = (size_t)p->height;
	size_t out_w = t->transpose ? h : w, out_h = t->transpose ? w : h;

	for (size_t y = 0; y < out_h; y++) {
		size_t v = t->flip_y ? out_h - 1 - y : y;
		uint8_t *to = p->turned + y * p->turned_stride;

		for (size_t x = 0; x < out_w; x++) {
			size_t u = t->flip_x ? out_w - 1 - x : x;
			const uint8_t *from = t->transpose ? p->rgba + u * p->stride + v * 4 : p->rgba + v * p->stride + u * 4;

			memcpy(to + x * 4, from, 4);
		}
	}
}

static int hand_out(struct eh_pictures *p, const AVFrame *f, double time, struct eh_err *err)
{
	struct eh_image image = { NULL, 0, 0, 0, time };
	uint8_t *dst[4] = { NULL, NULL, NULL, NULL };
	int strides[4] = { 0, 0, 0, 0 };
	int rc = follow_format(p, f, err);

	if (rc < 0)
		return rc;
	dst[0] = p->rgba;
	strides[0] = (int)p->stride;
	if (sws_scale(p->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, dst, strides) != p->height) {
		p->info->decode_errors++;
		return EH_OK;
	}
	image.rgba = p->rgba;
	image.stride = p->stride;
	if (p->turned != NULL) {
		turn_upright(p);
		image.rgba = p->turned;
		image.stride = p->turned_stride;
	}
	image.width = p->turn.transpose ? p->height : p->width;
	image.height = p->turn.transpose ? p->width : p->height;
	p->info->width = (uint32_t)image.width;
	p->info->height = (uint32_t)image.height;
	p->info->frames_sampled++;
	return p->sink->picture(p->sink->ctx, &image, err);
}

/* [s] how long a frame is shown, as the file says. */
static double frame_seconds(const struct eh_pictures *p, const AVFrame *f)
{
	AVRational rate = p->stream->avg_frame_rate;
	double s = (double)f->pkt_duration * av_q2d(p->stream->time_base);

	if (!(s > 0) || s > 10.0)
		s = rate.num > 0 && rate.den > 0 ? 1.0 / av_q2d(rate) : 0.0;
	return s < 10.0 ? s : 0.0;
}

static double frame_time(const struct eh_pictures *p, const AVFrame *f)
{
	double step = frame_seconds(p, f);
	double t = p->last_time < 0 ? 0.0 : p->last_time + step;

	if (f->best_effort_timestamp != AV_NOPTS_VALUE)
		t = (double)f->best_effort_timestamp * av_q2d(p->stream->time_base) - p->origin;
	return isfinite(t) && t > 0 ? t : 0.0;
}

static int on_frame(void *ctx, AVFrame *f, struct eh_err *err)
{
	struct eh_pictures *p = ctx;
	const struct eh_media_options *o = p->options;
	double t = frame_time(p, f);
	double end = t + frame_seconds(p, f);
	int64_t tick = 0;

	p->info->frames_decoded++;
	if (t > o->max_seconds || p->info->frames_decoded > o->max_seconds * FRAMES_PER_SECOND_MAX)
		return eh_err_set(err, EH_ERANGE, "the recording is longer than the %g s that are accepted", o->max_seconds);
	p->last_time = t;
	if (end > p->info->decoded_video_seconds)
		p->info->decoded_video_seconds = end;
	/* the first frame of every 1/sample_rate s; where frames are sparse a tick may stay empty */
	tick = (int64_t)floor((t + TIME_SLACK) * o->sample_rate);
	if (tick <= p->last_tick)
		return EH_OK;
	p->last_tick = tick;
	return hand_out(p, f, t, err);
}

int eh_pictures_packet(struct eh_pictures *p, const AVPacket *packet, struct eh_err *err)
{
	return eh_codec_decode(p->codec, p->frame, packet, &p->info->decode_errors, on_frame, p, err);
}

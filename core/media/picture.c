/* The picture track: decoded, sampled by time, handed out (facts/vision.md 7). */
#include "media/inside.h"

#include <math.h>
#include <string.h>

#define TIME_SLACK 0.001        /* [s]; Matroska keeps whole milliseconds, so a due picture may come that much early */
#define FRAMES_PER_SECOND_MAX 240.0
#define RESTART 1.0             /* [s] back at which the clock of a recording has begun anew */

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
	if (matrix != NULL && size >= sizeof m) {
		memcpy(m, matrix, sizeof m);
		p->convert.turn = eh_convert_turn(m);
	}
	info->rotation = p->convert.turn.degrees;
	rc = eh_convert_size_check(stream->codecpar->width, stream->codecpar->height, err);
	if (rc < 0)
		return rc;
	rc = eh_codec_open(&p->codec, stream, err);
	if (rc < 0)
		return rc;
	if (options->fast) {
		/* a frame no other is predicted from is not decoded; others lose nothing by it */
		p->codec->skip_frame = AVDISCARD_NONREF;
		p->codec->skip_loop_filter = AVDISCARD_NONREF;
	}
	/* H.264 says of each frame whether any other may refer to it; HEVC only whether one of the same layer may */
	p->may_skip = !options->fast && !options->every_frame && p->codec->codec_id == AV_CODEC_ID_H264;
	p->newest = -RESTART;
	for (size_t i = 0; i < EH_TICKS; i++)
		p->seen[i].tick = -1;
	p->stream = stream;
	p->frame = av_frame_alloc();
	if (p->frame == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the picture track");
	return EH_OK;
}

void eh_pictures_close(struct eh_pictures *p)
{
	eh_convert_close(&p->convert);
	av_frame_free(&p->frame);
	avcodec_free_context(&p->codec);
	memset(p, 0, sizeof *p);
}

static int hand_out(struct eh_pictures *p, const AVFrame *f, double time, struct eh_err *err)
{
	struct eh_image image = { NULL, 0, 0, 0, time, NULL };
	int rc = eh_convert_begin(&p->convert, f, &image, err);

	if (rc == EH_OK && !p->options->on_demand) {
		rc = eh_convert_whole(&p->convert, err);
		image.source = NULL;
	}
	if (rc == EH_OK) {
		p->info->width = (uint32_t)image.width;
		p->info->height = (uint32_t)image.height;
		p->info->frames_sampled++;
		rc = p->sink->picture(p->sink->ctx, &image, err);
	}
	eh_convert_end(&p->convert);
	return rc;
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

static double frame_time(struct eh_pictures *p, const AVFrame *f)
{
	double next = p->last_time < 0 ? 0.0 : p->last_time + frame_seconds(p, f);
	double t = next;

	if (f->best_effort_timestamp != AV_NOPTS_VALUE)
		t = (double)f->best_effort_timestamp * av_q2d(p->stream->time_base) - p->origin;
	if (isfinite(t) && t < p->last_time - RESTART) {
		/* two recordings joined without new time stamps: the second goes on where the first ended */
		p->origin += t - next;
		t = next;
	}
	return isfinite(t) && t > 0 ? t : 0.0;
}

/* Sampling interval of 1/sample_rate s that a time falls into. */
static int64_t tick_of(const struct eh_pictures *p, double t)
{
	return (int64_t)floor((t + TIME_SLACK) * p->options->sample_rate);
}

static int on_frame(void *ctx, AVFrame *f, struct eh_err *err)
{
	struct eh_pictures *p = ctx;
	const struct eh_media_options *o = p->options;
	double t = frame_time(p, f);
	double end = t + frame_seconds(p, f);
	int64_t tick = tick_of(p, t);

	p->info->frames_decoded++;
	if (t > o->max_seconds || p->info->frames_decoded > o->max_seconds * FRAMES_PER_SECOND_MAX)
		return eh_err_set(err, EH_ERANGE, "the recording is longer than the %g s that are accepted",
				  o->max_seconds);
	p->last_time = t;
	if (end > p->info->decoded_video_seconds)
		p->info->decoded_video_seconds = end;
	/* the first frame of every interval; where frames are sparse one may stay empty */
	if (tick <= p->last_tick)
		return EH_OK;
	p->last_tick = tick;
	return hand_out(p, f, t, err);
}

/*
 * True when the picture in this packet will not be handed out whatever comes: a packet with an earlier time of the
 * same interval has gone to the decoder already.  Packets come in the order of decoding, so that the converse is open.
 * Where that earlier packet turns out to be damaged, the interval may stay without a picture.
 */
static bool looked_at_by_nobody(struct eh_pictures *p, const AVPacket *packet)
{
	double t = 0;
	int64_t tick = 0;
	bool known = false;

	if (packet->pts == AV_NOPTS_VALUE || (packet->flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT)) != 0)
		return false;
	t = fmax(0.0, (double)packet->pts * av_q2d(p->stream->time_base) - p->origin);
	if (!(t <= p->options->max_seconds) || t < p->newest - RESTART) {
		p->may_skip = false;    /* a clock like this can tell nothing */
		return false;
	}
	p->newest = fmax(p->newest, t);
	tick = tick_of(p, t);
	known = p->seen[tick % EH_TICKS].tick == tick;
	if (known && p->seen[tick % EH_TICKS].first < t)
		return true;
	p->seen[tick % EH_TICKS].tick = tick;
	p->seen[tick % EH_TICKS].first = t;
	return false;
}

int eh_pictures_packet(struct eh_pictures *p, const AVPacket *packet, struct eh_err *err)
{
	uint32_t errors = p->info->decode_errors;
	int rc = EH_OK;

	if (packet != NULL)
		p->packets++;
	if (p->may_skip && packet != NULL)
		p->codec->skip_frame = looked_at_by_nobody(p, packet) ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
	rc = eh_codec_decode(p->codec, p->frame, packet, &p->info->decode_errors, on_frame, p, err);
	p->refused += p->info->decode_errors - errors;
	return rc;
}

void eh_pictures_finish(struct eh_pictures *p)
{
	uint32_t out = p->info->frames_decoded + p->refused;

	if (p->codec->codec_id == AV_CODEC_ID_H264 && !p->options->every_frame && p->packets > out)
		p->info->frames_skipped = p->packets - out;
}

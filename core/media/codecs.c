/* The allow-lists of containers and codecs, and the decode loop (facts/reliability.md 3.3). */
#include "media/inside.h"

#include <string.h>

#include <libavutil/pixdesc.h>

#define DRAIN_ERRORS_MAX 64     /* a decoder that only fails must not keep the flush going */

/* The decoder is fixed by name, so that what runs does not depend on how FFmpeg was built.  A whitelist by id
 * alone is not enough and one by name neither: facts/reliability.md 3.3. */
static const struct eh_codec_entry pictures[] = {
	{ AV_CODEC_ID_H264, "h264" }, { AV_CODEC_ID_HEVC, "hevc" }, { AV_CODEC_ID_VP8, "vp8" },
	{ AV_CODEC_ID_VP9, "vp9" }, { AV_CODEC_ID_AV1, "libdav1d" }, { AV_CODEC_ID_MPEG1VIDEO, "mpeg1video" },
	{ AV_CODEC_ID_MPEG2VIDEO, "mpeg2video" }, { AV_CODEC_ID_MPEG4, "mpeg4" }
};

static const struct eh_codec_entry sounds[] = {
	{ AV_CODEC_ID_AAC, "aac" }, { AV_CODEC_ID_OPUS, "opus" }, { AV_CODEC_ID_MP3, "mp3float" },
	{ AV_CODEC_ID_MP2, "mp2float" }, { AV_CODEC_ID_VORBIS, "vorbis" }, { AV_CODEC_ID_PCM_U8, "pcm_u8" },
	{ AV_CODEC_ID_PCM_S16LE, "pcm_s16le" }, { AV_CODEC_ID_PCM_S16BE, "pcm_s16be" },
	{ AV_CODEC_ID_PCM_S24LE, "pcm_s24le" }, { AV_CODEC_ID_PCM_S24BE, "pcm_s24be" },
	{ AV_CODEC_ID_PCM_S32LE, "pcm_s32le" }, { AV_CODEC_ID_PCM_F32LE, "pcm_f32le" },
	{ AV_CODEC_ID_PCM_F32BE, "pcm_f32be" }, { AV_CODEC_ID_PCM_F64LE, "pcm_f64le" },
	{ AV_CODEC_ID_PCM_ALAW, "pcm_alaw" }, { AV_CODEC_ID_PCM_MULAW, "pcm_mulaw" }
};

static const struct {
	const char *demuxer, *name;
} containers[] = {
	{ "mov,mp4,m4a,3gp,3g2,mj2", "mp4" },
	{ "matroska,webm", "matroska" },
	{ "wav", "wav" },
	{ "ogg", "ogg" },
	{ "mpeg", "mpeg-ps" }
};

const struct eh_codec_entry *eh_codec_find(enum AVMediaType type, enum AVCodecID id)
{
	const struct eh_codec_entry *list = type == AVMEDIA_TYPE_VIDEO ? pictures : sounds;
	size_t n = type == AVMEDIA_TYPE_VIDEO ? sizeof pictures / sizeof *pictures : sizeof sounds / sizeof *sounds;

	for (size_t i = 0; i < n; i++)
		if (list[i].id == id)
			return &list[i];
	return NULL;
}

const char *eh_container_find(const char *demuxer)
{
	for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
		if (strcmp(containers[i].demuxer, demuxer) == 0)
			return containers[i].name;
	return NULL;
}

/* "mp3" and "mp2" are the fixed-point decoders that FFmpeg's own probing may pick. */
const char *eh_codec_whitelist(void)
{
	return "h264,hevc,vp8,vp9,libdav1d,mpeg1video,mpeg2video,mpeg4,aac,opus,mp3float,mp3,mp2float,mp2,vorbis,"
	       "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_f32be,pcm_f64le,"
	       "pcm_alaw,pcm_mulaw";
}

int eh_codec_open(AVCodecContext **out, const AVStream *stream, struct eh_err *err)
{
	const AVCodecParameters *par = stream->codecpar;
	const struct eh_codec_entry *entry = eh_codec_find(par->codec_type, par->codec_id);
	const AVCodec *decoder = entry != NULL ? avcodec_find_decoder_by_name(entry->decoder) : NULL;
	const char *track = par->codec_type == AVMEDIA_TYPE_VIDEO ? "pictures" : "sound";
	AVCodecContext *c = NULL;
	int r = 0;

	*out = NULL;
	if (decoder == NULL)
		return eh_err_set(err, EH_EFORMAT, "%s in codec %.40s: not a codec this program takes", track,
				  avcodec_get_name(par->codec_id));
	c = avcodec_alloc_context3(decoder);
	if (c == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for a decoder");
	r = avcodec_parameters_to_context(c, par);
	if (r >= 0) {
		c->pkt_timebase = stream->time_base;
		c->thread_count = 1;    /* threads need clone(2): killed (facts/reliability.md 3.3) */
		c->max_pixels = EH_MEDIA_MAX_PIXELS;
		r = avcodec_open2(c, decoder, NULL);
	}
	if (r < 0) {
		avcodec_free_context(&c);
		if (r == AVERROR(ENOMEM))
			return eh_err_set(err, EH_ENOMEM, "out of memory for the %s decoder", entry->decoder);
		return eh_err_set(err, EH_EFORMAT, "%s in codec %.40s cannot be decoded", track,
				  avcodec_get_name(par->codec_id));
	}
	*out = c;
	return EH_OK;
}

/* All frames that are ready.  0 = the decoder wants more or has ended. */
static int drain(AVCodecContext *c, AVFrame *frame, bool flush, uint32_t *errors,
		 int (*fn)(void *ctx, AVFrame *frame, struct eh_err *err), void *ctx, struct eh_err *err)
{
	int failed = 0;

	for (;;) {
		int rc = EH_OK;
		int r = avcodec_receive_frame(c, frame);

		if (r == AVERROR(EAGAIN) || r == AVERROR_EOF)
			return EH_OK;
		if (r == AVERROR(ENOMEM))
			return eh_err_set(err, EH_ENOMEM, "out of memory while decoding");
		if (r < 0) {
			(*errors)++;
			failed++;
			if (!flush || failed > DRAIN_ERRORS_MAX)
				return EH_OK;
			continue;
		}
		rc = fn(ctx, frame, err);
		av_frame_unref(frame);
		if (rc < 0)
			return rc;
	}
}

int eh_codec_decode(AVCodecContext *c, AVFrame *frame, const AVPacket *packet, uint32_t *errors,
		    int (*fn)(void *ctx, AVFrame *frame, struct eh_err *err), void *ctx, struct eh_err *err)
{
	bool flush = packet == NULL;
	int rc = EH_OK;
	int r = avcodec_send_packet(c, packet);

	if (r == AVERROR(EAGAIN)) {
		/* full: make room once, then the packet must go in */
		rc = drain(c, frame, flush, errors, fn, ctx, err);
		if (rc < 0)
			return rc;
		r = avcodec_send_packet(c, packet);
	}
	if (r == AVERROR(ENOMEM))
		return eh_err_set(err, EH_ENOMEM, "out of memory while decoding");
	if (r < 0 && r != AVERROR_EOF)
		(*errors)++;
	return drain(c, frame, flush, errors, fn, ctx, err);
}

/* What FFmpeg told of a recording, as part of a stored answer: written, read, looked at. */
#include "extract/record.h"

#include <string.h>

#define SECONDS_MAX 1e6         /* [s]; media.h accepts 7200 by default and 1e6 at most */
#define FRAMES_MAX 300000000u   /* 1e6 s of 240 frames/s, rounded up */

void eh_record_put_media(struct eh_buf *b, const struct eh_media_info *m)
{
	eh_put_f64(b, m->container_seconds);
	eh_put_f64(b, m->decoded_video_seconds);
	eh_put_f64(b, m->decoded_audio_seconds);
	eh_put_u32(b, m->width);
	eh_put_u32(b, m->height);
	eh_put_u32(b, m->frames_decoded);
	eh_put_u32(b, m->frames_skipped);
	eh_put_u32(b, m->frames_sampled);
	eh_put_u32(b, m->audio_rate);
	eh_put_u32(b, m->audio_channels);
	eh_put_i64(b, m->rotation);
	eh_put_u32(b, m->video_streams);
	eh_put_u32(b, m->audio_streams);
	eh_put_u32(b, m->decode_errors);
	eh_put_str(b, m->container);
	eh_put_str(b, m->video_codec);
	eh_put_str(b, m->audio_codec);
	eh_put_str(b, m->dropped);
}

void eh_record_get_media(struct eh_reader *r, struct eh_media_info *m)
{
	m->container_seconds = eh_get_f64(r);
	m->decoded_video_seconds = eh_get_f64(r);
	m->decoded_audio_seconds = eh_get_f64(r);
	m->width = eh_get_u32(r);
	m->height = eh_get_u32(r);
	m->frames_decoded = eh_get_u32(r);
	m->frames_skipped = eh_get_u32(r);
	m->frames_sampled = eh_get_u32(r);
	m->audio_rate = eh_get_u32(r);
	m->audio_channels = eh_get_u32(r);
	m->rotation = (int32_t)eh_get_i64(r);
	m->video_streams = eh_get_u32(r);
	m->audio_streams = eh_get_u32(r);
	m->decode_errors = eh_get_u32(r);
	eh_get_str(r, m->container, sizeof m->container);
	eh_get_str(r, m->video_codec, sizeof m->video_codec);
	eh_get_str(r, m->audio_codec, sizeof m->audio_codec);
	eh_get_str(r, m->dropped, sizeof m->dropped);
}

static bool ended(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

int eh_record_check_media(const struct eh_answer *a, struct eh_err *err)
{
	const struct eh_media_info *m = &a->media;

	/* a damaged or refused file may claim any length and size; what was measured may not */
	if (!eh_record_within(m->container_seconds, 0.0, a->status == EH_OK ? SECONDS_MAX : 1e13))
		return eh_record_bad(err, "media.container_seconds");
	if (!eh_record_within(m->decoded_video_seconds, 0.0, 2 * SECONDS_MAX))
		return eh_record_bad(err, "media.decoded_video_seconds");
	if (!eh_record_within(m->decoded_audio_seconds, 0.0, 2 * SECONDS_MAX))
		return eh_record_bad(err, "media.decoded_audio_seconds");
	if (a->status == EH_OK && (m->width > EH_MEDIA_MAX_WIDTH || m->height > EH_MEDIA_MAX_WIDTH))
		return eh_record_bad(err, "media.width");
	if (m->frames_skipped > FRAMES_MAX)
		return eh_record_bad(err, "media.frames_skipped");
	if (m->frames_decoded > FRAMES_MAX || m->frames_sampled > m->frames_decoded)
		return eh_record_bad(err, "media.frames_sampled");
	if (a->status == EH_OK && (m->audio_rate > 1000000 || m->audio_channels > 1024))
		return eh_record_bad(err, "media.audio_rate");
	if (m->rotation != 0 && m->rotation != 90 && m->rotation != 180 && m->rotation != 270)
		return eh_record_bad(err, "media.rotation");
	if (!ended(m->container, sizeof m->container) || !ended(m->video_codec, sizeof m->video_codec) ||
	    !ended(m->audio_codec, sizeof m->audio_codec) || !ended(m->dropped, sizeof m->dropped))
		return eh_record_bad(err, "media.container");
	return EH_OK;
}

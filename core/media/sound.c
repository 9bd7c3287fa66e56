/* The sound track: mean of the channels, 16 kHz, constant component removed (facts/audio.md 2). */
#include "media/inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define RATE_MIN 4000           /* [Hz]; lower ones are no recording of a voice */
#define RATE_MAX 384000
#define CHANNELS_MAX 64

int eh_sound_open(struct eh_sound *s, AVStream *stream, const struct eh_media_options *options,
		  const struct eh_media_sink *sink, struct eh_media_info *info, struct eh_err *err)
{
	int rc = EH_OK;

	memset(s, 0, sizeof *s);
	s->options = options;
	s->sink = sink;
	s->info = info;
	rc = eh_codec_open(&s->codec, stream, err);
	if (rc < 0)
		return rc;
	s->stream = stream;
	s->frame = av_frame_alloc();
	s->head = eh_try_malloc(EH_SOUND_HEAD, sizeof *s->head);
	s->mono = eh_try_malloc(EH_SOUND_PIECE, sizeof *s->mono);
	if (s->frame == NULL || s->head == NULL || s->mono == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the sound track");
	return EH_OK;
}

void eh_sound_close(struct eh_sound *s)
{
	free(s->head);
	free(s->mono);
	free(s->pcm);
	swr_free(&s->swr);
	av_frame_free(&s->frame);
	avcodec_free_context(&s->codec);
	memset(s, 0, sizeof *s);
}

/*
 * The constant component is the mean: of the whole recording up to a minute of it (held back that long), then of
 * everything heard so far.  No filter, so no phase shift, and a clipped plateau stays a plateau.
 */
static int hand_out(struct eh_sound *s, float *pcm, size_t n, struct eh_err *err)
{
	for (size_t i = 0; i < n; i++) {
		double x = (double)pcm[i];

		s->n++;
		s->mean += (x - s->mean) / (double)s->n;
		pcm[i] = (float)(x - s->mean);
	}
	return s->sink->sound(s->sink->ctx, pcm, n, err);
}

static int release_head(struct eh_sound *s, struct eh_err *err)
{
	double sum = 0;
	size_t n = s->n_head;
	int rc = EH_OK;

	s->n_head = 0;
	if (n == 0)
		return EH_OK;
	for (size_t i = 0; i < n; i++)
		sum += (double)s->head[i];
	s->mean = sum / (double)n;
	s->n = n;
	for (size_t i = 0; i < n; i++)
		s->head[i] = (float)((double)s->head[i] - s->mean);
	for (size_t i = 0; i < n && rc == EH_OK; i += EH_SOUND_PIECE)
		rc = s->sink->sound(s->sink->ctx, s->head + i, n - i < EH_SOUND_PIECE ? n - i : EH_SOUND_PIECE, err);
	return rc;
}

static int add(struct eh_sound *s, float *pcm, size_t n, struct eh_err *err)
{
	size_t room = EH_SOUND_HEAD - s->n_head, take = 0;
	int rc = EH_OK;

	s->info->decoded_audio_seconds += (double)n / EH_MEDIA_RATE;
	if (s->info->decoded_audio_seconds > s->options->max_seconds)
		return eh_err_set(err, EH_ERANGE, "the sound is longer than the %g s that are accepted",
				  s->options->max_seconds);
	if (s->n == 0) {
		take = n < room ? n : room;
		memcpy(s->head + s->n_head, pcm, take * sizeof *pcm);
		s->n_head += take;
		if (s->n_head < EH_SOUND_HEAD)
			return EH_OK;
		rc = release_head(s, err);
	}
	if (rc == EH_OK && n > take)
		rc = hand_out(s, pcm + take, n - take, err);
	return rc;
}

/* in == NULL: what the resampler still holds. */
static int resample(struct eh_sound *s, const float *in, size_t n, struct eh_err *err)
{
	const uint8_t *src[1] = { (const uint8_t *)in };
	uint8_t *dst[1] = { NULL };
	int want = swr_get_out_samples(s->swr, (int)n);
	int got = 0;

	if (want < 0)
		return eh_err_set(err, EH_FAIL, "the sound cannot be resampled");
	if ((size_t)want > s->pcm_size) {
		float *more = eh_try_realloc(s->pcm, (size_t)want, sizeof *more);

		if (more == NULL)
			return eh_err_set(err, EH_ENOMEM, "out of memory for the sound");
		s->pcm = more;
		s->pcm_size = (size_t)want;
	}
	if (want == 0)
		return EH_OK;
	dst[0] = (uint8_t *)s->pcm;
	got = swr_convert(s->swr, dst, want, in != NULL ? src : NULL, (int)n);
	if (got == AVERROR(ENOMEM))
		return eh_err_set(err, EH_ENOMEM, "out of memory for the sound");
	if (got < 0)
		return eh_err_set(err, EH_FAIL, "the sound cannot be resampled");
	return got > 0 ? add(s, s->pcm, (size_t)got, err) : EH_OK;
}

static int set_rate(struct eh_sound *s, int rate, struct eh_err *err)
{
	AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
	int rc = EH_OK;
	int r = 0;

	if (s->swr != NULL && s->rate == rate)
		return EH_OK;
	if (s->swr != NULL)
		rc = resample(s, NULL, 0, err);
	swr_free(&s->swr);
	if (rc < 0)
		return rc;
	r = swr_alloc_set_opts2(&s->swr, &mono, AV_SAMPLE_FMT_FLT, EH_MEDIA_RATE, &mono, AV_SAMPLE_FMT_FLT, rate, 0,
				NULL);
	if (r >= 0)
		r = swr_init(s->swr);
	if (r < 0) {
		/* every rate that is let in has a resampler: swr_init says EINVAL where its filter finds no memory */
		swr_free(&s->swr);
		return eh_err_set(err, EH_ENOMEM, "out of memory for a resampler from %d Hz", rate);
	}
	s->rate = rate;
	return EH_OK;
}

static int on_frame(void *ctx, AVFrame *f, struct eh_err *err)
{
	struct eh_sound *s = ctx;
	size_t n = f->nb_samples > 0 ? (size_t)f->nb_samples : 0;
	int rc = EH_OK;

	if (f->sample_rate < RATE_MIN || f->sample_rate > RATE_MAX || f->ch_layout.nb_channels < 1 ||
	    f->ch_layout.nb_channels > CHANNELS_MAX) {
		s->info->decode_errors++;
		return EH_OK;
	}
	/* what the decoder found out outranks the container */
	s->info->audio_rate = (uint32_t)f->sample_rate;
	s->info->audio_channels = (uint32_t)f->ch_layout.nb_channels;
	rc = set_rate(s, f->sample_rate, err);
	for (size_t from = 0; rc == EH_OK && from < n; from += EH_SOUND_PIECE) {
		size_t piece = n - from < EH_SOUND_PIECE ? n - from : EH_SOUND_PIECE;

		eh_mix_mean(s->mono, f, from, piece);
		rc = resample(s, s->mono, piece, err);
	}
	return rc;
}

int eh_sound_packet(struct eh_sound *s, const AVPacket *packet, struct eh_err *err)
{
	return eh_codec_decode(s->codec, s->frame, packet, &s->info->decode_errors, on_frame, s, err);
}

int eh_sound_finish(struct eh_sound *s, struct eh_err *err)
{
	int rc = EH_OK;

	if (s->swr != NULL)
		rc = resample(s, NULL, 0, err);
	if (rc == EH_OK && s->n == 0)
		rc = release_head(s, err);      /* shorter than a minute */
	return rc;
}

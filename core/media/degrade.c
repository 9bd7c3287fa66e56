/* Degraded copies of sound: through swresample, with noise, through libopus; see degrade.h. */
#include "media/degrade.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "media/inside.h"

#define PIECE 320u                      /* [samples]: 20 ms, a frame of Opus; what goes through a channel at a time */
#define OUT 4096u                       /* [samples] of room for what comes out of one piece */
#define NARROW_RATE 8000                /* [Hz] */
#define OPUS_RATE 48000                 /* [Hz] that the decoder gives whatever went in (RFC 6716) */
#define OPUS_BITS 12000                 /* [bit/s] */
#define END_PIECES_MAX 16               /* of silence to push the last samples out of filters and codec: 0.3 s */

/*
 * Pink noise: white noise through real poles and zeros that alternate two octaves apart, one octave between a pole and
 * its zero: -10 dB a decade on the average (Corsini & Saletti 1988, "A 1/f^gamma power spectrum noise sequence
 * generator").  From 5 Hz on: the lowest octaves, which no voice has, get their share as in noise of a real room.
 */
#define PINK_SECTIONS 6
#define PINK_LOWEST 5.0                 /* [Hz] first pole */
#define PINK_STEP 4.0                   /* from pole to pole */
#define PINK_TOP 0.08                   /* the spectrum of sampled poles and zeros flattens out towards 8 kHz; with this
					 * zero it is 0.2 dB off at most up to 6 kHz and 0.6 dB at 8 kHz (computed) */

struct pink {
	struct eh_rng rng;
	double pole[PINK_SECTIONS], zero[PINK_SECTIONS];
	double in[PINK_SECTIONS], out[PINK_SECTIONS], last;
	double gain;
};

struct resampler {
	SwrContext *swr;
	float *out;                     /* [OUT] */
};

struct eh_degrader {
	enum eh_copy_kind kind;
	float in[PIECE];
	size_t n_in;
	uint64_t taken, given;          /* [samples] */
	bool ended;
	struct pink pink;
	struct resampler first, second; /* band8k: down, up; opus12: the second alone */
	AVCodecContext *encoder, *decoder;
	AVFrame *frame, *heard;
	AVPacket *packet;
};

typedef int (*piece_fn)(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
			struct eh_err *err);

static int av_failed(int r, const char *what, struct eh_err *err)
{
	if (r == AVERROR(ENOMEM))
		return eh_err_set(err, EH_ENOMEM, "out of memory for a degraded copy");
	return eh_err_set(err, EH_FAIL, "a degraded copy cannot be made: %s failed (%d)", what, r);
}

/* ---- noise ---- */

/* Four uniform draws added are near enough to normal, and exact on every machine; variance 1. */
static double white(struct eh_rng *rng)
{
	static const double scale = 0x1p-16 * 1.7320508075688772;       /* sqrt(12 / 4) */
	uint64_t u = eh_rng_u64(rng);
	uint64_t sum = (u & 0xffff) + (u >> 16 & 0xffff) + (u >> 32 & 0xffff) + (u >> 48);

	return ((double)sum - 2 * 65535.0) * scale;
}

static double filter(struct pink *p, double x)
{
	double top = x + PINK_TOP * p->last;

	p->last = x;
	for (size_t k = 0; k < PINK_SECTIONS; k++) {
		double y = top - p->zero[k] * p->in[k] + p->pole[k] * p->out[k];

		p->in[k] = top;
		p->out[k] = y;
		top = y;
	}
	return top;
}

/* RMS of the filtered noise is the root of the sum of squares of the impulse response. */
static void pink_open(struct pink *p, double rms, uint64_t seed)
{
	double sum = 0.0;

	for (size_t k = 0; k < PINK_SECTIONS; k++) {
		double pole = PINK_LOWEST * pow(PINK_STEP, (double)k), zero = pole * sqrt(PINK_STEP);

		p->pole[k] = exp(-2.0 * M_PI * pole / EH_MEDIA_RATE);
		p->zero[k] = exp(-2.0 * M_PI * zero / EH_MEDIA_RATE);
	}
	for (size_t i = 0; i < 2 * EH_MEDIA_RATE; i++) {
		double y = filter(p, i == 0 ? 1.0 : 0.0);

		sum += y * y;
	}
	memset(p->in, 0, sizeof p->in);
	memset(p->out, 0, sizeof p->out);
	p->last = 0.0;
	p->gain = rms / sqrt(sum);
	eh_rng_seed_named(&p->rng, seed, "noise15");
	/* until the slowest section (5 Hz: 32 ms) has forgotten its start */
	for (size_t i = 0; i < EH_MEDIA_RATE; i++)
		(void)filter(p, white(&p->rng));
}

/* ---- out ---- */

/* What was made of the silence after the end is cut off. */
static int give(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink, struct eh_err *err)
{
	uint64_t room = d->taken - d->given;

	if (n > room)
		n = (size_t)room;
	d->given += n;
	return n > 0 ? sink->sound(sink->ctx, pcm, n, err) : EH_OK;
}

static int noise_piece(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
		       struct eh_err *err)
{
	float out[PIECE];

	for (size_t i = 0; i < n; i++)
		out[i] = (float)((double)pcm[i] + d->pink.gain * filter(&d->pink, white(&d->pink.rng)));
	return give(d, out, n, sink, err);
}

/* ---- rates ---- */

static int resampler_open(struct resampler *r, int from, int to, struct eh_err *err)
{
	AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
	int rc = 0;

	r->out = eh_try_malloc(OUT, sizeof *r->out);
	if (r->out == NULL)
		return av_failed(AVERROR(ENOMEM), "memory", err);
	rc = swr_alloc_set_opts2(&r->swr, &mono, AV_SAMPLE_FMT_FLT, to, &mono, AV_SAMPLE_FMT_FLT, from, 0, NULL);
	if (rc >= 0)
		rc = swr_init(r->swr);
	return rc < 0 ? av_failed(rc, "the resampler", err) : EH_OK;
}

static int resample(struct resampler *r, const float *pcm, size_t n, size_t *got, struct eh_err *err)
{
	const uint8_t *src[1] = { (const uint8_t *)pcm };
	uint8_t *dst[1] = { (uint8_t *)r->out };
	int made = swr_convert(r->swr, dst, (int)OUT, src, (int)n);

	*got = made > 0 ? (size_t)made : 0;
	return made < 0 ? av_failed(made, "the resampler", err) : EH_OK;
}

static void round_to_16_bits(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = fmaxf(-32768.0f, fminf(32767.0f, rintf(x[i] * 32768.0f))) * 0x1p-15f;
}

static int band_piece(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
		      struct eh_err *err)
{
	size_t half = 0, full = 0;
	int rc = resample(&d->first, pcm, n, &half, err);

	if (rc == EH_OK && half > 0)
		rc = resample(&d->second, d->first.out, half, &full, err);
	if (rc == EH_OK)
		round_to_16_bits(d->second.out, full);
	return rc == EH_OK ? give(d, d->second.out, full, sink, err) : rc;
}

/* ---- codec ---- */

static int encoder_open(struct eh_degrader *d, const AVCodec *codec, struct eh_err *err)
{
	/* FFmpeg's defaults, spelt out: another version of it must not make other copies */
	static const char *const options[][2] = { { "application", "audio" },
						  { "vbr", "on" },
						  { "frame_duration", "20" } };
	AVDictionary *dict = NULL;
	int r = 0;

	d->encoder = avcodec_alloc_context3(codec);
	if (d->encoder == NULL)
		return av_failed(AVERROR(ENOMEM), "memory", err);
	d->encoder->sample_rate = EH_MEDIA_RATE;
	d->encoder->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
	d->encoder->sample_fmt = AV_SAMPLE_FMT_FLT;
	d->encoder->time_base = (AVRational){ 1, EH_MEDIA_RATE };
	d->encoder->bit_rate = OPUS_BITS;
	d->encoder->compression_level = 10;
	d->encoder->thread_count = 1;
	for (size_t i = 0; i < sizeof options / sizeof *options && r >= 0; i++)
		r = av_dict_set(&dict, options[i][0], options[i][1], 0);
	if (r >= 0)
		r = avcodec_open2(d->encoder, codec, &dict);
	av_dict_free(&dict);
	if (r >= 0 && d->encoder->frame_size != (int)PIECE)
		r = AVERROR(EINVAL);
	return r < 0 ? av_failed(r, "the Opus encoder", err) : EH_OK;
}

/* The head that the encoder wrote tells the decoder how many samples of delay to drop. */
static int decoder_open(struct eh_degrader *d, const AVCodec *codec, struct eh_err *err)
{
	size_t size = (size_t)d->encoder->extradata_size;
	int r = 0;

	d->decoder = avcodec_alloc_context3(codec);
	if (d->decoder == NULL)
		return av_failed(AVERROR(ENOMEM), "memory", err);
	d->decoder->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
	if (d->decoder->extradata == NULL)
		return av_failed(AVERROR(ENOMEM), "memory", err);
	memcpy(d->decoder->extradata, d->encoder->extradata, size);
	d->decoder->extradata_size = (int)size;
	d->decoder->sample_rate = OPUS_RATE;
	d->decoder->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
	d->decoder->request_sample_fmt = AV_SAMPLE_FMT_FLT;
	d->decoder->thread_count = 1;
	r = avcodec_open2(d->decoder, codec, NULL);
	if (r >= 0 && (d->decoder->sample_rate != OPUS_RATE || d->decoder->sample_fmt != AV_SAMPLE_FMT_FLT ||
		       d->decoder->ch_layout.nb_channels != 1))
		r = AVERROR(EINVAL);
	return r < 0 ? av_failed(r, "the Opus decoder", err) : EH_OK;
}

static int codec_open(struct eh_degrader *d, struct eh_err *err)
{
	const AVCodec *encoder = avcodec_find_encoder_by_name("libopus");
	const AVCodec *decoder = avcodec_find_decoder_by_name("libopus");
	int rc = EH_OK, r = 0;

	if (encoder == NULL || decoder == NULL)
		return eh_err_set(err, EH_EENV,
				  "no copy through Opus can be made: this FFmpeg was built without libopus; "
				  "install one that has it");
	rc = encoder_open(d, encoder, err);
	if (rc == EH_OK)
		rc = decoder_open(d, decoder, err);
	if (rc == EH_OK)
		rc = resampler_open(&d->second, OPUS_RATE, EH_MEDIA_RATE, err);
	if (rc < 0)
		return rc;
	d->packet = av_packet_alloc();
	d->heard = av_frame_alloc();
	d->frame = av_frame_alloc();
	if (d->packet == NULL || d->heard == NULL || d->frame == NULL)
		return av_failed(AVERROR(ENOMEM), "memory", err);
	d->frame->nb_samples = (int)PIECE;
	d->frame->format = AV_SAMPLE_FMT_FLT;
	d->frame->sample_rate = EH_MEDIA_RATE;
	d->frame->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
	d->frame->pts = 0;
	r = av_frame_get_buffer(d->frame, 0);
	return r < 0 ? av_failed(r, "memory", err) : EH_OK;
}

static int decode_packet(struct eh_degrader *d, const struct eh_media_sink *sink, struct eh_err *err)
{
	int rc = EH_OK;
	int r = avcodec_send_packet(d->decoder, d->packet);

	av_packet_unref(d->packet);
	while (rc == EH_OK && r >= 0) {
		size_t n = 0;

		r = avcodec_receive_frame(d->decoder, d->heard);
		if (r < 0)
			break;
		rc = resample(&d->second, (const float *)(const void *)d->heard->data[0], (size_t)d->heard->nb_samples,
			      &n, err);
		av_frame_unref(d->heard);
		if (rc == EH_OK)
			rc = give(d, d->second.out, n, sink, err);
	}
	return rc == EH_OK && r < 0 && r != AVERROR(EAGAIN) ? av_failed(r, "the Opus decoder", err) : rc;
}

/* n is PIECE: the encoder takes whole frames. */
static int opus_piece(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
		      struct eh_err *err)
{
	int rc = EH_OK;
	int r = av_frame_make_writable(d->frame);

	if (r < 0)
		return av_failed(r, "memory", err);
	memcpy(d->frame->data[0], pcm, n * sizeof *pcm);
	r = avcodec_send_frame(d->encoder, d->frame);
	d->frame->pts += (int64_t)n;
	while (rc == EH_OK && r >= 0) {
		r = avcodec_receive_packet(d->encoder, d->packet);
		if (r >= 0)
			rc = decode_packet(d, sink, err);
	}
	return rc == EH_OK && r < 0 && r != AVERROR(EAGAIN) ? av_failed(r, "the Opus encoder", err) : rc;
}

/* ---- all kinds ---- */

static const piece_fn pieces[EH_COPY_KINDS] = { band_piece, noise_piece, opus_piece };

int eh_degrader_open(struct eh_degrader **out, enum eh_copy_kind kind, double level_db, uint64_t seed,
		     struct eh_err *err)
{
	struct eh_degrader *d = NULL;
	int rc = EH_OK;

	*out = NULL;
	if (eh_copy_name(kind) == NULL)
		return eh_err_set(err, EH_EINVAL, "there is no kind %d of degraded copies", (int)kind);
	if (!(level_db >= EH_COPY_LEVEL_LOW && level_db <= EH_COPY_LEVEL_HIGH))
		return eh_err_set(err, EH_ERANGE, "the level of a voice is %g dB; %g to %g are possible", level_db,
				  EH_COPY_LEVEL_LOW, EH_COPY_LEVEL_HIGH);
	d = eh_try_calloc(1, sizeof *d);
	if (d == NULL)
		return av_failed(AVERROR(ENOMEM), "memory", err);
	d->kind = kind;
	if (kind == EH_COPY_NOISE15)
		pink_open(&d->pink, EH_COPY_NOISE_SHARE * pow(10.0, level_db / 20.0), seed);
	if (kind == EH_COPY_BAND8K)
		rc = resampler_open(&d->first, EH_MEDIA_RATE, NARROW_RATE, err);
	if (kind == EH_COPY_BAND8K && rc == EH_OK)
		rc = resampler_open(&d->second, NARROW_RATE, EH_MEDIA_RATE, err);
	if (kind == EH_COPY_OPUS12)
		rc = codec_open(d, err);
	if (rc < 0)
		goto out;
	*out = d;
	d = NULL;
out:
	eh_degrader_free(&d);
	return rc;
}

/* Whole pieces alone go through a channel, so that the pieces of the caller leave no trace. */
static int flow(struct eh_degrader *d, const struct eh_media_sink *sink, struct eh_err *err)
{
	int rc = pieces[d->kind](d, d->in, PIECE, sink, err);

	d->n_in = 0;
	if (rc < 0)
		d->ended = true;
	return rc;
}

int eh_degrader_sound(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
		      struct eh_err *err)
{
	int rc = EH_OK;

	if (d->ended)
		return eh_err_set(err, EH_EINVAL, "this degraded copy has ended already");
	for (size_t at = 0; at < n && rc == EH_OK;) {
		size_t take = n - at < PIECE - d->n_in ? n - at : PIECE - d->n_in;

		memcpy(d->in + d->n_in, pcm + at, take * sizeof *pcm);
		d->n_in += take;
		d->taken += take;
		at += take;
		if (d->n_in == PIECE)
			rc = flow(d, sink, err);
	}
	return rc;
}

int eh_degrader_finish(struct eh_degrader *d, const struct eh_media_sink *sink, struct eh_err *err)
{
	int rc = EH_OK;

	if (d->ended)
		return eh_err_set(err, EH_EINVAL, "this degraded copy has ended already");
	for (int i = 0; i < END_PIECES_MAX && rc == EH_OK && d->given < d->taken; i++) {
		memset(d->in + d->n_in, 0, (PIECE - d->n_in) * sizeof *d->in);
		rc = flow(d, sink, err);
	}
	d->ended = true;
	if (rc == EH_OK && d->given < d->taken)
		return eh_err_set(err, EH_FAIL,
				  "a degraded copy cannot be made: %llu samples at its end did not come out",
				  (unsigned long long)(d->taken - d->given));
	return rc;
}

void eh_degrader_free(struct eh_degrader **pd)
{
	struct eh_degrader *d = *pd;

	if (d == NULL)
		return;
	swr_free(&d->first.swr);
	swr_free(&d->second.swr);
	free(d->first.out);
	free(d->second.out);
	avcodec_free_context(&d->encoder);
	avcodec_free_context(&d->decoder);
	av_frame_free(&d->frame);
	av_frame_free(&d->heard);
	av_packet_free(&d->packet);
	free(d);
	*pd = NULL;
}

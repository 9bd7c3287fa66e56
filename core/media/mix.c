/* All channels of a decoded frame to one: their mean (facts/audio.md 2). */
#include "media/inside.h"

#include <math.h>
#include <string.h>

#define SAMPLE_MAX 16.0f        /* float PCM of a file may hold anything */

/* Adds one channel; step = distance of its samples, in samples. */
static void add_channel(float *sum, const uint8_t *data, enum AVSampleFormat format, size_t step, size_t n)
{
	const int16_t *s16 = (const int16_t *)(const void *)data;
	const int32_t *s32 = (const int32_t *)(const void *)data;
	const float *flt = (const float *)(const void *)data;
	const double *dbl = (const double *)(const void *)data;

	/* one loop per format: a choice per sample took a third of the time of the whole sound road */
	switch (format) {
	case AV_SAMPLE_FMT_U8:
		for (size_t i = 0; i < n; i++)
			sum[i] += ((float)data[i * step] - 128.0f) * (1.0f / 128.0f);
		break;
	case AV_SAMPLE_FMT_S16:
		for (size_t i = 0; i < n; i++)
			sum[i] += (float)s16[i * step] * (1.0f / 32768.0f);
		break;
	case AV_SAMPLE_FMT_S32:
		for (size_t i = 0; i < n; i++)
			sum[i] += (float)s32[i * step] * (1.0f / 2147483648.0f);
		break;
	case AV_SAMPLE_FMT_FLT:
		for (size_t i = 0; i < n; i++)
			sum[i] += flt[i * step];
		break;
	case AV_SAMPLE_FMT_DBL:
		for (size_t i = 0; i < n; i++)
			sum[i] += (float)dbl[i * step];
		break;
	default:        /* no decoder of ours gives another one */
		break;
	}
}

/* FFmpeg's own downmix weighs channels by layout and may sum above full scale; the mean is what audio.md 2 asks. */
void eh_mix_mean(float *out, const AVFrame *f, size_t from, size_t n)
{
	enum AVSampleFormat packed = av_get_packed_sample_fmt((enum AVSampleFormat)f->format);
	bool planar = av_sample_fmt_is_planar((enum AVSampleFormat)f->format) != 0;
	size_t channels = (size_t)f->ch_layout.nb_channels, bytes = (size_t)av_get_bytes_per_sample(packed);
	float share = 1.0f / (float)channels;

	memset(out, 0, n * sizeof *out);
	for (size_t c = 0; c < channels; c++) {
		const uint8_t *data = planar ? f->extended_data[c] + from * bytes
					     : f->extended_data[0] + (from * channels + c) * bytes;

		add_channel(out, data, packed, planar ? 1 : channels, n);
	}
	for (size_t i = 0; i < n; i++) {
		float x = out[i] * share;

		out[i] = isfinite(x) ? fmaxf(-SAMPLE_MAX, fminf(SAMPLE_MAX, x)) : 0.0f;
	}
}

/*
 * inside.h - what the files of this room share; no other room includes it (it shows FFmpeg's types).
 */
#ifndef EH_MEDIA_INSIDE_H
#define EH_MEDIA_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#include "media/media.h"

/* ---- codecs.c: what is let in ---- */

struct eh_codec_entry {
	enum AVCodecID id;
	const char *decoder;    /* FFmpeg's name of the one decoder used for it */
};

/* NULL: not taken. */
const struct eh_codec_entry *eh_codec_find(enum AVMediaType type, enum AVCodecID id);
/* Our name of a container ("mp4", "matroska"), NULL when FFmpeg's demuxer of that name is not taken. */
const char *eh_container_find(const char *demuxer);
/* Names of all decoders above, joined by commas, for FFmpeg's own codec_whitelist. */
const char *eh_codec_whitelist(void);

/* Opens a single-threaded decoder.  EH_EFORMAT when the codec is not taken or its parameters are broken. */
int eh_codec_open(AVCodecContext **out, const AVStream *stream, struct eh_err *err);

/*
 * Sends one packet (NULL = the end) and hands every frame that comes out to fn.  What the decoder refuses is
 * counted in *errors and passed over; out of memory is a failure (facts/first_road.md 2).
 */
int eh_codec_decode(AVCodecContext *c, AVFrame *frame, const AVPacket *packet, uint32_t *errors,
		    int (*fn)(void *ctx, AVFrame *frame, struct eh_err *err), void *ctx, struct eh_err *err);

/* ---- picture.c ---- */

/* How stored pixels become upright ones: exchange of the axes first, then mirroring. */
struct eh_turn {
	bool transpose, flip_x, flip_y;
	int degrees;            /* clockwise, 0, 90, 180, 270 */
};

struct eh_pictures {
	AVStream *stream;
	AVCodecContext *codec;
	AVFrame *frame;
	struct SwsContext *sws;
	const struct eh_media_options *options;
	const struct eh_media_sink *sink;
	struct eh_media_info *info;
	struct eh_turn turn;
	double origin;          /* [s] of the container's clock at the start of the recording */
	double last_time;       /* [s] of the last frame, -1 = none yet */
	int64_t last_tick;      /* last sampling interval that has its picture */
	/* what sws and the buffers were made for */
	int src_width, src_height, src_format, src_space, src_range;
	AVRational src_aspect;
	int width, height;      /* [px] after the pixels are made square, before the turn */
	uint8_t *rgba, *turned; /* [height][stride], R G B A */
	size_t stride, turned_stride;
};

int eh_pictures_open(struct eh_pictures *p, AVStream *stream, double origin, const struct eh_media_options *options,
		     const struct eh_media_sink *sink, struct eh_media_info *info, struct eh_err *err);
int eh_pictures_packet(struct eh_pictures *p, const AVPacket *packet, struct eh_err *err);
void eh_pictures_close(struct eh_pictures *p);

/* ---- sound.c ---- */

struct eh_sound {
	AVStream *stream;
	AVCodecContext *codec;
	AVFrame *frame;
	SwrContext *swr;
	int rate;               /* [Hz] swr was made for */
	const struct eh_media_options *options;
	const struct eh_media_sink *sink;
	struct eh_media_info *info;
	float *mono;            /* mean of the channels at the file's rate */
	float *pcm;             /* [pcm_size] at EH_MEDIA_RATE */
	size_t pcm_size;
	float *head;            /* [EH_SOUND_HEAD] the beginning, held back until its mean is known */
	size_t n_head;
	uint64_t n;             /* samples that went into mean */
	double mean;            /* the constant component so far */
};

#define EH_SOUND_HEAD (60u * EH_MEDIA_RATE)     /* [samples]: a minute, 3.8 MB */

int eh_sound_open(struct eh_sound *s, AVStream *stream, const struct eh_media_options *options,
		  const struct eh_media_sink *sink, struct eh_media_info *info, struct eh_err *err);
int eh_sound_packet(struct eh_sound *s, const AVPacket *packet, struct eh_err *err);
int eh_sound_finish(struct eh_sound *s, struct eh_err *err);    /* after the NULL packet: what is held back */
void eh_sound_close(struct eh_sound *s);

#endif

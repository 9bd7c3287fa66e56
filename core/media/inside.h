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

/* ---- convert.c: one decoded frame to upright RGBA ---- */

/* How stored pixels become upright ones: exchange of the axes first, then mirroring. */
struct eh_turn {
	bool transpose, flip_x, flip_y;
	int degrees;            /* clockwise, 0, 90, 180, 270 */
};

#define EH_TILE_COLUMNS 64      /* columns of tiles at most: EH_MEDIA_MAX_WIDTH in tiles of 64 px */

struct eh_convert {
	struct eh_turn turn;
	struct SwsContext *sws;         /* the whole picture */
	struct SwsContext *tile_sws;    /* a column of tile px; NULL where only whole pictures can be converted */
	int tile;                       /* [px] */
	/* what both and the buffers were made for */
	int src_width, src_height, src_format, src_space, src_range;
	AVRational src_aspect;
	int width, height;              /* [px] after the pixels are made square, before the turn */
	uint8_t *rgba, *turned;         /* [height][stride], R G B A */
	size_t stride, turned_stride;
	/* the frame at hand */
	const AVFrame *frame;           /* NULL between two pictures */
	bool whole;                     /* all of it is converted */
	int top[EH_TILE_COLUMNS], bottom[EH_TILE_COLUMNS];      /* rows that are converted, per column; empty: both 0 */
};

/* EH_ERANGE: larger than is accepted; EH_EFORMAT: no size at all. */
int eh_convert_size_check(int64_t width, int64_t height, struct eh_err *err);
/* Display matrix [3][3] of a stream, NULL = none. */
struct eh_turn eh_convert_turn(const int32_t *matrix);

/* Takes the next frame (borrowed until eh_convert_end) and describes its picture; nothing is converted yet.  A
 * recording may change size, format or colour in the middle. */
int eh_convert_begin(struct eh_convert *c, const AVFrame *f, struct eh_image *image, struct eh_err *err);
int eh_convert_whole(struct eh_convert *c, struct eh_err *err);
void eh_convert_end(struct eh_convert *c);
void eh_convert_close(struct eh_convert *c);

/* ---- picture.c ---- */

#define EH_TICKS 64     /* sampling intervals remembered; frames are reordered over 16 frames at most */

struct eh_pictures {
	AVStream *stream;
	AVCodecContext *codec;
	AVFrame *frame;
	const struct eh_media_options *options;
	const struct eh_media_sink *sink;
	struct eh_media_info *info;
	double origin;          /* [s] of the container's clock at the start of the recording */
	double last_time;       /* [s] of the last frame, -1 = none yet */
	int64_t last_tick;      /* last sampling interval that has its picture */
	bool may_skip;          /* frames nobody looks at need not be decoded */
	uint32_t packets;       /* given to the decoder */
	uint32_t refused;       /* of them, by the decoder */
	double newest;          /* [s] latest time of a packet */
	struct {
		int64_t tick;   /* -1 = none */
		double first;   /* [s] earliest packet of that sampling interval so far */
	} seen[EH_TICKS];
	struct eh_convert convert;
};

int eh_pictures_open(struct eh_pictures *p, AVStream *stream, double origin, const struct eh_media_options *options,
		     const struct eh_media_sink *sink, struct eh_media_info *info, struct eh_err *err);
int eh_pictures_packet(struct eh_pictures *p, const AVPacket *packet, struct eh_err *err);
void eh_pictures_finish(struct eh_pictures *p);         /* after the NULL packet: counts */
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
	float *mono;            /* [EH_SOUND_PIECE] mean of the channels at the file's rate */
	float *pcm;             /* [pcm_size] at EH_MEDIA_RATE */
	size_t pcm_size;
	float *head;            /* [EH_SOUND_HEAD] the beginning, held back until its mean is known */
	size_t n_head;
	uint64_t n;             /* samples that went into mean */
	double mean;            /* the constant component so far */
};

#define EH_SOUND_PIECE 4096u                    /* [samples] resampled at a time */
#define EH_SOUND_HEAD (60u * EH_MEDIA_RATE)     /* [samples]: a minute, 3.8 MB */

int eh_sound_open(struct eh_sound *s, AVStream *stream, const struct eh_media_options *options,
		  const struct eh_media_sink *sink, struct eh_media_info *info, struct eh_err *err);
int eh_sound_packet(struct eh_sound *s, const AVPacket *packet, struct eh_err *err);
int eh_sound_finish(struct eh_sound *s, struct eh_err *err);    /* after the NULL packet: what is held back */
void eh_sound_close(struct eh_sound *s);

/* ---- mix.c ---- */

/* Mean of the channels of samples from .. from + n - 1, n <= EH_SOUND_PIECE, to -16..16; what is no number is 0. */
void eh_mix_mean(float *out, const AVFrame *f, size_t from, size_t n);

#endif

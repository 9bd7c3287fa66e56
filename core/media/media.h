/*
 * media.h - an open descriptor of an untrusted recording to pictures and sound.
 *
 * The one home of FFmpeg, which is loaded when it is first wanted (eh_media_load) and costs nothing before.
 * Two steps, because a locked worker can open nothing: prepare() in the parent or early in the child, decode() after
 * the lock-down.  Only these containers and codecs are let in: mov/mp4, matroska/webm, wav, ogg, mpeg-ps; H.264, HEVC,
 * VP8, VP9, AV1, MPEG-1/2/4; AAC, Opus, MP3, Vorbis, PCM, MP2 (facts/reliability.md 3.3).  One thread.
 *
 * Pictures: RGBA, sampled by presentation time at `sample_rate` per second, rotated upright by
 * the stream's display matrix, colour range and matrix of the stream honoured.
 * Non-square pixels are made square; width, height and the pictures are what a viewer sees.
 * Of H.264, frames that no other is predicted from and that are not the first of their sampling interval are not
 * decoded: every picture handed out is the same with and without them.
 * Sound: first audio track, mean of the channels, 16 kHz float mono, DC removed, level untouched.
 * DC is the mean of the whole recording up to its first minute; of a longer one the mean so far.
 */
#ifndef EH_MEDIA_MEDIA_H
#define EH_MEDIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_MEDIA_RATE 16000             /* [Hz] of the sound handed out */
#define EH_MEDIA_MAX_WIDTH 4096         /* [px]; longer side at most this, product at most 4096*3072 (DESIGN.md 7) */
#define EH_MEDIA_MAX_PIXELS (4096u * 3072u)

struct eh_media_options {
	double sample_rate;             /* [pictures/s], 5 by default; 0 = no pictures wanted */
	bool want_sound;
	double max_seconds;             /* [s] of recording accepted, 7200 by default */
	uint64_t max_bytes;             /* of the file, 4 GiB by default */
	bool fast;                      /* frames that no other needs are not decoded (facts/vision.md 7): a picture may
	                                 * be up to a few frames off its tick; never the default */
	/* decode also the frames that change no picture handed out (below); for comparison */
	bool every_frame;
	bool on_demand;                 /* the sink asks for pixels with eh_image_need() before it looks at them */
};
#define EH_MEDIA_OPTIONS_INIT { 5.0, true, 7200.0, UINT64_C(4) << 30, false, false, false }

/* Plain data, part of the fixed-size worker record: no pointers. */
struct eh_media_info {
	double container_seconds;       /* [s] as the container says, 0 = unknown */
	double decoded_video_seconds;   /* [s] time of the last decoded picture + its duration */
	double decoded_audio_seconds;   /* [s] */
	uint32_t width, height;         /* [px] upright, 0 = no picture track */
	uint32_t frames_decoded;
	uint32_t frames_skipped;        /* not decoded because no other frame and no picture handed out needed them */
	uint32_t frames_sampled;
	uint32_t audio_rate;            /* [Hz] in the file, 0 = no sound track */
	uint32_t audio_channels;
	int32_t rotation;               /* [degree] clockwise, 0, 90, 180, 270 applied */
	uint32_t video_streams, audio_streams;
	uint32_t decode_errors;         /* packets or frames that the decoder refused */
	char container[24];
	char video_codec[16];
	char audio_codec[16];
	char dropped[64];               /* a wanted track that was passed over, with its codec; "" = none */
};

struct eh_image {
	const uint8_t *rgba;            /* [height][stride], R G B A */
	int width, height;              /* [px] */
	size_t stride;                  /* [bytes] */
	double time;                    /* [s] from the start of the recording */
	struct eh_convert *source;      /* NULL: every pixel is there */
};

/*
 * Makes the pixels of columns x0..x1-1 and rows y0..y1-1 valid (clipped to the picture; free of cost where they are).
 * Pixels nobody asked for hold remains of earlier pictures.  Only while the sink's picture() runs; EH_EINVAL later,
 * EH_EFORMAT when the frame cannot be converted.
 */
int eh_image_need(const struct eh_image *image, int x0, int y0, int x1, int y1, struct eh_err *err);

struct eh_media_sink {
	/* Each returns 0 to go on or a negative status that ends the decoding. */
	int (*picture)(void *ctx, const struct eh_image *image, struct eh_err *err);
	int (*sound)(void *ctx, const float *pcm, size_t n, struct eh_err *err);
	void *ctx;
};

struct eh_media;

/*
 * Loads FFmpeg: reads files, sets TZ, silences FFmpeg's log.  Whoever gives work to workers calls it before the fork;
 * in a locked worker it would be the worker's death.  Again: the same answer without cost.  EH_EENV: the module is
 * missing, somebody else's or of another build, or libraries are missing; the text names what, where and the mend, and
 * everything of this room that needs FFmpeg fails with the same.
 */
int eh_media_load(struct eh_err *err);
/* The same where the failure is told later. */
void eh_media_global_init(void);

/* Wraps fd (not owned, must be seekable and regular) and allocates; opens no file. */
int eh_media_prepare(struct eh_media **out, int fd, const struct eh_media_options *options, struct eh_err *err);

/*
 * Probes and decodes to the end.  EH_EFORMAT: not a recording this program takes (the text says which
 * container or codec); EH_ERANGE: too long, too large; EH_EIO: the disk fails, whatever came out before;
 * EH_ENOMEM.  A recording that ends early or has damaged parts is decoded as far as it goes; EH_EFORMAT only when
 * neither a picture nor sound came out.  A wanted track whose codec is not taken is passed over while the other one can
 * be decoded; info->dropped names it ("picture track mjpeg not taken").  info is filled as far as known in every case.
 */
int eh_media_decode(struct eh_media *m, const struct eh_media_sink *sink, struct eh_media_info *info,
		    struct eh_err *err);
void eh_media_free(struct eh_media **m);

/* "FFmpeg 5.1.9 (libavcodec 59.37.100)" for reports and doctor; loads.  "no FFmpeg ..." where it cannot be loaded. */
const char *eh_media_version(void);

#endif

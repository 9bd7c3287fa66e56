/* From an open descriptor to pictures and sound: input, probing, choice of tracks, the main loop. */
#include "media/media.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "media/inside.h"

#define INPUT_BUFFER 65536      /* [bytes] */
#define PROBE_MAX (1 << 20)     /* [bytes] looked at to recognise the container */
#define STREAMS_MAX 8           /* facts/reliability.md 3.3 */
#define READ_ERRORS_MAX 1000    /* damaged places after which a file counts as ended */

struct eh_media {
	int fd;
	int64_t size;           /* [bytes] */
	int read_error;         /* errno of a read that failed, 0 = none: demuxers say EIO of damaged files too */
	struct eh_media_options options;
	AVIOContext *io;
	AVFormatContext *format;
	AVPacket *packet;
	const char *container;  /* our name */
	struct eh_pictures pictures;
	struct eh_sound sound;
};

static void silent(void *ctx, int level, const char *fmt, va_list args)
{
	(void)ctx;
	(void)level;
	(void)fmt;
	(void)args;
}

void eh_media_global_init(void)
{
	/* The usual log makes a forbidden call at the first warning, and a creation time makes libc open the
	 * time-zone file: 198 of 300 mutants died of it (facts/reliability.md 3.4). */
	av_log_set_callback(silent);
	(void)setenv("TZ", "UTC0", 1);
	tzset();
}

const char *eh_media_version(void)
{
	static char text[80];   /* the same bytes at every call */

	(void)snprintf(text, sizeof text, "FFmpeg %.40s (libavcodec %u.%u.%u)", av_version_info(),
		       AV_VERSION_MAJOR(avcodec_version()), AV_VERSION_MINOR(avcodec_version()),
		       AV_VERSION_MICRO(avcodec_version()));
	return text;
}

static int read_fd(void *opaque, uint8_t *buf, int size)
{
	struct eh_media *m = opaque;
	ssize_t n = 0;

	do
		n = read(m->fd, buf, (size_t)size);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		m->read_error = errno;
		return AVERROR(EIO);
	}
	return n == 0 ? AVERROR_EOF : (int)n;
}

static int64_t seek_fd(void *opaque, int64_t offset, int whence)
{
	struct eh_media *m = opaque;
	off_t r = 0;

	if (whence == AVSEEK_SIZE)
		return m->size;
	r = lseek(m->fd, offset, whence & ~AVSEEK_FORCE);
	return r < 0 ? AVERROR(EINVAL) : r;
}

/* Playlists and references to other files end here. */
static int refuse_open(AVFormatContext *s, AVIOContext **pb, const char *url, int flags, AVDictionary **options)
{
	(void)s;
	(void)url;
	(void)flags;
	(void)options;
	*pb = NULL;
	return AVERROR(EPERM);
}

static int check_file(const struct eh_media *m, struct stat *st, struct eh_err *err)
{
	if (fstat(m->fd, st) < 0)
		return eh_err_set(err, EH_EIO, "cannot be read: %s", strerrordesc_np(errno));
	if (!S_ISREG(st->st_mode))
		return eh_err_set(err, EH_EFORMAT, "not a regular file");
	if (st->st_size == 0)
		return eh_err_set(err, EH_EFORMAT, "the file is empty");
	if ((uint64_t)st->st_size > m->options.max_bytes)
		return eh_err_set(err, EH_ERANGE, "the file has %lld bytes; at most %llu are accepted",
				  (long long)st->st_size, (unsigned long long)m->options.max_bytes);
	if (lseek(m->fd, 0, SEEK_SET) < 0)
		return eh_err_set(err, EH_EIO, "cannot be read from its start: %s", strerrordesc_np(errno));
	return EH_OK;
}

static bool allocate(struct eh_media *m)
{
	unsigned char *buffer = av_malloc(INPUT_BUFFER);

	m->packet = av_packet_alloc();
	m->format = avformat_alloc_context();
	if (buffer != NULL)
		m->io = avio_alloc_context(buffer, INPUT_BUFFER, 0, m, read_fd, NULL, seek_fd);
	if (m->io == NULL)
		av_free(buffer);
	if (m->io == NULL || m->packet == NULL || m->format == NULL)
		return false;
	m->format->pb = m->io;
	m->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	m->format->io_open = refuse_open;
	m->format->max_streams = STREAMS_MAX;
	return true;
}

int eh_media_prepare(struct eh_media **out, int fd, const struct eh_media_options *options, struct eh_err *err)
{
	struct eh_media *m = NULL;
	struct stat st;
	int rc = EH_OK;

	*out = NULL;
	if (!(options->sample_rate >= 0 && options->sample_rate <= 240) || !(options->max_seconds > 0) ||
	    !(options->max_seconds <= 1e6))
		return eh_err_set(err, EH_EINVAL, "media options out of range");
	m = eh_try_calloc(1, sizeof *m);
	if (m == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the decoder");
	m->fd = fd;
	m->options = *options;
	rc = check_file(m, &st, err);
	if (rc < 0)
		goto out;
	m->size = st.st_size;
	if (!allocate(m)) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the decoder");
		goto out;
	}
	*out = m;
	m = NULL;
out:
	eh_media_free(&m);
	return rc;
}

void eh_media_free(struct eh_media **pm)
{
	struct eh_media *m = *pm;

	if (m == NULL)
		return;
	eh_pictures_close(&m->pictures);
	eh_sound_close(&m->sound);
	avformat_close_input(&m->format);
	if (m->io != NULL)
		av_freep(&m->io->buffer);
	avio_context_free(&m->io);
	av_packet_free(&m->packet);
	free(m);
	*pm = NULL;
}

/* What was read before counts for nothing: half a recording of a failing disk is not the recording. */
static int read_failed(const struct eh_media *m, struct eh_err *err)
{
	return eh_err_set(err, EH_EIO, "the file cannot be read: %s", strerrordesc_np(m->read_error));
}

static int open_error(const struct eh_media *m, int r, struct eh_err *err)
{
	const char *container = m->container;

	if (m->read_error != 0)
		return read_failed(m, err);
	if (r == AVERROR(ENOMEM))
		return eh_err_set(err, EH_ENOMEM, "out of memory, or more than %d tracks, in the %s file", STREAMS_MAX,
				  container);
	if (r == AVERROR(EPERM))
		return eh_err_set(err, EH_EFORMAT, "the %s file points to other files", container);
	return eh_err_set(err, EH_EFORMAT, "the %s file is damaged or incomplete: no recording can be read from it",
			  container);
}

static int open_container(struct eh_media *m, struct eh_media_info *info, struct eh_err *err)
{
	const AVInputFormat *demuxer = NULL;
	AVDictionary *options = NULL;
	int r = av_probe_input_buffer2(m->io, &demuxer, "", NULL, 0, PROBE_MAX);

	if (r == AVERROR(ENOMEM))
		return eh_err_set(err, EH_ENOMEM, "out of memory while looking at the file");
	if (m->read_error != 0)
		return read_failed(m, err);
	if (r < 0 || demuxer == NULL)
		return eh_err_set(err, EH_EFORMAT, "not a recording: the file has no known container");
	m->container = eh_container_find(demuxer->name);
	(void)snprintf(info->container, sizeof info->container, "%s",
		       m->container != NULL ? m->container : demuxer->name);
	if (m->container == NULL)
		return eh_err_set(err, EH_EFORMAT,
				  "container %.40s is not taken; mp4, matroska/webm, wav, ogg and mpeg are",
				  demuxer->name);
	r = av_dict_set(&options, "codec_whitelist", eh_codec_whitelist(), 0);
	if (r >= 0)
		r = av_dict_set(&options, "format_whitelist", demuxer->name, 0);
	if (r >= 0)
		r = av_dict_set(&options, "protocol_whitelist", "", 0);
	if (r >= 0)
		r = avformat_open_input(&m->format, "", demuxer, &options);     /* frees the format on failure */
	av_dict_free(&options);
	return r < 0 ? open_error(m, r, err) : EH_OK;
}

/* FFmpeg opens decoders of its own to find parameters: hold them to the same bounds. */
static int find_parameters(struct eh_media *m, struct eh_err *err)
{
	unsigned n = m->format->nb_streams;
	AVDictionary **per_stream = n > 0 ? eh_try_calloc(n, sizeof *per_stream) : NULL;
	unsigned i = 0;
	int r = 0;

	if (n > 0 && per_stream == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory while looking at the tracks");
	for (i = 0; i < n && r >= 0; i++) {
		r = av_dict_set_int(&per_stream[i], "max_pixels", EH_MEDIA_MAX_PIXELS, 0);
		if (r >= 0)
			r = av_dict_set(&per_stream[i], "threads", "1", 0);
	}
	if (r >= 0)
		r = avformat_find_stream_info(m->format, per_stream);
	for (i = 0; i < n; i++)
		av_dict_free(&per_stream[i]);
	free(per_stream);
	return r < 0 ? open_error(m, r, err) : EH_OK;
}

/* First track of the type whose codec is taken, else the first one at all; cover pictures do not count. */
static AVStream *choose(AVFormatContext *format, enum AVMediaType type, uint32_t *count)
{
	AVStream *first = NULL, *taken = NULL;

	*count = 0;
	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *s = format->streams[i];

		if (s->codecpar->codec_type != type ||
		    (s->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0)
			continue;
		(*count)++;
		if (first == NULL)
			first = s;
		if (taken == NULL && eh_codec_find(type, s->codecpar->codec_id) != NULL)
			taken = s;
	}
	return taken != NULL ? taken : first;
}

static void describe(struct eh_media *m, const AVStream *v, const AVStream *a, struct eh_media_info *info)
{
	if (m->format->duration > 0)
		info->container_seconds = (double)m->format->duration / AV_TIME_BASE;
	if (v != NULL) {
		info->width = v->codecpar->width > 0 ? (uint32_t)v->codecpar->width : 0;
		info->height = v->codecpar->height > 0 ? (uint32_t)v->codecpar->height : 0;
		(void)snprintf(info->video_codec, sizeof info->video_codec, "%s",
			       avcodec_get_name(v->codecpar->codec_id));
	}
	if (a != NULL) {
		info->audio_rate = a->codecpar->sample_rate > 0 ? (uint32_t)a->codecpar->sample_rate : 0;
		info->audio_channels =
			a->codecpar->ch_layout.nb_channels > 0 ? (uint32_t)a->codecpar->ch_layout.nb_channels : 0;
		(void)snprintf(info->audio_codec, sizeof info->audio_codec, "%s",
			       avcodec_get_name(a->codecpar->codec_id));
	}
}

/* What is missing or refused, when nothing at all can be decoded. */
static int nothing_to_decode(const struct eh_media *m, const AVStream *v, const struct eh_err *err_v, const AVStream *a,
			     const struct eh_err *err_a, struct eh_err *err)
{
	bool want_v = m->options.sample_rate > 0, want_a = m->options.want_sound;

	if (want_v && v != NULL)
		return eh_err_set(err, err_v->code, "%s", err_v->msg);
	if (want_a && a != NULL)
		return eh_err_set(err, err_a->code, "%s", err_a->msg);
	return eh_err_set(err, EH_EFORMAT, "the recording has no %s track",
			  want_v && want_a ? "picture and no sound" : want_v ? "picture" : "sound");
}

/* Never in silence: who measured no face for want of a decoder must not pass for one without a face. */
static void note_dropped(struct eh_media_info *info, const AVStream *s)
{
	enum AVMediaType type = s->codecpar->codec_type;
	bool taken = eh_codec_find(type, s->codecpar->codec_id) != NULL;

	(void)snprintf(info->dropped, sizeof info->dropped, "%s track %.24s %s",
		       type == AVMEDIA_TYPE_VIDEO ? "picture" : "sound", avcodec_get_name(s->codecpar->codec_id),
		       taken ? "cannot be decoded" : "not taken");
}

/* Opens the decoders of the wanted tracks.  One track that is not there or not taken is no failure while the other
 * can be decoded; too large a picture or no memory always is. */
static int open_tracks(struct eh_media *m, const struct eh_media_sink *sink, struct eh_media_info *info,
		       struct eh_err *err)
{
	bool want_v = m->options.sample_rate > 0, want_a = m->options.want_sound;
	AVStream *v = choose(m->format, AVMEDIA_TYPE_VIDEO, &info->video_streams);
	AVStream *a = choose(m->format, AVMEDIA_TYPE_AUDIO, &info->audio_streams);
	struct eh_err err_v = EH_ERR_INIT, err_a = EH_ERR_INIT;
	double origin = 0;
	int rc_v = EH_EFORMAT, rc_a = EH_EFORMAT;

	describe(m, v, a, info);
	if (info->container_seconds > m->options.max_seconds &&
	    m->format->duration_estimation_method != AVFMT_DURATION_FROM_BITRATE)
		return eh_err_set(err, EH_ERANGE, "the recording has %.0f s; at most %g s are accepted",
				  info->container_seconds, m->options.max_seconds);
	if (m->format->start_time != AV_NOPTS_VALUE)
		origin = (double)m->format->start_time / AV_TIME_BASE;
	for (unsigned i = 0; i < m->format->nb_streams; i++)
		m->format->streams[i]->discard = AVDISCARD_ALL;
	if (want_v && v != NULL)
		rc_v = eh_pictures_open(&m->pictures, v, origin, &m->options, sink, info, &err_v);
	if (want_a && a != NULL)
		rc_a = eh_sound_open(&m->sound, a, &m->options, sink, info, &err_a);
	if (rc_v != EH_OK && rc_v != EH_EFORMAT)
		return eh_err_set(err, rc_v, "%s", err_v.msg);
	if (rc_a != EH_OK && rc_a != EH_EFORMAT)
		return eh_err_set(err, rc_a, "%s", err_a.msg);
	if (rc_v != EH_OK && rc_a != EH_OK)
		return nothing_to_decode(m, v, &err_v, a, &err_a, err);
	if (want_v && v != NULL && rc_v != EH_OK)
		note_dropped(info, v);
	if (want_a && a != NULL && rc_a != EH_OK)
		note_dropped(info, a);
	if (rc_v == EH_OK)
		v->discard = AVDISCARD_DEFAULT;
	else
		eh_pictures_close(&m->pictures);
	if (rc_a == EH_OK)
		a->discard = AVDISCARD_DEFAULT;
	else
		eh_sound_close(&m->sound);
	return EH_OK;
}

static int one_packet(struct eh_media *m, const AVPacket *packet, struct eh_err *err)
{
	if (m->pictures.stream != NULL && packet->stream_index == m->pictures.stream->index)
		return eh_pictures_packet(&m->pictures, packet, err);
	if (m->sound.stream != NULL && packet->stream_index == m->sound.stream->index)
		return eh_sound_packet(&m->sound, packet, err);
	return EH_OK;
}

static int decode_all(struct eh_media *m, struct eh_media_info *info, struct eh_err *err)
{
	int bad = 0;
	int rc = EH_OK;

	while (rc == EH_OK && bad < READ_ERRORS_MAX) {
		int r = av_read_frame(m->format, m->packet);

		if (r == AVERROR_EOF)
			break;
		if (r == AVERROR(ENOMEM))
			return eh_err_set(err, EH_ENOMEM, "out of memory while reading the recording");
		if (r < 0) {
			/* a damaged place: the demuxer may find its way behind it, or says end of file next */
			info->decode_errors++;
			bad++;
			if (avio_feof(m->io))
				break;
			continue;
		}
		rc = one_packet(m, m->packet, err);
		av_packet_unref(m->packet);
	}
	if (rc == EH_OK && m->read_error != 0)
		return read_failed(m, err);
	if (rc == EH_OK && m->pictures.stream != NULL)
		rc = eh_pictures_packet(&m->pictures, NULL, err);
	if (m->pictures.stream != NULL)
		eh_pictures_finish(&m->pictures);
	if (rc == EH_OK && m->sound.stream != NULL)
		rc = eh_sound_packet(&m->sound, NULL, err);
	if (rc == EH_OK && m->sound.stream != NULL)
		rc = eh_sound_finish(&m->sound, err);
	return rc;
}

int eh_media_decode(struct eh_media *m, const struct eh_media_sink *sink, struct eh_media_info *info,
		    struct eh_err *err)
{
	int rc = EH_OK;

	memset(info, 0, sizeof *info);
	if (m->packet == NULL || m->format == NULL || m->container != NULL)
		return eh_err_set(err, EH_EINVAL, "a recording is decoded once");
	rc = open_container(m, info, err);
	if (rc == EH_OK)
		rc = find_parameters(m, err);
	if (rc == EH_OK)
		rc = open_tracks(m, sink, info, err);
	if (rc == EH_OK)
		rc = decode_all(m, info, err);
	if (rc == EH_OK && info->frames_sampled == 0 && !(info->decoded_audio_seconds > 0))
		rc = eh_err_set(err, EH_EFORMAT, "neither a picture nor sound could be decoded (%u refused parts)",
				info->decode_errors);
	return rc;
}

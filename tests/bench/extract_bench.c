/* Test recordings, a plain decoder as the yardstick, CPU time of workers; see extract_bench.h. */
#include "tests/bench/extract_bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "worker/worker.h"

#define INPUT_BUFFER 65536      /* [bytes], as core/media */

static char dir[64];

bool bench_begin(void)
{
	if (system("ffmpeg -version >/dev/null 2>&1 && espeak-ng --version >/dev/null 2>&1") != 0 ||
	    access("assets/portraits/female/1.jpg", R_OK) != 0) {
		(void)fprintf(stderr, "ffmpeg, espeak-ng or the portraits are missing; run \"make setup\"\n");
		return false;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	eh_media_global_init();
	(void)strcpy(dir, "/tmp/evenhand-bench-XXXXXX");
	return mkdtemp(dir) != NULL;
}

void bench_end(void)
{
	char command[128];

	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	if (dir[0] != '\0')
		(void)!system(command);
}

const char *bench_dir(void)
{
	return dir;
}

bool bench_make(const char *name, const struct bench_clip *c)
{
	static const char text[] = "I have worked in this field for seven years, and what I like most about it is that "
				   "every "
				   "day brings another question. In my last position we were four people, and I "
				   "planned the work of the week. "
				   "When something went wrong, we sat down together and looked for the reason, not for "
				   "the one to blame. ";
	char command[4096];

	/* looped speech: espeak-ng reads the text once, ffmpeg repeats it */
	(void)snprintf(command, sizeof command,
		       "espeak-ng -v en+%s -w '%s/speech.wav' '%s' && ffmpeg -nostdin -v error -y "
		       "-loop 1 -framerate %d -i assets/portraits/%s/%d.jpg -stream_loop -1 -i '%s/speech.wav' -t %d "
		       "-vf \"scale=w='2*trunc(%d*(0.85+0.0025*mod(t,60))/2)':h=-2:eval=frame:flags=bilinear,"
		       "pad=%d:%d:(ow-iw)/2:(oh-ih)/2:color=0x6b7a86:eval=frame,"
		       "crop=%d:%d:(iw-ow)/2+%d*sin(t):(ih-oh)/2,noise=c0s=4:c0f=t,format=yuv420p\" "
		       "-c:v libx264 -preset medium -b:v %dk -g %d %s -c:a aac -b:a 96k -ar 48000 -ac 2 '%s/%s'",
		       c->portrait % 2 != 0 ? "f2" : "m3", dir, text, c->fps, c->portrait % 2 != 0 ? "female" : "male",
		       c->portrait, dir, c->seconds, c->height, c->width * 2, c->height * 2, c->width, c->height,
		       c->width / 40, c->kbit, c->fps * 4, c->more, dir, name);
	if (system(command) == 0)
		return true;
	(void)fprintf(stderr, "failed: %s\n", command);
	return false;
}

/* ---- the yardstick ---- */

static int read_fd(void *opaque, uint8_t *buf, int size)
{
	ssize_t n = read(*(int *)opaque, buf, (size_t)size);

	return n > 0 ? (int)n : n == 0 ? AVERROR_EOF : AVERROR(EIO);
}

static int64_t seek_fd(void *opaque, int64_t offset, int whence)
{
	return whence == AVSEEK_SIZE ? AVERROR(ENOSYS) : lseek(*(int *)opaque, offset, whence & ~AVSEEK_FORCE);
}

static AVCodecContext *decoder_of(const AVStream *s)
{
	const AVCodec *codec = avcodec_find_decoder(s->codecpar->codec_id);
	AVCodecContext *c = avcodec_alloc_context3(codec);

	if (c == NULL || avcodec_parameters_to_context(c, s->codecpar) < 0)
		return NULL;
	c->thread_count = 1;
	return avcodec_open2(c, codec, NULL) < 0 ? NULL : c;
}

static uint32_t drop(AVCodecContext *c, AVFrame *frame, const AVPacket *packet)
{
	uint32_t n = 0;

	if (avcodec_send_packet(c, packet) < 0 && packet != NULL)
		return 0;
	while (avcodec_receive_frame(c, frame) >= 0) {
		n++;
		av_frame_unref(frame);
	}
	return n;
}

static void decode_job(void *ctx, int fd, void *record)
{
	const struct bench_drop *what = ctx;
	struct bench_decoded *out = record;
	unsigned char *buffer = av_malloc(INPUT_BUFFER);
	AVIOContext *io = avio_alloc_context(buffer, INPUT_BUFFER, 0, &fd, read_fd, NULL, seek_fd);
	AVFormatContext *f = avformat_alloc_context();
	AVCodecContext *c[2] = { NULL, NULL };
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	int track[2] = { -1, -1 };

	out->status = -1;
	f->pb = io;
	if (avformat_open_input(&f, "", NULL, NULL) < 0 || avformat_find_stream_info(f, NULL) < 0)
		return;
	for (int i = 0; i < 2; i++) {
		track[i] = av_find_best_stream(f, i == 0 ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
		if (!(i == 0 ? what->pictures : what->sound)) {
			f->streams[track[i]]->discard = AVDISCARD_ALL;
			track[i] = -1;
		} else if (track[i] < 0 || (c[i] = decoder_of(f->streams[track[i]])) == NULL) {
			return;
		}
	}
	while (av_read_frame(f, packet) >= 0) {
		if (packet->stream_index == track[0])
			out->frames += drop(c[0], frame, packet);
		else if (packet->stream_index == track[1])
			out->samples += drop(c[1], frame, packet);
		av_packet_unref(packet);
	}
	if (c[0] != NULL)
		out->frames += drop(c[0], frame, NULL);
	if (c[1] != NULL)
		out->samples += drop(c[1], frame, NULL);
	out->status = 0;
}

/* ---- measuring ---- */

double bench_children_cpu(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_CHILDREN, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	       1e-6 * ((double)u.ru_utime.tv_usec + (double)u.ru_stime.tv_usec);
}

static double in_worker(const char *path, void (*job)(void *, int, void *), void *ctx, void *record, size_t size)
{
	struct eh_worker_spec spec = { .profile = EH_WORKER_MEDIA,
				       .job = job,
				       .ctx = ctx,
				       .fd = open(path, O_RDONLY | O_CLOEXEC),
				       .record_size = size };
	struct eh_err err = EH_ERR_INIT;
	double before = bench_children_cpu();
	int rc = eh_worker_run(&spec, record, &err);

	(void)close(spec.fd);
	if (rc == EH_OK)
		return bench_children_cpu() - before;
	(void)fprintf(stderr, "%s: %s\n", path, err.msg);
	return -1.0;
}

double bench_decode_only(const char *path, const struct bench_drop *what, struct bench_decoded *out)
{
	struct bench_drop w = *what;
	double cpu = in_worker(path, decode_job, &w, out, sizeof *out);

	return out->status == 0 ? cpu : -1.0;
}

static int ignore_picture(void *ctx, const struct eh_image *image, struct eh_err *err)
{
	(void)ctx;
	(void)image;
	(void)err;
	return EH_OK;
}

static int ignore_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	(void)ctx;
	(void)pcm;
	(void)n;
	(void)err;
	return EH_OK;
}

static void media_job(void *ctx, int fd, void *record)
{
	static const struct eh_media_sink sink = { ignore_picture, ignore_sound, NULL };
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_media_prepare(&m, fd, ctx, &err) == EH_OK)
		(void)eh_media_decode(m, &sink, record, &err);
}

double bench_media_only(const char *path, const struct eh_media_options *options, struct eh_media_info *info)
{
	struct eh_media_options o = *options;

	return in_worker(path, media_job, &o, info, sizeof *info);
}

static int take(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err)
{
	(void)job;
	(void)err;
	*(struct eh_answer *)ctx = *answer;
	return EH_OK;
}

double bench_extract(struct eh_extractor *x, const char *path, bool face, bool voice, bool fast,
		     struct eh_answer *answer)
{
	static struct eh_extract_job job;
	struct eh_extract_settings settings = { 1, fast };
	struct eh_err err = EH_ERR_INIT;
	double before = bench_children_cpu();
	int rc = EH_OK;

	(void)snprintf(job.candidate, sizeof job.candidate, "c");
	(void)snprintf(job.question, sizeof job.question, "q");
	(void)snprintf(job.path, sizeof job.path, "%s", path);
	job.want_face = face;
	job.want_voice = voice;
	rc = eh_extract_run(x, &job, 1, &settings, take, answer, NULL, &err);
	if (rc == EH_OK && answer->status == EH_OK)
		return bench_children_cpu() - before;
	(void)fprintf(stderr, "%s: %s\n", path, rc < 0 ? err.msg : answer->message);
	return -1.0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_min(double *v, size_t n)
{
	qsort(v, n, sizeof *v, compare);
	return v[0];
}

double bench_median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, compare);
	return n % 2 != 0 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

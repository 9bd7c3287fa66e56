/* core/media: what is let in, what is refused and how, and that pictures and sound come out as the file means them. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/media.h"
#include "worker/worker.h"

#define TIMES_MAX 128

/* What came out of one file; plain data, so that a worker can hand it back. */
struct result {
	int32_t status;
	char message[200];
	struct eh_media_info info;
	uint32_t pictures;
	double time[TIMES_MAX];
	int32_t width, height;
	uint8_t corner[4][4];           /* RGBA near the corners of the first picture: nw, ne, sw, se */
	double samples, mean, square, peak;
};

static char dir[64];

static int on_picture(void *ctx, const struct eh_image *im, struct eh_err *err)
{
	struct result *r = ctx;
	int inset_x = im->width / 8, inset_y = im->height / 8, i = 0;

	(void)err;
	if (r->pictures == 0)
		for (i = 0; i < 4; i++) {
			size_t x = (size_t)(i % 2 == 0 ? inset_x : im->width - 1 - inset_x);
			size_t y = (size_t)(i < 2 ? inset_y : im->height - 1 - inset_y);

			memcpy(r->corner[i], im->rgba + y * im->stride + 4 * x, 4);
		}
	r->width = im->width;
	r->height = im->height;
	if (r->pictures < TIMES_MAX)
		r->time[r->pictures] = im->time;
	r->pictures++;
	return EH_OK;
}

static int on_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	struct result *r = ctx;
	size_t i = 0;

	(void)err;
	for (i = 0; i < n; i++) {
		r->mean += (double)pcm[i];
		r->square += (double)pcm[i] * (double)pcm[i];
		r->peak = fmax(r->peak, fabs((double)pcm[i]));
	}
	r->samples += (double)n;
	return EH_OK;
}

static void decode(struct result *r, int fd, const struct eh_media_options *o)
{
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_media_sink sink = { on_picture, on_sound, r };

	memset(r, 0, sizeof *r);
	r->status = eh_media_prepare(&m, fd, o, &err);
	if (r->status == EH_OK)
		r->status = eh_media_decode(m, &sink, &r->info, &err);
	eh_media_free(&m);
	assert_null(m);
	(void)snprintf(r->message, sizeof r->message, "%.199s", err.msg);
	if (r->samples > 0) {
		r->mean /= r->samples;
		r->square /= r->samples;
	}
}

static void job(void *ctx, int fd, void *record)
{
	decode(record, fd, ctx);
}

/* In a locked worker: what every real recording goes through. */
static void decode_locked(struct result *r, const char *path, const struct eh_media_options *options)
{
	static const struct eh_media_options usual = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_options o = options != NULL ? *options : usual;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = { EH_WORKER_MEDIA, job, &o, open(path, O_RDONLY | O_CLOEXEC), sizeof *r, 0 };

	if (s.fd < 0)
		fail_msg("%s cannot be opened", path);
	if (eh_worker_run(&s, r, &err) != EH_OK)
		fail_msg("%s: %s", path, err.msg);
	(void)close(s.fd);
}

static const char *shared(const char *name)
{
	static char path[1024];
	const char *root = getenv("EVENHAND_SHARED");

	(void)snprintf(path, sizeof path, "%s/data/%s", root != NULL ? root : "../shared", name);
	return access(path, R_OK) == 0 ? path : NULL;
}

static void decode_shared(struct result *r, const char *name)
{
	const char *path = shared(name);

	if (path == NULL)
		skip();
	decode_locked(r, path, NULL);
}

/* Makes dir/NAME with the ffmpeg program; skips the test where there is none. */
static const char *make(const char *name, const char *arguments)
{
	static char path[256];
	static char command[1200];

	if (system("ffmpeg -version >/dev/null 2>&1") != 0)
		skip();
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	(void)snprintf(command, sizeof command, "ffmpeg -nostdin -v error -y %s %s", arguments, path);
	if (system(command) != 0)
		fail_msg("%s", command);
	return path;
}

static const char *write_file(const char *name, const void *data, size_t size)
{
	static char path[256];
	FILE *f = NULL;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return path;
}

/* ---- recordings of others ---- */

static void split(char *line, char *field[11])
{
	int i = 0;

	for (i = 0; i < 11; i++) {
		field[i] = line;
		line += strcspn(line, "\t\n");
		if (*line != '\0')
			*line++ = '\0';
	}
}

static void compare_with_table(const struct result *r, char *const field[11])
{
	bool vary = strstr(field[0], "corrupted") != NULL || strstr(field[0], "truncated") != NULL;

	if (field[8][0] != '\0' && r->info.frames_decoded > 0 && !vary)
		assert_int_equal(r->info.frames_decoded, atoi(field[8]));
	if (field[9][0] != '\0' && !vary)
		assert_true(fabs(r->info.decoded_audio_seconds - atof(field[9])) < 0.05);
	if (r->info.audio_rate > 0 && field[7][0] != '\0')
		assert_int_equal(r->info.audio_rate, atoi(field[7]));
}

static void hostile_files_end_as_ok_or_clean_refusal(void **state)
{
	const char *table = shared("hostile/EXPECTED.tsv");
	FILE *f = table != NULL ? fopen(table, "r") : NULL;
	char line[512], name[600];
	char *field[11];
	int files = 0, ok = 0;

	(void)state;
	if (f == NULL)
		skip();
	assert_non_null(fgets(line, sizeof line, f));
	while (fgets(line, sizeof line, f) != NULL) {
		struct result r;

		split(line, field);
		(void)snprintf(name, sizeof name, "hostile/%s", field[0]);
		decode_shared(&r, name);
		files++;
		ok += r.status == EH_OK;
		if (r.status == EH_OK) {
			assert_true(r.pictures > 0 || r.samples > 0);
			assert_string_equal(r.message, "");
			compare_with_table(&r, field);
		} else {
			assert_true(r.status == EH_EFORMAT || r.status == EH_ERANGE);
			assert_true(strlen(r.message) > 10);
			assert_null(strchr(r.message, '\n'));
		}
	}
	(void)fclose(f);
	assert_true(files >= 50);
	assert_true(ok >= 30);
}

static void phone_rotation_is_applied(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/decord/video_90.mov");
	assert_int_equal(r.info.rotation, 90);
	assert_int_equal(r.width, 320);
	assert_int_equal(r.height, 568);
	assert_int_equal(r.info.width, 320);
	decode_shared(&r, "hostile/decord/video_270.mov");
	assert_int_equal(r.info.rotation, 270);
	assert_int_equal(r.height, 568);
	decode_shared(&r, "hostile/decord/video_180.mov");
	assert_int_equal(r.info.rotation, 180);
	assert_int_equal(r.width, 568);
	decode_shared(&r, "hostile/decord/video_0.mov");
	assert_int_equal(r.info.rotation, 0);
	decode_shared(&r, "hostile/derived/rot90.mp4");
	assert_int_equal(r.width, 288);
	assert_int_equal(r.height, 360);
}

static void sound_is_handed_out_at_16_khz(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/derived/audio_8k.mp4");
	assert_int_equal(r.info.audio_rate, 8000);
	assert_true(fabs(r.samples / EH_MEDIA_RATE - 3.07) < 0.01);
	decode_shared(&r, "hostile/derived/two_audio_tracks.mp4");
	assert_int_equal(r.info.audio_streams, 2);
	assert_true(fabs(r.samples / EH_MEDIA_RATE - 3.0) < 0.01);
	decode_shared(&r, "hostile/derived/silent_audio.mp4");
	assert_true(r.peak < 1e-3);
}

static void file_without_a_track_gives_the_other_one(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/derived/no_audio.mp4");
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.info.audio_rate, 0);
	assert_int_equal(r.pictures, 15);
	decode_shared(&r, "hostile/derived/audio_only.mp4");
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.info.width, 0);
	assert_true(r.samples > 2.9 * EH_MEDIA_RATE);
}

static void cover_picture_is_no_picture_track(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/mp4parse/metadata.mp4");
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.info.video_streams, 1);
	assert_string_equal(r.info.video_codec, "h264");
}

static void largest_picture_is_taken(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/derived/uhd_0.4s.mp4");
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.width, 3840);
	assert_int_equal(r.info.frames_decoded, 10);
}

static void variable_frame_rate_is_sampled_by_time(void **state)
{
	struct result r;
	uint32_t i = 0;

	(void)state;
	decode_shared(&r, "hostile/derived/vfr.webm");
	assert_int_equal(r.info.frames_decoded, 46);
	assert_int_equal(r.pictures, 15);
	for (i = 1; i < r.pictures; i++)
		assert_true(floor((r.time[i] + 0.001) * 5) > floor((r.time[i - 1] + 0.001) * 5));
}

static void truncated_recording_is_decoded_as_far_as_it_goes(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/derived/truncated_faststart_60pct.mp4");
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.info.frames_decoded, 40);
	assert_true(r.info.decode_errors > 0);
	assert_true(fabs(r.info.container_seconds - 3.0) < 0.05);
	assert_true(r.info.decoded_video_seconds < 1.7);
}

/* ---- files made here ---- */

static void text_and_playlists_are_refused(void **state)
{
	static const char *const texts[] = {
		"not a video\n",
		"ffconcat version 1.0\nfile '/etc/passwd'\n",
		"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/passwd\n#EXT-X-ENDLIST\n",
		"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
		"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
		"<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"file:///etc/passwd\"/></svg>\n"
	};
	struct result r;
	size_t i = 0;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		decode_locked(&r, write_file("trick.mp4", texts[i], strlen(texts[i])), NULL);
		assert_int_equal(r.status, EH_EFORMAT);
	}
}

static void empty_file_and_directory_are_refused(void **state)
{
	struct result r;
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	int fd = -1;

	(void)state;
	decode_locked(&r, write_file("empty.mp4", "", 0), NULL);
	assert_int_equal(r.status, EH_EFORMAT);
	assert_string_equal(r.message, "the file is empty");
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	assert_int_equal(eh_media_prepare(&m, fd, &o, &err), EH_EFORMAT);
	assert_null(m);
	(void)close(fd);
}

static void put32(unsigned char *p, uint32_t v)
{
	int i = 0;

	for (i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

/* 16-bit stereo WAV of 1 s: left = 0.5 sine of 200 Hz + dc, right = dc only. */
static const char *write_wav(const char *name, uint32_t rate, double dc)
{
	size_t size = 44 + (size_t)rate * 4;
	unsigned char *w = calloc(size, 1);
	const char *path = NULL;
	uint32_t i = 0;

	assert_non_null(w);
	memcpy(w, "RIFF....WAVEfmt \20\0\0\0\1\0\2\0", 24);
	put32(w + 4, (uint32_t)size - 8);
	put32(w + 24, rate);
	put32(w + 28, rate * 4);
	memcpy(w + 32, "\4\0\20\0data", 8);
	put32(w + 40, rate * 4);
	for (i = 0; i < rate; i++) {
		double s = 0.5 * sin(2 * M_PI * 200 * i / rate);
		int l = (int)lrint(32767 * (s + dc)), r = (int)lrint(32767 * dc);

		put32(w + 44 + 4 * (size_t)i, ((uint32_t)l & 0xffff) | (uint32_t)r << 16);
	}
	path = write_file(name, w, size);
	free(w);
	return path;
}

static void sound_is_the_mean_of_the_channels_without_dc(void **state)
{
	static const uint32_t rates[] = { 8000, 16000, 44100, 48000 };
	struct result r;
	size_t i = 0;

	(void)state;
	for (i = 0; i < 4; i++) {
		decode_locked(&r, write_wav("tone.wav", rates[i], 0.25), NULL);
		assert_int_equal(r.status, EH_OK);
		assert_int_equal(r.info.audio_rate, rates[i]);
		assert_int_equal(r.info.audio_channels, 2);
		assert_true(fabs(r.samples - EH_MEDIA_RATE) < 64);
		assert_true(fabs(r.mean) < 1e-6);
		/* mean of 0.5 sine and 0 has amplitude 0.25 */
		assert_true(fabs(sqrt(2 * r.square) - 0.25) < 0.005);
		assert_true(fabs(r.info.decoded_audio_seconds - 1.0) < 0.01);
	}
}

static void limits_of_length_and_size_are_kept(void **state)
{
	struct result r;
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	const char *path = write_wav("long.wav", 16000, 0);

	(void)state;
	o.max_seconds = 0.5;
	decode_locked(&r, path, &o);
	assert_int_equal(r.status, EH_ERANGE);
	assert_non_null(strstr(r.message, "0.5 s"));
	o.max_seconds = 7200;
	o.max_bytes = 64043;
	decode_locked(&r, path, &o);
	assert_int_equal(r.status, EH_ERANGE);
	o.max_bytes = 64044;
	decode_locked(&r, path, &o);
	assert_int_equal(r.status, EH_OK);
}

static void unwanted_tracks_are_not_decoded(void **state)
{
	struct result r;
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	const char *path = make("both.mp4", "-f lavfi -i testsrc=s=64x64:r=10:d=1 -f lavfi -i sine=d=1 -c:v libx264 -c:a aac");

	(void)state;
	o.want_sound = false;
	decode_locked(&r, path, &o);
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.pictures, 5);
	assert_true(r.samples == 0);
	o = (struct eh_media_options)EH_MEDIA_OPTIONS_INIT;
	o.sample_rate = 0;
	decode_locked(&r, path, &o);
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.pictures, 0);
	assert_int_equal(r.info.frames_decoded, 0);
	assert_true(r.samples > 15000);
}

static void demo_codecs_run_in_the_locked_worker(void **state)
{
	static const struct {
		const char *name, *codecs, *video, *audio;
	} kinds[] = {
		{ "a.mp4", "-c:v libx264 -preset ultrafast -c:a aac", "h264", "aac" },
		{ "b.webm", "-c:v libvpx -deadline realtime -c:a libopus", "vp8", "opus" },
		{ "c.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libvorbis", "vp9", "vorbis" },
		{ "d.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=error -c:a libmp3lame", "hevc", "mp3" },
		{ "e.mkv", "-c:v mpeg4 -c:a pcm_s16le", "mpeg4", "pcm_s16le" },
		{ "f.mpg", "-c:v mpeg2video -c:a mp2", "mpeg2video", "mp2" }
	};
	size_t i = 0;

	(void)state;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char arguments[512];
		struct result r;
		uint32_t k = 0;

		(void)snprintf(arguments, sizeof arguments, "-f lavfi -i testsrc=s=160x120:r=%s:d=2 -f lavfi -i sine=d=2 %s",
			       i == 5 ? "25" : "15", kinds[i].codecs);
		decode_locked(&r, make(kinds[i].name, arguments), NULL);
		if (r.status != EH_OK)
			fail_msg("%s: %s", kinds[i].name, r.message);
		assert_string_equal(r.info.video_codec, kinds[i].video);
		assert_string_equal(r.info.audio_codec, kinds[i].audio);
		assert_int_equal(r.info.frames_decoded, i == 5 ? 50 : 30);
		assert_int_equal(r.pictures, 10);
		for (k = 0; k < 10; k++)
			assert_true(fabs(r.time[k] - 0.2 * k) < 0.07);
		assert_true(fabs(r.info.decoded_video_seconds - 2.0) < 0.1);
		assert_true(fabs(r.info.decoded_audio_seconds - 2.0) < 0.1);
	}
}

static void colour_range_and_matrix_are_honoured(void **state)
{
	static const struct {
		const char *matrix, *range, *tags;
	} kinds[] = {
		{ "bt601", "tv", "-colorspace smpte170m -color_range tv" },
		{ "bt601", "pc", "-colorspace smpte170m -color_range pc" },
		{ "bt709", "tv", "-colorspace bt709 -color_range tv" }, { "bt709", "pc", "-colorspace bt709 -color_range pc" },
		{ "bt601", "tv", "" }
	};
	size_t i = 0;

	(void)state;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char arguments[512];
		struct result r;

		(void)snprintf(arguments, sizeof arguments, "-f lavfi -i color=c=0xC86432:s=64x64:r=5:d=0.4,format=rgb24 "
			       "-vf scale=out_color_matrix=%s:out_range=%s,format=yuv420p %s -c:v libx264 -qp 4",
			       kinds[i].matrix, kinds[i].range, kinds[i].tags);
		decode_locked(&r, make("colour.mp4", arguments), NULL);
		assert_int_equal(r.status, EH_OK);
		assert_in_range(r.corner[0][0], 197, 203);
		assert_in_range(r.corner[0][1], 97, 103);
		assert_in_range(r.corner[0][2], 47, 53);
		assert_int_equal(r.corner[0][3], 255);
	}
}

static bool red(const uint8_t *p)
{
	return p[0] > 200 && p[2] < 50;
}

static bool blue(const uint8_t *p)
{
	return p[2] > 200 && p[0] < 50;
}

/* Stored: left half red, right half blue.  A quarter turn clockwise brings the left side to the top; the option of
 * the ffmpeg program writes a turn the other way round (as its own autorotation shows it). */
static void pictures_are_turned_the_right_way_round(void **state)
{
	static const struct {
		int degrees;
		int red_corner[2], blue_corner[2];      /* nw, ne, sw, se */
	} kinds[] = {
		{ 0, { 0, 2 }, { 1, 3 } }, { 90, { 0, 1 }, { 2, 3 } },
		{ 180, { 1, 3 }, { 0, 2 } }, { 270, { 2, 3 }, { 0, 1 } }
	};
	size_t i = 0;
	int k = 0;

	(void)state;
	for (i = 0; i < 4; i++) {
		char arguments[512], plain[300];
		struct result r;

		(void)snprintf(plain, sizeof plain, "%s", make("plain.mp4", "-f lavfi -i color=c=red:s=64x96:r=5:d=0.4 "
			       "-f lavfi -i color=c=blue:s=64x96:r=5:d=0.4 -filter_complex hstack -pix_fmt yuv420p -c:v libx264"));
		(void)snprintf(arguments, sizeof arguments, "-i %s -c copy -metadata:s:v:0 rotate=%d", plain,
			       (360 - kinds[i].degrees) % 360);
		decode_locked(&r, make("turned.mp4", arguments), NULL);
		assert_int_equal(r.status, EH_OK);
		assert_int_equal(r.info.rotation, kinds[i].degrees);
		assert_int_equal(r.width, kinds[i].degrees % 180 == 0 ? 128 : 96);
		for (k = 0; k < 2; k++) {
			assert_true(red(r.corner[kinds[i].red_corner[k]]));
			assert_true(blue(r.corner[kinds[i].blue_corner[k]]));
		}
	}
}

static void pixels_are_made_square(void **state)
{
	struct result r;

	(void)state;
	decode_locked(&r, make("sar.mp4",
			      "-f lavfi -i testsrc=s=72x96:r=5:d=0.4,setsar=16/9 -pix_fmt yuv420p -c:v libx264"), NULL);
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.width, 128);
	assert_int_equal(r.height, 96);
}

static void codecs_outside_the_list_are_refused(void **state)
{
	struct result r;

	(void)state;
	decode_locked(&r, make("m.mkv", "-f lavfi -i testsrc=s=64x64:r=5:d=0.4 -c:v mjpeg"), NULL);
	assert_int_equal(r.status, EH_EFORMAT);
	assert_non_null(strstr(r.message, "mjpeg"));
	assert_int_equal(r.info.frames_decoded, 0);
	/* the other track is still good */
	decode_locked(&r, make("n.mkv",
			      "-f lavfi -i testsrc=s=64x64:r=5:d=0.4 -f lavfi -i sine=d=0.4 -c:v mjpeg -c:a aac"), NULL);
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.pictures, 0);
	assert_true(r.samples > 5000);
	decode_locked(&r, make("o.avi", "-f lavfi -i testsrc=s=64x64:r=5:d=0.4 -c:v mpeg4"), NULL);
	assert_int_equal(r.status, EH_EFORMAT);
	assert_non_null(strstr(r.message, "avi"));
}

static void too_large_pictures_are_refused(void **state)
{
	struct result r;

	(void)state;
	decode_locked(&r, make("wide.mp4", "-f lavfi -i color=s=4098x64:r=5:d=0.2 -pix_fmt yuv420p -c:v libx264"), NULL);
	assert_int_equal(r.status, EH_ERANGE);
	assert_non_null(strstr(r.message, "4098x64"));
}

static int stop_at_once(void *ctx, const struct eh_image *im, struct eh_err *err)
{
	(void)im;
	(*(int *)ctx)++;
	return eh_err_set(err, EH_ECANCEL, "enough");
}

static void sink_can_end_the_decoding(void **state)
{
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_info info;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	int calls = 0;
	struct eh_media_sink sink = { stop_at_once, on_sound, &calls };
	int fd = open(make("stop.mp4", "-f lavfi -i testsrc=s=64x64:r=10:d=1 -c:v libx264"), O_RDONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(eh_media_prepare(&m, fd, &o, &err), EH_OK);
	assert_int_equal(eh_media_decode(m, &sink, &info, &err), EH_ECANCEL);
	assert_int_equal(calls, 1);
	assert_string_equal(err.msg, "enough");
	eh_media_free(&m);
	(void)close(fd);
}

static void every_failing_allocation_is_a_clean_end(void **state)
{
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	char names[2][300];
	uint64_t n = 0;
	size_t i = 0;

	(void)state;
	(void)snprintf(names[0], sizeof names[0], "%s", write_wav("memory.wav", 44100, 0));
	(void)snprintf(names[1], sizeof names[1], "%s", make("memory.mp4", "-f lavfi -i testsrc=s=64x64:r=10:d=1 "
		       "-f lavfi -i sine=d=1 -c:v libx264 -c:a aac -metadata:s:v:0 rotate=90"));
	for (i = 0; i < 2; i++) {
		struct result r = { 0 };

		for (n = 1; n < 100; n++) {
			int fd = open(names[i], O_RDONLY | O_CLOEXEC);

			assert_true(fd >= 0);
			eh_mem_fail_at(n);
			decode(&r, fd, &o);
			(void)close(fd);
			if (eh_mem_calls() < n)
				break;
			assert_int_equal(r.status, EH_ENOMEM);
			assert_non_null(strstr(r.message, "out of memory"));
		}
		eh_mem_fail_at(0);
		assert_true(n > 3 && n < 100);
		assert_int_equal(r.status, EH_OK);
	}
}

static int set_up(void **state)
{
	(void)state;
	eh_media_global_init();
	strcpy(dir, "/tmp/evenhand-media-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_files_end_as_ok_or_clean_refusal),
		cmocka_unit_test(phone_rotation_is_applied),
		cmocka_unit_test(sound_is_handed_out_at_16_khz),
		cmocka_unit_test(file_without_a_track_gives_the_other_one),
		cmocka_unit_test(cover_picture_is_no_picture_track),
		cmocka_unit_test(largest_picture_is_taken),
		cmocka_unit_test(variable_frame_rate_is_sampled_by_time),
		cmocka_unit_test(truncated_recording_is_decoded_as_far_as_it_goes),
		cmocka_unit_test(text_and_playlists_are_refused),
		cmocka_unit_test(empty_file_and_directory_are_refused),
		cmocka_unit_test(sound_is_the_mean_of_the_channels_without_dc),
		cmocka_unit_test(limits_of_length_and_size_are_kept),
		cmocka_unit_test(unwanted_tracks_are_not_decoded),
		cmocka_unit_test(demo_codecs_run_in_the_locked_worker),
		cmocka_unit_test(colour_range_and_matrix_are_honoured),
		cmocka_unit_test(pictures_are_turned_the_right_way_round),
		cmocka_unit_test(pixels_are_made_square),
		cmocka_unit_test(codecs_outside_the_list_are_refused),
		cmocka_unit_test(too_large_pictures_are_refused),
		cmocka_unit_test(sink_can_end_the_decoding),
		cmocka_unit_test(every_failing_allocation_is_a_clean_end)
	};

	return cmocka_run_group_tests_name("media", tests, set_up, tear_down);
}

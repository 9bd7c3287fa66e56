/* core/media: what is let in, what is refused and how, and what memory faults and limits do. */
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
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media_files.h"

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
		assert_int_equal(r->info.frames_decoded + r->info.frames_skipped, atoi(field[8]));
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

static void truncated_recording_is_decoded_as_far_as_it_goes(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/derived/truncated_faststart_60pct.mp4");
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.info.frames_decoded + r.info.frames_skipped, 40);
	assert_true(r.info.decode_errors > 0);
	assert_true(fabs(r.info.container_seconds - 3.0) < 0.05);
	assert_true(r.info.decoded_video_seconds < 1.7);
}

static void text_and_playlists_are_refused(void **state)
{
	static const char *const texts[] = {
		"not a video\n",
		"ffconcat version 1.0\nfile '/etc/passwd'\n",
		"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/passwd\n#EXT-X-ENDLIST\n",
		"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
		"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 "
		"H264/90000\n",
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

/* A descriptor that cannot be read stands for a failing disk; demuxers say EIO of damaged files too. */
static void failing_disk_is_no_damaged_recording(void **state)
{
	/* found by fuzz-media, made small: a Matroska header, then the name of an element and the end of the file */
	static const unsigned char odd[] = {
		0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 0x01, 0x42, 0xf7, 0x81, 0x01, 0x42, 0xf2, 0x81, 0x04,
		0x56, 0x7c, 0x81, 0x08, 0x42, 0x82, 0x84, 'w', 'e', 'b', 'm', 0x42, 0x08, 0x81, 0x04, 0x42, 0x56,
		0x81, 0x02, 0x84, 0x12, 0x54, 0xc3, 0x67
	};
	struct result r;
	int fd = open(write_wav("unread.wav", 16000, 0), O_WRONLY | O_CLOEXEC);
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;

	(void)state;
	assert_true(fd >= 0);
	decode(&r, fd, &o);
	(void)close(fd);
	assert_int_equal(r.status, EH_EIO);
	assert_string_equal(r.message, "the file cannot be read: Bad file descriptor");
	decode_locked(&r, write_file("odd.webm", odd, sizeof odd), NULL);
	assert_int_equal(r.status, EH_EFORMAT);
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
	const char *path =
		make("both.mp4", "-f lavfi -i testsrc=s=64x64:r=10:d=1 -f lavfi -i sine=d=1 -c:v libx264 -c:a aac");

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
		{ "d.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=error -c:a libmp3lame", "hevc",
		  "mp3" },
		{ "e.mkv", "-c:v mpeg4 -c:a pcm_s16le", "mpeg4", "pcm_s16le" },
		{ "f.mpg", "-c:v mpeg2video -c:a mp2", "mpeg2video", "mp2" }
	};
	size_t i = 0;

	(void)state;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char arguments[512];
		struct result r;
		uint32_t k = 0;

		(void)snprintf(arguments, sizeof arguments,
			       "-f lavfi -i testsrc=s=160x120:r=%s:d=2 -f lavfi -i sine=d=2 %s", i == 5 ? "25" : "15",
			       kinds[i].codecs);
		decode_locked(&r, make(kinds[i].name, arguments), NULL);
		if (r.status != EH_OK)
			fail_msg("%s: %s", kinds[i].name, r.message);
		assert_string_equal(r.info.video_codec, kinds[i].video);
		assert_string_equal(r.info.audio_codec, kinds[i].audio);
		assert_int_equal(r.info.frames_decoded + r.info.frames_skipped, i == 5 ? 50 : 30);
		assert_int_equal(r.pictures, 10);
		for (k = 0; k < 10; k++)
			assert_true(fabs(r.time[k] - 0.2 * k) < 0.07);
		assert_true(fabs(r.info.decoded_video_seconds - 2.0) < 0.1);
		assert_true(fabs(r.info.decoded_audio_seconds - 2.0) < 0.1);
	}
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
	decode_locked(&r,
		      make("n.mkv", "-f lavfi -i testsrc=s=64x64:r=5:d=0.4 -f lavfi -i sine=d=0.4 -c:v mjpeg -c:a aac"),
		      NULL);
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.pictures, 0);
	assert_true(r.samples > 5000);
	decode_locked(&r, make("o.avi", "-f lavfi -i testsrc=s=64x64:r=5:d=0.4 -c:v mpeg4"), NULL);
	assert_int_equal(r.status, EH_EFORMAT);
	assert_non_null(strstr(r.message, "avi"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_files_end_as_ok_or_clean_refusal),
		cmocka_unit_test(file_without_a_track_gives_the_other_one),
		cmocka_unit_test(cover_picture_is_no_picture_track),
		cmocka_unit_test(truncated_recording_is_decoded_as_far_as_it_goes),
		cmocka_unit_test(text_and_playlists_are_refused),
		cmocka_unit_test(empty_file_and_directory_are_refused),
		cmocka_unit_test(failing_disk_is_no_damaged_recording),
		cmocka_unit_test(limits_of_length_and_size_are_kept),
		cmocka_unit_test(unwanted_tracks_are_not_decoded),
		cmocka_unit_test(demo_codecs_run_in_the_locked_worker),
		cmocka_unit_test(codecs_outside_the_list_are_refused),
		cmocka_unit_test(sink_can_end_the_decoding),
		cmocka_unit_test(every_failing_allocation_is_a_clean_end)
	};

	return cmocka_run_group_tests_name("media", tests, media_set_up, media_tear_down);
}

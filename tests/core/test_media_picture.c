/* core/media: pictures come out upright, square, in their colours, at their times. */
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

static void colour_range_and_matrix_are_honoured(void **state)
{
	static const struct {
		const char *matrix, *range, *tags;
	} kinds[] = { { "bt601", "tv", "-colorspace smpte170m -color_range tv" },
		      { "bt601", "pc", "-colorspace smpte170m -color_range pc" },
		      { "bt709", "tv", "-colorspace bt709 -color_range tv" },
		      { "bt709", "pc", "-colorspace bt709 -color_range pc" },
		      { "bt601", "tv", "" } };
	size_t i = 0;

	(void)state;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char arguments[512];
		struct result r;

		(void)snprintf(arguments, sizeof arguments,
			       "-f lavfi -i color=c=0xC86432:s=64x64:r=5:d=0.4,format=rgb24 "
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

		(void)snprintf(plain, sizeof plain, "%s",
			       make("plain.mp4",
				    "-f lavfi -i color=c=red:s=64x96:r=5:d=0.4 "
				    "-f lavfi -i color=c=blue:s=64x96:r=5:d=0.4 -filter_complex hstack -pix_fmt "
				    "yuv420p -c:v libx264"));
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

static void too_large_pictures_are_refused(void **state)
{
	struct result r;

	(void)state;
	decode_locked(&r, make("wide.mp4", "-f lavfi -i color=s=4098x64:r=5:d=0.2 -pix_fmt yuv420p -c:v libx264"),
		      NULL);
	assert_int_equal(r.status, EH_ERANGE);
	assert_non_null(strstr(r.message, "4098x64"));
}

/* sRGB 200,100,50 in the middle of the picture, give or take what 8 bits and 4:2:0 cost. */
static void assert_copper(const struct result *r, const char *what)
{
	static const int want[3] = { 200, 100, 50 };

	for (int k = 0; k < 3; k++)
		if (abs(r->corner[0][k] - want[k]) > 3)
			fail_msg("%s: channel %d is %d, not %d", what, k, r->corner[0][k], want[k]);
	assert_int_equal(r->corner[0][3], 255);
}

static void colours_come_out_of_every_depth_sampling_and_size(void **state)
{
	static const struct {
		const char *size, *filter, *codec;
		int width, height;
	} kinds[] = {
		{ "64x64", "scale=out_color_matrix=bt601,format=yuv420p10le",
		  "-c:v libx264 -qp 4 -colorspace smpte170m", 64, 64 },
		{ "64x64", "scale=out_color_matrix=bt709,format=yuv422p", "-c:v libx264 -qp 4 -colorspace bt709", 64,
		  64 },
		{ "64x64", "scale=out_color_matrix=bt709,format=yuv444p", "-c:v libx264 -qp 4 -colorspace bt709", 64,
		  64 },
		{ "64x64", "scale=out_color_matrix=bt2020,format=yuv420p10le",
		  "-c:v libx265 -x265-params log-level=error:qp=4 -colorspace bt2020nc", 64, 64 },
		{ "66x50", "scale=out_color_matrix=bt601,format=yuv420p", "-c:v libx264 -qp 4", 66, 50 },
		{ "65x51", "scale=out_color_matrix=bt601,format=yuv444p", "-c:v libx264 -qp 4", 65, 51 },
		{ "67x49", "scale=out_color_matrix=bt601,format=yuv420p", "-c:v mpeg4 -q:v 1", 67, 49 },
		/* no matrix in the stream: 709 from high definition on */
		{ "1280x720", "scale=out_color_matrix=bt709,format=yuv420p", "-c:v libx264 -preset ultrafast -qp 4",
		  1280, 720 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char arguments[512];
		struct result r;

		(void)snprintf(arguments, sizeof arguments,
			       "-f lavfi -i color=c=0xC86432:s=%s:r=5:d=0.4,format=rgb24 -vf %s %s", kinds[i].size,
			       kinds[i].filter, kinds[i].codec);
		decode_locked(&r, make("depth.mp4", arguments), NULL);
		if (r.status != EH_OK)
			fail_msg("%s: %s", kinds[i].filter, r.message);
		assert_int_equal(r.width, kinds[i].width);
		assert_int_equal(r.height, kinds[i].height);
		assert_copper(&r, arguments);
	}
}

/* Stored sideways AND mirrored, as some front cameras do: the matrix is put into the file by hand. */
static void mirrored_pictures_are_turned_too(void **state)
{
	static const unsigned char plain[36] = { 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,
						 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0 };
	unsigned char mirrored[36];
	static unsigned char data[65536];
	const char *path = make("mirror.mp4",
				"-f lavfi -i color=c=red:s=64x96:r=5:d=0.4 "
				"-f lavfi -i color=c=blue:s=64x96:r=5:d=0.4 -filter_complex hstack -pix_fmt yuv420p "
				"-c:v libx264");
	FILE *f = fopen(path, "rb");
	struct result r;
	size_t n = 0, at = 0, found = 0;

	(void)state;
	assert_non_null(f);
	n = fread(data, 1, sizeof data, f);
	(void)fclose(f);
	memcpy(mirrored, plain, sizeof plain);
	mirrored[0] = mirrored[1] = 0xff;               /* -1.0: left and right are exchanged */
	for (at = 0; at + sizeof plain <= n; at++)      /* in mvhd and in tkhd; the track's counts */
		if (memcmp(data + at, plain, sizeof plain) == 0 && ++found == 2)
			memcpy(data + at, mirrored, sizeof mirrored);
	assert_int_equal(found, 2);
	decode_locked(&r, write_file("mirrored.mp4", data, n), NULL);
	assert_int_equal(r.status, EH_OK);
	assert_int_equal(r.info.rotation, 0);
	assert_true(blue(r.corner[0]) && red(r.corner[1]));
}

/* Two recordings one after the other: the clock begins anew, the time that is handed out does not. */
static void size_and_clock_may_change_in_the_middle(void **state)
{
	char arguments[700], first[300], second[300];
	struct result r;

	(void)state;
	(void)snprintf(first, sizeof first, "%s",
		       make("one.mpg", "-f lavfi -i testsrc=s=160x120:r=25:d=2 -c:v mpeg2video -f mpeg"));
	(void)snprintf(second, sizeof second, "%s",
		       make("two.mpg", "-f lavfi -i testsrc=s=320x240:r=25:d=2 -c:v mpeg2video -f mpeg"));
	(void)snprintf(arguments, sizeof arguments, "cat '%s' '%s' > %s/both.mpg", first, second, dir);
	assert_int_equal(system(arguments), 0);
	(void)snprintf(arguments, sizeof arguments, "%s/both.mpg", dir);
	decode_locked(&r, arguments, NULL);
	assert_int_equal(r.status, EH_OK);
	assert_true(r.info.frames_decoded >= 98);
	assert_int_equal(r.width, 320);
	assert_int_equal(r.height, 240);
	assert_in_range(r.pictures, 19, 21);
	for (uint32_t i = 1; i < r.pictures; i++)
		assert_true(r.time[i] > r.time[i - 1]);
	assert_true(fabs(r.info.decoded_video_seconds - 4.0) < 0.2);
}

/* ---- parts on demand ---- */

#define PARTS 12

struct parts {
	uint8_t *kept;          /* pictures as wholes, one after another */
	size_t size;            /* [bytes] of one */
	unsigned n;
	bool compare;
	unsigned wrong;
};

/* A few rectangles that are in no grid, touch borders or leave the picture. */
static void corners_of(int k, const struct eh_image *im, int at[4])
{
	int w = im->width, h = im->height;
	const int kinds[5][4] = { { 3, 5, w / 3, h / 2 + 1 }, { w / 2, h / 4, w / 2 + 1, h / 4 + 1 },
				  { -20, -20, w / 5, h + 9 }, { w - 7, h - 3, w + 50, h + 50 }, { 0, 0, w, h } };

	memcpy(at, kinds[k % 5], sizeof kinds[0]);
}

static void compare_part(struct parts *p, const struct eh_image *im, const int at[4])
{
	const uint8_t *kept = p->kept + p->n * p->size;

	for (int y = at[1] > 0 ? at[1] : 0; y < at[3] && y < im->height; y++)
		for (int x = at[0] > 0 ? at[0] : 0; x < at[2] && x < im->width; x++)
			p->wrong += memcmp(im->rgba + (size_t)y * im->stride + 4 * (size_t)x,
					   kept + ((size_t)y * (size_t)im->width + (size_t)x) * 4, 4) != 0;
}

static int on_part(void *ctx, const struct eh_image *im, struct eh_err *err)
{
	struct parts *p = ctx;
	int at[4], rc = EH_OK;

	if (p->n >= PARTS)
		return EH_OK;
	if (!p->compare) {
		assert_null(im->source);
		assert_int_equal(eh_image_need(im, 0, 0, 9, 9, err), EH_OK);
		for (int y = 0; y < im->height; y++)
			memcpy(p->kept + p->n * p->size + (size_t)y * (size_t)im->width * 4,
			       im->rgba + (size_t)y * im->stride, (size_t)im->width * 4);
	}
	for (int k = 0; p->compare && k < 2 && rc == EH_OK; k++) {
		corners_of((int)p->n + 2 * k, im, at);
		rc = eh_image_need(im, at[0], at[1], at[2], at[3], err);
		compare_part(p, im, at);
	}
	p->n++;
	return rc;
}

static void parts_of_a_picture_are_the_bytes_of_the_whole(void **state)
{
	static const char *const kinds[] = {
		/* tiles of 160 */
		"-f lavfi -i testsrc2=s=640x480:r=10:d=1 -pix_fmt yuv420p -c:v libx264 -preset ultrafast",
		/* of 128 */
		"-f lavfi -i testsrc2=s=768x434:r=10:d=1 -pix_fmt yuv420p -c:v libx264 -preset ultrafast",
		/* none */
		"-f lavfi -i testsrc2=s=854x480:r=10:d=1 -pix_fmt yuv420p -c:v libx264 -preset ultrafast",
		"-f lavfi -i testsrc2=s=640x480:r=10:d=1 -pix_fmt yuv444p -c:v libx264 -preset ultrafast",
		"-f lavfi -i testsrc2=s=640x480:r=10:d=1,setsar=4/3 -pix_fmt yuv420p -c:v libx264 -preset ultrafast",
		"-f lavfi -i testsrc2=s=640x480:r=10:d=1 -pix_fmt yuv420p -c:v libx264 -preset ultrafast "
		"-metadata:s:v:0 rotate=90"
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const char *path = make("parts.mp4", kinds[i]);
		struct parts p = { NULL, (size_t)1024 * 768 * 4, 0, false, 0 };
		struct eh_media_sink sink = { on_part, on_sound, &p };

		p.kept = calloc(PARTS, p.size);
		assert_non_null(p.kept);
		for (int pass = 0; pass < 2; pass++) {
			struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
			struct eh_media_info info;
			struct eh_media *m = NULL;
			struct eh_err err = EH_ERR_INIT;
			int fd = open(path, O_RDONLY | O_CLOEXEC);

			o.on_demand = p.compare = pass == 1;
			p.n = 0;
			assert_int_equal(eh_media_prepare(&m, fd, &o, &err), EH_OK);
			assert_int_equal(eh_media_decode(m, &sink, &info, &err), EH_OK);
			eh_media_free(&m);
			(void)close(fd);
			assert_int_equal(p.n, 5);
		}
		if (p.wrong != 0)
			fail_msg("%s: %u pixels differ", kinds[i], p.wrong);
		free(p.kept);
	}
}

static struct eh_image left_over;

static int keep_image(void *ctx, const struct eh_image *im, struct eh_err *err)
{
	(void)ctx;
	(void)err;
	left_over = *im;
	return EH_OK;
}

static void pixels_of_a_picture_that_is_gone_are_refused(void **state)
{
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_sink sink = { keep_image, on_sound, NULL };
	struct eh_media_info info;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	const char *path = make("gone.mp4", "-f lavfi -i testsrc=s=640x480:r=5:d=0.4 -pix_fmt yuv420p -c:v libx264");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)state;
	o.on_demand = true;
	assert_int_equal(eh_media_prepare(&m, fd, &o, &err), EH_OK);
	assert_int_equal(eh_media_decode(m, &sink, &info, &err), EH_OK);
	assert_int_equal(eh_image_need(&left_over, 0, 0, 10, 10, &err), EH_EINVAL);
	eh_media_free(&m);
	(void)close(fd);
}

/* ---- frames that are not decoded ---- */

struct digest {
	uint64_t value;         /* FNV-1a over size, time and pixels of every picture */
	unsigned n;
};

static int on_digest(void *ctx, const struct eh_image *im, struct eh_err *err)
{
	struct digest *d = ctx;
	const unsigned char *time = (const unsigned char *)&im->time;

	(void)err;
	for (size_t i = 0; i < sizeof im->time; i++)
		d->value = (d->value ^ time[i]) * UINT64_C(1099511628211);
	for (int y = 0; y < im->height; y++)
		for (size_t x = 0; x < 4 * (size_t)im->width; x++)
			d->value = (d->value ^ im->rgba[(size_t)y * im->stride + x]) * UINT64_C(1099511628211);
	d->n++;
	return EH_OK;
}

static struct digest digest_of(const char *path, bool every_frame, struct eh_media_info *info)
{
	struct digest d = { UINT64_C(14695981039346656037), 0 };
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_sink sink = { on_digest, on_sound, &d };
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	o.every_frame = every_frame;
	o.want_sound = false;
	assert_true(fd >= 0);
	if (eh_media_prepare(&m, fd, &o, &err) != EH_OK || eh_media_decode(m, &sink, info, &err) != EH_OK)
		fail_msg("%s: %s", path, err.msg);
	eh_media_free(&m);
	(void)close(fd);
	return d;
}

static void frames_nobody_looks_at_change_no_picture(void **state)
{
	static const struct {
		const char *name, *source, *codec;
		bool skips;
	} kinds[] = {
		{ "a.mp4", "testsrc2=s=128x96:r=25:d=3", "libx264 -bf 2", true },
		{ "b.mp4", "testsrc2=s=128x96:r=24:d=3", "libx264 -bf 7 -b_strategy 0 -x264-params b-pyramid=strict",
		  true },
		{ "c.mp4", "testsrc2=s=128x96:r=30000/1001:d=3",
		  "libx264 -bf 3 -g 10 -x264-params open-gop=1:b-pyramid=normal", true },
		{ "d.mkv", "testsrc2=s=128x96:r=60:d=3", "libx264 -bf 4", true },
		{ "e.mp4", "testsrc2=s=128x96:r=15:d=3", "libx264 -bf 0", false },
		{ "f.mkv", "\"testsrc2=s=128x96:r=30:d=3,select='not(between(mod(n,11),3,6))'\" -vsync vfr",
		  "libx264 -bf 3", true },
		{ "g.mp4", "testsrc2=s=128x96:r=25:d=3,interlace", "libx264 -flags +ilme+ildct -bf 2", true },
		{ "h.mp4", "testsrc2=s=128x96:r=4:d=4", "libx264 -bf 2 -b_strategy 0", false },
		{ "i.mpg", "testsrc2=s=128x96:r=25:d=2", "mpeg2video -bf 2", false }
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct eh_media_info usual, every;
		struct digest a, b;
		char arguments[400];
		const char *path = NULL;

		(void)snprintf(arguments, sizeof arguments, "-f lavfi -i %s -pix_fmt yuv420p "
			       "-c:v %s", kinds[i].source, kinds[i].codec);
		path = make(kinds[i].name, arguments);
		a = digest_of(path, false, &usual);
		b = digest_of(path, true, &every);
		assert_int_equal(every.frames_skipped, 0);
		assert_int_equal(usual.frames_decoded + usual.frames_skipped, every.frames_decoded);
		if (a.n != b.n || a.value != b.value || a.n < 10 || (usual.frames_skipped > 0) != kinds[i].skips)
			fail_msg("%s: %u and %u pictures, %s, %u of %u frames decoded", kinds[i].codec, a.n, b.n,
				 a.value == b.value ? "the same" : "different", usual.frames_decoded,
				 every.frames_decoded);
	}
}

/* ---- fast mode ---- */

static void fast_mode_skips_frames_that_no_other_needs(void **state)
{
	struct eh_media_options o = EH_MEDIA_OPTIONS_INIT;
	struct result all, fast, plain;
	const char *path = make("b.mp4", "-f lavfi -i testsrc=s=160x120:r=25:d=4 -pix_fmt yuv420p "
				"-c:v libx264 -bf 2 -b_strategy 0");

	(void)state;
	decode_locked(&all, path, NULL);
	o.fast = true;
	decode_locked(&fast, path, &o);
	assert_int_equal(fast.status, EH_OK);
	assert_int_equal(all.info.frames_decoded + all.info.frames_skipped, 100);
	assert_true(fast.info.frames_decoded >= 30 && fast.info.frames_decoded <= 70);
	assert_int_equal(fast.pictures, all.pictures);
	for (uint32_t i = 0; i < fast.pictures; i++)
		assert_true(fabs(fast.time[i] - all.time[i]) < 0.125);  /* three frames of 25 per second */
	assert_true(fabs(fast.info.decoded_video_seconds - 4.0) < 0.13);
	/* without such frames it is the same as ever */
	path = make("p.mp4", "-f lavfi -i testsrc=s=160x120:r=25:d=4 -pix_fmt yuv420p -c:v libx264 -bf 0");
	decode_locked(&plain, path, NULL);
	decode_locked(&fast, path, &o);
	assert_memory_equal(&plain, &fast, sizeof plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phone_rotation_is_applied),
		cmocka_unit_test(largest_picture_is_taken),
		cmocka_unit_test(variable_frame_rate_is_sampled_by_time),
		cmocka_unit_test(colour_range_and_matrix_are_honoured),
		cmocka_unit_test(pictures_are_turned_the_right_way_round),
		cmocka_unit_test(pixels_are_made_square),
		cmocka_unit_test(too_large_pictures_are_refused),
		cmocka_unit_test(colours_come_out_of_every_depth_sampling_and_size),
		cmocka_unit_test(mirrored_pictures_are_turned_too),
		cmocka_unit_test(size_and_clock_may_change_in_the_middle),
		cmocka_unit_test(parts_of_a_picture_are_the_bytes_of_the_whole),
		cmocka_unit_test(pixels_of_a_picture_that_is_gone_are_refused),
		cmocka_unit_test(frames_nobody_looks_at_change_no_picture),
		cmocka_unit_test(fast_mode_skips_frames_that_no_other_needs)
	};

	return cmocka_run_group_tests_name("media_picture", tests, media_set_up, media_tear_down);
}

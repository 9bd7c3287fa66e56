/*
 * media_files.h - what the tests of core/media share: files made with the ffmpeg program or by hand, one decoding in a
 * locked worker, and what came out of it.
 */
#ifndef EH_TESTS_MEDIA_FILES_H
#define EH_TESTS_MEDIA_FILES_H

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

static inline int on_picture(void *ctx, const struct eh_image *im, struct eh_err *err)
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

static inline int on_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
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

static inline void decode(struct result *r, int fd, const struct eh_media_options *o)
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

static inline void job(void *ctx, int fd, void *record)
{
	decode(record, fd, ctx);
}

/* In a locked worker: what every real recording goes through. */
static inline void decode_locked(struct result *r, const char *path, const struct eh_media_options *options)
{
	static const struct eh_media_options usual = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_options o = options != NULL ? *options : usual;
	struct eh_err err = EH_ERR_INIT;
	struct eh_worker_spec s = { EH_WORKER_MEDIA, job, &o, open(path, O_RDONLY | O_CLOEXEC), sizeof *r, 0, 0 };

	if (s.fd < 0)
		fail_msg("%s cannot be opened", path);
	if (eh_worker_run(&s, r, &err) != EH_OK)
		fail_msg("%s: %s", path, err.msg);
	(void)close(s.fd);
}

static inline const char *shared(const char *name)
{
	static char path[1024];
	const char *root = getenv("EVENHAND_SHARED");

	(void)snprintf(path, sizeof path, "%s/data/%s", root != NULL ? root : "../shared", name);
	return access(path, R_OK) == 0 ? path : NULL;
}

static inline void decode_shared(struct result *r, const char *name)
{
	const char *path = shared(name);

	if (path == NULL)
		skip();
	decode_locked(r, path, NULL);
}

/* Makes dir/NAME with the ffmpeg program; skips the test where there is none. */
static inline const char *make(const char *name, const char *arguments)
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

static inline const char *write_file(const char *name, const void *data, size_t size)
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

static inline void put32(unsigned char *p, uint32_t v)
{
	int i = 0;

	for (i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

/* 16-bit stereo WAV of 1 s: left = 0.5 sine of 200 Hz + dc, right = dc only. */
static inline const char *write_wav(const char *name, uint32_t rate, double dc)
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

static inline int media_set_up(void **state)
{
	(void)state;
	eh_media_global_init();
	strcpy(dir, "/tmp/evenhand-media-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static inline int media_tear_down(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

#endif

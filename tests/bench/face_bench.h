/* Photographs for the face bars: each goes the whole road, through a recording of one picture and core/media. */
#ifndef EH_TESTS_FACE_BENCH_H
#define EH_TESTS_FACE_BENCH_H

#include "tests/core/face_pictures.h"

#include <fcntl.h>

#include "face/face.h"
#include "media/media.h"

#define BENCH_SKIPPED 77

struct bench {
	struct eh_face *face;
	char **photo;
	size_t n;
	char clip[64];                  /* the recording of the photograph that is looked at */
};

/* Status to end with where the bar cannot be measured, else 0. */
static inline int bench_open(struct bench *b, const char *bar)
{
	struct eh_err err = EH_ERR_INIT;
	int fd = -1;

	memset(b, 0, sizeof *b);
	b->photo = shared_faces(&b->n);
	if (b->photo == NULL) {
		printf("%s: not measured: EVENHAND_SHARED does not name the folder of photographs\n", bar);
		return BENCH_SKIPPED;
	}
	eh_media_global_init();
	if (eh_face_open(&b->face, &err) < 0) {
		printf("%s: %s\n", bar, err.msg);
		return 3;
	}
	(void)snprintf(b->clip, sizeof b->clip, "/tmp/evenhand-face-XXXXXX");
	fd = mkstemp(b->clip);
	if (fd < 0) {
		printf("%s: no temporary file\n", bar);
		return 3;
	}
	(void)close(fd);
	return 0;
}

static inline void bench_close(struct bench *b)
{
	if (b->clip[0] != '\0')
		(void)unlink(b->clip);
	eh_face_close(&b->face);
	shared_faces_free(b->photo);
}

static inline int bench_keep(void *ctx, const struct eh_image *image, struct eh_err *err)
{
	struct eh_image *out = ctx;

	(void)err;
	if (out->rgba == NULL) {
		*out = picture_new(image->width, image->height, 0);
		for (int y = 0; y < image->height; y++)
			memcpy(picture_pixel(out, 0, y), picture_pixel(image, 0, y), 4 * (size_t)image->width);
	}
	return EH_OK;
}

/* Ends the program when the photograph cannot be had: a bar on fewer photographs would be another bar. */
static inline struct eh_image bench_photo(struct bench *b, size_t i)
{
	struct eh_image im = { .rgba = NULL };
	struct eh_media_options options = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_sink sink = { bench_keep, NULL, &im };
	struct eh_media_info info;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	char *command = eh_xasprintf("ffmpeg -v error -nostdin -y -i '%s' -c:v libx264 -qp 0 -pix_fmt yuv444p -f mp4 "
				     "'%s'", b->photo[i], b->clip);
	int rc = system(command), fd = open(b->clip, O_RDONLY | O_CLOEXEC);

	free(command);
	options.want_sound = false;
	memset(&info, 0, sizeof info);
	if (rc == 0 && fd >= 0 && (rc = eh_media_prepare(&m, fd, &options, &err)) == EH_OK)
		rc = eh_media_decode(m, &sink, &info, &err);
	eh_media_free(&m);
	if (fd >= 0)
		(void)close(fd);
	if (rc != 0 || im.rgba == NULL) {
		printf("%s cannot be looked at: %s\n", b->photo[i], err.msg);
		exit(3);
	}
	return im;
}

/* Set and name, "3dsk/agata.jpg". */
static inline const char *bench_name(const struct bench *b, size_t i)
{
	const char *name = strrchr(b->photo[i], '/');

	while (name > b->photo[i] && name[-1] != '/')
		name--;
	return name;
}

#endif

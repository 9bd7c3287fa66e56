/* Pictures for the face tests: files through the ffmpeg program, the shared material, bilinear renderings. */
#ifndef EH_TESTS_FACE_PICTURES_H
#define EH_TESTS_FACE_PICTURES_H

#include <dirent.h>
#include <limits.h>
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
#include "base/paths.h"
#include "base/text.h"
#include "face/models.h"
#include "media/media.h"

#define PI 3.14159265358979323846

/* A grey picture of its own. */
static inline struct eh_image picture_new(int width, int height, uint8_t grey)
{
	struct eh_image im = { .width = width, .height = height, .stride = 4 * (size_t)width };
	uint8_t *p = eh_xmalloc((size_t)height * im.stride);

	memset(p, grey, (size_t)height * im.stride);
	im.rgba = p;
	return im;
}

static inline void picture_free(struct eh_image *im)
{
	free((uint8_t *)(uintptr_t)im->rgba);
	im->rgba = NULL;
}

static inline uint8_t *picture_pixel(const struct eh_image *im, int x, int y)
{
	return (uint8_t *)(uintptr_t)im->rgba + (size_t)y * im->stride + 4 * (size_t)x;
}

/* The first picture of a file, brought to width x height by the filter.  False when it cannot be decoded. */
static inline bool picture_load(struct eh_image *out, const char *path, const char *filter, int width, int height)
{
	struct eh_image im = picture_new(width, height, 0);
	size_t size = (size_t)height * im.stride, n = 0;
	char *command = eh_xasprintf("ffmpeg -v error -nostdin -i '%s' -vf '%s' -frames:v 1 -f rawvideo "
				     "-pix_fmt rgba -", path, filter);
	FILE *pipe = popen(command, "r");

	if (pipe != NULL) {
		n = fread((uint8_t *)(uintptr_t)im.rgba, 1, size, pipe);
		n = pclose(pipe) == 0 ? n : 0;
	}
	free(command);
	*out = im;
	if (n != size)
		picture_free(out);
	return n == size;
}

/* A portrait of the demo, enlarged to 480 px and padded to the 640x480 of a webcam. */
static inline bool picture_portrait(struct eh_image *out, const char *name)
{
	char path[PATH_MAX];

	return eh_data_path(path, sizeof path, EH_DATA_PORTRAIT, name, NULL) == EH_OK &&
	       picture_load(out, path, "scale=480:480,pad=640:480:80:0", 640, 480);
}

static inline char *shared_dir(const char *below)
{
	const char *root = getenv("EVENHAND_SHARED");

	return eh_xasprintf("%s/%s", root != NULL ? root : "../shared", below);
}

/* The photographs of data/faces, sorted, as paths; NULL when the shared material is absent.  Ends with NULL. */
static inline char **shared_faces(size_t *n)
{
	static const char *const sets[] = { "data/faces/3dsk", "data/faces/canada" };
	char **list = NULL;

	*n = 0;
	for (size_t s = 0; s < 2; s++) {
		char *dir = shared_dir(sets[s]);
		DIR *d = opendir(dir);
		struct dirent *e = NULL;

		while (d != NULL && (e = readdir(d)) != NULL) {
			if (strstr(e->d_name, ".jpg") == NULL)
				continue;
			list = eh_xrealloc(list, *n + 2, sizeof *list);
			list[(*n)++] = eh_xasprintf("%s/%s", dir, e->d_name);
			list[*n] = NULL;
		}
		if (d != NULL)
			(void)closedir(d);
		free(dir);
	}
	if (list != NULL)
		qsort(list, *n, sizeof *list, eh_strcmp_ptr);
	return list;
}

static inline void shared_faces_free(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

/* Where a rendering comes from: source = centre + turn(angle) * (target - target centre - shift) * scale. */
struct rendering {
	double cx, cy;                  /* [px] point of the source that lands in the middle */
	double scale;                   /* source pixels per target pixel */
	double angle;                   /* [rad] */
	double dx, dy;                  /* [px] shift in the target */
};

static inline void rendering_back(const struct rendering *t, const struct eh_image *to, double x, double y, double *sx,
				  double *sy)
{
	double u = (x - 0.5 * to->width - t->dx) * t->scale, v = (y - 0.5 * to->height - t->dy) * t->scale;

	*sx = t->cx + cos(t->angle) * u - sin(t->angle) * v;
	*sy = t->cy + sin(t->angle) * u + cos(t->angle) * v;
}

/* Bilinear, black outside. */
static inline void render(struct eh_image *to, const struct eh_image *from, const struct rendering *t)
{
	for (int j = 0; j < to->height; j++) {
		for (int i = 0; i < to->width; i++) {
			double x = 0.0, y = 0.0;
			uint8_t *p = picture_pixel(to, i, j);

			rendering_back(t, to, i + 0.5, j + 0.5, &x, &y);
			x -= 0.5;
			y -= 0.5;
			memset(p, 0, 4);
			p[3] = 255;
			if (x < 0.0 || y < 0.0 || x >= from->width - 1 || y >= from->height - 1)
				continue;
			for (int k = 0; k < 3; k++) {
				const uint8_t *a = picture_pixel(from, (int)x, (int)y), *b = a + from->stride;
				double fx = x - floor(x), fy = y - floor(y);

				p[k] = (uint8_t)lround((a[k] * (1.0 - fx) + a[k + 4] * fx) * (1.0 - fy) +
						       (b[k] * (1.0 - fx) + b[k + 4] * fx) * fy);
			}
		}
	}
}

/* Bytes of a model file, or the test fails. */
static inline unsigned char *model_bytes(enum eh_model which, size_t *size)
{
	unsigned char *data = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_model_load(&data, size, which, &err) < 0)
		fail_msg("%s", err.msg);
	return data;
}

#endif

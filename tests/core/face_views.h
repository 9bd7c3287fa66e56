/* The test without labels: one photograph under 45 known zooms, turns and shifts (facts/vision.md 11.3). */
#ifndef EH_TESTS_FACE_VIEWS_H
#define EH_TESTS_FACE_VIEWS_H

#include "tests/core/face_pictures.h"

#include "face/face.h"
#include "face/gather.h"
#include "face/mesh.h"

#define VIEWS 45
#define POINTS (EH_LANDMARKS * 2)

/* One view of a photograph: enlargement, turn and shift as the fact sheet has them. */
static inline struct rendering view(int k, const double box[4])
{
	static const double sizes[] = { 2.2, 2.8, 3.6 }, turns[] = { -0.35, -0.17, 0.0, 0.17, 0.35 },
			    shifts[] = { -0.15, 0.0, 0.15 };
	struct rendering t = { 0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3]), 0.0, 0.0, 0.0, 0.0 };

	t.scale = sizes[k / 15] * (box[3] - box[1]) / 480.0;
	t.angle = turns[k / 3 % 5];
	/* half of the shift also downwards, and a dither below one pixel */
	t.dx = shifts[k % 3] * 480.0 + 0.37 * (k % 4);
	t.dy = 0.5 * shifts[k % 3] * 480.0 + 0.23 * (k % 5);
	return t;
}

/* Landmarks of every view, taken back into the photograph: at[point][view]; the number of views found. */
static inline size_t all_views(struct eh_face *face, const struct eh_image *im, double (*at)[VIEWS], double *iod)
{
	struct eh_image shown = picture_new(640, 480, 0);
	float xyz[EH_LANDMARKS * 3];
	double presence = 0.0, box[4];
	uint32_t faces = 0;
	size_t n = 0;
	struct eh_err err = EH_ERR_INIT;

	assert_int_equal(eh_face_still(face, im, xyz, &faces, &presence, &err), EH_OK);
	eh_mesh_box(box, xyz);
	*iod = hypot((double)(xyz[3 * 33] - xyz[3 * 263]), (double)(xyz[3 * 33 + 1] - xyz[3 * 263 + 1]));
	for (int k = 0; k < VIEWS; k++) {
		struct rendering t = view(k, box);

		render(&shown, im, &t);
		assert_int_equal(eh_face_still(face, &shown, xyz, &faces, &presence, &err), EH_OK);
		if (faces == 0 || presence < EH_PRESENT)
			continue;
		for (int p = 0; p < EH_LANDMARKS; p++)
			rendering_back(&t, &shown, (double)xyz[3 * p], (double)xyz[3 * p + 1], &at[2 * p][n],
				       &at[2 * p + 1][n]);
		n++;
	}
	picture_free(&shown);
	return n;
}

/* Distance [% of IOD] of every landmark of every view from its median place, appended to off; how many. */
static inline size_t view_scatter(double *off, double (*at)[VIEWS], size_t views, double iod)
{
	size_t n = 0;

	for (int p = 0; p < EH_LANDMARKS; p++) {
		double copy[VIEWS], mx = 0.0, my = 0.0;

		memcpy(copy, at[2 * p], sizeof copy);
		mx = eh_median(copy, views);
		memcpy(copy, at[2 * p + 1], sizeof copy);
		my = eh_median(copy, views);
		for (size_t k = 0; k < views; k++)
			off[n++] = 100.0 * hypot(at[2 * p][k] - mx, at[2 * p + 1][k] - my) / iod;
	}
	return n;
}

#endif

/*
 * CPU time of the face room on one picture of 640 x 480, in ms: least and median of many runs.  The bar is on what this
 * program adds to crop and nets: head pose, indicators, skin, light and sharpness together below 0.1 ms.
 */
#include "tests/core/face_pictures.h"

#include <time.h>

#include "face/canon.h"
#include "face/detect.h"
#include "face/gather.h"
#include "face/mesh.h"
#include "face/net.h"
#include "face/pose.h"
#include "face/quality.h"
#include "face/straight.h"

#define RUNS 200
#define OWN_BAR 0.1                     /* [ms] */

static struct {
	struct eh_net *net[3];
	struct eh_net_io io[3];
	struct eh_canon canon;
	struct eh_tone tone;
	struct eh_image im;
	struct eh_region region;
	struct eh_face *face;
	float xyz[EH_LANDMARKS * 3];
	double time;
} s;

static double cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void crop(void) { eh_crop(s.io[2].input, EH_MESH_SIDE, &s.im, &s.region); }
static void letterbox(void) { eh_letterbox(s.io[0].input, eh_detector_short.side, &s.im); }
static void short_net(void) { (void)eh_net_run(s.net[0], NULL); }
static void full_net(void) { (void)eh_net_run(s.net[1], NULL); }
static void mesh_net(void) { (void)eh_net_run(s.net[2], NULL); }

static void own(void)
{
	double straight[EH_LANDMARKS][3], box[4];
	struct eh_gather_row row;
	struct eh_pose pose;

	if (!eh_pose_of_landmarks(&pose, &s.canon, s.xyz) || !eh_straight(straight, s.xyz, pose.r))
		exit(1);
	eh_face_ratios(s.xyz, row.value, row.present);
	eh_straight_movements((const double (*)[3])straight, row.value, row.present);
	eh_mesh_box(box, s.xyz);
	(void)eh_quality(row.value, row.present, &s.tone, &s.im, s.xyz, box, s.io[2].input,
			 (const double[3]){ 50.0, 0.0, 0.0 }, NULL);
}

/* Tracking at five pictures a second, looks for further people included. */
static void picture(void)
{
	s.im.time = s.time;
	s.time += 0.2;
	if (eh_face_picture(s.face, &s.im, NULL) < 0)
		exit(1);
}

static double least(const char *what, void (*fn)(void))
{
	double v[RUNS], sum = 0.0;

	for (int i = 0; i < RUNS; i++) {
		double t = cpu_ms();

		fn();
		v[i] = cpu_ms() - t;
		sum += v[i];
	}
	(void)eh_median(v, RUNS);
	printf("%-44s least %.4f  median %.4f  mean %.4f ms\n", what, v[0], v[RUNS / 2], sum / RUNS);
	return v[0];
}

static void open_all(void)
{
	static const enum eh_model models[3] = { EH_MODEL_SHORT, EH_MODEL_FULL, EH_MODEL_MESH };
	const struct eh_net_shape *const shapes[3] = { &eh_detector_short.shape, &eh_detector_full.shape,
						       &eh_mesh_shape };
	size_t size = 0;
	unsigned char *data = NULL;
	uint32_t faces = 0;
	double presence = 0.0;
	struct eh_err err = EH_ERR_INIT;

	for (int k = 0; k < 3; k++) {
		data = model_bytes(models[k], &size);
		if (eh_net_open(&s.net[k], &s.io[k], shapes[k], data, size, &err) < 0)
			exit(3);
		free(data);
	}
	data = model_bytes(EH_MODEL_CANON, &size);
	if (eh_canon_read(&s.canon, data, size, &err) < 0 || eh_face_open(&s.face, &err) < 0 ||
	    !picture_portrait(&s.im, "female/5.jpg") || eh_face_begin(s.face, &err) < 0 ||
	    eh_face_still(s.face, &s.im, s.xyz, &faces, &presence, &err) < 0 || presence < EH_PRESENT) {
		printf("face speed: not measured: %s\n",
		       err.msg[0] != '\0' ? err.msg : "no portrait; run \"make setup\"");
		exit(3);
	}
	free(data);
	eh_tone_init(&s.tone);
	s.region = eh_mesh_region(s.xyz);
}

int main(void)
{
	double added = 0.0;

	open_all();
	(void)least("crop", crop);
	(void)least("mesh net", mesh_net);
	(void)least("letterbox", letterbox);
	(void)least("short-range net", short_net);
	(void)least("full-range net", full_net);
	added = least("pose, indicators, skin, light, sharpness", own);
	(void)least("a picture, tracking", picture);
	printf("face speed: own additions %.4f ms (bar %.1f)\n", added, OWN_BAR);
	for (int k = 0; k < 3; k++)
		eh_net_close(&s.net[k]);
	eh_face_close(&s.face);
	picture_free(&s.im);
	return added < OWN_BAR ? 0 : 1;
}

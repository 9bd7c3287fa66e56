/* From pictures to the visual indicators of one person: models, tracking, gating; see face.h. */
#include "face/face.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "face/canon.h"
#include "face/detect.h"
#include "face/gather.h"
#include "face/mesh.h"
#include "face/models.h"
#include "face/net.h"
#include "face/pose.h"
#include "face/quality.h"
#include "face/ratios.h"
#include "face/share.h"
#include "face/straight.h"

#define COUNT_FIRST 1.0                 /* [s] between looks for further people, doubled up to the last */
#define COUNT_LAST 8.0
#define REST_FIRST 1.0                  /* [s] of rest of the full-range detector, doubled up to the last */
#define REST_LAST 8.0

enum { SHORT, FULL, MESH, NETS };

/* Something costly that is done now and then, less and less often. */
struct pace {
	bool begun;
	double at, wait;                /* [s] time of the last one and until the next */
};

struct eh_face {
	struct eh_net *net[NETS];
	struct eh_net_io io[NETS];
	struct eh_canon canon;
	struct eh_tone tone;
	char version[256];
	bool running;                   /* between begin and finish */
	bool tracking;
	struct eh_region region;        /* where the face was, while tracking */
	struct pace count, rest;        /* of looks for further people, and of the full-range detector */
	double ground[3];               /* L*a*b* of the picture that a detector looked at last */
	double presence_sum;
	struct eh_face_answer answer;   /* counts so far */
	struct eh_gather gather;
	float xyz[EH_LANDMARKS * 3];
	double mesh_sum[EH_LANDMARKS][3]; /* of the straight faces */
};

static const struct {
	enum eh_model model;
	const struct eh_net_shape *shape;
} nets[NETS] = {
	[SHORT] = { EH_MODEL_SHORT, &eh_detector_short.shape },
	[FULL] = { EH_MODEL_FULL, &eh_detector_full.shape },
	[MESH] = { EH_MODEL_MESH, &eh_mesh_shape },
};

static int open_net(struct eh_net **net, struct eh_net_io *io, const struct eh_net_shape *shape, enum eh_model which,
		    struct eh_err *err)
{
	unsigned char *data = NULL;
	size_t size = 0;
	int rc = eh_model_load(&data, &size, which, err);

	if (rc == EH_OK)
		rc = eh_net_open(net, io, shape, data, size, err);
	free(data);
	return rc;
}

static int open_canon(struct eh_canon *canon, struct eh_err *err)
{
	unsigned char *data = NULL;
	size_t size = 0;
	int rc = eh_model_load(&data, &size, EH_MODEL_CANON, err);

	if (rc == EH_OK)
		rc = eh_canon_read(canon, data, size, err);
	free(data);
	return rc;
}

/* The digest of the nets' answer to a fixed input.  XNNPACK tells no version, and its last digits follow the
 * processor: equal digits mean that two machines give equal indicators. */
static int digits(struct eh_face *f, char out[EH_DIGEST_HEX], struct eh_err *err)
{
	unsigned char all[NETS * EH_DIGEST_SIZE];

	for (int k = 0; k < NETS; k++) {
		int rc = EH_OK;

		for (size_t i = 0; i < nets[k].shape->input; i++)
			f->io[k].input[i] = (float)(i * 7 % 256) / 255.0f;
		rc = eh_net_run(f->net[k], err);
		if (rc < 0)
			return rc;
		eh_sha256(all + k * EH_DIGEST_SIZE, f->io[k].output[0], nets[k].shape->output[0] * sizeof(float));
	}
	eh_sha256_hex(out, all, sizeof all);
	return EH_OK;
}

int eh_face_open(struct eh_face **out, struct eh_err *err)
{
	struct eh_face *f = NULL;
	char digest[EH_DIGEST_HEX] = "";
	int rc = EH_OK;

	*out = NULL;
	f = eh_try_calloc(1, sizeof *f);
	if (f == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the face nets");
	for (int k = 0; k < NETS && rc == EH_OK; k++)
		rc = open_net(&f->net[k], &f->io[k], nets[k].shape, nets[k].model, err);
	if (rc == EH_OK)
		rc = open_canon(&f->canon, err);
	if (rc == EH_OK)
		rc = digits(f, digest, err);
	if (rc == EH_OK) {
		eh_tone_init(&f->tone);
		(void)snprintf(f->version, sizeof f->version,
			       "detectors %.16s %.16s, mesh %.16s, canonical face %.16s, XNNPACK on %s, digits %.8s",
			       eh_model_digest(EH_MODEL_SHORT), eh_model_digest(EH_MODEL_FULL),
			       eh_model_digest(EH_MODEL_MESH), eh_model_digest(EH_MODEL_CANON), eh_net_cpu(), digest);
		*out = f;
		f = NULL;
	}
	eh_face_close(&f);
	return rc;
}

void eh_face_close(struct eh_face **f)
{
	if (*f == NULL)
		return;
	for (int k = 0; k < NETS; k++)
		eh_net_close(&(*f)->net[k]);
	eh_gather_free(&(*f)->gather);
	free(*f);
	*f = NULL;
}

const char *eh_face_version(const struct eh_face *f)
{
	return f->version;
}

static int check_image(const struct eh_image *im, struct eh_err *err)
{
	if (im->rgba == NULL || im->width < 1 || im->height < 1 || im->width > EH_MEDIA_MAX_WIDTH ||
	    im->height > EH_MEDIA_MAX_WIDTH || im->stride < 4 * (size_t)im->width || !isfinite(im->time))
		return eh_err_set(err, EH_EINVAL, "a picture of %d x %d that cannot be looked at", im->width,
				  im->height);
	return EH_OK;
}

static int run_mesh(struct eh_face *f, float *xyz, double *presence, const struct eh_image *image,
		    const struct eh_region *region, struct eh_err *err)
{
	return eh_mesh(xyz, presence, f->net[MESH], &f->io[MESH], image, region, err);
}

/* Due at the first time, when the wait is over, and when the time went back (a new clip in one file). */
static bool due(const struct pace *p, double time)
{
	return !p->begun || fabs(time - p->at) >= p->wait;
}

static void step(struct pace *p, double time, double first, double last)
{
	p->wait = p->begun ? fmin(2.0 * p->wait, last) : first;
	p->begun = true;
	p->at = time;
}

/* The short-range detector; and the colour of the whole picture, all of which is there when it has looked. */
static int look(struct eh_face *f, struct eh_detection d[EH_DETECT_MAX], uint32_t *faces, const struct eh_image *image,
		struct eh_err *err)
{
	int rc = eh_detect(d, faces, &eh_detector_short, f->net[SHORT], &f->io[SHORT], image, err);

	if (rc == EH_OK)
		eh_tone_ground(f->ground, &f->tone, image);
	return rc;
}

/* rest: of the full-range detector, NULL = it looks in any case. */
static int detect(struct eh_face *f, struct eh_detection d[EH_DETECT_MAX], uint32_t *faces, struct pace *rest,
		  const struct eh_image *image, struct eh_err *err)
{
	int rc = look(f, d, faces, image, err);

	if (rc < 0 || *faces > 0 || (rest != NULL && !due(rest, image->time)))
		return rc;
	if (rest != NULL)
		step(rest, image->time, REST_FIRST, REST_LAST);
	return eh_detect(d, faces, &eh_detector_full, f->net[FULL], &f->io[FULL], image, err);
}

/* Detector, then the mesh twice: the second region comes from the landmarks of the first pass, which lowers
 * the scatter by a sixth; a third pass does not help (facts/vision.md 11.3). */
static int locate(struct eh_face *f, float *xyz, uint32_t *faces, double *presence, struct pace *rest,
		  const struct eh_image *image, struct eh_err *err)
{
	struct eh_detection d[EH_DETECT_MAX];
	struct eh_region region;
	int rc = detect(f, d, faces, rest, image, err);

	*presence = 0.0;
	if (rc < 0 || *faces == 0)
		return rc;
	region = eh_detect_region(&d[eh_detect_choose(d, *faces, image->width, image->height)]);
	rc = run_mesh(f, xyz, presence, image, &region, err);
	if (rc < 0 || *presence < EH_PRESENT)
		return rc;
	region = eh_mesh_region(xyz);
	return run_mesh(f, xyz, presence, image, &region, err);
}

int eh_face_still(struct eh_face *f, const struct eh_image *image, float *xyz, uint32_t *faces, double *presence,
		  struct eh_err *err)
{
	int rc = check_image(image, err);

	*faces = 0;
	*presence = 0.0;
	return rc == EH_OK ? locate(f, xyz, faces, presence, NULL, image, err) : rc;
}

int eh_face_begin(struct eh_face *f, struct eh_err *err)
{
	(void)err;
	memset(&f->answer, 0, sizeof f->answer);
	memset(f->mesh_sum, 0, sizeof f->mesh_sum);
	eh_gather_reset(&f->gather);
	f->presence_sum = 0.0;
	f->tracking = false;
	f->count = f->rest = (struct pace){ false, 0.0, 0.0 };
	f->running = true;
	return EH_OK;
}

static void note_faces(struct eh_face *f, uint32_t faces)
{
	if (faces > f->answer.max_faces)
		f->answer.max_faces = faces;
	if (faces > 1)
		f->answer.frames_many++;
}

/*
 * How many people: the short-range detector's faces, and those of the full-range one that lie in none of them.  The
 * one alone sees a face in the background from about a fifth of the picture's height on, both from a seventh.
 */
static int count_faces(struct eh_face *f, uint32_t *faces, const struct eh_image *image, struct eh_err *err)
{
	struct eh_detection near[EH_DETECT_MAX], far[EH_DETECT_MAX];
	uint32_t n = 0, more = 0;
	int rc = look(f, near, &n, image, err);

	*faces = n;
	if (rc < 0 || n > 1)
		return rc;
	rc = eh_detect(far, &more, &eh_detector_full, f->net[FULL], &f->io[FULL], image, err);
	for (uint32_t i = 0; rc == EH_OK && i < more; i++)
		*faces += n == 0 || fabs(far[i].x - near[0].x) > 0.5 * near[0].w ||
			  fabs(far[i].y - near[0].y) > 0.5 * near[0].h;
	return rc;
}

static int follow(struct eh_face *f, double *presence, const struct eh_image *image, struct eh_err *err)
{
	uint32_t faces = 0;
	int rc = run_mesh(f, f->xyz, presence, image, &f->region, err);

	if (rc < 0 || !due(&f->count, image->time))
		return rc;
	step(&f->count, image->time, COUNT_FIRST, COUNT_LAST);
	rc = count_faces(f, &faces, image, err);
	if (rc == EH_OK)
		note_faces(f, faces);
	return rc;
}

static int find(struct eh_face *f, double *presence, const struct eh_image *image, struct eh_err *err)
{
	uint32_t faces = 0;
	int rc = locate(f, f->xyz, &faces, presence, &f->rest, image, err);

	if (rc < 0)
		return rc;
	note_faces(f, faces);
	if (*presence >= EH_PRESENT) {
		f->rest.begun = false;
		if (!f->count.begun)
			step(&f->count, image->time, COUNT_FIRST, COUNT_LAST);
	}
	return EH_OK;
}

/* All indicators of the picture whose landmarks are in f->xyz; *gated is false when the pose is outside the gate. */
static int measure(struct eh_face *f, struct eh_gather_row *row, double (*straight)[3], bool *gated,
		   const struct eh_image *image, double presence, struct eh_err *err)
{
	double box[4] = { 0.0 };
	struct eh_pose pose;

	*gated = false;
	if (!eh_pose_of_landmarks(&pose, &f->canon, f->xyz) || fabs(pose.yaw) > EH_FACE_MAX_YAW ||
	    fabs(pose.pitch) > EH_FACE_MAX_PITCH || !eh_straight(straight, f->xyz, pose.r))
		return EH_OK;
	*gated = true;
	row->time = image->time;
	eh_face_ratios(f->xyz, row->value, row->present);
	eh_straight_movements((const double (*)[3])straight, row->value, row->present);
	eh_face_put(row->value, row->present, EH_F_YAW, pose.yaw);
	eh_face_put(row->value, row->present, EH_F_PITCH, pose.pitch);
	eh_face_put(row->value, row->present, EH_F_ROLL, pose.roll);
	eh_face_put(row->value, row->present, EH_F_PRESENCE, presence);
	eh_mesh_box(box, f->xyz);
	return eh_quality(row->value, row->present, &f->tone, image, f->xyz, box, f->io[MESH].input, f->ground, err);
}

int eh_face_picture(struct eh_face *f, const struct eh_image *image, struct eh_err *err)
{
	struct eh_gather_row row;
	double straight[EH_LANDMARKS][3], presence = 0.0;
	bool gated = false;
	int rc = check_image(image, err);

	if (rc < 0)
		return rc;
	if (!f->running)
		return eh_err_set(err, EH_EINVAL, "a picture before the begin of a recording");
	rc = f->tracking ? follow(f, &presence, image, err) : find(f, &presence, image, err);
	if (rc < 0)
		return rc;
	f->answer.frames_sampled++;
	f->tracking = presence >= EH_PRESENT;
	if (!f->tracking)
		return EH_OK;           /* the detector looks again at the next picture */
	f->region = eh_mesh_region(f->xyz);
	f->answer.frames_found++;
	f->presence_sum += presence;
	rc = measure(f, &row, straight, &gated, image, presence, err);
	if (rc == EH_OK && gated)
		rc = eh_gather_add(&f->gather, &row, err);
	if (rc < 0 || !gated)
		return rc;
	f->answer.frames_used++;
	for (int i = 0; i < EH_LANDMARKS; i++)
		for (int k = 0; k < 3; k++)
			f->mesh_sum[i][k] += straight[i][k];
	return EH_OK;
}

int eh_face_finish(struct eh_face *f, struct eh_face_answer *out, struct eh_err *err)
{
	if (!f->running)
		return eh_err_set(err, EH_EINVAL, "the end of a recording that was not begun");
	f->running = false;
	if (f->answer.frames_found > 0)
		f->answer.mean_presence = f->presence_sum / f->answer.frames_found;
	eh_gather_finish(&f->gather, &f->answer);
	eh_share_finish(&f->gather, &f->answer);
	f->answer.has_mesh = f->answer.frames_used >= EH_FACE_MIN_FRAMES;
	for (int i = 0; i < EH_LANDMARKS && f->answer.has_mesh == 1; i++)
		for (int k = 0; k < 3; k++)
			f->answer.mesh[i][k] = (float)(f->mesh_sum[i][k] / f->answer.frames_used);
	*out = f->answer;
	return EH_OK;
}

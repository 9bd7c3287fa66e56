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

#define COUNT_EVERY 1.0                 /* [s] between two looks for a second person while tracking */
#define LUMA_GRID 32                    /* exposure is the mean of so many points squared */

struct eh_face {
	struct eh_net *detector, *mesh;
	struct eh_net_io detector_io, mesh_io;
	struct eh_canon canon;
	char version[256];
	bool running;                   /* between begin and finish */
	bool tracking;
	struct eh_region region;        /* where the face was, while tracking */
	bool counted;                   /* the detector has run in this recording */
	double counted_at;              /* [s] time of that picture */
	double presence_sum;
	struct eh_face_answer answer;   /* counts so far */
	struct eh_gather gather;
	float xyz[EH_LANDMARKS * 3];
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
	const size_t n[2] = { eh_detect_shape.output[0], eh_mesh_shape.output[0] };
	unsigned char both[2 * EH_DIGEST_SIZE];
	int rc = EH_OK;

	for (size_t i = 0; i < eh_detect_shape.input; i++)
		f->detector_io.input[i] = (float)(i * 7 % 256) / 127.5f - 1.0f;
	for (size_t i = 0; i < eh_mesh_shape.input; i++)
		f->mesh_io.input[i] = (float)(i * 7 % 256) / 255.0f;
	rc = eh_net_run(f->detector, err);
	if (rc == EH_OK)
		rc = eh_net_run(f->mesh, err);
	if (rc < 0)
		return rc;
	eh_sha256(both, f->detector_io.output[0], n[0] * sizeof(float));
	eh_sha256(both + EH_DIGEST_SIZE, f->mesh_io.output[0], n[1] * sizeof(float));
	eh_sha256_hex(out, both, sizeof both);
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
	rc = open_net(&f->detector, &f->detector_io, &eh_detect_shape, EH_MODEL_DETECTOR, err);
	if (rc == EH_OK)
		rc = open_net(&f->mesh, &f->mesh_io, &eh_mesh_shape, EH_MODEL_MESH, err);
	if (rc == EH_OK)
		rc = open_canon(&f->canon, err);
	if (rc == EH_OK)
		rc = digits(f, digest, err);
	if (rc == EH_OK) {
		(void)snprintf(f->version, sizeof f->version,
			       "detector %.16s, mesh %.16s, canonical face %.16s, XNNPACK on %s, digits %.8s",
			       eh_model_digest(EH_MODEL_DETECTOR), eh_model_digest(EH_MODEL_MESH),
			       eh_model_digest(EH_MODEL_CANON), eh_net_cpu(), digest);
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
	eh_net_close(&(*f)->detector);
	eh_net_close(&(*f)->mesh);
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
	return eh_mesh(xyz, presence, f->mesh, &f->mesh_io, image, region, err);
}

/* Detector, then the mesh twice: the second region comes from the landmarks of the first pass, which lowers
 * the scatter by a sixth; a third pass does not help (facts/vision.md 11.3). */
static int locate(struct eh_face *f, float *xyz, uint32_t *faces, double *presence, const struct eh_image *image,
		  struct eh_err *err)
{
	struct eh_detection d[EH_DETECT_MAX];
	struct eh_region region;
	int rc = eh_detect(d, faces, f->detector, &f->detector_io, image, err);

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
	return rc == EH_OK ? locate(f, xyz, faces, presence, image, err) : rc;
}

int eh_face_begin(struct eh_face *f, struct eh_err *err)
{
	(void)err;
	memset(&f->answer, 0, sizeof f->answer);
	eh_gather_reset(&f->gather);
	f->presence_sum = 0.0;
	f->tracking = f->counted = false;
	f->running = true;
	return EH_OK;
}

static void note_faces(struct eh_face *f, const struct eh_image *image, uint32_t faces)
{
	f->counted = true;
	f->counted_at = image->time;
	if (faces > f->answer.max_faces)
		f->answer.max_faces = faces;
	if (faces > 1)
		f->answer.frames_many++;
}

static int follow(struct eh_face *f, double *presence, const struct eh_image *image, struct eh_err *err)
{
	struct eh_detection d[EH_DETECT_MAX];
	uint32_t faces = 0;
	int rc = run_mesh(f, f->xyz, presence, image, &f->region, err);

	/* a time that went back (a new clip in one file) counts as due */
	if (rc < 0 || (f->counted && fabs(image->time - f->counted_at) < COUNT_EVERY))
		return rc;
	rc = eh_detect(d, &faces, f->detector, &f->detector_io, image, err);
	if (rc == EH_OK)
		note_faces(f, image, faces);
	return rc;
}

/* Mean luma of the face box, 0..1, weights of ITU-R BT.709; false when the box lies outside the picture. */
static bool exposure(double *out, const struct eh_image *im, const double box[4])
{
	double left = fmax(box[0], 0.0), right = fmin(box[2], im->width);
	double top = fmax(box[1], 0.0), bottom = fmin(box[3], im->height);
	double sum = 0.0;

	if (!(right > left) || !(bottom > top))
		return false;
	for (int j = 0; j < LUMA_GRID; j++) {
		int y = (int)(top + (j + 0.5) / LUMA_GRID * (bottom - top));
		const uint8_t *row = im->rgba + (size_t)(y < im->height ? y : im->height - 1) * im->stride;

		for (int i = 0; i < LUMA_GRID; i++) {
			int x = (int)(left + (i + 0.5) / LUMA_GRID * (right - left));
			const uint8_t *p = row + 4 * (x < im->width ? x : im->width - 1);

			sum += 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
		}
	}
	*out = sum / (255.0 * LUMA_GRID * LUMA_GRID);
	return true;
}

static void put(struct eh_gather_row *row, enum eh_face_indicator id, double v)
{
	row->value[id] = v;
	row->present[id] = 1;
}

/* All indicators of the picture whose landmarks are in f->xyz; false when the pose is outside the gate. */
static bool measure(struct eh_face *f, struct eh_gather_row *row, const struct eh_image *image)
{
	struct eh_pose pose;
	double box[4] = { 0.0 }, luma = 0.0;

	if (!eh_pose_of_landmarks(&pose, &f->canon, f->xyz) || fabs(pose.yaw) > EH_FACE_MAX_YAW ||
	    fabs(pose.pitch) > EH_FACE_MAX_PITCH)
		return false;
	eh_face_ratios(f->xyz, row->value, row->present);
	put(row, EH_F_YAW, pose.yaw);
	put(row, EH_F_PITCH, pose.pitch);
	put(row, EH_F_ROLL, pose.roll);
	eh_mesh_box(box, f->xyz);
	put(row, EH_F_SIZE, (box[3] - box[1]) / image->height);
	if (exposure(&luma, image, box))
		put(row, EH_F_EXPOSURE, luma);
	return true;
}

int eh_face_picture(struct eh_face *f, const struct eh_image *image, struct eh_err *err)
{
	struct eh_gather_row row;
	uint32_t faces = 0;
	double presence = 0.0;
	int rc = check_image(image, err);

	if (rc < 0)
		return rc;
	if (!f->running)
		return eh_err_set(err, EH_EINVAL, "a picture before the begin of a recording");
	if (f->tracking) {
		rc = follow(f, &presence, image, err);
	} else {
		rc = locate(f, f->xyz, &faces, &presence, image, err);
		if (rc == EH_OK)
			note_faces(f, image, faces);
	}
	if (rc < 0)
		return rc;
	f->answer.frames_sampled++;
	f->tracking = presence >= EH_PRESENT;
	if (!f->tracking)
		return EH_OK;           /* the detector looks again at the next picture */
	f->region = eh_mesh_region(f->xyz);
	f->answer.frames_found++;
	f->presence_sum += presence;
	if (!measure(f, &row, image))
		return EH_OK;
	rc = eh_gather_add(&f->gather, &row, err);
	if (rc == EH_OK)
		f->answer.frames_used++;
	return rc;
}

int eh_face_finish(struct eh_face *f, struct eh_face_answer *out, struct eh_err *err)
{
	if (!f->running)
		return eh_err_set(err, EH_EINVAL, "the end of a recording that was not begun");
	f->running = false;
	if (f->answer.frames_found > 0)
		f->answer.mean_presence = f->presence_sum / f->answer.frames_found;
	eh_gather_finish(&f->gather, &f->answer);
	*out = f->answer;
	return EH_OK;
}

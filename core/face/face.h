/*
 * face.h - pictures to visual indicators of the one person of an interview.
 *
 * The one home of XNNPACK.  Models are the pinned files of facts/vision.md 2.2, found by
 * eh_data_path(EH_DATA_MODEL, ...), refused when their sha256 differs.  Pre- and
 * post-processing: facts/vision.md 6.  Geometry only: no embedding, no emotion.
 */
#ifndef EH_FACE_FACE_H
#define EH_FACE_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "media/media.h"

#define EH_LANDMARKS 468

/*
 * Visual indicators: id, name, unit, kind, what.  Distances are 3-D, divided by the inter-ocular
 * distance IOD = d(33, 263); numbers are face-mesh landmarks (facts/vision.md 8).
 * kind S = shape (median over gated frames with the mouth closed, may enter a class vector),
 * kind B = behaviour (kept and shown, never in a class vector), kind Q = picture quality (control).
 */
#define EH_FACE_LIST(X)                                                                                     \
	X(EH_F_INNER_CANTHI,   "face.inner_canthi",    "IOD", S, "d(133,362)")                              \
	X(EH_F_EYE_WIDTH_L,    "face.eye_width_left",  "IOD", S, "d(33,133), image left")                   \
	X(EH_F_EYE_WIDTH_R,    "face.eye_width_right", "IOD", S, "d(362,263), image right")                 \
	X(EH_F_NOSE_WIDTH,     "face.nose_width",      "IOD", S, "d(129,358)")                              \
	X(EH_F_NOSE_LENGTH,    "face.nose_length",     "IOD", S, "d(168,2)")                                \
	X(EH_F_MOUTH_WIDTH,    "face.mouth_width",     "IOD", S, "d(61,291)")                               \
	X(EH_F_LIP_HEIGHT,     "face.lip_height",      "IOD", S, "d(0,17)")                                 \
	X(EH_F_PHILTRUM,       "face.philtrum",        "IOD", S, "d(2,0)")                                  \
	X(EH_F_CHIN,           "face.chin",            "IOD", S, "d(17,152)")                               \
	X(EH_F_HEIGHT,         "face.height",          "IOD", S, "d(10,152)")                               \
	X(EH_F_BIZYGOMATIC,    "face.bizygomatic",     "IOD", S, "d(234,454)")                              \
	X(EH_F_JAW,            "face.jaw",             "IOD", S, "d(172,397)")                              \
	X(EH_F_BROW_EYE,       "face.brow_eye",        "IOD", S, "d(105,159)")                              \
	X(EH_F_MIDFACE,        "face.midface",         "IOD", S, "d(168,152)")                              \
	X(EH_F_ASYMMETRY,      "face.asymmetry",       "IOD", S, "mean distance of mirrored landmark pairs after alignment") \
	X(EH_F_EYE_OPENING,    "face.eye_opening",     "1",   B, "eye aspect ratio, mean of both eyes (Soukupova & Cech 2016)") \
	X(EH_F_MOUTH_OPENING,  "face.mouth_opening",   "1",   B, "d(13,14) / d(78,308)")                    \
	X(EH_F_YAW,            "face.yaw",             "deg", B, "head pose, weighted Procrustes to the canonical mesh") \
	X(EH_F_PITCH,          "face.pitch",           "deg", B, "the same")                                \
	X(EH_F_ROLL,           "face.roll",            "deg", B, "the same")                                \
	X(EH_F_SIZE,           "face.size",            "1",   Q, "height of the face box / picture height") \
	X(EH_F_EXPOSURE,       "face.exposure",        "1",   Q, "mean luma of the face box, 0..1")

enum eh_face_indicator {
#define X(id, name, unit, kind, what) id,
	EH_FACE_LIST(X)
#undef X
	EH_FACE_N
};

#define EH_FACE_MIN_FRAMES 5            /* gated frames below which there is no visual indicator */
#define EH_FACE_MAX_YAW 25.0            /* [deg], facts/vision.md 9 */
#define EH_FACE_MAX_PITCH 20.0

/* One answer; plain data, part of the fixed-size worker record. */
struct eh_face_answer {
	uint32_t frames_sampled;
	uint32_t frames_found;          /* a face present */
	uint32_t frames_used;           /* present and pose gated */
	uint32_t max_faces;             /* largest number of faces seen by the detector */
	uint32_t frames_many;           /* detector runs that saw more than one face */
	double mean_presence;           /* [1] over the pictures with a face, 0 when there is none */
	uint8_t present[EH_FACE_N];     /* 1 = value stands */
	double median[EH_FACE_N];       /* over the gated frames (S: mouth closed, else all gated) */
	double mad[EH_FACE_N];          /* median absolute deviation */
};

struct eh_face;

/* Loads and checks the models, builds the nets.  EH_ENOENT: model file missing (names the mend);
 * EH_EFORMAT: wrong sha256 or damaged.  To be done in the parent before forking: the child of a
 * fork may use it. */
int eh_face_open(struct eh_face **out, struct eh_err *err);
void eh_face_close(struct eh_face **f);
const char *eh_face_version(const struct eh_face *f);   /* model hash prefixes + XNNPACK + CPU kind */

/* One recording: begin, any number of pictures in time order, finish. */
int eh_face_begin(struct eh_face *f, struct eh_err *err);
int eh_face_picture(struct eh_face *f, const struct eh_image *image, struct eh_err *err);
int eh_face_finish(struct eh_face *f, struct eh_face_answer *out, struct eh_err *err);

/* Landmarks of one still picture: the largest, most central face, two mesh passes.
 * xyz: [EH_LANDMARKS][3] in picture pixels, z scaled like x.  *faces = number found. */
int eh_face_still(struct eh_face *f, const struct eh_image *image, float *xyz, uint32_t *faces,
		  double *presence, struct eh_err *err);

struct eh_indicator_info {
	const char *name, *unit, *what;
	char kind;                      /* 'S', 'B', 'Q' */
};
extern const struct eh_indicator_info eh_face_info[EH_FACE_N];

/* Ratios of one face: xyz as above to out[EH_FACE_N] (kinds S and B except the head pose, which needs the
 * canonical face of an open struct eh_face); present[i] = 0 where a value cannot be formed (IOD 0). */
void eh_face_ratios(const float *xyz, double *out, uint8_t *present);

#endif

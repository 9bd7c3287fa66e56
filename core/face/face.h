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
#include "base/indicator.h"
#include "media/media.h"

#define EH_LANDMARKS 468
#define EH_MESH_REACH 10.0              /* [IOD] from between the eyes; the canonical face reaches 1.4 */

/*
 * Visual indicators: id, name, unit, kind, lowest and highest value believed, source, formula.  Distances are
 * 3-D, divided by the inter-ocular distance IOD = d(33, 263); numbers are face-mesh landmarks
 * (facts/vision.md 8).  Kinds: base/indicator.h; S over gated frames with the mouth closed.
 */
#define EH_FACE_LIST(X) \
	X(EH_F_INNER_CANTHI, "face.inner_canthi", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(133,362)") \
	X(EH_F_EYE_WIDTH_L, "face.eye_width_left", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(33,133), image left") \
	X(EH_F_EYE_WIDTH_R, "face.eye_width_right", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(362,263), image right") \
	X(EH_F_NOSE_WIDTH, "face.nose_width", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(129,358)") \
	X(EH_F_NOSE_LENGTH, "face.nose_length", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(168,2)") \
	X(EH_F_MOUTH_WIDTH, "face.mouth_width", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(61,291)") \
	X(EH_F_LIP_HEIGHT, "face.lip_height", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(0,17)") \
	X(EH_F_PHILTRUM, "face.philtrum", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(2,0)") \
	X(EH_F_CHIN, "face.chin", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(17,152)") \
	X(EH_F_HEIGHT, "face.height", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(10,152)") \
	X(EH_F_BIZYGOMATIC, "face.bizygomatic", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(234,454)") \
	X(EH_F_JAW, "face.jaw", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(172,397)") \
	X(EH_F_BROW_EYE, "face.brow_eye", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(105,159)") \
	X(EH_F_MIDFACE, "face.midface", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(168,152)") \
	X(EH_F_ASYMMETRY, "face.asymmetry", "IOD", S, 0, 10, "own choice of pairs; Procrustes", \
	  "mean distance of mirrored landmark pairs after Procrustes alignment of the face with its mirror image") \
	X(EH_F_BROW_GAP, "face.brow_gap", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(55,285)") \
	X(EH_F_BROW_WIDTH, "face.brow_width", "IOD", S, 0, 10, "own choice of mesh points", \
	  "mean of d(46,55) and d(276,285)") \
	X(EH_F_FOREHEAD, "face.forehead", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(10,9)") \
	X(EH_F_TEMPLES, "face.temples", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(54,284)") \
	X(EH_F_LOWER_FACE, "face.lower_face", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(2,152)") \
	X(EH_F_UPPER_LIP, "face.upper_lip", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(0,13)") \
	X(EH_F_LOWER_LIP, "face.lower_lip", "IOD", S, 0, 10, "own choice of mesh points", \
	  "d(14,17)") \
	X(EH_F_NOSE_DEPTH, "face.nose_depth", "IOD", S, 0, 10, "own choice of mesh points", \
	  "distance of 1 from the middle of 129 and 358") \
	X(EH_F_WIDTH_HEIGHT, "face.width_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(234,454) / d(9,0), cheek bones against brow to upper lip") \
	X(EH_F_INNER_CANTHI_H, "face.inner_canthi_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(133,362) / d(10,152), relative to the height of the face") \
	X(EH_F_NOSE_WIDTH_H, "face.nose_width_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(129,358) / d(10,152), relative to the height of the face") \
	X(EH_F_NOSE_LENGTH_H, "face.nose_length_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(168,2) / d(10,152), relative to the height of the face") \
	X(EH_F_MOUTH_WIDTH_H, "face.mouth_width_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(61,291) / d(10,152), relative to the height of the face") \
	X(EH_F_CHIN_H, "face.chin_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(17,152) / d(10,152), relative to the height of the face") \
	X(EH_F_BIZYGOMATIC_H, "face.bizygomatic_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(234,454) / d(10,152), relative to the height of the face") \
	X(EH_F_JAW_H, "face.jaw_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(172,397) / d(10,152), relative to the height of the face") \
	X(EH_F_MIDFACE_H, "face.midface_height", "1", S, 0, 10, "own choice of mesh points", \
	  "d(168,152) / d(10,152), relative to the height of the face") \
	X(EH_F_EYE_CANT, "face.eye_cant", "deg", S, -90, 90, "own choice of mesh points", \
	  "asin of e.m / |e||m|, e from 33 to 263, m from 152 to 10; > 0: the eye at the image right is higher") \
	X(EH_F_CANTHAL_TILT, "face.canthal_tilt", "deg", S, -90, 90, "own choice of mesh points", \
	  "mean elevation of 33 over 133 and of 263 over 362 against the line of the eyes; > 0: outer " \
	  "corners higher") \
	X(EH_F_JAW_ANGLE_L, "face.jaw_angle_left", "deg", S, 0, 180, "own choice of mesh points", \
	  "angle at 172 between 234 and 152, image left") \
	X(EH_F_JAW_ANGLE_R, "face.jaw_angle_right", "deg", S, 0, 180, "own choice of mesh points", \
	  "angle at 397 between 454 and 152, image right") \
	X(EH_F_CHIN_ANGLE, "face.chin_angle", "deg", S, 0, 180, "own choice of mesh points", \
	  "angle at 152 between 172 and 397") \
	X(EH_F_NOSE_MOUTH, "face.nose_mouth_angle", "deg", S, 0, 180, "own choice of mesh points", \
	  "angle at 2 between the mouth corners 61 and 291") \
	X(EH_F_EYE_OPENING, "face.eye_opening", "1", B, 0, 10, "Soukupova & Cech 2016", \
	  "eye aspect ratio (d(p2,p6) + d(p3,p5)) / (2 d(p1,p4)), mean of both eyes") \
	X(EH_F_EYE_OPENING_L, "face.eye_opening_left", "1", B, 0, 10, "Soukupova & Cech 2016", \
	  "the same of 33,160,158,133,153,144, image left") \
	X(EH_F_EYE_OPENING_R, "face.eye_opening_right", "1", B, 0, 10, "Soukupova & Cech 2016", \
	  "the same of 362,385,387,263,373,380, image right") \
	X(EH_F_MOUTH_OPENING, "face.mouth_opening", "1", B, 0, 10, "own choice of mesh points", \
	  "d(13,14) / d(78,308)") \
	X(EH_F_MOUTH_STRETCH, "face.mouth_stretch", "IOD", B, 0, 10, "own choice of mesh points", \
	  "d(61,291), in all pictures") \
	X(EH_F_LIP_CORNER, "face.lip_corner", "IOD", B, -10, 10, "own choice of mesh points", \
	  "height of the mouth corners 61, 291 over the lips 13, 14, head turned straight") \
	X(EH_F_BROW_INNER, "face.brow_inner_raise", "IOD", B, -10, 10, "own choice of mesh points", \
	  "height of the inner brows 107, 336 over the inner eye corners 133, 362, head turned straight") \
	X(EH_F_BROW_OUTER, "face.brow_outer_raise", "IOD", B, -10, 10, "own choice of mesh points", \
	  "height of the outer brows 70, 300 over the outer eye corners 33, 263, head turned straight") \
	X(EH_F_BROW_LOWERING, "face.brow_lowering", "IOD", B, -10, 10, "own choice of mesh points", \
	  "height of the brow ends 55, 285 over the nose bridge 168, head turned straight; smaller when " \
	  "brows are lowered") \
	X(EH_F_NOSE_WRINKLE, "face.nose_wrinkle", "IOD", B, -10, 10, "own choice of mesh points", \
	  "height of the inner eye corners 133, 362 over the nose wings 129, 358, head turned straight; " \
	  "smaller when the nose is drawn up") \
	X(EH_F_YAW, "face.yaw", "deg", B, -180, 180, "Horn 1987", \
	  "head pose, weighted Procrustes to the canonical mesh; > 0: the nose points to the image right") \
	X(EH_F_PITCH, "face.pitch", "deg", B, -180, 180, "Horn 1987", \
	  "the same; > 0: the nose points up") \
	X(EH_F_ROLL, "face.roll", "deg", B, -180, 180, "Horn 1987", \
	  "the same; > 0: turned clockwise as seen") \
	X(EH_F_MOUTH_OPEN, "face.mouth_open_share", "1", B, 0, 1, "own choice", \
	  "share of the pictures with a mouth opening above 0.10") \
	X(EH_F_EYES_CLOSED, "face.eyes_closed_share", "1", B, 0, 1, "Soukupova & Cech 2016; own choice", \
	  "share of the pictures with an eye opening below 0.2 and below 0.7 of the own median") \
	X(EH_F_SMILE, "face.smile_share", "1", B, 0, 1, "own choice", \
	  "share of the pictures with mouth corners as high as the middle of the lips or higher " \
	  "(lip_corner >= 0) and a mouth_stretch of at least 0.60; geometry only") \
	X(EH_F_BLINKS, "face.blink_rate", "1/min", B, 0, 600, "Soukupova & Cech 2016", \
	  "closures of at most 0.5 s per minute; only at 15 pictures per second and more") \
	X(EH_F_SIZE, "face.size", "1", Q, 0, 10, "own choice", \
	  "height of the face box / picture height") \
	X(EH_F_EXPOSURE, "face.exposure", "1", Q, 0, 1, "own choice", \
	  "mean luma of the face box, 0..1") \
	X(EH_F_CONTRAST, "face.contrast", "1", Q, 0, 1, "own choice", \
	  "standard deviation of the luma of the face box") \
	X(EH_F_SHARPNESS, "face.sharpness", "1", Q, 0, 10, "own choice", \
	  "standard deviation of the Laplacian of green (0..1) over the face brought to 128 x 128") \
	X(EH_F_PRESENCE, "face.presence", "1", Q, 0, 1, "Kartynnik et al. 2019", \
	  "presence that the mesh reports") \
	X(EH_F_COVERAGE, "face.coverage", "1", Q, 0, 1, "own choice", \
	  "pictures with a face / pictures looked at") \
	X(EH_F_SKIN_L, "face.skin_lightness", "L*", Q, 0, 100, "CIE 1976 L*a*b*, D65", \
	  "low confidence: lightness of cheeks 50, 280 and forehead 151, mean of the three patches") \
	X(EH_F_SKIN_A, "face.skin_a", "a*", Q, -150, 150, "CIE 1976 L*a*b*, D65", \
	  "low confidence: the same, green to red") \
	X(EH_F_SKIN_B, "face.skin_b", "b*", Q, -150, 150, "CIE 1976 L*a*b*, D65", \
	  "low confidence: the same, blue to yellow") \
	X(EH_F_ITA, "face.skin_ita", "deg", Q, -90, 90, "Chardon et al. 1991", \
	  "low confidence: individual typology angle atan((L* - 50) / b*)") \
	X(EH_F_SKIN_L_REL, "face.skin_lightness_relative", "L*", Q, -100, 100, "CIE 1976 L*a*b*, D65", \
	  "low confidence: skin lightness less that of the whole picture") \
	X(EH_F_SKIN_A_REL, "face.skin_a_relative", "a*", Q, -300, 300, "CIE 1976 L*a*b*, D65", \
	  "low confidence: the same, green to red") \
	X(EH_F_SKIN_B_REL, "face.skin_b_relative", "b*", Q, -300, 300, "CIE 1976 L*a*b*, D65", \
	  "low confidence: the same, blue to yellow")

enum eh_face_indicator {
#define X(id, name, unit, kind, low, high, source, what) id,
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
	struct eh_summary sum[EH_FACE_N]; /* over the gated frames (S: mouth closed, else all); 0 when not present */
	/* Mean of the gated frames' landmarks, turned to look straight ahead, in IOD, centre between the outer eye
	 * corners, axes of the canonical face: x to the image right, y up, z towards the camera.  A picture for the
	 * person who may look; never part of a class vector. */
	uint8_t has_mesh;
	float mesh[EH_LANDMARKS][3];
};

struct eh_face;

/* Loads and checks the models, builds the nets.  EH_ENOENT: model file missing (names the mend);
 * EH_EFORMAT: wrong sha256 or damaged.  To be done in the parent before forking: the child of a
 * fork may use it. */
int eh_face_open(struct eh_face **out, struct eh_err *err);
void eh_face_close(struct eh_face **f);
const char *eh_face_version(const struct eh_face *f);   /* model hash prefixes + XNNPACK + CPU kind */

/*
 * One recording: begin, any number of pictures in time order, finish.  A picture without a face is no error.
 * EH_EINVAL: a picture that cannot be looked at, or calls in another order; EH_EFORMAT: its pixels cannot be made
 * (eh_image_need); EH_ENOMEM; EH_ERANGE: more pictures than two hours at 15 a second.  Pixels are asked for as they are
 * needed.  Nothing that is measured lies outside the ranges of the dictionary: such a value is absent.
 */
int eh_face_begin(struct eh_face *f, struct eh_err *err);
int eh_face_picture(struct eh_face *f, const struct eh_image *image, struct eh_err *err);
int eh_face_finish(struct eh_face *f, struct eh_face_answer *out, struct eh_err *err);

/*
 * How the face is followed: the mesh looks where it saw the face in the picture before; when it is lost, the
 * short-range detector looks at the next picture, and where that finds nothing the full-range one.  So that a
 * recording without a face does not pay for both, the full-range detector rests after a look in vain: until 1 s later,
 * then 2, 4 and at most 8 s; a face that is found ends the rest.  While a face is followed, the short-range detector
 * looks for further people after 1 s, then 2, 4 and every 8 s: once a second was a tenth of all face work.  Where it
 * sees no more than one, the full-range detector looks at the same picture.  A second face that was pasted into
 * portraits was seen by both in 20 of 20 pictures at 0.18 of the picture's height (box of the detector), in 18 at 0.15,
 * in 4 at 0.12 and in none at 0.10; the short-range one alone saw 9 at 0.18 and all from 0.22 on.  None of 70 without a
 * second face showed one (own measurement).  One person after another, with a single face in every picture, is not
 * seen.
 */

/* Landmarks of one still picture: the largest, most central face, two mesh passes.
 * xyz: [EH_LANDMARKS][3] in picture pixels, z scaled like x.  *faces = number found. */
int eh_face_still(struct eh_face *f, const struct eh_image *image, float *xyz, uint32_t *faces,
		  double *presence, struct eh_err *err);

extern const struct eh_indicator_info eh_face_info[EH_FACE_N];

/* Ratios and angles of one face: xyz as above to out[EH_FACE_N]; kind S, the openings of eyes and mouth and its
 * width.  What needs the head pose, the picture or the whole answer stays absent; present[i] = 0 where a value
 * cannot be formed (IOD 0). */
void eh_face_ratios(const float *xyz, double *out, uint8_t *present);

#endif

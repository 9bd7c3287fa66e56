/*
 * quality.h - what the picture itself is like: light, sharpness, colour of the skin.  Controls, all of kind Q.
 */
#ifndef EH_FACE_QUALITY_H
#define EH_FACE_QUALITY_H

#include "face/face.h"

/* sRGB value to linear light 0..1 (IEC 61966-2-1). */
struct eh_tone {
	double linear[256];
};
void eh_tone_init(struct eh_tone *t);

/* CIE L*a*b* (1976, white D65) of linear RGB 0..1. */
void eh_tone_lab(double lab[3], const double rgb[3]);

/* Lab of the mean colour of a picture, all of whose pixels are valid. */
void eh_tone_ground(double lab[3], const struct eh_tone *t, const struct eh_image *im);

/*
 * EH_F_SIZE to EH_F_SHARPNESS and the skin.  box: left, top, right, bottom of the face [px]; crop: the input of the
 * mesh net, [EH_MESH_SIDE][EH_MESH_SIDE][3] RGB in 0..1, whose middle two thirds are the face.  What lies outside
 * of the picture is not present.  The skin's colour is told by webcams with little confidence: light and white balance
 * are part of it, which is why it stands beside its difference to ground, the mean colour of the picture that was
 * looked at as a whole last (eh_tone_ground).  Pixels are asked for; EH_EFORMAT as eh_image_need.
 */
int eh_quality(double *out, uint8_t *present, const struct eh_tone *tone, const struct eh_image *im, const float *xyz,
	       const double box[4], const float *crop, const double ground[3], struct eh_err *err);

#endif

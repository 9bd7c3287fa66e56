/*
 * straight.h - the face turned to look straight ahead, and the movements that are heights in it.
 */
#ifndef EH_FACE_STRAIGHT_H
#define EH_FACE_STRAIGHT_H

#include <stdbool.h>

#include "face/face.h"

/*
 * out: [EH_LANDMARKS][3] in IOD, centre between the outer eye corners 33 and 263, axes of the canonical face (x to
 * the image right, y up, z towards the camera).  xyz: picture pixels, y down, z away.  r: row-major, canonical face
 * to face (pose.h).  False when IOD is 0 or a point lies beyond EH_MESH_REACH.
 */
bool eh_straight(double (*out)[3], const float *xyz, const double r[9]);

/* Lip corners, brows and nose of a straight face: geometry only, EH_F_LIP_CORNER to EH_F_NOSE_WRINKLE. */
void eh_straight_movements(const double (*face)[3], double *out, uint8_t *present);

#endif

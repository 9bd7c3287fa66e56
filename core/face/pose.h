/*
 * pose.h - the rotation that carries one set of points to another, and the head pose from it.
 */
#ifndef EH_FACE_POSE_H
#define EH_FACE_POSE_H

#include <stdbool.h>
#include <stddef.h>

#include "face/canon.h"

#define EH_DEGREE (180.0 / 3.14159265358979323846)      /* [degree/rad] */

/*
 * Weighted orthogonal Procrustes problem in its closed form with a unit quaternion (Horn 1987, J. Opt. Soc.
 * Am. A 4:629): r[3][3] row-major, a proper rotation, minimises
 *   sum_i weight[i] * |(to_i - mean to) - s r (from_i - mean from)|^2   for some scale s > 0.
 * from, to: [n][3]; weight: [n], >= 0, NULL = all 1.  False when either set has no extent or a number is not
 * finite; r is then unchanged.
 */
bool eh_fit_rotation(double r[9], const double (*from)[3], const double (*to)[3], const double *weight, size_t n);

/*
 * Head pose [degree], zero = the canonical face looking into the camera.
 *   yaw    > 0: the nose points to the right of the picture        -90..90
 *   pitch  > 0: the nose points up                                -180..180
 *   roll   > 0: the head is turned clockwise as seen in the picture -180..180
 * A face that looks straight ahead is not exactly zero: 140 frontal photographs (facts/vision.md 11.2) gave pitch
 * -15..3, median -5, and yaw -6..5, median 0 (measured); the mesh's depth is a guess.
 * The rotation is first pitch about the x axis, then yaw about y, then roll about z (axes of canon.h).
 */
struct eh_pose {
	double yaw, pitch, roll;
	double r[9];                    /* the rotation, row-major, canonical face to face, by eh_pose_of_landmarks */
};

void eh_pose_of_rotation(struct eh_pose *out, const double r[9]);

/* xyz: [EH_LANDMARKS][3] picture pixels, y down, z smaller = nearer.  False when no pose can be formed. */
bool eh_pose_of_landmarks(struct eh_pose *out, const struct eh_canon *canon, const float *xyz);

#endif

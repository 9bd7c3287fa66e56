/*
 * canon.h - the canonical face: vertices and weights that the head pose is measured against
 * (facts/vision.md 4.1).
 */
#ifndef EH_FACE_CANON_H
#define EH_FACE_CANON_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "face/face.h"

#define EH_CANON_WEIGHTS 33

struct eh_canon {
	double vertex[EH_LANDMARKS][3]; /* [cm] x to the image right, y up, z towards the camera */
	uint32_t id[EH_CANON_WEIGHTS];  /* landmarks that carry weight, each below EH_LANDMARKS */
	double weight[EH_CANON_WEIGHTS]; /* above 0 */
};

/* Reads the protocol-buffer file.  EH_EFORMAT: cut off, damaged or of another shape.  After an error *out is
 * not to be used. */
int eh_canon_read(struct eh_canon *out, const void *data, size_t size, struct eh_err *err);

#endif

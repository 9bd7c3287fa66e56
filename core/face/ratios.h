/*
 * ratios.h - one value of one indicator; the ratios themselves are in face.h.
 */
#ifndef EH_FACE_RATIOS_H
#define EH_FACE_RATIOS_H

#include "face/face.h"

/* out[id] = v and present[id] = 1 where v lies in the range of the dictionary, else both 0: what a worker hands out
 * must be believed by its parent, whatever the landmarks of a hostile picture are. */
void eh_face_put(double *out, uint8_t *present, enum eh_face_indicator id, double v);

#endif

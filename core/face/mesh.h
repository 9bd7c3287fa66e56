/*
 * mesh.h - the 468 landmarks of one face (facts/vision.md 6, items 8 to 11).
 */
#ifndef EH_FACE_MESH_H
#define EH_FACE_MESH_H

#include "face/crop.h"
#include "face/face.h"
#include "face/net.h"

#define EH_MESH_SIDE 192                /* [px] of the net's input */
#define EH_PRESENT 0.5                  /* presence from which there is a face */

extern const struct eh_net_shape eh_mesh_shape;

/* Net output in pixels of the crop, [EH_LANDMARKS][3], to pixels of the picture; z is scaled like x. */
void eh_mesh_place(float *xyz, const float *raw, const struct eh_region *r);

/* One pass.  xyz: [EH_LANDMARKS][3] picture pixels; *presence 0..1, 0 when the region cannot be cropped or
 * the net gave a number that is not finite (xyz is then not to be used). */
int eh_mesh(float *xyz, double *presence, struct eh_net *net, const struct eh_net_io *io, const struct eh_image *image,
	    const struct eh_region *r, struct eh_err *err);

/* Where to look next: 1.5 times the box of all landmarks, turned by the line of the outer eye corners. */
struct eh_region eh_mesh_region(const float *xyz);

/* Box of all landmarks [px]: left, top, right, bottom. */
void eh_mesh_box(double box[4], const float *xyz);

#endif

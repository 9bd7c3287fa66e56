/* The face mesh net; see mesh.h.  All numbers: facts/vision.md 6. */
#include "face/mesh.h"

#include <math.h>

#define ENLARGE 1.5
#define EYE_LEFT 33                     /* outer corner at the image left */
#define EYE_RIGHT 263

const struct eh_net_shape eh_mesh_shape = {
	(size_t)EH_MESH_SIDE * EH_MESH_SIDE * 3,
	{ (size_t)EH_LANDMARKS * 3, 1 }
};

void eh_mesh_place(float *xyz, const float *raw, const struct eh_region *r)
{
	double c = cos(r->angle) * r->side, s = sin(r->angle) * r->side;

	for (int i = 0; i < EH_LANDMARKS; i++, xyz += 3, raw += 3) {
		double u = (double)raw[0] / EH_MESH_SIDE - 0.5, v = (double)raw[1] / EH_MESH_SIDE - 0.5;

		xyz[0] = (float)(r->cx + c * u - s * v);
		xyz[1] = (float)(r->cy + s * u + c * v);
		xyz[2] = (float)((double)raw[2] / EH_MESH_SIDE * r->side);
	}
}

int eh_mesh(float *xyz, double *presence, struct eh_net *net, const struct eh_net_io *io, const struct eh_image *image,
	    const struct eh_region *r, struct eh_err *err)
{
	double p = 0.0;
	int rc = EH_OK;

	*presence = 0.0;
	if (!eh_region_usable(r, image))
		return EH_OK;
	rc = eh_region_need(r, image, err);
	if (rc < 0)
		return rc;
	eh_crop(io->input, EH_MESH_SIDE, image, r);
	rc = eh_net_run(net, err);
	if (rc < 0)
		return rc;
	p = 1.0 / (1.0 + exp(-(double)io->output[1][0]));
	eh_mesh_place(xyz, io->output[0], r);
	for (int i = 0; i < EH_LANDMARKS * 3; i++)
		if (!isfinite(xyz[i]))
			return EH_OK;
	if (isfinite(p))
		*presence = p;
	return EH_OK;
}

void eh_mesh_box(double box[4], const float *xyz)
{
	box[0] = box[2] = (double)xyz[0];
	box[1] = box[3] = (double)xyz[1];
	for (int i = 1; i < EH_LANDMARKS; i++) {
		box[0] = fmin(box[0], (double)xyz[3 * i]);
		box[1] = fmin(box[1], (double)xyz[3 * i + 1]);
		box[2] = fmax(box[2], (double)xyz[3 * i]);
		box[3] = fmax(box[3], (double)xyz[3 * i + 1]);
	}
}

struct eh_region eh_mesh_region(const float *xyz)
{
	struct eh_region r = { 0.0, 0.0, 0.0, 0.0 };
	double box[4] = { 0.0 };
	const float *a = xyz + 3 * EYE_LEFT, *b = xyz + 3 * EYE_RIGHT;

	eh_mesh_box(box, xyz);
	r.cx = 0.5 * (box[0] + box[2]);
	r.cy = 0.5 * (box[1] + box[3]);
	r.side = ENLARGE * fmax(box[2] - box[0], box[3] - box[1]);
	r.angle = atan2((double)b[1] - (double)a[1], (double)b[0] - (double)a[0]);
	return r;
}

/* Golden values of the three nets (facts/vision.md 11.1), and how far one of them is off. */
#ifndef EH_TESTS_FACE_GOLDEN_H
#define EH_TESTS_FACE_GOLDEN_H

#include "tests/core/face_pictures.h"

#include "face/detect.h"
#include "face/mesh.h"
#include "face/net.h"

struct golden {
	enum eh_model model;
	bool zero;                      /* input of zeros, else the pattern */
	int output;
	size_t at;
	double value;
};

static const struct golden golden[] = {
#define G(net, zero, output, at, value) { EH_MODEL_##net, zero, output, at, value }
	G(SHORT, false, 0, 0, 0.37892), G(SHORT, false, 0, 1, -0.43255), G(SHORT, false, 0, 2, 25.54733),
	G(SHORT, false, 0, 3, 25.54696), G(SHORT, false, 0, 15, -1.47597), G(SHORT, false, 0, 16, 0.10519),
	G(SHORT, false, 0, 8191, -5.47264), G(SHORT, false, 0, 8192, -0.79803), G(SHORT, false, 0, 14335, 4.17708),
	G(SHORT, false, 1, 0, -4.59370), G(SHORT, false, 1, 1, -3.94213), G(SHORT, false, 1, 511, -4.57594),
	G(SHORT, false, 1, 512, -5.90487), G(SHORT, false, 1, 895, -79.06837), G(SHORT, false, 1, 383, -3.05915),
	G(SHORT, true, 0, 0, 0.56142), G(SHORT, true, 0, 1, -0.59060), G(SHORT, true, 0, 2, 28.73554),
	G(SHORT, true, 0, 3, 28.73518), G(SHORT, true, 1, 0, -5.47516), G(SHORT, true, 1, 1, -4.62575),
	G(SHORT, true, 1, 837, -2.86509),
	G(FULL, false, 0, 0, -3.03692), G(FULL, false, 0, 1, -3.20129), G(FULL, false, 0, 2, 22.98380),
	G(FULL, false, 0, 3, 22.98942), G(FULL, false, 0, 36863, -7.50233), G(FULL, false, 1, 0, -7.42098),
	G(FULL, false, 1, 1, -7.89094), G(FULL, false, 1, 2303, -8.94090),
	G(MESH, false, 0, 0, 100.19131), G(MESH, false, 0, 1, 112.79152), G(MESH, false, 0, 2, -11.14244),
	G(MESH, false, 0, 99, 61.37550), G(MESH, false, 0, 100, 72.49150), G(MESH, false, 0, 101, 0.75367),
	G(MESH, false, 0, 456, 99.45731), G(MESH, false, 0, 457, 155.28940), G(MESH, false, 0, 458, 3.78255),
	G(MESH, false, 0, 1401, 133.22252), G(MESH, false, 0, 1402, 63.02062), G(MESH, false, 0, 1403, 10.00149),
	G(MESH, false, 1, 0, -9.38743),
	G(MESH, true, 0, 0, 94.66865), G(MESH, true, 0, 1, 117.86108), G(MESH, true, 0, 2, -10.49372),
	G(MESH, true, 0, 3, 96.70460), G(MESH, true, 0, 4, 104.72014), G(MESH, true, 0, 5, -21.41906),
	G(MESH, true, 1, 0, -8.16299),
#undef G
};

#define N_GOLDEN (sizeof golden / sizeof golden[0])

/* The tolerance stated for other machines: facts/vision.md 11.1. */
static inline double golden_tolerance(double value)
{
	return 1e-3 + 1e-5 * fabs(value);
}

static inline const struct eh_net_shape *golden_shape(enum eh_model which)
{
	return which == EH_MODEL_MESH ? &eh_mesh_shape :
	       which == EH_MODEL_FULL ? &eh_detector_full.shape : &eh_detector_short.shape;
}

/* b = (7x + 13y + 29c) mod 256, scaled as each net wants it; or zeros. */
static inline void golden_input(float *input, enum eh_model which, bool zero)
{
	size_t side = which == EH_MODEL_SHORT ? 128 : 192;

	for (size_t y = 0; y < side; y++)
		for (size_t x = 0; x < side; x++)
			for (size_t c = 0; c < 3; c++) {
				float b = (float)((7 * x + 13 * y + 29 * c) % 256);

				*input++ = zero ? 0.0f : which == EH_MODEL_MESH ? b / 255.0f : b / 127.5f - 1.0f;
			}
}

static inline struct eh_net *open_net(struct eh_net_io *io, enum eh_model which)
{
	size_t size = 0;
	unsigned char *data = model_bytes(which, &size);
	struct eh_net *net = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = eh_net_open(&net, io, golden_shape(which), data, size, &err);

	memset(data, 0xaa, size);       /* the net must not need the file any more */
	free(data);
	if (rc < 0)
		fail_msg("%s", err.msg);
	return net;
}

#endif

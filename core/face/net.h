/*
 * net.h - one neural net: open a model, run it, close it.  net.c is the only file that includes xnnpack.h.
 *
 * A net works in the caller's thread and, once open, makes no system call but those for memory.  A child
 * made by fork() may run the nets of its parent (facts/first_road.md 1).
 */
#ifndef EH_FACE_NET_H
#define EH_FACE_NET_H

#include <stddef.h>

#include "base/err.h"

#define EH_NET_OUTPUTS 2

/* What the caller expects; a model of another shape is refused.  Outputs are told apart by their number of
 * elements, never by their place in the file (facts/vision.md 3), so the two numbers must differ. */
struct eh_net_shape {
	size_t input;                   /* elements: side * side * 3, NHWC, float32 */
	size_t output[EH_NET_OUTPUTS];  /* elements, each row-major */
};

/* Buffers of the net, valid until it is closed: fill input, run, read output. */
struct eh_net_io {
	float *input;
	const float *output[EH_NET_OUTPUTS];    /* in the order of eh_net_shape */
};

struct eh_net;

/*
 * model[size] may be freed afterwards.  EH_EFORMAT: not this shape, or an operator or arrangement that the
 * pinned models do not use; EH_EENV: XNNPACK refuses this processor; EH_ENOMEM.  After an error *out is NULL.
 */
int eh_net_open(struct eh_net **out, struct eh_net_io *io, const struct eh_net_shape *shape, const void *model,
		size_t size, struct eh_err *err);

/* Input buffer to output buffers.  EH_FAIL: XNNPACK refused to run. */
int eh_net_run(struct eh_net *net, struct eh_err *err);
void eh_net_close(struct eh_net **net);

/* Instruction set that decides the kernels and so the last digits: "x86-64 AVX-512", "aarch64" ... */
const char *eh_net_cpu(void);

#endif

/* A TFLite graph rebuilt as an XNNPACK subgraph; see net.h.  Traps: facts/vision.md 5. */
#include "face/net.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xnnpack.h>

#include "base/mem.h"
#include "face/tflite.h"

#define SPARE 64                        /* [bytes] XNNPACK may read past a buffer; it asks for XNN_EXTRA_BYTES = 16 */
#define MAX_EXTERNAL 16                 /* the input and the parts of both outputs */

struct eh_net {
	xnn_runtime_t runtime;
	float **constant;               /* float32 weights: XNNPACK keeps pointers into them */
	size_t n_constants;
	float *input;
	float *output[EH_NET_OUTPUTS];
};

/* Where a computed tensor lies that the caller sees. */
struct place {
	float *data;                    /* NULL: inside the runtime */
	bool is_input;
};

struct build {
	struct eh_net *net;
	struct eh_tfl *tfl;
	xnn_subgraph_t graph;
	uint32_t *root;                 /* [n_tensors] the tensor whose bytes these are (reshape, dequantize) */
	uint32_t *value;                /* [n_tensors] XNNPACK's number, XNN_INVALID_VALUE_ID = not yet */
	struct place *place;            /* [n_tensors] */
	bool *made;                     /* [n_tensors] computed by an operator that stands before */
	struct xnn_external_value external[MAX_EXTERNAL];
	uint32_t n_external;
	struct eh_err *err;
};

static int bad(struct build *b, const char *what)
{
	return eh_err_set(b->err, EH_EFORMAT, "the face model cannot be used: %s", what);
}

static int no_memory(struct build *b)
{
	return eh_err_set(b->err, EH_ENOMEM, "out of memory while building a face net");
}

static int check(struct build *b, enum xnn_status status, const char *what)
{
	switch (status) {
	case xnn_status_success:
		return EH_OK;
	case xnn_status_out_of_memory:
		return no_memory(b);
	case xnn_status_unsupported_hardware:
	case xnn_status_uninitialized:
		return eh_err_set(b->err, EH_EENV, "XNNPACK does not support this processor (%s)", what);
	default:
		return eh_err_set(b->err, EH_EFORMAT, "XNNPACK refuses the face model at %s (status %d)", what,
				  (int)status);
	}
}

/* IEEE 754 binary16 to binary32, exact. */
static float half_to_float(uint16_t h)
{
	int exponent = (h >> 10) & 31;
	float mantissa = (float)(h & 1023);
	float v = 0.0f;

	if (exponent == 31)
		v = (h & 1023) != 0 ? NAN : INFINITY;
	else if (exponent == 0)
		v = ldexpf(mantissa, -24);
	else
		v = ldexpf(1024.0f + mantissa, exponent - 25);
	return (h & 0x8000) != 0 ? -v : v;
}

static int32_t read_i32(const unsigned char *p)
{
	return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
}

/* Float32 copy of a constant, owned by the net. */
static int constant(struct build *b, const struct eh_tfl_tensor *t, const float **out)
{
	float *v = NULL;

	if (t->data == NULL || (t->type != EH_TFL_FLOAT32 && t->type != EH_TFL_FLOAT16))
		return bad(b, "weights are neither float32 nor float16");
	v = eh_try_calloc(1, t->count * sizeof *v + SPARE);
	if (v == NULL)
		return no_memory(b);
	for (size_t i = 0; i < t->count; i++) {
		if (t->type == EH_TFL_FLOAT16) {
			v[i] = half_to_float((uint16_t)(t->data[2 * i] | t->data[2 * i + 1] << 8));
		} else {
			int32_t bits = read_i32(t->data + 4 * i);

			memcpy(&v[i], &bits, sizeof v[i]);
		}
	}
	b->net->constant[b->net->n_constants++] = v;
	*out = v;
	return EH_OK;
}

static const struct eh_tfl_tensor *tensor(const struct build *b, uint32_t t)
{
	return &b->tfl->tensor[t];
}

/* XNNPACK's number of a tensor, defined at its first use.  flat: declare as one dimension (the slope of PRELU). */
static int value(struct build *b, uint32_t t, bool flat, uint32_t *id)
{
	uint32_t root = b->root[t];
	const struct eh_tfl_tensor *r = tensor(b, root);
	const float *data = NULL;
	size_t dims[EH_TFL_DIMS] = { r->count };
	uint32_t flags = 0, external = XNN_INVALID_VALUE_ID;
	int rc = EH_OK;

	if (b->value[root] != XNN_INVALID_VALUE_ID) {
		*id = b->value[root];
		return EH_OK;
	}
	for (uint32_t d = 0; d < r->n_dims && !flat; d++)
		dims[d] = r->dim[d];
	if (r->data != NULL) {
		rc = constant(b, r, &data);
		if (rc < 0)
			return rc;
	} else if (r->type != EH_TFL_FLOAT32) {
		return bad(b, "a computed tensor is not float32");
	} else if (b->place[root].data != NULL) {
		if (b->n_external == MAX_EXTERNAL)
			return bad(b, "too many parts of outputs");
		external = b->n_external++;
		flags = b->place[root].is_input ? XNN_VALUE_FLAG_EXTERNAL_INPUT : XNN_VALUE_FLAG_EXTERNAL_OUTPUT;
		b->external[external] = (struct xnn_external_value){ external, b->place[root].data };
	}
	rc = check(b, xnn_define_tensor_value(b->graph, xnn_datatype_fp32, flat ? 1 : r->n_dims, dims, data, external,
					      flags, id), "a tensor");
	if (rc == EH_OK)
		b->value[root] = *id;
	return rc;
}

/* A picture-like tensor: [1][height][width][channels]. */
static bool is_map(const struct eh_tfl_tensor *t)
{
	return t->n_dims == 4 && t->dim[0] == 1;
}

static uint32_t out_length(uint32_t in, uint32_t window, uint32_t stride, bool same)
{
	if (same)
		return (in + stride - 1) / stride;
	return in >= window ? (in - window) / stride + 1 : 0;
}

static bool window_fits(const struct eh_tfl_op *op, const struct eh_tfl_tensor *in, const struct eh_tfl_tensor *out,
			uint32_t window_h, uint32_t window_w)
{
	return out->dim[1] == out_length(in->dim[1], window_h, op->stride_h, op->same) &&
	       out->dim[2] == out_length(in->dim[2], window_w, op->stride_w, op->same);
}

static int add_convolution(struct build *b, const struct eh_tfl_op *op, uint32_t in, uint32_t out)
{
	const struct eh_tfl_tensor *x = tensor(b, b->root[op->in[0]]), *y = tensor(b, b->root[op->out]);
	const struct eh_tfl_tensor *w = NULL, *bias = NULL;
	bool depthwise = op->code == EH_TFL_DEPTHWISE_CONV_2D;
	uint32_t flags = op->same ? XNN_FLAG_TENSORFLOW_SAME_PADDING : 0;
	uint32_t filter = 0, offset = 0;
	int rc = EH_OK;

	if (op->n_in != 3 || op->in[1] == EH_TFL_NONE || op->in[2] == EH_TFL_NONE)
		return bad(b, "a convolution without weights or bias");
	w = tensor(b, b->root[op->in[1]]);
	bias = tensor(b, b->root[op->in[2]]);
	/* weights: [out][h][w][in], depthwise [1][h][w][channels] (facts/vision.md 4) */
	if (!is_map(x) || !is_map(y) || w->data == NULL || bias->data == NULL || w->n_dims != 4 ||
	    bias->count != y->dim[3] || !window_fits(op, x, y, w->dim[1], w->dim[2]))
		return bad(b, "shapes of a convolution do not agree");
	if (depthwise ? (w->dim[0] != 1 || w->dim[3] != x->dim[3] || y->dim[3] != x->dim[3] || op->multiplier != 1) :
			(w->dim[0] != y->dim[3] || w->dim[3] != x->dim[3]))
		return bad(b, "channels of a convolution do not agree");
	rc = value(b, op->in[1], false, &filter);
	if (rc == EH_OK)
		rc = value(b, op->in[2], true, &offset);
	if (rc < 0)
		return rc;
	if (depthwise)
		return check(b, xnn_define_depthwise_convolution_2d(b->graph, 0, 0, 0, 0, w->dim[1], w->dim[2],
			     op->stride_h, op->stride_w, 1, 1, 1, x->dim[3], -INFINITY, INFINITY, in, filter, offset,
			     out, flags), "a depthwise convolution");
	return check(b, xnn_define_convolution_2d(b->graph, 0, 0, 0, 0, w->dim[1], w->dim[2], op->stride_h,
		     op->stride_w, 1, 1, 1, x->dim[3], y->dim[3], -INFINITY, INFINITY, in, filter, offset, out, flags),
		     "a convolution");
}

static bool same_shape(const struct eh_tfl_tensor *a, const struct eh_tfl_tensor *b)
{
	return a->n_dims == b->n_dims && memcmp(a->dim, b->dim, a->n_dims * sizeof a->dim[0]) == 0;
}

static int add_pool(struct build *b, const struct eh_tfl_op *op, uint32_t in, uint32_t out)
{
	const struct eh_tfl_tensor *x = tensor(b, b->root[op->in[0]]), *y = tensor(b, b->root[op->out]);

	if (!is_map(x) || !is_map(y) || x->dim[3] != y->dim[3] || !window_fits(op, x, y, op->filter_h, op->filter_w))
		return bad(b, "shapes of a pooling do not agree");
	return check(b, xnn_define_max_pooling_2d(b->graph, 0, 0, 0, 0, op->filter_h, op->filter_w, op->stride_h,
		     op->stride_w, 1, 1, -INFINITY, INFINITY, in, out, op->same ? XNN_FLAG_TENSORFLOW_SAME_PADDING : 0),
		     "a pooling");
}

static int add_sum(struct build *b, const struct eh_tfl_op *op, uint32_t in, uint32_t out)
{
	const struct eh_tfl_tensor *y = tensor(b, b->root[op->out]);
	uint32_t other = 0;
	int rc = EH_OK;

	if (op->n_in != 2 || op->in[1] == EH_TFL_NONE || !b->made[b->root[op->in[1]]] ||
	    !same_shape(tensor(b, b->root[op->in[0]]), y) || !same_shape(tensor(b, b->root[op->in[1]]), y))
		return bad(b, "the terms of a sum do not agree");
	rc = value(b, op->in[1], false, &other);
	if (rc < 0)
		return rc;
	return check(b, xnn_define_add2(b->graph, -INFINITY, INFINITY, in, other, out, 0), "a sum");
}

static int add_pad(struct build *b, const struct eh_tfl_op *op, uint32_t in, uint32_t out)
{
	const struct eh_tfl_tensor *x = tensor(b, b->root[op->in[0]]), *y = tensor(b, b->root[op->out]), *p = NULL;
	size_t before[EH_TFL_DIMS] = { 0 }, after[EH_TFL_DIMS] = { 0 };

	if (op->n_in != 2 || op->in[1] == EH_TFL_NONE)
		return bad(b, "a padding without widths");
	p = tensor(b, op->in[1]);
	if (p->data == NULL || p->type != EH_TFL_INT32 || x->n_dims != y->n_dims || p->count != 2 * (size_t)x->n_dims)
		return bad(b, "shapes of a padding do not agree");
	for (uint32_t d = 0; d < x->n_dims; d++) {
		int32_t low = read_i32(p->data + 8 * (size_t)d), high = read_i32(p->data + 8 * (size_t)d + 4);

		if (low < 0 || high < 0 || (uint64_t)x->dim[d] + (uint64_t)low + (uint64_t)high != y->dim[d])
			return bad(b, "widths of a padding do not agree");
		before[d] = (size_t)low;
		after[d] = (size_t)high;
	}
	return check(b, xnn_define_static_constant_pad(b->graph, before, after, 0.0f, in, out, 0), "a padding");
}

static int add_resize(struct build *b, const struct eh_tfl_op *op, uint32_t in, uint32_t out)
{
	const struct eh_tfl_tensor *x = tensor(b, b->root[op->in[0]]), *y = tensor(b, b->root[op->out]), *size = NULL;

	if (op->n_in != 2 || op->in[1] == EH_TFL_NONE || !op->half_pixel)
		return bad(b, "a resizing without size or half-pixel centres");
	size = tensor(b, op->in[1]);
	if (!is_map(x) || !is_map(y) || x->dim[3] != y->dim[3] || size->data == NULL || size->type != EH_TFL_INT32 ||
	    size->count != 2 || read_i32(size->data) != (int32_t)y->dim[1] ||
	    read_i32(size->data + 4) != (int32_t)y->dim[2])
		return bad(b, "shapes of a resizing do not agree");
	/* no flag = half-pixel centres (facts/vision.md 5) */
	return check(b, xnn_define_static_resize_bilinear_2d(b->graph, y->dim[1], y->dim[2], in, out, 0), "a resizing");
}

static int add_activation(struct build *b, const struct eh_tfl_op *op, uint32_t in, uint32_t out)
{
	const struct eh_tfl_tensor *x = tensor(b, b->root[op->in[0]]), *slope = NULL;
	uint32_t s = 0;
	int rc = EH_OK;

	if (!same_shape(x, tensor(b, b->root[op->out])))
		return bad(b, "shapes of an activation do not agree");
	if (op->code == EH_TFL_RELU)
		return check(b, xnn_define_clamp(b->graph, 0.0f, INFINITY, in, out, 0), "a rectifier");
	if (op->n_in != 2 || op->in[1] == EH_TFL_NONE || x->n_dims == 0)
		return bad(b, "a rectifier without slopes");
	slope = tensor(b, b->root[op->in[1]]);
	if (slope->data == NULL || slope->count != x->dim[x->n_dims - 1])
		return bad(b, "slopes of a rectifier do not agree");
	rc = value(b, op->in[1], true, &s);
	if (rc < 0)
		return rc;
	return check(b, xnn_define_prelu(b->graph, in, s, out, 0), "a rectifier with slopes");
}

static int add_op(struct build *b, const struct eh_tfl_op *op)
{
	uint32_t in = 0, out = 0;
	int rc = EH_OK;

	if (op->code == EH_TFL_DEQUANTIZE || op->code == EH_TFL_RESHAPE || op->code == EH_TFL_CONCATENATION)
		return EH_OK;           /* dealt with by root[] and place[] */
	if (op->activation != 0)
		return bad(b, "a fused activation");
	if (!b->made[b->root[op->in[0]]])
		return bad(b, "an operator stands before its input");
	if (b->made[b->root[op->out]] || tensor(b, b->root[op->out])->data != NULL)
		return bad(b, "two operators write one tensor");
	b->made[b->root[op->out]] = true;
	rc = value(b, op->in[0], false, &in);
	if (rc == EH_OK)
		rc = value(b, op->out, false, &out);
	if (rc < 0)
		return rc;
	switch (op->code) {
	case EH_TFL_CONV_2D:
	case EH_TFL_DEPTHWISE_CONV_2D:
		return add_convolution(b, op, in, out);
	case EH_TFL_MAX_POOL_2D:
		return add_pool(b, op, in, out);
	case EH_TFL_ADD:
		return add_sum(b, op, in, out);
	case EH_TFL_PAD:
		return add_pad(b, op, in, out);
	case EH_TFL_RESIZE_BILINEAR:
		return add_resize(b, op, in, out);
	case EH_TFL_RELU:
	case EH_TFL_PRELU:
		return add_activation(b, op, in, out);
	default:
		return eh_err_set(b->err, EH_EFORMAT, "the face model cannot be used: operator %d", op->code);
	}
}

/* Reshape and dequantize make no new numbers: their result is their input by another name. */
static int find_roots(struct build *b)
{
	for (uint32_t t = 0; t < b->tfl->n_tensors; t++)
		b->root[t] = t;
	for (uint32_t i = 0; i < b->tfl->n_ops; i++) {
		const struct eh_tfl_op *op = &b->tfl->op[i];

		if (op->code != EH_TFL_RESHAPE && op->code != EH_TFL_DEQUANTIZE)
			continue;
		if (tensor(b, op->in[0])->count != tensor(b, op->out)->count || b->root[op->out] != op->out)
			return bad(b, "a reshape changes the number of elements");
		b->root[op->out] = b->root[op->in[0]];
	}
	return EH_OK;
}

static int put(struct build *b, uint32_t t, float *data, bool is_input)
{
	uint32_t root = b->root[t];

	if (b->place[root].data != NULL || tensor(b, root)->data != NULL)
		return bad(b, "an input or output is used twice");
	b->place[root] = (struct place){ data, is_input };
	return EH_OK;
}

/* This XNNPACK has no concatenation: the parts are outputs that lie behind one another in one buffer. */
static int place_output(struct build *b, uint32_t t, float *data)
{
	const struct eh_tfl_tensor *whole = tensor(b, t);
	size_t used = 0;

	for (uint32_t i = 0; i < b->tfl->n_ops; i++) {
		const struct eh_tfl_op *op = &b->tfl->op[i];

		if (op->code != EH_TFL_CONCATENATION || op->out != t)
			continue;
		for (uint32_t k = 0; k < op->n_in; k++) {
			const struct eh_tfl_tensor *part = op->in[k] != EH_TFL_NONE ? tensor(b, op->in[k]) : NULL;
			int rc = EH_OK;

			/* rows behind rows: anything else would interleave in memory */
			if (part == NULL || part->n_dims != 3 || whole->n_dims != 3 || part->dim[0] != 1 ||
			    whole->dim[0] != 1 || part->dim[2] != whole->dim[2] || part->count > whole->count - used)
				return bad(b, "a concatenation is not one of rows");
			rc = put(b, op->in[k], data + used, false);
			if (rc < 0)
				return rc;
			used += part->count;
		}
		return used == whole->count ? EH_OK : bad(b, "a concatenation leaves a gap");
	}
	return put(b, t, data, false);
}

static int place_ends(struct build *b, const struct eh_net_shape *shape)
{
	const struct eh_tfl *t = b->tfl;
	int rc = EH_OK;

	if (tensor(b, t->input)->count != shape->input || !is_map(tensor(b, t->input)))
		return bad(b, "its input has another shape");
	b->made[t->input] = true;
	rc = put(b, t->input, b->net->input, true);
	for (size_t o = 0; o < EH_NET_OUTPUTS && rc == EH_OK; o++) {
		uint32_t found = EH_TFL_NONE;

		for (uint32_t i = 0; i < t->n_outputs; i++)
			if (tensor(b, t->output[i])->count == shape->output[o])
				found = t->output[i];
		rc = found != EH_TFL_NONE ? place_output(b, found, b->net->output[o]) : bad(b, "it lacks an output");
	}
	return rc;
}

/* Every visible tensor must have been made: else the run would leave old bytes in an output. */
static int check_made(struct build *b)
{
	for (uint32_t t = 0; t < b->tfl->n_tensors; t++)
		if (b->place[t].data != NULL && (!b->made[t] || b->value[t] == XNN_INVALID_VALUE_ID))
			return bad(b, "an input or output is not connected");
	return EH_OK;
}

static int build_graph(struct build *b, const struct eh_net_shape *shape)
{
	int rc = find_roots(b);

	if (rc == EH_OK)
		rc = place_ends(b, shape);
	if (rc == EH_OK)
		rc = check(b, xnn_create_subgraph(MAX_EXTERNAL, 0, &b->graph), "its start");
	for (uint32_t i = 0; i < b->tfl->n_ops && rc == EH_OK; i++)
		rc = add_op(b, &b->tfl->op[i]);
	if (rc == EH_OK)
		rc = check_made(b);
	/* no thread pool: the worker's filter allows no threads */
	if (rc == EH_OK)
		rc = check(b, xnn_create_runtime_v2(b->graph, NULL, 0, &b->net->runtime), "its end");
	if (rc == EH_OK)
		rc = check(b, xnn_setup_runtime(b->net->runtime, b->n_external, b->external), "its buffers");
	return rc;
}

static int allocate(struct build *b, const struct eh_net_shape *shape)
{
	size_t n = b->tfl->n_tensors;

	b->root = eh_try_calloc(n, sizeof *b->root);
	b->value = eh_try_malloc(n, sizeof *b->value);
	b->place = eh_try_calloc(n, sizeof *b->place);
	b->made = eh_try_calloc(n, sizeof *b->made);
	b->net->constant = eh_try_calloc(n, sizeof *b->net->constant);
	b->net->input = eh_try_calloc(1, shape->input * sizeof(float) + SPARE);
	for (size_t o = 0; o < EH_NET_OUTPUTS; o++) {
		b->net->output[o] = eh_try_calloc(1, shape->output[o] * sizeof(float) + SPARE);
		if (b->net->output[o] == NULL)
			return no_memory(b);
	}
	if (b->root == NULL || b->value == NULL || b->place == NULL || b->made == NULL || b->net->constant == NULL ||
	    b->net->input == NULL)
		return no_memory(b);
	memset(b->value, 0xff, n * sizeof *b->value);   /* XNN_INVALID_VALUE_ID */
	return EH_OK;
}

int eh_net_open(struct eh_net **out, struct eh_net_io *io, const struct eh_net_shape *shape, const void *model,
		size_t size, struct eh_err *err)
{
	struct build b = { .err = err };
	int rc = EH_OK;

	*out = NULL;
	rc = check(&b, xnn_initialize(NULL), "xnn_initialize");
	if (rc < 0)
		return rc;
	rc = eh_tfl_read(&b.tfl, model, size, err);
	if (rc < 0)
		return rc;
	b.net = eh_try_calloc(1, sizeof *b.net);
	rc = b.net != NULL ? allocate(&b, shape) : no_memory(&b);
	if (rc == EH_OK)
		rc = build_graph(&b, shape);
	if (rc == EH_OK) {
		io->input = b.net->input;
		for (size_t o = 0; o < EH_NET_OUTPUTS; o++)
			io->output[o] = b.net->output[o];
		*out = b.net;
		b.net = NULL;
	}
	if (b.graph != NULL)
		(void)xnn_delete_subgraph(b.graph);     /* the runtime keeps nothing of it */
	free(b.root);
	free(b.value);
	free(b.place);
	free(b.made);
	eh_net_close(&b.net);
	eh_tfl_free(&b.tfl);
	return rc;
}

int eh_net_run(struct eh_net *net, struct eh_err *err)
{
	enum xnn_status status = xnn_invoke_runtime(net->runtime);

	if (status != xnn_status_success)
		return eh_err_set(err, EH_FAIL, "XNNPACK could not run a face net (status %d)", (int)status);
	return EH_OK;
}

void eh_net_close(struct eh_net **net)
{
	struct eh_net *n = *net;

	if (n == NULL)
		return;
	if (n->runtime != NULL)
		(void)xnn_delete_runtime(n->runtime);
	for (size_t i = 0; i < n->n_constants; i++)
		free(n->constant[i]);
	free(n->constant);
	free(n->input);
	for (size_t o = 0; o < EH_NET_OUTPUTS; o++)
		free(n->output[o]);
	free(n);
	*net = NULL;
}

const char *eh_net_cpu(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f"))
		return "x86-64 AVX-512";
	if (__builtin_cpu_supports("fma"))
		return "x86-64 FMA3";
	return __builtin_cpu_supports("avx") ? "x86-64 AVX" : "x86-64 SSE";
#elif defined(__aarch64__)
	return "aarch64";
#else
	return "other processor";
#endif
}

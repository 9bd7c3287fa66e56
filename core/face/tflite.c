/* The TFLite flatbuffer reader; see tflite.h.  Field numbers: facts/vision.md 4. */
#include "face/tflite.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_ITEMS 4096u                 /* tensors, operators, buffers: the largest pinned model has under 300 */
#define MAX_DIM 65536u
#define MAX_COUNT ((size_t)1 << 24)
#define MAX_STRIDE 16u

/* Reading past the end marks the file bad and gives zeros; who reads looks at .bad before using a value. */
struct file {
	const unsigned char *p;
	size_t n;
	bool bad;
};

struct table {
	size_t at;                      /* 0 = there is none */
	size_t vtable;
	size_t vtable_size;
};

struct vector {
	size_t at;                      /* of the first element */
	uint32_t n;
};

static uint32_t get(struct file *f, size_t at, size_t bytes)
{
	uint32_t v = 0;

	if (at > f->n || f->n - at < bytes) {
		f->bad = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		v |= (uint32_t)f->p[at + i] << (8 * i);
	return v;
}

/* Follows the unsigned offset that stands at `at`. */
static size_t follow(struct file *f, size_t at)
{
	uint32_t distance = get(f, at, 4);

	if (distance == 0 || distance >= f->n || at >= f->n - distance) {
		f->bad = true;
		return 0;
	}
	return at + distance;
}

static struct table table_at(struct file *f, size_t at)
{
	struct table t = { 0, 0, 0 };
	int64_t back = (int32_t)get(f, at, 4);
	int64_t vtable = (int64_t)at - back;

	if (f->bad || vtable < 0 || (size_t)vtable >= f->n) {
		f->bad = true;
		return t;
	}
	t.vtable = (size_t)vtable;
	t.vtable_size = get(f, t.vtable, 2);
	if (f->bad || t.vtable_size < 4 || t.vtable_size > f->n - t.vtable) {
		f->bad = true;
		return t;
	}
	t.at = at;
	return t;
}

/* Where field i stands, 0 when it is missing and has its default. */
static size_t field(struct file *f, const struct table *t, size_t i)
{
	uint32_t offset = 0;

	if (t->at == 0 || 4 + 2 * i + 2 > t->vtable_size)
		return 0;
	offset = get(f, t->vtable + 4 + 2 * i, 2);
	return offset != 0 ? t->at + offset : 0;
}

static int32_t field_i32(struct file *f, const struct table *t, size_t i, int32_t missing)
{
	size_t at = field(f, t, i);

	return at != 0 ? (int32_t)get(f, at, 4) : missing;
}

static int32_t field_i8(struct file *f, const struct table *t, size_t i)
{
	size_t at = field(f, t, i);

	return at != 0 ? (int8_t)get(f, at, 1) : 0;
}

static struct vector field_vector(struct file *f, const struct table *t, size_t i, size_t element)
{
	struct vector v = { 0, 0 };
	size_t at = field(f, t, i);

	if (at == 0)
		return v;
	at = follow(f, at);
	v.n = get(f, at, 4);
	if (f->bad || v.n > (f->n - at - 4) / element) {
		f->bad = true;
		v.n = 0;
		return v;
	}
	v.at = at + 4;
	return v;
}

static struct table vector_table(struct file *f, struct vector v, uint32_t i)
{
	struct table none = { 0, 0, 0 };

	if (i >= v.n) {
		f->bad = true;
		return none;
	}
	return table_at(f, follow(f, v.at + 4 * (size_t)i));
}

static size_t element_size(int32_t type)
{
	switch (type) {
	case EH_TFL_FLOAT32: return 4;
	case EH_TFL_FLOAT16: return 2;
	case EH_TFL_INT32: return 4;
	default: return 0;
	}
}

static int read_tensor(struct file *f, struct eh_tfl_tensor *out, struct vector tensors, uint32_t i,
		       struct vector buffers, struct eh_err *err)
{
	struct table t = vector_table(f, tensors, i);
	struct vector shape = field_vector(f, &t, 0, 4);
	struct vector data = { 0, 0 };
	uint32_t buffer = 0;

	out->type = field_i8(f, &t, 1);
	buffer = (uint32_t)field_i32(f, &t, 2, 0);
	if (!f->bad && buffer < buffers.n) {
		struct table b = vector_table(f, buffers, buffer);

		data = field_vector(f, &b, 0, 1);
	} else {
		f->bad = true;
	}
	if (f->bad || shape.n > EH_TFL_DIMS)
		return eh_err_set(err, EH_EFORMAT, "tensor %u of the model is damaged", i);
	out->n_dims = shape.n;
	out->count = 1;
	for (uint32_t d = 0; d < shape.n; d++) {
		uint32_t n = get(f, shape.at + 4 * (size_t)d, 4);

		/* both factors are small enough that the product cannot overflow */
		if (n < 1 || n > MAX_DIM || out->count * n > MAX_COUNT)
			return eh_err_set(err, EH_EFORMAT, "tensor %u of the model has an impossible shape", i);
		out->dim[d] = n;
		out->count *= n;
	}
	if (data.n != 0) {
		if (data.n < out->count * element_size(out->type))
			return eh_err_set(err, EH_EFORMAT, "tensor %u of the model has less data than its shape needs",
					  i);
		out->data = f->p + data.at;
		out->size = data.n;
	}
	return EH_OK;
}

static void read_options(struct file *f, struct eh_tfl_op *op, const struct table *o)
{
	op->stride_w = op->stride_h = op->filter_w = op->filter_h = op->multiplier = 1;
	switch (op->code) {
	case EH_TFL_CONV_2D:
		op->activation = field_i8(f, o, 3);
		break;
	case EH_TFL_DEPTHWISE_CONV_2D:
		op->multiplier = (uint32_t)field_i32(f, o, 3, 0);
		op->activation = field_i8(f, o, 4);
		break;
	case EH_TFL_MAX_POOL_2D:
		op->filter_w = (uint32_t)field_i32(f, o, 3, 0);
		op->filter_h = (uint32_t)field_i32(f, o, 4, 0);
		op->activation = field_i8(f, o, 5);
		break;
	case EH_TFL_ADD:
		op->activation = field_i8(f, o, 0);
		return;
	case EH_TFL_RESIZE_BILINEAR:
		op->half_pixel = field_i8(f, o, 2) == 0 && field_i8(f, o, 3) != 0;
		return;
	default:
		return;
	}
	op->same = field_i8(f, o, 0) == 0;
	op->stride_w = (uint32_t)field_i32(f, o, 1, 0);
	op->stride_h = (uint32_t)field_i32(f, o, 2, 0);
}

static bool in_range(uint32_t v)
{
	return v >= 1 && v <= MAX_STRIDE;
}

static int read_op(struct file *f, struct eh_tfl_op *out, struct vector ops, uint32_t i, struct vector codes,
		   uint32_t n_tensors, struct eh_err *err)
{
	struct table t = vector_table(f, ops, i);
	struct table options = { 0, 0, 0 };
	struct table code = vector_table(f, codes, (uint32_t)field_i32(f, &t, 0, 0));
	struct vector in = field_vector(f, &t, 1, 4);
	struct vector made = field_vector(f, &t, 2, 4);
	size_t at = field(f, &t, 4);
	int32_t old = field_i8(f, &code, 0);

	out->code = field_i32(f, &code, 3, 0);
	if (old > out->code)
		out->code = old;
	if (at != 0)
		options = table_at(f, follow(f, at));
	read_options(f, out, &options);
	if (f->bad || in.n < 1 || in.n > EH_TFL_ARGS || made.n != 1)
		return eh_err_set(err, EH_EFORMAT, "operator %u of the model is damaged", i);
	out->n_in = in.n;
	for (uint32_t k = 0; k < in.n; k++) {
		out->in[k] = get(f, in.at + 4 * (size_t)k, 4);
		if (out->in[k] >= n_tensors && out->in[k] != EH_TFL_NONE)
			return eh_err_set(err, EH_EFORMAT, "operator %u of the model reads a tensor that is not there",
					  i);
	}
	out->out = get(f, made.at, 4);
	if (out->out >= n_tensors || out->in[0] == EH_TFL_NONE)
		return eh_err_set(err, EH_EFORMAT, "operator %u of the model has no input or no result", i);
	if (!in_range(out->stride_w) || !in_range(out->stride_h) || !in_range(out->filter_w) ||
	    !in_range(out->filter_h))
		return eh_err_set(err, EH_EFORMAT, "operator %u of the model has an impossible stride or window", i);
	return EH_OK;
}

static int read_ends(struct file *f, struct eh_tfl *t, const struct table *graph, struct eh_err *err)
{
	struct vector in = field_vector(f, graph, 1, 4);
	struct vector out = field_vector(f, graph, 2, 4);

	if (f->bad || in.n != 1 || out.n < 1 || out.n > EH_TFL_ARGS)
		return eh_err_set(err, EH_EFORMAT, "the model has not one input and one to %d outputs", EH_TFL_ARGS);
	t->input = get(f, in.at, 4);
	t->n_outputs = out.n;
	for (uint32_t i = 0; i < out.n; i++) {
		t->output[i] = get(f, out.at + 4 * (size_t)i, 4);
		if (t->output[i] >= t->n_tensors)
			return eh_err_set(err, EH_EFORMAT, "an output of the model is not there");
	}
	if (t->input >= t->n_tensors)
		return eh_err_set(err, EH_EFORMAT, "the input of the model is not there");
	return EH_OK;
}

static int read_graph(struct file *f, struct eh_tfl *t, struct eh_err *err)
{
	struct table model = table_at(f, follow(f, 0));
	struct vector codes = field_vector(f, &model, 1, 4);
	struct vector graphs = field_vector(f, &model, 2, 4);
	struct vector buffers = field_vector(f, &model, 4, 4);
	struct table graph = vector_table(f, graphs, 0);
	struct vector tensors = field_vector(f, &graph, 0, 4);
	struct vector ops = field_vector(f, &graph, 3, 4);
	int rc = EH_OK;

	if (f->bad || tensors.n < 1 || ops.n < 1)
		return eh_err_set(err, EH_EFORMAT, "the model file is cut off or damaged");
	if (tensors.n > MAX_ITEMS || ops.n > MAX_ITEMS)
		return eh_err_set(err, EH_EFORMAT, "the model has more than %u tensors or operators", MAX_ITEMS);
	t->tensor = eh_try_calloc(tensors.n, sizeof *t->tensor);
	t->op = eh_try_calloc(ops.n, sizeof *t->op);
	if (t->tensor == NULL || t->op == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory while reading a face model");
	t->n_tensors = tensors.n;
	t->n_ops = ops.n;
	for (uint32_t i = 0; i < tensors.n && rc == EH_OK; i++)
		rc = read_tensor(f, &t->tensor[i], tensors, i, buffers, err);
	for (uint32_t i = 0; i < ops.n && rc == EH_OK; i++)
		rc = read_op(f, &t->op[i], ops, i, codes, t->n_tensors, err);
	return rc == EH_OK ? read_ends(f, t, &graph, err) : rc;
}

int eh_tfl_read(struct eh_tfl **out, const void *data, size_t size, struct eh_err *err)
{
	struct file f = { data, size, false };
	struct eh_tfl *t = NULL;
	int rc = EH_OK;

	*out = NULL;
	if (size < 8 || memcmp((const unsigned char *)data + 4, "TFL3", 4) != 0)
		return eh_err_set(err, EH_EFORMAT, "not a TFLite model: the mark TFL3 is missing");
	t = eh_try_calloc(1, sizeof *t);
	if (t == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory while reading a face model");
	rc = read_graph(&f, t, err);
	if (rc == EH_OK) {
		*out = t;
		t = NULL;
	}
	eh_tfl_free(&t);
	return rc;
}

void eh_tfl_free(struct eh_tfl **t)
{
	if (*t == NULL)
		return;
	free((*t)->tensor);
	free((*t)->op);
	free(*t);
	*t = NULL;
}

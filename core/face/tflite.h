/*
 * tflite.h - a TFLite model file as a flat list of tensors and operators.
 *
 * Reads only what the pinned models use (facts/vision.md 3 and 4).  The file is binary input: every
 * offset and count is checked against its size, although the digest of a model is checked before.
 */
#ifndef EH_FACE_TFLITE_H
#define EH_FACE_TFLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EH_TFL_DIMS 4                   /* largest rank read */
#define EH_TFL_ARGS 4                   /* largest number of inputs of one operator */
#define EH_TFL_NONE UINT32_MAX          /* an optional input that is left out */

enum eh_tfl_type { EH_TFL_FLOAT32 = 0, EH_TFL_FLOAT16 = 1, EH_TFL_INT32 = 2 };

enum eh_tfl_code {
	EH_TFL_ADD = 0,
	EH_TFL_CONCATENATION = 2,
	EH_TFL_CONV_2D = 3,
	EH_TFL_DEPTHWISE_CONV_2D = 4,
	EH_TFL_DEQUANTIZE = 6,
	EH_TFL_MAX_POOL_2D = 17,
	EH_TFL_RELU = 19,
	EH_TFL_RESHAPE = 22,
	EH_TFL_RESIZE_BILINEAR = 23,
	EH_TFL_PAD = 34,
	EH_TFL_PRELU = 54
};

struct eh_tfl_tensor {
	int32_t type;                   /* enum eh_tfl_type or a type that is not read */
	uint32_t n_dims;                /* 0..EH_TFL_DIMS */
	uint32_t dim[EH_TFL_DIMS];      /* each 1..2^16 */
	size_t count;                   /* product of the dimensions, at most 2^24 */
	const unsigned char *data;      /* borrowed from the file, NULL for a computed tensor */
	size_t size;                    /* [bytes] of data, at least count elements of a known type */
};

struct eh_tfl_op {
	int32_t code;                   /* enum eh_tfl_code or an operator that is not read */
	uint32_t n_in;
	uint32_t in[EH_TFL_ARGS];       /* tensor numbers; EH_TFL_NONE = left out */
	uint32_t out;                   /* tensor number */
	bool same;                      /* padding SAME, else VALID */
	uint32_t stride_w, stride_h;    /* 1..16 where the operator has them, else 1 */
	uint32_t filter_w, filter_h;    /* pooling: 1..16, else 1 */
	uint32_t multiplier;            /* depthwise convolution */
	int32_t activation;             /* 0 = none */
	bool half_pixel;                /* resizing: half-pixel centres and corners not aligned */
};

struct eh_tfl {
	struct eh_tfl_tensor *tensor;
	uint32_t n_tensors;             /* 1..4096 */
	struct eh_tfl_op *op;           /* in order of execution */
	uint32_t n_ops;                 /* 1..4096 */
	uint32_t input;                 /* the one input tensor */
	uint32_t n_outputs;             /* 1..EH_TFL_ARGS */
	uint32_t output[EH_TFL_ARGS];
};

/* Reads data[size], which must outlive *out.  EH_EFORMAT: not a model this program reads (the text says
 * what is wrong), EH_ENOMEM.  After an error *out is NULL. */
int eh_tfl_read(struct eh_tfl **out, const void *data, size_t size, struct eh_err *err);
void eh_tfl_free(struct eh_tfl **t);

#endif

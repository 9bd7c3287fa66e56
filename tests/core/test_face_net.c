/* Both nets against the golden values of facts/vision.md 11.1. */
#include "tests/core/face_pictures.h"

#include "base/rng.h"
#include "face/detect.h"
#include "face/mesh.h"
#include "face/net.h"

struct golden {
	size_t at;
	double value;
};

/* The tolerance stated for other machines: facts/vision.md 11.1. */
static void near(double got, double want)
{
	if (!(fabs(got - want) <= 1e-3 + 1e-5 * fabs(want)))
		fail_msg("%.6f is not %.6f", got, want);
}

static void check(const float *got, const struct golden *g, size_t n)
{
	for (size_t i = 0; i < n; i++)
		near((double)got[g[i].at], g[i].value);
}

#define CHECK(got, ...) do { \
	static const struct golden list[] = { __VA_ARGS__ }; \
	check(got, list, sizeof list / sizeof list[0]); \
} while (0)

/* b = (7x + 13y + 29c) mod 256 */
static void pattern(float *input, size_t side, float scale, float shift)
{
	for (size_t y = 0; y < side; y++)
		for (size_t x = 0; x < side; x++)
			for (size_t c = 0; c < 3; c++)
				*input++ = (float)((7 * x + 13 * y + 29 * c) % 256) / scale + shift;
}

static struct eh_net *open_net(struct eh_net_io *io, enum eh_model which)
{
	size_t size = 0;
	unsigned char *data = model_bytes(which, &size);
	struct eh_net *net = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = eh_net_open(&net, io, which == EH_MODEL_MESH ? &eh_mesh_shape : &eh_detect_shape, data, size, &err);

	memset(data, 0xaa, size);       /* the net must not need the file any more */
	free(data);
	if (rc < 0)
		fail_msg("%s", err.msg);
	return net;
}

static size_t largest(const float *v, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (v[i] > v[best])
			best = i;
	return best;
}

static void detector_gives_the_golden_values(void **state)
{
	struct eh_net_io io;
	struct eh_net *net = open_net(&io, EH_MODEL_DETECTOR);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	pattern(io.input, 128, 127.5f, -1.0f);
	assert_int_equal(eh_net_run(net, &err), EH_OK);
	CHECK(io.output[0], { 0, 0.37892 }, { 1, -0.43255 }, { 2, 25.54733 }, { 3, 25.54696 }, { 15, -1.47597 },
	      { 16, 0.10519 }, { 8191, -5.47264 }, { 8192, -0.79803 }, { 14335, 4.17708 });
	CHECK(io.output[1], { 0, -4.59370 }, { 1, -3.94213 }, { 511, -4.57594 }, { 512, -5.90487 }, { 895, -79.06837 },
	      { 383, -3.05915 });
	assert_int_equal(largest(io.output[1], 896), 383);
	memset(io.input, 0, eh_detect_shape.input * sizeof(float));
	assert_int_equal(eh_net_run(net, &err), EH_OK);
	CHECK(io.output[0], { 0, 0.56142 }, { 1, -0.59060 }, { 2, 28.73554 }, { 3, 28.73518 });
	CHECK(io.output[1], { 0, -5.47516 }, { 1, -4.62575 }, { 837, -2.86509 });
	assert_int_equal(largest(io.output[1], 896), 837);
	eh_net_close(&net);
	assert_null(net);
}

static void mesh_gives_the_golden_values(void **state)
{
	struct eh_net_io io;
	struct eh_net *net = open_net(&io, EH_MODEL_MESH);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	pattern(io.input, 192, 255.0f, 0.0f);
	assert_int_equal(eh_net_run(net, &err), EH_OK);
	CHECK(io.output[0], { 0, 100.19131 }, { 1, 112.79152 }, { 2, -11.14244 }, { 99, 61.37550 }, { 100, 72.49150 },
	      { 101, 0.75367 }, { 456, 99.45731 }, { 457, 155.28940 }, { 458, 3.78255 }, { 1401, 133.22252 },
	      { 1402, 63.02062 }, { 1403, 10.00149 });
	near((double)io.output[1][0], -9.38743);
	memset(io.input, 0, eh_mesh_shape.input * sizeof(float));
	assert_int_equal(eh_net_run(net, &err), EH_OK);
	CHECK(io.output[0], { 0, 94.66865 }, { 1, 117.86108 }, { 2, -10.49372 }, { 3, 96.70460 }, { 4, 104.72014 },
	      { 5, -21.41906 });
	near((double)io.output[1][0], -8.16299);
	eh_net_close(&net);
}

static void a_second_net_gives_the_same_bits(void **state)
{
	struct eh_net_io a, b;
	struct eh_net *first = open_net(&a, EH_MODEL_MESH), *second = open_net(&b, EH_MODEL_MESH);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	pattern(a.input, 192, 255.0f, 0.0f);
	pattern(b.input, 192, 255.0f, 0.0f);
	assert_int_equal(eh_net_run(first, &err), EH_OK);
	assert_int_equal(eh_net_run(second, &err), EH_OK);
	assert_int_equal(eh_net_run(second, &err), EH_OK);
	assert_memory_equal(a.output[0], b.output[0], 1404 * sizeof(float));
	eh_net_close(&first);
	eh_net_close(&second);
}

static void a_model_of_another_shape_is_refused(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_DETECTOR, &size);
	struct eh_net *net = NULL;
	struct eh_net_io io;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_net_open(&net, &io, &eh_mesh_shape, data, size, &err), EH_EFORMAT);
	assert_null(net);
	assert_non_null(strstr(err.msg, "input"));
	free(data);
}

/* What the digest would have caught, as in a test build without it. */
static void a_changed_graph_is_refused_or_runs_inside_its_buffers(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_DETECTOR, &size);
	struct eh_rng rng;
	unsigned refused = 0;

	(void)state;
	eh_rng_seed(&rng, 7);
	for (int i = 0; i < 250; i++) {
		size_t at = size - 1 - (size_t)eh_rng_below(&rng, 40000);
		unsigned char was = data[at];
		struct eh_net *net = NULL;
		struct eh_net_io io;
		struct eh_err err = EH_ERR_INIT;

		data[at] = (unsigned char)eh_rng_below(&rng, 256);
		if (eh_net_open(&net, &io, &eh_detect_shape, data, size, &err) == EH_OK)
			assert_int_equal(eh_net_run(net, &err), EH_OK);
		else
			refused++;
		eh_net_close(&net);
		data[at] = was;
	}
	assert_true(refused > 10);
	free(data);
}

static void memory_that_ends_gives_its_code(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_DETECTOR, &size);
	struct eh_net *net = NULL;
	struct eh_net_io io;
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_ENOMEM;

	(void)state;
	for (uint64_t n = 1; rc != EH_OK; n++) {
		assert_true(n < 400);
		eh_mem_fail_at(n);
		rc = eh_net_open(&net, &io, &eh_detect_shape, data, size, &err);
		assert_true(rc == EH_OK || rc == EH_ENOMEM);
		assert_true((net != NULL) == (rc == EH_OK));
	}
	eh_mem_fail_at(0);
	eh_net_close(&net);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(detector_gives_the_golden_values),
		cmocka_unit_test(mesh_gives_the_golden_values),
		cmocka_unit_test(a_second_net_gives_the_same_bits),
		cmocka_unit_test(a_model_of_another_shape_is_refused),
		cmocka_unit_test(a_changed_graph_is_refused_or_runs_inside_its_buffers),
		cmocka_unit_test(memory_that_ends_gives_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* All nets against the golden values of facts/vision.md 11.1. */
#include "tests/core/face_golden.h"

#include "base/rng.h"

/* Every golden value of one net. */
static void check(enum eh_model which)
{
	struct eh_net_io io;
	struct eh_net *net = open_net(&io, which);
	struct eh_err err = EH_ERR_INIT;
	int looked = 0;

	for (int zero = 0; zero < 2; zero++) {
		golden_input(io.input, which, zero == 1);
		assert_int_equal(eh_net_run(net, &err), EH_OK);
		for (size_t i = 0; i < N_GOLDEN; i++) {
			const struct golden *g = &golden[i];

			if (g->model != which || g->zero != (zero == 1))
				continue;
			looked++;
			if (!(fabs((double)io.output[g->output][g->at] - g->value) <= golden_tolerance(g->value)))
				fail_msg("output %d, %zu: %.6f is not %.6f", g->output, g->at,
					 (double)io.output[g->output][g->at], g->value);
		}
	}
	assert_true(looked >= 8);
	eh_net_close(&net);
	assert_null(net);
}

static void short_range_detector_gives_the_golden_values(void **state)
{
	(void)state;
	check(EH_MODEL_SHORT);
}

static void full_range_detector_gives_the_golden_values(void **state)
{
	(void)state;
	check(EH_MODEL_FULL);
}

static void mesh_gives_the_golden_values(void **state)
{
	(void)state;
	check(EH_MODEL_MESH);
}

static size_t largest(const float *v, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (v[i] > v[best])
			best = i;
	return best;
}

/* facts/vision.md 11.1 */
static void the_largest_score_stands_at_its_anchor(void **state)
{
	struct eh_net_io io;
	struct eh_net *net = open_net(&io, EH_MODEL_SHORT);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	golden_input(io.input, EH_MODEL_SHORT, false);
	assert_int_equal(eh_net_run(net, &err), EH_OK);
	assert_int_equal(largest(io.output[1], 896), 383);
	golden_input(io.input, EH_MODEL_SHORT, true);
	assert_int_equal(eh_net_run(net, &err), EH_OK);
	assert_int_equal(largest(io.output[1], 896), 837);
	eh_net_close(&net);
}

static void a_second_net_gives_the_same_bits(void **state)
{
	struct eh_net_io a, b;
	struct eh_net *first = open_net(&a, EH_MODEL_MESH), *second = open_net(&b, EH_MODEL_MESH);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	golden_input(a.input, EH_MODEL_MESH, false);
	golden_input(b.input, EH_MODEL_MESH, false);
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
	unsigned char *data = model_bytes(EH_MODEL_SHORT, &size);
	struct eh_net *net = NULL;
	struct eh_net_io io;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_net_open(&net, &io, &eh_mesh_shape, data, size, &err), EH_EFORMAT);
	assert_null(net);
	assert_non_null(strstr(err.msg, "input"));
	free(data);
}

/* What the digest would have caught, as in a test build without it.  The graph stands behind the weights. */
static void change_and_run(enum eh_model which, int times, size_t tail)
{
	size_t size = 0;
	unsigned char *data = model_bytes(which, &size);
	struct eh_rng rng;
	unsigned refused = 0;

	eh_rng_seed(&rng, 7);
	for (int i = 0; i < times; i++) {
		size_t at = size - 1 - (size_t)eh_rng_below(&rng, tail);
		unsigned char was = data[at];
		struct eh_net *net = NULL;
		struct eh_net_io io;
		struct eh_err err = EH_ERR_INIT;

		data[at] = (unsigned char)eh_rng_below(&rng, 256);
		if (eh_net_open(&net, &io, golden_shape(which), data, size, &err) == EH_OK)
			assert_int_equal(eh_net_run(net, &err), EH_OK);
		else
			refused++;
		eh_net_close(&net);
		data[at] = was;
	}
	assert_true(refused > (unsigned)times / 25);
	free(data);
}

static void a_changed_graph_is_refused_or_runs_inside_its_buffers(void **state)
{
	(void)state;
	change_and_run(EH_MODEL_SHORT, 250, 40000);
	change_and_run(EH_MODEL_FULL, 80, 60000);
	change_and_run(EH_MODEL_MESH, 80, 40000);
}

static void memory_that_ends_gives_its_code(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_SHORT, &size);
	struct eh_net *net = NULL;
	struct eh_net_io io;
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_ENOMEM;

	(void)state;
	for (uint64_t n = 1; rc != EH_OK; n++) {
		assert_true(n < 400);
		eh_mem_fail_at(n);
		rc = eh_net_open(&net, &io, &eh_detector_short.shape, data, size, &err);
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
		cmocka_unit_test(short_range_detector_gives_the_golden_values),
		cmocka_unit_test(full_range_detector_gives_the_golden_values),
		cmocka_unit_test(mesh_gives_the_golden_values),
		cmocka_unit_test(the_largest_score_stands_at_its_anchor),
		cmocka_unit_test(a_second_net_gives_the_same_bits),
		cmocka_unit_test(a_model_of_another_shape_is_refused),
		cmocka_unit_test(a_changed_graph_is_refused_or_runs_inside_its_buffers),
		cmocka_unit_test(memory_that_ends_gives_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The TFLite reader: what it reads from the pinned models, and that no damage brings it down. */
#include "tests/core/face_pictures.h"

#include "base/rng.h"
#include "face/tflite.h"

static void count_ops(const struct eh_tfl *t, uint32_t *counts, size_t n)
{
	memset(counts, 0, n * sizeof *counts);
	for (uint32_t i = 0; i < t->n_ops; i++)
		if (t->op[i].code >= 0 && (size_t)t->op[i].code < n)
			counts[t->op[i].code]++;
}

/* facts/vision.md 3 */
static void detector_has_the_operators_of_the_fact_sheet(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_SHORT, &size);
	struct eh_tfl *t = NULL;
	struct eh_err err = EH_ERR_INIT;
	uint32_t c[64];

	(void)state;
	assert_int_equal(eh_tfl_read(&t, data, size, &err), EH_OK);
	count_ops(t, c, 64);
	assert_int_equal(c[EH_TFL_CONV_2D], 21);
	assert_int_equal(c[EH_TFL_DEPTHWISE_CONV_2D], 16);
	assert_int_equal(c[EH_TFL_ADD], 16);
	assert_int_equal(c[EH_TFL_MAX_POOL_2D], 3);
	assert_int_equal(c[EH_TFL_PAD], 11);
	assert_int_equal(c[EH_TFL_RELU], 17);
	assert_int_equal(c[EH_TFL_RESHAPE], 4);
	assert_int_equal(c[EH_TFL_CONCATENATION], 2);
	assert_int_equal(t->tensor[t->input].count, 128 * 128 * 3);
	assert_int_equal(t->n_outputs, 2);
	eh_tfl_free(&t);
	assert_null(t);
	free(data);
}

static void full_range_detector_has_the_operators_of_the_fact_sheet(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_FULL, &size);
	struct eh_tfl *t = NULL;
	struct eh_err err = EH_ERR_INIT;
	uint32_t c[64];

	(void)state;
	assert_int_equal(eh_tfl_read(&t, data, size, &err), EH_OK);
	count_ops(t, c, 64);
	assert_int_equal(c[EH_TFL_CONV_2D], 49);
	assert_int_equal(c[EH_TFL_DEPTHWISE_CONV_2D], 40);
	assert_int_equal(c[EH_TFL_ADD], 23);
	assert_int_equal(c[EH_TFL_MAX_POOL_2D], 4);
	assert_int_equal(c[EH_TFL_PAD], 8);
	assert_int_equal(c[EH_TFL_RELU], 47);
	assert_int_equal(c[EH_TFL_RESHAPE], 2);
	assert_int_equal(c[EH_TFL_RESIZE_BILINEAR], 3);
	for (uint32_t i = 0; i < t->n_ops; i++)
		assert_int_equal(t->op[i].half_pixel, t->op[i].code == EH_TFL_RESIZE_BILINEAR);
	assert_int_equal(t->tensor[t->input].count, 192 * 192 * 3);
	eh_tfl_free(&t);
	free(data);
}

static void mesh_has_the_operators_of_the_fact_sheet(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_MESH, &size);
	struct eh_tfl *t = NULL;
	struct eh_err err = EH_ERR_INIT;
	uint32_t c[64];

	(void)state;
	assert_int_equal(eh_tfl_read(&t, data, size, &err), EH_OK);
	count_ops(t, c, 64);
	assert_int_equal(c[EH_TFL_CONV_2D], 25);
	assert_int_equal(c[EH_TFL_DEPTHWISE_CONV_2D], 20);
	assert_int_equal(c[EH_TFL_ADD], 20);
	assert_int_equal(c[EH_TFL_MAX_POOL_2D], 6);
	assert_int_equal(c[EH_TFL_PAD], 3);
	assert_int_equal(c[EH_TFL_PRELU], 23);
	assert_int_equal(t->tensor[t->output[0]].count, 1404);
	assert_int_equal(t->tensor[t->output[1]].count, 1);
	eh_tfl_free(&t);
	free(data);
}

/* A copy of exactly n bytes: a sanitizer sees every read behind its end. */
static int read_copy(const unsigned char *data, size_t n)
{
	unsigned char *copy = eh_xmalloc(n);
	struct eh_tfl *t = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_OK;

	memcpy(copy, data, n);
	rc = eh_tfl_read(&t, copy, n, &err);
	if (rc < 0) {
		assert_null(t);
		assert_int_equal(rc, EH_EFORMAT);
		assert_true(err.msg[0] != '\0');
	}
	eh_tfl_free(&t);
	free(copy);
	return rc;
}

static void a_file_cut_off_anywhere_is_refused(void **state)
{
	static const enum eh_model which[] = { EH_MODEL_SHORT, EH_MODEL_FULL, EH_MODEL_MESH };

	(void)state;
	for (size_t m = 0; m < 3; m++) {
		size_t size = 0;
		unsigned char *data = model_bytes(which[m], &size);

		for (size_t n = 0; n < size; n += n < 2048 || size - n < 2048 ? 1 : 1009)
			assert_int_equal(read_copy(data, n), EH_EFORMAT);
		free(data);
	}
}

static void changed_bytes_never_bring_the_reader_down(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_SHORT, &size);
	struct eh_rng rng;
	unsigned refused = 0;

	(void)state;
	eh_rng_seed(&rng, 20221);
	for (int i = 0; i < 3000; i++) {
		struct { size_t at; unsigned char was; } change[3];

		for (int k = 0; k < 3; k++) {
			/* the tables stand behind the weights, near the end, and at the start */
			size_t range = i % 4 == 0 ? 4096 : 40000;

			change[k].at = (i % 4 == 0 ? 0 : size - range) + (size_t)eh_rng_below(&rng, range);
			change[k].was = data[change[k].at];
			data[change[k].at] = (unsigned char)eh_rng_below(&rng, 256);
		}
		refused += read_copy(data, size) < 0 ? 1 : 0;
		for (int k = 3; k-- > 0;)
			data[change[k].at] = change[k].was;
	}
	assert_true(refused > 300);
	free(data);
}

static void memory_that_ends_gives_no_leak_and_its_code(void **state)
{
	size_t size = 0;
	unsigned char *data = model_bytes(EH_MODEL_SHORT, &size);
	struct eh_tfl *t = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_ENOMEM;

	(void)state;
	for (uint64_t n = 1; rc != EH_OK; n++) {
		assert_true(n < 10);
		eh_mem_fail_at(n);
		rc = eh_tfl_read(&t, data, size, &err);
		assert_true(rc == EH_OK || rc == EH_ENOMEM);
		assert_true((t != NULL) == (rc == EH_OK));
	}
	eh_mem_fail_at(0);
	eh_tfl_free(&t);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(detector_has_the_operators_of_the_fact_sheet),
		cmocka_unit_test(full_range_detector_has_the_operators_of_the_fact_sheet),
		cmocka_unit_test(mesh_has_the_operators_of_the_fact_sheet),
		cmocka_unit_test(a_file_cut_off_anywhere_is_refused),
		cmocka_unit_test(changed_bytes_never_bring_the_reader_down),
		cmocka_unit_test(memory_that_ends_gives_no_leak_and_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

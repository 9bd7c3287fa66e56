/* JSON written as it is made, against the same document as a tree; doubles against printf. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_out.h"
#include "base/rng.h"
#include "base/text.h"

/* A double of every kind that has 17 digits: any bits, fractions, short ones, powers of ten, integers, ties. */
static double some_double(struct eh_rng *rng, unsigned kind)
{
	const uint64_t bits = eh_rng_u64(rng);
	double v = 0.0;

	switch (kind % 6) {
	case 0:
		memcpy(&v, &bits, sizeof v);
		return isfinite(v) ? v : 0.0;
	case 1:
		return eh_rng_unit(rng);
	case 2:
		return (double)(bits % 1000000) / (double)(eh_rng_below(rng, 1000000) + 1);
	case 3:
		return (double)(int)(bits % 2000) / (double)(1u << eh_rng_below(rng, 20));
	case 4:
		return pow(10.0, (double)(bits % 6000) / 100.0 - 40.0) * (bits >> 63 ? 1.0 : -1.0);
	default:
		return (double)(bits >> (bits & 63)) / (double)((uint64_t)1 << eh_rng_below(rng, 64));
	}
}

static void reals_are_those_of_printf(void **state)
{
	static const double edges[] = { 0.0,
					-0.0,
					1.0,
					-1.0,
					0.1,
					1e-4,
					9.9999999999999995e-5,
					1e-5,
					1e16,
					1e17,
					9999999999999998.0,
					99999999999999984.0,
					1e-38,
					1e-39,
					5e-324,
					1.7976931348623157e308,
					0.5,
					123456789012345.6,
					0.99999999999999989,
					1e15,
					9.9999999999999991e22 };
	char a[EH_REAL_TEXT], b[64];
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 3);
	for (size_t i = 0; i < 300000; i++) {
		const size_t n = sizeof edges / sizeof edges[0];
		double v = i < n ? edges[i] : some_double(&rng, (unsigned)i);

		(void)snprintf(b, sizeof b, "%.17g", v);
		assert_int_equal(eh_format_real(a, v), strlen(b));
		assert_string_equal(a, b);
	}
}

/* What stands in fp so far, rewound; caller frees. */
static char *content(FILE *fp)
{
	long n = ftell(fp);
	char *s = calloc((size_t)n + 1, 1);

	rewind(fp);
	assert_int_equal(fread(s, 1, (size_t)n, fp), n);
	(void)fclose(fp);
	return s;
}

static void bytes_are_those_of_the_tree(void **state)
{
	struct eh_json *tree = eh_json_object(), *list = eh_json_array(), *read = NULL;
	struct eh_json_out *out, *memory = eh_json_out_new(NULL);
	FILE *a = tmpfile(), *b = tmpfile(), *c = tmpfile();
	struct eh_err err = EH_ERR_INIT;
	char *x, *y, *z;
	struct eh_rng rng;

	(void)state;
	out = eh_json_out_new(b);
	eh_rng_seed(&rng, 4);
	eh_json_set(tree, "list", list);
	for (unsigned i = 0; i < 4000; i++)
		eh_json_push_num(list, eh_num(some_double(&rng, i)));
	eh_json_str(tree, "text", "a \"quoted\" \\ back/slash, tab\t, bell\a, line\n, \xc3\xa4, del\x7f");
	eh_json_str(tree, "broken", "\xff");
	eh_json_null(tree, "none");
	eh_json_int(tree, "int", INT64_MIN);
	eh_json_bool(tree, "yes", true);
	eh_json_tri(tree, "tri", EH_UNKNOWN);
	eh_json_num(tree, "num", eh_undefined(EH_U_NO_P));
	eh_json_set(tree, "empty", eh_json_object());
	eh_json_set(tree, "nothing", eh_json_array());
	for (int pass = 0; pass < 2; pass++) {
		struct eh_json_out *o = pass == 0 ? out : memory;

		eh_rng_seed(&rng, 4);
		eh_json_out_object(o, NULL);
		eh_json_out_array(o, "list");
		for (unsigned i = 0; i < 4000; i++)
			eh_json_out_num(o, NULL, eh_num(some_double(&rng, i)));
		eh_json_out_close(o);
		eh_json_out_str(o, "text", "a \"quoted\" \\ back/slash, tab\t, bell\a, line\n, \xc3\xa4, del\x7f");
		eh_json_out_str(o, "broken", "\xff");
		eh_json_out_null(o, "none");
		eh_json_out_int(o, "int", INT64_MIN);
		eh_json_out_bool(o, "yes", true);
		eh_json_out_tri(o, "tri", EH_UNKNOWN);
		eh_json_out_num(o, "num", eh_undefined(EH_U_NO_P));
		eh_json_out_object(o, "empty");
		eh_json_out_close(o);
		eh_json_out_array(o, "nothing");
		eh_json_out_close(o);
		eh_json_out_close(o);
	}
	assert_int_equal(eh_json_write(tree, a, &err), EH_OK);
	assert_int_equal(eh_json_out_end(&out, &err), EH_OK);
	read = eh_json_out_tree(&memory);
	assert_int_equal(eh_json_write(read, c, &err), EH_OK);
	x = content(a);
	y = content(b);
	z = content(c);
	assert_string_equal(x, y);
	assert_string_equal(x, z);
	free(x);
	free(y);
	free(z);
	eh_json_free(&tree);
	eh_json_free(&read);
}

static void a_full_disk_is_an_error(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct eh_json_out *o = eh_json_out_new(full);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	if (full == NULL)
		skip();
	eh_json_out_array(o, NULL);
	eh_json_out_close(o);
	assert_int_equal(eh_json_out_end(&o, &err), EH_EIO);
	(void)fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reals_are_those_of_printf),
		cmocka_unit_test(bytes_are_those_of_the_tree),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests_name("json_out", tests, NULL, NULL);
}

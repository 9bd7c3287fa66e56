/* Numbers with few decimals and integers against printf; text that is looked at eight bytes at a time, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"

/* Below 10^9: fractions, few binary places (ties), any exponent, near a tie, percents of counts, shares of counts. */
static double small_double(struct eh_rng *rng, unsigned kind)
{
	const uint64_t bits = eh_rng_u64(rng);

	switch (kind % 6) {
	case 0:
		return eh_rng_unit(rng);
	case 1:
		return (double)(int32_t)(bits % 2000001) / (double)(1u << eh_rng_below(rng, 20)) - 3.0;
	case 2:
		return ldexp((double)(bits >> 11), -(int)eh_rng_below(rng, 1070) - 24) * (bits & 1 ? 1.0 : -1.0);
	case 3:
		return nextafter((double)(bits % 4001) / 2000.0, bits & 64 ? 2.0 : -1.0);
	case 4:
		return 100.0 * (double)(bits % 977) / (double)(eh_rng_below(rng, 976) + 1);
	default:
		return (double)(bits % 1000000) / (double)(eh_rng_below(rng, 1000000) + 1);
	}
}

static void fixed_are_those_of_printf(void **state)
{
	static const double edges[] = { 0.0,	-0.0,	0.5,   1.5,    2.5,    -0.5,	0.05,	     0.15,    0.25,
					0.9995, 0.9999, 999.5, 0.0005, 5e-324, 1e-300,	999999999.0, 1e-10,   0.8,
					2e-5,	-1e-9,	9.5,   0.125,  0.375,  -99.995, 0x1p-84,     0x1p-85, 0x1p-86 };
	char a[EH_REAL_TEXT], b[64];
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 5);
	for (size_t i = 0; i < 200000; i++) {
		const size_t n = sizeof edges / sizeof edges[0];
		const double v = i < 10 * n ? edges[i / 10] : small_double(&rng, (unsigned)i);
		const unsigned decimals = i < 10 * n ? (unsigned)(i % 10) : (unsigned)eh_rng_below(&rng, 10);

		(void)snprintf(b, sizeof b, "%.*f", (int)decimals, v);
		assert_int_equal(eh_format_fixed(a, v, decimals), strlen(b));
		assert_string_equal(a, b);
	}
	assert_int_equal(eh_format_fixed(a, 1e9, 1), 0);
	assert_int_equal(eh_format_fixed(a, -1e9, 1), 0);
	assert_int_equal(eh_format_fixed(a, (double)INFINITY, 1), 0);
	assert_int_equal(eh_format_fixed(a, (double)NAN, 1), 0);
	assert_int_equal(eh_format_fixed(a, 0.5, 10), 0);
}

static void integers_are_those_of_printf(void **state)
{
	static const int64_t edges[] = { 0, 1, -1, 9, 10, 99, 100, -100, 101, INT64_MAX, INT64_MIN, INT64_MIN + 1 };
	char a[EH_REAL_TEXT], b[32];
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < 20000; i++) {
		const size_t n = sizeof edges / sizeof edges[0];
		const int64_t v = i < n ? edges[i] : (int64_t)eh_rng_u64(&rng) >> eh_rng_below(&rng, 64);

		(void)snprintf(b, sizeof b, "%" PRId64, v);
		assert_int_equal(eh_format_int(a, v), strlen(b));
		assert_string_equal(a, b);
	}
}

/* Any byte at any place of a text of any length up to 40: only what eh_text_clean says of the byte alone decides. */
static void text_is_looked_at_whole(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 40; len++)
		for (size_t at = 0; at < len; at++)
			for (unsigned c = 1; c < 256; c++) {
				const bool ascii = c < 0x80, fine = c >= 0x20 && c < 0x7f;
				char s[64], out[256], wanted[256];
				size_t used = 0;

				memset(s, 'x', len);
				s[len] = '\0';
				s[at] = (char)c;
				assert_int_equal(eh_utf8_valid(s, len), ascii);
				assert_int_equal(eh_text_clean(s, false), fine);
				for (size_t i = 0; i < len; i++) {
					if (i != at || fine) {
						wanted[used++] = s[i];
						continue;
					}
					memcpy(wanted + used, "\xef\xbf\xbd", 3);
					used += 3;
				}
				wanted[used] = '\0';
				eh_text_printable(out, sizeof out, s, len);
				assert_string_equal(out, wanted);
			}
}

static void printable_text_is_cut_where_the_room_ends(void **state)
{
	static const char text[] = "0123456789abcdefghij";

	(void)state;
	for (size_t size = 1; size <= 24; size++) {
		char out[32];

		memset(out, '#', sizeof out);
		eh_text_printable(out, size, text, strlen(text));
		assert_int_equal(strlen(out), size - 1 < strlen(text) ? size - 1 : strlen(text));
		assert_memory_equal(out, text, strlen(out));
		assert_int_equal(out[size], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_are_those_of_printf),
		cmocka_unit_test(integers_are_those_of_printf),
		cmocka_unit_test(text_is_looked_at_whole),
		cmocka_unit_test(printable_text_is_cut_where_the_room_ends),
	};

	return cmocka_run_group_tests_name("numbers and text", tests, NULL, NULL);
}

/* base/: errors, buffers, text, times, random numbers, digests, JSON, memory faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"

static void a_prefix_keeps_the_message_and_never_overflows(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	char longer[700];

	(void)state;
	assert_int_equal(eh_err_set(&err, EH_EIO, "disk gone"), EH_EIO);
	assert_int_equal(eh_err_prefix(&err, "%s: ", "a.csv"), EH_EIO);
	assert_string_equal(err.msg, "a.csv: disk gone");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	(void)eh_err_prefix(&err, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
	assert_int_equal(eh_err_set(NULL, EH_EINVAL, "nobody listens"), EH_EINVAL);
}

static void exit_statuses_follow_the_contract(void **state)
{
	(void)state;
	assert_int_equal(eh_status_exit(EH_OK), 0);
	assert_int_equal(eh_status_exit(EH_EIO), 1);
	assert_int_equal(eh_status_exit(EH_EUSAGE), 2);
	assert_int_equal(eh_status_exit(EH_EENV), 3);
	assert_int_equal(eh_status_exit(EH_EREFUSED), 4);
	assert_string_equal(eh_status_text(12345), "unknown status");
}

static void a_buffer_stops_at_its_maximum_and_frees_itself(void **state)
{
	struct eh_buf b;

	(void)state;
	eh_buf_init(&b, 10);
	eh_buf_add(&b, "0123456789", 10);
	assert_false(b.failed);
	eh_buf_add(&b, "x", 1);
	assert_true(b.failed);
	assert_null(b.data);
	eh_buf_add(&b, "y", 1);
	assert_string_equal(eh_buf_cstr(&b), "");
}

static void a_record_comes_back_and_a_short_one_is_seen(void **state)
{
	struct eh_buf b;
	struct eh_reader r;
	char s[8];

	(void)state;
	eh_buf_init(&b, 1000);
	eh_put_u16(&b, 0xbeef);
	eh_put_i64(&b, -5);
	eh_put_f64(&b, 0.1);
	eh_put_str(&b, "seven77");
	for (size_t cut = 0; cut <= b.len; cut++) {
		eh_reader_init(&r, b.data, cut);
		(void)eh_get_u16(&r);
		(void)eh_get_i64(&r);
		(void)eh_get_f64(&r);
		eh_get_str(&r, s, sizeof s);
		assert_int_equal(r.bad, cut < b.len);
	}
	assert_string_equal(s, "seven77");
	eh_reader_init(&r, b.data, b.len);
	assert_int_equal(eh_get_u16(&r), 0xbeef);
	assert_int_equal(eh_get_i64(&r), -5);
	assert_true(eh_get_f64(&r) == 0.1);
	eh_get_str(&r, s, 4);
	assert_true(r.bad);
	eh_buf_free(&b);
}

static void ids_and_utf8_are_strict(void **state)
{
	(void)state;
	assert_true(eh_id_valid("E 07-\xc3\xa4", 7));
	assert_false(eh_id_valid("", 0));
	assert_false(eh_id_valid("a\nb", 3));
	assert_false(eh_id_valid("a\xe2\x80\xae""b", 5));       /* right-to-left override */
	assert_false(eh_utf8_valid("\xc0\xaf", 2));             /* overlong */
	assert_false(eh_utf8_valid("\xed\xa0\x80", 3));         /* surrogate */
	assert_false(eh_utf8_valid("\xf4\x90\x80\x80", 4));     /* above U+10FFFF */
	assert_true(eh_attribute_valid("age_40", 6));
	assert_false(eh_attribute_valid("40_plus", 7));
	assert_true(eh_group_valid("40_plus", 7));
	assert_false(eh_group_valid(" x", 2));
}

static void hostile_text_cannot_reach_the_terminal(void **state)
{
	char out[64];

	(void)state;
	eh_text_printable(out, sizeof out, "a\x1b[2Jb\xff", 7);
	assert_string_equal(out, "a\xef\xbf\xbd[2Jb\xef\xbf\xbd");
	eh_text_printable(out, 4, "\xc3\xa4\xc3\xb6", 4);       /* cut at a character border */
	assert_string_equal(out, "\xc3\xa4");
}

static void times_are_read_and_written_without_a_zone_file(void **state)
{
	static const struct { const char *text; int64_t t;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-25T10:00:00Z", 1795600800 },
		{ "2026-11-25T12:00:00+02:00", 1795600800 },
		{ "2000-02-29", 951782400 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2026-11-25 10:00:00.123Z", 1795600800 },
	};
	static const char *const bad[] = { "",
					   "2026",
					   "2026-13-01",
					   "2026-02-30",
					   "1900-02-29",
					   "2026-11-25T10:00:00",
					   "2026-11-25T25:00:00Z",
					   "2026-11-25x" };
	char text[EH_TIME_TEXT];
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(eh_parse_time(&t, good[i].text, NULL), EH_OK);
		assert_int_equal(t, good[i].t);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(eh_parse_time(&t, bad[i], NULL), EH_EFORMAT);
	for (int64_t v = -62000000000; v < 250000000000; v += 777777777) {
		eh_format_time(text, v);
		assert_int_equal(eh_parse_time(&t, text, NULL), EH_OK);
		assert_int_equal(t, v);
	}
}

static void times_at_the_ends_of_the_range_are_written_and_half_ones_refused(void **state)
{
	char text[EH_TIME_TEXT];
	int64_t t;

	(void)state;
	eh_format_time(text, INT64_MIN);
	eh_format_time(text, INT64_MAX);
	eh_format_time(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59Z");
	eh_format_time(text, -86400);
	assert_string_equal(text, "1969-12-31T00:00:00Z");
	assert_int_equal(eh_parse_time(&t, "2026-11-25T10:00:00.Z", NULL), EH_EFORMAT);
	assert_int_equal(eh_parse_time(&t, "2026-11-25T10:00:00.5Z", NULL), EH_OK);
}

static void text_for_people_is_clean_or_not(void **state)
{
	(void)state;
	assert_true(eh_text_clean("", false));
	assert_true(eh_text_clean("caf\xc3\xa9", false));
	assert_false(eh_text_clean("two\nlines", false));
	assert_true(eh_text_clean("two\nlines\tand", true));
	assert_false(eh_text_clean("a\rb", true));
	assert_false(eh_text_clean("\033[2J", true));
	assert_false(eh_text_clean("\xe2\x80\xae reversed", true));
	assert_false(eh_text_clean("caf\xc3", true));
}

static void numbers_refuse_what_is_left_over(void **state)
{
	double v;
	int64_t n;

	(void)state;
	assert_int_equal(eh_parse_f64(&v, "1e3", 0, 1e6, NULL), EH_OK);
	assert_true(v == 1000.0);
	assert_int_equal(eh_parse_f64(&v, "nan", 0, 1, NULL), EH_EFORMAT);
	assert_int_equal(eh_parse_f64(&v, "0x10", 0, 100, NULL), EH_EFORMAT);
	assert_int_equal(eh_parse_f64(&v, "1e999", 0, 1, NULL), EH_ERANGE);
	assert_int_equal(eh_parse_i64(&n, "12 ", 0, 100, NULL), EH_EFORMAT);
	assert_int_equal(eh_parse_i64(&n, "\t12", 0, 100, NULL), EH_EFORMAT);
	assert_int_equal(eh_parse_i64(&n, "", 0, 100, NULL), EH_EFORMAT);
	assert_int_equal(eh_parse_i64(&n, "-", -100, 100, NULL), EH_EFORMAT);
	assert_int_equal(eh_parse_i64(&n, "9223372036854775808", 0, INT64_MAX, NULL), EH_ERANGE);
	assert_int_equal(eh_parse_i64(&n, "101", 0, 100, NULL), EH_ERANGE);
}

static void random_numbers_are_the_same_everywhere(void **state)
{
	struct eh_rng r, named;
	double sum = 0.0, sum2 = 0.0;
	size_t counts[7] = { 0 };

	(void)state;
	eh_rng_seed(&r, 1);
	assert_true(eh_rng_u64(&r) == UINT64_C(0xb3f2af6d0fc710c5));
	eh_rng_seed_named(&named, 1, "folds");
	assert_true(eh_rng_u64(&named) != UINT64_C(0xb3f2af6d0fc710c5));
	for (int i = 0; i < 70000; i++) {
		double x = eh_rng_normal(&r);

		sum += x;
		sum2 += x * x;
		counts[eh_rng_below(&r, 7)]++;
	}
	assert_true(sum / 70000 < 0.02 && sum / 70000 > -0.02);
	assert_true(sum2 / 70000 < 1.03 && sum2 / 70000 > 0.97);
	for (int i = 0; i < 7; i++)
		assert_in_range(counts[i], 9600, 10400);        /* 4 sd around 10,000 */
}

static void sha256_is_the_standards(void **state)
{
	char hex[EH_DIGEST_HEX];

	(void)state;
	eh_sha256_hex(hex, "abc", 3);                           /* FIPS 180-4 example */
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void json_has_order_seventeen_digits_and_null_for_undefined(void **state)
{
	struct eh_json *j = eh_json_object(), *list = eh_json_array();
	char *text;

	(void)state;
	eh_json_num(j, "z", eh_num(0.1));
	eh_json_num(j, "a", eh_undefined(EH_U_EMPTY_GROUP));
	eh_json_str(j, "s", "bad \xff byte");
	eh_json_tri(j, "t", EH_UNKNOWN);
	eh_json_push_int(list, 3);
	eh_json_set(j, "l", list);
	text = eh_json_text(j);
	assert_string_equal(
		text, "{\"z\":0.10000000000000001,\"a\":null,\"s\":\"bad \xef\xbf\xbd byte\",\"t\":null,\"l\":[3]}");
	free(text);
	eh_json_free(&j);
	assert_null(j);
}

static void every_allocation_can_fail_once(void **state)
{
	struct eh_buf b;
	uint64_t n = 0;
	bool failed;

	(void)state;
	do {
		eh_mem_fail_at(++n);
		eh_buf_init(&b, 100000);
		for (int i = 0; i < 1000; i++)
			eh_put_u64(&b, 7);
		failed = b.failed;
		eh_buf_free(&b);
	} while (failed);
	eh_mem_fail_at(0);
	assert_in_range(n, 3, 20);                              /* it grew a few times, each could fail */
	assert_null(eh_try_malloc(SIZE_MAX / 2, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_keeps_the_message_and_never_overflows),
		cmocka_unit_test(exit_statuses_follow_the_contract),
		cmocka_unit_test(a_buffer_stops_at_its_maximum_and_frees_itself),
		cmocka_unit_test(a_record_comes_back_and_a_short_one_is_seen),
		cmocka_unit_test(ids_and_utf8_are_strict),
		cmocka_unit_test(hostile_text_cannot_reach_the_terminal),
		cmocka_unit_test(times_are_read_and_written_without_a_zone_file),
		cmocka_unit_test(times_at_the_ends_of_the_range_are_written_and_half_ones_refused),
		cmocka_unit_test(text_for_people_is_clean_or_not),
		cmocka_unit_test(numbers_refuse_what_is_left_over),
		cmocka_unit_test(random_numbers_are_the_same_everywhere),
		cmocka_unit_test(sha256_is_the_standards),
		cmocka_unit_test(json_has_order_seventeen_digits_and_null_for_undefined),
		cmocka_unit_test(every_allocation_can_fail_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

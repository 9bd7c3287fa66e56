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

static const char *utf8_of(char out[5], uint32_t c)
{
	size_t n = 0;

	if (c >= 0x10000) {
		out[n++] = (char)(0xf0 | c >> 18);
		out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
	} else {
		out[n++] = (char)(0xe0 | c >> 12);
	}
	out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	out[n++] = (char)(0x80 | (c & 0x3f));
	out[n] = '\0';
	return out;
}

/* What shows as nothing, or as whatever a font has, stands in no id and no text. */
static void nothing_stands_in_a_text_that_nobody_sees(void **state)
{
	static const uint32_t hidden[] = { 0xe0000, 0xe0001, 0xe0041, 0xe007f, 0xe0fff, 0x180e, 0x1d173, 0x1d17a,
					   0x115f, 0x1160, 0x3164, 0xffa0, 0x2800, 0xe000, 0xf8ff, 0xf0000, 0x10fffd,
					   0xfffe, 0xffff, 0x1fffe, 0xfdd0, 0xfe00, 0xfe0f, 0xe0100, 0xe01ef, 0x180b,
					   0x200b, 0x202e, 0xfeff, 0x2065, 0xfff0, 0x1bca0, 0x17b4 };
	/* blanks, and what is next to those above */
	static const uint32_t seen[] = { 0x3000, 0x2000, 0x2801, 0x1100, 0x1161, 0x3165, 0xffa1, 0xfe10, 0xfdcf,
					 0xfdf0, 0x1d172, 0x1d17b, 0x180a, 0x1820, 0x1f600, 0xfffd, 0x4e00, 0x20000 };
	char c[5], text[16], shown[32];

	(void)state;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
		(void)snprintf(text, sizeof text, "a%sb", utf8_of(c, hidden[i]));
		if (eh_text_clean(text, true) || eh_id_valid(text, strlen(text)))
			fail_msg("U+%04X is taken", (unsigned)hidden[i]);
		eh_text_printable(shown, sizeof shown, text, strlen(text));
		assert_string_equal(shown, "a\xef\xbf\xbd""b");
	}
	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
		(void)snprintf(text, sizeof text, "a%sb", utf8_of(c, seen[i]));
		if (!eh_text_clean(text, false) || !eh_id_valid(text, strlen(text)))
			fail_msg("U+%04X is refused", (unsigned)seen[i]);
		eh_text_printable(shown, sizeof shown, text, strlen(text));
		assert_string_equal(shown, text);
	}
}

/* Variants of an ideograph in a name, of Mongolian letters and of emoji are people's writing. */
static void a_selector_stands_behind_what_has_variants(void **state)
{
	static const char *const right[] = { "\xe8\x91\x9b\xf3\xa0\x84\x80\xe5\x9f\x8e", "\xe1\xa0\xa0\xe1\xa0\x8b",
					     "\xe2\x9d\xa4\xef\xb8\x8f", "1\xef\xb8\x8f\xe2\x83\xa3",
					     "name \xe8\x91\x9b\xf3\xa0\x84\x80" };
	static const char *const wrong[] = { "\xef\xb8\x8f", "a\xef\xb8\x8f", "1\xef\xb8\x8e",
					     "\xe2\x9d\xa4\xef\xb8\x8f\xef\xb8\x8f", "12345678a\xf3\xa0\x84\x80" };
	char shown[64];

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		if (!eh_text_clean(right[i], false) || !eh_id_valid(right[i], strlen(right[i])))
			fail_msg("%s is refused", right[i]);
		eh_text_printable(shown, sizeof shown, right[i], strlen(right[i]));
		assert_string_equal(shown, right[i]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (eh_text_clean(wrong[i], false) || eh_id_valid(wrong[i], strlen(wrong[i])))
			fail_msg("%zu is taken", i);
		eh_text_printable(shown, sizeof shown, wrong[i], strlen(wrong[i]));
		assert_true(eh_text_clean(shown, false) && strstr(shown, "\xef\xbf\xbd") != NULL);
	}
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
		cmocka_unit_test(nothing_stands_in_a_text_that_nobody_sees),
		cmocka_unit_test(a_selector_stands_behind_what_has_variants),
		cmocka_unit_test(text_for_people_is_clean_or_not),
		cmocka_unit_test(numbers_refuse_what_is_left_over),
		cmocka_unit_test(random_numbers_are_the_same_everywhere),
		cmocka_unit_test(sha256_is_the_standards),
		cmocka_unit_test(json_has_order_seventeen_digits_and_null_for_undefined),
		cmocka_unit_test(every_allocation_can_fail_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

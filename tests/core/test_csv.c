/* The CSV reader: places of fields, quotes, line ends, damage.  Compiled with blocks of 5 bytes, so that every border
 * is hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EH_CSV_BLOCK 5
#include "exchange/csv.c"

#include "base/buf.h"
#include "base/rng.h"

/* "1:1[a]1:3[b];" : place and text of every field, ';' after a row, '!' for a fault */
static int dump(void *ctx, const struct eh_csv_row *row, struct eh_err *err)
{
	struct eh_buf *b = ctx;

	(void)err;
	for (size_t i = 0; i < row->n; i++)
		eh_buf_printf(b, "%d:%d[%s]", (int)row->field[i].line, (int)row->field[i].column,
			      row->field[i].fault != NULL ? "!" : row->field[i].text);
	eh_buf_printf(b, ";");
	return EH_OK;
}

static int read_bytes(struct eh_buf *b, const void *bytes, size_t len, uint64_t *line, uint64_t *column,
		      struct eh_err *err)
{
	FILE *in = fmemopen((void *)(uintptr_t)bytes, len != 0 ? len : 1, "r");
	int rc = EH_OK;

	assert_non_null(in);
	if (len == 0)
		(void)fgetc(in);
	rc = eh_csv_read(in, dump, b, line, column, err);
	assert_int_equal(fclose(in), 0);
	return rc;
}

static void expect(const char *bytes, size_t len, const char *want)
{
	struct eh_err err = EH_ERR_INIT;
	uint64_t line = 0, column = 0;
	struct eh_buf b;

	eh_buf_init(&b, 1 << 20);
	assert_int_equal(read_bytes(&b, bytes, len, &line, &column, &err), EH_OK);
	assert_string_equal(eh_buf_cstr(&b), want);
	eh_buf_free(&b);
}

static void expect_fault(const char *bytes, uint64_t line, uint64_t column, const char *part)
{
	struct eh_err err = EH_ERR_INIT;
	uint64_t l = 0, c = 0;
	struct eh_buf b;

	eh_buf_init(&b, 1 << 20);
	assert_int_equal(read_bytes(&b, bytes, strlen(bytes), &l, &c, &err), EH_EFORMAT);
	assert_int_equal(l, line);
	assert_int_equal(c, column);
	assert_non_null(strstr(err.msg, part));
	eh_buf_free(&b);
}

#define EXPECT(bytes, want) expect(bytes, sizeof(bytes) - 1, want)

static void fields_carry_the_place_of_their_first_byte(void **state)
{
	(void)state;
	EXPECT("a,bb,c\n1,22,333\n", "1:1[a]1:3[bb]1:6[c];2:1[1]2:3[22]2:6[333];");
	EXPECT("a,,\n", "1:1[a]1:3[]1:4[];");
	EXPECT("long field here,x", "1:1[long field here]1:17[x];");
}

static void line_ends_of_every_kind_count_once(void **state)
{
	(void)state;
	EXPECT("a\r\nb\r\n", "1:1[a];2:1[b];");
	EXPECT("a\rb\nc", "1:1[a];2:1[b];3:1[c];");
	EXPECT("a\n\n\r\nb", "1:1[a];4:1[b];");
	EXPECT("a,b\r\n1,", "1:1[a]1:3[b];2:1[1]2:3[];");
}

static void byte_order_mark_is_no_part_of_the_first_field(void **state)
{
	(void)state;
	EXPECT("\xef\xbb\xbf"
	       "a,b\n",
	       "1:1[a]1:3[b];");
	EXPECT("\xef\xbb\xbf\"a\",b\n", "1:1[a]1:5[b];");
}

static void quoted_fields_hold_commas_quotes_and_lines(void **state)
{
	(void)state;
	EXPECT("\"a,\"\"b\"\"\",c\n", "1:1[a,\"b\"]1:11[c];");
	EXPECT("\"x\ny\",z\nq\n", "1:1[x\ny]2:4[z];3:1[q];");
	EXPECT("\"x\r\ny\",z\nq\n", "1:1[x\r\ny]2:4[z];3:1[q];");
	EXPECT("\"\"\n", "1:1[];");
}

static void blanks_belong_to_the_field(void **state)
{
	(void)state;
	EXPECT(" a , b\n", "1:1[ a ]1:5[ b];");
}

static void damaged_text_is_told_per_field(void **state)
{
	(void)state;
	EXPECT("ok,\xff\xfe,ok\n", "1:1[ok]1:4[!]1:7[ok];");
	EXPECT("a\0b,c\nd,e\n", "1:1[!]1:5[c];2:1[d]2:3[e];");
	EXPECT("\xed\xa0\x80\n", "1:1[!];");
}

static void wrong_quotes_name_the_field(void **state)
{
	(void)state;
	expect_fault("a,b\n1,2\"3\n", 2, 3, "quote");
	expect_fault("a,b\n1,\"2\"3\n", 2, 3, "quote");
	expect_fault("a,b\n1,\"2\n3,4\n", 2, 3, "never closed");
}

static void endless_field_is_cut_off(void **state)
{
	size_t len = EH_CSV_FIELD_MAX + 100;
	char *bytes = malloc(len + 1);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, '\n', len);
	memcpy(bytes, "a\n\"", 3);
	bytes[len] = '\0';
	expect_fault(bytes, 2, 1, "longer than");
	memset(bytes, ',', len);
	expect_fault(bytes, 1, EH_CSV_FIELDS_MAX + 1, "more than 1000 fields");
	free(bytes);
}

static void a_file_that_is_no_text_is_named_by_its_first_bytes(void **state)
{
	(void)state;
	expect_fault("\xff\xfe" "e,", 1, 1, "UTF-16");
	expect_fault("\xfe\xff,e", 1, 1, "UTF-16");
	expect_fault("PK\3\4a,b\n", 1, 1, "spreadsheet");
	expect_fault("\x1f\x8b,b\n", 1, 1, "compressed");
}

static void empty_file_has_no_row(void **state)
{
	(void)state;
	EXPECT("", "");
	EXPECT("\n\n", "");
	EXPECT("\xef\xbb\xbf", "");
}

static int stop(void *ctx, const struct eh_csv_row *row, struct eh_err *err)
{
	(void)row;
	(void)err;
	++*(int *)ctx;
	return 7;
}

static void row_function_ends_the_reading(void **state)
{
	FILE *in = fmemopen((void *)(uintptr_t) "a\nb\nc\n", 6, "r");
	uint64_t line = 0, column = 0;
	int n = 0;

	(void)state;
	assert_int_equal(eh_csv_read(in, stop, &n, &line, &column, NULL), 7);
	assert_int_equal(n, 1);
	assert_int_equal(fclose(in), 0);
}

static void no_memory_is_an_answer(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	uint64_t line = 0, column = 0;
	int rc = EH_ENOMEM;

	(void)state;
	for (uint64_t n = 1; rc != EH_OK; n++) {
		struct eh_buf b;

		assert_true(n < 100);
		eh_buf_init(&b, 1 << 20);
		eh_mem_fail_at(n);
		rc = read_bytes(&b, "a,b\n1,2\n", 8, &line, &column, &err);
		eh_mem_fail_at(0);
		assert_true(rc == EH_OK || rc == EH_ENOMEM || b.failed);
		eh_buf_free(&b);
	}
}

static void mutated_bytes_never_crash(void **state)
{
	static const char seed[] =
		"evaluator_id,candidate_id,decision,\"x.note\"\r\nE1,C1,1,\"a \"\"b\"\",\nc\"\r\nE2,C2,0,\xc3\xa4\n";
	static const char spice[] = "\",\n\r\0\xff\xc3 a";
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 42);
	for (int round = 0; round < 3000; round++) {
		char bytes[sizeof seed];
		uint64_t line = 0, column = 0;
		struct eh_err err = EH_ERR_INIT;
		struct eh_buf b;
		size_t len = 1 + eh_rng_below(&rng, sizeof seed - 1);
		int rc = EH_OK;

		memcpy(bytes, seed, sizeof seed);
		for (int k = (int)eh_rng_below(&rng, 6); k > 0; k--)
			bytes[eh_rng_below(&rng, len)] = spice[eh_rng_below(&rng, sizeof spice - 1)];
		eh_buf_init(&b, 1 << 20);
		rc = read_bytes(&b, bytes, len, &line, &column, &err);
		assert_true(rc == EH_OK || rc == EH_EFORMAT);
		assert_true(line >= 1 && column >= 1 && line <= len + 1 && column <= len + 1);
		assert_true(rc == EH_OK || err.msg[0] != '\0');
		eh_buf_free(&b);
	}
}

static void written_field(const char *text, const char *want)
{
	char out[100] = "";
	FILE *f = fmemopen(out, sizeof out, "w");

	assert_non_null(f);
	eh_csv_field(f, text, true);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(out, want);
}

static void written_fields_are_quoted_and_no_formulas(void **state)
{
	(void)state;
	written_field("plain", "plain\n");
	written_field("a,b", "\"a,b\"\n");
	written_field("say \"x\"", "\"say \"\"x\"\"\"\n");
	written_field("two\nlines", "\"two\nlines\"\n");
	written_field("=1+2", "'=1+2\n");
	written_field("@x", "'@x\n");
	written_field("-1,2", "\"'-1,2\"\n");
	written_field("", "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_carry_the_place_of_their_first_byte),
		cmocka_unit_test(line_ends_of_every_kind_count_once),
		cmocka_unit_test(byte_order_mark_is_no_part_of_the_first_field),
		cmocka_unit_test(quoted_fields_hold_commas_quotes_and_lines),
		cmocka_unit_test(blanks_belong_to_the_field),
		cmocka_unit_test(damaged_text_is_told_per_field),
		cmocka_unit_test(wrong_quotes_name_the_field),
		cmocka_unit_test(endless_field_is_cut_off),
		cmocka_unit_test(a_file_that_is_no_text_is_named_by_its_first_bytes),
		cmocka_unit_test(empty_file_has_no_row),
		cmocka_unit_test(row_function_ends_the_reading),
		cmocka_unit_test(no_memory_is_an_answer),
		cmocka_unit_test(mutated_bytes_never_crash),
		cmocka_unit_test(written_fields_are_quoted_and_no_formulas),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}

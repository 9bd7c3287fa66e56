/* Plain CSV rows: tiny blocks, byte by byte instead of by masks, against libcsv's rows. */
#define EH_PLAIN_BLOCK 256u
#define EH_PLAIN_PORTABLE
#include "exchange/plain.c"

#include "tests/core/temp_project.h"

#include <fcntl.h>

#include "base/rng.h"
#include "exchange/csv.h"

static struct temp_project project;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&project);
	return 0;
}

struct text {
	char s[60000];
	size_t n, rows, columns;
};

static int add_plain(void *ctx, const char *const *at, bool wide, struct eh_err *err)
{
	struct text *t = ctx;

	(void)wide;
	(void)err;
	for (size_t i = 0; i < t->columns; i++)
		t->n += (size_t)snprintf(t->s + t->n, sizeof t->s - t->n, "<%.*s>", (int)(at[i + 1] - at[i] - 1),
					 at[i]);
	t->rows++;
	return EH_OK;
}

static int add_csv(void *ctx, const struct eh_csv_row *row, struct eh_err *err)
{
	struct text *t = ctx;

	(void)err;
	for (size_t i = 0; i < row->n; i++)
		t->n += (size_t)snprintf(t->s + t->n, sizeof t->s - t->n, "<%s>", row->field[i].text);
	t->rows++;
	return EH_OK;
}

static int write_file(const char *text, size_t len)
{
	char path[128];
	int fd;

	temp_file(&project, path, "t.csv", text, len);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	return fd;
}

/* In `parts` pieces cut anywhere. */
static int read_plain(struct text *t, int fd, size_t len, size_t columns, size_t parts)
{
	struct eh_err err = EH_ERR_INIT;
	uint64_t from = 0;
	int rc = EH_OK;

	*t = (struct text){ .columns = columns };
	for (size_t i = 0; i < parts && rc == EH_OK; i++) {
		uint64_t to = i + 1 == parts ? len : eh_plain_border(fd, len * (i + 1) / parts, len);
		struct eh_plain_part part = { fd, from, to, columns, add_plain, t };

		rc = eh_plain_read(&part, &err);
		from = to;
	}
	return rc;
}

static void rows_are_those_of_libcsv(void **state)
{
	static const char *const cells[] = {
		"", "a", "advance", "E0001", "\xc3\xa4\xc3\xb6", "x y", "\t", "0.25", "a longer cell than the others"
	};
	struct eh_rng rng;
	struct text *plain = malloc(sizeof *plain), *csv = malloc(sizeof *csv);

	(void)state;
	eh_rng_seed(&rng, 5);
	for (unsigned round = 0; round < 300; round++) {
		const size_t columns = 2 + round % 5;
		const bool crlf = round % 3 == 0;
		char text[20000] = "";
		size_t n = 0, rows = round % 40;
		struct eh_err err = EH_ERR_INIT;
		uint64_t line, column;
		FILE *in = NULL;
		int fd;

		for (size_t i = 0; i < rows; i++) {
			for (size_t k = 0; k < columns; k++)
				n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", k > 0 ? "," : "",
						      cells[eh_rng_below(&rng, k == 0 ? 6 : 9)]);
			n += (size_t)snprintf(text + n, sizeof text - n, "%s", crlf ? "\r\n" : "\n");
			if (eh_rng_below(&rng, 10) == 0)
				n += (size_t)snprintf(text + n, sizeof text - n, "%s", crlf ? "\r\n" : "\n");
		}
		if (n > 1 && round % 2 == 0 && text[n - 2] != '\n' && text[n - 2] != '\r')
			text[--n] = '\0'; /* without the last line end */
		fd = write_file(text, n);
		in = fmemopen(text, n > 0 ? n : 1, "r");
		*csv = (struct text){ .columns = columns };
		if (n > 0)
			assert_int_equal(eh_csv_read(in, add_csv, csv, &line, &column, &err), EH_OK);
		(void)fclose(in);
		for (size_t parts = 1; parts <= 4; parts++) {
			assert_int_equal(read_plain(plain, fd, n, columns, parts), EH_OK);
			assert_int_equal(plain->rows, csv->rows);
			assert_string_equal(plain->s, csv->s);
		}
		(void)close(fd);
	}
	free(plain);
	free(csv);
}

static void what_is_not_plain_is_left_to_others(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} odd[] = {
#define ODD(s) { s, sizeof(s) - 1 }
		ODD("a,b\n\"c\",d\n"), ODD("a,b\nc\"d,e\n"), ODD("a,b\nc\n"),
		ODD("a,b\nc,d,e\n"),   ODD("a,b\rc,d\n"),    ODD("a,b\nc\0,d\n"),
		ODD("a,b\nc,\xff\n"),  ODD("a,b\nc,\xc3\n"), ODD("a,b\n\xed\xa0\x80,d\n"),
		ODD("a,b\n \n"),
#undef ODD
	};
	struct text *t = malloc(sizeof *t);
	char longer[400];
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		fd = write_file(odd[i].text, odd[i].len);
		if (read_plain(t, fd, odd[i].len, 2, 1) != EH_PLAIN_ODD)
			fail_msg("number %zu was read", i);
		(void)close(fd);
	}
	/* a row that fits no block */
	memset(longer, 'x', sizeof longer);
	longer[2] = ',';
	fd = write_file(longer, sizeof longer);
	assert_int_equal(read_plain(t, fd, sizeof longer, 2, 1), EH_PLAIN_ODD);
	(void)close(fd);
	free(t);
}

static void no_memory_is_an_answer(void **state)
{
	struct text *t = malloc(sizeof *t);
	int fd = write_file("a,b\n", 4);

	(void)state;
	for (uint64_t n = 1; n <= 2; n++) {
		eh_mem_fail_at(n);
		assert_int_equal(read_plain(t, fd, 4, 2, 1), EH_ENOMEM);
		eh_mem_fail_at(0);
	}
	(void)close(fd);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_are_those_of_libcsv, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_plain_is_left_to_others, setup, teardown),
		cmocka_unit_test_setup_teardown(no_memory_is_an_answer, setup, teardown),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}

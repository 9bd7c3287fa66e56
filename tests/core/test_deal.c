/* Fingerprints of candidates, rows in and out of piles, and the set of byte strings that readers ask for every row. */
#include "tests/core/temp_project.h"

#include "base/mem.h"
#include "base/rng.h"
#include "exchange/deal_inside.h"
#include "exchange/terms.h"

static int by_print(const void *a, const void *b)
{
	const struct eh_deal_print *x = a, *y = b;

	if (x->pile != y->pile)
		return x->pile < y->pile ? -1 : 1;
	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}

/* n ids by their number, all different; piles of them within six standard deviations of an even deal. */
static void expect_apart(size_t n, size_t (*name)(char *out, size_t i))
{
	struct eh_deal_print *v = eh_xcalloc(n, sizeof *v);
	double chi = 0.0;
	size_t pile[EH_DEAL_PILES] = { 0 };

	for (size_t i = 0; i < n; i++) {
		char id[32] = "";
		size_t len = name(id, i);

		assert_true(len > 0 && len <= EH_DEAL_SHORT);
		/* what is behind the id is not believed */
		memset(id + len, (int)(1 + i % 250), sizeof id - len);
		v[i] = eh_deal_print_short(id, len);
		pile[v[i].pile]++;
	}
	for (size_t k = 0; k < EH_DEAL_PILES; k++) {
		double over = (double)pile[k] - (double)n / EH_DEAL_PILES;

		chi += over * over / ((double)n / EH_DEAL_PILES);
	}
	if (chi >= 255.0 + 6.0 * 22.6)
		fail_msg("chi-square of %zu ids over the piles: %.0f", n, chi);
	qsort(v, n, sizeof *v, by_print);
	for (size_t i = 1; i < n; i++)
		assert_true(by_print(&v[i - 1], &v[i]) < 0);
	free(v);
}

static size_t number(char *out, size_t i) { return (size_t)snprintf(out, 12, "%zu", i); }
static size_t padded(char *out, size_t i) { return (size_t)snprintf(out, 12, "C%010zu", i); }
static size_t hundreds(char *out, size_t i) { return (size_t)snprintf(out, 12, "%zu00", i); }
/* differs in the last bytes alone, and from its beginning by length alone */
static size_t tail(char *out, size_t i)
{
	const char *s = "aaaaaaaa";

	return (size_t)snprintf(out, 12, "%s%c%c", s, (int)('!' + i / 90 % 90), (int)('!' + i % 90)) - (i >= 8100);
}

static void short_ids_are_never_taken_for_one(void **state)
{
	(void)state;
	expect_apart(300000, number);
	expect_apart(300000, padded);
	expect_apart(300000, hundreds);
	expect_apart(8101, tail);
}

static void rows_come_out_as_they_went_in(void **state)
{
	struct eh_deal d = { .scores = true, .days = true };
	size_t seen = 0;

	(void)state;
	for (uint32_t i = 0; i < 40000; i++) {
		char id[64];
		int len = snprintf(id, sizeof id, i % 3 == 0 ? "%u" : "an id longer than eleven bytes: %u", i % 7);
		int pile = eh_deal_add(&d, id, (size_t)len, i * 2654435761u);

		assert_true(pile >= 0);
		eh_deal_beside(&d, (unsigned)pile, (double)i, (int32_t)i - 20000);
	}
	for (unsigned k = 0; k < EH_DEAL_PILES; k++) {
		unsigned char *block = d.pile[k].first, *end = d.pile[k].at, *older = NULL;

		for (; block != NULL; block = older) {
			for (size_t i = 0; i < eh_deal_block_rows(block, end); i++) {
				uint64_t high;
				uint32_t tag, row = (uint32_t)eh_deal_scores(block)[i];
				uint16_t low;

				eh_deal_get(block + EH_DEAL_HEAD + i * EH_DEAL_ROW, &high, &low, &tag);
				assert_int_equal(tag, row * 2654435761u);
				assert_int_equal(eh_deal_days(&d, block)[i], (int32_t)row - 20000);
				seen++;
			}
			memcpy(&older, block, sizeof older);
			end = older != NULL ? older + EH_DEAL_HEAD + (size_t)EH_DEAL_BLOCK_ROWS * EH_DEAL_ROW : NULL;
		}
	}
	assert_int_equal(seen, 40000);
	eh_deal_free(&d);
}

/* Strings of every length that differ from others in one byte, anywhere. */
static void strings_are_found_by_all_their_bytes(void **state)
{
	struct eh_terms t = { 0 };
	char text[120];
	uint32_t n = 0;

	(void)state;
	for (size_t len = 0; len <= 80; len++)
		for (size_t at = 0; at <= len; at++) {
			struct eh_term_key key;

			memset(text, 'x', sizeof text);
			text[at] = at < len ? 'y' : 'x';
			text[len] = (char)(len + at); /* not part of it */
			key = eh_term_key(text, len);
			assert_int_equal(eh_terms_find(&t, &key), EH_TERM_NONE);
			assert_int_equal(eh_terms_add(&t, &key), n);
			assert_int_equal(strlen(eh_terms_text(&t, n)), len);
			n++;
		}
	n = 0;
	for (size_t len = 0; len <= 80; len++)
		for (size_t at = 0; at <= len; at++) {
			struct eh_term_key key;

			memset(text, 'x', sizeof text);
			text[at] = at < len ? 'y' : 'x';
			text[len] = 'z';
			key = eh_term_key(text, len);
			assert_int_equal(eh_terms_find(&t, &key), n++);
		}
	eh_terms_free(&t);
}

static void large_pages_are_memory_as_any(void **state)
{
	static const size_t size[] = { 0, 1, 4096, 524287, 524288, 2097152, 2097153, 3000000, 9000001 };

	(void)state;
	for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
		unsigned char *p = eh_try_pages(size[i], 1), *q;

		assert_non_null(p);
		memset(p, 7, size[i]);
		q = eh_try_realloc(p, size[i] / 3 + 1, 1);
		assert_non_null(q);
		assert_true(size[i] == 0 || (q[0] == 7 && q[size[i] / 3 > 0 ? size[i] / 3 - 1 : 0] == 7));
		free(q);
	}
	assert_null(eh_try_pages(SIZE_MAX, 2));
	assert_null(eh_try_pages(SIZE_MAX, 1));
	eh_mem_fail_at(1);
	assert_null(eh_try_pages((size_t)8 << 20, 1));
	eh_mem_fail_at(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_ids_are_never_taken_for_one),
		cmocka_unit_test(rows_come_out_as_they_went_in),
		cmocka_unit_test(strings_are_found_by_all_their_bytes),
		cmocka_unit_test(large_pages_are_memory_as_any),
	};

	return cmocka_run_group_tests_name("deal", tests, NULL, NULL);
}

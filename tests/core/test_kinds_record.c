/* The record of a count cube in few bytes: round trip, and what a damaged one does. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "audit/kinds.h"
#include "base/rng.h"

static struct eh_kinds *some_kinds(struct eh_name_builder *words)
{
	static const char *const strata[] = { "cook\x1fphone\x1f\x1f"
					      "2026-01",
					      "cook\x1froom\x1f\x1f"
					      "2026-01",
					      "" };
	static const char *const profiles[] = { "DE\x1f"
						"cook\x1fsex\x1e"
						"f",
						"DE\x1f"
						"cook\x1fsex\x1em",
						"US" };
	struct eh_kinds *k = eh_kinds_new(words);

	eh_kinds_hold(k, 7);
	for (uint32_t i = 0; i < 60; i++) {
		struct eh_kind_cell cell[3];

		for (uint32_t c = 0; c < 3; c++)
			cell[c] = (struct eh_kind_cell){ eh_names_add(words, strata[c]), (i >> c) & 1u, i % 5 == c,
							 i % 5 == c ? 0.5 * i : 0.0 };
		assert_int_equal(eh_kinds_add(k, eh_names_add(words, profiles[i % 3]), cell, 1 + i % 3,
					      i == 17 ? 1000000 : 1, NULL),
				 EH_OK);
	}
	return k;
}

static struct eh_buf stored_again(struct eh_name_builder *words, struct eh_bytes record)
{
	struct eh_kinds *k = eh_kinds_new(words);
	struct eh_buf out;

	assert_int_equal(eh_kinds_load(k, record, NULL), EH_OK);
	assert_int_equal(eh_kinds_store_compact(k, &out, NULL), EH_OK);
	eh_kinds_free(&k);
	return out;
}

/* The record in few bytes says what the plain one says; cut short or changed it is refused or read, and no harm done.
 */
static void a_record_in_few_bytes(void **state)
{
	struct eh_name_builder *words = eh_names_new();
	struct eh_kinds *k = some_kinds(words);
	struct eh_names names;
	struct eh_buf plain, few, again;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 3);
	assert_int_equal(eh_kinds_store(k, &plain, NULL), EH_OK);
	assert_int_equal(eh_kinds_store_compact(k, &few, NULL), EH_OK);
	assert_true(few.len < plain.len);
	again = stored_again(words, (struct eh_bytes){ plain.data, plain.len });
	assert_int_equal(again.len, few.len);
	assert_memory_equal(again.data, few.data, few.len);
	eh_buf_free(&again);
	again = stored_again(words, (struct eh_bytes){ few.data, few.len });
	assert_int_equal(again.len, few.len);
	assert_memory_equal(again.data, few.data, few.len);
	for (size_t len = 1; len < few.len; len++) {
		eh_kinds_clear(k);
		assert_int_equal(eh_kinds_load(k, (struct eh_bytes){ few.data, len }, NULL), EH_EFORMAT);
	}
	for (int i = 0; i < 20000; i++) {
		unsigned char *at = &again.data[eh_rng_below(&rng, again.len)];
		const unsigned char before = *at;

		*at = (unsigned char)eh_rng_below(&rng, 256);
		eh_kinds_clear(k);
		(void)eh_kinds_load(k, (struct eh_bytes){ again.data, again.len }, NULL);
		*at = before;
	}
	eh_buf_free(&plain);
	eh_buf_free(&few);
	eh_buf_free(&again);
	eh_kinds_free(&k);
	eh_names_finish(&words, &names, NULL);
	eh_names_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_in_few_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

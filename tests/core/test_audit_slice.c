/* Everybody's decisions: put together from the evaluators' they are what a walk through all rows makes of them. */
#include "tests/core/audit_build.h"

#include "audit/order.h"
#include "audit/slice.h"
#include "base/rng.h"

#define EVALUATORS 7

static const char *const groups[] = { "a", "b", "c" };

static void make_rows(struct eh_audit_data *d)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_rng rng;

	eh_rng_seed(&rng, 3);
	for (unsigned i = 0; i < 900; i++) {
		char evaluator[32], candidate[32], stratum[64];

		(void)snprintf(candidate, sizeof candidate, "c%u", i);
		(void)snprintf(evaluator, sizeof evaluator, "e%u", (unsigned)eh_rng_below(&rng, EVALUATORS));
		(void)snprintf(stratum, sizeof stratum, "j%u", (unsigned)eh_rng_below(&rng, 5));
		build_person(&b, candidate, "clerk", (int)eh_rng_below(&rng, 4) - 1);
		build_row(&b, evaluator, candidate, stratum, eh_rng_below(&rng, 3) == 0);
	}
	build_finish(d, &b, groups, 3);
}

static struct eh_slice *new_slice(const struct eh_order *o)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_slice *s = NULL;

	assert_int_equal(eh_slice_new(&s, o, false, &err), EH_OK);
	return s;
}

static void check_same(const struct eh_slice *x, const struct eh_slice *y)
{
	assert_int_equal(x->n, y->n);
	assert_int_equal(x->n_persons, y->n_persons);
	assert_int_equal(x->n_patterns, y->n_patterns);
	assert_int_equal(x->n_strata, y->n_strata);
	assert_int_equal(x->n_blocks, y->n_blocks);
	assert_memory_equal(x->start, y->start, (x->n_patterns + 1) * sizeof *x->start);
	assert_memory_equal(x->cell, y->cell, x->start[x->n_patterns] * sizeof *x->cell);
	assert_memory_equal(x->block, y->block, x->n_patterns * sizeof *x->block);
	assert_memory_equal(x->classes[0].of, y->classes[0].of, x->n_patterns * 4 * sizeof *x->classes[0].of);
	assert_memory_equal(x->classes[0].by_code, y->classes[0].by_code, sizeof x->classes[0].by_code);
}

static void parts_make_the_whole(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct eh_order o;

	(void)state;
	make_rows(&d);
	assert_int_equal(eh_order_make(&o, &d, false, &err), EH_OK);
	assert_null(o.candidate_at);
	/* one part for each evaluator; then parts of three, which are put together themselves */
	for (size_t handful = 1; handful <= 3; handful += 2) {
		struct eh_slice *all = new_slice(&o), *one = new_slice(&o), *whole = new_slice(&o);

		for (size_t e = 0; e < d.evaluators.n; e += handful) {
			struct eh_slice *part = new_slice(&o);

			for (size_t i = e; i < e + handful && i < d.evaluators.n; i++) {
				assert_int_equal(eh_slice_evaluator(one, (uint32_t)i, &err), EH_OK);
				assert_int_equal(eh_slice_append(part, one, &err), EH_OK);
			}
			assert_int_equal(eh_slice_append(all, part, &err), EH_OK);
			eh_slice_free(&part);
		}
		assert_int_equal(eh_slice_everybody(whole, &err), EH_OK);
		assert_int_equal(whole->n_persons, 900);
		check_same(all, whole);
		eh_slice_free(&all);
		eh_slice_free(&one);
		eh_slice_free(&whole);
	}
	eh_order_free(&o);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_make_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

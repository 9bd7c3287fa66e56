/* Paired decisions on the same candidates, against the counts they were made of. */
#include "audit_build.h"

#include <math.h>

#include "audit/paired.h"
#include "audit/pairs.h"

static const char *const groups[] = { "female", "male" };

/* One person whom E1 and E2 judged. */
static void pair(struct build *b, unsigned i, int group, bool first, bool second)
{
	char name[32];

	(void)snprintf(name, sizeof name, "K%05u", i);
	build_person(b, name, "clerk", group);
	build_row(b, "E1", name, "S", first);
	build_row(b, "E2", name, "S", second);
}

/* cases/paired.csv "main": both 40, first only 3, second only 12, neither 25. */
static void make_main(struct eh_audit_data *d)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	unsigned i = 0;

	for (unsigned k = 0; k < 40; k++)
		pair(&b, i++, 0, true, true);
	for (unsigned k = 0; k < 3; k++)
		pair(&b, i++, 0, true, false);
	for (unsigned k = 0; k < 12; k++)
		pair(&b, i++, 0, false, true);
	for (unsigned k = 0; k < 25; k++)
		pair(&b, i++, 0, false, false);
	/* none of these may count: another group, no class, predicted, judged by one of them only */
	pair(&b, i++, 1, false, true);
	pair(&b, i++, -1, false, true);
	build_cell(&b, "E1", "S", 0, 5, 5);
	build_cell(&b, "E2", "S", 0, 7, 0);
	build_finish(d, &b, groups, 2);
}

static void count(struct eh_pairs *out, const struct eh_audit_data *d, size_t evaluator, const bool *second,
		  size_t group)
{
	struct eh_pairing *p = NULL;

	assert_int_equal(eh_pairing_new(&p, d, NULL), EH_OK);
	eh_pairing_count(out, p, evaluator, second, 0, group);
	eh_pairing_free(p);
}

static void test_main_case(void **state)
{
	const bool second[2] = { false, true };
	struct eh_audit_data d;
	struct eh_pairs p;

	(void)state;
	make_main(&d);
	count(&p, &d, 0, second, 0);
	assert_int_equal(p.both, 40);
	assert_int_equal(p.first_only, 3);
	assert_int_equal(p.second_only, 12);
	assert_int_equal(p.neither, 25);
	assert_int_equal(p.split, 0);
	assert_true(fabs(eh_paired(p.first_only, p.second_only).exact.value - 0.03515625) < 1e-12);
	eh_audit_data_free(&d);
}

static void test_other_side(void **state)
{
	const bool second[2] = { true, true }; /* E2 himself does not count */
	struct eh_audit_data d;
	struct eh_pairs p;

	(void)state;
	make_main(&d);
	count(&p, &d, 1, second, 0);
	assert_int_equal(p.first_only, 12);
	assert_int_equal(p.second_only, 3);
	count(&p, &d, 0, second, 1);
	assert_int_equal(p.both + p.first_only + p.neither, 0);
	assert_int_equal(p.second_only, 1);
	eh_audit_data_free(&d);
}

static void test_nobody_second(void **state)
{
	const bool second[2] = { false, false };
	struct eh_audit_data d;
	struct eh_pairs p;

	(void)state;
	make_main(&d);
	count(&p, &d, 0, second, 0);
	assert_int_equal(p.both + p.first_only + p.second_only + p.neither + p.split, 0);
	eh_audit_data_free(&d);
}

/* Two of three is a majority; two against two is a side divided. */
static void test_majorities(void **state)
{
	const bool second[3] = { false, true, true };
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_data d;
	struct eh_pairs p;

	(void)state;
	build_person(&b, "A", "clerk", 0);
	build_row(&b, "E1", "A", "S1", true);
	build_row(&b, "E1", "A", "S2", true);
	build_row(&b, "E1", "A", "S3", false);
	build_row(&b, "E2", "A", "S1", false);
	build_person(&b, "B", "clerk", 0);
	build_row(&b, "E1", "B", "S1", false);
	build_row(&b, "E2", "B", "S1", true);
	build_row(&b, "E3", "B", "S1", false);
	build_person(&b, "C", "clerk", 0);
	build_row(&b, "E1", "C", "S1", true);
	build_row(&b, "E1", "C", "S2", false);
	build_row(&b, "E3", "C", "S1", true);
	build_finish(&d, &b, groups, 2);
	count(&p, &d, 0, second, 0);
	assert_int_equal(p.first_only, 1);
	assert_int_equal(p.split, 2);
	assert_int_equal(p.both + p.second_only + p.neither, 0);
	eh_audit_data_free(&d);
}

static void test_rows(void **state)
{
	struct eh_pairing *p = NULL;
	struct eh_audit_data d;

	(void)state;
	make_main(&d);
	assert_int_equal(eh_pairing_new(&p, &d, NULL), EH_OK);
	assert_int_equal(eh_pairing_rows(p, 0), 2 * 82 + 5); /* 82 persons judged by both, five by E1 alone */
	eh_pairing_free(p);
	eh_audit_data_free(&d);
}

static void test_counted_persons(void **state)
{
	struct eh_pairing *p = NULL;
	struct eh_audit_data d;

	(void)state;
	make_main(&d);
	d.weight = eh_xcalloc(d.candidates.n, sizeof *d.weight);
	assert_int_equal(eh_pairing_new(&p, &d, NULL), EH_EINVAL);
	assert_null(p);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_main_case),	cmocka_unit_test(test_other_side),
		cmocka_unit_test(test_nobody_second),	cmocka_unit_test(test_majorities),
		cmocka_unit_test(test_counted_persons), cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

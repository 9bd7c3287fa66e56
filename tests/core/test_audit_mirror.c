/*
 * What groups are called decides nothing: with their names in reverse order each has the same statistics, corrected p,
 * verdict and grade.  Random tables of two and three groups, with evaluators who advance nobody of a group, or of all.
 */
#include "tests/core/audit_build.h"

#include <math.h>

#include "base/rng.h"

#define EVALUATORS 7u
#define TABLES 60

static const char *const names[] = { "a", "b", "c" };

/* Rates of 0 and 1 among them, each evaluator's the same in both data. */
static double rate_of(struct eh_rng *rng)
{
	switch (eh_rng_below(rng, 6)) {
	case 0:
		return 0.0;
	case 1:
		return eh_rng_below(rng, 3) == 0 ? 1.0 : 0.1;
	default:
		return (double)(1 + eh_rng_below(rng, 8)) / 10.0;
	}
}

struct cell {
	unsigned n, selected;
};

/* One table, its groups called by their places or the other way round.  twice: half of the persons are judged by two
 * evaluators. */
static void make(struct eh_audit_data *d, struct cell (*cell)[3], size_t groups, bool reversed, bool twice)
{
	struct build b = BUILD_INIT;

	for (unsigned e = 0; e < EVALUATORS; e++)
		for (size_t g = 0; g < groups; g++)
			for (unsigned i = 0; i < cell[e][g].n; i++) {
				char judge[8], other[8], person[32];

				(void)snprintf(judge, sizeof judge, "E%u", e);
				(void)snprintf(other, sizeof other, "E%u", (e + 1) % EVALUATORS);
				(void)snprintf(person, sizeof person, "p%u-%zu-%u", e, g, i);
				build_person(&b, person, "clerk", (int)(reversed ? groups - 1 - g : g));
				build_row(&b, judge, person, "s", i < cell[e][g].selected);
				if (twice && i % 2 == 0 && cell[(e + 1) % EVALUATORS][g].selected > 0)
					build_row(&b, other, person, "s", i % 3 == 0);
			}
	build_finish(d, &b, names, groups);
}

static void same(const char *what, struct eh_num x, struct eh_num y, const char *evaluator, const char *group)
{
	if (x.defined != y.defined || x.why != y.why || fabs(x.value - y.value) > 1e-9 * (1.0 + fabs(x.value)))
		fail_msg("%s of %s on %s: %.17g %s, and with the names reversed %.17g %s", what, evaluator, group,
			 x.value, eh_undef_text(x.why), y.value, eh_undef_text(y.why));
}

/* As the policy evaluator_screen grades: below the limit and told from chance; his own matter if he is apart. */
static int grade(const struct eh_finding *f)
{
	if (f->ratio_below != EH_YES || !f->q.defined || !(f->q.value < f->alpha.value))
		return EH_SCOPE_NONE;
	return f->peers_q.defined && f->peers_q.value < f->alpha.value && f->peers_ratio.value < 1.0 ?
		       EH_SCOPE_INDIVIDUAL : EH_SCOPE_SYSTEMIC;
}

static void compare(const struct eh_finding *x, const struct eh_finding *y)
{
	const struct {
		const char *what;
		struct eh_num x, y;
	} v[] = { { "ratio", x->ratio, y->ratio },	     { "p", x->p, y->p },
		  { "q", x->q, y->q },			     { "Holm's q", x->q_holm, y->q_holm },
		  { "peers' ratio", x->peers_ratio, y->peers_ratio }, { "peers' p", x->peers_p, y->peers_p },
		  { "peers' q", x->peers_q, y->peers_q },    { "deviation", x->deviation, y->deviation } };

	assert_true(x->n == y->n && x->selected == y->selected && x->ref_n == y->ref_n);
	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++)
		same(v[i].what, v[i].x, v[i].y, x->evaluator, x->group);
	assert_int_equal(x->builtin, y->builtin);
	assert_int_equal(x->ratio_below, y->ratio_below);
	assert_int_equal(x->family_size, y->family_size);
	assert_int_equal(grade(x), grade(y));
}

#define NONE 3 /* no group is too small to be compared */

/* Returns the findings that are notified.  small: a group of one person, so that the others are two. */
static unsigned one_table(struct eh_rng *rng, size_t groups, bool twice, size_t small)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct cell cell[EVALUATORS][3] = { { { 0, 0 } } };
	struct eh_audit_data d, other;
	struct eh_findings f, g;
	unsigned notified = 0;

	s.reference = EH_REF_REST;
	for (unsigned e = 0; e < EVALUATORS; e++)
		for (size_t k = 0; k < groups; k++) {
			cell[e][k].n = k == small ? e == 0 : 12 + (unsigned)eh_rng_below(rng, 40);
			cell[e][k].selected = (unsigned)(rate_of(rng) * cell[e][k].n);
		}
	make(&d, cell, groups, false, twice);
	make(&other, cell, groups, true, twice);
	run_audit(&f, &d, &s);
	run_audit(&g, &other, &s);
	for (size_t i = 0; i < f.n; i++) {
		const struct eh_finding *x = &f.v[i];
		const size_t at = (size_t)(x->group[0] - 'a');

		compare(x, find_finding(&g, x->evaluator, x->position, names[groups - 1 - at]));
		notified += grade(x) != EH_SCOPE_NONE;
	}
	audit_done(&d, &f);
	audit_done(&other, &g);
	return notified;
}

static void many_tables(size_t groups, bool twice, size_t small)
{
	struct eh_rng rng;
	unsigned notified = 0;

	eh_rng_seed(&rng, 195 + groups);
	for (int i = 0; i < TABLES; i++)
		notified += one_table(&rng, groups, twice, small);
	assert_true(notified > TABLES / 2);
}

static void two_groups_in_any_order(void **state)
{
	(void)state;
	many_tables(2, false, NONE);
}

static void two_groups_of_persons_judged_twice(void **state)
{
	(void)state;
	many_tables(2, true, NONE);
}

static void three_groups_in_any_order(void **state)
{
	(void)state;
	many_tables(3, false, NONE);
	many_tables(3, true, NONE);
}

static void two_groups_beside_one_that_is_too_small(void **state)
{
	(void)state;
	for (size_t small = 0; small < 3; small++) {
		many_tables(3, false, small);
		many_tables(3, true, small);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_groups_in_any_order),
		cmocka_unit_test(two_groups_of_persons_judged_twice),
		cmocka_unit_test(three_groups_in_any_order),
		cmocka_unit_test(two_groups_beside_one_that_is_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Whom a finding is compared with: strata with a swap, the pool of groups, other evaluators, the second set. */
#include "tests/core/audit_build.h"

#include <math.h>

#include "audit/strata.h"
#include "base/rng.h"

static const char *const sexes[] = { "female", "male" };
static const char *const colours[] = { "blue", "green", "red" };

/* Women apply to the easy stratum, so the plain order is the other way round than the order in either stratum. */
static void the_swap_is_tried_on_the_order_that_decides(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_cell(&b, "E1", "easy", 0, 90, 54);        /* .60 */
	build_cell(&b, "E1", "easy", 1, 30, 29);        /* .97 */
	build_cell(&b, "E1", "hard", 0, 30, 3);         /* .10 */
	build_cell(&b, "E1", "hard", 1, 90, 25);        /* .28 */
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "E1", "", "female");
	assert_true(x->impact_ratio.value > 1.0);
	assert_int_equal(x->ratio_below, EH_YES);
	assert_true(x->p.value < 0.001);
	assert_int_equal(x->flips, EH_NO);
	audit_done(&d, &f);
}

static void no_stratum_with_both_sides_has_no_interval(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_cell(&b, "E1", "a", 0, 30, 10);
	build_cell(&b, "E1", "b", 1, 30, 20);
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "E1", "", "female");
	assert_int_equal(x->mh_ratio.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(x->ratio_interval.low.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(x->ratio_interval.high.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(x->shortfall.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(x->p.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(x->q.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(x->detectable.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(x->flips, EH_UNKNOWN);
	audit_done(&d, &f);
}

/* 20 declared green, 20 declared red, 40 whose class is predicted as blue: blue is half of the pool. */
static void a_group_that_nobody_declared_counts_by_its_probabilities(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	build_cell(&b, "E1", "s", 1, 20, 10);
	build_cell(&b, "E1", "s", 2, 20, 10);
	for (int i = 0; i < 40; i++) {
		char name[24];

		(void)snprintf(name, sizeof name, "p%02d", i);
		build_person(&b, name, "clerk", -2)->p[0] = 0.9;
		b.person[b.n_persons - 1].p[1] = 0.1;
		build_row(&b, "E1", name, "s", i % 2 == 0);
	}
	build_finish(&d, &b, colours, 3);
	d.attributes[0].auc_lo = eh_num(0.95);  /* of a weak classifier nothing is counted */
	run_audit(&f, &d, &s);
	for (size_t g = 0; g < 3; g++)
		assert_false(find_finding(&f, "E1", "", colours[g])->below_two_percent);
	assert_true(find_finding(&f, "E1", "", "blue")->em_ratio.defined);
	audit_done(&d, &f);
}

/*
 * Ten evaluators lean to either side in turn, one is hard on women.  Under "highest" half of them have women as the
 * reference; each must be compared with all ten, as under "rest", where two groups are the same pair.
 */
static void peers_are_compared_on_the_same_pair_of_groups(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings rest, highest;
	const struct eh_finding *x, *y;

	(void)state;
	for (unsigned e = 0; e < 10; e++) {
		char name[8];

		(void)snprintf(name, sizeof name, "E%u", e);
		build_cell(&b, name, "s", 0, 40, e % 2 == 0 ? 22 : 26);
		build_cell(&b, name, "s", 1, 40, e % 2 == 0 ? 26 : 22);
	}
	build_cell(&b, "X", "s", 0, 40, 12);
	build_cell(&b, "X", "s", 1, 40, 28);
	audit_built(&d, &rest, &b, sexes, 2, &s);
	s.reference = EH_REF_HIGHEST;
	run_audit(&highest, &d, &s);
	x = find_finding(&highest, "X", "", "female");
	y = find_finding(&rest, "X", "", "female");
	assert_true(fabs(x->peers_z.value - y->peers_z.value) < 1e-9);
	assert_true(fabs(x->peers_ratio.value - y->peers_ratio.value) < 1e-9);
	x = find_finding(&highest, "E1", "", "male");
	y = find_finding(&rest, "E1", "", "male");
	assert_true(fabs(x->peers_z.value - y->peers_z.value) < 1e-9);
	assert_false(find_finding(&highest, "E1", "", "female")->peers_z.defined);
	eh_findings_free(&highest);
	audit_done(&d, &rest);
}

/* Three evaluators at 10 of 40 against 20 of 40; a fourth selects everybody or nobody and changes nothing. */
static void who_selected_everybody_or_nobody_is_no_peer(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	double ratio[3];

	(void)state;
	for (unsigned with = 0; with < 3; with++) {
		struct build b = BUILD_INIT;
		struct eh_audit_data d;
		struct eh_findings f;

		for (unsigned e = 0; e < 3; e++) {
			char name[8];

			(void)snprintf(name, sizeof name, "E%u", e);
			build_cell(&b, name, "s", 0, 40, 10);
			build_cell(&b, name, "s", 1, 40, 20);
		}
		build_cell(&b, "X", "s", 0, 40, with == 1 ? 40 : 0);
		build_cell(&b, "X", "s", 1, with == 0 ? 0 : 40, with == 1 ? 40 : 0);
		audit_built(&d, &f, &b, sexes, 2, &s);
		ratio[with] = find_finding(&f, "E0", "", "female")->peers_ratio.value;
		assert_int_equal(find_finding(&f, "X", "", "female")->peers_ratio.why,
				 with == 0   ? EH_U_EMPTY_GROUP
				 : with == 1 ? EH_U_EVERYBODY_SELECTED
					     : EH_U_NOBODY_SELECTED);
		audit_done(&d, &f);
	}
	assert_true(fabs(ratio[0] - 1.0) < 1e-12);
	assert_true(ratio[1] == ratio[0] && ratio[2] == ratio[0]);
}

#define JUDGES 24
#define CANDIDATES 60

/* Who judged whom, counted the slow way. */
static void check_second_set(const struct eh_audit_data *d, const struct eh_findings *f, uint32_t e)
{
	static bool judged[JUDGES][CANDIDATES], selected[JUDGES][CANDIDATES];
	const struct eh_finding *x = find_finding(f, d->evaluators.v[e], "", "female");
	uint64_t n = 0, taken = 0;
	uint32_t others = 0;

	memset(judged, 0, sizeof judged);
	memset(selected, 0, sizeof selected);
	for (uint32_t k = 0; k < d->evaluators.n; k++) {
		for (size_t i = d->evaluator_at[k]; i < d->evaluator_at[k + 1]; i++) {
			judged[k][d->candidate[i]] = true;
			selected[k][d->candidate[i]] = d->selected[i] != 0;
		}
	}
	for (uint32_t o = 0; o < d->evaluators.n; o++) {
		bool within = find_finding(f, d->evaluators.v[o], "", "female")->ratio_below == EH_NO, shares = false;

		for (uint32_t c = 0; o != e && within && c < d->candidates.n; c++) {
			bool common = judged[o][c] && judged[e][c];

			shares = shares || common;
			n += common && d->attributes[0].group[c] == 0;
			taken += common && d->attributes[0].group[c] == 0 && selected[o][c];
		}
		others += shares;
	}
	assert_int_equal(x->bench_evaluators, others);
	assert_int_equal(x->bench_n, n);
	assert_int_equal(x->bench_selected, taken);
}

/* Two panels of twelve share one candidate: lists of equal panels are walked once, and none is lost. */
static void the_second_set_of_large_panels_is_complete(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct build b = BUILD_INIT;
		struct eh_audit_data d;
		struct eh_findings f;
		struct eh_rng rng;

		eh_rng_seed(&rng, seed);
		for (int c = 0; c < CANDIDATES; c++) {
			char name[16], judge[16];

			(void)snprintf(name, sizeof name, "c%02d", c);
			build_person(&b, name, "clerk", c % 2);
			for (int e = 0; e < JUDGES; e++) {
				bool all = c < 50 || c % 3 == 0;

				if (!all && (e < JUDGES / 2) != (c % 3 == 1))
					continue;
				(void)snprintf(judge, sizeof judge, "E%02d", e);
				build_row(&b, judge, name, "s", eh_rng_unit(&rng) < (c % 2 == 0 ? 0.45 : 0.55));
			}
		}
		audit_built(&d, &f, &b, sexes, 2, &s);
		for (uint32_t e = 0; e < d.evaluators.n; e++)
			check_second_set(&d, &f, e);
		audit_done(&d, &f);
	}
}

/* Nobody shares a candidate: the judges of the position are the second set, of both positions where one sat in two. */
static void without_shared_candidates_the_position_is_the_second_set(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	for (unsigned e = 0; e < 7; e++) {
		char name[24], judge[8];

		(void)snprintf(judge, sizeof judge, "E%u", e);
		for (unsigned i = 0; i < 40; i++) {
			(void)snprintf(name, sizeof name, "c%u-%02u", e, i);
			/* E0..E2 clerks, E3..E5 cooks, E6 half and half */
			build_person(&b, name, e < 3 || (e == 6 && i < 20) ? "clerk" : "cook", (int)(i % 2));
			build_row(&b, judge, name, "s", i % 4 < 2);
		}
	}
	audit_built(&d, &f, &b, sexes, 2, &s);
	assert_int_equal(find_finding(&f, "E0", "", "female")->bench_evaluators, 3);
	assert_int_equal(find_finding(&f, "E0", "", "female")->bench_n, 50);
	assert_int_equal(find_finding(&f, "E3", "", "female")->bench_evaluators, 3);
	assert_int_equal(find_finding(&f, "E6", "", "female")->bench_evaluators, 6);
	assert_int_equal(find_finding(&f, "E6", "", "female")->bench_n, 120);
	audit_done(&d, &f);
}

/* Two offices, each with its own work: E0 and E1 judge for A, E2 and E3 for B, E4 alone for C. */
static void disconnected_evaluators_have_no_benchmark(bool by_position)
{
	static const char *const office[] = { "A", "A", "B", "B", "C" };
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	for (unsigned e = 0; e < 5; e++) {
		char name[24], judge[8];

		(void)snprintf(judge, sizeof judge, "E%u", e);
		for (unsigned i = 0; i < 40; i++) {
			(void)snprintf(name, sizeof name, "c%u-%02u", e, i);
			build_person(&b, name, by_position ? office[e] : "", (int)(i % 2));
			/* E3 takes no woman at all: in B nobody else is within the limit for E2 */
			build_row(&b, judge, name, by_position ? "s" : office[e], i % 4 < 2 && (e != 3 || i % 2 == 1));
		}
	}
	audit_built(&d, &f, &b, sexes, 2, &s);
	assert_int_equal(find_finding(&f, "E0", "", "female")->bench_evaluators, 1);
	assert_int_equal(find_finding(&f, "E0", "", "female")->bench_n, 20);
	assert_true(find_finding(&f, "E0", "", "female")->deviation.defined);
	assert_int_equal(find_finding(&f, "E2", "", "female")->deviation.why, EH_U_NO_PEERS);
	assert_int_equal(find_finding(&f, "E3", "", "female")->bench_evaluators, 1);
	assert_int_equal(find_finding(&f, "E4", "", "female")->bench_evaluators, 0);
	assert_int_equal(find_finding(&f, "E4", "", "female")->bench_ratio.why, EH_U_DISCONNECTED);
	assert_int_equal(find_finding(&f, "E4", "", "female")->deviation.why, EH_U_DISCONNECTED);
	/* the leave-one-out comparison neither: E0 only with E1, who is his equal, not with the harsh E3 */
	assert_int_equal(find_finding(&f, "E4", "", "female")->peers_ratio.why, EH_U_DISCONNECTED);
	assert_int_equal(find_finding(&f, "E4", "", "female")->peers_z.why, EH_U_DISCONNECTED);
	assert_int_equal(find_finding(&f, "E4", "", "female")->peers_p.why, EH_U_DISCONNECTED);
	assert_false(find_finding(&f, "E4", "", "female")->peers_q.defined);
	assert_true(fabs(find_finding(&f, "E0", "", "female")->peers_ratio.value - 1.0) < 1e-12);
	assert_true(find_finding(&f, "E3", "", "female")->peers_ratio.value < 0.5);
	audit_done(&d, &f);
}

static void nobody_is_compared_across_positions_or_strata(void **state)
{
	(void)state;
	disconnected_evaluators_have_no_benchmark(true);
	disconnected_evaluators_have_no_benchmark(false);
}

/* Own candidates, but the same positions: there everybody is compared with everybody. */
static void own_candidates_of_the_same_positions_can_be_compared(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	for (unsigned e = 0; e < 4; e++) {
		char judge[8];

		(void)snprintf(judge, sizeof judge, "E%u", e);
		/* a chain: E0 and E1 in a, E1 and E2 in b, E2 and E3 in c */
		for (unsigned k = e > 0 ? e - 1 : 0; k <= e && k < 3; k++) {
			const char stratum[2] = { (char)('a' + k), '\0' };

			build_cell(&b, judge, stratum, 0, 40, e == 0 ? 8 : 20);
			build_cell(&b, judge, stratum, 1, 40, 20);
		}
	}
	audit_built(&d, &f, &b, sexes, 2, &s);
	assert_true(fabs(find_finding(&f, "E0", "", "female")->peers_ratio.value - 0.4) < 1e-9);
	assert_true(find_finding(&f, "E3", "", "female")->peers_ratio.value > 1.0);
	audit_done(&d, &f);
}

/*
 * Women apply to the hard position, and E1..E3 treat both sexes alike within either; E0 takes half as many women.  By
 * plain counts the second set too seems to halve them.  shared: the same candidates, else each his own.
 */
static void check_strata_of_the_second_set(bool shared, bool plain)
{
	static const struct {
		const char *stratum;
		int group;
		unsigned n, selected;
	} cell[] = { { "easy", 0, 40, 24 }, { "easy", 1, 160, 96 }, { "hard", 0, 160, 32 }, { "hard", 1, 40, 8 } };
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	s.plain_ratio = plain;
	for (unsigned e = 0; e < 4; e++)
		for (size_t k = 0; k < sizeof cell / sizeof *cell; k++)
			for (unsigned i = 0; i < cell[k].n; i++) {
				const unsigned selected = cell[k].selected / (e == 0 && cell[k].group == 0 ? 2 : 1);
				char name[24], judge[8];

				(void)snprintf(judge, sizeof judge, "E%u", e);
				(void)snprintf(name, sizeof name, "c%u-%zu-%03u", shared ? 0 : e, k, i);
				if (!shared || e == 0)
					build_person(&b, name, "", cell[k].group);
				build_row(&b, judge, name, cell[k].stratum, i < selected);
			}
	audit_built(&d, &f, &b, sexes, 2, &s);
	x = find_finding(&f, "E0", "", "female");
	/* 56 of 200 women, 104 of 200 men; by plain counts E1..E3 are below the limit themselves */
	assert_int_equal(x->bench_evaluators, plain ? 0 : 3);
	assert_int_equal(x->bench_n, plain ? 0 : 600);
	assert_int_equal(x->bench_selected, plain ? 0 : 168);
	if (!plain) {
		assert_true(fabs(x->bench_rate.value - 0.28) < 1e-12);
		assert_true(fabs(x->bench_ratio.value - 1.0) < 1e-12);
		assert_true(fabs(x->deviation.value + 0.5) < 1e-12);
		x = find_finding(&f, "E1", "", "female");
		assert_int_equal(x->bench_evaluators, 2);
		assert_true(fabs(x->bench_ratio.value - 1.0) < 1e-12);
		assert_true(fabs(x->deviation.value) < 1e-12);
	}
	audit_done(&d, &f);
}

static void the_second_set_is_set_beside_by_the_same_strata(void **state)
{
	(void)state;
	check_strata_of_the_second_set(true, false);
	check_strata_of_the_second_set(false, false);
	check_strata_of_the_second_set(true, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_swap_is_tried_on_the_order_that_decides),
		cmocka_unit_test(no_stratum_with_both_sides_has_no_interval),
		cmocka_unit_test(a_group_that_nobody_declared_counts_by_its_probabilities),
		cmocka_unit_test(peers_are_compared_on_the_same_pair_of_groups),
		cmocka_unit_test(who_selected_everybody_or_nobody_is_no_peer),
		cmocka_unit_test(the_second_set_of_large_panels_is_complete),
		cmocka_unit_test(without_shared_candidates_the_position_is_the_second_set),
		cmocka_unit_test(nobody_is_compared_across_positions_or_strata),
		cmocka_unit_test(own_candidates_of_the_same_positions_can_be_compared),
		cmocka_unit_test(the_second_set_is_set_beside_by_the_same_strata),
	};

	return cmocka_run_group_tests_name("audit_scope", tests, NULL, NULL);
}

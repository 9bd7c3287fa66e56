/* Bounds, check of the assumption, other estimates and the pool of the classifier, each against outside numbers. */
#include "tests/core/audit_cases.h"

#include "audit/assumption.h"
#include "audit/bounds.h"
#include "audit/classifier.h"
#include "audit/comparison.h"
#include "audit/fit_check.h"
#include "base/rng.h"

#define ROWS 30
#define CASE "predicted_classes.csv"

struct rows {
	double p[ROWS], y[ROWS];
	int declared[ROWS];             /* -1 = not */
	size_t cell[ROWS];
};

static void read_rows(struct rows *r)
{
	struct cases c;
	size_t n = 0;

	cases_open(&c, CASE);
	while (cases_next(&c)) {
		const char *stated = cases_get(&c, "declared");

		r->p[n] = strtod(cases_get(&c, "p_class1"), NULL);
		r->y[n] = strtod(cases_get(&c, "decision"), NULL);
		r->declared[n] = stated[0] == '-' ? -1 : stated[0] - '0';
		r->cell[n++] = strtoul(cases_get(&c, "cell"), NULL, 10) - 1;
	}
	cases_close(&c);
	assert_int_equal(n, ROWS);
}

/* ---- Frechet bounds ---- */

static void the_bounds_of_the_case_are_reproduced(void **state)
{
	struct eh_bound_cell cell[3] = { { 0.0, 0.0, 0.0, 0.0 } };
	struct eh_interval b;
	struct rows r;

	(void)state;
	read_rows(&r);
	for (size_t i = 0; i < ROWS; i++) {
		struct eh_bound_cell *c = &cell[r.cell[i]];

		c->n += 1.0;
		c->selected += r.y[i];
		c->focal += r.p[i];
		c->reference += 1.0 - r.p[i];
	}
	b = eh_bounds(cell, 3);
	check_other(CASE, "undeclared", "3 cells", "frechet_ratio_lo", b.low.value, 1e-9);
	check_other(CASE, "undeclared", "3 cells", "frechet_ratio_hi", b.high.value, 1e-9);
}

/* Everything that may be in one cell of three classes, by a fine grid: the ends are met and never passed. */
static void the_bounds_of_three_classes_are_those_of_a_search(void **state)
{
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 3);
	for (int round = 0; round < 200; round++) {
		double cut[2] = { eh_rng_unit(&rng), eh_rng_unit(&rng) }, n = 10.0, y = n * eh_rng_unit(&rng);
		double f = n * fmin(cut[0], cut[1]), r = n * fabs(cut[0] - cut[1]), o = n - f - r;
		struct eh_bound_cell cell = { n, y, f, r };
		struct eh_interval b = eh_bounds(&cell, 1);
		double low = INFINITY, high = 0.0;

		for (int i = 0; i <= 400; i++)
			for (int j = 0; j <= 400; j++) {
				double xf = f * i / 400.0, xr = r * j / 400.0, left = y - xf - xr;

				if (left < -1e-12 || left > o + 1e-12 || !(xr > 0.0))
					continue;
				low = fmin(low, xf / f / (xr / r));
				high = fmax(high, xf / f / (xr / r));
			}
		if (!(high > 0.0))
			continue;
		if (b.low.defined)
			assert_true(b.low.value <= low + 1e-9 && (low > 1e3 || b.low.value >= low * 0.9 - 0.05));
		if (b.high.defined)
			assert_true(b.high.value >= high - 1e-9 && (high > 20.0 || b.high.value <= high * 1.15 + 0.05));
		else
			assert_int_equal(b.high.why, EH_U_UNBOUNDED);
	}
}

static void known_classes_leave_no_room(void **state)
{
	struct eh_bound_cell known[2] = { { 20, 5, 20, 0 }, { 30, 20, 0, 30 } };
	struct eh_bound_cell none[1] = { { 9, 0, 4, 5 } }, one = { 9, 3, 9, 0 };
	struct eh_interval b = eh_bounds(known, 2);

	(void)state;
	assert_true(fabs(b.low.value - 0.375) < 1e-12 && fabs(b.high.value - 0.375) < 1e-12);
	assert_int_equal(eh_bounds(none, 1).low.why, EH_U_NOBODY_SELECTED);
	assert_int_equal(eh_bounds(&one, 1).high.why, EH_U_EMPTY_GROUP);
	assert_int_equal(eh_bounds(&one, 0).low.why, EH_U_EMPTY_GROUP);
}

static void shuffle(struct eh_bound_person *v, size_t n, struct eh_rng *rng)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)eh_rng_below(rng, i);
		struct eh_bound_person keep = v[i - 1];

		v[i - 1] = v[j];
		v[j] = keep;
	}
}

static void cells_have_equal_counts_and_never_part_ties(void **state)
{
	struct eh_bound_person v[450], again[450];
	struct eh_bound_cell a[EH_BOUND_CELLS], b[EH_BOUND_CELLS];
	struct eh_rng rng;
	size_t n;

	(void)state;
	eh_rng_seed(&rng, 8);
	for (size_t i = 0; i < 450; i++) {
		double p = eh_rng_unit(&rng);

		if (i % 3 == 0)
			p = 0.1 * floor(10.0 * p) + 0.03;       /* ties */
		v[i] = (struct eh_bound_person){ p, 1.0 - p, 1.0 + (double)eh_rng_below(&rng, 3), 1.0 };
	}
	memcpy(again, v, sizeof v);
	assert_int_equal(eh_bound_cells(a, v, 10), 1);          /* of few persons one */
	assert_int_equal(eh_bound_cells(a, v, 59), 2);
	memcpy(v, again, sizeof v);
	shuffle(again, 450, &rng);
	assert_int_equal(n = eh_bound_cells(a, v, 450), EH_BOUND_CELLS);
	assert_int_equal(eh_bound_cells(b, again, 450), n);
	assert_memory_equal(a, b, sizeof a);                    /* to the last bit, in whatever order they come */
	for (size_t i = 0; i < 450; i++)
		v[i].focal = v[i].reference = 0.5;
	assert_int_equal(eh_bound_cells(a, v, 450), 1);
	for (size_t i = 0; i < 450; i++)
		v[i] = (struct eh_bound_person){ i < 100 ? 0.2 : 0.7, i < 100 ? 0.8 : 0.3, 1.0, 0.0 };
	assert_int_equal(eh_bound_cells(a, v, 450), 2);
	assert_true(fabs(a[0].n - 100.0) < 1e-9 && fabs(a[1].n - 350.0) < 1e-9);
}

/* ---- threshold, abstain, matrix ---- */

static void the_other_estimates_of_the_case_are_reproduced(void **state)
{
	static const double m[4] = { 0.85, 0.15, 0.20, 0.80 };
	struct eh_num condition;
	struct rows r;

	(void)state;
	read_rows(&r);
	for (int declared = 0; declared < 2; declared++) {
		const char *table = declared != 0 ? "declared" : "undeclared";
		struct eh_compared hard = { { 0.0 }, { 0.0 } }, sure = hard;
		size_t left = 0;

		for (size_t i = 0; i < ROWS; i++) {
			double p = declared != 0 && r.declared[i] >= 0 ? r.declared[i] : r.p[i];
			size_t k = p > 0.5 ? 0 : 1;     /* class 1 is the focal one */

			hard.n[k] += 1.0;
			hard.selected[k] += r.y[i];
			left += !(fmax(p, 1.0 - p) > EH_ABSTAIN);
			if (!(fmax(p, 1.0 - p) > EH_ABSTAIN))
				continue;
			sure.n[k] += 1.0;
			sure.selected[k] += r.y[i];
		}
		check_other(CASE, table, "", "threshold_0.5_ratio", eh_compared_ratio(&hard).value, 1e-9);
		check_other(CASE, table, "", "abstain_0.2_0.8_ratio", eh_compared_ratio(&sure).value, 1e-9);
		check_other(CASE, table, "", "abstain_undetermined", (double)left, 1e-9);
		if (declared == 0) {
			struct eh_compared turned;
			static const double swapped[4] = { 0.80, 0.20, 0.15, 0.85 };    /* class 1 first */
			const char *item = "M = [[.85 .15][.20 .80]]";

			assert_int_equal(eh_matrix_counts(&turned, &condition, &hard, swapped, 2), EH_U_NONE);
			check_other(CASE, table, item, "matrix_n_class1", turned.n[0], 1e-9);
			check_other(CASE, table, item, "matrix_selected_class1", turned.selected[0], 1e-9);
			check_other(CASE, table, item, "matrix_ratio", eh_compared_ratio(&turned).value, 1e-9);
			check_other(CASE, table, item, "matrix_condition_number_2norm", condition.value, 1e-9);
			assert_int_equal(eh_matrix_counts(&turned, &condition, &hard, m, 2), EH_U_NONE);
			check_other(CASE, table, item, "matrix_condition_number_2norm", condition.value, 1e-9);
		}
	}
}

static void a_matrix_that_tells_nothing_is_refused(void **state)
{
	static const double same[4] = { 0.6, 0.4, 0.6, 0.4 }, weak[4] = { 0.54, 0.46, 0.46, 0.54 };
	static const double good[4] = { 0.9, 0.1, 0.1, 0.9 };
	const struct eh_compared few = { { 2, 98 }, { 1, 50 } }, all = { { 50, 50 }, { 50, 1 } };
	struct eh_compared out;
	struct eh_num condition;

	(void)state;
	assert_int_equal(eh_matrix_counts(&out, &condition, &few, same, 2), EH_U_ILL_CONDITIONED);
	assert_false(condition.defined);
	assert_int_equal(eh_matrix_counts(&out, &condition, &few, weak, 2), EH_U_ILL_CONDITIONED);     /* 12.5 */
	assert_true(condition.value > EH_CONDITION_MAX);
	/* 2 of 100, with 10 errors; more selected than there are */
	assert_int_equal(eh_matrix_counts(&out, &condition, &few, good, 2), EH_U_NEGATIVE_COUNT);
	assert_int_equal(eh_matrix_counts(&out, &condition, &all, good, 2), EH_U_NEGATIVE_COUNT);
}

static void three_classes_are_turned_back(void **state)
{
	static const double m[9] = { 0.8, 0.1, 0.1, 0.05, 0.9, 0.05, 0.2, 0.1, 0.7 };
	const struct eh_compared truth = { { 100, 200, 50 }, { 40, 120, 10 } };
	struct eh_compared predicted = { { 0.0 }, { 0.0 } }, out;
	struct eh_num condition;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 3; j++) {
			predicted.n[j] += truth.n[i] * m[3 * i + j];
			predicted.selected[j] += truth.selected[i] * m[3 * i + j];
		}
	assert_int_equal(eh_matrix_counts(&out, &condition, &predicted, m, 3), EH_U_NONE);
	for (size_t i = 0; i < 3; i++)
		assert_true(fabs(out.n[i] - truth.n[i]) < 1e-9 && fabs(out.selected[i] - truth.selected[i]) < 1e-9);
}

/* ---- logistic regression ---- */

/* R 4.2.2: likelihood ratios of glm(cbind(selected, rejected) ~ class + score, binomial). */
static void the_two_p_are_those_of_glm(void **state)
{
	static const struct eh_assumption_row v[12] = {
		{ 1, 1.2, 0, 1 }, { 1, 0.4, 1, 1 }, { 1, 2.0, 0, 2 }, { 1, -0.3, 1, 0 }, { 1, 0.9, 0, 1 },
		{ 1, 1.6, 1, 0 },
		{ 0, -1.1, 1, 0 }, { 0, -0.2, 2, 0 }, { 0, 0.3, 1, 1 }, { 0, -1.8, 1, 0 }, { 0, -0.7, 0, 1 },
		{ 0, 0.1, 2, 0 },
	};
	struct eh_assumption a = eh_assumption_check(v, 12);

	(void)state;
	assert_true(fabs(a.p_score.value - 0.194530910436754) < 1e-9);
	assert_true(fabs(a.p_class.value - 0.731639936479954) < 1e-9);
}

/*
 * One score far from all others: from the start the full Newton step for class and score goes too far and loses
 * likelihood, so that without halving it the fit would end where it began (p_class 1, p_score 1.4e-22).
 * R 4.2.2 as above; scipy's minimum of the same likelihood gives the same digits.
 */
static void a_newton_step_that_goes_too_far_is_halved(void **state)
{
	static const struct eh_assumption_row v[12] = {
		{ 0, 0.2, 0, 1 },   { 1, 0.7, 79, 21 }, { 0, -1.1, 0, 1 }, { 1, 0.4, 17, 3 },
		{ 0, 13.0, 20, 0 }, { 1, 1.9, 19, 1 },  { 0, 1.5, 1, 0 },  { 1, 2.8, 89, 11 },
		{ 0, -0.6, 0, 2 },  { 1, -1.1, 0, 1 },  { 0, 0.9, 1, 1 },  { 1, 0.4, 1, 99 },
	};
	struct eh_assumption a = eh_assumption_check(v, 12);

	(void)state;
	assert_true(fabs(a.p_class.value / 0.654672002460972 - 1.0) < 1e-8);
	assert_true(fabs(a.p_score.value / 6.56559822315907e-28 - 1.0) < 1e-8);
}

static void draw_rows(struct eh_assumption_row *v, size_t n, double by_class, double by_score, struct eh_rng *rng)
{
	for (size_t i = 0; i < n; i++) {
		double k = i % 2, x = eh_rng_normal(rng) + (k - 0.5) * 1.8;
		double y = eh_rng_unit(rng) < 1.0 / (1.0 + exp(-(0.2 + by_class * k + by_score * x)));

		v[i] = (struct eh_assumption_row){ k, x, y, 1.0 - y };
	}
}

/* 400 tables of 300: the level holds where nothing acts, and what acts is told from what does not. */
static void the_check_tells_class_from_appearance(void **state)
{
	static const double act[3][2] = { { 0.0, 0.0 }, { -1.5, 0.0 }, { 0.0, -0.9 } };
	struct eh_assumption_row v[300];
	struct eh_rng rng;
	int below[3][2] = { { 0, 0 }, { 0, 0 }, { 0, 0 } };

	(void)state;
	eh_rng_seed(&rng, 41);
	for (int k = 0; k < 3; k++)
		for (int round = 0; round < 400; round++) {
			struct eh_assumption a;

			draw_rows(v, 300, act[k][0], act[k][1], &rng);
			a = eh_assumption_check(v, 300);
			below[k][0] += a.p_score.value < 0.05;
			below[k][1] += a.p_class.value < 0.05;
		}
	/* standard error .011: .05 + 3 of them is 33 of 400 */
	assert_true(below[0][0] <= 33 && below[0][1] <= 33 && below[0][0] >= 6 && below[0][1] >= 6);
	assert_true(below[1][0] <= 33 && below[1][1] > 300);
	assert_true(below[2][1] <= 33 && below[2][0] > 300);
}

static void what_cannot_be_told_is_typed(void **state)
{
	struct eh_assumption_row v[40];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		v[i] = (struct eh_assumption_row){ i % 2, i % 2 == 0 ? -2.0 : 2.0, i % 3 == 0, i % 3 != 0 };
	assert_int_equal(eh_assumption_check(v, 40).p_score.why, EH_U_ZERO_VARIANCE);
	assert_int_equal(eh_assumption_check(v, 9).p_score.why, EH_U_TOO_FEW);
	assert_int_equal(eh_assumption_check(v, 0).p_class.why, EH_U_TOO_FEW);
	for (size_t i = 0; i < 40; i++)
		v[i].score += (double)(i % 7), v[i].selected = 0.0, v[i].rejected = 1.0;
	assert_int_equal(eh_assumption_check(v, 40).p_class.why, EH_U_NOBODY_SELECTED);
	for (size_t i = 0; i < 40; i++)
		v[i].selected = 1.0, v[i].rejected = 0.0;
	assert_int_equal(eh_assumption_check(v, 40).p_class.why, EH_U_EVERYBODY_SELECTED);
	/* class decides alone: the likelihood has no inner maximum, the p all the same a value */
	for (size_t i = 0; i < 40; i++)
		v[i].selected = i % 2, v[i].rejected = 1.0 - i % 2;
	assert_true(eh_assumption_check(v, 40).p_class.value < 0.05);
	assert_true(eh_assumption_check(v, 40).p_score.value > 0.9);
}

/* ---- the pool ---- */

static double draw_score(bool one, double shift, struct eh_rng *rng)
{
	return 1.0 / (1.0 + exp(-1.8 * (eh_rng_normal(rng) + (one ? shift : 0.0) - 0.9)));
}

/* Pools of another share of the classes fit, one whose classes look otherwise does not. */
static void a_pool_of_other_people_is_noticed(void **state)
{
	struct eh_rng rng;
	int below[3] = { 0, 0, 0 }, refused[3] = { 0, 0, 0 };

	(void)state;
	eh_rng_seed(&rng, 77);
	for (int k = 0; k < 3; k++)
		for (int round = 0; round < 400; round++) {
			double pool[400], labelled[400], share = k == 0 ? 0.5 : 0.2;
			uint8_t group[400];
			struct eh_fit_check c;

			for (size_t i = 0; i < 400; i++) {
				group[i] = eh_rng_unit(&rng) < 0.5;
				labelled[i] = draw_score(group[i], 1.8, &rng);
				pool[i] = draw_score(eh_rng_unit(&rng) < share, 1.8, &rng);
				/* the model is out of its depth: everybody looks like neither class */
				if (k == 2)
					pool[i] = draw_score(false, 0.0, &rng) * 0.2 + 0.4;
			}
			assert_int_equal(eh_fit_check(&c, pool, 400, labelled, group, 400, 2, NULL), EH_OK);
			below[k] += c.p.value < 0.05;
			refused[k] += eh_fit_fails(&c);
		}
	/* .05 + 3 standard errors of .011 */
	if (below[0] > 33 || below[1] > 33 || below[0] < 6)
		fail_msg("below .05: %d and %d of 400", below[0], below[1]);
	assert_true(refused[0] <= 8 && refused[1] <= 8);
	assert_int_equal(refused[2], 400);
}

static void the_classifier_is_measured_on_the_labelled(void **state)
{
	struct eh_attribute_data a = { .n_groups = 2, .auc_lo = { 0.0, EH_U_NOT_COMPUTED, false } };
	double prob[200][2];
	int16_t group[200];
	uint8_t provenance[200], labelled[200];
	struct eh_classifier c;
	struct eh_rng rng;
	uint64_t twice = 0;

	(void)state;
	eh_rng_seed(&rng, 4);
	for (size_t i = 0; i < 200; i++) {
		provenance[i] = i < 120 ? EH_IMPORTED : EH_PREDICTED;
		group[i] = (int16_t)(i < 120 ? (int)(i % 2) : -1);
		labelled[i] = i < 100;          /* some of known class have no probability */
		prob[i][1] = draw_score(i % 2 != 0, 1.8, &rng);
		prob[i][0] = 1.0 - prob[i][1];
	}
	a.prob = &prob[0][0];
	a.group = group;
	a.provenance = provenance;
	assert_int_equal(eh_classifier_look(&c, &a, 200, NULL), EH_OK);
	assert_int_equal(c.labelled, 0);
	assert_false(c.auc_lo.defined);
	a.labelled = labelled;
	assert_int_equal(eh_classifier_look(&c, &a, 200, NULL), EH_OK);
	assert_int_equal(c.labelled, 100);
	for (size_t i = 1; i < 100; i += 2)
		for (size_t j = 0; j < 100; j += 2)
			twice += prob[i][1] > prob[j][1] ? 2 : prob[i][1] < prob[j][1] ? 0 : 1;
	assert_true(fabs(c.auc.value - (double)twice / 5000.0) < 1e-12);
	assert_true(c.auc_lo.value < c.auc.value && c.auc_lo.value > c.auc.value - 0.15);
	assert_true(c.ece.value > 0.0 && c.ece.value < 0.2);
	assert_true(fabs(c.confusion[0][0] + c.confusion[0][1] - 50.0) < 1e-9);
	assert_true(c.fit.p.defined);
	/* what the data say of their classifier goes before */
	a.auc_lo = eh_num(0.5);
	a.auc = eh_num(0.6);
	assert_int_equal(eh_classifier_look(&c, &a, 200, NULL), EH_OK);
	assert_true(c.auc_lo.value == 0.5 && c.auc.value == 0.6 && !c.ece.defined);
	/* four of a class are too few for a figure */
	a.auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	for (size_t i = 8; i < 100; i++)
		labelled[i] = i % 2 == 0;
	assert_int_equal(eh_classifier_look(&c, &a, 200, NULL), EH_OK);
	assert_int_equal(c.auc_lo.why, EH_U_TOO_FEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bounds_of_the_case_are_reproduced),
		cmocka_unit_test(the_bounds_of_three_classes_are_those_of_a_search),
		cmocka_unit_test(known_classes_leave_no_room),
		cmocka_unit_test(cells_have_equal_counts_and_never_part_ties),
		cmocka_unit_test(the_other_estimates_of_the_case_are_reproduced),
		cmocka_unit_test(a_matrix_that_tells_nothing_is_refused),
		cmocka_unit_test(three_classes_are_turned_back),
		cmocka_unit_test(the_two_p_are_those_of_glm),
		cmocka_unit_test(a_newton_step_that_goes_too_far_is_halved),
		cmocka_unit_test(the_check_tells_class_from_appearance),
		cmocka_unit_test(what_cannot_be_told_is_typed),
		cmocka_unit_test(a_pool_of_other_people_is_noticed),
		cmocka_unit_test(the_classifier_is_measured_on_the_labelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

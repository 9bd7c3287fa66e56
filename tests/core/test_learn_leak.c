/* Nothing of a held-out candidate may reach what judges it: the leak and property tests of facts/learning.md 16. */
#include "tests/core/learn_people.h"

#include <math.h>

#include "learn/conformal.h"
#include "learn/fit.h"
#include "learn/folds.h"
#include "learn/measure.h"
#include "learn/model.h"

#define CANDIDATES 40
#define EACH 4
#define ROWS (CANDIDATES * EACH)
#define COLUMNS 10

struct data {
	double x[ROWS * COLUMNS], p[ROWS * 2];
	int32_t group[ROWS];
	uint32_t owner[ROWS];
	struct eh_rows rows;
};

/* Indicators that are random but the candidate's own in all its rows; classes have nothing to do with them. */
static struct data *own_noise(uint64_t seed)
{
	struct data *d = calloc(1, sizeof *d);
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (size_t c = 0; c < CANDIDATES; c++) {
		double own[COLUMNS];

		for (size_t j = 0; j < COLUMNS; j++)
			own[j] = eh_rng_normal(&rng);
		for (size_t r = c * EACH; r < (c + 1) * EACH; r++) {
			for (size_t j = 0; j < COLUMNS; j++)
				d->x[r * COLUMNS + j] = own[j] + 0.1 * eh_rng_normal(&rng);
			d->group[r] = c % 2 == 1;
			d->owner[r] = (uint32_t)c;
		}
	}
	d->rows = (struct eh_rows){ d->x, d->group, d->owner, ROWS, COLUMNS, 2, NULL };
	return d;
}

static double auc_of(struct data *d, const uint32_t *owner, uint64_t seed)
{
	struct eh_steps steps = { .what = "test" };
	struct eh_outcome o = { d->p, d->group, owner, ROWS, 2, NULL };
	struct eh_err err = EH_ERR_INIT;
	struct eh_skill s;

	d->rows.owner = owner;
	if (eh_nested_outcome(d->p, &d->rows, seed, &steps, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(eh_measure(&s, &o, seed, NULL), EH_OK);
	return s.auc;
}

/* The same data, split by row as libsvm does it, look excellent: so this test would notice. */
static void several_rows_of_a_candidate_teach_nothing_unless_rows_are_split(void **state)
{
	double by_candidate = 0.0, by_row = 0.0;
	uint32_t row[ROWS];

	(void)state;
	for (uint32_t i = 0; i < ROWS; i++)
		row[i] = i;
	for (uint64_t seed = 0; seed < 4; seed++) {
		struct data *d = own_noise(seed);

		by_candidate += auc_of(d, d->owner, seed) / 4.0;
		by_row += auc_of(d, row, seed) / 4.0;
		free(d);
	}
	print_message("# random indicators, four rows each: AUC %.3f split by candidate, %.3f split by row\n",
		      by_candidate, by_row);
	assert_true(by_candidate > 0.3 && by_candidate < 0.65);
	assert_true(by_row > 0.95);
}

/* One recording under two ids, and copies: never on both sides. */
static void twins_and_copies_share_every_fold(void **state)
{
	struct people p = people_make(60, 2, 0.0, 0.0, 3), twins = people_make(60, 2, 0.0, 0.0, 3);
	struct eh_train_row *rows = calloc(90, sizeof *rows);
	struct eh_train_plan plan = people_plan(two_groups, 2, 5);
	struct eh_model *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	double honest = 0.0;

	(void)state;
	for (size_t i = 0; i < 60; i++) {       /* c(i) and c(i + 30) are one recording */
		if (i >= 30) {
			memcpy(p.vector[i].value, p.vector[i - 30].value, sizeof p.vector[i].value);
			p.row[i].group = p.row[i - 30].group;
		}
		rows[i] = p.row[i];
	}
	for (size_t i = 0; i < 30; i++) {       /* and every second has a degraded copy */
		twins.vector[i] = p.vector[2 * i];
		for (size_t c = 0; c < EH_VECTOR_N; c++)
			twins.vector[i].value[c] *= 1.001;
		rows[60 + i] = p.row[2 * i];
		rows[60 + i].vector = &twins.vector[i];
		rows[60 + i].copy = true;
	}
	if (eh_model_train(&m, &plan, rows, 90, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	honest = eh_model_skill(m, EH_FUSED)->auc;
	assert_int_equal(eh_model_skill(m, EH_FUSED)->n, 60);   /* copies are not judged */
	eh_model_free(&m);
	for (size_t i = 30; i < 60; i++)        /* the last digit hides the twins: the same road then leaks */
		for (size_t c = 0; c < EH_VECTOR_N; c++)
			p.vector[i].value[c] = nextafter(p.vector[i].value[c], INFINITY);
	if (eh_model_train(&m, &plan, p.row, 60, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	print_message("# one recording under two ids: AUC %.3f; not noticed it would be %.3f\n", honest,
		      eh_model_skill(m, EH_FUSED)->auc);
	assert_true(honest < 0.7);
	assert_true(eh_model_skill(m, EH_FUSED)->auc > 0.95);
	eh_model_free(&m);
	free(rows);
	people_free(&p);
	people_free(&twins);
}

/* Whatever one held-out candidate brings, to the point of telling its class outright: the others of its fold are judged
 * by a fit that has not seen it, to the last bit as before; those of the other folds are not. */
static void what_a_held_out_candidate_brings_changes_nothing_for_its_fold(void **state)
{
	struct data *d = own_noise(1), *e = own_noise(1);
	struct eh_steps steps = { .what = "test" };
	uint32_t fold[ROWS];
	size_t same = 0, moved = 0;

	(void)state;
	d->rows.owner = d->owner;
	e->rows.owner = e->owner;
	assert_int_equal(eh_nested_folds(fold, &d->rows, 9, NULL), EH_OK);
	for (size_t i = 0; i < ROWS; i++)
		if (d->owner[i] == d->owner[0])
			for (size_t j = 0; j < COLUMNS; j++)
				e->x[i * COLUMNS + j] = 2.0 - 4.0 * d->group[i];
	assert_int_equal(eh_nested_outcome(d->p, &d->rows, 9, &steps, NULL), EH_OK);
	assert_int_equal(eh_nested_outcome(e->p, &e->rows, 9, &steps, NULL), EH_OK);
	for (size_t i = EACH; i < ROWS; i++) {
		bool equal = d->p[2 * i] == e->p[2 * i];

		if (fold[i] == fold[0])
			assert_true(equal);
		same += fold[i] == fold[0];
		moved += !equal;
	}
	assert_true(same > 0 && moved > ROWS / 2);
	free(d);
	free(e);
}

/* Order of the columns and their units are nobody's business. */
static void units_and_order_of_indicators_do_not_matter(void **state)
{
	struct data *d = own_noise(2), *e = own_noise(2);
	double worst = 0.0, a, b;

	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < COLUMNS; j++) {
			d->x[i * COLUMNS + j] += (j < 4 && d->group[i]) ? 1.5 : 0.0;
			e->x[i * COLUMNS + (COLUMNS - 1 - j)] = 8.0 * d->x[i * COLUMNS + j] + 3.0 * (double)j;
		}
	a = auc_of(d, d->owner, 4);
	b = auc_of(e, e->owner, 4);
	for (size_t i = 0; i < 2 * ROWS; i++)
		worst = fmax(worst, fabs(d->p[i] - e->p[i]));
	print_message("# AUC %.4f and %.4f, largest difference of probabilities %.1e\n", a, b, worst);
	free(d);
	free(e);
	assert_true(a > 0.8 && fabs(a - b) < 0.01 && worst < 0.02);
}

/* The scale of a stored model is that of all its rows, not of a training fold, and not the other way round. */
static void a_scale_fitted_on_other_rows_is_another_one(void **state)
{
	struct data *d = own_noise(3);
	struct eh_rows part = d->rows;
	struct eh_fit all, most;
	bool differs = false;

	(void)state;
	d->rows.owner = part.owner = d->owner;
	part.n = ROWS - 10 * EACH;
	assert_int_equal(eh_fit_train(&all, &d->rows, 3, NULL, NULL), EH_OK);
	assert_int_equal(eh_fit_train(&most, &part, 3, NULL, NULL), EH_OK);
	for (size_t j = 0; j < COLUMNS; j++)
		differs = differs || all.scale.mean[j] != most.scale.mean[j];
	assert_true(differs);
	eh_fit_free(&all);
	eh_fit_free(&most);
	free(d);
}

/* facts/learning.md 9, without a model in between: exchangeable scores, small calibration sets. */
static void exchangeable_scores_are_covered_in_each_class(void **state)
{
	static const size_t n_calibration[2] = { 25, 12 };
	size_t covered[2] = { 0, 0 };
	const int rounds = 400, tests = 20;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 77);
	for (int r = 0; r < rounds; r++) {
		double p[37 * 2];
		int32_t group[37];
		struct eh_conformal c;

		for (size_t i = 0; i < 37; i++) {       /* not calibrated: coverage does not need it */
			group[i] = i >= n_calibration[0];
			p[2 * i + 1] = 1.0 / (1.0 + exp(-(eh_rng_normal(&rng) + (group[i] ? 1.5 : 0.3))));
			p[2 * i] = 1.0 - p[2 * i + 1];
		}
		assert_int_equal(eh_conformal_fit(&c, p, group, 37, 2, NULL), EH_OK);
		for (int t = 0; t < 2 * tests; t++) {
			int32_t g = t % 2;
			double q[2];

			q[1] = 1.0 / (1.0 + exp(-(eh_rng_normal(&rng) + (g ? 1.5 : 0.3))));
			q[0] = 1.0 - q[1];
			covered[g] += eh_conformal_set(&c, q, 2, -1) >> g & 1u;
		}
		eh_conformal_free(&c);
	}
	for (int g = 0; g < 2; g++) {
		double share = (double)covered[g] / (rounds * tests);
		/* exact: the rank of a new score among n + 1 is uniform */
		double n = (double)n_calibration[g], want = 1.0 - floor(EH_ALPHA * (n + 1.0)) / (n + 1.0);
		double error = sqrt(0.09 / (rounds * tests) + 0.09 / (rounds * n));

		print_message("# class %d, %zu calibration candidates: covered %.4f, exact %.4f, promised .9\n", g,
			      n_calibration[g], share, want);
		assert_true(fabs(share - want) < 3.0 * error);
		assert_true(share > 0.9 - 3.0 * error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_rows_of_a_candidate_teach_nothing_unless_rows_are_split),
		cmocka_unit_test(twins_and_copies_share_every_fold),
		cmocka_unit_test(what_a_held_out_candidate_brings_changes_nothing_for_its_fold),
		cmocka_unit_test(units_and_order_of_indicators_do_not_matter),
		cmocka_unit_test(a_scale_fitted_on_other_rows_is_another_one),
		cmocka_unit_test(exchangeable_scores_are_covered_in_each_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

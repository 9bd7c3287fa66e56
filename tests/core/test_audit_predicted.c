/* Mixture estimates of predicted classes against cases/predicted_classes.csv and brute force. */
#include "tests/core/audit_cases.h"

#include "audit/predicted.h"
#include "base/rng.h"

#define EM 1e-6                         /* cases/README.md, tolerances */
#define ROWS 30
#define CHI2_95 3.841458820694126      /* chi-square quantile .95, 1 df */
#define PREVALENCE 0.4                  /* of class 1 in the case's calibration set */

struct rows {
	double like[ROWS][2], selected[ROWS], rejected[ROWS];
	size_t n;
};

static const double calibration[2] = { 1.0 - PREVALENCE, PREVALENCE };

static void read_rows(struct rows *r, bool declared)
{
	struct cases c;

	memset(r, 0, sizeof *r);
	cases_open(&c, "predicted_classes.csv");
	while (cases_next(&c)) {
		const char *stated = cases_get(&c, "declared");
		double p = strtod(cases_get(&c, "p_class1"), NULL), y = strtod(cases_get(&c, "decision"), NULL);

		r->like[r->n][0] = (1.0 - p) / (1.0 - PREVALENCE);
		r->like[r->n][1] = p / PREVALENCE;
		if (declared && stated[0] != '-') {
			r->like[r->n][0] = stated[0] == '0';
			r->like[r->n][1] = stated[0] == '1';
		}
		r->selected[r->n] = y;
		r->rejected[r->n++] = 1.0 - y;
	}
	cases_close(&c);
	assert_int_equal(r->n, ROWS);
}

static struct eh_mixture *mixture(const struct rows *r, bool prior)
{
	struct eh_mixture *m = NULL;

	assert_int_equal(eh_mixture_new(&m, &r->like[0][0], r->selected, r->rejected, r->n, 2, calibration, prior,
					NULL), EH_OK);
	return m;
}

static void check_case(bool declared, bool prior)
{
	const char *table = declared ? "declared" : "undeclared", *name = prior ? "em_prior" : "em_noprior";
	struct eh_mixture *m;
	struct eh_mix_fit fit;
	struct rows r;
	char statistic[64];

	read_rows(&r, declared);
	m = mixture(&r, prior);
	eh_mixture_fit(&fit, m, NULL, NULL);
	assert_true(fit.converged);
	(void)snprintf(statistic, sizeof statistic, "%s_prevalence", name);
	check_other("predicted_classes.csv", table, "class 1", statistic, fit.share[1], EM);
	(void)snprintf(statistic, sizeof statistic, "%s_rate", name);
	check_other("predicted_classes.csv", table, "class 0", statistic, fit.rate[0], EM);
	check_other("predicted_classes.csv", table, "class 1", statistic, fit.rate[1], EM);
	(void)snprintf(statistic, sizeof statistic, "%s_ratio", name);
	check_other("predicted_classes.csv", table, "", statistic, fit.rate[1] / fit.rate[0], EM);
	(void)snprintf(statistic, sizeof statistic, prior ? "%s_logposterior" : "%s_loglik", name);
	assert_true(fabs(fit.objective - expected_other("predicted_classes.csv", table, "", statistic)) < 1e-8);
	eh_mixture_free(&m);
}

static void the_case_is_reproduced_with_and_without_prior(void **state)
{
	(void)state;
	check_case(false, false);
	check_case(false, true);
	check_case(true, false);
	check_case(true, true);
}

static void declared_classes_alone_give_the_plain_counts(void **state)
{
	double like[8][2] = { { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 }, { 0, 1 }, { 0, 1 }, { 0, 1 }, { 0, 1 } };
	double selected[8] = { 1, 2, 0, 2, 1, 0, 0, 0 }, rejected[8] = { 1, 0, 2, 0, 1, 2, 2, 2 };
	struct eh_mixture *m = NULL;
	struct eh_mix_fit fit;

	(void)state;
	assert_int_equal(eh_mixture_new(&m, &like[0][0], selected, rejected, 8, 2, calibration, false, NULL), EH_OK);
	eh_mixture_fit(&fit, m, NULL, NULL);
	assert_true(fabs(fit.rate[0] - 5.0 / 8.0) < 1e-9);
	assert_true(fabs(fit.rate[1] - 1.0 / 8.0) < 1e-9);
	assert_true(fabs(fit.share[0] - 0.5) < 1e-9);
	eh_mixture_free(&m);
}

/* Probabilities of 0 and 1 are classes known: p / share of the calibration set, as the program has them. */
static void certain_probabilities_give_the_plain_counts(void **state)
{
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 5);
	for (int round = 0; round < 20; round++) {
		double like[40][2], selected[40], rejected[40], n[2] = { 0.0, 0.0 }, y[2] = { 0.0, 0.0 };
		struct eh_mixture *m = NULL;
		struct eh_mix_fit fit;

		for (size_t i = 0; i < 40; i++) {
			size_t k = (size_t)eh_rng_below(&rng, 2);

			like[i][k] = 1.0 / calibration[k];
			like[i][1 - k] = 0.0;
			selected[i] = (double)eh_rng_below(&rng, 2);
			rejected[i] = 1.0 - selected[i];
			n[k] += 1.0;
			y[k] += selected[i];
		}
		assert_int_equal(eh_mixture_new(&m, &like[0][0], selected, rejected, 40, 2, calibration, false, NULL),
				 EH_OK);
		eh_mixture_fit(&fit, m, NULL, NULL);
		for (size_t k = 0; k < 2; k++) {
			assert_true(fabs(fit.rate[k] - y[k] / n[k]) < 1e-9);
			assert_true(fabs(fit.share[k] - n[k] / 40.0) < 1e-9);
			assert_true(fabs(fit.n[k] - n[k]) < 1e-9 && fabs(fit.selected[k] - y[k]) < 1e-9);
		}
		eh_mixture_free(&m);
	}
}

/* ln likelihood with prior, written down directly. */
static double objective(const struct rows *r, double share, double rate0, double rate1)
{
	double sum = 0.5 * (log(share) + log(1.0 - share)) +
		     0.25 * (log(rate0) + log(1.0 - rate0) + log(rate1) + log(1.0 - rate1));

	for (size_t i = 0; i < r->n; i++) {
		double y = r->selected[i], n = r->rejected[i];
		double in0 = (1.0 - share) * r->like[i][0] * pow(rate0, y) * pow(1.0 - rate0, n);
		double in1 = share * r->like[i][1] * pow(rate1, y) * pow(1.0 - rate1, n);

		sum += log(in0 + in1);
	}
	return sum;
}

/* Best over shares and reference rates at a given ratio, by a shrinking grid. */
static double profile_by_grid(const struct rows *r, double ratio)
{
	double share = 0.5, rate = 0.5, width = 0.49, best = -INFINITY;

	for (int round = 0; round < 40; round++) {
		double best_share = share, best_rate = rate;

		for (int i = -6; i <= 6; i++)
			for (int j = -6; j <= 6; j++) {
				double s = share + width * i / 6.0, p = rate + width * j / 6.0, v;

				if (!(s > 0.0 && s < 1.0 && p > 0.0 && p < 1.0 && ratio * p < 1.0))
					continue;
				v = objective(r, s, p, ratio * p);
				if (v > best) {
					best = v;
					best_share = s;
					best_rate = p;
				}
			}
		share = best_share;
		rate = best_rate;
		width *= 0.7;
	}
	return best;
}

static void the_profile_interval_ends_where_a_grid_says(void **state)
{
	struct eh_mix_ratio ratio;
	struct eh_mixture *m;
	struct eh_mix_fit fit;
	struct rows r;
	double lr;

	(void)state;
	read_rows(&r, false);
	m = mixture(&r, true);
	eh_mixture_fit(&fit, m, NULL, NULL);
	eh_mixture_ratio(&ratio, m, &fit, 1, 0);
	assert_true(fabs(2.0 * (fit.objective - profile_by_grid(&r, ratio.interval.low.value)) - CHI2_95) < 1e-5);
	assert_true(fabs(2.0 * (fit.objective - profile_by_grid(&r, ratio.interval.high.value)) - CHI2_95) < 1e-5);
	lr = 2.0 * (fit.objective - profile_by_grid(&r, 1.0));
	assert_true(fabs(ratio.p.value - erfc(sqrt(lr / 2.0))) < 1e-6);
	assert_true((ratio.interval.high.value < 1.0) == (ratio.p.value < 0.05));
	eh_mixture_free(&m);
}

static void random_data(struct rows *r, struct eh_rng *rng)
{
	r->n = ROWS;
	for (size_t i = 0; i < ROWS; i++) {
		double p = 0.02 + 0.96 * eh_rng_unit(rng);

		r->like[i][0] = (1.0 - p) / (1.0 - PREVALENCE);
		r->like[i][1] = p / PREVALENCE;
		r->selected[i] = (double)eh_rng_below(rng, 3);
		r->rejected[i] = 2.0 - r->selected[i];
	}
}

static void the_objective_never_falls(void **state)
{
	static const struct eh_mix_tie ties[] = { { 1, 0, 1.0 }, { 1, 0, 0.3 }, { 0, 1, 0.8 } };
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 23);
	for (int round = 0; round < 300; round++) {
		struct eh_mixture *m;
		struct eh_mix_fit fit;
		struct rows r;

		random_data(&r, &rng);
		m = mixture(&r, round % 2 == 0);
		eh_mixture_fit(&fit, m, round % 4 == 3 ? &ties[round % 3] : NULL, NULL);
		if (!(fit.fall <= 1e-10))
			fail_msg("round %d: the objective fell by %g", round, fit.fall);
		assert_true(fit.cycles > 1);
		eh_mixture_free(&m);
	}
}

/* The best of all shares and rates by a shrinking grid of the likelihood written down directly: brute force. */
static void the_largest_of_a_grid_is_the_fit(void **state)
{
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 29);
	for (int round = 0; round < 6; round++) {
		double at[3] = { 0.5, 0.5, 0.5 }, width = 0.49, best = -INFINITY;
		struct eh_mixture *m;
		struct eh_mix_fit fit;
		struct rows r;

		if (round < 2)
			read_rows(&r, round == 1);
		else
			random_data(&r, &rng);
		for (; width > 1e-7; width *= 0.8) {
			double centre[3] = { at[0], at[1], at[2] };

			for (int i = 0; i < 9 * 9 * 9; i++) {
				double p[3] = { centre[0] + width * (i % 9 - 4) / 4.0,
						centre[1] + width * (i / 9 % 9 - 4) / 4.0,
						centre[2] + width * (i / 81 - 4) / 4.0 };
				double v = -INFINITY;

				if (fmin(p[0], fmin(p[1], p[2])) > 0.0 && fmax(p[0], fmax(p[1], p[2])) < 1.0)
					v = objective(&r, p[0], p[1], p[2]);
				if (!(v > best))
					continue;
				best = v;
				memcpy(at, p, sizeof at);
			}
		}
		m = mixture(&r, true);
		eh_mixture_fit(&fit, m, NULL, NULL);
		assert_true(fabs(fit.objective - best) < 1e-9);
		assert_true(fabs(fit.share[1] - at[0]) < 1e-6);
		assert_true(fabs(fit.rate[0] - at[1]) < 1e-6);
		assert_true(fabs(fit.rate[1] - at[2]) < 1e-6);
		eh_mixture_free(&m);
	}
}

/* The fit is a maximum of the likelihood written down directly. */
static void the_fit_is_a_maximum_of_the_likelihood(void **state)
{
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 11);
	for (int round = 0; round < 30; round++) {
		struct eh_mixture *m;
		struct eh_mix_fit fit, again;
		struct rows r;

		random_data(&r, &rng);
		m = mixture(&r, true);
		eh_mixture_fit(&fit, m, NULL, NULL);
		assert_true(fabs(fit.objective - objective(&r, fit.share[1], fit.rate[0], fit.rate[1])) < 1e-9);
		/* from anywhere near, nothing better is found */
		eh_mixture_fit(&again, m, &(struct eh_mix_tie){ 1, 0, fit.rate[1] / fit.rate[0] * 1.001 }, &fit);
		assert_true(again.objective <= fit.objective + 1e-9);
		for (int k = 0; k < 6; k++) {
			double d = 1e-4 * (k % 2 == 0 ? 1 : -1);

			assert_true(objective(&r, fit.share[1] + (k / 2 == 0 ? d : 0),
					      fit.rate[0] + (k / 2 == 1 ? d : 0),
					      fit.rate[1] + (k / 2 == 2 ? d : 0)) <= fit.objective + 1e-12);
		}
		eh_mixture_free(&m);
	}
}

static void three_classes_fit_and_sum_to_one(void **state)
{
	double like[60][3], selected[60], rejected[60], start[3] = { 0.5, 0.3, 0.2 }, q[3];
	struct eh_mixture *m = NULL;
	struct eh_mix_fit fit;

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		for (size_t k = 0; k < 3; k++)
			like[i][k] = i % 3 == k ? 0.9 / start[k] : 0.05 / start[k];
		selected[i] = i % 3 == 2 ? 0.0 : i % 2 == 0 ? 1.0 : 0.0;
		rejected[i] = 1.0 - selected[i];
	}
	assert_int_equal(eh_mixture_new(&m, &like[0][0], selected, rejected, 60, 3, start, true, NULL), EH_OK);
	eh_mixture_fit(&fit, m, NULL, NULL);
	assert_true(fit.converged);
	assert_true(fabs(fit.share[0] + fit.share[1] + fit.share[2] - 1.0) < 1e-12);
	assert_true(fit.rate[2] < 0.1 && fit.rate[0] > 0.4);
	eh_mixture_weights(q, m, &fit, 2);
	assert_true(fabs(q[0] + q[1] + q[2] - 1.0) < 1e-12 && q[2] > 0.9);
	eh_mixture_free(&m);
}

static void thousands_of_decisions_on_one_candidate_do_not_underflow(void **state)
{
	double like[2][2] = { { 1, 0.2 }, { 0.2, 1 } }, selected[2] = { 5000, 2000 }, rejected[2] = { 5000, 8000 };
	struct eh_mixture *m = NULL;
	struct eh_mix_fit fit;

	(void)state;
	assert_int_equal(eh_mixture_new(&m, &like[0][0], selected, rejected, 2, 2, calibration, true, NULL), EH_OK);
	eh_mixture_fit(&fit, m, NULL, NULL);
	assert_true(isfinite(fit.objective));
	assert_true(fabs(fit.rate[0] - 0.5) < 0.01 && fabs(fit.rate[1] - 0.2) < 0.01);
	eh_mixture_free(&m);
}

static void numbers_out_of_range_are_refused(void **state)
{
	double like[2] = { 0.0, 0.0 }, one = 1.0, zero = 0.0;
	struct eh_mixture *m = NULL;

	(void)state;
	assert_int_equal(eh_mixture_new(&m, like, &one, &zero, 1, 2, calibration, true, NULL), EH_EINVAL);
	like[0] = NAN;
	assert_int_equal(eh_mixture_new(&m, like, &one, &zero, 1, 2, calibration, true, NULL), EH_EINVAL);
	assert_int_equal(eh_mixture_new(&m, like, &one, &zero, 0, 2, calibration, true, NULL), EH_EINVAL);
	assert_null(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_case_is_reproduced_with_and_without_prior),
		cmocka_unit_test(declared_classes_alone_give_the_plain_counts),
		cmocka_unit_test(certain_probabilities_give_the_plain_counts),
		cmocka_unit_test(the_objective_never_falls),
		cmocka_unit_test(the_largest_of_a_grid_is_the_fit),
		cmocka_unit_test(the_profile_interval_ends_where_a_grid_says),
		cmocka_unit_test(the_fit_is_a_maximum_of_the_likelihood),
		cmocka_unit_test(three_classes_fit_and_sum_to_one),
		cmocka_unit_test(thousands_of_decisions_on_one_candidate_do_not_underflow),
		cmocka_unit_test(numbers_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

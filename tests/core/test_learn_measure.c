/* Calibration and skill figures: Platt, coupling, AUC, Brier score, calibration error, their intervals. */
#include "tests/core/learn_people.h"

#include <math.h>

#include "learn/calibrate.h"
#include "learn/measure.h"

/* ---- calibration ---- */

static double naive_entropy(double a, double b, const double *f, const int8_t *label, size_t n)
{
	double positive = 0.0, sum = 0.0;

	for (size_t i = 0; i < n; i++)
		positive += label[i] > 0;
	for (size_t i = 0; i < n; i++) {
		double t = label[i] > 0 ? (positive + 1.0) / (positive + 2.0) : 1.0 / ((double)n - positive + 2.0);
		double p = 1.0 / (1.0 + exp(a * f[i] + b));

		sum -= t * log(p) + (1.0 - t) * log(1.0 - p);
	}
	return sum / (double)n;
}

static void platt_finds_the_minimum_a_plain_search_finds(void **state)
{
	static const double f[] = { -2.0, -1.2, -0.9, -0.4, 0.1, 0.2, 0.7, 1.1, 1.9 };
	static const int8_t label[] = { -1, -1, 1, -1, -1, 1, 1, 1, 1 };
	struct eh_platt got;
	double loss = eh_platt_fit(&got, f, label, 9, NULL), a = 0.0, b = 0.0, best = INFINITY;

	(void)state;
	/* independent: a grid that closes in on the smallest value of the written-out cross-entropy */
	for (double step = 1.0; step > 1e-8; step /= 2.0) {
		double a0 = a, b0 = b;

		for (int i = -4; i <= 4; i++)
			for (int j = -4; j <= 4; j++) {
				double now = naive_entropy(a0 + i * step, b0 + j * step, f, label, 9);

				if (now < best) {
					best = now;
					a = a0 + i * step;
					b = b0 + j * step;
				}
			}
	}
	assert_float_equal(got.a, a, 1e-6);
	assert_float_equal(got.b, b, 1e-6);
	assert_float_equal(loss, best, 1e-12);
	assert_true(got.a < 0.0);
	assert_float_equal(eh_platt(got, 0.7), 1.0 / (1.0 + exp(a * 0.7 + b)), 1e-6);
}

static void platt_stays_finite_on_separated_values_and_never_turns_the_order_round(void **state)
{
	static const double f[] = { -1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0 };
	static const int8_t right[] = { -1, -1, -1, -1, 1, 1, 1, 1 }, wrong[] = { 1, 1, 1, 1, -1, -1, -1, -1 };
	struct eh_platt p;

	(void)state;
	(void)eh_platt_fit(&p, f, right, 8, NULL);
	assert_float_equal(eh_platt(p, 1.0), 5.0 / 6.0, 1e-9);  /* the target (n+ + 1) / (n+ + 2) itself */
	assert_float_equal(eh_platt(p, -1.0), 1.0 / 6.0, 1e-9);
	(void)eh_platt_fit(&p, f, wrong, 8, NULL);
	assert_true(p.a == 0.0);
	assert_float_equal(eh_platt(p, 1.0), 0.5, 1e-12);
	assert_true(eh_platt((struct eh_platt){ -800.0, 0.0 }, 1.0) == 1.0);
	assert_true(eh_platt((struct eh_platt){ -800.0, 0.0 }, -1.0) == 0.0);
}

static void coupled_probabilities_sum_to_one_inside_their_limits(void **state)
{
	const double one[] = { 1.0 }, three[] = { 0.5, 0.25, 0.25 }, none[] = { 0.0, 0.0, 0.0 };
	double p[3];

	(void)state;
	eh_couple(p, one, 2);
	assert_float_equal(p[0], 1e-6, 1e-15);
	assert_float_equal(p[1], 1.0 - 1e-6, 1e-15);
	eh_couple(p, three, 3);
	assert_float_equal(p[0] + p[1] + p[2], 1.0, 1e-15);
	assert_float_equal(p[0], 0.5, 1e-5);
	eh_couple(p, none, 3);
	assert_float_equal(p[2], 1.0 / 3.0, 1e-12);
}

/* ---- skill figures ---- */

static double auc_of(const double *score, const uint8_t *positive, size_t n)
{
	uint32_t order[32];

	eh_rank(order, score, n);
	return eh_auc(score, positive, order, NULL, n);
}

static void auc_is_exact_with_and_without_ties(void **state)
{
	const double score[] = { 0.1, 0.4, 0.35, 0.8 }, tied[] = { 0.5, 0.5, 0.5, 0.9 };
	const uint8_t positive[] = { 0, 0, 1, 1 }, mixed[] = { 0, 1, 0, 1 };
	const uint32_t twice[] = { 1, 1, 2, 1 };
	uint32_t order[4];

	(void)state;
	assert_true(auc_of(score, positive, 4) == 0.75);
	assert_true(auc_of(tied, mixed, 4) == 0.75);            /* 2 halves of 4 and 2 whole */
	eh_rank(order, score, 4);
	assert_float_equal(eh_auc(score, positive, order, twice, 4), 4.0 / 6.0, 1e-15);
}

static void brier_and_calibration_error_of_small_cases(void **state)
{
	const double score[] = { 0.2, 0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8 };
	const uint8_t positive[] = { 0, 0, 0, 0, 1, 1, 1, 1, 1, 0 };
	const double ten_scores[] = { 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95 };
	uint32_t order[10], ten[10];
	double v[100];
	uint8_t y[100];
	uint32_t rank[100];

	(void)state;
	eh_rank(order, score, 10);
	assert_float_equal(eh_brier(score, positive, NULL, 10), 0.16, 1e-15);
	for (size_t i = 0; i < 10; i++)
		ten[i] = 10;
	/* one of the five at .2 and four of the five at .8 are positive: calibrated */
	assert_float_equal(eh_ece(score, positive, order, NULL, 10), 0.0, 1e-12);
	eh_rank(order, ten_scores, 10);
	/* ten bins of one row's ten copies each: score - 0 of the first four and the last, 1 - score of the others */
	assert_float_equal(eh_ece(ten_scores, positive, order, ten, 10),
			   (0.05 + 0.15 + 0.25 + 0.35 + 0.55 + 0.45 + 0.35 + 0.25 + 0.15 + 0.95) / 10.0, 1e-12);
	for (size_t i = 0; i < 100; i++) { /* bins .0-.9: the share of positives is the score + .05 */
		v[i] = (double)(i / 10) / 10.0;
		y[i] = i % 10 < i / 10;
	}
	eh_rank(rank, v, 100);
	assert_float_equal(eh_ece(v, y, rank, NULL, 100), 0.0, 1e-12);
	for (size_t i = 0; i < 100; i++)
		v[i] += 0.05;
	assert_float_equal(eh_ece(v, y, rank, NULL, 100), 0.05, 1e-12);
}

static void tied_scores_are_measured_without_their_order(void **state)
{
	double score[40];
	uint8_t sorted[40], mixed[40];
	uint32_t order[40];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		score[i] = 0.5;
		sorted[i] = i >= 20;
		mixed[i] = i % 2 == 1;
	}
	eh_rank(order, score, 40);
	assert_float_equal(eh_ece(score, mixed, order, NULL, 40), 0.0, 1e-12);
	assert_float_equal(eh_ece(score, sorted, order, NULL, 40), 0.0, 1e-12);
	assert_float_equal(eh_auc(score, sorted, order, NULL, 40), 0.5, 1e-12);
}

/* ---- intervals ---- */

static void an_auc_without_an_error_keeps_an_interval(void **state)
{
	double lo, hi, lo2, hi2, v;

	(void)state;
	eh_auc_interval(&lo, &hi, 1.0, 14.0, 14.0);
	assert_true(hi == 1.0);
	/* by hand at the border: 1 - t = 1.96 sqrt(t (1 - t) (1 + 13 ((1 - t)/(2 - t) + t/(1 + t))) / 196) */
	v = lo * (1.0 - lo) * (1.0 + 13.0 * ((1.0 - lo) / (2.0 - lo) + lo / (1.0 + lo))) / 196.0;
	assert_float_equal(1.0 - lo, 1.959963984540054 * sqrt(v), 1e-9);
	assert_true(lo > 0.8 && lo < 0.9);
	eh_auc_interval(&lo2, &hi2, 0.0, 14.0, 14.0);
	assert_true(lo2 == 0.0 && fabs(hi2 - (1.0 - lo)) < 1e-9);
	eh_auc_interval(&lo, &hi, 0.5, 30.0, 30.0);
	assert_true(fabs(lo + hi - 1.0) < 1e-9 && lo < 0.5 && hi > 0.5);
}

static void wilson_of_the_facts(void **state)
{
	double lo, hi;

	(void)state;
	eh_wilson(&lo, &hi, 4, 17);                             /* facts/statistics.md 5 */
	assert_float_equal(lo, 0.0955504432208, 1e-12);
	assert_float_equal(hi, 0.472617981196, 1e-11);
	eh_wilson(&lo, &hi, 0, 10);
	assert_true(lo == 0.0);
	assert_float_equal(hi, 0.277532799863, 1e-11);
	eh_wilson(&lo, &hi, 10, 10);
	assert_true(hi == 1.0);
}

/* The number in column `name` of a CSV line without quoting; NAN when it is none. */
static double field(const char *header, const char *line, const char *name)
{
	char *end = NULL;
	double v = NAN;

	for (;;) {
		size_t len = strcspn(header, ",\r\n");

		if (len == strlen(name) && strncmp(header, name, len) == 0) {
			v = strtod(line, &end);
			return end != line && strchr(",\r\n", *end) != NULL ? v : NAN;
		}
		line += strcspn(line, ",\r\n");
		if (header[len] != ',' || *line != ',')
			return NAN;
		header += len + 1;
		line++;
	}
}

static void wilson_of_every_case(void **state)
{
	const char *shared = getenv("EVENHAND_SHARED");
	char path[512], header[4096], line[4096];
	size_t checked = 0;
	FILE *f = NULL;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/cases/expected_2x2.csv", shared != NULL ? shared : "../shared");
	f = fopen(path, "r");
	if (f == NULL)
		skip();
	assert_non_null(fgets(header, sizeof header, f));
	while (fgets(line, sizeof line, f) != NULL) {
		double n = field(header, line, "n_focal"), x = field(header, line, "selected_focal"), lo, hi;
		double want_lo = field(header, line, "wilson_focal_lo"),
		       want_hi = field(header, line, "wilson_focal_hi");

		if (isnan(n) || isnan(x) || isnan(want_lo) || isnan(want_hi))
			continue;
		eh_wilson(&lo, &hi, (uint64_t)x, (uint64_t)n);
		assert_float_equal(lo, want_lo, 1e-9 * want_lo + 1e-15);
		assert_float_equal(hi, want_hi, 1e-9 * want_hi);
		checked++;
	}
	assert_int_equal(fclose(f), 0);
	assert_true(checked > 50);
}

static void intervals_hold_the_figures_and_narrow_with_more_candidates(void **state)
{
	double p[400 * 2], width[2];
	int32_t group[400];
	uint32_t owner[400];
	struct eh_rng rng;

	(void)state;
	for (int round = 0; round < 2; round++) {
		size_t n = round == 0 ? 40 : 400;
		struct eh_outcome o = { p, group, owner, n, 2, NULL };
		struct eh_skill s;

		eh_rng_seed(&rng, 8);
		for (size_t i = 0; i < n; i++) {                /* calibrated by construction */
			p[2 * i + 1] = eh_rng_unit(&rng);
			p[2 * i] = 1.0 - p[2 * i + 1];
			group[i] = eh_rng_unit(&rng) < p[2 * i + 1];
			owner[i] = (uint32_t)i;
		}
		assert_int_equal(eh_measure(&s, &o, 3, NULL), EH_OK);
		assert_true(s.trained && s.n == n);
		assert_true(s.auc_lo < s.auc && s.auc < s.auc_hi);
		assert_true(s.brier_lo < s.brier && s.brier < s.brier_hi);
		assert_true(s.accuracy_lo < s.accuracy && s.accuracy < s.accuracy_hi);
		assert_float_equal(s.confusion[0][0] + s.confusion[0][1], s.n_class[0], 0.0);
		assert_float_equal((s.confusion[0][0] + s.confusion[1][1]) / (double)n, s.accuracy, 1e-12);
		width[round] = s.auc_hi - s.auc_lo;
		if (round == 1)                                 /* uniform p: AUC 5/6, Brier 1/6 */
			assert_true(fabs(s.auc - 5.0 / 6.0) < 0.05 && fabs(s.brier - 1.0 / 6.0) < 0.03 && s.ece < 0.08);
	}
	assert_true(width[1] < 0.5 * width[0]);
}

/* Murphy's identity, with what binning loses; and the table itself. */
static void the_brier_score_is_the_sum_of_its_parts(void **state)
{
	double p[200 * 2];
	int32_t group[200];
	uint32_t owner[200];
	struct eh_outcome o = { p, group, owner, 200, 2, NULL };
	struct eh_class_figures f;
	struct eh_rng rng;
	double n = 0.0;

	(void)state;
	eh_rng_seed(&rng, 8);
	for (size_t i = 0; i < 200; i++) {
		p[2 * i + 1] = (double)(i / 20) / 10.0 + 0.05;  /* ten values of twenty rows: nothing lost by binning */
		p[2 * i] = 1.0 - p[2 * i + 1];
		group[i] = eh_rng_unit(&rng) < p[2 * i + 1];
		owner[i] = (uint32_t)i;
	}
	assert_int_equal(eh_measure_class(&f, &o, 1, 3, NULL), EH_OK);
	assert_int_equal(f.n_bins, 10);
	for (size_t i = 0; i < f.n_bins; i++) {
		n += f.bin[i].n;
		assert_float_equal(f.bin[i].n, 20.0, 1e-9);
		assert_float_equal(f.bin[i].p, (double)i / 10.0 + 0.05, 1e-9);
	}
	assert_float_equal(n, 200.0, 1e-9);
	assert_float_equal(f.within, 0.0, 1e-12);
	assert_float_equal(f.reliability - f.resolution + f.uncertainty, f.brier.value, 1e-12);
	assert_true(f.resolution > 0.03 && f.reliability < 0.02);
	assert_true(f.log_loss.lo < f.log_loss.value && f.log_loss.value < f.log_loss.hi);
	for (size_t i = 0; i < 200; i++)        /* values of their own: the parts still add up */
		p[2 * i + 1] = 0.02 + 0.96 * (double)((i * 37) % 200) / 200.0, p[2 * i] = 1.0 - p[2 * i + 1];
	assert_int_equal(eh_measure_class(&f, &o, 1, 3, NULL), EH_OK);
	assert_true(fabs(f.within) > 1e-6);
	assert_float_equal(f.reliability - f.resolution + f.uncertainty + f.within, f.brier.value, 1e-12);
}

/* facts/learning.md 16: probabilities that are right have a small calibration error and a table on the diagonal;
 * probabilities pulled apart have not. */
static void right_probabilities_are_found_right_and_wrong_ones_wrong(void **state)
{
	static double p[2000 * 2];
	static int32_t group[2000];
	static uint32_t owner[2000];
	struct eh_outcome o = { p, group, owner, 2000, 2, NULL };
	struct eh_class_figures f;
	struct eh_rng rng;
	size_t off = 0;

	(void)state;
	eh_rng_seed(&rng, 5);
	for (size_t i = 0; i < 2000; i++) {
		p[2 * i + 1] = 0.01 + 0.98 * eh_rng_unit(&rng);
		p[2 * i] = 1.0 - p[2 * i + 1];
		group[i] = eh_rng_unit(&rng) < p[2 * i + 1];
		owner[i] = (uint32_t)i;
	}
	assert_int_equal(eh_measure_class(&f, &o, 1, 3, NULL), EH_OK);
	for (size_t i = 0; i < f.n_bins; i++)
		off += fabs(f.bin[i].p - f.bin[i].share) > 2.5 * sqrt(f.bin[i].p * (1.0 - f.bin[i].p) / f.bin[i].n);
	assert_true(off <= 1);
	assert_true(f.ece.value < 0.04 && f.reliability < 0.003);
	for (size_t i = 0; i < 2000; i++) {     /* too sure */
		p[2 * i + 1] = p[2 * i + 1] > 0.5 ? 0.97 : 0.03;
		p[2 * i] = 1.0 - p[2 * i + 1];
	}
	assert_int_equal(eh_measure_class(&f, &o, 1, 3, NULL), EH_OK);
	assert_true(f.ece.lo > 0.15 && f.reliability > 0.03);
}

static void a_subgroup_of_one_class_has_no_auc(void **state)
{
	const double p[] = { 0.9, 0.1, 0.8, 0.2, 0.4, 0.6, 0.7, 0.3, 0.6, 0.4 };
	const int32_t group[] = { 0, 0, 0, 0, 0 };
	const uint32_t owner[] = { 0, 1, 2, 3, 4 };
	struct eh_outcome o = { p, group, owner, 5, 2, NULL };
	struct eh_subgroup s = { .n = 0 };

	(void)state;
	assert_int_equal(eh_measure_subgroup(&s, &o, 3, NULL), EH_OK);
	assert_true(s.measured && !s.has_auc && s.n == 5);
	assert_float_equal(s.accuracy.value, 0.8, 1e-12);
	assert_true(s.accuracy.lo > 0.3 && s.accuracy.hi < 1.0);
	assert_float_equal(s.log_loss.value, -(log(0.9) + log(0.8) + log(0.4) + log(0.7) + log(0.6)) / 5.0, 1e-12);
}

/* The wider of bootstrap and score interval, moved by what pairs inside folds say. */
static void the_auc_interval_holds_the_score_interval_and_the_folds(void **state)
{
	double p[40 * 2], lo, hi;
	int32_t group[40];
	uint32_t owner[40], fold[40];
	struct eh_outcome o = { p, group, owner, 40, 2, NULL };
	struct eh_skill plain, folded;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		fold[i] = (uint32_t)(i / 20);
		group[i] = i % 2;
		owner[i] = (uint32_t)i;
		/* inside each fold perfect, the folds shifted against each other */
		p[2 * i + 1] = 0.2 + 0.2 * group[i] + 0.4 * fold[i] + 0.001 * (double)(i % 20);
		p[2 * i] = 1.0 - p[2 * i + 1];
	}
	assert_int_equal(eh_measure(&plain, &o, 3, NULL), EH_OK);
	eh_auc_interval(&lo, &hi, plain.auc, 20.0, 20.0);
	assert_true(plain.auc_lo <= lo && plain.auc_hi >= hi);
	o.fold = fold;
	assert_int_equal(eh_measure(&folded, &o, 3, NULL), EH_OK);
	assert_true(folded.auc == plain.auc && folded.auc < 0.8);
	assert_true(folded.auc_hi == 1.0 && folded.auc_lo == plain.auc_lo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platt_finds_the_minimum_a_plain_search_finds),
		cmocka_unit_test(platt_stays_finite_on_separated_values_and_never_turns_the_order_round),
		cmocka_unit_test(coupled_probabilities_sum_to_one_inside_their_limits),
		cmocka_unit_test(auc_is_exact_with_and_without_ties),
		cmocka_unit_test(brier_and_calibration_error_of_small_cases),
		cmocka_unit_test(tied_scores_are_measured_without_their_order),
		cmocka_unit_test(an_auc_without_an_error_keeps_an_interval),
		cmocka_unit_test(wilson_of_the_facts),
		cmocka_unit_test(wilson_of_every_case),
		cmocka_unit_test(intervals_hold_the_figures_and_narrow_with_more_candidates),
		cmocka_unit_test(the_brier_score_is_the_sum_of_its_parts),
		cmocka_unit_test(right_probabilities_are_found_right_and_wrong_ones_wrong),
		cmocka_unit_test(a_subgroup_of_one_class_has_no_auc),
		cmocka_unit_test(the_auc_interval_holds_the_score_interval_and_the_folds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

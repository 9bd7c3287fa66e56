/* Folds, scale, calibration, skill figures, support vector machines against libsvm itself. */
#include "tests/core/learn_people.h"

#include <libsvm/svm.h>
#include <math.h>

#include "learn/calibrate.h"
#include "learn/fit.h"
#include "learn/folds.h"
#include "learn/grid.h"
#include "learn/libsvm.h"
#include "learn/measure.h"
#include "learn/scale.h"

#define N 60
#define D 12

/* ---- folds ---- */

static void folds_hold_classes_evenly_and_candidates_together(void **state)
{
	int32_t group[90];
	uint32_t owner[90], fold[90], again[90];
	struct eh_rng rng;

	(void)state;
	for (size_t i = 0; i < 90; i++) { /* 30 candidates of 3 rows; 20 of class 0, 10 of class 1 */
		owner[i] = (uint32_t)(i / 3);
		group[i] = i / 3 % 3 == 2;
	}
	eh_rng_seed(&rng, 5);
	assert_int_equal(eh_folds_make(fold, group, owner, 90, 10, &rng, NULL), EH_OK);
	for (uint32_t k = 0; k < 10; k++) {
		int count[2] = { 0, 0 };

		for (size_t i = 0; i < 90; i++)
			count[group[i]] += fold[i] == k;
		assert_int_equal(count[0], 6);
		assert_int_equal(count[1], 3);
	}
	for (size_t i = 1; i < 90; i++)
		if (owner[i] == owner[i - 1])
			assert_int_equal(fold[i], fold[i - 1]);
	eh_rng_seed(&rng, 5);
	assert_int_equal(eh_folds_make(again, group, owner, 90, 10, &rng, NULL), EH_OK);
	assert_memory_equal(fold, again, sizeof fold);
	assert_int_equal(eh_folds_count(group, owner, 90, 2, 10), 10);
	assert_int_equal(eh_folds_count(group, owner, 24, 2, 10), 2);   /* 8 candidates, 2 of class 1 */
}

/* ---- scale ---- */

static void scale_is_winsorised_and_a_column_without_spread_is_zero(void **state)
{
	double x[101 * 2], z[2];
	uint32_t rows[101];
	struct eh_scale s;

	(void)state;
	for (uint32_t i = 0; i < 101; i++) {
		x[2 * i] = i == 100 ? 1e9 : i;                  /* one wild value */
		x[2 * i + 1] = 0.1;
		rows[i] = i;
	}
	assert_int_equal(eh_scale_alloc(&s, 2, NULL), EH_OK);
	assert_int_equal(eh_scale_fit(&s, x, rows, 101, NULL), EH_OK);
	assert_float_equal(s.lo[0], 2.0, 1e-12);                /* type 7: 0.02 * 100 */
	assert_float_equal(s.hi[0], 98.0, 1e-12);
	assert_float_equal(s.mean[0], 50.0, 1e-9);
	assert_int_equal(eh_scale_spread(&s), 1);
	eh_scale_apply(&s, (const double[]){ 1e9, 7.0 }, z);
	assert_float_equal(z[0], 48.0 * s.inv_sd[0], 1e-12);
	assert_true(z[1] == 0.0);
	eh_scale_free(&s);
}

static void a_fit_scales_by_its_own_rows_only(void **state)
{
	struct people p = people_make(40, 2, 1.0, 1.0, 3);
	double x[40];
	int32_t group[40];
	uint32_t owner[40], rows[40];
	struct eh_rows part = { x, group, owner, 30, 1, 2 };
	struct eh_fit fit;
	struct eh_scale s;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		x[i] = p.vector[i].value[0] + (i >= 30 ? 100.0 : 0.0);
		group[i] = p.row[i].group;
		owner[i] = rows[i] = i;
	}
	assert_int_equal(eh_fit_train(&fit, &part, 1, NULL), EH_OK);
	assert_int_equal(eh_scale_alloc(&s, 1, NULL), EH_OK);
	assert_int_equal(eh_scale_fit(&s, x, rows, 30, NULL), EH_OK);
	assert_true(fit.scale.mean[0] == s.mean[0] && fit.scale.inv_sd[0] == s.inv_sd[0]);
	assert_int_equal(eh_scale_fit(&s, x, rows, 40, NULL), EH_OK);
	assert_false(fit.scale.mean[0] == s.mean[0]);
	eh_scale_free(&s);
	eh_fit_free(&fit);
	people_free(&p);
}

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
	double loss = eh_platt_fit(&got, f, label, 9), a = 0.0, b = 0.0, best = INFINITY;

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

static void an_auc_without_an_error_keeps_an_interval(void **state)
{
	double lo, hi, lo2, hi2;

	(void)state;
	eh_auc_interval(&lo, &hi, 1.0, 14.0, 14.0);
	assert_true(hi == 1.0);
	/* by hand at the border: 1 - t = 1.96 sqrt(t (1 - t) (1 + 13 ((1 - t)/(2 - t) + t/(1 + t))) / 196) */
	assert_true(fabs((1.0 - lo) - 1.959963984540054 * sqrt(lo * (1.0 - lo) * (1.0 + 13.0 * ((1.0 - lo) / (2.0 - lo) + lo / (1.0 + lo))) / 196.0)) < 1e-9);
	assert_true(lo > 0.8 && lo < 0.9);
	eh_auc_interval(&lo2, &hi2, 0.0, 14.0, 14.0);
	assert_true(lo2 == 0.0 && fabs(hi2 - (1.0 - lo)) < 1e-9);
	eh_auc_interval(&lo, &hi, 0.5, 30.0, 30.0);
	assert_true(fabs(lo + hi - 1.0) < 1e-9 && lo < 0.5 && hi > 0.5);
}

static void platt_stays_finite_on_separated_values_and_never_turns_the_order_round(void **state)
{
	static const double f[] = { -1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0 };
	static const int8_t right[] = { -1, -1, -1, -1, 1, 1, 1, 1 }, wrong[] = { 1, 1, 1, 1, -1, -1, -1, -1 };
	struct eh_platt p;

	(void)state;
	(void)eh_platt_fit(&p, f, right, 8);
	assert_float_equal(eh_platt(p, 1.0), 5.0 / 6.0, 1e-9);  /* the target (n+ + 1) / (n+ + 2) itself */
	assert_float_equal(eh_platt(p, -1.0), 1.0 / 6.0, 1e-9);
	(void)eh_platt_fit(&p, f, wrong, 8);
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
	uint32_t order[10], ten[10];
	double v[100];
	uint8_t y[100];
	uint32_t rank[100];

	(void)state;
	eh_rank(order, score, 10);
	assert_float_equal(eh_brier(score, positive, NULL, 10), 0.16, 1e-15);
	for (size_t i = 0; i < 10; i++)
		ten[i] = 10;
	/* ten bins of one row's ten copies each: |.2 - 0| four times, .8, the same mirrored */
	assert_float_equal(eh_ece(score, positive, order, ten, 10), (4 * 0.2 + 0.8 + 4 * 0.2 + 0.8) / 10.0, 1e-12);
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
		struct eh_outcome o = { p, group, owner, n, 2 };
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

/* ---- support vectors, against a plain run of libsvm ---- */

struct plain {
	struct svm_node node[N][D + 1];
	struct svm_node *x[N];
	double y[N];
};

static void silence(const char *text)
{
	(void)text;
}

/* Decision value of row `at` by libsvm alone: trained on rows, positive = +1. */
static double plain_decision(struct plain *w, const double *x, const uint32_t *rows, size_t n, const int8_t *label,
			     double c, double gamma, size_t at)
{
	int weight_label[] = { 1, -1 };
	double weight[2], value = 0.0, positive = 0.0;
	struct svm_parameter param = { .svm_type = C_SVC,
				       .kernel_type = RBF,
				       .gamma = gamma,
				       .cache_size = 100,
				       .eps = 1e-3,
				       .C = c,
				       .nr_weight = 2,
				       .weight_label = weight_label,
				       .weight = weight,
				       .shrinking = 1 };
	struct svm_problem prob = { (int)n, w->y, w->x };
	struct svm_node test[D + 1];
	struct svm_model *m = NULL;

	for (size_t i = 0; i < n; i++) {
		w->x[i] = w->node[i];
		w->y[i] = label[rows[i]];
		positive += label[rows[i]] > 0;
		for (size_t j = 0; j <= D; j++)
			w->node[i][j] = j < D ? (struct svm_node){ (int)j + 1, x[rows[i] * D + j] }
					      : (struct svm_node){ -1, 0.0 };
	}
	for (size_t j = 0; j <= D; j++)
		test[j] = j < D ? (struct svm_node){ (int)j + 1, x[at * D + j] } : (struct svm_node){ -1, 0.0 };
	weight[0] = (double)n / (2.0 * positive);
	weight[1] = (double)n / (2.0 * ((double)n - positive));
	svm_set_print_string_function(silence);
	m = svm_train(&prob, &param);
	(void)svm_predict_values(m, test, &value);
	value *= m->label[0];
	svm_free_and_destroy_model(&m);
	return value;
}

static void make_rows(double *x, int8_t *label, int32_t *group, uint32_t *owner)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, 21);
	for (size_t i = 0; i < N; i++) {
		group[i] = i % 3 == 1;                          /* the first row is of the negative class */
		label[i] = group[i] ? 1 : -1;
		owner[i] = (uint32_t)i;
		for (size_t j = 0; j < D; j++)
			x[i * D + j] = eh_rng_normal(&rng) + (group[i] && j < 4 ? 0.9 : 0.0);
	}
}

static void precomputed_plain_and_own_decisions_are_equal(void **state)
{
	static const double c[] = { 0.125, 2.0, 32.0 }, gamma[] = { 0.01, 0.08, 0.5 };
	double x[N * D];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N], rows[N];
	struct plain plain;
	struct eh_kernel *kernel = NULL;
	struct eh_svm a, b;

	(void)state;
	make_rows(x, label, group, owner);
	for (uint32_t i = 0; i < 48; i++)                       /* 12 rows held out, at both ends */
		rows[i] = i + 6;
	assert_int_equal(eh_kernel_open(&kernel, x, N, D, NULL), EH_OK);
	assert_int_equal(eh_svm_alloc(&a, N, NULL), EH_OK);
	assert_int_equal(eh_svm_alloc(&b, N, NULL), EH_OK);
	for (size_t cell = 0; cell < 9; cell++) {
		double cc = c[cell / 3], g = gamma[cell % 3];

		eh_kernel_gamma(kernel, g);
		assert_int_equal(eh_svm_train_kernel(&a, kernel, rows, 48, label, cc, NULL), EH_OK);
		assert_int_equal(eh_svm_train_rbf(&b, x, D, rows, 48, label, cc, g, NULL), EH_OK);
		assert_int_equal(a.n_sv, b.n_sv);
		for (size_t i = 0; i < N; i++) {
			double want = plain_decision(&plain, x, rows, 48, label, cc, g, i);

			assert_float_equal(eh_svm_decide_kernel(&a, kernel, i), want, 1e-9);
			assert_float_equal(eh_svm_decide_rbf(&b, x, D, g, x + i * D), want, 1e-9);
		}
	}
	eh_svm_free(&b);
	eh_svm_free(&a);
	eh_kernel_free(&kernel);
}

static void grid_chooses_what_a_plain_grid_chooses(void **state)
{
	double x[N * D], f[N], loss[EH_GRID_C][EH_GRID_GAMMA], least = INFINITY;
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N], fold[N], rows[N];
	struct plain plain;
	struct eh_platt platt;
	struct eh_cell best;
	struct eh_rng rng;
	int c = 0, g = 0;

	(void)state;
	make_rows(x, label, group, owner);
	eh_rng_seed(&rng, 4);
	assert_int_equal(eh_folds_make(fold, group, owner, N, 5, &rng, NULL), EH_OK);
	for (c = 0; c < EH_GRID_C; c++)
		for (g = 0; g < EH_GRID_GAMMA; g++) {
			for (size_t i = 0; i < N; i++) {
				size_t n = 0;

				for (uint32_t j = 0; j < N; j++)
					if (fold[j] != fold[i])
						rows[n++] = j;
				f[i] = plain_decision(&plain, x, rows, n, label, exp2(-3 + 2 * c), exp2(-6 + 2 * g) / D,
						      i);
			}
			loss[c][g] = eh_platt_fit(&platt, f, label, N);
			least = fmin(least, loss[c][g]);
		}
	for (c = 0, g = 0; loss[c][g] > least + 0.5 / N; c += g == EH_GRID_GAMMA - 1, g = (g + 1) % EH_GRID_GAMMA)
		;
	assert_int_equal(eh_grid_search(&best, x, N, D, D, label, 1, fold, 5, NULL), EH_OK);
	assert_float_equal(best.c, exp2(-3 + 2 * c), 0.0);
	assert_float_equal(best.gamma, exp2(-6 + 2 * g) / D, 1e-15);
	assert_float_equal(best.loss, loss[c][g], 1e-9);
}

static void one_class_is_refused(void **state)
{
	double x[N * D];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];
	const uint32_t rows[] = { 0, 2, 3 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_svm s;

	(void)state;
	make_rows(x, label, group, owner);
	assert_int_equal(eh_svm_alloc(&s, N, NULL), EH_OK);
	assert_int_equal(eh_svm_train_rbf(&s, x, D, rows, 3, label, 1.0, 0.1, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "one class"));
	assert_int_equal(eh_svm_train_rbf(&s, x, D, owner, N, label, -1.0, 0.1, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "C <= 0"));
	eh_svm_free(&s);
}

/* ---- the pipeline of one modality ---- */

static void units_of_an_indicator_do_not_matter(void **state)
{
	double x[N * D], y[N * D], p[2], q[2];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];
	struct eh_rows a = { x, group, owner, N, D, 2 }, b = { y, group, owner, N, D, 2 };
	struct eh_fit fa, fb;

	(void)state;
	make_rows(x, label, group, owner);
	for (size_t i = 0; i < N * D; i++)
		y[i] = x[i] * (i % D % 2 == 0 ? 1024.0 : 0.125) + 3.0;
	assert_int_equal(eh_fit_train(&fa, &a, 1, NULL), EH_OK);
	assert_int_equal(eh_fit_train(&fb, &b, 1, NULL), EH_OK);
	for (size_t i = 0; i < N; i++) {
		eh_fit_apply(&fa, x + i * D, p);
		eh_fit_apply(&fb, y + i * D, q);
		assert_float_equal(p[1], q[1], 1e-4);           /* libsvm stops at 1e-3 */
	}
	eh_fit_free(&fb);
	eh_fit_free(&fa);
}

/* Above 600 rows the parameters are searched on a share of the candidates; the model is trained on all. */
static void a_large_set_is_searched_on_a_share_and_trained_whole(void **state)
{
	enum { ROWS = 1300, WIDTH = 3 };
	double x[ROWS * WIDTH], p[2];
	int32_t group[ROWS];
	uint32_t owner[ROWS];
	struct eh_rows rows = { x, group, owner, ROWS, WIDTH, 2 };
	struct eh_fit fit;
	struct eh_rng rng;
	size_t right = 0;

	(void)state;
	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < ROWS; i++) {
		group[i] = i % 3 == 0;
		owner[i] = (uint32_t)i;
		for (size_t j = 0; j < WIDTH; j++)
			x[i * WIDTH + j] = eh_rng_normal(&rng) + 3.0 * group[i];
	}
	assert_int_equal(eh_fit_train(&fit, &rows, 1, NULL), EH_OK);
	assert_true(fit.sv_row[fit.n_sv - 1] >= ROWS / 2);
	assert_float_equal(fit.prior[1], 434.0 / 1300.0, 1e-9);
	for (size_t i = 0; i < ROWS; i++) {
		eh_fit_apply(&fit, x + i * WIDTH, p);
		right += (p[1] > 0.5) == group[i];
	}
	assert_true(right > 1270);
	eh_fit_free(&fit);
}

/* Facts/learning.md 16, 2: features that tell the candidate and nothing else, four copies of each. */
static void copies_of_a_candidate_leak_only_when_folds_split_them(void **state)
{
	enum { PEOPLE = 24, COPIES = 4, ROWS = PEOPLE * COPIES, WIDTH = 8 };
	double x[ROWS * WIDTH];
	int32_t group[ROWS];
	uint32_t by_candidate[ROWS], by_row[ROWS];
	struct eh_rows rows = { x, group, by_candidate, ROWS, WIDTH, 2 };
	struct eh_steps steps = { NULL, "", 0, 0 };
	struct eh_skill honest, leaking;
	double sum = 0.0;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct eh_rng rng;

		eh_rng_seed(&rng, seed);
		for (size_t i = 0; i < ROWS; i++) {
			group[i] = i / COPIES % 2 == 1;
			by_candidate[i] = (uint32_t)(i / COPIES);
			by_row[i] = (uint32_t)i;
			for (size_t j = 0; j < WIDTH; j++)
				x[i * WIDTH + j] = i % COPIES == 0
							   ? eh_rng_normal(&rng)
							   : x[(i - 1) * WIDTH + j] + 0.01 * eh_rng_normal(&rng);
		}
		rows.owner = by_candidate;
		assert_int_equal(eh_nested_skill(&honest, &rows, seed, &steps, NULL), EH_OK);
		sum += honest.auc / 5.0;
	}
	assert_true(sum > 0.3 && sum < 0.65);
	rows.owner = by_row;
	assert_int_equal(eh_nested_skill(&leaking, &rows, 5, &steps, NULL), EH_OK);
	assert_true(leaking.auc > 0.9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_hold_classes_evenly_and_candidates_together),
		cmocka_unit_test(scale_is_winsorised_and_a_column_without_spread_is_zero),
		cmocka_unit_test(a_fit_scales_by_its_own_rows_only),
		cmocka_unit_test(platt_finds_the_minimum_a_plain_search_finds),
		cmocka_unit_test(an_auc_without_an_error_keeps_an_interval),
		cmocka_unit_test(platt_stays_finite_on_separated_values_and_never_turns_the_order_round),
		cmocka_unit_test(coupled_probabilities_sum_to_one_inside_their_limits),
		cmocka_unit_test(auc_is_exact_with_and_without_ties),
		cmocka_unit_test(brier_and_calibration_error_of_small_cases),
		cmocka_unit_test(wilson_of_the_facts),
		cmocka_unit_test(wilson_of_every_case),
		cmocka_unit_test(intervals_hold_the_figures_and_narrow_with_more_candidates),
		cmocka_unit_test(precomputed_plain_and_own_decisions_are_equal),
		cmocka_unit_test(grid_chooses_what_a_plain_grid_chooses),
		cmocka_unit_test(one_class_is_refused),
		cmocka_unit_test(units_of_an_indicator_do_not_matter),
		cmocka_unit_test(a_large_set_is_searched_on_a_share_and_trained_whole),
		cmocka_unit_test(copies_of_a_candidate_leak_only_when_folds_split_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

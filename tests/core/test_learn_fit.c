/* The pipeline of one modality: folds, scale, fit, and skill on candidates that no part of a fit has seen. */
#include "tests/core/learn_people.h"
#include "tests/core/learn_rows.h"

#include <math.h>
#include <time.h>

#include "base/mem.h"
#include "learn/fit.h"
#include "learn/folds.h"
#include "learn/scale.h"

/* ---- folds and scale ---- */

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

static void values_that_overflow_say_nothing(void **state)
{
	const double x[] = { -1.7e308, 1.0, 1.7e308, 2.0, -1.7e308, 3.0, 1.7e308, 4.0 };
	const uint32_t rows[] = { 0, 1, 2, 3 };
	struct eh_scale s;
	double z[2];

	(void)state;
	assert_int_equal(eh_scale_alloc(&s, 2, NULL), EH_OK);
	assert_int_equal(eh_scale_fit(&s, x, rows, 4, NULL), EH_OK);
	assert_int_equal(eh_scale_spread(&s), 1);
	assert_true(isfinite(s.lo[0]) && isfinite(s.hi[0]) && isfinite(s.mean[0]));
	eh_scale_apply(&s, x, z);
	assert_true(z[0] == 0.0 && z[1] < 0.0);
	eh_scale_free(&s);
}

/* ---- the fit ---- */

static void a_fit_scales_by_its_own_rows_only(void **state)
{
	struct people p = people_make(40, 2, 1.0, 1.0, 3);
	double x[40];
	int32_t group[40];
	uint32_t owner[40], rows[40];
	struct eh_rows part = { x, group, owner, 30, 1, 2, NULL };
	struct eh_fit fit;
	struct eh_scale s;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		x[i] = p.vector[i].value[0] + (i >= 30 ? 100.0 : 0.0);
		group[i] = p.row[i].group;
		owner[i] = rows[i] = i;
	}
	assert_int_equal(eh_fit_train(&fit, &part, 1, NULL, NULL), EH_OK);
	assert_int_equal(eh_scale_alloc(&s, 1, NULL), EH_OK);
	assert_int_equal(eh_scale_fit(&s, x, rows, 30, NULL), EH_OK);
	assert_true(fit.scale.mean[0] == s.mean[0] && fit.scale.inv_sd[0] == s.inv_sd[0]);
	assert_int_equal(eh_scale_fit(&s, x, rows, 40, NULL), EH_OK);
	assert_false(fit.scale.mean[0] == s.mean[0]);
	eh_scale_free(&s);
	eh_fit_free(&fit);
	people_free(&p);
}

static void units_and_order_of_indicators_do_not_matter(void **state)
{
	double x[N * D], y[N * D], p[2], q[2];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];
	struct eh_rows a = { x, group, owner, N, D, 2, NULL }, b = { y, group, owner, N, D, 2, NULL };
	struct eh_fit fa, fb;

	(void)state;
	make_rows(x, label, group, owner);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < D; j++)
			y[i * D + D - 1 - j] = x[i * D + j] * (j % 2 == 0 ? 1024.0 : 0.125) + 3.0;
	assert_int_equal(eh_fit_train(&fa, &a, 1, NULL, NULL), EH_OK);
	assert_int_equal(eh_fit_train(&fb, &b, 1, NULL, NULL), EH_OK);
	for (size_t i = 0; i < N; i++) {
		eh_fit_apply(&fa, x + i * D, p);
		eh_fit_apply(&fb, y + i * D, q);
		assert_float_equal(p[1], q[1], 1e-4);           /* libsvm stops at 1e-3 */
	}
	eh_fit_free(&fb);
	eh_fit_free(&fa);
}

/* Above 1,000 rows the coarse search, above 4,000 the whole search has a share of the candidates; the model has all. */
static void a_large_set_is_searched_on_a_share_and_trained_whole(void **state)
{
	enum { ROWS = 1300, WIDTH = 3 };
	double x[ROWS * WIDTH], p[2];
	int32_t group[ROWS];
	uint32_t owner[ROWS];
	struct eh_rows rows = { x, group, owner, ROWS, WIDTH, 2, NULL };
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
	assert_int_equal(eh_fit_train(&fit, &rows, 1, NULL, NULL), EH_OK);
	assert_true(fit.sv_row[fit.n_sv - 1] >= ROWS / 2);
	assert_float_equal(fit.prior[1], 434.0 / 1300.0, 1e-9);
	for (size_t i = 0; i < ROWS; i++) {
		eh_fit_apply(&fit, x + i * WIDTH, p);
		right += (p[1] > 0.5) == group[i];
	}
	assert_true(right > 1270);
	eh_fit_free(&fit);
}

/* Eight of a class among thousands: a plain share would leave the inner folds without it. */
static void a_rare_class_is_not_thinned_out_of_the_search(void **state)
{
	enum { ROWS = 4808, RARE = 8, WIDTH = 2 };
	static double x[ROWS * WIDTH];
	static int32_t group[ROWS];
	static uint32_t owner[ROWS];
	struct eh_rows rows = { x, group, owner, ROWS, WIDTH, 2, NULL };
	struct eh_err err = EH_ERR_INIT;
	struct eh_fit fit;
	struct eh_rng rng;
	double p[2];

	(void)state;
	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < ROWS; i++) {
		group[i] = i % (ROWS / RARE) == 0;
		owner[i] = (uint32_t)i;
		for (size_t j = 0; j < WIDTH; j++)
			x[i * WIDTH + j] = eh_rng_normal(&rng) + 8.0 * group[i];
	}
	if (eh_fit_train(&fit, &rows, 1, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	eh_fit_apply(&fit, x, p);
	assert_true(p[1] > 0.5);
	eh_fit_apply(&fit, x + WIDTH, p);
	assert_true(p[1] < 0.01);
	eh_fit_free(&fit);
}

/*
 * AUC of the road when column 0 is the class itself in the rows of one outer fold (leak < 0: in all rows) and noise
 * elsewhere; the others are noise.
 */
static double auc_with_the_class_in_a_fold(int leak, uint64_t seed)
{
	enum { WIDTH = 4 };
	double x[N * WIDTH];
	int32_t group[N];
	uint32_t owner[N], fold[N];
	struct eh_rows rows = { x, group, owner, N, WIDTH, 2, NULL };
	struct eh_steps steps = { .jobs = 0 };
	struct eh_skill skill;
	struct eh_rng rng;

	for (size_t i = 0; i < N; i++) {
		group[i] = i % 2 == 1;
		owner[i] = (uint32_t)i;
	}
	eh_rng_seed_named(&rng, seed, "outer");                 /* the folds that eh_nested_skill will make */
	assert_int_equal(eh_folds_make(fold, group, owner, N, eh_outer_folds(&rows), &rng, NULL), EH_OK);
	eh_rng_seed(&rng, seed + 100);
	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < WIDTH; j++)
			x[i * WIDTH + j] = eh_rng_normal(&rng);
		if (leak < 0 || fold[i] == (uint32_t)leak)
			x[i * WIDTH] = group[i] ? 2.0 : -2.0;
	}
	assert_int_equal(eh_nested_skill(&skill, &rows, seed, &steps, NULL), EH_OK);
	return skill.auc;
}

/* facts/learning.md 16, 4 */
static void the_class_in_the_held_out_rows_alone_teaches_nothing(void **state)
{
	double sum = 0.0;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++)
		sum += auc_with_the_class_in_a_fold((int)seed, seed) / 5.0;
	assert_true(sum > 0.3 && sum < 0.68);
	assert_true(auc_with_the_class_in_a_fold(-1, 1) > 0.95);
}

/* facts/learning.md 16, 2: features that tell the candidate and nothing else, four copies of each. */
static void copies_of_a_candidate_leak_only_when_folds_split_them(void **state)
{
	enum { PEOPLE = 24, COPIES = 4, ROWS = PEOPLE * COPIES, WIDTH = 8 };
	double x[ROWS * WIDTH];
	int32_t group[ROWS];
	uint32_t by_candidate[ROWS], by_row[ROWS];
	struct eh_rows rows = { x, group, by_candidate, ROWS, WIDTH, 2, NULL };
	struct eh_steps steps = { .jobs = 0 };
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

/* ---- threads, memory, cancel ---- */

/* Three rows of each candidate, the second and third copies in another channel. */
enum { PEOPLE = 30, COPIES = 3, CROWD = PEOPLE * COPIES, CROWD_D = 6 };

struct crowd {
	double x[CROWD * CROWD_D];
	int32_t group[CROWD];
	uint32_t owner[CROWD];
	uint8_t copy[CROWD];
	struct eh_rows rows;
};

static void crowd_make(struct crowd *c, size_t k)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, 17);
	for (size_t i = 0; i < CROWD; i++) {
		c->owner[i] = (uint32_t)(i / COPIES);
		c->group[i] = (int32_t)(i / COPIES % k);
		c->copy[i] = i % COPIES != 0;
		for (size_t j = 0; j < CROWD_D; j++)
			c->x[i * CROWD_D + j] = eh_rng_normal(&rng) + 1.5 * (j % k == (size_t)c->group[i]) +
						(c->copy[i] ? 0.2 : 0.0);
	}
	c->rows = (struct eh_rows){ c->x, c->group, c->owner, CROWD, CROWD_D, k, c->copy };
}

/* facts/learning.md 16, 7 */
static void the_same_bytes_come_from_any_number_of_threads(void **state)
{
	static struct crowd c;
	double p[3][CROWD * 3];

	(void)state;
	for (size_t k = 2; k <= 3; k++) {
		struct eh_fit one = { 0 };

		crowd_make(&c, k);
		for (size_t jobs = 1; jobs <= 3; jobs++) {
			struct eh_steps steps = { .jobs = jobs };
			struct eh_fit fit = { 0 };

			assert_int_equal(eh_fit_train(&fit, &c.rows, 5, &steps, NULL), EH_OK);
			assert_int_equal(eh_nested_outcome(p[jobs - 1], &c.rows, 5, &steps, NULL), EH_OK);
			assert_memory_equal(p[jobs - 1], p[0], CROWD * k * sizeof(double));
			if (jobs == 1) {
				one = fit;
				continue;
			}
			assert_int_equal(fit.n_sv, one.n_sv);
			assert_memory_equal(fit.sv, one.sv, fit.n_sv * fit.d * sizeof *fit.sv);
			assert_memory_equal(fit.sv_row, one.sv_row, fit.n_sv * sizeof *fit.sv_row);
			for (size_t g = 0; g < fit.columns; g++) {
				struct eh_column a = fit.column[g], b = one.column[g];

				assert_memory_equal(a.coef, b.coef, fit.n_sv * sizeof *a.coef);
				a.coef = b.coef = NULL;
				assert_memory_equal(&a, &b, sizeof a);
			}
			eh_fit_free(&fit);
		}
		eh_fit_free(&one);
	}
}

/* Copies sway the support vectors and nothing that judges. */
static void copies_teach_and_are_not_judged(void **state)
{
	static struct crowd c;
	struct eh_steps steps = { .jobs = 2 };
	struct eh_fit fit = { 0 };
	struct eh_skill skill;
	bool supported = false;

	(void)state;
	crowd_make(&c, 2);
	assert_int_equal(eh_fit_train(&fit, &c.rows, 5, &steps, NULL), EH_OK);
	for (size_t i = 0; i < fit.n_sv; i++)
		supported = supported || c.copy[fit.sv_row[i]];
	assert_true(supported);
	assert_float_equal(fit.prior[0], 0.5, 1e-15);
	eh_fit_free(&fit);
	assert_int_equal(eh_nested_skill(&skill, &c.rows, 5, &steps, NULL), EH_OK);
	assert_int_equal(skill.n, PEOPLE);
}

/* The prior counts originals: one group has more copies than the other. */
static void class_shares_are_those_of_the_originals(void **state)
{
	static struct crowd c;
	struct eh_fit fit = { 0 };
	size_t n = 0;

	(void)state;
	crowd_make(&c, 2);
	for (size_t i = 0; i < CROWD; i++) {    /* the second group loses its copies */
		if (c.group[i] == 1 && c.copy[i])
			continue;
		memmove(c.x + n * CROWD_D, c.x + i * CROWD_D, CROWD_D * sizeof *c.x);
		c.group[n] = c.group[i];
		c.owner[n] = c.owner[i];
		c.copy[n++] = c.copy[i];
	}
	c.rows.n = n;
	assert_int_equal(eh_fit_train(&fit, &c.rows, 5, NULL, NULL), EH_OK);
	assert_float_equal(fit.prior[0], 0.5, 1e-15);
	assert_float_equal(fit.prior[1], 0.5, 1e-15);
	eh_fit_free(&fit);
}

static void a_training_beyond_the_memory_is_refused_before_it_starts(void **state)
{
	static struct crowd c;
	struct eh_steps steps = { .jobs = 2, .memory = 200000 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_fit fit = { 0 };

	(void)state;
	crowd_make(&c, 2);
	assert_int_equal(eh_fit_train(&fit, &c.rows, 5, &steps, &err), EH_ENOMEM);
	assert_non_null(strstr(err.msg, "MiB are allowed"));
	assert_int_equal(fit.n_sv, 0);
	steps.memory = eh_fit_bytes(CROWD, CROWD_D, 1, EH_CREW_MEMORY);
	assert_int_equal(eh_fit_train(&fit, &c.rows, 5, &steps, &err), EH_OK);
	eh_fit_free(&fit);
}

/* Two clouds that overlap, or with shift 0 labels without meaning: the longest trainings. */
static void clouds(double *x, int32_t *group, uint32_t *owner, size_t n, size_t d, double shift)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, 19);
	for (size_t i = 0; i < n; i++) {
		group[i] = i % 2 == 1;
		owner[i] = (uint32_t)i;
		for (size_t j = 0; j < d; j++)
			x[i * d + j] = eh_rng_normal(&rng) + (j == 0 ? shift * group[i] : 0.0);
	}
}

/* Allocation after allocation fails: one thread, so that the count is the same every time, and several. */
static void every_failing_allocation_is_an_error_and_leaves_nothing(void **state)
{
	static struct crowd c;

	(void)state;
	crowd_make(&c, 2);
	c.rows.n = 36;
	for (size_t jobs = 1; jobs <= 2; jobs++) {
		struct eh_steps steps = { .jobs = jobs };
		struct eh_err err = EH_ERR_INIT;
		struct eh_fit fit = { 0 };
		uint64_t calls = 0;
		int rc = EH_ENOMEM;

		for (uint64_t n = 1; rc == EH_ENOMEM; n += n < 60 ? 1 : 7) {
			eh_mem_fail_at(n);
			rc = eh_fit_train(&fit, &c.rows, 5, &steps, &err);
			calls = eh_mem_calls();
			eh_mem_fail_at(0);
			if (rc == EH_OK)
				break;
			assert_int_equal(rc, EH_ENOMEM);
			assert_non_null(strstr(err.msg, "out of memory"));
			assert_int_equal(fit.n_sv, 0);
			assert_null(fit.sv);
		}
		assert_int_equal(rc, EH_OK);
		assert_true(calls > 100);
		eh_fit_free(&fit);
	}
}

static void large_sets_have_half_as_many_outer_folds(void **state)
{
	enum { ROWS = 4001 };
	static int32_t group[ROWS];
	static uint32_t owner[ROWS];
	struct eh_rows rows = { NULL, group, owner, ROWS, 1, 2, NULL };

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		group[i] = i % 2 == 1;
		owner[i] = (uint32_t)i;
	}
	assert_int_equal(eh_outer_folds(&rows), EH_OUTER_FOLDS / 2);
	rows.n = 4000;
	assert_int_equal(eh_outer_folds(&rows), EH_OUTER_FOLDS);
	rows.n = 12;
	assert_int_equal(eh_outer_folds(&rows), 6);
}

static void without_room_for_the_kernel_the_same_model_comes(void **state)
{
	enum { ROWS = 4200, WIDTH = 2 };
	static double x[ROWS * WIDTH];
	static int32_t group[ROWS];
	static uint32_t owner[ROWS];
	struct eh_rows rows = { x, group, owner, ROWS, WIDTH, 2, NULL };
	struct eh_steps small = { .memory = (size_t)300 << 20 };
	struct eh_fit a = { 0 }, b = { 0 };

	(void)state;
	clouds(x, group, owner, ROWS, WIDTH, 6.0);
	assert_true(eh_fit_bytes(ROWS, WIDTH, 1, small.memory) < eh_fit_bytes(ROWS, WIDTH, 1, EH_CREW_MEMORY));
	assert_int_equal(eh_fit_train(&a, &rows, 5, NULL, NULL), EH_OK);
	assert_int_equal(eh_fit_train(&b, &rows, 5, &small, NULL), EH_OK);
	assert_float_equal(a.column[0].c, b.column[0].c, 0.0);
	assert_float_equal(a.column[0].gamma, b.column[0].gamma, 0.0);
	for (size_t i = 0; i < ROWS; i += 7) {
		double u = 0.0, v = 0.0;

		eh_fit_decide(&a, x + i * WIDTH, &u);
		eh_fit_decide(&b, x + i * WIDTH, &v);
		assert_float_equal(u, v, 1e-3);         /* libsvm stops at 1e-3; rounding may choose another path */
	}
	eh_fit_free(&b);
	eh_fit_free(&a);
}

/* What libsvm holds by plain pointers when it is left is lost (libsvm.c); everything of ours is not. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:svm_train\nleak:libsvm.so\n";
}

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct patience {
	double until, asked;            /* [s] when to cancel; when it was first said */
};

static bool enough(void *ctx)
{
	struct patience *p = ctx;

	if (now() >= p->until && p->asked <= 0.0)
		p->asked = now();
	return p->asked > 0.0;
}

static void a_cancel_is_heard_within_a_second(void **state)
{
	enum { ROWS = 3900, WIDTH = 60 };
	double *x = calloc((size_t)ROWS * WIDTH, sizeof *x);
	int32_t *group = calloc(ROWS, sizeof *group);
	uint32_t *owner = calloc(ROWS, sizeof *owner);
	struct eh_rows rows = { x, group, owner, ROWS, WIDTH, 2, NULL };

	(void)state;
	assert_true(x != NULL && group != NULL && owner != NULL);
	clouds(x, group, owner, ROWS, WIDTH, 0.0);
	for (int nested = 0; nested <= 1; nested++) {
		struct patience p = { now() + 0.4, 0.0 };
		struct eh_progress progress = { .cancelled = enough, .ctx = &p };
		struct eh_steps steps = { .progress = &progress, .what = "train" };
		struct eh_err err = EH_ERR_INIT;
		struct eh_skill skill;
		struct eh_fit fit;

		if (nested)
			assert_int_equal(eh_nested_skill(&skill, &rows, 1, &steps, &err), EH_ECANCEL);
		else
			assert_int_equal(eh_fit_train(&fit, &rows, 1, &steps, &err), EH_ECANCEL);
		assert_true(p.asked > 0.0);
		assert_true(now() - p.asked < 1.0);
		assert_non_null(strstr(err.msg, "cancelled"));
	}
	free(owner);
	free(group);
	free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_hold_classes_evenly_and_candidates_together),
		cmocka_unit_test(scale_is_winsorised_and_a_column_without_spread_is_zero),
		cmocka_unit_test(values_that_overflow_say_nothing),
		cmocka_unit_test(a_fit_scales_by_its_own_rows_only),
		cmocka_unit_test(units_and_order_of_indicators_do_not_matter),
		cmocka_unit_test(a_large_set_is_searched_on_a_share_and_trained_whole),
		cmocka_unit_test(a_rare_class_is_not_thinned_out_of_the_search),
		cmocka_unit_test(the_class_in_the_held_out_rows_alone_teaches_nothing),
		cmocka_unit_test(copies_of_a_candidate_leak_only_when_folds_split_them),
		cmocka_unit_test(the_same_bytes_come_from_any_number_of_threads),
		cmocka_unit_test(copies_teach_and_are_not_judged),
		cmocka_unit_test(class_shares_are_those_of_the_originals),
		cmocka_unit_test(a_training_beyond_the_memory_is_refused_before_it_starts),
		cmocka_unit_test(every_failing_allocation_is_an_error_and_leaves_nothing),
		cmocka_unit_test(large_sets_have_half_as_many_outer_folds),
		cmocka_unit_test(without_room_for_the_kernel_the_same_model_comes),
		cmocka_unit_test(a_cancel_is_heard_within_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

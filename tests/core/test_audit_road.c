/*
 * The design of facts/first_road.md 7C and 8 through the whole audit: 60 candidates, two answers, 12 evaluators, fixed
 * counts; one biased (.25/.75), one harsh (.30), ten fair (.60).
 */
#include "tests/core/audit_build.h"

#include <math.h>

#include "base/rng.h"

#define SEEDS 20
#define CANDIDATES 60
#define EVALUATORS 12
#define BIASED 3
#define HARSH 7
#define AUC_SHIFT 2.476                 /* sqrt 2 * normal quantile .96: two unit normals with AUC .96 */

static const char *const sexes[] = { "female", "male" };

static double rate_of(int evaluator, int group)
{
	if (evaluator == BIASED)
		return group == 0 ? 0.25 : 0.75;
	return evaluator == HARSH ? 0.30 : 0.60;
}

/* Advances floor(rate * n + u) of the n persons of one group in one question; the seed chooses who. */
static void decide(struct build *b, struct eh_rng *rng, int evaluator, int group, int question)
{
	uint32_t order[CANDIDATES / 2];
	size_t n = CANDIDATES / 2, chosen = (size_t)(rate_of(evaluator, group) * (double)n + eh_rng_unit(rng));

	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	eh_rng_shuffle(rng, order, n);
	for (size_t i = 0; i < n; i++) {
		char e[24], c[24], q[24];

		(void)snprintf(e, sizeof e, "E%02d", evaluator);
		(void)snprintf(c, sizeof c, "%s%02u", group == 0 ? "w" : "m", order[i]);
		(void)snprintf(q, sizeof q, "q%d", question);
		build_row(b, e, c, q, i < chosen);
	}
}

static void make(struct eh_audit_data *d, uint64_t seed, bool half_predicted)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_rng rng;

	eh_rng_seed_named(&rng, seed, "road");
	for (int g = 0; g < 2; g++) {
		for (int i = 0; i < CANDIDATES / 2; i++) {
			char name[24];
			struct built_person *p;
			double x = eh_rng_normal(&rng) + (g == 0 ? 0.5 : -0.5) * AUC_SHIFT;

			(void)snprintf(name, sizeof name, "%s%02d", g == 0 ? "w" : "m", i);
			p = build_person(&b, name, "clerk", half_predicted && i % 2 == 1 ? -2 : g);
			/* the exact posterior of two normals at equal shares */
			p->p[0] = 1.0 / (1.0 + exp(-AUC_SHIFT * x));
			p->p[1] = 1.0 - p->p[0];
		}
	}
	for (int e = 0; e < EVALUATORS; e++)
		for (int g = 0; g < 2; g++)
			for (int q = 1; q <= 2; q++)
				decide(&b, &rng, e, g, q);
	build_finish(d, &b, sexes, 2);
	d->attributes[0].auc_lo = eh_num(0.9);
}

static bool decided(const struct eh_finding *f)
{
	return f->ratio_below == EH_YES && f->q.defined && f->q.value < 0.05 && f->shortfall.value >= 1.0 &&
		f->flips == EH_NO &&
	       f->peers_q.defined && f->peers_q.value < 0.05;
}

static void check_seeds(bool half_predicted)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
		struct eh_audit_data d;
		struct eh_findings f;

		make(&d, seed, half_predicted);
		run_audit(&f, &d, &settings);
		for (int e = 0; e < EVALUATORS; e++) {
			for (int g = 0; g < 2; g++) {
				char name[24];
				const struct eh_finding *x;
				bool guilty = e == BIASED && g == 0;

				(void)snprintf(name, sizeof name, "E%02d", e);
				x = find_finding(&f, name, "", sexes[g]);
				assert_int_equal(x->basis, half_predicted ? EH_BASIS_SCREENING : EH_BASIS_KNOWN);
				assert_int_equal(x->family_size, EVALUATORS);
				if (decided(x) != guilty)
					fail_msg("seed %u %s %s: ratio %.3f p %.2g q %.2g peers_q %.2g", (unsigned)seed,
						 name, sexes[g],
						 x->ratio.value, x->p.value, x->q.value, x->peers_q.value);
				if (guilty && x->guard[0] != '\0')
					fail_msg("seed %u: %s", (unsigned)seed, x->guard);
				if (guilty)
					assert_true(x->ratio_interval.high.value < 0.8 && x->bench_evaluators > 0 &&
						    x->deviation.value < 0.0);
			}
		}
		eh_findings_free(&f);
		eh_audit_data_free(&d);
	}
}

static void with_declared_classes_the_biased_evaluator_and_nobody_else_is_found(void **state)
{
	(void)state;
	check_seeds(false);
}

static void with_half_predicted_classes_the_biased_evaluator_and_nobody_else_is_found(void **state)
{
	(void)state;
	check_seeds(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_declared_classes_the_biased_evaluator_and_nobody_else_is_found),
		cmocka_unit_test(with_half_predicted_classes_the_biased_evaluator_and_nobody_else_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

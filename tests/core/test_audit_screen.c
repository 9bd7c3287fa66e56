/* Predicted classes through the whole audit: level, repeated decisions, several classes, mirrored groups. */
#include "tests/core/audit_build.h"

#include <math.h>

#include "base/rng.h"

#define SHIFT 2.476                     /* two unit normals with AUC .96 */

static const char *const sexes[] = { "female", "male" };
static const char *const three[] = { "A", "B", "C" };

/* 30 + 30 candidates, every second class only predicted; decisions of one evaluator on `questions` questions. */
static void draw(struct eh_audit_data *d, struct eh_rng *rng, const double rate[2], double correlation, int questions,
		 int copies)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };

	for (int i = 0; i < 60; i++) {
		int g = i % 2;
		double x = eh_rng_normal(rng) + (g == 0 ? 0.5 : -0.5) * SHIFT;
		bool common = eh_rng_unit(rng) < rate[g];
		char name[24];
		struct built_person *p;

		(void)snprintf(name, sizeof name, "c%02d", i);
		p = build_person(&b, name, "clerk", i / 2 % 2 == 0 ? g : -2);
		p->p[0] = 1.0 / (1.0 + exp(-SHIFT * x));
		p->p[1] = 1.0 - p->p[0];
		for (int q = 0; q < questions; q++) {
			bool y = eh_rng_unit(rng) < sqrt(correlation) ? common : eh_rng_unit(rng) < rate[g];

			for (int c = 0; c < copies; c++) {
				char stratum[24];

				(void)snprintf(stratum, sizeof stratum, "q%d%c", q, 'a' + c);
				build_row(&b, "E1", name, stratum, y);
			}
		}
	}
	build_finish(d, &b, sexes, 2);
	d->attributes[0].auc_lo = eh_num(0.9);
}

/* 600 rounds: standard error .009, so .08 is three of them above .05. */
static void the_likelihood_ratio_keeps_the_level_with_correlated_decisions(void **state)
{
	static const double correlation[] = { 0.0, 0.5, 1.0 }, equal[2] = { 0.5, 0.5 };
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 17);
	for (size_t k = 0; k < 3; k++) {
		int rejected = 0;

		for (int i = 0; i < 600; i++) {
			struct eh_audit_data d;
			struct eh_findings f;
			const struct eh_finding *x;

			draw(&d, &rng, equal, correlation[k], 2, 1);
			run_audit(&f, &d, &s);
			x = find_finding(&f, "E1", "", "female");
			assert_true(x->p.defined && x->em_interval.high.defined);
			/* interval and test are one likelihood: they never disagree */
			assert_int_equal(x->em_interval.low.value > 1.0 || x->em_interval.high.value < 1.0,
					 x->p.value < 0.05);
			rejected += x->p.value < 0.05;
			eh_findings_free(&f);
			eh_audit_data_free(&d);
		}
		if (rejected > 48)
			fail_msg("correlation %.1f: %d of 600", correlation[k], rejected);
	}
}

static void a_decision_written_down_twice_counts_once(void **state)
{
	static const double rates[2] = { 0.35, 0.65 };
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;

	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct eh_audit_data one, two;
		struct eh_findings f, g;
		const struct eh_finding *x, *y;
		struct eh_rng rng, same;

		eh_rng_seed(&rng, seed);
		same = rng;
		draw(&one, &rng, rates, 0.0, 1, 1);
		draw(&two, &same, rates, 0.0, 1, 2);
		run_audit(&f, &one, &s);
		run_audit(&g, &two, &s);
		x = find_finding(&f, "E1", "", "female");
		y = find_finding(&g, "E1", "", "female");
		assert_true(fabs(x->p_em.value - y->p_em.value) < 1e-7);
		assert_true(fabs(x->em_ratio.value - y->em_ratio.value) < 1e-7);
		assert_true(fabs(x->shortfall.value - y->shortfall.value) < 1e-6);
		assert_true(fabs(2.0 * x->em_n.value - y->em_n.value) < 1e-6);
		eh_findings_free(&f);
		eh_findings_free(&g);
		eh_audit_data_free(&one);
		eh_audit_data_free(&two);
	}
}

static void both_groups_tell_the_same_test(void **state)
{
	static const double rates[2] = { 0.3, 0.7 };
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x, *y;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 2);
	draw(&d, &rng, rates, 0.2, 2, 1);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E1", "", "female");
	y = find_finding(&f, "E1", "", "male");
	assert_true(x->p.value == y->p.value && x->q.value == y->q.value);
	assert_true(fabs(x->em_ratio.value * y->em_ratio.value - 1.0) < 1e-6);
	assert_true(fabs(x->em_interval.low.value * y->em_interval.high.value - 1.0) < 1e-5);
	assert_true(fabs(x->em_n.value + y->em_n.value - 120.0) < 1e-6);
	assert_int_equal(x->basis, EH_BASIS_SCREENING);
	assert_int_equal(x->declared + x->predicted, 60);
	assert_int_equal(x->family_size, 1);
	assert_true(x->robust == (x->weighted_ratio.value < 0.8));
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

/* Three classes, all predicted, B rarely selected: rest, highest and fixed find it. */
static void several_predicted_classes_work_under_every_reference(void **state)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	for (int i = 0; i < 720; i++) {
		int g = i % 3;
		char name[24];
		struct built_person *p;

		(void)snprintf(name, sizeof name, "c%03d", i);
		p = build_person(&b, name, "clerk", -2);
		for (int k = 0; k < 3; k++)
			p->p[k] = k == g ? 0.9 : 0.05;
		build_row(&b, "E1", name, "s", g == 1 ? i % 10 == 0 : i % 10 < 5 + g);
	}
	build_finish(&d, &b, three, 3);
	d.attributes[0].auc_lo = eh_num(0.85);
	for (int rule = EH_REF_HIGHEST; rule <= EH_REF_FIXED; rule++) {
		s.reference = (enum eh_reference_rule)rule;
		strcpy(s.fixed_reference, "A");
		run_audit(&f, &d, &s);
		x = find_finding(&f, "E1", "", "B");
		assert_string_equal(x->reference, rule == EH_REF_HIGHEST ? "C" : rule == EH_REF_REST ? "rest" : "A");
		assert_int_equal(x->n, 0);
		assert_int_equal(x->impact_ratio.why, EH_U_EMPTY_GROUP);
		assert_int_equal(x->builtin, EH_TOO_FEW);
		assert_true(x->em_ratio.value < 0.35 && x->p.value < 1e-6 && x->ratio_below == EH_YES);
		/* the weighted estimate is drawn towards 1 */
		assert_true(x->em_ratio.value < x->weighted_ratio.value);
		assert_true(fabs(x->em_n.value - 240.0) < 30.0);
		assert_string_equal(x->guard, "");
		assert_int_equal(x->family_size, rule == EH_REF_REST ? 3 : 2);
		eh_findings_free(&f);
	}
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_likelihood_ratio_keeps_the_level_with_correlated_decisions),
		cmocka_unit_test(a_decision_written_down_twice_counts_once),
		cmocka_unit_test(both_groups_tell_the_same_test),
		cmocka_unit_test(several_predicted_classes_work_under_every_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

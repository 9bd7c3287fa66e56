/* The p-value for any number of looks: against the integral it stands for, its invariances, and in the audit's family.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "audit/sequential.h"
#include "tests/core/audit_build.h"

static bool near(double a, double b, double room) { return fabs(a - b) <= room * fmax(1.0, fabs(b)); }

/* The likelihood ratio of the estimate U/I under N(0, tau^2), by a sum over theta in small steps. */
static double by_integral(double u, double variance, double independent, double tau)
{
	const double step = 1e-4, x = u / independent, v = variance / (independent * independent);
	double sum = 0.0;

	for (double theta = -12.0 * tau; theta <= 12.0 * tau; theta += step)
		sum += exp(-(x - theta) * (x - theta) / (2.0 * v) + x * x / (2.0 * v)) *
		       exp(-theta * theta / (2.0 * tau * tau)) / (tau * sqrt(2.0 * M_PI)) * step;
	return sum;
}

static void it_is_the_mixture_integral(void **state)
{
	static const double u[] = { 0.0, 2.0, -9.0, 15.0 };

	(void)state;
	for (size_t i = 0; i < sizeof u / sizeof u[0]; i++) {
		struct eh_num p = eh_anytime_p(eh_evidence(u[i], 20.0, 14.0), 0.8);

		assert_true(p.defined && near(p.value, fmin(1.0, 1.0 / by_integral(u[i], 20.0, 14.0, 0.8)), 1e-6));
	}
	assert_true(near(eh_anytime_spread(4, 5), 2.0 * log(1.5), 1e-15));
	assert_true(near(eh_anytime_spread(1, 1), EH_SPREAD_MIN, 1e-15));
}

static void what_is_not_known_stays_so(void **state)
{
	(void)state;
	assert_int_equal(eh_anytime_p(eh_evidence(1.0, 0.0, 1.0), 0.8).why, EH_U_ZERO_VARIANCE);
	assert_int_equal(eh_anytime_p(eh_evidence(1.0, 1.0, 0.0), 0.8).why, EH_U_ZERO_VARIANCE);
	assert_int_equal(eh_anytime_p(eh_evidence_of_p(eh_undefined(EH_U_GUARD), 1.0, 0.5), 0.8).why, EH_U_GUARD);
	assert_int_equal(eh_anytime_p(eh_evidence_of_p(eh_num(0.5), 1.0, 1.0), 0.8).why, EH_U_ZERO_VARIANCE);
	assert_true(eh_anytime_p(eh_evidence_of_p(eh_num(0.0), 0.01, 0.5), 0.8).value < 1e-100);
}

/* Every decision written down twice: U twofold, V fourfold, I twofold. */
static void decisions_written_twice_are_no_evidence(void **state)
{
	struct eh_num once = eh_anytime_p(eh_evidence(9.0, 20.0, 20.0), 0.8);
	struct eh_num twice = eh_anytime_p(eh_evidence(18.0, 80.0, 40.0), 0.8);

	(void)state;
	assert_true(near(once.value, twice.value, 1e-12));
}

/* The level of one look that is as strict: at it, the one-look chi-square gives exactly alpha at any time. */
static void its_level_is_that_of_one_look(void **state)
{
	(void)state;
	for (double j = 1.0; j < 5000.0; j *= 7.0) {
		double level = eh_anytime_level(0.05, j, 0.8);
		struct eh_evidence e = { eh_num(gsl_cdf_chisq_Qinv(level, 1.0)), j };

		assert_true(level > 0.0 && level < 0.05);
		assert_true(near(eh_anytime_p(e, 0.8).value, 0.05, 1e-9));
	}
	assert_true(eh_anytime_level(0.05, 0.0, 0.8) <= 0.0);
}

static void audit_with(struct eh_findings *f, bool anytime, const char *family, unsigned copies)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	static const char *const groups[] = { "female", "male" };
	struct build b = { 0 };

	for (unsigned q = 0; q < copies; q++) {
		char stratum[8];

		(void)snprintf(stratum, sizeof stratum, "q%hhu", (unsigned char)q);
		for (unsigned e = 0; e < 3; e++) {
			char name[8];

			(void)snprintf(name, sizeof name, "E%hhu", (unsigned char)e);
			for (int g = 0; g < 2; g++)
				for (unsigned i = 0; i < 120; i++) {
					char who[24];

					(void)snprintf(who, sizeof who, "c%u-%d-%u", e, g, i);
					build_row(&b, name, who, stratum, i < (g == 0 && e == 0 ? 40u : 70u));
					if (q == 0)
						build_person(&b, who, "", g);
				}
		}
	}
	build_finish(&d, &b, groups, 2);
	s.anytime = anytime;
	strcpy(s.family, family);
	assert_int_equal(eh_audit_run(f, &d, &s, NULL, NULL), EH_OK);
	eh_audit_data_free(&d);
}

static void the_family_takes_the_p_that_was_asked_for(void **state)
{
	struct eh_findings once, anytime, twice;

	(void)state;
	audit_with(&once, false, "none", 1);
	audit_with(&anytime, true, "none", 1);
	audit_with(&twice, true, "none", 2);
	for (size_t i = 0; i < once.n; i++) {
		const struct eh_finding *f = &once.v[i], *g = &anytime.v[i];

		assert_true(f->p.defined && f->p_anytime.defined && f->p_anytime.value >= f->p.value);
		assert_true(near(f->q.value, f->p.value, 1e-15) && near(g->q.value, g->p_anytime.value, 1e-15));
		assert_true(near(g->p_anytime.value, f->p_anytime.value, 1e-15));
		assert_true(!f->anytime && g->anytime && near(g->alpha.value, 0.05, 0.0));
		/* the same table asks for a stronger difference when it may be looked at again */
		assert_true(g->detectable.value < f->detectable.value);
		if (f->evaluator[0] != '\0')
			assert_true(near(twice.v[i].p_anytime.value, f->p_anytime.value, 1e-9));
	}
	assert_true(once.v[2].p.value < 0.001 && once.v[2].p_anytime.value < 0.01 && once.v[4].p_anytime.value > 0.99);
	eh_findings_free(&once);
	eh_findings_free(&anytime);
	eh_findings_free(&twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_mixture_integral),
		cmocka_unit_test(what_is_not_known_stays_so),
		cmocka_unit_test(decisions_written_twice_are_no_evidence),
		cmocka_unit_test(its_level_is_that_of_one_look),
		cmocka_unit_test(the_family_takes_the_p_that_was_asked_for),
	};

	return cmocka_run_group_tests_name("sequential", tests, NULL, NULL);
}

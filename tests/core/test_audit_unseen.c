/* Classes that are only predicted: guards, what supports an answer, what it could have found, and its interval. */
#include "tests/core/audit_build.h"

#include <math.h>

#include "audit/predicted.h"
#include "audit/screening.h"
#include "base/rng.h"
#include "learn/calibrate.h"

#define AUC_90 1.812                    /* shift of two unit normals with AUC .9: sqrt 2 x normal quantile */
#define AUC_99 3.290
#define AUC_70 0.742

static const char *const sexes[] = { "female", "male" };

/* One evaluator; people of known class whom the classifier judged out of fold, and a pool of predicted ones. */
struct plan {
	size_t labelled, pool;
	double shift, rate[2];          /* of female, male */
	double share;                   /* of female in the pool; the labelled are half and half */
	double drift;                   /* added to every score of the pool */
	double squeeze;                 /* and this taken of its spread */
	double strangers;               /* share of the pool that is out of scope */
	bool by_score;                  /* decisions go by what the classifier sees */
	double auc_lo;                  /* < 0: not given */
};

static double probability(double x, double shift) { return 1.0 / (1.0 + exp(-shift * x)); }

static void draw(struct eh_audit_data *d, const struct plan *p, struct eh_rng *rng)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_attribute_data *a;

	for (size_t i = 0; i < p->labelled + p->pool; i++) {
		bool known = i < p->labelled, female = known ? i % 2 == 0 : eh_rng_unit(rng) < p->share;
		double x = eh_rng_normal(rng) + (female ? 0.5 : -0.5) * p->shift, q, rate;
		char name[24];
		struct built_person *who;

		if (!known)
			x = x * (1.0 - p->squeeze) + p->drift;
		q = probability(x, p->shift);
		rate = p->by_score ? q * p->rate[0] + (1.0 - q) * p->rate[1] : p->rate[female ? 0 : 1];
		(void)snprintf(name, sizeof name, "%c%05zu", known ? 'k' : 'p', i);
		who = build_person(&b, name, "clerk", known ? (female ? 0 : 1) : -2);
		who->p[0] = q;
		who->p[1] = 1.0 - q;
		build_row(&b, "E1", name, "s", eh_rng_unit(rng) < rate);
	}
	build_finish(d, &b, sexes, 2);
	a = &d->attributes[0];
	a->auc_lo = p->auc_lo >= 0.0 ? eh_num(p->auc_lo) : eh_undefined(EH_U_NOT_COMPUTED);
	a->labelled = eh_xcalloc(d->candidates.n, sizeof *a->labelled);
	a->out_of_scope = eh_xcalloc(d->candidates.n, sizeof *a->out_of_scope);
	for (size_t i = 0; i < d->candidates.n; i++) {
		a->labelled[i] = a->provenance[i] == EH_DECLARED;
		a->out_of_scope[i] = i >= p->labelled && (double)(i - p->labelled) < p->strangers * (double)p->pool;
	}
}

/* The finding on the women by E1. */
static struct eh_finding of(const struct plan *p, struct eh_rng *rng)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	struct eh_finding out;

	draw(&d, p, rng);
	run_audit(&f, &d, &s);
	out = *find_finding(&f, "E1", "", "female");
	eh_findings_free(&f);
	eh_audit_data_free(&d);
	return out;
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' has no '%s'", text, part);
}

static void every_guard_has_its_own_words(void **state)
{
	const struct plan good = { 120, 200, AUC_90, { 0.5, 0.5 }, 0.5, 0.0, 0.0, 0.0, false, 0.85 };
	struct plan p = good;
	struct eh_finding f;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 1);
	f = of(&good, &rng);
	assert_string_equal(f.guard, "");
	p.auc_lo = 0.799;
	has(of(&p, &rng).guard, "classifier too weak: lower end of its AUC interval 0.799, needed 0.8");
	p = good;
	p.auc_lo = -1.0;                /* measured on the labelled */
	f = of(&p, &rng);
	assert_string_equal(f.guard, "");
	assert_true(f.assume.auc.value > 0.82 && f.assume.auc.value < 0.97 &&
		    f.assume.auc_lo.value < f.assume.auc.value);
	p.shift = AUC_70;
	has(of(&p, &rng).guard, "classifier too weak");
	p.labelled = 0;
	has(of(&p, &rng).guard, "skill is not known");
	p = good;
	p.strangers = 0.2;
	f = of(&p, &rng);
	assert_true(fabs(f.assume.out_of_scope.value - 0.2) < 1e-12);
	assert_string_equal(f.guard, "");
	p.strangers = 0.205;
	has(of(&p, &rng).guard,
	    "of the predicted persons are out of the classifier's scope or of low quality, allowed 20 %");
	p = good;
	p.squeeze = 0.8;                /* everybody looks like neither class */
	f = of(&p, &rng);
	has(f.guard, "the scores of the predicted fit no mixture of the labelled ones");
	assert_true(f.assume.fit_p.value < EH_FIT_P);
	p = good;
	p.rate[0] = 0.0;
	f = of(&p, &rng);
	has(f.guard, "too few expected decisions");
	has(f.guard, "of the group are selected");
	p.rate[0] = 0.5;
	p.rate[1] = 1.0;
	has(of(&p, &rng).guard, "of its reference are not selected");
}

/* Nothing is told of the estimate; what is known stays and is judged as it is. */
static void what_a_guard_refuses_leaves_the_known_classes(void **state)
{
	struct plan p = { 120, 200, AUC_90, { 0.3, 0.6 }, 0.5, 0.0, 0.0, 0.0, false, 0.85 };
	struct eh_finding f;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 8);
	f = of(&p, &rng);
	assert_string_equal(f.guard, "");
	assert_int_equal(f.basis, EH_BASIS_SCREENING);
	assert_true(f.ratio.defined && f.p.defined && f.q.defined && f.family_size == 1);
	p.auc_lo = 0.7;
	f = of(&p, &rng);
	has(f.guard, "classifier too weak");
	assert_int_equal(f.basis, EH_BASIS_KNOWN);
	assert_int_equal(f.rests_on, EH_RATIO_PLAIN);
	assert_true(f.ratio.value == f.impact_ratio.value && f.p.value == f.p_mid.value);
	assert_true(f.ratio_interval.low.value == f.interval.low.value);
	assert_true(f.q.defined && f.family_size == 1);
	assert_int_equal(f.persons + f.ref_persons, 120);
	assert_int_equal(f.unknown, 200);
	assert_int_equal(f.predicted, 0);
	assert_int_equal(f.assume.refused, 200);
	assert_int_equal(f.em_ratio.why, EH_U_GUARD);
	assert_int_equal(f.p_em.why, EH_U_GUARD);
	assert_int_equal(f.weighted_ratio.why, EH_U_GUARD);
	assert_true(f.assume.auc_lo.value == 0.7);
}

/* Everybody's probability is the share of the class: a pool of which nothing but that is known. */
static void probabilities_that_tell_nothing_leave_no_ratio(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_data d;
	const struct eh_finding *f;
	struct eh_findings v;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct built_person *who;
		char name[24];

		(void)snprintf(name, sizeof name, "c%03d", i);
		who = build_person(&b, name, "clerk", -2);
		who->p[0] = who->p[1] = 0.5;
		build_row(&b, "E1", name, "s", i % 3 == 0);
	}
	build_finish(&d, &b, sexes, 2);
	d.attributes[0].auc_lo = eh_num(0.9);
	run_audit(&v, &d, &s);
	f = find_finding(&v, "E1", "", "female");
	assert_int_equal(f->basis, EH_BASIS_KNOWN);
	assert_int_equal(f->em_ratio.why, EH_U_GUARD);
	assert_int_equal(f->em_interval.low.why, EH_U_GUARD);
	assert_int_equal(f->em_interval.high.why, EH_U_GUARD);
	assert_int_equal(f->p_em.why, EH_U_GUARD);
	assert_int_equal(f->weighted_ratio.why, EH_U_GUARD);
	assert_int_equal(f->assume.n_eff.why, EH_U_GUARD);
	/* and nobody is of known class */
	assert_int_equal(f->ratio.why, EH_U_EMPTY_GROUP);
	assert_false(f->p.defined || f->q.defined);
	assert_int_equal(f->family_size, 0);
	assert_int_equal(f->assume.refused, 200);
	assert_false(f->robust || f->assume.em_supports);
	has(f->guard, "the probabilities do not tell the classes apart");
	eh_findings_free(&v);
	eh_audit_data_free(&d);
}

static void a_pool_of_another_mixture_is_no_stranger(void **state)
{
	const struct plan p = { 200, 400, AUC_90, { 0.5, 0.5 }, 0.2, 0.0, 0.0, 0.0, false, 0.85 };
	struct eh_rng rng;
	int refused = 0;

	(void)state;
	eh_rng_seed(&rng, 2);
	for (int i = 0; i < 100; i++)
		refused += of(&p, &rng).guard[0] != '\0';
	assert_true(refused <= 4);
}

static bool within(double x, const struct eh_interval *i)
{
	return (!i->low.defined || i->low.value <= x * (1.0 + 1e-9)) &&
	       (!i->high.defined || i->high.value >= x * (1.0 - 1e-9));
}

/* Both assumptions lie within what is possible without one; nothing tells more than known classes would. */
static void the_bounds_hold_both_estimates(void **state)
{
	static const double shifts[] = { AUC_70, AUC_90, AUC_99 };
	struct eh_rng rng;
	int refused = 0;

	(void)state;
	eh_rng_seed(&rng, 3);
	for (int i = 0; i < 90; i++) {
		struct plan p = { i % 2 == 0 ? 0 : 100, 300, shifts[i % 3], { 0.2 + 0.5 * eh_rng_unit(&rng), 0.5 }, 0.4,
				  0.0, 0.0, 0.0, i % 4 == 0, 0.9 };
		struct eh_finding f = of(&p, &rng);
		const struct eh_finding_assumption *a = &f.assume;

		if (f.guard[0] != '\0') {
			refused++;
			continue;
		}
		assert_int_equal(f.basis, EH_BASIS_SCREENING);
		assert_int_equal(f.declared, p.labelled);
		assert_int_equal(f.predicted, 300);
		assert_true(within(f.weighted_ratio.value, &a->bounds));
		assert_int_equal(a->cells, 15);         /* 300 / 20 */
		assert_true(a->n_eff.value > 0.0 && a->n_eff.value <= 300.0 + (double)p.labelled);
		assert_int_equal(a->bounds_support, a->bounds.high.defined && a->bounds.high.value < 0.8);
		assert_int_equal(a->em_supports, f.em_ratio.value < 0.8 && f.em_interval.high.value < 1.0);
		assert_true(eh_assumption_end(&f, false).value <= eh_assumption_end(&f, true).value);
		assert_int_equal(a->labelled, p.labelled);
		assert_true(a->threshold_ratio.defined && a->abstain_ratio.defined && a->undetermined < 300);
		assert_true(p.labelled == 0 ? a->matrix_ratio.why == EH_U_TOO_FEW : a->matrix_condition.defined);
	}
	assert_true(refused <= 18);
}

/* A sharp classifier leaves the bounds below the limit; a fair one does not, and there the grade says it. */
static void the_three_supports_come_apart(void **state)
{
	const struct plan sharp = { 0, 1000, 5.5, { 0.15, 0.7 }, 0.5, 0.0, 0.0, 0.0, false, 0.97 };
	const struct plan fair = { 0, 1000, AUC_90, { 0.30, 0.60 }, 0.3, 0.0, 0.0, 0.0, false, 0.87 };
	const struct plan mild = { 0, 2000, AUC_90, { 0.35, 0.52 }, 0.3, 0.0, 0.0, 0.0, false, 0.87 };
	struct eh_rng rng;
	struct eh_finding f;

	(void)state;
	eh_rng_seed(&rng, 4);
	f = of(&sharp, &rng);
	assert_true(f.assume.em_supports && f.robust && f.assume.bounds_support);
	f = of(&fair, &rng);
	assert_true(f.assume.em_supports && f.robust && !f.assume.bounds_support);
	f = of(&mild, &rng);
	assert_true(f.assume.em_supports && !f.robust && !f.assume.bounds_support);
}

/* The labelled tell which of the two assumptions holds (facts/statistics.md 12, scenarios 1 and 2). */
static void the_labelled_tell_class_from_appearance(void **state)
{
	struct plan p = { 600, 100, AUC_90, { 0.2, 0.7 }, 0.5, 0.0, 0.0, 0.0, false, 0.85 };
	struct eh_rng rng;
	int right[2] = { 0, 0 };

	(void)state;
	eh_rng_seed(&rng, 5);
	for (int i = 0; i < 40; i++) {
		struct eh_finding f;

		p.by_score = i % 2 != 0;
		f = of(&p, &rng);
		assert_int_equal(f.assume.labelled, 600);
		right[p.by_score] += p.by_score ? f.assume.p_class.value > 0.05 && f.assume.p_score.value < 0.05 :
						  f.assume.p_class.value < 0.05 && f.assume.p_score.value > 0.05;
	}
	assert_true(right[0] >= 17 && right[1] >= 17);
}

/* The smallest ratio found with power .8, drawn 400 times, is found about so often: the classifier's loss is in it. */
static void what_can_be_found_is_found(void **state)
{
	static const double shifts[] = { AUC_90, AUC_99 };
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 6);
	for (size_t k = 0; k < 2; k++) {
		struct plan p = { 0, 400, shifts[k], { 0.5, 0.5 }, 0.3, 0.0, 0.0, 0.0, false, 0.87 };
		double sum = 0.0;
		int found = 0;

		p.rate[0] = k == 0 ? 0.29 : 0.34;
		for (int i = 0; i < 50; i++)
			sum += of(&p, &rng).detectable.value / 50.0;
		p.rate[0] = 0.5 * sum;
		for (int i = 0; i < 400; i++) {
			struct eh_finding f = of(&p, &rng);

			found += f.p.value < 0.05 && f.em_ratio.value < 1.0;
		}
		print_message("# detectable %.3f with AUC %s: found %d of 400\n", sum, k == 0 ? ".90" : ".99", found);
		assert_true(found >= 288 && found <= 352);      /* .72 to .88 */
	}
}

/* ---- the profile interval against a bootstrap of candidates and calibration set ---- */

#define CANDIDATES 400
#define LABELLED 500
#define RESAMPLES 1000
#define TABLES 5

struct sample {
	double x[CANDIDATES], y[CANDIDATES];
	double f[LABELLED];
	int8_t label[LABELLED];
};

/* The ratio of class 1 to class 0, its fit and mixture; scores calibrated by Platt on the labelled. */
static struct eh_mixture *estimate(double *ratio, struct eh_mix_fit *fit, const struct sample *s)
{
	double like[CANDIDATES][2], no[CANDIDATES], share[2] = { 0.0, 0.0 };
	struct eh_mixture *m = NULL;
	struct eh_platt platt;

	(void)eh_platt_fit(&platt, s->f, s->label, LABELLED, NULL);
	for (size_t i = 0; i < LABELLED; i++)
		share[s->label[i] > 0] += 1.0 / LABELLED;
	for (size_t i = 0; i < CANDIDATES; i++) {
		double p = eh_platt(platt, s->x[i]);

		like[i][0] = (1.0 - p) / share[0];
		like[i][1] = p / share[1];
		no[i] = 1.0 - s->y[i];
	}
	assert_int_equal(eh_mixture_new(&m, &like[0][0], s->y, no, CANDIDATES, 2, share, true, NULL), EH_OK);
	eh_mixture_fit(fit, m, NULL, NULL);
	*ratio = fit->rate[1] / fit->rate[0];
	return m;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Over five tables the two agree: their ends within a fifth on average, neither one always the wider. */
static void the_profile_interval_is_that_of_the_bootstrap(void **state)
{
	static struct sample s, again;
	static double v[RESAMPLES];
	double off[2] = { 0.0, 0.0 }, width = 0.0;
	struct eh_mix_ratio profile;
	struct eh_mix_fit fit;
	struct eh_mixture *m;
	struct eh_rng rng;
	double ratio;

	(void)state;
	eh_rng_seed(&rng, 7);
	for (int table = 0; table < TABLES; table++) {
		for (size_t i = 0; i < LABELLED; i++) {
			s.label[i] = eh_rng_unit(&rng) < 0.3 ? 1 : -1;
			s.f[i] = eh_rng_normal(&rng) + (s.label[i] > 0 ? AUC_90 : 0.0);
		}
		for (size_t i = 0; i < CANDIDATES; i++) {
			bool one = eh_rng_unit(&rng) < 0.3;

			s.x[i] = eh_rng_normal(&rng) + (one ? AUC_90 : 0.0);
			s.y[i] = eh_rng_unit(&rng) < (one ? 0.3 : 0.5);
		}
		m = estimate(&ratio, &fit, &s);
		eh_mixture_ratio(&profile, m, &fit, 1, 0);
		eh_mixture_free(&m);
		for (size_t k = 0; k < RESAMPLES; k++) {
			for (size_t i = 0; i < LABELLED; i++) {
				size_t j = (size_t)eh_rng_below(&rng, LABELLED);

				again.f[i] = s.f[j];
				again.label[i] = s.label[j];
			}
			for (size_t i = 0; i < CANDIDATES; i++) {
				size_t j = (size_t)eh_rng_below(&rng, CANDIDATES);

				again.x[i] = s.x[j];
				again.y[i] = s.y[j];
			}
			m = estimate(&v[k], &fit, &again);
			eh_mixture_free(&m);
		}
		qsort(v, RESAMPLES, sizeof *v, by_value);
		off[0] += log(profile.interval.low.value / v[RESAMPLES * 25 / 1000]) / TABLES;
		off[1] += log(profile.interval.high.value / v[RESAMPLES * 975 / 1000 - 1]) / TABLES;
		width += log(profile.interval.high.value / profile.interval.low.value) /
			 log(v[RESAMPLES * 975 / 1000 - 1] / v[RESAMPLES * 25 / 1000]) / TABLES;
		assert_true(ratio > v[RESAMPLES * 25 / 1000] && ratio < v[RESAMPLES * 975 / 1000 - 1]);
	}
	print_message("# profile against bootstrap: ends %+.3f and %+.3f in ln ratio, width x %.3f\n", off[0], off[1],
		      width);
	assert_true(fabs(off[0]) < 0.2 && fabs(off[1]) < 0.2);
	assert_true(width > 0.85 && width < 1.18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_guard_has_its_own_words),
		cmocka_unit_test(what_a_guard_refuses_leaves_the_known_classes),
		cmocka_unit_test(probabilities_that_tell_nothing_leave_no_ratio),
		cmocka_unit_test(a_pool_of_another_mixture_is_no_stranger),
		cmocka_unit_test(the_bounds_hold_both_estimates),
		cmocka_unit_test(the_three_supports_come_apart),
		cmocka_unit_test(the_labelled_tell_class_from_appearance),
		cmocka_unit_test(what_can_be_found_is_found),
		cmocka_unit_test(the_profile_interval_is_that_of_the_bootstrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

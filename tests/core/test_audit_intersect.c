/* Crossed attributes: which pairs there are, whose pair is known, whose is a product, and what the audit makes of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/intersect.h"
#include "base/mem.h"

/* n candidates, one evaluator, everybody decided once; classes are the test's. */
static void make(struct eh_audit_data *d, size_t n, const char *const *names, size_t n_attributes, size_t n_groups)
{
	memset(d, 0, sizeof *d);
	d->evaluators.v = eh_xcalloc(1, sizeof *d->evaluators.v);
	d->evaluators.v[0] = eh_xcalloc(1, 4);
	strcpy(d->evaluators.v[0], "E1");
	d->strata.v = eh_xcalloc(1, sizeof *d->strata.v);
	d->strata.v[0] = eh_xcalloc(1, 4);
	d->evaluators.n = d->strata.n = 1;
	d->candidates.n = n;
	assert_int_equal(eh_audit_data_room(d, n, false, NULL), EH_OK);
	for (size_t i = 0; i < n; i++)
		d->candidate[i] = (uint32_t)i;
	d->attributes = eh_xcalloc(n_attributes, sizeof *d->attributes);
	for (d->n_attributes = 0; d->n_attributes < n_attributes; d->n_attributes++) {
		struct eh_attribute_data *a = &d->attributes[d->n_attributes];

		strcpy(a->name, names[d->n_attributes]);
		a->n_groups = n_groups;
		for (size_t g = 0; g < n_groups; g++)
			(void)snprintf(a->groups[g], sizeof a->groups[g], "%c%zu", names[d->n_attributes][0], g);
		a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
		a->group = eh_xcalloc(n, sizeof *a->group);
		a->provenance = eh_xcalloc(n, 1);
		for (size_t i = 0; i < n; i++)
			a->group[i] = -1;
	}
}

static void known(struct eh_attribute_data *a, size_t i, int g, enum eh_provenance from)
{
	a->group[i] = (int16_t)g;
	a->provenance[i] = (uint8_t)from;
}

static const char *const two[] = { "sex", "race" };

static void a_pair_is_known_where_both_are_and_as_weakly_as_the_weaker(void **state)
{
	struct eh_intersect_rare rare;
	struct eh_audit_data d;
	const struct eh_attribute_data *x;

	(void)state;
	make(&d, 5, two, 2, 2);
	known(&d.attributes[0], 0, 0, EH_DECLARED);
	known(&d.attributes[1], 0, 1, EH_IMPORTED);
	known(&d.attributes[0], 1, 1, EH_DECLARED);
	known(&d.attributes[1], 1, 1, EH_DECLARED);
	known(&d.attributes[0], 2, 1, EH_DECLARED);
	assert_int_equal(eh_intersect(&d, 0, 1, &rare, NULL), EH_OK);
	assert_int_equal(d.n_attributes, 3);
	x = &d.attributes[2];
	assert_string_equal(x->name, "sex x race");
	assert_int_equal(x->n_groups, 2);
	assert_string_equal(x->groups[0], "s0 x r1");
	assert_string_equal(x->groups[1], "s1 x r1");
	assert_true(x->group[0] == 0 && x->group[1] == 1 && x->group[2] == -1 && x->group[3] == -1);
	assert_true(x->provenance[0] == EH_IMPORTED && x->provenance[1] == EH_DECLARED);
	assert_true(x->provenance[2] == EH_UNKNOWN_CLASS && x->prob == NULL && rare.pairs == 0);
	eh_audit_data_free(&d);
}

static void a_predicted_pair_is_the_product(void **state)
{
	struct eh_intersect_rare rare;
	struct eh_audit_data d;
	const struct eh_attribute_data *x;
	double p[8] = { 0.0, 0.0, 0.7, 0.3, 0.2, 0.8, 0.9, 0.1 };

	(void)state;
	make(&d, 4, two, 2, 2);
	for (size_t k = 0; k < 2; k++) {
		known(&d.attributes[k], 0, (int)k, EH_DECLARED);
		d.attributes[k].prob = eh_xcalloc(8, sizeof(double));
		memcpy(d.attributes[k].prob, p, sizeof p);
		d.attributes[k].prior[0] = 0.25;
		d.attributes[k].prior[1] = 0.75;
		d.attributes[k].auc_lo = d.attributes[k].auc = eh_num(0.9 - 0.05 * (double)k);
	}
	/* 1: sex known, race predicted; 2: both predicted; 3: sex predicted, race unknown */
	known(&d.attributes[0], 1, 1, EH_DECLARED);
	d.attributes[1].provenance[1] = EH_PREDICTED;
	d.attributes[0].provenance[2] = d.attributes[1].provenance[2] = EH_PREDICTED;
	d.attributes[0].provenance[3] = EH_PREDICTED;
	assert_int_equal(eh_intersect(&d, 0, 1, &rare, NULL), EH_OK);
	x = &d.attributes[2];
	assert_int_equal(x->n_groups, 4);
	assert_true(x->provenance[0] == EH_DECLARED && x->group[0] == 1);
	assert_true(x->provenance[1] == EH_PREDICTED && x->group[1] == -1);
	assert_true(x->prob[4] <= 0.0 && x->prob[5] <= 0.0 && fabs(x->prob[6] - 0.7) + fabs(x->prob[7] - 0.3) < 1e-15);
	assert_true(fabs(x->prob[8] - 0.04) + fabs(x->prob[9] - 0.16) + fabs(x->prob[11] - 0.64) < 1e-15);
	assert_true(x->provenance[3] == EH_UNKNOWN_CLASS && x->group[3] == -1);
	assert_true(fabs(x->prior[0] - 0.0625) + fabs(x->prior[3] - 0.5625) < 1e-15);
	/* no better than the worse of the two */
	assert_true(x->auc_lo.defined && fabs(x->auc_lo.value - 0.85) < 1e-15);
	eh_audit_data_free(&d);
}

static void the_rarest_pairs_beyond_the_room_are_named(void **state)
{
	const size_t n = 5 * 25;
	struct eh_intersect_rare rare;
	struct eh_audit_data d;
	size_t unknown = 0;

	(void)state;
	make(&d, n, two, 2, 5);
	for (size_t i = 0; i < n; i++) {
		/* pair k has k % 25 / 5 more persons than the fewest */
		known(&d.attributes[0], i, (int)(i % 5), EH_DECLARED);
		known(&d.attributes[1], i, (int)(i / 5 % (1 + i / 25)), EH_DECLARED);
	}
	assert_int_equal(eh_intersect(&d, 0, 1, &rare, NULL), EH_OK);
	assert_int_equal(d.attributes[2].n_groups, EH_GROUPS_MAX);
	assert_int_equal(rare.pairs, 25 - EH_GROUPS_MAX);
	assert_non_null(strstr(rare.named, "s0 x r"));
	assert_non_null(strstr(rare.named, "and 3 more"));
	for (size_t i = 0; i < n; i++)
		unknown += d.attributes[2].group[i] < 0;
	assert_true(unknown > 0 && unknown < n / 2);
	eh_audit_data_free(&d);
}

static void what_cannot_be_crossed_is_said(void **state)
{
	struct eh_intersect_rare rare;
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	size_t a = 9, b = 9;

	(void)state;
	make(&d, 2, two, 2, 2);
	assert_int_equal(eh_intersect(&d, 0, 1, &rare, &err), EH_ENOENT);
	assert_int_equal(d.n_attributes, 2);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			known(&d.attributes[k], i, (int)i, EH_DECLARED);
	memset(d.attributes[0].groups[0], 'g', EH_NAME_MAX - 4);
	assert_int_equal(eh_intersect(&d, 0, 1, &rare, &err), EH_ERANGE);
	assert_non_null(strstr(err.msg, "shorten"));
	assert_int_equal(eh_intersect_parse(&a, &b, &d, "candidate_Sex,declared.race", &err), EH_OK);
	assert_true(a == 0 && b == 1);
	assert_int_equal(eh_intersect_parse(&a, &b, &d, "sex", &err), EH_EUSAGE);
	assert_int_equal(eh_intersect_parse(&a, &b, &d, "sex,sex", &err), EH_EUSAGE);
	assert_int_equal(eh_intersect_parse(&a, &b, &d, "sex,age", &err), EH_EUSAGE);
	assert_non_null(strstr(err.msg, "sex, race"));
	eh_audit_data_free(&d);
}

/* Each sex and each race is treated alike; the women of race 1 are not. */
static void the_audit_finds_what_the_attributes_alone_hide(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_intersect_rare rare;
	struct eh_audit_data d;
	struct eh_findings f;
	size_t seen = 0;

	(void)state;
	make(&d, 808, two, 2, 2);
	for (size_t i = 0; i < 800; i++) {
		const int sex = (int)(i % 2), race = (int)(i / 2 % 2);

		known(&d.attributes[0], i, sex, EH_DECLARED);
		known(&d.attributes[1], i, race, EH_DECLARED);
		d.selected[i] = i / 4 < (sex == race ? 120u : 60u);
	}
	for (size_t i = 800; i < 808; i++) /* 8 of 808: a pair below the smallest share */
		known(&d.attributes[0], i, 1, EH_DECLARED);
	d.attributes[1].n_groups = 3;
	strcpy(d.attributes[1].groups[2], "r2");
	for (size_t i = 800; i < 808; i++)
		known(&d.attributes[1], i, 2, EH_DECLARED);
	assert_int_equal(eh_intersect(&d, 0, 1, &rare, NULL), EH_OK);
	assert_int_equal(eh_audit_data_sort(&d, NULL), EH_OK);
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, NULL), EH_OK);
	for (size_t i = 0; i < f.n; i++) {
		const struct eh_finding *x = &f.v[i];

		if (x->evaluator[0] == '\0' || x->below_two_percent)
			continue;
		if (strcmp(x->attribute, "sex x race") != 0) {
			assert_int_equal(x->ratio_below, EH_NO);
			continue;
		}
		seen++;
		assert_int_equal(x->ratio_below, x->group[1] != x->group[6] ? EH_YES : EH_NO);
		/* sex is one test told twice, race too, the pairs are four; the small ones are in no family */
		assert_int_equal(x->family_size, 6);
	}
	assert_int_equal(seen, 4);
	assert_string_equal(f.v[f.n - 1].group, "s1 x r2");
	assert_true(f.v[f.n - 1].below_two_percent);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

/* Sex is declared by all, race by half; the classifier is right in 19 of 20. */
static void predicted_pairs_go_through_the_estimate(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_intersect_rare rare;
	struct eh_audit_data d;
	struct eh_attribute_data *race;
	struct eh_findings f;
	size_t seen = 0;

	(void)state;
	make(&d, 1600, two, 2, 2);
	race = &d.attributes[1];
	race->prob = eh_xcalloc(2 * d.candidates.n, sizeof(double));
	race->labelled = eh_xcalloc(d.candidates.n, 1);
	race->prior[0] = race->prior[1] = 0.5;
	race->auc_lo = race->auc = eh_num(0.95);
	for (size_t i = 0; i < d.candidates.n; i++) {
		const int sex = (int)(i % 2), r = (int)(i / 2 % 2), said = i / 8 % 20 == 7 ? 1 - r : r;

		known(&d.attributes[0], i, sex, EH_DECLARED);
		race->prob[2 * i + (size_t)said] = 0.95;
		race->prob[2 * i + 1 - (size_t)said] = 0.05;
		if (i / 4 % 2 == 0)
			known(race, i, r, EH_DECLARED);
		else
			race->provenance[i] = EH_PREDICTED;
		race->labelled[i] = i / 4 % 2 == 0;
		d.selected[i] = i / 8 % 10 < (sex == 0 && r == 0 ? 3u : 7u);
	}
	assert_int_equal(eh_intersect(&d, 0, 1, &rare, NULL), EH_OK);
	assert_int_equal(eh_audit_data_sort(&d, NULL), EH_OK);
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, NULL), EH_OK);
	for (size_t i = 0; i < f.n; i++) {
		const struct eh_finding *x = &f.v[i];

		if (x->evaluator[0] == '\0' || strcmp(x->group, "s0 x r0") != 0)
			continue;
		seen++;
		assert_int_equal(x->basis, EH_BASIS_SCREENING);
		assert_true(x->declared == 800 && x->predicted == 800 && x->unknown == 0);
		assert_true(x->em_ratio.defined && fabs(x->em_ratio.value - 3.0 / 7.0) < 0.05);
		assert_true(x->p_anytime.defined && x->p_anytime.value < 1e-6);
	}
	assert_int_equal(seen, 1);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_is_known_where_both_are_and_as_weakly_as_the_weaker),
		cmocka_unit_test(a_predicted_pair_is_the_product),
		cmocka_unit_test(the_rarest_pairs_beyond_the_room_are_named),
		cmocka_unit_test(what_cannot_be_crossed_is_said),
		cmocka_unit_test(the_audit_finds_what_the_attributes_alone_hide),
		cmocka_unit_test(predicted_pairs_go_through_the_estimate),
	};

	return cmocka_run_group_tests_name("intersect", tests, NULL, NULL);
}

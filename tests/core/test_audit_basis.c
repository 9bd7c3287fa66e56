/* What a finding rests on: an estimate with predicted classes, or, where a guard refuses it, the known ones alone. */
#include "tests/core/audit_build.h"

#include "audit/again.h"
#include "audit/basis.h"
#include "audit/codec.h"
#include "base/rng.h"

static const char *const names[] = { "a", "b", "c", "d" };

struct plan {
	uint64_t seed;
	int n, groups, evaluators, positions;
	double known; /* share of the persons */
	double told;  /* of a predicted person's own group: 1/groups = nothing is known of it */
	bool panel;   /* two evaluators for each person */
	bool twice;   /* some are decided about twice */
};

static void draw(struct eh_audit_data *d, const struct plan *p)
{
	struct build b = BUILD_INIT;
	struct eh_rng rng;

	eh_rng_seed(&rng, p->seed);
	for (int i = 0; i < p->n; i++) {
		const int group = (int)eh_rng_below(&rng, (uint64_t)p->groups);
		const int first = (int)eh_rng_below(&rng, (uint64_t)p->evaluators);
		const bool known = eh_rng_unit(&rng) < p->known;
		struct built_person *who;
		char name[24], evaluator[24], stratum[24];

		(void)snprintf(name, sizeof name, "c%04d", i);
		who = build_person(&b, name, names[eh_rng_below(&rng, (uint64_t)p->positions)], known ? group : -2);
		for (int g = 0; g < p->groups; g++)
			who->p[g] = g == group ? p->told : (1.0 - p->told) / (p->groups - 1);
		for (int e = 0; e < (p->panel ? 2 : 1); e++) {
			(void)snprintf(evaluator, sizeof evaluator, "E%d", (first + e) % p->evaluators);
			for (int k = 0; k < (p->twice && i % 3 == 0 ? 2 : 1); k++) {
				(void)snprintf(stratum, sizeof stratum, "s%d", (i + k) % 3);
				build_row(&b, evaluator, name, stratum, eh_rng_unit(&rng) < (group == 0 ? 0.3 : 0.6));
			}
		}
	}
	build_finish(d, &b, names, (size_t)p->groups);
}

/* As if nobody had been predicted. */
static void forget_predicted(struct eh_audit_data *d)
{
	struct eh_attribute_data *a = &d->attributes[0];

	for (size_t i = 0; i < d->candidates.n; i++)
		if (a->provenance[i] == EH_PREDICTED)
			a->provenance[i] = EH_UNKNOWN_CLASS;
	free(a->prob);
	a->prob = NULL;
}

/* x without what is told of the refused estimate beside it. */
static struct eh_finding without_refused(const struct eh_finding *x, const struct eh_finding *twin)
{
	struct eh_finding f = *x;

	f.em_ratio = twin->em_ratio;
	f.em_interval = twin->em_interval;
	f.weighted_ratio = twin->weighted_ratio;
	f.p_em = twin->p_em;
	f.em_n = twin->em_n;
	f.em_selected = twin->em_selected;
	f.assume = twin->assume;
	memset(f.guard, 0, sizeof f.guard);
	return f;
}

static void assert_same_bytes(const struct eh_finding *x, const struct eh_finding *y, const char *what)
{
	struct eh_buf a, b;

	eh_buf_init(&a, 1u << 20);
	eh_buf_init(&b, 1u << 20);
	eh_finding_encode(&a, x);
	eh_finding_encode(&b, y);
	if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
		fail_msg("%s: %s %s of %s: another finding (ratio %.17g, %.17g; p %.17g, %.17g)", what,
			 x->evaluator[0] != '\0' ? x->evaluator : "everybody", x->group, x->position, x->ratio.value,
			 y->ratio.value, x->p.value, y->p.value);
	eh_buf_free(&a);
	eh_buf_free(&b);
}

/* Nothing is told of the estimate but that it was refused, and of how many. */
static void assert_refused(const struct eh_finding *f, uint64_t persons)
{
	assert_int_equal(f->basis, EH_BASIS_KNOWN);
	assert_int_equal(f->predicted, 0);
	assert_int_equal(f->assume.refused, persons);
	assert_true(f->unknown >= persons);
	assert_true(f->guard[0] != '\0');
	assert_false(f->robust || f->assume.em_supports || f->assume.bounds_support);
	if (f->is_reference || f->below_two_percent)
		return;
	assert_int_equal(f->em_ratio.why, EH_U_GUARD);
	assert_int_equal(f->em_interval.low.why, EH_U_GUARD);
	assert_int_equal(f->em_interval.high.why, EH_U_GUARD);
	assert_int_equal(f->p_em.why, EH_U_GUARD);
	assert_int_equal(f->weighted_ratio.why, EH_U_GUARD);
	assert_int_equal(f->em_n.why, EH_U_GUARD);
	assert_int_equal(f->assume.bounds.low.why, EH_U_GUARD);
}

static const enum eh_reference_rule rules[] = { EH_REF_REST, EH_REF_HIGHEST, EH_REF_FIXED, EH_REF_MAJORITY };

/* Every finding of a table whose classifier is of no use is the one of the table without its probabilities, to the
 * last bit, whatever the reference, and on any number of threads. */
static void classes_that_are_refused_change_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 24; seed++) {
		const struct plan p = { .seed = seed,
					.n = 240,
					.groups = 2 + (int)(seed % 3),
					.evaluators = 4,
					.positions = seed % 4 == 0 ? 2 : 1,
					.known = seed % 5 == 0 ? 0.08 : 0.5,
					.told = 1.0 / (2.0 + (double)(seed % 3)),
					.panel = seed % 2 == 0,
					.twice = seed % 3 == 0 };
		struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
		struct eh_audit_data d, plain;

		draw(&d, &p);
		draw(&plain, &p);
		forget_predicted(&plain);
		if (seed % 2 == 0)
			d.attributes[0].auc_lo = eh_num(0.79);
		(void)snprintf(s.fixed_reference, sizeof s.fixed_reference, "b");
		for (size_t k = 0; k < 2 * sizeof rules / sizeof rules[0]; k++) {
			struct eh_findings f, twin;

			s.reference = rules[k / 2];
			s.threads = 1 + k % 2;
			run_audit(&f, &d, &s);
			run_audit(&twin, &plain, &s);
			assert_int_equal(f.n, twin.n);
			for (size_t i = 0; i < f.n; i++) {
				struct eh_finding x = without_refused(&f.v[i], &twin.v[i]);

				assert_refused(&f.v[i], twin.v[i].unknown);
				assert_same_bytes(&x, &twin.v[i], "refused");
			}
			eh_findings_free(&f);
			eh_findings_free(&twin);
		}
		eh_audit_data_free(&d);
		eh_audit_data_free(&plain);
	}
}

/* The unknown are bounded whoever they are: all of them on either side. */
static void the_refused_are_bounded_as_unknown(void **state)
{
	const struct plan p = {
		.seed = 3, .n = 200, .groups = 2, .evaluators = 1, .positions = 1, .known = 0.5, .told = 0.5
	};
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;
	double a, n1, b, n2, y, no;

	(void)state;
	draw(&d, &p);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E0", "", "a");
	assert_int_equal(x->uncertain_n, x->assume.refused);
	a = (double)x->selected;
	n1 = (double)x->n;
	b = (double)x->ref_selected;
	n2 = (double)x->ref_n;
	y = (double)x->uncertain_selected;
	no = (double)x->uncertain_n - y;
	assert_true(x->ratio_if_unknown_low.value < x->ratio.value && x->ratio.value < x->ratio_if_unknown_high.value);
	assert_float_equal(x->ratio_if_unknown_low.value, a / (n1 + no) / ((b + y) / (n2 + y)), 1e-12);
	assert_float_equal(x->ratio_if_unknown_high.value, (a + y) / (n1 + y) / (b / (n2 + no)), 1e-12);
	audit_done(&d, &f);
}

static void fill(struct build *b, const char *evaluator, int group, const double *p, int n, int selected)
{
	static unsigned number;

	for (int i = 0; i < n; i++) {
		struct built_person *who;
		char name[24];

		(void)snprintf(name, sizeof name, "n%06u", number++);
		who = build_person(b, name, "clerk", group);
		for (int g = 0; p != NULL && g < 4; g++)
			who->p[g] = p[g];
		build_row(b, evaluator, name, "s", i < selected);
	}
}

static const double like_a[] = { 0.94, 0.03, 0.03, 0.0 }, like_b[] = { 0.03, 0.94, 0.03, 0.0 };
static const double one_of_two[] = { 0.95, 0.05, 0.0, 0.0 }, other_of_two[] = { 0.05, 0.95, 0.0, 0.0 };

/* Too few expected selections of c: it stands on its known classes, beside the estimates of the others. */
static void a_group_whose_guard_is_not_met_falls_back_alone(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d[2];
	struct eh_findings f[2];

	(void)state;
	for (int twin = 0; twin < 2; twin++) {
		struct build b = BUILD_INIT;

		fill(&b, "E1", 0, NULL, 60, 20);
		fill(&b, "E1", 1, NULL, 60, 35);
		fill(&b, "E1", 2, NULL, 30, 2);
		fill(&b, "E1", -2, like_a, 100, 35);
		fill(&b, "E1", -2, like_b, 100, 55);
		build_finish(&d[twin], &b, names, 3);
		d[twin].attributes[0].auc_lo = eh_num(0.9);
		if (twin == 1)
			forget_predicted(&d[twin]);
		run_audit(&f[twin], &d[twin], &s);
	}
	for (int g = 0; g < 2; g++) {
		const struct eh_finding *x = find_finding(&f[0], "E1", "", names[g]);

		assert_int_equal(x->basis, EH_BASIS_SCREENING);
		assert_int_equal(x->predicted, 200);
		assert_int_equal(x->assume.refused, 0);
		assert_string_equal(x->guard, "");
	}
	{
		const struct eh_finding *x = find_finding(&f[0], "E1", "", "c"),
					*y = find_finding(&f[1], "E1", "", "c");

		assert_refused(x, 200);
		assert_non_null(strstr(x->guard, "too few expected decisions"));
		assert_non_null(strstr(x->guard, "of the group are selected"));
		assert_true(x->ratio.defined && x->ratio.value == y->ratio.value && x->p.value == y->p.value);
		assert_true(x->ratio_interval.high.value == y->ratio_interval.high.value);
		assert_true(x->shortfall.value == y->shortfall.value && x->detectable.value == y->detectable.value);
		assert_int_equal(x->ratio_below, y->ratio_below);
		assert_int_equal(x->flips, y->flips);
		assert_true(x->p_anytime.value == y->p_anytime.value);
		/* three tests in the family, as without predicted classes */
		assert_int_equal(x->family_size, 3);
		assert_int_equal(y->family_size, 3);
	}
	for (int twin = 0; twin < 2; twin++)
		audit_done(&d[twin], &f[twin]);
}

/* With the highest group as the reference: by the probabilities b, by what is known a; with no estimate left it is a.
 */
static void a_reference_is_not_chosen_by_what_is_refused(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	s.reference = EH_REF_HIGHEST;
	fill(&b, "E1", 0, NULL, 12, 3);
	fill(&b, "E1", 1, NULL, 12, 1);
	fill(&b, "E1", -2, other_of_two, 10, 7);
	build_finish(&d, &b, names, 2);
	d.attributes[0].auc_lo = eh_num(0.9);
	run_audit(&f, &d, &s);
	assert_true(find_finding(&f, "E1", "", "a")->is_reference);
	assert_refused(find_finding(&f, "E1", "", "a"), 10);
	assert_refused(find_finding(&f, "E1", "", "b"), 10);
	assert_string_equal(find_finding(&f, "E1", "", "b")->reference, "a");
	assert_float_equal(find_finding(&f, "E1", "", "b")->ratio.value, 1.0 / 3.0, 1e-12);
	audit_done(&d, &f);
}

/* Around the border of the guards: what is tested once for two groups rests on one basis, and says so on both. */
static void two_groups_of_one_test_share_its_basis(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	int refused = 0, estimated = 0;

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct build b = BUILD_INIT;
		struct eh_audit_data d;
		struct eh_findings f;

		fill(&b, "E1", 0, NULL, 20 + i / 6, 4);
		fill(&b, "E1", 1, NULL, 24, 9);
		fill(&b, "E1", -2, one_of_two, 10 + i % 6, 1 + i / 30);
		fill(&b, "E1", -2, other_of_two, 20, 9);
		build_finish(&d, &b, names, 2);
		d.attributes[0].auc_lo = eh_num(0.9);
		run_audit(&f, &d, &s);
		for (size_t k = 0; k + 1 < f.n; k += 2) {
			assert_int_equal(f.v[k].basis, f.v[k + 1].basis);
			assert_true(f.v[k].p.defined && f.v[k].p.value == f.v[k + 1].p.value);
			assert_int_equal(f.v[k].guard[0] != '\0', f.v[k + 1].guard[0] != '\0');
			refused += f.v[k].basis == EH_BASIS_KNOWN;
			estimated += f.v[k].basis == EH_BASIS_SCREENING;
		}
		audit_done(&d, &f);
	}
	assert_true(refused > 0 && estimated > 0);
}

/* Where rounding alone refuses one of the two; others than such a pair keep their own basis. */
static void a_pair_that_is_apart_is_made_anew(void **state)
{
	static const struct eh_work compared = { .compared = true };
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_attribute_data a = { .n_groups = 3 };
	struct eh_cube cube = { .n_groups = 3 };
	struct eh_scope_data d = { .attribute = &a, .settings = &s, .cube = &cube, .eligible = 3 };
	const struct eh_work w[3] = { compared, compared, { .compared = false } };
	const struct eh_work all[3] = { compared, compared, compared };
	static struct eh_finding f[3];
	char guard[EH_GUARD_MAX + 1];

	(void)state;
	f[0].basis = EH_BASIS_SCREENING;
	(void)snprintf(f[1].guard, sizeof f[1].guard, "too few");
	assert_true(eh_basis_settle(guard, f, w, &d));
	assert_string_equal(guard, "too few");
	s.reference = EH_REF_HIGHEST;
	assert_false(eh_basis_settle(guard, f, w, &d));
	s.reference = EH_REF_REST;
	d.eligible = 7;
	assert_false(eh_basis_settle(guard, f, all, &d));
	d.eligible = 3;
	f[1].basis = EH_BASIS_SCREENING;
	f[1].guard[0] = '\0';
	assert_false(eh_basis_settle(guard, f, w, &d));
}

/* E1 judged people unlike those whom the classifier knows, E2 did not: one falls back, the other keeps his estimate. */
static void strangers_of_one_scope_refuse_that_scope(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = BUILD_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	struct eh_attribute_data *a;

	(void)state;
	for (int e = 0; e < 4; e++) {
		const char *evaluator = e == 0 ? "E1" : "E2";

		fill(&b, evaluator, 0, NULL, 40, 12);
		fill(&b, evaluator, 1, NULL, 40, 24);
		fill(&b, evaluator, -2, one_of_two, 50, 15);
		fill(&b, evaluator, -2, other_of_two, 50, 30);
	}
	build_finish(&d, &b, names, 2);
	a = &d.attributes[0];
	a->auc_lo = eh_num(0.9);
	a->out_of_scope = eh_xcalloc(d.candidates.n, sizeof *a->out_of_scope);
	/* E1's rows stand first */
	for (size_t i = d.evaluator_at[0], n = 0; i < d.evaluator_at[1] && n < 21; i++)
		if (a->provenance[d.candidate[i]] == EH_PREDICTED)
			n += a->out_of_scope[d.candidate[i]] = 1;
	run_audit(&f, &d, &s);
	assert_refused(find_finding(&f, "E1", "", "a"), 100);
	assert_string_equal(
		find_finding(&f, "E1", "", "b")->guard,
		"21 % of the predicted persons are out of the classifier's scope or of low quality, allowed "
		"20 %");
	assert_float_equal(find_finding(&f, "E1", "", "a")->ratio.value, 0.5, 1e-12);
	assert_float_equal(find_finding(&f, "E1", "", "a")->assume.out_of_scope.value, 0.21, 1e-12);
	assert_int_equal(find_finding(&f, "E2", "", "a")->basis, EH_BASIS_SCREENING);
	assert_int_equal(find_finding(&f, "", "", "a")->basis, EH_BASIS_SCREENING);
	audit_done(&d, &f);
}

/* Kept and asked again with another limit and another smallest sample: the audit made anew. */
static void a_kept_audit_is_the_whole_one(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		const struct plan p = { .seed = seed,
					.n = 200,
					.groups = 2 + (int)(seed % 2),
					.evaluators = 3,
					.positions = 1 + (int)(seed % 2),
					.known = 0.4,
					.told = seed % 4 == 0 ? 0.9 : 0.5,
					.panel = seed % 3 == 0 };
		struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
		struct eh_kept *k = NULL;
		struct eh_audit_data d;
		struct eh_findings whole, kept;

		draw(&d, &p);
		if (seed % 4 == 0)
			d.attributes[0].auc_lo = eh_num(0.9);
		s.threads = 1 + (uint32_t)(seed % 2);
		s.reference = rules[seed % 2];
		assert_int_equal(eh_kept_new(&k, &d, &s, NULL, NULL), EH_OK);
		for (int i = 0; i < 3; i++) {
			s.limit_num = 4 - i;
			s.min_group = 10 + 20 * (uint32_t)i;
			assert_int_equal(eh_kept_again(k, &s, NULL), EH_OK);
			run_audit(&whole, &d, &s);
			kept = eh_kept_findings(k);
			assert_int_equal(kept.n, whole.n);
			for (size_t j = 0; j < whole.n; j++)
				assert_same_bytes(&kept.v[j], &whole.v[j], "kept");
			eh_findings_free(&whole);
		}
		eh_kept_free(&k);
		eh_audit_data_free(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_that_are_refused_change_nothing),
		cmocka_unit_test(the_refused_are_bounded_as_unknown),
		cmocka_unit_test(a_group_whose_guard_is_not_met_falls_back_alone),
		cmocka_unit_test(a_reference_is_not_chosen_by_what_is_refused),
		cmocka_unit_test(two_groups_of_one_test_share_its_basis),
		cmocka_unit_test(a_pair_that_is_apart_is_made_anew),
		cmocka_unit_test(strangers_of_one_scope_refuse_that_scope),
		cmocka_unit_test(a_kept_audit_is_the_whole_one),
	};

	return cmocka_run_group_tests_name("audit_basis", tests, NULL, NULL);
}
